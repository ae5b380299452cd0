"""What a camera is asked beside its polls, once for each of them."""

from contextlib import suppress
from datetime import datetime, timedelta
import time
from typing import TYPE_CHECKING, Final, NamedTuple

from ..vapix import (
    NOT_AVAILABLE,
    Boot,
    Disk,
    RecordingQuery,
    RefusedError,
    UnexpectedAnswerError,
    VapixClient,
)

if TYPE_CHECKING:
    from .cards import Cards
    from .timeline import Timeline

PAGE_SIZE: Final = 100
SHORT_PAGE_SIZE: Final = 5
"""Of a page that shows what has happened most often: the oldest recordings are gone, or one has begun."""
NEWEST: Final = RecordingQuery(recording_id="all", limit=PAGE_SIZE)
OLDEST: Final = RecordingQuery(recording_id="all", limit=PAGE_SIZE, oldest_first=True)
# For so long after a camera's start, it takes longer to be certain that what it does not list is gone.
YOUNG: Final = timedelta(minutes=2)


class Start(NamedTuple):
    """When a camera has started."""

    boot: Boot
    asked: datetime
    """By our clock."""


class Lookups:
    """Asks for disks and starts of a camera. All methods that ask raise VapixError."""

    def __init__(self, client: VapixClient, cards: Cards, timeline: Timeline) -> None:
        """Note the sizes of the cards that are there."""
        self._client = client
        self._cards = cards
        self._timeline = timeline
        self._began = time.monotonic()
        self._disks: dict[str, Disk] | None = None
        """As they are in this poll; None if not yet asked for, or not listed."""
        self._are_disks_asked = False
        self._start: Start | None = None
        """When the camera has started, if asked for what is processed just now."""

    async def disks(self) -> dict[str, Disk] | None:
        """Return the camera's disks, asked for once in a poll; None if it does not list them for this account."""
        if not self._are_disks_asked:
            try:
                self._disks = {
                    disk.disk_id: disk for disk in await self._client.fetch_disks()
                }
            except NOT_AVAILABLE:
                self._disks = None
            self._are_disks_asked = True
            for disk in (self._disks or {}).values():
                if disk.is_mounted:
                    self._cards.note_size(disk)
        return self._disks

    def forget_disks(self) -> None:
        """Ask for the disks anew when they are needed next."""
        self._disks, self._are_disks_asked = None, False

    @property
    def mounted_ids(self) -> list[str]:
        """Return the mounted disks, as far as they were asked for."""
        return [
            disk_id for disk_id, disk in (self._disks or {}).items() if disk.is_mounted
        ]

    async def is_there(self, disk_id: str) -> bool:
        """Ask anew whether a disk is there; where disks are not listed, whether anything is listed on it."""
        self.forget_disks()
        disks = await self.disks()
        if disks is None:
            return await self.lists_any(disk_id)
        return is_mounted(disks.get(disk_id))

    async def lists_any(self, disk_id: str) -> bool:
        """Return whether the camera lists anything on a disk."""
        query = RecordingQuery(recording_id="all", disk_id=disk_id, limit=1)
        with suppress(RefusedError, UnexpectedAnswerError):
            return bool((await self._client.fetch_recordings(query)).recordings)
        return False

    async def uptime(self) -> timedelta | None:
        """Return for how long the camera has been up; None if it can't say."""
        return (await self._fetch_boot()).uptime

    async def is_young(self) -> bool:
        """Return whether the camera has started not long ago, as far as it says or we have seen."""
        uptime = await self.uptime()
        if uptime is None:
            uptime = timedelta(seconds=time.monotonic() - self._began)
        return uptime < YOUNG

    async def start(self) -> Start:
        """Return when it had started that has listed what is processed just now."""
        if self._start is None:
            boot = await self._fetch_boot()
            self._start = Start(boot, self._timeline.ours.now)
        return self._start

    def forget_start(self) -> None:
        """Ask for the start anew when it is needed next."""
        self._start = None

    async def _fetch_boot(self) -> Boot:
        try:
            return await self._client.fetch_boot()
        except NOT_AVAILABLE:
            # Older than AXIS OS 9.50.
            return Boot(boot_id=None, uptime=None)


def is_mounted(disk: Disk | None) -> bool:
    """Return whether a disk is listed and mounted."""
    return disk is not None and disk.is_mounted
