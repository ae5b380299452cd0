"""Put the symbols of a query together to a time. What is left are words."""

from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from ..vapix.times import is_usable
from .clocks import read_clock
from .days import read_day
from .months import read_month
from .parts import Part
from .past import read_ago, read_recent
from .ranges import GLUE, Ranges, read_period

if TYPE_CHECKING:
    from collections.abc import Callable

    from .ranges import Found, Rule
    from .spans import Present, Times
    from .symbols import Symbols

_RULES: Final[tuple[Rule, ...]] = (
    *(read_ago, read_recent, read_clock),
    *(read_day, read_month, read_period),
)


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
        self._ranges = Ranges(symbols, present)
        self._found: dict[int, list[tuple[int, Part]]] = {}

    def read(self) -> tuple[Times | None, tuple[str, ...]]:
        """Return the time that is meant, None if there is none, and all other words."""
        places = self._all_places()
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
            for end, part in self._parts(start):
                place, joined = _Place(start, end, part), whole.joined(part)
                if joined and self._is_meant(place, places, joined):
                    places.append(place)
                    whole, start = joined, end
                    break
            else:
                start += 1
        return places

    def _parts(self, start: int) -> list[tuple[int, Part]]:
        """Return all that can be read there, what goes first before what else it may be."""
        if start not in self._found:
            rules: tuple[Callable[[int], Found], ...] = (
                self._ranges.read,
                *(partial(self._apply, each) for each in _RULES),
            )
            has_sense = self._symbols.has_sense(start)
            found = (_attempt(each, start) for each in rules if has_sense)
            self._found[start] = [each for each in found if each]
        return self._found[start]

    def _apply(self, rule: Rule, start: int) -> Found:
        return rule(self._symbols, start, self._present)

    def _is_meant(self, place: _Place, before: list[_Place], joined: Part) -> bool:
        """Return whether an abbreviation is no other word: it is all there is, or touches another part of a time."""
        symbols = self._symbols
        is_all = place.end - place.start == len(symbols)
        if not place.part.is_weak or is_all:
            return True
        if before and symbols.after(before[-1].end, *GLUE) >= place.start:
            return True
        behind = sorted({place.end, symbols.after(place.end, *GLUE)})
        return any(
            joined.joined(part) for start in behind for _, part in self._parts(start)
        )

    def _words(self, places: list[_Place]) -> tuple[str, ...]:
        """Return the words that belong to no time."""
        taken: set[int] = set()
        for start, end, _ in places:
            first = start
            while first - 1 not in taken and self._symbols.has(first - 1, *GLUE):
                first -= 1
            taken.update(range(first, end))
        return tuple(
            word
            for place in range(len(self._symbols))
            if place not in taken
            for word in self._symbols[place].words
        )


def _attempt(rule: Callable[[int], Found], start: int) -> Found:
    """Apply a rule. What leads out of all calendars is no time."""
    try:
        return rule(start)
    except ValueError, OverflowError:
        return None
