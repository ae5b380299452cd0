"""Ways from a camera's video to a player, each in a Home Assistant of its own.

Started by `tests.bench.playback`, which talks to it line by line in JSON: a command on the standard input,
its result on the standard output.
"""

import asyncio
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
import json
from pathlib import Path
import sys
import time
from typing import TYPE_CHECKING, Any, Final, NamedTuple, override
from urllib.parse import urlencode, urlsplit

import av
from homeassistant import bootstrap, runner
from homeassistant.components.camera import DynamicStreamSettings
from homeassistant.components.stream import create_stream
from homeassistant.components.stream.const import HLS_PROVIDER
from homeassistant.setup import async_setup_component

from custom_components.axis_recordings.const import DOMAIN
from custom_components.axis_recordings.recordings.part import RecordingPart
from custom_components.axis_recordings.users.requester import Requester
from custom_components.axis_recordings.vapix import MATROSKA, RecordingKey
from tests.bench.process import Process
from tests.e2e.home import Home, free_port

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from homeassistant.components.stream.core import StreamOutput
    from homeassistant.core import HomeAssistant

    from custom_components.axis_recordings.runtime import (
        AxisRecordingsConfigEntry,
        AxisRecordingsData,
    )

# How long a player plays before somebody seeks.
WATCHED: Final = 3
SEEK: Final = timedelta(minutes=4)
"""From the beginning of the part: far beyond what has arrived by then."""
# So long after the end, nothing more comes from the camera.
SETTLING: Final = 1.0


class Wanted(NamedTuple):
    """A part of a recording."""

    data: AxisRecordingsData
    url: str
    """Of the camera, with the log-in."""
    key: RecordingKey
    start: datetime
    stop: datetime

    @property
    def part(self) -> RecordingPart:
        """The part, as the integration names it."""
        return RecordingPart(key=self.key, start=self.start, end=self.stop)


class Ours:
    """Segments that are exported when they are asked for."""

    def __init__(self, hass: HomeAssistant, folder: Path) -> None:
        """Need nothing."""

    async def watch(self, wanted: Wanted) -> dict[str, float | None]:
        """Play, seek and seek back; return how long each took, in seconds."""
        player = wanted.data.player
        began = time.perf_counter()
        await self._begin(wanted)
        (session,) = player.sessions.values()
        number = session.part.source.grid.containing(session.begin)
        segment = partial(session.segment, index=session.first)
        await segment(number)
        first = time.perf_counter() - began
        for following in range(1, WATCHED):
            await segment(number + following)
        far = number + int(SEEK.total_seconds() / session.part.source.grid.length)
        seek = await _timed(segment(far))
        back = await _timed(segment(number + 1))
        player.sessions.clear()
        return {"first": first, "seek": seek, "back": back}

    async def clip(self, wanted: Wanted) -> float:
        """Return how long it takes to make an MP4, in seconds."""
        return await _timed(wanted.data.player.async_clip(wanted.part))

    async def _begin(self, wanted: Wanted) -> None:
        await wanted.data.player.async_play(wanted.part, Requester())


class Moment(Ours):
    """The same, by a playlist of the camera."""

    @override
    async def _begin(self, wanted: Wanted) -> None:
        await wanted.data.player.async_play_at(wanted.start, Requester())


class Whole:
    """Download it whole, make an MP4 of it, and play that."""

    def __init__(self, hass: HomeAssistant, folder: Path) -> None:
        """Keep the files in a folder."""
        self._folder = folder

    async def watch(self, wanted: Wanted) -> dict[str, float | None]:
        """Wait until it is there; from then on all of it is."""
        first = await self.clip(wanted)
        return {"first": first, "seek": 0.0, "back": 0.0}

    async def clip(self, wanted: Wanted) -> float:
        """Return how long it takes to make an MP4, in seconds."""
        return await _timed(self._download(wanted))

    async def _download(self, wanted: Wanted) -> None:
        path = self._folder / "video.mkv"
        with path.open("wb") as file:
            async with wanted.data.client.open_export(
                wanted.key, wanted.start, wanted.stop, export_format=MATROSKA
            ) as export:
                async for chunk in export.chunks():
                    await asyncio.to_thread(file.write, chunk)
        await asyncio.to_thread(_remux, path, path.with_suffix(".mp4"))


