"""Cameras that Home Assistant finds: new ones are offered, known ones followed to their new address."""

from ipaddress import ip_address
from itertools import product
from typing import TYPE_CHECKING, Any

from homeassistant.config_entries import (
    SOURCE_DHCP,
    SOURCE_IGNORE,
    SOURCE_REAUTH,
    SOURCE_SSDP,
    SOURCE_ZEROCONF,
    ConfigEntryDisabler,
    ConfigEntryState,
)
from homeassistant.const import (
    CONF_HOST,
    CONF_PASSWORD,
    CONF_PORT,
    CONF_PROTOCOL,
    CONF_USERNAME,
)
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.service_info.dhcp import DhcpServiceInfo
from homeassistant.helpers.service_info.ssdp import SsdpServiceInfo
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_socket import socket_allow_hosts

from custom_components.axis_recordings.const import CONF_CONNECTION, DOMAIN
from tests.camera import Camera, CameraServer, Fault
from tests.common import make_entry
from tests.flows import (
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
)

if TYPE_CHECKING:
    from homeassistant.config_entries import ConfigFlowResult
    from homeassistant.core import HomeAssistant

SERIAL = "B8A44F0A1B2C"
ELSEWHERE = "127.0.0.2"
KINDS = (SOURCE_ZEROCONF, SOURCE_SSDP, SOURCE_DHCP)

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")


@pytest.fixture(autouse=True)
def _two_addresses(_loopback: None) -> None:
    """Let this machine be two."""
    socket_allow_hosts(["127.0.0.1", ELSEWHERE])


def zeroconf(
    *hosts: str, port: int | None = 80, serial: str | None = SERIAL
) -> ZeroconfServiceInfo:
    """Return what a camera announces."""
    addresses = [ip_address(host) for host in hosts]
    return ZeroconfServiceInfo(
        ip_address=addresses[0],
        ip_addresses=addresses,
        port=port,
        hostname="axis-b8a44f0a1b2c.local.",
        type="_axis-video._tcp.local.",
        name=f"AXIS P3265-LVE - {SERIAL}._axis-video._tcp.local.",
        properties={"macaddress": serial},
    )


def ssdp(url: str | None, **changes: Any) -> SsdpServiceInfo:
    """Return a camera's UPnP description."""
    return SsdpServiceInfo(
        ssdp_usn="mock_usn",
        ssdp_st="mock_st",
        upnp={
            "friendlyName": f"AXIS P3265-LVE - {SERIAL}",
            "manufacturer": "AXIS",
            "modelName": "AXIS P3265-LVE",
            "presentationURL": url,
            "serialNumber": SERIAL,
            **changes,
        },
    )


def dhcp(host: str, mac: str = SERIAL.lower()) -> DhcpServiceInfo:
    """Return what a router tells."""
    return DhcpServiceInfo(ip=host, hostname="axis-b8a44f0a1b2c", macaddress=mac)


def found(kind: str, host: str, serial: str = SERIAL) -> Any:
    """Return a camera as it is found at an address."""
    match kind:
        case "zeroconf":
            return zeroconf(host, serial=serial)
        case "ssdp":
            return ssdp(f"http://{host}:80/", serialNumber=serial)
        case _:
            return dhcp(host, serial.lower())


async def discover(hass: HomeAssistant, kind: str, info: Any) -> ConfigFlowResult:
    """Let Home Assistant find a camera."""
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": kind}, data=info
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    return result


@pytest.mark.parametrize(
    ("kind", "info", "name", "url"),
    [
        (
            SOURCE_ZEROCONF,
            lambda port: zeroconf("127.0.0.1", port=port),
            "AXIS P3265-LVE - B8A44F0A1B2C",
            "http://127.0.0.1:{port}",
        ),
        (
            SOURCE_SSDP,
            lambda port: ssdp(f"http://127.0.0.1:{port}/", friendlyName="Gate"),
            "Gate (AXIS P3265-LVE)",
            "http://127.0.0.1:{port}",
        ),
    ],
)
async def test_new_camera(
    hass: HomeAssistant, server: CameraServer, kind: str, info: Any, name: str, url: str
) -> None:
    """A card with the camera's name leads to the form in which only the account is missing."""
    result = await discover(hass, kind, info(server.port))
    expect_form(result, "user")
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["unique_id"] == SERIAL
    assert flow["context"]["title_placeholders"] == {"name": name}
    assert flow["context"]["configuration_url"] == url.format(port=server.port)
    assert not server.requests, "nobody has agreed to anything yet"

    filled = suggested(result)
    assert filled == {
        CONF_HOST: server.host,
        CONF_CONNECTION: {CONF_PROTOCOL: "automatic", CONF_PORT: server.port},
    }
    result = await submit(hass, result, filled | login())
    expect_entry(result, data_of(server))
    assert result["result"].unique_id == SERIAL


