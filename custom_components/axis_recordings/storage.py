"""Watch the disks of a camera, at a rhythm of their own."""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final, override

from homeassistant.core import callback
from homeassistant.helpers.debounce import Debouncer
from homeassistant.helpers.update_coordinator import UpdateFailed
from homeassistant.util import dt as dt_util

from .const import DOMAIN, LOGGER
from .disk_state import DiskState, StorageEvent
from .errors import translation_key
from .polling import PollingCoordinator
from .supervision import Guard, Worker, survive
from .vapix import (
    Disk,
    DiskJob,
    MissingRightsError,
    NotSupportedError,
    RecordingQuery,
    RefusedError,
    StorageEvent as ToldEvent,
    UnexpectedAnswerError,
    VapixError,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from homeassistant.core import HomeAssistant

    from .coordinator import AxisRecordingsConfigEntry, AxisRecordingsCoordinator

# Disks change slowly, and most of it is told by events.
STORAGE_INTERVAL: Final = timedelta(minutes=5)
# Where one thing happens to a disk, several events tell of it.
EVENT_COOLDOWN: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageData:
    """The disks of one camera by their ids; also empty slots."""

    disks: Mapping[str, DiskState] = field(default_factory=dict)
    is_listed: bool = False
    """Whether the camera has told of its disks: without the rights or the API, it does not."""


class StorageCoordinator(PollingCoordinator[StorageData]):
    """Everything that is known of the disks of one camera."""

    config_entry: AxisRecordingsConfigEntry

    def __init__(
        self,
        hass: HomeAssistant,
        entry: AxisRecordingsConfigEntry,
        coordinator: AxisRecordingsCoordinator,
    ) -> None:
        """Watch the disks of the coordinator's camera."""
        super().__init__(
            hass,
            LOGGER,
            config_entry=entry,
            name=f"{entry.title} disks",
            update_interval=STORAGE_INTERVAL,
            request_refresh_debouncer=Debouncer(
                hass, LOGGER, cooldown=EVENT_COOLDOWN, immediate=True
            ),
        )
        self.coordinator = coordinator
        self.data = StorageData()
        self.jobs: dict[str, DiskJob] = {}
        self._events: defaultdict[str, set[StorageEvent]] = defaultdict(set)
        self._reachable = True
        self._returning = Worker(hass, entry, "disks", self.async_refresh)
        self._hearing = Guard(entry, "event of a disk")
        # Unloading takes a moment, in which an event may make the disks looked at again.
        self._reloading = False

    @property
    def is_reachable(self) -> bool:
        """Return whether the camera answers, which the polls of its recordings tell."""
        return self.coordinator.last_update_success

    @callback
    def async_follow_camera(self) -> None:
        """Show at once that the camera is gone, and look at its disks when it is back."""
        if self.is_reachable == self._reachable:
            return
        self._reachable = self.is_reachable
        if self._reachable:
            self._returning.async_start()
        else:
            self.async_update_listeners()

    @callback
    def async_hear(self, event: ToldEvent | None) -> None:
        """Take in what the camera tells of a disk; None if it tells no more."""
        if event is None:
            self._forget_events()
        elif event.disk_id and event.active is not None:
            noting = self.async_note_event(
                StorageEvent[event.topic.name], event.disk_id, event.active
            )
            self.config_entry.async_create_background_task(
                self.hass, survive(self._hearing, noting), f"{DOMAIN} event of a disk"
            )

    async def async_note_event(self, topic: str, disk_id: str, active: bool) -> None:  # noqa: FBT001 - as it is told
        """Remember what the camera has told of a disk, and look at all disks at once.

        Only the last name of the topic counts, with or without its namespace: Disruption, Alert or
        StorageFailure.
        """
        name = topic.rpartition("/")[2].rpartition(":")[2]
        if name not in StorageEvent or (name in self._events[disk_id]) == active:
            return
        event = StorageEvent(name)
        if active:
            self._events[disk_id].add(event)
        else:
            self._events[disk_id].discard(event)
        if state := self.data.disks.get(disk_id):
            self._put(disk_id, self._with_events(state))
        await self.async_request_refresh()

    def _forget_events(self) -> None:
        """Know nothing that may have been taken back meanwhile."""
        if not any(self._events.values()):
            return
        self._events.clear()
        disks = {
            disk_id: replace(state, events=frozenset())
            for disk_id, state in self.data.disks.items()
        }
        self.data = replace(self.data, disks=disks)
        self.async_update_listeners()

    @callback
    def async_note_job(self, disk_id: str, job: DiskJob | None) -> None:
        """Note what the camera does with a disk; None at its end."""
        if job is None:
            self.jobs.pop(disk_id, None)
        else:
            self.jobs[disk_id] = job
        self.async_update_listeners()

    @callback
    def async_forget(self, disk_id: str) -> None:
        """Know nothing of a disk until the camera tells of it again."""
        self._put(disk_id, None)

    def _put(self, disk_id: str, state: DiskState | None) -> None:
        disks = {
            each: state if each == disk_id else known
            for each, known in self.data.disks.items()
        }
        self.data = replace(
            self.data,
            disks={each: known for each, known in disks.items() if known is not None},
        )
        self.async_update_listeners()

    def _with_events(self, state: DiskState) -> DiskState:
        """Return a disk with what the camera has told of it by now."""
        return replace(state, events=frozenset(self._events[state.disk.disk_id]))

    @override
    async def _async_poll(self) -> StorageData:
        if not self.is_reachable:
            # One who knocks is enough, and tells of it.
            return self.data
        try:
            disks = await self.coordinator.client.fetch_disks()
            if not self._has_known_rights(is_operator=True):
                return self.data
            data = await self._describe(disks)
        except MissingRightsError:
            self._has_known_rights(is_operator=False)
            data = StorageData()
        except NotSupportedError:
            data = StorageData()
        except VapixError as err:
            if not await self._is_still_reachable():
                return self.data
            raise UpdateFailed(
                translation_domain=DOMAIN,
                translation_key=translation_key(err),
                translation_placeholders={
                    "camera": self.coordinator.name,
                    "reason": str(err),
                },
            ) from err
        self.coordinator.camera = replace(
            self.coordinator.camera,
            disks=tuple(state.disk for state in data.disks.values()),
        )
        return data

    async def _is_still_reachable(self) -> bool:
        """Return whether it is about the disks only, as a poll of the recordings shows."""
        if self.is_reachable:
            await self.coordinator.async_refresh()
        return self.is_reachable

    def _has_known_rights(self, *, is_operator: bool) -> bool:
        """Return whether the account's rights are as before; if not, start anew with the other ones."""
        if is_operator == self.coordinator.camera.is_operator:
            return True
        if not self._reloading:
            self._reloading = True
            self.hass.config_entries.async_schedule_reload(self.config_entry.entry_id)
        return False

    async def _describe(self, disks: tuple[Disk, ...]) -> StorageData:
        client = self.coordinator.client
        health = await _optional(client.fetch_disk_health) or {}
        limits = await _optional(client.fetch_storage_limits) or {}
        found = {
            disk.disk_id: DiskState(
                disk=disk,
                health=health.get(disk.disk_id),
                limit=limits.get(disk.disk_id),
            )
            for disk in disks
        }
        for disk_id, state in found.items():
            if state.disk.is_mounted:
                found[disk_id] = await self._look_into(state)
        # Not before: while the camera was asked, it may have told of something.
        disks_now = {each: self._with_events(state) for each, state in found.items()}
        return StorageData(disks=disks_now, is_listed=True)

    async def _look_into(self, state: DiskState) -> DiskState:
        """Add how far back the recordings on a disk reach, and how many they are."""
        query = RecordingQuery(
            recording_id="all",
            disk_id=state.disk.disk_id,
            oldest_first=True,
            limit=1,
        )

        async def fetch() -> DiskState:
            page = await self.coordinator.client.fetch_recordings(query)
            return replace(
                state,
                oldest=next((each.start for each in page.recordings), None),
                recordings=page.matches if page.total is None else page.total,
                time=page.time or dt_util.utcnow(),
            )

        return await _optional(fetch) or state


async def _optional[T](fetch: Callable[[], Awaitable[T]]) -> T | None:
    """Return what not every camera tells; None if this one doesn't."""
    try:
        return await fetch()
    except MissingRightsError, RefusedError, UnexpectedAnswerError:
        return None
