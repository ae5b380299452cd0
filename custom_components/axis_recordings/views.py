"""What players, browsers and televisions fetch."""

import asyncio
from contextlib import contextmanager
from functools import partial
import re
from typing import TYPE_CHECKING, Final, override

from aiohttp import hdrs, web
from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.components.http import KEY_HASS_USER, HomeAssistantView
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError, Unauthorized

from .addresses import ROOT, clip_path, original_path, still_path
from .const import DOMAIN, LOGGER
from .playback.errors import ClosedError, NoFootageError, PlaybackError
from .playback.playlist import INIT_NAME, MIME_TYPE
from .playback.window import Window, WindowError
from .vapix import MATROSKA, MP4, RefusedError, VapixError
from .viewer import async_may_see, user_may, while_allowed

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from aiohttp.abc import AbstractStreamWriter
    from homeassistant.auth.models import User
    from homeassistant.core import HomeAssistant

    from .coordinator import AxisRecordingsConfigEntry
    from .playback.session import Session
    from .playback.window import Span

__all__ = ["async_setup_views", "clip_path", "original_path", "still_path"]

_FILES: Final = {
    MATROSKA: ("mkv", "video/x-matroska"),
    MP4: ("mp4", "video/mp4"),
}
_STATUSES: Final[dict[str, type[web.HTTPException]]] = {
    "export_busy": web.HTTPServiceUnavailable,
    "no_footage": web.HTTPNotFound,
    "no_room": web.HTTPInsufficientStorage,
    "playback_closed": web.HTTPServiceUnavailable,
    "recording_gone": web.HTTPNotFound,
    "unplayable": web.HTTPUnsupportedMediaType,
    "window_too_long": web.HTTPBadRequest,
}
# How long a client may take nothing of a file that the camera is sending.
WRITE_SECONDS: Final = 20.0
_SEGMENT: Final = re.compile(r"(\d{1,9})\.m4s", re.ASCII)
# The same window always shows the same.
_PRIVATE: Final = {hdrs.CACHE_CONTROL: "private, max-age=3600"}
_NEVER_KEPT: Final = {hdrs.CACHE_CONTROL: "no-store"}


@callback
def async_setup_views(hass: HomeAssistant) -> None:
    """Register the views, once for all cameras."""
    for view in (PlaylistView, SegmentView, ClipView, StillView, OriginalView):
        hass.http.register_view(view(hass))


class RecordingView(HomeAssistantView):
    """What the views have in common."""

    requires_auth = True

    def __init__(self, hass: HomeAssistant) -> None:
        """Serve what Home Assistant knows."""
        self._hass = hass

    def _entry(self, user: User, entry_id: str) -> AxisRecordingsConfigEntry:
        """Return a loaded camera that the user may see; 404 tells nobody which of it is wrong."""
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
        return entry

    async def _find_session(self, token: str) -> Session:
        """Return a session of somebody who may still see the camera, with a log-in that still holds."""
        entries: list[AxisRecordingsConfigEntry] = (
            self._hass.config_entries.async_loaded_entries(DOMAIN)
        )
        for entry in entries:
            sessions = entry.runtime_data.playback.sessions
            session = sessions.get(token)
            if session is None:
                continue
            if session.is_idle or not await async_may_see(
                self._hass, session.viewer, entry
            ):
                sessions.pop(token, None)
                break
            return session
        raise web.HTTPNotFound


class _AllowedFile(web.FileResponse):
    """A file that is sent only as long as whoever has asked for it may see the camera."""

    def __init__(
        self, path: Path, allowed: Callable[[], AbstractAsyncContextManager[None]]
    ) -> None:
        """Send an MP4."""
        super().__init__(path, headers={hdrs.CONTENT_TYPE: "video/mp4", **_PRIVATE})
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

    url = f"{ROOT}/play/{{token}}/index.m3u8"
    name = f"api:{DOMAIN}:playlist"
    cors_allowed = True

    async def get(self, request: web.Request, token: str) -> web.Response:
        """Return the playlist."""
        session = await self._find_session(token)
        if session.viewer.user_id not in (None, request[KEY_HASS_USER].id):
            raise web.HTTPNotFound
        return web.Response(
            text=session.playlist, content_type=MIME_TYPE, headers=_NEVER_KEPT
        )

    head = get


class SegmentView(RecordingView):
    """The segments of a session.

    Players fetch them without a log-in, and the signature of the playlist covers no other address: so
    they are for whoever has the session's token, which nobody can guess.
    """

    url = f"{ROOT}/play/{{token}}/{{name}}"
    name = f"api:{DOMAIN}:segment"
    requires_auth = False
    cors_allowed = True

    async def get(self, request: web.Request, token: str, name: str) -> web.Response:
        """Return a segment once it is there."""
        session = await self._find_session(token)
        match = _SEGMENT.fullmatch(name)
        if match is None and name != INIT_NAME:
            raise web.HTTPNotFound
        try:
            if match is None:
                body = session.footage.init or b""
            else:
                body = await session.segment(int(match[1]))
        except (VapixError, PlaybackError) as err:
            LOGGER.debug("%s can't be played on: %s", name, err)
            raise _refusal(err) from err
        # It may have been waited for.
        await self._find_session(token)
        # What comes depends on what the player has got before, so it is not for another time.
        return web.Response(body=body, content_type="video/mp4", headers=_NEVER_KEPT)

    head = get


