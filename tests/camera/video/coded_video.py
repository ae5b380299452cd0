"""The coded video and sound of a recording, from key frame to key frame."""

from dataclasses import dataclass, field
from fractions import Fraction
from heapq import merge
from operator import attrgetter
import os
from typing import TYPE_CHECKING, Final, NamedTuple

from av import CodecContext, VideoCodecContext, VideoFrame
from av.codec.context import Flags
from av.video.frame import PictureType

from .encoding import Encoding
from .samples import Sample
from .scene import paint
from .sound import Track, listen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .scene import Plane
    from .timeline import Timeline


class Reordering(NamedTuple):
    """How an encoder is set up for B-frames, besides their number: its parameters, and two words."""

    parameters: str
    options: str
    flat: str
    pyramid: str


class Coding(NamedTuple):
    """An encoder and what makes it fast and its output the same each time.

    `frame_size` is what it makes of a frame, about, in bytes: the clock takes most of it.
    `filler` begins what decoders skip (H.264 7.4.2.7, H.265 7.4.3.7).
    `reordering` is there if it can make B-frames.
    """

    encoder: str
    frame_size: int
    options: dict[str, str]
    pixels: str = "yuv420p"
    all_keys: bool = False
    filler: bytes = b""
    reordering: Reordering | None = None


CODINGS: Final = {
    "video/x-h264": Coding(
        "libx264",
        1150,
        {
            "preset": "superfast",
            "tune": "zerolatency",
            "crf": "25",
            "x264-params": (
                "keyint=infinite:scenecut=0:bframes=0:threads=1:subme=0:aq-mode=0:weightp=0"
            ),
        },
        filler=b"\0\0\0\1\x0c",
        reordering=Reordering(
            "x264-params",
            "min-keyint=1:rc-lookahead=0:sync-lookahead=0:mbtree=0:weightb=0",
            "none",
            "normal",
        ),
    ),
    "video/x-h265": Coding(
        "libx265",
        2200,
        {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "x265-params": "log-level=none:pools=none:frame-threads=1:keyint=-1:scenecut=0",
        },
        filler=b"\0\0\0\1\x4c\1",
        reordering=Reordering("x265-params", "min-keyint=1:rc-lookahead=8", "0", "1"),
    ),
    "image/jpeg": Coding("mjpeg", 8000, {}, "yuvj420p", all_keys=True),
    "video/x-av1": Coding(
        "libsvtav1",
        1600,
        {"preset": "11", "svtav1-params": "pred-struct=1:keyint=-1:lp=1"},
    ),
}
"""How each kind of video is coded; the MIME types of H.265 and AV1 are unconfirmed."""


