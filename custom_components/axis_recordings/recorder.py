"""Start and stop recordings, and know which ones are Home Assistant's own.

A camera records for several masters at once: rules, schedules, other clients. Home Assistant stops only
what it started itself, so the ids are stored and survive a restart.
"""

import asyncio
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from logging import DEBUG, WARNING
from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_track_point_in_utc_time
from homeassistant.util import dt as dt_util

from .backoff import Backoff
from .const import LOGGER
from .own_recordings import OwnRecording, OwnRecordings
from .vapix import (
    BusyError,
    CameraConnectionError,
    Recording,
    RecordingKey,
    RefusedError,
    Snapshot,
    VapixClient,
    VapixError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator, Iterable, Mapping

# A camera may need a moment before it lists what it has just started, and list nothing after it has
# started itself.
LISTING_DELAY: Final = timedelta(seconds=60)
# How often and for how long to look whether a recording has come to its end before it is removed.
STOP_CHECKS: Final = 10
STOP_CHECK_SECONDS: Final = 1.0
# A camera that is busy for a moment is nobody's business.
OVERDUE: Final = timedelta(minutes=1)


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
class CommandError:
    """The last command that failed."""

    command: str
    message: str
    time: datetime


@dataclass(slots=True, kw_only=True)
class FailedStop:
    """A recording whose time is over and that could not be stopped."""

    own: OwnRecording
    reason: str = ""
    """In the camera's words or ours."""
    backoff: Backoff = field(default_factory=Backoff)


class Recorder:
    """Commands one camera's recordings."""

    def __init__(
        self,
        hass: HomeAssistant,
        client: VapixClient,
        own: OwnRecordings,
        command: Callable[[str, Callable[[], Coroutine[Any, Any, None]]], object],
    ) -> None:
        """Use the client; ``command`` runs a named command by itself and polls after it."""
        self._hass = hass
        self._client = client
        self._own = own
        self._command = command
        # Of starts and stops only one at a time, so that none is sent twice.
        self._lock = asyncio.Lock()
        self._held: Counter[RecordingKey] = Counter()
        # What a stop was sent for, as its answer may get lost.
        self._asked: dict[RecordingKey, EndReason] = {}
        self._missing_since: dict[RecordingKey, datetime] = {}
        self._lost: dict[RecordingKey, OwnRecording] = {}
        """What is no longer listed: it may have been the list that was short."""
        self._failed: dict[RecordingKey, FailedStop] = {}
        self._is_stopping = False
        self._is_closed = False
        self._cancel_timer: CALLBACK_TYPE | None = None
        self.last_end: EndReason | None = None
        """Why the switch's last recording is over."""
        self.last_error: CommandError | None = None

    @property
    def own(self) -> tuple[OwnRecording, ...]:
        """Return all that Home Assistant started and that go on, oldest first."""
        return self._own.all

    @property
    def switched_on(self) -> OwnRecording | None:
        """Return the recording that the switch started."""
        return next((own for own in self.own if own.by_switch), None)

    @property
    def overdue(self) -> list[FailedStop]:
        """Return what should have ended a while ago but could not be stopped."""
        before = dt_util.utcnow() - OVERDUE
        return [
            failed
            for failed in self._failed.values()
            if failed.own.deadline
            and failed.own.deadline <= before
            # What an earlier life of the config entry was still stopping is over, too.
            and self._own.find(failed.own.key)
        ]

    async def async_load(self) -> None:
        """Recall what was started before."""
        await self._own.async_load()
        self._own.on_change = self._async_plan_next_stop

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
            if self._own.is_abandoned:
                await self._client.stop_recording(key)
                message = "The camera was removed from Home Assistant meanwhile"
                raise RefusedError(message)
            now = dt_util.utcnow()
            deadline = now + duration if duration else None
            if again := self._own.find(key):
                # Some cameras answer a second start with what goes on already: one recording with two
                # masters, which goes on for as long as either of them wants.
                own = replace(
                    again,
                    deadline=later_deadline(again.deadline, deadline),
                    by_switch=again.by_switch or by_switch,
                )
                self._failed.pop(key, None)
            else:
                own = OwnRecording(
                    disk_id=key.disk_id,
                    recording_id=key.recording_id,
                    started=now,
                    deadline=deadline,
                    by_switch=by_switch,
                )
            if by_switch:
                self.last_end = None
            await self._own.async_put(own)
            return own

    async def async_stop(
        self, key: RecordingKey, reason: EndReason = EndReason.TURNED_OFF
    ) -> StopResult:
        """Stop a recording. One that has already ended is no error."""
        with self._hold(key):
            async with self._lock:
                return await self._stop(key, reason)

    async def async_remove(self, key: RecordingKey) -> None:
        """Remove a recording for ever; one that goes on is stopped first.

        What a camera does with an ongoing one is not documented, so it has to be over before.
        """
        with self._hold(key):
            if await self._is_ongoing(key):
                async with self._lock:
                    await self._tell_to_stop(key, EndReason.REMOVED)
                for _ in range(STOP_CHECKS):
                    if not await self._is_ongoing(key):
                        break
                    await asyncio.sleep(STOP_CHECK_SECONDS)
                else:
                    message = f"{key.recording_id} was told to stop but goes on"
                    raise RefusedError(message)
            await self._client.remove_recording(key)
            await self._forget(key, EndReason.REMOVED)

    async def async_settle(self, snapshot: Snapshot, *, is_back: bool = False) -> None:
        """Compare what is Home Assistant's own with what the camera says is going on.

        Runs as a part of each poll, so an own recording's end shows in the same moment. What a command is
        under way for is left to it, and what is due is stopped by a command of its own: no poll waits for
        either. ``is_back`` says that the camera could not be reached before.
        """
        for key in [each for each in self._lost if snapshot.find_ongoing(each)]:
            own = self._lost.pop(key)
            # The switch may have started another one since.
            by_switch = own.by_switch and not self.switched_on
            await self._own.async_put(replace(own, by_switch=by_switch))
        for own in self.own:
            if snapshot.find_ongoing(own.key):
                self._missing_since.pop(own.key, None)
                if own.key not in self._held:
                    self._asked.pop(own.key, None)
                continue
            try:
                await self._look_for(own, snapshot)
            except VapixError as err:
                # The next poll asks again.
                LOGGER.debug("What became of %s is not known: %s", own.key, err)
        if is_back:
            for failed in self._failed.values():
                failed.backoff.try_now()
        await self._own.async_save_again()
        self._async_stop_due()

    @callback
    def async_shutdown(self) -> None:
        """Let go of the timer. Recordings go on."""
        self._is_closed = True
        self._async_forget_timer()
        self._own.on_change = None

    @callback
    def async_note_error(self, command: str, err: Exception) -> None:
        """Remember why a command failed."""
        self.last_error = CommandError(
            command=command, message=str(err), time=dt_util.utcnow()
        )

    @contextmanager
    def _hold(self, key: RecordingKey) -> Generator[None]:
        """Keep polls from judging what a command is about to end."""
        self._held[key] += 1
        try:
            yield
        finally:
            self._held[key] -= 1
            self._held += Counter()

    async def _look_for(self, own: OwnRecording, snapshot: Snapshot) -> None:
        """Find out what became of an own recording that no longer shows as going on."""
        found = await self._find(own.key)
        if found and found.is_ongoing:
            return
        if found is None and not self._is_gone(own):
            return
        if reason := self._asked.get(own.key):
            pass
        elif found is None:
            reason = EndReason.REMOVED
        elif await self._restarted_since(own.started):
            reason = EndReason.CAMERA_RESTARTED
        else:
            reason = EndReason.STOPPED_ELSEWHERE
        # Meanwhile, somebody may have commanded it.
        if own.key not in self._held and self._own.find(own.key) is own:
            LOGGER.info("Own recording %s is over: %s", own.recording_id, reason)
            if found is None and own.key not in self._asked:
                self._lost[own.key] = own
            await self._forget(own.key, reason)

    def _is_gone(self, own: OwnRecording) -> bool:
        """Return whether a recording that the camera does not list is taken for gone.

        A list may be empty or short for a moment.
        """
        now = dt_util.utcnow()
        since = self._missing_since.setdefault(own.key, now)
        return now - max(own.started, since) >= LISTING_DELAY

    async def _stop(self, key: RecordingKey, reason: EndReason) -> StopResult:
        result, reason = await self._tell_to_stop(key, reason)
        await self._forget(key, reason)
        return result

    async def _tell_to_stop(
        self, key: RecordingKey, reason: EndReason
    ) -> tuple[StopResult, EndReason]:
        """Return what came of it, and why the recording is over then."""
        if self._own.find(key):
            self._asked[key] = reason
        try:
            await self._client.stop_recording(key)
        except RefusedError:
            # It is not documented what a camera answers where there is nothing to stop.
            if await self._is_ongoing(key):
                own = self._own.find(key)
                # After a power cut a camera may list for ever what it can't stop any more.
                if own is None or not await self._restarted_since(own.started):
                    raise
                reason = EndReason.CAMERA_RESTARTED
            return StopResult.ALREADY_ENDED, reason
        return StopResult.STOPPED, reason

    @callback
    def _async_stop_due(self) -> None:
        """Stop what has reached its deadline, as a command like any other."""
        now = dt_util.utcnow()
        due = [
            own
            for own in self.own
            if own.deadline and own.deadline <= now and self._may_try(own.key)
        ]
        if due and not self._is_stopping:
            self._is_stopping = True
            self._command("stop", partial(self._stop_all, due))
        self._async_plan_next_stop()

    def _may_try(self, key: RecordingKey) -> bool:
        failed = self._failed.get(key)
        return key not in self._held and (failed is None or failed.backoff.is_due)

    async def _stop_all(self, due: Iterable[OwnRecording]) -> None:
        try:
            for own in due:
                try:
                    await self._stop_in_time(own)
                except Exception as err:  # noqa: BLE001 - the others are to be stopped all the same
                    self._note_failed_stop(own, err)
        finally:
            self._is_stopping = False
            self._async_plan_next_stop()

    async def _stop_in_time(self, own: OwnRecording) -> None:
        with self._hold(own.key):
            async with self._lock:
                # Another start may have given it more time meanwhile.
                if self._own.find(own.key) is own:
                    await self._stop(own.key, EndReason.TIME_OVER)

    def _note_failed_stop(self, own: OwnRecording, err: Exception) -> None:
        """Tell once that a recording goes on, and try again later."""
        failed = self._failed.get(own.key)
        is_first = failed is None
        if failed is None or failed.reason != str(err):
            self.async_note_error("stop", err)
        if failed is None:
            failed = self._failed[own.key] = FailedStop(own=own)
        failed.reason = str(err)
        failed.backoff.note_failure(
            at_least=err.retry_after if isinstance(err, BusyError) else 0.0
        )
        LOGGER.log(
            WARNING if is_first else DEBUG,
            "Recording %s should have ended but could not be stopped: %s",
            own.recording_id,
            err,
            exc_info=None if isinstance(err, VapixError) else err,
        )

    @callback
    def _async_plan_next_stop(self) -> None:
        self._async_forget_timer()
        if self._is_closed:
            return
        now = dt_util.utcnow()
        times = [
            failed.backoff.next_try
            if (failed := self._failed.get(own.key))
            else own.deadline
            for own in self.own
            if own.deadline
        ]
        if later := [time for time in times if time > now]:
            self._cancel_timer = async_track_point_in_utc_time(
                self._hass, self._async_deadline_reached, min(later)
            )

    @callback
    def _async_deadline_reached(self, _now: datetime) -> None:
        self._cancel_timer = None
        self._async_stop_due()

    @callback
    def _async_forget_timer(self) -> None:
        if self._cancel_timer:
            self._cancel_timer()
            self._cancel_timer = None

    async def _forget(self, key: RecordingKey, reason: EndReason) -> None:
        self._asked.pop(key, None)
        self._missing_since.pop(key, None)
        self._failed.pop(key, None)
        own = self._own.find(key)
        if own and own.by_switch:
            self.last_end = reason
        await self._own.async_forget(key)

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
