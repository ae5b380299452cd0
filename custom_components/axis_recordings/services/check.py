"""Let a camera's owner see how it answers, for a report to the developers."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from homeassistant.auth.permissions.const import POLICY_CONTROL
from homeassistant.exceptions import HomeAssistantError

from ..const import DOMAIN, LOGGER
from ..disks.choice import async_choose_disk
from ..vapix import RefusedError, VapixError
from .schema import ATTR_OWN_RECORDINGS, SERVICE_CHECK
from .targets import find_camera, invalid, refuse_if_read_only

if TYPE_CHECKING:
    from homeassistant.core import ServiceCall, ServiceResponse
    from homeassistant.util.json import JsonObjectType

    from ..recordings.own import OwnRecording
    from ..runtime import AxisRecordingsData
    from ..vapix import RecordingKey

# If Home Assistant ends meanwhile, they are stopped after this long.
OWN_DURATION: Final = timedelta(minutes=2)


async def async_check(call: ServiceCall) -> ServiceResponse:
    """Return how one camera answers."""
    camera = await find_camera(call, POLICY_CONTROL)
    if not call.data[ATTR_OWN_RECORDINGS]:
        return await camera.check.async_run()
    refuse_if_read_only(camera)
    return await camera.commands.async_run(
        SERVICE_CHECK, partial(_try_commands, camera)
    )


async def _try_commands(camera: AxisRecordingsData) -> JsonObjectType:
    """Return how a camera answers, also to commands. Their recordings are gone afterwards."""
    await camera.recordings.async_refresh()
    if not camera.recordings.last_update_success or camera.recordings.data.ongoing:
        # Some cameras answer a start with the recording that goes on already: nobody else's may be stopped.
        raise invalid(translation_key="check_while_recording", camera=camera.name)
    started: dict[RecordingKey, OwnRecording] = {}
    try:
        return await _check_with_recordings(camera, started)
    finally:
        for key, own in started.items():
            if _is_alone(camera, own):
                await _clean_up(camera, key)


def _is_alone(camera: AxisRecordingsData, own: OwnRecording) -> bool:
    """Return whether nobody else has started the same recording meanwhile."""
    return all(each == own for each in camera.controller.own if each.key == own.key)


async def _check_with_recordings(
    camera: AxisRecordingsData, started: dict[RecordingKey, OwnRecording]
) -> JsonObjectType:
    """Return how a camera answers, also to commands, and note what was started for that."""

    async def begin() -> RecordingKey:
        try:
            disk_id = await async_choose_disk(camera.disks)
        except HomeAssistantError as err:
            raise RefusedError(str(err)) from err
        own = await camera.controller.async_start(disk_id, {}, duration=OWN_DURATION)
        before = started.get(own.key)
        if before is None or _is_alone(camera, replace(before, deadline=own.deadline)):
            started[own.key] = own
        return own.key

    async def start() -> RecordingKey:
        # The check has an end, but the camera may have obeyed already.
        task = camera.hass.async_create_task(begin(), f"{DOMAIN} {SERVICE_CHECK}")
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            await asyncio.wait([task])
            task.exception()
            raise
        return task.result()

    return await camera.check.async_run(
        start=start,
        is_ours=lambda key: key in started and _is_alone(camera, started[key]),
    )


async def _clean_up(camera: AxisRecordingsData, key: RecordingKey) -> None:
    """Stop and remove a recording of the check, if it is still there."""
    try:
        if await camera.client.fetch_recording(key.recording_id):
            await camera.controller.async_remove(key)
        else:
            # It may be gone, or not be listed yet.
            try:
                await camera.controller.async_stop(key)
            except RefusedError:
                await camera.controller.async_give_up(key)
            with suppress(RefusedError):
                await camera.client.remove_recording(key)
        camera.activity.async_suspect([key])
    except Exception as err:  # noqa: BLE001 - the others are to be removed all the same
        LOGGER.warning(
            "%s: the recording %s of the check could not be removed: %s",
            camera.name,
            key.recording_id,
            err,
            exc_info=None if isinstance(err, VapixError) else err,
        )
