"""The folders of one camera in the media browser.

Each folder asks the camera for what it shows and nothing else, however many recordings there are.
"""

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, unquote

from homeassistant.components.media_player import BrowseError, MediaClass

from .const import DOMAIN
from .errors import raise_as, translation_key
from .media_gaps import filled_days, filled_years
from .media_items import RECORDING, SEARCHABLE, Shelf, make_folder
from .media_scope import Scope, read_question
from .media_times import (
    MOST_DAYS,
    ONE_DAY,
    day_of,
    day_span,
    days_between,
    days_of_month,
    is_usable,
    month_name,
    month_span,
    read_day,
    read_month,
    read_year,
    slice_start,
    split_days,
    year_span,
)
from .media_titles import Words
from .playback.window import Span, Window, WindowError
from .search import MAX_SECONDS, search_recordings
from .vapix import RecordingQuery, VapixError, is_id

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Iterable, Sequence
    from datetime import date

    from homeassistant.components.media_source import BrowseMediaSource

    from .coordinator import AxisRecordingsConfigEntry, AxisRecordingsCoordinator
    from .vapix import Recording

PAGE_SIZE: Final = 100
# What a search shows at most.
MOST_FOUND: Final = 100
# More than any camera has recordings.
_MOST_DIGITS: Final = 9
_LONGEST_QUOTE: Final = 100
# More months than these are not all listed: a camera that once had no clock has recordings of 1970.
MOST_MONTHS: Final = 24
# Of so many, the newest are listed as months, and the others by their years, unless these are few.
NEWEST_MONTHS: Final = 12
FEW_YEARS: Final = 4


class Kind(StrEnum):
    """The first word of a folder's name, below its camera."""

    TODAY = "today"
    LAST_24_HOURS = "last_24_hours"
    IN_PROGRESS = "in_progress"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    DISKS = "disks"
    DISK = "disk"
    SOURCES = "sources"
    SOURCE = "source"
    EVENTS = "events"
    EVENT = "event"
    RECORDING = RECORDING
    FROM = "from"
    """Ends the name of a list that goes on from a result."""


class _NoSuchFolderError(Exception):
    """The name of a folder makes no sense."""


@dataclass(frozen=True, slots=True)
class Found:
    """A recording that a search has found."""

    start: datetime
    item: BrowseMediaSource


def unknown_media(identifier: str) -> BrowseError:
    """Return the error for a name that means nothing."""
    return BrowseError(
        translation_domain=DOMAIN,
        translation_key="unknown_media",
        translation_placeholders={"identifier": identifier[:_LONGEST_QUOTE]},
    )


async def async_browse(
    entry: AxisRecordingsConfigEntry, path: Sequence[str]
) -> BrowseMediaSource:
    """Open a folder of a camera. BrowseError if there is none, or if the camera does not answer."""
    with _translated_errors(entry, path):
        browser = await _CameraBrowser.async_create(entry)
        return await browser.async_open(path)


async def async_search(
    entry: AxisRecordingsConfigEntry,
    path: Sequence[str],
    text: str,
    classes: Collection[MediaClass] | None,
    *,
    name_camera: bool = False,
) -> list[Found]:
    """Find recordings in a folder of a camera, newest first.

    NotImplementedError where there is nothing to search.
    """
    with _translated_errors(entry, path):
        browser = await _CameraBrowser.async_create(entry, name_camera=name_camera)
        return await browser.async_search(path, text, classes)


@contextmanager
def _translated_errors(
    entry: AxisRecordingsConfigEntry, path: Sequence[str]
) -> Generator[None]:
    """Say in the user's words why a folder does not open."""
    try:
        yield
    except _NoSuchFolderError as err:
        raise unknown_media("/".join([entry.entry_id, *path])) from err
    except VapixError as err:
        raise BrowseError(
            translation_domain=DOMAIN,
            translation_key=translation_key(err),
            translation_placeholders={"camera": entry.title, "reason": str(err)},
        ) from err


