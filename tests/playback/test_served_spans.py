"""How much of a recording the file of a part holds."""

from asyncio import CancelledError
from contextlib import suppress
from datetime import timedelta
import time

import pytest

from custom_components.axis_recordings.playback.served_spans import (
    FRESH_SECONDS,
    ServedSpans,
)
from custom_components.axis_recordings.recordings.extent import TimeRange
from tests.videos import START, RunningClock, part

WINDOW = part()


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> RunningClock:
    """Let a test set the clock ahead."""
    clock = RunningClock()
    monkeypatch.setattr(time, "monotonic", clock)
    return clock


def span(seconds: float) -> TimeRange:
    """Return what there is of the part after so many seconds."""
    return TimeRange(START, START + timedelta(seconds=seconds))


def serve(spans: ServedSpans, seconds: float, *, resumes: bool = False) -> TimeRange:
    """Return what is served."""
    with spans.serving(WINDOW, span(seconds), resumes=resumes) as served:
        return served


def test_as_long_as_it_is_made(clock: RunningClock) -> None:
    """Whoever comes meanwhile gets the same, whoever leaves first, and for a while after it."""
    spans = ServedSpans()
    first = spans.serving(WINDOW, span(1), resumes=False)
    assert first.__enter__() == span(1)
    clock.ahead += 10 * FRESH_SECONDS
    with spans.serving(WINDOW, span(2), resumes=False) as served:
        assert served == span(1)
        assert not first.__exit__(KeyError, KeyError(), None)
    assert serve(spans, 3) == span(1)
    clock.ahead += FRESH_SECONDS
    assert serve(spans, 4, resumes=True) == span(1)
    assert serve(spans, 5) == span(5)


def test_failure() -> None:
    """What was not made is not what others get."""
    spans = ServedSpans()
    with (
        pytest.raises(OSError, match="full"),
        spans.serving(WINDOW, span(1), resumes=False),
    ):
        raise OSError("full")  # noqa: EM101 - as a disk does
    assert serve(spans, 2) == span(2)


def test_one_of_several_leaves() -> None:
    """What others still wait for is what whoever comes then gets."""
    spans = ServedSpans()
    with spans.serving(WINDOW, span(1), resumes=False):
        with suppress(CancelledError), spans.serving(WINDOW, span(2), resumes=False):
            raise CancelledError
        with spans.serving(WINDOW, span(3), resumes=False) as served:
            assert served == span(1)


@pytest.mark.parametrize("resumes", [False, True])
def test_leaves_what_was_made(*, resumes: bool) -> None:
    """Players break off a range whenever somebody seeks, and then ask for another one of the same file."""
    spans = ServedSpans()
    serve(spans, 1)
    with suppress(CancelledError), spans.serving(WINDOW, span(2), resumes=resumes):
        raise CancelledError
    assert serve(spans, 3, resumes=True) == span(1)


def test_made_anew_for_another(clock: RunningClock) -> None:
    """Until that is there, whoever resumes gets what was served last; and also if it comes to nothing."""
    spans = ServedSpans()
    serve(spans, 1)
    clock.ahead += FRESH_SECONDS
    with suppress(OSError), spans.serving(WINDOW, span(2), resumes=False) as served:
        assert served == span(2)
        assert serve(spans, 3, resumes=True) == span(1)
        raise OSError
    assert serve(spans, 4, resumes=True) == span(1)
    assert serve(spans, 5) == span(5)
    assert serve(spans, 6, resumes=True) == span(5)


def test_sweep(clock: RunningClock) -> None:
    """What was served long ago is forgotten."""
    spans = ServedSpans()
    serve(spans, 1)
    spans.sweep(clock())
    assert serve(spans, 2, resumes=True) == span(1)
    spans.sweep(clock() + 2 * FRESH_SECONDS)
    assert serve(spans, 3, resumes=True) == span(3)
