"""Check a camera that is set up, and remember how it answered."""

import asyncio
from dataclasses import asdict
import time
from typing import TYPE_CHECKING, Final

from homeassistant.const import CONF_HOST, CONF_USERNAME

from ..helpers.context import async_begin
from ..helpers.supervision import Guard, survive
from ..playback.export_queue import Priority
from .run import check_camera

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from homeassistant.util.json import JsonObjectType

    from ..coordinator import RecordingsCoordinator
    from ..disks.coordinator import DisksCoordinator
    from ..playback.export_queue import ExportQueue
    from .commands import IsOurs, Start

# How long somebody who downloads the diagnostics waits for a check. Most cameras are done by then.
DOWNLOAD_SECONDS: Final = 15.0


class CameraCheck:
    """Checks one camera, and knows how it answered last."""

    def __init__(
        self,
        hass: HomeAssistant,
        recordings: RecordingsCoordinator,
        disks: DisksCoordinator,
        queue: ExportQueue,
    ) -> None:
        """Prepare; nothing is asked of the camera."""
        self._hass = hass
        self._recordings = recordings
        self._disks = disks
        self._queue = queue
        self._last: JsonObjectType | None = None
        self._checked = 0.0
        """When that was, by our monotonic clock."""
        self._guard = Guard(recordings.config_entry, "check")
        self._reading: asyncio.Task[None] | None = None
        """A check that only reads, for the diagnostics."""

    async def async_run(
        self, *, start: Start | None = None, is_ours: IsOurs = lambda _: True
    ) -> JsonObjectType:
        """Return how the camera answers: to what only reads, unless there is a way to start recordings of our own."""
        queue = self._queue
        report = await check_camera(
            self._recordings.client.http,
            secrets=self._names(),
            export_turn=lambda: queue.hold(queue.new_ticket(Priority.JOB)),
            start=start,
            is_ours=is_ours,
        )
        device = self._recordings.device
        answer: JsonObjectType = {
            "model": device.model,
            "firmware": device.firmware,
            "own_recordings": start is not None,
            **asdict(report),
        }
        self.note(answer)
        return answer

    def note(self, answer: JsonObjectType) -> None:
        """Remember how the camera has answered just now."""
        self._last, self._checked = answer, time.monotonic()

    async def async_latest(self) -> JsonObjectType:
        """Return how the camera has answered when it was last checked; if it never was, it is now.

        Nobody waits long for that. It goes on meanwhile, and is there the next time.
        """
        if self._last is None:
            if self._reading is None or self._reading.done():
                self._reading = async_begin(
                    self._hass,
                    self._recordings.config_entry,
                    survive(self._guard, self._read()),
                    "check",
                )
            await asyncio.wait([self._reading], timeout=DOWNLOAD_SECONDS)
            if self._last is None:
                return {
                    "open": "failed, see Home Assistant's log"
                    if self._reading.done()
                    else "not done yet, download the diagnostics again in a minute"
                }
        age = time.monotonic() - self._checked
        return self._last | {"age_in_hours": round(age / 3600, 1)}

    async def _read(self) -> None:
        await self.async_run()

    def _names(self) -> set[str]:
        """Return what people have named, and where and who the camera is."""
        entry, listed = self._recordings.config_entry, self._recordings.data.listed
        names = {
            *(entry.data[CONF_HOST], entry.data[CONF_USERNAME]),
            *(entry.title, self._recordings.device.serial),
            *(disk.name for disk in self._disks.listed),
            *(each.event_id for each in listed),
            *(each.event_trigger for each in listed),
        }
        return names - {"", "continuous"}
