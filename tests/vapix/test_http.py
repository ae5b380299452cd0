"""The connection: certificates, limits, faults, one request at a time."""

import asyncio
from datetime import UTC, datetime
import gzip
import resource
import socket
import sys
import time
from typing import TYPE_CHECKING

import aiohttp
import pytest
import pytest_socket

from custom_components.axis_recordings.vapix import (
    Address,
    AuthenticationError,
    BusyError,
    CameraConnectionError,
    CameraTimeoutError,
    CertificateError,
    NotSupportedError,
    RecordingKey,
    RecordingQuery,
    RedirectError,
    RefusedError,
    UnexpectedAnswerError,
    UnnamedRecordingError,
    VapixClient,
    VapixError,
    fetch_fingerprint,
    http as vapix_http,
)
from tests.camera import Camera, CameraServer, Exchange, Fault, Quirks
from tests.playback.videos import START, camera_with_video

from .conftest import address_of
from .scripted import ScriptedServer, http, xml

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from .conftest import Connect

ALL = RecordingQuery(recording_id="all")
LIST = "record/list.cgi"


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait a fifth of a second instead of half a minute."""
    monkeypatch.setattr(
        vapix_http, "TIMEOUT", aiohttp.ClientTimeout(total=0.3, sock_read=0.15)
    )


async def test_session_is_closed() -> None:
    """Home Assistant does so when it stops, also between the challenge and the log-in."""
    async with CameraServer(Camera()) as server:
        session = aiohttp.ClientSession()
        client = VapixClient(session, address_of(server), "operator", "operator-secret")

        def close(_: Exchange) -> None:
            session.detach()

        connector = session.connector
        server.request_listeners.append(close)
        for _ in range(2):
            with pytest.raises(
                CameraConnectionError, match="Home Assistant has closed"
            ):
                await client.fetch_recordings(ALL)
        assert len(server.requests) == 1
        assert connector
        await connector.close()


# Certificates


async def test_pinned_certificate_and_one_connection(connect: Connect) -> None:
    """The handshake is done once, not for each request."""
    async with CameraServer(Camera(recordings=1), tls=True) as server:
        client = connect(server)
        for _ in range(5):
            await client.fetch_recordings(ALL)
        await client.stop_recording(
            await client.start_recording("SD_DISK", {"camera": "1"})
        )
    assert server.connections_made == 1


async def test_untrusted_certificate(session: aiohttp.ClientSession) -> None:
    """Without a fingerprint, an authority has to vouch; nothing is sent before."""
    async with CameraServer(Camera(), tls=True) as server:
        address = Address(host=server.host, port=server.port, protocol="https")
        client = VapixClient(session, address, "operator", "operator-secret")
        with pytest.raises(CertificateError) as caught:
            await client.fetch_recordings(ALL)
        assert caught.value.fingerprint is None
        assert not caught.value.sent
        assert server.requests == []


async def test_changed_certificate(connect: Connect) -> None:
    """The new fingerprint is shown, the password is not."""
    async with CameraServer(Camera(), tls=True) as server:
        client = connect(server)
        await client.fetch_recordings(ALL)
        await server.renew_certificate()
        before = len(server.requests)
        with pytest.raises(CertificateError) as caught:
            await client.fetch_recordings(ALL)
        assert caught.value.fingerprint == server.certificate_fingerprint
        assert not caught.value.sent
        assert len(server.requests) == before


async def test_certificate_changes_before_the_log_in(connect: Connect) -> None:
    """The answer to a challenge goes to whoever has given it, and to nobody else."""
    camera = Camera(quirks=Quirks(keep_alive=False))
    async with CameraServer(camera, tls=True) as server:
        client = connect(server)

        def renew(exchange: Exchange) -> None:
            assert server._context is not None
            server.certificate_fingerprint = server._new_certificate(server._context)

        server.request_listeners.append(renew)
        with pytest.raises(CertificateError) as caught:
            await client.fetch_recordings(ALL)
        assert caught.value.fingerprint == server.certificate_fingerprint
        assert [each.scheme for each in server.requests] == [None]


async def test_certificate_changes_within_an_answer(connect: Connect) -> None:
    """What aiohttp repeats by itself, and what follows a video that broke off, is not sent either."""
    camera = camera_with_video(export_speed=2)
    async with CameraServer(camera, tls=True) as server:
        client = connect(server)
        (recording,) = (await client.fetch_recordings(ALL)).recordings

        async def export() -> None:
            async with client.open_export(recording.key, START) as exported:
                await server.renew_certificate()
                async for _ in exported.chunks():
                    pass

        with pytest.raises(CameraConnectionError) as caught:
            await export()
        assert not isinstance(caught.value, CertificateError)
        before = len(server.requests)
        for call in CALLS.values():
            with pytest.raises(CertificateError):
                await call(client)
        assert len(server.requests) == before


async def test_fetch_fingerprint(session: aiohttp.ClientSession) -> None:
    """Reading a certificate sends no request."""
    async with CameraServer(Camera(), tls=True) as server:
        address = Address(host=server.host, port=server.port, protocol="https")
        fingerprint = await fetch_fingerprint(session, address)
        assert fingerprint == server.certificate_fingerprint
        assert server.requests == []


async def test_fetch_fingerprint_fails(
    session: aiohttp.ClientSession, server: CameraServer, scripted: ScriptedServer
) -> None:
    """Without TLS there is none; on a port without TLS neither."""
    with pytest.raises(UnexpectedAnswerError):
        await fetch_fingerprint(session, address_of(server))
    address = Address(host=server.host, port=server.port, protocol="https")
    with pytest.raises(CameraConnectionError):
        await fetch_fingerprint(session, address)
    assert server.requests == []


# Where the camera is


async def test_ipv6(session: aiohttp.ClientSession) -> None:
    """An address with colons, in Digest too."""
    pytest_socket.socket_allow_hosts(["127.0.0.1", "::1"])
    try:
        server = CameraServer(Camera(recordings=1), host="::1")
        await server.start()
    except OSError:
        pytest.skip("This machine has no IPv6")
    try:
        client = VapixClient(session, address_of(server), "viewer", "viewer-secret")
        assert len((await client.fetch_recordings(ALL)).recordings) == 1
    finally:
        await server.close()
    url = Address(host="fe80::1", port=8080, protocol="http").url("/a.cgi", {"b": "c"})
    assert str(url) == "http://[fe80::1]:8080/a.cgi?b=c"


def test_arguments_are_encoded() -> None:
    """Each reserved character, so that none ends an argument or becomes a blank."""
    url = Address(host="camera", port=80, protocol="http").url(
        "/list.cgi", {"starttime": "T10:00:00+02:00", "eventid": "a&b=c %41/ü#?'\""}
    )
    assert url.raw_query_string == (
        "starttime=T10%3A00%3A00%2B02%3A00"
        "&eventid=a%26b%3Dc%20%2541%2F%C3%BC%23%3F%27%22"
    )


async def test_nobody_there(session: aiohttp.ClientSession) -> None:
    """A closed port, and a name that nobody has."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for host, words in (("127.0.0.1", "reached"), ("camera.invalid", "resolved")):
        address = Address(host=host, port=port, protocol="http")
        client = VapixClient(session, address, "operator", "x")
        with pytest.raises(CameraConnectionError, match=words) as caught:
            await client.start_recording("SD_DISK")
        assert not caught.value.sent
        assert str(port) not in str(caught.value)
        with pytest.raises(CameraConnectionError, match=words):
            await client.fetch_boot()
        assert client.address == address


