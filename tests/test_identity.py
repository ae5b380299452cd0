"""Whoever answers at a camera's address is believed and commanded only if it is that camera.

Two cameras with the same account swap their addresses. Whatever Home Assistant is about to do, and whenever
that happens, the one is never taken for the other.
"""

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest.mock import patch

from homeassistant.components.media_source import async_browse_media
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest

from custom_components.axis_recordings.const import DOMAIN
from custom_components.axis_recordings.vapix import VapixError
from tests.camera import Account, Camera, CameraServer, Disk, Fault, Level

from .common import added, call, pass_time, state_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from freezegun.api import FrozenDateTimeFactory
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from tests.camera.wire import Exchange

pytestmark = pytest.mark.usefixtures("enable_custom_integrations")

WHO = "/axis-cgi/basicdeviceinfo.cgi"
SWITCH = "switch.gate_recording"
IN_PROGRESS = "binary_sensor.gate_recording_in_progress"
RECORDINGS = "sensor.gate_recordings"
ACTIVITIES = ("event.gate_recording_activity", "event.yard_recording_activity")


class Place(NamedTuple):
    """A camera, where it is, and its entry."""

    camera: Camera
    server: CameraServer
    entry: MockConfigEntry


@pytest.fixture
def reported(hass: HomeAssistant) -> list[tuple[str, str]]:
    """Collect which event entity reports which recording."""
    reported: list[tuple[str, str]] = []
    began = dt_util.utcnow()

    @callback
    def note(event: Event[Any]) -> None:
        state = event.data["new_state"]
        entity_id = event.data["entity_id"]
        if state and entity_id.startswith("event."):
            time = dt_util.parse_datetime(state.state)
            # What was reported before is restored when a camera is loaded.
            if time and time > began:
                reported.append((entity_id, state.attributes["recording_id"]))

    hass.bus.async_listen(EVENT_STATE_CHANGED, note)
    return reported


def make_camera(serial: str, name: str, seed: int) -> Camera:
    """Return a camera that records already, with an account that may do everything."""
    camera = Camera(
        serial=serial,
        name=name,
        recordings=5 + seed,
        seed=seed,
        disks=[Disk("SD_DISK")],
        job_duration=0,
    )
    camera.accounts["operator"] = Account("operator-secret", Level.ADMINISTRATOR)
    camera.start_recording()
    return camera


