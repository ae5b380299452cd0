"""Play the recordings of one camera, and hand them out as files."""

import asyncio
from collections import Counter
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
import time
from typing import TYPE_CHECKING, Any, Final

from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_track_time_interval

from ..const import (
    CONF_CACHE_HOURS,
    CONF_CACHE_SIZE,
    DEFAULT_CACHE_HOURS,
    DEFAULT_CACHE_SIZE,
    DOMAIN,
    MEGABYTE,
)
from ..exceptions import translated_error
from ..helpers.supervision import Worker, survive
from ..recordings.part import RecordingPart
from ..users.limits import Kind
from .cache import MediaCache, digest
from .clips import Clip, Progress, RequireRoom, leave_to_the_disk, write_clip
from .codecs import require_listed_as_playable
from .errors import NoRoomError
from .export_queue import Priority
from .export_stream import LEAD_SECONDS, BoundedExport, open_when_free
from .served_spans import ServedSpans
from .single_flight import SingleFlight
from .viewing import Viewing

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator
    from datetime import datetime

    from homeassistant.config_entries import ConfigEntry
    from homeassistant.core import Event, HomeAssistant

    from ..recordings.extent import TimeRange
    from ..recordings.finder import RecordingFinder
    from ..users.requester import Requester
    from ..vapix import ExportProperties, Recording, RecordingKey, VapixClient
    from .segment_source import SegmentSource

SWEEP_INTERVAL: Final = timedelta(hours=1)
# Each holds the camera's only export until it is over; this is of one user on one camera. All visitors of a share
# are one user, and a browser has six connections.
MAX_DOWNLOADS: Final = 12


def cache_folder(hass: HomeAssistant, entry_id: str) -> Path:
    """Return where the cache of a camera is; it is no part of backups."""
    return Path(hass.config.cache_path(DOMAIN, entry_id))


class Player(Viewing):
    """Everything between a camera's videos and whoever watches them."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        client: VapixClient,
        *,
        finder: RecordingFinder,
        camera_name: Callable[[], str],
        camera_now: Callable[[], datetime],
    ) -> None:
        """Prepare; nothing is asked of the camera or written to the disk.

        ``camera_now`` returns the camera's clock.
        """
        cache = MediaCache(
            cache_folder(hass, entry.entry_id),
            limit=round(
                entry.options.get(CONF_CACHE_SIZE, DEFAULT_CACHE_SIZE) * MEGABYTE
            ),
            max_age=entry.options.get(CONF_CACHE_HOURS, DEFAULT_CACHE_HOURS) * 3600,
        )
        super().__init__(
            hass,
            entry,
            client,
            finder=finder,
            cache=cache,
            camera_name=camera_name,
            camera_now=camera_now,
        )
        self._clips: SingleFlight[Path] = SingleFlight()
        self._served = ServedSpans()
        self._downloads: Counter[str | None] = Counter()
        """Originals that each user gets or waits for."""
        self._sweeper = Worker(hass, entry, "cache", self.async_sweep)

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
        used = {
            part.source for session in self.sessions.values() for part in session.parts
        }
        before = time.monotonic() - SWEEP_INTERVAL.total_seconds()
        self._served.sweep(before)
        for key, source in list(self._sources.items()):
            is_idle = source not in used and source.last_used < before
            # Without its source, nobody knows what a segment in the cache holds.
            if is_idle and not source.forget_removed():
                del self._sources[key]
                await source.close()

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
        *,
        require_room: RequireRoom = leave_to_the_disk,
        needs_end: bool = False,
    ) -> tuple[Clip, SegmentSource]:
        """Write an MP4 anywhere, as ``write_clip`` does. Raises VapixError, PlaybackError, OSError."""
        require_listed_as_playable(recording)
        source = self.source_of(recording)
        clip = await write_clip(
            source,
            path,
            start=source.seconds(span.start),
            end=source.seconds(span.end),
            needs_end=needs_end,
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
                longest=span.duration.total_seconds() + LEAD_SECONDS,
                timing=self.timing,
            ) as export:
                yield export, properties

    async def async_original_format(self) -> str:
        """Return the format of the camera's own files. Raises HomeAssistantError."""
        with self.translated_errors():
            return await self.client.choose_export_format()

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

    async def _make_clip(
        self, name: str, recording: Recording, span: TimeRange
    ) -> Path:
        properties = await self.client.fetch_export_properties(
            recording.key, span.start, span.end
        )
        async with self.cache.create(name, size=properties.size or 0) as path:
            await self.async_write_clip(
                recording,
                span,
                path,
                None,
                require_room=self.cache.require_room,
                # It is kept, and later there will be more.
                needs_end=recording.is_ongoing,
            )
        if (kept := self.cache.find(name)) is None:
            raise NoRoomError
        return kept
