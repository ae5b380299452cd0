"""Read what the units of H.264 and H.265 say of the order in which pictures are shown."""

from typing import Final, NamedTuple

# No more of a slice than this is read, nor of the settings of a sequence.
HEADER: Final = 64
_SETTINGS: Final = 1024
# ISO 14496-10, 9.1 and ISO 23008-2, 9.2: no number is as long.
_MOST_ZEROS: Final = 32
_HIGH_PROFILES: Final = (100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135)
_ALL_COLORS: Final = 3
_LONGEST_COUNT: Final = 16
# ISO 14496-10, 7.4.2.1.1 and 7.4.2.2; ISO 23008-2, 7.4.3.2.1 and 7.4.3.3.1: how many parameter sets there are.
_H264_SEQUENCES: Final = 32
_H264_PICTURES: Final = 256
_H265_SEQUENCES: Final = 16
_H265_PICTURES: Final = 64
# ISO 14496-10, table 7-1.
_H264_IDR: Final = 5
# ISO 23008-2, table 7-1: broken links and IDR pictures.
_H265_RESTARTS: Final = range(16, 21)
_H265_BROKEN: Final = 18
"""Without pictures that are shown before it."""
_H265_CLEAN: Final = 21


class Bits:
    """Reads a unit without the bytes that keep it from being taken for a start code."""

    def __init__(self, unit: bytes) -> None:
        """Begin with what follows the unit's header."""
        plain = unit.replace(b"\0\0\3", b"\0\0")
        self._bits = int.from_bytes(plain)
        self._left = 8 * len(plain)

    def read(self, length: int) -> int:
        """Read a number of so many bits. ValueError at the end."""
        if length > self._left:
            message = "The unit is too short"
            raise ValueError(message)
        self._left -= length
        return (self._bits >> self._left) & ((1 << length) - 1)

    def number(self) -> int:
        """Read a number that states its length (ISO 14496-10, 9.1). ValueError if it is too long."""
        zeros = 0
        while not self.read(1):
            zeros += 1
            if zeros > _MOST_ZEROS:
                message = "No number is that long"
                raise ValueError(message)
        return (1 << zeros) - 1 + self.read(zeros)

    def index(self, count: int) -> int:
        """Read the number of one of so many parameter sets. ValueError if there is none such."""
        number = self.number()
        if number >= count:
            message = "There are not as many parameter sets"
            raise ValueError(message)
        return number

    def skip_numbers(self, count: int) -> None:
        """Skip numbers that state their length."""
        for _ in range(count):
            self.number()

    def count_length(self) -> int:
        """Read how many bits of a count the slices hold."""
        length = self.number() + 4
        if length > _LONGEST_COUNT:
            message = "No count is that long"
            raise ValueError(message)
        return length


class Picture(NamedTuple):
    """What the first slice of a picture says of its place."""

    lowest: int = 0
    """The lowest bits of its count; the others follow from the pictures before."""
    length: int = _LONGEST_COUNT
    """How many bits these are."""
    restarts: bool = True
    """All before it are shown before."""
    is_base: bool = True
    """Later ones count from here."""


class _Sequence(NamedTuple):
    """What a sequence parameter set says of its slices."""

    count_length: int | None
    """None where the order of decoding is that of showing."""
    number_length: int = 0
    has_planes: bool = False
    has_fields: bool = False


class H264:
    """Reads H.264 (ISO 14496-10, 7.3)."""

    def __init__(self) -> None:
        """Begin without parameter sets."""
        self._sequences: dict[int, _Sequence] = {}
        # By the numbers of the parameter sets of pictures.
        self._sequence_of: dict[int, int] = {}

    def read(self, unit: bytes) -> Picture | None:
        """Return the picture of a slice, None for all else. ValueError or LookupError if it is damaged."""
        match unit[0] & 0x1F:
            case 1:
                return self._read_slice(unit, is_idr=False)
            case 5:
                return self._read_slice(unit, is_idr=True)
            case 7:
                self._read_sequence(Bits(unit[1:_SETTINGS]))
            case 8:
                bits = Bits(unit[1:HEADER])
                number = bits.index(_H264_PICTURES)
                self._sequence_of[number] = bits.index(_H264_SEQUENCES)
        return None

    @staticmethod
    def is_restart(unit: bytes) -> bool:
        """Return whether it belongs to a picture after which nothing before it counts."""
        return unit[0] & 0x1F == _H264_IDR

    def _read_sequence(self, bits: Bits) -> None:
        profile, _constraints_and_level = bits.read(8), bits.read(16)
        number = bits.index(_H264_SEQUENCES)
        has_planes = False
        if profile in _HIGH_PROFILES:
            colors = bits.number()
            has_planes = colors == _ALL_COLORS and bool(bits.read(1))
            bits.skip_numbers(2)
            bits.read(1)
            if bits.read(1):
                for size in [16] * 6 + [64] * (6 if colors == _ALL_COLORS else 2):
                    if bits.read(1):
                        _skip_scaling_list(bits, size)
        number_length = bits.count_length()
        match bits.number():
            case 0:
                count_length: int | None = bits.count_length()
            case 2:
                count_length = None
            case _:
                message = "Pictures count in a way that is not known"
                raise ValueError(message)
        bits.number()
        bits.read(1)
        bits.skip_numbers(2)
        has_fields = not bits.read(1)
        self._sequences[number] = _Sequence(
            count_length, number_length, has_planes, has_fields
        )

    def _read_slice(self, unit: bytes, *, is_idr: bool) -> Picture:
        bits = Bits(unit[1:HEADER])
        bits.skip_numbers(2)
        sequence = self._sequences[self._sequence_of[bits.number()]]
        length = sequence.count_length
        if length is None:
            return Picture()
        bits.read(2 * sequence.has_planes + sequence.number_length)
        if sequence.has_fields and bits.read(1):
            bits.read(1)
        if is_idr:
            bits.number()
        return Picture(bits.read(length), length, is_idr, bool(unit[0] & 0x60))


