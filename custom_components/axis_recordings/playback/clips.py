"""Write a part of a recording as one MP4 that can be played from its beginning and sought in."""

import asyncio
from collections.abc import (
    AsyncGenerator,
    Callable,
    Coroutine,
    Iterable,
    Iterator,
)
from contextlib import aclosing, closing, suppress
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Final

import av

from ..helpers.threads import begin, wait_for_end
from .errors import InvalidVideoError, NothingRecordedError
from .export_queue import Priority
from .export_stream import most_bytes
from .fragments import Copier, between
from .frame_order import TICK
from .pipe import Pipe
from .reader import TOLERANCE, VideoReader

if TYPE_CHECKING:
    from pathlib import Path

    from .samples import Readable, Sample
    from .segment_source import SegmentSource
    from .segments import Segment

_OPTIONS: Final = {
    # The index goes before the frames, so that players begin at once.
    "movflags": "faststart",
    # FFmpeg holds frames until their sound has come, in microseconds; it may never come.
    "max_interleave_delta": "1000000",
}

# More frames and pieces of sound than any camera sends for a second of video, and for the shortest: an MP4 has each
# in its index, which is in memory until the end.
_MOST_PER_SECOND: Final = 500
_LEAST_PACKETS: Final = 5_000

# What goes on is written to the camera's disk a little later.
LAG_SECONDS: Final = 10.0

