"""What can happen to a recording, and what is remembered of one."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from ..vapix import Recording, RecordingKey


class ActivityType(StrEnum):
    """What happened to a recording."""

    STARTED = "started"
    FINISHED = "finished"
    """It has ended, and can be played."""
    INTERRUPTED = "interrupted"
    """It has ended because the camera lost its power, or could not write to the disk any more."""
    REMOVED = "removed"


class Stage(StrEnum):
    """How far it is known what became of a recording."""

    ONGOING = "ongoing"
    ENDING = "ending"
    """It has ended, but can't be played yet."""
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A recording as it was last seen, without its tracks."""

    recording: Recording
    stage: Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """When a camera was looked at."""

    time: datetime
    """By our clock."""
    camera_time: datetime
    """By its own; the same if it does not tell."""


@dataclass(slots=True, kw_only=True)
class Moments:
    """When something of recordings was seen, by our clock, that is not certain yet."""

    seen: dict[RecordingKey, datetime] = field(default_factory=dict)
    """When each was last seen going on."""
    missing: dict[RecordingKey, datetime] = field(default_factory=dict)
    """Since when each has been missing."""
    looked: datetime | None = None
    """When the list was last known completely."""
    kept: datetime | None = None
    """When this was kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDisk:
    """What is known of the recordings on a disk."""

    is_present: bool
    is_complete: bool
    """Whether all recordings on it are known, so that an unknown one has to be new."""
    last_look: Look
    """Where not all are known: what began before is not news."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """Something that happened to a recording, and has not yet been told."""

    number: int
    """In the order in which things were seen."""
    type: ActivityType
    recording: Recording
    """As it was then; for a removed one, as it was last seen."""


@dataclass(slots=True, kw_only=True)
class Change:
    """What one look at the camera adds to what is known. It is stored as a whole or not at all."""

    entries: list[Entry] = field(default_factory=list)
    removed: list[RecordingKey] = field(default_factory=list)
    activities: list[tuple[ActivityType, Recording]] = field(default_factory=list)
    disks: dict[str, KnownDisk] = field(default_factory=dict)

    def put(self, recording: Recording, stage: Stage) -> None:
        """Remember a recording."""
        self.entries.append(Entry(recording=recording, stage=stage))

    def tell(self, kind: ActivityType, recording: Recording) -> None:
        """Tell of something."""
        self.activities.append((kind, recording))
