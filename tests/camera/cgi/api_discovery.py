"""apidiscovery.cgi (VAPIX: API discovery service)."""

from typing import TYPE_CHECKING, Any

from tests.camera.accounts import Level

from . import json_api
from .route import POST, Api, Call, Route

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.camera.answers import Answer
    from tests.camera.quirks import Quirks

OWN = Api("api-discovery", "1.0", "API Discovery Service")


def discovery(others: Iterable[Api]) -> Route:
    """Make the CGI that names itself and `others`."""
    apis = (OWN, *others)

    def list_apis(call: Call, _: dict[str, Any]) -> dict[str, Any]:
        quirks = call.camera.quirks
        return {
            "apiList": [
                {
                    "id": api.id,
                    "version": _version(api, quirks),
                    "name": api.name,
                    "docLink": "https://www.axis.com/partner_pages/vapix_library/#/",
                    "status": "official",
                }
                for api in apis
                if _present(api, quirks)
            ],
        }

    def handler(call: Call) -> Answer:
        return json_api.answer(call, OWN.version, {"getApiList": list_apis})

    return Route(
        handler,
        json_api.error,
        _level,
        methods=POST,
        available=lambda quirks: quirks.api_discovery is not None,
    )


def _level(call: Call) -> Level:
    anonymous = call.camera.quirks.api_discovery == "anonymous"
    return Level.ANONYMOUS if anonymous else Level.VIEWER


def _version(api: Api, quirks: Quirks) -> str:
    if api.id == "basic-device-info":
        return quirks.basic_device_info or api.version
    if api.id == "recording-export":
        return quirks.export or api.version
    return api.version


def _present(api: Api, quirks: Quirks) -> bool:
    return {
        "basic-device-info": quirks.basic_device_info is not None,
        "event-streaming-over-websocket": quirks.event_stream is not None,
        "recording-export": quirks.export is not None,
        "recording-storage-limit": quirks.storage_limit is not None,
        "systemready": quirks.system_ready,
        "time-service": quirks.time_api,
    }.get(api.id, True)
