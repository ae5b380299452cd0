"""Turns at what keeps the event loop busy, which all cameras share."""

import asyncio
from contextlib import ExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Final

from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from homeassistant.core import HomeAssistant

TURN_SECONDS: Final = 0.5
"""Who takes longer waits for the camera, and needs nothing of ours meanwhile."""


class Turns:
    """Lets a few at once do something, in the order in which they come."""

    def __init__(
        self, name: str, at_once: int, seconds: float | None = TURN_SECONDS
    ) -> None:
        """Let so many at once, each for so long; without an end if nobody waits for a camera."""
        self._key: HassKey[asyncio.Semaphore] = HassKey(f"{DOMAIN}_{name}_turns")
        self.at_once = at_once
        self.seconds = seconds

    @asynccontextmanager
    async def turn(self, hass: HomeAssistant) -> AsyncGenerator[None]:
        """Wait for a turn. It goes to the next one at the end, or sooner if it takes long."""
        turns = hass.data.setdefault(self._key, asyncio.Semaphore(self.at_once))
        await turns.acquire()
        with ExitStack() as held:
            held.callback(turns.release)
            if self.seconds is not None:
                held.callback(hass.loop.call_later(self.seconds, held.close).cancel)
            yield


POLLS: Final = Turns("poll", 8)
"""Where a hundred are commanded at once, the polls after the first commands must not delay the last ones."""
SETUPS: Final = Turns("setup", 8)
"""A hundred that are set up at once wait for the same code, and answer at the same time."""
PLATFORMS: Final = Turns("platform", 1, seconds=None)
"""The first one waits for the code of the platforms; then all who wait with it would add their entities."""
