"""Cameras with so many recordings that nobody walks through them for fun, and clients that know all of them."""

from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from custom_components.axis_recordings.activity.ledger import Ledger
from custom_components.axis_recordings.activity.models import (
    ChangeSet,
    KnownDisk,
    PollTime,
)
from custom_components.axis_recordings.index.models import Stage
from custom_components.axis_recordings.index.store import RecordingIndex
from custom_components.axis_recordings.vapix import (
    Recording,
    RecordingStatus,
    RecordingType,
)
from tests.camera import Camera, CameraServer, Disk
from tests.camera.recordings import Selection

from .follower import Follower

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from freezegun.api import FrozenDateTimeFactory

    from tests.camera import Exchange, Quirks
    from tests.camera.recordings import Recording as CameraRecording

    from .conftest import Connect

NOW: Final = datetime(2026, 11, 20, 12, tzinfo=UTC)
"""By which the past is the same again."""


def make_camera(
    number: int, *, quirks: Quirks | None = None, disks: int = 1, seed: int = 1
) -> Camera:
    """Return a camera with so many recordings, always the same ones."""
    ids = ("SD_DISK", "NetworkShare")[:disks]
    return Camera(
        recordings=number,
        seed=seed,
        disks=[Disk(each) for each in ids],
        quirks=quirks,
        nonce_lifetime=1e9,
    )


def remember(camera: Camera, path: Path) -> None:
    """Write all that a camera has into a ledger, as if it had been walked through just now."""
    ledger = Ledger(RecordingIndex(path))
    ledger.open()
    poll = PollTime(time=NOW, camera_time=NOW)
    change = ChangeSet()
    for each in camera.recordings:
        change.update(_listed(each), Stage.ENDED)
    change.disks = {
        each: KnownDisk(is_present=True, is_complete=True, last_poll=poll)
        for each in camera.disks
    }
    ledger.apply(change, poll)
    ledger.close()


def _listed(recording: CameraRecording) -> Recording:
    return Recording(
        disk_id=recording.disk_id,
        recording_id=recording.recording_id,
        start=recording.start,
        end=recording.stop,
        utc_offset=None,
        status=RecordingStatus.COMPLETED,
        type=RecordingType(recording.recording_type),
        event_id=recording.event_id,
        event_trigger=recording.event_trigger,
        source=recording.source,
        locked=False,
        video=(),
        audio=(),
    )


class Many:
    """A camera that has been polled, and what it is asked since."""

    def __init__(
        self, server: CameraServer, follower: Follower, freezer: FrozenDateTimeFactory
    ) -> None:
        """Count from now on."""
        self.server = server
        self.camera = server.camera
        self.follower = follower
        self.freezer = freezer
        self._counted = len(server.requests)

    async def poll(self, *, times: int = 1, after: float = 10) -> None:
        """Let some seconds pass and poll, several times."""
        for _ in range(times):
            self.freezer.tick(after)
            await self.follower.poll()

    def remove(self, *numbers: int) -> list[tuple[str, str]]:
        """Remove some, as counted from the newest one. Returns what is to be reported, in order."""
        recordings = self.camera.recordings
        gone = [
            each.recording_id
            for number in numbers
            for each in recordings.select(
                Selection(), offset=number % len(recordings), limit=1
            )
        ]
        for each in gone:
            self.camera.remove_recording(each)
        return sorted(("removed", each) for each in gone)

    @property
    def reported(self) -> list[tuple[str, str]]:
        """What was reported of which recording, in order."""
        return sorted((each.kind, each.recording_id) for each in self.follower.reported)

    def take_requests(self) -> list[Exchange]:
        """Return what the camera was asked since the last time."""
        requests = self.server.requests[self._counted :]
        self._counted += len(requests)
        return requests

    def take_cost(self) -> tuple[int, int]:
        """Return how many requests there were since the last time, and how many bytes were answered."""
        requests = self.take_requests()
        return len(requests), sum(each.bytes_sent for each in requests)


@asynccontextmanager
async def followed(
    camera: Camera, path: Path, connect: Connect, freezer: FrozenDateTimeFactory
) -> AsyncGenerator[Many]:
    """Follow a camera that a ledger knows."""
    async with CameraServer(camera) as server:
        follower = Follower(camera, connect(server), path)
        # A camera that has just started may not list everything yet.
        freezer.tick(600)
        await follower.start()
        many = Many(server, follower, freezer)
        await many.poll()
        many.take_requests()
        yield many
        await follower.stop()
