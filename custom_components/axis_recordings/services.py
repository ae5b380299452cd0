"""The actions, which act on cameras: every target is resolved to the cameras in it."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from homeassistant.auth.permissions.const import POLICY_CONTROL, POLICY_READ
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
    UnknownUser,
)
from homeassistant.helpers import (
    config_validation as cv,
    device_registry as dr,
    entity_registry as er,
)
from homeassistant.helpers.service import async_register_admin_service
from homeassistant.helpers.target import (
    TargetSelection,
    async_extract_referenced_entity_ids,
)
from homeassistant.util import dt as dt_util
import voluptuous as vol

from .const import DOMAIN
from .entity import device_name
from .recorder import StopResult
from .response import iso_time, recording_fields
from .search import Search, search_recordings
from .vapix import (
    Recording,
    RecordingKey,
    RecordingStatus,
    RecordingType,
    is_single_id,
)
from .viewer import user_may

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from homeassistant.util.json import JsonObjectType, JsonValueType

    from .coordinator import AxisRecordingsConfigEntry, AxisRecordingsCoordinator

ATTR_DISK: Final = "disk"
ATTR_DURATION: Final = "duration"
ATTR_END_TIME: Final = "end_time"
ATTR_EVENT: Final = "event"
ATTR_EVENT_TRIGGER: Final = "event_trigger"
ATTR_LIMIT: Final = "limit"
ATTR_OFFSET: Final = "offset"
ATTR_ORDER: Final = "order"
ATTR_RECORDING_ID: Final = "recording_id"
ATTR_SOURCE: Final = "source"
ATTR_START_TIME: Final = "start_time"
ATTR_STATUS: Final = "status"
ATTR_STREAM_OPTIONS: Final = "stream_options"
ATTR_STREAM_PROFILE: Final = "stream_profile"
ATTR_TYPE: Final = "type"

SERVICE_REMOVE: Final = "remove"
SERVICE_SEARCH: Final = "search"
SERVICE_START: Final = "start"
SERVICE_STOP: Final = "stop"

MIN_DURATION: Final = timedelta(seconds=1)
MAX_DURATION: Final = timedelta(hours=24)
OLDEST_FIRST: Final = "oldest"
NEWEST_FIRST: Final = "newest"

_TEXT = vol.All(cv.string, vol.Strip, vol.Length(min=1))
_NUMBER_OR_TEXT = vol.All(vol.Coerce(str), vol.Strip, vol.Length(min=1))

START_SCHEMA = cv.make_entity_service_schema(
    {
        vol.Optional(ATTR_DISK): _TEXT,
        vol.Optional(ATTR_DURATION): cv.positive_time_period,
        vol.Optional(ATTR_SOURCE): _NUMBER_OR_TEXT,
        vol.Optional(ATTR_STREAM_PROFILE): _TEXT,
        vol.Optional(ATTR_STREAM_OPTIONS): {_TEXT: _NUMBER_OR_TEXT},
    }
)
STOP_SCHEMA = cv.make_entity_service_schema(
    {vol.Optional(ATTR_RECORDING_ID): vol.All(cv.ensure_list, [cv.string])}
)
REMOVE_SCHEMA = cv.make_entity_service_schema(
    {
        vol.Required(ATTR_RECORDING_ID): vol.All(cv.ensure_list, [cv.string]),
        vol.Optional(ATTR_DISK): _TEXT,
    }
)
SEARCH_SCHEMA = cv.make_entity_service_schema(
    {
        vol.Optional(ATTR_START_TIME): cv.datetime,
        vol.Optional(ATTR_END_TIME): cv.datetime,
        vol.Optional(ATTR_DISK): _TEXT,
        vol.Optional(ATTR_SOURCE): _NUMBER_OR_TEXT,
        vol.Optional(ATTR_EVENT): _TEXT,
        vol.Optional(ATTR_EVENT_TRIGGER): _TEXT,
        vol.Optional(ATTR_TYPE): vol.In([kind.value for kind in RecordingType]),
        vol.Optional(ATTR_STATUS): vol.In([state.value for state in RecordingStatus]),
        vol.Optional(ATTR_ORDER, default=NEWEST_FIRST): vol.In(
            [NEWEST_FIRST, OLDEST_FIRST]
        ),
        vol.Optional(ATTR_LIMIT, default=100): vol.All(
            vol.Coerce(int), vol.Range(min=1, max=1000)
        ),
        vol.Optional(ATTR_OFFSET, default=0): vol.All(
            vol.Coerce(int), vol.Range(min=0)
        ),
    }
)


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions."""
    hass.services.async_register(
        DOMAIN,
        SERVICE_START,
        _async_start,
        START_SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )
    hass.services.async_register(
        DOMAIN,
        SERVICE_STOP,
        _async_stop,
        STOP_SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )
    async_register_admin_service(
        hass,
        DOMAIN,
        SERVICE_REMOVE,
        _async_remove,
        REMOVE_SCHEMA,
        supports_response=SupportsResponse.OPTIONAL,
    )
    hass.services.async_register(
        DOMAIN,
        SERVICE_SEARCH,
        _async_search,
        SEARCH_SCHEMA,
        supports_response=SupportsResponse.ONLY,
    )


