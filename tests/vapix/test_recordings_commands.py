"""Start, stop and remove: sent once, exactly one recording, in the camera's own words."""

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from custom_components.axis_recordings.vapix import (
    CameraConnectionError,
    CameraTimeoutError,
    RecordingKey,
    RecordingQuery,
    RefusedError,
    UnexpectedAnswerError,
    UnnamedRecordingError,
    VapixClient,
    http as vapix_http,
)
from tests.camera import Camera, CameraServer, Disk, Fault, Quirks

from .scripted import xml

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from .conftest import Connect
    from .scripted import ScriptedServer

ALL = RecordingQuery(recording_id="all")
RECORD, STOP, REMOVE = "record/record.cgi", "record/stop.cgi", "record/remove.cgi"
CALLS: dict[str, Callable[[VapixClient, RecordingKey], Awaitable[Any]]] = {
    RECORD: lambda client, key: client.start_recording(key.disk_id),
    STOP: lambda client, key: client.stop_recording(key),
    REMOVE: lambda client, key: client.remove_recording(key),
}


def sent(server: CameraServer, cgi: str) -> int:
    """Count the requests to a CGI that were logged in."""
    path = f"/axis-cgi/{cgi}"
    return sum(1 for each in server.requests if each.path == path and each.scheme)


async def test_start_stop_remove(
    camera: Camera, server: CameraServer, client: VapixClient
) -> None:
    """The life of a recording, with nothing but the documented arguments."""
    key = await client.start_recording(
        "SD_DISK", {"camera": "1", "resolution": "1280x720", "streamprofile": "Quality"}
    )
    assert server.requests[-1].query == {
        "diskid": "SD_DISK",
        "options": "camera=1&resolution=1280x720&streamprofile=Quality",
    }
    (ongoing,) = camera.recordings.ongoing
    assert key == RecordingKey(ongoing.disk_id, ongoing.recording_id)
    assert ongoing.video.width == 1280
    await client.stop_recording(key)
    assert server.requests[-1].query == {
        "diskid": "SD_DISK",
        "recordingid": key.recording_id,
    }
    assert not camera.recordings.ongoing
    await client.remove_recording(key)
    assert server.requests[-1].query == {
        "diskid": "SD_DISK",
        "recordingid": key.recording_id,
    }
    assert len(camera.recordings) == 8
    assert [each.status for each in server.requests] == [401, 200, 200, 200]
    assert {each.method for each in server.requests} == {"GET"}


async def test_options_are_one_argument(
    server: CameraServer, client: VapixClient
) -> None:
    """Reserved characters inside an option neither end it nor the argument."""
    with pytest.raises(RefusedError, match="Invalid stream profile a&b=c 100%"):
        await client.start_recording("SD_DISK", {"streamprofile": "a&b=c 100%"})
    assert server.requests[-1].query["options"] == "streamprofile=a%26b%3Dc%20100%25"
    await client.start_recording("SD_DISK")
    assert "options" not in server.requests[-1].query


@pytest.mark.parametrize("cgi", CALLS)
@pytest.mark.parametrize("obeys", [True, False])
async def test_connection_breaks(
    camera: Camera, server: CameraServer, client: VapixClient, cgi: str, obeys: bool
) -> None:
    """The camera may have obeyed or not: the command is not repeated, and the error says so."""
    key = await client.start_recording("SD_DISK")
    if cgi == REMOVE:
        await client.stop_recording(key)
    camera.journal.clear()
    before = sent(server, cgi)
    camera.faults.set(cgi, Fault.RESET, after_effect=obeys, times=1)
    with pytest.raises(CameraConnectionError) as caught:
        await CALLS[cgi](client, key)
    assert caught.value.sent
    assert sent(server, cgi) == before + 1
    assert len(camera.journal) == int(obeys)
    # The next one goes over a new connection.
    await client.fetch_recordings(ALL)


@pytest.mark.parametrize("cgi", CALLS)
async def test_answer_does_not_come(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, cgi: str
) -> None:
    """A time-out is no reason to repeat a command either."""
    monkeypatch.setattr(vapix_http, "TIMEOUT", aiohttp.ClientTimeout(sock_read=0.1))
    camera = Camera()
    async with CameraServer(camera) as server:
        client = connect(server)
        key = await client.start_recording("SD_DISK")
        before = sent(server, cgi)
        camera.faults.set(cgi, Fault.TIMEOUT)
        with pytest.raises(CameraTimeoutError) as caught:
            await CALLS[cgi](client, key)
        assert caught.value.sent
        assert sent(server, cgi) == before + 1