@pytest.mark.parametrize(
    ("info", "url"),
    [
        (zeroconf("192.0.2.1", port=80), "http://192.0.2.1"),
        (zeroconf("192.0.2.1", port=443), "https://192.0.2.1"),
        (zeroconf("192.0.2.1", port=None), "http://192.0.2.1"),
        (zeroconf("2001:db8::1"), "http://[2001:db8::1]"),
        (zeroconf("fe80::1", "192.0.2.1"), "http://192.0.2.1"),
        (ssdp("http://192.0.2.1/"), "http://192.0.2.1"),
    ],
)
async def test_usual_ports(hass: HomeAssistant, info: Any, url: str) -> None:
    """The usual port stays empty, so that HTTPS is tried first."""
    kind = SOURCE_SSDP if isinstance(info, SsdpServiceInfo) else SOURCE_ZEROCONF
    result = await discover(hass, kind, info)
    expect_form(result, "user")
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["configuration_url"] == url
    filled = suggested(result)
    assert filled[CONF_HOST] == url.partition("//")[2].strip("[]")
    assert filled[CONF_CONNECTION] == {CONF_PROTOCOL: "automatic"}


@pytest.mark.parametrize("fault", [Fault.NOT_FOUND, Fault.RESET])
async def test_something_else_was_found(
    hass: HomeAssistant, server: CameraServer, fault: Fault
) -> None:
    """What does not answer like a camera is reported in the form, which then leads on."""
    result = await discover(
        hass, SOURCE_ZEROCONF, zeroconf("127.0.0.1", port=server.port)
    )
    for cgi in ("record/list.cgi", "basicdeviceinfo.cgi", "param.cgi"):
        server.camera.faults.set(cgi, fault)
    user_input = typed(server, protocol="http")
    result = await submit(hass, result, user_input)
    error = "not_axis" if fault is Fault.NOT_FOUND else "cannot_connect"
    expect_form(result, "user", base=error)
    server.camera.faults.clear()
    result = await submit(hass, result, user_input)
    expect_entry(result, data_of(server))


async def test_one_card(hass: HomeAssistant, server: CameraServer) -> None:
    """However often and by whatever it is found, a camera is offered once, until it is added."""
    await discover(hass, SOURCE_ZEROCONF, zeroconf("127.0.0.1"))
    result = await discover(hass, SOURCE_SSDP, ssdp("http://127.0.0.1/"))
    expect_abort(result, "already_in_progress")
    result = await submit(hass, await begin(hass), typed(server, protocol="http"))
    expect_entry(result, data_of(server))
    assert not hass.config_entries.flow.async_progress()


UNUSABLE = (
    (SOURCE_ZEROCONF, zeroconf("169.254.3.4"), "link_local_address"),
    (SOURCE_ZEROCONF, zeroconf("fe80::1"), "link_local_address"),
    (SOURCE_SSDP, ssdp("http://169.254.3.4:80/"), "link_local_address"),
    (SOURCE_SSDP, ssdp("http://[fe80::1]/"), "link_local_address"),
    (SOURCE_SSDP, ssdp("http://camera.example/"), "link_local_address"),
    (SOURCE_SSDP, ssdp("http://[/"), "link_local_address"),
    (SOURCE_SSDP, ssdp(None), "link_local_address"),
    (SOURCE_DHCP, dhcp("169.254.3.4"), "link_local_address"),
    (SOURCE_ZEROCONF, zeroconf("192.0.2.1", serial=None), "no_serial_number"),
    (SOURCE_ZEROCONF, zeroconf("192.0.2.1", serial="1234"), "no_serial_number"),
    (SOURCE_SSDP, ssdp("http://192.0.2.1/", serialNumber=None), "no_serial_number"),
)


async def test_unusable(
    hass: HomeAssistant, loaded: MockConfigEntry, subtests: pytest.Subtests
) -> None:
    """An address that is good for one cable is no address, and without a serial number it may be anything."""
    data = dict(loaded.data)
    for number, (kind, info, reason) in enumerate(UNUSABLE):
        with subtests.test(reason, number=number, kind=kind):
            expect_abort(await discover(hass, kind, info), reason)
            assert dict(loaded.data) == data
            assert loaded.state is ConfigEntryState.LOADED


