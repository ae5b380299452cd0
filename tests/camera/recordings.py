"""What the camera has recorded and is recording."""

from dataclasses import dataclass, field
from heapq import merge
from itertools import islice
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Literal

from .clock import to_microseconds

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from datetime import datetime

    from .history import History
    from .video.encoding import Encoding

type RecordingType = Literal["triggered", "scheduled", "continuous"]
type RecordingStatus = Literal["recording", "completed", "unknown"]


@dataclass(frozen=True, slots=True)
class Video:
    """Attributes of `<video>`; the frame rate is numerator:denominator."""

    mimetype: str = "video/x-h264"
    width: int = 1920
    height: int = 1080
    framerate: str = "15:1"


@dataclass(frozen=True, slots=True)
class Audio:
    """Attributes of `<audio>`, in bit/s and Hz."""

    mimetype: str = "audio/x-aac"
    bitrate: int = 32_000
    samplerate: int = 16_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One recording as the camera knows it; times are aware and in UTC.

    `stop` is None while the camera writes. A recording whose status stays `recording` after a
    power loss has a `stop` nevertheless. `gop` holds the seconds from key frame to key frame, or
    several in turn, and `encoding` how its video differs from an even one; None is the camera's.
    `began` differs from `start` once the start has moved.
    """

    recording_id: str
    disk_id: str
    start: datetime
    stop: datetime | None
    recording_type: RecordingType = "triggered"
    event_id: str = "Motion Recording"
    event_trigger: str = "Record video while the rule is active"
    recording_status: RecordingStatus = "completed"
    source: str = "1"
    locked: bool = False
    video: Video = field(default_factory=Video)
    audio: Audio | None = None
    gop: float | tuple[float, ...] | None = None
    encoding: Encoding | None = None
    began: datetime | None = None

    @property
    def origin(self) -> datetime:
        """When the recording began, whatever of it was cleaned away since."""
        return self.began or self.start


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which recordings are meant; None does not narrow.

    A window holds every recording with any part in it, both ends included
    (VAPIX: Edge storage API). `open_in_window` tells whether one without an end matches a start.
    """

    disk_ids: Collection[str] | None = None
    recording_id: str | None = None
    start: datetime | None = None
    stop: datetime | None = None
    event_id: str | None = None
    source: str | None = None
    open_in_window: bool = True

    def matches(self, recording: Recording) -> bool:
        """Return whether a recording is meant."""
        return (
            (self.disk_ids is None or recording.disk_id in self.disk_ids)
            and self.recording_id in (None, recording.recording_id)
            and self.event_id in (None, recording.event_id)
            and self.source in (None, recording.source)
            and self._in_window(recording)
        )

    def _in_window(self, recording: Recording) -> bool:
        if self.stop is not None and recording.start > self.stop:
            return False
        if self.start is None:
            return True
        if recording.stop is None or recording.recording_status == "recording":
            return self.open_in_window
        return recording.stop >= self.start


class RecordingStore:
    """All recordings of all disks: a generated past, and what was added or changed since."""

    def __init__(self, history: History) -> None:
        """Start with the recordings of `history`."""
        self._history = history
        self._recent: dict[str, Recording] = {}

    def only(self, recordings: Iterable[Recording]) -> RecordingStore:
        """Return a store that holds some of the recordings."""
        nothing = type(self._history)(0, seed=0, setting=self._history.setting)
        store = RecordingStore(nothing)
        for recording in recordings:
            store.put(recording)
        return store

    def __len__(self) -> int:
        """Count the recordings on all disks, attached or not."""
        return self.number(Selection())

    def __iter__(self) -> Iterator[Recording]:
        """Go through the recordings on all disks, newest first."""
        return self.select(Selection())

    @property
    def ongoing(self) -> list[Recording]:
        """What is being written now, oldest first."""
        ongoing = (
            recording for recording in self._recent.values() if recording.stop is None
        )
        return sorted(ongoing, key=attrgetter("start"))

    def find(self, recording_id: str) -> Recording | None:
        """Look a recording up by its id."""
        if recording_id in self._recent:
            return self._recent[recording_id]
        index = self._history.find(recording_id)
        return None if index is None else self._history[index]

    def put(self, recording: Recording) -> None:
        """Add a recording, or replace the one of the same id."""
        self._history.discard(recording.recording_id)
        self._recent[recording.recording_id] = recording

    def remove(self, recording_id: str) -> None:
        """Forget a recording."""
        if self._recent.pop(recording_id, None) is None:
            self._history.discard(recording_id)

    def number(self, selection: Selection) -> int:
        """Count the recordings that are meant."""
        if selection.recording_id is not None:
            return sum(1 for _ in self.select(selection))
        recent = sum(
            1 for recording in self._recent.values() if selection.matches(recording)
        )
        return recent + self._history.number(selection)

    def select(
        self,
        selection: Selection,
        *,
        newest_first: bool = True,
        offset: int = 0,
        limit: int | None = None,
    ) -> Iterator[Recording]:
        """Give the recordings that are meant, by start; what they are is settled at once."""
        if selection.recording_id is not None:
            found = self.find(selection.recording_id)
            matching = [found] if found is not None and selection.matches(found) else []
            return islice(matching, offset, None if limit is None else offset + limit)
        recent = sorted(
            (
                recording
                for recording in self._recent.values()
                if selection.matches(recording)
            ),
            key=attrgetter("start"),
            reverse=newest_first,
        )
        past = self._history.select(selection, newest_first=newest_first)
        # Indexes stay indexes until the page is cut out, which skips most of them.
        found_in_order: Iterator[int | Recording] = past
        if recent:
            found_in_order = map(
                itemgetter(1),
                merge(
                    (
                        (to_microseconds(recording.start), recording)
                        for recording in recent
                    ),
                    ((self._history.start(index), index) for index in past),
                    key=itemgetter(0),
                    reverse=newest_first,
                ),
            )
        page = list(
            islice(found_in_order, offset, None if limit is None else offset + limit)
        )
        return (
            self._history[found] if isinstance(found, int) else found for found in page
        )

    def event_ids(self, disk_ids: Collection[str]) -> list[str]:
        """List the events that made the recordings on these disks."""
        recent = {r.event_id for r in self._recent.values() if r.disk_id in disk_ids}
        return sorted(recent | self._history.event_ids(disk_ids))

    def sources(self, disk_ids: Collection[str]) -> list[str]:
        """List the sources of the recordings on these disks."""
        recent = {r.source for r in self._recent.values() if r.disk_id in disk_ids}
        return sorted(recent | self._history.sources(disk_ids))
