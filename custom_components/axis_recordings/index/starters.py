"""Who or what started the recordings that Home Assistant has started.

They are kept by the names of recordings, as a start is answered before the recording is listed. They go with the recording.
"""

import json
from typing import TYPE_CHECKING, Final

from ..vapix import RecordingKey
from .models import Starter, StarterKind

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    import sqlite3

_NAMED: Final = """
SELECT disk_id, recording_id, kind, user_id, name FROM starters
WHERE recording_id IN (SELECT value FROM json_each(?))
"""
_STRAY: Final = """
DELETE FROM starters WHERE started < ? AND NOT EXISTS (
    SELECT 1 FROM recordings JOIN recording_disks ON recording_disks.number = recordings.disk
    WHERE recordings.recording_id = starters.recording_id AND recording_disks.disk_id = starters.disk_id
)
"""


def note(
    db: sqlite3.Connection, key: RecordingKey, starter: Starter, started: int
) -> None:
    """Note who started a recording, and when in microseconds since 1970; the first one that is noted counts."""
    db.execute(
        "INSERT OR IGNORE INTO starters (disk_id, recording_id, kind, user_id, name, started) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        (*key, starter.kind.value, starter.user_id, starter.name, started),
    )


def find(
    db: sqlite3.Connection, keys: Collection[RecordingKey]
) -> dict[RecordingKey, Starter]:
    """Return who started these recordings, as far as Home Assistant did."""
    names = json.dumps([*{key.recording_id for key in keys}])
    found = dict(_read(db, _NAMED, names))
    return {key: found[key] for key in keys if key in found}


def all_of(db: sqlite3.Connection) -> dict[RecordingKey, Starter]:
    """Return who started all that Home Assistant has started."""
    query = "SELECT disk_id, recording_id, kind, user_id, name FROM starters"
    return dict(_read(db, query))


def names_with(db: sqlite3.Connection, has: Callable[[str], bool]) -> list[str]:
    """Return the names of those who started anything, of which something holds."""
    rows = db.execute("SELECT DISTINCT name FROM starters WHERE name IS NOT NULL")
    return [name for (name,) in rows if has(name)]


def forget_stray(db: sqlite3.Connection, before: int) -> None:
    """Forget who started what is not known, and was started before a time."""
    db.execute(_STRAY, (before,))


def _read(
    db: sqlite3.Connection, query: str, *values: str
) -> Iterator[tuple[RecordingKey, Starter]]:
    for disk_id, recording_id, kind, user_id, name in db.execute(query, values):
        starter = Starter(kind=StarterKind(kind), user_id=user_id, name=name)
        yield RecordingKey(disk_id, recording_id), starter
