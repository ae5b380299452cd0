"""The device of each disk, which is a part of its camera's."""

from typing import TYPE_CHECKING, Final

from homeassistant.core import callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.device_registry import ChildDeviceInfo
from homeassistant.helpers.translation import async_translations_loaded

from .const import DOMAIN
from .entity import camera_device, device_name

if TYPE_CHECKING:
    from .storage import StorageCoordinator

# VAPIX (edge storage): what the slots and drives are called.
TRANSLATION_KEYS: Final = {
    "SD_DISK": "sd_card",
    "NetworkShare": "network_share",
    "HDD_DISK": "hard_disk",
    "EMMC": "internal_memory",
    "USB_DISK": "usb_disk",
}


@callback
def async_update_disk_devices(storage: StorageCoordinator) -> None:
    """Let each disk have its device: from when there is something in it, until its slot is gone."""
    if not storage.data.is_listed:
        return
    registry = dr.async_get(storage.hass)
    for disk_id, state in storage.data.disks.items():
        if state.disk.is_attached:
            registry.async_get_or_create_child(
                config_entry_id=storage.config_entry.entry_id,
                **disk_device_info(storage, disk_id),
            )
    camera = camera_device(storage.coordinator)
    for device in dr.async_entries_for_parent_device(registry, camera.id):
        if disk_of(storage, device) not in storage.data.disks:
            registry.async_remove_device(device.id)


def disk_device_info(storage: StorageCoordinator, disk_id: str) -> ChildDeviceInfo:
    """Return what the device of a disk is made of. It is the slot's, whatever card is in it."""
    identifiers = {_identifier(storage, disk_id)}
    parent_device_id = camera_device(storage.coordinator).id
    name = storage.data.disks[disk_id].disk.name
    translation_key = TRANSLATION_KEYS.get(disk_id)
    if translation_key and not name:
        if async_translations_loaded(storage.hass, {DOMAIN}):
            return ChildDeviceInfo(
                identifiers=identifiers,
                parent_device_id=parent_device_id,
                translation_key=translation_key,
            )
        # The language has just been changed: what is called by a key would show the key.
        device = _device(storage, disk_id)
        name = (device and device.name) or disk_id
    return ChildDeviceInfo(
        identifiers=identifiers,
        parent_device_id=parent_device_id,
        name=name or disk_id,
    )


def has_device(storage: StorageCoordinator, disk_id: str) -> bool:
    """Return whether a disk has a device."""
    return _device(storage, disk_id) is not None


def disk_name(storage: StorageCoordinator, disk_id: str) -> str:
    """Return what the owner knows a disk as."""
    device = _device(storage, disk_id)
    return (device and device_name(device)) or disk_id


def disk_of(storage: StorageCoordinator, device: dr.AnyDeviceEntry) -> str | None:
    """Return the id of the disk whose device this is."""
    prefix = f"{storage.coordinator.camera.device.serial}-"
    return next(
        (
            identifier.removeprefix(prefix)
            for domain, identifier in device.identifiers
            if domain == DOMAIN and identifier.startswith(prefix)
        ),
        None,
    )


def _device(storage: StorageCoordinator, disk_id: str) -> dr.ChildDeviceEntry | None:
    return dr.async_get(storage.hass).async_get_child_device_by_identifier(
        _identifier(storage, disk_id), storage.config_entry.entry_id
    )


def _identifier(storage: StorageCoordinator, disk_id: str) -> tuple[str, str]:
    return DOMAIN, f"{storage.coordinator.camera.device.serial}-{disk_id}"
