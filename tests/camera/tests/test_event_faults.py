"""Event streams that break, fall silent or talk nonsense."""

import asyncio
from typing import TYPE_CHECKING

import aiohttp
import pytest

from tests.camera import Camera, CameraServer, Fault, Quirks

from .caller import Caller, Serve, plain
from .listener import PATH, PORT, RECORDING, listening, opened, refused

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory

CONFIGURE, NOTIFY = "events:configure", "events:notify"


async def test_dropped_by_hand(serve: Serve) -> None:
    """A stream breaks, or is closed with a code, and another can be opened."""
    camera = plain()
    async with serve(camera) as caller:
        for code in (None, 1001, 1000):
            async with listening(caller, RECORDING) as listener:
                caller.server.drop_event_streams(code)
                assert await listener.ends() == (code or 1006)
        await asyncio.sleep(0.05)
        assert caller.server.event_streams_open == 0
        assert [stream.close_code for stream in caller.server.event_streams] == [
            1006,
            1001,
            1000,
        ]


@pytest.mark.parametrize("while_down", ["refuse", "unavailable"])
async def test_power(serve: Serve, while_down: str) -> None:
    """A loss of power breaks streams; after it the states are those after the start."""
    camera = plain(quirks=Quirks(while_down=while_down))  # type: ignore[arg-type]
    async with serve(camera) as caller:
        async with listening(caller, RECORDING) as listener:
            camera.start_recording()
            assert await listener.values(1) == [(RECORDING, "1")]
            camera.reboot()
            assert await listener.ends() == 1006
        async with opened(caller) as listener:
            await listener.configure(RECORDING)
            assert await listener.values(1) == [(RECORDING, "0")]
            camera.shut_down()
            assert await listener.ends() == 1006
        if while_down == "unavailable":
            assert await refused(caller) == 503
        else:
            with pytest.raises(aiohttp.ClientConnectorError):
                async with opened(caller):
                    pass
        camera.start_up()
        await asyncio.sleep(0.05)
        async with listening(caller, RECORDING):
            assert caller.server.event_streams_open == 1


async def test_profile_goes_on_after_power_loss(serve: Serve) -> None:
    """What a profile records after a start is a state that is reported."""
    camera = plain()
    camera.add_profile()
    async with serve(camera) as caller:
        camera.reboot()
        async with opened(caller) as listener:
            await listener.configure(RECORDING)
            assert await listener.values(1) == [(RECORDING, "1")]


async def test_certificate_renewed(session: aiohttp.ClientSession) -> None:
    """A new certificate breaks streams."""
    async with CameraServer(Camera(), tls=True) as server:
        caller = Caller(session, server)
        async with listening(caller, RECORDING) as listener:
            await server.renew_certificate()
            assert await listener.ends() == 1006
        async with listening(caller, RECORDING):
            pass


async def test_closing_the_server(session: aiohttp.ClientSession) -> None:
    """A server that is closed leaves no stream behind."""
    server = CameraServer(plain())
    await server.start()
    caller = Caller(session, server)
    async with listening(caller, RECORDING) as listener:
        server.stall_event_streams()
        await server.close()
        assert await listener.ends() == 1006
    assert server.event_streams_open == 0
    assert server.camera.events.listeners == []


async def test_stalled(serve: Serve) -> None:
    """A stalled stream is open and silent, even to pings; then it may go on."""
    camera = plain()
    async with serve(camera) as caller:
        async with opened(caller, autoping=False) as listener:
            await listener.configure(RECORDING)
            await listener.values(1)
            caller.server.stall_event_streams()
            camera.start_recording()
            await listener.socket.ping()
            await listener.hears_nothing()
            assert caller.server.event_streams_open == 1
            caller.server.resume_event_streams()
            types = {(await listener.socket.receive(2)).type for _ in range(2)}
            assert types == {aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.PONG}
        async with opened(caller, heartbeat=0.3) as listener:
            caller.server.stall_event_streams()
            assert await listener.ends() == 1006


async def test_stalled_over_tls(session: aiohttp.ClientSession) -> None:
    """A stalled stream is silent over TLS, too."""
    async with CameraServer(Camera(), tls=True) as server:
        caller = Caller(session, server)
        async with listening(caller, RECORDING) as listener:
            server.stall_event_streams()
            server.camera.start_recording()
            await listener.hears_nothing()
            server.resume_event_streams()
            assert await listener.values(1) == [(RECORDING, "1")]
            server.stall_event_streams()
            server.drop_event_streams()
            assert await listener.ends() == 1006


async def test_frozen_time(serve: Serve, freezer: FrozenDateTimeFactory) -> None:
    """A stream works though time stands still, and waits for time where it is slow."""
    camera = plain()
    async with serve(camera) as caller, opened(caller) as listener:
        assert (await listener.configure(RECORDING, PORT))["data"] == {}
        assert len(await listener.values(2)) == 2
        camera.start_recording()
        assert await listener.values(1) == [(RECORDING, "1")]
        token = (await caller.get("wssession.cgi")).text
        freezer.tick(16)
        query = f"wssession={token}&sources=events"
        assert await refused(caller, query, login=False) == 401
        camera.quirks = Quirks(event_delay=10)
        camera.events.emit(PORT, {"state": "1"}, source={"port": "1"})
        freezer.tick(11)
        assert await listener.values(1) == [(PORT, "1", "1")]
        caller.server.drop_event_streams(1001)
        assert await listener.ends() == 1001


