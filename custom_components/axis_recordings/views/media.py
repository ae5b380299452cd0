"""What players, browsers and TVs fetch."""

from functools import partial
from typing import TYPE_CHECKING, Final

from aiohttp import hdrs, web
from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.components.http import KEY_HASS_USER, HomeAssistantView
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import callback
from homeassistant.exceptions import Unauthorized

from ..const import DOMAIN
from ..playback.playlist import MIME_TYPE
from ..recordings.part import RecordingPart, RecordingPartError
from ..users.permissions import (
    async_current_requester,
    async_may_see,
    user_may,
    while_allowed,
)
from .serving import (
    NEVER_KEPT,
    AllowedFile,
    describe_original,
    in_words,
    not_found,
    read_segment,
    resumes,
    send_original,
)
from .urls import (
    CLIP_URL,
    INDEXED_SEGMENT_URL,
    ORIGINAL_URL,
    PLAYLIST_URL,
    SEGMENT_URL,
    THUMBNAIL_URL,
)

if TYPE_CHECKING:
    from homeassistant.auth.models import User
    from homeassistant.core import HomeAssistant

    from ..playback.session import Session
    from ..runtime import AxisRecordingsConfigEntry, AxisRecordingsData
    from .serving import Allowed

# A part begins with the same picture always.
_KEPT: Final = {hdrs.CACHE_CONTROL: "private, max-age=3600"}


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

    def _allowed(self, camera: AxisRecordingsData) -> Allowed:
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
        return web.Response(text=text, content_type=MIME_TYPE, headers=NEVER_KEPT)

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
        allowed = partial(
            while_allowed, self._hass, session.requester, camera.entry, POLICY_READ
        )
        body = await read_segment(camera, session, name, allowed, index)
        # It may have been waited for.
        await self._find_session(token)
        # What comes depends on what the player has got before, so it is not for another time.
        return web.Response(body=body, content_type="video/mp4", headers=NEVER_KEPT)

    head = get


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
                with in_words():
                    path = await camera.player.async_clip(
                        _part(part), resumes=resumes(request)
                    )
        except Unauthorized as err:
            raise not_found(err) from err
        return AllowedFile(path, allowed)

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
                with in_words():
                    body = await camera.player.images.async_thumbnail(_part(part))
        except Unauthorized as err:
            raise not_found(err) from err
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
        return await send_original(request, camera, _part(part), self._allowed(camera))

    async def head(
        self, request: web.Request, entry_id: str, part: str
    ) -> web.StreamResponse:
        """Return the headers, without making the camera export."""
        camera = self._camera(request[KEY_HASS_USER], entry_id)
        return await describe_original(camera, _part(part))


def _part(text: str) -> RecordingPart:
    try:
        return RecordingPart.parse(text)
    except RecordingPartError as err:
        raise web.HTTPNotFound from err
