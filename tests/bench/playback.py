"""What it costs to watch five minutes of a recording, in four ways.

`ours` is the integration, and `moment` the same by a playlist of the camera from a moment on. `whole` downloads the
part first and makes an MP4 of it, as is often done. `stream` is Home Assistant's component for live streams, which reads
the camera's export from its address.
Each has a camera of its own, all alike: 1080p at 4 Mbit/s, exported 2.5 times as fast as it was recorded.
"""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
import json
from pathlib import Path
import sys
import tempfile
from typing import TYPE_CHECKING, Any, Final

from tests.camera import Camera, CameraServer, Quirks
from tests.e2e.cameras import PASSWORD, USERNAME, Place

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

GOPS: Final = (4.0, 10.0)
BITRATE: Final = 4_000_000
SPEED: Final = 2.5
WINDOW: Final = timedelta(minutes=5)
CLIP: Final = timedelta(minutes=10)
MEGABYTE: Final = 1024 * 1024
CANNOT: Final = "can't"


@dataclass
class Way:
    """A process that goes one way."""

    name: str
    process: asyncio.subprocess.Process
    log: Path

    async def do(self, what: str, place: Place, length: timedelta) -> Any:
        """Let it do something with the beginning of what a camera has; return the result and MB."""
        (recording,) = place.camera.recordings
        # Neither a key frame nor a boundary, as people seek.
        start = recording.start + timedelta(minutes=7, seconds=13.37)
        command = {
            "do": what,
            "log_in": place.log_in,
            "url": place.server.url.replace("//", f"//{USERNAME}:{PASSWORD}@"),
            "disk_id": recording.disk_id,
            "recording_id": recording.recording_id,
            "start": start.isoformat(),
            "stop": (start + length).isoformat(),
        }
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(command).encode() + b"\n")
        answer = await self.process.stdout.readline()
        if not answer:
            message = f"{self.name} has ended:\n{self.log.read_text()[-2000:]}"
            raise RuntimeError(message)
        return json.loads(answer)


@asynccontextmanager
async def way(name: str) -> AsyncGenerator[Way]:
    """Run a process."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        log = Path(folder, "console.log")
        with await asyncio.to_thread(log.open, "w") as errors:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.bench.ways", name, folder),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
            )
        try:
            yield Way(name, process, log)
        finally:
            assert process.stdin
            process.stdin.close()
            await process.wait()


@asynccontextmanager
async def camera(gop: float, number: int) -> AsyncGenerator[Place]:
    """Run a camera with one recording."""
    simulated = Camera(
        serial=f"B8A44F0A1B{number:02X}",
        gop=gop,
        bitrate=BITRATE,
        export_speed=SPEED,
        # What waits until everything is done would wait for the end of an event stream.
        quirks=Quirks(event_stream=None),
    )
    now = simulated.clock.now()
    simulated.add_recording(now - timedelta(hours=2), now - timedelta(hours=1))
    async with CameraServer(simulated) as server:
        yield Place(simulated, server)


async def watch(going: Way, place: Place, gop: float) -> None:
    """Print one row."""
    times, memory = await going.do("watch", place, WINDOW)
    sent = sum(export.bytes_sent for export in place.server.exports)
    first, seek, back = (
        CANNOT if seconds is None else f"{seconds:.2f}"
        for seconds in (times["first"], times["seek"], times["back"])
    )
    print(
        f"| {going.name:<6} | {gop:>3.0f} s | {first:>7} | {seek:>6} | {back:>6} "
        f"| {sent / MEGABYTE:>6.1f} | {memory:>6.1f} |",
        flush=True,
    )


async def clip(going: Way, place: Place, gop: float) -> str:
    """Return one row."""
    place.camera.export_speed = None
    before = sum(export.bytes_sent for export in place.server.exports)
    seconds, memory = await going.do("clip", place, CLIP)
    sent = sum(export.bytes_sent for export in place.server.exports) - before
    return (
        f"| {going.name:<6} | {gop:>3.0f} s | {seconds:>7.1f} "
        f"| {sent / MEGABYTE:>6.1f} | {memory:>6.1f} |"
    )


async def main() -> None:
    """Print the tables."""
    async with AsyncExitStack() as stack:
        places = {
            (name, gop): await stack.enter_async_context(camera(gop, 16 * row + column))
            for row, name in enumerate(("ours", "moment", "stream", "whole"))
            for column, gop in enumerate(GOPS)
        }
        ours = await stack.enter_async_context(way("ours"))
        moment = await stack.enter_async_context(way("moment"))
        stream = await stack.enter_async_context(way("stream"))
        # Two of them, as each waits for minutes.
        wholes = [await stack.enter_async_context(way("whole")) for _ in GOPS]
        print(
            "| way | key frames every | first picture, s | seek, s | back, s "
            "| from the camera, MB | memory, MB |\n"
            "|---|---|---|---|---|---|---|",
            flush=True,
        )
        waiting = [
            asyncio.create_task(watch(each, places["whole", gop], gop))
            for each, gop in zip(wholes, GOPS, strict=True)
        ]
        for each in (ours, moment, stream):
            for gop in GOPS:
                await watch(each, places[each.name, gop], gop)
        clips = [await clip(ours, places["ours", gop], gop) for gop in GOPS]
        await asyncio.gather(*waiting)

        # At the speed above, all of them would wait for the camera for four minutes.
        for gop, whole in zip(GOPS, wholes, strict=True):
            clips.append(await clip(whole, places["whole", gop], gop))
        print(
            "\n| way | key frames every | 10-minute clip, camera without a limit, s "
            "| from the camera, MB | memory, MB |\n"
            "|---|---|---|---|---|",
            *clips,
            f"| stream |       | {CANNOT:>7} |        |        |",
            sep="\n",
        )


if __name__ == "__main__":
    asyncio.run(main())
