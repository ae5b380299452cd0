"""The switch: it owns exactly the recording that it started."""

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNAVAILABLE
from homeassistant.exceptions import HomeAssistantError
import pytest

from tests.camera import Account, Camera, CameraServer, Fault, Level, Quirks

from .common import (
    IN_PROGRESS,
    SWITCH,
    attributes_of,
    call,
    pass_time,
    state_of,
    turn,
)

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

RECORD = "record/record.cgi"
STOP = "record/stop.cgi"


@pytest.mark.usefixtures("loaded")
async def test_starts_and_stops_its_own_recording(
    hass: HomeAssistant, camera: Camera
) -> None:
    """On records, off stops, and both show at once."""
    assert state_of(hass, SWITCH) == STATE_OFF

    await turn(hass, "on")

    (recording,) = camera.recordings.ongoing
    assert state_of(hass, SWITCH) == STATE_ON
    attributes = attributes_of(hass, SWITCH)
    assert attributes["recording_id"] == recording.recording_id
    assert attributes["disk"] == "SD_DISK"
    assert attributes_of(hass, IN_PROGRESS)["recording_ids"] == [recording.recording_id]

    await turn(hass, "off")

    assert not camera.recordings.ongoing
    assert state_of(hass, SWITCH) == STATE_OFF
    assert attributes_of(hass, SWITCH)["end_reason"] == "turned_off"
    assert state_of(hass, IN_PROGRESS) == STATE_OFF


@pytest.mark.usefixtures("loaded")
async def test_leaves_recordings_of_others_alone(
    hass: HomeAssistant, camera: Camera, freezer: FrozenDateTimeFactory
) -> None:
    """A rule's recording turns on the binary sensor only, and goes on when the switch stops its own."""
    others = camera.start_recording()
    await pass_time(hass, freezer)
    assert state_of(hass, IN_PROGRESS) == STATE_ON
    assert state_of(hass, SWITCH) == STATE_OFF

    await turn(hass, "on")
    await turn(hass, "off")

    assert [each.recording_id for each in camera.recordings.ongoing] == [others]
    assert state_of(hass, IN_PROGRESS) == STATE_ON


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize(
    "answer",
    [
        "empty",
        "error",
        "bad_request",
        "not_found",
        "gone",
        "no_content",
        "nothing",
        "internal_server_error",
    ],
)
async def test_removed_elsewhere(
    hass: HomeAssistant, camera: Camera, freezer: FrozenDateTimeFactory, answer: Any
) -> None:
    """However the camera says that it is gone, the switch is off, and everything else goes on."""
    camera.quirks = Quirks(unknown_recording=answer)
    await turn(hass, "on")
    (recording,) = camera.recordings.ongoing
    camera.remove_recording(recording.recording_id)
    for _ in range(3):
        await pass_time(hass, freezer)
    assert state_of(hass, SWITCH) == STATE_OFF
    assert attributes_of(hass, SWITCH)["end_reason"] == "removed"
    assert state_of(hass, IN_PROGRESS) == STATE_OFF
    await turn(hass, "on")
    assert state_of(hass, SWITCH) == STATE_ON


@pytest.mark.usefixtures("loaded")
async def test_turning_off_without_a_recording_does_nothing(
    hass: HomeAssistant, camera: Camera, server: CameraServer
) -> None:
    """There is nothing to stop, so the camera is not asked."""
    before = len(server.requests)
    await turn(hass, "off")
    assert len(server.requests) == before


@pytest.mark.usefixtures("loaded")
async def test_two_people_press_at_once(hass: HomeAssistant, camera: Camera) -> None:
    """Only one recording begins."""
    await asyncio.gather(turn(hass, "on"), turn(hass, "on"))
    assert len(camera.recordings.ongoing) == 1
    await asyncio.gather(turn(hass, "off"), turn(hass, "off"))
    assert not camera.recordings.ongoing


@pytest.mark.usefixtures("loaded")
async def test_stopped_by_someone_else(
    hass: HomeAssistant, camera: Camera, freezer: FrozenDateTimeFactory
) -> None:
    """The switch goes off and says why."""
    await turn(hass, "on")
    camera.end_recording(camera.recordings.ongoing[0].recording_id)
    await pass_time(hass, freezer, 11)
    assert state_of(hass, SWITCH) == STATE_OFF
    assert attributes_of(hass, SWITCH)["end_reason"] == "stopped_elsewhere"


