"""What is kept of videos, and for how long."""

import asyncio
import errno
import shutil
import time
from typing import TYPE_CHECKING, NamedTuple

import pytest

from custom_components.axis_recordings.playback.cache import KEEP_FREE, MediaCache
from custom_components.axis_recordings.playback.errors import ClosedError, NoRoomError
from tests.cancellation import each_cancellation

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Usage(NamedTuple):
    """What a disk tells."""

    total: int
    used: int
    free: int


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return where the cache is, which does not exist yet."""
    return tmp_path / "some" / "where"


@pytest.fixture
def cache(folder: Path) -> MediaCache:
    """Return a cache for a hundred bytes and a hundred seconds."""
    return MediaCache(folder, limit=100, max_age=100)


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Return what makes a disk have so many bytes left."""

    def leave(number: int) -> None:
        monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, number))

    return leave


def files(folder: Path) -> set[str]:
    """Return the names of all files."""
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


def exists(folder: Path) -> bool:
    """Return whether there is a folder."""
    return folder.exists()


async def create(cache: MediaCache, name: str, work: Callable[[Path], None]) -> None:
    """Let something write a file."""
    async with cache.create(name) as path:
        work(path)


async def test_files(cache: MediaCache, folder: Path) -> None:
    """What was written is there, by its name."""
    await cache.open()
    assert not exists(folder)
    assert (cache.size, len(cache), cache.limit) == (0, 0, 100)
    assert await cache.read("a") is None
    assert cache.find("a") is None
    await cache.write("a", b"12345")
    assert "a" in cache
    assert "b" not in cache
    assert await cache.read("a") == b"12345"
    assert cache.find("a") == folder / "a"
    await cache.write("a", b"123")
    assert await cache.read("a") == b"123"
    assert (cache.size, len(cache)) == (3, 1)
    assert files(folder) == {"a"}
    await cache.close()
    assert not exists(folder)
    assert (cache.size, len(cache)) == (0, 0)


async def test_begins_empty(cache: MediaCache, folder: Path) -> None:
    """Whatever was left by an end without warning is removed."""
    (folder / "within").mkdir(parents=True)
    (folder / "old").write_bytes(b"old")
    (folder / "old.part").write_bytes(b"old")
    await cache.open()
    assert not exists(folder)
    assert cache.find("old") is None
    await cache.write("new", b"1")
    again = MediaCache(folder, limit=100, max_age=100)
    await again.open()
    assert files(folder) == set()
    assert await again.read("new") is None


async def test_oldest_go_first(cache: MediaCache, folder: Path) -> None:
    """Those that were not used for the longest time, until the rest fits."""
    for name in "abcd":
        await cache.write(name, bytes(25))
    assert files(folder) == {"a", "b", "c", "d"}
    assert await cache.read("a") is not None
    assert cache.find("b") is not None
    await cache.write("e", bytes(10))
    assert files(folder) == {"a", "b", "d", "e"}
    await cache.write("f", bytes(41))
    assert files(folder) == {"b", "e", "f"}
    assert cache.size == 76
    await cache.write("g", bytes(100))
    assert files(folder) == {"g"}


