"""The tables of an earlier version, as they become today's."""

from contextlib import closing
from datetime import timedelta
from itertools import count
import sqlite3
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from custom_components.axis_recordings.index import file as index_file, schema
from custom_components.axis_recordings.index.details import as_text, dump, load
from custom_components.axis_recordings.index.file import remove_index
from custom_components.axis_recordings.index.models import (
    Stage,
    Starter,
    StarterKind,
    with_layout,
)
from custom_components.axis_recordings.index.rows import insert
from custom_components.axis_recordings.index.store import RecordingIndex
from custom_components.axis_recordings.index.wanted import Wanted
from custom_components.axis_recordings.vapix import RecordingStatus
from tests.common import full_disk

from .made import START, kill_process, kill_this_process, known, made, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from custom_components.axis_recordings.vapix import Recording

# Some ten times what 500 recordings take.
MOST_MEMORY = 5_000_000
# As it was in version 1.
VERSION_1 = """
CREATE TABLE recordings (
    disk_id TEXT NOT NULL,
    recording_id TEXT NOT NULL,
    start TEXT,
    stage TEXT NOT NULL,
    details TEXT NOT NULL,
    PRIMARY KEY (disk_id, recording_id)
) WITHOUT ROWID;
CREATE INDEX unsettled ON recordings (stage) WHERE stage != 'ended';
CREATE TABLE others (number INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT);
INSERT INTO others (text) VALUES ('of somebody else');
PRAGMA user_version = 1;
"""

# As it was in version 2.
VERSION_2 = """
CREATE TABLE recording_disks (
    number INTEGER PRIMARY KEY,
    disk_id TEXT NOT NULL UNIQUE,
    recordings INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE words (number INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE layouts (
    number INTEGER PRIMARY KEY,
    codec TEXT,
    width INTEGER,
    height INTEGER,
    frame_rate REAL,
    has_audio INTEGER NOT NULL
) STRICT;
CREATE TABLE recordings (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    disk INTEGER NOT NULL,
    recording_id TEXT NOT NULL,
    start INTEGER,
    stop INTEGER,
    utc_offset REAL,
    status INTEGER NOT NULL,
    type INTEGER NOT NULL,
    stage INTEGER NOT NULL,
    event_id INTEGER NOT NULL,
    event_trigger INTEGER NOT NULL,
    source INTEGER,
    locked INTEGER,
    layout INTEGER
) STRICT;
CREATE UNIQUE INDEX recordings_by_id ON recordings (recording_id, disk);
CREATE INDEX recordings_by_start ON recordings (start);
CREATE INDEX recordings_unsettled ON recordings (start) WHERE stage != 0;
CREATE TRIGGER recording_added AFTER INSERT ON recordings BEGIN
    UPDATE recording_disks SET recordings = recordings + 1 WHERE number = NEW.disk;
END;
CREATE TRIGGER recording_removed AFTER DELETE ON recordings BEGIN
    UPDATE recording_disks SET recordings = recordings - 1 WHERE number = OLD.disk;
END;
CREATE TABLE others (number INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT);
INSERT INTO others (text) VALUES ('of somebody else');
PRAGMA user_version = 2;
"""


def write_version_1(
    path: Path, *recordings: Recording, stage: Stage = Stage.ENDED
) -> None:
    """Write a file as version 1 did."""
    path.parent.mkdir(exist_ok=True)
    with closing(sqlite3.connect(path)) as db:
        db.executescript(VERSION_1)
        db.executemany(
            "INSERT INTO recordings VALUES (?, ?, ?, ?, ?)",
            (
                (*each.key, as_text(each.start), stage.value, dump(each))
                for each in recordings
            ),
        )
        db.commit()


def write_version_2(
    path: Path, *recordings: Recording, stage: Stage = Stage.ENDED
) -> None:
    """Write a file as version 2 did."""
    path.parent.mkdir(exist_ok=True)
    with closing(sqlite3.connect(path)) as db:
        db.executescript(VERSION_2)
        insert(db, [known(each, stage) for each in recordings])
        db.commit()


def version_of(path: Path) -> int:
    """Return the version of a file, once what was half done is taken back."""
    with closing(sqlite3.connect(path)) as db:
        (number,) = db.execute("PRAGMA user_version").fetchone()
    return int(number)


def schema_of(index: RecordingIndex) -> dict[str, str]:
    """Return how all of an index was made, by name."""
    with index.file.reading() as db:
        rows = db.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        return {
            name: " ".join(sql.split())
            for name, sql in rows
            if not name.startswith("sqlite")
        }


