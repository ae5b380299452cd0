"""The device of each disk, which is a part of its camera's."""

from typing import TYPE_CHECKING, Final

from homeassistant.core import callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.device_registry import ChildDeviceInfo
from homeassistant.helpers.translation import async_translations_loaded
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..entity import camera_device, device_name
from ..helpers.lasting import async_lasting
from ..vapix.bounds import MOST_DISKS

if TYPE_CHECKING:
    from .coordinator import DisksCoordinator

# VAPIX (edge storage): what the slots and drives are called.
TRANSLATION_KEYS: Final = {
    "SD_DISK": "sd_card",
    "NetworkShare": "network_share",
    "HDD_DISK": "hard_disk",
    "EMMC": "internal_memory",
    "USB_DISK": "usb_disk",
}

_HAD: Final[HassKey[set[str]]] = HassKey("disks_with_devices")
"""The disks that had a device. Home Assistant remembers also those that it has removed, so they are bounded."""


@callback
def async_update_disk_devices(coordinator: DisksCoordinator) -> None:
    """Let each disk have its device: from when there is something in it, until its slot is gone."""
    if not coordinator.data.is_listed:
        return
    registry = dr.async_get(coordinator.hass)
    had = async_lasting(coordinator.hass, coordinator.config_entry.entry_id, _HAD, set)
    had.update(each for each in coordinator.data.disks if has_device(coordinator, each))
    attached = [
        disk_id
        for disk_id, state in coordinator.data.disks.items()
        if state.disk.is_attached
    ]
    new = [disk_id for disk_id in attached if disk_id not in had]
    room = max(0, MOST_DISKS - len(had))
    had.update(coordinator.recordings.client.bounds.first("disks", new, room))
    for disk_id in attached:
        if disk_id in had:
            registry.async_get_or_create_child(
                config_entry_id=coordinator.config_entry.entry_id,
                **disk_device_info(coordinator, disk_id),
            )
    camera = camera_device(coordinator.recordings)
    for device in dr.async_entries_for_parent_device(registry, camera.id):
        if disk_of(coordinator, device) not in coordinator.data.disks:
            registry.async_remove_device(device.id)


def disk_device_info(coordinator: DisksCoordinator, disk_id: str) -> ChildDeviceInfo:
    """Return what the device of a disk is made of. It is the slot's, whatever card is in it."""
    identifiers = {_identifier(coordinator, disk_id)}
    parent_device_id = camera_device(coordinator.recordings).id
    name = coordinator.data.disks[disk_id].disk.name
    translation_key = TRANSLATION_KEYS.get(disk_id)
    if translation_key and not name:
        if async_translations_loaded(coordinator.hass, {DOMAIN}):
            return ChildDeviceInfo(
                identifiers=identifiers,
                parent_device_id=parent_device_id,
                translation_key=translation_key,
            )
        # The language has just been changed: what is called by a key would show the key.
        device = _device(coordinator, disk_id)
        name = (device and device.name) or disk_id
    return ChildDeviceInfo(
        identifiers=identifiers,
        parent_device_id=parent_device_id,
        name=name or disk_id,
    )


def has_device(coordinator: DisksCoordinator, disk_id: str) -> bool:
    """Return whether a disk has a device."""
    return _device(coordinator, disk_id) is not None


def disk_name(coordinator: DisksCoordinator, disk_id: str) -> str:
    """Return what the owner knows a disk as."""
    device = _device(coordinator, disk_id)
    return (device and device_name(device)) or disk_id


def disk_of(coordinator: DisksCoordinator, device: dr.AnyDeviceEntry) -> str | None:
    """Return the id of the disk whose device this is."""
    prefix = f"{coordinator.recordings.device.serial}-"
    return next(
        (
            identifier.removeprefix(prefix)
            for domain, identifier in device.identifiers
            if domain == DOMAIN and identifier.startswith(prefix)
        ),
        None,
    )


def _device(coordinator: DisksCoordinator, disk_id: str) -> dr.ChildDeviceEntry | None:
    return dr.async_get(coordinator.hass).async_get_child_device_by_identifier(
        _identifier(coordinator, disk_id), coordinator.config_entry.entry_id
    )


def _identifier(coordinator: DisksCoordinator, disk_id: str) -> tuple[str, str]:
    return DOMAIN, f"{coordinator.recordings.device.serial}-{disk_id}"
