"""Videos of all kinds, played from anywhere: a sample of `python -m tests.bench.every_frame`."""

from typing import TYPE_CHECKING

import pytest

from .drawn_videos import KINDS, draw
from .every_frame import on_stage

if TYPE_CHECKING:
    from pathlib import Path

WAYS = 3


@pytest.mark.parametrize(("seed", "kind"), list(enumerate(KINDS, start=9201)))
async def test_every_frame(tmp_path: Path, seed: int, kind: str) -> None:
    """Each frame is shown once, in order, at its time; by players, in files and in pictures."""
    video = draw(seed, kind)
    assert kind in video.kinds
    async with on_stage(video, tmp_path) as player:
        outcome = await player.play(WAYS)
    assert outcome.wrong == []
    assert outcome.points == WAYS
