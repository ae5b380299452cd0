"""What is known of one disk, and what follows from it."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from ..vapix import StorageTopic

if TYPE_CHECKING:
    from datetime import datetime

    from ..vapix import Disk, DiskHealth, StorageLimit

# AXIS OS knowledge base: below this a camera makes room, whatever the age of recordings; on what is no
# share also below a part of its size.
RESERVE: Final = 750_000_000
RESERVE_PART: Final = 0.05
# From less, nobody knows how fast a disk fills.
SHORTEST_SPAN: Final = timedelta(hours=1)
# No camera keeps recordings for longer, and nobody knows what is in twenty years.
LONGEST: Final = timedelta(days=7000)
WORN_OUT: Final = 100
# A camera that has no clock yet begins in 1970 or 2000.
FIRST_TRUE_YEAR: Final = 2001


class DiskStatus(StrEnum):
    """VAPIX (edge storage): the status of a disk, and what keeps one that is OK from being written to."""

    FAILED = "failed"
    WRONG_PASSPHRASE = "wrong_passphrase"  # noqa: S105 - a status
    NO_PASSPHRASE = "no_passphrase"  # noqa: S105 - a status
    NOT_ENCRYPTED = "not_encrypted"
    DISCONNECTED = "disconnected"
    CONNECTED = "connected"
    READ_ONLY = "read_only"
    LOCKED = "locked"
    FULL = "full"
    OK = "ok"


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskState:
    """One disk as it was at a time; None where the camera does not say."""

    disk: Disk
    health: DiskHealth | None = None
    limit: StorageLimit | None = None
    oldest: datetime | None = None
    """When the oldest recording on it starts."""
    recordings: int | None = None
    time: datetime | None = None
    """The camera's clock at that time."""
    events: frozenset[StorageTopic] = frozenset()
    """What the camera has reported and not taken back."""

    @property
    def status(self) -> DiskStatus | None:
        """Return the worst that can be said of it; None if that is not known here."""
        if self.disk.is_mounted:
            return next(iter(self._hindrances), DiskStatus.OK)
        try:
            return DiskStatus(self.disk.status.lower().replace(" ", "_"))
        except ValueError:
            return None

    @property
    def reasons(self) -> list[str]:
        """Return the keys of all that is wrong with it, the worst first."""
        reasons: list[str] = []
        if not self.disk.is_mounted:
            reasons.append(self.status or "unknown")
        reasons += self._hindrances
        if self.health and self.health.passed is False:
            reasons.append("test_failed")
        if self.health and (self.health.wear or 0) >= WORN_OUT:
            reasons.append("worn_out")
        reasons += [topic for topic in StorageTopic if topic in self.events]
        return reasons

    @property
    def _hindrances(self) -> list[DiskStatus]:
        disk = self.disk
        return [
            status
            for status, is_so in (
                (DiskStatus.READ_ONLY, disk.read_only),
                (DiskStatus.LOCKED, disk.locked),
                (DiskStatus.FULL, disk.full),
            )
            if is_so
        ]

    @property
    def is_share(self) -> bool:
        """Return whether it is on the network."""
        return self.disk.disk_id.startswith("NetworkShare")

    @property
    def total(self) -> int | None:
        """Return the size in bytes."""
        return (self.disk.total_size or None) if self.disk.is_attached else None

    @property
    def free(self) -> int | None:
        """Return how much is free, in bytes."""
        return None if self.total is None else self.disk.free_size

    @property
    def used(self) -> int | None:
        """Return how much is used, in bytes."""
        if self.total is None or self.free is None:
            return None
        return max(0, self.total - self.free)

    @property
    def used_part(self) -> float | None:
        """Return how much is used, in percent."""
        if self.total is None or self.used is None:
            return None
        return 100 * self.used / self.total

    @property
    def retention(self) -> timedelta | None:
        """Return how old recordings may get; None if their age does not matter to the camera."""
        return self.disk.max_age if self.disk.clean_up_policy == "fifo" else None

    @property
    def time_left(self) -> timedelta | None:
        """Return when the oldest recording will be overwritten, if all goes on as before."""
        if not self.disk.is_recordable or self.oldest is None or self.time is None:
            return None
        age = self.time - self.oldest
        if self.oldest.year < FIRST_TRUE_YEAR:
            # Nobody knows how old it is, nor in which time the disk was filled.
            return None
        ends = [
            end
            for end in (
                self._until_room_is_made(age),
                None if self.retention is None else self.retention - age,
            )
            if end is not None
        ]
        return max(min(ends), timedelta(0)) if ends else None

    def _until_room_is_made(self, span: timedelta) -> timedelta | None:
        """Return when what has been filled over the span will have filled the rest."""
        limit = self.limit
        recorded = (limit.used if limit else None) or self.used
        if span < SHORTEST_SPAN or not recorded or self.total is None:
            return None
        rooms = [self.total - (self.used or 0) - self._reserve]
        if limit and limit.size:
            rooms.append(limit.size - recorded)
        # Less than no room is left where the camera makes some already.
        seconds = max(0.0, min(rooms) / recorded * span.total_seconds())
        return None if seconds > LONGEST.total_seconds() else timedelta(seconds=seconds)

    @property
    def _reserve(self) -> float:
        """Return how much the camera keeps free, in bytes."""
        if self.is_share:
            return RESERVE
        return max(RESERVE, (self.total or 0) * RESERVE_PART)
