"""Poll a camera, and command it on behalf of the entities and actions."""

import asyncio
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import callback
from homeassistant.exceptions import (
    ConfigEntryAuthFailed,
    HomeAssistantError,
    ServiceValidationError,
)
from homeassistant.helpers.update_coordinator import UpdateFailed

from .catalogue import Catalogue
from .const import CONF_DISK, CONF_READ_ONLY, DOMAIN, LOGGER
from .errors import translation_key
from .feed import ActivityFeed
from .log_in import async_try_again
from .own_recordings import async_own_recordings
from .player import Playback
from .polling import PollingCoordinator
from .push import Push
from .recorder import Recorder
from .vapix import (
    AuthenticationError,
    BusyError,
    Camera,
    CameraConnectionError,
    CertificateError,
    MissingRightsError,
    NotSupportedError,
    RecordingKey,
    RecordingWatch,
    Snapshot,
    VapixClient,
    VapixError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator, Iterable

    from homeassistant.core import HomeAssistant
    from homeassistant.util.json import JsonObjectType

    from .issues import CameraIssues
    from .several import SentAction
    from .storage import StorageCoordinator

# People look at the state of a recording that goes on more often than at an idle camera. Both are far
# from what the smallest cameras can bear: one request, and some hundred bytes.
RECORDING_INTERVAL: Final = timedelta(seconds=10)
IDLE_INTERVAL: Final = timedelta(seconds=30)
# A camera that tells what happens tells only whether anything is being recorded at all: what begins or
# ends beside another recording is seen by polls alone. Of an idle one, they see only what is removed or
# cleaned up. Below the pause after which the watch learns everything anew.
PUSHED_IDLE_INTERVAL: Final = timedelta(minutes=5)
# What an operator's account on the camera may not do.
ADMINISTRATORS_COMMANDS: Final = ("mount_disk", "unmount_disk")

# Slow cameras answer within seconds. For one that is silent, nobody should wait before a reload.
FINISH_SECONDS: Final = 10.0
# When Home Assistant stops, what is answered later is lost. It gives its integrations 100 s.
LAST_SECONDS: Final = 60.0

# Whoever commands a camera sees at once what came of it, unless its list takes longer than this.
POLL_SECONDS: Final = 5.0

type AxisRecordingsConfigEntry = ConfigEntry[AxisRecordingsCoordinator]


class AxisRecordingsCoordinator(PollingCoordinator[Snapshot]):
    """Everything that is known of one camera."""

    config_entry: AxisRecordingsConfigEntry
    camera: Camera
    issues: CameraIssues
    storage: StorageCoordinator

    def __init__(
        self,
        hass: HomeAssistant,
        entry: AxisRecordingsConfigEntry,
        client: VapixClient,
    ) -> None:
        """Poll with the client."""
        super().__init__(
            hass,
            LOGGER,
            config_entry=entry,
            name=entry.title,
            update_interval=IDLE_INTERVAL,
        )
        self.client = client
        self.catalogue = Catalogue(hass, client)
        self.recorder = Recorder(
            hass,
            client,
            async_own_recordings(hass, entry.entry_id),
            self.async_start_command,
        )
        self.playback = Playback(hass, self)
        self.feed = ActivityFeed(hass, self)
        self.push = Push(hass, self)
        self.last_check: JsonObjectType | None = None
        """How the camera answered when it was checked."""
        self.last_checked = 0.0
        """When that was, by our monotonic clock."""
        self.look: asyncio.Task[JsonObjectType] | None = None
        """A check that only reads, for the diagnostics."""
        self._commands: set[asyncio.Task[Any]] = set()
        # Held while a recording is being started, so that a stop that comes meanwhile finds it.
        self.turn = asyncio.Lock()
        self.last_sent: SentAction | None = None
        self._saves: dict[str, float] = {}
        self._watch = RecordingWatch(client)
        self._was_refused = False

    async def async_choose_disk(self, wanted: str | None = None) -> str:
        """Return the disk to record to: the wanted or chosen one, else one that can take it."""
        chosen = self.config_entry.options.get(CONF_DISK)
        # Cards and shares come and go, so what was known before may be old. Asking also makes sure that
        # the camera is there: a start that is sent into a dead connection leaves everything open.
        try:
            disks = await self.client.fetch_disks()
        except NotSupportedError:
            disks = ()
        self.camera = replace(self.camera, disks=disks)
        known = [disk.disk_id for disk in self.camera.disks]
        if wanted and known and wanted not in known:
            raise self.unknown_disk(wanted)
        if not wanted and chosen and known and chosen not in known:
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="chosen_disk_gone",
                translation_placeholders={
                    "camera": self.name,
                    "disk": chosen,
                    "disks": ", ".join(known),
                },
            )
        recordable = (disk.disk_id for disk in self.camera.disks if disk.is_recordable)
        # Cameras too old to list their disks have an SD card.
        return (
            wanted or chosen or next(recordable, None) or next(iter(known), "SD_DISK")
        )

    @property
    def attached_disks(self) -> list[str]:
        """Return the IDs of the disks that there are, without empty slots."""
        return [disk.disk_id for disk in self.camera.disks if disk.is_attached]

    async def async_look_for(self, keys: Iterable[RecordingKey]) -> None:
        """Show recordings that go on, as was found elsewhere, if no poll has shown them."""
        if self._watch.suspect(keys):
            await self.async_refresh()

    @property
    def save_progress(self) -> int | None:
        """Return how much of what is being saved is done, in percent; None if nothing is."""
        if not self._saves:
            return None
        return int(100 * sum(self._saves.values()) / len(self._saves))

    @callback
    def async_note_progress(self, job: str, part: float | None) -> None:
        """Note how much of a job is done, from 0 to 1; None at its end."""
        before = self.save_progress
        if part is None:
            self._saves.pop(job, None)
        else:
            self._saves[job] = part
        if self.save_progress != before:
            self.async_update_listeners()

    async def async_command[T](
        self, command: str, act: Callable[[], Coroutine[Any, Any, T]]
    ) -> T:
        """Command the camera, and poll at once after it, whatever came of it.

        It goes on to its end in a task of its own, also if whoever asked for it no longer waits: the
        camera may have obeyed already, and what it did has to be known.
        """
        task = self._run(command, act)
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            task.add_done_callback(partial(self._note_unheard, command))
            raise
        return task.result()

    @callback
    def async_start_command(
        self, command: str, act: Callable[[], Coroutine[Any, Any, None]]
    ) -> None:
        """Command the camera as ``async_command`` does, but wait for nothing."""
        self._run(command, act).add_done_callback(partial(self._note_unheard, command))

    async def async_finish_commands(self, *, is_last: bool = False) -> None:
        """Wait for the commands under way, longer if Home Assistant stops, but not for ever."""
        if self._commands:
            await asyncio.wait(
                self._commands, timeout=LAST_SECONDS if is_last else FINISH_SECONDS
            )

    def _run[T](
        self, command: str, act: Callable[[], Coroutine[Any, Any, T]]
    ) -> asyncio.Task[T]:
        async def run() -> T:
            try:
                with self.translated_command_errors(command):
                    return await act()
            finally:
                await self._poll_briefly()

        task = self.hass.async_create_task(run(), f"{DOMAIN} {command}")
        self._commands.add(task)
        task.add_done_callback(self._commands.discard)
        return task

    async def _poll_briefly(self) -> None:
        """Poll, and let nobody wait for a slow list; the poll goes on."""
        try:
            async with asyncio.timeout(POLL_SECONDS):
                await self.async_refresh_in_turn()
        except TimeoutError:
            self.async_update_listeners()

    @callback
    def _note_unheard(self, command: str, task: asyncio.Task[Any]) -> None:
        """Tell that a command failed for which nobody waits any more."""
        if task.cancelled() or (err := task.exception()) is None:
            return
        assert isinstance(err, Exception)  # noqa: S101 - others end the event loop
        is_foreseen = isinstance(err, HomeAssistantError)
        LOGGER.warning(
            "%s: %s failed: %s",
            self.name,
            command,
            err,
            exc_info=None if is_foreseen else err,
        )
        if not isinstance(err.__cause__, VapixError):
            self.recorder.async_note_error(command, err)
            self.async_update_listeners()

    @contextmanager
    def translated_command_errors(self, command: str) -> Generator[None]:
        """Say in the user's words why a command failed, and remember it."""
        try:
            yield
        except VapixError as err:
            self.recorder.async_note_error(command, err)
            key = translation_key(err)
            if (
                command == "start"
                and isinstance(err, CameraConnectionError)
                and err.sent
            ):
                key = "start_unanswered"
            if command in ADMINISTRATORS_COMMANDS and isinstance(
                err, MissingRightsError
            ):
                key = "needs_administrator"
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key=key,
                translation_placeholders={"camera": self.name, "reason": str(err)},
            ) from err

    def unknown_disk(self, disk_id: str) -> ServiceValidationError:
        """Return the error for a disk that the camera does not have."""
        return ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="unknown_disk",
            translation_placeholders={
                "camera": self.name,
                "disk": disk_id,
                "disks": ", ".join(disk.disk_id for disk in self.camera.disks),
            },
        )

    def raise_if_read_only(self) -> None:
        """Refuse a command that the account has no rights for."""
        if not self.camera.is_operator:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="read_only",
                translation_placeholders={"camera": self.name},
            )

    @override
    async def _async_setup(self) -> None:
        with self._translated_errors():
            # Recordings are told also while the disks are not.
            self.camera = await self.client.fetch_camera(
                assume_operator=not self.config_entry.data.get(CONF_READ_ONLY)
            )
        await self.recorder.async_load()
        self._watch.suspect(await self.feed.async_open())

    @override
    async def _async_poll(self) -> Snapshot:
        # Also where the poll fails: the events may have ended since the last one.
        self.update_interval = self._choose_interval(self.data)
        with self._translated_errors():
            snapshot = await self._watch.poll()
        await self.recorder.async_settle(snapshot, is_back=not self.last_update_success)
        self.push.async_compare(snapshot)
        self.update_interval = self._choose_interval(snapshot)
        self.feed.async_note(snapshot)
        for kind in self.client.bounds.take_news():
            LOGGER.warning(
                "%s: The camera tells of more %s than a camera can have; the rest is left out",
                self.name,
                kind,
            )
        return snapshot

    def _choose_interval(self, snapshot: Snapshot | None) -> timedelta:
        if snapshot and snapshot.ongoing:
            return RECORDING_INTERVAL
        # What was told, or started, may not be listed yet.
        if self.push.is_trusted and not (self.recorder.own or self.push.is_restless):
            return PUSHED_IDLE_INTERVAL
        return IDLE_INTERVAL

    @contextmanager
    def _translated_errors(self) -> Generator[None]:
        """Turn the client's errors into those that Home Assistant's coordinator knows."""
        try:
            yield
        except VapixError as err:
            key = translation_key(err)
            placeholders = {"camera": self.name, "reason": str(err)}
            self.client.doubt()
            was_refused, self._was_refused = (
                self._was_refused,
                isinstance(err, AuthenticationError),
            )
            # A camera that starts may refuse every log-in for some seconds: after an outage, once is nothing.
            if self._was_refused and (self.last_update_success or was_refused):
                async_try_again(self.hass, self.config_entry)
                raise ConfigEntryAuthFailed(
                    translation_domain=DOMAIN,
                    translation_key=key,
                    translation_placeholders=placeholders,
                ) from err
            if isinstance(err, CertificateError):
                # Not a wrong password, but the same form lets the owner look and agree.
                self.config_entry.async_start_reauth(self.hass)
            self.issues.async_report(err)
            retry_after = err.retry_after if isinstance(err, BusyError) else None
            raise UpdateFailed(
                translation_domain=DOMAIN,
                translation_key=key,
                translation_placeholders=placeholders,
                retry_after=retry_after,
            ) from err
