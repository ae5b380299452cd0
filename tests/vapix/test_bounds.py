"""What is too much of what a camera says is left out, and the rest goes on."""

from typing import TYPE_CHECKING

import pytest

from custom_components.axis_recordings.vapix import (
    EventStream,
    RecordingQuery,
    StorageTopic,
    UnexpectedAnswerError,
    VapixClient,
    bounds,
)
from tests.camera import Camera, CameraServer, Disk, Quirks

from .scripted import ScriptedServer, xml

if TYPE_CHECKING:
    from .conftest import Connect

ALL = RecordingQuery(recording_id="all")


async def listen_on(stream: EventStream) -> None:
    """Listen until the stream ends."""
    async for event in stream:
        assert event.topic is StorageTopic.DISRUPTION


async def test_usual(client: VapixClient) -> None:
    """Of a camera that says no more than it has, nothing is left out."""
    await client.fetch_camera()
    await client.fetch_disk_health()
    await client.fetch_event_ids()
    assert not client.bounds.left_out


async def test_disks(connect: Connect) -> None:
    """Whoever lists thousands has no room for them."""
    disks = [Disk(f"Disk_{number:04}") for number in range(2000)]
    async with CameraServer(Camera(disks=disks)) as server:
        client = connect(server)
        assert len(await client.fetch_disks()) == bounds.MOST_DISKS
        assert len(await client.fetch_disk_health()) <= bounds.MOST_DISKS
        assert client.bounds.left_out == {"disks": 2000 - bounds.MOST_DISKS}


async def test_sources(scripted: ScriptedServer, connect: Connect) -> None:
    """Nor has any camera thousands of views."""
    names = "".join(f"<source>{number}</source>" for number in range(3000))
    scripted.answers = [xml(f"<sources>{names}<source>{'9' * 999}</source></sources>")]
    client = connect(scripted)
    assert len(await client.fetch_sources()) == bounds.MOST_SOURCES
    assert client.bounds.left_out == {"sources": 3000 - bounds.MOST_SOURCES}


async def test_ids(scripted: ScriptedServer, connect: Connect) -> None:
    """Half an id would name something else."""
    scripted.answers = [
        xml(
            '<recordings totalnumberofrecordings="3" numberofrecordings="3">'
            f'<recording diskid="SD_DISK" recordingid="{"a" * 10_000}"/>'
            f'<recording diskid="{"b" * 10_000}" recordingid="second"/>'
            f'<recording diskid="SD_DISK" recordingid="third" eventid="{"c" * 10_000}"/>'
            "</recordings>"
        )
    ]
    client = connect(scripted)
    second, third = (await client.fetch_recordings(ALL)).recordings
    assert second.key == ("", "second")
    assert third.event_id == "c" * bounds.LONGEST_TEXT
    assert client.bounds.left_out == {"recordings": 1}


async def test_list_that_is_always_new(
    scripted: ScriptedServer, connect: Connect
) -> None:
    """A walk ends some pages after what the camera counts."""

    def page(number: int) -> bytes:
        records = "".join(
            f'<recording diskid="SD_DISK" recordingid="{number}-{each}"/>'
            for each in range(10)
        )
        return xml(f'<recordings numberofrecordings="30">{records}</recordings>')

    scripted.answers = [page(number) for number in range(1000)]
    client = connect(scripted)
    with pytest.raises(UnexpectedAnswerError, match="more recordings than it has"):
        async for _ in client.pages(ALL, page_size=10):
            pass
    assert len(scripted.requests) < 40


async def test_flood_of_events(connect: Connect) -> None:
    """A stream that never pauses is given up; the polls go on without it."""
    camera = Camera(quirks=Quirks(event_initial="never"))
    async with CameraServer(camera) as server:
        client = connect(server)
        async with client.listen() as stream:
            for number in range(bounds.MOST_EVENTS):
                disk = camera.disks["SD_DISK"]
                disk.full = bool(number % 2)
                camera.follow_disks()
            with pytest.raises(UnexpectedAnswerError, match="floods"):
                await listen_on(stream)
        assert await client.fetch_disks()
