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
import time
from typing import TYPE_CHECKING

from .client import PAGE_SIZE
from .errors import MissingRightsError, UnexpectedAnswerError
from .models import Recording, RecordingKey, RecordingPage, RecordingQuery

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from .client import VapixClient

# Recordings may be listed some seconds after they began, and ``Date`` counts whole seconds.
OVERLAP = timedelta(seconds=30)
# How far the camera's clock may move away from ours between two polls before it counts as set anew.
CLOCK_JUMP = timedelta(seconds=10)
# What no count shows: a clean-up has moved the start of the oldest recording, a disk was exchanged for
# another one with as many recordings. Cameras clean up once an hour.
REFRESH_SECONDS = 3600.0
# After a longer pause a window would list what has come and gone meanwhile.
LONGEST_PAUSE_SECONDS = 600.0
# At first, enough to hold what several sources record at the same time; then what may have begun since
# the last poll, which takes another page if that was more.
FIRST_PAGE_SIZE = 20
POLL_PAGE_SIZE = 3
LONGEST_PAGE_SIZE = 500

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
    """How far the camera's clock is ahead of ours; None if the camera does not tell its time."""
    listed: tuple[Recording, ...] = ()
    """All that the poll has looked at, as they were then: at least what goes on, is new or has just ended."""
    time: datetime = field(default_factory=lambda: datetime.now(UTC), compare=False)
    """Our clock when the camera answered."""

    def find_ongoing(self, key: RecordingKey) -> Recording | None:
        """Return a recording if it is going on."""
        return next((found for found in self.ongoing if found.key == key), None)


@dataclass(slots=True, kw_only=True)
class _View:
    """What a part of the list has shown."""

    time: datetime | None
    """The camera's clock at the first answer."""
    monotonic: float
    """Ours at that moment, in seconds."""
    total: int | None
    listed: dict[RecordingKey, Recording] = field(default_factory=dict)
    """In the camera's order, newest first."""
    fresh: set[RecordingKey] = field(default_factory=set)
    """Those that the last poll need not have shown."""

    looked_up: dict[RecordingKey, Recording] = field(default_factory=dict)
    """What else was asked for, by its id."""

    @property
    def recordings(self) -> dict[RecordingKey, Recording]:
        """Return all of them."""
        return self.listed | self.looked_up

    def add(
        self, page: RecordingPage, is_old: Callable[[_View, Recording], bool]
    ) -> bool:
        """Take in a page. False if it holds old recordings, so that no more need to be read."""
        listed = {each.key: each for each in page.recordings}
        fresh = {key for key, each in listed.items() if not is_old(self, each)}
        self.listed |= listed
        self.fresh |= fresh
        return len(fresh) == len(listed)


@dataclass(slots=True, kw_only=True)
class _Knowledge:
    """What one poll hands to the next."""

    time: datetime | None
    """The camera's clock at the poll; None if it does not tell."""
    monotonic: float
    """Ours at that moment, in seconds."""
    renewed: float
    """When everything was last learnt anew, by our monotonic clock."""
    total: int | None
    ongoing: dict[RecordingKey, Recording]
    recent: dict[RecordingKey, Recording]
    """All that the poll has shown."""
    fresh: int
    """How many of them began about then, or later by a clock that has been set back since."""
    newest: Recording | None
    oldest: Recording | None


