"""Waiting for what another process does."""

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


async def until(check: Callable[[], Awaitable[bool]], seconds: float) -> None:
    """Ask until the answer is yes; `TimeoutError` if it takes too long."""
    async with asyncio.timeout(seconds):
        while not await check():  # noqa: ASYNC110 - nobody here could set an event
            await asyncio.sleep(0.1)
