"""A server for what no camera should do: it sends bytes as they are given."""

import asyncio
from contextlib import suppress
from typing import Self

DATE = "Tue, 24 Nov 2026 12:00:00 GMT"


def http(
    body: bytes | str,
    *,
    status: str = "200 OK",
    headers: tuple[str, ...] = (f"Date: {DATE}", "Content-Type: text/xml"),
) -> bytes:
    """Make an answer with a length."""
    body = body.encode() if isinstance(body, str) else body
    head = (f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "", "")
    return "\r\n".join(head).encode(errors="surrogateescape") + body


def xml(content: str) -> bytes:
    """Make an answer with children of the root element."""
    return http(f'<?xml version="1.0"?><root>{content}</root>')


class ScriptedServer:
    """Sends `answers` in turn, the last one forever, and keeps the `requests` as they came."""

    certificate_fingerprint: str | None = None

    def __init__(self) -> None:
        """Prepare to serve."""
        self.answers: list[bytes] = []
        self.requests: list[str] = []
        self.host = "127.0.0.1"
        self.port = 0
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        """Start to serve."""
        self._server = await asyncio.start_server(self._serve, self.host, 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        if self._server:
            self._server.close()
            self._server.abort_clients()
            await asyncio.sleep(0)
            await self._server.wait_closed()

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                self.requests.append(head.decode())
                answer = self.answers[0]
                if len(self.answers) > 1:
                    self.answers.pop(0)
                writer.write(answer)
                await writer.drain()
        writer.close()
