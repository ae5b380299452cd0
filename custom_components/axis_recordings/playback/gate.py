"""Let one export of a camera run at a time, the most urgent one first.

Cameras cope badly with parallel exports, and each one slows the others down.
"""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator


class Urgency(IntEnum):
    """Who waits for an export; the smaller, the more urgent."""

    VIEWER = 0
    """Somebody looks at a player."""
    JOB = 1
    """Somebody has asked for a file or a picture."""
    PREVIEW = 2
    """A small picture in a list."""


@dataclass(eq=False, slots=True)
class Turn:
    """A place in the queue, and then the right to export. Its urgency may change meanwhile."""

    urgency: Urgency
    _queue: list[Turn]
    _came: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_outranked(self) -> bool:
        """Return whether somebody more urgent waits."""
        return any(other.urgency < self.urgency for other in self._queue)

    @property
    def is_contested(self) -> bool:
        """Return whether somebody at least as urgent waits."""
        return any(other.urgency <= self.urgency for other in self._queue)


class ExportGate:
    """The queue of one camera."""

    def __init__(self) -> None:
        """Begin with nobody in it."""
        self._queue: list[Turn] = []
        self._holder: Turn | None = None

    def new_turn(self, urgency: Urgency) -> Turn:
        """Return a turn to wait for."""
        return Turn(urgency, self._queue)

    @asynccontextmanager
    async def hold(self, turn: Turn) -> AsyncGenerator[None]:
        """Wait for the turn, and give it back at the end."""
        self._queue.append(turn)
        self._pass_on()
        try:
            # Whoever is given the turn leaves the queue.
            await turn._came.wait()  # noqa: SLF001 - the gate and its turns are one
            yield
        finally:
            if turn in self._queue:
                self._queue.remove(turn)
            if self._holder is turn:
                self._holder = None
            self._pass_on()

    def _pass_on(self) -> None:
        if self._holder is None and self._queue:
            turn = min(self._queue, key=lambda each: each.urgency)
            self._queue.remove(turn)
            self._holder = turn
            turn._came.set()  # noqa: SLF001
