"""A recording as automations and dashboards see it."""

import json
from typing import TYPE_CHECKING, Final

from .media_id import media_content_id

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from homeassistant.util.json import JsonObjectType

    from ..vapix import Recording

# Of an entity's attributes, Home Assistant's recorder keeps no more than 16 kB.
MOST_ID_BYTES: Final = 12 * 1024


def recording_ids(recordings: Iterable[Recording]) -> list[str]:
    """Return the ids of the first recordings, as many as fit into attributes and messages."""
    ids: list[str] = []
    room = MOST_ID_BYTES
    for recording in recordings:
        room -= len(json.dumps(recording.recording_id)) + 2
        if room < 0:
            break
        ids.append(recording.recording_id)
    return ids


def recording_fields(recording: Recording, entry_id: str) -> JsonObjectType:
    """Return plain fields; times are ISO 8601 in UTC, the duration is in seconds.

    What the camera does not say, or what is not yet known while a recording goes on, is None.
    """
    duration = recording.duration
    return {
        "recording_id": recording.recording_id,
        "disk": recording.disk_id,
        "start": iso_time(recording.start),
        "end": iso_time(recording.end),
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
