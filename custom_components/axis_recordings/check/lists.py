"""How list.cgi counts, filters and writes."""

from datetime import timedelta
import re
from typing import TYPE_CHECKING, Any, Final

from ..vapix.recordings import LIST_CGI
from ..vapix.times import format_time, is_usable, parse_http_date, parse_time
from .inspector import (
    NOT_FOUND,
    Inspector,
    OpenQuestionError,
    Reason,
    Seen,
    is_good,
    is_refusal,
)
from .shapes import describe_media_type

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


# Names that no camera gives.
NO_RECORDING: Final = "20000101_000000_0000_000000000000"
NO_CONTENT: Final = 204
NO_DISK: Final = "NO_SUCH_DISK"
_PAGE: Final = 20
# More than any page that is asked for otherwise.
_LONG_PAGE: Final = 1000
# Up to so many recordings, all are asked for at once, to see whether all come.
_FEW: Final = 500
_FAR: Final = timedelta(days=400)
_FRACTION: Final = re.compile(r"T\d\d:\d\d:\d\d(?:\.(\d+))?")

type Element = dict[str, Any]


async def check_numbers(ask: Inspector) -> None:
    """Find out whether results are counted from 0 or 1, and how many come at once."""
    report = ask.report
    pages = [
        await _list(
            ask, f"result {number}", {"startatresultnumber": str(number)}, most=1
        )
        for number in (0, 1)
    ]
    zero, one = (_ids(recordings_of(page)) for page in pages)
    matches = _counter(pages[0], "numberofrecordings")
    if zero and one:
        if zero != one:
            report.find("first_result_number", 0)
        elif matches != 1:
            report.find("first_result_number", 1)
    if matches is not None and zero:
        # VAPIX: how many match, not how many come.
        report.find(
            "number_counts_matches", matches > len(zero) if matches != 1 else None
        )
    if not matches or matches == 1:
        raise OpenQuestionError(Reason.NEEDS_TWO_RECORDINGS)
    long = await _list(ask, "a long page", {}, most=_LONG_PAGE)
    report.find("seconds_to_list_a_long_page", round(long.seconds, 1))
    count = len(recordings_of(long))
    if count < min(matches, _LONG_PAGE):
        report.find("page_limit", count)
    elif matches >= _LONG_PAGE:
        report.find("page_limit", f"at least {count}")
    elif count == matches:
        report.find("page_limit", None)
    if matches <= _FEW:
        answer = await _list(ask, "a list of all", {}, most=None)
        count = len(recordings_of(answer))
        report.find("default_limit", None if count == matches else count)


async def check_form(ask: Inspector) -> None:
    """Find out how recordings are written."""
    report = ask.report
    answer = await _list(ask, "the newest recordings", {}, most=_PAGE)
    recordings = recordings_of(answer)
    report.leave_open(
        Reason.NEEDS_AN_ONGOING_RECORDING, "ongoing_stop", "ongoing_in_window"
    )
    if not recordings:
        raise OpenQuestionError(Reason.NEEDS_A_RECORDING)
    report.find("fraction_digits", max(map(_fraction_digits, recordings)))
    for name in ("source", "locked"):
        report.find(f"{name}_attribute", any(f"@{name}" in each for each in recordings))
    video, audio = (
        [track for each in recordings for track in _tracks(each, kind)]
        for kind in ("video", "audio")
    )
    report.find("video_source", any("@source" in track for track in video))
    report.find("audio", bool(audio))
    for kind, tracks in (("video", video), ("audio", audio)):
        types = {
            describe_media_type({"Content-Type": str(track.get("@mimetype", ""))})
            for track in tracks
        }
        report.find(f"{kind}_types", ", ".join(sorted(filter(None, types))) or None)
    await check_ongoing(ask, answer)


async def check_ongoing(ask: Inspector, answer: Seen) -> None:
    """Find out how what goes on is listed, if something does."""
    ongoing = [each for each in recordings_of(answer) if _is_ongoing(each)]
    if not ongoing:
        return
    stop = ongoing[0].get("@stoptime")
    ask.report.find(
        "ongoing_stop", "absent" if stop is None else "time" if stop else "empty"
    )
    begun = [parse_time(str(each.get("@starttime"))) for each in ongoing]
    now = _time(answer)
    since = now and now - timedelta(seconds=2)
    if since is None or not all(start and start < since for start in begun):
        return
    # Later than all of them began, so that only their going on can match.
    window = await _list(
        ask, "a window on what goes on", {"starttime": format_time(since)}, most=_PAGE
    )
    found = _ids(recordings_of(window))
    ask.report.find("ongoing_in_window", _ids(ongoing) <= found)


async def check_filters(ask: Inspector) -> None:
    """Find out what the arguments of list.cgi do, one by one."""
    report = ask.report
    newest = await _list(ask, "the newest recordings", {}, most=_PAGE)
    now = _time(newest)
    if now is None:
        raise OpenQuestionError(Reason.NEEDS_THE_CAMERAS_TIME)
    nothing = await _list(
        ask, "an empty list", {"starttime": format_time(now + _FAR)}, most=1
    )
    if recordings_of(newest):
        report.find("time_filter", not recordings_of(nothing))
    if not recordings_of(nothing):
        report.find("empty_list", _empty_form(nothing))
    unfiltered = await ask.get(
        "a list without criteria", LIST_CGI, {"maxnumberofresults": "1"}
    )
    report.find("list_without_criteria", _kind_of(unfiltered))
    unknown = await _list(
        ask, "an unknown recording", {"recordingid": NO_RECORDING}, most=1
    )
    report.find("unknown_recording", _kind_of(unknown))
    disk = await _list(ask, "an unknown disk", {"diskid": NO_DISK}, most=1)
    report.find("missing_disk", _kind_of(disk))
    if not recordings_of(newest):
        raise OpenQuestionError(Reason.NEEDS_A_RECORDING)
    await _check_bare_times(ask, recordings_of(newest))


