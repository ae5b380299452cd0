"""Tell, once each, what happens to a camera's recordings.

What is found is kept in a file until it has been told, so that nothing is lost or told twice when the
camera is reloaded or Home Assistant restarts.
"""

import asyncio
from contextlib import suppress
from functools import partial
from pathlib import Path
import sqlite3
from typing import TYPE_CHECKING, Any, Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import (
    CALLBACK_TYPE,
    Event,
    HassJob,
    HomeAssistant,
    callback,
)
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.start import async_at_started
from homeassistant.helpers.storage import STORAGE_DIR

from .activity.ledger import Ledger
from .activity.observer import Observer
from .const import DOMAIN, LOGGER
from .vapix import RecordingKey, VapixError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from .activity.models import Activity
    from .coordinator import AxisRecordingsCoordinator
    from .vapix import Snapshot

# How soon to look again at what has ended but can't be played yet.
PLAYABLE_CHECK_SECONDS: Final = 10.0

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
        self._hass = hass
        self._coordinator = coordinator
        self._ledger = Ledger(ledger_path(hass, coordinator.config_entry.entry_id))
        self._observer = Observer(coordinator.client, self._ledger)
        self._snapshots: list[Snapshot] = []
        self._listeners: list[ActivityListener] = []
        self._worker: asyncio.Task[None] | None = None
        self._walker: asyncio.Task[None] | None = None
        self._cancel_timer: CALLBACK_TYPE | None = None
        self._telling = asyncio.Lock()
        self._is_open = False
        self._has_started = False
        self._is_telling = False
        self._has_failed = False
        self.told = 0
        """How much was told since the camera was loaded."""

    @property
    def diagnostics(self) -> dict[str, Any]:
        """Return what helps to find a fault."""
        return {
            "is_open": self._is_open,
            "is_telling": self._is_telling,
            "has_failed": self._has_failed,
            "told": self.told,
            **self._observer.diagnostics,
        }

    async def async_open(self) -> tuple[RecordingKey, ...]:
        """Recall what is known. Returns what went on then."""
        try:
            await self._hass.async_add_executor_job(self._ledger.open)
            ongoing = await self._observer.recall()
        except sqlite3.Error as err:
            self._note_failure(err)
            return ()
        self._is_open = True
        return ongoing

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
            with suppress(sqlite3.Error):
                await self._observer.close()

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
            self._async_work()

    @callback
    def async_add_listener(self, listener: ActivityListener) -> CALLBACK_TYPE:
        """Call for all that happens. Returns what ends that."""
        self._listeners.append(listener)
        return partial(self._listeners.remove, listener)

    @callback
    def async_note(self, snapshot: Snapshot) -> None:
        """Look at what a poll has shown, after the polls before it."""
        self._snapshots.append(snapshot)
        self._async_work()

    @callback
    def async_suspect(self, keys: Iterable[RecordingKey]) -> None:
        """Ask for some recordings after the next poll: something was done to them."""
        self._observer.suspect(keys)

    @callback
    def async_walk(self) -> None:
        """Walk through all recordings, for what no poll shows."""
        if self._is_open and (self._walker is None or self._walker.done()):
            self._walker = self._coordinator.config_entry.async_create_background_task(
                self._hass, self._walk(), f"{DOMAIN} walk"
            )

    async def async_pause(self) -> None:
        """Stop telling, once what is being told has been told."""
        self._is_telling = False
        async with self._telling:
            pass

    async def async_close(self) -> None:
        """Remember how far it was followed."""
        self._is_open = False
        self._async_forget_timer()
        for task in (self._worker, self._walker):
            if task:
                task.cancel()
                await asyncio.wait([task])
        with suppress(sqlite3.Error):
            await self._observer.close()
        await self._hass.async_add_executor_job(self._ledger.close)

    @callback
    def _async_work(self) -> None:
        if self._is_open and (self._worker is None or self._worker.done()):
            self._worker = self._coordinator.config_entry.async_create_background_task(
                self._hass, self._work(), f"{DOMAIN} activity"
            )

    async def _work(self) -> None:
        try:
            await self._tell()
            while self._snapshots:
                await self._look(self._snapshots.pop(0))
                await self._tell()
        except sqlite3.Error as err:
            self._note_failure(err)
            return
        self._has_failed = False
        self._async_forget_timer()
        if self._observer.is_waiting:
            self._cancel_timer = async_call_later(
                self._hass,
                PLAYABLE_CHECK_SECONDS,
                HassJob(self._async_look_again, cancel_on_shutdown=True),
            )
        if self._observer.needs_walk:
            self.async_walk()

    async def _async_look_again(self, _now: datetime) -> None:
        self._cancel_timer = None
        await self._coordinator.async_refresh()

    @callback
    def _async_forget_timer(self) -> None:
        if self._cancel_timer:
            self._cancel_timer()
            self._cancel_timer = None

    async def _look(self, snapshot: Snapshot) -> None:
        try:
            await self._observer.look(snapshot)
        except VapixError as err:
            # The next poll makes up for it.
            LOGGER.debug("%s: %s", self._coordinator.name, err)

    async def _walk(self) -> None:
        try:
            ongoing = await self._observer.walk()
            await self._tell()
        except VapixError as err:
            LOGGER.debug(
                "%s: the full list could not be read: %s", self._coordinator.name, err
            )
        except sqlite3.Error as err:
            self._note_failure(err)
        else:
            await self._coordinator.async_look_for(ongoing)

    async def _tell(self) -> None:
        """Tell what is in the ledger."""
        async with self._telling:
            for activity in await asyncio.to_thread(self._ledger.untold):
                if not self._is_telling:
                    return
                for listener in tuple(self._listeners):
                    listener(activity)
                self.told += 1
                await asyncio.to_thread(self._ledger.forget, activity)

    def _note_failure(self, err: sqlite3.Error) -> None:
        """Say once that the file can't be used; the next poll tries again."""
        if not self._has_failed:
            LOGGER.warning(
                "%s: its recordings can't be remembered: %s",
                self._coordinator.name,
                err,
            )
        self._has_failed = True
