"""One camera's HTTP connection: limits, log-in and certificate, one request at a time."""

import asyncio
from contextlib import asynccontextmanager
from functools import partial
import time
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp import hdrs

from .answers import Answer, Inspection, Stream, read_whole
from .auth import Login, never_send_twice
from .bounds import MOST_ANSWER_BYTES, Bounds, count_request, note_left_out_to
from .certificates import raise_if_https_answers
from .clock_readings import ClockReading, ClockReadings
from .errors import CameraConnectionError, CameraTimeoutError, UnexpectedAnswerError
from .failures import translate
from .handshake import challenges_of, is_refused, shake_hands
from .identity import Identity
from .interim import read_few_interim
from .patience import Patience
from .standing import Standing
from .status import FORBIDDEN, SWITCHING_PROTOCOLS, UNAUTHORIZED, check_status
from .times import parse_http_date

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping

    from yarl import URL

    from .address import Address
    from .handshake import Outcome

TIMEOUT = aiohttp.ClientTimeout(total=60, connect=10, sock_read=30)
# A video is sent for as long as it takes, but never without a byte for so long.
STREAM_TIMEOUT = aiohttp.ClientTimeout(total=None, connect=10, sock_read=30)
# After so long it has to have begun: byte by byte, headers could last forever.
BEGIN_SECONDS = 60.0
# Nothing else is asked of the camera meanwhile.
HANDSHAKE_SECONDS = 10.0


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
        self.clock = ClockReadings()
        self._is_asker = False
        self._standing = Standing()
        self._identity = Identity()
        if prove:
            # Its requests come while those of this one wait.
            asker = CameraHttp(session, address, username, password)
            asker._certificate_check = self._certificate_check
            asker._is_asker = True
            asker._standing = self._standing
            self._identity = Identity(partial(prove, asker))
        self._login = Login(username, password, self._identity.note_challenge)
        self._lock = asyncio.Lock()
        self._patience = Patience(TIMEOUT)

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
        return await self._request(path, arguments, for_all=for_all)

    async def command(self, path: str, arguments: Mapping[str, str]) -> Answer:
        """Make the camera do something: sent once, whatever happens."""
        return await self._request(path, arguments, once=True)

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
        async with self._turn(), asyncio.timeout(BEGIN_SECONDS):
            response = await self._send(path, arguments, limits=STREAM_TIMEOUT)
        try:
            self._check(response, rights=self._standing.is_let_in)
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
        # A token was given by the camera that takes it. One that asks for no log-in may be any.
        async with self._turn(anonymous=log_in and self._login.asks_each_time):
            tried = self._login.authorization("GET", url) if log_in else None
            outcome = await self._shake_hands(url, tried)
            if (
                log_in
                and is_refused(outcome)
                and self._login.learn(challenges_of(outcome), url, tried)
            ):
                await self._identity.note_challenge()
                outcome = await self._shake_hands(
                    url, self._login.authorization("GET", url)
                )
                if is_refused(outcome):
                    self._login.fail()
        if isinstance(outcome, aiohttp.ClientWebSocketResponse):
            return outcome
        self._check_status(
            url, outcome.status, outcome.headers or {}, rights=self._standing.is_let_in
        )
        message = f"{path} does not speak WebSocket"
        raise UnexpectedAnswerError(message)

    async def inspect_socket(self, path: str, arguments: Mapping[str, str]) -> int:
        """Return the status with which the camera answers a handshake without a log-in.

        101 where it opens a WebSocket, which is closed at once. Raises CameraConnectionError.
        """
        async with self._turn(anonymous=True):
            outcome = await self._shake_hands(self.address.url(path, arguments), None)
        if isinstance(outcome, aiohttp.ClientWebSocketResponse):
            await outcome.close()
            return SWITCHING_PROTOCOLS
        return outcome.status

    async def _shake_hands(self, url: URL, authorization: str | None) -> Outcome:
        return await shake_hands(
            self._session,
            url,
            authorization=authorization,
            ssl=self._certificate_check,
            seconds=HANDSHAKE_SECONDS,
        )

    async def post_json(self, path: str, body: Any, *, anonymous: bool) -> Answer:
        """Read from one of the JSON APIs, without logging in where that is not needed.

        MissingRightsError where the camera wants a log-in in spite of that. Not for commands: as a GET by
        aiohttp, it is sent once more where its connection, an idle one, had been closed.
        """
        try:
            return await self._request(path, json=body, anonymous=anonymous)
        except CameraConnectionError as err:
            if type(err) is not CameraConnectionError or not err.sent:
                raise
            return await self._request(path, json=body, anonymous=anonymous)

    async def inspect(
        self,
        path: str,
        arguments: Mapping[str, str] | None = None,
        *,
        json: Any = None,
        once: bool = False,
        anonymous: bool = False,
        limit: int = MOST_ANSWER_BYTES,
    ) -> Inspection:
        """Return an answer whatever its status is, with up to ``limit`` bytes of its body.

        For those who check how a camera answers. Raises CameraConnectionError, or what keeps the camera
        from proving that it is the one.
        """
        async with self._exchange(
            path, arguments, json=json, once=once, anonymous=anonymous
        ) as (response, begun):
            seconds = time.monotonic() - begun
            body = bytearray()
            async for chunk in response.content.iter_any():
                body += chunk
                if len(body) >= limit:
                    response.close()
                    break
            version = response.version
            if response.ok and not anonymous:
                self._standing.note_answer()
            return Inspection(
                status=response.status,
                headers=response.headers,
                challenges=response.headers.getall(hdrs.WWW_AUTHENTICATE, []),
                version=f"{version.major}.{version.minor}" if version else "",
                body=bytes(body[:limit]),
                seconds=seconds,
            )

    async def _request(
        self,
        path: str,
        arguments: Mapping[str, str] | None = None,
        *,
        json: Any = None,
        once: bool = False,
        anonymous: bool = False,
        for_all: bool = False,
    ) -> Answer:
        count_request()
        limits = self._patience.limits if for_all else TIMEOUT
        try:
            async with self._exchange(
                path,
                arguments,
                json=json,
                once=once,
                anonymous=anonymous,
                limits=limits,
            ) as (response, begun):
                # What proves who the camera is, the account could read before: refused later, it is the
                # account.
                is_account = for_all or (
                    self._is_asker and response.status in {UNAUTHORIZED, FORBIDDEN}
                )
                self._check(
                    response,
                    rights=anonymous or (self._standing.is_let_in and not is_account),
                )
                if not anonymous:
                    self._standing.note_answer()
                answer = await self._read(response)
                if for_all:
                    self._patience.learn(time.monotonic() - begun)
                return answer
        except CameraTimeoutError as err:
            if for_all and err.sent:
                self._patience.renew()
            raise

    async def _read(self, response: aiohttp.ClientResponse) -> Answer:
        """Return an answer that is one, and note what it shows of the camera."""
        monotonic = time.monotonic()
        self._identity.note_answer()
        time_shown = parse_http_date(response.headers.get("Date", ""))
        if time_shown:
            self.clock.note(ClockReading(time_shown, monotonic))
        body = await read_whole(response, MOST_ANSWER_BYTES)
        note_left_out_to(self.bounds)
        return Answer(
            body=body,
            content_type=response.content_type,
            time=time_shown,
            monotonic=monotonic,
        )

    @asynccontextmanager
    async def _exchange(
        self,
        path: str,
        arguments: Mapping[str, str] | None,
        *,
        json: Any,
        once: bool,
        anonymous: bool,
        limits: aiohttp.ClientTimeout | None = None,
    ) -> AsyncGenerator[tuple[aiohttp.ClientResponse, float]]:
        """Send a request and give its answer, with our monotonic clock when it was sent."""
        async with self._turn(once=once, anonymous=anonymous):
            begun = time.monotonic()
            async with await self._send(
                path,
                arguments,
                json=json,
                once=once,
                anonymous=anonymous,
                limits=limits or TIMEOUT,
            ) as response:
                yield response, begun

    @asynccontextmanager
    async def _turn(
        self, *, once: bool = False, anonymous: bool = False
    ) -> AsyncGenerator[None]:
        """Have the camera for a request of one's own, sure that it is the one; say how that fails."""
        async with self._lock, self._open_session():
            await self._identity.ensure(
                anew=once, lasts=self._shows_others(logs_in=not anonymous)
            )
            try:
                yield
            except CameraConnectionError:
                self._identity.doubt()
                raise
            except (aiohttp.ClientError, TimeoutError, OSError) as err:
                self._identity.doubt()
                await raise_if_https_answers(self._session, self.address, err)
                raise translate(err) from err

    @asynccontextmanager
    async def _open_session(self) -> AsyncGenerator[None]:
        """Say so where the session is closed, also between the two requests of a log-in.

        Home Assistant closes it when it stops, whoever still uses it.
        """
        try:
            yield
        except (AssertionError, RuntimeError) as err:
            if not self._session.closed:
                raise
            message = "Home Assistant has closed its connections"
            raise CameraConnectionError(message) from err

    async def _send(
        self,
        path: str,
        arguments: Mapping[str, str] | None,
        *,
        limits: aiohttp.ClientTimeout,
        json: Any = None,
        once: bool = False,
        anonymous: bool = False,
    ) -> aiohttp.ClientResponse:
        middlewares: list[aiohttp.ClientMiddlewareType] = [read_few_interim]
        if not anonymous:
            middlewares.append(self._login)
        if once:
            middlewares.append(never_send_twice)
        return await self._session.request(
            "GET" if json is None else "POST",
            self.address.url(path, arguments),
            json=json,
            # A camera has no reason to send us elsewhere with its credentials.
            allow_redirects=False,
            headers={"Accept-Encoding": "identity"},
            middlewares=middlewares,
            ssl=self._certificate_check,
            timeout=limits,
        )

    def _check(self, response: aiohttp.ClientResponse, *, rights: bool) -> None:
        self._check_status(
            response.url, response.status, response.headers, rights=rights
        )

    def _check_status(
        self, url: URL, status: int, headers: Mapping[str, str], *, rights: bool
    ) -> None:
        may_be_locked_out = not rights and self._standing.may_be_locked_out(
            status, has_failed=self._login.has_failed
        )
        check_status(
            url, status, headers, rights=rights, may_be_locked_out=may_be_locked_out
        )
