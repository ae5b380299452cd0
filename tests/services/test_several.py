"""Actions on an area with two cameras: what is wrong with one is no matter to the other, and is reported.

Each action meets each state that the neighbor may be in. Time stands still unless a test lets it pass.
"""

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from homeassistant.config_entries import (
    SOURCE_IGNORE,
    ConfigEntryDisabler,
    ConfigEntryState,
)
from homeassistant.core import Context
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
)
from homeassistant.helpers import area_registry as ar, device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.axis_recordings.const import DOMAIN
from custom_components.axis_recordings.helpers.answers import ANSWER_SECONDS
from tests.camera import Account, Camera, CameraServer, Fault, Level
from tests.common import (
    SWITCH,
    added,
    administrate,
    call,
    device_of,
    make_entry,
    pass_time,
    state_of,
)
from tests.waiting import LONG_WHILE, PATIENCE, comes_soon, settle

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant

NEIGHBOR = "Back garden"
NEIGHBOR_ERROR = "sensor.back_garden_last_error"
# Those that look for a recording before they do anything.
BY_ID = ("stop_by_id", "remove")
# Errors of who calls, not of a camera.
WRONG_TARGETS = ("camera_not_loaded", "no_camera_in_use", "read_only")
ACTIONS = ("start", "stop", *BY_ID, "search", "unmount_disk", "mount_disk")


class Pair(NamedTuple):
    """Two cameras in one area."""

    hass: HomeAssistant
    freezer: FrozenDateTimeFactory
    good: Camera
    other: Camera
    server: CameraServer
    entry: MockConfigEntry
    alone: dict[str, str]
    """The neighbor as a target."""
    area: dict[str, str]
    """Both as a target."""

    @property
    def last_error(self) -> Any:
        """What the neighbor has reported last."""
        return self.entry.runtime_data.commands.last_error

    def forget(self) -> None:
        """Let the neighbor know no error."""
        self.entry.runtime_data.commands.last_error = None

    async def until(self, condition: Callable[[], object], *steps: float) -> bool:
        """Return whether something comes to be so, before or after so many seconds each."""
        for step in steps:
            if await comes_soon(condition, LONG_WHILE):
                return True
            self.freezer.tick(step)
        return await comes_soon(condition, PATIENCE)

    def call(
        self, service: str, target: Any = None, **fields: Any
    ) -> asyncio.Task[dict[str, Any]]:
        """Call an action, for all cameras of the area unless there is another target."""
        return asyncio.ensure_future(
            call(self.hass, service, target=target or self.area, **fields)
        )

    def prepare(self, action: str) -> tuple[str, dict[str, Any], Callable[[], bool]]:
        """Return the action, its fields, and whether the good camera has done it."""
        good = self.good
        match action:
            case "start":
                return "start", {}, lambda: bool(good.recordings.ongoing)
            case "stop":
                return "stop", {}, lambda: not good.recordings.ongoing
            case "stop_by_id":
                wanted = good.start_recording()
                return (
                    "stop",
                    {"recording_id": wanted},
                    lambda: not good.recordings.ongoing,
                )
            case "remove":
                wanted = next(iter(good.recordings)).recording_id
                return (
                    "remove",
                    {"recording_id": wanted},
                    lambda: good.recordings.find(wanted) is None,
                )
            case "search":
                return "search", {"limit": 1}, lambda: True
            case _:
                is_unmounted = action == "unmount_disk"
                # The neighbor records on its disk.
                return (
                    action,
                    {"disk": "SD_DISK"}
                    | ({"interrupt_recordings": True} if is_unmounted else {}),
                    lambda: (
                        (good.disks["SD_DISK"].status == "connected") is is_unmounted
                    ),
                )


@pytest.fixture(autouse=True)
def _last_error(entity_registry_enabled_by_default: None, asks_camera: None) -> None:
    """Let the sensors of the last error be there, and searches ask the camera."""


@pytest.fixture(autouse=True)
def _administrators(camera: Camera) -> None:
    """Let the good camera do everything at once."""
    administrate(camera)