@pytest.mark.usefixtures("loaded")
async def test_removed_by_someone_else(
    hass: HomeAssistant, camera: Camera, freezer: FrozenDateTimeFactory
) -> None:
    """The same for a recording that is gone altogether, once the list was not just short for a while."""
    await turn(hass, "on")
    camera.remove_recording(camera.recordings.ongoing[0].recording_id)
    await pass_time(hass, freezer, 11)
    await pass_time(hass, freezer, 61)
    assert state_of(hass, SWITCH) == STATE_OFF
    assert attributes_of(hass, SWITCH)["end_reason"] == "removed"


@pytest.mark.usefixtures("loaded")
async def test_camera_that_lists_late(
    hass: HomeAssistant, camera: Camera, freezer: FrozenDateTimeFactory
) -> None:
    """A recording that the camera does not list at once is not given up."""
    await turn(hass, "on")
    (recording,) = camera.recordings.ongoing
    camera.recordings.remove(recording.recording_id)
    await pass_time(hass, freezer, 11)
    assert state_of(hass, SWITCH) == STATE_ON
    camera.recordings.put(recording)
    await pass_time(hass, freezer, 61)
    assert state_of(hass, SWITCH) == STATE_ON


@pytest.mark.parametrize(
    ("after_power_loss", "state", "reason"),
    [
        ("completed", STATE_OFF, "camera_restarted"),
        ("unknown", STATE_OFF, "camera_restarted"),
        ("continues", STATE_ON, None),
    ],
)
@pytest.mark.usefixtures("loaded")
async def test_camera_restarts_during_our_recording(
    hass: HomeAssistant,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
    after_power_loss: str,
    state: str,
    reason: str | None,
) -> None:
    """Whatever becomes of the recording, the switch says what the camera says."""
    camera.quirks = Quirks(after_power_loss=after_power_loss)  # type: ignore[arg-type]
    await turn(hass, "on")
    freezer.tick(5)
    camera.reboot()
    await pass_time(hass, freezer, 11)
    assert state_of(hass, SWITCH) == state
    assert attributes_of(hass, SWITCH)["end_reason"] == reason


@pytest.mark.usefixtures("loaded")
async def test_camera_without_uptime_restarts(
    hass: HomeAssistant, camera: Camera, freezer: FrozenDateTimeFactory
) -> None:
    """An old camera can't report that it restarted, but the switch goes off all the same."""
    camera.quirks = Quirks(system_ready=False)
    await turn(hass, "on")
    camera.reboot()
    await pass_time(hass, freezer, 11)
    assert state_of(hass, SWITCH) == STATE_OFF
    assert attributes_of(hass, SWITCH)["end_reason"] == "stopped_elsewhere"


@pytest.mark.usefixtures("loaded")
async def test_recording_that_a_restarted_camera_lists_for_ever(
    hass: HomeAssistant, camera: Camera, freezer: FrozenDateTimeFactory
) -> None:
    """The switch can be turned off though the camera can't stop what is not going on."""
    camera.quirks = Quirks(after_power_loss="recording", stop_completed="error")
    await turn(hass, "on")
    freezer.tick(5)
    camera.reboot()
    await pass_time(hass, freezer, 11)
    assert state_of(hass, SWITCH) == STATE_ON

    camera.faults.set(STOP, Fault.ERROR, message="Not recording")
    await turn(hass, "off")

    assert state_of(hass, SWITCH) == STATE_OFF
    assert attributes_of(hass, SWITCH)["end_reason"] == "camera_restarted"


@pytest.mark.parametrize("stop_completed", ["ok", "error"])
@pytest.mark.usefixtures("loaded")
async def test_turning_off_what_has_just_ended(
    hass: HomeAssistant, camera: Camera, stop_completed: str
) -> None:
    """No error, whatever the camera answers."""
    camera.quirks = Quirks(stop_completed=stop_completed)  # type: ignore[arg-type]
    await turn(hass, "on")
    camera.end_recording(camera.recordings.ongoing[0].recording_id)
    await turn(hass, "off")
    assert state_of(hass, SWITCH) == STATE_OFF


