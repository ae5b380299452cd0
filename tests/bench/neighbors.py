"""What a hostile camera does to three good ones beside it, and to Home Assistant.

First without it, then for as long with it: what the good ones are asked for again and again, how late the event loop comes
round, and how much memory is in use. The hostile one changes its answers, sends floods of events, answers byte
by byte, or not at all, while it is polled, browsed, played, commanded, and loaded anew.
"""

import argparse
import asyncio
from collections import Counter, defaultdict
from contextlib import AsyncExitStack, suppress
import logging
import os
from pathlib import Path
import platform
from random import Random
import sys
import tempfile
import time
import traceback
from typing import TYPE_CHECKING, Any, Final

from homeassistant.const import __version__
from homeassistant.core import Event, EventStateChangedData, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import async_track_state_change_event

from custom_components.axis_recordings.const import DOMAIN
from custom_components.axis_recordings.playback.errors import PlaybackError
from custom_components.axis_recordings.recordings.part import RecordingPart
from custom_components.axis_recordings.users.requester import Requester
from custom_components.axis_recordings.vapix import RecordingQuery, VapixError
from tests.bench.process import Process, give_back
from tests.camera import Fault

from .fuzz.camera import Hostile, hostile_camera
from .fuzz.home import Run, add
from .fuzz.watchers import LONGEST_BLOCK, MOST_GROWTH, LoopWatcher, Tracebacks
from .lags import Lags, summary
from .ways import running

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from custom_components.axis_recordings.runtime import (
        AxisRecordingsConfigEntry,
    )

GOOD: Final = 3
SHARES: Final = (0.05, 0.4, 1.0)
FLOOD: Final = 500
"""Each of so many recordings begins and ends: twice as many events at once."""
CGIS: Final = ("*", "record/list.cgi", "disks/list.cgi", "record/record.cgi")
FAULTS: Final = (
    *(Fault.SLOW, Fault.TIMEOUT, Fault.HUGE, Fault.ENTITY_BOMB, Fault.RESET),
    *(Fault.TRUNCATED, Fault.UNAUTHORIZED, Fault.UNAVAILABLE, Fault.REDIRECT),
)
ROUND: Final = 8
"""So much is asked of the hostile camera before it turns to something else."""
PATIENCE: Final = 20.0
PAUSE: Final = 6.0
"""In each round. With more news, polls are put off as those of a state that flaps."""
SETTLING: Final = 0.1
WARM_UP: Final = 120.0
SHOWN_WITHIN: Final = 30.0
MOST_MORE: Final = {"p50": 50, "p99": 250}
"""So many ms later than twice as late as without the hostile camera."""


