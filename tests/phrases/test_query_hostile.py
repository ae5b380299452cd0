"""Queries that nobody would type."""

from datetime import UTC, datetime
from itertools import count
import sys
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings, strategies as st
import pytest

from custom_components.axis_recordings.phrases.query import (
    LONGEST_QUERY,
    Query,
    read_query,
)
from custom_components.axis_recordings.phrases.symbols import normalize
from custom_components.axis_recordings.phrases.vocabulary import (
    LANGUAGES,
    load_vocabulary,
)

NOW = datetime(2026, 11, 27, 14, 30, tzinfo=UTC)
ZONES = [ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), UTC]
# Some 12 ms.
MOST_CALLS = 150_000
SIZE = 10_000
HOSTILE = (
    "9 " * SIZE,
    "9" * SIZE,
    "9-" * SIZE,
    "9:" * SIZE,
    "9." * SIZE,
    "1.1.1." * SIZE,
    "at " * SIZE,
    "between 9 and " * SIZE,
    "last " * SIZE,
    "last 2 " * SIZE,
    "the day before " * SIZE,
    "yesterday " * SIZE,
    "thu " * SIZE,
    '"' * SIZE,
    '" ' * SIZE,
    "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * SIZE,
    "e" + "\N{COMBINING ACUTE ACCENT}" * SIZE,
    "\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}" * SIZE,
    "\N{RIGHT-TO-LEFT OVERRIDE}yesterday",
    "\N{ZERO WIDTH SPACE}21:47",
    "\N{FULLWIDTH DIGIT TWO}\N{FULLWIDTH DIGIT ONE}:47",
    "\N{ARABIC-INDIC DIGIT NINE} pm",
    "\N{SUPERSCRIPT TWO}\N{VULGAR FRACTION ONE HALF} hours ago",
    "\0",
    "\ud800",
    "99999999999999999999 hours ago",
    "9999 months ago",
    "last 9999 weeks",
    "since 9999-12-31",
    "9999-12-31t23:59:59-23:59",
    "0001-01-01t00:00:00+23:59",
    "0000-00-00",
    "0/0",
    "00.00.0000",
    "99:99",
    "24:00",
    "(?a)(a+)+$",
    "../../etc/passwd",
    "{start} %s %n",
)


def calls(text: str, **more: Any) -> tuple[Query, int]:
    """Return what a text means, and how many functions were called to find that out."""
    counter = count()

    def count_call(_frame: object, event: str, _argument: object) -> None:
        if event in ("call", "c_call"):
            next(counter)

    before = sys.getprofile()
    sys.setprofile(count_call)
    try:
        query = read_query(text, now=NOW, zone=ZONES[0], **more)
    finally:
        sys.setprofile(before)
    return query, next(counter)


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:20]))
def test_bounded(text: str) -> None:
    """It costs little, however long it is, and makes nothing longer than it can be."""
    for language in ("en", "fi"):
        load_vocabulary(language)
        query, made = calls(text, language=language)
        assert made < MOST_CALLS
        # A ligature may stand for eighteen letters.
        assert sum(map(len, query.words)) <= 18 * LONGEST_QUERY


def test_many_names() -> None:
    """So do cameras with many rules, also if all of their names are in the query."""
    text = "rule 9 yesterday (.*)+" + "".join(map(chr, range(0x4E00, 0x4E00 + 170)))
    names = {text[first:last] for last in range(len(text) + 1) for first in range(last)}
    assert len(names) > SIZE
    query, made = calls(text, names=[*names, text])
    assert query.times is None
    assert made < MOST_CALLS + 20 * len(names)


@given(
    text=st.text(max_size=300)
    | st.lists(
        st.sampled_from(
            sorted(
                " ".join(words)
                for language in sorted(LANGUAGES)
                for words in load_vocabulary(language).phrases
            )
        )
        | st.from_regex(r"\d{1,5}([:./-]\d{1,5}){0,2}[a-z.]{0,2}", fullmatch=True),
        max_size=8,
    ).map(" ".join),
    language=st.sampled_from([*sorted(LANGUAGES), "ja", "", "../en", "pt-BR"]),
    country=st.sampled_from([None, "US", "DE", "AE", "HU", ""]),
    zone=st.sampled_from(ZONES),
    now=st.datetimes(datetime(1970, 1, 1), datetime(8999, 1, 1)).map(  # noqa: DTZ001
        lambda each: each.replace(tzinfo=UTC)
    ),
)
@settings(max_examples=400, deadline=None)
@example("last 9999 years", "en", None, UTC, NOW)
def test_any_text(
    text: str, language: str, country: str | None, zone: ZoneInfo, now: datetime
) -> None:
    """Whatever is typed is read, as a time that makes sense, as words, or as both."""
    query = read_query(text, now=now, zone=zone, language=language, country=country)
    if query.span:
        assert query.span.start < query.span.end
        assert query.span.start.tzinfo is not None
        for moment in query.moments:
            assert query.span.start <= moment < query.span.end
    elif text[:LONGEST_QUERY].strip().isalnum():
        assert query.words
    described = normalize("\n".join(query.words))
    assert all(word in described for word in query.words)


def test_no_text_is_any() -> None:
    """Nothing that is typed means everything."""
    for text in ("", "  ", '""', ",;"):
        query = read_query(text, now=NOW, zone=UTC)
        assert query.times is None
        assert query.words == ()
