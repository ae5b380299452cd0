"""Put together what people read."""

from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Final

from homeassistant.util import dt as dt_util

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

MOST_NAMES: Final = 20
"""That a message names: more of them nobody reads."""


def joined(names: Collection[str]) -> str:
    """Return names in one line; of very many only the first ones, and how many more there are."""
    line = ", ".join(islice(names, MOST_NAMES))
    more = len(names) - MOST_NAMES
    return f"{line}, … (+{more})" if more > 0 else line


def shown_moment(moment: datetime) -> str:
    """Return a time as people read it; beyond all local times, in UTC."""
    with suppress(OverflowError):
        moment = dt_util.as_local(moment)
    return str(moment.replace(microsecond=0))
