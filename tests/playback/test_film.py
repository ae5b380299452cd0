"""Reading a camera's film packet by packet."""

from io import BytesIO
from typing import TYPE_CHECKING

import pytest

from custom_components.axis_recordings.playback.errors import (
    NoKeyFrameError,
    NotAFilmError,
)
from custom_components.axis_recordings.playback.film import Film
from custom_components.axis_recordings.playback.fragments import write_segment
from custom_components.axis_recordings.playback.stills import decode_still
from tests.camera.video.container import FORMATS, Muxer
from tests.camera.video.reel import Reel

from .films import make_film
from .test_segments import AAC, filmed

if TYPE_CHECKING:
    from collections.abc import Callable

    from custom_components.axis_recordings.playback.film import Sample
    from tests.camera.video import Footage
    from tests.camera.video.samples import Sample as CameraSample


def read(film: bytes, begins: float | None = 0.0) -> list[Sample]:
    """Read all of it."""
    source = Film(BytesIO(film), begins)
    try:
        return list(source.samples())
    finally:
        source.close()


def made_of(footage: Footage, wanted: Callable[[CameraSample], bool]) -> bytes:
    """Return a film of some of the packets of eight seconds."""
    muxer, reel = Muxer(footage, FORMATS["matroska"], 0), Reel()
    samples = [
        sample
        for key in (0, 40)
        for sample in reel.read(footage, key, 0, 10_000)
        if wanted(sample)
    ]
    return b"".join([muxer.begin(), *map(muxer.add, samples), muxer.finish()])


def test_times() -> None:
    """They are those of the recording."""
    film = make_film(filmed(), 40, 80)
    for begins in (4.0, 3.21):
        samples = read(film, begins)
        assert [sample.time for sample in samples] == pytest.approx(
            [begins + number / 10 for number in range(40)]
        )
        assert [sample.is_key for sample in samples] == [True] + [False] * 39
    assert read(film, None)[0].time == 0


def test_sound_that_comes_first() -> None:
    """What is heard before the first picture is left out, and does not shift the pictures."""
    film = made_of(
        filmed(sound=AAC), lambda sample: sample.kind == "audio" or sample.time >= 4
    )
    samples = read(film, 4.0)
    assert samples[0].is_video
    assert samples[0].time == 4
    sound = [sample for sample in samples if not sample.is_video]
    assert sound[0].time == pytest.approx(4.03, abs=0.05)
    assert sound[-1].time == pytest.approx(8, abs=0.2)


def test_sound_that_comes_late() -> None:
    """What belongs to the time before the first picture is left out wherever it stands."""
    source = Film(BytesIO(make_film(filmed(sound=AAC), 0, 40)), 0.0)
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
    film = made_of(
        filmed(sound=AAC),
        lambda sample: sample.kind == "audio" or not sample.key or sample.time >= 4,
    )
    samples = read(film, 0.1)
    assert samples[0].is_key
    assert samples[0].time == pytest.approx(4.0, abs=0.001)
    assert all(sample.time >= 3.997 for sample in samples)


def test_no_key_frame() -> None:
    """Without one there is nothing to see."""
    film = made_of(filmed(), lambda sample: not sample.key)
    with pytest.raises(NoKeyFrameError):
        read(film)


@pytest.mark.parametrize(
    ("file_format", "told", "told_instead"),
    [
        ("matroska", b"V_MPEG4/ISO/AVC", b"V_NEW_CODEC_1.0"),
        # A track of subtitles, beside sound.
        ("matroska", b"V_MPEG4/ISO/AVC", b"S_TEXT/UTF8\0\0\0\0"),
        ("mp4", b"avc1", b"new1"),
    ],
)
def test_no_video_that_is_known(
    file_format: str, told: bytes, told_instead: bytes
) -> None:
    """What nothing here can decode is not a film."""
    film = make_film(filmed(sound=AAC), 0, 40, file_format=file_format)
    with pytest.raises(NotAFilmError):
        read(film.replace(told, told_instead))


def test_sound_that_is_not_known() -> None:
    """It is left out."""
    film = make_film(filmed(sound=AAC), 0, 40).replace(b"A_AAC", b"A_NEW")
    source = Film(BytesIO(film), 0.0)
    try:
        assert source.dropped_audio == "unknown"
        samples = list(source.samples())
        write_segment(source, samples)
    finally:
        source.close()
    assert len(samples) == 40


def test_video_without_a_size() -> None:
    """It is found in the pictures."""
    film = make_film(filmed(), 0, 40)
    for told in (b"\xb0\x81", b"\xba\x81"):
        at = film.index(told) + len(told)
        film = film[:at] + b"\0" + film[at + 1 :]
    _, time = decode_still(BytesIO(film), begins=0.0, moment=1.0)
    assert time == pytest.approx(1.0)
