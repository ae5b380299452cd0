"""Adding a camera, logging in anew, changing its address."""

import asyncio
from contextlib import asynccontextmanager
import socket
import ssl
import time
from typing import TYPE_CHECKING, Any, override
from unittest.mock import patch

from aiohttp import ClientTimeout, ThreadedResolver
from homeassistant.config_entries import (
    SOURCE_REAUTH,
    ConfigFlowResult,
)
from homeassistant.const import (
    CONF_PASSWORD,
    CONF_PORT,
    CONF_PROTOCOL,
    CONF_USERNAME,
    STATE_OFF,
)
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.aiohttp_client import async_get_clientsession
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_socket import socket_allow_hosts

from custom_components.axis_recordings.const import (
    CONF_CONNECTION,
    CONF_FINGERPRINT,
    CONF_READ_ONLY,
    DOMAIN,
)
from custom_components.axis_recordings.flow import connect
from custom_components.axis_recordings.vapix import (
    DEFAULT_PORTS,
    CameraConnectionError,
    MissingRightsError,
    VapixClient,
)
from tests.camera import Camera, CameraServer, Disk, Fault, Quirks
from tests.camera.cgi import ROUTES

from .common import LIST, SWITCH, pass_time, set_up, state_of
from .flows import (
    begin,
    choose,
    data_of,
    expect_abort,
    expect_entry,
    expect_form,
    expect_working,
    login,
    submit,
    suggested,
    typed,
    with_colons,
)
from .translations import complete_texts  # noqa: F401 - for all tests here

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from aiohttp.abc import ResolveResult
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant

CGI = LIST.removeprefix("/axis-cgi/")

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")


@pytest.fixture
async def secure_entry(
    hass: HomeAssistant, camera: Camera, secure: CameraServer
) -> MockConfigEntry:
    """Return the config entry of the camera with a pinned certificate, set up."""
    entry = MockConfigEntry(
        domain=DOMAIN,
        title=camera.name,
        unique_id=camera.serial,
        data=data_of(secure, CONF_FINGERPRINT),
    )
    entry.add_to_hass(hass)
    await set_up(hass, entry)
    return entry


@pytest.fixture
async def short_timeout(
    freezer: FrozenDateTimeFactory, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[None]:
    """Let time pass, but do not wait as long as for a real camera."""
    monkeypatch.setattr(
        "custom_components.axis_recordings.vapix.http.TIMEOUT",
        ClientTimeout(total=2, connect=0.2, sock_read=0.3),
    )

    async def run_clock() -> None:
        while True:
            await asyncio.to_thread(time.sleep, 0.01)
            freezer.tick(0.01)

    clock = asyncio.create_task(run_clock())
    yield
    clock.cancel()


class Resolver(ThreadedResolver):
    """Knows this machine, and no other."""

    real_close = ThreadedResolver.close

    @override
    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,
    ) -> list[ResolveResult]:
        if host != "localhost":
            raise OSError(None, "Domain name not found")
        return await super().resolve(host, port, family)


@pytest.fixture
async def names() -> AsyncGenerator[None]:
    """Let names of hosts be looked up, as on a real system."""
    with patch(
        "homeassistant.helpers.aiohttp_client._async_make_resolver",
        return_value=Resolver(),
    ):
        yield


