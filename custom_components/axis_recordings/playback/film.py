"""Read a camera's film packet by packet. Everything here waits, so it runs in a thread."""

from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from math import inf
from pathlib import Path
import re
from typing import IO, TYPE_CHECKING, Any, Final, Protocol, cast

import av
from av.error import FFmpegError

from .errors import NoKeyFrameError, NotAFilmError, UnplayableError
from .order import Order
from .picture_order import PictureOrder
from .pipe import Pipe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from av.audio.stream import AudioStream
    from av.codec.context import CodecContext
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.stream import VideoStream

MOST_PIXELS: Final = 32 * 1024 * 1024
"""Of a picture: half as many again as the largest of a camera."""
PLAYABLE: Final = ("h264", "hevc", "av1")
"""What is copied as it is. All else would have to be coded anew."""
NAMES: Final = {"mjpeg": "MJPEG"}

# Time stamps of Matroska count milliseconds, so the same frame may be a little off in another export.
TOLERANCE: Final = 0.003
# How long it takes to catch up with what began before the beginning.
_MADE_UP: Final = 1.0
# A film whose first key frame comes later than this has none that is of use.
LONGEST_WAIT: Final = 60.0
# No film of a recording, or of what is saved of several, is longer, in seconds.
_LONGEST: Final = 2 * 24 * 3600.0
# Frames that are shown before one that came earlier: the standards have sixteen.
_MOST_REORDERED: Final = 1000

# The demuxers of FFmpeg by how the films of cameras begin (RFC 8794; ISO 14496-12, 4.3). FFmpeg itself
# would choose one by what follows, so that the sender could choose any, those that open ports among them.
_DEMUXERS: Final = (
    (re.compile(rb"\x1a\x45\xdf\xa3"), "matroska"),
    (re.compile(rb"....ftyp", re.DOTALL), "mov"),
)
_HEAD: Final = 8
_OPTIONS: Final = {
    # The camera sends the beginning of a film at once, but the rest about as slowly as it was recorded:
    # what is not in the headers is not worth waiting for.
    "analyzeduration": "0",
    "fpsprobesize": "0",
    "probesize": "65536",
    "max_streams": "16",
    "max_pixels": str(MOST_PIXELS),
}
_UNKNOWN: Final = "unknown"


class Readable(Protocol):
    """What a film is read from: a pipe, or something in which can be sought as well."""

    def read(self, size: int, /) -> bytes:
        """Return up to so many bytes, none at the end."""


@dataclass(slots=True)
class Sample:
    """A packet of a film. Times are in seconds on the timeline of the recording."""

    packet: Packet[Any]
    time: float
    """When it is shown or heard."""
    duration: float
    is_video: bool
    is_key: bool


def decodable(groups: Iterable[list[Sample]]) -> Iterator[list[Sample]]:
    """Leave out what is shown before the first key frame: it refers to frames that are not there."""
    is_first = True
    for group in groups:
        if is_first and group[0].is_video:
            is_first = False
            yield [each for each in group if each.time >= group[0].time]
        else:
            yield group


def _open(source: Readable | str) -> InputContainer:
    """Return an open film of one of the kinds that cameras send, whatever it refers to."""
    head = _head(source)
    demuxer = next((name for begin, name in _DEMUXERS if begin.match(head)), None)
    if demuxer is None:
        message = "The film begins like no film of a camera"
        raise NotAFilmError(message)
    return av.open(
        # PyAV takes anything that can be read from.
        cast("IO[bytes] | str", source),
        "r",
        format=demuxer,
        options=_OPTIONS
        | {
            "format_whitelist": demuxer,
            "protocol_whitelist": "file" if isinstance(source, str) else "none",
        },
    )


def _head(source: Readable | str) -> bytes:
    """Return how a film begins, and leave it unread."""
    if isinstance(source, str):
        with Path(source).open("rb") as file:
            return file.read(_HEAD)
    if isinstance(source, Pipe):
        return source.peek(_HEAD)
    head = source.read(_HEAD)
    cast("IO[bytes]", source).seek(0)
    return head


def _codec_of(stream: VideoStream | AudioStream) -> str | None:
    """Return the name of a codec, in FFmpeg's words; None if nothing here can decode it."""
    # PyAV's types don't tell that there may be none.
    context = cast("CodecContext | None", stream.codec_context)
    return context.codec.canonical_name if context else None


@contextmanager
def as_film_errors() -> Iterator[None]:
    """Raise NotAFilmError for what FFmpeg's libraries say."""
    try:
        yield
    # PyAV reports what it can't read in many ways, some of them Python's own.
    except (FFmpegError, ArithmeticError, ValueError, IndexError, EOFError) as err:
        message = f"The film can't be read: {type(err).__name__}"
        raise NotAFilmError(message) from err


