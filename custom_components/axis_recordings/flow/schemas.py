"""The forms in which a camera's address and account are entered."""

from typing import TYPE_CHECKING, Any, Final

from homeassistant.const import (
    CONF_HOST,
    CONF_PASSWORD,
    CONF_PORT,
    CONF_PROTOCOL,
    CONF_USERNAME,
)
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import voluptuous as vol

from ..const import CONF_CAMERA, CONF_CONNECTION
from ..vapix import DEFAULT_PORTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from homeassistant.config_entries import ConfigEntry

    from .discovery import Discovered

AUTOMATIC: Final = "automatic"


def number_field(least: float, most: float, unit: str | None = None) -> vol.All:
    """Return a field for a number. The selector by itself lets NaN pass."""
    config = NumberSelectorConfig(min=least, max=most, mode=NumberSelectorMode.BOX)
    if unit is not None:
        config["unit_of_measurement"] = unit
    return vol.All(NumberSelector(config), vol.Range(min=least, max=most))


_PASSWORD = TextSelector(
    TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="current-password")
)
_USERNAME = TextSelector(TextSelectorConfig(autocomplete="username"))
_CONNECTION = section(
    vol.Schema(
        {
            vol.Required(CONF_PROTOCOL, default=AUTOMATIC): SelectSelector(
                SelectSelectorConfig(
                    options=[AUTOMATIC, *DEFAULT_PORTS],
                    mode=SelectSelectorMode.DROPDOWN,
                    translation_key="protocol",
                )
            ),
            vol.Optional(CONF_PORT): number_field(1, 65535),
        }
    ),
    {"collapsed": True},
)
USER_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_HOST): TextSelector(),
        vol.Required(CONF_USERNAME): _USERNAME,
        vol.Required(CONF_PASSWORD): _PASSWORD,
        vol.Required(CONF_CONNECTION): _CONNECTION,
    }
)
RECONFIGURE_SCHEMA = USER_SCHEMA.extend({vol.Optional(CONF_PASSWORD): _PASSWORD})
REAUTH_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_USERNAME): _USERNAME,
        vol.Required(CONF_PASSWORD): _PASSWORD,
    }
)
SCHEMAS: Final = {
    "user": USER_SCHEMA,
    "reconfigure": RECONFIGURE_SCHEMA,
    "reauth_confirm": REAUTH_SCHEMA,
}
"""The forms by their steps."""


def camera_schema(entries: list[ConfigEntry]) -> vol.Schema:
    """Return the form in which one of several cameras is chosen."""
    options = [
        SelectOptionDict(
            value=entry.entry_id, label=f"{entry.title} ({entry.data[CONF_HOST]})"
        )
        for entry in entries
    ]
    selector = SelectSelector(SelectSelectorConfig(options=options))
    return vol.Schema({vol.Required(CONF_CAMERA): selector})


def without_password(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what to fill a form with: whoever looks over the shoulder must not uncover the password."""
    return {name: value for name, value in values.items() if name != CONF_PASSWORD}


def form_values(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return how an address and an account are typed into the form."""
    connection = {CONF_PROTOCOL: data[CONF_PROTOCOL]}
    # The usual port stays out of the form, so that it follows a change of the protocol.
    if data[CONF_PORT] != DEFAULT_PORTS[data[CONF_PROTOCOL]]:
        connection[CONF_PORT] = data[CONF_PORT]
    return {
        CONF_HOST: data[CONF_HOST],
        CONF_USERNAME: data[CONF_USERNAME],
        CONF_PASSWORD: data[CONF_PASSWORD],
        CONF_CONNECTION: connection,
    }


def discovered_values(found: Discovered) -> dict[str, Any]:
    """Return what to fill the form with for a camera that was found on the network."""
    connection: dict[str, Any] = {CONF_PROTOCOL: AUTOMATIC}
    # A usual port says nothing, as HTTPS may be there beside the HTTP that is announced.
    if found.port and found.port not in DEFAULT_PORTS.values():
        connection[CONF_PORT] = found.port
    return {CONF_HOST: found.hosts[0], CONF_CONNECTION: connection}
