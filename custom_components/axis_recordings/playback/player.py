"""Play the recordings of one camera, and hand them out as files."""

import asyncio
from collections import Counter
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from functools import partial
from operator import itemgetter
from pathlib import Path
import time
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakSet

from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util.hass_dict import HassKey

from ..const import (
    CONF_CACHE_HOURS,
    CONF_CACHE_SIZE,
    DEFAULT_CACHE_HOURS,
    DEFAULT_CACHE_SIZE,
    DOMAIN,
    MEGABYTE,
)
from ..exceptions import translated_error
from ..helpers.context import async_begin
from ..helpers.supervision import Guard, Worker, survive
from ..recordings.part import LONGEST_PLAYED, RecordingPart
from ..users.limits import Kind
from .access import Access
from .cache import MediaCache, digest
from .clips import Clip, Progress, RequireRoom, leave_to_the_disk, write_clip
from .codecs import require_listed_as_playable
from .errors import (
    ExportBusyError,
    NoRoomError,
    NothingRecordedError,
)
from .export_queue import ExportQueue, Priority
from .export_stream import BoundedExport, open_when_free
from .images import Images
from .segment_source import SegmentSource
from .served_spans import ServedSpans
from .session import Session
from .single_flight import SingleFlight

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
    from datetime import datetime

    from homeassistant.config_entries import ConfigEntry
    from homeassistant.core import Event, HomeAssistant

    from ..recordings.extent import TimeRange
    from ..users.requester import Requester
    from ..vapix import ExportProperties, Recording, RecordingKey, VapixClient

SWEEP_INTERVAL: Final = timedelta(hours=1)
# Sessions cost little, but somebody who asks for thousands should not get them. The limit is that of one
# user on all cameras, so that nobody ends what others play.
MAX_SESSIONS: Final = 30
# Each holds the camera's only export until it is over; this is of one user on one camera. All who follow signed
# links are one user, and a browser has six connections.
MAX_DOWNLOADS: Final = 12


_PLAYERS: Final[HassKey[WeakSet[Player]]] = HassKey(f"{DOMAIN}_players")
"""Those of all cameras. One that is closed has no sessions."""


def cache_folder(hass: HomeAssistant, entry_id: str) -> Path:
    """Return where the cache of a camera is; it is no part of backups."""
    return Path(hass.config.cache_path(DOMAIN, entry_id))