class RecordingWatch:
    """Polls one camera. Remembers no more than what is going on, the newest and the oldest."""

    def __init__(self, client: VapixClient) -> None:
        """Start without any knowledge."""
        self._client = client
        self._lock = asyncio.Lock()
        self._last: _Knowledge | None = None
        self._windows_work: bool | None = None
        """Whether windows are filtered, count all recordings and match what goes on; None if not known."""
        self._suspects: set[RecordingKey] = set()
        """What was found elsewhere to be going on, for the next poll to look at."""

    async def poll(self) -> Snapshot:
        """Ask what has changed. Raises VapixError, and then the next poll makes up for it."""
        async with self._lock:
            suspects = frozenset(self._suspects)
            self._last = await self._update(self._last)
            self._suspects -= suspects
            return _snapshot(self._last)

    def suspect(self, keys: Iterable[RecordingKey]) -> bool:
        """Look at some recordings in the next poll: they may be going on.

        Where windows don't match what is going on, one that began long before the first poll shows in
        no other way. Returns whether the last poll has not shown one of them as going on.
        """
        shown = self._last.ongoing if self._last else {}
        hidden = set(keys) - shown.keys()
        self._suspects |= hidden
        return bool(hidden)

    async def _update(self, last: _Knowledge | None) -> _Knowledge:
        if last is None or last.time is None or _is_stale(last):
            if self._windows_work is False:
                # A single odd answer may have told so.
                self._windows_work = None
            return await self._renew(last)
        if self._windows_work or (self._windows_work is None and last.ongoing):
            window = await self._view_window(last.time - OVERLAP, last.ongoing)
            if _clock_was_set(last, window):
                return await self._renew(last)
            if self._windows_work:
                return await self._conclude(window, last, is_window=True)
        view = await self._view_newest(last)
        await self._look_up(view, last.ongoing)
        return await self._conclude(view, last)

    async def _renew(self, last: _Knowledge | None) -> _Knowledge:
        """Learn everything anew: at first, once in a while, and when the camera's clock was set."""
        # A window tells what is going on; without, all that has begun since the last poll has to be seen.
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
        return _Knowledge(
            time=newest.time,
            monotonic=newest.monotonic,
            renewed=newest.monotonic,
            total=newest.total,
            ongoing=_ongoing(view.recordings),
            recent=recordings,
            fresh=len(newest.fresh),
            newest=next(iter(recordings.values()), None),
            oldest=await self._fetch_first(_OLDEST),
        )

    async def _conclude(
        self, view: _View, last: _Knowledge, *, is_window: bool = False
    ) -> _Knowledge:
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
        return _Knowledge(
            time=view.time,
            monotonic=view.monotonic,
            renewed=last.renewed,
            total=view.total,
            ongoing=_ongoing(recordings),
            recent=recordings,
            fresh=len(view.fresh),
            newest=newest,
            oldest=oldest,
        )

    async def _view_window(
        self, since: datetime, ongoing: Iterable[RecordingKey]
    ) -> _View:
        """Return what has any part since then, and what has become of the ongoing ones."""
        since = since.replace(microsecond=0)
        window = await self._view(
            RecordingQuery(start=since), lambda _, each: _ended_before(each, since)
        )
        await self._look_up(window, ongoing)
        is_filtered = len(window.fresh) == len(window.listed)
        if window.total is None or not is_filtered or _ongoing(window.looked_up):
            self._windows_work = False
        elif _ongoing(window.listed):
            self._windows_work = True
        return window

    async def _view_newest(self, last: _Knowledge | None) -> _View:
        """Return the newest recordings, and all that have begun since the last poll."""
        if last is None:
            size = FIRST_PAGE_SIZE
        elif _is_stale(last):
            size = LONGEST_PAGE_SIZE
        else:
            size = min(last.fresh + POLL_PAGE_SIZE, LONGEST_PAGE_SIZE)
        return await self._view(
            _ALL, lambda view, each: _began_before(each, last, view), size
        )

    async def _look_up(self, view: _View, ongoing: Iterable[RecordingKey]) -> None:
        """Ask for those by their ids that are not in view."""
        for key in {*ongoing, *self._suspects} - view.listed.keys():
            found = await self._client.fetch_recording(key.recording_id)
            view.looked_up |= {each.key: each for each in found if each.key == key}

    async def _view(
        self,
        query: RecordingQuery,
        is_old: Callable[[_View, Recording], bool],
        page_size: int = PAGE_SIZE,
    ) -> _View:
        """Read a list up to the page with the first old recording."""
        async with aclosing(self._client.pages(query, page_size=page_size)) as pages:
            page = await anext(pages)
            view = await self._new_view(page)
            if view.add(page, is_old):
                async for page in pages:
                    if not view.add(page, is_old):
                        break
        return view

    async def _new_view(self, page: RecordingPage) -> _View:
        now, monotonic = page.time, page.monotonic
        if now is None:
            # A camera may lack the API, or not let this account use it.
            with suppress(UnexpectedAnswerError, MissingRightsError):
                now = await self._client.fetch_time()
            monotonic = time.monotonic()
        return _View(time=now, monotonic=monotonic, total=page.total)

    async def _fetch_first(self, query: RecordingQuery) -> Recording | None:
        page = await self._client.fetch_recordings(query)
        return next(iter(page.recordings), None)


def _snapshot(known: _Knowledge) -> Snapshot:
    since = timedelta(seconds=time.monotonic() - known.monotonic)
    answered = datetime.now(UTC) - since
    return Snapshot(
        time=answered,
        total=known.total,
        ongoing=tuple(sorted(known.ongoing.values(), key=_start, reverse=True)),
        newest=known.newest,
        oldest=known.oldest,
        clock_offset=known.time - answered if known.time else None,
        listed=tuple(known.recent.values()),
    )


def _is_stale(last: _Knowledge) -> bool:
    now = time.monotonic()
    return (
        now - last.monotonic >= LONGEST_PAUSE_SECONDS
        or now - last.renewed >= REFRESH_SECONDS
    )


def _last_poll(last: _Knowledge, view: _View) -> datetime | None:
    """Return when the last poll was by today's clock of the camera; None if it does not tell its time."""
    if view.time is None:
        return None
    return view.time - timedelta(seconds=view.monotonic - last.monotonic)


def _clock_was_set(last: _Knowledge, view: _View) -> bool:
    then, now = last.time, _last_poll(last, view)
    return then is None or now is None or abs(now - then) > CLOCK_JUMP


def _began_before(recording: Recording, last: _Knowledge | None, view: _View) -> bool:
    """Return whether a recording has begun before the last poll; True if there was none."""
    if last is None:
        return True
    then, now = last.time, _last_poll(last, view)
    if then is None or now is None:
        return recording.key in last.recent
    # If the clock was set meanwhile, the recording may have begun before that or after.
    since = min(then, now) - OVERLAP
    return recording.start is not None and recording.start < since


def _ended_before(recording: Recording, since: datetime) -> bool:
    return recording.stop is not None and recording.stop < since


def _ongoing(
    recordings: Mapping[RecordingKey, Recording],
) -> dict[RecordingKey, Recording]:
    return {key: each for key, each in recordings.items() if each.is_ongoing}


def _start(recording: Recording | None) -> datetime:
    return (recording and recording.start) or _BEGINNING
