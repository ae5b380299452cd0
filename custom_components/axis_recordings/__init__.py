"""AXIS Recordings: the recordings that AXIS cameras keep on their own disks."""

import asyncio
from contextlib import AsyncExitStack, suppress
from functools import partial
from shutil import rmtree
from typing import TYPE_CHECKING, Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import Platform
from homeassistant.exceptions import ConfigEntryError
from homeassistant.helpers import config_validation as cv, device_registry as dr

from .connection import create_client
from .const import DOMAIN, LOGGER
from .disks.devices import disk_of
from .helpers.context import as_home_assistant
from .helpers.language import async_follow_language
from .helpers.lasting import async_forget_lasting
from .helpers.log_in import async_forget_try, async_withdraw
from .helpers.supervision import Guard
from .helpers.threads import in_thread
from .helpers.turns import PLATFORMS as PLATFORM_TURNS, SETUPS
from .index.file import remove_index
from .issues.review import async_follow_entries, async_forget_issues
from .playback.player import cache_folder
from .recordings.own import OwnRecordings, async_own_recordings
from .recordings.starters import async_follow_runs
from .runtime import (
    AxisRecordingsConfigEntry,
    AxisRecordingsData,
    async_create,
    index_path,
)
from .services import async_setup_services
from .services.unfinished import find_notes, remove_unfinished
from .shares.shares import async_recall_shares, async_shares
from .vapix import (
    BusyError,
    CameraConnectionError,
    CameraTimeoutError,
    RefusedError,
    VapixError,
)
from .views.media import async_setup_views
from .views.share import async_setup_share_views

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.typing import ConfigType

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)
PLATFORMS: Final = (
    Platform.BINARY_SENSOR,
    Platform.CALENDAR,
    Platform.EVENT,
    Platform.SENSOR,
    Platform.SWITCH,
)
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
    """Set up what all cameras share."""
    # Here, so that automations are valid while no camera is loaded.
    async_setup_services(hass)
    async_setup_views(hass)
    async_setup_share_views(hass)
    await async_recall_shares(hass)
    async_follow_language(hass)
    async_follow_entries(hass)
    async_follow_runs(hass)
    # Nothing is begun yet, so all that there is was left by an end without a warning.
    if notes := await hass.async_add_executor_job(find_notes, hass):
        hass.async_create_background_task(
            in_thread(remove_unfinished, notes), f"{DOMAIN} unfinished files"
        )
    return True


async def async_setup_entry(
    hass: HomeAssistant, entry: AxisRecordingsConfigEntry
) -> bool:
    """Set up a camera."""
    async_forget_try(hass, entry)
    # Its timers last for as long as the camera is loaded, whoever adds or reloads it.
    with as_home_assistant():
        async with AsyncExitStack() as failing:
            async with SETUPS.turn(hass):
                camera = await _async_ask(hass, entry, failing)
            failing.push_async_callback(_async_unload_platforms, hass, entry)
            async with PLATFORM_TURNS.turn(hass):
                await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
            camera.async_start()
            # From here on, unloading closes it.
            failing.pop_all()
    return True


async def _async_ask(
    hass: HomeAssistant, entry: AxisRecordingsConfigEntry, failing: AsyncExitStack
) -> AxisRecordingsData:
    """Ask the camera for all that entities show. What is opened is closed if the set-up fails."""
    await async_shares(hass).async_load()
    client = create_client(hass, entry.data, entry.unique_id)
    camera = async_create(hass, entry, client)
    failing.push_async_callback(camera.async_close)
    await camera.recordings.async_config_entry_first_refresh()
    # Not before: what kept the camera from being set up stays reported until that works.
    entry.async_on_unload(partial(async_forget_issues, hass, entry.entry_id))
    await camera.player.async_open()
    entry.runtime_data = camera
    camera.async_connect()
    await camera.disks.async_refresh()
    # States name the source where there are several, and can't wait for the camera to list them.
    with Guard(entry, "sources"):
        await camera.metadata.async_sources()
    return camera


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: AxisRecordingsConfigEntry, device: dr.AnyDeviceEntry
) -> bool:
    """Let the owner delete a disk that is not there, but neither one that is nor the camera."""
    if not isinstance(device, dr.ChildDeviceEntry):
        return False
    if entry.state is not ConfigEntryState.LOADED:
        # Nobody knows. A disk that is there comes back with the camera.
        return True
    disks = entry.runtime_data.disks
    disk_id = disk_of(disks, device)
    state = disks.data.disks.get(disk_id) if disk_id else None
    if state is None or disk_id is None:
        return True
    if state.disk.is_attached:
        return False
    disks.async_forget(disk_id)
    return True


