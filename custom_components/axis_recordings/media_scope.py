"""Which recordings a folder of the media browser holds, or a search looks at."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
import re
from typing import TYPE_CHECKING, Final

from .media_times import (
    day_span,
    month_span,
    read_day,
    read_month,
    slice_start,
)
from .playback.window import SLICE, Span
from .search import Search

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, tzinfo

    from .vapix import Recording

# The camera counts both ends of a window in, but midnight belongs to one day only.
_INSTANT: Final = timedelta(microseconds=1)
_CLOCK: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """A window of time, and what else the recordings have in common."""

    start: datetime | None = None
    stop: datetime | None = None
    """The first moment that no longer belongs to it."""
    disk: str | None = None
    source: str | None = None
    event: str | None = None

    def search(
        self,
        *,
        limit: int,
        offset: int = 0,
        accepts: Callable[[Recording], bool] | None = None,
    ) -> Search:
        """Return how to ask the camera, newest first."""
        return Search(
            start=self.start,
            end=None if self.stop is None else self.stop - _INSTANT,
            disk=self.disk,
            source=self.source,
            event=self.event,
            limit=limit,
            offset=offset,
            accepts=accepts,
        )

    def clip(self, span: Span) -> Span:
        """Return the part of a stretch of time that lies inside; it may be empty."""
        return Span(
            span.start if self.start is None else max(span.start, self.start),
            span.stop if self.stop is None else min(span.stop, self.stop),
        )

    def within(self, span: Span) -> Scope:
        """Return it narrowed to a stretch of time."""
        narrow = self.clip(span)
        return replace(self, start=narrow.start, stop=narrow.stop)

    @property
    def is_empty(self) -> bool:
        """Return whether there is no time in it."""
        return (
            self.start is not None and self.stop is not None and self.stop <= self.start
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What somebody has typed into the search field."""

    words: tuple[str, ...]
    """All of them have to be found in what describes a recording."""
    span: Span | None
    """The day, month or minute that was named."""
    is_moment: bool
    """Whether that is a time of day, so that a long recording is shown by its slice of that time."""

    def narrow(self, scope: Scope) -> Scope:
        """Return where to look."""
        return scope if self.span is None else scope.within(self.span)

    def shown(self, scope: Scope) -> Scope:
        """Return which part of a long recording to show."""
        if self.span is None or not self.is_moment:
            return self.narrow(scope)
        start, last = slice_start(self.span.start), self.span.stop - _INSTANT
        return scope.within(Span(start, slice_start(last) + SLICE))

    def matches(self, description: str) -> bool:
        """Return whether all words are in a description, whatever their case."""
        description = description.casefold()
        return all(word in description for word in self.words)


def read_question(text: str, zone: tzinfo) -> Question:
    """Understand a search: a date or month, a time of that day, and other words."""
    words = text.casefold().split()
    span: Span | None = None
    is_moment = False
    for word in words:
        if day := read_day(word):
            words.remove(word)
            span = day_span(day, zone)
            if clock := next(filter(_CLOCK.fullmatch, words), None):
                words.remove(clock)
                span, is_moment = _clock_span(day, clock, zone), True
            break
        if month := read_month(word):
            words.remove(word)
            span = month_span(month, zone)
            break
    return Question(words=tuple(words), span=span, is_moment=is_moment)


def _clock_span(day: date, clock: str, zone: tzinfo) -> Span:
    """Return the minute or second at which clocks show a time.

    In autumn they show some times twice: then it reaches from the first to the second.
    """
    has_seconds = clock.count(":") > 1
    hour, minute, second = map(int, (clock if has_seconds else f"{clock}:0").split(":"))
    moment = datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=zone)
    length = timedelta(seconds=1) if has_seconds else timedelta(minutes=1)
    start, again = (each.astimezone(UTC) for each in (moment, moment.replace(fold=1)))
    return Span(start, max(start, again) + length)
