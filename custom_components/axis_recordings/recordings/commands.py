"""Command a camera: each command goes on to its end, and a poll after it shows what came of it."""

import asyncio
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from ..const import DOMAIN, LOGGER
from ..exceptions import translated_error, translation_key
from ..helpers.context import as_home_assistant
from ..vapix import (
    CameraConnectionError,
    MissingRightsError,
    UnnamedRecordingError,
    VapixError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator
    from datetime import datetime

    from homeassistant.util.json import JsonObjectType

# What an operator's account on the camera may not do.
ADMINISTRATORS_COMMANDS: Final = ("mount_disk", "unmount_disk")

# Slow cameras answer within seconds. For one that is silent, nobody should wait before a reload.
FINISH_SECONDS: Final = 10.0
# When Home Assistant stops, what is answered later is lost. It gives its integrations 100 s.
LAST_SECONDS: Final = 60.0

# Whoever commands a camera sees at once what came of it, unless its list takes longer than this.
POLL_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandError:
    """The last command that failed."""

    command: str
    message: str
    time: datetime


@dataclass(slots=True, kw_only=True)
class SentAction:
    """The last action that was sent to a camera."""

    service: str
    fields: dict[str, Any]
    task: asyncio.Task[list[JsonObjectType]]
    is_overdue: bool = False
    """Whether nobody waits for it any more, though the camera has not answered yet."""

    def is_repeated_by(self, service: str, fields: dict[str, Any]) -> bool:
        """Return whether an action asks for what the camera may still do."""
        return (
            self.is_overdue
            and not self.task.done()
            and self.service == service
            and self.fields == fields
        )


class Polled(Protocol):
    """What shows how a camera is."""

    name: str
    """The camera's."""

    async def async_refresh_in_turn(self) -> None:
        """Poll once not too many cameras do."""

    def async_update_listeners(self) -> None:
        """Show what has changed beside the polls."""


class Commands:
    """The commands of one camera, by their names."""

    def __init__(self, hass: HomeAssistant, camera: Polled) -> None:
        """Begin with no command."""
        self._hass = hass
        self._camera = camera
        self._tasks: set[asyncio.Task[Any]] = set()
        self.turn = asyncio.Lock()
        """Held while a recording is being started, so that a stop that comes meanwhile finds it."""
        self.last_error: CommandError | None = None
        self._sent: list[SentAction] = []

    @callback
    def async_find_sent(
        self, service: str, fields: dict[str, Any]
    ) -> SentAction | None:
        """Return the same action if the camera may still do it, and nothing else was sent since.

        Two that differ only in what they ask for do not get into each other's way.
        """
        return next(
            (each for each in self._sent if each.is_repeated_by(service, fields)), None
        )

    @callback
    def async_note_sent(self, sent: SentAction) -> None:
        """Remember an action until it is done, or another one follows."""
        self._sent = [
            each
            for each in self._sent
            if each.service == sent.service and not each.task.done()
        ]
        self._sent.append(sent)

    async def async_run[T](
        self, command: str, act: Callable[[], Coroutine[Any, Any, T]]
    ) -> T:
        """Command the camera, and poll at once after it, whatever came of it.

        It goes on to its end in a task of its own, also if whoever asked for it no longer waits: the
        camera may have obeyed already, and what it did has to be known. Raises HomeAssistantError in the
        user's words.
        """
        task = self._create_task(command, act)
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            task.add_done_callback(partial(self._note_unheard, command))
            raise
        return task.result()

    @callback
    def async_start(
        self, command: str, act: Callable[[], Coroutine[Any, Any, None]]
    ) -> None:
        """Command the camera as ``async_run`` does, but wait for nothing."""
        self._create_task(command, act).add_done_callback(
            partial(self._note_unheard, command)
        )

    async def async_finish(self, *, is_last: bool = False) -> None:
        """Wait for the commands under way, longer if Home Assistant stops, but not forever."""
        if self._tasks:
            await asyncio.wait(
                self._tasks, timeout=LAST_SECONDS if is_last else FINISH_SECONDS
            )

    @callback
    def async_note_error(self, command: str, err: Exception) -> None:
        """Remember why a command failed."""
        self.last_error = CommandError(
            command=command, message=str(err), time=dt_util.utcnow()
        )

    def _create_task[T](
        self, command: str, act: Callable[[], Coroutine[Any, Any, T]]
    ) -> asyncio.Task[T]:
        async def run() -> T:
            try:
                with self.translated_errors(command):
                    return await act()
            finally:
                await self._poll_briefly()

        with as_home_assistant():
            task = self._hass.async_create_task(run(), f"{DOMAIN} {command}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _poll_briefly(self) -> None:
        """Poll, and let nobody wait for a slow list; the poll goes on."""
        try:
            async with asyncio.timeout(POLL_SECONDS):
                await self._camera.async_refresh_in_turn()
        except TimeoutError:
            self._camera.async_update_listeners()

    @callback
    def _note_unheard(self, command: str, task: asyncio.Task[Any]) -> None:
        """Log that a command failed for which nobody waits any more."""
        if task.cancelled() or (err := task.exception()) is None:
            return
        assert isinstance(err, Exception)  # noqa: S101 - others end the event loop
        LOGGER.warning("%s: %s failed: %s", self._camera.name, command, err)
        if not isinstance(err.__cause__, VapixError):
            self.async_note_error(command, err)
            self._camera.async_update_listeners()

    @contextmanager
    def translated_errors(self, command: str) -> Generator[None]:
        """Say in the user's words why a command failed, and remember it.

        Whatever it was is raised as HomeAssistantError, so that whoever sends several commands goes on.
        """
        try:
            yield
        except HomeAssistantError:
            raise
        except VapixError as err:
            self.async_note_error(command, err)
            key = translation_key(err)
            if (
                command == "start"
                and isinstance(err, CameraConnectionError)
                and err.sent
            ):
                key = "start_unanswered"
            if isinstance(err, UnnamedRecordingError):
                key = "start_unnamed"
            if command in ADMINISTRATORS_COMMANDS and isinstance(
                err, MissingRightsError
            ):
                key = "needs_administrator"
            raise translated_error(
                HomeAssistantError, key, camera=self._camera.name, reason=str(err)
            ) from err
        except Exception as err:
            LOGGER.exception("%s: unexpected error (%s)", self._camera.name, command)
            fault = translated_error(
                HomeAssistantError,
                "unexpected_error",
                camera=self._camera.name,
                reason=type(err).__name__,
            )
            self.async_note_error(command, fault)
            raise fault from err
