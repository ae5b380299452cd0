"""Two Home Assistants at one camera, which know nothing of each other."""

from datetime import timedelta
from typing import TYPE_CHECKING

from homeassistant.const import STATE_OFF, STATE_ON
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.aiohttp_client import async_get_clientsession
import pytest

from custom_components.axis_recordings.recordings.commands import Commands
from custom_components.axis_recordings.recordings.controller import (
    EndReason,
    RecordingController,
)
from custom_components.axis_recordings.recordings.own import OwnRecordings
from custom_components.axis_recordings.vapix import Address, VapixClient
from tests.camera import Fault, Quirks
from tests.common import (
    IN_PROGRESS,
    ONGOING,
    SWITCH,
    attributes_of,
    call,
    ongoing_ids,
    pass_time,
    state_of,
    turn,
)
from tests.passing import passing

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from tests.camera import Camera, CameraServer


class Unseen:
    """Shows nothing of what came of a command."""

    name = "another home"

    async def async_refresh_in_turn(self) -> None:
        """Poll nothing."""

    def async_update_listeners(self) -> None:
        """Show nothing."""


@pytest.fixture
def other(
    hass: HomeAssistant, loaded: MockConfigEntry, server: CameraServer
) -> RecordingController:
    """Return what records in another home: it shares the camera, and nothing else."""
    address = Address(host=server.host, port=server.port, protocol="http")
    client = VapixClient(
        async_get_clientsession(hass), address, "operator", "operator-secret"
    )
    return RecordingController(
        hass,
        client,
        OwnRecordings(hass, "another home"),
        Commands(hass, Unseen()),
        is_idle=bool,
        is_ahead=bool,
    )


async def test_deadlines(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    camera: Camera,
    other: RecordingController,
) -> None:
    """Each ends what it has started, and nothing else."""
    await other.async_load()
    await call(hass, "start", duration={"minutes": 1})
    theirs = await other.async_start("SD_DISK", {}, duration=timedelta(minutes=3))
    await pass_time(hass, freezer, 30)
    assert state_of(hass, ONGOING) == "2"
    await pass_time(hass, freezer, 31)
    assert ongoing_ids(camera) == [theirs.recording_id]
    assert state_of(hass, IN_PROGRESS) == STATE_ON
    await call(hass, "start", duration={"minutes": 30})
    await pass_time(hass, freezer, 120)
    assert len(ongoing_ids(camera)) == 1
    assert theirs.recording_id not in ongoing_ids(camera)
    await call(hass, "stop")
    assert not ongoing_ids(camera)
    other.async_shutdown()


async def test_stopped_by_the_other(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    camera: Camera,
    other: RecordingController,
) -> None:
    """It is reported truly, and a stop without ids leaves what the other one has started."""
    await turn(hass, "on")
    await pass_time(hass, freezer, 11)
    theirs = await other.async_start("SD_DISK", {})
    await turn(hass, "off")
    assert ongoing_ids(camera) == [theirs.recording_id]
    await turn(hass, "on")
    (mine,) = {*ongoing_ids(camera)} - {theirs.recording_id}
    camera.end_recording(mine)
    await pass_time(hass, freezer, 11)
    assert state_of(hass, SWITCH) == STATE_OFF
    assert attributes_of(hass, SWITCH)["end_reason"] == EndReason.STOPPED_ELSEWHERE
    assert state_of(hass, IN_PROGRESS) == STATE_ON


async def test_camera_that_records_once(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    camera: Camera,
    other: RecordingController,
) -> None:
    """A camera that answers with what goes on for the other one has started nothing of ours."""
    camera.quirks = Quirks(second_recording="same")
    theirs = await other.async_start("SD_DISK", {})
    await pass_time(hass, freezer, 31)
    with pytest.raises(HomeAssistantError, match="for somebody else"):
        await call(hass, "start", duration={"seconds": 20})
    with pytest.raises(HomeAssistantError, match="for somebody else"):
        await turn(hass, "on")
    assert state_of(hass, SWITCH) == STATE_OFF
    await turn(hass, "off")
    await pass_time(hass, freezer, 60)
    assert ongoing_ids(camera) == [theirs.recording_id]
    camera.end_recording(theirs.recording_id)
    await pass_time(hass, freezer, 11)
    await turn(hass, "on")
    assert state_of(hass, SWITCH) == STATE_ON


async def test_begun_after_the_last_poll(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    camera: Camera,
    other: RecordingController,
) -> None:
    """Where no event reports it, the camera is asked before it is commanded."""
    camera.quirks = Quirks(second_recording="same", event_stream=None)
    await pass_time(hass, freezer, 31)
    theirs = await other.async_start("SD_DISK", {})
    with pytest.raises(HomeAssistantError, match=theirs.recording_id):
        await call(hass, "start", duration={"seconds": 20})
    await pass_time(hass, freezer, 61)
    assert ongoing_ids(camera) == [theirs.recording_id]


@pytest.mark.parametrize("fault", [Fault.TIMEOUT, Fault.UNAVAILABLE, Fault.ERROR])
async def test_list_that_fails_before_a_start(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    camera: Camera,
    fault: Fault,
) -> None:
    """An alarm is recorded also by a camera that does not say what goes on, and soon."""
    camera.quirks = Quirks(event_stream=None)
    await hass.config_entries.async_reload(loaded.entry_id)
    camera.faults.set("record/list.cgi", fault, times=1)
    began = camera.clock.now()
    starting = hass.async_create_task(call(hass, "start", duration={"seconds": 20}))
    await passing(freezer, starting.done, step=0.1)
    await starting
    assert camera.clock.now() - began < timedelta(seconds=10)
    assert len(ongoing_ids(camera)) == 1
    assert len(loaded.runtime_data.controller.own) == 1
