"""How a camera speaks HTTP, and which of the small APIs it has."""

from itertools import islice
import json
from typing import TYPE_CHECKING, Any, Final

from ..vapix.auth import MOST_REFUSED_REUSES, parse_challenges
from ..vapix.device import BASIC_INFORMATION_CGI, READY_CGI, TIME_CGI
from ..vapix.disks import LIST_CGI as DISKS_CGI
from ..vapix.recordings import LIST_CGI
from ..vapix.status import UNAUTHORIZED
from .inspector import NOT_FOUND, Inspector, Reason, Seen
from .shapes import (
    LONGEST_JSON,
    describe_media_type,
    describe_version,
    describe_word,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

API_DISCOVERY_CGI: Final = "/axis-cgi/apidiscovery.cgi"
USER_GROUP_CGI: Final = "/axis-cgi/usergroup.cgi"
TIME_REST: Final = "/config/rest/time/v2"
# VAPIX: the newest account is asked for a log-in by 401, and one that lacks rights by 401 or 403.
_REFUSALS: Final = (401, 403)
_MOST_APIS: Final = 50
_NEWEST: Final = {"recordingid": "all", "maxnumberofresults": "1"}


async def check_http(ask: Inspector) -> None:
    """Find out how the camera logs in, and what comes with each answer."""
    report = ask.report
    refused = await ask.get("list without a log-in", LIST_CGI, _NEWEST, anonymous=True)
    challenges = parse_challenges(refused.challenges)
    report.find(
        "log_in",
        ", ".join(_challenge(name, each) for name, each in challenges.items()) or None,
    )
    answer = await ask.get("list", LIST_CGI, _NEWEST)
    closes = answer.headers.get("Connection", "").lower() == "close"
    report.find("http_version", answer.version)
    report.find("keep_alive", not closes and answer.version != "1.0")
    report.find("date_header", "Date" in answer.headers)
    report.find("seconds_to_list_one", round(answer.seconds, 1))
    if "digest" not in challenges:
        return
    # Only now it is known whether a nonce is taken again.
    for _ in range(MOST_REFUSED_REUSES):
        await ask.get("list", LIST_CGI, _NEWEST)
    report.find("nonce_uses", "once" if ask.http.login.asks_each_time else "many")


async def check_rights(ask: Inspector) -> None:
    """Find out how the camera refuses what the account may not do."""
    answer = await ask.get("disks", DISKS_CGI, {"diskid": "all"})
    if answer.status in _REFUSALS:
        ask.report.find("insufficient_rights", answer.status)
    else:
        ask.report.leave_open(Reason.NEEDS_VIEWER_ACCOUNT, "insufficient_rights")


async def check_apis(ask: Inspector) -> None:
    """Find out which of the small APIs there are, and in which version."""
    await _check_device_information(ask)
    await _check_discovery(ask)
    ready = await _call(ask, READY_CGI, "systemready", "1.0", anonymous=True, timeout=1)
    data = _data(ready)
    ask.report.find("system_ready", ready.status != NOT_FOUND and "systemready" in data)
    ask.report.find("system_ready_uptime", "uptime" in data)
    ask.report.find("system_ready_boot_id", "bootid" in data)
    clock = await _call(ask, TIME_CGI, "getDateTimeInfo", "1.0")
    zones = [name for name in ("timeZone", "posixTimeZone") if name in _data(clock)]
    ask.report.find("time_api", clock.status != NOT_FOUND and bool(_data(clock)))
    ask.report.find("time_zone", " and ".join(zones) or None)
    rest = await ask.get(TIME_REST, TIME_REST)
    ask.report.find("time_rest", rest.status not in {NOT_FOUND, *_REFUSALS})
    groups = await ask.get("usergroup.cgi", USER_GROUP_CGI)
    ask.report.find("user_group", groups.status != NOT_FOUND)


async def _check_device_information(ask: Inspector) -> None:
    open_to_all = await _call(
        ask,
        BASIC_INFORMATION_CGI,
        "getAllUnrestrictedProperties",
        "1.2",
        anonymous=True,
    )
    if open_to_all.status == NOT_FOUND:
        ask.report.find("basic_device_info", None)
        return
    answer = open_to_all
    if not _data(open_to_all):
        answer = await _call(ask, BASIC_INFORMATION_CGI, "getAllProperties", "1.0")
    ask.report.find("basic_device_info", _version(answer))
    ask.report.find("json_content_type", describe_media_type(answer.headers))


async def _check_discovery(ask: Inspector) -> None:
    answer = await _call(ask, API_DISCOVERY_CGI, "getApiList", "1.0", anonymous=True)
    level: str | None = "anonymous"
    if answer.status == UNAUTHORIZED:
        level = "viewer"
        answer = await _call(ask, API_DISCOVERY_CGI, "getApiList", "1.0")
    listed = _data(answer).get("apiList")
    if not isinstance(listed, list):
        level = None if answer.status == NOT_FOUND else "unknown"
        listed = []
    ask.report.find("api_discovery", level)
    for name, version in islice(_related(listed), _MOST_APIS):
        ask.report.find(f"api {describe_word(name)}", describe_version(version))


def _related(listed: list[Any]) -> Iterator[tuple[str, object]]:
    """Return the names and versions of the APIs that have to do with recordings."""
    for api in listed:
        name = str(api.get("id", "")) if isinstance(api, dict) else ""
        if any(word in name for word in ("record", "disk", "event", "time")):
            yield name, api.get("version")


async def _call(
    ask: Inspector,
    path: str,
    method: str,
    version: str,
    *,
    anonymous: bool = False,
    **params: Any,
) -> Seen:
    request: dict[str, Any] = {"apiVersion": version, "method": method}
    if params:
        request["params"] = params
    return await ask.get(
        method, path, json=request, anonymous=anonymous, limit=LONGEST_JSON
    )


def _data(answer: Seen) -> dict[str, Any]:
    data = _document(answer).get("data")
    return data if isinstance(data, dict) else {}


def _version(answer: Seen) -> str | None:
    return describe_version(_document(answer).get("apiVersion"))


def _document(answer: Seen) -> dict[str, Any]:
    try:
        document = json.loads(answer.body)
    except ValueError, RecursionError:
        return {}
    return document if isinstance(document, dict) else {}


def _challenge(scheme: str, parameters: dict[str, str]) -> str:
    """Return what a challenge asks for, without what names the camera."""
    stated = {
        name: describe_word(parameters[name])
        for name in ("algorithm", "qop")
        if name in parameters
    }
    return " ".join(
        [describe_word(scheme), *(f"{name}={each}" for name, each in stated.items())]
    )
