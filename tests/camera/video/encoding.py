"""How the video of a recording differs from an even one."""

from dataclasses import dataclass
from typing import NamedTuple


class Pause(NamedTuple):
    """A time in which the camera sees little, in seconds from the first frame.

    There is one frame every so many seconds, beginning with the pause, or none at all (Axis:
    Zipstream, dynamic frame rate).
    """

    start: float
    stop: float
    every: float | None = None


class ClockStep(NamedTuple):
    """From a second on, counted from the first frame, time stamps are so many seconds off.

    A clock that is set back is less than zero. Two frames have the same time stamp where the second
    one is set back by the time between them, and the next one is right again.
    """

    at: float
    by: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """What an encoder and a clock make of a recording; even video by default.

    `b_frames` come between two others, and are sent after the second of them; H.264 and H.265 have
    them (Axis: Zipstream, profile storage). With a `pyramid` some of them are referred to. In an
    `open_gop` the last ones before a key frame come after it, and refer to both sides.
    The video begins `late` and ends `short` by so many seconds of what the list says.
    """

    b_frames: int = 0
    pyramid: bool = False
    references: int = 1
    open_gop: bool = False
    pauses: tuple[Pause, ...] = ()
    clock_steps: tuple[ClockStep, ...] = ()
    late: float = 0.0
    short: float = 0.0

    @property
    def reorder_depth(self) -> int:
        """How many frames are sent before one that is shown earlier."""
        return (1 + (self.pyramid and self.b_frames > 1)) if self.b_frames else 0
