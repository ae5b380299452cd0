"""Cameras with several sources: each tells whether it is recorded."""

from datetime import timedelta
from typing import TYPE_CHECKING

from homeassistant.const import STATE_OFF, STATE_ON
from homeassistant.helpers import entity_registry as er
import pytest

from custom_components.axis_recordings.vapix import CameraConnectionError, VapixClient
from custom_components.axis_recordings.vapix.bounds import MOST_SOURCES
from tests.camera import Camera

from .helpers import (
    IN_PROGRESS,
    added,
    attributes_of,
    call,
    pass_time,
    state_of,
)

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")

ENTITY = "binary_sensor.front_camera_source_{}_recording_in_progress"


def sources_of(hass: HomeAssistant) -> set[str]:
    """Return the numbers of the sources that have a sensor."""
    return {
        entity_id.split("_source_")[1].split("_")[0]
        for entity_id in hass.states.async_entity_ids("binary_sensor")
        if "_source_" in entity_id
    }


async def test_each_source_has_a_sensor(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """A sensor is on while its own source is recorded, by whomever."""
    camera = Camera(recordings=40, sources=3)
    async with added(hass, camera):
        assert sources_of(hass) == {"1", "2", "3"}
        registered = er.async_get(hass).async_get(ENTITY.format(2))
        assert registered
        assert registered.unique_id == f"{camera.serial}-recording_in_progress-2"
        state = hass.states.get(ENTITY.format(2))
        assert state
        assert state.name == "Front camera Source 2 recording in progress"
        assert {state_of(hass, ENTITY.format(each)) for each in (1, 2, 3)} == {
            STATE_OFF
        }

        by_rule = camera.start_recording(source="3")
        answer = await call(hass, "start", source="2")
        (by_us,) = answer["recordings"]
        assert state_of(hass, IN_PROGRESS) == STATE_ON
        assert state_of(hass, ENTITY.format(1)) == STATE_OFF
        for source, recording_id in ((2, by_us["recording_id"]), (3, by_rule)):
            assert state_of(hass, ENTITY.format(source)) == STATE_ON
            attributes = attributes_of(hass, ENTITY.format(source))
            assert attributes["recording_ids"] == [recording_id]
        found = await call(hass, "search", source="2", status="recording")
        assert [each["recording_id"] for each in found["recordings"]] == [
            by_us["recording_id"]
        ]

        await call(hass, "stop")
        assert state_of(hass, ENTITY.format(2)) == STATE_OFF
        assert state_of(hass, ENTITY.format(3)) == STATE_ON


async def test_one_source_needs_no_sensor_of_its_own(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Until a second one is recorded; then both get theirs, without a reload."""
    coordinator = loaded.runtime_data
    assert sources_of(hass) == set()
    camera.start_recording(source="1")
    await pass_time(hass, freezer)
    assert sources_of(hass) == set()
    camera.start_recording(source="2")
    await pass_time(hass, freezer)
    assert sources_of(hass) == {"1", "2"}
    assert state_of(hass, ENTITY.format(2)) == STATE_ON
    assert loaded.runtime_data is coordinator


async def test_source_stays_without_recordings(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """An automation keeps the sensor of a source whose recordings have been cleaned up."""
    camera = Camera(recordings=40, sources=2)
    async with added(hass, camera) as (_, entry):
        camera.clean_up(camera.clock.now())
        assert not camera.recordings.sources({"SD_DISK"})
        await hass.config_entries.async_reload(entry.entry_id)
        await hass.async_block_till_done(wait_background_tasks=True)
        assert sources_of(hass) == {"1", "2"}
        assert state_of(hass, ENTITY.format(2)) == STATE_OFF


async def test_connection_breaks_while_sources_are_asked_for(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The camera works, and what is recorded tells of its sources."""

    async def fail(_: VapixClient) -> tuple[str, ...]:
        message = "The connection broke"
        raise CameraConnectionError(message)

    monkeypatch.setattr(VapixClient, "fetch_sources", fail)
    camera = Camera(recordings=1, sources=2)
    async with added(hass, camera):
        assert state_of(hass, IN_PROGRESS) == STATE_OFF
        assert sources_of(hass) == set()
        camera.start_recording(source="1")
        camera.start_recording(source="2")
        await pass_time(hass, freezer)
        assert sources_of(hass) == {"1", "2"}


async def test_more_sources_than_any_camera_has(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The first ones count; once the camera does not tell of them any more, their sensors go."""
    camera = Camera(recordings=300, sources=300)
    async with added(hass, camera) as (_, entry):
        assert len(sources_of(hass)) == MOST_SOURCES
        await pass_time(hass, freezer)
        assert caplog.text.count("tells of more sources") == 1
        listed = len(camera.recordings.sources({"SD_DISK"}))
        left_out = entry.runtime_data.client.bounds.left_out
        assert left_out == {"sources": listed - MOST_SOURCES}

        now = camera.clock.now()
        camera.clean_up(now)
        for source in ("1", "2"):
            camera.add_recording(now, now + timedelta(seconds=9), source=source)
        await hass.config_entries.async_reload(entry.entry_id)
        await hass.async_block_till_done(wait_background_tasks=True)
        assert sources_of(hass) == {"1", "2"}
        assert not er.async_get(hass).async_get(ENTITY.format(3))
