"""Browse, search and play the recordings of all cameras in Home Assistant's media browser."""

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, override

from homeassistant.components.media_player import BrowseError, SearchMedia
from homeassistant.components.media_source import (
    BrowseMediaSource,
    MediaSource,
    MediaSourceItem,
    PlayMedia,
    Unresolvable,
)
from homeassistant.config_entries import ConfigEntryState
from homeassistant.exceptions import HomeAssistantError

from .const import DOMAIN, LOGGER
from .errors import raise_as
from .media_browse import MOST_FOUND, async_browse, async_search, unknown_media
from .media_id import PLAY
from .media_items import make_folder
from .playback.playlist import MIME_TYPE
from .playback.window import Window, WindowError
from .several import in_time
from .vapix import is_id
from .viewer import async_current_viewer, async_may_see
from .views import clip_path

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from homeassistant.components.media_player import SearchMediaQuery
    from homeassistant.components.media_source import MediaImage
    from homeassistant.core import HomeAssistant

    from .coordinator import AxisRecordingsConfigEntry
    from .media_browse import Found

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
        entry, path = await self._async_find(item.identifier)
        return await async_browse(entry, path)

    @override
    async def async_search_media(
        self, item: MediaSourceItem, query: SearchMediaQuery
    ) -> SearchMedia:
        text, classes = query.search_query, query.media_filter_classes or None
        if not item.identifier:
            found = await self._async_search_all(query)
        else:
            entry, path = await self._async_find(item.identifier)
            found = await async_search(entry, path, text, classes)
        return SearchMedia(result=[each.item for each in found])

    @override
    async def async_resolve_media(self, item: MediaSourceItem) -> PlayMedia:
        with _errors_as_unresolvable():
            entry, window = await self._async_find_window(item.identifier)
            playback = entry.runtime_data.playback
            # A browser plays while the film is still being made. Televisions and the like want a file.
            if item.target_media_player is None:
                viewer = async_current_viewer(self._hass)
                return PlayMedia(await playback.async_play(window, viewer), MIME_TYPE)
            path = await playback.async_clip(window)
            return PlayMedia(clip_path(entry.entry_id, window), "video/mp4", path=path)

    @override
    async def async_get_media_image(self, item: MediaSourceItem) -> MediaImage | None:
        # Home Assistant 2026.10 neither has this nor calls it.
        from homeassistant.components.media_source import MediaImage  # noqa: PLC0415

        with _errors_as_unresolvable():
            entry, window = await self._async_find_window(item.identifier)
            image = await entry.runtime_data.playback.async_image(window)
        return MediaImage(image, "image/jpeg")

    async def _async_browse_root(self) -> BrowseMediaSource:
        """Return all cameras. One that is out of reach tells why when it is opened."""
        children = [
            make_folder(entry.entry_id, entry.title, can_search=True)
            for entry in await self._async_visible_entries()
        ]
        return make_folder(
            "",
            NAME,
            sorted(children, key=lambda child: child.title.casefold()),
            can_search=True,
        )

    async def _async_search_all(self, query: SearchMediaQuery) -> list[Found]:
        """Search all cameras at once. One that fails or is silent does not keep the others from it."""
        entries = [
            entry
            for entry in await self._async_visible_entries()
            if entry.state is ConfigEntryState.LOADED
        ]
        answers = await asyncio.gather(
            *(
                in_time(
                    entry.runtime_data,
                    async_search(
                        entry,
                        [],
                        query.search_query,
                        query.media_filter_classes or None,
                        name_camera=len(entries) > 1,
                    ),
                )
                for entry in entries
            ),
            return_exceptions=True,
        )
        found: list[Found] = []
        failures: list[Exception] = []
        for answer in answers:
            if isinstance(answer, list):
                found += answer
            elif isinstance(answer, Exception):
                failures.append(answer)
                if not isinstance(answer, HomeAssistantError):
                    LOGGER.error("Unexpected error in a search", exc_info=answer)
            else:
                raise answer
        if failures and len(failures) == len(entries):
            raise_as(BrowseError, failures[0])
        return sorted(found, key=lambda each: each.start, reverse=True)[:MOST_FOUND]

    async def _async_find(
        self, identifier: str
    ) -> tuple[AxisRecordingsConfigEntry, Sequence[str]]:
        """Return the camera and the rest of a name. BrowseError if this viewer has no such camera."""
        # Home Assistant's annotation is wrong: for the source itself it is None.
        identifier = identifier or DOMAIN
        entry_id, *path = identifier.split("/")
        if not all(map(_is_clean, path)):
            raise unknown_media(identifier)
        for entry in await self._async_visible_entries():
            if entry.entry_id != entry_id:
                continue
            if entry.state is not ConfigEntryState.LOADED:
                raise BrowseError(
                    translation_domain=DOMAIN,
                    translation_key="camera_not_loaded",
                    translation_placeholders={"camera": entry.title},
                )
            return entry, path
        raise unknown_media(identifier)

    async def _async_find_window(
        self, identifier: str
    ) -> tuple[AxisRecordingsConfigEntry, Window]:
        """Return the camera and the part of a recording that a name of something to play means."""
        entry, path = await self._async_find(identifier)
        try:
            if path[:1] != [PLAY]:
                raise unknown_media(identifier)
            window = Window.parse("/".join(path[1:]))
        except WindowError as err:
            raise unknown_media(identifier) from err
        if not is_id(window.key.recording_id) or not all(map(_is_clean, window.key)):
            raise unknown_media(identifier)
        return entry, window

    async def _async_visible_entries(self) -> list[AxisRecordingsConfigEntry]:
        """Return the cameras that the viewer may see."""
        viewer = async_current_viewer(self._hass)
        entries = self._hass.config_entries.async_entries(
            DOMAIN, include_ignore=False, include_disabled=False
        )
        return [
            entry for entry in entries if await async_may_see(self._hass, viewer, entry)
        ]


@contextmanager
def _errors_as_unresolvable() -> Generator[None]:
    """Say why something does not play, where Home Assistant looks for it."""
    try:
        yield
    except HomeAssistantError as err:
        raise_as(Unresolvable, err)


def _is_clean(part: str) -> bool:
    """Return whether a part of a name can be one: it never walks up, and holds nothing odd."""
    return part not in ("", ".", "..") and part.isprintable()
