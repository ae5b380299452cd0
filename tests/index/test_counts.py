"""How many recordings began when, and where they fall into two halves."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from custom_components.axis_recordings.index.counts import Half, StartCounts

from .made import made, write

if TYPE_CHECKING:
    from custom_components.axis_recordings.index.store import RecordingIndex

NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)
OTHER_DISK = {"disk_id": "NetworkShare"}


def at(second: float) -> datetime:
    """Return a time after noon."""
    return NOON + timedelta(seconds=second)


def write_starts(index: RecordingIndex, *seconds: float) -> None:
    """Let recordings have begun so many seconds after noon."""
    write(index, *(made(each, start=at(second)) for each, second in enumerate(seconds)))


def test_spans(index: RecordingIndex) -> None:
    """A span ends with the moment of its end, and does not begin with that of its beginning."""
    write_starts(index, 0, 10, 10, 20.5)
    write(index, made(9, start=None))
    counts = StartCounts(index, {"SD_DISK"}, ())
    assert counts.count(None, None) == 4
    assert counts.count(None, at(10)) == 3
    assert counts.count(at(10), None) == 1
    assert counts.count(at(0), at(10)) == 2
    assert counts.count(at(30), None) == 0
    assert counts.keys(at(0), at(10)) == {made(1).key, made(2).key}


def test_left_out(index: RecordingIndex) -> None:
    """What is on other disks, and what is in doubt."""
    write(index, *(made(each) for each in range(5)), made(7, **OTHER_DISK))
    (doubted,) = index.find([made(3).key]).values()
    assert StartCounts(index, {"SD_DISK", "NetworkShare"}, ()).count(None, None) == 6
    assert StartCounts(index, {"SD_DISK"}, ()).count(None, None) == 5
    counts = StartCounts(index, {"NetworkShare"}, {doubted.number})
    assert counts.keys(None, None) == {made(7, **OTHER_DISK).key}
    counts = StartCounts(index, {"SD_DISK"}, {doubted.number})
    assert counts.count(None, None) == 4
    assert doubted.recording.key not in counts.keys(None, None)


@pytest.mark.parametrize(
    ("seconds", "half"),
    [
        ((), None),
        ((0,), None),
        ((0, 10), Half(at(2), 1)),
        ((0.9, 10, 20, 30), Half(at(12), 2)),
        ((0.2, 1.9), None),
        ((0.2, 2), None),
        ((0.2, 2.1), Half(at(2), 1)),
        ((0, 0, 0, 0, 9), Half(at(2), 4)),
        ((0, *[8] * 9), Half(at(2), 1)),
    ],
)
def test_halves(
    index: RecordingIndex, seconds: tuple[float, ...], half: Half | None
) -> None:
    """They are as even as pauses allow in which whole seconds distinguish them."""
    write_starts(index, *seconds)
    counts = StartCounts(index, {"SD_DISK"}, ())
    assert counts.halve(None, None, len(seconds)) == half
    if half:
        assert counts.count(None, half.until) == half.number


def test_halves_of_many(index: RecordingIndex) -> None:
    """They can be halved again, up to single ones."""
    write_starts(index, *(5.3 * each for each in range(700)))
    counts = StartCounts(index, {"SD_DISK"}, ())
    after, until, number = None, None, 700
    halved = 0
    while half := counts.halve(after, until, number):
        assert half.number == number // 2 == counts.count(after, half.until)
        halved += 1
        if halved % 2:
            after, number = half.until, number - half.number
        else:
            until, number = half.until, half.number
    assert number == 1
    assert halved == 10
