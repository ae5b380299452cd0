"""Many people watch at once, in every way there is, and nothing may be left of it.

A real Home Assistant, simulated cameras, and viewers who browse, play, seek, leave without a word, fetch
files in ranges and look at small pictures, while recordings are removed and cameras start anew. At the
end no export goes on, the caches are within their limits, the log is clean and Home Assistant is back at
rest. The same seed gives the same wishes, though not the same timing.
"""

import argparse
import asyncio
from bisect import bisect_right
from collections import Counter, defaultdict
import contextlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from io import BytesIO
from itertools import accumulate
from pathlib import Path
from random import Random
import re
import sys
import tempfile
import time
from typing import TYPE_CHECKING, Any, Final, Self

import aiohttp
from aiohttp import hdrs
import av
from av.error import FFmpegError

from custom_components.axis_recordings.const import (
    CONF_CACHE_HOURS,
    CONF_CACHE_SIZE,
    DOMAIN,
)
from custom_components.axis_recordings.recordings.part import RecordingPart
from custom_components.axis_recordings.vapix import RecordingKey
from custom_components.axis_recordings.views.urls import clip_path, original_path
from tests.bench.process import Process
from tests.camera import CameraError
from tests.camera.camera import BLOCK
from tests.camera.video import ClockUnreadableError, read_clock
from tests.e2e.cameras import Place, cameras, live
from tests.e2e.client import Client, RefusedError
from tests.e2e.home import Home, free_port

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

MEGABYTE: Final = 1024 * 1024
CACHE_MEGABYTES: Final = 50
"""The smallest that the options offer, so that it is always full."""
BITRATE: Final = 2_000_000
VIEWERS: Final = 6
# Players come before pictures and files: without a pause now and then, nobody would ever get one.
PERIOD, PAUSE = 90.0, 40.0
# Nobody waits longer for anything; whatever takes longer hangs.
PATIENCE: Final = 120.0
# A file that has just been finished is there beside the others until the oldest are gone. The largest
# here is a clip.
SLACK_MEGABYTES: Final = 12
SETTLING: Final = 15.0
# It waits ten seconds for a thread that does not end.
STOPPING: Final = 8.0
REPORTING: Final = 30.0
NAME, PASSWORD = "robin", "a-long-password"
# A log-in is good for half an hour.
LOG_IN_SECONDS: Final = 600.0
# Segments begin at key frames, so they may be off by as much as those are apart.
SPARSEST: Final = timedelta(seconds=22)
# Frames of the simulated camera, at the rate of its recordings.
FRAME: Final = 1 / 15
ROOT: Final = f"media-source://{DOMAIN}"

# Home Assistant says this once when a camera goes, which it does here.
OUT_OF_REACH: Final = re.compile(
    r" ERROR .*Error fetching .* data: .* (can't be reached|did not answer)"
)
# What somebody hears whose wish can't be fulfilled because of what happens meanwhile.
REFUSALS: Final = (
    HTTPStatus.NOT_FOUND,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.INSUFFICIENT_STORAGE,
)


class UnexpectedError(Exception):
    """Something that nobody should ever see."""


@dataclass
class Report:
    """What has happened so far."""

    counts: Counter[str] = field(default_factory=Counter)
    slowest: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    problems: list[str] = field(default_factory=list)
    most_cached: defaultdict[str, float] = field(
        default_factory=lambda: defaultdict(float)
    )
    most_on_disk: defaultdict[str, float] = field(
        default_factory=lambda: defaultdict(float)
    )
    """With what is being written."""
    most_exports: defaultdict[str, int] = field(
        default_factory=lambda: defaultdict(int)
    )
    most_threads: int = 0
    most_memory: float = 0.0

    def problem(self, text: str) -> None:
        """Note something that should not be, and tell it at once."""
        self.problems.append(text)
        print(f"PROBLEM: {text}", flush=True)

    @contextlib.asynccontextmanager
    async def timed(self, what: str) -> AsyncGenerator[None]:
        """Count something, and how long it took."""
        began = time.monotonic()
        async with asyncio.timeout(PATIENCE):
            yield
        self.counts[what] += 1
        self.slowest[what] = max(self.slowest[what], time.monotonic() - began)


