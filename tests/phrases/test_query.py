"""What queries mean."""

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest

from custom_components.axis_recordings.phrases.query import (
    LONGEST_QUERY,
    Query,
    read_query,
)
from custom_components.axis_recordings.phrases.vocabulary import LANGUAGES
from custom_components.axis_recordings.recordings.days import (
    day_span,
    month_span,
    year_span,
)
from custom_components.axis_recordings.recordings.extent import TimeRange

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 27, 14, 30, tzinfo=UTC)
"""A Friday, at half past three in Berlin and half past nine in New York."""


class Phrase(NamedTuple):
    """A query and what it means, by the clock on the wall."""

    text: str
    start: str
    end: str
    words: str = ""
    plays_from: str = ""
    language: str = "en"
    country: str | None = "GB"
    zone: ZoneInfo = BERLIN
    now: datetime = NOW


SUMMER_TIME_ENDED = datetime(2026, 10, 25, 11, tzinfo=UTC)
SUMMER_TIME_BEGAN = datetime(2026, 3, 29, 11, tzinfo=UTC)
PHRASES = (
    Phrase("21:47", "11-26 21:47", "11-26 21:48", plays_from="11-26 21:47"),
    Phrase("9:47 pm", "11-26 21:47", "11-26 21:48", plays_from="11-26 21:47"),
    Phrase("9:47am", "11-27 09:47", "11-27 09:48", plays_from="11-27 09:47"),
    Phrase("at 9", "11-27 09:00", "11-27 10:00", plays_from="11-27 09:00"),
    Phrase("12 am", "11-27 00:00", "11-27 01:00", plays_from="11-27 00:00"),
    Phrase("yesterday", "11-26 00:00", "11-27 00:00"),
    Phrase(
        "yesterday 21:47:05",
        "11-26 21:47:05",
        "11-26 21:47:06",
        plays_from="11-26 21:47:05",
    ),
    Phrase("Thursday evening", "11-26 17:00", "11-27 00:00"),
    # Tonight has not begun.
    Phrase("Friday evening", "11-20 17:00", "11-21 00:00"),
    Phrase("last night", "11-26 20:00", "11-27 06:00"),
    Phrase(
        "last night at 2:00", "11-27 02:00", "11-27 02:01", plays_from="11-27 02:00"
    ),
    Phrase("this morning", "11-27 05:00", "11-27 12:00"),
    Phrase("9 in the evening", "11-26 21:00", "11-26 22:00", plays_from="11-26 21:00"),
    Phrase("26.11.", "11-26 00:00", "11-27 00:00"),
    Phrase("26.11.2025", "2025-11-26 00:00", "2025-11-27 00:00"),
    Phrase("5/11", "11-05 00:00", "11-06 00:00"),
    Phrase("5/11", "05-11 00:00", "05-12 00:00", country="US"),
    Phrase("11/26", "11-26 00:00", "11-27 00:00", country=None),
    Phrase("Nov 26", "11-26 00:00", "11-27 00:00"),
    Phrase("26 Nov 9 pm", "11-26 21:00", "11-26 22:00", plays_from="11-26 21:00"),
    Phrase("the 3rd of December 2025", "2025-12-03 00:00", "2025-12-04 00:00"),
    # This year, it is still to come.
    Phrase("December 3", "2025-12-03 00:00", "2025-12-04 00:00"),
    Phrase("last week", "11-16 00:00", "11-23 00:00"),
    Phrase("last week", "11-15 00:00", "11-22 00:00", country="US"),
    Phrase("Thursday last week", "11-19 00:00", "11-20 00:00"),
    Phrase("last Friday", "11-20 00:00", "11-21 00:00"),
    Phrase("2 hours ago", "11-27 13:00", "11-27 14:00", plays_from="11-27 13:30"),
    Phrase("3 days ago", "11-24 00:00", "11-25 00:00"),
    Phrase("last 24 hours", "11-26 15:30", "11-27 15:30"),
    Phrase("between 9 and 10", "11-27 09:00", "11-27 10:00"),
    Phrase("from 9 to 10 pm yesterday", "11-26 21:00", "11-26 22:00"),
    Phrase("yesterday 22:00 to 6:00", "11-26 22:00", "11-27 06:00"),
    Phrase("Monday to Wednesday", "11-23 00:00", "11-26 00:00"),
    Phrase("since Monday", "11-23 00:00", "11-27 15:30"),
    Phrase("in May", "05-01 00:00", "06-01 00:00"),
    Phrase("motion yesterday evening", "11-26 17:00", "11-27 00:00", words="motion"),
    Phrase("camera 2 at night", "11-26 20:00", "11-27 06:00", words="camera 2"),
    Phrase("2026-11-26T21:47", "11-26 21:47", "11-26 21:48", plays_from="11-26 21:47"),
    Phrase(
        "2026-11-26T21:47:00Z", "11-26 22:47", "11-26 22:48", plays_from="11-26 22:47"
    ),
    Phrase("gate 2026-10", "10-01 00:00", "11-01 00:00", words="gate"),
    Phrase("on the 3rd", "11-03 00:00", "11-04 00:00"),
    Phrase("Thu, 26.11.", "11-26 00:00", "11-27 00:00"),
    Phrase("26.11. 2024", "2024-11-26 00:00", "2024-11-27 00:00"),
    Phrase("26/11/25", "2025-11-26 00:00", "2025-11-27 00:00"),
    Phrase("2025/11/26", "2025-11-26 00:00", "2025-11-27 00:00"),
    Phrase("November 2025", "2025-11-01 00:00", "2025-12-01 00:00"),
    Phrase("last November", "2025-11-01 00:00", "2025-12-01 00:00"),
    Phrase("thu night", "11-26 20:00", "11-27 06:00"),
    Phrase("motion thu 9 pm", "11-26 21:00", "11-26 22:00", "motion", "11-26 21:00"),
    Phrase("this year", "01-01 00:00", "2027-01-01 00:00"),
    Phrase("last month", "10-01 00:00", "11-01 00:00"),
    Phrase("2 months ago", "09-01 00:00", "10-01 00:00"),
    Phrase("last 2 months", "09-01 00:00", "11-27 15:30"),
    Phrase("a week ago", "11-16 00:00", "11-23 00:00"),
    Phrase("Thursday 2 weeks ago", "11-12 00:00", "11-13 00:00"),
    Phrase("9-10 pm", "11-26 21:00", "11-26 22:00"),
    Phrase("between 9-10", "11-27 09:00", "11-27 10:00"),
    Phrase("11 to 1 pm", "11-27 11:00", "11-27 13:00"),
    Phrase("21:00\N{EN DASH}22:30", "11-26 21:00", "11-26 22:30"),
    Phrase("between 23 and 1", "11-26 23:00", "11-27 01:00"),
    Phrase("Tuesday 22:00 to Wednesday 6:00", "11-24 22:00", "11-25 06:00"),
    Phrase("from Tuesday evening to Wednesday", "11-24 17:00", "11-26 00:00"),
    Phrase("Wednesday to Monday", "11-18 00:00", "11-24 00:00"),
    Phrase("since 9", "11-27 09:00", "11-27 15:30"),
    Phrase(
        "9 pm in the evening", "11-26 21:00", "11-26 22:00", plays_from="11-26 21:00"
    ),
    # In New York, it is another day by then, or another hour.
    Phrase(
        "21:47", "11-26 21:47", "11-26 21:48", plays_from="11-26 21:47", zone=NEW_YORK
    ),
    Phrase(
        "2 hours ago",
        "11-27 07:00",
        "11-27 08:00",
        plays_from="11-27 07:30",
        zone=NEW_YORK,
    ),
    Phrase(
        "today",
        "11-26 00:00",
        "11-27 00:00",
        zone=NEW_YORK,
        now=datetime(2026, 11, 27, 3, tzinfo=UTC),
    ),
    # Other languages.
    Phrase(
        "21.47 Uhr",
        "11-26 21:47",
        "11-26 21:48",
        plays_from="11-26 21:47",
        language="de",
    ),
    Phrase(
        "Bewegung Donnerstagabend",
        "11-26 17:00",
        "11-27 00:00",
        words="bewegung",
        language="de",
    ),
    Phrase("zwischen 9 und 10 Uhr abends", "11-26 21:00", "11-26 22:00", language="de"),
    Phrase(
        "gestern 21 Uhr 47",
        "11-26 21:47",
        "11-26 21:48",
        plays_from="11-26 21:47",
        language="de",
    ),
    Phrase("9-10 Uhr", "11-27 09:00", "11-27 10:00", language="de"),
    Phrase("9.30 bis 10.15 Uhr", "11-27 09:30", "11-27 10:15", language="de"),
    Phrase("i fjor", "2025-01-01 00:00", "2026-01-01 00:00", language="nb"),
    Phrase("mar 2025", "2025-03-01 00:00", "2025-04-01 00:00", language="es"),
    Phrase(
        "mar 21:47",
        "11-24 21:47",
        "11-24 21:48",
        plays_from="11-24 21:47",
        language="es",
    ),
    Phrase("la nuit dernière", "11-26 20:00", "11-27 06:00", language="fr"),
    Phrase(
        "hier à 21h47",
        "11-26 21:47",
        "11-26 21:48",
        plays_from="11-26 21:47",
        language="fr",
    ),
    Phrase(
        "ayer a las 9 de la noche",
        "11-26 21:00",
        "11-26 22:00",
        plays_from="11-26 21:00",
        language="es",
    ),
    Phrase("gisteravond", "11-26 17:00", "11-27 00:00", language="nl"),
    Phrase("i morse", "11-27 05:00", "11-27 12:00", language="sv"),
    Phrase("giovedì sera", "11-26 17:00", "11-27 00:00", language="it"),
    Phrase(
        "há 2 horas",
        "11-27 13:00",
        "11-27 14:00",
        plays_from="11-27 13:30",
        language="pt-BR",
    ),
    Phrase(
        "i går kl. 21.47",
        "11-26 21:47",
        "11-26 21:48",
        plays_from="11-26 21:47",
        language="da",
    ),
    Phrase("forrige uke", "11-16 00:00", "11-23 00:00", language="nb"),
    Phrase("torstai-iltana", "11-26 17:00", "11-27 00:00", language="fi"),
    Phrase("w zeszłym tygodniu", "11-16 00:00", "11-23 00:00", language="pl"),
    Phrase("včera večer", "11-26 17:00", "11-27 00:00", language="cs"),
    # English is read everywhere, and digits where nothing else is.
    Phrase(
        "yesterday 9 pm",
        "11-26 21:00",
        "11-26 22:00",
        plays_from="11-26 21:00",
        language="de",
    ),
    Phrase(
        "11/26 21:47",
        "11-26 21:47",
        "11-26 21:48",
        plays_from="11-26 21:47",
        language="ja",
        country="JP",
    ),
)


