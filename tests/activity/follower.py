"""Follows a simulated camera as the integration does, without Home Assistant."""

from contextlib import suppress
import time
from typing import TYPE_CHECKING

from custom_components.axis_recordings.activity.ledger import Ledger
from custom_components.axis_recordings.activity.tracker import RecordingTracker
from custom_components.axis_recordings.index.store import RecordingIndex
from custom_components.axis_recordings.recordings.watch import RecordingWatch
from custom_components.axis_recordings.vapix import VapixError
from tests.exactly_once import Poll, Reported

if TYPE_CHECKING:
    from pathlib import Path

    from custom_components.axis_recordings.activity.models import Activity
    from custom_components.axis_recordings.vapix import VapixClient
    from tests.camera import Camera


class Follower:
    """One client that polls a camera and keeps what is reported."""

    def __init__(self, camera: Camera, client: VapixClient, path: Path) -> None:
        """Keep the ledger there."""
        self.camera = camera
        self.client = client
        self.path = path
        self.activities: list[Activity] = []
        self.polls: list[Poll] = []
        self.since: int | None = None
        """How many facts the camera's journal had when it was first polled."""

    async def start(self) -> None:
        """Start as after a restart."""
        self.ledger = Ledger(RecordingIndex(self.path))
        self.ledger.open()
        self.watch = RecordingWatch(self.client)
        self.tracker = RecordingTracker(self.client, self.ledger)
        self.watch.suspect(await self.tracker.recall())
        if self.since is None:
            await self.poll()
            self.since = len(self.camera.journal)
            self.polls.clear()

    async def stop(self) -> None:
        """Stop in good order."""
        await self.tracker.close()
        self.ledger.close()

    async def poll(self) -> None:
        """Poll once, and ask for more where that is needed."""
        facts = len(self.camera.journal) - (self.since or 0)
        disks = frozenset(self.camera.attached_disks)
        is_whole = self.camera.readable_part >= 1
        await self.tracker.process(await self.watch.poll())
        if self.tracker.needs_walk:
            self.watch.suspect(await self.tracker.walk())
        if is_whole:
            self.polls.append(Poll(facts, disks, time.monotonic()))
        for activity in self.ledger.pending():
            self.activities.append(activity)
            self.ledger.mark_reported(activity)

    async def try_to_poll(self) -> None:
        """Poll once; a camera that does not answer is polled again later."""
        with suppress(VapixError):
            await self.poll()

    @property
    def reported(self) -> list[Reported]:
        """All that was reported, in order."""
        return [
            Reported(each.type, each.recording.disk_id, each.recording.recording_id)
            for each in self.activities
        ]
