"""Mounting and unmounting disks by actions."""

import asyncio
from typing import TYPE_CHECKING, Any

from homeassistant.core import Context, callback
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
)
from homeassistant.helpers.event import async_track_state_change_event
import pytest
import voluptuous as vol

from custom_components.axis_recordings.const import DOMAIN
from custom_components.axis_recordings.vapix import client as client_module
from tests.camera import Account, Camera, CameraServer, Fault, Level, Quirks
from tests.common import (
    IN_PROGRESS,
    administrate,
    attributes_of,
    call,
    set_up,
    state_of,
)
from tests.disks.entities import STATUS

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import Event, EventStateChangedData, HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

ACTIONS = ("mount_disk", "unmount_disk")


@pytest.fixture(autouse=True)
def _administrator(camera: Camera) -> None:
    """Let the account do everything."""
    administrate(camera)


def commands(server: CameraServer) -> list[str]:
    """Return what was mounted and unmounted."""
    return [
        each.query["action"] for each in server.requests if "mount.cgi" in each.path
    ]


@pytest.mark.usefixtures("loaded")
async def test_unmount_and_mount(hass: HomeAssistant, camera: Camera) -> None:
    """The answer reports how the disk is then, and so do the entities."""
    answer = await call(hass, "unmount_disk", disk="SD_DISK")
    (disk,) = answer["disks"]
    assert disk.pop("device_id")
    assert disk == {"disk": "SD_DISK", "status": "connected", "camera": "Front camera"}
    assert camera.disks["SD_DISK"].status == "connected"
    assert state_of(hass, STATUS) == "connected"

    answer = await call(hass, "mount_disk", disk="SD_DISK")
    assert answer["disks"][0]["status"] == "ok"
    assert state_of(hass, STATUS) == "ok"


@pytest.mark.usefixtures("loaded")
async def test_without_an_answer(hass: HomeAssistant, camera: Camera) -> None:
    """It is optional."""
    await hass.services.async_call(
        DOMAIN,
        "unmount_disk",
        {"disk": "SD_DISK"},
        target={"entity_id": IN_PROGRESS},
        blocking=True,
    )
    assert camera.disks["SD_DISK"].status == "connected"


@pytest.mark.usefixtures("loaded")
async def test_progress(
    hass: HomeAssistant, camera: Camera, freezer: FrozenDateTimeFactory
) -> None:
    """It shows on the status while it takes its time."""
    camera.job_duration = 9
    seen: list[int] = []
    reported = asyncio.Event()

    @callback
    def note(event: Event[EventStateChangedData]) -> None:
        state = event.data["new_state"]
        if state and "job_progress" in state.attributes:
            assert state.attributes["job"] == "unmount"
            seen.append(state.attributes["job_progress"])
            reported.set()

    async_track_state_change_event(hass, STATUS, note)
    work = asyncio.ensure_future(call(hass, "unmount_disk", disk="SD_DISK"))
    for _ in range(4):
        await reported.wait()
        reported.clear()
        freezer.tick(2.5)
    answer = await work
    assert seen == [0, 27, 55, 83, 100]
    assert answer["disks"][0]["status"] == "connected"
    assert "job_progress" not in attributes_of(hass, STATUS)


@pytest.mark.parametrize("interrupt", [None, False])
@pytest.mark.usefixtures("loaded")
async def test_disk_in_use(
    hass: HomeAssistant, camera: Camera, server: CameraServer, interrupt: bool | None
) -> None:
    """It stays, whoever records and since when."""
    recording_id = camera.start_recording()
    fields: dict[str, Any] = (
        {} if interrupt is None else {"interrupt_recordings": interrupt}
    )
    with pytest.raises(ServiceValidationError, match=recording_id) as caught:
        await call(hass, "unmount_disk", disk="SD_DISK", **fields)
    assert caught.value.translation_key == "disk_in_use"
    assert not commands(server)
    assert len(camera.recordings.ongoing) == 1


@pytest.mark.parametrize("moment", range(1, 8))
@pytest.mark.usefixtures("loaded")
async def test_start_while_a_disk_is_let_go(
    hass: HomeAssistant, camera: Camera, server: CameraServer, moment: int
) -> None:
    """Whichever comes first, the other one is refused, and nothing is cut off."""
    starts: list[asyncio.Task[Any]] = []
    seen = 0

    def start(_exchange: Any) -> None:
        nonlocal seen
        seen += 1
        if seen == moment:
            act = call(hass, "start", disk="SD_DISK")
            starts.append(hass.async_create_task(act, eager_start=False))

    server.request_listeners.append(start)
    unmount = call(hass, "unmount_disk", disk="SD_DISK")
    results: list[Any] = await asyncio.gather(unmount, return_exceptions=True)
    results += await asyncio.gather(*starts, return_exceptions=True)
    refused = [isinstance(each, HomeAssistantError) for each in results]
    assert sorted(refused) == [False, True]
    assert not any(each.what == "interrupted" for each in camera.journal)


@pytest.mark.usefixtures("loaded")
async def test_interrupt(hass: HomeAssistant, camera: Camera) -> None:
    """Whoever says so gets it."""
    camera.start_recording()
    await call(hass, "unmount_disk", disk="SD_DISK", interrupt_recordings=True)
    assert camera.disks["SD_DISK"].status == "connected"
    assert not camera.recordings.ongoing


