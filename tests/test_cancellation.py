"""Whatever is cancelled, and whenever: afterwards Home Assistant knows what the camera does."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
import gc
import logging
from typing import TYPE_CHECKING, Any

from homeassistant.setup import async_setup_component
import pytest

from custom_components.axis_recordings.const import DOMAIN
from custom_components.axis_recordings.recordings.controller import EndReason
from tests.camera import Account, Camera, CameraServer, Fault, Level

from .cancellation import each_cancellation
from .common import IN_PROGRESS, RECORDINGS, call, pass_time, turn

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine
    from pathlib import Path

    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from custom_components.axis_recordings.runtime import AxisRecordingsData
    from tests.camera.wire import Exchange

RECORD = "record/record.cgi"


@dataclass
class Place:
    """A camera, and the Home Assistant that knows it."""

    hass: HomeAssistant
    entry: MockConfigEntry
    camera: Camera
    server: CameraServer
    caplog: pytest.LogCaptureFixture
    media: Path
    storage: dict[str, Any]
    freezer: FrozenDateTimeFactory
    words: dict[str, Any] = field(default_factory=dict)
    """What the next action is about."""

    @property
    def data(self) -> AxisRecordingsData:
        """Return what is known of the camera."""
        data: AxisRecordingsData = self.entry.runtime_data
        return data

    @property
    def stored(self) -> list[dict[str, Any]]:
        """Return what a restart of Home Assistant would find."""
        stored = self.storage.get(f"{DOMAIN}.{self.entry.entry_id}")
        found: list[dict[str, Any]] = stored["data"] if stored else []
        return found

    async def settle(self) -> None:
        """Wait until all that goes on by itself is over."""
        await self.hass.async_block_till_done(wait_background_tasks=True)

    def check(self) -> None:
        """Compare Home Assistant with the camera."""
        controller, disks = self.data.controller, self.data.disks
        ongoing = [each.recording_id for each in self.camera.recordings.ongoing]
        assert [own.recording_id for own in controller.own] == ongoing
        assert [each["recording_id"] for each in self.stored] == ongoing
        assert [each["deadline"] for each in self.stored] == [
            own.deadline and own.deadline.isoformat() for own in controller.own
        ]
        shown = {each.recording_id for each in self.data.recordings.data.ongoing}
        assert shown == set(ongoing)
        assert self.data.commands.last_error is None
        assert self.data.recordings.last_update_success
        assert disks.last_update_success
        assert self.data.saves.progress is None
        assert not disks.jobs
        assert not [path for path in self.media.iterdir() if path.suffix == ".part"]
        assert not self.server.exports_open
        names = [task.get_name() for task in asyncio.all_tasks()]
        assert not [name for name in names if name.startswith(DOMAIN)]
        assert controller.last_end in {None, EndReason.TURNED_OFF, EndReason.REMOVED}
        reported = [
            each.getMessage()
            for each in self.caplog.records
            if each.levelno >= logging.WARNING
        ]
        # The machine may be busy with something else.
        assert not [text for text in reported if not text.startswith("Executing")]


@pytest.fixture
def place(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    server: CameraServer,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
    hass_storage: dict[str, Any],
    freezer: FrozenDateTimeFactory,
) -> Place:
    """Return a camera whose account may do everything, at once."""
    camera.accounts["operator"] = Account("operator-secret", Level.ADMINISTRATOR)
    camera.job_duration = 0
    media = tmp_path / "media"
    media.mkdir()
    hass.config.media_dirs = {"local": str(media)}
    hass.config.allowlist_external_dirs = {str(media)}
    caplog.clear()
    return Place(hass, loaded, camera, server, caplog, media, hass_storage, freezer)


async def _nothing(place: Place) -> None:
    """Begin with nothing that Home Assistant records."""
    if place.data.controller.own:
        await call(place.hass, "stop")


async def _ongoing(place: Place) -> None:
    await _nothing(place)
    answer = await call(place.hass, "start", duration={"hours": 1})
    place.words = {"recording_id": answer["recordings"][0]["recording_id"]}


async def _switched_on(place: Place) -> None:
    await turn(place.hass, "on")


async def _ended(place: Place) -> None:
    await _nothing(place)
    now = place.camera.clock.now()
    recording_id = place.camera.add_recording(
        now - timedelta(hours=2), now - timedelta(hours=1)
    )
    place.words = {"recording_id": recording_id}


async def _mounted(place: Place) -> None:
    place.camera.mount_disk("SD_DISK")


async def _unmounted(place: Place) -> None:
    place.camera.unmount_disk("SD_DISK")


async def _cooled_down(place: Place) -> None:
    await pass_time(place.hass, place.freezer, 11)


def _call(action: str, **fields: Any) -> Callable[[Place], Coroutine[Any, Any, Any]]:
    return lambda place: call(place.hass, action, **fields, **place.words)


def _turn(state: str) -> Callable[[Place], Coroutine[Any, Any, Any]]:
    return lambda place: turn(place.hass, state)


def _update(place: Place) -> Coroutine[Any, Any, Any]:
    return place.hass.services.async_call(
        "homeassistant", "update_entity", {"entity_id": RECORDINGS}, blocking=True
    )


COMMANDS: dict[
    str,
    tuple[
        Callable[[Place], Awaitable[None]], Callable[[Place], Coroutine[Any, Any, Any]]
    ],
] = {
    "start": (_nothing, _call("start")),
    "start with duration": (_nothing, _call("start", duration={"minutes": 1})),
    "turn on": (_nothing, _turn("on")),
    "turn off": (_switched_on, _turn("off")),
    "stop": (_ongoing, _call("stop")),
    "stop all": (_switched_on, _call("stop")),
    "remove ended": (_ended, _call("remove")),
    "remove ongoing": (_ongoing, _call("remove")),
    "unmount": (_mounted, _call("unmount_disk", disk="SD_DISK")),
    "mount": (_unmounted, _call("mount_disk", disk="SD_DISK")),
    "search": (_nothing, _call("search")),
    "link": (_ended, _call("link")),
    "update": (_cooled_down, _update),
    "refresh": (_ongoing, lambda place: place.data.recordings.async_refresh()),
}


@pytest.mark.usefixtures("asks_camera")
@pytest.mark.parametrize("name", COMMANDS)
async def test_each_moment(
    place: Place, name: str, record_property: Callable[[str, object], None]
) -> None:
    """A command is carried out or not at all, and what the camera does is known and stored."""
    prepare, act = COMMANDS[name]
    assert await async_setup_component(place.hass, "homeassistant", {})
    moments: list[str] = []
    async for moment in each_cancellation(
        lambda: act(place), place.server, lambda: prepare(place)
    ):
        await place.settle()
        place.check()
        moments.append(moment)
    await place.settle()
    place.check()
    gc.collect()
    assert "never retrieved" not in place.caplog.text
    assert len(moments) >= 4
    record_property("moments", len(moments))


@pytest.mark.usefixtures("loaded")
async def test_script_in_mode_restart(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    server: CameraServer,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Each start that the camera obeys is known and stopped in time, whoever waited for it."""
    action = {
        "action": "axis_recordings.start",
        "target": {"entity_id": IN_PROGRESS},
        "data": {"duration": "00:01:00"},
    }
    script = {"alarm": {"mode": "restart", "sequence": [action]}}
    assert await async_setup_component(hass, "script", {"script": script})
    camera.faults.set(RECORD, Fault.SLOW, step=8, delay=0)
    asked = asyncio.Event()

    def note(exchange: Exchange) -> None:
        if exchange.path.endswith(RECORD):
            asked.set()

    server.request_listeners.append(note)
    for _ in range(2):
        await hass.services.async_call("script", "alarm", blocking=False)
        await asked.wait()
        asked.clear()
    await hass.async_block_till_done(wait_background_tasks=True)

    started = {each.recording_id for each in camera.recordings.ongoing}
    controller = loaded.runtime_data.controller
    assert len(started) == 2
    assert {own.recording_id for own in controller.own} == started
    assert all(own.deadline for own in controller.own)
    await pass_time(hass, freezer, 61)
    assert not camera.recordings.ongoing
    assert not controller.own
