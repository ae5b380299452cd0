"""Times of day in a query: 21:47, 9 pm, 21.47 Uhr, between 9 and 10."""

from typing import TYPE_CHECKING, Final

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
_MONTHS: Final = (Kind.MONTH, Kind.MONTH_SHORT)


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
    is_bare = _is_hour(clock)
    if symbols.has(end, *_HALVES):
        half = _in_half(clock, is_afternoon=symbols.has(end, Kind.PM))
        return (end + 1, Part(clock=half, has_half=True)) if half else None
    if _is_clock(symbols, end, present):
        end += 1
        is_sure, is_bare = True, False
        minutes = symbols[end].figure
        if (
            isinstance(minutes, Number)
            and minutes.value < _MINUTES
            and _is_hour(clock)
            and not symbols.has(end + 1, Kind.UNIT, *_MONTHS)
        ):
            # 21 Uhr 47.
            first = clock.start + minutes.value * _MINUTE_SECONDS
            clock = Clock(first, first + _MINUTE_SECONDS, is_moment=True)
            end += 1
        if symbols.has(end, *_HALVES):
            return None
    elif is_bare and symbols.has(end, Kind.UNIT, *_MONTHS):
        return None
    elif is_bare and symbols.is_free(start) and len(symbols[end].words) > 1:
        # 9 in the evening.
        is_sure = is_sure or symbols.has(end, Kind.PERIOD)
    if is_sure or takes_numbers or start > place:
        return end, Part(clock=clock, is_bare=is_bare)
    return None


def read_hours(
    symbols: Symbols, place: int, present: Present
) -> tuple[int, Part] | None:
    """Return a range of hours that is written as 9-10 pm or, after a word for it, 9-10."""
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
    if symbols.has(end, *_HALVES):
        half = _in_half(_hour(pair.second), is_afternoon=symbols.has(end, Kind.PM))
        if half is None:
            return None
        last = Part(clock=half, has_half=True)
        end += 1
    elif _is_clock(symbols, end, present):
        end += 1
    elif start == place:
        return None
    return end, Part(clock=join_clocks(first, last))


def join_clocks(first: Part, last: Part) -> Clock | None:
    """Return the time from one time of day to another; None if one of them is no such time."""
    if first.clock is None or last.clock is None:
        return None
    start, end = first.clock, last.clock
    if last.has_half and not first.has_half and start.start <= _HALF_A_DAY:
        # 9 to 10 pm, but also 11 to 1 pm.
        later = start.shifted(_HALF_A_DAY if start.start < _HALF_A_DAY else 0)
        if end.start >= _HALF_A_DAY and later.start < end.start:
            start = later
    if end.start <= start.start:
        end = end.shifted(DAY_SECONDS)
    return Clock(start.start, end.start)


def _read_time(
    symbols: Symbols, place: int, present: Present
) -> tuple[int, Clock, bool] | None:
    """Return a time in digits with the place after it, and whether it can be nothing else."""
    match symbols[place].figure:
        case ClockTime(seconds, length):
            return place + 1, Clock(seconds, seconds + length, is_moment=True), True
        case Number(value) if value < _HOURS:
            return place + 1, _hour(value), False
        case Pair(first, second, ".", is_closed, is_padded) if (
            first < _HOURS and second < _MINUTES and is_padded and not is_closed
        ):
            start = first * HOUR_SECONDS + second * _MINUTE_SECONDS
            clock = Clock(start, start + _MINUTE_SECONDS, is_moment=True)
            is_sure = present.vocabulary.has_dotted_times or not present.days_of_year(
                first, second
            )
            return place + 1, clock, is_sure
        case _:
            return None


def _is_clock(symbols: Symbols, place: int, present: Present) -> bool:
    """Return whether a word says that the number before it is an hour."""
    if symbols.has(place, Kind.CLOCK):
        return True
    unit = symbols.meaning(place, Kind.UNIT)
    return bool(unit and unit.name == "hour" and present.vocabulary.counts_hours)


def _hour(number: int) -> Clock:
    start = number * HOUR_SECONDS
    return Clock(start, start + HOUR_SECONDS, is_moment=True)


def _is_hour(clock: Clock) -> bool:
    return clock.end - clock.start == HOUR_SECONDS


def _in_half(clock: Clock, *, is_afternoon: bool) -> Clock | None:
    """Return a time with am or pm; None if it has neither."""
    if not HOUR_SECONDS <= clock.start < _HALF_A_DAY + HOUR_SECONDS:
        return None
    hour = clock.shifted(-_HALF_A_DAY if clock.start >= _HALF_A_DAY else 0)
    return hour.shifted(_HALF_A_DAY if is_afternoon else 0)
