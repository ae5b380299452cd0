"""record/list.cgi (VAPIX: Edge storage API)."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http import HTTPStatus
from operator import attrgetter
import re
from typing import TYPE_CHECKING

from tests.camera.accounts import Level
from tests.camera.answers import Answer, html, in_chunks, not_found
from tests.camera.recordings import Audio, Recording, RecordingStore, Selection

from .route import Api, Call, Route
from .xml import CLOSING, attributes, element, escape, opening

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from tests.camera.camera import Camera

SCHEMA = "recording/list1.xsd"
WHOLE_SECONDS = len("2026-11-24T12:39:15")
WITH_MICROSECONDS = len("2026-11-24T12:39:15.000000")
CRITERIA = ("recordingid", "starttime", "stoptime")

_TIME = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)?",
)


class BadTimeError(ValueError):
    """A time that is none."""


def read_time(text: str, camera: Camera) -> datetime:
    """Read a time with a fraction or none; without a zone it is as the quirks say."""
    match = _TIME.fullmatch(text)
    if match is None:
        raise BadTimeError(text)
    whole, fraction, zone = match.groups()
    try:
        moment = datetime.fromisoformat(f"{whole}{(fraction or '')[:7]}{zone or ''}")
    except ValueError as error:
        raise BadTimeError(text) from error
    if zone is None:
        bare = camera.clock.zone if camera.quirks.bare_times == "local" else UTC
        moment = moment.replace(tzinfo=bare)
    return moment.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes recordings the way that one camera does."""

    camera: Camera
    now: datetime
    zone: ZoneInfo

    def times(self, name: str, moment: datetime) -> dict[str, str | None]:
        """Give a time in UTC, and in local time with its offset."""
        digits = self.camera.quirks.fraction_digits
        end = WHOLE_SECONDS + (digits + 1 if digits else 0)
        utc = moment.isoformat(timespec="microseconds")
        local = moment.astimezone(self.zone).isoformat(timespec="microseconds")
        return {
            name: f"{utc[:end]}Z",
            f"{name}local": f"{local[:end]}{local[WITH_MICROSECONDS:]}",
        }

    def stop(self, recording: Recording) -> dict[str, str | None]:
        """Give the stop time; of what is still going on it is as the quirks say."""
        if recording.recording_status == "recording":
            match self.camera.quirks.ongoing_stop:
                case "empty":
                    return {"stoptime": "", "stoptimelocal": ""}
                case "absent":
                    return {}
                case "time":
                    pass
        if (
            recording.recording_status == "unknown"
            and self.camera.quirks.unknown_stop == "empty"
        ):
            return {"stoptime": "", "stoptimelocal": ""}
        return self.times("stoptime", recording.stop or self.now)

    def recording(self, recording: Recording) -> str:
        """Write one recording, indented as a real camera does."""
        quirks = self.camera.quirks
        values = {
            "diskid": recording.disk_id,
            "recordingid": recording.recording_id,
            **self.times("starttime", recording.start),
            **self.stop(recording),
            "recordingtype": recording.recording_type,
            "eventid": recording.event_id,
            "eventtrigger": recording.event_trigger,
            "recordingstatus": recording.recording_status,
            "source": recording.source if quirks.source_attribute else None,
            "locked": ("Yes" if recording.locked else "No")
            if quirks.locked_attribute
            else None,
        }
        video = recording.video
        lines = [
            element(
                "video",
                {
                    "mimetype": video.mimetype,
                    "source": recording.source if quirks.video_source else None,
                    "width": str(video.width),
                    "height": str(video.height),
                    "framerate": video.framerate,
                    "resolution": f"{video.width}x{video.height}",
                },
            ),
        ]
        audio = recording.audio or (Audio() if quirks.audio else None)
        if audio is not None:
            lines.append(
                element(
                    "audio",
                    {
                        "mimetype": audio.mimetype,
                        "source": recording.source if quirks.video_source else None,
                        "bitrate": str(audio.bitrate),
                        "samplerate": str(audio.samplerate),
                    },
                ),
            )
        media = "".join(f"\t\t\t{line}\n" for line in lines)
        return f"\t\t<recording{attributes(values)}>\n{media}\t\t</recording>\n"


def list_recordings(call: Call) -> Answer:
    """Answer record/list.cgi."""
    camera = call.camera
    disk_id = call.arguments.get("diskid")
    attached = camera.attached_disks
    if disk_id is not None and disk_id not in attached:
        match camera.quirks.missing_disk:
            case "error":
                return list_error(f"Disk {disk_id} not found")
            case "not_found":
                return not_found()
            case "empty":
                pass
    disk_ids = attached if disk_id is None else attached & {disk_id}
    match call.arguments.get("listentity"):
        case "eventid":
            return _list_values(call, "eventid", camera.recordings.event_ids(disk_ids))
        case "source":
            return _list_values(call, "source", camera.recordings.sources(disk_ids))
        case _:
            return _list_selected(call, disk_ids)


