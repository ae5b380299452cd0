"""What tests of the media browser do: open folders, and see what is in them."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from homeassistant.components import media_source
from homeassistant.components.media_player import BrowseError
from homeassistant.components.media_source import BrowseMediaSource, async_browse_media
import pytest

from custom_components.axis_recordings.const import DOMAIN
from tests.common import poll

if TYPE_CHECKING:
    from collections.abc import Sequence

    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from tests.camera import Camera

ROOT = f"media-source://{DOMAIN}"
NOON = datetime(2026, 11, 24, 17, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
needs_images = pytest.mark.skipif(
    not hasattr(media_source, "async_get_media_image"),
    reason="Home Assistant asks for images since 2026.11",
)


async def open_folder(hass: HomeAssistant, content_id: str) -> BrowseMediaSource:
    """Open a folder by its name."""
    found = await async_browse_media(hass, content_id)
    assert isinstance(found, BrowseMediaSource)
    # As the front end gets it.
    assert found.as_dict()["media_content_id"] == content_id
    return found


async def keep_up(hass: HomeAssistant) -> None:
    """Poll all cameras, until their indexes hold what they have recorded."""
    for entry in hass.config_entries.async_loaded_entries(DOMAIN):
        await poll(hass, entry)


async def browse(
    hass: HomeAssistant, *path: str, entry: MockConfigEntry | None = None
) -> BrowseMediaSource:
    """Open a folder of the source, or of a camera, after a poll."""
    await keep_up(hass)
    parts = ([entry.entry_id] if entry else []) + list(path)
    return await open_folder(hass, "/".join([ROOT, *parts]))


async def titles(
    hass: HomeAssistant, *path: str, entry: MockConfigEntry | None = None
) -> list[str]:
    """Return what a folder holds after a poll."""
    return titles_of(await browse(hass, *path, entry=entry))


def titles_of(folder: BrowseMediaSource) -> list[str]:
    """Return what a folder holds."""
    return [child.title for child in folder.children or ()]


def children_of(folder: BrowseMediaSource) -> Sequence[Any]:
    """Return what is in a folder."""
    assert folder.children is not None
    return folder.children


async def refusal(hass: HomeAssistant, content_id: str) -> str:
    """Return why something does not open."""
    with pytest.raises(BrowseError) as error:
        await async_browse_media(hass, content_id)
    return str(error.value)


def add(
    camera: Camera,
    start: datetime,
    duration: timedelta = timedelta(seconds=44),
    **attributes: Any,
) -> str:
    """Put a recording into the past."""
    return camera.add_recording(start, start + duration, **attributes)
