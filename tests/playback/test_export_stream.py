"""Reading an export in a thread while the camera sends it."""

import asyncio
from pathlib import Path
import shutil
import threading
from typing import TYPE_CHECKING, Any

import pytest

from custom_components.axis_recordings.playback.cache import KEEP_FREE
from custom_components.axis_recordings.playback.errors import NoRoomError
from custom_components.axis_recordings.vapix import (
    BusyError,
    CameraConnectionError,
    ExportProperties,
    NotSupportedError,
    RefusedError,
)
from tests.camera import Fault, Quirks
from tests.videos import QUICK, Movie, until

from .videos import START, camera_with_video

if TYPE_CHECKING:
    from custom_components.axis_recordings.playback.pipe import Pipe
    from custom_components.axis_recordings.playback.whole_export import WholeExport
    from tests.camera import Exchange

    from .conftest import OnStage, Stage

EXPORT = "record/export/exportrecording.cgi"


def read_all(pipe: Pipe | WholeExport) -> bytes:
    """Read to the end."""
    data = b""
    while piece := pipe.read(4096):
        data += piece
    return data


async def whole(stage: Stage) -> ExportProperties:
    """Return where an export of all of the video begins."""
    return await stage.client.fetch_export_properties(stage.key(), START)


@pytest.mark.parametrize(
    ("formats", "expected"),
    [
        (("matroska",), "matroska"),
        (("mp4",), "mp4"),
        (("mp4", "matroska"), "matroska"),
        (("avi", "mp4"), "mp4"),
        (("avi",), "matroska"),
        ((), "matroska"),
    ],
)
async def test_format(on_stage: OnStage, formats: Any, expected: str) -> None:
    """Matroska can be read while it comes; a camera that names none that is known has that."""
    stage = await on_stage(camera_with_video(quirks=Quirks(export_formats=formats)))
    assert await stage.client.choose_export_format() == expected


async def test_no_api(on_stage: OnStage) -> None:
    """Older cameras can't export."""
    stage = await on_stage(camera_with_video(quirks=Quirks(export=None)))
    with pytest.raises(NotSupportedError):
        await stage.client.choose_export_format()


async def test_read(on_stage: OnStage) -> None:
    """All of the video comes, in another thread."""
    stage = await on_stage(camera_with_video())
    threads: list[threading.Thread] = []

    def work(pipe: Pipe | WholeExport) -> bytes:
        threads.append(threading.current_thread())
        return read_all(pipe)

    export = await stage.read(await whole(stage), work, lambda: True)
    assert export is not None
    assert len(Movie(export).video) == 600
    assert threads != [threading.current_thread()]
    assert stage.server.exports[0].outcome == "finished"


async def test_enough(on_stage: OnStage) -> None:
    """What the work does not want any more is not sent."""
    stage = await on_stage(camera_with_video(seconds=300, export_speed=2))
    head = await stage.read(await whole(stage), lambda p: p.read(4), lambda: True)
    assert head == b"\x1a\x45\xdf\xa3"
    await stage.idle(seconds=2)
    assert stage.server.exports[0].outcome == "left"


async def test_unwanted(on_stage: OnStage) -> None:
    """It ends when nobody wants it, and so does the thread."""
    stage = await on_stage(camera_with_video(seconds=300, export_speed=2))
    at_end = threading.Event()

    def work(pipe: Pipe | WholeExport) -> bytes:
        data = read_all(pipe)
        at_end.set()
        return data

    properties = await whole(stage)
    wanted = [True, True, False]
    assert (
        await stage.read(
            properties,
            work,
            lambda: wanted.pop(0) if wanted else False,
        )
        is None
    )
    assert at_end.is_set()
    await stage.idle(seconds=2)
    assert stage.server.exports[0].outcome == "left"


@pytest.mark.parametrize("error", [ValueError("no"), RefusedError("no", 10)])
async def test_work_fails(on_stage: OnStage, error: Exception) -> None:
    """Its error is passed on, and the export ends."""
    stage = await on_stage(camera_with_video(seconds=300, export_speed=2))

    def work(pipe: Pipe | WholeExport) -> None:
        pipe.read(4)
        raise error

    with pytest.raises(type(error)) as caught:
        await stage.read(await whole(stage), work, lambda: True)
    assert caught.value is error
    await stage.idle(seconds=2)


