"""Whatever happens to a camera between two polls, the watch says what is true.

Lives are drawn from seeds. Each is lived by cameras that take either side of each open point.
"""

from contextlib import suppress
from datetime import timedelta
from itertools import product
import os
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from custom_components.axis_recordings.recordings.watch import RecordingWatch, Snapshot
from custom_components.axis_recordings.vapix import (
    Recording,
    RecordingKey,
    UnexpectedAnswerError,
    VapixClient,
)
from tests.camera import Camera, CameraServer, Disk, Fault, Quirks
from tests.life import CARD, SHARE, Life, truth

from .walk import walk

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory

    from .conftest import Connect

LIST = "record/list.cgi"
STEPS = 12


def key(recording: Any) -> RecordingKey:
    """Return the stable name of one of the camera's own recordings."""
    return RecordingKey(recording.disk_id, recording.recording_id)


def assert_true(snapshot: Snapshot, camera: Camera, *, exact: bool = True) -> None:
    """Compare a snapshot with the camera; the ends of the list only if they are to be exact."""
    listed = truth(camera)
    ongoing = {key(each) for each in listed if each.recording_status == "recording"}
    assert {each.key for each in snapshot.ongoing} == ongoing
    assert snapshot.total == len(listed)
    if camera.quirks.date_header or camera.quirks.time_api:
        assert snapshot.clock_offset is not None
        assert abs(snapshot.clock_offset - camera.clock.offset) < timedelta(seconds=2)
    if not exact:
        return
    for found, true in ((snapshot.newest, listed[:1]), (snapshot.oldest, listed[-1:])):
        assert same(found, true[0] if true else None, camera)


def same(found: Recording | None, true: Any, camera: Camera) -> bool:
    """Compare what the watch says with what is true, as far as the camera writes it."""
    if found is None or true is None:
        return found is true
    digits = camera.quirks.fraction_digits
    step = 10 ** (6 - digits)
    start = true.start.replace(microsecond=true.start.microsecond // step * step)
    return (
        found.key == key(true)
        and found.start == start
        and found.status == true.recording_status
    )


async def reveal(life: Life, watch: RecordingWatch, client: VapixClient) -> None:
    """Do what brings to light what no single poll can show: walk through everything, or wait."""
    if life.has_old_news and life.camera.quirks.after_power_loss == "recording":
        await walk(watch, client)
    life.has_old_news = False
    if life.is_silent and life.random.random() < 0.3:
        life.freezer.tick(timedelta(hours=1))
        life.is_silent = False


MAIN_SIDES: dict[str, tuple[Any, ...]] = {
    "ongoing_in_window": (True, False),
    "time_filter": (True, False),
    "date_header": (True, False),
    "empty_list": ("counters", "childless", "bare"),
    "after_power_loss": ("completed", "unknown", "recording", "continues"),
}
OTHER_SIDES: dict[str, tuple[Any, ...]] = {
    "time_api": (True, True, False),
    "ongoing_stop": ("empty", "time", "absent"),
    "first_result_number": (0, 1),
    "page_limit": (None, None, 2, 7),
    "fraction_digits": (6, 4, 3),
    "keep_alive": (True, True, False),
}
COMBINATIONS = list(product(*MAIN_SIDES.values()))
PARTS = 8
# More lives for each camera, to look for rare faults.
LIVES = int(os.environ.get("AXIS_RECORDINGS_LIVES", "1"))


@pytest.mark.parametrize("part", range(PARTS))
async def test_every_life(
    part: int, freezer: FrozenDateTimeFactory, connect: Connect
) -> None:
    """Each poll is true, under all combinations of the main open points and some of the others."""
    for seed in range(part, len(COMBINATIONS) * LIVES, PARTS):
        random = Random(seed)  # noqa: S311 - a life, not a secret
        sides = dict(
            zip(MAIN_SIDES, COMBINATIONS[seed % len(COMBINATIONS)], strict=True)
        )
        sides |= {name: random.choice(each) for name, each in OTHER_SIDES.items()}
        await live(seed, Quirks(**sides), freezer, connect)


async def live(
    seed: int, quirks: Quirks, freezer: FrozenDateTimeFactory, connect: Connect
) -> None:
    """Live one life, and poll the camera now and then."""
    random = Random(seed)  # noqa: S311 - a life, not a secret
    camera = Camera(
        recordings=random.choice((0, 1, 3, 60)),
        seed=seed,
        disks=[Disk(CARD), Disk(SHARE)],
        quirks=quirks,
        nonce_lifetime=1e9,
    )
    life = Life(camera, freezer, seed)
    async with CameraServer(camera) as server:
        client = connect(server)
        watch = RecordingWatch(client)
        await watch.poll()
        await walk(watch, client)
        for step in range(STEPS):
            life.go_on()
            if random.random() < 0.15:
                camera.faults.set(LIST, Fault.HTML, times=random.choice((1, 2, 3)))
                with suppress(UnexpectedAnswerError):
                    await watch.poll()
                camera.faults.clear()
                continue
            await reveal(life, watch, client)
            try:
                assert_true(await watch.poll(), camera, exact=not life.is_silent)
            except AssertionError as err:
                err.add_note(f"Life {seed}, step {step}: {quirks}")
                err.add_note("\n".join(map(str, camera.journal[-10:])))
                raise
