"""What is asked of an index about ranges of time: which recordings lie in one, how many, and on which days.

All but texts are numbers in rows, and what began in a range, or lasts into it, is found by an index of its own. So a day
takes no longer where there are many recordings.
"""

from datetime import datetime, timedelta
import json
from typing import TYPE_CHECKING, Any, Final

from ..vapix.bounds import MOST_EVENT_NAMES
from ..vapix.times import EARLIEST, LATEST
from .file import outside_index
from .lengths import CLASS, CLASSES, IS_LONG, SHORT
from .rows import ONGOING, SELECT, as_number, as_time, known_recordings
from .wanted import Conditions

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    import sqlite3

    from ..vapix import Recording
    from .file import IndexFile
    from .wanted import Wanted

MOST_STRETCHES: Final = 5000
"""More days than that are not counted, of a camera that tells of years that nobody has lived."""
_MICROSECOND: Final = timedelta(microseconds=1)
_DAY: Final = timedelta(days=1)
_WITH_NUMBERS: Final = "WHERE recordings.number IN (SELECT value FROM json_each(?))"
_BY_START: Final = "recordings INDEXED BY recordings_by_start WHERE"


class Questions:
    """Asks an index. All methods read the file."""

    def __init__(self, file: IndexFile) -> None:
        """Ask the index in a file."""
        self._file = file

    def find(
        self,
        wanted: Wanted,
        *,
        oldest_first: bool = False,
        limit: int,
        offset: int = 0,
    ) -> list[Recording]:
        """Return what is wanted, in the order in which it began; what nobody knows of that is the oldest."""
        with self._file.reading() as db:
            selection = _Selection(db, wanted)
            numbers = selection.numbers(
                oldest_first=oldest_first, limit=limit, offset=offset
            )
            rows = db.execute(f"{SELECT} {_WITH_NUMBERS}", (json.dumps(numbers),))
            found = {each.number: each.recording for each in known_recordings(rows)}
            return [found[number] for number in numbers]

    def count(self, wanted: Wanted) -> int:
        """Return how many are wanted."""
        with self._file.reading() as db:
            return _Selection(db, wanted).count()

    def event_ids(self, disk_ids: Collection[str]) -> list[str]:
        """Return the names of the events that have made recordings on some disks, in their order.

        No more than MOST_EVENT_NAMES. This reads each recording.
        """
        with self._file.reading() as db:
            rows = db.execute(
                "SELECT text FROM words WHERE text != '' AND number IN ("
                "SELECT event_id FROM recordings WHERE disk IN ("
                "SELECT number FROM recording_disks WHERE disk_id IN ("
                "SELECT value FROM json_each(?)))) ORDER BY text LIMIT ?",
                (json.dumps([*disk_ids]), MOST_EVENT_NAMES),
            )
            return [text for (text,) in rows]

    def count_by(
        self,
        wanted: Wanted,
        stretch_of: Callable[[datetime], tuple[datetime, datetime]],
        now: datetime,
    ) -> dict[datetime, int]:
        """Return how many have a part in each stretch of time in which there is any, by its start, newest first.

        ``stretch_of`` returns the stretch, as a day, that holds a moment, and where the next one begins. What goes
        on lasts until ``now``.
        """
        with self._file.reading() as db:
            return _Stretches(_Selection(db, wanted), stretch_of, now).counted()


class _Selection:
    """The recordings that are wanted, in an open index."""

    def __init__(self, db: sqlite3.Connection, wanted: Wanted) -> None:
        self._db = db
        self._conditions = Conditions(db, wanted)
        self.start, self.end = wanted.start, wanted.end

    def numbers(self, *, oldest_first: bool, limit: int, offset: int) -> list[int]:
        order = "" if oldest_first else "DESC"
        rows = self._ask(
            "SELECT number, start",
            self._in_range(),
            f"ORDER BY start {order}, number {order} LIMIT {limit} OFFSET {offset}",
        )
        return [number for number, _ in rows]

    def count(self) -> int:
        return self._count(self._in_range())

    def count_begun(self, start: datetime, end: datetime) -> int:
        """Return how many began in a range of time."""
        return self._count([_begun(start, end)])

    def count_lasting(self, moment: datetime) -> int:
        """Return how many began before a moment and last beyond it."""
        return self._count(_lasting(moment))

    def last_end(self, moment: datetime) -> datetime | None:
        """Return until when any lasts that began before a moment and lasts beyond it; LATEST where one goes on."""
        last = f"SELECT max(coalesce(stop, {as_number(LATEST)}))"
        rows = self._ask(last, _lasting(moment))
        return as_time(max((end for (end,) in rows if end is not None), default=None))

    def last_begun(self, before: datetime) -> datetime | None:
        """Return when the last one began before a moment, at a time with which one can calculate."""
        rows = self._ask(
            "SELECT start", [_begun(EARLIEST, before)], "ORDER BY start DESC LIMIT 1"
        )
        return as_time(rows[0][0]) if rows else None

    def _in_range(self) -> list[str]:
        """Return where those are that have any part in the range: they began in it, or last into it."""
        start, end = self.start, self.end
        if start is end is None:
            # In its order, only a few rows would be read, but all of them to find what is rare.
            return [
                "recordings NOT INDEXED WHERE 1"
                if self._conditions.sql
                else "recordings WHERE 1"
            ]
        if start is None:
            return [_begun(None, end)]
        if end is not None and end <= start:
            return ["recordings WHERE 0"]
        return [_begun(start, end), *_lasting(start)]

    def _count(self, places: list[str]) -> int:
        return sum(number for (number,) in self._ask("SELECT count(*)", places))

    def _ask(
        self, what: str, places: list[str], order: str = ""
    ) -> list[tuple[Any, ...]]:
        wanted = self._conditions.sql
        more = f" AND {wanted}" if wanted else ""
        query = " UNION ALL ".join(f"{what} FROM {place}{more}" for place in places)
        values = self._conditions.values * len(places)
        return self._db.execute(f"{query} {order}", values).fetchall()


