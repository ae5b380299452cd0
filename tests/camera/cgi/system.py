"""systemready.cgi and time.cgi (VAPIX: Systemready API, Time API)."""

from typing import TYPE_CHECKING, Any

from tests.camera.accounts import Level

from . import json_api
from .route import POST, Api, Call, Route

if TYPE_CHECKING:
    from tests.camera.answers import Answer


def _ready(call: Call, _: dict[str, Any]) -> dict[str, Any]:
    camera = call.camera
    return {
        "systemready": "yes",
        "needsetup": "no" if camera.administrators() else "yes",
        "uptime": str(camera.uptime),
        "bootid": camera.boot_id,
    }


def system_ready(call: Call) -> Answer:
    """Answer systemready.cgi."""
    return json_api.answer(call, "1.4", {"systemready": _ready})


def _date_time_info(call: Call, _: dict[str, Any]) -> dict[str, Any]:
    clock = call.camera.clock
    now = clock.now().replace(microsecond=0)
    return {
        "dateTime": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "localDateTime": now.astimezone(clock.zone).isoformat(),
        "maxYearSupported": 2069,
        "timeZone": clock.time_zone,
    }


def date_time(call: Call) -> Answer:
    """Answer time.cgi."""
    return json_api.answer(call, "1.0", {"getDateTimeInfo": _date_time_info})


ROUTES = {
    "systemready.cgi": Route(
        system_ready,
        json_api.error,
        Level.ANONYMOUS,
        methods=POST,
        available=lambda quirks: quirks.system_ready,
    ),
    "time.cgi": Route(
        date_time,
        json_api.error,
        Level.VIEWER,
        methods=POST,
        available=lambda quirks: quirks.time_api,
    ),
}
APIS = (
    Api("systemready", "1.4", "Systemready"),
    Api("time-service", "1.0", "Time API"),
)
