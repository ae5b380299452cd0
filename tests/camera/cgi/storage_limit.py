"""record/storage/*.cgi, reading only (VAPIX: Recording storage limit API)."""

import re
from typing import TYPE_CHECKING

from tests.camera.accounts import Level
from tests.camera.answers import Answer

from .route import Api, Call, Route
from .xml import SCHEMA_INSTANCE, SCHEMAS, element, escape

if TYPE_CHECKING:
    from tests.camera.quirks import Quirks

VERSION = "1.0"
ERRORS = {
    10: "Error while processing the request",
    20: "Invalid request",
    40: "Specified version is not supported",
    110: "Disk not found",
}


def schema_versions(call: Call) -> Answer:
    """Answer schemaversions.cgi."""
    return _respond(
        "  <SchemaVersionsSuccess>\n    <SchemaVersion>\n"
        f"      <VersionNumber>{VERSION}</VersionNumber>\n"
        "      <Deprecated>false</Deprecated>\n"
        "    </SchemaVersion>\n  </SchemaVersionsSuccess>\n"
    )


def get_limit(call: Call) -> Answer:
    """Answer getlimit.cgi, for one disk or all."""
    version = call.arguments.get("schemaversion", "")
    if not re.fullmatch(r"\d+(\.\d+)?", version):
        return _fail(20)
    if version.partition(".")[0] != "1":
        return _fail(40)
    disk_id = call.arguments.get("diskid")
    disks = [disk for disk in call.camera.disks.values() if disk_id in (None, disk.id)]
    if disk_id is not None and not disks:
        return _fail(110)
    used = call.camera.quirks.storage_limit or "usedspace"
    lines = "".join(
        "    "
        + element(
            "StorageLimit",
            {
                "diskid": disk.id,
                "size": str(disk.limit_kb),
                used: str(max(0, disk.total_kb - disk.free_kb)),
            },
        )
        + "\n"
        for disk in disks
    )
    return _respond(
        f"  <GetStorageLimitsResponse>\n{lines}  </GetStorageLimitsResponse>\n"
    )


def _fail(code: int, description: str | None = None) -> Answer:
    return _respond(
        f"  <GeneralError>\n    <ErrorCode>{code}</ErrorCode>\n"
        f"    <ErrorDescription>{escape(description or ERRORS[code])}</ErrorDescription>\n"
        "  </GeneralError>\n"
    )


def limit_error(message: str) -> Answer:
    """Answer with an error of the API."""
    return _fail(10, message)


def _respond(content: str) -> Answer:
    body = (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<StorageLimitsResponse xmlns:xsi="{SCHEMA_INSTANCE}" SchemaVersion="{VERSION}" '
        f'xsi:noNamespaceSchemaLocation="{SCHEMAS}recordingstoragelimit1.xsd">\n'
        f"{content}</StorageLimitsResponse>\n"
    )
    return Answer(body.encode())


def _available(quirks: Quirks) -> bool:
    return quirks.storage_limit is not None


ROUTES = {
    f"record/storage/{name}.cgi": Route(
        handler, limit_error, Level.OPERATOR, available=_available
    )
    for name, handler in (("schemaversions", schema_versions), ("getlimit", get_limit))
}
APIS = (Api("recording-storage-limit", VERSION, "Recording Storage Limit"),)
