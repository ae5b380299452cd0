"""What nobody may do, however odd what it reads is: hold the event loop, keep memory."""

import asyncio
from contextlib import suppress
from operator import itemgetter
import time
from typing import TYPE_CHECKING, Final, Self

from tests.bench.process import Process

if TYPE_CHECKING:
    from collections.abc import Mapping

TICK: Final = 0.01
LONGEST_BLOCK: Final = 0.25
"""So long the event loop may be held, in seconds."""
MOST_GROWTH: Final = 150.0
"""So much memory may be in use more than at the beginning, in MB."""


class LoopWatcher:
    """Measures for how long the event loop was held, as long as its context.

    No longer than this process was at work meanwhile: others on this machine are not its fault.
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self._longest = 0.0
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Watch."""
        self._task = asyncio.create_task(self._tick())
        return self

    async def __aexit__(self, *_: object) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def take(self) -> float:
        """Return the longest time since the last call, in seconds."""
        longest, self._longest = self._longest, 0.0
        return longest

    async def _tick(self) -> None:
        while True:
            before, worked = time.monotonic(), time.process_time()
            await asyncio.sleep(TICK)
            late = time.monotonic() - before - TICK
            self._longest = max(self._longest, min(late, time.process_time() - worked))


class MemoryWatcher:
    """Measures how much memory is in use more than at the first look."""

    def __init__(self) -> None:
        """Begin at the first call of `growth`."""
        self._process = Process("self")
        self._first: float | None = None

    def growth(self) -> float:
        """Return it in MB."""
        now = self._process.memory
        if self._first is None:
            self._first = now
        return now - self._first


def slowest(seconds: Mapping[str, float]) -> list[tuple[str, float]]:
    """Return what took longest."""
    return sorted(seconds.items(), key=itemgetter(1), reverse=True)[:8]