@pytest.mark.usefixtures("short")
async def test_connection_times_out(
    session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A host that drops all packets is distinguished from one that does not answer."""
    monkeypatch.setattr(
        vapix_http, "TIMEOUT", aiohttp.ClientTimeout(total=5, connect=0.1)
    )

    async def hang(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    assert session.connector is not None
    monkeypatch.setattr(session.connector, "_create_connection", hang)
    address = Address(host="127.0.0.1", port=9, protocol="http")
    with pytest.raises(CameraTimeoutError) as caught:
        await VapixClient(session, address, "a", "b").start_recording("SD_DISK")
    assert not caught.value.sent


# One request at a time


async def test_never_two_at_a_time(camera: Camera, client: VapixClient) -> None:
    """Ten callers get their answers one after the other, over one connection."""
    async with CameraServer(camera) as server:
        running = most = 0
        handle = server._handle

        async def counting(
            request: aiohttp.web.BaseRequest,
        ) -> aiohttp.web.StreamResponse:
            nonlocal running, most
            running += 1
            most = max(most, running)
            await asyncio.sleep(0)
            try:
                return await handle(request)
            finally:
                running -= 1

        server._listener.request_handler = counting  # type: ignore[union-attr]
        client = VapixClient(
            client._http._session, address_of(server), "operator", "operator-secret"
        )
        await asyncio.gather(*(client.fetch_recordings(ALL) for _ in range(10)))
        assert most == 1
        assert server.connections_made == 1
        assert len(server.requests) == 11


async def test_cancelled_call_leaves_the_client_usable(
    connect: Connect,
) -> None:
    """Whoever gives up waiting does not block the others."""
    camera = Camera(recordings=2)
    async with CameraServer(camera) as server:
        client = connect(server)
        await client.fetch_recordings(ALL)
        camera.faults.set(LIST, Fault.TIMEOUT, times=1)
        task = asyncio.create_task(client.fetch_recordings(ALL))
        await asyncio.sleep(0.1)
        assert len(server.requests) == 3
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert len((await client.fetch_recordings(ALL)).recordings) == 2


# Faults of every kind on everything that is used

CALLS: dict[str, Callable[[VapixClient], Awaitable[object]]] = {
    "record/list.cgi": lambda client: client.fetch_recordings(ALL),
    "record/record.cgi": lambda client: client.start_recording("SD_DISK"),
    "record/stop.cgi": lambda client: client.stop_recording(
        RecordingKey("SD_DISK", "some")
    ),
    "record/remove.cgi": lambda client: client.remove_recording(
        RecordingKey("SD_DISK", "some")
    ),
    "disks/list.cgi": lambda client: client.fetch_disks(),
    "systemready.cgi": lambda client: client.fetch_boot(),
    "time.cgi": lambda client: client.fetch_time(),
}
ERRORS: dict[Fault, type[VapixError]] = {
    Fault.TIMEOUT: CameraTimeoutError,
    Fault.RESET: CameraConnectionError,
    Fault.UNAVAILABLE: BusyError,
    Fault.NOT_FOUND: NotSupportedError,
    Fault.REDIRECT: RedirectError,
    Fault.ERROR: RefusedError,
    Fault.HTML: UnexpectedAnswerError,
    Fault.EMPTY: UnexpectedAnswerError,
    Fault.ENTITY_BOMB: UnexpectedAnswerError,
    Fault.HUGE: UnexpectedAnswerError,
    Fault.TRUNCATED: CameraConnectionError,
    Fault.SLOW: CameraTimeoutError,
}


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("cgi", CALLS)
@pytest.mark.parametrize("fault", ERRORS)
async def test_fault(connect: Connect, cgi: str, fault: Fault) -> None:
    """Each is reported by its own error, soon, and the next call works."""
    camera = Camera(recordings=20)
    async with CameraServer(camera) as server:
        client = connect(server)
        await client.fetch_recordings(ALL)
        camera.faults.set(cgi, fault, message="No, no & no", step=1, delay=0.1)
        expected = ERRORS[fault]
        if fault is Fault.ERROR and not cgi.startswith(("record/", "disks/")):
            expected = UnexpectedAnswerError
        if fault is Fault.NOT_FOUND and cgi in ("record/stop.cgi", "record/remove.cgi"):
            # It is the id that is not found.
            expected = RefusedError
        if cgi == "record/record.cgi" and fault in (
            Fault.HTML,
            Fault.EMPTY,
            Fault.ENTITY_BOMB,
        ):
            # It may have begun all the same.
            expected = UnnamedRecordingError
        before = time.perf_counter()
        with pytest.raises(expected) as caught:
            await CALLS[cgi](client)
        assert type(caught.value) is expected
        assert time.perf_counter() - before < 2
        assert "operator-secret" not in repr(caught.value)
        if fault is Fault.ERROR and expected is RefusedError:
            assert str(caught.value) == "No, no & no"
        camera.faults.clear()
        assert len((await client.fetch_recordings(ALL)).recordings) >= 20
        assert server.connections <= 1


@pytest.mark.parametrize("cgi", CALLS)
@pytest.mark.parametrize("fault", [Fault.FORBIDDEN, Fault.UNAUTHORIZED])
async def test_refused_without_need(
    camera: Camera, client: VapixClient, cgi: str, fault: Fault
) -> None:
    """After a good list it is about rights, for the list itself about the camera's mood or the log-in."""
    await client.fetch_recordings(ALL)
    camera.faults.set(cgi, fault)
    kinds = {Fault.FORBIDDEN: BusyError, Fault.UNAUTHORIZED: AuthenticationError}
    expected = kinds[fault] if cgi == LIST else VapixError
    with pytest.raises(expected):
        await CALLS[cgi](client)
    camera.faults.clear()
    await client.fetch_recordings(ALL)


async def test_slow_list(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list may take four times as long as anything else, as long as nobody knows how slow it is."""
    monkeypatch.setattr(
        vapix_http, "TIMEOUT", aiohttp.ClientTimeout(total=0.4, sock_read=0.2)
    )
    camera = Camera(recordings=1)
    async with CameraServer(camera) as server:
        client = connect(server)
        camera.faults.set(LIST, Fault.SLOW, step=1_000_000, delay=0.4)
        for _ in range(2):
            assert len((await client.fetch_recordings(ALL)).recordings) == 1
        # What is not a list takes no longer than before.
        camera.faults.set("disks/list.cgi", Fault.SLOW, step=1_000_000, delay=0.4)
        with pytest.raises(CameraTimeoutError):
            await client.fetch_disks()
        camera.faults.clear()
        await client.fetch_recordings(ALL)
        camera.faults.set(LIST, Fault.TIMEOUT)
        before = time.perf_counter()
        with pytest.raises(CameraTimeoutError):
            await client.fetch_recordings(ALL)
        assert time.perf_counter() - before < 0.7
        # One that has become slow is waited for as long as at first.
        camera.faults.set(LIST, Fault.SLOW, step=1_000_000, delay=0.4)
        assert len((await client.fetch_recordings(ALL)).recordings) == 1


async def test_wrong_content_type(camera: Camera, client: VapixClient) -> None:
    """XML is XML, whatever the camera calls it."""
    camera.faults.set("*", Fault.WRONG_CONTENT_TYPE, content_type="image/png")
    assert len((await client.fetch_recordings(ALL)).recordings) == 8
    assert len(await client.fetch_disks()) == 1


async def test_redirects_are_not_followed(camera: Camera, client: VapixClient) -> None:
    """A camera has no reason to send us elsewhere with our credentials."""
    async with CameraServer(Camera()) as other:
        camera.faults.set("*", Fault.REDIRECT, location=f"{other.url}/axis-cgi/{LIST}")
        with pytest.raises(RedirectError, match="302"):
            await client.fetch_recordings(ALL)
        with pytest.raises(RedirectError):
            async with client.listen():
                pass
        assert other.requests == []


async def test_huge_answer_is_not_read(
    camera: Camera, server: CameraServer, client: VapixClient
) -> None:
    """Of 200 MB no more is taken in than the limit and what was on its way."""
    camera.faults.set(LIST, Fault.HUGE, size=200_000_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(UnexpectedAnswerError, match="larger"):
        await client.fetch_recordings(ALL)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    camera.faults.clear()
    await client.fetch_recordings(ALL)
    assert max(each.bytes_sent for each in server.requests) < 12_000_000
    if sys.platform == "linux":
        assert grown < 40_000


async def test_compressed_bomb(scripted: ScriptedServer, connect: Connect) -> None:
    """The limit counts what comes out of the compression, though none was asked for."""
    bomb = gzip.compress(bytes(100_000_000))
    scripted.answers = [http(bomb, headers=("Content-Encoding: gzip",))]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(UnexpectedAnswerError, match="larger"):
        await connect(scripted).fetch_recordings(ALL)
    if sys.platform == "linux":
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        assert grown < 40_000
    assert "Accept-Encoding: identity" in scripted.requests[0]


@pytest.mark.parametrize(
    "answer",
    [
        b"220 mail.example.com ESMTP\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"HTTP/1.1 200 OK\r\nA: " + b"a" * 100_000 + b"\r\n\r\n",
    ],
)
async def test_something_else_than_http(
    scripted: ScriptedServer, connect: Connect, answer: bytes
) -> None:
    """Whatever answers there is no camera."""
    scripted.answers = [answer]
    client = connect(scripted)
    with pytest.raises(CameraConnectionError) as caught:
        await client.start_recording("SD_DISK")
    assert caught.value.sent
    assert len(scripted.requests) == 1


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("400 Bad Request", UnexpectedAnswerError),
        ("405 Method Not Allowed", NotSupportedError),
        ("429 Too Many Requests", BusyError),
        ("500 Internal Server Error", UnexpectedAnswerError),
        ("204 No Content", UnexpectedAnswerError),
    ],
)
async def test_status(
    scripted: ScriptedServer,
    connect: Connect,
    status: str,
    error: type[VapixError],
) -> None:
    """The other statuses, without a word of explanation."""
    scripted.answers = [http("", status=status)]
    with pytest.raises(error) as caught:
        await connect(scripted).fetch_recordings(ALL)
    assert type(caught.value) is error


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7),
        ("0", 1),
        ("99999", 600),
        ("-5", 30),
        ("nan", 30),
        ("inf", 30),
        ("9" * 5000, 30),
        ("Wed, 21 Oct 2026 07:28:00 GMT", 30),
    ],
)
async def test_retry_after(
    scripted: ScriptedServer, connect: Connect, text: str, seconds: float
) -> None:
    """The camera says when to come back, within reason."""
    scripted.answers = [
        http("", status="503 Busy", headers=(f"Retry-After: {text}",)),
    ]
    with pytest.raises(BusyError) as caught:
        await connect(scripted).fetch_recordings(ALL)
    assert caught.value.retry_after == seconds


async def test_connection_that_closes_each_time(connect: Connect) -> None:
    """HTTP as in the documentation, where each answer ends the connection."""
    camera = Camera(recordings=3, quirks=Quirks(keep_alive=False))
    async with CameraServer(camera) as server:
        client = connect(server)
        for _ in range(3):
            assert len((await client.fetch_recordings(ALL)).recordings) == 3
    assert [each.status for each in server.requests] == [401, 200, 200, 200]


async def test_idle_connection_was_closed(connect: Connect) -> None:
    """A read goes through although the camera has restarted meanwhile."""
    camera = Camera(recordings=3)
    async with CameraServer(camera) as server:
        client = connect(server)
        await client.fetch_recordings(ALL)
        camera.reboot()
        assert len((await client.fetch_recordings(ALL)).recordings) == 3


async def test_read_is_repeated_once(connect: Connect) -> None:
    """A read whose connection breaks does no harm when it is sent again."""
    camera = Camera(recordings=3)
    async with CameraServer(camera) as server:
        client = connect(server)
        await client.fetch_recordings(ALL)
        camera.faults.set(LIST, Fault.RESET, times=1)
        assert len((await client.fetch_recordings(ALL)).recordings) == 3
        camera.faults.set(LIST, Fault.RESET)
        before = len(server.requests)
        with pytest.raises(CameraConnectionError):
            await client.fetch_recordings(ALL)
        assert len(server.requests) == before + 2


async def test_date_header(scripted: ScriptedServer, connect: Connect) -> None:
    """The camera's clock, or nothing where it is absurd."""
    client = connect(scripted)
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    for header, expected in (
        ("Tue, 24 Nov 2026 12:00:00 GMT", noon),
        ("Tue, 24 Nov 2026 14:00:00 +0200", noon),
        ("Tue, 24 Nov 2026 12:00:00", noon),
        ("Thu, 01 Jan 1970 00:00:00 GMT", datetime(1970, 1, 1, tzinfo=UTC)),
        ("Tue, 01 Jan 1901 00:00:00 GMT", None),
        ("Fri, 31 Dec 9999 23:59:59 -2359", None),
        ("yesterday", None),
        ("", None),
    ):
        scripted.answers = [
            http("<root><recordings/></root>", headers=(f"Date: {header}",))
        ]
        assert (await client.fetch_recordings(ALL)).time == expected, header
    scripted.answers = [xml("<recordings/>")]
    assert (await client.fetch_recordings(ALL)).time == noon
