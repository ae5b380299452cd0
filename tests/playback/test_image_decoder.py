"""Pictures of moments."""

from fractions import Fraction
from io import BytesIO
from itertools import count

import av
import numpy as np
import pytest

from custom_components.axis_recordings.playback import image_decoder
from custom_components.axis_recordings.playback.errors import (
    InvalidVideoError,
    NoKeyFrameError,
    NothingRecordedError,
)
from custom_components.axis_recordings.playback.image_decoder import (
    THUMBNAIL_WIDTH,
    decode_frame,
)
from custom_components.axis_recordings.playback.reader import VideoReader
from tests.camera.video import read_clock

from .test_segments import AAC, draw_video
from .videos import START, make_export


def picture(data: bytes) -> av.VideoFrame:
    """Decode a JPEG."""
    assert data.startswith(b"\xff\xd8\xff")
    with av.open(BytesIO(data), "r", format="jpeg_pipe") as container:
        assert container.streams.video[0].codec_context.name == "mjpeg"
        return next(container.decode(video=0))


def second(data: bytes) -> float:
    """Return the second of the recording that a picture shows."""
    return (read_clock(picture(data)).moment - START).total_seconds()


@pytest.mark.parametrize(
    "mimetype", ["video/x-h264", "video/x-h265", "image/jpeg", "video/x-av1"]
)
def test_any_codec(mimetype: str) -> None:
    """A picture can be made of what players can't show, too."""
    export = make_export(draw_video(mimetype=mimetype, rate=Fraction(5)), 20, 60)
    data, time = decode_frame(BytesIO(export), begins=4.0, moment=7.7)
    assert time == pytest.approx(7.6, abs=0.001)
    assert second(data) == pytest.approx(7.6, abs=0.001)


@pytest.mark.parametrize("file_format", ["matroska", "mp4"])
@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (None, 4.0),
        (3.0, 4.0),
        (4.0, 4.0),
        (4.1, 4.1),
        (6.099, 6.1),
        (6.1, 6.1),
        (6.19, 6.1),
        (8.0, 8.0),
        (60.0, 11.9),
    ],
)
def test_moments(file_format: str, moment: float | None, expected: float) -> None:
    """It is the last frame up to the moment, as far as the video goes."""
    export = make_export(draw_video(), 40, 120, file_format=file_format)
    data, time = decode_frame(BytesIO(export), begins=4.0, moment=moment)
    assert time == pytest.approx(expected, abs=0.001)
    assert second(data) == pytest.approx(expected, abs=0.001)


def test_small_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    """It decodes some frames a second, of which there are hundreds after a key frame."""
    export = make_export(draw_video(gop=(12.0,)), 0, 120)
    monkeypatch.setattr(image_decoder, "thread_time", count().__next__)
    _, time = decode_frame(BytesIO(export), begins=0.0, moment=11.9)
    assert time == pytest.approx(11.9, abs=0.001)


@pytest.mark.parametrize(
    ("size", "width", "expected"),
    [
        ((640, 360), None, (640, 360)),
        ((640, 360), THUMBNAIL_WIDTH, (320, 180)),
        ((640, 360), 2000, (640, 360)),
        ((640, 360), 641, (640, 360)),
        ((640, 480), 321, (320, 240)),
        ((160, 90), THUMBNAIL_WIDTH, (160, 90)),
        ((160, 90), 32, (32, 18)),
        ((640, 16), 64, (64, 2)),
    ],
)
def test_size(
    size: tuple[int, int], width: int | None, expected: tuple[int, int]
) -> None:
    """It is as wide as was asked for, never wider than the video, and of the same shape."""
    coded_video = draw_video()
    wide = type(coded_video)(coded_video.timeline, width=size[0], height=size[1])
    data, _ = decode_frame(
        BytesIO(make_export(wide, 0, 1)), begins=0.0, moment=None, width=width
    )
    frame = picture(data)
    assert (frame.width, frame.height) == expected


def test_brightness() -> None:
    """Black and white stay what they are."""
    coded_video = draw_video()
    jpeg = draw_video(mimetype="image/jpeg")
    for each in (coded_video, jpeg):
        export = make_export(each, 0, 1)
        with av.open(BytesIO(export), "r") as container:
            before = next(container.decode(video=0)).to_ndarray(format="rgb24")
        data, _ = decode_frame(BytesIO(export), begins=0.0, moment=None)
        after = picture(data).to_ndarray(format="rgb24")
        assert np.abs(before.astype(int) - after.astype(int)).mean() < 8


@pytest.mark.parametrize(
    ("export", "error"),
    [
        (b"", InvalidVideoError),
        (b"nonsense" * 1000, InvalidVideoError),
    ],
)
def test_no_video(export: bytes, error: type[Exception]) -> None:
    """What can't be read is none."""
    with pytest.raises(error):
        decode_frame(BytesIO(export), begins=0.0, moment=1.0)


def test_broken_frame() -> None:
    """What can't be decoded is reported."""
    export = make_export(draw_video(), 0, 10)
    garbled = export[:700] + bytes(len(export) - 700)
    with pytest.raises((InvalidVideoError, NothingRecordedError, NoKeyFrameError)):
        decode_frame(BytesIO(garbled), begins=0.0, moment=1.0)


def test_no_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    """A decoder may find nothing in what it gets."""
    export = make_export(draw_video(), 0, 1)
    monkeypatch.setattr(VideoReader, "samples", lambda _: iter(()))
    with pytest.raises(NothingRecordedError):
        decode_frame(BytesIO(export), begins=0.0, moment=1.0)


@pytest.mark.parametrize("mimetype", ["video/x-h264", "video/x-av1"])
@pytest.mark.parametrize("moment", [None, 0.0, 1.0])
def test_short_video(mimetype: str, moment: float | None) -> None:
    """A decoder that gives its frames late gives the last ones at the end."""
    export = make_export(draw_video(mimetype=mimetype, rate=Fraction(5)), 0, 2)
    data, time = decode_frame(BytesIO(export), begins=0.0, moment=moment)
    assert time == pytest.approx(0.2 if moment else 0.0, abs=0.001)
    assert second(data) == pytest.approx(time, abs=0.001)


def test_sound_is_skipped() -> None:
    """Only pictures matter."""
    export = make_export(draw_video(sound=AAC), 0, 40)
    _, time = decode_frame(BytesIO(export), begins=0.0, moment=2.0)
    assert time == 2.0
