"""Hear of a camera's recordings and disks as it happens (VAPIX: Event streaming over WebSocket).

The documentation does not say how a camera wants the topics in filters to be written, so each is asked for
both ways. A camera that takes both tells everything twice, and of several events at once maybe the last
one first: what is no news is left out here.
"""

import asyncio
from collections import deque
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from itertools import count, islice
import json
import re
import time
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, Self

from aiohttp import ClientError, WSMsgType

from .bounds import (
    EVENTS_SECONDS,
    LONGEST_TEXT,
    MOST_EVENT_VALUES,
    MOST_EVENTS,
)
from .errors import (
    AuthenticationError,
    CameraConnectionError,
    CameraTimeoutError,
    MissingRightsError,
    NotSupportedError,
    RefusedError,
    UnexpectedAnswerError,
)
from .values import identifier

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from aiohttp import ClientWebSocketResponse

    from .http import CameraHttp

PATH = "/vapix/ws-data-stream"
TOKEN_PATH = "/axis-cgi/wssession.cgi"  # noqa: S105 - where to get one
# After so long without a word we ask whether the camera is still there.
SILENCE_SECONDS = 30.0
# The same, where it has to tell everything again to say so.
LONG_SILENCE_SECONDS = 300.0
ANSWER_SECONDS = 10.0
# Copies of an event, and older ones of the same burst, come within this time.
BURST_SECONDS = 1.0
# What may come before the camera has answered what it was asked.
MAX_WAITING = 1000
MAX_WORDS = 200

_VERSION = "1.0"
_CONFIGURE = "events:configure"
_NOTIFY = "events:notify"
_TOKEN = re.compile(r"[\w.~+/=-]{1,256}", re.ASCII)


class StorageTopic(StrEnum):
    """What a camera tells of."""

    RECORDING = "recording"
    """Whether anything is being recorded, whatever and where."""
    DISRUPTION = "disruption"
    """Whether a disk can't be recorded to: it was removed, is full, locked, or read-only."""
    ALERT = "alert"
    """Whether the health of a disk is bad, with the numbers."""
    FAILURE = "failure"
    """Whether a disk is broken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageEvent:
    """Something has changed, or is so when the stream begins."""

    topic: StorageTopic
    disk_id: str | None
    """None where the event is about all disks."""
    active: bool | None
    """None if the camera does not say."""
    data: Mapping[str, str]
    """All that the camera says, by its own names."""


class _Subject(NamedTuple):
    """What a topic is called by cameras, without the prefixes, and the value that tells."""

    path: tuple[str, ...]
    value: str
    short: str
    full: str


_SUBJECTS = {
    StorageTopic.RECORDING: _Subject(
        ("Storage", "Recording"),
        "recording",
        "tnsaxis:Storage/Recording",
        "tnsaxis:Storage/tnsaxis:Recording",
    ),
    StorageTopic.DISRUPTION: _Subject(
        ("Storage", "Disruption"),
        "disruption",
        "tnsaxis:Storage/Disruption",
        "tnsaxis:Storage/tnsaxis:Disruption",
    ),
    StorageTopic.ALERT: _Subject(
        ("Storage", "Alert"),
        "alert",
        "tnsaxis:Storage/Alert",
        "tnsaxis:Storage/tnsaxis:Alert",
    ),
    StorageTopic.FAILURE: _Subject(
        ("Device", "HardwareFailure", "StorageFailure"),
        "disruption",
        "tns1:Device/tnsaxis:HardwareFailure/StorageFailure",
        "tns1:Device/tnsaxis:HardwareFailure/tnsaxis:StorageFailure",
    ),
}
_TOPICS = {subject.path: topic for topic, subject in _SUBJECTS.items()}
_DOCUMENTED = (
    _SUBJECTS[StorageTopic.RECORDING],
    _SUBJECTS[StorageTopic.DISRUPTION],
)
# The next ones are for cameras that refuse a list for one filter that they don't like.
_FILTER_LISTS = (
    tuple(topic for each in _SUBJECTS.values() for topic in (each.short, each.full)),
    tuple(each.short for each in _DOCUMENTED),
    tuple(each.full for each in _DOCUMENTED),
)
_BOOLEANS = {"1": True, "true": True, "0": False, "false": False}
# Internal error, and a parameter that is not valid: what may be wrong with a filter.
_BAD_FILTER_CODES = {1100, 2104}


@asynccontextmanager
async def listen(http: CameraHttp) -> AsyncGenerator[EventStream]:
    """Open a stream and say what we want to hear."""
    socket = await _open(http)
    try:
        stream = EventStream(socket)
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
    except UnexpectedAnswerError, MissingRightsError:
        return None
    token = answer.body.decode(errors="replace").strip()
    return token if _TOKEN.fullmatch(token) else None


class EventStream:
    """What a camera tells, without an end: it raises a VapixError when the stream is lost."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        """Listen to an open socket."""
        self._socket = socket
        self._contexts = map(str, count(1))
        self._filters = _FILTER_LISTS[0]
        self._waiting: deque[StorageEvent] = deque(maxlen=MAX_WAITING)
        self._latest: dict[tuple[StorageTopic, str | None], _Notice] = {}
        self._received: deque[float] = deque()
        self._is_ponging = True

    async def configure(self) -> None:
        """Say what we want to hear. What comes before the answer is kept."""
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
        """Ask for all states anew. Where the camera tells them, they come as events."""
        self._latest.clear()
        await self._request()

    async def _request(self) -> str:
        """Say what we want to hear, and return how the answer is marked."""
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
            await self._socket.send_frame(data, kind)
        except (ClientError, OSError) as err:
            message = "The connection to the camera broke"
            raise CameraConnectionError(message) from err

    async def _read(self, patience: float | None) -> dict[str, Any]:
        """Wait for a message, keep the event that it tells of, and return the answer that it is."""
        message = await self._socket.receive(patience)
        match message.type:
            case WSMsgType.TEXT | WSMsgType.BINARY:
                self._count()
                content = _parse(message.data)
                if content.get("method") != _NOTIFY:
                    return content
                if (notice := _read_notice(content)) and self._is_news(notice):
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
        """Raise UnexpectedAnswerError if the camera tells more than anybody can use."""
        now = time.monotonic()
        self._received.append(now)
        if len(self._received) > MOST_EVENTS and (
            now - self._received.popleft() < EVENTS_SECONDS
        ):
            message = "The camera floods its event stream"
            raise UnexpectedAnswerError(message)

    def _is_news(self, notice: _Notice) -> bool:
        """Return whether this is neither a copy nor older than what is known already."""
        name = (notice.event.topic, notice.event.disk_id)
        known = self._latest.get(name)
        if known is not None:
            is_burst = notice.received - known.received <= BURST_SECONDS
            if notice.tells_same(known):
                # Without its time, it may as well have happened again.
                if is_burst or notice.timestamp is not None:
                    return False
            elif is_burst and notice.is_before(known):
                return False
        self._latest[name] = notice
        return True


class _Notice(NamedTuple):
    """An event with the camera's time of it, which may be local or missing, and ours."""

    event: StorageEvent
    timestamp: float | None
    received: float

    def tells_same(self, other: _Notice) -> bool:
        """Return whether both tell of the same event."""
        return (self.event, self.timestamp) == (other.event, other.timestamp)

    def is_before(self, other: _Notice) -> bool:
        """Return whether this happened before, as far as the camera says when."""
        return (
            self.timestamp is not None
            and other.timestamp is not None
            and self.timestamp < other.timestamp
        )


