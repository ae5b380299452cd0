"""record/export/*.cgi (VAPIX: Export recording API), without passwords and external disks."""

from datetime import timedelta
from enum import IntEnum
import re
from typing import TYPE_CHECKING, NamedTuple

from tests.camera.accounts import Level
from tests.camera.answers import Answer, not_found, unavailable
from tests.camera.exports import Export, coded_video_of, cut, truncate
from tests.camera.video.container import MATROSKA, MP4S

from .recording_list import WHOLE_SECONDS, BadTimeError, read_time
from .route import Api, Call, Route
from .xml import SCHEMA_INSTANCE, SCHEMAS, element, escape

if TYPE_CHECKING:
    from datetime import datetime

    from tests.camera.camera import Camera
    from tests.camera.quirks import Quirks
    from tests.camera.recordings import Recording
    from tests.camera.video.coded_video import CodedVideo
    from tests.camera.video.container import FileFormat

MAJOR = "1"
"""The schema version that clients ask for."""


class ErrorCode(IntEnum):
    """What may be wrong, with the numbers of the documentation."""

    PROCESSING = 10
    INVALID_REQUEST = 20
    VERSION_NOT_SUPPORTED = 40
    RECORDING_NOT_FOUND = 110
    INVALID_START = 120
    INVALID_STOP = 130
    START_AFTER_STOP = 140
    START_AFTER_END = 150
    STOP_BEFORE_START = 160
    INVALID_FORMAT = 170
    FORMAT_DOES_NOT_FIT = 180
    PASSWORD_NOT_SET = 260

    @property
    def description(self) -> str:
        """A text; those of real cameras are unknown."""
        return self.name.replace("_", " ").capitalize()


class RefusedError(Exception):
    """An error with one of the documented codes."""

    def __init__(self, code: ErrorCode) -> None:
        """Refuse with `code`."""
        super().__init__(code)
        self.code = code


class Wish(NamedTuple):
    """What a call asks for, of what there is."""

    recording: Recording
    coded_video: CodedVideo
    format_name: str
    file_format: FileFormat
    first: int
    last: int


def _respond(content: str, version: str = "1.1") -> Answer:
    body = (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<ExportRecordingResponse xmlns:xsi="{SCHEMA_INSTANCE}" SchemaVersion="{version}" '
        f'xsi:noNamespaceSchemaLocation="{SCHEMAS}exportrecording1.xsd">\n'
        f"{content}\n</ExportRecordingResponse>\n"
    )
    return Answer(body.encode())


def _succeed(call: Call, name: str, *elements: str) -> Answer:
    lines = "".join(f"    {line}\n" for line in elements)
    content = f"  <{name}Success>\n{lines}  </{name}Success>"
    return _respond(content, call.camera.quirks.export or "1.1")


def _fail(code: int, description: str) -> Answer:
    return _respond(
        f"  <GeneralError>\n    <ErrorCode>{code}</ErrorCode>\n"
        f"    <ErrorDescription>{escape(description)}</ErrorDescription>\n  </GeneralError>"
    )


def export_error(message: str) -> Answer:
    """Answer with an error; a message may begin with its code, as in `110 Recording not found`."""
    match = re.fullmatch(r"(\d+) ?(.*)", message)
    if match is None:
        return _fail(ErrorCode.PROCESSING, message)
    return _fail(int(match[1]), match[2])


def _refuse(call: Call, error: RefusedError) -> Answer:
    is_gone = error.code is ErrorCode.RECORDING_NOT_FOUND
    if is_gone and call.camera.quirks.unknown_recording == "not_found":
        return not_found()
    return _fail(error.code, error.code.description)


def schema_versions(call: Call) -> Answer:
    """Answer schemaversions.cgi."""
    version = (
        f"<SchemaVersion><VersionNumber>{call.camera.quirks.export}</VersionNumber>"
        "<Deprecated>false</Deprecated></SchemaVersion>"
    )
    return _succeed(call, "SchemaVersions", version)


def capabilities(call: Call) -> Answer:
    """Answer capabilities.cgi."""
    try:
        _require(call)
    except RefusedError as error:
        return _refuse(call, error)
    elements = (
        element("ExportCapabilities", {"ExportFormat": name})
        for name in call.camera.quirks.export_formats
    )
    return _succeed(call, "Capabilities", *elements)


