"""Hear of a camera's recordings and disks as it happens (VAPIX: Event streaming over WebSocket).

The documentation does not say how a camera wants the topics in filters to be written, so each is asked for
both ways. A camera that takes both reports everything twice, and of several events at once maybe the last
one first: what is no news is left out here.
"""

import asyncio
from collections import deque
from contextlib import asynccontextmanager
from itertools import count
import json
import re
import time
from typing import TYPE_CHECKING, Any, NoReturn, Self

from aiohttp import ClientError, WSMsgType

from .bounds import (
    EVENTS_SECONDS,
    MOST_EVENTS,
    MOST_STATES,
    keep,
    note_left_out_to,
)
from .errors import (
    NOT_AVAILABLE,
    AuthenticationError,
    CameraConnectionError,
    CameraTimeoutError,
    MissingRightsError,
    NotSupportedError,
    RefusedError,
    UnexpectedAnswerError,
)
from .notices import (
    DOCUMENTED,
    SUBJECTS,
    Notice,
    StorageEvent,
    StorageTopic,
    read_notice,
)
from .values import text

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from aiohttp import ClientWebSocketResponse

    from .bounds import Bounds
    from .http import CameraHttp

PATH = "/vapix/ws-data-stream"
TOKEN_PATH = "/axis-cgi/wssession.cgi"  # noqa: S105 - where to get one
# After so long without a word we ask whether the camera is still there.
SILENCE_SECONDS = 30.0
# The same, where it has to report everything again to say so.
LONG_SILENCE_SECONDS = 300.0
ANSWER_SECONDS = 10.0
# Copies of an event, and older ones of the same burst, come within this time.
BURST_SECONDS = 1.0
# What may come before the camera has answered what it was asked.
MAX_WAITING = 1000

_VERSION = "1.0"
_CONFIGURE = "events:configure"
_NOTIFY = "events:notify"
_TOKEN = re.compile(r"[\w.~+/=-]{1,256}", re.ASCII)


# The next ones are for cameras that refuse a list for one filter that they don't like.
_FILTER_LISTS = (
    tuple(topic for each in SUBJECTS.values() for topic in (each.short, each.full)),
    tuple(each.short for each in DOCUMENTED),
    tuple(each.full for each in DOCUMENTED),
)
# Internal error, and a parameter that is not valid: what may be wrong with a filter.
_BAD_FILTER_CODES = {1100, 2104}


@asynccontextmanager
async def listen(http: CameraHttp) -> AsyncGenerator[EventStream]:
    """Open a stream and say what we want to be sent."""
    socket = await _open(http)
    try:
        stream = EventStream(socket, http.bounds)
        await stream.configure()
        yield stream
    finally:
        await socket.close()


async def _open(http: CameraHttp) -> ClientWebSocketResponse:
    """Open a socket with a token or, where there is none or it is not taken, with a log-in."""
    if token := await _fetch_token(http):
        try:
            return await http.open_socket(
                PATH, {"wssession": token, "sources": "events"}, log_in=False
            )
        except AuthenticationError, MissingRightsError:
            # It is good for 15 s only, and other requests may have come in between.
            pass
    return await http.open_socket(PATH, {"sources": "events"}, log_in=True)


async def _fetch_token(http: CameraHttp) -> str | None:
    try:
        answer = await http.get(TOKEN_PATH)
    except NOT_AVAILABLE:
        return None
    token = answer.body.decode(errors="replace").strip()
    return token if _TOKEN.fullmatch(token) else None