@dataclass(frozen=True)
class Playlist:
    """What a player learns before it plays."""

    folder: str
    numbers: list[int]
    moments: list[datetime]
    """When the segments begin, about."""
    begin: int
    """Where to start."""

    @classmethod
    def read(cls, url: str, text: str) -> Self:
        """Read a playlist."""
        numbers = [int(each) for each in re.findall(r"(?m)^(\d+)\.m4s$", text)]
        lengths = [float(each) for each in re.findall(r"#EXTINF:([\d.]+)", text)]
        first = re.search(r"#EXT-X-PROGRAM-DATE-TIME:(.+)", text)
        offset = re.search(r"TIME-OFFSET=([\d.]+)", text)
        if not numbers or len(numbers) != len(lengths) or not first or not offset:
            message = f"A strange playlist: {text}"
            raise UnexpectedError(message)
        places = [0.0, *accumulate(lengths)]
        zero = datetime.fromisoformat(first[1])
        return cls(
            folder=url.rpartition("/")[0],
            numbers=numbers,
            moments=[zero + timedelta(seconds=place) for place in places],
            begin=bisect_right(places, float(offset[1]), hi=len(numbers)) - 1,
        )

    def address(self, place: int) -> str:
        """Return where a segment is."""
        return f"{self.folder}/{self.numbers[place]}.m4s"

    def check(
        self, place: int, shown: datetime, seconds: float, start: datetime
    ) -> None:
        """Raise UnexpectedError if the last picture of a segment is of another time than it says.

        The timeline begins where the recording did when it was first viewed: at its start, or whole
        blocks later where the camera had cleaned up.
        """
        off = (shown - start).total_seconds() - seconds
        off -= round(off / BLOCK.total_seconds()) * BLOCK.total_seconds()
        if abs(off) > 2 * FRAME:
            message = f"Segment {self.numbers[place]} is {off:.3f} s off"
            raise UnexpectedError(message)
        if abs(shown - self.moments[place + 1]) > SPARSEST:
            message = f"{shown} is in the segment up to {self.moments[place + 1]}"
            raise UnexpectedError(message)


