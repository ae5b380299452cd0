"""The action that searches."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util
import pytest
import voluptuous as vol

from custom_components.axis_recordings.const import DOMAIN
from custom_components.axis_recordings.recordings.search import MAX_EXAMINED
from tests.camera import Camera, CameraServer, Disk, Fault, Quirks
from tests.common import (
    added,
    call,
    device_of,
    pass_time,
    poll,
    refused,
    set_up,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry


@pytest.mark.usefixtures("loaded")
async def test_search_fields(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """Everything that an automation may want, as plain values."""
    start = datetime(2026, 3, 1, 12, 0, 0, 250000, tzinfo=dt_util.UTC)
    recording_id = camera.add_recording(
        start, start + timedelta(seconds=44.5), event_id="Gate", locked=True
    )
    await poll(hass, loaded)
    answer = await call(
        hass,
        "search",
        start_time="2026-03-01 11:00:00+00:00",
        end_time="2026-03-01 13:00:00+00:00",
    )
    identity = {"camera": "Front camera", "device_id": device_of(hass, camera).id}
    assert answer == {
        "recordings": [
            {
                "recording_id": recording_id,
                "disk": "SD_DISK",
                "start": "2026-03-01T12:00:00.250000+00:00",
                "end": "2026-03-01T12:00:44.750000+00:00",
                "duration": 44.5,
                "status": "completed",
                "type": "triggered",
                "event": "Gate",
                "event_trigger": "Record video while the rule is active",
                "source": "1",
                "locked": True,
                "media_content_id": (
                    f"media-source://axis_recordings/{loaded.entry_id}"
                    f"/play/SD_DISK/{recording_id}"
                ),
                "started_by": None,
                **identity,
            }
        ],
        "cameras": [
            {
                "total": 9,
                "count": 1,
                "next_offset": None,
                "is_complete": True,
                **identity,
            }
        ],
    }


@pytest.mark.usefixtures("asks_camera")
@pytest.mark.parametrize("first_result_number", [0, 1])
@pytest.mark.parametrize("order", ["newest", "oldest"])
async def test_search_in_pages(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: Camera,
    first_result_number: int,
    order: str,
) -> None:
    """Each recording comes exactly once, whatever number the camera gives to the first."""
    camera.quirks = Quirks(first_result_number=first_result_number)  # type: ignore[arg-type]
    await hass.config_entries.async_setup(entry.entry_id)
    found: list[str] = []
    offset: int | None = 0
    while offset is not None:
        answer = await call(hass, "search", limit=3, offset=offset, order=order)
        found += [each["recording_id"] for each in answer["recordings"]]
        offset = answer["cameras"][0]["next_offset"]
    expected = sorted(camera.recordings, key=lambda each: each.start)
    if order == "newest":
        expected.reverse()
    assert found == [each.recording_id for each in expected]


async def test_search_filters(
    hass: HomeAssistant, entry: MockConfigEntry, camera: Camera
) -> None:
    """Those that the camera knows, and those that are compared here."""
    camera.attach_disk(Disk("NetworkShare"))
    now = camera.clock.now()
    hours_ago = [now - timedelta(hours=hour) for hour in range(200)]
    gate = camera.add_recording(
        hours_ago[110],
        hours_ago[109],
        disk_id="NetworkShare",
        event_id="Gate",
        event_trigger="Door opened",
        recording_type="scheduled",
        source="2",
    )
    broken = camera.add_recording(
        hours_ago[108], hours_ago[107], recording_status="unknown"
    )
    await set_up(hass, entry)

    async def ids(**fields: Any) -> list[str]:
        answer = await call(hass, "search", **fields)
        return [each["recording_id"] for each in answer["recordings"]]

    assert await ids(disk="NetworkShare") == [gate]
    # Found although it is not among the first that the camera lists.
    assert await ids(type="scheduled", limit=1) == [gate]
    assert await ids(event="Gate") == [gate]
    assert await ids(event_trigger="door OPENED") == [gate]
    assert await ids(type="scheduled") == [gate]
    assert await ids(source=2) == [gate]
    assert await ids(status="unknown") == [broken]
    assert await ids(event="Gate", type="triggered") == []
    assert len(await ids()) == 10

    error = await refused(hass, "search", disk="HDD")
    assert error.translation_key == "unknown_disk"


async def test_search_by_local_time(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """A time without a zone is Home Assistant's, also in the hour that comes twice."""
    await hass.config.async_set_time_zone("Europe/Stockholm")
    # At the end of summer time, 02:30 comes twice: 00:30 and 01:30 in UTC.
    night = datetime(2026, 10, 25, tzinfo=dt_util.UTC)
    first, second = (
        camera.add_recording(
            night + timedelta(minutes=minutes), night + timedelta(minutes=minutes + 1)
        )
        for minutes in (30, 90)
    )
    await poll(hass, loaded)
    answer = await call(
        hass, "search", start_time="2026-10-25 02:00:00", end_time="2026-10-25 03:00:00"
    )
    assert [each["recording_id"] for each in answer["recordings"]] == [second, first]
    local = [
        datetime.fromisoformat(each["start"]).astimezone(ZoneInfo("Europe/Stockholm"))
        for each in answer["recordings"]
    ]
    assert [each.strftime("%H:%M%z") for each in local] == ["02:30+0100", "02:30+0200"]


