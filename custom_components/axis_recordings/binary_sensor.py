"""Whether a camera records, whoever started it, and whether its disks are well."""

from typing import TYPE_CHECKING, Final, override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.const import Platform
from homeassistant.core import callback
from homeassistant.helpers import entity_registry as er

from .disks.binary_sensors import DISK_BINARY_SENSORS, DiskBinarySensor
from .disks.entity import DiskEntities
from .entity import AxisRecordingsEntity
from .recordings.attributes import recording_ids
from .vapix.bounds import MOST_SOURCES, USUAL_SOURCES

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

    from .coordinator import RecordingsCoordinator
    from .runtime import AxisRecordingsConfigEntry, AxisRecordingsData
    from .vapix import Recording

PARALLEL_UPDATES = 0

RECORDING_IN_PROGRESS: Final = BinarySensorEntityDescription(
    key="recording_in_progress",
    translation_key="recording_in_progress",
    device_class=BinarySensorDeviceClass.RUNNING,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: AxisRecordingsConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add those of the camera, and those of its sources and disks as they come."""
    camera = entry.runtime_data
    camera.async_add_entities(
        async_add_entities,
        lambda: [RecordingBinarySensor(camera.recordings, RECORDING_IN_PROGRESS)],
    )
    _async_add_sources(hass, camera, async_add_entities)
    _async_add_disks(camera, async_add_entities)


@callback
def _async_add_sources(
    hass: HomeAssistant,
    camera: AxisRecordingsData,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add one for each source, if there are several."""
    sources = _known_sources(hass, camera)
    added: set[str] = set()

    def new_sensors() -> list[SourceBinarySensor]:
        reported = _reported_sources(camera) - sources
        sources.update(sorted(reported)[: max(0, MOST_SOURCES - len(sources))])
        new = sorted(sources - added) if len(sources) > 1 else []
        added.update(new)
        return [SourceBinarySensor(camera.recordings, source) for source in new]

    camera.async_add_entities(async_add_entities, new_sensors, source=camera.recordings)


@callback
def _async_add_disks(
    camera: AxisRecordingsData, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add those of each disk."""
    sensors = DiskEntities(
        camera.disks, Platform.BINARY_SENSOR, DISK_BINARY_SENSORS, DiskBinarySensor
    )
    camera.async_add_entities(async_add_entities, sensors.make_new, source=camera.disks)


class RecordingBinarySensor(AxisRecordingsEntity, BinarySensorEntity):
    """On while any recording goes on."""

    @property
    def ongoing(self) -> list[Recording]:
        """Return the recordings that this is about."""
        return list(self.coordinator.data.ongoing)

    @property
    @override
    def is_on(self) -> bool:
        return bool(self.ongoing)

    @property
    @override
    def extra_state_attributes(self) -> dict[str, list[str] | int]:
        ongoing = self.ongoing
        return {
            "recording_ids": recording_ids(ongoing),
            "recording_count": len(ongoing),
        }


class SourceBinarySensor(RecordingBinarySensor):
    """On while any recording of one source goes on."""

    def __init__(self, coordinator: RecordingsCoordinator, source: str) -> None:
        """Show one source."""
        description = BinarySensorEntityDescription(
            key=f"{RECORDING_IN_PROGRESS.key}-{source}",
            translation_key="source_recording_in_progress",
            device_class=BinarySensorDeviceClass.RUNNING,
        )
        super().__init__(coordinator, description)
        self._source = source
        self._attr_translation_placeholders = {"source": source}

    @property
    @override
    def ongoing(self) -> list[Recording]:
        return [
            recording
            for recording in self.coordinator.data.ongoing
            if recording.source == self._source
        ]


def _reported_sources(camera: AxisRecordingsData) -> set[str]:
    """Return the sources of the recordings that are there, as far as they are known."""
    data = camera.recordings.data
    seen = (*data.listed, *filter(None, [data.newest, data.oldest]))
    return {
        *camera.metadata.known_sources,
        *(recording.source for recording in seen if recording.source),
    }


def _known_sources(hass: HomeAssistant, camera: AxisRecordingsData) -> set[str]:
    """Return the sources of the last time, also those whose recordings have been cleaned up.

    Where these are more than any camera has, those without recordings are forgotten.
    """
    registry = er.async_get(hass)
    prefix = f"{camera.recordings.device.serial}-{RECORDING_IN_PROGRESS.key}-"
    registered = {
        each.unique_id.removeprefix(prefix): each.entity_id
        for each in er.async_entries_for_config_entry(registry, camera.entry.entry_id)
        if each.unique_id.startswith(prefix)
    }
    is_listed = bool(camera.metadata.known_sources)
    if len(registered) > USUAL_SOURCES and is_listed:
        for source in registered.keys() - _reported_sources(camera):
            registry.async_remove(registered.pop(source))
    return {*registered}
