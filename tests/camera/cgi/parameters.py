"""param.cgi, reading only (VAPIX: Parameter management)."""

import re
from typing import TYPE_CHECKING, NamedTuple

from tests.camera.accounts import Level
from tests.camera.answers import Answer

from .route import Api, Call, Route

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.camera.camera import Camera


class Parameter(NamedTuple):
    """A parameter below `root.` and the lowest level that may read it."""

    name: str
    value: str
    level: Level = Level.VIEWER


def parameters(camera: Camera) -> Iterator[Parameter]:
    """Give the parameters around recordings and identity."""
    yield Parameter("Brand.Brand", "AXIS")
    yield Parameter("Brand.ProdFullName", camera.full_name)
    yield Parameter("Brand.ProdNbr", camera.model.removeprefix("AXIS "))
    yield Parameter("Brand.ProdShortName", camera.model)
    yield Parameter("Brand.ProdType", camera.product_type)
    yield Parameter("Brand.ProdVariant", "")
    yield Parameter("Brand.WebURL", "http://www.axis.com")
    yield Parameter("Network.Bonjour.Enabled", "yes")
    yield Parameter("Network.Bonjour.FriendlyName", camera.name)
    yield Parameter(
        "Network.HTTP.AuthenticationPolicy", camera.auth, Level.ADMINISTRATOR
    )
    yield Parameter(
        "Network.HTTP.AuthenticationWithQop", _yes_no(camera.qop), Level.ADMINISTRATOR
    )
    yield Parameter("Network.UPnP.FriendlyName", camera.name)
    yield Parameter("Properties.API.HTTP.Version", "3")
    yield Parameter("Properties.API.Metadata.Metadata", "yes")
    yield Parameter("Properties.API.RTSP.Version", "2.01")
    yield Parameter("Properties.Firmware.Version", camera.firmware)
    yield Parameter(
        "Properties.LocalStorage.ContinuousRecording", _yes_no(camera.max_profiles > 0)
    )
    yield Parameter("Properties.LocalStorage.DiskEncryption", "yes")
    if camera.quirks.disk_health is not None:
        yield Parameter("Properties.LocalStorage.DiskHealth", "yes")
    if camera.quirks.export is not None:
        yield Parameter("Properties.LocalStorage.ExportRecording", "yes")
    yield Parameter("Properties.LocalStorage.LocalStorage", _yes_no(bool(camera.disks)))
    yield Parameter(
        "Properties.LocalStorage.NbrOfContinuousRecordingProfiles",
        str(camera.max_profiles),
    )
    yield Parameter("Properties.LocalStorage.RequiredFileSystem", "yes")
    yield Parameter(
        "Properties.LocalStorage.SDCard", _yes_no("SD_DISK" in camera.disks)
    )
    if camera.quirks.storage_limit is not None:
        yield Parameter("Properties.LocalStorage.StorageLimit", "yes")
    yield Parameter("Properties.LocalStorage.Version", "1.00")
    yield Parameter("Properties.System.Architecture", "aarch64")
    yield Parameter("Properties.System.SerialNumber", camera.serial)
    yield Parameter("Properties.System.Soc", "Axis Artpec-8")
    yield Parameter("Recording.DefaultDiskId", next(iter(camera.disks), ""))
    yield Parameter("Recording.DefaultSplitDuration", "300")
    yield from _storage(camera)


def _storage(camera: Camera) -> Iterator[Parameter]:
    for disk in camera.disks.values():
        values = {
            "CleanupLevel": str(disk.cleanup_level),
            "CleanupMaxAge": str(disk.cleanup_max_age),
            "CleanupPolicyActive": disk.cleanup_policy,
            "DiskID": disk.id,
            "Enabled": "yes",
            "FileSystem": disk.filesystem,
            "FriendlyName": disk.name,
            "Locked": _yes_no(disk.locked),
            "MountOnBoot": "yes",
            "RequiredFileSystem": disk.required_filesystem,
        }
        for name, value in values.items():
            yield Parameter(f"Storage.{disk.group}.{name}", value, Level.OPERATOR)


def _yes_no(value: bool) -> str:
    return "yes" if value else "no"


def param(call: Call) -> Answer:
    """Answer param.cgi; what the user may not read is as if it were not there."""
    action = call.arguments.get("action")
    if action != "list":
        return param_error(f"Error -1 unknown action '{action or ''}'")
    readable = [
        parameter
        for parameter in parameters(call.camera)
        if parameter.level <= call.level
    ]
    groups = call.arguments.get("group")
    if groups is None:
        return _text("".join(map(_line, readable)))
    lines: list[str] = []
    for group in groups.split(","):
        pattern = _pattern(group)
        found = [
            _line(parameter) for parameter in readable if pattern.match(parameter.name)
        ]
        lines += found or [f"# Error: Error -1 getting param in group '{group}'\n"]
    return _text("".join(lines))


def _pattern(group: str) -> re.Pattern[str]:
    """Match a group or parameter, with or without `root.`; `*` stands for one level."""
    name = group.removeprefix("root").removeprefix(".")
    levels = (re.escape(level).replace(r"\*", "[^.]*") for level in name.split("."))
    return re.compile(rf"{r'\.'.join(levels)}(?:\.|$)" if name else "")


def _line(parameter: Parameter) -> str:
    return f"root.{parameter.name}={parameter.value}\n"


def _text(text: str) -> Answer:
    return Answer(text.encode(), "text/plain")


def param_error(message: str) -> Answer:
    """Answer with an error of param.cgi."""
    return _text(f"# Error: {message}\n")


ROUTES = {
    "param.cgi": Route(
        param,
        param_error,
        Level.VIEWER,
        methods=frozenset({"GET", "POST"}),
    ),
}
APIS = (Api("param-cgi", "1.0", "Legacy Parameter Handling"),)
