"""The disks of a camera."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from custom_components.axis_recordings.vapix import (
    Disk,
    MissingRightsError,
    RecordingQuery,
    UnexpectedAnswerError,
    VapixClient,
)
from tests.camera import Camera, CameraServer, Disk as CameraDisk, Quirks

from .scripted import xml

if TYPE_CHECKING:
    from .conftest import Connect
    from .scripted import ScriptedServer


async def test_one_disk(client: VapixClient) -> None:
    """All that is reported; sizes are in bytes."""
    assert await client.fetch_disks() == (
        Disk(
            disk_id="SD_DISK",
            name="",
            total_size=116_109_036 * 1024,
            free_size=63_126_240 * 1024,
            status="OK",
            locked=False,
            full=False,
            read_only=False,
            file_system="ext4",
            required_file_system=None,
            encryption_wanted=False,
            encrypted=False,
            max_age=timedelta(days=7),
            clean_up_policy="fifo",
        ),
    )


@pytest.mark.parametrize("name", ["encryptionenabled", "diskencryptionenabled"])
async def test_two_disks(connect: Connect, name: Any) -> None:
    """Also under the other name of an attribute."""
    camera = Camera(
        disks=[CameraDisk(), CameraDisk("NetworkShare", name="Ö & Co")],
        quirks=Quirks(disk_encryption_attribute=name),
    )
    async with CameraServer(camera) as server:
        disks = await connect(server).fetch_disks()
    assert [each.disk_id for each in disks] == ["SD_DISK", "NetworkShare"]
    assert disks[1].name == "Ö & Co"
    assert disks[1].file_system == "cifs"
    assert disks[1].encryption_wanted is False


@pytest.mark.parametrize("name", ["encryptionenabled", "diskencryptionenabled"])
async def test_properties(connect: Connect, name: Any) -> None:
    """What the camera does with a disk by itself."""
    disk = CameraDisk(
        required_filesystem="ext4",
        encryption_enabled=True,
        encrypted=True,
        cleanup_max_age=30,
        cleanup_policy="none",
    )
    quirks = Quirks(disk_encryption_attribute=name)
    async with CameraServer(Camera(disks=[disk], quirks=quirks)) as server:
        (found,) = await connect(server).fetch_disks()
    assert found.required_file_system == "ext4"
    assert found.encryption_wanted is True
    assert found.encrypted is True
    assert found.max_age == timedelta(days=30)
    assert found.clean_up_policy == "none"
    assert found.is_mounted


@pytest.mark.parametrize("days", ["0", "-1", "7001", "week", "99999999999"])
async def test_no_age(scripted: ScriptedServer, connect: Connect, days: str) -> None:
    """None, or none that can be meant."""
    scripted.answers = [
        xml(f"<disks><disk diskid='A' cleanupmaxage='{days}'/></disks>")
    ]
    (disk,) = await connect(scripted).fetch_disks()
    assert disk.max_age is None
    assert (disk.encryption_wanted, disk.encrypted) == (None, None)


@pytest.mark.parametrize(
    ("status", "attached", "mounted"),
    [("OK", True, True), ("connected", True, False), ("disconnected", False, False)],
)
async def test_attached_and_mounted(
    connect: Connect, status: Any, attached: bool, mounted: bool
) -> None:
    """There may be something in a slot that the camera does not use."""
    async with CameraServer(Camera(disks=[CameraDisk(status=status)])) as server:
        (disk,) = await connect(server).fetch_disks()
    assert (disk.is_attached, disk.is_mounted) == (attached, mounted)


@pytest.mark.parametrize(
    ("disk", "recordable"),
    [
        (CameraDisk(), True),
        (CameraDisk(full=True), False),
        (CameraDisk(locked=True), False),
        (CameraDisk(readonly=True), False),
        (CameraDisk(status="connected"), False),
        (CameraDisk(status="disconnected", total_kb=0, free_kb=0), False),
        (CameraDisk(status="wrong passphrase"), False),
    ],
)
async def test_is_recordable(
    connect: Connect, disk: CameraDisk, recordable: bool
) -> None:
    """Only what can be written to now."""
    async with CameraServer(Camera(disks=[disk])) as server:
        (found,) = await connect(server).fetch_disks()
    assert found.is_recordable is recordable


async def test_viewer_may_not_see_them(server: Any, connect: Connect) -> None:
    """They need an operator."""
    client = connect(server, "viewer")
    await client.fetch_recordings(RecordingQuery())
    with pytest.raises(MissingRightsError):
        await client.fetch_disks()


@pytest.mark.parametrize(
    ("content", "number"),
    [
        ("<disks numberofdisks='0'/>", 0),
        ("<disks> </disks>", 0),
        ("<disks><disk/><disk name='x'/></disks>", 0),
        ("<disks><disk diskid='A' totalsize='-1' freesize='much'/></disks>", 1),
    ],
)
async def test_odd_lists(
    scripted: ScriptedServer, connect: Connect, content: str, number: int
) -> None:
    """No slots, no attributes."""
    scripted.answers = [xml(content)]
    disks = await connect(scripted).fetch_disks()
    assert len(disks) == number
    for disk in disks:
        assert (disk.total_size, disk.free_size, disk.status) == (None, None, "")
        assert not disk.is_recordable


@pytest.mark.parametrize("content", ["", "<recordings/>", "<disks>x</disks>"])
async def test_not_a_list(
    scripted: ScriptedServer, connect: Connect, content: str
) -> None:
    """Something else than disks."""
    scripted.answers = [xml(content)]
    if "x" in content:
        assert await connect(scripted).fetch_disks() == ()
    else:
        with pytest.raises(UnexpectedAnswerError):
            await connect(scripted).fetch_disks()
