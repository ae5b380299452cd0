"""Export one recording, and cut it into segments, for as long as somebody waits for them."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from math import inf
import time
from typing import TYPE_CHECKING, Final

from ..vapix import RefusedError, VapixError
from .errors import (
    ClosedError,
    ExportBusyError,
    IndexLastError,
    NothingRecordedError,
    PlaybackError,
    SlowError,
)
from .export_queue import Priority
from .export_stream import LEAD_SECONDS, read_export
from .reader import TOLERANCE
from .segments import Segment, Segmenter

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from ..vapix import ExportProperties, VapixClient
    from .export_queue import ExportQueue, Ticket
    from .pipe import Pipe
    from .reader import VideoReader
    from .timeline import Timeline
    from .timing import Timing
    from .whole_export import WholeExport

# What will be there this soon is waited for; beyond it, an export of its own is faster. Cameras export at
# about 2.5 times the speed of the recording, and need about a second to begin.
AHEAD_SECONDS: Final = 8.0
# Players of different places take turns after so many segments.
FAIR_SHARE: Final = 3
# An export asks for no more than this, so that little is in vain when it is ended early.
EXPORT_LIMIT: Final = timedelta(minutes=10)
# Nor more than this where a video can only be read when all of it has come.
SHORT_EXPORT: Final = timedelta(seconds=20)
# How far the end of a video may lie before the end that the camera has listed. One that ends earlier is
# believed when another export ends there, too.
END_TOLERANCE: Final = 1.5
# An end in whole seconds may be up to one too early.
END_MARGIN: Final = timedelta(seconds=1)
MAX_TRIES: Final = 2
# An export that ends in a pause does not show when the next frame is: one so many times as long follows,
# until that is known or the recording ends. Some months are enough where no end is ever listed.
FURTHER: Final = 4
MOST_REACH: Final = FURTHER**8
# So many segments after the end of a video, others are asked for: it might be a gap.
OVER: Final = 30
# VAPIX (Export Recording API): after the end of the recording, before its beginning.
OUTSIDE: Final = (150, 160)


@dataclass(eq=False, slots=True)
class _Demand:
    """A segment that somebody waits for."""

    number: int
    priority: Priority
    segment: asyncio.Future[Segment]
    since: float
    reach: int = 1
    """How many times as long as others an export for it is."""
    tries: int = 0
    """How many exports for it came to the end of the recording."""


@dataclass(slots=True)
class _Run:
    """An export under way."""

    ticket: Ticket
    end: float
    """Where it will end, in seconds on the timeline."""
    is_to_the_end: bool
    """Whether that is all that there is of the recording."""
    way: float
    """How long before what it was begun for it begins, in seconds of video."""
    asked: int
    """The segment that it was begun for; the camera begins earlier, at a key frame."""
    position: int
    """The next segment that it will deliver, of those from ``asked`` on."""
    began: float = field(default_factory=time.monotonic)
    delivered: int = 0
    """How many it has delivered of these."""
    last_wanted: float = 0.0
    was_given_up: bool = False
    """Whether it was ended before its end."""
    last_number: int | None = None
    """The last segment that it has delivered, of all."""
    tail: list[tuple[Segment, bytes]] = field(default_factory=list)
    """The segments with which it ended, and the initialization section."""


class SegmentProducer:
    """Makes the segments of one recording, one export at a time."""

    def __init__(
        self,
        client: VapixClient,
        queue: ExportQueue,
        create_task: Callable[[Coroutine[None, None, None], str], asyncio.Task[None]],
        timeline: Timeline,
        timing: Timing,
    ) -> None:
        """Prepare; nothing is asked of the camera. What exports show goes into the timeline."""
        self._client = client
        self._queue = queue
        self._create_task = create_task
        self._timeline = timeline
        self._timing = timing
        self._demands: list[_Demand] = []
        self._task: asyncio.Task[None] | None = None
        self._ticket: Ticket | None = None
        self._run: _Run | None = None
        self._is_whole_first = False

    async def produce(self, number: int, priority: Priority) -> Segment:
        """Return a segment once the camera has sent it.

        Raises VapixError, PlaybackError; NothingRecordedError where the recording has nothing.
        """
        demand = _Demand(
            number,
            priority,
            asyncio.get_running_loop().create_future(),
            time.monotonic(),
        )
        self._demands.append(demand)
        self._update_priority()
        if self._task is None or self._task.done():
            self._task = self._create_task(
                self._produce(), f"segments {self._timeline.name}"
            )
        try:
            return await demand.segment
        finally:
            self._demands.remove(demand)
            self._update_priority()

    def why_late(self) -> PlaybackError:
        """Return why somebody has waited for long."""
        if self._run is None or self._run.way <= self._timeline.grid.length:
            return ExportBusyError()
        return SlowError(self._run.way)

    async def close(self) -> None:
        """End what is under way. What somebody waits for ends with ClosedError."""
        self._fail(ClosedError())
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _update_priority(self) -> None:
        if self._ticket is not None and self._demands:
            self._ticket.priority = min(demand.priority for demand in self._demands)

    def _fail(self, error: Exception, *, first: float = 0, last: float = inf) -> None:
        for demand in self._demands:
            if not demand.segment.done() and first <= demand.number <= last:
                demand.segment.set_exception(error)

    async def _produce(self) -> None:
        """Export until nobody waits any more."""
        while demand := self._next_demand():
            self._ticket = self._queue.new_ticket(demand.priority)
            self._update_priority()
            try:
                async with self._queue.hold(self._ticket):
                    if (next_one := self._next_demand()) is None:
                        return
                    demand = next_one
                    await self._export(demand, self._ticket)
            except (VapixError, PlaybackError) as err:
                if isinstance(err, RefusedError) and err.code in OUTSIDE:
                    err = NothingRecordedError(str(err))
                if isinstance(err, NothingRecordedError):
                    # Elsewhere there may be something.
                    self._fail(err, first=demand.number, last=demand.number)
                else:
                    self._fail(err)
            except BaseException:
                self._fail(ClosedError())
                raise
            finally:
                self._ticket = None

    def _next_demand(self) -> _Demand | None:
        """Return the one of the highest priority, of these the one that has waited longest."""
        waiting = [demand for demand in self._demands if not demand.segment.done()]
        return min(
            waiting, key=lambda demand: (demand.priority, demand.since), default=None
        )

    async def _export(self, demand: _Demand, ticket: Ticket) -> None:
        """Export from the demanded segment on, for as long as there is a demand."""
        start = self._timeline.moment(self._timeline.grid.at(demand.number))
        usual = SHORT_EXPORT if self._is_whole_first else EXPORT_LIMIT
        limit = start + usual * demand.reach
        end = self._timeline.end and self._timeline.end + END_MARGIN
        if end is not None:
            limit = min(limit, end)
        if limit <= start:
            raise NothingRecordedError
        properties = await self._client.fetch_export_properties(
            self._timeline.key, start, limit
        )
        run = _Run(
            ticket=ticket,
            end=self._timeline.seconds(properties.end),
            # Cameras may list where the last frame before a pause ends. Of one that goes on, no other end is
            # known; they may leave out the fraction of a second.
            is_to_the_end=limit == end
            if end is not None
            else properties.end < limit - timedelta(seconds=1),
            way=(start - properties.start).total_seconds(),
            asked=demand.number,
            position=demand.number,
            last_wanted=time.monotonic(),
        )
        self._run = run
        try:
            await read_export(
                self._client,
                self._timeline.key,
                properties,
                partial(
                    self._cut,
                    properties,
                    run,
                    asyncio.get_running_loop(),
                ),
                partial(self._is_wanted, run),
                folder=self._timeline.cache.folder,
                end=limit if limit == end else None,
                may_wait=self._is_whole_first or limit - start <= SHORT_EXPORT,
                longest=(limit - start).total_seconds() + LEAD_SECONDS,
                timing=self._timing,
            )
        except IndexLastError:
            # Whoever waits gets it by a shorter export.
            self._is_whole_first = True
            return
        finally:
            self._run = None
        if not run.was_given_up:
            self._end(run, demand)

    def _end(self, run: _Run, demand: _Demand) -> None:
        """Take what an export has ended with, and conclude what that means for what it was begun for."""
        is_over = False
        if run.tail and run.is_to_the_end:
            last = run.tail[-1][0]
            is_as_announced = last.end >= run.end - END_TOLERANCE
            if is_as_announced or self._is_believed(last.end):
                for segment, init in run.tail:
                    self._take(run, segment, init)
                is_over = self._timeline.end is not None
            if is_over:
                after = max(last.number, demand.number)
                self._timeline.over = range(last.number + 1, after + OVER)
                self._fail(
                    NothingRecordedError(), first=last.number + 1, last=after + OVER
                )
            self._timeline.early_end = last.end
        if demand.segment.done():
            return
        if not run.is_to_the_end and demand.reach < MOST_REACH:
            demand.reach *= FURTHER
            return
        demand.tries += 1
        if is_over or demand.tries >= MAX_TRIES:
            demand.segment.set_exception(NothingRecordedError())

    def _is_believed(self, end: float) -> bool:
        """Return whether exports end early at the same place, or later where the recording goes on."""
        if self._timeline.early_end is None:
            return False
        later = end - self._timeline.early_end
        return abs(later) < TOLERANCE or (self._timeline.end is None and later > 0)

    def _cut(
        self,
        properties: ExportProperties,
        run: _Run,
        loop: asyncio.AbstractEventLoop,
        export: Pipe | WholeExport,
    ) -> None:
        """Cut an export into segments while it comes. Waits; for a thread."""

        def on_open(reader: VideoReader) -> None:
            self._timeline.dropped_audio = reader.dropped_audio

        def deliver(segment: Segment, init: bytes) -> None:
            # What is not yet written is held in memory, and a disk may be slower than the camera.
            self._timeline.cache.backlog.wait(lambda: export.is_aborted)
            loop.call_soon_threadsafe(self._receive, run, export, segment, init)

        Segmenter(
            self._timeline.grid,
            begins=self._timeline.seconds(properties.start),
            deliver=deliver,
            on_open=on_open,
        ).run(export)

    def _is_wanted(self, run: _Run) -> bool:
        """Return whether the export should go on, and note if not."""
        run.was_given_up = not self._should_go_on(run)
        return not run.was_given_up

    def _should_go_on(self, run: _Run) -> bool:
        now = time.monotonic()
        waiting = [each for each in self._demands if not each.segment.done()]
        ahead = run.position + AHEAD_SECONDS / self._timeline.grid.length
        near = [each for each in waiting if run.position <= each.number <= ahead]
        if near:
            run.last_wanted = now
            elsewhere = [each for each in waiting if each not in near]
            if run.ticket.is_preempted or _first_priority(elsewhere) < _first_priority(
                near
            ):
                return False
            return run.delivered < FAIR_SHARE or not (
                elsewhere or run.ticket.is_contested
            )
        if waiting or run.ticket.is_contested:
            return False
        is_on_its_way = not run.delivered and (
            run.way > AHEAD_SECONDS or now - run.began > AHEAD_SECONDS
        )
        return now - run.last_wanted < (
            self._timing.linger if is_on_its_way else self._timing.grace
        )

    def _receive(
        self, run: _Run, export: Pipe | WholeExport, segment: Segment, init: bytes
    ) -> None:
        """Take a segment from the thread."""
        if run is not self._run:
            # Of an export that was ended: it may be cut short.
            return
        if not segment.is_whole:
            # Else it was cut short where the export was broken off, however near to its end that was.
            if not export.is_aborted:
                run.tail.append((segment, init))
            return
        self._take(run, segment, init)

    def _take(self, run: _Run, segment: Segment, init: bytes) -> None:
        """Keep a segment, and give it to those who wait."""
        self._timeline.init = self._timeline.init or init
        before = run.asked - 1 if run.last_number is None else run.last_number
        if run.last_number is None and segment.number > run.asked:
            self._timeline.first = max(self._timeline.first, segment.number)
        run.last_number = segment.number
        if segment.number >= run.asked:
            run.position = segment.number + 1
            run.delivered += 1
        self._timeline.empty.update(
            dict.fromkeys(range(before + 1, segment.number), segment.start)
        )
        self._timeline.empty.pop(segment.number, None)
        if segment.is_whole or self._timeline.end is not None:
            self._timeline.keep(segment)
        for demand in self._demands:
            if demand.segment.done():
                continue
            if demand.number in self._timeline.empty:
                demand.segment.set_exception(NothingRecordedError())
                run.last_wanted = time.monotonic()
            elif demand.number == segment.number:
                demand.segment.set_result(segment)
                run.last_wanted = time.monotonic()


def _first_priority(demands: list[_Demand]) -> int:
    return min((demand.priority for demand in demands), default=len(Priority))
