"""Months, years, and ranges of days in a query: November 2025, Nov 20-22, 20 to 22 November."""

from datetime import date
from typing import TYPE_CHECKING, Final

from ..recordings.days import day_span, month_span, year_span
from ..recordings.extent import TimeRange
from .days import (
    HOUR_WORDS,
    MONTHS,
    OF,
    date_of_month,
    is_last_one,
    read_date,
    read_number_of_day,
    read_number_of_year,
)
from .figures import MonthOfYear, Ordinal, Pair, make_date
from .parts import Part
from .spans import Times
from .vocabulary import Kind

if TYPE_CHECKING:
    from .spans import Present
    from .symbols import Symbols

    type _Days = tuple[int, int, Part] | None

_BEFORE_DAYS: Final = (Kind.FROM, Kind.BETWEEN, Kind.ON)


def read_month(
    symbols: Symbols, place: int, present: Present
) -> tuple[int, Part] | None:
    """Return a month, with or without its year, and the place after it; None if there is none."""
    if isinstance(figure := symbols[place].figure, MonthOfYear):
        return place + 1, _whole(month_span(figure.first, present.zone))
    is_last = symbols.has(place, Kind.LAST)
    start = place + is_last
    if (month := symbols.meaning(start, *MONTHS)) is None:
        return None
    end = start + 1
    if start == place and is_last_one(symbols, end):
        is_last, end = True, end + 1
    after = symbols.after(end, *OF)
    if year := read_number_of_year(symbols, after):
        return after + 1, _whole(month_span(date(year, month.number, 1), present.zone))
    is_weak = month.kind is Kind.MONTH_SHORT and not symbols.has(place - 1, Kind.ON)
    times = present.months(month.number, is_last=is_last)
    return end, Part(times=times, is_weak=is_weak)


def read_year(
    symbols: Symbols, place: int, present: Present
) -> tuple[int, Part] | None:
    """Return a year in digits, which is a mere number where no range begins or ends with it."""
    if (year := read_number_of_year(symbols, place)) is None:
        return None
    return place + 1, _whole(year_span(date(year, 1, 1), present.zone))


def read_days(
    symbols: Symbols, place: int, present: Present
) -> tuple[int, Part] | None:
    """Return a range of days whose month is named once: 20 to 22 November, Nov 20-22, 20.-22.11."""
    start = symbols.after(place, *_BEFORE_DAYS)
    joints = (Kind.TO, Kind.AND) if symbols.has(place, Kind.BETWEEN) else (Kind.TO,)
    found = (
        _pair(symbols, start, present)
        or _number_and_date(symbols, start, present, joints)
        or _date_and_number(symbols, start, present, joints)
    )
    if found is None:
        return None
    end, first, last = found
    firsts = (
        make_date(each.year, each.month, first, month_first=True) for each in last.days
    )
    times = tuple(
        Times(TimeRange(_day(begin, present).start, _day(day, present).end))
        for begin, day in zip(firsts, last.days, strict=True)
        if begin and begin < day
    )
    return (end, Part(times=times)) if times else None


def _pair(symbols: Symbols, place: int, present: Present) -> _Days:
    """Read 20-22 November, or November 20-22: what is behind it, the first day, and the last one as a date."""
    if month := symbols.meaning(place, *MONTHS):
        pair, end = symbols[place + 1].figure, place + 2
        if symbols.has(end, *HOUR_WORDS):
            return None
    else:
        pair, after = symbols[place].figure, symbols.after(place + 1, *OF)
        month, end = symbols.meaning(after, *MONTHS), after + 1
    if month is None or not (isinstance(pair, Pair) and pair.separator == "-"):
        return None
    found = date_of_month(symbols, end, present, month.number, pair.second)
    return (found[0], pair.first, found[1]) if found else None


def _number_and_date(
    symbols: Symbols, place: int, present: Present, joints: tuple[Kind, ...]
) -> _Days:
    """Read 20 to 22 November."""
    first = read_number_of_day(symbols, place)
    if first is None or not symbols.has(place + 1, *joints):
        return None
    after = symbols.after(place + 2, Kind.ON)
    is_day = isinstance(symbols[place].figure, Ordinal)
    if not is_day and _may_be_clock(symbols, after):
        return None
    found = read_date(symbols, after, present)
    if found is None or _has_no_month(symbols, after, found[0]):
        return None
    return found[0], first, found[1]


def _date_and_number(
    symbols: Symbols, place: int, present: Present, joints: tuple[Kind, ...]
) -> _Days:
    """Read November 20 to 22."""
    may_be_clock = _may_be_clock(symbols, place)
    found = None if may_be_clock else read_date(symbols, place, present)
    if found is None or _has_no_month(symbols, place, found[0]):
        return None
    joint, begin = found
    after = symbols.after(joint + 1, Kind.ON)
    last, day = read_number_of_day(symbols, after), begin.days[0]
    is_joined = symbols.has(joint, *joints)
    if last is None or not is_joined or symbols.has(after + 1, *HOUR_WORDS, Kind.UNIT):
        return None
    if (full := read_date(symbols, after, present)) and full[0] > after + 1:
        # November 20 to 22 December.
        return None
    found = date_of_month(symbols, after + 1, present, day.month, last)
    if found is None:
        return None
    days = tuple(
        each
        for each in found[1].days
        if make_date(each.year, each.month, day.day, month_first=True) in begin.days
    )
    return found[0], day.day, Part(days=days)


def _may_be_clock(symbols: Symbols, place: int) -> bool:
    """Return whether 10.30 is to be taken for a time rather than for a day."""
    match symbols[place].figure:
        case Pair(separator=".", is_closed=False):
            return True
        case _:
            return False


def _has_no_month(symbols: Symbols, start: int, end: int) -> bool:
    """Return whether a date is the number of a day alone."""
    return end == start + 1 and read_number_of_day(symbols, start) is not None


def _day(day: date, present: Present) -> TimeRange:
    return day_span(day, present.zone)


def _whole(span: TimeRange) -> Part:
    return Part(times=(Times(span),))
