"""What a camera sends over its event stream, and how it wants to be asked."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
import json
import re
import time
from typing import TYPE_CHECKING, Any, Final

from aiohttp import ClientError, WSMsgType

from ..vapix import MissingRightsError, NotSupportedError
from ..vapix.bounds import MOST_EVENTS
from ..vapix.events import PATH, TOKEN_PATH
from ..vapix.recordings import LIST_CGI
from ..vapix.status import SWITCHING_PROTOCOLS
from ..vapix.times import parse_http_date
from .inspector import NOT_FOUND, Inspector, OpenQuestionError, Reason
from .shapes import describe_word, describe_words

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from aiohttp import ClientWebSocketResponse

SHORT: Final = "tnsaxis:Storage/Recording"
FULL: Final = "tnsaxis:Storage/tnsaxis:Recording"
_ALERT: Final = "tnsaxis:Storage/Alert"
_TOPIC: Final = re.compile(r"[A-Za-z:/]{1,100}", re.ASCII)
_FAILURE: Final = "tns1:Device/tnsaxis:HardwareFailure/StorageFailure"
_SUBTREE: Final = "tnsaxis:Storage//."
# A camera that reports how things are does so at once.
PATIENCE: Final = 1.5
ANSWER_SECONDS: Final = 10.0
PONG_SECONDS: Final = 3.0
_CLOSE: Final = timedelta(minutes=1)
_LONGEST_TOKEN: Final = 256
type Message = dict[str, Any]


class Talk:
    """One event stream, as it is spoken."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        """Speak over an open socket."""
        self._socket = socket
        self.received = 0.0
        """When something was reported last, by our monotonic clock."""

    async def configure(
        self, *topics: str
    ) -> tuple[Message, list[Message], list[Message]]:
        """Ask for topics. Return the answer, and what was reported before and after it."""
        request = {
            "apiVersion": "1.0",
            "context": "check",
            "method": "events:configure",
            "params": {"eventFilterList": [{"topicFilter": each} for each in topics]},
        }
        await self._socket.send_str(json.dumps(request))
        before: list[Message] = []
        async for message in self._messages(ANSWER_SECONDS):
            if "data" in message or "error" in message:
                return message, before, await self.receive()
            before.append(message)
        raise OpenQuestionError(Reason.NO_ANSWER)

    async def receive(self, patience: float | None = None) -> list[Message]:
        """Return what is reported within a while."""
        return [
            message
            async for message in self._messages(patience)
            if message.get("method") == "events:notify"
        ]

    async def receive_first(self, patience: float) -> Message | None:
        """Return what is reported next; None if it takes too long."""
        async for message in self._messages(patience):
            if message.get("method") == "events:notify":
                return message
        return None

    async def answers_ping(self) -> bool:
        """Return whether a ping is answered."""
        await self._socket.ping()
        try:
            async with asyncio.timeout(PONG_SECONDS):
                while (await self._receive()).type is not WSMsgType.PONG:
                    pass
        except TimeoutError:
            return False
        return True

    async def _messages(self, patience: float | None = None) -> AsyncGenerator[Message]:
        end = time.monotonic() + (PATIENCE if patience is None else patience)
        for _ in range(MOST_EVENTS):
            if (left := end - time.monotonic()) <= 0:
                return
            try:
                async with asyncio.timeout(left):
                    message = await self._receive()
            except TimeoutError:
                return
            if message.type is WSMsgType.TEXT:
                self.received = time.monotonic()
                try:
                    content = json.loads(message.data)
                except ValueError, RecursionError:
                    continue
                if isinstance(content, dict):
                    yield content

    async def _receive(self) -> Any:
        message = await self._socket.receive()
        if message.type in {WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.ERROR}:
            raise OpenQuestionError(Reason.THE_CAMERA_ENDED_THE_STREAM)
        if message.type is WSMsgType.PING:
            await self._socket.pong(message.data)
        return message


async def check_tokens(ask: Inspector) -> None:
    """Find out what tokens for streams are good for."""
    report = ask.report
    # A token is a secret, if only for 15 s: its answer has no shape worth showing.
    answer = await ask.http.inspect(TOKEN_PATH)
    token = answer.body.decode(errors="replace")
    if answer.status == NOT_FOUND or not token.strip():
        report.find("session_token", None)
        return
    if answer.status != 200 or len(token) > _LONGEST_TOKEN:  # noqa: PLR2004
        raise OpenQuestionError(Reason.ANSWER_NOT_UNDERSTOOD)
    report.find("session_token_newline", token != token.strip())
    arguments = {"wssession": token.strip(), "sources": "events"}
    first, second = [await ask.http.inspect_socket(PATH, arguments) for _ in range(2)]
    if first != SWITCHING_PROTOCOLS:
        raise OpenQuestionError(Reason.NEEDS_EVENTS_OVER_WEBSOCKET)
    report.find("session_token", "many" if second == SWITCHING_PROTOCOLS else "once")
    wrong = arguments | {"wssession": "none"}
    report.find("session_token_refused", await ask.http.inspect_socket(PATH, wrong))


async def check_events(ask: Inspector) -> None:
    """Find out what is reported at the beginning, and by which names."""
    report = ask.report
    try:
        async with talk(ask) as stream:
            report.find("event_stream", "1.0")
            report.find("event_pong", await stream.answers_ping())
            await _check_filters(ask, stream)
    except NotSupportedError as err:
        report.find("event_stream", None)
        raise OpenQuestionError(Reason.NEEDS_EVENTS_OVER_WEBSOCKET) from err
    except MissingRightsError:
        report.find("event_stream", "1.0")
        report.find("event_rights", "handshake")


async def _check_filters(ask: Inspector, stream: Talk) -> None:
    report = ask.report
    answer, before, after = await stream.configure(SHORT, FULL)
    if _code(answer) == 2105:  # noqa: PLR2004 - VAPIX: not authorized
        report.find("event_rights", "configure")
        return
    report.find("event_rights", "viewer")
    reported = before + after
    report.find(
        "event_initial",
        ("before_answer" if before else "after_answer") if reported else "never",
    )
    if not reported:
        await _check_odd_filters(ask, stream, reports=False)
        raise OpenQuestionError(Reason.NEEDS_OWN_RECORDING)
    await note_form(ask, reported[0])
    spellings = {
        name: await _reports(stream, topic)
        for name, topic in (("short", SHORT), ("full", FULL))
    }
    kinds = [name for name, works in spellings.items() if works]
    report.find(
        "event_filter_spelling", "either" if len(kinds) > 1 else ", ".join(kinds)
    )
    await _check_odd_filters(ask, stream, reports=True)
    for question, topic in (("storage_alert", _ALERT), ("storage_failure", _FAILURE)):
        reported = await _reported(stream, topic, _full(topic))
        report.find(question, "reported" if reported else None)


async def _check_odd_filters(ask: Inspector, stream: Talk, *, reports: bool) -> None:
    for question, topics, many in (
        ("event_root_filter", (_SUBTREE,), "subtree"),
        ("event_empty_filter", (), "everything"),
    ):
        answer, before, after = await stream.configure(*topics)
        if "error" in answer:
            ask.report.find(question, "error")
            ask.note(f"{question} refused", _error(answer))
        elif reports:
            ask.report.find(question, many if before or after else "nothing")


def notification_of(message: Message) -> Message:
    """Return what a message reports; nothing if it reports nothing."""
    return _part(_part(message, "params"), "notification")


async def note_form(ask: Inspector, message: Message) -> None:
    """Find out how a notification is written."""
    notification = notification_of(message)
    topic = str(notification.get("topic", ""))
    spellings = {SHORT: "short", FULL: "full"}
    ask.report.find("event_topics", spellings.get(topic, "other"))
    # What is written otherwise is worth knowing, if it is made of plain words.
    ask.report.find("event_topic", topic if _TOPIC.fullmatch(topic) else "text")
    content = _part(notification, "message")
    ask.report.find("event_empty_parts", {"source", "key", "data"} <= content.keys())
    names = map(describe_word, map(str, _part(content, "data")))
    ask.report.find("event_data", ", ".join(names)[:60])
    timestamp = notification.get("timestamp")
    if not isinstance(timestamp, int | float):
        ask.report.find("event_timestamp", "absent")
        return
    now = await fetch_clock(ask)
    # What is reported at the beginning happened some time ago, but not in the future.
    if now and time_of(timestamp) - now > _CLOSE:
        ask.report.find("event_timestamp", "local")


async def fetch_clock(ask: Inspector) -> datetime | None:
    """Return the camera's clock, in whole seconds."""
    answer = await ask.get(
        "list", LIST_CGI, {"recordingid": "all", "maxnumberofresults": "1"}
    )
    return parse_http_date(answer.headers.get("Date", ""))


