"""What is too much of what a camera says is left out, and the rest goes on."""

from itertools import count
import json
from typing import TYPE_CHECKING, Any, override

from aiohttp import WSMessage, WSMsgType
import pytest

from custom_components.axis_recordings.recordings.watch import RecordingWatch
from custom_components.axis_recordings.vapix import (
    EventStream,
    RecordingQuery,
    StorageTopic,
    TooMuchEffortError,
    UnexpectedAnswerError,
    VapixClient,
    bounds,
    events as vapix_events,
    paging,
)
from tests.camera import Camera, CameraServer, Disk, Quirks
from tests.camera.events import DISRUPTION

from .scripted import ScriptedServer, http, xml

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
    assert client.bounds.left_out == {
        "recordings": 1,
        "characters in texts": 10_000 - bounds.LONGEST_TEXT,
    }


async def test_tracks_and_sources(scripted: ScriptedServer, connect: Connect) -> None:
    """What a recording can't have is counted; the rest of it is known."""
    tracks = '<video width="640"/>' * 40 + '<audio bitrate="8"/>' * 30
    scripted.answers = [
        xml(
            '<recordings totalnumberofrecordings="1" numberofrecordings="1">'
            f'<recording diskid="SD_DISK" recordingid="a" source="{"1" * 200}">{tracks}'
            "</recording></recordings>"
        )
    ]
    client = connect(scripted)
    (recording,) = (await client.fetch_recordings(ALL)).recordings
    assert len(recording.video) == len(recording.audio) == bounds.MOST_TRACKS
    assert recording.source is None
    assert client.bounds.left_out == {
        "sources": 1,
        "tracks": 40 - bounds.MOST_TRACKS,
    }
    assert client.bounds.take_news() == ["sources", "tracks"]


@pytest.mark.parametrize("what", ["health", "limits"])
async def test_disks_that_can_not_be_named(
    scripted: ScriptedServer, connect: Connect, what: str
) -> None:
    """Wherever they come, they are counted."""
    name = "D" * (bounds.LONGEST_ID + 1)
    root, group, element = {
        "health": ("HealthStatusResponse", "HealthStatusSuccess", "HealthStatus"),
        "limits": (
            "StorageLimitsResponse",
            "GetStorageLimitsResponse",
            "StorageLimit",
        ),
    }[what]
    listed = f'<{element} diskid="{name}" size="1"/>'
    scripted.answers = [http(f"<{root}><{group}>{listed}</{group}></{root}>")]
    client = connect(scripted)
    reported = (
        client.fetch_disk_health if what == "health" else client.fetch_storage_limits
    )
    assert await reported() == {}
    assert client.bounds.left_out == {"disks": 1}


async def test_two_cameras(connect: Connect) -> None:
    """What one says too much of is nothing of the other, whoever asks them both."""
    long = Camera(disks=[Disk("SD_DISK", name="x" * 1000)])
    async with CameraServer(long) as one, CameraServer(Camera()) as other:
        clients = connect(one), connect(other)
        for each in clients:
            await each.fetch_disks()
        assert [[*each.bounds.left_out] for each in clients] == [
            ["characters in texts"],
            [],
        ]


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


