"""AXIS Recordings: the recordings that AXIS cameras keep on their own disks."""

import asyncio
from contextlib import AsyncExitStack, suppress
from datetime import timedelta
from functools import partial
from shutil import rmtree
from typing import TYPE_CHECKING, Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_STOP, Platform
from homeassistant.core import callback
from homeassistant.helpers import config_validation as cv, device_registry as dr
from homeassistant.helpers.event import async_track_time_interval

from .camera_check import async_setup_check
from .connection import create_client
from .const import DOMAIN, LOGGER
from .coordinator import AxisRecordingsConfigEntry, AxisRecordingsCoordinator
from .disk_devices import async_update_disk_devices, disk_of
from .disk_services import async_setup_disk_services
from .feed import ledger_path
from .film_services import async_setup_film_services
from .following import CameraFollower
from .issues import CameraIssues, async_follow_entries, async_forget_issues
from .language import async_follow_language
from .own_recordings import async_own_recordings
from .player import cache_folder
from .services import async_setup_services
from .storage import StorageCoordinator
from .vapix import (
    BusyError,
    CameraConnectionError,
    CameraTimeoutError,
    RefusedError,
    VapixError,
)
from .views import async_setup_views

if TYPE_CHECKING:
    from datetime import datetime

    from homeassistant.core import Event, HomeAssistant
    from homeassistant.helpers.typing import ConfigType

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)
PLATFORMS: Final = (
    Platform.BINARY_SENSOR,
    Platform.CALENDAR,
    Platform.EVENT,
    Platform.SENSOR,
    Platform.SWITCH,
)
WALK_INTERVAL: Final = timedelta(days=1)
# For all recordings of a camera that is removed. The owner waits for it.
STOP_SECONDS: Final = 30.0
# A camera may be busy for a moment, and nobody would come back to it later.
STOP_PAUSES: Final = (0.0, 1.0, 3.0)
_PASSING: Final = (
    BusyError,
    CameraConnectionError,
    CameraTimeoutError,
    RefusedError,
)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register the actions, so that automations are valid while no camera is loaded."""
    async_setup_services(hass)
    async_setup_film_services(hass)
    async_setup_disk_services(hass)
    async_setup_check(hass)
    async_setup_views(hass)
    async_follow_language(hass)
    async_follow_entries(hass)
    return True


async def async_setup_entry(
    hass: HomeAssistant, entry: AxisRecordingsConfigEntry
) -> bool:
    """Set up a camera."""
    coordinator = AxisRecordingsCoordinator(
        hass, entry, create_client(hass, entry.data, entry.unique_id)
    )
    coordinator.issues = CameraIssues(hass, coordinator)
    entry.async_on_unload(coordinator.recorder.async_shutdown)
    async with AsyncExitStack() as opened:
        opened.push_async_callback(coordinator.feed.async_close)
        await coordinator.async_config_entry_first_refresh()
        # Not before: what kept the camera from being set up stays reported until that works.
        entry.async_on_unload(partial(async_forget_issues, hass, entry.entry_id))
        opened.push_async_callback(coordinator.playback.async_close)
        await coordinator.playback.async_open()
        entry.runtime_data = coordinator
        await _async_watch_disks(hass, entry, coordinator)
        await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
        # From here on, unloading closes them.
        opened.pop_all()

    coordinator.feed.async_start()

    @callback
    def walk(_now: datetime) -> None:
        coordinator.feed.async_walk()

    async def finish(_event: Event) -> None:
        await coordinator.async_finish_commands(is_last=True)

    entry.async_on_unload(async_track_time_interval(hass, walk, WALK_INTERVAL))
    entry.async_on_unload(hass.bus.async_listen(EVENT_HOMEASSISTANT_STOP, finish))
    coordinator.push.async_start()
    follower = CameraFollower(hass, coordinator)
    entry.async_on_unload(coordinator.async_add_listener(follower.async_follow))
    follower.async_follow()
    return True


async def _async_watch_disks(
    hass: HomeAssistant,
    entry: AxisRecordingsConfigEntry,
    coordinator: AxisRecordingsCoordinator,
) -> None:
    """Watch the camera's disks beside its recordings, which go on whatever becomes of that."""
    coordinator.storage = storage = StorageCoordinator(hass, entry, coordinator)
    # The first to hear of anything new, so that the platforms find the devices.
    update_devices = partial(async_update_disk_devices, storage)
    entry.async_on_unload(storage.async_add_listener(update_devices))
    entry.async_on_unload(coordinator.async_add_listener(storage.async_follow_camera))
    entry.async_on_unload(coordinator.push.async_add_listener(storage.async_hear))
    for source in (coordinator, storage):
        entry.async_on_unload(
            source.async_add_listener(coordinator.issues.async_review)
        )
    await storage.async_refresh()


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: AxisRecordingsConfigEntry, device: dr.AnyDeviceEntry
) -> bool:
    """Let the owner delete a disk that is not there, but neither one that is nor the camera."""
    if not isinstance(device, dr.ChildDeviceEntry):
        return False
    if entry.state is not ConfigEntryState.LOADED:
        # Nobody knows. A disk that is there comes back with the camera.
        return True
    storage = entry.runtime_data.storage
    disk_id = disk_of(storage, device)
    state = storage.data.disks.get(disk_id) if disk_id else None
    if state is None or disk_id is None:
        return True
    if state.disk.is_attached:
        return False
    storage.async_forget(disk_id)
    return True


