"""Read what somebody has typed into a search."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from .grammar import Grammar
from .spans import Present, Times
from .symbols import split_query
from .vocabulary import ENGLISH, load_vocabulary

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime, tzinfo

    from ..recordings.extent import TimeRange

LONGEST_QUERY: Final = 200
"""In characters. What is behind them is not read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What somebody looks for."""

    words: tuple[str, ...]
    """All of them have to be found in what describes a recording, whatever their case."""
    times: Times | None
    """When it was, None for any time."""

    @property
    def span(self) -> TimeRange | None:
        """Return the range of time that is meant."""
        return self.times.span if self.times else None

    @property
    def moments(self) -> tuple[datetime, ...]:
        """Return from when a recording is to be played that holds one of them, oldest first."""
        return self.times.moments if self.times else ()


def read_query(
    text: str,
    *,
    now: datetime,
    zone: tzinfo,
    language: str = ENGLISH,
    country: str | None = None,
    names: Collection[str] = (),
    bound: TimeRange | None = None,
) -> Query:
    """Read a query in a language, by the clock on the wall, at a moment.

    ``country`` is an ISO 3166 code, by which 11/26 is read; ``names`` are words in any case, as those of rules and cameras.
    Of the times that may be meant, the latest goes first that has begun and lies within the ``bound``.
    What is no time is a word, so nothing raises. It reads a file the first time that a language is used.
    """
    vocabulary = load_vocabulary(language)
    present = Present.at(
        now, zone, vocabulary, language=language, country=country, bound=bound
    )
    symbols = split_query(
        text[:LONGEST_QUERY], names, vocabulary, month_first=present.month_first
    )
    times, words = Grammar(symbols, present).read()
    return Query(words=words, times=times)