def _list_values(call: Call, name: str, values: list[str]) -> Answer:
    space = " " if call.camera.quirks.spaced_values else ""
    lines = "".join(
        f"\t\t<{name}>{space}{escape(value)}{space}</{name}>\n" for value in values
    )
    return Answer(
        f"{opening(SCHEMA)}\t<{name}s>\n{lines}\t</{name}s>\n{CLOSING}".encode(),
    )


def _list_selected(call: Call, disk_ids: set[str]) -> Answer:
    camera, arguments = call.camera, call.arguments
    shown = shown_of(camera, disk_ids)
    total = shown.number(Selection(disk_ids=disk_ids)) + camera.miscount
    if not any(name in arguments for name in CRITERIA):
        match camera.quirks.list_without_criteria:
            case "error":
                return list_error("Missing argument")
            case "empty":
                return _document(call, total, 0, iter(()))
            case "all":
                pass
    try:
        selection = _selection(call, disk_ids)
    except BadTimeError:
        return _document(call, total, 0, iter(()))
    if (
        selection.recording_id is not None
        and not camera.recordings.number(selection)
        and (unknown := _unknown(camera))
    ):
        return unknown
    first = camera.quirks.first_result_number
    asked = _number(arguments.get("maxnumberofresults"))
    limits = (
        camera.quirks.default_limit if asked is None else asked,
        camera.quirks.page_limit,
    )
    page = shown.select(
        selection,
        newest_first=arguments.get("sortorder") != "ascending",
        offset=max(0, (_number(arguments.get("startatresultnumber")) or first) - first),
        limit=min((limit for limit in limits if limit is not None), default=None),
    )
    if camera.unsorted:
        page = iter(sorted(page, key=attrgetter("disk_id", "recording_id")))
    return _document(call, total, shown.number(selection), page)


def shown_of(camera: Camera, disk_ids: set[str]) -> RecordingStore:
    """Return what the camera lists, which is not all while it reads its disks anew."""
    if camera.readable_part >= 1:
        return camera.recordings
    everything = list(
        camera.recordings.select(Selection(disk_ids=disk_ids), newest_first=False)
    )
    count = int(len(everything) * camera.readable_part)
    return camera.recordings.only(everything[:count])


def _unknown(camera: Camera) -> Answer | None:
    """Answer for an id that is unknown; None is an empty list."""
    match camera.quirks.unknown_recording:
        case "empty":
            return None
        case "error":
            return list_error("Recording not found")
        case "nothing":
            return Answer()
        case "no_content":
            return Answer(status=HTTPStatus.NO_CONTENT)
        case status:
            return html("No such recording.", HTTPStatus[status.upper()])


def _selection(call: Call, disk_ids: set[str]) -> Selection:
    camera, arguments = call.camera, call.arguments
    recording_id = arguments.get("recordingid", "all")
    selection = Selection(
        disk_ids=disk_ids,
        recording_id=None if recording_id == "all" else recording_id,
        event_id=arguments.get("eventid"),
        source=arguments.get("source"),
        open_in_window=camera.quirks.ongoing_in_window,
    )
    if not camera.quirks.time_filter:
        return selection
    start, stop = arguments.get("starttime"), arguments.get("stoptime")
    return replace(
        selection,
        start=None if start is None else read_time(start, camera),
        stop=None if stop is None else read_time(stop, camera),
    )


def _number(text: str | None) -> int | None:
    return (
        int(text) if text is not None and re.fullmatch(r"[0-9]{1,18}", text) else None
    )


def _document(call: Call, total: int, number: int, page: Iterator[Recording]) -> Answer:
    first = next(page, None)
    shape = call.camera.quirks.empty_list
    if first is None and number == 0 and shape != "counters":
        content = "\t<recordings/>\n" if shape == "bare" else ""
        return Answer(f"{opening(SCHEMA)}{content}{CLOSING}".encode())
    writer = Writer(call.camera, call.camera.clock.now(), call.camera.clock.zone)

    def pieces() -> Iterator[str]:
        counters = {
            "totalnumberofrecordings": str(total),
            "numberofrecordings": str(number),
        }
        yield f"{opening(SCHEMA)}\t<recordings{attributes(counters)}>\n"
        if first is not None:
            yield writer.recording(first)
        yield from map(writer.recording, page)
        yield f"\t</recordings>\n{CLOSING}"

    return Answer(in_chunks(pieces()))


def list_error(message: str) -> Answer:
    """Answer with an error; none is documented, so the shape is that of the other CGIs."""
    error = element("recordings", {"result": "ERROR", "errormsg": message})
    return Answer(f"{opening(SCHEMA)}\t{error}\n{CLOSING}".encode())


ROUTES = {
    "record/list.cgi": Route(
        list_recordings,
        list_error,
        Level.VIEWER,
        methods=frozenset({"GET", "POST"}),
    ),
}
APIS = (Api("recording", "1.0", "Recording"),)
