"""Whether a camera records, whoever started it, and whether its disks are well."""

from contextlib import suppress
from typing import TYPE_CHECKING, Final, override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.const import Platform
from homeassistant.core import callback
from homeassistant.helpers import entity_registry as er

from .disk_binary_sensors import DISK_BINARY_SENSORS, DiskBinarySensor
from .disk_entity import entities_of_new_disks
from .entity import AxisRecordingsEntity
from .vapix import VapixError
from .vapix.bounds import MOST_SOURCES, USUAL_SOURCES

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

    from .coordinator import AxisRecordingsConfigEntry, AxisRecordingsCoordinator
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
    coordinator = entry.runtime_data
    async_add_entities([RecordingBinarySensor(coordinator, RECORDING_IN_PROGRESS)])
    await _async_add_sources(hass, entry, async_add_entities)
    _async_add_disks(entry, async_add_entities)


async def _async_add_sources(
    hass: HomeAssistant,
    entry: AxisRecordingsConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add one for each source, if there are several."""
    coordinator = entry.runtime_data
    with suppress(VapixError):
        await coordinator.catalogue.async_sources()
    sources = _known_sources(hass, coordinator)
    added: set[str] = set()

    @callback
    def add_sources() -> None:
        told = _told_sources(coordinator) - sources
        sources.update(sorted(told)[: max(0, MOST_SOURCES - len(sources))])
        if len(sources) > 1 and (new := sources - added):
            added.update(new)
            async_add_entities(
                SourceBinarySensor(coordinator, source) for source in sorted(new)
            )

    add_sources()
    entry.async_on_unload(coordinator.async_add_listener(add_sources))


@callback
def _async_add_disks(
    entry: AxisRecordingsConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add those of each disk."""
    storage = entry.runtime_data.storage
    new_sensors = entities_of_new_disks(
        storage, Platform.BINARY_SENSOR, DISK_BINARY_SENSORS, DiskBinarySensor
    )

    @callback
    def add_disks() -> None:
        async_add_entities(new_sensors())

    add_disks()
    entry.async_on_unload(storage.async_add_listener(add_disks))


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
    def extra_state_attributes(self) -> dict[str, list[str]]:
        return {"recording_ids": [recording.recording_id for recording in self.ongoing]}


class SourceBinarySensor(RecordingBinarySensor):
    """On while any recording of one source goes on."""

    def __init__(self, coordinator: AxisRecordingsCoordinator, source: str) -> None:
        """Look at one source."""
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


def _told_sources(coordinator: AxisRecordingsCoordinator) -> set[str]:
    """Return the sources of the recordings that are there, as far as they are known."""
    data = coordinator.data
    seen = (*data.listed, *filter(None, [data.newest, data.oldest]))
    return {
        *coordinator.catalogue.known_sources,
        *(recording.source for recording in seen if recording.source),
    }


def _known_sources(
    hass: HomeAssistant, coordinator: AxisRecordingsCoordinator
) -> set[str]:
    """Return the sources of the last time, also those whose recordings have been cleaned up.

    Where these are more than any camera has, those without recordings are forgotten.
    """
    registry = er.async_get(hass)
    prefix = f"{coordinator.camera.device.serial}-{RECORDING_IN_PROGRESS.key}-"
    registered = {
        each.unique_id.removeprefix(prefix): each.entity_id
        for each in er.async_entries_for_config_entry(
            registry, coordinator.config_entry.entry_id
        )
        if each.unique_id.startswith(prefix)
    }
    is_told = bool(coordinator.catalogue.known_sources)
    if len(registered) > USUAL_SOURCES and is_told:
        for source in registered.keys() - _told_sources(coordinator):
            registry.async_remove(registered.pop(source))
    return {*registered}
