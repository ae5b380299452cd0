"""Choose the disk for a recording."""

from typing import TYPE_CHECKING

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from ..const import CONF_DISK
from ..exceptions import translated_error
from ..helpers.wording import joined

if TYPE_CHECKING:
    from .coordinator import DisksCoordinator


async def async_choose_disk(disks: DisksCoordinator, wanted: str | None = None) -> str:
    """Return the disk to record to: the wanted one, else that of the options, else one that can take it.

    Raises VapixError, and HomeAssistantError if the wanted one or that of the options is not there.
    """
    # Cards and shares come and go, so what was known before may be old. Asking also makes sure that
    # the camera is there: a start that is sent into a dead connection leaves everything open.
    await disks.async_list()
    chosen = disks.config_entry.options.get(CONF_DISK)
    known = [*disks.data.disks]
    if wanted and known and wanted not in known:
        raise unknown_disk(disks, wanted)
    if not wanted and chosen and known and chosen not in known:
        raise translated_error(
            HomeAssistantError,
            "chosen_disk_gone",
            camera=disks.recordings.name,
            disk=chosen,
            disks=joined(known),
        )
    recordable = (disk.disk_id for disk in disks.listed if disk.is_recordable)
    # Cameras too old to list their disks have an SD card.
    return wanted or chosen or next(recordable, None) or next(iter(known), "SD_DISK")


def unknown_disk(disks: DisksCoordinator, disk_id: str) -> ServiceValidationError:
    """Return the error for a disk that the camera does not have."""
    return translated_error(
        ServiceValidationError,
        "unknown_disk",
        camera=disks.recordings.name,
        disk=disk_id,
        disks=joined([*disks.data.disks]),
    )
