"""How disks are, and how much of them may be filled."""

from typing import TYPE_CHECKING

import pytest

from custom_components.axis_recordings.vapix import (
    DiskHealth,
    MissingRightsError,
    NotSupportedError,
    RecordingQuery,
    RefusedError,
    StorageLimit,
    UnexpectedAnswerError,
)
from tests.camera import Camera, CameraServer, Disk, Fault, Quirks

from .scripted import http

if TYPE_CHECKING:
    from typing import Any

    from .conftest import Connect
    from .scripted import ScriptedServer

DISKS = (
    Disk(wear=25, temperature_kelvin=315, overall_health=1, limit_kb=2_000_000),
    Disk("NetworkShare"),
    Disk("HDD_DISK", wear=-2, temperature_kelvin=-2, overall_health=0),
    Disk("USB_DISK", wear=13, temperature_kelvin=300, status="disconnected"),
)
HEALTH = '<HealthStatusResponse SchemaVersion="1.0">{}</HealthStatusResponse>'
LIMITS = "<StorageLimitsResponse>{}</StorageLimitsResponse>"


async def test_health(connect: Connect) -> None:
    """All that is reported, in degrees Celsius; what is not known is None, whatever the reason."""
    async with CameraServer(Camera(disks=DISKS)) as server:
        health = await connect(server).fetch_disk_health()
    nothing = DiskHealth(wear=None, temperature=None, passed=None)
    assert health == {
        "SD_DISK": DiskHealth(wear=25, temperature=41.9, passed=True),
        "NetworkShare": nothing,
        "HDD_DISK": DiskHealth(wear=None, temperature=None, passed=False),
        "USB_DISK": nothing,
    }


async def test_only_wear(connect: Connect) -> None:
    """Before AXIS OS 9.50."""
    camera = Camera(disks=DISKS, quirks=Quirks(disk_health="wear"))
    async with CameraServer(camera) as server:
        health = await connect(server).fetch_disk_health()
    assert health["SD_DISK"] == DiskHealth(wear=25, temperature=None, passed=None)


@pytest.mark.parametrize("name", ["usedspace", "usedsize"])
async def test_limits(connect: Connect, name: Any) -> None:
    """In bytes, under either name; 0 is no limit."""
    camera = Camera(disks=DISKS, quirks=Quirks(storage_limit=name))
    async with CameraServer(camera) as server:
        limits = await connect(server).fetch_storage_limits()
    used = (116_109_036 - 63_126_240) * 1024
    assert limits["SD_DISK"] == StorageLimit(size=2_000_000 * 1024, used=used)
    assert limits["NetworkShare"] == StorageLimit(size=0, used=used)


async def test_old_camera(connect: Connect) -> None:
    """It has neither."""
    camera = Camera(quirks=Quirks(disk_health=None, storage_limit=None))
    async with CameraServer(camera) as server:
        client = connect(server)
        with pytest.raises(NotSupportedError):
            await client.fetch_disk_health()
        with pytest.raises(NotSupportedError):
            await client.fetch_storage_limits()


async def test_viewer(server: CameraServer, connect: Connect) -> None:
    """Both need an operator."""
    client = connect(server, "viewer")
    await client.fetch_recordings(RecordingQuery())
    with pytest.raises(MissingRightsError):
        await client.fetch_disk_health()
    with pytest.raises(MissingRightsError):
        await client.fetch_storage_limits()


async def test_error(camera: Camera, server: CameraServer, connect: Connect) -> None:
    """The camera's words and number."""
    for cgi in ("disks/gethealth.cgi", "record/storage/getlimit.cgi"):
        camera.faults.set(cgi, Fault.ERROR, message="Try again")
    client = connect(server)
    for fetch in (client.fetch_disk_health, client.fetch_storage_limits):
        with pytest.raises(RefusedError, match="Try again") as caught:
            await fetch()
        assert caught.value.code == 10


@pytest.mark.parametrize(
    "answer",
    [
        http('{"data": {"disks": []}}', headers=("Content-Type: application/json",)),
        http("<root/>"),
        http(HEALTH.format("")),
        http(LIMITS.format("")),
    ],
)
async def test_something_else(
    scripted: ScriptedServer, connect: Connect, answer: bytes
) -> None:
    """Some say that the answer may be JSON."""
    scripted.answers = [answer]
    client = connect(scripted)
    with pytest.raises(UnexpectedAnswerError):
        await client.fetch_disk_health()
    with pytest.raises(UnexpectedAnswerError):
        await client.fetch_storage_limits()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("<HealthStatusSuccess/>", {}),
        ("<HealthStatusSuccess><HealthStatus/></HealthStatusSuccess>", {}),
        (
            "<HealthStatusSuccess><HealthStatus wear='5'/></HealthStatusSuccess>",
            {},
        ),
        (
            """<HealthStatusSuccess>
            <HealthStatus diskid='A' wear='x' overallhealth='2'/>
            </HealthStatusSuccess>""",
            {"A": DiskHealth(wear=None, temperature=None, passed=None)},
        ),
    ],
)
async def test_odd_health(
    scripted: ScriptedServer,
    connect: Connect,
    content: str,
    expected: dict[str, DiskHealth],
) -> None:
    """No disks, no names, no numbers."""
    scripted.answers = [http(HEALTH.format(content))]
    assert await connect(scripted).fetch_disk_health() == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("<GetStorageLimitsResponse/>", {}),
        (
            """<GetStorageLimitsResponse>
            <StorageLimit/><StorageLimit diskid='A'/><StorageLimit size='1'/>
            </GetStorageLimitsResponse>""",
            {},
        ),
        (
            """<GetStorageLimitsResponse>
            <StorageLimit diskid='A' size='1'/>
            </GetStorageLimitsResponse>""",
            {"A": StorageLimit(size=1024, used=None)},
        ),
    ],
)
async def test_odd_limits(
    scripted: ScriptedServer,
    connect: Connect,
    content: str,
    expected: dict[str, StorageLimit],
) -> None:
    """No disks, no names, no numbers."""
    scripted.answers = [http(LIMITS.format(content))]
    assert await connect(scripted).fetch_storage_limits() == expected
