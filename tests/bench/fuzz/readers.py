"""Changed answers at everything that reads a camera's answers and events, without Home Assistant."""

import asyncio
from collections import Counter, defaultdict
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
import gc
from random import Random
import time
import traceback
from typing import TYPE_CHECKING, Final
from unittest.mock import patch

import aiohttp

from custom_components.axis_recordings.check import (
    check_camera,
    commands as check_commands,
    events as check_events,
)
from custom_components.axis_recordings.recordings.watch import RecordingWatch
from custom_components.axis_recordings.vapix import (
    Address,
    RecordingKey,
    RecordingQuery,
    VapixClient,
    VapixError,
    events,
)

from .camera import Hostile, hostile_camera
from .watchers import (
    LONGEST_BLOCK,
    MOST_GROWTH,
    LoopWatcher,
    MemoryWatcher,
    Tracebacks,
    slowest,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator

PATIENCE: Final = 20.0
"""Whoever reads for longer than this, of a camera that answers at once, never ends."""
STREAM_SECONDS: Final = 0.1
"""So long events are waited for: the camera reports at once what it has to report."""
_KEY: Final = RecordingKey("SD_DISK", "20260101_000000_0000_B8A44F0A1B2C")
_SOME_TIME: Final = datetime(2026, 1, 1, tzinfo=UTC)


async def _walk(client: VapixClient) -> None:
    async for _ in client.pages(RecordingQuery(recording_id="all")):
        pass


async def _mount(client: VapixClient) -> None:
    async for _ in client.mount_disk("SD_DISK"):
        break


async def _unmount(client: VapixClient) -> None:
    async for _ in client.unmount_disk("SD_DISK"):
        break


async def _export(client: VapixClient) -> None:
    async with client.open_export(_KEY, _SOME_TIME) as export:
        async for _ in export.chunks():
            pass


async def _check(client: VapixClient) -> None:
    await check_camera(
        client.http, start=partial(client.start_recording, "SD_DISK"), secrets=["Door"]
    )


async def _listen(client: VapixClient) -> None:
    async with client.listen() as stream:
        with suppress(TimeoutError):
            async with asyncio.timeout(STREAM_SECONDS):
                async for _ in stream:
                    pass


async def _poll(client: VapixClient) -> None:
    watch = RecordingWatch(client)
    for _ in range(3):
        await watch.poll()


READERS: Final[dict[str, Callable[[VapixClient], Awaitable[object]]]] = {
    "camera": lambda client: client.fetch_camera(assume_operator=True),
    "device": lambda client: client.fetch_device(),
    "boot": lambda client: client.fetch_boot(),
    "time": lambda client: client.fetch_time(),
    "time zone": lambda client: client.fetch_time_zone(),
    "event ids": lambda client: client.fetch_event_ids(),
    "sources": lambda client: client.fetch_sources(),
    "disks": lambda client: client.fetch_disks(),
    "disk health": lambda client: client.fetch_disk_health(),
    "storage limits": lambda client: client.fetch_storage_limits(),
    "page": lambda client: client.fetch_recordings(RecordingQuery(recording_id="all")),
    "recording": lambda client: client.fetch_recording(_KEY.recording_id),
    "walk": _walk,
    "poll": _poll,
    "start": lambda client: client.start_recording("SD_DISK"),
    "stop": lambda client: client.stop_recording(_KEY),
    "remove": lambda client: client.remove_recording(_KEY),
    "mount": _mount,
    "unmount": _unmount,
    "among the newest": lambda client: client.find_among_newest({_KEY}),
    "formats": lambda client: client.fetch_export_formats(),
    "properties": lambda client: client.fetch_export_properties(_KEY, _SOME_TIME),
    "export": _export,
    "events": _listen,
    "check": _check,
}


_WAITS: Final = (
    (events, "ANSWER_SECONDS"),
    (check_events, "PATIENCE"),
    (check_events, "ANSWER_SECONDS"),
    (check_events, "PONG_SECONDS"),
    (check_commands, "NEWS_SECONDS"),
    (check_commands, "AGE_SECONDS"),
    (check_commands, "COPY_SECONDS"),
    (check_commands, "LISTING_SECONDS"),
)
"""How long answers and events are waited for."""


@contextmanager
def impatient() -> Generator[None]:
    """Wait briefly for answers and events: a changed answer is often none to what was asked."""
    with ExitStack() as stack:
        for module, name in _WAITS:
            stack.enter_context(patch.object(module, name, STREAM_SECONDS))
        yield


class Run:
    """Reads with many seeds, and notes what should not have been."""

    def __init__(self, hostile: Hostile, tracebacks: Tracebacks) -> None:
        """Read from a camera."""
        self._hostile = hostile
        self._tracebacks = tracebacks
        self._memory = MemoryWatcher()
        self._memory.growth()
        self.faults: Counter[str] = Counter()
        self.outcomes: Counter[str] = Counter()
        self.seconds: defaultdict[str, float] = defaultdict(float)

    async def read(self, seed: int, watcher: LoopWatcher) -> None:
        """Read everything once, in an order of the seed's own."""
        names = list(READERS)
        Random(seed).shuffle(names)  # noqa: S311
        headers = {"X-Seed": str(seed)}
        async with aiohttp.ClientSession(headers=headers) as session:
            for name in names:
                address = Address(
                    host="127.0.0.1", port=self._hostile.port, protocol="http"
                )
                client = VapixClient(session, address, "operator", "operator-secret")
                began = time.monotonic()
                try:
                    async with asyncio.timeout(PATIENCE):
                        await READERS[name](client)
                    self.outcomes["read"] += 1
                except VapixError as err:
                    self.outcomes[type(err).__name__] += 1
                except TimeoutError:
                    self._note(seed, name, f"never ends ({PATIENCE:.0f} s)")
                # Whatever it is, it is what this looks for.
                except Exception:  # noqa: BLE001
                    self._note(seed, name, traceback.format_exc(limit=-3))
                for line in self._tracebacks.take():
                    self._note(seed, name, line)
                self.seconds[name] += time.monotonic() - began
                if (held := watcher.take()) > LONGEST_BLOCK:
                    took = time.monotonic() - began
                    self._note(
                        seed, name, f"held the loop {held:.2f} s of {took:.2f} s"
                    )

    def check_memory(self, seed: int) -> float:
        """Note a growth of memory; return it in MB."""
        gc.collect()
        growth = self._memory.growth()
        if growth > MOST_GROWTH:
            self._note(seed, "memory", f"grew by {growth:.0f} MB")
        return growth

    def _note(self, seed: int, name: str, what: str) -> None:
        self.faults[f"{name}: {what.strip().splitlines()[-1]}"] += 1
        print(f"seed {seed}, {name}: {what}", flush=True)


async def fuzz_readers(seeds: range, *, report_each: int = 500) -> int:
    """Read with each seed, print what is wrong and a summary; return how much is wrong."""
    with impatient(), Tracebacks() as tracebacks:
        return await _fuzz(seeds, tracebacks, report_each)


async def _fuzz(seeds: range, tracebacks: Tracebacks, report_each: int) -> int:
    async with (
        hostile_camera(keep=True, share=0.85) as hostile,
        LoopWatcher() as watcher,
    ):
        run, began = Run(hostile, tracebacks), time.monotonic()
        for seed in seeds:
            await run.read(seed, watcher)
            if seed == seeds[0] or seed % report_each == 0 or seed == seeds[-1]:
                growth = run.check_memory(seed)
                print(
                    f"up to seed {seed}: {await hostile.mutated()} changed answers, "
                    f"{run.faults.total()} faults, {growth:+.0f} MB, {time.monotonic() - began:.0f} s",
                    flush=True,
                )
        print(*(f"{name} {spent:.1f} s," for name, spent in slowest(run.seconds)))
        for outcome, times in run.outcomes.most_common():
            print(f"{times:8} {outcome}")
        for fault, times in run.faults.most_common():
            print(f"{times:8} FAULT {fault}")
        return run.faults.total()
