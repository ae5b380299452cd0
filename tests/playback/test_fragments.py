"""Fragmented MP4, as HLS wants it."""

from io import BytesIO
import tracemalloc
from typing import TYPE_CHECKING, Any

import av
import pytest

from custom_components.axis_recordings.playback import fragments
from custom_components.axis_recordings.playback.errors import InvalidVideoError
from custom_components.axis_recordings.playback.fragments import (
    Copier,
    write_independent,
    write_segment,
)
from custom_components.axis_recordings.playback.reader import VideoReader
from custom_components.axis_recordings.playback.samples import Sample
from tests.videos import Movie

from .test_segments import AAC, cut, draw_video
from .videos import START, make_export

if TYPE_CHECKING:
    from custom_components.axis_recordings.playback.segments import Segment

GOP = 20.0


@pytest.mark.parametrize("mimetype", ["video/x-h264", "video/x-h265"])
@pytest.mark.parametrize("sound", [None, AAC])
def test_independent(mimetype: str, sound: Any) -> None:
    """A segment without a key frame can be decoded alone; what it needs is over in no time."""
    result = cut(draw_video(gop=(GOP,), mimetype=mimetype, sound=sound))
    for number in (1, 4, 9):
        segment = result.segments[number]
        assert not segment.starts_with_key
        parts = [each.data for each in result.segments[: number + 1]]
        hidden = 20 * number
        data = write_independent(
            BytesIO(b"".join([result.init, *parts])), segment.start, hidden
        )
        movie = Movie(result.init + data)
        first, *others = movie.video
        assert first.is_key
        assert not any(piece.is_key for piece in others)
        assert len(movie.video) == hidden + 20
        # All that lies before is over within a few milliseconds.
        assert segment.start - first.time < 0.01
        assert movie.video[hidden].time == pytest.approx(segment.start, abs=0.001)
        times = [piece.time for piece in movie.video]
        assert times == sorted(set(times))
        frames = movie.frames
        assert [frame.clock.number for frame in frames] == list(range(hidden + 20))
        for frame in frames[hidden:]:
            assert frame.second(START) == pytest.approx(frame.time, abs=0.001)
        usual = Movie(result.init + segment.data)
        assert [piece.time for piece in movie.video[hidden:]] == [
            piece.time for piece in usual.video
        ]
        if sound:
            assert [piece for piece in usual.audio if piece.time >= segment.start] == (
                movie.audio
            )
        # A player puts it between others.
        before, after = result.segments[number - 1], result.segments[number + 1 :]
        assert before.end == pytest.approx(segment.start)
        together = b"".join([data, *(each.data for each in after[:1])])
        assert len(Movie(result.init + together).frames) == hidden + 20 + 20 * bool(
            after
        )


def test_independent_of_nothing() -> None:
    """What can't be read is no segment."""
    with pytest.raises(InvalidVideoError):
        write_independent(BytesIO(b"nonsense"), 0.0, 0)


def test_one_fragment_each() -> None:
    """A segment is one fragment, and the initialization section comes before it."""
    result = cut(draw_video(sound=AAC))
    assert Movie(result.init).boxes == ["ftyp", "moov"]
    segment: Segment
    for segment in result.segments:
        assert Movie(segment.data).boxes == ["moof", "mdat"]


def test_sound_without_a_track() -> None:
    """Sound is left out where the video has none that can be copied."""
    reader = VideoReader(BytesIO(make_export(draw_video(), 0, 10)), 0.0)
    file = BytesIO()
    try:
        samples = list(reader.samples())
        packet = av.Packet(b"sound")
        sound = Sample(packet, 0.0, 0.1, is_video=False, is_key=True)
        with av.open(file, "w", format="mp4") as container:
            Copier(reader, container).copy([sound, *samples])
    finally:
        reader.close()
    movie = Movie(file.getvalue())
    assert len(movie.video) == 10
    assert len(movie.codecs) == 1


def test_split() -> None:
    """What comes before the first fragment, as far as there are whole boxes."""
    box = b"\0\0\0\x09freeX"
    for begin, rest in (
        (box, b""),
        (box, b"\0\0\0\x08moof"),
        (box, b"\0\0\0\0mdat"),
        (b"", b""),
    ):
        parts = fragments._split(memoryview(begin + rest))
        assert [bytes(part) for part in parts] == [begin, rest]


def test_memory() -> None:
    """A segment that is as large as it may be is written once and handed over once."""
    reader = VideoReader(BytesIO(make_export(draw_video(), 0, 10)), 0.0)
    samples = list(reader.samples())
    size = 4_000_000
    for each in samples[1:]:
        each.packet = av.Packet(bytes(each.packet) + bytes(size // 9))
    tracemalloc.start()
    try:
        _, data = write_segment(reader, samples)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        reader.close()
    assert len(data) > size
    assert peak < 2.5 * size


@pytest.mark.parametrize(
    "error",
    [
        av.error.InvalidDataError(1, "broken"),
        av.error.ArgumentError(22, "Invalid argument"),
        ValueError("broken"),
        # Of sound without a rate.
        ZeroDivisionError("Fraction(1, 0)"),
    ],
)
def test_errors_of_the_muxer(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """What FFmpeg can't write is not a video that can be played."""

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(Copier, "copy", fail)
    with pytest.raises(InvalidVideoError):
        cut(draw_video(), stop=4)
