"""Days, months and slices of the camera's local time, whatever its clocks do in spring and autumn."""

from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Final

from ..vapix.times import FIRST_YEAR, LAST_YEAR
from .extent import SHORTEST_SLICE, SLICE, TimeRange

if TYPE_CHECKING:
    from collections.abc import Iterator

ONE_DAY: Final = timedelta(days=1)
# A longer list of days is hard to read: older ones are found by their month.
MOST_DAYS: Final = 31

_MONTH_FORMAT: Final = "%Y-%m"


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


def days_of_month(month: date) -> list[date]:
    """Return all days of a month, newest first."""
    count = (_next_month(month) - month).days
    return [month + number * ONE_DAY for number in reversed(range(count))]


def month_name(month: date) -> str:
    """Return the name of a month as read_month takes it."""
    return month.strftime(_MONTH_FORMAT)


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


def split_days(days: list[date]) -> tuple[list[date], list[date]]:
    """Return the days to show one by one, and the months of the older ones; newest first."""
    older = {day.replace(day=1) for day in days[MOST_DAYS:]}
    return days[:MOST_DAYS], sorted(older, reverse=True)


def days_between(first: date, last: date) -> list[date]:
    """Return all days from the first to the last, newest first."""
    return [last - number * ONE_DAY for number in range((last - first).days + 1)]


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
