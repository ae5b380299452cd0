"""What nobody may do, however odd what it reads is: hold the event loop, keep memory."""

import asyncio
from contextlib import suppress
import logging
from operator import itemgetter
from pathlib import Path
import time
import traceback
from typing import TYPE_CHECKING, Final, Self, override

from tests.bench.lags import Collections
from tests.bench.process import Process

if TYPE_CHECKING:
    from collections.abc import Mapping

TICK: Final = 0.01
LONGEST_BLOCK: Final = 0.25
"""So long the event loop may be held, in seconds."""
MOST_GROWTH: Final = 150.0
"""So much memory may be in use more than at the beginning, in MB."""


class LoopWatcher:
    """Measures for how long the event loop was held, by work or by waiting for something, as long as its context.

    Without the time for which a thread of this process could have run, but others on this machine did: that is not
    its fault, be it the loop's own thread or one that holds the interpreter meanwhile. Neither is that for which
    Python searches all that Home Assistant holds for garbage.
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self._longest = 0.0
        self.collections = Collections()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Watch."""
        self._task = asyncio.create_task(self._tick())
        return self

    async def __aexit__(self, *_: object) -> None:
        """End."""
        self.collections.close()
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
            before, queued = time.monotonic(), _queued()
            collected = self.collections.total
            await asyncio.sleep(TICK)
            late = time.monotonic() - before - TICK
            late -= max(0.0, _queued() - queued) + self.collections.total - collected
            self._longest = max(self._longest, late)


def _queued() -> float:
    """Return for how long the threads of this process have waited for a processor, in seconds."""
    total = 0
    for path in Path("/proc/self/task").glob("*/schedstat"):
        # A thread may end meanwhile.
        with suppress(OSError):
            total += int(path.read_text().split()[1])
    return total / 1e9


class MemoryWatcher:
    """Measures how much memory was in use at most since the last poll, more than at the first one."""

    def __init__(self) -> None:
        """Begin at the first call of `growth`."""
        self._process = Process("self")
        self._first: float | None = None

    def growth(self) -> float:
        """Return it in MB."""
        if self._first is None:
            self._first = self._process.memory
            self._process.forget()
        most = self._process.most_memory
        self._process.forget()
        return most - self._first


class Tracebacks(logging.Handler):
    """Keeps what the log reports things that nobody foresaw."""

    def __init__(self) -> None:
        """Begin with nothing."""
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def __enter__(self) -> Self:
        """Listen to the whole log."""
        logging.getLogger().addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        """Listen no more."""
        logging.getLogger().removeHandler(self)

    @override
    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[0] is not None:
            trace = "".join(traceback.format_exception(*record.exc_info)[-4:])
            self.lines.append(f"{record.name}: {record.getMessage()[:300]}\n{trace}")
        elif "never retrieved" in record.getMessage():
            self.lines.append(f"{record.name}: {record.getMessage()[:300]}")

    def take(self) -> list[str]:
        """Return what came since the last call."""
        lines, self.lines = self.lines, []
        return lines


def slowest(seconds: Mapping[str, float]) -> list[tuple[str, float]]:
    """Return what took longest."""
    return sorted(seconds.items(), key=itemgetter(1), reverse=True)[:8]
