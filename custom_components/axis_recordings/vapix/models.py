"""What the camera says, as plain values. All times are aware and in UTC, by the camera's clock."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime, timedelta


class RecordingKey(NamedTuple):
    """The only stable name of a recording: its start moves when the camera cleans up."""

    disk_id: str
    recording_id: str


class RecordingStatus(StrEnum):
    """VAPIX (edge storage): whether a recording is going on."""

    RECORDING = "recording"
    COMPLETED = "completed"
    UNKNOWN = "unknown"


class RecordingType(StrEnum):
    """VAPIX (edge storage): what made a recording."""

    TRIGGERED = "triggered"
    SCHEDULED = "scheduled"
    CONTINUOUS = "continuous"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoTrack:
    """One video track of a recording; None where the camera does not say."""

    mime_type: str | None
    width: int | None
    height: int | None
    frame_rate: float | None
    """Frames per second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioTrack:
    """One audio track of a recording; None where the camera does not say."""

    mime_type: str | None
    bit_rate: int | None
    sample_rate: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One recording on one disk."""

    disk_id: str
    recording_id: str
    start: datetime | None
    """None if the camera sent a time that can't be read. Moves forward at clean-up."""
    end: datetime | None
    """None while it is going on, whatever the camera writes there."""
    utc_offset: timedelta | None
    """Of the camera's local time when the recording started."""
    status: RecordingStatus
    type: RecordingType
    event_id: str
    event_trigger: str
    source: str | None
    locked: bool | None
    video: tuple[VideoTrack, ...]
    audio: tuple[AudioTrack, ...]

    @property
    def key(self) -> RecordingKey:
        """Return the stable name."""
        return RecordingKey(self.disk_id, self.recording_id)

    @property
    def is_ongoing(self) -> bool:
        """Return whether it is going on; some cameras send a stop time even then."""
        return self.status is RecordingStatus.RECORDING

    @property
    def duration(self) -> timedelta | None:
        """Return the length, if both ends are known."""
        if self.start is None or self.end is None:
            return None
        return self.end - self.start


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingQuery:
    """The arguments of list.cgi. Without any, all recordings are asked for."""

    recording_id: str | None = None
    start: datetime | None = None
    """Only recordings with any part on or after this time."""
    end: datetime | None = None
    """Only recordings with any part on or before this time."""
    event_id: str | None = None
    disk_id: str | None = None
    source: str | None = None
    oldest_first: bool = False
    limit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingPage:
    """One answer of list.cgi."""

    recordings: tuple[Recording, ...]
    total: int | None
    """All recordings on the attached disks (or on the asked disk), whatever the other filters."""
    matches: int | None
    """All recordings that match the filters, whatever the page."""
    time: datetime | None
    """The camera's clock when it answered."""
    monotonic: float
    """Our monotonic clock at that moment, in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """One disk (a slot, not a card: the id stays when the card is swapped)."""

    disk_id: str
    name: str
    total_size: int | None
    """In bytes."""
    free_size: int | None
    """In bytes."""
    status: str
    """OK, connected, disconnected, failed, no passphrase, wrong passphrase, not encrypted."""
    locked: bool
    full: bool
    read_only: bool
    file_system: str
    required_file_system: str | None = None
    """What the camera would format it with; None if it takes any."""
    encryption_wanted: bool | None = None
    """Whether the camera encrypts it the next time it is formatted; None if it does not say."""
    encrypted: bool | None = None
    max_age: timedelta | None = None
    """How old recordings may get; None if their age does not matter."""
    clean_up_policy: str = ""
    """fifo removes the oldest recordings, none leaves them."""

    @property
    def is_attached(self) -> bool:
        """Return whether there is something in the slot, or behind the share."""
        return self.status != "disconnected"

    @property
    def is_mounted(self) -> bool:
        """Return whether the camera can reach what is on it."""
        return self.status == "OK"

    @property
    def is_recordable(self) -> bool:
        """Return whether a recording can be written to it now."""
        return self.is_mounted and not (self.locked or self.full or self.read_only)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskHealth:
    """How a disk is; None where the disk or the camera can't say."""

    wear: int | None
    """How much of its life is used, in percent; may pass 100."""
    temperature: float | None
    """In degrees Celsius."""
    passed: bool | None
    """Whether it has passed its own test."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageLimit:
    """How much of a disk recordings may take."""

    size: int
    """In bytes; 0 is no limit."""
    used: int | None
    """In bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskJob:
    """Something that the camera does with a disk, and that takes its time."""

    job_id: str
    disk_id: str
    action: str
    progress: int
    """In percent."""

    @property
    def is_done(self) -> bool:
        """Return whether it is over."""
        return self.progress >= 100  # noqa: PLR2004 - all of it


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceInformation:
    """Who the camera is."""

    serial: str
    """Twelve hexadecimal digits in upper case: the MAC address without colons."""
    model: str
    """Short product name, for example AXIS P3265-LVE."""
    name: str | None
    """What its owner called it; None if it still has the maker's name."""
    product_type: str | None
    firmware: str | None
    hardware_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Boot:
    """When the camera started."""

    boot_id: str | None
    uptime: timedelta | None
    """None if the camera does not say."""

    def is_after(self, moment: datetime, now: datetime) -> bool:
        """Return whether it started after a moment, by the clock that showed ``now`` when it was asked."""
        return self.uptime is not None and self.uptime < now - moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """What there is to know of a camera before its recordings are polled."""

    device: DeviceInformation
    is_operator: bool
    """Whether the account may start, stop and remove recordings; else it has view-only access."""
    disks: tuple[Disk, ...]
    """Empty where the account may not see them, or the camera can't list them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportProperties:
    """What an export would hold."""

    start: datetime
    """Of the first frame: the key frame before the wanted start."""
    end: datetime
    size: int | None
    """In bytes, as the camera estimates it; None if it can't."""
