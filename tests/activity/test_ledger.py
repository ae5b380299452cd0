"""What is remembered for the sake of reports, and what is still to be reported."""

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import batched
import sqlite3
from typing import TYPE_CHECKING

import pytest

from custom_components.axis_recordings.activity import ledger as ledger_module
from custom_components.axis_recordings.activity.ledger import Ledger
from custom_components.axis_recordings.activity.models import (
    ActivityType,
    ChangeSet,
    KnownDisk,
    Moments,
    PollTime,
)
from custom_components.axis_recordings.index.file import LOG_BYTES, PAGE_BYTES
from custom_components.axis_recordings.index.models import Stage
from custom_components.axis_recordings.index.store import RecordingIndex
from custom_components.axis_recordings.vapix import (
    Recording,
    RecordingStatus,
    RecordingType,
)

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

START = datetime(2026, 11, 3, 7, 5, 0, 123456, UTC)
MOST_BYTES_WRITTEN = 24_000
MOST_BYTES_WRITTEN_UNTIL_REMOVED = 40_000
BLOCK_BYTES = 4096
# SQLite's file format, section 4.
LOG_HEADER_BYTES, FRAME_HEADER_BYTES = 32, 24
POLL = PollTime(time=START, camera_time=START - timedelta(hours=1))


def make(number: int, *, start: datetime | None = START) -> Recording:
    """Return a recording."""
    return Recording(
        disk_id="SD_DISK",
        recording_id=f"20261103_{number:04}",
        start=start,
        end=start and start + timedelta(seconds=9),
        utc_offset=timedelta(hours=-5),
        status=RecordingStatus.UNKNOWN,
        type=RecordingType.SCHEDULED,
        event_id='It\'s "night"',
        event_trigger="Dämmerung",
        source=None,
        locked=False,
        video=(),
        audio=(),
    )


def present(*recordings: Recording, stage: Stage = Stage.ENDED) -> ChangeSet:
    """Return the change that makes recordings known on a disk that is there."""
    disk = KnownDisk(is_present=True, is_complete=True, last_poll=POLL)
    change = ChangeSet(disks={"SD_DISK": disk})
    for recording in recordings:
        change.update(recording, stage)
    return change


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the ledger is."""
    return tmp_path / "new folder" / "ledger.db"


@pytest.fixture
def ledger(path: Path) -> Generator[Ledger]:
    """Return an open ledger."""
    ledger = Ledger(RecordingIndex(path))
    ledger.open()
    yield ledger
    ledger.close()


@pytest.mark.parametrize("recording", [make(1), make(2, start=None)])
def test_all_is_remembered(ledger: Ledger, path: Path, recording: Recording) -> None:
    """Nothing changes on the way into the file and back, when it is opened anew."""
    change = present(recording, stage=Stage.ENDING)
    change.report(ActivityType.STARTED, recording)
    ledger.apply(change, POLL)
    assert ledger.has_pending
    ledger.close()
    again = Ledger(RecordingIndex(path))
    again.open()
    (known,) = again.index.unsettled
    assert (known.recording, known.stage) == (recording, Stage.ENDING)
    assert again.disks() == change.disks
    assert again.last_poll() == POLL
    had_pending = again.has_pending
    (activity,) = again.pending()
    assert (activity.type, activity.recording) == (ActivityType.STARTED, recording)
    again.mark_reported(activity)
    again.mark_reported(activity)
    assert not again.pending()
    assert (had_pending, again.has_pending) == (True, False)
    again.clear()
    assert not again.index.find([recording.key])
    assert not again.index.unsettled
    assert not again.disks()
    assert again.last_poll() is None
    again.close()


def test_what_is_listed(ledger: Ledger) -> None:
    """One question tells what is known, on whichever disk, and what was known once."""
    moved = replace(make(1), disk_id="NetworkShare")
    ledger.apply(present(make(1), make(2), make(3), moved))
    ledger.apply(ChangeSet(removed=[make(2).key, moved.key]))
    named, former = ledger.look_up([each.key for each in (make(1), make(2), make(9))])
    assert [each.recording for each in named] == [make(1)]
    assert former == {make(2).key}
    named, former = ledger.look_up([moved.key])
    assert [each.recording for each in named] == [make(1)]
    assert former == {moved.key}


def test_whole_or_not_at_all(ledger: Ledger) -> None:
    """What can't be stored completely changes nothing."""
    change = present(make(1))
    change.report(ActivityType.STARTED, make(1))
    change.disks["odd"] = replace(change.disks["SD_DISK"], is_present=object())  # type: ignore[arg-type]
    with pytest.raises(sqlite3.Error):
        ledger.apply(change)
    assert not ledger.pending()
    assert not ledger.disks()
    assert not ledger.index.find([make(1).key])
    assert not ledger.has_pending


