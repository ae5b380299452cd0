"""How long whoever asks something of cameras waits for each of them."""

import asyncio
from typing import TYPE_CHECKING, Final

from homeassistant.exceptions import HomeAssistantError

from ..exceptions import translated_error

if TYPE_CHECKING:
    from collections.abc import Awaitable

ANSWER_SECONDS: Final = 15.0


async def in_time[T](camera: str, asking: Awaitable[T]) -> T:
    """Return what a camera answers, if that does not take too long. HomeAssistantError if it does."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            return await asking
    except TimeoutError as err:
        raise no_answer(camera) from err


def no_answer(camera: str) -> HomeAssistantError:
    """Return the error for a camera that has not answered in time."""
    return translated_error(
        HomeAssistantError,
        "no_answer",
        camera=camera,
        seconds=f"{ANSWER_SECONDS:g}",
    )
