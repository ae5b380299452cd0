"""Whatever happens to a camera, its index equals its list, whether or not anybody hears of what happens."""

from datetime import datetime, timedelta
from itertools import product
from random import Random
from typing import TYPE_CHECKING

import pytest

from custom_components.axis_recordings.index.wanted import Wanted
from tests.camera import Camera, CameraServer, Disk, Quirks
from tests.life import CARD, SHARE, Life, truth

from .follower import Follower
from .test_exactly_once import MAIN_SIDES

if TYPE_CHECKING:
    from pathlib import Path

    from freezegun.api import FrozenDateTimeFactory

    from .conftest import Connect

    type Listed = dict[str, tuple[datetime | None, datetime | None, str]]

STEPS = 8
COMBINATIONS = list(product(*MAIN_SIDES.values()))


def listed_by(camera: Camera) -> Listed:
    """Return what a camera lists."""
    return {
        each.recording_id: (
            each.start,
            None if each.recording_status == "recording" else each.stop,
            each.recording_status,
        )
        for each in truth(camera)
    }


def known_to(follower: Follower) -> Listed:
    """Return what the index finds; nothing if it is not whole."""
    if (disks := follower.tracker.whole_disks) is None:
        return {}
    found = follower.ledger.index.questions.find(Wanted(disks=disks), limit=10_000)
    assert len(found) == follower.ledger.index.questions.count(Wanted(disks=disks))
    return {
        each.recording_id: (each.start, each.end, each.status.value) for each in found
    }


@pytest.mark.parametrize("is_heard", [True, False])
async def test_every_life(
    freezer: FrozenDateTimeFactory,
    connect: Connect,
    tmp_path: Path,
    is_heard: bool,
) -> None:
    """After each step, once what may be a short list is certain, and all was walked through that no count shows."""
    for seed, sides in enumerate(COMBINATIONS):
        quirks = Quirks(**dict(zip(MAIN_SIDES, sides, strict=True)))
        random = Random(seed)  # noqa: S311 - a life, not a secret
        camera = Camera(
            recordings=random.choice((3, 60, 260)),
            seed=seed,
            disks=[Disk(CARD), Disk(SHARE)],
            quirks=quirks,
            nonce_lifetime=1e9,
        )
        life = Life(camera, freezer, seed)
        async with CameraServer(camera) as server:
            follower = Follower(camera, connect(server), tmp_path / f"{seed}.db")
            freezer.tick(timedelta(minutes=3))
            await follower.start()
            for step in range(STEPS):
                follower.tracker.is_heard = is_heard
                life.go_on()
                for _ in range(4):
                    await follower.poll()
                    freezer.tick(timedelta(seconds=30))
                if life.is_silent or life.has_old_news:
                    await follower.tracker.walk()
                    await follower.poll()
                assert known_to(follower) == listed_by(camera), (seed, step, quirks)
                if random.random() < 0.2:
                    await follower.stop()
                    await follower.start()
            assert is_heard or not follower.ledger.pending()
            if not is_heard:
                assert not follower.activities
            await follower.stop()
