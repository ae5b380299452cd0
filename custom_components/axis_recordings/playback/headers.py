"""Check the headers of a video before FFmpeg reads them, which makes room for whatever they announce.

A few bytes can announce millions of frames or tracks, or be repeated as often, and FFmpeg fills the memory with
what stands for them. Everything here waits, so it runs in a thread.
"""

from itertools import islice
import re
from typing import TYPE_CHECKING, Final, Protocol

from .errors import InvalidVideoError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LONGEST_HEADER: Final = 64 * 1024
"""Of Matroska, in bytes: what stands before the frames."""
MOST_FRAMES: Final = 500_000
"""Of an export in MP4: those of ten minutes, with sound, are a quarter."""
MOST_FRAGMENTS: Final = 100_000
# The index of ten minutes has less than one megabyte.
_LONGEST_BOX: Final = 16 * 1024 * 1024
_CHUNK: Final = 1024 * 1024
_MOST_TRACKS: Final = 16
# An edit list can show all frames once for each of its entries.
_MOST_EDITS: Final = 16

# RFC 8794, 5 and 6.2; RFC 9559, 5.1.
_SEGMENT: Final = bytes.fromhex("18538067")
_CLUSTER: Final = bytes.fromhex("1F43B675")
_TRACKS: Final = bytes.fromhex("1654AE6B")
_TRACK: Final = bytes.fromhex("AE")
# RFC 9559, 5.1.4.1.31: how packets are compressed or encrypted; and what is no element.
_BROKEN: Final = b""
_PACKED: Final = (bytes.fromhex("6D80"), _BROKEN)
_MOST_ELEMENTS: Final = 1000
_LONGEST_ID: Final = 4
_LONGEST_SIZE: Final = 8
# Elements in a segment. FFmpeg searches for them anywhere, where it does not understand what it reads; only in an
# index they are named, with a position behind.
_PARTS: Final = b"|".join(
    re.escape(bytes.fromhex(each))
    for each in (
        "114D9B74",
        "1549A966",
        "1654AE6B",
        "1C53BB6B",
        "1941A469",
        "1043A770",
        "1254C367",
    )
)
_STRAY_PART: Final = re.compile(
    rb"(?<!\x53\xab\x84)(?:%b)|(?:%b)(?!\x53\xac)" % (_PARTS, _PARTS)
)

_BOX_HEAD: Final = 8
_LARGE_BOX_HEAD: Final = 16
_ONE: Final = (1).to_bytes(4)
# ISO 14496-12: how many frames (8.7.3, 8.8.8), parts (8.16.3) and edits (8.6.6) there are, and fragments (8.8.4);
# samples that are given by their chunks alone (8.6.1.2, 8.7.5), as FFmpeg reads sound that is not compressed; and
# what hides all of that (QuickTime File Format: compressed movies).
_COUNTS: Final = re.compile(
    rb"(?:(?:stsz|stz2).{8}|trun.{4})(?P<frames>.{4})"
    rb"|sidx(?:\x00.{21}|\x01.{29})(?P<parts>.{2})"
    rb"|elst.{4}(?P<edits>.{4})"
    rb"|stts.{4}(?P<plain>\x00{3}\x01.{4}\x00{3}\x01)"
    rb"|stsc.{4}(?P<runs>.{4})"
    rb"|(?:stco|co64).{4}(?P<chunks>.{4})"
    rb"|(?P<hidden>cmov)",
    re.DOTALL,
)
# FFmpeg's smallest piece of such sound, in samples; it has 1024 as a rule.
_PIECE: Final = 160
_RUN: Final = 12
_HANDLER: Final = (b"mdia", b"hdlr")
_TABLES: Final = tuple(
    (b"mdia", b"minf", b"stbl", name) for name in (b"stsd", b"stts", b"stsz")
)
# ISO 23003-5; QuickTime File Format: uncompressed sound, and G.711.
_PLAIN: Final = re.compile(
    rb"ipcm|fpcm|lpcm|sowt|twos|raw |in24|in32|fl32|fl64|ulaw|alaw"
)


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def check_matroska(peek: Callable[[int], bytes]) -> None:
    """See that a video comes to its frames soon. ``peek`` returns the first so many bytes, fewer at the end.

    Raises InvalidVideoError if it does not.
    """
    position = 0
    for _ in range(_MOST_ELEMENTS):
        head = peek(position + _LONGEST_ID + _LONGEST_SIZE)
        kind, size, content = _element(head, position)
        if content > len(head) or kind == _CLUSTER:
            # It ends here, or its frames begin.
            return
        position = content
        if kind != _SEGMENT:
            position += size
            if position > LONGEST_HEADER:
                break
            part = peek(position)[:position]
            if _STRAY_PART.search(part, content) or (
                kind == _TRACKS and _are_packed(part[content:])
            ):
                break
    message = "The video begins with more than any camera writes there"
    raise InvalidVideoError(message)


def _are_packed(tracks: bytes) -> bool:
    """Return whether packets are to be unpacked: FFmpeg makes gigabytes of some megabytes, before it gives any.

    So are tracks that can't be read as FFmpeg reads them.
    """
    return any(
        kind == _BROKEN
        or (kind == _TRACK and any(each in _PACKED for each, _ in _parts(track)))
        for kind, track in _parts(tracks)
    )


