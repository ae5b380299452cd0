"""How long to wait before another try."""

from custom_components.axis_recordings.helpers.backoff import (
    FIRST_DELAY,
    LONGEST_DELAY,
    Backoff,
)


def test_backoff() -> None:
    """Twice as long each time, up to a limit; never less than asked for."""
    backoff = Backoff()
    delays = [backoff.note_failure() for _ in range(2000)]
    assert FIRST_DELAY <= delays[0] <= 1.25 * FIRST_DELAY
    assert 2 * FIRST_DELAY <= delays[1] <= 2.5 * FIRST_DELAY
    assert LONGEST_DELAY <= min(delays[10:]) <= max(delays) <= 1.25 * LONGEST_DELAY
    backoff.reset()
    assert backoff.note_failure(at_least=1000) >= 1000
    backoff.reset()
    assert backoff.note_failure() <= 1.25 * FIRST_DELAY


def test_backoff_of_its_own() -> None:
    """Who needs other delays says so."""
    backoff = Backoff(first=1.0, longest=3.0)
    delays = [backoff.note_failure() for _ in range(5)]
    for delay, expected in zip(delays, (1, 2, 3, 3, 3), strict=True):
        assert expected <= delay <= 1.25 * expected
