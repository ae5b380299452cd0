"""What can happen to a recording, and what is remembered of one."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from ..index.models import KnownRecording, Stage

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from ..vapix import Recording, RecordingKey


class ActivityType(StrEnum):
    """What happened to a recording."""

    STARTED = "started"
    FINISHED = "finished"
    """It has ended, and can be played."""
    INTERRUPTED = "interrupted"
    """It has ended because the camera lost its power, or could not write to the disk any more."""
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PollTime:
    """When a camera was polled."""

    time: datetime
    """By our clock."""
    camera_time: datetime
    """By its own; the same if it sends none."""

    @property
    def offset(self) -> timedelta:
        """Return by how much the camera's clock was ahead of ours."""
        return self.camera_time - self.time

    def shifted(self, by: timedelta) -> PollTime:
        """Return the same time, by our clock as it has been set since."""
        return replace(self, time=self.time + by)


@dataclass(slots=True, kw_only=True)
class Moments:
    """When something of recordings was seen, by our clock, that is not certain yet."""

    seen: dict[RecordingKey, datetime] = field(default_factory=dict)
    """When each was last seen going on."""
    missing: dict[RecordingKey, datetime] = field(default_factory=dict)
    """Since when each has been missing."""
    unseen: dict[RecordingKey, datetime] = field(default_factory=dict)
    """What was missing once and has not been seen since, with the last poll."""
    lost: set[RecordingKey] = field(default_factory=set)
    """What was missing when its disk went."""
    polled: datetime | None = None
    """When the camera was polled last."""
    walked: datetime | None = None
    """When it was polled last with nothing left to walk through."""
    epoch: datetime | None = None
    """What our clock of all these times has for zero of the monotonic one of this process."""

    def __or__(self, earlier: Moments) -> Moments:
        """Return these together with earlier ones."""
        return Moments(
            seen=earlier.seen | self.seen,
            missing=earlier.missing | self.missing,
            unseen=earlier.unseen | self.unseen,
            lost=earlier.lost | self.lost,
            polled=self.polled or earlier.polled,
            walked=self.walked or earlier.walked,
            epoch=self.epoch or earlier.epoch,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDisk:
    """What is known of the recordings on a disk."""

    is_present: bool
    is_complete: bool
    """Whether all recordings on it are known, so that an unknown one has to be new."""
    last_poll: PollTime
    """When it was there last, or else first seen: where not all are known, what began before is not news."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """Something that happened to a recording, and has not yet been reported."""

    number: int
    """In the order in which things were seen."""
    type: ActivityType
    recording: Recording
    """As it was then; for a removed one, as it was last seen."""


@dataclass(slots=True, kw_only=True)
class ChangeSet:
    """What one poll of the camera's lists adds to what is known. It is stored as a whole or not at all."""

    recordings: list[KnownRecording] = field(default_factory=list)
    removed: list[RecordingKey] = field(default_factory=list)
    activities: list[tuple[ActivityType, Recording]] = field(default_factory=list)
    disks: dict[str, KnownDisk] = field(default_factory=dict)

    def update(self, recording: Recording, stage: Stage) -> None:
        """Remember a recording as it is now."""
        self.recordings.append(KnownRecording(recording=recording, stage=stage))

    def report(self, kind: ActivityType, recording: Recording) -> None:
        """Add something to be reported."""
        self.activities.append((kind, recording))

    def interrupt(self, recording: Recording) -> None:
        """Report that a recording was interrupted, and remember that it has ended."""
        self.report(ActivityType.INTERRUPTED, recording)
        self.update(recording, Stage.ENDED)

    def __bool__(self) -> bool:
        """Return whether there is anything to store."""
        return bool(self.recordings or self.removed or self.activities or self.disks)
