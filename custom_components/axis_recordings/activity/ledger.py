"""All recordings that are known, and what is still to be told of them, in a file.

A camera may hold 100,000 recordings and answers with a count; only who remembers them can say which one
is gone. What happened is stored in the same transaction as what it changes, and taken out when it has been
told, so that it is told once, whatever happens in between.
"""

from collections import defaultdict
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from itertools import batched
import json
import sqlite3
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from ..vapix import Recording, RecordingKey, RecordingStatus, RecordingType
from .models import (
    Activity,
    ActivityType,
    Change,
    Entry,
    KnownDisk,
    Look,
    Moments,
    Stage,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

SCHEMA_VERSION: Final = 1
_SCHEMA: Final = """
CREATE TABLE recordings (
    disk_id TEXT NOT NULL,
    recording_id TEXT NOT NULL,
    start TEXT,
    stage TEXT NOT NULL,
    details TEXT NOT NULL,
    PRIMARY KEY (disk_id, recording_id)
) WITHOUT ROWID;
CREATE INDEX unsettled ON recordings (stage) WHERE stage != 'ended';
CREATE TABLE activities (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    type TEXT NOT NULL,
    disk_id TEXT NOT NULL,
    recording_id TEXT NOT NULL,
    details TEXT NOT NULL
);
CREATE TABLE disks (
    disk_id TEXT PRIMARY KEY,
    is_present INTEGER NOT NULL,
    is_complete INTEGER NOT NULL,
    time TEXT NOT NULL,
    camera_time TEXT NOT NULL
);
CREATE TABLE looks (time TEXT NOT NULL, camera_time TEXT NOT NULL);
"""
# Added later, and left aside by what does not know it.
_LATER_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS former (
    number INTEGER PRIMARY KEY,
    disk_id TEXT NOT NULL,
    recording_id TEXT NOT NULL,
    UNIQUE (disk_id, recording_id)
);
CREATE TABLE IF NOT EXISTS moments (
    kind TEXT NOT NULL,
    disk_id TEXT NOT NULL,
    recording_id TEXT NOT NULL,
    time TEXT NOT NULL
);
"""
# Far below what SQLite takes as parameters of one statement.
_KEYS_AT_ONCE: Final = 400
# What is a day old is no news anyway, so these are more than enough.
MOST_FORMER: Final = 10_000


class Ledger:
    """One camera's ledger. All methods but the constructor read or write the file."""

    def __init__(self, path: Path) -> None:
        """Keep the ledger there."""
        self._path = path
        self._lock = Lock()
        self._connection: sqlite3.Connection | None = None
        self._is_spoilt = False

    def open(self) -> bool:
        """Read the file, and return whether what it holds could be read.

        One that can't be is begun anew: then the past is not news. Raises sqlite3.Error if there may be
        nothing wrong with the file.
        """
        try:
            if not self._is_spoilt:
                self._connect()
                return True
        except sqlite3.OperationalError:
            # It may be good, and only can't be reached.
            self.close()
            raise
        except sqlite3.DatabaseError:
            pass
        self.close()
        for ending in ("", "-journal", "-wal", "-shm"):
            self._path.with_name(self._path.name + ending).unlink(missing_ok=True)
        self._connect()
        self._is_spoilt = False
        return False

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._connection:
                self._connection.close()
                self._connection = None

    def clear(self) -> None:
        """Forget everything."""
        with self._transaction() as db:
            for table in (
                "recordings",
                "activities",
                "disks",
                "looks",
                "former",
                "moments",
            ):
                db.execute(f"DELETE FROM {table}")  # noqa: S608 - names of our own

    def find(self, keys: Iterable[RecordingKey]) -> dict[RecordingKey, Entry]:
        """Return those that are known."""
        rows = self._rows("disk_id, recording_id, details, stage FROM recordings", keys)
        with self._making_sense():
            return {entry.recording.key: entry for entry in _entries(rows)}

    def find_former(self, keys: Iterable[RecordingKey]) -> set[RecordingKey]:
        """Return those that were known once: removed, or on a card that was exchanged."""
        rows = self._rows("disk_id, recording_id FROM former", keys)
        return {RecordingKey(*row) for row in rows}

    def unsettled(self) -> list[Entry]:
        """Return what goes on, and what has ended but can't be played yet."""
        return self._select("stage != 'ended'")

    def settled_between(
        self, after: datetime | None, before: datetime | None
    ) -> list[Entry]:
        """Return those on present disks that have ended, and began between two times."""
        return self._select(
            "stage = 'ended' AND disk_id IN (SELECT disk_id FROM disks WHERE is_present) "
            "AND (:after IS NULL OR start > :after) "
            "AND (:before IS NULL OR start < :before)",
            after=_text(after),
            before=_text(before),
        )

    def counts(self) -> dict[str, int]:
        """Return how many are known on each present disk."""
        with self._reading() as db:
            return dict(
                db.execute(
                    "SELECT disk_id, count(*) FROM recordings "
                    "WHERE disk_id IN (SELECT disk_id FROM disks WHERE is_present) "
                    "GROUP BY disk_id"
                ).fetchall()
            )

    def keys(self) -> set[RecordingKey]:
        """Return all on present disks."""
        with self._reading() as db:
            rows = db.execute(
                "SELECT disk_id, recording_id FROM recordings "
                "WHERE disk_id IN (SELECT disk_id FROM disks WHERE is_present)"
            )
            return {RecordingKey(*row) for row in rows}

    def on_disk(self, disk_id: str) -> list[Entry]:
        """Return all on a disk, oldest first."""
        return self._select("disk_id = :d", d=disk_id)

    def samples(
        self, disk_id: str, number: int, without: Collection[RecordingKey] = ()
    ) -> list[RecordingKey]:
        """Return up to so many on a disk, from all over it, leaving out some."""
        others = (
            "FROM recordings WHERE disk_id = ? AND recording_id NOT IN "
            "(SELECT value FROM json_each(?))"
        )
        values = (disk_id, json.dumps([key.recording_id for key in without]))
        with self._reading() as db:
            (count,) = db.execute(f"SELECT count(*) {others}", values).fetchone()
            rows = [
                db.execute(
                    f"SELECT recording_id {others} ORDER BY recording_id LIMIT 1 OFFSET ?",
                    (*values, place),
                ).fetchone()
                for place in sorted(
                    {each * (count - 1) // (number - 1) for each in range(number)}
                )
                if count
            ]
        return [RecordingKey(disk_id, recording_id) for (recording_id,) in rows]

    def disks(self) -> dict[str, KnownDisk]:
        """Return the disks on which recordings have been seen."""
        with self._reading() as db:
            return {
                disk_id: KnownDisk(
                    is_present=bool(is_present),
                    is_complete=bool(is_complete),
                    last_look=_look(time, camera_time),
                )
                for disk_id, is_present, is_complete, time, camera_time in db.execute(
                    "SELECT * FROM disks"
                )
            }

    def last_look(self) -> Look | None:
        """Return when the camera was last looked at."""
        with self._reading() as db:
            row = db.execute("SELECT * FROM looks").fetchone()
            return row and _look(*row)

    def note_look(self, look: Look) -> None:
        """Remember that everything was known at a time."""
        with self._transaction() as db:
            db.execute("DELETE FROM looks")
            db.execute(
                "INSERT INTO looks VALUES (?, ?)",
                (_text(look.time), _text(look.camera_time)),
            )

    def keep_moments(self, moments: Moments) -> None:
        """Keep what only the memory knows, for the next start."""
        with self._transaction() as db:
            db.execute("DELETE FROM moments")
            times = {
                **{("seen", *key): time for key, time in moments.seen.items()},
                **{("missing", *key): time for key, time in moments.missing.items()},
                ("looked", "", ""): moments.looked,
                ("kept", "", ""): moments.kept,
            }
            db.executemany(
                "INSERT INTO moments VALUES (?, ?, ?, ?)",
                ((*key, _text(time)) for key, time in times.items() if time),
            )

    def take_moments(self) -> Moments:
        """Return what was kept, once: after a crash, nothing that is too old."""
        kept: defaultdict[str, dict[RecordingKey, datetime]] = defaultdict(dict)
        with self._reading() as db:
            for kind, *key, time in db.execute("SELECT * FROM moments"):
                kept[kind][RecordingKey(*key)] = datetime.fromisoformat(time)
        with self._transaction() as db:
            db.execute("DELETE FROM moments")
        looked, when = (
            next(iter(kept[kind].values()), None) for kind in ("looked", "kept")
        )
        return Moments(
            seen=kept["seen"], missing=kept["missing"], looked=looked, kept=when
        )

    def apply(self, change: Change) -> None:
        """Store all of a change."""
        with self._transaction() as db:
            db.executemany(
                "INSERT OR REPLACE INTO recordings VALUES (?, ?, ?, ?, ?)",
                (
                    (
                        *entry.recording.key,
                        _text(entry.recording.start),
                        entry.stage.value,
                        _dump(entry.recording),
                    )
                    for entry in change.entries
                ),
            )
            db.executemany(
                "DELETE FROM recordings WHERE disk_id = ? AND recording_id = ?",
                change.removed,
            )
            db.executemany(
                "INSERT OR REPLACE INTO former (disk_id, recording_id) VALUES (?, ?)",
                change.removed,
            )
            db.execute(
                "DELETE FROM former WHERE number <= "
                "(SELECT max(number) FROM former) - ?",
                (MOST_FORMER,),
            )
            db.executemany(
                "INSERT INTO activities (type, disk_id, recording_id, details) "
                "VALUES (?, ?, ?, ?)",
                (
                    (kind.value, *recording.key, _dump(recording))
                    for kind, recording in change.activities
                ),
            )
            db.executemany(
                "INSERT OR REPLACE INTO disks VALUES (?, ?, ?, ?, ?)",
                (
                    (
                        disk_id,
                        disk.is_present,
                        disk.is_complete,
                        _text(disk.last_look.time),
                        _text(disk.last_look.camera_time),
                    )
                    for disk_id, disk in change.disks.items()
                ),
            )

    def untold(self) -> list[Activity]:
        """Return what is to be told, in order."""
        with self._reading() as db:
            return [
                Activity(
                    number=number,
                    type=ActivityType(kind),
                    recording=_load(disk_id, recording_id, details),
                )
                for number, kind, disk_id, recording_id, details in db.execute(
                    "SELECT * FROM activities ORDER BY number"
                )
            ]

    def forget(self, activity: Activity) -> None:
        """Take out what has been told."""
        with self._transaction() as db:
            db.execute("DELETE FROM activities WHERE number = ?", (activity.number,))

    def _connect(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._lock:
            # Each call may come from another thread, but one at a time.
            self._connection = sqlite3.connect(
                self._path, check_same_thread=False, isolation_level=None
            )
        with self._transaction() as db:
            (answer,) = db.execute("PRAGMA quick_check(1)").fetchone()
            (version,) = db.execute("PRAGMA user_version").fetchone()
            (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
            if answer != "ok" or version not in {0, SCHEMA_VERSION}:
                message = "The ledger is spoilt, or of another version"
                raise sqlite3.DatabaseError(message)
            if tables and not version:
                message = "The ledger is half made"
                raise sqlite3.DatabaseError(message)
            schema = _LATER_SCHEMA if version else _SCHEMA + _LATER_SCHEMA
            for statement in filter(str.strip, schema.split(";")):
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def _rows(
        self, columns: str, keys: Iterable[RecordingKey]
    ) -> list[tuple[Any, ...]]:
        """Return some columns of a table for the keys that are in it."""
        rows: list[tuple[Any, ...]] = []
        with self._reading() as db:
            for part in batched(keys, _KEYS_AT_ONCE, strict=False):
                places = ", ".join(["(?, ?)"] * len(part))
                rows += db.execute(
                    f"SELECT {columns} WHERE (disk_id, recording_id) "
                    f"IN (VALUES {places})",
                    [value for key in part for value in key],
                )
        return rows

    def _select(self, condition: str, **values: str | None) -> list[Entry]:
        with self._reading() as db:
            rows = db.execute(
                "SELECT disk_id, recording_id, details, stage FROM recordings "  # noqa: S608 - conditions of our own
                f"WHERE {condition} ORDER BY start, disk_id, recording_id",
                values,
            )
            return list(_entries(rows))

    @contextmanager
    def _using(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            if self._connection is None:
                message = "The ledger is closed"
                raise sqlite3.ProgrammingError(message)
            try:
                yield self._connection
            except sqlite3.DatabaseError as err:
                # A page that is spoilt shows only when it is read.
                self._is_spoilt |= type(err) is sqlite3.DatabaseError
                raise

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._using() as db, self._making_sense():
            yield db

    @contextmanager
    def _making_sense(self) -> Iterator[None]:
        """Take rows that nobody has written so for damage."""
        try:
            yield
        except (ValueError, LookupError, TypeError) as err:
            self._is_spoilt = True
            message = f"The ledger holds what makes no sense: {type(err).__name__}"
            raise sqlite3.DatabaseError(message) from err

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """Change all or nothing, tables included."""
        with self._using() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                # Some errors have ended it already.
                with suppress(sqlite3.Error):
                    db.execute("ROLLBACK")
                raise


def _entries(rows: Iterable[tuple[str, str, str, str]]) -> Iterator[Entry]:
    for disk_id, recording_id, details, stage in rows:
        yield Entry(recording=_load(disk_id, recording_id, details), stage=Stage(stage))


def _dump(recording: Recording) -> str:
    """Return what is kept of a recording beside its name."""
    offset = recording.utc_offset
    return json.dumps(
        [
            _text(recording.start),
            _text(recording.stop),
            None if offset is None else offset.total_seconds(),
            recording.status.value,
            recording.type.value,
            recording.event_id,
            recording.event_trigger,
            recording.source,
            recording.locked,
        ],
        separators=(",", ":"),
    )


def _load(disk_id: str, recording_id: str, details: str) -> Recording:
    start, stop, offset, status, kind, event_id, event_trigger, source, locked = (
        json.loads(details)
    )
    return Recording(
        disk_id=disk_id,
        recording_id=recording_id,
        start=_time(start),
        stop=_time(stop),
        utc_offset=None if offset is None else timedelta(seconds=offset),
        status=RecordingStatus(status),
        type=RecordingType(kind),
        event_id=event_id,
        event_trigger=event_trigger,
        source=source,
        locked=locked,
        video=(),
        audio=(),
    )


def _text(moment: datetime | None) -> str | None:
    """Return a UTC time as text of one length, so that texts compare as times do."""
    return None if moment is None else moment.isoformat(timespec="microseconds")


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _look(time: str, camera_time: str) -> Look:
    return Look(
        time=datetime.fromisoformat(time),
        camera_time=datetime.fromisoformat(camera_time),
    )
