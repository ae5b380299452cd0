"""Much happens at once: what is in doubt neither hides nor colors what else is told."""

from datetime import timedelta

import pytest

from .test_short_lists import Watched, watched

__all__ = ["watched"]

pytestmark = pytest.mark.parametrize("watched", ["operator"], indirect=True)

MANY = 12


def remove(watched: Watched, ids: list[str]) -> list[tuple[str, str]]:
    """Remove some, and return what is to be told of that."""
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
    await watched.look(times=9)
    assert sorted(watched.told) == sorted([("started", recording_id), *wanted])


@pytest.mark.parametrize("is_restarted", [False, True])
async def test_starts_of_the_camera_before_it_began(
    watched: Watched, is_restarted: bool
) -> None:
    """Something has been in doubt since then, and the clock was set: yet it was no start that ended it."""
    camera = watched.camera
    wanted = remove(watched, watched.ids[-MANY:])
    await watched.look()
    watched.freezer.tick(2)
    camera.reboot()
    watched.freezer.tick(35)
    recording_id = camera.start_recording()
    await watched.look()
    if is_restarted:
        await restart(watched)
    camera.end_recording(recording_id)
    camera.clock.offset += timedelta(minutes=7)
    await watched.look(times=9)
    assert sorted(watched.told) == sorted(
        [("started", recording_id), ("finished", recording_id), *wanted]
    )


async def test_removed_one_by_one(watched: Watched) -> None:
    """Many are in doubt for a minute, which says nothing of one that is removed by hand meanwhile."""
    many = remove(watched, watched.ids[-MANY:])
    await watched.look()
    one = remove(watched, [watched.ids[5]])
    await watched.look()
    assert watched.told == one
    other = remove(watched, [watched.ids[5]])
    await watched.look()
    assert watched.told == [*one, *other]
    await watched.look(times=6)
    assert sorted(watched.told) == sorted([*one, *other, *many])


async def test_doubt_outlives_a_restart(watched: Watched) -> None:
    """Home Assistant may be restarted as often as it likes."""
    wanted = remove(watched, watched.ids[-MANY:])
    await watched.look()
    for _ in range(2):
        await restart(watched)
        await watched.look(after=25)
    assert not watched.told
    await restart(watched)
    await watched.look(after=11)
    assert sorted(watched.told) == sorted(wanted)


async def test_removed_before_it_could_be_played(watched: Watched) -> None:
    """A poll has shown its end, and before anybody asks for the film, it is gone."""
    camera = watched.camera
    recording_id = camera.start_recording()
    await watched.look()
    camera.end_recording(recording_id)
    watched.freezer.tick(10)
    snapshot = await watched.follower.watch.poll()
    camera.remove_recording(recording_id)
    await watched.follower.observer.look(snapshot)
    await watched.look(times=2)
    assert watched.told == [
        (kind, recording_id) for kind in ("started", "finished", "removed")
    ]


async def test_removed_before_its_disk_is_lost(watched: Watched) -> None:
    """It was missing already, so the loss has not interrupted it."""
    camera = watched.camera
    recording_id = camera.start_recording()
    await watched.look()
    camera.end_recording(recording_id)
    wanted = [("started", recording_id)]
    wanted += remove(watched, [recording_id, *watched.ids[-4:]])
    await watched.look()
    card = camera.detach_disk("SD_DISK")
    await watched.look(times=6)
    assert watched.told == wanted[:1]
    camera.attach_disk(card)
    await watched.look(times=9)
    assert sorted(watched.told) == sorted(wanted)


@pytest.mark.parametrize("is_restarted", [False, True])
async def test_began_after_a_start_that_was_seen(
    watched: Watched, *, is_restarted: bool
) -> None:
    """The clock is set forward, something else is in doubt: it was not that start that has ended it."""
    camera = watched.camera
    gone = remove(watched, watched.ids[-MANY:])
    await watched.look()
    watched.freezer.tick(2)
    camera.reboot()
    watched.freezer.tick(35)
    await watched.look(times=2)
    if is_restarted:
        await restart(watched)
    watched.freezer.tick(2)
    recording_id = camera.start_recording()
    watched.freezer.tick(2)
    camera.end_recording(recording_id)
    camera.clock.offset += timedelta(minutes=3)
    await watched.look(times=9)
    assert sorted(watched.told) == sorted(
        [("started", recording_id), ("finished", recording_id), *gone]
    )
