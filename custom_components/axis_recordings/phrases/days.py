"""Days and parts of them in a query: yesterday, Thursday evening, 26.11., Nov 26, the 3rd."""

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from ..recordings.days import ONE_DAY
from ..recordings.extent import TimeRange
from .figures import Number, Ordinal, Pair, make_date
from .parts import Part
from .spans import Times
from .vocabulary import Kind

if TYPE_CHECKING:
    from .spans import Present
    from .symbols import Symbols

_FIRST_YEAR, _LAST_YEAR = 1970, 2999
_LAST_DAY: Final = 31
_LAST_MONTH: Final = 12
# A pair of these is no date in any order, and 3-4 is the name of a zone.
_FIRST_LONG_NUMBER: Final = 10
MONTHS: Final = (Kind.MONTH, Kind.MONTH_SHORT)
_WEEKDAYS: Final = (Kind.WEEKDAY, Kind.WEEKDAY_SHORT, Kind.WEEKDAY_PERIOD)
HOUR_WORDS: Final = (Kind.AM, Kind.PM, Kind.CLOCK)
OF: Final = (Kind.ON, Kind.FROM)
_BEFORE_ORDINALS: Final = (
    *(Kind.ON, Kind.FROM, Kind.SINCE),
    *(Kind.TO, Kind.BETWEEN, Kind.AND),
)
# The last one of these is that of the same day, where others are of the day before.
_EARLY: Final = "early"


def read_day(symbols: Symbols, place: int, present: Present) -> tuple[int, Part] | None:
    """Return a day, perhaps with a part of it, and the place after it; None if there is none."""
    for read in (_digits, _relative_day, _day_of_month, _named_day):
        if found := read(symbols, place, present):
            return found
    return None


def read_date(
    symbols: Symbols, place: int, present: Present
) -> tuple[int, Part] | None:
    """Return a day of a month, in digits or by name, and the place after it; None if there is none."""
    for read in (_digits, _day_of_month):
        found = read(symbols, place, present)
        if found and found[1].is_date:
            return found
    return None


def read_number_of_day(symbols: Symbols, place: int) -> int | None:
    """Return which day of a month a number may be."""
    match symbols[place].figure:
        case Number(value) | Ordinal(value) if 1 <= value <= _LAST_DAY:
            return value
        case _:
            return None


def read_number_of_year(symbols: Symbols, place: int) -> int | None:
    """Return which year a number may be."""
    match symbols[place].figure:
        case Number(value) if _FIRST_YEAR <= value <= _LAST_YEAR:
            return value
        case _:
            return None


def is_day_of_month(symbols: Symbols, place: int) -> bool:
    """Return whether a number is a day, as after the Spanish el dia."""
    return symbols.has(place - 1, Kind.ON) and read_unit(symbols, place - 1) == "day"


def read_unit(symbols: Symbols, place: int) -> str | None:
    """Return the name of a unit of time."""
    if meaning := symbols.meaning(place, Kind.UNIT):
        return meaning.name
    return "hour" if symbols[place].words == ("h",) else None


def is_last_one(symbols: Symbols, place: int) -> bool:
    """Return whether what stands before is the last of its kind, and not in a last week."""
    return symbols.has(place, Kind.LAST) and read_unit(symbols, place + 1) is None


def date_of_month(
    symbols: Symbols, place: int, present: Present, month: int, day: int
) -> tuple[int, Part] | None:
    """Return a day of a month, with the year that follows or without."""
    days = present.days_of_month(month, day)
    after = symbols.after(place, *OF)
    if year := read_number_of_year(symbols, after):
        found = make_date(year, month, day, month_first=True)
        days, place = (found,) if found else (), after + 1
    return (place, Part(days=days, is_date=True)) if days else None


def _digits(symbols: Symbols, place: int, present: Present) -> tuple[int, Part] | None:
    """Read a day in digits."""
    match symbols[place].figure:
        case datetime() as moment:
            span = TimeRange(moment, moment + timedelta(minutes=1))
            return place + 1, Part(times=(Times(span, (moment,)),))
        case date() as day:
            return place + 1, Part(days=(day,), is_date=True)
        case Pair(first, second, separator, is_closed, is_padded) if (
            separator != "-" or (is_padded and first >= _FIRST_LONG_NUMBER)
        ):
            days, end = present.days_of_year(first, second), place + 1
            if is_closed and (year := read_number_of_year(symbols, end)):
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
    if start == place and is_last_one(symbols, end):
        is_last, end = True, end + 1
    weekday = symbols.meaning(start, *_WEEKDAYS)
    is_month = symbols.has(start, Kind.MONTH_SHORT) and read_number_of_year(
        symbols, end
    )
    if weekday and not is_month:
        is_weak = (
            weekday.kind is Kind.WEEKDAY_SHORT
            and end == place + 1
            and not symbols.has(place - 1, Kind.ON)
        )
        days = present.weekdays(weekday.number, is_last=is_last)
        return end, Part(days=days, period=weekday.name, is_weak=is_weak)
    period = symbols.meaning(start, Kind.PERIOD)
    if period and (is_last or is_this):
        is_yesterday = is_last and period.name != _EARLY
        return end, _part_of_day(present, -is_yesterday, period.name)
    return None


def _day_of_month(
    symbols: Symbols, place: int, present: Present
) -> tuple[int, Part] | None:
    """Read a month and a day in either order, or the day alone after a word for that."""
    if month := symbols.meaning(place, *MONTHS):
        day, end = read_number_of_day(symbols, place + 1), place + 2
        if day is None or symbols.has(end, *HOUR_WORDS):
            return None
        return date_of_month(symbols, end, present, month.number, day)
    if (day := read_number_of_day(symbols, place)) is None:
        return None
    after = symbols.after(place + 1, *OF)
    month = symbols.meaning(after, *MONTHS)
    if month and not (after > place + 1 and _begins_date(symbols, after)):
        return date_of_month(symbols, after + 1, present, month.number, day)
    if number := _number_of_month(symbols, place + 1):
        return date_of_month(symbols, place + 2, present, number, day)
    return _ordinal(symbols, place, present, day)


def _ordinal(
    symbols: Symbols, place: int, present: Present, day: int
) -> tuple[int, Part] | None:
    """Read the 3rd, of whichever month."""
    is_ordinal = isinstance(symbols[place].figure, Ordinal) and (
        symbols.has(place - 1, *_BEFORE_ORDINALS) or symbols.has(place + 1, Kind.TO)
    )
    if is_ordinal or is_day_of_month(symbols, place):
        return place + 1, Part(days=present.ordinals(day), is_date=True)
    return None


def _begins_date(symbols: Symbols, place: int) -> bool:
    """Return whether a month has its day behind it, so that a number before it is another: 9 on November 26."""
    day = read_number_of_day(symbols, place + 1)
    return day is not None and not symbols.has(place + 2, *HOUR_WORDS)


def _number_of_month(symbols: Symbols, place: int) -> int | None:
    """Return the month of 26. 10., which has dots behind both and no name."""
    match symbols[place].figure:
        case Ordinal(value) if (
            value <= _LAST_MONTH
            and symbols[place - 1].words[0].endswith(".")
            and symbols[place].words[0].endswith(".")
            and not symbols.has(place + 1, *MONTHS)
        ):
            return value
        case _:
            return None


def _part_of_day(present: Present, offset: int, period: str) -> Part:
    day = present.today + offset * ONE_DAY
    return Part(days=(day,), period=period, is_one_night=True)
