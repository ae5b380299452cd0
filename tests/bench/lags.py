"""How late the event loop comes round, and how much of it is Python's own doing."""

import asyncio
import gc
from statistics import median, quantiles
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

TICK: Final = 0.02


class Lags:
    """How late it comes round, again and again."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.lags: list[float] = []

    async def watch(self) -> None:
        """Note it again and again."""
        while True:
            before = time.monotonic()
            await asyncio.sleep(TICK)
            self.lags.append(time.monotonic() - before - TICK)

    def forget(self) -> None:
        """Begin anew."""
        self.lags = []

    def take(self) -> dict[str, float]:
        """Return the figures since the last call, in ms."""
        lags, self.lags = self.lags, []
        return summary(lags)


class Collections:
    """How long Python searches for garbage, while nothing else goes on."""

    def __init__(self) -> None:
        """Begin to note it."""
        self._begun = self._longest = 0.0
        self.total = 0.0
        """For how long in all, in seconds."""
        gc.callbacks.append(self._note)

    def _note(self, phase: str, _: dict[str, int]) -> None:
        now = time.perf_counter()
        if phase == "start":
            self._begun = now
        else:
            self._longest = max(self._longest, now - self._begun)
            self.total += now - self._begun

    def close(self) -> None:
        """Note it no more."""
        gc.callbacks.remove(self._note)

    def take(self) -> float:
        """Return the longest one since the last call, in ms."""
        longest, self._longest = self._longest, 0.0
        return 1000 * longest


def summary(seconds: Sequence[float]) -> dict[str, float]:
    """Return what was usual, what one in a hundred exceeds, and the most, in ms."""
    return {
        "p50": 1000 * median(seconds),
        "p99": 1000 * quantiles(seconds, n=100, method="inclusive")[98],
        "max": 1000 * max(seconds),
    }
