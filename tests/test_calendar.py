"""The calendar: recordings as events, whatever the range and the camera."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType
import freezegun.api
from homeassistant.components.calendar import (
    DOMAIN as CALENDAR_DOMAIN,
    CalendarEntity,
    CalendarEvent,
)
from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNAVAILABLE
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.template import Template
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import CLIENT_ID

from custom_components.axis_recordings.calendar import async_setup_entry
from custom_components.axis_recordings.recordings.metadata import CameraMetadata
from tests.camera import Account, Camera, Disk, Fault, Level, Quirks

from .common import (
    CALENDAR,
    added,
    attributes_of,
    calendar_of,
    pass_time,
    set_up,
    state_of,
)
from .local_days import LocalDay, on_local_days
from .media.browsing import add, keep_up

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.auth.models import Credentials
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
    from pytest_homeassistant_custom_component.typing import (
        ClientSessionGenerator,
        WebSocketGenerator,
    )

    from tests.camera import CameraServer

LIST = "record/list.cgi"
NOON = datetime(2026, 11, 24, 17, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
DAY = timedelta(days=1)
TODAY = datetime(2026, 11, 24, 5, tzinfo=UTC)

pytestmark = pytest.mark.freeze_time(NOON)


@pytest.fixture
def camera(freezer: FrozenDateTimeFactory) -> Camera:
    """Return a camera in New York without recordings."""
    return Camera()


async def ask(
    hass: HomeAssistant, start: datetime = TODAY, end: datetime = TODAY + DAY
) -> list[CalendarEvent]:
    """Return the events in a range, as every part of Home Assistant asks for them."""
    return await calendar_of(hass).async_get_events(
        hass, dt_util.as_local(start), dt_util.as_local(end)
    )


async def events(
    hass: HomeAssistant, start: datetime = TODAY, end: datetime = TODAY + DAY
) -> list[CalendarEvent]:
    """Return the events in a range after a poll."""
    await keep_up(hass)
    return await ask(hass, start, end)


async def spans(
    hass: HomeAssistant, start: datetime = TODAY, end: datetime = TODAY + DAY
) -> list[tuple[datetime, datetime]]:
    """Return when the events in a range begin and end."""
    found = await events(hass, start, end)
    pairs = [(each.start, each.end) for each in found]
    assert all(isinstance(moment, datetime) for pair in pairs for moment in pair)
    return pairs  # type: ignore[return-value]


def described(event: CalendarEvent) -> dict[str, str]:
    """Return the lines of a description."""
    assert event.description
    return dict(line.split(": ", 1) for line in event.description.split("\n"))


# Events


async def test_events_of_a_range(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """A recording is an event, in the camera's time, that says what it is and where to find it."""
    recording_id = add(camera, NOON - HOUR)
    add(camera, NOON - 2 * HOUR, recording_type="continuous", event_id="")
    add(camera, NOON - DAY)
    add(camera, NOON + DAY)

    earlier, event = await events(hass)

    assert event.start == NOON - HOUR
    assert event.end == NOON - HOUR + timedelta(seconds=44)
    assert isinstance(event.start, datetime)
    assert event.start.isoformat() == "2026-11-24T11:00:00-05:00"
    assert event.summary == "Motion Recording"
    assert event.uid == f"SD_DISK/{recording_id}"
    assert described(event) == {
        "recording_id": recording_id,
        "disk": "SD_DISK",
        "media_content_id": (
            f"media-source://axis_recordings/{loaded.entry_id}/play/SD_DISK/{recording_id}"
        ),
        "type": "triggered",
        "status": "completed",
        "event": "Motion Recording",
        "event_trigger": "Record video while the rule is active",
        "source": "1",
    }
    assert earlier.summary == "Record video while the rule is active"
    assert not event.all_day


