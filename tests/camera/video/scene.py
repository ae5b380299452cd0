"""The view of the camera: a road under the sky, a car that comes by, and the clock."""

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from av import VideoFrame
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from .clockface import WHITE, draw_strip, strip_height

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray

    type Plane = NDArray[np.uint8]
    type Color = tuple[int, int, int]

PASSAGE: Final = 8.0
"""Seconds that the car takes from one side to the other."""

HORIZON: Final = 0.56
ROAD: Final = (0.74, 0.90)
NIGHT_SKY: Final = ((10, 16, 40), (48, 56, 92))
DAY_SKY: Final = ((74, 140, 214), (196, 222, 240))
GROUND: Final = (74, 104, 62)
CARS: Final = ((188, 44, 40), (36, 84, 160), (224, 186, 40), (60, 130, 84))


class Picture(NamedTuple):
    """The planes of a picture, as views of the one array that the encoder takes."""

    whole: Plane
    luma: Plane
    blue: Plane
    red: Plane


class Sprite(NamedTuple):
    """A small picture to be laid over another; the shape holds 0 or 1."""

    picture: Picture
    shape: Plane
    half_shape: Plane


def _planes(whole: Plane, height: int, width: int) -> Picture:
    chroma = whole[height:].reshape(2, height // 2, width // 2)
    return Picture(whole, whole[:height], chroma[0], chroma[1])


def paint(
    width: int, height: int, moment: datetime, number: int, *, title: str, source: int
) -> Plane:
    """Paint the view at a moment, as planes of YUV 4:2:0 below each other."""
    daylight = _daylight(moment)
    whole = _view(width, height, daylight, source).whole.copy()
    picture = _planes(whole, height, width)
    seconds = moment.timestamp()
    passage, share = divmod(seconds / PASSAGE + source * 0.37, 1.0)
    _drive(picture, _car(height, int(passage) % len(CARS)), share)
    draw_strip(picture.luma, moment, number)
    _write(picture.luma, moment, number, title)
    return whole


def _daylight(moment: datetime) -> int:
    """Give the brightness of the day in steps from 0 to 12, brightest at noon UTC."""
    minutes = moment.hour * 60 + moment.minute
    return 12 - abs(minutes - 720) // 60


def _mix(one: Color, other: Color, share: float) -> Color:
    red, green, blue = (
        round(a + (b - a) * share) for a, b in zip(one, other, strict=True)
    )
    return red, green, blue


@lru_cache(8)
def _view(width: int, height: int, daylight: int, source: int) -> Picture:
    """Paint what stands still, at one time of the day."""
    light = daylight / 12
    image = Image.new("RGB", (width, height))
    draw = ImageDraw.Draw(image)
    horizon = int(height * HORIZON)
    top, bottom = (
        _mix(night, day, light) for night, day in zip(NIGHT_SKY, DAY_SKY, strict=True)
    )
    for y in range(horizon):
        draw.line((0, y, width, y), fill=_mix(top, bottom, y / horizon))
    shade = 0.35 + 0.65 * light
    _paint_hills(draw, width, height, shade, source)
    ground = _mix((0, 0, 0), GROUND, shade)
    draw.rectangle((0, horizon, width, height), fill=ground)
    _paint_houses(draw, width, height, shade, source)
    _paint_road(draw, width, height, shade)
    text = _text_height(height)
    bar = strip_height(height)
    draw.rectangle((0, 0, width, bar - 1), fill=(128, 128, 128))
    draw.rectangle((0, bar, width, bar + text + text // 4), fill=(12, 14, 18))
    return _planar(image)


def _paint_hills(
    draw: ImageDraw.ImageDraw, width: int, height: int, shade: float, source: int
) -> None:
    horizon = height * HORIZON
    for layer, (rise, color) in enumerate(
        ((0.16, (112, 138, 132)), (0.09, (88, 120, 92)))
    ):
        xs = np.linspace(0, width, 40)
        waves = np.sin(xs / width * (5 + 3 * layer) + source * 1.7 + layer) * 0.5 + 0.5
        ys = horizon - waves * rise * height
        outline = [(0.0, horizon), *zip(xs, ys, strict=True), (float(width), horizon)]
        draw.polygon(outline, fill=_mix((0, 0, 0), color, shade))


def _paint_houses(
    draw: ImageDraw.ImageDraw, width: int, height: int, shade: float, source: int
) -> None:
    floor = int(height * (HORIZON + 0.10))
    lit = (250, 222, 140) if shade < 0.6 else (96, 112, 128)
    for place, size in ((0.12, 0.16), (0.62 + 0.05 * (source % 4), 0.22)):
        left, wall = int(width * place), int(height * size)
        right = left + int(wall * 1.5)
        draw.rectangle(
            (left, floor - wall, right, floor),
            fill=_mix((0, 0, 0), (206, 196, 178), shade),
        )
        roof = [
            (left - wall // 8, floor - wall),
            ((left + right) // 2, floor - wall - wall // 2),
            (right + wall // 8, floor - wall),
        ]
        draw.polygon(roof, fill=_mix((0, 0, 0), (146, 74, 58), shade))
        pane = wall // 4
        for x in (left + pane, right - 2 * pane):
            draw.rectangle(
                (x, floor - wall + pane, x + pane, floor - wall + 2 * pane), fill=lit
            )


def _paint_road(
    draw: ImageDraw.ImageDraw, width: int, height: int, shade: float
) -> None:
    upper, lower = (int(height * share) for share in ROAD)
    draw.rectangle((0, upper, width, lower), fill=_mix((0, 0, 0), (84, 86, 92), shade))
    middle, dash = (upper + lower) // 2, max(8, width // 16)
    for x in range(0, width, 2 * dash):
        draw.rectangle(
            (x, middle - 1, x + dash, middle + 1),
            fill=_mix((0, 0, 0), (232, 232, 226), shade),
        )


@cache
def _car(height: int, color: int) -> Sprite:
    length, tall = height // 6 * 2, height // 16 * 2
    image = Image.new("RGB", (length, tall), CARS[color])
    shape = Image.new("L", (length, tall))
    outline, draw = ImageDraw.Draw(shape), ImageDraw.Draw(image)
    body, wheel = tall // 2, tall // 5
    outline.rounded_rectangle(
        (0, body - 2, length - 1, tall - wheel), radius=wheel, fill=1
    )
    cabin = [
        (length // 5, body),
        (length // 3, 0),
        (2 * length // 3, 0),
        (5 * length // 6, body),
    ]
    outline.polygon(cabin, fill=1)
    draw.polygon(
        [
            (length // 4, body),
            (length // 3 + 2, 3),
            (2 * length // 3 - 2, 3),
            (3 * length // 4, body),
        ],
        fill=(196, 220, 232),
    )
    for x in (length // 5, 4 * length // 5):
        place = (x - wheel, tall - 2 * wheel - 1, x + wheel, tall - 1)
        outline.ellipse(place, fill=1)
        draw.ellipse(place, fill=(26, 26, 28))
    mask = np.asarray(shape)
    return Sprite(_planar(image), mask, mask[::2, ::2])


def _drive(picture: Picture, car: Sprite, share: float) -> None:
    height, width = picture.luma.shape
    tall, length = car.shape.shape
    top = int(height * sum(ROAD) / 2) // 2 * 2 - tall // 2 // 2 * 2
    x = int((width + length) * share) // 2 * 2 - length
    for plane, small, shape, scale in (
        (picture.luma, car.picture.luma, car.shape, 1),
        (picture.blue, car.picture.blue, car.half_shape, 2),
        (picture.red, car.picture.red, car.half_shape, 2),
    ):
        left, right = max(0, x), min(width, x + length)
        if left >= right:
            continue
        there = plane[
            top // scale : (top + tall) // scale, left // scale : right // scale
        ]
        part = slice((left - x) // scale, (right - x) // scale)
        np.copyto(there, small[:, part], where=shape[:, part].astype(bool))


def _planar(image: Image.Image) -> Picture:
    pixels = np.asarray(image, np.uint8)
    frame = VideoFrame.from_ndarray(pixels).reformat(format="yuv420p")
    return _planes(np.asarray(frame.to_ndarray(), np.uint8), image.height, image.width)


# Text


def _text_height(height: int) -> int:
    return max(10, height // 16)


@cache
def _glyph(character: str, height: int) -> Plane:
    """Draw a character in white on black; all are equally wide, so that digits stand still."""
    font = ImageFont.load_default(round(height * 0.9))
    cell = int(font.getlength("0")) + 1
    image = Image.new("L", (cell, height))
    ImageDraw.Draw(image).text(
        (cell / 2, height / 2), character, fill=WHITE, font=font, anchor="mm"
    )
    return np.asarray(image)


@lru_cache(256)
def _line(text: str, height: int) -> Plane:
    return np.hstack([_glyph(character, height) for character in text])


def _write(luma: Plane, moment: datetime, number: int, title: str) -> None:
    height, width = luma.shape
    size = _text_height(height)
    top = strip_height(height) + size // 8
    x = size // 2
    for text in (
        f"{moment:%Y-%m-%d %H:%M:%S}",
        f".{moment.microsecond // 1000:03} UTC",
    ):
        x = _lay(luma, _line(text, size), top, x)
    counter = np.hstack([_glyph(digit, size) for digit in f"#{number}"])
    x_counter = width - size // 2 - counter.shape[1]
    _lay(luma, counter, top, x_counter)
    name = _line(title, size) if title else None
    if name is not None and x + size + name.shape[1] + size < x_counter:
        _lay(luma, name, top, x + size)


def _lay(luma: Plane, text: Plane, top: int, left: int) -> int:
    there = luma[top : top + text.shape[0], left : left + text.shape[1]]
    np.maximum(there, text[:, : there.shape[1]], out=there)
    return left + int(text.shape[1])
