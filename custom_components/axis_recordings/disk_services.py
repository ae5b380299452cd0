"""The actions that take disks into use and let go of them."""

from functools import partial
from typing import TYPE_CHECKING, Final

from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_register_admin_service
import voluptuous as vol

from .const import DOMAIN
from .fields import ATTR_DISK, TEXT
from .several import command_each
from .targets import find_cameras_to_control, invalid

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from homeassistant.util.json import JsonObjectType

    from .coordinator import AxisRecordingsCoordinator
    from .several import Act
    from .targets import Target
    from .vapix import DiskJob

ATTR_INTERRUPT_RECORDINGS: Final = "interrupt_recordings"

SERVICE_MOUNT_DISK: Final = "mount_disk"
SERVICE_UNMOUNT_DISK: Final = "unmount_disk"

MOUNT_SCHEMA = cv.make_entity_service_schema({vol.Required(ATTR_DISK): TEXT})
UNMOUNT_SCHEMA = cv.make_entity_service_schema(
    {
        vol.Required(ATTR_DISK): TEXT,
        vol.Optional(ATTR_INTERRUPT_RECORDINGS, default=False): cv.boolean,
    }
)


@callback
def async_setup_disk_services(hass: HomeAssistant) -> None:
    """Register the actions."""
    for name, handler, schema in (
        (SERVICE_MOUNT_DISK, _async_mount, MOUNT_SCHEMA),
        (SERVICE_UNMOUNT_DISK, _async_unmount, UNMOUNT_SCHEMA),
    ):
        async_register_admin_service(
            hass,
            DOMAIN,
            name,
            handler,
            schema,
            supports_response=SupportsResponse.OPTIONAL,
        )


async def _async_mount(call: ServiceCall) -> ServiceResponse:
    """Take a disk of each camera into use."""
    disk_id: str = call.data[ATTR_DISK]
    target = await find_cameras_to_control(call)

    async def mount(camera: AxisRecordingsCoordinator) -> list[JsonObjectType]:
        await _check_disk(camera, disk_id)
        return await _run(camera, disk_id, SERVICE_MOUNT_DISK, camera.client.mount_disk)

    return await _command(call, target, mount)


async def _async_unmount(call: ServiceCall) -> ServiceResponse:
    """Let go of a disk of each camera."""
    disk_id: str = call.data[ATTR_DISK]
    target = await find_cameras_to_control(call)

    async def unmount(camera: AxisRecordingsCoordinator) -> list[JsonObjectType]:
        await _check_disk(camera, disk_id)

        async def let_go(disk_id: str) -> AsyncGenerator[DiskJob]:
            jobs = camera.client.unmount_disk(disk_id)
            # A start waits until the camera has begun, and finds then that the disk is not to be had.
            async with camera.turn:
                if not call.data[ATTR_INTERRUPT_RECORDINGS]:
                    await _check_idle(camera, disk_id)
                first = await anext(jobs, None)
            if first:
                yield first
            async for job in jobs:
                yield job

        return await _run(camera, disk_id, SERVICE_UNMOUNT_DISK, let_go)

    return await _command(call, target, unmount)


async def _command(call: ServiceCall, target: Target, act: Act) -> ServiceResponse:
    """Wait for all cameras, however long their jobs take."""
    disk_id: str = call.data[ATTR_DISK]
    outcome = await command_each(
        call,
        target,
        act,
        joins=True,
        is_at_work=lambda camera: disk_id in camera.storage.jobs,
    )
    return outcome.answer(call, disks=outcome.items)


async def _check_disk(camera: AxisRecordingsCoordinator, disk_id: str) -> None:
    """Refuse a disk that the camera does not list."""
    await camera.storage.async_refresh()
    known = camera.storage.data
    if known.is_listed and disk_id not in known.disks:
        raise camera.unknown_disk(disk_id)


async def _check_idle(camera: AxisRecordingsCoordinator, disk_id: str) -> None:
    """Refuse a disk that is being recorded on, or of which nobody knows."""
    await camera.async_refresh()
    if not camera.last_update_success:
        raise invalid(translation_key="camera_not_loaded", camera=camera.name)
    ongoing = [each for each in camera.data.ongoing if each.disk_id == disk_id]
    if ongoing:
        raise invalid(
            translation_key="disk_in_use",
            camera=camera.name,
            disk=disk_id,
            recordings=", ".join(each.recording_id for each in ongoing),
        )


async def _run(
    camera: AxisRecordingsCoordinator,
    disk_id: str,
    command: str,
    act: Callable[[str], AsyncGenerator[DiskJob]],
) -> list[JsonObjectType]:
    """Wait until the camera is done, show how far it is, and return how the disk is then."""
    storage = camera.storage
    note = partial(storage.async_note_job, disk_id)

    async def follow() -> None:
        try:
            async for job in act(disk_id):
                note(job)
        finally:
            note(None)
            await storage.async_refresh()

    await camera.async_command(command, follow)
    state = storage.data.disks.get(disk_id)
    status = state.status if state else None
    return [{"disk": disk_id, "status": status}]
