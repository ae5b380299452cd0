"""Who asks, what they may see, and until when."""

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.components.http import KEY_HASS_REFRESH_TOKEN_ID, KEY_HASS_USER
from homeassistant.components.websocket_api import current_connection
from homeassistant.core import callback
from homeassistant.exceptions import Unauthorized
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.http import current_request

from ..const import DOMAIN
from .requester import Requester

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from homeassistant.auth.models import User
    from homeassistant.config_entries import ConfigEntry
    from homeassistant.core import HomeAssistant


CHECK_SECONDS: Final = 2.0
"""So often it is checked whether somebody may still do what takes long."""
KEY_VISITOR: Final = f"{DOMAIN}_visitor"
"""Under this, a view that needs no log-in notes in its request who asks, as a Requester."""


@callback
def async_current_requester(hass: HomeAssistant) -> Requester:
    """Return who is behind the present request, as far as Home Assistant lets its integrations know."""
    if connection := current_connection.get():
        return Requester(
            user_id=connection.user.id,
            refresh_token_id=connection.refresh_token_id,
        )
    request = current_request.get()
    if request is not None and (visitor := request.get(KEY_VISITOR)):
        found: Requester = visitor
        return found
    if request is not None and (user := request.get(KEY_HASS_USER)):
        return Requester(
            user_id=user.id,
            refresh_token_id=request.get(KEY_HASS_REFRESH_TOKEN_ID),
        )
    return Requester()


async def async_may_see(
    hass: HomeAssistant, requester: Requester, entry: ConfigEntry[Any]
) -> bool:
    """Return whether somebody may see the recordings of a camera, with a log-in that still holds."""
    return await async_may(hass, requester, entry, POLICY_READ)


@asynccontextmanager
async def while_allowed(
    hass: HomeAssistant,
    requester: Requester,
    entry: ConfigEntry[Any],
    policy: str,
    is_there: Callable[[], bool] = lambda: True,
) -> AsyncGenerator[None]:
    """End what takes long soon after the requester may not do it any more, or has left, with Unauthorized."""
    if requester.user_id is None:
        yield
        return
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(None) as scope:

            async def watch() -> None:
                try:
                    await _until_lost(hass, requester, entry, policy, is_there)
                finally:
                    # Also where it can't be found out.
                    if not is_over:
                        scope.reschedule(loop.time())

            is_over = False
            watching = loop.create_task(watch())
            try:
                yield
            finally:
                is_over = True
                watching.cancel()
    except TimeoutError as err:
        if not scope.expired():
            raise
        raise Unauthorized(
            user_id=requester.user_id, config_entry_id=entry.entry_id, permission=policy
        ) from err


async def _until_lost(
    hass: HomeAssistant,
    requester: Requester,
    entry: ConfigEntry[Any],
    policy: str,
    is_there: Callable[[], bool],
) -> None:
    """Return once the requester may not do it any more, or has left."""
    while True:
        await asyncio.sleep(CHECK_SECONDS)
        if not is_there() or not await async_may(hass, requester, entry, policy):
            return


async def async_may(
    hass: HomeAssistant,
    requester: Requester,
    entry: ConfigEntry[Any],
    policy: str,
) -> bool:
    """Return whether somebody may do this with a camera, with a log-in that still holds."""
    login = requester.refresh_token_id
    if login is not None and hass.auth.async_get_refresh_token(login) is None:
        return False
    if requester.user_id is None:
        return True
    user = await hass.auth.async_get_user(requester.user_id)
    return user is not None and user.is_active and user_may(hass, user, entry, policy)


@callback
def user_may(
    hass: HomeAssistant, user: User, entry: ConfigEntry[Any], policy: str
) -> bool:
    """Return whether a user may do this with any of the camera's entities."""
    if user.is_admin:
        return True
    entities = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    return any(
        user.permissions.check_entity(entity.entity_id, policy) for entity in entities
    )
