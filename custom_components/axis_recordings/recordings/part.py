"""A part of a recording, and its name in a media content id or an address."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import quote, unquote

from ..vapix import Recording, RecordingKey
from .extent import SHORTEST_SLICE, SLICE, TimeRange, extent_of, known_end

# Up to this length a recording is shown as one.
WHOLE: Final = timedelta(minutes=10)
# Longer parts are for the action that saves to a file.
LONGEST_CLIP: Final = timedelta(hours=1)
# A playlist lists every two seconds, and recordings may seem to last for years.
LONGEST_PLAYED: Final = timedelta(days=1)
# What a playlist of a camera holds on either side of what it begins with, gaps not counted.
LONGEST_BEFORE: Final = timedelta(hours=2)
LONGEST_AFTER: Final = timedelta(hours=6)

_TIME_FORMAT: Final = "%Y%m%dT%H%M%S.%fZ"


class RecordingPartError(ValueError):
    """The text does not name a part of a recording."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingPart:
    """A part of a recording. Times are in UTC, by the camera's clock."""

    key: RecordingKey
    start: datetime | None = None
    """None for the recording's beginning, wherever the clean-up of the camera has moved it."""
    end: datetime | None = None
    """None for one slice, or all of a short recording."""

    @property
    def path(self) -> str:
        """Return the name, with slashes and nothing that an address would have to encode."""
        parts = [encode_word(self.key.disk_id), encode_word(self.key.recording_id)]
        if self.start is not None:
            parts.append(format_moment(self.start))
        if self.start is not None and self.end is not None:
            parts.append(format_moment(self.end))
        return "/".join(parts)

    @classmethod
    def parse(cls, path: str) -> RecordingPart:
        """Read a name. RecordingPartError if it is none, or holds no time between its ends."""
        match path.split("/"):
            case [disk, recording_id] if disk and recording_id:
                start = end = None
            case [disk, recording_id, first] if disk and recording_id:
                start, end = parse_moment(first), None
            case [disk, recording_id, first, last] if disk and recording_id:
                start, end = parse_moment(first), parse_moment(last)
            case _:
                raise RecordingPartError(path)
        if start is not None and end is not None and end <= start:
            raise RecordingPartError(path)
        return cls(
            key=RecordingKey(decode_word(disk), decode_word(recording_id)),
            start=start,
            end=end,
        )

    def within(self, recording: Recording, now: datetime) -> TimeRange:
        """Return what there is of it. RecordingPartError if there is nothing.

        ``now`` is the camera's clock, at which a recording ends that goes on.
        """
        extent = extent_of(recording, now)
        if extent is None:
            raise RecordingPartError(self.path)
        latest = extent.end
        if known_end(recording, now) is None:
            latest = max(latest, now)
        start = max(self.start or extent.start, extent.start)
        if self.end is not None:
            end = min(self.end, latest)
        elif latest - start <= WHOLE:
            end = latest
        else:
            end = start + SLICE
        if end <= start:
            raise RecordingPartError(self.path)
        return TimeRange(start, end)


def part_from(
    recording: Recording, moment: datetime, now: datetime
) -> tuple[RecordingPart, TimeRange] | None:
    """Return what to play of a recording from a moment on, with its times; None if it does not hold it.

    That is all that follows of a short recording, and the length of a slice of a long one.
    """
    extent = extent_of(recording, now)
    if extent is None or not extent.start <= moment < extent.end:
        return None
    end = moment + SLICE
    if extent.duration <= WHOLE or extent.end - end < SHORTEST_SLICE:
        end = extent.end
    is_growing = recording.is_ongoing and end >= now
    part = RecordingPart(
        key=recording.key, start=moment, end=None if is_growing else end
    )
    return part, TimeRange(moment, end)


def format_moment(moment: datetime) -> str:
    """Return a time to the microsecond without characters that an address would have to encode."""
    return moment.astimezone(UTC).strftime(_TIME_FORMAT)


def parse_moment(text: str) -> datetime:
    """Read what format_moment wrote. RecordingPartError if it is something else."""
    try:
        return datetime.strptime(text, _TIME_FORMAT).replace(tzinfo=UTC)
    except ValueError as err:
        raise RecordingPartError(text) from err


def encode_word(text: str) -> str:
    """Return a word that stays the same in an address.

    Home Assistant decodes and encodes addresses before it signs them, which keeps no slash apart from an
    encoded one; and a part of dots would lead out of the path.
    """
    quoted = quote(text, safe="")
    return quoted.replace("~", "%7E").replace(".", "%2E").replace("%", "~")


def decode_word(word: str) -> str:
    """Return what encode_word has made of a word."""
    return unquote(word.replace("~", "%"))
