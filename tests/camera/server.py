"""The camera's web server."""

import asyncio
from contextlib import suppress
import ssl
from typing import TYPE_CHECKING, Self, override
from urllib.parse import parse_qsl

from aiohttp import hdrs, web

from .answers import Answer, Upgrade, bad_request, unavailable
from .auth import read_credentials
from .certificate import load_new_certificate
from .cgi import Call, Route
from .delivery import Delivery, deliver
from .event_streams import EventStream, EventStreams
from .exports import Export, Exporter
from .faults import ALTERS_ANSWER, ANY, Fault, Injection, alter, replacement
from .gate import CGI_ROOT, Gate, TurnedAwayError, Visit
from .wire import Exchange, Response, received, reset, send, send_part

if TYPE_CHECKING:
    from collections.abc import Callable

    from .camera import Camera

FORM = "application/x-www-form-urlencoded"


class _Listener(web.Server):
    """Counts the connections that were ever made."""

    made = 0

    @override
    def connection_made(
        self,
        handler: web.RequestHandler,
        transport: asyncio.Transport,
    ) -> None:
        self.made += 1
        super().connection_made(handler, transport)


class CameraServer:
    """Puts a camera on the network, in the running event loop.

    `port` 0 takes a free one, which the server keeps over reboots. With `tls` the certificate is
    self-signed. `requests` holds every request, in the order of arrival; `request_listeners` are called
    with each before it is answered.
    """

    def __init__(
        self,
        camera: Camera,
        *,
        tls: bool = False,
        port: int = 0,
        host: str = "127.0.0.1",
    ) -> None:
        """Prepare to serve; nothing listens before `start`."""
        self.camera = camera
        self.host = host
        self.port = port
        self.requests: list[Exchange] = []
        self.request_listeners: list[Callable[[Exchange], None]] = []
        self.certificate_fingerprint: str | None = None
        self._gate = Gate(camera)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if tls else None
        self._listener: _Listener | None = None
        self._sockets: asyncio.Server | None = None
        self._exporter = Exporter(camera)
        self._events = EventStreams(camera)
        self._coming_up: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Start to serve."""
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop, leaving nothing behind."""
        await self.close()

    @property
    def url(self) -> str:
        """The camera's address, without a slash at the end."""
        return f"{'https' if self._context else 'http'}://{self.host}:{self.port}"

    @property
    def connections(self) -> int:
        """The number of TCP connections that are open now."""
        return len(self._listener.connections) if self._listener else 0

    @property
    def connections_made(self) -> int:
        """The number of TCP connections that were ever open."""
        return self._listener.made if self._listener else 0

    @property
    def exports(self) -> list[Export]:
        """Every export that began, in the order of their beginnings."""
        return self._exporter.made

    @property
    def exports_open(self) -> int:
        """The number of exports under way."""
        return self._exporter.open

    @property
    def exports_made(self) -> int:
        """The number of exports that ever began."""
        return len(self._exporter.made)

    @property
    def event_streams(self) -> list[EventStream]:
        """Every event stream that was ever open, in the order of the handshakes."""
        return self._events.made

    @property
    def event_streams_open(self) -> int:
        """The number of event streams that are open now."""
        return len(self._events.open)

    def drop_event_streams(self, code: int | None = None) -> None:
        """Break the connections of all event streams, or close them with a code."""
        self._events.drop(code)

    def stall_event_streams(self) -> None:
        """Let all event streams fall silent, pings included, with their connections left open."""
        for stream in self._events.open:
            stream.stall()

    def resume_event_streams(self) -> None:
        """Let stalled event streams go on."""
        for stream in self._events.open:
            stream.resume()

    async def start(self) -> None:
        """Listen and answer."""
        if self._context is not None:
            self.certificate_fingerprint = self._new_certificate(self._context)
        self._listener = _Listener(
            self._handle, handler_cancellation=True, access_log=None
        )
        await self._listen(self._listener)
        self.camera.power_listeners.append(self._follow_power)

    async def close(self) -> None:
        """Stop listening, drop connections, end what hangs."""
        if self._follow_power in self.camera.power_listeners:
            self.camera.power_listeners.remove(self._follow_power)
        self.camera.cancel_start()
        self.camera.cancel_jobs()
        if self._coming_up is not None:
            self._coming_up.cancel()
            with suppress(asyncio.CancelledError):
                await self._coming_up
        self._refuse()
        if self._listener is not None:
            # A lost connection cancels its handler when the loop comes round.
            await asyncio.sleep(0)
            await self._listener.shutdown(1.0)
        self._exporter.close()

    async def swap_addresses(self, other: Self) -> None:
        """Take another camera's address and give it one's own; all connections are lost.

        As after a power cut, when a router gives addresses to whoever comes first. Certificates are the
        cameras' own, and stay.
        """
        for server in (self, other):
            server._refuse()
        self.host, other.host = other.host, self.host
        self.port, other.port = other.port, self.port
        # A lost connection is seen when the loop comes round.
        await asyncio.sleep(0)
        for server in (self, other):
            while server._listener is not None and server._sockets is None:
                # A client that was connecting may have got the port for itself, for a moment.
                with suppress(OSError):
                    await server._listen(server._listener)
                await asyncio.sleep(0)

    async def renew_certificate(self) -> None:
        """Take a new self-signed certificate on the same port; connections are dropped."""
        if self._context is None:
            msg = "A camera without TLS has no certificate"
            raise RuntimeError(msg)
        self.certificate_fingerprint = self._new_certificate(self._context)
        self._drop_connections()
        await asyncio.sleep(0)

    def _new_certificate(self, context: ssl.SSLContext) -> str:
        return load_new_certificate(context, self.camera.serial, self.host)

    async def _listen(self, listener: _Listener) -> None:
        self._sockets = await asyncio.get_running_loop().create_server(
            listener,
            self.host,
            self.port,
            ssl=self._context,
        )
        self.port = self._sockets.sockets[0].getsockname()[1]

    def _refuse(self) -> None:
        self._drop_connections()
        if self._sockets is not None:
            self._sockets.close()
            self._sockets = None

    def _drop_connections(self) -> None:
        if self._sockets is not None:
            self._sockets.abort_clients()

    def _follow_power(self) -> None:
        """Go down and come up with the camera."""
        self._gate.restart()
        self._drop_connections()
        if not self.camera.running:
            if self.camera.quirks.while_down == "refuse":
                self._refuse()
        elif (
            self._sockets is None
            and self._listener is not None
            and (self._coming_up is None or self._coming_up.done())
        ):
            self._coming_up = asyncio.get_running_loop().create_task(
                self._come_up(self._listener)
            )

    async def _come_up(self, listener: _Listener) -> None:
        await self._listen(listener)
        if not self.camera.running and self.camera.quirks.while_down == "refuse":
            # The power has gone meanwhile.
            self._refuse()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        body = await request.read()
        credentials = read_credentials(request.headers.get(hdrs.AUTHORIZATION))
        exchange = Exchange(
            method=request.method,
            path=request.path,
            query=dict(request.query),
            scheme=credentials.scheme if credentials else None,
            user=credentials.user if credentials else None,
            bytes_received=received(request, len(body)),
        )
        self.requests.append(exchange)
        for listener in self.request_listeners:
            listener(exchange)
        visit = Visit(
            address=request.remote or "",
            target=request.raw_path,
            path=request.path,
            secure=request.secure,
            credentials=credentials,
        )
        call = Call(
            self.camera,
            request.method,
            request.path.removeprefix(CGI_ROOT),
            exchange.query | _form(request, body),
            body,
        )
        try:
            route, call = self._gate.admit(visit, call)
        except TurnedAwayError as turned_away:
            return await self._send(request, exchange, turned_away.answer)
        injection = self.camera.faults.take(call.path, ANY)
        if injection is None:
            return await self._send(request, exchange, route.handler(call))
        return await self._go_wrong(request, exchange, call, route, injection)

    async def _go_wrong(
        self,
        request: web.BaseRequest,
        exchange: Exchange,
        call: Call,
        route: Route,
        injection: Injection,
    ) -> web.StreamResponse:
        answer = route.handler(call) if injection.needs_answer else Answer()
        body = answer.body
        if isinstance(body, Upgrade):
            if injection.fault in ALTERS_ANSWER:
                # There is no answer to spoil.
                return await self._stream_events(request, exchange, body)
            body = b""
        if isinstance(body, Export):
            if injection.spoils_delivery:
                return await self._export(request, exchange, answer, body, injection)
            body = b""
        match injection.fault:
            case Fault.TIMEOUT:
                await asyncio.Event().wait()
            case Fault.RESET:
                return reset(request)
            case Fault.UNAUTHORIZED:
                answer = self._gate.challenge(secure=request.secure)
            case Fault.TRUNCATED:
                response = Response(answer, self.camera)
                return await send_part(
                    request, response, exchange, body, injection.keep
                )
            case Fault.SLOW:
                return await self._send(request, exchange, answer, injection)
            case _:
                answer = replacement(injection, route.error) or alter(injection, answer)
        return await self._send(request, exchange, answer)

    async def _send(
        self,
        request: web.BaseRequest,
        exchange: Exchange,
        answer: Answer,
        slowness: Injection | None = None,
    ) -> web.StreamResponse:
        if isinstance(answer.body, Export):
            return await self._export(request, exchange, answer, answer.body)
        if isinstance(answer.body, Upgrade):
            return await self._stream_events(request, exchange, answer.body)
        return await send(
            request, Response(answer, self.camera), exchange, answer.body, slowness
        )

    async def _stream_events(
        self, request: web.BaseRequest, exchange: Exchange, upgrade: Upgrade
    ) -> web.StreamResponse:
        stream = self._events.prepare(request, upgrade.user)
        if not stream.is_acceptable:
            return await self._send(
                request, exchange, bad_request("WebSocket handshake expected.")
            )
        if (
            not self._events.has_room
            and self.camera.quirks.event_stream_busy == "unavailable"
        ):
            return await self._send(request, exchange, unavailable())
        return await self._events.serve(stream, exchange)

    async def _export(
        self,
        request: web.BaseRequest,
        exchange: Exchange,
        answer: Answer,
        export: Export,
        injection: Injection | None = None,
    ) -> web.StreamResponse:
        response = Response(answer, self.camera)
        if self.camera.quirks.export_framing == "close":
            response.end_by_closing()
        with self._exporter.note(export) as pieces:
            return await deliver(
                pieces,
                Delivery(request, response, exchange, export, injection),
                self.camera.quirks,
            )


def _form(request: web.BaseRequest, body: bytes) -> dict[str, str]:
    if request.content_type != FORM:
        return {}
    return dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
