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
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import voluptuous as vol

from .const import CONF_CONNECTION
from .vapix import DEFAULT_PORTS

if TYPE_CHECKING:
    from collections.abc import Mapping

AUTOMATIC: Final = "automatic"

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
            vol.Optional(CONF_PORT): NumberSelector(
                NumberSelectorConfig(min=1, max=65535, mode=NumberSelectorMode.BOX)
            ),
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
