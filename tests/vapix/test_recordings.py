"""What list.cgi is asked, and what its answers mean."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from custom_components.axis_recordings.vapix import (
    AudioTrack,
    NotSupportedError,
    Recording,
    RecordingKey,
    RecordingPage,
    RecordingQuery,
    RecordingStatus,
    RecordingType,
    RefusedError,
    UnexpectedAnswerError,
    VapixClient,
    VideoTrack,
    is_id,
    is_single_id,
)
from tests.camera import Audio, Camera, CameraServer, Fault, Quirks

from .scripted import ScriptedServer, http, xml

if TYPE_CHECKING:
    from .conftest import Connect

ALL = RecordingQuery(recording_id="all")
LIST = "record/list.cgi"

# As real cameras sent them.
REAL = """<?xml version="1.0"?>
<root xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="http://www.axis.com/vapix/http_cgi/recording/list1.xsd">
	<recordings totalnumberofrecordings="8" numberofrecordings="2">
		<recording diskid="SD_DISK" recordingid="20251020_101320_C6B5_B8A44F445F5A" starttime="2025-10-20T15:13:20.164869Z" starttimelocal="2025-10-20T10:13:20.164869-05:00" stoptime="" stoptimelocal="" recordingtype="triggered" eventid="YourSix cfb9" eventtrigger="YourSix 2025" recordingstatus="recording" source="1" locked="No">
			<video mimetype="video/x-h264" width="1920" height="1080" framerate="15:1" resolution="1920x1080"/>
		</recording>
		<recording diskid="NetworkShare" recordingid="20250418_010726_74AD_B8A44F445F5A" starttime="2025-06-02T08:18:01.068218Z" starttimelocal="2025-06-02T03:18:01.068218-05:00" stoptime="2025-06-05T15:09:45.707823Z" stoptimelocal="2025-06-05T10:09:45.707823-05:00" recordingtype="continuous" eventid="continuous" eventtrigger="continuous" recordingstatus="completed" source="2" locked="Yes">
			<video mimetype="video/x-h264" width="1920" height="1080" framerate="30000:1001" resolution="1920x1080"/>
			<audio mimetype="audio/x-aac" source="2" bitrate="32000" samplerate="16000"/>
		</recording>
	</recordings>
</root>
"""


async def ask(
    scripted: ScriptedServer, connect: Connect, body: str | bytes
) -> RecordingPage:
    """Return what becomes of an answer."""
    scripted.answers = [http(body)]
    return await connect(scripted).fetch_recordings(ALL)


async def ask_one(
    scripted: ScriptedServer, connect: Connect, attributes: str, content: str = ""
) -> Recording:
    """Return what becomes of one recording."""
    scripted.answers = [
        xml(
            f'<recordings><recording diskid="D" recordingid="R" {attributes}>'
            f"{content}</recording></recordings>"
        )
    ]
    page = await connect(scripted).fetch_recordings(ALL)
    (recording,) = page.recordings
    return recording


async def test_real_answer(scripted: ScriptedServer, connect: Connect) -> None:
    """Every attribute of a real camera's answer."""
    page = await ask(scripted, connect, REAL)
    assert (page.total, page.matches) == (8, 2)
    ongoing, completed = page.recordings
    assert ongoing == Recording(
        disk_id="SD_DISK",
        recording_id="20251020_101320_C6B5_B8A44F445F5A",
        start=datetime(2025, 10, 20, 15, 13, 20, 164869, UTC),
        end=None,
        utc_offset=timedelta(hours=-5),
        status=RecordingStatus.RECORDING,
        type=RecordingType.TRIGGERED,
        event_id="YourSix cfb9",
        event_trigger="YourSix 2025",
        source="1",
        locked=False,
        video=(
            VideoTrack(
                mime_type="video/x-h264", width=1920, height=1080, frame_rate=15
            ),
        ),
        audio=(),
    )
    assert ongoing.is_ongoing
    assert ongoing.duration is None
    assert completed.key == ("NetworkShare", "20250418_010726_74AD_B8A44F445F5A")
    assert completed.duration == timedelta(
        days=3, hours=6, minutes=51, seconds=44, microseconds=639605
    )
    assert not completed.is_ongoing
    assert completed.locked
    assert completed.video[0].frame_rate == pytest.approx(29.97, abs=0.001)
    assert completed.audio == (
        AudioTrack(mime_type="audio/x-aac", bit_rate=32000, sample_rate=16000),
    )


