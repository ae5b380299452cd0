"""What a camera's clock has shown.

A recording begins at a time by the clock of then. That clock may have been set since, and set back again; so
when a recording began, by our clock, is only known as well as all that the clock has shown meanwhile.
"""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .models import PollTime

SETTING: Final = timedelta(seconds=2)
"""What differs by less is the way of an answer, not a clock that was set."""
SECOND: Final = timedelta(seconds=1)
"""``Date`` and ``uptime`` count whole ones."""
MOST_SETTINGS: Final = 100
"""More are not remembered: a clock that is set as often as this shows nothing anyway."""


class OurClock:
    """Our own clock, which may be set between two polls: the camera's and the monotonic one show that."""

    def __init__(self) -> None:
        """Begin without a poll."""
        self.epoch: datetime | None = None
        """What our clock has for zero of the monotonic one; None if that is not known."""
        self._last: PollTime | None = None

    @property
    def now(self) -> datetime:
        """Return what our clock shows, had it not been set since the last poll."""
        if self.epoch is None:
            return datetime.now(UTC)
        return self.epoch + timedelta(seconds=time.monotonic())

    def recall(self, last: PollTime | None, epoch: datetime | None) -> None:
        """Take up where it was followed before."""
        self._last, self.epoch = last, epoch

    def note(self, poll: PollTime, monotonic: float) -> None:
        """Note a poll, with the monotonic clock at that moment."""
        self._last = poll
        self.epoch = poll.time - timedelta(seconds=monotonic)

    def setting(self, poll: PollTime, monotonic: float) -> timedelta:
        """Return by how much our clock was set between the last poll and this one.

        The monotonic clock stands still while the machine sleeps: then the camera's agrees with ours.
        """
        if self._last is None or self.epoch is None:
            return timedelta(0)
        ours = poll.time - timedelta(seconds=monotonic) - self.epoch
        cameras = ours + poll.offset - self._last.offset
        was_set = abs(ours) > SETTING and 2 * abs(cameras) < abs(ours)
        return ours if was_set else timedelta(0)


class ClockHistory:
    """At which polls a clock showed something else than before."""

    def __init__(self, polls: Iterable[PollTime] = ()) -> None:
        """Take those that were noted earlier, in the order in which they were."""
        self.polls = list(polls)
        self._last = {each.time: each for each in self.polls}
        """By the time of each: when the clock has shown that last."""

    def note(self, poll: PollTime) -> bool:
        """Note what the clock shows. Returns whether it is something else than before."""
        if self.polls and abs(poll.offset - self.polls[-1].offset) <= SETTING:
            self._last[self.polls[-1].time] = poll
            return False
        self.polls.append(poll)
        self._last[poll.time] = poll
        for each in self.polls[:-MOST_SETTINGS]:
            self._last.pop(each.time, None)
        del self.polls[:-MOST_SETTINGS]
        return True

    def shift(self, by: timedelta) -> None:
        """Put all polls where they are by our clock as it has been set since."""
        self._last = {time + by: poll.shifted(by) for time, poll in self._last.items()}
        self.polls = [poll.shifted(by) for poll in self.polls]

    def passed(self, since: datetime, until: datetime) -> Iterator[timedelta]:
        """Give what may have passed between a time of ours and one of the camera's.

        That is different by each setting of the clock, and possible where the clock can have been set so at
        the moment that follows from it. The newest ones come first.
        """
        after: PollTime | None = None
        for number in reversed(range(len(self.polls))):
            poll = self.polls[number]
            before = self._last.get(self.polls[number - 1].time) if number else None
            passed = until - since - self._last.get(poll.time, poll).offset
            if (before is None or passed >= before.time - since - SECOND) and (
                after is None or passed <= after.time - since + SECOND
            ):
                yield passed
            after = poll

    def offsets_since(self, time: datetime) -> list[timedelta]:
        """Return by how much the clock was ahead of ours at a time, and whatever else it was since then."""
        return [
            each.offset for each, after in pairwise(self.polls) if after.time > time
        ] + [each.offset for each in self.polls[-1:]]
