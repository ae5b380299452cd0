"""Ranges in a query: from Monday to Wednesday, between 9 and 10, since last week, from 9 pm on."""

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ..recordings.days import ONE_DAY
from ..recordings.extent import TimeRange
from .clocks import is_beside_day, join_clocks, read_hour, read_hours
from .days import read_day
from .months import read_days, read_month, read_year
from .parts import Part
from .past import read_ago, read_duration, read_recent
from .spans import DAY_SECONDS, Clock, Times
from .vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from .spans import Present
    from .symbols import Symbols

    type Found = tuple[int, Part] | None
    type Rule = Callable[[Symbols, int, Present], Found]

# They say nothing where they stand before a time.
GLUE: Final = (Kind.ON, Kind.AT, Kind.FROM, Kind.THIS)
_NIGHT: Final = "night"
_NAMES: Final = (Kind.WEEKDAY, Kind.MONTH, Kind.DAY)


def read_period(symbols: Symbols, place: int, _present: Present) -> Found:
    """Return a part of the day and the place after it; None if there is none."""
    meaning = symbols.meaning(place, Kind.PERIOD)
    return (place + 1, Part(period=meaning.name)) if meaning else None


# What is read first of a time that begins or ends a range. A mere number is an hour there.
_RULES: Final[tuple[Rule, ...]] = (
    *(read_ago, read_recent, read_hour),
    *(read_day, read_month, read_year, read_period),
)


class Ranges:
    """Reads ranges between any two times, or from one on."""

    def __init__(self, symbols: Symbols, present: Present) -> None:
        """Take the symbols."""
        self._symbols = symbols
        self._present = present
        self._points: dict[int, Found] = {}

    def read(self, start: int) -> Found:
        """Return a range and the place after it, None if there is none. ValueError if it makes no sense."""
        symbols, present = self._symbols, self._present
        for rule in (read_hours, read_days):
            if found := rule(symbols, start, present):
                return found
        return self._between(start) or self._since(start) or self._before(start)

    def _between(self, start: int) -> Found:
        """Read a range from one time to another, or from one on."""
        symbols = self._symbols
        is_open = symbols.has(start, Kind.BETWEEN, Kind.FROM, Kind.SINCE)
        if (found := self._point(start + is_open)) is None:
            return None
        joint, first = found
        if symbols.has(joint, Kind.SINCE_AFTER):
            return joint + 1, self._until_now(first)
        place = self._second_place(joint)
        if place is None or (found := self._point(place)) is None:
            return None
        end, last = found
        is_joined = symbols.has(joint, Kind.TO) or symbols.has(start, Kind.BETWEEN)
        if not is_joined and symbols.has(end, Kind.BETWEEN):
            # In Finnish, the word for between goes last.
            is_joined, is_open, end = True, True, end + 1
        # In Finnish, keskiviikkoon asti is until Wednesday.
        end += symbols.has(end, Kind.SINCE_AFTER)
        if not is_joined or (not is_open and self._is_vague(start, end, first, last)):
            return None
        return end, self._range(first, last)

    def _second_place(self, joint: int) -> int | None:
        """Return where the second time begins, None if nothing joins it."""
        symbols = self._symbols
        if symbols.has(joint, Kind.TO):
            # In Finnish, one word says both.
            return joint + (not symbols.has(joint, *_NAMES))
        return joint + 1 if symbols.has(joint, Kind.AND) else None

    def _is_vague(self, start: int, end: int, first: Part, last: Part) -> bool:
        """Return whether 9 to 10 may be anything."""
        if not first.is_bare or first.period:
            return False
        if not self._symbols.is_free(start) or not last.has_time_of_day:
            return True
        is_named = first.days or last.days or is_beside_day(self._symbols, start, end)
        return last.is_bare and not last.period and not is_named

    def _since(self, start: int) -> Found:
        """Read a range from one time on."""
        symbols = self._symbols
        if not symbols.has(start, Kind.SINCE) or symbols.follows_minutes(start):
            return None
        if found := read_duration(symbols, start + 1, self._present):
            return found
        if (found := self._point(start + 1)) is None:
            return None
        end, part = found
        end += symbols.has(end, Kind.SINCE_AFTER)
        return end, self._until_now(part)

    def _before(self, start: int) -> Found:
        """Read a range from midnight on."""
        symbols = self._symbols
        if not symbols.has(start, Kind.BEFORE) or symbols.follows_minutes(start):
            return None
        if (found := self._point(start + 1)) is None:
            return None
        end, part = found
        clock = part.edge_of_range(self._present, is_end=True)
        if clock is None or clock.start == 0 or part.times:
            return None
        until = Clock(0, clock.start)
        return end, Part(days=part.days, is_date=part.is_date, clock=until)

    def _point(self, start: int) -> Found:
        """Read a day, a time of day, or both, or any other time."""
        if start not in self._points:
            whole, end = Part(), start
            while found := self._addition(end, whole):
                end, whole = found
            self._points[start] = (end, whole) if end > start else None
        return self._points[start]

    def _addition(self, place: int, whole: Part) -> Found:
        """Read what more is said of a time."""
        symbols = self._symbols
        for start in sorted({place, symbols.after(place, *GLUE)}):
            if not symbols.has_sense(start):
                continue
            for rule in _RULES:
                found = rule(symbols, start, self._present)
                joined = whole.joined(found[1]) if found else None
                if found and joined and _is_clear(joined):
                    return found[0], joined
        return None

    def _until_now(self, part: Part) -> Part:
        """Return what lasts from a time on. ValueError if it has not come yet."""
        present = self._present
        clock = part.edge_of_range(present, is_end=False)
        if clock and not part.says_when:
            return Part(
                clock=Clock(clock.start % DAY_SECONDS, DAY_SECONDS), is_open=True
            )
        start = _begin(part.resolved(present))
        if start >= present.now:
            message = "It has not begun"
            raise ValueError(message)
        return Part(times=(Times(TimeRange(start, present.now)),))

    def _range(self, first: Part, last: Part) -> Part:
        """Return what lasts from one part to another. ValueError if that makes no sense."""
        if last.clock and first.clock and not first.period:
            # Between 9 and 10 in the evening.
            first = replace(first, period=last.period)
        if first == Part(period=_NIGHT) and last.days and not last.has_time_of_day:
            # In Swedish, natten till fredag ends on Friday.
            return replace(
                last, days=tuple(day - ONE_DAY for day in last.days), period=_NIGHT
            )
        named = first if first.says_when else last
        is_one_day = named.days or not named.times
        if is_one_day and not (first.says_when and last.says_when):
            clock = join_clocks(first, last, self._present)
            day = Part(days=named.days, is_date=named.is_date, times=named.times)
            if clock:
                return replace(day, clock=clock)
        return Part(times=(self._present.latest(self._spans(first, last)),))

    def _spans(self, first: Part, last: Part) -> Iterator[Times]:
        """Yield the ranges that may be meant, the newest first."""
        for each in last.candidates(self._present):
            end = each.moments[0] if each.moments else each.span.end
            starts = map(_begin, first.candidates(self._present))
            if start := next((start for start in starts if start < end), None):
                yield Times(TimeRange(start, end))


def _is_clear(part: Part) -> bool:
    """Return whether a time of day is one of a day, as it says nothing of a whole week."""
    return bool(part.days) or not (part.times and part.has_time_of_day)


def _begin(times: Times) -> datetime:
    return times.moments[0] if times.moments else times.span.start
