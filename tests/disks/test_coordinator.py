"""The disks: how often they are polled, and what is known of them."""

import asyncio
from datetime import timedelta
from itertools import count
import logging
from typing import TYPE_CHECKING, Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNAVAILABLE
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr, issue_registry as ir
import pytest

from custom_components.axis_recordings.const import CONF_READ_ONLY, DOMAIN
from custom_components.axis_recordings.disks.coordinator import DisksCoordinator
from custom_components.axis_recordings.vapix import (
    MissingRightsError,
    StorageTopic,
    VapixClient,
)
from tests.camera import Account, Camera, CameraServer, Disk, Fault, Level, Quirks
from tests.common import IN_PROGRESS, SWITCH, attributes_of, call, pass_time, state_of
from tests.waiting import Held

from .entities import PROBLEM, STATUS

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from custom_components.axis_recordings.vapix import RecordingPage, RecordingQuery


async def set_up(hass: HomeAssistant, entry: MockConfigEntry) -> DisksCoordinator:
    """Set the camera up, and return what watches its disks."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    return disks_of(entry)


def disks_of(entry: MockConfigEntry) -> DisksCoordinator:
    """Return what watches the disks of a camera."""
    disks = entry.runtime_data.disks
    assert isinstance(disks, DisksCoordinator)
    return disks


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
    disks = await set_up(hass, entry)
    assert disks.data.is_listed
    card, share = disks.data.disks["SD_DISK"], disks.data.disks["NetworkShare"]
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
    assert entry.runtime_data.disks.listed == (card.disk, share.disk)


async def test_rhythm(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: Camera,
    server: CameraServer,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Every five minutes; what is not mounted is not listed."""
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
    assert loaded.runtime_data.disks.attached == ["SD_DISK"]
    camera.attach_disk(Disk("NetworkShare"))
    await pass_time(hass, freezer, 301)
    assert loaded.runtime_data.disks.attached == ["SD_DISK", "NetworkShare"]


