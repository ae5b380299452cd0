"""How a recording is written into a row of the index, and read from it."""

from datetime import UTC, datetime, timedelta
import json
from typing import TYPE_CHECKING, Any, Final, overload

from ..vapix import Recording, RecordingKey, RecordingStatus, RecordingType
from .models import KnownRecording, Layout, Stage, with_layout
from .words import number_disks, number_layouts, number_words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    import sqlite3

# Written as their places here: they are never moved. The most frequent ones come first, as 0 and 1 take no room.
STAGES: Final = (Stage.ENDED, Stage.ONGOING, Stage.ENDING)
STATUSES: Final = (
    RecordingStatus.COMPLETED,
    RecordingStatus.RECORDING,
    RecordingStatus.UNKNOWN,
)
TYPES: Final = (
    RecordingType.TRIGGERED,
    RecordingType.CONTINUOUS,
    RecordingType.SCHEDULED,
    RecordingType.UNKNOWN,
)
ONGOING: Final = STATUSES.index(RecordingStatus.RECORDING)

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

SELECT: Final = """
SELECT recordings.number, disk_id, recording_id, start, stop, utc_offset, status, type, stage,
    events.text, triggers.text, sources.text, source, locked,
    layout, codec, width, height, frame_rate, has_audio
FROM recordings
JOIN recording_disks ON recording_disks.number = disk
LEFT JOIN words AS events ON events.number = event_id
LEFT JOIN words AS triggers ON triggers.number = event_trigger
LEFT JOIN words AS sources ON sources.number = source
LEFT JOIN layouts ON layouts.number = layout
"""
"""The beginning of each question of which ``known_recordings`` reads the answer."""


def known_recordings(rows: Iterable[tuple[Any, ...]]) -> Iterator[KnownRecording]:
    """Return the recordings in the rows of a ``SELECT``.

    Raises ValueError, LookupError, TypeError, or ArithmeticError at what nobody has written so.
    """
    for row in rows:
        number, disk_id, recording_id, start, stop, offset, status, kind, stage = row[
            :9
        ]
        event_id, event_trigger, source, source_number, locked, layout = row[9:15]
        if None in (event_id, event_trigger) or (source is None) != (
            source_number is None
        ):
            message = f"Recording {number} refers to a word that is not there"
            raise ValueError(message)
        recording = Recording(
            disk_id=disk_id,
            recording_id=recording_id,
            start=as_time(start),
            end=as_time(stop),
            utc_offset=None if offset is None else timedelta(seconds=offset),
            status=STATUSES[status],
            type=TYPES[kind],
            event_id=event_id,
            event_trigger=event_trigger,
            source=source,
            locked=None if locked is None else bool(locked),
            video=(),
            audio=(),
        )
        if layout is not None:
            codec, width, height, rate, has_audio = row[15:]
            tracks = Layout(codec, width, height, rate, has_audio=bool(has_audio))
            recording = with_layout(recording, tracks)
        yield KnownRecording(recording=recording, stage=STAGES[stage], number=number)


@overload
def as_number(moment: datetime) -> int: ...
@overload
def as_number(moment: None) -> None: ...


def as_number(moment: datetime | None) -> int | None:
    """Return a time as microseconds since 1970 in UTC."""
    return None if moment is None else (moment - _EPOCH) // _MICROSECOND


def as_time(microseconds: int | None) -> datetime | None:
    """Return a time of which ``as_number`` has made these."""
    if microseconds is None:
        return None
    return _EPOCH + timedelta(microseconds=microseconds)


def find_numbers(
    db: sqlite3.Connection, keys: Collection[RecordingKey]
) -> dict[RecordingKey, int]:
    """Return the numbers of those that are known."""
    rows = db.execute(
        "SELECT disk_id, recording_id, recordings.number FROM recordings "
        "JOIN recording_disks ON recording_disks.number = disk "
        "WHERE recording_id IN (SELECT value FROM json_each(?))",
        (json.dumps([*{key.recording_id for key in keys}]),),
    )
    found = {RecordingKey(*name): number for *name, number in rows}
    return {key: found[key] for key in keys if key in found}


def insert(db: sqlite3.Connection, recordings: Collection[KnownRecording]) -> None:
    """Add recordings that are not known."""
    # In the order of the index that takes most room, whose pages become fuller so.
    recordings = sorted(recordings, key=lambda each: each.recording.recording_id)
    disks = number_disks(db, {each.recording.disk_id for each in recordings})
    db.executemany(
        "INSERT INTO recordings (disk, recording_id, start, stop, utc_offset, status, type, "
        "stage, event_id, event_trigger, source, locked, layout) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (
                disks[known.recording.disk_id],
                known.recording.recording_id,
                as_number(known.recording.start),
                *values,
            )
            for known, values in _values(db, recordings)
        ),
    )


def update(
    db: sqlite3.Connection,
    recordings: Collection[KnownRecording],
    numbers: dict[RecordingKey, int],
) -> None:
    """Write what has become of recordings with these numbers. Tracks that are not listed stay as they were."""
    # By itself, as it changes an index, too.
    db.executemany(
        "UPDATE recordings SET start = ? WHERE number = ? AND start IS NOT ?",
        (
            (start, numbers[known.recording.key], start)
            for known in recordings
            for start in [as_number(known.recording.start)]
        ),
    )
    db.executemany(
        "UPDATE recordings SET stop = ?, utc_offset = ?, status = ?, type = ?, stage = ?, "
        "event_id = ?, event_trigger = ?, source = ?, locked = ?, "
        "layout = coalesce(?, layout) WHERE number = ?",
        (
            (*values, numbers[known.recording.key])
            for known, values in _values(db, recordings)
        ),
    )


def _values(
    db: sqlite3.Connection, recordings: Collection[KnownRecording]
) -> list[tuple[KnownRecording, tuple[object, ...]]]:
    """Return recordings with the values of their columns from ``stop`` on."""
    layouts = [Layout.of(each.recording) for each in recordings]
    numbers = number_layouts(db, filter(None, layouts))
    words = number_words(
        db,
        {
            word
            for known in recordings
            for word in _words_of(known.recording)
            if word is not None
        },
    )
    return [
        (
            known,
            (
                as_number(known.recording.end),
                _seconds(known.recording.utc_offset),
                STATUSES.index(known.recording.status),
                TYPES.index(known.recording.type),
                STAGES.index(known.stage),
                *(
                    None if word is None else words[word]
                    for word in _words_of(known.recording)
                ),
                known.recording.locked,
                layout and numbers[layout],
            ),
        )
        for known, layout in zip(recordings, layouts, strict=True)
    ]


def _words_of(recording: Recording) -> tuple[str, str, str | None]:
    return recording.event_id, recording.event_trigger, recording.source


def _seconds(offset: timedelta | None) -> float | None:
    return None if offset is None else offset.total_seconds()