async def test_notifications_lost(serve: Serve) -> None:
    """Notifications may be lost though pings are answered."""
    camera = plain()
    async with serve(camera) as caller, listening(caller, RECORDING) as listener:
        camera.faults.set(NOTIFY, Fault.TIMEOUT, times=1)
        recording_id = camera.start_recording()
        await listener.hears_nothing()
        camera.end_recording(recording_id)
        assert await listener.values(1) == [(RECORDING, "0")]


@pytest.mark.parametrize("fault", [Fault.EMPTY, Fault.HTML, Fault.TRUNCATED])
async def test_nonsense(serve: Serve, fault: Fault) -> None:
    """A notification may be nonsense; the next one is not."""
    camera = plain()
    async with serve(camera) as caller, listening(caller, RECORDING) as listener:
        camera.faults.set(NOTIFY, fault, times=1)
        recording_id = camera.start_recording()
        text = await listener.socket.receive_str()
        assert not text.endswith("}}}}}")
        camera.end_recording(recording_id)
        assert await listener.values(1) == [(RECORDING, "0")]


async def test_bytes_and_sizes(serve: Serve) -> None:
    """A notification may come as bytes, and huge, and late."""
    camera = plain()
    async with serve(camera) as caller, listening(caller, RECORDING) as listener:
        camera.faults.set(NOTIFY, Fault.WRONG_CONTENT_TYPE, times=1)
        recording_id = camera.start_recording()
        assert b'"recording":"1"' in await listener.socket.receive_bytes()
        camera.faults.set(NOTIFY, Fault.HUGE, times=1, size=100_000)
        camera.end_recording(recording_id)
        assert len(await listener.socket.receive_str()) > 100_000
        camera.faults.set(NOTIFY, Fault.SLOW, times=1, delay=0.3)
        camera.start_recording()
        await listener.hears_nothing(0.1)
        assert await listener.values(1) == [(RECORDING, "1")]


async def test_reset(serve: Serve) -> None:
    """The connection may be reset instead of a notification or an answer."""
    camera = plain()
    async with serve(camera) as caller:
        async with listening(caller, RECORDING) as listener:
            camera.faults.set(NOTIFY, Fault.RESET, times=1)
            camera.start_recording()
            assert await listener.ends() == 1006
        async with opened(caller) as listener:
            camera.faults.set(CONFIGURE, Fault.RESET, times=1)
            await listener.socket.send_str("{}")
            assert await listener.ends() == 1006
        await asyncio.sleep(0.05)
        assert caller.server.event_streams_open == 0


async def test_configuration_goes_wrong(serve: Serve) -> None:
    """A configuration may be refused or never answered, with or without an effect."""
    camera = plain()
    async with serve(camera) as caller, opened(caller) as listener:
        camera.faults.set(
            CONFIGURE, Fault.ERROR, times=1, message="1100 Internal Error"
        )
        answer = await listener.configure(RECORDING, context="7")
        assert answer == {
            "apiVersion": "1.0",
            "context": "7",
            "method": "events:configure",
            "error": {"code": 1100, "message": "Internal Error"},
        }
        camera.faults.set(CONFIGURE, Fault.ERROR, times=1, message="No idea")
        answer = await listener.configure(RECORDING)
        assert answer["error"] == {"code": 1100, "message": "No idea"}
        (stream,) = caller.server.event_streams
        assert stream.filters == []
        camera.faults.set(CONFIGURE, Fault.TIMEOUT, times=1)
        await listener.socket.send_json({})
        await listener.hears_nothing()
        camera.faults.set(CONFIGURE, Fault.TIMEOUT, times=1, after_effect=True)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(listener.configure(PORT, RECORDING), 0.2)
        assert stream.filters == [PORT, RECORDING]


async def test_handshake_goes_wrong(serve: Serve) -> None:
    """Faults of the handshake are those of any request."""
    camera = plain()
    async with serve(camera) as caller:
        for fault, status in (
            (Fault.UNAVAILABLE, 503),
            (Fault.UNAUTHORIZED, 401),
            (Fault.FORBIDDEN, 403),
            (Fault.NOT_FOUND, 404),
            (Fault.HTML, 200),
            (Fault.ERROR, 500),
        ):
            camera.faults.set(PATH, fault, times=1)
            assert await refused(caller) == status
        camera.faults.set("*", Fault.RESET)
        with pytest.raises(aiohttp.ClientError):
            async with opened(caller):
                pass
        camera.faults.clear()
        camera.faults.set(PATH, Fault.TIMEOUT, times=1)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2), opened(caller):
                pass
        camera.faults.set(PATH, Fault.UNAVAILABLE, times=1, after_effect=True)
        assert await refused(caller) == 503
        assert caller.server.event_streams == []
        camera.faults.set(PATH, Fault.SLOW, times=1)
        async with opened(caller) as listener:
            camera.faults.set("*", Fault.EMPTY)
            assert (await listener.configure(PORT))["data"] == {}


async def test_client_leaves(serve: Serve) -> None:
    """Clients may leave in any way."""
    camera = plain()
    async with serve(camera) as caller:
        async with listening(caller, RECORDING) as listener:
            assert listener.socket._response.connection is not None
            transport = listener.socket._response.connection.transport
            assert transport is not None
            transport.abort()
            camera.start_recording()
            await asyncio.sleep(0.05)
        assert caller.server.event_streams_open == 0
        assert caller.server.event_streams[0].close_code == 1006
        assert camera.events.listeners == []
