"""What encoders make and containers take."""

from typing import Literal, NamedTuple


class Sample(NamedTuple):
    """A coded frame of video, or a piece of sound.

    `place` counts frames from the recording's origin for video, samples of sound for audio.
    `time` is in seconds from the origin.
    """

    kind: Literal["video", "audio"]
    data: bytes
    place: int
    time: float
    key: bool = True
