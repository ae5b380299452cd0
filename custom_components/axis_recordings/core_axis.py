"""The cameras of Home Assistant's own Axis integration. Its entries and devices are only read."""

from typing import TYPE_CHECKING, Any, Final

from homeassistant.const import (
    CONF_HOST,
    CONF_PASSWORD,
    CONF_PORT,
    CONF_PROTOCOL,
    CONF_USERNAME,
)
from homeassistant.helpers import device_registry as dr

from .const import AXIS_DOMAIN
from .vapix import DEFAULT_PORTS

if TYPE_CHECKING:
    from collections.abc import Container

    from homeassistant.config_entries import ConfigEntry
    from homeassistant.core import HomeAssistant

# Entries that are old enough have none, and the integration takes this one for them.
_OLD_PROTOCOL: Final = "http"


def find_core_entries(
    hass: HomeAssistant, *, known: Container[str | None], serial: str | None
) -> list[ConfigEntry]:
    """Return the entries whose account can be copied, by title, without cameras that are known here.

    With a serial number, only the one of that camera.
    """
    found = [
        entry
        for entry in hass.config_entries.async_entries(
            AXIS_DOMAIN, include_ignore=False
        )
        if (own := _serial(entry))
        and own not in known
        and serial in {None, own}
        and {CONF_HOST, CONF_USERNAME, CONF_PASSWORD} <= set(entry.data)
    ]
    return sorted(found, key=lambda entry: entry.title.casefold())


def read_account(core_entry: ConfigEntry) -> dict[str, Any]:
    """Return the address and the account of an entry, by the names that entries here have, too."""
    protocol = core_entry.data.get(CONF_PROTOCOL, _OLD_PROTOCOL)
    return {
        CONF_HOST: core_entry.data[CONF_HOST],
        CONF_PORT: core_entry.data.get(CONF_PORT, DEFAULT_PORTS[protocol]),
        CONF_PROTOCOL: protocol,
        CONF_USERNAME: core_entry.data[CONF_USERNAME],
        CONF_PASSWORD: core_entry.data[CONF_PASSWORD],
    }


def find_core_device(hass: HomeAssistant, serial: str) -> dr.DeviceEntry | None:
    """Return the same camera's device of Home Assistant's own Axis integration."""
    connection = (dr.CONNECTION_NETWORK_MAC, dr.format_mac(serial))
    devices = dr.async_get(hass).async_get_devices(connections={connection})
    for device in devices:
        if any(domain == AXIS_DOMAIN for domain, _ in device.identifiers):
            return device
    return None


def _serial(core_entry: ConfigEntry) -> str:
    return (core_entry.unique_id or "").replace(":", "").upper()
