"""How soon Home Assistant shows that a camera records, and how many requests that takes.

Each recording is begun as a rule of the camera does, at a random moment, and timed until the state of
"Recording in progress" has changed. With push, in real time. With polling only, waiting would take hours:
the wait for the next poll, anything up to the interval, is drawn, and the poll itself is timed.
"""

import argparse
import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta
import logging
from pathlib import Path
from random import Random
from statistics import median
import tempfile
import time
from typing import TYPE_CHECKING, Final

from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers.event import async_track_state_change_event

from tests.camera import Camera, CameraServer, Quirks
from tests.e2e.cameras import Place

from .ways import running

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from custom_components.axis_recordings.runtime import AxisRecordingsData

ENTITY: Final = "binary_sensor.front_camera_recording_in_progress"
HOUR: Final = timedelta(hours=1)


@asynccontextmanager
async def added(
    hass: HomeAssistant, quirks: Quirks
) -> AsyncGenerator[tuple[Place, AxisRecordingsData]]:
    """Put a camera on the network and add it."""
    camera = Camera(recordings=1000, quirks=quirks)
    async with CameraServer(camera) as server:
        place = Place(camera, server)
        flow = await hass.config_entries.flow.async_init(
            "axis_recordings", context={"source": "user"}, data=place.log_in
        )
        entry = flow["result"]
        await asyncio.sleep(2)
        yield place, entry.runtime_data
        await hass.config_entries.async_remove(entry.entry_id)


async def shown(hass: HomeAssistant, state: str) -> float:
    """Wait until the state is shown, and return when."""
    done: asyncio.Future[float] = hass.loop.create_future()

    @callback
    def changed(event: Event[EventStateChangedData]) -> None:
        new = event.data["new_state"]
        if new is not None and new.state == state and not done.done():
            done.set_result(time.perf_counter())

    remove = async_track_state_change_event(hass, ENTITY, changed)
    try:
        return await done
    finally:
        remove()


async def measure(
    hass: HomeAssistant,
    place: Place,
    data: AxisRecordingsData,
    count: int,
) -> list[float]:
    """Return the seconds from each beginning to its state."""
    random = Random(1)  # noqa: S311 - moments, not secrets
    seconds = []
    for _ in range(count):
        await asyncio.sleep(random.uniform(0.01, 0.05))
        waiting = asyncio.create_task(shown(hass, "on"))
        await asyncio.sleep(0)
        began = time.perf_counter()
        recording_id = place.camera.start_recording()
        waited = 0.0
        if not data.events.is_healthy:
            assert data.recordings.update_interval
            waited = random.uniform(0, data.recordings.update_interval.total_seconds())
            await data.recordings.async_refresh()
        seconds.append(await waiting - began + waited)
        waiting = asyncio.create_task(shown(hass, "off"))
        await asyncio.sleep(0)
        place.camera.end_recording(recording_id)
        if not data.events.is_healthy:
            await data.recordings.async_refresh()
        await waiting
    return seconds


async def requests(place: Place, data: AxisRecordingsData) -> float:
    """Return the requests in an hour: those of one poll, counted, by the interval after it."""
    # The first one after a change may have more to ask.
    await data.recordings.async_refresh()
    before = len(place.server.requests)
    await data.recordings.async_refresh()
    counted = len(place.server.requests) - before
    assert data.recordings.update_interval
    return counted * (HOUR / data.recordings.update_interval)


async def main(folder: Path, count: int) -> None:
    """Print the table."""
    print(
        "| way | median, s | worst, s | requests an hour, idle | recording |\n"
        "|---|---|---|---|---|"
    )
    async with running(folder) as hass:
        for name, quirks in (
            ("push", Quirks()),
            ("polling only", Quirks(event_stream=None)),
        ):
            async with added(hass, quirks) as (place, data):
                seconds = await measure(hass, place, data, count)
                # Until nothing is news any more.
                await asyncio.sleep(26 if data.events.is_healthy else 0)
                idle = await requests(place, data)
                place.camera.start_recording()
                await data.recordings.async_refresh()
                recording = await requests(place, data)
                print(
                    f"| {name:<12} | {median(seconds):>7.3f} | {max(seconds):>7.3f} "
                    f"| {idle:>5.0f} | {recording:>5.0f} |",
                    flush=True,
                )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Latency of states, in seconds.")
    parser.add_argument("--count", type=int, default=200, help="recordings to time")
    # What Home Assistant lacks on this machine does not belong into the table.
    logging.disable()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
        asyncio.run(main(Path(temporary), parser.parse_args().count))
