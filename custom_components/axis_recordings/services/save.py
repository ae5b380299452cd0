"""The action that saves recordings as files."""

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from homeassistant.auth.permissions.const import POLICY_CONTROL

from ..recordings.attributes import iso_time
from ..users.limits import Kind
from .files import check_target
from .lookup import look_up_recording
from .part import nothing_recorded, wanted_span, wanted_times, while_caller_may
from .saver import (
    LONGEST_SAVE,
    MAX_PIECES,
    Piece,
    SavedFile,
    Saver,
    TooManyPiecesError,
    find_pieces,
)
from .schema import (
    ATTR_DISK,
    ATTR_FILENAME,
    ATTR_FORMAT,
    ATTR_OVERWRITE,
    ATTR_RECORDING_ID,
    ATTR_SOURCE,
)
from .targets import find_camera, identity, invalid

if TYPE_CHECKING:
    from datetime import datetime

    from homeassistant.core import ServiceCall, ServiceResponse
    from homeassistant.util.json import JsonObjectType

    from ..runtime import AxisRecordingsData


async def async_save(call: ServiceCall) -> ServiceResponse:
    """Save a part of a recording, or of what was recorded in a range, to files."""
    data = call.data
    start, end = wanted_times(data)
    camera = await find_camera(call, POLICY_CONTROL)
    target = await call.hass.async_add_executor_job(
        check_target, call.hass, data[ATTR_FILENAME], data[ATTR_FORMAT].endings
    )
    async with while_caller_may(call, camera, POLICY_CONTROL, Kind.QUESTION):
        pieces = await _pieces(camera, data, start, end)
    total = sum((piece.span.duration for piece in pieces), timedelta(0))
    if total > LONGEST_SAVE:
        raise invalid(
            translation_key="too_long_to_save",
            hours=str(int(LONGEST_SAVE / timedelta(hours=1))),
        )
    job = uuid4().hex
    saver = Saver(
        camera,
        target,
        overwrite=data[ATTR_OVERWRITE],
        progress=partial(camera.saves.async_note, job),
    )
    try:
        async with while_caller_may(call, camera, POLICY_CONTROL, Kind.SAVE):
            files = await saver.save(pieces, data[ATTR_FORMAT])
    finally:
        camera.saves.async_note(job, None)
    answer: JsonObjectType = {"files": [_file_fields(file) for file in files]}
    return answer | identity(call.hass, camera.entry)


async def _pieces(
    camera: AxisRecordingsData,
    data: dict[str, Any],
    start: datetime | None,
    end: datetime | None,
) -> list[Piece]:
    """Return what to save."""
    if ATTR_RECORDING_ID in data:
        recording = await look_up_recording(
            camera, data[ATTR_RECORDING_ID], data.get(ATTR_DISK)
        )
        span = wanted_span(camera, recording, start, end)
        return [Piece(recording=recording, span=span)]
    if start is None or end is None:
        raise invalid(translation_key="nothing_to_save")
    disk, source = data.get(ATTR_DISK), data.get(ATTR_SOURCE)
    try:
        with camera.player.translated_errors():
            pieces = await find_pieces(camera, start, end, disk=disk, source=source)
    except TooManyPiecesError as err:
        raise invalid(
            translation_key="too_many_to_save", count=str(MAX_PIECES)
        ) from err
    if not pieces:
        raise nothing_recorded(camera, start, end)
    return pieces


def _file_fields(file: SavedFile) -> JsonObjectType:
    return {
        "path": str(file.path),
        "size": file.size,
        "start": iso_time(file.start),
        "end": iso_time(file.end),
        "duration": round(file.duration.total_seconds(), 3),
        "recording_ids": list(file.recording_ids),
        "dropped_audio": file.dropped_audio,
    }
