"""When to try again what has failed."""

from random import uniform
import time
from typing import Final

# In seconds, where nothing else is said.
FIRST_DELAY: Final = 5.0
LONGEST_DELAY: Final = 300.0
_MOST_DOUBLINGS: Final = 16


class Backoff:
    """Something that fails again and again, and is tried ever more rarely."""

    def __init__(
        self, *, first: float = FIRST_DELAY, longest: float = LONGEST_DELAY
    ) -> None:
        """Begin without a failure: the first try may be made at once.

        After that, it waits between the first and the longest delay, in seconds, and up to a quarter more.
        """
        self._first = first
        self._longest = longest
        self._next_try = time.monotonic()
        self._failures = 0

    @property
    def is_due(self) -> bool:
        """Return whether it is time to try."""
        return self.seconds_left <= 0

    @property
    def seconds_left(self) -> float:
        """Return how long to wait for it."""
        return max(0.0, self._next_try - time.monotonic())

    def note_failure(self, *, at_least: float = 0.0) -> float:
        """Wait twice as long as the last time, or for so many seconds if that is longer. Returns how long."""
        delay = min(self._first * 2.0**self._failures, self._longest)
        self._failures = min(self._failures + 1, _MOST_DOUBLINGS)
        # Cameras that came back together are not all asked in the same moment.
        seconds = max(at_least, delay) * uniform(1.0, 1.25)  # noqa: S311 - not a secret
        self._next_try = time.monotonic() + seconds
        return seconds

    def try_now(self) -> None:
        """Wait no longer, as what has kept it from working may be over."""
        self._next_try = time.monotonic()

    def reset(self) -> None:
        """Begin with a short time again."""
        self._failures = 0
