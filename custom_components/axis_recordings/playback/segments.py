"""Cut a film into the numbered segments of its recording."""

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from .film import TOLERANCE, Film
from .fragments import write_segment

if TYPE_CHECKING:
    from collections.abc import Callable

    from .film import Readable, Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A part of a recording that is cut the same way whichever export it comes from.

    Times are in seconds on the recording's timeline.
    """

    number: int
    start: float
    stop: float
    starts_with_key: bool
    is_whole: bool
    """Whether it was seen to end; else the film ended first."""
    data: bytes


@dataclass(frozen=True, slots=True)
class Grid:
    """Where segments are cut: boundary n lies about n times the length, in seconds.

    A segment begins at the last key frame in the length before its boundary, or else at the boundary.
    So it can be told from any export that begins at a boundary, which a camera moves to the key frame
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


class Segmenter:
    """Cuts a film while it comes. For a thread."""

    def __init__(
        self,
        grid: Grid,
        *,
        asked: int,
        begins: float,
        deliver: Callable[[Segment, bytes], None],
        on_film: Callable[[Film], None],
    ) -> None:
        """Prepare for an export from boundary ``asked`` on, whose first frame is at ``begins``.

        Each segment is delivered with the initialisation section.
        """
        self._grid = grid
        self._begins = begins
        self._deliver = deliver
        self._on_film = on_film
        # What a camera sends from later on than asked is the beginning of the recording.
        number = grid.beginning_at(begins)
        self._number = min(number, asked) if begins < grid.at(asked + 1) else number
        self._video: list[Sample] = []
        self._audio: list[Sample] = []

    def run(self, source: Readable) -> None:
        """Cut until the film ends.

        Raises NotAFilmError, NoKeyFrameError, UnplayableError.
        """
        film = Film(source, self._begins)
        try:
            self._on_film(film)
            film.require_playable()
            for sample in film.samples():
                if not sample.is_video:
                    self._audio.append(sample)
                    continue
                while sample.time >= self._end - TOLERANCE:
                    self._cut(film, sample)
                self._video.append(sample)
            # There is a key frame at least, else it would have ended with an error.
            last = self._video[-1]
            self._write(film, len(self._video), last.time + last.duration, whole=False)
        finally:
            film.close()

    @property
    def _end(self) -> float:
        return self._grid.at(self._number + 1)

    def _cut(self, film: Film, following: Sample) -> None:
        """End the segment before a frame that lies beyond its end, or before its last key frame."""
        position, time = len(self._video), following.time
        if not following.is_key or time > self._end + TOLERANCE:
            for index in range(len(self._video) - 1, 0, -1):
                if self._video[index].is_key:
                    position, time = index, self._video[index].time
                    break
        if position:
            self._write(film, position, time, whole=True)
        self._number += 1

    def _write(self, film: Film, position: int, stop: float, *, whole: bool) -> None:
        video, self._video = self._video[:position], self._video[position:]
        # Sound comes a little before or after its picture; what is late goes into the next segment.
        audio = [sample for sample in self._audio if sample.time < stop]
        self._audio = [sample for sample in self._audio if sample.time >= stop]
        video[-1].duration = stop - video[-1].time
        init, data = write_segment(film, _interleave(video, audio))
        segment = Segment(
            number=self._number,
            start=video[0].time,
            stop=stop,
            starts_with_key=video[0].is_key,
            is_whole=whole,
            data=data,
        )
        self._deliver(segment, init)


def _interleave(video: list[Sample], audio: list[Sample]) -> list[Sample]:
    return sorted([*video, *audio], key=lambda sample: sample.decode_time)
