"""The repairs: each comes with what to do, and goes by itself when it is cured."""

from datetime import timedelta
from string import Formatter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest.mock import AsyncMock

from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState
from homeassistant.helpers import device_registry as dr, issue_registry as ir
from homeassistant.helpers.issue_registry import IssueSeverity
import pytest

from custom_components.axis_recordings.const import (
    CONF_DISK,
    CONF_FINGERPRINT,
    CONF_NOTHING_RECORDED_HOURS,
    CONF_READ_ONLY,
    DOMAIN,
)
from custom_components.axis_recordings.disks.devices import disk_of
from custom_components.axis_recordings.vapix import (
    CertificateError,
    ForbiddenError,
    LockedOutError,
    StorageTopic,
)
from tests.camera import Account, Camera, CameraServer, Disk, Fault, Level
from tests.common import added, make_entry, pass_time
from tests.disks.entities import PROBLEM
from tests.repository import translations

if TYPE_CHECKING:
    from collections.abc import Mapping

    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

ERROR, WARNING = IssueSeverity.ERROR, IssueSeverity.WARNING


class Trouble(NamedTuple):
    """Something that is wrong with a disk, and what is reported of it."""

    key: str
    severity: IssueSeverity
    wrong: dict[str, Any]
    right: dict[str, Any]
    words: Mapping[str, str] = MappingProxyType({})


def _status(key: str, status: str) -> Trouble:
    return Trouble(key, ERROR, {"status": status}, {"status": "OK"})


TROUBLES = (
    _status("disk_not_mounted", "connected"),
    _status("disk_failed", "failed"),
    _status("disk_not_encrypted", "not encrypted"),
    _status("disk_passphrase", "no passphrase"),
    _status("disk_passphrase", "wrong passphrase"),
    Trouble("disk_failed", ERROR, {"overall_health": 0}, {"overall_health": 1}),
    Trouble("disk_read_only", ERROR, {"readonly": True}, {"readonly": False}),
    Trouble("disk_locked", ERROR, {"locked": True}, {"locked": False}),
    Trouble(
        "disk_full", ERROR, {"full": True, "cleanup_policy": "none"}, {"full": False}
    ),
    Trouble("disk_worn_out", WARNING, {"wear": 90}, {"wear": 3}, {"wear": "90"}),
    Trouble(
        "disk_without_encryption",
        WARNING,
        {"encryption_enabled": True},
        {"encrypted": True},
    ),
)


def reported(hass: HomeAssistant) -> dict[str, ir.IssueEntry]:
    """Return our repairs by their texts; several of the same would be a mistake."""
    mine = [
        issue
        for (domain, _), issue in ir.async_get(hass).issues.items()
        if domain == DOMAIN
    ]
    found = {str(issue.translation_key): issue for issue in mine}
    assert len(found) == len(mine)
    for issue in mine:
        assert not issue.is_fixable
        assert not issue.is_persistent
        texts = translations()["issues"][issue.translation_key]
        for text in texts.values():
            names = {name for _, name, _, _ in Formatter().parse(text) if name}
            assert names <= set(issue.translation_placeholders or {})
    return found


def change(camera: Camera, values: dict[str, Any], disk_id: str = "SD_DISK") -> None:
    """Let something become of a disk."""
    for name, value in values.items():
        setattr(camera.disks[disk_id], name, value)


