"""record/export/*.cgi (VAPIX: Export recording API)."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
import socket
import time
from typing import TYPE_CHECKING, Any

import aiohttp
import av
import pytest
import xmltodict

from tests.camera import Audio, Camera, Disk, Fault, Quirks, Video

from .caller import Caller, Serve, plain
from .export_file import ExportFile

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

EXPORT = "record/export/exportrecording.cgi"
PROPERTIES = "record/export/properties.cgi"
START = datetime(2025, 10, 20, 12, 0, 0, 500000, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
MILLISECOND = timedelta(milliseconds=1)
RATE = 10
VIDEO = Video(framerate=f"{RATE}:1")


def camera_with_video(**settings: Any) -> Camera:
    """Make a camera with a recording of a minute, whose exports are cheap and fast."""
    given = {"export_speed": None, "picture_width": 320, "name": "", **settings}
    camera = plain(**given)
    camera.add_recording(START, START + MINUTE, recording_id="minute", video=VIDEO)
    return camera


def wish(**arguments: str) -> dict[str, str]:
    """Give the arguments of an export."""
    return {
        "schemaversion": "1",
        "recordingid": "minute",
        "diskid": "SD_DISK",
        "exportformat": "matroska",
        **arguments,
    }


def at(seconds: float) -> str:
    """Write a time so many seconds after the start of the recording."""
    return (START + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


def window(start: float, stop: float) -> dict[str, str]:
    """Give the arguments of an export between two seconds of the recording."""
    return wish(starttime=at(start), stoptime=at(stop))


async def export(caller: Caller, **arguments: str) -> ExportFile:
    """Export, which must work."""
    reply = await caller.get(EXPORT, **arguments)
    assert (reply.status, reply.headers["Content-Type"]) == (200, "video/x-matroska")
    return ExportFile(reply.body)


async def answer(caller: Caller, cgi: str, **arguments: str) -> dict[str, Any]:
    """Ask a CGI of the API for XML."""
    reply = await caller.get(f"record/export/{cgi}.cgi", **arguments)
    assert (reply.status, reply.headers["Content-Type"]) == (200, "text/xml")
    root: dict[str, Any] = xmltodict.parse(reply.body)["ExportRecordingResponse"]
    assert root["@xsi:noNamespaceSchemaLocation"].endswith("exportrecording1.xsd")
    return root


async def properties(caller: Caller, **arguments: str) -> dict[str, str]:
    """Ask for the properties of an export."""
    root = await answer(caller, "properties", **arguments)
    found: dict[str, str] = root["PropertiesSuccess"]["ExportProperties"]
    return found


async def error(caller: Caller, cgi: str, **arguments: str) -> int:
    """Ask for what is refused, and give the code."""
    root = await answer(caller, cgi, **arguments)
    assert root["GeneralError"]["ErrorDescription"]
    return int(root["GeneralError"]["ErrorCode"])


@asynccontextmanager
async def watching(
    caller: Caller, **arguments: str
) -> AsyncIterator[aiohttp.ClientResponse]:
    """Begin an export and leave when the test does."""
    async with caller.session.get(
        caller.url(EXPORT).with_query(arguments), headers=caller.authorization
    ) as response:
        assert response.status == 200
        yield response


async def freed(caller: Caller) -> float:
    """Wait until no export is open, and tell how long it took."""
    began = time.perf_counter()
    while caller.server.exports_open:
        assert time.perf_counter() - began < 5
        await asyncio.sleep(0.01)
    return time.perf_counter() - began


# What there is


async def test_about(serve: Serve) -> None:
    """The API reports its version and formats; a viewer may ask."""
    camera = camera_with_video()
    async with serve(camera) as caller:
        caller.user = "viewer"
        root = await answer(caller, "schemaversions")
        assert root["@SchemaVersion"] == "1.1"
        assert root["SchemaVersionsSuccess"]["SchemaVersion"] == {
            "VersionNumber": "1.1",
            "Deprecated": "false",
        }
        root = await answer(caller, "capabilities", schemaversion="1")
        assert root["CapabilitiesSuccess"]["ExportCapabilities"] == {
            "@ExportFormat": "matroska"
        }
        camera.quirks = Quirks(export_formats=("matroska", "mp4"))
        root = await answer(caller, "capabilities", schemaversion="1")
        assert len(root["CapabilitiesSuccess"]["ExportCapabilities"]) == 2


@pytest.mark.parametrize("version", ["1.1", None])
async def test_presence(serve: Serve, version: Any) -> None:
    """Discovery and parameters tell whether the API is there; without it there is no CGI."""
    async with serve(camera_with_video(quirks=Quirks(export=version))) as caller:
        question = {"apiVersion": "1.0", "method": "getApiList"}
        reply = await caller.post("apidiscovery.cgi", json=question)
        assert ('"id":"recording-export","version":"1.1"' in reply.text) == bool(
            version
        )
        parameter = "Properties.LocalStorage.ExportRecording"
        reply = await caller.get("param.cgi", action="list", group=parameter)
        assert (reply.text == f"root.{parameter}=yes\n") == bool(version)
        reply = await caller.get("record/export/schemaversions.cgi")
        assert reply.status == (200 if version else 404)


# Properties


async def test_properties(serve: Serve) -> None:
    """The start is that of the key frame before, the size in kilobytes and about right."""
    async with serve(camera_with_video()) as caller:
        found = await properties(caller, **window(10, 30))
        assert found["@RecordingId"] == "minute"
        assert found["@ExportFormat"] == "matroska"
        assert found["@Starttime"] == "2025-10-20T12:00:08.500000Z"
        assert found["@Stoptime"] == "2025-10-20T12:00:30.500000Z"
        exported = await export(caller, **window(10, 30))
        assert 0.3 < int(found["@EstimatedFileSize"]) * 1024 / len(exported.data) < 3
        whole = wish()
        del whole["exportformat"]
        found = await properties(caller, **whole)
        assert found["@Starttime"] == "2025-10-20T12:00:00.500000Z"
        assert found["@Stoptime"] == "2025-10-20T12:01:00.500000Z"
        caller.server.camera.quirks = Quirks(export_size="unknown")
        assert (await properties(caller, **whole))["@EstimatedFileSize"] == "-1"


@pytest.mark.parametrize("digits", [0, 3, 4, 6])
async def test_listed_start_is_understood(serve: Serve, digits: Any) -> None:
    """The start that properties tell leads to the same key frame, however it is cut off."""
    camera = camera_with_video(quirks=Quirks(fraction_digits=digits))
    begin = START.replace(microsecond=987654)
    camera.add_recording(begin, begin + MINUTE, recording_id="odd")
    async with serve(camera) as caller:
        asked = wish(recordingid="odd", starttime=at(10), stoptime=at(12))
        asked["starttime"] = (await properties(caller, **asked))["@Starttime"]
        exported = await export(caller, **asked)
        assert exported.clocks[0].moment == begin.replace(second=8, microsecond=987000)


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        (20, {"schemaversion": ""}),
        (20, {"schemaversion": "one"}),
        (40, {"schemaversion": "2"}),
        (40, {"schemaversion": "1.1"}),
        (20, {"recordingid": ""}),
        (20, {"diskid": ""}),
        (110, {"recordingid": "other"}),
        (110, {"diskid": "NetworkShare"}),
        (110, {"diskid": "HDD_DISK"}),
        (120, {"starttime": "noon"}),
        (120, {"starttime": "2025-13-20T12:00:00Z"}),
        (130, {"stoptime": ""}),
        (140, window(20, 10)),
        (170, {"exportformat": "mp4"}),
        (260, {"encryptionformat": "aes"}),
    ],
)
@pytest.mark.parametrize("cgi", ["properties", "exportrecording"])
async def test_refused(
    serve: Serve, cgi: str, code: int, changes: dict[str, str]
) -> None:
    """What can't be exported is refused with a code, and is no export."""
    camera = camera_with_video(disks=[Disk("SD_DISK"), Disk("NetworkShare")])
    async with serve(camera) as caller:
        assert await error(caller, cgi, **(wish() | changes)) == code
        assert caller.server.exports_made == 0