NOWHERE = (
    "0.0.0.0",  # noqa: S104
    "::",
    "::ffff:0.0.0.0",
    "224.0.0.251",
    "ff02::fb",
    "255.255.255.255",
    "240.0.0.1",
    "169.254.3.4",
    "fe80::1",
)


async def test_nowhere(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    server: CameraServer,
    subtests: pytest.Subtests,
) -> None:
    """An address at which no camera can be is none, also while the camera itself does not answer."""
    data = dict(loaded.data)
    await server.close()
    for kind, host in product(KINDS, NOWHERE):
        with subtests.test(kind=kind, host=host):
            written = f"[{host}]" if ":" in host and kind == SOURCE_SSDP else host
            result = await discover(hass, kind, found(kind, written))
            expect_abort(result, "link_local_address")
            assert dict(loaded.data) == data


async def test_nowhere_beside_the_known(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    server: CameraServer,
    subtests: pytest.Subtests,
) -> None:
    """The camera is starting, and announces more than it should."""
    data = dict(loaded.data)
    known = server.host
    await server.close()
    for host in NOWHERE:
        for hosts in ((host, known), (known, host)):
            with subtests.test(hosts=hosts):
                result = await discover(hass, SOURCE_ZEROCONF, zeroconf(*hosts))
                expect_abort(result, "already_configured")
                assert dict(loaded.data) == data


@pytest.mark.parametrize("kind", KINDS)
async def test_nobody_else_is_on_this_machine(
    hass: HomeAssistant, entry: MockConfigEntry, server: CameraServer, kind: str
) -> None:
    """A loopback address is Home Assistant's own, so a camera elsewhere has not moved there."""
    data = dict(entry.data) | {CONF_HOST: "192.0.2.1"}
    hass.config_entries.async_update_entry(entry, data=data)
    result = await discover(hass, kind, found(kind, server.host))
    expect_abort(result, "already_configured")
    assert dict(entry.data) == data


async def test_new_camera_beside_loopback(hass: HomeAssistant) -> None:
    """What can be reached is offered, in whatever order it was announced."""
    info = zeroconf("127.0.0.1", NOWHERE[0], "192.0.2.1", "::1")
    result = await discover(hass, SOURCE_ZEROCONF, info)
    expect_form(result, "user")
    assert suggested(result)[CONF_HOST] == "192.0.2.1"


async def test_router_knows_others(hass: HomeAssistant) -> None:
    """The core integration's camera has the same address; its card is enough."""
    MockConfigEntry(domain="axis", unique_id="b8:a4:4f:0a:1b:2c").add_to_hass(hass)
    expect_abort(await discover(hass, SOURCE_DHCP, dhcp("192.0.2.1")), "not_added")


@pytest.mark.parametrize("kind", KINDS)
async def test_camera_has_moved(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    server: CameraServer,
    kind: str,
) -> None:
    """A known camera is followed: the entry gets the address, nothing else, and works there."""
    await server.close()
    async with CameraServer(camera, host=ELSEWHERE, port=server.port) as moved:
        expect_abort(
            await discover(hass, kind, found(kind, ELSEWHERE)), "already_configured"
        )
        await expect_working(hass, loaded, data_of(moved))
        assert moved.requests
        await hass.config_entries.async_unload(loaded.entry_id)


@pytest.mark.parametrize("hosts", [(ELSEWHERE, "127.0.0.1"), ("127.0.0.1", ELSEWHERE)])
async def test_old_address_lingers(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    server: CameraServer,
    hosts: tuple[str, ...],
) -> None:
    """A camera that took its new address without a good-bye is found at both, and followed all the same."""
    await server.close()
    async with CameraServer(camera, host=ELSEWHERE, port=server.port) as moved:
        expect_abort(
            await discover(hass, SOURCE_ZEROCONF, zeroconf(*hosts)),
            "already_configured",
        )
        await expect_working(hass, loaded, data_of(moved))
        assert moved.requests
        await hass.config_entries.async_unload(loaded.entry_id)


@pytest.mark.parametrize("kind", KINDS)
async def test_lost_camera_is_found(
    hass: HomeAssistant, entry: MockConfigEntry, server: CameraServer, kind: str
) -> None:
    """One that was not there at the start is set up as soon as it is found."""
    hass.config_entries.async_update_entry(
        entry, data=entry.data | {CONF_HOST: ELSEWHERE}
    )
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    expect_abort(
        await discover(hass, kind, found(kind, server.host)), "already_configured"
    )
    await expect_working(hass, entry, data_of(server))


