"""Cancel whatever is awaited at each moment at which that is possible.

A script in ``mode: restart`` cancels its action at whatever it just waits for. Two kinds of moments cover
that. A *suspension* of the action's own task: it is cancelled as soon as it waits, or with what it waited
for in hand. And a *request* that the camera gets meanwhile: the action is cancelled before the camera
obeys, or when it has obeyed but nobody has read its answer.
"""

import asyncio
from collections.abc import Coroutine
from enum import StrEnum
from itertools import count
from typing import TYPE_CHECKING, Any, override

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable
    from types import TracebackType

    from tests.camera import CameraServer
    from tests.camera.wire import Exchange


class Moment(StrEnum):
    """When to cancel, counted from the beginning of the action."""

    WAITING = "at the suspension"
    RESUMED = "after the suspension"
    SENT = "at the request"
    OBEYED = "after the request"


class _Watched(Coroutine[Any, Any, Any]):
    """Passes a coroutine on to its task, and reports each suspension."""

    def __init__(
        self, inner: Coroutine[Any, Any, Any], note: Callable[[Any], None]
    ) -> None:
        self._inner = inner
        self._note = note

    @override
    def send(self, value: Any) -> Any:
        awaited = self._inner.send(value)
        self._note(awaited)
        return awaited

    @override
    def throw(
        self,
        typ: type[BaseException] | BaseException,
        val: BaseException | object = None,
        tb: TracebackType | None = None,
    ) -> Any:
        awaited = self._inner.throw(typ)
        self._note(awaited)
        return awaited

    @override
    def close(self) -> None:
        self._inner.close()

    @override
    def __await__(self) -> Any:
        return self._inner.__await__()


class _Canceller:
    """Cancels a task at one moment."""

    def __init__(self, moment: Moment, number: int) -> None:
        self._moment = moment
        self._left = number
        self.task: asyncio.Task[Any] | None = None
        self.has_cancelled = False

    def note_suspension(self, awaited: Any) -> None:
        """Hear that the task waits for something."""
        if self._is_now(Moment.WAITING):
            self._cancel_soon()
        elif self._is_now(Moment.RESUMED):
            if awaited is None:
                self._cancel_soon()
            else:
                # Before the task hears of it, which is reported after us.
                awaited.add_done_callback(self._cancel)

    def note_request(self, _: Exchange) -> None:
        """Hear that the camera was asked for something, before it does anything."""
        if self._is_now(Moment.SENT):
            self._cancel()
        elif self._is_now(Moment.OBEYED):
            self._cancel_soon()

    def _is_now(self, moment: Moment) -> bool:
        self._left -= moment is self._moment
        return moment is self._moment and self._left == 0

    def _cancel_soon(self) -> None:
        asyncio.get_running_loop().call_soon(self._cancel)

    def _cancel(self, *_: object) -> None:
        assert self.task is not None
        if not self.task.done():
            self.has_cancelled = True
            self.task.cancel()


async def run_and_cancel(
    act: Callable[[], Coroutine[Any, Any, Any]],
    server: CameraServer | None,
    moment: Moment,
    number: int,
) -> bool:
    """Act, and cancel that at the moment of this number. False if it ended before."""
    canceller = _Canceller(moment, number)
    listeners = server.request_listeners if server else []
    listeners.append(canceller.note_request)
    try:
        canceller.task = asyncio.get_running_loop().create_task(
            _Watched(act(), canceller.note_suspension)
        )
        await asyncio.wait([canceller.task])
    finally:
        listeners.remove(canceller.note_request)
    if not canceller.task.cancelled():
        canceller.task.result()
    return canceller.has_cancelled


async def each_cancellation(
    act: Callable[[], Coroutine[Any, Any, Any]],
    server: CameraServer | None,
    prepare: Callable[[], Awaitable[None]],
    *,
    most: int = 1000,
) -> AsyncGenerator[str]:
    """Act again and again, cancelled at each moment in turn, and yield its name after each.

    ``prepare`` sets the scene anew for each. Without a server, nothing is asked of a camera.
    """
    for moment in Moment:
        for number in count(1):
            assert number < most, f"{moment} {number}"
            await prepare()
            if not await run_and_cancel(act, server, moment, number):
                break
            yield f"{moment} {number}"
