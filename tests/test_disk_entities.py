"""The entities of disks, and their devices, which come and go."""

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNKNOWN
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.setup import async_setup_component
import pytest

from custom_components.axis_recordings.const import DOMAIN
from custom_components.axis_recordings.disk_sensors import DiskSensor
from tests.camera import Account, Camera, Disk, Level, Quirks

from .helpers import attributes_of, call, pass_time, state_of

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry
    from pytest_homeassistant_custom_component.typing import WebSocketGenerator

    from tests.camera import CameraServer

CARD = "front_camera_sd_card"
SHARE = "front_camera_network_share"
STATUS = f"sensor.{CARD}_status"
PROBLEM = f"binary_sensor.{CARD}_storage_problem"
SHARE_STATUS = f"sensor.{SHARE}_status"

type Diagnosis = tuple[str, str, list[str]]


def disk_devices(hass: HomeAssistant) -> dict[str, dr.ChildDeviceEntry]:
    """Return the devices of disks by what they are called."""
    return {str(each.name): each for each in dr.async_get(hass).child_devices}


def entities_of(hass: HomeAssistant, device: dr.ChildDeviceEntry) -> set[str]:
    """Return the entities of a device, also those that are off."""
    entries = er.async_entries_for_device(
        er.async_get(hass), device.id, include_disabled_entities=True
    )
    return {each.entity_id for each in entries}


async def set_up(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Set the camera up."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_names_values_and_units(
    hass: HomeAssistant, entry: MockConfigEntry, camera: Camera
) -> None:
    """Everything that a disk may tell."""
    card = camera.disks["SD_DISK"]
    card.total_kb, card.free_kb, card.limit_kb = 100_000_000, 55_000_000, 50_000_000
    card.wear, card.temperature_kelvin = 25, 315
    await set_up(hass, entry)
    told = {
        state.name: (state.state, state.attributes.get("unit_of_measurement"))
        for state in hass.states.async_all("sensor")
        if CARD in state.entity_id
    }
    assert told.pop("SD card Oldest overwritten in")[1] == "h"
    assert told == {
        "SD card Status": ("ok", None),
        "SD card Used space": ("45.0", "%"),
        "SD card Used": ("46.08", "GB"),
        "SD card Free": ("56.32", "GB"),
        "SD card Size": ("102.4", "GB"),
        "SD card Recordings": ("8", None),
        "SD card Retention": ("7", "d"),
        "SD card Wear": ("25", "%"),
        "SD card Temperature": ("41.9", "°C"),
        "SD card File system": ("ext4", None),
        "SD card Storage limit": ("51.2", "GB"),
    }
    assert state_of(hass, PROBLEM) == STATE_OFF
    assert attributes_of(hass, PROBLEM)["reasons"] == []
    assert "job_progress" not in attributes_of(hass, STATUS)


async def test_statistics_and_categories(
    hass: HomeAssistant, entry: MockConfigEntry, camera: Camera
) -> None:
    """What changes has statistics, and what few people need is out of the way."""
    camera.disks["SD_DISK"].wear = 1
    await set_up(hass, entry)
    registry = er.async_get(hass)
    entries = {
        each.entity_id.removeprefix(f"sensor.{CARD}_"): each
        for each in registry.entities.values()
        if each.entity_id.startswith(f"sensor.{CARD}_")
    }
    measured = {
        name
        for name, each in entries.items()
        if each.capabilities and each.capabilities.get("state_class") == "measurement"
    }
    assert measured == {
        "free",
        "oldest_overwritten_in",
        "recordings",
        "size",
        "used",
        "used_space",
        "wear",
    }
    assert {name for name, each in entries.items() if each.entity_category} == {
        "file_system",
        "retention",
        "size",
        "storage_limit",
        "wear",
    }
    assert {name for name, each in entries.items() if each.disabled} == {
        "file_system",
        "storage_limit",
    }


async def test_time_left(
    hass: HomeAssistant, entry: MockConfigEntry, camera: Camera
) -> None:
    """An hour less than the retention, which is an hour less than forever."""
    now = camera.clock.now()
    card = camera.disks["SD_DISK"]
    card.cleanup_max_age = 2
    card.free_kb = card.total_kb - 1000
    camera.add_recording(now - timedelta(hours=40), now - timedelta(hours=39))
    await set_up(hass, entry)
    assert state_of(hass, f"sensor.{CARD}_oldest_overwritten_in") == "8"


