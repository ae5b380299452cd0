"""Who the camera is, when it started, and what time it has."""

from dataclasses import replace
from datetime import datetime, timedelta
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from .errors import (
    NOT_AVAILABLE,
    MissingRightsError,
    NotAxisError,
    UnexpectedAnswerError,
)
from .models import Boot, DeviceInformation
from .time_zone import without_summer_time
from .times import LONGEST_UPTIME, is_usable, parse_time
from .values import identifier, integer, text

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping

    from .answers import Answer
    from .http import CameraHttp

BASIC_INFORMATION_CGI = "/axis-cgi/basicdeviceinfo.cgi"
PARAMETER_CGI = "/axis-cgi/param.cgi"
READY_CGI = "/axis-cgi/systemready.cgi"
TIME_CGI = "/axis-cgi/time.cgi"
TIME_PATH = "/config/rest/time/v2"


class _Method(NamedTuple):
    name: str
    version: str
    anonymous: bool


_UNRESTRICTED = _Method("getAllUnrestrictedProperties", "1.2", anonymous=True)
_ALL = _Method("getAllProperties", "1.0", anonymous=False)

type Refusal = UnexpectedAnswerError | MissingRightsError


async def fetch_device(http: CameraHttp) -> DeviceInformation:
    """Ask who the camera is.

    VAPIX (basic device information): anonymous from API version 1.2; older devices answer an
    operator, and the oldest only by param.cgi. Raises NotAxisError if it is something else, which has
    answered, or what kept it from answering.
    """
    refusals: list[Refusal] = []
    properties: Mapping[str, Any] = {}
    for method in (_UNRESTRICTED, _ALL):
        if properties := await _unless_refused(
            _fetch_properties(http, method), refusals
        ):
            break
    parameters = await _unless_refused(_fetch_parameters(http), refusals)
    return _read_device(properties, parameters, refusals)


async def identify(http: CameraHttp) -> DeviceInformation:
    """Ask who the camera is with as few requests as may be: one where everybody may know that.

    The name is None. Raises NotAxisError as ``fetch_device``.
    """
    refusals: list[Refusal] = []
    parameters: Mapping[str, Any] = {}
    properties = await _unless_refused(_fetch_properties(http, _UNRESTRICTED), refusals)
    if not text(properties, "SerialNumber"):
        parameters = await _unless_refused(_fetch_parameters(http), refusals)
    if not (properties or text(parameters, "Properties.System.SerialNumber")):
        properties = await _unless_refused(_fetch_properties(http, _ALL), refusals)
    return replace(_read_device(properties, parameters, refusals), name=None)


async def _unless_refused(
    answer: Awaitable[Mapping[str, Any]], refusals: list[Refusal]
) -> Mapping[str, Any]:
    """Return an answer, or nothing and note why."""
    try:
        return await answer
    except NOT_AVAILABLE as err:
        refusals.append(err)
    return {}


async def _fetch_properties(http: CameraHttp, method: _Method) -> Mapping[str, Any]:
    data = await _call(
        http,
        BASIC_INFORMATION_CGI,
        method.name,
        method.version,
        anonymous=method.anonymous,
    )
    properties = data.get("propertyList")
    if not isinstance(properties, dict):
        message = f"{BASIC_INFORMATION_CGI} answered without properties"
        raise UnexpectedAnswerError(message)
    return properties


def _read_device(
    properties: Mapping[str, Any],
    parameters: Mapping[str, Any],
    refusals: list[Refusal],
) -> DeviceInformation:
    serial = identifier(properties, "SerialNumber") or identifier(
        parameters, "Properties.System.SerialNumber"
    )
    model = text(properties, "ProdShortName") or text(parameters, "Brand.ProdShortName")
    brand = text(properties, "Brand") or text(parameters, "Brand.Brand")
    if not serial or "AXIS" not in (brand or model).upper():
        for refusal in refusals:
            if isinstance(refusal, UnexpectedAnswerError) and refusal.status:
                raise refusal
        if refusals and all(isinstance(each, MissingRightsError) for each in refusals):
            raise refusals[0]
        message = "The device does not say that it is made by AXIS"
        raise NotAxisError(message)
    return DeviceInformation(
        serial=serial.replace(":", "").upper(),
        model=model or text(properties, "ProdFullName") or "AXIS",
        name=_own_name(parameters, serial),
        product_type=text(properties, "ProdType")
        or text(parameters, "Brand.ProdType")
        or None,
        firmware=text(properties, "Version")
        or text(parameters, "Properties.Firmware.Version")
        or None,
        hardware_id=text(properties, "HardwareID")
        or text(parameters, "Properties.System.HardwareID")
        or None,
    )


