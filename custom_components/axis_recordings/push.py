"""Listen to what a camera tells by itself, so that polls come at the right moment.

An event says only that something has changed, and old cameras have none: polls alone are right, only
slower. So nothing here is worth a warning.
"""

import asyncio
from contextlib import suppress
from random import uniform
import time
from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from .const import DOMAIN, LOGGER
from .vapix import (
    AuthenticationError,
    BusyError,
    MissingRightsError,
    NotSupportedError,
    StorageEvent,
    StorageTopic,
    VapixError,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from .coordinator import AxisRecordingsCoordinator

FIRST_DELAY: Final = 5.0
LONGEST_DELAY: Final = 300.0
# A camera gets events with an update, and an account gets rights: neither happens often.
PERMANENT_DELAY: Final = 6 * 3600.0
PERMANENT: Final = (NotSupportedError, MissingRightsError, AuthenticationError)
# A stream that is lost sooner, again and again, is tried more and more rarely.
STABLE_SECONDS: Final = 60.0
# Cameras may list a recording some seconds after they have told of it.
LISTING_DELAYS: Final = (1.0, 2.0, 4.0, 8.0)
# For as long, what was told may not be listed completely.
NEWS_SECONDS: Final = 25.0

type StorageListener = Callable[[StorageEvent | None], None]


class Push:
    """The event stream of one camera."""

    def __init__(
        self, hass: HomeAssistant, coordinator: AxisRecordingsCoordinator
    ) -> None:
        """Poll with the coordinator when there is news."""
        self._hass = hass
        self._coordinator = coordinator
        self._listeners: dict[object, StorageListener] = {}
        self._news = asyncio.Event()
        self._poller: asyncio.Task[None] | None = None
        self._cancel_timer: CALLBACK_TYPE | None = None
        self._failures = 0
        self._since = 0.0
        self._last_news = -NEWS_SECONDS
        self._has_told_to_work: bool | None = None
        self.is_healthy = False
        """Whether the camera is telling us what happens."""
        self.last_error: VapixError | None = None
        """Why it did not, the last time."""
        self.storage_states: dict[tuple[StorageTopic, str | None], bool] = {}
        """What it has told last, by topic and disk; empty while it tells nothing."""
        self.connects = 0
        self.events_received = 0

    @property
    def is_restless(self) -> bool:
        """Return whether something goes on by the camera's word, or has just happened."""
        return self._is_recording is True or (
            time.monotonic() - self._last_news < NEWS_SECONDS
        )

    @property
    def diagnostics(self) -> dict[str, Any]:
        """Return what helps to find a fault."""
        return {
            "is_healthy": self.is_healthy,
            "last_error": None if self.last_error is None else str(self.last_error),
            "connects": self.connects,
            "events_received": self.events_received,
            "storage_states": [
                {"topic": topic, "disk_id": disk_id, "active": active}
                for (topic, disk_id), active in self.storage_states.items()
            ],
        }

    @callback
    def async_start(self) -> None:
        """Listen for as long as the config entry is loaded."""
        self._coordinator.config_entry.async_on_unload(self._async_forget_timer)
        self._async_connect()

    @callback
    def async_add_listener(self, listener: StorageListener) -> CALLBACK_TYPE:
        """Call for each event about a disk, and with None when no more are told. Returns what ends that."""
        key = object()
        self._listeners[key] = listener

        @callback
        def remove() -> None:
            self._listeners.pop(key, None)

        return remove

    @property
    def _is_recording(self) -> bool | None:
        return self.storage_states.get((StorageTopic.RECORDING, None))

    @callback
    def _async_connect(self, _now: datetime | None = None) -> None:
        self._cancel_timer = None
        self._coordinator.config_entry.async_create_background_task(
            self._hass, self._listen(), f"{DOMAIN} events"
        )

    @callback
    def _async_forget_timer(self) -> None:
        if self._cancel_timer:
            self._cancel_timer()
            self._cancel_timer = None

    async def _listen(self) -> None:
        try:
            async with self._coordinator.client.listen() as stream:
                self._note_connection()
                async for event in stream:
                    self._note_event(event)
        except VapixError as err:
            self._note_failure(err)
        finally:
            self.is_healthy = False

    @callback
    def _note_connection(self) -> None:
        self.is_healthy = True
        self.connects += 1
        self._since = time.monotonic()
        self._tell(works=True, text="the camera tells of its recordings")
        # What has happened before was not told.
        self._async_poll()

    @callback
    def _note_event(self, event: StorageEvent) -> None:
        self.events_received += 1
        name = (event.topic, event.disk_id)
        is_news = event.active is None or event.active != self.storage_states.get(name)
        if event.active is not None:
            self.storage_states[name] = event.active
        if event.topic is not StorageTopic.RECORDING:
            self._pass_on(event)
        # With a disk, its recordings come and go. What has been told already may be told again.
        if (
            is_news and event.topic in {StorageTopic.RECORDING, StorageTopic.DISRUPTION}
        ) or not self._agrees:
            self._last_news = time.monotonic()
            self._async_poll()

    def _pass_on(self, event: StorageEvent | None) -> None:
        for listener in tuple(self._listeners.values()):
            listener(event)

    @callback
    def _note_failure(self, err: VapixError) -> None:
        was_healthy, self.is_healthy = self.is_healthy, False
        self.last_error = err
        self.storage_states.clear()
        if was_healthy:
            LOGGER.debug("%s: the events have ended: %s", self._coordinator.name, err)
            if time.monotonic() - self._since >= STABLE_SECONDS:
                self._failures = 0
            self._pass_on(None)
            # At once, and from now on at short intervals again.
            self._async_poll()
        else:
            self._tell(works=False, text=f"no events, polls are enough: {err}")
        delay = self._next_delay(err)
        self._cancel_timer = async_call_later(
            self._hass, delay, HassJob(self._async_connect, cancel_on_shutdown=True)
        )

    def _next_delay(self, err: VapixError) -> float:
        if isinstance(err, PERMANENT):
            delay = PERMANENT_DELAY
        else:
            delay = min(FIRST_DELAY * 2**self._failures, LONGEST_DELAY)
            self._failures = min(self._failures + 1, 16)
        if isinstance(err, BusyError):
            delay = max(delay, err.retry_after)
        # Cameras that came back together are not all asked in the same moment.
        return delay * uniform(1.0, 1.25)  # noqa: S311 - not a secret

    def _tell(self, *, works: bool, text: str) -> None:
        """Say in the log what is new, once."""
        if works is not self._has_told_to_work:
            LOGGER.info("%s: %s", self._coordinator.name, text)
        self._has_told_to_work = works

    @callback
    def _async_poll(self) -> None:
        """Poll at once; while a poll goes on, once more after it, whatever comes meanwhile."""
        self._news.set()
        if self._poller is None or self._poller.done():
            self._poller = self._coordinator.config_entry.async_create_background_task(
                self._hass, self._poll(), f"{DOMAIN} poll after an event"
            )

    async def _poll(self) -> None:
        delays = iter(LISTING_DELAYS)
        while True:
            if self._news.is_set():
                self._news.clear()
                delays = iter(LISTING_DELAYS)
            await self._coordinator.async_refresh()
            if self._news.is_set():
                continue
            delay = next(delays, None)
            if delay is None or self._agrees:
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), delay)

    @property
    def _agrees(self) -> bool:
        """Return whether the poll has shown what the camera told, or can't."""
        return (
            self._is_recording is None
            or not self._coordinator.last_update_success
            or self._is_recording == bool(self._coordinator.data.ongoing)
        )