class GoodCamera:
    """A camera that does what it should, and is used."""

    def __init__(
        self, hass: HomeAssistant, entry: AxisRecordingsConfigEntry, camera: Hostile
    ) -> None:
        """Use a camera that is loaded and whose answers nobody changes."""
        self._hass = hass
        self._entry = entry
        self._camera = camera
        registry = er.async_get(hass)
        self._entities = {
            each.domain: each.entity_id
            for each in er.async_entries_for_config_entry(registry, entry.entry_id)
            if each.domain == "switch" or each.unique_id.endswith("in_progress")
        }
        self.seconds: defaultdict[str, list[float]] = defaultdict(list)
        self.failures: Counter[str] = Counter()

    async def settle(self) -> None:
        """Let nothing be recorded, so that what begins is seen, however the last round has ended."""
        await self._camera.end()
        await self._call("stop")
        entity_id = self._entities["binary_sensor"]
        async with asyncio.timeout(SHOWN_WITHIN):
            while not self._hass.states.is_state(entity_id, "off"):
                await self._entry.runtime_data.recordings.async_refresh()
                await asyncio.sleep(SETTLING)

    async def warm_up(self) -> None:
        """Play until the camera has drawn its video, which takes it long and is done once."""
        async with asyncio.timeout(WARM_UP):
            while True:
                with suppress(HomeAssistantError):
                    return await self._play()

    async def use(self) -> None:
        """Ask for everything in turn, forever."""
        ways = {
            "poll": self._entry.runtime_data.recordings.async_refresh,
            "shown after a rule began": self._see_rule,
            "start": lambda: self._call("start"),
            "stop": lambda: self._call("stop"),
            "first second of a recording": self._play,
        }
        while True:
            try:
                await self.settle()
            except (HomeAssistantError, TimeoutError) as err:
                self.failures[f"settling: {type(err).__name__} {err}"] += 1
            for name, way in ways.items():
                began = time.perf_counter()
                try:
                    await way()
                except (HomeAssistantError, VapixError, TimeoutError) as err:
                    self.failures[f"{name}: {type(err).__name__} {err}"] += 1
                else:
                    self.seconds[name].append(time.perf_counter() - began)
                if name == "shown after a rule began":
                    await self._camera.end()
                await asyncio.sleep(PAUSE / len(ways))
            if not self._entry.runtime_data.recordings.last_update_success:
                self.failures["not available"] += 1

    async def _call(self, service: str) -> None:
        target = {"entity_id": self._entities["switch"]}
        await self._hass.services.async_call(
            DOMAIN, service, {}, target=target, blocking=True
        )

    async def _see_rule(self) -> None:
        """Let a rule of the camera record, and wait until that is shown."""
        entity_id = self._entities["binary_sensor"]
        seen = asyncio.Event()

        @callback
        def changed(event: Event[EventStateChangedData]) -> None:
            if (state := event.data["new_state"]) and state.state == "on":
                seen.set()

        stop = async_track_state_change_event(self._hass, entity_id, changed)
        try:
            await self._camera.record()
            async with asyncio.timeout(SHOWN_WITHIN):
                await seen.wait()
        finally:
            stop()

    async def _play(self) -> None:
        """Play a recording until its first segment is there."""
        camera = self._entry.runtime_data
        page = await camera.client.fetch_recordings(
            # Those that rules have just made are too short.
            RecordingQuery(recording_id="all", limit=10, oldest_first=True)
        )
        found = next(
            each
            for each in page.recordings
            if each.start and each.end and (each.end - each.start).seconds > 1
        )
        assert found.start
        assert found.end
        part = RecordingPart(key=found.key, start=found.start, end=found.end)
        await camera.player.async_play(part, Requester())
        for session in list(camera.player.sessions.values()):
            number = session.part.source.grid.containing(session.begin)
            await session.segment(number)
        camera.player.sessions.clear()


class Provocation:
    """What a hostile camera does, drawn from a seed, while everything is asked of it."""

    def __init__(self, run: Run, hostile: Hostile, seed: int) -> None:
        """Begin with a seed."""
        self._run = run
        self._hostile = hostile
        self._seed = seed
        self.asked: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()

    async def go_on(self) -> None:
        """Turn from one to the next, forever."""
        while True:
            random = Random(f"neighbor {self._seed}")  # noqa: S311
            await self._hostile.spoil(random.choice(SHARES), self._seed)
            cgi = random.choice(CGIS)
            fault = random.choice((None, *FAULTS))
            await self._hostile.go_wrong(cgi, fault)
            if random.random() < 0.3:
                await self._hostile.flood(FLOOD)
            for _ in range(ROUND):
                await self._ask(random)
            await self._hostile.go_wrong(cgi, None)
            self._seed += 1

    async def _ask(self, random: Random) -> None:
        name, act = self._run.draw(random)
        try:
            async with asyncio.timeout(PATIENCE):
                await act()
        except HomeAssistantError, VapixError, PlaybackError, TimeoutError:
            self.asked[f"{name}, in vain"] += 1
        # Whatever it is, it is what this looks for.
        except Exception as err:  # noqa: BLE001
            self.faults[f"{name}: {err!r}"] += 1
            print(f"seed {self._seed}, {name}: {traceback.format_exc()}", flush=True)
        else:
            self.asked[name] += 1


async def _phase(
    good: list[GoodCamera], seconds: float, provocation: Provocation | None = None
) -> dict[str, Any]:
    """Use the good cameras for so long, and return the figures."""
    lags = Lags()
    process = Process("self")
    for camera in good:
        camera.seconds.clear()
        camera.failures.clear()
    tasks = [asyncio.create_task(camera.use()) for camera in good]
    tasks.append(asyncio.create_task(lags.watch()))
    if provocation:
        tasks.append(asyncio.create_task(provocation.go_on()))
    async with LoopWatcher() as watcher:
        done, _ = await asyncio.wait(
            tasks, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION
        )
        longest, collection = watcher.take(), watcher.collections.take()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
    used = process.memory
    give_back()
    together: defaultdict[str, list[float]] = defaultdict(list)
    for camera in good:
        for name, each in camera.seconds.items():
            together[name] += each
    return {
        "rows": {name: (len(each), summary(each)) for name, each in together.items()}
        | {"lag of the event loop": (len(lags.lags), lags.take())},
        "failures": sum((camera.failures for camera in good), Counter[str]()),
        "longest": longest,
        "longest garbage collection": collection,
        "used": used,
        "memory": process.memory,
    }


