"""Parts of recordings, and their names."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote, unquote

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.axis_recordings.playback.window import (
    WHOLE,
    Span,
    Window,
    WindowError,
    format_moment,
    parse_moment,
)
from custom_components.axis_recordings.vapix import (
    Recording,
    RecordingKey,
    RecordingStatus,
    RecordingType,
)

START = datetime(2025, 10, 20, 12, tzinfo=UTC)
NOW = START + timedelta(hours=1)
KEY = RecordingKey("SD_DISK", "20251020_120000_1A2B_B8A44F0A1B2C")

moments = st.datetimes(
    datetime(1970, 1, 2),  # noqa: DTZ001 - hypothesis wants it so
    datetime(9000, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
words = st.text(min_size=1)


def recording(
    start: datetime | None = START, stop: datetime | None = None
) -> Recording:
    """Return a recording of which only the times matter."""
    return Recording(
        disk_id=KEY.disk_id,
        recording_id=KEY.recording_id,
        start=start,
        stop=stop,
        utc_offset=None,
        status=RecordingStatus.COMPLETED,
        type=RecordingType.TRIGGERED,
        event_id="",
        event_trigger="",
        source=None,
        locked=None,
        video=(),
        audio=(),
    )


def after(seconds: float) -> datetime:
    """Return a moment of the recording."""
    return START + timedelta(seconds=seconds)


@settings(database=None, derandomize=True)
@given(disk=words, recording_id=words, times=st.lists(moments, max_size=2, unique=True))
def test_names(disk: str, recording_id: str, times: list[datetime]) -> None:
    """Each name is read as what it was made of, and stays the same in an address."""
    start, stop = [*sorted(times), None, None][:2]
    window = Window(key=RecordingKey(disk, recording_id), start=start, stop=stop)
    assert Window.parse(window.path) == window
    assert len(window.path.split("/")) == 2 + len(times)
    # Home Assistant decodes and encodes an address before it signs it.
    assert quote(unquote(window.path)) == window.path
    assert not {".", ".."} & set(window.path.split("/"))


def test_name_of_the_usual() -> None:
    """It can be read by people, too."""
    window = Window(key=KEY, start=START, stop=after(1.5))
    assert window.path == (
        "SD_DISK/20251020_120000_1A2B_B8A44F0A1B2C/"
        "20251020T120000.000000Z/20251020T120001.500000Z"
    )
    # Without a start the name has no stop: there is none to tell.
    assert Window(key=KEY, stop=START).path == "SD_DISK/" + KEY.recording_id


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
    with pytest.raises(WindowError):
        Window.parse(path)


def test_moments() -> None:
    """They are told in UTC, to the microsecond."""
    moment = datetime(
        2025, 10, 20, 8, 0, 0, 123456, tzinfo=timezone(timedelta(hours=-4))
    )
    assert format_moment(moment) == "20251020T120000.123456Z"
    assert parse_moment("20251020T120000.123456Z") == moment
    with pytest.raises(WindowError):
        parse_moment("now")


@pytest.mark.parametrize(
    ("window", "stop", "expected"),
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
        ({"start": after(-9), "stop": after(9)}, after(60), (0, 9)),
        ({"start": after(50), "stop": after(70)}, after(60), (50, 60)),
        ({"start": after(3500), "stop": after(4000)}, None, (3500, 3600)),
        ({"start": after(0), "stop": after(2000)}, None, (0, 2000)),
        # Nothing.
        ({"start": after(60)}, after(60), None),
        ({"start": after(70), "stop": after(80)}, after(60), None),
        ({"start": after(-20), "stop": after(-10)}, after(60), None),
        ({"start": after(3601)}, None, None),
        # In whole seconds, it ends when it begins.
        ({}, START, (0, 1)),
        ({}, after(-0.5), (0, 1)),
        ({}, after(-1), None),
    ],
)
def test_within(
    window: Any, stop: datetime | None, expected: tuple[float, float] | None
) -> None:
    """What there is of a window."""
    found = Window(key=KEY, **window)
    if expected is None:
        with pytest.raises(WindowError):
            found.within(recording(stop=stop), NOW)
    else:
        span = found.within(recording(stop=stop), NOW)
        assert span == Span(after(expected[0]), after(expected[1]))
        assert span.duration.total_seconds() == expected[1] - expected[0]


def test_unknown_start() -> None:
    """Where the camera sent a time that can't be read, there is nothing to count from."""
    with pytest.raises(WindowError):
        Window(key=KEY, start=START).within(recording(start=None), NOW)


@pytest.mark.parametrize(
    ("span", "stop", "expected"),
    [
        ((900, 1200), None, (600, 1500)),
        ((0, 300), None, (0, 600)),
        ((100, 400), after(500), (0, 500)),
        ((3500, 3600), None, (3200, 3600)),
        ((0, 60), after(60), (0, 60)),
        # The clean-up may have moved the start past it meanwhile.
        ((-400, -100), after(60), (-400, 60)),
    ],
)
def test_neighbours(
    span: tuple[float, float], stop: datetime | None, expected: tuple[float, float]
) -> None:
    """One slice before and one after, as far as the recording goes."""
    around = Span(after(span[0]), after(span[1])).with_neighbours(
        recording(stop=stop), NOW
    )
    assert around == Span(after(expected[0]), after(expected[1]))


def test_neighbours_of_an_unknown_start() -> None:
    """Nothing is known to be before."""
    span = Span(after(300), after(600))
    around = span.with_neighbours(recording(start=None), NOW)
    assert around == Span(after(300), after(900))
