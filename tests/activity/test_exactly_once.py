"""Whatever happens to a camera, each thing is reported once.

Lives are drawn from seeds. Each is lived by cameras that take either side of each open point, and followed
by a client that loses answers and restarts.
"""

from datetime import timedelta
from itertools import product
import os
from random import Random
from typing import TYPE_CHECKING, Any, override

import pytest

from custom_components.axis_recordings.activity import bisection
from custom_components.axis_recordings.activity.lookups import PAGE_SIZE
from tests.camera import Camera, CameraServer, Disk, Fault, Quirks
from tests.exactly_once import Loss, compare, compare_index
from tests.life import CARD, SHARE, Life, truth

from .follower import Follower

if TYPE_CHECKING:
    from pathlib import Path

    from freezegun.api import FrozenDateTimeFactory

    from tests.camera.recordings import Recording

    from .conftest import Connect

LIST = "record/list.cgi"
STEPS = 16

MAIN_SIDES: dict[str, tuple[Any, ...]] = {
    "ongoing_in_window": (True, False),
    "time_filter": (True, False),
    "date_header": (True, False),
    # That of a recording which stays listed as going on forever, nobody can know the end.
    "after_power_loss": ("completed", "unknown", "continues"),
}
OTHER_SIDES: dict[str, tuple[Any, ...]] = {
    "empty_list": ("counters", "childless", "bare"),
    "time_api": (True, True, False),
    "ongoing_stop": ("empty", "time", "absent"),
    "first_result_number": (0, 1),
    "page_limit": (None, None, 2, 7),
    "fraction_digits": (6, 4, 3),
    "keep_alive": (True, True, False),
    "missing_disk": ("empty", "error", "not_found"),
    "empty_after_start": (0.0, 0.0, 10.0, 40.0),
    "export": ("1.1", "1.1", None),
}
COMBINATIONS = list(product(*MAIN_SIDES.values()))
PARTS = 4
# More lives for each camera, to look for rare faults.
LIVES = int(os.environ.get("AXIS_RECORDINGS_LIVES", "1"))


class EventfulLife(Life):
    """A life that tells when power or a disk was lost."""

    def __init__(
        self, camera: Camera, freezer: FrozenDateTimeFactory, seed: int
    ) -> None:
        """Live with this camera."""
        super().__init__(camera, freezer, seed)
        self.losses: list[Loss] = []
        self.chances |= {self.swap_card: 1, self.lose_list: 1}
        self._is_exchanged = False
        """Whether a card was exchanged since all was known."""
        self._cards: list[list[Recording]] = [[], []]
        """What is on the cards that are not in the camera."""

    @override
    def go_on(self) -> None:
        # A list that was short is whole again after some seconds.
        self.camera.listed_part = 1.0
        super().go_on()

    @override
    def reboot(self) -> None:
        self.losses.append(Loss(len(self.camera.journal)))
        super().reboot()

    @override
    def swap_disk(self) -> None:
        # A share that comes back empty may be another one: of that, nobody can know.
        if self.detached or any(each.disk_id == SHARE for each in truth(self.camera)):
            self.losses.append(Loss(len(self.camera.journal), SHARE))
            super().swap_disk()

    def swap_card(self) -> None:
        """Put another card into the slot, so fast that nobody notices, or one back that was there before.

        There is something on it that no clean-up removes, as nobody can distinguish a card that is empty from one
        that was emptied.
        """
        card = self._cards.pop(0)
        count = len(self.camera.recordings)
        start = self.camera.clock.now() - timedelta(days=30)
        for each in range(self.random.choice((5, 50))):
            at = start + timedelta(minutes=each)
            recording_id = self.camera.add_recording(
                at, at + timedelta(seconds=9), locked=True
            )
            if added := self.camera.recordings.find(recording_id):
                card.append(added)
                self.camera.recordings.remove(recording_id)
        begin = len(self.camera.journal)
        self._cards.append(self.camera.swap_card(CARD, card))
        is_hidden = len(self.camera.recordings) == count
        self.losses += [
            Loss(facts, CARD, is_exchange=True, is_hidden=is_hidden)
            for facts in (begin, len(self.camera.journal))
        ]
        self.is_silent = self._is_exchanged = True

    def lose_list(self) -> None:
        """Let the list be empty or short, until something else happens."""
        self.camera.listed_part = self.random.choice((0.0, 0.0, 0.4))

    def compare_index(self, follower: Follower) -> list[str]:
        """Return by what the index of a client that has just polled differs from the list, unless it knows that it may."""
        attached, tracker = self.camera.attached_disks, follower.tracker
        if self.camera.readable_part < 1 or tracker.needs_walk:
            return []
        listed = {(each.disk_id, each.recording_id) for each in truth(self.camera)}
        index = follower.ledger.index
        known = {
            (each.recording.disk_id, each.recording.recording_id)
            for disk_id in attached & index.counts.keys()
            for each in index.on_disk(disk_id)
        }
        differences = compare_index(listed, known, tracker.in_doubt)
        # Of a card with as many recordings no count tells.
        if self._is_exchanged and len(listed) == len(known):
            differences = []
        self._is_exchanged &= listed != known
        return differences


