"""Put the symbols of a query together to a time. What is left are words."""

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from ..recordings.days import ONE_DAY
from ..recordings.extent import TimeRange
from ..vapix.times import is_usable
from .clocks import join_clocks, read_clock, read_hours
from .days import read_day, read_month, read_unit
from .parts import Part
from .spans import Times
from .vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from .spans import Present
    from .symbols import Symbols

    type Found = tuple[int, Part] | None

# They say nothing where they stand before a time.
_GLUE: Final = (Kind.ON, Kind.AT, Kind.FROM, Kind.THIS)
# The last of these are those before now; the last week is one of the calendar.
_ROLLING: Final = ("second", "minute", "hour", "day")
_MOST_MODIFIERS: Final = 2


class _Place(NamedTuple):
    """Where a part of a time stands."""

    start: int
    end: int
    part: Part


class Grammar:
    """Reads a query from left to right. What is said first of a time counts."""

    def __init__(self, symbols: Symbols, present: Present) -> None:
        """Take the symbols."""
        self._symbols = symbols
        self._present = present
        self._rules: tuple[Callable[[int], Found], ...] = (
            self._between,
            self._since,
            self._ago,
            self._recent,
            self._clock,
            self._day,
            self._month,
            self._period,
        )

    def read(self) -> tuple[Times | None, tuple[str, ...]]:
        """Return the time that is meant, None if there is none, and all other words."""
        places = self._without_weak(self._all_places())
        parts = [each.part for each in places]
        if any(part.times for part in parts) and not any(part.days for part in parts):
            # A time of day says nothing of a whole week.
            places = [each for each in places if not each.part.has_time_of_day]
        whole = Part()
        for each in places:
            whole = whole.joined(each.part) or whole
        times = self._resolved(whole) if places else None
        return times, self._words(places if times else [])

    def _resolved(self, whole: Part) -> Times | None:
        """Return what all parts mean together; None if that is no time, or before or after all clocks."""
        try:
            times = whole.resolved(self._present)
        except ValueError, OverflowError:
            return None
        span = times.span
        return times if is_usable(span.start) and is_usable(span.end) else None

    def _all_places(self) -> list[_Place]:
        """Return all parts of a time, each of which agrees with those before it."""
        places: list[_Place] = []
        whole, start = Part(), 0
        while start < len(self._symbols):
            for rule in self._rules:
                found = self._apply(rule, start)
                if found and (joined := whole.joined(found[1])):
                    places.append(_Place(start, *found))
                    whole, start = joined, found[0]
                    break
            else:
                start += 1
        return places

    def _apply(self, rule: Callable[[int], Found], start: int) -> Found:
        """Apply a rule. What leads out of all calendars is no time."""
        try:
            return rule(start)
        except ValueError, OverflowError:
            return None

    def _without_weak(self, places: list[_Place]) -> list[_Place]:
        """Leave abbreviations out that stand among words, as they may be others."""
        if sum(each.end - each.start for each in places) == len(self._symbols):
            return places
        touching = {
            each
            for first, second in pairwise(places)
            if self._symbols.after(first.end, *_GLUE) >= second.start
            for each in (first, second)
        }
        return [each for each in places if not each.part.is_weak or each in touching]

    def _words(self, places: list[_Place]) -> tuple[str, ...]:
        """Return the words that belong to no time."""
        taken: set[int] = set()
        for start, end, _ in places:
            first = start
            while first - 1 not in taken and self._symbols.has(first - 1, *_GLUE):
                first -= 1
            taken.update(range(first, end))
        return tuple(
            word
            for place in range(len(self._symbols))
            if place not in taken
            for word in self._symbols[place].words
        )

    def _between(self, start: int) -> Found:
        """Read a range from one time to another."""
        if found := read_hours(self._symbols, start, self._present):
            return found
        symbols = self._symbols
        is_open = symbols.has(start, Kind.BETWEEN, Kind.FROM)
        if (found := self._point(start + is_open)) is None:
            return None
        end, first = found
        is_pair = symbols.has(start, Kind.BETWEEN) and symbols.has(end, Kind.AND)
        if not (is_pair or symbols.has(end, Kind.TO)):
            return None
        if (found := self._point(end + 1)) is None:
            return None
        end, last = found
        if not is_open and first.is_bare and last.is_bare:
            # 9 to 10 may be anything.
            return None
        return end, self._range(first, last)

    def _point(self, start: int) -> Found:
        """Read a day, a time of day, or both, where a mere number is an hour."""
        whole, end = Part(), start
        while found := self._addition(end, whole):
            end, whole = found
        return (end, whole) if end > start else None

    def _addition(self, place: int, whole: Part) -> Found:
        """Read what more is said of a day and a time of day."""
        symbols, present = self._symbols, self._present
        for start in (place, symbols.after(place, *_GLUE)):
            for found in (
                read_clock(symbols, start, present, takes_numbers=True),
                self._day(start),
                self._period(start),
            ):
                if found and (joined := whole.joined(found[1])):
                    return found[0], joined
        return None

    def _range(self, first: Part, last: Part) -> Part:
        """Return what lasts from one part to another. ValueError if that makes no sense."""
        present = self._present
        if last.clock and first.clock and not first.period:
            # Between 9 and 10 in the evening.
            first = replace(first, period=last.period)
        if not (first.days and last.days):
            clock = join_clocks(
                replace(first, clock=first.time_of_day(present)),
                replace(last, clock=last.time_of_day(present)),
            )
            if clock is None:
                message = "Neither two days nor two times"
                raise ValueError(message)
            named = first if first.days else last
            return Part(days=named.days, is_date=named.is_date, clock=clock)
        until = last.resolved(present).span
        end = until.start if last.clock else until.end
        starts = (each.span.start for each in first.candidates(present))
        start = next((each for each in starts if each < end), None)
        if start is None:
            message = "It ends before it begins"
            raise ValueError(message)
        return Part(times=Times(TimeRange(start, end)))

    def _since(self, start: int) -> Found:
        """Read a range that lasts until now."""
        if not self._symbols.has(start, Kind.SINCE):
            return None
        if (found := self._point(start + 1)) is None:
            return None
        end, part = found
        begin, now = part.resolved(self._present).span.start, self._present.now
        return (end, Part(times=Times(TimeRange(begin, now)))) if begin < now else None

    def _ago(self, start: int) -> Found:
        """Read how long ago something was."""
        symbols, present = self._symbols, self._present
        is_before = symbols.has(start, Kind.AGO)
        place = start + is_before
        count, unit = symbols.number(place), read_unit(symbols, place + 1)
        is_after = symbols.has(place + 2, Kind.AGO)
        if count is None or unit is None or not (is_before or is_after):
            return None
        if unit == "day":
            part = Part(days=(present.today - count * ONE_DAY,))
        else:
            part = Part(times=present.ago(count, unit))
        return place + 2 + is_after, part

    def _recent(self, start: int) -> Found:
        """Read the last or this week, and the last two hours."""
        symbols, present = self._symbols, self._present
        if named := symbols.meaning(start, Kind.CALENDAR):
            span = present.calendar(named.name, back=-named.number)
            return start + 1, Part(times=Times(span))
        place, count = start, None
        is_last = is_this = False
        while place < start + _MOST_MODIFIERS:
            number = symbols.number(place) if symbols.is_free(place) else None
            if symbols.has(place, Kind.LAST) and not is_last:
                is_last = True
            elif symbols.has(place, Kind.THIS) and not is_this:
                is_this = True
            elif count is None and number is not None:
                count = number
            else:
                break
            place += 1
        if (unit := read_unit(symbols, place)) is None:
            return None
        end = place + 1
        if not is_last and symbols.has(end, Kind.LAST):
            is_last, end = True, end + 1
        if is_last and (count is not None or unit in _ROLLING):
            return end, Part(times=Times(present.recent(count or 1, unit)))
        if count is None and (is_last or (is_this and unit not in _ROLLING)):
            return end, Part(times=Times(present.calendar(unit, back=int(is_last))))
        return None

    def _clock(self, start: int) -> Found:
        return read_clock(self._symbols, start, self._present)

    def _day(self, start: int) -> Found:
        return read_day(self._symbols, start, self._present)

    def _month(self, start: int) -> Found:
        return read_month(self._symbols, start, self._present)

    def _period(self, start: int) -> Found:
        meaning = self._symbols.meaning(start, Kind.PERIOD)
        return (start + 1, Part(period=meaning.name)) if meaning else None
