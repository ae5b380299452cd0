"""Videos as real cameras make them: pauses, long ways from key frame to key frame, early ends."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from custom_components.axis_recordings.playback.clips import write_clip
from custom_components.axis_recordings.playback.errors import (
    ExportBusyError,
    NothingRecordedError,
    SlowError,
)
from custom_components.axis_recordings.playback.export_queue import Priority
from custom_components.axis_recordings.playback.played_part import PlayedPart
from custom_components.axis_recordings.playback.segments import Grid
from custom_components.axis_recordings.playback.session import Session
from custom_components.axis_recordings.recordings.extent import TimeRange
from custom_components.axis_recordings.users.requester import Requester
from tests.camera import ClockStep, Encoding, Pause, Quirks
from tests.camera.exports import coded_video_of
from tests.videos import Movie, until

from .videos import START, VIDEO, camera_with_video, movie_of

if TYPE_CHECKING:
    from pathlib import Path

    from custom_components.axis_recordings.playback.segment_source import SegmentSource

    from .conftest import OnStage

PLAYBACK = Priority.PLAYBACK


def play(source: SegmentSource, first: float, last: float) -> Session:
    """Return the session of somebody who plays a part."""
    span = TimeRange(START + timedelta(seconds=first), START + timedelta(seconds=last))
    part = PlayedPart(source, span)
    return Session(parts=[part], begin=first, requester=Requester())


@pytest.mark.parametrize("every", [1, 3, 5, 8, None])
@pytest.mark.parametrize("first", [0, 8])
async def test_pause(on_stage: OnStage, every: int | None, first: int) -> None:
    """What comes after segments without a frame is played on, from before and from within."""
    pause = Pause(3, 12, every)
    stage = await on_stage(
        camera_with_video(gop=30.0, encoding=Encoding(pauses=(pause,)))
    )
    source = await stage.source()
    session = play(source, first, 40)
    parts = [await session.segment(number) for number in range(first // 2, 20)]
    frames = Movie(b"".join([source.init or b"", *parts])).frames
    seconds = [frame.second(START) for frame in frames if frame.second(START) >= 12]
    assert seconds == pytest.approx([12 + number / 10 for number in range(280)])
    for frame in frames:
        if frame.second(START) >= 12:
            assert frame.second(START) == pytest.approx(frame.time, abs=0.002)
    assert stage.server.exports_made == 1


@pytest.mark.parametrize(
    "encoding",
    [
        Encoding(b_frames=3, pauses=(Pause(5.1, 55),)),
        Encoding(b_frames=3, clock_steps=(ClockStep(5.1, 50),)),
        Encoding(
            b_frames=3, pauses=(Pause(5.1, 45),), clock_steps=(ClockStep(20, 10),)
        ),
    ],
    ids=["pause", "step", "both"],
)
async def test_long_within_a_group(on_stage: OnStage, encoding: Encoding) -> None:
    """A picture before a pause may be sent after one behind it, and each is seen at its time."""
    stage = await on_stage(camera_with_video(seconds=70, gop=80.0, encoding=encoding))
    source = await stage.source()
    segments = [
        await source.segment(number, PLAYBACK) for number in (0, 1, 2, 27, 28, 29)
    ]
    frames = sorted(movie_of(source.init or b"", *segments).frames)
    times = [frame.time for frame in frames]
    assert max(after - before for before, after in pairwise(times)) > 40
    recording = stage.camera.recordings.find(VIDEO)
    assert recording is not None
    timeline = coded_video_of(recording, stage.camera).timeline
    for frame in frames:
        stamp = (timeline.stamp(frame.clock.number) - START).total_seconds()
        assert frame.time == pytest.approx(stamp, abs=0.002)


@pytest.mark.parametrize("mimetype", ["video/x-h264", "video/x-h265"])
@pytest.mark.parametrize(
    "encoding",
    [
        Encoding(),
        Encoding(b_frames=2, references=2),
        Encoding(b_frames=2, references=2, open_gop=True),
    ],
)
async def test_each_segment_of_a_pause(
    on_stage: OnStage, mimetype: str, encoding: Encoding
) -> None:
    """It shows the last picture by itself, and is as long as it is listed, however long the pause."""
    encoding = replace(encoding, pauses=(Pause(5, 45),))
    stage = await on_stage(camera_with_video(mimetype=mimetype, encoding=encoding))
    source = await stage.source()
    session = play(source, 0, 60)
    parts = [await session.segment(number) for number in range(30)]
    init = source.init or b""
    for number in range(2, 21):
        movie = Movie(init + parts[number])
        begins = min(piece.time for piece in movie.video)
        length = sum(piece.duration for piece in movie.video)
        assert begins + length == pytest.approx(2 * number + 2, abs=0.01)
        if number > 2:
            assert begins == pytest.approx(2 * number, abs=0.02)
            last = max(movie.frames)
            assert last.time == pytest.approx(2 * number, abs=0.001)
            assert last.second(START) == pytest.approx(4.9, abs=0.001)
    frames = [
        frame
        for frame in sorted(Movie(init + b"".join(parts)).frames)
        if frame.second(START) == pytest.approx(frame.time, abs=0.002)
    ]
    assert [frame.clock.number for frame in frames] == [*range(50), *range(450, 600)]


async def test_pause_in_an_open_group(on_stage: OnStage) -> None:
    """A decoder of H.265 does not take pictures that come again for others that it holds back."""
    encoding = Encoding(
        b_frames=4, references=2, open_gop=True, pauses=(Pause(5, 11.75, 5),)
    )
    stage = await on_stage(
        camera_with_video(
            seconds=20,
            rate="8:1",
            mimetype="video/x-h265",
            gop=(3.375, 12.0),
            encoding=encoding,
        )
    )
    source = await stage.source()
    session = play(source, 0, 20)
    parts = [await session.segment(number) for number in range(1, 7)]
    frames = Movie(b"".join([source.init or b"", *parts])).frames
    times = [frame.time for frame in frames]
    assert times == sorted(set(times))
    seconds = [
        frame.second(START)
        for frame in frames
        if frame.second(START) == pytest.approx(frame.time, abs=0.002)
    ]
    assert seconds[:28] == pytest.approx(
        [*(number / 8 for number in range(16, 41)), 10, 11.75, 11.875]
    )


@pytest.mark.parametrize(
    ("following", "until"),
    [(3.9, 3.9), (4.0, 4.0), (4.7, 4.7), (5.99, 5.99), (6.0, 4.0), (300.0, 4.0)],
)
def test_last_until(following: float, until: float) -> None:
    """A picture fills up to one segment more, and each one by itself in a longer pause."""
    assert Grid(2.0).last_until(1, following) == until


@pytest.mark.parametrize(
    ("start", "stop", "last"),
    [(0, 20, 19.9), (14, 20, 19.9), (5, 9, 2.9), (5, 13, 12.9)],
)
async def test_clip_over_a_pause(
    on_stage: OnStage, tmp_path: Path, start: float, stop: float, last: float
) -> None:
    """It holds every frame, and what was seen when it begins in the pause."""
    encoding = Encoding(pauses=(Pause(3, 12, None),))
    stage = await on_stage(camera_with_video(gop=30.0, encoding=encoding))
    path = tmp_path / "clip.mp4"
    clip = await write_clip(await stage.source(), path, start=start, end=stop)
    assert clip.start == 0
    assert clip.end == pytest.approx(stop, abs=0.11)
    frames = Movie(path.read_bytes()).frames
    seconds = [frame.second(START) for frame in frames]
    wanted = [n / 10 for n in range(200) if n < 30 or n >= 120]
    assert seconds == pytest.approx([each for each in wanted if each < last + 0.05])


@pytest.mark.parametrize("short", [0.5, 1.8, 30.0])
async def test_early_end(on_stage: OnStage, tmp_path: Path, short: float) -> None:
    """The last frames are played and saved, and what is reported is where they end."""
    stage = await on_stage(camera_with_video(encoding=Encoding(short=short)))
    source = await stage.source()
    path = tmp_path / "clip.mp4"
    end = 60 - short
    clip = await write_clip(source, path, start=end - 5, end=60)
    assert clip.end == pytest.approx(end, abs=0.11)
    assert Movie(path.read_bytes()).frames[-1].second(START) == pytest.approx(
        end - 0.1, abs=0.06
    )
    session = play(source, 0, 60)
    before = stage.server.exports_made
    data = [await session.segment(number) for number in range(10, 30)]
    frames = Movie(b"".join([source.init or b"", *data])).frames
    assert frames[-1].second(START) == pytest.approx(end - 0.1, abs=0.06)
    # What lies after the end is not asked for one by one.
    assert stage.server.exports_made - before < 6
    if short > 10:
        with pytest.raises(NothingRecordedError):
            await source.key_before(29, PLAYBACK)


async def test_long_way(on_stage: OnStage) -> None:
    """Who leaves before a far place is there finds it when he comes again."""
    stage = await on_stage(camera_with_video(seconds=120, gop=80.0, export_speed=30))
    source = await stage.source()
    assert isinstance(source.why_late(), ExportBusyError)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await source.key_before(38, PLAYBACK)
    error = source.why_late()
    assert isinstance(error, SlowError)
    assert error.seconds == pytest.approx(76, abs=0.1)
    await until(lambda: 37 in source.known, 20)
    assert await source.key_before(38, PLAYBACK) == 0
    assert stage.server.exports_made == 1


@pytest.mark.parametrize("mp4", ["index_first", "index_last"])
async def test_mp4_with_an_index(on_stage: OnStage, mp4: Any) -> None:
    """What can only be read when all of it has come is asked for in short parts."""
    quirks = Quirks(export_formats=("mp4",), export_mp4=mp4)
    stage = await on_stage(camera_with_video(quirks=quirks, audio="audio/x-aac"))
    source = await stage.source()
    session = play(source, 0, 60)
    data = [await session.segment(number) for number in range(8, 30)]
    movie = Movie(b"".join([source.init or b"", *data]))
    frames = movie.frames
    assert [frame.clock.number for frame in frames] == list(range(160, 600))
    assert movie.audio[0].time == pytest.approx(16, abs=0.13)
    for made in stage.server.exports[1:]:
        if mp4 == "index_last":
            assert made.stop - made.start < timedelta(seconds=30)


@pytest.mark.parametrize("to", [60, 160])
async def test_pause_longer_than_an_export(
    on_stage: OnStage, monkeypatch: pytest.MonkeyPatch, to: float
) -> None:
    """Exports that end in it don't report that the video is over, nor what comes next."""
    monkeypatch.setattr(
        "custom_components.axis_recordings.playback.producer.EXPORT_LIMIT",
        timedelta(seconds=20),
    )
    encoding = Encoding(pauses=(Pause(5, to),))
    stage = await on_stage(
        camera_with_video(seconds=to + 10, gop=to + 10.0, encoding=encoding)
    )
    source = await stage.source()
    session = play(source, 8, to + 10)
    parts = [await session.segment(4), await session.segment(5)]
    assert source.silent_until(4) == pytest.approx(to)
    last = max(Movie(b"".join([source.init or b"", parts[0]])).frames)
    assert last.time == pytest.approx(8, abs=0.001)
    assert last.second(START) == pytest.approx(4.9, abs=0.001)
    begin = round(to / 2)
    session = play(source, to, to + 10)
    parts = [await session.segment(number) for number in range(begin, begin + 5)]
    frames = Movie(b"".join([source.init or b"", *parts])).frames
    seconds = [each.second(START) for each in frames if each.second(START) >= to]
    assert seconds == pytest.approx([to + number / 10 for number in range(100)])
    # Each of those in the pause reaches further.
    assert stage.server.exports_made == (3 if to == 160 else 2)


