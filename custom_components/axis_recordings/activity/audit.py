"""Walks through all recordings, and looks at one part of them a day: what no poll shows."""

import asyncio
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ..vapix import RecordingQuery, TooMuchEffortError
from ..vapix.bounds import MOST_WALK_REQUESTS, MOST_WALK_SECONDS, limited_effort
from .lookups import NEWEST
from .models import ChangeSet

if TYPE_CHECKING:
    from ..vapix import RecordingKey, RecordingPage, VapixClient
    from .comparison import ListComparison
    from .counting import CountCheck
    from .knowledge import Knowledge
    from .lookups import Lookups
    from .models import KnownDisk
    from .presence import DiskPresence

WALK_PAGE_SIZE: Final = 500

_ALL: Final = RecordingQuery(recording_id="all")


class Audit:
    """Reads the list itself, in pages, where counts do not do."""

    def __init__(
        self,
        client: VapixClient,
        knowledge: Knowledge,
        lookups: Lookups,
        presence: DiskPresence,
        comparison: ListComparison,
        counting: CountCheck,
        lock: asyncio.Lock,
    ) -> None:
        """Read only while nobody else holds the lock, page by page."""
        self._client = client
        self._known = knowledge
        self._lookups = lookups
        self._presence = presence
        self._comparison = comparison
        self._counting = counting
        self._lock = lock

    @property
    def needs_walk(self) -> bool:
        """Return whether only a walk through all recordings can show what has happened."""
        # A short list is walked through once it is clear whether it is short for good.
        missing = self._known.missing
        is_short = 2 * len(missing) > self._known.count
        return self._known.needs_walk and not (is_short and missing.waiting)

    def note_walked(self) -> None:
        """Note that all was known at this poll, unless there is something left to walk through."""
        if not (self._known.needs_walk or self._known.is_walking):
            self._known.walked = self._known.timeline.now.time

    async def walk(self) -> tuple[RecordingKey, ...]:
        """Walk through all recordings, in pages. Returns what goes on.

        Where all of a long list is known, and as many as the camera counts, it is only the part of this day.
        Raises VapixError, and then the next walk makes up for it.
        """
        try:
            async with limited_effort(MOST_WALK_REQUESTS, MOST_WALK_SECONDS):
                if not self._known.needs_walk and self._known.count > WALK_PAGE_SIZE:
                    ongoing = await self._read_part()
                    # A list that is short is left alone for a while.
                    if not self.needs_walk:
                        return ongoing
                return await self._walk()
        except TooMuchEffortError:
            self._client.bounds.note("recordings", 1)
            raise

    async def _read_part(self) -> tuple[RecordingKey, ...]:
        """Compare another page of the list each day, and the camera's count. Returns what goes on."""
        parts = (self._known.count + WALK_PAGE_SIZE - 1) // WALK_PAGE_SIZE
        first = self._known.timeline.ours.now.toordinal() % parts * WALK_PAGE_SIZE
        last = first + WALK_PAGE_SIZE
        ongoing: tuple[RecordingKey, ...] = ()
        while True:
            async with self._lock:
                page = await self._read_page(first, last)
            ongoing += _ongoing_on(page)
            first += len(page.recordings)
            # A camera may send less at a time.
            if not page.recordings or first >= min(last, page.matches or last):
                break
        async with self._lock:
            self._lookups.forget_disks()
            if page.total is None or self._known.tolerated:
                self._known.needs_walk = True
            else:
                await self._counting.check(page.total)
        return ongoing

    async def _read_page(self, first: int, last: int) -> RecordingPage:
        """Compare some recordings with what is known, from one to another, as counted from the oldest one."""
        query = replace(_ALL, oldest_first=True, limit=last - first)
        self._lookups.forget_disks()
        page = await self._client.fetch_recordings(query, first=first or None)
        await self._comparison.process(page.recordings)
        starts = [each.start for each in page.recordings if each.start is not None]
        if starts:
            after = min(starts) if first else None
            await self._counting.check_page(page, after, max(starts))
        return page

    async def _walk(self) -> tuple[RecordingKey, ...]:
        seen: set[int] = set()
        ongoing: list[RecordingKey] = []
        if self._known.needs_walk:
            # Not all is known until the walk is over, also where it is the part of a day that has shown it.
            self._known.is_learned = False
        self._known.needs_walk, self._known.is_walking = False, True
        self._known.gone = set()
        began = self._known.timeline.now.time
        try:
            index, disks = self._known.index, dict(self._known.disks)
            # Numbers, and not names: Python would look through a hundred thousand tuples again and again.
            last_number = index.last_number
            pages = self._client.pages(_ALL, page_size=WALK_PAGE_SIZE)
            async with aclosing(pages):
                async for page in pages:
                    ongoing += _ongoing_on(page)
                    async with self._lock:
                        seen |= await self._walk_on(page)
            async with self._lock:
                self._lookups.forget_disks()
                missing = await asyncio.to_thread(
                    index.unseen,
                    [each for each, disk in disks.items() if disk.is_present],
                    last_number,
                    seen,
                )
                await self._conclude_walk(missing, disks)
                if not self._known.needs_walk:
                    self._known.walked = began
        except BaseException:
            self._known.needs_walk = True
            raise
        finally:
            self._known.is_walking = False
            self._known.gone.clear()
        return tuple(ongoing)

    async def _walk_on(self, page: RecordingPage) -> set[int]:
        """Compare another page. Returns the numbers of those that were known."""
        # A poll may have found out since it was asked for that something on it is gone.
        gone, self._known.gone = self._known.gone, set()
        listed = [each for each in page.recordings if each.key not in gone]
        return await self._comparison.process(listed, is_walk=True)

    async def _conclude_walk(
        self, missing: set[RecordingKey], disks: dict[str, KnownDisk]
    ) -> None:
        """Report what a walk has not found, and note what is known completely from now on.

        ``disks`` are those that were known at its beginning.
        """
        await self._presence.update()
        await self._counting.confirm_missing(missing, None, is_sure=True)
        page = await self._client.fetch_recordings(NEWEST)
        await self._comparison.process(page.recordings)
        if page.total is not None:
            self._counting.explain(page.total)
        doubted = {key.disk_id for key in self._known.missing}
        change = ChangeSet()
        for disk_id, disk in self._known.disks.items():
            # One that has come meanwhile, or may not be listed as a whole, is walked through again.
            is_walked = disks.get(disk_id, disk) is disk and disk_id not in doubted
            if (
                disk.is_present
                and not disk.is_complete
                and is_walked
                # Where nothing is known yet, a camera that has just started may only not list it yet.
                and (
                    self._known.counts.get(disk_id)
                    or not await self._lookups.is_young()
                )
            ):
                change.disks[disk_id] = replace(disk, is_complete=True)
        await self._known.store(change)
        if any(
            each.is_present and not each.is_complete
            for each in self._known.disks.values()
        ):
            self._known.needs_walk = True


def _ongoing_on(page: RecordingPage) -> tuple[RecordingKey, ...]:
    return tuple(each.key for each in page.recordings if each.is_ongoing)
