"""Work that several wait for, done once."""

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from .errors import ClosedError, PlaybackError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine


@dataclass(eq=False, slots=True)
class _Work[T]:
    task: asyncio.Task[T]
    waiting: int = 0
    is_given_up: bool = False
    error: PlaybackError | None = None
    """Why it was given up, for those who wait for it."""


class SingleFlight[T]:
    """Joins those who want the same, and ends what nobody waits for any more."""

    def __init__(self) -> None:
        """Begin with nothing to do."""
        self._works: dict[str, _Work[T]] = {}

    async def run(self, name: str, start: Callable[[], Coroutine[None, None, T]]) -> T:
        """Return the result of the work of this name, which is started if it is not under way.

        ClosedError, or what it was given up for, if it is given up.
        """
        while (work := self._works.get(name)) is not None and work.is_given_up:
            # It has to be over before the same is begun again.
            await asyncio.wait([work.task])
        if work is None:
            work = self._works[name] = _Work(
                asyncio.get_running_loop().create_task(start(), name=name)
            )
            work.task.add_done_callback(partial(self._forget, name))
        work.waiting += 1
        try:
            # Unlike a shield, this says nothing of an error that comes when its waiter has left.
            await asyncio.wait([work.task])
        finally:
            work.waiting -= 1
            if not work.waiting and not work.task.done():
                work.is_given_up = True
                work.task.cancel()
                await asyncio.gather(work.task, return_exceptions=True)
        if work.task.cancelled():
            raise work.error or ClosedError
        return work.task.result()

    def _forget(self, name: str, task: asyncio.Task[T]) -> None:
        self._works.pop(name, None)
        if not task.cancelled():
            # Whoever waited for it may have left.
            task.exception()

    async def give_up(self, error: PlaybackError | None = None) -> None:
        """End everything that is under way, and raise this for those who wait."""
        works = list(self._works.values())
        for work in works:
            work.error = error
            work.task.cancel()
        tasks = [work.task for work in works]
        await asyncio.gather(*tasks, return_exceptions=True)
