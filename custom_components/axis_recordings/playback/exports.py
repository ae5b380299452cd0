"""Let a thread read an export while the camera sends it."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

from ..vapix import BusyError, CameraTimeoutError, RefusedError
from .errors import NotAFilmError
from .pipe import Pipe
from .segments import MOST_PER_SECOND
from .threads import begin, wait_for_end
from .whole import WholeFilm, read_film

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from datetime import datetime

    from ..vapix import (
        Export,
        ExportProperties,
        RecordingKey,
        VapixClient,
    )

# How often it is asked whether anybody still wants the export; it has to end within a second.
CHECK_SECONDS: Final = 0.2
# A camera may take a moment to notice that an export was broken off, and allow only one.
BUSY_DELAYS: Final = (0.3, 0.6, 1.2)
# VAPIX (Export Recording API): processing error, too many jobs.
BUSY_CODES: Final = (10, 220)
# No camera sends so many times as much as it has estimated.
_ESTIMATES: Final = 4
_LEAST_LIMIT: Final = 64 * 1024 * 1024
# Cameras send a film about as slowly as it was recorded, and the network may be far slower: the seconds for
# each of it, and for a short one.
_SLOWEST: Final = 10.0
_LEAST_SECONDS: Final = 60.0


@asynccontextmanager
async def open_when_free(
    client: VapixClient,
    key: RecordingKey,
    start: datetime,
    stop: datetime,
    export_format: str,
) -> AsyncGenerator[Export]:
    """Let the camera send a film. One that is still busy with the last one is asked again."""
    async with AsyncExitStack() as stack:
        for delay in (*BUSY_DELAYS, None):
            try:
                export = await stack.enter_async_context(
                    client.open_export(key, start, stop, export_format=export_format)
                )
            except (RefusedError, BusyError) as err:
                is_busy = isinstance(err, BusyError) or err.code in BUSY_CODES
                if delay is None or not is_busy:
                    raise
                await asyncio.sleep(delay)
            else:
                break
        yield export


async def read_export[T](
    client: VapixClient,
    key: RecordingKey,
    properties: ExportProperties,
    work: Callable[[Pipe | WholeFilm], T],
    is_wanted: Callable[[], bool],
    *,
    stop: datetime | None = None,
    may_wait: bool = True,
) -> T | None:
    """Return what ``work`` makes of an export in a thread.

    It goes up to ``stop``, as what the camera has told may lack the fraction of a second. It ends as soon
    as the work is done, or nobody wants it any more: then None is returned.
    A film that can only be read as a whole is waited for; without ``may_wait`` it is IndexLastError. Raises
    VapixError, NoRoomError, and whatever the work raises.
    """
    export_format = await client.choose_export_format()
    pipe = Pipe()

    most = _most(properties)

    async def pump() -> None:
        size = 0
        async with (
            _patience(properties),
            open_when_free(
                client, key, properties.start, stop or properties.stop, export_format
            ) as export,
        ):
            async for chunk in export.chunks():
                size += len(chunk)
                if size > most:
                    message = "The film is larger than any camera makes it"
                    raise NotAFilmError(message)
                await pipe.write(chunk)
        pipe.end()

    limit = _limit(properties) if may_wait else None
    reading = begin(read_film, pipe, work, limit=limit)
    pumping = asyncio.get_running_loop().create_task(pump())
    try:
        while True:
            waiting: set[asyncio.Future[Any]] = {reading}
            if not pumping.done():
                waiting.add(pumping)
            await asyncio.wait(
                waiting, timeout=CHECK_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
            if pumping.done() and (error := pumping.exception()):
                raise error
            if reading.done():
                return reading.result()
            if not is_wanted():
                return None
    finally:
        pipe.abort()
        pumping.cancel()
        # The thread is at its end, and must not outlive what it delivers to.
        await wait_for_end(pumping, reading)


@asynccontextmanager
async def _patience(properties: ExportProperties) -> AsyncGenerator[None]:
    """Wait for an export no longer than the slowest camera needs. Raises CameraTimeoutError."""
    seconds = (properties.stop - properties.start).total_seconds()
    try:
        async with asyncio.timeout(_LEAST_SECONDS + _SLOWEST * max(0.0, seconds)):
            yield
    except TimeoutError as err:
        message = f"The film did not end within the time for {seconds:.0f} s of it"
        raise CameraTimeoutError(message) from err


def _limit(properties: ExportProperties) -> int:
    """Return how many bytes of an export may be kept in a file at most."""
    most = _most(properties)
    if properties.size is not None and properties.size > 0:
        most = min(most, _ESTIMATES * properties.size)
    return max(_LEAST_LIMIT, most)


def _most(properties: ExportProperties) -> int:
    """Return how many bytes an export may have at most, whatever the camera has estimated."""
    seconds = max(0.0, (properties.stop - properties.start).total_seconds())
    return max(_LEAST_LIMIT, round(seconds * MOST_PER_SECOND))
