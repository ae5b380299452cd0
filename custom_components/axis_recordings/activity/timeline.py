"""When a camera was polled, and when what it lists began, by clocks that may be set at any time."""

import asyncio
from datetime import UTC, datetime, timedelta
import time
from typing import TYPE_CHECKING, Final

from .clock import SECOND, ClockHistory, OurClock
from .models import PollTime

if TYPE_CHECKING:
    from ..recordings.watch import Snapshot
    from ..vapix import Recording
    from ..vapix.clock_readings import ClockReadings
    from .ledger import Ledger

# After a longer pause nobody wants to hear of each recording any more.
LONGEST_PAUSE: Final = timedelta(days=1)
# A recording may be listed some time after it has begun, and with what the camera has buffered before that.
LATE: Final = timedelta(minutes=5)


class Timeline:
    """The times of polls, and what both clocks have shown since."""

    def __init__(self, ledger: Ledger, readings: ClockReadings) -> None:
        """Take what the camera's answers show of its clock from the readings."""
        self._ledger = ledger
        self._readings = readings
        self._history = ClockHistory()
        self.ours = OurClock()
        self.now = _poll_time(datetime.now(UTC), None)
        """This poll."""
        self.last: PollTime | None = None
        """The last one before it that left nothing in doubt."""

    async def recall(self) -> None:
        """Take up what is in the ledger."""
        self.last = await asyncio.to_thread(self._ledger.last_poll)
        self._history = ClockHistory(await asyncio.to_thread(self._ledger.clocks))

    def setting(self, snapshot: Snapshot) -> timedelta:
        """Return by how much our clock was set between the last poll and this one."""
        return self.ours.setting(_time_of(snapshot), snapshot.monotonic)

    def shift(self, by: timedelta) -> None:
        """Put all of it where it is by our clock as it has been set since."""
        self._history.shift(by)
        self.last = self.last and self.last.shifted(by)

    def has_paused_until(self, snapshot: Snapshot) -> bool:
        """Return whether nobody wants to hear of what has happened since the last poll, by both clocks.

        A clock that was set says so alone.
        """
        if self.last is None:
            return False
        now, last = _time_of(snapshot), self.last.shifted(self.setting(snapshot))
        ours, cameras = now.time - last.time, now.offset - last.offset
        return min(ours, ours + cameras) > LONGEST_PAUSE

    async def begin(self, snapshot: Snapshot) -> None:
        """Begin a poll."""
        self.now = _time_of(snapshot)
        self.ours.note(self.now, snapshot.monotonic)
        await self.note_clock(self.now)

    async def note_clock(self, *polls: PollTime) -> None:
        """Remember what the camera's clock shows, and what it has shown since the last poll."""
        epoch = self.ours.now - timedelta(seconds=time.monotonic())
        since = [
            PollTime(
                time=epoch + timedelta(seconds=each.monotonic), camera_time=each.time
            )
            for each in self._readings.take()
        ]
        news = [self._history.note(poll) for poll in (*since, *polls)]
        if any(news):
            await asyncio.to_thread(self._ledger.note_clocks, self._history.polls)

    def has_begun_since(
        self, recording: Recording, poll: PollTime, tolerance: timedelta = SECOND
    ) -> bool:
        """Return whether a recording began after a poll, or not long before it."""
        if recording.start is None:
            return recording.is_ongoing
        earliest, latest = poll.time - tolerance, self.now.time + LATE
        # The camera's clock may have been set since, and the recording may have begun before that or after.
        return any(
            earliest + offset <= recording.start <= latest + offset
            for offset in (poll.offset, *self._history.offsets_since(poll.time))
        )

    def is_recent(self, recording: Recording) -> bool:
        """Return whether a recording is not too old to be news."""
        if recording.is_ongoing or recording.end is None:
            return True
        if recording.end > self.now.camera_time - LONGEST_PAUSE:
            return True
        # The clock may have been set by years since, as one without a battery is after a start.
        return self.last is not None and self.has_begun_since(recording, self.last)

    def passed(self, since: datetime, until: datetime) -> timedelta:
        """Return the time between one of ours and one of the camera's that is known to be later.

        The camera's clock may have been set meanwhile.
        """
        longest = self.now.time - since + SECOND
        possible = self._history.passed(since, until)
        return next(
            (each for each in possible if -SECOND <= each <= longest),
            until - since - self.now.offset,
        )


def _time_of(snapshot: Snapshot) -> PollTime:
    return _poll_time(snapshot.time, snapshot.clock_offset)


def _poll_time(time: datetime, clock_offset: timedelta | None) -> PollTime:
    return PollTime(time=time, camera_time=time + (clock_offset or timedelta(0)))
