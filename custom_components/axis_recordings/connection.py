"""Make clients from what the config flow has stored."""

from typing import TYPE_CHECKING, Any

from homeassistant.const import (
    CONF_HOST,
    CONF_PASSWORD,
    CONF_PORT,
    CONF_PROTOCOL,
    CONF_USERNAME,
)
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from .const import CONF_FINGERPRINT
from .vapix import Address, VapixClient

if TYPE_CHECKING:
    from collections.abc import Mapping

    from homeassistant.core import HomeAssistant


def create_client(
    hass: HomeAssistant, data: Mapping[str, Any], serial: str | None = None
) -> VapixClient:
    """Return a client for the stored address and account; with a serial number, for that camera only."""
    address = Address(
        host=data[CONF_HOST],
        port=data[CONF_PORT],
        protocol=data[CONF_PROTOCOL],
        fingerprint=data.get(CONF_FINGERPRINT),
    )
    return VapixClient(
        async_get_clientsession(hass),
        address,
        data[CONF_USERNAME],
        data[CONF_PASSWORD],
        serial=serial,
    )
