"""Add a camera, and change how it is reached."""

from contextlib import suppress
from typing import TYPE_CHECKING, Any, override

from homeassistant.config_entries import (
    SOURCE_REAUTH,
    SOURCE_RECONFIGURE,
    ConfigFlow,
    ConfigFlowResult,
)
from homeassistant.const import (
    CONF_HOST,
    CONF_PASSWORD,
    CONF_USERNAME,
)
from homeassistant.core import callback
from homeassistant.data_entry_flow import AbortFlow
import voluptuous as vol

from .const import (
    CONF_CAMERA,
    CONF_FINGERPRINT,
    CONF_READ_ONLY,
    DOMAIN,
    LOGGER,
)
from .core_axis import find_core_entries, read_account
from .entity import free_title
from .flow.address import parse_host
from .flow.connect import (
    Connected,
    HttpsFailed,
    UnknownCertificate,
    candidates,
    connect,
    error_key,
    find_new_certificate,
    has_disk,
    new_host,
)
from .flow.discovery import Discovered, read_dhcp, read_ssdp, read_zeroconf
from .flow.options import AxisRecordingsOptionsFlow
from .flow.schemas import (
    SCHEMAS,
    camera_schema,
    discovered_values,
    form_values,
    without_password,
)
from .helpers.markdown import escape
from .helpers.supervision import Guard
from .vapix import (
    AuthenticationError,
    ForbiddenError,
    LockedOutError,
    VapixError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from homeassistant.config_entries import ConfigEntry
    from homeassistant.helpers.service_info.dhcp import DhcpServiceInfo
    from homeassistant.helpers.service_info.ssdp import SsdpServiceInfo
    from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo

    from .flow.connect import EntryData, Outcome
    from .runtime import AxisRecordingsConfigEntry


class AxisRecordingsConfigFlow(ConfigFlow, domain=DOMAIN):
    """Add a camera, log in anew, or change its address.

    A camera to add is found on the network, taken over from the Axis integration, or typed in. All ways
    lead through the same checks: reach the camera, agree to its certificate, log in, see that it is the
    same camera, and see what the account may do.
    """

    VERSION = 1

    def __init__(self) -> None:
        """Start with an empty form."""
        self._form_step = "user"
        self._form_values: dict[str, Any] = {}
        self._reason = ""
        self._path = ""
        self._login_failed = False
        self._ways: list[EntryData] = []
        self._agreed: set[str] = set()
        self._data: dict[str, Any] = {}
        self._title = ""
        self._core_entry_id = ""

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
        if user_input is None and not self._form_values and self._core_entries:
            return await self.async_step_start()
        return await self._async_step_address("user", user_input)

    @override
    async def async_step_zeroconf(
        self, discovery_info: ZeroconfServiceInfo
    ) -> ConfigFlowResult:
        return await self._async_step_discovered(read_zeroconf(discovery_info))

    @override
    async def async_step_ssdp(
        self, discovery_info: SsdpServiceInfo
    ) -> ConfigFlowResult:
        return await self._async_step_discovered(read_ssdp(discovery_info))

    @override
    async def async_step_dhcp(
        self, discovery_info: DhcpServiceInfo
    ) -> ConfigFlowResult:
        await self._async_follow(read_dhcp(discovery_info))
        # A router reports whatever has an address. What is not known here is the Axis integration's.
        return self.async_abort(reason="not_added")

    async def async_step_start(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Offer the account that the Axis integration has."""
        return self.async_show_menu(
            step_id="start", menu_options=["take_over", "manual"]
        )

    async def async_step_manual(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the address and the account."""
        return await self._async_step_address("user", None)

    async def async_step_take_over(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Let the owner choose one of the Axis integration's cameras, if there are several."""
        entries = self._core_entries
        if user_input is not None:
            self._core_entry_id = user_input[CONF_CAMERA]
        elif len(entries) > 1:
            return self.async_show_form(
                step_id="take_over", data_schema=camera_schema(entries)
            )
        elif entries:
            self._core_entry_id = entries[0].entry_id
        return await self.async_step_take_over_confirm()

    async def async_step_take_over_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Say what will be copied, and do so once the owner agrees."""
        entry = self.hass.config_entries.async_get_entry(self._core_entry_id)
        if entry is None:
            return self._show_form({"base": "core_camera_gone"})
        account = read_account(entry)
        if user_input is not None:
            return await self._async_step_address("user", form_values(account))
        return self.async_show_form(
            step_id="take_over_confirm",
            data_schema=vol.Schema({}),
            description_placeholders={
                "camera": escape(entry.title),
                "host": escape(account[CONF_HOST]),
                "username": escape(account[CONF_USERNAME]),
            },
        )

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Change the address or the account of a known camera."""
        if not self._form_values:
            self._form_values = form_values(self._get_reconfigure_entry().data)
        return await self._async_step_address("reconfigure", user_input)

    async def async_step_reauth(
        self, entry_data: Mapping[str, Any]
    ) -> ConfigFlowResult:
        """Log in anew, or agree to a changed certificate."""
        self._form_step = "reauth_confirm"
        self._form_values = {CONF_USERNAME: entry_data[CONF_USERNAME]}
        outcome = None
        # Whatever goes wrong, nobody could log in anew without the form.
        with Guard(self._get_reauth_entry(), "reauthentication"), suppress(VapixError):
            outcome = await find_new_certificate(self.hass, entry_data)
        return await self._async_go_on(outcome) if outcome else self._show_form()

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the account of a known camera."""
        if user_input is None:
            return self._show_form()
        self._form_values = user_input
        self._ways = [dict(self._get_reauth_entry().data) | user_input]
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
            description_placeholders={"username": escape(self._data[CONF_USERNAME])},
        )

    async def async_step_read_only(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Go on with a view-only account."""
        self._data[CONF_READ_ONLY] = True
        return self._finish()

    async def _async_step_discovered(self, found: Discovered) -> ConfigFlowResult:
        """Offer to add a camera that is not known yet; only its account is missing."""
        await self._async_follow(found)
        self.context["title_placeholders"] = {"name": found.name}
        self.context["configuration_url"] = found.url
        self._form_values = discovered_values(found)
        if self._core_entries:
            return await self.async_step_start()
        return self._show_form()

    async def _async_follow(self, found: Discovered) -> None:
        """End the flow for a known camera, which gets its new address."""
        if not found.serial:
            raise AbortFlow(reason="no_serial_number")
        if not found.hosts:
            raise AbortFlow(reason="link_local_address")
        entry = await self.async_set_unique_id(found.serial)
        new = await new_host(self.hass, entry, found) if entry else None
        # Nothing but the address: the pinned certificate stays, so that nobody gets the password by
        # telling us where to send it.
        self._abort_if_unique_id_configured(updates={CONF_HOST: new} if new else None)

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
        self._path = host.path
        password = user_input.get(CONF_PASSWORD)
        if not password and (entry := self._known_entry):
            password = entry.data[CONF_PASSWORD]
        self._ways = candidates(host, user_input, password)
        return await self._async_connect()

    async def _async_step_fingerprint(
        self, step: str, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        (data,) = self._ways
        if user_input is not None:
            self._agreed.add(data[CONF_FINGERPRINT])
            return await self._async_connect()
        return self.async_show_form(
            step_id=step,
            data_schema=vol.Schema({}),
            description_placeholders={
                "host": escape(data[CONF_HOST]),
                # As a camera and a browser show it.
                "fingerprint": bytes.fromhex(data[CONF_FINGERPRINT]).hex(":").upper(),
            },
        )

    async def _async_connect(self) -> ConfigFlowResult:
        """Try to reach the camera, and say in the form what went wrong."""
        try:
            outcome = await connect(
                self.hass, self._ways, stored=self._stored, agreed=self._agreed
            )
            return await self._async_go_on(outcome)
        except VapixError as err:
            error: VapixError = err
            # Each try has its own connection, and only this one remembers.
            if self._login_failed and isinstance(err, ForbiddenError):
                error = LockedOutError()
            self._login_failed = isinstance(err, AuthenticationError)
            self._reason = str(error)
            return self._show_form(
                {"base": error_key(error, has_path=bool(self._path))}
            )
        except AbortFlow:
            raise
        except Exception:  # noqa: BLE001 - a form must not end in a stack trace
            LOGGER.exception("Unexpected error while connecting to a camera")
            return self._show_form({"base": "unknown"})

    async def _async_go_on(self, outcome: Outcome) -> ConfigFlowResult:
        """Show what follows from a try."""
        match outcome:
            case UnknownCertificate(data=data, is_changed=is_changed):
                self._ways = [data]
                if is_changed:
                    return await self.async_step_certificate_changed()
                return await self.async_step_certificate()
            case HttpsFailed(reason=reason):
                self._reason = reason
                return self._show_form({"base": "https_fails"})
            case _:
                return await self._async_check(outcome)

    async def _async_check(self, connected: Connected) -> ConfigFlowResult:
        """See that it is the right camera, and what can be done with it."""
        camera = connected.camera
        # Another window that was left open doesn't stand in the way of this one.
        await self.async_set_unique_id(camera.device.serial, raise_on_progress=False)
        is_new = self._known_entry is None
        if is_new:
            self._abort_if_unique_id_configured()
            self._title = free_title(self.hass, camera.device)
        else:
            self._abort_if_unique_id_mismatch(reason="wrong_camera")
        # What the last account was refused says nothing of this one.
        self._data = {
            name: value
            for name, value in connected.data.items()
            if name != CONF_READ_ONLY
        }
        if not camera.is_operator:
            return await self.async_step_viewer()
        # A known camera may be without its disk for a while.
        if is_new and not await has_disk(connected.client, camera):
            return self._show_form({"base": "no_disk"})
        return self._finish()

    def _finish(self) -> ConfigFlowResult:
        if entry := self._known_entry:
            return self.async_update_reload_and_abort(entry, data=self._data)
        return self.async_create_entry(title=self._title, data=self._data)

    @property
    def _core_entries(self) -> list[ConfigEntry]:
        """Return the Axis integration's cameras that are not known here; only the one that was found."""
        known = {entry.unique_id for entry in self._async_current_entries()}
        return find_core_entries(self.hass, known=known, serial=self.unique_id)

    @property
    def _known_entry(self) -> AxisRecordingsConfigEntry | None:
        """Return the entry to change; None where one is to be added."""
        if self.source == SOURCE_REAUTH:
            return self._get_reauth_entry()
        if self.source == SOURCE_RECONFIGURE:
            return self._get_reconfigure_entry()
        return None

    @property
    def _stored(self) -> Mapping[str, Any] | None:
        """Return what is stored of the camera to change; None where one is to be added."""
        return entry.data if (entry := self._known_entry) else None

    def _show_form(self, errors: dict[str, str] | None = None) -> ConfigFlowResult:
        # Errors and titles, where these are, are no Markdown.
        placeholders = {"reason": self._reason}
        if self._path:
            placeholders["path"] = self._path
        if entry := self._known_entry:
            placeholders["camera"] = entry.title
        return self.async_show_form(
            step_id=self._form_step,
            data_schema=self.add_suggested_values_to_schema(
                SCHEMAS[self._form_step], without_password(self._form_values)
            ),
            errors=errors or {},
            description_placeholders=placeholders,
        )
