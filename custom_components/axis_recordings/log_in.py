"""Ask the owner to log in again, but only for as long as that is needed.

A camera that starts may refuse every log-in for some seconds, which looks just like a changed password.
"""

from typing import TYPE_CHECKING, Final

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.core import HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN

if TYPE_CHECKING:
    from datetime import datetime

    from .coordinator import AxisRecordingsConfigEntry

# In seconds. Nearly every camera has started by then.
RETRY_DELAYS: Final = (10.0, 30.0, 60.0, 120.0)
# One that takes longer, or that gets its account back, goes on by itself. So few refusals lock nobody out.
LATER_DELAY: Final = 1800.0
_TRIES: Final[HassKey[dict[str, int]]] = HassKey(f"{DOMAIN}_log_in_tries")


@callback
def async_try_again(hass: HomeAssistant, entry: AxisRecordingsConfigEntry) -> None:
    """Ask a camera again that has refused the log-in, more and more rarely: Home Assistant does not."""
    tries = hass.data.setdefault(_TRIES, {})
    number = tries.get(entry.entry_id, 0)
    tries[entry.entry_id] = number + 1
    delay = RETRY_DELAYS[number] if number < len(RETRY_DELAYS) else LATER_DELAY

    async def ask(_now: datetime) -> None:
        if entry.state is ConfigEntryState.SETUP_ERROR:
            hass.config_entries.async_schedule_reload(entry.entry_id)
        elif entry.state is ConfigEntryState.LOADED:
            await entry.runtime_data.async_refresh()

    async_call_later(hass, delay, HassJob(ask, cancel_on_shutdown=True))


@callback
def async_withdraw(hass: HomeAssistant, entry: AxisRecordingsConfigEntry) -> None:
    """Ask no longer, as the camera takes the log-in."""
    hass.data.get(_TRIES, {}).pop(entry.entry_id, None)
    for flow in [*entry.async_get_active_flows(hass, {SOURCE_REAUTH})]:
        hass.config_entries.flow.async_abort(flow["flow_id"])
