"""One camera's HTTP connection: limits, log-in and certificate, one request at a time."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from errno import ECONNREFUSED
from functools import partial
import os
import time
from typing import TYPE_CHECKING, Any, TypeGuard
from urllib.parse import quote, urlencode

import aiohttp
from aiohttp import hdrs
from yarl import URL

from .auth import UNAUTHORIZED, Login, never_send_twice
from .bounds import Bounds
from .errors import (
    CameraConnectionError,
    CameraTimeoutError,
    CertificateError,
    HttpsRequiredError,
    UnexpectedAnswerError,
)
from .identity import Identity
from .status import REDIRECTS, check_status
from .times import parse_http_date

if TYPE_CHECKING:
    from collections.abc import (
        AsyncGenerator,
        AsyncIterator,
        Awaitable,
        Callable,
        Mapping,
    )
    from datetime import datetime


# The largest page of recordings that is asked for has some 350 kB; what is larger than this is not an
# answer of a camera.
MAX_ANSWER_BYTES = 2 * 1024 * 1024
# Listing can be slow on cameras with many recordings; users report tens of seconds, up to two minutes. As
# long as nobody knows how slow this one is, and where it is known to be so, it gets so many times as long.
TIMEOUT = aiohttp.ClientTimeout(total=60, connect=10, sock_read=30)
MOST_PATIENCE = 4.0
# A film is sent for as long as it takes, but never without a byte for so long.
STREAM_TIMEOUT = aiohttp.ClientTimeout(total=None, connect=10, sock_read=30)
# Nothing else is asked of the camera meanwhile.
HANDSHAKE_SECONDS = 10.0
# A message of an event stream has some hundred bytes.
MAX_MESSAGE_BYTES = 256 * 1024
SWITCHING_PROTOCOLS = 101
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A camera's answer with status 2xx."""

    body: bytes
    content_type: str
    time: datetime | None
    """The camera's clock when it answered (VAPIX sends whole seconds)."""
    monotonic: float
    """Our monotonic clock at that moment, in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """An answer as it came, whatever its status."""

    status: int
    headers: Mapping[str, str]
    challenges: list[str]
    """What the camera says of logging in."""
    version: str
    """Of HTTP, such as 1.1."""
    body: bytes
    """No more of it than was asked for."""
    seconds: float
    """How long the camera took until the answer began."""


class Stream:
    """An answer with status 2xx whose body comes bit by bit."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        """Take an answer of which only the headers have been read."""
        self._response = response
        self.content_type = response.content_type

    async def chunks(self) -> AsyncIterator[bytes]:
        """Return the body as it comes. CameraConnectionError if it breaks off."""
        try:
            async for chunk in self._response.content.iter_any():
                yield chunk
        except (aiohttp.ClientError, TimeoutError, OSError) as err:
            raise _translate(err) from err


class CameraHttp:
    """Talks to one camera, never with two requests at a time.

    Old cameras cope badly with parallel requests, and parallel requests with wrong credentials run into
    the lock-out at once.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        address: Address,
        username: str,
        password: str,
        *,
        prove: Callable[[CameraHttp], Awaitable[None]] | None = None,
    ) -> None:
        """Use the session, which stays its owner's to close.

        ``prove`` asks who answers, over what it is given, and raises WrongCameraError if it is not the
        camera that is meant. Without it, whoever is at the address is meant.
        """
        self._session = session
        # aiohttp reuses a connection only for the very same object.
        self._certificate_check = (
            aiohttp.Fingerprint(bytes.fromhex(address.fingerprint))
            if address.fingerprint
            else True
        )
        self.address = address
        self.bounds = Bounds()
        """What the camera said beyond them."""
        self._is_asker = False
        self._identity = Identity()
        if prove:
            # Its requests come while those of this one wait.
            asker = CameraHttp(session, address, username, password)
            asker._certificate_check = self._certificate_check
            asker._is_asker = True
            self._identity = Identity(partial(prove, asker))
        self._login = Login(username, password, self._identity.note_challenge)
        self._lock = asyncio.Lock()
        self._proven = False
        self._patience = MOST_PATIENCE

    @property
    def login(self) -> Login:
        """Return how the camera is logged in to."""
        return self._login

    def _shows_others(self, *, logs_in: bool = True) -> bool:
        """Return whether another camera would give itself away by a request."""
        return bool(self.address.fingerprint) or (logs_in and self._login.is_bound)

    async def get(
        self,
        path: str,
        arguments: Mapping[str, str] | None = None,
        *,
        for_all: bool = False,
    ) -> Answer:
        """Read something.

        ``for_all`` says that every account may: a refusal then is about the account itself.
        """
        return await self._request("GET", path, arguments, for_all=for_all)

    async def command(self, path: str, arguments: Mapping[str, str]) -> Answer:
        """Make the camera do something: sent once, whatever happens."""
        return await self._request("GET", path, arguments, once=True)

    def doubt(self) -> None:
        """Ask who answers before the next request."""
        self._identity.doubt()

    @asynccontextmanager
    async def stream(
        self, path: str, arguments: Mapping[str, str]
    ) -> AsyncGenerator[Stream]:
        """Read something long, beside which other requests go on.

        Leaving the context breaks it off at once, if it is not yet complete.
        """
        try:
            async with self._lock:
                await self._identity.ensure(lasts=self._shows_others())
                response = await self._session.get(
                    self.address.url(path, arguments),
                    allow_redirects=False,
                    headers={"Accept-Encoding": "identity"},
                    middlewares=[self._login],
                    ssl=self._certificate_check,
                    timeout=STREAM_TIMEOUT,
                )
        except (aiohttp.ClientError, TimeoutError, OSError) as err:
            self._identity.doubt()
            raise _translate(err) from err
        try:
            self._check(response, rights=self._proven)
            yield Stream(response)
        except CameraConnectionError:
            self._identity.doubt()
            raise
        finally:
            response.close()

    async def open_socket(
        self, path: str, arguments: Mapping[str, str], *, log_in: bool
    ) -> aiohttp.ClientWebSocketResponse:
        """Open a WebSocket, which is the caller's to close, and beside which other requests go on.

        Without ``log_in`` the arguments stand for it.
        """
        url = self.address.url(path, arguments)
        async with self._lock:
            # A token was given by the camera that takes it.
            await self._identity.ensure(lasts=self._shows_others())
            tried = self._login.authorization("GET", url) if log_in else None
            outcome = await self._shake_hands(url, tried)
            if (
                log_in
                and _is_refused(outcome)
                and self._login.learn(_challenges(outcome), url, tried)
            ):
                await self._identity.note_challenge()
                outcome = await self._shake_hands(
                    url, self._login.authorization("GET", url)
                )
                if _is_refused(outcome):
                    self._login.fail()
        if isinstance(outcome, aiohttp.ClientWebSocketResponse):
            return outcome
        check_status(
            url,
            outcome.status,
            outcome.headers or {},
            rights=self._proven,
            may_be_locked_out=self._proven or self._login.has_failed,
        )
        message = f"{path} does not speak WebSocket"
        raise UnexpectedAnswerError(message)

    async def inspect_socket(self, path: str, arguments: Mapping[str, str]) -> int:
        """Return the status with which the camera answers a handshake without a log-in.

        101 where it opens a WebSocket, which is closed at once. Raises CameraConnectionError.
        """
        async with self._lock:
            await self._identity.ensure(lasts=bool(self.address.fingerprint))
            outcome = await self._shake_hands(self.address.url(path, arguments), None)
        if isinstance(outcome, aiohttp.ClientWebSocketResponse):
            await outcome.close()
            return SWITCHING_PROTOCOLS
        return outcome.status

    async def _shake_hands(
        self, url: URL, authorization: str | None
    ) -> aiohttp.ClientWebSocketResponse | aiohttp.WSServerHandshakeError:
        """Return the socket, or how the camera refuses it."""
        headers = {hdrs.AUTHORIZATION: authorization} if authorization else None
        # There is no other way to keep aiohttp from following a handshake's redirects than one more session,
        # over the connections of the one that we were given.
        session = type(self._session)(
            connector=self._session.connector,
            connector_owner=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=self._session.headers,
            middlewares=[refuse_redirects],
        )
        try:
            async with asyncio.timeout(HANDSHAKE_SECONDS):
                return await session.ws_connect(
                    url,
                    # Pings tell whether the camera is there, so whoever listens has to see the answers.
                    autoping=False,
                    headers=headers,
                    max_msg_size=MAX_MESSAGE_BYTES,
                    ssl=self._certificate_check,
                    # Whoever closes does not wait for the camera, which may be gone.
                    timeout=aiohttp.ClientWSTimeout(ws_close=0),
                )
        except aiohttp.WSServerHandshakeError as err:
            return err
        except (aiohttp.ClientError, TimeoutError, OSError) as err:
            failure = _translate(err)
        finally:
            session.detach()
        # Not from the error, whose text may hold the address, and that a token.
        raise failure

    async def post_json(self, path: str, body: Any, *, anonymous: bool) -> Answer:
        """Read from one of the JSON APIs, without logging in where that is not needed.

        MissingRightsError where the camera wants a log-in in spite of that.
        """
        try:
            return await self._request("POST", path, json=body, anonymous=anonymous)
        except CameraConnectionError as err:
            if isinstance(err, CameraTimeoutError):
                raise
        # aiohttp repeats a GET whose idle connection had been closed, but not a POST.
        return await self._request("POST", path, json=body, anonymous=anonymous)

    async def inspect(
        self,
        path: str,
        arguments: Mapping[str, str] | None = None,
        *,
        json: Any = None,
        once: bool = False,
        anonymous: bool = False,
        limit: int = MAX_ANSWER_BYTES,
    ) -> Inspection:
        """Return an answer whatever its status is, with up to ``limit`` bytes of its body.

        For those who look at how a camera answers. Raises CameraConnectionError, or what keeps the camera
        from proving that it is the one.
        """
        middlewares = self._middlewares(once=once, anonymous=anonymous)
        async with self._lock:
            await self._identity.ensure(
                anew=once, lasts=self._shows_others(logs_in=not anonymous)
            )
            begun = time.monotonic()
            try:
                async with self._session.request(
                    "GET" if json is None else "POST",
                    self.address.url(path, arguments),
                    json=json,
                    allow_redirects=False,
                    headers={"Accept-Encoding": "identity"},
                    middlewares=middlewares,
                    ssl=self._certificate_check,
                    timeout=TIMEOUT,
                ) as response:
                    seconds = time.monotonic() - begun
                    body = bytearray()
                    async for chunk in response.content.iter_any():
                        body += chunk
                        if len(body) >= limit:
                            response.close()
                            break
                    version = response.version
                    if 200 <= response.status < 300:  # noqa: PLR2004
                        self._proven = self._proven or not anonymous
                    return Inspection(
                        status=response.status,
                        headers=response.headers,
                        challenges=response.headers.getall(hdrs.WWW_AUTHENTICATE, []),
                        version=f"{version.major}.{version.minor}" if version else "",
                        body=bytes(body[:limit]),
                        seconds=seconds,
                    )
            except CameraConnectionError:
                self._identity.doubt()
                raise
            except (aiohttp.ClientError, TimeoutError, OSError) as err:
                self._identity.doubt()
                raise _translate(err) from err

    async def _request(
        self,
        method: str,
        path: str,
        arguments: Mapping[str, str] | None = None,
        *,
        json: Any = None,
        once: bool = False,
        anonymous: bool = False,
        for_all: bool = False,
    ) -> Answer:
        middlewares = self._middlewares(once=once, anonymous=anonymous)
        address = self.address
        patience = self._patience if for_all else 1.0
        async with self._lock:
            await self._identity.ensure(
                anew=once, lasts=self._shows_others(logs_in=not anonymous)
            )
            begun = time.monotonic()
            try:
                async with self._session.request(
                    method,
                    address.url(path, arguments),
                    json=json,
                    # A camera has no reason to send us elsewhere with its credentials.
                    allow_redirects=False,
                    headers={"Accept-Encoding": "identity"},
                    middlewares=middlewares,
                    ssl=self._certificate_check,
                    timeout=_stretched(TIMEOUT, patience),
                ) as response:
                    monotonic = time.monotonic()
                    # What proves who the camera is, the account could read before: refused later, it is
                    # the account.
                    is_account = for_all or (
                        self._is_asker and response.status == UNAUTHORIZED
                    )
                    self._check(
                        response, rights=anonymous or (self._proven and not is_account)
                    )
                    self._proven = self._proven or not anonymous
                    self._identity.note_answer()
                    body = await _read_limited(response)
                    if for_all:
                        self._learn_patience(time.monotonic() - begun)
                    return Answer(
                        body=body,
                        content_type=response.content_type,
                        time=parse_http_date(response.headers.get("Date", "")),
                        monotonic=monotonic,
                    )
            except CameraConnectionError:
                self._identity.doubt()
                raise
            except (aiohttp.ClientError, TimeoutError, OSError) as err:
                self._identity.doubt()
                if for_all and isinstance(err, TimeoutError):
                    # It has become slower than it was.
                    self._patience = MOST_PATIENCE
                await self._raise_if_https_answers(err)
                raise _translate(err) from err

    def _middlewares(
        self, *, once: bool, anonymous: bool
    ) -> list[aiohttp.ClientMiddlewareType]:
        middlewares: list[aiohttp.ClientMiddlewareType] = []
        if not anonymous:
            middlewares.append(self._login)
        if once:
            middlewares.append(never_send_twice)
        return middlewares

    def _check(self, response: aiohttp.ClientResponse, *, rights: bool) -> None:
        check_status(
            response.url,
            response.status,
            response.headers,
            rights=rights,
            may_be_locked_out=self._proven or self._login.has_failed,
        )

    def _learn_patience(self, seconds: float) -> None:
        """Wait for a list twice as long as for this one, within reason."""
        usual = TIMEOUT.sock_read or seconds
        self._patience = min(max(2 * seconds / usual, 1.0), MOST_PATIENCE)

    async def _raise_if_https_answers(self, err: Exception) -> None:
        """Tell a camera that has closed HTTP, but not HTTPS, from one that is not there."""
        address = self.address
        if (
            not isinstance(err, aiohttp.ClientConnectorError)
            or err.errno != ECONNREFUSED
            or (address.protocol, address.port) != ("http", DEFAULT_PORTS["http"])
        ):
            return
        port = DEFAULT_PORTS["https"]
        secure = replace(address, protocol="https", port=port)
        try:
            await fetch_fingerprint(self._session, secure)
        except CameraConnectionError:
            return
        message = f"The camera does not answer over HTTP, but over HTTPS on port {port}"
        raise HttpsRequiredError(message, port) from err


