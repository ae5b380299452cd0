"""disks/*.cgi and record/storage/*.cgi: states, health, jobs and limits of disks."""

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
import xmltodict

from tests.camera import Disk, Fault, Quirks

from .caller import Caller, Reply, Serve, plain
from .listener import DISRUPTION, RECORDING, listening, opened

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory

    from tests.camera.disks import DiskStatus

HEALTH, LIST = "disks/gethealth.cgi", "disks/list.cgi"
MOUNT, JOB, LOCK = "disks/mount.cgi", "disks/job.cgi", "disks/lock.cgi"
LIMIT, VERSIONS = "record/storage/getlimit.cgi", "record/storage/schemaversions.cgi"


def parse(reply: Reply, root: str) -> dict[str, Any]:
    """Read an XML body whose root has this name."""
    parsed: dict[str, Any] = xmltodict.parse(
        reply.body, force_list=("HealthStatus", "StorageLimit")
    )[root]
    return parsed


async def job_of(
    caller: Caller, number: str, disk_id: str = "SD_DISK"
) -> dict[str, str]:
    """Ask for a job."""
    reply = await caller.get(JOB, jobid=number, diskid=disk_id)
    assert "disk/checkjob1.xsd" in reply.text
    job: dict[str, str] = reply.root["job"]
    return job


async def start(
    caller: Caller, action: str, disk_id: str = "SD_DISK"
) -> dict[str, str]:
    """Start a job."""
    reply = await caller.get(MOUNT, action=action, diskid=disk_id)
    assert "disk/startjob1.xsd" in reply.text
    job: dict[str, str] = reply.root["job"]
    return job


STATUSES: tuple[DiskStatus, ...] = (
    "OK",
    "connected",
    "disconnected",
    "failed",
    "no passphrase",
    "wrong passphrase",
    "not encrypted",
)


@pytest.mark.parametrize("status", STATUSES)
async def test_every_state(serve: Serve, status: DiskStatus) -> None:
    """Each documented state of a disk is listed in its words, whatever the name of encryption."""
    camera = plain(
        disks=[
            Disk(
                status=status,
                cleanup_policy="none",
                cleanup_max_age=0,
                required_filesystem="ext4",
                encryption_enabled=True,
                encrypted=status == "OK",
                locked=True,
                full=True,
                readonly=True,
            )
        ]
    )
    async with serve(camera) as caller:
        for name in ("encryptionenabled", "diskencryptionenabled"):
            for size in ("zero", "known"):
                camera.quirks = Quirks(
                    disk_encryption_attribute=name,
                    unmounted_size=size,
                )
                (disk,) = (await caller.get(LIST, diskid="all")).root["disks"]["disk"]
                assert disk["@status"] == status
                assert disk["@cleanuppolicy"] == "none"
                assert disk["@cleanupmaxage"] == "0"
                assert disk["@requiredfilesystem"] == "ext4"
                assert disk[f"@{name}"] == "true"
                assert disk["@diskencrypted"] == str(status == "OK").lower()
                assert {disk["@locked"], disk["@full"], disk["@readonly"]} == {"yes"}
                known = status == "OK" or size == "known"
                assert (disk["@totalsize"] != "0") == known


async def test_health(serve: Serve) -> None:
    """Health is reported as in Axis' sample."""
    camera = plain(
        disks=[
            Disk("SD_DISK", wear=25),
            Disk("NetworkShare"),
            Disk("HDD_DISK", wear=13, temperature_kelvin=315, overall_health=1),
        ]
    )
    async with serve(camera) as caller:
        caller.user = "operator"
        reply = await caller.get(HEALTH)
        assert reply.headers["Content-Type"] == "text/xml"
        assert reply.text == (
            '<?xml version="1.0" encoding="UTF-8" ?>\n'
            '<HealthStatusResponse xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
            "xsi:noNamespaceSchemaLocation="
            '"http://www.axis.com/vapix/http_cgi/disk/gethealth1.xsd">\n'
            "  <HealthStatusSuccess>\n"
            '    <HealthStatus diskid="SD_DISK" wear="25"/>\n'
            '    <HealthStatus diskid="NetworkShare" wear="-1"/>\n'
            '    <HealthStatus diskid="HDD_DISK" wear="13" temperature="315" '
            'overallhealth="1"/>\n'
            "  </HealthStatusSuccess>\n</HealthStatusResponse>\n"
        )
        caller.user = "viewer"
        assert (await caller.get(HEALTH)).status == 401


