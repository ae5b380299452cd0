"""The words of a language that say when something was."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple
import unicodedata

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ENGLISH: Final = "en"
LANGUAGES: Final = frozenset(
    {"cs", "da", "de", "en", "es", "fi", "fr", "it", "nb", "nl", "pl", "pt", "sv"}
)
# By which of these others are read, too.
_RELATIVES: Final = {"gsw": "de", "nn": "nb", "no": "nb"}
# What Unicode does not take for a letter and an accent.
_LETTERS: Final = str.maketrans(
    {
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "æ": "ae",
        "œ": "oe",
        "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    }
)


class Kind(StrEnum):
    """What a word is for. Those of the first group have a number or a name."""

    WEEKDAY = "weekdays"
    WEEKDAY_SHORT = "weekdays_short"
    MONTH = "months"
    MONTH_SHORT = "months_short"
    DAY = "days"
    PERIOD = "periods"
    DAY_PERIOD = "day_periods"
    WEEKDAY_PERIOD = "compounds"
    CALENDAR = "calendar"
    UNIT = "units"
    NUMBER = "numbers"
    HOUR = "hour_names"
    OFFSET = "offsets"
    OFFSET_AFTER = "offsets_after"

    LAST = "last"
    THIS = "this"
    AGO = "ago"
    BETWEEN = "between"
    AND = "and"
    FROM = "from"
    TO = "to"
    SINCE = "since"
    SINCE_AFTER = "since_after"
    BEFORE = "before"
    NOW = "now"
    WEEKEND = "weekend"
    AT = "at"
    ON = "on"
    CLOCK = "clock"
    AM = "am"
    PM = "pm"


_PLAIN: Final = tuple(Kind)[tuple(Kind).index(Kind.LAST) :]
_NUMBERED: Final = (Kind.DAY, Kind.NUMBER, Kind.HOUR, Kind.OFFSET, Kind.OFFSET_AFTER)
# In the order of the calendar, from the number of the first.
_LISTS: Final = (
    (Kind.WEEKDAY, 0),
    (Kind.WEEKDAY_SHORT, 0),
    (Kind.MONTH, 1),
    (Kind.MONTH_SHORT, 1),
)
# Written in all languages.
_EVERYWHERE: Final = {
    "h": Kind.CLOCK,
    "am": Kind.AM,
    "a.m": Kind.AM,
    "pm": Kind.PM,
    "p.m": Kind.PM,
    "-": Kind.TO,
}


class Meaning(NamedTuple):
    """What a word may mean."""

    kind: Kind
    number: int = 0
    """Of a weekday from Monday as 0, of a month from 1, of what lies before today, a number that is
    spelt out, or the minutes between a time and the hour that it is named after."""
    name: str = ""
    """Of a unit or a period of the day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The words of one language, and English beside them."""

    phrases: Mapping[tuple[str, ...], Mapping[Kind, Meaning]]
    """What one or several folded words may mean, one meaning of each kind."""
    longest: int
    """How many words a phrase has at most."""
    hours: Mapping[str, tuple[int, int]]
    """From which to which hour a period lasts, where not as elsewhere."""
    has_dotted_times: bool
    """Whether 21.47 is a time."""
    counts_hours: bool
    """Whether 21 hours is a time."""
    examples: tuple[str, ...]
    """Three queries."""


def fold(text: str) -> str:
    """Return a word without accents, in small letters."""
    letters = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    return "".join(each for each in letters if not unicodedata.combining(each))


@cache
def load_vocabulary(language: str) -> Vocabulary:
    """Return the words of a language by its tag, or English ones. Reads files, the first time."""
    base = language.partition("-")[0].casefold()
    base = _RELATIVES.get(base, base)
    return _read(base if base in LANGUAGES else ENGLISH)


@cache
def _read(language: str) -> Vocabulary:
    path = files(__package__).joinpath("languages", f"{language}.json")
    texts = json.loads(path.read_text(encoding="utf-8"))
    phrases: dict[tuple[str, ...], dict[Kind, Meaning]] = {}
    for text, meaning in _meanings(texts):
        words = tuple(map(fold, text.split()))
        phrases.setdefault(words, {}).setdefault(meaning.kind, meaning)
    if language != ENGLISH:
        # People type it everywhere. What a word means in their language goes first.
        for words, meanings in _read(ENGLISH).phrases.items():
            phrases[words] = {**meanings, **phrases.get(words, {})}
    return Vocabulary(
        phrases=phrases,
        longest=max(map(len, phrases)),
        hours={
            name: (first, last)
            for name, (first, last) in texts.get("hours", {}).items()
        },
        has_dotted_times=texts.get("dotted_times", False),
        counts_hours=texts.get("hours_on_clock", False),
        examples=tuple(texts["examples"]),
    )


def _meanings(texts: Mapping[str, Any]) -> Iterator[tuple[str, Meaning]]:
    """Yield each phrase of a language with what it means."""
    yield from ((text, Meaning(kind)) for text, kind in _EVERYWHERE.items())
    for kind in _PLAIN:
        yield from _each(texts.get(kind, ""), Meaning(kind))
    for kind, first in _LISTS:
        for number, forms in enumerate(texts[kind], first):
            yield from _each(forms, Meaning(kind, number))
    yield from _keyed(texts)
    for joint in texts.get(Kind.WEEKDAY_PERIOD, ()):
        yield from _compounds(texts, joint)


def _keyed(texts: Mapping[str, Any]) -> Iterator[tuple[str, Meaning]]:
    """Yield what is listed by its number, its name, or both."""
    for kind in _NUMBERED:
        for number, forms in texts.get(kind, {}).items():
            yield from _each(forms, Meaning(kind, int(number)))
    for kind in (Kind.PERIOD, Kind.UNIT):
        for name, forms in texts[kind].items():
            yield from _each(forms, Meaning(kind, name=name))
    for kind in (Kind.DAY_PERIOD, Kind.CALENDAR):
        for key, forms in texts.get(kind, {}).items():
            number, name = key.split()
            yield from _each(forms, Meaning(kind, int(number), name))


def _compounds(texts: Mapping[str, Any], joint: str) -> Iterator[tuple[str, Meaning]]:
    """Yield weekdays and periods written as one word."""
    for number, weekday in enumerate(texts[Kind.WEEKDAY]):
        first = weekday.split(", ")[0]
        for name, forms in texts[Kind.PERIOD].items():
            meaning = Meaning(Kind.WEEKDAY_PERIOD, number, name)
            for form, _ in _each(forms, meaning):
                if " " not in form:
                    yield f"{first}{joint}{form}", meaning


def _each(forms: str, meaning: Meaning) -> Iterator[tuple[str, Meaning]]:
    yield from ((form, meaning) for form in forms.split(", ") if form)
