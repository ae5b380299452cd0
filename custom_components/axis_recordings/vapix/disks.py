"""The disks of a camera: which there are, how they are, how full they may get, and what is done to them."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from .bounds import MOST_DISKS
from .errors import UnexpectedAnswerError
from .models import Disk, DiskHealth, DiskJob, StorageLimit
from .values import identifier, integer, size, text, yes
from .xml import children, parse_xml

if TYPE_CHECKING:
    from .http import CameraHttp

# VAPIX: Edge storage API
LIST_CGI = "/axis-cgi/disks/list.cgi"
HEALTH_CGI = "/axis-cgi/disks/gethealth.cgi"
JOB_CGI = "/axis-cgi/disks/job.cgi"
MOUNT_CGI = "/axis-cgi/disks/mount.cgi"
# VAPIX: Recording storage limit API
LIMIT_CGI = "/axis-cgi/record/storage/getlimit.cgi"

MAX_AGE_DAYS = 7000

_KELVIN = 273.15
_PASSED = {"0": False, "1": True}

type MountAction = Literal["mount", "unmount"]


async def fetch_disks(http: CameraHttp) -> tuple[Disk, ...]:
    """Ask disks/list.cgi for all disks, also those without a medium. Needs an operator."""
    answer = await http.get(LIST_CGI, {"diskid": "all"})
    root = await parse_xml(answer.body, LIST_CGI)
    if "disks" not in root:
        message = f"{LIST_CGI} answered without a list of disks"
        raise UnexpectedAnswerError(message)
    listed = children(root["disks"], "disk")
    found = [each for each in listed if identifier(each, "@diskid")]
    named = [each for each in listed if text(each, "@diskid")]
    http.bounds.note("disks", len(named) - len(found))
    return tuple(
        _parse_disk(each) for each in http.bounds.first("disks", found, MOST_DISKS)
    )


def _parse_disk(element: dict[str, Any]) -> Disk:
    return Disk(
        disk_id=text(element, "@diskid"),
        name=text(element, "@name"),
        total_size=size(element, "@totalsize"),
        free_size=size(element, "@freesize"),
        status=text(element, "@status"),
        locked=bool(yes(element, "@locked")),
        full=bool(yes(element, "@full")),
        read_only=bool(yes(element, "@readonly")),
        file_system=text(element, "@filesystem"),
        required_file_system=_required_file_system(element),
        encryption_wanted=_encryption_wanted(element),
        encrypted=yes(element, "@diskencrypted"),
        max_age=_max_age(element),
        clean_up_policy=text(element, "@cleanuppolicy").lower(),
    )


def _required_file_system(element: dict[str, Any]) -> str | None:
    name = text(element, "@requiredfilesystem")
    return None if name.lower() in ("", "none") else name


def _encryption_wanted(element: dict[str, Any]) -> bool | None:
    """Return the attribute under its name on cameras, or that on the API page."""
    wanted = yes(element, "@encryptionenabled")
    return yes(element, "@diskencryptionenabled") if wanted is None else wanted


def _max_age(element: dict[str, Any]) -> timedelta | None:
    """Return the age in days (VAPIX: 0 to 7000). What 0 stands for is not documented."""
    days = integer(element, "@cleanupmaxage")
    return timedelta(days=days) if days and days <= MAX_AGE_DAYS else None


async def fetch_health(http: CameraHttp) -> dict[str, DiskHealth]:
    """Ask for the health of all disks, by their ids. Needs an operator."""
    answer = await http.get(HEALTH_CGI)
    root = await parse_xml(answer.body, HEALTH_CGI, "HealthStatusResponse")
    if "HealthStatusSuccess" not in root:
        message = f"{HEALTH_CGI} answered without a status"
        raise UnexpectedAnswerError(message)
    return {
        disk_id: _parse_health(element)
        for element in http.bounds.first(
            "disks", children(root["HealthStatusSuccess"], "HealthStatus"), MOST_DISKS
        )
        if (disk_id := identifier(element, "@diskid", "disks"))
    }


def _parse_health(element: dict[str, Any]) -> DiskHealth:
    """Return the values (VAPIX: negative ones stand for not supported, an error, or no disk)."""
    kelvin = integer(element, "@temperature")
    return DiskHealth(
        wear=integer(element, "@wear"),
        temperature=None if kelvin is None else round(kelvin - _KELVIN, 1),
        passed=_PASSED.get(text(element, "@overallhealth")),
    )


async def fetch_limits(http: CameraHttp) -> dict[str, StorageLimit]:
    """Ask for the limits of all disks, by their ids. Needs an operator."""
    answer = await http.get(LIMIT_CGI, {"schemaversion": "1"})
    root = await parse_xml(answer.body, LIMIT_CGI, "StorageLimitsResponse")
    if "GetStorageLimitsResponse" not in root:
        message = f"{LIMIT_CGI} answered without limits"
        raise UnexpectedAnswerError(message)
    limits: dict[str, StorageLimit] = {}
    elements = children(root["GetStorageLimitsResponse"], "StorageLimit")
    for element in http.bounds.first("disks", elements, MOST_DISKS):
        disk_id = identifier(element, "@diskid", "disks")
        limit = size(element, "@size")
        if disk_id and limit is not None:
            # The sample of the API page calls it usedspace, its table usedsize.
            used = size(element, "@usedspace")
            limits[disk_id] = StorageLimit(
                size=limit, used=size(element, "@usedsize") if used is None else used
            )
    return limits


async def start_job(http: CameraHttp, disk_id: str, action: MountAction) -> DiskJob:
    """Start to mount or unmount a disk. Needs an administrator."""
    answer = await http.command(MOUNT_CGI, {"action": action, "diskid": disk_id})
    job = _job(await parse_xml(answer.body, MOUNT_CGI), MOUNT_CGI)
    if not (job_id := text(job, "@jobid")):
        message = f"{MOUNT_CGI} answered without a job"
        raise UnexpectedAnswerError(message)
    return DiskJob(job_id=job_id, disk_id=disk_id, action=action, progress=0)


async def follow_job(http: CameraHttp, job: DiskJob) -> DiskJob:
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
