"""What may be asked of the index, and how the recordings of a change are written."""

import json
from typing import TYPE_CHECKING, Final

from ..vapix import RecordingKey
from . import starters
from .file import IndexFile
from .models import Stage
from .questions import Questions
from .rows import (
    SELECT,
    STAGES,
    as_number,
    find_numbers,
    insert,
    known_recordings,
    update,
)
from .words import ADDED_BETWEEN, forget_unused, last_numbers

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime
    from pathlib import Path
    import sqlite3

    from .models import KnownRecording, Starter

_ENDED: Final = STAGES.index(Stage.ENDED)
_OLDEST_FIRST: Final = "ORDER BY start, disk_id, recording_id"
_SAMPLES: Final = """
SELECT number, recording_id FROM recordings
WHERE disk = (SELECT number FROM recording_disks WHERE disk_id = ?) AND number >= ?
AND recording_id NOT IN (SELECT value FROM json_each(?))
ORDER BY number
"""


class RecordingIndex:
    """All known recordings of one camera. Methods read or write the file, and properties do not."""

    def __init__(self, path: Path) -> None:
        """Keep the index there."""
        self.file = IndexFile(path, self._recall)
        """In which others may have tables of their own."""
        self.questions = Questions(self.file)
        self._counts: Mapping[str, int] = {}
        self._unsettled: tuple[KnownRecording, ...] = ()
        self._last_number = 0

    @property
    def counts(self) -> Mapping[str, int]:
        """Return how many are known on each disk on which there are any."""
        return self._counts

    @property
    def unsettled(self) -> tuple[KnownRecording, ...]:
        """Return what goes on, and what has ended but can't be played yet, oldest first."""
        return self._unsettled

    @property
    def last_number(self) -> int:
        """Return the highest number of all: what is added later gets a higher one."""
        return self._last_number

    def named(self, recording_ids: Iterable[str]) -> list[KnownRecording]:
        """Return those with some IDs, on any disk."""
        return self._select(
            "recording_id IN (SELECT value FROM json_each(:ids))",
            ids=json.dumps([*{*recording_ids}]),
        )

    def find(
        self, keys: Collection[RecordingKey]
    ) -> dict[RecordingKey, KnownRecording]:
        """Return those that are known."""
        named = {
            each.recording.key: each
            for each in self.named(key.recording_id for key in keys)
        }
        return {key: named[key] for key in keys if key in named}

    def settled_between(
        self,
        disk_ids: Iterable[str],
        after: datetime | None,
        before: datetime | None,
    ) -> list[KnownRecording]:
        """Return those on some disks that have ended, and began between two times."""
        conditions = [
            f"stage = {_ENDED}",
            "disk_id IN (SELECT value FROM json_each(:disks))",
        ]
        if after is not None:
            conditions.append("start > :after")
        if before is not None:
            conditions.append("start < :before")
        return self._select(
            f"{' AND '.join(conditions)} {_OLDEST_FIRST}",
            disks=json.dumps([*disk_ids]),
            after=as_number(after),
            before=as_number(before),
        )

    def on_disk(self, disk_id: str) -> list[KnownRecording]:
        """Return all on a disk, oldest first."""
        return self._select(f"disk_id = :disk {_OLDEST_FIRST}", disk=disk_id)

    def unseen(
        self, disk_ids: Iterable[str], last_number: int, seen: Collection[int]
    ) -> set[RecordingKey]:
        """Return those on some disks, up to a number, whose numbers are not among those that were seen."""
        with self.file.reading() as db:
            rows = db.execute(
                "SELECT recordings.number, disk_id, recording_id FROM recordings "
                "JOIN recording_disks ON recording_disks.number = disk "
                "WHERE recordings.number <= ? "
                "AND disk_id IN (SELECT value FROM json_each(?))",
                (last_number, json.dumps([*disk_ids])),
            )
            return {RecordingKey(*name) for number, *name in rows if number not in seen}

    def samples(
        self, disk_id: str, number: int, without: Collection[RecordingKey] = ()
    ) -> list[RecordingKey]:
        """Return up to so many on a disk, three at least, from all over it, leaving out some."""
        chosen: dict[int, str] = {}
        left_out = [key.recording_id for key in without]
        with self.file.reading() as db:

            def choose(since: int = 0, order: str = "ASC", most: int = 1) -> None:
                values = (disk_id, since, json.dumps([*left_out, *chosen.values()]))
                rows = db.execute(f"{_SAMPLES} {order} LIMIT ?", (*values, most))
                chosen.update(rows.fetchall())

            choose()
            choose(order="DESC")
            if chosen:
                first, last = min(chosen), max(chosen)
                for place in range(1, number - 1):
                    choose(first + place * (last - first) // (number - 1))
                # Where there are many gaps, several places have the same one.
                choose(most=number - len(chosen))
        return [RecordingKey(disk_id, name) for _, name in sorted(chosen.items())]

    def write(
        self,
        db: sqlite3.Connection,
        recordings: Iterable[KnownRecording],
        removed: Collection[RecordingKey],
    ) -> None:
        """Write recordings as they are now, and forget those that are gone, in a transaction."""
        left_out = {*removed}
        latest = {
            each.recording.key: each
            for each in recordings
            if each.recording.key not in left_out
        }
        numbers = find_numbers(db, latest.keys() | left_out)
        before = last_numbers(db)
        if known := [each for key, each in latest.items() if key in numbers]:
            update(db, known, numbers)
        if new := [each for key, each in latest.items() if key not in numbers]:
            insert(db, new)
        db.executemany(
            "DELETE FROM recordings WHERE number = ?",
            ((numbers[key],) for key in left_out & numbers.keys()),
        )
        if any(
            earlier // ADDED_BETWEEN != later // ADDED_BETWEEN
            for earlier, later in zip(before, last_numbers(db), strict=True)
        ):
            forget_unused(db)

    def clear(self, db: sqlite3.Connection) -> None:
        """Forget all recordings, in a transaction, but not who started them: they may be listed again."""
        started = db.execute("SELECT * FROM starters").fetchall()
        for table in ("recordings", "recording_disks", "words", "layouts"):
            db.execute(f"DELETE FROM {table}")  # noqa: S608 - names of our own
        db.executemany(
            "INSERT OR IGNORE INTO starters VALUES (?, ?, ?, ?, ?, ?)", started
        )

    def note_starter(
        self, key: RecordingKey, starter: Starter, started: datetime
    ) -> None:
        """Note who started a recording, also if it is not listed yet; the first one that is noted counts."""
        with self.file.transaction() as db:
            starters.note(db, key, starter, as_number(started))

    def find_starters(
        self, keys: Collection[RecordingKey] | None = None
    ) -> dict[RecordingKey, Starter]:
        """Return who started these recordings, or all; those that Home Assistant did not start are left out."""
        with self.file.reading() as db:
            return starters.all_of(db) if keys is None else starters.find(db, keys)

    def forget_stray_starters(self, before: datetime) -> None:
        """Forget who started what is not known, and was started before a time."""
        with self.file.transaction() as db:
            starters.forget_stray(db, as_number(before))

    def _select(
        self, condition: str, **values: str | int | None
    ) -> list[KnownRecording]:
        """Return those of which a condition holds that is none of anybody else's words."""
        with self.file.reading() as db:
            rows = db.execute(f"{SELECT} WHERE {condition}", values)
            return list(known_recordings(rows))

    def _recall(self, db: sqlite3.Connection) -> None:
        """Read what everybody asks for all the time, and what is little."""
        self._counts = dict(
            db.execute(
                "SELECT disk_id, recordings FROM recording_disks WHERE recordings > 0"
            ).fetchall()
        )
        rows = db.execute(f"{SELECT} WHERE stage != {_ENDED} {_OLDEST_FIRST}")
        self._unsettled = tuple(known_recordings(rows))
        (last_number,) = db.execute("SELECT max(number) FROM recordings").fetchone()
        self._last_number = last_number or 0
