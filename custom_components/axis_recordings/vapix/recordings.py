"""The Recording API: arguments of its CGIs, and their answers as models."""

from dataclasses import replace
from datetime import datetime, timedelta
from math import isfinite
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from .errors import (
    ForbiddenError,
    NotSupportedError,
    RefusedError,
    UnexpectedAnswerError,
)
from .models import (
    AudioTrack,
    Recording,
    RecordingPage,
    RecordingQuery,
    RecordingStatus,
    RecordingType,
    VideoTrack,
)
from .times import format_time, parse_time
from .values import identifier, integer, text, yes
from .xml import children, is_empty, parse_xml, raise_if_error

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .answers import Answer
    from .bounds import Bounds
    from .http import CameraHttp

LIST_CGI = "/axis-cgi/record/list.cgi"
START_CGI = "/axis-cgi/record/record.cgi"
STOP_CGI = "/axis-cgi/record/stop.cgi"
REMOVE_CGI = "/axis-cgi/record/remove.cgi"

_ALL = (RecordingQuery(), RecordingQuery(recording_id="all"))


async def fetch_page(
    http: CameraHttp, query: RecordingQuery, first: int | None = None
) -> RecordingPage:
    """Ask list.cgi for the recordings that match, from the given result number on.

    RefusedError, maybe in the camera's words, if it does not have the disk. What a camera answers where
    nothing matches is not documented: 404 was seen for an unknown id.
    """
    is_all = replace(query, limit=None, oldest_first=False) in _ALL
    try:
        answer = await _fetch_list(http, query, first)
    except UnexpectedAnswerError as err:
        if not is_all and _is_not_found(err):
            return await _fetch_empty_page(http, query)
        is_of_one = query.recording_id not in (None, "all")
        if is_of_one and err.status and err.status >= 500:  # noqa: PLR2004
            return await _fetch_again(http, query, err)
        raise
    if not (is_all or answer.body.strip()):
        return await _fetch_empty_page(http, query)
    page = await _parse_page(answer, http.bounds)
    if page.total is None and is_all and (page.recordings or first is None):
        total = page.matches if page.recordings else 0
        return replace(page, total=total)
    return page


def _is_not_found(err: UnexpectedAnswerError) -> bool:
    """Return whether a camera may mean that nothing matches: any refusal but that of the account."""
    if isinstance(err, ForbiddenError):
        return False
    is_refusal = err.status is not None and 400 <= err.status < 500  # noqa: PLR2004
    return is_refusal or isinstance(err, NotSupportedError)


async def _fetch_empty_page(http: CameraHttp, query: RecordingQuery) -> RecordingPage:
    """Return a page without recordings, once it is sure that the camera can list any."""
    page = await fetch_page(http, RecordingQuery(recording_id="all", limit=1))
    if query.disk_id is not None:
        message = f"The camera has no disk {query.disk_id}"
        raise RefusedError(message)
    return replace(page, recordings=(), matches=0)


async def _fetch_again(
    http: CameraHttp, query: RecordingQuery, failure: UnexpectedAnswerError
) -> RecordingPage:
    """Look up one recording once more after a failure, which by itself says nothing of the recording.

    Where it comes again, while the camera can look up another one, it is its way to say that there is none.
    """
    newest = await fetch_page(http, RecordingQuery(recording_id="all", limit=1))
    for other in newest.recordings:
        if other.recording_id == query.recording_id:
            raise failure
        await _fetch_list(http, replace(query, recording_id=other.recording_id))
    try:
        answer = await _fetch_list(http, query)
    except UnexpectedAnswerError as err:
        if err.status == failure.status:
            return replace(newest, recordings=(), matches=0)
        raise
    return await _parse_page(answer, http.bounds)


async def _fetch_list(
    http: CameraHttp, query: RecordingQuery, first: int | None = None
) -> Answer:
    return await http.get(LIST_CGI, _list_arguments(query, first), for_all=True)


async def start(http: CameraHttp, disk_id: str, options: Mapping[str, str]) -> str:
    """Start a recording and return its id. It goes on until it is stopped."""
    arguments = {"diskid": disk_id}
    if options:
        # VAPIX: the stream options are one argument, percent-encoded in themselves.
        arguments["options"] = urlencode(options, quote_via=quote)
    answer = await http.command(START_CGI, arguments)
    root = await parse_xml(answer.body, START_CGI)
    record = root.get("record")
    if not isinstance(record, dict) or not (
        recording_id := identifier(record, "@recordingid")
    ):
        message = f"{START_CGI} answered without a recording id"
        raise UnexpectedAnswerError(message)
    return recording_id


async def stop(http: CameraHttp, disk_id: str, recording_id: str) -> None:
    """Stop one recording."""
    _check_single(recording_id)
    arguments = {"diskid": disk_id, "recordingid": recording_id}
    answer = await _command_one(http, STOP_CGI, arguments)
    root = await parse_xml(answer.body, STOP_CGI)
    _expect_ok(root.get("stop"), STOP_CGI)


async def remove(http: CameraHttp, disk_id: str, recording_id: str) -> None:
    """Remove one recording for ever.

    The camera ignores arguments that it does not know, and takes ``all``: so exactly one id is sent,
    with its disk, and everything else is a ValueError.
    """
    _check_single(recording_id)
    arguments = {"recordingid": recording_id, "diskid": disk_id}
    answer = await _command_one(http, REMOVE_CGI, arguments)
    root = await parse_xml(answer.body, REMOVE_CGI)
    removed = children(root, "remove")
    if not removed:
        message = f"{REMOVE_CGI} answered without a result"
        raise UnexpectedAnswerError(message)
    for element in removed:
        _expect_ok(element, REMOVE_CGI)


