"""The process of a simulated camera and its proxy, which is talked to line by line in JSON.

Apart from who reads, so that what it costs to change an answer is not taken for what it costs to read it.
"""

import asyncio
from contextlib import asynccontextmanager
import json
from random import Random
import sys
from typing import TYPE_CHECKING, Any, Final

from tests.camera import Camera, CameraError, CameraServer, Fault

from .wire import Proxy, Target

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

SERIAL: Final = "B8A44F0BAD00"


class Hostile:
    """The process, as the reader's side sees it."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        """Talk to a process that listens on a port."""
        self._process = process
        self.port = port

    async def mutated(self) -> int:
        """Return how many answers and messages were changed."""
        return int(await self._ask(do="mutated"))

    async def spoil(self, share: float, seed: int) -> None:
        """Change so many of the answers from now on, 0 to 1, as the seed says."""
        await self._ask(do="spoil", share=share, seed=seed)

    async def live(self, seed: int) -> None:
        """Let something happen on the camera that the seed draws."""
        await self._ask(do="live", seed=seed)

    async def record(self) -> None:
        """Let a rule begin a recording."""
        await self._ask(do="record")

    async def end(self) -> None:
        """Let the rules end what they record."""
        await self._ask(do="end")

    async def flood(self, count: int) -> None:
        """Let so many recordings begin and end at once."""
        await self._ask(do="flood", count=count)

    async def go_wrong(self, cgi: str, fault: Fault | None) -> None:
        """Make a CGI go wrong from now on, or right again."""
        await self._ask(do="go_wrong", cgi=cgi, fault=fault)

    async def _ask(self, **command: Any) -> Any:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(command).encode() + b"\n")
        return json.loads(await self._process.stdout.readline())


@asynccontextmanager
async def hostile_camera(
    *, keep: bool, share: float, serial: str = SERIAL
) -> AsyncGenerator[Hostile]:
    """Run a camera in a process of its own; with ``keep`` it gives the same answer again."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.bench.fuzz.camera", str(int(keep)), str(share), serial),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout
        yield Hostile(process, int(await process.stdout.readline()))
    finally:
        process.kill()
        await process.wait()


def _end(camera: Camera) -> None:
    for recording in camera.recordings.ongoing:
        camera.end_recording(recording.recording_id)


def _live(camera: Camera, random: Random) -> None:
    """Start, end or remove a recording, or lock a disk for a moment."""
    ongoing = camera.recordings.ongoing
    match random.randrange(5):
        case 0 | 1 if len(ongoing) < 4:
            camera.start_recording()
        case 2 if ongoing:
            camera.end_recording(ongoing[0].recording_id)
        case 3:
            camera.remove_recording(next(iter(camera.recordings)).recording_id)
        case _ if "SD_DISK" in camera.attached_disks:
            camera.lock_disk("SD_DISK")
            camera.unlock_disk("SD_DISK")
        case _:
            pass


def _obey(camera: Camera, command: dict[str, Any]) -> None:
    match command["do"]:
        case "live":
            _live(camera, Random(command["seed"]))  # noqa: S311
        case "record":
            camera.start_recording()
        case "end":
            _end(camera)
        case "flood":
            for _ in range(command["count"]):
                camera.start_recording()
                _end(camera)
        case "go_wrong" if command["fault"]:
            camera.faults.set(command["cgi"], Fault(command["fault"]))
        case "go_wrong":
            camera.faults.clear(command["cgi"])


async def be_camera(*, keep: bool, share: float, serial: str) -> None:
    """Answer until there are no more commands."""
    camera = Camera(
        serial=serial,
        name=f"Camera {serial}",
        recordings=250,
        export_speed=None,
        picture_width=160,
    )
    loop = asyncio.get_running_loop()
    async with CameraServer(camera) as server:
        target = Target(server.host, server.port, kept={} if keep else None)
        async with Proxy(target, share=share) as proxy:
            print(proxy.port, flush=True)
            while line := await loop.run_in_executor(None, sys.stdin.readline):
                command = json.loads(line)
                if command["do"] == "spoil":
                    proxy.begin(command["seed"], command["share"])
                try:
                    _obey(camera, command)
                except CameraError as err:
                    print(err, file=sys.stderr)
                print(json.dumps(proxy.mutated), flush=True)


if __name__ == "__main__":
    asyncio.run(
        be_camera(keep=sys.argv[1] == "1", share=float(sys.argv[2]), serial=sys.argv[3])
    )
