"""A process that is there to be killed: it follows a camera and saves videos, and is as little of Home Assistant as that takes.

Started by `tests.bench.kill.process`. What it reports is appended to a file, in the same moment as an automation would hear
of it.
"""

import asyncio
from contextlib import suppress
from itertools import count
import json
import os
from random import Random
import signal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import aiohttp
from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntries,
    ConfigEntry,
    ConfigEntryState,
)
from homeassistant.core import CoreState, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError

from custom_components.axis_recordings.const import DOMAIN
from custom_components.axis_recordings.helpers.threads import in_thread
from custom_components.axis_recordings.recordings.extent import TimeRange
from custom_components.axis_recordings.runtime import (
    AxisRecordingsConfigEntry,
    async_create,
)
from custom_components.axis_recordings.services.files import write
from custom_components.axis_recordings.services.saver import FileFormat, Piece, Saver
from custom_components.axis_recordings.services.unfinished import (
    find_notes,
    remove_unfinished,
)
from custom_components.axis_recordings.vapix import (
    Address,
    RecordingQuery,
    VapixClient,
)

from .videos import VIDEO

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from custom_components.axis_recordings.activity.models import Activity
    from custom_components.axis_recordings.vapix import Recording

PAUSE: Final = 0.05
"""Between two polls, in seconds."""
ENTRY: Final = "victim"
REPORTED: Final = "reported"
MEDIA: Final = "media"


class Victim:
    """The integration's own parts, put together for one camera."""

    def __init__(self, folder: Path, client: VapixClient, seed: str) -> None:
        """Live in a folder; nothing is done yet."""
        self._folder = folder
        self._random = Random(seed)  # noqa: S311
        self._hass = HomeAssistant(str(folder))
        self._hass.config.media_dirs = {"local": str(folder / MEDIA)}
        self._hass.config.allowlist_external_dirs = {str(folder / MEDIA)}
        self._hass.config_entries = ConfigEntries(self._hass, {})
        self._hass.set_state(CoreState.running)
        self._entry: AxisRecordingsConfigEntry = ConfigEntry(
            domain=DOMAIN,
            entry_id=ENTRY,
            title="Camera",
            unique_id=None,
            data={},
            options={},
            source=SOURCE_USER,
            version=1,
            minor_version=1,
            discovery_keys=MappingProxyType({}),
            subentries_data=(),
            state=ConfigEntryState.SETUP_IN_PROGRESS,
        )
        self._reported = os.open(
            folder / REPORTED, os.O_WRONLY | os.O_APPEND | os.O_CREAT
        )
        self._camera = async_create(self._hass, self._entry, client)

    async def live(self) -> None:
        """Follow the camera and save videos, until asked to stop."""
        self._report("begun")
        await in_thread(remove_unfinished, find_notes(self._hass))
        stopped = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
        camera = self._camera
        camera.activity.async_add_listener(self._note)
        await camera.recordings.async_config_entry_first_refresh()
        await camera.player.async_open()
        self._entry._async_set_state(self._hass, ConfigEntryState.LOADED, None)
        camera.activity.async_start()
        working = [asyncio.create_task(work) for work in (self._poll(), self._save())]
        await stopped.wait()
        for task in working:
            task.cancel()
        await asyncio.wait(working)
        await camera.activity.async_pause()
        await camera.async_close()
        await self._hass.async_stop(force=True)

    def _report(self, *what: str) -> None:
        os.write(self._reported, f"{json.dumps(what)}\n".encode())

    @callback
    def _note(self, activity: Activity) -> None:
        self._report(activity.type, *activity.recording.key)

    async def _poll(self) -> None:
        is_ready = False
        while True:
            await self._camera.recordings.async_refresh()
            # Polls of the product are much rarer: it has processed one before the next.
            while self._camera.activity._polls.is_running:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            disks = self._camera.activity.diagnostics["disks"]
            if not is_ready and disks and all(disk["is_complete"] for disk in disks):
                is_ready = True
                self._report("ready")
            await asyncio.sleep(PAUSE)

    async def _save(self) -> None:
        """Save one file after the other, of all kinds: new ones, and some over those that are there."""
        videos = [
            each
            async for page in self._camera.client.pages(
                RecordingQuery(recording_id="all")
            )
            for each in page.recordings
            if each.recording_id.startswith(VIDEO)
        ]
        kinds: list[Callable[..., Awaitable[Any]]] = [
            self._mp4,
            self._range,
            self._original,
            self._picture,
        ]
        for number in count():
            kind = self._random.choice(kinds)
            overwrite = self._random.random() < 0.3
            name = f"{kind.__name__[1:]}-{'old' if overwrite else f'{os.getpid()}-{number}'}"
            path = self._folder / MEDIA / name
            with suppress(HomeAssistantError):
                await kind(self._random.sample(videos, 2), path, overwrite)

    async def _mp4(self, videos: list[Recording], path: Path, overwrite: bool) -> None:
        saver = self._saver(path.with_suffix(".mp4"), overwrite=overwrite)
        await saver.save([_whole(videos[0])], FileFormat.MP4)

    async def _range(
        self, videos: list[Recording], path: Path, overwrite: bool
    ) -> None:
        saver = self._saver(path.with_suffix(".mp4"), overwrite=overwrite)
        await saver.save([_whole(each) for each in videos], FileFormat.MP4)

    async def _original(
        self, videos: list[Recording], path: Path, overwrite: bool
    ) -> None:
        saver = self._saver(path.with_suffix(".mkv"), overwrite=overwrite)
        await saver.save([_whole(videos[0])], FileFormat.ORIGINAL)

    async def _picture(
        self, videos: list[Recording], path: Path, overwrite: bool
    ) -> None:
        start = videos[0].start
        assert start is not None
        picture, _ = await self._camera.player.images.async_snapshot_at(
            videos[0], start
        )
        target = path.with_suffix(".jpg")
        await in_thread(write, self._hass, target, picture, overwrite=overwrite)

    def _saver(self, target: Path, *, overwrite: bool) -> Saver:
        return Saver(
            self._camera, target, overwrite=overwrite, progress=lambda _part: None
        )


def _whole(video: Recording) -> Piece:
    assert video.start is not None
    assert video.end is not None
    return Piece(recording=video, span=TimeRange(video.start, video.end))


async def live(
    folder: Path, address: Address, account: tuple[str, str], seed: str
) -> None:
    """Live until asked to stop."""
    async with aiohttp.ClientSession() as session:
        await Victim(folder, VapixClient(session, address, *account), seed).live()


def be_victim(*given: Any) -> None:
    """Live in a process of its own."""
    asyncio.run(live(*given))
