"""Whatever happens to a camera between two polls, the watch tells what is true.

Lives are drawn from seeds. Each is lived by cameras that take either side of each open point.
"""

from contextlib import suppress
from datetime import timedelta
from itertools import product
import os
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from custom_components.axis_recordings.vapix import (
    Recording,
    RecordingKey,
    RecordingWatch,
    Snapshot,
    UnexpectedAnswerError,
)
from tests.camera import Camera, CameraServer, Disk, Fault, Quirks

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory

    from .conftest import Connect

LIST = "record/list.cgi"
CARD, SHARE = "SD_DISK", "NetworkShare"
STEPS = 12


def truth(camera: Camera) -> list[Any]:
    """Return what the camera lists, newest first."""
    attached = camera.attached_disks
    return [each for each in camera.recordings if each.disk_id in attached]


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
    """Compare what the watch tells with what is true, as far as the camera writes it."""
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


class Life:
    """What happens to a camera, drawn from a seed."""

    def __init__(
        self, camera: Camera, freezer: FrozenDateTimeFactory, seed: int
    ) -> None:
        """Live with this camera."""
        self.camera = camera
        self.freezer = freezer
        self.random = Random(seed)  # noqa: S311 - a life, not a secret
        self.detached: Disk | None = None
        self.is_silent = False
        """Whether something has happened that shows in no count."""
        self.has_old_news = False
        """Whether old recordings have come back, one of which may have been cut off by a power loss and
        still be listed as going on: what only a walk through everything shows."""

    async def reveal(self, watch: RecordingWatch) -> None:
        """Do what brings to light what no single poll can show: walk through everything, or wait."""
        if self.has_old_news and self.camera.quirks.after_power_loss == "recording":
            await watch.reconcile()
        self.has_old_news = False
        if self.is_silent and self.random.random() < 0.3:
            self.freezer.tick(timedelta(hours=1))
            self.is_silent = False

    def go_on(self) -> None:
        """Let some things happen, and time pass."""
        chances = {
            self.start: 6,
            self.end: 6,
            self.remove: 3,
            self.exchange: 2,
            self.clean_up: 2,
            self.reboot: 1,
            self.swap_disk: 1,
            self.set_clock: 1,
            self.rest: 1,
        }
        for happen in self.random.choices(
            list(chances), list(chances.values()), k=self.random.choice((0, 0, 1, 1, 3))
        ):
            happen()
            self.freezer.tick(timedelta(seconds=self.random.uniform(0.01, 8)))
        self.freezer.tick(timedelta(seconds=self.random.choice((1, 10, 30))))

    def start(self) -> None:
        """Start a recording."""
        writable = [disk.id for disk in self.camera.disks.values() if not disk.refusal]
        if writable:
            self.camera.start_recording(self.random.choice(writable))

    def end(self) -> None:
        """End one that goes on."""
        if ongoing := [
            each
            for each in self.camera.recordings.ongoing
            if each.recording_status == "recording"
        ]:
            self.camera.end_recording(self.random.choice(ongoing).recording_id)

    def remove(self) -> None:
        """Remove any."""
        if listed := truth(self.camera):
            at = self.random.choice(
                (0, -1, self.random.randrange(len(listed)))  # newest, oldest, any
            )
            self.camera.remove_recording(listed[at].recording_id)

    def exchange(self) -> None:
        """Start one and remove another, as a full card does: the count stays."""
        listed = truth(self.camera)
        if listed and not self.camera.disks[listed[-1].disk_id].refusal:
            self.camera.start_recording(listed[-1].disk_id)
            self.camera.remove_recording(listed[-1].recording_id)

    def clean_up(self) -> None:
        """Remove the oldest blocks, which may move a start without removing anything."""
        if listed := truth(self.camera):
            before = len(listed)
            oldest = listed[-1]
            reach = timedelta(seconds=self.random.uniform(1, 4000))
            self.camera.clean_up(min(oldest.start + reach, self.camera.clock.now()))
            if len(truth(self.camera)) == before:
                self.is_silent = True

    def reboot(self) -> None:
        """Lose power for a moment."""
        self.camera.reboot()

    def swap_disk(self) -> None:
        """Pull the network share, or put it back."""
        if self.detached:
            self.camera.attach_disk(self.detached)
            self.detached = None
            self.has_old_news = True
        else:
            self.detached = self.camera.detach_disk(SHARE)
        # One disk out and another in, with as many recordings.
        self.is_silent = True

    def set_clock(self) -> None:
        """Set the clock by hours, and change the time zone."""
        if not (self.camera.quirks.date_header or self.camera.quirks.time_api):
            # Nobody could know.
            return
        hours = self.random.choice((-5, -1, 1, 7))
        self.camera.clock.offset += timedelta(hours=hours)
        self.camera.clock.time_zone = self.random.choice(
            ("Europe/Stockholm", "America/New_York", "Australia/Lord_Howe")
        )

    def rest(self) -> None:
        """Let a long time pass."""
        self.freezer.tick(timedelta(minutes=self.random.choice((5, 20, 90))))


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
    """Live one life, and look at the camera now and then."""
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
        watch = RecordingWatch(connect(server))
        await watch.poll()
        await watch.reconcile()
        for step in range(STEPS):
            life.go_on()
            if random.random() < 0.15:
                camera.faults.set(LIST, Fault.HTML, times=random.choice((1, 2, 3)))
                with suppress(UnexpectedAnswerError):
                    await watch.poll()
                camera.faults.clear()
                continue
            await life.reveal(watch)
            try:
                assert_true(await watch.poll(), camera, exact=not life.is_silent)
            except AssertionError as err:
                err.add_note(f"Life {seed}, step {step}: {quirks}")
                err.add_note("\n".join(map(str, camera.journal[-10:])))
                raise
