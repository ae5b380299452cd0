"""In which order and when the frames of a film are decoded and shown."""

from math import inf
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

# Enough for any frame rate, and what most players count in.
TIMESCALE: Final = 90_000
TICK: Final = 1 / TIMESCALE
# A clock that falls back by more is not waited for.
_STEP: Final = 10.0
# Between frames that are moved, where others may have to be decoded or shown before the later one.
ROOM: Final = 32 * TICK
# A time stamp that is a little wrong is so by less than this.
_JITTER: Final = 0.05
# ISO 14496-10, 7.4.1: coded slices of pictures.
_SLICES: Final = (1, 5)
# ISO 14496-10, table 7-6.
_B_SLICES: Final = (1, 6)


class Order:
    """Gives frames, which come in the order of decoding, times that grow in the order of showing.

    A frame that is shown before one that has come already (a B-frame) lies between the last two that were
    shown after all before them. Any other that goes back has a wrong time stamp, or the clock was set back:
    it moves right behind the last one, as in FFmpeg, until the clock has caught up. Exports that begin later
    have the same times then. After a large step the film's own time goes on. Times are in seconds.
    """

    def __init__(self, *, is_sure: bool) -> None:
        """Begin with no frame. ``is_sure`` is whether it is known which frames are shown before others.

        Else it is guessed by their times.
        """
        self._slack = inf if is_sure else _JITTER
        self._latest = self._floor = -inf
        self._between: list[float] = []
        self._shift = 0.0
        self._step = TICK

    def place(
        self, time: float, duration: float, is_early: Callable[[], bool]
    ) -> float:
        """Return when a frame is shown. ``is_early`` tells whether it may be shown before others."""
        time += self._shift
        if time >= self._latest + TICK:
            return self._append(time)
        if time > self._floor - self._slack and is_early():
            return self._insert(time)
        if time < self._latest - _STEP:
            following = self._latest + max(duration, TICK)
            self._shift += following - time
            return self._append(following)
        return self._append(self._latest + self._step)

    def _append(self, time: float) -> float:
        self._floor, self._latest = self._latest, time
        self._between.clear()
        return time

    def _insert(self, time: float) -> float:
        """Place a frame before the latest one, where no other is."""
        self._step = ROOM
        wanted = time = min(max(time, self._floor + TICK), self._latest - TICK)
        while self._is_taken(time):
            time += TICK
        if time > self._latest - TICK / 2:
            time = wanted
            while self._is_taken(time):
                time -= TICK
        self._between.append(time)
        return time

    def _is_taken(self, time: float) -> bool:
        return any(abs(time - other) < TICK / 2 for other in self._between)


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


def is_b_frame(data: bytes, length_size: int) -> bool:
    """Return whether an H.264 picture may be shown before others that it refers to.

    Its parts have their length in front of them, in so many bytes, or follow start codes if that is 0.
    """
    for unit in _units(data, length_size):
        if unit[0] & 0x1F in _SLICES:
            bits = int.from_bytes(unit[1:9].ljust(8, b"\0"))
            _first_macroblock, bits = _exp_golomb(bits)
            slice_type, _ = _exp_golomb(bits)
            return slice_type in _B_SLICES
    return False


def _units(data: bytes, length_size: int) -> list[bytes]:
    units: list[bytes] = []
    if not length_size:
        units = data.split(b"\0\0\1")[1:]
    position = 0
    while length_size and position + length_size < len(data):
        begin = position + length_size
        position = begin + int.from_bytes(data[position:begin])
        units.append(data[begin:position])
    return [unit for unit in units if unit]


def _exp_golomb(bits: int) -> tuple[int, int]:
    """Read a number (ISO 14496-10, 9.1) from the top of 64 bits; return it, and the bits after it."""
    zeros = 64 - bits.bit_length()
    length = min(2 * zeros + 1, 64)
    number = (bits >> (64 - length)) - 1
    return number, (bits << length) & (2**64 - 1)
