"""The sensors of a camera: what they show is what it has."""

from typing import TYPE_CHECKING

from homeassistant.const import STATE_OFF, STATE_UNKNOWN
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
import pytest

from tests.camera import Camera, Fault

from .common import (
    IN_PROGRESS,
    LAST_ERROR,
    LAST_RECORDING,
    OLDEST_RECORDING,
    ONGOING,
    RECORDINGS,
    attributes_of,
    call,
    state_of,
)

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from tests.camera import Camera


@pytest.mark.usefixtures("loaded")
async def test_states(hass: HomeAssistant, camera: Camera) -> None:
    """What the entities show is what the camera has."""
    recordings = sorted(camera.recordings, key=lambda each: each.start)
    newest, oldest = recordings[-1], recordings[0]
    assert state_of(hass, RECORDINGS) == "8"
    assert state_of(hass, ONGOING) == "0"
    assert state_of(hass, IN_PROGRESS) == STATE_OFF
    assert newest.stop
    assert state_of(hass, LAST_RECORDING) == newest.start.isoformat(timespec="seconds")
    assert state_of(hass, OLDEST_RECORDING) == oldest.start.isoformat(
        timespec="seconds"
    )
    attributes = attributes_of(hass, LAST_RECORDING)
    assert attributes["recording_id"] == newest.recording_id
    assert attributes["end"] == newest.stop.isoformat()
    assert attributes["duration"] == pytest.approx(
        (newest.stop - newest.start).total_seconds(), abs=0.001
    )
    assert attributes["event"] == newest.event_id


async def test_camera_without_recordings(
    hass: HomeAssistant, entry: MockConfigEntry, camera: Camera
) -> None:
    """Nothing is a number, too; a time that does not exist is unknown."""
    for each in list(camera.recordings):
        camera.remove_recording(each.recording_id)
    await hass.config_entries.async_setup(entry.entry_id)
    assert state_of(hass, RECORDINGS) == "0"
    assert state_of(hass, LAST_RECORDING) == STATE_UNKNOWN
    assert state_of(hass, OLDEST_RECORDING) == STATE_UNKNOWN
    assert "recording_id" not in attributes_of(hass, LAST_RECORDING)


@pytest.mark.usefixtures("entity_registry_enabled_by_default", "loaded")
async def test_last_error(hass: HomeAssistant, camera: Camera) -> None:
    """The sensor keeps the camera's words, in the length that a state can have."""
    assert state_of(hass, LAST_ERROR) == "unknown"
    camera.faults.set("record/record.cgi", Fault.ERROR, message="Disk is full. " * 50)
    with pytest.raises(HomeAssistantError):
        await call(hass, "start")
    assert state_of(hass, LAST_ERROR).startswith("Disk is full.")
    assert len(state_of(hass, LAST_ERROR)) <= 255
    assert attributes_of(hass, LAST_ERROR)["command"] == "start"


@pytest.mark.usefixtures("loaded")
async def test_statistics_and_categories(hass: HomeAssistant) -> None:
    """What is counted has statistics, and what few people need is out of the way."""
    entities = {
        name: er.async_get(hass).async_get(f"sensor.front_camera_{name}")
        for name in (
            *("recordings", "ongoing_recordings", "last_recording"),
            *("oldest_recording", "save_progress", "last_error"),
        )
    }
    found = {name: each for name, each in entities.items() if each is not None}
    assert found == entities
    assert {
        name
        for name, each in found.items()
        if (each.capabilities or {}).get("state_class") == "measurement"
    } == {"recordings", "ongoing_recordings"}
    assert {name for name, each in found.items() if each.entity_category} == {
        "save_progress",
        "last_error",
    }
    assert {name for name, each in found.items() if each.disabled} == {"last_error"}
