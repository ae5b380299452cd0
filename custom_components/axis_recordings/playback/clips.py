"""Write a part of a recording as one MP4 that can be played from its beginning and sought in."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, count
from operator import attrgetter
from typing import TYPE_CHECKING, Final

import av

from .errors import NoFootageError
from .film import TOLERANCE, Film, decodable
from .fragments import Copier
from .order import TICK
from .pipe import Pipe
from .threads import begin, wait_for_end

if TYPE_CHECKING:
    from pathlib import Path

    from .film import Readable, Sample
    from .footage import Footage
    from .gate import Urgency

# The index goes before the pictures, so that players begin at once.
_OPTIONS: Final = {"movflags": "faststart"}

# What goes on is written to the camera's disk a little later.
LAG_SECONDS: Final = 10.0

type Progress = Callable[[float], None]
"""Told how much is done, from 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """What was written. Times are in seconds on the timeline of the recording."""

    start: float
    """Of the first frame: the key frame before the wanted start."""
    stop: float

    @property
    def duration(self) -> float:
        """Return the length in seconds."""
        return self.stop - self.start


async def write_clip(
    footage: Footage,
    path: Path,
    *,
    start: float,
    stop: float,
    urgency: Urgency,
    progress: Progress | None = None,
) -> Clip:
    """Write the frames from the key frame before the start up to the stop.

    They come as segments, so what is cached is not exported again, and a viewer may come in between.
    Raises VapixError, PlaybackError, OSError; a file that was begun is the caller's to remove.
    """
    grid = footage.grid
    first, last = grid.containing(start), grid.containing(stop)
    first = await footage.key_before(first, urgency)
    segment = await footage.segment(first, urgency)
    if segment.start > start + TOLERANCE:
        # After a pause, the last frame before the start lies in an earlier segment.
        with suppress(NoFootageError):
            first = await footage.key_before(first - 1, urgency)
            segment = await footage.segment(first, urgency)
    pipe = Pipe()
    # In a pause, the last picture is seen for longer than its segment tells.
    writing = begin(_write, pipe, path, start, stop, lambda: segment.stop)
    # Whatever ends it, nothing is read any more.
    writing.add_done_callback(lambda _: pipe.abort())
    try:
        await pipe.write(footage.init or b"")
        await pipe.write(segment.data)
        # What is shown before the stop may be decoded much later, so the numbers don't tell the last one.
        for number in count(first + 1):
            if progress is not None:
                progress(min(1.0, (number - first) / (last - first + 1)))
            if segment.stop >= stop - TOLERANCE or writing.done():
                break
            try:
                segment = await footage.segment(number, urgency)
            except NoFootageError:
                if footage.silent_until(number) is not None:
                    continue
                if footage.stop is None and segment.stop < stop - LAG_SECONDS:
                    raise
                break
            await pipe.write(segment.data)
        pipe.end()
        await asyncio.wait([writing])
        clip = writing.result()
        if progress is not None:
            progress(1.0)
        return clip
    finally:
        pipe.abort()
        await wait_for_end(writing)


def _write(
    source: Readable,
    path: Path,
    start: float,
    stop: float,
    film_end: Callable[[], float],
) -> Clip:
    """Write a clip. ``film_end`` tells until when the last picture is seen, once all was read."""
    film = Film(source, None)
    try:
        groups = _between(film, start, stop)
        first = next(groups, None)
        if first is None:
            raise NoFootageError
        begin = end = first[0].time
        with av.open(str(path), "w", format="mp4", options=_OPTIONS) as container:
            copier = Copier(film, container)
            for group in _until_end(chain([first], groups), film_end):
                for sample in group:
                    if sample.is_video:
                        limit = max(stop - sample.time, TICK)
                        sample.duration = min(sample.duration, limit)
                        end = max(end, sample.time + sample.duration)
                copier.copy(group, shift=-begin)
        return Clip(start=begin, stop=end)
    finally:
        film.close()


def _until_end(
    groups: Iterable[list[Sample]], film_end: Callable[[], float]
) -> Iterator[list[Sample]]:
    """Let the last picture be seen until the end."""
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
        last.duration = max(last.duration, film_end() - last.time)
        yield held


def _between(film: Film, start: float, stop: float) -> Iterator[list[Sample]]:
    """Return the groups from the last key frame up to the start on, until the stop.

    The first one is that key frame, or the film's first one where it begins later.
    """
    held: list[list[Sample]] = []
    is_begun = False
    for group in film.groups():
        first = group[0]
        begin = min(each.time for each in group)
        if begin >= stop - TOLERANCE:
            # The sound of a segment comes after its pictures.
            continue
        if is_begun:
            yield group
        elif first.is_video and (
            not held or (first.is_key and first.time <= start + TOLERANCE)
        ):
            sound = [
                each
                for each in held
                if not each[0].is_video and each[0].time >= first.time
            ]
            held = [*decodable([group]), *sound]
        else:
            held.append(group)
            is_begun = first.is_video and begin > start + TOLERANCE
            if is_begun:
                yield from held
    if not is_begun:
        yield from held


def join_clips(sources: list[Path], path: Path) -> int:
    """Write MP4s one after the other into one, and return how many from the first on fit into it.

    Those fit that are coded with the same settings, and whose first picture ends the count by which those
    before are shown. Waits; for a thread.
    """
    films = [Film(str(source), None) for source in sources]
    try:
        number = 0
        with av.open(str(path), "w", format="mp4", options=_OPTIONS) as container:
            copier = Copier(films[0], container)
            shift = 0.0
            for film in films:
                groups = film.groups()
                first = next(groups)
                if number and not (_are_alike(films[0], film) and film.begins_anew):
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
    finally:
        for film in films:
            film.close()


def _are_alike(first: Film, other: Film) -> bool:
    """Return whether one set of headers serves both."""
    return _coding(first) == _coding(other)


def _coding(film: Film) -> tuple[object, ...]:
    video, audio = film.video.codec_context, film.audio and film.audio.codec_context
    return (
        video.name,
        video.extradata,
        video.width,
        video.height,
        audio and (audio.name, audio.extradata, audio.sample_rate),
    )