@dataclass
class Viewer:
    """Somebody with wishes of their own."""

    client: Client
    web: aiohttp.ClientSession
    places: dict[str, Place]
    """By the ids of their config entries."""
    random: Random
    report: Report

    async def watch_on(self) -> None:
        """Do one thing after the other until cancelled."""
        wishes: tuple[tuple[Callable[[], Awaitable[None]], int], ...] = (
            (self.play, 8),
            (self.browse_list, 2),
            (self.search, 1),
            (self.fetch_clip, 2),
            (self.fetch_original, 1),
        )
        chosen, weights = zip(*wishes, strict=True)
        while True:
            (wish,) = self.random.choices(chosen, weights)
            is_pause = time.monotonic() % PERIOD > PERIOD - PAUSE
            try:
                if not is_pause or wish != self.play:
                    await wish()
            except RefusedError as refused:
                self._refused(wish.__name__, refused)
            except TimeoutError:
                self.report.problem(f"{wish.__name__} hangs")
            except (UnexpectedError, aiohttp.ClientError, FFmpegError) as error:
                self.report.problem(f"{wish.__name__}: {error!r}")
            await asyncio.sleep(self.random.uniform(0, 1))

    def _refused(self, wish: str, refused: RefusedError) -> None:
        if refused.status in ("unknown_error", HTTPStatus.INTERNAL_SERVER_ERROR):
            self.report.problem(f"{wish}: {refused}")
        self.report.counts[f"refused: {str(refused)[:100]}"] += 1

    # Wishes

    async def play(self) -> None:
        """Play something, and go here and there in it."""
        item = await self._choose()
        if item is None:
            return
        content_id = item["media_content_id"]
        async with self.report.timed("begin to play"):
            resolved = await self.client.command(
                "media_source/resolve_media", media_content_id=content_id
            )
            text = (await self._get(resolved["url"])).decode()
        playlist = Playlist.read(resolved["url"], text)
        start = self._start(content_id)
        init = await self._get(f"{playlist.folder}/init.mp4")
        index = playlist.begin
        for _ in range(self.random.randint(1, 4)):
            await self._play_from(playlist, index, init, start)
            index = self.random.randrange(len(playlist.numbers))
        if self.random.random() < 0.4:
            # The window is closed while the next one is on its way.
            await self._leave(playlist.address(index))

    async def _play_from(
        self, playlist: Playlist, index: int, init: bytes, start: datetime | None
    ) -> None:
        count = self.random.randint(1, 8)
        for place in range(index, min(index + count, len(playlist.numbers))):
            async with self.report.timed("seek" if place == index else "play on"):
                data = await self._get(playlist.address(place))
            if place == index and start is not None:
                try:
                    last = await asyncio.to_thread(_last_picture, init, data)
                except FFmpegError as err:
                    message = f"Segment {place}, {len(data)} bytes that begin with {data[:40]!r}: {err}"
                    raise UnexpectedError(message) from err
                if last is not None:
                    self.report.counts["clock compared"] += 1
                    playlist.check(place, *last, start)
            await asyncio.sleep(self.random.choice((0, 0, 0.2, 1)))

    async def browse_list(self) -> None:
        """Open a list, ask for many small pictures at once, and perhaps go on before they are there."""
        items = await self._browse(f"{self._camera()}/last_24_hours")
        wanted = [each["thumbnail"] for each in items if each["thumbnail"]]
        wanted = wanted[: self.random.randint(3, 24)]
        patience = self.random.choice((1.5, 4.0, PATIENCE))

        async def fetch(path: str) -> None:
            async with self.report.timed("small picture"):
                body = await self._get(path, authorized=True)
            if not body.startswith(b"\xff\xd8"):
                message = f"Not a JPEG: {body[:20]!r}"
                raise UnexpectedError(message)

        async def all_of_them() -> None:
            answers = await asyncio.gather(*map(fetch, wanted), return_exceptions=True)
            for answer in answers:
                if isinstance(answer, RefusedError):
                    self._refused("small picture", answer)
                elif isinstance(answer, BaseException):
                    raise answer

        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await all_of_them()

    async def search(self) -> None:
        """Search the recordings."""
        words = self.random.choice(("motion", "line", "office", "triggered", "nothing"))
        async with self.report.timed("search"):
            await self.client.command(
                "media_source/search_media",
                media_content_id=self.random.choice((ROOT, self._camera())),
                search_query=words,
            )

    async def fetch_clip(self) -> None:
        """Fetch a part as MP4, in ranges, and perhaps not all of it."""
        entry_id, part = self._part()
        signed = await self._signed(clip_path(entry_id, part))
        if self.random.random() < 0.3:
            await self._leave(signed)
            return
        place = self.places[entry_id]
        recording = place.camera.recordings.find(part.key.recording_id)
        goes_on = recording is None or recording.recording_status == "recording"
        async with self.report.timed("clip"), self.web.get(signed) as answer:
            await _accept(answer)
            whole, etag = await answer.read(), answer.headers[hdrs.ETAG]
        walked = 0
        while walked < len(whole) and self.random.random() < 0.9:
            last = min(walked + self.random.choice((2, 65_536, MEGABYTE)), len(whole))
            wanted = {"Range": f"bytes={walked}-{last - 1}"}
            async with (
                self.report.timed("range of a clip"),
                self.web.get(signed, headers=wanted) as answer,
            ):
                await _accept(answer)
                if await answer.read() != whole[walked:last]:
                    if goes_on and answer.headers[hdrs.ETAG] != etag:
                        # It was made anew, as whoever begins anew gets more, or as the cache was full.
                        self.report.counts["clip of what goes on, made anew"] += 1
                        break
                    message = (
                        f"Bytes {walked}-{last} of {len(whole)} differ in a range: {part}, "
                        f"{answer.headers.get(hdrs.CONTENT_RANGE)}, {recording}"
                    )
                    raise UnexpectedError(message)
            walked = last

    async def fetch_original(self) -> None:
        """Download the camera's own file, and perhaps not all of it."""
        entry_id, part = self._part()
        signed = await self._signed(original_path(entry_id, part))
        keep = self.random.choice((10_000, 200_000, sys.maxsize))
        async with self.report.timed("original"), self.web.get(signed) as answer:
            await _accept(answer)
            with contextlib.suppress(aiohttp.ClientPayloadError):
                # It breaks off where the recording is removed or the camera starts anew.
                async for chunk in answer.content.iter_any():
                    keep -= len(chunk)
                    if keep <= 0:
                        break

    # What they have in common

    def _camera(self) -> str:
        return f"{ROOT}/{self.random.choice(list(self.places))}"

    def _part(self) -> tuple[str, RecordingPart]:
        """Return a part of a recording that the camera has at this moment."""
        entry_id, place = self.random.choice(list(self.places.items()))
        recordings = list(place.camera.recordings)[-60:]
        recording = self.random.choice(recordings)
        stop = recording.stop or place.camera.clock.now()
        length = (stop - recording.start).total_seconds()
        start = recording.start + timedelta(seconds=self.random.uniform(0, length - 1))
        return entry_id, RecordingPart(
            key=RecordingKey(recording.disk_id, recording.recording_id),
            start=start,
            end=start + timedelta(seconds=self.random.uniform(1, 25)),
        )

    def _start(self, content_id: str) -> datetime | None:
        """Return when a recording began, as long as the camera has it."""
        entry_id, _, path = content_id.removeprefix(f"{ROOT}/").partition("/play/")
        key = RecordingPart.parse(path).key
        found = self.places[entry_id].camera.recordings.find(key.recording_id)
        return found.origin if found else None

    async def _choose(self) -> dict[str, Any] | None:
        """Return something to play."""
        folder = self.random.choice(("last_24_hours", "today", "in_progress"))
        items = await self._browse(f"{self._camera()}/{folder}")
        for _ in range(3):
            if not items:
                break
            item = self.random.choice(items[:60])
            if item["can_play"]:
                return item
            items = await self._browse(item["media_content_id"])
        return None

    async def _browse(self, content_id: str) -> list[dict[str, Any]]:
        async with self.report.timed("browse"):
            folder = await self.client.command(
                "media_source/browse_media", media_content_id=content_id
            )
        children: list[dict[str, Any]] = folder["children"]
        return children

    async def _signed(self, path: str) -> str:
        signed = await self.client.command("auth/sign_path", path=path, expires=600)
        return str(signed["path"])

    async def _get(self, path: str, *, authorized: bool = False) -> bytes:
        token = self.client.tokens["access_token"]
        headers = {"Authorization": f"Bearer {token}"} if authorized else {}
        async with self.web.get(path, headers=headers) as answer:
            await _accept(answer)
            return await answer.read()

    async def _leave(self, path: str) -> None:
        """Ask for something, and hang up before it is there."""
        with contextlib.suppress(TimeoutError, RefusedError):
            async with asyncio.timeout(self.random.uniform(0.05, 2)):
                await self._get(path)
        self.report.counts["left without a word"] += 1


