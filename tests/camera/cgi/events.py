"""wssession.cgi and the handshake of event streams (VAPIX: Event streaming over WebSocket)."""

from http import HTTPStatus
from typing import TYPE_CHECKING

from tests.camera.accounts import Level
from tests.camera.answers import Answer, Upgrade, bad_request, forbidden, html
from tests.camera.event_streams import PATH

from .route import Api, Call, Route

if TYPE_CHECKING:
    from tests.camera.quirks import Quirks


def session_token(call: Call) -> Answer:
    """Answer wssession.cgi with a token that is valid for 15 s."""
    token = call.camera.session_tokens.issue(call.user)
    end = "\n" if call.camera.quirks.session_token_newline else ""
    return Answer(f"{token}{end}".encode(), "text/plain")


def token_error(message: str) -> Answer:
    """Answer with an error of wssession.cgi, which is undocumented."""
    return Answer(f"# Error: {message}\n".encode(), "text/plain")


def shake_hands(call: Call) -> Answer:
    """Answer the handshake of whoever has logged in, or has a token."""
    camera, user = call.camera, call.user
    if not user:
        token = call.arguments.get("wssession", "")
        user = camera.session_tokens.user(token) or ""
        if not user:
            return forbidden()
        if camera.quirks.session_token == "once":
            camera.session_tokens.discard(token)
    if "events" not in call.arguments.get("sources", "").split(","):
        return bad_request("Unknown data source.")
    return Answer(Upgrade(user))


def handshake_error(message: str) -> Answer:
    """Answer with an error of the handshake."""
    return html(message, HTTPStatus.INTERNAL_SERVER_ERROR)


def _level(call: Call) -> Level:
    """Want a login of those without a token that is good for this."""
    quirks, token = call.camera.quirks, call.arguments.get("wssession")
    level = Level.OPERATOR if quirks.event_rights == "handshake" else Level.VIEWER
    if token is None:
        return level
    user = call.camera.session_tokens.user(token)
    account = call.camera.accounts.get(user or "")
    if account is not None and account.level >= level:
        return Level.ANONYMOUS
    refuses = quirks.session_token_refused == HTTPStatus.FORBIDDEN.value
    return Level.ANONYMOUS if account is None and refuses else level


def _has_tokens(quirks: Quirks) -> bool:
    return quirks.session_token is not None


def _has_events(quirks: Quirks) -> bool:
    return quirks.event_stream is not None


ROUTES = {
    "wssession.cgi": Route(
        session_token, token_error, Level.VIEWER, available=_has_tokens
    ),
    PATH: Route(shake_hands, handshake_error, _level, available=_has_events),
}
APIS = (Api("event-streaming-over-websocket", "1.0", "Event Streaming over WebSocket"),)
