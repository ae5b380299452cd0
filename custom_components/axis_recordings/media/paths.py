"""The names of the folders of a camera, and which recordings they hold."""

from enum import StrEnum
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from ..recordings.days import (
    ONE_DAY,
    day_span,
    month_span,
    read_day,
    read_month,
    read_year,
    slice_start,
    year_span,
)
from .errors import NoSuchFolderError
from .filter import MediaFilter
from .items import RECORDING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..recordings.extent import TimeRange
    from .items import RecordingItems

# How many recordings a list shows at once.
PAGE_SIZE: Final = 100
# More than any camera has recordings.
_MOST_DIGITS: Final = 9


class FolderKind(StrEnum):
    """The first word of a folder's name, below its camera."""

    ALL = "all"
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
    SEARCH = "search"
    """Ends the name of a folder, before what is searched for in it."""
    FROM = "from"
    """Ends the name of a list that goes on from a result."""


def read_page(path: Sequence[str]) -> tuple[Sequence[str], int]:
    """Return the name of a list, and from which result it is to be shown."""
    match path:
        case [*place, FolderKind.FROM, number] if (
            number.isascii() and number.isdecimal() and len(number) <= _MOST_DIGITS
        ):
            return place, int(number)
        case _:
            return path, 0


def filter_to_list(place: Sequence[str], items: RecordingItems) -> MediaFilter:
    """Return which recordings a list holds."""
    match place:
        case [FolderKind.TODAY]:
            return _filter_of(day_span(items.today, items.zone))
        case [(FolderKind.ALL | FolderKind.LAST_24_HOURS) as kind]:
            # So that parts of long recordings keep their names for a while.
            since = slice_start(items.now - ONE_DAY)
            return MediaFilter(start=None if kind == FolderKind.ALL else since)
        case [FolderKind.DAY, name] if day := read_day(name):
            return _filter_of(day_span(day, items.zone))
        case [FolderKind.DISK, name]:
            return MediaFilter(disk=unquote(name))
        case [FolderKind.SOURCE, name]:
            return MediaFilter(source=unquote(name))
        case [FolderKind.EVENT, name]:
            return MediaFilter(event=unquote(name))
        case _:
            raise NoSuchFolderError


def filter_to_search(path: Sequence[str], items: RecordingItems) -> MediaFilter:
    """Return which recordings a search in a folder goes through; NotImplementedError where there are none."""
    match path:
        case [] | [
            FolderKind.IN_PROGRESS
            | FolderKind.DISKS
            | FolderKind.SOURCES
            | FolderKind.EVENTS
        ]:
            return MediaFilter()
        case [FolderKind.MONTH, name] if month := read_month(name):
            return _filter_of(month_span(month, items.zone))
        case [FolderKind.YEAR, name] if year := read_year(name):
            return _filter_of(year_span(year, items.zone))
        case [FolderKind.RECORDING, *_]:
            raise NotImplementedError
        case _:
            place, _offset = read_page(path)
            return filter_to_list(place, items)


def _filter_of(span: TimeRange) -> MediaFilter:
    return MediaFilter(start=span.start, end=span.end)