def test_former(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last ones that are known no more are remembered by their names."""
    monkeypatch.setattr(ledger_module, "MOST_FORMER", 500)
    recordings = [make(each) for each in range(900)]
    keys = [each.key for each in recordings]
    ledger.apply(present(*recordings))
    assert not ledger.find_former(keys)
    ledger.apply(ChangeSet(removed=keys[:3]))
    ledger.apply(ChangeSet(removed=keys))
    assert ledger.find_former(keys) == {*keys[400:]}
    ledger.clear()
    assert not ledger.find_former(keys)


def test_moments(ledger: Ledger) -> None:
    """They are there for one start: after a crash, those of an earlier one would be too old."""
    moments = Moments(
        seen={make(1).key: START},
        missing={make(2).key: START},
        lost={make(2).key, make(4).key},
        polled=START,
        walked=START - timedelta(hours=1),
        epoch=START - timedelta(days=9),
    )
    ledger.leave(POLL, {}, Moments(missing={make(3).key: START}, walked=START))
    ledger.leave(POLL, {}, moments)
    assert ledger.last_poll() == POLL
    assert ledger.take_moments() == moments
    assert ledger.take_moments() == Moments()


def test_disks(ledger: Ledger) -> None:
    """When one was there last is kept where all on it is known."""
    early = PollTime(time=START, camera_time=START)
    late = replace(early, time=START + timedelta(hours=1))
    known = KnownDisk(is_present=True, is_complete=True, last_poll=early)
    others = {
        "away": replace(known, is_present=False),
        "new": replace(known, is_complete=False),
    }
    ledger.apply(ChangeSet(disks={"SD_DISK": known, **others}))
    ledger.leave(late, dict.fromkeys(("SD_DISK", "unknown", *others), late), Moments())
    assert ledger.disks() == {"SD_DISK": replace(known, last_poll=late), **others}


def test_clocks(ledger: Ledger) -> None:
    """What a clock has shown is there until something else is noted."""
    polls = [
        # Ours may have been set, too.
        PollTime(time=START + timedelta(hours=each), camera_time=START)
        for each in (0, 2, 1)
    ]
    ledger.note_clocks(polls[:2])
    ledger.note_clocks(polls)
    assert ledger.clocks() == ledger.clocks() == polls
    ledger.clear()
    assert ledger.clocks() == []


def test_our_clock_was_set(ledger: Ledger) -> None:
    """All polls are where they are by it now."""
    by = timedelta(days=-400)
    ledger.apply(present(make(1)))
    ledger.note_poll(POLL)
    ledger.note_clocks([POLL, POLL.shifted(timedelta(hours=1))])
    ledger.shift(by)
    assert ledger.last_poll() == ledger.disks()["SD_DISK"].last_poll == POLL.shifted(by)
    assert ledger.clocks() == [
        POLL.shifted(by),
        POLL.shifted(by + timedelta(hours=1)),
    ]
    assert POLL.shifted(by).camera_time == POLL.camera_time


def test_epoch_of_another_process(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its monotonic clock tells nothing."""
    ledger.leave(POLL, {}, Moments(epoch=START, walked=START))
    monkeypatch.setattr(ledger_module, "_EPOCH", "epoch of another one")
    assert ledger.take_moments() == Moments(walked=START)


def test_from_before_there_were_more_tables(ledger: Ledger, path: Path) -> None:
    """What is known stays."""
    ledger.apply(present(make(1)))
    ledger.close()
    with closing(sqlite3.connect(path)) as db:
        for each in ("former", "moments", "lost", "times", "clocks"):
            db.execute(f"DROP TABLE {each}")
    ledger.open()
    assert ledger.index.counts == {"SD_DISK": 1}
    assert ledger.clocks() == []
    ledger.apply(ChangeSet(removed=[make(1).key]))
    assert ledger.find_former([make(1).key]) == {make(1).key}


def test_closed(ledger: Ledger) -> None:
    """It can be closed twice, and is not to be used then."""
    ledger.close()
    ledger.close()
    with pytest.raises(sqlite3.Error, match="closed"):
        ledger.pending()


def test_bytes_written(ledger: Ledger, path: Path) -> None:
    """What a recording writes to the disk until it has ended, and until it is gone, is reported, and in the file."""
    ledger.apply(present(*map(make, range(10_000))))
    ledger.close()
    ledger.open()
    assert ledger.index.file._connection
    # So that the log keeps all.
    ledger.index.file._connection.execute("PRAGMA wal_autocheckpoint = 0")
    lived = 200
    for number in range(10_000, 10_000 + lived):
        live_through(ledger, make(number))
    assert bytes_written(path) / lived < MOST_BYTES_WRITTEN
    for number in range(lived):
        change = ChangeSet(removed=[make(number).key])
        change.report(ActivityType.REMOVED, make(number))
        store(ledger, change)
    assert bytes_written(path) / lived < MOST_BYTES_WRITTEN_UNTIL_REMOVED


def live_through(ledger: Ledger, recording: Recording) -> None:
    """Let a recording start and end, as two polls tell."""
    started, ended = ChangeSet(), ChangeSet()
    started.update(replace(recording, end=None), Stage.ONGOING)
    started.report(ActivityType.STARTED, recording)
    ended.update(recording, Stage.ENDED)
    ended.report(ActivityType.FINISHED, recording)
    for change in (started, ended):
        store(ledger, change)


def store(ledger: Ledger, change: ChangeSet) -> None:
    """Store what has happened, and report it."""
    ledger.apply(change, POLL)
    for activity in ledger.pending():
        ledger.mark_reported(activity)


def bytes_written(path: Path) -> int:
    """Return what the log holds, and what writing it into the file takes, each time there is enough of it.

    The system writes blocks, each once for each time.
    """
    log = path.with_name(f"{path.name}-wal").read_bytes()
    frame = PAGE_BYTES + FRAME_HEADER_BYTES
    pages = [
        int.from_bytes(log[begin : begin + 4])
        for begin in range(LOG_HEADER_BYTES, len(log), frame)
    ]
    blocks = sum(
        len({(page - 1) * PAGE_BYTES // BLOCK_BYTES for page in part})
        for part in batched(pages, LOG_BYTES // PAGE_BYTES, strict=False)
    )
    return len(log) + blocks * BLOCK_BYTES
