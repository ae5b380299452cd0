"""Browse, search and play the recordings of all cameras in Home Assistant's media browser."""

import asyncio
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, override

from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.components.media_player import BrowseError, MediaClass, SearchMedia
from homeassistant.components.media_source import (
    BrowseMediaSource,
    MediaSource,
    MediaSourceItem,
    PlayMedia,
    Unresolvable,
)
from homeassistant.config_entries import ConfigEntryState
from homeassistant.exceptions import HomeAssistantError, Unauthorized

from .const import DOMAIN, LOGGER
from .exceptions import camera_not_loaded, raise_as
from .helpers.answers import in_time
from .media.browse import async_browse, async_last_picture
from .media.errors import unknown_media
from .media.hint import make_hint, read_example
from .media.items import make_folder
from .media.search import MOST_FOUND, SearchAnswer, async_search
from .playback.playlist import MIME_TYPE
from .recordings.camera_moment import AT, CameraMoment
from .recordings.media_id import PLAY
from .recordings.part import RecordingPart, RecordingPartError
from .users.permissions import async_current_requester, async_may_see, while_allowed
from .vapix import is_id
from .views.urls import clip_path, playlist_path

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Collection, Generator, Sequence

    from homeassistant.components.media_player import SearchMediaQuery
    from homeassistant.components.media_source import MediaImage
    from homeassistant.core import HomeAssistant

    from .media.search import Found
    from .phrases.asking import Hint
    from .runtime import AxisRecordingsConfigEntry, AxisRecordingsData

NAME = "AXIS Recordings"


async def async_get_media_source(hass: HomeAssistant) -> MediaSource:
    """Return the source of all cameras.

    Home Assistant keeps it until it ends, also after a failure: so nothing is asked for here, and
    nothing kept that may change.
    """
    return AxisRecordingsMediaSource(hass)


