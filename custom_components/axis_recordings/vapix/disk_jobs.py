"""Jobs that a camera does on its disks (VAPIX: Edge storage API, mount.cgi and job.cgi)."""

from typing import TYPE_CHECKING, Any, Literal

from .errors import UnexpectedAnswerError
from .models import DiskJob
from .values import integer, text
from .xml import parse_xml

if TYPE_CHECKING:
    from .http import CameraHttp

JOB_CGI = "/axis-cgi/disks/job.cgi"
MOUNT_CGI = "/axis-cgi/disks/mount.cgi"

type MountAction = Literal["mount", "unmount"]


async def start(http: CameraHttp, disk_id: str, action: MountAction) -> DiskJob:
    """Start to mount or unmount a disk. Needs an administrator."""
    answer = await http.command(MOUNT_CGI, {"action": action, "diskid": disk_id})
    job = _job(await parse_xml(answer.body, MOUNT_CGI), MOUNT_CGI)
    if not (job_id := text(job, "@jobid")):
        message = f"{MOUNT_CGI} answered without a job"
        raise UnexpectedAnswerError(message)
    return DiskJob(job_id=job_id, disk_id=disk_id, action=action, progress=0)


async def follow(http: CameraHttp, job: DiskJob) -> DiskJob:
    """Ask how far a job is. RefusedError holds the camera's words if it has failed."""
    answer = await http.get(JOB_CGI, {"jobid": job.job_id, "diskid": job.disk_id})
    progress = integer(
        _job(await parse_xml(answer.body, JOB_CGI), JOB_CGI), "@progress"
    )
    if progress is None:
        message = f"{JOB_CGI} answered without a progress"
        raise UnexpectedAnswerError(message)
    return DiskJob(
        job_id=job.job_id,
        disk_id=job.disk_id,
        action=job.action,
        progress=min(progress, 100),
    )


def _job(root: dict[str, Any], path: str) -> dict[str, Any]:
    job = root.get("job")
    if not isinstance(job, dict):
        message = f"{path} answered without a job"
        raise UnexpectedAnswerError(message)
    return job