async def poll(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Let Home Assistant poll the camera and its disks now."""
    await entry.runtime_data.recordings.async_refresh()
    await entry.runtime_data.disks.async_refresh()
    await hass.async_block_till_done(wait_background_tasks=True)


async def set_up(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    *,
    options: dict[str, Any] | None = None,
    data: dict[str, Any] | None = None,
) -> None:
    """Set the camera up with more or other data."""
    hass.config_entries.async_update_entry(
        entry, data={**entry.data, **(data or {})}, options=options or {}
    )
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)


# Disks


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda each: each.key)
async def test_disk(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera, trouble: Trouble
) -> None:
    """It is reported of that disk alone, once, and goes when the disk is as before."""
    camera.attach_disk(Disk("NetworkShare"))
    await poll(hass, loaded)
    assert not reported(hass)
    change(camera, trouble.wrong)
    for _ in range(2):
        await poll(hass, loaded)
    assert list(reported(hass)) == [trouble.key]
    issue = reported(hass)[trouble.key]
    assert issue.issue_id == f"{trouble.key}_SD_DISK_{loaded.entry_id}"
    assert issue.severity is trouble.severity
    assert issue.translation_placeholders == {
        "camera": "Front camera",
        "disk": "SD card",
        "disk_id": "SD_DISK",
        **trouble.words,
    }
    change(camera, trouble.right)
    await poll(hass, loaded)
    assert not reported(hass)


async def test_disk_with_a_name_that_does_something(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """Repairs are Markdown, and a camera has no business in it."""
    camera.attach_disk(
        Disk("NetworkShare", name="![](https://evil.example/x.png)", locked=True)
    )
    await poll(hass, loaded)
    words = reported(hass)["disk_locked"].translation_placeholders
    assert words
    assert words["disk"] == r"![]\(https:\//evil.example/x.png)"


async def test_less_wear(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """A card may be used before somebody has to think of another one."""
    change(camera, {"wear": 89})
    await poll(hass, loaded)
    assert not reported(hass)


async def test_two_disks(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """What is wrong with both is reported of both, by the names that their owner gave them."""
    camera.attach_disk(Disk("NetworkShare", name="Garage", locked=True))
    change(camera, {"locked": True})
    await poll(hass, loaded)
    issues = ir.async_get(hass).issues
    assert {
        (issue_id, (issue.translation_placeholders or {})["disk"])
        for (_, issue_id), issue in issues.items()
    } == {
        (f"disk_locked_SD_DISK_{loaded.entry_id}", "SD card"),
        (f"disk_locked_NetworkShare_{loaded.entry_id}", "Garage"),
    }
    devices = dr.async_get(hass)
    (card,) = [
        device
        for device in devices.child_devices
        if disk_of(loaded.runtime_data.disks, device) == "SD_DISK"
    ]
    devices.async_update_child_device(card.id, name_by_user="Card by the door")
    camera.unlock_disk("NetworkShare")
    await poll(hass, loaded)
    (issue,) = issues.values()
    assert (issue.translation_placeholders or {})["disk"] == "Card by the door"


@pytest.mark.parametrize(
    ("disk_id", "key"),
    [("SD_DISK", "disk_disconnected"), ("NetworkShare", "share_disconnected")],
)
async def test_disk_is_gone(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    disk_id: str,
    key: str,
) -> None:
    """A card and a share have their own texts; back again, all is well."""
    camera.attach_disk(Disk("NetworkShare"))
    await poll(hass, loaded)
    disk = camera.detach_disk(disk_id)
    await poll(hass, loaded)
    assert list(reported(hass)) == [key]
    assert reported(hass)[key].severity is ERROR
    camera.attach_disk(disk)
    await poll(hass, loaded)
    assert not reported(hass)


async def test_disk_is_given_up(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """Whoever deletes the device of a disk that is gone wants to hear no more of it."""
    camera.attach_disk(Disk("NetworkShare"))
    await poll(hass, loaded)
    camera.detach_disk("NetworkShare")
    await poll(hass, loaded)
    assert list(reported(hass)) == ["share_disconnected"]
    loaded.runtime_data.disks.async_forget("NetworkShare")
    assert not reported(hass)
    await poll(hass, loaded)
    assert not reported(hass)


async def test_empty_slot(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """Where nothing ever was, nothing is missing."""
    camera.attach_disk(Disk("NetworkShare", status="disconnected"))
    await poll(hass, loaded)
    assert not reported(hass)


@pytest.mark.parametrize("slots", [0, 1])
async def test_no_disk(
    hass: HomeAssistant, entry: MockConfigEntry, camera: Camera, slots: int
) -> None:
    """A camera without any; one that was there and is gone is reported instead."""
    disk = camera.detach_disk("SD_DISK")
    if not slots:
        del camera.disks["SD_DISK"]
    await set_up(hass, entry)
    assert list(reported(hass)) == ["no_disk"]
    issue = reported(hass)["no_disk"]
    assert issue.issue_id == f"no_disk_{entry.entry_id}"
    assert issue.severity is ERROR
    camera.faults.set("disks/list.cgi", Fault.ERROR)
    await entry.runtime_data.disks.async_refresh()
    assert list(reported(hass)) == ["no_disk"]
    camera.faults.clear()
    camera.attach_disk(disk)
    await poll(hass, entry)
    assert not reported(hass)
    camera.detach_disk("SD_DISK")
    await poll(hass, entry)
    assert list(reported(hass)) == ["disk_disconnected"]


async def test_chosen_disk_is_gone(
    hass: HomeAssistant, entry: MockConfigEntry, camera: Camera
) -> None:
    """Home Assistant can't record there until the disk is back or another one is chosen."""
    await set_up(hass, entry, options={CONF_DISK: "NetworkShare"})
    issue = reported(hass)["chosen_disk_gone"]
    assert issue.severity is ERROR
    assert issue.translation_placeholders == {
        "camera": "Front camera",
        "disk": "NetworkShare",
        "disks": "SD_DISK",
    }
    camera.attach_disk(Disk("NetworkShare"))
    await poll(hass, entry)
    assert not reported(hass)


async def test_no_list_of_disks(
    hass: HomeAssistant, entry: MockConfigEntry, camera: Camera
) -> None:
    """Of what a camera can't report, nothing is said."""
    camera.faults.set("disks/list.cgi", Fault.NOT_FOUND, times=None)
    change(camera, {"locked": True})
    await set_up(hass, entry)
    assert not reported(hass)


async def test_full_although_it_cleans_up(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The camera has an hour for it; the next time it has an hour again."""
    for _ in range(2):
        change(camera, {"full": True})
        await poll(hass, loaded)
        freezer.tick(timedelta(minutes=59))
        await poll(hass, loaded)
        assert not reported(hass)
        freezer.tick(timedelta(minutes=1))
        await poll(hass, loaded)
        assert list(reported(hass)) == ["disk_stays_full"]
        change(camera, {"full": False})
        await poll(hass, loaded)
        assert not reported(hass)


@pytest.mark.parametrize("word", ["failed", "disrupted"])
async def test_reported_to_have_failed(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera, word: str
) -> None:
    """An event reports it; but some cameras tell so of each disk that can't be written to."""
    disks = loaded.runtime_data.disks
    if word == "disrupted":
        change(camera, {"locked": True})
    await disks.async_note_event(StorageTopic.FAILURE, "SD_DISK", active=True)
    expected = "disk_failed" if word == "failed" else "disk_locked"
    assert list(reported(hass)) == [expected]
    change(camera, {"locked": False})
    await disks.async_note_event(StorageTopic.FAILURE, "SD_DISK", active=False)
    await poll(hass, loaded)
    assert not reported(hass)


async def test_while_it_is_mounted(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """Nobody is asked to do what is being done."""
    change(camera, {"status": "connected"})
    await poll(hass, loaded)
    assert list(reported(hass)) == ["disk_not_mounted"]
    disks = loaded.runtime_data.disks
    camera.accounts["operator"] = Account("operator-secret", Level.ADMINISTRATOR)
    seen: list[list[str]] = []

    def note() -> None:
        if disks.jobs:
            seen.append(list(reported(hass)))

    disks.async_add_listener(note)
    camera.job_duration = 0
    await hass.services.async_call(
        DOMAIN,
        "mount_disk",
        {"disk": "SD_DISK", "entity_id": PROBLEM},
        blocking=True,
    )
    assert seen
    assert not any(seen)
    assert not reported(hass)


# The camera


@pytest.mark.parametrize(("minutes", "word"), [(5, "ahead"), (-5, "behind")])
async def test_clock(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    minutes: int,
    word: str,
) -> None:
    """It is said how far it is off."""
    camera.clock.offset = timedelta(minutes=minutes)
    await poll(hass, loaded)
    assert list(reported(hass)) == [f"clock_{word}"]
    issue = reported(hass)[f"clock_{word}"]
    assert issue.issue_id == f"clock_{word}_{loaded.entry_id}"
    assert issue.severity is WARNING
    assert (issue.translation_placeholders or {})["minutes"] == "5"
    camera.clock.offset = timedelta(minutes=-minutes)
    await poll(hass, loaded)
    assert list(reported(hass)) == [f"clock_{'behind' if word == 'ahead' else 'ahead'}"]
    camera.clock.offset = timedelta(seconds=30)
    await poll(hass, loaded)
    assert not reported(hass)


class Idle:
    """A camera on which something should be recorded every three hours."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: MockConfigEntry,
        camera: Camera,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """Begin without recordings."""
        self.hass, self.entry, self.camera = hass, entry, camera
        self.freezer = freezer
        for recording in list(camera.recordings):
            camera.remove_recording(recording.recording_id)

    async def set_up(self, hours: float = 3) -> None:
        """Wish to be warned."""
        options = {CONF_NOTHING_RECORDED_HOURS: hours}
        await set_up(self.hass, self.entry, options=options)

    def add(self, begin: float, end: float) -> None:
        """Add a recording, in hours before now."""
        now = self.camera.clock.now()
        self.camera.add_recording(
            now - timedelta(hours=begin), now - timedelta(hours=end)
        )

    async def is_reported(self, hours: float = 0) -> bool:
        """Let time pass, and return whether it is reported."""
        self.freezer.tick(timedelta(hours=hours))
        await poll(self.hass, self.entry)
        return "nothing_recorded" in reported(self.hass)


@pytest.fixture
def idle(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
) -> Idle:
    """Return a camera without recordings."""
    return Idle(hass, entry, camera, freezer)


async def test_nothing_recorded(idle: Idle) -> None:
    """What counts is when the newest recording ended; a new one is the cure."""
    idle.add(5, 1)
    await idle.set_up()
    assert not await idle.is_reported(1.9)
    assert await idle.is_reported(0.2)
    issue = reported(idle.hass)["nothing_recorded"]
    assert issue.severity is WARNING
    assert issue.translation_placeholders == {"camera": "Front camera", "hours": "3"}
    recording_id = idle.camera.start_recording()
    assert not await idle.is_reported()
    assert not await idle.is_reported(9)
    idle.camera.end_recording(recording_id)
    assert not await idle.is_reported(2.9)
    assert await idle.is_reported(0.2)


async def test_nothing_recorded_yet(idle: Idle) -> None:
    """A camera without recordings has as long from when it is watched."""
    await idle.set_up()
    assert not await idle.is_reported(2.9)
    assert await idle.is_reported(0.2)
    idle.add(0.1, 0)
    assert not await idle.is_reported()


async def test_an_older_one_ends_later(idle: Idle) -> None:
    """The newest recording is not always the last one to end."""
    long = idle.camera.start_recording()
    idle.freezer.tick(60)
    short = idle.camera.start_recording(event_id="Short")
    idle.freezer.tick(60)
    idle.camera.end_recording(short)
    await idle.set_up()
    assert not await idle.is_reported(9)
    idle.camera.end_recording(long)
    assert not await idle.is_reported(2.9)
    assert await idle.is_reported(0.2)


async def test_by_the_clock_of_the_camera(idle: Idle) -> None:
    """It lists recordings by its own."""
    idle.camera.clock.offset = timedelta(hours=-8)
    idle.add(2, 1)
    await idle.set_up()
    assert not await idle.is_reported()
    assert await idle.is_reported(2.1)


@pytest.mark.parametrize("hours", [None, 0])
async def test_warning_is_off(idle: Idle, hours: float | None) -> None:
    """It is off unless somebody chooses how long is too long."""
    idle.add(5, 1)
    if hours is None:
        await set_up(idle.hass, idle.entry)
    else:
        await idle.set_up(hours)
    assert not await idle.is_reported(10_000)


async def test_option(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
) -> None:
    """It is chosen among the options, and taken back there."""
    freezer.tick(timedelta(days=60))
    for hours, is_reported in ((24, True), (0, False)):
        result = await hass.config_entries.options.async_init(loaded.entry_id)
        await hass.config_entries.options.async_configure(
            result["flow_id"],
            {
                "cache_size": 500,
                "cache_hours": 24,
                CONF_NOTHING_RECORDED_HOURS: hours,
            },
        )
        await hass.async_block_till_done(wait_background_tasks=True)
        assert loaded.options[CONF_NOTHING_RECORDED_HOURS] == hours
        assert ("nothing_recorded" in reported(hass)) is is_reported


async def test_rights_are_lost(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """What was reported of disks goes with them; both come back with the rights."""
    change(camera, {"locked": True})
    await poll(hass, loaded)
    assert list(reported(hass)) == ["disk_locked"]
    camera.accounts["operator"] = Account("operator-secret", Level.VIEWER)
    for _ in range(2):
        await poll(hass, loaded)
    assert list(reported(hass)) == ["too_few_rights"]
    assert reported(hass)["too_few_rights"].severity is WARNING
    camera.accounts["operator"] = Account("operator-secret", Level.OPERATOR)
    await poll(hass, loaded)
    assert list(reported(hass)) == ["disk_locked"]


async def test_viewer(
    hass: HomeAssistant, entry: MockConfigEntry, camera: Camera
) -> None:
    """Whoever chose a viewer sees no disks and misses no rights, but the clock is reported."""
    camera.accounts["operator"] = Account("operator-secret", Level.VIEWER)
    change(camera, {"locked": True, "overall_health": 0})
    camera.clock.offset = timedelta(minutes=5)
    await set_up(hass, entry, data={CONF_READ_ONLY: True})
    await poll(hass, entry)
    assert list(reported(hass)) == ["clock_ahead"]


async def test_rights_of_a_viewer_are_lost(
    hass: HomeAssistant, entry: MockConfigEntry, camera: Camera
) -> None:
    """Whoever chose a viewer, and made it an operator later, hears when it becomes a viewer again."""
    camera.accounts["operator"] = Account("operator-secret", Level.VIEWER)
    await set_up(hass, entry, data={CONF_READ_ONLY: True})
    camera.accounts["operator"] = Account("operator-secret", Level.OPERATOR)
    await poll(hass, entry)
    assert not reported(hass)
    assert CONF_READ_ONLY not in entry.data
    camera.accounts["operator"] = Account("operator-secret", Level.VIEWER)
    for _ in range(2):
        await poll(hass, entry)
    assert list(reported(hass)) == ["too_few_rights"]


# Certificates


@pytest.mark.parametrize("is_restarted", [False, True])
async def test_certificate(
    hass: HomeAssistant,
    enable_custom_integrations: None,
    camera: Camera,
    is_restarted: bool,
) -> None:
    """It is reported until the owner agrees, also where the camera can't be set up for it."""
    async with added(hass, camera, tls=True) as (server, entry):
        known = entry.data[CONF_FINGERPRINT]
        await server.renew_certificate()
        if is_restarted:
            await hass.config_entries.async_reload(entry.entry_id)
            assert entry.state is ConfigEntryState.SETUP_RETRY
        else:
            await entry.runtime_data.recordings.async_refresh()
        assert list(reported(hass)) == ["certificate_changed"]
        issue = reported(hass)["certificate_changed"]
        assert issue.issue_id == f"certificate_changed_{entry.entry_id}"
        assert issue.severity is ERROR
        await hass.async_block_till_done(wait_background_tasks=True)
        (flow,) = hass.config_entries.flow.async_progress()
        await hass.config_entries.flow.async_configure(flow["flow_id"], {})
        await hass.async_block_till_done(wait_background_tasks=True)
        assert entry.state is ConfigEntryState.LOADED
        assert entry.data[CONF_FINGERPRINT] not in (None, known)
        assert not reported(hass)


async def test_certificate_is_back(
    hass: HomeAssistant,
    enable_custom_integrations: None,
    camera: Camera,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever was there for a while is gone: a poll works as before."""
    async with added(hass, camera, tls=True) as (_, entry):
        coordinator = entry.runtime_data.recordings
        # The server can't take an old certificate again.
        with monkeypatch.context() as patch:
            patch.setattr(
                coordinator._watch, "poll", AsyncMock(side_effect=CertificateError("!"))
            )
            await coordinator.async_refresh()
            assert list(reported(hass)) == ["certificate_changed"]
        await coordinator.async_refresh()
        assert not reported(hass)


@pytest.mark.parametrize("is_restarted", [False, True])
async def test_https_only(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera, is_restarted: bool
) -> None:
    """Somebody has set a camera that is reached over HTTP to HTTPS only."""
    camera.faults.set(
        "*", Fault.REDIRECT, status=301, location="https://127.0.0.1/axis-cgi/x"
    )
    coordinator = loaded.runtime_data.recordings
    if is_restarted:
        await hass.config_entries.async_reload(loaded.entry_id)
        assert loaded.state is ConfigEntryState.SETUP_RETRY
        assert "choose HTTPS under Reconfigure" in str(loaded.reason).replace("C", "c")
    else:
        await coordinator.async_refresh()
        assert "requires HTTPS, on port 443" in str(coordinator.last_exception)
    assert list(reported(hass)) == ["https_required"]
    issue = reported(hass)["https_required"]
    assert issue.severity is ERROR
    camera.faults.clear()
    if is_restarted:
        await hass.config_entries.async_reload(loaded.entry_id)
        await hass.async_block_till_done(wait_background_tasks=True)
    else:
        await coordinator.async_refresh()
    assert not reported(hass)


@pytest.mark.parametrize("is_restarted", [False, True])
@pytest.mark.parametrize(
    ("key", "fault", "options"),
    [
        ("not_axis", Fault.HTML, {}),
        ("redirected", Fault.REDIRECT, {"location": "http://192.0.2.1/login"}),
        ("redirected", Fault.REDIRECT, {"location": "https://login.example.com/"}),
        ("forbidden", Fault.FORBIDDEN, {}),
    ],
)
async def test_somebody_else_answers(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
    is_restarted: bool,
    key: str,
    fault: Fault,
    options: Any,
) -> None:
    """A router, a log-in page, a filter: a repair says so, and goes when the camera answers again."""
    camera.faults.set("*", fault, **options)
    if is_restarted:
        await hass.config_entries.async_reload(loaded.entry_id)
        assert loaded.state is ConfigEntryState.SETUP_RETRY
    # A refusal may be a lock-out first.
    for _ in range(3):
        await pass_time(hass, freezer)
    assert list(reported(hass)) == [key]
    issue = reported(hass)[key]
    assert issue.severity is ERROR
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["host"] == "127.0.0.1"
    # What has become of it since counts.
    other = "not_axis" if key != "not_axis" else "forbidden"
    camera.faults.set("*", Fault.HTML if key != "not_axis" else Fault.FORBIDDEN)
    for _ in range(6):
        await pass_time(hass, freezer, 61)
    assert list(reported(hass)) == [other]
    camera.faults.clear()
    for _ in range(3):
        await pass_time(hass, freezer, 121)
    assert loaded.state is ConfigEntryState.LOADED
    assert not reported(hass)


async def test_redirect_by_name(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera, server: CameraServer
) -> None:
    """A camera that has a name leads to HTTPS by it, at the page that was asked for."""
    location = "https://front.example.com/axis-cgi/record/list.cgi?recordingid=all"
    camera.faults.set("record/list.cgi", Fault.REDIRECT, status=301, location=location)
    await loaded.runtime_data.recordings.async_refresh()
    assert list(reported(hass)) == ["https_required"]
    camera.faults.clear()
    await loaded.runtime_data.recordings.async_refresh()
    assert not reported(hass)


async def test_lock_out(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A refusal that passes is one; one that lasts is reported as what it is."""
    coordinator = loaded.runtime_data.recordings
    camera.faults.set("*", Fault.FORBIDDEN)
    await pass_time(hass, freezer)
    assert isinstance(coordinator.last_exception.__cause__, LockedOutError)
    assert not reported(hass)
    camera.faults.clear()
    await pass_time(hass, freezer, 11)
    assert coordinator.last_update_success
    # Long after that, it is another one.
    await pass_time(hass, freezer, 61)
    camera.faults.set("*", Fault.FORBIDDEN)
    await pass_time(hass, freezer)
    assert isinstance(coordinator.last_exception.__cause__, LockedOutError)
    for _ in range(6):
        await pass_time(hass, freezer, 12)
    assert isinstance(coordinator.last_exception.__cause__, ForbiddenError)
    assert list(reported(hass)) == ["forbidden"]


async def test_disabled_before_it_is_cured(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """Nobody asks a disabled camera any more, so nobody could take the repair back."""
    camera.faults.set("*", Fault.HTML)
    await hass.config_entries.async_reload(loaded.entry_id)
    assert loaded.state is ConfigEntryState.SETUP_RETRY
    assert list(reported(hass)) == ["not_axis"]
    await hass.config_entries.async_set_disabled_by(
        loaded.entry_id, ConfigEntryDisabler.USER
    )
    assert not reported(hass)


async def test_removed_before_it_is_cured(
    hass: HomeAssistant, enable_custom_integrations: None, camera: Camera
) -> None:
    """What kept a camera from being set up goes with it."""
    async with CameraServer(camera, tls=True) as server:
        entry = make_entry(camera, server)
        entry.add_to_hass(hass)
        await server.renew_certificate()
        await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done(wait_background_tasks=True)
        assert list(reported(hass)) == ["certificate_changed"]
        await hass.config_entries.async_remove(entry.entry_id)
        assert not reported(hass)


# Coming and going


async def test_unreachable(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
) -> None:
    """What was reported stays until the camera says otherwise."""
    change(camera, {"locked": True})
    camera.clock.offset = timedelta(minutes=5)
    await poll(hass, loaded)
    said = dict(ir.async_get(hass).issues)
    assert list(reported(hass)) == ["clock_ahead", "disk_locked"]
    camera.shut_down()
    change(camera, {"locked": False})
    camera.clock.offset = timedelta(0)
    for _ in range(12):
        await pass_time(hass, freezer)
    assert ir.async_get(hass).issues == said
    camera.start_up()
    for _ in range(2):
        await pass_time(hass, freezer)
    assert not reported(hass)


async def test_list_of_disks_fails(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """Of disks, what was reported stays; the clock is checked all the same."""
    change(camera, {"locked": True})
    camera.clock.offset = timedelta(minutes=5)
    await poll(hass, loaded)
    camera.faults.set("disks/list.cgi", Fault.ERROR, times=None)
    change(camera, {"locked": False})
    camera.clock.offset = timedelta(0)
    await poll(hass, loaded)
    assert list(reported(hass)) == ["disk_locked"]
    camera.faults.clear()
    await poll(hass, loaded)
    assert not reported(hass)


@pytest.mark.parametrize("way", ["unload", "remove", "disable"])
async def test_unloaded(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera, way: str
) -> None:
    """Nobody can cure a camera that is not there; those of another one stay."""
    other = Camera(serial="ACCC8E5D6F70", name="Back garden")
    async with added(hass, other) as (_, garden):
        other.clock.offset = timedelta(minutes=5)
        await poll(hass, garden)
        change(camera, {"locked": True, "wear": 95})
        await poll(hass, loaded)
        assert sorted(reported(hass)) == ["clock_ahead", "disk_locked", "disk_worn_out"]
        match way:
            case "unload":
                await hass.config_entries.async_unload(loaded.entry_id)
            case "remove":
                await hass.config_entries.async_remove(loaded.entry_id)
            case _:
                await hass.config_entries.async_set_disabled_by(
                    loaded.entry_id, ConfigEntryDisabler.USER
                )
        await hass.async_block_till_done(wait_background_tasks=True)
        assert list(reported(hass)) == ["clock_ahead"]
    assert not reported(hass)
