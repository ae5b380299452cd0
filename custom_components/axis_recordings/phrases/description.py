"""Make of the words of a query what has to be found in what describes a recording."""

from functools import partial
from typing import TYPE_CHECKING

from ..index.wanted import Word
from .symbols import normalize

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..recordings.description import Describer
    from .query import Query


def words_to_find(
    query: Query,
    describer: Describer,
    *,
    camera: str,
    sources: Mapping[str, str] | None = None,
) -> tuple[Word, ...]:
    """Return what has to be found, for the recordings of one camera.

    ``camera`` is its name, which describes all of them, and ``sources`` has the names of its sources.
    """
    everywhere = normalize(camera)
    return tuple(
        _word(word, describer, sources or {})
        for word in query.words
        if word not in everywhere
    )


def _word(word: str, describer: Describer, sources: Mapping[str, str]) -> Word:
    is_in = partial(_is_in, word)
    return Word(
        is_in=is_in,
        types=tuple(each for each, name in describer.types.items() if is_in(name)),
        sources=tuple(each for each, name in sources.items() if is_in(name)),
        is_ongoing=is_in(describer.in_progress),
        is_own=is_in(describer.by_home_assistant),
    )


def _is_in(word: str, text: str) -> bool:
    return word in normalize(text)
