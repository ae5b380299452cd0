"""What goes on beside what a camera has listed."""

from custom_components.axis_recordings.recordings.search import (
    RecordingSearch,
    with_ongoing,
)
from custom_components.axis_recordings.vapix import RecordingStatus

from .sample import NOW, after, recording


def test_with_ongoing() -> None:
    """It is added once, where it is wanted, and in its place."""
    first, last = recording(after(10), after(20)), recording(after(40), after(50))
    ongoing = recording(after(30), None, RecordingStatus.RECORDING, "ongoing")
    everything = RecordingSearch()
    for listed in ((), (first,), (last, first), (last, ongoing, first)):
        found = with_ongoing(everything, listed, [ongoing])
        assert set(found) == {*listed, ongoing}
        starts = [each.start for each in found if each.start]
        assert starts == sorted(starts, reverse=True)
    past = RecordingSearch(end=after(25))
    assert with_ongoing(past, [first], [ongoing]) == (first,)
    accepted = RecordingSearch(start=NOW, accepts=lambda each: each == first)
    assert with_ongoing(accepted, [], [ongoing]) == ()


def test_what_is_listed_counts() -> None:
    """The list is newer than the poll that has seen it go on."""
    ongoing = recording(after(30), None, RecordingStatus.RECORDING)
    ended = recording(after(30), after(40))
    assert with_ongoing(RecordingSearch(), [ended], [ongoing]) == (ended,)
