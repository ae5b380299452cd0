"""The folders of one camera in the media browser.

Each folder holds what the camera's finder finds for it: out of the index that is nothing to ask the camera for.
"""

from contextlib import suppress
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, unquote

from homeassistant.components.media_player import BrowseError, MediaClass

from ..exceptions import recording_gone
from ..recordings.days import (
    MOST_DAYS,
    Stretch,
    day_of,
    day_span,
    days_between,
    month_span,
    read_day,
    read_month,
    read_year,
)
from ..recordings.extent import TimeRange, last_before
from ..recordings.part import RecordingPart, RecordingPartError
from ..recordings.search import RecordingSearch
from ..vapix import RecordingStatus, VapixError, is_id
from ..views.urls import thumbnail_path
from .days import RecordedDays
from .errors import NoSuchFolderError, browse_errors
from .filter import MediaFilter
from .items import async_recording_items, make_folder
from .paths import PAGE_SIZE, FolderKind, filter_to_list, read_page
from .titles import join_title

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from homeassistant.components.media_source import BrowseMediaSource

    from ..runtime import AxisRecordingsData
    from ..vapix import Recording
    from .items import RecordingItems

_LISTS: Final = (FolderKind.TODAY, FolderKind.LAST_24_HOURS, FolderKind.IN_PROGRESS)
_CHOICES: Final = (FolderKind.DISKS, FolderKind.SOURCES, FolderKind.EVENTS)
"""Each with lists in it, one for each name that there is."""


async def async_browse(
    camera: AxisRecordingsData, path: Sequence[str]
) -> BrowseMediaSource:
    """Open a folder of a camera. BrowseError if there is none, or if the camera had to be asked and did not answer."""
    with browse_errors(camera, path):
        items = await async_recording_items(camera)
        return await _CameraBrowser(camera, items).async_open(path)


async def async_last_picture(camera: AxisRecordingsData) -> str | None:
    """Return the address of a picture of the newest recording that has ended; None where the camera had to be asked."""
    finder = camera.finder
    search = RecordingSearch(status=RecordingStatus.COMPLETED, limit=1)
    with suppress(VapixError):
        if finder.is_whole and (found := await finder.async_search(search)).recordings:
            part = RecordingPart(key=found.recordings[0].key)
            return thumbnail_path(camera.entry.entry_id, part)
    return None


