"""How much of its disks a camera may fill (VAPIX: Recording storage limit API)."""

from typing import TYPE_CHECKING

from .bounds import MOST_DISKS
from .errors import UnexpectedAnswerError
from .models import StorageLimit
from .values import identifier, size
from .xml import children, parse_xml

if TYPE_CHECKING:
    from .http import CameraHttp

LIMIT_CGI = "/axis-cgi/record/storage/getlimit.cgi"


async def fetch_limits(http: CameraHttp) -> dict[str, StorageLimit]:
    """Ask for the limits of all disks, by their ids. Needs an operator."""
    answer = await http.get(LIMIT_CGI, {"schemaversion": "1"})
    root = await parse_xml(answer.body, LIMIT_CGI, "StorageLimitsResponse")
    if "GetStorageLimitsResponse" not in root:
        message = f"{LIMIT_CGI} answered without limits"
        raise UnexpectedAnswerError(message)
    limits: dict[str, StorageLimit] = {}
    elements = children(root["GetStorageLimitsResponse"], "StorageLimit")
    for element in http.bounds.first("disks", elements, MOST_DISKS):
        disk_id, limit = identifier(element, "@diskid"), size(element, "@size")
        if disk_id and limit is not None:
            # The sample of the API page calls it usedspace, its table usedsize.
            used = size(element, "@usedspace")
            limits[disk_id] = StorageLimit(
                size=limit, used=size(element, "@usedsize") if used is None else used
            )
    return limits
