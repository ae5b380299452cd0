"""Diagnostics: everything that helps, nothing that is secret."""

import json
from typing import TYPE_CHECKING

from homeassistant.components.diagnostics import REDACTED
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)

from custom_components.axis_recordings.index.schema import VERSION
from custom_components.axis_recordings.vapix import DiskJob, StorageTopic

from .common import pass_time, poll, turn

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry
    from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

    from tests.camera import Camera, CameraServer


@pytest.fixture(autouse=True)
def _fast_exports(camera: Camera) -> None:
    """Let the camera be checked in no time."""
    camera.export_speed = None


async def test_diagnostics(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    loaded: MockConfigEntry,
    camera: Camera,
    server: CameraServer,
) -> None:
    """Whoever helps sees the state, but neither who nor where."""
    camera.start_recording(event_id="Grandma's door")
    await turn(hass, "on")
    camera.disks["SD_DISK"].name = "Grandma's card"
    await loaded.runtime_data.disks.async_refresh()
    await poll(hass, loaded)
    diagnostics = await get_diagnostics_for_config_entry(hass, hass_client, loaded)

    assert diagnostics["total"] == 10
    assert len(diagnostics["ongoing"]) == 2
    assert diagnostics["own_recordings"][0]["by_switch"] is True
    assert diagnostics["own_recordings"][0]["starter"] == "action"
    index = diagnostics["index"]
    assert (index["is_whole"], index["recordings"]) == (True, 10)
    assert index["bytes"] > 10_000
    assert index["version"] == VERSION
    assert diagnostics["camera"]["device"]["model"] == "AXIS P3265-LVE"
    assert diagnostics["disks"][0]["disk"]["status"] == "OK"
    assert diagnostics["disks"][0]["recordings"] == 10
    assert diagnostics["disks"][0]["disk"]["name"] == REDACTED
    assert diagnostics["last_poll_of_disks_succeeded"] is True
    assert diagnostics["last_poll_succeeded"] is True
    assert "clock_offset" in diagnostics
    assert diagnostics["activity"]["is_telling"] is True
    assert diagnostics["disk_jobs"] == []

    assert diagnostics["entry"]["data"]["username"] == REDACTED
    text = json.dumps(diagnostics).lower()
    for secret in (
        "operator-secret",
        server.host,
        camera.serial,
        camera.name,
        "grandma",
    ):
        assert secret.lower() not in text, secret


@pytest.mark.parametrize("state", ["setup_retry", "not_loaded"])
async def test_camera_that_is_not_loaded(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    loaded: MockConfigEntry,
    server: CameraServer,
    camera: Camera,
    state: str,
) -> None:
    """Then there is most to find out."""
    if state == "setup_retry":
        await server.close()
        await hass.config_entries.async_reload(loaded.entry_id)
    else:
        await hass.config_entries.async_unload(loaded.entry_id)
    diagnostics = await get_diagnostics_for_config_entry(hass, hass_client, loaded)
    assert diagnostics["state"] == state
    assert diagnostics["entry"]["data"]["username"] == REDACTED
    assert diagnostics["reason"] == (
        "cannot_connect" if state == "setup_retry" else None
    )
    text = json.dumps(diagnostics).lower()
    for secret in ("operator-secret", server.host, camera.serial, camera.name):
        assert secret.lower() not in text, secret


async def test_activity(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
) -> None:
    """What is remembered of the recordings is reported in numbers."""
    camera.end_recording(camera.start_recording())
    await pass_time(hass, freezer)
    diagnostics = await get_diagnostics_for_config_entry(hass, hass_client, loaded)
    assert diagnostics["activity"] == {
        "is_open": True,
        "is_telling": True,
        "has_failed": False,
        "reported": 2,
        "disks": [
            {
                "disk_id": "SD_DISK",
                "known": 9,
                "is_present": True,
                "is_complete": True,
            }
        ],
        "last_poll": dt_util.utcnow().isoformat(),
        "not_yet_playable": 0,
        "needs_walk": False,
        "tolerated": 0,
        "in_doubt": 0,
    }


async def test_disks(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    loaded: MockConfigEntry,
    camera: Camera,
) -> None:
    """What is wrong with a disk is reported, and what the camera does with it."""
    disks = loaded.runtime_data.disks
    camera.disks["SD_DISK"].full = True
    await disks.async_note_event(StorageTopic.DISRUPTION, "SD_DISK", active=True)
    await disks.async_refresh()
    job = DiskJob(job_id="7", disk_id="SD_DISK", action="unmount", progress=40)
    disks.async_note_job("SD_DISK", job)
    diagnostics = await get_diagnostics_for_config_entry(hass, hass_client, loaded)
    (disk,) = diagnostics["disks"]
    assert disk["events"] == ["disruption"]
    assert disk["reasons"] == ["full", "disruption"]
    (shown,) = diagnostics["disk_jobs"]
    assert (shown["action"], shown["progress"]) == ("unmount", 40)
