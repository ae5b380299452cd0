"""Writes down what the event entities of recordings tell, in the moment in which an automation hears of it."""

import json
import os
import time
from typing import TYPE_CHECKING, Final

from homeassistant.const import EVENT_STATE_CHANGED, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import callback

if TYPE_CHECKING:
    from homeassistant.core import Event, EventStateChangedData, HomeAssistant
    from homeassistant.helpers.typing import ConfigType

NOTHING: Final = (STATE_UNAVAILABLE, STATE_UNKNOWN)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Write from now on."""
    path = hass.config.path("reported")
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def write(*what: object) -> None:
        os.write(file, f"{json.dumps(what)}\n".encode())

    @callback
    def note(event: Event[EventStateChangedData]) -> None:
        old, new = event.data["old_state"], event.data["new_state"]
        # The first state after a start is restored.
        if old is None or new is None or new.state in (old.state, *NOTHING):
            return
        names = ("event_type", "disk", "recording_id")
        if new.entity_id.startswith("event.") and names[2] in new.attributes:
            reported = [new.attributes[name] for name in names]
            write(*reported, new.entity_id, time.time())

    write("begun")
    hass.bus.async_listen(EVENT_STATE_CHANGED, note)
    return True
