"""Walks through lists of recordings that may be long, and move meanwhile."""

from collections import deque
from dataclasses import replace
import itertools
from typing import TYPE_CHECKING

from .bounds import MOST_PAGES, MOST_RECORDINGS
from .errors import UnexpectedAnswerError
from .models import RecordingQuery

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from .bounds import Bounds
    from .models import RecordingKey, RecordingPage

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
        # Only what a way back may meet again is remembered, not the whole list.
        recent: deque[RecordingKey] = deque(maxlen=_REMEMBERED_PAGES * longest)
        beginning = offset + await self._first_number() if offset else 0
        number, count = beginning, offset
        previous: tuple[RecordingKey, ...] = ()
        repeated = 0
        is_first = True
        largest = 1
        for requests in itertools.count(1):
            page = await self._fetch(replace(query, limit=page_size), number or None)
            keys = _keys(page)
            largest = max(largest, len(keys))
            if requests > _most_requests(page, largest):
                message = "The camera lists more recordings than it has"
                raise UnexpectedAnswerError(message)
            known = set(recent)
            new = tuple(each for each in page.recordings if each.key not in known)
            if len(previous) > 1 and len(new) == len(keys) and number > beginning:
                number = max(number - len(previous) + 1, beginning)
                continue
            if new or is_first:
                yield replace(page, recordings=new)
            recent.extend(recording.key for recording in new)
            count += len(new)
            if count - offset > MOST_RECORDINGS:
                self._bounds.note("recordings", 1)
                message = f"The camera lists more than {MOST_RECORDINGS} recordings"
                raise UnexpectedAnswerError(message)
            # A camera that counts from 1 may repeat a page of two once; one that ignores the number
            # repeats itself forever.
            repeated = repeated + 1 if keys == previous else 0
            if not keys or repeated > 1 or _is_last(page, number, count):
                return
            previous, is_first = keys, False
            page_size = min(2 * page_size, longest)
            # The first result has number 0 or 1, which is not documented. If it is 1, the second page
            # overlaps the first by two.
            number += max(len(keys) - 1, 1)

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