@pytest.mark.parametrize("shape", ["counters", "childless", "bare"])
async def test_empty_list(connect: Connect, shape: Any) -> None:
    """Whatever an empty list looks like, there are no recordings."""
    camera = Camera(recordings=0, quirks=Quirks(empty_list=shape))
    async with CameraServer(camera) as server:
        client = connect(server)
        page = await client.fetch_recordings(ALL)
        assert page.recordings == ()
        assert page.total == 0
        camera.start_recording()
        page = await client.fetch_recordings(RecordingQuery(event_id="none has this"))
        assert page.recordings == ()
        assert page.total in (1, None)


@pytest.mark.parametrize("number", [1, 2, 300])
async def test_one_and_many(connect: Connect, number: int) -> None:
    """One child is a list too, and large answers are read in a thread."""
    camera = Camera(recordings=number)
    async with CameraServer(camera) as server:
        page = await connect(server).fetch_recordings(ALL)
    assert [each.key for each in page.recordings] == [
        (each.disk_id, each.recording_id) for each in camera.recordings
    ]
    assert page.total == page.matches == number
    assert page.time is not None
    assert abs(page.time - camera.clock.now()) < timedelta(seconds=5)


@pytest.mark.parametrize("digits", [0, 3, 4, 6])
async def test_fractions(connect: Connect, digits: Any) -> None:
    """Seconds with or without fraction."""
    camera = Camera(recordings=3, quirks=Quirks(fraction_digits=digits))
    async with CameraServer(camera) as server:
        page = await connect(server).fetch_recordings(ALL)
    for found, true in zip(page.recordings, camera.recordings, strict=True):
        assert found.start is not None
        assert timedelta(0) <= true.start - found.start < timedelta(seconds=10**-digits)


@pytest.mark.parametrize("stop", ["empty", "time", "absent"])
async def test_ongoing(connect: Connect, stop: Any) -> None:
    """The status tells what goes on, not the stop time, which real cameras send even then."""
    camera = Camera(quirks=Quirks(ongoing_stop=stop))
    camera.start_recording()
    async with CameraServer(camera) as server:
        (found,) = (await connect(server).fetch_recordings(ALL)).recordings
    assert found.is_ongoing
    assert found.end is None


async def test_unknown_status(connect: Connect) -> None:
    """After a power loss; it does not go on."""
    camera = Camera(quirks=Quirks(after_power_loss="unknown"))
    camera.start_recording()
    camera.reboot()
    async with CameraServer(camera) as server:
        (found,) = (await connect(server).fetch_recordings(ALL)).recordings
    assert found.status is RecordingStatus.UNKNOWN
    assert not found.is_ongoing
    assert found.end is not None


async def test_audio(connect: Connect) -> None:
    """Tracks of sound."""
    camera = Camera()
    start = camera.clock.now() - timedelta(hours=1)
    camera.add_recording(
        start, start + timedelta(minutes=1), audio=Audio("audio/x-opus", 64_000, 48_000)
    )
    async with CameraServer(camera) as server:
        (found,) = (await connect(server).fetch_recordings(ALL)).recordings
    assert found.audio == (
        AudioTrack(mime_type="audio/x-opus", bit_rate=64_000, sample_rate=48_000),
    )