def read(text: str, **more: object) -> Query:
    """Read a query as in Berlin."""
    customs = {"now": NOW, "zone": BERLIN, "language": "en", "country": "GB"} | more
    return read_query(text, **customs)  # type: ignore[arg-type]


def moment(text: str, zone: ZoneInfo) -> datetime:
    """Return a time of 2026, or of another year if that is written."""
    full = text if text.count("-") > 1 else f"2026-{text}"
    return datetime.fromisoformat(full).replace(tzinfo=zone)


def test_phrases(subtests: pytest.Subtests) -> None:
    """Each means one time, the latest that has begun, and the other words stay."""
    for phrase in PHRASES:
        with subtests.test(phrase.text, language=phrase.language, zone=phrase.zone.key):
            query = read_query(
                phrase.text,
                now=phrase.now,
                zone=phrase.zone,
                language=phrase.language,
                country=phrase.country,
            )
            assert query.span is not None
            assert query.span.start == moment(phrase.start, phrase.zone)
            assert query.span.end == moment(phrase.end, phrase.zone)
            assert query.words == tuple(phrase.words.split())
            expected = phrase.plays_from and moment(phrase.plays_from, phrase.zone)
            assert query.moments == ((expected,) if expected else ())
    # Brazilian Portuguese, and one that has no words.
    languages = {each.language.partition("-")[0] for each in PHRASES}
    assert languages == LANGUAGES | {"ja"}


