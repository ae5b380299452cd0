"""A set-up that fails late, or in part, for a reason that nobody foresaw: nothing is left, and the next one works."""

from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE
import pytest

from custom_components.axis_recordings import PLATFORMS
from custom_components.axis_recordings.activity.ledger import Ledger
from custom_components.axis_recordings.activity.reporter import ActivityReporter
from custom_components.axis_recordings.disks.coordinator import DisksCoordinator
from custom_components.axis_recordings.event_listener import EventListener
from custom_components.axis_recordings.follower import CameraFollower
from custom_components.axis_recordings.playback.player import Player

from .common import ACTIVITY, pass_time, set_up

if TYPE_CHECKING:
    from collections.abc import Callable

    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import Event, EventStateChangedData, HomeAssistant
    from homeassistant.helpers.entity import Entity
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from tests.camera import Camera, CameraServer

STEPS = (
    (Player, "async_open"),
    (DisksCoordinator, "async_refresh"),
    (ActivityReporter, "async_start"),
    (EventListener, "async_start"),
    (CameraFollower, "async_follow"),
)


class House(NamedTuple):
    """A camera, and all that may be left of it."""

    hass: HomeAssistant
    entry: MockConfigEntry
    camera: Camera
    server: CameraServer
    freezer: FrozenDateTimeFactory
    ledgers: set[Ledger]
    """Those that are open."""

    @property
    def entities(self) -> dict[str, int]:
        """Return how many entities of each platform work."""
        there = dict.fromkeys(map(str, PLATFORMS), 0)
        for state in self.hass.states.async_all(PLATFORMS):
            there[state.domain] += state.state != STATE_UNAVAILABLE
        return there

    async def reload(self) -> None:
        """Set the camera up anew."""
        await self.hass.config_entries.async_reload(self.entry.entry_id)
        await self.hass.async_block_till_done(wait_background_tasks=True)

    async def pass_time(self, seconds: float = 31) -> None:
        """Let time pass."""
        await pass_time(self.hass, self.freezer, seconds)

    async def see_that_nothing_is_left(self) -> None:
        """Nobody works for the camera any more."""
        assert not self.ledgers
        assert not any(self.entities.values())
        assert not self.entry._background_tasks
        since = len(self.server.requests)
        await self.pass_time(3600)
        assert len(self.server.requests) == since


@pytest.fixture
def house(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: Camera,
    server: CameraServer,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> House:
    """Return the camera, not yet set up."""
    there: set[Ledger] = set()
    for name, note in (("open", there.add), ("close", there.discard)):
        monkeypatch.setattr(Ledger, name, _noting(getattr(Ledger, name), note))
    return House(hass, entry, camera, server, freezer, there)


def _noting(
    method: Callable[[Ledger], Any], note: Callable[[Ledger], None]
) -> Callable[[Ledger], Any]:
    def noting(self: Ledger) -> Any:
        note(self)
        return method(self)

    return noting


@pytest.fixture
def reported(hass: HomeAssistant) -> dict[str, str]:
    """Return what was reported of recordings, by its time."""
    reported: dict[str, str] = {}

    def note(event: Event[EventStateChangedData]) -> None:
        new = event.data["new_state"]
        if event.data["entity_id"] == ACTIVITY and new:
            kind = new.attributes.get("event_type")
            if kind and new.state != STATE_UNAVAILABLE:
                reported[new.state] = kind

    hass.bus.async_listen("state_changed", note)
    return reported


def fail(*_: object) -> None:
    """Fail in a way that nobody foresees."""
    raise RuntimeError


@pytest.mark.parametrize("is_reload", [False, True])
@pytest.mark.parametrize("platform", PLATFORMS)
async def test_platform_fails(
    house: House,
    reported: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    platform: str,
    is_reload: bool,
) -> None:
    """The others work meanwhile, and no event is lost."""
    await set_up(house.hass, house.entry)
    usual = house.entities
    assert all(usual.values())
    unload = partial(house.hass.config_entries.async_unload, house.entry.entry_id)
    if not is_reload:
        await unload()
    module = import_module(f"custom_components.axis_recordings.{platform}")
    with monkeypatch.context() as patched:
        patched.setattr(module, "async_setup_entry", fail)
        await house.reload()
    assert house.entry.state is ConfigEntryState.LOADED
    assert house.entities == usual | {platform: 0}
    recording_id = house.camera.start_recording()
    await house.pass_time()
    assert await unload()
    await house.see_that_nothing_is_left()
    await house.reload()
    house.camera.end_recording(recording_id)
    await house.pass_time()
    assert house.entities == usual
    assert list(reported.values()) == ["started", "finished"]


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_platform_that_is_given_up_while_it_is_set_up(
    house: House, platform: str
) -> None:
    """What it adds then would stay for ever."""
    await set_up(house.hass, house.entry)
    camera = house.entry.runtime_data
    await house.hass.config_entries.async_unload(house.entry.entry_id)
    house.entry.runtime_data = camera
    added: list[Entity] = []
    module = import_module(f"custom_components.axis_recordings.{platform}")
    await module.async_setup_entry(house.hass, house.entry, added.extend)
    camera.recordings.async_update_listeners()
    assert not added


@pytest.mark.parametrize("is_reload", [False, True])
@pytest.mark.parametrize(("owner", "step"), STEPS)
async def test_step_fails(
    house: House,
    monkeypatch: pytest.MonkeyPatch,
    owner: type,
    step: str,
    is_reload: bool,
) -> None:
    """What was opened before is closed again, the platforms too."""
    if is_reload:
        await set_up(house.hass, house.entry)
    with monkeypatch.context() as patched:
        patched.setattr(owner, step, fail)
        await house.reload()
    assert house.entry.state is ConfigEntryState.SETUP_ERROR
    await house.see_that_nothing_is_left()
    await house.reload()
    assert all(house.entities.values())