async def _async_start(call: ServiceCall) -> ServiceResponse:
    """Start a recording on each camera."""
    duration = call.data.get(ATTR_DURATION)
    if duration is not None and not MIN_DURATION <= duration <= MAX_DURATION:
        raise _invalid(translation_key="duration_out_of_range", duration=str(duration))
    options = dict(call.data.get(ATTR_STREAM_OPTIONS, {}))
    if profile := call.data.get(ATTR_STREAM_PROFILE):
        options["streamprofile"] = profile
    if source := call.data.get(ATTR_SOURCE):
        options["camera"] = source
    cameras = await _find_cameras_to_control(call)

    async def start(camera: AxisRecordingsCoordinator) -> list[JsonObjectType]:
        async with camera.async_command("start"):
            disk_id = await camera.async_choose_disk(call.data.get(ATTR_DISK))
            own = await camera.recorder.async_start(disk_id, options, duration=duration)
        return [
            {
                "recording_id": own.recording_id,
                "disk": own.disk_id,
                "end": iso_time(own.deadline),
            }
        ]

    return {"recordings": await _for_each(call.hass, cameras, start)}


async def _async_stop(call: ServiceCall) -> ServiceResponse:
    """Stop the named recordings, or all that Home Assistant started."""
    cameras = await _find_cameras_to_control(call)
    wanted = call.data.get(ATTR_RECORDING_ID)
    if wanted is not None:
        plan = await _find_recordings(cameras, wanted)
    else:
        plan = [
            (camera, own.key, True) for camera in cameras for own in camera.recorder.own
        ]
    by_camera = _group(plan)

    async def stop(camera: AxisRecordingsCoordinator) -> list[JsonObjectType]:
        results: list[JsonObjectType] = []
        async with camera.async_command("stop"):
            for key, ongoing in by_camera[camera]:
                result = (
                    await camera.recorder.async_stop(key)
                    if ongoing
                    else StopResult.ALREADY_ENDED
                )
                results.append(_result(key, result.value))
        return results

    return {"recordings": await _for_each(call.hass, list(by_camera), stop)}


async def _async_remove(call: ServiceCall) -> ServiceResponse:
    """Remove the named recordings for ever."""
    cameras = await _find_cameras_to_control(call)
    # Everything is checked before anything is removed.
    by_camera = _group(
        await _find_recordings(
            cameras, call.data[ATTR_RECORDING_ID], call.data.get(ATTR_DISK)
        )
    )
    results: list[JsonValueType] = []
    failures: list[HomeAssistantError] = []
    for camera, recordings in by_camera.items():
        async with camera.async_command("remove"):
            for key, _ in recordings:
                try:
                    with camera.translated_command_errors("remove"):
                        await camera.recorder.async_remove(key)
                except HomeAssistantError as err:
                    failures.append(err)
                    result = _result(key, "failed") | {"error": str(err)}
                else:
                    result = _result(key, "removed")
                results.append(result | _identity(call.hass, camera))
    if failures and not call.return_response:
        raise failures[0]
    return {"recordings": results}


