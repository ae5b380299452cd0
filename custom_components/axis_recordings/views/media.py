"""What players, browsers and TVs fetch."""

import asyncio
from contextlib import AsyncExitStack, contextmanager
from functools import partial
import re
from typing import TYPE_CHECKING, Final, override

from aiohttp import hdrs, web
from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.components.http import KEY_HASS_USER, HomeAssistantView
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError, Unauthorized

from ..const import DOMAIN, LOGGER
from ..playback.errors import ClosedError, NothingRecordedError, PlaybackError
from ..playback.playlist import INIT_NAME, MIME_TYPE
from ..recordings.part import RecordingPart, RecordingPartError
from ..users.limits import Kind
from ..users.permissions import (
    async_current_requester,
    async_may_see,
    user_may,
    while_allowed,
)
from ..vapix import MATROSKA, MP4, RefusedError, VapixError
from .urls import (
    CLIP_URL,
    INDEXED_SEGMENT_URL,
    ORIGINAL_URL,
    PLAYLIST_URL,
    SEGMENT_URL,
    THUMBNAIL_URL,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from aiohttp.abc import AbstractStreamWriter
    from homeassistant.auth.models import User
    from homeassistant.core import HomeAssistant

    from ..playback.session import Session
    from ..recordings.extent import TimeRange
    from ..runtime import AxisRecordingsConfigEntry, AxisRecordingsData

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
# A part begins with the same picture always, and may end with another one while the recording goes on.
_KEPT: Final = {hdrs.CACHE_CONTROL: "private, max-age=3600"}
_ASKED_AGAIN: Final = {hdrs.CACHE_CONTROL: "private, no-cache"}
_NEVER_KEPT: Final = {hdrs.CACHE_CONTROL: "no-store"}


@callback
def async_setup_views(hass: HomeAssistant) -> None:
    """Register the views, once for all cameras."""
    for view in (PlaylistView, SegmentView, ClipView, ThumbnailView, OriginalView):
        hass.http.register_view(view(hass))


class RecordingView(HomeAssistantView):
    """What the views have in common."""

    requires_auth = True

    def __init__(self, hass: HomeAssistant) -> None:
        """Serve what Home Assistant knows."""
        self._hass = hass

    def _camera(self, user: User, entry_id: str) -> AxisRecordingsData:
        """Return a loaded camera that the user may see; 404 does not say which of it is wrong."""
        entry: AxisRecordingsConfigEntry | None = (
            self._hass.config_entries.async_get_entry(entry_id)
        )
        if (
            entry is None
            or entry.domain != DOMAIN
            or entry.state is not ConfigEntryState.LOADED
            or not user_may(self._hass, user, entry, POLICY_READ)
        ):
            raise web.HTTPNotFound
        return entry.runtime_data

    def _allowed(
        self, camera: AxisRecordingsData
    ) -> Callable[..., AbstractAsyncContextManager[None]]:
        """Return what ends with the right of whoever asks now to see the camera."""
        requester = async_current_requester(self._hass)
        return partial(while_allowed, self._hass, requester, camera.entry, POLICY_READ)

    async def _find_session(self, token: str) -> tuple[AxisRecordingsData, Session]:
        """Return a camera and a session of somebody who may still see the camera, with a log-in that still holds."""
        entries: list[AxisRecordingsConfigEntry] = (
            self._hass.config_entries.async_loaded_entries(DOMAIN)
        )
        for camera in [entry.runtime_data for entry in entries]:
            sessions = camera.player.sessions
            session = sessions.get(token)
            if session is None:
                continue
            if session.is_idle or not await async_may_see(
                self._hass, session.requester, camera.entry
            ):
                sessions.pop(token, None)
                break
            return camera, session
        raise web.HTTPNotFound


class _AllowedFile(web.FileResponse):
    """A file that is sent only as long as whoever has asked for it may see the camera."""

    def __init__(
        self, path: Path, allowed: Callable[[], AbstractAsyncContextManager[None]]
    ) -> None:
        """Send an MP4."""
        super().__init__(path, headers={hdrs.CONTENT_TYPE: "video/mp4", **_ASKED_AGAIN})
        self._allowed = allowed

    @override
    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        try:
            async with self._allowed():
                return await super().prepare(request)
        except Unauthorized:
            _break_off(request)
            return None


class PlaylistView(RecordingView):
    """The playlist of a session, for whom it was made."""

    url = PLAYLIST_URL
    name = f"api:{DOMAIN}:playlist"
    cors_allowed = True

    async def get(self, request: web.Request, token: str) -> web.Response:
        """Return the playlist."""
        _, session = await self._find_session(token)
        if session.requester.user_id not in (None, request[KEY_HASS_USER].id):
            raise web.HTTPNotFound
        # Of hours, it has tens of thousands of lines.
        text = await self._hass.async_add_executor_job(session.write_playlist)
        return web.Response(text=text, content_type=MIME_TYPE, headers=_NEVER_KEPT)

    head = get


class SegmentView(RecordingView):
    """The segments of a session.

    Players fetch them without a log-in, and the signature of the playlist covers no other address: so
    they are for whoever has the session's token, which nobody can guess.
    """

    url = SEGMENT_URL
    extra_urls = [INDEXED_SEGMENT_URL]  # noqa: RUF012 - as Home Assistant has it
    name = f"api:{DOMAIN}:segment"
    requires_auth = False
    cors_allowed = True

    async def get(
        self, request: web.Request, token: str, name: str, index: str | None = None
    ) -> web.Response:
        """Return a segment, or an initialization section, once it is there.

        In the playlist of a camera, an index says of which recording.
        """
        camera, session = await self._find_session(token)
        match = _SEGMENT.fullmatch(name)
        if (
            (match is None and name != INIT_NAME)
            or session.is_indexed != (index is not None)
            or not (index is None or _INDEX.fullmatch(index))
        ):
            raise web.HTTPNotFound
        number = int(match[1]) if match else None
        try:
            body = await self._fetch(camera, session, number, int(index or 0))
        except (VapixError, PlaybackError) as err:
            LOGGER.debug("%s can't be played on: %s", name, err)
            raise _refusal(err) from err
        except Unauthorized as err:
            raise _not_found(err) from err
        # It may have been waited for.
        await self._find_session(token)
        # What comes depends on what the player has got before, so it is not for another time.
        return web.Response(body=body, content_type="video/mp4", headers=_NEVER_KEPT)

    head = get

    async def _fetch(
        self,
        camera: AxisRecordingsData,
        session: Session,
        number: int | None,
        index: int,
    ) -> bytes:
        """Wait for a segment, or without a number for an initialization section, while whoever plays may watch."""
        requester = session.requester
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(
                while_allowed(self._hass, requester, camera.entry, POLICY_READ)
            )
            if not session.is_at_hand(number, index):
                await stack.enter_async_context(
                    camera.player.place(requester, Kind.SEGMENT)
                )
            if number is None:
                return await session.init(index)
            return await session.segment(number, index)


class ClipView(RecordingView):
    """A part of a recording as one MP4, with ranges."""

    url = CLIP_URL
    name = f"api:{DOMAIN}:clip"
    cors_allowed = True

    async def get(
        self, request: web.Request, entry_id: str, part: str
    ) -> web.StreamResponse:
        """Return the file, which is made first if it is not cached."""
        camera = self._camera(request[KEY_HASS_USER], entry_id)
        allowed = self._allowed(camera)
        try:
            async with allowed():
                with _in_words():
                    path = await camera.player.async_clip(
                        _part(part), resumes=_resumes(request)
                    )
        except Unauthorized as err:
            raise _not_found(err) from err
        return _AllowedFile(path, allowed)

    head = get


class ThumbnailView(RecordingView):
    """The thumbnail of a part: a small image of its beginning."""

    url = THUMBNAIL_URL
    name = f"api:{DOMAIN}:still"

    async def get(self, request: web.Request, entry_id: str, part: str) -> web.Response:
        """Return the picture."""
        camera = self._camera(request[KEY_HASS_USER], entry_id)
        try:
            async with self._allowed(camera)():
                with _in_words():
                    body = await camera.player.images.async_thumbnail(_part(part))
        except Unauthorized as err:
            raise _not_found(err) from err
        return web.Response(body=body, content_type="image/jpeg", headers=_KEPT)

    head = get


class OriginalView(RecordingView):
    """The camera's own file of a part, untouched."""

    url = ORIGINAL_URL
    name = f"api:{DOMAIN}:original"

    async def get(
        self, request: web.Request, entry_id: str, part: str
    ) -> web.StreamResponse:
        """Pass the file on as it comes."""
        camera = self._camera(request[KEY_HASS_USER], entry_id)
        requester = async_current_requester(self._hass)
        with _in_words(), camera.player.one_download(requester):
            return await self._send(request, camera, _part(part))

    async def _send(
        self,
        request: web.Request,
        camera: AxisRecordingsData,
        part: RecordingPart,
    ) -> web.StreamResponse:
        player = camera.player
        recording, span = await player.async_find(part)
        player.require_short(span)
        response: web.StreamResponse | None = None
        try:
            # Nothing else shows that a reader has left who still waits.
            async with self._allowed(camera)(
                is_there=lambda: request.transport is not None
            ):
                with _in_words(), player.translated_errors():
                    async with (
                        player.place_of_current(Kind.ORIGINAL),
                        player.async_original(recording.key, span) as (export, _),
                    ):
                        response = _file(span, export.format)
                        await response.prepare(request)
                        async for chunk in export.chunks():
                            # Others wait for the camera, while this one may have been paused forever.
                            async with asyncio.timeout(WRITE_SECONDS):
                                await response.write(chunk)
            await response.write_eof()
        except (web.HTTPException, Unauthorized) as err:
            if response is None:
                raise _not_found(err) from err
            # Too late for a status; a file that ends like this must not seem complete.
            _break_off(request)
        except ConnectionResetError:
            # Whoever wanted it has left.
            if response is None:
                raise
        return response

    async def head(
        self, request: web.Request, entry_id: str, part: str
    ) -> web.StreamResponse:
        """Return the headers, without making the camera export."""
        player = self._camera(request[KEY_HASS_USER], entry_id).player
        with _in_words():
            _, span = await player.async_find(_part(part))
            player.require_short(span)
            return _file(span, await player.async_original_format())


def _break_off(request: web.BaseRequest) -> None:
    if request.transport is not None:
        request.transport.abort()


def _not_found(err: Exception) -> Exception:
    """Return what to answer whose right has ended: a refused log-in would count against the address."""
    return web.HTTPNotFound() if isinstance(err, Unauthorized) else err


def _file(span: TimeRange, export_format: str) -> web.StreamResponse:
    """Return the headers of a camera's file; of the camera's own ones none is passed on."""
    ending, content_type = _FILES[export_format]
    name = f"{span.start:%Y%m%d_%H%M%S}_{span.end:%Y%m%d_%H%M%S}.{ending}"
    return web.StreamResponse(
        headers={
            hdrs.CONTENT_TYPE: content_type,
            hdrs.CONTENT_DISPOSITION: f'attachment; filename="{name}"',
            **_NEVER_KEPT,
        }
    )


def _resumes(request: web.Request) -> bool:
    """Return whether a range is asked for that does not begin with the file."""
    try:
        return bool(request.http_range.start)
    except ValueError:
        # The response refuses it.
        return False


def _part(text: str) -> RecordingPart:
    try:
        return RecordingPart.parse(text)
    except RecordingPartError as err:
        raise web.HTTPNotFound from err


@contextmanager
def _in_words() -> Generator[None]:
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
