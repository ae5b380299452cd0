"""What is asked about ranges of time, compared with a look at each recording, and what that costs."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
import sqlite3
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from custom_components.axis_recordings.index import questions
from custom_components.axis_recordings.index.lengths import CLASSES, LONGEST, SHORT
from custom_components.axis_recordings.index.models import Stage, Starter, StarterKind
from custom_components.axis_recordings.index.wanted import Wanted, Word
from custom_components.axis_recordings.recordings.days import day_of, day_span
from custom_components.axis_recordings.recordings.search import RecordingSearch
from custom_components.axis_recordings.vapix import (
    PosixZone,
    RecordingStatus,
    RecordingType,
)
from custom_components.axis_recordings.vapix.bounds import MOST_EVENT_NAMES

from .made import START, fill, made, write
from .test_store import steps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from custom_components.axis_recordings.index.store import RecordingIndex
    from custom_components.axis_recordings.vapix import Recording

DISKS = ("SD_DISK", "NetworkShare")
MICROSECOND = timedelta(microseconds=1)
DAY = timedelta(days=1)
NOW = START + 9 * DAY
NOTHING = [None] * 9
# What each recording of a day takes to be counted.
MOST_STEPS_EACH = 8
LENGTHS = [
    *(timedelta(microseconds=each) for each in (SHORT, *CLASSES)),
    timedelta(0),
    timedelta(seconds=-1),
    timedelta(seconds=9),
    timedelta(hours=3),
    timedelta(microseconds=LONGEST + 1),
]


def drawn(random: Random, number: int) -> Recording:
    """Return a recording of any kind and length."""
    begin = START + random.uniform(-1, 8) * DAY
    length = random.choice(LENGTHS) + random.choice([-1, 0, 1]) * MICROSECOND
    end: datetime | None = begin + length
    status = random.choice([*RecordingStatus, RecordingStatus.COMPLETED])
    if status is RecordingStatus.RECORDING or random.random() < 0.1:
        end = None
    return made(
        number,
        start=None if random.random() < 0.05 else begin,
        end=end,
        status=status,
        type=random.choice([*RecordingType]),
        disk_id=random.choice(DISKS),
        event_id=random.choice(["Gate", "Motion", ""]),
        event_trigger=random.choice(["Port 1", "PORT 1", "Dämmerung"]),
        source=random.choice([None, "1", "2"]),
    )


def in_order(recordings: list[Recording], *, oldest_first: bool) -> list[Recording]:
    """Return recordings in the order in which they began; those that began at the same time stand as they were added."""
    beginning = datetime.min.replace(tzinfo=UTC)
    return sorted(
        recordings,
        key=lambda each: (each.start or beginning, each.recording_id),
        reverse=not oldest_first,
    )


@pytest.fixture
def life(request: pytest.FixtureRequest, index: RecordingIndex) -> list[Recording]:
    """Return what is in the index, drawn from a seed, by its places there."""
    random = Random(request.param)  # noqa: S311 - a life, not a secret
    recordings = [drawn(random, each) for each in range(120)]
    for each in recordings:
        stage = Stage.ONGOING if each.is_ongoing else Stage.ENDED
        write(index, each, stage=random.choice([stage, Stage.ENDED]))
    return recordings


def _words(text: str, kind: RecordingType, source: str) -> list[tuple[Word, ...]]:
    return [
        (),
        (Word(is_in=lambda each: text.casefold() in each.casefold()),),
        (
            Word(is_in=lambda each: text in each, types=(kind,), sources=(source,)),
            Word(is_in=lambda each: "1" in each, is_ongoing=True),
        ),
    ]


def searches(random: Random) -> Iterator[RecordingSearch]:
    """Yield searches of all kinds."""
    for _ in range(40):
        start = START + random.uniform(-2, 9) * DAY
        end = start + random.choice([MICROSECOND, timedelta(hours=5), DAY, -DAY])
        yield RecordingSearch(
            start=random.choice([None, start, start]),
            end=random.choice([None, end, end]),
            disk=random.choice([*NOTHING, *DISKS, "unknown"]),
            source=random.choice([*NOTHING, "1", "unknown"]),
            event=random.choice([*NOTHING, "Gate", "", "unknown"]),
            event_trigger=random.choice([*NOTHING, "port 1", "unknown"]),
            type=random.choice([*NOTHING, *NOTHING, *RecordingType]),
            status=random.choice([*NOTHING, *NOTHING, *RecordingStatus]),
            words=random.choice(_words("gate", RecordingType.SCHEDULED, "2")),
            oldest_first=random.random() < 0.5,
        )


def wanted_of(search: RecordingSearch) -> Wanted:
    """Return what a search asks of an index that holds recordings of two disks."""
    return Wanted(
        disks=[each for each in DISKS if search.disk in (None, each)],
        start=search.start,
        end=search.end,
        source=search.source,
        event=search.event,
        event_trigger=search.event_trigger,
        type=search.type,
        status=search.status,
        words=search.words,
    )


def matching(recordings: list[Recording], search: RecordingSearch) -> list[Recording]:
    """Return what a look at each recording finds."""
    return [
        each
        for each in recordings
        if search.matches(each)
        and all(word.describes(each, None) for word in search.words)
        and not search.is_empty
    ]


@pytest.mark.parametrize("life", range(4), indirect=True)
def test_everything_is_found(index: RecordingIndex, life: list[Recording]) -> None:
    """A search finds what a look at each recording finds, in its order, page by page, and counts it."""
    found = 0
    for search in searches(Random(len(life))):  # noqa: S311 - a life, not a secret
        wanted, asked = wanted_of(search), index.questions
        if search.is_empty:
            continue
        pages = [
            asked.find(
                wanted, oldest_first=search.oldest_first, limit=20, offset=offset
            )
            for offset in range(0, 126, 20)
        ]
        listed = [each for page in pages for each in page]
        expected = matching(life, search)
        keys = [
            each.key for each in in_order(expected, oldest_first=search.oldest_first)
        ]
        assert [each.key for each in listed] == keys, search
        assert asked.count(wanted) == len(expected)
        found += len(expected)
    assert found > 100


def day_with(zone: ZoneInfo) -> Callable[[datetime], tuple[datetime, datetime]]:
    """Return what tells the day that holds a moment."""

    def span(moment: datetime) -> tuple[datetime, datetime]:
        found = day_span(day_of(moment, zone), zone)
        return found.start, found.end

    return span


def days_counted(
    recordings: list[Recording], search: RecordingSearch, zone: ZoneInfo
) -> dict[date, int]:
    """Return how many recordings have a part in each day, by a look at each of both."""
    counts: Counter[date] = Counter()
    for number in range(-5, 15):
        span = day_span((START + number * DAY).date(), zone)
        narrow = search.within(span)
        if narrow.is_empty:
            continue
        for each in matching(recordings, narrow):
            # Nobody knows what comes, but what has begun there already, by whatever clock.
            if narrow.start and (narrow.start < NOW or _began_in(each, narrow)):
                counts[(START + number * DAY).date()] += 1
    return dict(sorted(counts.items(), reverse=True))


def _began_in(recording: Recording, search: RecordingSearch) -> bool:
    return recording.start is not None and search.holds(recording.start)


@pytest.mark.parametrize("life", range(2), indirect=True)
@pytest.mark.parametrize("zone", ["Europe/Stockholm", "America/St_Johns"])
def test_days(index: RecordingIndex, life: list[Recording], zone: str) -> None:
    """The days on which there is any recording are told, and how many, as a look at each day and recording shows."""
    random, there = Random(len(zone)), ZoneInfo(zone)  # noqa: S311 - a life, not a secret
    for search in (RecordingSearch(), *list(searches(random))[:4]):
        if search.is_empty:
            continue
        counts = index.questions.count_by(wanted_of(search), day_with(there), NOW)
        by_day = {day_of(start, there): count for start, count in counts.items()}
        expected = days_counted(life, search, there)
        assert [*by_day.items()] == [*expected.items()], search


def test_days_without_an_end(
    index: RecordingIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A camera that tells of thousands of years keeps nobody busy for long."""
    monkeypatch.setattr(questions, "MOST_STRETCHES", 50)
    write(index, *(made(each, start=START - each * 30 * DAY) for each in range(80)))
    long = made(
        81, start=START - 9000 * DAY, end=None, status=RecordingStatus.RECORDING
    )
    for recordings in ((), (long,)):
        write(index, *recordings)
        counts = index.questions.count_by(
            Wanted(disks=DISKS), day_with(ZoneInfo("UTC")), START + 100 * DAY
        )
        assert 50 <= len(counts) <= 101
        assert [*counts] == sorted(counts, reverse=True)


