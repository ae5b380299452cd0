"""Cutting: the same segments, whichever export they come from."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from io import BytesIO
from itertools import pairwise
from math import ceil
import os
from typing import TYPE_CHECKING, Any

import av
from hypothesis import HealthCheck, assume, example, given, settings, strategies as st
import pytest

from custom_components.axis_recordings.playback.errors import (
    InvalidVideoError,
    NoKeyFrameError,
    UnplayableError,
)
from custom_components.axis_recordings.playback.segments import (
    Grid,
    Segment,
    Segmenter,
)
from tests.camera.video import CodedVideo, Timeline, pitch
from tests.camera.video.reel import Reel
from tests.camera.video.sound import Track
from tests.videos import Movie

from .videos import START, WIDTH, make_export, movie_of

if TYPE_CHECKING:
    from custom_components.axis_recordings.playback.reader import VideoReader
    from tests.videos import Frame

GRID = Grid(2.0)
AAC = Track("audio/x-aac", 16_000, 32_000)


@dataclass
class Cut:
    """What a video was cut into."""

    segments: list[Segment] = field(default_factory=list)
    inits: set[bytes] = field(default_factory=set)
    dropped_audio: str | None = None

    @property
    def init(self) -> bytes:
        """Return the initialization section; each is as good as the others."""
        assert len({str(Movie(init).headers) for init in self.inits}) == 1
        return next(iter(self.inits))

    @property
    def movie(self) -> Movie:
        """Return all of it."""
        return movie_of(self.init, *self.segments)

    def frames(self) -> dict[int, list[Frame]]:
        """Return the pictures of each segment."""
        frames = iter(self.movie.frames)
        return {
            segment.number: [
                next(frames) for _ in Movie(self.init + segment.data).video
            ]
            for segment in self.segments
        }


def draw_video(
    *,
    rate: Fraction = Fraction(10),
    gop: tuple[float, ...] = (4.0,),
    origin: datetime = START,
    **attributes: Any,
) -> CodedVideo:
    """Return small pictures of a recording."""
    timeline = Timeline(origin, rate, gop)
    return CodedVideo(timeline, width=WIDTH, height=90, **attributes)


def cut(
    coded_video: CodedVideo,
    asked: int = 0,
    stop: float = 20,
    *,
    grid: Grid = GRID,
    file_format: str = "matroska",
    reel: Reel | None = None,
) -> Cut:
    """Cut an export from a boundary on, up to a second of the recording."""
    timeline = coded_video.timeline
    first, last = (
        timeline.at_or_before(timeline.origin + timedelta(seconds=seconds))
        for seconds in (grid.at(asked), stop)
    )
    first = coded_video.snap(first)
    export = make_export(coded_video, first, last, file_format=file_format, reel=reel)
    return cut_export(
        export,
        begins=(timeline.time(first) - timeline.origin).total_seconds(),
        grid=grid,
    )


def cut_export(export: bytes, *, begins: float = 0.0, grid: Grid = GRID) -> Cut:
    """Cut an export."""
    result = Cut()

    def deliver(segment: Segment, init: bytes) -> None:
        result.segments.append(segment)
        result.inits.add(init)

    def on_open(reader: VideoReader) -> None:
        result.dropped_audio = reader.dropped_audio

    Segmenter(grid, begins=begins, deliver=deliver, on_open=on_open).run(
        BytesIO(export)
    )
    return result


# The same from any export

# More examples, and other ones each time, to look for rare faults.
LIVES = "AXIS_RECORDINGS_LIVES"
RATES = [Fraction(each) for each in (2, 5, 10, 15, 25, 30)]
RATES += [Fraction(25, 2), Fraction(30_000, 1001), Fraction(15_000, 1001)]
lengths = st.floats(0.1, 9.0)


def is_clear(coded_video: CodedVideo, grid: Grid, seconds: float) -> bool:
    """Return whether no frame lies on the edge of what counts as on a boundary.

    Matroska counts milliseconds from its first frame, so a frame that lies three of them before or after
    a boundary may be taken for either side.
    """
    timeline = coded_video.timeline
    for frame in range(ceil(seconds * timeline.rate)):
        time = (timeline.time(frame) - timeline.origin).total_seconds()
        distance = abs((time + 1.0) % grid.length - 1.0)
        if abs(distance - 0.003) < 0.0011:
            return False
    return True


@pytest.mark.parametrize("file_format", ["matroska", "mp4"])
@settings(
    max_examples=6 * int(os.environ.get(LIVES, "1")),
    deadline=None,
    database=None,
    derandomize=LIVES not in os.environ,
    suppress_health_check=list(HealthCheck),
)
@given(
    rate=st.sampled_from(RATES),
    gop=st.one_of(
        st.tuples(lengths), st.lists(lengths, min_size=2, max_size=4).map(tuple)
    ),
    fraction=st.integers(0, 999_999),
    asked=st.integers(1, 7),
)
@example(Fraction(10), (4.0,), 0, 3)
@example(Fraction(10), (2.0,), 999_999, 2)
@example(Fraction(30_000, 1001), (1.0, 6.0, 0.3), 123_456, 6)
@example(Fraction(15), (30.0,), 1, 5)
def test_any_export_gives_the_same(
    file_format: str,
    rate: Fraction,
    gop: tuple[float, ...],
    fraction: int,
    asked: int,
) -> None:
    """Number, times and frames; no frame comes twice, and none is missing."""
    coded_video = draw_video(
        rate=rate, gop=gop, origin=START.replace(microsecond=fraction)
    )
    assume(is_clear(coded_video, GRID, 20))
    reel = Reel()
    whole = cut(coded_video, file_format=file_format, reel=reel)
    part = cut(coded_video, asked, file_format=file_format, reel=reel)

    known = {segment.number: segment for segment in whole.segments}
    assert list(known) == list(range(len(known)))
    # A key frame before the end begins another segment, and might not be the last one to do so.
    assert all(each.is_whole for each in whole.segments[:-2])
    assert not whole.segments[-1].is_whole
    frames = whole.frames()
    shown = [frame for number in known for frame in frames[number]]
    # What is shown is what the camera saw at that moment.
    assert [frame.clock.number for frame in shown] == list(range(len(shown)))
    for frame in shown:
        assert frame.time == pytest.approx(
            (
                coded_video.timeline.time(frame.clock.number)
                - coded_video.timeline.origin
            )
            / timedelta(seconds=1),
            abs=0.001,
        )
    for before, after in pairwise(whole.segments):
        assert before.end == after.start
    for segment in whole.segments:
        # A segment begins at the last key frame in the length before its boundary, or at the boundary.
        boundary = GRID.at(segment.number)
        keys = [
            piece.time
            for piece in whole.movie.video
            if piece.is_key and boundary - 2 + 0.004 < piece.time <= boundary + 0.004
        ]
        if keys:
            assert segment.starts_with_key
            assert segment.start == pytest.approx(keys[-1], abs=0.001)
        else:
            assert not segment.starts_with_key
            assert boundary - 0.004 <= segment.start
            assert segment.start <= boundary + float(1 / rate) + 0.001

    numbers = [segment.number for segment in part.segments]
    assert numbers == list(range(numbers[0], len(known)))
    assert numbers[0] <= asked
    assert Movie(part.init).headers == Movie(whole.init).headers
    same = part.frames()
    for segment in part.segments:
        other = known[segment.number]
        assert segment.start == pytest.approx(other.start, abs=0.001)
        assert segment.end == pytest.approx(other.end, abs=0.001)
        assert segment.starts_with_key == other.starts_with_key
        assert segment.is_whole == other.is_whole
        assert [frame.clock for frame in same[segment.number]] == [
            frame.clock for frame in frames[segment.number]
        ]


@pytest.mark.parametrize("file_format", ["matroska", "mp4"])
@pytest.mark.parametrize("gop", [(4.0,), (3.3, 0.7)])
def test_sound(file_format: str, gop: tuple[float, ...]) -> None:
    """AAC goes with the pictures, without a gap and in step with them."""
    coded_video = draw_video(gop=gop, sound=AAC)
    for asked in (0, 3):
        result = cut(coded_video, asked, file_format=file_format)
        pieces = result.movie.audio
        assert result.movie.codecs[1] == "aac"
        assert result.dropped_audio is None
        step = 1024 / AAC.samplerate
        # A camera's mp4 may take the time before the first sound for a part of it.
        skipped = int(file_format == "mp4")
        for before, after in pairwise(pieces[skipped:]):
            assert after.time - before.time == pytest.approx(step, abs=0.0015)
        for edge, time in (
            (result.segments[0].start, pieces[0].time),
            (20, pieces[-1].time + step),
        ):
            assert abs(edge - time) < 2 * step
        for segment in result.segments:
            if file_format == "mp4":
                # There sound comes after all pictures up to the next key frame.
                continue
            inside = Movie(result.init + segment.data).audio
            assert abs(inside[0].time - segment.start) < 2 * step
            assert abs(inside[-1].time + step - segment.end) < 2 * step
        # Each second has its own tone, so sound of another moment would be heard.
        assert len({pitch(START + timedelta(seconds=each)) for each in range(10)}) == 10


def test_sound_of_mp4() -> None:
    """Each segment holds its own sound, so that a player can begin with it."""
    result = cut(draw_video(sound=AAC), file_format="mp4")
    for segment in result.segments:
        inside = Movie(result.init + segment.data).audio
        assert inside[0].time == pytest.approx(segment.start, abs=0.13)


@pytest.mark.parametrize(
    ("mimetype", "codec"), [("audio/x-opus", "opus"), ("audio/x-raw", "pcm_s16le")]
)
def test_other_sound_is_dropped(mimetype: str, codec: str) -> None:
    """What can't be copied is left out, and named."""
    result = cut(draw_video(sound=Track(mimetype, 16_000, 32_000)), 1)
    assert result.dropped_audio is not None
    assert codec in result.dropped_audio
    assert result.movie.codecs == ["h264"]
    assert len(result.movie.video) == 200


