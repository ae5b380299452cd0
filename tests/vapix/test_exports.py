"""Exports: what a camera offers, where they begin, and the video itself."""

import asyncio
from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

import av
import pytest

from custom_components.axis_recordings.vapix import (
    MATROSKA,
    MP4,
    AuthenticationError,
    BusyError,
    CameraConnectionError,
    CameraTimeoutError,
    MissingRightsError,
    NotSupportedError,
    RecordingKey,
    RecordingQuery,
    RedirectError,
    RefusedError,
    UnexpectedAnswerError,
    VapixClient,
    VapixError,
)
from custom_components.axis_recordings.vapix.exports import RECORDING_GONE
from tests.camera import CameraServer, Disk, Fault, Quirks
from tests.playback.videos import START, VIDEO, camera_with_video
from tests.videos import until

from .scripted import ScriptedServer, http

if TYPE_CHECKING:
    from .conftest import Connect

KEY = RecordingKey("SD_DISK", VIDEO)
FORMATS = "record/export/capabilities.cgi"
PROPERTIES = "record/export/properties.cgi"
EXPORT = "record/export/exportrecording.cgi"
CODES = (
    *(10, 20, 40, 110, 120, 130, 140, 150, 160, 170, 180, 190),
    *(200, 210, 220, 230, 240, 250, 260, 270, 280),
)
"""All that VAPIX documents."""


def at(seconds: float) -> Any:
    """Return a moment of the video."""
    return START + timedelta(seconds=seconds)


def answer(content: str, root: str = "ExportRecordingResponse") -> bytes:
    """Return an answer of the API."""
    return http(
        f'<?xml version="1.0"?>\n<{root} SchemaVersion="1.1">{content}</{root}>'
    )


async def read(
    client: VapixClient, start: float = 10, stop: float = 14, **arguments: Any
) -> bytes:
    """Export a part of the video, to its end."""
    async with client.open_export(KEY, at(start), at(stop), **arguments) as export:
        return b"".join([chunk async for chunk in export.chunks()])


def frames(exported: bytes) -> int:
    """Count the frames of a video."""
    with av.open(BytesIO(exported), "r") as container:
        return sum(1 for packet in container.demux(video=0) if packet.size)


async def freed(server: CameraServer) -> None:
    """Wait until the camera exports nothing any more."""
    await until(lambda: not server.exports_open, seconds=2)


# What a camera offers


@pytest.mark.parametrize("formats", [("matroska",), ("mp4",), ("matroska", "mp4")])
async def test_formats(connect: Connect, formats: Any) -> None:
    """They are asked for once; a viewer may."""
    async with CameraServer(
        camera_with_video(quirks=Quirks(export_formats=formats))
    ) as server:
        client = connect(server, "viewer")
        for _ in range(3):
            assert await client.fetch_export_formats() == formats
        asked = [each for each in server.requests if each.path.endswith(FORMATS)]
    assert len(asked) == 2
    assert asked[1].query == {"schemaversion": "1"}


async def test_no_api(connect: Connect) -> None:
    """Older cameras export nothing."""
    async with CameraServer(camera_with_video(quirks=Quirks(export=None))) as server:
        client = connect(server)
        with pytest.raises(NotSupportedError):
            await client.fetch_export_formats()
        with pytest.raises(NotSupportedError):
            await client.fetch_export_properties(KEY, at(1))
        with pytest.raises(RefusedError) as caught:
            await read(client)
        assert caught.value.code == RECORDING_GONE


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            '<CapabilitiesSuccess><ExportCapabilities ExportFormat=" MP4 "/></CapabilitiesSuccess>',
            ("mp4",),
        ),
        (
            (
                "<CapabilitiesSuccess><ExportCapabilities/><ExportCapabilities>a"
                "</ExportCapabilities><ExportCapabilities ExportFormat='x'/></CapabilitiesSuccess>"
            ),
            ("x",),
        ),
        ("<CapabilitiesSuccess/>", ()),
        ("<CapabilitiesSuccess>mp4</CapabilitiesSuccess>", ()),
        ("", ()),
    ],
)
async def test_shapes_of_formats(
    connect: Connect, scripted: ScriptedServer, content: str, expected: Any
) -> None:
    """None, one or many; whatever else comes is none."""
    scripted.answers = [answer(content)]
    assert await connect(scripted).fetch_export_formats() == expected


