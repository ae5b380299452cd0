"""Let a camera's owner see how it answers, for a report to the developers."""

import asyncio
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import timedelta
from functools import partial
import time
from typing import TYPE_CHECKING, Final

from homeassistant.auth.permissions.const import POLICY_CONTROL
from homeassistant.const import CONF_HOST, CONF_USERNAME
from homeassistant.core import HomeAssistant, SupportsResponse, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_register_admin_service
import voluptuous as vol

from .check import check_camera
from .const import DOMAIN, LOGGER
from .playback.gate import Urgency
from .targets import find_camera, invalid
from .vapix import RefusedError, VapixError

if TYPE_CHECKING:
    from homeassistant.core import ServiceCall, ServiceResponse
    from homeassistant.util.json import JsonObjectType

    from .coordinator import AxisRecordingsCoordinator
    from .own_recordings import OwnRecording
    from .vapix import RecordingKey

ATTR_OWN_RECORDINGS: Final = "own_recordings"
SERVICE_CHECK: Final = "check"
# If Home Assistant ends meanwhile, they are stopped after this long.
OWN_DURATION: Final = timedelta(minutes=2)
# How long somebody who downloads the diagnostics waits for a look. Most cameras are done by then.
DOWNLOAD_SECONDS: Final = 15.0

CHECK_SCHEMA = cv.make_entity_service_schema(
    {vol.Optional(ATTR_OWN_RECORDINGS, default=False): cv.boolean}
)


@callback
def async_setup_check(hass: HomeAssistant) -> None:
    """Register the action."""
    async_register_admin_service(
        hass,
        DOMAIN,
        SERVICE_CHECK,
        _async_check,
        CHECK_SCHEMA,
        supports_response=SupportsResponse.ONLY,
    )


async def _async_check(call: ServiceCall) -> ServiceResponse:
    """Return how one camera answers."""
    camera = await find_camera(call, POLICY_CONTROL)
    if not call.data[ATTR_OWN_RECORDINGS]:
        return await async_look(camera)
    camera.raise_if_read_only()
    return await camera.async_command(SERVICE_CHECK, partial(_try_commands, camera))


async def async_look(camera: AxisRecordingsCoordinator) -> JsonObjectType:
    """Return how a camera answers to what only reads."""
    return await _check(camera, {}, own_recordings=False)


async def async_latest(camera: AxisRecordingsCoordinator) -> JsonObjectType:
    """Return how a camera has answered when it was last checked; if it never was, it is now.

    Nobody waits long for that. It goes on meanwhile, and is there the next time.
    """
    if camera.last_check is None:
        if camera.look is None or camera.look.done():
            camera.look = camera.config_entry.async_create_background_task(
                camera.hass, async_look(camera), f"{DOMAIN} look"
            )
        await asyncio.wait([camera.look], timeout=DOWNLOAD_SECONDS)
    if camera.last_check is None:
        return {"open": "not done yet, download the diagnostics again in a minute"}
    age = time.monotonic() - camera.last_checked
    return camera.last_check | {"age_in_hours": round(age / 3600, 1)}


async def _try_commands(camera: AxisRecordingsCoordinator) -> JsonObjectType:
    """Return how a camera answers, also to commands. Their recordings are gone afterwards."""
    await camera.async_refresh()
    if not camera.last_update_success or camera.data.ongoing:
        # Some cameras answer a start with the recording that goes on already: nobody else's may be stopped.
        raise invalid(translation_key="check_while_recording", camera=camera.name)
    started: dict[RecordingKey, OwnRecording] = {}
    try:
        return await _check(camera, started, own_recordings=True)
    finally:
        for key, own in started.items():
            if _is_alone(camera, own):
                await _clean_up(camera, key)


def _is_alone(camera: AxisRecordingsCoordinator, own: OwnRecording) -> bool:
    """Return whether nobody else has started the same recording meanwhile."""
    return all(each == own for each in camera.recorder.own if each.key == own.key)


async def _check(
    camera: AxisRecordingsCoordinator,
    started: dict[RecordingKey, OwnRecording],
    *,
    own_recordings: bool,
) -> JsonObjectType:
    async def begin() -> RecordingKey:
        try:
            disk_id = await camera.async_choose_disk()
        except HomeAssistantError as err:
            raise RefusedError(str(err)) from err
        own = await camera.recorder.async_start(disk_id, {}, duration=OWN_DURATION)
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

    gate = camera.playback.gate
    report = await check_camera(
        camera.client.http,
        secrets=_names(camera),
        export_turn=lambda: gate.hold(gate.new_turn(Urgency.JOB)),
        start=start if own_recordings else None,
        is_ours=lambda key: key in started and _is_alone(camera, started[key]),
    )
    device = camera.camera.device
    camera.last_check = {
        "model": device.model,
        "firmware": device.firmware,
        "own_recordings": own_recordings,
        **asdict(report),
    }
    camera.last_checked = time.monotonic()
    return camera.last_check


async def _clean_up(camera: AxisRecordingsCoordinator, key: RecordingKey) -> None:
    """Stop and remove a recording of the check, if it is still there."""
    try:
        if await camera.client.fetch_recording(key.recording_id):
            await camera.recorder.async_remove(key)
        else:
            # It may be gone, or not be listed yet.
            await camera.recorder.async_stop(key)
            with suppress(RefusedError):
                await camera.client.remove_recording(key)
        camera.feed.async_suspect([key])
    except VapixError as err:
        LOGGER.warning(
            "%s: the recording %s of the check could not be removed: %s",
            camera.name,
            key.recording_id,
            err,
        )


def _names(camera: AxisRecordingsCoordinator) -> set[str]:
    """Return what people have named, and where and who the camera is."""
    data = camera.config_entry.data
    listed = camera.data.listed
    names = {
        *(data[CONF_HOST], data[CONF_USERNAME]),
        *(camera.name, camera.config_entry.title, camera.camera.device.serial),
        *(disk.name for disk in camera.camera.disks),
        *(each.event_id for each in listed),
        *(each.event_trigger for each in listed),
    }
    return names - {"", "continuous"}
