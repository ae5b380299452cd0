"""What is asked of the index, what it keeps of recordings, and what that costs."""

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest

from custom_components.axis_recordings.index import words
from custom_components.axis_recordings.index.models import Stage, Starter, StarterKind
from custom_components.axis_recordings.index.store import RecordingIndex
from custom_components.axis_recordings.vapix import (
    RecordingKey,
    RecordingStatus,
    RecordingType,
)

from .made import AUDIO, START, VIDEO, fill, known, made, write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MOST_BYTES_EACH = 160
OTHER_DISK = {"disk_id": "NetworkShare"}


@pytest.mark.parametrize(
    "recording",
    [
        made(1),
        made(1, start=None, end=None, utc_offset=None, source=None, locked=None),
        made(
            1,
            start=datetime.min.replace(tzinfo=UTC),
            end=datetime.max.replace(tzinfo=UTC),
            utc_offset=timedelta(hours=-9, seconds=-1, microseconds=-1),
            event_id='It\'s "night"',
            event_trigger="Dämmerung 🌙",
            source="",
            locked=True,
        ),
        *(made(1, status=each) for each in RecordingStatus),
        *(made(1, type=each) for each in RecordingType),
        made(1, video=(), audio=()),
        made(1, video=(replace(VIDEO, mime_type=None, frame_rate=29.97),)),
    ],
)
@pytest.mark.parametrize("stage", Stage)
def test_all_is_remembered(
    index: RecordingIndex, path: Path, recording: Any, stage: Stage
) -> None:
    """Nothing changes on the way into the file and back, when it is opened anew."""
    write(index, recording, stage=stage)
    index.file.close()
    again = RecordingIndex(path)
    assert again.file.open()
    assert again.find([recording.key]) == {recording.key: known(recording, stage)}
    settled = [] if stage is not Stage.ENDED else [known(recording)]
    assert again.settled_between({"SD_DISK"}, None, None) == settled
    assert [*again.unsettled] == ([] if settled else [known(recording, stage)])
    again.file.close()


def test_tracks(index: RecordingIndex) -> None:
    """Of several, the first is kept, and whether there is audio; what is not listed later may still be there."""
    recording = made(1, video=(VIDEO, replace(VIDEO, width=640)), audio=(AUDIO, AUDIO))

    def tracks() -> tuple[Any, Any]:
        (found,) = index.find([recording.key]).values()
        return found.recording.video, found.recording.audio

    for listed in (recording, replace(recording, video=(), audio=(), locked=True)):
        write(index, listed)
        video, audio = tracks()
        assert video == (VIDEO,)
        assert len(audio) == 1
    write(index, replace(recording, video=(replace(VIDEO, width=640),), audio=()))
    assert tracks() == ((replace(VIDEO, width=640),), ())
    write(index, replace(recording, video=()))
    assert tracks()[0] == ()
    assert tracks()[1]


def test_many(index: RecordingIndex) -> None:
    """They are found, counted, and told apart by their start."""
    recordings = [made(each) for each in range(900)]
    write(index, *recordings)
    keys = [recording.key for recording in recordings]
    assert [*index.find(keys)] == keys
    assert index.counts == {"SD_DISK": 900}
    assert [each.recording.key for each in index.on_disk("SD_DISK")] == keys
    between = index.settled_between(
        {"SD_DISK"}, recordings[9].start, recordings[12].start
    )
    assert [each.recording.key for each in between] == keys[10:12]
    assert index.settled_between(set(), None, None) == []
    write(index, removed=keys[:1])
    assert index.counts == {"SD_DISK": 899}
    assert [each.recording.key for each in index.on_disk("SD_DISK")] == keys[1:]


