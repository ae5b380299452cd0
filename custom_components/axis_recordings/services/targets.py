"""Find what an action is about: the cameras in its target."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from homeassistant.auth.permissions.const import POLICY_CONTROL
from homeassistant.config_entries import SOURCE_IGNORE, ConfigEntryState
from homeassistant.const import ATTR_DEVICE_ID, ATTR_ENTITY_ID
from homeassistant.exceptions import (
    ServiceValidationError,
    Unauthorized,
    UnknownUser,
)
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.target import (
    TargetSelection,
    async_extract_referenced_entity_ids,
)

from ..const import DOMAIN
from ..entity import camera_title
from ..exceptions import camera_not_loaded, translated_error
from ..helpers.wording import joined
from ..users.permissions import user_may

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant, ServiceCall
    from homeassistant.util.json import JsonObjectType

    from ..runtime import AxisRecordingsConfigEntry, AxisRecordingsData


class Failure(NamedTuple):
    """Why nothing, or not all, was done on a camera."""

    entry: AxisRecordingsConfigEntry
    error: Exception


@dataclass(frozen=True, slots=True)
class Target:
    """The cameras that an action is about, each once. There is at least one."""

    cameras: list[AxisRecordingsData]
    """Those that can be asked."""
    failures: list[Failure]
    """Those that can't."""


async def find_cameras_to_control(call: ServiceCall) -> Target:
    """Return the cameras in the target; those with a view-only account can't be asked."""
    target = await find_cameras(call, POLICY_CONTROL)
    cameras: list[AxisRecordingsData] = []
    failures = list(target.failures)
    for camera in target.cameras:
        try:
            refuse_if_read_only(camera)
        except ServiceValidationError as err:
            failures.append(Failure(camera.entry, err))
        else:
            cameras.append(camera)
    return Target(cameras, failures)


async def find_cameras(call: ServiceCall, policy: str) -> Target:
    """Return the cameras in the target; those that are not loaded can't be asked.

    The same camera's device or entities of Home Assistant's own Axis integration count, too: most users
    have both and pick the one that they see first. Ignored and disabled cameras don't.
    """
    entries = await _permitted(call, _in_use(call), policy)
    return Target(
        [
            entry.runtime_data
            for entry in entries
            if entry.state is ConfigEntryState.LOADED
        ],
        [
            Failure(entry, camera_not_loaded(entry.title, ServiceValidationError))
            for entry in entries
            if entry.state is not ConfigEntryState.LOADED
        ],
    )


async def find_camera(call: ServiceCall, policy: str) -> AxisRecordingsData:
    """Return the one camera in the target."""
    target = await find_cameras(call, policy)
    names = [camera.name for camera in target.cameras]
    names += [failure.entry.title for failure in target.failures]
    if len(names) > 1:
        raise invalid(translation_key="several_cameras", cameras=joined(names))
    for failure in target.failures:
        raise failure.error
    return target.cameras[0]


async def find_entries(
    call: ServiceCall, policy: str
) -> list[AxisRecordingsConfigEntry]:
    """Return the cameras in the target, also those that are disabled or not loaded."""
    entries = [
        entry
        for entry in _entries_in(call.hass, call.data)
        if entry.source != SOURCE_IGNORE
    ]
    if not entries:
        raise invalid(translation_key="no_camera")
    return await _permitted(call, entries, policy)


def refuse_if_read_only(camera: AxisRecordingsData) -> None:
    """Refuse a command that the account has no rights for."""
    if not camera.recordings.is_operator:
        raise invalid(translation_key="read_only", camera=camera.name)


def _entries_in(
    hass: HomeAssistant, selection: dict[str, Any]
) -> list[AxisRecordingsConfigEntry]:
    """Return the cameras of a selection, also ignored and disabled ones."""
    selected = async_extract_referenced_entity_ids(hass, TargetSelection(selection))
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
    return [
        entry
        for entry in hass.config_entries.async_entries(DOMAIN)
        if entry.unique_id
        and (dr.CONNECTION_NETWORK_MAC, dr.format_mac(entry.unique_id)) in connections
    ]


def _whole_device(
    devices: dr.DeviceRegistry, device_id: str
) -> dr.AnyDeviceEntry | None:
    """Return a device, for a disk the camera's."""
    device = devices.async_get(device_id)
    if isinstance(device, dr.ChildDeviceEntry):
        return devices.async_get(device.parent_device_id)
    return device


def _in_use(call: ServiceCall) -> list[AxisRecordingsConfigEntry]:
    """Return the cameras in the target that are neither ignored nor disabled."""
    entries = _entries_in(call.hass, call.data)
    if not entries:
        raise invalid(translation_key="no_camera")
    known = call.hass.config_entries.async_entries(
        DOMAIN, include_ignore=False, include_disabled=False
    )
    if not (in_use := [entry for entry in entries if entry in known]):
        names = joined([entry.title for entry in entries])
        raise invalid(translation_key="no_camera_in_use", cameras=names)
    return in_use


async def _permitted(
    call: ServiceCall, entries: list[AxisRecordingsConfigEntry], policy: str
) -> list[AxisRecordingsConfigEntry]:
    """Return the cameras with which the user may do this.

    Unauthorized if that is none of them, or if the target names one of the others: only what comes with an
    area, floor or label is left out without a word.
    """
    if call.context.user_id is None:
        return entries
    user = await call.hass.auth.async_get_user(call.context.user_id)
    if user is None:
        raise UnknownUser(context=call.context)
    permitted = [entry for entry in entries if user_may(call.hass, user, entry, policy)]
    refused = [entry for entry in entries if entry not in permitted]
    if permitted and refused:
        names = {key: call.data.get(key) for key in (ATTR_DEVICE_ID, ATTR_ENTITY_ID)}
        named = _entries_in(call.hass, names)
        refused = [entry for entry in refused if entry in named]
    for entry in refused:
        raise Unauthorized(
            context=call.context, permission=policy, config_entry_id=entry.entry_id
        )
    return permitted


def identity(hass: HomeAssistant, entry: AxisRecordingsConfigEntry) -> JsonObjectType:
    """Return the fields that say which camera this is about."""
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, str(entry.unique_id)), entry.entry_id
    )
    return {
        "camera": camera_title(hass, entry),
        ATTR_DEVICE_ID: device.id if device else None,
    }


def invalid(*, translation_key: str, **placeholders: str) -> ServiceValidationError:
    """Return the error for a field that holds something wrong."""
    return translated_error(ServiceValidationError, translation_key, **placeholders)
