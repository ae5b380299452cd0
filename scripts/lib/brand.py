"""Draw the brand images: a memory card whose lens is recording."""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

BRAND = Path(__file__).parents[2] / "custom_components" / "axis_recordings" / "brand"
# Everything is laid out on a canvas of this height and drawn this many times larger, so that scaling
# it down smooths the edges.
UNIT = 256
OVERSAMPLING = 8

CARD = "#3f51b5"
CONTACT = "#c5cae9"
LENS = "#1a237e"
RING = "#ffffff"
RECORD = "#ff3b30"

CARD_LEFT, CARD_RIGHT = 24, 232
CARD_RADIUS = 28
CORNER = 60
CONTACTS = (98, 132, 166, 200)
CONTACT_WIDTH, CONTACT_TOP, CONTACT_BOTTOM = 20, 22, 62
CENTRE = (128, 158)
GLINT = (95, 119)

WORDMARK = "Recordings"
WORDMARK_SIZE, WORDMARK_WEIGHT, WORDMARK_GAP = 150, 3, 24
WORDMARK_ON_LIGHT, WORDMARK_ON_DARK = "#263238", "#eceff1"


class Drawing:
    """A canvas that takes coordinates in units."""

    def __init__(self, width: int) -> None:
        """Start with nothing but transparency."""
        self.image = Image.new("RGBA", (width * OVERSAMPLING, UNIT * OVERSAMPLING))
        self._draw = ImageDraw.Draw(self.image)

    def polygon(self, points: list[tuple[float, float]], fill: str) -> None:
        """Fill a polygon."""
        self._draw.polygon(
            [(x * OVERSAMPLING, y * OVERSAMPLING) for x, y in points], fill=fill
        )

    def bar(
        self,
        left: float,
        top: float,
        right: float,
        bottom: float,
        radius: float,
        fill: str,
    ) -> None:
        """Fill a rectangle with round corners."""
        # Pillow counts the last pixel in.
        box = [left * OVERSAMPLING, top * OVERSAMPLING]
        box += [right * OVERSAMPLING - 1, bottom * OVERSAMPLING - 1]
        self._draw.rounded_rectangle(box, radius * OVERSAMPLING, fill=fill)

    def dot(self, center: tuple[float, float], radius: float, fill: str) -> None:
        """Fill a circle."""
        self._draw.circle(
            (center[0] * OVERSAMPLING, center[1] * OVERSAMPLING),
            radius * OVERSAMPLING,
            fill=fill,
        )

    def text(self, left: float, words: str, fill: str) -> None:
        """Write a line in the middle of the height."""
        self._draw.text(
            (left * OVERSAMPLING, UNIT / 2 * OVERSAMPLING),
            words,
            fill=fill,
            font=wordmark_font(),
            anchor="lm",
            stroke_width=WORDMARK_WEIGHT * OVERSAMPLING,
            stroke_fill=fill,
        )

    def scaled(self, height: int) -> Image.Image:
        """Return the drawing at a height in pixels."""
        width = round(self.image.width * height / self.image.height)
        return self.image.resize((width, height), Image.Resampling.BOX)


def wordmark_font() -> ImageFont.FreeTypeFont:
    """Return the font that Pillow carries, so that every machine draws the same."""
    font = ImageFont.load_default(WORDMARK_SIZE * OVERSAMPLING)
    if not isinstance(font, ImageFont.FreeTypeFont):
        message = "This Pillow was built without FreeType"
        raise TypeError(message)
    return font


def draw_card(drawing: Drawing) -> None:
    """Draw the icon at the left of a canvas."""
    left, right = CARD_LEFT, CARD_RIGHT
    drawing.bar(left, 0, right, UNIT, CARD_RADIUS, CARD)
    # The cut corner, by which a memory card is known, replaces the round one there.
    size = OVERSAMPLING
    drawing.image.paste(
        (0, 0, 0, 0), (left * size, 0, (left + CORNER) * size, CORNER * size)
    )
    drawing.polygon(
        [
            (left, CORNER),
            (left + CORNER, 0),
            (left + CORNER + 1, 0),
            (left + CORNER + 1, CORNER + 1),
            (left, CORNER + 1),
        ],
        CARD,
    )
    for contact in CONTACTS:
        drawing.bar(
            contact - CONTACT_WIDTH / 2,
            CONTACT_TOP,
            contact + CONTACT_WIDTH / 2,
            CONTACT_BOTTOM,
            6,
            CONTACT,
        )
    for radius, fill in ((78, RING), (64, LENS), (38, RECORD)):
        drawing.dot(CENTRE, radius, fill)
    drawing.dot(GLINT, 7, RING)


def icon() -> Drawing:
    """Return the square icon."""
    drawing = Drawing(UNIT)
    draw_card(drawing)
    return drawing


def logo(color: str) -> Drawing:
    """Return the icon with the word beside it."""
    start = CARD_RIGHT + WORDMARK_GAP
    stroke = WORDMARK_WEIGHT * OVERSAMPLING
    box = wordmark_font().getbbox(WORDMARK, anchor="lm", stroke_width=stroke)
    drawing = Drawing(start + round(box[2] / OVERSAMPLING))
    draw_card(drawing)
    drawing.text(start, WORDMARK, color)
    drawing.image = drawing.image.crop(drawing.image.getbbox())
    return drawing


def images() -> dict[str, Image.Image]:
    """Return every image under its file's name."""
    drawings = {
        "icon": icon(),
        "logo": logo(WORDMARK_ON_LIGHT),
        "dark_logo": logo(WORDMARK_ON_DARK),
    }
    return {
        f"{name}{suffix}.png": drawing.scaled(height)
        for name, drawing in drawings.items()
        for suffix, height in (("", 256), ("@2x", 512))
    }


def main() -> None:
    """Write the images into the integration."""
    BRAND.mkdir(exist_ok=True)
    for name, image in images().items():
        image.save(BRAND / name, optimize=True)
        print(f"{name}: {image.width} x {image.height}")


if __name__ == "__main__":
    main()