def time_of(timestamp: float) -> datetime:
    """Return the time that a notification gives in milliseconds."""
    try:
        return datetime.fromtimestamp(timestamp / 1000, UTC)
    except ValueError, OverflowError, OSError:
        return datetime.min.replace(tzinfo=UTC)


@asynccontextmanager
async def talk(ask: Inspector) -> AsyncGenerator[Talk]:
    """Open a stream with the log-in. Raises VapixError."""
    socket = await ask.http.open_socket(PATH, {"sources": "events"}, log_in=True)
    try:
        yield Talk(socket)
    except ClientError, OSError:
        raise OpenQuestionError(Reason.THE_CAMERA_ENDED_THE_STREAM) from None
    finally:
        await socket.close()


async def _reports(stream: Talk, topic: str) -> bool:
    return bool(await _reported(stream, topic))


async def _reported(stream: Talk, *topics: str) -> list[Message]:
    _, before, after = await stream.configure(*topics)
    return before + after


def _full(topic: str) -> str:
    head, _, last = topic.rpartition("/")
    return f"{head}/tnsaxis:{last}"


def _code(answer: Message) -> object:
    return _part(answer, "error").get("code")


def _error(answer: Message) -> str:
    words = describe_words(str(_part(answer, "error").get("message", "")))
    return f"{_code(answer)} {words}"


def _part(content: Message, name: str) -> Message:
    part = content.get(name)
    return part if isinstance(part, dict) else {}
