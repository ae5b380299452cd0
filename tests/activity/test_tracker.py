"""What is made of single lists of a camera."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest

from custom_components.axis_recordings.vapix import Boot, VapixError
from tests.camera import Camera, CameraServer, Fault, Quirks

from .follower import Follower

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from freezegun.api import FrozenDateTimeFactory

    from .conftest import Connect

LIST = "record/list.cgi"


@pytest.fixture
async def follower(
    camera: Camera, server: CameraServer, connect: Connect, tmp_path: Path
) -> AsyncGenerator[Follower]:
    """Return a client that knows what is on the camera."""
    follower = Follower(camera, connect(server), tmp_path / "ledger.db")
    await follower.start()
    yield follower
    await follower.stop()


def add(camera: Camera, count: int, *, days: int = 1) -> list[str]:
    """Put recordings into the past, all of the same day."""
    start = camera.clock.now() - timedelta(days=days)
    return [
        camera.add_recording(
            start + timedelta(minutes=each), start + timedelta(minutes=each, seconds=9)
        )
        for each in range(count)
    ]


def reported(follower: Follower) -> list[tuple[str, str]]:
    """Return what was reported of which recording."""
    return [(each.kind, each.recording_id) for each in follower.reported]


async def test_unreadable_start(
    follower: Follower, camera: Camera, freezer: FrozenDateTimeFactory
) -> None:
    """One whose start can't be read is reported as any other, and remembered."""
    recording_id = camera.start_recording()
    camera.faults.set(LIST, Fault.BAD_TIME)
    freezer.tick(10)
    await follower.poll()
    camera.end_recording(recording_id)
    freezer.tick(10)
    await follower.poll()
    assert reported(follower) == [("started", recording_id), ("finished", recording_id)]


@pytest.mark.parametrize(
    ("boot", "kind"),
    [
        (Boot(boot_id=None, uptime=None), "finished"),
        (Boot(boot_id=None, uptime=timedelta(0)), "interrupted"),
        (Boot(boot_id=None, uptime=timedelta(minutes=1)), "finished"),
    ],
)
async def test_time_of_start(
    follower: Follower,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
    boot: Boot,
    kind: str,
) -> None:
    """Only a camera that has started since the last poll may have cut off a recording."""
    recording_id = camera.start_recording()
    freezer.tick(10)
    await follower.poll()
    freezer.tick(10)
    camera.end_recording(recording_id)
    freezer.tick(2)
    with patch.object(follower.client, "fetch_boot", return_value=boot):
        await follower.poll()
    assert reported(follower)[1:] == [(kind, recording_id)]


@pytest.mark.parametrize(
    ("stop", "ahead", "kind"),
    [
        (datetime(1, 1, 2, tzinfo=UTC), timedelta(days=3), "interrupted"),
        (datetime(9999, 12, 30, tzinfo=UTC), timedelta(days=-3), "finished"),
    ],
)
async def test_end_beyond_all_times(
    follower: Follower,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
    stop: datetime,
    ahead: timedelta,
    kind: str,
) -> None:
    """An end with which nothing can be calculated is reported as any other."""
    camera.clock.offset = ahead
    recording_id = camera.start_recording()
    freezer.tick(10)
    await follower.poll()
    camera.end_recording(recording_id)
    ended = camera.recordings.find(recording_id)
    assert ended is not None
    camera.recordings.put(replace(ended, stop=stop))
    freezer.tick(10)
    boot = Boot(boot_id=None, uptime=timedelta(0))
    with patch.object(follower.client, "fetch_boot", return_value=boot):
        await follower.poll()
    assert reported(follower)[1:] == [(kind, recording_id)]


@pytest.mark.parametrize("empty_list", ["counters", "childless", "bare"])
async def test_all_is_gone(
    connect: Connect,
    freezer: FrozenDateTimeFactory,
    tmp_path: Path,
    empty_list: Any,
) -> None:
    """An empty list, in whatever shape, is one on which everything is missing."""
    camera = Camera(recordings=4, quirks=Quirks(empty_list=empty_list))
    async with CameraServer(camera) as server:
        follower = Follower(camera, connect(server), tmp_path / "ledger.db")
        # After a start of the camera it takes longer.
        freezer.tick(600)
        await follower.start()
        gone = [each.recording_id for each in camera.recordings]
        for recording_id in gone:
            camera.remove_recording(recording_id)
        freezer.tick(30)
        await follower.poll()
        assert not reported(follower), "it may be the list"
        freezer.tick(30)
        await follower.poll()
        assert sorted(reported(follower)) == sorted(("removed", each) for each in gone)
        await follower.stop()


async def test_many_are_gone_while_more_come(
    follower: Follower,
    camera: Camera,
    server: CameraServer,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A count that moves under a walk makes it ask for more, and nothing is reported wrongly."""
    ids = add(camera, 400)
    freezer.tick(3601)
    await follower.poll()
    follower.activities.clear()
    for recording_id in ids[150:250]:
        camera.remove_recording(recording_id)
    started: list[str] = []

    def start(exchange: Any) -> None:
        if "disks/list.cgi" in exchange.path and len(started) < 4:
            started.append(camera.start_recording())

    server.request_listeners.append(start)
    freezer.tick(30)
    await follower.poll()
    server.request_listeners.clear()
    for _ in range(3):
        freezer.tick(30)
        await follower.poll()
    assert sorted(reported(follower)) == sorted(
        [
            *(("removed", each) for each in ids[150:250]),
            *(("started", each) for each in started),
        ]
    )


async def test_walk_breaks_off(
    follower: Follower, camera: Camera, freezer: FrozenDateTimeFactory
) -> None:
    """It is wanted again."""
    camera.faults.set(LIST, Fault.HTML, times=1)
    with pytest.raises(VapixError):
        await follower.tracker.walk()
    needed = follower.tracker.needs_walk
    gone = add(camera, 1)[0]
    freezer.tick(30)
    await follower.poll()
    assert (needed, follower.tracker.needs_walk) == (True, False)
    camera.remove_recording(gone)
    freezer.tick(30)
    await follower.poll()
    assert reported(follower)[-1] == ("removed", gone)
