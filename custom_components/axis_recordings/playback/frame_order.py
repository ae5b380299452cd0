"""In which order and when the frames of a video are decoded and shown."""

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Final, Protocol

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


class Shown(Protocol):
    """What is shown at a time, in seconds."""

    time: float


@dataclass(slots=True)
class _Frame:
    """A frame, its rank, the time that it came with, and the one that it has got."""

    shown: Shown
    rank: Rank | None
    stamp: float
    placed: float


class Order:
    """Gives frames, which come in the order of decoding, times that grow in the order of showing.

    A frame that is shown before one that has come already (a B-frame) lies between the last two that were
    shown after all before them. Which ones these are is known by their ranks, or else guessed. These frames
    move behind the one that is shown before them, as far as they have to. Any other that goes back has a
    wrong time stamp, or the clock was set back: it moves right behind the last one, as in FFmpeg, until
    the clock has caught up. Exports that begin later have the same times then. After a large step the
    video's own time goes on. Times are in seconds.
    """

    def __init__(self, *, is_sure: bool) -> None:
        """Begin with no frame. ``is_sure`` is whether it is known which frames are shown before others.

        Else it is guessed by their times, but for those that have ranks.
        """
        self._slack = inf if is_sure else _JITTER
        self._floor = -inf
        self._floor_rank: Rank | None = None
        # What is shown after that, in this order. The last one came first.
        self._frames: list[_Frame] = []
        self._shift = 0.0
        self.reorders = False
        """Whether a frame was shown before one that came earlier."""

    @property
    def waiting(self) -> int:
        """Return how many of the last frames may still move."""
        return len(self._frames)

    def place(
        self,
        shown: Shown,
        duration: float,
        is_early: Callable[[], bool],
        rank: Rank | None = None,
    ) -> None:
        """Set when a frame is shown, and maybe later those that came since the last one before it.

        ``rank`` is its place in the order of showing. Without one ``is_early`` says whether it may be shown
        before others.
        """
        time = shown.time + self._shift
        latest = self._frames[-1].placed if self._frames else -inf
        is_between = self._is_between(rank)
        if is_between or (
            is_between is None
            and self._floor - self._slack < time < latest + TICK
            and is_early()
        ):
            self._insert(_Frame(shown, rank, time, shown.time))
            return
        if time < latest - _STEP:
            following = latest + max(duration, TICK)
            self._shift += following - time
            time = following
        elif time < latest + TICK:
            time = latest + (ROOM if self.reorders else TICK)
        self._floor, self._floor_rank = latest, self._latest_rank
        self._frames = [_Frame(shown, rank, time, time)]
        shown.time = time

    @property
    def _latest_rank(self) -> Rank | None:
        return self._frames[-1].rank if self._frames else None

    def _is_between(self, rank: Rank | None) -> bool | None:
        """Return whether a frame is shown between the last two; None if it is not known."""
        latest = self._latest_rank
        if rank is None or latest is None or rank == latest:
            return None
        # One that is shown even before these has lost its count.
        return rank < latest and (self._floor_rank is None or self._floor_rank < rank)

    def _insert(self, frame: _Frame) -> None:
        """Place a frame before the latest one, in the order of ranks, or else of times."""
        self.reorders = True
        *others, latest = self._frames
        if frame.stamp > latest.stamp + _STEP:
            # It is from before a large step back, in front of which it stays.
            frame.stamp = self._floor
        position = 0
        for other in others:
            if frame.rank is None or other.rank is None:
                position += other.stamp <= frame.stamp
            else:
                position += other.rank < frame.rank
        self._frames.insert(position, frame)
        earliest = self._floor + ROOM
        for each in self._frames:
            time = max(each.stamp, earliest)
            each.shown.time += time - each.placed
            each.placed = time
            earliest = time + ROOM


def decode_ticks(shown: list[int]) -> list[int]:
    """Return when frames are decoded, as late as can be: before they are shown, and one after the other.

    They are in the order of decoding, in ticks. What a camera says of it is not needed: Matroska does not
    hold it, and decoders take frames as they come. The first one is decoded when the first one is shown,
    but for some ticks.
    """
    decoded: list[int] = []
    for ticks in reversed(shown):
        decoded.append(min(ticks, decoded[-1] - 1) if decoded else ticks)
    return decoded[::-1]