async def async_unload_entry(
    hass: HomeAssistant, entry: AxisRecordingsConfigEntry
) -> bool:
    """Let go of a camera. Its recordings go on."""
    coordinator = entry.runtime_data
    await coordinator.feed.async_pause()
    if not await hass.config_entries.async_unload_platforms(entry, PLATFORMS):
        return False
    await coordinator.async_finish_commands()
    await coordinator.feed.async_close()
    await coordinator.playback.async_close()
    return True


async def async_remove_entry(
    hass: HomeAssistant, entry: AxisRecordingsConfigEntry
) -> None:
    """Stop what Home Assistant started, and leave no file behind.

    It goes on to its end, also if whoever removes the entry no longer waits.
    """
    async_forget_issues(hass, entry.entry_id)
    task = hass.async_create_task(_clean_up(hass, entry), f"{DOMAIN} removal")
    await asyncio.wait([task])
    task.result()


async def _clean_up(hass: HomeAssistant, entry: AxisRecordingsConfigEntry) -> None:
    try:
        await _stop_own_recordings(hass, entry)
    finally:
        # Unloading has emptied it, unless Home Assistant once ended without doing so.
        folder = cache_folder(hass, entry.entry_id)
        await hass.async_add_executor_job(partial(rmtree, folder, ignore_errors=True))
        ledger = ledger_path(hass, entry.entry_id)
        await hass.async_add_executor_job(partial(ledger.unlink, missing_ok=True))


async def _stop_own_recordings(
    hass: HomeAssistant, entry: AxisRecordingsConfigEntry
) -> None:
    """Stop what Home Assistant started: after this, nobody would. What goes on is told."""
    own_recordings = async_own_recordings(hass, entry.entry_id)
    await own_recordings.async_load()
    # A start that is still under way sees to its own recording.
    own_recordings.is_abandoned = True
    left = dict.fromkeys(own_recordings.all, "the camera did not answer in time")
    client = create_client(hass, entry.data, entry.unique_id)
    with suppress(TimeoutError):
        async with asyncio.timeout(STOP_SECONDS):
            waiting = list(left)
            for pause in STOP_PAUSES:
                if waiting and pause:
                    await asyncio.sleep(pause)
                for own in tuple(waiting):
                    try:
                        await client.stop_recording(own.key)
                    except VapixError as err:
                        left[own] = str(err)
                        if type(err) in _PASSING:
                            continue
                    else:
                        del left[own]
                    waiting.remove(own)
    for own, reason in left.items():
        LOGGER.warning(
            "%s was removed, but its recording %s could not be stopped: %s",
            entry.title,
            own.recording_id,
            reason,
        )
    await own_recordings.async_remove()