async def async_unload_entry(
    hass: HomeAssistant, entry: AxisRecordingsConfigEntry
) -> bool:
    """Let go of a camera. Its recordings go on."""
    camera = entry.runtime_data
    await camera.activity.async_pause()
    if not await _async_unload_platforms(hass, entry):
        return False
    await camera.commands.async_finish()
    await camera.async_close()
    return True


async def _async_unload_platforms(
    hass: HomeAssistant, entry: AxisRecordingsConfigEntry
) -> bool:
    """Remove all entities; what is added to a platform after that would stay forever."""
    camera = entry.runtime_data
    camera.takes_entities = False
    with as_home_assistant():
        is_unloaded = await hass.config_entries.async_unload_platforms(entry, PLATFORMS)
    camera.takes_entities = not is_unloaded
    return is_unloaded


async def async_remove_entry(
    hass: HomeAssistant, entry: AxisRecordingsConfigEntry
) -> None:
    """Stop what Home Assistant started, and leave no file behind.

    It goes on to its end, also if whoever removes the entry no longer waits.
    """
    async_forget_issues(hass, entry.entry_id)
    async_withdraw(hass, entry)
    task = hass.async_create_task(_clean_up(hass, entry), f"{DOMAIN} removal")
    await asyncio.wait([task])
    task.result()


async def _clean_up(hass: HomeAssistant, entry: AxisRecordingsConfigEntry) -> None:
    """Do all of it, whatever a part of it raises."""
    own = async_own_recordings(hass, entry.entry_id)
    # A start that is still under way sees to its own recording.
    own.is_abandoned = True
    # Unloading has emptied it, unless Home Assistant once ended without doing so.
    cache = cache_folder(hass, entry.entry_id)
    index = index_path(hass, entry.entry_id)
    async with AsyncExitStack() as cleaning:
        cleaning.callback(async_forget_lasting, hass, entry.entry_id)
        cleaning.push_async_callback(
            in_thread, partial(rmtree, cache, ignore_errors=True)
        )
        cleaning.push_async_callback(in_thread, remove_index, index)
        cleaning.push_async_callback(own.async_remove)
        # First, as the camera may be waited for.
        with Guard(entry, "removal"):
            await async_shares(hass).async_forget_camera(entry.entry_id)
        with Guard(entry, "removal"):
            await _stop_own_recordings(hass, entry, own)


async def _stop_own_recordings(
    hass: HomeAssistant, entry: AxisRecordingsConfigEntry, own_recordings: OwnRecordings
) -> None:
    """Stop what Home Assistant started: after this, nobody would. What goes on is logged."""
    try:
        await own_recordings.async_load()
    except ConfigEntryError as err:
        LOGGER.warning("%s: what it records could not be stopped: %s", entry.title, err)
    left = dict.fromkeys(own_recordings.all, "the camera did not answer in time")
    client = create_client(hass, entry.data, entry.unique_id)
    guard = Guard(entry, "removal")
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
                    except Exception as err:  # noqa: BLE001 - the others are to be stopped all the same
                        guard.note(err)
                        left[own] = f"unexpected error ({type(err).__name__})"
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
