"""The file of an index: damage, locks, other programs, full disks, and sudden ends."""

import _sqlite3
from contextlib import closing, contextmanager
import ctypes
import sqlite3
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from custom_components.axis_recordings.index import file as index_file
from custom_components.axis_recordings.index.file import remove_index
from custom_components.axis_recordings.index.store import RecordingIndex

from .made import fill, kill_process, kill_this_process, known, made, write

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def other(path: Path) -> Generator[sqlite3.Connection]:
    """Use the file as another program does."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        yield db


def log_of(path: Path) -> Path:
    """Return where the write-ahead log is."""
    return path.with_name(f"{path.name}-wal")


def files_of(path: Path) -> list[str]:
    """Return what there is in the folder."""
    return [each.name for each in path.parent.iterdir()]


def test_nothing_is_left(index: RecordingIndex, path: Path) -> None:
    """When it is closed, all is in the one file; what an end without a warning leaves is removed with it."""
    write(index, made(1))
    assert len(files_of(path)) == 3
    index.file.close()
    assert files_of(path) == [path.name]
    for ending in ("-journal", "-wal", "-shm"):
        path.with_name(path.name + ending).write_bytes(b"left over")
    remove_index(path)
    assert files_of(path) == []
    remove_index(path)


def test_killed(path: Path) -> None:
    """Each change that was made before is there."""

    def live() -> None:
        index = RecordingIndex(path)
        index.file.open()
        for number in range(700):
            write(index, made(number))
        with index.file.transaction() as db:
            index.clear(db)
            kill_this_process()

    kill_process(live)
    assert log_of(path).exists()
    index = RecordingIndex(path)
    assert index.file.open()
    assert index.counts == {"SD_DISK": 700}
    index.file.close()


def test_log_is_bounded(index: RecordingIndex, path: Path) -> None:
    """Many small changes don't make it longer, and after a large one it becomes short again."""
    fill(index, 5000)
    longest = 0
    for number in range(600):
        write(index, made(number, locked=True))
        longest = max(longest, log_of(path).stat().st_size)
    assert longest < 1.5 * index_file.LOG_BYTES
    with index.file.transaction() as db:
        index.clear(db)
    for _ in range(2):
        write(index, made(1))
    assert log_of(path).stat().st_size < 1.5 * index_file.LOG_BYTES