async def test_format_is_required(serve: Serve) -> None:
    """Without a format nothing is exported, nor with one that the video does not fit into."""
    camera = camera_with_video(quirks=Quirks(export_formats=("matroska", "mp4")))
    jpeg = Video(mimetype="image/jpeg")
    camera.add_recording(START, START + MINUTE, recording_id="jpeg", video=jpeg)
    async with serve(camera) as caller:
        assert await error(caller, "exportrecording", **wish(exportformat="")) == 20
        asked = wish(recordingid="jpeg", exportformat="mp4")
        assert await error(caller, "exportrecording", **asked) == 180
        asked = wish(password="secret")
        assert await error(caller, "exportrecording", **asked) == 10


async def test_times_outside(serve: Serve) -> None:
    """Properties refuse times outside the recording; an export makes the best of them."""
    camera = camera_with_video()
    async with serve(camera) as caller:
        late, early = window(70, 80), window(-20, -10)
        assert await error(caller, "properties", **late) == 150
        assert await error(caller, "properties", **early) == 160
        exported = await export(caller, **late)
        assert exported.clocks[0].moment == START + timedelta(seconds=56)
        assert len(exported.times) == 4 * RATE
        assert (await export(caller, **early)).times == []
        exported = await export(caller, **window(-20, 2))
        assert exported.clocks[0].moment == START
        assert len(exported.times) == 2 * RATE
        camera.quirks = Quirks(export_outside="error")
        assert await error(caller, "exportrecording", **late) == 150
        assert await error(caller, "exportrecording", **early) == 160


