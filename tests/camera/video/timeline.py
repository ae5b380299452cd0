"""Where the frames and key frames of a recording lie."""

from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from itertools import cycle, pairwise
from typing import TYPE_CHECKING, NamedTuple

from tests.camera.clock import from_microseconds, to_microseconds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from fractions import Fraction

    from .encoding import ClockStep, Pause

BLOCK_SECONDS = 300
"""Recordings are kept in blocks of this length (`DefaultSplitDuration`); each begins anew."""

SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Timeline:
    """Frame n is seen at the origin + n / rate, whichever part of the recording is asked for.

    `gop` holds the lengths in seconds from key frame to key frame, in turn: one as a rule,
    several for an encoder that varies them (Axis: Zipstream, dynamic GOP). Each block of the
    recording begins with a key frame. Frames that fall into `pauses` are missing, and a key frame
    that does comes with the next one. There are `frames` numbers, or no end to them. `gops` follow
    each other that are decoded together; each such group can be decoded by itself.

    A frame's time is what its picture shows. Its stamp is what the camera writes: the same, but for
    `steps` of the clock.
    """

    origin: datetime
    rate: Fraction
    gop: tuple[float, ...]
    pauses: tuple[Pause, ...] = ()
    steps: tuple[ClockStep, ...] = ()
    frames: int | None = None
    gops: int = 1

    def time(self, frame: int) -> datetime:
        """Give the time at which a frame is seen, to the microsecond."""
        return from_microseconds(to_microseconds(self.origin) + self._offset(frame))

    def stamp(self, frame: int) -> datetime:
        """Give the time that the camera writes to a frame."""
        (shift,) = (each.shift for each in self._stretches if frame in each.frames)
        return from_microseconds(to_microseconds(self.time(frame)) + shift)

    def least_stamp(self, frame: int, *, is_sound: bool = False) -> datetime:
        """Give the earliest time stamp of a frame and all that come after it.

        Of sound there is some where frames are missing, too.
        """
        later = (
            each.frames.start if is_sound else self.first_from(each.frames.start)
            for each in self._stretches
            if each.frames.start > frame
        )
        return min(map(self.stamp, (frame, *later)))

    def at_or_before(self, moment: datetime) -> int:
        """Find the last frame that is not after a moment; before the first one it is negative.

        Where a moment has come twice, as the clock was set back, it is the second time.
        """
        passed = to_microseconds(moment) - to_microseconds(self.origin)
        final = FAR if self.frames is None else self.frames - 1
        for frames, shift in reversed(self._stretches):
            frame = self._at_or_before(passed - shift)
            if frame >= frames.start and final >= frames.start:
                return self.last_to(min(frame, frames.stop - 1, final))
        raise ValueError(moment)

    def number_before(self, moment: datetime) -> int:
        """Give the number after the last frame before a moment."""
        frame = self.at_or_before(moment)
        number = frame if self.stamp(frame) == moment else frame + 1
        return number if self.frames is None else min(number, self.frames)

    def between(self, first: int, last: int) -> Iterator[int]:
        """Give the frames from one on up to another, which is excluded."""
        frame = self.first_from(first)
        while frame < last:
            yield frame
            frame = self.first_from(frame + 1)

    def first_from(self, frame: int) -> int:
        """Find the first frame from a number on."""
        for first, last, step in _in_frames(self.rate, self.pauses):
            if first <= frame < last:
                past = (frame - first) % step if step else 0
                following = last if not step else frame + (step - past if past else 0)
                frame = min(last, following)
        return frame

    def last_to(self, frame: int) -> int:
        """Find the last frame up to a number."""
        for first, last, step in reversed(_in_frames(self.rate, self.pauses)):
            if first <= frame < last:
                frame = frame - (frame - first) % step if step else first - 1
        return frame

    def key_at_or_before(self, frame: int) -> int:
        """Find the key frame that a frame can be decoded from."""
        return self._key_to(frame, 1)

    def key_after(self, frame: int) -> int:
        """Find the next key frame."""
        return self._key_from(frame, 1)

    def group_at(self, frame: int) -> int:
        """Find where the group begins that a frame belongs to."""
        return self._key_to(frame, self.gops)

    def group_after(self, frame: int) -> int:
        """Find the beginning of the next group."""
        return self._key_from(frame, self.gops)

    def _key_to(self, frame: int, gops: int) -> int:
        number = frame
        while True:
            block, position = divmod(number, self._block)
            keys = _keys(self.rate, self.gop)[::gops]
            place = block * self._block + keys[bisect_right(keys, position) - 1]
            key = self.first_from(place)
            if key <= frame:
                return key
            number = place - 1

    def _key_from(self, frame: int, gops: int) -> int:
        block, position = divmod(frame, self._block)
        keys = _keys(self.rate, self.gop)[::gops]
        following = bisect_right(keys, position)
        inside = keys[following] if following < len(keys) else self._block
        return self.first_from(block * self._block + inside)

    def _at_or_before(self, passed: int) -> int:
        """Find the last number that is not after so many microseconds, clock and pauses aside."""
        frame = passed * self.rate.numerator // (self.rate.denominator * SECOND)
        while self._offset(frame + 1) <= passed:
            frame += 1
        return frame

    @property
    def _stretches(self) -> tuple[_Stretch, ...]:
        return _stretches(self.rate, self.steps)

    @property
    def _block(self) -> int:
        return round(BLOCK_SECONDS * self.rate)

    def _offset(self, frame: int) -> int:
        return frame * self.rate.denominator * SECOND // self.rate.numerator


class _Stretch(NamedTuple):
    """Frames whose time stamps are so many microseconds off."""

    frames: range
    shift: int


FAR = 1 << 60


@lru_cache
def _stretches(rate: Fraction, steps: tuple[ClockStep, ...]) -> tuple[_Stretch, ...]:
    bounds = [-FAR, *(round(step.at * rate) for step in steps), FAR]
    shifts = [0, *(round(step.by * SECOND) for step in steps)]
    return tuple(
        _Stretch(range(first, last), shift)
        for (first, last), shift in zip(pairwise(bounds), shifts, strict=True)
    )


@lru_cache
def _in_frames(
    rate: Fraction, pauses: tuple[Pause, ...]
) -> tuple[tuple[int, int, int], ...]:
    """Give the first number of each pause, the one after it, and the distance of its frames."""
    return tuple(
        (
            round(pause.start * rate),
            round(pause.stop * rate),
            round(pause.every * rate) if pause.every is not None else 0,
        )
        for pause in pauses
    )


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
