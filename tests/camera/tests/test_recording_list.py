"""record/list.cgi (VAPIX: Edge storage API)."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
import tracemalloc
from typing import Any

import pytest

from tests.camera import Audio, Camera, Disk, Quirks, Video

from .caller import Serve, plain

NOON = datetime(2025, 10, 20, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def with_three(**settings: object) -> Camera:
    """Make a camera with recordings at 12:00, 12:10 and 12:20 of five minutes each."""
    camera = plain(disks=[Disk("SD_DISK"), Disk("NetworkShare")], sources=2, **settings)
    camera.add_recording(NOON, NOON + 5 * MINUTE, recording_id="a", event_id="motion")
    camera.add_recording(
        NOON + 10 * MINUTE,
        NOON + 15 * MINUTE,
        recording_id="b",
        disk_id="NetworkShare",
        event_id="audio detection",
    )
    camera.add_recording(
        NOON + 20 * MINUTE, NOON + 25 * MINUTE, recording_id="c", source="2"
    )
    return camera


async def test_bytes_are_those_of_a_real_camera(serve: Serve) -> None:
    """What a real camera sent comes out to the byte."""
    camera = plain(time_zone="Etc/GMT+5")
    start = datetime(2025, 10, 8, 17, 50, 59, 609551, UTC)
    camera.add_recording(
        start,
        datetime(2025, 10, 20, 15, 12, 51, 94736, UTC),
        recording_id="20251008_125059_AF38_B8A44F445F5A",
        event_id='Your "Six" & co',
    )
    async with serve(camera) as caller:
        reply = await caller.list(recordingid="all")
    assert reply.headers["Content-Type"] == "text/xml"
    assert reply.text == (
        '<?xml version="1.0"?>\n'
        '<root xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation='
        '"http://www.axis.com/vapix/http_cgi/recording/list1.xsd">\n'
        '\t<recordings totalnumberofrecordings="1" numberofrecordings="1">\n'
        '\t\t<recording diskid="SD_DISK" recordingid="20251008_125059_AF38_B8A44F445F5A" '
        'starttime="2025-10-08T17:50:59.609551Z" starttimelocal="2025-10-08T12:50:59.609551-05:00" '
        'stoptime="2025-10-20T15:12:51.094736Z" stoptimelocal="2025-10-20T10:12:51.094736-05:00" '
        'recordingtype="triggered" eventid="Your &quot;Six&quot; &amp; co" '
        'eventtrigger="Record video while the rule is active" recordingstatus="completed" '
        'source="1" locked="No">\n'
        '\t\t\t<video mimetype="video/x-h264" width="1920" height="1080" framerate="15:1" '
        'resolution="1920x1080"/>\n'
        "\t\t</recording>\n"
        "\t</recordings>\n"
        "</root>\n"
    )


@pytest.mark.parametrize(
    ("arguments", "ids"),
    [
        ({"recordingid": "all"}, "cba"),
        ({"recordingid": "b"}, "b"),
        ({"recordingid": "unknown"}, ""),
        ({"recordingid": "all", "sortorder": "ascending"}, "abc"),
        ({"starttime": "2025-10-20T12:15:00Z"}, "cb"),
        ({"starttime": "2025-10-20T12:15:00.000001Z"}, "c"),
        ({"stoptime": "2025-10-20T12:10:00Z"}, "ba"),
        ({"stoptime": "2025-10-20T12:09:59.9Z"}, "a"),
        (
            {"starttime": "2025-10-20T12:04:00Z", "stoptime": "2025-10-20T12:12:00Z"},
            "ba",
        ),
        (
            {"starttime": "2025-10-20T12:11:00Z", "stoptime": "2025-10-20T12:12:00Z"},
            "b",
        ),
        (
            {
                "starttime": "2025-10-20T08:11:00-04:00",
                "stoptime": "2025-10-20T12:12:00",
            },
            "b",
        ),
        ({"recordingid": "all", "eventid": "motion"}, "a"),
        ({"recordingid": "all", "diskid": "NetworkShare"}, "b"),
        ({"recordingid": "all", "source": "2"}, "c"),
        ({"recordingid": "all", "maxnumberofresults": "2"}, "cb"),
        ({"recordingid": "all", "startatresultnumber": "1"}, "ba"),
        (
            {
                "recordingid": "all",
                "startatresultnumber": "1",
                "maxnumberofresults": "1",
            },
            "b",
        ),
        ({"recordingid": "all", "startatresultnumber": "7"}, ""),
        ({"listentity": "recordingid", "recordingid": "all"}, "cba"),
        (
            {"recordingid": "all", "maxnumberofrecordings": "1", "endtime": "2025"},
            "cba",
        ),
        ({"starttime": "yesterday"}, ""),
        ({"diskid": "SD_DISK"}, ""),
        ({}, ""),
    ],
)
async def test_arguments(serve: Serve, arguments: dict[str, str], ids: str) -> None:
    """Each argument narrows or orders as documented; unknown ones are ignored."""
    async with serve(with_three()) as caller:
        by_get = await caller.list(**arguments)
        by_post = await caller.post("record/list.cgi", data=arguments)
    assert by_get.ids == list(ids)
    assert by_post.body == by_get.body


async def test_counters(serve: Serve) -> None:
    """The total knows attached disks only, the number ignores paging."""
    camera = with_three()
    async with serve(camera) as caller:
        first = await caller.list(
            starttime="2025-10-20T12:15:00Z", maxnumberofresults="1"
        )
        assert (first.counters, first.ids) == ((3, 2), ["c"])
        share = await caller.list(
            recordingid="all", diskid="NetworkShare", eventid="motion"
        )
        assert share.counters == (1, 0)
        camera.detach_disk("NetworkShare")
        assert (await caller.list(recordingid="all")).counters == (2, 2)
        assert (await caller.list(recordingid="b")).ids == []
        camera.attach_disk(Disk("NetworkShare"))
        assert (await caller.list(recordingid="all")).counters == (3, 3)


async def test_ongoing(serve: Serve) -> None:
    """What is going on has an empty stop and matches every window after its start."""
    camera = with_three()
    recording_id = camera.start_recording(start=NOON + 30 * MINUTE, source="2")
    async with serve(camera) as caller:
        reply = await caller.list(starttime="2025-10-20T18:00:00Z")
        assert reply.ids == [recording_id]
        recording = reply.recordings[0]
        assert recording["@recordingstatus"] == "recording"
        assert recording["@stoptime"] == recording["@stoptimelocal"] == ""
        assert recording["@starttimelocal"] == "2025-10-20T08:30:00.000000-04:00"
        assert recording_id.startswith("20251020_083000_")
        assert recording_id.endswith("_B8A44F0A1B2C")
        assert (await caller.list(stoptime="2025-10-20T12:29:59Z")).ids == [
            "c",
            "b",
            "a",
        ]


async def test_media(serve: Serve) -> None:
    """Video and audio are those of the recording."""
    camera = plain()
    camera.add_recording(
        NOON,
        NOON + MINUTE,
        video=Video("image/jpeg", 640, 480, "30:1"),
        audio=Audio(),
        locked=True,
        recording_status="unknown",
    )
    async with serve(camera) as caller:
        (recording,) = (await caller.list(recordingid="all")).recordings
    assert recording["video"] == {
        "@mimetype": "image/jpeg",
        "@width": "640",
        "@height": "480",
        "@framerate": "30:1",
        "@resolution": "640x480",
    }
    assert recording["audio"] == {
        "@mimetype": "audio/x-aac",
        "@bitrate": "32000",
        "@samplerate": "16000",
    }
    assert (recording["@locked"], recording["@recordingstatus"]) == ("Yes", "unknown")


async def test_list_entities(serve: Serve) -> None:
    """Events and sources are listed by disk, padded as in the documentation."""
    async with serve(with_three()) as caller:
        events = await caller.list(listentity="eventid")
        assert events.root["eventids"]["eventid"] == [
            "Motion Recording",
            "audio detection",
            "motion",
        ]
        assert "<eventid> motion </eventid>" in events.text
        share = await caller.list(listentity="eventid", diskid="NetworkShare")
        assert share.root["eventids"]["eventid"] == ["audio detection"]
        sources = await caller.list(listentity="source")
        assert sources.root["sources"]["source"] == ["1", "2"]


@pytest.mark.parametrize("seed", [1, 2])
async def test_windows_of_a_long_past(serve: Serve, seed: int) -> None:
    """Whatever the window, the answer is the one that looking at each recording gives."""
    camera = plain(
        recordings=3000, seed=seed, disks=[Disk("SD_DISK"), Disk("NetworkShare")]
    )
    camera.start_recording(start=camera.clock.now() - timedelta(days=3))
    everything = list(camera.recordings)
    assert len(everything) == len(camera.recordings) == 3001
    assert len({recording.recording_id for recording in everything}) == 3001
    oldest = everything[-1].start
    async with serve(camera) as caller:
        for hours in range(0, 240, 17):
            start = oldest + timedelta(hours=hours)
            stop = start + timedelta(hours=hours % 5)
            expected = [
                recording.recording_id
                for recording in everything
                if recording.start <= stop
                and (recording.stop is None or recording.stop >= start)
            ]
            times = {"starttime": f"{start:%FT%T.%fZ}", "stoptime": f"{stop:%FT%T.%fZ}"}
            reply = await caller.list(**times)
            assert reply.ids == expected
            assert reply.counters == (3001, len(expected))
            reverse = await caller.list(**times, sortorder="ascending")
            assert reverse.ids == expected[::-1]
            share = await caller.list(
                **times, diskid="NetworkShare", eventid="Line crossing"
            )
            assert share.ids == [
                recording.recording_id
                for recording in everything
                if recording.recording_id in expected
                and recording.disk_id == "NetworkShare"
                and recording.event_id == "Line crossing"
            ]


async def test_past_is_realistic(serve: Serve) -> None:
    """The past is the same from the same seed, ends before now, and holds long recordings."""
    camera = plain(recordings=20_000)
    now = camera.clock.now()
    recordings = list(camera.recordings)
    lengths = [
        recording.stop - recording.start for recording in recordings if recording.stop
    ]
    assert len(lengths) == 20_000
    assert all(timedelta(seconds=20) <= length for length in lengths)
    assert sum(length <= timedelta(minutes=10) for length in lengths) > 19_000
    assert any(timedelta(hours=1) < length < timedelta(hours=12) for length in lengths)
    assert any(length > timedelta(days=2) for length in lengths)
    assert all(recording.stop and recording.stop < now for recording in recordings)
    assert all(newer.start >= older.start for newer, older in pairwise(recordings))
    again = plain(recordings=20_000, clock_offset=timedelta(days=1))
    assert [r.event_id for r in again.recordings] == [r.event_id for r in recordings]
    async with serve(camera) as caller:
        for recording in recordings[::4000]:
            assert camera.recordings.find(recording.recording_id) == recording
            assert (await caller.list(recordingid=recording.recording_id)).ids == [
                recording.recording_id,
            ]


async def test_hundred_thousand(serve: Serve) -> None:
    """A past of any length is small, quick to look into, and streamed when listed whole."""
    tracemalloc.start()
    camera = plain(recordings=100_000)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 6_000_000
    async with serve(camera) as caller:
        newest = await caller.list(recordingid="all", maxnumberofresults="1")
        assert (newest.counters, len(newest.ids)) == ((100_000, 100_000), 1)
        start = camera.clock.now()
        for _ in range(20):
            await caller.list(
                starttime="2025-01-01T00:00:00Z", stoptime="2025-01-01T01:00:00Z"
            )
        assert camera.clock.now() - start < timedelta(seconds=1)
        size = number = 0
        async with caller.session.get(
            caller.url("record/list.cgi?recordingid=all"),
            headers=caller.authorization,
        ) as response:
            async for chunk in response.content.iter_any():
                size += len(chunk)
                number += chunk.count(b"<video")
        assert size > 40_000_000
        assert number == 100_000
        exchange = caller.server.requests[-1]
        assert exchange.bytes_sent > size


@pytest.mark.parametrize(
    ("quirks", "arguments", "ids"),
    [
        (
            Quirks(first_result_number=1),
            {"recordingid": "all", "startatresultnumber": "0"},
            "cba",
        ),
        (
            Quirks(first_result_number=1),
            {"recordingid": "all", "startatresultnumber": "1"},
            "cba",
        ),
        (
            Quirks(first_result_number=1),
            {"recordingid": "all", "startatresultnumber": "2"},
            "ba",
        ),
        (Quirks(page_limit=2), {"recordingid": "all"}, "cb"),
        (Quirks(default_limit=1), {"recordingid": "all"}, "c"),
        (
            Quirks(default_limit=1),
            {"recordingid": "all", "maxnumberofresults": "2"},
            "cb",
        ),
        (Quirks(page_limit=2), {"recordingid": "all", "maxnumberofresults": "1"}, "c"),
        (Quirks(time_filter=False), {"starttime": "2025-10-20T12:15:00Z"}, "cba"),
        (Quirks(bare_times="local"), {"starttime": "2025-10-20T08:15:00"}, "cb"),
        (Quirks(list_without_criteria="all"), {}, "cba"),
        (Quirks(list_without_criteria="all"), {"diskid": "NetworkShare"}, "b"),
    ],
)
async def test_quirks_of_selection(
    serve: Serve,
    quirks: Quirks,
    arguments: dict[str, str],
    ids: str,
) -> None:
    """What is undocumented may go either way."""
    async with serve(with_three(quirks=quirks)) as caller:
        reply = await caller.list(**arguments)
    assert reply.ids == list(ids)


async def test_ongoing_outside_windows(serve: Serve) -> None:
    """A camera may leave what has no stop out of a window with a start."""
    camera = with_three(quirks=Quirks(ongoing_in_window=False))
    recording_id = camera.start_recording(start=NOON + 30 * MINUTE)
    async with serve(camera) as caller:
        assert (await caller.list(starttime="2025-10-20T12:20:00Z")).ids == ["c"]
        assert recording_id in (await caller.list(recordingid="all")).ids


async def test_missing_disk(serve: Serve) -> None:
    """A disk that is not there gives an empty list, an error or a page."""
    arguments = {"recordingid": "all", "diskid": "HDD_DISK"}
    camera = with_three()
    async with serve(camera) as caller:
        assert (await caller.list(**arguments)).counters == (0, 0)
        camera.quirks = Quirks(missing_disk="error")
        assert (await caller.list(**arguments)).root["recordings"] == {
            "@result": "ERROR",
            "@errormsg": "Disk HDD_DISK not found",
        }
        camera.quirks = Quirks(missing_disk="not_found")
        reply = await caller.list(**arguments)
        assert reply.status == 404
        assert reply.headers["Content-Type"].startswith("text/html")
        camera.quirks = Quirks(list_without_criteria="error")
        assert (await caller.list()).root["recordings"]["@result"] == "ERROR"


async def test_empty_list(serve: Serve) -> None:
    """A list without recordings has one of three shapes."""
    camera = plain()
    async with serve(camera) as caller:
        assert (await caller.list(recordingid="all")).counters == (0, 0)
        camera.quirks = Quirks(empty_list="bare")
        assert (await caller.list(recordingid="all")).root["recordings"] is None
        camera.quirks = Quirks(empty_list="childless")
        assert "recordings" not in (await caller.list(recordingid="all")).root


async def test_quirks_of_shape(serve: Serve) -> None:
    """Attributes may look otherwise or be missing."""
    camera = plain()
    camera.start_recording(start=datetime(2025, 10, 20, 12, 0, 1, 234567, UTC))
    async with serve(camera) as caller:
        for quirks, expected in [
            (
                Quirks(fraction_digits=0),
                ("2025-10-20T12:00:01Z", "2025-10-20T08:00:01-04:00"),
            ),
            (
                Quirks(fraction_digits=3),
                ("2025-10-20T12:00:01.234Z", "2025-10-20T08:00:01.234-04:00"),
            ),
        ]:
            camera.quirks = quirks
            (recording,) = (await caller.list(recordingid="all")).recordings
            assert (recording["@starttime"], recording["@starttimelocal"]) == expected
        camera.quirks = Quirks(
            ongoing_stop="time",
            source_attribute=False,
            locked_attribute=False,
            video_source=True,
            audio=True,
        )
        (recording,) = (await caller.list(recordingid="all")).recordings
        assert recording["@recordingstatus"] == "recording"
        assert recording["@stoptime"] > recording["@starttime"]
        assert not {"@source", "@locked"} & set(recording)
        assert recording["video"]["@source"] == recording["audio"]["@source"] == "1"
        camera.quirks = Quirks(ongoing_stop="absent", spaced_values=False)
        (recording,) = (await caller.list(recordingid="all")).recordings
        assert not {"@stoptime", "@stoptimelocal"} & set(recording)
        assert (
            "<eventid>Motion Recording</eventid>"
            in (await caller.list(listentity="eventid")).text
        )


async def test_end_that_the_camera_does_not_know(serve: Serve) -> None:
    """What is over may have no stop time, which a loss of power has kept from being written."""
    camera = plain(quirks=Quirks(unknown_stop="empty"))
    camera.add_recording(NOON, NOON + MINUTE, recording_status="unknown")
    async with serve(camera) as caller:
        (recording,) = (await caller.list(recordingid="all")).recordings
        assert recording["@recordingstatus"] == "unknown"
        assert recording["@stoptime"] == recording["@stoptimelocal"] == ""


async def test_short_lists(serve: Serve) -> None:
    """While a camera reads its disks anew it shows nothing, or the oldest; by id as well."""
    camera = with_three()
    async with serve(camera) as caller:
        camera.listed_part = 0.0
        reply = await caller.list(recordingid="all")
        assert (reply.ids, reply.counters) == ([], (0, 0))
        camera.listed_part = 0.7
        reply = await caller.list(recordingid="all")
        assert (reply.ids, reply.counters) == (["b", "a"], (2, 2))
        assert (await caller.list(recordingid="c")).ids == []
        assert (await caller.list(recordingid="b")).ids == ["b"]
        camera.listed_part = 1.0
        assert (await caller.list(recordingid="all")).ids == ["c", "b", "a"]


async def test_empty_after_a_start(serve: Serve) -> None:
    """The list may be empty at first, although the disks are there."""
    camera = with_three(quirks=Quirks(empty_after_start=60))
    async with serve(camera) as caller:
        assert (await caller.list(recordingid="all")).ids == []
        assert 'status="OK"' in (await caller.get("disks/list.cgi", diskid="all")).text
        camera.quirks = Quirks()
        assert len((await caller.list(recordingid="all")).ids) == 3


async def test_lists_that_are_off(serve: Serve) -> None:
    """The count may be wrong, and the order."""
    camera = with_three()
    async with serve(camera) as caller:
        camera.miscount = -1
        camera.unsorted = True
        reply = await caller.list(recordingid="all")
        assert (reply.ids, reply.counters) == (["b", "a", "c"], (2, 3))


async def test_swapped_cards(serve: Serve) -> None:
    """Another card is in the slot at once, and nobody notices; the former one may come back."""
    camera = with_three()
    ongoing = camera.start_recording()
    card = camera.recordings.find("b")
    assert card
    async with serve(camera) as caller:
        former = camera.swap_card("SD_DISK")
        assert (await caller.list(recordingid="all")).ids == ["b"]
        assert [each.recording_id for each in former] == [ongoing, "c", "a"]
        assert camera.journal[-1].what == "interrupted"
        assert camera.swap_card("SD_DISK", former) == []
        assert len((await caller.list(recordingid="all")).ids) == 4


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ("empty", 200),
        ("error", 200),
        ("bad_request", 400),
        ("not_found", 404),
        ("gone", 410),
        ("no_content", 204),
        ("nothing", 200),
        ("internal_server_error", 500),
    ],
)
async def test_unknown_recording(serve: Serve, answer: Any, status: int) -> None:
    """It is reported in one of many ways; one that is known is listed all the same."""
    camera = plain(recordings=1, quirks=Quirks(unknown_recording=answer))
    async with serve(camera) as caller:
        (known,) = (await caller.list(recordingid="all")).ids
        reply = await caller.list(recordingid="unknown")
        assert reply.status == status
        assert bool(reply.body) is (answer not in ("no_content", "nothing"))
        assert (await caller.list(recordingid=known)).ids == [known]
