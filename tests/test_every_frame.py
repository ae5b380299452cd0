"""Videos of all kinds, played from anywhere: a sample of `python -m tests.bench.every_frame`."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from .camera import Camera, ClockStep, Encoding, Video
from .drawn_videos import KINDS, START, VIDEO_ID, WIDTH, DrawnVideo, draw
from .every_frame import on_stage

if TYPE_CHECKING:
    from pathlib import Path

WAYS = 3


@pytest.mark.parametrize(("seed", "kind"), list(enumerate(KINDS, start=9201)))
async def test_every_frame(tmp_path: Path, seed: int, kind: str) -> None:
    """Each frame is shown once, in order, at its time; by players, in files and in pictures."""
    video = draw(seed, kind)
    assert kind in video.kinds
    async with on_stage(video, tmp_path) as viewing:
        outcome = await viewing.play(WAYS)
    assert outcome.wrong == []
    assert outcome.points == WAYS


@pytest.mark.parametrize("milliseconds", [2.99, 3.01, 3.99])
async def test_close_to_a_cut(tmp_path: Path, milliseconds: float) -> None:
    """The judge knows where segments are cut when frames lie a little before boundaries."""
    step = ClockStep(1.95, 0.1 - milliseconds / 1000)
    camera = Camera(export_speed=None, picture_width=WIDTH, name="")
    camera.add_recording(
        START,
        START + timedelta(seconds=20),
        recording_id=VIDEO_ID,
        video=Video("video/x-h264", 640, 400, "10:1"),
        gop=(80.0,),
        encoding=Encoding(clock_steps=(step,)),
    )
    video = DrawnVideo(0, camera, frozenset({"step_ahead"}))
    async with on_stage(video, tmp_path) as viewing:
        for _ in range(4):
            await viewing.seek()
