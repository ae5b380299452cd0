"""The segments of one recording, from the cache or from the camera."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from math import inf
import time
from typing import TYPE_CHECKING, Final

from ..vapix import RefusedError, VapixError
from .errors import (
    BusyError,
    ClosedError,
    IndexLastError,
    NoFootageError,
    NoRoomError,
    PlaybackError,
    SlowError,
)
from .exports import read_export
from .film import TOLERANCE
from .fragments import write_independent
from .gate import Urgency
from .pipe import Pipe
from .segments import Grid, Segment, Segmenter
from .threads import begin, wait_for_end

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
    from .whole import WholeFilm

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
# Nor more than this where a film can only be read when all of it has come.
SHORT_EXPORT: Final = timedelta(seconds=20)
# Where key frames are far apart, an export comes a long way before it is where it was asked for. It goes
# on until then, as it would have to begin anew for who asks again.
LINGER_SECONDS: Final = 120.0
# How far the end of a film may lie before the end that the camera has told. One that ends earlier is
# believed when another export ends there, too.
END_TOLERANCE: Final = 1.5
# An end that is told in whole seconds may be up to one too early.
END_MARGIN: Final = timedelta(seconds=1)
# How far the beginning of a film may lie after what was asked for, or its end before that; else there is
# nothing, as it was cleaned up, for example.
LATE_SECONDS: Final = 10.0
MAX_TRIES: Final = 2
# So many segments after the end of a film, others are asked for: it might be a gap.
OVER: Final = 30
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
    way: float
    """How long before what it was begun for it begins, in seconds of film."""
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
    """The segments with which it ended, and the initialisation section."""


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
        # Segments in which no frame lies, and when the next one does.
        self._empty: dict[int, float] = {}
        self._is_whole_first = False
        # Before this one there is nothing any more.
        self._first = 0
        # Segments after the end of the film, which are not asked for one by one.
        self._over = range(0)
        # Where the last export has ended that came to the end of a film.
        self._early_end: float | None = None
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
        if number in self._empty:
            return min(self.grid.at(number), self._empty[number])
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
        if number in self._empty or number in self._over:
            raise NoFootageError
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
        before = number
        if segment.is_open and number - 1 in self._empty:
            # What is shown before the key frame is what is seen in the pause.
            before -= 1
        first = await self.key_before(before, urgency)
        if first >= number and not segment.is_open:
            return segment
        hidden = self._between(first, number)
        write = partial(write_independent, start=segment.start)
        return replace(
            segment, data=await self._write_after(hidden, [number], write, urgency)
        )

    async def still(self, number: int, urgency: Urgency) -> bytes | None:
        """Return a fragment with the picture that is still seen in a segment that holds no frame.

        It can be decoded without the ones before. None where there is no such picture. Raises as
        ``segment``.
        """
        start, following = self.grid.at(number), self.silent_until(number)
        if number < self._first or following is None or following <= start + TOLERANCE:
            return None
        hidden = self._between(await self.key_before(number, urgency), number)
        if not hidden:
            return None
        stop = self.grid.last_until(number, following)
        write = partial(write_independent, start=start, still_until=stop)
        return await self._write_after(hidden, [], write, urgency)

    def _between(self, first: int, after: int) -> list[int]:
        """Return the segments that hold frames, from the first one up to another."""
        return [each for each in range(first, after) if each in self._known]

    async def _write_after(
        self,
        hidden: list[int],
        shown: list[int],
        write: Callable[..., bytes],
        urgency: Urgency,
    ) -> bytes:
        """Return what is written of segments, some of which are hidden. Raises as ``segment``."""
        pipe = Pipe()
        frames = sum(self._known[each].frames for each in hidden)
        making = begin(write, pipe, hidden=frames)
        # Whatever ends it, nothing is read any more.
        making.add_done_callback(lambda _: pipe.abort())
        try:
            await pipe.write(self.init or b"")
            for each in (*hidden, *shown):
                await pipe.write((await self.segment(each, urgency)).data)
            pipe.end()
            await asyncio.wait([making])
            return making.result()
        finally:
            pipe.abort()
            await wait_for_end(making)

    async def key_before(self, number: int, urgency: Urgency) -> int:
        """Return the segment with the key frame from which another can be decoded.

        Where that one holds no frame, it is the one from which the last frame before it can be; and where
        the film begins a little later, the first one. Raises as ``segment``.
        """
        try:
            await self.segment(number, urgency)
        except NoFootageError:
            if self.init is None:
                # Nothing has come of the film yet.
                raise
            number = self._nearest(number)
        while number > self._first:
            if number not in self._empty:
                segment = self._known.get(number) or await self.segment(number, urgency)
                if segment.starts_with_key:
                    break
            number -= 1
        return number

    def _nearest(self, number: int) -> int:
        """Return which segment to take in place of one without a frame. NoFootageError if there is none."""
        moment = self.grid.at(number)
        if number < self._first:
            if self.start_of(self._first) - moment < LATE_SECONDS:
                return self._first
        elif number in self._empty:
            return number
        elif self._early_end and moment - self._early_end < LATE_SECONDS:
            return self.grid.containing(self._early_end - TOLERANCE)
        raise NoFootageError

    def silent_until(self, number: int) -> float | None:
        """Return when the next frame is, where an export has shown that a segment holds none."""
        return self._empty.get(number)

    def why_late(self) -> PlaybackError:
        """Return why somebody has waited for long."""
        if self._run is None or self._run.way <= self.grid.length:
            return BusyError()
        return SlowError(self._run.way)

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
        limit = start + (SHORT_EXPORT if self._is_whole_first else EXPORT_LIMIT)
        end = self.stop and self.stop + END_MARGIN
        if end is not None:
            limit = min(limit, end)
        if limit <= start:
            raise NoFootageError
        properties = await self._client.fetch_export_properties(self.key, start, limit)
        run = _Run(
            turn=turn,
            end=self.seconds(properties.stop),
            # A camera may leave out the fraction of a second.
            is_to_the_end=limit == end
            or properties.stop < limit - timedelta(seconds=1),
            way=(start - properties.start).total_seconds(),
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
                    properties,
                    run,
                    asyncio.get_running_loop(),
                ),
                partial(self._is_wanted, run),
                stop=limit if limit == end else None,
                may_wait=self._is_whole_first or limit - start <= SHORT_EXPORT,
            )
        except IndexLastError:
            # Whoever waits gets it by a shorter export.
            self._is_whole_first = True
            return
        finally:
            self._run = None
        is_over = False
        if run.tail and not run.was_given_up:
            last = run.tail[-1][0]
            is_as_told = run.is_to_the_end and last.stop >= run.end - END_TOLERANCE
            if is_as_told or self._is_believed(last.stop):
                for segment, init in run.tail:
                    self._take(run, segment, init)
                is_over = self.stop is not None
            if is_over:
                after = max(last.number, demand.number)
                self._over = range(last.number + 1, after + OVER)
                self._fail(NoFootageError(), first=last.number + 1, last=after + OVER)
            self._early_end = last.stop
        if demand.segment.done() or run.was_given_up:
            return
        demand.tries += 1
        if is_over or demand.tries >= MAX_TRIES:
            demand.segment.set_exception(NoFootageError())

    def _is_believed(self, end: float) -> bool:
        """Return whether exports end early at the same place, or later where the recording goes on."""
        if self._early_end is None:
            return False
        later = end - self._early_end
        return abs(later) < TOLERANCE or (self.stop is None and later > 0)

    def _cut(
        self,
        properties: ExportProperties,
        run: _Run,
        loop: asyncio.AbstractEventLoop,
        source: Pipe | WholeFilm,
    ) -> None:
        """Cut an export into segments while it comes. Waits; for a thread."""

        def on_film(film: Film) -> None:
            self.dropped_audio = film.dropped_audio

        def deliver(segment: Segment, init: bytes) -> None:
            loop.call_soon_threadsafe(self._receive, run, source, segment, init)

        Segmenter(
            self.grid,
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
        is_on_its_way = not run.delivered and (
            run.way > AHEAD_SECONDS or now - run.began > AHEAD_SECONDS
        )
        return now - run.last_wanted < (
            LINGER_SECONDS if is_on_its_way else GRACE_SECONDS
        )

    def _receive(
        self, run: _Run, source: Pipe | WholeFilm, segment: Segment, init: bytes
    ) -> None:
        """Take a segment from the thread."""
        if run is not self._run:
            # Of an export that was ended: it may be cut short.
            return
        if not segment.is_whole:
            # Else it was cut short where the export was broken off, however near to its end that was.
            if not source.is_aborted:
                run.tail.append((segment, init))
            return
        self._take(run, segment, init)

    def _take(self, run: _Run, segment: Segment, init: bytes) -> None:
        """Keep a segment, and give it to those who wait."""
        self.init = self.init or init
        before = run.asked - 1 if run.last_number is None else run.last_number
        if run.last_number is None and segment.number > run.asked:
            self._first = max(self._first, segment.number)
        run.last_number = segment.number
        if segment.number >= run.asked:
            run.position = segment.number + 1
            run.delivered += 1
        self._empty.update(
            dict.fromkeys(range(before + 1, segment.number), segment.start)
        )
        self._empty.pop(segment.number, None)
        if segment.is_whole or self.stop is not None:
            self._keep(segment)
        for demand in self._demands:
            if demand.segment.done():
                continue
            if demand.number in self._empty:
                demand.segment.set_exception(NoFootageError())
                run.last_wanted = time.monotonic()
            elif demand.number == segment.number:
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
