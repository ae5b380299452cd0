"""Hide the sound of segments where not all recordings of a playlist have the same.

hls.js can't begin or end to play sound on the way. What is hidden stays where it is, as free space, so nothing has to
be written anew.
"""

from typing import TYPE_CHECKING, Final

from .boxes import HEADER, boxes, within

if TYPE_CHECKING:
    from ..vapix import Recording

_FREE: Final = b"free"
_VIDEO: Final = b"vide"


def sound_of(recording: Recording) -> str | None:
    """Return what a camera's list calls the sound of a recording; None if there is none."""
    return next((each.mime_type or "" for each in recording.audio), None)


def without_sound(data: bytes) -> bytes:
    """Return an initialization section, or fragments, of the video track alone.

    ISO 14496-12: tracks (8.3.1), what fragments have in common (8.8.3), and their parts of each track (8.8.6).
    The video is the first track of all that is written here.
    """
    hidden = bytearray(data)
    for begin, _ in [*_tracks(data), *_extensions(data), *_fragments(data)]:
        hidden[begin - HEADER + 4 : begin] = _FREE
    return bytes(hidden)


def _tracks(data: bytes) -> list[tuple[int, int]]:
    return [
        (begin, end)
        for begin, end in within(data, b"moov", b"trak")
        for at, _ in within(data, b"mdia", b"hdlr", start=begin, limit=end)
        if data[at + 8 : at + 12] != _VIDEO
    ]


def _extensions(data: bytes) -> list[tuple[int, int]]:
    return [
        (begin, end)
        for begin, end in within(data, b"moov", b"mvex", b"trex")
        if int.from_bytes(data[begin + 4 : begin + 8]) != 1
    ]


def _fragments(data: bytes) -> list[tuple[int, int]]:
    return [
        (begin, end)
        for begin, end in within(data, b"moof", b"traf")
        for kind, at, _ in boxes(data, begin, end)
        if kind == b"tfhd" and int.from_bytes(data[at + 4 : at + 8]) != 1
    ]
