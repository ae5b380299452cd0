"""Days of local time, most of them days on which clocks change: whoever shows days has to get them right."""

from datetime import date, datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import pytest


class LocalDay(NamedTuple):
    """A day of a time zone: when it begins, and how many hours it has."""

    time_zone: str
    date: date
    start: datetime
    hours: int

    @property
    def zone(self) -> ZoneInfo:
        """Return the time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def end(self) -> datetime:
        """Return when the next day begins."""
        return self.start + timedelta(hours=self.hours)


LOCAL_DAYS: Final = tuple(
    LocalDay(
        zone, date.fromisoformat(day), datetime.fromisoformat(f"{start}+00:00"), hours
    )
    for zone, day, start, hours in (
        ("Europe/Stockholm", "2026-11-20", "2026-11-19T23:00", 24),
        ("Europe/Stockholm", "2026-03-29", "2026-03-28T23:00", 23),
        ("Europe/Stockholm", "2026-10-25", "2026-10-24T22:00", 25),
        ("America/New_York", "2026-03-08", "2026-03-08T05:00", 23),
        ("America/New_York", "2026-11-01", "2026-11-01T04:00", 25),
        ("Asia/Kolkata", "2026-11-20", "2026-11-19T18:30", 24),
        # Clocks change at midnight: once there is none, once there are two of the hour before.
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00", 23),
        ("America/Sao_Paulo", "2018-02-17", "2018-02-17T02:00", 25),
        ("America/Havana", "2026-11-01", "2026-11-01T04:00", 25),
    )
)
on_local_days = pytest.mark.parametrize(
    "day", LOCAL_DAYS, ids=[f"{day.time_zone}-{day.date}" for day in LOCAL_DAYS]
)