async def fetch_boot(http: CameraHttp) -> Boot:
    """Ask systemready.cgi when the camera started."""
    data = await _call(http, READY_CGI, "systemready", "1.0", anonymous=True, timeout=1)
    seconds = integer(data, "uptime")
    return Boot(
        boot_id=text(data, "bootid") or None,
        uptime=None
        if seconds is None or seconds > LONGEST_UPTIME.total_seconds()
        else timedelta(seconds=seconds),
    )


async def fetch_time(http: CameraHttp) -> datetime | None:
    """Ask for the camera's clock."""
    time = parse_time(text(await _fetch_time_information(http), "dateTime"))
    return time if is_usable(time) else None


async def fetch_time_zone(http: CameraHttp) -> str | None:
    """Ask for the camera's time zone: a name of the IANA database, or a rule as POSIX writes it."""
    answer = await _fetch_time_information(http)
    zone = text(answer, "timeZone") or text(answer, "posixTimeZone")
    if answer.get("dstEnabled") is False:
        zone = without_summer_time(zone)
    return zone or None


async def _fetch_time_information(http: CameraHttp) -> dict[str, Any]:
    """Ask time.cgi or, from AXIS OS 12.4 on, what replaces it; by the names of time.cgi."""
    try:
        return await _call(http, TIME_CGI, "getDateTimeInfo", "1.0", anonymous=False)
    except NOT_AVAILABLE as err:
        try:
            data = _read_data(await http.get(TIME_PATH), TIME_PATH)
        except NOT_AVAILABLE:
            raise err from None
    zone = _part(data, "timeZone")
    posix, iana = _part(zone, "posix"), _part(zone, "iana")
    return {
        "dateTime": _part(data, "time").get("dateTime"),
        "timeZone": zone.get("activeTimeZone"),
        "posixTimeZone": iana.get("posixTimeZone") or posix.get("timeZone"),
        "dstEnabled": posix.get("dstEnabled"),
    }


def _own_name(parameters: Mapping[str, str], serial: str) -> str | None:
    """Return the friendly name, unless it is the maker's, which holds the serial number."""
    name = text(parameters, "Network.Bonjour.FriendlyName") or text(
        parameters, "Network.UPnP.FriendlyName"
    )
    return name if name and serial.upper() not in name.upper() else None


async def _fetch_parameters(http: CameraHttp) -> dict[str, str]:
    """Ask param.cgi for what this account may read, without ``root.``."""
    groups = (
        "Brand",
        "Properties.System",
        "Properties.Firmware",
        "Network.Bonjour",
        "Network.UPnP",
    )
    answer = await http.get(
        PARAMETER_CGI, {"action": "list", "group": ",".join(groups)}
    )
    return _parse_parameters(answer)


def _parse_parameters(answer: Answer) -> dict[str, str]:
    lines = answer.body.decode("utf-8", "replace").splitlines()
    pairs = (line.partition("=") for line in lines if line.startswith("root."))
    return {name.removeprefix("root."): value for name, _, value in pairs}


async def _call(
    http: CameraHttp,
    path: str,
    method: str,
    version: str,
    *,
    anonymous: bool,
    **params: Any,
) -> dict[str, Any]:
    """Call a method of a JSON API and return its data."""
    body: dict[str, Any] = {"apiVersion": version, "method": method}
    if params:
        body["params"] = params
    return _read_data(await http.post_json(path, body, anonymous=anonymous), path)


def _read_data(answer: Answer, path: str) -> dict[str, Any]:
    """Return the data of an answer in JSON."""
    try:
        document = json.loads(answer.body)
    except (ValueError, RecursionError) as err:
        message = f"{path} answered with something that is not JSON"
        raise UnexpectedAnswerError(message) from err
    data = document.get("data") if isinstance(document, dict) else None
    if not isinstance(data, dict):
        message = f"{path} answered without data"
        raise UnexpectedAnswerError(message)
    return data


def _part(data: dict[str, Any], name: str) -> dict[str, Any]:
    part = data.get(name)
    return part if isinstance(part, dict) else {}
