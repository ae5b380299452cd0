"""What a poll costs, and the single things that a watch has to get right."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from custom_components.axis_recordings.recordings.watch import RecordingWatch, Snapshot
from custom_components.axis_recordings.vapix import (
    CameraConnectionError,
    Recording,
    RecordingQuery,
    UnexpectedAnswerError,
    VapixClient,
)
from tests.camera import Camera, CameraServer, Fault, Quirks

from .walk import walk

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory

    from .conftest import Connect

LIST = "record/list.cgi"
SIDES = pytest.mark.parametrize(
    "quirks",
    [
        Quirks(),
        Quirks(ongoing_in_window=False),
        Quirks(time_filter=False),
        Quirks(empty_list="bare"),
        Quirks(empty_list="childless", ongoing_in_window=False),
        Quirks(date_header=False),
        Quirks(date_header=False, time_api=False),
    ],
    ids=lambda quirks: " ".join(
        name for name, value in vars(quirks).items() if value != vars(Quirks())[name]
    ),
)


def ids(recordings: Any) -> list[str]:
    """Return the ids of some recordings."""
    return [each.recording_id for each in recordings]


class Poller:
    """Polls, and counts what it costs."""

    def __init__(
        self,
        server: CameraServer,
        client: VapixClient,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """Watch a camera."""
        self.client = client
        self.watch = RecordingWatch(client)
        self.requests = 0
        self.bytes = 0
        self._server = server
        self._freezer = freezer
        server.camera.nonce_lifetime = 1e9

    async def __call__(self, seconds: float = 30) -> Snapshot:
        """Poll after some time."""
        self._freezer.tick(timedelta(seconds=seconds))
        before = len(self._server.requests)
        snapshot = await self.watch.poll()
        done = self._server.requests[before:]
        self.requests = len(done)
        self.bytes = sum(each.bytes_sent for each in done)
        return snapshot


@pytest.mark.parametrize("count", [10, 10_000, 100_000])
async def test_steady_poll_is_one_small_request(
    freezer: FrozenDateTimeFactory, connect: Connect, count: int
) -> None:
    """Whatever the number of recordings, when nothing happens, one starts, goes on, or ends."""
    camera = Camera(recordings=count)
    async with CameraServer(camera) as server:
        poll = Poller(server, connect(server), freezer)
        await poll()
        for _ in range(3):
            snapshot = await poll()
            assert (poll.requests, snapshot.total) == (1, count)
            assert poll.bytes < 3000
        for number in range(1, 3):
            recording_id = camera.start_recording()
            for _ in range(6):
                snapshot = await poll(10)
                assert (poll.requests, snapshot.total) == (1, count + number)
                assert ids(snapshot.ongoing) == [recording_id]
            camera.end_recording(recording_id)
            for _ in range(4):
                snapshot = await poll()
                assert poll.requests == 1
                assert snapshot.ongoing == ()
        # Now it is known what windows show, and they show nothing.
        assert poll.bytes < 1000
        assert snapshot.newest is not None
        assert snapshot.newest.recording_id == recording_id
        assert snapshot.newest.end is not None


@SIDES
async def test_steady_poll_of_other_cameras(
    freezer: FrozenDateTimeFactory, connect: Connect, quirks: Quirks
) -> None:
    """Where windows are no help, it is one request too; cameras without a date need a second."""
    camera = Camera(recordings=2000, quirks=quirks)
    async with CameraServer(camera) as server:
        poll = Poller(server, connect(server), freezer)
        await poll()
        recording_id = camera.start_recording()
        await poll()
        await poll()
        for _ in range(4):
            await poll()
            assert poll.requests <= (1 if quirks.date_header else 3)
        camera.end_recording(recording_id)
        await poll()
        for _ in range(4):
            snapshot = await poll()
            assert snapshot.ongoing == ()
            assert poll.requests <= (1 if quirks.date_header else 3)


@SIDES
async def test_full_card(
    freezer: FrozenDateTimeFactory, connect: Connect, quirks: Quirks
) -> None:
    """One starts and the oldest is removed: the count stays, and still nothing is missed."""
    camera = Camera(recordings=50, quirks=quirks)
    async with CameraServer(camera) as server:
        poll = Poller(server, connect(server), freezer)
        await poll()
        for _ in range(5):
            await poll()
            camera.remove_recording(ids(camera.recordings)[-1])
            recording_id = camera.start_recording()
            snapshot = await poll()
            assert snapshot.total == 50
            assert ids(snapshot.ongoing) == [recording_id]
            assert snapshot.oldest is not None
            assert snapshot.oldest.recording_id == ids(camera.recordings)[-1]
            camera.end_recording(recording_id)
            assert (await poll()).ongoing == ()


@SIDES
async def test_many_at_once(
    freezer: FrozenDateTimeFactory, connect: Connect, quirks: Quirks
) -> None:
    """More than a page of them."""
    camera = Camera(recordings=300, quirks=quirks)
    async with CameraServer(camera) as server:
        poll = Poller(server, connect(server), freezer)
        await poll()
        started = [camera.start_recording() for _ in range(130)]
        snapshot = await poll()
        assert set(ids(snapshot.ongoing)) == set(started)
        snapshot = await poll()
        assert set(ids(snapshot.ongoing)) == set(started)
        for recording_id in started:
            camera.end_recording(recording_id)
        assert (await poll()).ongoing == ()


@SIDES
async def test_long_pause(
    freezer: FrozenDateTimeFactory, connect: Connect, quirks: Quirks
) -> None:
    """After a night without a connection: nothing is lost, and not all of the night is read again."""
    camera = Camera(recordings=100, quirks=quirks)
    async with CameraServer(camera) as server:
        poll = Poller(server, connect(server), freezer)
        await poll()
        going_on = camera.start_recording()
        await poll()
        await poll()
        long_one = camera.start_recording()
        for _ in range(600):
            freezer.tick(timedelta(seconds=60))
            camera.end_recording(camera.start_recording())
        snapshot = await poll()
        assert ids(snapshot.ongoing) == [long_one, going_on]
        assert snapshot.total == 702
        assert poll.requests <= (3 if quirks == Quirks() else 10)


@SIDES
async def test_long_running_one_is_found_by_a_walk(
    freezer: FrozenDateTimeFactory, connect: Connect, quirks: Quirks
) -> None:
    """What began long before the first poll, and then its end."""
    camera = Camera(recordings=10, quirks=quirks)
    start = camera.clock.now()
    recording_id = camera.start_recording(recording_type="continuous")
    freezer.tick(timedelta(days=20))
    for minute in range(1000):
        camera.add_recording(
            start + timedelta(minutes=minute), start + timedelta(minutes=minute + 1)
        )
    async with CameraServer(camera) as server:
        poll = Poller(server, connect(server), freezer)
        await poll()
        await walk(poll.watch, poll.client)
        for _ in range(3):
            snapshot = await poll()
            assert ids(snapshot.ongoing) == [recording_id]
        assert poll.requests <= 4
        camera.end_recording(recording_id)
        assert (await poll()).ongoing == ()


async def test_walk_before_the_first_poll(
    freezer: FrozenDateTimeFactory, connect: Connect
) -> None:
    """What it finds is not lost, nor by a poll that fails."""
    camera = Camera(quirks=Quirks(ongoing_in_window=False))
    recording_id = camera.start_recording()
    freezer.tick(timedelta(days=1))
    for _ in range(50):
        camera.end_recording(camera.start_recording())
        freezer.tick(timedelta(seconds=60))
    async with CameraServer(camera) as server:
        poll = Poller(server, connect(server), freezer)
        await walk(poll.watch, poll.client)
        camera.faults.set(LIST, Fault.HTML)
        with pytest.raises(UnexpectedAnswerError):
            await poll()
        camera.faults.clear()
        assert ids((await poll()).ongoing) == [recording_id]


@SIDES
async def test_failed_poll_loses_nothing(
    freezer: FrozenDateTimeFactory, connect: Connect, quirks: Quirks
) -> None:
    """Whichever of its requests fails, the next poll makes up for it."""
    camera = Camera(recordings=30, quirks=quirks)
    async with CameraServer(camera) as server:
        client = connect(server)
        poll = Poller(server, client, freezer)
        await poll()
        fetch = client.fetch_recordings
        for failing in range(1, 7):
            ended = camera.start_recording()
            await poll()
            count = 0

            async def fail(query: RecordingQuery, **arguments: Any) -> Any:
                nonlocal count
                count += 1
                if count == failing:  # noqa: B023 - called before the next round
                    message = "The connection broke"
                    raise CameraConnectionError(message)
                return await fetch(query, **arguments)

            started = camera.start_recording()
            camera.end_recording(ended)
            camera.remove_recording(ids(camera.recordings)[-1])
            client.fetch_recordings = fail  # type: ignore[method-assign]
            with suppress(CameraConnectionError):
                await poll()
            client.fetch_recordings = fetch  # type: ignore[method-assign]
            snapshot = await poll()
            assert ids(snapshot.ongoing) == [started]
            assert snapshot.total == len(camera.recordings)
            assert snapshot.oldest is not None
            assert snapshot.oldest.recording_id == ids(camera.recordings)[-1]
            camera.end_recording(started)
            await poll()


@pytest.mark.parametrize("hours", [-30, -5, -1, 1, 5, 30])
@SIDES
async def test_clock_is_set(
    freezer: FrozenDateTimeFactory, connect: Connect, quirks: Quirks, hours: int
) -> None:
    """By hours, in the middle of a recording, with another one started right after."""
    if not (quirks.date_header or quirks.time_api):
        pytest.skip("Nobody could know")
    camera = Camera(recordings=200, quirks=quirks)
    async with CameraServer(camera) as server:
        poll = Poller(server, connect(server), freezer)
        await poll()
        first = camera.start_recording()
        await poll()
        camera.clock.offset += timedelta(hours=hours)
        second = camera.start_recording()
        snapshot = await poll()
        assert set(ids(snapshot.ongoing)) == {first, second}
        assert snapshot.clock_offset is not None
        assert abs(snapshot.clock_offset - timedelta(hours=hours)) < timedelta(
            seconds=2
        )
        camera.end_recording(first)
        third = camera.start_recording()
        snapshot = await poll()
        assert set(ids(snapshot.ongoing)) == {second, third}
        assert snapshot.total == 203
        assert snapshot.newest is not None
        assert snapshot.newest.recording_id == ids(camera.recordings)[0]
        assert (await poll()).total == 203
        await poll()
        assert poll.requests <= (4 if quirks.date_header else 8)


async def test_clock_is_set_back_while_the_count_stays(
    freezer: FrozenDateTimeFactory, connect: Connect
) -> None:
    """What came and went by the new time is in no window that begins by the old one."""
    camera = Camera(recordings=20)
    async with CameraServer(camera) as server:
        poll = Poller(server, connect(server), freezer)
        recording_id = camera.start_recording()
        await poll()
        await poll()
        camera.clock.offset -= timedelta(hours=1)
        camera.end_recording(camera.start_recording())
        camera.remove_recording(ids(camera.recordings)[-1])
        snapshot = await poll()
        assert ids(snapshot.ongoing) == [recording_id]
        assert snapshot.oldest is not None
        assert snapshot.oldest.recording_id == ids(camera.recordings)[-1]


async def test_summer_time_ends(
    freezer: FrozenDateTimeFactory, connect: Connect
) -> None:
    """Local time goes back by an hour, which is no reason for anything."""
    freezer.move_to("2026-11-01T05:50:00Z")
    camera = Camera(recordings=5, time_zone="America/New_York")
    async with CameraServer(camera) as server:
        poll = Poller(server, connect(server), freezer)
        recording_id = camera.start_recording()
        await poll()
        for _ in range(60):
            snapshot = await poll(20)
            assert poll.requests == 1
            assert ids(snapshot.ongoing) == [recording_id]
        second = camera.start_recording()
        snapshot = await poll()
        assert ids(snapshot.ongoing) == [second, recording_id]
        assert [each.utc_offset for each in snapshot.ongoing] == [
            timedelta(hours=-5),
            timedelta(hours=-4),
        ]


async def test_slow_list_is_no_set_clock(
    freezer: FrozenDateTimeFactory, connect: Connect
) -> None:
    """A list that takes half a minute does not look as if the clock had been set."""
    camera = Camera(recordings=30)
    camera.start_recording()
    async with CameraServer(camera) as server:
        client = connect(server)
        poll = Poller(server, client, freezer)
        fetch = client.fetch_recordings

        async def slow(query: RecordingQuery, **arguments: Any) -> Any:
            page = await fetch(query, **arguments)
            freezer.tick(timedelta(seconds=25))
            return page

        client.fetch_recordings = slow  # type: ignore[method-assign]
        await poll()
        for _ in range(3):
            snapshot = await poll()
            assert poll.requests == 1
        assert snapshot.clock_offset is not None
        assert abs(snapshot.clock_offset) < timedelta(seconds=2)


@SIDES
async def test_start_of_the_oldest_moves(
    freezer: FrozenDateTimeFactory, connect: Connect, quirks: Quirks
) -> None:
    """A clean-up that removes no recording shows after an hour at most."""
    camera = Camera(quirks=quirks)
    start = camera.clock.now() - timedelta(days=9)
    camera.add_recording(start, start + timedelta(days=8))
    for hour in range(9):
        camera.add_recording(
            start + timedelta(days=8, hours=hour),
            start + timedelta(days=8, hours=hour + 1),
        )
    async with CameraServer(camera) as server:
        poll = Poller(server, connect(server), freezer)
        await poll()
        camera.clean_up(start + timedelta(days=1))
        for _ in range(61):
            snapshot = await poll(60)
        assert snapshot.oldest is not None
        assert snapshot.oldest.start == start + timedelta(days=1)


async def test_only_recording_is_newest_and_oldest(
    freezer: FrozenDateTimeFactory, connect: Connect
) -> None:
    """All that is reported of it is of the same moment."""
    camera = Camera()
    async with CameraServer(camera) as server:
        poll = Poller(server, connect(server), freezer)
        snapshot = await poll()
        assert (snapshot.total, snapshot.newest, snapshot.oldest) == (0, None, None)
        recording_id = camera.start_recording()
        snapshot = await poll()
        assert snapshot.newest == snapshot.oldest == snapshot.ongoing[0]
        assert snapshot.find_ongoing(snapshot.ongoing[0].key) is snapshot.ongoing[0]
        await poll()
        camera.end_recording(recording_id)
        snapshot = await poll()
        assert snapshot.newest is not None
        assert snapshot.newest.end is not None
        assert snapshot.newest == snapshot.oldest
        assert snapshot.find_ongoing(snapshot.newest.key) is None
        camera.remove_recording(recording_id)
        snapshot = await poll()
        assert (snapshot.total, snapshot.newest, snapshot.oldest) == (0, None, None)


async def test_newest_is_removed_while_an_older_one_goes_on(
    freezer: FrozenDateTimeFactory, connect: Connect
) -> None:
    """The newest of all is not the newest of those in the window."""
    camera = Camera(recordings=3)
    async with CameraServer(camera) as server:
        poll = Poller(server, connect(server), freezer)
        going_on = camera.start_recording()
        await poll()
        for _ in range(2):
            freezer.tick(timedelta(seconds=1))
            camera.end_recording(camera.start_recording())
        for _ in range(2):
            for _ in range(5):
                snapshot = await poll(60)
                assert ids(snapshot.ongoing) == [going_on]
                assert snapshot.newest is not None
                assert snapshot.newest.recording_id == ids(camera.recordings)[0]
            camera.remove_recording(ids(camera.recordings)[0])


async def test_viewer_without_the_time(
    freezer: FrozenDateTimeFactory, connect: Connect
) -> None:
    """A camera that tells the time neither with its answers nor to this account."""
    camera = Camera(recordings=3, quirks=Quirks(date_header=False))
    async with CameraServer(camera) as server:
        poll = Poller(server, connect(server, "viewer"), freezer)
        camera.faults.set("time.cgi", Fault.FORBIDDEN)
        snapshot = await poll()
        assert (snapshot.total, snapshot.clock_offset) == (3, None)
        recording_id = camera.start_recording()
        snapshot = await poll()
        assert ids(snapshot.ongoing) == [recording_id]


async def test_list_without_counters(
    freezer: FrozenDateTimeFactory, connect: Connect
) -> None:
    """Then the count is not known, but all else is."""
    camera = Camera(recordings=5)
    camera.faults.set(
        LIST,
        Fault.MISSING_ATTRIBUTES,
        attributes=("totalnumberofrecordings", "numberofrecordings"),
    )
    async with CameraServer(camera) as server:
        poll = Poller(server, connect(server), freezer)
        await poll()
        recording_id = camera.start_recording()
        snapshot = await poll()
        assert snapshot.total is None
        assert ids(snapshot.ongoing) == [recording_id]
        camera.remove_recording(ids(camera.recordings)[-1])
        camera.end_recording(recording_id)
        snapshot = await poll()
        assert snapshot.ongoing == ()
        assert snapshot.oldest is not None
        assert snapshot.oldest.recording_id == ids(camera.recordings)[-1]


async def test_windows_lose_their_trust(
    freezer: FrozenDateTimeFactory, connect: Connect
) -> None:
    """A camera whose windows no longer match what goes on, as after an update of its firmware."""
    camera = Camera(recordings=50)
    async with CameraServer(camera) as server:
        poll = Poller(server, connect(server), freezer)
        going_on = [camera.start_recording()]
        await poll()
        await poll()
        camera.quirks = Quirks(ongoing_in_window=False)
        assert ids((await poll()).ongoing) == going_on
        # In the middle of a pause, too.
        camera.quirks = Quirks()
        poll = Poller(server, connect(server), freezer)
        await poll()
        camera.quirks = Quirks(ongoing_in_window=False)
        going_on.insert(0, camera.start_recording())
        for _ in range(30):
            freezer.tick(timedelta(seconds=1))
            camera.end_recording(camera.start_recording())
        assert ids((await poll(3000)).ongoing) == going_on


async def test_two_polls_at_once(
    camera: Camera, server: CameraServer, connect: Connect
) -> None:
    """One after the other."""
    watch = RecordingWatch(connect(server))
    recording_id = camera.start_recording()
    for snapshot in await asyncio.gather(watch.poll(), watch.poll(), watch.poll()):
        assert ids(snapshot.ongoing) == [recording_id]


async def test_broken_time_in_the_newest(
    freezer: FrozenDateTimeFactory, connect: Connect
) -> None:
    """It has no start, and all goes on."""
    camera = Camera(recordings=5)
    async with CameraServer(camera) as server:
        poll = Poller(server, connect(server), freezer)
        await poll()
        recording_id = camera.start_recording()
        camera.faults.set(LIST, Fault.BAD_TIME)
        for _ in range(4):
            snapshot = await poll()
            assert ids(snapshot.ongoing) == [recording_id]
            assert isinstance(snapshot.newest, Recording)
            assert snapshot.newest.recording_id == recording_id
            assert snapshot.newest.start is None
            assert snapshot.total == 6


async def test_one_odd_answer_settles_nothing_for_good(
    camera: Camera,
    server: CameraServer,
    connect: Connect,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A window that says nothing is tried again when everything is learned again."""
    poll = Poller(server, connect(server), freezer)
    camera.start_recording()
    for _ in range(3):
        await poll()
    works = [poll.watch._windows_work]
    camera.faults.set(LIST, Fault.BARE_ROOT, times=1)
    await poll()
    works.append(poll.watch._windows_work)
    await poll(3601)
    await poll()
    works.append(poll.watch._windows_work)
    assert works == [True, False, True]


@pytest.mark.parametrize("windows_work", [False, True])
async def test_everything_anew(
    freezer: FrozenDateTimeFactory, connect: Connect, windows_work: bool
) -> None:
    """Once an hour it costs some kilobytes, also at a camera that has never recorded anything meanwhile."""
    camera = Camera(recordings=2000)
    async with CameraServer(camera) as server:
        poll = Poller(server, connect(server), freezer)
        await poll()
        if windows_work:
            camera.start_recording()
            await poll()
        most = 0
        for _ in range(30):
            await poll(300)
            most = max(most, poll.bytes)
        assert 2000 < most < 16_000
