"""What browsers call the codecs of a video."""

import re
from typing import TYPE_CHECKING

import pytest

from custom_components.axis_recordings.playback.codec_names import codec_names
from custom_components.axis_recordings.playback.export_queue import Priority

from .videos import camera_with_video

if TYPE_CHECKING:
    from .conftest import OnStage


@pytest.mark.parametrize(
    ("mimetype", "audio", "names"),
    [
        ("video/x-h264", None, r"avc1\.[0-9A-F]{6}"),
        ("video/x-h264", "audio/x-aac", r"avc1\.[0-9A-F]{6},mp4a\.40\.2"),
        ("video/x-h265", None, r"hvc1\.1\.6\.L\d+(\.[0-9A-F]{1,2}){0,6}"),
        ("video/x-av1", None, r"av01\.0\.\d\dM\.08"),
    ],
)
async def test_names(
    on_stage: OnStage, mimetype: str, audio: str | None, names: str
) -> None:
    """They are read from what each segment begins with."""
    stage = await on_stage(
        camera_with_video(seconds=4, mimetype=mimetype, audio=audio)
    )
    source = await stage.source()
    await source.segment(0, Priority.PLAYBACK)
    assert source.init
    found = codec_names(source.init)
    assert re.fullmatch(names, found), found


def test_configurations() -> None:
    """Those of the standards' examples."""
    avc = bytes.fromhex("01640028ff")
    assert codec_names(b"\0\0\0\x0davcC" + avc) == "avc1.640028"
    # Main 10, high tier, level 5.1, of which one constraint byte counts.
    hevc = bytes.fromhex("01222000000090000000000099")
    assert codec_names(b"hvcC" + hevc) == "hvc1.2.4.H153.90"
    av1 = bytes.fromhex("81094c00")
    assert codec_names(b"av1C" + av1) == "av01.0.09M.10"
    assert codec_names(b"moov") == ""
