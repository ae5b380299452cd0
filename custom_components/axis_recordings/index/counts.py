"""How many recordings began when: what a camera counts of a window of time that has only an end."""

from itertools import pairwise
import json
from typing import TYPE_CHECKING, Final, NamedTuple

from ..vapix import RecordingKey
from .rows import as_number, as_time

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from .store import RecordingIndex

_SECOND: Final = 1_000_000
_REACH: Final = 32
"""So many starts on both sides of the middle are looked at for a pause."""


class Half(NamedTuple):
    """Where some recordings fall into two halves."""

    until: datetime
    """A whole second, in a pause of the starts: none is in the second before it, nor at it."""
    number: int
    """How many began by then."""


class StartCounts:
    """Counts the recordings on some disks by their starts. All methods but the constructor read the file.

    A span of time does not include its beginning, but its end; None is no bound. What has no start is in none.
    """

    def __init__(
        self, index: RecordingIndex, disk_ids: Collection[str], without: Collection[int]
    ) -> None:
        """Count what is on these disks, without some, by their numbers."""
        self._file = index.file
        self._conditions = ["start IS NOT NULL"]
        self._values: dict[str, str | int | None] = {}
        # The index of starts answers by itself, unless it matters which disk it was.
        if not index.counts.keys() <= {*disk_ids}:
            self._conditions.append(
                "disk IN (SELECT number FROM recording_disks WHERE disk_id IN "
                "(SELECT value FROM json_each(:disks)))"
            )
            self._values["disks"] = json.dumps([*disk_ids])
        if without:
            self._conditions.append(
                "recordings.number NOT IN (SELECT value FROM json_each(:without))"
            )
            self._values["without"] = json.dumps([*without])

    def count(self, after: datetime | None, until: datetime | None) -> int:
        """Return how many began in a span."""
        where, values = self._span(after, until)
        with self._file.reading() as db:
            (number,) = db.execute(
                f"SELECT count(*) FROM recordings WHERE {where}",  # noqa: S608 - words of our own
                values,
            ).fetchone()
        return int(number)

    def keys(self, after: datetime | None, until: datetime | None) -> set[RecordingKey]:
        """Return those that began in a span."""
        where, values = self._span(after, until)
        with self._file.reading() as db:
            rows = db.execute(
                "SELECT disk_id, recording_id FROM recordings "  # noqa: S608 - words of our own
                f"JOIN recording_disks ON recording_disks.number = disk WHERE {where}",
                values,
            )
            return {RecordingKey(*row) for row in rows}

    def halve(
        self, after: datetime | None, until: datetime | None, number: int
    ) -> Half | None:
        """Return the most even halves of the ``number`` of recordings in a span.

        None where they begin so close to each other that cameras, which may send whole seconds, can't
        distinguish what was before.
        """
        where, values = self._span(after, until)
        first = max(number // 2 - _REACH, 0)
        with self._file.reading() as db:
            rows = db.execute(
                f"SELECT start FROM recordings WHERE {where} "  # noqa: S608 - words of our own
                "ORDER BY start LIMIT :most OFFSET :first",
                values | {"most": 2 * _REACH, "first": first},
            )
            starts = [start for (start,) in rows]
            ends = [
                ((before // _SECOND + 2) * _SECOND, start)
                for before, start in pairwise(starts)
            ]
            halves = [
                (count, end)
                for count, (end, start) in enumerate(ends, first + 1)
                if end < start
            ]
            count, end = min(
                halves, key=lambda half: abs(2 * half[0] - number), default=(0, None)
            )
            until = as_time(end)
        return None if until is None else Half(until, count)

    def _span(
        self, after: datetime | None, until: datetime | None
    ) -> tuple[str, dict[str, str | int | None]]:
        conditions = [*self._conditions]
        if after is not None:
            conditions.append("start > :after")
        if until is not None:
            conditions.append("start <= :until")
        bounds = {"after": as_number(after), "until": as_number(until)}
        return " AND ".join(conditions), self._values | bounds
