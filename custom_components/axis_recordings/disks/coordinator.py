"""Poll the disks of a camera, at intervals of their own."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final, override

from homeassistant.core import callback
from homeassistant.helpers.debounce import Debouncer
from homeassistant.helpers.update_coordinator import UpdateFailed
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from ..const import LOGGER
from ..exceptions import camera_error
from ..helpers.context import async_begin
from ..helpers.lasting import async_lasting
from ..helpers.polling import PollingCoordinator
from ..helpers.supervision import Guard, Worker, survive
from ..vapix import (
    Disk,
    DiskJob,
    MissingRightsError,
    NotSupportedError,
    RecordingQuery,
    RefusedError,
    StorageEvent,
    StorageTopic,
    UnexpectedAnswerError,
    VapixError,
)
from ..vapix.bounds import MOST_DISKS, Allowance
from .state import DiskState

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from homeassistant.config_entries import ConfigEntry
    from homeassistant.core import HomeAssistant

    from ..coordinator import RecordingsCoordinator

# Disks change slowly, and most of it is reported by events.
STORAGE_INTERVAL: Final = timedelta(minutes=5)
# Where one thing happens to a disk, several events report it.
EVENT_COOLDOWN: Final = 2.0
# How often the rights of an account change: a few times at once, while somebody tries, and then hardly ever.
RELOADS: Final = (4, 1 / 3600)

_FEW_RELOADS: Final[HassKey[Allowance]] = HassKey("reloads")


@dataclass(frozen=True, slots=True, kw_only=True)
class DisksData:
    """The disks of one camera by their ids; also empty slots."""

    disks: Mapping[str, DiskState] = field(default_factory=dict)
    is_listed: bool = False
    """Whether the camera has listed its disks: without the rights or the API, it does not."""


class DisksCoordinator(PollingCoordinator[DisksData]):
    """Everything that is known of the disks of one camera."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        recordings: RecordingsCoordinator,
    ) -> None:
        """Poll the disks of the camera whose recordings these are."""
        super().__init__(
            hass,
            LOGGER,
            config_entry=entry,
            name="disks",
            update_interval=STORAGE_INTERVAL,
            request_refresh_debouncer=Debouncer(
                hass, LOGGER, cooldown=EVENT_COOLDOWN, immediate=True
            ),
        )
        self.recordings = recordings
        self.data = DisksData()
        self.jobs: dict[str, DiskJob] = {}
        self._events: dict[str, frozenset[StorageTopic]] = {}
        """What the camera reports of its disks, and of those that the next list may have."""
        self._reachable = True
        self._returning = Worker(hass, entry, "disks", self.async_refresh)
        self._handling = Guard(entry, "event of a disk")
        # Unloading takes a moment, in which an event may have the disks polled again.
        self._reloading = False

    @property
    def is_reachable(self) -> bool:
        """Return whether the camera answers, which the polls of its recordings show."""
        return self.recordings.last_update_success

    @property
    def listed(self) -> tuple[Disk, ...]:
        """Return the disks as the camera has listed them, also empty slots."""
        return tuple(state.disk for state in self.data.disks.values())

    @property
    def attached(self) -> list[str]:
        """Return the IDs of the disks that there are, without empty slots."""
        return [disk.disk_id for disk in self.listed if disk.is_attached]

    async def async_list(self) -> None:
        """Ask which disks there are, and show that at once. Raises VapixError.

        A camera too old to list its disks has none in the data.
        """
        try:
            self._take(await self.recordings.client.fetch_disks())
        except NotSupportedError:
            self.data = DisksData()

    @callback
    def async_follow_camera(self) -> None:
        """Show at once that the camera is gone, and poll its disks when it is back."""
        if self.is_reachable == self._reachable:
            return
        self._reachable = self.is_reachable
        if self._reachable:
            self._returning.async_start()
        else:
            self.async_update_listeners()

    @callback
    def async_handle_event(self, event: StorageEvent | None) -> None:
        """Take in what the camera reports of a disk; None if it reports no more."""
        if event is None:
            self._forget_events()
        elif event.disk_id and event.active is not None:
            noting = self.async_note_event(event.topic, event.disk_id, event.active)
            async_begin(
                self.hass,
                self.config_entry,
                survive(self._handling, noting),
                "event of a disk",
            )

    async def async_note_event(
        self,
        topic: StorageTopic,
        disk_id: str,
        active: bool,  # noqa: FBT001 - as the event has it
    ) -> None:
        """Remember what the camera has reported of a disk, and poll all disks at once."""
        reported = self._events.get(disk_id, frozenset())
        if (topic in reported) == active:
            return
        unknown = {*self._events, disk_id} - self.data.disks.keys()
        if len(unknown) > MOST_DISKS:
            return
        self._events[disk_id] = reported ^ {topic}
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
        """Know nothing of a disk until the camera reports it again."""
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

    def _take(self, disks: tuple[Disk, ...]) -> None:
        """Show a new list at once; what else is known of its disks is as old as the last poll."""
        self.data = self._join(_listed(disks), self.data.disks)
        self.async_update_listeners()

    def _join(self, listed: DisksData, known: Mapping[str, DiskState]) -> DisksData:
        """Return what is listed, with what else is known of each disk."""
        disks = {
            disk_id: self._with_events(
                replace(known.get(disk_id, state), disk=state.disk)
            )
            for disk_id, state in listed.disks.items()
        }
        return replace(listed, disks=disks)

    def _with_events(self, state: DiskState) -> DiskState:
        """Return a disk with what the camera has reported of it by now."""
        events = self._events.get(state.disk.disk_id, frozenset())
        return replace(state, events=events)

    @override
    async def _async_poll(self) -> DisksData:
        if not self.is_reachable:
            # The polls of the recordings show when it is back.
            return self.data
        try:
            disks = await self.recordings.client.fetch_disks()
            if not self._has_known_rights(is_operator=True):
                return self.data
            self.data = self._join(_listed(disks), self.data.disks)
            found = await self._describe(disks)
        except MissingRightsError:
            self._has_known_rights(is_operator=False)
            return DisksData()
        except NotSupportedError:
            return DisksData()
        except VapixError as err:
            if not await self._is_still_reachable():
                return self.data
            raise camera_error(UpdateFailed, err, self.recordings.name) from err
        # Meanwhile, a start may have listed them anew, and the camera may have reported something.
        return self._join(self.data, found)

    async def _is_still_reachable(self) -> bool:
        """Return whether it is about the disks only, as a poll of the recordings shows."""
        if self.is_reachable:
            await self.recordings.async_refresh()
        return self.is_reachable

    def _has_known_rights(self, *, is_operator: bool) -> bool:
        """Return whether the account's rights are as before; if not, start anew with the other ones."""
        if is_operator == self.recordings.is_operator:
            return True
        few = async_lasting(
            self.hass,
            self.config_entry.entry_id,
            _FEW_RELOADS,
            partial(Allowance, *RELOADS),
        )
        if not self._reloading and few.take():
            self._reloading = True
            self.hass.config_entries.async_schedule_reload(self.config_entry.entry_id)
        return False

    async def _describe(self, disks: tuple[Disk, ...]) -> dict[str, DiskState]:
        """Return what else the camera says of each disk."""
        client = self.recordings.client
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
                found[disk_id] = await self._add_recordings(state)
        return found

    async def _add_recordings(self, state: DiskState) -> DiskState:
        """Add how far back the recordings on a disk reach, and how many they are."""
        query = RecordingQuery(
            recording_id="all",
            disk_id=state.disk.disk_id,
            oldest_first=True,
            limit=1,
        )

        async def fetch() -> DiskState:
            page = await self.recordings.client.fetch_recordings(query)
            return replace(
                state,
                oldest=next((each.start for each in page.recordings), None),
                recordings=page.matches if page.total is None else page.total,
                time=page.time or dt_util.utcnow(),
            )

        return await _optional(fetch) or state


def _listed(disks: Iterable[Disk]) -> DisksData:
    """Return a list of disks, of which nothing else is known."""
    return DisksData(
        disks={disk.disk_id: DiskState(disk=disk) for disk in disks}, is_listed=True
    )


async def _optional[T](fetch: Callable[[], Awaitable[T]]) -> T | None:
    """Return what not every camera has; None if this one doesn't."""
    try:
        return await fetch()
    except MissingRightsError, RefusedError, UnexpectedAnswerError:
        return None
