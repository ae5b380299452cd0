"""Remember which recordings are Home Assistant's own.

They are known for as long as Home Assistant runs, whatever becomes of the config entry meanwhile: a start
may be answered after the entry was reloaded. The file is for the time after that.
"""

import asyncio
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.storage import Store
from homeassistant.util.hass_dict import HassKey

from .backoff import Backoff
from .const import DOMAIN, LOGGER
from .vapix import RecordingKey

if TYPE_CHECKING:
    from collections.abc import Callable

STORAGE_VERSION: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRecording:
    """A recording that Home Assistant started. Times are Home Assistant's, in UTC."""

    disk_id: str
    recording_id: str
    started: datetime
    deadline: datetime | None
    """When to stop it; None to go on until somebody stops it."""
    by_switch: bool

    @property
    def key(self) -> RecordingKey:
        """Return the stable name."""
        return RecordingKey(self.disk_id, self.recording_id)


class OwnRecordings:
    """All recordings of one camera that Home Assistant started and that go on."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Know nothing before it is loaded."""
        self._hass = hass
        self._store: Store[list[dict[str, Any]]] = Store(
            hass, STORAGE_VERSION, f"{DOMAIN}.{entry_id}"
        )
        self._known: dict[RecordingKey, OwnRecording] = {}
        self._is_loaded = False
        self._saving = asyncio.Lock()
        self._unsaved: Backoff | None = None
        self.on_change: Callable[[], None] | None = None
        """Called after one was added or forgotten."""
        self.is_abandoned = False
        """Whether the camera was removed, so that nobody would stop what is started now."""

    @property
    def all(self) -> tuple[OwnRecording, ...]:
        """Return them, oldest first."""
        return tuple(self._known.values())

    def find(self, key: RecordingKey) -> OwnRecording | None:
        """Return one of them."""
        return self._known.get(key)

    async def async_load(self) -> None:
        """Recall what was started before Home Assistant restarted."""
        if not self._is_loaded:
            stored = map(_from_json, await self._store.async_load() or [])
            self._known = {own.key: own for own in stored} | self._known
            self._is_loaded = True

    async def async_put(self, own: OwnRecording) -> None:
        """Remember one, at once: a start that a crash makes us forget would record for ever."""
        self._known[own.key] = own
        await self._async_note_change()

    async def async_forget(self, key: RecordingKey) -> None:
        """Forget one that is over."""
        if self._known.pop(key, None):
            await self._async_note_change()

    async def async_save_again(self) -> None:
        """Save what could not be saved before, once in a while."""
        if self._unsaved and self._unsaved.is_due:
            await self._async_save()

    async def async_remove(self) -> None:
        """Forget all for ever, with the file."""
        self._known.clear()
        async with self._saving:
            await self._store.async_remove()

    async def _async_note_change(self) -> None:
        if self.on_change:
            self.on_change()
        await self._async_save()

    async def _async_save(self) -> None:
        """Save to the end, also if whoever waits for it is cancelled."""
        task = self._hass.async_create_task(self._write(), f"{DOMAIN} own recordings")
        await asyncio.wait([task])

    async def _write(self) -> None:
        async with self._saving:
            if self.is_abandoned:
                return
            wanted = [_to_json(own) for own in self.all]
            written = None
            with suppress(OSError, HomeAssistantError):
                await self._store.async_save(wanted)
                # What can't be written, to a full disk for example, is logged but not raised.
                written = await self._store.async_load()
            if (written or []) == wanted:
                self._unsaved = None
                return
            if self._unsaved is None:
                self._unsaved = Backoff()
                LOGGER.warning(
                    "Recordings that Home Assistant started could not be noted in %s; if Home Assistant"
                    " restarts before that works, it will not stop them",
                    self._store.path,
                )
            self._unsaved.note_failure()


_KEY: HassKey[dict[str, OwnRecordings]] = HassKey(f"{DOMAIN}_own_recordings")


@callback
def async_own_recordings(hass: HomeAssistant, entry_id: str) -> OwnRecordings:
    """Return a camera's own recordings, the same for each life of its config entry."""
    known = hass.data.setdefault(_KEY, {})
    own = known.get(entry_id)
    if own is None or own.is_abandoned:
        own = known[entry_id] = OwnRecordings(hass, entry_id)
    return own


def _to_json(own: OwnRecording) -> dict[str, Any]:
    return asdict(own) | {
        "started": own.started.isoformat(),
        "deadline": own.deadline and own.deadline.isoformat(),
    }


def _from_json(item: dict[str, Any]) -> OwnRecording:
    return OwnRecording(
        disk_id=item["disk_id"],
        recording_id=item["recording_id"],
        started=datetime.fromisoformat(item["started"]),
        deadline=item["deadline"] and datetime.fromisoformat(item["deadline"]),
        by_switch=item["by_switch"],
    )
