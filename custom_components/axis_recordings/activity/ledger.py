"""What is remembered of a camera for the sake of reports, in the file of its index.

What happened is stored in the same transaction as what it changes in the index, and taken out when it has been
reported, so that it is reported once, whatever happens in between.
"""

from collections import defaultdict
from datetime import datetime, timedelta
import json
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from ..index.details import as_text, dump, load
from ..vapix import RecordingKey
from .models import Activity, ActivityType, KnownDisk, Moments, PollTime

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    import sqlite3

    from ..index.models import KnownRecording
    from ..index.store import RecordingIndex
    from .models import ChangeSet

# The monotonic clock of another process, perhaps after a restart of the machine, says nothing.
_EPOCH: Final = f"epoch of {uuid4()}"
# What is a day old is no news anyway, so these are more than enough.
MOST_FORMER: Final = 10_000

_TABLES: Final = {
    "activities": """
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        type TEXT NOT NULL,
        disk_id TEXT NOT NULL,
        recording_id TEXT NOT NULL,
        details TEXT NOT NULL
    """,
    "disks": """
        disk_id TEXT PRIMARY KEY,
        is_present INTEGER NOT NULL,
        is_complete INTEGER NOT NULL,
        time TEXT NOT NULL,
        camera_time TEXT NOT NULL
    """,
    "looks": "time TEXT NOT NULL, camera_time TEXT NOT NULL",
    "former": """
        number INTEGER PRIMARY KEY,
        disk_id TEXT NOT NULL,
        recording_id TEXT NOT NULL,
        UNIQUE (disk_id, recording_id)
    """,
    "moments": """
        kind TEXT NOT NULL,
        disk_id TEXT NOT NULL,
        recording_id TEXT NOT NULL,
        time TEXT NOT NULL
    """,
    "lost": "disk_id TEXT NOT NULL, recording_id TEXT NOT NULL",
    "times": "kind TEXT PRIMARY KEY, time TEXT NOT NULL",
    "clocks": "time TEXT NOT NULL, camera_time TEXT NOT NULL",
}
"""As they are since version 1 of the index; some of its files have only the first of them."""