async def test_errors_are_not_remembered(connect: Connect) -> None:
    """What failed once is asked again."""
    camera = camera_with_video()
    async with CameraServer(camera) as server:
        client = connect(server)
        camera.faults.set(FORMATS, Fault.ERROR, message="40 Too old", times=1)
        with pytest.raises(RefusedError, match="Too old") as caught:
            await client.fetch_export_formats()
        assert caught.value.code == 40
        assert await client.fetch_export_formats() == ("matroska",)


async def test_formats_are_asked_for_again(connect: Connect) -> None:
    """A camera that names none may name some later, and one that was away may have new software."""
    camera = camera_with_video(quirks=Quirks(export_formats=()))
    async with CameraServer(camera) as server:
        client = connect(server)
        assert await client.fetch_export_formats() == ()
        camera.quirks = Quirks(export_formats=("mp4",))
        assert await client.fetch_export_formats() == ("mp4",)
        camera.quirks = Quirks(export_formats=("matroska",))
        client.doubt()
        assert await client.fetch_export_formats() == ("matroska",)


# Where an export begins


async def test_properties(connect: Connect) -> None:
    """The start is the key frame before; the size comes in bytes."""
    async with CameraServer(camera_with_video()) as server:
        client = connect(server)
        found = await client.fetch_export_properties(KEY, at(10), at(30))
        assert (found.start, found.end) == (at(8), at(30))
        exported = await read(client, 10, 30)
        assert found.size is not None
        assert 0.2 < found.size / len(exported) < 5
        whole = await client.fetch_export_properties(KEY, at(0))
        assert (whole.start, whole.end) == (at(0), at(60))
        query = server.requests[-1].query
        formats: Any
        for formats in (("mp4",), ("mp4", "matroska"), ()):
            server.camera.quirks = Quirks(export_formats=formats or ("matroska",))
            found = await connect(server).fetch_export_properties(KEY, at(10))
            assert found.start == at(8)
    assert query == {
        "schemaversion": "1",
        "recordingid": VIDEO,
        "diskid": "SD_DISK",
        "starttime": "2025-10-20T12:00:00.500000Z",
    }


async def test_properties_of_ongoing(connect: Connect) -> None:
    """It ends at the time of the question."""
    camera = camera_with_video()
    begin = camera.clock.now() - timedelta(seconds=20)
    key = RecordingKey("SD_DISK", camera.start_recording(start=begin))
    async with CameraServer(camera) as server:
        found = await connect(server).fetch_export_properties(key, begin)
    assert abs(camera.clock.now() - found.end) < timedelta(seconds=5)


async def test_unknown_size(connect: Connect) -> None:
    """A camera may not be able to tell."""
    async with CameraServer(
        camera_with_video(quirks=Quirks(export_size="unknown"))
    ) as server:
        assert (await connect(server).fetch_export_properties(KEY, at(1))).size is None


@pytest.mark.parametrize(
    ("attributes", "start", "stop", "size"),
    [
        ("", 10, 20, None),
        ('Starttime="T010:30:30Z" Stoptime="soon" EstimatedFileSize="x"', 10, 20, None),
        ('Starttime="2025-10-20T12:00:08Z" EstimatedFileSize="7"', 7.5, 20, 7 * 1024),
        ('Stoptime="2025-10-20T14:00:12.25+02:00"', 10, 11.75, None),
        # The camera's word decides how long a video may be and take.
        ('Stoptime="9999-12-31T23:59:59Z"', 10, 80, None),
        # In a pause, the last key frame is long ago.
        ('Starttime="2025-10-20T00:00:00Z"', -43_200.5, 20, None),
        ('Starttime="9000-01-01T00:00:00Z"', 20, 20, None),
    ],
)
async def test_odd_properties(
    connect: Connect,
    scripted: ScriptedServer,
    attributes: str,
    start: float,
    stop: float,
    size: int | None,
) -> None:
    """What is missing or malformed is as it was asked for."""
    scripted.answers = [
        answer(
            f'<PropertiesSuccess><ExportProperties RecordingId="a" {attributes}/></PropertiesSuccess>'
        )
    ]
    client = connect(scripted)
    found = await client.fetch_export_properties(KEY, at(10), at(20))
    assert (found.start, found.end, found.size) == (at(start), at(stop), size)
    if not attributes:
        found = await client.fetch_export_properties(KEY, at(10))
        assert (found.start, found.end) == (at(10), at(10))


