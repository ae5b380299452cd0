"""Events: they make polls come at once, and without them everything is as right, only later."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from functools import partial
import logging
from typing import TYPE_CHECKING, Any

from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNAVAILABLE
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)

from custom_components.axis_recordings import event_listener as listener_module
from custom_components.axis_recordings.coordinator import RecordingsCoordinator
from custom_components.axis_recordings.helpers.supervision import Worker
from custom_components.axis_recordings.system_health import async_system_health_info
from custom_components.axis_recordings.vapix import (
    NotSupportedError,
    StorageEvent,
    StorageTopic,
    events as vapix_events,
)
from tests.camera import Account, Camera, CameraServer, Fault, Level, Quirks
from tests.camera.event_streams import PATH
from tests.camera.events import DISRUPTION, RECORDING

from .common import (
    IN_PROGRESS,
    LIST,
    RECORDINGS,
    SWITCH,
    attributes_of,
    state_of,
    turn,
)
from .passing import pass_by, passing
from .waiting import settle, until

if TYPE_CHECKING:
    from collections.abc import Callable

    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry
    from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

    from custom_components.axis_recordings.event_listener import EventListener

pytestmark = pytest.mark.event_streams

TOKEN = "wssession.cgi"
NOTIFY = "events:notify"


@pytest.fixture(autouse=True)
def delays(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return how long each wait for the next try is."""
    delays: list[float] = []
    original = Worker.async_start_later

    def start_later(worker: Worker, delay: float) -> None:
        if worker._name == "events":
            delays.append(delay)
        original(worker, delay)

    monkeypatch.setattr(Worker, "async_start_later", start_later)
    return delays


@pytest.fixture
async def coordinator(
    hass: HomeAssistant, entry: MockConfigEntry
) -> RecordingsCoordinator:
    """Return a camera's coordinator, set up; it may have events or not."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    listener, found = entry.runtime_data.events, entry.runtime_data.recordings
    assert isinstance(found, RecordingsCoordinator)
    await until(lambda: listener.is_healthy or listener.last_error)
    await hass.async_block_till_done()
    return found


@pytest.fixture
async def listener(
    camera: Camera,
    coordinator: RecordingsCoordinator,
    freezer: FrozenDateTimeFactory,
) -> EventListener:
    """Return the camera's events, after the states that it has reported at first, a change, and no more news."""
    listener: EventListener = coordinator.config_entry.runtime_data.events
    await until(lambda: listener.events_received == 4)
    await quiet(listener)
    recording_id = camera.start_recording()
    await until(lambda: listener.events_received == 5)
    camera.end_recording(recording_id)
    camera.remove_recording(recording_id)
    await until(lambda: listener.events_received == 6)
    await quiet(listener)
    freezer.tick(listener_module.NEWS_SECONDS)
    await coordinator.async_refresh()
    return listener


async def quiet(listener: EventListener) -> None:
    """Wait until nothing goes on but listening."""
    tasks = listener._coordinator.config_entry._background_tasks
    await until(lambda: len(tasks) <= listener.is_healthy)


async def tried(delays: list[float], number: int) -> None:
    """Wait until so many tries have come to their end."""
    await until(lambda: len(delays) == number)


async def let_pass(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, seconds: float
) -> None:
    """Let time pass. Listening goes on, so there is no waiting for its end."""
    freezer.tick(timedelta(seconds=seconds))
    async_fire_time_changed(hass, dt_util.utcnow())
    await hass.async_block_till_done()


def polls(server: CameraServer) -> int:
    """Count the polls; each that has nothing new is one request."""
    return len([each for each in server.requests if each.path == LIST])


def is_on(hass: HomeAssistant, state: str) -> Callable[[], bool]:
    """Return what tells whether a recording is shown to go on."""
    return lambda: state_of(hass, IN_PROGRESS) == state


def levels(caplog: pytest.LogCaptureFixture) -> list[int]:
    """Return how loud we were."""
    return [
        each.levelno
        for each in caplog.records
        if each.name == "custom_components.axis_recordings"
    ]


# Events make polls


