"""How far back something was in a query: 2 hours ago, last week, the last 2 hours, last weekend."""

from typing import TYPE_CHECKING, Final

from ..recordings.days import ONE_DAY
from .days import is_last_one, read_unit
from .parts import Part
from .spans import Times
from .vocabulary import Kind

if TYPE_CHECKING:
    from .spans import Present
    from .symbols import Symbols

# The last of these are those before now; the last week is one of the calendar.
_ROLLING: Final = ("second", "minute", "quarter_hour", "half_hour", "hour", "day")
_MOST_MODIFIERS: Final = 2
_HOURS: Final = 24


def read_ago(symbols: Symbols, place: int, present: Present) -> tuple[int, Part] | None:
    """Return when something was so long ago, where no number means one, and the place after it."""
    if symbols.has(place, Kind.NOW):
        return place + 1, Part(times=(present.ago(0, "minute"),))
    is_before = symbols.has(place, Kind.AGO)
    start = place + is_before
    if is_before and symbols.number(about := symbols.after(start, Kind.AT)) is not None:
        start = about
    count = symbols.number(start)
    end = start + (count is not None)
    unit, is_after = read_unit(symbols, end), symbols.has(end + 1, Kind.AGO)
    if unit is None or not (is_before or is_after):
        return None
    if count is None:
        if symbols.follows_digits(start):
            return None
        count = 1
    end += 1 + is_after
    if unit == "day":
        return end, Part(days=(present.today - count * ONE_DAY,))
    return end, Part(times=(present.ago(count, unit),))


def read_duration(
    symbols: Symbols, place: int, present: Present
) -> tuple[int, Part] | None:
    """Return the time since so long ago, after a word for since. 2 uur may be a time of day there."""
    count, unit = symbols.number(place), read_unit(symbols, place + 1)
    if count is None or unit is None:
        return None
    if count < _HOURS and symbols.has(place + 1, Kind.CLOCK):
        return None
    end = place + 2
    return None if symbols.has(end, Kind.AGO) else (end, _recent(present, count, unit))


def read_recent(
    symbols: Symbols, place: int, present: Present
) -> tuple[int, Part] | None:
    """Return the last or this week or weekend, or the last two hours, and the place after it."""
    if named := symbols.meaning(place, Kind.CALENDAR):
        span = present.calendar(named.name, back=-named.number)
        return place + 1, Part(times=(Times(span),))
    if found := _weekend(symbols, place, present):
        return found
    start, is_last, is_this, count = _modifiers(symbols, place)
    if (unit := read_unit(symbols, start)) is None:
        return None
    end = start + 1
    if not is_last and symbols.has(end, Kind.LAST):
        is_last, end = True, end + 1
    if is_last and (count is not None or unit in _ROLLING):
        return end, _recent(present, 1 if count is None else count, unit)
    if count is None and (is_last or (is_this and unit not in _ROLLING)):
        return end, Part(times=(Times(present.calendar(unit, back=int(is_last))),))
    return None


def _weekend(symbols: Symbols, place: int, present: Present) -> tuple[int, Part] | None:
    is_last = symbols.has(place, Kind.LAST)
    start = place + (is_last or symbols.has(place, Kind.THIS))
    if not symbols.has(start, Kind.WEEKEND):
        return None
    end = start + 1
    if start == place and is_last_one(symbols, end):
        is_last, end = True, end + 1
    return end, Part(times=present.weekends(is_last=is_last))


def _modifiers(symbols: Symbols, place: int) -> tuple[int, bool, bool, int | None]:
    """Return the place of the unit, whether it is the last or this one, and how many there are."""
    start, count = place, None
    is_last = is_this = False
    while start < place + _MOST_MODIFIERS and not read_unit(symbols, start):
        number = symbols.number(start) if symbols.is_free(start) else None
        if symbols.has(start, Kind.LAST) and not is_last:
            is_last = True
        elif symbols.has(start, Kind.THIS) and not is_this:
            is_this = True
        elif count is None and number is not None:
            count = number
        else:
            break
        start += 1
    return start, is_last, is_this, count


def _recent(present: Present, count: int, unit: str) -> Part:
    """Return the time since so long ago. ValueError if that is none."""
    if not count:
        message = "No time"
        raise ValueError(message)
    return Part(times=(Times(present.recent(count, unit)),))