class EventStream:
    """What a camera reports, without an end: it raises a VapixError when the stream is lost."""

    def __init__(self, socket: ClientWebSocketResponse, bounds: Bounds) -> None:
        """Listen to an open socket, and note what is reported beyond the bounds."""
        self._socket = socket
        self._bounds = bounds
        self._contexts = map(str, count(1))
        self._filters = _FILTER_LISTS[0]
        self._waiting: deque[StorageEvent] = deque(maxlen=MAX_WAITING)
        self._latest: dict[tuple[StorageTopic, str | None], Notice] = {}
        self._received: deque[float] = deque()
        self._is_ponging = True

    async def configure(self) -> None:
        """Say what we want to be sent. What comes before the answer is kept."""
        for self._filters in _FILTER_LISTS:
            try:
                return await self._configure()
            except RefusedError as err:
                refusal = err
                if err.code not in _BAD_FILTER_CODES:
                    break
        raise refusal

    def __aiter__(self) -> Self:
        """Return the events as they come."""
        return self

    async def __anext__(self) -> StorageEvent:
        """Wait for the next event."""
        while not self._waiting:
            try:
                await self._read(
                    SILENCE_SECONDS if self._is_ponging else LONG_SILENCE_SECONDS
                )
            except TimeoutError:
                await self._make_sure()
        return self._waiting.popleft()

    async def _make_sure(self) -> None:
        """Find out whether a silent camera is still there.

        Nobody promises that cameras answer pings. One that does not is asked for the same events again,
        which has to be answered.
        """
        if self._is_ponging:
            await self._send(b"", WSMsgType.PING)
            try:
                await self._read(ANSWER_SECONDS)
            except TimeoutError:
                self._is_ponging = False
            else:
                return
        await self._configure()

    async def ask(self) -> None:
        """Ask for all states anew. Where the camera reports them, they come as events."""
        self._latest.clear()
        await self._request()

    async def _request(self) -> str:
        """Say what we want to be sent, and return how the answer is marked."""
        context = next(self._contexts)
        request = {
            "apiVersion": _VERSION,
            "context": context,
            "method": _CONFIGURE,
            "params": {
                "eventFilterList": [{"topicFilter": topic} for topic in self._filters]
            },
        }
        await self._send(json.dumps(request).encode(), WSMsgType.TEXT)
        return context

    async def _configure(self) -> None:
        context = await self._request()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                while not _is_answer(answer := await self._read(None), context):
                    pass
        except TimeoutError:
            message = "The event stream is silent"
            raise CameraTimeoutError(message, sent=True) from None
        if "error" in answer:
            _refuse(answer["error"])

    async def _send(self, data: bytes, kind: WSMsgType) -> None:
        try:
            # It waits for a camera that does not read.
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._socket.send_frame(data, kind)
        except TimeoutError as err:
            message = "The camera takes nothing more over the event stream"
            raise CameraTimeoutError(message, sent=True) from err
        except (ClientError, OSError) as err:
            message = "The connection to the camera broke"
            raise CameraConnectionError(message) from err

    async def _read(self, patience: float | None) -> dict[str, Any]:
        """Wait for a message, keep the event that it reports, and return the answer that it is."""
        message = await self._socket.receive(patience)
        self._count()
        match message.type:
            case WSMsgType.TEXT | WSMsgType.BINARY:
                content = _parse(message.data)
                if content.get("method") != _NOTIFY:
                    return content
                note_left_out_to(self._bounds)
                notice = read_notice(content, self._bounds)
                if notice and self._is_news(notice):
                    self._waiting.append(notice.event)
            case WSMsgType.PING:
                await self._send(message.data, WSMsgType.PONG)
            case WSMsgType.PONG:
                pass
            case _:
                error = "The camera has ended the event stream"
                raise CameraConnectionError(error)
        return {}

    def _count(self) -> None:
        """Raise UnexpectedAnswerError if the camera reports more than anybody can use."""
        now = time.monotonic()
        self._received.append(now)
        if len(self._received) > MOST_EVENTS and (
            now - self._received.popleft() < EVENTS_SECONDS
        ):
            message = "The camera floods its event stream"
            raise UnexpectedAnswerError(message)

    def _is_news(self, notice: Notice) -> bool:
        """Return whether this is neither a copy nor older than what is known already."""
        name = (notice.event.topic, notice.event.disk_id)
        known = self._latest.get(name)
        if known is not None:
            is_burst = notice.received - known.received <= BURST_SECONDS
            if notice.is_same(known):
                # Without its time, it may as well have happened again.
                if is_burst or notice.timestamp is not None:
                    return False
            elif is_burst and notice.is_before(known):
                return False
        if keep(self._latest, name, notice, MOST_STATES):
            self._bounds.note("disks", 1)
        return True


def _parse(message: str | bytes) -> dict[str, Any]:
    try:
        content = json.loads(message)
    except ValueError, RecursionError:
        return {}
    return content if isinstance(content, dict) else {}


def _is_answer(content: dict[str, Any], context: str) -> bool:
    """Return whether this answers what we asked last. An error may not know what it is about."""
    return ("data" in content or "error" in content) and content.get(
        "context", context
    ) == context


def _refuse(error: object) -> NoReturn:
    """Raise our error for one of the camera's."""
    details = error if isinstance(error, dict) else {}
    code = details.get("code")
    words, number = text(details, "message"), text(details, "code")
    reason = f"The camera refuses the events: {words} ({number})"
    match code:
        case 2105:
            message = "The account may not listen to events"
            raise MissingRightsError(message)
        case 2106:
            message = "The camera does not accept the username and password"
            raise AuthenticationError(message)
        case 2100 | 2102:
            raise NotSupportedError(reason)
        case _:
            raise RefusedError(reason, code if isinstance(code, int) else None)
