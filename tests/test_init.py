"""A camera's life in Home Assistant: set up, lost, found again, unloaded, removed."""

import asyncio
from typing import TYPE_CHECKING, Any
from unittest.mock import AsyncMock, Mock

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.const import STATE_ON
from homeassistant.util import dt as dt_util
import pytest

from custom_components.axis_recordings.activity.ledger import Ledger
from custom_components.axis_recordings.const import DOMAIN
from custom_components.axis_recordings.disks.coordinator import DisksCoordinator
from custom_components.axis_recordings.playback.player import Player
from custom_components.axis_recordings.runtime import index_path
from custom_components.axis_recordings.vapix import RecordingKey, VapixClient
from tests.camera import Account, Camera, CameraServer, Fault, Level

from .common import SWITCH, added, call, pass_time, set_up, state_of, turn

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry


def has_ledger(hass: HomeAssistant, entry: MockConfigEntry) -> bool:
    """Return whether anything is remembered of the recordings."""
    return index_path(hass, entry.entry_id).exists()


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


async def test_nothing_is_kept_of_a_camera_that_is_removed(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    """What outlives a reload goes with the entry, as nothing else would end it."""

    def kept() -> list[str]:
        return [
            str(key)
            for key, value in hass.data.items()
            if str(key).startswith(DOMAIN)
            and isinstance(value, dict)
            and loaded.entry_id in value
        ]

    await turn(hass, "on")
    await hass.config_entries.async_reload(loaded.entry_id)
    assert kept()
    await hass.config_entries.async_remove(loaded.entry_id)
    assert not kept()


@pytest.mark.parametrize("is_foreseen", [True, False])
async def test_remove_stops_all_that_can_be_stopped(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: Camera,
    hass_storage: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    is_foreseen: bool,
) -> None:
    """One that an earlier version has noted by a name that is none keeps nothing from being cleaned up."""
    if not is_foreseen:
        stop = VapixClient.stop_recording

        async def fail(self: VapixClient, key: RecordingKey) -> None:
            if key.recording_id == "all":
                raise RuntimeError
            await stop(self, key)

        monkeypatch.setattr(VapixClient, "stop_recording", fail)
    own = {
        "disk_id": "SD_DISK",
        "recording_id": "all",
        "started": dt_util.utcnow().isoformat(),
        "deadline": None,
        "by_switch": False,
    }
    stored = f"{DOMAIN}.{entry.entry_id}"
    hass_storage[stored] = {"version": 1, "minor_version": 1, "data": [own]}
    await set_up(hass, entry)
    await turn(hass, "on")
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    assert not camera.recordings.ongoing
    assert stored not in hass_storage
    assert "its recording all could not be stopped" in caplog.text
    assert ("unexpected error" in caplog.text) != is_foreseen


async def test_remove_cleans_up_whatever_fails(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    hass_storage: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is stored goes, also where nothing can be stopped for a reason that nobody foresaw."""
    await turn(hass, "on")
    assert has_ledger(hass, loaded)
    monkeypatch.setattr(
        "custom_components.axis_recordings.create_client",
        Mock(side_effect=RuntimeError),
    )
    await hass.config_entries.async_remove(loaded.entry_id)
    assert not has_ledger(hass, loaded)
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
    "step", ["Player.async_open", "DisksCoordinator.async_refresh"]
)
async def test_later_step_fails(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    step: str,
) -> None:
    """What was opened before is closed, and the next try works."""
    owner = {"Player": Player, "DisksCoordinator": DisksCoordinator}[
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
