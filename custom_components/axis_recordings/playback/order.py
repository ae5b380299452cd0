"""In which order and when the frames of a film are decoded and shown."""

from math import inf
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from .picture_order import Rank

# Enough for any frame rate, and what most players count in.
TIMESCALE: Final = 90_000
TICK: Final = 1 / TIMESCALE
# A clock that falls back by more is not waited for.
_STEP: Final = 10.0
# Between frames that are moved, where others may have to be decoded or shown before the later one.
ROOM: Final = 32 * TICK
# A time stamp that is a little wrong is so by less than this.
_JITTER: Final = 0.05
# Frames are moved no further than half of it from the one that they follow or precede.
_GAP: Final = 8 * ROOM


class Order:
    """Gives frames, which come in the order of decoding, times that grow in the order of showing.

    A frame that is shown before one that has come already (a B-frame) lies between the last two that were
    shown after all before them. Which ones these are is told by their ranks, or else guessed. Any other that
    goes back has a wrong time stamp, or the clock was set back: it moves right behind the last one, as in
    FFmpeg, until the clock has caught up. Exports that begin later have the same times then. After a large
    step the film's own time goes on. Times are in seconds.
    """

    def __init__(self, *, is_sure: bool) -> None:
        """Begin with no frame. ``is_sure`` is whether it is known which frames are shown before others.

        Else it is guessed by their times, but for those that have ranks.
        """
        self._slack = inf if is_sure else _JITTER
        self._latest = self._floor = -inf
        self._latest_rank: Rank | None = None
        self._floor_rank: Rank | None = None
        self._between: list[tuple[float, Rank | None]] = []
        self._shift = 0.0
        self.reorders = False
        """Whether a frame was shown before one that came earlier."""

    def place(
        self,
        time: float,
        duration: float,
        is_early: Callable[[], bool],
        rank: Rank | None = None,
    ) -> float:
        """Return when a frame is shown.

        ``rank`` is its place in the order of showing. Without one ``is_early`` tells whether it may be shown
        before others.
        """
        time += self._shift
        is_between = self._is_between(rank)
        if is_between:
            return self._insert(time, rank)
        if time >= self._latest + TICK:
            return self._append(time, rank)
        if is_between is None and time > self._floor - self._slack and is_early():
            return self._insert(time, None)
        if time < self._latest - _STEP:
            following = self._latest + max(duration, TICK)
            self._shift += following - time
            return self._append(following, rank)
        room = ROOM if self.reorders else TICK
        return self._append(self._latest + room, rank)

    def _is_between(self, rank: Rank | None) -> bool | None:
        """Return whether a frame is shown between the last two; None if it is not known."""
        if rank is None or self._latest_rank is None or rank == self._latest_rank:
            return None
        # One that is shown even before these has lost its count.
        return rank < self._latest_rank and (
            self._floor_rank is None or self._floor_rank < rank
        )

    def _append(self, time: float, rank: Rank | None) -> float:
        self._floor, self._latest = self._latest, time
        self._floor_rank, self._latest_rank = self._latest_rank, rank
        self._between.clear()
        return time

    def _insert(self, time: float, rank: Rank | None) -> float:
        """Place a frame before the latest one, in the order of ranks, or else of times."""
        self.reorders = True
        lower, upper = self._floor, self._latest
        for other, other_rank in self._between:
            if rank is None or other_rank is None:
                is_before = other <= time
            else:
                is_before = other_rank < rank
            if is_before:
                lower = max(lower, other)
            else:
                upper = min(upper, other)
        # What comes next may need room too.
        step = max(TICK, min(_GAP, upper - lower) / 2)
        if time < lower + TICK:
            time = lower + step
        elif time > upper - TICK:
            time = upper - step
        self._between.append((time, rank))
        return time


def decode_ticks(shown: list[int]) -> list[int]:
    """Return when frames are decoded, as late as can be: before they are shown, and one after the other.

    They are in the order of decoding, in ticks. What a camera tells of it is not needed: Matroska does not
    hold it, and decoders take frames as they come. The first one is decoded when the first one is shown,
    but for some ticks.
    """
    decoded: list[int] = []
    for ticks in reversed(shown):
        decoded.append(min(ticks, decoded[-1] - 1) if decoded else ticks)
    return decoded[::-1]