class Ledger:
    """One camera's ledger. All methods but the constructor read or write the file."""

    def __init__(self, index: RecordingIndex) -> None:
        """Keep it in the file of an index."""
        self.index = index
        self._file = index.file
        self._pending = 0

    @property
    def is_too_large(self) -> bool:
        """Return whether there was no room in the file, which will be begun anew."""
        return self._file.is_too_large

    @property
    def is_spoilt(self) -> bool:
        """Return whether anybody has found what makes no sense in the file, which will be begun anew."""
        return self._file.is_spoilt

    @property
    def has_pending(self) -> bool:
        """Return whether there is anything to be reported."""
        return self._pending > 0

    def open(self) -> bool:
        """Read the file, and return whether what it holds could be read.

        One that can't be is begun anew: then the past is not news. Raises sqlite3.Error if there may be
        nothing wrong with the file.
        """
        is_known = self._file.open()
        with self._file.transaction() as db:
            for name, columns in _TABLES.items():
                db.execute(f"CREATE TABLE IF NOT EXISTS {name} ({columns})")
            (self._pending,) = db.execute("SELECT count(*) FROM activities").fetchone()
        return is_known

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def clear(self) -> None:
        """Forget everything."""
        with self._file.transaction() as db:
            self.index.clear(db)
            for name in _TABLES:
                db.execute(f"DELETE FROM {name}")  # noqa: S608 - names of our own
            self._pending = 0

    def look_up(
        self, keys: Collection[RecordingKey]
    ) -> tuple[list[KnownRecording], set[RecordingKey]]:
        """Return all that have one of these IDs, on any disk, and which of the others were known once."""
        named = self.index.named(key.recording_id for key in keys)
        known = {each.recording.key for each in named}
        return named, self.find_former({*keys} - known)

    def find_former(self, keys: Collection[RecordingKey]) -> set[RecordingKey]:
        """Return those that were known once: removed, or on a card that was exchanged."""
        if not keys:
            return set()
        with self._file.reading() as db:
            rows = db.execute(
                "SELECT disk_id, recording_id FROM former WHERE (disk_id, recording_id) "
                "IN (SELECT value ->> 0, value ->> 1 FROM json_each(?))",
                (json.dumps([*keys]),),
            )
            return {RecordingKey(*row) for row in rows}

    def disks(self) -> dict[str, KnownDisk]:
        """Return the disks on which recordings have been seen."""
        with self._file.reading() as db:
            return {
                disk_id: KnownDisk(
                    is_present=bool(is_present),
                    is_complete=bool(is_complete),
                    last_poll=_poll_time(time, camera_time),
                )
                for disk_id, is_present, is_complete, time, camera_time in db.execute(
                    "SELECT * FROM disks"
                )
            }

    def last_poll(self) -> PollTime | None:
        """Return when the camera was last polled."""
        with self._file.reading() as db:
            row = db.execute("SELECT * FROM looks").fetchone()
            return row and _poll_time(*row)

    def note_poll(self, poll: PollTime) -> None:
        """Remember that everything was known at a time."""
        with self._file.transaction() as db:
            _note_poll(db, poll)

    def clocks(self) -> list[PollTime]:
        """Return at which polls the camera's clock showed something else than before, in their order."""
        with self._file.reading() as db:
            rows = db.execute("SELECT * FROM clocks ORDER BY rowid")
            return [_poll_time(*row) for row in rows]

    def note_clocks(self, polls: Iterable[PollTime]) -> None:
        """Remember these, and no others."""
        with self._file.transaction() as db:
            db.execute("DELETE FROM clocks")
            db.executemany("INSERT INTO clocks VALUES (?, ?)", map(_texts, polls))

    def leave(
        self, poll: PollTime, disks: Mapping[str, PollTime], moments: Moments
    ) -> None:
        """Remember for the next start when the camera was polled, and what only the memory knows.

        ``disks`` were there last at these times: that counts for those of which all is known.
        """
        with self._file.transaction() as db:
            _note_poll(db, poll)
            db.executemany(
                "UPDATE disks SET time = ?, camera_time = ? "
                "WHERE disk_id = ? AND is_present AND is_complete",
                ((*_texts(each), disk_id) for disk_id, each in disks.items()),
            )
            _forget_moments(db)
            db.executemany(
                "INSERT INTO moments VALUES (?, ?, ?, ?)",
                (
                    (kind, *key, as_text(time))
                    for kind, times in (
                        ("seen", moments.seen),
                        ("missing", moments.missing),
                        ("unseen", moments.unseen),
                    )
                    for key, time in times.items()
                ),
            )
            db.executemany("INSERT INTO lost VALUES (?, ?)", moments.lost)
            times = {
                "looked": moments.polled,
                "walked": moments.walked,
                _EPOCH: moments.epoch,
            }
            db.executemany(
                "INSERT INTO times VALUES (?, ?)",
                ((kind, as_text(time)) for kind, time in times.items() if time),
            )

    def take_moments(self) -> Moments:
        """Return what was kept, once: after a crash, nothing that is too old."""
        kept: defaultdict[str, dict[RecordingKey, datetime]] = defaultdict(dict)
        with self._file.reading() as db:
            for kind, *key, time in db.execute("SELECT * FROM moments"):
                kept[kind][RecordingKey(*key)] = datetime.fromisoformat(time)
            lost = {RecordingKey(*row) for row in db.execute("SELECT * FROM lost")}
            times = {
                kind: datetime.fromisoformat(time)
                for kind, time in db.execute("SELECT * FROM times")
            }
        with self._file.transaction() as db:
            _forget_moments(db)
        return Moments(
            seen=kept["seen"],
            missing=kept["missing"],
            unseen=kept["unseen"],
            lost=lost,
            polled=times.get("looked"),
            walked=times.get("walked"),
            epoch=times.get(_EPOCH),
        )

    def shift(self, by: timedelta) -> None:
        """Put all polls where they are by our clock as it has been set since."""
        with self._file.transaction() as db, self._file.making_sense():
            for table in ("looks", "disks", "clocks"):
                rows = db.execute(f"SELECT rowid, time FROM {table}").fetchall()  # noqa: S608 - names of our own
                db.executemany(
                    f"UPDATE {table} SET time = ? WHERE rowid = ?",  # noqa: S608
                    (
                        (as_text(datetime.fromisoformat(time) + by), number)
                        for number, time in rows
                    ),
                )

    def apply(self, change: ChangeSet, poll: PollTime | None = None) -> None:
        """Store all of a change, and when that was seen with which everything was known, if it was."""
        with self._file.transaction() as db:
            self.index.write(db, change.recordings, change.removed)
            if change.removed:
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
                    (kind.value, *recording.key, dump(recording))
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
                        *_texts(disk.last_poll),
                    )
                    for disk_id, disk in change.disks.items()
                ),
            )
            if poll:
                _note_poll(db, poll)
            self._pending += len(change.activities)

    def pending(self) -> list[Activity]:
        """Return what is to be reported, in order."""
        with self._file.reading() as db:
            return [
                Activity(
                    number=number,
                    type=ActivityType(kind),
                    recording=load(disk_id, recording_id, details),
                )
                for number, kind, disk_id, recording_id, details in db.execute(
                    "SELECT * FROM activities ORDER BY number"
                )
            ]

    def forget_pending(self) -> None:
        """Report nothing of what has happened by now."""
        with self._file.transaction() as db:
            db.execute("DELETE FROM activities")
            self._pending = 0

    def mark_reported(self, activity: Activity) -> None:
        """Take out what has been reported."""
        with self._file.transaction() as db:
            taken = db.execute(
                "DELETE FROM activities WHERE number = ?", (activity.number,)
            )
            self._pending -= taken.rowcount


def _note_poll(db: sqlite3.Connection, poll: PollTime) -> None:
    db.execute("DELETE FROM looks")
    db.execute("INSERT INTO looks VALUES (?, ?)", _texts(poll))


def _forget_moments(db: sqlite3.Connection) -> None:
    for table in ("moments", "lost", "times"):
        db.execute(f"DELETE FROM {table}")  # noqa: S608 - names of our own


def _texts(poll: PollTime) -> tuple[str | None, str | None]:
    return as_text(poll.time), as_text(poll.camera_time)


def _poll_time(time: str, camera_time: str) -> PollTime:
    return PollTime(
        time=datetime.fromisoformat(time),
        camera_time=datetime.fromisoformat(camera_time),
    )