def test_read_for_long(
    index: RecordingIndex, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program that reads keeps nobody from writing, but for so long that the log would grow for ever."""
    most = 64 * 1024
    monkeypatch.setattr(index_file, "MOST_LOG_BYTES", most)
    with index.file.transaction() as db:
        index.clear(db)
    assert index.file._connection
    index.file._connection.execute("PRAGMA busy_timeout = 20")
    with other(path) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM words").fetchall()
        write(index, made(1))

        def go_on() -> None:
            for number in range(2, 1000):
                write(index, made(number))

        with pytest.raises(sqlite3.OperationalError, match="another program"):
            go_on()
        assert log_of(path).stat().st_size < 2 * most
        known_then = dict(index.counts)
    write(index, made(-1))
    assert index.counts == {"SD_DISK": known_then["SD_DISK"] + 1}
    assert log_of(path).stat().st_size < most


@pytest.mark.parametrize("lock", ["IMMEDIATE", "EXCLUSIVE"])
def test_locked(
    index: RecordingIndex, path: Path, monkeypatch: pytest.MonkeyPatch, lock: str
) -> None:
    """While another program writes, nothing can be stored; it is stored in whole later, or not at all."""
    monkeypatch.setattr(index_file, "BUSY_SECONDS", 0.02)
    index.file.close()
    index.file.open()
    with other(path) as writer:
        writer.execute(f"BEGIN {lock}")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            write(index, made(1))
        index.file.close()
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            index.file.open()
    assert index.file.open()
    assert index.counts == {}
    write(index, made(1))
    assert index.counts == {"SD_DISK": 1}


@pytest.mark.parametrize("how", ["removed", "replaced"])
def test_not_there_any_more(index: RecordingIndex, path: Path, how: str) -> None:
    """What is written then would be lost, so it is an error; the next opening begins with what is there."""
    write(index, made(1))
    if how == "removed":
        path.unlink()
    else:
        copy = path.with_name("copy")
        copy.write_bytes(path.read_bytes())
        copy.replace(path)
    with pytest.raises(sqlite3.OperationalError):
        write(index, made(2))
    index.file.close()
    assert index.file.open()
    assert index.counts in ({}, {"SD_DISK": 1})
    write(index, made(2))
    assert index.find([made(2).key])


@pytest.mark.parametrize("part", [0.01, 0.1, 0.3, 0.5, 0.7, 0.9])
def test_spoilt_in_the_middle(index: RecordingIndex, path: Path, part: float) -> None:
    """Damage is found when the file is opened; then it is begun anew."""
    write(index, *map(made, range(2000)))
    index.file.close()
    data = bytearray(path.read_bytes())
    begin = int(len(data) * part) // 4096 * 4096
    data[begin : begin + 4096] = b"\xff" * 4096
    path.write_bytes(data)
    assert not index.file.open()
    assert index.counts == {}
    write(index, made(1))
    assert index.counts == {"SD_DISK": 1}


def test_spoilt_while_it_is_open(index: RecordingIndex, path: Path) -> None:
    """What is read then fails, and the next opening begins anew."""
    write(index, *map(made, range(20_000)))
    index.file.close()
    assert index.file.open()
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    path.write_bytes(data)
    with pytest.raises(sqlite3.DatabaseError):
        index.on_disk("SD_DISK")
    index.file.close()
    assert not index.file.open()
    assert index.counts == {}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE recordings SET stage = 99",
        "UPDATE recordings SET status = 3",
        "UPDATE recordings SET start = 9000000000000000000",
        "UPDATE recordings SET utc_offset = 1e30",
        "UPDATE recordings SET event_id = 99",
        "UPDATE recordings SET source = 99",
        "UPDATE words SET text = CAST(X'5BFF5D' || number AS TEXT)",
    ],
)
def test_content_that_makes_no_sense(
    index: RecordingIndex, path: Path, change: str
) -> None:
    """It is as good as spoilt."""
    write(index, made(1))
    with other(path) as writer:
        writer.execute(change)
    with pytest.raises(sqlite3.DatabaseError, match="no sense"):
        index.find([made(1).key])
    index.file.close()
    assert not index.file.open()
    assert index.counts == {}


def test_what_can_not_be_stored(index: RecordingIndex) -> None:
    """It changes and spoils nothing."""
    write(index, made(1))
    for odd in ({"recording_id": "\ud800"}, {"event_id": "\ud800"}):
        with pytest.raises(UnicodeEncodeError):
            write(index, made(2), made(3, **odd), removed=[made(1).key])
    assert index.on_disk("SD_DISK") == [known(made(1))]
    index.file.close()
    assert index.file.open()
    assert index.counts == {"SD_DISK": 1}


def fill_up(index: RecordingIndex) -> None:
    """Write more than there is room for."""
    for first in range(0, 100_000, 100):
        write(index, *(made(number) for number in range(first, first + 100)))


def test_too_large(
    index: RecordingIndex, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A camera that makes up recordings for ever fills no disk: the file is begun anew."""
    index.file.close()
    monkeypatch.setattr(index_file, "MOST_BYTES", most := 256 * 1024)
    index.file.open()
    with pytest.raises(sqlite3.OperationalError, match="full"):
        fill_up(index)
    assert index.file.is_too_large
    index.file.close()
    assert most / 2 < path.stat().st_size <= most
    assert not index.file.open()
    assert index.counts == {}
    write(index, made(1))
    assert index.counts == {"SD_DISK": 1}


def test_full_disk(index: RecordingIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large file on a disk without room is kept: there will be room again."""
    index.file.close()
    monkeypatch.setattr(index_file, "MOST_BYTES", 256 * 1024)
    monkeypatch.setattr(index_file, "disk_usage", lambda _: SimpleNamespace(free=0))
    index.file.open()
    with pytest.raises(sqlite3.OperationalError, match="full"):
        fill_up(index)
    kept = dict(index.counts)
    index.file.close()
    assert index.file.open()
    assert index.counts == kept


def test_memory(index: RecordingIndex, path: Path) -> None:
    """What is known of many recordings is on the disk and not, for each camera, in memory."""
    recordings = [made(each) for each in range(5000)]
    write(index, *recordings)
    index.file.close()
    before = memory_of_sqlite()
    index.file.open()
    for number in range(1, 300, 20):
        index.find([recording.key for recording in recordings[:number]])
    assert path.stat().st_size > 500_000
    assert memory_of_sqlite() - before < 300_000


def memory_of_sqlite() -> int:
    """Return how many bytes all of SQLite uses."""
    library = ctypes.CDLL(getattr(_sqlite3, "__file__", None))
    try:
        used = library.sqlite3_memory_used
    except AttributeError:
        pytest.skip("This SQLite does not tell")
    used.restype = ctypes.c_int64
    return int(used())


def test_becomes_smaller(index: RecordingIndex, path: Path) -> None:
    """Once most of it is not needed any more, at the next start."""
    write(index, *map(made, range(5000)))
    index.file.close()
    before = path.stat().st_size
    index.file.open()
    write(index, removed=[made(each).key for each in range(4000)])
    index.file.close()
    assert path.stat().st_size == before
    assert index.file.open()
    assert index.counts == {"SD_DISK": 1000}
    index.file.close()
    assert path.stat().st_size < before / 3


def test_closed(index: RecordingIndex) -> None:
    """It can be closed twice, and is not to be used then."""
    index.file.close()
    index.file.close()
    with pytest.raises(sqlite3.Error, match="closed"):
        index.on_disk("SD_DISK")
