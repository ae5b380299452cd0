"""Polls that survive whoever waits for them, and whatever they and their listeners raise."""

import asyncio
from typing import TYPE_CHECKING, Any, Final, override

from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN
from .supervision import Guard, guarded

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from homeassistant.config_entries import ConfigEntry
    from homeassistant.core import CALLBACK_TYPE

# All cameras share one event loop. Where a hundred are commanded at once, the polls after the first commands
# must not delay the last commands.
POLLS_AT_ONCE: Final = 8
# A poll that takes longer waits for its camera, and needs nothing of ours meanwhile.
TURN_SECONDS: Final = 0.5
_TURNS: HassKey[asyncio.Semaphore] = HassKey(f"{DOMAIN}_turns")


class PollingCoordinator[DataT](DataUpdateCoordinator[DataT]):
    """A coordinator whose polls go on to their end, and which goes on whatever they raise.

    Home Assistant's own takes a poll that is cancelled for one that has failed: a script that asks for one
    and is then restarted would make all entities unavailable. It also logs an unforeseen error with its
    traceback at each poll.
    """

    config_entry: ConfigEntry[Any]
    _in_line: asyncio.Task[None] | None = None
    """A poll that waits for its turn."""

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
        turns = self.hass.data.setdefault(_TURNS, asyncio.Semaphore(POLLS_AT_ONCE))
        async with turns:
            self._in_line = None
            poll = self._begin(self.async_refresh())
            await asyncio.wait([poll], timeout=TURN_SECONDS)
        await _end_of(poll)

    async def _finish(self, poll: Coroutine[Any, Any, None]) -> None:
        await _end_of(self._begin(poll))

    def _begin(
        self, poll: Coroutine[Any, Any, None], *, eager_start: bool = True
    ) -> asyncio.Task[None]:
        """Begin a poll, which ends early only with the config entry."""
        return self.config_entry.async_create_background_task(
            self.hass, poll, f"{DOMAIN} poll", eager_start=eager_start
        )

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


async def _end_of(poll: asyncio.Task[None]) -> None:
    """Wait for the end of a poll, which goes on if the one who waits is cancelled."""
    await asyncio.wait([poll])
    if not poll.cancelled():
        poll.result()
