"""What of a camera's recordings changes slowly, and is asked for only when somebody browses them."""

from contextlib import suppress
from datetime import timedelta, timezone, tzinfo
import re
from typing import TYPE_CHECKING, Final

from homeassistant.core import callback
from homeassistant.util import dt as dt_util

from .vapix import (
    MissingRightsError,
    PosixZone,
    RefusedError,
    UnexpectedAnswerError,
)
from .vapix.times import is_usable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from homeassistant.core import HomeAssistant

    from .vapix import Recording, VapixClient

# A new rule of the camera shows in the list of events after this time at the latest.
NAMES_AGE: Final = timedelta(minutes=5)
# Somebody may move the camera, or correct its time zone.
ZONE_AGE: Final = timedelta(hours=1)
_NAME: Final = re.compile(r"[A-Za-z][\w+-]*(?:/[A-Za-z][\w+-]*){0,2}", re.ASCII)
# The camera can't tell, or not to this account. A broken connection is something else.
_NOT_TOLD: Final = (MissingRightsError, RefusedError, UnexpectedAnswerError)


class _Names:
    """A list of names that is asked for when it is old."""

    def __init__(
        self, hass: HomeAssistant, fetch: Callable[[], Awaitable[tuple[str, ...]]]
    ) -> None:
        self._hass = hass
        self._fetch = fetch
        self.known: tuple[str, ...] = ()
        """The last answer."""
        self._expires = 0.0

    async def async_get(self) -> tuple[str, ...]:
        now = self._hass.loop.time()
        if now >= self._expires:
            with suppress(*_NOT_TOLD):
                self.known = await self._fetch()
            self._expires = now + NAMES_AGE.total_seconds()
        return self.known

    def forget(self) -> None:
        """Ask anew the next time."""
        self._expires = 0.0


class Catalogue:
    """The time zone of a camera, and the names of its events and sources.

    Raises VapixError if the camera can't be reached.
    """

    def __init__(self, hass: HomeAssistant, client: VapixClient) -> None:
        """Ask with the client, but nothing yet."""
        self._client = client
        self._events = _Names(hass, client.fetch_event_ids)
        self._sources = _Names(hass, client.fetch_sources)
        self._hass = hass
        self._zone: tzinfo | None = None
        self._zone_asked: float | None = None

    async def async_event_ids(self) -> tuple[str, ...]:
        """Return the names of the events that have made recordings; empty if the camera never could tell."""
        return await self._events.async_get()

    async def async_sources(self) -> tuple[str, ...]:
        """Return the sources that there are recordings of; empty if the camera never could tell."""
        return await self._sources.async_get()

    @property
    def known_sources(self) -> tuple[str, ...]:
        """Return the sources as they were told last; empty if nobody has asked yet."""
        return self._sources.known

    async def async_time_zone(self, newest: Recording | None) -> tzinfo:
        """Return the camera's time zone, by which its days begin and end.

        Where it does not tell, it is most likely the one of Home Assistant. If a recording shows that it
        isn't, there is only that recording's offset.
        """
        is_doubtful = self._zone is None or not _agrees(self._zone, newest)
        age = NAMES_AGE if is_doubtful else ZONE_AGE
        now = self._hass.loop.time()
        if self._zone_asked is None or now >= self._zone_asked + age.total_seconds():
            with suppress(*_NOT_TOLD):
                text = await self._client.fetch_time_zone()
                # What was known before is more likely right than what makes no sense.
                self._zone = await _read_zone(text) or self._zone
            self._zone_asked = now
        return self._zone or _likely_zone(newest)

    @callback
    def async_forget(self) -> None:
        """Ask for everything anew when it is wanted; until it is told, what was told last counts."""
        self._zone_asked = None
        self._events.forget()
        self._sources.forget()


async def _read_zone(text: str | None) -> tzinfo | None:
    """Return a time zone by its name or rule, None if it makes no sense."""
    if text is None:
        return None
    with suppress(ValueError):
        return PosixZone.parse(text)
    name = text.removeprefix(":")
    # Anything else might lead out of the database.
    return await dt_util.async_get_time_zone(name) if _NAME.fullmatch(name) else None


def _agrees(zone: tzinfo, newest: Recording | None) -> bool:
    """Return whether a recording has the offset of a time zone, as far as it tells one."""
    if newest is None or newest.start is None or newest.utc_offset is None:
        return True
    return (
        not is_usable(newest.start)
        or newest.utc_offset == newest.start.astimezone(zone).utcoffset()
    )


def _likely_zone(newest: Recording | None) -> tzinfo:
    own = dt_util.get_default_time_zone()
    if newest is None or newest.utc_offset is None or _agrees(own, newest):
        return own
    return timezone(newest.utc_offset)
