"""How the disks of a camera are (VAPIX: Edge storage API, gethealth.cgi)."""

from typing import TYPE_CHECKING, Any

from .bounds import MOST_DISKS
from .errors import UnexpectedAnswerError
from .models import DiskHealth
from .values import identifier, integer, text
from .xml import children, parse_xml

if TYPE_CHECKING:
    from .http import CameraHttp

HEALTH_CGI = "/axis-cgi/disks/gethealth.cgi"

_KELVIN = 273.15
_PASSED = {"0": False, "1": True}


async def fetch_health(http: CameraHttp) -> dict[str, DiskHealth]:
    """Ask for the health of all disks, by their ids. Needs an operator."""
    answer = await http.get(HEALTH_CGI)
    root = await parse_xml(answer.body, HEALTH_CGI, "HealthStatusResponse")
    if "HealthStatusSuccess" not in root:
        message = f"{HEALTH_CGI} answered without a status"
        raise UnexpectedAnswerError(message)
    return {
        disk_id: _parse(element)
        for element in http.bounds.first(
            "disks", children(root["HealthStatusSuccess"], "HealthStatus"), MOST_DISKS
        )
        if (disk_id := identifier(element, "@diskid"))
    }


def _parse(element: dict[str, Any]) -> DiskHealth:
    """Return the values (VAPIX: negative ones stand for not supported, an error, or no disk)."""
    kelvin = integer(element, "@temperature")
    return DiskHealth(
        wear=integer(element, "@wear"),
        temperature=None if kelvin is None else round(kelvin - _KELVIN, 1),
        passed=_PASSED.get(text(element, "@overallhealth")),
    )
