"""The devices of disks, which come and go."""

import asyncio
from typing import TYPE_CHECKING

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNKNOWN
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.setup import async_setup_component
import pytest

from custom_components.axis_recordings.const import DOMAIN
from custom_components.axis_recordings.disks.sensors import DiskSensor
from custom_components.axis_recordings.vapix.bounds import MOST_DISKS
from tests.camera import Account, Camera, Disk, Level
from tests.common import SWITCH, pass_time, set_up, state_of
from tests.waiting import until

from .entities import CARD, PROBLEM, SHARE, SHARE_STATUS, STATUS, disk_devices

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry
    from pytest_homeassistant_custom_component.typing import WebSocketGenerator

    from tests.camera import CameraServer


async def test_device(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """A part of the camera's, known by slot."""
    (device,) = disk_devices(hass).values()
    (parent,) = dr.async_entries_for_config_entry(dr.async_get(hass), loaded.entry_id)
    assert device.name == "SD card"
    assert device.parent_device_id == parent.id
    assert device.identifiers == {(DOMAIN, f"{camera.serial}-SD_DISK")}


@pytest.mark.parametrize(
    ("disk", "name"),
    [
        (Disk("SD_DISK"), "SD card"),
        (Disk("NetworkShare"), "Network share"),
        (Disk("HDD_DISK"), "Hard disk"),
        (Disk("EMMC"), "Internal memory"),
        (Disk("USB_DISK"), "USB disk"),
        (Disk("NetworkShareN0"), "NetworkShareN0"),
        (Disk("SD_DISK", name="Grandma's card"), "Grandma's card"),
    ],
)
async def test_device_names(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: Camera,
    disk: Disk,
    name: str,
) -> None:
    """The disk's own, else what is usual, else the ID."""
    camera.disks.clear()
    camera.attach_disk(disk)
    await set_up(hass, entry)
    assert list(disk_devices(hass)) == [name]


@pytest.mark.usefixtures("loaded")
async def test_disk_is_named(
    hass: HomeAssistant, camera: Camera, freezer: FrozenDateTimeFactory
) -> None:
    """A new name shows at the next poll, and what is there keeps its entities."""
    camera.disks["SD_DISK"].name = "Attic"
    await pass_time(hass, freezer, 301)
    assert list(disk_devices(hass)) == ["Attic"]
    assert state_of(hass, STATUS) == "ok"


async def test_disk_comes(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
) -> None:
    """It has its device and entities without a reload."""
    runtime_data = loaded.runtime_data
    camera.attach_disk(Disk("NetworkShare"))
    await pass_time(hass, freezer, 301)
    assert set(disk_devices(hass)) == {"SD card", "Network share"}
    assert state_of(hass, SHARE_STATUS) == "ok"
    assert state_of(hass, f"binary_sensor.{SHARE}_storage_problem") == STATE_OFF
    assert loaded.runtime_data is runtime_data


@pytest.mark.usefixtures("loaded")
async def test_disk_goes_for_good(
    hass: HomeAssistant, camera: Camera, freezer: FrozenDateTimeFactory
) -> None:
    """What the camera no longer lists is removed at once, and comes back if it does."""
    camera.attach_disk(Disk("NetworkShare"))
    await pass_time(hass, freezer, 301)
    share = camera.disks.pop("NetworkShare")
    await pass_time(hass, freezer, 301)
    assert set(disk_devices(hass)) == {"SD card"}
    assert hass.states.get(SHARE_STATUS) is None
    assert er.async_get(hass).async_get(SHARE_STATUS) is None
    assert state_of(hass, STATUS) == "ok"

    camera.attach_disk(share)
    await pass_time(hass, freezer, 301)
    assert state_of(hass, SHARE_STATUS) == "ok"


@pytest.mark.usefixtures("loaded")
async def test_disk_is_back_before_its_entities_are_gone(
    hass: HomeAssistant,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A busy Home Assistant takes some time to remove them: they come back once it has."""
    camera.attach_disk(Disk("NetworkShare"))
    await pass_time(hass, freezer, 301)
    is_free = asyncio.Event()

    async def wait(_: DiskSensor) -> None:
        await is_free.wait()

    monkeypatch.setattr(DiskSensor, "async_will_remove_from_hass", wait)
    disks = hass.config_entries.async_entries(DOMAIN)[0].runtime_data.disks
    share = camera.disks.pop("NetworkShare")
    await disks.async_refresh()
    camera.attach_disk(share)
    await disks.async_refresh()
    assert "already exists" not in caplog.text
    is_free.set()
    await hass.async_block_till_done(wait_background_tasks=True)
    await pass_time(hass, freezer, 301)
    assert state_of(hass, SHARE_STATUS) == "ok"
    assert "already exists" not in caplog.text


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_always_other_disks(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
) -> None:
    """No camera has that many slots; Home Assistant would remember each of them forever."""
    for number in range(1, 60):
        camera.disks.pop(f"Made_up_{number - 1}", None)
        camera.attach_disk(Disk(f"Made_up_{number}"))
        await pass_time(hass, freezer, 301)
        if number == 30:
            await hass.config_entries.async_reload(loaded.entry_id)
    entities = er.async_get(hass)
    unique_ids = [
        *(each.unique_id for each in entities.entities.values()),
        *(each.unique_id for each in entities.deleted_entities.values()),
    ]
    kept = {each.split("-")[1] for each in unique_ids if "Made_up" in each}
    assert len(kept) < MOST_DISKS
    assert loaded.runtime_data.client.bounds.left_out["disks"]
    assert set(disk_devices(hass)) == {"SD card"}
    assert state_of(hass, STATUS) == "ok"
    camera.attach_disk(Disk("Made_up_1"))
    await pass_time(hass, freezer, 301)
    assert set(disk_devices(hass)) == {"SD card", "Made_up_1"}


async def test_stale_device(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """One that went while Home Assistant did not run is removed at the start."""
    camera.attach_disk(Disk("NetworkShare"))
    await hass.config_entries.async_reload(loaded.entry_id)
    await hass.async_block_till_done()
    assert "Network share" in disk_devices(hass)
    await hass.config_entries.async_unload(loaded.entry_id)
    del camera.disks["NetworkShare"]
    await set_up(hass, loaded)
    assert set(disk_devices(hass)) == {"SD card"}
    assert er.async_get(hass).async_get(SHARE_STATUS) is None


async def test_viewer_removes_nothing(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """It does not see the disks, which is not the same as none."""
    await hass.config_entries.async_unload(loaded.entry_id)
    camera.accounts["operator"] = Account("operator-secret", Level.VIEWER)
    await set_up(hass, loaded)
    assert set(disk_devices(hass)) == {"SD card"}


async def test_empty_slot(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
) -> None:
    """It has no device until something is in it for the first time."""
    card = camera.detach_disk("SD_DISK")
    await set_up(hass, entry)
    await pass_time(hass, freezer, 301)
    assert not disk_devices(hass)
    assert hass.states.get(STATUS) is None

    camera.attach_disk(card)
    await pass_time(hass, freezer, 301)
    assert state_of(hass, STATUS) == "ok"


async def test_card_is_pulled_and_swapped(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The device stays, also over a restart, and is that of the next card."""
    (before,) = disk_devices(hass).values()
    camera.detach_disk("SD_DISK")
    await pass_time(hass, freezer, 301)
    for _ in range(2):
        assert state_of(hass, STATUS) == "disconnected"
        assert state_of(hass, PROBLEM) == STATE_ON
        for name in ("used_space", "used", "free", "size", "recordings"):
            assert state_of(hass, f"sensor.{CARD}_{name}") == STATE_UNKNOWN
        await hass.config_entries.async_reload(loaded.entry_id)
        await hass.async_block_till_done(wait_background_tasks=True)

    camera.attach_disk(Disk(total_kb=1000, free_kb=250))
    await pass_time(hass, freezer, 301)
    assert state_of(hass, f"sensor.{CARD}_used_space") == "75.0"
    (after,) = disk_devices(hass).values()
    assert after.id == before.id


async def test_removal_by_hand(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """Only what is not there may be deleted; if it returns, so does its device."""
    assert await async_setup_component(hass, "config", {})
    client = await hass_ws_client(hass)
    (device,) = disk_devices(hass).values()
    (parent,) = dr.async_entries_for_config_entry(dr.async_get(hass), loaded.entry_id)
    for refused in (parent.id, device.id):
        answer = await client.remove_device(refused)
        assert not answer["success"]

    card = camera.detach_disk("SD_DISK")
    await pass_time(hass, freezer, 301)
    answer = await client.remove_device(device.id)
    assert answer["success"]
    await hass.async_block_till_done()
    assert not disk_devices(hass)
    assert hass.states.get(STATUS) is None

    camera.attach_disk(card)
    await pass_time(hass, freezer, 301)
    assert state_of(hass, STATUS) == "ok"


async def test_disk_comes_while_the_camera_is_unloaded(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Whatever is seen once the platforms are gone is left to the next ones."""
    card = camera.detach_disk("SD_DISK")
    await pass_time(hass, freezer, 301)
    (device,) = disk_devices(hass).values()
    dr.async_get(hass).async_remove_device(device.id)
    await hass.async_block_till_done()
    data = loaded.runtime_data

    async def come() -> None:
        await until(lambda: not hass.states.is_state(SWITCH, STATE_OFF))
        camera.attach_disk(card)
        camera.start_recording(source="2")
        await data.disks.async_refresh()

    data.commands.async_start("start", come)
    await hass.config_entries.async_reload(loaded.entry_id)
    await hass.async_block_till_done()
    assert "unique ID" not in caplog.text
    assert state_of(hass, STATUS) == "ok"
    assert state_of(hass, "binary_sensor.front_camera_source_2_recording_in_progress")
    card.status = "failed"
    await pass_time(hass, freezer, 301)
    assert state_of(hass, STATUS) == "failed"


async def test_removal_by_hand_without_rights(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """What a viewer can't see may be deleted."""
    assert await async_setup_component(hass, "config", {})
    camera.accounts["operator"] = Account("operator-secret", Level.VIEWER)
    await hass.config_entries.async_reload(loaded.entry_id)
    (device,) = disk_devices(hass).values()
    answer = await (await hass_ws_client(hass)).remove_device(device.id)
    assert answer["success"]
    assert not disk_devices(hass)


async def test_removal_by_hand_while_the_camera_is_off(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    server: CameraServer,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """Nobody knows whether the disk is there; if it is, its device returns with the camera."""
    assert await async_setup_component(hass, "config", {})
    (device,) = disk_devices(hass).values()
    await server.close()
    await hass.config_entries.async_reload(loaded.entry_id)
    assert loaded.state is ConfigEntryState.SETUP_RETRY
    answer = await (await hass_ws_client(hass)).remove_device(device.id)
    assert answer["success"]
    assert not disk_devices(hass)
    await server.start()
    await hass.config_entries.async_reload(loaded.entry_id)
    await hass.async_block_till_done()
    assert len(disk_devices(hass)) == 1
    assert state_of(hass, STATUS) == "ok"
