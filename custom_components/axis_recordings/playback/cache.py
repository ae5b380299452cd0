"""Keep what was made of a camera's videos, up to a size and an age."""

import asyncio
from collections import OrderedDict
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
import shutil
import time
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from ..helpers.threads import in_thread
from .errors import ClosedError, NoRoomError
from .memory import Backlog

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from ..recordings.part import RecordingPart

# Room that others need on Home Assistant's disk, its database above all.
KEEP_FREE = 256 * 1024 * 1024
DISK_FULL: Final = "Home Assistant's disk is nearly full"


@dataclass(slots=True)
class _Entry:
    size: int
    used: float
    """By our monotonic clock, in seconds."""


class MediaCache:
    """A folder of files by name, of which those go first that were not used for the longest time.

    Every file is written under another name first, so that a name always stands for a whole file.
    """

    def __init__(self, folder: Path, *, limit: int, max_age: float) -> None:
        """Keep up to ``limit`` bytes for up to ``max_age`` seconds after their last use."""
        self._folder = folder
        self._limit = limit
        self._max_age = max_age
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._closed = False
        self.backlog = Backlog()
        """What comes faster than it can be written."""

    @property
    def folder(self) -> Path:
        """Return where the files are, once there are some."""
        return self._folder

    @property
    def size(self) -> int:
        """Return how many bytes are kept."""
        return sum(entry.size for entry in self._entries.values())

    @property
    def limit(self) -> int:
        """Return how many bytes are kept at most."""
        return self._limit

    def __len__(self) -> int:
        """Return how many files are kept."""
        return len(self._entries)

    def __contains__(self, name: str) -> bool:
        """Return whether there is a file."""
        return name in self._entries

    async def open(self) -> None:
        """Begin with an empty folder, whatever was left by an end without warning."""
        await in_thread(shutil.rmtree, self._folder, ignore_errors=True)

    async def close(self) -> None:
        """Remove everything."""
        self._closed = True
        self._entries.clear()
        await in_thread(shutil.rmtree, self._folder, ignore_errors=True)

    def find(self, name: str) -> Path | None:
        """Return a file, and count it as used."""
        entry = self._entries.get(name)
        if entry is None:
            return None
        entry.used = time.monotonic()
        self._entries.move_to_end(name)
        return self._folder / name

    async def read(self, name: str) -> bytes | None:
        """Return what a file holds, and count it as used."""
        path = self.find(name)
        if path is None:
            return None
        try:
            return await asyncio.to_thread(path.read_bytes)
        except OSError:
            # Somebody has tidied up by hand.
            self._entries.pop(name, None)
            return None

    async def write(self, name: str, data: bytes) -> None:
        """Keep bytes. NoRoomError if there is no room."""
        async with self.create(name, size=len(data)) as path:
            await in_thread(path.write_bytes, data)

    @asynccontextmanager
    async def create(self, name: str, *, size: int = 0) -> AsyncGenerator[Path]:
        """Give a path to write a file of about so many bytes to, and keep it if that went well.

        NoRoomError if there is no room; ClosedError if all is being removed.
        """
        await self.require_room(size)
        temporary = self._folder / f"{uuid4().hex}.part"
        try:
            await in_thread(self._folder.mkdir, parents=True, exist_ok=True)
            yield temporary
            written = (await in_thread(temporary.stat)).st_size
            if written > self._limit:
                message = "It is larger than the cache may be"
                raise NoRoomError(message)
            if self._closed:
                message = "The cache is closed"
                raise ClosedError(message)
            await in_thread(temporary.replace, self._folder / name)
            self._entries[name] = _Entry(written, time.monotonic())
            self._entries.move_to_end(name)
            # Without a pause, so that nobody ever sees more than the limit.
            await self._remove(self._surplus(self._limit))
        except asyncio.CancelledError:
            # It may have got its name already, and what is not in the index would never go.
            await self._remove([name])
            raise
        except OSError as err:
            if self._closed:
                # Its folder was removed under it.
                raise ClosedError from err
            message = f"It can't be written: {err.strerror}"
            raise NoRoomError(message) from err
        finally:
            with suppress(OSError):
                await in_thread(temporary.unlink, missing_ok=True)
            if self._closed:
                await in_thread(shutil.rmtree, self._folder, ignore_errors=True)

    async def require_room(self, size: int, written: int = 0) -> None:
        """Raise NoRoomError unless so many bytes fit, into the cache and on the disk, where some are already."""
        if size > self._limit:
            message = "It is larger than the cache may be"
            raise NoRoomError(message)
        # Before it is written, so that no more than the limit is ever kept.
        await self._remove(self._surplus(self._limit - size))
        more = size - written
        if not await asyncio.to_thread(has_room, self._folder, more):
            await self._remove(self._surplus(max(0, self.size - more)))
            if not await asyncio.to_thread(has_room, self._folder, more):
                raise NoRoomError(DISK_FULL)

    async def sweep(self) -> None:
        """Remove what was not used for too long."""
        oldest = time.monotonic() - self._max_age
        await self._remove(
            [name for name, entry in self._entries.items() if entry.used < oldest]
        )

    def _surplus(self, limit: int) -> list[str]:
        """Return what has to go so that no more than the limit is kept."""
        surplus, size = [], self.size
        for name, entry in self._entries.items():
            if size <= limit:
                break
            surplus.append(name)
            size -= entry.size
        return surplus

    async def _remove(self, names: list[str]) -> None:
        for name in names:
            self._entries.pop(name, None)
        paths = [self._folder / name for name in names]
        await in_thread(_unlink, paths)


def digest(part: RecordingPart) -> str:
    """Return what stands for a part in the names of files."""
    return sha256(part.path.encode()).hexdigest()[:32]


def _unlink(paths: list[Path]) -> None:
    for path in paths:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def has_room(folder: Path, size: int) -> bool:
    """Return whether so many bytes may be written to the disk of a folder. Waits; for a thread."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        return shutil.disk_usage(folder).free - size >= KEEP_FREE
    except OSError:
        # Writing shows it.
        return True