WORDS = (
    "motion",
    "motion recording",
    "input 2",
    "sun porch",
    "may fair",
    "zone 3-4",
    "2026",
    "in progress",
    "recorded by home assistant",
    "25:00",
    "31.02.",
    "2026-02-31",
    "13 pm",
    "9999 years ago",
    "99999 hours ago",
    "tomorrow",
    "13-14 pm",
    "0-13 pm",
    "25-26",
    "9 minutes",
    "at 26 minutes",
    "21 uhr pm",
    "since tomorrow",
    "since",
    "between gate and door",
    "2 to may",
    "200 years ago",
    "2026-11-26t25:00",
    "2026-02-31t10:00z",
    "thursday 2030-11",
    "9 to 10",
    "../..",
    "昨日",
)


@pytest.mark.parametrize("text", WORDS)
def test_words(text: str) -> None:
    """What is no time is left as it is."""
    assert read(text) == Query(words=tuple(text.split()), times=None)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2026-11-24 25:00", ("25:00",)),
        # An abbreviation that is another word shuts nothing out.
        ("sun porch yesterday", ("sun", "porch")),
        ("may fair last week", ("may", "fair")),
        ("sun porch Thursday evening", ("sun", "porch")),
        ("sun porch may fair wed 9 pm", ("sun", "porch", "may", "fair")),
        ("2026-11-24 2026-11-23", ("2026-11-23",)),
        ("10:00 gate 11:00", ("gate", "11:00")),
        ("21:47 last week", ("21:47",)),
        ("motion at the gate yesterday", ("motion", "at", "the", "gate")),
        ("zone 2 at the gate at 9", ("zone", "2", "at", "the", "gate")),
        ("tuesday in the gate", ("in", "the", "gate")),
        ("from 2026-11-26 to 2026-11-24", ("to", "2026-11-24")),
        ("since 2027-01-01", ("since",)),
    ],
)
def test_second_time(text: str, words: tuple[str, ...]) -> None:
    """What is said first of a time counts; the rest are words."""
    query = read(text)
    assert query.words == words
    assert query.times is not None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Kamera 2 am Tor um 9", "kamera 2 am tor"),
        ("um 9 am Tor", "am tor"),
        ("um 9:00 Uhr am Tor", "am tor"),
        ("10 vor 9 Uhr", "10 vor"),
    ],
)
def test_german_words(text: str, words: str) -> None:
    """A word that is on as well as a.m., or before as well as ago, is none of these before other words."""
    query = read(text, language="de")
    assert query.words == tuple(words.split())
    assert query.moments == (moment("11-27 09:00", BERLIN),)


