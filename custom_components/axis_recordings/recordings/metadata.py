"""What of a camera's recordings changes slowly, and is asked for only when it is wanted and old."""

from contextlib import contextmanager, suppress
from datetime import timedelta, timezone, tzinfo
import re
from typing import TYPE_CHECKING, Final

from homeassistant.core import callback
from homeassistant.util import dt as dt_util

from ..vapix import NOT_AVAILABLE, PosixZone, RefusedError, VapixError
from ..vapix.times import is_usable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator

    from homeassistant.core import HomeAssistant

    from ..vapix import Recording, VapixClient
    from .finder import RecordingFinder

# A new rule of the camera shows in the list of events after this time at the latest.
NAMES_AGE: Final = timedelta(minutes=5)
# Somebody may move the camera, or correct its time zone.
ZONE_AGE: Final = timedelta(hours=1)
_NAME: Final = re.compile(r"[A-Za-z][\w+-]*(?:/[A-Za-z][\w+-]*){0,2}", re.ASCII)


class _Age:
    """How old an answer is. One that is forgotten before it has come is old at once."""

    def __init__(self, hass: HomeAssistant, is_away: Callable[[], bool]) -> None:
        self._loop = hass.loop
        self._is_away = is_away
        self._asked: float | None = None
        self._forgotten = 0

    def exceeds(self, age: timedelta) -> bool:
        """Return whether to ask: a camera that is away is not asked again for what changes slowly."""
        if self._is_away():
            return False
        return (
            self._asked is None
            or self._loop.time() >= self._asked + age.total_seconds()
        )

    @contextmanager
    def of_answer(self) -> Generator[None]:
        """Get an answer. Without one, the last one counts, and if the camera did not answer at all, it is old."""
        now, forgotten = self._loop.time(), self._forgotten
        with suppress(VapixError):
            with suppress(*NOT_AVAILABLE, RefusedError):
                yield
            if forgotten == self._forgotten:
                self._asked = now

    def forget(self) -> None:
        """Ask anew the next time."""
        self._asked = None
        self._forgotten += 1


class _Names:
    """A list of names that is asked for when it is old."""

    def __init__(
        self, fetch: Callable[[], Awaitable[tuple[str, ...]]], age: _Age
    ) -> None:
        self._fetch = fetch
        self.known: tuple[str, ...] = ()
        """The last answer."""
        self.age = age

    async def async_get(self) -> tuple[str, ...]:
        if self.age.exceeds(NAMES_AGE):
            with self.age.of_answer():
                self.known = await self._fetch()
        return self.known


class CameraMetadata:
    """The time zone of a camera, and the names of its events and sources, as it has last told them."""

    def __init__(
        self,
        hass: HomeAssistant,
        client: VapixClient,
        *,
        is_away: Callable[[], bool],
        finder: RecordingFinder,
    ) -> None:
        """Ask the client, but nothing yet, and never while the camera is away; or the finder, which may know more."""
        self._client = client
        events_age = _Age(hass, lambda: is_away() and not finder.is_whole)
        self._events = _Names(finder.async_event_ids, events_age)
        self._sources = _Names(client.fetch_sources, _Age(hass, is_away))
        self._zone: tzinfo | None = None
        self._zone_age = _Age(hass, is_away)

    async def async_event_ids(self) -> tuple[str, ...]:
        """Return the names of the events that have made recordings; empty if the camera never listed them."""
        return await self._events.async_get()

    async def async_sources(self) -> tuple[str, ...]:
        """Return the sources that there are recordings of; empty if the camera never listed them."""
        return await self._sources.async_get()

    @property
    def known_sources(self) -> tuple[str, ...]:
        """Return the sources as they were listed last; empty if nobody has asked yet."""
        return self._sources.known

    async def async_time_zone(self, newest: Recording | None) -> tzinfo:
        """Return the camera's time zone, by which its days begin and end.

        Where it does not say, it is most likely the one of Home Assistant. If a recording shows that it
        isn't, there is only that recording's offset.
        """
        is_doubtful = self._zone is None or not _agrees(self._zone, newest)
        age = NAMES_AGE if is_doubtful else ZONE_AGE
        if self._zone_age.exceeds(age):
            with self._zone_age.of_answer():
                text = await self._client.fetch_time_zone()
                # What was known before is more likely right than what makes no sense.
                self._zone = await _read_zone(text) or self._zone
        return self._zone or _likely_zone(newest)

    @callback
    def async_forget(self) -> None:
        """Ask for everything anew when it is wanted; until there is an answer, the last one counts."""
        for age in (self._zone_age, self._events.age, self._sources.age):
            age.forget()


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
    """Return whether a recording has the offset of a time zone, as far as it has one."""
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
