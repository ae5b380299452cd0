"""disks/list.cgi (VAPIX: Edge storage API)."""

from typing import TYPE_CHECKING

from tests.camera.accounts import Level
from tests.camera.answers import Answer

from .route import Api, Call, Route
from .xml import CLOSING, element, opening

if TYPE_CHECKING:
    from tests.camera.disks import Disk
    from tests.camera.quirks import Quirks

SCHEMA = "disk/list1.xsd"


def list_disks(call: Call) -> Answer:
    """Answer disks/list.cgi, with the odd white space of AXIS OS 9.80."""
    wanted = call.arguments.get("diskid", "").split(",")
    disks = [
        disk
        for disk in call.camera.disks.values()
        if wanted == ["all"] or disk.id in wanted
    ]
    elements = "".join(
        f"  {element('disk', _attributes(disk, call.camera.quirks))}\n"
        for disk in disks
    )
    body = f'{opening(SCHEMA)}<disks numberofdisks="{len(disks)}" >{elements}</disks> {CLOSING}'
    return Answer(body.encode())


def _attributes(disk: Disk, quirks: Quirks) -> dict[str, str | None]:
    mounted = disk.attached or quirks.unmounted_size == "known"
    return {
        "diskid": disk.id,
        "name": disk.name,
        "totalsize": str(disk.total_kb if mounted else 0),
        "freesize": str(disk.free_kb if mounted else 0),
        "cleanuplevel": str(disk.cleanup_level),
        "cleanupmaxage": str(disk.cleanup_max_age),
        "cleanuppolicy": disk.cleanup_policy,
        "locked": _yes_no(disk.locked),
        "full": _yes_no(disk.full),
        "readonly": _yes_no(disk.readonly),
        "status": disk.status,
        "filesystem": disk.filesystem,
        "group": disk.group,
        "requiredfilesystem": disk.required_filesystem,
        quirks.disk_encryption_attribute: str(disk.encryption_enabled).lower(),
        "diskencrypted": str(disk.encrypted).lower(),
    }


def _yes_no(value: bool) -> str:
    return "yes" if value else "no"


def list_error(message: str) -> Answer:
    """Answer with an error; none is documented, so the shape is that of the other CGIs."""
    error = element("disks", {"result": "ERROR", "errormsg": message})
    return Answer(f"{opening(SCHEMA)}{error}\n{CLOSING}".encode())


ROUTES = {"disks/list.cgi": Route(list_disks, list_error, Level.OPERATOR)}
APIS = (
    Api("disk-management", "1.0", "Disk Management"),
    Api("disk-properties", "1.1", "Disk Properties"),
    Api("disk-network-share", "1.0", "Disk Network Share"),
)
