"""systemready.cgi, time.cgi and what replaces it (VAPIX: Systemready API, Time API, both of them)."""

import json
from typing import Any

from tests.camera.accounts import Level
from tests.camera.answers import Answer

from . import json_api
from .route import POST, Api, Call, Route


def _ready(call: Call, _: dict[str, Any]) -> dict[str, Any]:
    camera = call.camera
    reported = {
        "systemready": "yes",
        "needsetup": "no" if camera.administrators() else "yes",
    }
    if camera.quirks.uptime:
        reported |= {"uptime": str(camera.uptime), "bootid": camera.boot_id}
    return reported


def system_ready(call: Call) -> Answer:
    """Answer systemready.cgi."""
    version = "1.4" if call.camera.quirks.uptime else "1.2"
    return json_api.answer(call, version, {"systemready": _ready})


def _date_time_info(call: Call, _: dict[str, Any]) -> dict[str, Any]:
    clock = call.camera.clock
    now = clock.now().replace(microsecond=0)
    return {
        "dateTime": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "localDateTime": now.astimezone(clock.zone).isoformat(),
        "maxYearSupported": 2069,
    } | (
        {"timeZone": clock.time_zone}
        if call.camera.quirks.time_zone == "name"
        else {"posixTimeZone": clock.rule, "dstEnabled": True}
    )


def date_time(call: Call) -> Answer:
    """Answer time.cgi."""
    return json_api.answer(call, "1.0", {"getDateTimeInfo": _date_time_info})


def time_settings(call: Call) -> Answer:
    """Answer GET /config/rest/time/v2."""
    clock = call.camera.clock
    now = clock.now().replace(microsecond=0)
    by_name = call.camera.quirks.time_zone == "name"
    data = {
        "time": {
            "dateTime": f"{now:%Y-%m-%dT%H:%M:%SZ}",
            "localDateTime": now.astimezone(clock.zone).isoformat(),
            "maxSupportedYear": 2069,
        },
        "timeZone": {
            "activeTimeZone": clock.time_zone if by_name else clock.rule,
            "dhcp": {"enabled": False, "timeZone": None},
            "iana": {
                "posixTimeZone": clock.rule if by_name else None,
                "timeZone": clock.time_zone if by_name else None,
            },
            "posix": {
                "dstEnabled": True,
                "timeZone": None if by_name else clock.rule,
            },
        },
    }
    body = json.dumps({"status": "success", "data": data})
    return Answer(body.encode(), "application/json")


ROUTES = {
    "/config/rest/time/v2": Route(
        time_settings,
        json_api.error,
        Level.VIEWER,
        available=lambda quirks: quirks.time_rest,
    ),
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
