"""The conventions of CGIs that talk JSON: methods, versions and error codes."""

from collections.abc import Callable, Mapping
from enum import IntEnum
import json
from typing import Any

from tests.camera.answers import Answer

from .route import Call

type Method = Callable[[Call, dict[str, Any]], dict[str, Any]]


class Code(IntEnum):
    """Error codes (VAPIX: Basic device information)."""

    INTERNAL = 1000
    FORBIDDEN = 2001
    POST_ONLY = 2002
    VERSION_NOT_SUPPORTED = 2003
    METHOD_NOT_SUPPORTED = 2004
    INVALID_JSON = 4000
    INVALID_PARAMETER = 4002


class JsonError(Exception):
    """An error that the answer reports by its code."""

    def __init__(self, code: Code, message: str) -> None:
        """Tell `message` under `code`."""
        super().__init__(message)
        self.code = code


def read(call: Call) -> dict[str, Any]:
    """Read the request's object, an empty one if it is none."""
    try:
        request = json.loads(call.body)
    except ValueError:
        return {}
    return request if isinstance(request, dict) else {}


def answer(call: Call, version: str, methods: Mapping[str, Method]) -> Answer:
    """Carry out the method that the request names; `version` is major.minor."""
    content_type = call.camera.quirks.json_content_type
    request = read(call)
    name = request.get("method")
    echo = {"context": request["context"]} if "context" in request else {}
    head = {"apiVersion": version, **echo}
    if isinstance(name, str):
        head["method"] = name
    try:
        data = _carry_out(call, request, version, methods)
    except JsonError as failure:
        return _encode({**head, **_error(failure.code, str(failure))}, content_type)
    return _encode({**head, "data": data}, content_type)


def _carry_out(
    call: Call,
    request: dict[str, Any],
    version: str,
    methods: Mapping[str, Method],
) -> dict[str, Any]:
    if call.method != "POST":
        raise JsonError(Code.POST_ONLY, "Only HTTP POST is supported")
    if not request:
        raise JsonError(Code.INVALID_JSON, "Invalid JSON")
    name = request.get("method")
    if name == "getSupportedVersions":
        return {"apiVersions": [version]}
    wanted = request.get("apiVersion")
    if not isinstance(wanted, str) or not _supported(wanted, version):
        raise JsonError(
            Code.VERSION_NOT_SUPPORTED, "The requested version is not supported"
        )
    method = methods.get(str(name))
    if method is None:
        raise JsonError(Code.METHOD_NOT_SUPPORTED, "Method not supported")
    params = request.get("params", {})
    if not isinstance(params, dict):
        raise JsonError(Code.INVALID_PARAMETER, "Invalid parameter")
    return method(call, params)


def _supported(wanted: str, version: str) -> bool:
    """Return whether a version is of the same major and not newer."""
    try:
        major, minor = map(int, wanted.split("."))
    except ValueError:
        return False
    own_major, own_minor = map(int, version.split("."))
    return major == own_major and minor <= own_minor


def _error(code: int, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}


def _encode(answer: dict[str, Any], content_type: str = "application/json") -> Answer:
    return Answer(json.dumps(answer, separators=(",", ":")).encode(), content_type)


def error(message: str) -> Answer:
    """Answer with an internal error."""
    return _encode({"apiVersion": "1.0", **_error(Code.INTERNAL, message)})
