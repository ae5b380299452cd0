"""Numbers and times of a camera's recordings."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import (
    MAX_LENGTH_STATE_STATE,
    PERCENTAGE,
    EntityCategory,
    Platform,
)

from .disks.entity import DiskEntities
from .disks.sensors import DISK_SENSORS, DiskSensor
from .entity import AxisRecordingsEntity
from .recordings.attributes import recording_fields

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
    from homeassistant.helpers.typing import StateType

    from .runtime import AxisRecordingsConfigEntry, AxisRecordingsData

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class AxisRecordingsSensorDescription(SensorEntityDescription):
    """A sensor, and where its value is found."""

    value_fn: Callable[[AxisRecordingsData], StateType | Any]
    attributes_fn: Callable[[AxisRecordingsData], Mapping[str, Any] | None] = lambda _: (
        None
    )


def _last_recording(camera: AxisRecordingsData) -> Mapping[str, Any]:
    newest = camera.recordings.data.newest
    entry_id = camera.entry.entry_id
    return recording_fields(newest, entry_id) if newest else {}


def _last_error(camera: AxisRecordingsData) -> Mapping[str, Any] | None:
    error = camera.commands.last_error
    return {"command": error.command, "time": error.time} if error else None


SENSORS = (
    AxisRecordingsSensorDescription(
        key="recordings",
        translation_key="recordings",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda camera: camera.recordings.data.total,
    ),
    AxisRecordingsSensorDescription(
        key="ongoing_recordings",
        translation_key="ongoing_recordings",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda camera: len(camera.recordings.data.ongoing),
    ),
    AxisRecordingsSensorDescription(
        key="last_recording",
        translation_key="last_recording",
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=lambda camera: (
            camera.recordings.data.newest and camera.recordings.data.newest.start
        ),
        attributes_fn=_last_recording,
    ),
    AxisRecordingsSensorDescription(
        key="oldest_recording",
        translation_key="oldest_recording",
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=lambda camera: (
            camera.recordings.data.oldest and camera.recordings.data.oldest.start
        ),
    ),
    AxisRecordingsSensorDescription(
        key="save_progress",
        translation_key="save_progress",
        entity_category=EntityCategory.DIAGNOSTIC,
        native_unit_of_measurement=PERCENTAGE,
        value_fn=lambda camera: camera.saves.progress,
    ),
    AxisRecordingsSensorDescription(
        key="last_error",
        translation_key="last_error",
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda camera: (
            camera.commands.last_error
            and camera.commands.last_error.message[:MAX_LENGTH_STATE_STATE]
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
    camera = entry.runtime_data
    camera.async_add_entities(
        async_add_entities,
        lambda: [AxisRecordingsSensor(camera, description) for description in SENSORS],
    )
    sensors = DiskEntities(camera.disks, Platform.SENSOR, DISK_SENSORS, DiskSensor)
    camera.async_add_entities(async_add_entities, sensors.make_new, source=camera.disks)


class AxisRecordingsSensor(AxisRecordingsEntity, SensorEntity):
    """A number or a time."""

    entity_description: AxisRecordingsSensorDescription

    def __init__(
        self, camera: AxisRecordingsData, description: AxisRecordingsSensorDescription
    ) -> None:
        """Show something of a camera."""
        super().__init__(camera.recordings, description)
        self._camera = camera

    @property
    @override
    def native_value(self) -> StateType | Any:
        return self.entity_description.value_fn(self._camera)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        return self.entity_description.attributes_fn(self._camera)
