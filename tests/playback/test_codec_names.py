"""What codecs are called."""

import re

import pytest

from custom_components.axis_recordings.playback.codec_names import codec_names

from .test_segments import AAC, cut, draw_video


@pytest.mark.parametrize(
    ("mimetype", "expected"),
    [
        ("video/x-h264", r"avc1\.(42|4d|64)[0-9a-f]{4}"),
        ("video/x-h265", r"hvc1\.1\.6\.L\d+(\.[0-9A-F]+)*"),
        ("video/x-av1", r"av01\.0\.\d\dM\.(08|10)"),
    ],
)
@pytest.mark.parametrize("sound", [None, AAC])
def test_names(mimetype: str, expected: str, sound: object) -> None:
    """They are those of RFC 6381, of all tracks."""
    init = cut(draw_video(mimetype=mimetype, sound=sound), stop=2).init
    video, *others = codec_names(init).split(",")
    assert re.fullmatch(expected, video), video
    assert others == (["mp4a.40.2"] if sound else [])


def test_nothing() -> None:
    """What is not yet known has no name."""
    assert not codec_names(b"")
