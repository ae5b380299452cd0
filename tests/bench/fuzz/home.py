"""Changed answers of all kinds at a real Home Assistant, with a good camera beside.

Whatever the hostile camera says: no traceback in the log, no block of the event loop, no growth, and the good
camera goes on. When it answers well again, everything of it works again.
"""

import asyncio
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
import gc
from pathlib import Path
from random import Random
import tempfile
import time
import traceback
from typing import TYPE_CHECKING, Any, Final

from homeassistant.components import media_source
from homeassistant.components.media_player import SearchMediaQuery
from homeassistant.config_entries import ConfigEntryState
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er

from custom_components.axis_recordings.check.run import CHECK_SECONDS, COMMANDS_SECONDS
from custom_components.axis_recordings.const import DOMAIN
from custom_components.axis_recordings.diagnostics import (
    async_get_config_entry_diagnostics,
)
from custom_components.axis_recordings.playback.errors import PlaybackError
from custom_components.axis_recordings.recordings.part import RecordingPart
from custom_components.axis_recordings.vapix import VapixError
from tests.bench.ways import running

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
    from collections.abc import Awaitable, Callable

    from homeassistant.core import HomeAssistant

    from custom_components.axis_recordings.runtime import (
        AxisRecordingsConfigEntry,
    )

ACTIONS: Final = 25
"""So much is asked for with each seed."""
SHARE: Final = 0.4
"""So many answers are changed: of a camera that always answers oddly, little is ever asked."""
GOOD: Final = "B8A44F900D00"
PATIENCE: Final = 90.0
PATIENCE_WITH_CHECKS: Final = CHECK_SECONDS + COMMANDS_SECONDS + PATIENCE
RECOVERY: Final = 120.0
"""So long it may take until a camera that answers well again is in use again."""


_ANSWERING: Final = ("search", "start", "get_events", "link", "snapshot", "check")
"""The actions of which the answer is wanted, or that do nothing else."""