async def test_names_with_special_characters(connect: Connect) -> None:
    """They come through both ways: in the answer, and in the filter."""
    name = "Tür & Tor: 100 % \"zu\" + 'auf' <1> \t#?/"
    camera = Camera(recordings=5)
    start = camera.clock.now() - timedelta(hours=1)
    camera.add_recording(start, start, event_id=name, event_trigger=name)
    async with CameraServer(camera) as server:
        page = await connect(server).fetch_recordings(RecordingQuery(event_id=name))
    (found,) = page.recordings
    assert (found.event_id, found.event_trigger) == (name, name)


async def test_missing_attributes(camera: Camera, client: VapixClient) -> None:
    """Everything but the id may be missing."""
    camera.faults.set(
        LIST,
        Fault.MISSING_ATTRIBUTES,
        attributes=(
            "diskid",
            "starttime",
            "starttimelocal",
            "stoptime",
            "stoptimelocal",
            "recordingtype",
            "eventid",
            "eventtrigger",
            "recordingstatus",
            "source",
            "locked",
            "mimetype",
            "width",
            "height",
            "framerate",
            "resolution",
            "totalnumberofrecordings",
            "numberofrecordings",
        ),
    )
    page = await client.fetch_recordings(ALL)
    assert len(page.recordings) == 8
    found = page.recordings[0]
    assert found == Recording(
        disk_id="",
        recording_id=found.recording_id,
        start=None,
        end=None,
        utc_offset=None,
        status=RecordingStatus.UNKNOWN,
        type=RecordingType.UNKNOWN,
        event_id="",
        event_trigger="",
        source=None,
        locked=None,
        video=(VideoTrack(mime_type=None, width=None, height=None, frame_rate=None),)
        if found.video
        else (),
        audio=(),
    )
    assert found.duration is None


async def test_recordings_without_id_are_passed_over(
    scripted: ScriptedServer, connect: Connect
) -> None:
    """Nothing can be done with them."""
    page = await ask(
        scripted,
        connect,
        "<root><recordings><recording/><recording diskid='D'/><recording>x</recording>"
        "<recording recordingid=' R '/></recordings></root>",
    )
    assert [each.recording_id for each in page.recordings] == ["R"]
    assert page.total is None


async def test_broken_time(camera: Camera, client: VapixClient) -> None:
    """One bad time costs that time, not the list."""
    camera.faults.set(LIST, Fault.BAD_TIME)
    page = await client.fetch_recordings(ALL)
    assert len(page.recordings) == 8
    assert [each.start is None for each in page.recordings] == [True] + [False] * 7
    assert page.recordings[0].end is not None
    assert page.recordings[0].duration is None


async def test_duplicates(camera: Camera, client: VapixClient) -> None:
    """A recording comes once."""
    camera.faults.set(LIST, Fault.DUPLICATE_IDS)
    page = await client.fetch_recordings(ALL)
    assert len(page.recordings) == len({each.key for each in page.recordings}) == 8


async def test_same_id_on_two_disks(scripted: ScriptedServer, connect: Connect) -> None:
    """A recording is named by its disk and its id."""
    scripted.answers = [
        xml(
            "<recordings>"
            '<recording diskid="SD_DISK" recordingid="R" recordingstatus="completed"/>'
            '<recording diskid="NetworkShare" recordingid="R" recordingstatus="recording"/>'
            '<recording diskid="NetworkShare" recordingid="other"/>'
            "</recordings>"
        )
    ]
    found = await connect(scripted).fetch_recording("R")
    assert [each.key for each in found] == [
        RecordingKey("SD_DISK", "R"),
        RecordingKey("NetworkShare", "R"),
    ]
    assert "recordingid=R&" in scripted.requests[0]


@pytest.mark.parametrize(
    ("written", "rate"),
    [
        ("30:1", 30),
        ("15", 15),
        ("25:2", 12.5),
        ("", None),
        ("30:0", None),
        ("fast", None),
        ("nan:1", None),
        ("1e999", None),
        ("1:1000", 0.001),
        ("1:1001", None),
        ("1e-320:1", None),
        ("0:1", None),
        ("-30:1", None),
    ],
)
async def test_frame_rate(
    scripted: ScriptedServer, connect: Connect, written: str, rate: float | None
) -> None:
    """Numerator and denominator."""
    found = await ask_one(scripted, connect, "", f'<video framerate="{written}"/>')
    assert found.video[0].frame_rate == rate


