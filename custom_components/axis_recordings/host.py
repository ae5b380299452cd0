"""Read what people type or paste as the address of a camera."""

from dataclasses import dataclass
from ipaddress import ip_address

from yarl import URL

from .vapix import DEFAULT_PORTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """Where to look for a camera; None is what was not said."""

    host: str
    port: int | None = None
    protocol: str | None = None


def parse_host(text: str) -> Host:
    """Read a name, an IPv4 or IPv6 address, either with a port, or a whole web address.

    Raises ValueError if it is none of these. A user name or path in a web address is passed over.
    """
    text = text.strip()
    try:
        return Host(host=str(ip_address(text.removeprefix("[").removesuffix("]"))))
    except ValueError:
        pass
    has_scheme = "://" in text
    url = URL(text if has_scheme else f"//{text}")
    if not url.host or (has_scheme and url.scheme not in DEFAULT_PORTS):
        raise ValueError(text)
    if any(not (char.isalnum() or char in "-._:%") for char in url.host):
        raise ValueError(text)
    return Host(
        host=url.host,
        port=url.explicit_port,
        protocol=url.scheme if has_scheme else None,
    )