class Player(Access):
    """Everything between a camera's videos and whoever watches them."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        client: VapixClient,
        *,
        camera_name: Callable[[], str],
        camera_now: Callable[[], datetime],
    ) -> None:
        """Prepare; nothing is asked of the camera or written to the disk.

        ``camera_now`` returns the camera's clock.
        """
        super().__init__(hass, client, camera_name=camera_name, camera_now=camera_now)
        self._entry = entry
        self._sources: dict[RecordingKey, SegmentSource] = {}
        self._clips: SingleFlight[Path] = SingleFlight()
        self._served = ServedSpans()
        self._downloads: Counter[str | None] = Counter()
        """Originals that each user gets or waits for."""
        self._starting: list[Requester] = []
        self._sweeper = Worker(hass, entry, "cache", self.async_sweep)
        self._producing = Guard(entry, "video")
        self.sessions: dict[str, Session] = {}
        """By their tokens."""
        self._players = hass.data.setdefault(_PLAYERS, WeakSet())
        self._players.add(self)
        self.queue = ExportQueue()
        self.cache = MediaCache(
            cache_folder(hass, entry.entry_id),
            limit=round(
                entry.options.get(CONF_CACHE_SIZE, DEFAULT_CACHE_SIZE) * MEGABYTE
            ),
            max_age=entry.options.get(CONF_CACHE_HOURS, DEFAULT_CACHE_HOURS) * 3600,
        )
        self.images = Images(
            self,
            self.queue,
            self.cache,
            lambda: self._is_watched,
            lambda requester: any(
                each.is_played_by(requester) for each in self._players
            ),
        )

    async def async_open(self) -> None:
        """Begin with an empty cache, and keep it within its limits until the entry is unloaded."""
        entry, hass = self._entry, self._hass
        await self.cache.open()

        async def close(_event: Event) -> None:
            await self.async_close()

        entry.async_on_unload(
            async_track_time_interval(hass, self._sweeper.async_start, SWEEP_INTERVAL)
        )
        entry.async_on_unload(hass.bus.async_listen(EVENT_HOMEASSISTANT_STOP, close))

    async def async_close(self) -> None:
        """End what is under way, and leave nothing behind."""
        self.end_exports()
        self.sessions.clear()
        await self._clips.give_up()
        await self.images.give_up_thumbnails()
        await asyncio.gather(
            *(
                survive(self._producing, source.close())
                for source in self._sources.values()
            )
        )
        self._sources.clear()
        await self.cache.close()

    async def async_sweep(self) -> None:
        """Forget what was not used for long."""
        for token, session in list(self.sessions.items()):
            if session.is_idle:
                del self.sessions[token]
        await self.cache.sweep()
        used = {session.source for session in self.sessions.values()}
        before = time.monotonic() - SWEEP_INTERVAL.total_seconds()
        self._served.sweep(before)
        for key, source in list(self._sources.items()):
            if source not in used and source.last_used < before:
                del self._sources[key]
                await source.close()

    async def async_play(
        self, part: RecordingPart, requester: Requester, *, is_exact: bool = False
    ) -> str:
        """Begin to play, and return the session's token once there is something to see.

        What lies before and after the part can be sought to, unless it has to be exact.

        Raises HomeAssistantError, in the user's words.
        """
        self._starting.append(requester)
        try:
            # A browser has few connections, and all may be waiting for thumbnails.
            for each in list(self._players):
                each.images.give_up_thumbnails_for(requester)
            await self.images.give_up_thumbnails(ExportBusyError())
            with self.translated_errors():
                async with self.place(requester, Kind.PLAYBACK):
                    session = await self._start_session(
                        part, requester, is_exact=is_exact
                    )
        finally:
            self._starting.remove(requester)
        self.sessions[session.token] = session
        self._end_oldest(requester)
        return session.token

    def _end_oldest(self, requester: Requester) -> None:
        """End what the same user has not watched for longest, on whichever camera, if it is too much."""
        played = [
            (session.last_used, session.token, player.sessions)
            for player in self._players
            for session in player.sessions.values()
            if session.requester.user_id == requester.user_id
        ]
        for _, token, sessions in sorted(played, key=itemgetter(0))[:-MAX_SESSIONS]:
            del sessions[token]

    async def _start_session(
        self, part: RecordingPart, requester: Requester, *, is_exact: bool
    ) -> Session:
        recording, span = await self.find(part)
        require_listed_as_playable(recording)
        source = self.source_of(recording)
        begin = source.seconds(span.start)
        number = source.grid.containing(begin)
        try:
            async with asyncio.timeout(self.timing.patience):
                await source.key_before(number, Priority.PLAYBACK)
        except TimeoutError:
            raise source.why_late() from None
        span = span.first(LONGEST_PLAYED)
        if not is_exact:
            span = span.with_neighbors(recording, self._camera_now())
        return Session(
            source=source,
            span=span,
            begin=begin,
            requester=requester,
            is_exact=is_exact,
        )

    async def async_clip(self, part: RecordingPart, *, resumes: bool = False) -> Path:
        """Return an MP4 of a part in the cache. Raises HomeAssistantError.

        Of a recording that goes on there is more each time, but whoever resumes gets the same file as before.
        """
        with self.translated_errors():
            recording, span = await self.async_find(part)
            require_listed_as_playable(recording)
            with self._served.serving(part, span, resumes=resumes) as served:
                self.require_short(served)
                return await self._clip(recording, served)

    async def _clip(self, recording: Recording, span: TimeRange) -> Path:
        part = RecordingPart(key=recording.key, start=span.start, end=span.end)
        name = f"clip-{digest(part)}.mp4"
        if path := await self._find_kept(name):
            return path
        async with self.place_of_current(Kind.CLIP):
            # Somebody else may have wanted the same meanwhile.
            return await self._find_kept(name) or await self._clips.run(
                name, partial(self._make_clip, name, recording, span)
            )

    async def _find_kept(self, name: str) -> Path | None:
        """Return a cached file, if nobody has tidied it up by hand."""
        path = self.cache.find(name)
        if path is None or not await asyncio.to_thread(path.exists):
            return None
        return path

    async def async_write_clip(
        self,
        recording: Recording,
        span: TimeRange,
        path: Path,
        progress: Progress | None,
        require_room: RequireRoom = leave_to_the_disk,
    ) -> tuple[Clip, SegmentSource]:
        """Write an MP4 anywhere. Raises VapixError, PlaybackError, OSError."""
        require_listed_as_playable(recording)
        source = self.source_of(recording)
        clip = await write_clip(
            source,
            path,
            start=source.seconds(span.start),
            end=source.seconds(span.end),
            progress=progress,
            require_room=require_room,
        )
        return clip, source

    @contextmanager
    def one_download(self, requester: Requester) -> Generator[None]:
        """Let a user get or wait for an original. HomeAssistantError if that would be too many."""
        if self._downloads[requester.user_id] >= MAX_DOWNLOADS:
            raise translated_error(
                HomeAssistantError,
                "too_many_downloads",
                camera=self._camera_name(),
                count=str(MAX_DOWNLOADS),
            )
        self._downloads[requester.user_id] += 1
        try:
            yield
        finally:
            self._downloads[requester.user_id] -= 1

    @asynccontextmanager
    async def async_original(
        self, key: RecordingKey, span: TimeRange
    ) -> AsyncGenerator[tuple[BoundedExport, ExportProperties]]:
        """Let the camera send its own file, and yield what it will hold.

        Raises VapixError, InvalidVideoError if it is larger than any, and SlowReaderError if it is taken too
        slowly while others wait for the camera.
        """
        ticket = self.queue.new_ticket(Priority.JOB)
        async with self.until_closed(), self.queue.hold(ticket):
            export_format = await self.client.choose_export_format()
            properties = await self.client.fetch_export_properties(
                key, span.start, span.end
            )
            async with open_when_free(
                self.client,
                key,
                properties,
                export_format,
                end=span.end,
                ticket=ticket,
                timing=self.timing,
            ) as export:
                yield export, properties

    async def async_original_format(self) -> str:
        """Return the format of the camera's own files. Raises HomeAssistantError."""
        with self.translated_errors():
            return await self.client.choose_export_format()

    def is_played_by(self, requester: Requester) -> bool:
        """Return whether a log-in plays a video at the moment, or is about to."""
        return requester in self._starting or any(
            session.requester == requester and session.is_watched
            for session in self.sessions.values()
        )

    @property
    def _is_watched(self) -> bool:
        """Return whether somebody watches at the moment."""
        return bool(self._starting or self.watched_sessions)

    @property
    def watched_sessions(self) -> int:
        """Return how many videos are watched at the moment."""
        return sum(session.is_watched for session in self.sessions.values())

    @property
    def diagnostics(self) -> dict[str, Any]:
        """Return numbers that help to find a fault."""
        return {
            "sessions": len(self.sessions),
            "recordings": len(self._sources),
            "cached_files": len(self.cache),
            "cached_bytes": self.cache.size,
            "cache_limit": self.cache.limit,
            "dropped_audio": sorted(
                {each.dropped_audio for each in self._sources.values()} - {None}
            ),
        }

    def source_of(self, recording: Recording) -> SegmentSource:
        """Return the source of a recording's segments, the same for everybody who views it."""
        self.require_open()
        key = recording.key
        source = self._sources.get(key)
        if source is None:
            if recording.start is None:
                raise NothingRecordedError
            video = next(iter(recording.video), None)
            source = self._sources[key] = SegmentSource(
                self.client,
                self.queue,
                self.cache,
                self._create_task,
                key=key,
                zero=recording.start,
                frame_rate=video.frame_rate if video else None,
                timing=self.timing,
            )
        source.end = recording.end
        return source

    async def _make_clip(
        self, name: str, recording: Recording, span: TimeRange
    ) -> Path:
        properties = await self.client.fetch_export_properties(
            recording.key, span.start, span.end
        )
        async with self.cache.create(name, size=properties.size or 0) as path:
            await self.async_write_clip(
                recording, span, path, None, self.cache.require_room
            )
        if (kept := self.cache.find(name)) is None:
            raise NoRoomError
        return kept

    def _create_task(
        self, work: Coroutine[None, None, None], name: str
    ) -> asyncio.Task[None]:
        return async_begin(
            self._hass, self._entry, survive(self._producing, work), name
        )