@pytest.mark.parametrize(
    "content",
    [
        answer(""),
        answer("<PropertiesSuccess/>"),
        answer("<PropertiesSuccess>yes</PropertiesSuccess>"),
        answer("<PropertiesSuccess><ExportProperties/></PropertiesSuccess>"),
        answer("<CapabilitiesSuccess/>"),
        answer(
            "<PropertiesSuccess><ExportProperties Starttime='0001-01-01T00:00:00Z'/></PropertiesSuccess>"
        ),
        answer("<GeneralError>110</GeneralError>"),
        answer("<PropertiesSuccess/>", "root"),
        http("<html>Log in</html>"),
        http("ok"),
    ],
)
async def test_no_properties(
    connect: Connect, scripted: ScriptedServer, content: bytes
) -> None:
    """Anything else is unexpected."""
    scripted.answers = [content]
    with pytest.raises(UnexpectedAnswerError):
        await connect(scripted).fetch_export_properties(KEY, at(10))


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("cgi", [PROPERTIES, EXPORT])
async def test_documented_errors(connect: Connect, cgi: str, code: int) -> None:
    """Each comes with status 200, and becomes an error with its number and the camera's words."""
    camera = camera_with_video()
    async with CameraServer(camera) as server:
        client = connect(server)
        camera.faults.set(cgi, Fault.ERROR, message=f"{code} Can't <do> that & this")
        call: Any = (
            client.fetch_export_properties(KEY, at(1))
            if cgi == PROPERTIES
            else read(client)
        )
        with pytest.raises(RefusedError) as caught:
            await call
        assert caught.value.code == code
        assert str(caught.value) == "Can't <do> that & this"
        assert server.exports_made == 0


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        ("<ErrorCode> 110 </ErrorCode>", 110, "error 110"),
        ("<ErrorCode>x</ErrorCode><ErrorDescription/>", None, "error x"),
        ("<ErrorDescription> Gone\n</ErrorDescription>", None, "Gone"),
    ],
)
async def test_odd_errors(
    connect: Connect,
    scripted: ScriptedServer,
    content: str,
    code: int | None,
    words: str,
) -> None:
    """An error is one, whatever it lacks."""
    scripted.answers = [answer(f"<GeneralError>{content}</GeneralError>")]
    client = connect(scripted)
    with pytest.raises(RefusedError) as caught:
        await client.fetch_export_properties(KEY, at(1))
    assert caught.value.code == code
    assert str(caught.value).startswith(words)
    with pytest.raises(RefusedError) as caught:
        await read(client)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("key", "start", "stop", "code"),
    [
        (RecordingKey("SD_DISK", "other"), 1, 2, 110),
        (RecordingKey("NetworkShare", VIDEO), 1, 2, 110),
        (KEY, 2, 1, 140),
        (KEY, 70, 80, 150),
        (KEY, -20, -10, 160),
    ],
)
async def test_refused(
    connect: Connect, key: RecordingKey, start: float, stop: float, code: int
) -> None:
    """What a camera refuses by itself."""
    camera = camera_with_video(
        disks=[Disk("SD_DISK"), Disk("NetworkShare")],
        quirks=Quirks(export_outside="error"),
    )
    async with CameraServer(camera) as server:
        client = connect(server)
        with pytest.raises(RefusedError) as caught:
            await client.fetch_export_properties(key, at(start), at(stop))
        assert caught.value.code == code
        with pytest.raises(RefusedError) as caught:
            async with client.open_export(key, at(start), at(stop)):
                pass
        assert caught.value.code == code


# The video


@pytest.mark.parametrize("framing", ["chunked", "close"])
@pytest.mark.parametrize("export_format", [MATROSKA, MP4])
async def test_video(connect: Connect, export_format: str, framing: Any) -> None:
    """It comes whole, in the format that was asked for."""
    quirks = Quirks(export_formats=("matroska", "mp4"), export_framing=framing)
    async with CameraServer(camera_with_video(quirks=quirks)) as server:
        client = connect(server)
        async with client.open_export(
            KEY, at(10), at(14), export_format=export_format
        ) as export:
            assert export.format == export_format
            assert (
                export.content_type
                == f"video/{'x-' * (export_format == MATROSKA)}{export_format}"
            )
            exported = b"".join([chunk async for chunk in export.chunks()])
        assert frames(exported) == 60
        (made,) = server.exports
        assert (made.outcome, made.bytes_sent) == ("finished", len(exported))
        assert server.requests[-1].query["exportformat"] == export_format