class ClipView(RecordingView):
    """A window as one MP4, with ranges."""

    url = f"{ROOT}/clip/{{entry_id}}/{{window:.+}}.mp4"
    name = f"api:{DOMAIN}:clip"
    cors_allowed = True

    async def get(
        self, request: web.Request, entry_id: str, window: str
    ) -> web.StreamResponse:
        """Return the file, which is made first if it is not cached."""
        user = request[KEY_HASS_USER]
        entry = self._entry(user, entry_id)
        allowed = partial(while_allowed, self._hass, user.id, entry, POLICY_READ)
        try:
            async with allowed():
                with _in_words():
                    path = await entry.runtime_data.playback.async_clip(_window(window))
        except Unauthorized as err:
            raise _not_found(err) from err
        return _AllowedFile(path, allowed)

    head = get


class StillView(RecordingView):
    """A small picture of the beginning of a window."""

    url = f"{ROOT}/still/{{entry_id}}/{{window:.+}}.jpg"
    name = f"api:{DOMAIN}:still"

    async def get(
        self, request: web.Request, entry_id: str, window: str
    ) -> web.Response:
        """Return the picture."""
        entry = self._entry(request[KEY_HASS_USER], entry_id)
        with _in_words():
            body = await entry.runtime_data.playback.async_still(_window(window))
        return web.Response(body=body, content_type="image/jpeg", headers=_PRIVATE)

    head = get


class OriginalView(RecordingView):
    """The camera's own file of a window, untouched."""

    url = f"{ROOT}/original/{{entry_id}}/{{window:.+}}"
    name = f"api:{DOMAIN}:original"

    async def get(
        self, request: web.Request, entry_id: str, window: str
    ) -> web.StreamResponse:
        """Pass the file on as it comes."""
        user = request[KEY_HASS_USER]
        entry = self._entry(user, entry_id)
        playback = entry.runtime_data.playback
        with _in_words():
            recording, span = await playback.async_find(_window(window))
            playback.require_short(span)
        response: web.StreamResponse | None = None
        try:
            async with while_allowed(self._hass, user.id, entry, POLICY_READ):
                with _in_words(), playback.translated_errors():
                    async with playback.async_original(recording.key, span) as (
                        export,
                        _,
                    ):
                        response = _file(span, export.format)
                        await response.prepare(request)
                        async for chunk in export.chunks():
                            # Others wait for the camera, while this one may have been paused for ever.
                            async with asyncio.timeout(WRITE_SECONDS):
                                await response.write(chunk)
            await response.write_eof()
        except (web.HTTPException, Unauthorized) as err:
            if response is None:
                raise _not_found(err) from err
            # Too late for a status; a file that ends like this must not look complete.
            _break_off(request)
        except ConnectionResetError:
            # Whoever wanted it has left.
            if response is None:
                raise
        return response

    async def head(
        self, request: web.Request, entry_id: str, window: str
    ) -> web.StreamResponse:
        """Return the headers, without making the camera export."""
        playback = self._entry(request[KEY_HASS_USER], entry_id).runtime_data.playback
        with _in_words():
            _, span = await playback.async_find(_window(window))
            playback.require_short(span)
            return _file(span, await playback.async_original_format())


def _break_off(request: web.BaseRequest) -> None:
    if request.transport is not None:
        request.transport.abort()


def _not_found(err: Exception) -> Exception:
    """Return what to answer whose right has ended: a refused log-in would count against the address."""
    return web.HTTPNotFound() if isinstance(err, Unauthorized) else err


def _file(span: Span, export_format: str) -> web.StreamResponse:
    """Return the headers of a camera's file; of the camera's own ones none is passed on."""
    ending, content_type = _FILES[export_format]
    name = f"{span.start:%Y%m%d_%H%M%S}_{span.stop:%Y%m%d_%H%M%S}.{ending}"
    return web.StreamResponse(
        headers={
            hdrs.CONTENT_TYPE: content_type,
            hdrs.CONTENT_DISPOSITION: f'attachment; filename="{name}"',
            **_NEVER_KEPT,
        }
    )


def _window(text: str) -> Window:
    try:
        return Window.parse(text)
    except WindowError as err:
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
    if isinstance(err, NoFootageError | ClosedError | RefusedError):
        return web.HTTPNotFound()
    return web.HTTPBadGateway()
