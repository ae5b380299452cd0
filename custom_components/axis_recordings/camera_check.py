"""Let a camera's owner see how it answers, for a report to the developers."""

from dataclasses import asdict
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from homeassistant.auth.permissions.const import POLICY_CONTROL
from homeassistant.const import CONF_HOST, CONF_USERNAME
from homeassistant.core import HomeAssistant, SupportsResponse, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_register_admin_service
import voluptuous as vol

from .check import check_camera
from .const import DOMAIN, LOGGER
from .playback.gate import Urgency
from .targets import find_camera, invalid
from .vapix import VapixError

if TYPE_CHECKING:
    from homeassistant.core import ServiceCall, ServiceResponse
    from homeassistant.util.json import JsonObjectType

    from .coordinator import AxisRecordingsCoordinator
    from .vapix import RecordingKey

ATTR_OWN_RECORDINGS: Final = "own_recordings"
SERVICE_CHECK: Final = "check"
# If Home Assistant ends meanwhile, they are stopped after this long.
OWN_DURATION: Final = timedelta(minutes=2)

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
    return await _check(camera, [], own_recordings=False)


async def _try_commands(camera: AxisRecordingsCoordinator) -> JsonObjectType:
    """Return how a camera answers, also to commands. Their recordings are gone afterwards."""
    await camera.async_refresh()
    if not camera.last_update_success or camera.data.ongoing:
        # Some cameras answer a start with the recording that goes on already: nobody else's may be stopped.
        raise invalid(translation_key="check_while_recording", camera=camera.name)
    started: list[RecordingKey] = []
    try:
        return await _check(camera, started, own_recordings=True)
    finally:
        for key in started:
            await _clean_up(camera, key)


async def _check(
    camera: AxisRecordingsCoordinator,
    started: list[RecordingKey],
    *,
    own_recordings: bool,
) -> JsonObjectType:
    async def start() -> RecordingKey:
        disk_id = await camera.async_choose_disk()
        own = await camera.recorder.async_start(disk_id, {}, duration=OWN_DURATION)
        if own.key not in started:
            started.append(own.key)
        return own.key

    gate = camera.playback.gate
    report = await check_camera(
        camera.client.http,
        secrets=_names(camera),
        export_turn=lambda: gate.hold(gate.new_turn(Urgency.JOB)),
        start=start if own_recordings else None,
    )
    device = camera.camera.device
    camera.last_check = {
        "model": device.model,
        "firmware": device.firmware,
        "own_recordings": own_recordings,
        **asdict(report),
    }
    return camera.last_check


async def _clean_up(camera: AxisRecordingsCoordinator, key: RecordingKey) -> None:
    """Stop and remove a recording of the check, if it is still there."""
    try:
        if await camera.client.fetch_recording(key.recording_id):
            await camera.recorder.async_remove(key)
        else:
            await camera.recorder.async_note_removed(key)
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
