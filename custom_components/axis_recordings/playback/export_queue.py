"""Let one export of a camera run at a time, the highest priority first.

Cameras cope badly with parallel exports, and each one slows the others down.
"""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator


class Priority(IntEnum):
    """What an export is for; the smaller, the earlier."""

    PLAYBACK = 0
    """Somebody watches a player."""
    JOB = 1
    """Somebody has asked for a file or a snapshot."""
    THUMBNAIL = 2
    """A thumbnail in a list."""


@dataclass(eq=False, slots=True)
class Ticket:
    """A place in the queue, and then the right to export. Its priority may change meanwhile."""

    priority: Priority
    _waiting: list[Ticket]
    _came: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_awaited(self) -> bool:
        """Return whether anybody waits."""
        return bool(self._waiting)

    @property
    def is_preempted(self) -> bool:
        """Return whether somebody of a higher priority waits."""
        return any(other.priority < self.priority for other in self._waiting)

    @property
    def is_contested(self) -> bool:
        """Return whether somebody of the same or a higher priority waits."""
        return any(other.priority <= self.priority for other in self._waiting)


class ExportQueue:
    """The queue of one camera."""

    def __init__(self) -> None:
        """Begin with nobody in it."""
        self._waiting: list[Ticket] = []
        self._holder: Ticket | None = None

    def new_ticket(self, priority: Priority) -> Ticket:
        """Return a ticket to wait with."""
        return Ticket(priority, self._waiting)

    @asynccontextmanager
    async def hold(self, ticket: Ticket) -> AsyncGenerator[None]:
        """Wait until it is called, and give the camera free at the end."""
        self._waiting.append(ticket)
        self._pass_on()
        try:
            # Whoever is called leaves the queue.
            await ticket._came.wait()  # noqa: SLF001 - the queue and its tickets are one
            yield
        finally:
            if ticket in self._waiting:
                self._waiting.remove(ticket)
            if self._holder is ticket:
                self._holder = None
            self._pass_on()

    def _pass_on(self) -> None:
        if self._holder is None and self._waiting:
            ticket = min(self._waiting, key=lambda each: each.priority)
            self._waiting.remove(ticket)
            self._holder = ticket
            ticket._came.set()  # noqa: SLF001