@pytest.mark.parametrize(
    ("mimetype", "codec", "tag"),
    [
        ("video/x-h264", "h264", "avc1"),
        ("video/x-h265", "hevc", "hvc1"),
        ("video/x-av1", "libdav1d", "av01"),
    ],
)
def test_codecs(mimetype: str, codec: str, tag: str) -> None:
    """They are copied; H.265 has the name by which Apple's players know it."""
    coded_video = draw_video(mimetype=mimetype, rate=Fraction(5))
    whole, part = cut(coded_video, stop=12), cut(coded_video, 3, stop=12)
    assert whole.movie.codecs == [codec]
    assert whole.movie.tags == [tag]
    assert [each.number for each in whole.segments] == [0, 1, 2, 3, 4, 5]
    assert [each.number for each in part.segments] == [2, 3, 4, 5]
    assert Movie(part.init).headers == Movie(whole.init).headers
    for frame in part.movie.frames:
        assert frame.second(START) == pytest.approx(frame.time, abs=0.001)


def test_unplayable() -> None:
    """What would have to be coded anew is named as people know it."""
    with pytest.raises(UnplayableError, match="MJPEG") as caught:
        cut(draw_video(mimetype="image/jpeg", rate=Fraction(2)), stop=4)
    assert caught.value.codec == "MJPEG"


