"""Find recordings of one camera: in its index once all are in it, else by asking the camera."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from .extent import first_after
from .search import (
    MAX_SECONDS,
    RecordingSearch,
    SearchResult,
    search_recordings,
    with_ongoing,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date, datetime, tzinfo

    from ..vapix import Recording, RecordingKey, VapixClient
    from .watch import Snapshot

# What may hold one moment.
_MOST_AT: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """The recordings at a moment, and beside it."""

    before: tuple[Recording, ...]
    """What ended at or before the moment, newest first."""
    at: tuple[Recording, ...]
    """What holds the moment, newest first."""
    after: tuple[Recording, ...]
    """What began after the moment, oldest first."""


class RecordingFinder:
    """Finds recordings of one camera."""

    def __init__(
        self, client: VapixClient, *, snapshot: Callable[[], Snapshot]
    ) -> None:
        """Ask the client; ``snapshot`` returns what the last poll has shown."""
        self._client = client
        self._snapshot = snapshot

    @property
    def is_whole(self) -> bool:
        """Return whether all recordings are in the index, and it can be used."""
        return False

    async def async_search(self, search: RecordingSearch) -> SearchResult:
        """Return what is found, with what goes on in its place.

        Raises VapixError if the camera had to be asked, and failed.
        """
        return await self._ask(search)

    async def async_find(self, key: RecordingKey) -> Recording | None:
        """Return a recording by its name; None if there is no such recording.

        Raises VapixError if the camera had to be asked, and failed.
        """
        return await self._client.find_recording(key)

    async def async_at(
        self,
        moment: datetime,
        *,
        disk: str | None = None,
        source: str | None = None,
    ) -> Recording | None:
        """Return the newest recording that holds a moment, or may hold it as nobody knows its end.

        Raises VapixError if the camera had to be asked, and failed.
        """
        search = RecordingSearch(
            start=moment, end=first_after(moment), disk=disk, source=source, limit=1
        )
        if found := (await self.async_search(search)).recordings:
            return found[0]
        endless = replace(search, start=None, accepts=lambda each: each.end is None)
        return next(iter((await self.async_search(endless)).recordings), None)

    async def async_around(
        self,
        moment: datetime,
        *,
        source: str | None = None,
        disk: str | None = None,
        before: int,
        after: int,
    ) -> Around:
        """Return what holds a moment, and so many recordings on each side of it.

        Raises VapixError if the camera had to be asked, and failed.
        """
        anything = RecordingSearch(source=source, disk=disk, limit=_MOST_AT)
        now = replace(anything, start=moment, end=first_after(moment))
        at = (await self.async_search(now)).recordings
        earlier = replace(anything, end=moment, limit=before, accepts=_is_none_of(at))
        later = replace(
            anything, start=first_after(moment), limit=after, oldest_first=True
        )
        later = replace(later, accepts=_is_none_of(at))
        return Around(
            before=(await self.async_search(earlier)).recordings if before else (),
            at=at,
            after=(await self.async_search(later)).recordings if after else (),
        )

    async def async_days(
        self, zone: tzinfo, wanted: RecordingSearch
    ) -> Mapping[date, int] | None:
        """Return on which days there are recordings, newest first, and how many; None if that is not known.

        Of ``wanted``, order, limit, and offset do not count.
        """
        return None

    async def async_newest(self) -> Recording | None:
        """Return what began last. Raises VapixError if the camera had to be asked, and failed."""
        found = await self.async_search(RecordingSearch(limit=1))
        return next(iter(found.recordings), None)

    async def async_oldest(self) -> Recording | None:
        """Return what began first. Raises VapixError if the camera had to be asked, and failed."""
        found = await self.async_search(RecordingSearch(limit=1, oldest_first=True))
        return next(iter(found.recordings), None)

    async def _ask(self, search: RecordingSearch) -> SearchResult:
        """Ask the camera, which may not list what goes on in a window of time."""
        if search.is_empty:
            total = self._snapshot().total
            return SearchResult(recordings=(), total=total, next_offset=None)
        result = await search_recordings(self._client, search, seconds=MAX_SECONDS)
        is_last = result.next_offset is None
        if search.oldest_first and not is_last or search.offset:
            return result
        found = with_ongoing(search, result.recordings, self._snapshot().ongoing)
        return replace(result, recordings=found)


def _is_none_of(found: Iterable[Recording]) -> Callable[[Recording], bool]:
    keys = {each.key for each in found}
    return lambda each: each.key not in keys
