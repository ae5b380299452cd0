"""The event stream: how it is opened, what it reports, and how it ends."""

import asyncio
from dataclasses import replace
import json
import traceback
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from custom_components.axis_recordings.vapix import (
    Address,
    AuthenticationError,
    BusyError,
    CameraConnectionError,
    CameraTimeoutError,
    CertificateError,
    EventStream,
    ForbiddenError,
    InsecureLoginError,
    MissingRightsError,
    NotSupportedError,
    RecordingQuery,
    RefusedError,
    StorageEvent,
    StorageTopic,
    UnexpectedAnswerError,
    VapixClient,
    VapixError,
    events as vapix_events,
    http as vapix_http,
)
from tests.camera import Camera, CameraServer, Disk, Fault, Quirks
from tests.camera.event_streams import PATH
from tests.waiting import until

from .conftest import address_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from .conftest import Connect
    from .scripted import ScriptedServer

TOKEN = "wssession.cgi"
CONFIGURE, NOTIFY = "events:configure", "events:notify"
ALL = RecordingQuery(recording_id="all", limit=1)
RECORDING, DISRUPTION = StorageTopic.RECORDING, StorageTopic.DISRUPTION


@pytest.fixture
def camera() -> Camera:
    """Return a camera without initial states, so that each event is one that a test made."""
    return Camera(quirks=Quirks(event_initial="never"))


