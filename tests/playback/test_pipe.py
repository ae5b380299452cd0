"""Bytes on their way from the event loop to a thread."""

import asyncio
from typing import TYPE_CHECKING

from custom_components.axis_recordings.playback import pipe as pipe_module
from custom_components.axis_recordings.playback.pipe import Pipe

if TYPE_CHECKING:
    import pytest


def read_all(pipe: Pipe, size: int = 7) -> bytes:
    """Read to the end, a few bytes at a time."""
    data = b""
    while piece := pipe.read(size):
        assert len(piece) <= size
        data += piece
    return data


async def test_all_comes_through() -> None:
    """In its order, whoever is faster."""
    pipe = Pipe()
    reading = asyncio.create_task(asyncio.to_thread(read_all, pipe))
    pieces = [bytes([number]) * (number % 13) for number in range(200)]
    for piece in pieces:
        await pipe.write(piece)
        await asyncio.sleep(0)
    pipe.end()
    assert await reading == b"".join(pieces)
    assert pipe.read(10) == b""


async def test_writer_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """While too much is unread."""
    monkeypatch.setattr(pipe_module, "LIMIT", 10)
    pipe = Pipe()
    await pipe.write(b"0123456789")
    writing = asyncio.create_task(pipe.write(b"ab"))
    await asyncio.sleep(0.02)
    assert not writing.done()
    assert await asyncio.to_thread(pipe.read, 1) == b"0"
    await asyncio.sleep(0.02)
    assert not writing.done()
    assert await asyncio.to_thread(pipe.read, 1) == b"1"
    async with asyncio.timeout(5):
        await writing
    assert await asyncio.to_thread(pipe.read, 100) == b"23456789ab"


async def test_reader_waits() -> None:
    """Until there is something."""
    pipe = Pipe()
    reading = asyncio.create_task(asyncio.to_thread(pipe.read, 5))
    await asyncio.sleep(0.02)
    assert not reading.done()
    await pipe.write(b"abc")
    async with asyncio.timeout(5):
        assert await reading == b"abc"


async def test_abort(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither side waits any more, and nothing is kept."""
    monkeypatch.setattr(pipe_module, "LIMIT", 2)
    pipe = Pipe()
    writing = asyncio.create_task(pipe.write(b"abc"))
    await asyncio.sleep(0)
    pipe.abort()
    async with asyncio.timeout(5):
        await writing
        assert pipe.read(5) == b""
        await pipe.write(b"more than fits")
    assert pipe.read(5) == b""

    waiting = Pipe()
    reading = asyncio.create_task(asyncio.to_thread(waiting.read, 5))
    await asyncio.sleep(0.02)
    waiting.abort()
    async with asyncio.timeout(5):
        assert await reading == b""


async def test_end_twice() -> None:
    """What was written before the end is still read."""
    pipe = Pipe()
    await pipe.write(b"abc")
    pipe.end()
    pipe.end()
    await pipe.write(b"def")
    assert read_all(pipe) == b"abc"