def properties(call: Call) -> Answer:
    """Answer properties.cgi."""
    try:
        _require(call, "recordingid", "diskid")
        wish = _read(call, strict=True)
    except RefusedError as error:
        return _refuse(call, error)
    camera, timeline = call.camera, wish.coded_video.timeline
    export = _export(call, wish)
    stop = call.arguments.get("stoptime")
    end = read_time(stop, camera) if stop is not None else _end(camera, wish.recording)
    estimate = -(-export.estimated_size // 1024)
    known = camera.quirks.export_size == "estimated"
    values = {
        "RecordingId": wish.recording.recording_id,
        "ExportFormat": wish.format_name,
        "EstimatedFileSize": str(estimate if known else -1),
        "Starttime": _write_time(timeline.stamp(wish.first), camera.quirks),
        "Stoptime": _write_time(min(end, _end(camera, wish.recording)), camera.quirks),
    }
    return _succeed(call, "Properties", element("ExportProperties", values))


def export_recording(call: Call) -> Answer:
    """Answer exportrecording.cgi with the file, whatever part of it is asked for by `Range`."""
    camera = call.camera
    limit = camera.quirks.export_limit
    try:
        _require(call, "recordingid", "diskid", "exportformat")
        if "password" in call.arguments:
            return _fail(ErrorCode.PROCESSING, "Encryption is not simulated")
        wish = _read(call, strict=camera.quirks.export_outside == "error")
    except RefusedError as error:
        return _refuse(call, error)
    if limit is not None and len(camera.exports) >= limit:
        if camera.quirks.export_busy == "unavailable":
            return unavailable()
        return _fail(ErrorCode.PROCESSING, "Too many exports")
    export = _export(call, wish)
    name = call.arguments.get("filename") or _file_name(export)
    # A line end would begin a new header.
    name = re.sub(r'[\x00-\x1f\x7f"\\]', "_", name)
    disposition = f'attachment; filename="{name}.{wish.file_format.ending}"'
    return Answer(
        export,
        wish.file_format.content_type,
        headers=(("Content-Disposition", disposition),),
    )


def _export(call: Call, wish: Wish) -> Export:
    return Export(
        wish.recording,
        wish.coded_video,
        wish.file_format,
        wish.first,
        wish.last,
        user=call.user,
    )


def _require(call: Call, *names: str) -> None:
    """Check the version and that arguments are given."""
    version = call.arguments.get("schemaversion", "")
    if not re.fullmatch(r"\d+(\.\d+)?", version):
        raise RefusedError(ErrorCode.INVALID_REQUEST)
    if version != MAJOR:
        raise RefusedError(ErrorCode.VERSION_NOT_SUPPORTED)
    if not all(call.arguments.get(name) for name in names):
        raise RefusedError(ErrorCode.INVALID_REQUEST)
    if "encryptionformat" in call.arguments and "password" not in call.arguments:
        raise RefusedError(ErrorCode.PASSWORD_NOT_SET)


def _read(call: Call, *, strict: bool) -> Wish:
    """Find what is asked for; times outside the recording are errors if `strict`."""
    camera, arguments = call.camera, call.arguments
    recording = camera.recordings.find(arguments["recordingid"])
    if (
        recording is None
        or recording.disk_id != arguments["diskid"]
        or recording.disk_id not in camera.attached_disks
    ):
        raise RefusedError(ErrorCode.RECORDING_NOT_FOUND)
    start = _time(call, "starttime", ErrorCode.INVALID_START)
    stop = _time(call, "stoptime", ErrorCode.INVALID_STOP)
    _check_order(recording, _end(camera, recording), start, stop, strict=strict)
    coded_video = coded_video_of(recording, camera)
    name = arguments.get("exportformat", "matroska")
    if name not in camera.quirks.export_formats:
        raise RefusedError(ErrorCode.INVALID_FORMAT)
    file_format = MP4S[camera.quirks.export_mp4] if name == "mp4" else MATROSKA
    if coded_video.mimetype in file_format.excluded:
        raise RefusedError(ErrorCode.FORMAT_DOES_NOT_FIT)
    first, last = cut(
        coded_video,
        recording,
        camera.clock.now(),
        start=start,
        stop=stop,
        resolution=_resolution(camera.quirks),
    )
    return Wish(recording, coded_video, name, file_format, first, last)


def _check_order(
    recording: Recording,
    end: datetime,
    start: datetime | None,
    stop: datetime | None,
    *,
    strict: bool,
) -> None:
    if start is not None and stop is not None and start > stop:
        raise RefusedError(ErrorCode.START_AFTER_STOP)
    if strict and start is not None and start > end:
        raise RefusedError(ErrorCode.START_AFTER_END)
    if strict and stop is not None and stop < recording.start:
        raise RefusedError(ErrorCode.STOP_BEFORE_START)


def _time(call: Call, name: str, code: ErrorCode) -> datetime | None:
    text = call.arguments.get(name)
    if text is None:
        return None
    try:
        return read_time(text, call.camera)
    except BadTimeError as error:
        raise RefusedError(code) from error


def _end(camera: Camera, recording: Recording) -> datetime:
    """Give the end of a recording, which of an ongoing one is now."""
    return recording.stop or camera.clock.now()


def _resolution(quirks: Quirks) -> timedelta:
    return timedelta(microseconds=10 ** (6 - quirks.fraction_digits))


def _write_time(moment: datetime, quirks: Quirks) -> str:
    digits = quirks.fraction_digits
    reported = truncate(moment, _resolution(quirks)).isoformat(timespec="microseconds")
    return f"{reported[: WHOLE_SECONDS + (digits + 1 if digits else 0)]}Z"


def _file_name(export: Export) -> str:
    """Name a file as the examples of the documentation do, with ten digits of time."""
    first, last = (
        f"{moment:%Y%m%d_%H%M%S}{moment.microsecond // 100:04}"
        for moment in (export.start, export.stop)
    )
    return f"{first}_{last}"


def _available(quirks: Quirks) -> bool:
    return quirks.export is not None


ROUTES = {
    f"record/export/{name}.cgi": Route(
        handler, export_error, Level.VIEWER, available=_available
    )
    for name, handler in (
        ("schemaversions", schema_versions),
        ("capabilities", capabilities),
        ("properties", properties),
        ("exportrecording", export_recording),
    )
}
APIS = (Api("recording-export", "1.1", "Recording Export"),)
