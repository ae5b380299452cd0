"""Where a camera is."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from yarl import URL

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a camera is, and how it shows that it is the one."""

    host: str
    """A name, an IPv4 or an IPv6 address without brackets."""
    port: int
    protocol: str
    """https or http."""
    fingerprint: str | None = None
    """SHA-256 of the certificate (hex); None where an authority vouches for it, and for http."""

    def url(self, path: str, arguments: Mapping[str, str] | None = None) -> URL:
        """Return the address of a CGI; every reserved character of the arguments is encoded."""
        query = urlencode(arguments or {}, quote_via=quote)
        url = URL.build(scheme=self.protocol, host=self.host, port=self.port, path=path)
        return (
            url.with_query(None) if not query else URL(f"{url}?{query}", encoded=True)
        )
