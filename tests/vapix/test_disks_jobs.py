"""Mounting and unmounting: the camera does it as a job, which takes its time."""

from typing import TYPE_CHECKING

import pytest

from custom_components.axis_recordings.vapix import (
    BusyError,
    CameraConnectionError,
    CameraTimeoutError,
    DiskJob,
    MissingRightsError,
    RefusedError,
    UnexpectedAnswerError,
    client as client_module,
)
from tests.camera import Camera, CameraServer, Disk, Fault, Quirks

from .scripted import xml

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from typing import Any

    from .conftest import Connect
    from .scripted import ScriptedServer

STARTED = xml('<job action="mount" diskid="SD_DISK" result="OK" jobid="3"/>')


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask again soon."""
    monkeypatch.setattr(client_module, "_JOB_INTERVAL", 0.01)


async def progress_of(jobs: AsyncGenerator[DiskJob]) -> list[int]:
    """Return how far a job was each time."""
    return [job.progress async for job in jobs]


async def test_unmount_and_mount(connect: Connect) -> None:
    """The progress grows until it is done."""
    camera = Camera(job_duration=0.2)
    async with CameraServer(camera) as server:
        client = connect(server, "administrator", "admin-secret")
        for act, status in (
            (client.unmount_disk, "connected"),
            (client.mount_disk, "OK"),
        ):
            progress = await progress_of(act("SD_DISK"))
            assert len(progress) > 1
            assert progress == sorted(progress)
            assert progress[0] < 100
            assert progress[-1] == 100
            assert camera.disks["SD_DISK"].status == status


async def test_is_sent_once(connect: Connect) -> None:
    """As all that changes something."""
    async with CameraServer(Camera(job_duration=0)) as server:
        client = connect(server, "administrator", "admin-secret")
        (job,) = [each async for each in client.unmount_disk("SD_DISK")]
        sent = [each for each in server.requests if each.path.endswith("mount.cgi")]
    assert job == DiskJob(job_id="1", disk_id="SD_DISK", action="unmount", progress=100)
    assert [dict(each.query) for each in sent if each.status == 200] == [
        {"action": "unmount", "diskid": "SD_DISK"}
    ]


async def test_operator_may_not(connect: Connect) -> None:
    """It takes an administrator."""
    camera = Camera()
    async with CameraServer(camera) as server:
        client = connect(server)
        await client.fetch_disks()
        with pytest.raises(MissingRightsError):
            await progress_of(client.unmount_disk("SD_DISK"))
    assert camera.disks["SD_DISK"].attached


@pytest.mark.parametrize("again", ["ok", "error"])
async def test_again(connect: Connect, again: Any) -> None:
    """What is so already is done at once, or refused in the camera's words."""
    camera = Camera(job_duration=0, quirks=Quirks(mount_again=again))
    async with CameraServer(camera) as server:
        jobs = connect(server, "administrator", "admin-secret").mount_disk("SD_DISK")
        if again == "ok":
            assert await progress_of(jobs) == [100]
        else:
            with pytest.raises(RefusedError, match="already mounted"):
                await progress_of(jobs)


async def test_job_fails(connect: Connect) -> None:
    """The camera says why when it has tried."""
    camera = Camera(disks=[Disk(status="wrong passphrase")], job_duration=0)
    async with CameraServer(camera) as server:
        client = connect(server, "administrator", "admin-secret")
        with pytest.raises(RefusedError, match="can't be mounted"):
            await progress_of(client.mount_disk("SD_DISK"))


async def test_never_ends(
    scripted: ScriptedServer, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits forever."""
    monkeypatch.setattr(client_module, "_JOB_POLLS", 3)
    scripted.answers = [STARTED, xml('<job result="OK" progress="70"/>')]
    with pytest.raises(CameraTimeoutError):
        await progress_of(connect(scripted).mount_disk("SD_DISK"))
    assert len(scripted.requests) == 4


@pytest.mark.parametrize(
    "answers",
    [
        (xml(""),),
        (xml('<job result="OK"/>'),),
        (STARTED, xml("")),
        (STARTED, xml('<job result="OK"/>')),
        (STARTED, xml('<job result="OK" progress="much"/>')),
    ],
)
async def test_odd_answers(
    scripted: ScriptedServer, connect: Connect, answers: tuple[bytes, ...]
) -> None:
    """Without a job, its number, or its progress."""
    scripted.answers = list(answers)
    with pytest.raises(UnexpectedAnswerError):
        await progress_of(connect(scripted).mount_disk("SD_DISK"))


async def test_more_than_all(scripted: ScriptedServer, connect: Connect) -> None:
    """That is all."""
    scripted.answers = [STARTED, xml('<job result="OK" progress="120"/>')]
    assert await progress_of(connect(scripted).mount_disk("SD_DISK")) == [100]


@pytest.mark.parametrize("fault", [Fault.RESET, Fault.UNAVAILABLE])
async def test_answers_that_fail(connect: Connect, fault: Fault) -> None:
    """The camera goes on with the job while it is too busy to say how far it is; not for ever, though."""
    async with CameraServer(Camera(job_duration=0.2)) as server:
        client = connect(server, "administrator", "admin-secret")
        server.camera.faults.set("disks/job.cgi", fault, times=3)
        assert (await progress_of(client.unmount_disk("SD_DISK")))[-1] == 100
        server.camera.faults.set("disks/job.cgi", fault)
        with pytest.raises((BusyError, CameraConnectionError)):
            await progress_of(client.mount_disk("SD_DISK"))