async def _accept(answer: aiohttp.ClientResponse) -> None:
    if answer.status in REFUSALS:
        raise RefusedError(answer.status, (await answer.text())[:60])
    if answer.status >= HTTPStatus.BAD_REQUEST:
        message = f"{answer.status}: {(await answer.text())[:200]}"
        raise UnexpectedError(message)


def _last_picture(init: bytes, data: bytes) -> tuple[datetime, float] | None:
    """Return what the clock in the last picture of a segment shows, and the picture's time."""
    with av.open(BytesIO(init + data), "r") as container:
        for frame in list(container.decode(video=0))[-1:]:
            with contextlib.suppress(ClockUnreadableError):
                return read_clock(frame).moment, float(frame.time or 0)
    return None


async def stay_logged_in(client: Client) -> None:
    """Log in again before Home Assistant forgets the log-in, until cancelled."""
    while True:
        await asyncio.sleep(LOG_IN_SECONDS)
        await client.log_in(NAME, PASSWORD)


async def cause_trouble(place: Place, random: Random, report: Report) -> None:
    """Let things happen to a camera that viewers have not asked for, until cancelled."""
    camera = place.camera
    while True:
        await asyncio.sleep(random.uniform(3, 12))
        recordings = list(camera.recordings)
        match random.choice(("remove", "remove", "clean up", "exported", "reboot")):
            case "remove":
                with contextlib.suppress(CameraError):
                    camera.remove_recording(
                        random.choice(recordings[-60:]).recording_id
                    )
                    report.counts["removed"] += 1
            case "exported" if camera.exports:
                with contextlib.suppress(CameraError):
                    export = random.choice(camera.exports)
                    camera.remove_recording(export.recording.recording_id)
                    report.counts["removed while exported"] += 1
            case "clean up":
                camera.clean_up(recordings[0].start + timedelta(minutes=20))
                report.counts["cleaned up"] += 1
            case "reboot" if random.random() < 0.3:
                camera.reboot(down=random.uniform(0.5, 4))
                report.counts["reboots"] += 1
        refill(place, random)