async def _async_search(call: ServiceCall) -> ServiceResponse:
    """Return the recordings that match."""
    data = call.data
    start, end = _as_utc(data.get(ATTR_START_TIME)), _as_utc(data.get(ATTR_END_TIME))
    if start and end and start > end:
        raise _invalid(
            translation_key="end_before_start", start=str(start), end=str(end)
        )
    search = Search(
        start=start,
        end=end,
        disk=data.get(ATTR_DISK),
        source=data.get(ATTR_SOURCE),
        event=data.get(ATTR_EVENT),
        event_trigger=data.get(ATTR_EVENT_TRIGGER),
        type=RecordingType(data[ATTR_TYPE]) if ATTR_TYPE in data else None,
        status=RecordingStatus(data[ATTR_STATUS]) if ATTR_STATUS in data else None,
        oldest_first=data[ATTR_ORDER] == OLDEST_FIRST,
        limit=data[ATTR_LIMIT],
        offset=data[ATTR_OFFSET],
    )
    cameras = await _find_cameras(call, POLICY_READ)
    if search.disk and all(_lacks_disk(camera, search.disk) for camera in cameras):
        raise cameras[0].unknown_disk(search.disk)
    pages: list[JsonValueType] = []

    async def find(camera: AxisRecordingsCoordinator) -> list[JsonObjectType]:
        with camera.translated_command_errors("search"):
            result = await search_recordings(camera.client, search)
        pages.append(
            _identity(call.hass, camera)
            | {
                "total": result.total,
                "count": len(result.recordings),
                "next_offset": result.next_offset,
            }
        )
        entry_id = camera.config_entry.entry_id
        return [recording_fields(each, entry_id) for each in result.recordings]

    recordings = await _for_each(call.hass, cameras, find)
    return {"recordings": recordings, "cameras": pages}


async def _find_cameras_to_control(
    call: ServiceCall,
) -> list[AxisRecordingsCoordinator]:
    """Return each camera in the target once; all accounts have to be operators."""
    cameras = await _find_cameras(call, POLICY_CONTROL)
    for camera in cameras:
        camera.raise_if_read_only()
    return cameras


async def _find_cameras(
    call: ServiceCall, policy: str
) -> list[AxisRecordingsCoordinator]:
    """Return each camera in the target once.

    The same camera's device or entities of Home Assistant's own Axis integration count, too: most users
    have both and pick the one that they see first.
    """
    hass = call.hass
    selected = async_extract_referenced_entity_ids(hass, TargetSelection(call.data))
    entities, devices = er.async_get(hass), dr.async_get(hass)
    device_ids = set(selected.referenced_devices)
    for entity_id in selected.referenced | selected.indirectly_referenced:
        if (entity := entities.async_get(entity_id)) and entity.device_id:
            device_ids.add(entity.device_id)
    connections = {
        connection
        for device_id in device_ids
        if isinstance(device := devices.async_get(device_id), dr.DeviceEntry)
        for connection in device.connections
    }
    entries: list[AxisRecordingsConfigEntry] = [
        entry
        for entry in hass.config_entries.async_entries(DOMAIN)
        if entry.unique_id
        and (dr.CONNECTION_NETWORK_MAC, dr.format_mac(entry.unique_id)) in connections
    ]
    if not entries:
        raise _invalid(translation_key="no_camera")
    for entry in entries:
        if entry.state is not ConfigEntryState.LOADED:
            raise _invalid(translation_key="camera_not_loaded", camera=entry.title)
        await _check_permission(call, entry, policy)
    return [entry.runtime_data for entry in entries]


