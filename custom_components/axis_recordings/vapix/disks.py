"""The disks of a camera."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from .bounds import MOST_DISKS
from .errors import UnexpectedAnswerError
from .models import Disk
from .values import identifier, integer, size, text, yes
from .xml import children, parse_xml

if TYPE_CHECKING:
    from .http import CameraHttp

LIST_CGI = "/axis-cgi/disks/list.cgi"

MAX_AGE_DAYS = 7000


async def fetch_disks(http: CameraHttp) -> tuple[Disk, ...]:
    """Ask disks/list.cgi for all disks, also those without a medium. Needs an operator."""
    answer = await http.get(LIST_CGI, {"diskid": "all"})
    root = await parse_xml(answer.body, LIST_CGI)
    if "disks" not in root:
        message = f"{LIST_CGI} answered without a list of disks"
        raise UnexpectedAnswerError(message)
    listed = children(root["disks"], "disk")
    found = [each for each in listed if identifier(each, "@diskid")]
    named = [each for each in listed if text(each, "@diskid")]
    http.bounds.note("disks", len(named) - len(found))
    return tuple(
        _parse_disk(each) for each in http.bounds.first("disks", found, MOST_DISKS)
    )


def _parse_disk(element: dict[str, Any]) -> Disk:
    return Disk(
        disk_id=text(element, "@diskid"),
        name=text(element, "@name"),
        total_size=size(element, "@totalsize"),
        free_size=size(element, "@freesize"),
        status=text(element, "@status"),
        locked=bool(yes(element, "@locked")),
        full=bool(yes(element, "@full")),
        read_only=bool(yes(element, "@readonly")),
        file_system=text(element, "@filesystem"),
        required_file_system=_required_file_system(element),
        encryption_wanted=_encryption_wanted(element),
        encrypted=yes(element, "@diskencrypted"),
        max_age=_max_age(element),
        clean_up_policy=text(element, "@cleanuppolicy").lower(),
    )


def _required_file_system(element: dict[str, Any]) -> str | None:
    name = text(element, "@requiredfilesystem")
    return None if name.lower() in ("", "none") else name


def _encryption_wanted(element: dict[str, Any]) -> bool | None:
    """Return the attribute under its name on cameras, or that on the API page."""
    wanted = yes(element, "@encryptionenabled")
    return yes(element, "@diskencryptionenabled") if wanted is None else wanted


def _max_age(element: dict[str, Any]) -> timedelta | None:
    """Return the age in days (VAPIX: 0 to 7000). What 0 stands for is not documented."""
    days = integer(element, "@cleanupmaxage")
    return timedelta(days=days) if days and days <= MAX_AGE_DAYS else None
