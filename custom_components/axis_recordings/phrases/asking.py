"""Read queries in the language of Home Assistant, and help where nothing was found."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, override

from homeassistant.core import callback

from ..helpers.language import async_texts
from .query import Query, read_query
from .vocabulary import load_vocabulary

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime, tzinfo

    from homeassistant.core import HomeAssistant

    from ..recordings.extent import TimeRange

_TIME_FORMAT: Final = "%Y-%m-%d %H:%M"


@dataclass(frozen=True, slots=True)
class Hint:
    """What helps somebody who has found nothing."""

    text: str
    """Which time was understood. It ends with a colon."""
    examples: tuple[str, ...]
    """Three queries."""

    @override
    def __str__(self) -> str:
        """Return it in one line."""
        return f"{self.text} {'; '.join(self.examples)}"


async def async_read_query(
    hass: HomeAssistant,
    text: str,
    *,
    now: datetime,
    zone: tzinfo,
    names: Collection[str] = (),
    bound: TimeRange | None = None,
) -> Query:
    """Read a query as read_query does, by the language and the country of Home Assistant.

    It is read in a thread, as that may take some milliseconds, and the words of a language come from a file.
    """
    read = partial(
        read_query,
        text,
        now=now,
        zone=zone,
        language=hass.config.language,
        country=hass.config.country,
        names=names,
        bound=bound,
    )
    return await hass.async_add_executor_job(read)


@callback
def async_hint(hass: HomeAssistant, query: Query, zone: tzinfo) -> Hint:
    """Return what to say where a query that was read before finds nothing."""
    texts = async_texts(hass, "common")
    key = "nothing_found_then" if query.span else "nothing_found"
    text = texts.get(key, key)
    if query.span:
        for name, moment in (("start", query.span.start), ("end", query.span.end)):
            local = moment.astimezone(zone).strftime(_TIME_FORMAT)
            text = text.replace(f"{{{name}}}", local)
    return Hint(text, load_vocabulary(hass.config.language).examples)