# What else comes


def test_beginning_later_than_asked() -> None:
    """What was cleaned away is not there; what follows has its usual numbers."""
    coded_video = draw_video()
    export = make_export(coded_video, 80, 160)
    whole = cut(coded_video, stop=16)
    known = {segment.number: segment for segment in whole.segments}
    result = cut_export(export, begins=8.0)
    assert [each.number for each in result.segments] == [4, 5, 6, 7]
    for segment in result.segments:
        assert segment.start == known[segment.number].start
        assert segment.end == known[segment.number].end


def test_beginning_within_what_was_asked() -> None:
    """The recording may begin in the middle of the asked segment; numbers are the same from anywhere."""
    coded_video = draw_video()
    export = make_export(coded_video, 80, 160)
    # Seven seconds and a bit lie before the boundary of segment 4, which begins with that key frame.
    result = cut_export(export, begins=7.3)
    assert [each.number for each in result.segments] == [4, 5, 6, 7]
    assert result.segments[0].start == 7.3


def test_gap() -> None:
    """Segments without a frame are left out."""
    coded_video = draw_video(gop=(2.0,))
    early, late = make_export(coded_video, 0, 40), make_export(coded_video, 160, 200)
    first = cut_export(early)
    later = cut_export(late, begins=16.0)
    assert [each.number for each in first.segments] == [0, 1]
    assert [each.number for each in later.segments] == [8, 9]


