"""Let a fragment say that it begins where its playlist lists it, although its first frames are shown before.

hls.js takes the decode time of the first fragment that it gets of a recording for the place at which that is listed. A
segment begins with a key frame up to a segment's length before that. So without this, all of the recording would be seen
later than it is listed, by that much.
"""

from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from .boxes import HEADER, boxes, within
from .frame_order import TIMESCALE

if TYPE_CHECKING:
    from collections.abc import Iterator

# ISO 14496-12, 8.8.7 (tfhd): optional fields before the defaults, by their flags, and the defaults.
_PLACE, _DESCRIPTION = 0x1, 0x2
_DEFAULTS: Final = (0x8, 0x10, 0x20)
# 8.8.8 (trun): what stands before the frames, and what is said of each: duration, size, flags, and when it is shown,
# counted from when it is decoded.
_OFFSET, _FIRST_FLAGS = 0x1, 0x4
_OF_EACH: Final = (0x100, 0x200, 0x400, 0x800)
_ALL: Final = _OFFSET | sum(_OF_EACH)
# In this version, that may be before.
_SIGNED: Final = 1 << 24
_WORD: Final = 4


class _Frame(NamedTuple):
    duration: int
    size: int
    flags: int
    shown: int


def decode_from(data: bytes, start: float) -> bytes:
    """Return fragments of which the first is decoded from ``start`` on, in seconds; what it shows, and when, stays the same.

    One with sound stays as it is, as sound is heard when it is decoded. So does one that ends before.
    """
    # A key frame begins another one, and none but the first lies before a boundary.
    fragment = next(within(data, b"moof"), (0, 0))
    tracks = list(within(data, b"traf", start=fragment[0], limit=fragment[1]))
    if len(tracks) != 1:
        return data
    inner = {kind: (begin, end) for kind, begin, end in boxes(data, *tracks[0])}
    time = inner[b"tfdt"][0] + _WORD
    decoded, begin = int.from_bytes(data[time : time + 8]), round(start * TIMESCALE)
    if not (run := inner.get(b"trun")):
        return data
    frames = list(_frames(data, inner[b"tfhd"][0], run[0]))
    room = decoded + sum(each.duration for each in frames) - begin
    if room < len(frames):
        return data
    times = [begin + room * each // len(frames) for each in range(len(frames) + 1)]
    entries = _entries(frames, decoded, times)
    growth = 3 * _WORD + len(entries) - (run[1] - run[0])
    head = (_SIGNED | _ALL, len(frames), _word(data, run[0] + 2 * _WORD) + growth)
    changed = bytearray(data)
    changed[time : time + 8] = begin.to_bytes(8)
    changed[run[0] : run[1]] = b"".join(each.to_bytes(_WORD) for each in head) + entries
    for inside in (fragment[0], tracks[0][0], run[0]):
        at = inside - HEADER
        changed[at : at + _WORD] = (_word(data, at) + growth).to_bytes(_WORD)
    return bytes(changed)


def _entries(frames: list[_Frame], decoded: int, times: list[int]) -> bytes:
    """Return what is to be said of frames that are decoded at other times than from ``decoded`` on."""
    entries = bytearray()
    for frame, (earlier, later) in zip(frames, pairwise(times), strict=True):
        for word in (later - earlier, frame.size, frame.flags):
            entries += word.to_bytes(_WORD)
        shown = decoded + frame.shown - earlier
        entries += shown.to_bytes(_WORD, signed=True)
        decoded += frame.duration
    return bytes(entries)


def _frames(data: bytes, defaults: int, run: int) -> Iterator[_Frame]:
    """Return what is said of the frames, by themselves or of all in common."""
    common = dict.fromkeys(_DEFAULTS, 0)
    flags, at = _word(data, defaults), defaults + 2 * _WORD
    at += 8 * bool(flags & _PLACE) + _WORD * bool(flags & _DESCRIPTION)
    for each in _DEFAULTS:
        if flags & each:
            common[each], at = _word(data, at), at + _WORD
    flags, count, at = _word(data, run), _word(data, run + _WORD), run + 3 * _WORD
    first = common[_DEFAULTS[2]]
    if flags & _FIRST_FLAGS:
        first, at = _word(data, at), at + _WORD
    for index in range(count):
        words = [*common.values(), 0]
        words[2] = words[2] if index else first
        for place, each in enumerate(_OF_EACH):
            if flags & each:
                words[place], at = _word(data, at), at + _WORD
        yield _Frame(*words)


def _word(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + _WORD])
