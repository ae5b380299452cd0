"""All that belongs to one camera while its config entry is loaded, put together here."""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
import sqlite3
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import callback
from homeassistant.helpers.event import async_track_utc_time_change
from homeassistant.helpers.storage import STORAGE_DIR
from homeassistant.util.hass_dict import HassKey

from .activity.reporter import ActivityReporter
from .check.camera_check import CameraCheck
from .const import DOMAIN, LOGGER
from .coordinator import RecordingsCoordinator
from .disks.coordinator import DisksCoordinator
from .disks.devices import async_update_disk_devices
from .event_listener import EventListener
from .follower import CameraFollower
from .helpers.log_in import async_forget_try
from .index.store import RecordingIndex
from .issues.review import CameraIssues
from .playback.player import Player
from .recordings.commands import Commands
from .recordings.controller import RecordingController
from .recordings.finder import RecordingFinder
from .recordings.metadata import CameraMetadata
from .recordings.own import async_own_recordings
from .recordings.save_jobs import SaveJobs
from .shares.copier import ShareCopier
from .shares.shares import async_shares

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from homeassistant.core import Event, HomeAssistant
    from homeassistant.helpers.entity import Entity
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
    from homeassistant.helpers.update_coordinator import DataUpdateCoordinator

    from .recordings.watch import Snapshot
    from .vapix import RecordingKey, VapixClient

type AxisRecordingsConfigEntry = ConfigEntry[AxisRecordingsData]

_IS_HELD: Final[HassKey[bool]] = HassKey(f"{DOMAIN}_is_held")
"""Whether the files of the indexes are being copied."""


def time_of_walk(entry_id: str) -> tuple[int, int, int]:
    """Return the hour, minute, and second of a day at which a camera is walked through, not all at the same."""
    minute, second = divmod(crc32(entry_id.encode()) % (24 * 60 * 60), 60)
    return *divmod(minute, 60), second


@dataclass(eq=False, slots=True, kw_only=True)
class AxisRecordingsData:
    """One camera. Which of its parts hears of what is decided in this module; entities add themselves."""

    hass: HomeAssistant
    entry: AxisRecordingsConfigEntry
    client: VapixClient
    recordings: RecordingsCoordinator
    disks: DisksCoordinator
    controller: RecordingController
    commands: Commands
    metadata: CameraMetadata
    index: RecordingIndex
    activity: ActivityReporter
    finder: RecordingFinder
    events: EventListener
    follower: CameraFollower
    issues: CameraIssues
    player: Player
    copier: ShareCopier
    saves: SaveJobs
    check: CameraCheck
    takes_entities: bool = True
    """Whether its platforms are there for entities that come later."""

    @property
    def name(self) -> str:
        """Return what the owner calls the camera."""
        return self.recordings.name

    @callback
    def async_connect(self) -> None:
        """Let what follows from polls and events follow from them. The first poll has worked.

        Not before: whatever listens to a coordinator makes it poll at intervals.
        """
        recordings, disks = self.recordings, self.disks
        unload = self.entry.async_on_unload
        # The first to hear of anything new, so that the platforms find the devices.
        unload(disks.async_add_listener(partial(async_update_disk_devices, disks)))
        # Recordings go on whatever becomes of the disks.
        unload(recordings.async_add_listener(disks.async_follow_camera))
        unload(self.events.async_add_listener(disks.async_handle_event))
        for source in (recordings, disks):
            unload(source.async_add_listener(self.issues.async_review))

    @callback
    def async_start(self) -> None:
        """Begin what goes on beside the polls. The entities are there."""

        @callback
        def walk(_now: datetime) -> None:
            self.activity.async_walk()

        async def finish(_event: Event) -> None:
            await self.commands.async_finish(is_last=True)

        self.activity.async_start()
        unload, hass = self.entry.async_on_unload, self.hass
        unload(partial(async_forget_try, hass, self.entry))
        hour, minute, second = time_of_walk(self.entry.entry_id)
        unload(async_track_utc_time_change(hass, walk, hour, minute, second))
        unload(hass.bus.async_listen(EVENT_HOMEASSISTANT_STOP, finish))
        self.events.async_start()
        self.follower.async_start()
        self.copier.async_start()

    async def async_close(self) -> None:
        """Close what is open, also if not all of it could be opened, and whatever can't be closed."""
        async with AsyncExitStack() as closing:
            closing.push_async_callback(self.player.async_close)
            closing.push_async_callback(self.activity.async_close)
            closing.push_async_callback(self.copier.async_close)

    @callback
    def async_add_entities(
        self,
        add: AddConfigEntryEntitiesCallback,
        make: Callable[[], Iterable[Entity]],
        *,
        source: DataUpdateCoordinator[Any] | None = None,
    ) -> None:
        """Add entities now, and those that become possible with any update of the source.

        None are added to a platform that was given up while it was being set up.
        """

        @callback
        def add_new() -> None:
            if self.takes_entities and (new := list(make())):
                add(new)

        add_new()
        if source is not None and self.takes_entities:
            self.entry.async_on_unload(source.async_add_listener(add_new))


