"""A real Home Assistant, two cameras and a browser, shared by the tests of a module."""

from datetime import UTC, datetime
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
import pytest_socket

from tests.e2e import browser, dashboard
from tests.e2e.cameras import Place, cameras
from tests.e2e.client import Client
from tests.e2e.home import Home, free_port

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

DOMAIN = "axis_recordings"
# Names a folder for the pictures that the browser takes.
PICTURES = "AXIS_RECORDINGS_PICTURES"


# The test package readies the event loop for a Home Assistant inside of it and looks for what one
# leaves behind. Here it runs in a process of its own, and cameras and browser outlive each test.


@pytest.fixture(autouse=True)
def configure_event_loop() -> None:
    """Leave the event loop alone."""


@pytest.fixture(autouse=True)
def verify_cleanup() -> None:
    """Let tasks live on."""


@pytest.fixture(autouse=True)
def _events() -> None:
    """Let the cameras report what happens, as those at home do."""


@pytest.fixture(autouse=True)
def sockets(socket_enabled: None) -> None:
    """Let a test use the network, of this machine only."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def places() -> AsyncGenerator[tuple[Place, Place]]:
    """Run two cameras."""
    pytest_socket.enable_socket()
    async with cameras(time_zone=_where_it_is_noon()) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def home(
    places: tuple[Place, Place],
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncGenerator[Home]:
    """Run Home Assistant, which must have nothing to complain about until the end."""
    running = Home(tmp_path_factory.mktemp("home"), port=free_port())
    running.prepare()
    try:
        await running.start()
        yield running
    finally:
        await running.stop()
    assert running.trouble(DOMAIN) == []


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(home: Home) -> AsyncGenerator[Client]:
    """Return somebody who has just moved in."""
    async with Client(home.base) as administrator:
        await administrator.onboard("Robin", "robin", "a-long-password")
        yield administrator


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def window(client: Client) -> AsyncGenerator[browser.Window]:
    """Open a browser that is logged in."""
    if browser.program() is None:
        pytest.skip("No Chromium: install the packages chromium and fonts-liberation")
    folder = os.environ.get(PICTURES)
    async with browser.window(client, Path(folder) if folder else None) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def front(client: Client, places: tuple[Place, Place]) -> Place:
    """Return the camera with HTTPS, added to Home Assistant."""
    return await _added(client, places[0])


@pytest_asyncio.fixture(loop_scope="module")
async def garden(client: Client, places: tuple[Place, Place]) -> Place:
    """Return the camera without HTTPS and with two disks, added to Home Assistant."""
    return await _added(client, places[1])


@pytest_asyncio.fixture(loop_scope="module")
async def recordings_page(client: Client, front: Place, garden: Place) -> str:
    """Return the path of a dashboard with both cameras."""
    if not await dashboard.exists(client):
        await dashboard.install(client, [front.name, garden.name])
    return f"/{dashboard.URL_PATH}/cameras"


def _where_it_is_noon() -> str:
    """Return a time zone in which no recording of the last hours goes over midnight.

    Whatever time it is, the lists of a day are then the same.
    """
    ahead = 12 - datetime.now(UTC).hour
    # These names count the other way round.
    return f"Etc/GMT{-ahead:+d}"


async def _added(client: Client, place: Place) -> Place:
    """Add a camera unless an earlier test did."""
    if place.name not in [entry["title"] for entry in await client.entries(DOMAIN)]:
        await client.add(DOMAIN, place.log_in)
    return place
