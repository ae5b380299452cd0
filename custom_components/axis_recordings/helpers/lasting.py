"""Keep what is known of a camera for as long as it has its config entry, however often that is reloaded."""

from typing import TYPE_CHECKING, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassDict, HassKey

from ..const import DOMAIN

if TYPE_CHECKING:
    from collections.abc import Callable

_LASTING: Final[HassKey[dict[str, HassDict]]] = HassKey(f"{DOMAIN}_lasting")
"""By the IDs of the config entries."""


@callback
def async_lasting[T](
    hass: HomeAssistant, entry_id: str, key: HassKey[T], make: Callable[[], T]
) -> T:
    """Return what is kept for a config entry by a key, which is made at first."""
    kept = hass.data.setdefault(_LASTING, {}).setdefault(entry_id, HassDict())
    if key not in kept:
        kept[key] = make()
    return kept[key]


@callback
def async_forget_lasting(hass: HomeAssistant, entry_id: str) -> None:
    """Keep nothing any more, as the config entry is removed."""
    hass.data.get(_LASTING, {}).pop(entry_id, None)
