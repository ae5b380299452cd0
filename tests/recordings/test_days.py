"""Days, months and slices of local time."""

from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from custom_components.axis_recordings.recordings.days import (
    MOST_LISTED_DAYS,
    Stretch,
    day_of,
    day_span,
    days_between,
    read_day,
    read_month,
    read_year,
    slice_start,
    slices,
)
from custom_components.axis_recordings.recordings.extent import TimeRange
from custom_components.axis_recordings.vapix.times import is_usable
from tests.local_days import LocalDay, on_local_days

if TYPE_CHECKING:
    from collections.abc import Callable

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ROUND = datetime(2026, 11, 24, 12, tzinfo=UTC)


@on_local_days
def test_days(day: LocalDay) -> None:
    """A day reaches from midnight to midnight, and the next one begins there."""
    span = day_span(day.date, day.zone)
    assert span == TimeRange(day.start, day.end)
    assert day_of(span.start, day.zone) == day.date
    assert day_of(span.end - timedelta.resolution, day.zone) == day.date
    assert day_of(span.end, day.zone) == day.date + timedelta(days=1)


@pytest.mark.parametrize(
    ("stretch", "first", "name", "read"),
    [
        (Stretch.DAY, date(2028, 2, 29), "2028-02-29", read_day),
        (Stretch.MONTH, date(2028, 2, 1), "2028-02", read_month),
        (Stretch.MONTH, date(2026, 10, 1), "2026-10", read_month),
        (Stretch.MONTH, date(2026, 12, 1), "2026-12", read_month),
        (Stretch.YEAR, date(2028, 1, 1), "2028", read_year),
    ],
)
def test_stretches(
    stretch: Stretch, first: date, name: str, read: Callable[[str], date | None]
) -> None:
    """They are as long as their days together, and have names."""
    zone = ZoneInfo("Europe/Stockholm")
    assert (stretch.name_of(first), read(name)) == (name, first)
    span = stretch.span(first, zone)
    days = days_between(first, day_of(span.end - timedelta.resolution, zone))
    assert span == TimeRange(day_span(first, zone).start, day_span(days[0], zone).end)
    assert {stretch.of(day) for day in days} == {first}
    assert stretch.of(days[0] + timedelta(days=1)) != first


@pytest.mark.parametrize(
    "text",
    [
        *("", "2026", "2026-11", "2026-11-31", "20261124", "2026-W48-1", "2026-11-24 "),
        *("2026-11-24T00:00", "0001-01-01", "9999-12-31", ".."),
    ],
)
def test_no_days(text: str) -> None:
    """Only one form is a day, and only where there is room to count on."""
    assert read_day(text) is None
    assert read_day("2026-11-24") == date(2026, 11, 24)


def test_usable_times() -> None:
    """A camera that lost its clock may list anything."""
    assert is_usable(ROUND)
    assert not is_usable(None)
    assert not is_usable(datetime.min.replace(tzinfo=UTC))
    assert not is_usable(datetime.max.replace(tzinfo=UTC))


@pytest.mark.parametrize(
    ("start", "minutes", "expected"),
    [
        (ROUND, 10, [5, 5]),
        (ROUND + 3 * MINUTE, 10, [2, 5, 3]),
        # Rests of some seconds are no slices of their own.
        (ROUND + 4.8 * MINUTE, 10, [5.2, 4.8]),
        (ROUND, 10.2, [5, 5.2]),
        (ROUND + 4.8 * MINUTE, 0.3, [0.3]),
        (ROUND, 0.1, [0.1]),
    ],
)
def test_slices(start: datetime, minutes: float, expected: list[float]) -> None:
    """They begin at round times and leave nothing out."""
    span = TimeRange(start, start + minutes * MINUTE)
    found = list(slices(span))
    assert [each.duration / MINUTE for each in found] == pytest.approx(expected)
    assert (found[0].start, found[-1].end) == (span.start, span.end)
    for one, next_one in pairwise(found):
        assert one.end == next_one.start == slice_start(next_one.start)


@pytest.mark.parametrize("hours", [-9.5, -3.5, 5.75, 8.75])
def test_slices_are_round_everywhere(hours: float) -> None:
    """Also where clocks differ by quarters of an hour."""
    zone = timezone(timedelta(hours=hours))
    moment = datetime(2026, 11, 24, 12, 34, 56, tzinfo=zone)
    assert slice_start(moment) == datetime(2026, 11, 24, 12, 30, tzinfo=zone)


def test_too_many_days() -> None:
    """Of the thousands of years that a camera may tell of, only the newest days are listed."""
    last = date(9000, 1, 1)
    days = days_between(date(1970, 1, 1), last)
    assert len(days) == MOST_LISTED_DAYS
    assert days[:2] == [last, date(8999, 12, 31)]