@pytest.mark.usefixtures("loaded")
async def test_other_disk_in_use(hass: HomeAssistant, camera: Camera) -> None:
    """What is recorded elsewhere does not matter."""
    camera.attach_disk(type(camera.disks["SD_DISK"])("NetworkShare"))
    camera.start_recording("NetworkShare")
    await call(hass, "unmount_disk", disk="SD_DISK")
    assert camera.disks["SD_DISK"].status == "connected"
    assert len(camera.recordings.ongoing) == 1


@pytest.mark.usefixtures("loaded")
async def test_nobody_knows_what_goes_on(
    hass: HomeAssistant, camera: Camera, server: CameraServer
) -> None:
    """Then nothing is unmounted."""
    camera.faults.set("record/list.cgi", Fault.ERROR)
    with pytest.raises(ServiceValidationError) as caught:
        await call(hass, "unmount_disk", disk="SD_DISK")
    assert caught.value.translation_key == "camera_not_loaded"
    assert not commands(server)


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.usefixtures("loaded")
async def test_unknown_disk(
    hass: HomeAssistant, server: CameraServer, action: str
) -> None:
    """The disks are named."""
    with pytest.raises(ServiceValidationError, match="Its disks: SD_DISK") as caught:
        await call(hass, action, disk="SD_DISC")
    assert caught.value.translation_key == "unknown_disk"
    assert not commands(server)


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.usefixtures("loaded")
async def test_without_a_disk(hass: HomeAssistant, action: str) -> None:
    """There is no default, and all is not one."""
    with pytest.raises(vol.Invalid):
        await call(hass, action)
    with pytest.raises(vol.Invalid):
        await call(hass, action, disk=" ")
    with pytest.raises(ServiceValidationError):
        await call(hass, action, disk="all")


@pytest.mark.parametrize("action", ACTIONS)
async def test_account_is_no_administrator(
    hass: HomeAssistant, entry: MockConfigEntry, camera: Camera, action: str
) -> None:
    """An operator's account gets to know what is missing; a viewer's can't do anything."""
    camera.accounts["operator"] = Account("operator-secret", Level.OPERATOR)
    await set_up(hass, entry)
    with pytest.raises(
        HomeAssistantError, match="An administrator account is required"
    ) as caught:
        await call(hass, action, disk="SD_DISK")
    assert caught.value.translation_key == "needs_administrator"
    assert entry.runtime_data.commands.last_error.command == action
    assert camera.disks["SD_DISK"].attached

    camera.accounts["operator"] = Account("operator-secret", Level.VIEWER)
    await hass.config_entries.async_reload(entry.entry_id)
    with pytest.raises(ServiceValidationError) as caught:
        await call(hass, action, disk="SD_DISK")
    assert caught.value.translation_key == "read_only"


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.usefixtures("loaded")
async def test_user_is_no_administrator(
    hass: HomeAssistant, hass_admin_user: MockUser, camera: Camera, action: str
) -> None:
    """Only administrators of Home Assistant may do this."""
    user = await hass.auth.async_create_user("Child", group_ids=["system-users"])
    for who, allowed in ((user.id, False), (hass_admin_user.id, True)):
        request: dict[str, Any] = {
            "service_data": {"disk": "SD_DISK"},
            "target": {"entity_id": IN_PROGRESS},
            "blocking": True,
            "context": Context(user_id=who),
        }
        if allowed:
            await hass.services.async_call(DOMAIN, action, **request)
        else:
            with pytest.raises(Unauthorized):
                await hass.services.async_call(DOMAIN, action, **request)
            assert camera.disks["SD_DISK"].attached


@pytest.mark.usefixtures("loaded")
async def test_refused(hass: HomeAssistant, camera: Camera) -> None:
    """In the camera's words, before the job and after it."""
    camera.quirks = Quirks(mount_again="error")
    with pytest.raises(HomeAssistantError, match="already mounted") as caught:
        await call(hass, "mount_disk", disk="SD_DISK")
    assert caught.value.translation_key == "refused"
    camera.disks["SD_DISK"].status = "failed"
    with pytest.raises(HomeAssistantError, match="can't be mounted"):
        await call(hass, "mount_disk", disk="SD_DISK")
    assert state_of(hass, STATUS) == "failed"
    assert "job_progress" not in attributes_of(hass, STATUS)


@pytest.mark.usefixtures("loaded")
async def test_connection_breaks(
    hass: HomeAssistant, camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sentence, and no progress that stays."""
    # Time stands still.
    monkeypatch.setattr(client_module, "_JOB_INTERVAL", 0)
    camera.faults.set("disks/job.cgi", Fault.RESET)
    with pytest.raises(HomeAssistantError) as caught:
        await call(hass, "unmount_disk", disk="SD_DISK")
    assert caught.value.translation_key == "cannot_connect"
    assert "job_progress" not in attributes_of(hass, STATUS)
    # What the camera has begun it has done all the same.
    assert state_of(hass, STATUS) == "connected"


@pytest.mark.usefixtures("loaded")
async def test_camera_without_a_list(hass: HomeAssistant, camera: Camera) -> None:
    """It is asked all the same, and nobody knows how the disk is then."""
    camera.faults.set("disks/list.cgi", Fault.NOT_FOUND)
    answer = await call(hass, "unmount_disk", disk="SD_DISK")
    assert answer["disks"][0]["status"] is None
    assert camera.disks["SD_DISK"].status == "connected"
