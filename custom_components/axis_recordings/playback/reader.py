"""Read a camera's video packet by packet. Everything here waits, so it runs in a thread."""

from contextlib import contextmanager
from functools import partial
from math import inf
from pathlib import Path
import re
from typing import IO, TYPE_CHECKING, Final, cast

import av
from av.error import FFmpegError

from .codecs import DECODABLE
from .errors import InvalidVideoError, NoKeyFrameError
from .frame_order import Order
from .headers import CheckedBoxes, check_matroska
from .memory import Meter, MeteredSource
from .picture_order import PictureOrder
from .pipe import Pipe
from .samples import Sample

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from av.audio.stream import AudioStream
    from av.codec.context import CodecContext
    from av.container import InputContainer
    from av.video.stream import VideoStream

    from .samples import Readable

MOST_PIXELS: Final = 32 * 1024 * 1024
"""Of a frame: half as many again as the largest of a camera."""

# Time stamps of Matroska count milliseconds, so the same frame may be a little off in another export.
TOLERANCE: Final = 0.003
# How long it takes to catch up with what began before the beginning.
_MADE_UP: Final = 1.0
# A video whose first key frame comes later than this has none that is of use.
LONGEST_WAIT: Final = 60.0
# No video of a recording, or of what is saved of several, is longer, in seconds.
_LONGEST: Final = 2 * 24 * 3600.0
# Frames that are shown before one that came earlier: the standards have sixteen.
_MOST_REORDERED: Final = 1000

# The demuxers of FFmpeg by how the videos of cameras begin (RFC 8794; ISO 14496-12, 4.3). FFmpeg itself
# would choose one by what follows, so that the sender could choose any, those that open ports among them.
_DEMUXERS: Final = (
    (re.compile(rb"\x1a\x45\xdf\xa3"), "matroska"),
    (re.compile(rb"....ftyp", re.DOTALL), "mov"),
)
_HEAD: Final = 8
_OPTIONS: Final = {
    # The camera sends the beginning of a video at once, but the rest about as slowly as it was recorded:
    # what is not in the headers is not worth waiting for.
    "analyzeduration": "0",
    "fpsprobesize": "0",
    "probesize": "65536",
    "max_streams": "16",
    "max_pixels": str(MOST_PIXELS),
    # FFmpeg decodes a little where headers leave something open. Its decoders of AV1 have names of their own.
    "codec_whitelist": ",".join((*DECODABLE, "libdav1d", "libaom-av1", "aac")),
}
_UNKNOWN: Final = "unknown"


def decodable(groups: Iterable[list[Sample]]) -> Iterator[list[Sample]]:
    """Leave out what is shown before the first key frame: it refers to frames that are not there."""
    is_first = True
    for group in groups:
        if is_first and group[0].is_video:
            is_first = False
            yield [each for each in group if each.time >= group[0].time]
        else:
            yield group


def _open(source: Readable | str, meter: Meter, *, is_own: bool) -> InputContainer:
    """Return an open video of one of the kinds that cameras send, whatever it refers to.

    What is our own has more frames than a camera sends at once.
    """
    head = _head(source, _HEAD)
    demuxer = next((name for begin, name in _DEMUXERS if begin.match(head)), None)
    if demuxer is None:
        message = "The video begins like no video of a camera"
        raise InvalidVideoError(message)
    if not isinstance(source, str):
        source = MeteredSource(source if is_own else _checked(source, demuxer), meter)
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


def _checked(source: Readable, demuxer: str) -> Readable:
    """Return a video whose headers were seen to announce no more than there can be, or will be."""
    if demuxer == "matroska":
        check_matroska(partial(_head, source))
        return source
    if isinstance(source, Pipe):
        return CheckedBoxes(source)
    CheckedBoxes(source).read_all()
    cast("IO[bytes]", source).seek(0)
    return source


def _head(source: Readable | str, size: int) -> bytes:
    """Return how a video begins, and leave it unread."""
    if isinstance(source, str):
        with Path(source).open("rb") as file:
            return file.read(size)
    if isinstance(source, Pipe):
        return source.peek(size)
    head = source.read(size)
    cast("IO[bytes]", source).seek(0)
    return head


