"""The folders of one camera in the media browser.

Each folder asks the camera for what it shows and nothing else, however many recordings there are.
"""

from typing import TYPE_CHECKING, Final
from urllib.parse import quote, unquote

from homeassistant.components.media_player import BrowseError, MediaClass

from ..exceptions import recording_gone
from ..recordings.days import (
    MOST_DAYS,
    day_of,
    day_span,
    days_between,
    days_of_month,
    month_name,
    month_span,
    read_month,
    read_year,
    split_days,
)
from ..recordings.extent import TimeRange, last_before
from ..recordings.part import RecordingPart, RecordingPartError
from ..recordings.search import search_recordings, with_ongoing
from ..vapix import is_id
from .days import MOST_MONTHS, RecordedDays
from .errors import NoSuchFolderError, async_poll, browse_errors
from .filter import MediaFilter
from .items import RecordingItems, async_recording_items, make_folder
from .paths import FolderKind, filter_to_list, read_page

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from homeassistant.components.media_source import BrowseMediaSource

    from ..runtime import AxisRecordingsData
    from ..vapix import Recording

LIST_PAGE_SIZE: Final = 100


async def async_browse(
    camera: AxisRecordingsData, path: Sequence[str]
) -> BrowseMediaSource:
    """Open a folder of a camera. BrowseError if there is none, or if the camera does not answer."""
    with browse_errors(camera, path):
        items = await async_recording_items(camera)
        return await _CameraBrowser(camera, items).async_open(path)


