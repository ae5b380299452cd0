"""A proxy between the integration and a simulated camera, which changes what the camera answers.

It knows HTTP/1.1 as far as it needs to, and changes status, headers, framing and bodies of answers, and the
messages of WebSockets. Answers may be kept, so that the same request needs the camera only once. A client
that sends the header X-Seed gets what is drawn from that seed, whatever was asked before.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
import gzip
from random import Random
import re
from typing import Final, Self

from custom_components.axis_recordings.vapix.bounds import keep

from .mutations import MOST_BYTES, mutate, mutate_text

_LARGEST: Final = 64 * 1024 * 1024
MOST_KEPT: Final = 50
"""Answers of one camera: those that are asked for again and again come back soon."""
STATUSES: Final = (
    *(100, 101, 102, 199, 200, 201, 204, 205, 206, 300, 301, 302, 303, 304, 307, 308),
    *(400, 401, 403, 404, 405, 406, 408, 409, 410, 411, 413, 414, 418, 422, 426, 429),
    *(451, 500, 501, 502, 503, 504, 505, 507, 511, 599, 600, 999),
)
HEADERS: Final = (
    ("Date", "Thu, 01 Jan 1970 00:00:00 GMT"),
    ("Date", "Mon, 31 Dec 9999 23:59:59 GMT"),
    ("Date", "Sat, 01 Jan 0001 00:00:00 +1400"),
    ("Date", "99999999999999999999"),
    ("Date", ""),
    ("Content-Type", "text/html; charset=x-unknown"),
    ("Content-Type", "multipart/mixed; boundary=" + "x" * 200),
    ("Content-Type", "\xff\xfe"),
    ("Content-Disposition", "attachment; filename*=UTF-8''%00%ff../../x"),
    ("Location", "https://192.0.2.1:99999/%zz"),
    ("Location", "javascript:alert(1)"),
    ("Location", "//[::1"),
    (
        "WWW-Authenticate",
        'Digest realm="x", nonce="\\"", qop="auth-int", algorithm=SHA-512',
    ),
    ("WWW-Authenticate", 'Digest realm="' + "x" * 4000 + '", nonce=""'),
    ("WWW-Authenticate", "Negotiate, Basic realm=, Digest"),
    ("WWW-Authenticate", "Digest " + "a=b," * 500),
    ("Authentication-Info", 'nextnonce="' + "n" * 3000 + '"'),
    ("Set-Cookie", "a=" + "b" * 4000),
    ("Retry-After", "-1"),
    ("X-Long", "y" * 9000),
    ("Transfer-Encoding", "chunked, gzip"),
    ("Connection", "close"),
    ("Upgrade", "h2c"),
)


@dataclass(slots=True)
class Reply:
    """An answer on the wire."""

    status: bytes
    headers: list[tuple[str, str]]
    body: bytes

    def to_bytes(self) -> bytes:
        """Return it as it is sent."""
        lines = [
            self.status,
            *(
                f"{name}: {value}".encode("latin-1", "replace")
                for name, value in self.headers
            ),
        ]
        return b"\r\n".join([*lines, b"", self.body])


def mutate_reply(random: Random, reply: Reply) -> tuple[bytes, bool]:
    """Change an answer: most often its body, else its head, its framing or its very bytes.

    Also returns whether another answer may follow it.
    """
    body, headers, status = reply.body, list(reply.headers), reply.status
    kind = random.random()
    if kind < 0.8:
        body = mutate(random, body)
        return Reply(status, _framed(headers, body), body).to_bytes(), True
    if kind < 0.86:
        status = b"HTTP/1.1 %d Odd" % random.choice(STATUSES)
    elif kind < 0.94:
        name, value = random.choice(HEADERS)
        if random.random() < 0.7:
            headers = [each for each in headers if each[0].lower() != name.lower()]
        headers.append((name, value))
        if random.random() < 0.1:
            headers += [(f"X-{each}", "y") for each in range(random.choice((50, 2000)))]
    elif kind < 0.97:
        whole = Reply(status, _framed(headers, body), body).to_bytes()
        return mutate(random, whole), False
    else:
        packed = gzip.compress(b"\0" * random.choice((10, 30 * 1024 * 1024)), 1)
        body = mutate(random, packed) if random.random() < 0.5 else packed
        headers.append(
            ("Content-Encoding", random.choice(("gzip", "deflate", "br", "x")))
        )
    return Reply(status, _framed(headers, body), body).to_bytes(), False


def _framed(headers: list[tuple[str, str]], body: bytes) -> list[tuple[str, str]]:
    """Return headers that say how long the body is."""
    kept = [
        each
        for each in headers
        if each[0].lower() not in ("content-length", "transfer-encoding")
        or each[1] == "chunked, gzip"
    ]
    return [*kept, ("Content-Length", str(len(body)))]


@dataclass(slots=True)
class Target:
    """A simulated camera and what is kept of its answers."""

    host: str
    port: int
    kept: dict[bytes, Reply] | None = None
    """Answers by the request, with an empty dictionary to begin with; None keeps nothing."""
    only: bytes = b""
    """What the path of those requests begins with whose answers are changed."""


@dataclass(slots=True)
class Proxy:
    """Listens on a port of its own, as long as its context."""

    target: Target
    seed: int = 0
    share: float = 0.85
    """How many of the answers and messages are changed, 0 to 1."""
    mutated: int = 0
    """How many were."""
    port: int = 0
    _drawn: int = 0
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def __aenter__(self) -> Self:
        """Listen."""
        self._server = await asyncio.start_server(
            self._serve, "127.0.0.1", 0, limit=_LARGEST
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        """End all that goes on."""
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def begin(self, seed: int, share: float) -> None:
        """Change so many of the answers, as the seed says."""
        self.seed, self.share, self._drawn = seed, share, 0

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        try:
            with suppress(OSError, asyncio.IncompleteReadError, ValueError):
                while await self._exchange(reader, writer):
                    pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _exchange(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Answer one request; return whether the connection may go on."""
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(_value(head, b"content-length") or 0)
        request = head + (await reader.readexactly(length) if length else b"")
        if _value(head, b"upgrade"):
            await self._relay(request, reader, writer)
            return False
        reply = await self._ask(request)
        random = self._draw(_value(head, b"x-seed"))
        may_go_on = True
        is_meant = request.partition(b" ")[2].startswith(self.target.only)
        # A request for a log-in is not what was asked for.
        is_answer = not self.target.only or b" 401 " not in reply.status
        if is_meant and is_answer and random.random() < self.share:
            self.mutated += 1
            sent, may_go_on = mutate_reply(random, reply)
        else:
            headers = _framed(reply.headers, reply.body)
            sent = Reply(reply.status, headers, reply.body).to_bytes()
        writer.write(sent)
        await writer.drain()
        return may_go_on

    def _draw(self, seed: bytes | None) -> Random:
        """Return what decides about the next answer."""
        if seed is not None and int(seed) != self.seed:
            self.seed, self._drawn = int(seed), 0
        self._drawn += 1
        return Random(f"{self.seed}-{self._drawn}")  # noqa: S311

    async def _ask(self, request: bytes) -> Reply:
        """Return what the camera answers."""
        key = re.sub(rb"(?i)\r\n(authorization|x-seed):[^\r]*", b"", request)
        kept = self.target.kept
        if kept is not None and key in kept:
            return kept[key]
        reader, writer = await asyncio.open_connection(
            self.target.host, self.target.port, limit=_LARGEST
        )
        try:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            reply = _parse(head, await _body(head, reader))
        finally:
            writer.close()
        if kept is not None and b" 401 " not in reply.status:
            keep(kept, key, reply, MOST_KEPT)
        return reply

    async def _relay(
        self,
        request: bytes,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        """Pass a WebSocket on, and change what the camera says."""
        seed = _value(request, b"x-seed")
        request = re.sub(rb"(?i)\r\nsec-websocket-extensions:[^\r]*", b"", request)
        upstream, to_camera = await asyncio.open_connection(
            self.target.host, self.target.port, limit=_LARGEST
        )
        to_camera.write(request)

        async def ask() -> None:
            while data := await reader.read(65536):
                to_camera.write(data)
                await to_camera.drain()

        asking = asyncio.create_task(ask())
        try:
            writer.write(await upstream.readuntil(b"\r\n\r\n"))
            while True:
                writer.write(await self._frame(upstream, self._draw(seed)))
                await writer.drain()
        finally:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
            to_camera.close()

    async def _frame(self, upstream: asyncio.StreamReader, random: Random) -> bytes:
        """Return the next frame of a WebSocket, maybe changed, or several."""
        first, second = await upstream.readexactly(2)
        length = second & 0x7F
        if length == 126:
            length = int.from_bytes(await upstream.readexactly(2))
        elif length == 127:
            length = int.from_bytes(await upstream.readexactly(8))
        payload = await upstream.readexactly(length)
        if first & 0x0F == 1 and random.random() < self.share:
            self.mutated += 1
            if random.random() < 0.1:
                return mutate(random, frame(first, payload))
            payload = mutate_text(random, payload.decode()).encode(errors="replace")
        return frame(first, payload)


def frame(first: int, payload: bytes) -> bytes:
    """Return an unmasked frame of a WebSocket."""
    length = len(payload)
    if length < 126:
        size = bytes([length])
    elif length < 65536:
        size = bytes([126]) + length.to_bytes(2)
    else:
        size = bytes([127]) + length.to_bytes(8)
    return bytes([first]) + size + payload


def _value(head: bytes, name: bytes) -> bytes | None:
    found = re.search(rb"(?im)^" + name + rb":\s*([^\r]*)", head)
    return found[1] if found else None


async def _body(head: bytes, reader: asyncio.StreamReader) -> bytes:
    if head.startswith((b"HTTP/1.1 204", b"HTTP/1.1 304")):
        return b""
    if (length := _value(head, b"content-length")) is not None:
        return await reader.readexactly(int(length))
    if (_value(head, b"transfer-encoding") or b"").lower() == b"chunked":
        body = bytearray()
        while size := int(await reader.readline(), 16):
            body += await reader.readexactly(size)
            await reader.readexactly(2)
        return bytes(body)
    return await reader.read(MOST_BYTES * 8)


def _parse(head: bytes, body: bytes) -> Reply:
    status, *lines = head.decode("latin-1").rstrip().split("\r\n")
    headers = [
        (name.strip(), value.strip())
        for name, _, value in (line.partition(":") for line in lines)
    ]
    return Reply(status.encode("latin-1"), headers, body)
