"""Users of the camera and what they may do."""

from dataclasses import dataclass
from enum import IntEnum


class Level(IntEnum):
    """Access levels, each of which includes those below it (VAPIX: common rules)."""

    ANONYMOUS = 0
    VIEWER = 1
    OPERATOR = 2
    ADMINISTRATOR = 3


@dataclass
class Account:
    """A user's password and level."""

    password: str
    level: Level = Level.VIEWER


def default_accounts() -> dict[str, Account]:
    """One account of each level, by user name."""
    return {
        "administrator": Account("admin-secret", Level.ADMINISTRATOR),
        "operator": Account("operator-secret", Level.OPERATOR),
        "viewer": Account("viewer-secret", Level.VIEWER),
    }