@pytest.fixture
async def server(camera: Camera) -> AsyncGenerator[CameraServer]:
    """Put the camera on the network."""
    async with CameraServer(camera) as server:
        yield server


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lose patience early."""
    for name in ("SILENCE_SECONDS", "LONG_SILENCE_SECONDS", "ANSWER_SECONDS"):
        monkeypatch.setattr(vapix_events, name, 0.1)
    monkeypatch.setattr(vapix_http, "HANDSHAKE_SECONDS", 0.2)


def reported(event: StorageEvent) -> tuple[StorageTopic, str | None, bool | None]:
    """Return what most tests check."""
    return event.topic, event.disk_id, event.active


async def hear(
    stream: EventStream, number: int
) -> list[tuple[StorageTopic, str | None, bool | None]]:
    """Wait for so many events."""
    return [reported(await anext(stream)) for _ in range(number)]


async def refusal(client: VapixClient) -> VapixError:
    """Return why there is no stream, after a look whether that gives anything away."""
    with pytest.raises(VapixError) as caught:
        async with client.listen():
            pass
    text = "".join(traceback.format_exception(caught.value))
    assert "wssession=" not in text
    assert "-secret" not in text
    return caught.value


def schemes(server: CameraServer) -> list[tuple[str | None, bool, int | None]]:
    """Return of each handshake the log-in, whether there was a token, and the status."""
    return [
        (each.scheme, "wssession" in each.query, each.status)
        for each in server.requests
        if each.path == PATH
    ]


# Log-in


async def test_token(client: VapixClient, server: CameraServer) -> None:
    """A token stands for the log-in; the stream has only what is about storage."""
    async with client.listen():
        assert schemes(server) == [(None, True, 101)]
        (stream,) = server.event_streams
        assert stream.user == "operator"
        assert all("Storage" in topic for topic in stream.filters)
    await until(lambda: not server.event_streams_open)


@pytest.mark.parametrize("token", ["once", "many"])
async def test_token_with_line_end(
    client: VapixClient, camera: Camera, server: CameraServer, token: Any
) -> None:
    """A line end does not belong to it."""
    camera.quirks = replace(
        camera.quirks, session_token=token, session_token_newline=True
    )
    async with client.listen():
        assert schemes(server) == [(None, True, 101)]


async def test_no_token(
    client: VapixClient, camera: Camera, server: CameraServer
) -> None:
    """Without tokens the handshake is logged in, with Digest."""
    camera.quirks = replace(camera.quirks, session_token=None)
    async with client.listen():
        pass
    assert schemes(server) == [(None, False, 401), ("Digest", False, 101)]
    # By now it is known how.
    await client.fetch_recordings(ALL)
    async with client.listen():
        pass
    assert schemes(server)[2:] == [("Digest", False, 101)]


@pytest.mark.parametrize(
    "fault", [Fault.ERROR, Fault.HTML, Fault.EMPTY, Fault.HUGE, Fault.STATUS]
)
async def test_no_sensible_token(
    client: VapixClient, camera: Camera, server: CameraServer, fault: Fault
) -> None:
    """What is no token is not sent as one."""
    camera.faults.set(TOKEN, fault, size=10_000)
    async with client.listen():
        assert all(not has_token for _, has_token, _ in schemes(server))


@pytest.mark.parametrize("status", [401, 403])
async def test_token_has_aged(
    client: VapixClient,
    camera: Camera,
    server: CameraServer,
    monkeypatch: pytest.MonkeyPatch,
    status: Any,
) -> None:
    """A log-in makes up for it."""
    camera.quirks = replace(camera.quirks, session_token_refused=status)
    monkeypatch.setattr("tests.camera.tokens.LIFETIME", -1.0)
    async with client.listen():
        pass
    assert [each[1:] for each in schemes(server)] == [(True, status), (False, 101)]


async def test_nonce_has_aged(
    client: VapixClient, camera: Camera, server: CameraServer
) -> None:
    """The handshake is sent once more, with the new one."""
    camera.quirks = replace(camera.quirks, session_token=None)
    async with client.listen():
        pass
    camera.reboot()
    # The connection that is kept is one of those that broke.
    async with client.listen():
        pass
    assert schemes(server)[-1] == ("Digest", False, 101)


@pytest.mark.parametrize("token", ["once", None])
@pytest.mark.parametrize("policy", ["recommended", "digest", "basic_digest", "basic"])
async def test_pinned_certificate(connect: Connect, policy: Any, token: Any) -> None:
    """Over TLS, with whatever log-in the camera wants; Basic there is none the wiser."""
    camera = Camera(
        auth=policy, quirks=Quirks(session_token=token, event_initial="never")
    )
    async with (
        CameraServer(camera, tls=True) as server,
        connect(server).listen() as stream,
    ):
        camera.start_recording()
        assert await hear(stream, 1) == [(RECORDING, None, True)]


async def test_wrong_certificate(connect: Connect, session: Any) -> None:
    """Nothing is sent to a camera that is another one."""
    async with CameraServer(Camera(), tls=True) as server:
        client = connect(server)
        async with client.listen():
            pass
        await server.renew_certificate()
        before = len(server.requests)
        assert isinstance(await refusal(client), CertificateError)
        # The handshake checks as well as the request for a token.
        http = client._http
        with pytest.raises(CertificateError):
            await http.open_socket(PATH, {}, log_in=True)
        assert len(server.requests) == before
        unpinned = Address(host=server.host, port=server.port, protocol="https")
        unknown = VapixClient(session, unpinned, "operator", "operator-secret")
        assert isinstance(await refusal(unknown), CertificateError)


async def test_never_basic_in_clear_text(connect: Connect) -> None:
    """The password stays here."""
    camera = Camera(auth="basic", quirks=Quirks(session_token=None))
    async with CameraServer(camera) as server:
        assert isinstance(await refusal(connect(server)), InsecureLoginError)
        assert all(each.scheme is None for each in server.requests)


async def test_wrong_password(connect: Connect, server: CameraServer) -> None:
    """It is tried twice, as a token and for the stream, and no more."""
    client = connect(server, password="wrong")
    error = await refusal(client)
    assert isinstance(error, AuthenticationError)
    assert len([each for each in server.requests if each.scheme == "Digest"]) <= 2


@pytest.mark.parametrize("rights", ["handshake", "configure"])
@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("token", ["once", None])
async def test_viewer_may_not(
    connect: Connect, rights: Any, status: Any, token: Any
) -> None:
    """Wherever the camera says so, it is missing rights."""
    camera = Camera(
        quirks=Quirks(
            event_rights=rights, insufficient_rights=status, session_token=token
        )
    )
    async with CameraServer(camera) as server:
        viewer = connect(server, "viewer")
        await viewer.fetch_recordings(ALL)
        assert isinstance(await refusal(viewer), MissingRightsError)
        async with connect(server).listen():
            pass


async def test_viewer_may(connect: Connect, server: CameraServer) -> None:
    """By default a view-only account may listen."""
    async with connect(server, "viewer").listen():
        assert server.event_streams[0].user == "viewer"


async def test_old_camera(client: VapixClient, camera: Camera) -> None:
    """It has no such thing."""
    camera.quirks = Quirks(event_stream=None)
    assert isinstance(await refusal(client), NotSupportedError)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.UNAVAILABLE, BusyError),
        (Fault.NOT_FOUND, NotSupportedError),
        (Fault.HTML, UnexpectedAnswerError),
        (Fault.ERROR, UnexpectedAnswerError),
        (Fault.REDIRECT, VapixError),
        (Fault.RESET, CameraConnectionError),
        (Fault.TIMEOUT, CameraTimeoutError),
        (Fault.UNAUTHORIZED, MissingRightsError),
        (Fault.FORBIDDEN, MissingRightsError),
    ],
)
@pytest.mark.usefixtures("short")
async def test_handshake_goes_wrong(
    client: VapixClient, camera: Camera, fault: Fault, kind: type[VapixError]
) -> None:
    """Each has its error, and other requests go on."""
    camera.faults.set(PATH, fault)
    assert isinstance(await refusal(client), kind)
    await client.fetch_recordings(ALL)
    camera.faults.clear()
    async with client.listen():
        pass


async def test_forbidden(client: VapixClient, camera: Camera) -> None:
    """A camera that refuses everybody before a log-in has worked."""
    camera.quirks = replace(camera.quirks, session_token=None)
    camera.faults.set(PATH, Fault.FORBIDDEN)
    assert isinstance(await refusal(client), ForbiddenError)


async def test_strange_handshake(
    client: VapixClient, scripted: ScriptedServer, connect: Connect
) -> None:
    """A camera that agrees and then does not speak WebSocket."""
    scripted.answers = [
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: tea\r\nConnection: Upgrade\r\n\r\n",
    ]
    assert isinstance(await refusal(connect(scripted)), UnexpectedAnswerError)


@pytest.mark.parametrize("busy", ["unavailable", "closed"])
async def test_too_many_streams(
    connect: Connect, camera: Camera, server: CameraServer, busy: Any
) -> None:
    """One too many is an error, not a wait."""
    camera.quirks = replace(camera.quirks, event_stream_limit=1, event_stream_busy=busy)
    async with connect(server).listen() as stream:
        error = await refusal(connect(server))
        assert isinstance(error, (BusyError, CameraConnectionError))
        camera.start_recording()
        assert await hear(stream, 1) == [(RECORDING, None, True)]


async def test_pushed_out(
    connect: Connect, camera: Camera, server: CameraServer
) -> None:
    """A camera may let the oldest go for somebody else."""
    camera.quirks = replace(
        camera.quirks, event_stream_limit=1, event_stream_busy="oldest"
    )
    async with connect(server).listen() as first, connect(server).listen():
        with pytest.raises(CameraConnectionError):
            await anext(first)


async def test_polls_go_on(client: VapixClient, camera: Camera) -> None:
    """An open stream holds nobody up."""
    async with client.listen() as stream:
        await client.fetch_recordings(ALL)
        key = await client.start_recording("SD_DISK")
        assert await hear(stream, 1) == [(RECORDING, None, True)]
        await client.stop_recording(key)
        assert await hear(stream, 1) == [(RECORDING, None, False)]


# What is asked for


@pytest.mark.parametrize("spelling", ["either", "short", "full"])
@pytest.mark.parametrize("topics", ["short", "full"])
@pytest.mark.parametrize("root", ["subtree", "nothing", "error"])
async def test_spelling(
    connect: Connect, spelling: Any, topics: Any, root: Any
) -> None:
    """However filters must be, and topics are written, each event comes once."""
    camera = Camera(
        quirks=Quirks(
            event_filter_spelling=spelling,
            event_topics=topics,
            event_root_filter=root,
            event_empty_filter="error",
        )
    )
    async with CameraServer(camera) as server, connect(server).listen() as stream:
        assert set(await hear(stream, 4)) == {
            (RECORDING, None, False),
            (DISRUPTION, "SD_DISK", False),
            (StorageTopic.ALERT, "SD_DISK", False),
            (StorageTopic.FAILURE, "SD_DISK", False),
        }
        recording_id = camera.start_recording()
        camera.end_recording(recording_id)
        assert await hear(stream, 2) == [
            (RECORDING, None, True),
            (RECORDING, None, False),
        ]


@pytest.mark.parametrize("initial", ["after_answer", "before_answer"])
async def test_initial_states(connect: Connect, initial: Any) -> None:
    """What is so already is reported, whenever the camera reports it."""
    camera = Camera(
        disks=[Disk("SD_DISK"), Disk("NetworkShare", status="disconnected")],
        quirks=Quirks(event_initial=initial, storage_alert=None, storage_failure=None),
    )
    camera.start_recording()
    async with CameraServer(camera) as server, connect(server).listen() as stream:
        assert set(await hear(stream, 3)) == {
            (RECORDING, None, True),
            (DISRUPTION, "SD_DISK", False),
            (DISRUPTION, "NetworkShare", True),
        }


@pytest.mark.parametrize("code", [1100, 2104])
@pytest.mark.parametrize("times", [1, 2])
async def test_filters_are_refused(
    client: VapixClient, camera: Camera, server: CameraServer, code: int, times: int
) -> None:
    """A camera that dislikes one of the filters is asked for less."""
    camera.faults.set(CONFIGURE, Fault.ERROR, message=f"{code} No", times=times)
    async with client.listen() as stream:
        assert len(server.event_streams[0].requests) == times + 1
        camera.start_recording()
        assert await hear(stream, 1) == [(RECORDING, None, True)]


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("1100 Internal Error", RefusedError),
        ("2100 Version", NotSupportedError),
        ("2101 JSON", RefusedError),
        ("2102 Method", NotSupportedError),
        ("2103 Missing", RefusedError),
        ("2104 Invalid", RefusedError),
        ("2105 Authorization", MissingRightsError),
        ("2106 Authentication", AuthenticationError),
        ("2107 Too large", RefusedError),
        ("4711 What is this", RefusedError),
    ],
)
async def test_refused(
    client: VapixClient, camera: Camera, message: str, kind: type[VapixError]
) -> None:
    """Errors with numbers have an error here, and the camera's words where they help."""
    camera.faults.set(CONFIGURE, Fault.ERROR, message=message)
    error = await refusal(client)
    assert type(error) is kind
    if isinstance(error, RefusedError):
        assert error.code == int(message[:4])
        assert message[5:] in str(error)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.TIMEOUT, CameraTimeoutError),
        (Fault.EMPTY, CameraTimeoutError),
        (Fault.HTML, CameraTimeoutError),
        (Fault.TRUNCATED, CameraTimeoutError),
        (Fault.RESET, CameraConnectionError),
        (Fault.HUGE, CameraConnectionError),
    ],
)
@pytest.mark.usefixtures("short")
async def test_no_answer(
    client: VapixClient,
    camera: Camera,
    server: CameraServer,
    fault: Fault,
    kind: type[VapixError],
) -> None:
    """What is no answer is waited out; the socket does not stay open."""
    camera.faults.set(CONFIGURE, fault, size=400_000)
    assert isinstance(await refusal(client), kind)
    await until(lambda: not server.event_streams_open)


