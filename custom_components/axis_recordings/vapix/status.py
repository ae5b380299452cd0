"""What a camera, or something in front of it, says with a status of HTTP."""

import re
from typing import TYPE_CHECKING, NoReturn

from aiohttp import hdrs
from yarl import URL

from .errors import (
    AuthenticationError,
    BusyError,
    CameraConnectionError,
    ForbiddenError,
    HttpsRequiredError,
    LockedOutError,
    MissingRightsError,
    NotSupportedError,
    RedirectError,
    UnexpectedAnswerError,
    VapixError,
)
from .values import integer

if TYPE_CHECKING:
    from collections.abc import Mapping

BUSY_SECONDS = 30.0
MAX_BUSY_SECONDS = 600
SWITCHING_PROTOCOLS = 101
UNAUTHORIZED = 401
FORBIDDEN = 403
REDIRECTS = frozenset({301, 302, 303, 307, 308})

_HOST = re.compile(r"[\w.:-]{1,253}", re.ASCII)


def check_status(
    url: URL,
    status: int,
    headers: Mapping[str, str],
    *,
    rights: bool,
    may_be_locked_out: bool,
) -> None:
    """Raise unless the status is 2xx.

    ``rights`` says that only rights can be missing, ``may_be_locked_out`` that the camera has let this
    account in before, or has refused a log-in a short time ago. Nothing of the query gets into a text, as
    it may hold a token.
    """
    if 200 <= status < 300:  # noqa: PLR2004
        return
    if status in REDIRECTS:
        _raise_for_redirect(url, status, headers.get(hdrs.LOCATION, ""))
    # A camera answers 401 for a wrong password and for missing rights alike.
    if rights and status in {UNAUTHORIZED, FORBIDDEN}:
        message = f"The account may not use {url.path}"
        raise MissingRightsError(message)
    if status == FORBIDDEN and may_be_locked_out:
        raise LockedOutError
    raise _error_of(url.path, status, headers)


def _error_of(path: str, status: int, headers: Mapping[str, str]) -> VapixError:
    """Return what a status means, whoever asks."""
    match status:
        case 401:
            return AuthenticationError(
                "The camera does not accept the username and password"
            )
        case 403:
            return ForbiddenError(
                f"{path} answered with status 403 (forbidden)", status
            )
        case 404 | 405 | 410:
            return NotSupportedError(f"The camera has no {path}")
        case 429 | 503:
            return BusyError("The camera is busy or starting", _retry_after(headers))
        case 502 | 504:
            # No camera answers so. The command may have gone through all the same.
            return CameraConnectionError(
                f"A proxy in front of the camera can't reach it (status {status})",
                sent=True,
            )
        case _:
            return UnexpectedAnswerError(
                f"{path} answered with status {status}", status
            )


def _raise_for_redirect(url: URL, status: int, location: str) -> NoReturn:
    """Distinguish a camera that requires HTTPS from anything else that sends us away."""
    try:
        target = url.join(URL(location))
    except ValueError:
        target = url
    # By its own name, a camera leads to the page that was asked for; a log-in page or a proxy, to its own.
    is_camera = target.host == url.host or target.path == url.path
    if (url.scheme, target.scheme) == ("http", "https") and is_camera:
        port = target.port or url.port or 0
        message = f"The camera requires HTTPS, on port {port}"
        raise HttpsRequiredError(message, port)
    host = target.host or ""
    where = host if host != url.host and _HOST.fullmatch(host) else "another page"
    message = f"{url.path} answered with status {status}, which leads to {where}"
    raise RedirectError(message, status)


def _retry_after(headers: Mapping[str, str]) -> float:
    seconds = integer(headers, "Retry-After")
    if seconds is None:
        return BUSY_SECONDS
    return float(min(max(seconds, 1), MAX_BUSY_SECONDS))
