"""Cut a video into the numbered segments of its recording."""

from dataclasses import dataclass
from math import ceil
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from .codecs import require_playable
from .fragments import write_segment
from .frame_order import ROOM
from .reader import TOLERANCE, VideoReader

if TYPE_CHECKING:
    from collections.abc import Callable

    from .samples import Readable, Sample

LONGEST_SEGMENT: Final = 40.0
"""Of the grid, in seconds."""
LONGEST_BEFORE: Final = 120.0
"""How long before a segment a frame of it may be shown, in seconds.

One that is sent after a frame to which it refers may be shown long before that: before a pause, or before the
camera's clock was set ahead.
"""
# How long a frame is seen that is the only one, in seconds.
_SHORT: Final = 0.04


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A part of a recording that is cut the same way whichever export it comes from.

    Times are in seconds on the recording's timeline.
    """

    number: int
    start: float
    end: float
    """When the next frame is shown."""
    starts_with_key: bool
    is_open: bool
    """Whether it holds frames that are shown before its key frame, and need the segment before it."""
    is_whole: bool
    """Whether it was seen to end; else the video ended first."""
    frames: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Grid:
    """Where segments are cut: boundary n lies about n times the length, in seconds.

    A segment begins at the last key frame in the length before its boundary, or else at the boundary.
    So it is known from any export that begins at a boundary, which a camera moves to the key frame
    before it. No boundary needs to be known in advance, and no frame is in two segments.
    """

    length: float

    def at(self, number: int) -> float:
        """Return a boundary, in seconds."""
        return number * self.length

    def containing(self, time: float) -> int:
        """Return the segment that a moment lies in, or the next one."""
        return max(0, int((time + TOLERANCE) // self.length))

    def beginning_at(self, key: float) -> int:
        """Return the segment that begins with the key frame from which a boundary is exported."""
        return max(0, ceil((key - TOLERANCE) / self.length))

    def last_until(self, number: int, following: float) -> float:
        """Return until when a segment shows its last frame, if the next frame is at ``following``.

        In a pause that is the end of the segment, as each one shows the frame by itself: players move
        all that comes after a segment that is much longer than it is listed.
        """
        is_pause = following > self.at(number + 2) - TOLERANCE
        return self.at(number + 1) if is_pause else following


class Segmenter:
    """Cuts a video while it comes. For a thread."""

    def __init__(
        self,
        grid: Grid,
        *,
        begins: float,
        deliver: Callable[[Segment, bytes], None],
        on_open: Callable[[VideoReader], None],
    ) -> None:
        """Prepare for an export whose first frame is at ``begins``.

        Each segment is delivered with the initialization section.
        """
        self._grid = grid
        self._begins = begins
        self._deliver = deliver
        self._on_open = on_open
        # The one before the boundary, as another key frame may follow before that: see _cut.
        self._number = grid.containing(begins)
        # What is cut off and waits for its sound, and what is not yet cut off.
        self._pieces: list[_Piece] = []
        self._video: list[Sample] = []
        self._audio: list[Sample] = []

    def run(self, source: Readable) -> None:
        """Cut until the video ends.

        Raises InvalidVideoError, NoKeyFrameError, UnplayableError.
        """
        reader = VideoReader(source, self._begins)
        try:
            self._on_open(reader)
            require_playable(reader.codec)
            for group in reader.groups(is_live=True):
                first = group[0]
                reader.meter.hold(group)
                if first.is_video:
                    self._bring_near(group)
                    while first.time >= self._end - TOLERANCE:
                        self._cut(group)
                    self._video += group
                else:
                    self._audio += group
                self._write_ready(reader, first)
            self._end_video()
            self._write(reader, len(self._pieces))
        finally:
            reader.close()

    @property
    def _end(self) -> float:
        return self._grid.at(self._number + 1)

    def _bring_near(self, group: list[Sample]) -> None:
        """Move frames that are shown too long before their segment, or that might last for hours."""
        number = max(self._number, self._grid.containing(group[0].time))
        earliest = self._grid.at(number) - LONGEST_BEFORE
        for each in sorted(group, key=attrgetter("time")):
            if each.time >= earliest:
                break
            each.time = earliest
            earliest += ROOM

    def _cut(self, following: list[Sample]) -> None:
        """End the segment before a group that lies beyond its end, or before its last key frame."""
        first, position = following[0], len(self._video)
        if not first.is_key or first.time > self._end + TOLERANCE:
            position = self._next_begin()
        if position:
            end = min(each.time for each in [*self._video[position:], *following])
            self._cut_off(position, end, is_whole=True)
        self._number += 1

    def _end_video(self) -> None:
        """Cut off what is left. Where it is cut does not depend on the end, as exports end differently."""
        # There is a key frame at least, else it would have ended with an error.
        position = self._next_begin()
        if position < len(self._video):
            if position:
                end = min(each.time for each in self._video[position:])
                self._cut_off(position, end, is_whole=False)
            self._number += 1
        self._cut_off(len(self._video), _end_of(self._video), is_whole=False)

    def _next_begin(self) -> int:
        """Return the position of the last key frame, with which the next segment begins, or the end."""
        boundary = self._grid.at(self._number) + TOLERANCE
        for index in range(len(self._video) - 1, -1, -1):
            sample = self._video[index]
            # After a pause, all there is may belong to the next segment.
            if sample.is_key and (index or sample.time > boundary):
                return index
        return len(self._video)

    def _cut_off(self, position: int, end: float, *, is_whole: bool) -> None:
        video, self._video = self._video[:position], self._video[position:]
        self._pieces.append(_Piece(self._number, video, end, is_whole))

    def _write_ready(self, reader: VideoReader, latest: Sample) -> None:
        """Write the pieces whose sound has come.

        In an MP4 it comes after all frames up to the next key frame, which shows that there is no more.
        """
        ready = 0
        for piece in self._pieces:
            if reader.is_interleaved or (
                latest.time >= piece.end - TOLERANCE
                and (not latest.is_video or latest.is_key)
            ):
                ready += 1
        self._write(reader, ready)

    def _write(self, reader: VideoReader, number: int) -> None:
        pieces, self._pieces = self._pieces[:number], self._pieces[number:]
        for piece in pieces:
            # Sound comes a little before or after its frame; what is late goes into the next segment.
            audio = [each for each in self._audio if each.time < piece.end]
            self._audio = [each for each in self._audio if each.time >= piece.end]
            samples = [*audio, *piece.video]
            reader.meter.release(samples)
            end = self._grid.last_until(piece.number, piece.end)
            init, data = write_segment(reader, samples, end=end)
            first = piece.video[0]
            start = min(each.time for each in piece.video)
            segment = Segment(
                number=piece.number,
                start=start,
                end=piece.end,
                starts_with_key=first.is_key,
                is_open=first.is_key and first.time > start,
                is_whole=piece.is_whole,
                frames=len(piece.video),
                data=data,
            )
            self._deliver(segment, init)


@dataclass(frozen=True, slots=True)
class _Piece:
    """The frames of a segment."""

    number: int
    video: list[Sample]
    end: float
    is_whole: bool


def _end_of(video: list[Sample]) -> float:
    """Return until when the last frame is seen."""
    *others, last = sorted(video, key=attrgetter("time"))
    usual = last.time - others[-1].time if others else _SHORT
    return last.time + (last.duration or usual)