# What is reported


async def test_disks(client: VapixClient, camera: Camera) -> None:
    """An event has all that the camera says, by its names."""
    async with client.listen() as stream:
        camera.disks["SD_DISK"].wear = 95
        event = await anext(stream)
        assert event == StorageEvent(
            topic=StorageTopic.ALERT,
            disk_id="SD_DISK",
            active=True,
            data={
                "alert": "1",
                "wear": "95",
                "temperature": "-1",
                "overall_health": "-1",
            },
        )
        camera.disks["SD_DISK"].status = "failed"
        assert await hear(stream, 2) == [
            (DISRUPTION, "SD_DISK", True),
            (StorageTopic.FAILURE, "SD_DISK", True),
        ]


@pytest.mark.parametrize("timestamp", ["utc", "local"])
async def test_reversed_burst(
    client: VapixClient, camera: Camera, timestamp: Any
) -> None:
    """What is older than what is known is no news."""
    camera.quirks = replace(
        camera.quirks, event_order="reversed", event_timestamp=timestamp
    )
    async with client.listen() as stream:
        recording_id = camera.start_recording()
        # Times come in milliseconds.
        await asyncio.sleep(0.005)
        camera.end_recording(recording_id)
        assert await hear(stream, 1) == [(RECORDING, None, False)]
        camera.detach_disk("SD_DISK")
        assert RECORDING not in {topic for topic, *_ in await hear(stream, 2)}