async def _check_permission(
    call: ServiceCall, entry: AxisRecordingsConfigEntry, policy: str
) -> None:
    """Raise Unauthorized unless the user may do this with one of the camera's entities."""
    if call.context.user_id is None:
        return
    user = await call.hass.auth.async_get_user(call.context.user_id)
    if user is None:
        raise UnknownUser(context=call.context)
    if not user_may(call.hass, user, entry, policy):
        raise Unauthorized(
            context=call.context, permission=policy, config_entry_id=entry.entry_id
        )


async def _find_recordings(
    cameras: list[AxisRecordingsCoordinator],
    wanted: list[str],
    disk: str | None = None,
) -> list[tuple[AxisRecordingsCoordinator, RecordingKey, bool]]:
    """Return where each id is and whether it goes on; an unknown one is refused."""
    if not wanted:
        raise _invalid(translation_key="no_recording_id")
    found: list[tuple[AxisRecordingsCoordinator, RecordingKey, bool]] = []
    for recording_id in dict.fromkeys(item.strip() for item in wanted):
        if not is_single_id(recording_id):
            raise _invalid(
                translation_key="not_a_recording_id", recording_id=recording_id
            )
        matches: list[tuple[AxisRecordingsCoordinator, Recording]] = []
        for camera in cameras:
            with camera.translated_command_errors("find"):
                matches += [
                    (camera, recording)
                    for recording in await camera.client.fetch_recording(recording_id)
                    if disk in (None, recording.disk_id)
                ]
        if not matches:
            raise _invalid(
                translation_key="unknown_recording",
                recording_id=recording_id,
                camera=", ".join(camera.name for camera in cameras),
            )
        if len(matches) > 1:
            raise _invalid(
                translation_key="ambiguous_recording", recording_id=recording_id
            )
        camera, recording = matches[0]
        found.append((camera, recording.key, recording.is_ongoing))
    return found


async def _for_each(
    hass: HomeAssistant,
    cameras: list[AxisRecordingsCoordinator],
    act: Callable[[AxisRecordingsCoordinator], Awaitable[list[JsonObjectType]]],
) -> list[JsonValueType]:
    """Act on each camera; one that fails does not keep the others from it."""
    items: list[JsonValueType] = []
    failures: list[HomeAssistantError] = []
    for camera in cameras:
        try:
            answer = await act(camera)
        except HomeAssistantError as err:
            failures.append(err)
            continue
        identity = _identity(hass, camera)
        items += [item | identity for item in answer]
    if failures:
        raise failures[0]
    return items


def _lacks_disk(camera: AxisRecordingsCoordinator, disk_id: str) -> bool:
    known = {disk.disk_id for disk in camera.camera.disks}
    return bool(known) and disk_id not in known


def _group(
    plan: list[tuple[AxisRecordingsCoordinator, RecordingKey, bool]],
) -> dict[AxisRecordingsCoordinator, list[tuple[RecordingKey, bool]]]:
    grouped: dict[AxisRecordingsCoordinator, list[tuple[RecordingKey, bool]]] = {}
    for camera, key, ongoing in plan:
        grouped.setdefault(camera, []).append((key, ongoing))
    return grouped


def _identity(hass: HomeAssistant, camera: AxisRecordingsCoordinator) -> JsonObjectType:
    """Return the fields that say which camera this is about."""
    entry = camera.config_entry
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, camera.camera.device.serial), entry.entry_id
    )
    return {
        "camera": (device and device_name(device)) or entry.title,
        ATTR_DEVICE_ID: device.id if device else None,
    }


def _result(key: RecordingKey, result: str) -> JsonObjectType:
    return {"recording_id": key.recording_id, "disk": key.disk_id, "result": result}


def _as_utc(value: Any) -> Any:
    return None if value is None else dt_util.as_utc(value)


def _invalid(*, translation_key: str, **placeholders: str) -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=translation_key,
        translation_placeholders=placeholders or None,
    )
