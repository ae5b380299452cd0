"""What is said of each status, at each door of the camera."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from custom_components.axis_recordings.vapix import (
    DEFAULT_PORTS,
    AuthenticationError,
    BusyError,
    CameraConnectionError,
    ForbiddenError,
    HttpsRequiredError,
    LockedOutError,
    MissingRightsError,
    NotSupportedError,
    RecordingKey,
    RecordingQuery,
    RedirectError,
    RefusedError,
    UnexpectedAnswerError,
    UnnamedRecordingError,
    VapixClient,
    VapixError,
)
from tests.camera import Camera, CameraServer, Fault, Quirks
from tests.camera.cgi import ROUTES
from tests.camera.event_streams import PATH

from .test_http import CALLS

if TYPE_CHECKING:
    from datetime import datetime

    from .conftest import Connect

ALL = RecordingQuery(recording_id="all")
LIST = "record/list.cgi"
UNKNOWN = RecordingKey("SD_DISK", "20200101_000000_0000_000000000000")
STATUSES: dict[int, type[VapixError]] = {
    204: UnexpectedAnswerError,
    301: RedirectError,
    302: RedirectError,
    303: RedirectError,
    307: RedirectError,
    308: RedirectError,
    400: UnexpectedAnswerError,
    402: UnexpectedAnswerError,
    404: NotSupportedError,
    405: NotSupportedError,
    406: UnexpectedAnswerError,
    410: NotSupportedError,
    418: UnexpectedAnswerError,
    421: UnexpectedAnswerError,
    426: UnexpectedAnswerError,
    429: BusyError,
    500: UnexpectedAnswerError,
    501: UnexpectedAnswerError,
    502: CameraConnectionError,
    503: BusyError,
    504: CameraConnectionError,
    511: UnexpectedAnswerError,
}
# Here a camera that does not find anything means the recording.
OF_A_RECORDING = (
    "record/stop.cgi",
    "record/remove.cgi",
    "record/export/properties.cgi",
    "record/export/exportrecording.cgi",
)


def some_time() -> datetime:
    """Return a time that is good enough to ask with."""
    return Camera().clock.now()


async def export(client: VapixClient) -> None:
    """Ask for a video."""
    async with client.open_export(UNKNOWN, some_time()):
        pass


async def listen(client: VapixClient) -> None:
    """Open the event stream."""
    async with client.listen():
        pass


DOORS = {
    **CALLS,
    "record/export/properties.cgi": lambda client: client.fetch_export_properties(
        UNKNOWN, some_time()
    ),
    "record/export/exportrecording.cgi": export,
    PATH: listen,
}


@pytest.mark.parametrize("door", DOORS)
async def test_each_status_at_each_door(connect: Connect, door: str) -> None:
    """Each is reported as what it is, and the next call works."""
    camera = Camera(recordings=2)
    async with CameraServer(camera) as server:
        client = connect(server)
        await client.fetch_recordings(ALL)
        for status, kind in STATUSES.items():
            fault = Fault.REDIRECT if 300 <= status < 400 else Fault.STATUS
            camera.faults.set(door, fault, status=status)
            expected = kind
            if status == 204 and door == PATH:
                expected = UnexpectedAnswerError
            elif status == 204 and door == "record/record.cgi":
                # It may have begun all the same.
                expected = UnnamedRecordingError
            elif kind is NotSupportedError and door in OF_A_RECORDING:
                expected = RefusedError
            with pytest.raises(expected) as caught:
                await DOORS[door](client)
            error = caught.value
            assert type(error) is expected, (status, error)
            if kind is UnexpectedAnswerError and status != 204:
                assert str(status) in str(error)
            if isinstance(error, RefusedError) and "export" in door:
                # VAPIX (Export Recording API): the recording is not found.
                assert error.code == 110
            camera.faults.clear()
            # What a camera has not is asked for again only after an outage.
            client.doubt()
        assert len((await client.fetch_recordings(ALL)).recordings) == 2


@pytest.mark.parametrize(
    ("location", "kind", "words"),
    [
        ("https://{host}/", HttpsRequiredError, "port 443"),
        ("https://{host}:8443/axis-cgi/record/list.cgi", HttpsRequiredError, "8443"),
        ("HTTPS://{host}/x?a=b#c", HttpsRequiredError, "443"),
        ("http://{host}/", RedirectError, "another page"),
        ("/login", RedirectError, "another page"),
        ("", RedirectError, "another page"),
        ("https://login.example.com/?next=secret", RedirectError, "login.example.com"),
        ("http://other/", RedirectError, "other"),
        ("https://[", RedirectError, "another page"),
        ("https://camera.example.com{path}", HttpsRequiredError, "443"),
        ("https://x:99999/", RedirectError, "another page"),
        ("//other/", RedirectError, "other"),
        ("ftp://other", RedirectError, "other"),
    ],
)
async def test_where_a_redirect_leads(
    camera: Camera,
    server: CameraServer,
    client: VapixClient,
    location: str,
    kind: type[VapixError],
    words: str,
) -> None:
    """A camera that requires HTTPS is distinguished from anything else; nobody goes there."""
    for door in (LIST, "systemready.cgi", "disks/list.cgi", PATH):
        path = door if door == PATH else f"/axis-cgi/{door}"
        target = location.format(host=server.host, path=path)
        camera.faults.set(door, Fault.REDIRECT, location=target, status=301)
        with pytest.raises(kind, match=words) as caught:
            await DOORS[door](client)
        assert type(caught.value) is kind
        assert "secret" not in str(caught.value)
        assert not getattr(caught.value, "sent", False)


async def test_handshake_follows_nobody(camera: Camera, client: VapixClient) -> None:
    """Not even to another page of the same camera."""
    async with CameraServer(Camera()) as other:
        camera.faults.set(PATH, Fault.REDIRECT, location=f"{other.url}/any?thing")
        with pytest.raises(RedirectError):
            await listen(client)
        assert other.requests == []
    camera.faults.clear()
    await listen(client)


@pytest.mark.parametrize("tls", [True, False])
async def test_http_is_closed(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, tls: bool
) -> None:
    """Where HTTPS answers instead, it is said so, and nothing is sent."""
    async with CameraServer(Camera()) as closed:
        client = connect(closed)
        port = closed.port
    async with CameraServer(Camera(), tls=tls) as secure:
        monkeypatch.setitem(DEFAULT_PORTS, "http", port)
        monkeypatch.setitem(DEFAULT_PORTS, "https", secure.port)
        with pytest.raises(CameraConnectionError) as caught:
            await client.start_recording("SD_DISK")
        assert isinstance(caught.value, HttpsRequiredError) is tls
        assert not caught.value.sent
        assert secure.requests == []
        # Elsewhere, another device may be behind the usual port.
        monkeypatch.setitem(DEFAULT_PORTS, "http", 80)
        with pytest.raises(CameraConnectionError) as caught:
            await client.fetch_recordings(ALL)
        assert type(caught.value) is CameraConnectionError


# 403


async def test_forbidden_from_the_beginning(connect: Connect) -> None:
    """Nobody has failed to log in, so nobody is locked out (AXIS Companion answers so)."""
    async with CameraServer(Camera()) as server:
        server.camera.faults.set("*", Fault.FORBIDDEN)
        with pytest.raises(ForbiddenError, match="403"):
            await connect(server).fetch_camera()


async def test_forbidden_after_a_failed_login(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be the lock-out."""
    async with CameraServer(Camera()) as server:
        client = connect(server, password="wrong")
        with pytest.raises(AuthenticationError):
            await client.fetch_recordings(ALL)
        server.camera.faults.set("*", Fault.FORBIDDEN)
        monkeypatch.setattr(
            server._gate, "admit", lambda _, call: (ROUTES[call.path], call)
        )
        with pytest.raises(LockedOutError):
            await client.fetch_recordings(ALL)