@pytest.mark.parametrize("stage", Stage)
def test_from_version_1(path: Path, stage: Stage) -> None:
    """All that was known is known, but for the tracks, of which it knew nothing, and what others keep stays."""
    recordings = [
        made(1),
        made(2, start=None, end=None, utc_offset=None, source=None, locked=None),
        made(3, disk_id="NetworkShare", utc_offset=timedelta(hours=-5)),
        made(4, event_trigger="Dämmerung"),
    ]
    write_version_1(path, *recordings, stage=stage)
    index = RecordingIndex(path)
    assert index.file.open()
    expected = {each.key: known(with_layout(each, None), stage) for each in recordings}
    assert index.find(expected.keys()) == expected
    assert index.counts == {"SD_DISK": 3, "NetworkShare": 1}
    assert len(index.unsettled) == (0 if stage is Stage.ENDED else 4)
    with index.file.reading() as db:
        assert db.execute("SELECT * FROM others").fetchall() == [
            (1, "of somebody else")
        ]
    index.file.close()
    assert version_of(path) == schema.VERSION
    assert [each.name for each in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("stage", Stage)
def test_from_version_2(path: Path, stage: Stage) -> None:
    """All that was known is known by the same numbers, is found, and what others keep stays."""
    recordings = [
        made(1),
        made(2, start=None, end=None, utc_offset=None, source=None, locked=None),
        made(3, end=START + timedelta(days=3)),
        made(4, end=None, status=RecordingStatus.RECORDING, disk_id="NetworkShare"),
    ]
    write_version_2(path, *recordings, stage=stage)
    with closing(sqlite3.connect(path)) as db:
        numbers = db.execute("SELECT recording_id, number FROM recordings").fetchall()
    index = RecordingIndex(path)
    assert index.file.open()
    expected = {each.key: known(each, stage) for each in recordings}
    found = index.find(expected.keys())
    assert found == expected
    assert {(each.recording.recording_id, each.number) for each in found.values()} == {
        *numbers
    }
    assert index.counts == {"SD_DISK": 3, "NetworkShare": 1}
    later = START + timedelta(days=2)
    wanted = Wanted(disks=index.counts, start=later, end=later + timedelta(hours=1))
    names = {each.key for each in index.questions.find(wanted, limit=9)}
    assert names == {recordings[2].key, recordings[3].key}
    starter = Starter(kind=StarterKind.SCRIPT, name="Night")
    index.note_starter(recordings[0].key, starter, START)
    write(index, removed=[each.key for each in recordings[:2]])
    assert index.counts == {"SD_DISK": 1, "NetworkShare": 1}
    assert index.find_starters() == {}
    with index.file.reading() as db:
        assert db.execute("SELECT * FROM others").fetchall() == [
            (1, "of somebody else")
        ]
    made_of_it = schema_of(index)
    index.file.close()
    assert version_of(path) == schema.VERSION
    remove_index(path)
    index.file.open()
    made_of_it.pop("others")
    assert schema_of(index) == made_of_it
    index.file.close()


@pytest.mark.parametrize("number", range(5))
def test_version_2_cut_off(
    path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Wherever it is, it is of version 2 as before, and the next start goes through."""
    write_version_2(path, *map(made, range(500)))
    statements = [*schema.SINCE_3]
    statements.insert(number, "CREATE disturbance")
    index = RecordingIndex(path)
    with monkeypatch.context() as patched:
        patched.setattr(schema, "SINCE_3", tuple(statements))
        with pytest.raises(sqlite3.OperationalError):
            index.file.open()
    assert version_of(path) == 2
    assert index.file.open()
    assert index.counts == {"SD_DISK": 500}
    index.file.close()


def test_large(path: Path) -> None:
    """A large one takes no more memory on its way than a small one, and becomes smaller."""
    write_version_1(path, *map(made, range(20_000)))
    before = path.stat().st_size
    index = RecordingIndex(path)
    tracemalloc.start()
    assert index.file.open()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < MOST_MEMORY
    assert index.counts == {"SD_DISK": 20_000}
    index.file.close()
    assert path.stat().st_size < 0.6 * before


@pytest.mark.parametrize("number", range(0, 2000, 150))
def test_cut_off(path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Wherever it is, it is of version 1 as before, and the next start goes through."""
    write_version_1(path, *map(made, range(2000)))
    before = path.read_bytes()
    numbers = count()

    def load_some(*row: str) -> Recording:
        if next(numbers) == number:
            message = "database or disk is full"
            raise sqlite3.OperationalError(message)
        return load(*row)

    index = RecordingIndex(path)
    with monkeypatch.context() as patched:
        patched.setattr(schema, "load", load_some)
        with pytest.raises(sqlite3.OperationalError):
            index.file.open()
    assert version_of(path) == 1
    with closing(sqlite3.connect(path)) as db:
        (kept,) = db.execute("SELECT count(*) FROM recordings").fetchone()
    assert kept == 2000
    assert len(before) <= path.stat().st_size
    assert index.file.open()
    assert index.counts == {"SD_DISK": 2000}
    index.file.close()


@pytest.mark.parametrize("number", [0, 700, 1999])
def test_killed(path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """The same goes for a process that ends without a warning."""
    write_version_1(path, *map(made, range(2000)))
    numbers = count()

    def load_some(*row: str) -> Recording:
        if next(numbers) == number:
            kill_this_process()
        return load(*row)

    with monkeypatch.context() as patched:
        patched.setattr(schema, "load", load_some)
        kill_process(RecordingIndex(path).file.open)
    assert version_of(path) == 1
    index = RecordingIndex(path)
    assert index.file.open()
    assert index.counts == {"SD_DISK": 2000}
    index.file.close()


@pytest.mark.parametrize("room", [0, 100, 300, 900])
def test_full_disk(path: Path, room: int) -> None:
    """Where there is no room for it, nothing is lost, and it goes on once there is."""
    write_version_1(path, *map(made, range(5000)))
    before = path.stat().st_size
    index = RecordingIndex(path)
    with full_disk(before + room), pytest.raises(sqlite3.OperationalError):
        index.file.open()
    assert version_of(path) == 1
    assert index.file.open()
    assert index.counts == {"SD_DISK": 5000}
    index.file.close()


def test_no_room_to_compact(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It works as it is, and is made smaller at another start."""
    write_version_1(path, *map(made, range(2000)))
    before = path.stat().st_size
    index = RecordingIndex(path)
    with closing(sqlite3.connect(path)) as reader, monkeypatch.context() as patched:
        patched.setattr(index_file, "BUSY_SECONDS", 0.02)
        prepare = schema.prepare

        def prepare_and_be_read(db: sqlite3.Connection) -> None:
            prepare(db)
            db.execute("COMMIT")
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM recordings").fetchall()
            db.execute("BEGIN IMMEDIATE")

        patched.setattr(index_file, "prepare", prepare_and_be_read)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            index.file.open()
        reader.execute("ROLLBACK")
    assert path.stat().st_size >= before
    assert index.file.open()
    assert index.counts == {"SD_DISK": 2000}
    index.file.close()
    assert path.stat().st_size < before


@pytest.mark.parametrize(
    "change",
    [
        "details = 'x'",
        "details = '[]'",
        "details = '{}'",
        "stage = 'unheard-of'",
        "details = json_set(details, '$[2]', 1e30)",
        "details = CAST(X'5BFF5D' AS TEXT)",
    ],
)
def test_content_that_makes_no_sense(path: Path, change: str) -> None:
    """Then all is begun anew, as with what is spoilt otherwise."""
    write_version_1(path, made(1), made(2))
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"UPDATE recordings SET {change}")  # noqa: S608
        db.commit()
    index = RecordingIndex(path)
    assert not index.file.open()
    assert index.counts == {}
    index.file.close()


def half_make(monkeypatch: pytest.MonkeyPatch, number: int) -> Callable[[], None]:
    """Let a statement fail, and return what takes that back."""
    statements = [*schema.STATEMENTS]
    statements.insert(number, "CREATE disturbance")
    monkeypatch.setattr(schema, "STATEMENTS", tuple(statements))
    return monkeypatch.undo


@pytest.mark.parametrize("number", range(len(schema.STATEMENTS) + 1))
def test_half_made(path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """One that was not made to its end is not there, and the next try makes it."""
    index = RecordingIndex(path)
    undo = half_make(monkeypatch, number)
    with pytest.raises(sqlite3.OperationalError):
        index.file.open()
    undo()
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT * FROM sqlite_master").fetchall() == []
    assert index.file.open()
    assert index.counts == {}
    index.file.close()


def test_half_made_by_an_older_version(path: Path) -> None:
    """That one did not make it in one go."""
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE recordings (a)")
    index = RecordingIndex(path)
    assert not index.file.open()
    assert index.counts == {}
    index.file.close()


def test_of_a_later_version(path: Path) -> None:
    """It is begun anew."""
    index = RecordingIndex(path)
    index.file.open()
    index.file.close()
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 99")
    assert not index.file.open()
    assert index.counts == {}
    index.file.close()
    assert version_of(path) == schema.VERSION
