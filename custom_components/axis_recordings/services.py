"""The actions, which act on cameras: every target is resolved to the cameras in it."""

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_register_admin_service
import voluptuous as vol

from .const import DOMAIN
from .fields import (
    ATTR_DISK,
    ATTR_END_TIME,
    ATTR_RECORDING_ID,
    ATTR_SOURCE,
    ATTR_START_TIME,
    NUMBER_OR_TEXT,
    TEXT,
)
from .lookup import Lookup
from .recorder import StopResult
from .response import iso_time, recording_fields
from .search import MAX_SECONDS, Search, search_recordings
from .several import ask_each, command_each
from .targets import (
    Failure,
    as_utc,
    find_cameras,
    find_cameras_to_control,
    identity,
    invalid,
)
from .vapix import RecordingStatus, RecordingType

if TYPE_CHECKING:
    from collections.abc import Iterable

    from homeassistant.util.json import JsonObjectType, JsonValueType

    from .coordinator import AxisRecordingsCoordinator
    from .own_recordings import OwnRecording
    from .vapix import RecordingKey

ATTR_DURATION: Final = "duration"
ATTR_EVENT: Final = "event"
ATTR_EVENT_TRIGGER: Final = "event_trigger"
ATTR_LIMIT: Final = "limit"
ATTR_OFFSET: Final = "offset"
ATTR_ORDER: Final = "order"
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


