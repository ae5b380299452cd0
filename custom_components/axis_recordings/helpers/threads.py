"""Let a thread work, also for somebody who may be cancelled meanwhile.

A thread can't be stopped. One that nobody waits for would still write when all was cleaned up.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def begin[**P, T](
    work: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> asyncio.Future[T]:
    """Let a thread of its own work, which may wait for a video, and return what will hold its result.

    Home Assistant's threads are few. With each of them waiting for a video, none would be left to make it.

    Whoever awaits the result and is cancelled would lose sight of the thread: wait with ``asyncio.wait`` or
    ``wait_for_end``.
    """
    thread = ThreadPoolExecutor(1, "axis-recordings-video")
    try:
        return asyncio.get_running_loop().run_in_executor(
            thread, partial(work, *args, **kwargs)
        )
    finally:
        # It ends with its work.
        thread.shutdown(wait=False)


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
            # Retrieved, or asyncio would log it.
            each.exception()
    if cancelled:
        raise cancelled


async def in_thread[**P, T](
    work: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Let a thread of Home Assistant's work, and wait for its end also if cancelled."""
    working = asyncio.ensure_future(asyncio.to_thread(work, *args, **kwargs))
    await wait_for_end(working)
    return working.result()
