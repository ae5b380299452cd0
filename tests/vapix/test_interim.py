"""What a server sends instead of an answer, or before it, has an end, and does not hold the event loop."""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import count, repeat
from typing import TYPE_CHECKING

import aiohttp
import pytest

from custom_components.axis_recordings.vapix import (
    Address,
    CameraConnectionError,
    CameraTimeoutError,
    RecordingQuery,
    UnexpectedAnswerError,
    VapixClient,
    http as vapix_http,
    interim,
)
from tests.bench.fuzz.watchers import LONGEST_BLOCK, LoopWatcher
from tests.camera import Camera, CameraServer

from .scripted import ScriptedServer, http, xml

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable

    from .conftest import Connect

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
SECONDS = 1.0


@asynccontextmanager
async def sending(
    session: aiohttp.ClientSession, parts: Iterable[bytes], pause: float = 0.0
) -> AsyncGenerator[VapixClient]:
    """Return a client of a server that answers each request with parts, until the client leaves."""
    tasks: list[asyncio.Task[None] | None] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.append(asyncio.current_task())
        try:
            await reader.readuntil(b"\r\n\r\n")
            for part in parts:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(pause)
            await reader.read()
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield VapixClient(
            session,
            Address(host="127.0.0.1", port=port, protocol="http"),
            "operator",
            "operator-secret",
        )
    finally:
        server.close()
        server.abort_clients()
        await asyncio.gather(*filter(None, tasks), return_exceptions=True)
        await server.wait_closed()


@pytest.mark.parametrize(
    ("parts", "pause", "at_once"),
    [
        (repeat(CONTINUE * 100), 0.0, True),
        (repeat(b"HTTP/1.1 102 Processing\r\nX: y\r\n\r\n"), 0.0, True),
        ((OK + b"".join(b"X-%d: a\r\n" % each for each in range(10_000)),), 0.0, True),
        ((OK if each == 0 else b"X: y\r\n" for each in count()), 0.01, False),
        (
            (CHUNKED + b"5;" if each == 0 else b"a=b;" * 999 for each in count()),
            0.0,
            True,
        ),
        (
            (CHUNKED if each == 0 else b"1\r\na\r\n" * 99 for each in count()),
            0.01,
            False,
        ),
        (
            (CHUNKED + b"0\r\n" if each == 0 else b"X: y\r\n" for each in count()),
            0.0,
            True,
        ),
    ],
    ids=(
        "continue",
        "processing",
        "headers",
        "slow",
        "extensions",
        "chunks",
        "trailers",
    ),
)
async def test_no_end(
    session: aiohttp.ClientSession,
    monkeypatch: pytest.MonkeyPatch,
    parts: Iterable[bytes],
    pause: float,
    at_once: bool,
) -> None:
    """A request ends, at the latest when its time is over."""
    if not at_once:
        limits = aiohttp.ClientTimeout(
            total=SECONDS, connect=SECONDS, sock_read=SECONDS
        )
        monkeypatch.setattr(vapix_http, "TIMEOUT", limits)
    async with (
        sending(session, parts, pause) as client,
        LoopWatcher() as watcher,
        asyncio.timeout(30),
    ):
        with pytest.raises((CameraConnectionError, UnexpectedAnswerError)) as caught:
            await client.fetch_disks()
        assert not (at_once and isinstance(caught.value, CameraTimeoutError))
        assert watcher.take() < LONGEST_BLOCK


async def test_no_end_of_a_handshake(session: aiohttp.ClientSession) -> None:
    """Nor does anybody wait for a stream of events behind interim answers."""
    async with sending(session, repeat(CONTINUE * 100)) as client:
        with pytest.raises(CameraConnectionError) as caught:
            async with client.listen():
                pass
        assert not isinstance(caught.value, CameraTimeoutError)


async def test_some(scripted: ScriptedServer, connect: Connect) -> None:
    """A few interim answers are passed over, on the same connection each time."""
    scripted.answers = [CONTINUE * 3 + xml("<disks/>")]
    client = connect(scripted)
    for _ in range(5):
        assert await client.fetch_disks() == ()


@pytest.mark.parametrize("beside", [0, 100])
async def test_messages_and_videos_are_content(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, beside: int
) -> None:
    """What comes over a stream of events, or as a video in chunks, is not beside the content."""
    monkeypatch.setattr(interim, "MOST_BESIDE", beside)
    camera = Camera(recordings=2)
    async with CameraServer(camera) as server:
        client = connect(server)
        async with client.listen() as stream:
            for _ in range(5):
                recording_id = camera.start_recording()
                await anext(stream)
                camera.end_recording(recording_id)
                await anext(stream)
        page = await client.fetch_recordings(RecordingQuery(recording_id="all"))
        oldest = page.recordings[-1]
        assert oldest.start
        stop = oldest.start + timedelta(seconds=2)
        async with client.open_export(oldest.key, oldest.start, stop) as exported:
            size = sum([len(each) async for each in exported.chunks()])
        assert size > 10_000


async def test_cookies(
    scripted: ScriptedServer, session: aiohttp.ClientSession
) -> None:
    """They are left, as nothing takes them out again."""
    cookies = tuple(f"Set-Cookie: a{each}={'x' * 99}" for each in range(100))
    scripted.answers = [http("<root><disks/></root>", headers=cookies)]
    address = Address(host="localhost", port=scripted.port, protocol="http")
    client = VapixClient(session, address, "operator", "operator-secret")
    assert await client.fetch_disks() == ()
    assert not len(session.cookie_jar)
