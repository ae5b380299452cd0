"""How much of what is being saved is done."""

from typing import TYPE_CHECKING

from homeassistant.core import callback

if TYPE_CHECKING:
    from collections.abc import Callable


class SaveJobs:
    """The saves of one camera that are under way."""

    def __init__(self, on_change: Callable[[], None]) -> None:
        """Begin with none. ``on_change`` is called whenever the progress is another one."""
        self._on_change = on_change
        self._parts: dict[str, float] = {}

    @property
    def progress(self) -> int | None:
        """Return how much of all of them is done, in percent; None if there are none."""
        if not self._parts:
            return None
        return int(100 * sum(self._parts.values()) / len(self._parts))

    @callback
    def async_note(self, job: str, part: float | None) -> None:
        """Note how much of a job is done, from 0 to 1; None at its end."""
        before = self.progress
        if part is None:
            self._parts.pop(job, None)
        else:
            self._parts[job] = part
        if self.progress != before:
            self._on_change()
