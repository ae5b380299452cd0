"""Fixtures of all tests: a simulated camera on a real socket, and a Home Assistant that knows it."""

from typing import TYPE_CHECKING, Any
from unittest.mock import PropertyMock, patch

import pytest

from tests.camera import Camera, CameraServer
from tests.camera.cgi import ROUTES
from tests.camera.event_streams import PATH

from .helpers import make_entry, set_up

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncGenerator, Generator

    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry


@pytest.fixture(autouse=True)
def _loopback(socket_enabled: None) -> None:
    """Let the tests reach the simulated camera."""


@pytest.fixture(autouse=True)
def _events(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let cameras have no event stream, as old ones, so that polls alone are looked at.

    Tests of the stream have a fixture of the same name, which leaves it to them. There, what waits for
    all background tasks would wait for ever.
    """
    monkeypatch.delitem(ROUTES, PATH)


@pytest.fixture
def hass_config_dir(hass_tmp_config_dir: str) -> str:
    """Return a folder of its own for each test, as some write files."""
    return hass_tmp_config_dir


@pytest.fixture
def camera(freezer: FrozenDateTimeFactory) -> Camera:
    """Return a camera with eight recordings on its SD card.

    Time stands still until a test lets it pass: starting to freeze it later would make every timer of
    the event loop due at once.
    """
    return Camera(recordings=8)


@pytest.fixture
async def server(camera: Camera) -> AsyncGenerator[CameraServer]:
    """Put the camera on the network."""
    async with CameraServer(camera) as server:
        yield server


@pytest.fixture
async def secure(hass: HomeAssistant, camera: Camera) -> AsyncGenerator[CameraServer]:
    """Put the camera on the network with its own certificate."""
    handle = hass.loop.get_exception_handler()
    assert handle is not None

    def pass_over_refusals(
        loop: asyncio.AbstractEventLoop, context: dict[str, Any]
    ) -> None:
        # That a client does not like its certificate is an error in the eyes of a server.
        if not context["message"].startswith("Error on transport creation"):
            handle(loop, context)

    hass.loop.set_exception_handler(pass_over_refusals)
    async with CameraServer(camera, tls=True) as server:
        yield server


@pytest.fixture
def entry(
    hass: HomeAssistant,
    enable_custom_integrations: None,
    camera: Camera,
    server: CameraServer,
) -> MockConfigEntry:
    """Return the camera's config entry, not yet set up."""
    entry = make_entry(camera, server)
    entry.add_to_hass(hass)
    return entry


@pytest.fixture
async def loaded(hass: HomeAssistant, entry: MockConfigEntry) -> MockConfigEntry:
    """Return the camera's config entry, set up."""
    await set_up(hass, entry)
    return entry


@pytest.fixture
def entity_registry_enabled_by_default() -> Generator[None]:
    """Let entities be there that are off by default."""
    with patch(
        "homeassistant.helpers.entity.Entity.entity_registry_enabled_default",
        new=PropertyMock(return_value=True),
    ):
        yield