async def test_health_varies(serve: Serve) -> None:
    """Values may pass 100, be errors or be of no disk; old cameras report less, or nothing."""
    camera = plain(disks=[Disk(wear=104, temperature_kelvin=-2, overall_health=-1)])

    async def health() -> dict[str, str]:
        (disk,) = parse(await caller.get(HEALTH), "HealthStatusResponse")[
            "HealthStatusSuccess"
        ]["HealthStatus"]
        found: dict[str, str] = disk
        return found

    async with serve(camera) as caller:
        reported = {"@diskid": "SD_DISK", "@wear": "104"}
        assert await health() == reported | {
            "@temperature": "-2",
            "@overallhealth": "-1",
        }
        camera.quirks = Quirks(disk_health="wear")
        assert await health() == reported
        camera.detach_disk("SD_DISK")
        assert await health() == {"@diskid": "SD_DISK", "@wear": "-3"}
        camera.faults.set(HEALTH, Fault.ERROR, message="Broken", times=1)
        error = parse(await caller.get(HEALTH), "HealthStatusResponse")["GeneralError"]
        assert error == {"ErrorCode": "10", "ErrorDescription": "Broken"}
        camera.quirks = Quirks(disk_health=None)
        assert (await caller.get(HEALTH)).status == 404
        reply = await caller.get(
            "param.cgi", action="list", group="Properties.LocalStorage"
        )
        assert "DiskHealth" not in reply.text
        assert "root.Properties.LocalStorage.StorageLimit=yes" in reply.text


async def test_unmount(serve: Serve) -> None:
    """Unmounting takes its time, interrupts what is recorded and is a disruption."""
    camera = plain(job_duration=0.5)
    recording_id = camera.start_recording()
    async with (
        serve(camera) as caller,
        listening(caller, DISRUPTION, RECORDING) as listener,
    ):
        assert await start(caller, "unmount") == {
            "@action": "unmount",
            "@diskid": "SD_DISK",
            "@result": "OK",
            "@jobid": "1",
        }
        caller.user = "operator"
        job = await job_of(caller, "1")
        assert int(job.pop("@progress")) < 90
        assert job == {
            "@jobid": "1",
            "@diskid": "SD_DISK",
            "@action": "unmount",
            "@result": "OK",
            "@description": "",
        }
        assert len(camera.recordings.ongoing) == 1
        caller.user = "administrator"
        assert (await start(caller, "mount"))["@description"] == "Disk SD_DISK is busy"
        assert set(await listener.values(2)) == {
            (DISRUPTION, "SD_DISK", "1"),
            (RECORDING, "0"),
        }
        assert camera.journal.lives()[recording_id] == ["started", "interrupted"]
        job = await job_of(caller, "1")
        assert (job["@progress"], job["@result"]) == ("100", "OK")
        (disk,) = (await caller.get(LIST, diskid="all")).root["disks"]["disk"]
        assert disk["@status"] == "connected"
        assert (await caller.list(recordingid="all")).counters == (0, 0)
        assert (await start(caller, "mount"))["@jobid"] == "2"
        assert await listener.values(1) == [(DISRUPTION, "SD_DISK", "0")]
        assert (await caller.list(recordingid="all")).counters == (1, 1)