async def refuse_redirects(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Client middleware for handshakes, of which aiohttp would follow redirects."""
    response = await handler(request)
    if response.status in REDIRECTS:
        response.close()
        raise aiohttp.WSServerHandshakeError(
            response.request_info,
            response.history,
            status=response.status,
            headers=response.headers,
        )
    return response


async def fetch_fingerprint(session: aiohttp.ClientSession, address: Address) -> str:
    """Return the SHA-256 fingerprint (hex) of the certificate that the camera shows.

    Raises CameraConnectionError, and UnexpectedAnswerError where there is no certificate. Nothing is sent
    to the camera beyond the TLS handshake: a fingerprint that can't match makes aiohttp stop there and
    tell the true one.
    """
    if address.protocol == "https":
        try:
            impossible = aiohttp.Fingerprint(bytes(32))
            (
                await session.get(address.url("/"), ssl=impossible, timeout=TIMEOUT)
            ).close()
        except aiohttp.ServerFingerprintMismatch as err:
            return err.got.hex()
        except (aiohttp.ClientError, TimeoutError, OSError) as err:
            raise _translate(err) from err
    message = "The camera shows no certificate"
    raise UnexpectedAnswerError(message)


def _stretched(timeout: aiohttp.ClientTimeout, factor: float) -> aiohttp.ClientTimeout:
    """Return a limit that leaves more time for the answer, but none for the connection."""
    return aiohttp.ClientTimeout(
        total=timeout.total and timeout.total * factor,
        connect=timeout.connect,
        sock_read=timeout.sock_read and timeout.sock_read * factor,
    )


def _is_refused(
    outcome: aiohttp.ClientWebSocketResponse | aiohttp.WSServerHandshakeError,
) -> TypeGuard[aiohttp.WSServerHandshakeError]:
    return (
        isinstance(outcome, aiohttp.WSServerHandshakeError)
        and outcome.status == UNAUTHORIZED
    )


def _challenges(refusal: aiohttp.WSServerHandshakeError) -> list[str]:
    headers = refusal.headers
    return headers.getall(hdrs.WWW_AUTHENTICATE, []) if headers else []


async def _read_limited(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            # Closes the connection: the rest is not worth reading.
            response.close()
            message = f"The answer is larger than {MAX_ANSWER_BYTES} bytes"
            raise UnexpectedAnswerError(message)
    return bytes(body)


def _translate(err: Exception) -> CameraConnectionError:
    """Return our error for one of aiohttp's, without its address, which may hold arguments."""
    match err:
        case aiohttp.ServerFingerprintMismatch():
            message = "The camera shows another certificate than the pinned one"
            return CertificateError(message, err.got.hex())
        case aiohttp.ClientConnectorCertificateError():
            message = "No authority vouches for the camera's certificate"
            return CertificateError(message)
        case aiohttp.ConnectionTimeoutError():
            return CameraTimeoutError("The camera can't be reached: time-out")
        case TimeoutError():
            return CameraTimeoutError("The camera did not answer in time", sent=True)
        case aiohttp.ClientConnectorDNSError():
            message, sent = "The camera's name can't be resolved", False
        case aiohttp.ClientConnectorSSLError():
            message, sent = "The camera does not speak HTTPS", False
        case aiohttp.ClientConnectorError():
            reason = os.strerror(err.errno) if err.errno else "connection failed"
            message, sent = f"The camera can't be reached: {reason}", False
        case aiohttp.ClientResponseError():
            message, sent = "The camera does not speak HTTP", True
        case _:
            message, sent = "The connection to the camera broke", True
    return CameraConnectionError(message, sent=sent)