@pytest.mark.parametrize(
    ("changes", "diagnosis"),
    [
        ({"full": True}, ("full", STATE_ON, ["full"])),
        ({"locked": True}, ("locked", STATE_ON, ["locked"])),
        ({"readonly": True}, ("read_only", STATE_ON, ["read_only"])),
        ({"status": "connected"}, ("connected", STATE_ON, ["connected"])),
        ({"status": "disconnected"}, ("disconnected", STATE_ON, ["disconnected"])),
        ({"status": "failed"}, ("failed", STATE_ON, ["failed"])),
        ({"status": "no passphrase"}, ("no_passphrase", STATE_ON, ["no_passphrase"])),
        (
            {"status": "wrong passphrase"},
            ("wrong_passphrase", STATE_ON, ["wrong_passphrase"]),
        ),
        ({"status": "not encrypted"}, ("not_encrypted", STATE_ON, ["not_encrypted"])),
        ({"status": "haunted"}, (STATE_UNKNOWN, STATE_ON, ["unknown"])),
        ({"overall_health": 0}, ("ok", STATE_ON, ["test_failed"])),
        ({"wear": 100}, ("ok", STATE_ON, ["worn_out"])),
        ({}, ("ok", STATE_OFF, [])),
    ],
)
@pytest.mark.usefixtures("loaded")
async def test_status_and_problem(
    hass: HomeAssistant,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
    changes: dict[str, Any],
    diagnosis: Diagnosis,
) -> None:
    """The worst, and all of it; and well again."""
    card = camera.disks["SD_DISK"]
    before = {name: getattr(card, name) for name in changes}
    for values, (status, problem, reasons) in (
        (changes, diagnosis),
        (before, ("ok", STATE_OFF, [])),
    ):
        for name, value in values.items():
            setattr(card, name, value)
        await pass_time(hass, freezer, 301)
        assert state_of(hass, STATUS) == status
        assert state_of(hass, PROBLEM) == problem
        assert attributes_of(hass, PROBLEM)["reasons"] == reasons


@pytest.mark.parametrize("size", ["zero", "known"])
@pytest.mark.usefixtures("loaded")
async def test_unmounted(
    hass: HomeAssistant, camera: Camera, freezer: FrozenDateTimeFactory, size: Any
) -> None:
    """Some cameras still know the size; none what is on it."""
    camera.quirks = Quirks(unmounted_size=size)
    camera.unmount_disk("SD_DISK")
    await pass_time(hass, freezer, 301)
    known = size == "known"
    assert (state_of(hass, f"sensor.{CARD}_used_space") == "45.6") == known
    for name in ("used_space", "used", "free", "size"):
        assert (state_of(hass, f"sensor.{CARD}_{name}") != STATE_UNKNOWN) == known
    assert state_of(hass, f"sensor.{CARD}_recordings") == STATE_UNKNOWN
    assert state_of(hass, f"sensor.{CARD}_oldest_overwritten_in") == STATE_UNKNOWN


async def test_only_what_is_supported(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
) -> None:
    """What a disk does not tell has no entity, until another card tells it."""
    camera.quirks = Quirks(storage_limit=None)
    camera.disks["SD_DISK"].filesystem = ""
    await set_up(hass, entry)
    rare = {
        f"sensor.{CARD}_{name}"
        for name in ("wear", "temperature", "file_system", "storage_limit")
    }
    device = disk_devices(hass)["SD card"]
    assert not rare & entities_of(hass, device)

    camera.quirks = Quirks()
    camera.attach_disk(Disk(wear=3, temperature_kelvin=300))
    await pass_time(hass, freezer, 301)
    assert rare < entities_of(hass, device)
    assert state_of(hass, f"sensor.{CARD}_wear") == "3"
    assert state_of(hass, f"sensor.{CARD}_temperature") == "26.9"


@pytest.mark.parametrize("again", [False, True])
async def test_card_without_wear(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
    again: bool,
) -> None:
    """A sensor that was there stays, also over a restart: another card may tell again."""
    camera.disks["SD_DISK"].wear = 3
    await set_up(hass, entry)
    camera.disks["SD_DISK"].wear = -1
    if again:
        await hass.config_entries.async_reload(entry.entry_id)
        await hass.async_block_till_done(wait_background_tasks=True)
    else:
        await pass_time(hass, freezer, 301)
    assert state_of(hass, f"sensor.{CARD}_wear") == STATE_UNKNOWN


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
    """A new name shows at the next look, and what is there keeps its entities."""
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
    storage = hass.config_entries.async_entries(DOMAIN)[0].runtime_data.storage
    share = camera.disks.pop("NetworkShare")
    await storage.async_refresh()
    camera.attach_disk(share)
    await storage.async_refresh()
    assert "already exists" not in caplog.text
    is_free.set()
    await hass.async_block_till_done(wait_background_tasks=True)
    await pass_time(hass, freezer, 301)
    assert state_of(hass, SHARE_STATUS) == "ok"
    assert "already exists" not in caplog.text


async def test_stale_device(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """One that went while Home Assistant did not look is removed at the start."""
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


@pytest.mark.usefixtures("loaded")
async def test_disk_as_a_target(hass: HomeAssistant) -> None:
    """Actions find the camera by its disk's device and entities."""
    (device,) = disk_devices(hass).values()
    for target in ({"device_id": device.id}, {"entity_id": STATUS}):
        answer = await call(hass, "search", target=target, limit=1)
        assert [each["camera"] for each in answer["cameras"]] == ["Front camera"]
