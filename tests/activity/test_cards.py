"""Cards and shares that are exchanged, whatever the clocks say: what was known once is not reported anew."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from threading import Event
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest

from custom_components.axis_recordings.activity.ledger import Ledger
from custom_components.axis_recordings.activity.tracker import RecordingTracker
from custom_components.axis_recordings.index.store import RecordingIndex
from custom_components.axis_recordings.recordings.watch import RecordingWatch
from tests.camera import Camera, CameraServer, Disk, Exchange, Quirks

from .follower import Follower
from .test_unlisted import CARD, Watched, old_card, watched

if TYPE_CHECKING:
    from pathlib import Path

    from freezegun.api import FrozenDateTimeFactory

    from custom_components.axis_recordings.activity.models import ChangeSet, PollTime

    from .conftest import Connect

__all__ = ["watched"]

SHARE = "NetworkShare"
OTHER_SLOT = "SD_DISK2"


@pytest.mark.parametrize("hours", [1, 5])
@pytest.mark.parametrize("count", [3, 40])
async def test_comes_back_after_the_clock_was_set_back(
    watched: Watched, hours: int, count: int
) -> None:
    """By the camera's clock, what is on it seems to have begun since the last poll."""
    camera = watched.camera
    recording_id = camera.start_recording()
    await watched.poll()
    camera.end_recording(recording_id)
    await watched.poll()
    camera.clock.offset -= timedelta(hours=hours)
    await watched.poll(times=2)
    wanted = [("started", recording_id), ("finished", recording_id)]
    former = camera.swap_card(CARD, old_card(camera, count, days=30))
    await watched.poll(times=9)
    watched.freezer.tick(timedelta(hours=hours, minutes=30))
    camera.swap_card(CARD, former)
    await watched.poll(times=9)
    assert watched.reported == wanted
    gone = watched.ids[30]
    camera.remove_recording(gone)
    await watched.poll()
    assert watched.reported == [*wanted, ("removed", gone)]


async def test_comes_back_while_the_list_was_short(watched: Watched) -> None:
    """What the former card held was missing before it was exchanged: that does not make it certain."""
    camera = watched.camera
    short = old_card(camera, 5, days=30)
    former = camera.swap_card(CARD, short)
    await watched.poll(times=9)
    camera.listed_part = 0.0
    await watched.poll()
    camera.listed_part = 1.0
    camera.swap_card(CARD, former)
    await watched.poll(after=40, times=3)
    assert not watched.reported


@pytest.mark.parametrize("watched", ["operator"], indirect=True)
@pytest.mark.parametrize("page_limit", [None, 2])
async def test_exchanged_for_one_with_as_many_while_one_begins(
    watched: Watched, page_limit: int | None
) -> None:
    """It shows in no count; what went on is missing, and what is oldest is unknown."""
    camera = watched.camera
    camera.quirks = Quirks(page_limit=page_limit)
    camera.swap_card(CARD, old_card(camera, 5, days=30))
    await watched.poll(times=9)
    ongoing = camera.start_recording()
    await watched.poll()
    camera.swap_card(CARD, old_card(camera, 5, days=60))
    begun = camera.start_recording()
    await watched.poll(times=9)
    assert watched.reported == [
        ("started", ongoing),
        ("started", begun),
        ("interrupted", ongoing),
    ]


async def test_exchanged_while_more_begin_than_were_known(
    freezer: FrozenDateTimeFactory, connect: Connect, tmp_path: Path
) -> None:
    """What has just begun is there, but says nothing of the card before."""
    camera = Camera(recordings=2, nonce_lifetime=1e9)
    async with CameraServer(camera) as server:
        follower = Follower(camera, connect(server), tmp_path / "ledger.db")
        watched = Watched(camera, follower, freezer)
        freezer.tick(600)
        await follower.start()
        camera.swap_card(CARD, old_card(camera, 3, days=30))
        begun = [camera.start_recording() for _ in range(2)]
        await watched.poll(times=9)
        assert sorted(watched.reported) == sorted(("started", each) for each in begun)
        await follower.stop()


async def test_first_poll_comes_late(
    freezer: FrozenDateTimeFactory, connect: Connect, tmp_path: Path
) -> None:
    """What begins between a poll and the questions about what it has shown is news."""
    camera = Camera(recordings=3, disks=[Disk(CARD), Disk(SHARE)], nonce_lifetime=1e9)
    for each in [each for each in camera.recordings if each.disk_id == SHARE]:
        camera.recordings.remove(each.recording_id)
    async with CameraServer(camera) as server:
        follower = Follower(camera, connect(server), tmp_path / "ledger.db")
        follower.ledger = Ledger(RecordingIndex(follower.path))
        follower.ledger.open()
        follower.watch = RecordingWatch(follower.client)
        follower.tracker = RecordingTracker(follower.client, follower.ledger)
        await follower.tracker.recall()
        snapshot = await follower.watch.poll()
        freezer.tick(5)
        recording_id = camera.start_recording(SHARE)
        freezer.tick(5)
        await follower.tracker.process(snapshot)
        follower.since = 0
        await follower.poll()
        assert [(each.kind, each.recording_id) for each in follower.reported] == [
            ("started", recording_id)
        ]
        await follower.stop()


