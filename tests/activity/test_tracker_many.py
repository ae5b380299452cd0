"""A camera that lists more than it can have: what is followed, and asked for, has bounds."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING

import pytest

from custom_components.axis_recordings.activity import audit
from custom_components.axis_recordings.activity.endings import MAX_PLAYABLE
from custom_components.axis_recordings.activity.models import ChangeSet
from custom_components.axis_recordings.index.models import Stage
from custom_components.axis_recordings.recordings import watch
from custom_components.axis_recordings.recordings.watch import RecordingWatch
from custom_components.axis_recordings.vapix import (
    RecordingPage,
    RecordingQuery,
    TooMuchEffortError,
    bounds,
)
from tests.camera import Camera, CameraServer, Fault
from tests.crowd import crowd

from .follower import Follower

if TYPE_CHECKING:
    from pathlib import Path

    from freezegun.api import FrozenDateTimeFactory

    from .conftest import Connect

MANY = 700


def end(camera: Camera, ids: list[str]) -> None:
    """Let recordings come to their end."""
    for recording_id in ids:
        recording = camera.recordings.find(recording_id)
        assert recording is not None
        camera.recordings.put(replace(recording, recording_status="completed"))


async def requests_of_a_poll(server: CameraServer, follower: Follower) -> int:
    """Poll, and return how many requests that takes."""
    before = len(server.requests)
    await follower.poll()
    return len(server.requests) - before


async def test_many_have_ended_meanwhile(
    freezer: FrozenDateTimeFactory, connect: Connect, tmp_path: Path
) -> None:
    """An older version may have followed thousands; they are not asked for one by one."""
    camera = Camera()
    ids = crowd(camera, MANY)
    async with CameraServer(camera) as server:
        follower = Follower(camera, connect(server), tmp_path / "ledger.db")
        await follower.start()
        change = ChangeSet()
        for known in follower.ledger.index.on_disk("SD_DISK"):
            change.update(known.recording, Stage.ONGOING)
        follower.ledger.apply(change)
        assert len(follower.ledger.index.unsettled) == MANY
        await follower.stop()
        end(camera, ids)
        freezer.tick(10)
        await follower.start()
        assert len(follower.ledger.index.unsettled) == bounds.MOST_ONGOING
        asked = []
        for _ in range(3):
            asked.append(await requests_of_a_poll(server, follower))
            freezer.tick(10)
        assert max(asked) < MAX_PLAYABLE + 60
        assert asked[-1] < 5
        assert not follower.ledger.index.unsettled
        assert len(follower.reported) == bounds.MOST_ONGOING
        await follower.stop()


async def test_many_go_on(
    freezer: FrozenDateTimeFactory, connect: Connect, tmp_path: Path
) -> None:
    """No more are followed than a camera can have; the others count as there."""
    camera = Camera()
    async with CameraServer(camera) as server:
        follower = Follower(camera, connect(server), tmp_path / "ledger.db")
        await follower.start()
        crowd(camera, MANY)
        for _ in range(3):
            freezer.tick(10)
            assert await requests_of_a_poll(server, follower) < 60
        assert len(follower.ledger.index.unsettled) == bounds.MOST_ONGOING
        assert sum(follower.ledger.index.counts.values()) == MANY
        await follower.stop()


async def test_made_up_disks(
    freezer: FrozenDateTimeFactory,
    connect: Connect,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Recordings on more disks than a camera can have are left out, and the rest is followed."""
    camera = Camera()
    async with CameraServer(camera) as server:
        client = connect(server)
        follower = Follower(camera, client, tmp_path / "ledger.db")
        await follower.start()
        now = camera.clock.now()
        for number in range(200):
            camera.add_recording(
                now, now + timedelta(seconds=1), recording_id=str(number)
            )

        original = client.fetch_recordings

        async def fetch(
            query: RecordingQuery, *, first: int | None = None
        ) -> RecordingPage:
            page = await original(query, first=first)
            return replace(
                page,
                recordings=tuple(
                    replace(each, disk_id=f"made_up_{each.recording_id}")
                    for each in page.recordings
                ),
            )

        monkeypatch.setattr(client, "fetch_recordings", fetch)
        for _ in range(3):
            freezer.tick(10)
            assert await requests_of_a_poll(server, follower) < 250
        assert len(follower.tracker.diagnostics["disks"]) <= bounds.MOST_DISKS
        assert "disks" in client.bounds.left_out
        await follower.stop()


