"""Reading a camera's video packet by packet."""

from io import BytesIO
from typing import TYPE_CHECKING

import pytest

from custom_components.axis_recordings.playback.errors import (
    InvalidVideoError,
    NoKeyFrameError,
)
from custom_components.axis_recordings.playback.fragments import write_segment
from custom_components.axis_recordings.playback.image_decoder import decode_frame
from custom_components.axis_recordings.playback.reader import VideoReader
from tests.camera.video.container import FORMATS, Muxer
from tests.camera.video.reel import Reel

from .test_segments import AAC, draw_video
from .videos import make_export

if TYPE_CHECKING:
    from collections.abc import Callable

    from custom_components.axis_recordings.playback.samples import Sample
    from tests.camera.video import CodedVideo
    from tests.camera.video.samples import Sample as CameraSample


def read(export: bytes, begins: float | None = 0.0) -> list[Sample]:
    """Read all of it."""
    source = VideoReader(BytesIO(export), begins)
    try:
        return list(source.samples())
    finally:
        source.close()


def made_of(coded_video: CodedVideo, wanted: Callable[[CameraSample], bool]) -> bytes:
    """Return a video of some of the packets of eight seconds."""
    muxer, reel = Muxer(coded_video, FORMATS["matroska"], 0), Reel()
    samples = [
        sample
        for key in (0, 40)
        for sample in reel.read(coded_video, key, 0, 10_000)
        if wanted(sample)
    ]
    return b"".join([muxer.begin(), *map(muxer.add, samples), muxer.finish()])


def test_times() -> None:
    """They are those of the recording."""
    export = make_export(draw_video(), 40, 80)
    for begins in (4.0, 3.21):
        samples = read(export, begins)
        assert [sample.time for sample in samples] == pytest.approx(
            [begins + number / 10 for number in range(40)]
        )
        assert [sample.is_key for sample in samples] == [True] + [False] * 39
    assert read(export, None)[0].time == 0


def test_sound_that_comes_first() -> None:
    """What is heard before the first picture is left out, and does not shift the pictures."""
    export = made_of(
        draw_video(sound=AAC), lambda sample: sample.kind == "audio" or sample.time >= 4
    )
    samples = read(export, 4.0)
    assert samples[0].is_video
    assert samples[0].time == 4
    sound = [sample for sample in samples if not sample.is_video]
    assert sound[0].time == pytest.approx(4.03, abs=0.05)
    assert sound[-1].time == pytest.approx(8, abs=0.2)


def test_sound_that_comes_late() -> None:
    """What belongs to the time before the first picture is left out wherever it stands."""
    source = VideoReader(BytesIO(make_export(draw_video(sound=AAC), 0, 40)), 0.0)
    samples = list(source.samples())
    for sample in samples:
        if not sample.is_video:
            sample.time -= 1
    init, data = write_segment(source, samples)
    source.close()
    again = read(init + data, None)
    sound = [sample for sample in again if not sample.is_video]
    assert again[0].is_video
    assert sound[0].time == pytest.approx(0.0, abs=0.07)
    assert sound[-1].time == pytest.approx(2.95, abs=0.07)


def test_first_key_frame() -> None:
    """Pictures before it can't be shown; they count for the time."""
    export = made_of(
        draw_video(sound=AAC),
        lambda sample: sample.kind == "audio" or not sample.key or sample.time >= 4,
    )
    samples = read(export, 0.1)
    assert samples[0].is_key
    assert samples[0].time == pytest.approx(4.0, abs=0.001)
    assert all(sample.time >= 3.997 for sample in samples)


def test_no_key_frame() -> None:
    """Without one there is nothing to see."""
    export = made_of(draw_video(), lambda sample: not sample.key)
    with pytest.raises(NoKeyFrameError):
        read(export)


@pytest.mark.parametrize(
    ("file_format", "reported", "stated_instead"),
    [
        ("matroska", b"V_MPEG4/ISO/AVC", b"V_NEW_CODEC_1.0"),
        # A track of subtitles, beside sound.
        ("matroska", b"V_MPEG4/ISO/AVC", b"S_TEXT/UTF8\0\0\0\0"),
        ("mp4", b"avc1", b"new1"),
    ],
)
def test_no_video_that_is_known(
    file_format: str, reported: bytes, stated_instead: bytes
) -> None:
    """What nothing here can decode is not a video."""
    export = make_export(draw_video(sound=AAC), 0, 40, file_format=file_format)
    with pytest.raises(InvalidVideoError):
        read(export.replace(reported, stated_instead))


def test_sound_that_is_not_known() -> None:
    """It is left out."""
    export = make_export(draw_video(sound=AAC), 0, 40).replace(b"A_AAC", b"A_NEW")
    source = VideoReader(BytesIO(export), 0.0)
    try:
        assert source.dropped_audio == "unknown"
        samples = list(source.samples())
        write_segment(source, samples)
    finally:
        source.close()
    assert len(samples) == 40


def test_video_without_a_size() -> None:
    """It is found in the pictures."""
    export = make_export(draw_video(), 0, 40)
    for reported in (b"\xb0\x81", b"\xba\x81"):
        at = export.index(reported) + len(reported)
        export = export[:at] + b"\0" + export[at + 1 :]
    _, time = decode_frame(BytesIO(export), begins=0.0, moment=1.0)
    assert time == pytest.approx(1.0)
