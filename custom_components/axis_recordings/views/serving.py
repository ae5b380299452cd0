"""Send videos, pictures and files to whoever may get them, and no longer."""

import asyncio
from contextlib import AsyncExitStack, contextmanager
import re
from typing import TYPE_CHECKING, Final, override

from aiohttp import hdrs, web
from homeassistant.exceptions import HomeAssistantError, Unauthorized

from ..const import LOGGER
from ..playback.errors import ClosedError, NothingRecordedError, PlaybackError
from ..playback.playlist import INIT_NAME
from ..shares.models import share_visited_by
from ..users.limits import Kind
from ..vapix import MATROSKA, MP4, RefusedError, VapixError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from aiohttp.abc import AbstractStreamWriter

    from ..playback.session import Session
    from ..recordings.extent import TimeRange
    from ..recordings.part import RecordingPart
    from ..runtime import AxisRecordingsData

    type Allowed = Callable[..., AbstractAsyncContextManager[None]]
    """What ends, with Unauthorized, with the right of whoever asks."""

_FILES: Final = {
    MATROSKA: ("mkv", "video/x-matroska"),
    MP4: ("mp4", "video/mp4"),
}
_STATUSES: Final[dict[str, type[web.HTTPException]]] = {
    "export_busy": web.HTTPServiceUnavailable,
    "no_video": web.HTTPNotFound,
    "no_room": web.HTTPInsufficientStorage,
    "playback_closed": web.HTTPServiceUnavailable,
    "recording_gone": web.HTTPNotFound,
    "too_many_downloads": web.HTTPTooManyRequests,
    "unplayable": web.HTTPUnsupportedMediaType,
    "part_too_long": web.HTTPBadRequest,
}
# How long a client may take nothing of a file that the camera is sending.
WRITE_SECONDS: Final = 20.0
_SEGMENT: Final = re.compile(r"(\d{1,9})\.m4s", re.ASCII)
_INDEX: Final = re.compile(r"\d{1,4}", re.ASCII)
# A part may end with another picture while the recording goes on.
_ASKED_AGAIN: Final[Mapping[str, str]] = {hdrs.CACHE_CONTROL: "private, no-cache"}
NEVER_KEPT: Final[Mapping[str, str]] = {hdrs.CACHE_CONTROL: "no-store"}


class AllowedFile(web.FileResponse):
    """A file that is sent only as long as whoever has asked for it may get it."""

    def __init__(
        self,
        path: Path,
        allowed: Allowed,
        headers: Mapping[str, str] = _ASKED_AGAIN,
        content_type: str = "video/mp4",
    ) -> None:
        """Send a file, an MP4 if nothing else is said."""
        super().__init__(path, headers={hdrs.CONTENT_TYPE: content_type, **headers})
        self._allowed = allowed

    @override
    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        try:
            async with self._allowed():
                return await super().prepare(request)
        except Unauthorized as err:
            _break_off(request)
            # Nothing was begun that could be ended, so whoever sends must not go on.
            message = "What is sent may not be seen any more"
            raise ConnectionResetError(message) from err


async def read_segment(
    camera: AxisRecordingsData,
    session: Session,
    name: str,
    allowed: Allowed,
    index: str | None = None,
) -> bytes:
    """Return a segment of a session, or an initialization section, once it is there.

    In the playlist of a camera, an index says of which recording. Nobody waits for longer than whoever plays is
    allowed to watch.
    """
    match = _SEGMENT.fullmatch(name)
    if (
        (match is None and name != INIT_NAME)
        or session.is_indexed != (index is not None)
        or not (index is None or _INDEX.fullmatch(index))
    ):
        raise web.HTTPNotFound
    number, part = int(match[1]) if match else None, int(index or 0)
    try:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(allowed())
            # Anybody may visit a share, so its visitors never get more at once than one user.
            if share_visited_by(session.requester) or not session.is_at_hand(
                number, part
            ):
                await stack.enter_async_context(
                    camera.player.place(session.requester, Kind.SEGMENT)
                )
            if number is None:
                return await session.init(part)
            return await session.segment(number, part)
    except (VapixError, PlaybackError) as err:
        LOGGER.debug("%s can't be played on: %s", name, err)
        raise _refusal(err) from err
    except Unauthorized as err:
        raise web.HTTPNotFound from err


async def send_original(
    request: web.Request,
    camera: AxisRecordingsData,
    part: RecordingPart,
    allowed: Allowed,
    headers: Mapping[str, str] = NEVER_KEPT,
) -> web.StreamResponse:
    """Pass the camera's own file on as it comes."""
    player = camera.player
    with in_words(), player.one_download(player.current_requester):
        response: web.StreamResponse | None = None
        try:
            # Nothing else shows that a reader has left who still waits.
            async with allowed(is_there=lambda: request.transport is not None):
                with in_words(), player.translated_errors():
                    recording, span = await player.async_find(part)
                    player.require_short(span)
                    async with (
                        player.place_of_current(Kind.ORIGINAL),
                        player.async_original(recording.key, span) as (export, _),
                    ):
                        response = _file(span, export.format, headers)
                        await response.prepare(request)
                        async for chunk in export.chunks():
                            # Others wait for the camera, while this one may have been paused forever.
                            async with asyncio.timeout(WRITE_SECONDS):
                                await response.write(chunk)
            await response.write_eof()
        except (web.HTTPException, Unauthorized) as err:
            if response is None:
                raise not_found(err) from err
            # Too late for a status; a file that ends like this must not seem complete.
            _break_off(request)
        except ConnectionResetError:
            # Whoever wanted it has left.
            if response is None:
                raise
        return response


async def describe_original(
    camera: AxisRecordingsData,
    part: RecordingPart,
    headers: Mapping[str, str] = NEVER_KEPT,
) -> web.StreamResponse:
    """Return the headers of the camera's own file, without making the camera export."""
    player = camera.player
    with in_words():
        _, span = await player.async_find(part)
        player.require_short(span)
        return _file(span, await player.async_original_format(), headers)


def _break_off(request: web.BaseRequest) -> None:
    if request.transport is not None:
        request.transport.abort()


def not_found(err: Exception) -> Exception:
    """Return what to answer whose right has ended: a refused log-in would count against the address."""
    return web.HTTPNotFound() if isinstance(err, Unauthorized) else err


def _file(
    span: TimeRange, export_format: str, headers: Mapping[str, str]
) -> web.StreamResponse:
    """Return the headers of a camera's file; of the camera's own ones none is passed on."""
    ending, content_type = _FILES[export_format]
    name = f"{span.start:%Y%m%d_%H%M%S}_{span.end:%Y%m%d_%H%M%S}.{ending}"
    return web.StreamResponse(
        headers={
            hdrs.CONTENT_TYPE: content_type,
            hdrs.CONTENT_DISPOSITION: f'attachment; filename="{name}"',
            **headers,
        }
    )


def resumes(request: web.Request) -> bool:
    """Return whether a range is asked for that does not begin with the file."""
    try:
        return bool(request.http_range.start)
    except ValueError:
        # The response refuses it.
        return False


@contextmanager
def in_words() -> Generator[None]:
    """Answer with what went wrong, in the user's words."""
    try:
        yield
    except HomeAssistantError as err:
        kind = _STATUSES.get(err.translation_key or "", web.HTTPBadGateway)
        raise kind(text=str(err)) from err


def _refusal(err: VapixError | PlaybackError) -> web.HTTPException:
    """Return how to refuse a segment. Players ask again after a status of 500 and above."""
    if isinstance(err, NothingRecordedError | ClosedError | RefusedError):
        return web.HTTPNotFound()
    return web.HTTPBadGateway()
