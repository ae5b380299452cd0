"""Find what is empty between the oldest and the newest recording, at the price of a few small requests.

A camera that once had no clock has recordings of 1970 beside those of today, and nothing in between.
"""

from typing import TYPE_CHECKING, Final

from .media_times import day_of, days_between, year_span
from .vapix import RecordingQuery

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from .media_items import Shelf
    from .playback.window import Span
    from .vapix import Recording, VapixClient

# What is not on one page is not worth another one: then few days are empty.
PAGE_SIZE: Final = 100
# Some may make no sense, as one that a clock has ended that was wrong.
LOOK_SIZE: Final = 10
# How often a camera is asked in which year its recordings go on.
MOST_LOOKS: Final = 8


async def filled_years(
    client: VapixClient, shelf: Shelf, years: list[date]
) -> list[date]:
    """Return those of some years, by their first days and newest first, that hold anything.

    The oldest of them is that of the oldest recording. From there on the camera is asked what comes next,
    which leads over any number of empty years. Where it can't tell, years are kept.
    """
    *left, oldest = years
    filled = [oldest]
    for _ in range(MOST_LOOKS):
        if not left:
            break
        since = year_span(left[-1], shelf.zone).start
        page = await client.fetch_recordings(
            RecordingQuery(start=since, oldest_first=True, limit=LOOK_SIZE)
        )
        extents = map(shelf.extent, page.recordings)
        first = next((each for each in extents if each and each.stop >= since), None)
        if first is None:
            # Nothing follows, unless the camera goes on with what is before.
            if len(page.recordings) < LOOK_SIZE:
                left = []
            break
        year = day_of(max(first.start, since), shelf.zone).replace(month=1, day=1)
        filled += [each for each in left if each == year]
        left = [each for each in left if each > year]
    return sorted({*left, *filled}, reverse=True)


async def filled_days(
    client: VapixClient, shelf: Shelf, span: Span, ongoing: Iterable[Recording]
) -> set[date] | None:
    """Return the days on which anything was recorded; None where that may be so on each of them."""
    page = await client.fetch_recordings(
        RecordingQuery(start=span.start, stop=span.stop, limit=PAGE_SIZE)
    )
    if page.recordings and page.matches != len(page.recordings):
        return None
    days: set[date] = set()
    for recording in (*page.recordings, *ongoing):
        extent = shelf.extent(recording)
        if extent is None:
            return None
        first, last = max(extent.start, span.start), min(extent.stop, span.stop)
        if first <= last:
            days.update(
                days_between(day_of(first, shelf.zone), day_of(last, shelf.zone))
            )
    return days
