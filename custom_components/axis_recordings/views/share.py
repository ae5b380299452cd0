"""What those see and fetch with whom something is shared. None of it needs a log-in."""

from collections import Counter
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Final

from aiohttp import hdrs, web
from homeassistant.components.http import HomeAssistantView
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError, Unauthorized
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..entity import camera_title
from ..helpers.threads import in_thread
from ..playback.codec_names import codec_names
from ..playback.playlist import MIME_TYPE
from ..shares.attempts import TooManyAttemptsError
from ..shares.copies import PICTURE, VIDEO
from ..shares.languages import best_language
from ..shares.page import PageWriter, SharedVideo
from ..shares.shares import async_shares
from ..users.permissions import KEY_VISITOR
from .serving import (
    NEVER_KEPT,
    AllowedFile,
    describe_original,
    in_words,
    read_segment,
    resumes,
    send_original,
)
from .urls import (
    CLIP_NAME,
    ORIGINAL_NAME,
    PICTURE_NAME,
    PLAY_NAME,
    PLAYLIST_NAME,
    SHARE_URL,
    SHARED_FILE_URL,
    SHARED_SEGMENT_URL,
    VIDEO_NAME,
    share_path,
)

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from homeassistant.core import HomeAssistant

    from ..playback.session import Session
    from ..runtime import AxisRecordingsConfigEntry, AxisRecordingsData
    from ..shares.models import Share

# Also of what is refused: whoever has an address must not leave it anywhere.
_HEADERS: Final[Mapping[str, str]] = {
    **NEVER_KEPT,
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}
MOST_WAITING: Final = 32
"""Visitors of a share at once; more are refused."""
_OBSTACLES: Final = {
    "no_key_frame": "unplayable",
    "no_video": "gone",
    "not_a_video": "unplayable",
    "recording_gone": "gone",
    "unplayable": "unplayable",
    "export_busy": "busy",
    "export_slow": "busy",
}
"""By what kept something from being played, in the words of the page. Otherwise, the camera is away."""


@callback
def async_setup_share_views(hass: HomeAssistant) -> None:
    """Register the views, once for all cameras."""
    pages = Pages(hass)
    for view in (SharePageView, SharedFileView, SharedSegmentView):
        hass.http.register_view(view(hass, pages))


class Pages:
    """The pages in the language of whoever asks."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Read nothing before the first page."""
        self._hass = hass
        self._writer: PageWriter | None = None

    async def async_write(
        self, request: web.Request, video: SharedVideo | None
    ) -> tuple[str, dict[str, str]]:
        """Return the page of what is shared, or of nothing, and its headers."""
        if self._writer is None:
            self._writer = await in_thread(PageWriter)
        language = best_language(
            request.headers.get(hdrs.ACCEPT_LANGUAGE, ""), self._writer.languages
        )
        found = await async_get_translations(self._hass, language, "common", {DOMAIN})
        prefix = f"component.{DOMAIN}.common."
        texts = {key.removeprefix(prefix): text for key, text in found.items()}
        headers = {
            **_HEADERS,
            "Content-Security-Policy": self._writer.policy,
            hdrs.VARY: hdrs.ACCEPT_LANGUAGE,
        }
        if video is None:
            return self._writer.write_over(texts, language), headers
        return self._writer.write(video, texts, language), headers