class Film:
    """A film that begins at a known moment of a recording."""

    def __init__(self, source: Readable | str, begins: float | None) -> None:
        """Read the headers, of a file by its path or of what can be read from.

        ``begins`` is the time of the first frame, in seconds; with None the film's own times hold.
        Raises NotAFilmError.
        """
        with as_film_errors():
            self._container = _open(source)
        videos = self._container.streams.video
        if not videos or _codec_of(videos[0]) is None:
            self.close()
            message = "The film has no video whose codec is known"
            raise NotAFilmError(message)
        self.video: VideoStream = videos[0]
        self.audio: AudioStream | None = None
        self.dropped_audio: str | None = None
        """The codec of the sound, if it is one that can't be copied."""
        if self._container.streams.audio:
            audio = self._container.streams.audio[0]
            codec = _codec_of(audio)
            if codec == "aac":
                self.audio = audio
            else:
                self.dropped_audio = codec or _UNKNOWN
        self.begins_anew = True
        """Whether its first picture may follow those of another film; known when it was read."""
        self._begins = begins
        self._reorders = self.video.codec_context.has_b_frames
        self._pictures = PictureOrder(
            self.codec, self.video.codec_context.extradata or b""
        )

    @property
    def codec(self) -> str:
        """Return the name of the video codec, in FFmpeg's words, whatever decodes it."""
        return _codec_of(self.video) or _UNKNOWN

    @property
    def is_interleaved(self) -> bool:
        """Return whether sound comes with its pictures; an MP4 has it after many of them."""
        return self.audio is None or "mov" not in self._container.format.name

    def require_playable(self) -> None:
        """Raise UnplayableError if players can't show it."""
        if self.codec not in PLAYABLE:
            raise UnplayableError(NAMES.get(self.codec, self.codec))

    def close(self) -> None:
        """Let go of the film."""
        self._container.close()

    def samples(self) -> Iterator[Sample]:
        """Return the packets from the first key frame on, in the order in which they are decoded.

        Raises NotAFilmError, and NoKeyFrameError if there is no key frame.
        """
        first: float | None = None
        key: float | None = None
        with as_film_errors():
            for sample in self._demux():
                if first is None and sample.is_video:
                    first = sample.time
                    if self._begins is None:
                        self._begins = first
                if first is None or self._begins is None:
                    continue
                sample.time = self._place(sample.time + self._begins - first)
                if key is None:
                    if sample.time - self._begins > LONGEST_WAIT:
                        break
                    if not (sample.is_video and sample.is_key):
                        continue
                    key = sample.time
                    self.begins_anew = self._pictures.begins_anew(bytes(sample.packet))
                elif not sample.is_video and sample.time < key - TOLERANCE:
                    continue
                yield sample
        if key is None:
            message = "The film holds no key frame"
            raise NoKeyFrameError(message)

    def break_link(self, key: Sample) -> None:
        """Let a key frame follow any other film; what is shown before it must have been left out."""
        key.packet = av.Packet(self._pictures.break_link(bytes(key.packet)))
        key.packet.is_keyframe = True

    def groups(self, *, is_live: bool = False) -> Iterator[list[Sample]]:
        """Return the packets in groups, each of which is shown before all that follow.

        A group is one packet, or a frame with those that come after it and are shown before it. That
        none of these follows is known with the next group; with ``is_live``, where the film has none
        such, it is not waited for.
        """
        held: list[Sample] = []
        latest = -inf
        for sample in self.samples():
            if not sample.is_video:
                yield [sample]
                continue
            if held:
                latest = held[0].time
            if sample.time > latest:
                latest = sample.time
                if held:
                    yield held
                held = []
            held.append(sample)
            if len(held) > _MOST_REORDERED:
                message = "The film holds frames in no order"
                raise NotAFilmError(message)
            if is_live and not self._reorders:
                yield held
                held = []
        if held:
            yield held

    def _place(self, time: float) -> float:
        """Return a time on the timeline, on which nothing lies before its beginning, or far behind it."""
        begins = self._begins or 0.0
        if abs(time - begins) > _LONGEST:
            message = "The film has a frame that lies far outside"
            raise NotAFilmError(message)
        if begins < 0 and time < _MADE_UP:
            # What is older than the camera's list tells is seen a little faster.
            return (time - begins) * _MADE_UP / (_MADE_UP - begins)
        return time

    def _demux(self) -> Iterator[Sample]:
        """Return all packets, with the film's own times."""
        streams = [self.video, *([self.audio] if self.audio else [])]
        order = Order(is_sure=self.codec == "h264")
        for packet in self._container.demux(streams):
            shown = packet.dts if packet.pts is None else packet.pts
            # The last one of each stream is empty.
            if shown is None or packet.time_base is None:
                continue
            base = packet.time_base.numerator / packet.time_base.denominator
            time, duration = shown * base, (packet.duration or 0) * base
            is_video = packet.stream is self.video
            sample = Sample(packet, time, duration, is_video, packet.is_keyframe)
            if is_video:
                data = bytes(packet)
                is_early = (
                    partial(self._pictures.is_b_frame, data)
                    if self.codec == "h264"
                    else lambda: self._reorders
                )
                order.place(sample, duration, is_early, self._pictures.rank(data))
                self._reorders |= order.reorders
            yield sample
