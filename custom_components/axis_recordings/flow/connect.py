"""Reach a camera as its owner has said, without a word on which form follows."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import (
    CONF_HOST,
    CONF_PASSWORD,
    CONF_PORT,
    CONF_PROTOCOL,
    CONF_USERNAME,
)
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from ..connection import create_client
from ..const import CONF_CONNECTION, CONF_FINGERPRINT
from ..exceptions import translation_key
from ..vapix import (
    DEFAULT_PORTS,
    Address,
    BusyError,
    Camera,
    CameraConnectionError,
    CertificateError,
    HttpsRequiredError,
    MissingRightsError,
    NotAxisError,
    NotSupportedError,
    VapixClient,
    VapixError,
    fetch_fingerprint,
)
from .schemas import AUTOMATIC

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from homeassistant.config_entries import ConfigEntry
    from homeassistant.core import HomeAssistant

    from .address import Host
    from .discovery import Discovered

type EntryData = dict[str, Any]
"""What the config entry of a camera stores."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """The camera has answered, and knows the account."""

    data: EntryData
    client: VapixClient
    camera: Camera


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownCertificate:
    """Something answers with a certificate that nobody has agreed to yet."""

    data: EntryData
    """With the fingerprint of that certificate."""
    is_changed: bool
    """Whether another one was agreed to before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpsFailed:
    """The camera requires HTTPS, which does not work."""

    reason: str


type Outcome = Connected | UnknownCertificate | HttpsFailed


def candidates(
    host: Host, user_input: Mapping[str, Any], password: str | None
) -> list[EntryData]:
    """Return the ways in which a camera may be reached that was typed into the form, best first."""
    connection = user_input[CONF_CONNECTION]
    protocol = host.protocol or connection[CONF_PROTOCOL]
    port = host.port
    # A pasted web address without a port means the usual one, whatever the section says.
    if not (host.port or host.protocol):
        port = connection.get(CONF_PORT)
    return [
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


async def connect(
    hass: HomeAssistant,
    ways: list[EntryData],
    *,
    stored: Mapping[str, Any] | None,
    agreed: Collection[str],
) -> Outcome:
    """Take the first way on which a camera answers.

    ``stored`` is what the config entry to change holds, None where one is to be added. ``agreed`` are the
    fingerprints that the owner has seen. Raises VapixError if there is no such way.
    """
    errors: dict[int, CameraConnectionError] = {}
    for data in ways:
        client = create_client(hass, data)
        try:
            camera = await client.fetch_camera()
        except CertificateError:
            return await _check_certificate(hass, data, stored=stored, agreed=agreed)
        except HttpsRequiredError as err:
            if (failure := errors.get(err.port)) is None:
                raise
            return HttpsFailed(reason=str(failure))
        except CameraConnectionError as err:
            # HTTP may be where HTTPS is not.
            errors.setdefault(data[CONF_PORT], err)
        else:
            return Connected(data=data, client=client, camera=camera)
    # The first reason is the one to show: HTTP was only a guess.
    raise next(iter(errors.values()))


async def _check_certificate(
    hass: HomeAssistant,
    data: EntryData,
    *,
    stored: Mapping[str, Any] | None,
    agreed: Collection[str],
) -> Outcome:
    """Return the certificate for the owner to compare; go on with one that is known."""
    address = Address(
        host=data[CONF_HOST], port=data[CONF_PORT], protocol=data[CONF_PROTOCOL]
    )
    fingerprint = await fetch_fingerprint(async_get_clientsession(hass), address)
    expected = data.get(CONF_FINGERPRINT)
    known = expected if stored is None else stored.get(CONF_FINGERPRINT)
    data = data | {CONF_FINGERPRINT: fingerprint}
    # Where the expected one comes and goes, trying again could go on forever.
    if fingerprint != expected and fingerprint in {known, *agreed}:
        return await connect(hass, [data], stored=stored, agreed=agreed)
    return UnknownCertificate(data=data, is_changed=bool(known))


async def find_new_certificate(
    hass: HomeAssistant, stored: Mapping[str, Any]
) -> Outcome | None:
    """Return the certificate of a known camera if it is not the known one. Raises VapixError."""
    try:
        # Needs no account, so it shows without a log-in in vain whether it is the certificate.
        await create_client(hass, stored).fetch_boot()
    except CertificateError:
        return await _check_certificate(hass, dict(stored), stored=stored, agreed=())
    return None


async def new_host(
    hass: HomeAssistant, entry: ConfigEntry, found: Discovered
) -> str | None:
    """Return the address to which a known camera has moved; None if it is to be left where it is."""
    # One that is ignored has no address.
    known = entry.data.get(CONF_HOST)
    new = found.moved_from(known) if known else None
    # A camera may have several addresses, or Home Assistant has not forgotten the old one yet.
    # One service may announce one of them, and another of the other.
    if new and await _answers(hass, entry, is_announced=known in found.hosts):
        return None
    return new


async def _answers(
    hass: HomeAssistant, entry: ConfigEntry, *, is_announced: bool
) -> bool:
    """Return whether the camera answers at the known address, with the known certificate.

    Where that is not announced, only one that is loaded is asked, and has to prove who it is.
    """
    if not (is_announced or entry.state is ConfigEntryState.LOADED):
        return False
    client = create_client(hass, entry.data, entry.unique_id)
    try:
        # Needs no account.
        await client.fetch_boot()
    except VapixError as err:
        # A camera that is busy is there; where it is not, somebody else may be.
        if not is_announced:
            return isinstance(err, (BusyError, MissingRightsError, NotSupportedError))
        return not isinstance(err, (CameraConnectionError, NotAxisError))
    return True


async def has_disk(client: VapixClient, camera: Camera) -> bool:
    """Return whether there is a disk, in whatever state, or the camera can't say."""
    if not camera.disks:
        try:
            await client.fetch_disks()
        except NotSupportedError:
            return True
    return any(disk.is_attached for disk in camera.disks)


def error_key(err: VapixError, *, has_path: bool) -> str:
    """Return the key of the sentence in the form; ``has_path`` if more than an address was typed in."""
    match err:
        case NotAxisError() | NotSupportedError() if has_path:
            return "path_passed_over"
        case NotSupportedError():
            return "no_recording_api"
        case _:
            return translation_key(err)
