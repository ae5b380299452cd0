"""Whether a camera records, whoever started it, and whether its disks are well."""

from typing import TYPE_CHECKING, override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.const import Platform
from homeassistant.core import callback

from .disk_binary_sensors import DISK_BINARY_SENSORS, DiskBinarySensor
from .disk_entity import entities_of_new_disks
from .entity import AxisRecordingsEntity

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

    from .coordinator import AxisRecordingsConfigEntry

PARALLEL_UPDATES = 0

RECORDING_IN_PROGRESS = BinarySensorEntityDescription(
    key="recording_in_progress",
    translation_key="recording_in_progress",
    device_class=BinarySensorDeviceClass.RUNNING,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: AxisRecordingsConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the binary sensor of the camera, and those of its disks as they come."""
    coordinator = entry.runtime_data
    async_add_entities([AxisRecordingsBinarySensor(coordinator, RECORDING_IN_PROGRESS)])
    new_sensors = entities_of_new_disks(
        coordinator.storage,
        Platform.BINARY_SENSOR,
        DISK_BINARY_SENSORS,
        DiskBinarySensor,
    )

    @callback
    def add_disks() -> None:
        async_add_entities(new_sensors())

    add_disks()
    entry.async_on_unload(coordinator.storage.async_add_listener(add_disks))


class AxisRecordingsBinarySensor(AxisRecordingsEntity, BinarySensorEntity):
    """On while any recording goes on."""

    @property
    @override
    def is_on(self) -> bool:
        return bool(self.coordinator.data.ongoing)

    @property
    @override
    def extra_state_attributes(self) -> dict[str, list[str]]:
        ongoing = self.coordinator.data.ongoing
        return {"recording_ids": [recording.recording_id for recording in ongoing]}
