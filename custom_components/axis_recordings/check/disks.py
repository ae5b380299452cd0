"""What a camera says of its disks."""

from typing import Any, Final

from ..vapix.disks import HEALTH_CGI, LIMIT_CGI, LIST_CGI
from .inspector import (
    NOT_FOUND,
    Inspector,
    OpenQuestionError,
    Reason,
    Seen,
    is_good,
)

_ENCRYPTION: Final = ("encryptionenabled", "diskencryptionenabled")
_USED: Final = ("usedspace", "usedsize")


async def check_disks(ask: Inspector) -> None:
    """Find out how disks are described."""
    answer = await ask.get("disks", LIST_CGI, {"diskid": "all"})
    disks = answer.root.get("disks")
    listed = disks.get("disk", []) if isinstance(disks, dict) else []
    listed = [each for each in listed if isinstance(each, dict)]
    if not (is_good(answer) and listed):
        raise OpenQuestionError(Reason.NEEDS_A_DISK_AND_AN_OPERATOR)
    names = [name for name in _ENCRYPTION if f"@{name}" in listed[0]]
    ask.report.find("disk_encryption_attribute", " and ".join(names) or None)
    unmounted = [each for each in listed if each.get("@status") == "connected"]
    if unmounted:
        size = str(unmounted[0].get("@totalsize", "0"))
        ask.report.find("unmounted_size", "zero" if size.strip("0") == "" else "known")
    else:
        ask.report.leave_open(Reason.NEEDS_AN_UNMOUNTED_DISK, "unmounted_size")


async def check_health(ask: Inspector) -> None:
    """Find out what is reported of the health of disks."""
    answer = await ask.get("gethealth.cgi", HEALTH_CGI, {"diskid": "all"})
    if answer.status == NOT_FOUND:
        ask.report.find("disk_health", None)
        return
    elements = _elements(answer, "HealthStatus")
    has_overall = any("@overallhealth" in each for each in elements)
    ask.report.find("disk_health", "overall" if has_overall else "wear")


async def check_limit(ask: Inspector) -> None:
    """Find out by which name the used space is reported."""
    answer = await ask.get("getlimit.cgi", LIMIT_CGI, {"schemaversion": "1"})
    if answer.status == NOT_FOUND:
        ask.report.find("storage_limit", None)
        return
    elements = _elements(answer, "StorageLimit")
    names = [name for name in _USED if f"@{name}" in elements[0]]
    ask.report.find("storage_limit", names[0] if names else "unknown")


def _elements(answer: Seen, name: str) -> list[dict[str, Any]]:
    """Return the elements of a name, one level below what the answer is about; at least one."""
    for child in answer.root.values():
        listed = child.get(name, []) if isinstance(child, dict) else []
        if found := [each for each in listed if isinstance(each, dict)]:
            return found
    raise OpenQuestionError(Reason.ANSWER_NOT_UNDERSTOOD)
