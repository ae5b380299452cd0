"""Which recordings a folder holds."""

from custom_components.axis_recordings.media.filter import MediaFilter
from custom_components.axis_recordings.recordings.extent import TimeRange

from .browsing import DAY, HOUR, NOON


def test_scopes() -> None:
    """Two windows leave what they have in common."""
    scope = MediaFilter(start=NOON, end=NOON + HOUR, disk="SD_DISK")
    half = scope.within(TimeRange(NOON - HOUR, NOON + HOUR / 2))
    assert half == MediaFilter(start=NOON, end=NOON + HOUR / 2, disk="SD_DISK")
    assert not half.is_empty
    assert scope.within(TimeRange(NOON + HOUR, NOON + DAY)).is_empty
    assert not MediaFilter().is_empty


def test_holds() -> None:
    """The end is the first moment that no longer belongs to it."""
    scope = MediaFilter(start=NOON, end=NOON + HOUR)
    assert [scope.holds(NOON + hours * HOUR) for hours in (-1, 0, 1)] == [
        False,
        True,
        False,
    ]
    assert MediaFilter().holds(NOON)
