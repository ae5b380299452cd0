"""What an action is about: the cameras in its target."""

from typing import TYPE_CHECKING

from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
    label_registry as lr,
)
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.axis_recordings.const import DOMAIN
from tests.camera import Account, Camera, Level
from tests.common import IN_PROGRESS, SWITCH, call, device_of, refused
from tests.disks.entities import STATUS, disk_devices

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

ACTIONS = ("start", "stop", "remove", "search")


async def test_targets(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """A camera counts once, by whatever it is named."""
    device = device_of(hass, camera)
    area = ar.async_get(hass).async_create("Garden")
    label = lr.async_get(hass).async_create("Outside")
    dr.async_get(hass).async_update_device(
        device.id, area_id=area.id, labels={label.label_id}
    )
    for target in (
        {"entity_id": SWITCH},
        {"entity_id": [SWITCH, IN_PROGRESS]},
        {"device_id": device.id},
        {"area_id": area.id},
        {"label_id": label.label_id},
        {"device_id": device.id, "area_id": area.id, "entity_id": SWITCH},
    ):
        answer = await call(hass, "search", target=target, limit=1)
        assert len(answer["cameras"]) == 1, target


async def test_target_is_the_core_integrations_device(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """Most users have both, and pick the device that they see first."""
    core_entry = MockConfigEntry(domain="axis")
    core_entry.add_to_hass(hass)
    mac = dr.format_mac(camera.serial)
    core_device = dr.async_get(hass).async_get_or_create(
        config_entry_id=core_entry.entry_id,
        identifiers={("axis", mac)},
        connections={(dr.CONNECTION_NETWORK_MAC, mac)},
    )
    core_camera = er.async_get(hass).async_get_or_create(
        "camera", "axis", mac, config_entry=core_entry, device_id=core_device.id
    )
    for target in (
        {"device_id": core_device.id},
        {"entity_id": core_camera.entity_id},
    ):
        answer = await call(hass, "search", target=target, limit=1)
        assert len(answer["cameras"]) == 1


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.usefixtures("enable_custom_integrations")
async def test_target_without_a_camera(hass: HomeAssistant, action: str) -> None:
    """The actions exist without any camera, and say that there is none."""
    assert await async_setup_component(hass, DOMAIN, {})
    fields = {"recording_id": "x"} if action == "remove" else {}
    error = await refused(hass, action, target={"entity_id": "light.bed"}, **fields)
    assert error.translation_key == "no_camera"


@pytest.mark.parametrize("action", ACTIONS)
async def test_camera_is_not_loaded(
    hass: HomeAssistant, loaded: MockConfigEntry, action: str
) -> None:
    """The message names the camera."""
    await hass.config_entries.async_unload(loaded.entry_id)
    fields = {"recording_id": "x"} if action == "remove" else {}
    error = await refused(hass, action, target={"entity_id": IN_PROGRESS}, **fields)
    assert error.translation_key == "camera_not_loaded"
    assert error.translation_placeholders == {"camera": "Front camera"}


@pytest.mark.parametrize("action", ["start", "stop", "remove"])
async def test_viewer_account(
    hass: HomeAssistant, entry: MockConfigEntry, camera: Camera, action: str
) -> None:
    """It may only search, and hears so before anything is sent."""
    camera.accounts["operator"] = Account("operator-secret", Level.VIEWER)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    fields = {"recording_id": "x"} if action == "remove" else {}
    error = await refused(hass, action, **fields)
    assert error.translation_key == "read_only"
    assert await call(hass, "search", disk="SD_DISK")


@pytest.mark.usefixtures("loaded")
async def test_disk_as_a_target(hass: HomeAssistant) -> None:
    """Actions find the camera by its disk's device and entities."""
    (device,) = disk_devices(hass).values()
    for target in ({"device_id": device.id}, {"entity_id": STATUS}):
        answer = await call(hass, "search", target=target, limit=1)
        assert [each["camera"] for each in answer["cameras"]] == ["Front camera"]
