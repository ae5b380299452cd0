"""Listen to what a camera reports by itself, so that polls come at the right moment.

An event says only that something has changed, and old cameras have none: polls alone are right, only
slower. So nothing here is worth a warning, and the camera's word is taken for no more than half a minute.
"""

import asyncio
from collections import deque
from contextlib import suppress
import time
from typing import TYPE_CHECKING, Any, Final, NoReturn

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback

from .const import LOGGER
from .helpers.backoff import Backoff
from .helpers.listeners import Listeners
from .helpers.supervision import Guard, TryAgainError, Worker
from .vapix import (
    AuthenticationError,
    BusyError,
    CameraConnectionError,
    EventStream,
    MissingRightsError,
    NotSupportedError,
    StorageEvent,
    StorageTopic,
    VapixError,
)
from .vapix.bounds import MOST_STATES, keep

if TYPE_CHECKING:
    from collections.abc import Callable

    from .coordinator import RecordingsCoordinator
    from .recordings.watch import Snapshot

# A camera gets events with an update, and an account gets rights: neither happens often.
PERMANENT_DELAY: Final = 6 * 3600.0
PERMANENT: Final = (NotSupportedError, MissingRightsError, AuthenticationError)
# How long to wait before a stream is opened again, in seconds: twice as long after each failure. Only one
# that has lasted for a while lets it begin anew.
FIRST_DELAY: Final = 5.0
LONGEST_DELAY: Final = 300.0
STABLE_SECONDS: Final = 60.0
# Cameras may list a recording some seconds after they have reported it.
LISTING_DELAYS: Final = (1.0, 2.0, 4.0, 8.0)
# For as long, what was reported may not be listed completely.
NEWS_SECONDS: Final = 25.0
# A stream may be open and report nothing. So that nothing is seen later than by polls alone, the camera's
# word holds for as long as the pause between those, and it is asked for it anew shortly before.
TRUST_SECONDS: Final = 30.0
ASK_SECONDS: Final = 27.0
# A camera whose state flaps makes this many polls in this time, and no more.
MOST_POLLS: Final = 5
POLLS_SECONDS: Final = 5.0

type StorageListener = Callable[[StorageEvent | None], None]


