"""What a camera no longer lists, while it is not certain that it is gone.

A list may be empty or short for a while: when the camera starts, or reads a disk anew.
"""

import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..vapix import RecordingKey

CERTAIN_SECONDS: Final = 30.0
"""Some recordings that are missing for so long, at an answering camera, are gone."""
MANY_CERTAIN_SECONDS: Final = 60.0
"""Likewise for many."""


class Doubts:
    """Recordings that are missing, and since when, by our monotonic clock."""

    def __init__(self) -> None:
        """Begin without any."""
        self._since: dict[RecordingKey, float] = {}

    def __len__(self) -> int:
        """Return how many are missing."""
        return len(self._since)

    def __iter__(self) -> Iterator[RecordingKey]:
        """Go through all of them."""
        return iter(tuple(self._since))

    @property
    def due(self) -> set[RecordingKey]:
        """Return those to be looked at again."""
        latest = time.monotonic() - CERTAIN_SECONDS
        return {key for key, since in self._since.items() if since <= latest}

    @property
    def waiting(self) -> set[RecordingKey]:
        """Return those that it is too early to look at again."""
        return {*self._since} - self.due

    def is_certain(self, key: RecordingKey, seconds: float = CERTAIN_SECONDS) -> bool:
        """Note that one is missing, and return whether it has been for so many seconds."""
        now = time.monotonic()
        return now - self._since.setdefault(key, now) >= seconds

    def begin_at_start(self, uptime: float) -> None:
        """Let the time before the camera's last start, so many seconds ago, not count."""
        start = time.monotonic() - uptime
        for key, since in self._since.items():
            self._since[key] = max(since, start)

    def forget(self, keys: Iterable[RecordingKey]) -> None:
        """Take out what is there again, or has been told."""
        for key in keys:
            self._since.pop(key, None)
