"""Polls: how often, how much, and what they know."""

from datetime import timedelta
from typing import TYPE_CHECKING

from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNAVAILABLE
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
import pytest

from custom_components.axis_recordings.const import DOMAIN
from tests.camera import Camera, CameraServer, Fault, Quirks

from .common import (
    IN_PROGRESS,
    LAST_RECORDING,
    OLDEST_RECORDING,
    RECORDINGS,
    SWITCH,
    attributes_of,
    pass_time,
    state_of,
    turn,
)

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry


@pytest.mark.parametrize("ongoing_in_window", [True, False])
@pytest.mark.usefixtures("loaded")
async def test_steady_poll_is_one_small_request(
    hass: HomeAssistant,
    camera: Camera,
    server: CameraServer,
    freezer: FrozenDateTimeFactory,
    ongoing_in_window: bool,
) -> None:
    """Every 30 seconds at an idle camera: a window where that is reliable, else the newest ones."""
    camera.quirks = Quirks(ongoing_in_window=ongoing_in_window)
    camera.nonce_lifetime = 3600
    recording_id = camera.start_recording()
    await pass_time(hass, freezer)
    await pass_time(hass, freezer, 11)
    camera.end_recording(recording_id)
    for _ in range(3):
        await pass_time(hass, freezer)

    before = len(server.requests)
    for _ in range(4):
        await pass_time(hass, freezer, 30)

    polls = server.requests[before:]
    assert len(polls) == 4
    for poll in polls:
        assert poll.path == "/axis-cgi/record/list.cgi"
        assert poll.bytes_sent < 2500
        if ongoing_in_window:
            since = dt_util.parse_datetime(poll.query["starttime"])
            assert since
            assert dt_util.utcnow() - since < timedelta(minutes=3)
        else:
            assert poll.query["recordingid"] == "all"


