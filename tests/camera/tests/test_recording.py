"""record.cgi, stop.cgi and remove.cgi (VAPIX: Edge storage API)."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.camera import Camera, CameraError, Disk, Fault, Quirks

from .caller import Caller, Serve, plain

NOON = datetime(2025, 10, 20, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


async def start(caller: Caller, **arguments: str) -> str:
    """Start a recording and return its id."""
    reply = await caller.get("record/record.cgi", **{"diskid": "SD_DISK", **arguments})
    assert reply.root["record"]["@result"] == "OK"
    recording_id: str = reply.root["record"]["@recordingid"]
    return recording_id


async def test_start_and_stop(serve: Serve) -> None:
    """A recording runs until it is stopped; the answers look like the real ones."""
    camera = plain()
    async with serve(camera) as caller:
        reply = await caller.get("record/record.cgi", diskid="SD_DISK")
        (ongoing,) = camera.recordings.ongoing
        assert reply.headers["Content-Type"] == "text/xml"
        assert reply.text == (
            '<?xml version="1.0" encoding="utf-8"?>\n'
            '<root xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
            'xsi:noNamespaceSchemaLocation="http://www.axis.com/vapix/http_cgi/recording/'
            'record1.xsd">\n'
            f'    <record recordingid="{ongoing.recording_id}" result="OK"/>\n'
            "</root>\n"
        )
        (listed,) = (await caller.list(recordingid="all")).recordings
        assert (
            listed["@recordingtype"],
            listed["@eventid"],
            listed["@eventtrigger"],
        ) == (
            "continuous",
            "continuous",
            "continuous",
        )
        reply = await caller.get(
            "record/stop.cgi",
            diskid="SD_DISK",
            recordingid=ongoing.recording_id,
        )
        assert "stop1.xsd" in reply.text
        assert reply.root["stop"] == {
            "@recordingid": ongoing.recording_id,
            "@result": "OK",
        }
        (listed,) = (await caller.list(recordingid="all")).recordings
        assert listed["@recordingstatus"] == "completed"
        assert listed["@stoptime"] > listed["@starttime"]
    assert [(fact.what, fact.by) for fact in camera.journal] == [
        ("started", "administrator"),
        ("stopped", "administrator"),
    ]


async def test_options(serve: Serve) -> None:
    """Stream options choose channel, picture and sound."""
    async with serve(plain(sources=2)) as caller:
        await start(
            caller,
            options="camera=2&resolution=1280x720&fps=25&videocodec=h265&audio=1",
        )
        await start(caller, options="streamprofile=Bandwidth")
        await start(caller, options="camera=quad&unknown=1")
        quad, profile, chosen = (await caller.list(recordingid="all")).recordings
        assert quad["@source"] == "Quad"
        assert profile["video"]["@resolution"] == "1280x720"
        assert chosen["@source"] == "2"
        assert chosen["video"] == {
            "@mimetype": "video/x-h265",
            "@width": "1280",
            "@height": "720",
            "@framerate": "25:1",
            "@resolution": "1280x720",
        }
        assert "audio" in chosen


@pytest.mark.parametrize(
    ("disk", "arguments", "message"),
    [
        (Disk("SD_DISK"), {"diskid": ""}, "Missing argument"),
        (Disk("SD_DISK"), {"diskid": "NetworkShare"}, "not found"),
        (Disk("SD_DISK", status="disconnected", total_kb=0), {}, "not available"),
        (Disk("SD_DISK", status="failed"), {}, "not available"),
        (Disk("SD_DISK", locked=True), {}, "locked"),
        (Disk("SD_DISK", full=True), {}, "full"),
        (Disk("SD_DISK", readonly=True), {}, "read-only"),
        (Disk("SD_DISK"), {"options": "camera=2"}, "Invalid camera"),
        (Disk("SD_DISK"), {"options": "resolution=big"}, "Invalid resolution"),
        (Disk("SD_DISK"), {"options": "videocodec=vp9"}, "Invalid video codec"),
        (Disk("SD_DISK"), {"options": "streamprofile=Mine"}, "Invalid stream profile"),
    ],
)
async def test_start_refused(
    serve: Serve,
    disk: Disk,
    arguments: dict[str, str],
    message: str,
) -> None:
    """What can't start says so with status 200 and without an id."""
    camera = plain(disks=[disk])
    async with serve(camera) as caller:
        reply = await caller.get(
            "record/record.cgi", **{"diskid": "SD_DISK", **arguments}
        )
        assert reply.status == 200
        assert reply.root["record"]["@result"] == "ERROR"
        assert message in reply.root["record"]["@errormsg"]
        assert "@recordingid" not in reply.root["record"]
    assert len(camera.recordings) == 0


