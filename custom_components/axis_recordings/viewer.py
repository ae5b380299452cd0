"""Who looks, and what they may see."""

from typing import TYPE_CHECKING

from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.components.http import KEY_HASS_REFRESH_TOKEN_ID, KEY_HASS_USER
from homeassistant.components.websocket_api import current_connection
from homeassistant.core import callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.http import current_request

from .playback.session import Viewer

if TYPE_CHECKING:
    from homeassistant.auth.models import User
    from homeassistant.core import HomeAssistant

    from .coordinator import AxisRecordingsConfigEntry


@callback
def async_current_viewer(hass: HomeAssistant) -> Viewer:
    """Return who is behind the present request, as far as Home Assistant tells its integrations."""
    if connection := current_connection.get():
        return Viewer(
            user_id=connection.user.id,
            refresh_token_id=connection.refresh_token_id,
        )
    request = current_request.get()
    if request is not None and (user := request.get(KEY_HASS_USER)):
        return Viewer(
            user_id=user.id,
            refresh_token_id=request.get(KEY_HASS_REFRESH_TOKEN_ID),
        )
    return Viewer()


async def async_may_see(
    hass: HomeAssistant, viewer: Viewer, entry: AxisRecordingsConfigEntry
) -> bool:
    """Return whether somebody may see the recordings of a camera."""
    if viewer.user_id is None:
        return True
    user = await hass.auth.async_get_user(viewer.user_id)
    return user is not None and user_may(hass, user, entry, POLICY_READ)


@callback
def user_may(
    hass: HomeAssistant, user: User, entry: AxisRecordingsConfigEntry, policy: str
) -> bool:
    """Return whether a user may do this with any of the camera's entities."""
    if user.is_admin:
        return True
    entities = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    return any(
        user.permissions.check_entity(entity.entity_id, policy) for entity in entities
    )
