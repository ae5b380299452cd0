"""Tell, once each, what happens to a camera's recordings.

What is found is kept in a file until it has been told, so that nothing is lost or told twice when the
camera is reloaded or Home Assistant restarts.
"""

import asyncio
from collections import deque
from contextlib import contextmanager, suppress
from pathlib import Path
import sqlite3
from typing import TYPE_CHECKING, Any, Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import (
    CALLBACK_TYPE,
    Event,
    HomeAssistant,
    callback,
)
from homeassistant.helpers.start import async_at_started
from homeassistant.helpers.storage import STORAGE_DIR

from .activity.ledger import Ledger
from .activity.observer import Observer
from .const import DOMAIN, LOGGER
from .listeners import Listeners
from .supervision import Guard, TryAgainError, Worker
from .vapix import RecordingKey, VapixError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

    from .activity.models import Activity
    from .coordinator import AxisRecordingsCoordinator
    from .vapix import Snapshot

# How soon to look again at what has ended but can't be played yet.
PLAYABLE_CHECK_SECONDS: Final = 10.0
# More are not kept for a look that takes long, or can't be had.
MOST_SNAPSHOTS: Final = 5

type ActivityListener = Callable[[Activity], None]


def ledger_path(hass: HomeAssistant, entry_id: str) -> Path:
    """Return where a camera's recordings are remembered."""
    return Path(hass.config.path(STORAGE_DIR, f"{DOMAIN}.{entry_id}.db"))


