"""Play, picture and hand out the recordings of one camera."""

import asyncio
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from functools import partial
from hashlib import sha256
from operator import itemgetter
from pathlib import Path
import time
from typing import TYPE_CHECKING, Any, Final

from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import dt as dt_util

from .addresses import playlist_path
from .const import (
    CONF_CACHE_HOURS,
    CONF_CACHE_SIZE,
    DEFAULT_CACHE_HOURS,
    DEFAULT_CACHE_SIZE,
    DOMAIN,
)
from .playback.cache import MediaCache
from .playback.clips import Clip, Progress, write_clip
from .playback.errors import (
    BusyError,
    ClosedError,
    NoFootageError,
    NoRoomError,
    UnplayableError,
)
from .playback.exports import open_when_free, read_export
from .playback.footage import Footage
from .playback.gate import ExportGate, Turn, Urgency
from .playback.session import Session
from .playback.shared import SharedWork
from .playback.stills import PREVIEW_WIDTH, decode_still
from .playback.window import LONGEST, Span, Window, WindowError
from .problems import translated
from .supervision import Guard, Worker, survive

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Coroutine, Generator
    from datetime import datetime

    from homeassistant.core import Event, HomeAssistant

    from .coordinator import (
        AxisRecordingsConfigEntry,
        AxisRecordingsCoordinator,
    )
    from .playback.session import Viewer
    from .vapix import (
        Export,
        ExportProperties,
        Recording,
        RecordingKey,
    )

SWEEP_INTERVAL: Final = timedelta(hours=1)
MEGABYTE: Final = 1024 * 1024
# How long somebody looks at a turning wheel before being told that it does not work now.
PATIENCE_SECONDS: Final = 40.0
# Enough for somebody, or an AI, to tell what is seen.
IMAGE_WIDTH: Final = 1280
# Enough to hold the frame that is looked for, with the key frame before it.
STILL_LENGTH: Final = timedelta(seconds=2)
# Sessions cost little, but somebody who asks for thousands should not get them. The limit is that of one
# user on all cameras, so that nobody ends what others play.
MAX_SESSIONS: Final = 30
_NOT_PLAYABLE: Final = {"jpeg": "MJPEG"}
"""What the camera's list calls the codecs that no browser plays."""


def cache_folder(hass: HomeAssistant, entry_id: str) -> Path:
    """Return where the cache of a camera is; it is no part of backups."""
    return Path(hass.config.cache_path(DOMAIN, entry_id))


