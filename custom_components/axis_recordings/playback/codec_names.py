"""Say in the words of browsers how a video is coded (RFC 6381), so that they know whether they play it."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_ESDS: Final = b"esds"
# The usual sound of cameras, AAC-LC.
_AAC: Final = "mp4a.40.2"
_LONGEST: Final = 64
"""Bytes of a decoder's configuration that are looked at."""


def codec_names(init: bytes) -> str:
    """Return the codecs of the tracks of an initialization section, as in ``avc1.64001F,mp4a.40.2``."""
    names: list[str] = []
    for kind, name in _NAMES.items():
        # Each stands once in a file of ours, in the description of its track (ISO 14496-12, 8.5.2).
        at = init.find(kind)
        if at >= 0:
            names.append(name(init[at + len(kind) :][:_LONGEST]))
    return ",".join(names)


def _avc(configuration: bytes) -> str:
    """ISO 14496-15, 5.3.3.1: profile, constraints, and level."""
    return f"avc1.{configuration[1:4].hex().upper()}"


def _hevc(configuration: bytes) -> str:
    """ISO 14496-15, annex E.3."""
    first, level = configuration[1], configuration[12]
    space = ("", "A", "B", "C")[first >> 6]
    tier = "H" if first & 0x20 else "L"
    # The bits of what it is compatible with are written the other way round.
    compatible = int(f"{int.from_bytes(configuration[2:6]):032b}"[::-1], 2)
    constraints = configuration[6:12].rstrip(b"\0")
    return ".".join(
        [
            f"hvc1.{space}{first & 0x1F}",
            f"{compatible:X}",
            f"{tier}{level}",
            *(f"{each:X}" for each in constraints),
        ]
    )


def _av1(configuration: bytes) -> str:
    """AV1 Codec ISO Media File Format Binding, 2.3.3 and 5."""
    profile, level = configuration[1] >> 5, configuration[1] & 0x1F
    tier = "H" if configuration[2] & 0x80 else "M"
    depth = 8
    if configuration[2] & 0x40:
        depth = 12 if configuration[2] & 0x20 else 10
    return f"av01.{profile}.{level:02}{tier}.{depth:02}"


_NAMES: Final[dict[bytes, Callable[[bytes], str]]] = {
    b"avcC": _avc,
    b"hvcC": _hevc,
    b"av1C": _av1,
    _ESDS: lambda _: _AAC,
}
