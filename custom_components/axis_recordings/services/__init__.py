"""The actions.

* What they do: ``recordings`` (start, stop, remove), ``disks`` (mount, unmount), ``search``, ``save``, ``snapshot``,
  ``link``, ``shares`` (list, revoke), and ``check``. ``schema`` has their names and fields.
* On which cameras: ``targets`` finds them, ``several`` acts on all of them at once, and ``lookup`` finds on which of
  them a recording is. ``part`` is what those share that make something of a part of a recording.
* Files: ``saver`` makes them of recordings, ``files`` writes them whole or not at all, and ``unfinished`` remembers
  those that are not whole yet.
"""

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.helpers.service import async_register_admin_service

from ..const import DOMAIN
from .check import async_check
from .disks import async_mount, async_unmount
from .link import async_link
from .recordings import async_remove, async_start, async_stop
from .save import async_save
from .schema import (
    CHECK_SCHEMA,
    LINK_SCHEMA,
    MOUNT_SCHEMA,
    REMOVE_SCHEMA,
    REVOKE_SCHEMA,
    SAVE_SCHEMA,
    SEARCH_SCHEMA,
    SERVICE_CHECK,
    SERVICE_LINK,
    SERVICE_MOUNT_DISK,
    SERVICE_REMOVE,
    SERVICE_REVOKE,
    SERVICE_SAVE,
    SERVICE_SEARCH,
    SERVICE_SHARES,
    SERVICE_SNAPSHOT,
    SERVICE_START,
    SERVICE_STOP,
    SERVICE_UNMOUNT_DISK,
    SHARES_SCHEMA,
    SNAPSHOT_SCHEMA,
    START_SCHEMA,
    STOP_SCHEMA,
    UNMOUNT_SCHEMA,
)
from .search import async_search
from .shares import async_list_shares, async_revoke
from .snapshot import async_snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from homeassistant.helpers.typing import VolSchemaType


class Action(NamedTuple):
    """What can be called, by whom, and whether it answers."""

    name: str
    handler: Callable[[ServiceCall], Coroutine[Any, Any, ServiceResponse]]
    schema: VolSchemaType
    response: SupportsResponse = SupportsResponse.OPTIONAL
    for_administrators: bool = False


ACTIONS: Final = (
    Action(SERVICE_START, async_start, START_SCHEMA),
    Action(SERVICE_STOP, async_stop, STOP_SCHEMA),
    Action(SERVICE_REMOVE, async_remove, REMOVE_SCHEMA, for_administrators=True),
    Action(SERVICE_SEARCH, async_search, SEARCH_SCHEMA, SupportsResponse.ONLY),
    Action(SERVICE_SAVE, async_save, SAVE_SCHEMA),
    Action(SERVICE_SNAPSHOT, async_snapshot, SNAPSHOT_SCHEMA),
    Action(SERVICE_LINK, async_link, LINK_SCHEMA, SupportsResponse.ONLY),
    Action(SERVICE_SHARES, async_list_shares, SHARES_SCHEMA, SupportsResponse.ONLY),
    Action(SERVICE_REVOKE, async_revoke, REVOKE_SCHEMA),
    Action(SERVICE_MOUNT_DISK, async_mount, MOUNT_SCHEMA, for_administrators=True),
    Action(
        SERVICE_UNMOUNT_DISK, async_unmount, UNMOUNT_SCHEMA, for_administrators=True
    ),
    Action(
        SERVICE_CHECK,
        async_check,
        CHECK_SCHEMA,
        SupportsResponse.ONLY,
        for_administrators=True,
    ),
)


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions."""
    for action in ACTIONS:
        if action.for_administrators:
            async_register_admin_service(
                hass,
                DOMAIN,
                action.name,
                action.handler,
                action.schema,
                supports_response=action.response,
            )
        else:
            hass.services.async_register(
                DOMAIN,
                action.name,
                action.handler,
                action.schema,
                supports_response=action.response,
            )
