"""The CGIs below /axis-cgi/ and the stream of events, one module for each family."""

from . import (
    basic_device_info,
    continuous,
    disk_health,
    disk_jobs,
    disks,
    events,
    export,
    parameters,
    recording,
    recording_list,
    storage_limit,
    system,
    users,
)
from .api_discovery import discovery
from .route import Api, Call, Route

FAMILIES = (
    basic_device_info,
    continuous,
    disk_health,
    disk_jobs,
    disks,
    events,
    export,
    parameters,
    recording,
    recording_list,
    storage_limit,
    system,
    users,
)

APIS: tuple[Api, ...] = tuple(api for family in FAMILIES for api in family.APIS)

ROUTES: dict[str, Route] = {
    "apidiscovery.cgi": discovery(APIS),
    **{path: route for family in FAMILIES for path, route in family.ROUTES.items()},
}

__all__ = ["APIS", "ROUTES", "Call", "Route"]
