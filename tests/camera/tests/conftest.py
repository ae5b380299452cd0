"""Fixtures for talking to a simulated camera over a real socket."""

from typing import TYPE_CHECKING

import pytest

from .caller import Serve, serving

if TYPE_CHECKING:
    import aiohttp


@pytest.fixture(autouse=True)
def _events() -> None:
    """Let cameras have event streams."""


@pytest.fixture(autouse=True)
def _sockets(socket_enabled: None) -> None:
    """Let the tests reach the loopback address."""


@pytest.fixture
def serve(session: aiohttp.ClientSession) -> Serve:
    """Give a function that puts a camera on the network and a caller beside it."""
    return lambda camera: serving(session, camera)