class _SharedView(HomeAssistantView):
    """What the views have in common."""

    requires_auth = False

    def __init__(self, hass: HomeAssistant, pages: Pages) -> None:
        """Serve what is shared."""
        self._hass = hass
        self._pages = pages
        self._shares = async_shares(hass)
        self._waiting: Counter[str] = Counter()
        """How many visitors wait, by the ID of the share."""

    async def _open(self, request: web.Request, token: str) -> Share:
        """Return what a token opens. HTTPException if nothing, whether or not it ever did."""
        share = await self._shares.async_find(token)
        if share is None:
            try:
                await self._shares.attempts.async_hold_up(request.remote)
            except TooManyAttemptsError as err:
                raise web.HTTPTooManyRequests(headers=_HEADERS) from err
            raise await self._nothing(request)
        request[KEY_VISITOR] = share.visitor
        return share

    @contextmanager
    def _wait(self, share: Share) -> Generator[None]:
        """Let one more visitor wait. HTTPTooManyRequests if too many do."""
        if self._waiting[share.share_id] >= MOST_WAITING:
            raise web.HTTPTooManyRequests
        self._waiting[share.share_id] += 1
        try:
            yield
        finally:
            self._waiting[share.share_id] -= 1
            # Only those are remembered for whom somebody waits.
            self._waiting += Counter()

    async def _nothing(self, request: web.Request) -> web.HTTPNotFound:
        """Return the answer where nothing is shared, or no longer."""
        text, headers = await self._pages.async_write(request, None)
        return web.HTTPNotFound(text=text, headers=headers, content_type="text/html")

    def _camera(self, share: Share) -> AxisRecordingsData:
        """Return the camera of a share. HTTPServiceUnavailable if it can't be asked at present."""
        entry: AxisRecordingsConfigEntry | None = (
            self._hass.config_entries.async_get_entry(share.entry_id)
        )
        if entry is None or entry.state is not ConfigEntryState.LOADED:
            raise web.HTTPServiceUnavailable
        return entry.runtime_data


class SharePageView(_SharedView):
    """The page of a share."""

    url = SHARE_URL
    name = f"api:{DOMAIN}:share"

    async def get(self, request: web.Request, token: str) -> web.Response:
        """Return the page."""
        share = await self._open(request, token)
        if request.method == hdrs.METH_GET:
            self._shares.async_note_opening(share)
        is_copied = await self._shares.copies.async_find(share.share_id, VIDEO)
        video = SharedVideo(
            name=self._name(share),
            start=dt_util.as_local(share.span.start),
            duration=share.span.duration,
            expires=dt_util.as_local(share.expires),
            time_zone=self._hass.config.time_zone,
            picture=share_path(token, PICTURE_NAME),
            file=share_path(token, VIDEO_NAME),
            play=None if is_copied else share_path(token, PLAY_NAME),
        )
        text, headers = await self._pages.async_write(request, video)
        return web.Response(text=text, content_type="text/html", headers=headers)

    head = get

    def _name(self, share: Share) -> str | None:
        entry = self._hass.config_entries.async_get_entry(share.entry_id)
        if entry is None or not share.names_camera:
            return None
        return camera_title(self._hass, entry)