def _codec_of(stream: VideoStream | AudioStream) -> str | None:
    """Return the name of a codec, in FFmpeg's words; None if nothing here can decode it."""
    # PyAV's types don't say that there may be none.
    context = cast("CodecContext | None", stream.codec_context)
    return context.codec.canonical_name if context else None


@contextmanager
def as_invalid_video() -> Iterator[None]:
    """Raise InvalidVideoError for what FFmpeg's libraries say."""
    try:
        yield
    # PyAV reports what it can't read in many ways, some of them Python's own.
    except (FFmpegError, ArithmeticError, ValueError, IndexError, EOFError) as err:
        message = f"The video can't be read: {type(err).__name__}"
        raise InvalidVideoError(message) from err


class VideoReader:
    """A video that begins at a known moment of a recording."""

    def __init__(
        self, source: Readable | str, begins: float | None, *, most: int | None = None
    ) -> None:
        """Read the headers, of a file by its path or of what can be read from.

        ``begins`` is the time of the first frame, in seconds; with None the video's own times hold. ``most`` is how
        many bytes of it may be held in memory. Raises InvalidVideoError.
        """
        self.meter = Meter(most)
        """Counts what is held of it; what takes its packets counts those that it keeps."""
        with as_invalid_video():
            self._container = _open(source, self.meter, is_own=begins is None)
        videos = self._container.streams.video
        if not videos or _codec_of(videos[0]) is None:
            self.close()
            message = "The video has no track whose codec is known"
            raise InvalidVideoError(message)
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
        """Whether its first frame may follow those of another video; known when it was read."""
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
        """Return whether sound comes with its frames; an MP4 has it after many of them."""
        return self.audio is None or "mov" not in self._container.format.name

    def close(self) -> None:
        """Let go of the video."""
        self._container.close()

    def samples(self) -> Iterator[Sample]:
        """Return the packets from the first key frame on, in the order in which they are decoded.

        Raises InvalidVideoError, and NoKeyFrameError if there is no key frame.
        """
        first: float | None = None
        key: float | None = None
        with as_invalid_video():
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
            message = "The video holds no key frame"
            raise NoKeyFrameError(message)

    def break_link(self, key: Sample) -> None:
        """Let a key frame follow any other video; what is shown before it must have been left out."""
        key.packet = av.Packet(self._pictures.break_link(bytes(key.packet)))
        key.packet.is_keyframe = True

    def groups(self, *, is_live: bool = False) -> Iterator[list[Sample]]:
        """Return the packets in groups, each of which is shown before all that follow.

        A group is one packet, or a frame with those that come after it and are shown before it. That
        none of these follows is known with the next group; with ``is_live``, where the video has none
        such, it is not waited for.
        """
        held: list[Sample] = []

        def give() -> list[Sample]:
            nonlocal held
            self.meter.release(held)
            group, held = held, []
            return group

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
                    yield give()
            held.append(sample)
            self.meter.hold([sample])
            if is_live and not self._reorders:
                yield give()
        if held:
            yield give()

    def _place(self, time: float) -> float:
        """Return a time on the timeline, on which nothing lies before its beginning, or far behind it."""
        begins = self._begins or 0.0
        if abs(time - begins) > _LONGEST:
            message = "The video has a frame that lies far outside"
            raise InvalidVideoError(message)
        if begins < 0 and time < _MADE_UP:
            # What is older than the camera's list says is seen a little faster.
            return (time - begins) * _MADE_UP / (_MADE_UP - begins)
        return time

    def _demux(self) -> Iterator[Sample]:
        """Return all packets, with the video's own times."""
        order = Order(is_sure=self.codec == "h264")
        moving: list[Sample] = []
        # Those of other tracks as well, as nothing else shows that they were read and are gone.
        for packet in self._container.demux():
            self.meter.note_packet()
            if packet.stream not in (self.video, self.audio):
                continue
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
                if order.waiting == 1:
                    self.meter.release(moving)
                    moving = []
                moving.append(sample)
                self.meter.hold([sample])
                if order.waiting > _MOST_REORDERED:
                    message = "The video holds frames in no order"
                    raise InvalidVideoError(message)
            yield sample