def test_quotes_and_names() -> None:
    """What is in quotes, or the name of a rule, is no time."""
    assert read('"last night"').words == ("last", "night")
    assert read('yesterday "night watch').words == ("watch",)
    names = ["Night", "Night watch", "Sunday", "9", ""]
    query = read("NIGHT watch yesterday", names=names)
    assert query.words == ("night", "watch")
    assert query.span == read("yesterday").span
    assert read("yesterday night", names=names).words == ("night",)
    assert read('"night" watch 9 pm', names=names).words == ("night", "watch")
    assert read("nightly sunday", names=names).words == ("nightly", "sunday")
    assert read("9 pm", names=names).span == read("9 pm").span


@pytest.mark.parametrize(
    ("zone", "now", "text", "start", "length"),
    [
        # Shown twice by the clocks, so that both are meant.
        (BERLIN, "2026-10-25T12:00Z", "2:30", "2026-10-25T00:30Z", 61),
        (NEW_YORK, "2026-11-01T12:00Z", "1:30", "2026-11-01T05:30Z", 61),
        (
            BERLIN,
            "2026-10-26T12:00Z",
            "between 2 and 3 on Sunday",
            "2026-10-25T00:00Z",
            120,
        ),
        # Never shown.
        (BERLIN, "2026-03-29T12:00Z", "2:30", "2026-03-29T01:30Z", 1),
        # Days and nights of 23 and 25 hours.
        (BERLIN, "2026-03-30T12:00Z", "yesterday", "2026-03-28T23:00Z", 23 * 60),
        (NEW_YORK, "2026-11-02T12:00Z", "yesterday", "2026-11-01T04:00Z", 25 * 60),
        (BERLIN, "2026-10-25T12:00Z", "last night", "2026-10-24T18:00Z", 11 * 60),
        (NEW_YORK, "2026-03-08T16:00Z", "last night", "2026-03-08T01:00Z", 9 * 60),
        # Real hours, whatever the clocks show.
        (BERLIN, "2026-10-25T02:00Z", "last 3 hours", "2026-10-24T23:00Z", 180),
        (BERLIN, "2026-03-29T12:00Z", "last week", "2026-03-15T23:00Z", 7 * 24 * 60),
        (BERLIN, "2026-03-30T12:00Z", "last week", "2026-03-22T23:00Z", 167 * 60),
        (NEW_YORK, "2026-11-15T12:00Z", "2026-11", "2026-11-01T04:00Z", 721 * 60),
    ],
)
def test_when_clocks_change(
    zone: ZoneInfo, now: str, text: str, start: str, length: int
) -> None:
    """Times are those that clocks show, and lengths those that pass."""
    query = read(text, now=datetime.fromisoformat(now), zone=zone)
    assert query.span
    assert query.span.start == datetime.fromisoformat(start)
    assert query.span.duration == timedelta(minutes=length)
    assert query.words == ()