class Stream:
    """Home Assistant's own component for live streams."""

    def __init__(self, hass: HomeAssistant, folder: Path) -> None:
        """Take the one that streams are made in."""
        self._hass = hass

    async def watch(self, wanted: Wanted) -> dict[str, float | None]:
        """Play; there is nothing else that it could do with the past."""
        await async_setup_component(self._hass, "stream", {})
        began = time.perf_counter()
        stream = create_stream(
            self._hass,
            _export_url(wanted),
            {},
            DynamicStreamSettings(),
        )
        provider = stream.add_provider(HLS_PROVIDER)
        await stream.start()
        await _first_part(provider)
        first = time.perf_counter() - began
        # As long as the others play and seek.
        await asyncio.sleep(2 * WATCHED)
        await stream.stop()
        return {"first": first, "seek": None, "back": None}


WAYS: Final[dict[str, Callable[[HomeAssistant, Path], Any]]] = {
    "ours": Ours,
    "moment": Moment,
    "whole": Whole,
    "stream": Stream,
}


async def _timed(work: Any) -> float:
    began = time.perf_counter()
    await work
    return time.perf_counter() - began


async def _first_part(provider: StreamOutput) -> None:
    """Wait for what a player of low-latency HLS would begin with."""
    while provider.last_segment is None or not provider.last_segment.parts:  # noqa: ASYNC110 - its events come with segments only
        await asyncio.sleep(0.01)


def _export_url(wanted: Wanted) -> str:
    moments = {
        name: f"{moment:%Y-%m-%dT%H:%M:%S.%fZ}"
        for name, moment in (("starttime", wanted.start), ("stoptime", wanted.stop))
    }
    query = {
        "schemaversion": "1",
        "recordingid": wanted.key.recording_id,
        "diskid": wanted.key.disk_id,
        **moments,
        "exportformat": MATROSKA,
    }
    return f"{wanted.url}/axis-cgi/record/export/exportrecording.cgi?{urlencode(query)}"


def _remux(source: Path, target: Path) -> None:
    with (
        av.open(source, "r") as source_file,
        av.open(target, "w", options={"movflags": "faststart"}) as file,
    ):
        stream = source_file.streams.video[0]
        copy = file.add_stream_from_template(stream)
        for packet in source_file.demux(stream):
            if packet.dts is not None:
                packet.stream = copy
                file.mux(packet)


@asynccontextmanager
async def running(folder: Path) -> AsyncGenerator[HomeAssistant]:
    """Run a Home Assistant in this process."""
    Home(folder, port=free_port()).prepare()
    hass = await bootstrap.async_setup_hass(
        runner.RuntimeConfig(str(folder), skip_pip=True)
    )
    assert hass is not None
    await hass.async_start()
    try:
        yield hass
    finally:
        await hass.async_stop(force=True)


async def _wanted(hass: HomeAssistant, command: dict[str, Any]) -> Wanted:
    """Return the video of a command, whose camera is added if it is not known."""
    port = urlsplit(command["url"]).port
    entries: list[AxisRecordingsConfigEntry] = hass.config_entries.async_entries(DOMAIN)
    entry = next((each for each in entries if each.data["port"] == port), None)
    if entry is None:
        flow = await hass.config_entries.flow.async_init(
            DOMAIN, context={"source": "user"}, data=command["log_in"]
        )
        entry = flow["result"]
        await hass.async_block_till_done(wait_background_tasks=True)
    return Wanted(
        entry.runtime_data,
        command["url"],
        RecordingKey(command["disk_id"], command["recording_id"]),
        datetime.fromisoformat(command["start"]),
        datetime.fromisoformat(command["stop"]),
    )


async def main() -> None:
    """Do as asked until there is nothing more."""
    way_name, folder = sys.argv[1], Path(sys.argv[2])
    process = Process("self")
    loop = asyncio.get_running_loop()
    async with running(folder) as hass:
        way = WAYS[way_name](hass, folder)
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            command = json.loads(line)
            wanted = await _wanted(hass, command)
            before = process.memory
            process.forget()
            result = await getattr(way, command["do"])(wanted)
            memory = process.most_memory - before
            await asyncio.sleep(SETTLING)
            print(json.dumps([result, memory]), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
