"""What the tests of the config flow do: open forms, send them, and see what comes of it."""

import re
from typing import TYPE_CHECKING, Any

from homeassistant.config_entries import (
    SOURCE_REAUTH,
    SOURCE_USER,
    ConfigEntryState,
    ConfigFlowResult,
)
from homeassistant.const import (
    CONF_HOST,
    CONF_PASSWORD,
    CONF_PORT,
    CONF_PROTOCOL,
    CONF_USERNAME,
    STATE_OFF,
)
from homeassistant.data_entry_flow import FlowResultType, section

from custom_components.axis_recordings.const import (
    CONF_CONNECTION,
    CONF_FINGERPRINT,
    DOMAIN,
)

from .common import IN_PROGRESS, state_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from tests.camera import CameraServer

PASSWORDS = {
    "administrator": "admin-secret",
    "operator": "operator-secret",
    "viewer": "viewer-secret",
}


def login(account: str = "operator", **changes: Any) -> dict[str, Any]:
    """Return what is typed into the form for an account of the camera."""
    return {CONF_USERNAME: account, CONF_PASSWORD: PASSWORDS[account], **changes}


def typed(
    server: CameraServer,
    account: str = "operator",
    *,
    protocol: str = "automatic",
    **changes: Any,
) -> dict[str, Any]:
    """Return what is typed into the form for a camera."""
    return {
        CONF_HOST: server.host,
        CONF_CONNECTION: {CONF_PROTOCOL: protocol, CONF_PORT: server.port},
        **login(account),
        **changes,
    }


def data_of(server: CameraServer, *names: str, **changes: Any) -> dict[str, Any]:
    """Return what is to be stored for a camera."""
    assert set(names) <= {CONF_FINGERPRINT}
    data = {
        CONF_HOST: server.host,
        CONF_PORT: server.port,
        CONF_PROTOCOL: server.url.partition(":")[0],
        **login(),
        **changes,
    }
    return data | dict.fromkeys(names, server.certificate_fingerprint)


def with_colons(server: CameraServer) -> str:
    """Return the fingerprint as browsers and cameras show it."""
    assert server.certificate_fingerprint is not None
    pairs = re.findall("..", server.certificate_fingerprint.upper())
    assert len(pairs) == 32
    return ":".join(pairs)


def suggested(result: ConfigFlowResult) -> dict[str, Any]:
    """Return the values that a form is filled with."""

    def values(schema: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for marker, value in schema.schema.items():
            if isinstance(value, section):
                found[str(marker)] = values(value.schema)
            elif marker.description and "suggested_value" in marker.description:
                found[str(marker)] = marker.description["suggested_value"]
        return found

    return values(result["data_schema"])


async def begin(hass: HomeAssistant) -> ConfigFlowResult:
    """Open the form to add a camera."""
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    expect_form(result, "user")
    return result


async def submit(
    hass: HomeAssistant, result: ConfigFlowResult, user_input: Mapping[str, Any] = {}
) -> ConfigFlowResult:
    """Send a form, and wait until everything has come of it."""
    result = await hass.config_entries.flow.async_configure(
        result["flow_id"], dict(user_input)
    )
    await hass.async_block_till_done()
    return result


async def choose(
    hass: HomeAssistant, result: ConfigFlowResult, option: str
) -> ConfigFlowResult:
    """Choose from a menu."""
    assert option in result["menu_options"]
    return await submit(hass, result, {"next_step_id": option})


def expect_form(result: ConfigFlowResult, step: str, **errors: str) -> None:
    """See that a form is shown, with exactly these errors."""
    assert result["type"] is FlowResultType.FORM, result
    assert result["step_id"] == step
    assert (result["errors"] or {}) == errors


def expect_abort(result: ConfigFlowResult, reason: str) -> None:
    """See that the flow has ended without an entry."""
    assert result["type"] is FlowResultType.ABORT, result
    assert result["reason"] == reason


def expect_entry(
    result: ConfigFlowResult, data: Mapping[str, Any], title: str = "Front camera"
) -> None:
    """See that a camera was added, and works."""
    assert result["type"] is FlowResultType.CREATE_ENTRY, result
    entry = result["result"]
    assert entry.title == result["title"] == title
    assert dict(entry.data) == data
    assert entry.options == {}
    assert entry.state is ConfigEntryState.LOADED


async def expect_working(
    hass: HomeAssistant, entry: MockConfigEntry, data: Mapping[str, Any]
) -> None:
    """See that a changed entry was reloaded, and works."""
    await hass.async_block_till_done(wait_background_tasks=True)
    assert dict(entry.data) == data
    assert entry.state is ConfigEntryState.LOADED
    assert state_of(hass, IN_PROGRESS) == STATE_OFF
    assert not list(entry.async_get_active_flows(hass, {SOURCE_REAUTH}))
