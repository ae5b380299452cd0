"""A camera of which one CGI sends byte by byte: what asks it ends in time, and other cameras go on as ever."""

import asyncio
from contextlib import suppress
import time
from typing import TYPE_CHECKING

import aiohttp
import pytest

from custom_components.axis_recordings.vapix import (
    RecordingQuery,
    VapixError,
    exports,
    http as vapix_http,
)
from tests.camera import Camera, CameraServer, Fault, Quirks
from tests.camera.cgi import ROUTES

from .test_slowness import CALLS

if TYPE_CHECKING:
    from .conftest import Connect

# With a limit of a second, and four times as long for lists: some requests, one after the other.
MOST_SECONDS = 20.0
UNASKED = {
    # Only the check asks for them, or nobody.
    "apidiscovery.cgi",
    "disks/lock.cgi",
    "usergroup.cgi",
    "record/continuous/addconfiguration.cgi",
    "record/continuous/listconfiguration.cgi",
    "record/continuous/removeconfiguration.cgi",
    "record/export/schemaversions.cgi",
    "record/storage/schemaversions.cgi",
    # Its handshake has no body.
    "/vapix/ws-data-stream",
}


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for a second instead of a minute: time enough for all that does not drip."""
    monkeypatch.setattr(vapix_http, "TIMEOUT", aiohttp.ClientTimeout(total=1))
    for module in (vapix_http, exports):
        monkeypatch.setattr(module, "BEGIN_SECONDS", 1)


@pytest.mark.parametrize("cgi", sorted(ROUTES.keys() - UNASKED))
async def test_slow_cgi(connect: Connect, cgi: str) -> None:
    """Whatever is asked of that camera has an end, and is nobody else's business."""
    is_new = cgi == "/config/rest/time/v2"
    slow = Camera(recordings=2, quirks=Quirks(time_api=not is_new, time_rest=is_new))
    slow.faults.set(cgi, Fault.SLOW, step=1, delay=0.1)

    async def ask(name: str) -> None:
        client = connect(server, "administrator", "admin-secret")
        began = time.monotonic()
        with suppress(VapixError):
            await CALLS[name](client)
        assert time.monotonic() - began < MOST_SECONDS, name
        # The next one has its turn at once.
        assert not client.http._lock.locked(), name

    async def ask_the_other() -> None:
        client = connect(other)
        while True:
            began = time.monotonic()
            await client.fetch_recordings(RecordingQuery(recording_id="all"))
            waits.append(time.monotonic() - began)
            await asyncio.sleep(0.05)

    waits: list[float] = []
    async with CameraServer(slow) as server, CameraServer(Camera()) as other:
        asking = asyncio.create_task(ask_the_other())
        # A job is only begun while nothing is being recorded.
        await ask("unmount_disk")
        await asyncio.gather(*map(ask, CALLS))
        asking.cancel()
        await asyncio.wait([asking])
        assert asking.cancelled()
        assert any(each.path.endswith(cgi) for each in server.requests)
    assert max(waits) < 2