class Run:
    """One Home Assistant, a good and a hostile camera."""

    def __init__(
        self,
        hass: HomeAssistant,
        hostile: Hostile,
        bad: AxisRecordingsConfigEntry,
        good: AxisRecordingsConfigEntry,
    ) -> None:
        """Use two cameras that are loaded."""
        self._hass = hass
        self._hostile = hostile
        self._bad = bad
        self._good = good
        self.outcomes: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._memory = MemoryWatcher()
        self._memory.growth()

    async def try_seed(
        self, seed: int, watcher: LoopWatcher, tracebacks: Tracebacks
    ) -> None:
        """Do what the seed draws while answers are changed."""
        random = Random(f"home {seed}")  # noqa: S311
        await self._hostile.spoil(SHARE, seed)
        for number in range(ACTIONS):
            name, act = self.draw(random)
            patience = PATIENCE_WITH_CHECKS if "check" in name else PATIENCE
            began = time.monotonic()
            try:
                async with asyncio.timeout(patience):
                    await act()
                self.outcomes[f"{name}: done"] += 1
            except (HomeAssistantError, VapixError, PlaybackError) as err:
                self.outcomes[f"{name}: {type(err).__name__}"] += 1
            except TimeoutError:
                self._note(seed, name, f"never ends ({patience:.0f} s)")
            # Whatever it is, it is what this looks for.
            except Exception:  # noqa: BLE001
                self._note(seed, name, traceback.format_exc(limit=-4))
            took = time.monotonic() - began
            self.seconds[name] += took
            if (held := watcher.take()) > LONGEST_BLOCK:
                self._note(seed, name, f"held the loop {held:.2f} s of {took:.1f} s")
            for line in tracebacks.take():
                self._note(seed, name, line)
            if not self._good.runtime_data.recordings.last_update_success:
                self._note(seed, name, "the good camera is not available")
            if number % 5 == 0:
                await self._hostile.live(random.getrandbits(32))

    async def recover(self, seed: int) -> None:
        """Let the camera answer well again, and see that it is used again."""
        await self._hostile.spoil(0, seed)
        began = time.monotonic()
        while not self._is_well():
            if time.monotonic() - began > RECOVERY:
                state = self._bad.state.value
                self._note(seed, "recovery", f"not in use again ({state})")
                break
            if self._bad.state is ConfigEntryState.LOADED:
                await self._bad.runtime_data.recordings.async_refresh()
            await asyncio.sleep(1)
        for flow in self._hass.config_entries.flow.async_progress_by_handler(DOMAIN):
            self._hass.config_entries.flow.async_abort(flow["flow_id"])
        gc.collect()
        if (growth := self._memory.growth()) > MOST_GROWTH:
            self._note(seed, "memory", f"grew by {growth:.0f} MB")
        print(
            f"up to seed {seed}: {await self._hostile.mutated()} changed answers, "
            f"{self.faults.total()} faults, {growth:+.0f} MB",
            flush=True,
        )

    def _is_well(self) -> bool:
        return (
            self._bad.state is ConfigEntryState.LOADED
            and self._bad.runtime_data.recordings.last_update_success
            and bool(self._bad.runtime_data.recordings.data.total)
        )

    def _note(self, seed: int, name: str, what: str) -> None:
        self.faults[f"{name}: {what.strip().splitlines()[-1]}"] += 1
        print(f"seed {seed}, {name}: {what}", flush=True)

    def draw(self, random: Random) -> tuple[str, Callable[[], Awaitable[object]]]:
        """Return something to ask of the hostile camera, and what it is called."""
        return random.choice(
            self._actions(random)
            if self._bad.state is ConfigEntryState.LOADED
            else [("reload", self._reload)]
        )

    def _actions(
        self, random: Random
    ) -> list[tuple[str, Callable[[], Awaitable[object]]]]:
        entity = self._entity("switch")
        now = datetime.now(UTC)
        span = {
            "start_time": (now - timedelta(days=random.randrange(1, 9))).isoformat(),
            "end_time": now.isoformat(),
        }

        def call(
            service: str, domain: str = DOMAIN, **data: Any
        ) -> Callable[[], Awaitable[object]]:
            return lambda: self._hass.services.async_call(
                domain,
                service,
                data,
                blocking=True,
                return_response=service in _ANSWERING,
                target={"entity_id": data.pop("target", entity)},
            )

        folder = f"media-source://{DOMAIN}"
        data = self._bad.runtime_data
        return [
            ("poll", data.recordings.async_refresh),
            ("poll", data.recordings.async_refresh),
            ("poll of disks", data.disks.async_refresh),
            ("walk", self._walk),
            ("browse", lambda: self._browse(folder, random)),
            ("play", lambda: self._play(folder, random)),
            (
                "diagnostics",
                lambda: async_get_config_entry_diagnostics(self._hass, self._bad),
            ),
            ("search", call("search", **span)),
            ("start", call("start", duration={"seconds": 30})),
            ("stop", call("stop")),
            ("switch on", call("turn_on", "switch")),
            ("switch off", call("turn_off", "switch")),
            ("link", call("link", recording_id=self._some_id(random))),
            ("remove", call("remove", recording_id=[self._some_id(random)])),
            *(
                (
                    f"save as {kind}",
                    call(
                        "save",
                        filename=f"{kind}.mp4",
                        recording_id=self._some_id(random),
                        format=kind,
                        overwrite=True,
                    ),
                )
                for kind in ("mp4", "original")
            ),
            ("snapshot", call("snapshot", time=self._some_time(random).isoformat())),
            ("mount", call("mount_disk", disk="SD_DISK")),
            (
                "unmount",
                call(
                    "unmount_disk",
                    disk="SD_DISK",
                    interrupt_recordings=random.random() < 0.5,
                ),
            ),
            ("check", call("check")),
            ("check with recordings", call("check", own_recordings=True)),
            ("media search", lambda: self._search(folder)),
            ("television", lambda: self._show(folder, random, "media_player.tv")),
            ("image", lambda: self._poll(folder, random)),
            ("thumbnail", lambda: self._thumbnail(folder, random)),
            (
                "calendar",
                call(
                    "get_events",
                    "calendar",
                    target=self._entity("calendar"),
                    start_date_time=span["start_time"],
                    end_date_time=span["end_time"],
                ),
            ),
            ("reload", self._reload),
        ]

    def _entity(self, domain: str) -> str:
        registry = er.async_get(self._hass)
        return next(
            each.entity_id
            for each in er.async_entries_for_config_entry(registry, self._bad.entry_id)
            if each.domain == domain
        )

    def _some_id(self, random: Random) -> str:
        newest = self._bad.runtime_data.recordings.data.newest
        return newest.recording_id if newest and random.random() < 0.8 else "none"

    def _some_time(self, random: Random) -> datetime:
        """Return a moment that the camera may have recorded."""
        newest = self._bad.runtime_data.recordings.data.newest
        start = newest.start if newest and newest.start else datetime.now(UTC)
        return start + timedelta(seconds=random.randrange(-60, 60))

    async def _walk(self) -> None:
        self._bad.runtime_data.activity.async_walk()
        await asyncio.sleep(0.3)

    async def _reload(self) -> None:
        await self._hass.config_entries.async_reload(self._bad.entry_id)

    async def _browse(self, folder: str, random: Random) -> str | None:
        """Open folders down to something that can be played, and return that."""
        for _ in range(4):
            found = await media_source.async_browse_media(self._hass, folder)
            children = [
                each for each in found.children or () if each.title != "Good camera"
            ]
            if not children:
                return None
            child = random.choice(children)
            if child.can_play:
                return str(child.media_content_id)
            folder = str(child.media_content_id)
        return None

    async def _search(self, folder: str) -> None:
        query = SearchMediaQuery(search_query="motion")
        await media_source.async_search_media(self._hass, folder, query)

    async def _show(self, folder: str, random: Random, player: str) -> None:
        """Make a file for a television."""
        if found := await self._browse(folder, random):
            await media_source.async_resolve_media(self._hass, found, player)

    async def _poll(self, folder: str, random: Random) -> None:
        """Make a picture, as for an AI task."""
        if found := await self._browse(folder, random):
            await media_source.async_get_media_image(self._hass, found)

    async def _thumbnail(self, folder: str, random: Random) -> None:
        """Make a small picture, as lists show it."""
        if found := await self._browse(folder, random):
            part = RecordingPart.parse(found.partition("/play/")[2])
            await self._bad.runtime_data.player.images.async_thumbnail(part)

    async def _play(self, folder: str, random: Random) -> None:
        if (found := await self._browse(folder, random)) is None:
            return
        await media_source.async_resolve_media(self._hass, found, None)
        for session in list(self._bad.runtime_data.player.sessions.values()):
            number = session.part.source.grid.containing(session.begin)
            await session.segment(number)
        self._bad.runtime_data.player.sessions.clear()