async def test_survives_a_restart_of_home_assistant(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """The id is stored: the switch still owns the recording, and only that one."""
    await turn(hass, "on")
    (own,) = camera.recordings.ongoing
    await hass.config_entries.async_unload(loaded.entry_id)
    assert state_of(hass, SWITCH) == STATE_UNAVAILABLE
    others = camera.start_recording()

    await hass.config_entries.async_setup(loaded.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)

    assert state_of(hass, SWITCH) == STATE_ON
    assert attributes_of(hass, SWITCH)["recording_id"] == own.recording_id
    await turn(hass, "off")
    assert [each.recording_id for each in camera.recordings.ongoing] == [others]


async def test_ended_while_home_assistant_was_down(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """The switch is off after the restart, with the reason."""
    await turn(hass, "on")
    await hass.config_entries.async_unload(loaded.entry_id)
    camera.end_recording(camera.recordings.ongoing[0].recording_id)
    await hass.config_entries.async_setup(loaded.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert state_of(hass, SWITCH) == STATE_OFF
    assert attributes_of(hass, SWITCH)["end_reason"] == "stopped_elsewhere"


@pytest.mark.parametrize("message", ["Disk is full", "Disk is locked", "Disk missing"])
@pytest.mark.usefixtures("loaded")
async def test_camera_refuses_to_start(
    hass: HomeAssistant, camera: Camera, message: str
) -> None:
    """The user reads the camera's own words, and the switch stays off."""
    camera.faults.set(RECORD, Fault.ERROR, message=message)
    with pytest.raises(HomeAssistantError) as error:
        await turn(hass, "on")
    assert error.value.translation_key == "refused"
    assert error.value.translation_placeholders == {
        "camera": "Front camera",
        "reason": message,
    }
    assert state_of(hass, SWITCH) == STATE_OFF


@pytest.mark.usefixtures("loaded")
async def test_start_without_an_id(
    hass: HomeAssistant, camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody could stop what all recordings are called, and the user learns that something may record."""
    start = camera.start_manual_recording

    def start_unnamed(*args: Any, **kwargs: Any) -> str:
        start(*args, **kwargs)
        return "all"

    monkeypatch.setattr(camera, "start_manual_recording", start_unnamed)
    with pytest.raises(HomeAssistantError) as error:
        await turn(hass, "on")
    assert error.value.translation_key == "start_unnamed"
    assert state_of(hass, SWITCH) == STATE_OFF
    assert state_of(hass, IN_PROGRESS) == STATE_ON
    # By the name that the camera lists, it can be stopped.
    (recording_id,) = attributes_of(hass, IN_PROGRESS)["recording_ids"]
    await call(hass, "stop", recording_id=recording_id)
    assert not camera.recordings.ongoing


@pytest.mark.parametrize("took_effect", [True, False])
@pytest.mark.usefixtures("loaded")
async def test_connection_breaks_during_a_start(
    hass: HomeAssistant, camera: Camera, server: CameraServer, took_effect: bool
) -> None:
    """The start is not repeated, and the user learns what may have happened."""
    camera.faults.set(RECORD, Fault.RESET, times=1, after_effect=took_effect)
    with pytest.raises(HomeAssistantError) as error:
        await turn(hass, "on")
    assert error.value.translation_key == "start_unanswered"
    sent = [each for each in server.requests if each.path.endswith(RECORD)]
    assert len(sent) == 1
    assert len(camera.recordings.ongoing) == took_effect
    # Not taken for ours: a profile's recording may have begun in the same moment.
    assert state_of(hass, SWITCH) == STATE_OFF
    assert state_of(hass, IN_PROGRESS) == (STATE_ON if took_effect else STATE_OFF)


@pytest.mark.usefixtures("loaded")
async def test_camera_is_gone(hass: HomeAssistant, camera: Camera) -> None:
    """A start can't have happened, so nothing but the connection is spoken of."""
    camera.shut_down()
    with pytest.raises(HomeAssistantError) as error:
        await turn(hass, "on")
    assert error.value.translation_key == "cannot_connect"
    assert state_of(hass, SWITCH) == STATE_UNAVAILABLE
    camera.start_up()


@pytest.mark.usefixtures("loaded")
async def test_connection_breaks_during_a_stop(
    hass: HomeAssistant, camera: Camera
) -> None:
    """The recording stays ours, so that it can be stopped when the camera is back."""
    await turn(hass, "on")
    camera.faults.set(STOP, Fault.RESET, times=1)
    with pytest.raises(HomeAssistantError):
        await turn(hass, "off")
    assert state_of(hass, SWITCH) == STATE_ON
    await turn(hass, "off")
    assert not camera.recordings.ongoing


@pytest.mark.usefixtures("loaded")
async def test_camera_refuses_to_stop(hass: HomeAssistant, camera: Camera) -> None:
    """What goes on is said to go on."""
    await turn(hass, "on")
    camera.faults.set(STOP, Fault.ERROR, times=1, message="Internal error")
    with pytest.raises(HomeAssistantError) as error:
        await turn(hass, "off")
    assert error.value.translation_key == "refused"
    assert state_of(hass, SWITCH) == STATE_ON


async def test_viewer_account_has_no_switch(
    hass: HomeAssistant, entry: MockConfigEntry, camera: Camera
) -> None:
    """A view-only account gets everything else."""
    camera.accounts["operator"] = Account("operator-secret", Level.VIEWER)
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert hass.states.get(SWITCH) is None
    assert state_of(hass, IN_PROGRESS) == STATE_OFF


@pytest.mark.usefixtures("loaded")
async def test_rights_are_taken_away(
    hass: HomeAssistant, camera: Camera, freezer: FrozenDateTimeFactory
) -> None:
    """A 401 for a command is missing rights, not a wrong password: nobody has to log in again."""
    camera.accounts["operator"] = Account("operator-secret", Level.VIEWER)
    with pytest.raises(HomeAssistantError) as error:
        await turn(hass, "on")
    assert error.value.translation_key == "missing_rights"
    await pass_time(hass, freezer)
    assert state_of(hass, SWITCH) == STATE_OFF
    assert not hass.config_entries.flow.async_progress()


@pytest.mark.usefixtures("loaded")
async def test_action_and_switch_are_apart(hass: HomeAssistant, camera: Camera) -> None:
    """A recording of the action start does not turn on the switch, nor does off stop it."""
    answer = await call(hass, "start")
    assert state_of(hass, SWITCH) == STATE_OFF
    await turn(hass, "on")
    await turn(hass, "off")
    assert [each.recording_id for each in camera.recordings.ongoing] == [
        answer["recordings"][0]["recording_id"]
    ]


@pytest.mark.usefixtures("loaded")
async def test_clock_of_the_camera_is_hours_off(
    hass: HomeAssistant, camera: Camera, freezer: FrozenDateTimeFactory
) -> None:
    """The switch works by the camera's clock, also while it is set."""
    for hours in (5, -5, 0):
        camera.clock.offset = timedelta(hours=hours)
        await turn(hass, "on")
        await pass_time(hass, freezer, 11)
        assert state_of(hass, SWITCH) == STATE_ON
        await turn(hass, "off")
        await pass_time(hass, freezer)
        assert state_of(hass, IN_PROGRESS) == STATE_OFF


@pytest.mark.usefixtures("loaded")
async def test_connection_breaks_while_the_reason_is_asked_for(
    hass: HomeAssistant, camera: Camera, freezer: FrozenDateTimeFactory
) -> None:
    """The reason is not guessed: all stays as it is until a later poll has found out."""
    await turn(hass, "on")
    freezer.tick(5)
    camera.reboot()
    camera.faults.set("systemready.cgi", Fault.RESET)
    await pass_time(hass, freezer, 11)
    assert state_of(hass, SWITCH) == STATE_ON
    camera.faults.clear()
    await pass_time(hass, freezer)
    assert state_of(hass, SWITCH) == STATE_OFF
    assert attributes_of(hass, SWITCH)["end_reason"] == "camera_restarted"


async def test_camera_with_one_recording_at_a_time(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A second start that is answered with the first one's id does not take it from the switch."""
    camera.quirks = Quirks(second_recording="same")
    await turn(hass, "on")
    await call(hass, "start", duration={"seconds": 20})
    await pass_time(hass, freezer, 60)
    assert state_of(hass, SWITCH) == STATE_ON
    assert len(camera.recordings.ongoing) == 1
    await turn(hass, "off")

    await call(hass, "start", duration={"seconds": 20})
    await call(hass, "start", duration={"seconds": 90})
    await pass_time(hass, freezer, 60)
    assert len(camera.recordings.ongoing) == 1
    await pass_time(hass, freezer, 31)
    assert not camera.recordings.ongoing
