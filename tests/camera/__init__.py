"""A simulated AXIS camera: a real server that follows VAPIX, for tests, demo and benchmarks.

It is written from the documentation alone and shares no code with the client.
"""

from .accounts import Account, Level
from .camera import Camera
from .clock import CameraClock
from .disks import Disk
from .errors import CameraError
from .event_streams import EventStream
from .events import Event
from .exports import Export
from .faults import Fault
from .jobs import Job
from .journal import Fact, Journal
from .quirks import Quirks
from .recordings import Audio, Recording, Video
from .server import CameraServer
from .video.encoding import ClockStep, Encoding, Pause
from .wire import Exchange

__all__ = [
    "Account",
    "Audio",
    "Camera",
    "CameraClock",
    "CameraError",
    "CameraServer",
    "ClockStep",
    "Disk",
    "Encoding",
    "Event",
    "EventStream",
    "Exchange",
    "Export",
    "Fact",
    "Fault",
    "Job",
    "Journal",
    "Level",
    "Pause",
    "Quirks",
    "Recording",
    "Video",
]
