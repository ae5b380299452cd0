"""Taking over a camera, with its account, from Home Assistant's own Axis integration."""

from typing import TYPE_CHECKING, Any

from homeassistant.config_entries import SOURCE_IGNORE, SOURCE_USER
from homeassistant.const import (
    CONF_HOST,
    CONF_PASSWORD,
    CONF_PORT,
    CONF_PROTOCOL,
    CONF_USERNAME,
)
from homeassistant.data_entry_flow import FlowManager, FlowResultType
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.axis_recordings.const import (
    CONF_CONNECTION,
    CONF_FINGERPRINT,
    CONF_READ_ONLY,
    DOMAIN,
)
from custom_components.axis_recordings.vapix import DEFAULT_PORTS
from tests.camera import Camera, CameraServer

from .common import make_entry
from .flows import (
    PASSWORDS,
    begin,
    choose,
    data_of,
    expect_abort,
    expect_entry,
    expect_form,
    login,
    submit,
    suggested,
    typed,
    with_colons,
)
from .translations import complete_texts  # noqa: F401 - for all tests here

if TYPE_CHECKING:
    from homeassistant.config_entries import ConfigFlowResult
    from homeassistant.core import HomeAssistant

pytestmark = pytest.mark.usefixtures("enable_custom_integrations", "no_leak")


