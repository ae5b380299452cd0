"""Read what people type or paste as the address of a camera."""

from dataclasses import dataclass, field
from ipaddress import ip_address
import re

from yarl import URL

from ..vapix import DEFAULT_PORTS

# A name does not end in a number. What does is a mistyped IP address, of which the system would make
# another one: to it, 192.168.15 means 192.168.0.15.
_NAME = re.compile(
    r"(?=.{1,254}$)(?:[\w-]{1,63}\.)*(?!\d+\.?$)[\w-]{1,63}\.?", re.ASCII
)

_LONGEST_IP_ADDRESS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """Where a camera is; None is what was not said."""

    host: str
    """A name, an IPv4 address, or an IPv6 address without brackets."""
    port: int | None = None
    protocol: str | None = None
    path: str = field(default="", compare=False)
    """What followed in a web address; a camera has none."""


def parse_host(text: str) -> Host:
    """Read a name, an IPv4 or IPv6 address, any of them with a port, or a whole web address.

    Raises ValueError if it is none of these. A username in a web address is passed over.
    """
    text = text.strip()
    if ip := _read_ip_address(text.removeprefix("[").removesuffix("]")):
        return Host(host=ip)
    # With one slash it is a web address too, though a broken one.
    is_web_address = ":/" in text
    try:
        url = URL(text if is_web_address else f"//{text}")
    except IndexError as err:  # yarl's way to refuse "[]@"
        raise ValueError(text) from err
    if (
        (is_web_address and url.scheme not in DEFAULT_PORTS)
        or not (host := _read_ip_address(url.host or "") or _read_name(url))
        or url.explicit_port == 0
    ):
        raise ValueError(text)
    return Host(
        host=host,
        port=url.explicit_port,
        protocol=url.scheme if is_web_address else None,
        path=url.path.rstrip("/"),
    )


def is_ip_address(host: str) -> bool:
    """Return whether a host is an IP address instead of a name."""
    return _read_ip_address(host) is not None


def _read_ip_address(text: str) -> str | None:
    # The name of a network interface may follow, as long as anybody likes.
    if len(text) > _LONGEST_IP_ADDRESS:
        return None
    try:
        return str(ip_address(text))
    except ValueError:
        return None


def _read_name(url: URL) -> str | None:
    return url.host if _NAME.fullmatch(url.raw_host or "") else None