def _skip_scaling_list(bits: Bits, size: int) -> None:
    scale = 8
    for _ in range(size):
        coded = bits.number()
        scale = (scale + (coded // 2 + 1 if coded % 2 else -coded // 2)) % 256
        if not scale:
            return


class H265:
    """Reads H.265 (ISO 23008-2, 7.3)."""

    def __init__(self) -> None:
        """Begin without parameter sets."""
        self._sequences: dict[int, _Sequence] = {}
        self._parameters: dict[int, tuple[int, int, int]] = {}

    def read(self, unit: bytes) -> Picture | None:
        """Return the picture of a slice, None for all else. ValueError or LookupError if it is damaged."""
        kind, layer = unit[0] >> 1 & 0x3F, (unit[0] & 1) << 5 | unit[1] >> 3
        if layer:
            return None
        is_lowest = unit[1] & 7 == 1
        match kind:
            case 33:
                self._read_sequence(Bits(unit[2:_SETTINGS]))
            case 34:
                bits = Bits(unit[2:HEADER])
                number, sequence, _dependent = (
                    bits.index(_H265_PICTURES),
                    bits.index(_H265_SEQUENCES),
                    bits.read(1),
                )
                self._parameters[number] = sequence, bits.read(1), bits.read(3)
            case 16 | 17 | 18 | 19 | 20 | 21:
                return self._read_slice(unit, kind, is_base=is_lowest)
            case 1 | 3 | 5:
                return self._read_slice(unit, kind, is_base=is_lowest)
            case 0 | 2 | 4 | 6 | 7 | 8 | 9:
                return self._read_slice(unit, kind, is_base=False)
        return None

    @staticmethod
    def is_restart(unit: bytes) -> bool:
        """Return whether it belongs to a picture after which nothing before it counts."""
        return unit[0] >> 1 & 0x3F in _H265_RESTARTS

    @staticmethod
    def break_link(unit: bytes) -> bytes:
        """Return a unit of a picture that may follow others as one that may not."""
        if unit[0] >> 1 & 0x3F != _H265_CLEAN:
            return unit
        return bytes([unit[0] & 0x81 | _H265_BROKEN << 1]) + unit[1:]

    def _read_sequence(self, bits: Bits) -> None:
        bits.read(4)
        layers = bits.read(3)
        bits.read(1 + 96)
        flags = [(bits.read(1), bits.read(1)) for _ in range(layers)]
        bits.read(2 * (8 - layers) if layers else 0)
        for has_profile, has_level in flags:
            bits.read(88 * has_profile + 8 * has_level)
        number = bits.index(_H265_SEQUENCES)
        has_planes = bits.number() == _ALL_COLORS and bool(bits.read(1))
        bits.skip_numbers(2)
        if bits.read(1):
            bits.skip_numbers(4)
        bits.skip_numbers(2)
        self._sequences[number] = _Sequence(bits.count_length(), has_planes=has_planes)

    def _read_slice(self, unit: bytes, kind: int, *, is_base: bool) -> Picture:
        bits = Bits(unit[2:HEADER])
        is_first = bits.read(1)
        if kind in range(16, 24):
            bits.read(1)
        sequence, has_output_flag, extra = self._parameters[bits.number()]
        length, _, has_planes, _ = self._sequences[sequence]
        if not is_first or length is None:
            message = "The first slice of the picture is missing"
            raise ValueError(message)
        bits.read(extra)
        bits.number()
        bits.read(has_output_flag + 2 * has_planes)
        lowest = 0 if kind in (19, 20) else bits.read(length)
        return Picture(lowest, length, kind in _H265_RESTARTS, is_base)
