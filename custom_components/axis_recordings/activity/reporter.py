"""Report, once each, what happens to a camera's recordings.

What is found is kept in a file until it has been reported, so that nothing is lost or reported twice when the
camera is reloaded or Home Assistant restarts.
"""

import asyncio
from collections import deque
from contextlib import contextmanager, suppress
from datetime import timedelta
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
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from ..const import LOGGER
from ..helpers.lasting import async_lasting
from ..helpers.listeners import Listeners
from ..helpers.supervision import Guard, TryAgainError, Worker
from ..vapix import RecordingKey, TooMuchEffortError, VapixError
from .ledger import Ledger
from .tracker import RecordingTracker

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

    from ..coordinator import RecordingsCoordinator
    from ..index.store import RecordingIndex
    from ..recordings.own import OwnRecording
    from ..recordings.watch import Snapshot
    from .models import Activity

# How soon to poll again for what has ended but can't be played yet.
PLAYABLE_CHECK_SECONDS: Final = 10.0
# A file that was begun anew and is too large again is left alone for so long.
ANEW_SECONDS: Final = 3600.0
# A list that could not be walked through with as much effort as there may be is left alone for so long.
ENDLESS_SECONDS: Final = 3600.0
# Whoever looks into the index waits for what was polled before no longer than that.
SETTLE_SECONDS: Final = 1.0
# What was started before that is listed, if it is there at all.
STRAY_AGE: Final = timedelta(hours=1)
# More are not kept while processing one takes long, or can't be had.
MOST_SNAPSHOTS: Final = 5

_REPORTED: Final[HassKey[set[Activity]]] = HassKey("reported")

type ActivityListener = Callable[[Activity], None]


class ActivityReporter:
    """What happens to the recordings of one camera."""

    def __init__(
        self,
        hass: HomeAssistant,
        coordinator: RecordingsCoordinator,
        index: RecordingIndex,
    ) -> None:
        """Follow the coordinator's polls, and keep the index true by them."""
        entry = coordinator.config_entry
        self._hass = hass
        self._coordinator = coordinator
        self._index = index
        self._ledger = Ledger(index)
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
        """Whether the file may not hold all that has happened while nobody listened."""
        self._started: dict[RecordingKey, OwnRecording] = {}
        """What Home Assistant has started, as far as the index does not know who did."""
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
        self._is_reporting = self._has_started and self._is_loaded
        if self._is_loaded and self._snapshots:
            self._polls.async_start()
        if self._is_reporting:
            self._reports.async_start()

    @callback
    def async_add_listener(self, listener: ActivityListener) -> CALLBACK_TYPE:
        """Call for all that happens. Returns what ends that."""
        remove = self._listeners.async_add(listener)
        if self._snapshots:
            self._polls.async_start()
        self._async_report_pending()
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

    @property
    def whole_disks(self) -> frozenset[str] | None:
        """Return the disks that are there if all recordings on them are in the index, which can be used; else None."""
        return self._tracker.whole_disks if self._is_open else None

    async def async_settle(self) -> None:
        """Wait until the index holds what polls have shown, but not for long."""
        await self._polls.async_wait(SETTLE_SECONDS)

    @callback
    def async_note_start(self, own: OwnRecording) -> None:
        """Keep in the index who has started a recording, with the next poll."""
        self._started[own.key] = own

    async def _process_all(self) -> None:
        """Process what polls have shown; if that has gone wrong before, what they show now."""
        is_heard = bool(self._listeners) or self._is_event_enabled
        if not self._listeners and not self._is_loaded:
            # Entities are still to come.
            return
        # What happens while nobody listens is not news once somebody does.
        self._is_outdated |= not is_heard
        if self._ledger.is_spoilt:
            self._is_open = False
        if not self._is_open and not await self._reopen():
            # Once it can be opened, the poll after that shows what there is.
            self._snapshots.clear()
            return
        if self._is_behind and not self._snapshots:
            await self._coordinator.async_refresh()
        self._tracker.is_heard = not self._is_outdated
        while self._snapshots:
            self._is_behind, snapshot = True, self._snapshots.popleft()
            with self._using_file("process"):
                if self._is_outdated and self._ledger.has_pending:
                    await asyncio.to_thread(self._ledger.forget_pending)
                await self._process(snapshot)
                await self._note_starters()
                if not self._tracker.needs_walk:
                    self._is_outdated = not is_heard
            self._is_behind = False
            self._async_report_pending()
        if self._is_behind:
            raise TryAgainError
        self._plan_next()

    def _plan_next(self) -> None:
        if self._tracker.is_waiting:
            self._later.async_start_later(PLAYABLE_CHECK_SECONDS)
        else:
            self._later.async_forget_plan()
        if self._tracker.needs_walk and not self._walker.is_planned:
            self.async_walk()

    async def _note_starters(self) -> None:
        """Note who has started what: with the poll that follows each start, or once the file can be used."""
        for key, own in tuple(self._started.items()):
            await asyncio.to_thread(
                self._index.note_starter, key, own.starter, own.started
            )
            self._started.pop(key, None)

    @property
    def _is_loaded(self) -> bool:
        return self._coordinator.config_entry.state is ConfigEntryState.LOADED

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
        is_heard = self._tracker.is_heard
        self._tracker = RecordingTracker(self._coordinator.client, self._ledger)
        self._tracker.is_heard = is_heard
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
            await asyncio.to_thread(
                self._index.forget_stray_starters, dt_util.utcnow() - STRAY_AGE
            )
            self._async_report_pending()
            await self._coordinator.async_show(ongoing)

    @callback
    def _async_report_pending(self) -> None:
        if self._ledger.has_pending:
            self._reports.async_start()

    async def _report(self) -> None:
        """Report what is in the ledger, and take it out."""
        async with self._reporting:
            if self._is_outdated or not self._listeners:
                return
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
