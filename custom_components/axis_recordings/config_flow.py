"""Add a camera, and change how it is reached."""

from contextlib import suppress
from typing import TYPE_CHECKING, Any, override

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
    UnitOfInformation,
    UnitOfTime,
)
from homeassistant.core import callback
from homeassistant.data_entry_flow import AbortFlow
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
import voluptuous as vol

from .connection import create_client
from .const import (
    CONF_CACHE_HOURS,
    CONF_CACHE_SIZE,
    CONF_CAMERA,
    CONF_CONNECTION,
    CONF_DISK,
    CONF_FINGERPRINT,
    CONF_NOTHING_RECORDED_HOURS,
    CONF_READ_ONLY,
    DEFAULT_CACHE_HOURS,
    DEFAULT_CACHE_SIZE,
    DOMAIN,
    LOGGER,
)
from .discovery import Discovered, read_dhcp, read_ssdp, read_zeroconf
from .entity import free_title
from .errors import translation_key
from .forms import (
    AUTOMATIC,
    REAUTH_SCHEMA,
    RECONFIGURE_SCHEMA,
    USER_SCHEMA,
    form_values,
)
from .host import parse_host
from .markdown import escape
from .take_over import find_core_entries, read_account
from .vapix import (
    DEFAULT_PORTS,
    Address,
    AuthenticationError,
    BusyError,
    Camera,
    CameraConnectionError,
    CertificateError,
    Disk,
    ForbiddenError,
    HttpsRequiredError,
    LockedOutError,
    MissingRightsError,
    NotAxisError,
    NotSupportedError,
    VapixClient,
    VapixError,
    fetch_fingerprint,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from homeassistant.config_entries import ConfigEntry
    from homeassistant.helpers.service_info.dhcp import DhcpServiceInfo
    from homeassistant.helpers.service_info.ssdp import SsdpServiceInfo
    from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo

    from .coordinator import AxisRecordingsConfigEntry, AxisRecordingsCoordinator


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
        self._candidates: list[dict[str, Any]] = []
        self._agreed_fingerprints: set[str] = set()
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
        # A router tells of whatever has an address. What is not known here is the Axis integration's.
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
            options = [
                SelectOptionDict(
                    value=entry.entry_id,
                    label=f"{entry.title} ({entry.data[CONF_HOST]})",
                )
                for entry in entries
            ]
            selector = SelectSelector(SelectSelectorConfig(options=options))
            return self.async_show_form(
                step_id="take_over",
                data_schema=vol.Schema({vol.Required(CONF_CAMERA): selector}),
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
        with suppress(VapixError):
            try:
                # Needs no account, so it tells without a log-in in vain whether it is the certificate.
                await create_client(self.hass, entry_data).fetch_boot()
            except CertificateError:
                return await self._async_ask_for_certificate(dict(entry_data))
        return self._show_form()

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the account of a known camera."""
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
            description_placeholders={"username": escape(self._data[CONF_USERNAME])},
        )

    async def async_step_read_only(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Go on with an account that may only look."""
        self._data[CONF_READ_ONLY] = True
        return self._finish()

    async def _async_step_discovered(self, found: Discovered) -> ConfigFlowResult:
        """Offer to add a camera that is not known yet; only its account is missing."""
        await self._async_follow(found)
        self.context["title_placeholders"] = {"name": found.name}
        self.context["configuration_url"] = found.url
        connection: dict[str, Any] = {CONF_PROTOCOL: AUTOMATIC}
        # A usual port tells nothing, as HTTPS may be there beside the HTTP that is announced.
        if found.port and found.port not in DEFAULT_PORTS.values():
            connection[CONF_PORT] = found.port
        self._form_values = {CONF_HOST: found.hosts[0], CONF_CONNECTION: connection}
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
        # One that is ignored has no address.
        known = entry.data.get(CONF_HOST) if entry else None
        new = found.moved_from(known) if known else None
        # A camera may have several addresses, or Home Assistant has not forgotten the old one yet.
        # One service may tell of one of them, and another of the other.
        if entry and new and await self._answers(entry, known in found.hosts):
            new = None
        # Nothing but the address: the pinned certificate stays, so that nobody gets the password by
        # telling us where to send it.
        self._abort_if_unique_id_configured(updates={CONF_HOST: new} if new else None)

    async def _answers(self, entry: ConfigEntry, is_announced: bool) -> bool:  # noqa: FBT001
        """Return whether the camera answers at the known address, with the known certificate.

        Where that is not announced, only one that is loaded is asked, and has to prove who it is.
        """
        if not (is_announced or entry.state is ConfigEntryState.LOADED):
            return False
        client = create_client(self.hass, entry.data, entry.unique_id)
        try:
            # Needs no account.
            await client.fetch_boot()
        except VapixError as err:
            # A camera that is busy is there; where it is not, somebody else may be.
            if not is_announced:
                return isinstance(
                    err, (BusyError, MissingRightsError, NotSupportedError)
                )
            return not isinstance(err, (CameraConnectionError, NotAxisError))
        return True

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
        connection = user_input[CONF_CONNECTION]
        protocol = host.protocol or connection[CONF_PROTOCOL]
        port = host.port
        # A pasted web address without a port means the usual one, whatever the section says.
        if not (host.port or host.protocol):
            port = connection.get(CONF_PORT)
        password = user_input.get(CONF_PASSWORD)
        if not password and (entry := self._known_entry):
            password = entry.data[CONF_PASSWORD]
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
        (data,) = self._candidates
        if user_input is not None:
            self._agreed_fingerprints.add(data[CONF_FINGERPRINT])
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
        """Try the candidates, and say in the form what went wrong."""
        try:
            return await self._async_try_candidates()
        except VapixError as err:
            error: VapixError = err
            # Each try has its own connection, and only this one remembers.
            if self._login_failed and isinstance(err, ForbiddenError):
                error = LockedOutError()
            self._login_failed = isinstance(err, AuthenticationError)
            self._reason = str(error)
            return self._show_form({"base": self._error_key(error)})
        except AbortFlow:
            raise
        except Exception:  # noqa: BLE001 - a form must not end in a stack trace
            LOGGER.exception("Unexpected error while connecting to a camera")
            return self._show_form({"base": "unknown"})

    async def _async_try_candidates(self) -> ConfigFlowResult:
        """Go on with the first candidate under which a camera answers."""
        errors: dict[int, CameraConnectionError] = {}
        for data in self._candidates:
            client = create_client(self.hass, data)
            try:
                camera = await client.fetch_camera()
            except CertificateError:
                return await self._async_ask_for_certificate(data)
            except HttpsRequiredError as err:
                if (failure := errors.get(err.port)) is None:
                    raise
                self._reason = str(failure)
                return self._show_form({"base": "https_fails"})
            except CameraConnectionError as err:
                # HTTP may be where HTTPS is not.
                errors.setdefault(data[CONF_PORT], err)
            else:
                return await self._async_check(data, client, camera)
        # The first reason is the one to tell: HTTP was only a guess.
        raise next(iter(errors.values()))

    async def _async_ask_for_certificate(
        self, data: dict[str, Any]
    ) -> ConfigFlowResult:
        """Let the owner look at the certificate, unless it is a known one."""
        address = Address(
            host=data[CONF_HOST], port=data[CONF_PORT], protocol=data[CONF_PROTOCOL]
        )
        fingerprint = await fetch_fingerprint(
            async_get_clientsession(self.hass), address
        )
        expected = data.get(CONF_FINGERPRINT)
        known = expected
        if entry := self._known_entry:
            known = entry.data.get(CONF_FINGERPRINT)
        self._candidates = [data | {CONF_FINGERPRINT: fingerprint}]
        # Where the expected one comes and goes, trying again could go on for ever.
        if fingerprint != expected and fingerprint in {
            known,
            *self._agreed_fingerprints,
        }:
            return await self._async_try_candidates()
        if known:
            return await self.async_step_certificate_changed()
        return await self.async_step_certificate()

    async def _async_check(
        self, data: dict[str, Any], client: VapixClient, camera: Camera
    ) -> ConfigFlowResult:
        """See that it is the right camera, and what can be done with it."""
        # Another window that was left open doesn't stand in the way of this one.
        await self.async_set_unique_id(camera.device.serial, raise_on_progress=False)
        is_new = self._known_entry is None
        if is_new:
            self._abort_if_unique_id_configured()
            self._title = free_title(self.hass, camera.device)
        else:
            self._abort_if_unique_id_mismatch(reason="wrong_camera")
        # What the last account was told says nothing of this one.
        self._data = {
            name: value for name, value in data.items() if name != CONF_READ_ONLY
        }
        if not camera.is_operator:
            return await self.async_step_viewer()
        # A known camera may be without its disk for a while.
        if is_new and not await _has_disk(client, camera):
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

    def _error_key(self, err: VapixError) -> str:
        """Return the key of the sentence in the form."""
        match err:
            case NotAxisError() | NotSupportedError() if self._path:
                return "path_passed_over"
            case NotSupportedError():
                return "no_recording_api"
            case _:
                return translation_key(err)

    def _show_form(self, errors: dict[str, str] | None = None) -> ConfigFlowResult:
        schema = {
            "user": USER_SCHEMA,
            "reconfigure": RECONFIGURE_SCHEMA,
            "reauth_confirm": REAUTH_SCHEMA,
        }[self._form_step]
        # Whoever looks over the shoulder must not be able to uncover the password.
        values = {
            name: value
            for name, value in self._form_values.items()
            if name != CONF_PASSWORD
        }
        # Errors and titles, where these are, are no Markdown.
        placeholders = {"reason": self._reason}
        if self._path:
            placeholders["path"] = self._path
        if entry := self._known_entry:
            placeholders["camera"] = entry.title
        return self.async_show_form(
            step_id=self._form_step,
            data_schema=self.add_suggested_values_to_schema(schema, values),
            errors=errors or {},
            description_placeholders=placeholders,
        )


async def _has_disk(client: VapixClient, camera: Camera) -> bool:
    """Return whether there is a disk, in whatever state, or the camera can't tell."""
    if not camera.disks:
        try:
            await client.fetch_disks()
        except NotSupportedError:
            return True
    return any(disk.is_attached for disk in camera.disks)


class AxisRecordingsOptionsFlow(OptionsFlowWithReload):
    """Choose the disk to record to, how much may be kept of what was played, and when to warn."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Offer the disks that the camera has, if the account may record."""
        if user_input is not None:
            return self.async_create_entry(data=user_input)
        entry: AxisRecordingsConfigEntry = self.config_entry
        if entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="camera_not_loaded")
        disks = await _fetch_disks(entry.runtime_data)
        fields: dict[vol.Marker, Any] = {}
        if disks:
            options = [
                SelectOptionDict(value=disk.disk_id, label=_disk_label(disk))
                for disk in disks
            ]
            fields[vol.Optional(CONF_DISK)] = SelectSelector(
                SelectSelectorConfig(options=options, mode=SelectSelectorMode.DROPDOWN)
            )
        fields[vol.Required(CONF_CACHE_SIZE, default=DEFAULT_CACHE_SIZE)] = (
            NumberSelector(
                NumberSelectorConfig(
                    min=50,
                    max=50_000,
                    unit_of_measurement=UnitOfInformation.MEGABYTES,
                    mode=NumberSelectorMode.BOX,
                )
            )
        )
        fields[vol.Required(CONF_CACHE_HOURS, default=DEFAULT_CACHE_HOURS)] = (
            NumberSelector(
                NumberSelectorConfig(
                    min=1,
                    max=720,
                    unit_of_measurement=UnitOfTime.HOURS,
                    mode=NumberSelectorMode.BOX,
                )
            )
        )
        fields[vol.Optional(CONF_NOTHING_RECORDED_HOURS)] = NumberSelector(
            NumberSelectorConfig(
                min=0,
                max=8760,
                unit_of_measurement=UnitOfTime.HOURS,
                mode=NumberSelectorMode.BOX,
            )
        )
        chosen = dict(entry.options)
        # One that is gone could not be sent back.
        if all(disk.disk_id != chosen.get(CONF_DISK) for disk in disks):
            chosen.pop(CONF_DISK, None)
        return self.async_show_form(
            step_id="init",
            data_schema=self.add_suggested_values_to_schema(vol.Schema(fields), chosen),
            description_placeholders={"camera": entry.title},
        )


async def _fetch_disks(coordinator: AxisRecordingsCoordinator) -> tuple[Disk, ...]:
    """Return the disks as they are now; none where the account may not record."""
    if not coordinator.camera.is_operator:
        return ()
    with suppress(VapixError):
        # A network share may be new, and a card out.
        return await coordinator.client.fetch_disks()
    return coordinator.camera.disks


def _disk_label(disk: Disk) -> str:
    """Return the disk's name, if its owner gave it one, its id, and the camera's word on its state."""
    details = [disk.disk_id] if disk.name else []
    if disk.status != "OK":
        details.append(disk.status)
    label = disk.name or disk.disk_id
    return f"{label} ({', '.join(details)})" if details else label