class _Stretches:
    """Counts what is wanted by stretches of time, the last one first."""

    def __init__(
        self,
        selection: _Selection,
        stretch_of: Callable[[datetime], tuple[datetime, datetime]],
        now: datetime,
    ) -> None:
        self._selection = selection
        self._stretch_of = outside_index(stretch_of)
        self._now = now
        self._first = max(selection.start or EARLIEST, EARLIEST)
        self._last = min(selection.end or LATEST, LATEST)
        self._counts: dict[datetime, int] = {}

    def counted(self) -> dict[datetime, int]:
        reached = self._last
        while reached > self._first and len(self._counts) < MOST_STRETCHES:
            begun = self._selection.last_begun(reached)
            if begun is None:
                break
            start, end = self._holding(max(begun, self._first))
            self._count_after(end, min(reached, self._now))
            while len(self._counts) < MOST_STRETCHES and self._count(start, end):
                earlier = self._before(start) if start > self._first else None
                if earlier is None:
                    break
                start, end = earlier
            reached = min(start, begun)
        return self._counts

    def _before(self, start: datetime) -> tuple[datetime, datetime] | None:
        """Return the stretch before one; None if there is none.

        Where clocks skip midnight, what is left of the hour has the date of the next day, but lies before it.
        """
        for step in (_MICROSECOND, _DAY):
            earlier = self._stretch_of(start - step)
            if earlier[0] < start:
                return earlier
        return None

    def _count(self, start: datetime, end: datetime) -> int:
        """Count a stretch, and return how many of its recordings began before it."""
        start_here = max(start, self._first)
        lasting = self._selection.count_lasting(start_here)
        begun = self._selection.count_begun(start_here, min(end, self._last))
        if begun or lasting:
            self._counts[start] = begun + lasting
        return lasting

    def _count_after(self, start: datetime, until: datetime) -> None:
        """Count the stretches in which nothing began, but into which something lasts that began before them."""
        last = self._selection.last_end(start) if start < until else None
        if last is None:
            return
        # What ends with a stretch has no part in the next one.
        stretch: tuple[datetime, datetime] | None
        stretch = self._holding(min(last, until) - _MICROSECOND)
        while stretch and stretch[0] >= start and len(self._counts) < MOST_STRETCHES:
            begun, _ = stretch
            if lasting := self._selection.count_lasting(begun):
                self._counts[begun] = lasting
            stretch = self._before(begun)

    def _holding(self, moment: datetime) -> tuple[datetime, datetime]:
        """Return the stretch that holds a moment, as far as there is one."""
        stretch = self._stretch_of(moment)
        is_inside = stretch[0] <= moment
        return stretch if is_inside else self._before(stretch[0]) or stretch


def _begun(start: datetime | None, end: datetime | None) -> str:
    """Return where those are that began in a range of time that has an end at least on one side."""
    terms = [] if start is None else [f"start >= {as_number(start)}"]
    if end is not None:
        terms.append(f"start < {as_number(end)}")
    return f"{_BY_START} {' AND '.join(terms)}"


def _lasting(moment: datetime) -> list[str]:
    """Return where those are that began before a moment and last beyond it."""
    at = as_number(moment)
    short = f"start > {at - SHORT} AND start < {at} AND stop > {at} AND NOT {IS_LONG}"
    long = (
        f"recordings INDEXED BY recordings_long WHERE {CLASS} = {number} AND {IS_LONG} "
        f"AND start > {at - longest} AND start < {at} AND stop > {at}"
        for number, longest in enumerate(CLASSES, 1)
    )
    going_on = (
        f"recordings INDEXED BY recordings_going_on WHERE status = {ONGOING} "
        f"AND start < {at} AND stop IS NULL"
    )
    return [f"{_BY_START} {short}", *long, going_on]
