"""Let commands go before polls: all cameras share one event loop.

Where a hundred cameras are commanded at once, the polls after the first commands would delay the last ones.
"""

import asyncio
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN

if TYPE_CHECKING:
    from collections.abc import Generator

# A command that takes longer waits for its camera, and needs nothing of ours meanwhile.
HELD_SECONDS: Final = 1.0


class CommandsFirst:
    """The commands of all cameras that are under way, and the polls that wait for them."""

    def __init__(self) -> None:
        """Know of none."""
        self._young: set[object] = set()
        self._none_is_young = asyncio.Event()
        self._none_is_young.set()

    @property
    def are_under_way(self) -> bool:
        """Return whether a poll would have to wait."""
        return not self._none_is_young.is_set()

    @contextmanager
    def command(self) -> Generator[None]:
        """Let polls wait while a camera is being commanded, but not for long: it may be silent."""
        command = object()
        self._young.add(command)
        self._none_is_young.clear()
        timer = asyncio.get_running_loop().call_later(
            HELD_SECONDS, self._release, command
        )
        try:
            yield
        finally:
            timer.cancel()
            self._release(command)

    async def wait(self) -> None:
        """Wait until a poll delays no command; if there is always another one, no longer than for one."""
        with suppress(TimeoutError):
            async with asyncio.timeout(HELD_SECONDS):
                await self._none_is_young.wait()

    def _release(self, command: object) -> None:
        self._young.discard(command)
        if not self._young:
            self._none_is_young.set()


_KEY: HassKey[CommandsFirst] = HassKey(f"{DOMAIN}_commands_first")


@callback
def async_commands_first(hass: HomeAssistant) -> CommandsFirst:
    """Return what the commands and polls of all cameras share."""
    return hass.data.setdefault(_KEY, CommandsFirst())