def test_disks(index: RecordingIndex) -> None:
    """The same ID on two of them is two recordings."""
    here, there = made(1), made(1, **OTHER_DISK)
    write(index, here, there, made(2))
    assert index.counts == {"SD_DISK": 2, "NetworkShare": 1}
    assert index.find([there.key]) == {there.key: known(there)}
    named = index.named([here.recording_id, "unknown"])
    assert {each.recording.key for each in named} == {here.key, there.key}
    write(index, removed=[there.key, RecordingKey("unknown", "unknown")])
    assert index.counts == {"SD_DISK": 2}
    assert index.on_disk("NetworkShare") == []


def test_one_change(index: RecordingIndex) -> None:
    """Of several words on a recording, the last one counts, and that it is gone most."""
    write(index, made(1), made(1, locked=True), made(2), removed=[made(2).key])
    assert index.counts == {"SD_DISK": 1}
    assert index.named([made(1).recording_id]) == [known(made(1, locked=True))]
    write(index, made(1, start=START, locked=False))
    assert index.on_disk("SD_DISK") == [known(made(1, start=START))]


def test_numbers(index: RecordingIndex) -> None:
    """A recording keeps its number, and no other one ever gets it."""
    write(index, made(1), made(2))
    before = {each.recording.key: each.number for each in index.on_disk("SD_DISK")}
    write(index, made(1, locked=True), made(2, start=None, end=None))
    after = {each.recording.key: each.number for each in index.on_disk("SD_DISK")}
    assert before == after
    assert max(after.values()) == index.last_number
    write(index, removed=[*after])
    with index.file.transaction() as db:
        index.clear(db)
    assert index.last_number == 0
    write(index, made(1), made(2))
    numbers = {each.number for each in index.on_disk("SD_DISK")}
    assert not numbers & {*after.values()}


