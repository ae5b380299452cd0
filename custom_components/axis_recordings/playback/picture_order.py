"""In which order pictures are shown, as their coding says (ISO 14496-10, 8.2.1; ISO 23008-2, 8.3.1)."""

from typing import TYPE_CHECKING, Final

from .picture_headers import H264, H265, HEADER, Bits, Picture

if TYPE_CHECKING:
    from collections.abc import Iterator

type Rank = tuple[int, int]
"""Grows in the order of showing."""

# ISO 14496-10, 7.4.1: coded slices of pictures.
_SLICES: Final = (1, 5)
# ISO 14496-10, table 7-6.
_B_SLICES: Final = (1, 6)
_READERS: Final[dict[str, type[H264 | H265]]] = {"h264": H264, "hevc": H265}
# What a parser can raise for a unit that is damaged.
_DAMAGED: Final = (ValueError, LookupError)


class PictureOrder:
    """Ranks the pictures of a video, which come in the order of decoding."""

    def __init__(self, codec: str, extradata: bytes) -> None:
        """Begin a video of a codec, in FFmpeg's words, and with what FFmpeg calls extradata."""
        self._reader = _READERS[codec]() if codec in _READERS else None
        self._length_size, units = 0, _units(extradata, 0)
        # The records of ISO 14496-15, 5.3.3.1 and 8.3.3.1; without them there are start codes.
        if extradata[:1] == b"\1" and codec == "h264":
            self._length_size, units = _length_size(extradata, 4), _avc_units(extradata)
        elif extradata[:1] == b"\1" and codec == "hevc":
            self._length_size, units = (
                _length_size(extradata, 21),
                _hevc_units(extradata),
            )
        self._restarts = 0
        self._base: int | None = None
        for unit in units:
            self._read(unit)

    def rank(self, data: bytes) -> Rank | None:
        """Return the place of a picture among those shown; None where it does not say."""
        for unit in _units(data, self._length_size):
            picture = self._read(unit)
            if picture is not None:
                return self._count(picture)
        return None

    def begins_anew(self, data: bytes) -> bool:
        """Return whether a key frame ends the count of all before it, so that it may follow another video."""
        return self._reader is None or any(
            map(self._reader.is_restart, _units(data, self._length_size))
        )

    def break_link(self, data: bytes) -> bytes:
        """Return a key frame that ends the count of all before it, where its codec has a word for that.

        A decoder of H.265 takes one in an open group for a picture between those that it has decoded
        before, but not one with a broken link, which is coded alike (ISO 23008-2, 7.4.2.2).
        """
        if not isinstance(self._reader, H265) or not self._length_size:
            return data
        written = bytearray()
        for unit in _units(data, self._length_size):
            broken = self._reader.break_link(unit)
            written += len(broken).to_bytes(self._length_size) + broken
        return bytes(written)

    def is_b_frame(self, data: bytes) -> bool:
        """Return whether an H.264 picture may be shown before others that it refers to."""
        for unit in _units(data, self._length_size):
            if unit[0] & 0x1F in _SLICES:
                bits = Bits(unit[1:HEADER])
                try:
                    bits.skip_numbers(1)
                    return bits.number() in _B_SLICES
                except _DAMAGED:
                    return False
        return False

    def _read(self, unit: bytes) -> Picture | None:
        try:
            return self._reader.read(unit) if self._reader else None
        except _DAMAGED:
            return None

    def _count(self, picture: Picture) -> Rank:
        """Return the count whose lowest bits are known, which is that closest to the base."""
        count = picture.lowest
        if picture.restarts:
            self._restarts += 1
        elif self._base is not None:
            half = 1 << (picture.length - 1)
            count = self._base + half - (half + self._base - count) % (2 * half)
        if picture.is_base:
            self._base = count
        return self._restarts, count


def _units(data: bytes, length_size: int) -> Iterator[bytes]:
    """Return the units of a picture, with their length in front in so many bytes, or with start codes."""
    if not length_size:
        yield from filter(None, data.split(b"\0\0\1")[1:])
        return
    position = 0
    while position + length_size < len(data):
        begin = position + length_size
        position = begin + int.from_bytes(data[position:begin])
        if position > begin:
            yield data[begin:position]


def _length_size(record: bytes, at: int) -> int:
    return (record[at] & 3) + 1 if at < len(record) else 0


def _avc_units(record: bytes) -> Iterator[bytes]:
    """Return the parameter sets of a record: those of sequences, then those of pictures."""
    position = 5
    for mask in (0x1F, 0xFF):
        count = int.from_bytes(record[position : position + 1]) & mask
        position += 1
        for _ in range(count):
            unit, position = _counted(record, position)
            yield unit


def _hevc_units(record: bytes) -> Iterator[bytes]:
    """Return the parameter sets of a record, kind by kind."""
    position = 23
    for _ in range(int.from_bytes(record[22:23])):
        count = int.from_bytes(record[position + 1 : position + 3])
        position += 3
        for _ in range(count):
            unit, position = _counted(record, position)
            yield unit


def _counted(record: bytes, position: int) -> tuple[bytes, int]:
    """Return the unit whose length stands at a position, and where it ends."""
    begin = position + 2
    end = begin + int.from_bytes(record[position:begin])
    return record[begin:end], end