@pytest.mark.usefixtures("loaded")
async def test_polls_more_often_while_recording(
    hass: HomeAssistant,
    camera: Camera,
    server: CameraServer,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Every 10 seconds, until it has ended."""
    await turn(hass, "on")
    before = len(server.requests)
    for _ in range(3):
        await pass_time(hass, freezer, 10.5)
    assert len(server.requests) - before == 3
    await turn(hass, "off")
    await pass_time(hass, freezer, 29)
    before = len(server.requests)
    await pass_time(hass, freezer, 15)
    assert len(server.requests) - before <= 1


@pytest.mark.usefixtures("loaded")
async def test_follows_what_others_do(
    hass: HomeAssistant, camera: Camera, freezer: FrozenDateTimeFactory
) -> None:
    """Starts, ends, removals and clean-up, whoever did them."""
    first = camera.start_recording()
    await pass_time(hass, freezer)
    assert state_of(hass, IN_PROGRESS) == STATE_ON
    assert state_of(hass, RECORDINGS) == "9"
    assert attributes_of(hass, LAST_RECORDING)["recording_id"] == first
    assert attributes_of(hass, LAST_RECORDING)["end"] is None

    camera.end_recording(first)
    await pass_time(hass, freezer)
    assert state_of(hass, IN_PROGRESS) == STATE_OFF
    assert attributes_of(hass, LAST_RECORDING)["end"]

    camera.remove_recording(first)
    await pass_time(hass, freezer)
    assert state_of(hass, RECORDINGS) == "8"
    assert attributes_of(hass, LAST_RECORDING)["recording_id"] != first

    oldest = min(camera.recordings, key=lambda each: each.start)
    camera.remove_recording(oldest.recording_id)
    await pass_time(hass, freezer)
    following = min(camera.recordings, key=lambda each: each.start)
    assert state_of(hass, OLDEST_RECORDING) == following.start.isoformat(
        timespec="seconds"
    )


@pytest.mark.usefixtures("loaded")
async def test_short_recording_between_two_polls(
    hass: HomeAssistant, camera: Camera, freezer: FrozenDateTimeFactory
) -> None:
    """It is counted and shown as the last one."""
    recording_id = camera.start_recording()
    freezer.tick(2)
    camera.end_recording(recording_id)
    await pass_time(hass, freezer)
    assert state_of(hass, RECORDINGS) == "9"
    assert attributes_of(hass, LAST_RECORDING)["recording_id"] == recording_id


@pytest.mark.parametrize("ongoing_in_window", [True, False])
async def test_recording_that_began_long_ago(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
    ongoing_in_window: bool,
) -> None:
    """Whether or not windows match what is going on, it is found, and followed to its end."""
    camera.quirks = Quirks(ongoing_in_window=ongoing_in_window)
    long = camera.start_recording(start=camera.clock.now() - timedelta(days=70))
    for minutes in range(60):
        start = camera.clock.now() - timedelta(minutes=minutes + 2)
        camera.add_recording(start, start + timedelta(seconds=30))
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert attributes_of(hass, IN_PROGRESS)["recording_ids"] == [long]
    await pass_time(hass, freezer)
    assert attributes_of(hass, IN_PROGRESS)["recording_ids"] == [long]
    camera.end_recording(long)
    await pass_time(hass, freezer)
    assert state_of(hass, IN_PROGRESS) == STATE_OFF


@pytest.mark.usefixtures("loaded")
async def test_busy_camera_is_left_alone(
    hass: HomeAssistant,
    camera: Camera,
    server: CameraServer,
    freezer: FrozenDateTimeFactory,
) -> None:
    """After a 503 the next poll waits, and then all is well again."""
    camera.faults.set("record/list.cgi", Fault.UNAVAILABLE, times=1)
    await turn(hass, "off")
    await pass_time(hass, freezer)
    assert state_of(hass, IN_PROGRESS) == STATE_UNAVAILABLE
    before = len(server.requests)
    await pass_time(hass, freezer, 5)
    assert len(server.requests) == before
    await pass_time(hass, freezer, 31)
    assert state_of(hass, IN_PROGRESS) == STATE_OFF


@pytest.mark.usefixtures("loaded")
async def test_broken_record_does_not_lose_the_list(
    hass: HomeAssistant, camera: Camera, freezer: FrozenDateTimeFactory
) -> None:
    """A time that can't be read is unknown; everything else is there."""
    camera.faults.set("record/list.cgi", Fault.BAD_TIME)
    recording_id = camera.start_recording()
    await pass_time(hass, freezer)
    assert state_of(hass, RECORDINGS) == "9"
    assert attributes_of(hass, IN_PROGRESS)["recording_ids"] == [recording_id]


@pytest.mark.parametrize(("hours", "word"), [(5, "ahead"), (-5, "behind")])
@pytest.mark.usefixtures("loaded")
async def test_clock_off(
    hass: HomeAssistant,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
    hours: int,
    word: str,
) -> None:
    """Everything works by the camera's clock, and the owner hears of it; cured, the issue is gone."""
    issues = ir.async_get(hass).issues
    assert not issues
    camera.clock.offset = timedelta(hours=hours)
    await pass_time(hass, freezer)
    (issue,) = issues.values()
    assert issue.domain == DOMAIN
    assert issue.translation_key == f"clock_{word}"
    assert issue.translation_placeholders == {
        "camera": "Front camera",
        "minutes": "300",
    }
    recording_id = camera.start_recording()
    await pass_time(hass, freezer)
    assert attributes_of(hass, IN_PROGRESS)["recording_ids"] == [recording_id]

    camera.clock.offset = timedelta(seconds=30)
    await pass_time(hass, freezer)
    assert not issues
    assert attributes_of(hass, IN_PROGRESS)["recording_ids"] == [recording_id]


async def test_clock_issue_goes_with_the_camera(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Nobody can cure a camera that is no longer there."""
    camera.clock.offset = timedelta(hours=1)
    await pass_time(hass, freezer)
    assert ir.async_get(hass).issues
    await hass.config_entries.async_remove(loaded.entry_id)
    assert not ir.async_get(hass).issues


@pytest.mark.usefixtures("loaded")
async def test_summer_time_ends_while_recording(
    hass: HomeAssistant, camera: Camera, freezer: FrozenDateTimeFactory
) -> None:
    """The local hour comes twice; the recording is one, and the switch keeps it."""
    # In New York, at 06:00 UTC.
    freezer.move_to("2027-11-07T05:59:30+00:00")
    await pass_time(hass, freezer, 1)
    await turn(hass, "on")
    recording_id = attributes_of(hass, SWITCH)["recording_id"]
    for _ in range(7):
        await pass_time(hass, freezer, 10.5)
    assert state_of(hass, SWITCH) == STATE_ON
    assert attributes_of(hass, IN_PROGRESS)["recording_ids"] == [recording_id]
    await turn(hass, "off")
    last = attributes_of(hass, LAST_RECORDING)
    assert last["recording_id"] == recording_id
    assert 70 < last["duration"] < 80


@pytest.mark.usefixtures("loaded")
async def test_clean_up_moves_the_oldest(
    hass: HomeAssistant, camera: Camera, freezer: FrozenDateTimeFactory
) -> None:
    """No count changes, but the daily walk through the whole list notices."""
    start = camera.clock.now() - timedelta(days=400)
    camera.add_recording(start, start + timedelta(days=300))
    await pass_time(hass, freezer)
    assert state_of(hass, OLDEST_RECORDING) == start.isoformat(timespec="seconds")
    camera.clean_up(start + timedelta(days=2))
    await pass_time(hass, freezer, 86400)
    moved = min(each.start for each in camera.recordings)
    assert moved > start
    assert state_of(hass, OLDEST_RECORDING) == moved.isoformat(timespec="seconds")


@pytest.mark.usefixtures("loaded")
async def test_full_list_can_not_be_read(
    hass: HomeAssistant,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The polls go on; that is no reason to worry anybody."""
    caplog.clear()
    entry = hass.config_entries.async_entries(DOMAIN)[0]
    camera.faults.set("record/list.cgi", Fault.ERROR, times=1)
    entry.runtime_data.activity.async_walk()
    await hass.async_block_till_done(wait_background_tasks=True)
    await pass_time(hass, freezer)
    assert state_of(hass, IN_PROGRESS) == STATE_OFF
    assert "the full list could not be read" in caplog.text
