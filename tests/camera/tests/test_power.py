"""Loss of power, and what is left of recordings after it."""

import asyncio

import aiohttp
import pytest

from tests.camera import Quirks

from .caller import Caller, Serve, plain


async def status_after(caller: Caller, **quirks: str) -> tuple[str, str]:
    """Reboot a camera in the middle of a recording, and give its status and stop."""
    camera = caller.server.camera
    camera.quirks = Quirks(**quirks)  # type: ignore[arg-type]
    recording_id = camera.start_recording()
    camera.reboot()
    (recording,) = (await caller.list(recordingid=recording_id)).recordings
    return recording["@recordingstatus"], recording["@stoptime"]


async def test_recordings_after_power_loss(serve: Serve) -> None:
    """What was going on is completed, unknown, said to go on, or goes on."""
    camera = plain()
    async with serve(camera) as caller:
        status, stop = await status_after(caller)
        assert (status, bool(stop)) == ("completed", True)
        status, stop = await status_after(caller, after_power_loss="unknown")
        assert (status, bool(stop)) == ("unknown", True)
        assert await status_after(caller, after_power_loss="recording") == (
            "recording",
            "",
        )
        assert camera.recordings.ongoing == []
        ghost = next(iter(camera.recordings)).recording_id
        reply = await caller.get("record/stop.cgi", recordingid=ghost)
        assert reply.root["stop"]["@result"] == "OK"
        (recording,) = (await caller.list(recordingid=ghost)).recordings
        assert recording["@recordingstatus"] == "completed"
        assert await status_after(caller, after_power_loss="continues") == (
            "recording",
            "",
        )
        assert len(camera.recordings.ongoing) == 1


async def test_profile_after_power_loss(serve: Serve) -> None:
    """A profile goes on with a new recording (VAPIX: Edge storage API)."""
    camera = plain()
    camera.add_profile()
    (first,) = camera.recordings.ongoing
    async with serve(camera) as caller:
        camera.reboot()
        (second,) = camera.recordings.ongoing
        assert second.recording_id != first.recording_id
        camera.quirks = Quirks(after_power_loss="continues")
        camera.reboot()
        assert camera.recordings.ongoing == [second]
        assert (await caller.list(recordingid="all")).counters == (2, 2)


async def test_connections_drop(serve: Serve) -> None:
    """A reboot drops connections; the camera answers at the same address after it."""
    camera = plain()
    async with serve(camera) as caller:
        await caller.get("usergroup.cgi")
        await caller.get("usergroup.cgi")
        assert (caller.server.connections, caller.server.connections_made) == (1, 1)
        camera.reboot()
        await asyncio.sleep(0.05)
        assert caller.server.connections == 0
        assert (await caller.get("usergroup.cgi")).status == 200
        assert caller.server.connections_made == 2


async def test_down(serve: Serve) -> None:
    """While it is down a camera refuses connections; then it is back at the same port."""
    camera = plain()
    async with serve(camera) as caller:
        port = caller.server.port
        before = camera.boot_id
        camera.reboot(down=0.2)
        with pytest.raises(aiohttp.ClientConnectorError):
            await caller.get("usergroup.cgi")
        await asyncio.sleep(0.4)
        assert (await caller.get("usergroup.cgi")).status == 200
        assert (caller.server.port, camera.boot_id != before) == (port, True)
        camera.shut_down()
        with pytest.raises(aiohttp.ClientConnectorError):
            await caller.get("usergroup.cgi")
        camera.start_up()
        await asyncio.sleep(0.05)
        assert (await caller.get("usergroup.cgi")).status == 200
        camera.reboot(down=60)


async def test_power_goes_while_it_comes_up(serve: Serve) -> None:
    """It listens once, or not at all, however often the power came and went in the same moment."""
    camera = plain()
    async with serve(camera) as caller:
        for _ in range(3):
            camera.shut_down()
            camera.start_up()
        await asyncio.sleep(0.05)
        assert (await caller.get("usergroup.cgi")).status == 200
        camera.shut_down()
        camera.start_up()
        camera.shut_down()
        await asyncio.sleep(0.05)
        with pytest.raises(aiohttp.ClientConnectorError):
            await caller.get("usergroup.cgi")


async def test_unavailable_while_down(serve: Serve) -> None:
    """Some cameras answer 503 while they start."""
    camera = plain(quirks=Quirks(while_down="unavailable"))
    async with serve(camera) as caller:
        camera.shut_down()
        assert (await caller.get("usergroup.cgi")).status == 503
        assert (await caller.request("GET", "/")).status == 503
        camera.start_up()
        assert (await caller.get("usergroup.cgi")).status == 200
