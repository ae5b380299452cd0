"""The segments of one recording, from the cache or from the camera."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from math import inf
import time
from typing import TYPE_CHECKING, Final

from ..vapix import RefusedError, VapixError
from .errors import ClosedError, NoFootageError, NoRoomError, PlaybackError
from .exports import read_export
from .fragments import write_independent
from .gate import Urgency
from .segments import Grid, Segment, Segmenter

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from ..vapix import (
        ExportProperties,
        RecordingKey,
        VapixClient,
    )
    from .cache import MediaCache
    from .film import Film
    from .gate import ExportGate, Turn
    from .pipe import Pipe

# Short, as a whole segment is waited for before anything is seen.
SEGMENT_SECONDS: Final = 2.0
# A segment that holds too few frames may hold none.
FRAMES_PER_SEGMENT: Final = 4
# What will be there this soon is waited for; beyond it, an export of its own is faster. Cameras export at
# about 2.5 times the speed of the recording, and need about a second to begin.
AHEAD_SECONDS: Final = 8.0
# A player asks for the next segment at once when it has got one, unless it has enough or is gone.
GRACE_SECONDS: Final = 0.6
# Viewers of different places take turns after so many segments.
FAIR_SHARE: Final = 3
# An export asks for no more than this, so that little is in vain when it is ended early.
EXPORT_LIMIT: Final = timedelta(minutes=10)
# How far the end of a film may lie before the end that the camera has told.
END_TOLERANCE: Final = 1.5
MAX_TRIES: Final = 2
# VAPIX (Export Recording API): after the end of the recording, before its beginning.
OUTSIDE: Final = (150, 160)


@dataclass(eq=False, slots=True)
class _Demand:
    """A segment that somebody waits for."""

    number: int
    urgency: Urgency
    segment: asyncio.Future[Segment]
    since: float
    tries: int = 0


@dataclass(slots=True)
class _Run:
    """An export under way."""

    turn: Turn
    end: float
    """Where it will end, in seconds on the timeline."""
    is_to_the_end: bool
    """Whether that is all that there is of the recording."""
    asked: int
    """The segment that it was begun for; the camera begins earlier, at a key frame."""
    position: int
    """The next segment that it will deliver, of those from ``asked`` on."""
    delivered: int = 0
    """How many it has delivered of these."""
    last_wanted: float = 0.0
    was_given_up: bool = False
    """Whether it was ended before its end."""


class Footage:
    """One recording on its timeline, whose zero is the recording's first known beginning."""

    def __init__(
        self,
        client: VapixClient,
        gate: ExportGate,
        cache: MediaCache,
        create_task: Callable[[Coroutine[None, None, None], str], asyncio.Task[None]],
        *,
        key: RecordingKey,
        name: str,
        zero: datetime,
        frame_rate: float | None = None,
    ) -> None:
        """Prepare; nothing is asked of the camera. The name stands for it in the cache."""
        self._client = client
        self._gate = gate
        self._cache = cache
        self._create_task = create_task
        self._name = name
        self._demands: list[_Demand] = []
        self._producer: asyncio.Task[None] | None = None
        self._turn: Turn | None = None
        self._run: _Run | None = None
        self._known: dict[int, Segment] = {}
        self._writes: set[asyncio.Task[None]] = set()
        self._closed = False
        self.key = key
        self.zero = zero
        self.stop: datetime | None = None
        """Where the recording ends; None while it goes on."""
        self.frame_rate = frame_rate
        self.grid = Grid(
            max(SEGMENT_SECONDS, FRAMES_PER_SEGMENT / frame_rate)
            if frame_rate
            else SEGMENT_SECONDS
        )
        self.init: bytes | None = None
        """The initialisation section of all segments; known after the first of them."""
        self.dropped_audio: str | None = None
        self.last_used = time.monotonic()

    def seconds(self, moment: datetime) -> float:
        """Return a moment's place on the timeline."""
        return (moment - self.zero).total_seconds()

    def moment(self, seconds: float) -> datetime:
        """Return the moment of a place on the timeline."""
        return self.zero + timedelta(seconds=seconds)

    def start_of(self, number: int) -> float:
        """Return where a segment begins, as exactly as is known."""
        if segment := self._known.get(number):
            return segment.start
        if before := self._known.get(number - 1):
            return before.stop
        return self.grid.at(number)

    async def segment(self, number: int, urgency: Urgency) -> Segment:
        """Return a segment.

        Raises VapixError, PlaybackError; NoFootageError where the recording has nothing.
        """
        self.last_used = time.monotonic()
        if self._closed:
            raise ClosedError
        if (known := self._known.get(number)) is not None:
            data = known.data or await self._cache.read(self._file(number))
            if data is not None:
                return replace(known, data=data)
        demand = _Demand(
            number,
            urgency,
            asyncio.get_running_loop().create_future(),
            time.monotonic(),
        )
        self._demands.append(demand)
        self._set_urgency()
        if self._producer is None or self._producer.done():
            self._producer = self._create_task(self._produce(), f"footage {self._name}")
        try:
            return await demand.segment
        finally:
            self._demands.remove(demand)
            self._set_urgency()
            self.last_used = time.monotonic()

    async def independent(self, number: int, urgency: Urgency) -> Segment:
        """Return a segment that can be decoded without the one before. Raises as ``segment``."""
        segment = await self.segment(number, urgency)
        parts = [segment]
        while not parts[0].starts_with_key and parts[0].number > 0:
            parts.insert(0, await self.segment(parts[0].number - 1, urgency))
        if len(parts) == 1:
            return segment
        data = await asyncio.to_thread(
            write_independent,
            self.init or b"",
            [part.data for part in parts],
            segment.start,
        )
        return replace(segment, data=data)

    async def close(self) -> None:
        """End what is under way. What somebody waits for ends with ClosedError."""
        self._closed = True
        self._fail(ClosedError())
        if self._producer is not None:
            self._producer.cancel()
            await asyncio.gather(self._producer, return_exceptions=True)
        await asyncio.gather(*self._writes, return_exceptions=True)

    def _file(self, number: int) -> str:
        return f"{self._name}-{number}.m4s"

    def _set_urgency(self) -> None:
        if self._turn is not None and self._demands:
            self._turn.urgency = min(demand.urgency for demand in self._demands)

    def _fail(self, error: Exception, *, first: float = 0, last: float = inf) -> None:
        for demand in self._demands:
            if not demand.segment.done() and first <= demand.number <= last:
                demand.segment.set_exception(error)

    async def _produce(self) -> None:
        """Export until nobody waits any more."""
        while demand := self._next_demand():
            self._turn = self._gate.new_turn(demand.urgency)
            self._set_urgency()
            try:
                async with self._gate.hold(self._turn):
                    if (next_one := self._next_demand()) is None:
                        return
                    demand = next_one
                    await self._export(demand, self._turn)
            except (VapixError, PlaybackError) as err:
                if isinstance(err, RefusedError) and err.code in OUTSIDE:
                    err = NoFootageError(str(err))
                if isinstance(err, NoFootageError):
                    # Elsewhere there may be something.
                    self._fail(err, first=demand.number, last=demand.number)
                else:
                    self._fail(err)
            except BaseException:
                self._fail(ClosedError())
                raise
            finally:
                self._turn = None

    def _next_demand(self) -> _Demand | None:
        """Return the most urgent, of these the one that has waited longest."""
        waiting = [demand for demand in self._demands if not demand.segment.done()]
        return min(
            waiting, key=lambda demand: (demand.urgency, demand.since), default=None
        )

    async def _export(self, demand: _Demand, turn: Turn) -> None:
        """Export from the demanded segment on, for as long as there is a demand."""
        start = self.moment(self.grid.at(demand.number))
        limit = start + EXPORT_LIMIT
        if self.stop is not None:
            limit = min(limit, self.stop)
        if limit <= start:
            raise NoFootageError
        properties = await self._client.fetch_export_properties(self.key, start, limit)
        run = _Run(
            turn=turn,
            end=self.seconds(properties.stop),
            # A camera may leave out the fraction of a second.
            is_to_the_end=limit == self.stop
            or properties.stop < limit - timedelta(seconds=1),
            asked=demand.number,
            position=demand.number,
            last_wanted=time.monotonic(),
        )
        self._run = run
        try:
            await read_export(
                self._client,
                self.key,
                properties,
                partial(
                    self._cut,
                    demand.number,
                    properties,
                    run,
                    asyncio.get_running_loop(),
                ),
                partial(self._is_wanted, run),
            )
        finally:
            self._run = None
        if demand.segment.done():
            return
        if run.delivered and demand.number < run.position:
            # The camera has gone past it without a frame: it was cleaned up, or there is a gap.
            self._fail(NoFootageError(), first=run.asked, last=run.position - 1)
        elif not run.was_given_up:
            demand.tries += 1
            if demand.tries >= MAX_TRIES:
                demand.segment.set_exception(NoFootageError())

    def _cut(
        self,
        asked: int,
        properties: ExportProperties,
        run: _Run,
        loop: asyncio.AbstractEventLoop,
        source: Pipe,
    ) -> None:
        """Cut an export into segments while it comes. Waits; for a thread."""

        def on_film(film: Film) -> None:
            self.dropped_audio = film.dropped_audio

        def deliver(segment: Segment, init: bytes) -> None:
            loop.call_soon_threadsafe(self._receive, run, source, segment, init)

        Segmenter(
            self.grid,
            asked=asked,
            begins=self.seconds(properties.start),
            deliver=deliver,
            on_film=on_film,
        ).run(source)

    def _is_wanted(self, run: _Run) -> bool:
        """Return whether the export should go on, and note if not."""
        run.was_given_up = not self._should_go_on(run)
        return not run.was_given_up

    def _should_go_on(self, run: _Run) -> bool:
        now = time.monotonic()
        waiting = [each for each in self._demands if not each.segment.done()]
        ahead = run.position + AHEAD_SECONDS / self.grid.length
        near = [each for each in waiting if run.position <= each.number <= ahead]
        if near:
            run.last_wanted = now
            elsewhere = [each for each in waiting if each not in near]
            if run.turn.is_outranked or _most_urgent(elsewhere) < _most_urgent(near):
                return False
            return run.delivered < FAIR_SHARE or not (
                elsewhere or run.turn.is_contested
            )
        if waiting or run.turn.is_contested:
            return False
        return now - run.last_wanted < GRACE_SECONDS

    def _receive(self, run: _Run, source: Pipe, segment: Segment, init: bytes) -> None:
        """Take a segment from the thread."""
        if run is not self._run:
            # Of an export that was ended: it may be cut short.
            return
        if not segment.is_whole and (
            # It was cut short where the export was broken off, however near to its end that was.
            source.is_aborted
            or not (run.is_to_the_end and segment.stop >= run.end - END_TOLERANCE)
        ):
            # There is more of it.
            return
        self.init = self.init or init
        if segment.number >= run.asked:
            run.position = segment.number + 1
            run.delivered += 1
        if segment.is_whole or self.stop is not None:
            self._keep(segment)
        for demand in self._demands:
            if demand.number == segment.number and not demand.segment.done():
                demand.segment.set_result(segment)
                run.last_wanted = time.monotonic()

    def _keep(self, segment: Segment) -> None:
        if self._file(segment.number) in self._cache:
            return
        # Until it is written it is served from here.
        self._known[segment.number] = segment
        task = asyncio.get_running_loop().create_task(self._write(segment))
        self._writes.add(task)
        task.add_done_callback(self._writes.discard)

    async def _write(self, segment: Segment) -> None:
        # Without room it was delivered all the same to whoever waited for it.
        with suppress(NoRoomError, ClosedError):
            await self._cache.write(self._file(segment.number), segment.data)
        self._known[segment.number] = replace(segment, data=b"")


def _most_urgent(demands: list[_Demand]) -> int:
    return min((demand.urgency for demand in demands), default=len(Urgency))
