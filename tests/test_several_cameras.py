"""Actions on an area with two cameras: what is wrong with one is no matter to the other, and is told.

Each action meets each state that the neighbour may be in. Time stands still unless a test lets it pass.
"""

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest.mock import patch

from homeassistant.config_entries import (
    SOURCE_IGNORE,
    ConfigEntryDisabler,
    ConfigEntryState,
)
from homeassistant.helpers import area_registry as ar, device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.axis_recordings.const import DOMAIN
from custom_components.axis_recordings.several import ANSWER_SECONDS
from tests.camera import Account, Camera, CameraServer, Fault, Level

from .helpers import call, make_entry, state_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator

    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant

NEIGHBOR = "Back garden"
NEIGHBOR_ERROR = "sensor.back_garden_last_error"
# Those that look for a recording before they do anything.
BY_ID = ("stop_by_id", "remove")
ACTIONS = ("start", "stop", *BY_ID, "search", "unmount_disk", "mount_disk")


class Pair(NamedTuple):
    """Two cameras in one area."""

    hass: HomeAssistant
    freezer: FrozenDateTimeFactory
    good: Camera
    other: Camera
    server: CameraServer
    entry: MockConfigEntry
    area: dict[str, str]
    """As a target."""

    @property
    def last_error(self) -> Any:
        """What the neighbour has told last."""
        return self.entry.runtime_data.recorder.last_error

    def forget(self) -> None:
        """Let the neighbour know no error."""
        self.entry.runtime_data.recorder.last_error = None

    async def until(self, condition: Callable[[], object], *steps: float) -> bool:
        """Return whether something comes to be so, before or after so many seconds each."""
        for step in (*steps, 0):
            for _ in range(1500):
                if condition():
                    return True
                await asyncio.sleep(0)
            self.freezer.tick(step)
        return False

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
def _last_error(entity_registry_enabled_by_default: None) -> None:
    """Let the sensors of the last error be there."""


@pytest.fixture(autouse=True)
def _administrators(camera: Camera) -> Generator[None]:
    """Let the good camera do everything at once."""
    administrate(camera)
    return


def administrate(camera: Camera) -> None:
    """Let the account do everything, and the camera do it at once."""
    camera.accounts["operator"] = Account("operator-secret", Level.ADMINISTRATOR)
    camera.job_duration = 0


@pytest.fixture
async def pair(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    camera: Camera,
) -> AsyncGenerator[Pair]:
    """Put a neighbour beside the camera, which records for Home Assistant."""
    other = Camera(serial="B8A44F0A1B2D", name=NEIGHBOR)
    administrate(other)
    area = ar.async_get(hass).async_create("Garden")
    devices = dr.async_get(hass)
    # As most users have it: the core integration knows the neighbour, too.
    core = MockConfigEntry(domain="axis")
    core.add_to_hass(hass)
    mac = dr.format_mac(other.serial)
    devices.async_get_or_create(
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
        yield Pair(hass, freezer, camera, other, server, entry, {"area_id": area.id})
        # What hangs ends with the connection.
        await server.close()
        await hass.async_block_till_done(wait_background_tasks=True)


class State(NamedTuple):
    """What is wrong with the neighbour, and what is told of it."""

    keys: tuple[str, ...] = ()
    """One of these is told; nothing if the camera is left out."""
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
    "speaks HTML": State(("unexpected_answer",), Fault.HTML, is_noted=True),
    "says nothing": State(("unexpected_answer",), Fault.EMPTY, is_noted=True),
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
    "surprises": State((None,), is_noted=True),  # type: ignore[arg-type]
}


@asynccontextmanager
async def brought_into(pair: Pair, name: str) -> AsyncGenerator[None]:
    """Bring the neighbour into a state."""
    state, entry, hass = STATES[name], pair.entry, pair.hass
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
            with patch.object(entry.runtime_data.client, "_http", None):
                yield
            return
    for cgi in state.at if state.fault else ():
        pair.other.faults.set(cgi, state.fault)
    if state.entry_state:
        entry.mock_state(hass, state.entry_state)
    try:
        yield
    finally:
        if state.entry_state:
            entry.mock_state(hass, ConfigEntryState.LOADED)


@pytest.mark.parametrize("name", STATES)
async def test_neighbor(
    pair: Pair, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Each action: the good camera has done it within a second, and the answer tells of the other."""
    state = STATES[name]
    async with brought_into(pair, name):
        for action in ACTIONS:
            service, fields, is_done = pair.prepare(action)
            if state.is_noted:
                pair.forget()
            caplog.clear()
            answering = asyncio.ensure_future(
                call(pair.hass, service, target=pair.area, **fields)
            )
            assert await pair.until(is_done, 0.5, 0.5), action
            steps = (ANSWER_SECONDS - 1, 1.1) if state.waits else (0.5,)
            assert await pair.until(answering.done, *steps), action
            expect_told(pair, action, state, answering.result(), caplog)


def expect_told(
    pair: Pair,
    action: str,
    state: State,
    answer: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Compare what is told with what is so."""
    errors = answer.get("errors", [])
    done = answer.get("recordings", answer.get("disks"))
    assert {each["camera"] for each in done} <= {"Front camera", NEIGHBOR}
    assert [each for each in done if each["camera"] == "Front camera"], action
    logged = [each for each in caplog.messages if "failed for Back garden" in each]
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
    if action in BY_ID and state.keys != (None,):
        # It was asked only whether it has the recording.
        assert pair.last_error is None, action
    else:
        assert pair.last_error.command == action.removesuffix("_by_id")
        assert state_of(pair.hass, NEIGHBOR_ERROR) != "unknown"
