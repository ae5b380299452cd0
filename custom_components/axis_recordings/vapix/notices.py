"""What a camera's events report of its recordings and disks, and how their topics are written."""

from dataclasses import dataclass
from enum import StrEnum
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from .bounds import MOST_EVENT_VALUES
from .values import identifier, shorten, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .bounds import Bounds


class StorageTopic(StrEnum):
    """What a camera reports by events."""

    RECORDING = "recording"
    """Whether anything is being recorded, whatever and where."""
    DISRUPTION = "disruption"
    """Whether a disk can't be recorded to: it was removed, is full, locked, or read-only."""
    ALERT = "alert"
    """Whether the health of a disk is bad, with the numbers."""
    FAILURE = "failure"
    """Whether a disk is broken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageEvent:
    """Something has changed, or is so when the stream begins."""

    topic: StorageTopic
    disk_id: str | None
    """None where the event is about all disks."""
    active: bool | None
    """None if the camera does not say."""
    data: Mapping[str, str]
    """All that the camera says, by its own names."""


class Subject(NamedTuple):
    """What a topic is called by cameras, without the prefixes, and the value that counts."""

    path: tuple[str, ...]
    value: str
    short: str
    full: str


SUBJECTS = {
    StorageTopic.RECORDING: Subject(
        ("Storage", "Recording"),
        "recording",
        "tnsaxis:Storage/Recording",
        "tnsaxis:Storage/tnsaxis:Recording",
    ),
    StorageTopic.DISRUPTION: Subject(
        ("Storage", "Disruption"),
        "disruption",
        "tnsaxis:Storage/Disruption",
        "tnsaxis:Storage/tnsaxis:Disruption",
    ),
    StorageTopic.ALERT: Subject(
        ("Storage", "Alert"),
        "alert",
        "tnsaxis:Storage/Alert",
        "tnsaxis:Storage/tnsaxis:Alert",
    ),
    StorageTopic.FAILURE: Subject(
        ("Device", "HardwareFailure", "StorageFailure"),
        "disruption",
        "tns1:Device/tnsaxis:HardwareFailure/StorageFailure",
        "tns1:Device/tnsaxis:HardwareFailure/tnsaxis:StorageFailure",
    ),
}
_TOPICS = {subject.path: topic for topic, subject in SUBJECTS.items()}
DOCUMENTED = (
    SUBJECTS[StorageTopic.RECORDING],
    SUBJECTS[StorageTopic.DISRUPTION],
)
_BOOLEANS = {"1": True, "true": True, "0": False, "false": False}


class Notice(NamedTuple):
    """An event with the camera's time of it, which may be local or missing, and ours."""

    event: StorageEvent
    timestamp: float | None
    received: float

    def is_same(self, other: Notice) -> bool:
        """Return whether both report the same event."""
        return (self.event, self.timestamp) == (other.event, other.timestamp)

    def is_before(self, other: Notice) -> bool:
        """Return whether this happened before, as far as the camera says when."""
        return (
            self.timestamp is not None
            and other.timestamp is not None
            and self.timestamp < other.timestamp
        )


def read_notice(content: dict[str, Any], bounds: Bounds) -> Notice | None:
    """Return what a notification reports; None if it is not for us, or can't be understood."""
    notification = _part(_part(content, "params"), "notification")
    topic = _read_topic(notification.get("topic"))
    if topic is None:
        return None
    message = _part(notification, "message")
    source = _part(message, "source")
    disk_id = identifier(source, "disk_id")
    if not disk_id and text(source, "disk_id"):
        bounds.note("disks", 1)
        return None
    values = bounds.first(
        "event values", _part(message, "data").items(), MOST_EVENT_VALUES
    )
    data = {
        shorten(name): shorten(str(value))
        for name, value in values
        if not isinstance(value, dict | list)
    }
    timestamp = notification.get("timestamp")
    return Notice(
        StorageEvent(
            topic=topic,
            disk_id=disk_id or None,
            active=_BOOLEANS.get(data.get(SUBJECTS[topic].value, "").strip().lower()),
            data=data,
        ),
        timestamp if isinstance(timestamp, int | float) else None,
        time.monotonic(),
    )


def _read_topic(written: object) -> StorageTopic | None:
    """Read a topic, which may have a prefix at any of its names."""
    if not isinstance(written, str):
        return None
    path = tuple(name.rpartition(":")[2] for name in written.strip().split("/"))
    return _TOPICS.get(path)


def _part(content: dict[str, Any], name: str) -> dict[str, Any]:
    part = content.get(name)
    return part if isinstance(part, dict) else {}