async def test_mount_goes_wrong(serve: Serve) -> None:
    """A job may not start, or end in an error."""
    camera = plain(
        job_duration=0,
        disks=[
            Disk("SD_DISK"),
            Disk("NetworkShare", status="disconnected"),
            Disk("HDD_DISK", status="wrong passphrase"),
        ],
    )
    async with serve(camera) as caller:
        for action, disk_id in (
            ("mount", "NetworkShare"),
            ("mount", "USB_DISK"),
            ("eject", "SD_DISK"),
            ("mount", ""),
        ):
            job = await start(caller, action, disk_id)
            assert job.pop("@description")
            assert job == {"@action": action, "@diskid": disk_id, "@result": "ERROR"}
        number = (await start(caller, "mount", "HDD_DISK"))["@jobid"]
        assert await job_of(caller, number, "HDD_DISK") == {
            "@jobid": number,
            "@diskid": "HDD_DISK",
            "@action": "mount",
            "@result": "ERROR",
            "@progress": "100",
            "@description": "Disk HDD_DISK can't be mounted (wrong passphrase)",
        }
        for unknown in ((number, "SD_DISK"), ("77", "SD_DISK")):
            job = await job_of(caller, *unknown)
            assert (job["@action"], job["@result"], job["@progress"]) == (
                "N/A",
                "ERROR",
                "100",
            )
        assert (await start(caller, "mount"))["@result"] == "OK"
        camera.quirks = Quirks(mount_again="error")
        assert (await start(caller, "mount"))["@result"] == "ERROR"
        assert (await start(caller, "unmount"))["@result"] == "OK"
        assert (await start(caller, "unmount"))["@result"] == "ERROR"
        camera.quirks = Quirks()
        assert (await start(caller, "unmount"))["@result"] == "OK"
        for cgi in (MOUNT, JOB):
            camera.faults.set(cgi, Fault.ERROR, message="Broken", times=1)
            assert (await caller.get(cgi)).root["job"]["@description"] == "Broken"


async def test_jobs_end_early(serve: Serve) -> None:
    """A disk may be taken out while it is worked on; a start forgets jobs and mounts disks."""
    camera = plain(job_duration=0.2)
    async with serve(camera) as caller:
        number = (await start(caller, "unmount"))["@jobid"]
        disk = camera.detach_disk("SD_DISK")
        await asyncio.sleep(0.3)
        assert (await job_of(caller, number))["@result"] == "ERROR"
        camera.attach_disk(disk)
        camera.unmount_disk("SD_DISK")
        await start(caller, "mount")
        camera.reboot()
        assert (await job_of(caller, "1"))["@action"] == "N/A"
        assert camera.disks["SD_DISK"].status == "OK"
        await start(caller, "unmount")
    await asyncio.sleep(0.3)
    assert camera.disks["SD_DISK"].status == "OK"


async def test_job_in_frozen_time(serve: Serve, freezer: FrozenDateTimeFactory) -> None:
    """A job goes on as a test lets time pass."""
    camera = plain(job_duration=5)
    async with serve(camera) as caller, opened(caller) as listener:
        await listener.configure(DISRUPTION)
        await listener.values(1)
        number = (await start(caller, "unmount"))["@jobid"]
        assert (await job_of(caller, number))["@progress"] == "0"
        freezer.tick(2)
        assert (await job_of(caller, number))["@progress"] == "40"
        freezer.tick(4)
        assert await listener.values(1) == [(DISRUPTION, "SD_DISK", "1")]
        assert (await job_of(caller, number))["@progress"] == "100"


async def test_rights(serve: Serve) -> None:
    """An operator may look at jobs and limits, an administrator may mount and lock."""
    async with serve(plain()) as caller:
        statuses = {}
        for user in ("viewer", "operator", "administrator"):
            caller.user = user
            statuses[user] = [
                (await caller.get(cgi)).status for cgi in (JOB, LIMIT, MOUNT, LOCK)
            ]
        assert statuses == {
            "viewer": [401, 401, 401, 401],
            "operator": [200, 200, 401, 401],
            "administrator": [200, 200, 200, 200],
        }


