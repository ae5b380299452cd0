"""What a camera has recorded, as a calendar."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, override

from homeassistant.components.calendar import (
    CalendarEntity,
    CalendarEntityDescription,
    CalendarEvent,
)
from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .entity import AxisRecordingsEntity
from .errors import translation_key
from .issues import CLOCK_TOLERANCE
from .media_scope import Scope
from .media_times import is_usable, slice_start
from .media_titles import SEPARATOR, Words, label_of, place_words
from .playback.window import Span, extent_of
from .response import recording_fields
from .search import MAX_EXAMINED, search_recordings
from .vapix import VapixError
from .vapix.times import FIRST_YEAR, LAST_YEAR

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import tzinfo

    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
    from homeassistant.util.json import JsonObjectType

    from .coordinator import AxisRecordingsConfigEntry
    from .vapix import Recording

PARALLEL_UPDATES = 0

# Events without a length are hard to see and to click.
SHORTEST_EVENT: Final = timedelta(seconds=1)
# At times beyond these nothing can be calculated, and no camera recorded.
EARLIEST: Final = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(LAST_YEAR, 1, 1, tzinfo=UTC)

# In this order, by the names that the actions answer with.
_DESCRIBED: Final = (
    "recording_id",
    "disk",
    "media_content_id",
    "type",
    "status",
    "event",
    "event_trigger",
    "source",
)

RECORDINGS = CalendarEntityDescription(
    key="recordings",
    translation_key="recordings",
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: AxisRecordingsConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the calendar."""
    coordinator = entry.runtime_data
    # The state names the source where there are several, and can't wait for the camera to list them.
    with suppress(VapixError):
        await coordinator.catalogue.async_sources()
    async_add_entities([AxisRecordingsCalendar(coordinator, RECORDINGS)])


@dataclass(frozen=True, slots=True, kw_only=True)
class EventMaker:
    """All that decides how the recordings of one camera show in a calendar."""

    entry_id: str
    zone: tzinfo
    words: Words
    disks: Collection[str]
    sources: Collection[str]

    def events(
        self, recordings: Iterable[Recording], wanted: Span, now: datetime
    ) -> list[CalendarEvent]:
        """Return the recordings that have any part in a range of time, oldest first."""
        spans = (
            (span, recording)
            for recording in recordings
            if (span := _span_of(recording, now))
            and span.start < wanted.stop
            and _last_moment(recording, span) > wanted.start
        )
        return [
            self.event(recording, span)
            for span, recording in sorted(
                spans, key=lambda each: (each[0].start, each[1].key)
            )
        ]

    def event(self, recording: Recording, span: Span) -> CalendarEvent:
        """Return a recording as an event."""
        words = [
            label_of(recording),
            *place_words(recording, self.disks, self.sources, self.words),
        ]
        return CalendarEvent(
            start=span.start.astimezone(self.zone),
            end=span.stop.astimezone(self.zone),
            summary=SEPARATOR.join(filter(None, words)) or recording.recording_id,
            description=_describe(recording_fields(recording, self.entry_id)),
            uid="/".join(recording.key),
        )


class AxisRecordingsCalendar(AxisRecordingsEntity, CalendarEntity):
    """On while any recording goes on; its events are the recordings."""

    entity_description: CalendarEntityDescription
    _written: tuple[object, ...] | None = None

    @property
    @override
    def event(self) -> CalendarEvent | None:
        # None of those to come is known, and one that is over is neither current nor upcoming.
        now = dt_util.utcnow()
        hour = now.replace(minute=0, second=0, microsecond=0)
        ongoing = self.coordinator.data.ongoing
        for recording in ongoing:
            start = recording.start
            if start is None or not is_usable(start):
                continue
            # The state is on only between two times of our clock. But the camera's may be ahead, and nobody
            # knows the end: it is put off hour by hour, as each change of it is a new state.
            if start > now:
                start = now.replace(second=0, microsecond=0)
            span = Span(start, hour + timedelta(hours=1))
            return self._event_maker(UTC, ongoing).event(recording, span)
        return None

    @override
    async def async_get_events(
        self, hass: HomeAssistant, start_date: datetime, end_date: datetime
    ) -> list[CalendarEvent]:
        """Ask the camera for what it has recorded in a range of time."""
        coordinator, catalogue = self.coordinator, self.coordinator.catalogue
        wanted = Span(max(start_date, EARLIEST), min(end_date, LATEST))
        if wanted.stop <= wanted.start:
            return []
        scope = Scope(start=wanted.start, stop=wanted.stop)
        search = scope.search(limit=MAX_EXAMINED)
        try:
            zone = await catalogue.async_time_zone(coordinator.data.newest)
            await catalogue.async_sources()
            listed = (await search_recordings(coordinator.client, search)).recordings
        except VapixError as err:
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key=translation_key(err),
                translation_placeholders={
                    "camera": coordinator.name,
                    "reason": str(err),
                },
            ) from err
        # It is not documented whether a window matches what is still going on.
        ongoing = filter(search.matches, coordinator.data.ongoing)
        found = {each.key: each for each in (*ongoing, *listed)}
        # Each event is checked when it is made, which takes long for thousands.
        return await hass.async_add_executor_job(
            self._event_maker(zone, found.values()).events,
            found.values(),
            wanted,
            coordinator.playback.camera_now,
        )

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        # Whatever is written makes each open calendar ask for all that it shows, so polls that have seen
        # nothing new write nothing. What goes on grows in slices.
        data = self.coordinator.data
        news = (
            self.available,
            data.total,
            data.newest,
            data.oldest,
            data.ongoing,
            slice_start(dt_util.utcnow()) if data.ongoing else None,
        )
        if news != self._written:
            self._written = news
            super()._handle_coordinator_update()

    def _event_maker(self, zone: tzinfo, beside: Iterable[Recording]) -> EventMaker:
        """Return what makes events that are told apart from those beside them."""
        coordinator = self.coordinator
        beside = tuple(beside)
        return EventMaker(
            entry_id=coordinator.config_entry.entry_id,
            zone=zone,
            words=Words.async_load(self.hass),
            # A viewer account is told no disks.
            disks={*coordinator.attached_disks, *(each.disk_id for each in beside)},
            sources={
                *coordinator.catalogue.known_sources,
                *(each.source for each in beside if each.source),
            },
        )


def _span_of(recording: Recording, now: datetime) -> Span | None:
    """Return from when to when an event lasts; None if that makes no sense."""
    extent = extent_of(recording, now)
    return extent and Span(
        extent.start, max(extent.stop, extent.start + SHORTEST_EVENT)
    )


def _last_moment(recording: Recording, span: Span) -> datetime:
    """Return until when a recording belongs to a range of time."""
    # Whoever asks what there is from now on means our now, which cameras are a little behind.
    return span.stop + CLOCK_TOLERANCE if recording.is_ongoing else span.stop


def _describe(fields: JsonObjectType) -> str:
    """Return a line for each field that is known."""
    lines = ((name, fields[name]) for name in _DESCRIBED)
    return "\n".join(
        # A line break in a name that somebody gave would look like another field.
        f"{name}: {' '.join(str(value).splitlines())}"
        for name, value in lines
        if value
    )
