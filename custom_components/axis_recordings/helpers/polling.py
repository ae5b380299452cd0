"""Polls that survive whoever waits for them, and whatever they and their listeners raise."""

import asyncio
from typing import TYPE_CHECKING, Any, override

from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed

from ..exceptions import translated_error
from .context import as_home_assistant, async_begin
from .supervision import Guard, guarded
from .turns import POLLS

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
    _in_line: asyncio.Task[None] | None = None
    """A poll that waits for its turn."""

    # mypy overlooks the decorator of a property that can be set.
    @property  # type: ignore[explicit-override]
    @override
    def name(self) -> str:
        """Return what is polled: the camera as its owner calls it now, and the part of it."""
        return f"{self.config_entry.title} {self._part}".rstrip()

    @name.setter
    def name(self, part: str) -> None:
        self._part = part

    @override
    async def async_refresh(self) -> None:
        await self._finish(super().async_refresh())

    @override
    async def async_request_refresh(self) -> None:
        await self._finish(super().async_request_refresh())

    async def async_refresh_in_turn(self) -> None:
        """Poll once not too many cameras do. Whoever asks meanwhile waits for the same poll."""
        if self._in_line is None or self._in_line.done():
            # Not eagerly: one that is under way is not the one to wait for.
            self._in_line = self._begin(self._refresh_in_turn(), eager_start=False)
        await _end_of(self._in_line)

    async def _refresh_in_turn(self) -> None:
        async with POLLS.turn(self.hass):
            self._in_line = None
            await self.async_refresh()

    async def _finish(self, poll: Coroutine[Any, Any, None]) -> None:
        await _end_of(self._begin(poll))

    def _begin(
        self, poll: Coroutine[Any, Any, None], *, eager_start: bool = True
    ) -> asyncio.Task[None]:
        """Begin a poll, which ends early only with the config entry."""
        return async_begin(
            self.hass, self.config_entry, poll, "poll", eager_start=eager_start
        )

    @override
    def async_update_listeners(self) -> None:
        # Also where an action shows what it does: automations follow.
        with as_home_assistant():
            super().async_update_listeners()

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
            raise translated_error(
                UpdateFailed,
                "unexpected_error",
                camera=self.config_entry.title,
                reason=type(err).__name__,
            ) from err

    async def _async_poll(self) -> DataT:
        """Return what the camera reports. UpdateFailed if it does not."""
        raise NotImplementedError


async def _end_of(poll: asyncio.Task[None]) -> None:
    """Wait for the end of a poll, which goes on if the one who waits is cancelled."""
    await asyncio.wait([poll])
    if not poll.cancelled():
        poll.result()