def _print(title: str, figures: dict[str, Any]) -> None:
    print(
        f"\n| {title} | times | p50, ms | p99, ms | most, ms |\n|---|---|---|---|---|"
    )
    for name, (times, row) in figures["rows"].items():
        cells = " | ".join(f"{value:.0f}" for value in row.values())
        print(f"| {name} | {times} | {cells} |")
    print(
        f"\nThe loop was held by this process for {1000 * figures['longest']:.0f} ms at most, besides "
        f"{figures['longest garbage collection']:.0f} ms of garbage collection; "
        f"{figures['used']:.0f} MB in use, {figures['memory']:.0f} MB once what is free was given back."
    )
    for failure, times in figures["failures"].most_common():
        print(f"{times} x FAILED at a good camera: {failure}")


async def measure(folder: Path, minutes: float, seed: int) -> bool:
    """Print what the good cameras were like without and with the hostile one; return whether all is well."""
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"Home Assistant {__version__}; {minutes:.0f} minutes with the hostile camera, seed {seed}",
        flush=True,
    )
    tracebacks = Tracebacks()
    logging.getLogger().addHandler(tracebacks)
    async with AsyncExitStack() as stack:
        hass = await stack.enter_async_context(running(folder))
        good = []
        for number in range(GOOD):
            camera = await stack.enter_async_context(
                hostile_camera(keep=False, share=0, serial=f"B8A44F90{number:04X}")
            )
            entry = await add(hass, camera.port, f"Good camera {number}")
            good.append((entry, camera))
        await hass.async_block_till_done()
        used = [GoodCamera(hass, entry, camera) for entry, camera in good]
        for each in used:
            await each.warm_up()
        without = await _phase(used, 60 * minutes)
        _print("without the hostile camera", without)
        tracebacks.take()
        hostile = await stack.enter_async_context(hostile_camera(keep=False, share=0))
        bad = await add(hass, hostile.port, "Hostile camera")
        run = Run(hass, hostile, bad, good[0][0])
        provocation = Provocation(run, hostile, seed)
        beside = await _phase(used, 60 * minutes, provocation)
        _print("with it", beside)
        lines = tracebacks.take()
        print(f"\n{await hostile.mutated()} answers and messages were changed.")
        for name, times in provocation.asked.most_common():
            print(f"{times:6} {name}")
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await hostile.spoil(0, seed)
    for line in lines:
        print(f"TRACEBACK {line}")
    goals = _goals(without, beside) | {
        f"{len(lines)} tracebacks": not lines,
        f"{provocation.faults.total()} faults at the hostile camera": not provocation.faults,
    }
    print()
    for goal, is_reached in goals.items():
        print(f"{'within' if is_reached else 'NOT within'}: {goal}")
    return all(goals.values())


def _goals(without: dict[str, Any], beside: dict[str, Any]) -> dict[str, bool]:
    """Return what the good cameras and Home Assistant may suffer, and whether it is no more."""
    goals = {}
    for name, (_, row) in beside["rows"].items():
        _, before = without["rows"].get(name, (0, {}))
        for figure, more in MOST_MORE.items():
            most = 2 * before.get(figure, 0) + more
            goal = f"{name}, {figure} {row[figure]:.0f} ms, at most {most:.0f}"
            goals[goal] = row[figure] <= most
    longest, grown = beside["longest"], beside["memory"] - without["memory"]
    return goals | {
        f"the loop was held {1000 * longest:.0f} ms, at most {1000 * LONGEST_BLOCK:.0f}": (
            longest <= LONGEST_BLOCK
        ),
        f"{grown:+.0f} MB, at most {MOST_GROWTH:+.0f}": grown <= MOST_GROWTH,
        f"{beside['failures'].total()} failures at good cameras": not beside[
            "failures"
        ],
    }


def main() -> int:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--minutes", type=float, default=30, help="without it, and as long with it"
    )
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        is_well = asyncio.run(measure(Path(folder), arguments.minutes, arguments.seed))
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main())