@pytest.fixture
async def places(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> AsyncGenerator[tuple[Place, Place]]:
    """Add two cameras of the same owner."""
    assert await async_setup_component(hass, "media_source", {})
    first = make_camera("B8A44F0A1B2C", "Gate", 1)
    second = make_camera("B8A44F0A1B2D", "Yard", 7)
    async with added(hass, first) as one, added(hass, second) as two:
        await call(hass, "start", target={"entity_id": IN_PROGRESS})
        await pass_time(hass, freezer, 11)
        yield Place(first, *one), Place(second, *two)


class Witness:
    """Notes what a camera is asked for from now on, and holds it against what it may be asked for."""

    def __init__(self, place: Place) -> None:
        """Begin now."""
        self.camera = place.camera
        self.requests = place.server.requests
        self.since = len(self.requests)
        self.facts = len(self.camera.journal)
        self.disks = {disk.id: disk.status for disk in self.camera.disks.values()}

    def assert_untouched(self) -> None:
        """Nothing was reported but who it is, and nothing was done."""
        answered = {
            each.path for each in self.requests[self.since :] if each.status == 200
        }
        assert answered <= {WHO}
        assert len(self.camera.journal) == self.facts
        assert {
            disk.id: disk.status for disk in self.camera.disks.values()
        } == self.disks


def own_id(place: Place) -> str:
    """Return what Home Assistant has started."""
    return str(place.entry.runtime_data.controller.own[0].recording_id)


def past_id(place: Place) -> str:
    """Return what is over."""
    return next(each.recording_id for each in place.camera.recordings if each.stop)


def past_time(place: Place) -> str:
    """Return a moment of what is over."""
    return next(each.start.isoformat() for each in place.camera.recordings if each.stop)


type Act = Callable[[HomeAssistant, Place, FrozenDateTimeFactory], Awaitable[Any]]


def action(name: str, **fields: Any) -> Act:
    """Return what calls an action for the first camera."""

    async def act(hass: HomeAssistant, place: Place, _: object) -> Any:
        made = {
            key: value(place) if callable(value) else value
            for key, value in fields.items()
        }
        return await call(hass, name, target={"entity_id": IN_PROGRESS}, **made)

    return act


def turn(state: str) -> Act:
    """Return what uses the switch."""

    async def act(hass: HomeAssistant, _: Place, __: object) -> None:
        await hass.services.async_call(
            "switch", f"turn_{state}", {"entity_id": SWITCH}, blocking=True
        )

    return act


async def poll(hass: HomeAssistant, _: Place, freezer: FrozenDateTimeFactory) -> None:
    """Let it be time for a poll."""
    await pass_time(hass, freezer)


async def poll_later(
    hass: HomeAssistant, _: Place, freezer: FrozenDateTimeFactory
) -> None:
    """Let a nonce age first, and the pause be as long as with events."""
    await pass_time(hass, freezer, 301)


async def note_event(hass: HomeAssistant, place: Place, _: object) -> None:
    """Do as when an event has come."""
    place.entry.runtime_data.events._async_poll()
    await hass.async_block_till_done(wait_background_tasks=True)


async def poll_disks(hass: HomeAssistant, place: Place, _: object) -> None:
    """Poll the disks."""
    await place.entry.runtime_data.disks.async_refresh()


async def walk(hass: HomeAssistant, place: Place, _: object) -> None:
    """Walk through all recordings."""
    place.entry.runtime_data.activity.async_walk()
    await hass.async_block_till_done(wait_background_tasks=True)


async def deadline(hass: HomeAssistant, place: Place, _: object) -> None:
    """Stop what is due."""
    controller = place.entry.runtime_data.controller
    await controller.async_settle(place.entry.runtime_data.recordings.data)


async def browse(hass: HomeAssistant, place: Place, _: object) -> None:
    """Open the folder of the camera, and each in it."""
    root = f"media-source://{DOMAIN}/{place.entry.entry_id}"
    found = await async_browse_media(hass, root)
    for child in found.children or []:
        if child.can_expand:
            await async_browse_media(hass, child.media_content_id)


async def see_calendar(hass: HomeAssistant, _: Place, __: object) -> Any:
    """Ask the calendar."""
    now = dt_util.utcnow()
    return await hass.services.async_call(
        "calendar",
        "get_events",
        {
            "entity_id": "calendar.gate_recording_calendar",
            "start_date_time": now - timedelta(days=30),
            "end_date_time": now,
        },
        blocking=True,
        return_response=True,
    )


async def export(hass: HomeAssistant, place: Place, _: object) -> None:
    """Ask for a video as playback does."""
    client = place.entry.runtime_data.client
    recording = next(each for each in place.camera.recordings if each.stop)
    key = recording.recording_id
    found = await client.fetch_recording(key)
    assert found
    await client.fetch_export_properties(found[0].key, recording.start)
    async with client.open_export(found[0].key, recording.start) as exported:
        async for _chunk in exported.chunks():
            break


async def reload(hass: HomeAssistant, place: Place, _: object) -> None:
    """Set it up anew, as after a restart of Home Assistant."""
    await hass.config_entries.async_reload(place.entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)


async def remove_entry(hass: HomeAssistant, place: Place, _: object) -> None:
    """Remove it, which stops what Home Assistant has started."""
    with patch("custom_components.axis_recordings.STOP_PAUSES", (0.0,)):
        await hass.config_entries.async_remove(place.entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)


ACTS: dict[str, Act] = {
    "poll": poll,
    "poll after minutes": poll_later,
    "event": note_event,
    "disks": poll_disks,
    "walk": walk,
    "deadline": deadline,
    "switch on": turn("on"),
    "start": action("start"),
    "stop": action("stop"),
    "stop by id": action("stop", recording_id=own_id),
    "remove": action("remove", recording_id=past_id),
    "remove own": action("remove", recording_id=own_id),
    "search": action("search"),
    "snapshot": action("snapshot", filename="a", time=past_time),
    "save": action("save", filename="a", recording_id=past_id),
    "save original": action(
        "save", filename="a", recording_id=past_id, format="original"
    ),
    "link": action("link", recording_id=past_id),
    "unmount": action("unmount_disk", disk="SD_DISK", interrupt_recordings=True),
    "mount": action("mount_disk", disk="SD_DISK"),
    "browse": browse,
    "calendar": see_calendar,
    "export": export,
    "reload": reload,
    "remove entry": remove_entry,
}


async def expect_recovery(
    hass: HomeAssistant, places: tuple[Place, Place], freezer: FrozenDateTimeFactory
) -> None:
    """Let each camera have its address again: all is well by itself."""
    await places[0].server.swap_addresses(places[1].server)
    await pass_time(hass, freezer, 601)
    await pass_time(hass, freezer)
    for place in places:
        if hass.config_entries.async_get_entry(place.entry.entry_id):
            assert place.entry.state is ConfigEntryState.LOADED
            data = place.entry.runtime_data.recordings.data
            assert data.total == len(list(place.camera.recordings))
    assert not ir.async_get(hass).issues
    assert not hass.config_entries.flow.async_progress()


async def attempt(
    hass: HomeAssistant, place: Place, freezer: FrozenDateTimeFactory, name: str
) -> Any:
    """Do something, and return what it answers or how it fails."""
    try:
        return await ACTS[name](hass, place, freezer)
    except (HomeAssistantError, VapixError) as err:
        return err


async def lose(
    hass: HomeAssistant, places: tuple[Place, Place], freezer: FrozenDateTimeFactory
) -> None:
    """Let both cameras be away for a poll."""
    for place in places:
        place.camera.faults.set("*", Fault.RESET)
    await pass_time(hass, freezer)
    for place in places:
        place.camera.faults.clear()


@pytest.mark.parametrize("after_outage", [False, True])
async def test_swapped(
    hass: HomeAssistant,
    places: tuple[Place, Place],
    reported: list[tuple[str, str]],
    freezer: FrozenDateTimeFactory,
    subtests: pytest.Subtests,
    after_outage: bool,
) -> None:
    """Whatever is done first, whether both cameras were away for a while or nobody has noticed."""
    first, second = places
    others = [each.recording_id for each in second.camera.recordings]
    for name in ACTS:
        with subtests.test(name):
            if after_outage:
                await lose(hass, places, freezer)
            witnesses = [Witness(place) for place in places]
            await first.server.swap_addresses(second.server)
            answer = await attempt(hass, first, freezer, name)
            assert not [each for each in others if each in str(answer)]
            await pass_time(hass, freezer)
            for witness in witnesses:
                witness.assert_untouched()
            if name != "remove entry":
                assert state_of(hass, IN_PROGRESS) == "unavailable"
                issue_id = f"wrong_camera_{first.entry.entry_id}"
                assert (DOMAIN, issue_id) in ir.async_get(hass).issues
            await expect_recovery(hass, places, freezer)
            assert not reported


@pytest.mark.parametrize("number", [1, 2, 3, 4])
async def test_swapped_meanwhile(
    hass: HomeAssistant,
    places: tuple[Place, Place],
    reported: list[tuple[str, str]],
    freezer: FrozenDateTimeFactory,
    subtests: pytest.Subtests,
    number: int,
) -> None:
    """At the nth request of what is being done; what was answered before is believed."""
    first, second = places
    others = [each.recording_id for each in second.camera.recordings]
    for name in ACTS:
        with subtests.test(name):
            if not first.entry.runtime_data.controller.own:
                await call(hass, "start", target={"entity_id": IN_PROGRESS})
            witness = Witness(second)
            swaps = swap_at(first, second, number, witness)
            answer = await attempt(hass, first, freezer, name)
            first.server.request_listeners.clear()
            # Some are done with fewer requests.
            for swap in swaps:
                await swap
                await pass_time(hass, freezer)
                witness.assert_untouched()
                assert not [each for each in others if each in str(answer)]
                await expect_recovery(hass, places, freezer)
    for place, entity_id in zip(places, ACTIVITIES, strict=True):
        ids = [each for reporter, each in reported if reporter == entity_id]
        assert all(each.endswith(place.camera.serial) for each in ids), reported


def swap_at(
    first: Place, second: Place, number: int, witness: Witness
) -> list[asyncio.Task[None]]:
    """Swap the addresses when the first camera gets its nth request from now; return who does so."""
    swaps: list[asyncio.Task[None]] = []
    left = number

    async def swap() -> None:
        await first.server.swap_addresses(second.server)
        # Its own entry has asked it until now.
        witness.since = len(second.server.requests)

    def note(_: Exchange) -> None:
        nonlocal left
        left -= 1
        if not left:
            swaps.append(asyncio.get_running_loop().create_task(swap()))

    first.server.request_listeners.append(note)
    return swaps


async def test_swapped_while_home_assistant_was_away(
    hass: HomeAssistant,
    places: tuple[Place, Place],
    reported: list[tuple[str, str]],
    freezer: FrozenDateTimeFactory,
) -> None:
    """Neither is set up, and the owner hears of both by name."""
    for place in places:
        await hass.config_entries.async_unload(place.entry.entry_id)
    witnesses = [Witness(place) for place in places]
    await places[0].server.swap_addresses(places[1].server)
    for place in places:
        await hass.config_entries.async_setup(place.entry.entry_id)
        assert place.entry.state is ConfigEntryState.SETUP_RETRY
        assert place.entry.error_reason_translation_key == "wrong_camera"
    for witness in witnesses:
        witness.assert_untouched()
    issues = ir.async_get(hass).issues
    for place, other in (places, places[::-1]):
        issue = issues[DOMAIN, f"wrong_camera_{place.entry.entry_id}"]
        assert issue.translation_placeholders == {
            "camera": place.camera.name,
            "serial": place.camera.serial,
            "host": "127.0.0.1",
            "other": f"{other.camera.name} ({other.camera.serial})",
        }
    await expect_recovery(hass, places, freezer)
    assert not reported
