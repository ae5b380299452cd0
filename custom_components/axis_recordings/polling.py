"""Polls that nobody who waits for them can cut off."""

import asyncio
from typing import TYPE_CHECKING, Any, override

from homeassistant.helpers.update_coordinator import DataUpdateCoordinator

from .const import DOMAIN

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from homeassistant.config_entries import ConfigEntry


class PollingCoordinator[DataT](DataUpdateCoordinator[DataT]):
    """A coordinator whose polls go on to their end.

    Home Assistant's own takes a poll that is cancelled for one that has failed. A script that asks for
    one and is then restarted would make all entities unavailable.
    """

    config_entry: ConfigEntry[Any]

    @override
    async def async_refresh(self) -> None:
        await self._finish(super().async_refresh())

    @override
    async def async_request_refresh(self) -> None:
        await self._finish(super().async_request_refresh())

    async def _finish(self, poll: Coroutine[Any, Any, None]) -> None:
        """Wait for a poll, which ends early only with the config entry."""
        task = self.config_entry.async_create_background_task(
            self.hass, poll, f"{DOMAIN} poll"
        )
        await asyncio.wait([task])
        if not task.cancelled():
            task.result()