async def test_camera_fails(on_stage: OnStage) -> None:
    """What was sent may be worked on; then the camera's error is passed on."""
    camera = camera_with_video()
    camera.faults.set(EXPORT, Fault.TRUNCATED, after=20_000)
    stage = await on_stage(camera)
    received: list[bytes] = []

    def work(pipe: Pipe | WholeExport) -> None:
        received.append(read_all(pipe))

    with pytest.raises(CameraConnectionError):
        await stage.read(await whole(stage), work, lambda: True)
    assert len(received) == 1
    camera.faults.set(EXPORT, Fault.ERROR, message="110 Gone")
    with pytest.raises(RefusedError, match="Gone"):
        await stage.read(await whole(stage), work, lambda: True)
    assert received[1] == b""


async def test_cancelled(on_stage: OnStage) -> None:
    """Neither the export nor the thread goes on."""
    stage = await on_stage(camera_with_video(seconds=300, export_speed=1))
    at_end = threading.Event()

    def work(pipe: Pipe | WholeExport) -> None:
        read_all(pipe)
        at_end.set()

    properties = await whole(stage)
    task = asyncio.create_task(stage.read(properties, work, lambda: True))
    await until(lambda: stage.server.exports_open == 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert at_end.is_set()
    await stage.idle(seconds=2)


@pytest.mark.parametrize("answer", ["error", "unavailable"])
async def test_busy(on_stage: OnStage, answer: Any) -> None:
    """A camera that still has to do with the last export is asked again, and not forever."""
    quirks = Quirks(export_limit=1, export_busy=answer)
    camera = camera_with_video(seconds=300, export_speed=2, quirks=quirks)
    stage = await on_stage(camera)
    properties = await whole(stage)

    async def read() -> bytes | None:
        return await stage.read(
            properties,
            lambda p: p.read(4),
            lambda: True,
            timing=QUICK,
        )

    async with stage.client.open_export(stage.key(), START):
        task = asyncio.create_task(read())
        await until(lambda: len(export_requests(stage)) > 1)
        assert not task.done()
    assert await task == b"\x1a\x45\xdf\xa3"
    await stage.idle(seconds=2)
    async with stage.client.open_export(stage.key(), START):
        before = len(export_requests(stage))
        with pytest.raises((RefusedError, BusyError)):
            await read()
        assert len(export_requests(stage)) == before + len(QUICK.busy) + 1


async def test_index_comes_last(
    on_stage: OnStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is kept in a file, but not in the room that others need."""
    camera = camera_with_video(
        quirks=Quirks(export_formats=("mp4",), export_mp4="index_last")
    )
    stage = await on_stage(camera)
    export = (await whole(stage), read_all, lambda: True)
    assert await stage.read(*export)
    usage = shutil.disk_usage("/")._replace(free=KEEP_FREE + 10)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(NoRoomError, match="nearly full"):
        await stage.read(*export)
    await stage.idle(seconds=2)


async def test_small_disk_for_temporary_files(
    on_stage: OnStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What has to come as a whole lies where the cache is, which the owner has given its room."""
    camera = camera_with_video(
        quirks=Quirks(export_formats=("mp4",), export_mp4="index_last")
    )
    stage = await on_stage(camera)
    usage = shutil.disk_usage("/")

    def room(folder: Path) -> Any:
        is_cache = Path(folder).is_relative_to(stage.cache.folder)
        return usage._replace(free=2 * KEEP_FREE if is_cache else 0)

    monkeypatch.setattr(shutil, "disk_usage", room)
    assert await stage.read(await whole(stage), read_all, lambda: True)
    assert not list(stage.cache.folder.iterdir())


def export_requests(stage: Stage) -> list[Exchange]:
    """Return the requests for videos."""
    return [each for each in stage.server.requests if each.path.endswith(EXPORT)]