async def test_always_new(
    freezer: FrozenDateTimeFactory,
    connect: Connect,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is made up with each poll is reported as long as a camera could have recorded it."""
    monkeypatch.setattr(bounds, "MOST_LISTED", 200)
    camera = Camera()
    async with CameraServer(camera) as server:
        follower = Follower(camera, connect(server), tmp_path / "ledger.db")
        await follower.start()
        reported = []
        for _ in range(5):
            freezer.tick(10)
            now = camera.clock.now()
            for _ in range(150):
                camera.add_recording(now - timedelta(seconds=2), now)
            await follower.poll()
            reported.append(len(follower.reported))
            follower.activities.clear()
        assert reported[0] == 2 * 150
        assert reported[-1] == 2 * 10 * bounds.NEWS_PER_SECOND
        assert follower.client.bounds.take_news() == ["new recordings"]
        assert sum(follower.ledger.index.counts.values()) == 5 * 150
        await follower.stop()


async def test_walk_without_an_end(
    freezer: FrozenDateTimeFactory,
    connect: Connect,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What it has met is known, polls go on, and another walk makes up for it."""
    monkeypatch.setattr(audit, "MOST_WALK_REQUESTS", 10)
    monkeypatch.setattr(audit, "WALK_PAGE_SIZE", 5)
    camera = Camera()
    now = camera.clock.now()
    for number in range(400):
        start = now - timedelta(hours=9, seconds=number)
        camera.add_recording(start, start + timedelta(minutes=1))
    async with CameraServer(camera) as server:
        follower = Follower(camera, connect(server), tmp_path / "ledger.db")
        with pytest.raises(TooMuchEffortError):
            await follower.start()
        assert 20 < sum(follower.ledger.index.counts.values()) < 400
        assert follower.client.bounds.take_news() == ["recordings"]
        monkeypatch.setattr(audit, "MOST_WALK_REQUESTS", 1000)
        freezer.tick(10)
        await follower.poll()
        assert sum(follower.ledger.index.counts.values()) == 400
        assert not follower.tracker.needs_walk
        await follower.stop()


async def test_slow_lists(
    connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A camera is polled and walked through that needs two minutes for each of 200 lists.

    Here it is a thousand times as fast, and there are a tenth of them.
    """
    camera = Camera()
    end(camera, crowd(camera, 100))
    async with CameraServer(camera) as server:
        follower = Follower(camera, connect(server), tmp_path / "ledger.db")
        await follower.start()
        camera.faults.set("record/list.cgi", Fault.SLOW, step=10**6, delay=0.12)
        monkeypatch.setattr(audit, "WALK_PAGE_SIZE", 6)
        monkeypatch.setattr(
            audit, "MOST_WALK_SECONDS", bounds.MOST_WALK_SECONDS / 10_000
        )
        monkeypatch.setattr(watch, "MOST_POLL_SECONDS", bounds.MOST_POLL_SECONDS / 1000)
        # Else a part of the list would do.
        camera.miscount = 1
        async with asyncio.TaskGroup() as group:
            walking = group.create_task(follower.tracker.walk())
            await RecordingWatch(follower.client).poll()
            assert not walking.done()
        await follower.stop()


async def test_many_are_gone_where_the_count_is_off(
    freezer: FrozenDateTimeFactory,
    connect: Connect,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By a number that is known, as it was so before: nobody asks for each of them."""
    camera = Camera()
    now = camera.clock.now()
    ids = [
        camera.add_recording(
            now - timedelta(hours=9, seconds=number), now - timedelta(hours=8)
        )
        for number in range(500)
    ]
    async with CameraServer(camera) as server:
        client = connect(server)
        follower = Follower(camera, client, tmp_path / "ledger.db")
        await follower.start()
        original = client.fetch_recordings

        async def fetch(
            query: RecordingQuery, *, first: int | None = None
        ) -> RecordingPage:
            page = await original(query, first=first)
            return replace(page, total=page.total and page.total + 7)

        monkeypatch.setattr(client, "fetch_recordings", fetch)
        for _ in range(3):
            freezer.tick(700)
            await follower.poll()
        for recording_id in ids[100:]:
            camera.remove_recording(recording_id)
        for _ in range(6):
            freezer.tick(20)
            assert await requests_of_a_poll(server, follower) < 60
        assert len(follower.reported) == 400
        await follower.stop()


async def test_many_are_left_out_while_the_count_moves(
    freezer: FrozenDateTimeFactory,
    connect: Connect,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A count that no walk can trust lets nobody ask for each of them, and nothing is reported."""
    camera = Camera()
    end(camera, crowd(camera, 500))
    async with CameraServer(camera) as server:
        client = connect(server)
        follower = Follower(camera, client, tmp_path / "ledger.db")
        await follower.start()
        original = client.fetch_recordings
        totals = count(10_000)

        async def fetch(
            query: RecordingQuery, *, first: int | None = None
        ) -> RecordingPage:
            page = await original(query, first=first)
            listed = tuple(
                each for each in page.recordings if each.recording_id.endswith("0")
            )
            return replace(page, recordings=listed, total=page.total and next(totals))

        monkeypatch.setattr(client, "fetch_recordings", fetch)
        for _ in range(4):
            freezer.tick(700)
            assert await requests_of_a_poll(server, follower) < 250
        assert follower.reported == []
        await follower.stop()
