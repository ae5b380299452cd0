"""Parts of recordings as one file."""

import asyncio
from datetime import timedelta
import threading
from typing import TYPE_CHECKING, Any, override

import av
import pytest

from custom_components.axis_recordings.playback import clips
from custom_components.axis_recordings.playback.clips import (
    Clip,
    join_clips,
    write_clip,
)
from custom_components.axis_recordings.playback.errors import (
    ClosedError,
    NoFootageError,
    NotAFilmError,
    UnplayableError,
)
from custom_components.axis_recordings.playback.fragments import Copier
from custom_components.axis_recordings.playback.gate import Urgency
from custom_components.axis_recordings.vapix import CameraConnectionError
from tests.camera import Fault, Quirks

from .films import FILM, START, Movie, filming, video

if TYPE_CHECKING:
    from pathlib import Path

    from custom_components.axis_recordings.playback.footage import Footage

    from .conftest import OnStage

EXPORT = "record/export/exportrecording.cgi"


async def write(footage: Footage, path: Path, start: float, stop: float) -> Clip:
    """Write a clip."""
    return await write_clip(footage, path, start=start, stop=stop, urgency=Urgency.JOB)


def movie(path: Path) -> Movie:
    """Read a clip."""
    return Movie(path.read_bytes())


def check(path: Path, clip: Clip, start: float, stop: float, rate: float = 10) -> None:
    """See that a clip shows what it should: every frame once, at its time, and nothing else."""
    found = movie(path)
    frames = found.frames
    assert clip.start <= start + 0.003
    assert clip.stop == pytest.approx(stop, abs=1 / rate + 0.001)
    assert clip.duration == pytest.approx(clip.stop - clip.start)
    assert found.video[0].is_key
    assert found.duration == pytest.approx(clip.duration, abs=0.002)
    assert frames[0].time == 0
    assert frames[0].second() == pytest.approx(clip.start, abs=0.001)
    for frame in frames:
        assert frame.second() - clip.start == pytest.approx(frame.time, abs=0.002)
    numbers = [frame.clock.number for frame in frames]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert stop - 1 / rate - 0.004 <= frames[-1].second() < stop
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
    stage = await on_stage(filming(audio=audio))
    path = tmp_path / "clip.mp4"
    clip = await write(await stage.footage(), path, start, stop)
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
    stage = await on_stage(filming(gop=gop, quirks=quirks))
    path = tmp_path / "clip.mp4"
    clip = await write(await stage.footage(), path, 33.3, 60)
    check(path, clip, 33.3, 60)


async def test_h265(on_stage: OnStage, tmp_path: Path) -> None:
    """It has the name by which Apple's players know it."""
    stage = await on_stage(filming(mimetype="video/x-h265", rate="5:1", seconds=20))
    path = tmp_path / "clip.mp4"
    clip = await write(await stage.footage(), path, 5, 15)
    check(path, clip, 5, 15, rate=5)
    assert movie(path).codecs == [("hevc", "hvc1")]


async def test_end_behind_a_key_frame(on_stage: OnStage, tmp_path: Path) -> None:
    """The segment that holds the end may end at a key frame before it."""
    stage = await on_stage(filming(gop=3.3))
    path = tmp_path / "clip.mp4"
    clip = await write(await stage.footage(), path, 0, 3.7)
    check(path, clip, 0, 3.7)


async def test_nothing(on_stage: OnStage, tmp_path: Path) -> None:
    """A clip without a frame is none."""
    stage = await on_stage(filming())
    with pytest.raises(NoFootageError):
        await write(await stage.footage(), tmp_path / "clip.mp4", 0, 0)


async def test_cached_segments(on_stage: OnStage, tmp_path: Path) -> None:
    """What is there already is not exported again, and what is not is exported once."""
    stage = await on_stage(filming())
    footage = await stage.footage()
    path = tmp_path / "clip.mp4"
    for number in range(4, 9):
        await footage.segment(number, Urgency.VIEWER)
    await stage.idle()
    before = stage.server.exports_made
    clip = await write(footage, path, 9, 15)
    check(path, clip, 9, 15)
    assert stage.server.exports_made == before
    clip = await write(footage, path, 9, 30)
    check(path, clip, 9, 30)
    assert stage.server.exports_made <= before + 1


async def test_progress(on_stage: OnStage, tmp_path: Path) -> None:
    """It is told from 0 to 1, and never goes back."""
    stage = await on_stage(filming())
    told: list[float] = []
    await write_clip(
        await stage.footage(),
        tmp_path / "clip.mp4",
        start=10,
        stop=40,
        urgency=Urgency.JOB,
        progress=told.append,
    )
    assert told == sorted(told)
    assert len(told) > 10
    assert 0 < told[0] < 0.2
    assert 0.8 < told[-1] <= 1


async def test_end_that_is_told_late(on_stage: OnStage, tmp_path: Path) -> None:
    """A camera's end may lie after its last frame; the clip ends with that one."""
    camera = filming(seconds=20.05)
    stage = await on_stage(camera)
    footage = await stage.footage()
    footage.stop = START + timedelta(seconds=22.3)
    path = tmp_path / "clip.mp4"
    clip = await write(footage, path, 10, 22.3)
    assert clip.stop == pytest.approx(20.1, abs=0.11)
    assert movie(path).frames[-1].second() == pytest.approx(20.0, abs=0.11)


