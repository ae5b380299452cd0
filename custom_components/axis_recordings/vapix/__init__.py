"""Client for the recordings on AXIS cameras (VAPIX), without anything of Home Assistant."""

from .client import VapixClient
from .errors import (
    AuthenticationError,
    BusyError,
    CameraConnectionError,
    CameraTimeoutError,
    CertificateError,
    InsecureLoginError,
    MissingRightsError,
    NotAxisError,
    NotSupportedError,
    RefusedError,
    UnexpectedAnswerError,
    VapixError,
)
from .events import EventStream, StorageEvent, StorageTopic
from .exports import MATROSKA, MP4, Export
from .http import DEFAULT_PORTS, Address, fetch_fingerprint
from .models import (
    AudioTrack,
    Boot,
    Camera,
    DeviceInformation,
    Disk,
    ExportProperties,
    Recording,
    RecordingKey,
    RecordingPage,
    RecordingQuery,
    RecordingStatus,
    RecordingType,
    VideoTrack,
)
from .recordings import is_single_id
from .watch import RecordingWatch, Snapshot

__all__ = [
    "DEFAULT_PORTS",
    "MATROSKA",
    "MP4",
    "Address",
    "AudioTrack",
    "AuthenticationError",
    "Boot",
    "BusyError",
    "Camera",
    "CameraConnectionError",
    "CameraTimeoutError",
    "CertificateError",
    "DeviceInformation",
    "Disk",
    "EventStream",
    "Export",
    "ExportProperties",
    "InsecureLoginError",
    "MissingRightsError",
    "NotAxisError",
    "NotSupportedError",
    "Recording",
    "RecordingKey",
    "RecordingPage",
    "RecordingQuery",
    "RecordingStatus",
    "RecordingType",
    "RecordingWatch",
    "RefusedError",
    "Snapshot",
    "StorageEvent",
    "StorageTopic",
    "UnexpectedAnswerError",
    "VapixClient",
    "VapixError",
    "VideoTrack",
    "fetch_fingerprint",
    "is_single_id",
]
