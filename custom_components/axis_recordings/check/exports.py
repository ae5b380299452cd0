"""How a camera exports recordings."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from ..vapix.exports import CAPABILITIES_CGI, EXPORT_CGI, PROPERTIES_CGI
from ..vapix.recordings import LIST_CGI
from ..vapix.times import format_time, is_usable, parse_time
from .inspector import (
    NOT_FOUND,
    Inspector,
    OpenQuestionError,
    Reason,
    Seen,
    is_refusal,
)
from .lists import NO_RECORDING, recordings_of
from .shapes import describe_media_type, describe_version, describe_word

if TYPE_CHECKING:
    from datetime import datetime


VERSIONS_CGI: Final = "/axis-cgi/record/export/schemaversions.cgi"
_VERSION: Final = {"schemaversion": "1"}
# Short, as the camera keeps an account of what is exported, and others wait.
_PART: Final = timedelta(seconds=2)
# How long to wait until nobody else exports.
TURN_SECONDS: Final = 20.0
_LATER: Final = timedelta(hours=1)
# Enough for the head of a file.
_HEAD: Final = 16 * 1024
_BOX: Final = 8
_EBML: Final = b"\x1a\x45\xdf\xa3"
# Matroska: the element Duration, a float of 4 or 8 bytes.
_DURATIONS: Final = (b"\x44\x89\x84", b"\x44\x89\x88")


async def check_exports(ask: Inspector) -> None:
    """Find out what is exported, and how."""
    report = ask.report
    versions = await ask.get("export versions", VERSIONS_CGI)
    if versions.status == NOT_FOUND:
        report.find("export", None)
        raise OpenQuestionError(Reason.NEEDS_THE_EXPORT_API)
    version = _inner(versions, "SchemaVersionsSuccess", "SchemaVersion")
    report.find("export", describe_version(version.get("VersionNumber")) or "unknown")
    formats = await ask.get("export formats", CAPABILITIES_CGI, _VERSION)
    names = _formats(formats)
    report.find("export_formats", ", ".join(names) or None)
    wanted, start = await _find_part(ask)
    async with AsyncExitStack() as stack:
        try:
            async with asyncio.timeout(TURN_SECONDS):
                await stack.enter_async_context(ask.export_turn())
        except TimeoutError as err:
            raise OpenQuestionError(Reason.SOMEBODY_IS_WATCHING) from err
        await _check_file(ask, wanted, start, names[0] if names else "matroska")


async def _find_part(ask: Inspector) -> tuple[dict[str, str], datetime]:
    """Return the arguments of an ended recording, and when it begins."""
    newest = await ask.get(
        "the newest recordings",
        LIST_CGI,
        {"recordingid": "all", "maxnumberofresults": "20"},
    )
    for each in recordings_of(newest):
        start, stop = (
            parse_time(str(each.get(f"@{name}time"))) for name in ("start", "stop")
        )
        ended = str(each.get("@recordingstatus")).lower() == "completed"
        if ended and start and stop and is_usable(start) and stop - start >= _PART:
            wanted = {
                "recordingid": str(each["@recordingid"]),
                "diskid": str(each.get("@diskid")),
            }
            return _VERSION | wanted, start
    raise OpenQuestionError(Reason.NEEDS_AN_ENDED_RECORDING)


async def _check_file(
    ask: Inspector, wanted: dict[str, str], start: datetime, file_format: str
) -> None:
    report = ask.report
    window = _window(start)
    properties = await ask.get(
        "export properties",
        PROPERTIES_CGI,
        wanted | window | {"exportformat": file_format},
    )
    stated = _inner(properties, "PropertiesSuccess", "ExportProperties")
    size = str(stated.get("@EstimatedFileSize", ""))
    report.find("export_size", "estimated" if size.isdigit() else "unknown")
    wanted |= {"exportformat": file_format}
    file = await _export(ask, "an export", wanted | window)
    report.find("export_framing", _framing(file))
    report.find(
        "export_range", describe_word(file.headers.get("Accept-Ranges", "none"))
    )
    report.find("export_content_type", describe_media_type(file.headers))
    report.find("seconds_to_export", round(file.seconds, 1))
    if file.body.startswith(_EBML):
        has_duration = any(each in file.body[:4096] for each in _DURATIONS)
        report.find("export_duration", has_duration)
    elif layout := _mp4_layout(file.body):
        report.find("export_mp4", layout)
    outside = await _export(
        ask, "an export outside", wanted | _window(start + 100 * _LATER)
    )
    report.find("export_outside", "error" if is_refusal(outside) else "clamped")
    unknown = await _export(
        ask, "an export of nothing", wanted | window | {"recordingid": NO_RECORDING}
    )
    report.find(
        "export_unknown",
        "error" if is_refusal(unknown) else f"status {unknown.status}",
    )
    await _check_two(ask, wanted | window)


async def _check_two(ask: Inspector, wanted: dict[str, str]) -> None:
    """Find out whether the camera exports twice at the same time."""
    async with ask.http.stream(EXPORT_CGI, wanted):
        second = await _export(ask, "a second export", wanted)
    if is_refusal(second):
        report = "error"
    else:
        report = "two" if second.status < 300 else f"status {second.status}"  # noqa: PLR2004
    ask.report.find("export_parallel", report)


async def _export(ask: Inspector, name: str, wanted: dict[str, str]) -> Seen:
    return await ask.get(name, EXPORT_CGI, wanted, limit=_HEAD)


def _mp4_layout(head: bytes) -> str | None:
    """Return where the index of an MP4 is, by its outermost boxes (ISO 14496-12)."""
    position = 0
    while position + _BOX <= len(head):
        kind = head[position + 4 : position + _BOX]
        size = int.from_bytes(head[position : position + 4])
        if kind == b"mdat":
            return "index_last"
        if kind == b"moov":
            # Fragments are announced at the end of the index.
            content = head[position : position + size]
            return "fragmented" if b"mvex" in content else "index_first"
        if size < _BOX:
            return None
        position += size
    return None


def _window(start: datetime) -> dict[str, str]:
    return {"starttime": format_time(start), "stoptime": format_time(start + _PART)}


def _framing(answer: Seen) -> str:
    if "Content-Length" in answer.headers:
        return "length"
    chunked = answer.headers.get("Transfer-Encoding", "").lower() == "chunked"
    return "chunked" if chunked else "close"


def _formats(answer: Seen) -> list[str]:
    success = answer.root.get("CapabilitiesSuccess")
    listed = success.get("ExportCapabilities", []) if isinstance(success, dict) else []
    listed = listed if isinstance(listed, list) else [listed]
    return [
        describe_word(str(each.get("@ExportFormat", "")))
        for each in listed
        if isinstance(each, dict)
    ]


def _inner(answer: Seen, outer: str, name: str) -> dict[str, Any]:
    element = answer.root.get(outer)
    found = element.get(name) if isinstance(element, dict) else None
    found = found[0] if isinstance(found, list) and found else found
    return found if isinstance(found, dict) else {}
