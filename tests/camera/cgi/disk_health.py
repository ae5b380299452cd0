"""disks/gethealth.cgi (VAPIX: Edge storage API)."""

from typing import TYPE_CHECKING

from tests.camera.accounts import Level
from tests.camera.answers import Answer
from tests.camera.disks import ABSENT

from .route import Call, Route
from .xml import SCHEMA_INSTANCE, SCHEMAS, element, escape

if TYPE_CHECKING:
    from tests.camera.disks import Disk

PROCESSING = 10
"""The only error code."""


def health(call: Call) -> Answer:
    """Answer gethealth.cgi, which takes no arguments."""
    overall = call.camera.quirks.disk_health == "overall"
    lines = "".join(
        f"    {element('HealthStatus', _attributes(disk, overall=overall))}\n"
        for disk in call.camera.disks.values()
    )
    return _respond(f"  <HealthStatusSuccess>\n{lines}  </HealthStatusSuccess>\n")


def _attributes(disk: Disk, *, overall: bool) -> dict[str, str | None]:
    values: dict[str, int | None] = {"wear": disk.wear}
    if overall:
        values |= {
            "temperature": disk.temperature_kelvin,
            "overallhealth": disk.overall_health,
        }
    absent = disk.status == "disconnected"
    return {
        "diskid": disk.id,
        **{
            name: None if value is None else str(ABSENT if absent else value)
            for name, value in values.items()
        },
    }


def health_error(message: str) -> Answer:
    """Answer with an error of gethealth.cgi."""
    return _respond(
        f"  <GeneralError>\n    <ErrorCode>{PROCESSING}</ErrorCode>\n"
        f"    <ErrorDescription>{escape(message)}</ErrorDescription>\n  </GeneralError>\n"
    )


def _respond(content: str) -> Answer:
    body = (
        '<?xml version="1.0" encoding="UTF-8" ?>\n'
        f'<HealthStatusResponse xmlns:xsi="{SCHEMA_INSTANCE}" '
        f'xsi:noNamespaceSchemaLocation="{SCHEMAS}disk/gethealth1.xsd">\n'
        f"{content}</HealthStatusResponse>\n"
    )
    return Answer(body.encode())


ROUTES = {
    "disks/gethealth.cgi": Route(
        health,
        health_error,
        Level.OPERATOR,
        available=lambda quirks: quirks.disk_health is not None,
    ),
}
APIS = ()
