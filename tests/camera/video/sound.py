"""What the camera hears: a tone that changes with each second."""

from fractions import Fraction
from typing import TYPE_CHECKING, Final, NamedTuple

from av import AudioCodecContext, AudioFrame, CodecContext
import numpy as np

from tests.camera.clock import to_microseconds

from .samples import Sample

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

LOWEST: Final = 400
STEP: Final = 60
TONES: Final = 10
LOUDNESS: Final = 0.3

WARM_UP: Final = 4
"""Frames that an encoder is fed before those that count, so that cuts are not heard."""

ENCODERS: Final = {
    "audio/x-aac": "aac",
    "audio/mpeg": "aac",
    "audio/x-opus": "libopus",
    "audio/x-raw": "pcm_s16le",
}
"""Encoders by MIME type, of which no real list is known. There is none for G.711, as PyAV does not
let it into Matroska."""

PIECE: Final = 1024
"""Samples in a frame of an encoder that takes any number."""


def pitch(moment: datetime) -> int:
    """Give the tone of a moment, in Hz: it follows the last digit of the second."""
    return LOWEST + STEP * (int(moment.timestamp()) % TONES)


class Track(NamedTuple):
    """How sound is coded."""

    mimetype: str
    samplerate: int
    bitrate: int

    @property
    def encoder(self) -> str:
        """The name of the encoder."""
        return ENCODERS[self.mimetype]

    def configure(self, encoder: CodecContext) -> AudioCodecContext:
        """Set an encoder up."""
        if not isinstance(encoder, AudioCodecContext):
            raise TypeError(self.encoder)
        encoder.sample_rate = self.samplerate
        encoder.layout = "mono"
        encoder.format = "fltp" if self.encoder == "aac" else "s16"
        encoder.time_base = Fraction(1, self.samplerate)
        if not self.encoder.startswith("pcm_"):
            encoder.bit_rate = self.bitrate
        encoder.options = {"aac_coder": "fast"} if self.encoder == "aac" else {}
        return encoder


def listen(
    track: Track, origin: datetime, start: float, stop: float
) -> Iterator[Sample]:
    """Code the sound of some seconds after the origin, on a grid that begins there."""
    encoder = track.configure(CodecContext.create(track.encoder, "w"))
    encoder.open()
    size = encoder.frame_size or PIECE
    first = -int(-start * track.samplerate // size)
    last = -int(-stop * track.samplerate // size)
    begin = max(0, first - WARM_UP)
    for number in range(begin, last + WARM_UP):
        # A frame's place is only as good as its time stamp, from which the encoder counts.
        frame = _frame(track, encoder, origin, number * size, size)
        for packet in encoder.encode(frame):
            place = packet.pts or 0
            if first * size <= place < last * size:
                yield Sample("audio", bytes(packet), place, place / track.samplerate)


def _frame(
    track: Track, encoder: AudioCodecContext, origin: datetime, place: int, size: int
) -> AudioFrame:
    beginning = to_microseconds(origin) / 1e6
    times = beginning + (place + np.arange(size)) / track.samplerate
    tones = LOWEST + STEP * (times.astype(np.int64) % TONES)
    wave = np.sin(2 * np.pi * tones * (times % 1.0)) * LOUDNESS
    flat = (
        wave.astype(np.float32)
        if encoder.format.name == "fltp"
        else (wave * 32767).astype(np.int16)
    )
    frame = AudioFrame.from_ndarray(
        flat.reshape(1, -1), format=encoder.format.name, layout="mono"
    )
    frame.sample_rate = track.samplerate
    frame.pts = place
    frame.time_base = encoder.time_base
    return frame
