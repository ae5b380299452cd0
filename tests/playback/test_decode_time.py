"""Fragments that are decoded later than they are shown."""

from itertools import pairwise
from struct import unpack
from typing import TYPE_CHECKING

import pytest

from custom_components.axis_recordings.playback.boxes import within
from custom_components.axis_recordings.playback.decode_time import decode_from
from custom_components.axis_recordings.playback.fragments import empty_segment
from custom_components.axis_recordings.playback.frame_order import TIMESCALE
from tests.camera import Encoding
from tests.videos import Movie

from .test_segments import AAC, GRID, cut, draw_video

if TYPE_CHECKING:
    from custom_components.axis_recordings.playback.segments import Segment

GOP = (1.3,)


def begin_of(data: bytes) -> float:
    """Return the time at which a fragment says that it begins, in seconds (ISO 14496-12, 8.8.12)."""
    (begin, end), *_ = within(data, b"moof", b"traf", b"tfdt")
    return int.from_bytes(data[begin + 4 : end]) / TIMESCALE


def times_of(data: bytes) -> tuple[list[float], list[float]]:
    """Return when the frames of a fragment are decoded, and when they are shown, in seconds.

    FFmpeg would show all frames of a video later, so that none is shown before it is decoded.
    """
    (begin, _), *_ = within(data, b"moof", b"traf", b"trun")
    version_and_flags, count, _ = unpack(">III", data[begin : begin + 12])
    assert version_and_flags == 0x01000F01
    time = round(begin_of(data) * TIMESCALE)
    decoded, shown = [], []
    for at in range(begin + 12, begin + 12 + 16 * count, 16):
        duration, _, _, offset = unpack(">IIIi", data[at : at + 16])
        assert duration > 0
        decoded.append(time / TIMESCALE)
        shown.append((time + offset) / TIMESCALE)
        time += duration
    return decoded, shown


def early(segments: list[Segment]) -> list[Segment]:
    """Return the segments that begin before their boundary, and end after it."""
    return [
        each
        for each in segments
        if each.start < GRID.at(each.number) - 0.01 < each.end - 0.02
    ]


@pytest.mark.parametrize("mimetype", ["video/x-h264", "video/x-h265", "video/x-av1"])
@pytest.mark.parametrize("encoding", [Encoding(), Encoding(b_frames=2, references=2)])
def test_declared(mimetype: str, encoding: Encoding) -> None:
    """All frames are shown as before, and the first one is decoded where it is wanted."""
    result = cut(draw_video(gop=GOP, mimetype=mimetype, encoding=encoding))
    segments = early(result.segments)
    assert len(segments) > 4
    for segment in segments:
        begin = GRID.at(segment.number)
        data = decode_from(segment.data, begin)
        usual, declared = (Movie(result.init + each) for each in (segment.data, data))
        assert declared.boxes == usual.boxes
        decoded, shown = times_of(data)
        assert shown == pytest.approx(
            [each.time for each in usual.video[: len(shown)]], abs=1e-4
        )
        later = [each.time for each in usual.video[len(shown) :]]
        assert decoded[-1] < min([*later, segment.end])
        assert [each.is_key for each in declared.video] == [
            each.is_key for each in usual.video
        ]
        assert declared.seconds == usual.seconds
        assert begin_of(segment.data) == pytest.approx(segment.start, abs=1e-4)
        assert begin_of(data) == pytest.approx(begin, abs=1e-4)


def test_following() -> None:
    """The next segment follows as it is."""
    result = cut(draw_video(gop=GOP))
    for segment, following in pairwise(result.segments):
        if segment not in early(result.segments):
            continue
        data = decode_from(segment.data, GRID.at(segment.number))
        together = Movie(result.init + data + following.data)
        assert (
            together.seconds
            == Movie(result.init + segment.data + following.data).seconds
        )


def test_left_as_they_are() -> None:
    """What has sound, no frame, or no room stays as it is."""
    silent, loud = cut(draw_video(gop=GOP)), cut(draw_video(gop=GOP, sound=AAC))
    segment = early(silent.segments)[0]
    for data, start in (
        (segment.data, segment.end),
        (segment.data, segment.end + 5),
        (early(loud.segments)[0].data, GRID.at(1)),
        (empty_segment(1.0), 2.0),
        (b"", 2.0),
    ):
        assert decode_from(data, start) == data
