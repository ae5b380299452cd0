"""The actions that make files, pictures and links of recordings."""

from base64 import b64encode
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from homeassistant.auth.permissions.const import POLICY_CONTROL, POLICY_READ
from homeassistant.components.http.auth import async_sign_path
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.network import NoURLAvailableError, get_url
from homeassistant.util import dt as dt_util
import voluptuous as vol

from .addresses import clip_path, original_path
from .const import DOMAIN
from .fields import (
    ATTR_DISK,
    ATTR_END_TIME,
    ATTR_RECORDING_ID,
    ATTR_SOURCE,
    ATTR_START_TIME,
    NUMBER_OR_TEXT,
    TEXT,
)
from .files import check_target, write
from .lookup import find_recording
from .playback.threads import in_thread
from .playback.window import Span, Window, WindowError
from .response import iso_time
from .saving import LONGEST, FileFormat, Piece, SavedFile, Saver, find_pieces
from .search import find_recording_at
from .targets import as_utc, find_camera, identity, invalid
from .viewer import while_allowed

if TYPE_CHECKING:
    from datetime import datetime

    from homeassistant.util.json import JsonObjectType

    from .coordinator import AxisRecordingsCoordinator
    from .vapix import Recording

ATTR_EXPIRES: Final = "expires"
ATTR_FILENAME: Final = "filename"
ATTR_FORMAT: Final = "format"
ATTR_OVERWRITE: Final = "overwrite"
ATTR_TIME: Final = "time"
ATTR_WIDTH: Final = "width"

SERVICE_LINK: Final = "link"
SERVICE_SAVE: Final = "save"
SERVICE_SNAPSHOT: Final = "snapshot"

MAX_EXPIRES: Final = timedelta(days=7)
MIN_WIDTH, MAX_WIDTH = 64, 7680

_FORMAT = vol.All(vol.In([each.value for each in FileFormat]), vol.Coerce(FileFormat))

SAVE_SCHEMA = cv.make_entity_service_schema(
    {
        vol.Required(ATTR_FILENAME): TEXT,
        vol.Optional(ATTR_RECORDING_ID): cv.string,
        vol.Optional(ATTR_START_TIME): cv.datetime,
        vol.Optional(ATTR_END_TIME): cv.datetime,
        vol.Optional(ATTR_FORMAT, default=FileFormat.MP4.value): _FORMAT,
        vol.Optional(ATTR_OVERWRITE, default=False): cv.boolean,
        vol.Optional(ATTR_DISK): TEXT,
        vol.Optional(ATTR_SOURCE): NUMBER_OR_TEXT,
    }
)
SNAPSHOT_SCHEMA = cv.make_entity_service_schema(
    {
        vol.Required(ATTR_TIME): cv.datetime,
        vol.Optional(ATTR_FILENAME): TEXT,
        vol.Optional(ATTR_OVERWRITE, default=False): cv.boolean,
        vol.Optional(ATTR_WIDTH): vol.All(
            vol.Coerce(int), vol.Range(min=MIN_WIDTH, max=MAX_WIDTH)
        ),
        vol.Optional(ATTR_DISK): TEXT,
        vol.Optional(ATTR_SOURCE): NUMBER_OR_TEXT,
    }
)
LINK_SCHEMA = cv.make_entity_service_schema(
    {
        vol.Required(ATTR_RECORDING_ID): cv.string,
        vol.Optional(ATTR_START_TIME): cv.datetime,
        vol.Optional(ATTR_END_TIME): cv.datetime,
        vol.Optional(ATTR_FORMAT, default=FileFormat.MP4.value): _FORMAT,
        vol.Optional(
            ATTR_EXPIRES, default=timedelta(hours=24)
        ): cv.positive_time_period,
        vol.Optional(ATTR_DISK): TEXT,
    }
)


@callback
def async_setup_film_services(hass: HomeAssistant) -> None:
    """Register the actions."""
    for name, handler, schema, response in (
        (SERVICE_SAVE, _async_save, SAVE_SCHEMA, SupportsResponse.OPTIONAL),
        (SERVICE_SNAPSHOT, _async_snapshot, SNAPSHOT_SCHEMA, SupportsResponse.OPTIONAL),
        (SERVICE_LINK, _async_link, LINK_SCHEMA, SupportsResponse.ONLY),
    ):
        hass.services.async_register(
            DOMAIN, name, handler, schema, supports_response=response
        )


async def _async_save(call: ServiceCall) -> ServiceResponse:
    """Save a part of a recording, or of what was recorded in a range, to files."""
    data = call.data
    start, end = _times(data)
    camera = await find_camera(call, POLICY_CONTROL)
    target = await call.hass.async_add_executor_job(
        check_target, call.hass, data[ATTR_FILENAME], data[ATTR_FORMAT].endings
    )
    pieces = await _pieces(camera, data, start, end)
    total = sum((piece.span.duration for piece in pieces), timedelta(0))
    if total > LONGEST:
        raise invalid(
            translation_key="too_long_to_save",
            hours=str(int(LONGEST / timedelta(hours=1))),
        )
    job = uuid4().hex
    saver = Saver(
        camera,
        target,
        overwrite=data[ATTR_OVERWRITE],
        progress=partial(camera.async_note_progress, job),
    )
    try:
        async with while_allowed(
            call.hass, call.context.user_id, camera.config_entry, POLICY_CONTROL
        ):
            files = await saver.save(pieces, data[ATTR_FORMAT])
    finally:
        camera.async_note_progress(job, None)
    answer: JsonObjectType = {"files": [_file_fields(file) for file in files]}
    return answer | identity(call.hass, camera.config_entry)


