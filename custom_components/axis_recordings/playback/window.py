"""A part of a recording, and its name in a media content id or an address."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import quote, unquote

from ..vapix import Recording, RecordingKey
from ..vapix.times import is_usable

# The camera keeps recordings in blocks of this length (VAPIX: Recording.DefaultSplitDuration).
SLICE: Final = timedelta(minutes=5)
# Up to this length a recording is shown as one.
WHOLE: Final = timedelta(minutes=10)
# Longer parts are for the action that saves to a file.
LONGEST: Final = timedelta(hours=1)

# Recordings of months are real. What seems to last longer was begun or ended by a clock that was wrong.
LONGEST_RECORDING: Final = timedelta(days=3650)
# Some cameras tell whole seconds, by which a short recording ends when it begins, or even before.
SHORTEST_RECORDING: Final = timedelta(seconds=1)

_TIME_FORMAT: Final = "%Y%m%dT%H%M%S.%fZ"


class WindowError(ValueError):
    """The text does not name a part of a recording."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A part of a recording. Times are in UTC, by the camera's clock."""

    key: RecordingKey
    start: datetime | None = None
    """None for the recording's beginning, wherever the clean-up of the camera has moved it."""
    stop: datetime | None = None
    """None for one slice, or all of a short recording."""

    @property
    def path(self) -> str:
        """Return the name, with slashes and nothing that an address would have to encode."""
        parts = [_encode(self.key.disk_id), _encode(self.key.recording_id)]
        if self.start is not None:
            parts.append(format_moment(self.start))
        if self.start is not None and self.stop is not None:
            parts.append(format_moment(self.stop))
        return "/".join(parts)

    @classmethod
    def parse(cls, path: str) -> Window:
        """Read a name. WindowError if it is none, or holds no time between its ends."""
        match path.split("/"):
            case [disk, recording_id] if disk and recording_id:
                start = stop = None
            case [disk, recording_id, first] if disk and recording_id:
                start, stop = parse_moment(first), None
            case [disk, recording_id, first, last] if disk and recording_id:
                start, stop = parse_moment(first), parse_moment(last)
            case _:
                raise WindowError(path)
        if start is not None and stop is not None and stop <= start:
            raise WindowError(path)
        return cls(
            key=RecordingKey(_decode(disk), _decode(recording_id)),
            start=start,
            stop=stop,
        )

    def within(self, recording: Recording, now: datetime) -> Span:
        """Return what there is of it. WindowError if there is nothing.

        ``now`` is the camera's clock, at which a recording ends that goes on.
        """
        extent = extent_of(recording, now)
        if extent is None:
            raise WindowError(self.path)
        end = extent.stop
        if known_end(recording, now) is None:
            end = max(end, now)
        start = max(self.start or extent.start, extent.start)
        if self.stop is not None:
            stop = min(self.stop, end)
        elif end - start <= WHOLE:
            stop = end
        else:
            stop = start + SLICE
        if stop <= start:
            raise WindowError(self.path)
        return Span(start, stop)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time that is not empty."""

    start: datetime
    stop: datetime

    @property
    def duration(self) -> timedelta:
        """Return its length."""
        return self.stop - self.start

    def with_neighbours(self, recording: Recording, now: datetime) -> Span:
        """Return it with one slice before and one after, as far as the recording goes."""
        begin, end = recording.start or self.start, recording.stop or now
        return replace(
            self,
            start=min(self.start, max(begin, self.start - SLICE)),
            stop=max(self.stop, min(end, self.stop + SLICE)),
        )


def known_end(recording: Recording, now: datetime) -> datetime | None:
    """Return when a recording ended, or ``now`` while it goes on; None where nobody knows."""
    if recording.is_ongoing:
        return now
    start, stop = recording.start, recording.stop
    if start is None or stop is None or not is_usable(stop):
        return None
    return stop if stop - start <= LONGEST_RECORDING else None


def extent_of(recording: Recording, now: datetime) -> Span | None:
    """Return from when to when a recording lasts; None if that makes no sense.

    The shortest there can be where nobody knows the end, or where it has begun just now. ``now`` is the
    camera's clock.
    """
    start, end = recording.start, known_end(recording, now)
    if start is None or not is_usable(start):
        return None
    if (
        end is not None
        and not recording.is_ongoing
        and start - end >= SHORTEST_RECORDING
    ):
        return None
    return Span(start, end if end and end > start else start + SHORTEST_RECORDING)


def format_moment(moment: datetime) -> str:
    """Return a time to the microsecond without characters that an address would have to encode."""
    return moment.astimezone(UTC).strftime(_TIME_FORMAT)


def parse_moment(text: str) -> datetime:
    """Read what format_moment wrote. WindowError if it is something else."""
    try:
        return datetime.strptime(text, _TIME_FORMAT).replace(tzinfo=UTC)
    except ValueError as err:
        raise WindowError(text) from err


def _encode(text: str) -> str:
    """Return a word that stays the same in an address.

    Home Assistant decodes and encodes addresses before it signs them, which keeps no slash apart from an
    encoded one; and a part of dots would lead out of the path.
    """
    quoted = quote(text, safe="")
    return quoted.replace("~", "%7E").replace(".", "%2E").replace("%", "~")


def _decode(word: str) -> str:
    return unquote(word.replace("~", "%"))
