"""From when to when recordings last."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest

from custom_components.axis_recordings.calendar import EventMaker
from custom_components.axis_recordings.media.items import RecordingItems
from custom_components.axis_recordings.media.titles import Words
from custom_components.axis_recordings.recordings.extent import (
    TimeRange,
    extent_of,
    known_end,
)
from custom_components.axis_recordings.recordings.part import (
    RecordingPart,
    RecordingPartError,
)
from custom_components.axis_recordings.vapix import RecordingStatus

from .sample import KEY, NOW, START, after, recording

YEARS = timedelta(days=365)
WORDS = Words(**{field.name: "" for field in fields(Words)})


@pytest.mark.parametrize(
    ("start", "stop", "expected", "is_end_known"),
    [
        (START, after(44), (START, after(44)), True),
        (START, None, (START, after(1)), False),
        # In whole seconds, it ends when it begins, or before.
        (START, START, (START, after(1)), True),
        (START, after(-0.5), (START, after(1)), True),
        (START, after(0.2), (START, after(0.2)), True),
        (START, after(-1), None, True),
        # Begun or ended by a clock that was wrong.
        (
            START - 20 * YEARS,
            START,
            (START - 20 * YEARS, START - 20 * YEARS + timedelta(seconds=1)),
            False,
        ),
        (START, datetime.max.replace(tzinfo=UTC), (START, after(1)), False),
        (datetime.min.replace(tzinfo=UTC), START, None, False),
        # Not reported.
        (None, START, None, False),
    ],
)
def test_extent(
    start: datetime | None,
    stop: datetime | None,
    expected: tuple[datetime, datetime] | None,
    is_end_known: bool,
) -> None:
    """The player, the media browser and the calendar go by the same rule."""
    given = recording(start, stop)
    extent = expected and TimeRange(*expected)
    assert extent_of(given, NOW) == extent
    assert (known_end(given, NOW) is not None) == is_end_known

    items = RecordingItems(
        entry_id="",
        now=NOW,
        zone=UTC,
        words=WORDS,
        disks=(),
        sources=(),
    )
    assert items.extent(given) == extent

    always = TimeRange(START - 100 * YEARS, START + 100 * YEARS)
    calendar = EventMaker(entry_id="", zone=UTC, words=WORDS, disks=(), sources=())
    shown = [(each.start, each.end) for each in calendar.events([given], always, NOW)]
    event = extent and extent.at_least(timedelta(seconds=1))
    assert shown == ([(event.start, event.end)] if event else [])

    if extent is None:
        with pytest.raises(RecordingPartError):
            RecordingPart(key=KEY).within(given, NOW)
    else:
        assert RecordingPart(key=KEY).within(given, NOW).start == extent.start


def test_extent_of_what_goes_on() -> None:
    """It lasts until now, or for a moment where its clock was a little ahead at its beginning."""
    ongoing = recording(status=RecordingStatus.RECORDING)
    assert extent_of(ongoing, NOW) == TimeRange(START, NOW)
    assert extent_of(ongoing, START) == TimeRange(START, after(1))
    assert extent_of(ongoing, after(-9)) == TimeRange(START, after(1))
    assert known_end(ongoing, NOW) == NOW


def test_at_least() -> None:
    """What is longer stays as it is."""
    assert TimeRange(START, after(0.5)).at_least(timedelta(seconds=1)) == TimeRange(
        START, after(1)
    )
    assert TimeRange(START, after(9)).at_least(timedelta(seconds=1)) == TimeRange(
        START, after(9)
    )


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
def test_neighbors(
    span: tuple[float, float], stop: datetime | None, expected: tuple[float, float]
) -> None:
    """One slice before and one after, as far as the recording goes."""
    around = TimeRange(after(span[0]), after(span[1])).with_neighbors(
        recording(end=stop), NOW
    )
    assert around == TimeRange(after(expected[0]), after(expected[1]))


def test_first_part() -> None:
    """It may be all there is."""
    span = TimeRange(after(300), after(600))
    assert span.first(timedelta(seconds=100)) == TimeRange(after(300), after(400))
    assert span.first(timedelta(hours=1)) == span


def test_neighbors_of_an_unknown_start() -> None:
    """Nothing is known to be before."""
    span = TimeRange(after(300), after(600))
    around = span.with_neighbors(recording(start=None), NOW)
    assert around == TimeRange(after(300), after(900))
