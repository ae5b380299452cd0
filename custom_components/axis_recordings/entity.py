"""What all entities of a camera share."""

from typing import TYPE_CHECKING, Any

from homeassistant.core import callback
from homeassistant.helpers import area_registry as ar, device_registry as dr
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.update_coordinator import (
    CoordinatorEntity,
    DataUpdateCoordinator,
)

from .const import DOMAIN, MANUFACTURER
from .coordinator import RecordingsCoordinator
from .core_axis import find_core_device

if TYPE_CHECKING:
    from homeassistant.config_entries import ConfigEntry
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity import EntityDescription

    from .vapix import DeviceInformation


class CameraEntity[CoordinatorT: DataUpdateCoordinator[Any]](
    CoordinatorEntity[CoordinatorT]
):
    """An entity of a camera or of one of its parts."""

    _attr_has_entity_name = True


class AxisRecordingsEntity(CameraEntity[RecordingsCoordinator]):
    """An entity of a camera."""

    def __init__(
        self, coordinator: RecordingsCoordinator, description: EntityDescription
    ) -> None:
        """Tie the entity to its camera."""
        super().__init__(coordinator)
        self.entity_description = description
        serial = coordinator.device.serial
        self._attr_unique_id = f"{serial}-{description.key}"
        self._attr_device_info = _device_info(coordinator)


def camera_device(coordinator: RecordingsCoordinator) -> dr.DeviceEntry:
    """Return the camera's device, which is made if it is not there yet."""
    registry, entry_id = (
        dr.async_get(coordinator.hass),
        coordinator.config_entry.entry_id,
    )
    identifier = (DOMAIN, coordinator.device.serial)
    return registry.async_get_device_by_identifier(
        identifier, entry_id
    ) or registry.async_get_or_create(
        config_entry_id=entry_id, **_device_info(coordinator)
    )


@callback
def async_update_camera_device(coordinator: RecordingsCoordinator) -> None:
    """Show on the camera's device what has changed."""
    dr.async_get(coordinator.hass).async_get_or_create(
        config_entry_id=coordinator.config_entry.entry_id, **_device_info(coordinator)
    )


def _device_info(coordinator: RecordingsCoordinator) -> DeviceInfo:
    device = coordinator.device
    core_device = find_core_device(coordinator.hass, device.serial)
    areas = ar.async_get(coordinator.hass)
    area = (
        areas.async_get_area(core_device.area_id)
        if core_device and core_device.area_id
        else None
    )
    return DeviceInfo(
        identifiers={(DOMAIN, device.serial)},
        connections={(dr.CONNECTION_NETWORK_MAC, dr.format_mac(device.serial))},
        configuration_url=str(coordinator.client.address.url("/")),
        manufacturer=MANUFACTURER,
        model=device.model,
        model_id=device.hardware_id,
        name=coordinator.name,
        serial_number=device.serial,
        suggested_area=area.name if area else None,
        sw_version=device.firmware,
        via_device_id=core_device.id if core_device else None,
    )


def camera_titles(hass: HomeAssistant, device: DeviceInformation) -> tuple[str, str]:
    """Return what the owner knows a camera as, or else its model; and the same for if that is taken."""
    core_device = find_core_device(hass, device.serial)
    # Where nobody has named it, the integration calls it by its model and a number.
    title = (core_device and core_device.name_by_user) or device.name or device.model
    return title, f"{title} {device.serial[-6:]}"


def free_title(hass: HomeAssistant, device: DeviceInformation) -> str:
    """Return what the owner knows a camera as, so that no other entry has the same name."""
    title, longer = camera_titles(hass, device)
    taken = {
        entry.title
        for entry in hass.config_entries.async_entries(DOMAIN)
        if entry.unique_id != device.serial
    }
    return longer if title in taken else title


def camera_title(hass: HomeAssistant, entry: ConfigEntry[Any]) -> str:
    """Return what the owner calls a camera, whether or not it is loaded."""
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, str(entry.unique_id)), entry.entry_id
    )
    return (device and device_name(device)) or entry.title


def device_name(device: dr.AnyDeviceEntry) -> str | None:
    """Return what the owner calls a device."""
    return device.name_by_user or device.name
