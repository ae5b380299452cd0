"""What many cameras cost one Home Assistant: its start, its rest, a burst of recordings, some that fall silent.

Home Assistant is in one process and the cameras are in another, so that their costs are apart. Half of the
cameras speak HTTPS, and a fifth record all the time.
"""

import argparse
import asyncio
from contextlib import asynccontextmanager
import json
import logging
import os
from pathlib import Path
import platform
import sqlite3
from statistics import median
import sys
import tempfile
import time
from typing import TYPE_CHECKING, Any, Final, override

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import __version__
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import async_track_state_change_event

from tests.bench.process import Process
from tests.camera import Camera, CameraServer, Fault
from tests.e2e.cameras import Place

from .lags import Collections, Lags
from .ways import running

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

DOMAIN: Final = "axis_recordings"
RECORDINGS: Final = 2000
CALM: Final = 15.0
"""So long after the last camera is loaded, nothing of the start goes on."""
BURST: Final = 1.0
SETTLING: Final = 12.0
"""Longer than polls are apart of a camera that records."""
HOUR: Final = 3600
MOST_MEMORY: Final = 1.0
"""MB for each camera after a start."""
RECORDING: Final = 5
"""One of so many records all the time."""
BROKEN: Final = 0.2
"""So many of the cameras fall silent."""


class Peer:
    """A process that is talked to line by line in JSON."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        """Talk to a process."""
        self._process = process

    async def ask(self, do: str, **command: Any) -> Any:
        """Return the answer to a command."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"do": do, **command}).encode() + b"\n")
        return json.loads(await self._process.stdout.readline())


@asynccontextmanager
async def peer(*arguments: str) -> AsyncGenerator[Peer]:
    """Run this module in another process; it ends when nobody talks to it any more."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.bench.many_cameras", *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=16 * 1024 * 1024,
    )
    try:
        yield Peer(process)
    finally:
        assert process.stdin
        process.stdin.close()
        await process.wait()


async def _answer(handle: Any) -> None:
    """Answer commands until there are no more."""
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        print(json.dumps(await handle(**json.loads(line))), flush=True)


class CamerasSide:
    """The cameras, as the measurement asks them."""

    def __init__(self, places: list[Place]) -> None:
        """Use cameras that are on the network, of which every fifth records."""
        self._places = places
        self._idle = [place for place in places if not place.recording]
        self._process = Process("self")

    async def handle(self, do: str) -> Any:
        """Do as asked."""
        match do:
            case "log_in":
                return [
                    place.log_in | {"tls": place.server.certificate_fingerprint}
                    for place in self._places
                ]
            case "traffic":
                asked = [
                    each for place in self._places for each in place.server.requests
                ]
                size = sum(each.bytes_received + each.bytes_sent for each in asked)
                return [len(asked), size, self._process.memory]
            case "burst":
                return await self._record()
            case "end":
                for place in self._idle:
                    place.camera.end_recording(place.recording[0])
            case "break":
                for place in self._places[: int(len(self._places) * BROKEN)]:
                    place.camera.faults.set("*", Fault.TIMEOUT)
                    place.server.stall_event_streams()
            case _:
                raise ValueError(do)
        return None

    async def _record(self) -> dict[str, float]:
        """Let all record that don't, and return when each began."""
        begun = {}
        for place in self._idle:
            begun[place.camera.serial] = time.time()
            place.camera.start_recording()
            await asyncio.sleep(BURST / len(self._idle))
        return begun


async def be_cameras(count: int) -> None:
    """Be the cameras."""
    places = []
    for number in range(count):
        camera = Camera(
            serial=f"B8A44F{number:06X}",
            name=f"Camera {number:03}",
            recordings=RECORDINGS,
        )
        server = CameraServer(camera, tls=number % 2 == 0)
        await server.start()
        places.append(Place(camera, server))
        if number % RECORDING == 0:
            camera.start_recording()
    await _answer(CamerasSide(places).handle)


class Lines(logging.Handler):
    """Counts what the log says of us."""

    def __init__(self) -> None:
        """Begin with nothing."""
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    @override
    def emit(self, record: logging.LogRecord) -> None:
        if DOMAIN in record.name and "has not been tested" not in record.getMessage():
            self.lines.append(record.getMessage())


