"""Log in the way the camera asks for: Digest or Basic.

VAPIX (authentication, network settings): a device on default settings offers only Digest over HTTP and
only Basic over HTTPS; older ones may offer both, and Digest without ``qop``. A nonce may age, which the
camera says with ``stale=true``.

aiohttp's own Digest reads only the first ``WWW-Authenticate`` header, so it can't log in where Basic is
offered beside Digest, and it sends a refused request twice, which counts towards the camera's lock-out.
"""

from hashlib import md5, sha256
import re
from secrets import token_hex
from typing import TYPE_CHECKING

from aiohttp import (
    BasicAuth,
    ClientConnectorError,
    ClientOSError,
    ClientRequest,
    ClientResponse,
    ServerDisconnectedError,
    hdrs,
)

from .errors import AuthenticationError, CameraConnectionError, InsecureLoginError

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp import ClientHandlerType

_HASHES: dict[str, Callable[[bytes], str]] = {
    "MD5": lambda data: md5(data, usedforsecurity=False).hexdigest(),
    "SHA-256": lambda data: sha256(data).hexdigest(),
}
# One scheme with its parameters, also where several share one header.
_CHALLENGE = re.compile(
    r"(?:^|,)\s*([A-Za-z][\w-]*)\s+((?:[\w-]+\s*=\s*(?:\"[^\"]*\"|[^\s,\"]+)\s*,?\s*)*)"
)
_PARAMETER = re.compile(r"([\w-]+)\s*=\s*(?:\"([^\"]*)\"|([^\s,\"]+))")

UNAUTHORIZED = 401


def parse_challenges(headers: list[str]) -> dict[str, dict[str, str]]:
    """Return the parameters of each offered scheme, both with names in lower case.

    Of several Digest challenges the first with a known algorithm counts.
    """
    challenges: dict[str, dict[str, str]] = {}
    for header in headers:
        for scheme, text in _CHALLENGE.findall(f"{header.strip()} "):
            parameters = {
                name.lower(): quoted or bare
                for name, quoted, bare in _PARAMETER.findall(text)
            }
            if parameters.get("algorithm", "MD5").upper() in _HASHES:
                challenges.setdefault(scheme.lower(), parameters)
    return challenges


class Login:
    """Client middleware that answers the camera's challenge and remembers how.

    Once the scheme (and for Digest the nonce) is known, a request takes one round trip.
    """

    def __init__(self, username: str, password: str) -> None:
        """Keep the account; nothing is sent before the camera has asked."""
        self._username = username
        self._password = password
        self._scheme: str | None = None
        self._digest: dict[str, str] = {}
        self._nonce_count = 0

    async def __call__(
        self, request: ClientRequest, handler: ClientHandlerType
    ) -> ClientResponse:
        """Send the request, and a second time where the camera asks to log in anew."""
        sent = self._authorize(request)
        response = await handler(request)
        if response.status != UNAUTHORIZED or not self._accept(response, sent=sent):
            return response
        response.release()
        self._authorize(request)
        return await handler(request)

    def _authorize(self, request: ClientRequest) -> bool:
        """Add the credentials, if it is known how. True if they were added."""
        if self._scheme == "digest":
            value = self._digest_answer(request.method, request.url.raw_path_qs)
        elif self._scheme == "basic":
            value = BasicAuth(self._username, self._password, "utf-8").encode()
        else:
            return False
        request.headers[hdrs.AUTHORIZATION] = value
        return True

    def _accept(self, response: ClientResponse, *, sent: bool) -> bool:
        """Learn from a challenge. True if it is worth sending the request again."""
        challenges = parse_challenges(
            response.headers.getall(hdrs.WWW_AUTHENTICATE, [])
        )
        if (digest := challenges.get("digest")) is not None:
            if not digest.get("nonce") or "realm" not in digest:
                message = "The camera's Digest challenge has no nonce or no realm"
                raise AuthenticationError(message)
            # Credentials that were refused with a living nonce are wrong, or lack the rights: sending
            # them again would only bring the lock-out nearer. A camera that has restarted knows no old
            # nonce, and not every one says so with ``stale``.
            again = (
                not sent
                or self._scheme != "digest"
                or digest.get("stale", "").lower() == "true"
                or digest["nonce"] != self._digest["nonce"]
            )
            self._scheme = "digest"
            self._digest = digest
            self._nonce_count = 0
            return again
        if "basic" in challenges:
            if response.url.scheme != "https":
                message = "The camera asks for the password in clear text over HTTP"
                raise InsecureLoginError(message)
            again = not sent or self._scheme != "basic"
            self._scheme = "basic"
            return again
        return False

    def _digest_answer(self, method: str, uri: str) -> str:
        """Return the header for one request (RFC 7616; without qop as in RFC 2069)."""
        challenge = self._digest
        realm, nonce = challenge["realm"], challenge["nonce"]
        digest = _HASHES[challenge.get("algorithm", "MD5").upper()]

        def hashed(*parts: str) -> str:
            return digest(":".join(parts).encode())

        secret = hashed(self._username, realm, self._password)
        fields = {
            "username": self._username.replace("\\", "\\\\").replace('"', '\\"'),
            "realm": realm,
            "nonce": nonce,
            "uri": uri,
        }
        bare = {}
        if algorithm := challenge.get("algorithm"):
            bare["algorithm"] = algorithm
        if "qop" in challenge:
            self._nonce_count += 1
            bare |= {"qop": "auth", "nc": f"{self._nonce_count:08x}"}
            fields["cnonce"] = token_hex(8)
            proof = [nonce, bare["nc"], fields["cnonce"], "auth"]
        else:
            proof = [nonce]
        fields["response"] = hashed(secret, *proof, hashed(method, uri))
        if opaque := challenge.get("opaque"):
            fields["opaque"] = opaque
        pairs = [f'{name}="{value}"' for name, value in fields.items()]
        pairs += [f"{name}={value}" for name, value in bare.items()]
        return f"Digest {', '.join(pairs)}"


async def never_send_twice(
    request: ClientRequest, handler: ClientHandlerType
) -> ClientResponse:
    """Client middleware for commands: keep aiohttp from repeating them by itself.

    aiohttp repeats a GET whose connection broke. VAPIX starts and stops recordings with GET, and the
    camera may have obeyed before the connection broke: a repeated start would leave a recording that
    nobody knows of.
    """
    try:
        return await handler(request)
    except ClientConnectorError:
        raise
    except (ClientOSError, ServerDisconnectedError) as err:
        message = "The connection broke before the camera answered"
        raise CameraConnectionError(message, sent=True) from err