async def test_shows_at_once(
    hass: HomeAssistant, camera: Camera, listener: EventListener
) -> None:
    """No time passes between what happens and what is shown."""
    recording_id = camera.start_recording()
    await until(is_on(hass, STATE_ON))
    assert attributes_of(hass, IN_PROGRESS)["recording_ids"] == [recording_id]
    assert listener.storage_states[StorageTopic.RECORDING, None] is True
    camera.end_recording(recording_id)
    await until(is_on(hass, STATE_OFF))
    assert state_of(hass, RECORDINGS) == "9"


@pytest.mark.parametrize("initial", ["after_answer", "before_answer"])
async def test_what_goes_on_already(
    hass: HomeAssistant, entry: MockConfigEntry, camera: Camera, initial: Any
) -> None:
    """The camera reports it at first."""
    camera.quirks = Quirks(event_initial=initial)
    camera.start_recording()
    await hass.config_entries.async_setup(entry.entry_id)
    listener = entry.runtime_data.events
    await until(lambda: listener.events_received == 4)
    assert listener.is_healthy
    assert listener.storage_states == {
        (StorageTopic.RECORDING, None): True,
        (StorageTopic.DISRUPTION, "SD_DISK"): False,
        (StorageTopic.ALERT, "SD_DISK"): False,
        (StorageTopic.FAILURE, "SD_DISK"): False,
    }


