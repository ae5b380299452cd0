"""What Home Assistant records itself: known, stopped in time, and never lost."""

import asyncio
from dataclasses import replace
import logging
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from homeassistant.const import (
    EVENT_HOMEASSISTANT_FINAL_WRITE,
    EVENT_HOMEASSISTANT_STOP,
    STATE_OFF,
    STATE_ON,
    STATE_UNAVAILABLE,
)
from homeassistant.core import CoreState
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util
from homeassistant.util.file import WriteError
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.axis_recordings.const import DOMAIN, LOGGER
from custom_components.axis_recordings.helpers.backoff import LONGEST_DELAY
from custom_components.axis_recordings.recordings import commands as commands_module
from custom_components.axis_recordings.recordings.own import async_own_recordings
from custom_components.axis_recordings.vapix import RefusedError
from tests.camera import Camera, CameraServer, Fault, Quirks
from tests.common import (
    IN_PROGRESS,
    RECORDINGS,
    SWITCH,
    attributes_of,
    call,
    ongoing_ids,
    pass_time,
    state_of,
    turn,
)
from tests.passing import passing
from tests.waiting import settle, until

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from custom_components.axis_recordings.coordinator import RecordingsCoordinator
    from custom_components.axis_recordings.recordings.own import OwnRecording
    from custom_components.axis_recordings.recordings.watch import Snapshot
    from tests.camera.wire import Exchange

RECORD = "record/record.cgi"
STOP = "record/stop.cgi"
ENTITIES = (SWITCH, IN_PROGRESS, RECORDINGS)


class Held:
    """Keeps the camera's answers to a CGI back, once it has obeyed, until they are let go."""

    def __init__(self, loaded: MockConfigEntry, cgi: str) -> None:
        """Hold what a client would read."""
        self._http = loaded.runtime_data.client._http
        self._command = self._http.command
        self._cgi = cgi
        self.has_obeyed = asyncio.Event()
        self.may_answer = asyncio.Event()
        self._http.command = self._hold

    async def _hold(self, path: str, arguments: dict[str, str]) -> Any:
        answer = await self._command(path, arguments)
        if path.endswith(self._cgi):
            self.has_obeyed.set()
            await self.may_answer.wait()
        return answer


def own_ids(entry: MockConfigEntry) -> list[str]:
    """Return what is known as Home Assistant's own."""
    return [own.recording_id for own in entry.runtime_data.controller.own]


def stored_ids(entry: MockConfigEntry, hass_storage: dict[str, Any]) -> list[str]:
    """Return what a restart of Home Assistant would find."""
    stored = hass_storage[f"{DOMAIN}.{entry.entry_id}"]["data"]
    return [each["recording_id"] for each in stored]


def asked(server: CameraServer, cgi: str) -> int:
    """Return how often a CGI was asked."""
    return sum(each.path.endswith(cgi) for each in server.requests)


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what the log says to people."""
    return [
        each.getMessage()
        for each in caplog.records
        if each.name.endswith(DOMAIN) and each.levelname in {"WARNING", "ERROR"}
    ]


def repairs(hass: HomeAssistant) -> list[str]:
    """Return the texts of what the owner is asked to repair."""
    return [
        issue.translation_key or ""
        for (domain, _), issue in ir.async_get(hass).issues.items()
        if domain == DOMAIN
    ]


# Deadlines


SEVERAL = "custom_components.axis_recordings.services.several"


@pytest.mark.parametrize(
    "fault",
    [
        Fault.ERROR,
        Fault.HTML,
        Fault.EMPTY,
        Fault.NOT_FOUND,
        Fault.UNAVAILABLE,
        Fault.UNAUTHORIZED,
        Fault.FORBIDDEN,
        Fault.RESET,
        Fault.REDIRECT,
    ],
)
async def test_stop_that_fails(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    server: CameraServer,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    fault: Fault,
) -> None:
    """It is reported once and tried ever more rarely, and nothing else suffers from it."""
    camera.nonce_lifetime = 7200
    await call(hass, "start", duration={"minutes": 1})
    commands = loaded.runtime_data.commands
    caplog.clear()
    camera.faults.set(STOP, fault)
    await pass_time(hass, freezer, 61)
    assert commands.last_error.command == "stop"
    first = commands.last_error
    assert repairs(hass) == []
    tries = []
    for seconds in (*(30,) * 10, *(301,) * 4):
        await pass_time(hass, freezer, seconds)
        assert STATE_UNAVAILABLE not in {state_of(hass, each) for each in ENTITIES}
        tries.append(asked(server, STOP))
    assert state_of(hass, IN_PROGRESS) == STATE_ON
    # A log-in that is refused takes two requests. After 5, 10, 20, 40, 80, 160 s, then every five minutes.
    times = 2 if fault is Fault.UNAUTHORIZED else 1
    assert tries[0] <= 3 * times
    assert tries[9] <= 6 * times
    assert tries[-1] - tries[9] <= 4 * times
    (warning,) = warnings(caplog)
    assert "should have ended but could not be stopped" in warning
    assert commands.last_error is first
    assert repairs(hass) == ["recording_not_stopped"]

    camera.faults.clear()
    await pass_time(hass, freezer, 1.25 * LONGEST_DELAY)
    assert not camera.recordings.ongoing
    assert not loaded.runtime_data.controller.own
    assert repairs(hass) == []
    assert state_of(hass, IN_PROGRESS) == STATE_OFF
    assert len(warnings(caplog)) == 1


async def test_repair_ends_with_a_stop_of_an_earlier_life(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A stop may be answered only after a reload, in which another one has failed."""
    await call(hass, "start", duration={"minutes": 1})
    camera.faults.set(STOP, Fault.ERROR)
    for _ in range(4):
        await pass_time(hass, freezer, 61)
    assert repairs(hass) == ["recording_not_stopped"]
    own = async_own_recordings(hass, loaded.entry_id)
    await own.async_forget(own.all[0].key)
    await pass_time(hass, freezer)
    assert repairs(hass) == []


