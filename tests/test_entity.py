"""What all entities have in common, and the camera's device."""

from typing import TYPE_CHECKING

from homeassistant.components.binary_sensor import BinarySensorDeviceClass
from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
)
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.axis_recordings import PLATFORMS
from custom_components.axis_recordings.event import AxisRecordingsEvent
from custom_components.axis_recordings.switch import AxisRecordingsSwitch
from tests.camera import Camera, Disk

from .common import (
    IN_PROGRESS,
    LAST_RECORDING,
    OLDEST_RECORDING,
    SWITCH,
    added,
    device_of,
)
from .disks.entities import PROBLEM, STATUS
from .repository import integration_json, translations

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from homeassistant.core import HomeAssistant

    from tests.camera import CameraServer


@pytest.fixture
async def entities(
    hass: HomeAssistant, enable_custom_integrations: None
) -> AsyncGenerator[list[er.RegistryEntry]]:
    """Return all entities that a camera and its disk can have, also those that are off."""
    disk = Disk(wear=1, temperature_kelvin=300)
    camera = Camera(recordings=40, sources=2, disks=[disk])
    async with added(hass, camera) as (_, entry):
        yield er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)


def test_unique_ids(entities: list[er.RegistryEntry]) -> None:
    """Each entity is known by the camera's serial number and what it shows."""
    assert {each.domain for each in entities} == set(PLATFORMS)
    unique_ids = {(each.domain, each.unique_id) for each in entities}
    assert len(unique_ids) == len(entities)
    for each in entities:
        assert each.unique_id.startswith("B8A44F0A1B2C-")


def test_names(entities: list[er.RegistryEntry]) -> None:
    """They come after the device's name, and from the texts, of which none is for nothing."""
    assert all(each.has_entity_name for each in entities)
    texts = translations()["entity"]
    assert {(each.domain, each.translation_key) for each in entities} == {
        (platform, key) for platform, names in texts.items() for key in names
    }


def test_icons(entities: list[er.RegistryEntry]) -> None:
    """They come from icons.json, or with what an entity measures."""
    icons = integration_json("icons.json")["entity"]
    for each in entities:
        assert each.original_icon is None
        has_icon = each.translation_key in icons.get(each.domain, {})
        assert has_icon or each.original_device_class, each.entity_id


def test_device_classes(entities: list[er.RegistryEntry]) -> None:
    """What is a time, a state of its own, or goes on, says so."""
    found = {each.entity_id: each.original_device_class for each in entities}
    assert found[LAST_RECORDING] == found[OLDEST_RECORDING]
    assert found[OLDEST_RECORDING] is SensorDeviceClass.TIMESTAMP
    assert found[STATUS] is SensorDeviceClass.ENUM
    assert found[IN_PROGRESS] is BinarySensorDeviceClass.RUNNING
    assert found[PROBLEM] is BinarySensorDeviceClass.PROBLEM


async def test_subscriptions(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    """An entity listens while it is there: not when it is made, nor once it is gone."""
    data = loaded.runtime_data
    before = len(data.recordings._listeners)
    AxisRecordingsEvent(data)
    AxisRecordingsSwitch(data)
    assert len(data.recordings._listeners) == before
    er.async_get(hass).async_remove(SWITCH)
    await hass.async_block_till_done()
    assert len(data.recordings._listeners) == before - 1
    assert await hass.config_entries.async_unload(loaded.entry_id)
    assert not data.recordings._listeners
    assert not data.disks._listeners
    assert not data.activity._listeners


@pytest.mark.usefixtures("loaded")
async def test_device(
    hass: HomeAssistant, camera: Camera, server: CameraServer
) -> None:
    """The device says what it is and links to the camera's page."""
    device = device_of(hass, camera)
    assert device.name == "Front camera"
    assert device.manufacturer == "Axis Communications AB"
    assert device.model == "AXIS P3265-LVE"
    assert device.serial_number == "B8A44F0A1B2C"
    assert device.sw_version == "12.4.59"
    assert device.connections == {("mac", "b8:a4:4f:0a:1b:2c")}
    assert device.configuration_url == f"{server.url}/"
    assert device.via_device_id is None


async def test_device_beside_the_core_integrations(
    hass: HomeAssistant, entry: MockConfigEntry, camera: Camera
) -> None:
    """The same camera's core device is linked, and its area suggested."""
    core_entry = MockConfigEntry(domain="axis")
    core_entry.add_to_hass(hass)
    mac = dr.format_mac(camera.serial)
    core_device = dr.async_get(hass).async_get_or_create(
        config_entry_id=core_entry.entry_id,
        identifiers={("axis", mac)},
        connections={(dr.CONNECTION_NETWORK_MAC, mac)},
    )
    area = ar.async_get(hass).async_create("Garden")
    dr.async_get(hass).async_update_device(core_device.id, area_id=area.id)

    await hass.config_entries.async_setup(entry.entry_id)

    device = device_of(hass, camera)
    assert device.id != core_device.id
    assert device.via_device_id == core_device.id
    assert device.area_id == area.id
