"""Things happen to a camera between the requests of one poll, too: each is reported once nevertheless.

A life of some minutes is drawn from each seed, and is the same again with it.
"""

import asyncio
from datetime import timedelta
import os
from random import Random
from typing import TYPE_CHECKING, Final

import pytest

from tests.camera import Camera, CameraServer, Disk, Quirks
from tests.exactly_once import compare
from tests.witness import READING, Witness
from tests.workload import Workload

from .follower import Follower

if TYPE_CHECKING:
    from pathlib import Path

    from freezegun.api import FrozenDateTimeFactory

    from tests.camera import Exchange

    from .conftest import Connect

CAMERAS: Final = (
    Quirks(after_power_loss="unknown", empty_after_start=10),
    Quirks(),
    Quirks(ongoing_in_window=False),
)
# More lives, to look for rare faults.
LIVES: Final = 3 * int(os.environ.get("AXIS_RECORDINGS_LIVES", "1"))
POLLS: Final = 30
PAUSE: Final = 3.0
TURNS: Final = 5
CHANCE: Final = 0.05
"""That something happens between two requests."""


class Interruptions:
    """Lets things happen, and time pass, right after requests of a client."""

    def __init__(
        self,
        server: CameraServer,
        workload: Workload,
        freezer: FrozenDateTimeFactory,
        random: Random,
    ) -> None:
        """Wait for requests; nothing happens before `begin`."""
        self._workload = workload
        self._freezer = freezer
        self._random = random
        self._seconds = 0.0
        server.request_listeners.append(self._note)

    def begin(self) -> None:
        """Let a poll begin, which takes no longer than one is supposed to."""
        self._seconds = READING

    def end(self) -> None:
        """Let nothing happen any more."""
        self._seconds = 0

    def _note(self, exchange: Exchange) -> None:
        seconds = self._random.choice((0.05, 0.3, 1.0))
        if seconds >= self._seconds or self._random.random() >= CHANCE:
            return
        self._seconds -= seconds
        self._freezer.tick(timedelta(seconds=seconds))
        for _ in range(self._random.choice((1, 1, 3))):
            self._workload.operate()


@pytest.mark.parametrize("seed", range(LIVES))
async def test_life(
    seed: int, freezer: FrozenDateTimeFactory, connect: Connect, tmp_path: Path
) -> None:
    """All events equal the camera's journal, one for one."""
    random = Random(seed)  # noqa: S311 - a life, not a secret
    quirks = random.choice(CAMERAS)
    camera = Camera(
        # Nobody can tell a card that was emptied from an empty one.
        recordings=random.choice((200, 400)),
        seed=seed,
        disks=[Disk("SD_DISK"), Disk("NetworkShare")],
        quirks=quirks,
        nonce_lifetime=1e9,
    )

    async def advance(seconds: float) -> None:
        freezer.tick(timedelta(seconds=seconds))
        # Connections come to their end, and a camera is back at its address.
        for _ in range(TURNS):
            await asyncio.sleep(0)

    async with CameraServer(camera) as server:
        workload = Workload(random, [server], advance, PAUSE)
        follower = Follower(camera, connect(server), tmp_path / "ledger.db")
        # What is removed before it was ever listed is known to nobody.
        freezer.tick(timedelta(seconds=quirks.empty_after_start + 2))
        await follower.start()
        since = len(camera.journal)
        witness = Witness(server)
        interruptions = Interruptions(server, workload, freezer, random)
        for _ in range(POLLS):
            await workload.run(random.uniform(1, random.choice((5, 12, 30))))
            if random.random() < 0.06:
                witness.stop_watching()
                await follower.stop()
                await workload.run(random.uniform(0, 20))
                witness.watch_again()
                await follower.start()
            interruptions.begin()
            await follower.try_to_poll()
            interruptions.end()
            witness.finish()
        workload.settle()
        # What may be gone is asked for again until it is certain.
        for _ in range(8):
            freezer.tick(timedelta(seconds=30))
            await follower.try_to_poll()
        await follower.stop()
    report = compare(
        camera.journal[since:],
        follower.reported,
        [poll.since(since) for poll in witness.polls],
        [
            loss.since(since)
            for loss in workload.losses[camera.serial]
            if loss.facts >= since
        ],
        [each - since for each in workload.settings[camera.serial]],
    )
    assert not report.differences, "\n".join(
        [f"Life {seed}: {quirks}", *report.differences]
    )
