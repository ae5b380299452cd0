"""Fragments that are decoded later than they are shown."""

from io import BytesIO
from itertools import pairwise
from typing import TYPE_CHECKING

import av
import pytest

from custom_components.axis_recordings.playback.decode_time import decode_from
from custom_components.axis_recordings.playback.fragments import empty_segment
from tests.camera import Encoding
from tests.videos import Movie

from .test_segments import AAC, GRID, cut, draw_video

if TYPE_CHECKING:
    from custom_components.axis_recordings.playback.segments import Segment

GOP = (1.3,)


def decode_times(data: bytes) -> list[float]:
    """Return when the frames of a file are decoded, in seconds."""
    with av.open(BytesIO(data), "r") as container:
        return [
            float(packet.dts * packet.time_base)
            for packet in container.demux(video=0)
            if packet.dts is not None and packet.time_base is not None
        ]


def early(segments: list[Segment]) -> list[Segment]:
    """Return the segments that begin before their boundary."""
    return [each for each in segments if each.start < GRID.at(each.number) - 0.01]


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
        assert [each.time for each in declared.video] == [
            each.time for each in usual.video
        ]
        assert [each.is_key for each in declared.video] == [
            each.is_key for each in usual.video
        ]
        assert declared.seconds == usual.seconds
        times = decode_times(declared.data)
        assert times[0] == pytest.approx(begin, abs=1e-4)
        assert all(before < after for before, after in pairwise(times))
        assert times[-1] < decode_times(usual.data)[-1] + segment.end - segment.start


def test_following() -> None:
    """The next segment follows as it is."""
    result = cut(draw_video(gop=GOP))
    for segment, following in pairwise(result.segments):
        if segment not in early(result.segments):
            continue
        data = decode_from(segment.data, GRID.at(segment.number))
        together = Movie(result.init + data + following.data)
        times = decode_times(together.data)
        assert times == sorted(set(times))
        assert together.seconds == Movie(
            result.init + segment.data + following.data
        ).seconds


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
