"""What is gone of very many recordings is found by counts of windows of time, and by a walk only where these do not show it."""

from contextlib import closing
from dataclasses import replace
from shutil import copy
import sqlite3
from typing import TYPE_CHECKING, Any

from freezegun import freeze_time
import pytest

from custom_components.axis_recordings.activity import bisection
from tests.camera import Fault, Quirks

from .many import NOW, Many, followed, make_camera, remember

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from freezegun.api import FrozenDateTimeFactory

    from tests.camera import Exchange

    from .conftest import Connect

LIST = "record/list.cgi"
VERY_MANY = 100_000
MOST_REQUESTS = 40
MOST_BYTES = 50_000
SOME = 450


@pytest.fixture(scope="module")
def ledger_of_very_many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a ledger that holds all of a very large card."""
    path: Path = tmp_path_factory.mktemp("very many") / "ledger.db"
    with freeze_time(NOW):
        remember(make_camera(VERY_MANY), path)
    return path


@pytest.fixture
async def very_many(
    ledger_of_very_many: Path,
    tmp_path: Path,
    connect: Connect,
    freezer: FrozenDateTimeFactory,
) -> AsyncGenerator[Many]:
    """Return a camera with a very large card, all of which is known."""
    copy(ledger_of_very_many, tmp_path)
    freezer.move_to(NOW)
    camera = make_camera(VERY_MANY)
    async with followed(
        camera, tmp_path / ledger_of_very_many.name, connect, freezer
    ) as many:
        yield many


@pytest.fixture
async def some(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    connect: Connect,
    freezer: FrozenDateTimeFactory,
) -> AsyncGenerator[Many]:
    """Return a camera with two disks and some hundreds of recordings, all of which are known."""
    freezer.move_to(NOW)
    quirks = getattr(request, "param", None)
    camera = make_camera(SOME, quirks=quirks, disks=2)
    remember(camera, tmp_path / "ledger.db")
    async with followed(camera, tmp_path / "ledger.db", connect, freezer) as many:
        yield many


def walks(requests: list[Exchange]) -> int:
    """Return how many walks were begun."""
    return sum(
        each.query.get("maxnumberofresults") == "500"
        and "startatresultnumber" not in each.query
        for each in requests
    )


def windows(requests: list[Exchange]) -> int:
    """Return how many windows were asked for that end."""
    return sum("stoptime" in each.query for each in requests)


@pytest.mark.parametrize("place", [1, 40_000, -2])
async def test_one_is_gone(very_many: Many, place: int) -> None:
    """Wherever it was, with all that makes it certain."""
    gone = very_many.remove(place)
    await very_many.poll()
    requests, size = very_many.take_cost()
    assert very_many.reported == gone
    assert requests <= MOST_REQUESTS
    assert size <= MOST_BYTES


async def test_two_are_gone(very_many: Many) -> None:
    """From two places, far from each other."""
    gone = very_many.remove(20_000, 70_000)
    await very_many.poll()
    requests, size = very_many.take_cost()
    assert very_many.reported == gone
    assert requests <= MOST_REQUESTS
    assert size <= MOST_BYTES


async def test_several_are_gone(very_many: Many) -> None:
    """Each takes some more requests: even of ten a walk would take a thousand times the bytes."""
    gone = very_many.remove(*range(5_000, 95_000, 9_000))
    assert len(gone) == 10
    await very_many.poll(times=8)
    requests, size = very_many.take_cost()
    assert very_many.reported == gone
    assert requests <= 200
    assert size <= 200_000


@pytest.mark.parametrize("where", ["oldest", "middle"])
async def test_dozens_are_gone(very_many: Many, where: str) -> None:
    """A clean-up has made room: that is reported once it is certain, and no more is asked for meanwhile."""
    begin = VERY_MANY - 48 if where == "oldest" else 50_000
    gone = very_many.remove(*range(begin, begin + 48))
    await very_many.poll()
    requests, size = very_many.take_cost()
    assert len(very_many.follower.tracker.in_doubt) == 48
    assert requests <= MOST_REQUESTS
    assert size <= MOST_BYTES
    await very_many.poll(times=7)
    assert very_many.reported == gone
    requests, size = very_many.take_cost()
    assert requests <= MOST_REQUESTS
    assert size <= MOST_BYTES


async def test_scattered_beyond_measure(
    very_many: Many, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What takes too many counts is walked for instead."""
    monkeypatch.setattr(bisection, "MOST_COUNTS", 30)
    very_many.remove(*range(100, 90_000, 1_000))
    very_many.freezer.tick(10)
    tracker = very_many.follower.tracker
    await tracker.process(await very_many.follower.watch.poll())
    assert tracker.needs_walk
    assert windows(very_many.take_requests()) == 30


