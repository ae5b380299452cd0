"""Keep up with a camera's recordings at one small request per poll.

list.cgi with ``starttime`` returns every recording with any part since then, so a window that begins a
little before the last poll holds what is going on, what is new and what has just ended. The same answer
counts all recordings, so what was removed shows as a count that does not add up. The camera's clock
decides where a window begins.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
import time
from typing import TYPE_CHECKING

from .errors import UnexpectedAnswerError
from .models import Recording, RecordingKey, RecordingPage, RecordingQuery

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .client import VapixClient

# Recordings may be listed some seconds after they began, and ``Date`` counts whole seconds.
OVERLAP = timedelta(seconds=30)
# How far the camera's clock may move away from ours between two polls before it counts as set anew.
CLOCK_JUMP = timedelta(seconds=10)
# Enough to hold what several sources record at the same time.
NEWEST_PAGE_SIZE = 20
RECONCILE_PAGE_SIZE = 500

_NEWEST = RecordingQuery(recording_id="all", limit=NEWEST_PAGE_SIZE)
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

    def find_ongoing(self, key: RecordingKey) -> Recording | None:
        """Return a recording if it is going on."""
        return next((found for found in self.ongoing if found.key == key), None)


@dataclass(slots=True, kw_only=True)
class _Knowledge:
    """What one poll hands to the next."""

    time: datetime
    """The camera's clock at the poll."""
    monotonic: float
    """Ours at that moment, in seconds."""
    total: int | None
    ongoing: dict[RecordingKey, Recording]
    recent: set[RecordingKey]
    """All that the last window showed."""
    newest: Recording | None
    oldest: Recording | None


class RecordingWatch:
    """Polls one camera. Remembers no more than what is going on, the newest and the oldest."""

    def __init__(self, client: VapixClient) -> None:
        """Start without any knowledge."""
        self._client = client
        self._lock = asyncio.Lock()
        self._last: _Knowledge | None = None

    async def poll(self) -> Snapshot:
        """Ask what has changed. Raises VapixError, and then the next poll makes up for it."""
        async with self._lock:
            known = None
            if self._last is not None:
                known = await self._follow(self._last)
            if known is None:
                known, has_clock = await self._begin()
            else:
                has_clock = True
            # Without the camera's time no window can be asked for: each poll begins anew.
            self._last = known if has_clock else None
        return _snapshot(known, has_clock=has_clock)

    async def reconcile(self) -> None:
        """Walk through all recordings, in pages, for what no window has shown.

        It is not documented whether a window matches a recording that is still going on. Where it does
        not, a recording that began long ago is found only here. Polls go on meanwhile.
        """
        ongoing: dict[RecordingKey, Recording] = {}
        oldest: Recording | None = None
        async for page in self._client.pages(
            RecordingQuery(recording_id="all"), page_size=RECONCILE_PAGE_SIZE
        ):
            ongoing |= _ongoing(page.recordings)
            oldest = page.recordings[-1] if page.recordings else oldest
        async with self._lock:
            if self._last is not None:
                # What has ended since its page was read, the next poll finds out.
                self._last.ongoing = ongoing | self._last.ongoing
                self._last.oldest = oldest

    async def _begin(self) -> tuple[_Knowledge, bool]:
        """Learn everything anew: at the first poll, and when the camera's clock was set."""
        page = await self._client.fetch_recordings(_NEWEST)
        listed = {recording.key: recording for recording in page.recordings}
        oldest = await self._fetch_oldest()
        now = await self._camera_time(page)
        monotonic = time.monotonic()
        if now is not None:
            # Long ones, which began before all those on the newest page.
            listed |= (await self._fetch_window(now - OVERLAP))[0]
        known = _Knowledge(
            time=now or _BEGINNING,
            monotonic=monotonic,
            total=page.total if page.total is not None else page.matches,
            ongoing=_ongoing(listed.values()),
            recent=set(listed),
            newest=next(iter(page.recordings), None),
            oldest=oldest,
        )
        return known, now is not None

    async def _follow(self, last: _Knowledge) -> _Knowledge | None:
        """Ask only for what has any part since the last poll; None if the clock was set."""
        listed, page = await self._fetch_window(last.time - OVERLAP)
        now = await self._camera_time(page)
        monotonic = time.monotonic()
        elapsed = timedelta(seconds=monotonic - last.monotonic)
        if now is None or abs(now - last.time - elapsed) > CLOCK_JUMP:
            return None
        ongoing = _ongoing(listed.values())
        for key in last.ongoing.keys() - listed.keys():
            # Removed, or going on where windows do not match what is going on: the id tells.
            found = await self._client.fetch_recording(key.recording_id)
            ongoing |= _ongoing(each for each in found if each.key == key)
        newest = max(
            filter(None, (last.newest, *listed.values())), key=_start, default=None
        )
        newest = newest and listed.get(newest.key, newest)
        oldest, total = last.oldest, page.total
        new = listed.keys() - last.recent - last.ongoing.keys()
        if total is None or last.total is None or total != last.total + len(new):
            first_page = await self._client.fetch_recordings(_NEWEST)
            newest = next(iter(first_page.recordings), None)
            # Where windows do not match what is going on, a new recording shows up here.
            ongoing |= _ongoing(first_page.recordings)
            total = total if total is not None else first_page.matches
            oldest = await self._fetch_oldest()
        elif total and oldest is None:
            oldest = await self._fetch_oldest()
        return _Knowledge(
            time=now,
            monotonic=monotonic,
            total=total,
            ongoing=ongoing,
            recent=set(listed),
            newest=newest,
            oldest=oldest,
        )

    async def _fetch_window(
        self, since: datetime
    ) -> tuple[dict[RecordingKey, Recording], RecordingPage]:
        """Return what has any part since then, and the last page of the answer."""
        since = since.replace(microsecond=0)
        listed: dict[RecordingKey, Recording] = {}
        pages = self._client.pages(RecordingQuery(start=since))
        async for page in pages:
            inside = [each for each in page.recordings if _reaches(each, since)]
            listed |= {recording.key: recording for recording in inside}
            # An old camera that does not know the filter would list everything.
            if not inside:
                break
        await pages.aclose()
        return listed, page

    async def _fetch_oldest(self) -> Recording | None:
        page = await self._client.fetch_recordings(_OLDEST)
        return next(iter(page.recordings), None)

    async def _camera_time(self, page: RecordingPage) -> datetime | None:
        if page.time is not None:
            return page.time
        with suppress(UnexpectedAnswerError):
            return await self._client.fetch_time()
        return None


def _snapshot(known: _Knowledge, *, has_clock: bool) -> Snapshot:
    offset = None
    if has_clock:
        since = timedelta(seconds=time.monotonic() - known.monotonic)
        offset = known.time + since - datetime.now(UTC)
    return Snapshot(
        total=known.total,
        ongoing=tuple(sorted(known.ongoing.values(), key=_start, reverse=True)),
        newest=known.newest,
        oldest=known.oldest,
        clock_offset=offset,
    )


def _ongoing(recordings: Iterable[Recording]) -> dict[RecordingKey, Recording]:
    return {
        recording.key: recording for recording in recordings if recording.is_ongoing
    }


def _reaches(recording: Recording, since: datetime) -> bool:
    """Return whether a recording has any part since then, as far as is known."""
    return recording.stop is None or recording.stop >= since


def _start(recording: Recording) -> datetime:
    return recording.start or _BEGINNING
