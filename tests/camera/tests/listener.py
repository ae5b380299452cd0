"""A plain listener to events, just enough to hear what a camera reports."""

import asyncio
from contextlib import asynccontextmanager
import json
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from .caller import Caller

PATH = "/vapix/ws-data-stream"
PATIENCE = 5.0
MOMENT = 0.15

RECORDING = "tnsaxis:Storage/Recording"
DISRUPTION = "tnsaxis:Storage/Disruption"
ALERT = "tnsaxis:Storage/Alert"
FAILURE = "tns1:Device/tnsaxis:HardwareFailure/StorageFailure"
PORT = "tns1:Device/tnsaxis:IO/VirtualPort"


class Listener:
    """One stream of events."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Listen to an open WebSocket."""
        self.socket = socket
        self.heard: list[dict[str, Any]] = []

    async def read(self) -> dict[str, Any]:
        """Read whatever comes next."""
        message = await self.socket.receive(PATIENCE)
        assert message.type == aiohttp.WSMsgType.TEXT, message
        read: dict[str, Any] = json.loads(message.data)
        return read

    async def ask(self, request: object) -> dict[str, Any]:
        """Send a request, as text or as an object, and wait for its answer."""
        text = request if isinstance(request, str) else json.dumps(request)
        await self.socket.send_str(text)
        while True:
            read = await self.read()
            if read.get("method") != "events:notify":
                return read
            self.heard.append(read)

    async def configure(self, *topics: str, **more: Any) -> dict[str, Any]:
        """Ask for events by topic filters."""
        filters = [{"topicFilter": topic} for topic in topics]
        return await self.ask(
            {
                "apiVersion": "1.0",
                "method": "events:configure",
                "params": {"eventFilterList": filters},
                **more,
            }
        )

    async def hear(self) -> dict[str, Any]:
        """Wait for the next notification and give what it says."""
        read = self.heard.pop(0) if self.heard else await self.read()
        assert read["method"] == "events:notify"
        notification: dict[str, Any] = read["params"]["notification"]
        return notification

    async def values(self, number: int) -> list[tuple[str, ...]]:
        """Wait for so many notifications: each its topic, its sources and its values."""
        reported = [await self.hear() for _ in range(number)]
        return [
            (
                each["topic"],
                *each["message"]["source"].values(),
                *each["message"]["data"].values(),
            )
            for each in reported
        ]

    async def hears_nothing(self, moment: float = MOMENT) -> None:
        """Make sure that nothing comes for a moment."""
        assert self.heard == []
        with pytest.raises(TimeoutError):
            # The patience of `receive` begins anew with each ping.
            async with asyncio.timeout(moment):
                await self.socket.receive()

    async def ends(self) -> int | None:
        """Wait for the end of the stream and give its code, 1006 for a lost connection."""
        message = await self.socket.receive(PATIENCE)
        assert message.type in {
            aiohttp.WSMsgType.CLOSE,
            aiohttp.WSMsgType.CLOSED,
            aiohttp.WSMsgType.ERROR,
        }
        code = self.socket.close_code
        await self.socket.close()
        return code


@asynccontextmanager
async def opened(
    caller: Caller,
    query: str = "sources=events",
    *,
    login: bool = True,
    **options: Any,
) -> AsyncIterator[Listener]:
    """Open a stream."""
    if login:
        options["headers"] = caller.authorization
    async with caller.session.ws_connect(
        caller.url(f"{PATH}?{query}"), ssl=False, **options
    ) as socket:
        yield Listener(socket)


@asynccontextmanager
async def listening(caller: Caller, *topics: str) -> AsyncIterator[Listener]:
    """Open a stream, ask for topics and let the states pass that things are in."""
    async with opened(caller) as listener:
        answer = await listener.configure(*topics)
        assert answer["data"] == {}
        # States are sent before the next request is read.
        await listener.ask("")
        listener.heard.clear()
        yield listener


async def refused(caller: Caller, query: str = "sources=events", **options: Any) -> int:
    """Open a stream that is refused, and give the status."""
    with pytest.raises(aiohttp.WSServerHandshakeError) as error:
        async with opened(caller, query, **options):
            pass
    return error.value.status
