"""Whoever answers has to be the camera that is meant, whatever the log-in and the certificate."""

from typing import TYPE_CHECKING, Literal

import pytest

from custom_components.axis_recordings.vapix import (
    AuthenticationError,
    CameraConnectionError,
    CertificateError,
    MissingRightsError,
    NotAxisError,
    RecordingKey,
    RecordingQuery,
    VapixClient,
    WrongCameraError,
)
from tests.camera import Account, Camera, CameraServer, Fault, Level, Quirks

from .conftest import address_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    import aiohttp
    from freezegun.api import FrozenDateTimeFactory

ALL = RecordingQuery(recording_id="all", limit=1)
WHO = "/axis-cgi/basicdeviceinfo.cgi"
OTHER = "ACCC8E000002"


@pytest.fixture
async def other(camera: Camera) -> AsyncGenerator[CameraServer]:
    """Put another camera of the same owner on the network."""
    async with CameraServer(Camera(serial=OTHER, model="AXIS M3215-LVE")) as other:
        yield other


@pytest.fixture
def client(session: aiohttp.ClientSession, server: CameraServer) -> VapixClient:
    """Return a client for the usual camera, and no other."""
    return client_for(session, server)


def client_for(
    session: aiohttp.ClientSession, server: CameraServer, username: str = "operator"
) -> VapixClient:
    """Return a client for the camera that is at an address now."""
    return VapixClient(
        session,
        address_of(server),
        username,
        f"{username}-secret",
        serial=server.camera.serial,
    )


def paths(server: CameraServer, since: int = 0) -> list[str]:
    """Return what was asked for."""
    return [each.path.removeprefix("/axis-cgi/") for each in server.requests[since:]]


async def test_new_software(client: VapixClient, camera: Camera) -> None:
    """What says so may answer otherwise than before, also if nobody has noticed that it was away."""
    assert await client.fetch_export_formats() == ("matroska",)
    camera.firmware = "13.0.1"
    camera.quirks = Quirks(export_formats=("mp4",))
    await client.start_recording("SD_DISK")
    assert await client.fetch_export_formats() == ("mp4",)


async def test_price(
    client: VapixClient,
    camera: Camera,
    server: CameraServer,
    freezer: FrozenDateTimeFactory,
) -> None:
    """One more request with each new nonce, for each command, and at first; else none."""
    camera.nonce_lifetime = 3600
    for _ in range(3):
        await client.fetch_recordings(ALL)
    poll, who = "record/list.cgi", "basicdeviceinfo.cgi"
    assert paths(server) == [who, poll, who, poll, poll, poll]
    since = len(server.requests)
    freezer.tick(3601)
    await client.fetch_recordings(ALL)
    await client.start_recording("SD_DISK")
    assert paths(server, since) == [poll, who, poll, who, "record/record.cgi"]


async def test_price_of_nonces_that_are_good_once(
    client: VapixClient,
    camera: Camera,
    server: CameraServer,
    other: CameraServer,
    freezer: FrozenDateTimeFactory,
) -> None:
    """One more request than without a proof, as the camera asks for a new log-in each time."""
    camera.quirks = other.camera.quirks = Quirks(nonce_uses="once")
    poll, who = "record/list.cgi", "basicdeviceinfo.cgi"
    for _ in range(5):
        await client.fetch_recordings(ALL)
    for seconds in (10, 30, 300):
        freezer.tick(seconds)
        since = len(server.requests)
        await client.fetch_recordings(ALL)
        assert paths(server, since) == [poll, who, poll]
    await server.swap_addresses(other)
    with pytest.raises(WrongCameraError):
        await client.fetch_recordings(ALL)
    assert not [each for each in other.requests if each.scheme]


async def test_nobody_asks_for_a_log_in(
    client: VapixClient, camera: Camera, server: CameraServer
) -> None:
    """An answer without a challenge is believed only after a proof, where each request waits for one."""
    camera.quirks = Quirks(nonce_uses="once")
    for _ in range(5):
        await client.fetch_recordings(ALL)
    since = len(server.requests)
    camera.faults.set("record/list.cgi", Fault.NO_RECORDINGS)
    await client.fetch_recordings(ALL)
    assert "basicdeviceinfo.cgi" in paths(server, since)
    camera.serial = OTHER
    with pytest.raises(WrongCameraError):
        await client.fetch_recordings(ALL)


