"""What was copied of shared recordings to Home Assistant's disk.

It lies beside the caches: that is the only folder of the configuration that no backup holds, so what is revoked
lives on nowhere. What is missing after a backup was restored is copied once more.
"""

import asyncio
from contextlib import asynccontextmanager, suppress
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..const import DOMAIN, MEGABYTE
from ..helpers.threads import in_thread
from ..playback.cache import DISK_FULL, has_room
from ..playback.errors import NoRoomError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Collection, Iterable

    from homeassistant.core import HomeAssistant

MOST_BYTES = 2_000 * MEGABYTE
"""Of all copies together."""
LARGEST_BYTES = 1_000 * MEGABYTE
"""Of one."""
VIDEO: Final = ".mp4"
PICTURE: Final = ".jpg"
_UNFINISHED: Final = ".part"


class Copies:
    """A folder with a video and a picture for each share, whole or not at all."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Know of nothing before it is opened."""
        self.folder = Path(hass.config.cache_path(DOMAIN, "shares"))
        self._sizes: dict[str, int] = {}
        """Of the files, in bytes, by their names."""
        self._writing = 0

    @property
    def size(self) -> int:
        """Return how many bytes are kept."""
        return sum(self._sizes.values())

    def size_of(self, share_id: str) -> int:
        """Return how many bytes there are of a share's video, 0 as long as there is none."""
        return self._sizes.get(share_id + VIDEO, 0)

    def has(self, share_id: str, ending: str) -> bool:
        """Return whether there is a video or a picture of a share."""
        return share_id + ending in self._sizes

    async def async_open(self, known: Collection[str]) -> None:
        """Look for what is there of known shares, and remove all else."""
        names = {share_id + ending for share_id in known for ending in (VIDEO, PICTURE)}
        self._sizes = await in_thread(_tidy, self.folder, names)

    async def async_find(self, share_id: str, ending: str) -> Path | None:
        """Return a file, if nobody has tidied it up by hand."""
        name = share_id + ending
        if name not in self._sizes:
            return None
        path = self.folder / name
        if await asyncio.to_thread(path.is_file):
            return path
        self._sizes.pop(name, None)
        return None

    @asynccontextmanager
    async def create(self, share_id: str, ending: str) -> AsyncGenerator[Path]:
        """Give a path to write to, and keep what is there if that went well. NoRoomError if it can't be written."""
        name = share_id + ending
        temporary = self.folder / (name + _UNFINISHED)
        self._writing += 1
        try:
            await in_thread(self.folder.mkdir, parents=True, exist_ok=True)
            yield temporary
            size = (await in_thread(temporary.stat)).st_size
            if ending == VIDEO:
                # Another camera may have been copied meanwhile.
                await self.async_require_room(size, size)
            await in_thread(_put, temporary, self.folder / name)
            self._sizes[name] = size
        except BaseException as err:
            # It may have got its name already, while its share has ended.
            self._sizes.pop(name, None)
            await in_thread(_unlink, [self.folder / name])
            if isinstance(err, OSError):
                message = f"It can't be written: {err.strerror}"
                raise NoRoomError(message) from err
            raise
        finally:
            self._writing -= 1
            await in_thread(_unlink, [temporary])

    async def async_require_room(self, size: int, written: int = 0) -> None:
        """Raise NoRoomError unless so many bytes fit, of which some are written already."""
        if size > LARGEST_BYTES or self.size + size > MOST_BYTES:
            message = "Shared videos take as much room as they may"
            raise NoRoomError(message)
        if not await asyncio.to_thread(has_room, self.folder, size - written):
            raise NoRoomError(DISK_FULL)

    async def async_remove(self, share_ids: Iterable[str]) -> None:
        """Remove all that there is of shares."""
        names = [
            share_id + ending for share_id in share_ids for ending in (VIDEO, PICTURE)
        ]
        for name in names:
            self._sizes.pop(name, None)
        await in_thread(_unlink, [self.folder / name for name in names])
        if not (self._sizes or self._writing):
            await in_thread(_remove_empty, self.folder)


def _tidy(folder: Path, names: set[str]) -> dict[str, int]:
    """Remove all files but those with these names, and return the sizes of these."""
    sizes: dict[str, int] = {}
    with suppress(OSError):
        for path in folder.iterdir():
            # Some file systems leave an empty file after a power failure.
            if path.name in names and (size := path.stat().st_size):
                sizes[path.name] = size
            else:
                _unlink([path])
    return sizes


def _put(temporary: Path, path: Path) -> None:
    """Give a file its name once all of it is on the disk."""
    with temporary.open("rb+") as file:
        os.fsync(file.fileno())
    temporary.replace(path)


def _unlink(paths: Iterable[Path]) -> None:
    for path in paths:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _remove_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()
