"""record/record.cgi, stop.cgi and remove.cgi (VAPIX: Edge storage API)."""

from typing import TYPE_CHECKING

from tests.camera.accounts import Level
from tests.camera.answers import Answer, in_chunks, not_found
from tests.camera.errors import CameraError
from tests.camera.recordings import Recording, Selection

from .recording_list import BadTimeError, read_time, shown_of
from .route import Call, Route
from .xml import CLOSING, document, element, opening

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.camera.camera import Camera

WITHOUT_ID = ("beforetime", "eventid", "source")


def record(call: Call) -> Answer:
    """Answer record.cgi: start at once."""
    disk_id = call.arguments.get("diskid")
    if not disk_id:
        return record_error("Missing argument diskid")
    try:
        recording_id = call.camera.start_manual_recording(
            disk_id,
            call.arguments.get("options", ""),
            by=call.user,
        )
    except CameraError as error:
        return record_error(str(error))
    return _record({"recordingid": recording_id, "result": "OK"})


def _record(values: dict[str, str | None]) -> Answer:
    return Answer(
        document("recording/record1.xsd", element("record", values), encoding="utf-8")
    )


def record_error(message: str) -> Answer:
    """Answer with an error of record.cgi."""
    return _record({"result": "ERROR", "errormsg": message})


def stop(call: Call) -> Answer:
    """Answer stop.cgi; what is undocumented is as the quirks say."""
    camera = call.camera
    recording_id = call.arguments.get("recordingid")
    if not recording_id:
        return stop_error("Missing argument recordingid")
    recording = _listed(camera, recording_id)
    if recording is None or _is_unread(camera, recording):
        if camera.quirks.stop_unknown == "not_found":
            return not_found()
        if camera.quirks.stop_unknown == "error":
            return _stop_failed(recording_id, "Recording not found")
    elif recording.recording_status == "recording":
        camera.end_recording(recording_id, by=call.user)
    elif camera.quirks.stop_completed == "error":
        return _stop_failed(recording_id, "Recording is not active")
    return _stop({"recordingid": recording_id, "result": "OK"})


def _listed(camera: Camera, recording_id: str) -> Recording | None:
    recording = camera.recordings.find(recording_id)
    if recording is None or recording.disk_id not in camera.attached_disks:
        return None
    return recording


def _is_unread(camera: Camera, recording: Recording) -> bool:
    """Whether the camera does not know a recording yet, as it reads its disks anew."""
    return (
        camera.quirks.stop_unread == "unknown"
        and shown_of(camera, camera.attached_disks).find(recording.recording_id) is None
    )


def _stop(values: dict[str, str | None]) -> Answer:
    return Answer(
        document("recording/stop1.xsd", element("stop", values), encoding="utf-8")
    )


def _stop_failed(recording_id: str, message: str) -> Answer:
    return _stop({"recordingid": recording_id, "result": "ERROR", "errormsg": message})


def stop_error(message: str) -> Answer:
    """Answer with an error of stop.cgi."""
    return _stop_failed("", message)


def remove(call: Call) -> Answer:
    """Answer remove.cgi.

    As unknown arguments are ignored, `diskid` alone empties the disk.
    """
    arguments = call.arguments
    if "recordingid" in arguments:
        if any(name in arguments for name in WITHOUT_ID):
            return remove_error("Invalid combination of arguments")
        if arguments["recordingid"] != "all":
            return _remove_ids(call, arguments["recordingid"].split(","))
    elif not any(name in arguments for name in (*WITHOUT_ID, "diskid")):
        return remove_error("Missing argument")
    return _remove_selected(call)


def _remove_ids(call: Call, recording_ids: list[str]) -> Answer:
    refusals = {
        recording_id: _refusal(call, recording_id) for recording_id in recording_ids
    }
    if call.camera.quirks.remove_unknown == "not_found" and any(
        _within(call, recording_id) is None for recording_id in recording_ids
    ):
        return not_found()
    spoilt = call.camera.quirks.remove_several == "all_or_nothing" and any(
        refusals.values()
    )
    results: list[tuple[str, str | None]] = []
    for recording_id, refusal in refusals.items():
        if refusal is None and spoilt:
            results.append((recording_id, "Nothing was removed"))
            continue
        if refusal is None and _within(call, recording_id) is not None:
            call.camera.remove_recording(recording_id, by=call.user)
        results.append((recording_id, refusal))
    return _removed(results)


def _within(call: Call, recording_id: str) -> Recording | None:
    """Find a recording on the disk that the call is limited to."""
    recording = _listed(call.camera, recording_id)
    if (
        recording is None
        or call.arguments.get("diskid", recording.disk_id) != recording.disk_id
    ):
        return None
    return recording


def _refusal(call: Call, recording_id: str) -> str | None:
    """Say why a recording is not removed by its id, None if it may be."""
    quirks = call.camera.quirks
    recording = _within(call, recording_id)
    if recording is None:
        return "Recording not found" if quirks.remove_unknown == "error" else None
    if recording.recording_status == "recording" and quirks.remove_ongoing == "error":
        return "Recording is active"
    return _protection(call.camera, recording)


def _protection(camera: Camera, recording: Recording) -> str | None:
    if recording.locked:
        return "Recording is locked"
    return camera.disks[recording.disk_id].refusal


def _remove_selected(call: Call) -> Answer:
    camera, arguments = call.camera, call.arguments
    disk_id = arguments.get("diskid")
    attached = camera.attached_disks
    try:
        before = (
            read_time(arguments["beforetime"], camera)
            if "beforetime" in arguments
            else None
        )
    except BadTimeError:
        return remove_error("Invalid argument beforetime")
    selection = Selection(
        disk_ids=attached if disk_id is None else attached & {disk_id},
        stop=before,
        event_id=arguments.get("eventid"),
        source=arguments.get("source"),
    )
    results: list[tuple[str, str | None]] = []
    for recording in list(camera.recordings.select(selection)):
        refusal = _protection(camera, recording)
        active = recording.recording_status == "recording"
        # Only `beforetime` is said to stop what is active first.
        if (
            refusal is None
            and before is None
            and active
            and camera.quirks.remove_ongoing == "error"
        ):
            refusal = "Recording is active"
        if refusal is None:
            camera.remove_recording(recording.recording_id, by=call.user)
        results.append((recording.recording_id, refusal))
    return _removed(results)


def _removed(results: Iterable[tuple[str, str | None]]) -> Answer:
    lines = (
        f"    {element('remove', _result(recording_id, refusal))}\n"
        for recording_id, refusal in results
    )
    return Answer(in_chunks((opening("recording/remove1.xsd"), *lines, CLOSING)))


def _result(recording_id: str, refusal: str | None) -> dict[str, str | None]:
    return {
        "recordingid": recording_id,
        "result": "OK" if refusal is None else "ERROR",
        "errormsg": refusal,
    }


def remove_error(message: str) -> Answer:
    """Answer with an error of remove.cgi."""
    return _removed([("", message)])


ROUTES = {
    "record/record.cgi": Route(record, record_error, Level.OPERATOR),
    "record/stop.cgi": Route(stop, stop_error, Level.OPERATOR),
    "record/remove.cgi": Route(remove, remove_error, Level.OPERATOR),
}
APIS = ()