async def add(hass: HomeAssistant, port: int, name: str) -> AxisRecordingsConfigEntry:
    """Add a camera through the config flow."""
    flow = await hass.config_entries.flow.async_init(
        DOMAIN,
        context={"source": "user"},
        data={
            "host": "127.0.0.1",
            "username": "operator",
            "password": "operator-secret",
            "connection": {"port": port, "protocol": "http"},
        },
    )
    entry: AxisRecordingsConfigEntry = flow["result"]
    hass.config_entries.async_update_entry(entry, title=name)
    return entry


async def fuzz_home(seeds: range) -> int:
    """Live with a hostile camera for so many seeds; print a summary, and return how much is wrong."""
    with tempfile.TemporaryDirectory() as folder, Tracebacks() as tracebacks:
        async with (
            running(Path(folder)) as hass,
            hostile_camera(keep=False, share=0) as bad,
            hostile_camera(keep=False, share=0, serial=GOOD) as good,
            LoopWatcher() as watcher,
        ):
            hass.config.media_dirs = {"local": folder}
            hass.config.allowlist_external_dirs = {folder}
            run = Run(
                hass,
                bad,
                await add(hass, bad.port, "Hostile camera"),
                await add(hass, good.port, "Good camera"),
            )
            watcher.take()
            tracebacks.take()
            for seed in seeds:
                await run.try_seed(seed, watcher, tracebacks)
                await run.recover(seed)
                watcher.take()
            for line in tracebacks.take():
                run._note(seeds[-1], "the end", line)
    print(*(f"{name} {spent:.0f} s," for name, spent in slowest(run.seconds)))
    for outcome, times in run.outcomes.most_common():
        print(f"{times:8} {outcome}")
    for fault, times in run.faults.most_common():
        print(f"{times:8} FAULT {fault}")
    return run.faults.total()
