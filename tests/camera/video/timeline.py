"""Where the frames and key frames of a recording lie."""

from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from itertools import cycle
from typing import TYPE_CHECKING

from tests.camera.clock import from_microseconds, to_microseconds

if TYPE_CHECKING:
    from datetime import datetime
    from fractions import Fraction

BLOCK_SECONDS = 300
"""Recordings are kept in blocks of this length (`DefaultSplitDuration`); each begins anew."""

SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Timeline:
    """Frame n is at the origin + n / rate, whichever part of the recording is asked for.

    `gop` holds the lengths in seconds from key frame to key frame, in turn: one as a rule,
    several for an encoder that varies them (Axis: Zipstream, dynamic GOP). Each block of the
    recording begins with a key frame.
    """

    origin: datetime
    rate: Fraction
    gop: tuple[float, ...]

    def time(self, frame: int) -> datetime:
        """Give the time of a frame, to the microsecond."""
        return from_microseconds(to_microseconds(self.origin) + self._offset(frame))

    def at_or_before(self, moment: datetime) -> int:
        """Find the last frame that is not after a moment; before the first one it is negative."""
        passed = to_microseconds(moment) - to_microseconds(self.origin)
        frame = passed * self.rate.numerator // (self.rate.denominator * SECOND)
        while self._offset(frame + 1) <= passed:
            frame += 1
        return frame

    def number_before(self, moment: datetime) -> int:
        """Count the frames from the origin up to a moment, which is excluded."""
        frame = self.at_or_before(moment)
        return frame if self.time(frame) == moment else frame + 1

    def key_at_or_before(self, frame: int) -> int:
        """Find the key frame that a frame can be decoded from."""
        block, position = divmod(frame, self._block)
        keys = _keys(self.rate, self.gop)
        return block * self._block + keys[bisect_right(keys, position) - 1]

    def key_after(self, frame: int) -> int:
        """Find the next key frame."""
        block, position = divmod(frame, self._block)
        keys = _keys(self.rate, self.gop)
        following = bisect_right(keys, position)
        inside = keys[following] if following < len(keys) else self._block
        return block * self._block + inside

    @property
    def _block(self) -> int:
        return round(BLOCK_SECONDS * self.rate)

    def _offset(self, frame: int) -> int:
        return frame * self.rate.denominator * SECOND // self.rate.numerator


@lru_cache
def _keys(rate: Fraction, gop: tuple[float, ...]) -> tuple[int, ...]:
    """List the key frames of one block."""
    keys: list[int] = []
    frame = 0
    for length in cycle(gop):
        if frame >= round(BLOCK_SECONDS * rate):
            break
        keys.append(frame)
        frame += max(1, round(length * rate))
    return tuple(keys)
