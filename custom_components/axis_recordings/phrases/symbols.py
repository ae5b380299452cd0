"""Cut a query into what its words may mean."""

from dataclasses import dataclass, field
from itertools import chain
import re
from typing import TYPE_CHECKING, Final
import unicodedata

from .figures import Figure, Number, read_figure, read_local_time
from .vocabulary import Kind, Meaning, fold

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from .vocabulary import Vocabulary

# What is in quotes is no time.
_WORDS: Final = re.compile(r'"([^"]*)"|([^\s",;]+)')
_RANGE: Final = re.compile(
    r"(\d[\d:./hu]{0,9}?(?:am|pm)?)-(\d[\d:./hu]{0,9}(?:am|pm)?)", re.ASCII
)
_DIGITS_AND_LETTERS: Final = re.compile(r"(\d[\d:.]{0,7})([^\W\d_][^\d_]{0,9})")
_DAY_TO_DAY: Final = re.compile(r"([^\W\d_]{1,12}\.?)-([^\W\d_]{1,12}\.?)")
# An article or the like that is not parted from what follows.
_SHORT_WORD_FIRST: Final = re.compile(
    r"([^\W\d_]{1,7}(?:['\N{RIGHT SINGLE QUOTATION MARK}]|\.(?=\d)))(.+)"
)
_DASHES: Final = dict.fromkeys(map(ord, "\N{EN DASH}\N{EM DASH}\N{MINUS SIGN}"), "-")
_QUOTES: Final = dict.fromkeys(map(ord, "“”„«»"), '"')
# Abbreviations end with dots, and sentences with other signs.
_SIGNS: Final = ".!?()"
_OWNER: Final = "'s"
# Such as prepositions before a time.
_MOST_BESIDE: Final = 5
# Of those that are in one query. Cameras have fewer rules.
_MOST_NAMES: Final = 50
_MONTHS: Final = (Kind.MONTH, Kind.MONTH_SHORT)
_SUFFIXES: Final = (Kind.UNIT, Kind.CLOCK, Kind.AM, Kind.PM, *_MONTHS)
_NAMES_OF_DAYS: Final = (Kind.WEEKDAY, Kind.WEEKDAY_SHORT, Kind.DAY, *_MONTHS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbol:
    """One or several words that belong together."""

    words: tuple[str, ...]
    """As they were typed, in small letters."""
    figure: Figure | None = None
    meanings: Mapping[Kind, Meaning] = field(default_factory=dict)
    is_quoted: bool = False


_NOTHING: Final = Symbol(words=())
_TO: Final = Symbol(words=("-",), meanings={Kind.TO: Meaning(Kind.TO)})


class Symbols:
    """The symbols of a query, which go on with nothing on both sides."""

    def __init__(self, symbols: Sequence[Symbol]) -> None:
        """Keep them."""
        self._symbols = dict(enumerate(symbols))

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._symbols)

    def __getitem__(self, place: int) -> Symbol:
        """Return one."""
        return self._symbols.get(place, _NOTHING)

    def has(self, place: int, *kinds: Kind) -> bool:
        """Return whether a symbol can be one of some kinds."""
        return not self[place].meanings.keys().isdisjoint(kinds)

    def meaning(self, place: int, *kinds: Kind) -> Meaning | None:
        """Return what a symbol means as the first of some kinds."""
        meanings = self[place].meanings
        for kind in kinds:
            if meaning := meanings.get(kind):
                return meaning
        return None

    def number(self, place: int) -> int | None:
        """Return a number, in digits or spelt out."""
        if isinstance(figure := self[place].figure, Number):
            return figure.value
        meaning = self.meaning(place, Kind.NUMBER)
        return meaning.number if meaning else None

    def has_sense(self, place: int) -> bool:
        """Return whether a symbol can be a part of a time."""
        return self[place].figure is not None or bool(self[place].meanings)

    def is_free(self, place: int) -> bool:
        """Return whether a number does not belong to a word before it, as in camera 2."""
        return place == 0 or bool(self[place - 1].meanings)

    def follows_digits(self, place: int) -> bool:
        """Return whether the word before begins with a digit, and may be a number that is too large."""
        return any(each[:1].isdigit() for each in self[place - 1].words[:1])

    def follows_minutes(self, place: int) -> bool:
        """Return whether a number stands before that belongs to a time, as in 10 vor 9."""
        return self.number(place - 1) is not None and self.is_free(place - 1)

    def after(self, place: int, *kinds: Kind) -> int:
        """Return the place after symbols that can be of some kinds, of which nobody needs many."""
        end = place + _MOST_BESIDE
        while place < end and self.has(place, *kinds):
            place += 1
        return place


def split_query(
    text: str, names: Collection[str], vocabulary: Vocabulary, *, month_first: bool
) -> Symbols:
    """Return the symbols of a query. Names are words, whatever they might mean."""
    symbols: list[Symbol] = []
    for is_quoted, chunk in _chunks(normalize(text), names):
        if is_quoted:
            symbols.append(Symbol(words=(chunk,), is_quoted=True))
        else:
            symbols += _divided(chunk, vocabulary, month_first=month_first)
    return Symbols(_joined(symbols, vocabulary))


