"""Find what a camera lists otherwise than is known, by counts of windows that are halved where they differ.

``list.cgi`` with a ``stoptime`` alone counts what began by then, whether it goes on or not. So each window here is the
difference of two such counts, and holds what began in it. Nothing overlaps, and what ends later is of no matter.
"""

import asyncio
from dataclasses import dataclass, field, replace
import time
from typing import TYPE_CHECKING, Final

from ..index.counts import StartCounts
from ..vapix import RecordingQuery, RefusedError, UnexpectedAnswerError
from .lookups import PAGE_SIZE

if TYPE_CHECKING:
    from datetime import datetime

    from ..index.counts import Half
    from ..vapix import Recording, RecordingKey, RecordingPage, VapixClient
    from .knowledge import Knowledge

MOST_COUNTS: Final = 400
"""Requests. They are soon made, but what is scattered even more is walked for."""
MOST_SECONDS: Final = 60.0
"""Polls wait meanwhile, which they do not in a walk."""
DISTRUST_SECONDS: Final = 24 * 3600.0
"""For so long after windows were not to be relied on they are not asked for again."""
MOST_LISTED: Final = 24
"""Recordings that are listed in place of some more counts, if possible of all windows together."""
FEWEST_LISTED: Final = 4
"""Of one window: they take no more bytes than the counts in their place."""
SLACK: Final = 3
"""By so many more than are gone, a first half may be off: starts that have moved, and what has come or gone just now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What began after one time, and by another one; None is no bound."""

    after: datetime | None = None
    until: datetime | None = None
    known: int
    """How many are known to have begun in it."""
    listed: int
    """How many the camera counts in it."""
    before: int = 0
    """How many the camera counts before it."""

    def halves(self, half: Half, counted: int) -> tuple[Window, Window]:
        """Return the two halves, where the camera counts so many up to the end of the first one."""
        listed = counted - self.before
        return (
            replace(self, until=half.until, known=half.number, listed=listed),
            replace(
                self,
                after=half.until,
                known=self.known - half.number,
                listed=self.listed - listed,
                before=counted,
            ),
        )


@dataclass(slots=True)
class Differences:
    """What differs."""

    missing: set[RecordingKey] = field(default_factory=set)
    """What is known, and not listed where it should be: it is gone, or its start has moved to another window."""
    listed: list[Recording] = field(default_factory=list)
    """What is listed in windows that differ."""


class UnclearError(Exception):
    """Windows do not show what differs."""


class UnreliableError(UnclearError):
    """Nor would they the next time."""


class Bisection:
    """Searches one camera's list, but not for a while after windows were not what is asked for."""

    def __init__(self, client: VapixClient, knowledge: Knowledge) -> None:
        """Trust the camera until it counts something else."""
        self._client = client
        self._known = knowledge
        self._distrusted: float | None = None
        """When its windows were last not to be relied on, by our monotonic clock."""
        self._began = 0.0
        self._requests = 0
        self._page_size = 0

    @property
    def is_possible(self) -> bool:
        """Return whether it may find more than a page of the list does."""
        known = self._known
        is_counted = not (known.tolerated or known.needs_walk or known.is_walking)
        is_trusted = (
            self._distrusted is None
            or time.monotonic() - self._distrusted >= DISTRUST_SECONDS
        )
        return is_trusted and is_counted and known.count > PAGE_SIZE

    async def find(self, total: int) -> Differences | None:
        """Return what differs, where the camera counts so many in all; None if windows do not show that.

        Raises VapixError if the camera does not answer.
        """
        index, present = self._known.index, self._known.present
        doubted = await asyncio.to_thread(index.find, self._known.missing_here)
        numbers = {each.number for each in doubted.values()}
        counts = StartCounts(index, present, numbers)
        known = await asyncio.to_thread(counts.count, None, None)
        # What has no start is in no window. Of a list that is short, too much is missing.
        if known != self._known.count - len(doubted) or 2 * total < known:
            return None
        lack = max(abs(known - total), 1)
        self._began, self._requests = time.monotonic(), 0
        self._page_size = max(MOST_LISTED // lack, FEWEST_LISTED)
        try:
            return await self._search(counts, Window(known=known, listed=total))
        except UnreliableError:
            self._distrusted = time.monotonic()
        except UnclearError:
            pass
        return None

    async def _search(self, counts: StartCounts, whole: Window) -> Differences:
        found = Differences()
        windows = [whole]
        while windows:
            window = windows.pop()
            if window.known == window.listed:
                continue
            if not await self._is_listed(counts, window, found):
                windows += reversed(await self._halve(counts, window, whole))
        return found

    async def _is_listed(
        self, counts: StartCounts, window: Window, found: Differences
    ) -> bool:
        """Return whether a window was small enough to be listed."""
        if not 0 <= window.listed <= self._page_size:
            return False
        if window.listed:
            # The newest ones that began by the end of the window are all that began in it.
            page = await self._ask(window.until, window.listed)
            if len(page.recordings) < window.listed:
                return False
            found.listed += page.recordings
        found.missing |= await asyncio.to_thread(
            counts.keys, window.after, window.until
        )
        found.missing -= {each.key for each in found.listed}
        return True

    async def _halve(
        self, counts: StartCounts, window: Window, whole: Window
    ) -> tuple[Window, Window]:
        half = await asyncio.to_thread(
            counts.halve, window.after, window.until, window.known
        )
        if half is None:
            raise UnclearError
        page = await self._ask(half.until, 1)
        # It is not documented how an empty list is written.
        counted = page.matches if page.recordings else 0
        if counted is None:
            raise UnreliableError
        halves = window.halves(half, counted)
        if window is whole:
            self._prove(whole, *halves)
        if any(each.listed < 0 for each in halves):
            raise UnclearError
        return halves

    def _prove(self, whole: Window, first: Window, second: Window) -> None:
        """See that the camera counts windows at all: then about as many are known in the first half.

        A camera may count all, or those that it lists.
        """
        slack = abs(whole.known - whole.listed) + SLACK
        if min(first.known, second.known) <= 2 * slack:
            raise UnclearError
        if abs(first.known - first.listed) > slack:
            raise UnreliableError

    async def _ask(self, until: datetime | None, limit: int) -> RecordingPage:
        self._requests += 1
        seconds = time.monotonic() - self._began
        if self._requests > MOST_COUNTS or seconds > MOST_SECONDS:
            raise UnreliableError
        query = RecordingQuery(end=until, limit=limit)
        try:
            return await self._client.fetch_recordings(query)
        except (RefusedError, UnexpectedAnswerError) as err:
            raise UnreliableError from err
