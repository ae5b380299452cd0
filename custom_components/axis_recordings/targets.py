"""Find what an action is about: the cameras in its target, and recordings on them."""

from typing import TYPE_CHECKING, Any

from homeassistant.auth.permissions.const import POLICY_CONTROL
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
    UnknownUser,
)
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.target import (
    TargetSelection,
    async_extract_referenced_entity_ids,
)
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .entity import device_name
from .vapix import Recording, is_single_id
from .viewer import user_may

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from homeassistant.core import HomeAssistant, ServiceCall
    from homeassistant.util.json import JsonObjectType, JsonValueType

    from .coordinator import AxisRecordingsConfigEntry, AxisRecordingsCoordinator


async def find_cameras_to_control(
    call: ServiceCall,
) -> list[AxisRecordingsCoordinator]:
    """Return each camera in the target once; all accounts have to be operators."""
    cameras = await find_cameras(call, POLICY_CONTROL)
    for camera in cameras:
        camera.raise_if_read_only()
    return cameras


async def find_cameras(
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
        if isinstance(device := _whole_device(devices, device_id), dr.DeviceEntry)
        for connection in device.connections
    }
    entries: list[AxisRecordingsConfigEntry] = [
        entry
        for entry in hass.config_entries.async_entries(DOMAIN)
        if entry.unique_id
        and (dr.CONNECTION_NETWORK_MAC, dr.format_mac(entry.unique_id)) in connections
    ]
    if not entries:
        raise invalid(translation_key="no_camera")
    for entry in entries:
        if entry.state is not ConfigEntryState.LOADED:
            raise invalid(translation_key="camera_not_loaded", camera=entry.title)
        await _check_permission(call, entry, policy)
    return [entry.runtime_data for entry in entries]


async def find_camera(call: ServiceCall, policy: str) -> AxisRecordingsCoordinator:
    """Return the one camera in the target."""
    cameras = await find_cameras(call, policy)
    if len(cameras) > 1:
        raise invalid(
            translation_key="several_cameras",
            cameras=", ".join(camera.name for camera in cameras),
        )
    return cameras[0]


def _whole_device(
    devices: dr.DeviceRegistry, device_id: str
) -> dr.AnyDeviceEntry | None:
    """Return a device, for a disk the camera's."""
    device = devices.async_get(device_id)
    if isinstance(device, dr.ChildDeviceEntry):
        return devices.async_get(device.parent_device_id)
    return device


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


async def find_recordings(
    cameras: list[AxisRecordingsCoordinator],
    wanted: list[str],
    disk: str | None = None,
) -> list[tuple[AxisRecordingsCoordinator, Recording]]:
    """Return each recording and its camera; an unknown id is refused."""
    if not wanted:
        raise invalid(translation_key="no_recording_id")
    found: list[tuple[AxisRecordingsCoordinator, Recording]] = []
    for recording_id in dict.fromkeys(item.strip() for item in wanted):
        if not is_single_id(recording_id):
            raise invalid(
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
            raise invalid(
                translation_key="unknown_recording",
                recording_id=recording_id,
                camera=", ".join(camera.name for camera in cameras),
            )
        if len(matches) > 1:
            raise invalid(
                translation_key="ambiguous_recording", recording_id=recording_id
            )
        found += matches
    return found


async def for_each(
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
        who = identity(hass, camera)
        items += [item | who for item in answer]
    if failures:
        raise failures[0]
    return items


def identity(hass: HomeAssistant, camera: AxisRecordingsCoordinator) -> JsonObjectType:
    """Return the fields that say which camera this is about."""
    entry = camera.config_entry
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, camera.camera.device.serial), entry.entry_id
    )
    return {
        "camera": (device and device_name(device)) or entry.title,
        ATTR_DEVICE_ID: device.id if device else None,
    }


def as_utc(value: Any) -> Any:
    """Return a time from an action's field in UTC, or None."""
    return None if value is None else dt_util.as_utc(value)


def invalid(*, translation_key: str, **placeholders: str) -> ServiceValidationError:
    """Return the error for a field that holds something wrong."""
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=translation_key,
        translation_placeholders=placeholders or None,
    )
