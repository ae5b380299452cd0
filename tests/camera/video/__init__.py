"""What the camera sees and hears, made when it is asked for: nothing is stored.

`read_clock` tells which moment a picture shows, which proves what a player seeks to.
"""

from .clockface import ClockUnreadableError, Reading, read_clock
from .coded_video import CodedVideo
from .sound import pitch
from .timeline import Timeline

__all__ = [
    "ClockUnreadableError",
    "CodedVideo",
    "Reading",
    "Timeline",
    "pitch",
    "read_clock",
]
