"""Changed exports at the video engine: played, cut, saved and viewed, as whoever asks for video does.

FFmpeg's libraries are C, so the work is done in a process of its own: if that crashes, its seed is known.
"""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
import gc
from pathlib import Path
from random import Random
import sys
import tempfile
import time
import traceback
from typing import Final

import aiohttp
from homeassistant.exceptions import HomeAssistantError

from custom_components.axis_recordings.playback.errors import PlaybackError
from custom_components.axis_recordings.recordings.part import RecordingPart
from custom_components.axis_recordings.users.requester import Requester
from custom_components.axis_recordings.vapix import (
    Address,
    RecordingKey,
    VapixClient,
    VapixError,
)
from tests.camera import CameraServer
from tests.drawn_videos import KINDS, VIDEO_ID, DrawnVideo, draw
from tests.every_frame import DISK, player_of

from .watchers import LONGEST_BLOCK, MOST_GROWTH, LoopWatcher, MemoryWatcher
from .wire import Proxy, Target

PATIENCE: Final = 60.0
"""The videos last for seconds, and come at once: whoever works on one for longer never ends."""
EXPORT: Final = b"/axis-cgi/record/export/exportrecording.cgi"
SEGMENTS: Final = 4


class Stage:
    """A video on a camera whose exports are changed."""

    def __init__(self, video: DrawnVideo, proxy: Proxy) -> None:
        """Use a camera that is on the network."""
        self.video = video
        self._proxy = proxy

    async def try_seed(self, seed: int, folder: Path) -> Counter[str]:
        """Use the video in a way that the seed draws; return what came of it."""
        outcomes: Counter[str] = Counter()
        random = Random(f"way {seed}")  # noqa: S311
        async with aiohttp.ClientSession(headers={"X-Seed": str(seed)}) as session:
            address = Address(host="127.0.0.1", port=self._proxy.port, protocol="http")
            client = VapixClient(session, address, "viewer", "viewer-secret")
            player = player_of(client, folder)
            await player.cache.open()
            part = self._draw_part(random)
            way = random.choice(("play", "play", "save", "picture", "still"))
            try:
                async with asyncio.timeout(PATIENCE):
                    match way:
                        case "play":
                            await player.async_play(part, Requester())
                            (session_,) = player.sessions.values()
                            number = session_.part.source.grid.containing(
                                session_.begin
                            )
                            for each in range(number, number + SEGMENTS):
                                await session_.segment(each)
                        case "save":
                            recording, span = await player.async_find(part)
                            path = folder / "saved.mp4"
                            await player.async_write_clip(recording, span, path, None)
                        case "picture":
                            recording, span = await player.async_find(part)
                            await player.images.async_snapshot_at(recording, span.start)
                        case _:
                            await player.images.async_thumbnail(part)
                outcomes["done"] += 1
            except (VapixError, PlaybackError, HomeAssistantError) as err:
                cause = err.__cause__ or err
                outcomes[f"{type(cause).__name__}"] += 1
            except TimeoutError:
                outcomes[f"FAULT {way} never ends ({PATIENCE:.0f} s)"] += 1
            # Whatever it is, it is what this looks for.
            except Exception:  # noqa: BLE001
                trace = traceback.format_exc(limit=-4)
                outcomes[f"FAULT {way}: {trace.strip().splitlines()[-1]}"] += 1
                print(f"seed {seed}: {trace}", flush=True)
            finally:
                await player.async_close()
        return outcomes

    def _draw_part(self, random: Random) -> RecordingPart:
        key = RecordingKey(DISK, VIDEO_ID)
        if "instant" in self.video.kinds or random.random() < 0.5:
            return RecordingPart(key=key)
        start = random.uniform(0, self.video.length)
        stop = min(self.video.length, start + random.uniform(0.1, 10))
        return RecordingPart(key=key, start=self._at(start), end=self._at(stop))

    def _at(self, seconds: float) -> datetime:
        return self.video.zero + timedelta(seconds=seconds)


async def work(seeds: range) -> None:
    """Try seeds one after the other, and print what comes of each."""
    memory = MemoryWatcher()
    faults: list[str] = []

    def note(_loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        faults.append(f"{context.get('message')}: {context.get('exception')!r}")

    asyncio.get_running_loop().set_exception_handler(note)
    async with AsyncExitStack() as stack:
        stages = []
        for number, kind in enumerate(KINDS):
            video = draw(number, kind)
            server = await stack.enter_async_context(CameraServer(video.camera))
            target = Target(server.host, server.port, kept={}, only=EXPORT)
            proxy = await stack.enter_async_context(Proxy(target, share=1.0))
            stages.append(Stage(video, proxy))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        watcher = await stack.enter_async_context(LoopWatcher())
        for seed in seeds:
            print(f"seed {seed}", flush=True)
            stage = stages[seed % len(stages)]
            for outcome in await stage.try_seed(seed, folder):
                print(f"outcome {outcome}", flush=True)
            if (held := watcher.take()) > LONGEST_BLOCK:
                print(f"outcome FAULT the loop was held {held:.2f} s", flush=True)
            while faults:
                print(f"outcome FAULT {faults.pop()}", flush=True)
            if seed % 50 == 0:
                gc.collect()
                growth = memory.growth()
                print(f"memory {growth:.0f}", flush=True)
                if growth > MOST_GROWTH:
                    print(f"outcome FAULT memory grew by {growth:.0f} MB", flush=True)


async def fuzz_videos(seeds: range, *, report_each: int = 200) -> int:
    """Use a changed video with each seed, print a summary, and return how much is wrong."""
    outcomes: Counter[str] = Counter()
    begun, seed, growth = time.monotonic(), seeds.start - 1, "0"
    while seed < seeds.stop - 1:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "tests.bench.fuzz.videos", str(seed + 1), str(seeds.stop)),
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout
        async for line in process.stdout:
            kind, _, what = line.decode().strip().partition(" ")
            match kind:
                case "seed" if what.isdigit():
                    seed = int(what)
                    if seed % report_each == 0:
                        wrong = _faults(outcomes)
                        spent = time.monotonic() - begun
                        print(
                            f"up to seed {seed}: {wrong} faults, {growth} MB, {spent:.0f} s",
                            flush=True,
                        )
                case "outcome":
                    outcomes[what] += 1
                    if what.startswith("FAULT"):
                        print(f"seed {seed}: {what}", flush=True)
                case "memory":
                    growth = what
                case _:
                    print(line.decode(), end="")
        if await process.wait():
            outcomes["FAULT crash"] += 1
            print(
                f"seed {seed}: the process crashed ({process.returncode})", flush=True
            )
    for outcome, times in outcomes.most_common():
        print(f"{times:8} {outcome}")
    return _faults(outcomes)


def _faults(outcomes: Counter[str]) -> int:
    return sum(times for name, times in outcomes.items() if name.startswith("FAULT"))


if __name__ == "__main__":
    asyncio.run(work(range(int(sys.argv[1]), int(sys.argv[2]))))
