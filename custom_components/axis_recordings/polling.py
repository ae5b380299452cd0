"""Polls that survive whoever waits for them, and whatever they and their listeners raise."""

import asyncio
from typing import TYPE_CHECKING, Any, override

from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed

from .const import DOMAIN
from .supervision import Guard, guarded

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from homeassistant.config_entries import ConfigEntry
    from homeassistant.core import CALLBACK_TYPE


class PollingCoordinator[DataT](DataUpdateCoordinator[DataT]):
    """A coordinator whose polls go on to their end, and which goes on whatever they raise.

    Home Assistant's own takes a poll that is cancelled for one that has failed: a script that asks for one
    and is then restarted would make all entities unavailable. It also logs an unforeseen error with its
    traceback at each poll.
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

    @override
    def async_add_listener(
        self, update_callback: CALLBACK_TYPE, context: Any = None
    ) -> Callable[[], None]:
        return super().async_add_listener(
            guarded(self.config_entry, update_callback), context
        )

    @override
    async def _async_update_data(self) -> DataT:
        try:
            return await self._async_poll()
        except HomeAssistantError:
            raise
        except Exception as err:
            Guard(self.config_entry, "poll").note(err)
            raise UpdateFailed(
                translation_domain=DOMAIN,
                translation_key="unexpected_error",
                translation_placeholders={
                    "camera": self.name,
                    "reason": type(err).__name__,
                },
            ) from err

    async def _async_poll(self) -> DataT:
        """Return what the camera tells. UpdateFailed if it does not."""
        raise NotImplementedError
