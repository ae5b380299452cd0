"""The days, months and years in which a camera has recorded anything, as folders."""

from typing import TYPE_CHECKING, Final

from ..recordings.days import MOST_DAYS, Stretch, day_of, days_between
from ..recordings.extent import last_before
from .items import make_folder
from .paths import PAGE_SIZE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from homeassistant.components.media_source import BrowseMediaSource

    from ..recordings.finder import RecordingFinder
    from ..vapix import Recording
    from .filter import MediaFilter
    from .items import RecordingItems

# More months than these are not all listed: a camera that once had no clock has recordings of 1970.
MOST_MONTHS: Final = 24
# Of so many, the newest are listed as months, and the others by their years.
NEWEST_MONTHS: Final = 12


class RecordedDays:
    """The days, months and years of some time in which there is anything.

    While a camera has to be asked, these are the ones of its newest recordings, and nobody has counted them. Methods raise
    VapixError if that fails.
    """

    def __init__(
        self, finder: RecordingFinder, items: RecordingItems, wanted: MediaFilter
    ) -> None:
        """Ask nothing yet."""
        self._finder = finder
        self._items = items
        self._wanted = wanted
        self._newest: set[date] | None = None
        self.is_whole = True
        """Whether that is all, of what was returned so far."""

    async def async_newest(self) -> list[BrowseMediaSource]:
        """Return the newest days one by one, then the months of the older ones, then the years of the oldest."""
        days = await self._counts(Stretch.DAY)
        folders = self._folders(Stretch.DAY, days, list(days)[:MOST_DAYS])
        if older := list(days)[MOST_DAYS:]:
            counts = await self._counts(Stretch.MONTH)
            months = [each for each in counts if each <= Stretch.MONTH.of(older[0])]
            shown = months if len(months) <= MOST_MONTHS else months[:NEWEST_MONTHS]
            folders += self._folders(Stretch.MONTH, counts, shown)
            if rest := months[len(shown) :]:
                counts = await self._counts(Stretch.YEAR)
                years = dict.fromkeys(map(Stretch.YEAR.of, rest))
                folders += self._folders(Stretch.YEAR, counts, years)
        return folders

    async def async_all(self, stretch: Stretch) -> list[BrowseMediaSource]:
        """Return all days, months or years, newest first."""
        counts = await self._counts(stretch)
        return self._folders(stretch, counts, counts)

    def _folders(
        self,
        stretch: Stretch,
        counts: Mapping[date, int | None],
        shown: Iterable[date],
    ) -> list[BrowseMediaSource]:
        items = self._items
        return [
            make_folder(
                f"{items.entry_id}/{stretch}/{stretch.name_of(each)}",
                items.stretch_title(stretch, each, counts.get(each)),
                can_search=True,
            )
            for each in shown
        ]

    async def _counts(self, stretch: Stretch) -> Mapping[date, int | None]:
        """Return how many recordings there are in each, newest first, or None instead."""
        search = self._wanted.search(limit=PAGE_SIZE)
        counts = await self._finder.async_days(self._items.zone, search, by=stretch)
        if counts is not None:
            return counts
        if self._newest is None:
            result = await self._finder.async_search(search)
            self._newest = set(self._days_of(result.recordings))
            self.is_whole = result.next_offset is None
        days = sorted(self._newest, reverse=True)
        return dict.fromkeys(map(stretch.of, days))

    def _days_of(self, recordings: Iterable[Recording]) -> Iterable[date]:
        zone = self._items.zone
        for recording in recordings:
            extent = self._items.extent(recording)
            shown = extent and self._wanted.clip(extent)
            if shown and shown.start < shown.end:
                last = day_of(last_before(shown.end), zone)
                yield from days_between(day_of(shown.start, zone), last)
