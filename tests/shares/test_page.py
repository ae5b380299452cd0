"""What visitors see."""

from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from html.parser import HTMLParser
import re
from typing import override

import pytest

from custom_components.axis_recordings.shares.page import PageWriter, SharedVideo
from tests.repository import integration_json, translations

START = datetime(2026, 11, 24, 13, 15, 0, 349296, tzinfo=UTC)
VIDEO = SharedVideo(
    name="Front camera",
    start=START,
    duration=timedelta(seconds=52.3),
    expires=START + timedelta(days=1),
    time_zone="America/New_York",
    picture="/s/t/picture.jpg",
    file="/s/t/video.mp4",
    play="/s/t/play",
)
TEXTS: dict[str, str] = translations()["common"]


class Page(HTMLParser):
    """A page, read as browsers do."""

    def __init__(self, text: str) -> None:
        """Read it."""
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.contents: dict[str, str] = {}
        self._open: list[str] = []
        self.feed(text)
        self.close()

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "link"):
            self._open.append(tag)

    @override
    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    @override
    def handle_data(self, data: str) -> None:
        if self._open:
            tag = self._open[-1]
            self.contents[tag] = self.contents.get(tag, "") + data

    def attributes(self, tag: str) -> dict[str, str | None]:
        """Return the attributes of the only element of a kind."""
        (found,) = [attributes for name, attributes in self.elements if name == tag]
        return found


@pytest.fixture(scope="module")
def writer() -> PageWriter:
    """Return what writes pages."""
    return PageWriter()


def test_page(writer: PageWriter) -> None:
    """It shows what, when, and how long, and names its language and its parts."""
    page = Page(writer.write(VIDEO, TEXTS, "en"))
    assert page.attributes("html")["lang"] == "en"
    assert page.attributes("html")["data-time-zone"] == "America/New_York"
    assert page.contents["h1"].strip() == page.contents["title"] == "Front camera"
    video = page.attributes("video")
    assert video["poster"] == VIDEO.picture
    assert video["data-play"] == VIDEO.play
    assert video["aria-label"] == "Front camera"
    assert {"controls", "muted", "playsinline"} <= set(video)
    assert "src" not in video
    times = [
        attributes["datetime"] for tag, attributes in page.elements if tag == "time"
    ]
    assert times == [START.isoformat(), VIDEO.expires.isoformat()]
    assert "0:52" in page.contents["dd"]
    assert page.attributes("a")["href"] == VIDEO.file
    assert page.attributes("a")["download"] == "2026-11-24 13-15-00.mp4"
    assert "hidden" in page.attributes("button")


def test_what_is_copied_needs_no_script(writer: PageWriter) -> None:
    """The file is played as it is."""
    video = Page(writer.write(replace(VIDEO, play=None), TEXTS, "en")).attributes(
        "video"
    )
    assert video["src"] == VIDEO.file
    assert "data-play" not in video


@pytest.mark.parametrize(
    ("duration", "shown"),
    [(0.2, "0:00"), (59.7, "1:00"), (3599, "59:59"), (3600, "1:00:00")],
)
def test_length(writer: PageWriter, duration: float, shown: str) -> None:
    """It is written as players write it."""
    video = replace(VIDEO, duration=timedelta(seconds=duration))
    assert f"<dd>{shown}</dd>" in writer.write(video, TEXTS, "en")


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "a&amp;b"]
)
def test_names_are_text(writer: PageWriter, name: str) -> None:
    """Whatever the owner calls a camera."""
    page = Page(writer.write(replace(VIDEO, name=name), TEXTS, "en"))
    assert page.contents["h1"].strip() == page.contents["title"] == name
    assert page.attributes("video")["aria-label"] == name
    assert [tag for tag, _ in page.elements].count("script") == 1
    assert "img" not in dict(page.elements)


def test_name_is_left_out(writer: PageWriter) -> None:
    """Then it has another heading."""
    page = Page(writer.write(replace(VIDEO, name=None), TEXTS, "en"))
    assert page.contents["h1"].strip() == TEXTS["share_title"]


def test_nothing(writer: PageWriter) -> None:
    """Where nothing is shared, a calm sentence says so, without a script."""
    page = Page(writer.write_over(TEXTS, "en"))
    assert page.contents["h1"] == TEXTS["share_over_title"]
    assert TEXTS["share_over"] in page.contents["p"]
    assert "script" not in dict(page.elements)


def test_policy(writer: PageWriter) -> None:
    """It lets in what the page has, and nothing else."""
    rules = dict(rule.split(" ", 1) for rule in writer.policy.split("; "))
    assert rules["default-src"] == "'none'"
    text = writer.write(VIDEO, TEXTS, "en")
    for kind in ("script", "style"):
        (content,) = re.findall(rf"<{kind}[^>]*>(.*?)</{kind}>", text, re.DOTALL)
        digest = b64encode(sha256(content.encode()).digest()).decode()
        assert rules[f"{kind}-src"] == f"'sha256-{digest}'"
    for sources in rules.values():
        assert "unsafe" not in sources
        assert "*" not in sources
        assert "http" not in sources
    page = Page(text)
    for _, attributes in page.elements:
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")]
        for name in ("src", "href", "poster", "data-play"):
            assert not re.match(r"(\w+:)?//", attributes.get(name) or "")


def test_all_that_is_said_has_a_text(writer: PageWriter) -> None:
    """Whatever the script says, there is a sentence for it on the page."""
    page = Page(writer.write(VIDEO, TEXTS, "en"))
    (status,) = [
        attributes
        for _, attributes in page.elements
        if attributes.get("role") == "status"
    ]
    script = page.contents["script"]
    said = set(re.findall(r'(?:say|stop|Obstacle)\("(\w+)"\)', script)) - {"restart"}
    assert said
    assert {f"data-{name}" for name in said} <= set(status)
    assert "://" not in script


def test_languages(writer: PageWriter) -> None:
    """Each that is offered has all texts of the page."""
    assert {"de", "en"} <= writer.languages
    english = {name for name in TEXTS if name.startswith("share_")}
    for language in writer.languages:
        texts = integration_json(f"translations/{language}.json").get("common", {})
        assert english <= set(texts), language
        text = writer.write(VIDEO, texts, language)
        assert f'lang="{language}"' in text
        assert texts["share_recorded"] in text


def test_colors_can_be_read(writer: PageWriter) -> None:
    """Text has a contrast of 4.5 to 1 or more (WCAG 2.2, 1.4.3), in light and in dark."""
    text = writer.write(VIDEO, TEXTS, "en")
    light, dark = re.findall(r":root \{(.*?)\}", text, re.DOTALL)
    for block in (light, dark):
        colors = dict(re.findall(r"--([\w-]+): (#\w+);", block))
        for front, back in (
            ("text", "ground"),
            ("quiet", "ground"),
            ("on-strong", "strong"),
        ):
            assert contrast(colors[front], colors[back]) >= 4.5, (front, back)
        assert contrast(colors["strong"], colors["ground"]) >= 3


def contrast(one: str, other: str) -> float:
    """Return how well two colors are told apart."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(color: str) -> float:
    """Return how bright a color is (WCAG 2.2, relative luminance)."""
    digits = color.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(2 * digit for digit in digits)
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4
        for each in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