@pytest.mark.parametrize("cgi", CALLS)
async def test_answer_is_cut_off(
    camera: Camera, server: CameraServer, client: VapixClient, cgi: str
) -> None:
    """Half an answer is none."""
    key = await client.start_recording("SD_DISK")
    before = sent(server, cgi)
    camera.faults.set(cgi, Fault.TRUNCATED, keep=0.9)
    with pytest.raises(CameraConnectionError) as caught:
        await CALLS[cgi](client, key)
    assert caught.value.sent
    assert sent(server, cgi) == before + 1


@pytest.mark.parametrize(
    "answer",
    [Fault.HTML, Fault.EMPTY, "", "all", "ALL", "*", "one,two", "one two"],
)
async def test_start_without_an_id(
    camera: Camera,
    server: CameraServer,
    client: VapixClient,
    monkeypatch: pytest.MonkeyPatch,
    answer: Fault | str,
) -> None:
    """The camera may record, but by such an answer nobody could stop just that."""
    if isinstance(answer, Fault):
        camera.faults.set(RECORD, answer, after_effect=True)
    else:
        start = camera.start_manual_recording

        def start_unnamed(*args: Any, **kwargs: Any) -> str:
            start(*args, **kwargs)
            return answer

        monkeypatch.setattr(camera, "start_manual_recording", start_unnamed)
    with pytest.raises(UnnamedRecordingError):
        await client.start_recording("SD_DISK")
    assert len(camera.recordings.ongoing) == 1
    assert sent(server, RECORD) == 1


async def test_first_command_after_a_restart(
    camera: Camera, server: CameraServer, client: VapixClient
) -> None:
    """The camera knows neither connection nor nonce: still it is asked once."""
    await client.fetch_recordings(ALL)
    camera.reboot()
    # The dead connection is met either before the command is sent or with it; then the error says so.
    with suppress(CameraConnectionError):
        await client.start_recording("SD_DISK")
    await client.fetch_recordings(ALL)
    started = [each for each in camera.journal if each.what == "started"]
    assert len(started) <= 1


@pytest.mark.parametrize("cgi", CALLS)
async def test_camera_refuses(camera: Camera, client: VapixClient, cgi: str) -> None:
    """Its words are kept."""
    camera.faults.set(cgi, Fault.ERROR, message='No "disk" <here> & now')
    with pytest.raises(RefusedError, match=r'^No "disk" <here> & now$'):
        await CALLS[cgi](client, RecordingKey("SD_DISK", "some"))


@pytest.mark.parametrize(
    ("disk", "words"),
    [
        (Disk(full=True), "full"),
        (Disk(locked=True), "locked"),
        (Disk(readonly=True), "read-only"),
        (Disk(status="disconnected"), "disconnected"),
        (Disk("NetworkShare"), "not found"),
    ],
)
async def test_disk_takes_nothing(connect: Connect, disk: Disk, words: str) -> None:
    """A start that the camera refuses because of the disk."""
    camera = Camera(disks=[disk])
    async with CameraServer(camera) as server:
        with pytest.raises(RefusedError, match=words):
            await connect(server).start_recording("SD_DISK")


@pytest.mark.parametrize("answer", ["new", "error", "same"])
async def test_second_start(connect: Connect, answer: Any) -> None:
    """Another recording, a refusal, or the same one again: what the camera says is what is shown."""
    camera = Camera(quirks=Quirks(second_recording=answer))
    async with CameraServer(camera) as server:
        client = connect(server)
        first = await client.start_recording("SD_DISK")
        if answer == "error":
            with pytest.raises(RefusedError):
                await client.start_recording("SD_DISK")
        else:
            second = await client.start_recording("SD_DISK")
            assert (second == first) is (answer == "same")


