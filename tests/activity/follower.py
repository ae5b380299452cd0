"""Follows a simulated camera as the integration does, without Home Assistant."""

from contextlib import suppress
from typing import TYPE_CHECKING

from custom_components.axis_recordings.activity.ledger import Ledger
from custom_components.axis_recordings.activity.observer import Observer
from custom_components.axis_recordings.vapix import RecordingWatch, VapixError
from tests.exactly_once import Look, Told

if TYPE_CHECKING:
    from pathlib import Path

    from custom_components.axis_recordings.activity.models import Activity
    from custom_components.axis_recordings.vapix import VapixClient
    from tests.camera import Camera


class Follower:
    """One client that polls a camera and keeps what is told."""

    def __init__(self, camera: Camera, client: VapixClient, path: Path) -> None:
        """Keep the ledger there."""
        self.camera = camera
        self.client = client
        self.path = path
        self.activities: list[Activity] = []
        self.looks: list[Look] = []
        self.since: int | None = None
        """How many facts the camera's journal had when it was first looked at."""

    async def start(self) -> None:
        """Start as after a restart."""
        self.ledger = Ledger(self.path)
        self.ledger.open()
        self.watch = RecordingWatch(self.client)
        self.observer = Observer(self.client, self.ledger)
        self.watch.suspect(await self.observer.recall())
        if self.since is None:
            await self.look()
            self.since = len(self.camera.journal)
            self.looks.clear()

    async def stop(self) -> None:
        """Stop in good order."""
        await self.observer.close()
        self.ledger.close()

    async def look(self) -> None:
        """Poll once, and look closer where that is needed."""
        facts = len(self.camera.journal) - (self.since or 0)
        disks = frozenset(self.camera.attached_disks)
        is_whole = self.camera.readable_part >= 1
        await self.observer.look(await self.watch.poll())
        if self.observer.needs_walk:
            self.watch.suspect(await self.observer.walk())
        if is_whole:
            self.looks.append(Look(facts, disks))
        for activity in self.ledger.untold():
            self.activities.append(activity)
            self.ledger.forget(activity)

    async def try_to_look(self) -> None:
        """Poll once; a camera that does not answer is looked at again later."""
        with suppress(VapixError):
            await self.look()

    @property
    def told(self) -> list[Told]:
        """All that was told, in order."""
        return [
            Told(each.type, each.recording.disk_id, each.recording.recording_id)
            for each in self.activities
        ]
