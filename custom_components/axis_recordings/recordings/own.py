"""Remember which recordings are Home Assistant's own.

They are known for as long as Home Assistant runs, whatever becomes of the config entry meanwhile: a start
may be answered after the entry was reloaded. The file is for the time after that.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
import os
import time
from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import (
    ConfigEntryError,
    HomeAssistantError,
    UnsupportedStorageVersionError,
)
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN, LOGGER
from ..exceptions import translated_error
from ..helpers.backoff import Backoff
from ..helpers.lasting import async_lasting
from ..helpers.threads import in_thread
from ..index.models import Starter, StarterKind
from ..vapix import RecordingKey

if TYPE_CHECKING:
    from collections.abc import Callable

STORAGE_VERSION: Final = 1
UNKNOWN_STARTER: Final = Starter(kind=StarterKind.ACTION)


def _clock_setting(now: datetime | None = None) -> float:
    return (now or dt_util.utcnow()).timestamp() - time.monotonic()


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRecording:
    """A recording that Home Assistant started. Times are Home Assistant's, in UTC."""

    disk_id: str
    recording_id: str
    started: datetime
    deadline: datetime | None
    """When to stop it; None to go on until somebody stops it."""
    by_switch: bool
    starter: Starter = UNKNOWN_STARTER
    """Who or what started it."""
    clock_setting: float = field(default_factory=_clock_setting, compare=False)
    """By how many seconds the clock was ahead of the monotonic one when this was noted."""
    is_recalled: bool = field(default=False, compare=False)
    """Whether it was started before Home Assistant was, so that its clock may have been wrong since."""

    @property
    def now(self) -> datetime:
        """Return the time by which it lasts: that of a clock which nobody has set since."""
        return datetime.fromtimestamp(time.monotonic() + self.clock_setting, UTC)

    @property
    def seconds_left(self) -> float | None:
        """Return how long until it is to be stopped, less than nothing afterwards; None forever."""
        # To the millisecond: two clocks are never read in the same moment.
        if self.deadline is None:
            return None
        now = max(self.now, dt_util.utcnow()) if self.is_recalled else self.now
        return round((self.deadline - now).total_seconds(), 3)

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
            hass,
            STORAGE_VERSION,
            f"{DOMAIN}.{entry_id}",
            # Written through to the disk: a loss of power must not leave an empty file.
            atomic_writes=True,
        )
        self._known: dict[RecordingKey, OwnRecording] = {}
        self.lost: dict[RecordingKey, OwnRecording] = {}
        """What was forgotten as the camera no longer lists it: its list may have been short."""
        self._is_loaded = False
        self._saving = asyncio.Lock()
        self._unsaved: Backoff | None = None
        self.on_change: Callable[[], None] | None = None
        """Called after one was added or forgotten."""
        self.on_start: Callable[[OwnRecording], None] | None = None
        """Called with each that was added."""
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
        """Recall what was started before Home Assistant restarted.

        What can't be read is left as it is, and tried again before anything is saved. ConfigEntryError if a newer
        version has noted it: this one would not know what to leave as it is.
        """
        if self._is_loaded:
            return
        try:
            found = await self._read()
        except UnsupportedStorageVersionError as err:
            raise translated_error(
                ConfigEntryError, "newer_version", path=self._store.path
            ) from err
        except (OSError, HomeAssistantError) as err:
            self._note_failure(
                f"What Home Assistant records can't be read from {self._store.path} ({err})"
            )
            return
        stored: dict[RecordingKey, OwnRecording] = {}
        for item in found if isinstance(found, list) else [found]:
            try:
                own = _from_json(item)
                stored[own.key] = own
            except TypeError, ValueError, LookupError:
                LOGGER.warning(
                    "What %s holds of a recording that Home Assistant started makes no sense; Home Assistant"
                    " will not stop it",
                    self._store.path,
                )
        self._known = stored | self._known
        self._is_loaded = True

    async def _read(self) -> Any:
        """Return what is noted. Raises OSError and HomeAssistantError."""
        try:
            return await self._store.async_load() or []
        except OSError, HomeAssistantError:
            raise
        except Exception:  # noqa: BLE001 - it is JSON, but nothing that Home Assistant has written
            path, aside = self._store.path, f"{self._store.path}.corrupt"
            await in_thread(os.replace, path, aside)
            LOGGER.warning(
                "%s holds nothing that Home Assistant has written. It is kept as %s, and what was started before"
                " is not stopped",
                path,
                aside,
            )
            return []

    async def async_put(self, own: OwnRecording) -> None:
        """Remember one, at once: a start that a crash makes us forget would record forever."""
        self.lost.pop(own.key, None)
        self._known[own.key] = own
        if self.on_start:
            self.on_start(own)
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
        """Forget all forever, with the file."""
        self._known.clear()
        self.lost.clear()
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
            # What could not be read must not be overwritten.
            with suppress(ConfigEntryError):
                await self.async_load()
            if not self._is_loaded:
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
            self._note_failure(
                f"Recordings that Home Assistant started could not be noted in {self._store.path}"
            )

    def _note_failure(self, what: str) -> None:
        """Log once what has failed, and let it be tried again later."""
        if self._unsaved is None:
            self._unsaved = Backoff()
            LOGGER.warning(
                "%s; if Home Assistant restarts before that works, it will not stop them",
                what,
            )
        self._unsaved.note_failure()


_KEY: Final[HassKey[OwnRecordings]] = HassKey("own_recordings")


@callback
def async_own_recordings(hass: HomeAssistant, entry_id: str) -> OwnRecordings:
    """Return a camera's own recordings, the same for each life of its config entry."""
    return async_lasting(hass, entry_id, _KEY, lambda: OwnRecordings(hass, entry_id))


def _to_json(own: OwnRecording) -> dict[str, Any]:
    return {
        "disk_id": own.disk_id,
        "recording_id": own.recording_id,
        "started": own.started.isoformat(),
        "deadline": own.deadline and own.deadline.isoformat(),
        "by_switch": own.by_switch,
        "starter": {
            "kind": own.starter.kind.value,
            "user_id": own.starter.user_id,
            "name": own.starter.name,
        },
    }


def _from_json(item: dict[str, Any]) -> OwnRecording:
    """Return what was noted. Raises TypeError, ValueError or LookupError if it makes no sense."""
    started = datetime.fromisoformat(item["started"])
    # A board without a clock of its own begins at some time in the past.
    now = max(dt_util.utcnow(), started)
    own = OwnRecording(
        disk_id=item["disk_id"],
        recording_id=item["recording_id"],
        started=started,
        deadline=item["deadline"] and datetime.fromisoformat(item["deadline"]),
        by_switch=item["by_switch"],
        starter=_starter_from_json(item.get("starter")),
        clock_setting=_clock_setting(now),
        is_recalled=True,
    )
    if own.deadline is not None and own.deadline.tzinfo is None:
        message = "A time without a zone is none"
        raise ValueError(message)
    return own


def _starter_from_json(item: dict[str, Any] | None) -> Starter:
    """Return who was noted, which earlier versions did not do."""
    if item is None:
        return UNKNOWN_STARTER
    return Starter(
        kind=StarterKind(item["kind"]), user_id=item["user_id"], name=item["name"]
    )
