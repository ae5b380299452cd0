"""Let a thread work, also for somebody who may be cancelled meanwhile.

A thread can't be stopped. One that nobody waits for would still write when all was cleaned up.
"""

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def begin[**P, T](
    work: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> asyncio.Future[T]:
    """Let a thread work, and return what will hold its result.

    Whoever awaits that and is cancelled would lose sight of the thread: wait with ``asyncio.wait`` or
    ``wait_for_end``.
    """
    return asyncio.ensure_future(asyncio.to_thread(work, *args, **kwargs))


async def wait_for_end(*working: asyncio.Future[Any]) -> None:
    """Wait until all have ended, well or not, also if cancelled meanwhile: then that is raised afterwards."""
    cancelled: asyncio.CancelledError | None = None
    while left := [each for each in working if not each.done()]:
        try:
            await asyncio.wait(left)
        except asyncio.CancelledError as err:
            cancelled = err
    for each in working:
        if not each.cancelled():
            # Looked at, or asyncio would report it.
            each.exception()
    if cancelled:
        raise cancelled


async def in_thread[**P, T](
    work: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Let a thread work, and wait for its end also if cancelled."""
    working = begin(work, *args, **kwargs)
    await wait_for_end(working)
    return working.result()
