"""The action that shares a part of a recording."""

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from homeassistant.auth.permissions.const import POLICY_CONTROL
from homeassistant.helpers.network import NoURLAvailableError, get_url
from homeassistant.util import dt as dt_util

from ..helpers.language import async_texts
from ..recordings.attributes import iso_time
from ..shares.models import Share, digest_of, new_share_id, new_token
from ..shares.shares import async_shares
from ..users.limits import Kind
from ..views.urls import CLIP_NAME, ORIGINAL_NAME, share_path
from .lookup import look_up_recording
from .part import wanted_span, wanted_times, while_caller_may
from .saver import FileFormat
from .schema import (
    ATTR_DISK,
    ATTR_EXPIRES,
    ATTR_FORMAT,
    ATTR_NAME_CAMERA,
    ATTR_RECORDING_ID,
    ATTR_SHARE_ID,
)
from .targets import find_camera, identity, invalid

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse
    from homeassistant.util.json import JsonObjectType

MAX_EXPIRES: Final = timedelta(days=7)


async def async_link(call: ServiceCall) -> ServiceResponse:
    """Return an address under which a part of a recording is watched without a log-in, for a while."""
    data = call.data
    start, end = wanted_times(data)
    expires: timedelta = data[ATTR_EXPIRES]
    if not timedelta(minutes=1) <= expires <= MAX_EXPIRES:
        raise invalid(translation_key="expires_out_of_range", expires=str(expires))
    camera = await find_camera(call, POLICY_CONTROL)
    async with while_caller_may(call, camera, POLICY_CONTROL, Kind.QUESTION):
        recording = await look_up_recording(
            camera, data[ATTR_RECORDING_ID], data.get(ATTR_DISK)
        )
    span = wanted_span(camera, recording, start, end)
    camera.player.require_short(span)
    is_original = data[ATTR_FORMAT] is FileFormat.ORIGINAL
    token, now = new_token(), dt_util.utcnow()
    share = Share(
        share_id=new_share_id(),
        digest=digest_of(token),
        entry_id=camera.entry.entry_id,
        key=recording.key,
        span=span,
        created=now,
        expires=now + expires,
        user_id=call.context.user_id,
        names_camera=data[ATTR_NAME_CAMERA],
        is_original=is_original,
    )
    await async_shares(call.hass).async_add(share)
    answer: JsonObjectType = {
        ATTR_SHARE_ID: share.share_id,
        **_addresses(call.hass, token, ORIGINAL_NAME if is_original else CLIP_NAME),
        "expires": iso_time(share.expires),
        "start": iso_time(span.start),
        "end": iso_time(span.end),
    }
    return answer | identity(call.hass, camera.entry)


def _addresses(hass: HomeAssistant, token: str, file_name: str) -> JsonObjectType:
    """Return the addresses of the page and of the file, and what to do if they are not for everybody."""
    page, file = share_path(token), share_path(token, file_name)
    base, hint = _base(hass)
    return {
        "page_path": page,
        "page_url": None if base is None else base + page,
        "path": file,
        "url": None if base is None else base + file,
        "hint": hint,
    }


def _base(hass: HomeAssistant) -> tuple[str | None, str | None]:
    """Return how addresses begin, and a hint unless they can be opened from anywhere."""
    texts = async_texts(hass, "common")
    try:
        return get_url(hass, allow_internal=False, prefer_external=True), None
    except NoURLAvailableError:
        pass
    try:
        return get_url(hass), texts.get("link_only_at_home")
    except NoURLAvailableError:
        return None, texts.get("link_without_address")