async def test_odd_elements(scripted: ScriptedServer, connect: Connect) -> None:
    """Several tracks, empty ones, and elements of the future."""
    found = await ask_one(
        scripted,
        connect,
        'starttimelocal="soon" recordingtype="Scheduled" recordingstatus="RECORDING" '
        'source="Quad" new="1"',
        "<video/><video mimetype='a'/><video mimetype='b'/><audio/><thumbnail x='1'/>",
    )
    assert [each.mime_type for each in found.video] == ["a", "b"]
    assert found.audio == ()
    assert found.type is RecordingType.SCHEDULED
    assert found.is_ongoing
    assert found.source == "Quad"
    assert found.utc_offset is None


@pytest.mark.parametrize(
    "body",
    [
        "",
        " \n",
        "no XML",
        "<root>",
        "<root><recordings>",
        "<root><recordings>Out of order</recordings></root>",
        "<root><recordings/><recordings/></root>",
        "<root><disks/></root>",
        "<root>Please log in</root>",
        "<html><body/></html>",
        "<foo/>",
        "<recordings/>",
        '<?xml version="1.0" encoding="klingon"?><root/>',
        '<!DOCTYPE root [<!ENTITY a "b">]><root>&a;</root>',
        '<!DOCTYPE root [<!ENTITY a SYSTEM "file:///etc/passwd">]><root>&a;</root>',
    ],
)
async def test_not_a_list(
    scripted: ScriptedServer, connect: Connect, body: str | bytes
) -> None:
    """What is no list is never taken for an empty one."""
    with pytest.raises(UnexpectedAnswerError, match=r"list\.cgi"):
        await ask(scripted, connect, body)


@pytest.mark.parametrize(
    "body",
    [
        "<root/>",
        "<root></root>",
        "\n\n<?xml version='1.0'?>\n<root xmlns:xsi='x'>\n</root>\n",
        "\ufeff<root><recordings> </recordings></root>",
        '<?xml version="1.0" encoding="iso-8859-1"?><root><recordings/></root>',
    ],
)
async def test_an_empty_list(
    scripted: ScriptedServer, connect: Connect, body: str
) -> None:
    """A list with nothing in it, as it may be written."""
    page = await ask(scripted, connect, body)
    assert page.recordings == ()
    assert page.total == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('<recordings result="ERROR" errormsg=" No disk &amp; so "/>', "No disk & so"),
        ('<recordings result="error"/>', "/axis-cgi/record/list.cgi gave no reason"),
        ('<job result="ERROR" description="Busy"/>', "Busy"),
        (
            "<GeneralError><ErrorDescription>Not found</ErrorDescription></GeneralError>",
            "Not found",
        ),
        ("<GeneralError><ErrorCode>110</ErrorCode></GeneralError>", "error 110"),
    ],
)
async def test_refused(
    scripted: ScriptedServer, connect: Connect, content: str, words: str
) -> None:
    """An error in the body counts, with the camera's own words."""
    with pytest.raises(RefusedError) as caught:
        await ask(scripted, connect, f"<root>{content}</root>")
    assert str(caught.value) == words


async def test_arguments(server: CameraServer, client: VapixClient) -> None:
    """All that the API page names, as it spells them: the camera ignores what it does not know."""
    await client.fetch_recordings(
        RecordingQuery(
            start=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
            end=datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC),
            event_id="a b",
            disk_id="SD_DISK",
            source="1",
            oldest_first=True,
            limit=7,
        ),
        first=3,
    )
    assert server.requests[-1].query == {
        "starttime": "2026-01-02T03:04:05Z",
        "stoptime": "2026-01-02T03:04:05.000006Z",
        "eventid": "a b",
        "diskid": "SD_DISK",
        "source": "1",
        "sortorder": "ascending",
        "maxnumberofresults": "7",
        "startatresultnumber": "3",
    }
    await client.fetch_recordings(RecordingQuery(disk_id="SD_DISK"))
    assert server.requests[-1].query == {
        "recordingid": "all",
        "diskid": "SD_DISK",
        "sortorder": "descending",
    }