class Playback:
    """Everything between a camera's films and whoever looks at them."""

    def __init__(
        self, hass: HomeAssistant, coordinator: AxisRecordingsCoordinator
    ) -> None:
        """Prepare; nothing is asked of the camera or written to the disk."""
        entry = coordinator.config_entry
        self._hass = hass
        self._coordinator = coordinator
        self._client = coordinator.client
        self._footage: dict[RecordingKey, Footage] = {}
        self._clips: SharedWork[Path] = SharedWork()
        self._stills: SharedWork[bytes] = SharedWork()
        self._starting = 0
        self._closed = False
        self._sweeper = Worker(hass, entry, "cache", self.async_sweep)
        self._producing = Guard(entry, "film")
        self.sessions: dict[str, Session] = {}
        """By their tokens."""
        self.gate = ExportGate()
        self.cache = MediaCache(
            cache_folder(hass, entry.entry_id),
            limit=round(
                entry.options.get(CONF_CACHE_SIZE, DEFAULT_CACHE_SIZE) * MEGABYTE
            ),
            max_age=entry.options.get(CONF_CACHE_HOURS, DEFAULT_CACHE_HOURS) * 3600,
        )

    async def async_open(self) -> None:
        """Begin with an empty cache, and keep it within its limits until the entry is unloaded."""
        entry, hass = self._coordinator.config_entry, self._hass
        await self.cache.open()

        async def stop(_event: Event) -> None:
            await self.async_close()

        entry.async_on_unload(
            async_track_time_interval(hass, self._sweeper.async_start, SWEEP_INTERVAL)
        )
        entry.async_on_unload(hass.bus.async_listen(EVENT_HOMEASSISTANT_STOP, stop))

    async def async_close(self) -> None:
        """End what is under way, and leave nothing behind."""
        # Somebody may just be asking the camera for the recording.
        self._closed = True
        self.sessions.clear()
        await self._clips.give_up()
        await self._stills.give_up()
        await asyncio.gather(
            *(
                survive(self._producing, footage.close())
                for footage in self._footage.values()
            )
        )
        self._footage.clear()
        await self.cache.close()

    async def async_sweep(self) -> None:
        """Forget what was not used for long."""
        for token, session in list(self.sessions.items()):
            if session.is_idle:
                del self.sessions[token]
        await self.cache.sweep()
        used = {session.footage for session in self.sessions.values()}
        before = time.monotonic() - SWEEP_INTERVAL.total_seconds()
        for key, footage in list(self._footage.items()):
            if footage not in used and footage.last_used < before:
                del self._footage[key]
                await footage.close()

    # Playing

    async def async_play(self, window: Window, viewer: Viewer) -> str:
        """Begin to play, and return the playlist's path once there is something to see.

        Raises HomeAssistantError, in the user's words.
        """
        self._starting += 1
        try:
            # A browser has few connections, and all may be waiting for small pictures.
            await self._stills.give_up(BusyError())
            session = await self._start_session(window, viewer)
        finally:
            self._starting -= 1
        self.sessions[session.token] = session
        self._end_oldest(viewer)
        return playlist_path(session.token)

    def _end_oldest(self, viewer: Viewer) -> None:
        """End what the same user has not watched for longest, on whichever camera, if it is too much."""
        entries: list[AxisRecordingsConfigEntry] = (
            self._hass.config_entries.async_loaded_entries(DOMAIN)
        )
        played = [
            (session.last_used, session.token, entry.runtime_data.playback.sessions)
            for entry in entries
            for session in entry.runtime_data.playback.sessions.values()
            if session.viewer.user_id == viewer.user_id
        ]
        for _, token, sessions in sorted(played, key=itemgetter(0))[:-MAX_SESSIONS]:
            del sessions[token]

    async def _start_session(self, window: Window, viewer: Viewer) -> Session:
        with self.translated_errors():
            recording, span = await self._find(window)
            _require_playable(recording)
            footage = self.footage_of(recording)
            begin = footage.seconds(span.start)
            number = footage.grid.containing(begin)
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await footage.key_before(number, Urgency.VIEWER)
            except TimeoutError:
                raise footage.why_late() from None
        return Session(
            footage=footage,
            span=span.with_neighbours(recording, self.camera_now),
            begin=begin,
            viewer=viewer,
        )

    # Files and pictures

    async def async_clip(self, window: Window) -> Path:
        """Return an MP4 of a window in the cache. Raises HomeAssistantError."""
        with self.translated_errors():
            recording, span = await self._find(window)
            _require_playable(recording)
            self.require_short(span)
            name = f"clip-{_digest(Window(key=window.key, start=span.start, stop=span.stop))}.mp4"
            path = self.cache.find(name)
            # Somebody may have tidied up by hand.
            if path is None or not await asyncio.to_thread(path.exists):
                path = await self._clips.run(
                    name, partial(self._make_clip, name, recording, span)
                )
            return path

    async def async_still(self, window: Window) -> bytes:
        """Return a small JPEG of the beginning of a window. Raises HomeAssistantError."""
        name = f"still-{_digest(window)}.jpg"
        with self.translated_errors():
            if data := await self.cache.read(name):
                return data
            if self._is_watched:
                raise BusyError
            return await self._stills.run(name, partial(self._make_still, name, window))

    async def async_image(self, window: Window) -> bytes:
        """Return a JPEG of the beginning of a window. Raises HomeAssistantError."""
        with self.translated_errors():
            recording, span = await self._find(window)
            picture, _ = await self.async_picture(
                recording, span.start, width=IMAGE_WIDTH
            )
        return picture

    async def async_picture(
        self, recording: Recording, moment: datetime, *, width: int | None = None
    ) -> tuple[bytes, datetime]:
        """Return a JPEG of a moment, and the time of its frame. Raises VapixError, PlaybackError."""
        result: tuple[bytes, datetime] | None = None
        while result is None:
            turn = self.gate.new_turn(Urgency.JOB)
            async with self.gate.hold(turn):
                result = await self._picture(
                    recording, moment, turn, is_exact=True, width=width
                )
        return result

    async def async_write_clip(
        self, recording: Recording, span: Span, path: Path, progress: Progress | None
    ) -> tuple[Clip, Footage]:
        """Write an MP4 anywhere. Raises VapixError, PlaybackError, OSError."""
        _require_playable(recording)
        footage = self.footage_of(recording)
        clip = await write_clip(
            footage,
            path,
            start=footage.seconds(span.start),
            stop=footage.seconds(span.stop),
            urgency=Urgency.JOB,
            progress=progress,
        )
        return clip, footage

    @asynccontextmanager
    async def async_original(
        self, key: RecordingKey, span: Span
    ) -> AsyncGenerator[tuple[Export, ExportProperties]]:
        """Let the camera send its own file, and tell what it will hold. Raises VapixError."""
        async with self.gate.hold(self.gate.new_turn(Urgency.JOB)):
            export_format = await self._client.choose_export_format()
            properties = await self._client.fetch_export_properties(
                key, span.start, span.stop
            )
            async with open_when_free(
                self._client, key, properties.start, span.stop, export_format
            ) as export:
                yield export, properties

    async def async_original_format(self) -> str:
        """Return the format of the camera's own files. Raises HomeAssistantError."""
        with self.translated_errors():
            return await self._client.choose_export_format()

    # What they have in common

    @property
    def _is_watched(self) -> bool:
        """Return whether somebody watches at the moment."""
        return bool(self._starting or self.watched_sessions)

    @property
    def watched_sessions(self) -> int:
        """Return how many films are watched at the moment."""
        return sum(session.is_watched for session in self.sessions.values())

    @property
    def camera_now(self) -> datetime:
        """Return the camera's clock."""
        return dt_util.utcnow() + (self._coordinator.data.clock_offset or timedelta(0))

    @property
    def diagnostics(self) -> dict[str, Any]:
        """Return numbers that help to find a fault."""
        return {
            "sessions": len(self.sessions),
            "recordings": len(self._footage),
            "cached_files": len(self.cache),
            "cached_bytes": self.cache.size,
            "cache_limit": self.cache.limit,
            "dropped_audio": sorted(
                {each.dropped_audio for each in self._footage.values()} - {None}
            ),
        }

    def footage_of(self, recording: Recording) -> Footage:
        """Return a recording's footage, the same for everybody who looks at it."""
        if self._closed:
            raise ClosedError
        key = recording.key
        footage = self._footage.get(key)
        if footage is None:
            if recording.start is None:
                raise NoFootageError
            video = next(iter(recording.video), None)
            footage = self._footage[key] = Footage(
                self._client,
                self.gate,
                self.cache,
                self._create_task,
                key=key,
                name=_digest(Window(key=key)),
                zero=recording.start,
                frame_rate=video.frame_rate if video else None,
            )
        footage.stop = recording.stop
        return footage

    async def async_find(self, window: Window) -> tuple[Recording, Span]:
        """Return a recording and what there is of a window. Raises HomeAssistantError."""
        with self.translated_errors():
            return await self._find(window)

    def require_short(self, span: Span) -> None:
        """Raise HomeAssistantError if a span is too long for the cache."""
        if span.duration > LONGEST:
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="window_too_long",
                translation_placeholders={
                    "minutes": str(int(LONGEST / timedelta(minutes=1)))
                },
            )

    @contextmanager
    def translated_errors(self) -> Generator[None]:
        """Say in the user's words what went wrong."""
        with translated(self._coordinator.name):
            yield

    async def _find(self, window: Window) -> tuple[Recording, Span]:
        found = await self._client.fetch_recording(window.key.recording_id)
        for recording in found:
            if recording.key == window.key:
                try:
                    return recording, window.within(recording, self.camera_now)
                except WindowError as err:
                    raise NoFootageError from err
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="recording_gone",
            translation_placeholders={"camera": self._coordinator.name},
        )

    async def _make_clip(self, name: str, recording: Recording, span: Span) -> Path:
        properties = await self._client.fetch_export_properties(
            recording.key, span.start, span.stop
        )
        async with self.cache.create(name, size=properties.size or 0) as path:
            await self.async_write_clip(recording, span, path, None)
        if (kept := self.cache.find(name)) is None:
            raise NoRoomError
        return kept

    async def _make_still(self, name: str, window: Window) -> bytes:
        data: bytes | None = None
        while data is None:
            turn = self.gate.new_turn(Urgency.PREVIEW)
            # A list asks for a hundred of them at once, so nothing of it may come before the turn.
            async with self.gate.hold(turn):
                recording, span = await self._find(window)
                result = await self._picture(
                    recording, span.start, turn, is_exact=False, width=PREVIEW_WIDTH
                )
                data = result and result[0]
        await self.cache.write(name, data)
        return data

    async def _picture(
        self,
        recording: Recording,
        moment: datetime,
        turn: Turn,
        *,
        is_exact: bool,
        width: int | None,
    ) -> tuple[bytes, datetime] | None:
        """Return a picture and its time, or None if somebody more urgent came."""
        if self._closed:
            raise ClosedError
        properties = await self._client.fetch_export_properties(
            recording.key, moment, moment + STILL_LENGTH
        )
        into = (moment - properties.start).total_seconds()
        result = await read_export(
            self._client,
            recording.key,
            properties,
            partial(
                decode_still,
                begins=0.0,
                moment=into if is_exact else None,
                width=width,
            ),
            lambda: not turn.is_outranked,
            stop=moment + STILL_LENGTH,
        )
        return result and (
            result[0],
            properties.start + timedelta(seconds=result[1]),
        )

    def _create_task(
        self, work: Coroutine[None, None, None], name: str
    ) -> asyncio.Task[None]:
        return self._coordinator.config_entry.async_create_background_task(
            self._hass, survive(self._producing, work), f"{DOMAIN} {name}"
        )


def _require_playable(recording: Recording) -> None:
    """Raise UnplayableError where the camera's list says already that a player can't show it."""
    for track in recording.video[:1]:
        for word, name in _NOT_PLAYABLE.items():
            if word in (track.mime_type or "").lower():
                raise UnplayableError(name)


def _digest(window: Window) -> str:
    """Return a file name."""
    return sha256(window.path.encode()).hexdigest()[:32]