async def test_first_on_an_empty_share(
    freezer: FrozenDateTimeFactory, connect: Connect, tmp_path: Path
) -> None:
    """It was cut off before anybody polled, and Home Assistant restarted before the share was back."""
    camera = Camera(recordings=3, disks=[Disk(CARD), Disk(SHARE)], nonce_lifetime=1e9)
    for each in [each for each in camera.recordings if each.disk_id == SHARE]:
        camera.recordings.remove(each.recording_id)
    async with CameraServer(camera) as server:
        follower = Follower(camera, connect(server), tmp_path / "ledger.db")
        watched = Watched(camera, follower, freezer)
        freezer.tick(600)
        await follower.start()
        await watched.poll()
        recording_id = camera.start_recording(SHARE)
        freezer.tick(8)
        share = camera.detach_disk(SHARE)
        await watched.poll(times=2)
        await follower.stop()
        await follower.start()
        await watched.poll(times=2)
        camera.attach_disk(share)
        await watched.poll(times=9)
        # How it ended was seen by nobody.
        assert watched.reported in (
            [("started", recording_id), ("interrupted", recording_id)],
            [("started", recording_id), ("finished", recording_id)],
        )
        await follower.stop()


async def test_share_comes_back_during_a_poll(
    freezer: FrozenDateTimeFactory, connect: Connect, tmp_path: Path
) -> None:
    """When the disks were asked for, it was away; the next page of the list shows what is on it."""
    camera = Camera(recordings=60, disks=[Disk(CARD), Disk(SHARE)], nonce_lifetime=1e9)
    async with CameraServer(camera) as server:
        follower = Follower(camera, connect(server), tmp_path / "ledger.db")
        watched = Watched(camera, follower, freezer)
        freezer.tick(600)
        await follower.start()
        recording_id = camera.start_recording(SHARE)
        freezer.tick(5)
        camera.end_recording(recording_id)
        gone = next(each for each in camera.recordings if each.disk_id == CARD)
        camera.remove_recording(gone.recording_id)
        share = camera.detach_disk(SHARE)

        def attach(exchange: Exchange) -> None:
            if exchange.query.get("maxnumberofresults") == "100":
                server.request_listeners.remove(attach)
                camera.attach_disk(share)

        server.request_listeners.append(attach)
        await watched.poll(times=4)
        assert attach not in server.request_listeners
        assert sorted(watched.reported) == sorted(
            [
                ("started", recording_id),
                ("finished", recording_id),
                ("removed", gone.recording_id),
            ]
        )
        await follower.stop()


@pytest.mark.parametrize("user", ["operator", "viewer"])
async def test_goes_at_any_request(
    user: str, freezer: FrozenDateTimeFactory, connect: Connect, tmp_path: Path
) -> None:
    """A card that has been away and goes once more is not another one, even where some of it is gone."""
    camera = Camera(
        recordings=130, disks=[Disk(CARD), Disk(SHARE)], nonce_lifetime=1e9, seed=7
    )
    async with CameraServer(camera) as server:
        client = connect(server, user, f"{user}-secret")
        follower = Follower(camera, client, tmp_path / "ledger.db")
        watched = Watched(camera, follower, freezer)
        freezer.tick(600)
        await follower.start()
        away: list[Disk] = []

        def pull(_: Exchange) -> None:
            if next(requests, None) is None and not away:
                away.append(camera.detach_disk(CARD))

        for number in range(1, 12):
            card = camera.detach_disk(CARD)
            await watched.poll()
            # A list of which so much is gone is believed late after a start.
            camera.reboot()
            camera.attach_disk(card)
            on_card = [each for each in camera.recordings if each.disk_id == CARD]
            gone = {each.recording_id for each in on_card[-4:]}
            for recording_id in gone:
                camera.remove_recording(recording_id)
            await watched.poll(after=3)
            await watched.poll(after=45)
            requests = iter(range(number))
            server.request_listeners.append(pull)
            await watched.poll(after=20)
            server.request_listeners.remove(pull)
            camera.attach_disk(away.pop())
            await watched.poll(after=45, times=4)
            assert sorted(watched.reported) == sorted(
                ("removed", each) for each in gone
            )
            follower.activities.clear()
        await follower.stop()


