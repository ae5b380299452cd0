"""Polls of many cameras at once."""

import asyncio
from typing import TYPE_CHECKING, override

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.axis_recordings.const import DOMAIN, LOGGER
from custom_components.axis_recordings.helpers.polling import PollingCoordinator
from custom_components.axis_recordings.helpers.turns import POLLS, TURN_SECONDS
from tests.waiting import give_way

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant


class Polled(PollingCoordinator[int]):
    """A camera that answers when it is let."""

    under_way = 0

    def __init__(self, hass: HomeAssistant) -> None:
        """Poll it only when asked."""
        entry = MockConfigEntry(domain=DOMAIN)
        entry.add_to_hass(hass)
        super().__init__(hass, LOGGER, config_entry=entry, name="Camera")
        self.may_answer = asyncio.Event()
        self.polls = 0

    @override
    async def _async_poll(self) -> int:
        self.polls += 1
        Polled.under_way += 1
        try:
            await self.may_answer.wait()
        finally:
            Polled.under_way -= 1
        return self.polls


@pytest.fixture
def cameras(hass: HomeAssistant) -> list[Polled]:
    """Return more cameras than are polled at once."""
    return [Polled(hass) for _ in range(3 * POLLS.at_once)]


async def test_in_turn(hass: HomeAssistant, cameras: list[Polled]) -> None:
    """All are polled, but only some at once, and each once for all who ask before its turn."""
    asking = [
        asyncio.create_task(camera.async_refresh_in_turn())
        for camera in cameras
        for _ in range(3)
    ]
    most = 0
    while not all(task.done() for task in asking):
        await give_way()
        most = max(most, Polled.under_way)
        for camera in cameras:
            if camera.polls:
                camera.may_answer.set()
    assert most == POLLS.at_once
    assert {camera.polls for camera in cameras} == {1}
    assert all(camera.data == 1 for camera in cameras)


async def test_asked_during_a_poll(hass: HomeAssistant, cameras: list[Polled]) -> None:
    """What happens meanwhile may not be in it, so there is one more."""
    camera = cameras[0]
    first = asyncio.create_task(camera.async_refresh_in_turn())
    await asyncio.sleep(0.01)
    assert camera.polls == 1
    second = asyncio.create_task(camera.async_refresh_in_turn())
    await asyncio.sleep(0.01)
    camera.may_answer.set()
    await asyncio.wait([first, second])
    assert (camera.polls, camera.data) == (2, 2)


async def test_silent_ones(hass: HomeAssistant, cameras: list[Polled]) -> None:
    """None waits for cameras that do not answer for longer than a turn."""
    silent, others = cameras[: POLLS.at_once], cameras[POLLS.at_once :]
    for camera in others:
        camera.may_answer.set()
    waiting = [asyncio.create_task(each.async_refresh_in_turn()) for each in silent]
    asking = [asyncio.create_task(each.async_refresh_in_turn()) for each in others]
    async with asyncio.timeout(10 * TURN_SECONDS):
        await asyncio.wait(asking)
    assert all(camera.data == 1 for camera in others)
    assert not any(task.done() for task in waiting)
    for camera in silent:
        camera.may_answer.set()
    await asyncio.wait(waiting)
    assert all(camera.data == 1 for camera in silent)


async def test_cancelled(hass: HomeAssistant, cameras: list[Polled]) -> None:
    """Whoever asked may be cancelled while the poll waits for its turn, and it is polled all the same."""
    first = [asyncio.create_task(each.async_refresh_in_turn()) for each in cameras]
    await asyncio.sleep(0.01)
    first[-1].cancel()
    await asyncio.wait([first[-1]])
    assert not cameras[-1].polls
    for camera in cameras:
        camera.may_answer.set()
    await asyncio.wait(first)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert cameras[-1].data == 1
