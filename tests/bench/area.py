"""How soon the last camera of an area records, also where some of its cameras are silent or gone.

The cameras are in a process of their own, which is talked to line by line in JSON. A camera records when its
own journal says so; both processes have the clock of this machine.
"""

import argparse
import asyncio
from contextlib import asynccontextmanager
import gc
import json
import logging
import os
from pathlib import Path
import platform
from statistics import median
import sys
import tempfile
import time
from typing import TYPE_CHECKING, Any, Final

from homeassistant.const import __version__
from homeassistant.helpers import area_registry as ar, device_registry as dr

from tests.camera import Camera, CameraServer, Fault
from tests.e2e.cameras import Place

from .ways import running

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from homeassistant.core import HomeAssistant

DOMAIN: Final = "axis_recordings"
LIMIT: Final = 0.3
"""So much later than a single camera the last one may record, in seconds."""
# Longer than idle connections are kept: whoever is surprised by an alarm has none.
PAUSE: Final = 20.0
SINGLES: Final = 5


class Collector:
    """How long Python's garbage collector holds everything up, in seconds.

    It looks through all of Home Assistant when that has grown by a quarter, so it may fall into any row.
    """

    def __init__(self) -> None:
        """Listen to it."""
        self.seconds = 0.0
        self._began = 0.0
        gc.callbacks.append(self._note)

    def _note(self, phase: str, _: object) -> None:
        if phase == "start":
            self._began = time.perf_counter()
        else:
            self.seconds += time.perf_counter() - self._began


class Cameras:
    """The process of the cameras, as Home Assistant's side sees it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        """Talk to a process."""
        self._process = process

    async def ask(self, **command: Any) -> Any:
        """Return the answer to a command."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(command).encode() + b"\n")
        return json.loads(await self._process.stdout.readline())


@asynccontextmanager
async def cameras(count: int) -> AsyncGenerator[Cameras]:
    """Run the process of the cameras."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.bench.area", "--cameras", str(count)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        # The answers of a hundred cameras are one line.
        limit=1024 * 1024,
    )
    try:
        yield Cameras(process)
    finally:
        process.kill()
        await process.wait()


async def be_cameras(count: int) -> None:
    """Do as asked until there is nothing more."""
    places = []
    for number in range(count):
        camera = Camera(
            serial=f"B8A44F{number:06X}", name=f"Camera {number}", recordings=20
        )
        server = CameraServer(camera)
        await server.start()
        places.append(Place(camera, server))
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        command = json.loads(line)
        answer: Any = None
        match command["do"]:
            case "log_in":
                answer = [place.log_in for place in places]
            case "silence":
                for number in command["numbers"]:
                    places[number].camera.faults.set("*", Fault.TIMEOUT)
            case "leave":
                for number in command["numbers"]:
                    await places[number].server.close()
            case "journal":
                answer = [
                    [
                        fact.time.timestamp()
                        for fact in place.camera.journal.of("started")
                    ]
                    for place in places
                ]
        print(json.dumps(answer), flush=True)


async def add(hass: HomeAssistant, log_in: dict[str, Any], area_id: str) -> str:
    """Add a camera, put it into the area, and return its device."""
    flow = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": "user"}, data=log_in
    )
    entry = flow["result"]
    registry = dr.async_get(hass)
    (device,) = (
        each
        for each in dr.async_entries_for_config_entry(registry, entry.entry_id)
        if (DOMAIN, entry.unique_id) in each.identifiers
    )
    registry.async_update_device(device.id, area_id=area_id)
    return device.id


async def start(
    hass: HomeAssistant, cameras: Cameras, target: dict[str, str]
) -> list[float]:
    """Return after how many seconds each camera records that does, the first one first."""
    before = [len(starts) for starts in await cameras.ask(do="journal")]
    began = time.time()
    await hass.services.async_call(
        DOMAIN, "start", {"duration": 3600}, target=target, blocking=True
    )
    starts = await cameras.ask(do="journal")
    return sorted(
        moment - began
        for known, moments in zip(before, starts, strict=True)
        for moment in moments[known:]
    )


async def measure(folder: Path, count: int, bad: int) -> bool:
    """Print the table, and return whether the last good camera is in time."""
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"Home Assistant {__version__}; {count} cameras\n\n"
        "| target | record | first, ms | median, ms | last, ms | action, s | of it garbage collector, ms |\n"
        "|---|---|---|---|---|---|---|"
    )
    async with running(folder) as hass, cameras(count) as many:
        area = {"area_id": ar.async_get(hass).async_create("Garden").id}
        devices = [
            await add(hass, log_in, area["area_id"])
            for log_in in await many.ask(do="log_in")
        ]
        await hass.async_block_till_done()
        collector = Collector()
        # A home that has been running for a while grows no more.
        gc.collect()

        async def row(name: str, *targets: dict[str, str]) -> list[float]:
            await asyncio.sleep(PAUSE)
            began, collected = time.perf_counter(), collector.seconds
            found = [
                moment
                for target in targets
                for moment in await start(hass, many, target)
            ]
            seconds = time.perf_counter() - began
            figures = (min(found), median(found), max(found))
            print(
                f"| {name:<26} | {len(found):>3} | "
                + " | ".join(f"{1000 * each:>6.0f}" for each in figures)
                + f" | {seconds:>5.2f} | {1000 * (collector.seconds - collected):>4.0f} |",
                flush=True,
            )
            return found

        single = await row(
            "one camera, five times",
            *({"device_id": device} for device in devices[-SINGLES:]),
        )
        limit = median(single) + LIMIT
        everybody = await row("area, all are there", area)
        await many.ask(do="silence", numbers=list(range(bad // 2)))
        await many.ask(do="leave", numbers=list(range(bad // 2, bad)))
        some = await row(f"area, {bad} silent or gone", area)
        is_soon, is_soon_beside = max(everybody) <= limit, max(some) <= limit
        print(
            f"\nA single camera's median and {1000 * LIMIT:.0f} ms: {1000 * limit:.0f} ms. "
            f"Beside {bad} silent or gone, the last one records {'' if is_soon_beside else 'NOT '}within it; "
            f"with all there, {'' if is_soon else 'NOT '}within it."
        )
    are_all = (len(everybody), len(some)) == (count, count - bad)
    return are_all and is_soon and is_soon_beside


def main() -> int:
    """Be the cameras, or measure."""
    parser = argparse.ArgumentParser(description="An action on an area, in seconds.")
    parser.add_argument("--count", type=int, default=100, help="cameras")
    parser.add_argument("--bad", type=int, default=20, help="silent or gone ones")
    parser.add_argument("--cameras", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    # What Home Assistant lacks on this machine does not belong into the table.
    logging.disable()
    if arguments.cameras:
        asyncio.run(be_cameras(arguments.cameras))
        return 0
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
        is_good = asyncio.run(measure(Path(temporary), arguments.count, arguments.bad))
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
