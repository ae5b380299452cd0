"""A camera's life in Home Assistant: set up, lost, found again, unloaded, removed."""

import asyncio
from typing import TYPE_CHECKING
from unittest.mock import AsyncMock

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.const import STATE_ON
from homeassistant.helpers import area_registry as ar, device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.axis_recordings.activity.ledger import Ledger
from custom_components.axis_recordings.const import DOMAIN
from custom_components.axis_recordings.player import Playback
from custom_components.axis_recordings.storage import StorageCoordinator
from tests.camera import Account, Camera, CameraServer, Fault, Level

from .helpers import SWITCH, added, call, pass_time, state_of, turn

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant


def device_of(hass: HomeAssistant, entry: MockConfigEntry) -> dr.DeviceEntry:
    """Return the camera's device."""
    (device,) = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    return device


async def test_device(
    hass: HomeAssistant, loaded: MockConfigEntry, server: CameraServer
) -> None:
    """The device says what it is and links to the camera's page."""
    device = device_of(hass, loaded)
    assert device.name == "Front camera"
    assert device.manufacturer == "Axis Communications AB"
    assert device.model == "AXIS P3265-LVE"
    assert device.serial_number == "B8A44F0A1B2C"
    assert device.sw_version == "12.4.59"
    assert device.connections == {("mac", "b8:a4:4f:0a:1b:2c")}
    assert device.configuration_url == f"{server.url}/"
    assert device.via_device_id is None


async def test_device_beside_the_core_integrations(
    hass: HomeAssistant, entry: MockConfigEntry, camera: Camera
) -> None:
    """The same camera's core device is linked, and its area suggested."""
    core_entry = MockConfigEntry(domain="axis")
    core_entry.add_to_hass(hass)
    mac = dr.format_mac(camera.serial)
    core_device = dr.async_get(hass).async_get_or_create(
        config_entry_id=core_entry.entry_id,
        identifiers={("axis", mac)},
        connections={(dr.CONNECTION_NETWORK_MAC, mac)},
    )
    area = ar.async_get(hass).async_create("Garden")
    dr.async_get(hass).async_update_device(core_device.id, area_id=area.id)

    await hass.config_entries.async_setup(entry.entry_id)

    device = device_of(hass, entry)
    assert device.id != core_device.id
    assert device.via_device_id == core_device.id
    assert device.area_id == area.id


async def test_unload(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    server: CameraServer,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Nothing polls any more, and recordings go on."""
    await turn(hass, "on")
    assert await hass.config_entries.async_unload(loaded.entry_id)
    assert loaded.state is ConfigEntryState.NOT_LOADED
    before = len(server.requests)
    await pass_time(hass, freezer, 3600)
    assert len(server.requests) == before
    assert len(camera.recordings.ongoing) == 1


async def test_remove_stops_what_home_assistant_started(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    hass_storage: dict[str, object],
) -> None:
    """Nobody else would stop it; those of others go on, and nothing is left behind."""
    others = camera.start_recording()
    await turn(hass, "on")
    await call(hass, "start")
    assert f"{DOMAIN}.{loaded.entry_id}" in hass_storage

    await hass.config_entries.async_remove(loaded.entry_id)
    await hass.async_block_till_done()

    assert [each.recording_id for each in camera.recordings.ongoing] == [others]
    assert f"{DOMAIN}.{loaded.entry_id}" not in hass_storage


async def test_remove_while_the_camera_is_gone(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The entry is removed all the same, and the log names what goes on."""
    monkeypatch.setattr("custom_components.axis_recordings.STOP_PAUSES", (0.0, 0.0))
    await turn(hass, "on")
    recording_id = camera.recordings.ongoing[0].recording_id
    camera.faults.set("*", Fault.UNAVAILABLE)
    await hass.config_entries.async_remove(loaded.entry_id)
    assert f"its recording {recording_id} could not be stopped" in caplog.text


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.ERROR, Fault.RESET])
async def test_remove_while_the_camera_is_busy_for_a_moment(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    fault: Fault,
) -> None:
    """A stop that fails is sent again, as nobody would come back to it."""
    monkeypatch.setattr(
        "custom_components.axis_recordings.STOP_PAUSES", (0.0, 0.0, 0.0)
    )
    await turn(hass, "on")
    camera.faults.set("record/stop.cgi", fault, times=1)
    await hass.config_entries.async_remove(loaded.entry_id)
    assert not camera.recordings.ongoing
    assert "could not be stopped" not in caplog.text


