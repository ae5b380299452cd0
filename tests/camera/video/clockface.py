"""A clock that machines read: rows of black and white blocks across the top of the picture.

The blocks are large, so that they outlast lossy coding, scaling and a screenshot of a player, and
carry a checksum, so that no other picture is taken for a clock.
"""

from datetime import datetime, timedelta
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, Final, NamedTuple
from zlib import crc32

from av import VideoFrame
import numpy as np

from tests.camera.clock import EPOCH, to_microseconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    type Plane = NDArray[np.uint8]

COLUMNS: Final = 32
ROWS: Final = 3
SHARE: Final = 1 / 8
"""Part of the picture's height that the blocks take."""

BLACK: Final = 16
WHITE: Final = 235
LEAST_CONTRAST: Final = 60

TIME_BITS: Final = 42
NUMBER_BITS: Final = 28
CHECK_BITS: Final = ROWS * COLUMNS - TIME_BITS - NUMBER_BITS

_WEIGHTS = np.array([0.299, 0.587, 0.114])
_SAMPLES = np.array([-0.2, 0.0, 0.2])
_SHIFTS = (0.0, -0.01, 0.01, -0.02, 0.02)
_STRETCHES = (1.0, 0.98, 1.02)


class ClockUnreadableError(ValueError):
    """A picture that shows no clock."""


class Reading(NamedTuple):
    """What a clock shows: UTC to the millisecond, and the number of the frame."""

    moment: datetime
    number: int


def strip_height(height: int) -> int:
    """Give the height of the blocks in a picture, in pixels."""
    return round(height * SHARE)


def draw_strip(luma: Plane, moment: datetime, number: int) -> None:
    """Draw the blocks into the luma of a picture."""
    height, width = luma.shape
    rows, columns = _grid(height, width)
    luma[: len(rows)] = _values(moment, number)[rows, columns]


def read_clock(picture: VideoFrame | Plane) -> Reading:
    """Return the moment that a picture shows, and the number of the frame.

    Takes a decoded frame, or an array of grey, RGB or RGBA pixels, such as a screenshot that was
    cut to the picture: of any size, with bars around it or a few pixels off.
    """
    grey = _grey(picture)
    for box in _boxes(grey):
        reading = _read(grey, box)
        if reading is not None:
            return reading
    msg = "The picture shows no clock"
    raise ClockUnreadableError(msg)


@lru_cache(8)
def _grid(height: int, width: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    strip = strip_height(height)
    rows = (np.arange(strip) * ROWS // strip).reshape(-1, 1)
    return rows, np.arange(width) * COLUMNS // width


def _values(moment: datetime, number: int) -> Plane:
    content = to_microseconds(moment) // 1000 << NUMBER_BITS | number
    code = content << CHECK_BITS | _check(content)
    data = np.frombuffer(code.to_bytes(ROWS * COLUMNS // 8), np.uint8)
    bits = np.unpackbits(data).reshape(ROWS, COLUMNS)
    return np.where(bits, np.uint8(WHITE), np.uint8(BLACK))


def _check(content: int) -> int:
    return crc32(content.to_bytes(16)) & ((1 << CHECK_BITS) - 1)


class _Box(NamedTuple):
    """Where the picture is taken to be, in pixels."""

    left: float
    top: float
    width: float
    height: float


def _boxes(grey: Plane) -> Iterator[_Box]:
    """Guess where the picture is, the most likely first."""
    height, width = grey.shape
    whole = _Box(0, 0, width, height)
    yield whole
    inner = _without_bars(grey)
    if inner != whole:
        yield inner
    for box in dict.fromkeys((whole, inner)):
        for dy, dx, sy, sx in product(_SHIFTS, _SHIFTS, _STRETCHES, _STRETCHES):
            yield _Box(
                box.left + dx * box.width,
                box.top + dy * box.height,
                box.width * sx,
                box.height * sy,
            )


def _without_bars(grey: Plane) -> _Box:
    """Leave out what has the color of the lower left corner, where no block is."""
    differs = np.abs(grey.astype(np.int16) - int(grey[-1, 0])) > LEAST_CONTRAST // 4
    rows, columns = np.flatnonzero(differs.any(1)), np.flatnonzero(differs.any(0))
    if not rows.size:
        return _Box(0, 0, grey.shape[1], grey.shape[0])
    return _Box(
        int(columns[0]),
        int(rows[0]),
        int(columns[-1] - columns[0]) + 1,
        int(rows[-1] - rows[0]) + 1,
    )


def _read(grey: Plane, box: _Box) -> Reading | None:
    ys = _centres(box.top, box.height * SHARE, ROWS, grey.shape[0])
    xs = _centres(box.left, box.width, COLUMNS, grey.shape[1])
    samples = grey[np.ix_(ys, xs)].reshape(ROWS, len(_SAMPLES), COLUMNS, len(_SAMPLES))
    blocks = samples.mean(axis=(1, 3))
    darkest, brightest = blocks.min(), blocks.max()
    if brightest - darkest < LEAST_CONTRAST:
        return None
    bits = np.packbits(blocks > (darkest + brightest) / 2)
    code = int.from_bytes(bits.tobytes())
    content = code >> CHECK_BITS
    if _check(content) != code & ((1 << CHECK_BITS) - 1):
        return None
    moment = EPOCH + timedelta(milliseconds=content >> NUMBER_BITS)
    return Reading(moment, content & ((1 << NUMBER_BITS) - 1))


def _centres(first: float, length: float, number: int, limit: int) -> NDArray[np.intp]:
    """Give a few pixels around the middle of each block, along one axis."""
    middles = np.arange(number).reshape(-1, 1) + 0.5 + _SAMPLES
    places = first + middles.ravel() * (length / number)
    return np.asarray(np.clip(places, 0, limit - 1), np.intp)


def _grey(picture: VideoFrame | Plane) -> Plane:
    if isinstance(picture, VideoFrame):
        return np.asarray(picture.to_ndarray(format="gray"), np.uint8)
    if picture.ndim == len(("rows", "columns")):
        return picture
    return np.asarray(picture[..., :3] @ _WEIGHTS, np.uint8)