class HomeSide:
    """Home Assistant, as the measurement asks it."""

    def __init__(
        self, hass: HomeAssistant, folder: Path, lags: Lags, collections: Collections
    ) -> None:
        """Measure in this process."""
        self._hass = hass
        self._folder = folder
        self._lags = lags
        self._collections = collections
        self._process = Process("self")
        self._lines = Lines()
        logging.getLogger().addHandler(self._lines)
        self._shown: dict[str, float] = {}

    async def handle(self, do: str, **given: Any) -> Any:
        """Do as asked."""
        match do:
            case "add":
                for log_in in given["log_in"]:
                    await self._add(log_in)
                return len(self._hass.config_entries.async_entries(DOMAIN))
            case "start":
                return await self._start(given["begun"])
            case "rest":
                return await self._rest(given["seconds"])
            case "watch":
                return self._watch()
            case "shown":
                return self._shown | {"": self._lags.take()}
            case _:
                raise ValueError(do)

    async def _add(self, log_in: dict[str, Any]) -> None:
        log_in = dict(log_in)
        fingerprint = log_in.pop("tls")
        manager = self._hass.config_entries.flow
        flow = await manager.async_init(DOMAIN, context={"source": "user"}, data=log_in)
        if fingerprint is not None:
            await manager.async_configure(flow["flow_id"], {})

    async def _start(self, begun: float) -> dict[str, Any]:
        entries = self._hass.config_entries.async_entries(DOMAIN)
        while any(each.state is not ConfigEntryState.LOADED for each in entries):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        loaded = time.time() - begun
        await asyncio.sleep(CALM)
        registry = er.async_get(self._hass)
        entities = [
            entity
            for entry in entries
            for entity in er.async_entries_for_config_entry(registry, entry.entry_id)
        ]
        return {
            "seconds": loaded,
            "cpu": time.process_time(),
            "lag": self._lags.take(),
            "longest garbage collection": self._collections.take(),
            "memory": self._process.memory,
            "threads": self._process.threads,
            "files": len(os.listdir("/proc/self/fd")),  # noqa: PTH208
            "entities": sum(not each.disabled for each in entities),
            "lines": len(self._lines.lines),
        }

    async def _rest(self, seconds: float) -> dict[str, Any]:
        self._lags.forget()
        self._collections.take()
        lines, rows, cpu = len(self._lines.lines), self._rows(), time.process_time()
        begun = time.time()
        await asyncio.sleep(seconds)
        return {
            "full hours": time.time() // HOUR - begun // HOUR,
            "cpu": 100 * (time.process_time() - cpu) / seconds,
            "lag": self._lags.take(),
            "longest garbage collection": self._collections.take(),
            "rows": self._rows() - rows,
            "lines": self._lines.lines[lines:],
            "memory": self._process.memory,
        }

    def _rows(self) -> int:
        """Return how many states of ours the recorder has kept."""
        path = self._folder / "home-assistant_v2.db"
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
            (rows,) = database.execute(
                "SELECT count(*) FROM states JOIN states_meta USING (metadata_id) "
                "WHERE states_meta.entity_id LIKE '%.camera\\_%' ESCAPE '\\'"
            ).fetchone()
        return int(rows)

    def _watch(self) -> int:
        """Note when each camera is seen to record."""
        registry = er.async_get(self._hass)
        serials = {}
        for entry in self._hass.config_entries.async_entries(DOMAIN):
            entity_id = registry.async_get_entity_id(
                "binary_sensor", DOMAIN, f"{entry.unique_id}-recording_in_progress"
            )
            assert entity_id, entry.unique_id
            serials[entity_id] = str(entry.unique_id)

        @callback
        def changed(event: Event[EventStateChangedData]) -> None:
            new = event.data["new_state"]
            if new is not None and new.state == "on":
                self._shown.setdefault(serials[new.entity_id], time.time())

        async_track_state_change_event(self._hass, list(serials), changed)
        self._lags.forget()
        return len(serials)


async def be_home(folder: Path) -> None:
    """Be Home Assistant."""
    lags, collections = Lags(), Collections()
    watching = asyncio.create_task(lags.watch())
    async with running(folder) as hass:
        await _answer(HomeSide(hass, folder, lags, collections).handle)
    watching.cancel()