class SharedFileView(_SharedView):
    """What belongs to a page: its picture, its video as a file, and what begins to play it."""

    url = SHARED_FILE_URL
    name = f"api:{DOMAIN}:shared_file"

    async def get(
        self, request: web.Request, token: str, name: str
    ) -> web.StreamResponse:
        """Return a file, or what a player needs to begin."""
        share = await self._open(request, token)
        if name == ORIGINAL_NAME and not share.is_original:
            raise await self._nothing(request)
        try:
            with _without_words(), self._wait(share):
                if name == PICTURE_NAME:
                    return await self._picture(share)
                if name in (CLIP_NAME, VIDEO_NAME):
                    return await self._video(request, share, name)
                if name == ORIGINAL_NAME:
                    return await self._original(request, share)
                # Whoever asks for the headers alone does not want to watch.
                if name == PLAY_NAME and request.method == hdrs.METH_GET:
                    return await self._play(share, token)
        except Unauthorized as err:
            raise await self._nothing(request) from err
        raise web.HTTPNotFound(headers=_HEADERS)

    head = get

    async def _picture(self, share: Share) -> web.StreamResponse:
        allowed = partial(self._shares.while_shared, share)
        async with allowed():
            path = await self._shares.copies.async_find(share.share_id, PICTURE)
            if path is None:
                with in_words():
                    path = await self._camera(share).copier.async_picture(share)
        if path is None:
            raise web.HTTPNotFound
        return AllowedFile(path, allowed, _HEADERS, "image/jpeg")

    async def _video(
        self, request: web.Request, share: Share, name: str
    ) -> web.StreamResponse:
        """Return the copy, or what the camera has still, which is made into a file first."""
        if (
            name == CLIP_NAME
            and request.method == hdrs.METH_GET
            and not resumes(request)
        ):
            # The page counts by itself.
            self._shares.async_note_opening(share)
        allowed = partial(self._shares.while_shared, share)
        async with allowed():
            path = await self._shares.copies.async_find(share.share_id, VIDEO)
            if path is None:
                with in_words():
                    path = await self._camera(share).player.async_clip(
                        share.part, resumes=resumes(request)
                    )
        return AllowedFile(path, allowed, _HEADERS)

    async def _original(self, request: web.Request, share: Share) -> web.StreamResponse:
        camera = self._camera(share)
        if request.method == hdrs.METH_HEAD:
            return await describe_original(camera, share.part, _HEADERS)
        self._shares.async_note_opening(share)
        return await send_original(
            request,
            camera,
            share.part,
            partial(self._shares.while_shared, share),
            _HEADERS,
        )

    async def _play(self, share: Share, token: str) -> web.Response:
        """Begin to play from the camera, and return what a player needs once there is something to see."""
        try:
            player = self._camera(share).player
            async with self._shares.while_shared(share):
                session_token = await player.async_play(
                    share.part, share.visitor, is_exact=True
                )
            session = player.sessions[session_token]
        except Unauthorized:
            raise
        except HomeAssistantError as err:
            obstacle = _OBSTACLES.get(err.translation_key or "", "away")
            return self.json({"error": obstacle}, headers=_HEADERS)
        except web.HTTPServiceUnavailable, LookupError:
            return self.json({"error": "away"}, headers=_HEADERS)
        return self.json(_description(session, token), headers=_HEADERS)


class SharedSegmentView(_SharedView):
    """The playlist and the segments of a session in which a share is played."""

    url = SHARED_SEGMENT_URL
    name = f"api:{DOMAIN}:shared_segment"

    async def get(
        self, request: web.Request, token: str, session: str, name: str
    ) -> web.Response:
        """Return the playlist, or a segment once it is there."""
        share = await self._open(request, token)
        with _without_words(), self._wait(share):
            camera = self._camera(share)
            played = camera.player.sessions.get(session)
            if played is None or played.is_idle or played.requester != share.visitor:
                raise web.HTTPNotFound
            if name == PLAYLIST_NAME:
                text = await in_thread(played.write_playlist)
                return web.Response(text=text, content_type=MIME_TYPE, headers=_HEADERS)
            allowed = partial(self._shares.while_shared, share)
            body = await read_segment(camera, played, name, allowed)
            # It may have been waited for.
            if not self._shares.is_shared(share.share_id):
                raise web.HTTPNotFound
        return web.Response(body=body, content_type="video/mp4", headers=_HEADERS)

    head = get


def _description(session: Session, token: str) -> dict[str, object]:
    """Return what plays a session without a playlist; times are in seconds after the first segment begins."""
    listing = session.part.listing
    zero, starts = listing.begins, map(listing.start_of, listing.numbers)
    return {
        "playlist": share_path(token, session.token, PLAYLIST_NAME),
        "base": share_path(token, session.token, ""),
        "codecs": codec_names(session.part.init or b""),
        "zero": zero,
        "begins": round(session.position, 3),
        "duration": round(listing.length, 3),
        "first": listing.numbers[0],
        "starts": [round(start - zero, 3) for start in starts],
    }


@contextmanager
def _without_words() -> Generator[None]:
    """Refuse without saying why: the words name the camera, which not every visitor is to learn."""
    try:
        yield
    except web.HTTPException as err:
        raise type(err)(headers=_HEADERS) from err
