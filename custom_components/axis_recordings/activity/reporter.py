"""Report, once each, what happens to a camera's recordings.

What is found is kept in a file until it has been reported, so that nothing is lost or reported twice when the
camera is reloaded or Home Assistant restarts.
"""

import asyncio
from collections import deque
from contextlib import contextmanager, suppress
from pathlib import Path
import sqlite3
import time
from typing import TYPE_CHECKING, Any, Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_STOP, Platform
from homeassistant.core import (
    CALLBACK_TYPE,
    Event,
    HomeAssistant,
    callback,
)
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.start import async_at_started
from homeassistant.helpers.storage import STORAGE_DIR
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN, LOGGER
from ..helpers.lasting import async_lasting
from ..helpers.listeners import Listeners
from ..helpers.supervision import Guard, TryAgainError, Worker
from ..vapix import RecordingKey, TooMuchEffortError, VapixError
from .ledger import Ledger
from .tracker import RecordingTracker

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

    from ..coordinator import RecordingsCoordinator
    from ..recordings.watch import Snapshot
    from .models import Activity

# How soon to poll again for what has ended but can't be played yet.
PLAYABLE_CHECK_SECONDS: Final = 10.0
# A file that was begun anew and is too large again is left alone for so long.
ANEW_SECONDS: Final = 3600.0
# A list that could not be walked through with as much effort as there may be is left alone for so long.
ENDLESS_SECONDS: Final = 3600.0
# More are not kept while processing one takes long, or can't be had.
MOST_SNAPSHOTS: Final = 5

_REPORTED: Final[HassKey[set[Activity]]] = HassKey("reported")

type ActivityListener = Callable[[Activity], None]


def ledger_path(hass: HomeAssistant, entry_id: str) -> Path:
    """Return where a camera's recordings are remembered."""
    return Path(hass.config.path(STORAGE_DIR, f"{DOMAIN}.{entry_id}.db"))


