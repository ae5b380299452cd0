"""Talk to one AXIS camera (VAPIX) about its recordings and disks; HA-free.

``client`` is what others use. Below it:

* What is asked for: ``recordings`` (list, start, stop, remove), ``paging`` (long lists), ``exports``, ``disks``,
  ``device`` (who it is, when it started, its clock), ``events`` (the stream) and ``notices`` (what events report).
* How a camera is reached: ``http`` (one request at a time), ``address``, ``auth``, ``certificates``,
  ``handshake`` (WebSocket), ``identity`` (whether it is still the same camera), ``standing`` (whether a refusal may
  be a lock-out), ``patience`` (slow lists), ``interim`` and ``clock_readings``.
* What comes back: ``answers``, ``status`` and ``failures`` (what went wrong), ``xml`` with ``xml_mending``,
  ``values``, ``times`` and ``time_zone``.
* ``models`` are the answers as plain values, ``errors`` all that can go wrong, ``bounds`` how much a camera may say.
"""

from .address import DEFAULT_PORTS, Address
from .certificates import fetch_fingerprint
from .client import VapixClient
from .errors import (
    NOT_AVAILABLE,
    AuthenticationError,
    BusyError,
    CameraConnectionError,
    CameraTimeoutError,
    CertificateError,
    ForbiddenError,
    HttpsRequiredError,
    InsecureLoginError,
    LockedOutError,
    MissingRightsError,
    NotAxisError,
    NotSupportedError,
    RedirectError,
    RefusedError,
    TooMuchEffortError,
    UnexpectedAnswerError,
    UnnamedRecordingError,
    VapixError,
    WrongCameraError,
)
from .events import EventStream
from .exports import MATROSKA, MP4, Export
from .models import (
    AudioTrack,
    Boot,
    Camera,
    DeviceInformation,
    Disk,
    DiskHealth,
    DiskJob,
    ExportProperties,
    Recording,
    RecordingKey,
    RecordingPage,
    RecordingQuery,
    RecordingStatus,
    RecordingType,
    StorageLimit,
    VideoTrack,
)
from .notices import StorageEvent, StorageTopic
from .recordings import is_id, is_single_id
from .time_zone import PosixZone

__all__ = [
    "DEFAULT_PORTS",
    "MATROSKA",
    "MP4",
    "NOT_AVAILABLE",
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
    "DiskHealth",
    "DiskJob",
    "EventStream",
    "Export",
    "ExportProperties",
    "ForbiddenError",
    "HttpsRequiredError",
    "InsecureLoginError",
    "LockedOutError",
    "MissingRightsError",
    "NotAxisError",
    "NotSupportedError",
    "PosixZone",
    "Recording",
    "RecordingKey",
    "RecordingPage",
    "RecordingQuery",
    "RecordingStatus",
    "RecordingType",
    "RedirectError",
    "RefusedError",
    "StorageEvent",
    "StorageLimit",
    "StorageTopic",
    "TooMuchEffortError",
    "UnexpectedAnswerError",
    "UnnamedRecordingError",
    "VapixClient",
    "VapixError",
    "VideoTrack",
    "WrongCameraError",
    "fetch_fingerprint",
    "is_id",
    "is_single_id",
]