async def test_second_recording(serve: Serve) -> None:
    """A second start gives a new recording, an error or the same; a rule's does not count."""
    camera = plain()
    camera.start_recording()
    async with serve(camera) as caller:
        first = await start(caller)
        camera.quirks = Quirks(second_recording="same")
        assert await start(caller) == first
        camera.quirks = Quirks(second_recording="error")
        reply = await caller.get("record/record.cgi", diskid="SD_DISK")
        assert reply.root["record"]["@result"] == "ERROR"
        camera.quirks = Quirks()
        assert await start(caller) != first
    assert len(camera.recordings.ongoing) == 3


async def test_stop_what_does_not_run(serve: Serve) -> None:
    """Stopping twice, or what is unknown, may be an error or not."""
    camera = plain()
    camera.add_recording(NOON, NOON + MINUTE, recording_id="done")

    async def stop(recording_id: str) -> str:
        reply = await caller.get("record/stop.cgi", recordingid=recording_id)
        result: str = reply.root["stop"]["@result"]
        assert ("@errormsg" in reply.root["stop"]) == (result == "ERROR")
        return result

    async with serve(camera) as caller:
        assert [await stop("done"), await stop("other"), await stop("")] == [
            "OK",
            "ERROR",
            "ERROR",
        ]
        camera.quirks = Quirks(stop_completed="error", stop_unknown="ok")
        assert [await stop("done"), await stop("other")] == ["ERROR", "OK"]


async def test_stop_what_is_not_listed_yet(serve: Serve) -> None:
    """While a camera reads its disks anew, stop.cgi may know no more than the list."""
    camera = plain()
    ongoing = camera.start_recording()
    camera.listed_part = 0.0
    async with serve(camera) as caller:
        camera.quirks = Quirks(stop_unread="unknown")
        reply = await caller.get("record/stop.cgi", recordingid=ongoing)
        assert reply.root["stop"]["@errormsg"] == "Recording not found"
        assert camera.recordings.ongoing
        camera.listed_part = 1.0
        reply = await caller.get("record/stop.cgi", recordingid=ongoing)
        assert reply.root["stop"]["@result"] == "OK"
        assert not camera.recordings.ongoing


async def test_remove(serve: Serve) -> None:
    """A removal by id reports the result of each id."""
    camera = plain(recordings=5)
    camera.add_recording(NOON, NOON + MINUTE, recording_id="a")
    past = [recording.recording_id for recording in camera.recordings]
    async with serve(camera) as caller:
        reply = await caller.get("record/remove.cgi", recordingid="a")
        assert reply.text.startswith('<?xml version="1.0"?>\n')
        assert "remove1.xsd" in reply.text
        assert reply.root["remove"] == [{"@recordingid": "a", "@result": "OK"}]
        reply = await caller.get(
            "record/remove.cgi", recordingid=f"{past[0]},nothing,{past[3]}"
        )
        assert [result["@result"] for result in reply.root["remove"]] == [
            "OK",
            "ERROR",
            "OK",
        ]
        assert reply.root["remove"][1]["@errormsg"] == "Recording not found"
        assert (await caller.list(recordingid="all")).ids == [past[1], past[2], past[4]]
        assert len(camera.recordings) == 3
        camera.quirks = Quirks(remove_several="all_or_nothing")
        reply = await caller.get("record/remove.cgi", recordingid=f"{past[1]},nothing")
        assert [result["@result"] for result in reply.root["remove"]] == [
            "ERROR",
            "ERROR",
        ]
        camera.quirks = Quirks(remove_unknown="ok")
        reply = await caller.get("record/remove.cgi", recordingid="nothing")
        assert reply.root["remove"][0]["@result"] == "OK"
        wrong = await caller.get(
            "record/remove.cgi", recordingid=past[1], diskid="NetworkShare"
        )
        assert wrong.root["remove"][0]["@result"] == "OK"
        assert len(camera.recordings) == 3
        right = await caller.get(
            "record/remove.cgi", recordingid=past[1], diskid="SD_DISK"
        )
        assert right.root["remove"][0]["@result"] == "OK"
    assert len(camera.recordings) == 2