async def test_other_camera(
    client: VapixClient, server: CameraServer, other: CameraServer
) -> None:
    """It is asked who it is, and gets no log-in; the error says which one it is."""
    await client.fetch_recordings(ALL)
    await server.swap_addresses(other)
    for _ in range(2):
        with pytest.raises(WrongCameraError) as caught:
            await client.fetch_recordings(ALL)
        assert (caught.value.serial, caught.value.model) == (OTHER, "AXIS M3215-LVE")
        assert not caught.value.sent
        assert OTHER not in str(caught.value)
    assert {each.path for each in other.requests if each.status == 200} == {WHO}
    # What was sent first had been meant for the other's nonce, and proves nothing to this one.
    assert len([each for each in other.requests if each.scheme]) == 1
    await server.swap_addresses(other)
    await client.fetch_recordings(ALL)


async def test_commands_ask_first(
    client: VapixClient, server: CameraServer, other: CameraServer
) -> None:
    """Another camera does not even hear of them."""
    await client.fetch_recordings(ALL)
    await server.swap_addresses(other)
    key = RecordingKey("SD_DISK", "20261124_120000_AAAA_B8A44F0A1B2C")
    for command in (
        client.start_recording("SD_DISK"),
        client.stop_recording(key),
        client.remove_recording(key),
        anext(client.mount_disk("SD_DISK")),
    ):
        with pytest.raises(WrongCameraError):
            await command
    assert {each.path for each in other.requests} == {WHO}


async def test_lost_proof_of_a_command(
    client: VapixClient, camera: Camera, server: CameraServer
) -> None:
    """Where nobody says who is there, nothing was started."""
    await client.fetch_recordings(ALL)
    camera.faults.set("basicdeviceinfo.cgi", Fault.RESET)
    with pytest.raises(CameraConnectionError) as caught:
        await client.start_recording("SD_DISK")
    assert not caught.value.sent
    assert "record/record.cgi" not in paths(server)


async def test_other_account(
    client: VapixClient, server: CameraServer, other: CameraServer
) -> None:
    """That the account is another one there says nothing of the password."""
    other.camera.accounts["operator"] = Account("another", Level.OPERATOR)
    await client.fetch_recordings(ALL)
    await server.swap_addresses(other)
    with pytest.raises(WrongCameraError):
        await client.fetch_recordings(ALL)


async def test_wrong_from_the_beginning(
    session: aiohttp.ClientSession, server: CameraServer, other: CameraServer
) -> None:
    """Nothing but the question is sent, neither by polls, nor streams, nor without a log-in."""
    client = client_for(session, server)
    await server.swap_addresses(other)
    for ask in (client.fetch_camera, client.fetch_boot, client.fetch_time_zone):
        with pytest.raises(WrongCameraError):
            await ask()
    for inspect in (
        client.http.inspect("/axis-cgi/record/list.cgi"),
        client.http.inspect("/axis-cgi/record/stop.cgi", once=True),
        client.http.inspect_socket("/vapix/ws-data-stream", {}),
    ):
        with pytest.raises(WrongCameraError):
            await inspect
    with pytest.raises(WrongCameraError):
        async with client.listen():
            pass
    key = RecordingKey("SD_DISK", "1")
    with pytest.raises(WrongCameraError):
        async with client.open_export(key, server.camera.clock.now()):
            pass
    assert {each.path for each in other.requests} == {WHO}
    assert not [each for each in other.requests if each.scheme]


async def test_pinned_certificate(session: aiohttp.ClientSession) -> None:
    """It is proof enough, in each handshake; at first and after a loss the serial number counts as well."""
    async with (
        CameraServer(Camera(), tls=True) as server,
        CameraServer(Camera(serial=OTHER), tls=True) as other,
    ):
        client = client_for(session, server)
        for _ in range(3):
            await client.fetch_recordings(ALL)
        asked = paths(server).count("basicdeviceinfo.cgi")
        await server.swap_addresses(other)
        with pytest.raises(CertificateError):
            await client.fetch_recordings(ALL)
        assert not other.requests
        await server.swap_addresses(other)
        await client.fetch_recordings(ALL)
        assert paths(server).count("basicdeviceinfo.cgi") == asked + 1