@dataclass(frozen=True, slots=True)
class CodedVideo:
    """All that the pictures and sound of a recording follow from.

    With a `bitrate`, in bit/s, frames are filled up to it.
    """

    timeline: Timeline
    mimetype: str = "video/x-h264"
    width: int = 640
    height: int = 360
    title: str = ""
    source: int = 1
    sound: Track | None = None
    bitrate: int | None = None
    encoding: Encoding = field(default_factory=Encoding)

    @property
    def coding(self) -> Coding:
        """How its video is coded."""
        return CODINGS[self.mimetype]

    @property
    def bytes_per_second(self) -> float:
        """About how many bytes a second takes."""
        size = max(self.coding.frame_size, self._least_size)
        return float(size * self.timeline.rate) + (
            self.sound.bitrate / 8 if self.sound else 0
        )

    @property
    def _least_size(self) -> int:
        """The bytes that a frame is filled up to."""
        if self.bitrate is None or not self.coding.filler:
            return 0
        return int(self.bitrate / 8 / self.timeline.rate)

    def fill(self, frame: bytes) -> bytes:
        """Make a frame as large as a real camera's, of which decoders take no notice."""
        filler = self.coding.filler
        missing = self._least_size - len(frame) - len(filler) - 1
        if missing < 0:
            return frame
        return b"".join((frame, filler, b"\xff" * missing, b"\x80"))

    def snap(self, frame: int) -> int:
        """Find the last frame that can be decoded by itself and is not after another."""
        frame = max(frame, self.timeline.first_from(0))
        return frame if self.coding.all_keys else self.timeline.key_at_or_before(frame)

    def configure(self, encoder: CodecContext) -> VideoCodecContext:
        """Set an encoder up; all that are set up for the same video make the same headers."""
        coding, rate = self.coding, self.timeline.rate
        if not isinstance(encoder, VideoCodecContext):
            raise TypeError(coding.encoder)
        if coding.encoder == "libsvtav1":
            # The library writes about itself to standard error otherwise.
            os.environ.setdefault("SVT_LOG", "1")
        encoder.width, encoder.height = self.width, self.height
        encoder.pix_fmt = coding.pixels
        encoder.framerate, encoder.time_base = rate, Fraction(1) / rate
        encoder.thread_count = 1
        encoder.flags |= Flags.global_header
        encoder.options = self._options
        return encoder

    def leading(self, key: int) -> list[int]:
        """List the frames before a key frame of which some are sent after it."""
        timeline, frames = self.timeline, [key]
        if timeline.gops == 1 or key == timeline.group_at(key):
            return []
        for _ in range(self.encoding.b_frames):
            frames.insert(0, timeline.last_to(frames[0] - 1))
        return frames[:-1]

    @property
    def reorder_depth(self) -> int:
        """How many frames may be sent before one that is shown earlier."""
        return self.encoding.reorder_depth if self.coding.reordering else 0

    @property
    def _options(self) -> dict[str, str]:
        options, reordering = dict(self.coding.options), self.coding.reordering
        if reordering is None or not self.encoding.b_frames:
            return options
        encoding = self.encoding
        # It would switch B-frames off.
        del options["tune"]
        options[reordering.parameters] += (
            f":{reordering.options}:bframes={encoding.b_frames}:b-adapt=0"
            f":b-pyramid={reordering.pyramid if encoding.pyramid else reordering.flat}"
            f":ref={encoding.references}:open-gop={int(encoding.open_gop)}"
        )
        return options

    def shoot(self, first: int, last: int) -> Iterator[Sample]:
        """Code what lies from one group up to the next, as it is sent, when it is asked for."""
        if self.timeline.frames is not None:
            last = min(last, self.timeline.frames)
        if self.sound is None:
            return self._video(first, last)
        rate = self.timeline.rate
        sound = listen(
            self.sound, self.timeline.origin, float(first / rate), float(last / rate)
        )
        return merge(self._video(first, last), sound, key=attrgetter("time"))

    def _video(self, first: int, last: int) -> Iterator[Sample]:
        rate = self.timeline.rate
        encoder = self.configure(CodecContext.create(self.coding.encoder, "w"))
        for number in self.timeline.between(first, last):
            frame = VideoFrame.from_ndarray(self._picture(number), format="yuv420p")
            if self.coding.pixels != "yuv420p":
                frame = frame.reformat(format=self.coding.pixels)
            frame.pts, frame.time_base = number - first, Fraction(1) / rate
            if number == self.timeline.key_at_or_before(number):
                frame.pict_type = PictureType.I
            yield from self._samples(encoder, frame, first)
        yield from self._samples(encoder, None, first)

    def _picture(self, number: int) -> Plane:
        return paint(
            self.width,
            self.height,
            self.timeline.time(number),
            number,
            title=self.title,
            source=self.source,
        )

    def _samples(
        self, encoder: VideoCodecContext, frame: VideoFrame | None, first: int
    ) -> Iterator[Sample]:
        for packet in encoder.encode(frame):
            place = first + (packet.pts or 0)
            time = float(place / self.timeline.rate)
            yield Sample("video", bytes(packet), place, time, packet.is_keyframe)
