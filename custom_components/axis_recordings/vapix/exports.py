"""The Export Recording API: parts of recordings as files (VAPIX: edge storage, from AXIS OS 5.60)."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from .bounds import MOST_ERROR_BYTES
from .errors import (
    CameraTimeoutError,
    NotSupportedError,
    RefusedError,
    UnexpectedAnswerError,
)
from .http import BEGIN_SECONDS
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
FARTHEST_KEY_FRAME: Final = timedelta(days=1)
"""No export has to begin earlier than this before what is asked for: there may be no frame for hours."""
LATEST_END: Final = timedelta(minutes=1)
"""Nor to end later than this after it."""


class Export:
    """An export as the camera sends it."""

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


def _moved(time: datetime, by: timedelta) -> datetime:
    try:
        return time + by
    except OverflowError:
        return time


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
    end: datetime | None,
    export_format: str | None = None,
) -> ExportProperties:
    """Ask properties.cgi where an export would begin (VAPIX: at the key frame before the wanted start).

    RefusedError with the camera's number and words, for example 110 if the recording is gone.
    """
    arguments = _arguments(key, start, end)
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
    if begin < _moved(start, -FARTHEST_KEY_FRAME):
        # From there on, all frames are counted.
        message = f"{PROPERTIES_CGI} answered with another time than was asked for"
        raise UnexpectedAnswerError(message)
    begin = min(begin, end or begin)
    # What a camera says decides how large an export may be and how long it may take.
    stop = parse_time(text(element, "@Stoptime")) or end or begin
    return ExportProperties(
        start=begin,
        end=min(stop, _moved(end, LATEST_END)) if end else stop,
        # VAPIX: in kilobytes, or -1.
        size=None if size is None else size * 1024,
    )


@asynccontextmanager
async def open_export(
    http: CameraHttp,
    key: RecordingKey,
    start: datetime,
    end: datetime | None,
    export_format: str,
) -> AsyncGenerator[Export]:
    """Let exportrecording.cgi send a video; leaving the context makes the camera stop.

    Its errors come with status 200 like its videos, so what comes is checked before it is passed on:
    RefusedError with the camera's number and words, UnexpectedAnswerError if it is no video.
    """
    arguments = _arguments(key, start, end) | {"exportformat": export_format}
    async with AsyncExitStack() as stack:
        with _gone_if_not_found(key):
            stream = await stack.enter_async_context(http.stream(EXPORT_CGI, arguments))
        chunks = stream.chunks()
        try:
            async with asyncio.timeout(BEGIN_SECONDS):
                head = await _read_head(chunks)
        except TimeoutError as err:
            message = "The export did not begin in time"
            raise CameraTimeoutError(message, sent=True) from err
        yield Export(stream, head, chunks)


async def _read_head(chunks: AsyncIterator[bytes]) -> bytes:
    """Return how a video begins. Raises what the camera sends instead."""
    head = b""
    async for chunk in chunks:
        head += chunk
        if len(head) >= _MAGIC_BYTES:
            break
    # The content type says little: errors are text/xml, but so might be anything that is wrong.
    if not head.startswith(_EBML) and head[4:8] != _FTYP:
        async for chunk in chunks:
            head += chunk
            if len(head) > MOST_ERROR_BYTES:
                break
        if head.lstrip().startswith(b"<") and b"<html" not in head[:1024].lower():
            await parse_xml(head, EXPORT_CGI, _ROOT)
        message = f"{EXPORT_CGI} answered with something that is not a video"
        raise UnexpectedAnswerError(message)
    return head


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
    key: RecordingKey, start: datetime, end: datetime | None
) -> dict[str, str]:
    arguments = _VERSION | {
        "recordingid": key.recording_id,
        "diskid": key.disk_id,
        "starttime": format_time(start),
    }
    if end is not None:
        arguments["stoptime"] = format_time(end)
    return arguments
