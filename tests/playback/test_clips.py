"""Parts of recordings as one file."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from pathlib import Path
import threading
from typing import TYPE_CHECKING, Any, override
from unittest.mock import patch

import av
import pytest

from custom_components.axis_recordings.playback import clips
from custom_components.axis_recordings.playback.clips import (
    Clip,
    _write,
    join_clips,
    write_clip,
)
from custom_components.axis_recordings.playback.errors import (
    ClosedError,
    InvalidVideoError,
    NothingRecordedError,
    UnplayableError,
)
from custom_components.axis_recordings.playback.export_queue import Priority
from custom_components.axis_recordings.playback.fragments import Copier
from custom_components.axis_recordings.vapix import CameraConnectionError
from tests.camera import Encoding, Fault, Pause, Quirks
from tests.videos import Movie

from .test_segments import draw_video
from .videos import START, VIDEO, camera_with_video, make_export, video

if TYPE_CHECKING:
    from custom_components.axis_recordings.playback.reader import VideoReader
    from custom_components.axis_recordings.playback.segment_source import SegmentSource

    from .conftest import OnStage

EXPORT = "record/export/exportrecording.cgi"


async def write(source: SegmentSource, path: Path, start: float, stop: float) -> Clip:
    """Write a clip."""
    return await write_clip(source, path, start=start, end=stop)


def movie(path: Path) -> Movie:
    """Read a clip."""
    return Movie(path.read_bytes())


def check(path: Path, clip: Clip, start: float, stop: float, rate: float = 10) -> None:
    """See that a clip shows what it should: every frame once, at its time, and nothing else."""
    found = movie(path)
    frames = found.frames
    assert clip.start <= start + 0.003
    assert clip.end == pytest.approx(stop, abs=1 / rate + 0.001)
    assert clip.duration == pytest.approx(clip.end - clip.start)
    assert found.video[0].is_key
    assert found.duration == pytest.approx(clip.duration, abs=0.002)
    assert frames[0].time == 0
    assert frames[0].second(START) == pytest.approx(clip.start, abs=0.001)
    for frame in frames:
        assert frame.second(START) - clip.start == pytest.approx(frame.time, abs=0.002)
    numbers = [frame.clock.number for frame in frames]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert stop - 1 / rate - 0.004 <= frames[-1].second(START) < stop
    assert found.boxes.index("moov") < found.boxes.index("mdat")


@pytest.mark.parametrize(
    ("start", "stop", "key"),
    [
        (0, 60, 0),
        (10, 20, 8),
        (8, 12, 8),
        (8, 13.5, 8),
        (11.95, 12.05, 8),
        (12, 12.1, 12),
        (13.37, 29.99, 12),
        (50, 60, 48),
        (59.5, 60, 56),
    ],
)
@pytest.mark.parametrize("audio", [None, "audio/x-aac"])
async def test_clip(
    on_stage: OnStage,
    tmp_path: Path,
    start: float,
    stop: float,
    key: float,
    audio: str | None,
) -> None:
    """It begins with the key frame before the start, and ends before the stop."""
    stage = await on_stage(camera_with_video(audio=audio))
    path = tmp_path / "clip.mp4"
    clip = await write(await stage.source(), path, start, stop)
    assert clip.start == key
    check(path, clip, start, stop)
    if audio:
        pieces = movie(path).audio
        assert pieces[0].time < 0.13
        assert pieces[-1].time + 0.064 == pytest.approx(clip.duration, abs=0.13)
    await stage.idle()
    assert not stage.server.exports_open


@pytest.mark.parametrize(
    "quirks",
    [
        Quirks(export_formats=("mp4",)),
        Quirks(export_formats=("matroska", "mp4")),
        Quirks(export_framing="close"),
        Quirks(keep_alive=False, export_size="unknown"),
        Quirks(export_outside="error", export_duration=True),
        Quirks(fraction_digits=3),
    ],
)
@pytest.mark.parametrize("gop", [30.0, (3.3, 0.7, 1.9)])
async def test_any_camera(
    on_stage: OnStage, tmp_path: Path, quirks: Quirks, gop: Any
) -> None:
    """Whatever the camera's habits, and wherever it sets its key frames."""
    stage = await on_stage(camera_with_video(gop=gop, quirks=quirks))
    path = tmp_path / "clip.mp4"
    clip = await write(await stage.source(), path, 33.3, 60)
    check(path, clip, 33.3, 60)


