"""Exports of recordings: what is asked for, and how it is made while it is sent."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Literal

from .recordings import Audio
from .video.coded_video import CodedVideo
from .video.container import FileFormat, Muxer
from .video.excerpt import Excerpt
from .video.reel import Reel
from .video.sound import ENCODERS, Track
from .video.timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator

    from .camera import Camera
    from .recordings import Recording
    from .video.encoding import Encoding

OPEN_GOPS = 3
"""Open groups of pictures that are coded together: every third key frame begins anew."""
MICROSECOND = timedelta(microseconds=1)
FIRST_SLICE, SLICE = 16, 64
"""Samples that are coded before other exports get their turn: few at first, as they are waited
for."""

type Outcome = Literal["waiting", "running", "finished", "lost", "left", "cut"]


class VideoLostError(Exception):
    """What is being exported is not on the disk any more."""


@dataclass(eq=False)
class Export:
    """An export and what became of it.

    It holds the frames from `first`, which is a key frame, up to `last`, which is excluded;
    `start` and `stop` are their times. `spoilt` leaves out what a fault wants to be missing.
    `outcome` is `left` if the client went away, `lost` if the recording did, `cut` by a fault.
    """

    recording: Recording
    coded_video: CodedVideo
    file_format: FileFormat
    first: int
    last: int
    user: str = ""
    spoilt: Literal["key_frames", "frames"] | None = None
    outcome: Outcome = "waiting"
    bytes_sent: int = 0

    @property
    def start(self) -> datetime:
        """The time of the first frame."""
        return self.coded_video.timeline.stamp(self.first)

    @property
    def stop(self) -> datetime:
        """The time at which the last frame ends."""
        return self.coded_video.timeline.stamp(self.last)

    @property
    def estimated_size(self) -> int:
        """About how many bytes the file has."""
        seconds = (self.stop - self.start).total_seconds()
        return round(seconds * self.coded_video.bytes_per_second)


def coded_video_of(recording: Recording, camera: Camera) -> CodedVideo:
    """Return what a recording shows, which is the same whenever it is asked for."""
    video, width = recording.video, camera.picture_width or recording.video.width
    gop = recording.gop if recording.gop is not None else camera.gop
    encoding = recording.encoding or camera.encoding
    audio = recording.audio or (Audio() if camera.quirks.audio else None)
    if audio is not None and audio.mimetype not in ENCODERS:
        audio = None
    return CodedVideo(
        _timeline(
            recording,
            Fraction(video.framerate.replace(":", "/")),
            gop if isinstance(gop, tuple) else (gop,),
            encoding,
        ),
        mimetype=video.mimetype,
        width=width // 2 * 2,
        height=round(width * video.height / video.width / 2) * 2,
        title=camera.name,
        source=int(recording.source) if recording.source.isdigit() else 0,
        sound=Track(audio.mimetype, audio.samplerate, audio.bitrate) if audio else None,
        bitrate=camera.bitrate,
        encoding=encoding,
    )


def _timeline(
    recording: Recording, rate: Fraction, gop: tuple[float, ...], encoding: Encoding
) -> Timeline:
    timeline = Timeline(
        recording.origin + timedelta(seconds=encoding.late),
        rate,
        gop,
        encoding.pauses,
        encoding.clock_steps,
        gops=OPEN_GOPS if encoding.open_gop and encoding.b_frames else 1,
    )
    if recording.stop is None:
        return timeline
    end = recording.stop - timedelta(seconds=encoding.short)
    # Something was recorded, however short.
    return replace(timeline, frames=max(1, timeline.number_before(end)))


def cut(
    coded_video: CodedVideo,
    recording: Recording,
    now: datetime,
    *,
    start: datetime | None,
    stop: datetime | None,
    resolution: timedelta = MICROSECOND,
) -> tuple[int, int]:
    """Choose the frames of a window, as well as the recording can serve it.

    The first is the key frame before the start (VAPIX: Export recording API); the last is
    excluded. The times that the camera reports are cut off to its `resolution`, and must be
    understood when they come back.
    """
    timeline = coded_video.timeline
    earliest = coded_video.snap(timeline.at_or_before(recording.start))
    end = recording.stop or now
    latest = timeline.frames or timeline.number_before(end)
    first = earliest
    if start is not None:
        start = min(start, end - MICROSECOND)
        first = coded_video.snap(timeline.at_or_before(start))
        reported = coded_video.snap(
            timeline.at_or_before(start + resolution - MICROSECOND)
        )
        if truncate(timeline.stamp(reported), resolution) == start:
            first = reported
    last = latest if stop is None else min(latest, timeline.number_before(stop))
    first = max(earliest, first)
    return first, max(first, last)


def truncate(moment: datetime, resolution: timedelta) -> datetime:
    """Cut off what a time of so many digits can't say."""
    return moment - timedelta(
        microseconds=moment.microsecond % (resolution // MICROSECOND)
    )


class Exporter:
    """Makes the files of the exports of one camera; coding is done in a thread of its own."""

    def __init__(self, camera: Camera) -> None:
        """Export from a camera."""
        self.made: list[Export] = []
        self._camera = camera
        self._reel = Reel()
        self._thread: ThreadPoolExecutor | None = None

    @property
    def open(self) -> int:
        """The number of exports under way."""
        return sum(1 for export in self.made if export.outcome == "running")

    def close(self) -> None:
        """End the thread; exports must have ended."""
        if self._thread is not None:
            self._thread.shutdown(cancel_futures=True)
            self._thread = None

    @contextmanager
    def note(self, export: Export) -> Iterator[AsyncGenerator[bytes]]:
        """Note an export from its beginning to its end, and give its file as it is made."""
        export.outcome = "running"
        self.made.append(export)
        self._camera.begin_export(export)
        try:
            yield self._counted(export)
        finally:
            if export.outcome == "running":
                export.outcome = "left"
            self._camera.end_export(export)

    async def _counted(self, export: Export) -> AsyncGenerator[bytes]:
        async with aclosing(self._file(export)) as pieces:
            async for piece in pieces:
                export.bytes_sent += len(piece)
                yield piece

    async def _file(self, export: Export) -> AsyncGenerator[bytes]:
        announced = (
            export.stop - export.start if self._camera.quirks.export_duration else None
        )
        muxer: Muxer | None = None
        try:
            muxer = await self._run(
                lambda: Muxer(
                    export.coded_video,
                    export.file_format,
                    export.first,
                    announced=announced,
                )
            )
            yield await self._run(muxer.begin)
            async with aclosing(self._body(export, muxer)) as pieces:
                async for piece in pieces:
                    self._check(export)
                    yield piece
            yield await self._run(muxer.finish)
            export.outcome = "finished"
        except VideoLostError:
            export.outcome = "lost"
            raise
        finally:
            if muxer is not None and export.outcome != "finished" and self._thread:
                # What the thread does at the moment may need the file still.
                self._thread.submit(muxer.finish)

    async def _body(self, export: Export, muxer: Muxer) -> AsyncGenerator[bytes]:
        timeline = export.coded_video.timeline
        clock = asyncio.get_running_loop().time
        began, speed = clock(), self._camera.export_speed
        offset = float(export.first / timeline.rate)

        async def wait_until_due(time: float) -> None:
            if speed is not None:
                await asyncio.sleep(began + (time - offset) / speed - clock())

        excerpt = Excerpt(
            timeline, export.first, export.last, self._camera.quirks.export_end
        )
        group, begin = timeline.group_at(export.first), 0
        size = FIRST_SLICE
        while group < export.last and export.spoilt != "frames":
            self._check(export, max(group, export.first))
            read, pieces = await self._run(
                partial(self._some, export, muxer, excerpt, group, begin, size)
            )
            for time, piece in pieces:
                await wait_until_due(time)
                yield piece
            begin += read
            size = SLICE
            if read == 0:
                group, begin = timeline.group_after(group), 0
        if export.spoilt != "frames":
            # The muxer still has some to write.
            await wait_until_due(float(export.last / timeline.rate))

    def _some(
        self,
        export: Export,
        muxer: Muxer,
        excerpt: Excerpt,
        group: int,
        begin: int,
        size: int,
    ) -> tuple[int, list[tuple[float, bytes]]]:
        """Code and mux some samples; give their number, and pieces with when they are due."""
        samples = self._reel.read(export.coded_video, group, begin, size)
        pieces: list[tuple[float, bytes]] = []
        for sample in excerpt.pick(samples):
            if export.spoilt == "key_frames" and sample.kind == "video" and sample.key:
                continue
            piece = muxer.add(sample)
            if piece:
                pieces.append((sample.time, piece))
        return len(samples), pieces

    def _check(self, export: Export, frame: int | None = None) -> None:
        """Look whether the recording is still there."""
        recording = self._camera.recordings.find(export.recording.recording_id)
        if recording is None or recording.disk_id not in self._camera.attached_disks:
            raise VideoLostError
        if frame is not None:
            following = export.coded_video.timeline.key_after(frame)
            if export.coded_video.timeline.stamp(following) <= recording.start:
                raise VideoLostError

    async def _run[T](self, work: Callable[[], T]) -> T:
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "camera-export")
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
