"""From when to when recordings last, as one rule for all that shows or plays them."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from ..vapix.times import LONGEST_RECORDING, is_usable

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


def last_before(end: datetime) -> datetime:
    """Return the last moment of what ends then, as cameras count both ends of a time in."""
    return end - datetime.resolution


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