@pytest.mark.parametrize(
    ("kind", "info"),
    [
        (SOURCE_ZEROCONF, zeroconf("127.0.0.1")),
        (SOURCE_ZEROCONF, zeroconf("127.0.0.3", "127.0.0.1")),
        (SOURCE_ZEROCONF, zeroconf("127.0.0.1", "127.0.0.3")),
        (SOURCE_ZEROCONF, zeroconf("2001:db8::1")),
        (SOURCE_SSDP, ssdp("http://127.0.0.1:8080/")),
        # Each service reports another address.
        (SOURCE_ZEROCONF, zeroconf(ELSEWHERE)),
        (SOURCE_SSDP, ssdp(f"http://{ELSEWHERE}:80/")),
        (SOURCE_DHCP, dhcp(ELSEWHERE)),
    ],
)
async def test_camera_has_not_moved(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    server: CameraServer,
    kind: str,
    info: Any,
) -> None:
    """One of several addresses is as good as another, and nothing is reloaded."""
    coordinator = loaded.runtime_data
    expect_abort(await discover(hass, kind, info), "already_configured")
    await expect_working(hass, loaded, data_of(server))
    assert loaded.runtime_data is coordinator


@pytest.mark.parametrize("kind", KINDS)
async def test_name_stays(
    hass: HomeAssistant, entry: MockConfigEntry, kind: str
) -> None:
    """A name finds the camera by itself, and its certificate may be made out to it."""
    data = dict(entry.data) | {CONF_HOST: "camera.example"}
    hass.config_entries.async_update_entry(entry, data=data)
    expect_abort(
        await discover(hass, kind, found(kind, ELSEWHERE)), "already_configured"
    )
    assert dict(entry.data) == data


@pytest.mark.parametrize("fault", [Fault.NOT_FOUND, Fault.UNAVAILABLE])
async def test_old_or_busy_camera_has_not_moved(
    hass: HomeAssistant, loaded: MockConfigEntry, server: CameraServer, fault: Fault
) -> None:
    """Whatever it answers, it is still there."""
    server.camera.faults.set("systemready.cgi", fault)
    info = zeroconf("127.0.0.3", server.host)
    expect_abort(await discover(hass, SOURCE_ZEROCONF, info), "already_configured")
    await expect_working(hass, loaded, data_of(server))


async def test_certificate_stays(
    hass: HomeAssistant, camera: Camera, secure: CameraServer
) -> None:
    """Who claims to be the camera, at another address, gets no password."""
    entry = make_entry(camera, secure)
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    async with CameraServer(
        camera, tls=True, host=ELSEWHERE, port=secure.port
    ) as other:
        assert other.certificate_fingerprint != secure.certificate_fingerprint
        # While the camera itself answers where it was, nobody else is heard.
        await discover(hass, SOURCE_ZEROCONF, zeroconf(ELSEWHERE))
        assert dict(entry.data) == data_of(secure, "fingerprint")
        camera.faults.set("*", Fault.RESET)
        expect_abort(
            await discover(hass, SOURCE_ZEROCONF, zeroconf(ELSEWHERE)),
            "already_configured",
        )
        assert dict(entry.data) == data_of(secure, "fingerprint", host=ELSEWHERE)
        assert not other.requests
        # The owner is asked, and nothing goes on before that.
        (flow,) = entry.async_get_active_flows(hass, {SOURCE_REAUTH})
        assert flow["step_id"] == "certificate_changed"
    camera.faults.clear()
    # Found where it really is, it works again.
    await discover(hass, SOURCE_ZEROCONF, zeroconf(secure.host))
    assert entry.data[CONF_HOST] == secure.host
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED
    await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.parametrize("kind", KINDS)
async def test_ignored_camera(
    hass: HomeAssistant, server: CameraServer, kind: str
) -> None:
    """One that the owner ignores is not offered, not changed, and can still be added by hand."""
    result = await discover(hass, SOURCE_ZEROCONF, zeroconf("127.0.0.1"))
    await hass.config_entries.flow.async_init(
        DOMAIN,
        context={"source": SOURCE_IGNORE},
        data={"unique_id": SERIAL, "title": "Ignored"},
    )
    assert result["flow_id"] not in {
        flow["flow_id"] for flow in hass.config_entries.flow.async_progress()
    }
    (ignored,) = hass.config_entries.async_entries(DOMAIN)
    result = await discover(hass, kind, found(kind, ELSEWHERE))
    expect_abort(result, "already_configured")
    assert ignored.data == {}

    result = await submit(hass, await begin(hass), typed(server, protocol="http"))
    expect_entry(result, data_of(server))