class AxisRecordingsMediaSource(MediaSource):
    """The recordings of all cameras."""

    name = NAME

    def __init__(self, hass: HomeAssistant) -> None:
        """Name the source."""
        super().__init__(DOMAIN)
        self._hass = hass

    @override
    async def async_browse_media(self, item: MediaSourceItem) -> BrowseMediaSource:
        if not item.identifier:
            return await self._async_browse_root()
        if example := read_example(item.identifier):
            return await self._async_browse_example(item.identifier, *example)
        camera, path = await self._async_find(item.identifier)
        async with self._asking(camera, item.identifier):
            return await async_browse(camera, path)

    @override
    async def async_search_media(
        self, item: MediaSourceItem, query: SearchMediaQuery
    ) -> SearchMedia:
        text, classes = query.search_query, query.media_filter_classes or None
        found = await self._async_found(item.identifier or "", text, classes)
        return SearchMedia(result=found)

    @override
    async def async_resolve_media(self, item: MediaSourceItem) -> PlayMedia:
        with _errors_as_unresolvable():
            camera, wanted = await self._async_find_wanted(item.identifier)
            async with self._while_visible(camera, item.identifier):
                # A browser plays while the video is still being made. Televisions and the like want a file.
                if item.target_media_player is None:
                    token = await self._async_play(camera, wanted)
                    return PlayMedia(playlist_path(token), MIME_TYPE)
                part = await self._async_part(camera, wanted)
                path = await camera.player.async_clip(part)
            return PlayMedia(
                clip_path(camera.entry.entry_id, part), "video/mp4", path=path
            )

    @override
    async def async_get_media_image(self, item: MediaSourceItem) -> MediaImage | None:
        # Home Assistant 2026.10 neither has this nor calls it.
        from homeassistant.components.media_source import MediaImage  # noqa: PLC0415

        with _errors_as_unresolvable():
            camera, wanted = await self._async_find_wanted(item.identifier)
            async with self._while_visible(camera, item.identifier):
                part = await self._async_part(camera, wanted)
                image = await camera.player.images.async_snapshot(part)
        return MediaImage(image, "image/jpeg")

    async def _async_browse_root(self) -> BrowseMediaSource:
        """Return all cameras. One that is out of reach says why when it is opened."""
        entries = await self._async_visible_entries()
        pictures = await asyncio.gather(*map(_async_picture, entries))
        children = [
            make_folder(entry.entry_id, entry.title, can_search=True, thumbnail=picture)
            for entry, picture in zip(entries, pictures, strict=True)
        ]
        return make_folder(
            "",
            NAME,
            sorted(children, key=lambda child: child.title.casefold()),
            can_search=True,
        )

    async def _async_browse_example(
        self, identifier: str, place: str, text: str
    ) -> BrowseMediaSource:
        """Return what is found by an example of a hint."""
        try:
            found = await self._async_found(place, text, None)
        except NotImplementedError as err:
            raise unknown_media(identifier) from err
        return make_folder(identifier, text, found, children_class=MediaClass.VIDEO)

    async def _async_found(
        self, place: str, text: str, classes: Collection[MediaClass] | None
    ) -> list[BrowseMediaSource]:
        """Search a folder, or all cameras, and return what is found, or else a hint."""
        if place:
            camera, path = await self._async_find(place)
            async with self._asking(camera, place):
                answer = await async_search(camera, path, text, classes)
        else:
            answer = await self._async_search_all(text, classes)
        if not answer.found and answer.hint:
            return make_hint(place, answer.hint, classes)
        return [each.item for each in answer.found]

    async def _async_search_all(
        self, text: str, classes: Collection[MediaClass] | None
    ) -> SearchAnswer:
        """Search all cameras at once. One that fails or is silent does not keep the others from it."""
        cameras = [
            entry.runtime_data
            for entry in await self._async_visible_entries()
            if entry.state is ConfigEntryState.LOADED
        ]
        answers = await asyncio.gather(
            *(
                in_time(
                    camera.name,
                    self._async_search_one(
                        camera, text, classes, name_camera=len(cameras) > 1
                    ),
                )
                for camera in cameras
            ),
            return_exceptions=True,
        )
        found: list[Found] = []
        hint: Hint | None = None
        failures: list[Exception] = []
        for answer in answers:
            if isinstance(answer, SearchAnswer):
                found += answer.found
                hint = hint or answer.hint
            elif isinstance(answer, Exception):
                failures.append(answer)
                if not isinstance(answer, HomeAssistantError):
                    LOGGER.error("Unexpected error in a search", exc_info=answer)
            else:
                raise answer
        if failures and len(failures) == len(cameras):
            raise_as(BrowseError, failures[0])
        found.sort(key=lambda each: each.start, reverse=True)
        return SearchAnswer(found[:MOST_FOUND], hint)

    @asynccontextmanager
    async def _while_visible(
        self, camera: AxisRecordingsData, identifier: str
    ) -> AsyncGenerator[None]:
        """End what takes long soon after the user may not see the camera any more, with BrowseError."""
        requester = async_current_requester(self._hass)
        try:
            async with while_allowed(self._hass, requester, camera.entry, POLICY_READ):
                yield
        except Unauthorized as err:
            raise unknown_media(identifier) from err

    @asynccontextmanager
    async def _asking(
        self, camera: AxisRecordingsData, identifier: str
    ) -> AsyncGenerator[None]:
        """Ask a camera for no more at once than a user may. BrowseError if it is unloaded meanwhile."""
        requester = async_current_requester(self._hass)
        async with self._while_visible(camera, identifier):
            try:
                async with camera.player.asking(requester):
                    yield
            except HomeAssistantError as err:
                raise_as(BrowseError, err)

    async def _async_search_one(
        self,
        camera: AxisRecordingsData,
        text: str,
        classes: Collection[MediaClass] | None,
        *,
        name_camera: bool,
    ) -> SearchAnswer:
        async with self._asking(camera, camera.entry.entry_id):
            return await async_search(
                camera,
                [],
                text,
                classes,
                name_camera=name_camera,
            )

    async def _async_find(
        self, identifier: str
    ) -> tuple[AxisRecordingsData, Sequence[str]]:
        """Return the camera and the rest of a name. BrowseError if this user has no such camera.

        It stays the same camera also where the entry is unloaded or set up anew while it is asked.
        """
        # Home Assistant's annotation is wrong: for the source itself it is None.
        identifier = identifier or DOMAIN
        entry_id, *path = identifier.split("/")
        if not all(map(_is_clean, path)):
            raise unknown_media(identifier)
        for entry in await self._async_visible_entries():
            if entry.entry_id != entry_id:
                continue
            if entry.state is not ConfigEntryState.LOADED:
                raise camera_not_loaded(entry.title, BrowseError)
            return entry.runtime_data, path
        raise unknown_media(identifier)

    async def _async_find_wanted(
        self, identifier: str
    ) -> tuple[AxisRecordingsData, RecordingPart | CameraMoment]:
        """Return the camera, and what a name of something to play means."""
        camera, path = await self._async_find(identifier)
        try:
            if path[:1] == [AT]:
                moment = CameraMoment.parse(path)
                if moment.source is None or _is_clean(moment.source):
                    return camera, moment
            if path[:1] != [PLAY]:
                raise unknown_media(identifier)
            part = RecordingPart.parse("/".join(path[1:]))
        except RecordingPartError as err:
            raise unknown_media(identifier) from err
        if not is_id(part.key.recording_id) or not all(map(_is_clean, part.key)):
            raise unknown_media(identifier)
        return camera, part

    async def _async_play(
        self, camera: AxisRecordingsData, wanted: RecordingPart | CameraMoment
    ) -> str:
        """Begin to play, and return the token."""
        requester = async_current_requester(self._hass)
        if isinstance(wanted, RecordingPart):
            return await camera.player.async_play(wanted, requester)
        playing = await camera.player.async_play_at(
            wanted.moment, requester, source=wanted.source
        )
        return playing.token

    async def _async_part(
        self, camera: AxisRecordingsData, wanted: RecordingPart | CameraMoment
    ) -> RecordingPart:
        """Return which part of a recording is meant."""
        if isinstance(wanted, RecordingPart):
            return wanted
        requester = async_current_requester(self._hass)
        return await camera.player.async_part_at(
            wanted.moment, requester, source=wanted.source
        )

    async def _async_visible_entries(self) -> list[AxisRecordingsConfigEntry]:
        """Return the cameras that the user may see."""
        requester = async_current_requester(self._hass)
        entries = self._hass.config_entries.async_entries(
            DOMAIN, include_ignore=False, include_disabled=False
        )
        return [
            entry
            for entry in entries
            if await async_may_see(self._hass, requester, entry)
        ]


@contextmanager
def _errors_as_unresolvable() -> Generator[None]:
    """Say why something does not play, where Home Assistant expects it."""
    try:
        yield
    except HomeAssistantError as err:
        raise_as(Unresolvable, err)


def _is_clean(part: str) -> bool:
    """Return whether a part of a name can be one: it never walks up, and holds nothing odd."""
    return part not in ("", ".", "..") and part.isprintable()


async def _async_picture(entry: AxisRecordingsConfigEntry) -> str | None:
    """Return the address of a camera's last picture, if it has one."""
    if entry.state is not ConfigEntryState.LOADED:
        return None
    return await async_last_picture(entry.runtime_data)
