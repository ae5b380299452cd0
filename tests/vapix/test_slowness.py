"""Cameras that send byte by byte, without an end: nobody waits forever, and the connection is free after it."""

import asyncio
from contextlib import asynccontextmanager, suppress
from inspect import getmembers, isasyncgenfunction, iscoroutinefunction
from itertools import repeat
from typing import TYPE_CHECKING, Self

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
import pytest

from custom_components.axis_recordings.vapix import (
    Address,
    AuthenticationError,
    CameraConnectionError,
    CameraTimeoutError,
    MissingRightsError,
    RecordingKey,
    RecordingQuery,
    UnexpectedAnswerError,
    VapixClient,
    VapixError,
    bounds,
    certificates,
    events,
    exports,
    http as vapix_http,
)
from tests.playback.videos import START
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable
    from contextlib import AbstractAsyncContextManager

    from .conftest import Connect

KEY = RecordingKey("SD_DISK", "some")
ALL = RecordingQuery(recording_id="all")
DRIP_SECONDS = 0.01

OK = b"HTTP/1.1 200 OK\r\n"
CHALLENGE = (
    b'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm="x", nonce="y"\r\n'
)
WAYS: dict[str, tuple[bytes, bytes]] = {
    "status": (b"HTTP/1.1 200 ", b"O"),
    "header": (OK + b"X: ", b"x"),
    "headers": (OK, b"X: x\r\n"),
    "body": (OK + b"Content-Length: 1000000\r\n\r\n", b" "),
    "chunks": (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "chunk": (OK + b"Transfer-Encoding: chunked\r\n\r\nfffff\r\n", b" "),
    "until it closes": (OK + b"Connection: close\r\n\r\n", b" "),
    "error": (OK + b"Content-Length: 1000000\r\n\r\n<ExportRecording", b" "),
    "challenge": (CHALLENGE, b"X: x\r\n"),
    "body of a challenge": (CHALLENGE + b"Content-Length: 1000000\r\n\r\n", b" "),
}
"""How an answer begins, and what comes then forever."""


class DrippingServer:
    """Begins each answer at once, and goes on with it bit by bit until it is left."""

    certificate_fingerprint: str | None = None

    def __init__(self, head: bytes, drop: bytes) -> None:
        """Prepare to serve."""
        self.host, self.port = "127.0.0.1", 0
        self.open = 0
        """How many connections there are."""
        self._head, self._drop = head, drop
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        """Start to serve."""
        self._server = await asyncio.start_server(self._serve, self.host, 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        assert self._server
        self._server.close()
        self._server.abort_clients()
        await asyncio.sleep(0)
        await self._server.wait_closed()

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.open += 1
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            if self._head:
                await reader.readuntil(b"\r\n\r\n")
            writer.write(self._head)
            for drop in repeat(self._drop):
                await asyncio.sleep(DRIP_SECONDS)
                writer.write(drop)
                await writer.drain()
        self.open -= 1
        writer.close()


@pytest.fixture
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for parts of a second instead of a minute."""
    monkeypatch.setattr(
        vapix_http, "TIMEOUT", aiohttp.ClientTimeout(total=0.3, sock_read=0.2)
    )
    monkeypatch.setattr(vapix_http, "HANDSHAKE_SECONDS", 0.3)
    monkeypatch.setattr(vapix_http, "BEGIN_SECONDS", 0.3)
    monkeypatch.setattr(exports, "BEGIN_SECONDS", 0.3)
    monkeypatch.setattr(events, "ANSWER_SECONDS", 0.2)
    monkeypatch.setattr(events, "SILENCE_SECONDS", 0.2)


async def enter(context: AbstractAsyncContextManager[object]) -> None:
    """Enter a context, and leave it."""
    async with context:
        pass


CALLS: dict[str, Callable[[VapixClient], Awaitable[object]]] = {
    "fetch_device": lambda client: client.fetch_device(),
    "fetch_camera": lambda client: client.fetch_camera(),
    "fetch_boot": lambda client: client.fetch_boot(),
    "fetch_time": lambda client: client.fetch_time(),
    "fetch_time_zone": lambda client: client.fetch_time_zone(),
    "fetch_event_ids": lambda client: client.fetch_event_ids(),
    "fetch_sources": lambda client: client.fetch_sources(),
    "listen": lambda client: enter(client.listen()),
    "fetch_disks": lambda client: client.fetch_disks(),
    "fetch_disk_health": lambda client: client.fetch_disk_health(),
    "fetch_storage_limits": lambda client: client.fetch_storage_limits(),
    "mount_disk": lambda client: anext(client.mount_disk("SD_DISK")),
    "unmount_disk": lambda client: anext(client.unmount_disk("SD_DISK")),
    "fetch_recordings": lambda client: client.fetch_recordings(ALL),
    "fetch_recording": lambda client: client.fetch_recording("some"),
    "find_recording": lambda client: client.find_recording(KEY),
    "find_among_newest": lambda client: client.find_among_newest([KEY]),
    "pages": lambda client: anext(client.pages(ALL)),
    "start_recording": lambda client: client.start_recording("SD_DISK"),
    "stop_recording": lambda client: client.stop_recording(KEY),
    "remove_recording": lambda client: client.remove_recording(KEY),
    "fetch_export_formats": lambda client: client.fetch_export_formats(),
    "choose_export_format": lambda client: client.choose_export_format(),
    "fetch_export_properties": lambda client: client.fetch_export_properties(
        KEY, START
    ),
    "open_export": lambda client: enter(client.open_export(KEY, START)),
}


def test_all_calls() -> None:
    """Nothing that asks a camera is left out below."""
    asking = {
        name
        for name, method in getmembers(VapixClient)
        if iscoroutinefunction(method) or isasyncgenfunction(method)
    }
    assert {name for name in asking if not name.startswith("_")} <= CALLS.keys()


@pytest.mark.usefixtures("_short")
@pytest.mark.parametrize("way", WAYS)
async def test_drip(connect: Connect, way: str) -> None:
    """Each question has an end, and so has its connection."""
    expected: set[type[VapixError]] = {CameraTimeoutError}
    if way == "body of a challenge":
        # That is an answer, whatever else is said beside it.
        expected |= {AuthenticationError, MissingRightsError}

    async def ask(name: str) -> None:
        client = connect(server)
        with pytest.raises(VapixError) as caught:
            await CALLS[name](client)
        assert type(caught.value) in expected, name
        # The next one has its turn at once.
        assert not client.http._lock.locked(), name
        ended.add(name)

    ended: set[str] = set()
    async with DrippingServer(*WAYS[way]) as server:
        with suppress(TimeoutError):
            async with asyncio.timeout(30):
                await asyncio.gather(*map(ask, CALLS))
                await until(lambda: not server.open)
        assert ended == CALLS.keys()
        assert not server.open


@pytest.mark.parametrize("name", ["fetch_disks", "open_export", "fingerprint"])
async def test_handshake(
    session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A certificate that never comes is a connection that never does."""
    limit = aiohttp.ClientTimeout(total=1, connect=0.1)
    for where, limits in (
        (vapix_http, "TIMEOUT"),
        (vapix_http, "STREAM_TIMEOUT"),
        (certificates, "TIMEOUT"),
    ):
        monkeypatch.setattr(where, limits, limit)
    # The beginning of a record of TLS (RFC 8446, 5.1) that is a long one.
    async with DrippingServer(b"", b"\x16\x03\x03\x40\x00") as server:
        address = Address(
            host=server.host, port=server.port, protocol="https", fingerprint="ab" * 32
        )
        client = VapixClient(session, address, "operator", "x")
        async with asyncio.timeout(30):
            with pytest.raises(CameraTimeoutError) as caught:
                await (
                    certificates.fetch_fingerprint(session, address)
                    if name == "fingerprint"
                    else CALLS[name](client)
                )
            assert not caught.value.sent
            await until(lambda: not server.open)


# A text of 100,000 bytes, and one in parts without an end (RFC 6455, 5.2).
MESSAGES = {
    "message": (b"\x81\x7f" + (100_000).to_bytes(8), b" "),
    "parts": (b"\x01\x01[", b"\x00\x01 "),
    "length": (b"\x81\x7f", b""),
}


@pytest.mark.usefixtures("_short")
@pytest.mark.parametrize("is_configured", [True, False])
@pytest.mark.parametrize("message", MESSAGES)
async def test_message(
    session: aiohttp.ClientSession, message: str, is_configured: bool
) -> None:
    """A stream whose message never ends is as good as a silent one."""
    head, drop = MESSAGES[message]

    async def drip(socket: web.WebSocketResponse, transport: asyncio.Transport) -> None:
        if is_configured:
            await answer(socket)
        transport.write(head)
        while not transport.is_closing():
            transport.write(drop)
            await asyncio.sleep(DRIP_SECONDS)

    async with event_client(session, drip) as client, asyncio.timeout(30):
        with pytest.raises(CameraConnectionError):
            async with client.listen() as stream:
                await anext(stream)
        assert not client.http._lock.locked()


async def test_flood_of_pings(session: aiohttp.ClientSession) -> None:
    """What is answered without a word to anybody is counted, too."""

    async def ping(socket: web.WebSocketResponse, transport: asyncio.Transport) -> None:
        await answer(socket)
        transport.write(b"\x89\x00" * (bounds.MOST_EVENTS + 1))
        await socket.receive()

    async with (
        event_client(session, ping) as client,
        asyncio.timeout(30),
        client.listen() as stream,
    ):
        with pytest.raises(UnexpectedAnswerError, match="floods"):
            await anext(stream)


async def test_nobody_reads(
    session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A camera that takes no answers to its pings can't keep us waiting for it."""

    async def ping(socket: web.WebSocketResponse, transport: asyncio.Transport) -> None:
        await answer(socket)
        await socket.ping()
        await socket.receive()

    async def hang(*_: object) -> None:
        # As it does once all buffers between the two are full, megabytes later.
        await asyncio.Event().wait()

    async with (
        event_client(session, ping) as client,
        asyncio.timeout(30),
        client.listen() as stream,
    ):
        monkeypatch.setattr(stream._socket, "send_frame", hang)
        monkeypatch.setattr(events, "ANSWER_SECONDS", 0.1)
        with pytest.raises(CameraTimeoutError):
            await anext(stream)


async def answer(socket: web.WebSocketResponse) -> None:
    """Accept what is to be reported."""
    asked = await socket.receive_json()
    await socket.send_json({"context": asked["context"], "data": {}})


@asynccontextmanager
async def event_client(
    session: aiohttp.ClientSession,
    act: Callable[[web.WebSocketResponse, asyncio.Transport], Awaitable[None]],
) -> AsyncGenerator[VapixClient]:
    """Give a client of an event stream, to which something is done, and see that it ends in time."""

    async def stream(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        assert request.transport is not None
        await act(socket, request.transport)
        return socket

    app = web.Application()
    app.router.add_get(events.PATH, stream)
    async with TestServer(app) as server:
        assert server.port is not None
        address = Address(host=server.host, port=server.port, protocol="http")
        yield VapixClient(session, address, "operator", "x")
        async with asyncio.timeout(30):
            await until(lambda: not server.handler.connections)
