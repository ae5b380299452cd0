"""Make a picture of a moment of a recording."""

from fractions import Fraction
from io import BytesIO
from itertools import chain
from typing import TYPE_CHECKING, Final, cast

import av
from av import VideoCodecContext

from .errors import NoFootageError
from .film import MOST_PIXELS, TOLERANCE, Film, as_film_errors, decodable
from .order import TIMESCALE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from av.video.frame import VideoFrame

    from .film import Readable

PREVIEW_WIDTH: Final = 320
# FFmpeg's scale of quantisers, from 2 (best) to 31.
_QUALITY: Final = 4


def decode_still(
    source: Readable,
    *,
    begins: float,
    moment: float | None,
    width: int | None = None,
) -> tuple[bytes, float]:
    """Return a JPEG of the last frame up to a moment, and the frame's time. Waits; for a thread.

    With ``moment`` None it is the first frame that can be decoded. Times are in seconds on the timeline of
    the recording; ``begins`` is that of the film's first frame. The width is the film's own, or smaller.
    Raises NotAFilmError, NoKeyFrameError, NoFootageError.
    """
    film = Film(source, begins)
    try:
        best: tuple[VideoFrame, float] | None = None
        for frame, time in _frames(film):
            if best and moment is not None and time > moment + TOLERANCE:
                break
            best = (frame, time)
            if moment is None:
                break
        if best is None:
            message = "The film holds no frame that can be decoded"
            raise NoFootageError(message)
        frame, time = best
        return _encode(frame, width), time
    finally:
        film.close()


def _frames(film: Film) -> Iterator[tuple[VideoFrame, float]]:
    """Return the frames with their times; some decoders give them a few packets later."""
    # The film's own decoder starts a thread for each core, and they live until the garbage is collected.
    name = film.video.codec_context.name
    decoder = cast("VideoCodecContext", VideoCodecContext.create(name, "r"))
    decoder.extradata = film.video.codec_context.extradata
    decoder.thread_count = 1
    decoder.options = {"max_pixels": str(MOST_PIXELS)}
    for sample in chain.from_iterable(decodable(film.groups(is_live=True))):
        if not sample.is_video:
            continue
        sample.packet.time_base = Fraction(1, TIMESCALE)
        sample.packet.pts, sample.packet.dts = round(sample.time * TIMESCALE), None
        with as_film_errors():
            frames = decoder.decode(sample.packet)
        for frame in frames:
            yield frame, (frame.pts or 0) / TIMESCALE
    with as_film_errors():
        frames = decoder.decode(None)
    for frame in frames:
        yield frame, (frame.pts or 0) / TIMESCALE


def _encode(frame: VideoFrame, width: int | None) -> bytes:
    """Return a frame as JPEG."""
    width = min(width or frame.width, frame.width) // 2 * 2
    height = max(2, round(frame.height * width / frame.width) // 2 * 2)
    picture = frame.reformat(width=width, height=height, format="yuvj420p")
    file = BytesIO()
    with av.open(file, "w", format="image2pipe") as container:
        stream = container.add_stream("mjpeg", rate=1)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuvj420p"
        stream.codec_context.thread_count = 1
        stream.codec_context.qmin = stream.codec_context.qmax = _QUALITY
        picture.pts, picture.time_base = 0, Fraction(1)
        container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return file.getvalue()
