"""What a camera no longer lists, while it is not certain that it is gone.

A list may be empty or short for a while: when the camera starts, or reads a disk anew.
"""

from datetime import UTC, datetime, timedelta
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from ..vapix import RecordingKey

CERTAIN_SECONDS: Final = 30.0
"""Some recordings that are missing for so long, at an answering camera, are gone."""
MANY_CERTAIN_SECONDS: Final = 60.0
"""Likewise for many, and after a start."""


class Doubts:
    """Recordings that are missing, and since when, by our monotonic clock."""

    def __init__(self) -> None:
        """Begin without any."""
        self._since: dict[RecordingKey, float] = {}
        self._unseen: set[RecordingKey] = set()
        """What was missing once, and has not been seen since."""
        self._polled: float | None = None
        """When the camera was polled last, by our monotonic clock."""

    def __len__(self) -> int:
        """Return how many are missing."""
        return len(self._since)

    def __iter__(self) -> Iterator[RecordingKey]:
        """Go through all of them."""
        return iter(tuple(self._since))

    @property
    def due(self) -> set[RecordingKey]:
        """Return those to be asked for again."""
        latest = time.monotonic() - CERTAIN_SECONDS
        return {key for key, since in self._since.items() if since <= latest}

    @property
    def waiting(self) -> set[RecordingKey]:
        """Return those that it is too early to ask for again."""
        return {*self._since} - self.due

    @property
    def unseen(self) -> frozenset[RecordingKey]:
        """Return what has been missing and was not seen since, even if it is in doubt no more."""
        return frozenset(self._unseen)

    def unseen_on(self, disk_id: str) -> set[RecordingKey]:
        """Return those of them on a disk."""
        return {key for key in self._unseen if key.disk_id == disk_id}

    def is_certain(self, key: RecordingKey, seconds: float = CERTAIN_SECONDS) -> bool:
        """Note that one is missing, and return whether it has been for so many seconds."""
        now = time.monotonic()
        self._unseen.add(key)
        return now - self._since.setdefault(key, now) >= seconds

    def begin_at_start(self, uptime: float) -> None:
        """Let the time before the camera's last start, so many seconds ago, not count."""
        start = time.monotonic() - uptime
        for key, since in self._since.items():
            self._since[key] = max(since, start)

    def note_poll(self) -> None:
        """Note a poll. After a long pause all begins anew: the list may have been whole meanwhile."""
        now = time.monotonic()
        if self._polled is not None and now - self._polled > MANY_CERTAIN_SECONDS:
            self._since = dict.fromkeys(self._since, now)
        self._polled = now

    def recall(
        self,
        times: Mapping[RecordingKey, datetime],
        polled: datetime | None,
        unseen: Iterable[RecordingKey] = (),
    ) -> None:
        """Take up doubts from before a restart, when the camera was polled last at that time."""
        now, monotonic = datetime.now(UTC), time.monotonic()
        if polled is not None:
            self._polled = monotonic - max((now - polled).total_seconds(), 0)
        for key, since in times.items():
            self._since[key] = monotonic - max((now - since).total_seconds(), 0)
        self._unseen.update(times, unseen)

    @property
    def polled(self) -> datetime | None:
        """Return when the camera was polled last, by a clock that a restart survives."""
        if self._polled is None:
            return None
        return datetime.now(UTC) - timedelta(seconds=time.monotonic() - self._polled)

    def times(self) -> dict[RecordingKey, datetime]:
        """Return since when each has been missing, by a clock that a restart survives."""
        now, monotonic = datetime.now(UTC), time.monotonic()
        return {
            key: now - timedelta(seconds=monotonic - since)
            for key, since in self._since.items()
        }

    def settle(self, keys: Collection[RecordingKey]) -> None:
        """Take out what is there again, or has been reported."""
        self.forget(keys)
        self._unseen.difference_update(keys)

    def forget(self, keys: Iterable[RecordingKey]) -> None:
        """Doubt some no longer, as the list was short."""
        for key in keys:
            self._since.pop(key, None)
