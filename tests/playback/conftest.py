"""Fixtures: a camera on the network with everything that plays its films."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import aiohttp
import pytest

from custom_components.axis_recordings.playback.cache import MediaCache
from custom_components.axis_recordings.playback.footage import Footage
from custom_components.axis_recordings.playback.gate import ExportGate
from custom_components.axis_recordings.vapix import Address, RecordingKey, VapixClient
from tests.camera import Camera, CameraServer

from .films import FILM

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Coroutine
    from pathlib import Path

MEGABYTE = 1024 * 1024


async def until(reached: Callable[[], bool], seconds: float = 5) -> None:
    """Wait until something has come about."""
    async with asyncio.timeout(seconds):
        while not reached():  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.01)


@dataclass(eq=False)
class Stage:
    """One camera and what is kept of its films."""

    camera: Camera
    server: CameraServer
    client: VapixClient
    cache: MediaCache
    gate: ExportGate = field(default_factory=ExportGate)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    footages: list[Footage] = field(default_factory=list)

    def create_task(
        self, work: Coroutine[None, None, None], name: str
    ) -> asyncio.Task[None]:
        """Start the work of a footage."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self.tasks.append(task)
        return task

    async def footage(self, recording_id: str = FILM) -> Footage:
        """Return a recording's footage, as the camera's list tells of it."""
        (recording,) = await self.client.fetch_recording(recording_id)
        assert recording.start is not None
        footage = Footage(
            self.client,
            self.gate,
            self.cache,
            self.create_task,
            key=recording.key,
            name=recording_id,
            zero=recording.start,
            frame_rate=recording.video[0].frame_rate,
        )
        footage.stop = recording.stop
        self.footages.append(footage)
        return footage

    def key(self, recording_id: str = FILM) -> RecordingKey:
        """Return the name of a recording."""
        return RecordingKey("SD_DISK", recording_id)

    async def idle(self, seconds: float = 5) -> None:
        """Wait until the camera exports nothing and nobody waits for it to."""
        await until(
            lambda: (
                not self.server.exports_open and all(task.done() for task in self.tasks)
            ),
            seconds,
        )

    async def close(self) -> None:
        """End everything, and see that nothing is left."""
        for footage in self.footages:
            await footage.close()
        await self.cache.close()
        assert all(task.done() for task in self.tasks)
        for task in self.tasks:
            if not task.cancelled():
                task.result()
        await self.idle()
        assert not self.cache._folder.exists()


type OnStage = Callable[..., "Coroutine[None, None, Stage]"]


@pytest.fixture
async def session() -> AsyncGenerator[aiohttp.ClientSession]:
    """Return a plain session."""
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def on_stage(
    session: aiohttp.ClientSession, tmp_path: Path
) -> AsyncGenerator[OnStage]:
    """Return what puts cameras on the network."""
    async with AsyncExitStack() as stack:

        async def put(
            camera: Camera, *, limit: int = 100 * MEGABYTE, max_age: float = 3600
        ) -> Stage:
            server = await stack.enter_async_context(CameraServer(camera))
            address = Address(host=server.host, port=server.port, protocol="http")
            stage = Stage(
                camera,
                server,
                VapixClient(session, address, "viewer", "viewer-secret"),
                MediaCache(
                    tmp_path / str(server.port) / "cache", limit=limit, max_age=max_age
                ),
            )
            stack.push_async_callback(stage.close)
            return stage

        yield put
