"""Cards and shares that are exchanged, whatever the clocks say: what was known once is not told anew."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from custom_components.axis_recordings.activity.ledger import Ledger
from custom_components.axis_recordings.activity.observer import Observer
from custom_components.axis_recordings.vapix import RecordingWatch
from tests.camera import Camera, CameraServer, Disk, Exchange, Quirks

from .follower import Follower
from .test_short_lists import CARD, Watched, old_card, watched

if TYPE_CHECKING:
    from pathlib import Path

    from freezegun.api import FrozenDateTimeFactory

    from .conftest import Connect

__all__ = ["watched"]

SHARE = "NetworkShare"


@pytest.mark.parametrize("hours", [1, 5])
@pytest.mark.parametrize("count", [3, 40])
async def test_comes_back_after_the_clock_was_set_back(
    watched: Watched, hours: int, count: int
) -> None:
    """By the camera's clock, what is on it seems to have begun since the last look."""
    camera = watched.camera
    recording_id = camera.start_recording()
    await watched.look()
    camera.end_recording(recording_id)
    await watched.look()
    camera.clock.offset -= timedelta(hours=hours)
    await watched.look(times=2)
    wanted = [("started", recording_id), ("finished", recording_id)]
    former = camera.swap_card(CARD, old_card(camera, count, days=30))
    await watched.look(times=9)
    watched.freezer.tick(timedelta(hours=hours, minutes=30))
    camera.swap_card(CARD, former)
    await watched.look(times=9)
    assert watched.told == wanted
    gone = watched.ids[30]
    camera.remove_recording(gone)
    await watched.look()
    assert watched.told == [*wanted, ("removed", gone)]


async def test_comes_back_while_the_list_was_short(watched: Watched) -> None:
    """What the former card held was missing before it was exchanged: that does not make it certain."""
    camera = watched.camera
    short = old_card(camera, 5, days=30)
    former = camera.swap_card(CARD, short)
    await watched.look(times=9)
    camera.listed_part = 0.0
    await watched.look()
    camera.listed_part = 1.0
    camera.swap_card(CARD, former)
    await watched.look(after=40, times=3)
    assert not watched.told


@pytest.mark.parametrize("watched", ["operator"], indirect=True)
@pytest.mark.parametrize("page_limit", [None, 2])
async def test_exchanged_for_one_with_as_many_while_one_begins(
    watched: Watched, page_limit: int | None
) -> None:
    """It shows in no count; what went on is missing, and what is oldest is unknown."""
    camera = watched.camera
    camera.quirks = Quirks(page_limit=page_limit)
    camera.swap_card(CARD, old_card(camera, 5, days=30))
    await watched.look(times=9)
    ongoing = camera.start_recording()
    await watched.look()
    camera.swap_card(CARD, old_card(camera, 5, days=60))
    begun = camera.start_recording()
    await watched.look(times=9)
    assert watched.told == [
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
        await watched.look(times=9)
        assert sorted(watched.told) == sorted(("started", each) for each in begun)
        await follower.stop()


async def test_first_look_comes_late(
    freezer: FrozenDateTimeFactory, connect: Connect, tmp_path: Path
) -> None:
    """What begins between a poll and the look at what it has shown is news."""
    camera = Camera(recordings=3, disks=[Disk(CARD), Disk(SHARE)], nonce_lifetime=1e9)
    for each in [each for each in camera.recordings if each.disk_id == SHARE]:
        camera.recordings.remove(each.recording_id)
    async with CameraServer(camera) as server:
        follower = Follower(camera, connect(server), tmp_path / "ledger.db")
        follower.ledger = Ledger(follower.path)
        follower.ledger.open()
        follower.watch = RecordingWatch(follower.client)
        follower.observer = Observer(follower.client, follower.ledger)
        await follower.observer.recall()
        snapshot = await follower.watch.poll()
        freezer.tick(5)
        recording_id = camera.start_recording(SHARE)
        freezer.tick(5)
        await follower.observer.look(snapshot)
        follower.since = 0
        await follower.look()
        assert [(each.kind, each.recording_id) for each in follower.told] == [
            ("started", recording_id)
        ]
        await follower.stop()


async def test_first_on_an_empty_share(
    freezer: FrozenDateTimeFactory, connect: Connect, tmp_path: Path
) -> None:
    """It was cut off before anybody looked, and Home Assistant restarted before the share was back."""
    camera = Camera(recordings=3, disks=[Disk(CARD), Disk(SHARE)], nonce_lifetime=1e9)
    for each in [each for each in camera.recordings if each.disk_id == SHARE]:
        camera.recordings.remove(each.recording_id)
    async with CameraServer(camera) as server:
        follower = Follower(camera, connect(server), tmp_path / "ledger.db")
        watched = Watched(camera, follower, freezer)
        freezer.tick(600)
        await follower.start()
        await watched.look()
        recording_id = camera.start_recording(SHARE)
        freezer.tick(8)
        share = camera.detach_disk(SHARE)
        await watched.look(times=2)
        await follower.stop()
        await follower.start()
        await watched.look(times=2)
        camera.attach_disk(share)
        await watched.look(times=9)
        # How it ended was seen by nobody.
        assert watched.told in (
            [("started", recording_id), ("interrupted", recording_id)],
            [("started", recording_id), ("finished", recording_id)],
        )
        await follower.stop()


async def test_share_comes_back_during_a_look(
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
        await watched.look(times=4)
        assert attach not in server.request_listeners
        assert sorted(watched.told) == sorted(
            [
                ("started", recording_id),
                ("finished", recording_id),
                ("removed", gone.recording_id),
            ]
        )
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
        await watched.look()
        camera.reboot()
        camera.attach_disk(card)
        await watched.look(after=3)
        on_card = [each for each in camera.recordings if each.disk_id == CARD]
        gone = on_card[len(on_card) // 2].recording_id
        camera.remove_recording(gone)
        recording_id = camera.start_recording()
        await watched.look(times=9)
        assert sorted(watched.told) == [("removed", gone), ("started", recording_id)]
        await follower.stop()


@pytest.mark.parametrize("watched", ["operator"], indirect=True)
async def test_comes_back_as_an_empty_one(watched: Watched) -> None:
    """Nothing has been removed from the card that was taken out; what is recorded on the new one is told."""
    camera = watched.camera
    camera.detach_disk(CARD)
    await watched.look()
    camera.attach_disk(Disk(CARD))
    await watched.look(times=3)
    recording_id = camera.start_recording()
    await watched.look(times=9)
    assert watched.told == [("started", recording_id)]


@pytest.mark.parametrize("page_limit", [None, 2])
@pytest.mark.parametrize("time_api", [True, False])
async def test_first_looks_while_the_list_is_empty(
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
        await watched.look(times=9)
        assert not watched.told
        recording_id = camera.start_recording()
        await watched.look(times=6)
        assert watched.told == [("started", recording_id)]
        assert not follower.observer.needs_walk
        await follower.stop()
