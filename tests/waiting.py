"""Wait for what no event reports, also while the clocks of a test stand still.

A wait is for a condition, and has an end by a clock: how many turns of the event loop something takes depends
on the machine, and on what threads have to do with it. The clock is not imported by its name, as freezegun
would find that and replace it.
"""

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final

import freezegun.api

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

PATIENCE: Final = 30.0
"""Real seconds after which nothing more comes, not even on a busy machine."""
WHILE: Final = 0.05
"""Real seconds in which everybody has come to where only the test's clocks, or the test, get them further."""
LONG_WHILE: Final = 0.2
"""The same for several cameras."""
LONGEST_TURN: Final = 0.0005
"""Seconds that a turn of the loop takes at most where nothing else keeps the machine busy."""
PAUSE: Final = 0.0001


async def give_way() -> None:
    """Let everybody else go on for a turn, threads included."""
    await asyncio.sleep(0)
    # A loop that is never idle keeps the interpreter from threads, which may have something to do.
    time.sleep(PAUSE)  # noqa: ASYNC251


async def comes_soon(condition: Callable[[], object], seconds: float = WHILE) -> bool:
    """Return whether something comes to be so within so many real seconds.

    Time in which a busy machine does something else does not count.
    """
    now = freezegun.api.real_monotonic()
    while not condition():
        if seconds <= 0:
            return False
        await give_way()
        before, now = now, freezegun.api.real_monotonic()
        seconds -= min(now - before, LONGEST_TURN)
    return True


async def until(condition: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait until something is so. Fails after so many real seconds."""
    assert await comes_soon(condition, seconds), f"it was not so after {seconds} s"


async def settle(seconds: float = WHILE) -> None:
    """Let everybody come as far as they can, where something must not come."""
    await comes_soon(lambda: False, seconds)


class Held:
    """The next answer of a camera, which reaches whoever has asked only once it is released; later ones do at once."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, owner: object, method: str
    ) -> None:
        """Hold what a method returns that asks a camera."""
        self.asked = asyncio.Event()
        """Set once the camera has answered."""
        self._released = asyncio.Event()
        ask = getattr(owner, method)

        async def hold(*args: Any, **kwargs: Any) -> Any:
            answer = await ask(*args, **kwargs)
            if not self.asked.is_set():
                self.asked.set()
                await self._released.wait()
            return answer

        monkeypatch.setattr(owner, method, hold)

    def release(self) -> None:
        """Let the answer through."""
        self._released.set()
