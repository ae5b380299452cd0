"""Whether something is wrong with a disk."""

from dataclasses import dataclass
from typing import override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)

from .entity import DiskEntity, DiskEntityDescription


@dataclass(frozen=True, kw_only=True)
class DiskBinarySensorDescription(DiskEntityDescription, BinarySensorEntityDescription):
    """A binary sensor of a disk."""


DISK_BINARY_SENSORS = (
    DiskBinarySensorDescription(
        key="problem",
        translation_key="disk_problem",
        device_class=BinarySensorDeviceClass.PROBLEM,
    ),
)


class DiskBinarySensor(DiskEntity, BinarySensorEntity):
    """On while something is wrong with a disk."""

    entity_description: DiskBinarySensorDescription

    @property
    @override
    def is_on(self) -> bool:
        return bool(self.disk_state.reasons)

    @property
    @override
    def extra_state_attributes(self) -> dict[str, list[str]]:
        return {"reasons": self.disk_state.reasons}
