"""The tables of the index, and how those of earlier versions become today's."""

from itertools import batched
import sqlite3
from typing import TYPE_CHECKING, Final

from .details import load
from .lengths import CLASS, IS_LONG
from .models import KnownRecording, Stage
from .rows import ONGOING, STAGES, insert

if TYPE_CHECKING:
    from collections.abc import Iterator

VERSION: Final = 3
_ROWS_AT_ONCE: Final = 500

SINCE_2: Final = (
    """
    CREATE TABLE recording_disks (
        number INTEGER PRIMARY KEY,
        disk_id TEXT NOT NULL UNIQUE,
        recordings INTEGER NOT NULL DEFAULT 0
    ) STRICT
    """,
    "CREATE TABLE words (number INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT",
    """
    CREATE TABLE layouts (
        number INTEGER PRIMARY KEY,
        codec TEXT,
        width INTEGER,
        height INTEGER,
        frame_rate REAL,
        has_audio INTEGER NOT NULL
    ) STRICT
    """,
    # A number that was given once names no other recording later.
    """
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
    ) STRICT
    """,
    "CREATE UNIQUE INDEX recordings_by_id ON recordings (recording_id, disk)",
    "CREATE INDEX recordings_by_start ON recordings (start)",
    f"""
    CREATE INDEX recordings_unsettled ON recordings (start)
    WHERE stage != {STAGES.index(Stage.ENDED)}
    """,
    # So nobody has to count them.
    """
    CREATE TRIGGER recording_added AFTER INSERT ON recordings BEGIN
        UPDATE recording_disks SET recordings = recordings + 1 WHERE number = NEW.disk;
    END
    """,
)
SINCE_3: Final = (
    # By name, as the start is answered before the recording is listed. ``started`` is in microseconds since 1970.
    """
    CREATE TABLE starters (
        recording_id TEXT NOT NULL,
        disk_id TEXT NOT NULL,
        kind TEXT NOT NULL,
        user_id TEXT,
        name TEXT,
        started INTEGER NOT NULL,
        PRIMARY KEY (recording_id, disk_id)
    ) STRICT, WITHOUT ROWID
    """,
    f"CREATE INDEX recordings_long ON recordings ({CLASS}, start) WHERE {IS_LONG}",
    f"""
    CREATE INDEX recordings_going_on ON recordings (start)
    WHERE status = {ONGOING}
    """,
    """
    CREATE TRIGGER recording_removed AFTER DELETE ON recordings BEGIN
        DELETE FROM starters WHERE recording_id = OLD.recording_id
            AND disk_id = (SELECT disk_id FROM recording_disks WHERE number = OLD.disk);
        UPDATE recording_disks SET recordings = recordings - 1 WHERE number = OLD.disk;
    END
    """,
)
STATEMENTS: Final = (*SINCE_2, *SINCE_3)
"""``disk``, ``event_id``, ``event_trigger``, ``source``, and ``layout`` are numbers of the other tables; ``rows`` says what
the rest means."""


def prepare(db: sqlite3.Connection) -> None:
    """Make the tables in an empty file, or of those of an earlier version, all in the transaction that is open.

    Raises sqlite3.DatabaseError if they are of a later version, or half made.
    """
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version == VERSION:
        return
    (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if version not in range(VERSION) or (tables and not version):
        message = "The index is of another version, or half made"
        raise sqlite3.DatabaseError(message)
    if version == 1:
        db.execute("DROP INDEX unsettled")
        db.execute("ALTER TABLE recordings RENAME TO recordings_1")
    is_of_version_2 = version > 1
    if is_of_version_2:
        db.execute("DROP TRIGGER recording_removed")
    for statement in SINCE_3 if is_of_version_2 else STATEMENTS:
        db.execute(statement)
    if version == 1:
        for part in batched(_recordings_of_version_1(db), _ROWS_AT_ONCE, strict=False):
            insert(db, part)
        db.execute("DROP TABLE recordings_1")
    db.execute(f"PRAGMA user_version = {VERSION}")


def _recordings_of_version_1(db: sqlite3.Connection) -> Iterator[KnownRecording]:
    """Give all recordings one by one, whose tracks version 1 did not know."""
    rows = db.execute("SELECT disk_id, recording_id, details, stage FROM recordings_1")
    for disk_id, recording_id, details, stage in rows:
        recording = load(disk_id, recording_id, details)
        yield KnownRecording(recording=recording, stage=Stage(stage))
