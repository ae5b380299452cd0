"""All that is shared, by all cameras: who may open it, and when it ends."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from homeassistant.auth import EVENT_USER_REMOVED, EVENT_USER_UPDATED
from homeassistant.auth.permissions.const import POLICY_CONTROL
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.exceptions import (
    ConfigEntryError,
    ServiceValidationError,
    Unauthorized,
)
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN, LOGGER
from ..exceptions import translated_error
from ..helpers.context import as_home_assistant
from ..users.permissions import async_may, while_allowed
from ..users.requester import Requester
from .attempts import Attempts
from .copies import Copies
from .models import Share, digest_of
from .store import ShareStore

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable

    from homeassistant.core import Event

MAX_PER_USER: Final = 100
"""Of one user, on all cameras."""
MAX_WITHOUT_USER: Final = 500
"""Of one camera, made by automations. There the oldest one ends, as nobody reads an error."""
LONGEST_PAUSE: Final = timedelta(hours=1)
"""Clocks are set and rights change: so often all shares are looked through."""
RETRY_PAUSE: Final = timedelta(minutes=1)
"""What could not be stored is tried again after this."""


class Shares:
    """What is shared, and the copies of it. There is one for all cameras, as an address names none."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Know of nothing before it is loaded."""
        self._hass = hass
        self._store = ShareStore(hass)
        self._shares: dict[str, Share] = {}
        """By their IDs, the oldest first."""
        self._ids: dict[str, str] = {}
        """By the digests of the tokens."""
        self._sending: dict[str, set[asyncio.Timeout]] = {}
        """What is being done for visitors or copied, by the ID."""
        self._listeners: dict[object, Callable[[str], None]] = {}
        self._is_loaded = False
        self._loading = asyncio.Lock()
        self._saving = asyncio.Lock()
        self._change = self._saved_change = 0
        self._cancel_timer: CALLBACK_TYPE | None = None
        self.copies = Copies(hass)
        self.attempts = Attempts()

    async def async_load(self) -> None:
        """Recall what was shared before Home Assistant restarted.

        ConfigEntryError if a newer version has stored it: this one would not know whom to let in.
        """
        async with self._loading:
            if self._is_loaded:
                return
            for share in await self._store.async_load():
                self._keep(share)
            await self.copies.async_open(self._shares)
            self._is_loaded = True
        for kind in (EVENT_USER_REMOVED, EVENT_USER_UPDATED):
            self._hass.bus.async_listen(kind, self._async_user_changed)
        await self._async_review()

    @callback
    def async_add_listener(self, listener: Callable[[str], None]) -> CALLBACK_TYPE:
        """Call with the ID of the config entry whenever something of a camera is shared, or no longer is."""
        key = object()
        self._listeners[key] = listener

        @callback
        def remove() -> None:
            self._listeners.pop(key, None)

        return remove

    def of(self, entry_id: str) -> list[Share]:
        """Return what is shared of a camera, the oldest first."""
        return [each for each in self._shares.values() if each.entry_id == entry_id]

    def is_shared(self, share_id: str) -> bool:
        """Return whether a share has not ended."""
        return share_id in self._shares

    async def async_find(self, token: str) -> Share | None:
        """Return what a token opens, if it does so still."""
        share = self._shares.get(self._ids.get(digest_of(token), ""))
        if share is not None and await self._is_over(share):
            await self.async_end([share])
            return None
        return share

    async def async_of(self, entry_id: str) -> list[Share]:
        """Return what is shared of a camera and has not ended by now, the oldest first."""
        await self._async_review()
        return self.of(entry_id)

    async def async_add(self, share: Share) -> None:
        """Share something. ServiceValidationError if its maker shares too much already."""
        ended = self._make_room(share)
        self._keep(share)
        self._notify(share)
        try:
            await self._async_finally(self._remove_files(ended), self._save())
        except asyncio.CancelledError:
            # Nobody gets to know its address.
            await self.async_end([share])
            raise
        self._plan()

    async def async_end(self, shares: Iterable[Share]) -> None:
        """End shares: at once for everybody who watches, then their files and what is stored."""
        if ended := self._forget(shares):
            await self._async_finally(self._remove_files(ended), self._save())
            self._plan()

    async def async_forget_camera(self, entry_id: str) -> None:
        """End all shares of a camera that is removed."""
        await self.async_end(self.of(entry_id))

    @callback
    def async_note_opening(self, share: Share) -> None:
        """Count that somebody has opened a share."""
        if known := self._shares.get(share.share_id):
            self._shares[share.share_id] = replace(
                known, openings=known.openings + 1, last_opened=dt_util.utcnow()
            )
            with as_home_assistant():
                self._store.async_save_soon(self._shares.values)

    @asynccontextmanager
    async def while_shared(
        self, share: Share, is_there: Callable[[], bool] = lambda: True
    ) -> AsyncGenerator[None]:
        """End what is done for a share with Unauthorized: at once when it ends, soon after its maker may not share.

        That goes for a visitor who is no longer there, too.
        """
        entry = self._hass.config_entries.async_get_entry(share.entry_id)
        if entry is None or share.share_id not in self._shares:
            raise Unauthorized
        maker = Requester(user_id=share.user_id)
        async with while_allowed(self._hass, maker, entry, POLICY_CONTROL, is_there):
            try:
                async with asyncio.timeout(None) as scope:
                    sending = self._sending.setdefault(share.share_id, set())
                    sending.add(scope)
                    try:
                        yield
                    finally:
                        sending.discard(scope)
            except TimeoutError as err:
                if not scope.expired():
                    raise
                raise Unauthorized from err

    def _keep(self, share: Share) -> None:
        self._shares[share.share_id] = share
        self._ids[share.digest] = share.share_id

    def _make_room(self, share: Share) -> list[Share]:
        """Return what has ended for one more share. ServiceValidationError if its maker has to end something."""
        others = [
            each
            for each in self._shares.values()
            if each.user_id == share.user_id
            and (share.user_id is not None or each.entry_id == share.entry_id)
        ]
        if share.user_id is None:
            return self._forget(others[: max(0, len(others) + 1 - MAX_WITHOUT_USER)])
        if len(others) >= MAX_PER_USER:
            raise translated_error(
                ServiceValidationError, "too_many_shares", count=str(MAX_PER_USER)
            )
        return []

    def _forget(self, shares: Iterable[Share]) -> list[Share]:
        """Let nothing of shares be opened or sent any more, and return those that had not ended."""
        ended = [each for each in shares if self._shares.pop(each.share_id, None)]
        for share in ended:
            self._ids.pop(share.digest, None)
            # One that is about to end can't be ended once more.
            for scope in self._sending.pop(share.share_id, ()):
                scope.reschedule(asyncio.get_running_loop().time())
            self._notify(share)
        return ended

    def _notify(self, share: Share) -> None:
        self._change += 1
        for listener in tuple(self._listeners.values()):
            listener(share.entry_id)

    async def _is_over(self, share: Share) -> bool:
        """Return whether the time of a share is over, or its maker may not share any more."""
        entry = self._hass.config_entries.async_get_entry(share.entry_id)
        return (
            entry is None
            or share.expires <= dt_util.utcnow()
            or not await async_may(
                self._hass, Requester(user_id=share.user_id), entry, POLICY_CONTROL
            )
        )

    async def _async_review(self) -> None:
        """End all whose time is over, or whose makers may not share any more."""
        over = [each for each in self.all if await self._is_over(each)]
        await self.async_end(over)
        if self._change != self._saved_change:
            await self._save()
        self._plan()

    @property
    def all(self) -> list[Share]:
        """Return what is shared of all cameras, the oldest first."""
        return list(self._shares.values())

    async def _async_user_changed(self, _event: Event[Any]) -> None:
        await self._async_review()

    @callback
    def _plan(self) -> None:
        """Look at the shares again when the next one ends."""
        if self._cancel_timer is not None:
            self._cancel_timer()
            self._cancel_timer = None
        if self._hass.is_stopping:
            return
        pauses = [each.expires - dt_util.utcnow() for each in self._shares.values()]
        if self._change != self._saved_change:
            pauses.append(RETRY_PAUSE)
        if pauses:
            with as_home_assistant():
                self._cancel_timer = async_call_later(
                    self._hass,
                    max(0.0, min(LONGEST_PAUSE, *pauses).total_seconds()),
                    HassJob(self._async_time_has_come, cancel_on_shutdown=True),
                )

    async def _async_time_has_come(self, _now: object) -> None:
        self._cancel_timer = None
        await self._async_review()

    async def _async_finally(self, *works: Coroutine[Any, Any, None]) -> None:
        """Do something to the end, also if whoever waits for it is cancelled."""
        with as_home_assistant():
            tasks = [
                self._hass.async_create_task(each, f"{DOMAIN} shares") for each in works
            ]
        await asyncio.wait(tasks)
        for task in tasks:
            task.result()

    async def _remove_files(self, shares: list[Share]) -> None:
        await self.copies.async_remove([each.share_id for each in shares])

    async def _save(self) -> None:
        """Store what is shared. What can't be stored now is tried again later."""
        async with self._saving:
            if not self._is_loaded or self._change == self._saved_change:
                return
            change, failed_before = self._change, self._saved_change < 0
            if await self._store.async_save(self.all):
                self._saved_change = change
            elif not failed_before:
                self._saved_change = -1
                LOGGER.warning(
                    "What is shared could not be stored in %s; if Home Assistant restarts before that works,"
                    " it knows what was shared before",
                    self._store.path,
                )


_KEY: Final[HassKey[Shares]] = HassKey(f"{DOMAIN}_shares")


@callback
def async_shares(hass: HomeAssistant) -> Shares:
    """Return what is shared by this Home Assistant."""
    if _KEY not in hass.data:
        hass.data[_KEY] = Shares(hass)
    return hass.data[_KEY]


async def async_recall_shares(hass: HomeAssistant) -> None:
    """Recall what is shared, so that it can be opened before a camera is set up, and also if none can be."""
    try:
        await async_shares(hass).async_load()
    except ConfigEntryError as err:
        # Each camera says so, too.
        LOGGER.warning("%s", err)
