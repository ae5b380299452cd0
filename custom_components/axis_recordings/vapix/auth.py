"""Log in the way the camera asks for: Digest or Basic.

VAPIX (authentication, network settings): a device on default settings offers only Digest over HTTP and
only Basic over HTTPS; older ones may offer both, and Digest without ``qop``. A nonce may age, which the
camera says with ``stale=true``.

aiohttp's own Digest reads only the first ``WWW-Authenticate`` header, so it can't log in where Basic is
offered beside Digest, and it sends a refused request twice, which counts towards the camera's lock-out.
"""

from base64 import b64encode
from hashlib import md5, sha256
import re
from secrets import token_hex
import time
from typing import TYPE_CHECKING

from aiohttp import (
    ClientConnectorError,
    ClientOSError,
    ClientRequest,
    ClientResponse,
    ServerDisconnectedError,
    hdrs,
)

from .errors import AuthenticationError, CameraConnectionError, InsecureLoginError
from .status import UNAUTHORIZED

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp import ClientHandlerType
    from yarl import URL

_HASHES: dict[str, Callable[[bytes], str]] = {
    "MD5": lambda data: md5(data, usedforsecurity=False).hexdigest(),
    "SHA-256": lambda data: sha256(data).hexdigest(),
}
# A word, which is a scheme, or a parameter with its value.
_WORD = re.compile(
    r'([\w-]+)(?:\s*(=)\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))?', re.ASCII
)

# For so long after a failed log-in a refusal may be a lock-out, which lasts for 10 s.
FAILURE_SECONDS = 60.0
# A nonce that is refused so soon has not aged.
YOUNG_SECONDS = 5.0
MOST_REFUSED_REUSES = 2


def parse_challenges(headers: list[str]) -> dict[str, dict[str, str]]:
    """Return the parameters of each scheme that we can answer, both with names in lower case.

    Several schemes may share one header. Of several Digest challenges the first that we know counts.
    """
    challenges: list[tuple[str, dict[str, str]]] = []
    # What is not printable could not be sent back.
    for header in filter(str.isprintable, headers):
        parameters: dict[str, str] = {}
        for name, is_parameter, quoted, bare in _WORD.findall(header):
            if is_parameter:
                parameters[name.lower()] = quoted or bare
            else:
                parameters = {}
                challenges.append((name.lower(), parameters))
    known: dict[str, dict[str, str]] = {}
    for scheme, parameters in challenges:
        if scheme != "digest" or _is_known(parameters):
            known.setdefault(scheme, parameters)
    return known


def _is_known(digest: dict[str, str]) -> bool:
    return (
        bool(digest.get("nonce"))
        and "realm" in digest
        and digest.get("algorithm", "MD5").upper() in _HASHES
        and "auth" in (digest.get("qop") or "auth").replace(",", " ").split()
    )


class Login:
    """Client middleware that answers the camera's challenge and remembers how.

    Once the scheme (and for Digest the nonce) is known, a request takes one round trip.
    """

    def __init__(
        self,
        username: str,
        password: str,
        before_login: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Keep the account; nothing is sent before the camera has asked.

        ``before_login`` is called before the camera's challenge is answered, and may raise.
        """
        self._username = username
        self._password = password
        self._before_login = before_login
        self._scheme: str | None = None
        self._digest: dict[str, str] = {}
        self._nonce_count = 0
        self._uses = 0
        self._learned = 0.0
        self._refused_reuses = 0
        self._failed_until = 0.0

    async def __call__(
        self, request: ClientRequest, handler: ClientHandlerType
    ) -> ClientResponse:
        """Send the request, and a second time where the camera asks to log in anew."""
        tried = self._authorize(request)
        response = await handler(request)
        is_reused = self._uses > 1
        if response.status != UNAUTHORIZED:
            if is_reused:
                self._refused_reuses = 0
            if tried is None and self.asks_each_time:
                await self._prove_unasked(response)
            self._spare()
            return response
        # Lets go of the connection; status and headers stay.
        response.release()
        is_young = time.monotonic() < self._learned + YOUNG_SECONDS
        challenges = response.headers.getall(hdrs.WWW_AUTHENTICATE, [])
        if not self.learn(challenges, response.url, tried):
            if tried is not None:
                self._note_failure()
            return response
        if self._before_login:
            await self._before_login()
        self._authorize(request)
        response = await handler(request)
        if response.status == UNAUTHORIZED:
            self.fail()
            return response
        if is_reused and is_young:
            self._refused_reuses += 1
        self._spare()
        return response

    async def _prove_unasked(self, response: ClientResponse) -> None:
        """Do before an answer is believed what is done before a challenge is answered."""
        if self._before_login:
            try:
                await self._before_login()
            except BaseException:
                response.close()
                raise

    def _spare(self) -> None:
        """Let a camera that takes each nonce once only ask anew each time.

        It may count the second use as a failed log-in, and lock us out.
        """
        if self.asks_each_time:
            self._scheme = None

    @property
    def asks_each_time(self) -> bool:
        """Return whether each request waits for a challenge, as the camera takes each nonce once only."""
        return self._refused_reuses >= MOST_REFUSED_REUSES

    @property
    def is_bound(self) -> bool:
        """Return whether another camera would not take the credentials.

        It knows another nonce, or has to ask for one first; where it asks for none, that counts as asking.
        """
        return self._scheme == "digest" or self.asks_each_time

    def authorization(self, method: str, url: URL) -> str | None:
        """Return the header for one request, None as long as the camera has not asked for any."""
        match self._scheme:
            case "digest":
                self._uses += 1
                return self._digest_answer(method, url.raw_path_qs)
            case "basic":
                account = f"{self._username}:{self._password}".encode()
                return f"Basic {b64encode(account).decode()}"
            case _:
                return None

    def learn(self, headers: list[str], url: URL, tried: str | None) -> bool:
        """Learn from a challenge. True if it is worth sending the request again.

        ``tried`` is the header that was refused.
        """
        challenges = parse_challenges(headers)
        if digest := challenges.get("digest"):
            # What was refused was sent with a nonce that had been good before. It may have aged, or the
            # camera has restarted; not every one says so with ``stale``.
            self._scheme, self._digest, self._nonce_count = "digest", digest, 0
            self._uses, self._learned = 0, time.monotonic()
            return True
        if "basic" not in challenges:
            return False
        if url.scheme != "https":
            message = "The camera asks for the password in clear text over HTTP"
            raise InsecureLoginError(message)
        self._scheme = "basic"
        return tried is None or not tried.startswith("Basic ")

    @property
    def has_failed(self) -> bool:
        """Return whether a log-in has failed a short time ago, so that the camera may lock us out."""
        return time.monotonic() < self._failed_until

    def fail(self) -> None:
        """Let the camera ask anew.

        Refused with a new nonce, it was not the nonce. The next request asks for another one, rather than
        be refused with this one and counted as a second failed log-in.
        """
        self._scheme = None
        self._note_failure()

    def _note_failure(self) -> None:
        self._failed_until = time.monotonic() + FAILURE_SECONDS

    def _authorize(self, request: ClientRequest) -> str | None:
        """Add the credentials, if it is known how."""
        value = self.authorization(request.method, request.url)
        if value is not None:
            request.headers[hdrs.AUTHORIZATION] = value
        return value

    def _digest_answer(self, method: str, uri: str) -> str:
        """Return the header for one request (RFC 7616; without qop as in RFC 2069)."""
        if not self._username.isprintable():
            message = "The username holds characters that no camera accepts"
            raise AuthenticationError(message)
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
        if challenge.get("qop"):
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