async def test_h265(on_stage: OnStage, tmp_path: Path) -> None:
    """It has the name by which Apple's players know it."""
    stage = await on_stage(
        camera_with_video(mimetype="video/x-h265", rate="5:1", seconds=20)
    )
    path = tmp_path / "clip.mp4"
    clip = await write(await stage.source(), path, 5, 15)
    check(path, clip, 5, 15, rate=5)
    assert movie(path).codecs == ["hevc"]
    assert movie(path).tags == ["hvc1"]


async def test_end_behind_a_key_frame(on_stage: OnStage, tmp_path: Path) -> None:
    """The segment that holds the end may end at a key frame before it."""
    stage = await on_stage(camera_with_video(gop=3.3))
    path = tmp_path / "clip.mp4"
    clip = await write(await stage.source(), path, 0, 3.7)
    check(path, clip, 0, 3.7)


async def test_nothing(on_stage: OnStage, tmp_path: Path) -> None:
    """A clip without a frame is none."""
    stage = await on_stage(camera_with_video())
    with pytest.raises(NothingRecordedError):
        await write(await stage.source(), tmp_path / "clip.mp4", 0, 0)


async def test_cached_segments(on_stage: OnStage, tmp_path: Path) -> None:
    """What is there already is not exported again, and what is not is exported once."""
    stage = await on_stage(camera_with_video())
    source = await stage.source()
    path = tmp_path / "clip.mp4"
    for number in range(4, 9):
        await source.segment(number, Priority.PLAYBACK)
    await stage.idle()
    before = stage.server.exports_made
    clip = await write(source, path, 9, 15)
    check(path, clip, 9, 15)
    assert stage.server.exports_made == before
    clip = await write(source, path, 9, 30)
    check(path, clip, 9, 30)
    assert stage.server.exports_made <= before + 1


async def test_progress(on_stage: OnStage, tmp_path: Path) -> None:
    """It is distinguished from 0 to 1, and never goes back."""
    stage = await on_stage(camera_with_video())
    reported: list[float] = []
    await write_clip(
        await stage.source(),
        tmp_path / "clip.mp4",
        start=10,
        end=40,
        progress=reported.append,
    )
    assert reported == sorted(reported)
    assert len(reported) > 10
    assert 0 < reported[0] < 0.2
    assert 0.8 < reported[-1] <= 1


async def test_end_that_is_listed_late(on_stage: OnStage, tmp_path: Path) -> None:
    """A camera's end may lie after its last frame; the clip ends with that one."""
    camera = camera_with_video(seconds=20.05)
    stage = await on_stage(camera)
    source = await stage.source()
    source.end = START + timedelta(seconds=22.3)
    path = tmp_path / "clip.mp4"
    clip = await write(source, path, 10, 22.3)
    assert clip.end == pytest.approx(20.1, abs=0.11)
    assert movie(path).frames[-1].second(START) == pytest.approx(20.0, abs=0.11)


async def test_ongoing(on_stage: OnStage, tmp_path: Path) -> None:
    """What goes on can be saved up to now."""
    camera = camera_with_video()
    start = camera.clock.now() - timedelta(seconds=21)
    recording_id = camera.start_recording(start=start)
    stage = await on_stage(camera)
    source = await stage.source(recording_id)
    path = tmp_path / "clip.mp4"
    now = source.seconds(camera.clock.now())
    clip = await write(source, path, 9, now)
    assert clip.start == pytest.approx(8, abs=0.01)
    assert clip.end == pytest.approx(now, abs=0.1)
    frames = movie(path).frames
    assert frames[0].second(start) == pytest.approx(8, abs=0.01)
    assert frames[-1].second(start) == pytest.approx(now, abs=0.1)


async def test_ongoing_that_is_not_there_yet(on_stage: OnStage, tmp_path: Path) -> None:
    """A clip that would lack its end is not made where that is needed; else, it is what there is."""
    camera = camera_with_video()
    start = camera.clock.now() - timedelta(seconds=5)
    stage = await on_stage(camera)
    source = await stage.source(camera.start_recording(start=start))
    path = tmp_path / "clip.mp4"
    with pytest.raises(NothingRecordedError):
        await write_clip(source, path, start=1, end=60, needs_end=True)
    clip = await write(source, path, 1, 60)
    assert 4 < clip.end < 60
    assert movie(path).duration == pytest.approx(clip.duration, abs=0.1)


async def test_end_that_nobody_knows(on_stage: OnStage, tmp_path: Path) -> None:
    """All that there is of it is written."""
    stage = await on_stage(camera_with_video(seconds=20))
    source = await stage.source()
    source.end = None
    path = tmp_path / "clip.mp4"
    clip = await write(source, path, 10, 3600)
    check(path, clip, 10, 20)


