"""Everything that happens to recordings is reported once, whatever else happens.

A real Home Assistant, three simulated cameras, and a workload of recordings that come and go while streams
break, cameras and Home Assistant start anew, disks are taken out and clocks are set. At the end, what Home
Assistant has stored of the event entities is compared with the journals of the cameras, one for one. The same
seed gives the same workload, though not the same timing.
"""

import argparse
import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
import json
from pathlib import Path
from random import Random
import re
import sqlite3
import sys
import tempfile
import time
from typing import TYPE_CHECKING, Final

from custom_components.axis_recordings.const import DOMAIN
from tests.bench.process import Process
from tests.bench.soak import NAME, OUT_OF_REACH, PASSWORD
from tests.camera import Camera, CameraServer, Disk, Quirks
from tests.e2e.cameras import Place
from tests.e2e.client import Client
from tests.e2e.home import Home, free_port
from tests.exactly_once import REPORTED_AS, Report, Reported, compare
from tests.witness import Witness
from tests.workload import Workload

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

QUIRKS: Final = {
    "Front camera": Quirks(),
    "Old camera": Quirks(event_stream=None, ongoing_in_window=False),
    "Odd camera": Quirks(
        event_copies=2,
        event_order="reversed",
        event_initial="never",
        after_power_loss="unknown",
        empty_after_start=10,
    ),
}
NOT_READY: Final = re.compile(r" WARNING .*not ready yet")
"""Home Assistant says this when a camera is down as it starts."""
REPORTING: Final = 30.0
SETTLING: Final = 150.0
"""A poll of an idle camera comes within 30 s; after that, a doubt may last a minute, and one more poll a
walk and another doubt of half a minute."""
ENTITY: Final = "recording_activity"

STORED: Final = """\
SELECT states.state, state_attributes.shared_attrs
FROM states
JOIN states_meta USING (metadata_id)
JOIN state_attributes USING (attributes_id)
WHERE states_meta.entity_id = ? AND states.state NOT IN ('unknown', 'unavailable')
ORDER BY states.last_updated_ts, states.state_id
"""


@dataclass
class Watched:
    """A camera, and what is to be known of it in the end."""

    place: Place
    witness: Witness
    entry_id: str = ""
    entity_id: str | None = None


@dataclass
class Soak:
    """Everything that takes part."""

    home: Home
    client: Client
    watched: list[Watched]
    random: Random
    counts: Counter[str] = field(default_factory=Counter)

    async def upset(self, seconds: float) -> None:
        """Start Home Assistant or a part of it anew again and again."""
        end = time.monotonic() + seconds
        kinds: tuple[Callable[[], Awaitable[None]], ...] = (self.restart, self.reload)
        while time.monotonic() < end:
            await asyncio.sleep(self.random.uniform(15, 60))
            kind = self.random.choice(kinds)
            await kind()
            self.counts[kind.__name__] += 1

    async def restart(self) -> None:
        """Stop Home Assistant and start it again."""
        self._stop_watching(self.watched)
        await self.home.stop()
        self._watch_again(self.watched)
        await asyncio.sleep(self.random.choice((0, 0, 10)))
        await self.home.start()
        await self.client.log_in(NAME, PASSWORD)

    async def reload(self) -> None:
        """Load a config entry again."""
        each = self.random.choice(self.watched)
        await self.client.log_in(NAME, PASSWORD)
        self._stop_watching([each])
        path = f"/api/config/config_entries/entry/{each.entry_id}/reload"
        await self.client.post(path)
        self._watch_again([each])

    def _stop_watching(self, watched: list[Watched]) -> None:
        for each in watched:
            each.witness.stop_watching()

    def _watch_again(self, watched: list[Watched]) -> None:
        for each in watched:
            each.witness.watch_again()

    async def add(self) -> None:
        """Add the cameras to Home Assistant."""
        for each in self.watched:
            entry = await self.client.add(DOMAIN, each.place.log_in)
            each.entry_id = entry["entry_id"]
        await self.client.running()
        entities = {
            entity["unique_id"]: entity["entity_id"]
            for entity in await self.client.command("config/entity_registry/list")
        }
        for each in self.watched:
            each.entity_id = entities.get(f"{each.place.camera.serial}-{ENTITY}")

    async def report_progress(self, seconds: float) -> None:
        """Print a line now and then."""
        began = time.monotonic()
        while (past := time.monotonic() - began) < seconds:
            facts = Counter(
                fact.what for each in self.watched for fact in each.place.camera.journal
            )
            print(
                f"{past / 60:5.1f} min  {dict(sorted(facts.items()))} {dict(self.counts)}",
                flush=True,
            )
            await asyncio.sleep(REPORTING)


