"""Days and months in a query: yesterday, Thursday, 26.11., Nov 26, November 2025."""

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from ..recordings.days import ONE_DAY, month_span
from ..recordings.extent import TimeRange
from .figures import MonthOfYear, Number, Ordinal, Pair, make_date
from .parts import Part
from .spans import Times
from .vocabulary import Kind

if TYPE_CHECKING:
    from .spans import Present
    from .symbols import Symbols

_FIRST_YEAR, _LAST_YEAR = 1970, 2999
_LAST_DAY: Final = 31
# A pair of these is no date in any order, and 3-4 is the name of a zone.
_FIRST_LONG_NUMBER: Final = 10
_MONTHS: Final = (Kind.MONTH, Kind.MONTH_SHORT)
_WEEKDAYS: Final = (Kind.WEEKDAY, Kind.WEEKDAY_SHORT, Kind.WEEKDAY_PERIOD)
_HOUR_WORDS: Final = (Kind.AM, Kind.PM, Kind.CLOCK)
_OF: Final = (Kind.ON, Kind.FROM)


def read_day(symbols: Symbols, place: int, present: Present) -> tuple[int, Part] | None:
    """Return a day, perhaps with a part of it, and the place after it; None if there is none."""
    for read in (_date, _relative_day, _day_of_month, _named_day):
        if found := read(symbols, place, present):
            return found
    return None


def read_month(
    symbols: Symbols, place: int, present: Present
) -> tuple[int, Part] | None:
    """Return a month, with or without its year, and the place after it; None if there is none."""
    if isinstance(figure := symbols[place].figure, MonthOfYear):
        return place + 1, Part(times=Times(month_span(figure.first, present.zone)))
    is_last = symbols.has(place, Kind.LAST)
    start = place + is_last
    if (month := symbols.meaning(start, *_MONTHS)) is None:
        return None
    end = start + 1
    if start == place and _is_last_one(symbols, end):
        is_last, end = True, end + 1
    after = symbols.after(end, *_OF)
    if year := _year(symbols, after):
        span = month_span(date(year, month.number, 1), present.zone)
        return after + 1, Part(times=Times(span))
    is_weak = month.kind is Kind.MONTH_SHORT and not symbols.has(place - 1, Kind.ON)
    span = present.month(month.number, is_last=is_last)
    return end, Part(times=Times(span), is_weak=is_weak)


def read_unit(symbols: Symbols, place: int) -> str | None:
    """Return the name of a unit of time."""
    if meaning := symbols.meaning(place, Kind.UNIT):
        return meaning.name
    return "hour" if symbols[place].words == ("h",) else None


def _date(symbols: Symbols, place: int, present: Present) -> tuple[int, Part] | None:
    """Read a day in digits."""
    match symbols[place].figure:
        case datetime() as moment:
            span = TimeRange(moment, moment + timedelta(minutes=1))
            return place + 1, Part(times=Times(span, (moment,)))
        case date() as day:
            return place + 1, Part(days=(day,), is_date=True)
        case Pair(first, second, separator, is_closed, is_padded) if (
            separator != "-" or (is_padded and first >= _FIRST_LONG_NUMBER)
        ):
            days, end = present.days_of_year(first, second), place + 1
            if is_closed and (year := _year(symbols, end)):
                found = make_date(year, first, second, month_first=present.month_first)
                days, end = (found,) if found else (), end + 1
            return (end, Part(days=days, is_date=True)) if days else None
        case _:
            return None


def _relative_day(
    symbols: Symbols, place: int, present: Present
) -> tuple[int, Part] | None:
    """Read a day by how far back it is, perhaps with a part of it in the same word."""
    if day := symbols.meaning(place, Kind.DAY_PERIOD):
        return place + 1, _part_of_day(present, day.number, day.name)
    if day := symbols.meaning(place, Kind.DAY):
        return place + 1, Part(days=(present.today + day.number * ONE_DAY,))
    return None


def _named_day(
    symbols: Symbols, place: int, present: Present
) -> tuple[int, Part] | None:
    """Read a weekday, or the last or this night."""
    is_last, is_this = symbols.has(place, Kind.LAST), symbols.has(place, Kind.THIS)
    start = place + (is_last or is_this)
    end = start + 1
    if start == place and _is_last_one(symbols, end):
        is_last, end = True, end + 1
    weekday = symbols.meaning(start, *_WEEKDAYS)
    if weekday and not (symbols.has(start, Kind.MONTH_SHORT) and _year(symbols, end)):
        is_weak = (
            weekday.kind is Kind.WEEKDAY_SHORT
            and end == place + 1
            and not symbols.has(place - 1, Kind.ON)
        )
        days = present.weekdays(weekday.number, is_last=is_last)
        return end, Part(days=days, period=weekday.name, is_weak=is_weak)
    period = symbols.meaning(start, Kind.PERIOD)
    if period and (is_last or is_this):
        return end, _part_of_day(present, -1 if is_last else 0, period.name)
    return None


def _day_of_month(
    symbols: Symbols, place: int, present: Present
) -> tuple[int, Part] | None:
    """Read a month and a day in either order, or the day alone after a word for that."""
    if month := symbols.meaning(place, *_MONTHS):
        day, end = _number_of_day(symbols, place + 1), place + 2
        if day is None or symbols.has(end, *_HOUR_WORDS):
            return None
        return _with_year(symbols, end, present, month.number, day)
    if (day := _number_of_day(symbols, place)) is None:
        return None
    after = symbols.after(place + 1, *_OF)
    if month := symbols.meaning(after, *_MONTHS):
        return _with_year(symbols, after + 1, present, month.number, day)
    is_ordinal = isinstance(symbols[place].figure, Ordinal)
    if is_ordinal and symbols.has(place - 1, Kind.ON):
        return place + 1, Part(days=present.ordinals(day), is_date=True)
    return None


def _with_year(
    symbols: Symbols, place: int, present: Present, month: int, day: int
) -> tuple[int, Part] | None:
    """Return a day of a month, with the year that follows or without."""
    days = present.days_of_month(month, day)
    after = symbols.after(place, *_OF)
    if year := _year(symbols, after):
        found = make_date(year, month, day, month_first=True)
        days, place = (found,) if found else (), after + 1
    return (place, Part(days=days, is_date=True)) if days else None


def _part_of_day(present: Present, offset: int, period: str) -> Part:
    day = present.today + offset * ONE_DAY
    return Part(days=(day,), period=period, is_one_night=True)


def _is_last_one(symbols: Symbols, place: int) -> bool:
    """Return whether what stands before is the last of its kind, and not in a last week."""
    return symbols.has(place, Kind.LAST) and read_unit(symbols, place + 1) is None


def _number_of_day(symbols: Symbols, place: int) -> int | None:
    match symbols[place].figure:
        case Number(value) | Ordinal(value) if value <= _LAST_DAY:
            return value
        case _:
            return None


def _year(symbols: Symbols, place: int) -> int | None:
    match symbols[place].figure:
        case Number(value) if _FIRST_YEAR <= value <= _LAST_YEAR:
            return value
        case _:
            return None