@pytest.mark.parametrize("timestamp", ["utc", "absent"])
async def test_copies(client: VapixClient, camera: Camera, timestamp: Any) -> None:
    """A camera may say everything thrice."""
    camera.quirks = replace(camera.quirks, event_copies=3, event_timestamp=timestamp)
    async with client.listen() as stream:
        recording_id = camera.start_recording()
        camera.end_recording(recording_id)
        camera.start_recording()
        assert [active for *_, active in await hear(stream, 3)] == [True, False, True]


async def test_same_again(
    client: VapixClient, camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a time, what is reported again later may have happened again."""
    monkeypatch.setattr(vapix_events, "BURST_SECONDS", -1)
    heard = []
    async with client.listen() as stream:
        camera.quirks = replace(camera.quirks, event_timestamp="absent", event_copies=2)
        camera.start_recording()
        async for event in stream:
            heard.append(reported(event))
            if len(heard) == 4:
                break
    assert heard == [(RECORDING, None, True)] * 4


@pytest.mark.parametrize("fault", [Fault.EMPTY, Fault.HTML, Fault.TRUNCATED])
async def test_nonsense(client: VapixClient, camera: Camera, fault: Fault) -> None:
    """It is passed over."""
    async with client.listen() as stream:
        camera.faults.set(NOTIFY, fault, times=2)
        # Each is reported twice, as both spellings match.
        camera.end_recording(camera.start_recording())
        assert await hear(stream, 1) == [(RECORDING, None, False)]


async def test_bytes(client: VapixClient, camera: Camera) -> None:
    """A message may come as bytes."""
    async with client.listen() as stream:
        camera.faults.set(NOTIFY, Fault.WRONG_CONTENT_TYPE)
        camera.start_recording()
        assert await hear(stream, 1) == [(RECORDING, None, True)]


async def test_oversize(client: VapixClient, camera: Camera) -> None:
    """What is far too large ends the stream, and a new one works."""
    async with client.listen() as stream:
        camera.faults.set(NOTIFY, Fault.HUGE, times=1, size=300_000)
        camera.start_recording()
        with pytest.raises(CameraConnectionError):
            await anext(stream)
    async with client.listen() as stream:
        camera.faults.set(NOTIFY, Fault.HUGE, times=1, size=100_000)
        camera.end_recording(camera.recordings.ongoing[0].recording_id)
        assert await hear(stream, 1) == [(RECORDING, None, False)]


def notification(topic: object, message: object, **more: object) -> str:
    """Write a notification of any shape."""
    return json.dumps(
        {
            "method": "events:notify",
            "params": {"notification": {"topic": topic, "message": message, **more}},
        }
    )


SHORT = "tnsaxis:Storage/Recording"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (notification(SHORT, {"data": {"recording": "1"}}), (RECORDING, None, True)),
        (notification(SHORT, {"data": {"recording": "true"}}), (RECORDING, None, True)),
        (notification(SHORT, {"data": {"recording": False}}), (RECORDING, None, False)),
        (notification(SHORT, {"data": {"recording": 1}}), (RECORDING, None, True)),
        (notification(SHORT, {"data": {"recording": "?"}}), (RECORDING, None, None)),
        (notification(SHORT, {"data": []}), (RECORDING, None, None)),
        (notification(SHORT, {}), (RECORDING, None, None)),
        (notification(SHORT, None), (RECORDING, None, None)),
        (notification(SHORT, {}, timestamp="now"), (RECORDING, None, None)),
        (notification("Storage/Recording", {}), (RECORDING, None, None)),
        (
            notification("onvif:Storage/axis:Disruption", {"source": {"disk_id": 1}}),
            (DISRUPTION, "1", None),
        ),
        (
            notification("tnsaxis:Storage/Disruption", {"source": {"disk_id": ""}}),
            (DISRUPTION, None, None),
        ),
        (notification("tnsaxis:Storage/Recording/More", {}), None),
        (notification("tns1:Device/tnsaxis:IO/VirtualPort", {}), None),
        (notification(7, {}), None),
        ('{"method":"events:notify"}', None),
        ('{"method":"events:notify","params":[]}', None),
        ('{"method":"events:notify","params":{"notification":1}}', None),
        ("[" * 100_000, None),
        ("[]", None),
        ("{}", None),
    ],
)
async def test_shapes(
    client: VapixClient, camera: Camera, server: CameraServer, text: str, expected: Any
) -> None:
    """Whatever comes, it is understood or passed over."""
    async with client.listen() as stream:
        await server.event_streams[0]._socket.send_str(text)
        camera.detach_disk("SD_DISK")
        marks = [(DISRUPTION, "SD_DISK", True)]
        wanted = [expected, *marks] if expected else marks
        assert await hear(stream, len(wanted)) == wanted


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ('{"context":"1","error":"No"}', RefusedError),
        ('{"error":{"code":2105}}', MissingRightsError),
        ('{"error":{"code":"?","message":null}}', RefusedError),
    ],
)
async def test_strange_answers(
    camera: Camera, server: CameraServer, connect: Connect, answer: str, kind: Any
) -> None:
    """An answer to somebody else's question is none; an error may not know what it is about."""
    camera.faults.set(CONFIGURE, Fault.TIMEOUT)
    caught: list[VapixError] = []

    async def listen() -> None:
        caught.append(await refusal(connect(server)))

    listening = asyncio.create_task(listen())
    await until(lambda: server.event_streams and server.event_streams[0].requests)
    socket = server.event_streams[0]._socket
    await socket.send_str('{"context":"other","data":{}}')
    await socket.send_str(answer)
    await listening
    assert type(caught[0]) is kind


# Silence


@pytest.mark.usefixtures("short")
async def test_silence_is_no_end(
    client: VapixClient, camera: Camera, server: CameraServer
) -> None:
    """A camera to which nothing happens answers pings."""
    async with client.listen() as stream:
        waiting = asyncio.create_task(hear(stream, 1))
        await asyncio.sleep(0.5)
        assert len(server.event_streams[0].requests) == 1
        camera.start_recording()
        assert await waiting == [(RECORDING, None, True)]


@pytest.mark.usefixtures("short")
async def test_camera_without_pongs(
    connect: Connect, camera: Camera, server: CameraServer
) -> None:
    """It is asked for the same events again, and tells the same, which is no news."""
    camera.quirks = Quirks(event_pong=False, storage_alert=None, storage_failure=None)
    async with connect(server).listen() as stream:
        assert len(await hear(stream, 2)) == 2
        waiting = asyncio.create_task(hear(stream, 1))
        (reported_to,) = server.event_streams
        await until(lambda: len(reported_to.requests) > 3)
        assert not waiting.done()
        camera.start_recording()
        assert await waiting == [(RECORDING, None, True)]
        assert len(server.event_streams) == 1


@pytest.mark.parametrize("pong", [True, False])
@pytest.mark.usefixtures("short")
async def test_stalled(
    client: VapixClient, camera: Camera, server: CameraServer, pong: bool
) -> None:
    """A connection that looks alive and is not is noticed."""
    camera.quirks = replace(camera.quirks, event_pong=pong)
    async with client.listen() as stream:
        server.stall_event_streams()
        with pytest.raises(CameraTimeoutError):
            await anext(stream)


async def test_camera_pings(connect: Connect) -> None:
    """It gets its answer, or it would hang up."""
    camera = Camera(quirks=Quirks(event_ping=0.2, event_initial="never"))
    async with CameraServer(camera) as server, connect(server).listen() as stream:
        waiting = asyncio.create_task(hear(stream, 1))
        await asyncio.sleep(0.6)
        assert server.event_streams_open == 1
        camera.start_recording()
        assert await waiting == [(RECORDING, None, True)]


# The end


@pytest.mark.parametrize("code", [None, 1000, 1001])
async def test_dropped(client: VapixClient, server: CameraServer, code: int) -> None:
    """However it ends, it is an error, and another stream can be opened."""
    for _ in range(2):
        async with client.listen() as stream:
            server.drop_event_streams(code)
            with pytest.raises(CameraConnectionError):
                await anext(stream)


@pytest.mark.parametrize("down", ["refuse", "unavailable"])
async def test_reboot(
    client: VapixClient, camera: Camera, server: CameraServer, down: Any
) -> None:
    """The stream breaks with the camera, and is back with it."""
    camera.quirks = replace(camera.quirks, while_down=down)
    async with client.listen() as stream:
        camera.shut_down()
        with pytest.raises(CameraConnectionError):
            await anext(stream)
    error = await refusal(client)
    assert isinstance(error, (CameraConnectionError, BusyError))
    camera.start_up()
    await until(lambda: server._sockets)
    async with client.listen() as stream:
        camera.start_recording()
        assert await hear(stream, 1) == [(RECORDING, None, True)]


@pytest.mark.usefixtures("short")
async def test_broken_while_asking(
    client: VapixClient, camera: Camera, server: CameraServer
) -> None:
    """A connection that breaks while we ask whether it is there."""
    async with client.listen() as stream:
        await stream._socket.close()
        with pytest.raises(CameraConnectionError):
            await stream._make_sure()


@pytest.mark.parametrize("stalled", [True, False])
async def test_leaving(
    client: VapixClient, server: CameraServer, stalled: bool
) -> None:
    """Whoever leaves does not wait for the camera, and leaves no connection behind."""
    listening = asyncio.Event()

    async def listen() -> None:
        async with client.listen() as stream:
            listening.set()
            await anext(stream)

    task = asyncio.create_task(listen())
    await listening.wait()
    if stalled:
        server.stall_event_streams()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    server.resume_event_streams()
    await until(lambda: not server.event_streams_open)


async def test_address_is_not_in_errors(session: aiohttp.ClientSession) -> None:
    """Aiohttp's error of a handshake names the address; ours holds neither it nor that error."""
    async with CameraServer(Camera()) as server:
        server.camera.faults.set(PATH, Fault.UNAVAILABLE)
        client = VapixClient(session, address_of(server), "operator", "operator-secret")
        error: BaseException | None = await refusal(client)
        while error is not None:
            assert not isinstance(error, aiohttp.ClientError)
            error = error.__cause__ or error.__context__