async def test_neither_certificate_nor_nonce(
    session: aiohttp.ClientSession,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where an authority vouches for the name alone, a pause is a reason to ask."""
    async with CameraServer(Camera(), tls=True) as server:
        client = client_for(session, server)
        # As if the one certificate were good for both.
        monkeypatch.setattr(client._http, "_certificate_check", False)
        object.__setattr__(client._http.address, "fingerprint", None)
        await client.fetch_recordings(ALL)
        asked = paths(server).count("basicdeviceinfo.cgi")
        freezer.tick(5)
        await client.fetch_recordings(ALL)
        assert paths(server).count("basicdeviceinfo.cgi") == asked
        freezer.tick(15)
        await client.fetch_recordings(ALL)
        assert paths(server).count("basicdeviceinfo.cgi") == asked + 1


@pytest.mark.parametrize("username", ["viewer", "operator"])
@pytest.mark.parametrize("version", [None, "1.1", "1.3"])
async def test_old_cameras(
    session: aiohttp.ClientSession,
    camera: Camera,
    server: CameraServer,
    other: CameraServer,
    username: str,
    version: Literal["1.1", "1.3"] | None,
) -> None:
    """Those that tell it only after a log-in are asked all the same."""
    camera.quirks = other.camera.quirks = Quirks(basic_device_info=version)
    client = client_for(session, server, username)
    await client.fetch_recordings(ALL)
    assert (await client.fetch_camera()).device.serial == camera.serial
    await server.swap_addresses(other)
    with pytest.raises(WrongCameraError):
        await client.fetch_recordings(ALL)
    await server.swap_addresses(other)
    await client.fetch_recordings(ALL)


async def test_nobody_says_who(client: VapixClient, camera: Camera) -> None:
    """A device that does not say which one it is, is not believed."""
    await client.fetch_recordings(ALL)
    client.doubt()
    camera.faults.set("basicdeviceinfo.cgi", Fault.NOT_FOUND)
    camera.faults.set("param.cgi", Fault.NOT_FOUND)
    with pytest.raises(NotAxisError):
        await client.fetch_recordings(ALL)
    camera.faults.clear()
    await client.fetch_recordings(ALL)


@pytest.mark.parametrize("version", [None, "1.3"])
async def test_wrong_password(
    session: aiohttp.ClientSession,
    camera: Camera,
    server: CameraServer,
    version: Literal["1.3"] | None,
) -> None:
    """One failed log-in, and it is about the account."""
    camera.quirks = Quirks(basic_device_info=version)
    camera.accounts["operator"] = Account("another", Level.OPERATOR)
    client = client_for(session, server)
    with pytest.raises(AuthenticationError):
        await client.fetch_recordings(ALL)
    assert len([each for each in server.requests if each.scheme]) == 1


@pytest.mark.parametrize("username", ["viewer", "operator"])
@pytest.mark.parametrize("version", [None, "1.1", "1.3"])
async def test_new_password(
    session: aiohttp.ClientSession,
    camera: Camera,
    server: CameraServer,
    username: str,
    version: Literal["1.1", "1.3"] | None,
) -> None:
    """It is about the account too where the proof needs a log-in, which has been good before."""
    camera.quirks = Quirks(basic_device_info=version)
    client = client_for(session, server, username)
    await client.fetch_recordings(ALL)
    account = camera.accounts[username]
    camera.accounts[username] = Account("another", account.level)
    camera.reboot()
    for _ in range(2):
        with pytest.raises(AuthenticationError):
            await client.fetch_recordings(ALL)
        client.doubt()
    camera.accounts[username] = account
    await client.fetch_recordings(ALL)


async def test_missing_rights(
    session: aiohttp.ClientSession, server: CameraServer
) -> None:
    """A refusal for want of rights is no other camera."""
    client = client_for(session, server, "viewer")
    await client.fetch_recordings(ALL)
    for _ in range(2):
        with pytest.raises(MissingRightsError):
            await client.fetch_disks()
    await client.fetch_recordings(ALL)
