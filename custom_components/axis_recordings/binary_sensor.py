"""Whether a camera records, whoever started it."""

from typing import TYPE_CHECKING, override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)

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
    """Add the binary sensor."""
    async_add_entities(
        [AxisRecordingsBinarySensor(entry.runtime_data, RECORDING_IN_PROGRESS)]
    )


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
