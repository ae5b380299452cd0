"""A camera that starts may refuse every log-in for some seconds: the owner is asked only if it stays so."""

from typing import TYPE_CHECKING

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.core import HassJob
from homeassistant.util.async_ import get_scheduled_timer_handles
import pytest

from custom_components.axis_recordings.const import DOMAIN
from custom_components.axis_recordings.helpers import log_in
from custom_components.axis_recordings.helpers.log_in import RETRY_DELAYS
from tests.camera import Account, Camera, CameraServer, Fault, Level
from tests.common import SWITCH, pass_time, state_of

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry


def asks(hass: HomeAssistant, entry: MockConfigEntry) -> bool:
    """Return whether the owner is asked to log in again."""
    return any(entry.async_get_active_flows(hass, {SOURCE_REAUTH}))


async def test_while_loaded(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
) -> None:
    """After an outage a refusal has to be repeated before it counts."""
    camera.faults.set("*", Fault.RESET)
    await pass_time(hass, freezer)
    camera.faults.set("*", Fault.UNAUTHORIZED)
    await pass_time(hass, freezer)
    assert not asks(hass, loaded)
    assert state_of(hass, SWITCH) == "unavailable"
    camera.faults.clear()
    await pass_time(hass, freezer)
    assert not asks(hass, loaded)
    assert state_of(hass, SWITCH) == "off"


async def test_without_an_outage(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The camera has restarted between two polls: what was asked is taken back by a good one."""
    camera.faults.set("*", Fault.UNAUTHORIZED)
    await pass_time(hass, freezer)
    assert asks(hass, loaded)
    camera.faults.clear()
    await pass_time(hass, freezer)
    assert not asks(hass, loaded)
    assert state_of(hass, SWITCH) == "off"


async def test_new_password_after_an_outage(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The second poll tells, and the owner's answer works."""
    camera.faults.set("*", Fault.RESET)
    await pass_time(hass, freezer)
    camera.faults.clear()
    camera.accounts["operator"] = Account("another", Level.OPERATOR)
    await pass_time(hass, freezer)
    await pass_time(hass, freezer)
    (flow,) = loaded.async_get_active_flows(hass, {SOURCE_REAUTH})
    await hass.config_entries.flow.async_configure(
        flow["flow_id"], {"username": "operator", "password": "another"}
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    assert not asks(hass, loaded)
    assert loaded.state is ConfigEntryState.LOADED


@pytest.mark.parametrize("minutes", [0.1, 0.3, 1.5, 5, 40])
async def test_at_setup(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
    minutes: float,
) -> None:
    """It is tried again, however long it takes, and when that works nobody is asked any more."""
    camera.faults.set("*", Fault.UNAUTHORIZED)
    await hass.config_entries.async_setup(entry.entry_id)
    assert asks(hass, entry)
    for _ in range(10):
        await pass_time(hass, freezer, minutes * 6)
    camera.faults.clear()
    for _ in range(10):
        await pass_time(hass, freezer, 11 if minutes < 2 else 181)
    assert entry.state is ConfigEntryState.LOADED
    assert not asks(hass, entry)


async def test_wrong_password_at_setup(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: Camera,
    server: CameraServer,
    freezer: FrozenDateTimeFactory,
) -> None:
    """It is asked for at once, and tried more and more rarely."""
    camera.accounts["operator"] = Account("another", Level.OPERATOR)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert asks(hass, entry)
    for _ in range(12):
        await pass_time(hass, freezer, 31)
    before = len(server.requests)
    for _ in range(8):
        await pass_time(hass, freezer, 901)
    assert asks(hass, entry)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    failed = [each for each in server.requests if each.scheme and each.status == 401]
    later = [each for each in server.requests[before:] if each.scheme]
    assert len(failed) - len(later) == 1 + len(RETRY_DELAYS)
    assert 3 <= len(later) <= 4


def log_ins(server: CameraServer) -> int:
    """Return how often the log-in was refused."""
    return sum(each.status == 401 and bool(each.scheme) for each in server.requests)


def planned(hass: HomeAssistant) -> int:
    """Return how many tries are planned."""
    jobs = [
        argument
        for handle in get_scheduled_timer_handles(hass.loop)
        if not handle.cancelled()
        for argument in handle._args
        if isinstance(argument, HassJob)
    ]
    return sum(job.target.__module__ == log_in.__name__ for job in jobs)


async def test_polls_on_demand(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    server: CameraServer,
    freezer: FrozenDateTimeFactory,
) -> None:
    """However many are refused, there is one next try, as nobody should be locked out."""
    camera.accounts["operator"] = Account("another", Level.OPERATOR)
    for _ in range(10):
        await loaded.runtime_data.recordings.async_refresh()
    await hass.async_block_till_done(wait_background_tasks=True)
    assert planned(hass) == 1
    before = log_ins(server)
    await pass_time(hass, freezer, 1900)
    assert log_ins(server) == before + 1


async def test_unloaded(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """Nothing is left that would hold all of the camera, or set it up again."""
    camera.accounts["operator"] = Account("another", Level.OPERATOR)
    await loaded.runtime_data.recordings.async_refresh()
    assert planned(hass) == 1
    assert await hass.config_entries.async_unload(loaded.entry_id)
    assert planned(hass) == 0


async def test_another_reason(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: Camera,
    server: CameraServer,
    freezer: FrozenDateTimeFactory,
    hass_storage: dict[str, object],
) -> None:
    """What keeps a camera from being set up since is not tried again for that."""
    camera.faults.set("*", Fault.UNAUTHORIZED)
    await hass.config_entries.async_setup(entry.entry_id)
    camera.faults.clear()
    hass_storage[f"{DOMAIN}.{entry.entry_id}"] = {"version": 99, "data": []}
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    before = len(server.requests)
    await pass_time(hass, freezer, 1900)
    assert len(server.requests) == before


async def test_removed(
    hass: HomeAssistant, entry: MockConfigEntry, camera: Camera
) -> None:
    """Nor is anything left of a camera that is removed."""
    camera.faults.set("*", Fault.UNAUTHORIZED)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert planned(hass) == 1
    await hass.config_entries.async_remove(entry.entry_id)
    assert planned(hass) == 0
