"""Write packets as fragmented MP4 (ISO 14496-12), as HLS wants it (RFC 8216)."""

from fractions import Fraction
from io import BytesIO
from typing import TYPE_CHECKING, Final

import av

from .film import TOLERANCE, Film, as_film_errors

if TYPE_CHECKING:
    from collections.abc import Iterable

    from av.container import OutputContainer

    from .film import Sample

# Enough for any frame rate, and what most players count in.
TIMESCALE: Final = 90_000
# Each fragment carries its time on the recording's timeline, as segments come from several exports.
_OPTIONS: Final = {
    "movflags": "empty_moov+default_base_moof+frag_discont+skip_trailer",
    "avoid_negative_ts": "disabled",
}
_HEADER: Final = 8


def write_segment(film: Film, samples: list[Sample]) -> tuple[bytes, bytes]:
    """Return the initialisation section and one fragment."""
    file = BytesIO()
    with (
        as_film_errors(),
        av.open(file, "w", format="mp4", options=_OPTIONS) as container,
    ):
        Copier(film, container).copy(samples)
    return _split(file.getvalue())


def write_independent(init: bytes, segments: list[bytes], start: float) -> bytes:
    """Return the last one of some segments so that it can be decoded without the others.

    The first one begins with a key frame. What lies before ``start`` is needed to decode the rest, but not
    to be seen: it is played within the last few milliseconds before it.
    """
    film = Film(BytesIO(b"".join([init, *segments])), None)
    try:
        hidden: list[Sample] = []
        shown: list[Sample] = []
        for sample in film.samples():
            if sample.time >= start - TOLERANCE:
                shown.append(sample)
            elif sample.is_video:
                hidden.append(sample)
        tick = 1 / TIMESCALE
        begin = next((each.decode_time for each in shown if each.is_video), start)
        for back, sample in enumerate(reversed(hidden), start=1):
            sample.time = sample.decode_time = begin - back * tick
            sample.duration = tick
        return write_segment(film, [*hidden, *shown])[1]
    finally:
        film.close()


def empty_segment(start: float) -> bytes:
    """Return a fragment of the video track without any frame.

    Players go on after it, while they take a segment that is missing for a failure.
    """
    ticks = round(start * TIMESCALE).to_bytes(8)
    base_is_moof = (0x020000).to_bytes(4)
    track = _box(b"tfhd", base_is_moof + (1).to_bytes(4))
    time = _box(b"tfdt", b"\1\0\0\0" + ticks)
    header = _box(b"mfhd", bytes(4) + (1).to_bytes(4))
    fragment = _box(b"moof", header + _box(b"traf", track + time))
    return fragment + _box(b"mdat", b"")


def _box(kind: bytes, content: bytes) -> bytes:
    return (_HEADER + len(content)).to_bytes(4) + kind + content


class Copier:
    """Copies packets of a film into an MP4, with their time on the recording's timeline."""

    def __init__(self, film: Film, container: OutputContainer) -> None:
        """Add the tracks."""
        self._container = container
        self._video = container.add_stream_from_template(film.video)
        self._video.time_base = Fraction(1, TIMESCALE)
        if film.codec == "hevc":
            # Apple's players know no other name for H.265.
            self._video.codec_context.codec_tag = "hvc1"
        self._audio = (
            container.add_stream_from_template(film.audio) if film.audio else None
        )
        self._audio_base = Fraction(1, film.audio.rate) if film.audio else None

    def copy(self, samples: Iterable[Sample], shift: float = 0.0) -> None:
        """Write packets; ``shift`` is added to their times."""
        for sample in samples:
            packet = sample.packet
            base = Fraction(1, TIMESCALE)
            if sample.is_video:
                packet.stream = self._video
            elif self._audio is not None and self._audio_base is not None:
                packet.stream, base = self._audio, self._audio_base
            else:
                continue
            packet.time_base = base
            packet.pts = _ticks(sample.time + shift, base)
            packet.dts = _ticks(sample.decode_time + shift, base)
            packet.duration = _ticks(sample.duration, base)
            self._container.mux(packet)


def _ticks(seconds: float, base: Fraction) -> int:
    return round(seconds * base.denominator / base.numerator)


def _split(data: bytes) -> tuple[bytes, bytes]:
    """Return what stands before the first fragment, and the rest."""
    position = 0
    while position + _HEADER <= len(data):
        size = int.from_bytes(data[position : position + 4])
        if data[position + 4 : position + _HEADER] == b"moof" or size < _HEADER:
            break
        position += size
    return data[:position], data[position:]