async def test_ongoing(on_stage: OnStage, tmp_path: Path) -> None:
    """What goes on can be saved up to now."""
    camera = filming()
    start = camera.clock.now() - timedelta(seconds=21)
    recording_id = camera.start_recording(start=start)
    stage = await on_stage(camera)
    footage = await stage.footage(recording_id)
    path = tmp_path / "clip.mp4"
    now = footage.seconds(camera.clock.now())
    clip = await write(footage, path, 9, now)
    assert clip.start == pytest.approx(8, abs=0.01)
    assert clip.stop == pytest.approx(now, abs=0.1)
    frames = movie(path).frames
    assert frames[0].second(start) == pytest.approx(8, abs=0.01)
    assert frames[-1].second(start) == pytest.approx(now, abs=0.1)


async def test_ongoing_that_is_not_there_yet(on_stage: OnStage, tmp_path: Path) -> None:
    """A clip that would lack its end is not made."""
    camera = filming()
    start = camera.clock.now() - timedelta(seconds=5)
    stage = await on_stage(camera)
    footage = await stage.footage(camera.start_recording(start=start))
    with pytest.raises(NoFootageError):
        await write(footage, tmp_path / "clip.mp4", 1, 60)


async def test_moved_start(on_stage: OnStage, tmp_path: Path) -> None:
    """What the camera has cleaned away is missing; what is left begins with its first frame."""
    camera = filming(seconds=620, rate="2:1")
    stage = await on_stage(camera)
    footage = await stage.footage()
    camera.clean_up(START + timedelta(seconds=400))
    path = tmp_path / "clip.mp4"
    with pytest.raises(NoFootageError):
        await write(footage, path, 200, 310)
    clip = await write(footage, path, 300, 310)
    check(path, clip, 300, 310, rate=2)
    assert clip.start == 300


async def test_unplayable(on_stage: OnStage, tmp_path: Path) -> None:
    """It is told with its name."""
    stage = await on_stage(filming(mimetype="image/jpeg", seconds=10, rate="2:1"))
    with pytest.raises(UnplayableError, match="MJPEG"):
        await write(await stage.footage(), tmp_path / "clip.mp4", 0, 10)


async def test_camera_fails_on_the_way(on_stage: OnStage, tmp_path: Path) -> None:
    """The error is told, and the thread that wrote is at its end."""
    camera = filming()
    camera.faults.set(EXPORT, Fault.TRUNCATED, after=30_000)
    stage = await on_stage(camera)
    with pytest.raises((CameraConnectionError, NoFootageError)):
        await write(await stage.footage(), tmp_path / "clip.mp4", 0, 60)


async def test_path_that_can_not_be_written(on_stage: OnStage, tmp_path: Path) -> None:
    """It is told, and nothing more is exported than what was under way."""
    stage = await on_stage(filming())
    with pytest.raises(OSError, match="No such file"):
        await write(await stage.footage(), tmp_path / "none" / "clip.mp4", 0, 60)


@pytest.mark.parametrize("error", [OSError(28, "No space left"), RuntimeError("no")])
async def test_writing_fails(
    on_stage: OnStage,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    """Whatever the writer says is told."""
    stage = await on_stage(filming())

    class Broken(Copier):
        """Fails."""

        @override
        def copy(self, *_: object, **__: object) -> None:
            raise error

    monkeypatch.setattr(clips, "Copier", Broken)
    with pytest.raises(type(error)):
        await write(await stage.footage(), tmp_path / "clip.mp4", 0, 60)


async def test_cancelled(on_stage: OnStage, tmp_path: Path) -> None:
    """The export ends, and so does the writer."""
    stage = await on_stage(filming(export_speed=2))
    footage = await stage.footage()
    told = asyncio.Event()
    task = asyncio.create_task(
        write_clip(
            footage,
            tmp_path / "clip.mp4",
            start=0,
            stop=60,
            urgency=Urgency.JOB,
            progress=lambda _: told.set(),
        )
    )
    async with asyncio.timeout(10):
        await told.wait()
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

    stage = await on_stage(filming())
    footage = await stage.footage()
    monkeypatch.setattr(av, "open", open_late)
    task = asyncio.create_task(write(footage, path, 0, 3))
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


async def test_closed(on_stage: OnStage, tmp_path: Path) -> None:
    """A camera that is unloaded ends it."""
    stage = await on_stage(filming(export_speed=1))
    footage = await stage.footage()
    task = asyncio.create_task(write(footage, tmp_path / "clip.mp4", 0, 60))
    async with asyncio.timeout(10):
        while not stage.server.exports_open:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await footage.close()
    with pytest.raises(ClosedError):
        await task
    await stage.idle(seconds=2)


# Several in one


async def test_join(on_stage: OnStage, tmp_path: Path) -> None:
    """Clips of several recordings follow each other in one file."""
    camera = filming(audio="audio/x-aac")
    stage = await on_stage(camera)
    footage = await stage.footage()
    paths = [tmp_path / f"{number}.mp4" for number in range(3)]
    made = [
        await write(footage, path, start, stop)
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
    camera = filming()
    other = video()
    other = type(other)(framerate="10:1", width=640, height=480)
    camera.add_recording(
        START, START + timedelta(seconds=20), recording_id="other", video=other
    )
    stage = await on_stage(camera)
    paths = [tmp_path / f"{number}.mp4" for number in range(3)]
    for path, name in zip(paths, (FILM, FILM, "other"), strict=True):
        await write(await stage.footage(name), path, 0, 4)
    path = tmp_path / "all.mp4"
    assert await asyncio.to_thread(join_clips, paths, path) == 2
    assert len(movie(path).frames) == 80
    assert await asyncio.to_thread(join_clips, paths[2:], path) == 1
    assert len(movie(path).frames) == 40


def test_join_what_is_no_clip(tmp_path: Path) -> None:
    """It is told."""
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"nonsense")
    with pytest.raises(NotAFilmError):
        join_clips([broken], tmp_path / "all.mp4")