class EventListener:
    """The event stream of one camera."""

    def __init__(self, hass: HomeAssistant, coordinator: RecordingsCoordinator) -> None:
        """Poll with the coordinator when there is news."""
        entry = coordinator.config_entry
        self._coordinator = coordinator
        self._listeners: Listeners[StorageEvent | None] = Listeners(entry)
        self._listener = Worker(
            hass,
            entry,
            "events",
            self._listen,
            Backoff(first=FIRST_DELAY, longest=LONGEST_DELAY),
        )
        self._poller = Worker(hass, entry, "poll after an event", self._poll)
        self._asker = Worker(hass, entry, "question for events", self._ask)
        self._doubter = Worker(hass, entry, "poll without an event", self._doubt)
        self._noting = Guard(entry, "event")
        self._news = asyncio.Event()
        self._polls: deque[float] = deque(maxlen=MOST_POLLS)
        self._stream: EventStream | None = None
        self._has_begun = False
        self._since = 0.0
        self._last_news = -NEWS_SECONDS
        self._firmware: str | None = None
        self._shown: Snapshot | None = None
        self._is_proven: bool | None = None
        """Whether it has reported a change; None if none yet, False if something has begun unreported since."""
        self._logged_as_working: bool | None = None
        self.is_healthy = False
        """Whether the camera has reported lately whether it records, and was not wrong."""
        self.last_error: Exception | None = None
        """Why it did not, the last time."""
        self.storage_states: dict[tuple[StorageTopic, str | None], bool] = {}
        """What it has reported last, by topic and disk; empty while it reports nothing."""
        self.connects = 0
        self.events_received = 0

    @property
    def is_trusted(self) -> bool:
        """Return whether polls may be rare: states alone may be those of when the stream was opened."""
        return self.is_healthy and self._is_proven is True

    @property
    def is_restless(self) -> bool:
        """Return whether something goes on by the camera's word, or has just happened."""
        return self._is_recording is True or self._has_news

    @property
    def reports_idle(self) -> bool:
        """Return whether nothing is being recorded by the camera's word, which would have shown a start."""
        return self.is_trusted and self._is_recording is False

    @property
    def is_ahead(self) -> bool:
        """Return whether the camera has just reported a recording that no poll has shown."""
        return self._is_recording is True and self._has_news and not self._agrees

    @property
    def diagnostics(self) -> dict[str, Any]:
        """Return what helps to find a fault."""
        return {
            "is_healthy": self.is_healthy,
            "is_proven": self._is_proven,
            "last_error": None if self.last_error is None else _words(self.last_error),
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
        self._has_begun = True
        self._listener.async_start()

    @callback
    def async_retry(self) -> None:
        """Try at once to listen, as what kept us from it may be gone: old firmware, or too few rights."""
        if self._has_begun and not self._listener.is_running:
            self._listener.worked()
            self._listener.async_start()

    @callback
    def async_add_listener(self, listener: StorageListener) -> CALLBACK_TYPE:
        """Call for each event about a disk, and with None when no more will come. Returns what ends that."""
        return self._listeners.async_add(listener)

    @callback
    def async_compare(self, snapshot: Snapshot) -> None:
        """Hold what a poll has shown against what was reported before."""
        if not self._coordinator.last_update_success:
            # It may have started anew.
            self.async_retry()
        firmware = self._coordinator.device.firmware
        if self._firmware not in {None, firmware}:
            self.async_retry()
        self._firmware = firmware
        if not self.is_restless and _has_begun(self._shown, snapshot):
            self._is_proven = False
            self._async_distrust()
        self._shown = snapshot

    @property
    def _has_news(self) -> bool:
        return time.monotonic() - self._last_news < NEWS_SECONDS

    @property
    def _is_recording(self) -> bool | None:
        return self.storage_states.get((StorageTopic.RECORDING, None))

    async def _listen(self) -> None:
        try:
            await self._receive()
        except VapixError as err:
            self._note_end(err)
            raise TryAgainError(_patience(err)) from err
        except Exception as err:
            self._note_end(err)
            raise
        finally:
            self._stream = None
            self.is_healthy = False

    async def _receive(self) -> NoReturn:
        async with self._coordinator.client.listen() as stream:
            self._note_connection(stream)
            async for event in stream:
                with self._noting:
                    self._note_event(event)
                    continue
                # Whatever it was about, something has changed.
                self._async_poll()
        message = "The camera has ended the event stream"
        raise CameraConnectionError(message)

    @callback
    def _note_connection(self, stream: EventStream) -> None:
        self._stream = stream
        self._is_proven = None
        self.connects += 1
        self._since = time.monotonic()
        # What has happened before was not reported.
        self._async_poll()

    @callback
    def _note_event(self, event: StorageEvent) -> None:
        self.events_received += 1
        name = (event.topic, event.disk_id)
        is_news = event.active is None or event.active != self.storage_states.get(name)
        is_change = is_news and name in self.storage_states
        if event.active is not None:
            keep(self.storage_states, name, event.active, MOST_STATES)
        if event.topic is not StorageTopic.RECORDING:
            self._listeners.async_notify(event)
        elif event.active is not None:
            self._async_trust(is_change=is_change)
        # With a disk, its recordings come and go. What has been reported already may be reported again.
        if (
            is_news and event.topic in {StorageTopic.RECORDING, StorageTopic.DISRUPTION}
        ) or not self._agrees:
            self._last_news = time.monotonic()
            self._async_poll()

    @callback
    def _async_trust(self, *, is_change: bool) -> None:
        """Take the camera's word on whether it records, for a while."""
        if is_change:
            self._is_proven = True
        if self._is_proven is False:
            return
        self.is_healthy = True
        self._log_change(works=True, text="the camera reports its recordings")
        self._async_plan_question()

    @callback
    def _async_plan_question(self) -> None:
        self._asker.async_start_later(ASK_SECONDS)
        self._doubter.async_start_later(TRUST_SECONDS)

    @callback
    def _async_distrust(self) -> None:
        self.is_healthy = False
        self._asker.async_forget_plan()
        self._doubter.async_forget_plan()

    async def _ask(self) -> None:
        if not self._is_relied_on:
            self._async_plan_question()
        elif self._stream is not None:
            # Whoever listens to it notes its loss.
            with suppress(VapixError):
                await self._stream.ask()

    async def _doubt(self) -> None:
        if self._is_relied_on:
            self._async_distrust()
            self._async_poll()
            # Maybe it was we who were late.
            await self._ask()
        else:
            self._async_plan_question()

    @property
    def _is_relied_on(self) -> bool:
        """Return whether polls are rarer than without events."""
        interval = self._coordinator.update_interval
        return interval is not None and interval.total_seconds() > TRUST_SECONDS

    @callback
    def _note_end(self, err: Exception) -> None:
        was_open, self._stream = self._stream is not None, None
        self._async_distrust()
        self.last_error = err
        self.storage_states.clear()
        if not was_open:
            self._log_change(
                works=False, text=f"no events, polls are enough: {_words(err)}"
            )
            return
        LOGGER.debug(
            "%s: the events have ended: %s", self._coordinator.name, _words(err)
        )
        if time.monotonic() - self._since >= STABLE_SECONDS:
            self._listener.worked()
        self._listeners.async_notify(None)
        # At once, and from now on at short intervals again.
        self._async_poll()

    def _log_change(self, *, works: bool, text: str) -> None:
        """Say in the log what is new, once."""
        if works is not self._logged_as_working:
            LOGGER.info("%s: %s", self._coordinator.name, text)
        self._logged_as_working = works

    @callback
    def _async_poll(self) -> None:
        """Poll at once; while a poll goes on, once more after it, whatever comes meanwhile."""
        self._news.set()
        self._poller.async_start()

    async def _poll(self) -> None:
        if not self._news.is_set():
            return
        delays = iter(LISTING_DELAYS)
        while True:
            await self._pause()
            if self._news.is_set():
                self._news.clear()
                delays = iter(LISTING_DELAYS)
            try:
                await self._coordinator.async_refresh_in_turn()
            except Exception:
                self._news.set()
                raise
            if self._news.is_set():
                continue
            delay = next(delays, None)
            if delay is None or self._agrees:
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), delay)

    async def _pause(self) -> None:
        """Wait where there were many polls just now."""
        if len(self._polls) == MOST_POLLS:
            seconds = self._polls[0] + POLLS_SECONDS - time.monotonic()
            await asyncio.sleep(max(0.0, seconds))
        self._polls.append(time.monotonic())

    @property
    def _agrees(self) -> bool:
        """Return whether the poll has shown what the camera has reported, or can't."""
        return (
            self._is_recording is None
            or not self._coordinator.last_update_success
            or self._is_recording == bool(self._coordinator.data.ongoing)
        )


def _has_begun(before: Snapshot | None, after: Snapshot) -> bool:
    """Return whether a recording has begun between two polls, while no other one went on."""
    if before is None or before.ongoing:
        return False
    first, last = before.newest, after.newest
    if first is None or last is None or first.start is None or last.start is None:
        return False
    return first.start < last.start


def _patience(err: VapixError) -> float:
    """Return after how many seconds at least to try again."""
    if isinstance(err, PERMANENT):
        return PERMANENT_DELAY
    return err.retry_after if isinstance(err, BusyError) else 0.0


def _words(err: Exception) -> str:
    """Return what may be said of an error; nobody knows what is in one that was not foreseen."""
    return str(err) if isinstance(err, VapixError) else type(err).__name__