@pytest.mark.parametrize("part", range(PARTS))
async def test_every_life(
    part: int,
    freezer: FrozenDateTimeFactory,
    connect: Connect,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """All events equal the camera's journal, one for one."""
    for seed in range(part, len(COMBINATIONS) * LIVES, PARTS):
        # Windows are counted on short lists, too, by every second client.
        monkeypatch.setattr(bisection, "PAGE_SIZE", (PAGE_SIZE, 5)[seed % 2])
        await live(seed, quirks_of(seed), freezer, connect, tmp_path / f"{seed}.db")


@pytest.mark.parametrize("seed", [70, 185])
async def test_start_before_an_exchange(
    seed: int, freezer: FrozenDateTimeFactory, connect: Connect, tmp_path: Path
) -> None:
    """The only recording on a card is in doubt when the camera starts, and the card is exchanged within a minute."""
    await live(seed, quirks_of(seed), freezer, connect, tmp_path / "ledger.db")


def quirks_of(seed: int) -> Quirks:
    """Return the camera that lives the life of a seed."""
    random = Random(seed)  # noqa: S311 - a life, not a secret
    sides = dict(zip(MAIN_SIDES, COMBINATIONS[seed % len(COMBINATIONS)], strict=True))
    sides |= {name: random.choice(each) for name, each in OTHER_SIDES.items()}
    return Quirks(**sides)


async def live(
    seed: int,
    quirks: Quirks,
    freezer: FrozenDateTimeFactory,
    connect: Connect,
    path: Path,
) -> None:
    """Live one life, and compare what was reported of it with the journal."""
    random = Random(seed)  # noqa: S311 - a life, not a secret
    camera = Camera(
        # A walk takes one request for each page.
        recordings=random.choice((1, 3, 60) if quirks.page_limit else (3, 60, 450)),
        seed=seed,
        disks=[Disk(CARD), Disk(SHARE)],
        quirks=quirks,
        nonce_lifetime=1e9,
    )
    life = EventfulLife(camera, freezer, seed)
    async with CameraServer(camera) as server:
        follower = Follower(camera, connect(server), path)
        # What is removed before it was ever listed is known to nobody.
        freezer.tick(timedelta(seconds=quirks.empty_after_start + 2))
        await follower.start()
        was_short = False
        differences: list[str] = []
        for _ in range(STEPS):
            # No camera answers in the moment in which it has lost its power.
            freezer.tick(timedelta(seconds=1))
            life.go_on()
            if was_short:
                # A list that is short for more than a minute is believed.
                life.camera.listed_part = 1.0
            chance = random.random()
            if life.camera.listed_part < 1:
                freezer.tick(timedelta(seconds=random.uniform(0, 15)))
                await follower.poll()
                was_short = True
                life.camera.listed_part = 1.0
            elif chance < 0.15:
                camera.faults.set(LIST, Fault.HTML, times=random.choice((1, 2, 3)))
                await follower.try_to_poll()
                camera.faults.clear()
            elif chance < 0.25:
                await follower.stop()
                life.go_on()
                await follower.start()
            else:
                await follower.poll()
                was_short = False
                differences += life.compare_index(follower)
        if life.detached:
            # What is on a disk that is away can't be seen.
            life.swap_disk()
        life.camera.listed_part = 1.0
        # What may be gone is asked for again until it is certain.
        for _ in range(4):
            freezer.tick(timedelta(seconds=30))
            await follower.poll()
        differences += life.compare_index(follower)
        await follower.stop()
    since = follower.since or 0
    report = compare(
        camera.journal[since:],
        follower.reported,
        follower.polls,
        [loss.since(since) for loss in life.losses if loss.facts >= since],
    )
    differences += report.differences
    assert not differences, "\n".join([f"Life {seed}: {quirks}", *differences])