async def test_more_begin_meanwhile(very_many: Many) -> None:
    """What begins between the requests is no difference, and neither hides nor makes another one."""
    gone = very_many.remove(30_000)
    started: list[tuple[str, str]] = []

    def start(exchange: Exchange) -> None:
        if "stoptime" in exchange.query and len(started) < 4:
            started.append(("started", very_many.camera.start_recording()))

    very_many.server.request_listeners.append(start)
    await very_many.poll()
    very_many.server.request_listeners.clear()
    await very_many.poll(times=2)
    assert len(started) == 4
    assert very_many.reported == sorted([*gone, *started])
    assert not walks(very_many.take_requests())


async def test_another_goes_meanwhile(some: Many) -> None:
    """It is found now, or in the next poll."""
    gone = some.remove(200)
    others = [100, 300, 400]

    def remove(exchange: Exchange) -> None:
        if "stoptime" in exchange.query and others:
            gone.extend(some.remove(others.pop()))

    some.server.request_listeners.append(remove)
    await some.poll()
    some.server.request_listeners.clear()
    await some.poll(times=12)
    assert not others
    assert some.reported == sorted(gone)


@pytest.mark.parametrize(
    "some",
    [
        Quirks(ongoing_in_window=False),
        Quirks(fraction_digits=0),
        Quirks(page_limit=7),
        Quirks(first_result_number=1, ongoing_stop="time"),
        Quirks(empty_list="bare"),
        Quirks(empty_list="childless"),
    ],
    indirect=True,
)
async def test_cameras(some: Many) -> None:
    """However a camera lists, what began by a time is what it counts, also of what goes on."""
    some.camera.start_recording()
    await some.poll(after=40)
    some.follower.activities.clear()
    some.take_requests()
    for numbers in ([250], [130, 320], [*range(440, 449)]):
        gone = some.remove(*numbers)
        await some.poll(times=8)
        assert some.reported == gone
        some.follower.activities.clear()
    requests = some.take_requests()
    assert windows(requests)
    assert not walks(requests)


@pytest.mark.parametrize("some", [Quirks(time_filter=False)], indirect=True)
async def test_windows_that_are_none(some: Many) -> None:
    """A camera that does not know them shows so with the first one, and is walked through, once for each that is gone."""
    for number in (220, 230, 240):
        gone = some.remove(number)
        await some.poll(after=700)
        assert some.reported == gone
        some.follower.activities.clear()
    requests = some.take_requests()
    assert windows(requests) == 1
    assert walks(requests) == 3


async def test_count_of_results(some: Many, monkeypatch: pytest.MonkeyPatch) -> None:
    """A camera may count what it lists, and not what matches: it is not believed."""
    client = some.follower.client
    fetch = client.fetch_recordings

    async def fetch_counted(query: Any, *, first: int | None = None) -> Any:
        page = await fetch(query, first=first)
        return replace(page, matches=len(page.recordings))

    gone = some.remove(220)
    with monkeypatch.context() as patched:
        patched.setattr(client, "fetch_recordings", fetch_counted)
        some.freezer.tick(10)
        await some.follower.tracker.process(await some.follower.watch.poll())
    assert some.follower.tracker.needs_walk
    assert windows(some.take_requests()) == 1
    await some.poll()
    assert some.reported == gone