def _read_notice(content: dict[str, Any]) -> _Notice | None:
    """Return what a notification tells; None if it is not for us, or can't be understood."""
    notification = _part(_part(content, "params"), "notification")
    topic = _read_topic(notification.get("topic"))
    if topic is None:
        return None
    message = _part(notification, "message")
    values = islice(_part(message, "data").items(), MOST_EVENT_VALUES)
    data = {
        name[:LONGEST_TEXT]: str(value)[:LONGEST_TEXT]
        for name, value in values
        if not isinstance(value, dict | list)
    }
    disk_id = identifier(_part(message, "source"), "disk_id")
    timestamp = notification.get("timestamp")
    return _Notice(
        StorageEvent(
            topic=topic,
            disk_id=disk_id or None,
            active=_BOOLEANS.get(data.get(_SUBJECTS[topic].value, "").strip().lower()),
            data=data,
        ),
        timestamp if isinstance(timestamp, int | float) else None,
        time.monotonic(),
    )


def _read_topic(written: object) -> StorageTopic | None:
    """Read a topic, which may have a prefix at any of its names."""
    if not isinstance(written, str):
        return None
    path = tuple(name.rpartition(":")[2] for name in written.strip().split("/"))
    return _TOPICS.get(path)


def _parse(text: str | bytes) -> dict[str, Any]:
    try:
        content = json.loads(text)
    except ValueError, RecursionError:
        return {}
    return content if isinstance(content, dict) else {}


def _part(content: dict[str, Any], name: str) -> dict[str, Any]:
    part = content.get(name)
    return part if isinstance(part, dict) else {}


def _is_answer(content: dict[str, Any], context: str) -> bool:
    """Return whether this answers what we asked last. An error may not know what it is about."""
    return ("data" in content or "error" in content) and content.get(
        "context", context
    ) == context


def _refuse(error: object) -> NoReturn:
    """Raise our error for one of the camera's."""
    details = error if isinstance(error, dict) else {}
    code = details.get("code")
    words = str(details.get("message"))[:MAX_WORDS]
    text = f"The camera refuses the events: {words} ({code})"
    match code:
        case 2105:
            message = "The account may not listen to events"
            raise MissingRightsError(message)
        case 2106:
            message = "The camera does not accept the user name and password"
            raise AuthenticationError(message)
        case 2100 | 2102:
            raise NotSupportedError(text)
        case _:
            raise RefusedError(text, code if isinstance(code, int) else None)
