"""What many recordings have in common: each is kept once, and rows refer to its number."""

import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    import sqlite3

    from .models import Layout

ADDED_BETWEEN: Final = 1000
"""Each time about so many words or layouts were added, those are forgotten that no recording has any more."""


def number_disks(db: sqlite3.Connection, disk_ids: Collection[str]) -> dict[str, int]:
    """Return the numbers of disks, which are given where there are none yet."""
    return _number(db, "recording_disks", "disk_id", disk_ids)


def number_words(db: sqlite3.Connection, words: Collection[str]) -> dict[str, int]:
    """Return the numbers of words, which are given where there are none yet."""
    return _number(db, "words", "text", words)


def number_layouts(
    db: sqlite3.Connection, layouts: Iterable[Layout]
) -> dict[Layout, int]:
    """Return the numbers of layouts, which are given where there are none yet."""
    numbers: dict[Layout, int] = {}
    for layout in {*layouts}:
        row = db.execute(
            "SELECT number FROM layouts WHERE codec IS ? AND width IS ? AND height IS ? "
            "AND frame_rate IS ? AND has_audio IS ?",
            layout,
        ).fetchone()
        if row is None:
            row = db.execute(
                "INSERT INTO layouts (codec, width, height, frame_rate, has_audio) "
                "VALUES (?, ?, ?, ?, ?) RETURNING number",
                layout,
            ).fetchone()
        (numbers[layout],) = row
    return numbers


def last_numbers(db: sqlite3.Connection) -> tuple[int, int]:
    """Return the highest numbers of words and layouts."""
    (words,) = db.execute("SELECT coalesce(max(number), 0) FROM words").fetchone()
    (layouts,) = db.execute("SELECT coalesce(max(number), 0) FROM layouts").fetchone()
    return words, layouts


def forget_unused(db: sqlite3.Connection) -> None:
    """Forget the words and layouts that no recording has."""
    db.execute(
        "DELETE FROM words WHERE number NOT IN ("
        "SELECT event_id FROM recordings UNION SELECT event_trigger FROM recordings "
        "UNION SELECT source FROM recordings WHERE source IS NOT NULL)"
    )
    db.execute(
        "DELETE FROM layouts WHERE number NOT IN "
        "(SELECT layout FROM recordings WHERE layout IS NOT NULL)"
    )


def _number(
    db: sqlite3.Connection, table: str, column: str, values: Collection[str]
) -> dict[str, int]:
    # Names of our own; the values are bound.
    db.executemany(
        f"INSERT OR IGNORE INTO {table} ({column}) VALUES (?)",  # noqa: S608
        ((value,) for value in values),
    )
    rows = db.execute(
        f"SELECT {column}, number FROM {table} "  # noqa: S608
        f"WHERE {column} IN (SELECT value FROM json_each(?))",
        (json.dumps([*values]),),
    )
    return dict(rows.fetchall())
