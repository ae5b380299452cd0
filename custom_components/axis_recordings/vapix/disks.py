"""The disks of a camera."""

from typing import TYPE_CHECKING, Any

from .errors import UnexpectedAnswerError
from .models import Disk
from .values import integer, text, yes
from .xml import parse_xml

if TYPE_CHECKING:
    from .http import CameraHttp

LIST_CGI = "/axis-cgi/disks/list.cgi"


async def fetch_disks(http: CameraHttp) -> tuple[Disk, ...]:
    """Ask disks/list.cgi for all disks, also those without a medium. Needs an operator."""
    answer = await http.get(LIST_CGI, {"diskid": "all"})
    root = await parse_xml(answer.body, LIST_CGI)
    if "disks" not in root:
        message = f"{LIST_CGI} answered without a list of disks"
        raise UnexpectedAnswerError(message)
    disks = root["disks"]
    elements = disks.get("disk", []) if isinstance(disks, dict) else []
    return tuple(
        _parse_disk(element) for element in elements if element and "@diskid" in element
    )


def _parse_disk(element: dict[str, Any]) -> Disk:
    return Disk(
        disk_id=text(element, "@diskid"),
        name=text(element, "@name"),
        total_size=_bytes(element, "@totalsize"),
        free_size=_bytes(element, "@freesize"),
        status=text(element, "@status"),
        locked=bool(yes(element, "@locked")),
        full=bool(yes(element, "@full")),
        read_only=bool(yes(element, "@readonly")),
        file_system=text(element, "@filesystem"),
    )


def _bytes(element: dict[str, Any], name: str) -> int | None:
    """Return a size in bytes (VAPIX: kB, which is 1024 bytes here as in the file system)."""
    size = integer(element, name)
    return None if size is None else size * 1024
