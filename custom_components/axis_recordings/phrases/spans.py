"""From days and times of day to ranges of time, in a time zone and before a moment."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from ..recordings.days import ONE_DAY, day_of, day_span, month_span, year_span
from ..recordings.extent import TimeRange, last_before
from .countries import first_weekday, is_month_first
from .figures import make_date

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import tzinfo

    from .vocabulary import Vocabulary

DAY_SECONDS: Final = 86_400
HOUR_SECONDS: Final = 3600
# From which to which hour. They overlap, as people don't agree; those above 24 are of the next day.
HOURS: Final[Mapping[str, tuple[int, int]]] = {
    "early": (0, 6),
    "morning": (5, 12),
    "forenoon": (8, 12),
    "noon": (11, 14),
    "afternoon": (12, 18),
    "evening": (17, 24),
    "night": (20, 30),
    "midnight": (23, 25),
}
UNITS: Final[Mapping[str, timedelta]] = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "quarter_hour": timedelta(minutes=15),
    "half_hour": timedelta(minutes=30),
    "hour": timedelta(hours=1),
    "day": ONE_DAY,
    "week": timedelta(weeks=1),
}
"""Those that are always as long."""
_SATURDAY: Final = 5
_LAST_MONTH, _LAST_DAY = 12, 31
# How far back a weekday, a day of a month, or a day of a year without its year may be.
_WEEKS: Final = 9
_MONTHS: Final = 4
_YEARS: Final = 5
# How many months of a name and weekends may be meant: the last one may be over, and a range may have begun before.
_SEVERAL: Final = 3


@dataclass(frozen=True, slots=True)
class Times:
    """When something was."""

    span: TimeRange
    moments: tuple[datetime, ...] = ()
    """The exact times that are meant, oldest first: two where clocks show one twice, none for a range."""


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day or a range of it, in seconds since midnight, which may lie on the next day."""

    start: int
    end: int
    is_moment: bool = False

    def on(self, day: date, zone: tzinfo) -> Times:
        """Return when clocks show it on a day.

        In autumn they show some times twice: then it reaches from the first to the second.
        """
        first, again = (_wall(day, self.start, zone, fold=fold) for fold in (0, 1))
        last = self.end - 1
        end = max(_wall(day, last, zone, fold=fold) for fold in (0, 1))
        moments = (first, again) if first < again else (first,)
        return Times(
            TimeRange(first, max(end, first) + timedelta(seconds=1)),
            moments if self.is_moment else (),
        )

    def shifted(self, seconds: int) -> Clock:
        """Return it so much later."""
        return Clock(self.start + seconds, self.end + seconds, self.is_moment)


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """The moment at which somebody asks, and the customs there."""

    now: datetime
    zone: tzinfo
    vocabulary: Vocabulary
    month_first: bool
    first_weekday: int
    bound: TimeRange | None = None
    """Where somebody looks, which decides among the times that may be meant."""

    @classmethod
    def at(
        cls,
        now: datetime,
        zone: tzinfo,
        vocabulary: Vocabulary,
        *,
        language: str,
        country: str | None,
        bound: TimeRange | None = None,
    ) -> Present:
        """Return it for a country, None where that is not known."""
        return cls(
            now=now,
            zone=zone,
            vocabulary=vocabulary,
            month_first=is_month_first(country, language),
            first_weekday=first_weekday(country),
            bound=bound,
        )

    @property
    def today(self) -> date:
        """Return the day."""
        return day_of(self.now, self.zone)

    @property
    def last_day(self) -> date:
        """Return the newest day that may be meant where nothing is said of it."""
        if self.bound is None:
            return self.today
        return min(self.today, day_of(last_before(self.bound.end), self.zone))

    @property
    def latest_days(self) -> tuple[date, date]:
        """Return the days of which one is meant by a mere time of day, newest first."""
        return self.last_day, self.last_day - ONE_DAY

    def weekdays(self, number: int, *, is_last: bool = False) -> tuple[date, ...]:
        """Return the days of a name, newest first; the last one is never today."""
        latest = self.today - ONE_DAY if is_last else self.last_day
        newest = latest - (latest.weekday() - number) % 7 * ONE_DAY
        return tuple(newest - week * UNITS["week"] for week in range(_WEEKS))

    def weekends(self, *, is_last: bool = False) -> tuple[Times, ...]:
        """Return the days from Saturday to Sunday, newest first; the last one is over."""
        spans = [
            TimeRange(
                day_span(each, self.zone).start, day_span(each + ONE_DAY, self.zone).end
            )
            for each in self.weekdays(_SATURDAY)[:_SEVERAL]
        ]
        return tuple(
            Times(each) for each in spans if not is_last or each.end <= self.now
        )

    def is_day(self, first: int, second: int) -> bool:
        """Return whether two numbers are a day and a month, in the order of the country."""
        month, day = (first, second) if self.month_first else (second, first)
        return 1 <= month <= _LAST_MONTH and 1 <= day <= _LAST_DAY

    def days_of_year(self, first: int, second: int) -> tuple[date, ...]:
        """Return the days that a month and a day without a year may mean, newest first."""
        return _existing(
            make_date(
                self.last_day.year - back, first, second, month_first=self.month_first
            )
            for back in range(_YEARS)
        )

    def days_of_month(self, month: int, day: int) -> tuple[date, ...]:
        """Return the days that a day of a named month may mean, newest first."""
        return _existing(
            make_date(self.last_day.year - back, month, day, month_first=True)
            for back in range(_YEARS)
        )

    def ordinals(self, day: int) -> tuple[date, ...]:
        """Return the days that one of no month may mean, newest first."""
        months = [self.last_day.replace(day=1)]
        while len(months) < _MONTHS:
            months.append((months[-1] - ONE_DAY).replace(day=1))
        return _existing(
            make_date(each.year, each.month, day, month_first=True) for each in months
        )

    def months(self, number: int, *, is_last: bool = False) -> tuple[Times, ...]:
        """Return the months of a name, newest first; the last one is over."""
        spans = [
            month_span(date(self.last_day.year - back, number, 1), self.zone)
            for back in range(_SEVERAL)
        ]
        return tuple(
            Times(each) for each in spans if not is_last or each.end <= self.now
        )

    def calendar(self, unit: str, *, back: int) -> TimeRange:
        """Return a day, week, month, or year of the calendar, so many before this one."""
        match unit:
            case "day":
                return day_span(self.today - back * ONE_DAY, self.zone)
            case "week":
                since = (self.today.weekday() - self.first_weekday) % 7 + 7 * back
                first = self.today - since * ONE_DAY
                end = day_span(first + 6 * ONE_DAY, self.zone).end
                return TimeRange(day_span(first, self.zone).start, end)
            case "month":
                months = self.today.year * 12 + self.today.month - 1 - back
                return month_span(date(months // 12, months % 12 + 1, 1), self.zone)
            case _:
                return year_span(date(self.today.year - back, 1, 1), self.zone)

    def ago(self, count: int, unit: str) -> Times:
        """Return when something was so long ago, to within half of such a unit."""
        if unit not in UNITS or UNITS[unit] >= ONE_DAY:
            return Times(self.calendar(unit, back=count))
        moment = self.now - count * UNITS[unit]
        slack = max(UNITS[unit], UNITS["minute"]) / 2
        return Times(TimeRange(moment - slack, moment + slack), (moment,))

    def recent(self, count: int, unit: str) -> TimeRange:
        """Return the time since so long ago."""
        if unit in UNITS:
            return TimeRange(self.now - count * UNITS[unit], self.now)
        return TimeRange(self.calendar(unit, back=count).start, self.now)

    def hours(self, period: str) -> Clock:
        """Return from when to when a period of the day lasts."""
        first, last = self.vocabulary.hours.get(period, HOURS[period])
        return Clock(first * HOUR_SECONDS, last * HOUR_SECONDS)

    def latest(self, candidates: Iterable[Times]) -> Times:
        """Return the first one that has begun, else the first one. ValueError if there is none.

        Those within the bound go first.
        """
        best: tuple[bool, bool] | None = None
        for each in candidates:
            rank = self._is_near(each), each.span.start <= self.now
            if best is None or rank > best:
                best, found = rank, each
            if all(rank):
                break
        if best is None:
            message = "No day"
            raise ValueError(message)
        return found

    def _is_near(self, times: Times) -> bool:
        """Return whether some of it is within the bound."""
        bound, span = self.bound, times.span
        return bound is None or (span.start < bound.end and bound.start < span.end)

    def on_days(self, days: Iterable[date], clock: Clock | None) -> Iterator[Times]:
        """Yield a time of some days, or the whole days."""
        for day in days:
            yield clock.on(day, self.zone) if clock else Times(day_span(day, self.zone))


def _existing(days: Iterable[date | None]) -> tuple[date, ...]:
    return tuple(day for day in days if day)


def _wall(day: date, seconds: int, zone: tzinfo, *, fold: int) -> datetime:
    """Return when clocks show a time."""
    days, rest = divmod(seconds, DAY_SECONDS)
    midnight = datetime.combine(day + days * ONE_DAY, datetime.min.time(), zone)
    return (midnight + timedelta(seconds=rest)).replace(fold=fold).astimezone(UTC)