def test_moment_that_comes_twice() -> None:
    """There is one to play from for each time that clocks show it."""
    query = read("2:30", now=SUMMER_TIME_ENDED)
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert query.moments == (first, first + timedelta(hours=1))
    query = read("2:30", now=SUMMER_TIME_BEGAN)
    assert query.moments == (datetime(2026, 3, 29, 1, 30, tzinfo=UTC),)


@pytest.mark.parametrize(
    ("hour", "minute", "start"),
    [
        # At night, it is the night that goes on; in the evening, the one before.
        (2, 0, "11-26 20:00"),
        (15, 0, "11-26 20:00"),
        (23, 30, "11-26 20:00"),
    ],
)
def test_last_night(hour: int, minute: int, start: str) -> None:
    """It is the one that began yesterday."""
    now = datetime(2026, 11, 27, hour, minute, tzinfo=BERLIN)
    query = read("last night", now=now)
    assert query.span
    assert query.span.start == moment(start, BERLIN)


@pytest.mark.parametrize("text", ["night", "tonight", "today night", "at night"])
def test_night(text: str) -> None:
    """It is the latest that has begun."""
    for hour, day in ((2, 26), (15, 26), (21, 27)):
        now = datetime(2026, 11, 27, hour, tzinfo=BERLIN)
        span = read(text, now=now).span
        assert span
        assert span.start == datetime(2026, 11, day, 20, tzinfo=BERLIN)


def test_at_the_ends_of_time() -> None:
    """By a clock that is wrong, what lies before all time is no time."""
    texts = ("yesterday", "last year", "100 years ago", "Feb 29", "last night")
    for text in texts:
        first = read(text, now=datetime(1970, 1, 1, 0, 30, tzinfo=UTC))
        assert first == Query(words=tuple(text.casefold().split()), times=None)
        last = read(text, now=datetime(8999, 1, 1, 0, 30, tzinfo=UTC))
        assert last.words == ()
        assert last.span
        assert last.span.end <= datetime(8999, 1, 1, 12, tzinfo=UTC)
    assert read("Feb 29", now=NOW).span == read("2024-02-29").span


@pytest.mark.parametrize(
    ("folder", "text", "start", "end"),
    [
        ("2026-11-15", "21:47", "11-15 21:47", "11-15 21:48"),
        ("2026-11-15", "evening", "11-15 17:00", "11-16 00:00"),
        ("2026-11-15", "at night", "11-15 20:00", "11-16 06:00"),
        ("2026-11-15", "between 9 and 10", "11-15 09:00", "11-15 10:00"),
        ("2026-11-15", "since 9", "11-15 09:00", "11-27 15:30"),
        ("2026-11-15", "Sunday", "11-15 00:00", "11-16 00:00"),
        ("2026-11-15", "yesterday 21:47", "11-26 21:47", "11-26 21:48"),
        ("2026-11-15", "26.11. 21:47", "11-26 21:47", "11-26 21:48"),
        ("2026-11-15", "last Friday", "11-20 00:00", "11-21 00:00"),
        ("2026-11-27", "9:30", "11-27 09:30", "11-27 09:31"),
        # It has not begun there, so nothing is found.
        ("2026-11-27", "21:47", "11-27 21:47", "11-27 21:48"),
        ("2026-11", "21:47", "11-26 21:47", "11-26 21:48"),
        ("2026-03", "21:47", "03-31 21:47", "03-31 21:48"),
        ("2026-03", "the 3rd", "03-03 00:00", "03-04 00:00"),
        ("2026-03", "Thursday", "03-26 00:00", "03-27 00:00"),
        ("2025", "May", "2025-05-01 00:00", "2025-06-01 00:00"),
        ("2025", "Nov 26", "2025-11-26 00:00", "2025-11-27 00:00"),
        ("2025", "Nov 26 to 28", "2025-11-26 00:00", "2025-11-29 00:00"),
    ],
)
def test_bound(folder: str, text: str, start: str, end: str) -> None:
    """Of what may be meant, the latest counts that lies where somebody looks."""
    bound = {4: year_span, 7: month_span, 10: day_span}[len(folder)](
        date.fromisoformat((folder + "-01-01")[:10]), BERLIN
    )
    query = read(text, bound=bound)
    assert query.span == TimeRange(moment(start, BERLIN), moment(end, BERLIN))
    assert query.words == ()


def test_length_is_bounded() -> None:
    """What is behind a long query's beginning is not read."""
    query = read("x" * LONGEST_QUERY + " yesterday")
    assert query == Query(words=("x" * LONGEST_QUERY,), times=None)