async def test_long_pause(on_stage: OnStage, tmp_path: Path) -> None:
    """It is passed over at once, not segment by segment: nobody else could do anything meanwhile."""
    encoding = Encoding(pauses=(Pause(5, 3600),))
    stage = await on_stage(
        camera_with_video(seconds=3602, gop=3602.0, encoding=encoding)
    )
    path = tmp_path / "clip.mp4"
    reported: list[float] = []
    clip = await write_clip(
        await stage.source(), path, start=0, end=3602, progress=reported.append
    )
    assert clip.end == pytest.approx(3602, abs=0.1)
    frames = movie(path).frames
    assert len(frames) == 70
    assert frames[-1].second(START) == pytest.approx(3601.9, abs=0.002)
    assert len(reported) < 20


async def test_moved_start(on_stage: OnStage, tmp_path: Path) -> None:
    """What the camera has cleaned away is missing; what is left begins with its first frame."""
    camera = camera_with_video(seconds=620, rate="2:1")
    stage = await on_stage(camera)
    source = await stage.source()
    camera.clean_up(START + timedelta(seconds=400))
    path = tmp_path / "clip.mp4"
    with pytest.raises(NothingRecordedError):
        await write(source, path, 200, 310)
    clip = await write(source, path, 300, 310)
    check(path, clip, 300, 310, rate=2)
    assert clip.start == 300


async def test_unplayable(on_stage: OnStage, tmp_path: Path) -> None:
    """It is reported with its name."""
    stage = await on_stage(
        camera_with_video(mimetype="image/jpeg", seconds=10, rate="2:1")
    )
    with pytest.raises(UnplayableError, match="MJPEG"):
        await write(await stage.source(), tmp_path / "clip.mp4", 0, 10)


async def test_camera_fails_on_the_way(on_stage: OnStage, tmp_path: Path) -> None:
    """The error is reported, and the thread that wrote is at its end."""
    camera = camera_with_video()
    camera.faults.set(EXPORT, Fault.TRUNCATED, after=30_000)
    stage = await on_stage(camera)
    with pytest.raises((CameraConnectionError, NothingRecordedError)):
        await write(await stage.source(), tmp_path / "clip.mp4", 0, 60)


async def test_path_that_can_not_be_written(on_stage: OnStage, tmp_path: Path) -> None:
    """It is reported, and nothing more is exported than what was under way."""
    stage = await on_stage(camera_with_video())
    with pytest.raises(OSError, match="No such file"):
        await write(await stage.source(), tmp_path / "none" / "clip.mp4", 0, 60)


