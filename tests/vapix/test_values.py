"""Reading times and single values."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from custom_components.axis_recordings.vapix.times import format_time, parse_time
from custom_components.axis_recordings.vapix.values import (
    identifier,
    integer,
    text,
    yes,
)

MOMENT = datetime(2024, 6, 21, 7, 17, 25, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "microsecond"),
    [
        ("2024-06-21T07:17:25Z", 0),
        ("2024-06-21T07:17:25.3Z", 300_000),
        ("2024-06-21T07:17:25.349Z", 349_000),
        ("2024-06-21T07:17:25.3492Z", 349_200),
        ("2024-06-21T07:17:25.349296Z", 349_296),
        ("2024-06-21T07:17:25.349296999Z", 349_296),
        ("2024-06-21T15:17:25.349296+08:00", 349_296),
        ("2024-06-21T03:17:25-04:00", 0),
        ("2024-06-21T07:17:25", 0),
        ("20240621T071725Z", 0),
    ],
)
def test_parse_time(written: str, microsecond: int) -> None:
    """All shapes that cameras send mean a moment in UTC."""
    time = parse_time(written)
    assert time == MOMENT.replace(microsecond=microsecond)
    assert time.tzinfo is UTC


@pytest.mark.parametrize(
    "written",
    [
        "",
        "T010:30:30Z",
        "2024-06-21T010:30:30Z",
        "2024-06-21",
        "2024-13-01T00:00:00Z",
        "2024-06-21T07:17:61Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "now",
        "1718954245",
    ],
)
def test_parse_malformed_time(written: str) -> None:
    """A bad time is no time, never an error."""
    assert parse_time(written) is None


@pytest.mark.parametrize(
    ("time", "written"),
    [
        (MOMENT, "2024-06-21T07:17:25Z"),
        (MOMENT.replace(microsecond=5), "2024-06-21T07:17:25.000005Z"),
        (
            MOMENT.astimezone(timezone(timedelta(hours=-9, minutes=-30))),
            "2024-06-21T07:17:25Z",
        ),
    ],
)
def test_format_time(time: datetime, written: str) -> None:
    """Filters are written in UTC with ``Z``, whatever the zone."""
    assert format_time(time) == written
    assert parse_time(written) == time


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("12", 12),
        (" 12 ", 12),
        ("0", 0),
        (7, 7),
        ("", None),
        (None, None),
        ("-1", None),
        ("1.5", None),
        ("0x10", None),
        ("²", None),
        ("٣", None),
        ("9" * 18, 10**18 - 1),
        ("9" * 5000, None),
    ],
)
def test_integer(written: object, number: int | None) -> None:
    """Only what is surely a number is one."""
    assert integer({"@a": written}, "@a") == number


@pytest.mark.parametrize(
    ("written", "answer"),
    [
        ("Yes", True),
        ("yes", True),
        ("true", True),
        ("1", True),
        ("No", False),
        ("false", False),
        ("0", False),
        ("perhaps", False),
        (" ", None),
        (None, None),
    ],
)
def test_yes(written: str | None, answer: bool | None) -> None:
    """Cameras write ``No`` for recordings, ``no`` for disks and ``false`` for encryption."""
    assert yes({"@a": written}, "@a") is answer


def test_text() -> None:
    """Blanks around are not meant; what is missing is empty."""
    assert text({"a": " motion \n"}, "a") == "motion"
    assert text({}, "a") == ""


@pytest.mark.parametrize(
    ("time", "written"),
    [
        (
            datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
            "0001-01-01T00:00:00Z",
        ),
        (
            datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-14))),
            "9999-12-31T23:59:59.999999Z",
        ),
    ],
)
def test_times_beyond_all_times(time: datetime, written: str) -> None:
    """The first or last moment that can be written means the same to a camera."""
    assert format_time(time) == written


@pytest.mark.parametrize("end", ["\n", "\r\n", "\x85", "\u2028", "\x1b[2K", "\0"])
def test_one_line(end: str) -> None:
    """What a camera says begins no line of its own in a log, and half a name is none."""
    said = {"name": f"Front{end}2026-11-28 ERROR all is lost"}
    assert "".join(text(said, "name").splitlines()).startswith("Front ")
    assert text(said, "name").isprintable()
    assert identifier(said, "name") == ""
    assert identifier({"id": "a\n"}, "id") == "a"
