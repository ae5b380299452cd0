"""Ask a camera for recordings, page by page, never for more than is wanted."""

from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from math import inf
import time
from typing import TYPE_CHECKING, Final

from ..vapix import Recording, RecordingQuery, RecordingStatus, RecordingType
from .extent import Window, last_before

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ..index.wanted import Word
    from ..vapix import VapixClient

# A search by what the camera can't filter for reads on until it has found enough, but not forever.
MAX_EXAMINED: Final = 5000
# Of a camera that lists slowly, whoever waits gets what was found by then, and can go on from there.
MAX_SECONDS: Final = 10.0
SEARCH_PAGE_SIZE: Final = 200
MIN_SEARCH_PAGE_SIZE: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingSearch(Window):
    """What to find."""

    disk: str | None = None
    source: str | None = None
    event: str | None = None
    event_trigger: str | None = None
    """In any case."""
    type: RecordingType | None = None
    status: RecordingStatus | None = None
    words: tuple[Word, ...] = ()
    """All of them have to describe a recording: only a finder knows whether they do."""
    accepts: Callable[[Recording], bool] | None = None
    """What else a recording has to be like."""
    oldest_first: bool = False
    limit: int = 100
    offset: int = 0
    """How many to pass over, as ``SearchResult.next_offset`` says."""

    def matches(self, recording: Recording) -> bool:
        """Return whether a recording is wanted, also where a camera ignores a filter."""
        return (
            self.shares_time_with(recording)
            and self.disk in (None, recording.disk_id)
            # Cameras with one channel need not name it.
            and (recording.source is None or self.source in (None, recording.source))
            and self.event in (None, recording.event_id)
            and _same(self.event_trigger, recording.event_trigger)
            and self.type in (None, recording.type)
            and self.status in (None, recording.status)
            and (self.accepts is None or self.accepts(recording))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """What a search has found."""

    recordings: tuple[Recording, ...]
    total: int | None
    """All recordings of the camera."""
    next_offset: int | None
    """Where to go on; None if there is nothing more."""
    is_whole: bool = False
    """Whether that is all there is, as far as the last poll has shown; else there may be more."""


async def search_recordings(
    client: VapixClient, search: RecordingSearch, *, seconds: float = inf
) -> SearchResult:
    """Ask the camera until enough is found, nothing is left, or enough was read.

    No page is asked for after so many seconds. Raises VapixError.
    """
    end = time.monotonic() + seconds
    query = RecordingQuery(
        start=search.start,
        # Cameras count both ends in.
        end=None if search.end is None else last_before(search.end),
        event_id=search.event,
        disk_id=search.disk,
        source=search.source,
        oldest_first=search.oldest_first,
    )
    found: list[Recording] = []
    position = search.offset
    pages = client.pages(query, page_size=_page_size(search), offset=search.offset)
    async with aclosing(pages):
        async for page in pages:
            for recording in page.recordings:
                if len(found) == search.limit:
                    break
                position += 1
                if search.matches(recording):
                    found.append(recording)
            enough = len(found) == search.limit
            more = page.matches is None or position < page.matches
            examined = position - search.offset
            if enough or examined >= MAX_EXAMINED or time.monotonic() > end:
                next_offset = position if more else None
                break
        else:
            next_offset = None
    return SearchResult(
        recordings=tuple(found), total=page.total, next_offset=next_offset
    )


def with_ongoing(
    search: RecordingSearch, listed: Sequence[Recording], ongoing: Iterable[Recording]
) -> tuple[Recording, ...]:
    """Return what was listed with what else goes on and is wanted, in its place.

    It is not documented whether a window of time matches what is still going on.
    """
    known = {each.key for each in listed}
    missing = [
        each for each in filter(search.matches, ongoing) if each.key not in known
    ]
    if not missing:
        return tuple(listed)
    beginning = datetime.min.replace(tzinfo=UTC)
    return tuple(
        sorted(
            [*listed, *missing],
            key=lambda each: each.start or beginning,
            reverse=not search.oldest_first,
        )
    )


def _page_size(search: RecordingSearch) -> int:
    """Return how many to ask for at a time."""
    if search.event_trigger or search.type or search.status or search.accepts:
        # Most of a page may be passed over.
        return SEARCH_PAGE_SIZE
    # One more than wanted, as pages overlap. Some more for cameras that ignore a filter.
    return min(SEARCH_PAGE_SIZE, max(MIN_SEARCH_PAGE_SIZE, search.limit + 1))


def _same(wanted: str | None, text: str) -> bool:
    return wanted is None or wanted.casefold() == text.casefold()
