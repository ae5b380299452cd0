"""What is said over an event stream (VAPIX: Event streaming over WebSocket)."""

from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum
import json
import re
from typing import TYPE_CHECKING, Any

from .accounts import Level
from .clock import EPOCH
from .topics import BadFilterError, TopicFilter, read_filter, write_topic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .accounts import Account
    from .camera import Camera
    from .events import Event
    from .quirks import Quirks

VERSION = "1.0"
CONFIGURE = "events:configure"
NOTIFY = "events:notify"
MILLISECOND = timedelta(milliseconds=1)

type Filters = list[list[TopicFilter]]
"""The filters of a request, each of which is a subscription of its own."""


class Code(IntEnum):
    """What may be wrong, with the numbers of the documentation."""

    INTERNAL = 1100
    VERSION_NOT_SUPPORTED = 2100
    INVALID_JSON = 2101
    METHOD_NOT_SUPPORTED = 2102
    PARAMETER_MISSING = 2103
    INVALID_PARAMETER = 2104
    AUTHORIZATION_FAILED = 2105
    AUTHENTICATION_FAILED = 2106
    TOO_LARGE = 2107

    @property
    def description(self) -> str:
        """A text; only that of 1100 is known."""
        if self is Code.INTERNAL:
            return "Internal Error"
        return self.name.replace("_", " ").capitalize()


class RequestError(Exception):
    """A request that is refused."""

    def __init__(self, code: int, message: str | None = None) -> None:
        """Refuse with `code`."""
        super().__init__(code)
        self.code = code
        self.message = message or Code(code).description


@dataclass(frozen=True, slots=True)
class Caller:
    """Who opened a stream, and the account as it was then."""

    user: str
    account: Account | None


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a request and, if it was carried out, the filters from now on."""

    text: str
    filters: Filters | None = None


def answer(text: str | bytes, caller: Caller, camera: Camera) -> Reply:
    """Answer a request, which may be anything."""
    head: dict[str, Any] = {"apiVersion": VERSION}
    try:
        request = _parse(text, camera.quirks.event_request_limit)
        head |= {
            name: request[name]
            for name in ("context", "method")
            if isinstance(request.get(name), str)
        }
        filters = _configure(request, caller, camera)
    except RequestError as refusal:
        return Reply(_fail(head, refusal))
    return Reply(_write({**head, "data": {}}), filters)


def fail(reply: Reply, message: str) -> str:
    """Turn an answer into an error; a message may begin with its code, as in `2105 No`."""
    match = re.fullmatch(r"(\d+) ?(.*)", message)
    refusal = (
        RequestError(Code.INTERNAL, message)
        if match is None
        else RequestError(int(match[1]), match[2] or None)
    )
    head = json.loads(reply.text)
    for name in ("data", "error"):
        head.pop(name, None)
    return _fail(head, refusal)


def _fail(head: dict[str, Any], refusal: RequestError) -> str:
    return _write({**head, "error": {"code": refusal.code, "message": refusal.message}})


def _parse(text: str | bytes, limit: int) -> dict[str, Any]:
    if len(text if isinstance(text, bytes) else text.encode()) > limit:
        raise RequestError(Code.TOO_LARGE)
    try:
        request = json.loads(text)
    except ValueError as error:
        raise RequestError(Code.INVALID_JSON) from error
    if not isinstance(request, dict):
        raise RequestError(Code.INVALID_JSON)
    return request


def _configure(request: dict[str, Any], caller: Caller, camera: Camera) -> Filters:
    _check_version(_get(request, "apiVersion", str))
    if _get(request, "method", str) != CONFIGURE:
        raise RequestError(Code.METHOD_NOT_SUPPORTED)
    if "context" in request and not isinstance(request["context"], str):
        raise RequestError(Code.INVALID_PARAMETER)
    _check_rights(caller, camera)
    wanted = _get(_get(request, "params", dict), "eventFilterList", list)
    if not wanted:
        return _no_filters(camera.quirks)
    return [_read(each, camera.quirks) for each in wanted]


def _get[T](container: dict[str, Any], name: str, kind: type[T]) -> T:
    if name not in container:
        raise RequestError(Code.PARAMETER_MISSING)
    value = container[name]
    if not isinstance(value, kind):
        raise RequestError(Code.INVALID_PARAMETER)
    return value


def _check_version(wanted: str) -> None:
    """Take versions of the same major that are not newer."""
    try:
        major, minor = map(int, wanted.split("."))
    except ValueError as error:
        raise RequestError(Code.INVALID_PARAMETER) from error
    own_major, own_minor = map(int, VERSION.split("."))
    if major != own_major or minor > own_minor:
        raise RequestError(Code.VERSION_NOT_SUPPORTED)


def _check_rights(caller: Caller, camera: Camera) -> None:
    account = camera.accounts.get(caller.user)
    if (
        account is None
        or caller.account is None
        or account.password != caller.account.password
    ):
        raise RequestError(Code.AUTHENTICATION_FAILED)
    viewers = camera.quirks.event_rights == "viewer"
    if account.level < (Level.VIEWER if viewers else Level.OPERATOR):
        raise RequestError(Code.AUTHORIZATION_FAILED)


def _no_filters(quirks: Quirks) -> Filters:
    match quirks.event_empty_filter:
        case "error":
            raise RequestError(Code.INVALID_PARAMETER)
        case "everything":
            return [[TopicFilter(None)]]
        case "nothing":
            return []


def _read(wanted: object, quirks: Quirks) -> list[TopicFilter]:
    if not isinstance(wanted, dict):
        raise RequestError(Code.INVALID_PARAMETER)
    if "contentFilter" in wanted:
        raise RequestError(Code.INTERNAL, "Content filters are not simulated")
    try:
        return read_filter(_get(wanted, "topicFilter", str), quirks)
    except BadFilterError as error:
        raise RequestError(Code.INVALID_PARAMETER) from error


def subscriptions(filters: Filters, event: Event) -> int:
    """Count the subscriptions that an event belongs to, each of which sends it."""
    return sum(1 for each in filters if any(one.matches(event.topic) for one in each))


def notification(event: Event, camera: Camera) -> str:
    """Write the notification of an event."""
    quirks = camera.quirks
    parts = {
        "source": dict(event.source),
        "key": dict(event.key),
        "data": dict(event.data),
    }
    reported: dict[str, object] = {}
    if quirks.event_timestamp != "absent":
        reported["timestamp"] = _timestamp(event, camera)
    ending = "State" if quirks.event_topics == "other" else ""
    reported["topic"] = (
        write_topic(event.topic, full=quirks.event_topics == "full") + ending
    )
    reported["message"] = {
        name: part for name, part in parts.items() if part or quirks.event_empty_parts
    }
    return _write(
        {"apiVersion": VERSION, "method": NOTIFY, "params": {"notification": reported}}
    )


def _timestamp(event: Event, camera: Camera) -> int:
    since = event.time - EPOCH
    if camera.quirks.event_timestamp == "local":
        since += event.time.astimezone(camera.clock.zone).utcoffset() or timedelta(0)
    return since // MILLISECOND


def _write(message: dict[str, Any]) -> str:
    return json.dumps(message, separators=(",", ":"))


def describe(filters: Sequence[Sequence[TopicFilter]]) -> list[str]:
    """Write filters so that a test can compare them."""
    return [
        " | ".join(
            "//."
            if one.topic is None
            else write_topic(one.topic, full=False) + ("//." if one.subtree else "")
            for one in each
        )
        for each in filters
    ]