def test_few_frames() -> None:
    """Where frames are farther apart than boundaries, numbers are left out, and no frame is lost."""
    coded_video = draw_video(rate=Fraction(1, 5), gop=(10.0,))
    result = cut(coded_video, stop=60)
    assert [each.number for each in result.segments] == sorted(
        {each.number for each in result.segments}
    )
    assert [frame.clock.number for frame in result.movie.frames] == list(range(12))
    part = cut(coded_video, 10, stop=60)
    known = {each.number: each.start for each in result.segments}
    for segment in part.segments:
        assert known[segment.number] == pytest.approx(segment.start, abs=0.001)


def test_export_that_ends_early() -> None:
    """Its last segment is not whole, however far it goes."""
    for last in (1, 7, 20, 25, 40):
        result = cut_export(make_export(draw_video(), 0, last))
        assert not result.segments[-1].is_whole
        assert result.segments[-1].end == pytest.approx(last / 10, abs=0.1)
        assert sum(len(frames) for frames in result.frames().values()) == last


@pytest.mark.parametrize(
    "export", [b"", b"\x1a\x45\xdf\xa3", b"nonsense" * 5000, b"\0" * 100_000]
)
def test_no_video(export: bytes) -> None:
    """What can't be read is none."""
    with pytest.raises(InvalidVideoError):
        cut_export(export)


def test_export_that_is_cut_anywhere() -> None:
    """Something of it comes, or an error of ours."""
    export = make_export(draw_video(), 0, 60)
    whole = {segment.number: segment for segment in cut_export(export).segments}
    for size in range(50, len(export), len(export) // 40):
        try:
            result = cut_export(export[:size])
        except InvalidVideoError, NoKeyFrameError:
            assert size < 10_000
            continue
        for segment in result.segments:
            if segment.is_whole:
                assert segment.data == whole[segment.number].data


def test_only_sound() -> None:
    """A video without pictures is none."""
    file = BytesIO()
    with av.open(file, "w", format="matroska") as container:
        track = container.add_stream("aac", rate=16_000)
        frame = av.AudioFrame(format="fltp", layout="mono", samples=1024)
        frame.sample_rate = 16_000
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        track.codec_context.layout = "mono"
        container.mux(track.encode(frame))
        container.mux(track.encode(None))
    with pytest.raises(InvalidVideoError, match="no track whose codec"):
        cut_export(file.getvalue())


# The grid


@settings(database=None, derandomize=True)
@given(length=st.floats(2.0, 60.0), number=st.integers(0, 1_000_000))
def test_grid(length: float, number: int) -> None:
    """A boundary begins the segment of its number."""
    grid = Grid(length)
    assert grid.containing(grid.at(number)) == number
    assert grid.containing(grid.at(number) + length / 2) == number
    assert grid.beginning_at(grid.at(number)) == number
    assert grid.beginning_at(grid.at(number) + length / 2) == number + 1
    assert grid.containing(-5) == grid.beginning_at(-5) == 0