async def test_times_that_can_not_be_used(some: Many) -> None:
    """What began nobody knows when is in no window."""
    await some.follower.stop()
    with closing(sqlite3.connect(some.follower.path)) as db:
        db.execute("UPDATE recordings SET start = NULL WHERE number = 100")
        db.commit()
    await some.follower.start()
    some.take_requests()
    gone = some.remove(220)
    await some.poll()
    assert some.reported == gone
    requests = some.take_requests()
    assert (windows(requests), walks(requests)) == (0, 1)


async def test_on_two_disks(some: Many) -> None:
    """One is gone from each."""
    on_disk = {
        disk_id: [
            number
            for number, each in enumerate(some.camera.recordings)
            if each.disk_id == disk_id
        ]
        for disk_id in some.camera.disks
    }
    gone = some.remove(*(numbers[len(numbers) // 2] for numbers in on_disk.values()))
    await some.poll()
    assert some.reported == gone
    assert not walks(some.take_requests())


async def test_while_a_disk_is_away(some: Many) -> None:
    """What is on it is neither counted nor gone."""
    some.camera.detach_disk("NetworkShare")
    await some.poll(times=8)
    some.take_requests()
    card = [
        number
        for number, each in enumerate(some.camera.recordings)
        if each.disk_id == "SD_DISK"
    ]
    gone = some.remove(card[len(card) // 2])
    await some.poll()
    assert some.reported == gone
    requests = some.take_requests()
    assert windows(requests)
    assert not walks(requests)


async def test_starts_that_have_moved(some: Many) -> None:
    """Others are gone: what has moved is there, though not where it was."""
    camera = some.camera
    long = max(
        list(camera.recordings)[100:350],
        key=lambda each: (each.stop or NOW) - each.start,
    )
    start = long.start + 0.9 * ((long.stop or NOW) - long.start)
    between = [each for each in camera.recordings if long.start < each.start < start]
    assert len(between) > 30
    camera.recordings.put(replace(long, start=start, began=long.start))
    gone = some.remove(90, 360)
    await some.poll()
    assert some.reported == gone
    assert not walks(some.take_requests())


async def test_shortened_by_a_clean_up(some: Many) -> None:
    """What reaches across its end is the oldest one then; many before it are gone."""
    camera = some.camera
    before = {each.recording_id: each for each in camera.recordings}
    long = max(
        list(camera.recordings)[100:350],
        key=lambda each: (each.stop or NOW) - each.start,
    )
    camera.clean_up(long.start + 0.9 * ((long.stop or NOW) - long.start))
    after = {each.recording_id: each.start for each in camera.recordings}
    assert after[long.recording_id] != long.start
    gone = sorted(("removed", each) for each in before.keys() - after.keys())
    await some.poll(times=8)
    assert some.reported == gone
    index = some.follower.ledger.index
    assert after == {
        each.recording.recording_id: each.recording.start
        for disk_id in index.counts
        for each in index.on_disk(disk_id)
    }


async def test_short_list(some: Many) -> None:
    """While most is missing nothing is counted, and nothing is reported when all is there again."""
    some.camera.listed_part = 0.3
    await some.poll(times=2)
    assert not windows(some.take_requests())
    some.camera.listed_part = 1.0
    await some.poll(times=3)
    assert not some.reported
    assert not some.follower.tracker.in_doubt


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.ERROR, Fault.HTML])
async def test_fails_meanwhile(some: Many, fault: Fault) -> None:
    """The next poll makes up for a camera that is busy; what refuses is walked through at once."""
    gone = some.remove(220)

    def fail(exchange: Exchange) -> None:
        if "stoptime" in exchange.query:
            some.server.request_listeners.clear()
            some.camera.faults.set(LIST, fault, times=1)

    some.server.request_listeners.append(fail)
    some.freezer.tick(10)
    await some.follower.try_to_poll()
    is_busy = fault is Fault.UNAVAILABLE
    assert some.reported == ([] if is_busy else gone)
    await some.poll()
    assert some.reported == gone
    assert walks(some.take_requests()) == (not is_busy)
