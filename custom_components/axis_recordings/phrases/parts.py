"""What the parts of a query say of a time, and what they mean together."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ..recordings.days import ONE_DAY
from .spans import DAY_SECONDS, HOUR_SECONDS

if TYPE_CHECKING:
    from datetime import date

    from .spans import Clock, Present, Times

_HALF_A_DAY: Final = 12 * HOUR_SECONDS
# Where people say "night", others say "evening".
_EARLIER: Final = 2 * HOUR_SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Whatever is said of a time: a day, a time of day, a part of the day, or all of it."""

    days: tuple[date, ...] = ()
    """The days that are meant, as a rule the newest one that has begun."""
    is_date: bool = False
    """Whether the day is a date, to which a weekday adds nothing."""
    clock: Clock | None = None
    is_bare: bool = False
    """Whether the time of day is a mere number."""
    has_half: bool = False
    """Whether am or pm was said."""
    period: str = ""
    is_one_night: bool = False
    """Whether day and night are one, so that its hours after midnight are of the next day."""
    times: Times | None = None
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
            period=self.period or other.period,
            is_one_night=self.is_one_night or other.is_one_night,
            times=self.times or other.times,
        )

    @property
    def has_time_of_day(self) -> bool:
        """Return whether it says more than a day."""
        return self.clock is not None or bool(self.period)

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

    def candidates(self, present: Present) -> list[Times]:
        """Return all times that may be meant, the newest first."""
        if self.times and not self.days:
            return [self.times]
        clock = self.time_of_day(present)
        days = self.days or (present.today, present.today - ONE_DAY)
        is_today = days == (present.today,) and not self.is_date
        if is_today and clock and clock.end > DAY_SECONDS:
            # Before dawn, it is the night that began yesterday.
            days = (present.today, present.today - ONE_DAY)
        every = present.on_days(days, clock)
        if self.times:
            span = self.times.span
            every = [each for each in every if span.start <= each.span.start < span.end]
        return every

    def resolved(self, present: Present) -> Times:
        """Return the latest time that is meant and has begun. ValueError if there is none at all."""
        return present.latest(self.candidates(present))


def _within(clock: Clock, hours: Clock, *, is_one_night: bool) -> Clock:
    """Return a time on a clock of twelve hours as one of a part of the day."""
    if is_one_night and clock.start + DAY_SECONDS < hours.end:
        return clock.shifted(DAY_SECONDS)
    later = clock.start + _HALF_A_DAY
    if (
        clock.start <= _HALF_A_DAY
        and not hours.start <= clock.start < hours.end
        and hours.start - _EARLIER <= later < hours.end
    ):
        return clock.shifted(_HALF_A_DAY)
    return clock
