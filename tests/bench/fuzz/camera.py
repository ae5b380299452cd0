"""The process of the simulated camera and its proxy: prints its port, and answers until it is ended.

Apart from who reads, so that what it costs to change an answer is not taken for what it costs to read it.
"""

import asyncio
from contextlib import asynccontextmanager
import json
import sys
from typing import TYPE_CHECKING, Any

from tests.camera import Camera, CameraServer

from .wire import Proxy, Target

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator


class Hostile:
    """The process, as the reader's side sees it."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        """Talk to a process that listens on a port."""
        self._process = process
        self.port = port

    async def mutated(self) -> int:
        """Return how many answers and messages were changed."""
        return int(await self._ask("mutated"))

    async def _ask(self, command: str) -> Any:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(command.encode() + b"\n")
        return json.loads(await self._process.stdout.readline())


@asynccontextmanager
async def hostile_camera() -> AsyncGenerator[Hostile]:
    """Run a camera in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.bench.fuzz.camera"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout
        yield Hostile(process, int(await process.stdout.readline()))
    finally:
        process.kill()
        await process.wait()


async def be_camera() -> None:
    """Answer until there are no more commands."""
    camera = Camera(name="Front camera", recordings=250)
    loop = asyncio.get_running_loop()
    async with CameraServer(camera) as server:
        target = Target(server.host, server.port, kept={})
        async with Proxy(target) as proxy:
            print(proxy.port, flush=True)
            while await loop.run_in_executor(None, sys.stdin.readline):
                print(json.dumps(proxy.mutated), flush=True)


if __name__ == "__main__":
    asyncio.run(be_camera())