def _parts(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Return the ids and contents of elements that follow each other."""
    position = 0
    while position < len(data):
        kind, size, content = _element(data, position)
        position = content + size
        yield (kind if position <= len(data) else _BROKEN), data[content:position]


def _element(data: bytes, position: int) -> tuple[bytes, int, int]:
    """Return the id and the size of an element, and where its content begins.

    Its size is enormous if it is not known; what can't be an element has one, too.
    """
    begin = position + _length(data, position)
    content = begin + _length(data, begin)
    bits = 7 * (content - begin)
    size = int.from_bytes(data[begin:content]) & ((1 << bits) - 1)
    if begin - position > _LONGEST_ID or content - begin > _LONGEST_SIZE:
        return b"", LONGEST_HEADER, min(content, len(data))
    return data[position:begin], size, content


def _length(data: bytes, position: int) -> int:
    """Return how many bytes a number has that begins there."""
    return 9 - data[position].bit_length() if position < len(data) else 1


class CheckedBoxes:
    """An MP4 that is read while it comes, box by box.

    Reading raises InvalidVideoError if it announces more than there can be.
    """

    def __init__(self, source: _Readable) -> None:
        """Read from the beginning of an MP4."""
        self._source = source
        self._ready = b""
        self._frames = self._fragments = 0
        # Bytes of frames that are still to come; None if they go on to the end.
        self._content: int | None = 0

    def read(self, size: int) -> bytes:
        """Return up to so many bytes, none at the end."""
        if not self._ready and self._content == 0:
            self._read_box()
        if self._ready:
            data, self._ready = self._ready[:size], self._ready[size:]
            return data
        if self._content is None:
            return self._source.read(size)
        data = self._source.read(min(size, self._content))
        self._content -= len(data)
        return data

    def read_all(self) -> None:
        """Read to the end."""
        while self.read(_CHUNK):
            pass

    def _read_box(self) -> None:
        """Read a box, or only the head of one with frames."""
        head = self._read_exactly(_BOX_HEAD)
        size, kind = int.from_bytes(head[:4]), head[4:]
        if size == 1:
            head += self._read_exactly(_LARGE_BOX_HEAD - _BOX_HEAD)
            size = int.from_bytes(head[_BOX_HEAD:])
        self._ready = head
        if len(head) < _BOX_HEAD or (kind == b"mdat" and not size):
            self._content = None
        elif kind == b"mdat":
            self._content = max(0, size - len(head))
        elif len(head) <= size <= _LONGEST_BOX:
            self._ready += self._read_exactly(size - len(head))
            self._check(self._ready)
        else:
            message = "The video holds a box of no length that is known"
            raise InvalidVideoError(message)

    def _read_exactly(self, size: int) -> bytes:
        data = bytearray()
        while len(data) < size and (more := self._source.read(size - len(data))):
            data += more
        return bytes(data)

    def _check(self, box: bytes) -> None:
        rest = box
        for track in islice(_inner(box, b"moov", b"trak"), _MOST_TRACKS):
            if _is_plain_sound(track):
                self._count(track, is_plain=True)
                before, _, after = rest.partition(track)
                rest = before + after
        self._count(rest, is_plain=False)

    def _count(self, box: bytes, *, is_plain: bool) -> None:
        """Count what a box announces, or a track of sound that is given by its chunks alone."""
        self._fragments += box.count(b"moof")
        most_edits = chunks = most_in_chunk = 0
        has_chunks_alone = is_hidden = False
        for found in _COUNTS.finditer(box):
            if not is_plain:
                self._frames += int.from_bytes(found["frames"] or b"")
            self._fragments += int.from_bytes(found["parts"] or b"")
            most_edits = max(most_edits, int.from_bytes(found["edits"] or b""))
            has_chunks_alone |= found["plain"] is not None
            chunks += int.from_bytes(found["chunks"] or b"")
            is_hidden |= found["hidden"] is not None
            runs = int.from_bytes(found["runs"] or b"")
            self._frames += runs
            if self._frames > MOST_FRAMES:
                break
            for run in range(found.end(), found.end() + _RUN * runs, _RUN):
                in_chunk = int.from_bytes(box[run + 4 : run + 8])
                most_in_chunk = max(most_in_chunk, in_chunk)
        if has_chunks_alone:
            self._frames += chunks * (1 + most_in_chunk // _PIECE)
        if (
            is_hidden
            or most_edits > _MOST_EDITS
            or self._frames > MOST_FRAMES
            or self._fragments > MOST_FRAGMENTS
        ):
            message = "The video announces more than a camera can have recorded"
            raise InvalidVideoError(message)


def _inner(box: bytes, name: bytes, *path: bytes) -> Iterator[bytes]:
    """Return what is in the boxes of a name, or further down in them (ISO 14496-12, 4.2)."""
    position = 0
    while (size := int.from_bytes(box[position : position + 4])) >= _BOX_HEAD:
        content = box[position + _BOX_HEAD : position + size]
        if box[position + 4 : position + _BOX_HEAD] == name:
            yield from _inner(content, *path) if path else (content,)
        position += size


def _is_plain_sound(track: bytes) -> bool:
    """Return whether FFmpeg makes no room for each of its samples, of which there are thousands a second."""
    handler, kinds, times, _ = (
        next(_inner(track, *path), b"") for path in (_HANDLER, *_TABLES)
    )
    return (
        # There are no others that could be meant.
        all(track.count(path[-1]) == 1 for path in (_HANDLER, *_TABLES))
        and handler[8:12] == b"soun"
        and kinds[4:8] == _ONE
        and _PLAIN.fullmatch(kinds[12:16]) is not None
        and times[4:8] == times[12:16] == _ONE
    )
