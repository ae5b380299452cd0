"""record/continuous/*.cgi: continuous recording profiles (VAPIX: Edge storage API)."""

from tests.camera.accounts import Level
from tests.camera.answers import Answer
from tests.camera.errors import CameraError

from .route import Call, Route
from .xml import CLOSING, document, element, opening

LIST_SCHEMA = "recording/continuousconfigurationlist1.xsd"


def add(call: Call) -> Answer:
    """Answer addconfiguration.cgi."""
    disk_id = call.arguments.get("diskid")
    options = call.arguments.get("options")
    if not disk_id or options is None:
        return add_error(f"Missing argument {'options' if disk_id else 'diskid'}")
    try:
        profile = call.camera.add_profile(
            disk_id,
            call.arguments.get("eventid", "continuous"),
            options,
        )
    except CameraError as error:
        return add_error(str(error))
    return _added({"profile": profile, "result": "OK"})


def _added(values: dict[str, str | None]) -> Answer:
    schema = "recording/continuousconfigurationadd1.xsd"
    return Answer(document(schema, element("configure", values), encoding="utf-8"))


def add_error(message: str) -> Answer:
    """Answer with an error of addconfiguration.cgi."""
    return _added({"profile": "", "result": "ERROR", "errormsg": message})


def list_profiles(call: Call) -> Answer:
    """Answer listconfiguration.cgi."""
    wanted = call.arguments.get("profile")
    lines = "".join(
        f"    {_profile(profile.number, profile.disk_id, profile.options, profile.event_id)}\n"
        for profile in call.camera.profiles.values()
        if wanted in (None, profile.number)
    )
    return _listed(f">\n{lines}  </continuousrecordingconfigurations>")


def _profile(number: str, disk_id: str, options: str, event_id: str) -> str:
    return element(
        "continuousrecordingconfiguration",
        {"profile": number, "diskid": disk_id, "options": options, "eventid": event_id},
    )


def _listed(rest: str) -> Answer:
    head = opening(LIST_SCHEMA, "utf-8")
    return Answer(
        f"{head}  <continuousrecordingconfigurations{rest}\n{CLOSING}".encode()
    )


def list_error(message: str) -> Answer:
    """Answer with an error of listconfiguration.cgi, in the shape of the other CGIs."""
    return _listed(f"{element('', {'result': 'ERROR', 'errormsg': message})[1:]}")


def remove(call: Call) -> Answer:
    """Answer removeconfiguration.cgi."""
    profile = call.arguments.get("profile", "")
    try:
        call.camera.remove_profile(profile)
    except CameraError as error:
        return _removed({"profile": profile, "result": "ERROR", "errormsg": str(error)})
    return _removed({"profile": profile, "result": "OK"})


def _removed(values: dict[str, str | None]) -> Answer:
    schema = "recording/continuousconfigurationremove1.xsd"
    return Answer(document(schema, element("remove", values), encoding="utf-8"))


def remove_error(message: str) -> Answer:
    """Answer with an error of removeconfiguration.cgi."""
    return _removed({"profile": "", "result": "ERROR", "errormsg": message})


ROUTES = {
    "record/continuous/addconfiguration.cgi": Route(add, add_error, Level.OPERATOR),
    "record/continuous/listconfiguration.cgi": Route(
        list_profiles, list_error, Level.VIEWER
    ),
    "record/continuous/removeconfiguration.cgi": Route(
        remove, remove_error, Level.OPERATOR
    ),
}
APIS = ()