@pytest.fixture
def no_leak(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Any:
    """See that no form, menu, end or line of the log holds a password."""
    caplog.set_level("DEBUG", "custom_components.axis_recordings")
    shown: list[str] = []
    handle_step = FlowManager._async_handle_step

    async def handle_and_note(*args: Any) -> Any:
        result: Any = await handle_step(*args)
        if result["type"] is not FlowResultType.CREATE_ENTRY:
            is_form = result["type"] is FlowResultType.FORM
            shown.append(f"{result} {suggested(result) if is_form else {}}")
        return result

    monkeypatch.setattr(FlowManager, "_async_handle_step", handle_and_note)
    yield
    assert shown
    for text in (*shown, caplog.text):
        assert not any(password in text for password in (*PASSWORDS.values(), "wrong-"))


def add_core_entry(
    hass: HomeAssistant, server: CameraServer, account: str = "operator", **changes: Any
) -> MockConfigEntry:
    """Add the camera to the core integration, as that stores it."""
    entry = MockConfigEntry(
        domain="axis",
        version=3,
        title=changes.pop("title", "Core camera"),
        unique_id=dr.format_mac(server.camera.serial),
        data={
            CONF_PROTOCOL: server.url.partition(":")[0],
            CONF_HOST: server.host,
            CONF_PORT: server.port,
            CONF_USERNAME: account,
            CONF_PASSWORD: PASSWORDS[account],
            "model": "AXIS P3265-LVE",
            "name": "Core camera",
        }
        | changes,
    )
    entry.add_to_hass(hass)
    return entry


async def start(hass: HomeAssistant) -> ConfigFlowResult:
    """Begin to add a camera while the core integration knows one."""
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    assert result["type"] is FlowResultType.MENU
    assert result["step_id"] == "start"
    assert result["menu_options"] == ["take_over", "manual"]
    return result


async def agree(hass: HomeAssistant) -> ConfigFlowResult:
    """Take over the only camera."""
    result = await choose(hass, await start(hass), "take_over")
    expect_form(result, "take_over_confirm")
    return await submit(hass, result)


async def test_take_over(hass: HomeAssistant, server: CameraServer) -> None:
    """The owner sees what is copied, and nothing is done before that. The core entry stays."""
    core_entry = add_core_entry(hass, server)
    before = core_entry.as_dict()
    result = await choose(hass, await start(hass), "take_over")
    expect_form(result, "take_over_confirm")
    assert result["description_placeholders"] == {
        "camera": "Core camera",
        "host": server.host,
        "username": "operator",
    }
    assert not server.requests
    result = await submit(hass, result)
    expect_entry(result, data_of(server))
    assert result["result"].unique_id == server.camera.serial
    assert core_entry.as_dict() == before

    # Now both know it, so there is nothing to take over.
    await begin(hass)


async def test_names_that_do_something(
    hass: HomeAssistant, server: CameraServer
) -> None:
    """The text of a form is Markdown, and whoever called the camera so has no business in it."""
    evil = "![](https://evil.example/x.png)"
    add_core_entry(hass, server, title=evil, **{CONF_USERNAME: evil, CONF_HOST: evil})
    result = await choose(hass, await start(hass), "take_over")
    shown = result["description_placeholders"]
    assert shown
    for name in ("camera", "host", "username"):
        assert shown[name] == r"![]\(https:\//evil.example/x.png)"


async def test_enter_everything(hass: HomeAssistant, server: CameraServer) -> None:
    """Another camera can be added as ever."""
    add_core_entry(hass, server)
    result = await choose(hass, await start(hass), "manual")
    expect_form(result, "user")
    assert suggested(result) == {CONF_CONNECTION: {}}
    result = await submit(hass, result, typed(server, protocol="http"))
    expect_entry(result, data_of(server))


async def test_several_cameras(hass: HomeAssistant, server: CameraServer) -> None:
    """The owner chooses; what is known here is not among them."""
    async with (
        CameraServer(Camera(serial="ACCC8E123456", name="Gate")) as gate,
        CameraServer(Camera(serial="00408C123456", name="Hall")) as hall,
    ):
        add_core_entry(hass, hall, title="Hall")
        wanted = add_core_entry(hass, gate, title="Gate")
        add_core_entry(hass, server, title="Known")
        make_entry(server.camera, server).add_to_hass(hass)
        result = await choose(hass, await start(hass), "take_over")
        expect_form(result, "take_over")
        assert result["data_schema"] is not None
        (selector,) = result["data_schema"].schema.values()
        assert [option["label"] for option in selector.config["options"]] == [
            "Gate (127.0.0.1)",
            "Hall (127.0.0.1)",
        ]
        result = await submit(hass, result, {"camera": wanted.entry_id})
        expect_form(result, "take_over_confirm")
        result = await submit(hass, result)
        expect_entry(result, data_of(gate), title="Gate")
        await hass.config_entries.async_unload(result["result"].entry_id)


@pytest.mark.parametrize(
    ("unique_id", "data", "source"),
    [
        (None, data_of, SOURCE_USER),
        ("b8:a4:4f:0a:1b:2c", lambda _: {}, SOURCE_IGNORE),
        # As versions before 2021 stored it.
        ("B8A44F0A1B2C", lambda server: {"device": data_of(server)}, SOURCE_USER),
    ],
)
async def test_nothing_to_take_over(
    hass: HomeAssistant, server: CameraServer, unique_id: Any, data: Any, source: str
) -> None:
    """What is ignored, or without an account or a serial number, is no camera to offer."""
    MockConfigEntry(
        domain="axis", unique_id=unique_id, data=data(server), source=source
    ).add_to_hass(hass)
    result = await submit(hass, await begin(hass), typed(server, protocol="http"))
    expect_entry(result, data_of(server))


async def test_camera_ignored_here(hass: HomeAssistant, server: CameraServer) -> None:
    """A card that was once ignored does not stand in the way."""
    MockConfigEntry(
        domain=DOMAIN, unique_id=server.camera.serial, source=SOURCE_IGNORE
    ).add_to_hass(hass)
    add_core_entry(hass, server)
    expect_entry(await agree(hass), data_of(server))


@pytest.mark.parametrize("stored", [{CONF_PORT}, {}])
async def test_old_entry(
    hass: HomeAssistant,
    server: CameraServer,
    monkeypatch: pytest.MonkeyPatch,
    stored: set[str],
) -> None:
    """An old entry without a protocol means HTTP, and one without a port the usual one."""
    monkeypatch.setitem(DEFAULT_PORTS, "http", server.port)
    core_entry = add_core_entry(hass, server)
    data = {
        name: value
        for name, value in core_entry.data.items()
        if name not in {CONF_PROTOCOL, CONF_PORT} - set(stored)
    }
    hass.config_entries.async_update_entry(core_entry, data=data)
    expect_entry(await agree(hass), data_of(server))


async def test_certificate(hass: HomeAssistant, secure: CameraServer) -> None:
    """The core integration takes any certificate; here the owner looks at it first."""
    add_core_entry(hass, secure)
    result = await agree(hass)
    expect_form(result, "certificate")
    assert result["description_placeholders"] == {
        "host": secure.host,
        "fingerprint": with_colons(secure),
    }
    assert not secure.requests
    result = await submit(hass, result)
    expect_entry(result, data_of(secure, CONF_FINGERPRINT))


async def test_viewer(hass: HomeAssistant, server: CameraServer) -> None:
    """The core integration is content with a viewer, so its limits are reported."""
    add_core_entry(hass, server, "viewer")
    result = await agree(hass)
    assert result["step_id"] == "viewer"
    assert result["menu_options"] == ["read_only", "user"]
    result = await choose(hass, result, "read_only")
    data = data_of(server, **login("viewer"), **{CONF_READ_ONLY: True})
    expect_entry(result, data)


async def test_viewer_takes_another_account(
    hass: HomeAssistant, server: CameraServer
) -> None:
    """With an operator account instead, nothing of the viewer is left."""
    add_core_entry(hass, server, "viewer")
    result = await choose(hass, await agree(hass), "user")
    expect_form(result, "user")
    filled = suggested(result)
    assert filled[CONF_USERNAME] == "viewer"
    result = await submit(hass, result, filled | login())
    expect_entry(result, data_of(server))


async def test_operator_after_viewer(hass: HomeAssistant, server: CameraServer) -> None:
    """Who reconfigures with an operator account is no longer read-only."""
    add_core_entry(hass, server, "viewer")
    result = await choose(hass, await agree(hass), "read_only")
    entry = result["result"]
    assert entry.data[CONF_READ_ONLY]
    result = await hass.config_entries.flow.async_init(
        DOMAIN,
        context={"source": "reauth", "entry_id": entry.entry_id},
        data=entry.data,
    )
    result = await submit(hass, result, login())
    expect_abort(result, "reauth_successful")
    assert dict(entry.data) == data_of(server)


async def test_wrong_password(hass: HomeAssistant, server: CameraServer) -> None:
    """Where the account is refused, everything but the password is filled in."""
    add_core_entry(hass, server, password="wrong-password")
    result = await agree(hass)
    expect_form(result, "user", base="invalid_auth")
    filled = suggested(result)
    assert filled == {
        CONF_HOST: server.host,
        CONF_USERNAME: "operator",
        CONF_CONNECTION: {CONF_PROTOCOL: "http", CONF_PORT: server.port},
    }
    result = await submit(hass, result, filled | login())
    expect_entry(result, data_of(server))


async def test_no_disk(hass: HomeAssistant, server: CameraServer) -> None:
    """The core integration needs no disk, so it may be missing."""
    add_core_entry(hass, server)
    disk = server.camera.disks["SD_DISK"]
    server.camera.detach_disk("SD_DISK")
    result = await agree(hass)
    expect_form(result, "user", base="no_disk")
    server.camera.attach_disk(disk)
    result = await submit(hass, result, suggested(result) | login())
    expect_entry(result, data_of(server))


async def test_broken_address(hass: HomeAssistant, server: CameraServer) -> None:
    """The core integration stores what was typed, which may be no address."""
    add_core_entry(hass, server, host="no address")
    result = await agree(hass)
    expect_form(result, "user", host="invalid_host")
    result = await submit(hass, result, typed(server, protocol="http"))
    expect_entry(result, data_of(server))


async def test_taken_over_meanwhile(hass: HomeAssistant, server: CameraServer) -> None:
    """Two windows add a camera once."""
    add_core_entry(hass, server)
    first = await choose(hass, await start(hass), "take_over")
    second = await choose(hass, await start(hass), "take_over")
    await submit(hass, first)
    expect_abort(await submit(hass, second), "already_configured")


@pytest.mark.parametrize("cameras", [1, 2])
@pytest.mark.parametrize("when", ["menu", "form"])
async def test_deleted_meanwhile(
    hass: HomeAssistant, server: CameraServer, cameras: int, when: str
) -> None:
    """What the core integration no longer has is asked for."""
    core_entry = add_core_entry(hass, server)
    result = await start(hass)
    if cameras == 2:
        async with CameraServer(Camera(serial="ACCC8E123456")) as gate:
            other = add_core_entry(hass, gate)
    if when == "form":
        result = await choose(hass, result, "take_over")
    for entry in hass.config_entries.async_entries("axis"):
        await hass.config_entries.async_remove(entry.entry_id)
    if when == "menu":
        result = await choose(hass, result, "take_over")
    elif cameras == 2:
        assert other.entry_id != core_entry.entry_id
        result = await submit(hass, result, {"camera": core_entry.entry_id})
    else:
        result = await submit(hass, result)
    expect_form(result, "user", base="core_camera_gone")
    result = await submit(hass, result, typed(server, protocol="http"))
    expect_entry(result, data_of(server))
