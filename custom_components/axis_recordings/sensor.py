"""Numbers and times of a camera's recordings."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import PERCENTAGE, EntityCategory, Platform
from homeassistant.core import callback

from .disk_entity import entities_of_new_disks
from .disk_sensors import DISK_SENSORS, DiskSensor
from .entity import AxisRecordingsEntity
from .response import recording_fields

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
    from homeassistant.helpers.typing import StateType

    from .coordinator import AxisRecordingsConfigEntry, AxisRecordingsCoordinator

PARALLEL_UPDATES = 0
MAX_STATE_LENGTH = 255


@dataclass(frozen=True, kw_only=True)
class AxisRecordingsSensorDescription(SensorEntityDescription):
    """A sensor, and where its value is found."""

    value_fn: Callable[[AxisRecordingsCoordinator], StateType | Any]
    attributes_fn: Callable[[AxisRecordingsCoordinator], Mapping[str, Any] | None] = (
        lambda _: None
    )


def _last_recording(coordinator: AxisRecordingsCoordinator) -> Mapping[str, Any]:
    newest = coordinator.data.newest
    entry_id = coordinator.config_entry.entry_id
    return recording_fields(newest, entry_id) if newest else {}


def _last_error(coordinator: AxisRecordingsCoordinator) -> Mapping[str, Any] | None:
    error = coordinator.recorder.last_error
    return {"command": error.command, "time": error.time} if error else None


SENSORS = (
    AxisRecordingsSensorDescription(
        key="recordings",
        translation_key="recordings",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda coordinator: coordinator.data.total,
    ),
    AxisRecordingsSensorDescription(
        key="ongoing_recordings",
        translation_key="ongoing_recordings",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda coordinator: len(coordinator.data.ongoing),
    ),
    AxisRecordingsSensorDescription(
        key="last_recording",
        translation_key="last_recording",
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=lambda coordinator: (
            coordinator.data.newest and coordinator.data.newest.start
        ),
        attributes_fn=_last_recording,
    ),
    AxisRecordingsSensorDescription(
        key="oldest_recording",
        translation_key="oldest_recording",
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=lambda coordinator: (
            coordinator.data.oldest and coordinator.data.oldest.start
        ),
    ),
    AxisRecordingsSensorDescription(
        key="save_progress",
        translation_key="save_progress",
        entity_category=EntityCategory.DIAGNOSTIC,
        native_unit_of_measurement=PERCENTAGE,
        value_fn=lambda coordinator: coordinator.save_progress,
    ),
    AxisRecordingsSensorDescription(
        key="last_error",
        translation_key="last_error",
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda coordinator: (
            coordinator.recorder.last_error
            and coordinator.recorder.last_error.message[:MAX_STATE_LENGTH]
        ),
        attributes_fn=_last_error,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: AxisRecordingsConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the sensors of the camera, and those of its disks as they come."""
    coordinator = entry.runtime_data
    async_add_entities(
        AxisRecordingsSensor(coordinator, description) for description in SENSORS
    )
    new_sensors = entities_of_new_disks(
        coordinator.storage, Platform.SENSOR, DISK_SENSORS, DiskSensor
    )

    @callback
    def add_disks() -> None:
        async_add_entities(new_sensors())

    add_disks()
    entry.async_on_unload(coordinator.storage.async_add_listener(add_disks))


class AxisRecordingsSensor(AxisRecordingsEntity, SensorEntity):
    """A number or a time."""

    entity_description: AxisRecordingsSensorDescription

    @property
    @override
    def native_value(self) -> StateType | Any:
        return self.entity_description.value_fn(self.coordinator)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        return self.entity_description.attributes_fn(self.coordinator)