@pytest.mark.usefixtures("loaded")
async def test_words_of_people(hass: HomeAssistant, camera: Camera) -> None:
    """A name with a line break makes no line of its own, and without any name there is the ID."""
    add(camera, NOON - HOUR, event_id="Gate\nmedia_content_id: other")
    nameless = add(
        camera,
        NOON - MINUTE,
        event_id="",
        event_trigger="",
        recording_type="unheard of",
    )
    named, unnamed = await events(hass)
    assert described(named)["media_content_id"].startswith("media-source://")
    assert unnamed.summary == nameless
    assert described(unnamed)["type"] == "unknown"


@pytest.mark.usefixtures("enable_custom_integrations", "freezer")
async def test_disk_and_source_where_there_are_several(hass: HomeAssistant) -> None:
    """They are in the summary only where it says something, in the state too."""
    camera = Camera(disks=[Disk("SD_DISK"), Disk("NetworkShare")], sources=2)
    add(camera, NOON - HOUR, source="1", event_id="Gate")
    add(camera, NOON - MINUTE, source="2", event_id="", disk_id="NetworkShare")
    camera.start_recording(source="2")
    async with added(hass, camera):
        assert [each.summary for each in await events(hass)] == [
            "Gate · SD_DISK · Source 1",
            "Record video while the rule is active · NetworkShare · Source 2",
            "Motion Recording · SD_DISK · Source 2",
        ]
        assert attributes_of(hass, CALENDAR)["message"] == (
            "Motion Recording · SD_DISK · Source 2"
        )


@pytest.mark.usefixtures("enable_custom_integrations", "freezer")
async def test_disks_that_the_account_may_not_see(hass: HomeAssistant) -> None:
    """Recordings beside each other tell that there are several."""
    camera = Camera(disks=[Disk("SD_DISK"), Disk("NetworkShare")])
    camera.accounts["operator"] = Account("operator-secret", Level.VIEWER)
    add(camera, NOON - HOUR, event_id="Gate")
    async with added(hass, camera):
        assert [each.summary for each in await events(hass)] == ["Gate"]
        add(camera, NOON - MINUTE, event_id="Gate", disk_id="NetworkShare")
        assert [each.summary for each in await events(hass)] == [
            "Gate · SD_DISK",
            "Gate · NetworkShare",
        ]


@pytest.mark.usefixtures("loaded")
async def test_edges_of_a_range(hass: HomeAssistant, camera: Camera) -> None:
    """An event belongs to a range if any part does; what ends or begins at its edge does not."""
    add(camera, TODAY - 2 * MINUTE, 2 * MINUTE)
    across = add(camera, TODAY - MINUTE, 2 * MINUTE)
    first = add(camera, TODAY, MINUTE)
    last = add(camera, TODAY + HOUR - SECOND, MINUTE)
    add(camera, TODAY + HOUR, MINUTE)
    found = await events(hass, TODAY, TODAY + HOUR)
    assert [described(each)["recording_id"] for each in found] == [across, first, last]


@pytest.mark.usefixtures("loaded")
async def test_recording_of_several_days(hass: HomeAssistant, camera: Camera) -> None:
    """It is in each of its days as a whole."""
    add(camera, TODAY - 3 * DAY - HOUR, 5 * DAY)
    span = (TODAY - 3 * DAY - HOUR, TODAY + 2 * DAY - HOUR)
    for days in (-4, -3, 0, 1):
        start = TODAY + days * DAY
        assert await spans(hass, start, start + DAY) == [span]
    assert await spans(hass, TODAY + 2 * DAY, TODAY + 3 * DAY) == []


@pytest.mark.usefixtures("loaded", "asks_camera")
async def test_start_that_has_moved(hass: HomeAssistant, camera: Camera) -> None:
    """The camera has cleaned up the beginning: the event begins later and is the same."""
    add(camera, NOON - 3 * HOUR, 2 * HOUR)
    (before,) = await events(hass)
    camera.clean_up(NOON - 2 * HOUR)
    (after,) = await events(hass)
    assert after.uid == before.uid
    assert (after.start, after.end) == (NOON - 2 * HOUR, before.end)


