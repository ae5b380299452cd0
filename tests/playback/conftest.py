"""Fixtures: a camera with videos, by itself and in a Home Assistant, with everything that plays them."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from custom_components.axis_recordings.const import DOMAIN
from custom_components.axis_recordings.playback.cache import MediaCache
from custom_components.axis_recordings.playback.export_queue import ExportQueue
from custom_components.axis_recordings.playback.export_stream import read_export
from custom_components.axis_recordings.playback.segment_source import SegmentSource
from custom_components.axis_recordings.vapix import Address, RecordingKey, VapixClient
from tests.camera import Camera, CameraServer
from tests.vapix.conftest import short_streams
from tests.videos import PATIENT, add_video, quick_camera, until

from .videos import VIDEO

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Coroutine

    import aiohttp
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from custom_components.axis_recordings.playback.pipe import Pipe
    from custom_components.axis_recordings.playback.player import Player
    from custom_components.axis_recordings.playback.whole_export import WholeExport
    from custom_components.axis_recordings.vapix import ExportProperties

__all__ = ["short_streams"]

MEGABYTE = 1024 * 1024


@dataclass(eq=False)
class Stage:
    """One camera and what is kept of its videos."""

    camera: Camera
    server: CameraServer
    client: VapixClient
    cache: MediaCache
    queue: ExportQueue = field(default_factory=ExportQueue)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    sources: list[SegmentSource] = field(default_factory=list)

    def create_task(
        self, work: Coroutine[None, None, None], name: str
    ) -> asyncio.Task[None]:
        """Start the work of a source."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self.tasks.append(task)
        return task

    async def source(self, recording_id: str = VIDEO) -> SegmentSource:
        """Return the source of a recording's segments, as the camera's list reports it."""
        (recording,) = await self.client.fetch_recording(recording_id)
        assert recording.start is not None
        source = SegmentSource(
            self.client,
            self.queue,
            self.cache,
            self.create_task,
            key=recording.key,
            zero=recording.start,
            frame_rate=recording.video[0].frame_rate,
            timing=PATIENT,
        )
        source.end = recording.end
        self.sources.append(source)
        return source

    def key(self, recording_id: str = VIDEO) -> RecordingKey:
        """Return the name of a recording."""
        return RecordingKey("SD_DISK", recording_id)

    async def read[T](
        self,
        properties: ExportProperties,
        work: Callable[[Pipe | WholeExport], T],
        is_wanted: Callable[[], bool],
        **options: Any,
    ) -> T | None:
        """Return what the work makes of an export."""
        return await read_export(
            self.client,
            self.key(),
            properties,
            work,
            is_wanted,
            folder=self.cache.folder,
            **options,
        )

    async def idle(self, seconds: float = 5) -> None:
        """Wait until the camera exports nothing and nobody waits for it to."""
        await until(
            lambda: (
                not self.server.exports_open and all(task.done() for task in self.tasks)
            ),
            seconds,
        )

    async def written(self) -> None:
        """Wait until the camera is idle, and all that it has sent is in the cache."""
        await self.idle()
        for source in self.sources:
            await source.wait_for_writes()

    async def close(self) -> None:
        """End everything, and see that nothing is left."""
        for source in self.sources:
            await source.close()
        await self.cache.close()
        assert all(task.done() for task in self.tasks)
        for task in self.tasks:
            if not task.cancelled():
                task.result()
        await self.idle()
        assert not self.cache._folder.exists()


type OnStage = Callable[..., "Coroutine[None, None, Stage]"]


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


@pytest.fixture
def camera() -> Camera:
    """Return a camera with a video of twenty seconds."""
    camera = quick_camera()
    add_video(camera)
    return camera


@pytest.fixture
def player(loaded: MockConfigEntry) -> Player:
    """Return what plays in Home Assistant."""
    player: Player = loaded.runtime_data.player
    return player


@pytest.fixture
def cache_folder(hass: HomeAssistant) -> Path:
    """Return where all cameras keep what is cached."""
    return Path(hass.config.cache_path(DOMAIN))
