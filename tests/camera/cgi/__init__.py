"""The CGIs below /axis-cgi/ and the stream of events, one module for each family."""

from . import (
    basic_device_info,
    continuous,
    disks,
    events,
    export,
    parameters,
    recording,
    recording_list,
    system,
    users,
)
from .api_discovery import discovery
from .route import Api, Call, Route

FAMILIES = (
    basic_device_info,
    continuous,
    disks,
    events,
    export,
    parameters,
    recording,
    recording_list,
    system,
    users,
)

APIS: tuple[Api, ...] = tuple(api for family in FAMILIES for api in family.APIS)

ROUTES: dict[str, Route] = {
    "apidiscovery.cgi": discovery(APIS),
    **{path: route for family in FAMILIES for path, route in family.ROUTES.items()},
}

__all__ = ["APIS", "ROUTES", "Call", "Route"]
