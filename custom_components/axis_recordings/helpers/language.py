"""Keep the integration's texts loaded in Home Assistant's language while that is changed.

Home Assistant loads them when an integration is set up. For a language that is chosen later nobody does, so
that whoever can't wait for texts, as the registry of devices, would find none and show their keys.
"""

from typing import TYPE_CHECKING, Any, Final

from homeassistant.const import EVENT_CORE_CONFIG_UPDATE
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.translation import (
    async_get_cached_translations,
    async_get_translations,
)

from ..const import DOMAIN

if TYPE_CHECKING:
    from collections.abc import Mapping

# Home Assistant loads it with every other language.
ENGLISH: Final = "en"


@callback
def async_follow_language(hass: HomeAssistant) -> None:
    """Load the texts whenever the language is changed, with English for what is not translated."""

    @callback
    def is_changed(data: Mapping[str, Any]) -> bool:
        return bool(data.get("language"))

    async def load(event: Event[Any]) -> None:
        await async_get_translations(hass, event.data["language"], "common", {DOMAIN})

    hass.bus.async_listen(EVENT_CORE_CONFIG_UPDATE, load, event_filter=is_changed)


@callback
def async_texts(hass: HomeAssistant, category: str) -> dict[str, str]:
    """Return the texts of a category by their keys in Home Assistant's language.

    They are in English while they are not yet loaded in a language that has just been chosen.
    """
    prefix = f"component.{DOMAIN}.{category}."
    return {
        key.removeprefix(prefix): text
        for language in (ENGLISH, hass.config.language)
        for key, text in async_get_cached_translations(
            hass, language, category, DOMAIN
        ).items()
    }
