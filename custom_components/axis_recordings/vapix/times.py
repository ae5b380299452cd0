"""Times as the camera writes them."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

# What a clock that is wrong can make of a time or a length, and what is taken for that.
FIRST_YEAR, LAST_YEAR = 1970, 9000
"""Beyond these no clock is set, and there would be no room to calculate."""
EARLIEST = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
LATEST = datetime(LAST_YEAR, 1, 1, tzinfo=UTC)
LONGEST_RECORDING = timedelta(days=3650)
"""Recordings of months are real."""
LONGEST_UPTIME = timedelta(days=36_525)

_FIRST = datetime.min.replace(tzinfo=UTC)
_LAST = datetime.max.replace(tzinfo=UTC)


def is_usable(moment: datetime | None) -> bool:
    """Return whether a time can be shown and calculated with."""
    return moment is not None and FIRST_YEAR <= moment.year <= LAST_YEAR


def parse_time(text: str) -> datetime | None:
    """Return an aware time in UTC, or None if the text is empty or malformed.

    VAPIX (edge storage): ISO 8601 with ``Z`` or an offset. Cameras send six digits of a second, the API
    page shows none or four, and one of its own samples is malformed. A time without a zone is UTC.
    """
    try:
        time = datetime.fromisoformat(text)
        if "T" not in text:
            return None
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except ValueError, OverflowError:
        return None


def parse_http_date(text: str) -> datetime | None:
    """Return the aware time of a ``Date`` header, or None if it can't be read."""
    try:
        time = parsedate_to_datetime(text)
        time = (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except ValueError, OverflowError:
        return None
    return time if is_usable(time) else None


def format_time(time: datetime) -> str:
    """Return an aware time in the form that the camera's filters take, always with ``Z``.

    One that lies beyond all times in UTC becomes the first or last of them.
    """
    try:
        text = time.astimezone(UTC).isoformat()
    except OverflowError:
        text = (_FIRST if time.year == _FIRST.year else _LAST).isoformat()
    return text.removesuffix("+00:00") + "Z"
