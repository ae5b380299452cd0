"""How much of a camera's video is held in memory at once.

What waits for something that the camera sends later, such as a key frame, sound, or a frame with a later
time, may wait forever. So it is counted, and the job ends before it fills the memory.
"""

from threading import Condition
import time
from typing import TYPE_CHECKING, Final, NoReturn

from .errors import MemoryLimitError, SlowDiskError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .samples import Readable, Sample

MOST_BYTES: Final = 128 * 1024 * 1024
"""Of one job, such as a segment, a clip or an image: key frames may be a minute apart."""
MOST_PACKETS: Final = 60_000
MOST_AHEAD: Final = 16 * 1024 * 1024
"""Bytes that are read until a packet comes: FFmpeg may make twenty times as many of what stands beside it."""
MOST_SECONDS: Final = 15.0
"""Of computing until a packet comes: of names in a header, FFmpeg compares each with all before it."""
IMAGE_BYTES: Final = 32 * 1024 * 1024
"""For one image, for which hardly more than a packet at a time is held."""
MOST_UNWRITTEN: Final = 32 * 1024 * 1024
"""Bytes that wait for Home Assistant's disk."""
# How often it is asked whether a video is still wanted that waits for the disk, and how long it waits: so long nobody
# else gets anything of the camera.
_CHECK_SECONDS: Final = 0.2
_PATIENCE: Final = 30.0


class Meter:
    """Counts what one job holds of a video."""

    def __init__(self, most: int | None = None) -> None:
        """Allow so many bytes, or those of the largest job."""
        self._most = MOST_BYTES if most is None else most
        self._bytes = self._packets = self._ahead = 0
        self._began = time.thread_time()

    def hold(self, samples: Iterable[Sample]) -> None:
        """Count what is held from now on. MemoryLimitError if it is more than any camera needs."""
        for sample in samples:
            self._packets += 1
            self._bytes += sample.packet.size
        if self._packets > MOST_PACKETS or self._bytes > self._most:
            _give_up()

    def release(self, samples: Iterable[Sample]) -> None:
        """Count what is no longer held."""
        for sample in samples:
            self._packets -= 1
            self._bytes -= sample.packet.size

    def read_ahead(self, size: int) -> None:
        """Count bytes that were read, and of which no packet has come yet.

        MemoryLimitError if they are more than any frame of a camera has, or take too long. For the thread that has
        made the meter.
        """
        self._ahead += size
        seconds = time.thread_time() - self._began
        if self._ahead > MOST_AHEAD or seconds > MOST_SECONDS:
            _give_up()

    def note_packet(self) -> None:
        """Begin anew to count what is read until a packet comes."""
        self._ahead = 0
        self._began = time.thread_time()


def _give_up() -> NoReturn:
    message = "The video holds more at once than any recording"
    raise MemoryLimitError(message)


class MeteredSource:
    """A video that is counted as it is read: FFmpeg holds what it makes no packet of."""

    def __init__(self, source: Readable, meter: Meter) -> None:
        """Read what can be read from, and seek in it where that is possible."""
        self._source = source
        self._meter = meter
        for name in ("seek", "tell"):
            if (method := getattr(source, name, None)) is not None:
                setattr(self, name, method)

    def read(self, size: int) -> bytes:
        """Return up to so many bytes, none at the end. MemoryLimitError if no packet comes of many."""
        data = self._source.read(size)
        self._meter.read_ahead(len(data))
        return data


class Backlog:
    """What waits to be written to the disk, and keeps a thread waiting that would make more of it."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._size = 0
        self._changed = Condition()

    def add(self, size: int) -> None:
        """Count bytes that are to be written."""
        with self._changed:
            self._size += size

    def remove(self, size: int) -> None:
        """Count bytes that were written, or will not be."""
        with self._changed:
            self._size -= size
            self._changed.notify_all()

    def wait(self, is_over: Callable[[], bool]) -> None:
        """Wait until it is short, or what would add to it is over. For a thread.

        SlowDiskError if that takes too long.
        """
        end = time.monotonic() + _PATIENCE
        with self._changed:
            while self._size > MOST_UNWRITTEN and not is_over():
                if time.monotonic() > end:
                    message = "The disk has written nothing for long"
                    raise SlowDiskError(message)
                self._changed.wait(_CHECK_SECONDS)
