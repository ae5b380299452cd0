"""disks/mount.cgi, job.cgi and lock.cgi (VAPIX: Edge storage API)."""

from typing import get_args

from tests.camera.accounts import Level
from tests.camera.answers import Answer
from tests.camera.errors import CameraError
from tests.camera.jobs import DONE, Action

from .route import Call, Route
from .xml import document, element

LOCKS = ("lock", "unlock")
ACTIONS: tuple[Action, ...] = get_args(Action.__value__)


def mount(call: Call) -> Answer:
    """Answer mount.cgi: start a job."""
    disk_id, wanted = call.arguments.get("diskid", ""), call.arguments.get("action", "")
    action = next((action for action in ACTIONS if action == wanted), None)
    if action is None or not disk_id:
        return _not_started(
            wanted, disk_id, f"Invalid argument {'diskid' if action else 'action'}"
        )
    try:
        number = call.camera.start_job(action, disk_id)
    except CameraError as error:
        return _not_started(action, disk_id, str(error))
    return _started(
        {"action": action, "diskid": disk_id, "result": "OK", "jobid": number}
    )


def _started(values: dict[str, str | None]) -> Answer:
    return Answer(document("disk/startjob1.xsd", element("job", values)))


def _not_started(action: str, disk_id: str, description: str) -> Answer:
    return _started(
        {
            "action": action,
            "diskid": disk_id,
            "result": "ERROR",
            "description": description,
        }
    )


def mount_error(message: str) -> Answer:
    """Answer with an error of mount.cgi."""
    return _not_started("", "", message)


def check_job(call: Call) -> Answer:
    """Answer job.cgi: how far a job is, and how it ended."""
    number, disk_id = call.arguments.get("jobid", ""), call.arguments.get("diskid", "")
    job = call.camera.jobs.get(number)
    if job is None or job.disk_id != disk_id:
        return _job(number, disk_id, "N/A", failure="Job not found")
    return _job(number, disk_id, job.action, job.progress, job.failure)


def _job(
    number: str,
    disk_id: str,
    action: str,
    progress: int = DONE,
    failure: str | None = None,
) -> Answer:
    values = {
        "jobid": number,
        "diskid": disk_id,
        "action": action,
        "result": "OK" if failure is None else "ERROR",
        "progress": str(progress),
        "description": failure or "",
    }
    return Answer(document("disk/checkjob1.xsd", element("job", values)))


def job_error(message: str) -> Answer:
    """Answer with an error of job.cgi."""
    return _job("", "", "N/A", failure=message)


def lock(call: Call) -> Answer:
    """Answer lock.cgi; its errors are undocumented."""
    disk_id, action = call.arguments.get("diskid", ""), call.arguments.get("action", "")
    if action not in LOCKS or disk_id not in call.camera.disks:
        name = "diskid" if action in LOCKS else "action"
        return _locked(action, disk_id, f"Invalid argument {name}")
    if action == "lock":
        call.camera.lock_disk(disk_id)
    else:
        call.camera.unlock_disk(disk_id)
    return _locked(action, disk_id)


def _locked(action: str, disk_id: str, failure: str | None = None) -> Answer:
    values = {
        "diskid": disk_id,
        "result": "OK" if failure is None else "ERROR",
        "errormsg": failure,
    }
    name = action if action in LOCKS else "lock"
    return Answer(document("disk/lock1.xsd", element(name, values)))


def lock_error(message: str) -> Answer:
    """Answer with an error of lock.cgi."""
    return _locked("lock", "", message)


ROUTES = {
    "disks/mount.cgi": Route(mount, mount_error, Level.ADMINISTRATOR),
    "disks/job.cgi": Route(check_job, job_error, Level.OPERATOR),
    "disks/lock.cgi": Route(lock, lock_error, Level.ADMINISTRATOR),
}
APIS = ()
