"""Threads that work for somebody who may be cancelled."""

import asyncio
import threading

from custom_components.axis_recordings.helpers.threads import in_thread


async def test_thread_outlives_nobody() -> None:
    """Whoever is cancelled waits for the thread all the same, however often."""
    begun, may_end = threading.Event(), threading.Event()
    done = False

    def work() -> None:
        nonlocal done
        begun.set()
        may_end.wait(10)
        done = True

    waiting = asyncio.ensure_future(in_thread(work))
    await asyncio.to_thread(begun.wait, 10)
    for _ in range(3):
        waiting.cancel()
        await asyncio.sleep(0)
    assert not waiting.done()
    may_end.set()
    await asyncio.wait([waiting])
    assert done
    assert waiting.cancelled()


async def test_thread_fails_when_nobody_waits() -> None:
    """The cancellation counts."""
    begun, may_end = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        may_end.wait(10)
        raise OSError

    waiting = asyncio.ensure_future(in_thread(work))
    await asyncio.to_thread(begun.wait, 10)
    waiting.cancel()
    may_end.set()
    await asyncio.wait([waiting])
    assert waiting.cancelled()
