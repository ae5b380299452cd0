"""Read videos that can only be read when they are there as a whole."""

from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Final

from .cache import DISK_FULL, has_room
from .errors import IndexLastError, NoRoomError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .pipe import Pipe

# More than that before the index or the frames has no camera.
_LONGEST_HEAD: Final = 64 * 1024
_HEADER: Final = 16
_CHUNK: Final = 1024 * 1024


class WholeExport:
    """A video that has come as a whole."""

    def __init__(self, file: IO[bytes], pipe: Pipe) -> None:
        """Read from the beginning of a file, into which all of a pipe was written."""
        file.seek(0)
        self.read = file.read
        self.seek = file.seek
        self.tell = file.tell
        self._pipe = pipe

    @property
    def is_aborted(self) -> bool:
        """Return whether nobody wants it any more."""
        return self._pipe.is_aborted


def read_video[T](
    pipe: Pipe,
    work: Callable[[Pipe | WholeExport], T],
    *,
    limit: int | None,
    folder: Path,
) -> T:
    """Return what ``work`` makes of a video. Waits; for a thread.

    An MP4 whose index comes last is kept in the folder first, in a file of up to so many bytes; with None
    IndexLastError is raised for it. NoRoomError if it does not fit.
    """
    if not _comes_index_last(pipe):
        return work(pipe)
    if limit is None:
        raise IndexLastError
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder) as file:
            while chunk := pipe.read(_CHUNK):
                limit -= len(chunk)
                if limit < 0:
                    message = "It is larger than the camera has announced"
                    raise NoRoomError(message)
                if not has_room(folder, len(chunk)):
                    raise NoRoomError(DISK_FULL)
                file.write(chunk)
            return work(pipe if pipe.is_aborted else WholeExport(file, pipe))
    except OSError as err:
        message = f"It can't be written: {err.strerror}"
        raise NoRoomError(message) from err


def _comes_index_last(pipe: Pipe) -> bool:
    """Return whether the frames of an MP4 come before its index (ISO 14496-12, 4.2)."""
    position = 0
    while position < _LONGEST_HEAD:
        header = pipe.peek(position + _HEADER)[position:]
        if len(header) < _HEADER or (position == 0 and header[4:8] != b"ftyp"):
            return False
        if header[4:8] in (b"moov", b"moof", b"mdat"):
            return header[4:8] == b"mdat"
        size = int.from_bytes(header[:4])
        position += max(8, int.from_bytes(header[8:]) if size == 1 else size)
    return False
