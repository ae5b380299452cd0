"""The files that recordings are exported as."""

from datetime import timedelta
from fractions import Fraction
from heapq import heappush, heappushpop
from pathlib import Path
import tempfile
from typing import TYPE_CHECKING, Final, NamedTuple, override

import av
from av import Packet

if TYPE_CHECKING:
    from datetime import datetime

    from av.container import OutputContainer
    from av.stream import Stream

    from .coded_video import CodedVideo
    from .samples import Sample


class FileFormat(NamedTuple):
    """A kind of file, and which video fits into it.

    It is `streamed` if it is written from front to back, so that it can be sent meanwhile. In one of
    `rising` times no frame is stamped earlier than one that is shown before it.
    """

    muxer: str
    content_type: str
    ending: str
    options: dict[str, str]
    excluded: tuple[str, ...] = ()
    streamed: bool = True
    rising: bool = False


def _mp4(*movflags: str, streamed: bool = False) -> FileFormat:
    return FileFormat(
        "mp4",
        "video/mp4",
        "mp4",
        {"movflags": "+".join(movflags)} if movflags else {},
        excluded=("image/jpeg",),
        streamed=streamed,
        rising=True,
    )


MATROSKA: Final = FileFormat(
    "matroska", "video/x-matroska", "mkv", {"cluster_time_limit": "1000"}
)
MP4S: Final = {
    "fragmented": _mp4(
        "empty_moov", "default_base_moof", "frag_keyframe", streamed=True
    ),
    "index_first": _mp4("faststart"),
    "index_last": _mp4(),
}
"""How a camera writes mp4 is unconfirmed."""
FORMATS: Final = {"matroska": MATROSKA, "mp4": MP4S["fragmented"]}
"""By the names of the API."""

TICK: Final = timedelta(microseconds=1)
TIME_BASE: Final = Fraction(1, 1_000_000)
LEAST_STEP: Final = timedelta(milliseconds=1)
"""By how much time goes on at least where it must not go back."""


class _Outlet:
    """Takes what a muxer writes; as it can't seek, the muxer never goes back."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    @property
    def target(self) -> _Outlet | str:
        """What to open for writing."""
        return self

    def write(self, data: bytes) -> int:
        self._written.append(bytes(data))
        return len(data)

    def drain(self) -> bytes:
        """Give what has been written since the last time."""
        data = b"".join(self._written)
        self._written.clear()
        return data

    def close(self) -> bytes:
        """Give the rest, once the muxer has ended."""
        return self.drain()


class _Store(_Outlet):
    """A file in which the muxer goes back and forth, so that it is there as a whole only."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()

    @property
    @override
    def target(self) -> str:
        return str(Path(self._folder.name, "export"))

    @override
    def close(self) -> bytes:
        data = Path(self.target).read_bytes()
        self._folder.cleanup()
        return data


def _write_duration(duration: timedelta) -> str:
    minutes, rest = divmod(duration, timedelta(minutes=1))
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest.total_seconds():09.6f}"


class _Times:
    """When the frames of a file are shown and decoded, in microseconds from its beginning.

    It begins at 0 with frame `first`, or a little earlier where others are shown before it.
    """

    def __init__(self, coded_video: CodedVideo, first: int, *, rising: bool) -> None:
        self._timeline = timeline = coded_video.timeline
        self._rising = rising and bool(timeline.steps)
        self._sent: list[int] = []
        base = min([first, *coded_video.leading(first)])
        self._offset = timeline.time(first) - timeline.stamp(first)
        self.begin = timeline.time(base) - self._offset
        self._raised = {base: self.begin}
        if not self._rising:
            self.begin = min(self.begin, timeline.least_stamp(base))
        self._ahead = [
            self.begin - (timeline.time(base) - timeline.time(base - back))
            for back in range(coded_video.reorder_depth, 0, -1)
        ]

    def of(self, frame: int) -> tuple[int, int]:
        """Report a frame; they come as they are decoded."""
        shown, decoded = self._shown(frame), self._decoded(frame)
        return (shown - self.begin) // TICK, (decoded - self.begin) // TICK

    def of_sound(self, seconds: float) -> tuple[int, int]:
        """Report a piece of sound, by its second from the recording's origin."""
        timeline = self._timeline
        shown = timeline.origin + timedelta(seconds=seconds) - self._offset
        decoded = shown
        if timeline.steps and not self._rising:
            frame = int(seconds * timeline.rate)
            shown += timeline.stamp(frame) - timeline.time(frame) + self._offset
            decoded = min(shown, timeline.least_stamp(frame, is_sound=True))
        return (shown - self.begin) // TICK, (decoded - self.begin) // TICK

    def _decoded(self, frame: int) -> datetime:
        """Give the stamp of the frame that is shown so many later as frames change places.

        By then, all that are shown up to it have been sent.
        """
        if self._ahead:
            heappush(self._sent, frame)
            return self._ahead.pop(0)
        passed = heappushpop(self._sent, frame)
        return (
            self._shown(passed) if self._rising else self._timeline.least_stamp(passed)
        )

    def _shown(self, frame: int) -> datetime:
        if not self._rising:
            return self._timeline.stamp(frame)
        known = max(self._raised)
        for each in self._timeline.between(known + 1, frame + 1):
            self._raised[each] = max(
                self._raised[known] + LEAST_STEP, self._timeline.stamp(each)
            )
            known = each
        return self._raised[frame]


class Muxer:
    """Writes the samples of a window into a file whose time begins at 0."""

    def __init__(
        self,
        coded_video: CodedVideo,
        file_format: FileFormat,
        first: int,
        *,
        announced: timedelta | None = None,
    ) -> None:
        """Begin a file with frame `first`; `announced` is a duration for its header."""
        self._coded_video = coded_video
        self._times = _Times(coded_video, first, rising=file_format.rising)
        self._outlet = _Outlet() if file_format.streamed else _Store()
        self._container: OutputContainer = av.open(
            self._outlet.target,
            "w",
            format=file_format.muxer,
            container_options={**file_format.options, "flush_packets": "1"},
        )
        rate = coded_video.timeline.rate
        video = self._container.add_stream(coded_video.coding.encoder, rate=rate)
        coded_video.configure(video.codec_context)
        if announced is not None:
            # The muxer of FFmpeg takes the duration of a file that it can't go back in from here.
            self._container.metadata["DURATION"] = _write_duration(announced)
        self._video: Stream = video
        self._audio: Stream | None = None
        sound = coded_video.sound
        if sound is not None:
            audio = self._container.add_stream(sound.encoder, rate=sound.samplerate)
            sound.configure(audio.codec_context)
            self._audio = audio

    def begin(self) -> bytes:
        """Write the header."""
        self._container.start_encoding()
        return self._outlet.drain()

    def add(self, sample: Sample) -> bytes:
        """Write a sample; give the bytes that are due, of this and of earlier ones."""
        packet: Packet[Stream]
        if self._audio is None or sample.kind == "video":
            packet = Packet(self._coded_video.fill(sample.data))
            packet.stream, packet.time_base = self._video, TIME_BASE
            packet.pts, packet.dts = self._times.of(sample.place)
            packet.duration = round(1 / self._coded_video.timeline.rate / TIME_BASE)
        else:
            packet = Packet(sample.data)
            packet.stream, packet.time_base = self._audio, TIME_BASE
            packet.pts, packet.dts = self._times.of_sound(sample.time)
        packet.is_keyframe = sample.key
        self._container.mux(packet)
        return self._outlet.drain()

    def finish(self) -> bytes:
        """Write the end."""
        self._container.close()
        return self._outlet.close()
