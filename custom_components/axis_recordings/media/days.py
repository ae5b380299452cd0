"""The days, months and years of a camera that hold recordings, found at the price of a few small requests.

A camera that once had no clock has recordings of 1970 beside those of today, and nothing in between.
"""

from typing import TYPE_CHECKING, Final

from ..recordings.days import day_of, day_span, days_between, month_span, year_span
from ..recordings.extent import TimeRange
from ..vapix import RecordingQuery
from ..vapix.times import is_usable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from ..coordinator import RecordingsCoordinator
    from ..vapix import Recording, VapixClient
    from .items import RecordingItems

# What is not on one page is not worth another one: then few days are empty.
DAYS_PAGE_SIZE: Final = 100
# Some may make no sense, as one that a clock has ended that was wrong.
SAMPLE_SIZE: Final = 10
# How often a camera is asked in which year its recordings go on.
MOST_SAMPLES: Final = 8
# More months than these are not all listed: a camera that once had no clock has recordings of 1970.
MOST_MONTHS: Final = 24
# Of so many, the newest are listed as months, and the others by their years, unless these are few.
NEWEST_MONTHS: Final = 12
FEW_YEARS: Final = 4


class RecordedDays:
    """The days of one camera on which there may be recordings."""

    def __init__(
        self, coordinator: RecordingsCoordinator, items: RecordingItems
    ) -> None:
        """Ask nothing yet."""
        self._coordinator = coordinator
        self._client = coordinator.client
        self._items = items
        self._zone = items.zone

    async def async_all(self) -> list[date]:
        """Return the days on which there may be recordings, newest first.

        They reach from the oldest to the newest: to find out which of them have none, the camera would
        have to be asked for each.
        """
        items, data = self._items, self._coordinator.data
        limits = [each for each in (data.oldest, data.newest) if each]
        beside: list[Recording] = []
        if not all(is_usable(each.start) for each in limits):
            # Their times make no sense. Those beside them may do.
            for oldest_first in (True, False):
                page = await self._client.fetch_recordings(
                    RecordingQuery(limit=DAYS_PAGE_SIZE, oldest_first=oldest_first)
                )
                beside += page.recordings
        known = [
            each for each in (*limits, *beside, *data.ongoing) if is_usable(each.start)
        ]
        starts = [each.start for each in known if each.start]
        ends = [end for each in known if (end := items.end(each))]
        if not ends:
            return []
        today, last = (day_of(each, self._zone) for each in (items.now, max(ends)))
        if last < today:
            # An older recording may have gone on after the newest one had ended.
            since = day_span(last, self._zone).end
            page = await self._client.fetch_recordings(
                RecordingQuery(start=since, limit=DAYS_PAGE_SIZE)
            )
            ends += [end for each in page.recordings if (end := items.end(each))]
            last = day_of(max(ends), self._zone)
        days = days_between(day_of(min(starts), self._zone), min(last, today))
        # A camera whose clock was ahead, perhaps by years, may hold recordings of days to come.
        ahead = {day_of(each, self._zone) for each in starts if each > items.now}
        return [*sorted(ahead - {today}, reverse=True), *days]

    async def async_shorten(self, months: list[date]) -> tuple[list[date], list[date]]:
        """Return the months that hold anything, or instead of the older ones their years."""
        newest, older = months[:NEWEST_MONTHS], months[NEWEST_MONTHS:]
        years = await _filled_years(
            self._client,
            self._items,
            sorted({month.replace(month=1) for month in older}, reverse=True),
        )
        found = await self.async_filled_months(newest)
        if len(years) > FEW_YEARS:
            return found, years
        for year in years:
            found += await self.async_filled_months(
                [month for month in older if month.year == year.year]
            )
        return found, []

    async def async_filled_months(self, months: list[date]) -> list[date]:
        """Return those of some months, newest first, that may hold anything."""
        days = await self.async_filled_days(
            month_span(months[-1], self._zone).start,
            month_span(months[0], self._zone).end,
        )
        if days is None:
            return months
        filled = {day.replace(day=1) for day in days}
        return [month for month in months if month in filled]

    async def async_filled_days(
        self, start: datetime, end: datetime
    ) -> set[date] | None:
        """Return the days on which there is anything; None where there may be on each."""
        ongoing = self._coordinator.data.ongoing
        return await _filled_days(
            self._client, self._items, TimeRange(start, end), ongoing
        )


async def _filled_years(
    client: VapixClient, items: RecordingItems, years: list[date]
) -> list[date]:
    """Return those of some years, by their first days and newest first, that hold anything.

    The oldest of them is that of the oldest recording. From there on the camera is asked what comes next,
    which leads over any number of empty years. Where it can't say, years are kept.
    """
    *left, oldest = years
    filled = [oldest]
    for _ in range(MOST_SAMPLES):
        if not left:
            break
        since = year_span(left[-1], items.zone).start
        page = await client.fetch_recordings(
            RecordingQuery(start=since, oldest_first=True, limit=SAMPLE_SIZE)
        )
        extents = map(items.extent, page.recordings)
        first = next((each for each in extents if each and each.end >= since), None)
        if first is None:
            # Nothing follows, unless the camera goes on with what is before.
            if len(page.recordings) < SAMPLE_SIZE:
                left = []
            break
        year = day_of(max(first.start, since), items.zone).replace(month=1, day=1)
        filled += [each for each in left if each == year]
        left = [each for each in left if each > year]
    return sorted({*left, *filled}, reverse=True)


async def _filled_days(
    client: VapixClient,
    items: RecordingItems,
    span: TimeRange,
    ongoing: Iterable[Recording],
) -> set[date] | None:
    """Return the days on which anything was recorded; None where that may be so on each of them."""
    page = await client.fetch_recordings(
        RecordingQuery(start=span.start, end=span.end, limit=DAYS_PAGE_SIZE)
    )
    if page.recordings and page.matches != len(page.recordings):
        return None
    days: set[date] = set()
    for recording in (*page.recordings, *ongoing):
        extent = items.extent(recording)
        if extent is None:
            return None
        first, last = max(extent.start, span.start), min(extent.end, span.end)
        if first <= last:
            days.update(
                days_between(day_of(first, items.zone), day_of(last, items.zone))
            )
    return days
