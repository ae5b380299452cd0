"""The days on which a camera has recorded anything, and the months and years of these, as folders."""

from collections import Counter
from typing import TYPE_CHECKING, Final

from ..recordings.days import MOST_DAYS, day_of, days_between, month_name
from ..recordings.extent import last_before
from .items import make_folder
from .paths import PAGE_SIZE, FolderKind
from .titles import counted_title

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
    """The days on which there is something."""

    def __init__(
        self, items: RecordingItems, counts: Mapping[date, int | None], *, is_whole: bool
    ) -> None:
        """Take how many recordings each day has; None where nobody has counted them."""
        self._items = items
        self._counts = counts
        self._days = sorted(counts, reverse=True)
        self.is_whole = is_whole
        """Whether there are no others."""

    def __bool__(self) -> bool:
        """Return whether there are any."""
        return bool(self._days)

    def newest(self) -> list[BrowseMediaSource]:
        """Return the newest days one by one, then the months of the older ones, then the years of the oldest."""
        months = _months(self._days[MOST_DAYS:])
        shown = months if len(months) <= MOST_MONTHS else months[:NEWEST_MONTHS]
        years = dict.fromkeys(month.replace(month=1) for month in months[len(shown) :])
        return [
            *map(self._day_folder, self._days[:MOST_DAYS]),
            *map(self._month_folder, shown),
            *map(self._year_folder, years),
        ]

    def of_month(self, month: date) -> list[BrowseMediaSource]:
        """Return the days of a month."""
        return [
            self._day_folder(day) for day in self._days if day.replace(day=1) == month
        ]

    def of_year(self, year: date) -> list[BrowseMediaSource]:
        """Return the months of a year."""
        months = _months(day for day in self._days if day.year == year.year)
        return list(map(self._month_folder, months))

    def title_of_day(self, day: date) -> str:
        """Return what a day is called."""
        return self._items.day_title(day, self._counts.get(day))

    def _day_folder(self, day: date) -> BrowseMediaSource:
        return self._folder(FolderKind.DAY, str(day), self.title_of_day(day))

    def _month_folder(self, month: date) -> BrowseMediaSource:
        name = month_name(month)
        return self._folder(FolderKind.MONTH, name, name)

    def _year_folder(self, year: date) -> BrowseMediaSource:
        name = str(year.year)
        return self._folder(FolderKind.YEAR, name, name)

    def _folder(self, kind: FolderKind, name: str, title: str) -> BrowseMediaSource:
        identifier = f"{self._items.entry_id}/{kind}/{name}"
        return make_folder(identifier, title, can_search=True)


async def async_recorded_days(
    finder: RecordingFinder, items: RecordingItems, wanted: MediaFilter
) -> RecordedDays:
    """Return the days within a filter; those of the newest recordings while nobody knows all.

    Raises VapixError if the camera had to be asked, and failed.
    """
    search = wanted.search(limit=PAGE_SIZE)
    counts = await finder.async_days(items.zone, search)
    if counts is not None:
        return RecordedDays(items, counts, is_whole=True)
    result = await finder.async_search(search)
    days = _days_of(result.recordings, items, wanted)
    is_whole = result.next_offset is None
    return RecordedDays(items, dict.fromkeys(days), is_whole=is_whole)


def _days_of(
    recordings: Iterable[Recording], items: RecordingItems, wanted: MediaFilter
) -> set[date]:
    days: set[date] = set()
    for recording in recordings:
        if extent := items.extent(recording):
            shown = wanted.clip(extent)
            first, last = (
                day_of(each, items.zone) for each in (shown.start, last_before(shown.end))
            )
            days.update(days_between(first, last))
    return days


def _months(days: Iterable[date]) -> list[date]:
    """Return the months of some days, in their order."""
    return list(dict.fromkeys(day.replace(day=1) for day in days))
