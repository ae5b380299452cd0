"""Start and stop recordings, and know which ones are Home Assistant's own.

A camera records for several masters at once: rules, schedules, other clients. Home Assistant stops only
what it started itself, so the ids are stored and survive a restart.
"""

import asyncio
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
from functools import partial
import time
from typing import TYPE_CHECKING, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ..const import LOGGER
from ..vapix import (
    CameraConnectionError,
    Recording,
    RecordingKey,
    RecordingQuery,
    RefusedError,
    VapixClient,
    VapixError,
)
from .deadlines import Deadlines, FailedStop
from .own import UNKNOWN_STARTER, OwnRecording, OwnRecordings

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping
    from datetime import datetime, timedelta

    from ..index.models import Starter
    from .commands import Commands
    from .watch import Snapshot

# A camera may need a moment before it lists what it has just started, and list nothing after it has
# started itself.
LISTING_SECONDS: Final = 60.0
# Among so many is whatever has begun since the last poll.
_NEWEST: Final = 20
# No start waits longer than that for a list.
_LIST_SECONDS: Final = 2.0
_LIST_PAUSE: Final = 0.5
# How often and for how long to ask whether a recording has come to its end before it is removed.
STOP_CHECKS: Final = 10
STOP_CHECK_SECONDS: Final = 1.0

_ABANDONED: Final = "The camera was removed from Home Assistant meanwhile"


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


