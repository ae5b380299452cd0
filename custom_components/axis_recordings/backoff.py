"""When to try again what has failed."""

from datetime import timedelta
from random import uniform
from typing import Final

from homeassistant.util import dt as dt_util

# Seconds.
FIRST_DELAY: Final = 5.0
LONGEST_DELAY: Final = 300.0
_MOST_DOUBLINGS: Final = 16


class Backoff:
    """Something that fails again and again, and is tried ever more rarely."""

    def __init__(self) -> None:
        """Begin without a failure: the first try may be made at once."""
        self.next_try = dt_util.utcnow()
        self._failures = 0

    @property
    def is_due(self) -> bool:
        """Return whether it is time to try."""
        return self.next_try <= dt_util.utcnow()

    def note_failure(self, *, at_least: float = 0.0) -> float:
        """Wait twice as long as the last time, or for so many seconds if that is longer. Returns how long."""
        delay = min(FIRST_DELAY * 2.0**self._failures, LONGEST_DELAY)
        self._failures = min(self._failures + 1, _MOST_DOUBLINGS)
        # Cameras that came back together are not all asked in the same moment.
        seconds = max(at_least, delay) * uniform(1.0, 1.25)  # noqa: S311 - not a secret
        self.next_try = dt_util.utcnow() + timedelta(seconds=seconds)
        return seconds

    def try_now(self) -> None:
        """Wait no longer, as what has kept it from working may be over."""
        self.next_try = dt_util.utcnow()

    def reset(self) -> None:
        """Begin with a short time again."""
        self._failures = 0
