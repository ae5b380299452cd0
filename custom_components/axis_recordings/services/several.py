"""Act on several cameras at once, and report what was done and what was not."""

import asyncio
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv

from ..const import DOMAIN, LOGGER
from ..helpers.answers import ANSWER_SECONDS, in_time, no_answer
from ..recordings.commands import SentAction
from ..vapix import VapixError
from .targets import Failure, identity

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator

    from homeassistant.core import HomeAssistant, ServiceCall
    from homeassistant.util.json import JsonObjectType, JsonValueType

    from ..runtime import AxisRecordingsData
    from .targets import Target

type Act = Callable[[AxisRecordingsData], Coroutine[Any, Any, list[JsonObjectType]]]


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What came of an action."""

    items: list[JsonValueType] = field(default_factory=list)
    """What was done, each with the camera that has done it."""
    failures: list[Failure]
    """The most telling one first."""
    is_done: bool = False
    """Whether any camera has done what it was asked for, even if that was nothing."""

    def answer(self, call: ServiceCall, **fields: JsonValueType) -> JsonObjectType:
        """Return the answer of an action with these fields.

        If nothing could be done, the most telling failure is raised. All others are in the answer, and in the
        log, as not every script reads the answer.
        """
        is_error = bool(self.failures) and not self.is_done
        for failure in self.failures[1 if is_error else 0 :]:
            LOGGER.warning(
                "Action %s failed for %s: %s",
                call.service,
                failure.entry.title,
                _message(failure.error),
            )
        if is_error:
            raise self.failures[0].error
        if self.failures:
            fields["errors"] = [_error(call.hass, each) for each in self.failures]
        return fields


class PartFailures:
    """Failures with single recordings: they belong to the action's answer, or to the log once that is given."""

    def __init__(self, call: ServiceCall) -> None:
        """Begin with none."""
        self._call = call
        self._noted: list[tuple[AxisRecordingsData, Exception]] = []
        self._is_answered = False

    @property
    def noted(self) -> list[Failure]:
        """Return those of the answer."""
        return [Failure(camera.entry, err) for camera, err in self._noted]

    def note(self, camera: AxisRecordingsData, err: Exception) -> None:
        """Take a failure."""
        if self._is_answered:
            _log_late_failure(self._call, camera, err)
        else:
            self._noted.append((camera, err))

    @contextmanager
    def until_answered(self) -> Generator[None]:
        """Collect them for the answer. If nobody waits for it any more, they are logged, too."""
        try:
            yield
        except BaseException:
            for camera, err in self._noted:
                _log_late_failure(self._call, camera, err)
            raise
        finally:
            self._is_answered = True


async def command_each(
    call: ServiceCall,
    target: Target,
    act: Act,
    *,
    joins: bool = False,
    is_at_work: Callable[[AxisRecordingsData], bool] = lambda _: False,
    is_bystander: Callable[[AxisRecordingsData], bool] = lambda _: False,
) -> Outcome:
    """Act on all cameras at once, however many of them fail or are silent.

    One that has not answered in time is a failure, but what it was sent goes on to its end. With `joins`,
    whoever repeats the action meanwhile waits for the same, so that nothing is done twice. Whoever
    `is_at_work` is waited for. A failure of a bystander is no failure of a command.
    """
    sent = {camera: _send(call, camera, act, joins=joins) for camera in target.cameras}
    tasks = {camera: action.task for camera, action in sent.items()}
    try:
        await _answers(tasks, is_at_work)
    finally:
        for camera, action in sent.items():
            if not (action.task.done() or action.is_overdue):
                action.is_overdue = True
                action.task.add_done_callback(partial(_note_late, call, camera))
    return _outcome(call, target, tasks, is_bystander)


async def ask_each(call: ServiceCall, target: Target, ask: Act) -> Outcome:
    """Ask all cameras at once. Those that have not answered in time are not asked any further."""
    tasks = {
        camera: call.hass.async_create_task(
            in_time(camera.name, ask(camera)), f"{DOMAIN} {call.service}"
        )
        for camera in target.cameras
    }
    # Unlike commands, questions end with whoever has asked them.
    await asyncio.gather(*tasks.values(), return_exceptions=True)
    return _outcome(call, target, tasks, is_bystander=lambda _: True)


