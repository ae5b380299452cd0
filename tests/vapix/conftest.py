"""Fixtures: clients for cameras, and a server that answers whatever a test says."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import aiohttp
import pytest

from custom_components.axis_recordings.vapix import (
    Address,
    VapixClient,
    http as vapix_http,
)
from tests.camera import Fault

from .scripted import ScriptedServer

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.camera import CameraServer

type Connect = Callable[..., VapixClient]


@pytest.fixture(autouse=True)
def _events() -> None:
    """Let cameras have event streams."""


@pytest.fixture
def connect(session: aiohttp.ClientSession) -> Connect:
    """Return what makes a client for a server, by default as its operator."""

    def make(
        server: CameraServer | ScriptedServer,
        username: str = "operator",
        password: str | None = None,
    ) -> VapixClient:
        return VapixClient(
            session,
            address_of(server),
            username,
            f"{username}-secret" if password is None else password,
        )

    return make


@pytest.fixture
async def scripted() -> AsyncGenerator[ScriptedServer]:
    """Return a server that answers whatever a test says."""
    async with ScriptedServer() as server:
        yield server


@pytest.fixture
def client(connect: Connect, server: CameraServer) -> VapixClient:
    """Return a client for the usual camera, on HTTP."""
    return connect(server)


@pytest.fixture
def short_streams(monkeypatch: pytest.MonkeyPatch, fault: Fault) -> None:
    """Wait for a camera that is stuck for a second instead of half a minute."""
    if fault is Fault.TIMEOUT:
        monkeypatch.setattr(
            vapix_http, "STREAM_TIMEOUT", aiohttp.ClientTimeout(total=None, sock_read=1)
        )


def address_of(server: CameraServer | ScriptedServer) -> Address:
    """Return where a server is, with its certificate pinned."""
    return Address(
        host=server.host,
        port=server.port,
        protocol="https" if server.certificate_fingerprint else "http",
        fingerprint=server.certificate_fingerprint,
    )
