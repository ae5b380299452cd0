"""Walks through lists of recordings that may be long, and move meanwhile."""

from collections import deque
from dataclasses import replace
import itertools
from typing import TYPE_CHECKING

from .bounds import MOST_PAGES, MOST_RECORDINGS
from .errors import UnexpectedAnswerError
from .models import RecordingQuery

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Collection

    from .bounds import Bounds
    from .models import Recording, RecordingKey, RecordingPage

PAGE_SIZE = 100
LONG_PAGE_SIZE = 500
"""For those who read on and on."""
# How much of a walk is remembered, to find the way back when the list has moved.
_REMEMBERED_PAGES = 8
# More pages than a short list has.
_SPARE_PAGES = 20

type Fetch = Callable[[RecordingQuery, int | None], Awaitable[RecordingPage]]
"""Asks for one page, from the given result number on."""


class Pager:
    """Reads the lists of one camera in pages."""

    def __init__(self, fetch: Fetch, bounds: Bounds) -> None:
        """Note what is listed beyond the bounds."""
        self._fetch = fetch
        self._bounds = bounds
        self._base: int | None = None
        """The number of a first result; None if it is not known."""

    def forget(self) -> None:
        """Find out again how the camera counts."""
        self._base = None

    async def pages(
        self,
        query: RecordingQuery,
        *,
        page_size: int,
        longest: int | None = None,
        offset: int = 0,
    ) -> AsyncGenerator[RecordingPage]:
        """Walk all matching recordings in pages, at least one; each recording comes once.

        Each page is twice as long as the one before, up to the ``longest``, if that is given: whoever reads on
        may read a lot. ``offset`` passes over so many of them. A camera may send smaller pages than asked for, and a list
        may grow or shrink meanwhile. So each page begins with the last recording of the one before, by
        the camera's own numbers; where that is missing, the walk goes back until it finds it again.
        """
        longest = longest or page_size
        beginning = offset + await self._first_number() if offset else 0
        walk = _Walk(beginning, offset, _REMEMBERED_PAGES * longest)
        for requests in itertools.count(1):
            page = await self._fetch(
                replace(query, limit=page_size), walk.number or None
            )
            if walk.needs_too_many(requests, page):
                message = "The camera lists more recordings than it has"
                raise UnexpectedAnswerError(message)
            new = walk.new_of(page)
            if walk.has_lost_its_place(page, new):
                walk.go_back()
                continue
            if new or walk.is_at_beginning:
                yield replace(page, recordings=new)
            walk.note(page, new)
            if walk.count - offset > MOST_RECORDINGS:
                self._bounds.note("recordings", 1)
                message = f"The camera lists more than {MOST_RECORDINGS} recordings"
                raise UnexpectedAnswerError(message)
            if walk.is_over(page):
                return
            page_size = min(2 * page_size, longest)
            walk.go_on()

    async def _first_number(self) -> int:
        """Return the number that this camera gives its first result: 0 or 1."""
        if self._base is not None:
            return self._base
        oldest = RecordingQuery(recording_id="all", limit=1, oldest_first=True)
        before = await self._fetch(oldest, None)
        number_one = await self._fetch(oldest, 1)
        after = await self._fetch(oldest, None)
        base = int(_keys(before) == _keys(number_one))
        # An empty list shows nothing, nor one that has moved meanwhile.
        if before.recordings and _keys(before) == _keys(after):
            self._base = base
        return base


class _Walk:
    """Where one walk through a list is, and what it has to remember of it."""

    def __init__(self, beginning: int, offset: int, most_remembered: int) -> None:
        """Begin with the result of this number; so many are passed over."""
        self._beginning = beginning
        self.number = beginning
        """Of the first result of the page that is read."""
        self.count = offset
        """How many recordings have been passed over or read."""
        self.is_at_beginning = True
        """Whether no page has been read yet."""
        # Only what a way back may meet again is remembered, not the whole list.
        self._recent: deque[RecordingKey] = deque(maxlen=most_remembered)
        self._previous: tuple[RecordingKey, ...] = ()
        """What was on the last page that was read."""
        self._repeated = 0
        """How often that page had come before."""
        self._largest = 1
        """How many recordings the largest page had."""

    def needs_too_many(self, requests: int, page: RecordingPage) -> bool:
        """Return whether a list is asked for more often than there can be reasons for."""
        self._largest = max(self._largest, len(page.recordings))
        return requests > _most_requests(page, self._largest)

    def new_of(self, page: RecordingPage) -> tuple[Recording, ...]:
        """Return the recordings of a page that have not come yet."""
        known = set(self._recent)
        return tuple(each for each in page.recordings if each.key not in known)

    def has_lost_its_place(
        self, page: RecordingPage, new: Collection[Recording]
    ) -> bool:
        """Return whether the last recording of the page before is missing on this one."""
        has_overlap = len(new) < len(page.recordings)
        return (
            len(self._previous) > 1
            and not has_overlap
            and self.number > self._beginning
        )

    def go_back(self) -> None:
        """Read again where the page before was."""
        self.number = max(self.number - len(self._previous) + 1, self._beginning)

    def note(self, page: RecordingPage, new: Collection[Recording]) -> None:
        """Note a page that was read."""
        keys = _keys(page)
        self._recent.extend(recording.key for recording in new)
        self.count += len(new)
        self._repeated = self._repeated + 1 if keys == self._previous else 0
        self._previous, self.is_at_beginning = keys, False

    def is_over(self, page: RecordingPage) -> bool:
        """Return whether the page that was read is the last one."""
        # A camera that counts from 1 may repeat a page of two once; one that ignores the number
        # repeats itself forever.
        return (
            not page.recordings
            or self._repeated > 1
            or _is_last(page, self.number, self.count)
        )

    def go_on(self) -> None:
        """Read what follows."""
        # The first result has number 0 or 1, which is not documented. If it is 1, the second page
        # overlaps the first by two.
        self.number += max(len(self._previous) - 1, 1)


def _keys(page: RecordingPage) -> tuple[RecordingKey, ...]:
    return tuple(recording.key for recording in page.recordings)


def _most_requests(page: RecordingPage, largest: int) -> int:
    """Return how often a list may be asked for, of which pages hold up to so many recordings.

    Pages overlap, and a list that moves is gone back in; a camera that does not count has no more than
    any has.
    """
    if page.matches is None:
        return MOST_PAGES
    return min(MOST_PAGES, _SPARE_PAGES + 4 * page.matches // largest)


def _is_last(page: RecordingPage, number: int, count: int) -> bool:
    """Return whether a page, from this number on, reaches the end of a list of which ``count`` are known.

    Nothing is sure where they don't agree, because the list has moved: then the next page shows.
    """
    end = number + len(page.recordings)
    return page.matches is not None and (
        end > page.matches or end == count == page.matches
    )
