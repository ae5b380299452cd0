"""Keep the integration's texts loaded in Home Assistant's language while that is changed.

Home Assistant loads them when an integration is set up. For a language that is chosen later nobody does, so
that whoever can't wait for texts, as the registry of devices, would find none and show their keys.
"""

from typing import TYPE_CHECKING, Any

from homeassistant.const import EVENT_CORE_CONFIG_UPDATE
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.translation import async_get_translations

from .const import DOMAIN

if TYPE_CHECKING:
    from collections.abc import Mapping


@callback
def async_follow_language(hass: HomeAssistant) -> None:
    """Load the texts whenever the language is changed, with English for what is not translated."""

    @callback
    def is_changed(data: Mapping[str, Any]) -> bool:
        return bool(data.get("language"))

    async def load(event: Event[Any]) -> None:
        await async_get_translations(hass, event.data["language"], "common", {DOMAIN})

    hass.bus.async_listen(EVENT_CORE_CONFIG_UPDATE, load, event_filter=is_changed)
