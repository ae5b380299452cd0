"""What people type in each language, and when that was: at half past three on Friday, November 27, in Berlin.

``phrases.json`` has from when to when, by the clock on the wall of November 2026 if no month is written.
"""

from functools import cache
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from custom_components.axis_recordings.phrases.query import read_query
from custom_components.axis_recordings.phrases.vocabulary import LANGUAGES

from .test_query import BERLIN, NOW

if TYPE_CHECKING:
    from collections.abc import Iterator

    from custom_components.axis_recordings.phrases.query import Query


@cache
def table() -> dict[str, dict[str, list[str]]]:
    """Return the phrases of each language by what they mean."""
    text = Path(__file__).with_name("phrases.json").read_text(encoding="utf-8")
    found: dict[str, dict[str, list[str]]] = json.loads(text)
    return found


def phrases(language: str) -> Iterator[tuple[str, str]]:
    """Yield each phrase, and what it means."""
    for meaning, texts in table()[language].items():
        for text in texts:
            yield text, meaning


def read(text: str, language: str) -> Query:
    """Read a query as in Europe, where days go before months."""
    return read_query(text, now=NOW, zone=BERLIN, language=language, country="DE")


def told(query: Query) -> str:
    """Return a time and the other words, as the table has it."""
    if query.span is None:
        return "nothing"
    ends = (query.span.start, query.span.end)
    shown = (f"{each.astimezone(BERLIN):%Y-%m-%d %H:%M}" for each in ends)
    return " ".join([" to ".join(shown), *query.words])


def full(meaning: str) -> str:
    """Return what a phrase means with all years and months."""
    starts = {0: "2026-11-", 1: "2026-", 2: ""}
    return " to ".join(starts[each.count("-")] + each for each in meaning.split(" to "))


def test_each_language_has_phrases() -> None:
    """None is forgotten."""
    assert set(table()) == LANGUAGES


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_phrases(language: str) -> None:
    """Days and times are read in both orders, and no word is left over."""
    expected = {text: full(meaning) for text, meaning in phrases(language)}
    assert {text: told(read(text, language)) for text in expected} == expected


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_beside_words(language: str) -> None:
    """Another word behind changes nothing."""
    expected = {text: f"{full(meaning)} xyz" for text, meaning in phrases(language)}
    assert {text: told(read(f"{text} xyz", language)) for text in expected} == expected