class _CameraBrowser:
    """Opens the folders of one camera."""

    def __init__(self, coordinator: AxisRecordingsCoordinator, shelf: Shelf) -> None:
        self._coordinator = coordinator
        self._client = coordinator.client
        self._shelf = shelf
        self._words = shelf.words
        self._zone = shelf.zone

    @classmethod
    async def async_create(
        cls, entry: AxisRecordingsConfigEntry, *, name_camera: bool = False
    ) -> _CameraBrowser:
        """Ask for what all folders need, which as a rule is known already."""
        coordinator = entry.runtime_data
        catalogue = coordinator.catalogue
        zone = await catalogue.async_time_zone(coordinator.data.newest)
        sources = await catalogue.async_sources()
        shelf = Shelf(
            entry_id=entry.entry_id,
            now=coordinator.playback.camera_now,
            zone=zone,
            words=Words.async_load(coordinator.hass),
            disks=coordinator.attached_disks,
            sources=sources,
            camera=coordinator.name if name_camera else None,
        )
        return cls(coordinator, shelf)

    async def async_open(self, path: Sequence[str]) -> BrowseMediaSource:
        """Return a folder with what is in it."""
        match path:
            case []:
                return await self._open_camera()
            case [Kind.IN_PROGRESS]:
                return await self._open_in_progress()
            case [(Kind.DISKS | Kind.SOURCES | Kind.EVENTS) as kind]:
                return await self._open_names(kind)
            case [(Kind.MONTH | Kind.YEAR) as kind, name]:
                return await self._open_span(kind, name)
            case [Kind.RECORDING, *name]:
                return await self._open_recording("/".join(name))
            case _:
                return await self._open_list(path)

    async def async_search(
        self, path: Sequence[str], text: str, classes: Collection[MediaClass] | None
    ) -> list[Found]:
        """Return what is found in a folder, newest first."""
        question = read_question(text, self._zone)
        scope = self._scope_to_search(path)
        place, shown = question.narrow(scope), question.shown(scope)
        wanted = set(SEARCHABLE if classes is None else classes) & set(SEARCHABLE)
        if place.is_empty or not wanted:
            return []

        def matches(recording: Recording) -> bool:
            if not question.matches(self._shelf.describe(recording)):
                return False
            item = self._shelf.item(recording, shown, beside=())
            return item is not None and item.media_class in wanted

        # Without it, the camera is asked for no more than is shown.
        is_simple = not question.words and len(wanted) == len(SEARCHABLE)
        accepts = None if is_simple else matches
        recordings: tuple[Recording, ...] = ()
        if list(path) == [Kind.IN_PROGRESS]:
            await self._refresh()
        else:
            search = place.search(limit=MOST_FOUND, accepts=accepts)
            result = await search_recordings(self._client, search, seconds=MAX_SECONDS)
            recordings = result.recordings
        recordings = _merged(recordings, filter(accepts, self._ongoing(place)))
        found = [
            Found(each.start, item)
            for each in recordings
            if each.start is not None
            and (item := self._shelf.item(each, shown, beside=recordings))
        ]
        return found[:MOST_FOUND]

    # Folders

    async def _open_camera(self) -> BrowseMediaSource:
        """Return what there is to choose from; nothing if the camera has no recordings."""
        await self._refresh()
        children: list[BrowseMediaSource] = []
        days = await self._days()
        if days or self._coordinator.data.total:
            words = self._words
            children = [
                self._folder([Kind.TODAY], words.today, can_search=True),
                self._folder(
                    [Kind.LAST_24_HOURS], words.last_24_hours, can_search=True
                ),
                self._folder([Kind.IN_PROGRESS], words.in_progress, can_search=True),
            ]
            for kind in (Kind.DISKS, Kind.SOURCES, Kind.EVENTS):
                if len(await self._names(kind)) > 1:
                    children.append(self._folder([kind], self._title_of_names(kind)))
            newest, months = split_days(days)
            years: list[date] = []
            if len(months) > MOST_MONTHS:
                months, years = await self._shorten(months)
            children += map(self._day_folder, newest)
            children += map(self._month_folder, months)
            children += [
                self._folder(
                    [Kind.YEAR, str(year.year)], str(year.year), can_search=True
                )
                for year in years
            ]
        return self._folder([], self._coordinator.name, children, can_search=True)

    async def _open_span(self, kind: str, name: str) -> BrowseMediaSource:
        if kind == Kind.MONTH and (month := read_month(name)):
            return await self._open_month(month)
        if kind == Kind.YEAR and (year := read_year(name)):
            return await self._open_year(year)
        raise _NoSuchFolderError

    async def _open_month(self, month: date) -> BrowseMediaSource:
        known, name = await self._days(), month_name(month)
        days = [day for day in days_of_month(month) if day in set(known)]
        if len(split_days(known)[1]) > MOST_MONTHS:
            span = month_span(month, self._zone)
            filled = await self._filled_days(span.start, span.stop)
            days = [day for day in days if filled is None or day in filled]
        return self._folder(
            [Kind.MONTH, name],
            name,
            list(map(self._day_folder, days)),
            can_search=True,
        )

    async def _open_year(self, year: date) -> BrowseMediaSource:
        days = await self._days()
        known = {day.replace(day=1) for day in days if day.year == year.year}
        months = sorted(known, reverse=True)
        if months:
            months = await self._filled_months(months)
        name = str(year.year)
        children = list(map(self._month_folder, months))
        return self._folder([Kind.YEAR, name], name, children, can_search=True)

    async def _open_names(self, kind: str) -> BrowseMediaSource:
        """Return a list for each disk, source or event."""
        one = kind.removesuffix("s")
        children = [
            self._folder(
                [one, quote(name, safe="")], self._title_of(one, name), can_search=True
            )
            for name in await self._names(kind)
        ]
        return self._folder([kind], self._title_of_names(kind), children)

    async def _open_in_progress(self) -> BrowseMediaSource:
        await self._refresh()
        return self._list(
            [Kind.IN_PROGRESS], self._words.in_progress, self._ongoing(Scope()), Scope()
        )

    async def _open_list(self, path: Sequence[str]) -> BrowseMediaSource:
        """Return one page of recordings, and the way to the next."""
        place, offset = _read_page(path)
        scope = self._scope(place)
        result = await search_recordings(
            self._client, scope.search(limit=PAGE_SIZE, offset=offset)
        )
        recordings = result.recordings
        if offset == 0:
            # It is not documented whether a window matches what is still going on.
            recordings = _merged(recordings, self._ongoing(scope))
        more: list[BrowseMediaSource] = []
        if result.next_offset is not None:
            further = [*place, Kind.FROM, str(result.next_offset)]
            more = [self._folder(further, self._words.more, can_search=True)]
        return self._list(path, self._title_of_list(place), recordings, scope, more)

    async def _open_recording(self, name: str) -> BrowseMediaSource:
        """Return the days of a long recording, or the slices of one of them; here, time runs forward."""
        try:
            window = Window.parse(name)
        except WindowError as err:
            raise _NoSuchFolderError from err
        recording_id = window.key.recording_id
        if not is_id(recording_id):
            raise _NoSuchFolderError
        listed = await self._client.fetch_recording(recording_id)
        recording = next((each for each in listed if each.key == window.key), None)
        extent = self._shelf.extent(recording) if recording else None
        if recording is None or extent is None:
            raise BrowseError(
                translation_domain=DOMAIN,
                translation_key="recording_gone",
                translation_placeholders={"camera": self._coordinator.name},
            )
        scope = Scope(start=window.start, stop=window.stop)
        part = scope.clip(extent)
        if part.stop <= part.start:
            # The camera has cleaned up what was there.
            part, children = Span(extent.start, extent.start), []
        else:
            children = self._divided(recording, scope, part)
        return make_folder(
            self._shelf.name_of_long(window),
            self._shelf.title(recording, part),
            children,
            children_class=children[0].media_class if children else MediaClass.VIDEO,
        )

    def _divided(
        self, recording: Recording, scope: Scope, part: Span
    ) -> list[BrowseMediaSource]:
        """Return a part of a recording by month or day, or one of a single day in slices."""
        first, last = (
            day_of(moment, self._zone)
            for moment in (part.start, part.stop - datetime.resolution)
        )
        if first == last:
            return self._shelf.slices(recording, part)
        days = days_between(first, last)
        if len(days) <= MOST_DAYS:
            spans = {str(day): day_span(day, self._zone) for day in reversed(days)}
        else:
            months = sorted({day.replace(day=1) for day in days})
            spans = {month_name(each): month_span(each, self._zone) for each in months}
        return [
            self._shelf.long_folder(recording, scope.within(span), title)
            for title, span in spans.items()
        ]

    # What a folder holds, and how it is called

    def _scope(self, place: Sequence[str]) -> Scope:
        """Return which recordings a list holds."""
        match place:
            case [Kind.TODAY]:
                return _scope_of(
                    day_span(day_of(self._shelf.now, self._zone), self._zone)
                )
            case [Kind.LAST_24_HOURS]:
                # So that parts of long recordings keep their names for a while.
                return Scope(start=slice_start(self._shelf.now - ONE_DAY))
            case [Kind.DAY, name] if day := read_day(name):
                return _scope_of(day_span(day, self._zone))
            case [Kind.DISK, name]:
                return Scope(disk=unquote(name))
            case [Kind.SOURCE, name]:
                return Scope(source=unquote(name))
            case [Kind.EVENT, name]:
                return Scope(event=unquote(name))
            case _:
                raise _NoSuchFolderError

    def _scope_to_search(self, path: Sequence[str]) -> Scope:
        match path:
            case [] | [Kind.IN_PROGRESS | Kind.DISKS | Kind.SOURCES | Kind.EVENTS]:
                return Scope()
            case [Kind.MONTH, name] if month := read_month(name):
                return _scope_of(month_span(month, self._zone))
            case [Kind.YEAR, name] if year := read_year(name):
                return _scope_of(year_span(year, self._zone))
            case [Kind.RECORDING, *_]:
                raise NotImplementedError
            case _:
                place, _offset = _read_page(path)
                return self._scope(place)

    def _title_of_list(self, place: Sequence[str]) -> str:
        kind, *names = place
        if names:
            return self._title_of(kind, unquote(names[0]))
        words = self._words
        return words.today if kind == Kind.TODAY else words.last_24_hours

    def _title_of(self, kind: str, name: str) -> str:
        return self._words.name_source(name) if kind == Kind.SOURCE else name

    def _title_of_names(self, kind: str) -> str:
        if kind == Kind.DISKS:
            return self._words.by_disk
        return self._words.by_source if kind == Kind.SOURCES else self._words.by_event

    async def _names(self, kind: str) -> Collection[str]:
        """Return the names of all disks, sources or events."""
        if kind == Kind.DISKS:
            return self._shelf.disks
        if kind == Kind.SOURCES:
            return self._shelf.sources
        return await self._coordinator.catalogue.async_event_ids()

    async def _days(self) -> list[date]:
        """Return the days on which there may be recordings, newest first.

        They reach from the oldest to the newest: to find out which of them have none, the camera would
        have to be asked for each.
        """
        shelf, data = self._shelf, self._coordinator.data
        limits = [each for each in (data.oldest, data.newest) if each]
        beside: list[Recording] = []
        if not all(is_usable(each.start) for each in limits):
            # Their times make no sense. Those beside them may do.
            for oldest_first in (True, False):
                page = await self._client.fetch_recordings(
                    RecordingQuery(limit=PAGE_SIZE, oldest_first=oldest_first)
                )
                beside += page.recordings
        known = [
            each for each in (*limits, *beside, *data.ongoing) if is_usable(each.start)
        ]
        starts = [each.start for each in known if each.start]
        ends = [end for each in known if (end := shelf.end(each))]
        if not ends:
            return []
        today, last = (day_of(each, self._zone) for each in (shelf.now, max(ends)))
        if last < today:
            # An older recording may have gone on after the newest one had ended.
            since = day_span(last, self._zone).stop
            page = await self._client.fetch_recordings(
                RecordingQuery(start=since, limit=PAGE_SIZE)
            )
            ends += [end for each in page.recordings if (end := shelf.end(each))]
            last = day_of(max(ends), self._zone)
        days = days_between(day_of(min(starts), self._zone), min(last, today))
        # A camera whose clock was ahead, perhaps by years, may hold recordings of days to come.
        ahead = {day_of(each, self._zone) for each in starts if each > shelf.now}
        return [*sorted(ahead - {today}, reverse=True), *days]

    async def _shorten(self, months: list[date]) -> tuple[list[date], list[date]]:
        """Return the months that hold anything, or instead of the older ones their years."""
        newest, older = months[:NEWEST_MONTHS], months[NEWEST_MONTHS:]
        years = await filled_years(
            self._client,
            self._shelf,
            sorted({month.replace(month=1) for month in older}, reverse=True),
        )
        found = await self._filled_months(newest)
        if len(years) > FEW_YEARS:
            return found, years
        for year in years:
            found += await self._filled_months(
                [month for month in older if month.year == year.year]
            )
        return found, []

    async def _filled_months(self, months: list[date]) -> list[date]:
        """Return those of some months, newest first, that may hold anything."""
        days = await self._filled_days(
            month_span(months[-1], self._zone).start,
            month_span(months[0], self._zone).stop,
        )
        if days is None:
            return months
        filled = {day.replace(day=1) for day in days}
        return [month for month in months if month in filled]

    async def _filled_days(self, start: datetime, stop: datetime) -> set[date] | None:
        """Return the days on which there is anything; None where there may be on each."""
        ongoing = self._coordinator.data.ongoing
        return await filled_days(self._client, self._shelf, Span(start, stop), ongoing)

    def _ongoing(self, scope: Scope) -> tuple[Recording, ...]:
        """Return what goes on, as the last poll has seen it."""
        matches = scope.search(limit=PAGE_SIZE).matches
        return tuple(filter(matches, self._coordinator.data.ongoing))

    async def _refresh(self) -> None:
        """Poll at once. BrowseError if the camera does not answer."""
        await self._coordinator.async_refresh()
        if not self._coordinator.last_update_success:
            raise_as(BrowseError, self._coordinator.last_exception)

    # The folders themselves

    def _list(
        self,
        path: Sequence[str],
        title: str,
        recordings: Sequence[Recording],
        scope: Scope,
        more: Sequence[BrowseMediaSource] = (),
    ) -> BrowseMediaSource:
        unusable = [each for each in recordings if not self._shelf.extent(each)]
        return make_folder(
            self._identifier(path),
            title,
            [*self._shelf.items(recordings, scope), *more],
            # Also where some are folders: it decides how all of them look.
            children_class=MediaClass.VIDEO,
            not_shown=len(unusable),
            can_search=True,
        )

    def _day_folder(self, day: date) -> BrowseMediaSource:
        return self._folder([Kind.DAY, str(day)], str(day), can_search=True)

    def _month_folder(self, month: date) -> BrowseMediaSource:
        name = month_name(month)
        return self._folder([Kind.MONTH, name], name, can_search=True)

    def _folder(
        self,
        path: Sequence[str],
        title: str,
        children: Sequence[BrowseMediaSource] | None = None,
        *,
        can_search: bool = False,
    ) -> BrowseMediaSource:
        return make_folder(
            self._identifier(path), title, children, can_search=can_search
        )

    def _identifier(self, path: Sequence[str]) -> str:
        return "/".join([self._shelf.entry_id, *path])


def _read_page(path: Sequence[str]) -> tuple[Sequence[str], int]:
    """Return the name of a list, and from which result it is to be shown."""
    match path:
        case [*place, Kind.FROM, number] if (
            number.isascii() and number.isdecimal() and len(number) <= _MOST_DIGITS
        ):
            return place, int(number)
        case _:
            return path, 0


def _scope_of(span: Span) -> Scope:
    return Scope(start=span.start, stop=span.stop)


def _merged(
    listed: Sequence[Recording], ongoing: Iterable[Recording]
) -> tuple[Recording, ...]:
    """Return listed recordings with those that go on, newest first."""
    known = {each.key for each in listed}
    missing = [each for each in ongoing if each.key not in known]
    if not missing:
        return tuple(listed)
    beginning = datetime.min.replace(tzinfo=UTC)
    together = [*listed, *missing]
    return tuple(
        sorted(together, key=lambda each: each.start or beginning, reverse=True)
    )
