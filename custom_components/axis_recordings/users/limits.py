"""How much of one camera a user gets at once."""

import asyncio
from collections import defaultdict
from contextlib import asynccontextmanager
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from .requester import Requester

MAX_AT_ONCE: Final = 4


class Kind(Enum):
    """What is limited, each by itself: a long save keeps nobody from a snapshot."""

    PLAYBACK = auto()
    """A part that begins to play."""
    SEGMENT = auto()
    CLIP = auto()
    ORIGINAL = auto()
    SNAPSHOT = auto()
    THUMBNAIL = auto()
    SAVE = auto()
    QUESTION = auto()
    """What is in a folder, a calendar or a range, or which recording is meant."""


class Places:
    """The places of one camera. Who finds none waits, so nobody waits for a thousand things that somebody else wants.

    Exports are equals within their priority, and served in the order in which they come.
    """

    def __init__(self) -> None:
        """Begin with all places free."""
        self._free: defaultdict[tuple[str, Kind], asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(MAX_AT_ONCE)
        )

    @asynccontextmanager
    async def take(self, requester: Requester, kind: Kind) -> AsyncGenerator[None]:
        """Wait for a place of a user, and give it back at the end. Home Assistant itself has no limit."""
        if requester.user_id is None:
            yield
            return
        async with self._free[requester.user_id, kind]:
            yield
