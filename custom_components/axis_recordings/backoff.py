"""When to try again what has failed."""

from datetime import timedelta
from typing import Final

from homeassistant.util import dt as dt_util

FIRST_DELAY: Final = timedelta(seconds=10)
LONGEST_DELAY: Final = timedelta(minutes=5)


class Backoff:
    """Something that fails again and again, and is tried ever more rarely."""

    def __init__(self) -> None:
        """Begin without a failure: the first try may be made at once."""
        self.next_try = dt_util.utcnow()
        self._delay = FIRST_DELAY

    @property
    def is_due(self) -> bool:
        """Return whether it is time to try."""
        return self.next_try <= dt_util.utcnow()

    def note_failure(self, *, at_least: float = 0.0) -> None:
        """Wait twice as long as the last time, or for so many seconds if that is longer."""
        delay = min(self._delay, LONGEST_DELAY)
        self._delay = delay * 2
        self.next_try = dt_util.utcnow() + max(delay, timedelta(seconds=at_least))

    def try_now(self) -> None:
        """Wait no longer, as what has kept it from working may be over."""
        self.next_try = dt_util.utcnow()
