"""The actions that start, stop, and remove recordings."""

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from homeassistant.exceptions import HomeAssistantError

from ..disks.choice import async_choose_disk
from ..recordings.attributes import iso_time
from ..recordings.controller import StopResult
from ..recordings.starters import async_find_starter
from .lookup import Lookup
from .schema import (
    ATTR_DISK,
    ATTR_DURATION,
    ATTR_RECORDING_ID,
    ATTR_SOURCE,
    ATTR_STREAM_OPTIONS,
    ATTR_STREAM_PROFILE,
    SERVICE_REMOVE,
    SERVICE_START,
    SERVICE_STOP,
)
from .several import PartFailures, command_each
from .targets import find_cameras_to_control, invalid

if TYPE_CHECKING:
    from homeassistant.core import ServiceCall, ServiceResponse
    from homeassistant.util.json import JsonObjectType

    from ..recordings.own import OwnRecording
    from ..runtime import AxisRecordingsData
    from ..vapix import RecordingKey

MIN_DURATION: Final = timedelta(seconds=1)
MAX_DURATION: Final = timedelta(hours=24)


async def async_start(call: ServiceCall) -> ServiceResponse:
    """Start a recording on each camera."""
    wanted = call.data.get(ATTR_DURATION)
    if wanted is not None and not MIN_DURATION <= wanted <= MAX_DURATION:
        raise invalid(translation_key="duration_out_of_range", duration=str(wanted))
    options = dict(call.data.get(ATTR_STREAM_OPTIONS, {}))
    if profile := call.data.get(ATTR_STREAM_PROFILE):
        options["streamprofile"] = profile
    if source := call.data.get(ATTR_SOURCE):
        options["camera"] = source
    target = await find_cameras_to_control(call)
    starter = await async_find_starter(call.hass, call.context)

    async def start(camera: AxisRecordingsData) -> list[JsonObjectType]:
        async def act() -> OwnRecording:
            async with camera.commands.turn:
                disk_id = await async_choose_disk(
                    camera.disks, call.data.get(ATTR_DISK)
                )
                return await camera.controller.async_start(
                    disk_id, options, duration=wanted, starter=starter
                )

        own = await camera.commands.async_run(SERVICE_START, act)
        return [
            {
                "recording_id": own.recording_id,
                "disk": own.disk_id,
                "end": iso_time(own.deadline),
            }
        ]

    outcome = await command_each(call, target, start, joins=True)
    return outcome.answer(call, recordings=outcome.items)


async def async_stop(call: ServiceCall) -> ServiceResponse:
    """Stop the named recordings, or all that Home Assistant started."""
    target = await find_cameras_to_control(call)
    failures = PartFailures(call)

    async def stop_own(camera: AxisRecordingsData) -> list[JsonObjectType]:
        """Stop what Home Assistant started, also what it is just about to start."""
        async with camera.commands.turn:
            keys = [own.key for own in camera.controller.own]
        return await _stop(camera, keys, failures)

    if ATTR_RECORDING_ID not in call.data:
        with failures.until_answered():
            outcome = await command_each(call, target, stop_own)
        outcome.failures = [*failures.noted, *outcome.failures]
        return outcome.answer(call, recordings=outcome.items)
    lookup = Lookup(target, call.data[ATTR_RECORDING_ID], is_unique=False)

    async def stop(camera: AxisRecordingsData) -> list[JsonObjectType]:
        found = await lookup.find(camera)
        ongoing = [each.key for each in found if each.is_ongoing]
        results = dict(
            zip(ongoing, await _stop(camera, ongoing, failures), strict=True)
        )
        return [
            results.get(each.key) or _result(each.key, StopResult.ALREADY_ENDED)
            for each in found
        ]

    with failures.until_answered():
        outcome = await command_each(call, target, stop, is_bystander=lookup.is_open)
    outcome.failures = [*failures.noted, *outcome.failures]
    return outcome.answer(call, recordings=[*outcome.items, *lookup.failed()])


async def _stop(
    camera: AxisRecordingsData,
    keys: list[RecordingKey],
    failures: PartFailures,
) -> list[JsonObjectType]:
    """Stop each one, whatever becomes of the others. HomeAssistantError if none could be stopped."""

    async def act() -> list[JsonObjectType]:
        results: list[JsonObjectType] = []
        failed: list[HomeAssistantError] = []
        for key in keys:
            try:
                with camera.commands.translated_errors(SERVICE_STOP):
                    result = await camera.controller.async_stop(key)
            except HomeAssistantError as err:
                failed.append(err)
                results.append(_result(key, "failed") | {"error": str(err)})
            else:
                results.append(_result(key, result))
        if failed and len(failed) == len(results):
            raise failed[0]
        for err in failed:
            failures.note(camera, err)
        return results

    return await camera.commands.async_run(SERVICE_STOP, act) if keys else []


async def async_remove(call: ServiceCall) -> ServiceResponse:
    """Remove the named recordings forever."""
    target = await find_cameras_to_control(call)
    # Everything is checked before anything is removed.
    lookup = Lookup(
        target,
        call.data[ATTR_RECORDING_ID],
        disk=call.data.get(ATTR_DISK),
        is_unique=True,
    )
    failures = PartFailures(call)

    async def remove(camera: AxisRecordingsData) -> list[JsonObjectType]:
        keys = [each.key for each in await lookup.find(camera)]

        async def act() -> list[JsonObjectType]:
            results: list[JsonObjectType] = []
            for key in keys:
                try:
                    with camera.commands.translated_errors(SERVICE_REMOVE):
                        await camera.controller.async_remove(key)
                        camera.activity.async_suspect([key])
                except HomeAssistantError as err:
                    failures.note(camera, err)
                    results.append(_result(key, "failed") | {"error": str(err)})
                else:
                    results.append(_result(key, "removed"))
            return results

        return await camera.commands.async_run(SERVICE_REMOVE, act) if keys else []

    with failures.until_answered():
        outcome = await command_each(call, target, remove, is_bystander=lookup.is_open)
    outcome.failures = [*failures.noted, *outcome.failures]
    if not call.return_response:
        outcome.is_done = len(failures.noted) < len(outcome.items)
    return outcome.answer(call, recordings=[*outcome.items, *lookup.failed()])


def _result(key: RecordingKey, result: str) -> JsonObjectType:
    return {"recording_id": key.recording_id, "disk": key.disk_id, "result": result}
