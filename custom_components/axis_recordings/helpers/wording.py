"""Put together what people read."""

from itertools import islice
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection

MOST_NAMES: Final = 20
"""That a message names: more of them nobody reads."""


def joined(names: Collection[str]) -> str:
    """Return names in one line; of very many only the first ones, and how many more there are."""
    line = ", ".join(islice(names, MOST_NAMES))
    more = len(names) - MOST_NAMES
    return f"{line}, … (+{more})" if more > 0 else line
