"""What a video is read from, and what is read of it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from av.packet import Packet


class Readable(Protocol):
    """What a video is read from: a pipe, or something in which can be sought as well."""

    def read(self, size: int, /) -> bytes:
        """Return up to so many bytes, none at the end."""


@dataclass(slots=True)
class Sample:
    """A packet of a video. Times are in seconds on the timeline of the recording."""

    packet: Packet[Any]
    time: float
    """When it is shown or heard."""
    duration: float
    is_video: bool
    is_key: bool
