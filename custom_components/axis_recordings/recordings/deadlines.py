"""Stop recordings whose time is over, and try again what could not be stopped."""

from dataclasses import dataclass, field
from functools import partial
from logging import DEBUG, WARNING
from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from ..const import LOGGER
from ..helpers.backoff import Backoff
from ..vapix import BusyError, VapixError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable
    from datetime import datetime

    from ..vapix import RecordingKey
    from .own import OwnRecording, OwnRecordings

# A camera that is busy for a moment is nobody's business.
OVERDUE: Final = 60.0


@dataclass(slots=True, kw_only=True)
class FailedStop:
    """A recording whose time is over and that could not be stopped."""

    own: OwnRecording
    reason: str = ""
    """In the camera's words or ours."""
    backoff: Backoff = field(default_factory=Backoff)


class Deadlines:
    """Stops one camera's recordings in time."""

    def __init__(
        self,
        hass: HomeAssistant,
        own: OwnRecordings,
        *,
        command: Callable[[str, Callable[[], Coroutine[Any, Any, None]]], object],
        stop: Callable[[OwnRecording], Coroutine[Any, Any, None]],
        is_held: Callable[[RecordingKey], bool],
        note_error: Callable[[Exception], None],
    ) -> None:
        """Run ``stop`` as a named command for what is over, unless it ``is_held`` by another one."""
        self._hass = hass
        self._own = own
        self._command = command
        self._stop = stop
        self._is_held = is_held
        self._note_error = note_error
        self._failed: dict[RecordingKey, FailedStop] = {}
        self._is_stopping = False
        self._is_closed = False
        self._cancel_timer: CALLBACK_TYPE | None = None

    @property
    def overdue(self) -> list[FailedStop]:
        """Return what should have ended a while ago but could not be stopped."""
        return [
            failed
            for failed in self._failed.values()
            if _is_over(failed.own, OVERDUE)
            # What an earlier life of the config entry was still stopping is over, too.
            and self._own.find(failed.own.key)
        ]

    @callback
    def async_stop_due(self) -> None:
        """Stop what has reached its deadline, as a command like any other."""
        due = [own for own in self._own.all if _is_over(own) and self._may_try(own.key)]
        if due and not self._is_stopping:
            self._is_stopping = True
            self._command("stop", partial(self._stop_all, due))
        self.async_plan()

    @callback
    def async_plan(self) -> None:
        """Wait for the next deadline or the next try, instead of what was waited for before."""
        self._async_forget_timer()
        if self._is_closed:
            return
        waits = [
            failed.backoff.seconds_left
            if (failed := self._failed.get(own.key))
            else own.seconds_left
            for own in self._own.all
        ]
        if later := [seconds for seconds in waits if seconds and seconds > 0]:
            self._cancel_timer = async_call_later(
                self._hass, min(later), self._async_deadline_reached
            )

    @callback
    def async_shutdown(self) -> None:
        """Let go of the timer. Recordings go on."""
        self._is_closed = True
        self._async_forget_timer()

    def forget(self, key: RecordingKey) -> None:
        """Forget that a recording could not be stopped: it is over, or has got more time."""
        self._failed.pop(key, None)

    def try_now(self) -> None:
        """Try at once what could not be stopped, as the camera is back."""
        for failed in self._failed.values():
            failed.backoff.try_now()

    def _may_try(self, key: RecordingKey) -> bool:
        failed = self._failed.get(key)
        return not self._is_held(key) and (failed is None or failed.backoff.is_due)

    async def _stop_all(self, due: Iterable[OwnRecording]) -> None:
        try:
            for own in due:
                try:
                    await self._stop(own)
                except Exception as err:  # noqa: BLE001 - the others are to be stopped all the same
                    self._note_failed_stop(own, err)
        finally:
            self._is_stopping = False
            self.async_plan()

    def _note_failed_stop(self, own: OwnRecording, err: Exception) -> None:
        """Log once that a recording goes on, and try again later."""
        failed = self._failed.get(own.key)
        is_first = failed is None
        if failed is None or failed.reason != str(err):
            self._note_error(err)
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
    def _async_deadline_reached(self, _now: datetime) -> None:
        self._cancel_timer = None
        self.async_stop_due()

    @callback
    def _async_forget_timer(self) -> None:
        if self._cancel_timer:
            self._cancel_timer()
            self._cancel_timer = None


def _is_over(own: OwnRecording, since: float = 0.0) -> bool:
    """Return whether a recording should have ended so many seconds ago."""
    return own.seconds_left is not None and own.seconds_left <= -since
