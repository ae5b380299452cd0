"""The actions that list what is shared, and end it."""

from typing import TYPE_CHECKING

from homeassistant.auth.permissions.const import POLICY_CONTROL
from homeassistant.config_entries import ConfigEntryState

from ..recordings.attributes import iso_time
from ..shares.shares import async_shares
from .schema import ATTR_SHARE_ID
from .targets import find_entries, identity, invalid

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse
    from homeassistant.util.json import JsonObjectType

    from ..runtime import AxisRecordingsConfigEntry
    from ..shares.models import Share


async def async_list_shares(call: ServiceCall) -> ServiceResponse:
    """Return what is shared of the cameras in the target, the newest first."""
    found = await _visible(call)
    found.sort(key=lambda each: each[0].created, reverse=True)
    return {
        "shares": [await _fields(call.hass, share, entry) for share, entry in found]
    }


async def async_revoke(call: ServiceCall) -> ServiceResponse:
    """End shares of the cameras in the target, all of them where none is named."""
    found = await _visible(call)
    if ATTR_SHARE_ID in call.data:
        wanted = list(dict.fromkeys(call.data[ATTR_SHARE_ID]))
        known = {share.share_id for share, _ in found}
        for share_id in wanted:
            if share_id not in known:
                raise invalid(translation_key="unknown_share", share_id=share_id)
        found = [each for each in found if each[0].share_id in wanted]
    await async_shares(call.hass).async_end([share for share, _ in found])
    return {
        "shares": [
            {
                ATTR_SHARE_ID: share.share_id,
                "result": "revoked",
                **identity(call.hass, entry),
            }
            for share, entry in found
        ]
    }


async def _visible(
    call: ServiceCall,
) -> list[tuple[Share, AxisRecordingsConfigEntry]]:
    """Return what is shared of the target: by whoever asks, or by anybody for administrators."""
    hass, user_id = call.hass, call.context.user_id
    entries = await find_entries(call, POLICY_CONTROL)
    user = await hass.auth.async_get_user(user_id) if user_id else None
    sees_all = user_id is None or (user is not None and user.is_admin)
    return [
        (share, entry)
        for entry in entries
        for share in await async_shares(hass).async_of(entry.entry_id)
        if sees_all or share.user_id == user_id
    ]


async def _fields(
    hass: HomeAssistant, share: Share, entry: AxisRecordingsConfigEntry
) -> JsonObjectType:
    user = await hass.auth.async_get_user(share.user_id) if share.user_id else None
    copied = async_shares(hass).copies.size_of(share.share_id)
    problem = None
    if not copied and entry.state is ConfigEntryState.LOADED:
        problem = entry.runtime_data.copier.problem(share)
    fields: JsonObjectType = {
        ATTR_SHARE_ID: share.share_id,
        "recording_id": share.key.recording_id,
        "disk": share.key.disk_id,
        "start": iso_time(share.span.start),
        "end": iso_time(share.span.end),
        "created": iso_time(share.created),
        "created_by": user.name if user else None,
        "expires": iso_time(share.expires),
        "openings": share.openings,
        "last_opened": iso_time(share.last_opened),
        "copied": copied,
        "problem": problem,
    }
    return fields | identity(hass, entry)
