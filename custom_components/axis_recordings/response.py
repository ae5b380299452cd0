"""A recording as automations and dashboards see it."""

from typing import TYPE_CHECKING

from .media_id import media_content_id

if TYPE_CHECKING:
    from datetime import datetime

    from homeassistant.util.json import JsonObjectType

    from .vapix import Recording


def recording_fields(recording: Recording, entry_id: str) -> JsonObjectType:
    """Return plain fields; times are ISO 8601 in UTC, the duration is in seconds.

    What the camera does not tell, or what is not yet known while a recording goes on, is None.
    """
    duration = recording.duration
    return {
        "recording_id": recording.recording_id,
        "disk": recording.disk_id,
        "start": iso_time(recording.start),
        "end": iso_time(recording.stop),
        "duration": None if duration is None else round(duration.total_seconds(), 3),
        "status": recording.status.value,
        "type": recording.type.value,
        "event": recording.event_id,
        "event_trigger": recording.event_trigger,
        "source": recording.source,
        "locked": recording.locked,
        "media_content_id": media_content_id(entry_id, recording.key),
    }


def iso_time(moment: datetime | None) -> str | None:
    """Return a time as ISO 8601, or None."""
    return None if moment is None else moment.isoformat()