async def test_start_shows_the_disks(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """A start polls them first, and what it sees is what everybody sees."""
    camera.attach_disk(Disk("NetworkShare"))
    camera.disks["SD_DISK"].full = True
    started = await call(hass, "start")
    assert [each["disk"] for each in started["recordings"]] == ["NetworkShare"]
    assert loaded.runtime_data.disks.attached == ["SD_DISK", "NetworkShare"]
    assert state_of(hass, STATUS) == "full"
    # Its entities have come with its device.
    await hass.async_block_till_done()
    assert state_of(hass, "sensor.front_camera_network_share_status") == "ok"


async def test_old_camera(
    hass: HomeAssistant, entry: MockConfigEntry, camera: Camera
) -> None:
    """What it can't say is unknown, and no more than that."""
    camera.quirks = Quirks(disk_health=None, storage_limit=None)
    disks = await set_up(hass, entry)
    assert disks.last_update_success
    card = disks.data.disks["SD_DISK"]
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
    disks = await set_up(hass, entry)
    await pass_time(hass, freezer, 301)
    assert disks.last_update_success
    assert not disks.data.is_listed
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
    disks = await set_up(hass, entry)
    camera.faults.set(cgi, fault)
    await disks.async_refresh()
    assert disks.last_update_success
    assert disks.data.disks["SD_DISK"].status == "ok"
    missing = {
        "disks/gethealth.cgi": "health",
        "record/storage/getlimit.cgi": "limit",
        "record/list.cgi": "recordings",
    }
    for path, name in missing.items():
        value = getattr(disks.data.disks["SD_DISK"], name)
        assert (value is None) == (path == cgi), name


async def test_list_fails(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Disks are unavailable, recordings are not; the log reports once, and devices stay."""
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
    disks = await set_up(hass, entry)
    camera.faults.clear()
    assert entry.state is ConfigEntryState.LOADED
    assert not disks.last_update_success
    assert state_of(hass, STATUS) == STATE_UNAVAILABLE
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
    """Disks go with it, and come back with it; one line reports both."""
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
    disks = await set_up(hass, entry)
    await pass_time(hass, freezer, 301)
    assert disks.last_update_success
    assert not disks.data.is_listed
    assert not disks.data.disks
    assert hass.states.get(STATUS) is None
    assert not dr.async_get(hass).child_devices
    assert not complaints(caplog)
    assert entry.runtime_data.disks is disks


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
    assert not second.recordings.is_operator
    assert state_of(hass, SWITCH) == STATE_UNAVAILABLE
    assert state_of(hass, STATUS) == STATE_UNAVAILABLE
    await pass_time(hass, freezer, 301)
    assert loaded.runtime_data is second

    camera.accounts["operator"] = Account("operator-secret", Level.OPERATOR)
    await pass_time(hass, freezer, 301)
    third = loaded.runtime_data
    assert third is not second
    assert third.recordings.is_operator
    assert state_of(hass, SWITCH) == "off"
    assert state_of(hass, STATUS) == "ok"
    await pass_time(hass, freezer, 301)
    assert loaded.runtime_data is third


async def test_reloaded_once(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """However often the disks are polled before that."""
    disks = disks_of(loaded)
    reloads: list[ConfigEntryState] = []
    loaded.async_on_state_change(lambda: reloads.append(loaded.state))
    camera.accounts["operator"] = Account("operator-secret", Level.VIEWER)
    for _ in range(3):
        await disks.async_refresh()
    await hass.async_block_till_done(wait_background_tasks=True)
    assert disks_of(loaded) is not disks
    assert reloads.count(ConfigEntryState.LOADED) == 1


async def test_rights_that_come_and_go(
    hass: HomeAssistant, entry: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A camera that refuses every other time is not set up again and again."""
    fetch_disks, asked = VapixClient.fetch_disks, count()

    async def fetch(client: VapixClient) -> Any:
        if (number := next(asked)) % 2 and number < 40:
            raise MissingRightsError
        return await fetch_disks(client)

    monkeypatch.setattr(VapixClient, "fetch_disks", fetch)
    setups: list[ConfigEntryState] = []
    entry.async_on_state_change(lambda: setups.append(entry.state))
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert setups.count(ConfigEntryState.LOADED) < 6


@pytest.mark.parametrize(
    ("topic", "reason"),
    [
        (StorageTopic.DISRUPTION, "disruption"),
        (StorageTopic.ALERT, "alert"),
        (StorageTopic.FAILURE, "failure"),
    ],
)
async def test_event(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    server: CameraServer,
    freezer: FrozenDateTimeFactory,
    topic: StorageTopic,
    reason: str,
) -> None:
    """It counts until it is taken back, and has the disks polled at once."""
    disks = disks_of(loaded)
    asked_disks(server)
    camera.disks["SD_DISK"].full = True
    await disks.async_note_event(topic, "SD_DISK", active=True)
    assert state_of(hass, STATUS) == "full"
    assert attributes_of(hass, PROBLEM)["reasons"] == ["full", reason]
    assert len(asked_disks(server)) == 4

    camera.disks["SD_DISK"].full = False
    await pass_time(hass, freezer, 301)
    assert state_of(hass, PROBLEM) == STATE_ON
    assert attributes_of(hass, PROBLEM)["reasons"] == [reason]
    await disks.async_note_event(topic, "SD_DISK", active=False)
    assert state_of(hass, PROBLEM) == "off"


async def test_events_without_news(
    loaded: MockConfigEntry, server: CameraServer
) -> None:
    """The states at the beginning, and copies."""
    disks = disks_of(loaded)
    asked_disks(server)
    await disks.async_note_event(StorageTopic.DISRUPTION, "SD_DISK", active=False)
    assert not asked_disks(server)
    await disks.async_note_event(StorageTopic.DISRUPTION, "SD_DISK", active=True)
    assert asked_disks(server)
    await disks.async_note_event(StorageTopic.DISRUPTION, "SD_DISK", active=True)
    assert not asked_disks(server)


@pytest.mark.parametrize("active", [True, False])
async def test_event_while_the_disks_are_polled(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
    active: bool,
) -> None:
    """What was asked for before it shows nothing older."""
    disks = disks_of(loaded)
    if not active:
        await disks.async_note_event(StorageTopic.ALERT, "SD_DISK", active=True)
        await pass_time(hass, freezer, 3)
    seen: list[str] = []
    disks.async_add_listener(lambda: seen.append(state_of(hass, PROBLEM)))
    fetch = disks.recordings.client.fetch_recordings
    asked, answered = asyncio.Event(), asyncio.Event()

    async def fetch_slowly(query: RecordingQuery) -> RecordingPage:
        page = await fetch(query)
        asked.set()
        await answered.wait()
        return page

    monkeypatch.setattr(disks.recordings.client, "fetch_recordings", fetch_slowly)
    poll = hass.async_create_task(disks.async_refresh())
    await asked.wait()
    await disks.async_note_event(StorageTopic.ALERT, "SD_DISK", active=active)
    answered.set()
    await poll
    await pass_time(hass, freezer, 3)
    assert set(seen) == {STATE_ON if active else STATE_OFF}


async def test_start_while_the_disks_are_polled(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What it learns of them is newer than the list with which the poll began."""
    health = Held(monkeypatch, VapixClient, "fetch_disk_health")
    poll = hass.async_create_task(disks_of(loaded).async_refresh())
    await health.asked.wait()
    camera.disks["SD_DISK"].status = "disconnected"
    with pytest.raises(HomeAssistantError):
        await call(hass, "start")
    assert state_of(hass, STATUS) == "disconnected"
    health.release()
    await poll
    assert state_of(hass, STATUS) == "disconnected"
    issue_id = f"disk_disconnected_SD_DISK_{loaded.entry_id}"
    assert ir.async_get(hass).async_get_issue(DOMAIN, issue_id)


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
    """Also where it is asked for its disks just then; what is about the disks only is reported as such."""
    disks = disks_of(loaded)
    camera.faults.set(cgi, Fault.RESET)
    await disks.async_refresh()
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
    """All show at once, and the disks are polled twice: at the first and after the last."""
    disks = disks_of(loaded)
    asked_disks(server)
    for topic in (StorageTopic.DISRUPTION, StorageTopic.ALERT, StorageTopic.FAILURE):
        await disks.async_note_event(topic, "SD_DISK", active=True)
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
    disks = disks_of(loaded)
    await disks.async_note_event(StorageTopic.DISRUPTION, "NetworkShare", active=True)
    await hass.async_block_till_done()
    assert disks.data.disks["NetworkShare"].reasons == ["disruption"]


async def test_unloaded(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    server: CameraServer,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Nobody polls disks any more, whatever comes late."""
    disks = disks_of(loaded)
    await hass.config_entries.async_unload(loaded.entry_id)
    server.requests.clear()
    await disks.async_note_event(StorageTopic.DISRUPTION, "SD_DISK", active=True)
    await pass_time(hass, freezer, 600)
    assert not server.requests


@pytest.mark.parametrize("is_read_only", [False, True])
@pytest.mark.parametrize("fault", [Fault.STATUS, Fault.ERROR, Fault.HTML])
async def test_disks_out_of_order_at_setup(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
    fault: Fault,
    is_read_only: bool,
) -> None:
    """The recordings are reported all the same, and the disks once the camera reports them."""
    if is_read_only:
        camera.accounts["operator"] = Account("operator-secret", Level.VIEWER)
        data = entry.data | {CONF_READ_ONLY: True}
        hass.config_entries.async_update_entry(entry, data=data)
    camera.faults.set("disks/list.cgi", fault)
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED
    assert state_of(hass, IN_PROGRESS) == STATE_OFF
    assert (hass.states.get(SWITCH) is None) is is_read_only
    camera.faults.clear()
    await pass_time(hass, freezer, 301)
    data = entry.runtime_data
    assert data.disks.data.is_listed is not is_read_only
    assert data.recordings.last_update_success
