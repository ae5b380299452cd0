"""The switch that starts and stops a recording of its own."""

from functools import partial
from typing import TYPE_CHECKING, Any, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription

from .disks.choice import async_choose_disk
from .entity import AxisRecordingsEntity
from .recordings.starters import async_find_starter

if TYPE_CHECKING:
    from datetime import datetime

    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

    from .index.models import Starter
    from .runtime import AxisRecordingsConfigEntry, AxisRecordingsData

PARALLEL_UPDATES = 1

# Without a category, so that voice assistants and dashboards offer it by themselves.
RECORDING = SwitchEntityDescription(key="recording", translation_key="recording")


async def async_setup_entry(
    hass: HomeAssistant,
    entry: AxisRecordingsConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the switch, unless the account is view-only."""
    camera = entry.runtime_data
    if camera.recordings.is_operator:
        camera.async_add_entities(
            async_add_entities, lambda: [AxisRecordingsSwitch(camera)]
        )


class AxisRecordingsSwitch(AxisRecordingsEntity, SwitchEntity):
    """On while the recording goes on that this switch started."""

    def __init__(self, camera: AxisRecordingsData) -> None:
        """Command a camera."""
        super().__init__(camera.recordings, RECORDING)
        self._commands = camera.commands
        self._controller = camera.controller
        self._disks = camera.disks

    @property
    @override
    def is_on(self) -> bool:
        return self._controller.switched_on is not None

    @property
    @override
    def extra_state_attributes(self) -> dict[str, str | datetime | None]:
        own = self._controller.switched_on
        return {
            "recording_id": own.recording_id if own else None,
            "disk": own.disk_id if own else None,
            "started": own.started if own else None,
            "end_reason": self._controller.last_end,
        }

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        starter = await async_find_starter(self.hass, self._context)
        await self._commands.async_run("start", partial(self._start, starter))

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        if self.is_on or self._commands.turn.locked():
            await self._commands.async_run("stop", self._stop)

    async def _start(self, starter: Starter) -> None:
        async with self._commands.turn:
            disk_id = await async_choose_disk(self._disks)
            await self._controller.async_start(
                disk_id, {}, by_switch=True, starter=starter
            )

    async def _stop(self) -> None:
        async with self._commands.turn:
            if own := self._controller.switched_on:
                await self._controller.async_stop(own.key)
