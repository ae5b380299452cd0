"""Decode a moment of a video to an image."""

from fractions import Fraction
from io import BytesIO
from itertools import chain
from time import thread_time
from typing import TYPE_CHECKING, Final, cast

import av
from av import VideoCodecContext

from .codecs import require_decodable
from .errors import InvalidVideoError, NothingRecordedError
from .export_stream import IMAGE_SECONDS, most_seconds
from .frame_order import TIMESCALE
from .memory import IMAGE_BYTES
from .reader import MOST_PIXELS, TOLERANCE, VideoReader, as_invalid_video, decodable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from av.video.frame import VideoFrame

    from .samples import Readable

THUMBNAIL_WIDTH: Final = 320
# Of a frame in memory: with colors as in most videos.
_MOST_BITS: Final = MOST_PIXELS * 12
# FFmpeg's scale of quantizers, from 2 (best) to 31.
_QUALITY: Final = 4


def decode_frame(
    source: Readable,
    *,
    begins: float,
    moment: float | None,
    width: int | None = None,
) -> tuple[bytes, float]:
    """Return a JPEG of the last frame up to a moment, and the frame's time. Waits; for a thread.

    With ``moment`` None it is the first frame that can be decoded. Times are in seconds on the timeline of
    the recording; ``begins`` is that of the video's first frame. The width is the video's own, or smaller.
    Raises InvalidVideoError, NoKeyFrameError, NothingRecordedError, UnplayableError.
    """
    # What lies between the key frame and the moment is decoded, too.
    way = 0.0 if moment is None else min(max(0.0, moment - begins), IMAGE_SECONDS)
    reader = VideoReader(source, begins, most=IMAGE_BYTES)
    try:
        require_decodable(reader.codec)
        best: tuple[VideoFrame, float] | None = None
        for frame, time in _frames(reader, most_seconds(way)):
            if best and moment is not None and time > moment + TOLERANCE:
                break
            best = (frame, time)
            if moment is None:
                break
        if best is None:
            message = "The video holds no frame that can be decoded"
            raise NothingRecordedError(message)
        frame, time = best
        return _encode(frame, width), time
    finally:
        reader.close()


def _frames(reader: VideoReader, seconds: float) -> Iterator[tuple[VideoFrame, float]]:
    """Return the frames with their times; some decoders give them a few packets later.

    InvalidVideoError if they take more than so many seconds of computing.
    """
    # The video's own decoder starts a thread for each core, and they live until the garbage is collected.
    name = reader.video.codec_context.name
    decoder = cast("VideoCodecContext", VideoCodecContext.create(name, "r"))
    decoder.extradata = reader.video.codec_context.extradata
    decoder.thread_count = 1
    decoder.options = {"max_pixels": str(MOST_PIXELS)}
    begun = thread_time()
    for sample in chain.from_iterable(decodable(reader.groups(is_live=True))):
        if not sample.is_video:
            continue
        if thread_time() - begun > seconds:
            message = "The video takes too long to decode"
            raise InvalidVideoError(message)
        sample.packet.time_base = Fraction(1, TIMESCALE)
        sample.packet.pts, sample.packet.dts = round(sample.time * TIMESCALE), None
        with as_invalid_video():
            frames = decoder.decode(sample.packet)
        _require_small(decoder)
        for frame in frames:
            yield frame, (frame.pts or 0) / TIMESCALE
    with as_invalid_video():
        frames = decoder.decode(None)
    for frame in frames:
        yield frame, (frame.pts or 0) / TIMESCALE


def _require_small(decoder: VideoCodecContext) -> None:
    """Raise InvalidVideoError if a frame takes more memory than the largest of a camera: a decoder holds sixteen."""
    kind = decoder.format
    if kind and kind.width * kind.height * kind.padded_bits_per_pixel > _MOST_BITS:
        message = "The video's frames are larger than those of any camera"
        raise InvalidVideoError(message)


def _encode(frame: VideoFrame, width: int | None) -> bytes:
    """Return a frame as JPEG."""
    width = min(width or frame.width, frame.width) // 2 * 2
    height = max(2, round(frame.height * width / frame.width) // 2 * 2)
    image = frame.reformat(width=width, height=height, format="yuvj420p")
    file = BytesIO()
    with av.open(file, "w", format="image2pipe") as container:
        stream = container.add_stream("mjpeg", rate=1)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuvj420p"
        stream.codec_context.thread_count = 1
        stream.codec_context.qmin = stream.codec_context.qmax = _QUALITY
        image.pts, image.time_base = 0, Fraction(1)
        container.mux(stream.encode(image))
        container.mux(stream.encode(None))
    return file.getvalue()