@pytest.fixture
async def pair(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    camera: Camera,
) -> AsyncGenerator[Pair]:
    """Put a neighbor beside the camera, which records for Home Assistant."""
    other = Camera(serial="B8A44F0A1B2D", name=NEIGHBOR)
    administrate(other)
    area = ar.async_get(hass).async_create("Garden")
    devices = dr.async_get(hass)
    # As most users have it: the core integration knows the neighbor, too.
    core = MockConfigEntry(domain="axis")
    core.add_to_hass(hass)
    mac = dr.format_mac(other.serial)
    alone = devices.async_get_or_create(
        config_entry_id=core.entry_id,
        identifiers={("axis", mac)},
        connections={(dr.CONNECTION_NETWORK_MAC, mac)},
    )
    async with CameraServer(other) as server:
        entry = make_entry(other, server)
        entry.add_to_hass(hass)
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done(wait_background_tasks=True)
        for device in list(devices.devices):
            if isinstance(device, dr.DeviceEntry):
                devices.async_update_device(device.id, area_id=area.id)
        target = {"entity_id": "switch.back_garden_recording"}
        await call(hass, "start", target=target)
        yield Pair(
            hass,
            freezer,
            camera,
            other,
            server,
            entry,
            {"device_id": alone.id},
            {"area_id": area.id},
        )
        # What hangs ends with the connection.
        await server.close()
        await hass.async_block_till_done(wait_background_tasks=True)


class State(NamedTuple):
    """What is wrong with the neighbor, and what is reported of it."""

    keys: tuple[str | None, ...] = ()
    """One of these is reported; nothing if the camera is left out."""
    fault: Fault | None = None
    entry_state: ConfigEntryState | None = None
    is_noted: bool = False
    """Whether it has tried, so that its last error tells."""
    waits: bool = False
    """Whether it takes as long as may be waited."""
    at: tuple[str, ...] = ("*",)
    """What the fault is about."""
    actions: tuple[str, ...] = ACTIONS
    """Those that fail."""


STATES = {
    "silent": State(("no_answer",), Fault.TIMEOUT, is_noted=True, waits=True),
    "gone": State(("cannot_connect",), is_noted=True),
    "resets": State(("cannot_connect", "start_unanswered"), Fault.RESET, is_noted=True),
    "busy": State(("busy",), Fault.UNAVAILABLE, is_noted=True),
    "log-in refused": State(
        ("invalid_auth", "missing_rights", "needs_administrator"),
        Fault.UNAUTHORIZED,
        is_noted=True,
    ),
    "refuses": State(
        ("refused",),
        Fault.ERROR,
        is_noted=True,
        at=("record/record.cgi", "record/stop.cgi", "disks/mount.cgi"),
        actions=("start", "stop", "unmount_disk", "mount_disk"),
    ),
    "speaks HTML": State(("unexpected_answer", "not_axis"), Fault.HTML, is_noted=True),
    "says nothing": State(
        ("unexpected_answer", "not_axis"), Fault.EMPTY, is_noted=True
    ),
    "breaks off": State(
        ("cannot_connect", "start_unanswered", "unexpected_answer"),
        Fault.TRUNCATED,
        is_noted=True,
    ),
    **{
        state.value: State(("camera_not_loaded",), entry_state=state)
        for state in ConfigEntryState
        if state is not ConfigEntryState.LOADED
    },
    "off at the start": State(("camera_not_loaded",)),
    "disabled": State(),
    "ignored": State(),
    "read-only": State(
        ("read_only",), actions=tuple(each for each in ACTIONS if each != "search")
    ),
    "surprises": State((None, "unexpected_error"), is_noted=True),
}
NOT_LOADED = tuple(name for name, state in STATES.items() if state.entry_state)
# Those that are words in the neighbor's entry only are met one after the other by the same two cameras.
GROUPS = {
    "not loaded": NOT_LOADED,
    **{name: (name,) for name in STATES if name not in NOT_LOADED},
}
each_state = pytest.mark.parametrize("names", GROUPS.values(), ids=GROUPS)