class _CameraBrowser:
    """Opens the folders of one camera."""

    def __init__(self, camera: AxisRecordingsData, items: RecordingItems) -> None:
        self._coordinator = camera.recordings
        self._metadata = camera.metadata
        self._client = camera.client
        self._items = items
        self._words = items.words
        self._zone = items.zone
        self._days = RecordedDays(camera.recordings, items)

    async def async_open(self, path: Sequence[str]) -> BrowseMediaSource:
        """Return a folder with what is in it."""
        match path:
            case []:
                return await self._open_camera()
            case [FolderKind.IN_PROGRESS]:
                return await self._open_in_progress()
            case [(FolderKind.DISKS | FolderKind.SOURCES | FolderKind.EVENTS) as kind]:
                return await self._open_names(kind)
            case [(FolderKind.MONTH | FolderKind.YEAR) as kind, name]:
                return await self._open_span(kind, name)
            case [FolderKind.RECORDING, *name]:
                return await self._open_recording("/".join(name))
            case _:
                return await self._open_list(path)

    async def _open_camera(self) -> BrowseMediaSource:
        """Return what there is to choose from; nothing if the camera has no recordings."""
        await async_poll(self._coordinator)
        children: list[BrowseMediaSource] = []
        days = await self._days.async_all()
        if days or self._coordinator.data.total:
            words = self._words
            children = [
                self._folder([FolderKind.TODAY], words.today, can_search=True),
                self._folder(
                    [FolderKind.LAST_24_HOURS], words.last_24_hours, can_search=True
                ),
                self._folder(
                    [FolderKind.IN_PROGRESS], words.in_progress, can_search=True
                ),
            ]
            for kind in (FolderKind.DISKS, FolderKind.SOURCES, FolderKind.EVENTS):
                if len(await self._names(kind)) > 1:
                    children.append(self._folder([kind], self._title_of_names(kind)))
            newest, months = split_days(days)
            years: list[date] = []
            if len(months) > MOST_MONTHS:
                months, years = await self._days.async_shorten(months)
            children += map(self._day_folder, newest)
            children += map(self._month_folder, months)
            children += [
                self._folder(
                    [FolderKind.YEAR, str(year.year)], str(year.year), can_search=True
                )
                for year in years
            ]
        return self._folder([], self._coordinator.name, children, can_search=True)

    async def _open_span(self, kind: str, name: str) -> BrowseMediaSource:
        if kind == FolderKind.MONTH and (month := read_month(name)):
            return await self._open_month(month)
        if kind == FolderKind.YEAR and (year := read_year(name)):
            return await self._open_year(year)
        raise NoSuchFolderError

    async def _open_month(self, month: date) -> BrowseMediaSource:
        known, name = await self._days.async_all(), month_name(month)
        days = [day for day in days_of_month(month) if day in set(known)]
        if len(split_days(known)[1]) > MOST_MONTHS:
            span = month_span(month, self._zone)
            filled = await self._days.async_filled_days(span.start, span.end)
            days = [day for day in days if filled is None or day in filled]
        return self._folder(
            [FolderKind.MONTH, name],
            name,
            list(map(self._day_folder, days)),
            can_search=True,
        )

    async def _open_year(self, year: date) -> BrowseMediaSource:
        days = await self._days.async_all()
        known = {day.replace(day=1) for day in days if day.year == year.year}
        months = sorted(known, reverse=True)
        if months:
            months = await self._days.async_filled_months(months)
        name = str(year.year)
        children = list(map(self._month_folder, months))
        return self._folder([FolderKind.YEAR, name], name, children, can_search=True)

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
        await async_poll(self._coordinator)
        return self._list(
            [FolderKind.IN_PROGRESS],
            self._words.in_progress,
            self._coordinator.data.ongoing,
            MediaFilter(),
        )

    async def _open_list(self, path: Sequence[str]) -> BrowseMediaSource:
        """Return one page of recordings, and the way to the next."""
        place, offset = read_page(path)
        wanted = filter_to_list(place, self._items)
        search = wanted.search(limit=LIST_PAGE_SIZE, offset=offset)
        result = await search_recordings(self._client, search)
        recordings = result.recordings
        if offset == 0:
            recordings = with_ongoing(
                search, recordings, self._coordinator.data.ongoing
            )
        more: list[BrowseMediaSource] = []
        if result.next_offset is not None:
            further = [*place, FolderKind.FROM, str(result.next_offset)]
            more = [self._folder(further, self._words.more, can_search=True)]
        return self._list(path, self._title_of_list(place), recordings, wanted, more)

    async def _open_recording(self, name: str) -> BrowseMediaSource:
        """Return the days of a long recording, or the slices of one of them; here, time runs forward."""
        try:
            part = RecordingPart.parse(name)
        except RecordingPartError as err:
            raise NoSuchFolderError from err
        if not is_id(part.key.recording_id):
            raise NoSuchFolderError
        recording = await self._client.find_recording(part.key)
        extent = self._items.extent(recording) if recording else None
        if recording is None or extent is None:
            raise recording_gone(self._coordinator.name, BrowseError)
        wanted = MediaFilter(start=part.start, end=part.end)
        shown = wanted.clip(extent)
        if shown.end <= shown.start:
            # The camera has cleaned up what was there.
            shown, children = TimeRange(extent.start, extent.start), []
        else:
            children = self._divided(recording, wanted, shown)
        return make_folder(
            self._items.name_of_long(part),
            self._items.title(recording, shown),
            children,
            children_class=children[0].media_class if children else MediaClass.VIDEO,
        )

    def _divided(
        self, recording: Recording, wanted: MediaFilter, shown: TimeRange
    ) -> list[BrowseMediaSource]:
        """Return a part of a recording by month or day, or one of a single day in slices."""
        first, last = (
            day_of(moment, self._zone)
            for moment in (shown.start, last_before(shown.end))
        )
        if first == last:
            return self._items.slices(recording, shown)
        days = days_between(first, last)
        if len(days) <= MOST_DAYS:
            spans = {str(day): day_span(day, self._zone) for day in reversed(days)}
        else:
            months = sorted({day.replace(day=1) for day in days})
            spans = {month_name(each): month_span(each, self._zone) for each in months}
        return [
            self._items.long_folder(recording, wanted.within(span), title)
            for title, span in spans.items()
        ]

    def _title_of_list(self, place: Sequence[str]) -> str:
        kind, *names = place
        if names:
            return self._title_of(kind, unquote(names[0]))
        words = self._words
        return words.today if kind == FolderKind.TODAY else words.last_24_hours

    def _title_of(self, kind: str, name: str) -> str:
        return self._words.name_source(name) if kind == FolderKind.SOURCE else name

    def _title_of_names(self, kind: str) -> str:
        if kind == FolderKind.DISKS:
            return self._words.by_disk
        return (
            self._words.by_source
            if kind == FolderKind.SOURCES
            else self._words.by_event
        )

    async def _names(self, kind: str) -> Collection[str]:
        """Return the names of all disks, sources or events."""
        if kind == FolderKind.DISKS:
            return self._items.disks
        if kind == FolderKind.SOURCES:
            return self._items.sources
        return await self._metadata.async_event_ids()

    def _list(
        self,
        path: Sequence[str],
        title: str,
        recordings: Sequence[Recording],
        wanted: MediaFilter,
        more: Sequence[BrowseMediaSource] = (),
    ) -> BrowseMediaSource:
        unusable = [each for each in recordings if not self._items.extent(each)]
        return make_folder(
            self._identifier(path),
            title,
            [*self._items.make_all(recordings, wanted), *more],
            # Also where some are folders: it decides how all of them look.
            children_class=MediaClass.VIDEO,
            not_shown=len(unusable),
            can_search=True,
        )

    def _day_folder(self, day: date) -> BrowseMediaSource:
        return self._folder([FolderKind.DAY, str(day)], str(day), can_search=True)

    def _month_folder(self, month: date) -> BrowseMediaSource:
        name = month_name(month)
        return self._folder([FolderKind.MONTH, name], name, can_search=True)

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
        return "/".join([self._items.entry_id, *path])
