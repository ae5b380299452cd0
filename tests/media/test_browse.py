"""The folders of a camera in the media browser."""

from datetime import UTC, datetime, timedelta
import re
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from homeassistant.components.media_player import MediaClass
from homeassistant.components.media_source import Unresolvable, async_resolve_media
import pytest

from custom_components.axis_recordings.const import DOMAIN
from custom_components.axis_recordings.recordings.part import RecordingPart
from custom_components.axis_recordings.vapix import RecordingKey, RecordingQuery
from custom_components.axis_recordings.views.urls import thumbnail_path
from tests.camera import Account, Camera, CameraServer, Disk, Fault, Level, Quirks
from tests.common import added, make_entry, pass_time
from tests.local_days import LocalDay, on_local_days

from .browsing import (
    DAY,
    HOUR,
    MINUTE,
    NOON,
    ROOT,
    add,
    browse,
    children_of,
    keep_up,
    open_folder,
    refusal,
    titles,
    titles_of,
)

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

TIME = "/axis-cgi/time.cgi"

pytestmark = [pytest.mark.freeze_time(NOON), pytest.mark.usefixtures("media_browser")]


@pytest.fixture
def camera(freezer: FrozenDateTimeFactory) -> Camera:
    """Return a camera in New York without recordings."""
    return Camera()


@pytest.mark.parametrize("shape", ["counters", "childless", "bare"])
async def test_camera_without_recordings(
    hass: HomeAssistant, camera: Camera, loaded: MockConfigEntry, shape: Any
) -> None:
    """Its folder is empty, and so is each list, whatever an empty list looks like."""
    camera.quirks = Quirks(empty_list=shape)
    assert await titles(hass, entry=loaded) == []
    for name in ("today", "last_24_hours", "in_progress", "events", "day/2026-11-24"):
        assert await titles(hass, name, entry=loaded) == []


