"""Add a camera, and change how it is reached."""

from typing import TYPE_CHECKING, Any, Final, override

from homeassistant.config_entries import (
    SOURCE_REAUTH,
    SOURCE_RECONFIGURE,
    ConfigEntryState,
    ConfigFlow,
    ConfigFlowResult,
    OptionsFlowWithReload,
)
from homeassistant.const import (
    CONF_HOST,
    CONF_PASSWORD,
    CONF_PORT,
    CONF_PROTOCOL,
    CONF_USERNAME,
)
from homeassistant.core import callback
from homeassistant.data_entry_flow import section
from homeassistant.helpers.aiohttp_client import async_get_clientsession
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

from .connection import create_client
from .const import CONF_CONNECTION, CONF_DISK, CONF_FINGERPRINT, DOMAIN, LOGGER
from .entity import device_name, find_core_device
from .errors import translation_key
from .host import parse_host
from .vapix import (
    DEFAULT_PORTS,
    Address,
    Camera,
    CameraConnectionError,
    CertificateError,
    NotAxisError,
    NotSupportedError,
    VapixError,
    fetch_fingerprint,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .coordinator import AxisRecordingsConfigEntry

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


class AxisRecordingsConfigFlow(ConfigFlow, domain=DOMAIN):
    """Add a camera, log in anew, or change its address.

    All three lead through the same checks: reach the camera, agree to its certificate, log in, see that
    it is the same camera, and see what the account may do.
    """

    VERSION = 1

    def __init__(self) -> None:
        """Start with an empty form."""
        self._form_step = "user"
        self._form_values: dict[str, Any] = {}
        self._candidates: list[dict[str, Any]] = []
        self._data: dict[str, Any] = {}
        self._title = ""
        self._reason = ""

    @staticmethod
    @callback
    @override
    def async_get_options_flow(
        config_entry: AxisRecordingsConfigEntry,
    ) -> AxisRecordingsOptionsFlow:
        return AxisRecordingsOptionsFlow()

    @override
    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        return await self._async_step_address("user", user_input)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Change the address or the account of a known camera."""
        if not self._form_values:
            data = self._get_reconfigure_entry().data
            self._form_values = {
                CONF_HOST: data[CONF_HOST],
                CONF_USERNAME: data[CONF_USERNAME],
                CONF_CONNECTION: {
                    CONF_PROTOCOL: data[CONF_PROTOCOL],
                    CONF_PORT: data[CONF_PORT],
                },
            }
        return await self._async_step_address("reconfigure", user_input)

    async def async_step_reauth(
        self, entry_data: Mapping[str, Any]
    ) -> ConfigFlowResult:
        """Log in anew, or agree to a changed certificate."""
        self._form_step = "reauth_confirm"
        self._form_values = {CONF_USERNAME: entry_data[CONF_USERNAME]}
        if pinned := entry_data.get(CONF_FINGERPRINT):
            try:
                shown = await self._async_fetch_fingerprint(entry_data)
            except VapixError as err:
                LOGGER.debug("The certificate could not be read: %s", err)
            else:
                if shown != pinned:
                    self._candidates = [dict(entry_data) | {CONF_FINGERPRINT: shown}]
                    return await self.async_step_certificate_changed()
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the account of a known camera."""
        self._form_step = "reauth_confirm"
        if user_input is None:
            return self._show_form()
        self._form_values = user_input
        self._candidates = [dict(self._get_reauth_entry().data) | user_input]
        return await self._async_connect()

    async def async_step_certificate(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the fingerprint of a certificate that nobody vouches for."""
        return await self._async_step_fingerprint("certificate", user_input)

    async def async_step_certificate_changed(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the fingerprint of a certificate that is not the known one."""
        return await self._async_step_fingerprint("certificate_changed", user_input)

    async def async_step_viewer(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Say what a viewer account can't do, and let the owner choose."""
        return self.async_show_menu(
            step_id="viewer",
            menu_options=["read_only", self._form_step],
            description_placeholders={"username": self._data[CONF_USERNAME]},
        )

    async def async_step_read_only(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Go on with an account that may only look."""
        return self._finish()

    async def _async_step_address(
        self, step: str, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        self._form_step = step
        if user_input is None:
            return self._show_form()
        self._form_values = user_input
        try:
            host = parse_host(user_input[CONF_HOST])
        except ValueError:
            return self._show_form({CONF_HOST: "invalid_host"})
        connection = user_input[CONF_CONNECTION]
        protocol = host.protocol or connection[CONF_PROTOCOL]
        port = host.port or connection.get(CONF_PORT)
        if host.protocol and not host.port:
            # A pasted web address without a port means the usual one, whatever the section says.
            port = None
        password = user_input.get(CONF_PASSWORD)
        if not password:
            password = self._get_reconfigure_entry().data[CONF_PASSWORD]
        self._candidates = [
            {
                CONF_HOST: host.host,
                CONF_PORT: int(port or DEFAULT_PORTS[candidate]),
                CONF_PROTOCOL: candidate,
                CONF_USERNAME: user_input[CONF_USERNAME],
                CONF_PASSWORD: password,
            }
            for candidate in DEFAULT_PORTS
            if protocol in (AUTOMATIC, candidate)
        ]
        return await self._async_connect()

    async def _async_step_fingerprint(
        self, step: str, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        if user_input is not None:
            return await self._async_connect()
        data = self._candidates[0]
        fingerprint = data[CONF_FINGERPRINT].upper()
        return self.async_show_form(
            step_id=step,
            data_schema=vol.Schema({}),
            description_placeholders={
                "host": data[CONF_HOST],
                "fingerprint": ":".join(
                    fingerprint[index : index + 2]
                    for index in range(0, len(fingerprint), 2)
                ),
            },
        )

    async def _async_connect(self) -> ConfigFlowResult:
        """Try the candidates until a camera answers."""
        error: VapixError | None = None
        for data in self._candidates:
            try:
                camera = await create_client(self.hass, data).fetch_camera()
            except CertificateError as err:
                error = err
                break
            except CameraConnectionError as err:
                # HTTP may be there where HTTPS is not. The first reason is the better one to tell.
                error = error or err
            except VapixError as err:
                error = err
                break
            except Exception:  # noqa: BLE001 - a form must not end in a stack trace
                LOGGER.exception("Unexpected error while connecting to a camera")
                return self._show_form({"base": "unknown"})
            else:
                self._data = data
                return await self._async_check(camera)
        if TYPE_CHECKING:
            assert error is not None  # there is always a candidate
        if isinstance(error, CertificateError):
            return await self._async_show_certificate(data)
        return self._show_error(error)

    async def _async_show_certificate(self, data: dict[str, Any]) -> ConfigFlowResult:
        try:
            fingerprint = await self._async_fetch_fingerprint(data)
        except VapixError as err:
            return self._show_error(err)
        self._candidates = [data | {CONF_FINGERPRINT: fingerprint}]
        known = self.source in (SOURCE_REAUTH, SOURCE_RECONFIGURE)
        if known and self._known_entry.data.get(CONF_FINGERPRINT):
            if self._known_entry.data[CONF_FINGERPRINT] == fingerprint:
                return await self._async_connect()
            return await self.async_step_certificate_changed()
        return await self.async_step_certificate()

    async def _async_check(self, camera: Camera) -> ConfigFlowResult:
        """See that it is the right camera, and what can be done with it."""
        await self.async_set_unique_id(camera.device.serial)
        if self.source in (SOURCE_REAUTH, SOURCE_RECONFIGURE):
            self._abort_if_unique_id_mismatch(reason="wrong_camera")
        else:
            self._abort_if_unique_id_configured()
        self._title = self._choose_title(camera)
        if not camera.is_operator:
            return await self.async_step_viewer()
        if camera.disks and all(disk.status == "disconnected" for disk in camera.disks):
            return self._show_form({"base": "no_disk"})
        return self._finish()

    def _finish(self) -> ConfigFlowResult:
        if self.source in (SOURCE_REAUTH, SOURCE_RECONFIGURE):
            return self.async_update_reload_and_abort(
                self._known_entry, data=self._data
            )
        return self.async_create_entry(title=self._title, data=self._data)

    @property
    def _known_entry(self) -> AxisRecordingsConfigEntry:
        if self.source == SOURCE_REAUTH:
            return self._get_reauth_entry()
        return self._get_reconfigure_entry()

    def _choose_title(self, camera: Camera) -> str:
        """Return the name that the owner knows the camera by, else its model."""
        device = camera.device
        core_device = find_core_device(self.hass, device.serial)
        title = (core_device and device_name(core_device)) or device.name
        if title:
            return title
        taken = {entry.title for entry in self._async_current_entries()}
        return (
            device.model
            if device.model not in taken
            else (f"{device.model} {device.serial[-6:]}")
        )

    async def _async_fetch_fingerprint(self, data: Mapping[str, Any]) -> str:
        address = Address(
            host=data[CONF_HOST], port=data[CONF_PORT], protocol=data[CONF_PROTOCOL]
        )
        return await fetch_fingerprint(async_get_clientsession(self.hass), address)

    def _show_error(self, err: VapixError) -> ConfigFlowResult:
        self._reason = str(err)
        match err:
            case NotAxisError():
                key = "not_axis"
            case NotSupportedError():
                key = "no_recording_api"
            case _:
                key = translation_key(err)
        return self._show_form({"base": key})

    def _show_form(self, errors: dict[str, str] | None = None) -> ConfigFlowResult:
        schema = {
            "user": USER_SCHEMA,
            "reconfigure": RECONFIGURE_SCHEMA,
            "reauth_confirm": REAUTH_SCHEMA,
        }[self._form_step]
        placeholders = {"reason": self._reason}
        if self.source in (SOURCE_REAUTH, SOURCE_RECONFIGURE):
            placeholders["camera"] = self._known_entry.title
        return self.async_show_form(
            step_id=self._form_step,
            data_schema=self.add_suggested_values_to_schema(schema, self._form_values),
            errors=errors or {},
            description_placeholders=placeholders,
        )


class AxisRecordingsOptionsFlow(OptionsFlowWithReload):
    """Choose the disk to record to."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Offer the disks that the camera has."""
        if user_input is not None:
            return self.async_create_entry(data=user_input)
        entry: AxisRecordingsConfigEntry = self.config_entry
        if entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="camera_not_loaded")
        camera = entry.runtime_data.camera
        if not camera.is_operator:
            return self.async_abort(reason="read_only")
        options = [
            SelectOptionDict(
                value=disk.disk_id,
                label=f"{disk.name} ({disk.disk_id})" if disk.name else disk.disk_id,
            )
            for disk in camera.disks
        ]
        schema = vol.Schema(
            {
                vol.Optional(CONF_DISK): SelectSelector(
                    SelectSelectorConfig(
                        options=options, mode=SelectSelectorMode.DROPDOWN
                    )
                )
            }
        )
        return self.async_show_form(
            step_id="init",
            data_schema=self.add_suggested_values_to_schema(schema, entry.options),
            description_placeholders={"camera": entry.title},
        )