class _CameraBrowser:
    """Opens the folders of one camera."""

    def __init__(self, camera: AxisRecordingsData, items: RecordingItems) -> None:
        self._camera = camera
        self._coordinator = camera.recordings
        self._finder = camera.finder
        self._items = items
        self._words = items.words
        self._zone = items.zone

    async def async_open(self, path: Sequence[str]) -> BrowseMediaSource:
        """Return a folder with what is in it."""
        match path:
            case []:
                folder = await self._open_camera()
            case [FolderKind.IN_PROGRESS]:
                folder = self._open_in_progress()
            case [(FolderKind.DISKS | FolderKind.SOURCES | FolderKind.EVENTS) as kind]:
                folder = await self._open_names(kind)
            case [FolderKind.MONTH, name] if month := read_month(name):
                folder = await self._open_span(path, Stretch.MONTH, month, Stretch.DAY)
            case [FolderKind.YEAR, name] if year := read_year(name):
                folder = await self._open_span(path, Stretch.YEAR, year, Stretch.MONTH)
            case [FolderKind.RECORDING, *name]:
                folder = await self._open_recording("/".join(name))
            case _:
                folder = await self._open_list(path)
        return folder

    async def _open_camera(self) -> BrowseMediaSource:
        """Return what there is to choose from; nothing if the camera has no recordings."""
        days = RecordedDays(self._finder, self._items, MediaFilter())
        newest = await days.async_newest()
        children: list[BrowseMediaSource] = []
        if newest or self._coordinator.data.total:
            children = [
                *map(self._kind_folder, _LISTS),
                *[
                    self._kind_folder(kind, can_search=False)
                    for kind in _CHOICES
                    if len(await self._names(kind)) > 1
                ],
                *newest,
            ]
            if not days.is_whole:
                children.append(self._kind_folder(FolderKind.ALL))
        return make_folder(
            self._items.entry_id,
            self._noted(self._coordinator.name, is_whole=days.is_whole),
            children,
            can_search=True,
            thumbnail=await async_last_picture(self._camera),
        )

    async def _open_span(
        self, path: Sequence[str], stretch: Stretch, first: date, parts: Stretch
    ) -> BrowseMediaSource:
        """Return the months of a year, or the days of a month."""
        days = RecordedDays(self._finder, self._items, self._filter_to(stretch, first))
        children = await days.async_all(parts)
        title = await self._title_of_stretch(stretch, first)
        title = self._noted(title, is_whole=days.is_whole)
        return self._folder(path, title, children, can_search=True)

    def _filter_to(self, stretch: Stretch, first: date) -> MediaFilter:
        span = stretch.span(first, self._zone)
        return MediaFilter(start=span.start, end=span.end)

    async def _title_of_stretch(self, stretch: Stretch, first: date) -> str:
        search = self._filter_to(stretch, first).search(limit=PAGE_SIZE)
        counts = await self._finder.async_days(self._zone, search, by=stretch)
        count = None if counts is None else counts.get(first, 0)
        return self._items.stretch_title(stretch, first, count)

    async def _open_names(self, kind: str) -> BrowseMediaSource:
        """Return a list for each disk, source or event."""
        one = kind.removesuffix("s")
        children = [
            self._folder(
                [one, quote(name, safe="")], self._title_of(one, name), can_search=True
            )
            for name in await self._names(kind)
        ]
        return self._folder([kind], self._noted(self._titles[kind]), children)

    def _open_in_progress(self) -> BrowseMediaSource:
        return self._list(
            [FolderKind.IN_PROGRESS],
            self._noted(self._words.in_progress),
            self._coordinator.data.ongoing,
            MediaFilter(),
        )

    async def _open_list(self, path: Sequence[str]) -> BrowseMediaSource:
        """Return one page of recordings, and the way to the next."""
        place, offset = read_page(path)
        wanted = filter_to_list(place, self._items)
        search = wanted.search(limit=PAGE_SIZE, offset=offset)
        result = await self._finder.async_search(search)
        more: list[BrowseMediaSource] = []
        if result.next_offset is not None:
            further = [*place, FolderKind.FROM, str(result.next_offset)]
            more = [self._folder(further, self._words.more, can_search=True)]
        title = await self._title_of_list(place)
        return self._list(path, self._noted(title), result.recordings, wanted, more)

    async def _open_recording(self, name: str) -> BrowseMediaSource:
        """Return the days of a long recording, or the slices of one of them; here, time runs forward."""
        try:
            part = RecordingPart.parse(name)
        except RecordingPartError as err:
            raise NoSuchFolderError from err
        if not is_id(part.key.recording_id):
            raise NoSuchFolderError
        recording = await self._finder.async_find(part.key)
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
            self._noted(self._items.title(recording, shown)),
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
            return self._items.slices(recording, shown, first)
        days = days_between(first, last)
        if len(days) <= MOST_DAYS:
            spans = {
                self._items.stretch_title(Stretch.DAY, day): day_span(day, self._zone)
                for day in reversed(days)
            }
        else:
            months = sorted(set(map(Stretch.MONTH.of, days)))
            spans = {
                self._items.stretch_title(Stretch.MONTH, each): month_span(
                    each, self._zone
                )
                for each in months
            }
        return [
            self._items.long_folder(recording, wanted.within(span), title)
            for title, span in spans.items()
        ]

    def _noted(self, title: str, *, is_whole: bool = True) -> str:
        """Return the title of an open folder, which says as well where something may be missing in it."""
        if not self._coordinator.last_update_success:
            time = self._coordinator.data.time.astimezone(self._zone)
            text = self._words.as_of.replace("{time}", f"{time:%Y-%m-%d %H:%M}")
            return join_title(title, text)
        return title if is_whole else join_title(title, self._words.incomplete)

    async def _title_of_list(self, place: Sequence[str]) -> str:
        kind, *names = place
        if kind == FolderKind.DAY and (day := read_day(names[0])):
            return await self._title_of_stretch(Stretch.DAY, day)
        return self._title_of(kind, unquote(names[0])) if names else self._titles[kind]

    def _title_of(self, kind: str, name: str) -> str:
        return self._words.name_source(name) if kind == FolderKind.SOURCE else name

    @property
    def _titles(self) -> dict[str, str]:
        """Return what the folders are called of which each camera has one."""
        words = self._words
        return {
            FolderKind.ALL: words.all_recordings,
            FolderKind.TODAY: words.today,
            FolderKind.LAST_24_HOURS: words.last_24_hours,
            FolderKind.IN_PROGRESS: words.in_progress,
            FolderKind.DISKS: words.by_disk,
            FolderKind.SOURCES: words.by_source,
            FolderKind.EVENTS: words.by_event,
        }

    async def _names(self, kind: str) -> Collection[str]:
        """Return the names of all disks, sources or events."""
        if kind == FolderKind.DISKS:
            return self._items.disks
        if kind == FolderKind.SOURCES:
            return self._items.sources
        return await self._camera.metadata.async_event_ids()

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

    def _kind_folder(self, kind: str, *, can_search: bool = True) -> BrowseMediaSource:
        return self._folder([kind], self._titles[kind], can_search=can_search)

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
