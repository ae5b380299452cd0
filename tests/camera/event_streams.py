"""Streams of events on the wire (VAPIX: Event streaming over WebSocket)."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from email.utils import format_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, override

from aiohttp import WSCloseCode, WSMsgType, hdrs, web

from .event_requests import (
    CONFIGURE,
    NOTIFY,
    Caller,
    Filters,
    Reply,
    answer,
    describe,
    fail,
    notification,
    subscriptions,
)
from .faults import Fault, Injection
from .wire import reset

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .camera import Camera
    from .events import Event
    from .wire import Exchange

PATH = "/vapix/ws-data-stream"
BURST = 0.05
"""Seconds that a camera which reverses events waits for more of them."""
CLOSE_PATIENCE = 1.0


class _Response(web.WebSocketResponse):
    """A handshake with the headers of the one in the documentation."""

    def __init__(self, camera: Camera) -> None:
        """Offer what the camera does."""
        quirks = camera.quirks
        super().__init__(
            timeout=CLOSE_PATIENCE,
            autoping=quirks.event_pong,
            heartbeat=quirks.event_ping,
            compress=quirks.event_compression,
        )
        self._date: str | None = None
        if quirks.date_header:
            self._date = format_datetime(camera.clock.now(), usegmt=True)

    def end_pings(self) -> None:
        """Wait for no answer to a ping any more, which aiohttp does where nobody has closed the stream."""
        self._cancel_heartbeat()

    @property
    def handshake_size(self) -> int:
        """Bytes of the answer that opened the stream."""
        return self._payload_writer.output_size if self._payload_writer else 0

    @override
    async def _write_headers(self) -> None:
        for name in (hdrs.CONTENT_TYPE, hdrs.SERVER, hdrs.DATE):
            self.headers.popall(name, None)
        if self._date is not None:
            self.headers[hdrs.DATE] = self._date
        await super()._write_headers()


class EventStream:
    """One stream, and what became of it.

    `requests` and `sent` hold the texts that came and went, `filters` what is wanted now, and
    `close_code` how it ended: None while it is open, 1006 if the connection was lost.
    """

    def __init__(
        self, camera: Camera, caller: Caller, request: web.BaseRequest
    ) -> None:
        """Prepare a stream; `run` opens it."""
        self.user = caller.user
        self.requests: list[str | bytes] = []
        self.sent: list[str] = []
        self.close_code: int | None = None
        self._camera = camera
        self._caller = caller
        self._request = request
        self._filters: Filters = []
        self._first_states: list[Event] | None = None
        self._socket = _Response(camera)
        self._waiting: asyncio.Queue[tuple[float, Event]] = asyncio.Queue()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._closing: asyncio.Task[bool] | None = None

    @property
    def filters(self) -> list[str]:
        """What the client wants to hear, as it was last configured."""
        return describe(self._filters)

    @property
    def is_acceptable(self) -> bool:
        """Whether the request is a handshake at all."""
        return bool(self._socket.can_prepare(self._request))

    @property
    def is_compressed(self) -> bool:
        """Whether both sides agreed on `permessage-deflate`."""
        return bool(self._socket.compress) and self._socket.prepared

    async def run(self, exchange: Exchange) -> web.StreamResponse:
        """Open the stream and serve it until it ends."""
        await self._shake_hands(exchange)
        self._camera.events.listeners.append(self._notice)
        reporter = asyncio.get_running_loop().create_task(self._report())
        try:
            while True:
                message = await self._socket.receive()
                if message.type in {WSMsgType.TEXT, WSMsgType.BINARY}:
                    await self._respond(message.data)
                elif message.type not in {WSMsgType.PING, WSMsgType.PONG}:
                    break
        except ConnectionResetError:
            # The client has left in the middle of an answer.
            pass
        finally:
            self._camera.events.listeners.remove(self._notice)
            self._socket.end_pings()
            reporter.cancel()
            with suppress(asyncio.CancelledError):
                await reporter
            if self.close_code is None:
                self.close_code = (
                    self._socket.close_code or WSCloseCode.ABNORMAL_CLOSURE
                )
        return self._socket

    async def turn_away(self, exchange: Exchange) -> web.StreamResponse:
        """Open the stream only to close it, as there are too many."""
        await self._shake_hands(exchange)
        await self._socket.close(code=WSCloseCode.TRY_AGAIN_LATER)
        self.close_code = WSCloseCode.TRY_AGAIN_LATER
        return self._socket

    async def _shake_hands(self, exchange: Exchange) -> None:
        exchange.status = HTTPStatus.SWITCHING_PROTOCOLS
        await self._socket.prepare(self._request)
        exchange.bytes_sent = self._socket.handshake_size

    def drop(self, code: int | None = None) -> None:
        """Break the connection or, with a code, close the stream as WebSockets do."""
        self.resume()
        if code is not None:
            self.close_code = code
            loop = asyncio.get_running_loop()
            self._closing = loop.create_task(self._socket.close(code=code))
        elif self._request.transport is not None:
            self._request.transport.abort()

    def stall(self) -> None:
        """Say nothing any more and hear nothing, with the connection left open."""
        self._flowing.clear()
        if self._request.transport is not None:
            self._request.transport.pause_reading()

    def resume(self) -> None:
        """Go on; what happened meanwhile is reported now."""
        if self._flowing.is_set():
            return
        self._flowing.set()
        if self._request.transport is not None:
            self._request.transport.resume_reading()

    def _notice(self, event: Event) -> None:
        if self._camera.quirks.event_changes != "reported":
            return
        due = asyncio.get_running_loop().time() + self._camera.quirks.event_delay
        for _ in range(self._copies(event)):
            self._waiting.put_nowait((due, event))

    def _copies(self, event: Event) -> int:
        return subscriptions(self._filters, event) * self._camera.quirks.event_copies

    async def _report(self) -> None:
        """Send what waits to be reported."""
        clock = asyncio.get_running_loop().time
        # What the client does not take any more will be seen by who listens to it.
        with suppress(ConnectionResetError):
            while True:
                burst = [await self._waiting.get()]
                if self._camera.quirks.event_order == "reversed":
                    await asyncio.sleep(BURST)
                    while not self._waiting.empty():
                        burst.append(self._waiting.get_nowait())
                    burst.reverse()
                for due, event in burst:
                    if due > clock():
                        await asyncio.sleep(due - clock())
                    await self._send_event(event)

    async def _send_event(self, event: Event) -> None:
        injection = self._camera.faults.take(NOTIFY)
        await self._send(notification(event, self._camera), injection)

    async def _respond(self, text: str | bytes) -> None:
        self.requests.append(text)
        injection = self._camera.faults.take(CONFIGURE)
        reply = answer(text, self._caller, self._camera)
        if injection is not None and not injection.needs_answer:
            reply = Reply(reply.text)
        if injection is not None and injection.fault == Fault.ERROR:
            reply = Reply(fail(reply, injection.message), reply.filters)
        initial = self._camera.quirks.event_initial
        states: Iterable[Event] = ()
        if reply.filters is not None:
            self._filters = reply.filters
            self._camera.follow_disks()
            states = [] if initial == "never" else self._states()
        if initial == "before_answer":
            await self._send_states(states)
        await self._send(reply.text, injection)
        if initial == "after_answer":
            await self._send_states(states)

    def _states(self) -> list[Event]:
        """Give the states that the camera says things are in."""
        states = self._camera.events.states
        if self._camera.quirks.event_changes != "stale":
            return states
        if self._first_states is None:
            self._first_states = states
        return self._first_states

    async def _send_states(self, states: Iterable[Event]) -> None:
        for event in states:
            for _ in range(self._copies(event)):
                await self._send_event(event)

    async def _send(self, text: str, injection: Injection | None) -> None:
        await self._flowing.wait()
        match injection.fault if injection is not None else None:
            case Fault.TIMEOUT:
                return
            case Fault.RESET:
                reset(self._request)
                raise ConnectionResetError
            case Fault.EMPTY:
                text = ""
            case Fault.HTML:
                text = "<html><body>Please log in.</body></html>"
            case Fault.HUGE if injection is not None:
                text = f'{text[:-1]},"filler":"{" " * injection.size}"}}'
            case Fault.TRUNCATED if injection is not None:
                text = text[: int(len(text) * injection.keep)]
            case Fault.SLOW if injection is not None:
                await asyncio.sleep(injection.delay)
            case Fault.WRONG_CONTENT_TYPE:
                self.sent.append(text)
                await self._socket.send_bytes(text.encode())
                return
        self.sent.append(text)
        await self._socket.send_str(text)


class EventStreams:
    """The event streams of a server, `made` in the order of their handshakes."""

    def __init__(self, camera: Camera) -> None:
        """Start without streams."""
        self._camera = camera
        self.made: list[EventStream] = []
        self._open: list[EventStream] = []

    @property
    def open(self) -> list[EventStream]:
        """The streams that are open now."""
        return list(self._open)

    @property
    def has_room(self) -> bool:
        """Whether one more may be opened, if the camera can't help it otherwise."""
        limit = self._camera.quirks.event_stream_limit
        return limit is None or len(self._open) < limit

    def prepare(self, request: web.BaseRequest, user: str) -> EventStream:
        """Make a stream that is to be opened."""
        account = self._camera.accounts.get(user)
        caller = Caller(user, replace(account) if account is not None else None)
        return EventStream(self._camera, caller, request)

    async def serve(
        self, stream: EventStream, exchange: Exchange
    ) -> web.StreamResponse:
        """Open a stream and serve it until it ends."""
        crowded = not self.has_room
        if crowded and self._camera.quirks.event_stream_busy == "oldest":
            self._open[0].drop()
        self.made.append(stream)
        self._open.append(stream)
        try:
            if crowded and self._camera.quirks.event_stream_busy == "closed":
                return await stream.turn_away(exchange)
            return await stream.run(exchange)
        finally:
            self._open.remove(stream)

    def drop(self, code: int | None = None) -> None:
        """End all streams."""
        for stream in self.open:
            stream.drop(code)