def stored_events(database: Path, entity_id: str | None) -> list[Reported]:
    """Read the events of an entity; a state that was restored at a start is none."""
    events: dict[tuple[str, Reported], None] = {}
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    for state, text in connection.execute(STORED, (entity_id,)):
        attributes = json.loads(text)
        reported = Reported(
            *map(attributes.get, ("event_type", "disk", "recording_id"))
        )
        events.setdefault((state, reported))
    connection.close()
    return [reported for _, reported in events]


async def live(soak: Soak, workload: Workload, minutes: float) -> None:
    """Let everything happen for some minutes, and then nothing until all is reported."""
    seconds = minutes * 60
    async with asyncio.TaskGroup() as group:
        group.create_task(soak.upset(seconds))
        group.create_task(soak.report_progress(seconds))
        group.create_task(workload.run(seconds))
    workload.settle()
    await asyncio.sleep(SETTLING)


def judge(soak: Soak, workload: Workload) -> dict[str, Report]:
    """Compare what was stored with what has happened."""
    database = soak.home.folder / "home-assistant_v2.db"
    return {
        each.place.name: compare(
            each.place.camera.journal,
            stored_events(database, each.entity_id),
            each.witness.polls,
            workload.losses[each.place.camera.serial],
            workload.settings[each.place.camera.serial],
        )
        for each in soak.watched
    }


def judge_log(soak: Soak) -> list[str]:
    """Return what the log should not hold; that a camera is out of reach is only counted."""
    problems: list[str] = []
    for record in soak.home.trouble(DOMAIN):
        is_expected = OUT_OF_REACH.search(record) or NOT_READY.search(record)
        if is_expected and "Traceback" not in record:
            soak.counts["out of reach, in the log"] += 1
        else:
            problems.append(record)
    return problems


def print_report(soak: Soak, reports: dict[str, Report], hours: float) -> None:
    """Print what has happened."""
    names = [f"{fact} / {event}" for fact, event in REPORTED_AS.items()]
    print(
        f"\n| camera | {' | '.join(names)} | exceptions | differences | requests per hour |\n"
        f"|---{'|---' * len(names)}|---|---|---|"
    )
    for each in soak.watched:
        report = reports[each.place.name]
        pairs = [
            f"{report.facts[fact]} / {report.events[event]}"
            for fact, event in REPORTED_AS.items()
        ]
        requests = len(each.place.server.requests) / hours
        print(
            f"| {each.place.name} | {' | '.join(pairs)} | {report.exceptions.total()} "
            f"| {len(report.differences)} | {requests:.0f} |"
        )
    exceptions = sum((report.exceptions for report in reports.values()), Counter())
    for what, count in sorted((exceptions + soak.counts).items()):
        print(f"{what}: {count}")


async def run(minutes: float, seed: int) -> int:
    """Run everything; return the number of problems."""
    began = time.monotonic()
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(
            tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        )
        servers = [
            await stack.enter_async_context(CameraServer(camera))
            for camera in (
                Camera(
                    serial=f"ACCC8E00000{number}",
                    name=name,
                    quirks=quirks,
                    disks=[Disk("SD_DISK"), Disk("NetworkShare")],
                    recordings=400,
                    seed=seed + number,
                )
                for number, (name, quirks) in enumerate(QUIRKS.items())
            )
        ]
        watched = [
            Watched(Place(server.camera, server), Witness(server)) for server in servers
        ]
        home = Home(Path(folder), port=free_port())
        home.prepare()
        await home.start()
        try:
            client = await stack.enter_async_context(Client(home.base))
            await client.onboard("Robin", NAME, PASSWORD)
            upsets = Random(f"{seed}/upsets")  # noqa: S311 - bad luck, not a secret
            soak = Soak(home, client, watched, upsets)
            await soak.add()
            memory = Process(home.pid).memory
            workload = Workload(Random(seed), servers)  # noqa: S311 - likewise
            await live(soak, workload, minutes)
            print(
                f"Memory: {memory:.0f} MB, at the end {Process(home.pid).memory:.0f} MB"
            )
        finally:
            await home.stop()
        reports = judge(soak, workload)
        problems = [
            *judge_log(soak),
            *(
                f"{name}: {difference}"
                for name, report in reports.items()
                for difference in report.differences
            ),
        ]
        print_report(soak, reports, (time.monotonic() - began) / 3600)
    for problem in problems:
        print(f"PROBLEM: {problem}")
    print(f"{len(problems)} problems" if problems else "Everything was reported once")
    return len(problems)


def main() -> None:
    """Read the command line, run, and print the result."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.event_soak", description=__doc__
    )
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    sys.exit(bool(asyncio.run(run(options.minutes, options.seed))))


if __name__ == "__main__":
    main()