@pytest.fixture
def ipv6() -> None:
    """Let the test reach an IPv6 address."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("This machine has no IPv6")
    socket_allow_hosts(["127.0.0.1", "::1"])


async def expect_recovery(
    hass: HomeAssistant, result: ConfigFlowResult, server: CameraServer
) -> None:
    """See that the same form leads on once the error is gone."""
    result = await submit(hass, result, typed(server, protocol="http"))
    expect_entry(result, data_of(server))


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


@asynccontextmanager
async def silence(port: int = 0) -> AsyncGenerator[int]:
    """Take connections on a port, and say nothing."""

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.read(1000):
                pass
        finally:
            writer.close()

    server = await asyncio.start_server(hold, "127.0.0.1", port)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        server.close_clients()


async def test_http(hass: HomeAssistant, server: CameraServer) -> None:
    """A camera on plain HTTP asks for Digest; the password is not on the wire."""
    result = await begin(hass)
    result = await submit(hass, result, typed(server, protocol="http"))
    expect_entry(result, data_of(server))
    assert {each.scheme for each in server.requests} == {None, "Digest"}
    assert result["result"].unique_id == server.camera.serial


async def test_untrusted_certificate(hass: HomeAssistant, secure: CameraServer) -> None:
    """The owner compares the fingerprint before anything is sent, and it is pinned."""
    result = await begin(hass)
    result = await submit(hass, result, typed(secure, protocol="https"))
    expect_form(result, "certificate")
    assert result["description_placeholders"] == {
        "host": secure.host,
        "fingerprint": with_colons(secure),
    }
    assert not secure.requests, "neither a password nor anything else was sent"

    result = await submit(hass, result)
    expect_entry(result, data_of(secure, CONF_FINGERPRINT))
    assert {each.scheme for each in secure.requests} == {None, "Basic"}


async def test_trusted_certificate(hass: HomeAssistant, secure: CameraServer) -> None:
    """Where an authority vouches for it, nothing is asked and nothing is pinned."""
    pem = await hass.async_add_executor_job(
        ssl.get_server_certificate, (secure.host, secure.port)
    )
    connector: Any = async_get_clientsession(hass).connector
    connector._ssl.load_verify_locations(cadata=pem)

    result = await begin(hass)
    result = await submit(hass, result, typed(secure))
    expect_entry(result, data_of(secure))


@pytest.mark.parametrize("protocol", ["automatic", "https"])
async def test_usual_port_of_https(
    hass: HomeAssistant,
    secure: CameraServer,
    monkeypatch: pytest.MonkeyPatch,
    protocol: str,
) -> None:
    """Without a port the usual one is taken, and HTTPS comes first."""
    monkeypatch.setitem(DEFAULT_PORTS, "https", secure.port)
    result = await begin(hass)
    connection = {CONF_PROTOCOL: protocol}
    result = await submit(hass, result, typed(secure, connection=connection))
    expect_form(result, "certificate")
    result = await submit(hass, result)
    expect_entry(result, data_of(secure, CONF_FINGERPRINT))


@pytest.mark.parametrize("protocol", ["automatic", "http"])
async def test_usual_port_of_http(
    hass: HomeAssistant,
    server: CameraServer,
    monkeypatch: pytest.MonkeyPatch,
    protocol: str,
) -> None:
    """Where nobody listens to HTTPS, HTTP is tried."""
    monkeypatch.setitem(DEFAULT_PORTS, "https", free_port())
    monkeypatch.setitem(DEFAULT_PORTS, "http", server.port)
    result = await begin(hass)
    connection = {CONF_PROTOCOL: protocol}
    result = await submit(hass, result, typed(server, connection=connection))
    expect_entry(result, data_of(server))


async def test_http_on_the_port_that_https_is_tried_on(
    hass: HomeAssistant, server: CameraServer
) -> None:
    """A port alone does not report the protocol."""
    result = await submit(hass, await begin(hass), typed(server))
    expect_entry(result, data_of(server))


@pytest.mark.usefixtures("short_timeout")
async def test_https_that_says_nothing(
    hass: HomeAssistant, server: CameraServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A firewall in front of HTTPS does not hide HTTP."""
    async with silence() as port:
        monkeypatch.setitem(DEFAULT_PORTS, "https", port)
        monkeypatch.setitem(DEFAULT_PORTS, "http", server.port)
        connection = {CONF_PROTOCOL: "automatic"}
        result = await submit(
            hass, await begin(hass), typed(server, connection=connection)
        )
    expect_entry(result, data_of(server))


@pytest.mark.parametrize(
    "host",
    [
        "http://127.0.0.1:{port}",
        "HTTP://root:pass@127.0.0.1:{port}/camera/index.html#/video",
        " 127.0.0.1:{port} ",
    ],
)
async def test_port_in_the_address(
    hass: HomeAssistant, server: CameraServer, host: str
) -> None:
    """What the address says goes before what the section says."""
    host = host.format(port=server.port)
    connection = {CONF_PROTOCOL: "http", CONF_PORT: free_port()}
    result = await submit(
        hass, await begin(hass), typed(server, host=host, connection=connection)
    )
    expect_entry(result, data_of(server))