@pytest.mark.parametrize("error", [OSError(28, "No space left"), RuntimeError("no")])
async def test_writing_fails(
    on_stage: OnStage,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    """Whatever the writer says is reported."""
    stage = await on_stage(camera_with_video())

    class Broken(Copier):
        """Fails."""

        @override
        def copy(self, *_: object, **__: object) -> None:
            raise error

    monkeypatch.setattr(clips, "Copier", Broken)
    with pytest.raises(type(error)):
        await write(await stage.source(), tmp_path / "clip.mp4", 0, 60)


async def test_cancelled(on_stage: OnStage, tmp_path: Path) -> None:
    """The export ends, and so does the writer."""
    stage = await on_stage(camera_with_video(export_speed=2))
    source = await stage.source()
    reported = asyncio.Event()
    task = asyncio.create_task(
        write_clip(
            source,
            tmp_path / "clip.mp4",
            start=0,
            end=60,
            progress=lambda _: reported.set(),
        )
    )
    async with asyncio.timeout(10):
        await reported.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await stage.idle(seconds=2)


async def test_cancelled_as_a_slow_writer_ends(
    on_stage: OnStage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is written any more once the one that was cancelled has ended, however often it was."""
    path = tmp_path / "clip.mp4"
    begun, may_go_on = threading.Event(), threading.Event()
    open_file = av.open

    def open_late(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == str(path):
            begun.set()
            may_go_on.wait(10)
        return open_file(name, *args, **kwargs)

    stage = await on_stage(camera_with_video())
    source = await stage.source()
    monkeypatch.setattr(av, "open", open_late)
    task = asyncio.create_task(write(source, path, 0, 3))
    assert await asyncio.to_thread(begun.wait, 10)
    # Until it waits for nothing but the writer.
    await stage.idle(seconds=2)
    for _ in range(3):
        task.cancel()
        await asyncio.sleep(0.05)
    assert not task.done()
    may_go_on.set()
    await asyncio.wait([task])
    assert task.cancelled()
    path.unlink()
    await asyncio.sleep(0.2)
    assert not path.exists()


async def test_more_clips_than_threads(
    on_stage: OnStage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that wait for the video leave Home Assistant's threads to what makes it."""
    stage = await on_stage(camera_with_video())
    coded_video = await stage.source()
    paths = [tmp_path / f"{number}.mp4" for number in range(6)]
    with ThreadPoolExecutor(2) as threads, monkeypatch.context() as patched:
        loop = asyncio.get_running_loop()
        patched.setattr(loop, "_default_executor", threads)
        async with asyncio.timeout(10), asyncio.TaskGroup() as group:
            for number, path in enumerate(paths):
                group.create_task(write(coded_video, path, 8 * number, 8 * number + 9))
    for path in paths:
        assert movie(path).duration == pytest.approx(9, abs=0.1)


async def test_closed(on_stage: OnStage, tmp_path: Path) -> None:
    """A camera that is unloaded ends it."""
    stage = await on_stage(camera_with_video(export_speed=1))
    source = await stage.source()
    task = asyncio.create_task(write(source, tmp_path / "clip.mp4", 0, 60))
    async with asyncio.timeout(10):
        while not stage.server.exports_open:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await source.close()
    with pytest.raises(ClosedError):
        await task
    await stage.idle(seconds=2)


# Several in one


async def test_join(on_stage: OnStage, tmp_path: Path) -> None:
    """Clips of several recordings follow each other in one file."""
    camera = camera_with_video(audio="audio/x-aac")
    stage = await on_stage(camera)
    source = await stage.source()
    paths = [tmp_path / f"{number}.mp4" for number in range(3)]
    made = [
        await write(source, path, start, stop)
        for path, (start, stop) in zip(paths, ((0, 5), (24, 31), (40, 43)), strict=True)
    ]
    path = tmp_path / "all.mp4"
    assert await asyncio.to_thread(join_clips, paths, path) == 3
    joined = movie(path)
    assert joined.duration == pytest.approx(
        sum(clip.duration for clip in made), abs=0.01
    )
    shown = [frame.clock.number for frame in joined.frames]
    assert shown == [*range(50), *range(240, 310), *range(400, 430)]
    times = [frame.time for frame in joined.frames]
    assert times == pytest.approx([number / 10 for number in range(150)], abs=0.01)
    assert joined.audio[-1].time == pytest.approx(15, abs=0.3)
    assert joined.boxes.index("moov") < joined.boxes.index("mdat")


async def test_join_what_does_not_fit(on_stage: OnStage, tmp_path: Path) -> None:
    """Other settings need another file."""
    camera = camera_with_video()
    other = video()
    other = type(other)(framerate="10:1", width=640, height=480)
    camera.add_recording(
        START, START + timedelta(seconds=20), recording_id="other", video=other
    )
    stage = await on_stage(camera)
    paths = [tmp_path / f"{number}.mp4" for number in range(3)]
    for path, name in zip(paths, (VIDEO, VIDEO, "other"), strict=True):
        await write(await stage.source(name), path, 0, 4)
    path = tmp_path / "all.mp4"
    assert await asyncio.to_thread(join_clips, paths, path) == 2
    assert len(movie(path).frames) == 80
    assert await asyncio.to_thread(join_clips, paths[2:], path) == 1
    assert len(movie(path).frames) == 40


def test_join_many(tmp_path: Path) -> None:
    """A range may hold hundreds, and Home Assistant has not as many files to open."""
    path, folder = tmp_path / "one.mp4", Path("/proc/self/fd")
    export = BytesIO(make_export(draw_video(), 0, 60))
    _write(export, path, 0.0, 6.0, lambda: 6.0)
    most = 0

    def are_alike(*_: VideoReader) -> bool:
        nonlocal most
        most = max(most, sum(each.resolve() == path for each in folder.iterdir()))
        return True

    with patch(f"{clips.__name__}._are_alike", are_alike):
        assert join_clips([path] * 20, tmp_path / "all.mp4") == 20
    # That which is read, and the first one, which the others have to be like.
    if folder.exists():
        assert most == 2


def test_join_what_is_no_clip(tmp_path: Path) -> None:
    """It is reported."""
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"nonsense")
    with pytest.raises(InvalidVideoError):
        join_clips([broken], tmp_path / "all.mp4")