async def test_more_recordings_than_there_is_room_for(
    connect: Connect, scripted: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody remembers what a camera goes on to make up, and it is noted."""
    monkeypatch.setattr(paging, "MOST_RECORDINGS", 25)
    numbers = count()

    def page() -> bytes:
        records = "".join(
            f'<recording diskid="SD_DISK" recordingid="{next(numbers)}"/>'
            for _ in range(10)
        )
        return xml(f'<recordings numberofrecordings="9999">{records}</recordings>')

    scripted.answers = [page() for _ in range(100)]
    client = connect(scripted)
    with pytest.raises(UnexpectedAnswerError, match="more than 25 recordings"):
        async for _ in client.pages(ALL, page_size=10):
            pass
    assert len(scripted.requests) < 10
    assert client.bounds.left_out == {"recordings": 1}


class AlwaysNew(list[bytes]):
    """Pages of a list with recordings that nobody has seen before, without an end."""

    def __init__(self) -> None:
        """Begin with the first one."""
        super().__init__([b""])
        self._numbers = count()

    @override
    def __getitem__(self, _place: object) -> Any:
        records = "".join(
            f'<recording diskid="SD_DISK" recordingid="{next(self._numbers)}" '
            'starttime="2100-01-01T00:00:00Z" recordingstatus="completed"/>'
            for _ in range(5)
        )
        return xml(
            f'<recordings totalnumberofrecordings="{next(self._numbers)}" '
            f'numberofrecordings="999999">{records}</recordings>'
        )


async def test_poll_of_what_is_always_new(
    connect: Connect, scripted: ScriptedServer
) -> None:
    """It ends with what is known, after as much as a poll may cost, and so does the next one."""
    scripted.answers = AlwaysNew()
    client = connect(scripted)
    watch = RecordingWatch(client)
    await watch.poll()
    for _ in range(3):
        before = len(scripted.requests)
        assert (await watch.poll()).listed
        assert len(scripted.requests) - before <= bounds.MOST_POLL_REQUESTS
    assert client.bounds.left_out == {"recordings": 1}


async def test_effort_of_requests(client: VapixClient, server: CameraServer) -> None:
    """Nothing more is asked for that, but for something else."""

    async def ask(effort: bounds.Effort) -> None:
        for number in count():
            assert effort.is_half_spent is (number >= 2)
            await client.fetch_disks()

    await client.fetch_disks()
    before = len(server.requests)
    async with bounds.limited_effort(4, 60) as effort:
        with pytest.raises(TooMuchEffortError, match="more than 4 requests"):
            await ask(effort)
    assert len(server.requests) - before <= 4
    await client.fetch_disks()


async def test_effort_of_seconds(connect: Connect, scripted: ScriptedServer) -> None:
    """A request that is under way ends then, too."""

    async def ask() -> None:
        async with bounds.limited_effort(4, 0.1):
            await client.fetch_disks()

    # The first one stays without an answer.
    scripted.answers = [b"", xml("<disks/>")]
    client = connect(scripted)
    with pytest.raises(TooMuchEffortError, match="seconds"):
        await ask()
    assert await client.fetch_disks() == ()


class MadeUp:
    """A socket over which a camera reports disks that nobody has, always of other ones."""

    def __init__(self) -> None:
        """Begin with the first one."""
        self._numbers = count()

    async def receive(self, _patience: float | None) -> Any:
        """Return the next message."""
        notification = {
            "topic": "tnsaxis:Storage/Disruption",
            "timestamp": 1,
            "message": {
                "source": {"disk_id": f"Disk_{next(self._numbers)}"},
                "data": {"disruption": "1"},
            },
        }
        reported = {"method": "events:notify", "params": {"notification": notification}}
        return WSMessage(WSMsgType.TEXT, json.dumps(reported), None)


async def test_disks_in_events(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of disks that are made up, no more is known than of as many as there can be."""
    monkeypatch.setattr(vapix_events, "MOST_EVENTS", 10**9)
    found = bounds.Bounds()
    stream: Any = EventStream(MadeUp(), found)  # type: ignore[arg-type]
    stream._received = []
    heard = [(await anext(stream)).disk_id for _ in range(20_000)]
    assert heard[-1] == "Disk_19999"
    assert len(stream._latest) == bounds.MOST_STATES
    assert found.left_out == {"disks": 1}
    assert found.take_news() == ["disks"]


async def test_long_disk_id_in_an_event(connect: Connect) -> None:
    """It names none, and not all of them either."""
    camera = Camera(quirks=Quirks(event_initial="never"))
    async with CameraServer(camera) as server:
        client = connect(server)
        async with client.listen() as stream:
            long = {"disk_id": "D" * (bounds.LONGEST_ID + 1)}
            camera.events.emit(DISRUPTION, {"disruption": "1"}, source=long)
            camera.events.emit(DISRUPTION, {}, source={"disk_id": "SD_DISK"})
            assert (await anext(stream)).disk_id == "SD_DISK"
        assert client.bounds.left_out == {"disks": 1}


async def test_values_of_an_event(connect: Connect) -> None:
    """It has no thousands of them, and none of thousands of characters."""
    camera = Camera(quirks=Quirks(event_initial="never"))
    async with CameraServer(camera) as server:
        client = connect(server)
        async with client.listen() as stream:
            data = {f"value_{number}": "x" for number in range(70)}
            camera.events.emit(
                DISRUPTION, {"long": "x" * 1000} | data, source={"disk_id": "SD_DISK"}
            )
            event = await anext(stream)
        assert len(event.data) == bounds.MOST_EVENT_VALUES
        assert client.bounds.left_out == {
            "event values": 71 - bounds.MOST_EVENT_VALUES,
            "characters in texts": 1000 - bounds.LONGEST_TEXT,
        }


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


async def test_long_page(scripted: ScriptedServer, connect: Connect) -> None:
    """A camera that sends more than it was asked for is read up to a bound."""
    records = "".join(
        f'<recording diskid="D" recordingid="{number}"/>'
        for number in range(bounds.MOST_LISTED + 9)
    )
    scripted.answers = [xml(f"<recordings>{records}</recordings>")]
    client = connect(scripted)
    page = await client.fetch_recordings(RecordingQuery(recording_id="all"))
    assert len(page.recordings) == bounds.MOST_LISTED
    assert client.bounds.left_out == {"recordings": 9}


async def test_many_tracks(scripted: ScriptedServer, connect: Connect) -> None:
    """A recording has as many tracks as there can be."""
    tracks = '<video width="1"/><audio bitrate="1"/>' * 1000
    scripted.answers = [
        xml(f'<recordings><recording recordingid="1">{tracks}</recording></recordings>')
    ]
    client = connect(scripted)
    (found,) = (
        await client.fetch_recordings(RecordingQuery(recording_id="all"))
    ).recordings
    assert len(found.video) == len(found.audio) == bounds.MOST_TRACKS
