"""usergroup.cgi: who is logged in (known from clients only, not from the documentation)."""

from tests.camera.accounts import Level
from tests.camera.answers import Answer

from .route import Api, Call, Route

GROUPS = {
    Level.VIEWER: "viewer",
    Level.OPERATOR: "operator viewer",
    Level.ADMINISTRATOR: "operator admin viewer",
}


def user_group(call: Call) -> Answer:
    """Answer usergroup.cgi with two lines: the user, and the user's groups."""
    own = "root " if call.user == "root" else ""
    return _text(f"{call.user}\n{own}{GROUPS[call.level]}\n")


def _text(text: str) -> Answer:
    return Answer(text.encode(), "text/plain")


def user_group_error(message: str) -> Answer:
    """Answer with an error of usergroup.cgi."""
    return _text(f"# Error: {message}\n")


ROUTES = {
    "usergroup.cgi": Route(
        user_group,
        user_group_error,
        Level.VIEWER,
        available=lambda quirks: quirks.user_group,
    ),
}
APIS = (Api("user-management", "1.1", "User Management"),)