@pytest.mark.parametrize("answer", ["empty", "error", "not_found"])
async def test_missing_disk(connect: Connect, answer: Any) -> None:
    """Either there is nothing on it, or the camera refuses; it is never said to lack the API."""
    camera = Camera(recordings=3, quirks=Quirks(missing_disk=answer))
    async with CameraServer(camera) as server:
        client = connect(server)
        query = RecordingQuery(disk_id="USB_DISK")
        if answer == "empty":
            assert (await client.fetch_recordings(query)).recordings == ()
        else:
            with pytest.raises(RefusedError, match="USB_DISK"):
                await client.fetch_recordings(query)


async def test_camera_without_the_api(camera: Camera, client: VapixClient) -> None:
    """404 without a disk in question is about the API."""
    camera.faults.set(LIST, Fault.NOT_FOUND)
    with pytest.raises(NotSupportedError):
        await client.fetch_recordings(ALL)


async def test_fetch_recording(
    camera: Camera, server: CameraServer, client: VapixClient
) -> None:
    """By its id: one, or none, whatever the camera says to an unknown one."""
    true = next(iter(camera.recordings))
    (found,) = await client.fetch_recording(true.recording_id)
    assert found.key == (true.disk_id, true.recording_id)
    assert await client.fetch_recording("unknown") == ()
    # Some cameras list only one recording where no number is asked for.
    assert "maxnumberofresults" in server.requests[-1].query
    camera.faults.set(LIST, Fault.ERROR, message="No such recording")
    assert await client.fetch_recording(true.recording_id) == ()
    camera.faults.clear()
    before = len(server.requests)
    for every in ("", "all", "ALL"):
        assert await client.fetch_recording(every) == ()
    assert len(server.requests) == before


@pytest.mark.parametrize(
    ("recording_id", "single"),
    [
        ("20240709_125955_7F35_B8A44F9D7D55", True),
        ("a", True),
        ("allways", True),
        ("", False),
        ("all", False),
        ("All", False),
        (" ", False),
        (" all", False),
        ("a,b", False),
        ("*", False),
        ("a\nb", False),
        ("a\x00", False),
    ],
)
def test_is_single_id(recording_id: str, single: bool) -> None:
    """What names exactly one recording."""
    assert is_single_id(recording_id) is single


def test_package_knows_nothing_of_home_assistant() -> None:
    """It could be a library of its own."""
    package = Path("custom_components/axis_recordings/vapix")
    for path in package.glob("*.py"):
        assert "homeassistant" not in path.read_text(encoding="utf-8").lower()


@pytest.mark.parametrize("recording_id", ["a b", "a,b", "a*", "ä"])
async def test_ids_that_look_like_lists(
    camera: Camera, client: VapixClient, recording_id: str
) -> None:
    """They can be read and played, but are never sent to be removed."""
    assert is_id(recording_id)
    now = camera.clock.now()
    camera.add_recording(now, now + timedelta(seconds=9), recording_id=recording_id)
    (found,) = await client.fetch_recording(recording_id)
    await client.fetch_export_properties(found.key, now)
    if not is_single_id(recording_id):
        with pytest.raises(UnexpectedAnswerError, match="Not the id"):
            await client.remove_recording(found.key)


@pytest.mark.parametrize("recording_id", ["", "all", "ALL", "*", "a\n", "\0"])
def test_is_no_id(recording_id: str) -> None:
    """These name none, or everything."""
    assert not is_id(recording_id)