@pytest.mark.parametrize("kind", KINDS)
async def test_disabled_camera(
    hass: HomeAssistant, entry: MockConfigEntry, server: CameraServer, kind: str
) -> None:
    """One that is off gets its address, and stays off."""
    await hass.config_entries.async_set_disabled_by(
        entry.entry_id, ConfigEntryDisabler.USER
    )
    result = await discover(hass, kind, found(kind, ELSEWHERE))
    expect_abort(result, "already_configured")
    assert entry.data[CONF_HOST] == ELSEWHERE
    assert entry.state is ConfigEntryState.NOT_LOADED
    assert not server.requests


async def test_camera_of_the_core_integration(
    hass: HomeAssistant, server: CameraServer
) -> None:
    """Where the core integration knows the camera that was found, its account is offered first."""
    for serial, host in ((SERIAL, server.host), ("ACCC8E123456", "192.0.2.9")):
        MockConfigEntry(
            domain="axis",
            title=serial,
            unique_id=":".join(serial[at : at + 2] for at in range(0, 12, 2)).lower(),
            data={
                CONF_HOST: host,
                CONF_PORT: server.port,
                CONF_PROTOCOL: "http",
                CONF_USERNAME: "operator",
                CONF_PASSWORD: "operator-secret",
            },
        ).add_to_hass(hass)
    info = zeroconf("127.0.0.1", port=server.port)
    result = await discover(hass, SOURCE_ZEROCONF, info)
    assert result["type"] is FlowResultType.MENU
    assert result["step_id"] == "start"
    other_way = await choose(hass, result, "manual")
    expect_form(other_way, "user")
    assert suggested(other_way)[CONF_HOST] == server.host
    hass.config_entries.flow.async_abort(result["flow_id"])

    result = await discover(hass, SOURCE_ZEROCONF, info)
    result = await choose(hass, result, "take_over")
    expect_form(result, "take_over_confirm")
    placeholders = {"camera": SERIAL, "host": server.host, "username": "operator"}
    assert result["description_placeholders"] == placeholders
    result = await submit(hass, result)
    expect_entry(result, data_of(server))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("are_loaded", [False, True])
async def test_swapped_addresses(
    hass: HomeAssistant,
    enable_custom_integrations: None,
    camera: Camera,
    kind: str,
    are_loaded: bool,
) -> None:
    """Two cameras have each other's address: both entries follow, and the repairs are taken back."""
    second = Camera(serial="B8A44F0A1B2D", name="Back door", recordings=3)
    async with (
        CameraServer(camera) as here,
        CameraServer(second, host=ELSEWHERE, port=here.port) as there,
    ):
        entries = [make_entry(camera, here), make_entry(second, there)]
        for entry in entries:
            entry.add_to_hass(hass)
        if not are_loaded:
            await here.swap_addresses(there)
        # With the first one, Home Assistant sets up all of an integration.
        await hass.config_entries.async_setup(entries[0].entry_id)
        await hass.async_block_till_done(wait_background_tasks=True)
        if are_loaded:
            await here.swap_addresses(there)
        for entry in entries:
            if are_loaded:
                await entry.runtime_data.recordings.async_refresh()
            else:
                assert entry.state is ConfigEntryState.SETUP_RETRY
        assert len(ir.async_get(hass).issues) == 2

        for server in (here, there):
            info = found(kind, server.host, server.camera.serial)
            expect_abort(await discover(hass, kind, info), "already_configured")
        for entry, server in zip(entries, (here, there), strict=True):
            await expect_working(hass, entry, data_of(server))
            total = entry.runtime_data.recordings.data.total
            assert total == len(list(server.camera.recordings))
        assert not ir.async_get(hass).issues
        for entry in entries:
            await hass.config_entries.async_unload(entry.entry_id)


async def test_other_camera_at_the_old_address(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera, server: CameraServer
) -> None:
    """That somebody answers where the camera was, is no reason to stay."""
    other = Camera(serial="B8A44F0A1B2D")
    async with CameraServer(other, host=ELSEWHERE, port=server.port) as there:
        await server.swap_addresses(there)
        info = zeroconf("127.0.0.1", ELSEWHERE)
        expect_abort(await discover(hass, SOURCE_ZEROCONF, info), "already_configured")
        await expect_working(hass, loaded, data_of(server))
        assert loaded.data[CONF_HOST] == ELSEWHERE
        await hass.config_entries.async_unload(loaded.entry_id)
