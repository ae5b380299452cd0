"""Pass over what a camera sends before its answer and around it, but not forever.

HTTP allows any number of interim answers (RFC 9110, 15.2), and any number and length of extensions and trailers
of chunks (RFC 9112, 7.1). aiohttp reads them without an end: it takes a core, and holds the event loop for
seconds. A camera has a reason for one interim answer at most, and for no extensions.
"""

from typing import TYPE_CHECKING, Any, Final, override

from aiohttp import ClientConnectionError, ClientPayloadError, ClientResponse

from .status import SWITCHING_PROTOCOLS

if TYPE_CHECKING:
    from aiohttp import ClientHandlerType, ClientRequest
    from aiohttp.client_proto import ResponseHandler
    from aiohttp.connector import Connection

MOST_INTERIM: Final = 10
MOST_BESIDE: Final = 1024 * 1024
"""Bytes that belong to no content, beside those of chunks of one byte each."""
_BESIDE_EACH: Final = 6
_INFORMATIONAL: Final = range(100, 200)


async def read_few_interim(
    request: ClientRequest, handler: ClientHandlerType
) -> ClientResponse:
    """Client middleware: ClientConnectionError after too many interim answers; cookies are not kept."""
    request.response_class = _Response
    return await handler(request)


class _Response(ClientResponse):
    """An answer that is not waited for beyond a number of interim ones, and leaves no cookies."""

    @override
    async def start(self, connection: Connection) -> ClientResponse:
        protocol = connection.protocol
        assert protocol is not None  # noqa: S101 - it is there until the answer has been read
        read, interim = protocol.read, 0

        async def read_few() -> Any:
            nonlocal interim
            message, payload = await read()
            if message.code in _INFORMATIONAL and message.code != SWITCHING_PROTOCOLS:
                interim += 1
            if interim > MOST_INTERIM:
                error = "The camera sends interim answers without an end"
                raise ClientConnectionError(error)
            return message, payload

        protocol.read = read_few  # type: ignore[method-assign]
        try:
            answer = await super().start(connection)
        finally:
            del protocol.read
            # Cookies would pile up in a session that is not only ours.
            self._raw_cookie_headers = None
        if not self.content.is_eof():
            self._count(protocol)
        return answer

    def _count(self, protocol: ResponseHandler) -> None:
        """Break off once much more comes than the content needs."""
        receive, received = protocol.data_received, 0

        def count(data: bytes) -> None:
            nonlocal received
            received += len(data)
            receive(data)
            needed = _BESIDE_EACH * self.content.total_bytes
            if received > needed + MOST_BESIDE and not self.content.is_eof():
                error = "The camera sends chunks with nothing in them without an end"
                self.content.set_exception(ClientPayloadError(error))
                self.close()

        def end() -> None:
            protocol.__dict__.pop("data_received", None)

        protocol.data_received = count  # type: ignore[method-assign]
        self.content.on_eof(end)
