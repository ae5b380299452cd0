"""Let what outlives a request not be done in the name of whoever has made it.

Home Assistant keeps who asks in context variables, which each task and each timer copies when it is made. A timer
that plans the next one hands them on forever, with every state that is written and every automation that this sets off.
"""

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from homeassistant.components.websocket_api import current_connection
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.http import current_request

from ..const import DOMAIN

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Coroutine, Generator

    from homeassistant.config_entries import ConfigEntry


@contextmanager
def as_home_assistant() -> Generator[None]:
    """Begin tasks and timers, and write states, as Home Assistant itself, whoever asks at the moment."""
    with current_connection.set(None), current_request.set(None):
        yield


@callback
def async_begin[T](
    hass: HomeAssistant,
    entry: ConfigEntry[Any],
    work: Coroutine[Any, Any, T],
    name: str,
    *,
    eager_start: bool = True,
) -> asyncio.Task[T]:
    """Begin what goes on in the background while a camera is loaded, as Home Assistant itself."""
    with as_home_assistant():
        return entry.async_create_background_task(
            hass, work, f"{DOMAIN} {name}", eager_start=eager_start
        )