async def _command_one(
    http: CameraHttp, path: str, arguments: Mapping[str, str]
) -> Answer:
    """Command something with a recording. RefusedError also where the camera does not know its id."""
    try:
        return await http.command(path, arguments)
    except NotSupportedError as err:
        message = f"{path} answered that there is no such recording"
        raise RefusedError(message) from err


def is_id(recording_id: str) -> bool:
    """Return whether this can name a recording: not ``all``, nothing empty."""
    return recording_id.lower() not in ("", "all", "*") and recording_id.isprintable()


def is_single_id(recording_id: str) -> bool:
    """Return whether this names one recording also where a camera takes a list: where it removes."""
    return is_id(recording_id) and not any(char in ", *" for char in recording_id)


def _check_single(recording_id: str) -> None:
    if not is_single_id(recording_id):
        message = f"Not the id of one recording: {recording_id!r}"
        raise ValueError(message)


def _expect_ok(element: Any, path: str) -> None:
    if not isinstance(element, dict):
        message = f"{path} answered without a result"
        raise UnexpectedAnswerError(message)
    raise_if_error(element, path)
    if str(element.get("@result", "")).upper() != "OK":
        message = f"{path} answered with an unknown result"
        raise UnexpectedAnswerError(message)


def _list_arguments(query: RecordingQuery, first: int | None) -> dict[str, str]:
    values = {
        "recordingid": query.recording_id,
        "starttime": query.start and format_time(query.start),
        "stoptime": query.stop and format_time(query.stop),
        "eventid": query.event_id,
        "diskid": query.disk_id,
        "source": query.source,
        "sortorder": "ascending" if query.oldest_first else "descending",
        "maxnumberofresults": query.limit,
        "startatresultnumber": first,
    }
    arguments = {key: str(value) for key, value in values.items() if value is not None}
    # VAPIX: one of the three is required.
    if not arguments.keys() & {"recordingid", "starttime", "stoptime"}:
        arguments["recordingid"] = "all"
    return arguments


async def _parse_page(answer: Answer, bounds: Bounds) -> RecordingPage:
    root = await parse_xml(answer.body, LIST_CGI)
    listed = root.get("recordings")
    # It is not documented what an empty list looks like: it may lack the counters or even itself.
    if listed is None and not is_empty(root) and "recordings" not in root:
        message = f"{LIST_CGI} answered without a list of recordings"
        raise UnexpectedAnswerError(message)
    listed = listed or {}
    if not isinstance(listed, dict):
        message = f"{LIST_CGI} answered with something else than recordings"
        raise UnexpectedAnswerError(message)
    # A camera may name one recording twice; the first one counts.
    found: dict[tuple[str, str], Recording] = {}
    for element in children(listed, "recording"):
        if recording := _parse_recording(element):
            found.setdefault(recording.key, recording)
        elif text(element, "@recordingid"):
            bounds.note("recordings", 1)
    return RecordingPage(
        recordings=tuple(found.values()),
        total=integer(listed, "@totalnumberofrecordings"),
        matches=integer(listed, "@numberofrecordings"),
        time=answer.time,
        monotonic=answer.monotonic,
    )


def _parse_recording(element: dict[str, Any]) -> Recording | None:
    """Return a recording, or None if it has no id that can be one: nothing can be done with it."""
    if not (recording_id := identifier(element, "@recordingid")):
        return None
    status = _member(RecordingStatus, text(element, "@recordingstatus"))
    ongoing = status is RecordingStatus.RECORDING
    return Recording(
        disk_id=identifier(element, "@diskid"),
        recording_id=recording_id,
        start=parse_time(text(element, "@starttime")),
        stop=None if ongoing else parse_time(text(element, "@stoptime")),
        utc_offset=_utc_offset(text(element, "@starttimelocal")),
        status=status,
        type=_member(RecordingType, text(element, "@recordingtype")),
        event_id=text(element, "@eventid"),
        event_trigger=text(element, "@eventtrigger"),
        source=identifier(element, "@source") or None,
        locked=yes(element, "@locked"),
        video=tuple(
            VideoTrack(
                mime_type=text(track, "@mimetype") or None,
                width=integer(track, "@width"),
                height=integer(track, "@height"),
                frame_rate=_frame_rate(text(track, "@framerate")),
            )
            for track in children(element, "video")
        ),
        audio=tuple(
            AudioTrack(
                mime_type=text(track, "@mimetype") or None,
                bit_rate=integer(track, "@bitrate"),
                sample_rate=integer(track, "@samplerate"),
            )
            for track in children(element, "audio")
        ),
    )


def _member[T: (RecordingStatus, RecordingType)](kind: type[T], word: str) -> T:
    try:
        return kind(word.lower())
    except ValueError:
        return kind.UNKNOWN


def _frame_rate(fraction: str) -> float | None:
    """Return frames per second from ``30:1`` (numerator and denominator) or ``30``."""
    numerator, _, denominator = fraction.partition(":")
    try:
        rate = float(numerator) / float(denominator or 1)
    except ValueError, ZeroDivisionError:
        return None
    return rate if isfinite(rate) else None


def _utc_offset(local_time: str) -> timedelta | None:
    try:
        return datetime.fromisoformat(local_time).utcoffset()
    except ValueError:
        return None
