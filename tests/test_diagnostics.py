"""Diagnostics: everything that helps, nothing that is secret."""

import json
from typing import TYPE_CHECKING

from homeassistant.components.diagnostics import REDACTED
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)

from .helpers import turn

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry
    from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

    from tests.camera import Camera, CameraServer


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
    await loaded.runtime_data.storage.async_refresh()
    diagnostics = await get_diagnostics_for_config_entry(hass, hass_client, loaded)

    assert diagnostics["total"] == 10
    assert len(diagnostics["ongoing"]) == 2
    assert diagnostics["own_recordings"][0]["by_switch"] is True
    assert diagnostics["camera"]["device"]["model"] == "AXIS P3265-LVE"
    assert diagnostics["camera"]["disks"][0]["status"] == "OK"
    assert diagnostics["disks"][0]["recordings"] == 10
    assert diagnostics["disks"][0]["disk"]["name"] == REDACTED
    assert diagnostics["last_look_at_disks_succeeded"] is True
    assert diagnostics["last_poll_succeeded"] is True
    assert "clock_offset" in diagnostics

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
