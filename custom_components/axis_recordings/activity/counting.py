"""The camera's count of all recordings, held against what is known: what is gone shows in no list."""

import asyncio
from dataclasses import replace
import time
from typing import TYPE_CHECKING, Final

from .bisection import Bisection
from .lookups import NEWEST, OLDEST, SHORT_PAGE_SIZE
from .unlisted import FEW, MAX_CHECKED

if TYPE_CHECKING:
    from datetime import datetime

    from ..vapix import RecordingKey, RecordingPage, RecordingQuery, VapixClient
    from .comparison import ListComparison
    from .knowledge import Knowledge
    from .presence import DiskPresence
    from .unlisted import UnlistedRecordings

# A count that a walk does not explain is not walked for again before this time.
VAIN_WALK_SECONDS: Final = 600.0
# More that are gone are taken for it where the count says the same; so many are asked for by their ids.
MOST_ASKED: Final = 20


class CountCheck:
    """Finds out what is gone, or is there unnoticed, with as few requests as may be."""

    def __init__(
        self,
        client: VapixClient,
        knowledge: Knowledge,
        presence: DiskPresence,
        comparison: ListComparison,
        unlisted: UnlistedRecordings,
    ) -> None:
        """Begin before the first poll."""
        self._client = client
        self._known = knowledge
        self._presence = presence
        self._comparison = comparison
        self._unlisted = unlisted
        self._bisection = Bisection(client, knowledge)
        self._difference = 0
        """By how many the camera's count was off after the last walk."""
        self._vain_walk: float | None = None
        """When a walk has left the count unexplained, by our monotonic clock."""

    async def check(self, total: int) -> None:
        """Find out what the camera's count shows that its list does not."""
        if self._adds_up(total):
            return
        if await self._presence.update() and self._adds_up(total):
            return
        is_less = total < self._known.expected_count - len(self._known.missing_here)
        for query in (OLDEST, NEWEST) if is_less else (NEWEST, OLDEST):
            total = await self._check_end(query, total)
            if self._adds_up(total):
                return
        if self._bisection.is_possible and await self._bisect(total):
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

    def explain(self, total: int) -> None:
        """Note by how many the camera's count is off after a walk: the list may have moved under it."""
        difference = total - self._count_without(set())
        is_explained = difference in (0, self._difference)
        self._known.needs_walk = not is_explained and self._vain_walk is None
        self._vain_walk = None if is_explained else time.monotonic()
        self._difference = self._known.tolerated = difference

    async def check_page(
        self, page: RecordingPage, after: datetime | None, before: datetime | None
    ) -> None:
        """Find known recordings that began between two times, and should be on a page, but are not."""
        between = await asyncio.to_thread(
            self._known.index.settled_between, self._known.present, after, before
        )
        keys = {known.recording.key for known in between}
        listed = {each.key for each in page.recordings}
        await self.confirm_missing(keys - listed, page.total)

    async def confirm_missing(
        self, missing: set[RecordingKey], total: int | None, *, is_sure: bool = False
    ) -> None:
        """Report that known recordings are gone that should have been listed, if they really are.

        After a walk it is sure that they should. Without one, a list has just not shown them where they should be, or they
        have been missing for a while; and of many, the count has to say the same.
        """
        missing = missing - self._known.missing.waiting
        is_likely = is_sure or total == self._expected_without(missing)
        is_many = len(missing) > MOST_ASKED
        if is_many and is_likely and await self._confirm_by_count(missing):
            return
        if len(missing) <= MAX_CHECKED:
            await self._unlisted.check(missing, are_unlisted=not is_sure)
        elif is_sure:
            await self._unlisted.check(self._unlisted.in_turn(missing))

    async def _confirm_by_count(self, missing: set[RecordingKey]) -> bool:
        """Return whether the camera counts as many as there are without some, which are gone then.

        What has begun meanwhile is counted, too.
        """
        await self._presence.update_anew(missing)
        page = await self._client.fetch_recordings(
            replace(NEWEST, limit=SHORT_PAGE_SIZE)
        )
        await self._comparison.process(page.recordings)
        if page.total != self._expected_without(missing):
            return False
        doubts = await self._unlisted.assess(missing)
        await self._unlisted.mark_removed(missing, doubts)
        return True

    async def _check_end(self, query: RecordingQuery, total: int) -> int:
        """Compare one end of the list with what is known. Returns what the camera counts then."""
        if self._bisection.is_possible:
            query = replace(query, limit=SHORT_PAGE_SIZE)
        page = await self._client.fetch_recordings(query)
        if page.total is None:
            page = replace(page, total=total)
        await self._comparison.process(page.recordings)
        starts = [each.start for each in page.recordings if each.start is not None]
        number = len(page.recordings)
        is_all = number < (query.limit or 0) and page.matches in (None, number)
        if is_all:
            await self.check_page(page, None, None)
        elif starts and query.oldest_first:
            await self.check_page(page, None, max(starts))
        elif starts:
            await self.check_page(page, min(starts), None)
        return total if page.total is None else page.total

    async def _bisect(self, total: int) -> bool:
        """Return whether counts of windows have shown what differs."""
        found = await self._bisection.find(total)
        if found is None:
            return False
        await self._comparison.process(found.listed)
        await self.confirm_missing(found.missing, total)
        return self._adds_up(total)

    def _adds_up(self, total: int) -> bool:
        expected = self._known.expected_count
        if total == expected:
            self._known.missing.forget(self._known.missing_here)
        return total == expected - len(self._known.missing_here)

    def _expected_without(self, missing: set[RecordingKey]) -> int:
        """Return what the camera counts if some are gone."""
        return self._count_without(missing) + self._known.tolerated

    def _count_without(self, missing: set[RecordingKey]) -> int:
        return self._known.count - len(missing | self._known.missing_here)