@pytest.mark.parametrize("how", ["removed", "detached"])
async def test_gone(serve: Serve, how: str) -> None:
    """What was removed, or lies on a disk that was, is not found."""
    camera = camera_with_video()
    async with serve(camera) as caller:
        await properties(caller, **wish())
        if how == "removed":
            camera.remove_recording("minute")
        else:
            camera.detach_disk("SD_DISK")
        assert await error(caller, "properties", **wish()) == 110
        assert await error(caller, "exportrecording", **wish()) == 110


# The file


async def test_headers(serve: Serve) -> None:
    """The file comes as an attachment, of unknown length and never in part."""
    camera = camera_with_video()
    async with serve(camera) as caller:
        url = caller.url(EXPORT).with_query(window(8, 9))
        ranged = {**caller.authorization, "Range": "bytes=0-99"}
        async with caller.session.get(url, headers=ranged) as response:
            assert response.status == 200
            assert "Content-Length" not in response.headers
            assert "Accept-Ranges" not in response.headers
            assert response.headers["Transfer-Encoding"] == "chunked"
            assert response.headers["Content-Disposition"] == (
                'attachment; filename="20251020_1200085000_20251020_1200095000.mkv"'
            )
            assert len(await response.read()) > 1000
        reply = await caller.get(EXPORT, **window(0, 1), filename='a"b\r\nä')
        assert reply.headers["Content-Disposition"] == (
            'attachment; filename="a_b__ä.mkv"'
        )
        assert (await caller.request("HEAD", EXPORT)).status == 405


async def test_until_the_connection_closes(serve: Serve) -> None:
    """A camera without chunks ends the file with the connection."""
    camera = camera_with_video(quirks=Quirks(export_framing="close"))
    async with serve(camera) as caller:
        reply = await caller.get(EXPORT, **window(0, 3))
        assert reply.headers["Connection"] == "close"
        assert not {"Transfer-Encoding", "Content-Length"} & set(reply.headers)
        assert len(ExportFile(reply.body).times) == 3 * RATE


async def test_frames(serve: Serve) -> None:
    """The file begins at 0 with the key frame before, and holds each frame up to the end."""
    async with serve(camera_with_video()) as caller:
        exported = await export(caller, **window(10, 30))
        assert exported.codecs == ["h264"]
        assert [float(t) for t in exported.times] == [
            n / RATE for n in range(22 * RATE)
        ]
        assert exported.keys == list(range(0, 22 * RATE, 4 * RATE))
        for number, clock in enumerate(exported.clocks):
            moment = START + timedelta(seconds=8 + number / RATE)
            assert clock == (moment, 8 * RATE + number)
        assert exported.announced is None
        (made,) = caller.server.exports
        assert (made.start, made.stop) == (
            START + timedelta(seconds=8),
            START + timedelta(seconds=30),
        )
        assert (made.outcome, made.bytes_sent) == ("finished", len(exported.data))