async def test_remove_ongoing(serve: Serve) -> None:
    """Removing what is going on stops it first, or is refused."""
    camera = plain(quirks=Quirks(remove_ongoing="error"))
    recording_id = camera.start_recording()
    async with serve(camera) as caller:
        reply = await caller.get("record/remove.cgi", recordingid=recording_id)
        assert reply.root["remove"][0]["@result"] == "ERROR"
        assert len(camera.recordings.ongoing) == 1
        camera.quirks = Quirks()
        reply = await caller.get("record/remove.cgi", recordingid=recording_id)
        assert reply.root["remove"][0]["@result"] == "OK"
    assert len(camera.recordings) == 0
    assert [fact.what for fact in camera.journal] == ["started", "stopped", "removed"]


def with_some() -> Camera:
    """Make a camera with recordings of several kinds."""
    camera = plain(disks=[Disk("SD_DISK"), Disk("NetworkShare")], sources=2)
    camera.add_recording(NOON, NOON + 5 * MINUTE, recording_id="a", event_id="x")
    camera.add_recording(
        NOON + MINUTE, NOON + 9 * MINUTE, recording_id="b", disk_id="NetworkShare"
    )
    camera.add_recording(
        NOON + 2 * MINUTE, NOON + 3 * MINUTE, recording_id="c", source="2"
    )
    camera.add_recording(
        NOON + 3 * MINUTE, NOON + 4 * MINUTE, recording_id="d", locked=True
    )
    return camera


@pytest.mark.parametrize(
    ("arguments", "left"),
    [
        ({"recordingid": "all"}, "d"),
        ({"recordingid": "all", "diskid": "NetworkShare"}, "dca"),
        ({"diskid": "SD_DISK"}, "db"),
        ({"beforetime": "2025-10-20T12:01:00Z"}, "dc"),
        ({"eventid": "x"}, "dcb"),
        ({"source": "2"}, "dba"),
        ({"recordingid": "a", "eventid": "x"}, "dcba"),
        ({"recordingid": "all", "beforetime": "2025-10-20T12:01:00Z"}, "dcba"),
        ({"beforetime": "then"}, "dcba"),
        ({"recordingids": "a"}, "dcba"),
        ({"recordingid": ""}, "dcba"),
    ],
)
async def test_remove_many(serve: Serve, arguments: dict[str, str], left: str) -> None:
    """Filters remove what they match; id and filter do not mix; locked ones stay."""
    async with serve(with_some()) as caller:
        await caller.get("record/remove.cgi", **arguments)
        assert (await caller.list(recordingid="all")).ids == list(left)


async def test_remove_before_stops(serve: Serve) -> None:
    """Only `beforetime` is said to stop what is active."""
    camera = plain(quirks=Quirks(remove_ongoing="error"))
    camera.start_recording(start=NOON)
    async with serve(camera) as caller:
        reply = await caller.get("record/remove.cgi", eventid="Motion Recording")
        assert reply.root["remove"][0]["@result"] == "ERROR"
        reply = await caller.get("record/remove.cgi", beforetime="2025-10-20T12:00:00Z")
        assert reply.root["remove"][0]["@result"] == "OK"
    assert len(camera.recordings) == 0


