"""What of a camera changes while it is loaded shows without a reload."""

from dataclasses import replace
import gc
from typing import TYPE_CHECKING, Any, Literal

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_OFF, STATE_ON
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr
import pytest

from custom_components.axis_recordings.recordings.metadata import CameraMetadata
from custom_components.axis_recordings.vapix import VapixClient
from tests.camera import Account, Camera, Fault, Level, Quirks

from .common import (
    IN_PROGRESS,
    SWITCH,
    added,
    call,
    device_of,
    pass_time,
    state_of,
)
from .waiting import Held

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

HOUR = 3600
WHO = "/axis-cgi/basicdeviceinfo.cgi"
SOURCE = "binary_sensor.front_camera_source_{}_recording_in_progress"


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
        data = entry.runtime_data
        camera.firmware, camera.model = "12.6.101", "AXIS P3265-LVE Mk II"
        await restart(hass, camera, freezer)
        await pass_time(hass, freezer)
        device = device_of(hass, camera)
        assert (device.sw_version, device.model) == ("12.6.101", "AXIS P3265-LVE Mk II")
        assert data.recordings.device.firmware == "12.6.101"
        assert entry.runtime_data is data, "nothing was reloaded"


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
    """It shows within the hour, with one poll."""
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


async def test_owner_chooses_another_name(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Errors and the log have it at once, and whatever else changes brings the former one back nowhere."""
    hass.config_entries.async_update_entry(loaded, title="Yard")
    camera.firmware = "12.6.101"
    await restart(hass, camera, freezer)
    assert "Error fetching Yard data: Yard is busy" in caplog.text
    await pass_time(hass, freezer)
    device = device_of(hass, camera)
    assert (device.name, device.sw_version) == ("Yard", "12.6.101")
    camera.faults.set("disks/list.cgi", Fault.RESET)
    with pytest.raises(HomeAssistantError, match=r"^Yard"):
        await call(hass, "start")
    camera.faults.clear()
    monkeypatch.setattr(VapixClient, "fetch_disks", None)
    await loaded.runtime_data.disks.async_refresh()
    assert "Error fetching Yard disks data: Yard: " in caplog.text


@pytest.mark.usefixtures("loaded")
async def test_unforeseen(
    hass: HomeAssistant,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What nobody foresaw is reported once, not with each poll, and tried again after a while."""
    polls: list[None] = []

    async def fail(_client: VapixClient) -> None:
        polls.append(None)
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(VapixClient, "fetch_device", fail)
        await pass_time(hass, freezer, HOUR)
        for _ in range(4):
            await pass_time(hass, freezer, 31)
    assert len(polls) == 3
    gc.collect()
    assert "never retrieved" not in caplog.text
    assert caplog.text.count("unexpected error (camera)") == 1
    camera.firmware = "12.6.101"
    await pass_time(hass, freezer, 61)
    assert device_of(hass, camera).sw_version == "12.6.101"


@pytest.mark.usefixtures("loaded")
async def test_poll_that_fails(
    hass: HomeAssistant, camera: Camera, freezer: FrozenDateTimeFactory
) -> None:
    """The recordings are reported all the same, and it is tried again soon."""
    camera.name = "Gate"
    camera.faults.set("param.cgi", Fault.RESET)
    await restart(hass, camera, freezer)
    await pass_time(hass, freezer)
    assert state_of(hass, IN_PROGRESS) == STATE_OFF
    camera.faults.clear()
    await pass_time(hass, freezer, 61)
    assert device_of(hass, camera).name == "Gate"


@pytest.mark.usefixtures("loaded")
async def test_name_that_is_not_reported(
    hass: HomeAssistant, camera: Camera, freezer: FrozenDateTimeFactory
) -> None:
    """A camera that has just started has no other name because of that; one without a name is its model."""
    camera.faults.set("param.cgi", Fault.STATUS, status=500)
    await restart(hass, camera, freezer)
    await pass_time(hass, freezer)
    assert device_of(hass, camera).name == "Front camera"
    camera.faults.clear()
    await pass_time(hass, freezer, 61)
    assert device_of(hass, camera).name == "Front camera"
    camera.name = ""
    await restart(hass, camera, freezer)
    await pass_time(hass, freezer)
    await pass_time(hass, freezer, 61)
    assert device_of(hass, camera).name == camera.model


@pytest.mark.usefixtures("loaded")
async def test_poll_with_an_unforeseen_error(
    hass: HomeAssistant,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is logged once, and not repeated with each poll."""
    polls: list[VapixClient] = []

    async def fetch_device(self: VapixClient) -> None:
        polls.append(self)
        message = "nobody foresaw this"
        raise RuntimeError(message)

    with monkeypatch.context() as patched:
        patched.setattr(VapixClient, "fetch_device", fetch_device)
        await restart(hass, camera, freezer)
        for _ in range(4):
            await pass_time(hass, freezer)
    assert len(polls) <= 2
    logged = [
        each for each in caplog.records if each.levelname == "ERROR" and each.exc_info
    ]
    assert len(logged) == 1
    caplog.clear()


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
        assert loaded.runtime_data.recordings.is_operator is has_switch
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


async def test_name_of_another_camera(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A new name that another camera has here comes with the end of the serial number."""
    async with added(hass, Camera(serial="ACCC8E5D6F70", name="Gate")):
        assert entry.state is ConfigEntryState.LOADED
        camera.name = "Gate"
        await restart(hass, camera, freezer)
        await pass_time(hass, freezer)
        assert entry.title == "Gate 0A1B2C"


async def test_what_is_not_reported_stays(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """A time zone and names that were known count until the camera reports others."""
    metadata = loaded.runtime_data.metadata
    names = await metadata.async_event_ids()
    assert names
    assert str(await metadata.async_time_zone(None)) == "America/New_York"
    metadata.async_forget()
    camera.faults.set("*", Fault.STATUS, status=500)
    assert str(await metadata.async_time_zone(None)) == "America/New_York"
    assert await metadata.async_event_ids() == names


@pytest.mark.parametrize(
    ("fetch", "ask"),
    [
        ("fetch_time_zone", lambda metadata: metadata.async_time_zone(None)),
        ("fetch_sources", CameraMetadata.async_sources),
    ],
)
async def test_forgotten_while_the_camera_answers(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    monkeypatch: pytest.MonkeyPatch,
    fetch: str,
    ask: Callable[[CameraMetadata], Coroutine[Any, Any, object]],
) -> None:
    """An answer of before does not count as one of after."""
    held = Held(monkeypatch, VapixClient, fetch)
    client = loaded.runtime_data.client
    metadata = CameraMetadata(
        hass, client, is_away=lambda: False, finder=loaded.runtime_data.finder
    )
    asking = hass.async_create_task(ask(metadata))
    await held.asked.wait()
    camera.clock.time_zone = "Europe/Stockholm"
    camera.end_recording(camera.start_recording(source="2"))
    metadata.async_forget()
    held.release()
    before = await asking
    assert str(await ask(metadata)) != str(before)


async def test_time_zone(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
) -> None:
    """It is asked for anew after the camera has restarted."""
    metadata = loaded.runtime_data.metadata
    assert str(await metadata.async_time_zone(None)) == "America/New_York"
    camera.clock.time_zone = "Europe/Stockholm"
    await restart(hass, camera, freezer)
    await pass_time(hass, freezer)
    assert str(await metadata.async_time_zone(None)) == "Europe/Stockholm"
