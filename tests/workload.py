"""A life for cameras, drawn from a seed: recordings come, end and go, and things go wrong."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from heapq import heappop, heappush
from itertools import count
import time
from typing import TYPE_CHECKING, Final

from tests.camera import CameraError
from tests.exactly_once import Loss

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from random import Random

    from tests.camera import Camera, CameraServer, Recording

type Operation = Callable[[CameraServer], None]

PAUSE: Final = 1.0
"""Seconds from one operation to the next, on average."""
RECENT: Final = 30


class Workload:
    """Does one thing after the other to some cameras, with pauses in between.

    `advance` lets seconds pass, by sleeping or by moving a frozen clock. All that was begun ends by
    itself later, or in `settle`. `losses` holds those of power and disks by serial number, `settings` those of clocks.
    """

    def __init__(
        self,
        random: Random,
        servers: Sequence[CameraServer],
        advance: Callable[[float], Awaitable[None]] = asyncio.sleep,
        pause: float = PAUSE,
    ) -> None:
        """Take the cameras; nothing happens yet."""
        self.random = random
        self.losses: dict[str, list[Loss]] = {
            server.camera.serial: [] for server in servers
        }
        self.settings: dict[str, list[int]] = {each: [] for each in self.losses}
        self._servers = servers
        self._advance = advance
        self._pause = pause
        self._elapsed = 0.0
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._number = count()
        self._operations: dict[Operation, float] = {
            self.start: 40,
            self.start_several: 4,
            self.flash: 4,
            self.remove_one: 8,
            self.remove_oldest: 4,
            self.clean_up: 3,
            self.drop_streams: 3,
            self.stall_streams: 2,
            self.reboot: 1,
            self.lose_disk: 2,
            self.set_clock: 1,
        }

    # Going on

    async def run(self, seconds: float) -> None:
        """Do things for some time."""
        end = self._elapsed + seconds
        while self._elapsed < end:
            await self.step()

    async def step(self) -> None:
        """Do one thing, and let some time pass."""
        self.operate()
        await self.wait(self.random.expovariate(1 / self._pause))

    def operate(self) -> None:
        """Do one thing to one of the cameras, unless it is down."""
        server = self.random.choice(self._servers)
        (operation,) = self.random.choices(
            list(self._operations), list(self._operations.values())
        )
        if server.camera.running:
            # Disks that are gone and recordings that others ended are part of life.
            with suppress(CameraError):
                operation(server)

    async def wait(self, seconds: float) -> None:
        """Let time pass, with all that is due in it."""
        end = self._elapsed + seconds
        while self._due and self._due[0][0] <= end:
            due, _, callback = heappop(self._due)
            await self._pass(due)
            callback()
        await self._pass(end)

    def settle(self) -> None:
        """Let all that is due happen now."""
        while self._due:
            heappop(self._due)[2]()

    async def _pass(self, until: float) -> None:
        if until > self._elapsed:
            await self._advance(until - self._elapsed)
            self._elapsed = until

    def _later(self, seconds: float, callback: Callable[[], None]) -> None:
        heappush(self._due, (self._elapsed + seconds, next(self._number), callback))

    # Recordings

    def start(self, server: CameraServer) -> None:
        """Let a rule start a recording, which is often a short one."""
        shortest, longest = self.random.choice(((1, 3), (3, 20), (20, 90)))
        self._start(server.camera, self.random.uniform(shortest, longest))

    def start_several(self, server: CameraServer) -> None:
        """Let rules start recordings at the same moment."""
        for _ in range(self.random.randint(2, 5)):
            self._start(server.camera, self.random.uniform(1, 30))

    def flash(self, server: CameraServer) -> None:
        """Let a recording come and go before anybody can poll."""
        camera = server.camera
        recording_id = camera.start_recording(self._disk(camera))
        if self.random.random() < 0.5:
            camera.end_recording(recording_id)
        camera.remove_recording(recording_id)

    def remove_one(self, server: CameraServer) -> None:
        """Remove a recording, which may be going on."""
        if found := self._attached(server.camera):
            some = self.random.choice((found, found[:RECENT]))
            server.camera.remove_recording(self.random.choice(some).recording_id)

    def remove_oldest(self, server: CameraServer) -> None:
        """Remove the oldest recording."""
        if found := self._attached(server.camera):
            server.camera.remove_recording(found[-1].recording_id)

    def clean_up(self, server: CameraServer) -> None:
        """Let the camera clean up, which shortens the oldest recordings or removes them."""
        if found := self._attached(server.camera):
            minutes = self.random.choice((6, 20, 60))
            server.camera.clean_up(found[-1].start + timedelta(minutes=minutes))

    def _start(self, camera: Camera, seconds: float) -> None:
        recording_id = camera.start_recording(self._disk(camera))

        def end() -> None:
            with suppress(CameraError):
                camera.end_recording(recording_id)

        self._later(seconds, end)

    def _disk(self, camera: Camera) -> str:
        return self.random.choice(sorted(camera.attached_disks) or ["SD_DISK"])

    def _attached(self, camera: Camera) -> list[Recording]:
        disks = camera.attached_disks
        return [each for each in camera.recordings if each.disk_id in disks]

    # Trouble

    def drop_streams(self, server: CameraServer) -> None:
        """Break the event streams."""
        server.drop_event_streams(self.random.choice((None, 1001)))

    def stall_streams(self, server: CameraServer) -> None:
        """Let the event streams fall silent for some time."""
        server.stall_event_streams()
        self._later(self.random.uniform(1, 60), server.resume_event_streams)

    def reboot(self, server: CameraServer) -> None:
        """Cut the power for some time."""
        self._note_loss(server.camera)
        server.camera.shut_down()
        self._later(self.random.choice((0.5, 5.0, 40.0)), server.camera.start_up)

    def lose_disk(self, server: CameraServer) -> None:
        """Take a disk out and put it in again later."""
        camera = server.camera
        if not camera.attached_disks:
            return
        disk_id = self._disk(camera)
        self._note_loss(camera, disk_id)
        disk = camera.detach_disk(disk_id)
        self._later(
            self.random.choice((1.0, 15.0, 60.0)), lambda: camera.attach_disk(disk)
        )

    def set_clock(self, server: CameraServer) -> None:
        """Set the camera's clock by minutes."""
        minutes = self.random.choice((-7, -1, 0, 0.2, 3, 12))
        self.settings[server.camera.serial].append(len(server.camera.journal))
        server.camera.clock.offset = timedelta(minutes=minutes)

    def _note_loss(self, camera: Camera, disk_id: str | None = None) -> None:
        self.losses[camera.serial].append(
            Loss(len(camera.journal), disk_id, time=time.monotonic())
        )