class RecordingController:
    """Commands one camera's recordings."""

    def __init__(
        self,
        hass: HomeAssistant,
        client: VapixClient,
        own: OwnRecordings,
        commands: Commands,
        *,
        is_idle: Callable[[], bool],
        is_ahead: Callable[[], bool],
    ) -> None:
        """Use the client. What is due is stopped by a command of its own.

        ``is_idle`` returns whether the camera has reported that nothing is being recorded, and ``is_ahead``
        whether it has reported a recording that its list has not shown yet.
        """
        self._client = client
        self._own = own
        self._is_idle = is_idle
        self._is_ahead = is_ahead
        # Of starts and stops only one at a time, so that none is sent twice.
        self._lock = asyncio.Lock()
        self._held: Counter[RecordingKey] = Counter()
        # What a stop was sent for, as its answer may get lost.
        self._asked: dict[RecordingKey, EndReason] = {}
        self._missing_since: dict[RecordingKey, float] = {}
        self._ongoing: frozenset[RecordingKey] = frozenset()
        """What the last poll has shown to go on."""
        self._deadlines = Deadlines(
            hass,
            own,
            command=commands.async_start,
            stop=self._stop_in_time,
            is_held=lambda key: key in self._held,
            note_error=partial(commands.async_note_error, "stop"),
        )
        self.last_end: EndReason | None = None
        """Why the switch's last recording is over."""

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
        return self._deadlines.overdue

    async def async_load(self) -> None:
        """Recall what was started before."""
        await self._own.async_load()
        self._own.on_change = self._deadlines.async_plan

    async def async_start(
        self,
        disk_id: str,
        options: Mapping[str, str],
        *,
        duration: timedelta | None = None,
        by_switch: bool = False,
        starter: Starter = UNKNOWN_STARTER,
    ) -> OwnRecording:
        """Start a recording. The switch has only one: a second start returns the first."""
        async with self._lock:
            if by_switch and (already := self.switched_on):
                return already
            ongoing = await self._known_to_go_on()
            self._require_owner()
            key = await self._client.start_recording(disk_id, options)
            again = self._own.find(key) or self._own.lost.get(key)
            if key in ongoing and not again:
                # To stop it would cut off what somebody else wants.
                message = (
                    f"It records {key.recording_id} for somebody else, and nothing beside that; "
                    "stop that first, or wait for its end"
                )
                raise RefusedError(message)
            if self._own.is_abandoned:
                await self._client.stop_recording(key)
                raise RefusedError(_ABANDONED)
            own = _started(key, again, duration, starter, by_switch=by_switch)
            if again:
                self._deadlines.forget(key)
            if by_switch:
                self.last_end = None
            await self._own.async_put(own)
            return own

    def _require_owner(self) -> None:
        """Start nothing that nobody would stop. RefusedError if the camera was removed."""
        if self._own.is_abandoned:
            raise RefusedError(_ABANDONED)

    async def _known_to_go_on(self) -> frozenset[RecordingKey]:
        """Return what goes on already, for somebody else perhaps.

        What a poll has shown is not enough: it may be older than an event, and no event reports what begins
        beside another recording.
        """
        if self._is_idle() and not self._ongoing:
            return self._ongoing
        newest = RecordingQuery(recording_id="all", limit=_NEWEST)
        try:
            async with asyncio.timeout(_LIST_SECONDS):
                while True:
                    page = await self._client.fetch_recordings(newest)
                    listed = {each.key for each in page.recordings if each.is_ongoing}
                    if listed or not self._is_ahead():
                        return self._ongoing | listed
                    await asyncio.sleep(_LIST_PAUSE)
        except CameraConnectionError:
            raise
        except (TimeoutError, VapixError) as err:
            # An alarm is recorded all the same.
            LOGGER.debug("What goes on before a start is not known: %r", err)
            return self._ongoing

    async def async_stop(
        self, key: RecordingKey, reason: EndReason = EndReason.TURNED_OFF
    ) -> StopResult:
        """Stop a recording. One that has already ended is no error."""
        with self._hold(key):
            async with self._lock:
                return await self._stop(key, reason)

    async def async_remove(self, key: RecordingKey) -> None:
        """Remove a recording forever; one that goes on is stopped first.

        What a camera does with an ongoing one is not documented, so it has to be over before.
        """
        with self._hold(key):
            if await self._is_ongoing(key):
                async with self._lock:
                    await self._request_stop(key, EndReason.REMOVED)
                for _ in range(STOP_CHECKS):
                    if not await self._is_ongoing(key):
                        break
                    await asyncio.sleep(STOP_CHECK_SECONDS)
                else:
                    message = f"{key.recording_id} was asked to stop but goes on"
                    raise RefusedError(message)
            await self._client.remove_recording(key)
            await self._forget(key, EndReason.REMOVED)

    async def async_give_up(self, key: RecordingKey) -> None:
        """Forget a recording that the camera does not know any more, unless it is listed again."""
        if own := self._own.find(key):
            self._own.lost[key] = own
            await self._forget(key, EndReason.REMOVED)

    async def async_settle(self, snapshot: Snapshot, *, is_back: bool = False) -> None:
        """Compare what is Home Assistant's own with what the camera says is going on.

        Runs as a part of each poll, so an own recording's end shows in the same moment. What a command is
        under way for is left to it, and what is due is stopped by a command of its own: no poll waits for
        either. ``is_back`` says that the camera could not be reached before.
        """
        self._ongoing = frozenset(each.key for each in snapshot.ongoing)
        for key in [each for each in self._own.lost if snapshot.find_ongoing(each)]:
            if (own := self._own.lost.pop(key, None)) is None:
                continue  # It was started again meanwhile.
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
                await self._find_end(own, snapshot)
            except VapixError as err:
                # The next poll asks again.
                LOGGER.debug("What became of %s is not known: %s", own.key, err)
        if is_back:
            self._deadlines.try_now()
        await self._own.async_save_again()
        self._deadlines.async_stop_due()

    @callback
    def async_shutdown(self) -> None:
        """Let go of the timer. Recordings go on."""
        self._deadlines.async_shutdown()
        self._own.on_change = self._own.on_start = None

    @contextmanager
    def _hold(self, key: RecordingKey) -> Generator[None]:
        """Keep polls from judging what a command is about to end."""
        self._held[key] += 1
        try:
            yield
        finally:
            self._held[key] -= 1
            self._held += Counter()

    async def _find_end(self, own: OwnRecording, snapshot: Snapshot) -> None:
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
        elif await self._restarted_since(own):
            reason = EndReason.CAMERA_RESTARTED
        else:
            reason = EndReason.STOPPED_ELSEWHERE
        # Meanwhile, somebody may have commanded it.
        if own.key not in self._held and self._own.find(own.key) is own:
            LOGGER.info("Own recording %s is over: %s", own.recording_id, reason)
            if found is None:
                self._own.lost[own.key] = own
            await self._forget(own.key, reason)

    def _is_gone(self, own: OwnRecording) -> bool:
        """Return whether a recording is taken for gone, as it is not listed: a list may be short for a moment."""
        now = time.monotonic()
        return now - self._missing_since.setdefault(own.key, now) >= LISTING_SECONDS

    async def _stop(self, key: RecordingKey, reason: EndReason) -> StopResult:
        result, reason = await self._request_stop(key, reason)
        await self._forget(key, reason)
        return result

    async def _request_stop(
        self, key: RecordingKey, reason: EndReason
    ) -> tuple[StopResult, EndReason]:
        """Return what came of it, and why the recording is over then."""
        if self._own.find(key):
            self._asked[key] = reason
        try:
            await self._client.stop_recording(key)
        except RefusedError:
            # It is not documented what a camera answers where there is nothing to stop.
            self._asked.pop(key, None)
            found, own = await self._find(key), self._own.find(key)
            if own and found is None:
                if not self._is_gone(own):
                    raise
                self._own.lost[key] = own
                reason = EndReason.REMOVED
            elif found and found.is_ongoing:
                # After a power cut a camera may list forever what it can't stop any more.
                if own is None or not await self._restarted_since(own):
                    raise
                reason = EndReason.CAMERA_RESTARTED
            return StopResult.ALREADY_ENDED, reason
        return StopResult.STOPPED, reason

    async def _stop_in_time(self, own: OwnRecording) -> None:
        with self._hold(own.key):
            async with self._lock:
                # Another start may have given it more time meanwhile.
                if self._own.find(own.key) is own:
                    await self._stop(own.key, EndReason.TIME_OVER)

    async def _forget(self, key: RecordingKey, reason: EndReason) -> None:
        self._asked.pop(key, None)
        self._missing_since.pop(key, None)
        self._deadlines.forget(key)
        own = self._own.find(key)
        if own and own.by_switch:
            self.last_end = reason
        await self._own.async_forget(key)

    async def _find(self, key: RecordingKey) -> Recording | None:
        return await self._client.find_recording(key)

    async def _is_ongoing(self, key: RecordingKey) -> bool:
        found = await self._find(key)
        return found is not None and found.is_ongoing

    async def _restarted_since(self, own: OwnRecording) -> bool:
        try:
            boot = await self._client.fetch_boot()
        except CameraConnectionError:
            raise
        except VapixError:
            # Older than AXIS OS 9.50: the camera can't say.
            return False
        return boot.is_after(own.started, own.now)


def _started(
    key: RecordingKey,
    again: OwnRecording | None,
    duration: timedelta | None,
    starter: Starter,
    *,
    by_switch: bool,
) -> OwnRecording:
    """Return what was started.

    ``again`` is what is known of it, where a camera answers a second start with what goes on already. Then one
    recording has two masters, and goes on for as long as either of them wants.
    """
    now = again.now if again else dt_util.utcnow()
    deadline = now + duration if duration else None
    if again:
        return replace(
            again,
            deadline=later_deadline(again.deadline, deadline),
            by_switch=again.by_switch or by_switch,
        )
    return OwnRecording(
        disk_id=key.disk_id,
        recording_id=key.recording_id,
        started=now,
        deadline=deadline,
        by_switch=by_switch,
        starter=starter,
    )


def later_deadline(first: datetime | None, second: datetime | None) -> datetime | None:
    """Return the later of two times to stop, where None is never."""
    return None if first is None or second is None else max(first, second)