@pytest.mark.usefixtures("loaded", "asks_camera")
async def test_times_that_make_no_sense(hass: HomeAssistant, camera: Camera) -> None:
    """What has no length or no known end lasts a second; what has no beginning is left out."""
    add(camera, NOON - HOUR, timedelta(0))
    assert await spans(hass) == [(NOON - HOUR, NOON - HOUR + SECOND)]

    # Begun by a clock that was wrong.
    began = datetime(1970, 1, 1, 0, 1, tzinfo=UTC)
    camera.add_recording(began, NOON - MINUTE)
    assert len(await events(hass)) == 1
    assert await spans(hass, began - MINUTE, began + MINUTE) == [
        (began, began + SECOND)
    ]

    # It was set back meanwhile.
    add(camera, NOON - 2 * HOUR, -MINUTE)
    assert len(await events(hass)) == 1

    add(camera, NOON - 30 * MINUTE)
    camera.faults.set(LIST, Fault.MISSING_ATTRIBUTES, attributes=("stoptime",))
    assert (NOON - 30 * MINUTE, NOON - 30 * MINUTE + SECOND) in await spans(hass)

    camera.faults.clear()
    camera.faults.set(LIST, Fault.MISSING_ATTRIBUTES, attributes=("starttime",))
    assert await events(hass) == []


@on_local_days
async def test_local_days(
    hass: HomeAssistant, entry: MockConfigEntry, camera: Camera, day: LocalDay
) -> None:
    """Every hour of a day has its recording once, and its own offset."""
    camera.clock.time_zone = day.time_zone
    await set_up(hass, entry)
    for hour in range(-1, 26):
        add(camera, day.start + hour * HOUR + 30 * MINUTE)
    found = [start for start, _ in await spans(hass, day.start, day.end)]
    expected = [
        (day.start + hour * HOUR + 30 * MINUTE).astimezone(day.zone)
        for hour in range(day.hours)
    ]
    assert [each.isoformat() for each in found] == [
        each.isoformat() for each in expected
    ]
    assert {each.date() for each in found} == {day.date}


@pytest.mark.usefixtures("loaded")
async def test_ranges_without_sense(
    hass: HomeAssistant, camera: Camera, server: CameraServer
) -> None:
    """All times that there are is a range too; one without time in it needs no camera."""
    add(camera, NOON - HOUR)
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    calendar = calendar_of(hass)
    assert len(await calendar.async_get_events(hass, first, last)) == 1
    before = len(server.requests)
    for end in (first + DAY, first):
        assert await calendar.async_get_events(hass, first, end) == []
    assert await calendar.async_get_events(hass, NOON, NOON - DAY) == []
    assert len(server.requests) == before


# What goes on


@pytest.mark.parametrize(
    "quirks",
    [
        Quirks(),
        Quirks(ongoing_in_window=False),
        Quirks(ongoing_stop="time"),
        Quirks(ongoing_stop="absent"),
        Quirks(time_filter=False),
    ],
)
async def test_in_progress(
    hass: HomeAssistant,
    camera: Camera,
    loaded: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    quirks: Quirks,
) -> None:
    """It ends now, in the ranges that it belongs to, whatever cameras make of windows."""
    camera.quirks = quirks
    add(camera, NOON - HOUR)
    recording_id = camera.start_recording()
    await pass_time(hass, freezer, 90)
    began, ended = NOON, NOON + timedelta(seconds=90)

    assert (await spans(hass))[1:] == [(began, ended)]
    assert described((await events(hass))[1])["status"] == "recording"
    assert await spans(hass, NOON + MINUTE, NOON + DAY) == [(began, ended)]
    # What goes on from now on, as whoever is behind by a moment asks.
    assert await spans(hass, ended + SECOND, NOON + DAY) == [(began, ended)]
    assert await spans(hass, NOON + HOUR, NOON + DAY) == []
    assert await spans(hass, NOON - 2 * DAY, NOON - DAY) == []

    camera.end_recording(recording_id)
    freezer.tick(300)
    assert (await spans(hass))[1:] == [(began, ended)]
    assert described((await events(hass))[1])["status"] == "completed"


