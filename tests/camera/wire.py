"""Answers on the wire: whole, cut, slow, or not at all."""

import asyncio
from dataclasses import dataclass, field
from email.utils import format_datetime
import socket
import struct
from typing import TYPE_CHECKING, override

from aiohttp import hdrs, web

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable, Iterator

    from .answers import Answer
    from .camera import Camera
    from .faults import Injection

RESET_ON_CLOSE = struct.pack("ii", 1, 0)


@dataclass
class Exchange:
    """A request and what became of it; status is None as long as there is no answer.

    `scheme` and `user` are those of its credentials, right or wrong. Bytes are those of start
    line, headers and body as HTTP/1.1 writes them, without TLS; of an event stream, those of the
    handshake only.
    """

    method: str
    path: str
    query: dict[str, str] = field(repr=False)
    scheme: str | None
    user: str | None
    bytes_received: int
    bytes_sent: int = 0
    status: int | None = None


class Response(web.StreamResponse):
    """A response with the headers of a camera, which counts the bytes that it writes."""

    def __init__(self, answer: Answer, camera: Camera) -> None:
        """Prepare the headers of an answer."""
        super().__init__(status=answer.status)
        self._dated = camera.quirks.date_header
        self.headers[hdrs.CONTENT_TYPE] = answer.content_type
        self.headers[hdrs.SERVER] = "Apache"
        self.headers[hdrs.DATE] = format_datetime(camera.clock.now(), usegmt=True)
        for name, value in answer.headers:
            self.headers.add(name, value)
        if not camera.quirks.keep_alive:
            self.force_close()

    def end_by_closing(self) -> None:
        """Send neither a length nor chunks: the body ends with the connection."""
        self.force_close()
        # With this, which is meant for upgrades, aiohttp leaves the framing of the body alone.
        self._length_check = False

    @property
    def sent(self) -> int:
        """Bytes of start line, headers and body so far."""
        if self._payload_writer is None:
            return self.body_length
        return self._payload_writer.output_size

    @override
    async def _write_headers(self) -> None:
        if not self._dated:
            del self.headers[hdrs.DATE]
        await super()._write_headers()


async def send(
    request: web.BaseRequest,
    response: Response,
    exchange: Exchange,
    body: bytes | Iterable[bytes],
    slowness: Injection | None = None,
) -> web.StreamResponse:
    """Send an answer: in one piece if it is short, else as it is made."""
    exchange.status = response.status
    chunks = iter((body,) if isinstance(body, bytes) else body)
    first, second = next(chunks, b""), next(chunks, None)
    if second is None:
        response.content_length = len(first)
    await response.prepare(request)
    try:
        for chunk in _resume(first, second, chunks):
            if request.method == hdrs.METH_HEAD:
                break
            if slowness is None:
                await response.write(chunk)
                # Other requests get their turn while a long list is written.
                await asyncio.sleep(0)
            else:
                await _dribble(response, chunk, slowness)
        await response.write_eof()
    finally:
        exchange.bytes_sent = response.sent
    return response


async def send_part(
    request: web.BaseRequest,
    response: Response,
    exchange: Exchange,
    body: bytes | Iterable[bytes],
    share: float,
) -> web.StreamResponse:
    """Announce the length of an answer, send its first part, and close the connection."""
    body = body if isinstance(body, bytes) else b"".join(body)
    exchange.status = response.status
    response.content_length = len(body)
    await response.prepare(request)
    await response.write(body[: int(len(body) * share)])
    exchange.bytes_sent = response.sent
    hang_up(request)
    return response


async def stream(
    request: web.BaseRequest,
    response: Response,
    exchange: Exchange,
    pieces: AsyncGenerator[bytes],
    *,
    slowness: Injection | None = None,
    limit: int | None = None,
) -> bool:
    """Send a body as it is made, of which `limit` bytes at most; tell whether it is complete.

    The answer and `pieces` are left open, for the caller to end or to break off.
    """
    exchange.status = response.status
    await response.prepare(request)
    left = limit
    try:
        async for piece in pieces:
            part = piece if left is None else piece[:left]
            if slowness is None:
                await response.write(part)
                # An export at full speed must not keep others waiting.
                await asyncio.sleep(0)
            else:
                await _dribble(response, part, slowness)
            if left is not None:
                left -= len(part)
                if left <= 0:
                    return False
    finally:
        exchange.bytes_sent = response.sent
    return True


def hang_up(request: web.BaseRequest) -> None:
    """Close the connection, whatever was to come."""
    if request.transport is not None:
        request.transport.close()


def reset(request: web.BaseRequest) -> web.StreamResponse:
    """Make the other side see "connection reset by peer"; the response goes nowhere."""
    transport = request.transport
    if transport is not None:
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        transport.abort()
    return web.StreamResponse()


def received(request: web.BaseRequest, body: int) -> int:
    """Count the bytes of a request, which differ from the wire by odd white space at most."""
    start_line = len(f"{request.method} {request.raw_path} HTTP/1.1\r\n".encode())
    headers = sum(
        len(name) + len(value) + len(": \r\n") for name, value in request.raw_headers
    )
    return start_line + headers + len("\r\n") + body


def _resume(
    first: bytes, second: bytes | None, rest: Iterator[bytes]
) -> Iterator[bytes]:
    yield first
    if second is not None:
        yield second
        yield from rest


async def _dribble(response: Response, chunk: bytes, slowness: Injection) -> None:
    for position in range(0, len(chunk), slowness.step):
        await asyncio.sleep(slowness.delay)
        await response.write(chunk[position : position + slowness.step])