def test_newest_days_are_kept(
    index: RecordingIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of what lasts for too many days, the newest ones are counted."""
    monkeypatch.setattr(questions, "MOST_STRETCHES", 5)
    write(index, made(1, end=None, status=RecordingStatus.RECORDING))
    now = START + 90 * DAY
    counts = index.questions.count_by(
        Wanted(disks=DISKS), day_with(ZoneInfo("UTC")), now
    )
    days = [(now - number * DAY).date() for number in range(5)]
    assert [each.date() for each in counts] == days


@pytest.mark.timeout(20)
def test_midnight_that_clocks_skip(index: RecordingIndex) -> None:
    """What begins in the rest of that hour is found on the day before, and what lasts for days on each of them."""
    zone = PosixZone.parse("XXX0YYY,M3.2.0/23:30,M11.1.0")
    skipped = datetime(2026, 3, 8, 23, 30, tzinfo=UTC)
    minute = timedelta(minutes=1)
    last = made(1, start=skipped + 5 * minute, end=skipped + 6 * minute)
    write(index, last)

    def counted() -> dict[date, int]:
        counts = index.questions.count_by(Wanted(disks=DISKS), day_with(zone), NOW)
        return {start.date(): count for start, count in counts.items()}

    assert counted() == {date(2026, 3, 8): 1}
    write(index, made(2, start=skipped - 2 * DAY, end=skipped + DAY))
    expected = {date(2026, 3, day): 1 + (day == 8) for day in (9, 8, 7, 6)}
    assert [*counted().items()] == [*expected.items()]


def test_questions_that_fail(index: RecordingIndex) -> None:
    """What is wrong with a question is not taken for damage of the index."""

    def fail(_: object) -> Any:
        raise ValueError

    write(index, made(1))
    with pytest.raises(sqlite3.ProgrammingError):
        index.questions.count_by(Wanted(disks=DISKS), fail, NOW)
    with pytest.raises(sqlite3.ProgrammingError):
        index.questions.count(Wanted(disks=DISKS, words=[Word(is_in=fail)]))
    assert not index.file.is_spoilt


def test_event_ids(index: RecordingIndex) -> None:
    """All names of events are told that recordings on a disk have, and none that only others have."""
    write(
        index,
        made(1, event_id="Gate"),
        made(2, event_id="", event_trigger="Port"),
        made(3, event_id="Door", disk_id="NetworkShare"),
        made(4, event_id="Door"),
    )
    assert index.questions.event_ids(DISKS) == ["Door", "Gate"]
    assert index.questions.event_ids(["NetworkShare"]) == ["Door"]
    assert index.questions.event_ids([]) == []


def test_too_many_event_ids(index: RecordingIndex) -> None:
    """No more names are told than a camera's own list may have."""
    names = range(MOST_EVENT_NAMES + 5)
    write(index, *(made(each, event_id=f"Rule {each}") for each in names))
    assert len(index.questions.event_ids(DISKS)) == MOST_EVENT_NAMES


def test_who_has_started_it(index: RecordingIndex) -> None:
    """What Home Assistant has started is found by that, or by the name of who did."""
    write(index, *map(made, range(6)), made(1, disk_id="NetworkShare"))
    for number, name in ((1, "Anna"), (2, "Ben"), (3, None)):
        starter = Starter(kind=StarterKind.PERSON, name=name)
        index.note_starter(made(number).key, starter, START)

    def found(word: Word) -> list[str]:
        wanted = Wanted(disks=DISKS, words=[word])
        return [each.recording_id for each in index.questions.find(wanted, limit=9)]

    def name_of(*numbers: int) -> list[str]:
        return [made(each).recording_id for each in numbers]

    assert found(Word(is_in=lambda _: False, is_own=True)) == name_of(3, 2, 1)
    assert found(Word(is_in="Anna".__eq__)) == name_of(1)
    assert found(Word(is_in=lambda each: "n" in each and len(each) < 5)) == name_of(
        2, 1
    )
    assert found(Word(is_in=lambda _: False)) == []


def test_costs(index: RecordingIndex) -> None:
    """A question about a day takes no more where there are many recordings, long ones and such that go on among them."""

    def asked() -> Iterator[Callable[[], Any]]:
        ask, day = (
            index.questions,
            Wanted(disks=DISKS, start=START, end=START + DAY / 96),
        )
        words = (Word(is_in=lambda each: "Motion" in each),)
        yield lambda: ask.find(Wanted(disks=DISKS), limit=20)
        yield lambda: ask.find(Wanted(disks=DISKS), limit=20, oldest_first=True)
        yield lambda: ask.find(day, limit=20)
        yield lambda: ask.find(replace(day, words=words), limit=20)
        yield lambda: ask.find(replace(day, event="Motion Recording 1"), limit=20)
        yield lambda: ask.count(day)
        yield lambda: ask.find(
            Wanted(disks=DISKS, start=START, end=START + MICROSECOND), limit=1
        )
        yield lambda: ask.count_by(day, day_with(ZoneInfo("UTC")), START + DAY)
        yield lambda: index.find_starters([made(1).key])

    def add(first: int, number: int) -> None:
        length = timedelta(minutes=40)
        for each in range(first, first + number, 20):
            name = made(each).start
            assert name
            # Whatever lasts long, on the other disk.
            write(
                index,
                made(each, disk_id="NetworkShare", end=name + length),
            )

    fill(index, 200)
    add(0, 200)
    few = [steps(index, act) for act in asked()]
    fill(index, 5000)
    add(200, 4800)
    many = [steps(index, act) for act in asked()]
    assert all(few)
    for number, (one, other) in enumerate(zip(few, many, strict=True)):
        assert other <= one + 60, number


def test_rows_of_a_day(index: RecordingIndex) -> None:
    """What is read of a day of many recordings is that day."""
    fill(index, 6000)
    day = Wanted(disks=DISKS, start=START + DAY, end=START + 2 * DAY)
    found: list[int] = []
    count = steps(index, lambda: found.append(index.questions.count(day)))
    assert found == [1440]
    assert count < 1440 * MOST_STEPS_EACH
