"""What is wanted of the recordings in an index, as conditions of SQL.

Rows refer to words by their numbers, and there are few words. So a text is compared with each word once, and with no row.
"""

from dataclasses import dataclass
import json
from typing import TYPE_CHECKING, Final

from . import starters
from .file import outside_index
from .rows import ONGOING, STATUSES, TYPES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from datetime import datetime
    import sqlite3

    from ..vapix import Recording, RecordingStatus, RecordingType
    from .models import Starter

_NOTHING: Final = -1
"""A number that nothing has."""
_LISTED: Final = "(SELECT value FROM json_each(?))"
_STARTED: Final = """
number IN (
    SELECT recordings.number FROM starters
    JOIN recording_disks ON recording_disks.disk_id = starters.disk_id
    JOIN recordings ON recordings.recording_id = starters.recording_id
        AND recordings.disk = recording_disks.number
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word that has to be found in what describes a recording."""

    is_in: Callable[[str], bool]
    """Whether a text has it: the name of a rule, a trigger, a disk, or of who has started a recording."""
    types: Collection[RecordingType] = ()
    """The types whose names have it."""
    sources: Collection[str] = ()
    """The sources whose names have it."""
    is_ongoing: bool = False
    """Whether all that goes on is found by it."""
    is_own: bool = False
    """Whether all that Home Assistant has started is found by it."""

    def describes(self, recording: Recording, starter: Starter | None) -> bool:
        """Return whether it is found in what describes a recording."""
        texts = [recording.event_id, recording.event_trigger, recording.disk_id]
        if starter and starter.name:
            texts.append(starter.name)
        return (
            any(map(self.is_in, texts))
            or recording.type in self.types
            or recording.source in self.sources
            or (self.is_ongoing and recording.is_ongoing)
            or (self.is_own and starter is not None)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What recordings have in common that are wanted."""

    disks: Collection[str]
    """They are on one of these."""
    start: datetime | None = None
    """Any part of them lies after this."""
    end: datetime | None = None
    """And before this."""
    source: str | None = None
    """Cameras with one channel need not name it."""
    event: str | None = None
    event_trigger: str | None = None
    """In any case."""
    type: RecordingType | None = None
    status: RecordingStatus | None = None
    words: Sequence[Word] = ()
    """All of them describe a recording."""


class Conditions:
    """What is wanted, but for the times, as conditions of SQL for the rows of ``recordings``."""

    def __init__(self, db: sqlite3.Connection, wanted: Wanted) -> None:
        """Look the words up in an open index."""
        self._db = db
        self._terms: list[str] = []
        self.values: list[str] = []
        """For the question marks in ``sql``."""
        self._disks = _rows(db, "SELECT number, disk_id FROM recording_disks")
        self._texts = _rows(db, "SELECT number, text FROM words")
        self._add_disks(wanted.disks)
        if wanted.source is not None:
            numbers = self._numbers(wanted.source.__eq__)
            self._add(f"source IS NULL OR {_is_in('source', numbers)}")
        if wanted.event is not None:
            self._add(_is_in("event_id", self._numbers(wanted.event.__eq__)))
        if (trigger := wanted.event_trigger) is not None:
            numbers = self._numbers(lambda text: text.casefold() == trigger.casefold())
            self._add_number_list("event_trigger", numbers)
        if wanted.type is not None:
            self._add(f"type = {TYPES.index(wanted.type)}")
        if wanted.status is not None:
            # The sign keeps SQLite from putting the number into conditions that name an index.
            self._add(f"+status = {STATUSES.index(wanted.status)}")
        for word in wanted.words:
            self._add_word(word)

    @property
    def sql(self) -> str:
        """Return all of them; nothing if all recordings are wanted."""
        return " AND ".join(self._terms)

    def _add(self, term: str, *values: str) -> None:
        self._terms.append(f"({term})")
        self.values += values

    def _add_disks(self, disk_ids: Collection[str]) -> None:
        wanted = [number for number, disk_id in self._disks if disk_id in disk_ids]
        if len(wanted) < len(self._disks):
            self._add(_is_in("disk", wanted))

    def _add_number_list(self, column: str, numbers: Collection[int]) -> None:
        """Add that a column has one of numbers, which may be many."""
        self._add(f"{column} IN {_LISTED}", json.dumps([*numbers]))

    def _add_word(self, word: Word) -> None:
        is_in = outside_index(word.is_in)
        numbers = json.dumps(self._numbers(is_in))
        terms = [
            f"event_id IN {_LISTED}",
            f"event_trigger IN {_LISTED}",
        ]
        values = [numbers, numbers]
        disks = [number for number, disk_id in self._disks if is_in(disk_id)]
        for column, found in (
            ("type", [TYPES.index(each) for each in word.types]),
            ("source", self._numbers(word.sources.__contains__)),
            ("disk", disks),
        ):
            if found:
                terms.append(_is_in(column, found))
        if word.is_ongoing:
            terms.append(f"status = {ONGOING}")
        if word.is_own:
            terms.append(f"{_STARTED})")
        elif names := starters.names_with(self._db, is_in):
            terms.append(f"{_STARTED} WHERE name IN {_LISTED})")
            values.append(json.dumps(names))
        self._add(" OR ".join(terms), *values)

    def _numbers(self, is_wanted: Callable[[str], bool]) -> list[int]:
        return [number for number, text in self._texts if is_wanted(text)]


def _rows(db: sqlite3.Connection, query: str) -> list[tuple[int, str]]:
    return db.execute(query).fetchall()


def _is_in(column: str, numbers: Iterable[int]) -> str:
    # Of an empty list, SQLite would drop all conditions, those that name an index included.
    return f"{column} IN ({', '.join(map(str, (*numbers, _NOTHING)))})"
