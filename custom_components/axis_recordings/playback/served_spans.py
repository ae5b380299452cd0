"""How much of a recording the file of a part holds, while the recording goes on."""

from contextlib import contextmanager
from dataclasses import dataclass
from math import inf
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Generator

    from ..recordings.extent import TimeRange
    from ..recordings.part import RecordingPart

# Players probe the beginning of a file before they get all of it.
FRESH_SECONDS: Final = 10.0


@dataclass(eq=False, slots=True)
class _Choice:
    span: TimeRange
    waiting: int = 0
    """How many wait for the file, or are about to get it."""
    fresh_until: float = inf
    """By our monotonic clock, once the file is made."""


class ServedSpans:
    """Lets all ranges of a file be ranges of the same file.

    There is more of a part each time that it is asked for, as long as it ends in the future.
    """

    def __init__(self) -> None:
        """Begin with nothing that was served."""
        self._made: dict[RecordingPart, _Choice] = {}
        self._in_the_making: dict[RecordingPart, _Choice] = {}

    @contextmanager
    def serving(
        self, part: RecordingPart, span: TimeRange, *, resumes: bool
    ) -> Generator[TimeRange]:
        """Return the span to serve, where ``span`` is what there is now, and remember it if that went well.

        Whoever resumes gets what was served last, however long ago.
        """
        choice = self._made.get(part)
        if choice is None or not (resumes or time.monotonic() < choice.fresh_until):
            choice = self._in_the_making.setdefault(part, _Choice(span))
        choice.waiting += 1
        try:
            yield choice.span
            if self._in_the_making.get(part) is choice:
                choice.fresh_until = time.monotonic() + FRESH_SECONDS
                self._made[part] = self._in_the_making.pop(part)
        finally:
            choice.waiting -= 1
            # Players leave all the time: what others wait for, or were served, stays what it is.
            if not choice.waiting and self._in_the_making.get(part) is choice:
                del self._in_the_making[part]

    def sweep(self, before: float) -> None:
        """Forget what was made before a moment of our monotonic clock."""
        for part, choice in list(self._made.items()):
            if choice.fresh_until < before:
                del self._made[part]
