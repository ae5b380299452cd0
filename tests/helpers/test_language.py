"""Home Assistant's language is changed while it runs: words are shown, never the keys of texts."""

from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from homeassistant.components.media_source import async_browse_media
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr, translation
from homeassistant.setup import async_setup_component
import pytest

from custom_components.axis_recordings.const import DOMAIN
from custom_components.axis_recordings.disks.devices import async_update_disk_devices
from tests.camera import Camera, Disk, Fault
from tests.common import CALENDAR, SWITCH

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

pytestmark = pytest.mark.freeze_time("2026-11-24 17:00:00+00:00")

FINNISH: dict[str, Any] = {
    "common": {"by_disk": "Levyn mukaan", "source": "Lähde {source}"},
    "device": {"sd_card": {"name": "Muistikortti"}},
    "exceptions": {"no_disk": {"message": "Kamerassa {camera} ei ole levyä."}},
}


@pytest.fixture
def camera() -> Camera:
    """Return a camera whose recordings are distinguished by disk and source."""
    camera = Camera(disks=[Disk("SD_DISK"), Disk("NetworkShare")], sources=2)
    for source in ("1", "2"):
        camera.start_recording(source=source)
    return camera


@pytest.fixture(autouse=True)
async def _media_browser(disable_translations_once: None, hass: HomeAssistant) -> None:
    # What one test has loaded is not there in the next.
    assert disable_translations_once is None
    assert await async_setup_component(hass, "media_source", {})


@pytest.fixture
def finnish() -> Iterator[None]:
    """Let there be a translation of some of the texts."""
    load = translation._load_translations_files_by_language

    def load_with_finnish(
        files: dict[str, dict[str, Path]],
    ) -> dict[str, dict[str, Any]]:
        texts = load(files)
        if "fi" in files:
            texts["fi"] = {**texts.get("fi", {}), DOMAIN: FINNISH}
        return texts

    with patch.object(
        translation, "_load_translations_files_by_language", load_with_finnish
    ):
        yield


async def speak(hass: HomeAssistant, language: str) -> None:
    """Change the language as the owner does."""
    await hass.config.async_update(language=language)
    await hass.async_block_till_done()


async def shown(hass: HomeAssistant, entry: MockConfigEntry) -> dict[str, Any]:
    """Return all that is shown in words of ours."""
    disks = entry.runtime_data.disks
    await disks.async_refresh()
    root = f"media-source://{DOMAIN}/{entry.entry_id}"
    titles = [
        str(item.title)
        for path in ("", "/in_progress", "/sources", "/disks")
        for item in (await async_browse_media(hass, root + path)).children or ()
    ]
    events = await hass.services.async_call(
        "calendar",
        "get_events",
        {"entity_id": CALENDAR, "duration": {"minutes": 1}},
        blocking=True,
        return_response=True,
    )
    return {
        "titles": titles,
        "events": events,
        "devices": {each.name for each in dr.async_get(hass).child_devices},
    }


@pytest.mark.parametrize("language", ["fi", "pt-BR", "zh-Hant", "no-such-language"])
async def test_not_translated(
    hass: HomeAssistant, loaded: MockConfigEntry, language: str
) -> None:
    """Everything stays in English."""
    english = await shown(hass, loaded)
    assert english["devices"] == {"SD card", "Network share"}
    assert "By source" in english["titles"]
    assert "Source 1" in english["titles"]
    await speak(hass, language)
    assert await shown(hass, loaded) == english


@pytest.mark.usefixtures("finnish")
async def test_translated(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    """The words of the language are used, and English ones for those that it lacks; and back again."""
    english = await shown(hass, loaded)
    await speak(hass, "fi")
    finnish = await shown(hass, loaded)
    assert finnish["devices"] == {"Muistikortti", "Network share"}
    assert {"Levyn mukaan", "By source", "Lähde 1"} <= {*finnish["titles"]}
    assert "Lähde 2" in str(finnish["events"])
    await speak(hass, "en")
    assert await shown(hass, loaded) == english


async def test_while_the_texts_are_loaded(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    """In the moment of the change, and where nobody heard of it, there are words as well."""
    english = await shown(hass, loaded)
    hass.config.language = "fi"
    assert await shown(hass, loaded) == english
    registry = dr.async_get(hass)
    (card,) = (each for each in registry.child_devices if each.name == "SD card")
    registry.async_remove_device(card.id)
    async_update_disk_devices(loaded.runtime_data.disks)
    names = {each.name for each in registry.child_devices}
    assert names == {"SD_DISK", "Network share"}, "not a key"


@pytest.mark.usefixtures("finnish")
@pytest.mark.parametrize("language", ["fi", "pt-BR"])
async def test_errors(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera, language: str
) -> None:
    """What has gone wrong is said in words, also where Home Assistant makes them of a key."""
    await speak(hass, language)
    camera.faults.set("record/record.cgi", Fault.ERROR, message="No space")
    with pytest.raises(HomeAssistantError) as error:
        await hass.services.async_call(
            "switch", "turn_on", {"entity_id": SWITCH}, blocking=True
        )
    assert "Front camera" in str(error.value)
    assert "No space" in str(error.value)
    with pytest.raises(HomeAssistantError) as error:
        await async_browse_media(hass, f"media-source://{DOMAIN}/nowhere")
    assert "unknown_media" not in str(error.value)


@pytest.mark.usefixtures("finnish")
async def test_loaded_after_the_change(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """A camera that is added or loaded again later has its words, too."""
    await speak(hass, "fi")
    for _ in range(2):
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done(wait_background_tasks=True)
        assert "Levyn mukaan" in (await shown(hass, entry))["titles"]
        await hass.config_entries.async_unload(entry.entry_id)
        await speak(hass, "pt-BR")
        await speak(hass, "fi")
