"""What is remembered of recordings, and what is still to be told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
import sqlite3
from typing import TYPE_CHECKING

import pytest

from custom_components.axis_recordings.activity import ledger as ledger_module
from custom_components.axis_recordings.activity.ledger import Ledger
from custom_components.axis_recordings.activity.models import (
    ActivityType,
    Change,
    Entry,
    KnownDisk,
    Look,
    Moments,
    Stage,
)
from custom_components.axis_recordings.vapix import (
    Recording,
    RecordingKey,
    RecordingStatus,
    RecordingType,
)

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

START = datetime(2026, 11, 3, 7, 5, 0, 123456, UTC)
LOOK = Look(time=START, camera_time=START - timedelta(hours=1))


def make(number: int, *, start: datetime | None = START) -> Recording:
    """Return a recording."""
    return Recording(
        disk_id="SD_DISK",
        recording_id=f"20261103_{number:04}",
        start=start,
        stop=start and start + timedelta(seconds=9),
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


def present(*recordings: Recording, stage: Stage = Stage.ENDED) -> Change:
    """Return the change that makes recordings known on a disk that is there."""
    disk = KnownDisk(is_present=True, is_complete=True, last_look=LOOK)
    change = Change(disks={"SD_DISK": disk})
    for recording in recordings:
        change.put(recording, stage)
    return change


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the ledger is."""
    return tmp_path / "new folder" / "ledger.db"


@pytest.fixture
def ledger(path: Path) -> Generator[Ledger]:
    """Return an open ledger."""
    ledger = Ledger(path)
    ledger.open()
    yield ledger
    ledger.close()


@pytest.mark.parametrize("recording", [make(1), make(2, start=None)])
def test_all_is_remembered(ledger: Ledger, path: Path, recording: Recording) -> None:
    """Nothing changes on the way into the file and back, when it is opened anew."""
    change = present(recording, stage=Stage.ENDING)
    change.tell(ActivityType.STARTED, recording)
    ledger.apply(change)
    ledger.note_look(LOOK)
    ledger.close()
    again = Ledger(path)
    again.open()
    entry = Entry(recording=recording, stage=Stage.ENDING)
    assert again.find([recording.key]) == {recording.key: entry}
    assert again.unsettled() == [entry]
    assert again.disks() == change.disks
    assert again.last_look() == LOOK
    (activity,) = again.untold()
    assert (activity.type, activity.recording) == (ActivityType.STARTED, recording)
    again.forget(activity)
    assert not again.untold()
    again.clear()
    assert not again.find([recording.key])
    assert not again.disks()
    assert again.last_look() is None
    again.close()


def test_many(ledger: Ledger) -> None:
    """More than fit into one question are found, counted and told apart by their start."""
    recordings = [
        make(each, start=START + timedelta(hours=each)) for each in range(900)
    ]
    ledger.apply(present(*recordings))
    keys = [recording.key for recording in recordings]
    assert len(ledger.find(keys)) == 900
    assert ledger.counts() == {"SD_DISK": 900}
    assert ledger.keys() == set(keys)
    assert [each.recording.key for each in ledger.on_disk("SD_DISK")] == keys
    between = ledger.settled_between(recordings[9].start, recordings[12].start)
    assert [entry.recording.key for entry in between] == keys[10:12]
    away = KnownDisk(is_present=False, is_complete=False, last_look=LOOK)
    ledger.apply(Change(disks={"SD_DISK": away}, removed=keys[:1]))
    assert ledger.counts() == {}
    assert ledger.keys() == set()
    assert ledger.settled_between(None, None) == []
    assert [each.recording.key for each in ledger.on_disk("SD_DISK")] == keys[1:]


def test_whole_or_not_at_all(ledger: Ledger) -> None:
    """What can't be stored completely changes nothing."""
    change = present(make(1))
    change.tell(ActivityType.STARTED, make(1))
    change.removed.append(RecordingKey("SD_DISK", object()))  # type: ignore[arg-type]
    with pytest.raises(sqlite3.Error):
        ledger.apply(change)
    assert not ledger.untold()
    assert not ledger.disks()
    assert not ledger.find([make(1).key])