async def measure(count: int, rest: float) -> dict[str, Any]:
    """Return the figures of so many cameras."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        async with peer("--be-cameras", str(count)) as cameras:
            log_in = await cameras.ask("log_in")
            async with peer("--be-home", folder) as home:
                assert await home.ask("add", log_in=log_in) == count
                await asyncio.sleep(CALM)
            asked, _, _ = await cameras.ask("traffic")
            begun = time.time()
            async with peer("--be-home", folder) as home:
                start = await home.ask("start", begun=begun)
                before = await cameras.ask("traffic")
                figures = {"start": start, "requests of a start": before[0] - asked}
                resting = await home.ask("rest", seconds=rest)
                after = await cameras.ask("traffic")
                figures["rest"] = resting | {
                    "requests an hour": (after[0] - before[0]) * HOUR / rest,
                    "bytes a second": (after[1] - before[1]) / rest,
                }
                if count:
                    figures["burst"] = await _burst(cameras, home)
                    await cameras.ask("break")
                    figures["silent"] = await home.ask("rest", seconds=150)
                return figures


async def _burst(cameras: Peer, home: Peer) -> dict[str, Any]:
    """Let all cameras record that don't, and return how late that is shown, in ms."""
    await home.ask("watch")
    begun = await cameras.ask("burst")
    await asyncio.sleep(SETTLING)
    shown = await home.ask("shown")
    lag = shown.pop("")
    late = [
        1000 * (shown[serial] - begun[serial]) for serial in begun if serial in shown
    ]
    await cameras.ask("end")
    settled = await home.ask("rest", seconds=SETTLING + 10)
    return {
        "missing": len(begun) - len(late),
        "median": median(late),
        "worst": max(late),
        "lag": lag,
        "rows": settled["rows"],
    }


def _flat(figures: dict[str, Any], prefix: str = "") -> dict[str, float]:
    flat: dict[str, float] = {}
    for name, value in figures.items():
        key = f"{prefix}{name}"
        if isinstance(value, dict):
            flat |= _flat(value, f"{key}, ")
        elif isinstance(value, list):
            flat[key] = len(value)
        else:
            flat[key] = value
    return flat


type Figures = dict[str, float]


def judge(count: int, found: dict[int, Figures]) -> dict[str, bool]:
    """Return the goals of so many cameras, and whether they are reached; some need the figures of fewer."""
    figures, none = found[count], found.get(0)
    broken = int(count * BROKEN)
    # The calendar's event ends at the next full hour for as long as a recording goes on.
    most_rows = figures["rest, full hours"] * -(-count // RECORDING)
    goals = {
        "a start logs nothing": not figures["start, lines"],
        "rest logs nothing": not figures["rest, lines"],
        f"rest writes {most_rows:.0f} states at most": (
            figures["rest, rows"] <= most_rows
        ),
        "each recording that begins is shown": not figures["burst, missing"],
        f"{broken} that fall silent log {broken} lines": (
            figures["silent, lines"] == broken
        ),
    }
    if none is None:
        return goals
    # What the first camera loads is no cost of each.
    fewer = max(each for each in found if each < count)
    grown, in_all = (
        (figures["start, memory"] - found[each]["start, memory"]) / (count - each)
        for each in (fewer, 0)
    )
    lag, most_lag = figures[_START_LAG], 2 * none[_START_LAG] + 50
    return {
        f"{grown:.2f} MB a camera after a start beyond {fewer}, at most {MOST_MEMORY:.2f}"
        f" ({in_all:.2f} beyond none)": grown <= MOST_MEMORY,
        f"lag of a start p99 {lag:.0f} ms, at most {most_lag:.0f}": lag <= most_lag,
        **goals,
    }


_START_LAG: Final = "start, lag, p99"


async def compare(counts: list[int], rest: float) -> bool:
    """Print a table with a column for each number of cameras; return whether all goals are reached."""
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"Home Assistant {__version__}; {rest:.0f} s of rest\n",
        flush=True,
    )
    columns = [_flat(await measure(count, rest)) for count in counts]
    found = dict(zip(counts, columns, strict=True))
    names = dict.fromkeys(name for column in columns for name in column)
    print("| cameras | " + " | ".join(map(str, counts)) + " |")
    print("|---" * (len(counts) + 1) + "|")
    for name in names:
        cells = (f"{column[name]:.1f}" if name in column else "" for column in columns)
        print(f"| {name} | " + " | ".join(cells) + " |")
    goals = [
        (f"{count} cameras: {goal}", is_reached)
        for count in found
        if count
        for goal, is_reached in judge(count, found).items()
    ]
    print()
    for goal, is_reached in goals:
        print(f"{'within' if is_reached else 'NOT within'}: {goal}")
    return all(is_reached for _, is_reached in goals)


def main() -> int:
    """Be one side, or measure; return 1 if a goal is not reached."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counts", type=int, nargs="+", default=[0, 10, 100])
    parser.add_argument("--rest", type=float, default=150, help="seconds")
    parser.add_argument("--be-cameras", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--be-home", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.be_cameras is not None:
        asyncio.run(be_cameras(arguments.be_cameras))
    elif arguments.be_home is not None:
        asyncio.run(be_home(arguments.be_home))
    else:
        return int(not asyncio.run(compare(arguments.counts, arguments.rest)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
