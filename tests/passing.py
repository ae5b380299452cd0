"""Let time pass bit by bit, and everybody do what is due, while a camera reports what happens."""

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import freezegun.api
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from .waiting import PATIENCE, comes_soon, settle

if TYPE_CHECKING:
    from collections.abc import Callable

    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

# So many real seconds everybody is waited for: some wait for time to pass.
MOST: Final = 0.2
# What an open stream is asked is answered in so many.
ROUND_TRIP: Final = 0.01
# So long whoever has something to do has had before more time passes.
BIT: Final = 0.01


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
        await settle(ROUND_TRIP)
        await comes_soon(lambda: is_quiet(entry), MOST)
    return passed


def is_quiet(entry: MockConfigEntry) -> bool:
    """Return whether a camera's entry does nothing but listen."""
    is_listening = entry.runtime_data.events._stream is not None
    return len(entry._background_tasks) <= is_listening


async def passing(
    freezer: FrozenDateTimeFactory, condition: Callable[[], bool], step: float = 0.5
) -> None:
    """Let time pass step by step until something is so; who has something to do is waited for."""
    end = freezegun.api.real_monotonic() + PATIENCE
    while not await comes_soon(condition, BIT):
        assert freezegun.api.real_monotonic() < end, f"it was not so after {PATIENCE} s"
        freezer.tick(step)
