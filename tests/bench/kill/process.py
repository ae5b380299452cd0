"""Ends a small process with a ledger and a saver, once for each seed."""

import asyncio
from collections import Counter
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path
from random import Random
import tempfile
import time
from typing import TYPE_CHECKING, Final

from custom_components.axis_recordings.vapix import Address
from tests.camera import Camera, CameraServer
from tests.exactly_once import Report, compare
from tests.witness import Witness

from .reported import (
    READY,
    judge_files,
    judge_ledger,
    leftovers,
    lives,
    once,
)
from .victim import ENTRY, MEDIA, REPORTED, be_victim
from .videos import Life, add_video

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.process import BaseProcess

LATEST: Final = 3.0
"""It is ended within so many seconds after it has begun, of which the start is the first part."""
HASTE: Final = 8
"""So much faster than usual, recordings come and go."""
AFTERWARDS: Final = 0.5
SETTLING: Final = 100.0
"""A doubt may last for a minute, and most of it begins anew at a start."""

_context = get_context("forkserver")
_context.set_forkserver_preload(["tests.bench.kill.victim"])


class _Life(Life):
    """Recordings come and go. All else that may go wrong, `tests.bench.kill.home` lets go wrong."""

    def __init__(self, seed: str, server: CameraServer) -> None:
        super().__init__(
            Random(seed),  # noqa: S311
            [server],
            lambda seconds: asyncio.sleep(seconds / HASTE),
        )
        # More than three that are gone at once may be missing for half a minute before that is reported.
        self._operations |= {self.remove_one: 2, self.remove_oldest: 2}
        for operation in (
            self.clean_up,
            self.drop_streams,
            self.stall_streams,
            self.reboot,
            self.lose_disk,
            self.set_clock,
        ):
            del self._operations[operation]


def _camera() -> Camera:
    """Return a camera with a past, and four short videos to save, every other of another size."""
    camera = Camera(export_speed=None, picture_width=160, recordings=60)
    # What ends within seconds after a start may have been cut off by it.
    camera._booted -= 3600
    for number in range(4):
        add_video(camera, number, is_square=bool(number % 2))
    return camera


class Trial:
    """One seed."""

    def __init__(self, seed: int, folder: Path, server: CameraServer) -> None:
        """Use a folder of its own."""
        self._seed = seed
        self._folder = folder
        self._server = server
        self._witness = Witness(server)
        self._process: BaseProcess | None = None
        self.report = Report()
        self.again = 0
        self.left = 0
        """Files that were begun and not finished when it was ended."""

    async def run(self) -> list[str]:
        """End it once, and return what is wrong."""
        random = Random(f"kill {self._seed}")  # noqa: S311
        life = _Life(f"life {self._seed}", self._server)
        (self._folder / MEDIA).mkdir()
        self._start()
        await self._until(lambda: bool(lives(self._folder / REPORTED)))
        async with asyncio.TaskGroup() as group:
            living = group.create_task(self._live(life))
            await asyncio.sleep(random.uniform(0, LATEST))
            await self._kill()
            problems = judge_files(self._folder / MEDIA)
            self.left = len(leftovers(self._folder / MEDIA))
            await asyncio.sleep(random.choice((0, 0, 1)))
            self._start()
            self._witness.watch_again()
            await self._until(lambda: self._times(READY) > 1 or self._is_late_ready())
            await asyncio.sleep(AFTERWARDS)
            living.cancel()
        life.settle()
        with suppress(TimeoutError):
            await self._until(self._is_all_reported, SETTLING)
        await asyncio.sleep(AFTERWARDS)
        self._compare()
        await self._stop()
        media = self._folder / MEDIA
        ledger = next((self._folder / ".storage").glob(f"*{ENTRY}.db"))
        return [
            *problems,
            *self.report.differences,
            *judge_files(media),
            *(f"left over: {name}" for name in leftovers(media)),
            *judge_ledger(ledger),
        ]

    async def _live(self, life: Life) -> None:
        """Let recordings come and go, once those that are there are known."""
        await self._until(lambda: self._times(READY) > 0)
        await life.run(float("inf"))

    def _times(self, word: str) -> int:
        path = self._folder / REPORTED
        return path.read_text().count(f'"{word}"') if path.exists() else 0

    def _is_late_ready(self) -> bool:
        """Return whether the first life was ended before it was ready, and the second one is."""
        return self._times(READY) == 1 and not lives(self._folder / REPORTED)[0]

    def _is_all_reported(self) -> bool:
        self._compare()
        return not self.report.differences

    def _compare(self) -> None:
        reported, self.again = once(lives(self._folder / REPORTED))
        journal = self._server.camera.journal
        self.report = compare(journal, reported, self._witness.polls)

    def _start(self) -> None:
        address = Address(
            host=self._server.host,
            port=self._server.port,
            protocol="http",
            fingerprint=None,
        )
        self._process = _context.Process(
            target=be_victim,
            args=(
                self._folder,
                address,
                ("operator", "operator-secret"),
                f"saves {self._seed}",
            ),
        )
        self._process.start()

    async def _kill(self) -> None:
        assert self._process
        self._witness.stop_watching()
        self._process.kill()
        await asyncio.to_thread(self._process.join)

    async def _stop(self) -> None:
        assert self._process
        self._process.terminate()
        await asyncio.to_thread(self._process.join)

    async def _until(self, condition: Callable[[], bool], seconds: float = 30) -> None:
        async with asyncio.timeout(seconds):
            while not condition():  # noqa: ASYNC110 - another process does it
                await asyncio.sleep(0.02)


async def try_seed(seed: int) -> tuple[Trial, list[str]]:
    """End a process once, and return what is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        async with CameraServer(_camera()) as server:
            trial = Trial(seed, Path(folder), server)
            return trial, await trial.run()


async def kill_processes(seeds: range) -> int:
    """Try all seeds; print what is wrong and a summary, and return how much is wrong."""
    began = time.monotonic()
    counts: Counter[str] = Counter()
    for seed in seeds:
        trial, problems = await try_seed(seed)
        for problem in problems:
            print(f"seed {seed}: {problem}", flush=True)
        counts += Counter(
            {
                "kills": 1,
                "facts": trial.report.facts.total(),
                "reported": trial.report.events.total(),
                "reported again": trial.again,
                "unfinished files at the end": trial.left,
                "problems": len(problems),
            }
        )
        counts += trial.report.exceptions
        print(f"up to seed {seed}: {dict(counts)}", flush=True)
    print(f"{time.monotonic() - began:.0f} s: {dict(counts)}")
    return counts["problems"]