async def test_web_address_without_a_port(
    hass: HomeAssistant, server: CameraServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It means the usual port, whatever the section says."""
    monkeypatch.setitem(DEFAULT_PORTS, "http", server.port)
    connection = {CONF_PROTOCOL: "https", CONF_PORT: free_port()}
    user_input = typed(server, host="http://127.0.0.1/", connection=connection)
    result = await submit(hass, await begin(hass), user_input)
    expect_entry(result, data_of(server))


@pytest.mark.usefixtures("ipv6")
@pytest.mark.parametrize("host", ["::1", "[::1]", "http://[::1]:{port}/"])
async def test_ipv6(hass: HomeAssistant, camera: Camera, host: str) -> None:
    """An IPv6 address is taken with and without brackets."""
    async with CameraServer(camera, host="::1") as server:
        host = host.format(port=server.port)
        user_input = typed(server, host=host, protocol="http")
        result = await submit(hass, await begin(hass), user_input)
        expect_entry(result, data_of(server))


@pytest.mark.usefixtures("names")
async def test_name(hass: HomeAssistant, server: CameraServer) -> None:
    """A name is kept as a name, as its address may change."""
    user_input = typed(server, host="LocalHost", protocol="http")
    result = await submit(hass, await begin(hass), user_input)
    expect_entry(result, data_of(server, host="localhost"))


async def test_nothing_is_lost_but_the_password(
    hass: HomeAssistant, server: CameraServer
) -> None:
    """A form with an error still holds what was typed."""
    user_input = typed(server, host="front camera")
    result = await submit(hass, await begin(hass), user_input)
    expect_form(result, "user", host="invalid_host")
    del user_input[CONF_PASSWORD]
    assert suggested(result) == user_input
    assert not server.requests
    await expect_recovery(hass, result, server)


async def test_nobody_there(hass: HomeAssistant, server: CameraServer) -> None:
    """The reason is reported in the form."""
    connection = {CONF_PROTOCOL: "automatic", CONF_PORT: free_port()}
    result = await begin(hass)
    result = await submit(hass, result, typed(server, connection=connection))
    expect_form(result, "user", base="cannot_connect")
    placeholders = result["description_placeholders"]
    assert placeholders
    assert placeholders["reason"].startswith("The camera can't be reached")
    await expect_recovery(hass, result, server)


@pytest.mark.usefixtures("names")
async def test_unknown_host(hass: HomeAssistant, server: CameraServer) -> None:
    """A name that nobody knows."""
    user_input = typed(server, host="camera.invalid")
    result = await submit(hass, await begin(hass), user_input)
    expect_form(result, "user", base="cannot_connect")
    assert result["description_placeholders"] == {
        "reason": "The camera's name can't be resolved"
    }
    await expect_recovery(hass, result, server)


@pytest.mark.usefixtures("short_timeout")
@pytest.mark.parametrize("protocol", ["automatic", "https", "http"])
async def test_time_out(
    hass: HomeAssistant, server: CameraServer, protocol: str
) -> None:
    """Somebody takes the connection and never answers."""
    async with silence() as port:
        connection = {CONF_PROTOCOL: protocol, CONF_PORT: port}
        result = await begin(hass)
        result = await submit(hass, result, typed(server, connection=connection))
        expect_form(result, "user", base="time_out")
    await expect_recovery(hass, result, server)


@pytest.mark.usefixtures("short_timeout")
async def test_first_reason_is_shown(
    hass: HomeAssistant, server: CameraServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HTTP was only a guess, so why it did not work helps nobody."""
    monkeypatch.setitem(DEFAULT_PORTS, "http", free_port())
    async with silence() as port:
        monkeypatch.setitem(DEFAULT_PORTS, "https", port)
        connection = {CONF_PROTOCOL: "automatic"}
        result = await begin(hass)
        result = await submit(hass, result, typed(server, connection=connection))
        expect_form(result, "user", base="time_out")
    await expect_recovery(hass, result, server)


@pytest.mark.usefixtures("short_timeout")
async def test_https_is_there_but_slow(
    hass: HomeAssistant, secure: CameraServer
) -> None:
    """What was agreed to before the time-out is not asked again."""
    result = await submit(hass, await begin(hass), typed(secure))
    expect_form(result, "certificate")
    secure.camera.faults.set("*", Fault.TIMEOUT)
    result = await submit(hass, result)
    expect_form(result, "user", base="time_out")
    secure.camera.faults.clear()
    result = await submit(hass, result, typed(secure))
    expect_entry(result, data_of(secure, CONF_FINGERPRINT))


def everywhere(fault: Fault) -> Callable[[Camera], None]:
    """Make every CGI go wrong."""
    return lambda camera: camera.faults.set("*", fault)


def in_the_list(fault: Fault, **options: Any) -> Callable[[Camera], None]:
    """Make the list of recordings go wrong."""
    return lambda camera: camera.faults.set(CGI, fault, **options)


ERRORS = (
    (everywhere(Fault.NOT_FOUND), "not_axis"),
    (everywhere(Fault.HTML), "not_axis"),
    (everywhere(Fault.UNAVAILABLE), "busy"),
    (everywhere(Fault.RESET), "cannot_connect"),
    (in_the_list(Fault.NOT_FOUND), "no_recording_api"),
    (in_the_list(Fault.HTML), "unexpected_answer"),
    (in_the_list(Fault.EMPTY), "unexpected_answer"),
    (in_the_list(Fault.TRUNCATED), "cannot_connect"),
    (in_the_list(Fault.ENTITY_BOMB), "unexpected_answer"),
    (in_the_list(Fault.REDIRECT), "redirected"),
    (in_the_list(Fault.FORBIDDEN), "forbidden"),
    (in_the_list(Fault.ERROR, message="Storage is being set up"), "refused"),
)
"""What a camera does, and the error that tells of it."""


async def test_error_of_the_camera(
    hass: HomeAssistant, server: CameraServer, subtests: pytest.Subtests
) -> None:
    """Each has its own words, and the same form leads on."""
    result = await begin(hass)
    for number, (break_camera, error) in enumerate(ERRORS):
        with subtests.test(error, number=number):
            break_camera(server.camera)
            result = await submit(hass, result, typed(server, protocol="http"))
            expect_form(result, "user", base=error)
            placeholders = result["description_placeholders"]
            assert placeholders
            assert placeholders["reason"]
            assert "secret" not in str(placeholders)
            if error == "refused":
                assert placeholders["reason"] == "Storage is being set up"
        server.camera.faults.clear()
    await expect_recovery(hass, result, server)


STATUSES = (
    (400, "unexpected_answer", "status 400"),
    (403, "forbidden", "403"),
    (404, "not_axis", "AXIS"),
    (429, "busy", "busy"),
    (500, "unexpected_answer", "status 500"),
    (502, "cannot_connect", "proxy"),
    (503, "busy", "starting"),
    (504, "cannot_connect", "proxy"),
)
"""A status, the error that tells of it, and some of its words."""


@pytest.mark.parametrize("is_let_in", [True, False])
async def test_status_everywhere(
    hass: HomeAssistant,
    server: CameraServer,
    monkeypatch: pytest.MonkeyPatch,
    subtests: pytest.Subtests,
    is_let_in: bool,
) -> None:
    """Each status is reported as what it is, with and without a log-in before it."""
    if not is_let_in:
        monkeypatch.setattr(
            server._gate, "admit", lambda _, call: (ROUTES[call.path], call)
        )
    result = await begin(hass)
    for status, error, words in STATUSES:
        with subtests.test(status=status):
            server.camera.faults.set("*", Fault.STATUS, status=status)
            result = await submit(hass, result, typed(server, protocol="http"))
            expect_form(result, "user", base=error)
            assert words in (result["description_placeholders"] or {})["reason"]
    monkeypatch.undo()
    server.camera.faults.clear()
    await expect_recovery(hass, result, server)


@pytest.mark.parametrize(
    ("protocol", "location", "error", "words"),
    [
        ("http", "https://127.0.0.1/x", "https_required", "HTTPS, on port 443"),
        ("http", "https://127.0.0.1:8443/", "https_required", "8443"),
        ("automatic", "https://127.0.0.1/x", "https_required", "443"),
        ("automatic", "https://127.0.0.1:{port}/", "https_fails", "speak HTTPS"),
        ("http", "https://portal.example/", "redirected", "portal.example"),
        ("http", "/login.html", "redirected", "another page"),
    ],
)
async def test_redirect(
    hass: HomeAssistant,
    server: CameraServer,
    subtests: pytest.Subtests,
    protocol: str,
    location: str,
    error: str,
    words: str,
) -> None:
    """A camera that requires HTTPS is an AXIS camera all the same."""
    location = location.format(port=server.port)
    result = await begin(hass)
    for status in (301, 302, 303, 307, 308):
        with subtests.test(status=status):
            server.camera.faults.set(
                "*", Fault.REDIRECT, status=status, location=location
            )
            result = await submit(hass, result, typed(server, protocol=protocol))
            expect_form(result, "user", base=error)
            assert words in (result["description_placeholders"] or {})["reason"]
    server.camera.faults.clear()
    await expect_recovery(hass, result, server)


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/cameras/1", "path_passed_over"),
        ("/cameras/1/", "path_passed_over"),
        ("/", "not_axis"),
        ("", "not_axis"),
    ],
)
async def test_camera_behind_a_path(
    hass: HomeAssistant, server: CameraServer, path: str, error: str
) -> None:
    """A path is passed over, and where nothing is found without it, that is reported."""
    server.camera.faults.set("*", Fault.NOT_FOUND)
    host = f"{server.url}{path}"
    result = await submit(hass, await begin(hass), typed(server, host=host))
    expect_form(result, "user", base=error)
    if path.strip("/"):
        assert (result["description_placeholders"] or {})["path"] == "/cameras/1"


