"""What is known of one recording: where its segments lie, and which of them are kept."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from math import inf
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from .errors import ClosedError, NoRoomError, NothingRecordedError
from .reader import TOLERANCE
from .segments import LONGEST_SEGMENT, Grid, Segment

if TYPE_CHECKING:
    from ..vapix import RecordingKey
    from .cache import MediaCache

# Short, as a whole segment is waited for before anything is seen.
SEGMENT_SECONDS: Final = 2.0
# A segment that holds too few frames may hold none.
FRAMES_PER_SEGMENT: Final = 4
# How far the beginning of a video may lie after what was asked for, or its end before that; else there is
# nothing, as it was cleaned up, for example.
LATE_SECONDS: Final = 10.0


class Timeline:
    """One recording in seconds from its first known beginning, and what exports have shown of it."""

    def __init__(
        self,
        cache: MediaCache,
        *,
        key: RecordingKey,
        zero: datetime,
        frame_rate: float | None = None,
    ) -> None:
        """Begin with nothing known."""
        self.cache = cache
        self.key = key
        self.name = uuid4().hex
        """Stands for it in the cache. An earlier one of the same recording may have been cut in another way."""
        self.zero = zero
        self.end: datetime | None = None
        """Where the recording ends; None while it goes on."""
        self.frame_rate = frame_rate
        # Where frames come more rarely than that, most segments hold none, as in a pause.
        length = min(FRAMES_PER_SEGMENT / (frame_rate or inf), LONGEST_SEGMENT)
        self.grid = Grid(max(SEGMENT_SECONDS, length))
        self.init: bytes | None = None
        """The initialization section of all segments; known after the first of them."""
        self.dropped_audio: str | None = None
        self.known: dict[int, Segment] = {}
        self.empty: dict[int, float] = {}
        """Segments in which no frame lies, and when the next one does."""
        self.first = 0
        """Before this segment there is nothing any more."""
        self.over = range(0)
        """Segments after the end of the video, which are not asked for one by one."""
        self.early_end: float | None = None
        """Where the last export has ended that came to the end of a video."""
        self._writes: set[asyncio.Task[None]] = set()

    def seconds(self, moment: datetime) -> float:
        """Return a moment's place on the timeline."""
        return (moment - self.zero).total_seconds()

    def moment(self, seconds: float) -> datetime:
        """Return the moment of a place on the timeline."""
        return self.zero + timedelta(seconds=seconds)

    def start_of(self, number: int) -> float:
        """Return where a segment begins, as exactly as is known."""
        if segment := self.known.get(number):
            return segment.start
        if number in self.empty:
            return min(self.grid.at(number), self.empty[number])
        if before := self.known.get(number - 1):
            return before.end
        return self.grid.at(number)

    def silent_until(self, number: int) -> float | None:
        """Return when the next frame is, where an export has shown that a segment holds none."""
        return self.empty.get(number)

    async def find(self, number: int) -> Segment | None:
        """Return a segment that is kept. NothingRecordedError where it is known that there is none."""
        if (known := self.known.get(number)) is not None:
            data = known.data or await self.cache.read(self._file(number))
            if data is not None:
                return replace(known, data=data)
        if number in self.empty or number in self.over:
            raise NothingRecordedError
        return None

    def is_at_hand(self, number: int) -> bool:
        """Return whether a segment is there, with all that is needed to decode it."""
        while (known := self.known.get(number)) or number in self.empty:
            if known and not (known.data or self._file(number) in self.cache):
                return False
            if known and known.starts_with_key and not known.is_open:
                return True
            number -= 1
        return False

    def between(self, first: int, after: int) -> list[int]:
        """Return the segments that hold frames, from the first one up to another."""
        return [each for each in range(first, after) if each in self.known]

    def nearest(self, number: int) -> int:
        """Return which segment to take in place of one without a frame. NothingRecordedError if there is none."""
        moment = self.grid.at(number)
        if number < self.first:
            if self.start_of(self.first) - moment < LATE_SECONDS:
                return self.first
        elif number in self.empty:
            return number
        elif self.early_end and moment - self.early_end < LATE_SECONDS:
            return self.grid.containing(self.early_end - TOLERANCE)
        raise NothingRecordedError

    def forget_removed(self) -> bool:
        """Forget the segments that the cache has no longer, and return whether it has any."""
        self.known = {
            number: segment
            for number, segment in self.known.items()
            if segment.data or self._file(number) in self.cache
        }
        return bool(self.known)

    def keep(self, segment: Segment) -> None:
        """Serve a segment from memory until it is written to the cache."""
        if self._file(segment.number) in self.cache:
            return
        self.known[segment.number] = segment
        self.cache.backlog.add(len(segment.data))
        task = asyncio.get_running_loop().create_task(self._write(segment))
        self._writes.add(task)
        task.add_done_callback(self._writes.discard)

    async def _write(self, segment: Segment) -> None:
        try:
            # Without room it was delivered all the same to whoever waited for it.
            with suppress(NoRoomError, ClosedError):
                await self.cache.write(self._file(segment.number), segment.data)
        finally:
            self.known[segment.number] = replace(segment, data=b"")
            self.cache.backlog.remove(len(segment.data))

    async def wait_for_writes(self) -> None:
        """Wait until all segments are in the cache, or were found not to fit."""
        await asyncio.gather(*self._writes, return_exceptions=True)

    def _file(self, number: int) -> str:
        return f"{self.name}-{number}.m4s"
