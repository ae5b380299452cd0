"""Let a thread work, also for somebody who may be cancelled meanwhile."""

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


async def in_thread[**P, T](
    work: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Let a thread work, and wait for its end also if cancelled.

    A thread can't be stopped. One that nobody waits for would still write when all was cleaned up.
    """
    task = asyncio.ensure_future(asyncio.to_thread(work, *args, **kwargs))
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as err:
            cancelled = err
    if cancelled:
        task.exception()
        raise cancelled
    return task.result()