async def test_locked_disk(serve: Serve) -> None:
    """Locking a disk ends what runs and keeps what is there."""
    camera = plain()
    recording_id = camera.start_recording()
    camera.lock_disk("SD_DISK")
    assert camera.recordings.ongoing == []
    async with serve(camera) as caller:
        reply = await caller.get("record/remove.cgi", recordingid=recording_id)
        assert reply.root["remove"][0]["@result"] == "ERROR"
        camera.unlock_disk("SD_DISK")
        reply = await caller.get("record/remove.cgi", recordingid=recording_id)
        assert reply.root["remove"][0]["@result"] == "OK"


async def test_removing_everything_of_a_long_past(serve: Serve) -> None:
    """A removal of thousands is reported one by one."""
    camera = plain(recordings=2000)
    async with serve(camera) as caller:
        reply = await caller.get("record/remove.cgi", recordingid="all")
        assert len(reply.root["remove"]) == 2000
        assert (await caller.list(recordingid="all")).counters == (0, 0)


async def test_clean_up(serve: Serve) -> None:
    """Blocks before a time go; what reaches across it keeps its id and starts later."""
    camera = plain(recordings=3000)
    whole = camera.add_recording(NOON, NOON + 10 * MINUTE, recording_id="whole")
    kept = camera.add_recording(
        NOON, NOON + 60 * MINUTE, recording_id="locked", locked=True
    )
    across = camera.add_recording(NOON, NOON + 60 * MINUTE, recording_id="across")
    camera.clean_up(NOON + 12 * MINUTE)
    assert camera.recordings.find(whole) is None
    assert camera.recordings.find(kept) is not None
    moved = camera.recordings.find(across)
    assert moved is not None
    assert moved.start == NOON + 10 * MINUTE
    everything = list(camera.recordings)
    middle = everything[1500].start
    camera.clean_up(middle)
    left = {recording.recording_id for recording in camera.recordings}
    assert left == {
        recording.recording_id
        for recording in everything
        if recording.locked or (recording.stop and recording.stop > middle)
    }
    starts = [
        recording.start for recording in camera.recordings if not recording.locked
    ]
    assert min(starts) > middle - 5 * MINUTE
    assert starts == sorted(starts, reverse=True)
    async with serve(camera) as caller:
        assert (await caller.list(recordingid="all")).counters == (len(left), len(left))


async def test_others_record_too(serve: Serve) -> None:
    """Rules and other clients start, end and remove recordings."""
    camera = plain()
    recording_id = camera.start_recording(
        event_id="Tampering", event_trigger="Record", source="1"
    )
    camera.end_recording(recording_id)
    with pytest.raises(CameraError):
        camera.end_recording(recording_id)
    camera.remove_recording(recording_id)
    with pytest.raises(CameraError):
        camera.remove_recording(recording_id)
    with pytest.raises(CameraError):
        camera.start_recording("NetworkShare")
    async with serve(camera) as caller:
        assert (await caller.list(recordingid="all")).ids == []


async def test_errors_have_the_shape_of_their_cgi(serve: Serve) -> None:
    """An injected error looks like one of the CGI's own."""
    camera = plain()
    camera.faults.set("*", Fault.ERROR, message='Out of <luck> & "time"')
    paths = {
        "record/record.cgi": "record",
        "record/stop.cgi": "stop",
        "record/list.cgi": "recordings",
        "record/continuous/addconfiguration.cgi": "configure",
        "record/continuous/listconfiguration.cgi": "continuousrecordingconfigurations",
        "disks/list.cgi": "disks",
    }
    async with serve(camera) as caller:
        for path, name in paths.items():
            error = (await caller.get(path)).root[name]
            assert error["@result"] == "ERROR"
            assert error["@errormsg"] == 'Out of <luck> & "time"'
        for path in ("record/remove.cgi", "record/continuous/removeconfiguration.cgi"):
            (error,) = (await caller.get(path)).root["remove"]
            assert error["@errormsg"] == 'Out of <luck> & "time"'
        assert (await caller.get("param.cgi")).text.startswith("# Error: Out of")
        assert (await caller.get("usergroup.cgi")).text.startswith("# Error: Out of")
        assert '"code":1000' in (await caller.post("time.cgi", json={})).text
