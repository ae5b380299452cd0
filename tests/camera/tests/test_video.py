"""The pictures and sound of recordings, without a network."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

from av import VideoFrame
import numpy as np
from PIL import Image
import pytest

from tests.camera.video import (
    ClockUnreadableError,
    CodedVideo,
    Timeline,
    pitch,
    read_clock,
)
from tests.camera.video.reel import Reel
from tests.camera.video.scene import paint

NOON = datetime(2025, 10, 20, 12, 0, 7, 123456, tzinfo=UTC)
SHOWN = NOON.replace(microsecond=123000)
NUMBER = 77_760_000
"""The last frame of 30 days at 30 frames per second."""


def picture(width: int = 640, height: int = 360) -> VideoFrame:
    """Paint a picture."""
    planes = paint(width, height, NOON, NUMBER, title="Front camera", source=1)
    return VideoFrame.from_ndarray(planes, format="yuv420p")


@pytest.mark.parametrize(
    ("width", "height"), [(640, 360), (640, 480), (320, 180), (1920, 1080), (362, 290)]
)
def test_clock(width: int, height: int) -> None:
    """The clock of a picture of any size can be read."""
    assert read_clock(picture(width, height)) == (SHOWN, NUMBER)


@pytest.mark.parametrize("scale", [0.4, 0.73, 1.0, 2.1])
@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_clock_of_a_screenshot(scale: float, mode: str) -> None:
    """Neither scaling nor bars nor a careless cut keep the clock from being read."""
    image = Image.fromarray(np.asarray(picture().to_ndarray(format="rgb24")))
    shot = image.convert(mode).resize((round(640 * scale), round(360 * scale)))
    assert read_clock(np.asarray(shot)) == (SHOWN, NUMBER)
    barred = Image.new(mode, (shot.width + 50, shot.height + 90))
    barred.paste(shot, (25, 45))
    assert read_clock(np.asarray(barred)) == (SHOWN, NUMBER)
    careless = shot.crop((3, 2, shot.width - 2, shot.height - 3))
    assert read_clock(np.asarray(careless)) == (SHOWN, NUMBER)


@pytest.mark.parametrize("level", [0, 128, 255])
def test_no_clock(level: int) -> None:
    """No other picture is taken for a clock."""
    flat = np.full((360, 640), level, np.uint8)
    noise = np.random.default_rng(level).integers(0, 255, (360, 640, 3), np.uint8)
    for other in (flat, noise):
        with pytest.raises(ClockUnreadableError):
            read_clock(other)


@pytest.mark.parametrize("rate", [Fraction(15), Fraction(30000, 1001), Fraction(1, 2)])
def test_frames(rate: Fraction) -> None:
    """Frames lie on a grid; the time of each leads back to it."""
    timeline = Timeline(NOON, rate, (4.0,))
    for frame in (0, 1, 7, 8999, 77_000_001):
        moment = timeline.time(frame)
        exact = NOON + timedelta(seconds=float(frame / rate))
        assert abs(moment - exact) < timedelta(milliseconds=1)
        assert timeline.at_or_before(moment) == frame
        assert timeline.at_or_before(moment - timedelta(microseconds=1)) == frame - 1
        assert timeline.number_before(moment) == frame
        assert timeline.number_before(moment + timedelta(microseconds=1)) == frame + 1


def test_key_frames() -> None:
    """Key frames come after the lengths that are given, and anew with each block."""
    timeline = Timeline(NOON, Fraction(10), (10.0, 2.5, 7.0))
    keys = [0]
    while keys[-1] < 6000:
        keys.append(timeline.key_after(keys[-1]))
    assert keys[:6] == [0, 100, 125, 195, 295, 320]
    assert 3000 in keys
    assert {3100, 3125, 6000} <= set(keys)
    assert timeline.key_at_or_before(99) == 0
    assert timeline.key_at_or_before(100) == timeline.key_at_or_before(124) == 100
    assert timeline.key_at_or_before(3001) == 3000
    assert timeline.key_at_or_before(3099) == 3000


def test_the_same_each_time() -> None:
    """A moment looks the same whenever it is asked for, kept or made again."""
    coded_video = CodedVideo(Timeline(NOON, Fraction(5), (2.0,)))
    once, again = list(coded_video.shoot(10, 20)), list(coded_video.shoot(10, 20))
    assert once == again
    assert [sample.key for sample in once] == [True] + [False] * 9


def test_reel() -> None:
    """What was coded is kept as long as there is room, and coded again the same way."""
    coded_video = CodedVideo(Timeline(NOON, Fraction(5), (2.0,)))
    whole = list(coded_video.shoot(10, 20))
    reel = Reel(limit=1)
    kept = reel.read(coded_video, 10, 0, 4)
    assert kept == whole[:4]
    assert reel.read(coded_video, 10, 4, 100) == whole[4:]
    assert reel.read(coded_video, 10, 10, 4) == []
    assert reel.read(coded_video, 10, 0, 1)[0] is kept[0]
    reel.read(coded_video, 20, 0, 1)
    again = reel.read(coded_video, 10, 2, 1)
    assert again == whole[2:3]
    assert again[0] is not kept[2]


def test_pitch() -> None:
    """Each second of ten has its tone."""
    tones = [pitch(NOON + timedelta(seconds=second)) for second in range(11)]
    assert len(set(tones)) == 10
    assert tones[0] == tones[10]
