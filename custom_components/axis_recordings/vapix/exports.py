"""The Export Recording API: parts of recordings as files (VAPIX: edge storage, from AXIS OS 5.60)."""

from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Final

from .errors import NotSupportedError, RefusedError, UnexpectedAnswerError
from .models import ExportProperties
from .times import format_time, parse_time
from .values import integer, text
from .xml import children, parse_xml

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Generator
    from datetime import datetime

    from .answers import Stream
    from .http import CameraHttp
    from .models import RecordingKey

CAPABILITIES_CGI: Final = "/axis-cgi/record/export/capabilities.cgi"
PROPERTIES_CGI: Final = "/axis-cgi/record/export/properties.cgi"
EXPORT_CGI: Final = "/axis-cgi/record/export/exportrecording.cgi"

MATROSKA: Final = "matroska"
MP4: Final = "mp4"

RECORDING_GONE: Final = 110
"""The number of the API's error for an unknown recording."""

_ROOT: Final = "ExportRecordingResponse"
# VAPIX: the major number.
_VERSION: Final = {"schemaversion": "1"}
_EBML: Final = b"\x1a\x45\xdf\xa3"
_FTYP: Final = b"ftyp"
_MAGIC_BYTES: Final = 8
_LONGEST_ERROR: Final = 64 * 1024


class Export:
    """A film as the camera sends it."""

    def __init__(self, stream: Stream, head: bytes, rest: AsyncIterator[bytes]) -> None:
        """Take what has come so far and what will."""
        self._head = head
        self._rest = rest
        self.format = MP4 if head[4:8] == _FTYP else MATROSKA
        self.content_type = stream.content_type

    async def chunks(self) -> AsyncIterator[bytes]:
        """Return the file, once. CameraConnectionError if it breaks off."""
        yield self._head
        async for chunk in self._rest:
            yield chunk


async def fetch_formats(http: CameraHttp) -> tuple[str, ...]:
    """Ask capabilities.cgi for the formats: matroska as a rule, mp4 on some newer cameras.

    NotSupportedError where there is no Export API.
    """
    answer = await http.get(CAPABILITIES_CGI, _VERSION)
    root = await parse_xml(answer.body, CAPABILITIES_CGI, _ROOT)
    formats = (
        text(element, "@ExportFormat").lower()
        for element in children(root.get("CapabilitiesSuccess"), "ExportCapabilities")
    )
    return tuple(filter(None, formats))


async def fetch_properties(
    http: CameraHttp,
    key: RecordingKey,
    start: datetime,
    stop: datetime | None,
    export_format: str | None = None,
) -> ExportProperties:
    """Ask properties.cgi where an export would begin (VAPIX: at the key frame before the wanted start).

    RefusedError with the camera's number and words, for example 110 if the recording is gone.
    """
    arguments = _arguments(key, start, stop)
    if export_format is not None:
        arguments["exportformat"] = export_format
    with _gone_if_not_found(key):
        answer = await http.get(PROPERTIES_CGI, arguments)
    root = await parse_xml(answer.body, PROPERTIES_CGI, _ROOT)
    success = root.get("PropertiesSuccess")
    element = success.get("ExportProperties") if isinstance(success, dict) else None
    if not isinstance(element, dict):
        message = f"{PROPERTIES_CGI} answered without properties"
        raise UnexpectedAnswerError(message)
    size = integer(element, "@EstimatedFileSize")
    begin = parse_time(text(element, "@Starttime")) or start
    return ExportProperties(
        start=begin,
        stop=parse_time(text(element, "@Stoptime")) or stop or begin,
        # VAPIX: in kilobytes, or -1.
        size=None if size is None else size * 1024,
    )


@asynccontextmanager
async def open_export(
    http: CameraHttp,
    key: RecordingKey,
    start: datetime,
    stop: datetime | None,
    export_format: str,
) -> AsyncGenerator[Export]:
    """Let exportrecording.cgi send a film; leaving the context makes the camera stop.

    Its errors come with status 200 like its films, so what comes is looked at before it is passed on:
    RefusedError with the camera's number and words, UnexpectedAnswerError if it is no film.
    """
    arguments = _arguments(key, start, stop) | {"exportformat": export_format}
    async with AsyncExitStack() as stack:
        with _gone_if_not_found(key):
            stream = await stack.enter_async_context(http.stream(EXPORT_CGI, arguments))
        chunks = stream.chunks()
        head = b""
        async for chunk in chunks:
            head += chunk
            if len(head) >= _MAGIC_BYTES:
                break
        # The content type tells little: errors are text/xml, but so might be anything that is wrong.
        if not head.startswith(_EBML) and head[4:8] != _FTYP:
            async for chunk in chunks:
                head += chunk
                if len(head) > _LONGEST_ERROR:
                    break
            if head.lstrip().startswith(b"<") and b"<html" not in head[:1024].lower():
                await parse_xml(head, EXPORT_CGI, _ROOT)
            message = f"{EXPORT_CGI} answered with something that is not a film"
            raise UnexpectedAnswerError(message)
        yield Export(stream, head, chunks)


@contextmanager
def _gone_if_not_found(key: RecordingKey) -> Generator[None]:
    """Say in the words of the API that there is no such recording, where a camera answers 404.

    Whether it has the API at all is known before anything is asked of one recording.
    """
    try:
        yield
    except NotSupportedError as err:
        message = f"The camera has no recording {key.recording_id}"
        raise RefusedError(message, RECORDING_GONE) from err


def _arguments(
    key: RecordingKey, start: datetime, stop: datetime | None
) -> dict[str, str]:
    arguments = _VERSION | {
        "recordingid": key.recording_id,
        "diskid": key.disk_id,
        "starttime": format_time(start),
    }
    if stop is not None:
        arguments["stoptime"] = format_time(stop)
    return arguments
