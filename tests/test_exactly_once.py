"""The comparison of a journal with what was reported of it can fail, and forgives only what nobody can know."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.camera import Fact, Recording
from tests.exactly_once import (
    AMBIGUOUS_END,
    ENDED_UNSEEN,
    EXCHANGED,
    INVISIBLE,
    UNSEEN_CLOCK,
    Loss,
    Poll,
    Reported,
    compare,
    compare_index,
)

if TYPE_CHECKING:
    from tests.camera.recordings import RecordingStatus

DISK = "SD_DISK"
DISKS = frozenset({DISK})
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
LIFE = ("started", "stopped", "removed")
TALE = ("started", "finished", "removed")


def journal(
    *kinds: str, recording_id: str = "A", status: RecordingStatus = "completed"
) -> list[Fact]:
    """Return what happened to a recording."""
    recording = Recording(
        recording_id=recording_id,
        disk_id=DISK,
        start=NOON,
        stop=None,
        recording_status=status,
    )
    return [Fact(NOON, kind, recording_id, DISK, "rule", recording) for kind in kinds]


def events(*kinds: str, disk_id: str = DISK, recording_id: str = "A") -> list[Reported]:
    """Return what was reported of a recording."""
    return [Reported(kind, disk_id, recording_id) for kind in kinds]


def polls(*facts: int) -> list[Poll]:
    """Return polls after so many facts, with ten seconds from one to the next."""
    return [Poll(each, DISKS, 10.0 * number) for number, each in enumerate(facts)]


ALWAYS = polls(0, 1, 2, 3, 4)


@pytest.mark.parametrize(
    ("life", "reported"),
    [
        (LIFE, TALE),
        (("started", "interrupted"), ("started", "interrupted")),
        (("started", "moved", "stopped", "exported"), ("started", "finished")),
        (("moved", "removed"), ("removed",)),
        ((), ()),
    ],
)
def test_each_thing_once(life: tuple[str, ...], reported: tuple[str, ...]) -> None:
    """What happened was reported, also of recordings that began before."""
    report = compare(journal(*life), events(*reported), ALWAYS)
    assert report.differences == []
    assert not report.exceptions
    assert report.events.total() == report.facts.total() == len(reported)


@pytest.mark.parametrize(
    "reported",
    [
        (),
        ("started", "finished"),
        ("started", "removed"),
        ("finished", "removed"),
        ("started", "started", "finished", "removed"),
        ("started", "finished", "removed", "removed"),
        ("started", "interrupted", "removed"),
        ("finished", "started", "removed"),
        ("started", "removed", "finished"),
        ("started", "finished", "removed", "unheard-of"),
    ],
)
def test_differences(reported: tuple[str, ...]) -> None:
    """Whatever is missing, twice, of the wrong type or in the wrong order is found."""
    report = compare(journal(*LIFE), events(*reported), ALWAYS)
    (difference,) = report.differences
    assert difference == (
        "A on SD_DISK: started by rule at 12:00:00 (#0), stopped by rule at 12:00:00 (#1), "
        f"removed by rule at 12:00:00 (#2); reported: {', '.join(reported) or 'nothing'}"
    )
    assert not report.exceptions


def test_out_of_nothing() -> None:
    """An event of a recording to which nothing happened is a difference."""
    report = compare([], events("removed"), ALWAYS)
    assert report.differences == [
        "A on SD_DISK: nothing happened; reported: removed",
    ]


def test_wrong_disk() -> None:
    """A recording is named by its disk, too."""
    reported = events(*TALE, disk_id="NetworkShare")
    assert len(compare(journal(*LIFE), reported, ALWAYS).differences) == 2


def test_recordings_side_by_side() -> None:
    """The order counts for each recording by itself."""
    facts = [
        *journal("started", recording_id="A"),
        *journal("started", recording_id="B"),
        *journal("stopped", recording_id="A"),
        *journal("stopped", recording_id="B"),
    ]
    reported = [
        *events("started", "finished", recording_id="B"),
        *events("started", recording_id="A"),
    ]
    (difference,) = compare(facts, reported, ALWAYS).differences
    assert difference.startswith("A on SD_DISK: started by rule")
    assert difference.endswith("(#2); reported: started")


@pytest.mark.parametrize(
    ("seen", "is_excused"),
    [
        (polls(0, 3), True),
        (polls(0, 1, 3), False),
        (polls(0, 2, 3), False),
        ([Poll(0, DISKS), Poll(2, frozenset({"NetworkShare"}))], True),
    ],
)
def test_invisible(seen: list[Poll], is_excused: bool) -> None:
    """What comes and goes between two polls may be reported or not."""
    report = compare(journal(*LIFE), [], seen)
    assert report.exceptions == ({INVISIBLE: 1} if is_excused else {})
    assert bool(report.differences) != is_excused
    assert compare(journal(*LIFE), events(*TALE), seen).differences == []


def test_only_the_whole_life_is_invisible() -> None:
    """What is still there later must have been reported, and so must the removal of what was there."""
    assert compare(journal("started", "stopped"), [], polls(0, 2)).differences
    assert compare(journal("stopped", "removed"), [], polls(0, 2)).differences


@pytest.mark.parametrize(
    ("seen", "is_excused"), [(polls(0, 1, 3), True), (polls(0, 1, 2, 3), False)]
)
def test_end_unseen(seen: list[Poll], is_excused: bool) -> None:
    """What was not seen between its end and its removal may have no end."""
    report = compare(journal(*LIFE), events("started", "removed"), seen)
    assert report.exceptions == ({ENDED_UNSEEN: 1} if is_excused else {})
    assert bool(report.differences) != is_excused


@pytest.mark.parametrize(
    ("end", "wrong"), [("stopped", "interrupted"), ("interrupted", "finished")]
)
@pytest.mark.parametrize(
    ("losses", "is_excused"),
    [
        ([], False),
        ([Loss(0)], False),
        ([Loss(2)], True),
        ([Loss(3, DISK)], True),
        ([Loss(2, "NetworkShare")], False),
        ([Loss(4)], False),
    ],
)
def test_ambiguous_end(
    end: str, wrong: str, losses: list[Loss], is_excused: bool
) -> None:
    """How something ended is unknown only if power or disk were lost between the polls around its end."""
    facts = [*journal("moved", "started"), *journal(end, "removed")]
    reported = events("started", wrong, "removed")
    report = compare(facts, reported, polls(0, 2, 3), losses)
    assert report.exceptions == ({AMBIGUOUS_END: 1} if is_excused else {})
    assert bool(report.differences) != is_excused


def test_loss_at_the_end_of_time() -> None:
    """An end that was never followed by a poll is as unknown as others."""
    facts = journal("started", "stopped")
    reported = events("started", "interrupted")
    assert compare(facts, reported, polls(1), [Loss(2)]).exceptions == {
        AMBIGUOUS_END: 1
    }
    assert compare(facts, reported, [], [Loss(2)]).exceptions == {AMBIGUOUS_END: 1}


@pytest.mark.parametrize(
    ("settings", "is_excused"),
    [((1, 2), True), ((1,), False), ((2,), False), ((0, 2), False), ((1, 4), False)],
)
@pytest.mark.parametrize("reported", [(), ("removed",), ("interrupted", "removed")])
def test_unseen_clock(
    reported: tuple[str, ...], settings: tuple[int, ...], *, is_excused: bool
) -> None:
    """What began while the clock was set as nobody has seen it may have been there for long."""
    facts = [*journal("removed", recording_id="B"), *journal(*LIFE)]
    begun = [*events("removed", recording_id="B"), *events(*reported)]
    report = compare(facts, begun, polls(0, 3, 4, 5), settings=settings)
    assert report.exceptions == ({UNSEEN_CLOCK: 1} if is_excused else {})
    assert bool(report.differences) != is_excused


def test_broken_off() -> None:
    """A poll may have been read in which a disk goes that was away for a while before."""
    facts = journal("started", "interrupted", "moved")
    seen = [*polls(1, 2), Poll(3, frozenset(), 20)]
    losses = [Loss(1, DISK, time=5), Loss(2, DISK, time=10.5)]
    report = compare(facts, events("started", "finished"), seen, losses)
    assert report.exceptions == {AMBIGUOUS_END: 1}


@pytest.mark.parametrize(("end", "errors"), [("stopped", 0), ("interrupted", 1)])
def test_noticed_loss(end: str, errors: int) -> None:
    """Whoever sees that the disk is gone knows that what went on there was interrupted."""
    seen = [Poll(1, DISKS), Poll(2, frozenset()), Poll(2, DISKS)]
    reported = ["finished" if end == "interrupted" else "interrupted"]
    report = compare(
        journal("started", end), events("started", *reported), seen, [Loss(1, DISK)]
    )
    assert len(report.differences) == errors


def test_camera_reports_an_interruption() -> None:
    """A status of its own leaves no doubt."""
    facts = journal("started", "interrupted", status="unknown")
    reported = events("started", "finished")
    assert compare(facts, reported, polls(0, 1, 2), [Loss(1)]).differences


@pytest.mark.parametrize(
    ("life", "reported", "exchange", "seen", "is_excused"),
    [
        # Nobody has listed the card since.
        (("started", "stopped"), ("started",), 2, (0, 1), True),
        (("started", "stopped"), (), 2, (0,), True),
        (LIFE, ("started", "interrupted"), 3, (0, 1), True),
        (("started", "stopped"), ("started",), 3, (0, 1, 2), False),
        # What is gone was still in doubt.
        (LIFE, ("started", "finished"), 3, (0, 1, 2, 3), True),
        (LIFE, ("started", "finished"), 4, (0, 1, 2, *[3] * 6), True),
        (LIFE, ("started", "finished"), 4, (0, 1, 2, *[3] * 7), False),
        # It came with the card and was removed before anybody polled.
        (("removed",), (), 0, (1,), True),
        (("moved", "removed"), (), 0, (1,), False),
    ],
)
def test_exchanged_card(
    life: tuple[str, ...],
    reported: tuple[str, ...],
    exchange: int,
    seen: tuple[int, ...],
    is_excused: bool,
) -> None:
    """What nobody was shown of a card before another one was in its place may be reported or not."""
    losses = [Loss(exchange, DISK, is_exchange=True)]
    report = compare(journal(*life), events(*reported), polls(*seen), losses)
    assert report.exceptions == ({EXCHANGED: 1} if is_excused else {})
    assert bool(report.differences) != is_excused
    elsewhere = [Loss(exchange, "NetworkShare", is_exchange=True)]
    assert compare(
        journal(*life), events(*reported), polls(*seen), elsewhere
    ).exceptions.keys() <= {AMBIGUOUS_END}


@pytest.mark.parametrize(
    ("started", "is_excused"), [(None, False), (2, False), (3, True), (4, True)]
)
def test_exchanged_after_a_start(started: int | None, *, is_excused: bool) -> None:
    """After a start of the camera, what is missing may not be listed yet for a minute."""
    facts = [*journal(*LIFE), *journal("added", recording_id="B")]
    seen = [
        Poll(each, DISKS, 25.0 * time)
        for time, each in enumerate((0, 1, 2, 3, 3, 4, 4))
    ]
    losses = [Loss(5, DISK, is_exchange=True)]
    if started is not None:
        losses.append(Loss(started))
    report = compare(facts, events("started", "finished"), seen, losses)
    assert bool(report.differences) != is_excused


@pytest.mark.parametrize(
    ("is_hidden", "reported", "is_right"),
    [
        (False, (), False),
        (True, (), True),
        (False, ("removed",), True),
        (True, ("removed",), True),
    ],
)
def test_removed_from_a_card_that_shows_in_no_count(
    is_hidden: bool, reported: tuple[str, ...], is_right: bool
) -> None:
    """It need not be reported until something shows that the card was exchanged."""
    facts = [*journal("added"), *journal("removed")]
    loss = Loss(0, DISK, is_exchange=True, is_hidden=is_hidden)
    report = compare(facts, events(*reported), polls(0, 1, 2), [loss])
    assert bool(report.differences) is not is_right


def test_removed_from_a_card_that_has_shown() -> None:
    """Once something else was removed, a list shows what is on the card."""
    facts = [
        *journal("removed", recording_id="B"),
        *journal("started", recording_id="C"),
        *journal("removed"),
    ]
    reported = [
        *events("removed", recording_id="B"),
        *events("started", recording_id="C"),
    ]
    loss = Loss(0, DISK, is_exchange=True, is_hidden=True)
    assert compare(facts, reported, polls(0, 1, 2, 3), [loss]).differences


@pytest.mark.parametrize(
    ("listed", "known", "doubted", "differences"),
    [
        ("AB", "AB", "", []),
        ("AB", "ABC", "C", []),
        ("AB", "AB", "B", []),
        ("AB", "ABC", "B", []),
        ("AB", "ABC", "", ["C on SD_DISK is gone, and still known"]),
        ("A", "ABC", "B", ["C on SD_DISK is gone, and still known"]),
        ("AB", "A", "", ["B on SD_DISK is listed, and not known"]),
    ],
)
def test_index(listed: str, known: str, doubted: str, differences: list[str]) -> None:
    """It holds what is listed, and beside that only what may be gone, or as much as seems to be gone and is not."""
    keys = [{(DISK, each) for each in names} for names in (listed, known, doubted)]
    assert compare_index(*keys) == differences
