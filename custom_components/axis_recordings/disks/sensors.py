"""The sensors of each disk."""

from dataclasses import dataclass
from datetime import timedelta
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
    UnitOfInformation,
    UnitOfTemperature,
    UnitOfTime,
)

from .entity import DiskEntity, DiskEntityDescription
from .state import DiskStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from homeassistant.helpers.typing import StateType

    from .state import DiskState

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class DiskSensorDescription(DiskEntityDescription, SensorEntityDescription):
    """A sensor of a disk, and where its value is found."""

    value_fn: Callable[[DiskState], StateType]


@dataclass(frozen=True, kw_only=True)
class DiskSizeDescription(DiskSensorDescription):
    """A number of bytes, which are shown in gigabytes."""

    device_class: SensorDeviceClass = SensorDeviceClass.DATA_SIZE
    native_unit_of_measurement: str = UnitOfInformation.BYTES
    state_class: SensorStateClass | None = SensorStateClass.MEASUREMENT
    suggested_display_precision: int = 1
    suggested_unit_of_measurement: str = UnitOfInformation.GIGABYTES


def _wear(state: DiskState) -> int | None:
    return state.health.wear if state.health else None


def _temperature(state: DiskState) -> float | None:
    return state.health.temperature if state.health else None


DISK_SENSORS = (
    DiskSensorDescription(
        key="status",
        translation_key="disk_status",
        device_class=SensorDeviceClass.ENUM,
        options=[status.value for status in DiskStatus],
        value_fn=lambda state: state.status,
    ),
    DiskSensorDescription(
        key="used_part",
        translation_key="disk_used_part",
        native_unit_of_measurement=PERCENTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=0,
        value_fn=lambda state: (
            None if state.used_part is None else round(state.used_part, 1)
        ),
    ),
    DiskSizeDescription(
        key="used",
        translation_key="disk_used",
        value_fn=lambda state: state.used,
    ),
    DiskSizeDescription(
        key="free",
        translation_key="disk_free",
        value_fn=lambda state: state.free,
    ),
    DiskSizeDescription(
        key="total",
        translation_key="disk_total",
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda state: state.total,
    ),
    DiskSensorDescription(
        key="recordings",
        translation_key="disk_recordings",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda state: state.recordings,
    ),
    DiskSensorDescription(
        key="time_left",
        translation_key="disk_time_left",
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.HOURS,
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda state: (
            None if state.time_left is None else round(state.time_left / HOUR)
        ),
    ),
    DiskSensorDescription(
        key="retention",
        translation_key="disk_retention",
        device_class=SensorDeviceClass.DURATION,
        entity_category=EntityCategory.DIAGNOSTIC,
        native_unit_of_measurement=UnitOfTime.DAYS,
        value_fn=lambda state: state.retention // DAY if state.retention else None,
    ),
    DiskSensorDescription(
        key="wear",
        translation_key="disk_wear",
        entity_category=EntityCategory.DIAGNOSTIC,
        native_unit_of_measurement=PERCENTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        exists_fn=lambda state: _wear(state) is not None,
        value_fn=_wear,
    ),
    DiskSensorDescription(
        key="temperature",
        translation_key="disk_temperature",
        device_class=SensorDeviceClass.TEMPERATURE,
        entity_category=EntityCategory.DIAGNOSTIC,
        native_unit_of_measurement=UnitOfTemperature.CELSIUS,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=0,
        exists_fn=lambda state: _temperature(state) is not None,
        value_fn=_temperature,
    ),
    DiskSensorDescription(
        key="file_system",
        translation_key="disk_file_system",
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        exists_fn=lambda state: bool(state.disk.file_system),
        value_fn=lambda state: state.disk.file_system[:MAX_LENGTH_STATE_STATE] or None,
    ),
    DiskSizeDescription(
        key="storage_limit",
        translation_key="disk_storage_limit",
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        state_class=None,
        exists_fn=lambda state: state.limit is not None,
        value_fn=lambda state: (state.limit and state.limit.size) or None,
    ),
)


class DiskSensor(DiskEntity, SensorEntity):
    """A number or a word on a disk."""

    entity_description: DiskSensorDescription

    @property
    @override
    def native_value(self) -> StateType:
        return self.entity_description.value_fn(self.disk_state)

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any] | None:
        """Return what the camera does with the disk, beside its status."""
        job = self.coordinator.jobs.get(self.disk_id)
        if job is None or self.entity_description.key != "status":
            return None
        return {"job": job.action, "job_progress": job.progress}