@pytest.mark.parametrize(
    "wrong",
    [
        {CONF_PASSWORD: "wrong"},
        {CONF_PASSWORD: ""},
        {CONF_USERNAME: "nobody"},
        {CONF_USERNAME: "Operator"},
    ],
)
async def test_wrong_account(
    hass: HomeAssistant, server: CameraServer, wrong: dict[str, str]
) -> None:
    """User name or password are wrong."""
    user_input = typed(server, protocol="http") | wrong
    result = await submit(hass, await begin(hass), user_input)
    expect_form(result, "user", base="invalid_auth")
    await expect_recovery(hass, result, server)


async def test_account_without_rights(
    hass: HomeAssistant, server: CameraServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An account that may not even view, on a camera that says so."""

    async def refuse(_: VapixClient) -> Camera:
        message = "The account may not use /axis-cgi/record/list.cgi"
        raise MissingRightsError(message)

    result = await begin(hass)
    with monkeypatch.context() as patched:
        patched.setattr(VapixClient, "fetch_camera", refuse)
        result = await submit(hass, result, typed(server, protocol="http"))
    expect_form(result, "user", base="missing_rights")
    await expect_recovery(hass, result, server)


async def test_lock_out(
    hass: HomeAssistant, server: CameraServer, freezer: FrozenDateTimeFactory
) -> None:
    """Who has tried too often has to wait, and hears so."""
    result = await begin(hass)
    user_input = typed(server, protocol="http", password="wrong")
    for _ in range(20):
        result = await submit(hass, result, user_input)
        expect_form(result, "user", base="invalid_auth")
    result = await submit(hass, result, typed(server, protocol="http"))
    expect_form(result, "user", base="busy")
    freezer.tick(11)
    await expect_recovery(hass, result, server)


async def test_clear_text(hass: HomeAssistant, server: CameraServer) -> None:
    """A password is never sent in clear text."""
    server.camera.auth = "basic"
    result = await begin(hass)
    result = await submit(hass, result, typed(server, protocol="http"))
    expect_form(result, "user", base="insecure_login")
    assert {each.scheme for each in server.requests} == {None}
    server.camera.auth = "recommended"
    await expect_recovery(hass, result, server)


async def test_unexpected_error(
    hass: HomeAssistant,
    server: CameraServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A fault of ours is reported and logged."""
    result = await begin(hass)
    with monkeypatch.context() as patched:
        patched.setattr(connect, "create_client", {}.__getitem__)
        result = await submit(hass, result, typed(server, protocol="http"))
    expect_form(result, "user", base="unknown")
    assert "Unexpected error while connecting to a camera" in caplog.text
    caplog.clear()
    await expect_recovery(hass, result, server)


async def test_disk_is_out(hass: HomeAssistant, server: CameraServer) -> None:
    """A camera without a disk can't record; with one it can be added."""
    disk = server.camera.detach_disk("SD_DISK")
    result = await begin(hass)
    result = await submit(hass, result, typed(server, protocol="http"))
    expect_form(result, "user", base="no_disk")
    server.camera.attach_disk(disk)
    await expect_recovery(hass, result, server)


async def test_no_place_for_a_disk(hass: HomeAssistant, server: CameraServer) -> None:
    """A camera without a slot and without a network share."""
    server.camera.disks.clear()
    result = await begin(hass)
    result = await submit(hass, result, typed(server, protocol="http"))
    expect_form(result, "user", base="no_disk")
    server.camera.attach_disk(Disk("NetworkShare"))
    await expect_recovery(hass, result, server)


async def test_camera_that_can_not_list_disks(
    hass: HomeAssistant, server: CameraServer
) -> None:
    """It is given the benefit of the doubt."""
    server.camera.faults.set("disks/list.cgi", Fault.NOT_FOUND)
    await expect_recovery(hass, await begin(hass), server)


async def test_broken_disk(hass: HomeAssistant, server: CameraServer) -> None:
    """A disk in trouble is still there to read from."""
    server.camera.disks["SD_DISK"].status = "failed"
    await expect_recovery(hass, await begin(hass), server)


async def test_old_camera(hass: HomeAssistant, server: CameraServer) -> None:
    """One that tells who it is by its parameters only."""
    server.camera.quirks = Quirks(
        basic_device_info=None, api_discovery=None, system_ready=False, time_api=False
    )
    server.camera.qop = False
    await expect_recovery(hass, await begin(hass), server)


@pytest.mark.parametrize("status", [401, 403])
async def test_viewer(hass: HomeAssistant, server: CameraServer, status: Any) -> None:
    """A viewer account hears what it can't do, and may go on."""
    server.camera.quirks = Quirks(insufficient_rights=status)
    result = await begin(hass)
    result = await submit(hass, result, typed(server, "viewer", protocol="http"))
    assert result["type"] is FlowResultType.MENU
    assert result["step_id"] == "viewer"
    assert result["menu_options"] == ["read_only", "user"]
    assert result["description_placeholders"] == {"username": "viewer"}
    result = await choose(hass, result, "read_only")
    data = data_of(server, **login("viewer"), **{CONF_READ_ONLY: True})
    expect_entry(result, data)
    assert hass.states.get(SWITCH) is None


async def test_viewer_takes_another_account(
    hass: HomeAssistant, server: CameraServer
) -> None:
    """The form is filled with what was typed."""
    result = await begin(hass)
    user_input = typed(server, "viewer", protocol="http")
    result = await submit(hass, result, user_input)
    result = await choose(hass, result, "user")
    expect_form(result, "user")
    del user_input[CONF_PASSWORD]
    assert suggested(result) == user_input
    await expect_recovery(hass, result, server)
    assert state_of(hass, SWITCH) == STATE_OFF


async def test_certificate_is_asked_once(
    hass: HomeAssistant, secure: CameraServer
) -> None:
    """Who has agreed to it and then mistyped the password does not see it again."""
    result = await begin(hass)
    result = await submit(hass, result, typed(secure, password="wrong"))
    expect_form(result, "certificate")
    result = await submit(hass, result)
    expect_form(result, "user", base="invalid_auth")
    result = await submit(hass, result, typed(secure))
    expect_entry(result, data_of(secure, CONF_FINGERPRINT))


async def test_certificate_changes_meanwhile(
    hass: HomeAssistant, secure: CameraServer
) -> None:
    """What was agreed to is not what is there: it is asked again, in other words."""
    result = await submit(hass, await begin(hass), typed(secure))
    expect_form(result, "certificate")
    agreed = with_colons(secure)
    await secure.renew_certificate()
    result = await submit(hass, result)
    expect_form(result, "certificate_changed")
    assert not secure.requests
    assert result["description_placeholders"] == {
        "host": secure.host,
        "fingerprint": with_colons(secure),
    }
    assert with_colons(secure) != agreed
    result = await submit(hass, result)
    expect_entry(result, data_of(secure, CONF_FINGERPRINT))


async def test_certificate_can_not_be_read(
    hass: HomeAssistant, secure: CameraServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The camera goes away right before its certificate is to be shown."""

    async def fail(*_: Any) -> str:
        message = "The connection to the camera broke"
        raise CameraConnectionError(message)

    result = await begin(hass)
    with monkeypatch.context() as patched:
        patched.setattr(connect, "fetch_fingerprint", fail)
        result = await submit(hass, result, typed(secure))
    expect_form(result, "user", base="cannot_connect")
    result = await submit(hass, result, typed(secure))
    expect_form(result, "certificate")
    result = await submit(hass, result)
    expect_entry(result, data_of(secure, CONF_FINGERPRINT))


@pytest.mark.usefixtures("names")
async def test_same_camera_twice(
    hass: HomeAssistant, loaded: MockConfigEntry, server: CameraServer
) -> None:
    """Under the same and under another address it is the same camera."""
    for host in (server.host, "localhost"):
        user_input = typed(server, host=host, protocol="http")
        result = await submit(hass, await begin(hass), user_input)
        expect_abort(result, "already_configured")
    assert hass.config_entries.async_entries(DOMAIN) == [loaded]
    assert loaded.data == data_of(server)


async def test_two_windows(hass: HomeAssistant, server: CameraServer) -> None:
    """One that was left open neither stands in the way nor adds the camera again."""
    left_open = await begin(hass)
    at_menu = await submit(
        hass, await begin(hass), typed(server, "viewer", protocol="http")
    )
    assert at_menu["type"] is FlowResultType.MENU
    await expect_recovery(hass, await begin(hass), server)
    flows = [flow["flow_id"] for flow in hass.config_entries.flow.async_progress()]
    assert flows == [left_open["flow_id"]], "Home Assistant has closed the other"
    result = await submit(hass, left_open, typed(server, protocol="http"))
    expect_abort(result, "already_configured")


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("Garden", "Garden"),
        ("", "AXIS P3265-LVE"),
        ("AXIS P3265-LVE - B8A44F0A1B2C", "AXIS P3265-LVE"),
    ],
)
async def test_title(
    hass: HomeAssistant, server: CameraServer, name: str, title: str
) -> None:
    """The camera's own name, if its owner gave it one; else its model."""
    server.camera.name = name
    result = await begin(hass)
    result = await submit(hass, result, typed(server, protocol="http"))
    expect_entry(result, data_of(server), title=title)


@pytest.mark.parametrize("fault", [Fault.UNAUTHORIZED, Fault.FORBIDDEN, Fault.ERROR])
async def test_title_without_parameters(
    hass: HomeAssistant, server: CameraServer, fault: Fault
) -> None:
    """An account that may not read the camera's name is as good as any other."""
    server.camera.faults.set("param.cgi", fault)
    result = await begin(hass)
    result = await submit(hass, result, typed(server, protocol="http"))
    expect_entry(result, data_of(server), title="AXIS P3265-LVE")


@pytest.mark.parametrize("name", ["Garden", ""])
async def test_two_of_the_same_title(
    hass: HomeAssistant, camera: Camera, server: CameraServer, name: str
) -> None:
    """The second one has a part of its serial number in it."""
    camera.name = name
    title = name or camera.model
    result = await begin(hass)
    result = await submit(hass, result, typed(server, protocol="http"))
    expect_entry(result, data_of(server), title=title)
    async with CameraServer(Camera(name=name, serial="ACCC8E123456")) as other:
        result = await begin(hass)
        result = await submit(hass, result, typed(other, protocol="http"))
        expect_entry(result, data_of(other), title=f"{title} 123456")


@pytest.mark.parametrize(
    ("name_by_user", "title"), [("Gate", "Gate"), (None, "Front camera")]
)
async def test_title_of_the_core_integration(
    hass: HomeAssistant,
    camera: Camera,
    server: CameraServer,
    device_registry: dr.DeviceRegistry,
    name_by_user: str | None,
    title: str,
) -> None:
    """Whoever has named the camera in Home Assistant's own integration knows it by that name."""
    axis = MockConfigEntry(domain="axis")
    axis.add_to_hass(hass)
    device = device_registry.async_get_or_create(
        config_entry_id=axis.entry_id,
        identifiers={("axis", camera.serial)},
        connections={(dr.CONNECTION_NETWORK_MAC, dr.format_mac(camera.serial))},
        name="AXIS P3265-LVE 0",
    )
    device_registry.async_update_device(device.id, name_by_user=name_by_user)
    result = await begin(hass)
    result = await submit(hass, result, typed(server, protocol="http"))
    expect_entry(result, data_of(server), title=title)


async def test_reauthentication(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    server: CameraServer,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A new password on the camera is asked for by itself."""
    server.camera.accounts["operator"].password = "new-secret"
    await pass_time(hass, freezer)
    (result,) = hass.config_entries.flow.async_progress()
    assert result["context"]["source"] == SOURCE_REAUTH
    assert result["step_id"] == "reauth_confirm"

    result = await submit(hass, result, login())
    expect_form(result, "reauth_confirm", base="invalid_auth")
    assert suggested(result) == {CONF_USERNAME: "operator"}
    result = await submit(hass, result, login(password="new-secret"))
    expect_abort(result, "reauth_successful")
    await expect_working(hass, loaded, data_of(server, password="new-secret"))


async def test_reauthentication_without_an_answer(
    hass: HomeAssistant, loaded: MockConfigEntry, server: CameraServer
) -> None:
    """A camera that is away can be logged in to when it is back."""
    await server.close()
    result = await loaded.start_reauth_flow(hass)
    expect_form(result, "reauth_confirm")
    assert suggested(result) == {CONF_USERNAME: "operator"}
    result = await submit(hass, result, login())
    expect_form(result, "reauth_confirm", base="cannot_connect")
    await server.start()
    result = await submit(hass, result, login())
    expect_abort(result, "reauth_successful")
    await expect_working(hass, loaded, data_of(server))


async def test_reauthentication_with_an_unexpected_error(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    server: CameraServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A fault of ours is logged, and the form comes all the same."""
    with monkeypatch.context() as patched:
        patched.setattr(connect, "create_client", {}.__getitem__)
        result = await loaded.start_reauth_flow(hass)
    expect_form(result, "reauth_confirm")
    assert "unexpected error (reauthentication)" in caplog.text
    caplog.clear()
    result = await submit(hass, result, login())
    expect_abort(result, "reauth_successful")


async def test_reauthentication_without_a_disk(
    hass: HomeAssistant, loaded: MockConfigEntry, server: CameraServer
) -> None:
    """A known camera may be logged in to while its card is out."""
    server.camera.detach_disk("SD_DISK")
    result = await submit(hass, await loaded.start_reauth_flow(hass), login())
    expect_abort(result, "reauth_successful")
    await expect_working(hass, loaded, data_of(server))


async def test_reauthentication_as_viewer(
    hass: HomeAssistant, loaded: MockConfigEntry, server: CameraServer
) -> None:
    """Fewer rights than before are a choice, too."""
    result = await loaded.start_reauth_flow(hass)
    result = await submit(hass, result, login("viewer"))
    assert result["type"] is FlowResultType.MENU
    assert result["menu_options"] == ["read_only", "reauth_confirm"]
    result = await choose(hass, result, "reauth_confirm")
    expect_form(result, "reauth_confirm")
    assert suggested(result) == {CONF_USERNAME: "viewer"}
    result = await submit(hass, result, login("viewer"))
    result = await choose(hass, result, "read_only")
    expect_abort(result, "reauth_successful")
    data = data_of(server, **login("viewer"), **{CONF_READ_ONLY: True})
    await expect_working(hass, loaded, data)


async def test_reauthentication_with_another_camera(
    hass: HomeAssistant, loaded: MockConfigEntry, server: CameraServer
) -> None:
    """Another camera has got the address: its account is not stored for this one."""
    server.camera.serial = "ACCC8E123456"
    result = await loaded.start_reauth_flow(hass)
    result = await submit(hass, result, login("administrator"))
    expect_abort(result, "wrong_camera")
    assert dict(loaded.data) == data_of(server)


async def test_changed_certificate(
    hass: HomeAssistant,
    secure_entry: MockConfigEntry,
    secure: CameraServer,
    freezer: FrozenDateTimeFactory,
) -> None:
    """It is shown at once, without asking for an account, and agreeing pins it."""
    await secure.renew_certificate()
    before = len(secure.requests)
    await pass_time(hass, freezer)
    (result,) = hass.config_entries.flow.async_progress()
    assert result["context"]["source"] == SOURCE_REAUTH
    assert result["step_id"] == "certificate_changed"
    assert len(secure.requests) == before

    result = await submit(hass, result)
    expect_abort(result, "reauth_successful")
    await expect_working(hass, secure_entry, data_of(secure, CONF_FINGERPRINT))


async def test_changed_certificate_and_password(
    hass: HomeAssistant, secure_entry: MockConfigEntry, secure: CameraServer
) -> None:
    """After a reset both are new; what was agreed to is remembered."""
    await secure.renew_certificate()
    secure.camera.accounts["operator"].password = "new-secret"
    result = await secure_entry.start_reauth_flow(hass)
    expect_form(result, "certificate_changed")
    result = await submit(hass, result)
    expect_form(result, "reauth_confirm", base="invalid_auth")
    result = await submit(hass, result, login(password="new-secret"))
    expect_abort(result, "reauth_successful")
    data = data_of(secure, CONF_FINGERPRINT, password="new-secret")
    await expect_working(hass, secure_entry, data)


async def test_new_password_with_a_pinned_certificate(
    hass: HomeAssistant, secure_entry: MockConfigEntry, secure: CameraServer
) -> None:
    """The certificate stays pinned."""
    secure.camera.accounts["operator"].password = "new-secret"
    result = await secure_entry.start_reauth_flow(hass)
    expect_form(result, "reauth_confirm")
    result = await submit(hass, result, login(password="new-secret"))
    expect_abort(result, "reauth_successful")
    data = data_of(secure, CONF_FINGERPRINT, password="new-secret")
    await expect_working(hass, secure_entry, data)


async def test_certificate_that_was_trusted(
    hass: HomeAssistant, camera: Camera, secure: CameraServer
) -> None:
    """Where no authority vouches any longer, it is about the certificate, not the account."""
    entry = MockConfigEntry(
        domain=DOMAIN,
        title=camera.name,
        unique_id=camera.serial,
        data=data_of(secure),
    )
    entry.add_to_hass(hass)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    (result,) = hass.config_entries.flow.async_progress()
    assert result["step_id"] == "certificate"
    result = await submit(hass, result)
    expect_abort(result, "reauth_successful")
    await expect_working(hass, entry, data_of(secure, CONF_FINGERPRINT))


async def test_certificate_that_comes_and_goes(
    hass: HomeAssistant,
    secure_entry: MockConfigEntry,
    secure: CameraServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The owner is asked, instead of trying forever."""
    pinned = with_colons(secure)

    async def pinned_one(*_: Any) -> str:
        return str(secure_entry.data[CONF_FINGERPRINT])

    monkeypatch.setattr(connect, "fetch_fingerprint", pinned_one)
    await secure.renew_certificate()
    result = await secure_entry.start_reauth_flow(hass)
    expect_form(result, "certificate_changed")
    placeholders = result["description_placeholders"]
    assert placeholders
    assert placeholders["fingerprint"] == pinned


async def test_reconfiguration(
    hass: HomeAssistant, loaded: MockConfigEntry, server: CameraServer
) -> None:
    """The camera has moved; the form holds what is known, and an empty password keeps the old one."""
    result = await loaded.start_reconfigure_flow(hass)
    expect_form(result, "reconfigure")
    known = typed(server, protocol="http")
    del known[CONF_PASSWORD]
    assert suggested(result) == known

    await server.close()
    result = await submit(hass, result, known)
    expect_form(result, "reconfigure", base="cannot_connect")
    assert suggested(result) == known
    async with CameraServer(server.camera) as moved:
        user_input = typed(moved, protocol="http")
        del user_input[CONF_PASSWORD]
        result = await submit(hass, result, user_input)
        expect_abort(result, "reconfigure_successful")
        await expect_working(hass, loaded, data_of(moved))


async def test_reconfiguration_with_another_account(
    hass: HomeAssistant, loaded: MockConfigEntry, server: CameraServer
) -> None:
    """The old password does not fit the new user name; then it is entered."""
    result = await loaded.start_reconfigure_flow(hass)
    user_input = typed(server, "administrator", protocol="http", password="")
    result = await submit(hass, result, user_input)
    expect_form(result, "reconfigure", base="invalid_auth")
    user_input = typed(server, "administrator", protocol="http")
    result = await submit(hass, result, user_input)
    expect_abort(result, "reconfigure_successful")
    await expect_working(hass, loaded, data_of(server, **login("administrator")))


async def test_reconfiguration_with_another_camera(
    hass: HomeAssistant, loaded: MockConfigEntry, server: CameraServer
) -> None:
    """Another camera is another entry."""
    async with CameraServer(Camera(serial="ACCC8E123456")) as other:
        result = await loaded.start_reconfigure_flow(hass)
        result = await submit(hass, result, typed(other, protocol="http"))
        expect_abort(result, "wrong_camera")
    await expect_working(hass, loaded, data_of(server))


async def test_reconfiguration_as_viewer(
    hass: HomeAssistant, loaded: MockConfigEntry, server: CameraServer
) -> None:
    """The menu leads back to the form it came from."""
    result = await loaded.start_reconfigure_flow(hass)
    result = await submit(hass, result, typed(server, "viewer", protocol="http"))
    assert result["menu_options"] == ["read_only", "reconfigure"]
    result = await choose(hass, result, "reconfigure")
    expect_form(result, "reconfigure")
    assert suggested(result)[CONF_USERNAME] == "viewer"
    result = await submit(hass, result, typed(server, protocol="http"))
    expect_abort(result, "reconfigure_successful")
    await expect_working(hass, loaded, data_of(server))


@pytest.mark.usefixtures("names")
async def test_reconfiguration_keeps_the_certificate(
    hass: HomeAssistant, secure_entry: MockConfigEntry, secure: CameraServer
) -> None:
    """Under another address the same certificate needs no second look."""
    result = await secure_entry.start_reconfigure_flow(hass)
    user_input = typed(secure, protocol="https", host="localhost")
    result = await submit(hass, result, user_input)
    expect_abort(result, "reconfigure_successful")
    data = data_of(secure, CONF_FINGERPRINT, host="localhost")
    await expect_working(hass, secure_entry, data)


async def test_reconfiguration_with_a_new_certificate(
    hass: HomeAssistant, secure_entry: MockConfigEntry, secure: CameraServer
) -> None:
    """Another certificate than the known one needs a look."""
    await secure.renew_certificate()
    result = await secure_entry.start_reconfigure_flow(hass)
    result = await submit(hass, result, typed(secure, protocol="https"))
    expect_form(result, "certificate_changed")
    result = await submit(hass, result)
    expect_abort(result, "reconfigure_successful")
    await expect_working(hass, secure_entry, data_of(secure, CONF_FINGERPRINT))


async def test_from_http_to_https(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    server: CameraServer,
    secure: CameraServer,
) -> None:
    """A certificate that nobody knew before is not a changed one. Back again, nothing stays pinned."""
    result = await loaded.start_reconfigure_flow(hass)
    result = await submit(hass, result, typed(secure, protocol="https"))
    expect_form(result, "certificate")
    result = await submit(hass, result)
    expect_abort(result, "reconfigure_successful")
    await expect_working(hass, loaded, data_of(secure, CONF_FINGERPRINT))

    result = await loaded.start_reconfigure_flow(hass)
    result = await submit(hass, result, typed(server, protocol="http"))
    expect_abort(result, "reconfigure_successful")
    await expect_working(hass, loaded, data_of(server))


async def test_usual_port_stays_out_of_the_form(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    server: CameraServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Otherwise a change of the protocol would need a change of the port, too."""
    monkeypatch.setitem(DEFAULT_PORTS, "http", server.port)
    result = await loaded.start_reconfigure_flow(hass)
    assert suggested(result)[CONF_CONNECTION] == {CONF_PROTOCOL: "http"}