def _fields(call: ServiceCall) -> dict[str, Any]:
    """Return what a call asks for, whatever its target."""
    return {
        name: value
        for name, value in call.data.items()
        if name not in cv.ENTITY_SERVICE_FIELDS
    }


def _send(
    call: ServiceCall, camera: AxisRecordingsData, act: Act, *, joins: bool
) -> SentAction:
    """Let a camera act, or return what it was sent before if this is the same once more."""
    fields = _fields(call)
    if joins and (before := camera.commands.async_find_sent(call.service, fields)):
        return before
    task = call.hass.async_create_task(act(camera), f"{DOMAIN} {call.service}")
    sent = SentAction(service=call.service, fields=fields, task=task)
    camera.commands.async_note_sent(sent)
    return sent


async def _answers(
    tasks: dict[AxisRecordingsData, asyncio.Task[list[JsonObjectType]]],
    is_at_work: Callable[[AxisRecordingsData], bool] = lambda _: False,
) -> None:
    """Wait until all have answered or it takes too long."""
    waiting = True
    while waiting and (pending := [task for task in tasks.values() if not task.done()]):
        await asyncio.wait(pending, timeout=ANSWER_SECONDS)
        waiting = any(
            is_at_work(camera) for camera, task in tasks.items() if not task.done()
        )


def _outcome(
    call: ServiceCall,
    target: Target,
    tasks: dict[AxisRecordingsData, asyncio.Task[list[JsonObjectType]]],
    is_bystander: Callable[[AxisRecordingsData], bool],
) -> Outcome:
    outcome = Outcome(failures=[])
    for camera, task in tasks.items():
        entry = camera.entry
        err = task.exception() if task.done() else no_answer(camera.name)
        if isinstance(err, Exception):
            outcome.failures.append(Failure(entry, err))
            _log_unforeseen(call, camera, err)
            if not is_bystander(camera):
                _note(camera, call.service, err)
        else:
            outcome.is_done = True
            who = identity(call.hass, entry)
            outcome.items += [item | who for item in task.result()]
    # What is wrong with the fields is wrong whatever becomes of the other cameras.
    outcome.failures.sort(
        key=lambda failure: not isinstance(failure.error, ServiceValidationError)
    )
    outcome.failures += target.failures
    return outcome


@callback
def _note_late(
    call: ServiceCall,
    camera: AxisRecordingsData,
    task: asyncio.Task[list[JsonObjectType]],
) -> None:
    """Report a failure for which nobody has waited."""
    if task.cancelled() or not isinstance(err := task.exception(), Exception):
        return
    _log_late_failure(call, camera, err)
    _log_unforeseen(call, camera, err)
    _note(camera, call.service, err)


def _log_late_failure(
    call: ServiceCall, camera: AxisRecordingsData, err: Exception
) -> None:
    """Log a failure that came after the action's answer."""
    LOGGER.warning(
        "Action %s failed for %s in the end: %s",
        call.service,
        camera.name,
        _message(err),
    )


def _log_unforeseen(
    call: ServiceCall, camera: AxisRecordingsData, err: Exception
) -> None:
    if not isinstance(err, HomeAssistantError):
        LOGGER.error(
            "Unexpected error in action %s for %s",
            call.service,
            camera.name,
            exc_info=err,
        )


def _note(camera: AxisRecordingsData, command: str, err: Exception) -> None:
    """Remember a failure of a command, unless the fields were wrong, or it is remembered already."""
    if isinstance(err, ServiceValidationError) or isinstance(err.__cause__, VapixError):
        return
    camera.commands.async_note_error(command, err)
    camera.recordings.async_update_listeners()


def _message(err: Exception) -> str:
    return str(err) or type(err).__name__


def _error(hass: HomeAssistant, failure: Failure) -> JsonValueType:
    """Return a failure as scripts see it."""
    err = failure.error
    key = err.translation_key if isinstance(err, HomeAssistantError) else None
    return identity(hass, failure.entry) | {"error": _message(err), "error_key": key}
