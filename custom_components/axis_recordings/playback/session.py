"""One player that plays a part of a recording."""

from contextlib import suppress
from dataclasses import dataclass, field
import secrets
import time
from typing import TYPE_CHECKING, Final

from ..vapix import VapixError
from .errors import NothingRecordedError, PlaybackError
from .export_queue import Priority
from .fragments import empty_segment
from .playlist import numbers, write_playlist
from .reader import TOLERANCE

if TYPE_CHECKING:
    from ..recordings.extent import TimeRange
    from ..users.requester import Requester
    from .segment_source import SegmentSource
    from .segments import Segment

# Somebody may pause a video and come back. What a session holds costs nothing meanwhile.
IDLE_SECONDS: Final = 3600.0
# A player that has enough asks again after as long as a segment lasts; one that breaks off has left, or
# asks for something else at once.
PAUSE_SECONDS: Final = 2.5
LEAVING_SECONDS: Final = 0.5


@dataclass(eq=False, slots=True, kw_only=True)
class Session:
    """The right to get the segments of one span, for whoever has its token."""

    source: SegmentSource
    span: TimeRange
    begin: float
    """Where to start, in seconds on the timeline."""
    requester: Requester
    is_exact: bool = False
    """Whether nothing is to be seen that follows its span, or precedes the key frame up to it."""
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    last_used: float = field(default_factory=time.monotonic)
    last_number: int | None = None
    """The segment that was fetched last."""
    _watched_until: float = field(
        default_factory=lambda: time.monotonic() + PAUSE_SECONDS
    )
    _waiting: int = 0

    @property
    def is_idle(self) -> bool:
        """Return whether it was not used for so long that it ends."""
        return time.monotonic() - self.last_used > IDLE_SECONDS

    @property
    def is_watched(self) -> bool:
        """Return whether somebody seems to watch at the moment."""
        return bool(self._waiting) or time.monotonic() < self._watched_until

    @property
    def playlist(self) -> str:
        """Return the playlist."""
        return write_playlist(self.source, self.span, begin=self.begin)

    @property
    def starts(self) -> list[float]:
        """Return where the segments begin, in seconds on the timeline, as exactly as is known."""
        return [
            self.source.start_of(number) for number in numbers(self.source, self.span)
        ]

    @property
    def first_number(self) -> int:
        """Return the number of the first segment."""
        return numbers(self.source, self.span).start

    async def segment(self, number: int) -> bytes:
        """Return a segment. Raises VapixError, PlaybackError; NothingRecordedError if it is not part of it.

        A player that has sought to another place gets one that can be decoded by itself. Where a camera
        sets its key frames far apart, others can't: they follow on from the one before.
        """
        self.last_used = time.monotonic()
        listed = numbers(self.source, self.span)
        if number not in listed:
            raise NothingRecordedError
        before, self.last_number = self.last_number, None
        pause = LEAVING_SECONDS
        self._waiting += 1
        try:
            data = await self._fetch(number, before)
            for rest in self._rest(listed[-1]) if number == listed[-1] else ():
                if self.is_exact and self._lies_behind(rest):
                    break
                with suppress(VapixError, PlaybackError):
                    data += await self._fetch(rest, self.last_number)
                self.last_number = number
            pause = PAUSE_SECONDS
        finally:
            self._waiting -= 1
            self.last_used = time.monotonic()
            self._watched_until = self.last_used + pause
        return data

    async def _fetch(self, number: int, before: int | None) -> bytes:
        """Return a segment for whoever has got the segment ``before``, and note that it was fetched."""
        # Players load all in a row, also what is empty. What is cut has to begin with a key frame.
        follows = before == number - 1 and not self._is_cut(number)
        try:
            if follows:
                segment = await self.source.segment(number, Priority.PLAYBACK)
            else:
                segment = await self.source.independent(number)
        except NothingRecordedError:
            if self.is_exact and number > numbers(self.source, self.span)[-1]:
                return b""
            # A gap in the recording, which may be just as long as the camera saw nothing move.
            return await self._silence(number, follows=follows)
        self.last_number = number
        if self._is_cut(number):
            segment = await self._within_span(segment)
        return segment.data

    def _lies_behind(self, number: int) -> bool:
        """Return whether a segment begins after the span, as far as is known."""
        end = self.source.seconds(self.span.end)
        return self.source.start_of(number) > end - TOLERANCE

    def _is_cut(self, number: int) -> bool:
        """Return whether a segment may hold what lies outside of the span, and must not."""
        listed = numbers(self.source, self.span)
        return self.is_exact and (number == listed[0] or number >= listed[-1])

    async def _within_span(self, segment: Segment) -> Segment:
        source, span = self.source, self.span
        is_first = segment.number == self.first_number
        start = source.seconds(span.start) if is_first else None
        return await source.within(segment, start, source.seconds(span.end))

    async def _silence(self, number: int, *, follows: bool) -> bytes:
        """Return a segment that holds no frame of its own, as ``_fetch`` does."""
        source, start = self.source, self.source.grid.at(number)
        following = source.silent_until(number)
        frozen = None
        if (
            follows
            and following is not None
            and source.grid.last_until(number - 1, following) == following
        ):
            # The frame in the segment before is seen until then.
            start = max(start, following)
        else:
            frozen = await source.freeze_frame(number)
        self.last_number = number if follows or frozen else None
        return frozen or empty_segment(start)

    def _rest(self, last: int) -> range:
        """Return the segments after the last listed one that may hold the last frames.

        A key frame before the end may begin the segment whose boundary lies after the end.
        """
        source, end = self.source, self.span.end
        is_inside = source.end is None or end < source.end
        if is_inside and not self.is_exact:
            return range(0)
        return range(last + 1, source.grid.containing(source.seconds(end)) + 2)
