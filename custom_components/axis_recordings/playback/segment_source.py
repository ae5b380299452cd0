"""The segments of one recording, from the cache or from the camera."""

import asyncio
from dataclasses import replace
from functools import partial
from io import BytesIO
import time
from typing import TYPE_CHECKING

from ..helpers.threads import begin, in_thread, wait_for_end
from .errors import ClosedError, NothingRecordedError
from .export_queue import Priority
from .fragments import empty_segment, write_independent, write_within
from .pipe import Pipe
from .producer import SegmentProducer
from .reader import TOLERANCE
from .timeline import Timeline
from .timing import USUAL, Timing

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from datetime import datetime

    from ..vapix import RecordingKey, VapixClient
    from .cache import MediaCache
    from .errors import PlaybackError
    from .export_queue import ExportQueue
    from .segments import Segment


class SegmentSource(Timeline):
    """Serves the segments of one recording to everybody who watches or saves a part of it."""

    def __init__(
        self,
        client: VapixClient,
        queue: ExportQueue,
        cache: MediaCache,
        create_task: Callable[[Coroutine[None, None, None], str], asyncio.Task[None]],
        *,
        key: RecordingKey,
        zero: datetime,
        frame_rate: float | None = None,
        timing: Timing = USUAL,
    ) -> None:
        """Prepare; nothing is asked of the camera."""
        super().__init__(cache, key=key, zero=zero, frame_rate=frame_rate)
        self._producer = SegmentProducer(client, queue, create_task, self, timing)
        self._closed = False
        self.last_used = time.monotonic()

    async def segment(self, number: int, priority: Priority) -> Segment:
        """Return a segment.

        Raises VapixError, PlaybackError; NothingRecordedError where the recording has nothing.
        """
        self.last_used = time.monotonic()
        if self._closed:
            raise ClosedError
        if (known := await self.find(number)) is not None:
            return known
        try:
            return await self._producer.produce(number, priority)
        finally:
            self.last_used = time.monotonic()

    async def independent(
        self,
        number: int,
        *,
        not_before: float | None = None,
        is_whole: bool = False,
    ) -> Segment:
        """Return a segment that a player can decode without the one before. Raises as ``segment``.

        Nothing is shown of it that lies before a time. Where it is to be whole, that goes also for what is shown before
        its key frame.
        """
        segment = await self.segment(number, Priority.PLAYBACK)
        before = number
        if segment.is_open and (is_whole or number - 1 in self.empty):
            # What is shown before the key frame is what is seen in the pause.
            before -= 1
        first = await self.key_before(before, Priority.PLAYBACK)
        start = segment.start
        if not_before is not None and start < not_before - TOLERANCE:
            start = not_before
        is_cut = start > segment.start
        if first >= number and not (segment.is_open or is_cut):
            return segment
        hidden = self.between(first, number)
        frames = self._frames(hidden) + (segment.frames if is_cut else 0)
        write = partial(write_independent, start=start, hidden=frames)
        return replace(segment, data=await self._write_after([*hidden, number], write))

    async def cut(self, segment: Segment, start: float | None, end: float) -> bytes:
        """Return a segment without what is shown from ``end`` on.

        With a start, nothing precedes the last key frame up to it. The segment has to begin with one.
        """
        if segment.end <= end + TOLERANCE and (
            start is None or segment.start >= start - TOLERANCE
        ):
            return segment.data
        video = BytesIO((self.init or b"") + segment.data)
        data = await in_thread(write_within, video, start, end)
        return data or empty_segment(segment.start)

    async def freeze_frame(self, number: int) -> bytes | None:
        """Return a fragment with the frame that is still seen in a segment that holds none.

        A player can decode it without the ones before. None where there is no such frame. Raises as
        ``segment``.
        """
        start, following = self.grid.at(number), self.silent_until(number)
        if number < self.first or following is None or following <= start + TOLERANCE:
            return None
        hidden = self.between(await self.key_before(number, Priority.PLAYBACK), number)
        if not hidden:
            return None
        end = self.grid.last_until(number, following)
        write = partial(
            write_independent,
            start=start,
            hidden=self._frames(hidden),
            frozen_until=end,
        )
        return await self._write_after(hidden, write)

    def _frames(self, segments: list[int]) -> int:
        return sum(self.known[each].frames for each in segments)

    async def _write_after(
        self, segments: list[int], write: Callable[[Pipe], bytes]
    ) -> bytes:
        """Return what is written of segments. Raises as ``segment``."""
        pipe = Pipe()
        making = begin(write, pipe)
        # Whatever ends it, nothing is read any more.
        making.add_done_callback(lambda _: pipe.abort())
        try:
            await pipe.write(self.init or b"")
            for each in segments:
                await pipe.write((await self.segment(each, Priority.PLAYBACK)).data)
            pipe.end()
            await asyncio.wait([making])
            return making.result()
        finally:
            pipe.abort()
            await wait_for_end(making)

    async def key_before(self, number: int, priority: Priority) -> int:
        """Return the segment with the key frame from which another can be decoded.

        Where that one holds no frame, it is the one from which the last frame before it can be; and where
        the video begins a little later, the first one. Raises as ``segment``.
        """
        try:
            await self.segment(number, priority)
        except NothingRecordedError:
            if self.init is None:
                # Nothing has come of the video yet.
                raise
            number = self.nearest(number)
        while number > self.first:
            if number not in self.empty:
                segment = self.known.get(number) or await self.segment(number, priority)
                if segment.starts_with_key:
                    break
            number -= 1
        return number

    def why_late(self) -> PlaybackError:
        """Return why somebody has waited for long."""
        return self._producer.why_late()

    async def close(self) -> None:
        """End what is under way. What somebody waits for ends with ClosedError."""
        self._closed = True
        await self._producer.close()
        await self.wait_for_writes()
