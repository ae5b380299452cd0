"""basicdeviceinfo.cgi (VAPIX: Basic device information)."""

from typing import TYPE_CHECKING, Any

from tests.camera.accounts import Level

from . import json_api
from .json_api import Code, JsonError, Method
from .route import Api, Call, Route

if TYPE_CHECKING:
    from tests.camera.answers import Answer
    from tests.camera.camera import Camera

UNRESTRICTED = "getAllUnrestrictedProperties"


def unrestricted_properties(camera: Camera) -> dict[str, str]:
    """Give what anybody may know."""
    return {
        "ProdNbr": camera.model.removeprefix("AXIS "),
        "HardwareID": "A1B",
        "ProdFullName": camera.full_name,
        "Version": camera.firmware,
        "ProdType": camera.product_type,
        "Brand": "AXIS",
        "WebURL": "http://www.axis.com",
        "ProdVariant": "",
        "SerialNumber": camera.serial,
        "ProdShortName": camera.model,
        "BuildDate": "Feb 23 2026 22:15",
    }


def all_properties(camera: Camera) -> dict[str, str]:
    """Give what an operator may know."""
    return {
        **unrestricted_properties(camera),
        "Architecture": "aarch64",
        "Soc": "Axis Artpec-8",
        "SocSerialNumber": "00000000-00000000",
    }


def _get_unrestricted(call: Call, _: dict[str, Any]) -> dict[str, Any]:
    return {"propertyList": unrestricted_properties(call.camera)}


def _get_all(call: Call, _: dict[str, Any]) -> dict[str, Any]:
    return {"propertyList": all_properties(call.camera)}


def _get_some(call: Call, params: dict[str, Any]) -> dict[str, Any]:
    names = params.get("propertyList")
    if not isinstance(names, list):
        raise JsonError(Code.INVALID_PARAMETER, "Invalid parameter")
    known = all_properties(call.camera)
    return {"propertyList": {name: known[name] for name in names if name in known}}


METHODS: dict[str, Method] = {"getAllProperties": _get_all, "getProperties": _get_some}


def basic_device_info(call: Call) -> Answer:
    """Answer basicdeviceinfo.cgi."""
    version = call.camera.quirks.basic_device_info or "1.0"
    methods = (
        METHODS if version == "1.1" else {**METHODS, UNRESTRICTED: _get_unrestricted}
    )
    return json_api.answer(call, version, methods)


def _level(call: Call) -> Level:
    method = json_api.read(call).get("method")
    if method == UNRESTRICTED and call.camera.quirks.basic_device_info != "1.1":
        return Level.ANONYMOUS
    return Level.OPERATOR if method in METHODS else Level.VIEWER


ROUTES = {
    "basicdeviceinfo.cgi": Route(
        basic_device_info,
        json_api.error,
        _level,
        methods=frozenset({"GET", "POST"}),
        available=lambda quirks: quirks.basic_device_info is not None,
    ),
}
APIS = (Api("basic-device-info", "1.3", "Basic Device Information"),)
