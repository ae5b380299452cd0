"""The disks: how often they are looked at, and what is known of them."""

import asyncio
from datetime import timedelta
import logging
from typing import TYPE_CHECKING, Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNAVAILABLE
from homeassistant.helpers import device_registry as dr
import pytest

from custom_components.axis_recordings.const import DOMAIN
from custom_components.axis_recordings.storage import StorageCoordinator
from tests.camera import Account, Camera, CameraServer, Disk, Fault, Level, Quirks

from .helpers import IN_PROGRESS, SWITCH, attributes_of, pass_time, state_of

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from custom_components.axis_recordings.vapix import RecordingPage, RecordingQuery

STATUS = "sensor.front_camera_sd_card_status"
PROBLEM = "binary_sensor.front_camera_sd_card_storage_problem"
DISRUPTION = "tnsaxis:Storage/Disruption"


async def set_up(hass: HomeAssistant, entry: MockConfigEntry) -> StorageCoordinator:
    """Set the camera up, and return what watches its disks."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    return storage_of(entry)


def storage_of(entry: MockConfigEntry) -> StorageCoordinator:
    """Return what watches the disks of a camera."""
    storage = entry.runtime_data.storage
    assert isinstance(storage, StorageCoordinator)
    return storage


def complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what our log has of warnings and errors."""
    return [
        each.getMessage()
        for each in caplog.records
        if DOMAIN in each.name and each.levelno >= logging.WARNING
    ]


def asked_disks(server: CameraServer) -> list[str]:
    """Return what was asked of disks since the last time, and forget it."""
    paths = [
        each.path.removeprefix("/axis-cgi/")
        for each in server.requests
        if each.status == 200
        and ("disks/" in each.path or "storage/" in each.path or "diskid" in each.query)
    ]
    server.requests.clear()
    return paths


async def test_what_is_known(
    hass: HomeAssistant, entry: MockConfigEntry, camera: Camera
) -> None:
    """All of a disk; recordings are those on it alone."""
    camera.attach_disk(Disk("NetworkShare"))
    now = camera.clock.now()
    camera.add_recording(
        now - timedelta(days=2), now - timedelta(days=1), disk_id="NetworkShare"
    )
    camera.disks["SD_DISK"].wear = 5
    storage = await set_up(hass, entry)
    assert storage.data.is_listed
    card, share = storage.data.disks["SD_DISK"], storage.data.disks["NetworkShare"]
    assert card.recordings == 8
    assert card.oldest == min(
        each.start for each in camera.recordings if each.disk_id == "SD_DISK"
    )
    assert card.health
    assert card.health.wear == 5
    assert card.limit
    assert card.limit.size == 0
    assert share.recordings == 1
    assert share.oldest == now - timedelta(days=2)
    assert not card.reasons
    assert entry.runtime_data.camera.disks == (card.disk, share.disk)


