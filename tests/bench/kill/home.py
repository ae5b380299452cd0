"""Ends a real Home Assistant again and again, while it follows three cameras, saves videos and starts recordings."""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack, suppress
from itertools import count
from pathlib import Path
from random import Random
import re
import tempfile
import time
from typing import TYPE_CHECKING, Any, Final

import aiohttp

from custom_components.axis_recordings.const import DOMAIN
from tests.bench.event_soak import (
    QUIRKS,
    SETTLING,
    Soak,
    Watched,
    judge_log,
    stored_events,
)
from tests.bench.soak import NAME, PASSWORD
from tests.camera import Camera, CameraServer, Disk
from tests.e2e.cameras import USERNAME, Place
from tests.e2e.client import Client, RefusedError
from tests.e2e.home import START_TIMEOUT, Home, HomeError, free_port
from tests.exactly_once import compare
from tests.witness import Witness

from .reported import (
    Line,
    judge_files,
    judge_ledger,
    leftovers,
    lives,
    once,
)
from .videos import VIDEO, Life, add_video

if TYPE_CHECKING:
    from collections.abc import Sequence


LATEST: Final = 12.0
"""It is ended within so many seconds after it was started, or, three times as often, after it could be used."""
VIDEOS: Final = 6
"""So many that none is saved twice before an end: it would come from the cache."""
SECONDS: Final = 20
SPEED: Final = 5.0
"""As much of a video as a camera exports in a second, so that most ends meet a file that is being written."""
UNWRITTEN: Final = 10.0
"""Home Assistant's recorder writes each second, and later if it has much to write."""
STARTED: Final = 4.0
"""So long before an end, a start may have been sent and not be noted."""
DURATION: Final = 5
UNREACHABLE: Final = re.compile(r".*can't be reached.*")
"""What is logged of an action, or of a stop that is due, at a camera that is off."""
WITNESS: Final = Path(__file__).parent / "kill_witness"
COMPONENTS: Final = Path(__file__).parents[3] / "custom_components"


def _camera(number: int, name: str) -> Camera:
    """Return a camera with a past, and videos to save."""
    camera = Camera(
        serial=f"ACCC8E00000{number}",
        name=name,
        quirks=QUIRKS[name],
        disks=[Disk("SD_DISK"), Disk("NetworkShare")],
        recordings=200,
        seed=number,
        picture_width=160,
        export_speed=SPEED,
    )
    for video in range(VIDEOS):
        add_video(camera, video, seconds=SECONDS, disk_id="NetworkShare")
    return camera


