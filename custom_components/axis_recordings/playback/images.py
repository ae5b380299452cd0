"""Thumbnails for lists, and snapshots of a moment."""

import asyncio
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from ..users.limits import Kind
from .cache import digest
from .errors import (
    ExportBusyError,
    InvalidVideoError,
    NoKeyFrameError,
    NoRoomError,
    NothingRecordedError,
)
from .export_queue import Priority
from .export_stream import IMAGE_SECONDS, read_export
from .image_decoder import THUMBNAIL_WIDTH, decode_frame
from .single_flight import SingleFlight
from .timeline import LATE_SECONDS

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from datetime import datetime

    from ..recordings.part import RecordingPart
    from ..users.requester import Requester
    from ..vapix import Recording
    from .access import Access
    from .cache import MediaCache
    from .errors import PlaybackError
    from .export_queue import ExportQueue, Ticket

# Enough for somebody, or an AI, to recognize what is seen.
SNAPSHOT_WIDTH: Final = 1280
# Enough to hold the wanted frame, with the key frame before it.
EXPORT_LENGTH: Final = timedelta(seconds=2)
# Where that holds none, as the video begins a little after the listed beginning.
LATE_EXPORT_LENGTH: Final = timedelta(seconds=LATE_SECONDS)


class Images:
    """JPEGs of one camera's recordings. Thumbnails are kept, and wait while somebody watches."""

    def __init__(
        self,
        access: Access,
        queue: ExportQueue,
        cache: MediaCache,
        is_watched: Callable[[], bool],
        is_playing: Callable[[Requester], bool],
    ) -> None:
        """Prepare; nothing is asked of the camera.

        ``is_watched`` returns whether somebody watches the camera, and ``is_playing`` whether a browser plays from
        any camera. A log-in stands for the browser.
        """
        self._access = access
        self._client = access.client
        self._queue = queue
        self._cache = cache
        self._is_watched = is_watched
        self._is_playing = is_playing
        self._waiting: dict[asyncio.Timeout, Requester] = {}
        """Who waits for a thumbnail."""
        self._thumbnails: SingleFlight[bytes] = SingleFlight()

    async def async_thumbnail(self, part: RecordingPart) -> bytes:
        """Return a small JPEG of the beginning of a part. Raises HomeAssistantError."""
        name = f"thumbnail-{digest(part)}.jpg"
        requester = self._access.current_requester
        with self._access.translated_errors():
            if data := await self._cache.read(name):
                return data
            if self._is_watched():
                raise ExportBusyError
            async with (
                self._until_played(requester),
                self._access.place(requester, Kind.THUMBNAIL),
            ):
                # It may have been waited for.
                if data := await self._cache.read(name):
                    return data
                if self._is_watched():
                    raise ExportBusyError
                return await self._thumbnails.run(
                    name, partial(self._make_thumbnail, name, part)
                )

    async def async_snapshot(self, part: RecordingPart) -> bytes:
        """Return a JPEG of the beginning of a part. Raises HomeAssistantError."""
        with self._access.translated_errors():
            async with self._access.place_of_current(Kind.SNAPSHOT):
                recording, span = await self._access.find(part)
                image, _ = await self.async_snapshot_at(
                    recording, span.start, width=SNAPSHOT_WIDTH
                )
        return image

    async def async_snapshot_at(
        self, recording: Recording, moment: datetime, *, width: int | None = None
    ) -> tuple[bytes, datetime]:
        """Return a JPEG of a moment, and the time of its frame. Raises VapixError, PlaybackError."""
        result: tuple[bytes, datetime] | None = None
        while result is None:
            ticket = self._queue.new_ticket(Priority.JOB)
            async with self._access.until_closed(), self._queue.hold(ticket):
                result = await self._decode(
                    recording, moment, ticket, is_exact=True, width=width
                )
        return result

    async def give_up_thumbnails(self, error: PlaybackError | None = None) -> None:
        """End all that are being made, with ClosedError or another error for those who wait."""
        await self._thumbnails.give_up(error)

    def give_up_thumbnails_for(self, requester: Requester) -> None:
        """End those for which a browser waits that begins to play."""
        for scope, waiting in list(self._waiting.items()):
            if requester.refresh_token_id and waiting == requester:
                # One that is about to end can't be ended once more.
                del self._waiting[scope]
                scope.reschedule(asyncio.get_running_loop().time())

    @asynccontextmanager
    async def _until_played(self, requester: Requester) -> AsyncGenerator[None]:
        """End a thumbnail when its browser plays from any camera, with ExportBusyError."""
        if requester.refresh_token_id and self._is_playing(requester):
            raise ExportBusyError
        try:
            async with asyncio.timeout(None) as scope:
                self._waiting[scope] = requester
                try:
                    yield
                finally:
                    self._waiting.pop(scope, None)
        except TimeoutError as err:
            if not scope.expired():
                raise
            raise ExportBusyError from err

    async def _make_thumbnail(self, name: str, part: RecordingPart) -> bytes:
        data: bytes | None = None
        while data is None:
            ticket = self._queue.new_ticket(Priority.THUMBNAIL)
            # A list asks for a hundred of them at once, so nothing of it may come before it is called.
            async with self._queue.hold(ticket):
                recording, span = await self._access.find(part)
                result = await self._decode(
                    recording, span.start, ticket, is_exact=False, width=THUMBNAIL_WIDTH
                )
                data = result and result[0]
        with suppress(NoRoomError):
            await self._cache.write(name, data)
        return data

    async def _decode(
        self,
        recording: Recording,
        moment: datetime,
        ticket: Ticket,
        *,
        is_exact: bool,
        width: int | None,
    ) -> tuple[bytes, datetime] | None:
        """Return a JPEG and the time of its frame, or None if somebody of a higher priority came."""
        self._access.require_open()
        for length in (EXPORT_LENGTH, LATE_EXPORT_LENGTH):
            end = moment + length
            properties = await self._client.fetch_export_properties(
                recording.key, moment, end
            )
            if properties.start < properties.end:
                break
        into = (moment - properties.start).total_seconds()
        try:
            result = await read_export(
                self._client,
                recording.key,
                properties,
                partial(
                    decode_frame,
                    begins=0.0,
                    moment=into if is_exact else None,
                    width=width,
                ),
                lambda: not ticket.is_preempted,
                folder=self._cache.folder,
                end=end,
                longest=IMAGE_SECONDS,
                timing=self._access.timing,
            )
        except (InvalidVideoError, NoKeyFrameError) as err:
            if properties.start < properties.end:
                raise
            raise NothingRecordedError from err
        return result and (
            result[0],
            properties.start + timedelta(seconds=result[1]),
        )
