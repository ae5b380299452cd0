"""What happens to a camera's recordings, as events."""

from typing import TYPE_CHECKING, Final, override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.core import callback

from .activity.models import ActivityType
from .entity import AxisRecordingsEntity
from .recordings.attributes import recording_fields

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

    from .activity.models import Activity
    from .runtime import AxisRecordingsConfigEntry, AxisRecordingsData

PARALLEL_UPDATES = 0

RECORDING_ACTIVITY: Final = EventEntityDescription(
    key="recording_activity",
    translation_key="recording_activity",
    event_types=[each.value for each in ActivityType],
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: AxisRecordingsConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the event entity."""
    camera = entry.runtime_data
    camera.async_add_entities(async_add_entities, lambda: [AxisRecordingsEvent(camera)])


class AxisRecordingsEvent(AxisRecordingsEntity, EventEntity):
    """Fires once for each thing that happens to a recording."""

    def __init__(self, camera: AxisRecordingsData) -> None:
        """Report the recordings of a camera."""
        super().__init__(camera.recordings, RECORDING_ACTIVITY)
        self._activity = camera.activity

    @property
    @override
    def available(self) -> bool:
        # An event that was written while the camera can't be reached would be lost.
        return True

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self.async_on_remove(
            self._activity.async_add_listener(self._async_handle_activity)
        )

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        """Polls change nothing here."""

    @callback
    def _async_handle_activity(self, activity: Activity) -> None:
        entry_id = self.coordinator.config_entry.entry_id
        fields = recording_fields(activity.recording, entry_id)
        if activity.type is ActivityType.REMOVED:
            fields["media_content_id"] = None
        self._trigger_event(activity.type, dict(fields))
        self.async_write_ha_state()
