"""Times of day in a query: 21:47, 9 pm, 21.47 Uhr, half past nine, 9-10 pm."""

from typing import TYPE_CHECKING, Final

from .days import MONTHS, is_day_of_month
from .figures import ClockTime, Number, Pair
from .parts import Part
from .spans import DAY_SECONDS, HOUR_SECONDS, Clock
from .vocabulary import Kind

if TYPE_CHECKING:
    from .spans import Present
    from .symbols import Symbols

_HALF_A_DAY: Final = 12 * HOUR_SECONDS
_HOURS: Final = 24
_MINUTES: Final = 60
_MINUTE_SECONDS: Final = 60
_HALVES: Final = (Kind.AM, Kind.PM)
_NAMES_OF_DAYS: Final = (
    *(Kind.DAY, Kind.WEEKDAY, Kind.WEEKDAY_SHORT),
    *(Kind.DAY_PERIOD, Kind.WEEKDAY_PERIOD, Kind.PERIOD),
)


def read_clock(
    symbols: Symbols, place: int, present: Present, *, takes_numbers: bool = False
) -> tuple[int, Part] | None:
    """Return a time of day and the place after it, None if there is none.

    A mere number is one only after a word for that, or if it ``takes_numbers``.
    """
    start = symbols.after(place, Kind.AT)
    found = _read_time(symbols, start, present)
    if found is None:
        return None
    end, clock, is_sure = found
    is_bare = _is_hour(clock) and not is_sure
    if half := _half_at(symbols, end, clock, is_marked=is_sure or start > place):
        exact = _in_half(clock, half)
        return (end + 1, Part(clock=exact, has_half=True)) if exact else None
    if is_bare and (
        symbols.has(end, Kind.UNIT, *MONTHS) or is_day_of_month(symbols, start)
    ):
        return None
    if is_bare and symbols.is_free(start) and len(symbols[end].words) > 1:
        # 9 in the evening.
        is_sure = symbols.has(end, Kind.PERIOD)
    if is_sure or start > place or (takes_numbers and is_bare):
        return end, Part(clock=clock, is_bare=is_bare)
    return None


def read_hour(
    symbols: Symbols, place: int, present: Present
) -> tuple[int, Part] | None:
    """Return a time of day as read_clock does, where a mere number is one."""
    return read_clock(symbols, place, present, takes_numbers=True)


def read_hours(
    symbols: Symbols, place: int, present: Present
) -> tuple[int, Part] | None:
    """Return a range of hours that is written as 9-10 pm or, beside a word for it, 9-10."""
    start = symbols.after(place, Kind.AT, Kind.FROM, Kind.BETWEEN)
    pair = symbols[start].figure
    if not (isinstance(pair, Pair) and pair.separator == "-"):
        return None
    if max(pair.first, pair.second) >= _HOURS:
        return None
    first, last = (
        Part(clock=_hour(each), is_bare=True) for each in (pair.first, pair.second)
    )
    end = start + 1
    hour = _hour(pair.second)
    if half := _half_at(symbols, end, hour, is_marked=start > place):
        exact = _in_half(hour, half)
        if exact is None:
            return None
        last = Part(clock=exact, has_half=True)
        end += 1
    elif _is_clock(symbols, end, present):
        end += 1
    elif start == place and not is_beside_day(symbols, start, end):
        return None
    return end, Part(clock=join_clocks(first, last, present))


def join_clocks(first: Part, last: Part, present: Present) -> Clock | None:
    """Return the time from one time of day to another; None if one of them is no such time."""
    start, end = (
        part.edge_of_range(present, is_end=part is last) for part in (first, last)
    )
    if start is None or end is None:
        return None
    begin, until = start.start, end.start if end.is_moment else end.end
    if last.has_half and not first.has_half and _is_on_twelve_hours(start):
        # 9 to 10 pm, but also 11 to 1 pm, and 10 to 2 am.
        begin = until - ((until - begin) % _HALF_A_DAY or _HALF_A_DAY)
    if begin < 0:
        begin, until = begin + DAY_SECONDS, until + DAY_SECONDS
    elif until <= begin:
        until += DAY_SECONDS
    return Clock(begin, until)


def is_beside_day(symbols: Symbols, start: int, end: int) -> bool:
    """Return whether the name of a day or of a part of it stands before or after."""
    return symbols.has(start - 1, *_NAMES_OF_DAYS) or symbols.has(end, *_NAMES_OF_DAYS)


