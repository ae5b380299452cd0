"""The action that makes a link to a part of a recording."""

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.components.http.auth import async_sign_path
from homeassistant.helpers.network import NoURLAvailableError, get_url
from homeassistant.util import dt as dt_util

from ..recordings.attributes import iso_time
from ..recordings.part import RecordingPart
from ..users.limits import Kind
from ..views.urls import clip_path, original_path
from .lookup import look_up_recording
from .part import wanted_span, wanted_times, while_caller_may
from .saver import FileFormat
from .schema import ATTR_DISK, ATTR_EXPIRES, ATTR_FORMAT, ATTR_RECORDING_ID
from .targets import find_camera, identity, invalid

if TYPE_CHECKING:
    from homeassistant.core import ServiceCall, ServiceResponse

MAX_EXPIRES: Final = timedelta(days=7)


async def async_link(call: ServiceCall) -> ServiceResponse:
    """Return an address that plays a part of a recording without a log-in, for a while."""
    data = call.data
    start, end = wanted_times(data)
    expires: timedelta = data[ATTR_EXPIRES]
    if not timedelta(minutes=1) <= expires <= MAX_EXPIRES:
        raise invalid(translation_key="expires_out_of_range", expires=str(expires))
    camera = await find_camera(call, POLICY_READ)
    async with while_caller_may(call, camera, POLICY_READ, Kind.QUESTION):
        recording = await look_up_recording(
            camera, data[ATTR_RECORDING_ID], data.get(ATTR_DISK)
        )
    span = wanted_span(camera, recording, start, end)
    camera.player.require_short(span)
    part = RecordingPart(key=recording.key, start=span.start, end=span.end)
    address = clip_path if data[ATTR_FORMAT] is FileFormat.MP4 else original_path
    path = async_sign_path(
        call.hass,
        address(camera.entry.entry_id, part),
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
        "end": iso_time(span.end),
    } | identity(call.hass, camera.entry)
