"""Fixtures: a camera with a video, and what plays it, as in the tests of playback."""

from typing import TYPE_CHECKING

import pytest

from tests.playback.conftest import camera, player

if TYPE_CHECKING:
    from aiohttp import web
    from aiohttp.test_utils import TestClient
    from pytest_homeassistant_custom_component.common import MockConfigEntry
    from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

__all__ = ["camera", "player"]


@pytest.fixture
def no_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let there be no room for copies of what is shared, so that all comes from the camera."""
    monkeypatch.setattr("custom_components.axis_recordings.shares.copies.MOST_BYTES", 0)


@pytest.fixture
async def client(
    loaded: MockConfigEntry, hass_client: ClientSessionGenerator
) -> TestClient[web.Request, web.Application]:
    """Return a browser that an administrator has logged in."""
    client: TestClient[web.Request, web.Application] = await hass_client()
    return client
