"""What a camera has recorded, as a calendar."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Final, override

from homeassistant.components.calendar import (
    CalendarEntity,
    CalendarEntityDescription,
    CalendarEvent,
)
from homeassistant.core import callback
from homeassistant.util import dt as dt_util

from .const import CLOCK_TOLERANCE
from .entity import AxisRecordingsEntity
from .exceptions import translated_errors
from .media.titles import Words, join_title, label_of, place_words
from .recordings.attributes import recording_fields
from .recordings.days import ONE_DAY, slice_start
from .recordings.extent import SHORTEST_RECORDING, TimeRange, extent_of
from .recordings.search import RecordingSearch
from .users.permissions import async_current_requester
from .users.requester import Requester
from .vapix.times import EARLIEST, LATEST, is_usable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from datetime import date, tzinfo

    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
    from homeassistant.util.json import JsonObjectType

    from .runtime import AxisRecordingsConfigEntry, AxisRecordingsData
    from .vapix import Recording

PARALLEL_UPDATES = 0

# Home Assistant asks by itself for each range that is open anywhere, when the state has changed: one user may have
# opened thousands.
OPEN_CALENDARS: Final = Requester(user_id="open calendars")

# What a browser can show. Home Assistant converts each of them in its event loop, which takes some 60 µs.
MOST_EVENTS: Final = 2000

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
    camera = entry.runtime_data
    camera.async_add_entities(
        async_add_entities, lambda: [AxisRecordingsCalendar(camera)]
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class EventMaker:
    """All that decides how the recordings of one camera show in a calendar."""

    entry_id: str
    zone: tzinfo
    words: Words
    disks: Collection[str]
    sources: Collection[str]

    def events(
        self, recordings: Iterable[Recording], wanted: TimeRange, now: datetime
    ) -> list[CalendarEvent]:
        """Return the recordings that have any part in a range of time, oldest first."""
        spans = (
            # Events without a length are hard to see and to click.
            (extent.at_least(SHORTEST_RECORDING), recording)
            for recording in recordings
            if (extent := extent_of(recording, now))
        )
        return [
            self.event(recording, span)
            for span, recording in sorted(
                spans, key=lambda each: (each[0].start, each[1].key)
            )
            if span.start < wanted.end and _last_moment(recording, span) > wanted.start
        ]

    def event(self, recording: Recording, span: TimeRange) -> CalendarEvent:
        """Return a recording as an event."""
        words = [
            label_of(recording),
            *place_words(recording, self.disks, self.sources, self.words),
        ]
        return CalendarEvent(
            start=span.start.astimezone(self.zone),
            end=span.end.astimezone(self.zone),
            summary=join_title(*words) or recording.recording_id,
            description=_describe(recording_fields(recording, self.entry_id)),
            uid="/".join(recording.key),
        )

    def days(self, counts: Mapping[date, int]) -> list[CalendarEvent]:
        """Return an event for each day, oldest first, that says how many recordings it has."""
        newest = list(islice(counts.items(), MOST_EVENTS))
        return [
            CalendarEvent(
                start=day,
                end=day + ONE_DAY,
                summary=self.words.count_recordings(count),
                uid=f"day/{day}",
            )
            for day, count in reversed(newest)
        ]


class AxisRecordingsCalendar(AxisRecordingsEntity, CalendarEntity):
    """On while any recording goes on; its events are the recordings."""

    entity_description: CalendarEntityDescription
    _written: tuple[object, ...] | None = None

    def __init__(self, camera: AxisRecordingsData) -> None:
        """Show the recordings of a camera."""
        super().__init__(camera.recordings, RECORDINGS)
        self._camera = camera

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
            span = TimeRange(start, hour + timedelta(hours=1))
            return self._event_maker(UTC, ongoing).event(recording, span)
        return None

    @override
    async def async_get_events(
        self, hass: HomeAssistant, start_date: datetime, end_date: datetime
    ) -> list[CalendarEvent]:
        """Return what the camera has recorded in a range of time: each day as one if that is very much."""
        wanted = TimeRange(max(start_date, EARLIEST), min(end_date, LATEST))
        if wanted.end <= wanted.start:
            return []
        requester = async_current_requester(hass)
        async with self._camera.player.asking(
            OPEN_CALENDARS if requester.user_id is None else requester
        ):
            with translated_errors(self.coordinator.name):
                make = await self._async_find(wanted)
        # Each event is checked when it is made, which takes long for thousands.
        return await hass.async_add_executor_job(make)

    async def _async_find(self, wanted: TimeRange) -> Callable[[], list[CalendarEvent]]:
        """Find what is in a range of time, and return what makes events of it. Raises VapixError."""
        camera, coordinator = self._camera, self.coordinator
        search = RecordingSearch(start=wanted.start, end=wanted.end, limit=MOST_EVENTS)
        zone = await camera.metadata.async_time_zone(coordinator.data.newest)
        await camera.metadata.async_sources()
        counts = await camera.finder.async_days(zone, search)
        if counts and sum(counts.values()) > MOST_EVENTS:
            return partial(self._event_maker(zone, ()).days, counts)
        found = (await camera.finder.async_search(search)).recordings
        events = self._event_maker(zone, found).events
        return partial(events, found, wanted, coordinator.camera_now)

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
        """Return what makes events that differ from those beside them."""
        coordinator = self.coordinator
        beside = tuple(beside)
        return EventMaker(
            entry_id=coordinator.config_entry.entry_id,
            zone=zone,
            words=Words.async_load(self.hass),
            # A viewer account sees no disks.
            disks={*self._camera.disks.attached, *(each.disk_id for each in beside)},
            sources={
                *self._camera.metadata.known_sources,
                *(each.source for each in beside if each.source),
            },
        )


def _last_moment(recording: Recording, span: TimeRange) -> datetime:
    """Return until when a recording belongs to a range of time."""
    # Whoever asks what there is from now on means our now, which cameras are a little behind.
    return span.end + CLOCK_TOLERANCE if recording.is_ongoing else span.end


def _describe(fields: JsonObjectType) -> str:
    """Return a line for each field that is known."""
    lines = ((name, fields[name]) for name in _DESCRIBED)
    return "\n".join(
        # A line break in a name that somebody gave would look like another field.
        f"{name}: {' '.join(str(value).splitlines())}"
        for name, value in lines
        if value
    )
