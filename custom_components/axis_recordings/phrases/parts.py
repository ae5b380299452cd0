"""What the parts of a query say of a time, and what they mean together."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ..recordings.days import ONE_DAY
from ..recordings.extent import TimeRange
from .spans import DAY_SECONDS, HOUR_SECONDS, Clock, Times

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from .spans import Present

_HALF_A_DAY: Final = 12 * HOUR_SECONDS
_LAST_OF_HALF: Final = _HALF_A_DAY + HOUR_SECONDS
# Where people say "night", others say "evening".
_EARLIER: Final = 2 * HOUR_SECONDS
# When those begin a range, and when they end it, that are moments there.
_EDGES: Final = {"noon": (_HALF_A_DAY, _HALF_A_DAY), "midnight": (0, DAY_SECONDS)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Whatever is said of a time: a day, a time of day, a part of the day, or all of it."""

    days: tuple[date, ...] = ()
    """The days that may be meant, the newest first."""
    is_date: bool = False
    """Whether the day is a date, to which a weekday adds nothing."""
    clock: Clock | None = None
    is_bare: bool = False
    """Whether the time of day is a mere number."""
    has_half: bool = False
    """Whether am or pm was said."""
    is_open: bool = False
    """Whether the time of day lasts until the day ends, or until now where no day is said."""
    period: str = ""
    is_one_night: bool = False
    """Whether day and night are one, so that its hours after midnight are of the next day."""
    times: tuple[Times, ...] = ()
    """The ranges or moments that may be meant, the newest first."""
    is_weak: bool = False
    """Whether it is an abbreviation that may be another word."""

    def joined(self, other: Part) -> Part | None:
        """Return both together; None where each says something else of the same."""
        days = self.days or other.days
        if self.days and other.days:
            if self.is_date == other.is_date:
                return None
            days = self.days if self.is_date else other.days
        if (
            (self.times and other.times)
            or (self.clock and other.clock)
            or (self.period and other.period)
        ):
            return None
        return Part(
            days=days,
            is_date=self.is_date or other.is_date,
            clock=self.clock or other.clock,
            is_bare=self.is_bare or other.is_bare,
            has_half=self.has_half or other.has_half,
            is_open=self.is_open or other.is_open,
            period=self.period or other.period,
            is_one_night=self.is_one_night or other.is_one_night,
            times=self.times or other.times,
        )

    @property
    def has_time_of_day(self) -> bool:
        """Return whether it says more than a day."""
        return self.clock is not None or bool(self.period)

    @property
    def says_when(self) -> bool:
        """Return whether it says more than a time of day."""
        return bool(self.days or self.times)

    def time_of_day(self, present: Present) -> Clock | None:
        """Return the time of day, None for the whole day."""
        if not self.period:
            return self.clock
        hours = present.hours(self.period)
        if self.clock is None:
            return hours
        if self.has_half:
            return self.clock
        return _within(self.clock, hours, is_one_night=self.is_one_night)

    def edge_of_range(self, present: Present, *, is_end: bool) -> Clock | None:
        """Return the time of day at which a range begins or ends."""
        if self.clock is None and self.period in _EDGES:
            start = _EDGES[self.period][is_end]
            return Clock(start, start, is_moment=True)
        return self.time_of_day(present)

    def candidates(self, present: Present) -> Iterator[Times]:
        """Yield all times that may be meant, the newest first."""
        if self.times and not self.days:
            yield from self.times
            return
        clock = self.time_of_day(present)
        days = self.days or present.latest_days
        is_today = days == (present.today,) and not self.is_date
        if is_today and clock and clock.end > DAY_SECONDS:
            # Before dawn, it is the night that began yesterday.
            days = (present.today, present.today - ONE_DAY)
        for each in present.on_days(days, clock):
            if self.is_open and not self.days:
                if each.span.start < present.now:
                    yield Times(TimeRange(each.span.start, present.now))
            elif self._is_within_times(each):
                yield each

    def resolved(self, present: Present) -> Times:
        """Return the latest time that is meant and has begun. ValueError if there is none at all."""
        return present.latest(self.candidates(present))

    def _is_within_times(self, found: Times) -> bool:
        """Return whether it begins in one of the ranges that may be meant."""
        start = found.span.start
        return not self.times or any(
            each.span.start <= start < each.span.end for each in self.times
        )


def _within(clock: Clock, hours: Clock, *, is_one_night: bool) -> Clock:
    """Return a time on a clock of twelve hours as one of a part of the day."""
    if is_one_night and clock.start + DAY_SECONDS < hours.end:
        return clock.shifted(DAY_SECONDS)
    if hours.start <= clock.start < hours.end or clock.start >= _LAST_OF_HALF:
        return clock
    earlier, later = clock.start - _HALF_A_DAY, clock.start + _HALF_A_DAY
    if hours.start - _EARLIER <= later < hours.end:
        return clock.shifted(_HALF_A_DAY)
    # Half past twelve in the small hours.
    if hours.start <= earlier < hours.end:
        return clock.shifted(-_HALF_A_DAY)
    return clock
