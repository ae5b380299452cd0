"""System health: what all cameras have in common, in numbers."""

from typing import TYPE_CHECKING, Any

from homeassistant.components.system_health import get_info
from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState
from homeassistant.setup import async_setup_component
import pytest

from custom_components.axis_recordings.const import DOMAIN
from custom_components.axis_recordings.playback.played_part import PlayedPart
from custom_components.axis_recordings.playback.session import Session
from custom_components.axis_recordings.recordings.extent import TimeRange
from custom_components.axis_recordings.users.requester import Requester
from tests.camera import Camera, Fault

from .common import added, pass_time
from .repository import translations

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry


async def health(hass: HomeAssistant) -> dict[str, Any]:
    """Return what Home Assistant shows of us."""
    assert await async_setup_component(hass, "system_health", {})
    await hass.async_block_till_done()
    info: dict[str, Any] = (await get_info(hass))[DOMAIN]
    return info


async def test_camera_that_was_never_reached(
    hass: HomeAssistant, entry: MockConfigEntry, camera: Camera
) -> None:
    """It counts as one that is there. Every number has a text."""
    camera.faults.set("*", Fault.RESET)
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    info = await health(hass)
    assert info == {
        "cameras": 1,
        "cameras_with_events": 0,
        "reachable_cameras": 0,
        "ongoing_recordings": 0,
        "recording_activities": 0,
        "disks": 0,
        "disks_with_problems": 0,
        "watched_sessions": 0,
        "cached_videos": "0.0 MB",
    }
    assert set(info) == set(translations()["system_health"]["info"])


async def test_several_cameras(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
) -> None:
    """What goes on counts at those that answer, and what is kept at all."""
    other = Camera(serial="B8A44F0A1B2D", name="Back camera")
    async with added(hass, other) as (_, entry):
        camera.start_recording()
        for _ in range(2):
            other.start_recording()
        await pass_time(hass, freezer)
        await loaded.runtime_data.player.cache.write("video", bytes(1_500_000))
        assert await health(hass) == {
            "cameras": 2,
            "cameras_with_events": 0,
            "reachable_cameras": 2,
            "ongoing_recordings": 3,
            "recording_activities": 3,
            "disks": 2,
            "disks_with_problems": 0,
            "watched_sessions": 0,
            "cached_videos": "1.5 MB",
        }

        other.faults.set("*", Fault.RESET)
        await pass_time(hass, freezer)
        info = await health(hass)
        assert (info["cameras"], info["reachable_cameras"]) == (2, 1)
        assert info["ongoing_recordings"] == 1

        await hass.config_entries.async_set_disabled_by(
            entry.entry_id, ConfigEntryDisabler.USER
        )
        assert (await health(hass))["cameras"] == 1
        await hass.config_entries.async_set_disabled_by(entry.entry_id, None)


@pytest.mark.usefixtures("loaded")
async def test_disks(
    hass: HomeAssistant, camera: Camera, freezer: FrozenDateTimeFactory
) -> None:
    """One with a problem counts, an empty slot does not."""
    camera.disks["SD_DISK"].full = True
    await pass_time(hass, freezer, 301)
    info = await health(hass)
    assert (info["disks"], info["disks_with_problems"]) == (1, 1)
    camera.detach_disk("SD_DISK")
    await pass_time(hass, freezer, 301)
    info = await health(hass)
    assert (info["disks"], info["disks_with_problems"]) == (0, 0)


async def test_watched_videos(
    hass: HomeAssistant, loaded: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """A video counts while somebody fetches it, not as long as it could be gone on with."""
    data = loaded.runtime_data
    recording = data.recordings.data.newest
    assert recording
    assert recording.start
    assert recording.end
    source = data.player.source_of(recording)
    part = PlayedPart(source, TimeRange(recording.start, recording.end))
    session = Session(parts=[part], begin=0, requester=Requester())
    data.player.sessions[session.token] = session
    assert (await health(hass))["watched_sessions"] == 1
    session._watched_until = 0
    assert (await health(hass))["watched_sessions"] == 0