async def test_burst(
    camera: Camera,
    coordinator: RecordingsCoordinator,
    listener: EventListener,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However much comes during a poll, there is one more after it."""
    gate = asyncio.Event()
    calls = 0
    original = coordinator.async_refresh

    async def refresh() -> None:
        nonlocal calls
        calls += 1
        await gate.wait()
        await original()

    monkeypatch.setattr(coordinator, "async_refresh", refresh)
    before = listener.events_received
    camera.start_recording()
    await until(lambda: listener.events_received > before)
    for _ in range(10):
        for recording in camera.recordings.ongoing:
            camera.end_recording(recording.recording_id)
        camera.start_recording()
    await until(lambda: listener.events_received == before + 21)
    assert calls == 1
    gate.set()
    await quiet(listener)
    assert calls == 2
    assert len(coordinator.data.ongoing) == 1


async def test_listed_late(
    hass: HomeAssistant,
    camera: Camera,
    server: CameraServer,
    listener: EventListener,
    freezer: FrozenDateTimeFactory,
) -> None:
    """What is reported and not yet listed is asked for again, and again."""
    before = polls(server)
    camera.events.emit(RECORDING, {"recording": "1"}, stateful=True)
    await passing(freezer, lambda: polls(server) == before + 2)
    assert state_of(hass, IN_PROGRESS) == STATE_OFF
    # Not reported anew, as it has been.
    camera.start_recording()
    await passing(freezer, is_on(hass, STATE_ON))
    await quiet(listener)


async def test_never_listed(
    camera: Camera,
    server: CameraServer,
    coordinator: RecordingsCoordinator,
    listener: EventListener,
    freezer: FrozenDateTimeFactory,
) -> None:
    """After four more tries it is left to the polls that come anyway."""
    before = polls(server)
    began = dt_util.utcnow()
    camera.events.emit(RECORDING, {"recording": "1"}, stateful=True)
    await until(lambda: listener._is_recording)
    await passing(freezer, lambda: not listener._poller.is_running)
    assert polls(server) == before + 5
    assert dt_util.utcnow() - began >= timedelta(seconds=15)
    assert coordinator.update_interval == timedelta(seconds=30)


async def test_goes_on_in_the_list(
    camera: Camera,
    server: CameraServer,
    coordinator: RecordingsCoordinator,
    listener: EventListener,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The reverse: over by the camera's word, and still listed. A new event begins anew."""
    camera.start_recording()
    await until(lambda: coordinator.data.ongoing)
    await quiet(listener)
    before = polls(server)
    camera.events.emit(RECORDING, {"recording": "0"}, stateful=True)
    await until(lambda: listener._is_recording is False)
    await until(lambda: polls(server) == before + 1)
    assert listener._poller.is_running
    camera.events.emit(RECORDING, {"recording": "1"}, stateful=True)
    await quiet(listener)
    assert polls(server) == before + 2


async def test_repetition_is_no_news(
    camera: Camera, server: CameraServer, listener: EventListener
) -> None:
    """What is reported again and is known needs no poll."""
    before = polls(server)
    for _ in range(3):
        camera.events.emit(RECORDING, {"recording": "0"}, stateful=True)
        camera.events.emit(
            DISRUPTION, {"disruption": "0"}, source={"disk_id": "SD_DISK"}
        )
    camera.events.emit(
        DISRUPTION, {"disruption": "0"}, source={"disk_id": "NetworkShare"}
    )
    await until(
        lambda: (StorageTopic.DISRUPTION, "NetworkShare") in listener.storage_states
    )
    await quiet(listener)
    assert polls(server) == before + 1


async def test_event_without_a_value(
    camera: Camera, server: CameraServer, listener: EventListener
) -> None:
    """Something has changed, whatever it is."""
    before = polls(server)
    camera.events.emit(RECORDING, {})
    await until(lambda: polls(server) == before + 1)
    assert listener.storage_states[StorageTopic.RECORDING, None] is False


async def test_poll_fails(
    hass: HomeAssistant, camera: Camera, server: CameraServer, listener: EventListener
) -> None:
    """A camera that is in trouble is not asked again at once."""
    camera.faults.set("record/list.cgi", Fault.UNAVAILABLE)
    before = polls(server)
    camera.start_recording()
    await until(is_on(hass, STATE_UNAVAILABLE))
    await quiet(listener)
    assert polls(server) == before + 1


async def test_listeners(
    hass: HomeAssistant, camera: Camera, listener: EventListener
) -> None:
    """Who looks after disks hears of them, and of nothing else, until it has heard enough."""
    heard: list[StorageEvent | None] = []
    also: list[StorageEvent | None] = []
    remove = listener.async_add_listener(heard.append)
    listener.async_add_listener(also.append)
    camera.start_recording()
    camera.disks["SD_DISK"].wear = 95
    await until(lambda: heard)
    (alert,) = heard
    assert alert
    assert alert.topic is StorageTopic.ALERT
    assert alert.data["wear"] == "95"
    remove()
    remove()
    camera.detach_disk("SD_DISK")
    # With the disk, its recordings are gone.
    await until(lambda: state_of(hass, RECORDINGS) == "0")
    assert len(heard) == 1
    assert StorageTopic.DISRUPTION in {each.topic for each in also if each}


# Intervals


async def test_intervals(
    hass: HomeAssistant,
    camera: Camera,
    server: CameraServer,
    coordinator: RecordingsCoordinator,
    listener: EventListener,
    freezer: FrozenDateTimeFactory,
) -> None:
    """While the camera reports what happens, there is less to ask."""
    intervals = {}
    intervals["idle"] = coordinator.update_interval
    recording_id = camera.start_recording()
    await until(is_on(hass, STATE_ON))
    await quiet(listener)
    freezer.tick(listener_module.NEWS_SECONDS)
    await coordinator.async_refresh()
    intervals["recording"] = coordinator.update_interval
    camera.end_recording(recording_id)
    await until(is_on(hass, STATE_OFF))
    await quiet(listener)
    # What has ended may not be listed completely.
    intervals["has ended"] = coordinator.update_interval

    camera.quirks = Quirks(event_stream=None)
    server.drop_event_streams()
    await until(lambda: not listener.is_healthy)
    await quiet(listener)
    intervals["idle without"] = coordinator.update_interval
    camera.start_recording()
    await coordinator.async_refresh()
    intervals["recording without"] = coordinator.update_interval
    assert intervals == {
        "idle": timedelta(minutes=5),
        "recording": timedelta(seconds=10),
        "has ended": timedelta(seconds=30),
        "idle without": timedelta(seconds=30),
        "recording without": timedelta(seconds=10),
    }


async def test_own_recording_keeps_the_short_interval(
    hass: HomeAssistant,
    camera: Camera,
    coordinator: RecordingsCoordinator,
    listener: EventListener,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Home Assistant's own is followed, though the camera may not list it yet."""
    await turn(hass, "on")
    (own,) = coordinator.config_entry.runtime_data.controller.own
    await quiet(listener)
    # As if it were not listed yet, and the camera had reported nothing.
    camera.recordings.remove(own.recording_id)
    listener.storage_states.clear()
    freezer.tick(30)
    await coordinator.async_refresh()
    assert not listener.is_restless
    assert not coordinator.data.ongoing
    assert coordinator.config_entry.runtime_data.controller.own == (own,)
    assert coordinator.update_interval == timedelta(seconds=30)


@pytest.mark.usefixtures("listener")
async def test_second_recording_gives_no_event(
    hass: HomeAssistant, camera: Camera, freezer: FrozenDateTimeFactory
) -> None:
    """It is seen by the next poll."""
    first = camera.start_recording()
    await until(is_on(hass, STATE_ON))
    second = camera.start_recording()
    await let_pass(hass, freezer, 11)
    await until(
        lambda: (
            set(attributes_of(hass, IN_PROGRESS)["recording_ids"]) == {first, second}
        )
    )


@pytest.mark.parametrize(
    ("quirks", "is_trusted"),
    [
        (Quirks(), True),
        (Quirks(event_delay=6), True),
        (Quirks(event_initial="never"), False),
        (Quirks(event_topics="other"), False),
        (Quirks(event_changes="unreported"), False),
        (Quirks(event_changes="stale"), False),
        (Quirks(event_stream=None), False),
    ],
    ids=["good", "late", "no_states", "other_topic", "unreported", "stale", "none"],
)
async def test_start_is_never_seen_later_than_by_polls(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
    quirks: Quirks,
    is_trusted: bool,
) -> None:
    """Whatever the camera's stream is worth: at rest, when it falls silent, and afterwards."""
    camera.quirks = quirks
    assert await hass.config_entries.async_setup(entry.entry_id)
    data = entry.runtime_data
    listener, coordinator = data.events, data.recordings

    async def rest(seconds: float) -> None:
        await pass_by(hass, freezer, entry, seconds)

    async def record() -> float:
        recording_id = camera.start_recording()
        seen = await pass_by(
            hass, freezer, entry, 60, step=1, until=is_on(hass, STATE_ON)
        )
        camera.end_recording(recording_id)
        await rest(12)
        assert is_on(hass, STATE_OFF)()
        return seen

    await rest(100)
    assert coordinator.update_interval == timedelta(seconds=30)
    first = await record()
    await rest(100)
    assert listener.is_trusted is is_trusted
    assert (coordinator.update_interval == timedelta(minutes=5)) is is_trusted
    second = await record()
    # It goes on to answer pings.
    camera.faults.set(NOTIFY, Fault.TIMEOUT)
    await rest(35)
    third = await record()
    await rest(41)
    fourth = await record()
    assert coordinator.update_interval <= timedelta(seconds=30)
    assert max(first, second, third, fourth) <= 31
    camera.faults.clear()


async def test_word_that_was_wrong(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Where a poll shows a start that was not reported, the camera is trusted after a change that it reports."""
    camera.quirks = Quirks(event_changes="stale")
    assert await hass.config_entries.async_setup(entry.entry_id)
    listener = entry.runtime_data.events
    await pass_by(hass, freezer, entry, 60)
    assert listener.is_healthy
    recording_id = camera.start_recording()
    await pass_by(hass, freezer, entry, 3)
    camera.end_recording(recording_id)
    # What is over already at the next poll counts as well.
    await entry.runtime_data.recordings.async_refresh()
    assert not listener.is_healthy
    await pass_by(hass, freezer, entry, 100)
    assert not listener.is_healthy
    camera.quirks = Quirks()
    recording_id = camera.start_recording()
    await until(is_on(hass, STATE_ON))
    assert listener.is_healthy
    camera.end_recording(recording_id)
    await until(is_on(hass, STATE_OFF))


async def test_asked_only_while_relied_on(
    hass: HomeAssistant,
    camera: Camera,
    server: CameraServer,
    listener: EventListener,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Once in half a minute while polls are rare, and never while they are not."""
    entry = listener._coordinator.config_entry
    (stream,) = server.event_streams
    before, polled = len(stream.requests), polls(server)
    await pass_by(hass, freezer, entry, 270)
    assert 9 <= len(stream.requests) - before <= 10
    assert polls(server) - polled <= 1
    camera.start_recording()
    await until(is_on(hass, STATE_ON))
    before = len(stream.requests)
    await pass_by(hass, freezer, entry, 270)
    assert len(stream.requests) == before
    assert listener.is_healthy


async def test_state_that_flaps(
    hass: HomeAssistant,
    camera: Camera,
    server: CameraServer,
    listener: EventListener,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Its camera is asked once a second at most, at once at first, and the last state shows."""
    entry = listener._coordinator.config_entry
    before = polls(server)
    camera.events.emit(RECORDING, {"recording": "1"}, stateful=True)
    await until(lambda: polls(server) == before + 1)
    for number in range(100):
        camera.events.emit(RECORDING, {"recording": str(number % 2)}, stateful=True)
        freezer.tick(0.1)
        await settle(0.005)
    assert 10 <= polls(server) - before <= 16
    camera.start_recording()
    await pass_by(hass, freezer, entry, 6, step=1)
    assert state_of(hass, IN_PROGRESS) == STATE_ON


# A start beside what somebody else has begun, on a camera that makes one recording at a time


@pytest.fixture
def theirs(camera: Camera) -> Callable[[], str]:
    """Return what lets another home start a recording, whose ID the camera gives to whoever starts one, too."""
    camera.quirks = Quirks(second_recording="same")
    return lambda: camera.start_manual_recording("SD_DISK", by="another home")


async def test_start_before_the_poll(
    hass: HomeAssistant,
    camera: Camera,
    server: CameraServer,
    coordinator: RecordingsCoordinator,
    listener: EventListener,
    theirs: Callable[[], str],
) -> None:
    """What was reported counts, though so many polls were made that the next one has to wait."""

    def made(number: int) -> bool:
        return polls(server) == number

    before = polls(server)

    def has_made(number: int) -> bool:
        return polls(server) == before + number

    for number in range(1, listener_module.MOST_POLLS + 1):
        camera.events.emit(RECORDING, {"recording": str(number % 2)}, stateful=True)
        await until(partial(has_made, number))
    camera.events.emit(RECORDING, {"recording": "0"}, stateful=True)
    await until(lambda: listener._is_recording is False)
    recording_id = theirs()
    await until(lambda: listener._is_recording)
    assert not coordinator.data.ongoing
    with pytest.raises(HomeAssistantError, match=f"{recording_id} for somebody else"):
        await turn(hass, "on")
    assert not listener._coordinator.config_entry.runtime_data.controller.own


async def test_start_before_it_is_listed(
    hass: HomeAssistant,
    camera: Camera,
    listener: EventListener,
    freezer: FrozenDateTimeFactory,
    theirs: Callable[[], str],
) -> None:
    """A list that comes late is waited for."""
    camera.faults.set("record/list.cgi", Fault.NO_RECORDINGS)
    recording_id = theirs()
    await until(lambda: listener._is_recording)
    began = dt_util.utcnow()
    starting = hass.async_create_task(turn(hass, "on"))
    await passing(freezer, lambda: dt_util.utcnow() > began + timedelta(seconds=1))
    assert not starting.done()
    camera.faults.clear()
    await passing(freezer, starting.done)
    with pytest.raises(HomeAssistantError, match=f"{recording_id} for somebody else"):
        starting.result()


async def test_start_beside_several(
    hass: HomeAssistant,
    camera: Camera,
    coordinator: RecordingsCoordinator,
    listener: EventListener,
    theirs: Callable[[], str],
) -> None:
    """No event reports what begins while something is being recorded."""
    camera.start_recording()
    await until(lambda: coordinator.data.ongoing)
    await quiet(listener)
    recording_id = theirs()
    with pytest.raises(HomeAssistantError, match=f"{recording_id} for somebody else"):
        await turn(hass, "on")


async def test_start_beside_what_is_never_listed(
    hass: HomeAssistant,
    camera: Camera,
    listener: EventListener,
    freezer: FrozenDateTimeFactory,
) -> None:
    """An alarm is recorded soon, also where an event was wrong."""
    camera.events.emit(RECORDING, {"recording": "1"}, stateful=True)
    await until(lambda: listener._is_recording)
    began = dt_util.utcnow()
    starting = hass.async_create_task(turn(hass, "on"))
    await passing(freezer, lambda: bool(camera.recordings.ongoing))
    assert dt_util.utcnow() - began <= timedelta(seconds=2.5)
    await passing(freezer, starting.done)
    assert state_of(hass, SWITCH) == STATE_ON


@pytest.mark.parametrize("reason", ["firmware", "outage"])
async def test_new_firmware_brings_events(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
    reason: str,
) -> None:
    """They are tried at once, not hours later."""
    camera.quirks = Quirks(event_stream=None, while_down="unavailable")
    assert await hass.config_entries.async_setup(entry.entry_id)
    listener, coordinator = entry.runtime_data.events, entry.runtime_data.recordings
    await until(lambda: listener.last_error)
    await quiet(listener)
    if reason == "outage":
        camera.shut_down()
        await coordinator.async_refresh()
        assert not coordinator.last_update_success
        camera.start_up()
    else:
        coordinator.note_device(replace(coordinator.device, firmware="13.0.1"))
    camera.quirks = Quirks()
    await coordinator.async_refresh()
    await until(lambda: listener.is_healthy)


@pytest.mark.usefixtures("listener")
async def test_events_get_lost(
    hass: HomeAssistant, camera: Camera, freezer: FrozenDateTimeFactory
) -> None:
    """A stream that seems alive and reports nothing is as good as none."""
    camera.faults.set(NOTIFY, Fault.TIMEOUT)
    recording_id = camera.start_recording()
    await let_pass(hass, freezer, 31)
    await until(is_on(hass, STATE_ON))
    camera.end_recording(recording_id)
    await let_pass(hass, freezer, 31)
    await until(is_on(hass, STATE_OFF))


# Without events


@pytest.mark.parametrize(
    "quirks",
    [
        Quirks(event_stream=None),
        Quirks(event_stream=None, session_token=None),
        Quirks(event_rights="handshake"),
        Quirks(event_rights="handshake", insufficient_rights=403),
        Quirks(event_rights="configure"),
    ],
)
async def test_refused_for_good(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: Camera,
    server: CameraServer,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    delays: list[float],
    quirks: Quirks,
) -> None:
    """An old camera, or an account that may not: one line in the log, and hours until the next try."""
    camera.accounts["operator"] = Account("operator-secret", Level.VIEWER)
    camera.quirks = quirks
    await hass.config_entries.async_setup(entry.entry_id)
    listener, coordinator = entry.runtime_data.events, entry.runtime_data.recordings
    await until(lambda: listener.last_error)
    await quiet(listener)
    assert not listener.is_healthy
    assert coordinator.update_interval == timedelta(seconds=30)
    assert levels(caplog).count(logging.INFO) == 1
    assert max(levels(caplog)) == logging.INFO
    assert 6 * 3600 <= delays[0] <= 7.5 * 3600
    camera.start_recording()
    await let_pass(hass, freezer, 31)
    await until(is_on(hass, STATE_ON))
    tries = len([each for each in server.requests if each.path == PATH])
    await quiet(listener)
    await let_pass(hass, freezer, 3600)
    await quiet(listener)
    assert tries == len([each for each in server.requests if each.path == PATH])

    camera.quirks = Quirks()
    await let_pass(hass, freezer, delays[0])
    await until(lambda: listener.is_healthy)
    await until(lambda: listener.events_received == 4)
    await quiet(listener)
    assert max(levels(caplog)) == logging.INFO


async def test_back_off(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    delays: list[float],
) -> None:
    """It waits longer from time to time, never quite as long as others, and says so once."""
    camera.faults.set(PATH, Fault.RESET)
    await hass.config_entries.async_setup(entry.entry_id)
    expected = [5, 10, 20, 40, 80, 160, 300, 300]
    for number in range(1, len(expected) + 1):
        await tried(delays, number)
        await quiet(entry.runtime_data.events)
        await let_pass(hass, freezer, delays[-1])
    factors = [delay / base for delay, base in zip(delays, expected, strict=False)]
    assert all(1 <= factor <= 1.25 for factor in factors)
    assert len(set(factors)) > 1
    assert levels(caplog).count(logging.INFO) == 1
    assert max(levels(caplog)) == logging.INFO
    assert "wssession=" not in caplog.text


async def test_busy_camera(
    hass: HomeAssistant, entry: MockConfigEntry, camera: Camera, delays: list[float]
) -> None:
    """It is asked no sooner than it wants."""
    camera.faults.set(PATH, Fault.UNAVAILABLE)
    await hass.config_entries.async_setup(entry.entry_id)
    await until(lambda: delays)
    assert delays[0] >= 30


async def test_lost_and_found(
    hass: HomeAssistant,
    camera: Camera,
    server: CameraServer,
    listener: EventListener,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    delays: list[float],
) -> None:
    """What happens while it is lost is seen when it ends and when it is back."""
    freezer.tick(61)
    caplog.clear()
    camera.faults.set(NOTIFY, Fault.TIMEOUT)
    first = camera.start_recording()
    server.drop_event_streams()
    await until(is_on(hass, STATE_ON))
    assert listener.storage_states == {}
    await until(lambda: delays)
    assert 5 <= delays[-1] <= 6.25
    await quiet(listener)
    camera.faults.clear()
    camera.end_recording(first)
    await let_pass(hass, freezer, delays[-1])
    await until(is_on(hass, STATE_OFF))
    await until(lambda: listener.is_healthy)
    assert listener.connects == 2
    # It was back before anybody had to know.
    assert levels(caplog).count(logging.INFO) == 0


async def test_reboot(
    hass: HomeAssistant,
    camera: Camera,
    listener: EventListener,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    delays: list[float],
) -> None:
    """Entities are unavailable at once, and back by the polls, whatever the events do."""
    camera.quirks = Quirks(while_down="unavailable")
    camera.shut_down()
    await until(is_on(hass, STATE_UNAVAILABLE))
    await until(lambda: delays)
    await quiet(listener)
    await let_pass(hass, freezer, delays[-1])
    await tried(delays, 2)
    await quiet(listener)
    camera.start_up()
    await let_pass(hass, freezer, max(delays[-1], 31))
    await until(lambda: listener.is_healthy)
    await until(is_on(hass, STATE_OFF))
    texts = [each.message for each in caplog.records if each.levelno == logging.INFO]
    assert len([each for each in texts if "polls are enough" in each]) == 1
    assert len([each for each in texts if "reports its recordings" in each]) == 1


async def test_unsteady_stream(
    hass: HomeAssistant,
    server: CameraServer,
    listener: EventListener,
    freezer: FrozenDateTimeFactory,
    delays: list[float],
) -> None:
    """What is lost again and again is tried more and more rarely, until it lasts."""
    for number in range(1, 4):
        server.drop_event_streams()
        await tried(delays, number)
        await quiet(listener)
        await let_pass(hass, freezer, delays[-1])
        await until(lambda: listener.is_healthy)
        await quiet(listener)
    assert delays[0] < delays[1] < delays[2]
    freezer.tick(61)
    server.drop_event_streams()
    await tried(delays, 4)
    assert delays[3] <= 6.25


@pytest.mark.parametrize("pong", [True, False])
async def test_stall(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: Camera,
    server: CameraServer,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
    pong: bool,
) -> None:
    """A dead connection is noticed, and then all is as without events."""
    monkeypatch.setattr(vapix_events, "SILENCE_SECONDS", 30)
    camera.quirks = Quirks(event_pong=pong)
    await hass.config_entries.async_setup(entry.entry_id)
    listener = entry.runtime_data.events
    await until(lambda: listener.events_received == 4)
    await quiet(listener)
    server.stall_event_streams()
    camera.start_recording()
    await let_pass(hass, freezer, 31)
    await passing(freezer, lambda: listener.last_error is not None)
    await until(is_on(hass, STATE_ON))


# The end


async def test_unload(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: Camera,
    server: CameraServer,
    listener: EventListener,
    delays: list[float],
) -> None:
    """Nothing stays: no socket, no task, no timer, not even in the middle of a late listing."""
    camera.events.emit(RECORDING, {"recording": "1"}, stateful=True)
    await until(lambda: listener._is_recording)
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert not listener.is_healthy
    assert not listener._poller.is_running
    await until(lambda: not server.event_streams_open)
    assert not entry._background_tasks
    assert delays == []


async def test_unload_at_any_moment(
    hass: HomeAssistant, entry: MockConfigEntry, camera: Camera, server: CameraServer
) -> None:
    """Nobody goes on, and nobody plans to."""
    for steps in range(0, 150, 10):
        assert await hass.config_entries.async_setup(entry.entry_id)
        recording_id = camera.start_recording()
        for _ in range(steps):
            await asyncio.sleep(0)
        data = entry.runtime_data
        owners = (data.events, data.activity, data.player)
        assert await hass.config_entries.async_unload(entry.entry_id)
        camera.end_recording(recording_id)
        workers = [
            each
            for owner in (*owners, data.disks)
            for each in vars(owner).values()
            if isinstance(each, Worker)
        ]
        assert len(workers) == 10
        assert not any(each.is_running or each._cancel_timer for each in workers)
        assert not entry._background_tasks
    await until(lambda: not server.event_streams_open)


async def test_unload_while_waiting(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: Camera,
    server: CameraServer,
    freezer: FrozenDateTimeFactory,
    delays: list[float],
) -> None:
    """A try that is planned does not come."""
    camera.quirks = Quirks(event_stream=None)
    await hass.config_entries.async_setup(entry.entry_id)
    await until(lambda: delays)
    assert await hass.config_entries.async_unload(entry.entry_id)
    before = len(server.requests)
    await let_pass(hass, freezer, delays[0] + 1)
    assert len(server.requests) == before


# What is said of it


async def test_diagnostics(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    entry: MockConfigEntry,
    server: CameraServer,
    listener: EventListener,
) -> None:
    """Whoever helps sees whether it works and why not; so does who looks at the system."""
    # The clock stands still, by which a check of the camera would end.
    entry.runtime_data.check.note({"model": "AXIS"})
    found = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    assert found["events"] == {
        "is_healthy": True,
        "is_proven": True,
        "last_error": None,
        "connects": 1,
        "events_received": 6,
        "storage_states": [
            {"topic": "recording", "disk_id": None, "active": False},
            {"topic": "disruption", "disk_id": "SD_DISK", "active": False},
            {"topic": "alert", "disk_id": "SD_DISK", "active": False},
            {"topic": "failure", "disk_id": "SD_DISK", "active": False},
        ],
    }
    assert (await async_system_health_info(hass))["cameras_with_events"] == 1
    server.drop_event_streams()
    await until(lambda: listener.last_error)
    found = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    assert found["events"]["last_error"] == "The camera has ended the event stream"
    assert (await async_system_health_info(hass))["cameras_with_events"] == 0


async def test_wrong_token_is_shown_to_nobody(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: Camera,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Neither the token nor the address it is in reaches the log or an error."""
    caplog.set_level(logging.DEBUG)
    camera.faults.set(PATH, Fault.NOT_FOUND)
    await hass.config_entries.async_setup(entry.entry_id)
    listener = entry.runtime_data.events
    await until(lambda: listener.last_error)
    assert isinstance(listener.last_error, NotSupportedError)
    ours = [each.message for each in caplog.records if "axis" in each.name]
    assert not any("wssession=" in each for each in ours)


async def test_other_camera_at_the_address(
    hass: HomeAssistant,
    listener: EventListener,
    server: CameraServer,
    delays: list[float],
    freezer: FrozenDateTimeFactory,
) -> None:
    """Nothing is heard of it, however much it has to report."""
    other = Camera(serial="B8A44F0A1B2D", recordings=3)
    async with CameraServer(other) as elsewhere:
        await server.swap_addresses(elsewhere)
        await until(lambda: state_of(hass, IN_PROGRESS) == STATE_UNAVAILABLE)
        other.start_recording()
        for number in (2, 3):
            await tried(delays, number - 1)
            await let_pass(hass, freezer, 60 * number)
        await tried(delays, 3)
        assert not listener.is_healthy
        assert not elsewhere.event_streams
        assert state_of(hass, IN_PROGRESS) == STATE_UNAVAILABLE
        await server.swap_addresses(elsewhere)
        await let_pass(hass, freezer, 301)
        await until(lambda: listener.is_healthy)
        await until(is_on(hass, STATE_OFF))
