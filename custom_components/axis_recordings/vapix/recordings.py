"""The Recording API: arguments of its CGIs, and their answers as models."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from math import inf
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import quote, urlencode

from .bounds import (
    LONGEST_TEXT,
    MOST_EVENT_NAMES,
    MOST_LISTED,
    MOST_SOURCES,
    MOST_TRACKS,
    note_left_out,
)
from .errors import (
    ForbiddenError,
    NotSupportedError,
    RefusedError,
    UnexpectedAnswerError,
    UnnamedRecordingError,
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
    from collections.abc import Iterable, Mapping

    from .answers import Answer
    from .bounds import Bounds
    from .http import CameraHttp

LIST_CGI = "/axis-cgi/record/list.cgi"
START_CGI = "/axis-cgi/record/record.cgi"
STOP_CGI = "/axis-cgi/record/stop.cgi"
REMOVE_CGI = "/axis-cgi/record/remove.cgi"

# More are not read in the event loop, as each takes some 20 microseconds.
_FEW = 100
_ALL = (RecordingQuery(), RecordingQuery(recording_id="all"))
# A frame in a thousand seconds: no camera records fewer, and the lengths of segments come of it.
_LOWEST_FRAME_RATE = 0.001

type Entity = Literal["eventid", "source"]

_GROUPS: Final[dict[Entity, str]] = {"eventid": "eventids", "source": "sources"}
_MOST: Final[dict[Entity, int]] = {"eventid": MOST_EVENT_NAMES, "source": MOST_SOURCES}


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


async def fetch_names(http: CameraHttp, entity: Entity) -> tuple[str, ...]:
    """Ask list.cgi for all values of an attribute, each once.

    A camera that does not know ``listentity`` lists recordings instead, which is as good as nothing.
    """
    answer = await http.get(LIST_CGI, {"listentity": entity}, for_all=True)
    root = await parse_xml(answer.body, LIST_CGI)
    group = root.get(_GROUPS[entity])
    listed = group.get(entity) if isinstance(group, dict) else None
    elements = listed if isinstance(listed, list) else [listed]
    names = dict.fromkeys(filter(None, map(_name, elements)))
    kept = [name for name in names if len(name) <= LONGEST_TEXT]
    http.bounds.note(_GROUPS[entity], len(names) - len(kept))
    return http.bounds.first(_GROUPS[entity], kept, _MOST[entity])


async def start(http: CameraHttp, disk_id: str, options: Mapping[str, str]) -> str:
    """Start a recording and return its id. It goes on until it is stopped.

    UnnamedRecordingError if the answer is no refusal, and holds no id by which that could be done.
    """
    arguments = {"diskid": disk_id}
    if options:
        # VAPIX: the stream options are one argument, percent-encoded in themselves.
        arguments["options"] = urlencode(options, quote_via=quote)
    answer = await http.command(START_CGI, arguments)
    try:
        root = await parse_xml(answer.body, START_CGI)
        return _started(root.get("record"))
    except UnexpectedAnswerError as err:
        raise UnnamedRecordingError(str(err)) from err


def _started(record: Any) -> str:
    recording_id = (
        identifier(record, "@recordingid") if isinstance(record, dict) else ""
    )
    if not recording_id:
        message = f"{START_CGI} answered without a recording id"
        raise UnexpectedAnswerError(message)
    _check_single(recording_id)
    return recording_id


async def stop(http: CameraHttp, disk_id: str, recording_id: str) -> None:
    """Stop one recording. UnexpectedAnswerError if that is not what the id names."""
    _check_single(recording_id)
    arguments = {"diskid": disk_id, "recordingid": recording_id}
    answer = await _command_one(http, STOP_CGI, arguments)
    root = await parse_xml(answer.body, STOP_CGI)
    _expect_ok(root.get("stop"), STOP_CGI)


async def remove(http: CameraHttp, disk_id: str, recording_id: str) -> None:
    """Remove one recording forever.

    The camera ignores arguments that it does not know, and takes ``all``: so exactly one id is sent,
    with its disk, and everything else is an UnexpectedAnswerError: only a camera gives such ids.
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
        raise UnexpectedAnswerError(message)


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
        "stoptime": query.end and format_time(query.end),
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
    # It is not documented how an empty list is written: it may lack the counters or even itself.
    if listed is None and not is_empty(root) and "recordings" not in root:
        message = f"{LIST_CGI} answered without a list of recordings"
        raise UnexpectedAnswerError(message)
    listed = listed or {}
    if not isinstance(listed, dict):
        message = f"{LIST_CGI} answered with something else than recordings"
        raise UnexpectedAnswerError(message)
    elements = bounds.first("recordings", children(listed, "recording"), MOST_LISTED)
    if len(elements) > _FEW:
        recordings = await asyncio.to_thread(_parse_recordings, elements, bounds)
    else:
        recordings = _parse_recordings(elements, bounds)
    return RecordingPage(
        recordings=recordings,
        total=integer(listed, "@totalnumberofrecordings"),
        matches=integer(listed, "@numberofrecordings"),
        time=answer.time,
        monotonic=answer.monotonic,
    )


def _parse_recordings(
    elements: Iterable[dict[str, Any]], bounds: Bounds
) -> tuple[Recording, ...]:
    # A camera may name one recording twice; the first one counts.
    found: dict[tuple[str, str], Recording] = {}
    for element in elements:
        if recording := _parse_recording(element):
            found.setdefault(recording.key, recording)
        elif text(element, "@recordingid"):
            bounds.note("recordings", 1)
    return tuple(found.values())


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
        end=None if ongoing else parse_time(text(element, "@stoptime")),
        utc_offset=_utc_offset(text(element, "@starttimelocal")),
        status=status,
        type=_member(RecordingType, text(element, "@recordingtype")),
        event_id=text(element, "@eventid"),
        event_trigger=text(element, "@eventtrigger"),
        source=identifier(element, "@source", "sources") or None,
        locked=yes(element, "@locked"),
        video=tuple(
            VideoTrack(
                mime_type=text(track, "@mimetype") or None,
                width=integer(track, "@width"),
                height=integer(track, "@height"),
                frame_rate=_frame_rate(text(track, "@framerate")),
            )
            for track in _tracks(element, "video")
        ),
        audio=tuple(
            AudioTrack(
                mime_type=text(track, "@mimetype") or None,
                bit_rate=integer(track, "@bitrate"),
                sample_rate=integer(track, "@samplerate"),
            )
            for track in _tracks(element, "audio")
        ),
    )


def _tracks(element: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    found = children(element, kind)
    note_left_out("tracks", len(found) - MOST_TRACKS)
    return found[:MOST_TRACKS]


def _member[T: (RecordingStatus, RecordingType)](kind: type[T], word: str) -> T:
    try:
        return kind(word.lower())
    except ValueError:
        return kind.UNKNOWN


def _frame_rate(fraction: str) -> float | None:
    """Return frames per second from ``30:1`` (numerator and denominator) or ``30``, None if it makes no sense."""
    numerator, _, denominator = fraction.partition(":")
    try:
        rate = float(numerator) / float(denominator or 1)
    except ValueError, ZeroDivisionError:
        return None
    return rate if _LOWEST_FRAME_RATE <= rate < inf else None


def _utc_offset(local_time: str) -> timedelta | None:
    try:
        return datetime.fromisoformat(local_time).utcoffset()
    except ValueError:
        return None


def _name(element: Any) -> str:
    """Return the text of an element; Axis' own sample has blanks around it."""
    if isinstance(element, dict):
        element = element.get("#text")
    return str(element or "").strip()