# Who is there


@pytest.mark.parametrize("status", [400, 500, 501])
@pytest.mark.parametrize("cgi", ["*", LIST, "param.cgi"])
async def test_mere_status_is_no_other_device(
    camera: Camera, client: VapixClient, status: int, cgi: str
) -> None:
    """Whoever says nothing but a status may well be an AXIS camera."""
    camera.quirks = replace(camera.quirks, basic_device_info=None)
    camera.faults.set(cgi, Fault.STATUS, status=status)
    with pytest.raises(UnexpectedAnswerError, match=str(status)) as caught:
        await client.fetch_camera()
    assert type(caught.value) is UnexpectedAnswerError


# Nothing found


@pytest.mark.parametrize(
    "answer",
    [
        "empty",
        "error",
        "bad_request",
        "not_found",
        "gone",
        "no_content",
        "nothing",
        "internal_server_error",
    ],
)
async def test_unknown_recording(
    camera: Camera, client: VapixClient, answer: Any
) -> None:
    """However a camera says it: it is not there. What is there is found."""
    camera.quirks = Quirks(
        unknown_recording=answer, stop_unknown="not_found", remove_unknown="not_found"
    )
    known = (await client.fetch_recordings(ALL)).recordings[0]
    assert await client.fetch_recording(UNKNOWN.recording_id) == ()
    assert await client.fetch_recording(known.recording_id) == (known,)
    with pytest.raises(RefusedError):
        await client.stop_recording(UNKNOWN)
    with pytest.raises(RefusedError):
        await client.remove_recording(UNKNOWN)
    with pytest.raises(RefusedError) as caught:
        await client.fetch_export_properties(UNKNOWN, some_time())
    assert caught.value.code == 110
    with pytest.raises(RefusedError) as caught:
        await export(client)
    assert caught.value.code == 110


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (Fault.STATUS, 404),
        (Fault.STATUS, 410),
        (Fault.STATUS, 400),
        (Fault.EMPTY, 200),
    ],
)
async def test_camera_that_lists_nothing_has_lost_nothing(
    camera: Camera, client: VapixClient, fault: Fault, status: int
) -> None:
    """A list that is out of order must not make a recording gone."""
    await client.fetch_recordings(ALL)
    camera.faults.set(LIST, fault, status=status)
    for query in (
        RecordingQuery(recording_id="some"),
        RecordingQuery(start=some_time()),
        RecordingQuery(disk_id="SD_DISK"),
    ):
        with pytest.raises(UnexpectedAnswerError):
            await client.fetch_recordings(query)
    with pytest.raises(UnexpectedAnswerError):
        await client.fetch_recording("some")


