"""What the items of the media browser are called.

Front ends cut a title after some 20 characters, so what tells an item from those beside it comes first. Cards read
the time from a title, so its form is fixed: see recording_title and day_title.
"""

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final, Self

from homeassistant.core import callback

from ..helpers.language import async_texts
from ..recordings.days import ONE_DAY
from ..vapix import RecordingType

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, datetime, timedelta, tzinfo

    from homeassistant.core import HomeAssistant

    from ..vapix import Recording

SEPARATOR: Final = " · "


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The words of the media browser in the language of Home Assistant, by their names in ``common``."""

    all_recordings: str
    as_of: str
    """With the placeholder ``time``."""
    by_disk: str
    by_event: str
    by_source: str
    friday: str
    in_progress: str
    incomplete: str
    last_24_hours: str
    monday: str
    more: str
    one_recording: str
    recording_count: str
    """With the placeholder ``count``."""
    saturday: str
    source: str
    """With the placeholder ``source``."""
    sunday: str
    thursday: str
    today: str
    tuesday: str
    wednesday: str
    yesterday: str

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

    def name_weekday(self, day: date) -> str:
        """Return the weekday, in short."""
        return (
            self.monday,
            self.tuesday,
            self.wednesday,
            self.thursday,
            self.friday,
            self.saturday,
            self.sunday,
        )[day.weekday()]

    def count_recordings(self, count: int) -> str:
        """Return a number of recordings in words."""
        if count == 1:
            return self.one_recording
        return self.recording_count.replace("{count}", str(count))


def recording_title(
    start: datetime,
    duration: timedelta | None,
    label: str,
    *more: str,
    day: date | None = None,
    camera: str = "",
) -> str:
    """Return ``2026-11-23 21:47:03 · Motion Recording · 0:00:44``, and more after that.

    The start is in local time. Beside others of the same ``day``, it is ``21:47:03``. A camera that is named
    comes first. The duration is left out where it is not known.
    """
    time = f"{start:%H:%M:%S}" if start.date() == day else f"{start:%Y-%m-%d %H:%M:%S}"
    length = "" if duration is None else format_duration(duration)
    return join_title(camera, time, label, length, *more)


def day_title(day: date, today: date, count: int | None, words: Words) -> str:
    """Return ``2026-11-23 Mon · Yesterday · 161 recordings``; the count is left out where it is not known."""
    names = {today: words.today, today - ONE_DAY: words.yesterday}
    date_and_weekday = f"{day} {words.name_weekday(day)}"
    return counted_title(date_and_weekday, count, words, names.get(day, ""))


def counted_title(name: str, count: int | None, words: Words, *more: str) -> str:
    """Return ``2026-10 · 612 recordings``; the count is left out where it is not known."""
    return join_title(
        name, *more, "" if count is None else words.count_recordings(count)
    )


def join_title(*parts: str) -> str:
    """Return the parts of a title that are not empty."""
    return SEPARATOR.join(filter(None, parts))


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