def index_path(hass: HomeAssistant, entry_id: str) -> Path:
    """Return where all recordings of a camera are known."""
    return Path(hass.config.path(STORAGE_DIR, f"{DOMAIN}.{entry_id}.db"))


async def async_hold_indexes(hass: HomeAssistant, *, hold: bool) -> None:
    """Let the files of all indexes be as they are while somebody copies them, or let go of them.

    That counts for cameras that are loaded meanwhile, too.
    """
    hass.data[_IS_HELD] = hold
    entries: list[AxisRecordingsConfigEntry] = hass.config_entries.async_loaded_entries(
        DOMAIN
    )
    for entry in entries:
        file = entry.runtime_data.index.file
        try:
            await hass.async_add_executor_job(file.hold if hold else file.release)
        except sqlite3.Error as err:
            # The reporter says what is wrong with it, if it is for long.
            LOGGER.debug(
                "%s: its index can't be held or released: %s", entry.title, err
            )


@callback
def async_create(
    hass: HomeAssistant, entry: AxisRecordingsConfigEntry, client: VapixClient
) -> AxisRecordingsData:
    """Put a camera together. Nothing is asked of it yet, and nothing is opened."""

    async def recall() -> Iterable[RecordingKey]:
        await controller.async_load()
        for each in controller.own:
            # They may have been started in a moment in which that could not be noted.
            activity.async_note_start(each)
        return await activity.async_open()

    async def settle(snapshot: Snapshot) -> None:
        is_back = not recordings.last_update_success
        await controller.async_settle(snapshot, is_back=is_back)

    def may_rest() -> bool:
        # What was reported, or started, may not be listed yet.
        return events.is_trusted and not (controller.own or events.is_restless)

    recordings = RecordingsCoordinator(
        hass, entry, client, recall=recall, settle=settle, may_rest=may_rest
    )
    commands = Commands(hass, recordings)
    own = async_own_recordings(hass, entry.entry_id)
    controller = RecordingController(
        hass,
        client,
        own,
        commands,
        is_idle=lambda: events.reports_idle,
        is_ahead=lambda: events.is_ahead,
    )
    entry.async_on_unload(controller.async_shutdown)
    events = EventListener(hass, recordings)
    index = RecordingIndex(index_path(hass, entry.entry_id))
    if hass.data.get(_IS_HELD):
        index.file.hold()
    activity = ActivityReporter(hass, recordings, index)
    disks = DisksCoordinator(hass, entry, recordings)
    issues = CameraIssues(hass, recordings, disks, controller)
    finder = RecordingFinder(
        client,
        index,
        whole_disks=lambda: activity.whole_disks,
        settle=activity.async_settle,
        snapshot=lambda: recordings.data,
        own=lambda: own.all,
        camera_now=lambda: recordings.camera_now,
    )
    metadata = CameraMetadata(
        hass,
        client,
        is_away=lambda: not recordings.last_update_success,
        finder=finder,
    )
    player = Player(
        hass,
        entry,
        client,
        finder=finder,
        camera_name=lambda: recordings.name,
        camera_now=lambda: recordings.camera_now,
    )
    own.on_start = activity.async_note_start
    # In this order: what was reported by then decides what a poll shows.
    recordings.snapshots.async_add(events.async_compare)
    recordings.snapshots.async_add(activity.async_note)
    recordings.failures.async_add(issues.async_report)
    return AxisRecordingsData(
        hass=hass,
        entry=entry,
        client=client,
        recordings=recordings,
        disks=disks,
        controller=controller,
        commands=commands,
        metadata=metadata,
        index=index,
        activity=activity,
        finder=finder,
        events=events,
        follower=CameraFollower(hass, recordings, metadata, events),
        issues=issues,
        player=player,
        copier=ShareCopier(
            hass,
            entry,
            async_shares(hass),
            player,
            camera_now=lambda: recordings.camera_now,
        ),
        saves=SaveJobs(recordings.async_update_listeners),
        check=CameraCheck(hass, recordings, disks, player.queue),
    )