class ActivityFeed:
    """What happens to the recordings of one camera."""

    def __init__(
        self, hass: HomeAssistant, coordinator: AxisRecordingsCoordinator
    ) -> None:
        """Follow the coordinator's polls."""
        entry = coordinator.config_entry
        self._hass = hass
        self._coordinator = coordinator
        self._ledger = Ledger(ledger_path(hass, entry.entry_id))
        self._observer = Observer(coordinator.client, self._ledger)
        # What only a forgotten one has shown, the camera's count of all recordings shows, too.
        self._snapshots: deque[Snapshot] = deque(maxlen=MOST_SNAPSHOTS)
        self._listeners: Listeners[Activity] = Listeners(entry)
        self._looker = Worker(hass, entry, "activity", self._look)
        self._teller = Worker(hass, entry, "telling", self._tell)
        self._walker = Worker(hass, entry, "walk", self._walk)
        self._later = Worker(hass, entry, "later look", coordinator.async_refresh)
        self._opening = Guard(entry, "memory of recordings")
        self._telling = asyncio.Lock()
        self._told: set[int] = set()
        """The numbers of what was told and could not be taken out yet."""
        self._failed: set[str] = set()
        """What can't be done with the file."""
        self._is_open = False
        self._is_behind = False
        self._has_started = False
        self._is_telling = False
        self.told = 0
        """How much was told since the camera was loaded."""

    @property
    def diagnostics(self) -> dict[str, Any]:
        """Return what helps to find a fault."""
        return {
            "is_open": self._is_open,
            "is_telling": self._is_telling,
            "has_failed": bool(self._failed),
            "told": self.told,
            **self._observer.diagnostics,
        }

    async def async_open(self) -> tuple[RecordingKey, ...]:
        """Recall what is known. Returns what went on then; nothing if it can't be read now."""
        with self._opening, self._using_file("open"):
            if not await self._hass.async_add_executor_job(self._ledger.open):
                LOGGER.warning(
                    "%s: what was known of its recordings could not be read, and is begun anew; "
                    "what has happened to them meanwhile is not told",
                    self._coordinator.name,
                )
                # Their numbers begin anew, too.
                self._told.clear()
            ongoing = await self._observer.recall()
            self._is_open = True
            return ongoing
        return ()

    @callback
    def async_start(self) -> None:
        """Tell from now on, but only while automations listen and can use the camera."""
        entry = self._coordinator.config_entry

        @callback
        def start(_hass: HomeAssistant) -> None:
            self._has_started = True
            self._async_follow_state()

        async def stop(_event: Event) -> None:
            self._has_started = False
            await self.async_pause()
            await self._note_last_look()

        entry.async_on_unload(entry.async_on_state_change(self._async_follow_state))
        entry.async_on_unload(async_at_started(self._hass, start))
        entry.async_on_unload(
            self._hass.bus.async_listen(EVENT_HOMEASSISTANT_STOP, stop)
        )

    @callback
    def _async_follow_state(self) -> None:
        """Tell once Home Assistant has started and the camera is loaded, so that actions work."""
        state = self._coordinator.config_entry.state
        self._is_telling = self._has_started and state is ConfigEntryState.LOADED
        if self._is_telling:
            self._teller.async_start()

    @callback
    def async_add_listener(self, listener: ActivityListener) -> CALLBACK_TYPE:
        """Call for all that happens. Returns what ends that."""
        remove = self._listeners.async_add(listener)
        if self._snapshots:
            self._looker.async_start()
        return remove

    @callback
    def async_note(self, snapshot: Snapshot) -> None:
        """Look at what a poll has shown, after the polls before it."""
        self._snapshots.append(snapshot)
        self._looker.async_start()

    @callback
    def async_suspect(self, keys: Iterable[RecordingKey]) -> None:
        """Ask for some recordings after the next poll: something was done to them."""
        self._observer.suspect(keys)

    @callback
    def async_walk(self) -> None:
        """Walk through all recordings, for what no poll shows."""
        if self._is_open and not self._walker.is_running:
            self._walker.async_start()

    async def async_pause(self) -> None:
        """Stop telling, once what is being told has been told."""
        self._is_telling = False
        async with self._telling:
            pass

    async def async_close(self) -> None:
        """Remember how far it was followed."""
        for worker in (self._looker, self._teller, self._walker, self._later):
            await worker.async_stop()
        await self._note_last_look()
        self._is_open = False
        await self._hass.async_add_executor_job(self._ledger.close)

    async def _note_last_look(self) -> None:
        if self._is_open:
            with self._opening, suppress(sqlite3.Error):
                await self._observer.close()

    async def _look(self) -> None:
        """Look at what polls have shown; if that has gone wrong before, at what they show now.

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
            with self._using_file("look"):
                await self._look_at(self._snapshots.popleft())
            self._is_behind = False
            self._teller.async_start()
        if self._is_behind:
            raise TryAgainError
        if self._observer.is_waiting:
            self._later.async_start_later(PLAYABLE_CHECK_SECONDS)
        else:
            self._later.async_forget_plan()
        if self._observer.needs_walk and not self._walker.is_planned:
            self.async_walk()

    async def _forget(self) -> None:
        """See that nothing of a time in which nobody listens is told later."""
        state = self._coordinator.config_entry.state
        if state is not ConfigEntryState.LOADED:
            # Entities are still to come.
            return
        self._snapshots.clear()
        if self._is_open:
            with self._using_file("forget"):
                await self._hass.async_add_executor_job(self._ledger.clear)
            self._is_open = False

    async def _reopen(self) -> bool:
        """Return whether what is known can be recalled now."""
        await self._walker.async_stop()
        await self._hass.async_add_executor_job(self._ledger.close)
        self._observer = Observer(self._coordinator.client, self._ledger)
        ongoing = await self.async_open()
        if self._is_open:
            await self._coordinator.async_look_for(ongoing)
        return self._is_open

    async def _look_at(self, snapshot: Snapshot) -> None:
        try:
            await self._observer.look(snapshot)
        except VapixError as err:
            # The next poll makes up for it.
            LOGGER.debug("%s: %s", self._coordinator.name, err)

    async def _walk(self) -> None:
        with self._using_file("walk"):
            try:
                ongoing = await self._observer.walk()
            except VapixError as err:
                LOGGER.debug(
                    "%s: the full list could not be read: %s",
                    self._coordinator.name,
                    err,
                )
                raise TryAgainError from err
            self._teller.async_start()
            await self._coordinator.async_look_for(ongoing)

    async def _tell(self) -> None:
        """Tell what is in the ledger, and take it out."""
        async with self._telling:
            with self._using_file("tell"):
                for activity in await asyncio.to_thread(self._ledger.untold):
                    if not self._is_telling:
                        return
                    await self._tell_of(activity)

    async def _tell_of(self, activity: Activity) -> None:
        if activity.number not in self._told:
            self._told.add(activity.number)
            self.told += 1
            self._listeners.async_tell(activity)
        await asyncio.to_thread(self._ledger.forget, activity)
        self._told.discard(activity.number)

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
