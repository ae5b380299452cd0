"""What nobody foresaw, at each boundary between what works on its own and what it calls.

Afterwards everything works, nothing was reported twice, and the log has it once.
"""

import gc
from inspect import getattr_static
import logging
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from homeassistant.const import STATE_OFF, STATE_ON
import pytest

from custom_components.axis_recordings.activity.ledger import Ledger
from custom_components.axis_recordings.activity.reporter import ActivityReporter
from custom_components.axis_recordings.activity.tracker import RecordingTracker
from custom_components.axis_recordings.binary_sensor import RecordingBinarySensor
from custom_components.axis_recordings.const import LOGGER
from custom_components.axis_recordings.coordinator import RecordingsCoordinator
from custom_components.axis_recordings.disks.coordinator import DisksCoordinator
from custom_components.axis_recordings.disks.entity import DiskEntity
from custom_components.axis_recordings.disks.state import DiskState
from custom_components.axis_recordings.event import AxisRecordingsEvent
from custom_components.axis_recordings.event_listener import EventListener
from custom_components.axis_recordings.index.store import RecordingIndex
from custom_components.axis_recordings.issues.review import CameraIssues
from custom_components.axis_recordings.playback.cache import MediaCache
from custom_components.axis_recordings.playback.player import Player
from custom_components.axis_recordings.recordings.controller import RecordingController
from custom_components.axis_recordings.recordings.metadata import CameraMetadata
from custom_components.axis_recordings.recordings.watch import RecordingWatch
from custom_components.axis_recordings.vapix import EventStream, VapixClient

from .common import IN_PROGRESS, attributes_of, state_of
from .disks.entities import PROBLEM, STATUS
from .passing import pass_by

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from custom_components.axis_recordings.runtime import AxisRecordingsData
    from tests.camera import CameraServer

pytestmark = pytest.mark.event_streams

UNFORESEEN: Final = "nobody foresaw this"


class Boundary(NamedTuple):
    """Something that works on its own calls this."""

    owner: type
    name: str
    at_setup: bool = False
    """Whether it is called while the camera is set up only."""
    is_hourly: bool = False


BOUNDARIES: Final = (
    # The event stream
    Boundary(VapixClient, "listen"),
    Boundary(EventStream, "__anext__"),
    Boundary(EventStream, "ask"),
    Boundary(EventListener, "_note_connection"),
    Boundary(EventListener, "_note_event"),
    Boundary(EventListener, "_log_change"),
    Boundary(DisksCoordinator, "async_handle_event"),
    Boundary(DisksCoordinator, "async_note_event"),
    Boundary(RecordingsCoordinator, "async_refresh"),
    # Polls
    Boundary(RecordingWatch, "poll"),
    Boundary(RecordingController, "async_settle"),
    Boundary(EventListener, "async_compare"),
    Boundary(ActivityReporter, "async_note"),
    Boundary(DisksCoordinator, "async_follow_camera"),
    Boundary(CameraIssues, "async_review"),
    Boundary(RecordingBinarySensor, "ongoing"),
    # What happens to recordings
    Boundary(RecordingTracker, "recall", at_setup=True),
    Boundary(RecordingTracker, "process"),
    Boundary(RecordingTracker, "walk"),
    Boundary(Ledger, "open", at_setup=True),
    Boundary(Ledger, "last_poll", at_setup=True),
    Boundary(Ledger, "disks", at_setup=True),
    Boundary(Ledger, "look_up"),
    Boundary(RecordingIndex, "named"),
    Boundary(RecordingIndex, "write"),
    Boundary(RecordingIndex, "unseen"),
    Boundary(Ledger, "apply"),
    Boundary(Ledger, "pending"),
    Boundary(Ledger, "mark_reported"),
    Boundary(VapixClient, "pages"),
    Boundary(VapixClient, "fetch_boot"),
    Boundary(VapixClient, "fetch_export_properties"),
    Boundary(RecordingsCoordinator, "async_show"),
    Boundary(AxisRecordingsEvent, "_async_handle_activity"),
    # What changes rarely
    Boundary(VapixClient, "fetch_device", is_hourly=True),
    Boundary(CameraMetadata, "async_sources", is_hourly=True),
    # Disks
    Boundary(VapixClient, "fetch_disks"),
    Boundary(VapixClient, "fetch_disk_health"),
    Boundary(VapixClient, "fetch_storage_limits"),
    Boundary(DisksCoordinator, "_describe"),
    Boundary(DisksCoordinator, "_add_recordings"),
    Boundary(DiskEntity, "disk_state"),
    Boundary(DiskState, "reasons"),
    # Playback
    Boundary(Player, "async_sweep", is_hourly=True),
    Boundary(MediaCache, "sweep", is_hourly=True),
)