async def test_key_frame_of_long_ago(on_stage: OnStage) -> None:
    """However far before what is sought a video has to begin, each frame is shown at its time."""
    encoding = Encoding(pauses=(Pause(5, 1500),))
    stage = await on_stage(
        camera_with_video(seconds=1510, gop=1510.0, encoding=encoding)
    )
    source = await stage.source()
    with pytest.raises(NothingRecordedError):
        await source.segment(740, PLAYBACK)
    assert source.silent_until(740) == pytest.approx(1500)
    segments = [await source.segment(number, PLAYBACK) for number in (750, 751)]
    movie = movie_of(source.init, await source.independent(750), segments[1])
    shown = [each for each in movie.frames if each.time >= 1500 - 1e-3]
    assert [each.second(START) for each in shown] == pytest.approx(
        [each.time for each in shown], abs=0.002
    )
    assert len(shown) == 40


async def test_pause_without_an_end(
    on_stage: OnStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing follows until the recording ends, that is found out, and its last frames are kept."""
    monkeypatch.setattr(
        "custom_components.axis_recordings.playback.producer.EXPORT_LIMIT",
        timedelta(seconds=20),
    )
    stage = await on_stage(camera_with_video(encoding=Encoding(pauses=(Pause(5, 70),))))
    source = await stage.source()
    with pytest.raises(NothingRecordedError):
        await source.segment(4, PLAYBACK)
    made = stage.server.exports_made
    segment = await source.segment(2, PLAYBACK)
    assert segment.end == pytest.approx(5, abs=0.1)
    with pytest.raises(NothingRecordedError):
        await source.segment(20, PLAYBACK)
    assert stage.server.exports_made == made


async def test_end_of_a_part(on_stage: OnStage) -> None:
    """Where exports end as they were asked to, nothing is cut: a segment goes on after that."""
    quirks = Quirks(export_formats=("mp4",), export_mp4="index_last")
    stage = await on_stage(
        camera_with_video(seconds=90, rate="1:10", gop=30.0, quirks=quirks)
    )
    source = await stage.source()
    segments = [await source.segment(number, PLAYBACK) for number in range(2)]
    assert segments[0].is_whole
    assert segments[0].end == pytest.approx(segments[1].start)