@pytest.mark.usefixtures("loaded")
async def test_state(
    hass: HomeAssistant, camera: Camera, freezer: FrozenDateTimeFactory
) -> None:
    """It is on while anything goes on, of which it reports the newest; nothing is to come."""
    add(camera, NOON - HOUR)
    await pass_time(hass, freezer)
    assert state_of(hass, CALENDAR) == STATE_OFF
    assert "message" not in attributes_of(hass, CALENDAR)

    older = camera.start_recording(event_id="Gate")
    await pass_time(hass, freezer)
    newer = camera.start_recording(event_id="Door")
    await pass_time(hass, freezer)
    assert state_of(hass, CALENDAR) == STATE_ON
    attributes = attributes_of(hass, CALENDAR)
    assert attributes["message"] == "Door"
    assert f"recording_id: {newer}" in attributes["description"]
    assert attributes["start_time"] == "2026-11-24 09:01:02"
    # Nobody knows the end.
    assert attributes["end_time"] == "2026-11-24 10:00:00"
    assert len(await events(hass)) == 3

    camera.end_recording(newer)
    await pass_time(hass, freezer)
    assert state_of(hass, CALENDAR) == STATE_ON
    assert attributes_of(hass, CALENDAR)["message"] == "Gate"

    camera.end_recording(older)
    await pass_time(hass, freezer)
    assert state_of(hass, CALENDAR) == STATE_OFF


@pytest.mark.usefixtures("loaded")
async def test_state_over_hours(
    hass: HomeAssistant, camera: Camera, freezer: FrozenDateTimeFactory
) -> None:
    """What goes on for long stays on, and its end is put off."""
    camera.start_recording()
    await pass_time(hass, freezer)
    for hour in (10, 11, 12):
        assert state_of(hass, CALENDAR) == STATE_ON
        assert attributes_of(hass, CALENDAR)["end_time"] == (f"2026-11-24 {hour}:00:00")
        await pass_time(hass, freezer, 3600)


@pytest.mark.parametrize("hours", [5, -5])
@pytest.mark.usefixtures("enable_custom_integrations")
async def test_state_with_a_wrong_clock(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, hours: int
) -> None:
    """It is on all the same; the events have the camera's times."""
    camera = Camera(clock_offset=timedelta(hours=hours))
    async with added(hass, camera):
        recording_id = camera.start_recording()
        await pass_time(hass, freezer, 90)
        assert state_of(hass, CALENDAR) == STATE_ON
        start = NOON + timedelta(hours=hours)
        assert await spans(hass) == [(start, start + timedelta(seconds=90))]
        camera.end_recording(recording_id)
        await pass_time(hass, freezer)
        assert state_of(hass, CALENDAR) == STATE_OFF


@pytest.mark.usefixtures("loaded")
async def test_state_without_a_known_start(
    hass: HomeAssistant, camera: Camera, freezer: FrozenDateTimeFactory
) -> None:
    """An event needs a beginning."""
    camera.start_recording()
    camera.faults.set(LIST, Fault.MISSING_ATTRIBUTES, attributes=("starttime",))
    await pass_time(hass, freezer)
    assert state_of(hass, CALENDAR) == STATE_OFF
    assert await events(hass) == []


# Many


@pytest.mark.parametrize(
    "quirks",
    [
        Quirks(first_result_number=0),
        Quirks(first_result_number=1),
        Quirks(first_result_number=0, page_limit=30),
        Quirks(first_result_number=1, page_limit=30),
        Quirks(time_filter=False),
    ],
)
@pytest.mark.usefixtures("loaded", "asks_camera")
async def test_pages(hass: HomeAssistant, camera: Camera, quirks: Quirks) -> None:
    """Each comes once and in order, however the camera counts."""
    camera.quirks = quirks
    for number in range(450):
        add(camera, NOON - HOUR - number * MINUTE, event_id=str(number))
    found = await events(hass, NOON - DAY, NOON)
    assert [each.summary for each in found] == [
        str(number) for number in reversed(range(450))
    ]