@pytest.mark.usefixtures("asks_camera")
async def test_search_of_a_camera_that_knows_no_filter(
    hass: HomeAssistant, entry: MockConfigEntry, camera: Camera
) -> None:
    """An old camera lists everything; what was not asked for is left out."""
    camera.quirks = Quirks(time_filter=False)
    start = datetime(2026, 3, 1, 12, tzinfo=dt_util.UTC)
    recording_id = camera.add_recording(start, start + timedelta(minutes=1))
    await hass.config_entries.async_setup(entry.entry_id)
    answer = await call(
        hass, "search", start_time="2026-03-01 11:59Z", end_time="2026-03-01 12:30Z"
    )
    assert [each["recording_id"] for each in answer["recordings"]] == [recording_id]


@pytest.mark.usefixtures("asks_camera")
async def test_search_does_not_read_for_ever(
    hass: HomeAssistant,
    enable_custom_integrations: None,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What the camera can't filter for is looked for in bounded steps, and the answer says so."""
    monkeypatch.setattr(
        "custom_components.axis_recordings.recordings.search.MAX_EXAMINED", 400
    )
    camera = Camera(recordings=1000)
    async with added(hass, camera):
        answer = await call(hass, "search", event_trigger="nothing has this")
        assert answer["recordings"] == []
        assert 400 <= answer["cameras"][0]["next_offset"] < 600
        assert answer["cameras"][0]["is_complete"] is False

        answer = await call(hass, "search", limit=250)
        newest = sorted((each.start for each in camera.recordings), reverse=True)
        assert [each["start"] for each in answer["recordings"]] == [
            start.isoformat() for start in newest[:250]
        ]
        assert answer["cameras"][0]["next_offset"] == 250

        # A camera that lists slowly is asked for no further page.
        monkeypatch.setattr(
            "custom_components.axis_recordings.recordings.finder.MAX_SECONDS", -1
        )
        answer = await call(hass, "search", event_trigger="nothing has this")
        assert answer["cameras"][0]["next_offset"] <= 200
    assert MAX_EXAMINED > 1000


BAD_INPUT: tuple[tuple[dict[str, Any], str], ...] = (
    ({"limit": 0}, "limit"),
    ({"limit": 1001}, "limit"),
    ({"offset": -1}, "offset"),
    ({"type": "weekly"}, "type"),
    ({"status": "over"}, "status"),
    ({"order": "random"}, "order"),
    ({"start_time": "yesterday"}, "start_time"),
    ({"disk": ""}, "disk"),
    ({"color": "red"}, "color"),
)


@pytest.mark.usefixtures("loaded")
async def test_search_with_bad_input(
    hass: HomeAssistant, subtests: pytest.Subtests
) -> None:
    """The error names the field."""
    for fields, field in BAD_INPUT:
        with subtests.test(fields=fields), pytest.raises(vol.Invalid, match=field):
            await call(hass, "search", **fields)


@pytest.mark.usefixtures("loaded")
async def test_search_with_times_the_wrong_way_round(hass: HomeAssistant) -> None:
    """Rather than an empty answer, an error."""
    error = await refused(
        hass, "search", start_time="2026-03-02 00:00", end_time="2026-03-01 00:00"
    )
    assert error.translation_key == "end_before_start"


@pytest.mark.usefixtures("loaded", "asks_camera")
async def test_camera_does_not_answer_a_search(
    hass: HomeAssistant, camera: Camera
) -> None:
    """The message says what to do."""
    camera.faults.set("record/list.cgi", Fault.TRUNCATED)
    with pytest.raises(HomeAssistantError) as error:
        await call(hass, "search")
    assert error.value.translation_key in {"cannot_connect", "unexpected_answer"}


async def test_camera_is_away(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    server: CameraServer,
    freezer: FrozenDateTimeFactory,
) -> None:
    """What is known of it is found all the same, and nothing is asked; the answer holds all that the last poll has shown."""
    found: list[Any] = []
    for down in (False, True):
        if down:
            camera.shut_down()
            # What changes slowly is old by then.
            for _ in range(5):
                await pass_time(hass, freezer, 3700)
            server.requests.clear()
        answer = await call(hass, "search", query="motion")
        found.append(answer["recordings"])
        assert answer["cameras"][0]["is_complete"] is True
    assert found[0]
    assert found[0] == found[1]
    assert not server.requests


# As people speak

NOON = datetime(2026, 11, 24, 17, tzinfo=UTC)
"""In New York, where the camera is. A Tuesday."""
HOUR = timedelta(hours=1)


async def said(hass: HomeAssistant, query: str, **fields: Any) -> list[str]:
    """Return when began what is found, by the clock of Home Assistant in New York."""
    answer = await call(hass, "search", query=query, **fields)
    zone = ZoneInfo("America/New_York")
    return [
        f"{datetime.fromisoformat(each['start']).astimezone(zone):%Y-%m-%d %H:%M}"
        for each in answer["recordings"]
    ]


@pytest.fixture
async def spoken(
    hass: HomeAssistant,
    enable_custom_integrations: None,
    freezer: FrozenDateTimeFactory,
) -> AsyncGenerator[Camera]:
    """Return a camera with recordings of several days."""
    freezer.move_to(NOON)
    hass.config.country = "US"
    camera = Camera()
    for hours, event in ((2, "Gate"), (15, "Motion"), (40, "Gate"), (200, "Motion")):
        begin = NOON - hours * HOUR
        camera.add_recording(begin, begin + HOUR / 60, event_id=event)
    async with added(hass, camera):
        yield camera


@pytest.mark.usefixtures("spoken")
@pytest.mark.parametrize(
    ("language", "query", "expected"),
    [
        ("en", "yesterday evening", ["2026-11-23 21:00"]),
        ("en", "motion yesterday", ["2026-11-23 21:00"]),
        ("en", "gate yesterday", []),
        ("en", "9 pm", ["2026-11-23 21:00"]),
        ("en", "last week", ["2026-11-16 04:00"]),
        ("en", "gate", ["2026-11-24 10:00", "2026-11-22 20:00"]),
        ("en", "front camera gate this morning", ["2026-11-24 10:00"]),
        ("en", "11/22", ["2026-11-22 20:00"]),
        ("de", "gestern Abend", ["2026-11-23 21:00"]),
        ("fr", "il y a 2 heures", ["2026-11-24 10:00"]),
        ("en", "scheduled", []),
    ],
)
async def test_what_is_said(
    hass: HomeAssistant, language: str, query: str, expected: list[str]
) -> None:
    """Words and times are read in Home Assistant's language, by the camera's clock."""
    hass.config.language = language
    assert await said(hass, query) == expected


async def test_name_of_the_camera_is_words(hass: HomeAssistant, spoken: Camera) -> None:
    """A camera that is called as a time is found by its name."""
    spoken.name = "Morning view"
    (entry,) = hass.config_entries.async_loaded_entries("axis_recordings")
    hass.config_entries.async_update_entry(entry, title=spoken.name)
    await hass.config_entries.async_reload(entry.entry_id)
    assert await said(hass, "morning view yesterday") == ["2026-11-23 21:00"]
    assert await said(hass, "morning yesterday") == []


@pytest.mark.usefixtures("spoken")
async def test_query_beside_other_fields(
    hass: HomeAssistant,
) -> None:
    """All of them have to match."""
    assert await said(hass, "gate", limit=1) == ["2026-11-24 10:00"]
    assert await said(hass, "this week", event="Motion") == ["2026-11-23 21:00"]
    early, late = "2026-11-24T00:00-05:00", "2026-11-24T10:00-05:00"
    assert await said(hass, "yesterday", start_time=early) == []
    assert await said(hass, "today", end_time=late) == ["2026-11-24 10:00"]
    answer = await call(hass, "search", query="yesterday", start_time=early)
    assert answer["cameras"][0]["count"] == 0
    assert answer["cameras"][0]["total"] == 4


async def test_plays_from_the_moment(hass: HomeAssistant, spoken: Camera) -> None:
    """A long recording plays from the moment that was asked for, and its own name stays the same."""
    begin = NOON - 30 * HOUR
    recording_id = spoken.add_recording(begin, begin + 10 * HOUR, event_id="Long")
    await poll(hass, *hass.config_entries.async_loaded_entries(DOMAIN))
    answer = await call(hass, "search", query="long yesterday 9:47")
    (found,) = answer["recordings"]
    assert answer["hint"] is None
    whole = (await call(hass, "search", event="Long"))["recordings"][0]
    assert "plays_from" not in whole
    assert whole["media_content_id"].endswith(f"/play/SD_DISK/{recording_id}")
    assert found["plays_from"] == "2026-11-23T14:47:00+00:00"
    assert found["media_content_id"] == (
        f"{whole['media_content_id']}/20261123T144700.000000Z/20261123T145200.000000Z"
    )


@pytest.mark.usefixtures("spoken")
async def test_hint(hass: HomeAssistant) -> None:
    """Where nothing is found, the answer says what was understood, and shows what can be."""
    answer = await call(hass, "search", query="gate yesterday")
    assert answer["recordings"] == []
    assert answer["hint"] == (
        "Nothing found between 2026-11-23 00:00 and 2026-11-24 00:00. Try, for example: yesterday 21:47;"
        " Thursday evening; last week"
    )
    answer = await call(hass, "search", query="yesturday 25:00")
    assert answer["hint"] == (
        "Nothing found. Try, for example: yesterday 21:47; Thursday evening; last week"
    )
    assert "hint" not in await call(hass, "search", event="nothing")


@pytest.mark.usefixtures("loaded")
async def test_recorded_by_home_assistant(hass: HomeAssistant, camera: Camera) -> None:
    """What Home Assistant has started is found by that, in its words."""
    camera.add_profile(disk_id="SD_DISK")
    await call(hass, "start")
    own = await call(hass, "search", query="recorded by Home Assistant")
    other = await call(hass, "search", query="continuous")
    assert len(own["recordings"]) == 1
    assert len(other["recordings"]) > 1
    assert own["recordings"][0] in other["recordings"]
