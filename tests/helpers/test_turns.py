"""Many cameras that are set up at once."""

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

from homeassistant.config_entries import ConfigEntries
from homeassistant.setup import async_setup_component
import pytest

from custom_components.axis_recordings.const import DOMAIN
from custom_components.axis_recordings.coordinator import RecordingsCoordinator
from custom_components.axis_recordings.helpers.turns import SETUPS
from tests.camera import Camera, CameraServer, Fault
from tests.common import make_entry

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from homeassistant.core import HomeAssistant

CAMERAS = 6


class Crowd:
    """Counts how often something goes on at the same time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, owner: type, name: str) -> None:
        """Count the calls of a method."""
        self.now = self.most = self.all = 0
        call = getattr(owner, name)

        async def count(*args: Any) -> None:
            self.now += 1
            self.all += 1
            self.most = max(self.most, self.now)
            try:
                await call(*args)
            finally:
                self.now -= 1

        monkeypatch.setattr(owner, name, count)


@pytest.fixture
async def cameras(
    hass: HomeAssistant, enable_custom_integrations: None
) -> AsyncGenerator[list[Camera]]:
    """Put some cameras on the network and add them, not yet set up."""
    assert await async_setup_component(hass, DOMAIN, {})
    async with AsyncExitStack() as servers:
        cameras = []
        for number in range(CAMERAS):
            camera = Camera(serial=f"B8A44F00000{number}", name=f"Camera {number}")
            server = await servers.enter_async_context(CameraServer(camera))
            make_entry(camera, server).add_to_hass(hass)
            cameras.append(camera)
        yield cameras
        for entry in hass.config_entries.async_loaded_entries(DOMAIN):
            await hass.config_entries.async_unload(entry.entry_id)


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let two be asked at once."""
    monkeypatch.setattr(SETUPS, "at_once", 2)


def set_up_all(hass: HomeAssistant) -> list[asyncio.Task[bool]]:
    """Begin to set all cameras up, as Home Assistant does when it starts."""
    return [
        asyncio.create_task(hass.config_entries.async_setup(entry.entry_id))
        for entry in hass.config_entries.async_entries(DOMAIN)
    ]


async def test_few_at_once(
    hass: HomeAssistant, cameras: list[Camera], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some are asked at once, and one after the other adds its entities; so the event loop comes round."""
    monkeypatch.setattr(SETUPS, "seconds", None)
    asked = Crowd(
        monkeypatch, RecordingsCoordinator, "async_config_entry_first_refresh"
    )
    adding = Crowd(monkeypatch, ConfigEntries, "async_forward_entry_setups")
    assert all(await asyncio.gather(*set_up_all(hass)))
    assert (asked.all, asked.most) == (CAMERAS, 2)
    assert (adding.all, adding.most) == (CAMERAS, 1)


async def test_silent_ones(hass: HomeAssistant, cameras: list[Camera]) -> None:
    """The others are there long before it is known that those do not answer."""
    for camera in cameras[:2]:
        camera.faults.set("*", Fault.TIMEOUT)
    setups = set_up_all(hass)
    silent, others = setups[:2], setups[2:]
    async with asyncio.timeout(20):
        assert all(await asyncio.gather(*others))
    assert not any(setup.done() for setup in silent)
    for setup in silent:
        setup.cancel()
    await asyncio.wait(silent)