async def _async_snapshot(call: ServiceCall) -> ServiceResponse:
    """Make a picture of a past moment, as a file or in the answer."""
    data = call.data
    moment: datetime = as_utc(data[ATTR_TIME])
    camera = await find_camera(
        call, POLICY_CONTROL if ATTR_FILENAME in data else POLICY_READ
    )
    target = None
    if ATTR_FILENAME in data:
        target = await call.hass.async_add_executor_job(
            check_target, call.hass, data[ATTR_FILENAME], (".jpg", ".jpeg")
        )
    with camera.playback.translated_errors():
        recording = await find_recording_at(
            camera.client,
            moment,
            disk=data.get(ATTR_DISK),
            source=data.get(ATTR_SOURCE),
        )
        if recording is None:
            raise _nothing_recorded(camera, moment, moment)
        picture, shown = await camera.playback.async_picture(
            recording, moment, width=data.get(ATTR_WIDTH)
        )
    answer: JsonObjectType = {
        "time": iso_time(shown),
        "recording_id": recording.recording_id,
        "disk": recording.disk_id,
    }
    if target is not None:
        await in_thread(write, target, picture, overwrite=data[ATTR_OVERWRITE])
        answer |= {"path": str(target), "size": len(picture)}
    else:
        answer |= {
            "content_type": "image/jpeg",
            "image": b64encode(picture).decode(),
        }
    return answer | identity(call.hass, camera.config_entry)


async def _async_link(call: ServiceCall) -> ServiceResponse:
    """Return an address that plays a part of a recording without a log-in, for a while."""
    data = call.data
    start, end = _times(data)
    expires: timedelta = data[ATTR_EXPIRES]
    if not timedelta(minutes=1) <= expires <= MAX_EXPIRES:
        raise invalid(translation_key="expires_out_of_range", expires=str(expires))
    camera = await find_camera(call, POLICY_READ)
    recording = await find_recording(
        camera, data[ATTR_RECORDING_ID], data.get(ATTR_DISK)
    )
    span = _span(camera, recording, start, end)
    camera.playback.require_short(span)
    window = Window(key=recording.key, start=span.start, stop=span.stop)
    address = clip_path if data[ATTR_FORMAT] is FileFormat.MP4 else original_path
    path = async_sign_path(
        call.hass,
        address(camera.config_entry.entry_id, window),
        expires,
        use_content_user=True,
    )
    try:
        url = f"{get_url(call.hass, prefer_external=True)}{path}"
    except NoURLAvailableError:
        url = None
    return {
        "path": path,
        "url": url,
        "expires": iso_time(dt_util.utcnow() + expires),
        "start": iso_time(span.start),
        "end": iso_time(span.stop),
    } | identity(call.hass, camera.config_entry)


async def _pieces(
    camera: AxisRecordingsCoordinator,
    data: dict[str, Any],
    start: datetime | None,
    end: datetime | None,
) -> list[Piece]:
    """Return what to save."""
    if ATTR_RECORDING_ID in data:
        recording = await find_recording(
            camera, data[ATTR_RECORDING_ID], data.get(ATTR_DISK)
        )
        span = _span(camera, recording, start, end)
        return [Piece(recording=recording, span=span)]
    if start is None or end is None:
        raise invalid(translation_key="nothing_to_save")
    with camera.playback.translated_errors():
        pieces = await find_pieces(
            camera, start, end, disk=data.get(ATTR_DISK), source=data.get(ATTR_SOURCE)
        )
    if not pieces:
        raise _nothing_recorded(camera, start, end)
    return pieces


def _span(
    camera: AxisRecordingsCoordinator,
    recording: Recording,
    start: datetime | None,
    end: datetime | None,
) -> Span:
    """Return the wanted part of a recording, all of it where nothing is said."""
    now = camera.playback.camera_now
    stop = end or recording.stop or now
    try:
        return Window(key=recording.key, start=start, stop=stop).within(recording, now)
    except WindowError as err:
        raise _nothing_recorded(camera, start or stop, stop) from err


def _times(data: dict[str, Any]) -> tuple[datetime | None, datetime | None]:
    start, end = as_utc(data.get(ATTR_START_TIME)), as_utc(data.get(ATTR_END_TIME))
    if start and end and start >= end:
        raise invalid(
            translation_key="end_before_start", start=str(start), end=str(end)
        )
    return start, end


def _nothing_recorded(
    camera: AxisRecordingsCoordinator, start: datetime, end: datetime
) -> HomeAssistantError:
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key="nothing_recorded",
        translation_placeholders={
            "camera": camera.name,
            "start": str(dt_util.as_local(start).replace(microsecond=0)),
            "end": str(dt_util.as_local(end).replace(microsecond=0)),
        },
    )


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