async def test_without_a_stop(connect: Connect) -> None:
    """It goes to the end of the recording."""
    async with CameraServer(camera_with_video()) as server:
        async with connect(server).open_export(KEY, at(52)) as export:
            exported = b"".join([chunk async for chunk in export.chunks()])
        assert frames(exported) == 80
        assert "stoptime" not in server.requests[-1].query


@pytest.mark.parametrize("keep_alive", [True, False])
async def test_connections(connect: Connect, keep_alive: bool) -> None:
    """A complete export leaves its connection for what follows."""
    quirks = Quirks(keep_alive=keep_alive)
    async with CameraServer(camera_with_video(quirks=quirks)) as server:
        client = connect(server)
        for _ in range(3):
            assert frames(await read(client)) == 60
            await client.fetch_recordings(RecordingQuery(recording_id="all"))
        assert (server.connections_made == 1) == keep_alive


async def test_leaving(connect: Connect) -> None:
    """The camera stops at once when nobody takes the video any more, and other requests go on."""
    async with CameraServer(camera_with_video(seconds=300, export_speed=1)) as server:
        client = connect(server)
        async with client.open_export(KEY, at(0)) as export:
            await anext(aiter(export.chunks()))
            assert server.exports_open == 1
            page = await client.fetch_recordings(RecordingQuery(recording_id="all"))
            assert len(page.recordings) == 1
            assert server.exports_open == 1
        await freed(server)
        assert server.exports[0].outcome == "left"


async def test_cancelled(connect: Connect) -> None:
    """Whoever is cancelled leaves, too."""
    async with CameraServer(camera_with_video(seconds=300, export_speed=1)) as server:
        client = connect(server)
        task = asyncio.create_task(read(client, 0, 300))
        await until(lambda: server.exports_open == 1, 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await freed(server)
        assert len((await client.fetch_recordings(RecordingQuery())).recordings) == 1


# What goes wrong


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.RESET, CameraConnectionError),
        (Fault.UNAVAILABLE, BusyError),
        (Fault.UNAUTHORIZED, MissingRightsError),
        (Fault.FORBIDDEN, MissingRightsError),
        (Fault.NOT_FOUND, RefusedError),
        (Fault.REDIRECT, RedirectError),
        (Fault.HTML, UnexpectedAnswerError),
        (Fault.EMPTY, UnexpectedAnswerError),
        (Fault.ENTITY_BOMB, UnexpectedAnswerError),
        (Fault.HUGE, UnexpectedAnswerError),
        (Fault.NOT_MEDIA, UnexpectedAnswerError),
        (Fault.TIMEOUT, CameraTimeoutError),
    ],
)
@pytest.mark.usefixtures("short_streams")
async def test_no_video(
    connect: Connect, fault: Fault, error: type[VapixError]
) -> None:
    """Nothing of it is passed on as a video, and the next export works."""
    camera = camera_with_video()
    async with CameraServer(camera) as server:
        client = connect(server)
        await client.fetch_recordings(RecordingQuery())
        camera.faults.set(EXPORT, fault)
        with pytest.raises(error) as caught:
            await read(client)
        assert type(caught.value) is error
        assert server.exports_open == 0
        camera.faults.clear()
        assert frames(await read(client)) == 60


async def test_wrong_password(connect: Connect) -> None:
    """Before anything has worked it is about the log-in."""
    async with CameraServer(camera_with_video()) as server:
        with pytest.raises(AuthenticationError):
            await read(connect(server, password="wrong"))


async def test_camera_that_is_down(connect: Connect) -> None:
    """A camera that refuses connections, and one that goes down on the way."""
    camera = camera_with_video(seconds=300, export_speed=1)
    async with CameraServer(camera) as server:
        client = connect(server)

        async def lose_power() -> None:
            await until(lambda: server.exports_open == 1, 5)
            camera.shut_down()

        async with asyncio.timeout(5), asyncio.TaskGroup() as group:
            group.create_task(lose_power())
            with pytest.raises(CameraConnectionError):
                await read(client, 0, 300)
        with pytest.raises(CameraConnectionError, match="reached"):
            await read(client)


async def test_huge_error_is_not_read(connect: Connect) -> None:
    """Of what is no video only the beginning is read."""
    camera = camera_with_video()
    camera.faults.set(EXPORT, Fault.HUGE, size=200_000_000)
    async with CameraServer(camera) as server:
        with pytest.raises(UnexpectedAnswerError):
            await read(connect(server))
        await until(lambda: server.requests[-1].bytes_sent > 0, 5)
        assert server.requests[-1].bytes_sent < 12_000_000


