"""Start and stop recordings, and remember which ones are Home Assistant's own.

A camera records for several masters at once: rules, schedules, other clients. Home Assistant stops only
what it started itself, so the ids are stored and survive a restart.
"""

import asyncio
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_track_point_in_utc_time
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util

from .const import DOMAIN, LOGGER
from .vapix import (
    CameraConnectionError,
    MissingRightsError,
    Recording,
    RecordingKey,
    RefusedError,
    Snapshot,
    VapixClient,
    VapixError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

STORAGE_VERSION: Final = 1
# A camera may need a moment before it lists what it has just started.
LISTING_DELAY: Final = timedelta(seconds=60)
# How often and for how long to look whether a recording has come to its end before it is removed.
STOP_CHECKS: Final = 10
STOP_CHECK_SECONDS: Final = 1.0


class EndReason(StrEnum):
    """Why Home Assistant's own recording is over."""

    TURNED_OFF = "turned_off"
    TIME_OVER = "time_over"
    STOPPED_ELSEWHERE = "stopped_elsewhere"
    CAMERA_RESTARTED = "camera_restarted"
    REMOVED = "removed"


class StopResult(StrEnum):
    """What came of a stop."""

    STOPPED = "stopped"
    ALREADY_ENDED = "already_ended"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandError:
    """The last command that failed."""

    command: str
    message: str
    time: datetime


class Recorder:
    """Commands one camera's recordings."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry_id: str,
        client: VapixClient,
        refresh: Callable[[], Coroutine[Any, Any, None]],
    ) -> None:
        """Use the client; ``refresh`` polls the camera at once."""
        self._hass = hass
        self._client = client
        self._refresh = refresh
        self._store = own_recordings_store(hass, entry_id)
        self._lock = asyncio.Lock()
        self._own: dict[RecordingKey, OwnRecording] = {}
        self._cancel_timer: CALLBACK_TYPE | None = None
        self.last_end: EndReason | None = None
        """Why the switch's last recording is over."""
        self.last_error: CommandError | None = None

    @property
    def own(self) -> tuple[OwnRecording, ...]:
        """Return all that Home Assistant started and that go on, oldest first."""
        return tuple(self._own.values())

    @property
    def switched_on(self) -> OwnRecording | None:
        """Return the recording that the switch started."""
        return next((own for own in self._own.values() if own.by_switch), None)

    async def async_load(self) -> None:
        """Recall what was started before Home Assistant restarted."""
        self._own = {own.key: own for own in await load_own_recordings(self._store)}

    async def async_start(
        self,
        disk_id: str,
        options: Mapping[str, str],
        *,
        duration: timedelta | None = None,
        by_switch: bool = False,
    ) -> OwnRecording:
        """Start a recording. The switch has only one: a second start returns the first."""
        async with self._lock:
            if by_switch and (already := self.switched_on):
                return already
            key = await self._client.start_recording(disk_id, options)
            now = dt_util.utcnow()
            deadline = now + duration if duration else None
            if again := self._own.get(key):
                # Some cameras answer a second start with what goes on already: one recording with two
                # masters, which goes on for as long as either of them wants.
                own = replace(
                    again,
                    deadline=later_deadline(again.deadline, deadline),
                    by_switch=again.by_switch or by_switch,
                )
            else:
                own = OwnRecording(
                    disk_id=key.disk_id,
                    recording_id=key.recording_id,
                    started=now,
                    deadline=deadline,
                    by_switch=by_switch,
                )
            self._own[key] = own
            await self._save()
            if by_switch:
                self.last_end = None
            return own

    async def async_stop(
        self, key: RecordingKey, reason: EndReason = EndReason.TURNED_OFF
    ) -> StopResult:
        """Stop a recording. One that has already ended is no error."""
        async with self._lock:
            return await self._stop(key, reason)

    async def async_remove(self, key: RecordingKey) -> None:
        """Remove a recording for ever; one that goes on is stopped first.

        What a camera does with an ongoing one is not documented, so it has to be over before.
        """
        async with self._lock:
            if await self._is_ongoing(key):
                await self._stop(key, EndReason.REMOVED)
                for _ in range(STOP_CHECKS):
                    if not await self._is_ongoing(key):
                        break
                    await asyncio.sleep(STOP_CHECK_SECONDS)
                else:
                    message = f"{key.recording_id} was told to stop but goes on"
                    raise RefusedError(message)
            await self._client.remove_recording(key)

    async def async_settle(self, snapshot: Snapshot) -> bool:
        """Compare what is Home Assistant's own with what the camera says is going on.

        Runs as a part of each poll, so an own recording's end shows in the same moment. True if a
        recording was stopped because its time was over.
        """
        async with self._lock:
            for own in self.own:
                if snapshot.find_ongoing(own.key) is None:
                    await self._look_for(own)
            return await self._stop_due()

    @callback
    def async_shutdown(self) -> None:
        """Let go of the timer. Recordings go on."""
        if self._cancel_timer:
            self._cancel_timer()
            self._cancel_timer = None

    @callback
    def async_note_error(self, command: str, err: Exception) -> None:
        """Remember why a command failed."""
        self.last_error = CommandError(
            command=command, message=str(err), time=dt_util.utcnow()
        )

    async def _look_for(self, own: OwnRecording) -> None:
        """Find out what became of an own recording that no longer shows as going on."""
        found = await self._find(own.key)
        if found and found.is_ongoing:
            return
        if found is None and dt_util.utcnow() - own.started < LISTING_DELAY:
            return
        if found is None:
            reason = EndReason.REMOVED
        elif await self._restarted_since(own.started):
            reason = EndReason.CAMERA_RESTARTED
        else:
            reason = EndReason.STOPPED_ELSEWHERE
        LOGGER.info("Own recording %s is over: %s", own.recording_id, reason)
        await self._forget(own.key, reason)

    async def _stop(self, key: RecordingKey, reason: EndReason) -> StopResult:
        result = StopResult.STOPPED
        try:
            await self._client.stop_recording(key)
        except RefusedError:
            # It is not documented what a camera answers where there is nothing to stop.
            if await self._is_ongoing(key):
                own = self._own.get(key)
                # After a power cut a camera may list for ever what it can't stop any more.
                if own is None or not await self._restarted_since(own.started):
                    raise
                reason = EndReason.CAMERA_RESTARTED
            result = StopResult.ALREADY_ENDED
        await self._forget(key, reason)
        return result

    async def _stop_due(self) -> bool:
        now = dt_util.utcnow()
        stopped = False
        for own in self.own:
            if own.deadline is None or own.deadline > now:
                continue
            try:
                await self._stop(own.key, EndReason.TIME_OVER)
                stopped = True
            except (RefusedError, MissingRightsError) as err:
                # The next poll tries again.
                self.async_note_error("stop", err)
                LOGGER.warning(
                    "Recording %s should have ended but could not be stopped: %s",
                    own.recording_id,
                    err,
                )
        self._plan_next_stop()
        return stopped

    @callback
    def _plan_next_stop(self) -> None:
        self.async_shutdown()
        now = dt_util.utcnow()
        deadlines = [
            own.deadline for own in self.own if own.deadline and own.deadline > now
        ]
        if deadlines:
            self._cancel_timer = async_track_point_in_utc_time(
                self._hass, self._async_deadline_reached, min(deadlines)
            )

    async def _async_deadline_reached(self, _now: datetime) -> None:
        self._cancel_timer = None
        # A poll stops what is due; without a connection, the next one does.
        await self._refresh()

    async def _forget(self, key: RecordingKey, reason: EndReason) -> None:
        own = self._own.pop(key, None)
        if own is None:
            return
        if own.by_switch:
            self.last_end = reason
        await self._save()

    async def _save(self) -> None:
        self._plan_next_stop()
        # At once: a start that a crash makes us forget would record for ever.
        await self._store.async_save([asdict(own) for own in self.own])

    async def _find(self, key: RecordingKey) -> Recording | None:
        found = await self._client.fetch_recording(key.recording_id)
        return next((recording for recording in found if recording.key == key), None)

    async def _is_ongoing(self, key: RecordingKey) -> bool:
        found = await self._find(key)
        return found is not None and found.is_ongoing

    async def _restarted_since(self, moment: datetime) -> bool:
        try:
            boot = await self._client.fetch_boot()
        except CameraConnectionError:
            raise
        except VapixError:
            # Older than AXIS OS 9.50: the camera can't tell.
            return False
        return boot.uptime is not None and boot.uptime < dt_util.utcnow() - moment


def later_deadline(first: datetime | None, second: datetime | None) -> datetime | None:
    """Return the later of two times to stop, where None is never."""
    return None if first is None or second is None else max(first, second)


type OwnRecordingsStore = Store[list[dict[str, Any]]]


def own_recordings_store(hass: HomeAssistant, entry_id: str) -> OwnRecordingsStore:
    """Return where a camera's own recordings are remembered."""
    return Store(hass, STORAGE_VERSION, f"{DOMAIN}.{entry_id}")


async def load_own_recordings(store: OwnRecordingsStore) -> list[OwnRecording]:
    """Return what is remembered."""
    return [
        OwnRecording(
            disk_id=item["disk_id"],
            recording_id=item["recording_id"],
            started=datetime.fromisoformat(item["started"]),
            deadline=item["deadline"] and datetime.fromisoformat(item["deadline"]),
            by_switch=item["by_switch"],
        )
        for item in await store.async_load() or []
    ]
