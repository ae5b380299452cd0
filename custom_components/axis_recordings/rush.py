"""Let all cameras of a large area be commanded before anything else is done for the first of them.

What follows a command, such as a poll and the states that come of it, keeps Home Assistant busier than the
command itself. The last of a hundred cameras must not have to wait for the polls of all others.
"""

import asyncio
from typing import TYPE_CHECKING, Final

from homeassistant.core import callback
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN

if TYPE_CHECKING:
    from collections.abc import Collection

    from homeassistant.core import HomeAssistant

    from .coordinator import AxisRecordingsCoordinator

# So many cameras at once are worth it.
MANY: Final = 10
# Whoever is silent does not keep the others from being polled for longer.
LONGEST_SECONDS: Final = 0.5


class Rush:
    """The cameras that are still to be commanded."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        cameras: Collection[AxisRecordingsCoordinator],
    ) -> None:
        """Begin."""
        self._cameras = set(cameras)
        self._over = asyncio.Event()
        self._timer = loop.call_later(LONGEST_SECONDS, self._end)

    @callback
    def async_leave(self, camera: AxisRecordingsCoordinator) -> None:
        """Note that a camera has got its command, or will get none."""
        self._cameras.discard(camera)
        if not self._cameras:
            self._end()

    async def async_wait(self) -> None:
        """Wait until it is over."""
        await self._over.wait()

    def _end(self) -> None:
        self._timer.cancel()
        self._over.set()


_RUSH: HassKey[Rush] = HassKey(f"{DOMAIN}_rush")


@callback
def async_begin_rush(
    hass: HomeAssistant, cameras: Collection[AxisRecordingsCoordinator]
) -> None:
    """Let these cameras go first, if they are many."""
    if len(cameras) >= MANY:
        hass.data[_RUSH] = Rush(hass.loop, cameras)


@callback
def async_leave_rush(hass: HomeAssistant, camera: AxisRecordingsCoordinator) -> None:
    """Note that a camera has got its command, or will get none."""
    if rush := hass.data.get(_RUSH):
        rush.async_leave(camera)


async def async_wait_for_rush(hass: HomeAssistant) -> None:
    """Wait until all cameras have got their commands, but not for silent ones."""
    if rush := hass.data.get(_RUSH):
        await rush.async_wait()