def refill(place: Place, random: Random) -> None:
    """Let the camera have enough to look at, some of it long."""
    camera, now = place.camera, place.camera.clock.now()
    recent = [
        each for each in camera.recordings if each.start > now - timedelta(hours=9)
    ]
    for _ in range(40 - len(recent)):
        stop = now - timedelta(minutes=random.uniform(1, 400))
        length = timedelta(minutes=random.choice((0.2, 1, 3, 9, 40, 120)))
        camera.add_recording(
            stop - length,
            stop,
            disk_id=random.choice(sorted(camera.disks)),
            gop=random.choice((1.0, 4.0, 10.0, (1.0, 7.0, 20.0))),
        )


async def sample(
    process: Process, folder: Path, places: dict[str, Place], report: Report
) -> None:
    """Look at caches, exports, threads and memory again and again, until cancelled."""
    while True:
        await asyncio.sleep(0.4)
        for entry_id, place in places.items():
            kept, all_of_it = await asyncio.to_thread(_sizes, folder / entry_id)
            report.most_cached[place.name] = max(report.most_cached[place.name], kept)
            report.most_on_disk[place.name] = max(
                report.most_on_disk[place.name], all_of_it
            )
            report.most_exports[place.name] = max(
                report.most_exports[place.name], place.server.exports_open
            )
        report.most_threads = max(report.most_threads, process.threads)
        report.most_memory = max(report.most_memory, process.memory)


def _sizes(folder: Path) -> tuple[float, float]:
    """Return how much is kept, and how much with what is being written, in MB."""
    kept = written = 0
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            with contextlib.suppress(OSError):
                size = path.stat().st_size
                if path.suffix == ".part":
                    written += size
                else:
                    kept += size
    return kept / MEGABYTE, (kept + written) / MEGABYTE


async def set_cache(client: Client, entry_id: str) -> None:
    """Choose the smallest cache."""
    path = "/api/config/config_entries/options/flow"
    step = await client.post(path, {"handler": entry_id})
    await client.post(
        f"{path}/{step['flow_id']}",
        {CONF_CACHE_SIZE: CACHE_MEGABYTES, CONF_CACHE_HOURS: 1},
    )


async def watch(
    home: Home, client: Client, places: dict[str, Place], seed: int, minutes: float
) -> Report:
    """Let everything happen for some minutes, and look at what is left of it."""
    report = Report()
    process = Process(home.pid)
    folder = home.folder / ".cache" / DOMAIN
    # What Home Assistant loads at the first use does not count.
    await client.command("media_source/browse_media", media_content_id=ROOT)
    await asyncio.sleep(3)
    threads, memory = process.threads, process.memory
    print(f"At rest: {threads} threads, {memory:.0f} MB", flush=True)

    began = time.monotonic()
    async with aiohttp.ClientSession(client.base) as web:
        viewers = [
            Viewer(client, web, places, Random(f"{seed}/{number}"), report).watch_on()  # noqa: S311 - wishes, not secrets
            for number in range(VIEWERS)
        ]
        trouble = [
            cause_trouble(place, Random(f"{seed}/{place.name}"), report)  # noqa: S311 - likewise
            for place in places.values()
        ]
        lives = [live(place.camera) for place in places.values()]
        tasks = [
            asyncio.create_task(each)
            for each in (
                *viewers,
                *trouble,
                *lives,
                sample(process, folder, places, report),
                stay_logged_in(client),
            )
        ]
        end = began + minutes * 60
        while (left := end - time.monotonic()) > 0:
            await asyncio.wait(
                tasks,
                timeout=min(left, REPORTING),
                return_when=asyncio.FIRST_EXCEPTION,
            )
            for task in tasks:
                if task.done():
                    task.result()
            report_progress(report, process, time.monotonic() - began)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.sleep(SETTLING)
    judge(report, places)
    for entry_id in places:
        path = f"/api/diagnostics/config_entry/{entry_id}"
        print((await client.get(path))["data"]["playback"])
    print(
        f"At rest again: {process.threads} threads (at most {report.most_threads}), of which "
        f"{process.workers} of the pool; {process.memory:.0f} MB (at most {report.most_memory:.0f})"
    )
    others = process.threads - process.workers
    if others > threads:
        report.problem(f"{others} threads beside the pool, {threads} before")
    return report


