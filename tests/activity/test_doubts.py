"""For how long something has to be missing until it is certain."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from custom_components.axis_recordings.activity.doubts import Doubts
from custom_components.axis_recordings.vapix import RecordingKey

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory

FIRST, SECOND = (RecordingKey("SD_DISK", each) for each in "12")


def test_time_makes_certain(freezer: FrozenDateTimeFactory) -> None:
    """Each by itself, and from the beginning once it has been there again."""
    doubts = Doubts()
    assert not doubts.is_certain(FIRST)
    freezer.tick(20)
    assert not doubts.is_certain(SECOND)
    assert (doubts.due, doubts.waiting) == (set(), {FIRST, SECOND})
    freezer.tick(10)
    assert (doubts.due, doubts.waiting) == ({FIRST}, {SECOND})
    assert doubts.is_certain(FIRST)
    assert not doubts.is_certain(FIRST, 60)
    doubts.forget(doubts.due)
    assert list(doubts) == [SECOND]
    assert not doubts.is_certain(FIRST)


def test_start_of_the_camera(freezer: FrozenDateTimeFactory) -> None:
    """What was missing before it counts from it."""
    doubts = Doubts()
    doubts.is_certain(FIRST)
    freezer.tick(100)
    doubts.begin_at_start(1000)
    assert doubts.is_certain(FIRST)
    doubts.begin_at_start(10)
    assert not doubts.is_certain(FIRST)
    freezer.tick(20)
    assert doubts.is_certain(FIRST)


def test_restart(freezer: FrozenDateTimeFactory) -> None:
    """The time of a restart counts; a clock that was set back meanwhile makes nothing certain early."""
    doubts = Doubts()
    doubts.is_certain(FIRST)
    freezer.tick(10)
    times = doubts.times()
    freezer.tick(15)
    after = Doubts()
    after.recall(times | {SECOND: times[FIRST] + timedelta(hours=1)}, None)
    assert not after.is_certain(FIRST)
    freezer.tick(5)
    assert after.is_certain(FIRST)
    assert not after.is_certain(SECOND)


@pytest.mark.parametrize("is_restarted", [False, True])
def test_long_pause(freezer: FrozenDateTimeFactory, *, is_restarted: bool) -> None:
    """What was missing twice, with hours in between, may have been there meanwhile."""
    doubts = Doubts()
    doubts.note_poll()
    doubts.is_certain(FIRST)
    times, polled = doubts.times(), doubts.polled
    freezer.tick(5400)
    if is_restarted:
        doubts = Doubts()
        doubts.recall(times, polled)
    doubts.note_poll()
    assert not doubts.is_certain(FIRST)
    freezer.tick(30)
    doubts.note_poll()
    assert doubts.is_certain(FIRST)
