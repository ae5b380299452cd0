"""The camera's count of all recordings, and walks through all of them: what no poll shows."""

import asyncio
from contextlib import aclosing
from dataclasses import replace
import time
from typing import TYPE_CHECKING, Final

from ..vapix import RecordingQuery, TooMuchEffortError
from ..vapix.bounds import MOST_WALK_REQUESTS, MOST_WALK_SECONDS, limited_effort
from .lookups import NEWEST, OLDEST, PAGE_SIZE
from .models import ChangeSet
from .unlisted import FEW, MAX_CHECKED

if TYPE_CHECKING:
    from ..vapix import Recording, RecordingKey, VapixClient
    from .comparison import ListComparison
    from .knowledge import Knowledge
    from .lookups import Lookups
    from .models import KnownDisk
    from .presence import DiskPresence
    from .unlisted import UnlistedRecordings

WALK_PAGE_SIZE: Final = 500
# A count that a walk does not explain is not walked for again before this time.
VAIN_WALK_SECONDS: Final = 600.0

_ALL: Final = RecordingQuery(recording_id="all")


class Audit:
    """Finds what the count of all recordings shows that no list does."""

    def __init__(
        self,
        client: VapixClient,
        knowledge: Knowledge,
        lookups: Lookups,
        presence: DiskPresence,
        comparison: ListComparison,
        unlisted: UnlistedRecordings,
        lock: asyncio.Lock,
    ) -> None:
        """Walk only while nobody else holds the lock, page by page."""
        self._client = client
        self._known = knowledge
        self._lookups = lookups
        self._presence = presence
        self._comparison = comparison
        self._unlisted = unlisted
        self._lock = lock
        self._difference = 0
        """By how many the camera's count was off after the last walk."""
        self._vain_walk: float | None = None
        """When a walk has left the count unexplained, by our monotonic clock."""
        self._is_walking = False

    @property
    def needs_walk(self) -> bool:
        """Return whether only a walk through all recordings can show what has happened."""
        # A short list is walked through once it is clear whether it is short for good.
        missing = self._known.missing
        is_short = 2 * len(missing) > self._known.count
        return self._known.needs_walk and not (is_short and missing.waiting)

    def note_walked(self) -> None:
        """Note that all was known at this poll, unless there is something left to walk through."""
        if not (self._known.needs_walk or self._is_walking):
            self._known.walked = self._known.timeline.now.time

    async def walk(self) -> tuple[RecordingKey, ...]:
        """Walk through all recordings, in pages. Returns what goes on.

        Raises VapixError, and then the next walk makes up for it.
        """
        try:
            async with limited_effort(MOST_WALK_REQUESTS, MOST_WALK_SECONDS):
                return await self._walk()
        except TooMuchEffortError:
            self._client.bounds.note("recordings", 1)
            raise

    async def _walk(self) -> tuple[RecordingKey, ...]:
        seen: set[int] = set()
        ongoing: list[RecordingKey] = []
        self._known.needs_walk, self._is_walking = False, True
        began = self._known.timeline.now.time
        try:
            index, disks = self._known.index, dict(self._known.disks)
            # Numbers, and not names: Python would look through a hundred thousand tuples again and again.
            last_number = index.last_number
            pages = self._client.pages(_ALL, page_size=WALK_PAGE_SIZE)
            async with aclosing(pages):
                async for page in pages:
                    ongoing += [each.key for each in page.recordings if each.is_ongoing]
                    async with self._lock:
                        seen |= await self._comparison.process(
                            page.recordings, is_walk=True
                        )
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
            self._is_walking = False
        return tuple(ongoing)

    async def check_count(self, total: int) -> None:
        """Find out what the camera's count shows that its list does not."""
        if self._adds_up(total):
            return
        if await self._presence.update() and self._adds_up(total):
            return
        for query in (NEWEST, OLDEST):
            page = await self._client.fetch_recordings(query)
            if page.total is not None:
                total = page.total
            await self._comparison.process(page.recordings)
            await self._check_range(page.recordings, query, total)
            if self._adds_up(total):
                return
        if (
            self._vain_walk is None
            or time.monotonic() - self._vain_walk >= VAIN_WALK_SECONDS
        ):
            self._known.needs_walk = True

    def drop_doubts(self, total: int | None) -> None:
        """Begin anew where the count shows that much of what is in doubt is there: the list was short."""
        missing = self._known.missing
        if total is None or not missing:
            return
        lack = self._known.expected_count - total
        here = self._known.missing_here
        if len(here) > max(lack, 0) + FEW and self._vain_walk is None:
            missing.forget(here)
            self._known.needs_walk = True

    def _adds_up(self, total: int) -> bool:
        expected = self._known.expected_count
        if total == expected:
            self._known.missing.forget(self._known.missing_here)
        return total == expected - len(self._known.missing_here)

    async def _check_range(
        self, listed: tuple[Recording, ...], query: RecordingQuery, total: int
    ) -> None:
        """Find known recordings that should be on a page and are not."""
        starts = [each.start for each in listed if each.start is not None]
        is_all = len(listed) < PAGE_SIZE
        after = None if query.oldest_first or is_all else min(starts, default=None)
        before = (
            max(starts, default=None) if query.oldest_first and not is_all else None
        )
        if not is_all and after is before is None:
            return
        between = await asyncio.to_thread(
            self._known.index.settled_between, self._known.present, after, before
        )
        keys = {known.recording.key for known in between}
        await self.confirm_missing(keys - {each.key for each in listed}, total)

    async def confirm_missing(
        self, missing: set[RecordingKey], total: int | None, *, is_sure: bool = False
    ) -> None:
        """Report that known recordings are gone that should have been listed, if they really are."""
        missing = missing - self._known.missing.waiting
        if len(missing) <= MAX_CHECKED:
            await self._unlisted.check(missing)
            return
        if is_sure or total == self._expected_without(missing):
            # That many are not asked for one by one; the count has to say the same.
            await self._presence.update_anew(missing)
            page = await self._client.fetch_recordings(NEWEST)
            if page.total == self._expected_without(missing):
                doubts = await self._unlisted.assess(missing)
                await self._unlisted.mark_removed(missing, doubts)
            elif is_sure:
                await self._unlisted.check(self._unlisted.in_turn(missing))

    def _expected_without(self, missing: set[RecordingKey]) -> int:
        """Return what the camera counts if some are gone."""
        return self._count_without(missing) + self._known.tolerated

    def _count_without(self, missing: set[RecordingKey]) -> int:
        return self._known.count - len(missing | self._known.missing_here)

    async def _conclude_walk(
        self, missing: set[RecordingKey], disks: dict[str, KnownDisk]
    ) -> None:
        """Report what a walk has not found, and note what is known completely from now on.

        ``disks`` are those that were known at its beginning.
        """
        await self._presence.update()
        await self.confirm_missing(missing, None, is_sure=True)
        page = await self._client.fetch_recordings(NEWEST)
        await self._comparison.process(page.recordings)
        if page.total is not None:
            self._explain(page.total - self._count_without(set()))
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

    def _explain(self, difference: int) -> None:
        """Note by how many the camera's count is off after a walk: the list may have moved under it."""
        is_explained = difference in (0, self._difference)
        self._known.needs_walk = not is_explained and self._vain_walk is None
        self._vain_walk = None if is_explained else time.monotonic()
        self._difference = self._known.tolerated = difference