@pytest.mark.parametrize("status", [400, 406, 409, 412, 416, 422, 451])
async def test_recording_that_is_refused(
    camera: Camera, client: VapixClient, status: int
) -> None:
    """Any refusal of an ID means that it is unknown, as long as the camera lists others."""
    await client.fetch_recordings(ALL)
    camera.faults.set(LIST, Fault.STATUS, status=status, times=1)
    assert await client.fetch_recording("some") == ()
    camera.faults.set(LIST, Fault.FORBIDDEN, times=1)
    with pytest.raises(VapixError):
        await client.fetch_recording("some")


@pytest.mark.parametrize("status", [500, 501])
async def test_failure_says_nothing_of_a_recording(
    camera: Camera, client: VapixClient, status: int
) -> None:
    """One that is there is found after it; one that can't be looked up is not taken for gone."""
    recordings = (await client.fetch_recordings(ALL)).recordings
    for known in recordings:
        camera.faults.set(LIST, Fault.STATUS, status=status, times=1)
        if known == recordings[0]:
            # It is listed, so it is there.
            with pytest.raises(UnexpectedAnswerError, match=str(status)):
                await client.fetch_recording(known.recording_id)
        else:
            assert await client.fetch_recording(known.recording_id) == (known,)
    camera.faults.set(LIST, Fault.STATUS, status=status)
    with pytest.raises(UnexpectedAnswerError, match=str(status)):
        await client.fetch_recording("some")


async def test_window_that_is_not_found(camera: Camera, client: VapixClient) -> None:
    """It is empty, as long as the camera lists others."""
    await client.fetch_recordings(ALL)
    camera.faults.set(LIST, Fault.NOT_FOUND, times=1)
    page = await client.fetch_recordings(RecordingQuery(start=some_time()))
    assert (page.recordings, page.matches, page.total) == ((), 0, 8)
    camera.faults.set(LIST, Fault.NOT_FOUND, times=1)
    with pytest.raises(RefusedError):
        await client.fetch_recordings(RecordingQuery(disk_id="SD_DISK"))


async def test_rights_are_missing(camera: Camera, client: VapixClient) -> None:
    """What 401 and 403 mean after a good list stays as it is."""
    await client.fetch_recordings(ALL)
    for fault in (Fault.UNAUTHORIZED, Fault.FORBIDDEN):
        camera.faults.set("disks/list.cgi", fault)
        with pytest.raises(MissingRightsError):
            await client.fetch_disks()
