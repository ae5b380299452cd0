"""Answers of the camera's web server."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .exports import Export

CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What makes a stream of events of a connection, for a user."""

    user: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers and body; a body of pieces, or an export, is sent without being held.

    An upgrade is not sent but makes a stream of events of the connection.
    """

    body: bytes | Iterable[bytes] | Export | Upgrade = b""
    content_type: str = "text/xml"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


def html(text: str, status: int = 200) -> Answer:
    """Make a page of the device's web interface."""
    title = (
        "AXIS" if status == HTTPStatus.OK else f"{status} {HTTPStatus(status).phrase}"
    )
    page = (
        '<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n'
        f"<html><head>\n<title>{title}</title>\n</head><body>\n"
        f"<h1>{title}</h1>\n<p>{text}</p>\n</body></html>\n"
    )
    return Answer(page.encode(), "text/html; charset=iso-8859-1", status)


def not_found() -> Answer:
    """Make the page for what the device does not have."""
    return html("The requested URL was not found on this server.", HTTPStatus.NOT_FOUND)


def bad_request(reason: str) -> Answer:
    """Make the page for a request that makes no sense."""
    return html(reason, HTTPStatus.BAD_REQUEST)


def forbidden() -> Answer:
    """Make the page for what is not allowed."""
    return html(
        "You don't have permission to access this resource.", HTTPStatus.FORBIDDEN
    )


def unavailable() -> Answer:
    """Make the page of a device that can't serve now."""
    return html(
        "The server is temporarily unable to service your request.",
        HTTPStatus.SERVICE_UNAVAILABLE,
    )


def method_not_allowed(allowed: Iterable[str]) -> Answer:
    """Make the page for a method that a CGI does not take."""
    page = html(
        "The requested method is not allowed for this URL.",
        HTTPStatus.METHOD_NOT_ALLOWED,
    )
    allow = ("Allow", ", ".join(sorted(allowed)))
    return Answer(page.body, page.content_type, page.status, (allow,))


def unauthorized(challenges: Iterable[str]) -> Answer:
    """Make the page that asks for a login."""
    page = html(
        "This server could not verify that you are authorized to access the document requested.",
        HTTPStatus.UNAUTHORIZED,
    )
    headers = tuple(("WWW-Authenticate", challenge) for challenge in challenges)
    return Answer(page.body, page.content_type, page.status, headers)


def in_chunks(pieces: Iterable[str]) -> Iterator[bytes]:
    """Join pieces of text until they are worth a write."""
    chunk: list[str] = []
    size = 0
    for piece in pieces:
        chunk.append(piece)
        size += len(piece)
        if size >= CHUNK:
            yield "".join(chunk).encode()
            chunk, size = [], 0
    if chunk:
        yield "".join(chunk).encode()
