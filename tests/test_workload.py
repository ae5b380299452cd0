"""The workload does what its seed says, the witness sees what a client is shown, and both fit together."""

from random import Random
from typing import TYPE_CHECKING
from unittest.mock import patch

import aiohttp
import pytest

from custom_components.axis_recordings.recordings.watch import RecordingWatch
from custom_components.axis_recordings.vapix import BusyError, VapixClient
from tests.camera import Camera, CameraServer, Disk, Fault, Quirks
from tests.exactly_once import (
    AMBIGUOUS_END,
    ENDED_UNSEEN,
    INVISIBLE,
    Key,
    Poll,
    Reported,
    compare,
)
from tests.vapix.conftest import address_of
from tests.witness import Witness
from tests.workload import Workload

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from freezegun.api import FrozenDateTimeFactory

pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.fixture
async def server(freezer: FrozenDateTimeFactory) -> AsyncGenerator[CameraServer]:
    """Run a camera with two disks and some past, while time stands still."""
    async with CameraServer(_camera()) as running:
        yield running


def _camera(quirks: Quirks | None = None) -> Camera:
    disks = [Disk("SD_DISK"), Disk("NetworkShare")]
    return Camera(disks=disks, recordings=50, quirks=quirks)


def _workload(
    seed: int, server: CameraServer, freezer: FrozenDateTimeFactory
) -> Workload:
    async def advance(seconds: float) -> None:
        freezer.tick(seconds)

    return Workload(Random(seed), [server], advance)  # noqa: S311 - a life, not a secret


async def test_same_seed_same_life(freezer: FrozenDateTimeFactory) -> None:
    """A failure can be repeated."""
    now = freezer()
    lives = []
    for seed in (1, 1, 2):
        freezer.move_to(now)
        async with CameraServer(_camera()) as server:
            workload = _workload(seed, server, freezer)
            await workload.run(300)
            lives.append(server.camera.journal.lives())
    assert lives[0] == lives[1]
    assert lives[0] != lives[2]


async def test_everything_happens_and_is_over(
    server: CameraServer, freezer: FrozenDateTimeFactory
) -> None:
    """Within a while all kinds of things happen, and nothing is left of them at the end."""
    camera = server.camera
    workload = _workload(1, server, freezer)
    await workload.run(900)
    assert {fact.what for fact in camera.journal} == {
        *("started", "stopped", "interrupted", "moved", "removed")
    }
    assert {loss.disk_id for loss in workload.losses[camera.serial]} == {
        *(None, "SD_DISK", "NetworkShare")
    }
    assert camera.clock.offset
    workload.settle()
    assert camera.running
    assert camera.attached_disks == {"SD_DISK", "NetworkShare"}
    assert camera.recordings.ongoing == []


async def test_nothing_to_do(freezer: FrozenDateTimeFactory) -> None:
    """A camera without recordings or disks is left in peace."""
    async with CameraServer(Camera(disks=[])) as server:
        workload = _workload(1, server, freezer)
        await workload.run(300)
        assert server.camera.journal == []


async def test_witness(server: CameraServer) -> None:
    """Only what shows all that is new is a poll, and only if it was answered."""
    witness = Witness(server)
    camera = server.camera
    async with aiohttp.ClientSession() as session:
        client = VapixClient(session, address_of(server), "operator", "operator-secret")
        watch = RecordingWatch(client)
        await watch.poll()
        first = witness.polls
        assert {poll[:2] for poll in first} == {
            (0, frozenset({"SD_DISK", "NetworkShare"}))
        }

        camera.start_recording("SD_DISK")
        await client.fetch_recording("nothing")
        assert witness.polls == first

        camera.detach_disk("NetworkShare")
        await watch.poll()
        assert witness.polls[-1][:2] == (1, frozenset({"SD_DISK"}))

        polls = witness.polls
        camera.faults.set("record/list.cgi", Fault.UNAVAILABLE, times=1)
        with pytest.raises(BusyError):
            await watch.poll()
        with patch("tests.witness.READING", 0.0):
            witness.stop_watching()
        await watch.poll()
        assert witness.polls == polls

        # What was shown at the last moment may never have been processed.
        witness.stop_watching()
        assert witness.polls == []
        witness.watch_again()
        await watch.poll()
        assert len(witness.polls) > 0

        witness.finish()
        shown = len(witness.polls)
        await watch.poll()
        camera.start_recording("SD_DISK")
        await watch.poll()
        camera.start_recording("SD_DISK")
        witness.finish()
        *_, poll = witness.polls
        assert len(witness.polls) == shown + 1
        assert (poll.facts, poll.until) == (1, 3)


class _Client:
    """Tells of what it sees in whole lists, which is all that anybody can know."""

    def __init__(self, workload: Workload, camera: Camera) -> None:
        self.reported: list[Reported] = []
        self.polls: list[Poll] = []
        self._workload = workload
        self._camera = camera
        self._known: dict[Key, bool] = {}
        self._losses = 0
        self._disks: frozenset[str] = frozenset()
        self._is_noticed: set[str] = set()
        self.poll()
        self.reported.clear()

    def poll(self) -> None:
        """Compare a list with the last one."""
        camera = self._camera
        if not camera.running:
            return
        disks = frozenset(camera.attached_disks)
        self.polls.append(Poll(len(camera.journal), disks))
        losses = self._workload.losses[camera.serial]
        lost = {loss.disk_id for loss in losses[self._losses :]} | self._is_noticed
        self._losses = len(losses)
        self._is_noticed = set(camera.disks) - disks
        listed = {
            (each.disk_id, each.recording_id): each.recording_status == "recording"
            for each in camera.recordings
            if each.disk_id in disks
        }
        for key in self._known | listed:
            if key[0] in disks:
                ended = "interrupted" if lost & {None, key[0]} else "finished"
                self._compare(key, listed.get(key), ended)
        self._known |= listed

    def _compare(self, key: Key, goes_on: bool | None, ended: str) -> None:
        did = self._known.get(key)
        if goes_on is None:
            del self._known[key]
            self.reported.append(Reported("removed", *key))
            return
        if did is None:
            self.reported.append(Reported("started", *key))
        if did is not False and not goes_on:
            self.reported.append(Reported(ended, *key))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("status", ["completed", "unknown"])
async def test_what_can_be_known(
    seed: int, status: str, freezer: FrozenDateTimeFactory
) -> None:
    """Somebody who polls now and then needs no more excuses than there are, and each of them."""
    quirks = Quirks(after_power_loss="unknown" if status == "unknown" else "completed")
    async with CameraServer(_camera(quirks)) as server:
        workload = _workload(seed, server, freezer)
        client = _Client(workload, server.camera)
        while len(server.camera.journal) < 600:
            await workload.wait(workload.random.expovariate(1 / 5))
            for _ in range(workload.random.randint(1, 6)):
                await workload.step()
            client.poll()
        workload.settle()
        client.poll()
        losses = workload.losses[server.camera.serial]
        facts = server.camera.journal
        report = compare(facts, client.reported, client.polls, losses)
        assert report.differences == []
        assert set(report.exceptions) == {INVISIBLE, ENDED_UNSEEN, AMBIGUOUS_END}

        # None of it is forgiven to somebody who polls all the time.
        always = [Poll(number, client.polls[0].disks) for number in range(len(facts))]
        report = compare(facts, client.reported, always, losses)
        assert len(report.differences) >= 10
