"""The server: addresses, certificates, connections and what it notes."""

import asyncio
from hashlib import sha256
import ssl

import aiohttp
import pytest

from tests.camera import Camera, CameraServer, Quirks

from .caller import Caller, Serve, plain


async def fingerprint(session: aiohttp.ClientSession, server: CameraServer) -> str:
    """Get the fingerprint of the certificate that the server shows."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    _, writer = await asyncio.open_connection(server.host, server.port, ssl=context)
    shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    return sha256(shown).hexdigest()


async def test_certificate(session: aiohttp.ClientSession) -> None:
    """The fingerprint is that of the certificate, which may be renewed on the same port."""
    async with CameraServer(Camera(), tls=True) as server:
        caller = Caller(session, server)
        assert server.url == f"https://127.0.0.1:{server.port}"
        first = server.certificate_fingerprint
        assert first == await fingerprint(session, server)
        pinned = aiohttp.Fingerprint(bytes.fromhex(first))
        url = caller.url("usergroup.cgi")
        async with session.get(
            url, headers=caller.authorization, ssl=pinned
        ) as response:
            assert response.status == 200
        await server.renew_certificate()
        assert server.certificate_fingerprint != first
        assert server.certificate_fingerprint == await fingerprint(session, server)
        with pytest.raises(aiohttp.ServerFingerprintMismatch):
            await session.get(url, headers=caller.authorization, ssl=pinned)


async def test_no_certificate() -> None:
    """A server without TLS has none."""
    async with CameraServer(Camera()) as server:
        assert server.certificate_fingerprint is None
        with pytest.raises(RuntimeError):
            await server.renew_certificate()


async def test_connections(serve: Serve) -> None:
    """Connections stay open, unless the camera closes each."""
    camera = plain()
    async with serve(camera) as caller:
        for _ in range(3):
            assert "Connection" not in (await caller.get("usergroup.cgi")).headers
        assert caller.server.connections_made == 1
        camera.quirks = Quirks(keep_alive=False)
        for _ in range(3):
            assert (await caller.get("usergroup.cgi")).headers["Connection"] == "close"
        assert caller.server.connections_made == 3
        await asyncio.sleep(0.05)
        assert caller.server.connections == 0


@pytest.mark.parametrize("number", [0, 1, 1000])
async def test_bytes(serve: Serve, number: int) -> None:
    """Bytes are counted as they go over the wire."""
    async with serve(plain(recordings=number)) as caller:
        (authorization,) = caller.authorization.values()
        request = (
            "POST /axis-cgi/record/list.cgi HTTP/1.1\r\nHost: camera\r\n"
            f"Authorization: {authorization}\r\nConnection: close\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 15\r\n\r\n"
            "recordingid=all"
        ).encode()
        reader, writer = await asyncio.open_connection("127.0.0.1", caller.server.port)
        writer.write(request)
        answer = await reader.read()
        writer.close()
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
        assert answer.count(b"<video ") == number
        (exchange,) = caller.server.requests
        assert exchange.bytes_received == len(request)
        assert exchange.bytes_sent == len(answer)
        assert (exchange.method, exchange.path) == ("POST", "/axis-cgi/record/list.cgi")
        assert (exchange.scheme, exchange.user) == ("Basic", "administrator")


async def test_two_servers(session: aiohttp.ClientSession) -> None:
    """Several cameras may be up at once."""
    async with (
        CameraServer(plain(serial="ACCC8E000001")) as one,
        CameraServer(plain(serial="ACCC8E000002")) as other,
    ):
        for server in (one, other):
            group = "Properties.System.SerialNumber"
            reply = await Caller(session, server).get(
                "param.cgi", action="list", group=group
            )
            assert reply.text == f"root.{group}={server.camera.serial}\n"


@pytest.mark.parametrize("tls", [False, True])
async def test_swapped_addresses(session: aiohttp.ClientSession, tls: bool) -> None:
    """Each camera answers at the other's address, with its own certificate."""
    async with (
        CameraServer(plain(serial="ACCC8E000001"), tls=tls) as one,
        CameraServer(plain(serial="ACCC8E000002"), tls=tls) as two,
    ):
        callers = Caller(session, one), Caller(session, two)
        urls, pinned = (
            (one.url, two.url),
            (
                one.certificate_fingerprint,
                two.certificate_fingerprint,
            ),
        )
        for caller in callers:
            await caller.get("usergroup.cgi")
        await one.swap_addresses(two)
        assert (two.url, one.url) == urls
        assert (one.certificate_fingerprint, two.certificate_fingerprint) == pinned
        for caller in callers:
            answer = await caller.get("param.cgi", action="list", group="Properties")
            assert caller.server.camera.serial in answer.text
