"""Wait for what no event tells of, also while time stands still."""

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


async def until(condition: Callable[[], object]) -> None:
    """Let everybody else go on until something is so; a test's own time-out is the limit."""
    while not condition():  # noqa: ASYNC110 - there is nothing to wait for
        await asyncio.sleep(0)