async def _check_bare_times(ask: Inspector, recordings: list[Element]) -> None:
    """Find out how a time without a zone is taken: it lies between two readings of it."""
    ended = [each for each in recordings if not _is_ongoing(each)]
    stop = parse_time(str(ended[0].get("@stoptime"))) if ended else None
    offset = _offset(ended[0]) if ended else None
    if (
        stop is None
        or not is_usable(stop)
        or not offset
        or any(map(_is_ongoing, recordings))
    ):
        raise OpenQuestionError(Reason.NEEDS_ENDED_RECORDINGS_AND_A_ZONE_OTHER_THAN_UTC)
    # Read as UTC it is before the end of the newest recording, and read as local time after it, or the
    # other way round.
    moment = (
        stop - timedelta(minutes=1)
        if offset < timedelta(0)
        else stop + timedelta(minutes=1)
    )
    bare = format_time(moment).removesuffix("Z")
    matches = {}
    for name, written in (
        ("utc", f"{bare}Z"),
        ("bare", bare),
        ("local", format_time(moment - offset)),
    ):
        page = await _list(ask, f"times as {name}", {"starttime": written}, most=_PAGE)
        matches[name] = _ids(recordings_of(page))
    if matches["utc"] == matches["local"]:
        raise OpenQuestionError(Reason.NEEDS_ANOTHER_RECORDING)
    kinds = [kind for kind in ("utc", "local") if matches[kind] == matches["bare"]]
    ask.report.find("bare_times", kinds[0] if kinds else "unknown")


async def check_names(ask: Inspector) -> None:
    """Find out how names of events are listed."""
    answer = await ask.get("event ids", LIST_CGI, {"listentity": "eventid"})
    names = answer.root.get("eventids")
    listed = names.get("eventid") if isinstance(names, dict) else None
    if not listed:
        raise OpenQuestionError(Reason.NEEDS_A_RECORDING)
    # What reads the rest takes the blanks away.
    ask.report.find("spaced_values", bool(re.search(rb"<eventid>\s+\S", answer.body)))


def recordings_of(answer: Seen) -> list[Element]:
    """Return the elements of a list; none if it is none."""
    listed = answer.root.get("recordings")
    found = listed.get("recording", []) if isinstance(listed, dict) else []
    return [
        each for each in found if isinstance(each, dict) and each.get("@recordingid")
    ]


async def _list(
    ask: Inspector, name: str, arguments: Mapping[str, str], *, most: int | None
) -> Seen:
    limit = {} if most is None else {"maxnumberofresults": str(most)}
    criteria = {} if "starttime" in arguments else {"recordingid": "all"}
    return await ask.get(name, LIST_CGI, criteria | limit | dict(arguments))


def _kind_of(answer: Seen) -> str:
    """Return what came instead of recordings, in the words of the questions."""
    if answer.status == NOT_FOUND:
        return "not_found"
    if answer.status == NO_CONTENT:
        return "no_content"
    if is_refusal(answer):
        return "error"
    if not answer.body.strip():
        return "nothing"
    if not is_good(answer):
        return f"status {answer.status}"
    return "all" if recordings_of(answer) else "empty"


def _empty_form(answer: Seen) -> str:
    if not is_good(answer):
        return _kind_of(answer)
    root = answer.root
    if "recordings" not in root:
        return "childless"
    return "counters" if _counter(answer, "numberofrecordings") is not None else "bare"


def _counter(answer: Seen, name: str) -> int | None:
    listed = answer.root.get("recordings")
    value = str(listed.get(f"@{name}", "")) if isinstance(listed, dict) else ""
    return int(value) if re.fullmatch(r"\d{1,9}", value, re.ASCII) else None


def _ids(recordings: list[Element]) -> frozenset[tuple[str, str]]:
    return frozenset(
        (str(each.get("@diskid")), str(each["@recordingid"])) for each in recordings
    )


def _tracks(recording: Element, kind: str) -> list[Element]:
    tracks = recording.get(kind, [])
    return [track for track in tracks if isinstance(track, dict)]


def _is_ongoing(recording: Element) -> bool:
    return str(recording.get("@recordingstatus")).lower() == "recording"


def _fraction_digits(recording: Element) -> int:
    match = _FRACTION.search(str(recording.get("@starttime")))
    return len(match[1] or "") if match else 0


def _offset(recording: Element) -> timedelta | None:
    """Return how far local time is ahead of UTC, as a recording shows."""
    universal = parse_time(str(recording.get("@starttime")))
    local = parse_time(
        re.sub(r"([+-]\d\d:\d\d|Z)$", "Z", str(recording.get("@starttimelocal")))
    )
    if (
        universal is None
        or local is None
        or abs(local - universal) >= timedelta(days=1)
    ):
        return None
    return local - universal


def _time(answer: Seen) -> datetime | None:
    return parse_http_date(answer.headers.get("Date", ""))
