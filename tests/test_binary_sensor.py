"""Cameras with several sources: each tells whether it is recorded."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from homeassistant.const import STATE_OFF, STATE_ON
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
import pytest

from custom_components.axis_recordings import PLATFORMS
from custom_components.axis_recordings.vapix import CameraConnectionError, VapixClient
from custom_components.axis_recordings.vapix.bounds import MOST_SOURCES
from tests.camera import Camera

from .common import IN_PROGRESS, added, attributes_of, call, pass_time, state_of
from .disks.entities import PROBLEM

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
    async with added(hass, camera) as (server, _):
        assert sources_of(hass) == {"1", "2", "3"}
        questions = [each.query.get("listentity") for each in server.requests]
        assert questions.count("source") == 1
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
    """The camera works, and what is recorded reports its sources."""

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


@pytest.mark.parametrize("answers_before", [True, False])
async def test_setup_ends_while_sources_are_asked_for(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    answers_before: bool,
) -> None:
    """What the platforms of that setup still add keeps nothing of the next one out."""
    for domain in PLATFORMS:
        await async_setup_component(hass, domain, {})
    asked, may_answer = asyncio.Event(), asyncio.Event()
    fetch = VapixClient.fetch_sources

    async def wait(client: VapixClient) -> tuple[str, ...]:
        asked.set()
        await may_answer.wait()
        return await fetch(client)

    with monkeypatch.context() as patched:
        patched.setattr(VapixClient, "fetch_sources", wait)
        task = asyncio.create_task(hass.config_entries.async_setup(entry.entry_id))
        await asked.wait()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    former = entry.runtime_data
    if answers_before:
        may_answer.set()
        await hass.async_block_till_done()
    assert await hass.config_entries.async_reload(entry.entry_id)
    may_answer.set()
    await hass.async_block_till_done(wait_background_tasks=True)
    assert "unique ID" not in caplog.text
    assert not former.recordings._listeners
    assert state_of(hass, "calendar.front_camera_recording_calendar") == STATE_OFF
    assert state_of(hass, PROBLEM) == STATE_OFF


async def test_more_sources_than_any_camera_has(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The first ones count; once the camera does not report them any more, their sensors go."""
    camera = Camera(recordings=300, sources=300)
    async with added(hass, camera) as (_, entry):
        assert len(sources_of(hass)) == MOST_SOURCES
        await pass_time(hass, freezer)
        assert caplog.text.count("reports more sources") == 1
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
