"""Days, months and slices of the camera's local time, whatever its clocks do in spring and autumn."""

from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from ..vapix.times import FIRST_YEAR, LAST_YEAR
from .extent import SHORTEST_SLICE, SLICE, TimeRange

if TYPE_CHECKING:
    from collections.abc import Iterator

ONE_DAY: Final = timedelta(days=1)
# A longer list of days is hard to read: older ones are found by their month.
MOST_DAYS: Final = 31
# A camera whose clock was wrong tells of years that nobody has lived.
MOST_LISTED_DAYS: Final = 5000


def day_of(moment: datetime, zone: tzinfo) -> date:
    """Return the day of a moment."""
    return moment.astimezone(zone).date()


def day_span(day: date, zone: tzinfo) -> TimeRange:
    """Return a day from midnight to midnight: 24 hours as a rule, 23 or 25 where clocks change."""
    return TimeRange(_midnight(day, zone), _midnight(day + ONE_DAY, zone))


def year_span(year: date, zone: tzinfo) -> TimeRange:
    """Return a year, which is named by its first day."""
    return TimeRange(
        _midnight(year, zone), _midnight(year.replace(year=year.year + 1), zone)
    )


def month_span(month: date, zone: tzinfo) -> TimeRange:
    """Return a month, which is named by its first day."""
    return TimeRange(_midnight(month, zone), _midnight(_next_month(month), zone))


class Stretch(StrEnum):
    """What a calendar divides time into. Each stretch is known by its first day."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"

    def of(self, day: date) -> date:
        """Return the first day of the stretch that holds a day."""
        if self is Stretch.DAY:
            return day
        return (
            day.replace(day=1) if self is Stretch.MONTH else day.replace(month=1, day=1)
        )

    def span(self, first: date, zone: tzinfo) -> TimeRange:
        """Return from when to when it lasts."""
        if self is Stretch.DAY:
            return day_span(first, zone)
        return (
            month_span(first, zone) if self is Stretch.MONTH else year_span(first, zone)
        )

    def name_of(self, first: date) -> str:
        """Return its name, as read_day, read_month, or read_year takes it."""
        length = {Stretch.DAY: 10, Stretch.MONTH: 7, Stretch.YEAR: 4}[self]
        return first.isoformat()[:length]


def read_day(text: str) -> date | None:
    """Return the day that is written as 2026-11-23, or None."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    # There are other forms in ISO 8601, and years at which nothing can be calculated.
    return day if text == str(day) and FIRST_YEAR <= day.year <= LAST_YEAR else None


def read_year(text: str) -> date | None:
    """Return the first day of a year that is written as 2026, or None."""
    return read_day(f"{text}-01-01")


def read_month(text: str) -> date | None:
    """Return the first day of a month that is written as 2026-11, or None."""
    return read_day(f"{text}-01")


def days_between(first: date, last: date) -> list[date]:
    """Return the days from the first to the last, newest first; of too many, the newest."""
    number_of_days = min((last - first).days + 1, MOST_LISTED_DAYS)
    return [last - number * ONE_DAY for number in range(number_of_days)]


def slices(span: TimeRange) -> Iterator[TimeRange]:
    """Cut a stretch of time at every round five minutes, oldest first.

    All clocks differ by whole quarters of an hour, so what is round in UTC is round everywhere.
    """
    start = span.start
    while start < span.end:
        end = slice_start(start) + SLICE
        if end - start < SHORTEST_SLICE:
            end += SLICE
        if span.end - end < SHORTEST_SLICE:
            end = span.end
        yield TimeRange(start, end)
        start = end


def slice_start(moment: datetime) -> datetime:
    """Return when the slice begins in which a moment lies."""
    return moment - (moment - datetime.min.replace(tzinfo=UTC)) % SLICE


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def _next_month(month: date) -> date:
    return (month + 31 * ONE_DAY).replace(day=1)
