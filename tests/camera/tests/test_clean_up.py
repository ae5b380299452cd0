"""What the camera deletes by itself, and the journal of all that happens to recordings."""

from datetime import timedelta

from tests.camera import Camera, Disk, Fact, Quirks

from .caller import Caller, Serve, plain, reported

DISRUPTION = "tnsaxis:Storage/Disruption"
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def with_past(**settings: object) -> tuple[Camera, list[str]]:
    """Make a camera with an hour of recording on each of the last ten days, oldest first."""
    camera = plain(**settings)
    now = camera.clock.now()
    ids = [
        camera.add_recording(now - days * DAY, now - days * DAY + 60 * MINUTE)
        for days in range(10, 0, -1)
    ]
    camera.journal.clear()
    return camera, ids


def test_by_age() -> None:
    """What is older than a disk keeps goes, by blocks; a disk may keep everything."""
    camera, ids = with_past(disks=[Disk(cleanup_max_age=7)])
    camera.clock.offset += 32 * MINUTE
    camera.clean_up_by_age()
    assert camera.journal.lives() == {
        ids[0]: ["removed"],
        ids[1]: ["removed"],
        ids[2]: ["removed"],
        ids[3]: ["moved"],
    }
    moved = camera.recordings.find(ids[3])
    assert moved is not None
    assert moved.start == moved.origin + 30 * MINUTE
    for kept in (
        Disk(cleanup_policy="none", cleanup_max_age=1),
        Disk(cleanup_max_age=0),
    ):
        camera, _ = with_past(disks=[kept])
        camera.clean_up_by_age()
        assert camera.journal == []


def test_by_need() -> None:
    """A disk that runs out of space loses its oldest gigabyte."""
    camera, ids = with_past()
    disk = camera.disks["SD_DISK"]
    disk.free_kb = disk.reserve_kb
    camera.clean_up_by_need()
    assert camera.journal == []
    disk.free_kb = 10_000
    camera.clean_up_by_need()
    # Seven blocks of 300 s at 4 Mbit/s.
    assert camera.journal.lives() == {ids[0]: ["moved"] * 7}
    assert (disk.free_kb, disk.full) == (10_000 + 7 * 150_000, False)
    disk.free_kb = 10_000
    camera.clean_up_by_need()
    assert camera.journal.lives() == {
        ids[0]: [*["moved"] * 11, "removed"],
        ids[1]: ["moved"] * 2,
    }


def test_full() -> None:
    """A disk on which there is nothing to remove is full, which ends what is recorded."""
    camera = plain(disks=[Disk("NetworkShare")], quirks=Quirks(forced_clean_up=False))
    disk = camera.disks["NetworkShare"]
    past = camera.clock.now() - DAY
    locked = camera.add_recording(past, past + 10 * MINUTE, locked=True)
    recording_id = camera.start_recording("NetworkShare")
    fullness: list[bool] = []
    for free_kb in (700_000, 70_000):
        disk.free_kb = free_kb
        camera.clean_up_by_need()
        fullness.append(disk.full)
    assert fullness == [False, True]
    assert camera.journal.lives() == {
        locked: ["added"],
        recording_id: ["started", "interrupted"],
    }
    disk.free_kb = 80_000
    camera.clean_up_by_need()
    assert [values[-1] for values in reported(camera, DISRUPTION)] == ["1", "0"]


def test_policy_none() -> None:
    """A camera may make room though its policy is to remove nothing; the documentation says both."""
    for forced in (True, False):
        camera, _ = with_past(
            disks=[Disk(cleanup_policy="none")], quirks=Quirks(forced_clean_up=forced)
        )
        disk = camera.disks["SD_DISK"]
        disk.free_kb = 10_000
        camera.clean_up_by_need()
        assert (bool(camera.journal.of("moved")), disk.full) == (forced, not forced)


def test_short_and_ongoing() -> None:
    """Recordings shorter than a block go whole; of an ongoing one only full blocks do."""
    camera = plain(bitrate=40_000_000)
    now = camera.clock.now()
    short = camera.add_recording(now - DAY, now - DAY + MINUTE)
    ongoing = camera.start_recording(start=now - 12 * MINUTE)
    camera.disks["SD_DISK"].free_kb = 0
    camera.clean_up_by_need()
    assert camera.journal.lives() == {
        short: ["added", "removed"],
        ongoing: ["started", "moved"],
    }
    for disk in camera.disks.values():
        disk.locked = True
    camera.disks["SD_DISK"].free_kb = 0
    before = len(camera.journal)
    camera.clean_up_by_need()
    assert camera.journal.of("moved", "removed", since=before) == []


async def listed(caller: Caller) -> dict[str, tuple[str, str, str]]:
    """List all recordings: status, start and stop of each."""
    reply = await caller.list(recordingid="all")
    return {
        each["@recordingid"]: (
            each["@recordingstatus"],
            each["@starttime"],
            each["@stoptime"],
        )
        for each in reply.recordings
    }


def replay(found: dict[str, str], facts: list[Fact]) -> dict[str, str]:
    """Carry on a list of recordings, each with its status, by what happened."""
    found = dict(found)
    for fact in facts:
        if fact.what == "removed":
            del found[fact.recording_id]
        elif fact.what != "exported":
            assert (fact.recording_id in found) == (
                fact.what not in {"added", "started"}
            )
            found[fact.recording_id] = fact.recording.recording_status
    return found


async def test_journal_is_complete(serve: Serve) -> None:
    """All that a list shows to have changed is in the journal, one for one."""
    camera, ids = with_past()
    async with serve(camera) as caller:
        before = {key: status for key, (status, *_) in (await listed(caller)).items()}
        one = camera.start_recording()
        reply = await caller.get("record/record.cgi", diskid="SD_DISK")
        two = reply.root["record"]["@recordingid"]
        await caller.get("record/stop.cgi", recordingid=two)
        camera.clean_up(camera.clock.now() - 9 * DAY + 10 * MINUTE)
        camera.quirks = Quirks(after_power_loss="unknown")
        camera.reboot()
        three = camera.start_recording()
        await caller.get("record/remove.cgi", recordingid=three)
        four = camera.start_recording()
        after = await listed(caller)
        assert replay(before, camera.journal) == {
            key: status for key, (status, *_) in after.items()
        }
        assert camera.journal.lives() == {
            ids[0]: ["removed"],
            ids[1]: ["moved"],
            one: ["started", "interrupted"],
            two: ["started", "stopped"],
            three: ["started", "stopped", "removed"],
            four: ["started"],
        }
        (moved,) = camera.journal.of("moved")
        assert moved.by == "camera"
        assert after[ids[1]][1] == f"{moved.recording.start:%Y-%m-%dT%H:%M:%S.%fZ}"
        (stopped,) = camera.journal.of("stopped")[:1]
        assert stopped.recording.stop is not None
        assert after[two][2] == f"{stopped.recording.stop:%Y-%m-%dT%H:%M:%S.%fZ}"
        removed = camera.journal.of("removed", since=len(camera.journal) - 2)
        assert [fact.recording_id for fact in removed] == [three]
        assert removed[0].recording.stop is not None
