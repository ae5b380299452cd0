"""Tokens that stand for a login when a WebSocket is opened (VAPIX: Event streaming over WebSocket)."""

import secrets
from time import monotonic
from typing import NamedTuple

LIFETIME = 15.0


class Token(NamedTuple):
    """Whose a token is, and until when it is good."""

    user: str
    expires: float


class SessionTokens:
    """The tokens that wssession.cgi has given out."""

    def __init__(self) -> None:
        """Start without tokens."""
        self._tokens: dict[str, Token] = {}

    def issue(self, user: str) -> str:
        """Make a token for a user, which looks like the one in Axis' example."""
        now = monotonic()
        self._tokens = {
            text: token for text, token in self._tokens.items() if now < token.expires
        }
        text = str(10**18 + secrets.randbelow(9 * 10**18))
        self._tokens[text] = Token(user, now + LIFETIME)
        return text

    def user(self, text: str | None) -> str | None:
        """Return whose token this is, None if it is none that is good now."""
        token = self._tokens.get(text or "")
        return token.user if token is not None and monotonic() < token.expires else None

    def discard(self, text: str) -> None:
        """Let a token be used no more."""
        self._tokens.pop(text, None)

    def clear(self) -> None:
        """Forget all, as a camera does that starts."""
        self._tokens.clear()