async def test_camera_that_is_away(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    server: CameraServer,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Lists go on, and say of when they are; the camera is not asked for them. To play says that it is away."""
    add(camera, NOON - HOUR)
    await keep_up(hass)
    camera.shut_down()
    await pass_time(hass, freezer)
    requests = len(server.requests)
    content_id = f"{ROOT}/{loaded.entry_id}"
    note = "as of 2026-11-24 12:00, as the camera does not answer"
    for path, title in (
        ("", "Front camera"),
        ("/today", "Today"),
        ("/in_progress", "In progress"),
        ("/disks", "By disk"),
        ("/disk/SD_DISK", "SD_DISK"),
        ("/month/2026-11", "2026-11 · 1 recording"),
        ("/day/2026-11-24", "2026-11-24 Tue · Today · 1 recording"),
    ):
        folder = await open_folder(hass, content_id + path)
        assert folder.title == f"{title} · {note}"
    (item,) = children_of(folder)
    assert item.title == "11:00:00 · Motion Recording · 0:00:44"
    assert len(server.requests) == requests
    with pytest.raises(Unresolvable, match="Check that the camera is on"):
        await async_resolve_media(hass, item.media_content_id, None)
    camera.start_up()
    await pass_time(hass, freezer)
    assert (await browse(hass, entry=loaded)).title == "Front camera"


@pytest.mark.usefixtures("asks_camera")
async def test_camera_that_is_away_before_all_is_known(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Each folder says so in a sentence, and opens again as soon as the camera is back."""
    add(camera, NOON - HOUR)
    camera.shut_down()
    content_id = f"{ROOT}/{loaded.entry_id}"
    for path in ("", "/today", "/day/2026-11-24", "/disk/SD_DISK"):
        text = await refusal(hass, content_id + path)
        assert text.startswith("Front camera: "), path
        assert "Check that the camera is on" in text
    camera.start_up()
    await pass_time(hass, freezer)
    assert await titles(hass, "today", entry=loaded) == [
        "11:00:00 · Motion Recording · 0:00:44"
    ]


@pytest.mark.usefixtures("asks_camera")
@pytest.mark.parametrize(
    "fault", [Fault.HTML, Fault.ERROR, Fault.NOT_FOUND, Fault.UNAVAILABLE, Fault.EMPTY]
)
async def test_camera_that_answers_strangely(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera, fault: Fault
) -> None:
    """That is a sentence, too."""
    await titles(hass, "today", entry=loaded)
    camera.faults.set("record/list.cgi", fault)
    for path in ("", "/today"):
        text = await refusal(hass, f"{ROOT}/{loaded.entry_id}{path}")
        assert "Front camera" in text
        assert " " in text


async def test_folders(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """First what is recent, then the days that hold something, newest first."""
    for hours in (1, 25, 26, 72):
        add(camera, NOON - hours * HOUR)
    folder = await browse(hass, entry=loaded)
    assert (folder.title, folder.can_search) == ("Front camera", True)
    assert titles_of(folder) == [
        "Today",
        "Last 24 hours",
        "In progress",
        "2026-11-24 Tue · Today · 1 recording",
        "2026-11-23 Mon · Yesterday · 2 recordings",
        "2026-11-21 Sat · 1 recording",
    ]
    for child in children_of(folder):
        assert child.media_class is MediaClass.DIRECTORY
        assert (child.can_play, child.can_expand, child.can_search) == (
            False,
            True,
            True,
        )
        opened = await open_folder(hass, child.media_content_id)
        assert opened.title == child.title
        assert opened.media_content_id == child.media_content_id
    assert await titles(hass, "day/2026-11-22", entry=loaded) == []


async def test_words_are_translated(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """They come from the texts of Home Assistant's language."""
    add(camera, NOON - HOUR)
    texts = {f"component.{DOMAIN}.common.today": "Heute"}
    with patch(
        "custom_components.axis_recordings.helpers.language.async_get_cached_translations",
        return_value=texts,
    ):
        assert (await titles(hass, entry=loaded))[0] == "Heute"


async def test_recordings_of_a_day(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """Newest first, by the camera's clock, to be played."""
    add(camera, NOON - 2 * HOUR, event_id="Gate")
    recording_id = add(camera, NOON - HOUR, 10 * MINUTE)
    add(camera, NOON - DAY)
    folder = await browse(hass, "day", "2026-11-24", entry=loaded)
    assert titles_of(folder) == [
        "11:00:00 · Motion Recording · 0:10:00",
        "10:00:00 · Gate · 0:00:44",
    ]
    first = children_of(folder)[0]
    part = RecordingPart(key=RecordingKey("SD_DISK", recording_id))
    assert first.media_content_id == f"{ROOT}/{loaded.entry_id}/play/{part.path}"
    assert first.thumbnail == thumbnail_path(loaded.entry_id, part)
    assert (first.can_play, first.can_expand) == (True, False)
    assert folder.children_media_class is MediaClass.VIDEO
    assert (first.media_class, first.media_content_type) == (
        MediaClass.VIDEO,
        "video/mp4",
    )
    assert await titles(hass, "today", entry=loaded) == titles_of(folder)


async def test_last_24_hours(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """They reach into yesterday."""
    add(camera, NOON - HOUR)
    add(camera, NOON - 23 * HOUR)
    add(camera, NOON - 25 * HOUR)
    assert await titles(hass, "last_24_hours", entry=loaded) == [
        "2026-11-24 11:00:00 · Motion Recording · 0:00:44",
        "2026-11-23 13:00:00 · Motion Recording · 0:00:44",
    ]


async def test_midnight(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """A recording is listed on each day that it has a part in, and on no other."""
    midnight = datetime(2026, 11, 24, 5, tzinfo=UTC)
    add(camera, midnight - MINUTE, 2 * MINUTE, event_id="across")
    add(camera, midnight - MINUTE, MINUTE, event_id="before")
    add(camera, midnight, MINUTE, event_id="after")
    assert await titles(hass, "day/2026-11-24", entry=loaded) == [
        "00:00:00 · after · 0:01:00",
        "2026-11-23 23:59:00 · across · 0:02:00",
    ]
    assert sorted(await titles(hass, "day/2026-11-23", entry=loaded)) == [
        "23:59:00 · across · 0:02:00",
        "23:59:00 · before · 0:01:00",
    ]


@on_local_days
async def test_local_days(
    hass: HomeAssistant, camera: Camera, loaded: MockConfigEntry, day: LocalDay
) -> None:
    """Some are shorter or longer, and everything in them is listed once."""
    camera.clock.time_zone = day.time_zone
    for hour in range(-1, day.hours + 1):
        add(camera, day.start + hour * HOUR, event_id=str(hour))
    listed = await titles(hass, "day", str(day.date), entry=loaded)
    assert [title.split(" · ")[1] for title in listed] == [
        str(hour) for hour in reversed(range(day.hours))
    ]
    # What a clock shows twice or never.
    clocks = [title[:2] for title in reversed(listed)]
    assert len(set(clocks)) == min(day.hours, 24)


async def test_months(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """A long past is found by month, and a month has its days."""
    for days in (*range(0, 80, 2), 400):
        add(camera, NOON - HOUR - days * DAY)
    listed = (await titles(hass, entry=loaded))[3:]
    assert [title[:10] for title in listed[:31]] == [
        str((NOON - days * DAY).date()) for days in range(0, 62, 2)
    ]
    assert listed[31:] == ["2026-09 · 12 recordings", "2025-10 · 1 recording"]
    days = await browse(hass, "month", "2026-10", entry=loaded)
    assert days.title == "2026-10 · 16 recordings"
    assert titles_of(days)[::7] == [
        "2026-10-31 Sat · 1 recording",
        "2026-10-17 Sat · 1 recording",
        "2026-10-03 Sat · 1 recording",
    ]
    assert await titles(hass, "month", "2025-10", entry=loaded) == [
        "2025-10-20 Mon · 1 recording"
    ]
    assert await titles(hass, "month", "2025-11", entry=loaded) == []


async def test_31_days_need_no_months(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """They are all in one list."""
    for days in range(31):
        add(camera, NOON - HOUR - days * DAY)
    listed = (await titles(hass, entry=loaded))[3:]
    assert len(listed) == 31
    assert all(title.endswith("1 recording") for title in listed)


async def test_older_recording_that_ends_last(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """It is counted on each day that it has a part in."""
    add(camera, NOON - 5 * DAY, 3 * DAY, recording_type="continuous")
    add(camera, NOON - 4 * DAY)
    assert (await titles(hass, entry=loaded))[3:] == [
        "2026-11-22 Sun · 1 recording",
        "2026-11-21 Sat · 1 recording",
        "2026-11-20 Fri · 2 recordings",
        "2026-11-19 Thu · 1 recording",
    ]


async def test_recordings_of_days_to_come(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """A clock that was years ahead fills no list with days."""
    add(camera, NOON - DAY)
    add(camera, NOON + 10_000 * DAY)
    ahead = str((NOON + 10_000 * DAY).date())
    assert (await titles(hass, entry=loaded))[3:] == [
        f"{ahead} Sat · 1 recording",
        "2026-11-23 Mon · Yesterday · 1 recording",
    ]
    assert len(await titles(hass, "day", ahead, entry=loaded)) == 1


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
@pytest.mark.usefixtures("asks_camera")
async def test_pages(
    hass: HomeAssistant, camera: Camera, loaded: MockConfigEntry, quirks: Quirks
) -> None:
    """A hundred at a time, each once, in order, however a camera counts that is asked."""
    camera.quirks = quirks
    for number in range(250):
        add(camera, NOON - HOUR - number * MINUTE, event_id=str(number))
    seen: list[str] = []
    folder = await browse(hass, "last_24_hours", entry=loaded)
    sizes: list[int] = []
    while True:
        *items, last = children_of(folder)
        sizes.append(len(items))
        if last.title != "More":
            items.append(last)
        seen += [item.title.split(" · ")[1] for item in items]
        if last.title != "More":
            break
        assert (last.can_expand, last.can_search) == (True, True)
        folder = await open_folder(hass, last.media_content_id)
        assert folder.title == "Last 24 hours"
    assert seen == [str(number) for number in range(250)]
    assert sizes[:2] == [100, 100]


async def test_more_beyond_the_end(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """A page that is no longer there is empty."""
    add(camera, NOON - HOUR)
    assert await titles(hass, "today/from/100", entry=loaded) == []


async def test_folders_ask_nothing(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """Out of the index, folders cost the camera no request, and lists reach to the oldest recording."""
    async with added(hass, Camera(recordings=5_050)) as (server, entry):
        content_id = f"{ROOT}/{entry.entry_id}"
        # Which is asked for once an hour.
        await entry.runtime_data.metadata.async_time_zone(None)
        server.requests.clear()
        folder = await open_folder(hass, content_id)
        for child in children_of(folder):
            opened = await open_folder(hass, child.media_content_id)
            assert opened.title == child.title
        disk = f"{content_id}/disk/SD_DISK"
        page = await open_folder(hass, f"{disk}/from/4900")
        assert children_of(page)[-1].media_content_id == f"{disk}/from/5000"
        page = await open_folder(hass, f"{disk}/from/5000")
        assert len(children_of(page)) == 50
        assert (await open_folder(hass, ROOT)).children
        assert not server.requests


@pytest.mark.usefixtures("asks_camera")
async def test_first_walk(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Until all is known, a page of the newest is asked for, and the folder says that it may not be all."""
    async with added(hass, Camera(recordings=2_000)) as (server, entry):
        content_id = f"{ROOT}/{entry.entry_id}"
        await browse(hass, entry=entry)
        server.requests.clear()
        folder = await open_folder(hass, content_id)
        assert folder.title == "Front camera · may not be all yet"
        assert len(server.requests) == 1
        *_, day, more = children_of(folder)
        assert re.fullmatch(r"2026-11-\d\d \w{3}( · \w+)?", day.title)
        assert more.title == "All recordings"
        server.requests.clear()
        assert len(children_of(await open_folder(hass, more.media_content_id))) == 101
        assert len(server.requests) == 1
        assert server.requests[0].query["maxnumberofresults"] == "101"
        server.requests.clear()
        folder = await browse(hass, "month", "2026-11", entry=entry)
        assert folder.title == "2026-11 · may not be all yet"
        listed = await browse(hass, "day", "2026-11-20", entry=entry)
        assert listed.title == "2026-11-20 Fri"
        assert len(children_of(listed)) == 101
        query = server.requests[-1].query
        assert query["starttime"].startswith("2026-11-20T05:00:00")


async def test_first_walk_of_few(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera, asks_camera: None
) -> None:
    """What fits on a page is all there is, and only not counted."""
    add(camera, NOON - HOUR)
    add(camera, NOON - 3 * DAY, 2 * DAY)
    folder = await browse(hass, entry=loaded)
    assert folder.title == "Front camera"
    assert titles_of(folder)[3:] == [
        "2026-11-24 Tue · Today",
        "2026-11-23 Mon · Yesterday",
        "2026-11-22 Sun",
        "2026-11-21 Sat",
    ]


async def test_picture_of_a_camera(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera, server: CameraServer
) -> None:
    """A camera shows how its newest recording begins that has ended; nobody asks the camera for the picture."""
    folder = await browse(hass, entry=loaded)
    assert folder.thumbnail is None
    assert children_of(await open_folder(hass, ROOT))[0].thumbnail is None
    add(camera, NOON - 2 * HOUR)
    newest = add(camera, NOON - HOUR)
    camera.start_recording()
    await keep_up(hass)
    server.requests.clear()
    part = RecordingPart(key=RecordingKey("SD_DISK", newest))
    path = thumbnail_path(loaded.entry_id, part)
    assert children_of(await open_folder(hass, ROOT))[0].thumbnail == path
    folder = await open_folder(hass, f"{ROOT}/{loaded.entry_id}")
    assert folder.thumbnail == path
    assert not server.requests


async def test_by_disk_source_and_event(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """There are folders where there is a choice, and titles then tell disk and source."""
    camera = Camera(disks=[Disk("SD_DISK"), Disk("NetworkShare")], sources=2)
    add(camera, NOON - HOUR, disk_id="SD_DISK", source="1", event_id="Gate / door")
    add(camera, NOON - 2 * HOUR, disk_id="NetworkShare", source="2", event_id="Ünï 50%")
    async with added(hass, camera) as (_, entry):
        assert (await titles(hass, entry=entry))[:6] == [
            "Today",
            "Last 24 hours",
            "In progress",
            "By disk",
            "By source",
            "By rule",
        ]
        first = "11:00:00 · Gate / door · 0:00:44 · SD_DISK · Source 1"
        second = "10:00:00 · Ünï 50% · 0:00:44 · NetworkShare · Source 2"
        assert await titles(hass, "today", entry=entry) == [first, second]
        for kind, names in (
            ("disks", ["SD_DISK", "NetworkShare"]),
            ("sources", ["Source 1", "Source 2"]),
            ("events", ["Gate / door", "Ünï 50%"]),
        ):
            folder = await browse(hass, kind, entry=entry)
            assert sorted(titles_of(folder)) == sorted(names)
            for child in children_of(folder):
                opened = await open_folder(hass, child.media_content_id)
                assert opened.title == child.title
                expected = first if child.title == names[0] else second
                assert titles_of(opened) == [f"2026-11-24 {expected}"]


async def test_one_of_each_is_no_choice(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """Then there are no such folders, also not for a disk that isn't there."""
    camera.attach_disk(Disk("NetworkShare", status="disconnected"))
    await hass.config_entries.async_reload(loaded.entry_id)
    add(camera, NOON - HOUR)
    assert (await titles(hass, entry=loaded))[2:] == [
        "In progress",
        "2026-11-24 Tue · Today · 1 recording",
    ]


@pytest.mark.usefixtures("asks_camera")
@pytest.mark.parametrize("spaced", [True, False])
async def test_names_of_events_are_asked_for_again(
    hass: HomeAssistant,
    camera: Camera,
    loaded: MockConfigEntry,
    server: CameraServer,
    spaced: bool,
) -> None:
    """But not each time that somebody opens a folder."""
    camera.quirks = Quirks(spaced_values=spaced)
    add(camera, NOON - HOUR, event_id="Gate")

    def asked() -> int:
        return sum(
            request.query.get("listentity") == "eventid" for request in server.requests
        )

    assert await titles(hass, "events", entry=loaded) == ["Gate"]
    await titles(hass, entry=loaded)
    assert asked() == 1
    add(camera, NOON - HOUR, event_id="Door")
    with patch(
        "custom_components.axis_recordings.recordings.metadata.NAMES_AGE",
        timedelta(seconds=-1),
    ):
        loaded.runtime_data.metadata._events.age.forget()
        assert await titles(hass, "events", entry=loaded) == ["Door", "Gate"]
    assert asked() == 2


@pytest.mark.parametrize("fault", [Fault.ERROR, Fault.HTML, Fault.NOT_FOUND])
async def test_camera_that_lists_no_names(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera, fault: Fault
) -> None:
    """Everything else can be browsed."""
    add(camera, NOON - HOUR)
    await loaded.runtime_data.recordings.async_refresh()
    # The calendar has asked for them already.
    loaded.runtime_data.metadata._sources.age.forget()
    await keep_up(hass)
    camera.faults.set("record/list.cgi", fault, times=1)
    folder = await open_folder(hass, f"{ROOT}/{loaded.entry_id}/today")
    assert len(children_of(folder)) == 1


async def test_no_source_attribute(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """Recordings that don't report their source are listed by it all the same."""
    camera = Camera(sources=2, quirks=Quirks(source_attribute=False))
    add(camera, NOON - HOUR, source="1")
    add(camera, NOON - 2 * HOUR, source="2")
    async with added(hass, camera) as (_, entry):
        assert await titles(hass, "source", "2", entry=entry) == [
            "2026-11-24 10:00:00 · Motion Recording · 0:00:44"
        ]


@pytest.mark.usefixtures("asks_camera")
async def test_disk_that_is_gone(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """It has nothing on it, or the camera says why."""
    for answer, expected in (
        ("empty", None),
        ("error", "refuses"),
        ("not_found", "no disk"),
    ):
        camera = Camera(serial="B8A44F0A1B2E", quirks=Quirks(missing_disk=answer))  # type: ignore[arg-type]
        async with added(hass, camera) as (_, entry):
            if expected is None:
                assert await titles(hass, "disk", "Gone", entry=entry) == []
            else:
                text = await refusal(hass, f"{ROOT}/{entry.entry_id}/disk/Gone")
                assert expected in text
        await hass.config_entries.async_remove(entry.entry_id)


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
    """It is found there at once, and in each list that it belongs to, whatever cameras make of windows."""
    camera.quirks = quirks
    add(camera, NOON - HOUR)
    add(camera, NOON - 50 * HOUR)
    recording_id = camera.start_recording()
    freezer.tick(90)
    title = "12:00:00 · Motion Recording · 0:01:30 · In progress"
    folder = await browse(hass, "in_progress", entry=loaded)
    assert titles_of(folder) == [f"2026-11-24 {title}"]
    (item,) = children_of(folder)
    assert item.can_play
    assert item.media_content_id.endswith(f"/play/SD_DISK/{recording_id}")
    for name in ("today", "day/2026-11-24"):
        assert await titles(hass, name, entry=loaded) == [
            title,
            "11:00:00 · Motion Recording · 0:00:44",
        ], name
    for name in ("last_24_hours", "disk/SD_DISK"):
        listed = await titles(hass, name, entry=loaded)
        assert listed[0] == f"2026-11-24 {title}", name
    assert len(await titles(hass, "day/2026-11-22", entry=loaded)) == 1
    assert await titles(hass, "day/2026-11-23", entry=loaded) == []

    camera.end_recording(recording_id)
    assert await titles(hass, "in_progress", entry=loaded) == []


async def test_camera_clock_counts(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """Today is the camera's today, and its clock tells how long something goes on."""
    async with added(hass, Camera(clock_offset=-DAY)) as (_, entry):
        camera = entry.runtime_data
        await camera.client.start_recording("SD_DISK")
        freezer.tick(60)
        title = "12:00:00 · continuous · 0:01:00 · In progress"
        listed = await titles(hass, "in_progress", entry=entry)
        assert listed == [f"2026-11-23 {title}"]
        assert await titles(hass, "today", entry=entry) == [title]


async def test_long_recording(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """It opens into slices at round times, oldest first."""
    start = NOON - 2 * HOUR + timedelta(seconds=83)
    recording_id = add(camera, start, 13 * MINUTE)
    (item,) = children_of(await browse(hass, "event/Motion%20Recording", entry=loaded))
    assert item.title == "2026-11-24 10:01:23 · Motion Recording · 0:13:00"
    assert (item.can_play, item.can_expand) == (False, True)
    folder = await open_folder(hass, item.media_content_id)
    assert folder.title == item.title
    assert titles_of(folder) == [
        "10:01:23 · Motion Recording · 0:03:37",
        "10:05:00 · Motion Recording · 0:05:00",
        "10:10:00 · Motion Recording · 0:04:23",
    ]
    middle = children_of(folder)[1]
    part = RecordingPart(
        key=RecordingKey("SD_DISK", recording_id),
        start=datetime(2026, 11, 24, 15, 5, tzinfo=UTC),
        end=datetime(2026, 11, 24, 15, 10, tzinfo=UTC),
    )
    assert middle.media_content_id == f"{ROOT}/{loaded.entry_id}/play/{part.path}"
    assert middle.thumbnail == thumbnail_path(loaded.entry_id, part)
    assert middle.can_play


async def test_long_recording_of_a_day(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """A day shows its part only, and plays a short part at once."""
    midnight = datetime(2026, 11, 23, 5, tzinfo=UTC)
    add(camera, midnight - 2 * MINUTE, DAY + 22 * MINUTE, event_id="long")
    (whole,) = children_of(await browse(hass, "event/long", entry=loaded))
    assert whole.title == "2026-11-22 23:58:00 · long · 24:22:00"
    days = await open_folder(hass, whole.media_content_id)
    assert titles_of(days) == [
        "2026-11-22 Sun",
        "2026-11-23 Mon · Yesterday",
        "2026-11-24 Tue · Today",
    ]
    (part,) = children_of(await browse(hass, "day/2026-11-23", entry=loaded))
    assert part.title == "00:00:00 · long · 24:00:00"
    assert part.media_content_id == children_of(days)[1].media_content_id
    slices = titles_of(await open_folder(hass, part.media_content_id))
    assert len(slices) == 288
    assert (slices[0], slices[-1]) == (
        "00:00:00 · long · 0:05:00",
        "23:55:00 · long · 0:05:00",
    )
    (before,) = children_of(await browse(hass, "day/2026-11-22", entry=loaded))
    assert (before.title, before.can_play) == (
        "23:58:00 · long · 0:02:00",
        True,
    )
    (after,) = children_of(await browse(hass, "day/2026-11-24", entry=loaded))
    assert titles_of(await open_folder(hass, after.media_content_id)) == [
        f"00:{minute:02}:00 · long · 0:05:00" for minute in (0, 5, 10, 15)
    ]


async def test_long_recording_when_clocks_change(
    hass: HomeAssistant, camera: Camera, loaded: MockConfigEntry
) -> None:
    """The hour that comes twice is there twice, and the day is whole."""
    camera.clock.time_zone = "Europe/Stockholm"
    add(camera, datetime(2026, 10, 24, 10, tzinfo=UTC), 2 * DAY)
    (part,) = children_of(await browse(hass, "day/2026-10-25", entry=loaded))
    assert part.title == "00:00:00 · Motion Recording · 25:00:00"
    slices = titles_of(await open_folder(hass, part.media_content_id))
    assert len(slices) == 25 * 12
    assert sum(title.startswith("02:30:00") for title in slices) == 2


async def test_recording_of_months(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """It opens into months, days and slices."""
    add(camera, NOON - 72 * DAY, 71 * DAY + 2 * HOUR, event_id="long")
    (whole,) = children_of(await browse(hass, "event/long", entry=loaded))
    assert whole.title == "2026-09-13 13:00:00 · long · 1706:00:00"
    months = await open_folder(hass, whole.media_content_id)
    assert titles_of(months) == ["2026-09", "2026-10", "2026-11"]
    days = await open_folder(hass, children_of(months)[1].media_content_id)
    assert [title[:10] for title in titles_of(days)] == [
        f"2026-10-{day:02}" for day in range(1, 32)
    ]
    days = await open_folder(hass, children_of(months)[2].media_content_id)
    assert titles_of(days)[-1] == "2026-11-23 Mon · Yesterday"
    slices = await open_folder(hass, children_of(days)[-1].media_content_id)
    assert titles_of(slices)[-1] == "13:55:00 · long · 0:05:00"


async def test_recording_of_centuries(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """A clock was set while it went on: nobody knows its length."""
    add(camera, datetime(1970, 1, 1, 6, tzinfo=UTC), 20_000 * DAY, event_id="long")
    add(camera, NOON - HOUR)
    (item,) = children_of(await browse(hass, "event/long", entry=loaded))
    assert (item.title, item.can_play) == ("1970-01-01 01:00:00 · long", True)
    assert len(await titles(hass, "today", entry=loaded)) == 1
    assert (await titles(hass, entry=loaded))[-1] == "1970-01-01 Thu · 1 recording"


async def test_long_recording_that_goes_on(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Its last slice has no end yet."""
    recording_id = camera.start_recording(event_id="long")
    freezer.tick(13 * 60)
    (item,) = children_of(await browse(hass, "in_progress", entry=loaded))
    assert item.title == "2026-11-24 12:00:00 · long · 0:13:00 · In progress"
    (today,) = children_of(await browse(hass, "today", entry=loaded))
    slices = await open_folder(hass, today.media_content_id)
    assert titles_of(slices) == [
        "12:00:00 · long · 0:05:00",
        "12:05:00 · long · 0:05:00",
        "12:10:00 · long · 0:03:00 · In progress",
    ]
    assert children_of(slices)[-1].media_content_id.endswith(
        f"/{recording_id}/20261124T171000.000000Z"
    )
    freezer.tick(60)
    slices = await open_folder(hass, today.media_content_id)
    assert titles_of(slices)[-1] == "12:10:00 · long · 0:04:00 · In progress"


async def test_removed_recording(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
) -> None:
    """It leaves the lists once polls have shown that it is gone, and its folder says so."""
    recording_id = add(camera, NOON - DAY, HOUR)
    add(camera, NOON - HOUR)
    (item,) = children_of(await browse(hass, "day/2026-11-23", entry=loaded))
    camera.remove_recording(recording_id)
    for _ in range(4):
        await pass_time(hass, freezer)
    assert (await titles(hass, entry=loaded))[3:] == [
        "2026-11-24 Tue · Today · 1 recording"
    ]
    text = await refusal(hass, item.media_content_id)
    assert "Front camera no longer has this recording" in text


@pytest.mark.usefixtures("asks_camera")
async def test_long_recording_that_is_gone(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """Its folder says so."""
    recording_id = add(camera, NOON - DAY, HOUR)
    (item,) = children_of(await browse(hass, "day/2026-11-23", entry=loaded))
    camera.clean_up(NOON - DAY + 30 * MINUTE)
    assert len(titles_of(await open_folder(hass, item.media_content_id))) == 6
    camera.remove_recording(recording_id)
    text = await refusal(hass, item.media_content_id)
    assert "Front camera no longer has this recording" in text


@pytest.mark.usefixtures("asks_camera")
async def test_part_that_is_gone(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """Of a day that was cleaned up nothing is left."""
    add(camera, NOON - 2 * DAY, 2 * DAY)
    (item,) = children_of(await browse(hass, "day/2026-11-22", entry=loaded))
    camera.clean_up(NOON - DAY)
    assert titles_of(await open_folder(hass, item.media_content_id)) == []


@pytest.mark.usefixtures("asks_camera")
async def test_bad_times(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """What can't be played is not shown, and the rest is."""
    add(camera, NOON - 2 * HOUR)
    add(camera, NOON - HOUR, timedelta(seconds=-1))
    add(camera, NOON - HOUR / 2)
    await titles(hass, "today", entry=loaded)
    camera.faults.set("record/list.cgi", Fault.BAD_TIME)
    folder = await open_folder(hass, f"{ROOT}/{loaded.entry_id}/today")
    assert titles_of(folder) == ["10:00:00 · Motion Recording · 0:00:44"]
    # One has no beginning, so it is of no day.
    assert folder.not_shown == 1
    await titles(hass, entry=loaded)


@pytest.mark.usefixtures("asks_camera")
async def test_bad_times_at_both_ends(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """The days between the newest and the oldest are shown also where the times of these two make no sense."""
    add(camera, datetime(1903, 4, 5, tzinfo=UTC))
    add(camera, NOON - 2 * DAY)
    add(camera, NOON - HOUR)
    camera.faults.set("record/list.cgi", Fault.BAD_TIME, times=None)
    await loaded.runtime_data.recordings.async_refresh()
    assert loaded.runtime_data.recordings.data.newest
    assert loaded.runtime_data.recordings.data.newest.start is None
    assert await titles(hass, entry=loaded) == [
        "Today",
        "Last 24 hours",
        "In progress",
        "2026-11-22 Sun",
    ]


@pytest.mark.usefixtures("asks_camera")
async def test_unknown_end(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """A recording without an end that is not going on is where it began."""
    add(camera, NOON - 2 * DAY, HOUR)
    await titles(hass, "today", entry=loaded)
    camera.faults.set(
        "record/list.cgi", Fault.MISSING_ATTRIBUTES, attributes=("stoptime",)
    )
    folder = await browse(hass, "day/2026-11-22", entry=loaded)
    assert titles_of(folder) == ["12:00:00 · Motion Recording"]
    assert children_of(folder)[0].can_play
    assert await titles(hass, "today", entry=loaded) == []


async def test_no_names_at_all(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """A recording that tells nothing of itself is called by its time, trigger or type."""
    add(camera, NOON - HOUR, event_id="", event_trigger="Door contact")
    add(camera, NOON - 2 * HOUR, event_id="", event_trigger="")
    assert await titles(hass, "today", entry=loaded) == [
        "11:00:00 · Door contact · 0:00:44",
        "10:00:00 · triggered · 0:00:44",
    ]


async def test_time_zone_is_asked_for_once(
    hass: HomeAssistant,
    camera: Camera,
    loaded: MockConfigEntry,
    server: CameraServer,
) -> None:
    """It decides where days begin."""
    add(camera, datetime(2026, 11, 24, 4, 59, tzinfo=UTC))
    assert await titles(hass, "day/2026-11-24", entry=loaded) == []
    assert len(await titles(hass, "day/2026-11-23", entry=loaded)) == 1
    assert sum(request.path == TIME for request in server.requests) == 1


@pytest.mark.parametrize(
    ("own", "day"),
    [
        # The same offset as the camera's, so most likely the same place.
        ("America/New_York", "2026-07-15"),
        # Another one: all that is known is the offset of the newest recording, that of winter.
        ("Europe/Stockholm", "2026-07-14"),
    ],
)
async def test_camera_does_not_report_its_time_zone(
    hass: HomeAssistant, camera: Camera, loaded: MockConfigEntry, own: str, day: str
) -> None:
    """It is concluded from what is known."""
    await hass.config.async_set_time_zone(own)
    camera.quirks = Quirks(time_api=False)
    add(camera, NOON - HOUR)
    add(camera, datetime(2026, 7, 15, 4, 30, tzinfo=UTC))
    await loaded.runtime_data.recordings.async_refresh()
    # The recording itself tells what the clock showed.
    (title,) = await titles(hass, "day", day, entry=loaded)
    assert title.endswith("00:30:00 · Motion Recording · 0:00:44")
    assert title.startswith("2026-07-15") is (day != "2026-07-15")


@pytest.mark.usefixtures("asks_camera")
async def test_no_time_zone_and_no_recordings(
    hass: HomeAssistant, camera: Camera, loaded: MockConfigEntry
) -> None:
    """Then days are Home Assistant's."""
    await hass.config.async_set_time_zone("Europe/Stockholm")
    camera.quirks = Quirks(time_api=False)
    assert await titles(hass, entry=loaded) == []
    add(camera, datetime(2026, 11, 23, 23, tzinfo=UTC))
    day = await open_folder(hass, f"{ROOT}/{loaded.entry_id}/day/2026-11-24")
    assert len(children_of(day)) == 1


async def test_unknown_time_zone(
    hass: HomeAssistant, camera: Camera, loaded: MockConfigEntry
) -> None:
    """A name that Home Assistant does not know is as good as none."""
    add(camera, NOON - HOUR)
    with patch(
        "custom_components.axis_recordings.vapix.VapixClient.fetch_time_zone",
        return_value="Mars/Olympus_Mons",
    ):
        await loaded.runtime_data.recordings.async_refresh()
        assert await titles(hass, "today", entry=loaded) == [
            "11:00:00 · Motion Recording · 0:00:44"
        ]


@pytest.mark.parametrize("own", ["UTC", "Europe/London"])
@pytest.mark.parametrize(
    "quirks",
    [
        Quirks(time_zone="posix"),
        Quirks(time_zone="posix", time_api=False, time_rest=True),
        Quirks(time_api=False, time_rest=True),
    ],
)
async def test_rule_of_posix(
    hass: HomeAssistant,
    camera: Camera,
    loaded: MockConfigEntry,
    own: str,
    quirks: Quirks,
) -> None:
    """Days and titles agree in winter and in summer, wherever the camera reports its time zone."""
    await hass.config.async_set_time_zone(own)
    camera.clock.time_zone, camera.quirks = "Europe/Stockholm", quirks
    loaded.runtime_data.metadata.async_forget()
    add(camera, datetime(2026, 7, 14, 22, 30, tzinfo=UTC))
    add(camera, datetime(2026, 10, 24, 22, 15, tzinfo=UTC))
    add(camera, NOON - HOUR)
    await loaded.runtime_data.recordings.async_refresh()
    assert await titles(hass, "day/2026-07-14", entry=loaded) == []
    for day, title in (
        ("2026-07-15", "00:30:00"),
        ("2026-10-25", "00:15:00"),
    ):
        (found,) = await titles(hass, "day", day, entry=loaded)
        assert found.startswith(title)


async def test_time_zone_changes(
    hass: HomeAssistant,
    camera: Camera,
    loaded: MockConfigEntry,
    server: CameraServer,
    freezer: FrozenDateTimeFactory,
) -> None:
    """A camera that has moved is followed: once a recording shows it, else within an hour."""

    def asked() -> int:
        return sum(request.path == TIME for request in server.requests)

    add(camera, NOON - HOUR)
    await loaded.runtime_data.recordings.async_refresh()
    assert (await titles(hass, "today", entry=loaded))[0].startswith("11:00")
    assert asked() == 1
    camera.clock.time_zone = "Europe/Stockholm"
    with patch.object(
        loaded.runtime_data.metadata._zone_age,
        "_asked",
        hass.loop.time() - 301,
    ):
        # The list says the offset of a recording by the time zone that the camera has now.
        await loaded.runtime_data.recordings.async_refresh()
        await titles(hass, "today", entry=loaded)
        assert asked() == 2
        await titles(hass, "today", entry=loaded)
        assert asked() == 2
    loaded.runtime_data.metadata.async_forget()
    await titles(hass, "today", entry=loaded)
    assert asked() == 3


async def test_time_zone_is_asked_for_again_after_a_failure(
    hass: HomeAssistant, camera: Camera, loaded: MockConfigEntry, server: CameraServer
) -> None:
    """What failed once may work the next time; what was known before stays."""
    metadata = loaded.runtime_data.metadata
    camera.faults.set("time.cgi", Fault.STATUS, status=500)
    assert str(await metadata.async_time_zone(None)) == "US/Pacific"
    camera.faults.clear()
    assert str(await metadata.async_time_zone(None)) == "US/Pacific"
    metadata._zone_age._asked -= 301
    assert str(await metadata.async_time_zone(None)) == "America/New_York"
    camera.faults.set("time.cgi", Fault.HTML)
    metadata._zone_age._asked -= 3601
    assert str(await metadata.async_time_zone(None)) == "America/New_York"
    assert sum(request.path == TIME for request in server.requests) == 3


@pytest.mark.parametrize("digits", [0, 6])
async def test_recording_that_ends_when_it_begins(
    hass: HomeAssistant, camera: Camera, loaded: MockConfigEntry, digits: Any
) -> None:
    """In whole seconds, short recordings have no length; they are shown and can be opened all the same."""
    camera.quirks = Quirks(fraction_digits=digits)
    add(camera, NOON - HOUR, timedelta(0))
    add(camera, NOON - 2 * HOUR + timedelta(seconds=0.2), timedelta(seconds=0.6))
    await loaded.runtime_data.recordings.async_refresh()
    for folder in ("today", "day/2026-11-24", "last_24_hours"):
        listed = await browse(hass, folder, entry=loaded)
        assert len(children_of(listed)) == 2
        assert listed.not_shown == 0
        for child in children_of(listed):
            assert child.can_play
    for recording in (
        await loaded.runtime_data.client.fetch_recordings(RecordingQuery())
    ).recordings:
        span = RecordingPart(key=recording.key).within(recording, NOON)
        assert timedelta(0) < span.duration <= timedelta(seconds=1)


async def test_viewer_account(
    hass: HomeAssistant, camera: Camera, server: CameraServer
) -> None:
    """The camera's own viewers see recordings, but no disks."""
    camera.accounts["viewer"] = Account("viewer-secret", Level.VIEWER)
    entry = make_entry(camera, server)
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(
        entry,
        data={**entry.data, "username": "viewer", "password": "viewer-secret"},
    )
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    camera.attach_disk(Disk("NetworkShare"))
    add(camera, NOON - HOUR)
    add(camera, NOON - 2 * HOUR, disk_id="NetworkShare")
    assert "By disk" not in await titles(hass, entry=entry)
    # Those beside each other are distinguished.
    assert await titles(hass, "today", entry=entry) == [
        "11:00:00 · Motion Recording · 0:00:44 · SD_DISK",
        "10:00:00 · Motion Recording · 0:00:44 · NetworkShare",
    ]


FORM = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d · \S.* · \d+:\d\d:\d\d")


async def test_form_of_titles(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """Cards rely on it."""
    async with added(hass, Camera(recordings=300)) as (_, entry):
        folder = await browse(hass, "disk", "SD_DISK", entry=entry)
        for title in titles_of(folder)[:-1]:
            assert FORM.fullmatch(title)
            datetime.strptime(title[:19], "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007