def test_former(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last ones that are known no more are remembered by their names."""
    monkeypatch.setattr(ledger_module, "MOST_FORMER", 500)
    recordings = [make(each) for each in range(900)]
    keys = [each.key for each in recordings]
    ledger.apply(present(*recordings))
    assert not ledger.find_former(keys)
    ledger.apply(Change(removed=keys[:3]))
    ledger.apply(Change(removed=keys))
    assert ledger.find_former(keys) == {*keys[400:]}
    ledger.clear()
    assert not ledger.find_former(keys)


def test_moments(ledger: Ledger) -> None:
    """They are there for one start: after a crash, those of an earlier one would be too old."""
    moments = Moments(seen={make(1).key: START}, missing={make(2).key: START})
    ledger.keep_moments(Moments(missing={make(3).key: START}))
    ledger.keep_moments(moments)
    assert ledger.take_moments() == moments
    assert ledger.take_moments() == Moments()


def test_from_before_there_were_more_tables(ledger: Ledger, path: Path) -> None:
    """What is known stays."""
    ledger.apply(present(make(1)))
    ledger.close()
    with sqlite3.connect(path) as db:
        db.execute("DROP TABLE former")
        db.execute("DROP TABLE moments")
    db.close()
    ledger.open()
    assert ledger.counts() == {"SD_DISK": 1}
    ledger.apply(Change(removed=[make(1).key]))
    assert ledger.find_former([make(1).key]) == {make(1).key}


def test_of_another_version(ledger: Ledger, path: Path) -> None:
    """It is begun anew."""
    ledger.apply(present(make(1)))
    ledger.close()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    assert not ledger.open()
    assert ledger.counts() == {}


@pytest.mark.parametrize("number", range(7))
def test_half_made(path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """One that was not made to its end is not there, and the next try makes it."""
    ledger = Ledger(path)
    with monkeypatch.context() as patched:
        statements = (ledger_module._SCHEMA + ledger_module._LATER_SCHEMA).split(";")
        statements.insert(number, "CREATE disturbance")
        patched.setattr(ledger_module, "_SCHEMA", ";".join(statements))
        with pytest.raises(sqlite3.OperationalError):
            ledger.open()
    assert not tables(path)
    assert ledger.open()
    assert ledger.counts() == {}
    ledger.close()


def test_half_made_by_an_older_version(path: Path) -> None:
    """That one did not make it in one go."""
    path.parent.mkdir()
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE recordings (a)")
    db.close()
    ledger = Ledger(path)
    assert not ledger.open()
    assert ledger.counts() == {}
    ledger.close()


def tables(path: Path) -> int:
    """Count the tables in a file."""
    with sqlite3.connect(path) as db:
        (number,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    db.close()
    return int(number)


@pytest.mark.parametrize("part", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_spoilt_in_the_middle(ledger: Ledger, path: Path, part: float) -> None:
    """Damage is found when the file is opened, or when it is read; then it is begun anew."""
    ledger.apply(present(*map(make, range(2000))))
    ledger.close()
    data = bytearray(path.read_bytes())
    begin = int(len(data) * part) // 4096 * 4096
    data[begin : begin + 4096] = b"\xff" * 4096
    path.write_bytes(data)
    assert not ledger.open()
    assert ledger.counts() == {}
    ledger.apply(present(make(1)))
    assert ledger.counts() == {"SD_DISK": 1}


def test_spoilt_while_it_is_open(ledger: Ledger, path: Path) -> None:
    """What is read then fails, and the next opening begins anew."""
    ledger.apply(present(*map(make, range(20_000))))
    ledger.close()
    assert ledger.open()
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    path.write_bytes(data)
    with pytest.raises(sqlite3.DatabaseError):
        ledger.on_disk("SD_DISK")
    ledger.close()
    assert not ledger.open()
    assert ledger.counts() == {}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE recordings SET details = 'x'",
        "UPDATE recordings SET details = '[]'",
        "UPDATE recordings SET details = '{}'",
        "UPDATE recordings SET stage = 'unheard-of'",
    ],
)
def test_content_that_makes_no_sense(ledger: Ledger, path: Path, change: str) -> None:
    """It is as good as spoilt."""
    ledger.apply(present(make(1)))
    with sqlite3.connect(path) as db:
        db.execute(change)
    db.close()
    with pytest.raises(sqlite3.DatabaseError, match="no sense"):
        ledger.find([make(1).key])
    ledger.close()
    assert not ledger.open()
    assert ledger.counts() == {}


def test_what_can_not_be_stored(ledger: Ledger) -> None:
    """It spoils nothing."""
    ledger.apply(present(make(1)))
    odd = replace(make(2), recording_id="\ud800")
    with pytest.raises(UnicodeEncodeError):
        ledger.apply(present(odd))
    ledger.close()
    assert ledger.open()
    assert ledger.counts() == {"SD_DISK": 1}


def test_closed(ledger: Ledger) -> None:
    """It can be closed twice, and is not to be used then."""
    ledger.close()
    ledger.close()
    with pytest.raises(sqlite3.Error, match="closed"):
        ledger.counts()