def _read_time(
    symbols: Symbols, place: int, present: Present
) -> tuple[int, Clock, bool] | None:
    """Return a time with the place after it, and whether it can be nothing else."""
    if offset := symbols.meaning(place, Kind.OFFSET):
        if (hour := _number_of_hour(symbols, place + 1, present)) is None:
            return None
        end = place + 2
        return (
            end + _is_clock(symbols, end, present),
            _beside(hour, offset.number),
            True,
        )
    match symbols[place].figure:
        case ClockTime(seconds, length):
            clock = Clock(seconds, seconds + length, is_moment=True)
            return _after_clock_word(symbols, place + 1, present), clock, True
        case Pair(first, second, ".", is_closed, is_padded) if (
            first < _HOURS and second < _MINUTES and is_padded and not is_closed
        ):
            end = _after_clock_word(symbols, place + 1, present)
            is_sure = end > place + 1 or not _may_be_date(symbols, place, present)
            return end, _beside(first, second), is_sure
    return _read_hour(symbols, place, present)


def _read_hour(
    symbols: Symbols, place: int, present: Present
) -> tuple[int, Clock, bool] | None:
    """Return an hour, with the minutes that follow it or without."""
    if (hour := _number_of_hour(symbols, place, present)) is None:
        return None
    end = _after_clock_word(symbols, place + 1, present)
    has_word = end > place + 1
    if offset := symbols.meaning(end, Kind.OFFSET_AFTER):
        # Neuf heures et demie.
        return end + 1, _beside(hour, offset.number), True
    minutes = symbols[end].figure
    if (
        has_word
        and isinstance(minutes, Number)
        and minutes.value < _MINUTES
        and not symbols.has(end + 1, Kind.UNIT, *MONTHS)
    ):
        # 21 Uhr 47.
        return end + 1, _beside(hour, minutes.value), True
    return end, _hour(hour), has_word


def _number_of_hour(symbols: Symbols, place: int, present: Present) -> int | None:
    """Return an hour in digits or spelt out. What may be an article is one only before a word for that."""
    match symbols[place].figure:
        case Number(value):
            return value if value < _HOURS else None
        case None:
            pass
        case _:
            return None
    if named := symbols.meaning(place, Kind.HOUR):
        return named.number
    number = symbols.number(place)
    is_article = number == 1 and not _is_clock(symbols, place + 1, present)
    return None if number is None or number >= _HOURS or is_article else number


def _may_be_date(symbols: Symbols, place: int, present: Present) -> bool:
    """Return whether 5.11 is a day. 9.30 is none, and neither is 9.10 of 9.10 to 10.10 Uhr."""
    pair, other = symbols[place].figure, symbols[place + 2].figure
    if present.vocabulary.has_dotted_times or not isinstance(pair, Pair):
        return False
    is_range = symbols.has(place + 1, Kind.TO, Kind.AND) and isinstance(other, Pair)
    if is_range and _is_clock(symbols, place + 3, present):
        return False
    return present.is_day(pair.first, pair.second)


def _after_clock_word(symbols: Symbols, place: int, present: Present) -> int:
    return place + _is_clock(symbols, place, present)


def _is_clock(symbols: Symbols, place: int, present: Present) -> bool:
    """Return whether a word says that the number before it is an hour."""
    if symbols.has(place, Kind.CLOCK):
        return True
    unit = symbols.meaning(place, Kind.UNIT)
    return bool(unit and unit.name == "hour" and present.vocabulary.counts_hours)


def _half_at(
    symbols: Symbols, place: int, clock: Clock, *, is_marked: bool
) -> Kind | None:
    """Return am or pm. In German, um 9 am Montag is on Monday, and 9 am is as in English."""
    half = symbols.meaning(place, *_HALVES)
    if half is None:
        return None
    is_on = (
        (is_marked and place + 1 < len(symbols))
        or not _is_on_twelve_hours(clock)
        or not symbols.is_free(place - 1)
    )
    return None if symbols.has(place, Kind.ON) and is_on else half.kind


def _hour(number: int) -> Clock:
    start = number * HOUR_SECONDS
    return Clock(start, start + HOUR_SECONDS, is_moment=True)


def _beside(hour: int, minutes: int) -> Clock:
    """Return a time that is named by an hour and so many minutes, which may lie before it."""
    start = (hour * HOUR_SECONDS + minutes * _MINUTE_SECONDS) % DAY_SECONDS
    return Clock(start, start + _MINUTE_SECONDS, is_moment=True)


def _is_hour(clock: Clock) -> bool:
    return clock.end - clock.start == HOUR_SECONDS


def _is_on_twelve_hours(clock: Clock) -> bool:
    return HOUR_SECONDS <= clock.start < _HALF_A_DAY + HOUR_SECONDS


def _in_half(clock: Clock, half: Kind) -> Clock | None:
    """Return a time with am or pm; None if it has neither."""
    if not _is_on_twelve_hours(clock):
        return None
    hour = clock.shifted(-_HALF_A_DAY if clock.start >= _HALF_A_DAY else 0)
    return hour.shifted(_HALF_A_DAY if half is Kind.PM else 0)