@pytest.mark.usefixtures("loaded")
async def test_deadline_while_the_list_fails(
    hass: HomeAssistant, camera: Camera, freezer: FrozenDateTimeFactory
) -> None:
    """A recording ends in time, also if the camera can't list it then."""
    await call(hass, "start", duration={"minutes": 1})
    camera.faults.set("record/list.cgi", Fault.HTML)
    await pass_time(hass, freezer, 61)
    assert not camera.recordings.ongoing


@pytest.mark.usefixtures("loaded")
async def test_busy_camera_is_given_its_time(
    hass: HomeAssistant,
    camera: Camera,
    server: CameraServer,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A camera that is busy for a moment is nobody's business but ours."""
    await call(hass, "start", duration={"minutes": 1})
    camera.faults.set(STOP, Fault.UNAVAILABLE, times=2)
    await pass_time(hass, freezer, 61)
    await pass_time(hass, freezer, 40)
    await pass_time(hass, freezer, 40)
    assert not camera.recordings.ongoing
    assert asked(server, STOP) == 3
    assert repairs(hass) == []


@pytest.mark.usefixtures("loaded")
async def test_answer_to_a_stop_is_lost(
    hass: HomeAssistant, camera: Camera, freezer: FrozenDateTimeFactory
) -> None:
    """What we have ended was not ended elsewhere."""
    await turn(hass, "on")
    camera.faults.set(STOP, Fault.RESET, times=1, after_effect=True)
    with pytest.raises(HomeAssistantError):
        await turn(hass, "off")
    await pass_time(hass, freezer)
    assert state_of(hass, SWITCH) == STATE_OFF
    assert attributes_of(hass, SWITCH)["end_reason"] == "turned_off"


async def test_what_is_not_known_stays(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    server: CameraServer,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Where the camera can't be asked what became of a recording, its list still counts."""
    await turn(hass, "on")
    (own,) = ongoing_ids(camera)
    camera.end_recording(own)

    def fail(exchange: Exchange) -> None:
        if exchange.query.get("recordingid") == own:
            camera.faults.set("record/list.cgi", Fault.HTML, times=1)

    server.request_listeners.append(fail)
    # Of the list, the recording is gone at once.
    camera.quirks = Quirks(ongoing_in_window=False)
    await loaded.runtime_data.controller.async_settle(
        await empty_snapshot(loaded.runtime_data.recordings)
    )
    assert own_ids(loaded) == [own]
    assert state_of(hass, SWITCH) == STATE_ON
    server.request_listeners.clear()
    await pass_time(hass, freezer)
    assert state_of(hass, SWITCH) == STATE_OFF


async def empty_snapshot(coordinator: RecordingsCoordinator) -> Snapshot:
    """Return what a poll knows after all has ended."""
    return replace(coordinator.data, ongoing=())


async def test_nothing_is_listed_for_a_while(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A camera that loses sight of a disk does not make us forget what it records there."""
    await turn(hass, "on")
    (own,) = ongoing_ids(camera)
    await pass_time(hass, freezer, 61)
    everything = list(camera.recordings)
    for each in everything:
        camera.recordings.remove(each.recording_id)
    for _ in range(2):
        await pass_time(hass, freezer, 20)
    assert own_ids(loaded) == [own]
    for each in everything:
        camera.recordings.put(each)
    await pass_time(hass, freezer, 61)
    assert state_of(hass, SWITCH) == STATE_ON

    for each in everything:
        camera.recordings.remove(each.recording_id)
    for _ in range(3):
        await pass_time(hass, freezer, 61)
    assert state_of(hass, SWITCH) == STATE_OFF
    assert attributes_of(hass, SWITCH)["end_reason"] == "removed"


async def test_list_is_short_for_a_while(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
) -> None:
    """What is not listed beside others is not forgotten at once, and is taken back when it is listed again."""
    await call(hass, "start", duration={"minutes": 8})
    (own,) = ongoing_ids(camera)
    await pass_time(hass, freezer, 61)
    recording = camera.recordings.find(own)
    assert recording
    camera.recordings.remove(own)
    await pass_time(hass, freezer, 31)
    assert own_ids(loaded) == [own]
    for _ in range(3):
        await pass_time(hass, freezer, 61)
    assert own_ids(loaded) == []
    camera.recordings.put(recording)
    await pass_time(hass, freezer, 61)
    assert own_ids(loaded) == [own]
    for _ in range(4):
        await pass_time(hass, freezer, 61)
    await until(lambda: not ongoing_ids(camera))


SHORT_LIST = Quirks(stop_unread="unknown")


async def test_deadline_while_the_list_is_short(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A camera that has just restarted knows no recording for a while, which is stopped as soon as it does."""
    camera.quirks = SHORT_LIST
    await call(hass, "start", duration={"minutes": 1})
    (own,) = ongoing_ids(camera)
    camera.listed_part = 0.0
    await pass_time(hass, freezer, 61)
    assert own_ids(loaded) == [own]
    camera.listed_part = 1.0
    await pass_time(hass, freezer, 11)
    assert not ongoing_ids(camera)
    assert own_ids(loaded) == []


async def test_turned_off_while_the_list_is_short(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Nobody is told that it is over, and the switch stays on."""
    camera.quirks = SHORT_LIST
    await turn(hass, "on")
    camera.listed_part = 0.0
    with pytest.raises(HomeAssistantError, match="not found"):
        await turn(hass, "off")
    assert state_of(hass, SWITCH) == STATE_ON
    camera.listed_part = 1.0
    await turn(hass, "off")
    assert not ongoing_ids(camera)
    assert state_of(hass, SWITCH) == STATE_OFF


@pytest.mark.parametrize("is_stopped", [True, False])
async def test_list_is_short_for_long(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
    is_stopped: bool,
) -> None:
    """What was given up is still to be stopped when it is listed again, also after a reload."""
    camera.quirks = SHORT_LIST
    await call(hass, "start", duration={"minutes": 4})
    (own,) = ongoing_ids(camera)
    camera.listed_part = 0.0
    await loaded.runtime_data.recordings.async_refresh()
    if is_stopped:
        freezer.tick(61)
        answer = await call(hass, "stop")
        assert [each["result"] for each in answer["recordings"]] == ["already_ended"]
    else:
        for _ in range(2):
            await pass_time(hass, freezer, 61)
    assert own_ids(loaded) == []
    assert await hass.config_entries.async_reload(loaded.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    camera.listed_part = 1.0
    await pass_time(hass, freezer, 61)
    assert own_ids(loaded) == [own]
    for _ in range(2):
        await pass_time(hass, freezer, 61)
    assert not ongoing_ids(camera)


async def test_started_again_while_another_is_noted(
    hass: HomeAssistant, loaded: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of several that were given up and are listed again, one may be taken up by a start meanwhile."""
    await call(hass, "start", duration={"minutes": 4})
    data = loaded.runtime_data
    await data.recordings.async_refresh()
    (own,), (listed,) = data.controller.own, data.recordings.data.ongoing
    other = replace(own, recording_id="other")
    recordings = async_own_recordings(hass, loaded.entry_id)
    recordings._known.clear()
    recordings.lost |= {own.key: own, other.key: other}
    put = recordings.async_put

    async def put_both(each: OwnRecording) -> None:
        await put(each)
        await put(other)

    monkeypatch.setattr(recordings, "async_put", put_both)
    beside = replace(listed, recording_id="other")
    await data.controller.async_settle(
        replace(data.recordings.data, ongoing=(listed, beside))
    )
    assert own_ids(loaded) == [own.recording_id, "other"]


async def test_started_again_after_it_was_given_up(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """What the camera answers a start with is still Home Assistant's own."""
    await call(hass, "start")
    recordings = async_own_recordings(hass, loaded.entry_id)
    (own,) = recordings.all
    recordings._known.clear()
    recordings.lost[own.key] = own
    with patch.object(
        loaded.runtime_data.client, "start_recording", return_value=own.key
    ):
        await call(hass, "start")
    assert own_ids(loaded) == [own.recording_id]
    assert ongoing_ids(camera) == [own.recording_id]


async def test_refused_stop_is_no_reason(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
) -> None:
    """What was gone before it could be turned off was removed."""
    camera.quirks = Quirks(event_stream=None)
    await turn(hass, "on")
    camera.remove_recording(*ongoing_ids(camera))
    with pytest.raises(HomeAssistantError, match="not found"):
        await turn(hass, "off")
    for _ in range(2):
        await pass_time(hass, freezer, 61)
    assert state_of(hass, SWITCH) == STATE_OFF
    assert attributes_of(hass, SWITCH)["end_reason"] == "removed"


# Commands under way


async def test_more_time_while_it_is_being_stopped(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    server: CameraServer,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever gets a recording for another minute has it for another minute."""
    monkeypatch.setattr(f"{SEVERAL}.ANSWER_SECONDS", 3600.0)
    camera.quirks = Quirks(second_recording="same")
    await call(hass, "start", duration={"minutes": 1})
    held = Held(loaded, RECORD)
    again = asyncio.ensure_future(call(hass, "start", duration={"minutes": 2}))
    await held.has_obeyed.wait()
    freezer.tick(61)
    async_fire_time_changed(hass, dt_util.utcnow())
    await settle()
    held.may_answer.set()
    await again
    await hass.async_block_till_done(wait_background_tasks=True)
    assert asked(server, STOP) == 0
    assert own_ids(loaded) == ongoing_ids(camera) != []
    await pass_time(hass, freezer, 121)
    assert not camera.recordings.ongoing


async def test_own_recording_that_can_not_be_removed(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A camera that says yes and goes on is reported again at the deadline."""
    monkeypatch.setattr(
        "custom_components.axis_recordings.recordings.controller.STOP_CHECK_SECONDS", 0
    )
    answer = await call(hass, "start", duration={"minutes": 1})
    (own,) = [each["recording_id"] for each in answer["recordings"]]
    with monkeypatch.context() as context:
        context.setattr(Camera, "end_recording", lambda *_, **__: None)
        answer = await call(hass, "remove", recording_id=own)
    assert answer["recordings"][0]["result"] == "failed"
    assert own_ids(loaded) == [own]
    await pass_time(hass, freezer, 61)
    assert not camera.recordings.ongoing


async def test_polls_do_not_wait_for_a_removal(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    server: CameraServer,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A recording takes ten seconds to end, while others begin."""
    monkeypatch.setattr(f"{SEVERAL}.ANSWER_SECONDS", 3600.0)
    await turn(hass, "on")
    (own,) = ongoing_ids(camera)
    with monkeypatch.context() as context:
        context.setattr(Camera, "end_recording", lambda *_, **__: None)
        removal = asyncio.ensure_future(call(hass, "remove", recording_id=own))
        await until(lambda: asked(server, STOP))
    camera.start_recording()
    async with asyncio.timeout(60):
        await loaded.runtime_data.recordings.async_refresh()
    assert state_of(hass, "sensor.front_camera_ongoing_recordings") == "2"
    started = await call_without_waiting(hass, camera)
    assert not removal.done()
    camera.end_recording(own)
    await passing(freezer, removal.done, step=1)
    assert (await removal)["recordings"][0]["result"] == "removed"
    assert own_ids(loaded) == [started]


async def call_without_waiting(hass: HomeAssistant, camera: Camera) -> str:
    """Start a recording while another command is under way, and return its id."""
    answer = await call(hass, "start")
    recording_id: str = answer["recordings"][0]["recording_id"]
    assert recording_id in ongoing_ids(camera)
    return recording_id


async def test_off_after_on_that_nobody_waits_for(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera, server: CameraServer
) -> None:
    """What was asked for last counts, also where the camera is slow."""
    held = Held(loaded, RECORD)
    on = asyncio.ensure_future(turn(hass, "on"))
    await held.has_obeyed.wait()
    on.cancel()
    off = asyncio.ensure_future(turn(hass, "off"))
    await settle()
    held.may_answer.set()
    await off
    assert not camera.recordings.ongoing
    assert state_of(hass, SWITCH) == STATE_OFF


@pytest.mark.parametrize("cancelled", [True, False])
async def test_unloaded_during_a_start(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    server: CameraServer,
    hass_storage: dict[str, Any],
    cancelled: bool,
) -> None:
    """Unloading waits for the camera's answer."""
    held = Held(loaded, RECORD)
    start = asyncio.ensure_future(turn(hass, "on"))
    await held.has_obeyed.wait()
    if cancelled:
        start.cancel()
    unload = asyncio.ensure_future(hass.config_entries.async_unload(loaded.entry_id))
    await settle()
    assert not unload.done()
    held.may_answer.set()
    assert await unload
    assert stored_ids(loaded, hass_storage) == ongoing_ids(camera)
    await hass.config_entries.async_setup(loaded.entry_id)
    assert state_of(hass, SWITCH) == STATE_ON


async def test_reloaded_during_a_start(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    server: CameraServer,
    freezer: FrozenDateTimeFactory,
    hass_storage: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A start that is answered after the reload belongs to whoever is loaded then."""
    # Time stands still: what is due now would never be.
    monkeypatch.setattr(commands_module, "FINISH_SECONDS", -1)
    held = Held(loaded, RECORD)
    start = asyncio.ensure_future(call(hass, "start", duration={"minutes": 1}))
    await held.has_obeyed.wait()
    old = loaded.runtime_data
    assert await hass.config_entries.async_reload(loaded.entry_id)
    assert loaded.runtime_data is not old
    assert own_ids(loaded) == []
    held.may_answer.set()
    answer = await start
    assert own_ids(loaded) == ongoing_ids(camera)
    assert own_ids(loaded) == [answer["recordings"][0]["recording_id"]]
    assert stored_ids(loaded, hass_storage) == own_ids(loaded)
    await pass_time(hass, freezer, 61)
    assert not camera.recordings.ongoing
    assert own_ids(loaded) == []


async def test_removed_during_a_start(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    server: CameraServer,
    hass_storage: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What begins when nobody would stop it any more is stopped at once."""
    # Time stands still: what is due now would never be.
    monkeypatch.setattr(commands_module, "FINISH_SECONDS", -1)
    held = Held(loaded, RECORD)
    start = asyncio.ensure_future(turn(hass, "on"))
    await held.has_obeyed.wait()
    await hass.config_entries.async_remove(loaded.entry_id)
    held.may_answer.set()
    with pytest.raises(HomeAssistantError, match="removed from Home Assistant"):
        await start
    await hass.async_block_till_done()
    assert not camera.recordings.ongoing
    assert f"{DOMAIN}.{loaded.entry_id}" not in hass_storage


async def test_removed_before_a_start_is_sent(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    server: CameraServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What waits for its turn is not begun any more."""
    # Time stands still: what is due now would never be.
    monkeypatch.setattr(commands_module, "FINISH_SECONDS", -1)
    held = Held(loaded, RECORD)
    first = asyncio.ensure_future(call(hass, "start"))
    await held.has_obeyed.wait()
    controller = loaded.runtime_data.controller
    second = asyncio.ensure_future(controller.async_start("SD_DISK", {}))
    await settle()
    await hass.config_entries.async_remove(loaded.entry_id)
    held.may_answer.set()
    with pytest.raises(HomeAssistantError, match="removed from Home Assistant"):
        await first
    with pytest.raises(RefusedError, match="removed from Home Assistant"):
        await second
    await hass.async_block_till_done()
    assert asked(server, RECORD) == 1
    assert not camera.recordings.ongoing


async def test_removed_during_a_start_beside_another_recording(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    server: CameraServer,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A camera that makes one recording at a time names that of somebody else, which goes on."""
    monkeypatch.setattr(commands_module, "FINISH_SECONDS", -1)
    camera.quirks = Quirks(second_recording="same")
    theirs = camera.start_manual_recording("SD_DISK", "", by="another client")
    await pass_time(hass, freezer)
    held = Held(loaded, RECORD)
    start = asyncio.ensure_future(turn(hass, "on"))
    await held.has_obeyed.wait()
    await hass.config_entries.async_remove(loaded.entry_id)
    held.may_answer.set()
    with pytest.raises(HomeAssistantError, match="for somebody else"):
        await start
    await hass.async_block_till_done()
    assert ongoing_ids(camera) == [theirs]


async def test_removal_that_nobody_waits_for(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    server: CameraServer,
    hass_storage: dict[str, Any],
) -> None:
    """It stops all recordings, not only the first."""
    await turn(hass, "on")
    await call(hass, "start")
    removal = asyncio.ensure_future(hass.config_entries.async_remove(loaded.entry_id))
    await until(lambda: asked(server, STOP))
    removal.cancel()
    await asyncio.wait([removal])
    await hass.async_block_till_done()
    assert not camera.recordings.ongoing
    assert f"{DOMAIN}.{loaded.entry_id}" not in hass_storage


async def test_removal_with_a_silent_camera(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody waits for it for long, and the log names all that goes on."""
    await turn(hass, "on")
    await call(hass, "start")
    monkeypatch.setattr("custom_components.axis_recordings.STOP_SECONDS", 0)
    camera.faults.set(STOP, Fault.TIMEOUT)
    await hass.config_entries.async_remove(loaded.entry_id)
    for recording_id in ongoing_ids(camera):
        assert (
            f"recording {recording_id} could not be stopped: the camera did not answer"
            in caplog.text
        )


async def test_home_assistant_stops_during_a_start(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    server: CameraServer,
    hass_storage: dict[str, Any],
) -> None:
    """The next start of Home Assistant finds it."""
    held = Held(loaded, RECORD)
    start = asyncio.ensure_future(turn(hass, "on"))
    await held.has_obeyed.wait()
    hass.set_state(CoreState.stopping)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await asyncio.sleep(0)
    held.may_answer.set()
    await hass.async_block_till_done()
    await start
    hass.set_state(CoreState.final_write)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
    await hass.async_block_till_done()
    assert stored_ids(loaded, hass_storage) == ongoing_ids(camera)


async def test_failure_that_nobody_waits_for(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    server: CameraServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is reported once, in the log and by the sensor."""
    camera.faults.set(RECORD, Fault.ERROR, message="Disk is full")
    start = asyncio.ensure_future(turn(hass, "on"))
    await until(lambda: asked(server, RECORD))
    start.cancel()
    await asyncio.wait([start])
    caplog.clear()
    await hass.async_block_till_done()
    (warning,) = warnings(caplog)
    assert "start failed" in warning
    assert "Disk is full" in warning
    assert loaded.runtime_data.commands.last_error.message == "Disk is full"
    assert not [each for each in caplog.records if each.name == "asyncio"]


async def test_unforeseen_failure_that_nobody_waits_for(
    hass: HomeAssistant, loaded: MockConfigEntry, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged with its traceback, and said in the user's words."""

    async def fail() -> None:
        await asyncio.sleep(0)
        message = "never thought of"
        raise KeyError(message)

    commands = loaded.runtime_data.commands
    work = asyncio.ensure_future(commands.async_run("start", fail))
    await asyncio.sleep(0)
    work.cancel()
    await asyncio.wait([work])
    await hass.async_block_till_done()
    unforeseen, late = [
        each
        for each in caplog.records
        if each.name == LOGGER.name and each.levelno >= logging.WARNING
    ]
    assert "unexpected error (start)" in unforeseen.getMessage()
    assert unforeseen.exc_info
    assert "start failed" in late.getMessage()
    assert commands.last_error.command == "start"
    assert "KeyError" in commands.last_error.message


# The memory


async def test_disk_of_home_assistant_is_full(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
    hass_storage: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A start that can't be noted is known all the same, reported once, and noted later."""
    full = WriteError("No space left on device")
    with patch.object(Store, "_async_write_data", side_effect=full):
        await call(hass, "start", duration={"hours": 1})
        assert own_ids(loaded) == ongoing_ids(camera)
        for _ in range(3):
            await pass_time(hass, freezer, 30)
    (warning,) = warnings(caplog)
    assert "could not be noted" in warning
    await pass_time(hass, freezer, 301)
    assert stored_ids(loaded, hass_storage) == ongoing_ids(camera)
    assert len(warnings(caplog)) == 1