async def test_age(
    cache: MediaCache, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was not used for too long goes, however much room there is."""
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now)
    await cache.write("old", b"1")
    await cache.write("used", b"1")
    now += 60
    await cache.write("new", b"1")
    assert await cache.read("used") == b"1"
    await cache.sweep()
    assert files(folder) == {"old", "used", "new"}
    now += 41
    await cache.sweep()
    assert files(folder) == {"used", "new"}
    now += 100
    await cache.sweep()
    assert files(folder) == set()
    await cache.sweep()


async def test_larger_than_the_limit(cache: MediaCache, folder: Path) -> None:
    """It is refused, at once where its size is known, and the others stay."""

    def write_too_much(path: Path) -> None:
        path.write_bytes(bytes(101))

    await cache.write("a", bytes(100))
    with pytest.raises(NoRoomError):
        await cache.write("b", bytes(101))
    with pytest.raises(NoRoomError):
        await create(cache, "b", write_too_much)
    assert files(folder) == {"a"}
    assert cache.size == 100


async def test_disk_nearly_full(
    cache: MediaCache, folder: Path, free: Callable[[int], None]
) -> None:
    """Others need the room: the oldest files make place, else nothing is written."""
    for name in "abc":
        await cache.write(name, bytes(30))
    free(KEEP_FREE + 10)
    await cache.write("d", bytes(10))
    assert files(folder) == {"a", "b", "c", "d"}
    free(KEEP_FREE + 9)
    with pytest.raises(NoRoomError, match="nearly full"):
        await cache.write("e", bytes(10))
    # What was removed for it did not help, as others have taken its room.
    assert files(folder) == {"c", "d"}
    free(0)
    with pytest.raises(NoRoomError, match="nearly full"):
        await cache.require_room(1)


async def test_what_is_written_already(
    cache: MediaCache, free: Callable[[int], None]
) -> None:
    """It needs no more room on the disk, but in the cache."""
    free(KEEP_FREE + 10)
    await cache.require_room(90, 80)
    with pytest.raises(NoRoomError, match="nearly full"):
        await cache.require_room(90, 79)
    with pytest.raises(NoRoomError, match="larger than"):
        await cache.require_room(101, 100)


async def test_room_that_is_made(
    cache: MediaCache, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the oldest files are enough it works."""
    for name in "abc":
        await cache.write(name, bytes(30))
    monkeypatch.setattr(
        shutil,
        "disk_usage",
        lambda _: Usage(0, 0, KEEP_FREE + 90 - 30 * len(files(folder))),
    )
    await cache.write("d", bytes(30))
    assert files(folder) == {"b", "c", "d"}


async def test_unknown_disk(cache: MediaCache, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the room is not known, writing shows."""

    def fail(_: object) -> Usage:
        raise OSError(errno.ENOSYS, "No")

    monkeypatch.setattr(shutil, "disk_usage", fail)
    await cache.write("a", b"1")
    assert "a" in cache


async def test_disk_full(cache: MediaCache, folder: Path) -> None:
    """A write that fails leaves what was there before, and no part of what was to come."""
    await cache.write("a", b"before")

    def fill(path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(NoRoomError, match="No space left"):
        await create(cache, "a", fill)
    assert await cache.read("a") == b"before"
    assert files(folder) == {"a"}
    assert cache.size == 6


async def test_folder_that_can_not_be_made(tmp_path: Path) -> None:
    """Nothing is written, and that is reported."""
    (tmp_path / "file").write_bytes(b"")
    cache = MediaCache(tmp_path / "file" / "folder", limit=10, max_age=10)
    with pytest.raises(NoRoomError):
        await cache.write("a", b"1")
    assert "a" not in cache
    await cache.close()


@pytest.mark.parametrize("error", [RuntimeError, asyncio.CancelledError])
async def test_errors(
    cache: MediaCache, folder: Path, error: type[BaseException]
) -> None:
    """What is not complete is not kept."""

    def fail(path: Path) -> None:
        path.write_bytes(b"half")
        assert files(folder) == {path.name}
        raise error

    with pytest.raises(error):
        await create(cache, "a", fail)
    assert "a" not in cache
    assert files(folder) == set()


async def test_nothing_was_written(cache: MediaCache, folder: Path) -> None:
    """A file that was not made is none."""
    with pytest.raises(NoRoomError):
        await create(cache, "a", lambda _: None)
    assert files(folder) == set()


async def test_removed_by_hand(cache: MediaCache, folder: Path) -> None:
    """Somebody has tidied up: then it is not there, and can be written again."""
    await cache.write("a", b"1")
    await cache.write("b", b"2")
    (folder / "a").unlink()
    assert await cache.read("a") is None
    assert "a" not in cache
    assert cache.size == 1
    shutil.rmtree(folder)
    assert await cache.read("b") is None
    await cache.write("a", b"3")
    assert await cache.read("a") == b"3"
    # What is gone already can go without an error.
    await cache.write("c", b"4")
    shutil.rmtree(folder)
    await cache.write("d", bytes(100))
    assert files(folder) == {"d"}


@pytest.mark.parametrize("written", [True, False])
async def test_close_during_a_write(
    cache: MediaCache, folder: Path, written: bool
) -> None:
    """Whoever writes hears of it, and nothing is left."""

    async def write() -> None:
        async with cache.create("b") as path:
            path.write_bytes(b"half")
            await cache.close()
            if written:
                # Whoever writes may have made the folder anew.
                folder.mkdir()  # noqa: ASYNC240
                path.write_bytes(b"whole")

    await cache.write("a", b"1")
    with pytest.raises(ClosedError):
        await write()
    assert not exists(folder)
    assert len(cache) == 0
    with pytest.raises(ClosedError):
        await cache.write("c", b"1")
    assert not exists(folder)
    assert len(cache) == 0


async def test_many_at_once(cache: MediaCache, folder: Path) -> None:
    """Writers do not get in each other's way."""
    await asyncio.gather(
        *(cache.write(str(number % 10), bytes(10)) for number in range(50))
    )
    assert cache.size <= 100
    assert files(folder) == {str(number) for number in range(10)}


async def test_cancelled(cache: MediaCache, folder: Path) -> None:
    """Whenever that is: what is in the folder is in the index, and nothing else."""

    async def prepare() -> None:
        cache._entries.pop("a", None)
        for name in files(folder):
            (folder / name).unlink()

    moments = 0
    async for moment in each_cancellation(
        lambda: cache.write("a", b"1" * 60), None, prepare
    ):
        assert len(cache) == len(files(folder)), moment
        moments += 1
    assert moments >= 12
    assert files(folder) == {"a"}
