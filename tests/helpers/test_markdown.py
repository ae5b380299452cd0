"""What others say, where Home Assistant renders Markdown."""

from html import unescape
import re

from hypothesis import given, settings, strategies as st
from markdown_it import MarkdownIt
import pytest

from custom_components.axis_recordings.helpers.markdown import escape

PLAIN = (
    "Front camera",
    "SD_DISK",
    "AXIS M1065-LW (ACCC8E000001)",
    "192.168.0.90",
    "Tom & Jerry",
    "Garage [left]",
    "Küche #2: 50 % <3",
    "20261127_101112_ABCD_ACCC8E000001",
    "[Errno 111] Connect call failed ('192.168.0.90', 443)",
)
ATTACKS = (
    "[click](https://evil.example)",
    "![](https://evil.example/picture.png)",
    "<img src=x onerror=alert(1)>",
    "<https://evil.example>",
    "https://evil.example",
    "www.evil.example",
    "WWW.evil.example",
    "somebody@evil.example",
    "[x][y]\n\n[y]: https://evil.example",
    "**bold** _slanted_ `code` ~~gone~~",
    "__bold__ ___both___ a__b__c 1_2_",
    "# Heading",
    "> Quotation",
    "- List",
    "+ List",
    "a\n===\nb",
    "&lt;b&gt; &#60;",
    "\\[click](x) \\\\[click](x)",
    "| a | b |\n| - | - |",
    "</p><script>1</script><!-- -->",
)
MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
# GitHub's kind makes links of these without any mark.
LINK = re.compile(r"(?:https?|ftp)://|www\.|[\w.+-]+@[\w-]+\.\w", re.IGNORECASE)


def shown(text: str) -> str:
    """Return what is seen. It is one paragraph and nothing else."""
    paragraph = re.fullmatch(r"<p>(.*)</p>\n", MARKDOWN.render(text), re.DOTALL)
    assert paragraph, text
    assert not re.search(r"<(?!3)", paragraph[1]), text
    return unescape(paragraph[1])


@pytest.mark.parametrize("text", PLAIN)
def test_plain(text: str) -> None:
    """Usual names stay what they are, as titles show them without rendering."""
    assert escape(text) == text
    assert shown(text) == text


@pytest.mark.parametrize("text", ATTACKS)
def test_attack(text: str) -> None:
    """It is seen, and does nothing."""
    escaped = escape(text)
    assert shown(escaped) == " ".join(text.split())
    assert not LINK.search(escaped)


@settings(database=None, derandomize=True, max_examples=500)
@given(st.text("[]()<>!&#;:/\\`*_~|@.-+= \n1aw", max_size=30))
def test_any(text: str) -> None:
    """Whatever it is, it is seen as it is."""
    if line := " ".join(text.split()):
        assert shown(f"Camera {escape(text)}.") == f"Camera {line}."
        assert not LINK.search(escape(text))