@pytest.mark.parametrize("content_type", ["text/xml", "text/html", "image/png"])
async def test_wrong_content_type(connect: Connect, content_type: str) -> None:
    """A video is one, whatever the camera calls it."""
    camera = camera_with_video()
    camera.faults.set(EXPORT, Fault.WRONG_CONTENT_TYPE, content_type=content_type)
    async with CameraServer(camera) as server:
        assert frames(await read(connect(server))) == 60


@pytest.mark.parametrize("body", [b"", b"\x1a", b"\x1a\x45\xdf\xa3", b"<", b"  \n"])
async def test_very_short(
    connect: Connect, scripted: ScriptedServer, body: bytes
) -> None:
    """A video may be cut after its first bytes, and anything else is none."""
    scripted.answers = [http(body)]
    client = connect(scripted)
    if body.startswith(b"\x1a\x45"):
        assert await read(client) == body
    else:
        with pytest.raises(UnexpectedAnswerError):
            await read(client)


async def test_error_in_pieces(connect: Connect) -> None:
    """An error may come a few bytes at a time, too."""
    body = answer(
        "<GeneralError><ErrorCode>110</ErrorCode>"
        "<ErrorDescription>Gone</ErrorDescription></GeneralError>"
    )

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for position in range(0, len(body), 20):
            writer.write(body[position : position + 20])
            await writer.drain()
            await asyncio.sleep(0.001)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        scripted = ScriptedServer()
        scripted.port = server.sockets[0].getsockname()[1]
        with pytest.raises(RefusedError, match="Gone") as caught:
            await read(connect(scripted))
        assert caught.value.code == 110


@pytest.mark.parametrize("step", [1, 700])
async def test_slow(connect: Connect, step: int) -> None:
    """A video is known by its first bytes, however few come at a time."""
    camera = camera_with_video()
    camera.faults.set(EXPORT, Fault.SLOW, step=step, delay=0.0005)
    async with CameraServer(camera) as server:
        client = connect(server)
        async with client.open_export(KEY, at(0), at(1)) as export:
            assert export.format == MATROSKA
            if step > 1:
                exported = b"".join([chunk async for chunk in export.chunks()])
                assert frames(exported) == 10


@pytest.mark.parametrize("framing", ["chunked", "close"])
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.TRUNCATED, CameraConnectionError),
        (Fault.RESET, CameraConnectionError),
        (Fault.TIMEOUT, CameraTimeoutError),
    ],
)
@pytest.mark.usefixtures("short_streams")
async def test_breaks_off(
    connect: Connect, fault: Fault, error: type[VapixError], framing: Any
) -> None:
    """After some of the video, which was passed on until then."""
    camera = camera_with_video(quirks=Quirks(export_framing=framing))
    camera.faults.set(EXPORT, fault, after=20_000)
    received = 0
    async with CameraServer(camera) as server:
        client = connect(server)
        try:
            async with client.open_export(KEY, at(0), at(60)) as export:
                async for chunk in export.chunks():
                    received += len(chunk)
        except VapixError as err:
            assert type(err) is error  # noqa: PT017 - one case has no error
        else:
            # Then nothing tells that it was not the end; aiohttp does not report a reset either.
            assert framing == "close"
            assert fault is not Fault.TIMEOUT
        if fault is not Fault.RESET:
            assert received == 20_000
        camera.faults.clear()
        await freed(server)
        assert frames(await read(client)) == 60


@pytest.mark.parametrize("how", ["ends", "cut"])
async def test_lost(connect: Connect, how: Any) -> None:
    """A recording that is removed on the way ends like a whole one, or breaks off."""
    camera = camera_with_video(
        seconds=300, export_speed=2, quirks=Quirks(export_lost=how)
    )
    async with CameraServer(camera) as server, asyncio.timeout(10):
        client = connect(server)
        with_error = False
        async with client.open_export(KEY, at(0)) as export:
            chunks = export.chunks()
            await anext(chunks)
            camera.remove_recording(VIDEO)
            try:
                async for _ in chunks:
                    pass
            except CameraConnectionError:
                with_error = True
        assert with_error == (how == "cut")
        assert server.exports[0].outcome == "lost"
        with pytest.raises(RefusedError) as caught:
            await read(client)
        assert caught.value.code == 110
