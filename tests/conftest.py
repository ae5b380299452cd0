"""Fixtures of all tests: a simulated camera on a real socket, and a Home Assistant that knows it."""

import logging
import time
from typing import TYPE_CHECKING, Any
from unittest.mock import AsyncMock, PropertyMock, patch

import aiohttp
import av.logging
import freezegun
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event, callback
from homeassistant.setup import async_setup_component
import pytest

from custom_components.axis_recordings.activity.reporter import ActivityReporter
from custom_components.axis_recordings.playback.access import Access
from custom_components.axis_recordings.shares.copier import ShareCopier
from custom_components.axis_recordings.vapix import events as vapix_events
from tests.camera import Camera, CameraServer
from tests.camera.cgi import ROUTES
from tests.camera.event_streams import PATH

from .common import ACTIVITY, make_entry, set_up
from .once import says_the_same
from .videos import PATIENT, RunningClock

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncGenerator, Generator

    from aiohttp import web
    from aiohttp.test_utils import TestClient
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry
    from pytest_homeassistant_custom_component.typing import ClientSessionGenerator


# How long a subtest takes is measured by a clock that goes on.
freezegun.configure(extend_ignore_list=["_pytest.subtests"])


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Mark what one version of Home Assistant is enough for, where somebody asks for it."""
    if "once" in config.option.markexpr:
        for item in items:
            if says_the_same(item):
                item.add_marker("once")


@pytest.fixture(autouse=True)
def _loopback(socket_enabled: None) -> None:
    """Let the tests reach the simulated camera."""


@pytest.fixture(autouse=True)
def _events(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let cameras have no event stream, as old ones, so that only polls are tested.

    Where there is one, what waits for all background tasks would wait forever: tests with the mark
    `event_streams` do not. Folders in which the stream itself is tested have a fixture of the same name, which
    leaves it to them.
    """
    if request.node.get_closest_marker("event_streams"):
        # What a test lets pass is no silence.
        monkeypatch.setattr(vapix_events, "SILENCE_SECONDS", 1e9)
    else:
        monkeypatch.delitem(ROUTES, PATH)


@pytest.fixture(autouse=True)
def _quick() -> Generator[None]:
    """Wait shortly for cameras to be free, and for players to ask for more."""
    # Players come over the network, and through all of Home Assistant.
    with patch.object(Access, "timing", PATIENT):
        yield


@pytest.fixture(autouse=True)
def _copies(request: pytest.FixtureRequest) -> Generator[None]:
    """Let nothing be copied of what is shared while clocks stand still, as nothing is exported then."""
    marker = request.node.get_closest_marker("freeze_time")
    if marker is not None and marker.kwargs.get("real_asyncio"):
        yield
        return
    with patch.object(ShareCopier, "_copy_all", AsyncMock()):
        yield


@pytest.fixture(autouse=True, scope="session")
def _ffmpeg_says_all_at_once() -> None:
    """Let FFmpeg say a line as often as it has to.

    PyAV keeps a line that is repeated until another one follows. That may be in another test, which
    looks for errors in its log.
    """
    av.logging.set_skip_repeated(False)


@pytest.fixture(autouse=True)
def enable_event_loop_debug() -> None:
    """Leave the loop's debug mode to pytest's ``--asyncio-debug``, as for the nightly tests.

    Python notes then where each future, handle, and coroutine comes from, which is half of what the tests
    cost.
    """


@pytest.fixture
def hass_config_dir(hass_tmp_config_dir: str) -> str:
    """Return a folder of its own for each test, as some write files."""
    return hass_tmp_config_dir


@pytest.fixture
async def session() -> AsyncGenerator[aiohttp.ClientSession]:
    """Return a plain session."""
    async with aiohttp.ClientSession() as session:
        yield session


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
def asks_camera(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let not all recordings be in the index, as in the first walk, so that the camera is asked for them."""
    monkeypatch.setattr(ActivityReporter, "whole_disks", None)


@pytest.fixture
async def stranger(
    loaded: MockConfigEntry, hass_client_no_auth: ClientSessionGenerator
) -> TestClient[web.Request, web.Application]:
    """Return a browser in which nobody has logged in."""
    client: TestClient[web.Request, web.Application] = await hass_client_no_auth()
    return client


@pytest.fixture
def clock(
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> RunningClock:
    """Let clocks run that are not for people to read; a test may set them ahead."""
    # aiohttp can't log a made-up local time.
    caplog.set_level(logging.ERROR + 1, "aiohttp.access")
    clock = RunningClock()
    monkeypatch.setattr(time, "monotonic", clock)
    return clock


@pytest.fixture
async def media_browser(
    hass: HomeAssistant, enable_custom_integrations: None, camera: Camera
) -> None:
    """Set up Home Assistant's own part of browsing media."""
    assert await async_setup_component(hass, "media_source", {})


@pytest.fixture
def events(hass: HomeAssistant) -> list[dict[str, Any]]:
    """Collect what the event entity reports, in order."""
    reported: list[dict[str, Any]] = []
    last: dict[str, Any] = {}

    @callback
    def note(event: Event[Any]) -> None:
        state = event.data["new_state"]
        if event.data["entity_id"] != ACTIVITY or state is None:
            return
        attributes = dict(state.attributes)
        if "event_type" not in attributes:
            return
        if attributes["event_type"] and (state.state, attributes) != last.get("seen"):
            reported.append(attributes)
        last["seen"] = (state.state, attributes)

    hass.bus.async_listen(EVENT_STATE_CHANGED, note)
    return reported


@pytest.fixture
def entity_registry_enabled_by_default() -> Generator[None]:
    """Let entities be there that are off by default."""
    with patch(
        "homeassistant.helpers.entity.Entity.entity_registry_enabled_default",
        new=PropertyMock(return_value=True),
    ):
        yield
