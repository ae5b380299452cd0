"""What codecs are called in playlists and types (RFC 6381)."""

from typing import TYPE_CHECKING, Final

from .boxes import boxes, within

if TYPE_CHECKING:
    from collections.abc import Iterator

_ENTRIES: Final = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd")
# ISO 14496-12, 8.5.2, 12.1.3 and 12.2.3: what stands before the boxes of a sample description.
_TABLE_HEAD: Final = 8
_VIDEO_HEAD: Final = 78
_SOUND_HEAD: Final = 28
# ISO 14496-1, 7.2.6.5 to 7.2.6.7: descriptors in each other, and what they begin with.
_DESCRIPTORS: Final = ((3, 3), (4, 13), (5, 0))
_MORE: Final = 0x80


def codec_names(init: bytes) -> str:
    """Return the codecs of an initialization section of ours, as ``avc1.640028,mp4a.40.2``."""
    return ",".join(_names(init))


def _names(init: bytes) -> Iterator[str]:
    for table, limit in within(init, *_ENTRIES):
        for kind, begin, end in boxes(init, table + _TABLE_HEAD, limit):
            head = _SOUND_HEAD if kind == b"mp4a" else _VIDEO_HEAD
            inner = {
                name: init[start:stop]
                for name, start, stop in boxes(init, begin + head, end)
            }
            match kind:
                case b"avc1":
                    yield f"avc1.{inner[b'avcC'][1:4].hex()}"
                case b"hvc1":
                    yield _hevc_name(inner[b"hvcC"])
                case b"av01":
                    yield _av1_name(inner[b"av1C"])
                case b"mp4a":
                    yield f"mp4a.40.{_object_type(inner[b'esds'])}"
                case _:
                    yield kind.decode("ascii", "replace")


def _hevc_name(record: bytes) -> str:
    """Return the name of H.265 (ISO 14496-15, 8.3.3.1 and annex E)."""
    space, tier, profile = record[1] >> 6, record[1] >> 5 & 1, record[1] & 31
    compatible = int(f"{int.from_bytes(record[2:6]):032b}"[::-1], 2)
    constraints = [f"{each:X}" for each in record[6:12].rstrip(b"\0")]
    level = f"{'LH'[tier]}{record[12]}"
    first = f"{('', 'A', 'B', 'C')[space]}{profile}"
    return ".".join(["hvc1", first, f"{compatible:X}", level, *constraints])


def _av1_name(record: bytes) -> str:
    """Return the name of AV1 (AV1 Codec ISO Media File Format Binding, 2.3.3 and 5)."""
    profile, level = record[1] >> 5, record[1] & 31
    tier, is_deep, is_deepest = record[2] >> 7, record[2] >> 6 & 1, record[2] >> 5 & 1
    return f"av01.{profile}.{level:02}{'MH'[tier]}.{8 + 2 * (is_deep + is_deepest):02}"


def _object_type(record: bytes) -> int:
    """Return which kind of AAC it is (ISO 14496-3, 1.6.2.1)."""
    position = 4
    for _, head in _DESCRIPTORS:
        position += 1
        while record[position] & _MORE:
            position += 1
        position += 1 + head
    return record[position] >> 3
