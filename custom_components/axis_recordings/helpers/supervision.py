"""Let what works on its own go on, whatever nobody foresaw.

Errors that are foreseen are handled where they arise. All others are faults of ours: each is logged once with
its traceback, and what it broke off is tried again, more and more rarely.
"""

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final, Self
from weakref import WeakKeyDictionary

from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later

from ..const import LOGGER
from .backoff import Backoff
from .context import async_begin

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from datetime import datetime
    from types import TracebackType

    from homeassistant.config_entries import ConfigEntry

# What has not happened again for as long is news when it does; longer than any wait for another try.
QUIET_SECONDS: Final = 3600.0


_causes: Final[WeakKeyDictionary[ConfigEntry[Any], dict[object, float]]] = (
    WeakKeyDictionary()
)
"""When what raised an error did so last, by our monotonic clock."""


class Guard:
    """Survives unforeseen errors: ``with guard:`` swallows them.

    What keeps failing, or fails now and then, is logged once for each config entry, with its traceback.
    """

    def __init__(self, entry: ConfigEntry[Any], what: str) -> None:
        """Guard something that is done for a config entry."""
        self._entry = entry
        self._what = what

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        err: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        """Swallow an error; a cancellation and what ends the program pass."""
        if not isinstance(err, Exception):
            return False
        self.note(err)
        return True

    def note(self, err: Exception) -> None:
        """Log an error, unless its cause has been there lately."""
        causes = _causes.setdefault(self._entry, {})
        cause, now = (type(err), _place(err)), time.monotonic()
        if now - causes.get(cause, -QUIET_SECONDS) >= QUIET_SECONDS:
            LOGGER.error(
                "%s: unexpected error (%s)", self._entry.title, self._what, exc_info=err
            )
        causes[cause] = now


def _place(err: Exception) -> tuple[str, int] | None:
    """Return where an error was raised."""
    place = None
    traceback = err.__traceback__
    while traceback is not None:
        place = (traceback.tb_frame.f_code.co_filename, traceback.tb_lineno)
        traceback = traceback.tb_next
    return place


def guarded[*Ts](
    entry: ConfigEntry[Any], call: Callable[[*Ts], object]
) -> Callable[[*Ts], None]:
    """Return a callback that raises nothing."""
    guard = Guard(entry, getattr(call, "__qualname__", repr(call)))

    @callback
    def survive(*args: *Ts) -> None:
        with guard:
            call(*args)

    return survive


async def survive(guard: Guard, act: Coroutine[Any, Any, None]) -> None:
    """Do something in a task that raises nothing."""
    with guard:
        await act


class TryAgainError(Exception):
    """A worker's job could not be done, for a reason that was foreseen."""

    def __init__(self, at_least: float = 0.0) -> None:
        """Try again after so many seconds or more."""
        super().__init__(at_least)
        self.at_least = at_least


class Worker:
    """Does a job in a task of the config entry whenever it is started, and never twice at a time.

    It survives what the job raises, and tries again later. Nothing of it outlives the entry's unloading.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        name: str,
        job: Callable[[], Coroutine[Any, Any, None]],
        backoff: Backoff | None = None,
    ) -> None:
        """Prepare; nothing is done yet. The backoff says how long to wait after the job has failed."""
        self._hass = hass
        self._entry = entry
        self._name = name
        self._job = job
        self._guard = Guard(entry, name)
        self._backoff = backoff or Backoff()
        self._task: asyncio.Task[None] | None = None
        self._cancel_timer: CALLBACK_TYPE | None = None
        self._is_wanted = False
        self._is_retired = False
        self.is_running = False
        """Whether the job is being done."""
        entry.async_on_unload(self._async_retire)

    @property
    def is_planned(self) -> bool:
        """Return whether the job will be done later, after a failure for example."""
        return self._cancel_timer is not None

    @callback
    def async_start(self, _now: datetime | None = None) -> None:
        """Do the job now; if it is being done, once more after that."""
        self.async_forget_plan()
        # Home Assistant has broken off what was going on, and closes connections soon.
        if self._is_retired or self._hass.is_stopping:
            return
        self._is_wanted = True
        if not self.is_running:
            self.is_running = True
            self._task = async_begin(self._hass, self._entry, self._run(), self._name)

    @callback
    def async_start_later(self, seconds: float) -> None:
        """Do the job after a time, unless it is started before."""
        self.async_forget_plan()
        if not self._is_retired:
            self._cancel_timer = async_call_later(
                self._hass, seconds, HassJob(self.async_start, cancel_on_shutdown=True)
            )

    @callback
    def async_forget_plan(self) -> None:
        """Do not start later."""
        if self._cancel_timer:
            self._cancel_timer()
            self._cancel_timer = None

    def worked(self) -> None:
        """Note that a job that has not come to its end does what it should."""
        self._backoff.reset()

    async def async_wait(self, seconds: float) -> None:
        """Wait until what was started is done, but no longer than so many seconds."""
        if self.is_running and self._task is not None:
            await asyncio.wait([self._task], timeout=seconds)

    async def async_stop(self) -> None:
        """End for good."""
        self._async_retire()
        await self.async_break_off()

    async def async_break_off(self) -> None:
        """End what is being done or planned, until the job is started again."""
        self.async_forget_plan()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    @callback
    def _async_retire(self) -> None:
        self._is_retired = True
        self.async_forget_plan()

    async def _run(self) -> None:
        try:
            while self._is_wanted and not self._hass.is_stopping:
                self._is_wanted = False
                await self._try()
        finally:
            self.is_running = False

    async def _try(self) -> None:
        at_least = 0.0
        try:
            await self._job()
        except TryAgainError as err:
            at_least = err.at_least
        except Exception as err:  # noqa: BLE001 - whatever it is
            self._guard.note(err)
        else:
            self.worked()
            return
        # What was wanted meanwhile is done then, too.
        self._is_wanted = False
        self.async_start_later(self._backoff.note_failure(at_least=at_least))