@pytest.mark.parametrize(
    "fault",
    [
        Fault.RESET,
        Fault.UNAVAILABLE,
        Fault.TRUNCATED,
        Fault.HTML,
        Fault.EMPTY,
        Fault.ENTITY_BOMB,
        Fault.HUGE,
        Fault.NOT_FOUND,
        Fault.REDIRECT,
        Fault.ERROR,
    ],
)
async def test_setup_is_tried_again(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
    fault: Fault,
) -> None:
    """Whatever is wrong with the camera for a while, it comes back by itself."""
    camera.faults.set("record/list.cgi", fault)
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state.value == "setup_retry"
    assert entry.reason
    camera.faults.clear()
    await pass_time(hass, freezer, 600)
    assert entry.state.value == "loaded"


async def test_wrong_password_at_setup(
    hass: HomeAssistant, entry: MockConfigEntry, camera: Camera, server: CameraServer
) -> None:
    """One failed log-in, and the owner is asked to log in again."""
    camera.accounts["operator"] = Account("another", Level.OPERATOR)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.SETUP_ERROR
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == SOURCE_REAUTH
    failed = [each for each in server.requests if each.scheme and each.status == 401]
    assert len(failed) == 1


async def test_password_changes_while_running(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A 401 for the list is a wrong password, also after it has worked for long."""
    camera.accounts["operator"] = Account("another", Level.OPERATOR)
    await pass_time(hass, freezer)
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == SOURCE_REAUTH
    assert state_of(hass, SWITCH) == "unavailable"


async def test_one_log_line_down_and_one_up(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """An hour without the camera is not an hour of log lines."""
    caplog.clear()
    camera.faults.set("*", Fault.RESET)
    for _ in range(5):
        await pass_time(hass, freezer)
    assert state_of(hass, SWITCH) == "unavailable"
    camera.faults.clear()
    for _ in range(3):
        await pass_time(hass, freezer)
    assert state_of(hass, SWITCH) == "off"
    lines = [each for each in caplog.records if each.name.endswith(DOMAIN)]
    assert [each.levelname for each in lines if each.levelno > 10] == ["ERROR", "INFO"]


async def test_only_the_broken_camera_is_unavailable(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A camera that misbehaves disturbs nobody else."""
    second = Camera(serial="B8A44F0A1B2D", name="Back garden")
    async with added(hass, second):
        camera.faults.set("*", Fault.HUGE)
        second.start_recording()
        await pass_time(hass, freezer)
        assert state_of(hass, SWITCH) == "unavailable"
        in_progress = "binary_sensor.back_garden_recording_in_progress"
        assert state_of(hass, in_progress) == STATE_ON


async def test_slow_camera_does_not_hold_up_the_setup(
    hass: HomeAssistant, entry: MockConfigEntry, camera: Camera
) -> None:
    """The walk through all recordings runs in the background, and ends with the entry."""
    await hass.config_entries.async_setup(entry.entry_id)
    camera.faults.set("record/list.cgi", Fault.TIMEOUT)
    assert entry.state is ConfigEntryState.LOADED
    await asyncio.sleep(0)
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_certificate_changes(
    hass: HomeAssistant,
    enable_custom_integrations: None,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Another certificate is not silence: the owner is asked, and nothing is sent to it."""
    async with added(hass, camera, tls=True) as (server, entry):
        assert entry.state is ConfigEntryState.LOADED
        assert {each.scheme for each in server.requests} <= {None, "Basic"}

        await server.renew_certificate()
        before = len(server.requests)
        await pass_time(hass, freezer)

        assert state_of(hass, SWITCH) == "unavailable"
        (flow,) = hass.config_entries.flow.async_progress()
        assert flow["context"]["source"] == SOURCE_REAUTH
        assert len(server.requests) == before


@pytest.mark.parametrize(
    "step", ["Playback.async_open", "StorageCoordinator.async_refresh"]
)
async def test_later_step_fails(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    step: str,
) -> None:
    """What was opened before is closed, and the next try works."""
    owner = {"Playback": Playback, "StorageCoordinator": StorageCoordinator}[
        step.split(".", maxsplit=1)[0]
    ]
    closed: list[Ledger] = []
    close = Ledger.close

    def note(self: Ledger) -> None:
        closed.append(self)
        close(self)

    monkeypatch.setattr(Ledger, "close", note)
    with monkeypatch.context() as patched:
        patched.setattr(owner, step.split(".")[1], AsyncMock(side_effect=RuntimeError))
        assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert len(closed) == 1
    assert not entry._background_tasks
    caplog.clear()
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert len(closed) == 1


async def test_no_secret_in_the_log(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Neither the password nor what proves it, not even in debug messages."""
    for fault in (Fault.RESET, Fault.HTML, Fault.UNAUTHORIZED, Fault.ERROR):
        camera.faults.set("*", fault)
        await pass_time(hass, freezer)
    assert "operator-secret" not in caplog.text
    assert "response=" not in caplog.text
    assert "Error fetching Front camera data" in caplog.text