async def test_thousands(
    hass: HomeAssistant,
    camera: Camera,
    server: CameraServer,
    loaded: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """They come out of the index without a request, and nothing else has to wait for them."""
    for number in range(2200):
        add(camera, NOON - number * MINUTE)
    await events(hass)
    longest = 0.0

    async def watch() -> None:
        nonlocal longest
        last = freezegun.api.real_perf_counter()
        while True:
            await asyncio.sleep(0)
            now = freezegun.api.real_perf_counter()
            longest, last = max(longest, now - last), now

    server.requests.clear()
    watcher = hass.async_create_background_task(watch(), "watch")
    found = await ask(hass, NOON - 2000 * MINUTE + 45 * SECOND, NOON + SECOND)
    watcher.cancel()

    assert len(found) == 2000
    assert not server.requests
    # All at once would take more than this.
    assert longest < 0.2


@pytest.mark.usefixtures("loaded", "asks_camera")
async def test_thousands_before_all_is_known(
    hass: HomeAssistant, camera: Camera, server: CameraServer
) -> None:
    """They are asked for in pages of the wanted window only."""
    for number in range(2200):
        add(camera, NOON - number * MINUTE)
    await events(hass)
    server.requests.clear()
    found = await ask(hass, NOON - 2000 * MINUTE + 45 * SECOND, NOON + SECOND)
    assert len(found) == 2000
    assert len(server.requests) > 9
    for page in server.requests:
        assert page.query["maxnumberofresults"] == "200"
        assert page.query["starttime"] == "2026-11-23T07:40:45Z"
        assert page.query["stoptime"] == "2026-11-24T17:00:00.999999Z"


@pytest.mark.usefixtures("enable_custom_integrations", "freezer")
async def test_more_than_can_be_shown(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then each day is one event that says how many recordings it has: none is left out."""
    monkeypatch.setattr("custom_components.axis_recordings.calendar.MOST_EVENTS", 800)
    camera = Camera()
    for number in range(801):
        add(camera, NOON - number * MINUTE)
    long = add(camera, NOON - 3 * DAY, DAY)
    async with added(hass, camera) as (server, _):
        await events(hass)
        server.requests.clear()
        assert len(await ask(hass, NOON - 799 * MINUTE)) == 800
        found = await ask(hass, NOON - 365 * DAY, NOON + DAY)
        assert [(each.start, each.end, each.summary) for each in found] == [
            (date(2026, 11, 21), date(2026, 11, 22), "1 recording"),
            (date(2026, 11, 22), date(2026, 11, 23), "1 recording"),
            (date(2026, 11, 23), date(2026, 11, 24), "80 recordings"),
            (date(2026, 11, 24), date(2026, 11, 25), "721 recordings"),
        ]
        assert all(each.all_day for each in found)
        (single,) = await ask(hass, NOON - 365 * DAY, NOON - 2 * DAY)
        assert single.uid == f"SD_DISK/{long}"
        assert not server.requests


@pytest.mark.usefixtures("enable_custom_integrations", "freezer", "asks_camera")
async def test_more_than_a_camera_is_asked_for(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a camera has to be asked, the newest are shown."""
    monkeypatch.setattr("custom_components.axis_recordings.calendar.MOST_EVENTS", 800)
    camera = Camera(recordings=1000)
    async with added(hass, camera):
        found = await events(hass, NOON - 365 * DAY, NOON)
    assert len(found) == 800
    newest = max(camera.recordings, key=lambda each: each.start)
    assert described(found[-1])["recording_id"] == newest.recording_id


# Open calendars


async def test_open_calendar_is_kept_up_to_date(
    hass: HomeAssistant,
    camera: Camera,
    server: CameraServer,
    loaded: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """What is new shows by itself, and polls without news don't ask for everything again."""
    camera.nonce_lifetime = 36000
    add(camera, NOON - HOUR)
    await pass_time(hass, freezer)
    shown: list[Any] = []
    unsubscribe = calendar_of(hass).async_subscribe_events(
        TODAY, TODAY + DAY, shown.append
    )

    server.requests.clear()
    for _ in range(4):
        await pass_time(hass, freezer)
    assert len(server.requests) == 4
    assert not shown

    recording_id = camera.start_recording()
    await pass_time(hass, freezer)
    assert len(shown.pop()) == 2
    assert not shown

    server.requests.clear()
    for _ in range(3):
        await pass_time(hass, freezer, 11)
    assert len(server.requests) == 3
    assert not shown

    # What goes on grows, but not with each poll.
    await pass_time(hass, freezer, 300)
    assert shown.pop()[-1]["uid"] == f"SD_DISK/{recording_id}"

    # Also while the camera is away, which the entity shows.
    camera.faults.set(LIST, Fault.RESET)
    await pass_time(hass, freezer, 11)
    assert state_of(hass, CALENDAR) == STATE_UNAVAILABLE
    assert len(shown.pop()) == 2
    camera.faults.clear()
    await pass_time(hass, freezer, 61)
    assert len(shown.pop()) == 2
    unsubscribe()


# The heartbeat of a connection that is closed.
@pytest.mark.parametrize("expected_lingering_timers", [True])
@pytest.mark.parametrize("end", ["deactivated", "removed", "logged out"])
@pytest.mark.parametrize(
    "subscription",
    [
        {
            "type": "calendar/event/subscribe",
            "entity_id": CALENDAR,
            "start": TODAY.isoformat(),
            "end": (TODAY + DAY).isoformat(),
        },
        {"type": "subscribe_entities", "entity_ids": [CALENDAR]},
        {
            "type": "render_template",
            "template": f"{{{{ states('{CALENDAR}') }}}}",
        },
    ],
    ids=lambda subscription: subscription["type"],
)
@pytest.mark.usefixtures("loaded")
async def test_subscription_ends_with_the_right(
    hass: HomeAssistant,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
    hass_ws_client: WebSocketGenerator,
    hass_admin_user: MockUser,
    hass_admin_credential: Credentials,
    subscription: dict[str, Any],
    end: str,
) -> None:
    """Home Assistant sends them; whoever may not see them any more hears nothing of what comes."""
    user = hass_admin_user
    login = await hass.auth.async_create_refresh_token(
        user, CLIENT_ID, credential=hass_admin_credential
    )
    client = await hass_ws_client(hass, hass.auth.async_create_access_token(login))
    await client.send_json_auto_id(subscription)
    assert (await client.receive_json())["success"]
    assert (await client.receive_json())["type"] == "event"
    if end == "deactivated":
        await hass.auth.async_deactivate_user(user)
    elif end == "removed":
        await hass.auth.async_remove_user(user)
    else:
        hass.auth.async_remove_refresh_token(login)
    camera.start_recording("SD_DISK")
    await pass_time(hass, freezer, 60)
    async with asyncio.timeout(5):
        assert (await client.receive()).type in (WSMsgType.CLOSE, WSMsgType.CLOSED)
    await client.close()


# The ways into it


@pytest.mark.usefixtures("loaded")
async def test_rest(
    hass: HomeAssistant, camera: Camera, hass_client: ClientSessionGenerator
) -> None:
    """As the calendar of the front end, and others, ask for it."""
    recording_id = add(camera, NOON - HOUR)
    await keep_up(hass)
    client = await hass_client()
    answer = await client.get(
        f"/api/calendars/{CALENDAR}",
        params={"start": TODAY.isoformat(), "end": (TODAY + DAY).isoformat()},
    )
    assert answer.status == HTTPStatus.OK
    (event,) = await answer.json()
    assert event["start"] == {"dateTime": "2026-11-24T08:00:00-08:00"}
    assert event["end"] == {"dateTime": "2026-11-24T08:00:44-08:00"}
    assert event["summary"] == "Motion Recording"
    assert event["uid"] == f"SD_DISK/{recording_id}"

    listed = await (await client.get("/api/calendars")).json()
    assert listed == [
        {"name": "Front camera Recording calendar", "entity_id": CALENDAR}
    ]


@pytest.mark.usefixtures("loaded", "asks_camera")
async def test_rest_of_a_camera_that_does_not_answer(
    hass: HomeAssistant, camera: Camera, hass_client: ClientSessionGenerator
) -> None:
    """The answer says why."""
    client = await hass_client()
    camera.faults.set(LIST, Fault.RESET)
    answer = await client.get(
        f"/api/calendars/{CALENDAR}",
        params={"start": TODAY.isoformat(), "end": (TODAY + DAY).isoformat()},
    )
    assert answer.status == HTTPStatus.INTERNAL_SERVER_ERROR
    assert "Check that the camera is on" in (await answer.json())["message"]


@pytest.mark.usefixtures("loaded")
async def test_action(hass: HomeAssistant, camera: Camera) -> None:
    """As automations ask for it, which find in it what players need."""
    recording_id = add(camera, NOON - HOUR)
    await keep_up(hass)
    answer = await hass.services.async_call(
        CALENDAR_DOMAIN,
        "get_events",
        {
            "entity_id": CALENDAR,
            "start_date_time": TODAY.isoformat(),
            "duration": {"hours": 24},
        },
        blocking=True,
        return_response=True,
    )
    found: Any = answer
    (event,) = found[CALENDAR]["events"]
    assert event["start"] == "2026-11-24T11:00:00-05:00"
    assert event["end"] == "2026-11-24T11:00:44-05:00"
    assert event["summary"] == "Motion Recording"
    # As README says.
    wanted = "{{ description | regex_findall('media_content_id: (.+)') | first }}"
    content_id = Template(wanted, hass).async_render({**event})
    assert str(content_id).endswith(f"/play/SD_DISK/{recording_id}")


@pytest.mark.parametrize(
    ("fault", "key"),
    [
        (Fault.RESET, "cannot_connect"),
        (Fault.UNAUTHORIZED, "invalid_auth"),
        (Fault.UNAVAILABLE, "busy"),
        (Fault.HTML, "unexpected_answer"),
    ],
)
@pytest.mark.usefixtures("loaded", "asks_camera")
async def test_camera_that_does_not_answer(
    hass: HomeAssistant,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
    fault: Fault,
    key: str,
) -> None:
    """The reason is said in the user's words, as long as it lasts."""
    await ask(hass)
    camera.faults.set(LIST, fault)
    with pytest.raises(HomeAssistantError) as error:
        await ask(hass)
    assert error.value.translation_key == key
    placeholders = error.value.translation_placeholders
    assert placeholders
    assert placeholders["camera"] == "Front camera"

    camera.faults.clear()
    assert await ask(hass) == []


@pytest.mark.usefixtures("loaded", "asks_camera")
async def test_availability(
    hass: HomeAssistant, camera: Camera, freezer: FrozenDateTimeFactory
) -> None:
    """It goes and comes like the other entities, and a dashboard that can't read it is no failed command."""
    camera.faults.set(LIST, Fault.RESET)
    with pytest.raises(HomeAssistantError):
        await ask(hass)
    await pass_time(hass, freezer)
    assert state_of(hass, CALENDAR) == STATE_UNAVAILABLE
    camera.faults.clear()
    await pass_time(hass, freezer, 61)
    assert state_of(hass, CALENDAR) == STATE_OFF


async def test_camera_that_can_not_list_its_sources(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """The calendar is set up all the same."""
    data = loaded.runtime_data
    entities: list[CalendarEntity] = []
    data.metadata = CameraMetadata(
        hass, data.client, is_away=lambda: False, finder=data.finder
    )
    camera.faults.set(LIST, Fault.RESET)
    await async_setup_entry(hass, loaded, entities.extend)  # type: ignore[arg-type]
    assert len(entities) == 1


@pytest.mark.usefixtures("loaded")
async def test_nothing_can_be_changed(hass: HomeAssistant) -> None:
    """Recordings are made and removed elsewhere."""
    entity = er.async_get(hass).async_get(CALENDAR)
    assert entity
    assert entity.unique_id == "B8A44F0A1B2C-recordings"
    assert not entity.supported_features
