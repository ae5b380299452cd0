"""Keep up with a camera's recordings at one small request per poll.

list.cgi with ``starttime`` returns every recording with any part since then, so a window that begins a
little before the last poll holds what is going on, what is new and what has just ended. The same answer
counts all recordings, so what was removed shows as a count that does not add up. The camera's clock
decides where a window begins.

It is not documented whether a window matches what is still going on. So windows are used only once they
have shown something that goes on; before that, and where they never do, the poll asks for the newest
recordings instead, and for those that go on and are older by their ids.
"""

import asyncio
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
import time
from typing import TYPE_CHECKING

from ..vapix.bounds import (
    MOST_LISTED,
    MOST_LOOK_UPS,
    MOST_ONGOING,
    MOST_POLL_REQUESTS,
    MOST_POLL_SECONDS,
    Effort,
    limited_effort,
)
from ..vapix.errors import NOT_AVAILABLE
from ..vapix.models import Recording, RecordingKey, RecordingPage, RecordingQuery
from ..vapix.paging import LONG_PAGE_SIZE, PAGE_SIZE
from .poll_state import (
    OVERLAP,
    ListView,
    PollState,
    began_before,
    clock_was_set,
    ended_before,
    is_stale,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from ..vapix.client import VapixClient

# At first and after a while, enough to hold what several sources record at the same time; then what may have begun
# since the last poll. If that was more, it takes more pages, each of them longer.
FIRST_PAGE_SIZE = 20
POLL_PAGE_SIZE = 3

_ALL = RecordingQuery(recording_id="all")
_NEWEST = RecordingQuery(recording_id="all", limit=1)
_OLDEST = RecordingQuery(recording_id="all", limit=1, oldest_first=True)
_BEGINNING = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What is known of a camera's recordings after a poll."""

    total: int | None
    """Recordings on all attached disks."""
    ongoing: tuple[Recording, ...]
    """Newest first."""
    newest: Recording | None
    oldest: Recording | None
    clock_offset: timedelta | None
    """How far the camera's clock is ahead of ours; None if the camera does not send its time."""
    listed: tuple[Recording, ...] = ()
    """All that the poll has read, as they were then: at least what goes on, is new or has just ended."""
    monotonic: float = field(default_factory=time.monotonic, compare=False)
    """Our monotonic clock when the camera answered, in seconds."""
    time: datetime = field(default_factory=lambda: datetime.now(UTC), compare=False)
    """Our clock at that moment."""

    def find_ongoing(self, key: RecordingKey) -> Recording | None:
        """Return a recording if it is going on."""
        return next((found for found in self.ongoing if found.key == key), None)


class RecordingWatch:
    """Polls one camera. Remembers no recordings but those of the last poll, the newest, and the oldest."""

    def __init__(self, client: VapixClient) -> None:
        """Start without any knowledge."""
        self._client = client
        self._lock = asyncio.Lock()
        self._last: PollState | None = None
        self._windows_work: bool | None = None
        """Whether windows are filtered, count all recordings and match what goes on; None if not known."""
        self._suspects: dict[RecordingKey, None] = {}
        """What was found elsewhere to be going on, for the next poll to ask for."""
        self._effort = Effort(MOST_POLL_REQUESTS, MOST_POLL_SECONDS)
        self._later: frozenset[RecordingKey] = frozenset()
        """What was too much to be asked for in this poll."""

    async def poll(self) -> Snapshot:
        """Ask what has changed. Raises VapixError, and then the next poll makes up for it."""
        async with self._lock:
            suspects, self._later = frozenset(self._suspects), frozenset()
            async with limited_effort(
                MOST_POLL_REQUESTS, MOST_POLL_SECONDS
            ) as self._effort:
                self._last = await self._update(self._last)
            for key in suspects - self._later:
                self._suspects.pop(key, None)
            return _snapshot(self._last)

    def suspect(self, keys: Iterable[RecordingKey]) -> bool:
        """Ask for some recordings in the next poll: they may be going on.

        Where windows don't match what is going on, one that began long before the first poll shows in
        no other way. Returns whether the last poll has not shown one of them as going on.
        """
        hidden = dict.fromkeys(key for key in keys if key not in self._shown)
        every = (self._suspects | hidden).items()
        self._suspects = dict(islice(every, MOST_ONGOING))
        return bool(hidden)

    @property
    def _shown(self) -> Mapping[RecordingKey, Recording]:
        """Return what went on at the last poll."""
        return self._last.ongoing if self._last else {}

    async def _update(self, last: PollState | None) -> PollState:
        if last is None or last.time is None or is_stale(last):
            if self._windows_work is False:
                # A single odd answer may have shown so.
                self._windows_work = None
            return await self._renew(last)
        if self._windows_work or (self._windows_work is None and last.ongoing):
            window = await self._view_window(last.time - OVERLAP, last.ongoing)
            if clock_was_set(last, window):
                return await self._renew(last)
            if self._windows_work:
                return await self._conclude(window, last, is_window=True)
        view = await self._view_newest(last)
        await self._look_up(view, last.ongoing)
        return await self._conclude(view, last)

    async def _renew(self, last: PollState | None) -> PollState:
        """Learn everything anew: at first, once in a while, and when the camera's clock was set."""
        # A window shows what is going on; without, all that has begun since the last poll has to be seen.
        relies_on_window = self._windows_work is True
        newest = view = await self._view_newest(None if relies_on_window else last)
        keys = {*_ongoing(view.listed), *(last.ongoing if last else ())}
        if view.time is not None and self._windows_work is not False:
            view = await self._view_window(view.time - OVERLAP, keys)
            if relies_on_window and not self._windows_work:
                return await self._renew(last)
        else:
            await self._look_up(view, keys)
        # What was asked for last is the younger news.
        recordings = newest.listed | view.recordings
        oldest = await self._fetch_first(_OLDEST)
        # Its start moves with each clean-up, which shows in no count.
        recent = recordings | ({oldest.key: oldest} if oldest else {})
        return PollState(
            time=newest.time,
            monotonic=newest.monotonic,
            renewed=newest.monotonic,
            total=newest.total,
            ongoing=self._ongoing_in(view),
            recent=recent,
            fresh=len(newest.fresh),
            newest=next(iter(recordings.values()), None),
            oldest=oldest,
        )

    async def _conclude(
        self, view: ListView, last: PollState, *, is_window: bool = False
    ) -> PollState:
        """Put together what is known now. Where the count does not add up, something was removed."""
        recordings = view.recordings
        new = view.fresh - last.recent.keys() - last.ongoing.keys()
        adds_up = last.total is not None and view.total == last.total + len(new)
        newest = next(iter(view.listed.values()), None)
        if is_window and not adds_up:
            newest = await self._fetch_first(_NEWEST)
        elif is_window and (not newest or _start(newest) < _start(last.newest)):
            newest = last.newest and recordings.get(last.newest.key, last.newest)
        oldest = last.oldest and recordings.get(last.oldest.key, last.oldest)
        # A new one may be the oldest after the camera's clock was set back.
        if (
            not adds_up
            or (view.total and not oldest)
            or any(_start(recordings[key]) < _start(oldest) for key in new)
        ):
            oldest = await self._fetch_first(_OLDEST)
        return PollState(
            time=view.time,
            monotonic=view.monotonic,
            renewed=last.renewed,
            total=view.total,
            ongoing=self._ongoing_in(view),
            recent=recordings,
            fresh=len(view.fresh),
            newest=newest,
            oldest=oldest,
        )

    async def _view_window(
        self, since: datetime, ongoing: Iterable[RecordingKey]
    ) -> ListView:
        """Return what has any part since then, and what has become of the ongoing ones."""
        since = since.replace(microsecond=0)
        window = await self._view(
            RecordingQuery(start=since), lambda _, each: ended_before(each, since)
        )
        await self._look_up(window, ongoing)
        is_filtered = len(window.fresh) == len(window.listed)
        if window.total is None or not is_filtered or _ongoing(window.looked_up):
            self._windows_work = False
        elif _ongoing(window.listed):
            self._windows_work = True
        return window

    async def _view_newest(self, last: PollState | None) -> ListView:
        """Return the newest recordings, and all that have begun since the last poll."""
        if last is None or is_stale(last):
            size = FIRST_PAGE_SIZE
        else:
            size = min(last.fresh + POLL_PAGE_SIZE, LONG_PAGE_SIZE)
        return await self._view(
            _ALL, lambda view, each: began_before(each, last, view), size
        )

    def _ongoing_in(self, view: ListView) -> dict[RecordingKey, Recording]:
        """Return what goes on, as far as it is known."""
        found = _ongoing(view.unasked | view.recordings).items()
        return dict(
            self._client.bounds.first("ongoing recordings", found, MOST_ONGOING)
        )

    async def _look_up(self, view: ListView, ongoing: Iterable[RecordingKey]) -> None:
        """Ask for those that are not in view: by their ids, and if they are many, by the list first.

        Those that are still too many for one poll are left to the next ones.
        """
        keys = _without((*self._suspects, *ongoing), view.listed)
        if len(keys) > MOST_LOOK_UPS:
            view.looked_up |= await self._client.find_among_newest({*keys})
            keys = _without(keys, view.looked_up)
        later = keys[MOST_LOOK_UPS:]
        for number, key in enumerate(keys[:MOST_LOOK_UPS]):
            if self._effort.is_half_spent:
                later = keys[number:]
                break
            if found := await self._client.find_recording(key):
                view.looked_up[key] = found
        self._later = frozenset(later)
        view.unasked = {key: self._shown[key] for key in later if key in self._shown}

    async def _view(
        self,
        query: RecordingQuery,
        is_old: Callable[[ListView, Recording], bool],
        page_size: int = PAGE_SIZE,
    ) -> ListView:
        """Read a list up to the page with the first old recording."""
        found = self._client.pages(query, page_size=page_size, longest=LONG_PAGE_SIZE)
        async with aclosing(found) as pages:
            page = await anext(pages)
            view = await self._new_view(page)
            if view.add(page, is_old):
                async for page in pages:
                    if not view.add(page, is_old):
                        break
                    # More than that are not news, and the count shows that there are more.
                    if len(view.listed) >= MOST_LISTED or self._effort.is_half_spent:
                        self._client.bounds.note("recordings", 1)
                        break
        return view

    async def _new_view(self, page: RecordingPage) -> ListView:
        now, monotonic = page.time, page.monotonic
        if now is None:
            # A camera may lack the API, or not let this account use it.
            with suppress(*NOT_AVAILABLE):
                now = await self._client.fetch_time()
            monotonic = time.monotonic()
        return ListView(time=now, monotonic=monotonic, total=page.total)

    async def _fetch_first(self, query: RecordingQuery) -> Recording | None:
        page = await self._client.fetch_recordings(query)
        return next(iter(page.recordings), None)


def _snapshot(known: PollState) -> Snapshot:
    since = timedelta(seconds=time.monotonic() - known.monotonic)
    answered = datetime.now(UTC) - since
    return Snapshot(
        time=answered,
        monotonic=known.monotonic,
        total=known.total,
        ongoing=tuple(sorted(known.ongoing.values(), key=_start, reverse=True)),
        newest=known.newest,
        oldest=known.oldest,
        clock_offset=known.time - answered if known.time else None,
        listed=tuple(known.recent.values()),
    )


def _ongoing(
    recordings: Mapping[RecordingKey, Recording],
) -> dict[RecordingKey, Recording]:
    return {key: each for key, each in recordings.items() if each.is_ongoing}


def _without(
    keys: Iterable[RecordingKey], others: Collection[RecordingKey]
) -> list[RecordingKey]:
    """Return each once that is not among others, in the same order."""
    return [key for key in dict.fromkeys(keys) if key not in others]


def _start(recording: Recording | None) -> datetime:
    return (recording and recording.start) or _BEGINNING