class Trouble:
    """Raises what nobody foresaw, so many times."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, boundary: Boundary) -> None:
        """Stand at a boundary, and let everything pass for now."""
        self.left = 0
        original = getattr_static(boundary.owner, boundary.name)
        is_property = isinstance(original, property)
        call: Any = original.fget if is_property else original

        def trouble(*args: Any, **kwargs: Any) -> Any:
            if self.left:
                self.left -= 1
                raise RuntimeError(UNFORESEEN)
            return call(*args, **kwargs)

        monkeypatch.setattr(
            boundary.owner, boundary.name, property(trouble) if is_property else trouble
        )


class Home:
    """A Home Assistant with one camera, in which time passes."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: MockConfigEntry,
        server: CameraServer,
        freezer: FrozenDateTimeFactory,
    ) -> None:
        """Begin without the camera."""
        self.hass = hass
        self.entry = entry
        self.camera = server.camera
        self.server = server
        self.freezer = freezer
        self.reported: list[tuple[str, str]] = []

    @property
    def data(self) -> AxisRecordingsData:
        """Return what is known of the camera."""
        found: AxisRecordingsData = self.entry.runtime_data
        return found

    async def set_up(self) -> None:
        """Add the camera."""
        assert await self.hass.config_entries.async_setup(self.entry.entry_id)
        self.data.activity.async_add_listener(
            lambda activity: self.reported.append(
                (activity.type, activity.recording.recording_id)
            )
        )
        await self.let_pass(2)

    async def let_pass(self, seconds: float, step: float = 3.0) -> None:
        """Let time pass."""
        await pass_by(self.hass, self.freezer, self.entry, seconds, step=step)

    async def live(self) -> None:
        """Let everything happen that anybody has to do with."""
        recording_id = self.camera.start_recording()
        await self.let_pass(3)
        self.camera.end_recording(recording_id)
        self.camera.lock_disk("SD_DISK")
        await self.let_pass(3)
        self.camera.unlock_disk("SD_DISK")
        self.data.activity.async_walk()
        await self.let_pass(3)
        self.server.drop_event_streams()
        await self.let_pass(320, step=64)

    async def sees(self, entity_id: str, state: str) -> None:
        """Wait until it is so; what is reported shows at once, and what has to be asked for two seconds later."""
        for _ in range(6):
            if state_of(self.hass, entity_id) == state:
                return
            await self.let_pass(0.5)
        assert state_of(self.hass, entity_id) == state

    async def works(self) -> None:
        """See that everything does what it should, at once and once."""
        before = len(self.reported)
        recording_id = self.camera.start_recording()
        await self.sees(IN_PROGRESS, STATE_ON)
        self.camera.end_recording(recording_id)
        await self.sees(IN_PROGRESS, STATE_OFF)
        self.camera.lock_disk("SD_DISK")
        await self.sees(STATUS, "locked")
        self.camera.unlock_disk("SD_DISK")
        await self.sees(STATUS, "ok")
        await self.let_pass(30, step=15)
        assert self.reported[before:] == [
            ("started", recording_id),
            ("finished", recording_id),
        ]
        assert len(set(self.reported)) == len(self.reported)
        assert attributes_of(self.hass, PROBLEM)["reasons"] == []
        assert self.data.events.is_healthy
        assert not self.data.activity._snapshots
        assert not self.data.activity._reported


@pytest.fixture
def home(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    server: CameraServer,
    freezer: FrozenDateTimeFactory,
) -> Home:
    """Return a home whose camera is not yet set up."""
    return Home(hass, entry, server, freezer)


@pytest.mark.parametrize("times", [1, 10])
@pytest.mark.parametrize(
    "boundary", BOUNDARIES, ids=lambda each: f"{each.owner.__name__}.{each.name}"
)
async def test_unforeseen(
    home: Home,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    boundary: Boundary,
    times: int,
) -> None:
    """Everything works afterwards, and one traceback shows it."""
    trouble = Trouble(monkeypatch, boundary)
    if boundary.at_setup:
        trouble.left = times
    await home.set_up()
    if not boundary.at_setup:
        trouble.left = times
    if boundary.is_hourly:
        await home.let_pass(3601, step=1200)
    for _ in range(12):
        if not trouble.left:
            break
        await home.live()
        if boundary.name == "ask":
            # Only what has reported a change is relied on, and asked.
            home.camera.end_recording(home.camera.start_recording())
            await home.let_pass(150)
    assert not trouble.left, "it was never called so often"
    await home.let_pass(400, step=100)
    await home.works()

    assert await home.hass.config_entries.async_unload(home.entry.entry_id)
    assert not home.entry._background_tasks
    gc.collect()
    tracebacks = [
        each
        for each in caplog.records
        if each.exc_info and each.levelno >= logging.WARNING
    ]
    assert [each.name for each in tracebacks] == [LOGGER.name]
    assert "never retrieved" not in caplog.text
