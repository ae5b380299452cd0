"""Time zones as POSIX writes them, compared with the database that they are taken from."""

import copy
from datetime import UTC, datetime, timedelta
import pickle
from zoneinfo import ZoneInfo

import pytest

from custom_components.axis_recordings.vapix import PosixZone
from custom_components.axis_recordings.vapix.time_zone import without_summer_time
from tests.camera.clock import CameraClock

STOCKHOLM = "CET-1CEST,M3.5.0,M10.5.0/3"
NAMES = [
    "Africa/Cairo",
    "America/Asuncion",
    "America/Caracas",
    "America/Havana",
    "America/New_York",
    "America/Nuuk",
    "America/Santiago",
    "America/Scoresbysund",
    "America/St_Johns",
    "Asia/Beirut",
    "Asia/Gaza",
    "Asia/Jerusalem",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Atlantic/Azores",
    "Australia/Adelaide",
    "Australia/Lord_Howe",
    "Europe/Dublin",
    "Europe/London",
    "Europe/Stockholm",
    "Pacific/Apia",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "Pacific/Easter",
    "Pacific/Kiritimati",
    "UTC",
]


@pytest.mark.parametrize("name", NAMES)
def test_rule_says_what_the_database_says(name: str) -> None:
    """At each half-hour around each change of clocks, and on each day of five years."""
    zone, known = PosixZone.parse(CameraClock(time_zone=name).rule), ZoneInfo(name)
    moment, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)
    while moment < end:
        ours, theirs = moment.astimezone(zone), moment.astimezone(known)
        assert ours.replace(tzinfo=None) == theirs.replace(tzinfo=None), moment
        assert ours.utcoffset() == theirs.utcoffset()
        naive = moment.replace(tzinfo=None)
        for fold in (0, 1):
            assert (
                naive.replace(tzinfo=zone, fold=fold).utcoffset()
                == naive.replace(tzinfo=known, fold=fold).utcoffset()
            ), (naive, fold)
        moment += timedelta(minutes=90)


@pytest.mark.parametrize(
    ("rule", "winter", "summer"),
    [
        ("<UTC1>-1<UTC2>-2,M3.5.0/2:00:00,M10.5.0/3:00:00", 1, 2),
        ("CET-1CEST", 1, 2),
        ("EST+5EDT", -5, -4),
        ("EST5EDT4,J60/2,J300/2", -5, -4),
        ("EST5EDT,59/2,299/2", -5, -4),
        ("EST5EDT,M3.2.0/-25,M11.1.0/167", -5, -4),
        ("NZST-12NZDT,M9.5.0,M4.1.0/3", 13, 12),
        ("IST-5:30", 5.5, 5.5),
        ("<+0545>-5:45", 5.75, 5.75),
        ("<-03>3", -3, -3),
        (" UTC0 ", 0, 0),
        ("XXX-23:59:59", 24, 24),
    ],
)
def test_each_form(rule: str, winter: float, summer: float) -> None:
    """Names in brackets, days of the year, times before midnight and after it, quarters of an hour."""
    zone = PosixZone.parse(rule)
    for month, hours in ((1, winter), (7, summer)):
        offset = datetime(2026, month, 15, tzinfo=zone).utcoffset()
        assert offset is not None
        assert abs(offset - timedelta(hours=hours)) <= timedelta(seconds=1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "UTC",
        "A0",
        "Europe/Stockholm",
        "XXX-24",
        "XXX200",
        "XXX3:99",
        "<A B>3",
        "CET-1\nCEST",
        "AAA0BBB,M3.1.0",
        "AAA0BBB,M13.1.0,M3.1.0",
        "AAA0BBB,M3.6.0,M3.1.0",
        "AAA0BBB,M3.1.7,M3.1.0",
        "AAA0BBB,J0,J5",
        "AAA0BBB,366,5",
        "AAA0BBB,M3.1.0/168,M5.1.0",
        "AAA0BBB-24,M3.1.0,M4.1.0",
        "AAA-23:30BBB,M3.1.0,M4.1.0",
        "\u0661" * 5,
        f"{'A' * 200}0",
    ],
)
def test_what_is_none(text: str) -> None:
    """Each is refused, and is no rule to leave something out of."""
    with pytest.raises(ValueError, match=r"."):
        PosixZone.parse(text)


def test_without_summer_time() -> None:
    """The camera's owner may turn it off; a name has none to turn off."""
    assert without_summer_time(STOCKHOLM) == "CET-1"
    assert without_summer_time("CET-1CEST") == "CET-1"
    assert without_summer_time("<+03>-3") == "<+03>-3"
    assert without_summer_time("Europe/Stockholm") == "Europe/Stockholm"


def test_copies() -> None:
    """Home Assistant copies the events of a calendar, with all that is in them."""
    moment = datetime(2026, 7, 1, tzinfo=PosixZone.parse(STOCKHOLM))
    for other in (copy.deepcopy(moment), pickle.loads(pickle.dumps(moment))):  # noqa: S301
        assert other == moment
        assert other.utcoffset() == timedelta(hours=2)
    assert str(moment.tzinfo) == STOCKHOLM