async def test_lock(serve: Serve) -> None:
    """Locking stops what is recorded; unlocking lets it go on."""
    camera = plain()
    camera.add_profile()
    async with serve(camera) as caller:
        reply = await caller.get(LOCK, action="lock", diskid="SD_DISK")
        assert "disk/lock1.xsd" in reply.text
        assert reply.root["lock"] == {"@diskid": "SD_DISK", "@result": "OK"}
        assert camera.recordings.ongoing == []
        reply = await caller.get(LOCK, action="unlock", diskid="SD_DISK")
        assert reply.root["unlock"] == {"@diskid": "SD_DISK", "@result": "OK"}
        assert len(camera.recordings.ongoing) == 1
        reply = await caller.get(LOCK, action="lock", diskid="USB_DISK")
        assert reply.root["lock"]["@result"] == "ERROR"
        reply = await caller.get(LOCK, action="weld", diskid="SD_DISK")
        assert reply.root["lock"]["@result"] == "ERROR"
        camera.faults.set(LOCK, Fault.ERROR, message="Broken", times=1)
        assert (await caller.get(LOCK)).root["lock"]["@errormsg"] == "Broken"


async def test_limits(serve: Serve) -> None:
    """Limits are reported as in Axis' sample, or with the name of its table."""
    camera = plain(
        disks=[
            Disk(
                "NetworkShare",
                limit_kb=2_796_202_667,
                total_kb=1_000_000,
                free_kb=446_676,
            ),
            Disk("SD_DISK", total_kb=1_000_000, free_kb=338_676),
        ]
    )

    async def limits(**arguments: str) -> Any:
        reply = await caller.get(LIMIT, schemaversion="1", **arguments)
        return parse(reply, "StorageLimitsResponse")

    async with serve(camera) as caller:
        caller.user = "operator"
        reply = await caller.get(LIMIT, schemaversion="1")
        assert reply.text == (
            '<?xml version="1.0" encoding="utf-8"?>\n'
            '<StorageLimitsResponse xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
            'SchemaVersion="1.0" xsi:noNamespaceSchemaLocation='
            '"http://www.axis.com/vapix/http_cgi/recordingstoragelimit1.xsd">\n'
            "  <GetStorageLimitsResponse>\n"
            '    <StorageLimit diskid="NetworkShare" size="2796202667" usedspace="553324"/>\n'
            '    <StorageLimit diskid="SD_DISK" size="0" usedspace="661324"/>\n'
            "  </GetStorageLimitsResponse>\n</StorageLimitsResponse>\n"
        )
        camera.quirks = Quirks(storage_limit="usedsize")
        found = await limits(diskid="SD_DISK")
        assert found["GetStorageLimitsResponse"]["StorageLimit"] == [
            {"@diskid": "SD_DISK", "@size": "0", "@usedsize": "661324"}
        ]
        assert (await limits(diskid="DUMMY"))["GeneralError"] == {
            "ErrorCode": "110",
            "ErrorDescription": "Disk not found",
        }
        for version, code in (("", "20"), ("one", "20"), ("2", "40")):
            reply = await caller.get(LIMIT, schemaversion=version)
            error = parse(reply, "StorageLimitsResponse")["GeneralError"]
            assert error["ErrorCode"] == code
        reply = await caller.get(VERSIONS)
        versions = parse(reply, "StorageLimitsResponse")["SchemaVersionsSuccess"]
        assert versions["SchemaVersion"] == {
            "VersionNumber": "1.0",
            "Deprecated": "false",
        }
        camera.faults.set(LIMIT, Fault.ERROR, message="Broken", times=1)
        assert (await limits())["GeneralError"]["ErrorCode"] == "10"
        camera.quirks = Quirks(storage_limit=None)
        assert (await caller.get(LIMIT)).status == 404
        asked = {"apiVersion": "1.0", "method": "getApiList"}
        reply = await caller.post("apidiscovery.cgi", json=asked)
        ids = {api["id"] for api in json.loads(reply.body)["data"]["apiList"]}
        assert "recording-storage-limit" not in ids
