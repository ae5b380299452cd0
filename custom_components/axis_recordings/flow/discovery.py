"""Read what Home Assistant has found on the network, so that a camera is known by its serial number."""

from dataclasses import dataclass
from ipaddress import ip_address
import re
from typing import TYPE_CHECKING, Final

from homeassistant.helpers.service_info.ssdp import (
    ATTR_UPNP_FRIENDLY_NAME,
    ATTR_UPNP_MODEL_NAME,
    ATTR_UPNP_PRESENTATION_URL,
    ATTR_UPNP_SERIAL,
)
from yarl import URL

from ..vapix import DEFAULT_PORTS
from ..vapix.bounds import LONGEST_TEXT
from ..vapix.values import text
from .address import is_ip_address, parse_host

if TYPE_CHECKING:
    from homeassistant.helpers.service_info.dhcp import DhcpServiceInfo
    from homeassistant.helpers.service_info.ssdp import SsdpServiceInfo
    from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo

_SERIAL: Final = re.compile(r"[0-9A-F]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovered:
    """A camera on the network, as far as it says without a log-in."""

    serial: str | None
    """As the camera's own answers have it; None if it has none."""
    hosts: tuple[str, ...]
    """Its IP addresses, best first, without those at which nobody or somebody else may be."""
    port: int | None = None
    name: str = ""
    """With the model, where that is announced."""

    @property
    def url(self) -> str:
        """Return the address of its web page."""
        scheme = "https" if self.port == DEFAULT_PORTS["https"] else "http"
        return str(URL.build(scheme=scheme, host=self.hosts[0], port=self.port))

    def moved_from(self, host: str) -> str | None:
        """Return another address of a camera that was at the given one; None if there is none.

        A name finds the camera by itself, and its certificate may be made out to it. An IPv6 address
        says nothing of an IPv4 one.
        """
        if not is_ip_address(host):
            return None
        return next(
            (
                each
                for each in self.hosts
                if each != host
                and (":" in each) == (":" in host)
                and (_is_loopback(host) or not _is_loopback(each))
            ),
            None,
        )


def read_zeroconf(info: ZeroconfServiceInfo) -> Discovered:
    """Read a service that a camera has announced."""
    return Discovered(
        serial=_read_serial(info.properties.get("macaddress")),
        hosts=_lasting(info.host, *info.addresses),
        port=info.port,
        name=info.name.removesuffix(f".{info.type}")[:LONGEST_TEXT],
    )


def read_ssdp(info: SsdpServiceInfo) -> Discovered:
    """Read a UPnP description."""
    try:
        address = parse_host(info.upnp.get(ATTR_UPNP_PRESENTATION_URL) or "")
    except ValueError:
        address = None
    name = text(info.upnp, ATTR_UPNP_FRIENDLY_NAME)
    model = text(info.upnp, ATTR_UPNP_MODEL_NAME)
    return Discovered(
        serial=_read_serial(info.upnp.get(ATTR_UPNP_SERIAL)),
        hosts=_lasting(address.host) if address else (),
        port=address.port if address else None,
        # The maker's own name of a camera holds its model.
        name=name if model in name else f"{name} ({model})",
    )


def read_dhcp(info: DhcpServiceInfo) -> Discovered:
    """Read what a camera has got from the router."""
    return Discovered(serial=_read_serial(info.macaddress), hosts=_lasting(info.ip))


def _read_serial(mac: str | None) -> str | None:
    serial = (mac or "").replace(":", "").upper()
    return serial if _SERIAL.fullmatch(serial) else None


def _lasting(*hosts: str) -> tuple[str, ...]:
    found = [host for host in dict.fromkeys(hosts) if _is_lasting(host)]
    # To whoever hears of it, a loopback address is its own. A camera that has no other is simulated here.
    return tuple(host for host in found if not _is_loopback(host)) or tuple(found)


def _is_lasting(host: str) -> bool:
    """Return whether a host is an IP address at which a camera can be found again."""
    if not is_ip_address(host):
        return False
    address = ip_address(host)
    return not (
        address.is_link_local
        # Devices do announce 0.0.0.0 (Home Assistant, issue 81620), which is whoever asks.
        or address.is_unspecified
        or address.is_multicast
        or address.is_reserved
    )


def _is_loopback(host: str) -> bool:
    return ip_address(host).is_loopback
