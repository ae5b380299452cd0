"""Let a thread read an export while the camera sends it."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from math import inf
import time
from typing import TYPE_CHECKING, Any, Final

from ..helpers.threads import begin, wait_for_end
from ..vapix import BusyError, CameraTimeoutError, RefusedError
from .errors import InvalidVideoError, SlowReaderError
from .pipe import Pipe
from .timing import USUAL, Timing
from .whole_export import WholeExport, read_video

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable
    from datetime import datetime
    from pathlib import Path

    from ..vapix import Export, ExportProperties, RecordingKey, VapixClient
    from .export_queue import Ticket

# VAPIX (Export Recording API): processing error, too many jobs.
BUSY_CODES: Final = (10, 220)
MOST_PER_SECOND: Final = 8 * 1024 * 1024
"""More bytes than any camera sends for a second of video."""
# No camera sends so many times as much as it has estimated.
_ESTIMATES: Final = 4
_LEAST_LIMIT: Final = 64 * 1024 * 1024
# Cameras send a video about as slowly as it was recorded, and the network may be far slower, and so may a small computer
# that decodes it: the seconds for each of it, and for a short one.
_SLOWEST: Final = 10.0
_LEAST_SECONDS: Final = 60.0
LEAD_SECONDS: Final = 600.0
"""Of video before what is asked for, for whose bytes and time it is waited: what lies further back is a pause."""
IMAGE_SECONDS: Final = 32.0
"""Of video, for whose bytes and time an image may be waited for: key frames are hardly further apart."""
# While others wait, a video has to be taken at so many bytes a second, or with so many seconds' delay.
LEAST_RATE: Final = 64_000
_LONGEST_DELAY: Final = 30.0


class BoundedExport:
    """A video as the camera sends it, which is no larger than any camera makes it."""

    def __init__(self, export: Export, most: int, ticket: Ticket | None) -> None:
        """Take no more than so many bytes, and see who waits behind the ticket."""
        self.format = export.format
        self._export = export
        self._most = most
        self._ticket = ticket

    async def chunks(self) -> AsyncIterator[bytes]:
        """Return the file, once.

        CameraConnectionError if it breaks off, InvalidVideoError if it is too large, SlowReaderError if it is
        taken too slowly while others wait.
        """
        size = 0
        delay = 0.0
        async for chunk in self._export.chunks():
            size += len(chunk)
            if size > self._most:
                message = "The video is larger than any camera makes it"
                raise InvalidVideoError(message)
            if delay >= _LONGEST_DELAY and self._ticket and self._ticket.is_awaited:
                raise SlowReaderError
            given = time.monotonic()
            yield chunk
            # What the camera takes is not counted, nor that it was slow long ago.
            delay += time.monotonic() - given - len(chunk) / LEAST_RATE
            delay = min(max(delay, 0.0), _LONGEST_DELAY)


@asynccontextmanager
async def open_when_free(
    client: VapixClient,
    key: RecordingKey,
    properties: ExportProperties,
    export_format: str,
    *,
    end: datetime | None = None,
    ticket: Ticket | None = None,
    longest: float = inf,
    timing: Timing = USUAL,
) -> AsyncGenerator[BoundedExport]:
    """Let the camera send a video, for as long as the slowest one needs for it, or for ``longest`` seconds of it.

    One that is still busy with the last one is asked again. CameraTimeoutError if it takes too long. With a ticket,
    it is for a reader who may be too slow for those who wait for it.
    """
    seconds = min(_seconds(properties), longest)
    async with _patience(seconds), AsyncExitStack() as stack:
        for delay in (*timing.busy, None):
            try:
                export = await stack.enter_async_context(
                    client.open_export(
                        key,
                        properties.start,
                        end or properties.end,
                        export_format=export_format,
                    )
                )
            except (RefusedError, BusyError) as err:
                is_busy = isinstance(err, BusyError) or err.code in BUSY_CODES
                if delay is None or not is_busy:
                    raise
                await asyncio.sleep(delay)
            else:
                break
        yield BoundedExport(export, most_bytes(seconds), ticket)


async def read_export[T](  # noqa: PLR0913 - an export has this many settings
    client: VapixClient,
    key: RecordingKey,
    properties: ExportProperties,
    work: Callable[[Pipe | WholeExport], T],
    is_wanted: Callable[[], bool],
    *,
    folder: Path,
    end: datetime | None = None,
    may_wait: bool = True,
    longest: float = inf,
    timing: Timing = USUAL,
) -> T | None:
    """Return what ``work`` makes of an export in a thread.

    It goes up to ``end``, as what the camera has said may lack the fraction of a second. It ends as soon
    as the work is done, or nobody wants it any more: then None is returned. It takes no more bytes and time than
    ``longest`` seconds of video do.
    A video that can only be read as a whole is waited for, and kept in the folder meanwhile; without ``may_wait``
    it is IndexLastError. Raises VapixError, NoRoomError, and whatever the work raises.
    """
    export_format = await client.choose_export_format()
    pipe = Pipe()

    async def pump() -> None:
        async with open_when_free(
            client,
            key,
            properties,
            export_format,
            end=end,
            longest=longest,
            timing=timing,
        ) as export:
            async for chunk in export.chunks():
                await pipe.write(chunk)
        pipe.end()

    limit = _limit(properties, longest) if may_wait else None
    reading = begin(read_video, pipe, work, limit=limit, folder=folder)
    pumping = asyncio.get_running_loop().create_task(pump())
    try:
        return await _result(reading, pumping, is_wanted, timing.check)
    finally:
        pipe.abort()
        pumping.cancel()
        # The thread is at its end, and must not outlive what it delivers to.
        await wait_for_end(pumping, reading)


async def _result[T](
    reading: asyncio.Future[T],
    pumping: asyncio.Task[None],
    is_wanted: Callable[[], bool],
    check_seconds: float,
) -> T | None:
    """Return what was read; None once nobody wants it. Raises what has broken off the reading or the pumping."""
    while True:
        waiting: set[asyncio.Future[Any]] = {reading}
        if not pumping.done():
            waiting.add(pumping)
        await asyncio.wait(
            waiting, timeout=check_seconds, return_when=asyncio.FIRST_COMPLETED
        )
        if pumping.done() and (error := pumping.exception()):
            raise error
        if reading.done():
            return reading.result()
        if not is_wanted():
            return None


@asynccontextmanager
async def _patience(seconds: float) -> AsyncGenerator[None]:
    """Wait for so much video no longer than the slowest camera needs. Raises CameraTimeoutError."""
    try:
        async with asyncio.timeout(most_seconds(seconds)) as limit:
            yield
    except TimeoutError as err:
        if not limit.expired():
            raise
        message = f"The video did not end within the time for {seconds:.0f} s of it"
        raise CameraTimeoutError(message) from err


def _limit(properties: ExportProperties, longest: float) -> int:
    """Return how many bytes of an export may be kept in a file at most."""
    most = most_bytes(min(_seconds(properties), longest))
    if properties.size is not None and properties.size > 0:
        most = min(most, _ESTIMATES * properties.size)
    return max(_LEAST_LIMIT, most)


def _seconds(properties: ExportProperties) -> float:
    return max(0.0, (properties.end - properties.start).total_seconds())


def most_seconds(seconds: float) -> float:
    """Return how long so much video may take at most."""
    return _LEAST_SECONDS + _SLOWEST * seconds


def most_bytes(seconds: float) -> int:
    """Return how many bytes so much video may have at most, whatever the camera has estimated."""
    return max(_LEAST_LIMIT, round(seconds * MOST_PER_SECOND))