START_SCHEMA = cv.make_entity_service_schema(
    {
        vol.Optional(ATTR_DISK): TEXT,
        vol.Optional(ATTR_DURATION): cv.positive_time_period,
        vol.Optional(ATTR_SOURCE): NUMBER_OR_TEXT,
        vol.Optional(ATTR_STREAM_PROFILE): TEXT,
        vol.Optional(ATTR_STREAM_OPTIONS): {TEXT: NUMBER_OR_TEXT},
    }
)
STOP_SCHEMA = cv.make_entity_service_schema(
    {vol.Optional(ATTR_RECORDING_ID): vol.All(cv.ensure_list, [cv.string])}
)
REMOVE_SCHEMA = cv.make_entity_service_schema(
    {
        vol.Required(ATTR_RECORDING_ID): vol.All(cv.ensure_list, [cv.string]),
        vol.Optional(ATTR_DISK): TEXT,
    }
)
SEARCH_SCHEMA = cv.make_entity_service_schema(
    {
        vol.Optional(ATTR_START_TIME): cv.datetime,
        vol.Optional(ATTR_END_TIME): cv.datetime,
        vol.Optional(ATTR_DISK): TEXT,
        vol.Optional(ATTR_SOURCE): NUMBER_OR_TEXT,
        vol.Optional(ATTR_EVENT): TEXT,
        vol.Optional(ATTR_EVENT_TRIGGER): TEXT,
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
        raise invalid(translation_key="duration_out_of_range", duration=str(duration))
    options = dict(call.data.get(ATTR_STREAM_OPTIONS, {}))
    if profile := call.data.get(ATTR_STREAM_PROFILE):
        options["streamprofile"] = profile
    if source := call.data.get(ATTR_SOURCE):
        options["camera"] = source
    target = await find_cameras_to_control(call)

    async def start(camera: AxisRecordingsCoordinator) -> list[JsonObjectType]:
        async def act() -> OwnRecording:
            async with camera.turn:
                disk_id = await camera.async_choose_disk(call.data.get(ATTR_DISK))
                return await camera.recorder.async_start(
                    disk_id, options, duration=duration
                )

        own = await camera.async_command(SERVICE_START, act)
        return [
            {
                "recording_id": own.recording_id,
                "disk": own.disk_id,
                "end": iso_time(own.deadline),
            }
        ]

    outcome = await command_each(call, target, start, joins=True)
    return outcome.answer(call, recordings=outcome.items)


async def _async_stop(call: ServiceCall) -> ServiceResponse:
    """Stop the named recordings, or all that Home Assistant started."""
    target = await find_cameras_to_control(call)
    if ATTR_RECORDING_ID not in call.data:
        outcome = await command_each(call, target, _stop_own)
        return outcome.answer(call, recordings=outcome.items)
    lookup = Lookup(target, call.data[ATTR_RECORDING_ID], is_unique=False)

    async def stop(camera: AxisRecordingsCoordinator) -> list[JsonObjectType]:
        found = await lookup.find(camera)
        ongoing = [each.key for each in found if each.is_ongoing]
        results = await _stop(camera, ongoing) if ongoing else {}
        return [
            _result(each.key, results.get(each.key, StopResult.ALREADY_ENDED))
            for each in found
        ]

    outcome = await command_each(call, target, stop, is_bystander=lookup.is_open)
    return outcome.answer(call, recordings=[*outcome.items, *lookup.failed()])


async def _stop_own(camera: AxisRecordingsCoordinator) -> list[JsonObjectType]:
    """Stop what Home Assistant started, also what it is just about to start."""
    async with camera.turn:
        keys = [own.key for own in camera.recorder.own]
    results = await _stop(camera, keys) if keys else {}
    return [_result(key, result) for key, result in results.items()]


async def _stop(
    camera: AxisRecordingsCoordinator, keys: Iterable[RecordingKey]
) -> dict[RecordingKey, StopResult]:
    async def act() -> dict[RecordingKey, StopResult]:
        return {key: await camera.recorder.async_stop(key) for key in keys}

    return await camera.async_command(SERVICE_STOP, act)


async def _async_remove(call: ServiceCall) -> ServiceResponse:
    """Remove the named recordings for ever."""
    target = await find_cameras_to_control(call)
    # Everything is checked before anything is removed.
    lookup = Lookup(
        target,
        call.data[ATTR_RECORDING_ID],
        disk=call.data.get(ATTR_DISK),
        is_unique=True,
    )
    failures: list[Failure] = []

    async def remove(camera: AxisRecordingsCoordinator) -> list[JsonObjectType]:
        keys = [each.key for each in await lookup.find(camera)]

        async def act() -> list[JsonObjectType]:
            results: list[JsonObjectType] = []
            for key in keys:
                try:
                    with camera.translated_command_errors(SERVICE_REMOVE):
                        await camera.recorder.async_remove(key)
                    camera.feed.async_suspect([key])
                except HomeAssistantError as err:
                    failures.append(Failure(camera.config_entry, err))
                    results.append(_result(key, "failed") | {"error": str(err)})
                else:
                    results.append(_result(key, "removed"))
            return results

        return await camera.async_command(SERVICE_REMOVE, act) if keys else []

    outcome = await command_each(call, target, remove, is_bystander=lookup.is_open)
    outcome.failures = [*failures, *outcome.failures]
    if not call.return_response:
        outcome.is_done = len(failures) < len(outcome.items)
    return outcome.answer(call, recordings=[*outcome.items, *lookup.failed()])


async def _async_search(call: ServiceCall) -> ServiceResponse:
    """Return the recordings that match."""
    data = call.data
    start, end = as_utc(data.get(ATTR_START_TIME)), as_utc(data.get(ATTR_END_TIME))
    if start and end and start > end:
        raise invalid(
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
    target = await find_cameras(call, POLICY_READ)
    cameras = target.cameras
    if (
        search.disk
        and cameras
        and all(_lacks_disk(camera, search.disk) for camera in cameras)
    ):
        raise cameras[0].unknown_disk(search.disk)
    pages: list[JsonValueType] = []

    async def find(camera: AxisRecordingsCoordinator) -> list[JsonObjectType]:
        with camera.translated_command_errors("search"):
            result = await search_recordings(camera.client, search, seconds=MAX_SECONDS)
        pages.append(
            identity(call.hass, camera.config_entry)
            | {
                "total": result.total,
                "count": len(result.recordings),
                "next_offset": result.next_offset,
            }
        )
        entry_id = camera.config_entry.entry_id
        return [recording_fields(each, entry_id) for each in result.recordings]

    outcome = await ask_each(call, target, find)
    return outcome.answer(call, recordings=outcome.items, cameras=pages)


def _lacks_disk(camera: AxisRecordingsCoordinator, disk_id: str) -> bool:
    known = {disk.disk_id for disk in camera.camera.disks}
    return bool(known) and disk_id not in known


def _result(key: RecordingKey, result: str) -> JsonObjectType:
    return {"recording_id": key.recording_id, "disk": key.disk_id, "result": result}
