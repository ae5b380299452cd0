"""Which recordings are played one after the other."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING

import pytest

from custom_components.axis_recordings.recordings.succession import (
    Succession,
    follow,
    of_one_source,
)
from custom_components.axis_recordings.vapix import RecordingStatus

from .sample import NOW, START, after, recording

if TYPE_CHECKING:
    from custom_components.axis_recordings.recordings.succession import PlayedSpan
    from custom_components.axis_recordings.vapix import Recording

HOUR = timedelta(hours=1)


def some(*times: tuple[float, float]) -> list[Recording]:
    """Return recordings by the seconds from which and to which they last."""
    return [
        recording(after(first), after(last), recording_id=str(number))
        for number, (first, last) in enumerate(times)
    ]


def shown(spans: tuple[PlayedSpan, ...]) -> list[tuple[str, float, float]]:
    """Return what is played, by the names of recordings and seconds."""
    return [
        (
            each.recording.recording_id,
            (each.span.start - START).total_seconds(),
            (each.span.end - START).total_seconds(),
        )
        for each in spans
    ]


def of(found: Succession) -> tuple[list[str], list[str]]:
    """Return the names of what is played before, and from the moment on."""
    before, rest = (
        [each.recording.recording_id for each in spans]
        for spans in (found.before, found.rest)
    )
    return before, rest


@pytest.mark.parametrize(
    ("moment", "before", "rest", "previous", "following"),
    [
        (-5, [], ["0", "1", "2"], None, "0"),
        (0, [], ["0", "1", "2"], None, "1"),
        (9.9, [], ["0", "1", "2"], None, "1"),
        # A recording ends before its end.
        (10, ["0"], ["1", "2"], "0", "1"),
        (15, ["0"], ["1", "2"], "0", "1"),
        (25, ["0"], ["1", "2"], "0", "2"),
        (45, ["0", "1"], ["2"], "1", None),
        (60, ["0", "1", "2"], [], "2", None),
    ],
)
def test_gaps_are_skipped(
    moment: float,
    before: list[str],
    rest: list[str],
    previous: str | None,
    following: str | None,
) -> None:
    """What holds a moment, or follows it, is played first, and whoever listed them in which order."""
    recordings = some((0, 10), (20, 30), (40, 50))
    found = follow(reversed(recordings), after(moment), NOW)
    assert of(found) == (before, rest)
    names = [
        each and each.recording_id
        for each in (found.previous, found.next(after(moment)))
    ]
    assert names == [previous, following]


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        # Within a long one, which goes on.
        ([(0, 100), (20, 30)], [("0", 0, 100)]),
        # After it was triggered again.
        ([(0, 30), (25, 60)], [("0", 0, 30), ("1", 30, 60)]),
        ([(0, 30), (0, 60)], [("1", 0, 60)]),
        # On two disks.
        ([(0, 30), (0, 30)], [("0", 0, 30)]),
        # Not worth a break.
        ([(0, 30), (10, 30.9), (31, 31.2)], [("0", 0, 30), ("2", 31, 31.2)]),
        (
            [(0, 30), (5, 40), (20, 50), (50, 60)],
            [*[("0", 0, 30), ("1", 30, 40)], ("2", 40, 50), ("3", 50, 60)],
        ),
    ],
)
def test_same_time_is_played_once(
    times: list[tuple[float, float]], expected: list[tuple[str, float, float]]
) -> None:
    """The one that began first is played to its end."""
    assert shown(follow(some(*times), START, NOW).rest) == expected


def test_what_goes_on_is_played_up_to_now() -> None:
    """And what has no time that makes sense is left out."""
    (first,) = some((0, 10))
    ongoing = recording(
        after(20), status=RecordingStatus.RECORDING, recording_id="ongoing"
    )
    odd = [recording(None), recording(after(50), after(40))]
    found = follow([first, ongoing, *odd], START, NOW)
    assert shown(found.rest) == [("0", 0, 10), ("ongoing", 20, 3600)]


@pytest.mark.parametrize(
    ("moment", "before", "later", "expected_before", "expected_rest"),
    [
        (25, 100, 100, [("0", 0, 10)], [("1", 20, 30), ("2", 40, 50)]),
        (25, 5, 5, [], [("1", 20, 30)]),
        (25, 4, 7, [], [("1", 21, 30), ("2", 40, 42)]),
        (25, 7, 4, [("0", 8, 10)], [("1", 20, 29)]),
        (15, 4, 12, [("0", 6, 10)], [("1", 20, 30), ("2", 40, 42)]),
        (50, 12, 10, [("1", 28, 30), ("2", 40, 50)], []),
    ],
)
def test_bounds(
    moment: float,
    before: float,
    later: float,
    expected_before: list[tuple[str, float, float]],
    expected_rest: list[tuple[str, float, float]],
) -> None:
    """Neither side is longer than wanted, wherever the gaps are."""
    found = follow(some((0, 10), (20, 30), (40, 50)), after(moment), NOW)
    bounded = found.bounded(
        after(moment),
        before=timedelta(seconds=before),
        after=timedelta(seconds=later),
    )
    assert shown(bounded.before) == expected_before
    assert shown(bounded.rest) == expected_rest


@pytest.mark.parametrize("seed", range(20))
def test_any_lives(seed: int) -> None:
    """No time is played twice, none is left out that is longer than a second, and the bounds hold."""
    random = Random(seed)  # noqa: S311 - not a secret
    recordings = some(
        *(
            (first, first + random.choice((0.3, 2, 30, 900)))
            for first in (random.uniform(0, 3000) for _ in range(random.randint(1, 40)))
        )
    )
    moment = after(random.uniform(-10, 4000))
    found = follow(recordings, moment, NOW)
    played = [*found.before, *found.rest]
    for each, following in pairwise(played):
        assert each.span.end <= following.span.start
    for recorded in recordings:
        assert recorded.start
        assert recorded.end
        covered = sum(
            (
                max(
                    timedelta(0),
                    min(recorded.end, span.end) - max(recorded.start, span.start),
                )
                for span in (one.span for one in played)
            ),
            timedelta(0),
        )
        assert recorded.end - recorded.start - covered < timedelta(seconds=1)
    bounded = found.bounded(moment, before=HOUR / 4, after=HOUR / 2)
    spans = [each.span for each in (*bounded.before, *bounded.rest)]
    earlier = sum(
        (min(each.end, moment) - min(each.start, moment) for each in spans),
        timedelta(0),
    )
    later = sum(
        (max(each.end, moment) - max(each.start, moment) for each in spans),
        timedelta(0),
    )
    assert earlier <= HOUR / 4
    assert later <= HOUR / 2
    assert bool(bounded.rest) == bool(found.rest)


def test_one_source() -> None:
    """Nobody sees two doors in turn. A camera with one source need not name it."""
    first, second, third, unnamed = some((0, 10), (5, 30), (40, 50), (60, 70))
    recordings = [
        replace(first, source="1"),
        replace(second, source="2"),
        replace(third, source="1"),
        unnamed,
    ]
    for moment, expected in ((3, "023"), (12, "13"), (35, "023"), (80, "0123")):
        found = of_one_source(recordings, after(moment), NOW)
        assert "".join(each.recording_id for each in found) == expected, moment