@pytest.mark.parametrize("answer", ["ok", "error"])
async def test_nothing_to_stop_or_remove(connect: Connect, answer: Any) -> None:
    """Either the camera does not mind, or it refuses: never anything else."""
    camera = Camera(
        recordings=2,
        quirks=Quirks(
            stop_completed=answer, stop_unknown=answer, remove_unknown=answer
        ),
    )
    completed = next(iter(camera.recordings))
    known = RecordingKey(completed.disk_id, completed.recording_id)
    unknown = RecordingKey("SD_DISK", "unknown")
    async with CameraServer(camera) as server:
        client = connect(server)
        for call in (
            client.stop_recording(known),
            client.stop_recording(unknown),
            client.remove_recording(unknown),
        ):
            if answer == "ok":
                await call
            else:
                with pytest.raises(RefusedError):
                    await call
    assert len(camera.recordings) == 2


@pytest.mark.parametrize("ongoing", ["removed", "error"])
async def test_remove_ongoing(connect: Connect, ongoing: Any) -> None:
    """Gone, or refused."""
    camera = Camera(quirks=Quirks(remove_ongoing=ongoing))
    async with CameraServer(camera) as server:
        client = connect(server)
        key = await client.start_recording("SD_DISK")
        if ongoing == "error":
            with pytest.raises(RefusedError):
                await client.remove_recording(key)
        else:
            await client.remove_recording(key)
    assert len(camera.recordings) == int(ongoing == "error")


async def test_remove_is_limited_to_the_disk(
    camera: Camera, client: VapixClient
) -> None:
    """The right id on the wrong disk removes nothing."""
    true = next(iter(camera.recordings))
    with pytest.raises(RefusedError):
        await client.remove_recording(RecordingKey("NetworkShare", true.recording_id))
    assert len(camera.recordings) == 8


@pytest.mark.parametrize("recording_id", ["", "all", "ALL", " all", "a,b", "*", "a\n"])
@pytest.mark.parametrize("cgi", [STOP, REMOVE])
async def test_only_one_id_is_sent(
    camera: Camera,
    server: CameraServer,
    client: VapixClient,
    cgi: str,
    recording_id: str,
) -> None:
    """What may mean more than one recording is refused before anything is sent."""
    with pytest.raises(UnexpectedAnswerError, match="one recording"):
        await CALLS[cgi](client, RecordingKey("SD_DISK", recording_id))
    assert server.requests == []
    assert len(camera.recordings) == 8


@pytest.mark.parametrize("recording_id", ["ä&diskid=x", "a+b%20c", "x'\"y", "a/b?c#d"])
async def test_ids_are_opaque(connect: Connect, recording_id: str) -> None:
    """Whatever an id looks like, exactly it arrives."""
    camera = Camera()
    start = camera.clock.now()
    camera.add_recording(start, start, recording_id=recording_id)
    camera.add_recording(start, start)
    key = RecordingKey("SD_DISK", recording_id)
    async with CameraServer(camera) as server:
        client = connect(server)
        (found,) = await client.fetch_recording(recording_id)
        assert found.key == key
        await client.remove_recording(key)
    assert len(camera.recordings) == 1
    assert camera.recordings.find(recording_id) is None


@pytest.mark.parametrize(
    ("cgi", "content"),
    [
        (RECORD, ""),
        (RECORD, "<record result='OK'/>"),
        (RECORD, "<record recordingid=' ' result='OK'/>"),
        (RECORD, "<record>x</record>"),
        (STOP, ""),
        (STOP, "<stop recordingid='R'/>"),
        (STOP, "<stop result='MAYBE'/>"),
        (REMOVE, ""),
        (REMOVE, "<remove/>"),
        (REMOVE, "<remove result='OK'/><remove result='SOON'/>"),
    ],
)
async def test_answer_that_says_nothing(
    scripted: ScriptedServer, connect: Connect, cgi: str, content: str
) -> None:
    """Success is only what the camera calls so."""
    scripted.answers = [xml(content)]
    with pytest.raises(UnexpectedAnswerError, match=cgi):
        await CALLS[cgi](connect(scripted), RecordingKey("D", "R"))


async def test_one_result_of_several_is_an_error(
    scripted: ScriptedServer, connect: Connect
) -> None:
    """Each ``<remove>`` counts."""
    scripted.answers = [
        xml("<remove result='OK'/><remove result='ERROR' errormsg='No'/>")
    ]
    with pytest.raises(RefusedError, match="No"):
        await connect(scripted).remove_recording(RecordingKey("D", "R"))
