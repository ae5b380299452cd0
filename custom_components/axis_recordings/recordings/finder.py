"""Find recordings of one camera: in its index once all are in it, else by asking the camera."""

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
import sqlite3
from typing import TYPE_CHECKING, Final

from ..const import LOGGER
from ..index.wanted import Wanted
from ..vapix import VapixError
from .days import Stretch, day_of
from .extent import first_after, known_end
from .search import (
    MAX_SECONDS,
    RecordingSearch,
    SearchResult,
    search_recordings,
    with_ongoing,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
    from datetime import date, datetime, tzinfo

    from ..index.models import Starter
    from ..index.store import RecordingIndex
    from ..vapix import Recording, RecordingKey, VapixClient
    from .own import OwnRecording
    from .watch import Snapshot

# What may hold one moment.
_MOST_AT: Final = 20
# What has to be looked at one by one is read in parts, as that keeps the event loop busy.
_PART: Final = 500


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
        self,
        client: VapixClient,
        index: RecordingIndex,
        *,
        whole_disks: Callable[[], Collection[str] | None],
        settle: Callable[[], Awaitable[None]],
        snapshot: Callable[[], Snapshot],
        own: Callable[[], Iterable[OwnRecording]],
        camera_now: Callable[[], datetime],
    ) -> None:
        """Look into the index, or ask the client.

        ``whole_disks`` returns the disks that are there if all recordings on them are in the index, else None.
        ``settle`` is awaited before each look: it sees to it that what the last poll has shown is in there.
        ``snapshot`` returns what that is, ``own`` what Home Assistant has started that goes on, and
        ``camera_now`` the camera's clock.
        """
        self._client = client
        self._index = index
        self._whole_disks = whole_disks
        self._settle = settle
        self._snapshot = snapshot
        self._own = own
        self._camera_now = camera_now

    @property
    def is_whole(self) -> bool:
        """Return whether all recordings are in the index, and it can be used."""
        return self._whole_disks() is not None

    async def async_search(self, search: RecordingSearch) -> SearchResult:
        """Return what is found, with what goes on in its place.

        Raises VapixError if the camera had to be asked, and failed.
        """
        await self._settle()
        if search.is_empty:
            return SearchResult(
                recordings=(),
                total=self._snapshot().total,
                next_offset=None,
                is_whole=self.is_whole,
            )
        if (disks := self._whole_disks()) is not None:
            try:
                result = await self._look(search, disks)
            except sqlite3.Error as err:
                LOGGER.debug("The index can't be read: %s", err)
            else:
                # Where recordings do not name their source, only the camera knows it.
                if search.source is None or all(
                    each.source for each in result.recordings
                ):
                    return result
        return await self._ask(search)

    async def async_find(self, key: RecordingKey) -> Recording | None:
        """Return a recording by its name; None if there is no such recording.

        Raises VapixError if the camera had to be asked, and failed.
        """
        await self._settle()
        if (disks := self._whole_disks()) is not None:
            found = await self._read(self._index.find, [key])
            if found is not None:
                is_there = key in found and key.disk_id in disks
                return found[key].recording if is_there else None
        return await self._client.find_recording(key)

    async def async_event_ids(self) -> tuple[str, ...]:
        """Return the names of the events that have made recordings.

        Raises VapixError if the camera had to be asked, and failed.
        """
        await self._settle()
        if (disks := self._whole_disks()) is not None:
            found = await self._read(self._index.questions.event_ids, disks)
            if found is not None:
                return tuple(found)
        return await self._client.fetch_event_ids()

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
        found = (await self._search_at(moment, search)).recordings
        if found:
            return found[0]
        last = (await self.async_search(replace(search, start=None))).recordings
        now = self._camera_now()
        return next((each for each in last if known_end(each, now) is None), None)

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
        beyond = first_after(moment)
        anything = RecordingSearch(source=source, disk=disk, limit=_MOST_AT)
        at = await self._search_at(moment, replace(anything, start=moment, end=beyond))
        others = replace(anything, accepts=_is_none_of(at.recordings))
        earlier = replace(others, end=moment, limit=before)
        later = replace(others, start=beyond, limit=after, oldest_first=True)
        return Around(
            before=(await self.async_search(earlier)).recordings if before else (),
            at=at.recordings,
            after=(await self.async_search(later)).recordings if after else (),
        )

    async def _search_at(
        self, moment: datetime, search: RecordingSearch
    ) -> SearchResult:
        """Return what holds a moment. What has begun or ended since the last poll is not in the index so."""
        result = await self.async_search(search)
        newest = next(iter(result.recordings), None)
        is_sure = newest is not None and not newest.is_ongoing
        if result.is_whole and not is_sure and moment > self._polled_at:
            try:
                return await self._ask(search)
            except VapixError:
                if newest is None:
                    raise
        return result

    async def async_days(
        self, zone: tzinfo, wanted: RecordingSearch, *, by: Stretch = Stretch.DAY
    ) -> Mapping[date, int] | None:
        """Return on which days there are recordings, newest first, and how many; None if that is not known.

        ``by`` is what to count by instead: months or years, which their first days stand for.

        Of ``wanted``, ``accepts``, the order, the limit, and the offset do not count.
        """
        await self._settle()
        if (disks := self._whole_disks()) is None:
            return None

        def stretch_with(moment: datetime) -> tuple[datetime, datetime]:
            span = by.span(by.of(day_of(moment, zone)), zone)
            return span.start, span.end

        counts = await self._read(
            self._index.questions.count_by,
            _wanted(wanted, disks),
            stretch_with,
            self._camera_now(),
        )
        if counts is None:
            return None
        return {day_of(start, zone): number for start, number in counts.items()}

    async def async_starters(
        self, keys: Collection[RecordingKey] | None = None
    ) -> Mapping[RecordingKey, Starter]:
        """Return who started these recordings, or all; those that Home Assistant did not start are left out."""
        own = {each.key: each.starter for each in self._own()}
        known = await self._read(self._index.find_starters, keys)
        return own | (known or {})

    async def _read[**P, T](
        self, question: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T | None:
        """Ask the index something; None if it can't be read. The next poll opens it again, or begins another one."""
        try:
            return await asyncio.to_thread(question, *args, **kwargs)
        except sqlite3.Error as err:
            LOGGER.debug("The index can't be read: %s", err)
        return None

    @property
    def _polled_at(self) -> datetime:
        """Return when the camera was polled last, by its clock."""
        last = self._snapshot()
        return last.time + (last.clock_offset or timedelta())

    async def _look(
        self, search: RecordingSearch, disks: Collection[str]
    ) -> SearchResult:
        """Look into the index. Raises sqlite3.Error."""
        wanted, accepts = _wanted(search, disks), search.accepts
        found: list[Recording] = []
        position, more = search.offset, True
        while more and len(found) < search.limit:
            # Without a condition that nobody can ask for, one look is enough.
            size = _PART if accepts else search.limit
            part = await asyncio.to_thread(
                self._index.questions.find,
                wanted,
                oldest_first=search.oldest_first,
                limit=size + 1,
                offset=position,
            )
            more = len(part) > size
            for number, recording in enumerate(part[:size], 1):
                if accepts is None or accepts(recording):
                    found.append(recording)
                if len(found) == search.limit:
                    more |= number < len(part)
                    position += number
                    break
            else:
                position += size
        return SearchResult(
            recordings=tuple(found),
            total=sum(self._index.counts.get(each, 0) for each in disks),
            next_offset=position if more else None,
            is_whole=True,
        )

    async def _ask(self, search: RecordingSearch) -> SearchResult:
        """Ask the camera, which may not list what goes on in a window of time. Raises VapixError."""
        if search.words:
            search = await self._without_words(search)
        result = await search_recordings(self._client, search, seconds=MAX_SECONDS)
        is_last = result.next_offset is None
        if search.offset or (search.oldest_first and not is_last):
            return result
        found = with_ongoing(search, result.recordings, self._snapshot().ongoing)
        return replace(result, recordings=found)

    async def _without_words(self, search: RecordingSearch) -> RecordingSearch:
        """Return a search in which the words are compared with each recording: the camera knows none of them."""
        starters, words = await self.async_starters(), search.words
        accepts_else = search.accepts

        def accepts(recording: Recording) -> bool:
            starter = starters.get(recording.key)
            return all(word.describes(recording, starter) for word in words) and (
                accepts_else is None or accepts_else(recording)
            )

        return replace(search, words=(), accepts=accepts)


def _wanted(search: RecordingSearch, disks: Collection[str]) -> Wanted:
    return Wanted(
        disks=frozenset(disks).intersection([search.disk] if search.disk else disks),
        start=search.start,
        end=search.end,
        source=search.source,
        event=search.event,
        event_trigger=search.event_trigger,
        type=search.type,
        status=search.status,
        words=search.words,
    )


def _is_none_of(found: Iterable[Recording]) -> Callable[[Recording], bool]:
    keys = {each.key for each in found}
    return lambda each: each.key not in keys
