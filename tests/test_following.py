"""What of a camera changes while it is loaded shows without a reload."""

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from homeassistant.const import STATE_OFF, STATE_ON
from homeassistant.helpers import device_registry as dr
import pytest

from custom_components.axis_recordings.const import DOMAIN
from tests.camera import Account, Camera, Fault, Level, Quirks

from .helpers import IN_PROGRESS, SWITCH, added, pass_time, state_of

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

HOUR = 3600
WHO = "/axis-cgi/basicdeviceinfo.cgi"
SOURCE = "binary_sensor.front_camera_source_{}_recording_in_progress"


def device_of(hass: HomeAssistant, camera: Camera) -> dr.DeviceEntry:
    """Return the camera's device."""
    (device,) = (
        device
        for device in dr.async_get(hass).async_get_devices(
            identifiers={(DOMAIN, camera.serial)}
        )
    )
    return device


async def restart(
    hass: HomeAssistant, camera: Camera, freezer: FrozenDateTimeFactory
) -> None:
    """Let a camera be away for a poll, and come back."""
    camera.quirks = replace(camera.quirks, while_down="unavailable")
    camera.shut_down()
    await pass_time(hass, freezer)
    camera.start_up()


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("version", [None, "1.1", "1.3"])
@pytest.mark.usefixtures("enable_custom_integrations")
async def test_new_software(
    hass: HomeAssistant,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
    tls: bool,
    version: Literal["1.1", "1.3"] | None,
) -> None:
    """It shows at once when the camera is back, whoever may read it."""
    camera.quirks = Quirks(basic_device_info=version)
    async with added(hass, camera, tls=tls) as (_, entry):
        coordinator = entry.runtime_data
        camera.firmware, camera.model = "12.6.101", "AXIS P3265-LVE Mk II"
        await restart(hass, camera, freezer)
        await pass_time(hass, freezer)
        device = device_of(hass, camera)
        assert (device.sw_version, device.model) == ("12.6.101", "AXIS P3265-LVE Mk II")
        assert coordinator.camera.device.firmware == "12.6.101"
        assert entry.runtime_data is coordinator, "nothing was reloaded"


@pytest.mark.usefixtures("loaded")
async def test_restart_between_two_polls(
    hass: HomeAssistant, camera: Camera, freezer: FrozenDateTimeFactory
) -> None:
    """The camera wants a new log-in, and what it says of itself then is enough."""
    camera.reboot()
    camera.firmware = "12.6.101"
    await pass_time(hass, freezer)
    await pass_time(hass, freezer)
    assert device_of(hass, camera).sw_version == "12.6.101"


@pytest.mark.usefixtures("enable_custom_integrations")
async def test_change_without_a_restart(
    hass: HomeAssistant, camera: Camera, freezer: FrozenDateTimeFactory
) -> None:
    """It shows within the hour, with one look."""
    camera.nonce_lifetime = 1e9
    async with added(hass, camera) as (server, entry):
        camera.name = "Gate"
        before = len(server.requests)
        for _ in range(10):
            await pass_time(hass, freezer, HOUR / 10)
        asked = [each.path for each in server.requests[before:]].count(WHO)
        assert asked == 1
        await pass_time(hass, freezer)
        assert entry.title == "Gate"
        assert entry.runtime_data.name == "Gate"
        assert device_of(hass, camera).name == "Gate"
        state = hass.states.get(SWITCH)
        assert state
        assert state.name == "Gate Recording"


@pytest.mark.parametrize("title", ["Front camera", "Front camera 0A1B2C", "Mine"])
async def test_name(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
    title: str,
) -> None:
    """A new one is taken over, but none that the owner has chosen here is lost."""
    hass.config_entries.async_update_entry(entry, title=title)
    await hass.config_entries.async_setup(entry.entry_id)
    device = device_of(hass, camera)
    dr.async_get(hass).async_update_device(device.id, name_by_user="My own")
    camera.name = "Gate"
    await restart(hass, camera, freezer)
    await pass_time(hass, freezer)
    assert entry.title == title.replace("Front camera", "Gate")
    device = device_of(hass, camera)
    assert (device.name, device.name_by_user) == (entry.title, "My own")


@pytest.mark.usefixtures("loaded")
async def test_look_that_fails(
    hass: HomeAssistant, camera: Camera, freezer: FrozenDateTimeFactory
) -> None:
    """The recordings are told all the same, and it is tried again soon."""
    camera.name = "Gate"
    camera.faults.set("param.cgi", Fault.RESET)
    await restart(hass, camera, freezer)
    await pass_time(hass, freezer)
    assert state_of(hass, IN_PROGRESS) == STATE_OFF
    camera.faults.clear()
    await pass_time(hass, freezer, 61)
    assert device_of(hass, camera).name == "Gate"


async def test_rights(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The switch goes with the right to use it, and comes again."""
    for level, has_switch in ((Level.VIEWER, False), (Level.OPERATOR, True)):
        camera.accounts["operator"] = Account("operator-secret", level)
        await pass_time(hass, freezer, 301)
        await hass.async_block_till_done(wait_background_tasks=True)
        assert loaded.runtime_data.camera.is_operator is has_switch
        state = hass.states.get(SWITCH)
        assert bool(state and state.state != "unavailable") is has_switch


@pytest.mark.usefixtures("loaded")
async def test_second_source(
    hass: HomeAssistant, camera: Camera, freezer: FrozenDateTimeFactory
) -> None:
    """With the first recording of a second source, both have their sensors."""
    assert hass.states.get(SOURCE.format(1)) is None
    # Over before the poll, and not the newest.
    second = camera.start_recording(source="2")
    freezer.tick(2)
    camera.end_recording(second)
    freezer.tick(1)
    camera.start_recording(source="1")
    await pass_time(hass, freezer)
    assert state_of(hass, SOURCE.format(1)) == STATE_ON
    assert state_of(hass, SOURCE.format(2)) == STATE_OFF


@pytest.mark.usefixtures("loaded")
async def test_sources_are_asked_for_again(
    hass: HomeAssistant, camera: Camera, freezer: FrozenDateTimeFactory
) -> None:
    """What no poll has shown, as it was recorded while the camera could not be reached, is found."""
    camera.faults.set("*", Fault.RESET)
    await pass_time(hass, freezer)
    camera.add_recording(
        camera.clock.now().replace(year=2026, month=11, day=1),
        camera.clock.now().replace(year=2026, month=11, day=2),
        source="2",
    )
    camera.faults.clear()
    await pass_time(hass, freezer)
    await pass_time(hass, freezer)
    assert state_of(hass, SOURCE.format(2)) == STATE_OFF


async def test_time_zone(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
) -> None:
    """It is asked for anew after the camera has restarted."""
    catalogue = loaded.runtime_data.catalogue
    assert str(await catalogue.async_time_zone(None)) == "America/New_York"
    camera.clock.time_zone = "Europe/Stockholm"
    await restart(hass, camera, freezer)
    await pass_time(hass, freezer)
    assert str(await catalogue.async_time_zone(None)) == "Europe/Stockholm"
