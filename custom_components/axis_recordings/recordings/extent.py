"""From when to when recordings last, as one rule for all that shows or plays them."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Self

from ..vapix.times import LATEST, LONGEST_RECORDING, is_usable

if TYPE_CHECKING:
    from ..vapix import Recording

# The camera keeps recordings in blocks of this length (VAPIX: Recording.DefaultSplitDuration).
SLICE: Final = timedelta(minutes=5)
# The rest of a slice at either end of a recording is not worth an item of its own.
SHORTEST_SLICE: Final = timedelta(seconds=30)
# Some cameras send whole seconds, by which a short recording ends when it begins, or even before.
SHORTEST_RECORDING: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class TimeRange:
    """A stretch of time that is not empty."""

    start: datetime
    end: datetime

    @property
    def duration(self) -> timedelta:
        """Return its length."""
        return self.end - self.start

    def first(self, duration: timedelta) -> TimeRange:
        """Return no more than so much of its beginning."""
        return replace(self, end=min(self.end, self.start + duration))

    def at_least(self, duration: timedelta) -> TimeRange:
        """Return it with so much after its beginning."""
        return replace(self, end=max(self.end, self.start + duration))

    def with_neighbors(self, recording: Recording, now: datetime) -> TimeRange:
        """Return it with one slice before and one after, as far as the recording goes."""
        begin, end = recording.start or self.start, recording.end or now
        return replace(
            self,
            start=min(self.start, max(begin, self.start - SLICE)),
            end=max(self.end, min(end, self.end + SLICE)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A range of time that may be open at either end, or empty."""

    start: datetime | None = None
    end: datetime | None = None
    """The first moment that no longer belongs to it."""

    @property
    def is_empty(self) -> bool:
        """Return whether there is no time in it."""
        return (
            self.start is not None and self.end is not None and self.end <= self.start
        )

    @property
    def span(self) -> TimeRange | None:
        """Return from when to when it reaches; None where it is open at an end, or empty."""
        if self.start is None or self.end is None or self.is_empty:
            return None
        return TimeRange(self.start, self.end)

    def holds(self, moment: datetime) -> bool:
        """Return whether a moment lies inside."""
        return (self.start is None or self.start <= moment) and (
            self.end is None or moment < self.end
        )

    def clip(self, span: TimeRange) -> TimeRange:
        """Return the part of a stretch of time that lies inside; it may be empty."""
        return TimeRange(
            span.start if self.start is None else max(span.start, self.start),
            span.end if self.end is None else min(span.end, self.end),
        )

    def within(self, span: TimeRange) -> Self:
        """Return it narrowed to a stretch of time."""
        narrow = self.clip(span)
        return replace(self, start=narrow.start, end=narrow.end)

    def shares_time_with(self, recording: Recording) -> bool:
        """Return whether any part of a recording lies inside.

        One whose end nobody knows lies where it begins. One without a beginning lies in no range of time.
        """
        if self.start is self.end is None:
            return True
        begin = recording.start
        if begin is None or (self.end is not None and begin >= self.end):
            return False
        if self.start is None or begin >= self.start or recording.is_ongoing:
            return True
        stop = recording.end
        return (
            stop is not None and self.start < stop and stop - begin <= LONGEST_RECORDING
        )


def last_before(end: datetime) -> datetime:
    """Return the last moment of what ends then, as cameras count both ends of a time in."""
    return end - datetime.resolution


def first_after(last: datetime) -> datetime:
    """Return the first moment that no longer belongs to what ends with a moment."""
    return min(last, LATEST) + datetime.resolution


def known_end(recording: Recording, now: datetime) -> datetime | None:
    """Return when a recording ended, or ``now`` while it goes on; None where nobody knows."""
    if recording.is_ongoing:
        return now
    start, end = recording.start, recording.end
    if start is None or end is None or not is_usable(end):
        return None
    return end if end - start <= LONGEST_RECORDING else None


def extent_of(recording: Recording, now: datetime) -> TimeRange | None:
    """Return from when to when a recording lasts; None if that makes no sense.

    The shortest there can be where nobody knows the end, or where it has begun just now. ``now`` is the
    camera's clock.
    """
    start, end = recording.start, known_end(recording, now)
    if start is None or not is_usable(start):
        return None
    if (
        end is not None
        and not recording.is_ongoing
        and start - end >= SHORTEST_RECORDING
    ):
        return None
    return TimeRange(start, end if end and end > start else start + SHORTEST_RECORDING)