async def test_windows_agree(serve: Serve) -> None:
    """A moment looks the same in each window; windows that follow each other meet."""
    async with serve(camera_with_video()) as caller:
        whole = await export(caller, **wish())
        assert len(whole.times) == 60 * RATE
        clocks = whole.clocks
        for start, stop in ((0, 7.35), (7.35, 12), (59.9, 60)):
            part = (await export(caller, **window(start, stop))).clocks
            first = int(start // 4 * 4 * RATE)
            last = -int(-stop * RATE // 1)
            assert part == clocks[first:last]


async def test_30_days(serve: Serve) -> None:
    """A window deep in a recording of 30 days comes as fast as any, and to the frame."""
    camera = camera_with_video(gop=10.0)
    camera.add_recording(
        START,
        START + timedelta(days=30),
        recording_id="month",
        video=Video(framerate="30000:1001"),
    )
    async with serve(camera) as caller:
        moment = START + timedelta(days=29, seconds=4)
        asked = wish(
            recordingid="month",
            starttime=moment.isoformat(),
            stoptime=(moment + timedelta(seconds=2)).isoformat(),
        )
        began = time.perf_counter()
        clocks = (await export(caller, **asked)).clocks
        assert time.perf_counter() - began < 2
        assert clocks[0].moment <= moment < clocks[0].moment + timedelta(seconds=10)
        assert moment in [
            clock.moment + late * MILLISECOND for clock in clocks for late in range(34)
        ]
        assert clocks[-1].number - clocks[0].number == len(clocks) - 1


async def test_varying_key_frames(serve: Serve) -> None:
    """The distance of key frames may vary, as Zipstream makes it, and by recording."""
    camera = camera_with_video(gop=10.0)
    camera.add_recording(
        START, START + MINUTE, recording_id="odd", video=VIDEO, gop=(6.0, 1.0)
    )
    async with serve(camera) as caller:
        assert (await export(caller, **window(12, 31))).keys == [0, 100, 200]
        exported = await export(
            caller, **wish(recordingid="odd", starttime=at(8), stoptime=at(15))
        )
        assert exported.keys == [0, 60, 70]
        assert exported.clocks[0].number == 70


async def test_moved_start(serve: Serve) -> None:
    """What is left after a clean-up looks as before; what is gone is not exported."""
    camera = camera_with_video()
    camera.add_recording(
        START, START + 20 * MINUTE, recording_id="long", video=VIDEO, gop=7.0
    )
    async with serve(camera) as caller:
        asked = wish(recordingid="long", starttime=at(610), stoptime=at(620))
        before = (await export(caller, **asked)).clocks
        camera.clean_up(START + 11 * MINUTE)
        assert (await export(caller, **asked)).clocks == before
        asked["starttime"] = at(100)
        clocks = (await export(caller, **asked)).clocks
        assert clocks[0] == (START + 10 * MINUTE, 600 * RATE)


async def test_ongoing(serve: Serve) -> None:
    """What is still being recorded is exported up to now."""
    camera = camera_with_video()
    begin = camera.clock.now() - timedelta(seconds=21)
    recording_id = camera.start_recording(start=begin)
    async with serve(camera) as caller:
        asked = wish(recordingid=recording_id)
        found = await properties(caller, **asked)
        now = camera.clock.now()
        stop = datetime.fromisoformat(found["@Stoptime"])
        assert abs(now - stop) < timedelta(seconds=1)
        clocks = (await export(caller, **asked)).clocks
        assert timedelta(0) <= now - clocks[-1].moment < timedelta(seconds=1)
        assert clocks[0].number == 0
        camera.end_recording(recording_id)
        assert len((await export(caller, **asked)).times) >= 21 * 15


@pytest.mark.parametrize(
    ("mimetype", "codec"),
    [
        ("video/x-h264", "h264"),
        ("video/x-h265", "hevc"),
        ("image/jpeg", "mjpeg"),
        ("video/x-av1", "libdav1d"),
    ],
)
async def test_codecs(serve: Serve, mimetype: str, codec: str) -> None:
    """Video is coded as the list says."""
    camera = camera_with_video()
    video = Video(mimetype=mimetype, framerate="5:1", width=640, height=480)
    camera.add_recording(START, START + MINUTE, recording_id="coded", video=video)
    async with serve(camera) as caller:
        asked = wish(recordingid="coded", starttime=at(5), stoptime=at(7))
        exported = await export(caller, **asked)
        assert exported.codecs == [codec]
        first = 25 if mimetype == "image/jpeg" else 20
        assert [clock.number for clock in exported.clocks] == list(range(first, 35))


@pytest.mark.parametrize(
    ("audio", "codec"),
    [
        (Audio(), "aac"),
        (Audio("audio/x-raw", 256_000, 16_000), "pcm_s16le"),
        (Audio("audio/x-opus", 32_000, 48_000), "opus"),
    ],
)
async def test_sound(serve: Serve, audio: Audio, codec: str) -> None:
    """Sound comes with the pictures, without a gap where key frames are."""
    camera = camera_with_video()
    camera.add_recording(
        START, START + MINUTE, recording_id="loud", video=VIDEO, audio=audio
    )
    async with serve(camera) as caller:
        asked = wish(recordingid="loud", starttime=at(9), stoptime=at(21))
        exported = await export(caller, **asked)
        assert exported.codecs == ["h264", codec]
        times = exported.sound_times
        steps = [float(b - a) for a, b in pairwise(times)]
        assert max(steps) < 2 * min(steps)
        assert -0.1 < times[0] < 0.2
        assert 12.7 < times[-1] < 13.1
        assert len(exported.times) == 13 * RATE


async def test_mp4(serve: Serve) -> None:
    """A camera may offer mp4 too."""
    camera = camera_with_video(quirks=Quirks(export_formats=("matroska", "mp4")))
    async with serve(camera) as caller:
        reply = await caller.get(EXPORT, **(window(9, 12) | {"exportformat": "mp4"}))
        assert reply.headers["Content-Type"] == "video/mp4"
        assert reply.headers["Content-Disposition"].endswith('.mp4"')
        assert len(ExportFile(reply.body).clocks) == 4 * RATE


@pytest.mark.parametrize("mimetype", ["video/x-h264", "video/x-h265"])
async def test_bitrate(serve: Serve, mimetype: str) -> None:
    """Files may be as large as those of a real camera; the pictures are the same."""
    camera = camera_with_video(bitrate=4_000_000)
    video = Video(mimetype=mimetype, framerate=f"{RATE}:1")
    camera.add_recording(START, START + MINUTE, recording_id="large", video=video)
    async with serve(camera) as caller:
        asked = wish(recordingid="large", starttime=at(8), stoptime=at(12))
        exported = await export(caller, **asked)
        assert len(exported.data) == pytest.approx(4 * 500_000, rel=0.02)
        clocks = [clock.number for clock in exported.clocks]
        assert clocks == list(range(8 * RATE, 12 * RATE))
        size = int((await properties(caller, **asked))["@EstimatedFileSize"])
        assert size * 1024 == pytest.approx(len(exported.data), rel=0.02)


async def test_announced_duration(serve: Serve) -> None:
    """A camera may say at once how long the file is."""
    camera = camera_with_video(quirks=Quirks(export_duration=True))
    async with serve(camera) as caller:
        exported = await export(caller, **window(8, 20.5))
        assert exported.announced == pytest.approx(12.5)
        camera.add_recording(START, START + 99.5 * HOUR, recording_id="days")
        async with watching(caller, **wish(recordingid="days")) as response:
            begun = b""
            while len(begun) < 20_000:
                begun += await response.content.readany()
        assert ExportFile(begun).announced == pytest.approx(99.5 * 3600)


# Speed, load, and how exports end


async def test_speed(serve: Serve) -> None:
    """Exports run at a speed, from their first second on."""
    camera = camera_with_video(export_speed=8.0)
    async with serve(camera) as caller:
        began = time.perf_counter()
        async with watching(caller, **window(0, 12)) as response:
            received = [
                time.perf_counter() - began async for _ in response.content.iter_any()
            ]
        assert 1.3 < received[-1] < 4
        assert sum(1 for moment in received if moment < 1.0) >= 4
        for stop, least in ((8, 0.5), (4.8, 0.1)):
            began = time.perf_counter()
            await export(caller, **window(4, stop))
            assert least < time.perf_counter() - began < least + 2


async def test_as_fast_as_possible(serve: Serve) -> None:
    """A minute takes a second or two of one core; other requests get their turn meanwhile."""
    camera = camera_with_video(picture_width=640)
    camera.add_recording(START, START + 10 * MINUTE, recording_id="long")
    async with serve(camera) as caller:
        asked = wish(recordingid="long", starttime=at(0), stoptime=at(60))
        began = time.process_time()
        exporting = asyncio.create_task(export(caller, **asked))
        delays = []
        while not exporting.done():
            asked_at = time.perf_counter()
            await caller.get("usergroup.cgi")
            delays.append(time.perf_counter() - asked_at)
            await asyncio.sleep(0.1)
        assert time.process_time() - began < 6
        assert len((await exporting).times) == 60 * 15
        assert max(delays) < 0.5


@pytest.mark.parametrize("least", [0, 1, 10_000])
@pytest.mark.parametrize("speed", [2.5, None])
async def test_client_that_leaves(
    serve: Serve, speed: float | None, least: int
) -> None:
    """An export stops when the client does."""
    camera = camera_with_video(export_speed=speed, picture_width=640)
    camera.add_recording(START, START + timedelta(days=2), recording_id="days")
    async with serve(camera) as caller:
        async with watching(caller, **wish(recordingid="days")) as response:
            read = 0
            while read < least:
                read += len(await response.content.readany())
            assert caller.server.exports_open == 1
            assert camera.exports == caller.server.exports
        assert await freed(caller) < 1
        (made,) = caller.server.exports
        assert made.outcome == "left"
        assert camera.exports == []
        await asyncio.sleep(0.1)
        assert caller.server.connections == 0


async def test_client_that_stops_reading(serve: Serve) -> None:
    """What is not read is not made either."""
    camera = camera_with_video(picture_width=640)
    jpeg = Video(mimetype="image/jpeg")
    camera.add_recording(
        START, START + timedelta(days=2), recording_id="days", video=jpeg
    )
    async with serve(camera) as caller:
        path = caller.url(EXPORT).with_query(wish(recordingid="days")).path_qs
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(connection, (caller.server.host, caller.server.port))
        (authorization,) = caller.authorization.values()
        head = f"GET {path} HTTP/1.1\r\nHost: camera\r\nAuthorization: {authorization}"
        await loop.sock_sendall(connection, f"{head}\r\n\r\n".encode())
        sent = -1
        began = time.perf_counter()
        while not caller.server.exports or caller.server.exports[0].bytes_sent != sent:
            assert time.perf_counter() - began < 10
            sent = caller.server.exports[0].bytes_sent if caller.server.exports else -1
            await asyncio.sleep(0.3)
        assert caller.server.exports_open == 1
        connection.close()
        assert await freed(caller) < 1


async def test_server_that_closes(serve: Serve) -> None:
    """Exports do not keep a camera from going away."""
    camera = camera_with_video()
    camera.add_recording(START, START + timedelta(days=2), recording_id="days")
    async with serve(camera) as caller:
        response = await caller.session.get(
            caller.url(EXPORT).with_query(wish(recordingid="days")),
            headers=caller.authorization,
        )
        began = time.perf_counter()
        await caller.server.close()
        assert time.perf_counter() - began < 1.5
        assert caller.server.exports_open == 0
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.read()


@pytest.mark.parametrize(("busy", "status"), [("error", 200), ("unavailable", 503)])
async def test_limit(serve: Serve, busy: Any, status: int) -> None:
    """A camera may take so many exports at once."""
    camera = camera_with_video(
        export_speed=2.5, quirks=Quirks(export_limit=1, export_busy=busy)
    )
    async with serve(camera) as caller:
        async with watching(caller, **wish()):
            reply = await caller.get(EXPORT, **wish())
            assert reply.status == status
            if status == 200:
                assert await error(caller, "exportrecording", **wish()) == 10
        await freed(caller)
        async with watching(caller, **wish()):
            assert caller.server.exports_open == 1
        assert caller.server.exports_made == 2


async def test_several(serve: Serve) -> None:
    """Exports run beside each other."""
    async with serve(camera_with_video()) as caller:
        exports = await asyncio.gather(
            *(export(caller, **window(start, start + 4)) for start in range(0, 40, 4))
        )
        for number, exported in enumerate(exports):
            assert exported.clocks[0].number == number * 4 * RATE
        assert (caller.server.exports_open, caller.server.exports_made) == (0, 10)


async def test_journal(serve: Serve) -> None:
    """The camera notes who exported what."""
    camera = camera_with_video()
    async with serve(camera) as caller:
        caller.user = "viewer"
        await export(caller, **window(0, 1))
        fact = camera.journal[-1]
        assert (fact.what, fact.recording_id, fact.by) == (
            "exported",
            "minute",
            "viewer",
        )


@pytest.mark.parametrize("lost", ["ends", "cut"])
@pytest.mark.parametrize("how", ["removed", "detached", "cleaned"])
async def test_lost_meanwhile(serve: Serve, how: str, lost: Any) -> None:
    """An export whose recording goes away stops early."""
    camera = camera_with_video(export_speed=40.0, quirks=Quirks(export_lost=lost))
    camera.add_recording(START, START + 20 * MINUTE, recording_id="long", video=VIDEO)
    async with serve(camera) as caller:
        async with watching(caller, **wish(recordingid="long")) as response:
            if how == "removed":
                camera.remove_recording("long")
            elif how == "detached":
                camera.detach_disk("SD_DISK")
            else:
                camera.clean_up(START + 6 * MINUTE)
            if lost == "cut":
                with pytest.raises(aiohttp.ClientPayloadError):
                    await response.read()
            else:
                await response.read()
        assert caller.server.exports[0].outcome == "lost"
        assert caller.server.exports_open == 0


# Faults


@pytest.mark.parametrize(
    ("fault", "status", "content_type", "body"),
    [
        (Fault.UNAVAILABLE, 503, "text/html", b"<h1>503 Service Unavailable</h1>"),
        (Fault.NOT_FOUND, 404, "text/html", b"<h1>404 Not Found</h1>"),
        (Fault.HTML, 200, "text/html", b"<html>"),
        (Fault.EMPTY, 200, "text/xml", b""),
        (Fault.ERROR, 200, "text/xml", b"<ErrorCode>10</ErrorCode>"),
        (Fault.WRONG_CONTENT_TYPE, 200, "application/octet-stream", b"matroska"),
    ],
)
async def test_fault(
    serve: Serve, fault: Fault, status: int, content_type: str, body: bytes
) -> None:
    """Faults stand in for the file."""
    camera = camera_with_video()
    camera.faults.set(EXPORT, fault, times=1)
    async with serve(camera) as caller:
        reply = await caller.get(EXPORT, **window(0, 1))
        assert reply.status == status
        assert reply.headers["Content-Type"].startswith(content_type)
        assert body in reply.body
        assert len((await export(caller, **window(0, 1))).times) == RATE


async def test_any_error(serve: Serve) -> None:
    """An error may be one of the documented numbers."""
    camera = camera_with_video()
    camera.faults.set(EXPORT, Fault.ERROR, message="220 Too many jobs")
    async with serve(camera) as caller:
        root = await answer(caller, "exportrecording", **wish())
        assert root["GeneralError"] == {
            "ErrorCode": "220",
            "ErrorDescription": "Too many jobs",
        }


async def test_not_media(serve: Serve) -> None:
    """A file may be none, in spite of its headers."""
    camera = camera_with_video()
    camera.faults.set(EXPORT, Fault.NOT_MEDIA)
    async with serve(camera) as caller:
        exported = await export(caller, **wish())
        assert len(exported.data) == 256 * 1024
        with pytest.raises(av.error.InvalidDataError):
            _ = exported.times


async def test_without_key_frames(serve: Serve) -> None:
    """A file may lack what it is to be decoded from, or all frames."""
    camera = camera_with_video()
    camera.faults.set(EXPORT, Fault.NO_KEY_FRAMES)
    async with serve(camera) as caller:
        exported = await export(caller, **window(0, 12))
        assert (len(exported.times), exported.keys) == (12 * RATE - 3, [])
        camera.faults.set(EXPORT, Fault.NO_FRAMES)
        exported = await export(caller, **window(0, 12))
        assert b"V_MPEG4/ISO/AVC" in exported.data
        assert exported.times == []


@pytest.mark.parametrize("file_format", ["matroska", "mp4"])
async def test_other_format(serve: Serve, file_format: str) -> None:
    """A file may be of another kind than it says."""
    camera = camera_with_video(quirks=Quirks(export_formats=("matroska", "mp4")))
    camera.faults.set(EXPORT, Fault.OTHER_FORMAT)
    async with serve(camera) as caller:
        arguments = window(0, 4) | {"exportformat": file_format}
        exported = ExportFile((await caller.get(EXPORT, **arguments)).body)
        assert (exported.data[4:8] == b"ftyp") is (file_format == "matroska")
        assert len(exported.times) == 4 * RATE


async def test_truncated(serve: Serve) -> None:
    """A file may break off, which only chunks tell."""
    camera = camera_with_video()
    camera.faults.set(EXPORT, Fault.TRUNCATED, after=20_000)
    async with serve(camera) as caller:
        async with watching(caller, **wish()) as response:
            with pytest.raises(aiohttp.ClientPayloadError):
                await response.read()
        camera.quirks = Quirks(export_framing="close")
        exported = await export(caller, **wish())
        assert len(exported.data) == 20_000
        assert 0 < len(exported.times) < 60 * RATE
        camera.faults.set(EXPORT, Fault.TRUNCATED, keep=0.25)
        exported = await export(caller, **wish())
        assert 0 < len(exported.times) < 45 * RATE
        assert {made.outcome for made in caller.server.exports} == {"cut"}


async def test_reset(serve: Serve) -> None:
    """A connection may be reset before the file or in the middle of it."""
    camera = camera_with_video()
    camera.faults.set(EXPORT, Fault.RESET)
    async with serve(camera) as caller:
        with pytest.raises(aiohttp.ClientError):
            await caller.get(EXPORT, **wish())
        assert caller.server.exports_made == 0
        camera.faults.set(EXPORT, Fault.RESET, after=20_000)
        with pytest.raises(aiohttp.ClientError):
            async with watching(caller, **wish()) as response:
                await response.read()
        assert caller.server.exports[0].outcome == "cut"


async def test_stall(serve: Serve) -> None:
    """A file may stop coming; the export stays open until the client leaves."""
    camera = camera_with_video()
    camera.faults.set(EXPORT, Fault.TIMEOUT, after=20_000)
    async with serve(camera) as caller:
        async with watching(caller, **wish()) as response:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.3):
                    await response.read()
            (made,) = caller.server.exports
            assert (made.outcome, caller.server.exports_open) == ("running", 1)
        assert caller.server.requests[0].bytes_sent > 20_000
        assert await freed(caller) < 1
        assert made.outcome == "left"


async def test_slow(serve: Serve) -> None:
    """A file may come in drops."""
    camera = camera_with_video()
    camera.faults.set(EXPORT, Fault.SLOW, step=2000, delay=0.02)
    async with serve(camera) as caller:
        began = time.perf_counter()
        exported = await export(caller, **window(0, 4))
        assert time.perf_counter() - began > 0.02 * len(exported.data) / 2000
        assert len(exported.times) == 4 * RATE