class ActivityReporter:
    """What happens to the recordings of one camera."""

    def __init__(self, hass: HomeAssistant, coordinator: RecordingsCoordinator) -> None:
        """Follow the coordinator's polls."""
        entry = coordinator.config_entry
        self._hass = hass
        self._coordinator = coordinator
        self._ledger = Ledger(ledger_path(hass, entry.entry_id))
        self._tracker = RecordingTracker(coordinator.client, self._ledger)
        # What only a forgotten one has shown, the camera's count of all recordings shows, too.
        self._snapshots: deque[Snapshot] = deque(maxlen=MOST_SNAPSHOTS)
        self._listeners: Listeners[Activity] = Listeners(entry)
        self._polls = Worker(hass, entry, "activity", self._process_all)
        self._reports = Worker(hass, entry, "reports", self._report)
        self._walker = Worker(hass, entry, "walk", self._walk)
        self._later = Worker(hass, entry, "later poll", coordinator.async_refresh)
        self._opening = Guard(entry, "memory of recordings")
        self._reporting = asyncio.Lock()
        self._reported = async_lasting(hass, entry.entry_id, _REPORTED, set)
        """What was reported and could not be taken out yet, perhaps before the camera was loaded anew."""
        self._failed: set[str] = set()
        """What can't be done with the file."""
        self._begun_anew: float | None = None
        """When the file was, by our monotonic clock."""
        self._is_open = False
        self._is_outdated = False
        """Whether what the file holds is of a time before nobody listened."""
        self._is_behind = False
        self._has_started = False
        self._is_reporting = False
        self.reported = 0
        """How much was reported since the camera was loaded."""

    @property
    def diagnostics(self) -> dict[str, Any]:
        """Return what helps to find a fault."""
        return {
            "is_open": self._is_open,
            "is_telling": self._is_reporting,
            "has_failed": bool(self._failed),
            "reported": self.reported,
            **self._tracker.diagnostics,
        }

    async def async_open(self) -> tuple[RecordingKey, ...]:
        """Recall what is known. Returns what went on then; nothing if it can't be read now."""
        with self._opening, self._using_file("open"):
            if not await self._hass.async_add_executor_job(self._ledger.open):
                self._begun_anew = time.monotonic()
                LOGGER.warning(
                    "%s: what was known of its recordings could not be read, and is begun anew; "
                    "what has happened to them meanwhile is not reported",
                    self._coordinator.name,
                )
            if self._is_outdated:
                await self._clear()
            ongoing = await self._tracker.recall()
            self._is_open = True
            return ongoing
        return ()

    @callback
    def async_start(self) -> None:
        """Report from now on, but only while automations listen and can use the camera."""
        entry = self._coordinator.config_entry

        @callback
        def start(_hass: HomeAssistant) -> None:
            self._has_started = True
            self._async_follow_state()

        async def stop(_event: Event) -> None:
            self._has_started = False
            await self.async_pause()
            await self._note_last_poll()

        entry.async_on_unload(entry.async_on_state_change(self._async_follow_state))
        entry.async_on_unload(async_at_started(self._hass, start))
        entry.async_on_unload(
            self._hass.bus.async_listen(EVENT_HOMEASSISTANT_STOP, stop)
        )

    @callback
    def _async_follow_state(self) -> None:
        """Report once Home Assistant has started and the camera is loaded, so that actions work."""
        state = self._coordinator.config_entry.state
        self._is_reporting = self._has_started and state is ConfigEntryState.LOADED
        if self._is_reporting:
            self._reports.async_start()

    @callback
    def async_add_listener(self, listener: ActivityListener) -> CALLBACK_TYPE:
        """Call for all that happens. Returns what ends that."""
        remove = self._listeners.async_add(listener)
        if self._snapshots:
            self._polls.async_start()
        return remove

    @callback
    def async_note(self, snapshot: Snapshot) -> None:
        """Process what a poll has shown, after the polls before it."""
        self._snapshots.append(snapshot)
        self._polls.async_start()

    @callback
    def async_suspect(self, keys: Iterable[RecordingKey]) -> None:
        """Ask for some recordings after the next poll: something was done to them."""
        self._tracker.suspect(keys)

    @callback
    def async_walk(self) -> None:
        """Walk through all recordings, for what no poll shows."""
        if self._is_open and not self._walker.is_running:
            self._walker.async_start()

    async def async_pause(self) -> None:
        """Stop reporting, once what is being reported has been."""
        self._is_reporting = False
        async with self._reporting:
            pass

    async def async_close(self) -> None:
        """Remember how far it was followed."""
        for worker in (self._polls, self._reports, self._walker, self._later):
            await worker.async_stop()
        await self._note_last_poll()
        self._is_open = False
        await self._hass.async_add_executor_job(self._ledger.close)

    async def _note_last_poll(self) -> None:
        if self._is_open:
            with self._opening, suppress(sqlite3.Error):
                await self._tracker.close()

    async def _process_all(self) -> None:
        """Process what polls have shown; if that has gone wrong before, what they show now.

        That asks the camera for more than a poll has shown, which nobody needs while nobody listens.
        """
        if not self._listeners:
            await self._forget()
            return
        if not self._is_open and not await self._reopen():
            # Once it can be opened, the poll after that shows what there is.
            self._snapshots.clear()
            return
        if self._is_behind and not self._snapshots:
            await self._coordinator.async_refresh()
        while self._snapshots:
            self._is_behind = True
            with self._using_file("process"):
                await self._process(self._snapshots.popleft())
            self._is_behind = False
            self._async_report_pending()
        if self._is_behind:
            raise TryAgainError
        if self._tracker.is_waiting:
            self._later.async_start_later(PLAYABLE_CHECK_SECONDS)
        else:
            self._later.async_forget_plan()
        if self._tracker.needs_walk and not self._walker.is_planned:
            self.async_walk()

    async def _forget(self) -> None:
        """See that nothing of a time in which nobody listens is reported later."""
        state = self._coordinator.config_entry.state
        if state is not ConfigEntryState.LOADED:
            # Entities are still to come.
            return
        self._snapshots.clear()
        # If its platform could not be set up, what is known is reported after a reload.
        if self._is_open and not self._is_event_enabled:
            self._is_open, self._is_outdated = False, True
            await self._walker.async_break_off()
            with self._using_file("forget"):
                await self._clear()

    async def _clear(self) -> None:
        await self._hass.async_add_executor_job(self._ledger.clear)
        self._is_outdated = False

    @property
    def _is_event_enabled(self) -> bool:
        """Return whether there is to be an event entity."""
        return any(
            each.domain == Platform.EVENT and not each.disabled
            for each in er.async_entries_for_config_entry(
                er.async_get(self._hass), self._coordinator.config_entry.entry_id
            )
        )

    async def _reopen(self) -> bool:
        """Return whether what is known can be recalled now."""
        if self._ledger.is_too_large and self._was_just_begun_anew:
            return False
        await self._walker.async_break_off()
        await self._hass.async_add_executor_job(self._ledger.close)
        earlier = self._tracker
        self._tracker = RecordingTracker(self._coordinator.client, self._ledger)
        self._tracker.take_over(earlier)
        ongoing = await self.async_open()
        if self._is_open:
            await self._coordinator.async_show(ongoing)
        return self._is_open

    @property
    def _was_just_begun_anew(self) -> bool:
        return (
            self._begun_anew is not None
            and time.monotonic() - self._begun_anew < ANEW_SECONDS
        )

    async def _process(self, snapshot: Snapshot) -> None:
        if self._tracker.has_paused_until(snapshot):
            await self._learn_again()
        try:
            await self._tracker.process(snapshot)
        except VapixError as err:
            # The next poll makes up for it.
            LOGGER.debug("%s: %s", self._coordinator.name, err)

    async def _learn_again(self) -> None:
        """Forget what is known, and report nothing of what has become of it."""
        await self._walker.async_break_off()
        await asyncio.to_thread(self._ledger.clear)
        self._tracker = RecordingTracker(self._coordinator.client, self._ledger)
        await self._tracker.recall()

    async def _walk(self) -> None:
        with self._using_file("walk"):
            try:
                ongoing = await self._tracker.walk()
            except VapixError as err:
                LOGGER.debug(
                    "%s: the full list could not be read: %s",
                    self._coordinator.name,
                    err,
                )
                is_endless = isinstance(err, TooMuchEffortError)
                raise TryAgainError(ENDLESS_SECONDS if is_endless else 0.0) from err
            self._async_report_pending()
            await self._coordinator.async_show(ongoing)

    @callback
    def _async_report_pending(self) -> None:
        if self._ledger.has_pending:
            self._reports.async_start()

    async def _report(self) -> None:
        """Report what is in the ledger, and take it out."""
        async with self._reporting:
            with self._using_file("report"):
                for activity in await asyncio.to_thread(self._ledger.pending):
                    if not self._is_reporting:
                        return
                    await self._report_one(activity)

    async def _report_one(self, activity: Activity) -> None:
        if activity not in self._reported:
            self._reported.add(activity)
            self.reported += 1
            self._listeners.async_notify(activity)
        await asyncio.to_thread(self._ledger.mark_reported, activity)
        self._reported.discard(activity)

    @contextmanager
    def _using_file(self, purpose: str) -> Generator[None]:
        """Say once that the file can't be used; the next poll tries again."""
        try:
            yield
        except sqlite3.Error as err:
            if not self._failed:
                LOGGER.warning(
                    "%s: its recordings can't be remembered: %s",
                    self._coordinator.name,
                    err,
                )
            self._failed.add(purpose)
            # It may have been moved, or spoilt: whatever it was, it is opened anew.
            self._is_open = False
        else:
            self._failed.discard(purpose)
