"""The actions that take disks into use and let go of them."""

from functools import partial
from typing import TYPE_CHECKING

from homeassistant.exceptions import ServiceValidationError

from ..disks.choice import unknown_disk
from ..exceptions import camera_not_loaded
from ..helpers.wording import joined
from .schema import (
    ATTR_DISK,
    ATTR_INTERRUPT_RECORDINGS,
    SERVICE_MOUNT_DISK,
    SERVICE_UNMOUNT_DISK,
)
from .several import command_each
from .targets import find_cameras_to_control, invalid

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from homeassistant.core import ServiceCall, ServiceResponse
    from homeassistant.util.json import JsonObjectType

    from ..runtime import AxisRecordingsData
    from ..vapix import DiskJob
    from .several import Act
    from .targets import Target


async def async_mount(call: ServiceCall) -> ServiceResponse:
    """Take a disk of each camera into use."""
    disk_id: str = call.data[ATTR_DISK]
    target = await find_cameras_to_control(call)

    async def mount(camera: AxisRecordingsData) -> list[JsonObjectType]:
        await _check_disk(camera, disk_id)
        return await _run(camera, disk_id, SERVICE_MOUNT_DISK, camera.client.mount_disk)

    return await _command(call, target, mount)


async def async_unmount(call: ServiceCall) -> ServiceResponse:
    """Let go of a disk of each camera."""
    disk_id: str = call.data[ATTR_DISK]
    target = await find_cameras_to_control(call)

    async def unmount(camera: AxisRecordingsData) -> list[JsonObjectType]:
        await _check_disk(camera, disk_id)

        async def let_go(disk_id: str) -> AsyncGenerator[DiskJob]:
            jobs = camera.client.unmount_disk(disk_id)
            # A start waits until the camera has begun, and finds then that the disk is not to be had.
            async with camera.commands.turn:
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
        is_at_work=lambda camera: disk_id in camera.disks.jobs,
    )
    return outcome.answer(call, disks=outcome.items)


async def _check_disk(camera: AxisRecordingsData, disk_id: str) -> None:
    """Refuse a disk that the camera does not list."""
    await camera.disks.async_refresh()
    known = camera.disks.data
    if known.is_listed and disk_id not in known.disks:
        raise unknown_disk(camera.disks, disk_id)


async def _check_idle(camera: AxisRecordingsData, disk_id: str) -> None:
    """Refuse a disk that is being recorded on, or of which nobody knows."""
    await camera.recordings.async_refresh()
    if not camera.recordings.last_update_success:
        raise camera_not_loaded(camera.name, ServiceValidationError)
    ongoing = [
        each for each in camera.recordings.data.ongoing if each.disk_id == disk_id
    ]
    if ongoing:
        raise invalid(
            translation_key="disk_in_use",
            camera=camera.name,
            disk=disk_id,
            recordings=joined([each.recording_id for each in ongoing]),
        )


async def _run(
    camera: AxisRecordingsData,
    disk_id: str,
    command: str,
    act: Callable[[str], AsyncGenerator[DiskJob]],
) -> list[JsonObjectType]:
    """Wait until the camera is done, show how far it is, and return how the disk is then."""
    disks = camera.disks
    note = partial(disks.async_note_job, disk_id)

    async def follow() -> None:
        try:
            async for job in act(disk_id):
                note(job)
        finally:
            note(None)
            await disks.async_refresh()

    await camera.commands.async_run(command, follow)
    state = disks.data.disks.get(disk_id)
    status = state.status if state else None
    return [{"disk": disk_id, "status": status}]
