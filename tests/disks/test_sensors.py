"""The entities of disks: what they show, and which there are."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNKNOWN
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest

from tests.camera import Camera, Disk, Quirks
from tests.common import attributes_of, pass_time, set_up, state_of

from .entities import CARD, PROBLEM, STATUS, disk_devices

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry


type Diagnosis = tuple[str, str, list[str]]


def entities_of(hass: HomeAssistant, device: dr.ChildDeviceEntry) -> set[str]:
    """Return the entities of a device, also those that are off."""
    entries = er.async_entries_for_device(
        er.async_get(hass), device.id, include_disabled_entities=True
    )
    return {each.entity_id for each in entries}


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_names_values_and_units(
    hass: HomeAssistant, entry: MockConfigEntry, camera: Camera
) -> None:
    """Everything that a disk may report."""
    card = camera.disks["SD_DISK"]
    card.total_kb, card.free_kb, card.limit_kb = 100_000_000, 55_000_000, 50_000_000
    card.wear, card.temperature_kelvin = 25, 315
    await set_up(hass, entry)
    reported = {
        state.name: (state.state, state.attributes.get("unit_of_measurement"))
        for state in hass.states.async_all("sensor")
        if CARD in state.entity_id
    }
    assert reported.pop("SD card Oldest overwritten in")[1] == "h"
    assert reported == {
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
    """What a disk does not report has no entity, until another card tells it."""
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
    """A sensor that was there stays, also over a restart: another card may report it again."""
    camera.disks["SD_DISK"].wear = 3
    await set_up(hass, entry)
    camera.disks["SD_DISK"].wear = -1
    if again:
        await hass.config_entries.async_reload(entry.entry_id)
        await hass.async_block_till_done(wait_background_tasks=True)
    else:
        await pass_time(hass, freezer, 301)
    assert state_of(hass, f"sensor.{CARD}_wear") == STATE_UNKNOWN