def test_unseen(index: RecordingIndex) -> None:
    """What a walk has not shown is what was there before it, on the disks of then."""
    write(index, made(1), made(2), made(3), made(4, **OTHER_DISK))
    last = index.last_number
    write(index, made(5))
    (found,) = index.find([made(1).key]).values()
    assert index.unseen({"SD_DISK"}, last, {found.number}) == {made(2).key, made(3).key}


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5, 40])
@pytest.mark.parametrize("number", [3, 9])
def test_samples(index: RecordingIndex, count: int, number: int) -> None:
    """As many as there are, up to the wanted number, from the whole disk, wherever others have been removed."""
    recordings = [made(each) for each in range(300)]
    write(index, made(-1, **OTHER_DISK), *recordings, made(301, **OTHER_DISK))
    kept = [*recordings[: count // 2], *recordings[300 - (count + 1) // 2 :]]
    gone = {each.key for each in recordings} - {each.key for each in kept}
    assert len({*index.samples("SD_DISK", number, gone)}) == min(count, number)
    write(index, removed=gone)
    samples = index.samples("SD_DISK", number)
    assert len(samples) == len({*samples}) == min(count, number)
    if count:
        assert samples[0] == kept[0].key
        assert samples[-1] == kept[-1].key


def test_size(index: RecordingIndex, path: Path) -> None:
    """With all that helps to find them, recordings take little room, after a walk and after a year of clean-ups."""
    fill(index, 100_000)
    index.file.close()
    assert path.stat().st_size / 100_000 <= MOST_BYTES_EACH
    index.file.open()
    for first in range(100_000, 140_000, 400):
        gone = [made(each - 100_000).key for each in range(first, first + 400)]
        write(index, *map(made, range(first, first + 400)), removed=gone)
    assert index.counts == {"SD_DISK": 100_000}
    index.file.close()
    assert path.stat().st_size / 100_000 <= MOST_BYTES_EACH


def steps(index: RecordingIndex, act: Callable[[], object]) -> int:
    """Return how many of SQLite's steps something takes."""
    count = 0

    def note() -> int:
        nonlocal count
        count += 1
        return 0

    connection = index.file._connection
    assert connection
    connection.set_progress_handler(note, 1)
    act()
    connection.set_progress_handler(None, 1)
    return count


def test_costs_of_questions(index: RecordingIndex) -> None:
    """No question and no change takes more where there are many; that a question is answered without any step is seen, too."""

    def actions() -> Iterator[Callable[[], object]]:
        page = [made(each) for each in range(20)]
        keys = [each.key for each in page]
        yield lambda: index.counts
        yield lambda: index.unsettled
        yield lambda: index.find(keys)
        yield lambda: index.named(["unknown"])
        yield lambda: index.settled_between({"SD_DISK"}, None, page[9].start)
        yield lambda: index.samples("SD_DISK", 3, keys[:1])
        yield lambda: write(index, made(-1))
        yield lambda: write(index, made(-1, locked=True))
        yield lambda: write(index, removed=[made(-1).key])

    fill(index, 40)
    few = [steps(index, act) for act in actions()]
    fill(index, 5000)
    many = [steps(index, act) for act in actions()]
    assert few[:2] == many[:2] == [0, 0]
    assert all(few[2:])
    for one, other in zip(few, many, strict=True):
        assert other <= one + 20


def test_words_are_forgotten(
    index: RecordingIndex, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that no recording has any more don't fill the file, and the others stay."""
    monkeypatch.setattr(words, "ADDED_BETWEEN", 50)
    monkeypatch.setattr(
        "custom_components.axis_recordings.index.store.ADDED_BETWEEN", 50
    )
    live = 5
    for number in range(400):
        write(
            index,
            made(
                number,
                event_id=f"event {number}",
                source=f"source {number}",
                video=(replace(VIDEO, frame_rate=1.0 + number),),
            ),
            removed=[made(number - live).key],
        )
    for each in index.on_disk("SD_DISK"):
        minutes = ((each.recording.start or START) - START) // timedelta(minutes=1)
        assert each.recording == made(
            minutes,
            event_id=f"event {minutes}",
            source=f"source {minutes}",
            video=(replace(VIDEO, frame_rate=1.0 + minutes),),
        )
    index.file.close()
    with closing(sqlite3.connect(path)) as db:
        for table in ("words", "layouts"):
            (count,) = db.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
            assert count < 120


ANNA = Starter(kind=StarterKind.PERSON, user_id="1234", name="Anna")


def test_who_started_it(index: RecordingIndex, path: Path) -> None:
    """That is kept from the start of a recording until it is gone, whether it is listed yet or not."""
    others = [
        Starter(kind=each, name=f"The {each} \N{DOG FACE}") for each in StarterKind
    ]
    starters = {
        made(number).key: starter for number, starter in enumerate([ANNA, *others])
    }
    for key, starter in starters.items():
        index.note_starter(key, starter, START)
    assert index.find_starters() == starters
    write(index, *(made(each) for each in range(9)), made(1, **OTHER_DISK))
    # The same recording may have two masters.
    index.note_starter(made(0).key, Starter(kind=StarterKind.ACTION), START)
    index.file.close()
    again = RecordingIndex(path)
    again.file.open()
    assert again.find_starters() == starters
    some = [made(0).key, made(8).key, made(1, **OTHER_DISK).key]
    assert again.find_starters(some) == {made(0).key: ANNA}
    write(again, removed=[made(0).key, made(1, **OTHER_DISK).key])
    del starters[made(0).key]
    assert again.find_starters() == starters
    again.file.close()


def test_who_started_what_is_learned_again(index: RecordingIndex) -> None:
    """It outlives that all recordings are forgotten, but not that they are known to be gone."""
    write(index, made(1), made(2))
    for number in (1, 2, 3):
        index.note_starter(made(number).key, ANNA, START)
    index.note_starter(made(4).key, ANNA, START + timedelta(hours=2))
    with index.file.transaction() as db:
        index.clear(db)
    assert len(index.find_starters()) == 4
    write(index, made(1))
    index.forget_stray_starters(START + timedelta(hours=1))
    assert index.find_starters().keys() == {made(1).key, made(4).key}
