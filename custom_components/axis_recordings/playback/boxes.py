"""Walk through the boxes of an MP4 of our own (ISO 14496-12, 4.2)."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

HEADER: Final = 8
"""Bytes before the content of a box: its size and its name."""


def boxes(
    data: bytes | bytearray | memoryview, start: int, limit: int
) -> Iterator[tuple[bytes, int, int]]:
    """Return the names of boxes that follow each other, and where their contents begin and end."""
    while start + HEADER <= limit:
        end = start + max(HEADER, int.from_bytes(data[start : start + 4]))
        yield bytes(data[start + 4 : start + HEADER]), start + HEADER, end
        start = end


def within(
    data: bytes | bytearray, *path: bytes, start: int = 0, limit: int | None = None
) -> Iterator[tuple[int, int]]:
    """Return where the contents of boxes begin and end that lie in others, named from the outermost one on."""
    name, *inner = path
    for kind, begin, end in boxes(data, start, len(data) if limit is None else limit):
        if kind != name:
            continue
        if inner:
            yield from within(data, *inner, start=begin, limit=end)
        else:
            yield begin, end
