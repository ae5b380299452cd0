"""Segments without their sound."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from custom_components.axis_recordings.playback.fragments import empty_segment
from custom_components.axis_recordings.playback.sound import sound_of, without_sound
from tests.camera import Audio, Camera
from tests.videos import Movie

from .test_segments import AAC, cut, draw_video
from .videos import START

if TYPE_CHECKING:
    from .conftest import OnStage


@pytest.mark.parametrize("mimetype", ["video/x-h264", "video/x-h265"])
def test_hidden(mimetype: str) -> None:
    """Players find the video alone, each frame at its time, and nothing has moved."""
    result = cut(draw_video(mimetype=mimetype, sound=AAC))
    whole = b"".join([result.init, *(each.data for each in result.segments)])
    silent = b"".join(
        without_sound(each)
        for each in (result.init, *(each.data for each in result.segments))
    )
    assert len(silent) == len(whole)
    assert Movie(whole).codecs[1:] == ["aac"]
    assert Movie(silent).codecs[1:] == []
    assert Movie(silent).video == Movie(whole).video
    assert Movie(silent).seconds == Movie(whole).seconds


def test_nothing_to_hide() -> None:
    """What has no sound stays as it is."""
    result = cut(draw_video())
    for data in (result.init, result.segments[0].data, empty_segment(4.0), b""):
        assert without_sound(data) == data


async def test_as_listed(on_stage: OnStage) -> None:
    """It is known from the camera's list which sound a recording has."""
    camera = Camera()
    for number, audio in enumerate((None, Audio("audio/x-aac"), Audio("audio/x-opus"))):
        start = START + timedelta(minutes=number)
        camera.add_recording(
            start, start + timedelta(seconds=9), recording_id=str(number), audio=audio
        )
    stage = await on_stage(camera)
    found = [(await stage.client.fetch_recording(str(each)))[0] for each in range(3)]
    sounds = [sound_of(each) for each in found]
    assert sounds == [None, "audio/x-aac", "audio/x-opus"]