class Killer:
    """Ends Home Assistant, and starts it again."""

    def __init__(self, soak: Soak, workload: Life) -> None:
        """End this one."""
        self._soak = soak
        self._workload = workload
        self._can_be_used = asyncio.Event()
        self.kills: list[float] = []
        self.problems: list[str] = []
        self.counts: Counter[str] = Counter()

    @property
    def media(self) -> Path:
        """Return the folder with the saved files."""
        return self._soak.home.folder / "media"

    async def kill(self, seed: int) -> None:
        """End it at a moment that the seed draws; it was just started, or has been running before."""
        random = Random(f"home {seed}")  # noqa: S311
        begun = time.monotonic()
        self._can_be_used.clear()
        using = asyncio.create_task(self._use(random))
        if random.random() < 0.75:
            async with asyncio.timeout(START_TIMEOUT):
                await self._can_be_used.wait()
        await asyncio.sleep(random.uniform(0, LATEST))
        for each in self._soak.watched:
            each.witness.stop_watching()
        self.kills.append(time.time())
        await self._soak.home.kill()
        using.cancel()
        with suppress(asyncio.CancelledError):
            await using
        self.problems += [
            f"seed {seed}: {each}" for each in judge_files(self.media, SECONDS)
        ]
        self.counts["unfinished files at an end"] += len(leftovers(self.media))
        self.counts["kills"] += 1
        print(
            f"seed {seed}: ended after {time.monotonic() - begun:.1f} s, {dict(self.counts)}",
            flush=True,
        )
        await asyncio.sleep(random.choice((0, 0, 5)))

    async def _use(self, random: Random) -> None:
        """Start it if it does not run, and use it until it ends."""
        home, client = self._soak.home, self._soak.client
        with suppress(HomeError, aiohttp.ClientError, ConnectionError):
            if not home.is_running:
                await home.start()
            await client.log_in(NAME, PASSWORD)
            # Before it has started, it is shown lists that it may be ended before it reads.
            for each in self._soak.watched:
                each.witness.watch_again()
            self._can_be_used.set()
            for number in count():
                place = random.choice(self._soak.watched).place
                name = f"video-{home.pid}-{number}"
                for action, fields in (
                    (
                        "save",
                        {
                            "recording_id": f"{VIDEO}{number % VIDEOS}",
                            "filename": name,
                        },
                    ),
                    ("start", {"duration": DURATION}),
                ):
                    with suppress(RefusedError):
                        await client.action(
                            f"{DOMAIN}.{action}",
                            {"entity_id": _switch(place), **fields},
                            answer=True,
                        )
                await asyncio.sleep(random.uniform(0, 1))

    async def finish(self) -> None:
        """Let it run until everything is reported, and stop it in good order."""
        if not self._soak.home.is_running:
            await self._soak.home.start()
        for each in self._soak.watched:
            each.witness.watch_again()
        self._workload.settle()
        await asyncio.sleep(SETTLING)
        await self._soak.home.stop()

    def judge(self) -> None:
        """Hold all that is left against what has happened."""
        folder = self._soak.home.folder
        reported = lives(folder / "reported")
        for each in self._soak.watched:
            mine = [
                [line for line in life if line.entity_id == each.entity_id]
                for life in reported
            ]
            events, again = once(mine)
            self.counts["reported again"] += again
            report = compare(
                each.place.camera.journal,
                events,
                each.witness.polls,
                self._workload.losses[each.place.camera.serial],
            )
            self.counts["facts"] += report.facts.total()
            self.counts["reported"] += report.events.total()
            self.counts += report.exceptions
            self.problems += [
                *(f"{each.place.name}: {what}" for what in report.differences),
                *self._judge_history(each, mine),
                *self._judge_own(each.place),
                *judge_ledger(folder / ".storage" / f"{DOMAIN}.{each.entry_id}.db"),
            ]
        self.problems += [
            *judge_files(self.media, SECONDS),
            *(f"left over: {name}" for name in leftovers(self.media)),
            *(
                each
                for each in judge_log(self._soak)
                if not UNREACHABLE.fullmatch(each)
            ),
        ]
        self.counts["saved"] = len(list(self.media.iterdir()))

    def _judge_history(
        self, watched: Watched, lives: Sequence[Sequence[Line]]
    ) -> list[str]:
        """Return what Home Assistant's recorder does not know, and was not reported just before an end."""
        database = self._soak.home.folder / "home-assistant_v2.db"
        stored = Counter(stored_events(database, watched.entity_id))
        problems = []
        # Of what was reported again, the first time may be missing.
        for line in reversed([line for life in lives for line in life]):
            if stored[line.reported]:
                stored[line.reported] -= 1
            elif any(0 <= end - line.time <= UNWRITTEN for end in self.kills):
                self.counts["not in the history"] += 1
            else:
                problems.append(f"{watched.place.name}: not in the history: {line}")
        return problems

    def _judge_own(self, place: Place) -> list[str]:
        """Return what Home Assistant started and nobody stops, unless it was just being started."""
        problems = []
        started = place.camera.journal.of("started")
        for each in place.camera.recordings.ongoing:
            (fact,) = (
                fact for fact in started if fact.recording_id == each.recording_id
            )
            if fact.by != USERNAME:
                continue
            moment = (fact.time - place.camera.clock.offset).timestamp()
            if any(0 <= end - moment <= STARTED for end in self.kills):
                self.counts["goes on, as its start was not noted"] += 1
            else:
                problems.append(f"{place.name}: {each.recording_id} goes on")
        return problems


def _switch(place: Place) -> str:
    return f"switch.{place.name.lower().replace(' ', '_')}_recording"


def _prepare(home: Home) -> None:
    """Let a witness live in it, and videos be saved in its own folder."""
    components = home.folder / "custom_components"
    components.mkdir()
    for path in (COMPONENTS / "__init__.py", COMPONENTS / DOMAIN, WITNESS):
        (components / path.name).symlink_to(path)
    home.prepare()
    media = home.folder / "media"
    media.mkdir()
    configuration = home.folder / "configuration.yaml"
    configuration.write_text(
        configuration.read_text().replace(
            "homeassistant:", f"homeassistant:\n  media_dirs:\n    local: {media}", 1
        )
        + "kill_witness:\n",
        encoding="utf-8",
    )


async def _watched(stack: AsyncExitStack) -> list[Watched]:
    servers = [
        await stack.enter_async_context(CameraServer(_camera(number, name)))
        for number, name in enumerate(QUIRKS)
    ]
    return [
        Watched(Place(server.camera, server), Witness(server)) for server in servers
    ]


async def kill_home(seeds: range) -> int:
    """End one Home Assistant once for each seed; print what is wrong, and return how much is."""
    began = time.monotonic()
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(
            tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        )
        watched = await _watched(stack)
        home = Home(Path(folder), port=free_port())
        _prepare(home)
        await home.start()
        stack.push_async_callback(home.stop)
        client = await stack.enter_async_context(Client(home.base))
        await client.onboard("Robin", NAME, PASSWORD)
        random: Any = Random(seeds[0])  # noqa: S311
        soak = Soak(home, client, watched, random)
        await soak.add()
        servers = [each.place.server for each in watched]
        workload = Life(random, servers)
        killer = Killer(soak, workload)
        living = asyncio.create_task(workload.run(float("inf")))
        for seed in seeds:
            await killer.kill(seed)
        living.cancel()
        await killer.finish()
        killer.judge()
    for problem in killer.problems:
        print(f"PROBLEM: {problem}")
    print(f"{time.monotonic() - began:.0f} s: {dict(killer.counts)}")
    return len(killer.problems)
