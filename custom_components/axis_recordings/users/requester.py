"""Who asks for something."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Requester:
    """Somebody who asks for recordings."""

    user_id: str | None = None
    """None for Home Assistant itself, for example an automation."""
    refresh_token_id: str | None = None
    """The log-in with which it was asked for; None where there is none."""