def report_progress(report: Report, process: Process, seconds: float) -> None:
    """Print a line."""
    cached = " + ".join(f"{each:.0f}" for each in report.most_cached.values())
    print(
        f"{seconds / 60:5.1f} min  {report.counts['begin to play']:>5} played "
        f"{report.counts['seek']:>5} sought {report.counts['play on']:>6} on "
        f"{report.counts['small picture']:>6} pictures {report.counts['clip']:>5} clips "
        f"| {process.threads} threads {process.memory:.0f} MB | at most cached {cached} MB "
        f"| {len(report.problems)} problems",
        flush=True,
    )


def judge(report: Report, places: dict[str, Place]) -> None:
    """Note what should not be."""
    for place in places.values():
        if place.server.exports_open:
            report.problem(
                f"{place.name} still has {place.server.exports_open} exports"
            )
        if report.most_cached[place.name] > CACHE_MEGABYTES + SLACK_MEGABYTES:
            report.problem(
                f"{report.most_cached[place.name]:.1f} MB were cached of {place.name}"
            )
        # One that was ended is over for the camera a little later than for us.
        if report.most_exports[place.name] > 2:
            report.problem(
                f"{place.name} had {report.most_exports[place.name]} exports at once"
            )


def judge_log(report: Report, home: Home) -> None:
    """Note what the log should not hold."""
    for record in home.trouble(DOMAIN):
        if OUT_OF_REACH.search(record) and "Traceback" not in record:
            report.counts["out of reach, in the log"] += 1
        else:
            report.problem(record)
    for record in home.records:
        if "still running at shutdown" in record:
            report.problem(record)


def print_report(report: Report) -> None:
    """Print what has happened."""
    print("\n| what | times | slowest, s |\n|---|---|---|")
    for what, count in sorted(report.counts.items()):
        slowest = f"{report.slowest[what]:.2f}" if what in report.slowest else ""
        print(f"| {what} | {count} | {slowest} |")
    for name, size in report.most_cached.items():
        print(
            f"{name}: at most {size:.1f} of {CACHE_MEGABYTES} MB cached, "
            f"{report.most_on_disk[name]:.1f} MB with what was being written; "
            f"{report.most_exports[name]} exports at once"
        )
    print(
        "Nothing was left"
        if not report.problems
        else f"{len(report.problems)} problems"
    )


async def run(minutes: float, seed: int) -> Report:
    """Run everything."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        home = Home(Path(folder), port=free_port())
        home.prepare()
        async with cameras() as both:
            for place in both:
                place.camera.bitrate = BITRATE
                refill(place, Random(f"{seed}/{place.name}/past"))  # noqa: S311 - a past, not a secret
            both[1].camera.export_speed = 8.0
            await home.start()
            try:
                async with Client(home.base) as client:
                    await client.onboard("Robin", NAME, PASSWORD)
                    places: dict[str, Place] = {}
                    for place in both:
                        entry = await client.add(DOMAIN, place.log_in)
                        places[entry["entry_id"]] = place
                        await set_cache(client, entry["entry_id"])
                    report = await watch(home, client, places, seed, minutes)
            finally:
                stopping = time.monotonic()
                await home.stop()
            took = time.monotonic() - stopping
            print(f"Home Assistant stopped within {took:.1f} s")
            if took > STOPPING:
                report.problem(f"Home Assistant took {took:.1f} s to stop")
            judge_log(report, home)
            return report


def main() -> None:
    """Read the command line, run, and print the result."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.soak", description=__doc__
    )
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    report = asyncio.run(run(options.minutes, options.seed))
    print_report(report)
    sys.exit(bool(report.problems))


if __name__ == "__main__":
    main()
