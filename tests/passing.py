"""Let time pass bit by bit, and everybody do what is due, while a camera tells what happens."""

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

if TYPE_CHECKING:
    from collections.abc import Callable

    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

# So long everybody is waited for: some wait for time to pass.
MOST_STEPS: Final = 500
# What an open stream is asked is answered in so many.
ROUND_TRIP: Final = 15


async def pass_by(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    seconds: float,
    *,
    step: float = 3.0,
    until: Callable[[], bool] = lambda: False,
) -> float:
    """Let so many seconds pass, or fewer until something is so. Returns how many.

    The network takes none of this time: what is asked of a camera is answered within the step.
    """
    passed = 0.0
    while passed < seconds and not until():
        freezer.tick(timedelta(seconds=min(step, seconds - passed)))
        passed += min(step, seconds - passed)
        async_fire_time_changed(hass, dt_util.utcnow())
        await hass.async_block_till_done()
        for number in range(MOST_STEPS):
            is_listening = entry.runtime_data.push._stream is not None
            if number > ROUND_TRIP and len(entry._background_tasks) <= is_listening:
                break
            await asyncio.sleep(0)
    return passed
