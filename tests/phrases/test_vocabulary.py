"""The words of all languages."""

from datetime import UTC, datetime
import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from custom_components.axis_recordings.phrases import vocabulary
from custom_components.axis_recordings.phrases.countries import (
    MONTH_FIRST,
    SATURDAY_FIRST,
    SUNDAY_FIRST,
    first_weekday,
    is_month_first,
)
from custom_components.axis_recordings.phrases.query import read_query
from custom_components.axis_recordings.phrases.spans import HOURS, UNITS
from custom_components.axis_recordings.phrases.symbols import split_query
from custom_components.axis_recordings.phrases.vocabulary import (
    LANGUAGES,
    Kind,
    fold,
    load_vocabulary,
)

FILES = Path(vocabulary.__file__).parent / "languages"
NOW = datetime(2026, 11, 27, 14, 30, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
KEYS = {*Kind, "examples", "hours", "hours_on_clock", "dotted_times"}


def test_files() -> None:
    """There is one for each language, and no other."""
    assert {path.stem for path in FILES.glob("*")} == LANGUAGES


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_form(language: str) -> None:
    """Each file has what is needed, and no key that is never read."""
    texts = json.loads((FILES / f"{language}.json").read_text(encoding="utf-8"))
    assert set(texts) <= KEYS
    for kind, count in (
        (Kind.WEEKDAY, 7),
        (Kind.WEEKDAY_SHORT, 7),
        (Kind.MONTH, 12),
        (Kind.MONTH_SHORT, 12),
    ):
        assert len(texts[kind]) == count
    months = zip(texts[Kind.MONTH], texts[Kind.MONTH_SHORT], strict=True)
    assert all(long or short for long, short in months)
    assert set(texts[Kind.PERIOD]) <= set(HOURS)
    assert set(texts.get("hours", {})) <= set(texts[Kind.PERIOD])
    units = {*UNITS, "month", "year"}
    assert set(texts[Kind.UNIT]) == units
    for kind, names in ((Kind.DAY_PERIOD, set(HOURS)), (Kind.CALENDAR, units)):
        assert {key.split()[1] for key in texts.get(kind, {})} <= names


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_each_phrase_is_read(language: str) -> None:
    """However its words are parted, each means what the file says; an elided one does before another word."""
    words = load_vocabulary(language)
    (unit, *_) = (
        text
        for text, meanings in words.phrases.items()
        if Kind.UNIT in meanings and len(text) == 1
    )
    for phrase, meanings in words.phrases.items():
        is_elided = phrase[-1].endswith("'")
        text = " ".join(phrase) + unit[0] * is_elided
        symbols = split_query(text, (), words, month_first=False)
        assert len(symbols) == 1 + is_elided, text
        assert symbols[0].meanings == meanings, text


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_examples(language: str) -> None:
    """What a hint shows can be read: a moment, an evening, and a week."""
    vocabulary = load_vocabulary(language)
    moment, evening, week = (
        read_query(text, now=NOW, zone=BERLIN, language=language)
        for text in vocabulary.examples
    )
    assert moment.words == evening.words == week.words == ()
    assert moment.moments == (datetime(2026, 11, 26, 21, 47, tzinfo=BERLIN),)
    assert evening.span
    assert evening.span.start.astimezone(BERLIN).day == 26
    assert evening.span.start.astimezone(BERLIN).hour >= 17
    assert week.span
    assert week.span.start == datetime(2026, 11, 16, tzinfo=BERLIN)
    assert week.span.end == datetime(2026, 11, 23, tzinfo=BERLIN)


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_each_name_of_a_day(language: str) -> None:
    """All weekdays, months, and units are read, whatever else their names may mean."""
    texts = json.loads((FILES / f"{language}.json").read_text(encoding="utf-8"))

    def start(text: str) -> datetime:
        query = read_query(text, now=NOW, zone=BERLIN, language=language, country="DE")
        assert query.span, text
        assert not query.words, text
        return query.span.start.astimezone(BERLIN)

    for kind in (Kind.WEEKDAY, Kind.WEEKDAY_SHORT):
        for number, forms in enumerate(texts[kind]):
            for form in forms.split(", "):
                assert start(f"{form} 21:47").weekday() == number, form
                assert start(f"21:47 {form}").weekday() == number, form
    for kind in (Kind.MONTH, Kind.MONTH_SHORT):
        for number, forms in enumerate(texts[kind], 1):
            for form in filter(None, forms.split(", ")):
                found = start(f"26 {form}")
                assert (found.month, found.day) == (number, 26), form
                found = start(f"21:47 26 {form}")
                assert (found.month, found.day, found.hour) == (number, 26, 21), form
                found = start(f"{form} 2025")
                assert (found.year, found.month) == (2025, number), form
    for number, forms in texts[Kind.DAY].items():
        for form in forms.split(", "):
            assert start(form).day == NOW.day + int(number), form


@pytest.mark.parametrize(
    ("tag", "first"),
    [
        ("de-CH", "gestern 21:47"),
        ("PT-br", "ontem 21:47"),
        ("nn", "i går 21:47"),
        ("zh-Hant", "yesterday 21:47"),
        ("../de", "yesterday 21:47"),
        ("", "yesterday 21:47"),
    ],
)
def test_tags(tag: str, first: str) -> None:
    """Languages go by their tags, and English is for all others."""
    assert load_vocabulary(tag).examples[0] == first


def test_fold() -> None:
    """Accents make no difference, and neither do letters that many keyboards lack."""
    assert fold("Środę") == "srode"
    assert fold("LØRDAG") == "lordag"
    assert fold("zeszłym") == "zeszlym"
    assert fold("aujourd\N{RIGHT SINGLE QUOTATION MARK}hui") == "aujourd'hui"
    assert fold("Straße") == "strasse"


def test_countries() -> None:
    """They decide on the order of dates and on where weeks begin; without one, the language does."""
    assert not SUNDAY_FIRST & SATURDAY_FIRST
    assert all(len(code) == 2 for code in MONTH_FIRST | SUNDAY_FIRST | SATURDAY_FIRST)
    assert [is_month_first(each, "en") for each in ("US", "GB", None)] == [
        True,
        False,
        True,
    ]
    assert [is_month_first(None, each) for each in ("en-GB", "de")] == [False, False]
    assert [first_weekday(each) for each in ("US", "EG", "DE", None)] == [6, 5, 0, 0]
