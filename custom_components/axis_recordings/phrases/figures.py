"""Dates and times that are written in digits."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
import re
from typing import Final

from ..recordings.days import read_day, read_month
from ..vapix.times import is_usable

_CLOCK: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?", re.ASCII)
_HOUR_AND_MINUTE: Final = re.compile(r"([01]?\d|2[0-3])[hu]([0-5]\d)", re.ASCII)
_ISO_TIME: Final = re.compile(
    r"\d{4}-\d\d-\d\dt\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:z|[+-]\d\d:\d\d)?", re.ASCII
)
_YEAR_FIRST: Final = re.compile(r"(\d{4})[./](\d{1,2})[./](\d{1,2})\.?", re.ASCII)
_YEAR_LAST: Final = re.compile(
    r"(\d{1,2})(?:[./](\d{1,2})[./](\d{4}|\d\d)|-(\d{1,2})-(\d{4}))", re.ASCII
)
_PAIR: Final = re.compile(r"(\d{1,2})([./-])(\d{1,2})(\.?)", re.ASCII)
_NUMBER: Final = re.compile(r"\d{1,4}", re.ASCII)
_ORDINAL: Final = re.compile(r"(\d{1,2})(?:\.|st|nd|rd|th|er|e|:[ea])", re.ASCII)
_LAST_DAY_OF_ANY_MONTH: Final = 31
_CENTURY: Final = 2000


@dataclass(frozen=True, slots=True)
class Number:
    """A number of up to four digits."""

    value: int


@dataclass(frozen=True, slots=True)
class Ordinal:
    """A day of a month, as in 26th."""

    value: int


@dataclass(frozen=True, slots=True)
class Pair:
    """Two numbers: a day and a month, an hour and a minute, or two hours."""

    first: int
    second: int
    separator: str
    is_closed: bool
    """Whether a dot follows, as after 26.11. for example."""
    is_padded: bool
    """Whether the second one has two digits."""


@dataclass(frozen=True, slots=True)
class ClockTime:
    """A time of day, in seconds."""

    seconds: int
    length: int
    """How long a clock shows it: a minute or a second."""


@dataclass(frozen=True, slots=True)
class MonthOfYear:
    """A month, by its first day."""

    first: date


type Figure = Number | Ordinal | Pair | ClockTime | MonthOfYear | date | datetime


def read_figure(text: str, *, month_first: bool) -> Figure | None:
    """Return what a word of digits and signs means; None if it makes no sense.

    A datetime is aware and in UTC. A date is one that no year is missing from.
    """
    return (
        read_day(text)
        or _read_whole_date(text, month_first=month_first)
        or _read_month(text)
        or _read_clock(text)
        or _read_iso_time(text)
        or _read_pair(text)
        or _read_number(text)
    )


def read_local_time(text: str) -> tuple[date, ClockTime] | None:
    """Return the day and time of an ISO 8601 time without an offset."""
    if not _ISO_TIME.fullmatch(text):
        return None
    try:
        time = datetime.fromisoformat(text.upper())
    except ValueError:
        return None
    if time.tzinfo is not None or not read_day(str(time.date())):
        return None
    clock = _clock_time(
        time.hour, time.minute, time.second, has_seconds=bool(time.second)
    )
    return time.date(), clock


def make_date(year: int, first: int, second: int, *, month_first: bool) -> date | None:
    """Return the day of a year by its month and day, in the other order if that makes no sense."""
    orders = [(first, second), (second, first)]
    for month, day in orders if month_first else reversed(orders):
        if found := read_day(f"{year:04}-{month:02}-{day:02}"):
            return found
    return None


def _read_whole_date(text: str, *, month_first: bool) -> date | None:
    if found := _YEAR_FIRST.fullmatch(text):
        return make_date(*map(int, found.groups()), month_first=True)
    if found := _YEAR_LAST.fullmatch(text):
        first, second, year = (int(each) for each in found.groups() if each)
        if year < 100:  # noqa: PLR2004
            year += _CENTURY
        return make_date(year, first, second, month_first=month_first)
    return None


def _read_month(text: str) -> MonthOfYear | None:
    month = read_month(text)
    return MonthOfYear(month) if month else None


def _read_clock(text: str) -> ClockTime | None:
    found = _CLOCK.fullmatch(text) or _HOUR_AND_MINUTE.fullmatch(text)
    if found is None:
        return None
    hour, minute, *seconds = (int(each) for each in found.groups() if each)
    return _clock_time(hour, minute, sum(seconds), has_seconds=bool(seconds))


def _clock_time(hour: int, minute: int, second: int, *, has_seconds: bool) -> ClockTime:
    seconds = hour * 3600 + minute * 60 + second
    return ClockTime(seconds, 1 if has_seconds else 60)


def _read_iso_time(text: str) -> datetime | None:
    if not _ISO_TIME.fullmatch(text):
        return None
    try:
        time = datetime.fromisoformat(text.upper())
        if time.tzinfo is None:
            return None
        time = time.astimezone(UTC)
    except ValueError, OverflowError:
        return None
    return time if is_usable(time) else None


def _read_pair(text: str) -> Pair | None:
    if (found := _PAIR.fullmatch(text)) is None:
        return None
    first, separator, second, dot = found.groups()
    return Pair(int(first), int(second), separator, bool(dot), len(second) > len("9"))


def _read_number(text: str) -> Number | Ordinal | None:
    if found := _ORDINAL.fullmatch(text):
        day = int(found[1])
        return Ordinal(day) if 1 <= day <= _LAST_DAY_OF_ANY_MONTH else None
    return Number(int(text)) if _NUMBER.fullmatch(text) else None