def normalize(text: str) -> str:
    """Return a text in small letters, with one form for each sign."""
    plain = unicodedata.normalize("NFKC", text).translate(_QUOTES)
    return unicodedata.normalize("NFKC", plain.casefold())


def _chunks(text: str, names: Collection[str]) -> Iterator[tuple[bool, str]]:
    """Yield the words, and whether each is quoted or a name, of which the longest go first."""
    known = {name for each in names if (name := normalize(each).strip()) in text}
    longest = sorted(known, key=lambda name: (-len(name), name))
    for name in longest[:_MOST_NAMES]:
        # A number alone is more often one.
        if any(map(str.isalpha, name)) and '"' not in name:
            text = "".join(_with_name_quoted(text, name))
    for found in _WORDS.finditer(text):
        quoted, word = found.groups()
        if word:
            yield False, word
        else:
            yield from ((True, each) for each in quoted.split())


def _with_name_quoted(text: str, name: str) -> Iterator[str]:
    """Yield a text in which a name is quoted, where it is not already."""
    pattern = rf"(?<!\w){re.escape(name)}(?!\w)"
    for number, part in enumerate(text.split('"')):
        if number % 2:
            yield f'"{part}"'
        else:
            yield re.sub(pattern, lambda found: f'"{found[0]}"', part)


def _divided(
    chunk: str, vocabulary: Vocabulary, *, month_first: bool
) -> Iterator[Symbol]:
    """Yield the symbols of a word, which has several if it is 9pm or 21:00-22:00."""
    dashed = chunk.translate(_DASHES).strip("()!?")
    figure = read_figure(dashed, month_first=month_first)
    if figure is not None:
        yield Symbol(words=(chunk,), figure=figure)
    elif time := read_local_time(chunk):
        yield from (Symbol(words=(chunk,), figure=each) for each in time)
    elif found := _RANGE.fullmatch(dashed):
        first, last = found.groups()
        yield from _divided(first, vocabulary, month_first=month_first)
        yield _TO
        yield from _divided(last, vocabulary, month_first=month_first)
    elif found := _DIGITS_AND_LETTERS.fullmatch(chunk):
        digits, letters = found.groups()
        meanings = _meanings(letters, vocabulary)
        number = read_figure(digits, month_first=month_first)
        if number is not None and any(kind in meanings for kind in _SUFFIXES):
            yield Symbol(words=(digits,), figure=number)
            yield Symbol(words=(letters,), meanings=meanings)
        else:
            yield Symbol(words=(chunk,), meanings=_meanings(chunk, vocabulary))
    elif meanings := _meanings(dashed, vocabulary):
        yield Symbol(words=(chunk,), meanings=meanings)
    else:
        yield from _halves(chunk, dashed, vocabulary, month_first=month_first)


def _halves(
    chunk: str, dashed: str, vocabulary: Vocabulary, *, month_first: bool
) -> Iterator[Symbol]:
    """Yield the two halves of l'an, kl.21, or Mon-Wed, and any other word as it is."""

    def half(text: str) -> Symbol:
        figure = read_figure(text, month_first=month_first)
        return Symbol(
            words=(text,), figure=figure, meanings=_meanings(text, vocabulary)
        )

    if found := _DAY_TO_DAY.fullmatch(dashed):
        first, last = map(half, found.groups())
        if _names_day(first) and _names_day(last):
            yield from (first, _TO, last)
            return
    elif found := _SHORT_WORD_FIRST.fullmatch(dashed):
        first, last = map(half, found.groups())
        if first.meanings and (last.meanings or last.figure is not None):
            yield from (first, last)
            return
    yield Symbol(words=(chunk,))


def _names_day(symbol: Symbol) -> bool:
    return any(kind in symbol.meanings for kind in _NAMES_OF_DAYS)


def _joined(symbols: list[Symbol], vocabulary: Vocabulary) -> list[Symbol]:
    """Return symbols with phrases of several words as one."""
    plain = [tuple(map(_plain, each.words)) for each in symbols]
    joined: list[Symbol] = []
    start = 0
    while start < len(symbols):
        for end in range(min(start + vocabulary.longest, len(symbols)), start + 1, -1):
            phrase = tuple(chain.from_iterable(plain[start:end]))
            meanings = vocabulary.phrases.get(phrase)
            if meanings and not any(each.is_quoted for each in symbols[start:end]):
                words = chain.from_iterable(each.words for each in symbols[start:end])
                joined.append(Symbol(words=tuple(words), meanings=meanings))
                start = end
                break
        else:
            joined.append(symbols[start])
            start += 1
    return joined


def _meanings(word: str, vocabulary: Vocabulary) -> Mapping[Kind, Meaning]:
    return vocabulary.phrases.get((_plain(word),), {})


def _plain(word: str) -> str:
    """Return a folded word without the dot of an abbreviation, and without an s as in yesterday's."""
    plain = fold(word).strip(_SIGNS)
    return plain if plain == _OWNER else plain.removesuffix(_OWNER)
