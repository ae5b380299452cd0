"""What a clock has shown, and what became of that."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.axis_recordings.activity.clock import (
    MOST_SETTINGS,
    ClockHistory,
    OurClock,
)
from custom_components.axis_recordings.activity.models import PollTime

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def poll(minutes: float, ahead: float) -> PollTime:
    """Return a poll so many minutes after noon, at a clock that is so many minutes ahead."""
    time = NOON + timedelta(minutes=minutes)
    return PollTime(time=time, camera_time=time + timedelta(minutes=ahead))


@pytest.mark.parametrize(
    ("since", "wanted"),
    [
        (-5, [0, 12, -3, 0]),
        (0, [0, 12, -3, 0]),
        (3, [12, -3, 0]),
        # From here on, the clock is no longer 12 minutes ahead.
        (4, [-3, 0]),
        (9, [0]),
    ],
)
def test_offsets(since: float, wanted: list[float]) -> None:
    """All that was shown at a time or later counts, and nothing that had ended before."""
    history = ClockHistory()
    for each in (poll(0, 0), poll(2, 12), poll(4, -3), poll(6, 0)):
        assert history.note(each)
    assert history.offsets_since(NOON + timedelta(minutes=since)) == [
        timedelta(minutes=each) for each in wanted
    ]


@pytest.mark.parametrize(
    ("until", "wanted"),
    [
        (0.5, [0.5]),
        # At that moment it was not yet three minutes ahead.
        (3.5, []),
        (4.5, [1.5]),
        (1.5, [1.5]),
        (9.0, [6]),
        (1.8, [1.8]),
    ],
)
def test_passed(until: float, wanted: list[float]) -> None:
    """A time of the camera's is one of ours by how its clock can have been set then."""
    history = ClockHistory()
    for each in (poll(0, 0), poll(1, 0), poll(2, 3)):
        history.note(each)
    times = history.passed(NOON, NOON + timedelta(minutes=until))
    assert list(times) == [timedelta(minutes=each) for each in wanted]


def test_passed_before_a_restart() -> None:
    """Of what was noted earlier, only the first time is known at which it was shown."""
    history = ClockHistory([poll(0, 0), poll(2, 3)])
    times = history.passed(NOON, NOON + timedelta(minutes=3.5))
    assert list(times) == [timedelta(minutes=0.5)]


def test_nothing_noted() -> None:
    """Nothing is known of the clock then."""
    assert ClockHistory().offsets_since(NOON) == []
    assert not [*ClockHistory().passed(NOON, NOON)]


def test_clock_that_is_only_read_late() -> None:
    """An answer that takes a second sets no clock."""
    history = ClockHistory()
    assert [history.note(poll(each, (each % 2) / 60)) for each in range(4)] == [
        True,
        False,
        False,
        False,
    ]


def test_clock_without_rest() -> None:
    """A clock that shows something else at every poll fills no memory."""
    history = ClockHistory()
    for each in range(3 * MOST_SETTINGS):
        history.note(poll(each, each))
    assert len(history.polls) == MOST_SETTINGS
    assert len(history.offsets_since(NOON)) == MOST_SETTINGS


@pytest.mark.parametrize(
    ("passed", "ours", "cameras", "by"),
    [
        (60, 60, 60, 0),
        (60, 61, 59, 0),
        # Only ours was set.
        (60, 3660, 61, 3600),
        (60, -3540, 59, -3600),
        # Only the camera's was.
        (60, 60, 3660, 0),
        # The machine has slept.
        (60, 3660, 3660, 0),
        # Both were.
        (60, 3660, -3540, 0),
    ],
)
def test_our_clock(passed: int, ours: int, cameras: int, by: int) -> None:
    """It was set where it disagrees with the camera's and the monotonic one."""
    clock = OurClock()
    clock.note(poll(0, 12), 1000)
    now = NOON + timedelta(seconds=ours)
    then = NOON + timedelta(minutes=12, seconds=cameras)
    found = clock.setting(PollTime(time=now, camera_time=then), 1000 + passed)
    assert found == timedelta(seconds=by)
    assert OurClock().setting(poll(0, 0), 0) == timedelta(0)
