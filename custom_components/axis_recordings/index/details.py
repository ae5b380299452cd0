"""A recording as text, without its tracks: as version 1 kept all of them, and as what is still to be reported is kept."""

from datetime import datetime, timedelta
import json

from ..vapix import Recording, RecordingStatus, RecordingType


def dump(recording: Recording) -> str:
    """Return what is kept of a recording beside its name."""
    offset = recording.utc_offset
    return json.dumps(
        [
            as_text(recording.start),
            as_text(recording.end),
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


def load(disk_id: str, recording_id: str, details: str) -> Recording:
    """Return a recording, without its tracks, from what ``dump`` has made of it.

    Raises ValueError or TypeError if nobody has made it so.
    """
    start, end, offset, status, kind, event_id, event_trigger, source, locked = (
        json.loads(details)
    )
    return Recording(
        disk_id=disk_id,
        recording_id=recording_id,
        start=_time(start),
        end=_time(end),
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


def as_text(moment: datetime | None) -> str | None:
    """Return a UTC time as text of one length, so that texts compare as times do."""
    return None if moment is None else moment.isoformat(timespec="microseconds")


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
