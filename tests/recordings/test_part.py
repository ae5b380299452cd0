"""Parts of recordings, and their names."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote, unquote

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.axis_recordings.recordings.extent import TimeRange
from custom_components.axis_recordings.recordings.part import (
    WHOLE,
    RecordingPart,
    RecordingPartError,
    format_moment,
    parse_moment,
)
from custom_components.axis_recordings.vapix import RecordingKey

from .sample import KEY, NOW, START, after, recording

moments = st.datetimes(
    datetime(1970, 1, 2),  # noqa: DTZ001 - hypothesis wants it so
    datetime(9000, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
words = st.text(min_size=1)


@settings(database=None, derandomize=True)
@given(disk=words, recording_id=words, times=st.lists(moments, max_size=2, unique=True))
def test_names(disk: str, recording_id: str, times: list[datetime]) -> None:
    """Each name is read as what it was made of, and stays the same in an address."""
    start, stop = [*sorted(times), None, None][:2]
    part = RecordingPart(key=RecordingKey(disk, recording_id), start=start, end=stop)
    assert RecordingPart.parse(part.path) == part
    assert len(part.path.split("/")) == 2 + len(times)
    # Home Assistant decodes and encodes an address before it signs it.
    assert quote(unquote(part.path)) == part.path
    assert not {".", ".."} & set(part.path.split("/"))


def test_name_of_the_usual() -> None:
    """It can be read by people, too."""
    part = RecordingPart(key=KEY, start=START, end=after(1.5))
    assert part.path == (
        "SD_DISK/20251020_120000_1A2B_B8A44F0A1B2C/"
        "20251020T120000.000000Z/20251020T120001.500000Z"
    )
    # Without a start the name has no stop: there is none to tell.
    assert RecordingPart(key=KEY, end=START).path == "SD_DISK/" + KEY.recording_id


@pytest.mark.parametrize(
    "path",
    [
        "",
        "a",
        "/",
        "a/",
        "/b",
        "a/b/",
        "a/b/c",
        "/b/20251020T120000.000000Z",
        "a/b/20251020T120000Z",
        "a/b/2025-10-20T12:00:00Z",
        "a/b/20251020T120000.000000Z/",
        "a/b//20251020T120000.000000Z",
        "/b/20251020T120000.000000Z/20251020T120001.000000Z",
        "a/b/20251020T120000.000000Z/20251020T120000.000000Z",
        "a/b/20251020T120001.000000Z/20251020T120000.000000Z",
        "a/b/20251020T120000.000000Z/20251020T120001.000000Z/c",
    ],
)
def test_no_names(path: str) -> None:
    """Anything else is refused."""
    with pytest.raises(RecordingPartError):
        RecordingPart.parse(path)


def test_moments() -> None:
    """They are written in UTC, to the microsecond."""
    moment = datetime(
        2025, 10, 20, 8, 0, 0, 123456, tzinfo=timezone(timedelta(hours=-4))
    )
    assert format_moment(moment) == "20251020T120000.123456Z"
    assert parse_moment("20251020T120000.123456Z") == moment
    with pytest.raises(RecordingPartError):
        parse_moment("now")


@pytest.mark.parametrize(
    ("part", "stop", "expected"),
    [
        # All of a short one, the first slice of a long one.
        ({}, after(60), (0, 60)),
        ({}, START + WHOLE, (0, 600)),
        ({}, START + WHOLE + timedelta(microseconds=1), (0, 300)),
        ({}, None, (0, 300)),
        # From a moment on, to the end if that is near.
        ({"start": after(50)}, after(60), (50, 60)),
        ({"start": after(50)}, after(700), (50, 350)),
        ({"start": after(3590)}, None, (3590, 3600)),
        # Never more than there is.
        ({"start": after(-9), "end": after(9)}, after(60), (0, 9)),
        ({"start": after(50), "end": after(70)}, after(60), (50, 60)),
        ({"start": after(3500), "end": after(4000)}, None, (3500, 3600)),
        ({"start": after(0), "end": after(2000)}, None, (0, 2000)),
        # Nothing.
        ({"start": after(60)}, after(60), None),
        ({"start": after(70), "end": after(80)}, after(60), None),
        ({"start": after(-20), "end": after(-10)}, after(60), None),
        ({"start": after(3601)}, None, None),
        # In whole seconds, it ends when it begins.
        ({}, START, (0, 1)),
        ({}, after(-0.5), (0, 1)),
        ({}, after(-1), None),
    ],
)
def test_within(
    part: Any, stop: datetime | None, expected: tuple[float, float] | None
) -> None:
    """What there is of a part."""
    found = RecordingPart(key=KEY, **part)
    if expected is None:
        with pytest.raises(RecordingPartError):
            found.within(recording(end=stop), NOW)
    else:
        span = found.within(recording(end=stop), NOW)
        assert span == TimeRange(after(expected[0]), after(expected[1]))
        assert span.duration.total_seconds() == expected[1] - expected[0]


def test_unknown_start() -> None:
    """Where the camera sent a time that can't be read, there is nothing to count from."""
    with pytest.raises(RecordingPartError):
        RecordingPart(key=KEY, start=START).within(recording(start=None), NOW)
