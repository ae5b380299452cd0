"""A name that leads elsewhere from one request to the next gives away no more than an address that does."""

from socket import AF_INET, AddressFamily
from typing import TYPE_CHECKING, override

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
import pytest

from custom_components.axis_recordings.vapix import (
    Address,
    CertificateError,
    InsecureLoginError,
    RecordingQuery,
    VapixClient,
    WrongCameraError,
)
from tests.camera import Account, Camera, CameraServer, Level, Quirks

from .test_slowness import CALLS

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

ALL = RecordingQuery(recording_id="all", limit=1)
NAME = "camera.example"
WHO = "/axis-cgi/basicdeviceinfo.cgi"


class Names(AbstractResolver):
    """Resolves every name to where a server is."""

    def __init__(self, server: CameraServer) -> None:
        """Begin with this one."""
        self.server = server

    @override
    async def resolve(
        self, host: str, port: int = 0, family: AddressFamily = AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=self.server.host,
                port=self.server.port,
                family=AF_INET,
                proto=0,
                flags=0,
            )
        ]

    @override
    async def close(self) -> None:
        pass


@pytest.fixture
def camera() -> Camera:
    """Return a camera that closes each connection, so that every request asks for its address."""
    return Camera(recordings=3, quirks=Quirks(keep_alive=False))


@pytest.fixture
def names(server: CameraServer) -> Names:
    """Let the name lead to the camera at first."""
    return Names(server)


@pytest.fixture
async def session(names: Names) -> AsyncGenerator[aiohttp.ClientSession]:
    """Return a session that asks for a name with each connection."""
    connector = aiohttp.TCPConnector(resolver=names, use_dns_cache=False)
    async with aiohttp.ClientSession(connector=connector) as session:
        yield session


def client_of(
    session: aiohttp.ClientSession, camera: Camera, fingerprint: str | None = None
) -> VapixClient:
    """Return a client for a camera, by the name."""
    address = Address(
        host=NAME,
        port=443 if fingerprint else 80,
        protocol="https" if fingerprint else "http",
        fingerprint=fingerprint,
    )
    return VapixClient(
        session, address, "operator", "operator-secret", serial=camera.serial
    )


async def test_another_device(
    session: aiohttp.ClientSession, camera: Camera, names: Names
) -> None:
    """Whatever else is in the network is asked who it is, and nothing more."""
    client = client_of(session, camera)
    await client.fetch_recordings(ALL)
    async with CameraServer(Camera(serial="ACCC8E000002")) as other:
        names.server = other
        with pytest.raises(WrongCameraError):
            await client.fetch_recordings(ALL)
        with pytest.raises(WrongCameraError):
            await client.start_recording("SD_DISK")
        assert {each.path for each in other.requests if each.status == 200} == {WHO}
        # What was meant for the camera's nonce is of no use to anybody else.
        assert len([each for each in other.requests if each.scheme]) <= 1


async def test_everything_that_is_asked(
    session: aiohttp.ClientSession, server: CameraServer, camera: Camera, names: Names
) -> None:
    """Videos, events and commands are no other than lists."""
    another = Camera(serial="ACCC8E000002", quirks=Quirks(keep_alive=False))
    async with CameraServer(another) as other:
        # Two ask who answers; when the camera started, it is asked without a log-in.
        for name in CALLS.keys() - {"fetch_device", "fetch_camera", "fetch_boot"}:
            names.server = server
            client = client_of(session, camera)
            await client.fetch_recordings(ALL)
            names.server = other
            with pytest.raises(WrongCameraError):
                await CALLS[name](client)
        assert {each.path for each in other.requests if each.status == 200} == {WHO}


async def test_between_challenge_and_answer(
    session: aiohttp.ClientSession, server: CameraServer, camera: Camera, names: Names
) -> None:
    """The answer to the camera's challenge goes to nobody else."""
    client = client_of(session, camera)
    async with CameraServer(Camera(serial="ACCC8E000002")) as other:

        def lead_elsewhere(_: object) -> None:
            if len(server.requests) == 2:
                names.server = other

        server.request_listeners.append(lead_elsewhere)
        with pytest.raises(WrongCameraError):
            await client.fetch_recordings(ALL)
        assert [each.path for each in other.requests] == [WHO]
        assert not [each for each in other.requests if each.scheme]


async def test_who_says_to_be_the_camera(
    session: aiohttp.ClientSession, camera: Camera, names: Names
) -> None:
    """It gets the answer to a challenge, as anybody in between does over HTTP, but no password."""
    client = client_of(session, camera)
    await client.fetch_recordings(ALL)
    impostor = Camera(serial=camera.serial, auth="basic")
    async with CameraServer(impostor) as other:
        names.server = other
        with pytest.raises(InsecureLoginError):
            await client.fetch_recordings(ALL)
        assert "Basic" not in {each.scheme for each in other.requests}


async def test_pinned_certificate(
    session: aiohttp.ClientSession, camera: Camera, names: Names
) -> None:
    """With a certificate, nothing is sent to anybody else."""
    impostor = Camera(serial=camera.serial)
    impostor.accounts["operator"] = Account("operator-secret", Level.OPERATOR)
    async with (
        CameraServer(camera, tls=True) as server,
        CameraServer(impostor, tls=True) as other,
    ):
        names.server = server
        client = client_of(session, camera, server.certificate_fingerprint)
        await client.fetch_recordings(ALL)
        names.server = other
        for _ in range(2):
            with pytest.raises(CertificateError):
                await client.fetch_recordings(ALL)
        with pytest.raises(CertificateError):
            await client.start_recording("SD_DISK")
        assert not other.requests
