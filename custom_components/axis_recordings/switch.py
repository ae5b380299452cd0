"""The switch that starts and stops a recording of its own."""

from typing import TYPE_CHECKING, Any, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription

from .entity import AxisRecordingsEntity

if TYPE_CHECKING:
    from datetime import datetime

    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

    from .coordinator import AxisRecordingsConfigEntry

PARALLEL_UPDATES = 1

# Without a category, so that voice assistants and dashboards offer it by themselves.
RECORDING = SwitchEntityDescription(key="recording", translation_key="recording")


async def async_setup_entry(
    hass: HomeAssistant,
    entry: AxisRecordingsConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the switch, unless the account may only look."""
    coordinator = entry.runtime_data
    if coordinator.camera.is_operator:
        async_add_entities([AxisRecordingsSwitch(coordinator, RECORDING)])


class AxisRecordingsSwitch(AxisRecordingsEntity, SwitchEntity):
    """On while the recording goes on that this switch started."""

    @property
    @override
    def is_on(self) -> bool:
        return self.coordinator.recorder.switched_on is not None

    @property
    @override
    def extra_state_attributes(self) -> dict[str, str | datetime | None]:
        recorder = self.coordinator.recorder
        own = recorder.switched_on
        return {
            "recording_id": own.recording_id if own else None,
            "disk": own.disk_id if own else None,
            "started": own.started if own else None,
            "end_reason": recorder.last_end,
        }

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        await self.coordinator.async_command("start", self._start)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        if self.is_on or self.coordinator.turn.locked():
            await self.coordinator.async_command("stop", self._stop)

    async def _start(self) -> None:
        async with self.coordinator.turn:
            disk_id = await self.coordinator.async_choose_disk()
            await self.coordinator.recorder.async_start(disk_id, {}, by_switch=True)

    async def _stop(self) -> None:
        recorder = self.coordinator.recorder
        async with self.coordinator.turn:
            if own := recorder.switched_on:
                await recorder.async_stop(own.key)