async def test_rhythm(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: Camera,
    server: CameraServer,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Every five minutes; what is not mounted is not looked into."""
    camera.attach_disk(Disk("NetworkShare", status="connected"))
    await set_up(hass, entry)
    asked_disks(server)
    for _ in range(9):
        await pass_time(hass, freezer, 30)
    assert not asked_disks(server)
    await pass_time(hass, freezer, 31)
    assert asked_disks(server) == [
        "disks/list.cgi",
        "disks/gethealth.cgi",
        "record/storage/getlimit.cgi",
        "record/list.cgi",
    ]


async def test_everybody_sees_the_same_disks(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The media browser and the calendar, too."""
    assert loaded.runtime_data.attached_disks == ["SD_DISK"]
    camera.attach_disk(Disk("NetworkShare"))
    await pass_time(hass, freezer, 301)
    assert loaded.runtime_data.attached_disks == ["SD_DISK", "NetworkShare"]


async def test_old_camera(
    hass: HomeAssistant, entry: MockConfigEntry, camera: Camera
) -> None:
    """What it can't tell is unknown, and no more than that."""
    camera.quirks = Quirks(disk_health=None, storage_limit=None)
    storage = await set_up(hass, entry)
    assert storage.last_update_success
    card = storage.data.disks["SD_DISK"]
    assert (card.health, card.limit, card.recordings) == (None, None, 8)


async def test_oldest_camera(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """One without a list of disks still records."""
    camera.faults.set("disks/list.cgi", Fault.NOT_FOUND, times=None)
    storage = await set_up(hass, entry)
    await pass_time(hass, freezer, 301)
    assert storage.last_update_success
    assert not storage.data.is_listed
    assert hass.states.get(STATUS) is None
    assert state_of(hass, SWITCH) == "off"
    assert not complaints(caplog)


@pytest.mark.parametrize(
    "cgi", ["disks/gethealth.cgi", "record/storage/getlimit.cgi", "record/list.cgi"]
)
@pytest.mark.parametrize("fault", [Fault.ERROR, Fault.HTML])
async def test_one_thing_fails(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: Camera,
    cgi: str,
    fault: Fault,
) -> None:
    """The rest is known all the same; some say that the health may come as JSON."""
    storage = await set_up(hass, entry)
    camera.faults.set(cgi, fault)
    await storage.async_refresh()
    assert storage.last_update_success
    assert storage.data.disks["SD_DISK"].status == "ok"
    missing = {
        "disks/gethealth.cgi": "health",
        "record/storage/getlimit.cgi": "limit",
        "record/list.cgi": "recordings",
    }
    for path, name in missing.items():
        value = getattr(storage.data.disks["SD_DISK"], name)
        assert (value is None) == (path == cgi), name


async def test_list_fails(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Disks are unavailable, recordings are not; the log tells once, and devices stay."""
    camera.faults.set("disks/list.cgi", Fault.ERROR, message="Out of order", times=None)
    for _ in range(2):
        await pass_time(hass, freezer, 301)
    assert state_of(hass, STATUS) == STATE_UNAVAILABLE
    assert state_of(hass, IN_PROGRESS) == "off"
    assert len(complaints(caplog)) == 1
    camera.faults.clear()
    await pass_time(hass, freezer, 301)
    assert state_of(hass, STATUS) == "ok"
    assert loaded.state is ConfigEntryState.LOADED


async def test_first_list_fails(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The camera is set up, and its disks come later."""
    await set_up(hass, entry)
    await hass.config_entries.async_unload(entry.entry_id)
    # The list itself has to come, as it shows what the account may do.
    camera.faults.set("disks/gethealth.cgi", Fault.RESET)
    storage = await set_up(hass, entry)
    camera.faults.clear()
    assert entry.state is ConfigEntryState.LOADED
    assert not storage.data.is_listed
    assert dr.async_get(hass).child_devices
    await pass_time(hass, freezer, 301)
    assert state_of(hass, STATUS) == "ok"


async def test_camera_is_gone(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    server: CameraServer,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Disks go with it, and come back with it; one line tells both."""
    caplog.clear()
    camera.shut_down()
    await pass_time(hass, freezer)
    assert state_of(hass, STATUS) == STATE_UNAVAILABLE
    for _ in range(12):
        await pass_time(hass, freezer)
    assert len(complaints(caplog)) == 1
    camera.disks["SD_DISK"].full = True
    camera.start_up()
    # Its server listens a moment later.
    for _ in range(2):
        await pass_time(hass, freezer)
    assert state_of(hass, STATUS) == "full"


async def test_viewer(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It sees no disks, and that is no error."""
    camera.accounts["operator"] = Account("operator-secret", Level.VIEWER)
    storage = await set_up(hass, entry)
    await pass_time(hass, freezer, 301)
    assert storage.last_update_success
    assert not storage.data.is_listed
    assert not storage.data.disks
    assert hass.states.get(STATUS) is None
    assert not dr.async_get(hass).child_devices
    assert not complaints(caplog)
    assert entry.runtime_data.storage is storage


@pytest.mark.parametrize("status", [401, 403])
async def test_rights_are_lost_and_found(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
    status: Any,
) -> None:
    """The entry starts anew by itself, once, and has what the account may do."""
    camera.quirks = Quirks(insufficient_rights=status)
    first = loaded.runtime_data
    camera.accounts["operator"] = Account("operator-secret", Level.VIEWER)
    await pass_time(hass, freezer, 301)
    second = loaded.runtime_data
    assert second is not first
    assert not second.camera.is_operator
    assert state_of(hass, SWITCH) == STATE_UNAVAILABLE
    assert state_of(hass, STATUS) == STATE_UNAVAILABLE
    await pass_time(hass, freezer, 301)
    assert loaded.runtime_data is second

    camera.accounts["operator"] = Account("operator-secret", Level.OPERATOR)
    await pass_time(hass, freezer, 301)
    third = loaded.runtime_data
    assert third is not second
    assert third.camera.is_operator
    assert state_of(hass, SWITCH) == "off"
    assert state_of(hass, STATUS) == "ok"
    await pass_time(hass, freezer, 301)
    assert loaded.runtime_data is third


async def test_reloaded_once(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """However often the disks are looked at before that."""
    storage = storage_of(loaded)
    reloads: list[ConfigEntryState] = []
    loaded.async_on_state_change(lambda: reloads.append(loaded.state))
    camera.accounts["operator"] = Account("operator-secret", Level.VIEWER)
    for _ in range(3):
        await storage.async_refresh()
    await hass.async_block_till_done(wait_background_tasks=True)
    assert storage_of(loaded) is not storage
    assert reloads.count(ConfigEntryState.LOADED) == 1


@pytest.mark.parametrize(
    ("topic", "reason"),
    [
        (DISRUPTION, "disruption"),
        ("tnsaxis:Storage/tnsaxis:Alert", "alert"),
        ("tns1:Device/tnsaxis:HardwareFailure/StorageFailure", "failure"),
        ("Disruption", "disruption"),
    ],
)
async def test_event(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    server: CameraServer,
    freezer: FrozenDateTimeFactory,
    topic: str,
    reason: str,
) -> None:
    """It counts until it is taken back, and makes the disks looked at at once."""
    storage = storage_of(loaded)
    asked_disks(server)
    camera.disks["SD_DISK"].full = True
    await storage.async_note_event(topic, "SD_DISK", active=True)
    assert state_of(hass, STATUS) == "full"
    assert attributes_of(hass, PROBLEM)["reasons"] == ["full", reason]
    assert len(asked_disks(server)) == 4

    camera.disks["SD_DISK"].full = False
    await pass_time(hass, freezer, 301)
    assert state_of(hass, PROBLEM) == STATE_ON
    assert attributes_of(hass, PROBLEM)["reasons"] == [reason]
    await storage.async_note_event(topic, "SD_DISK", active=False)
    assert state_of(hass, PROBLEM) == "off"


async def test_events_that_tell_nothing_new(
    loaded: MockConfigEntry, server: CameraServer
) -> None:
    """The states at the beginning, copies, and what is not about a disk's health."""
    storage = storage_of(loaded)
    asked_disks(server)
    await storage.async_note_event(DISRUPTION, "SD_DISK", active=False)
    await storage.async_note_event("tnsaxis:Storage/Recording", "SD_DISK", active=True)
    assert not asked_disks(server)
    await storage.async_note_event(DISRUPTION, "SD_DISK", active=True)
    assert asked_disks(server)
    await storage.async_note_event(DISRUPTION, "SD_DISK", active=True)
    assert not asked_disks(server)


@pytest.mark.parametrize("active", [True, False])
async def test_event_while_the_disks_are_looked_at(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
    active: bool,
) -> None:
    """What was asked for before it shows nothing older."""
    storage = storage_of(loaded)
    if not active:
        await storage.async_note_event("Alert", "SD_DISK", active=True)
        await pass_time(hass, freezer, 3)
    seen: list[str] = []
    storage.async_add_listener(lambda: seen.append(state_of(hass, PROBLEM)))
    fetch = storage.coordinator.client.fetch_recordings
    asked, answered = asyncio.Event(), asyncio.Event()

    async def fetch_slowly(query: RecordingQuery) -> RecordingPage:
        page = await fetch(query)
        asked.set()
        await answered.wait()
        return page

    monkeypatch.setattr(storage.coordinator.client, "fetch_recordings", fetch_slowly)
    look = hass.async_create_task(storage.async_refresh())
    await asked.wait()
    await storage.async_note_event("Alert", "SD_DISK", active=active)
    answered.set()
    await look
    await pass_time(hass, freezer, 3)
    assert set(seen) == {STATE_ON if active else STATE_OFF}


@pytest.mark.parametrize("cgi", ["disks/list.cgi", "disks/gethealth.cgi", "*"])
async def test_one_line_for_a_camera_that_falls_silent_meanwhile(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    server: CameraServer,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    cgi: str,
) -> None:
    """Also where it is asked for its disks just then; what is about the disks only is told as such."""
    storage = storage_of(loaded)
    camera.faults.set(cgi, Fault.RESET)
    await storage.async_refresh()
    for _ in range(3):
        await pass_time(hass, freezer, 301)
    name = "Front camera" if cgi == "*" else "Front camera disks"
    (line,) = complaints(caplog)
    assert line.startswith(f"Error fetching {name} data: ")
    assert state_of(hass, STATUS) == STATE_UNAVAILABLE
    camera.faults.clear()
    camera.disks["SD_DISK"].full = True
    await pass_time(hass, freezer, 301)
    assert state_of(hass, STATUS) == "full"


async def test_burst_of_events(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    server: CameraServer,
    freezer: FrozenDateTimeFactory,
) -> None:
    """All show at once, and the disks are looked at twice: at the first and after the last."""
    storage = storage_of(loaded)
    asked_disks(server)
    for topic in ("Disruption", "Alert", "StorageFailure"):
        await storage.async_note_event(topic, "SD_DISK", active=True)
    assert attributes_of(hass, PROBLEM)["reasons"] == [
        "disruption",
        "alert",
        "failure",
    ]
    assert asked_disks(server).count("disks/list.cgi") == 1
    await pass_time(hass, freezer, 3)
    assert asked_disks(server).count("disks/list.cgi") == 1


async def test_event_of_an_unknown_disk(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """It is remembered until the list has the disk."""
    camera.attach_disk(Disk("NetworkShare"))
    storage = storage_of(loaded)
    await storage.async_note_event(DISRUPTION, "NetworkShare", active=True)
    await hass.async_block_till_done()
    assert storage.data.disks["NetworkShare"].reasons == ["disruption"]


async def test_unloaded(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    server: CameraServer,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Nobody looks at disks any more, whatever comes late."""
    storage = storage_of(loaded)
    await hass.config_entries.async_unload(loaded.entry_id)
    server.requests.clear()
    await storage.async_note_event(DISRUPTION, "SD_DISK", active=True)
    await pass_time(hass, freezer, 600)
    assert not server.requests
