"""A disk goes: what went on there is interrupted, and only that."""

from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest

from custom_components.axis_recordings.vapix import RecordingKey
from tests.camera import Camera, CameraServer, Disk

from .follower import Follower
from .test_tracker_unrest import remove, restart
from .test_unlisted import CARD, Watched, watched

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from freezegun.api import FrozenDateTimeFactory

    from .conftest import Connect

__all__ = ["watched"]

SHARE = "NetworkShare"


@pytest.fixture(params=["operator", "viewer"])
async def with_share(
    request: pytest.FixtureRequest,
    freezer: FrozenDateTimeFactory,
    connect: Connect,
    tmp_path: Path,
) -> AsyncGenerator[Watched]:
    """Return a camera with a card and a share, for an account that sees disks or not."""
    camera = Camera(recordings=80, disks=[Disk(CARD), Disk(SHARE)], nonce_lifetime=1e9)
    async with CameraServer(camera) as server:
        client = connect(server, request.param, f"{request.param}-secret")
        follower = Follower(camera, client, tmp_path / "ledger.db")
        freezer.tick(600)
        await follower.start()
        yield Watched(camera, follower, freezer)
        await follower.stop()


async def test_only_disk(watched: Watched) -> None:
    """It is reported also to an account that sees no more than an empty list."""
    recording_id = watched.camera.start_recording()
    await watched.poll()
    watched.camera.detach_disk(CARD)
    await watched.poll(times=9)
    assert watched.reported == [
        ("started", recording_id),
        ("interrupted", recording_id),
    ]


@pytest.mark.parametrize("disk_id", [CARD, SHARE])
async def test_one_of_two(with_share: Watched, disk_id: str) -> None:
    """The other one is there, and is the only one that is counted."""
    recording_id = with_share.camera.start_recording(disk_id)
    await with_share.poll()
    with_share.camera.detach_disk(disk_id)
    await with_share.poll(times=9)
    assert with_share.reported == [
        ("started", recording_id),
        ("interrupted", recording_id),
    ]


@pytest.mark.parametrize("part", [0.05, 1.0])
async def test_list_that_is_short_and_then_empty(watched: Watched, part: float) -> None:
    """It seemed to be a loss, and was none: what goes on ends well much later."""
    camera = watched.camera
    recording_id = camera.start_recording()
    await watched.poll()
    camera.listed_part = part
    await watched.poll(after=5)
    camera.listed_part = 0.0
    await watched.poll(after=5, times=2)
    camera.listed_part = 1.0
    await watched.poll(times=9)
    camera.end_recording(recording_id)
    await watched.poll(times=3)
    assert watched.reported == [("started", recording_id), ("finished", recording_id)]


@pytest.mark.parametrize("with_share", ["operator"], indirect=True)
async def test_removed_before_a_loss_and_a_restart(with_share: Watched) -> None:
    """What was missing when its disk went was not interrupted by that, though a restart lies between."""
    camera = with_share.camera
    recording_id = camera.start_recording(SHARE)
    await with_share.poll()
    camera.end_recording(recording_id)
    known = {
        disk_id: [
            each.recording_id for each in camera.recordings if each.disk_id == disk_id
        ]
        for disk_id in (CARD, SHARE)
    }
    remove(with_share, [recording_id, *known[SHARE][-5:]])
    await with_share.poll()
    camera.detach_disk(SHARE)
    await with_share.poll(times=2)
    await restart(with_share)
    remove(with_share, known[CARD][:12])
    await with_share.poll(times=8)
    assert [each for each in with_share.reported if each[1] == recording_id] == [
        ("started", recording_id)
    ]


@pytest.mark.parametrize("watched", ["operator"], indirect=True)
async def test_list_from_before_the_loss(watched: Watched) -> None:
    """Polls go on while processing one takes long, so the loss may be noticed before what a list showed earlier."""
    camera, follower = watched.camera, watched.follower
    one = camera.start_recording()
    before = await follower.watch.poll()
    watched.freezer.tick(1)
    other = camera.start_recording()
    after = await follower.watch.poll()
    watched.freezer.tick(1)
    card = camera.detach_disk(CARD)
    follower.tracker.suspect([RecordingKey(CARD, one)])
    await follower.tracker.process(before)
    await follower.tracker.process(after)
    await watched.poll(times=2)
    camera.attach_disk(card)
    await watched.poll(times=3)
    assert sorted(watched.reported) == sorted(
        (kind, each) for each in (one, other) for kind in ("started", "interrupted")
    )


@pytest.mark.parametrize("watched", ["operator"], indirect=True)
async def test_removed_while_the_list_was_short(watched: Watched) -> None:
    """The disk that is lost then did not interrupt what had not been seen since."""
    camera = watched.camera
    recording_id = camera.start_recording()
    await watched.poll()
    camera.end_recording(recording_id)
    camera.remove_recording(recording_id)
    camera.listed_part = 0.0
    await watched.poll()
    camera.listed_part = 1.0
    original = watched.follower.tracker.walk

    async def walk() -> tuple[RecordingKey, ...]:
        camera.detach_disk(CARD)
        return await original()

    with patch.object(watched.follower.tracker, "walk", walk):
        await watched.poll()
    assert CARD not in camera.attached_disks
    camera.attach_disk(Disk(CARD))
    await watched.poll(times=9)
    assert watched.reported == [("started", recording_id), ("removed", recording_id)]


@pytest.mark.parametrize("watched", ["operator"], indirect=True)
async def test_removed_while_the_list_was_short_before_a_restart(
    watched: Watched,
) -> None:
    """Nobody has asked for it since the list was whole again: what is not in doubt any more was not seen."""
    camera, follower = watched.camera, watched.follower
    recording_id = camera.start_recording()
    await watched.poll()
    camera.end_recording(recording_id)
    camera.remove_recording(recording_id)
    camera.listed_part = 0.0
    await watched.poll()
    camera.listed_part = 1.0
    watched.freezer.tick(10)
    await follower.tracker.process(await follower.watch.poll())
    assert not follower.tracker.is_waiting
    card = camera.detach_disk(CARD)
    await restart(watched)
    await watched.poll(times=2)
    camera.attach_disk(card)
    await watched.poll(times=9)
    assert watched.reported == [("started", recording_id), ("removed", recording_id)]
