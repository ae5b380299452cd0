"""What the items of the media browser are called.

Cards read the time from a title, so its form is fixed: see recording_title.
"""

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final, Self

from homeassistant.core import callback

from ..helpers.language import async_texts
from ..vapix import RecordingType

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime, timedelta, tzinfo

    from homeassistant.core import HomeAssistant

    from ..vapix import Recording

SEPARATOR: Final = " · "


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The words of the media browser in the language of Home Assistant, by their names in ``common``."""

    by_disk: str
    by_event: str
    by_source: str
    in_progress: str
    last_24_hours: str
    more: str
    source: str
    """With the placeholder ``source``."""
    today: str

    @classmethod
    @callback
    def async_load(cls, hass: HomeAssistant) -> Self:
        """Look the words up. A media source does not know in which language somebody browses."""
        texts = async_texts(hass, "common")
        names = (field.name for field in fields(cls))
        return cls(**{name: texts.get(name, name) for name in names})

    def name_source(self, source: str) -> str:
        """Return how a source is called, which the camera only numbers."""
        return self.source.replace("{source}", source)


def recording_title(
    start: datetime, duration: timedelta | None, label: str, *more: str
) -> str:
    """Return ``2026-11-23 21:47:03 · 0:00:44 · Motion Recording``, and more after that.

    The start is in local time. The duration is left out where it is not known.
    """
    parts = [f"{start:%Y-%m-%d %H:%M:%S}"]
    if duration is not None:
        parts.append(format_duration(duration))
    return SEPARATOR.join([*parts, *filter(None, (label, *more))])


def format_duration(duration: timedelta) -> str:
    """Return hours, minutes and seconds as 0:00:44; hours may be many."""
    minutes, seconds = divmod(round(duration.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}"


def label_of(recording: Recording) -> str:
    """Return what made a recording, in the camera's words."""
    return (
        recording.event_id
        or recording.event_trigger
        or (recording.type.value if recording.type is not RecordingType.UNKNOWN else "")
    )


def place_words(
    recording: Recording,
    disks: Collection[str],
    sources: Collection[str],
    words: Words,
) -> list[str]:
    """Return the disk and the source of a recording, each where there are several."""
    place = [recording.disk_id] if len(disks) > 1 else []
    if len(sources) > 1 and recording.source:
        place.append(words.name_source(recording.source))
    return place


def local_time(recording: Recording, moment: datetime, zone: tzinfo) -> datetime:
    """Return a moment of a recording by the clock on the camera's wall.

    At its start the recording itself tells what that clock showed.
    """
    if moment == recording.start and recording.utc_offset is not None:
        return moment.replace(tzinfo=None) + recording.utc_offset
    return moment.astimezone(zone).replace(tzinfo=None)