async def bring(pair: Pair, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bring the neighbor into a state."""
    state, entry, hass = STATES[name], pair.entry, pair.hass
    if state.fault:
        for cgi in state.at:
            pair.other.faults.set(cgi, state.fault)
    if state.entry_state:
        monkeypatch.setitem(entry.__dict__, "state", state.entry_state)
    match name:
        case "gone":
            await pair.server.close()
        case "off at the start":
            pair.other.faults.set("*", Fault.UNAVAILABLE)
            await hass.config_entries.async_reload(entry.entry_id)
            assert entry.state is ConfigEntryState.SETUP_RETRY
        case "disabled":
            await hass.config_entries.async_set_disabled_by(
                entry.entry_id, ConfigEntryDisabler.USER
            )
        case "ignored":
            await hass.config_entries.async_remove(entry.entry_id)
            MockConfigEntry(
                domain=DOMAIN, unique_id=pair.other.serial, source=SOURCE_IGNORE
            ).add_to_hass(hass)
        case "read-only":
            pair.other.accounts["operator"] = Account("operator-secret", Level.VIEWER)
            await hass.config_entries.async_reload(entry.entry_id)
        case "surprises":
            monkeypatch.setattr(entry.runtime_data.client, "_http", None)


@each_state
async def test_neighbor(
    pair: Pair,
    names: tuple[str, ...],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    subtests: pytest.Subtests,
) -> None:
    """Each action: the good camera has done it within a second, and the answer reports the other."""
    for name in names:
        with subtests.test(name), monkeypatch.context() as patched:
            await bring(pair, name, patched)
            await act_on_both(pair, STATES[name], caplog)


async def act_on_both(
    pair: Pair, state: State, caplog: pytest.LogCaptureFixture
) -> None:
    """Call each action, and see what both cameras make of it."""
    for action in ACTIONS:
        service, fields, is_done = pair.prepare(action)
        if state.is_noted:
            pair.forget()
        caplog.clear()
        answering = pair.call(service, **fields)
        assert await pair.until(is_done, 0.5, 0.5), action
        steps = (ANSWER_SECONDS - 1, 1.1) if state.waits else (0.5,)
        assert await pair.until(answering.done, *steps), action
        expect_reported(pair, action, state, answering.result(), caplog)


@each_state
async def test_neighbor_alone(
    pair: Pair,
    names: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    subtests: pytest.Subtests,
) -> None:
    """Where nothing can be done, that is an error, and the other camera does nothing."""
    for name in names:
        with subtests.test(name), monkeypatch.context() as patched:
            await bring(pair, name, patched)
            await act_on_one(pair, name)


async def act_on_one(pair: Pair, name: str) -> None:
    """Call each action for the neighbor, and see that none is done by anybody."""
    state = STATES[name]
    wanted = next(iter(pair.other.recordings), None)
    for action in state.actions:
        service, fields, _ = pair.prepare(action)
        before = list(pair.good.journal)
        if "recording_id" in fields and wanted:
            fields["recording_id"] = wanted.recording_id
        answering = pair.call(service, target=pair.alone, **fields)
        steps = (ANSWER_SECONDS - 1, 1.1) if state.waits else (0.5,)
        assert await pair.until(answering.done, *steps), action
        error = answering.exception()
        if name == "surprises" and isinstance(error, AttributeError):
            continue
        assert isinstance(error, HomeAssistantError), action
        keys = state.keys or ("no_camera_in_use",)
        assert error.translation_key in {*keys, "camera_not_loaded"}, action
        is_wrong = error.translation_key in WRONG_TARGETS
        assert isinstance(error, ServiceValidationError) is is_wrong, action
        assert list(pair.good.journal) == before


def expect_reported(
    pair: Pair,
    action: str,
    state: State,
    answer: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Compare what is reported with what is so."""
    errors = answer.get("errors", [])
    done = answer["disks"] if "disks" in answer else answer["recordings"]
    assert {each["camera"] for each in done} <= {"Front camera", NEIGHBOR}
    assert [each for each in done if each["camera"] == "Front camera"], action
    # What an earlier action has left behind may be reported meanwhile.
    logged = [
        each
        for each in caplog.messages
        if "failed for Back garden" in each and "in the end" not in each
    ]
    if not state.keys or action not in state.actions:
        assert not errors, action
        assert not logged, action
        return
    assert not [each for each in done if each["camera"] != "Front camera"], action
    ((error, line),) = zip(errors, logged, strict=True)
    assert error["camera"] == NEIGHBOR
    assert error["error_key"] in {*state.keys, "camera_not_loaded"}, action
    assert error["error"] in line
    if not state.is_noted or error["error_key"] == "camera_not_loaded":
        return
    command = action.removesuffix("_by_id")
    if action == "search" or (action in BY_ID and None not in state.keys):
        # It was asked only what it has. An earlier action may have failed meanwhile.
        assert getattr(pair.last_error, "command", None) != command, action
    else:
        assert pair.last_error.command == command
        assert state_of(pair.hass, NEIGHBOR_ERROR) != "unknown"


async def test_slow(pair: Pair) -> None:
    """One that takes its time is waited for, and delays no other."""
    for cgi in ("record/record.cgi", "record/stop.cgi", "disks/mount.cgi"):
        pair.other.faults.set(cgi, Fault.SLOW, step=100_000, delay=5)
    for action in ("start", "stop", "unmount_disk", "mount_disk"):
        service, fields, is_done = pair.prepare(action)
        answering = pair.call(service, **fields)
        assert await pair.until(is_done), action
        assert await pair.until(answering.done, 2, 2, 2, 2, 2, 2), action
        answer = answering.result()
        assert "errors" not in answer
        done = answer["disks"] if "disks" in answer else answer["recordings"]
        assert {each["camera"] for each in done} == {"Front camera", NEIGHBOR}


# What happens after the answer


async def overdue_start(pair: Pair, **fields: Any) -> None:
    """Start a recording that the neighbor begins at once, but tells only after 20 seconds."""
    pair.other.faults.set("record/record.cgi", Fault.SLOW, step=100_000, delay=20)
    answering = pair.call("start", **fields)
    assert await pair.until(answering.done, ANSWER_SECONDS + 0.1)
    (error,) = answering.result()["errors"]
    assert error["error_key"] == "no_answer"
    assert len(own(pair)) == 1
    assert len(pair.other.recordings.ongoing) == 2


def own(pair: Pair) -> tuple[Any, ...]:
    """Return what Home Assistant has started on the neighbor."""
    recordings: tuple[Any, ...] = pair.entry.runtime_data.controller.own
    return recordings


async def test_late_start_is_known(
    pair: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    """What a camera has done after all is remembered with its end, and shown without a further poll."""
    await overdue_start(pair, duration={"seconds": 60})
    caplog.clear()
    assert await pair.until(lambda: len(own(pair)) == 2, 5)
    await pair.hass.async_block_till_done()
    assert own(pair)[1].deadline
    assert state_of(pair.hass, "sensor.back_garden_ongoing_recordings") == "2"
    assert "failed" not in caplog.text
    pair.other.faults.clear()
    await pass_time(pair.hass, pair.freezer, 61)
    assert len(pair.other.recordings.ongoing) == 1


async def test_late_failure_is_reported(
    pair: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    """Once in the log, and by the last error."""
    pair.other.faults.set("record/record.cgi", Fault.TIMEOUT)
    answering = pair.call("start")
    assert await pair.until(answering.done, ANSWER_SECONDS + 0.1)
    assert "has not answered" in state_of(pair.hass, NEIGHBOR_ERROR)
    caplog.clear()
    pair.other.faults.clear()
    await pair.server.close()
    assert await pair.until(lambda: "in the end" in caplog.text)
    (line,) = [each for each in caplog.messages if "in the end" in each]
    assert "Action start failed for Back garden in the end" in line
    assert "has not answered" not in state_of(pair.hass, NEIGHBOR_ERROR)


@pytest.mark.parametrize(
    ("duration", "started"), [({"seconds": 60}, 2), ({"seconds": 90}, 3)]
)
async def test_repeated_start(
    pair: Pair, duration: dict[str, int], started: int
) -> None:
    """The same once more is what the camera is doing already; something else is done after it."""
    await overdue_start(pair, duration={"seconds": 60})
    pair.other.faults.clear()
    again = pair.call("start", duration=duration)
    assert await pair.until(lambda: len(pair.good.recordings.ongoing) == 2)
    assert await pair.until(again.done, 5)
    assert "errors" not in again.result()
    assert len(pair.other.recordings.ongoing) == started
    assert len(own(pair)) == started


async def test_starts_that_take_turns(pair: Pair) -> None:
    """Two scripts that repeat their starts at a silent camera, and are canceled each time, get one recording each."""
    pair.other.faults.set("record/record.cgi", Fault.SLOW, step=100_000, delay=20)
    for _ in range(3):
        for seconds in (60, 90):
            answering = pair.call(
                "start", target=pair.alone, duration={"seconds": seconds}
            )
            await settle()
            answering.cancel()
            await asyncio.wait([answering])
    pair.other.faults.clear()
    assert await pair.until(lambda: len(own(pair)) == 3, 20, 5)
    await pair.hass.async_block_till_done()
    await settle()
    assert len(pair.other.recordings.ongoing) == 3
    # Whatever has been stopped since is started anew.
    await pair.call("stop", target=pair.alone)
    await pair.call("start", target=pair.alone, duration={"seconds": 60})
    assert len(pair.other.recordings.ongoing) == 1


@pytest.mark.parametrize("is_canceled", [True, False])
@pytest.mark.parametrize("service", ["stop", "remove"])
async def test_late_failure_with_a_part(
    pair: Pair, caplog: pytest.LogCaptureFixture, service: str, is_canceled: bool
) -> None:
    """What could not be done with one of several recordings is in the log if it can't be in the answer."""
    # Nobody could say whether the camera has restarted since a recording began with it.
    pair.freezer.tick(60)
    now = pair.other.clock.now()
    await pair.call("start", target=pair.alone)
    fields = {}
    if service == "remove":
        fields["recording_id"] = [
            pair.other.add_recording(now - timedelta(hours=each), now)
            for each in (2, 1)
        ]
    cgi = f"record/{service}.cgi"
    pair.other.faults.set(cgi, Fault.SLOW, step=100_000, delay=20)
    answering = pair.call(service, target=pair.alone, **fields)
    asked = pair.server.requests
    assert await pair.until(lambda: any(each.path.endswith(cgi) for each in asked), 1)
    # The first one goes well, but takes its time.
    pair.other.faults.set(cgi, Fault.ERROR, message="Disk is locked")
    if is_canceled:
        answering.cancel()
        await asyncio.wait([answering])
    else:
        assert await pair.until(answering.done, ANSWER_SECONDS + 0.1)
        assert isinstance(answering.exception(), HomeAssistantError)
    caplog.clear()
    assert await pair.until(lambda: "in the end" in caplog.text, *[5] * 5)
    await pair.hass.async_block_till_done()
    (line,) = [each for each in caplog.messages if "in the end" in each]
    assert f"Action {service} failed for Back garden in the end" in line
    assert "Disk is locked" in line


@pytest.mark.parametrize("service", ["stop", "remove"])
async def test_failure_of_a_part_before_it_is_canceled(
    pair: Pair, caplog: pytest.LogCaptureFixture, service: str
) -> None:
    """It is in the log, too, as nobody gets the answer that it was for."""
    now = pair.other.clock.now()
    await pair.call("start", target=pair.alone)
    fields = {}
    if service == "remove":
        fields["recording_id"] = [
            pair.other.add_recording(now - timedelta(hours=each), now)
            for each in (2, 1)
        ]
    cgi = f"record/{service}.cgi"
    pair.other.faults.set(cgi, Fault.ERROR, message="Disk is locked", times=1)
    asked = pair.server.requests

    def hold(_exchange: object) -> None:
        if sum(each.path.endswith(cgi) for each in asked) == 2:
            pair.other.faults.set(cgi, Fault.SLOW, step=100_000, delay=5)

    pair.server.request_listeners.append(hold)
    answering = pair.call(service, target=pair.alone, **fields)
    assert await pair.until(
        lambda: sum(each.path.endswith(cgi) for each in asked) == 2, 1
    )
    caplog.clear()
    answering.cancel()
    await asyncio.wait([answering])
    assert await pair.until(lambda: "in the end" in caplog.text, 6)
    pair.freezer.tick(6)
    await pair.hass.async_block_till_done()
    (line,) = [each for each in caplog.messages if "in the end" in each]
    assert "Disk is locked" in line


async def test_stop_of_what_is_being_started(pair: Pair) -> None:
    """Whoever comes home does not have to wait until a camera has reported what it records."""
    await overdue_start(pair)
    pair.other.faults.clear()
    stopping = pair.call("stop")
    assert await pair.until(lambda: not pair.good.recordings.ongoing)
    assert await pair.until(stopping.done, 5)
    assert not pair.other.recordings.ongoing
    results = [
        each for each in stopping.result()["recordings"] if each["camera"] == NEIGHBOR
    ]
    assert [each["result"] for each in results] == ["stopped", "stopped"]
    # A start after that is a new one.
    await pair.call("start")
    assert len(pair.other.recordings.ongoing) == 1


async def test_cancelled(pair: Pair, caplog: pytest.LogCaptureFixture) -> None:
    """A script that is stopped leaves nothing undone, and a failure is reported all the same."""
    pair.other.faults.set("record/record.cgi", Fault.TIMEOUT)
    answering = pair.call("start")
    assert await pair.until(lambda: pair.good.recordings.ongoing)
    answering.cancel()
    await pair.server.close()
    assert await pair.until(lambda: "in the end" in caplog.text)
    assert len(pair.good.recordings.ongoing) == 1


async def test_long_job(pair: Pair) -> None:
    """A disk that takes long is waited for, as long as the camera is at work."""
    for camera in (pair.good, pair.other):
        camera.job_duration = 40
    await pair.call("stop")
    answering = pair.call("unmount_disk", disk="SD_DISK")
    for _ in range(7):
        await settle()
        pair.freezer.tick(5)
    assert not await comes_soon(answering.done)
    assert await pair.until(answering.done, *[2] * 6)
    assert [each["status"] for each in answering.result()["disks"]] == ["connected"] * 2


# Recordings by their IDs


@pytest.mark.parametrize("service", ["stop", "remove"])
@pytest.mark.parametrize("fault", [Fault.TIMEOUT, Fault.RESET])
async def test_unknown_id(pair: Pair, service: str, fault: Fault) -> None:
    """Where some did not answer, nobody claims that there is no such recording."""
    pair.other.faults.set("*", fault)
    answering = pair.call(service, recording_id="20260101_000000_0000_0")
    assert await pair.until(answering.done, 8, 2.1, 4, 1)
    error = answering.exception()
    assert isinstance(error, ServiceValidationError)
    assert error.translation_key == "recording_not_found"
    assert error.translation_placeholders == {
        "recording_id": "20260101_000000_0000_0",
        "cameras": "Front camera",
        "silent": NEIGHBOR,
    }


@pytest.mark.parametrize("fault", [Fault.TIMEOUT, Fault.RESET])
async def test_some_ids_are_unknown(pair: Pair, fault: Fault) -> None:
    """What was found is done, and the rest is reported."""
    pair.other.faults.set("*", fault)
    wanted = pair.good.start_recording()
    ids = [wanted, "20260101_000000_0000_0"]
    answering = pair.call("stop", recording_id=ids)
    assert await pair.until(answering.done, 8, 2.1, 4, 1)
    assert not pair.good.recordings.ongoing
    stopped, failed = answering.result()["recordings"]
    assert stopped["result"] == "stopped"
    assert failed["result"] == "failed"
    assert failed["recording_id"] == ids[1]
    assert "may be on Back garden" in failed["error"]


async def test_some_ids_while_a_camera_surprises(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that fails in a way that nobody foresaw could not be asked either."""
    monkeypatch.setattr(pair.entry.runtime_data.client, "_http", None)
    wanted = pair.good.start_recording()
    answer = await pair.call("stop", recording_id=[wanted, "20260101_000000_0000_0"])
    assert not pair.good.recordings.ongoing
    stopped, failed = answer["recordings"]
    assert stopped["result"] == "stopped"
    assert "may be on Back garden" in failed["error"]


async def test_late_answer(pair: Pair) -> None:
    """A camera that is slow to look for a recording is waited for, but removes nothing twice."""
    (wanted,) = pair.other.recordings.ongoing
    # Sent in three parts, so it comes after twelve seconds.
    pair.other.faults.set("record/list.cgi", Fault.SLOW, step=100_000, delay=4)
    answering = pair.call("stop", recording_id=wanted.recording_id)
    steps = [2.1] * 6
    assert await pair.until(lambda: not pair.other.recordings.ongoing, *steps)
    pair.other.faults.clear()
    assert await pair.until(answering.done, 1, 1)
    (stopped,) = answering.result()["recordings"]
    assert stopped["camera"] == NEIGHBOR

    old = next(iter(pair.good.recordings))
    assert old.stop
    pair.other.add_recording(old.start, old.stop, recording_id=old.recording_id)
    pair.other.faults.set("record/list.cgi", Fault.SLOW, step=100_000, delay=4)
    answering = pair.call("remove", recording_id=old.recording_id)
    assert await pair.until(
        lambda: pair.good.recordings.find(old.recording_id) is None, 1
    )
    assert await pair.until(answering.done, *steps)
    assert pair.other.recordings.find(old.recording_id)


# Users who may not do everything


async def user_of_front(hass: HomeAssistant) -> Context:
    """Return what a user does who may use the front camera only."""
    user = MockUser(name="Child").add_to_hass(hass)
    user.mock_policy(
        {"entities": {"entity_ids": {"switch.front_camera_recording": True}}}
    )
    return Context(user_id=user.id)


@pytest.mark.parametrize("service", ["start", "stop", "search"])
async def test_user_may_use_one(pair: Pair, service: str) -> None:
    """What comes with the area is left out; whoever names it is refused, as everywhere in Home Assistant."""
    context = await user_of_front(pair.hass)
    target: dict[str, Any]
    names = {"entity_id": ["switch.front_camera_recording", NEIGHBOR_ERROR]}
    before = len(pair.other.recordings.ongoing)
    for target, is_refused in (
        (pair.area, False),
        (names, True),
        (pair.area | names, True),
        ({"entity_id": NEIGHBOR_ERROR}, True),
    ):
        acting = pair.hass.services.async_call(
            DOMAIN,
            service,
            target=target,
            blocking=True,
            return_response=True,
            context=context,
        )
        if is_refused:
            with pytest.raises(Unauthorized):
                await acting
        else:
            answer = await acting
            assert answer
            assert "errors" not in answer
            assert NEIGHBOR not in str(answer)
    assert len(pair.other.recordings.ongoing) == before


@pytest.mark.parametrize("name", ["ignored", "disabled", "not_loaded", "read-only"])
async def test_one_camera_at_a_time(
    pair: Pair, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A camera that is not in use does not count; one that is only out of reach does."""
    with monkeypatch.context() as patched:
        await bring(pair, name, patched)
        wanted = next(iter(pair.good.recordings)).recording_id
        linking = pair.call("link", recording_id=wanted)
        assert await pair.until(linking.done)
        if STATES[name].keys:
            error = linking.exception()
            assert isinstance(error, ServiceValidationError)
            assert error.translation_key == "several_cameras"
        else:
            assert linking.result()["camera"] == "Front camera"


async def test_one_of_two_cameras_fails(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
) -> None:
    """The other one records all the same, and the answer names the one that failed."""
    second = Camera(serial="B8A44F0A1B2D", name="Back garden")
    target = {"entity_id": [SWITCH, "switch.back_garden_recording"]}
    async with added(hass, second):
        camera.faults.set("record/record.cgi", Fault.ERROR, message="Disk is full")
        answer = await call(hass, "start", target=target)
        assert [each["camera"] for each in answer["recordings"]] == ["Back garden"]
        assert answer["errors"] == [
            {
                "camera": "Front camera",
                "device_id": device_of(hass, camera).id,
                "error": "Front camera refuses: Disk is full",
                "error_key": "refused",
            }
        ]
        assert len(second.recordings.ongoing) == 1

        second.faults.set("record/record.cgi", Fault.ERROR, message="Disk is gone")
        with pytest.raises(HomeAssistantError, match="Front camera refuses"):
            await call(hass, "start", target=target)