@pytest.mark.parametrize("seconds", [10, 55])
async def test_comes_back_while_the_list_is_empty(
    seconds: float, freezer: FrozenDateTimeFactory, connect: Connect, tmp_path: Path
) -> None:
    """The camera has started and lists nothing yet: that makes it no other card."""
    camera = Camera(
        recordings=60,
        disks=[Disk(CARD), Disk(SHARE)],
        nonce_lifetime=1e9,
        quirks=Quirks(empty_after_start=seconds),
    )
    async with CameraServer(camera) as server:
        follower = Follower(camera, connect(server), tmp_path / "ledger.db")
        watched = Watched(camera, follower, freezer)
        freezer.tick(600)
        await follower.start()
        card = camera.detach_disk(CARD)
        await watched.poll()
        camera.reboot()
        camera.attach_disk(card)
        await watched.poll(after=3)
        on_card = [each for each in camera.recordings if each.disk_id == CARD]
        gone = on_card[len(on_card) // 2].recording_id
        camera.remove_recording(gone)
        recording_id = camera.start_recording()
        await watched.poll(times=9)
        assert sorted(watched.reported) == [
            ("removed", gone),
            ("started", recording_id),
        ]
        await follower.stop()


@pytest.mark.parametrize("watched", ["operator"], indirect=True)
async def test_comes_back_as_an_empty_one(watched: Watched) -> None:
    """Nothing has been removed from the card that was taken out; what is recorded on the new one is reported."""
    camera = watched.camera
    camera.detach_disk(CARD)
    await watched.poll()
    camera.attach_disk(Disk(CARD))
    await watched.poll(times=3)
    recording_id = camera.start_recording()
    await watched.poll(times=9)
    assert watched.reported == [("started", recording_id)]


@pytest.mark.parametrize("page_limit", [None, 2])
@pytest.mark.parametrize("time_api", [True, False])
async def test_first_polls_while_the_list_is_empty(
    freezer: FrozenDateTimeFactory,
    connect: Connect,
    tmp_path: Path,
    page_limit: int | None,
    *,
    time_api: bool,
) -> None:
    """What the camera lists once it has started was recorded before: only what begins then is news."""
    quirks = Quirks(empty_after_start=40, page_limit=page_limit, time_api=time_api)
    camera = Camera(recordings=3, quirks=quirks, nonce_lifetime=1e9)
    async with CameraServer(camera) as server:
        follower = Follower(camera, connect(server), tmp_path / "ledger.db")
        watched = Watched(camera, follower, freezer)
        freezer.tick(5)
        await follower.start()
        follower.since = 0
        await watched.poll(times=9)
        assert not watched.reported
        recording_id = camera.start_recording()
        await watched.poll(times=6)
        assert watched.reported == [("started", recording_id)]
        assert not follower.tracker.needs_walk
        await follower.stop()


@pytest.mark.parametrize("watched", ["operator"], indirect=True)
async def test_lost_after_a_restart_while_the_clock_is_set(watched: Watched) -> None:
    """What was recorded just before the disk went was recorded by the clock of then."""
    camera = watched.camera
    camera.clock.offset = timedelta(minutes=12)
    await watched.poll()
    recording_id = camera.start_recording()
    watched.freezer.tick(3)
    camera.end_recording(recording_id)
    camera.clock.offset = timedelta(seconds=12)
    card = camera.detach_disk(CARD)
    await watched.follower.stop()
    await watched.follower.start()
    await watched.poll(times=2)
    camera.attach_disk(card)
    await watched.poll(times=3)
    assert [kind for kind, _ in watched.reported][:1] == ["started"]
    assert {each for _, each in watched.reported} == {recording_id}


@pytest.mark.parametrize("watched", ["operator"], indirect=True)
@pytest.mark.parametrize("part", [0.0, 1.0])
@pytest.mark.parametrize("hours", [2, 300])
async def test_exchanged_while_the_clock_is_unset(
    watched: Watched, hours: int, part: float
) -> None:
    """A camera without a battery for its clock begins in 1970: that makes nothing on another card news."""
    camera = watched.camera
    watched.freezer.tick(2)
    camera.reboot()
    camera.swap_card(CARD, old_card(camera, 20, days=hours / 24))
    camera.listed_part = part
    before, camera.clock.offset = camera.clock.offset, timedelta(days=-56 * 365)
    await watched.poll(after=5)
    camera.clock.offset = before
    camera.listed_part = 1.0
    await watched.poll(times=9)
    assert watched.reported == []


@pytest.mark.parametrize("watched", ["operator"], indirect=True)
async def test_exchanged_after_the_clock_was_unset(watched: Watched) -> None:
    """It was in 1970 while no card was there."""
    camera = watched.camera
    camera.detach_disk(CARD)
    await watched.poll()
    watched.freezer.tick(2)
    camera.reboot()
    before, camera.clock.offset = camera.clock.offset, timedelta(days=-56 * 365)
    await watched.poll(after=5)
    camera.clock.offset = before
    await watched.poll(times=3)
    camera.attach_disk(Disk(CARD))
    camera.swap_card(CARD, old_card(camera, 20, days=2 / 24))
    await watched.poll(times=12)
    assert watched.reported == []


async def test_recorded_while_the_clock_is_unset(watched: Watched) -> None:
    """By the clock of now, it ended in 1970: it has happened since the last poll nevertheless."""
    camera = watched.camera
    watched.freezer.tick(2)
    camera.reboot()
    before, camera.clock.offset = camera.clock.offset, timedelta(days=-56 * 365)
    await watched.poll(after=5)
    recording_id = camera.start_recording()
    watched.freezer.tick(3)
    camera.end_recording(recording_id)
    camera.clock.offset = before
    await watched.poll(times=3)
    assert watched.reported == [("started", recording_id), ("finished", recording_id)]


@pytest.mark.parametrize("user", ["operator", "viewer"])
async def test_put_into_another_slot_and_back(
    user: str, freezer: FrozenDateTimeFactory, connect: Connect, tmp_path: Path
) -> None:
    """What was reported of what is on it is not reported once more."""
    camera = Camera(recordings=40, disks=[Disk(CARD), Disk(SHARE)], nonce_lifetime=1e9)
    async with CameraServer(camera) as server:
        client = connect(server, user, f"{user}-secret")
        follower = Follower(camera, client, tmp_path / "ledger.db")
        watched = Watched(camera, follower, freezer)
        freezer.tick(600)
        await follower.start()

        def put(slot: str) -> None:
            before = next(each for each in (CARD, OTHER_SLOT) if each != slot)
            camera.detach_disk(before)
            for each in [each for each in camera.recordings if each.disk_id == before]:
                camera.recordings.put(replace(each, disk_id=slot))
            camera.attach_disk(Disk(slot))

        wanted = []
        for slot in (OTHER_SLOT, CARD):
            put(slot)
            await watched.poll(times=3)
            recording_id = camera.start_recording(slot)
            await watched.poll()
            camera.end_recording(recording_id)
            await watched.poll()
            wanted += [("started", recording_id), ("finished", recording_id)]
        await watched.poll(times=4)
        assert watched.reported == wanted
        await follower.stop()


@pytest.mark.parametrize("watched", ["operator"], indirect=True)
async def test_cancelled_while_an_exchange_is_stored(watched: Watched) -> None:
    """Home Assistant is stopped in that moment: what is on the new card is no news afterwards either."""
    camera, follower = watched.camera, watched.follower
    camera.swap_card(CARD, old_card(camera, 5, days=0.2))
    watched.freezer.tick(10)
    snapshot = await follower.watch.poll()
    apply = follower.ledger.apply
    begun, go_on = Event(), Event()

    def apply_later(change: ChangeSet, poll: PollTime | None) -> None:
        if change.removed:
            begun.set()
            assert go_on.wait(5)
        apply(change, poll)

    with patch.object(follower.ledger, "apply", apply_later):
        asking = asyncio.create_task(follower.tracker.process(snapshot))
        assert await asyncio.to_thread(begun.wait, 5)
        asking.cancel()
        await asyncio.wait([asking])
        go_on.set()
    await follower.stop()
    await follower.start()
    await watched.poll(times=9)
    assert watched.reported == []


@pytest.mark.parametrize("is_restarted", [False, True])
async def test_exchanged_soon_after_a_start(
    freezer: FrozenDateTimeFactory,
    connect: Connect,
    tmp_path: Path,
    *,
    is_restarted: bool,
) -> None:
    """The only recording is missing beside a new one, which need not be on its card: after a start, for a minute."""
    camera = Camera(recordings=1, nonce_lifetime=1e9)
    async with CameraServer(camera) as server:
        follower = Follower(camera, connect(server), tmp_path / "ledger.db")
        watched = Watched(camera, follower, freezer)
        freezer.tick(600)
        await follower.start()
        camera.remove_recording(watched.ids[0])
        recording_id = camera.start_recording()
        camera.end_recording(recording_id)
        begun = [("started", recording_id), ("finished", recording_id)]
        await watched.poll(times=2)
        freezer.tick(5)
        camera.reboot()
        if is_restarted:
            await follower.stop()
            await follower.start()
        await watched.poll(times=5)
        assert watched.reported == begun
        assert len(follower.tracker.in_doubt) == 1
        camera.swap_card(CARD, old_card(camera, 5))
        await watched.poll(times=9)
        assert watched.reported == begun
        assert not follower.tracker.in_doubt
        assert follower.ledger.index.counts == {CARD: 5}
        await follower.stop()
