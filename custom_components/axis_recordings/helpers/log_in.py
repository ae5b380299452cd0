"""Ask the owner to log in again, but only for as long as that is needed.

A camera that starts may refuse every log-in for some seconds, which seems to be a changed password.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util.hass_dict import HassKey

from .lasting import async_lasting

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from homeassistant.config_entries import ConfigEntry

# In seconds. Nearly every camera has started by then.
RETRY_DELAYS: Final = (10.0, 30.0, 60.0, 120.0)
# One that takes longer, or that gets its account back, goes on by itself. So few refusals lock nobody out.
LATER_DELAY: Final = 1800.0


@dataclass(slots=True)
class _Retry:
    """What is planned for one camera that refuses the log-in."""

    refusals: int = 0
    """Since it has taken it last, over all lives of the config entry."""
    cancel: CALLBACK_TYPE = lambda: None


_RETRY: Final[HassKey[_Retry]] = HassKey("log_in_retry")


@callback
def async_try_again(
    hass: HomeAssistant, entry: ConfigEntry[Any], poll: Callable[[], Awaitable[None]]
) -> None:
    """Poll a camera again that has refused the log-in, more and more rarely: Home Assistant does not.

    There is one next try, however many polls are refused.
    """
    retry = _retry(hass, entry)
    retry.cancel()
    delay = (*RETRY_DELAYS, LATER_DELAY)[min(retry.refusals, len(RETRY_DELAYS))]
    retry.refusals += 1

    async def ask(_now: datetime) -> None:
        if entry.state is ConfigEntryState.SETUP_ERROR:
            hass.config_entries.async_schedule_reload(entry.entry_id)
        elif entry.state is ConfigEntryState.LOADED:
            await poll()

    retry.cancel = async_call_later(hass, delay, HassJob(ask, cancel_on_shutdown=True))


@callback
def async_forget_try(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Plan no try any more: the config entry is unloaded, or is tried now."""
    _retry(hass, entry).cancel()


@callback
def async_withdraw(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Ask no longer, as the camera takes the log-in, or is removed."""
    async_forget_try(hass, entry)
    _retry(hass, entry).refusals = 0
    for flow in [*entry.async_get_active_flows(hass, {SOURCE_REAUTH})]:
        hass.config_entries.flow.async_abort(flow["flow_id"])


def _retry(hass: HomeAssistant, entry: ConfigEntry[Any]) -> _Retry:
    return async_lasting(hass, entry.entry_id, _RETRY, _Retry)
