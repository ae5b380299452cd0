"""Much happens at once: what is in doubt neither hides nor colors what else is reported."""

from datetime import timedelta

import pytest

from .test_unlisted import Watched, watched

__all__ = ["watched"]

pytestmark = pytest.mark.parametrize("watched", ["operator"], indirect=True)

MANY = 12


def remove(watched: Watched, ids: list[str]) -> list[tuple[str, str]]:
    """Remove some, and return what is to be reported of that."""
    for each in ids:
        watched.camera.remove_recording(each)
    return [("removed", each) for each in ids]


async def restart(watched: Watched) -> None:
    """Restart Home Assistant in good order."""
    await watched.follower.stop()
    await watched.follower.start()


async def test_removed_while_the_clock_is_set(watched: Watched) -> None:
    """That the oldest and the newest are gone, and one is unknown that seems to be old, is no other card."""
    camera = watched.camera
    wanted = remove(watched, [watched.ids[-1], watched.ids[0]])
    camera.clock.offset -= timedelta(minutes=7)
    recording_id = camera.start_recording()
    camera.clock.offset += timedelta(minutes=7)
    await watched.poll(times=9)
    assert sorted(watched.reported) == sorted([("started", recording_id), *wanted])


@pytest.mark.parametrize("is_restarted", [False, True])
async def test_starts_of_the_camera_before_it_began(
    watched: Watched, is_restarted: bool
) -> None:
    """Something has been in doubt since then, and the clock was set: yet it was no start that ended it."""
    camera = watched.camera
    wanted = remove(watched, watched.ids[-MANY:])
    await watched.poll()
    watched.freezer.tick(2)
    camera.reboot()
    watched.freezer.tick(35)
    recording_id = camera.start_recording()
    await watched.poll()
    if is_restarted:
        await restart(watched)
    camera.end_recording(recording_id)
    camera.clock.offset += timedelta(minutes=7)
    await watched.poll(times=9)
    assert sorted(watched.reported) == sorted(
        [("started", recording_id), ("finished", recording_id), *wanted]
    )


async def test_removed_one_by_one(watched: Watched) -> None:
    """Many are in doubt for a minute, which says nothing of one that is removed by hand meanwhile."""
    many = remove(watched, watched.ids[-MANY:])
    await watched.poll()
    one = remove(watched, [watched.ids[5]])
    await watched.poll()
    assert watched.reported == one
    other = remove(watched, [watched.ids[5]])
    await watched.poll()
    assert watched.reported == [*one, *other]
    await watched.poll(times=6)
    assert sorted(watched.reported) == sorted([*one, *other, *many])


async def test_doubt_outlives_a_restart(watched: Watched) -> None:
    """Home Assistant may be restarted as often as it likes."""
    wanted = remove(watched, watched.ids[-MANY:])
    await watched.poll()
    for _ in range(2):
        await restart(watched)
        await watched.poll(after=25)
    assert not watched.reported
    await restart(watched)
    await watched.poll(after=11)
    assert sorted(watched.reported) == sorted(wanted)


async def test_removed_before_it_could_be_played(watched: Watched) -> None:
    """A poll has shown its end, and before anybody asks for the video, it is gone."""
    camera = watched.camera
    recording_id = camera.start_recording()
    await watched.poll()
    camera.end_recording(recording_id)
    watched.freezer.tick(10)
    snapshot = await watched.follower.watch.poll()
    camera.remove_recording(recording_id)
    await watched.follower.tracker.process(snapshot)
    await watched.poll(times=2)
    assert watched.reported == [
        (kind, recording_id) for kind in ("started", "finished", "removed")
    ]


async def test_removed_before_its_disk_is_lost(watched: Watched) -> None:
    """It was missing already, so the loss has not interrupted it."""
    camera = watched.camera
    recording_id = camera.start_recording()
    await watched.poll()
    camera.end_recording(recording_id)
    wanted = [("started", recording_id)]
    wanted += remove(watched, [recording_id, *watched.ids[-4:]])
    await watched.poll()
    card = camera.detach_disk("SD_DISK")
    await watched.poll(times=6)
    assert watched.reported == wanted[:1]
    camera.attach_disk(card)
    await watched.poll(times=9)
    assert sorted(watched.reported) == sorted(wanted)


@pytest.mark.parametrize("is_restarted", [False, True])
async def test_began_after_a_start_that_was_seen(
    watched: Watched, *, is_restarted: bool
) -> None:
    """The clock is set forward, something else is in doubt: it was not that start that has ended it."""
    camera = watched.camera
    gone = remove(watched, watched.ids[-MANY:])
    await watched.poll()
    watched.freezer.tick(2)
    camera.reboot()
    watched.freezer.tick(35)
    await watched.poll(times=2)
    if is_restarted:
        await restart(watched)
    watched.freezer.tick(2)
    recording_id = camera.start_recording()
    watched.freezer.tick(2)
    camera.end_recording(recording_id)
    camera.clock.offset += timedelta(minutes=3)
    await watched.poll(times=9)
    assert sorted(watched.reported) == sorted(
        [("started", recording_id), ("finished", recording_id), *gone]
    )


@pytest.mark.parametrize("restarts", [1, 2])
async def test_restarts_without_a_poll(watched: Watched, restarts: int) -> None:
    """Nobody has polled for more than a minute, in which the list may have been whole."""
    watched.camera.listed_part = 0.0
    await watched.poll()
    await watched.poll(after=5)
    for _ in range(restarts):
        await watched.follower.stop()
        watched.freezer.tick(110 / restarts)
        await watched.follower.start()
    await watched.poll(after=5)
    assert not watched.reported
