"""A list that is empty or short for a while, and cards that are exchanged unseen: nothing is reported of either."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from custom_components.axis_recordings.activity.models import ActivityType
from custom_components.axis_recordings.vapix import RecordingKey
from tests.camera import Camera, CameraServer, Disk, Fault, Quirks

from .follower import Follower

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from pathlib import Path

    from freezegun.api import FrozenDateTimeFactory

    from tests.camera.recordings import Recording

    from .conftest import Connect

LIST = "record/list.cgi"
CARD = "SD_DISK"


class Watched:
    """A camera, a client that follows it, and the time."""

    def __init__(
        self, camera: Camera, follower: Follower, freezer: FrozenDateTimeFactory
    ) -> None:
        """Start with what is there already."""
        self.camera = camera
        self.follower = follower
        self.freezer = freezer

    async def poll(self, *, after: float = 10, times: int = 1) -> None:
        """Let some seconds pass and poll, several times."""
        for _ in range(times):
            self.freezer.tick(after)
            await self.follower.poll()

    @property
    def reported(self) -> list[tuple[str, str]]:
        """What was reported of which recording."""
        return [(each.kind, each.recording_id) for each in self.follower.reported]

    @property
    def ids(self) -> list[str]:
        """All recordings that the camera has."""
        return [each.recording_id for each in self.camera.recordings]


type Watch = Callable[..., Any]


@pytest.fixture(params=["operator", "viewer"])
async def watched(
    request: pytest.FixtureRequest,
    freezer: FrozenDateTimeFactory,
    connect: Connect,
    tmp_path: Path,
) -> AsyncGenerator[Watched]:
    """Return a camera with 61 recordings, all of which are known, for an account that sees disks or not."""
    camera = Camera(recordings=61, nonce_lifetime=1e9)
    async with CameraServer(camera) as server:
        user = request.param
        follower = Follower(
            camera, connect(server, user, f"{user}-secret"), tmp_path / "ledger.db"
        )
        freezer.tick(600)
        await follower.start()
        yield Watched(camera, follower, freezer)
        await follower.stop()


def old_card(camera: Camera, count: int, *, days: float = 1) -> list[Recording]:
    """Return what is on a card that was recorded elsewhere."""
    start = camera.clock.now() - timedelta(days=days)
    ids = [
        camera.add_recording(
            start + timedelta(minutes=each), start + timedelta(minutes=each, seconds=9)
        )
        for each in range(count)
    ]
    found = [camera.recordings.find(each) for each in ids]
    for each in ids:
        camera.recordings.remove(each)
    return [each for each in found if each]


@pytest.mark.parametrize("empty_list", ["counters", "childless", "bare"])
@pytest.mark.parametrize("seconds", [5, 55])
@pytest.mark.parametrize("after_power_loss", ["completed", "unknown", "continues"])
async def test_empty_after_a_start(
    watched: Watched, empty_list: Any, seconds: float, after_power_loss: Any
) -> None:
    """What was there before is there again; only what was cut off is reported."""
    camera = watched.camera
    camera.quirks = Quirks(
        empty_list=empty_list,
        empty_after_start=seconds,
        after_power_loss=after_power_loss,
    )
    ongoing = camera.start_recording()
    await watched.poll(times=2)
    # No camera answers in the moment in which it has lost its power.
    watched.freezer.tick(2)
    camera.reboot()
    await watched.poll(after=3)
    await watched.poll(times=8)
    wanted = [("started", ongoing)]
    if after_power_loss == "continues":
        assert watched.reported == wanted
        camera.end_recording(ongoing)
        await watched.poll()
        assert watched.reported == [*wanted, ("finished", ongoing)]
    else:
        assert watched.reported == [*wanted, ("interrupted", ongoing)]
    assert not watched.follower.tracker.is_waiting


@pytest.mark.parametrize("fault", [Fault.NO_RECORDINGS, Fault.BARE_ROOT])
@pytest.mark.parametrize("times", [1, 2, 3, 4, 5, 9])
async def test_empty_answers(watched: Watched, fault: Fault, times: int) -> None:
    """Some answers in which nothing is listed, at any time, change nothing."""
    camera = watched.camera
    ongoing = camera.start_recording()
    await watched.poll()
    for _ in range(3):
        camera.faults.set(LIST, fault, times=times)
        await watched.poll()
        camera.faults.clear()
        await watched.poll(times=3)
    assert watched.reported == [("started", ongoing)]
    camera.end_recording(ongoing)
    await watched.poll(times=2)
    # A viewer can't know an empty list from a disk that was away, in which moment it may have ended.
    assert watched.reported[1:] == [("finished", ongoing)]


@pytest.mark.parametrize("part", [0.0, 0.1, 0.5, 0.9])
async def test_short_for_a_while(watched: Watched, part: float) -> None:
    """A list that has lost a part of what was there, and is whole again later."""
    camera = watched.camera
    watched.camera.listed_part = part
    await watched.poll(times=3)
    camera.listed_part = 1.0
    await watched.poll(times=9)
    assert not watched.reported
    gone = camera.remove_recording
    gone(watched.ids[20])
    await watched.poll()
    assert len(watched.reported) == 1, "and one that is really gone is reported at once"


@pytest.mark.parametrize("part", [0.0, 0.3])
async def test_short_for_long(watched: Watched, part: float) -> None:
    """Once it is believed, what comes back is not reported as if it had just been recorded."""
    watched.camera.listed_part = part
    await watched.poll(times=20)
    watched.follower.activities.clear()
    watched.camera.listed_part = 1.0
    await watched.poll(times=9)
    assert not watched.reported
    recording_id = watched.camera.start_recording()
    await watched.poll()
    assert watched.reported == [("started", recording_id)]


@pytest.mark.parametrize("count", [11, 30, 60, 61])
async def test_really_gone(watched: Watched, count: int) -> None:
    """Many are reported once it is certain: all of them, and each once."""
    gone = watched.ids[:count]
    for each in gone:
        watched.camera.remove_recording(each)
    await watched.poll()
    assert not watched.reported
    await watched.poll(times=9)
    if count == 61 and watched.follower.client is not None and not watched.reported:
        # A viewer can't distinguish an empty disk from one that is away.
        return
    assert sorted(watched.reported) == sorted(("removed", each) for each in gone)


async def test_gone_while_home_assistant_restarts(watched: Watched) -> None:
    """A doubt is forgotten at a restart, what it is about is not."""
    watched.camera.listed_part = 0.2
    await watched.poll()
    await watched.follower.stop()
    await watched.follower.start()
    await watched.poll()
    watched.camera.listed_part = 1.0
    await watched.poll(times=9)
    assert not watched.reported


@pytest.mark.parametrize("is_restarted", [False, True])
async def test_short_twice_with_hours_in_between(
    watched: Watched, *, is_restarted: bool
) -> None:
    """Nobody has polled meanwhile."""
    watched.camera.listed_part = 0.0
    await watched.poll()
    if is_restarted:
        await watched.follower.stop()
        await watched.follower.start()
    await watched.poll(after=5400)
    watched.camera.listed_part = 1.0
    await watched.poll(times=9)
    assert not watched.reported


async def test_whole_between_two_short_ones(watched: Watched) -> None:
    """Not all that was missing is on the page that is listed then, but the count tells that it is there."""
    watched.camera.quirks = Quirks(page_limit=2)
    watched.camera.listed_part = 0.2
    await watched.poll()
    gone = watched.ids[20]
    watched.camera.remove_recording(gone)
    watched.camera.listed_part = 1.0
    await watched.poll(after=2)
    watched.camera.listed_part = 0.2
    await watched.poll(after=40)
    await watched.poll(after=20)
    watched.camera.listed_part = 1.0
    await watched.poll(times=9)
    assert watched.reported == [("removed", gone)]


@pytest.mark.parametrize("count", [1, 2, 40, 150])
@pytest.mark.parametrize("days", [0.2, 300])
async def test_card_exchanged_between_two_polls(
    watched: Watched, count: int, days: float
) -> None:
    """Nothing is reported of either card, but of what is recorded on the new one; and so when it is put back."""
    camera = watched.camera
    former = camera.swap_card(CARD, old_card(camera, count, days=days))
    await watched.poll(after=8)
    assert not watched.reported
    recording_id = camera.start_recording()
    await watched.poll(times=2)
    camera.end_recording(recording_id)
    await watched.poll(times=9)
    wanted = [("started", recording_id), ("finished", recording_id)]
    assert watched.reported == wanted
    camera.swap_card(CARD, former)
    await watched.poll(times=9)
    assert watched.reported == wanted
    camera.remove_recording(watched.ids[30])
    await watched.poll()
    assert len(watched.reported) == 3


async def test_card_exchanged_while_something_goes_on(watched: Watched) -> None:
    """That was interrupted."""
    camera = watched.camera
    ongoing = camera.start_recording()
    await watched.poll()
    camera.swap_card(CARD, old_card(camera, 40))
    await watched.poll(times=9)
    assert watched.reported == [("started", ongoing), ("interrupted", ongoing)]


async def test_card_exchanged_for_one_with_as_many(watched: Watched) -> None:
    """It shows in no count, but in the first list that holds it."""
    camera = watched.camera
    camera.swap_card(CARD, old_card(camera, 61))
    await watched.poll(times=3)
    recording_id = camera.start_recording()
    await watched.poll(times=2)
    await watched.poll(after=3601, times=3)
    assert watched.reported == [("started", recording_id)]


@pytest.mark.parametrize("watched", ["operator"], indirect=True)
async def test_card_exchanged_for_an_empty_one(watched: Watched) -> None:
    """It is known by its size."""
    camera = watched.camera
    camera.swap_card(CARD)
    camera.disks[CARD].total_kb *= 2
    await watched.poll()
    recording_id = camera.start_recording()
    await watched.poll(times=9)
    assert watched.reported == [("started", recording_id)]


async def test_unknown_disk(watched: Watched) -> None:
    """Something may be done to a recording on a disk that has never been met: it ends nothing."""
    watched.follower.tracker.suspect([RecordingKey("NetworkShare", "nothing")])
    await watched.poll()
    recording_id = watched.camera.start_recording()
    await watched.poll()
    assert watched.reported == [("started", recording_id)]


@pytest.mark.parametrize("length", [0.0, 0.4, -5.0])
@pytest.mark.parametrize("fraction_digits", [0, 6])
async def test_no_length(watched: Watched, length: float, fraction_digits: Any) -> None:
    """A recording that ends in the moment in which it begins, or before, is reported as any other."""
    camera = watched.camera
    camera.quirks = Quirks(fraction_digits=fraction_digits)
    now = camera.clock.now() + timedelta(seconds=3)
    recording_id = camera.add_recording(now, now + timedelta(seconds=length))
    await watched.poll(times=3)
    assert watched.reported == [("started", recording_id), ("finished", recording_id)]


@pytest.mark.parametrize("miscount", [-2, 3])
async def test_count_that_is_off(watched: Watched, miscount: int) -> None:
    """It is examined, and then borne with."""
    camera = watched.camera
    camera.miscount = miscount
    await watched.poll(times=6)
    assert not watched.reported
    walked = sum(1 for each in [watched.follower.tracker.needs_walk] if each)
    assert walked == 0
    gone = watched.ids[30]
    camera.remove_recording(gone)
    await watched.poll(times=2)
    assert watched.reported == [("removed", gone)]


async def test_count_that_varies(
    watched: Watched, freezer: FrozenDateTimeFactory
) -> None:
    """A camera whose count means nothing is not walked through again and again."""
    camera = watched.camera
    for number in range(12):
        camera.miscount = number % 3
        await watched.poll()
    assert not watched.reported
    camera.miscount = 4
    freezer.tick(10)
    tracker = watched.follower.tracker
    await tracker.process(await watched.follower.watch.poll())
    assert not tracker.needs_walk


async def test_unsorted_list(watched: Watched) -> None:
    """The order in which a camera lists says nothing."""
    camera = watched.camera
    camera.unsorted = True
    recording_id = camera.start_recording()
    await watched.poll(times=2)
    camera.end_recording(recording_id)
    gone = watched.ids[30]
    camera.remove_recording(gone)
    await watched.poll(times=2)
    assert sorted(watched.reported) == sorted(
        [("started", recording_id), ("finished", recording_id), ("removed", gone)]
    )


async def test_same_id_on_another_disk(
    freezer: FrozenDateTimeFactory, connect: Connect, tmp_path: Path
) -> None:
    """It is another recording."""
    camera = Camera(
        recordings=20, disks=[Disk(CARD), Disk("NetworkShare")], nonce_lifetime=1e9
    )
    async with CameraServer(camera) as server:
        follower = Follower(camera, connect(server), tmp_path / "ledger.db")
        watched = Watched(camera, follower, freezer)
        await follower.start()
        ongoing = camera.start_recording(CARD)
        await watched.poll()
        camera.end_recording(ongoing)
        await watched.poll()
        # The camera here knows one recording of an id, so it is as if it had been moved.
        found = camera.recordings.find(ongoing)
        assert found
        camera.remove_recording(ongoing)
        now = camera.clock.now()
        camera.add_recording(
            now,
            now + timedelta(seconds=2),
            recording_id=ongoing,
            disk_id="NetworkShare",
        )
        await watched.poll(times=3)
        assert [(each.kind, each.disk_id) for each in follower.reported] == [
            (ActivityType.STARTED, CARD),
            (ActivityType.FINISHED, CARD),
            (ActivityType.STARTED, "NetworkShare"),
            (ActivityType.FINISHED, "NetworkShare"),
            (ActivityType.REMOVED, CARD),
        ]
        await follower.stop()


async def test_known_before_its_card_was_noticed(watched: Watched) -> None:
    """What began on another card is reported once, if it was met before what gives the card away."""
    camera = watched.camera
    # Windows that work show nothing else.
    before = camera.start_recording()
    await watched.poll(times=3)
    camera.end_recording(before)
    await watched.poll(after=60, times=2)
    camera.quirks = Quirks(page_limit=2)
    camera.swap_card(CARD, old_card(camera, 5, days=30))
    short = camera.start_recording()
    watched.freezer.tick(10)
    camera.end_recording(short)
    long = camera.start_recording()
    await watched.poll(times=3)
    assert watched.reported[2:] == [
        ("started", short),
        ("finished", short),
        ("started", long),
    ]


async def test_short_list_of_few(
    freezer: FrozenDateTimeFactory, connect: Connect, tmp_path: Path
) -> None:
    """That few are missing is in doubt where the camera counts hardly any others."""
    camera = Camera(recordings=2, nonce_lifetime=1e9)
    async with CameraServer(camera) as server:
        follower = Follower(camera, connect(server), tmp_path / "ledger.db")
        watched = Watched(camera, follower, freezer)
        freezer.tick(600)
        await follower.start()
        for _ in range(2):
            camera.start_recording()
            freezer.tick(2)
        await watched.poll()
        reported = watched.reported
        camera.listed_part = 0.4
        await watched.poll(times=2)
        camera.listed_part = 1.0
        await watched.poll(times=8)
        assert watched.reported == reported
        await follower.stop()
