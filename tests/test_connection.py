"""Clients, as they are made of what the config flow has stored."""

from typing import TYPE_CHECKING

from homeassistant.helpers.aiohttp_client import async_get_clientsession

from custom_components.axis_recordings.connection import create_client

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry


async def test_session_of_home_assistant(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """All cameras share the connections of Home Assistant, which closes them."""
    client = create_client(hass, entry.data)
    assert client.http._session is async_get_clientsession(hass)