type Progress = Callable[[float], None]
"""Called with how much is done, from 0 to 1."""
type RequireRoom = Callable[[int, int], Coroutine[None, None, None]]
"""Raises NoRoomError unless so many bytes fit, of which some are written already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """What was written. Times are in seconds on the timeline of the recording."""

    start: float
    """Of the first frame: the key frame before the wanted start."""
    end: float

    @property
    def duration(self) -> float:
        """Return the length in seconds."""
        return self.end - self.start


async def leave_to_the_disk(_size: int, _written: int) -> None:
    """Let writing show whether there is room."""


async def write_clip(
    source: SegmentSource,
    path: Path,
    *,
    start: float,
    end: float,
    needs_end: bool = False,
    progress: Progress | None = None,
    require_room: RequireRoom = leave_to_the_disk,
) -> Clip:
    """Write the frames from the key frame before the start up to the end, or to where the video ends before it.

    They come as segments, so what is cached is not exported again, and a player may come in between.
    With ``needs_end``, NothingRecordedError is raised if the end is not there. ``require_room`` is asked before
    each is written. Raises VapixError, PlaybackError, OSError; a file that was begun is the caller's to remove.
    """
    first = segment = await _first_segment(source, start)
    number_of_them = source.grid.containing(end) - first.number + 1
    pipe = Pipe()
    # In a pause, the last frame is seen for longer than its segment says.
    writing = begin(_write, pipe, path, start, end, lambda: segment.end)
    # Whatever ends it, nothing is read any more.
    writing.add_done_callback(lambda _: pipe.abort())
    written = 0
    try:
        await pipe.write(source.init or b"")
        segments = _segments_from(source, first, end, needs_end=needs_end)
        async with aclosing(segments):
            async for segment in segments:
                await require_room(written + len(segment.data), written)
                written += len(segment.data)
                await pipe.write(segment.data)
                if progress is not None:
                    done = segment.number - first.number + 1
                    progress(min(1.0, done / number_of_them))
                if writing.done():
                    break
        pipe.end()
        await asyncio.wait([writing])
        clip = writing.result()
        if progress is not None:
            progress(1.0)
        return clip
    finally:
        pipe.abort()
        await wait_for_end(writing)


async def _first_segment(source: SegmentSource, start: float) -> Segment:
    """Return the segment that begins with the key frame before the start."""
    number = source.grid.containing(start)
    number = await source.key_before(number, Priority.JOB)
    segment = await source.segment(number, Priority.JOB)
    if segment.start > start + TOLERANCE:
        # After a pause, the last frame before the start lies in an earlier segment.
        with suppress(NothingRecordedError):
            number = await source.key_before(number - 1, Priority.JOB)
            return await source.segment(number, Priority.JOB)
    return segment


async def _segments_from(
    source: SegmentSource, segment: Segment, end: float, *, needs_end: bool
) -> AsyncGenerator[Segment]:
    """Give a segment and those that follow, up to the end."""
    yield segment
    number = segment.number
    # What is shown before the end may be decoded much later, so the numbers don't show the last one.
    while segment.end < end - TOLERANCE:
        number = _next(source, number)
        try:
            segment = await source.segment(number, Priority.JOB)
        except NothingRecordedError:
            if source.silent_until(number) is not None:
                continue
            if needs_end and segment.end < end - LAG_SECONDS:
                raise
            return
        yield segment


def _next(source: SegmentSource, number: int) -> int:
    """Return the segment after another; after a pause of which nothing has to be asked."""
    following = source.silent_until(number)
    return max(number + 1, source.grid.containing(following) if following else 0)


def _write(
    source: Readable,
    path: Path,
    start: float,
    end: float,
    video_end: Callable[[], float],
) -> Clip:
    """Write a clip. ``video_end`` returns until when the last frame is seen, once all was read."""
    reader = VideoReader(source, None)
    try:
        groups = between(reader, start, end)
        first = next(groups, None)
        if first is None:
            raise NothingRecordedError
        begin = shown_until = first[0].time
        with av.open(str(path), "w", format="mp4", options=_OPTIONS) as container:
            copier = Copier(reader, container)
            size = packets = 0
            for group in _until_end(chain([first], groups), video_end):
                packets += len(group)
                size += sum(each.packet.size for each in group)
                if size > most_bytes(end - begin) or packets > (
                    _LEAST_PACKETS + _MOST_PER_SECOND * (end - begin)
                ):
                    message = "The video is larger than any camera makes it"
                    raise InvalidVideoError(message)
                for sample in group:
                    if sample.is_video:
                        limit = max(end - sample.time, TICK)
                        sample.duration = min(sample.duration, limit)
                        shown_until = max(shown_until, sample.time + sample.duration)
                copier.copy(group, shift=-begin)
        return Clip(start=begin, end=shown_until)
    finally:
        reader.close()


def _until_end(
    groups: Iterable[list[Sample]], video_end: Callable[[], float]
) -> Iterator[list[Sample]]:
    """Let the last frame be seen until the end."""
    held: list[Sample] = []
    for group in groups:
        if not group[0].is_video:
            yield group
            continue
        if held:
            yield held
        held = group
    if held:
        last = max(held, key=attrgetter("time"))
        last.duration = max(last.duration, video_end() - last.time)
        yield held


def join_clips(sources: list[Path], path: Path) -> int:
    """Write MP4s one after the other into one, and return how many from the first on fit into it.

    Those fit that are coded with the same settings, and whose first frame ends the count by which those
    before are shown. Waits; for a thread.
    """
    number, shift = 0, 0.0
    with (
        closing(VideoReader(str(sources[0]), None)) as model,
        av.open(str(path), "w", format="mp4", options=_OPTIONS) as container,
    ):
        copier = Copier(model, container)
        for source in sources:
            # One at a time, as each takes a file and the memory of its index.
            with closing(VideoReader(str(source), None)) as reader:
                groups = reader.groups()
                first = next(groups)
                if number and not (_are_alike(model, reader) and reader.begins_anew):
                    break
                number += 1
                length = 0.0
                for group in chain([first], groups):
                    copier.copy(group, shift=shift)
                    ends = (
                        each.time + each.duration for each in group if each.is_video
                    )
                    length = max(length, *ends, 0.0)
                shift += length
    return number


def _are_alike(first: VideoReader, other: VideoReader) -> bool:
    """Return whether one set of headers serves both."""
    return _coding(first) == _coding(other)


def _coding(reader: VideoReader) -> tuple[object, ...]:
    video, audio = (
        reader.video.codec_context,
        reader.audio and reader.audio.codec_context,
    )
    return (
        video.name,
        video.extradata,
        video.width,
        video.height,
        audio and (audio.name, audio.extradata, audio.sample_rate),
    )
