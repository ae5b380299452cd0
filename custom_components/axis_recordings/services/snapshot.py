"""The action that makes a picture of a past moment."""

from base64 import b64encode
from typing import TYPE_CHECKING

from homeassistant.auth.permissions.const import POLICY_CONTROL, POLICY_READ

from ..helpers.threads import in_thread
from ..recordings.attributes import iso_time
from ..users.limits import Kind
from .files import check_target, write
from .part import nothing_recorded, while_caller_may
from .schema import (
    ATTR_DISK,
    ATTR_FILENAME,
    ATTR_OVERWRITE,
    ATTR_SOURCE,
    ATTR_TIME,
    ATTR_WIDTH,
)
from .targets import find_camera, identity

if TYPE_CHECKING:
    from datetime import datetime

    from homeassistant.core import ServiceCall, ServiceResponse
    from homeassistant.util.json import JsonObjectType


async def async_snapshot(call: ServiceCall) -> ServiceResponse:
    """Make a picture of a past moment, as a file or in the answer."""
    data = call.data
    moment: datetime = data[ATTR_TIME]
    policy = POLICY_CONTROL if ATTR_FILENAME in data else POLICY_READ
    camera = await find_camera(call, policy)
    target = None
    if ATTR_FILENAME in data:
        target = await call.hass.async_add_executor_job(
            check_target, call.hass, data[ATTR_FILENAME], (".jpg", ".jpeg")
        )
    async with while_caller_may(call, camera, policy, Kind.SNAPSHOT):
        recording = await camera.finder.async_at(
            moment,
            disk=data.get(ATTR_DISK),
            source=data.get(ATTR_SOURCE),
        )
        if recording is None:
            raise nothing_recorded(camera, moment, moment)
        picture, shown = await camera.player.images.async_snapshot_at(
            recording, moment, width=data.get(ATTR_WIDTH)
        )
    answer: JsonObjectType = {
        "time": iso_time(shown),
        "recording_id": recording.recording_id,
        "disk": recording.disk_id,
    }
    if target is not None:
        await in_thread(
            write, call.hass, target, picture, overwrite=data[ATTR_OVERWRITE]
        )
        answer |= {"path": str(target), "size": len(picture)}
    else:
        answer |= {
            "content_type": "image/jpeg",
            "image": b64encode(picture).decode(),
        }
    return answer | identity(call.hass, camera.entry)
