"""Searching in the media browser."""

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from homeassistant.components.media_player import (
    BrowseError,
    MediaClass,
    SearchMediaQuery,
)
from homeassistant.components.media_source import (
    async_browse_media,
    async_search_media,
)
from homeassistant.setup import async_setup_component
import pytest

from custom_components.axis_recordings.const import DOMAIN
from custom_components.axis_recordings.helpers.answers import ANSWER_SECONDS
from custom_components.axis_recordings.recordings.search import MAX_EXAMINED
from tests.camera import Camera, CameraServer, Disk, Fault, Quirks
from tests.common import LIST, added, call
from tests.waiting import LONG_WHILE, settle

from .browsing import (
    DAY,
    HOUR,
    MINUTE,
    NOON,
    ROOT,
    keep_up,
    open_folder,
    refusal,
    titles_of,
)

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry


pytestmark = [pytest.mark.freeze_time(NOON), pytest.mark.usefixtures("media_browser")]


@pytest.fixture
def camera(freezer: FrozenDateTimeFactory) -> Camera:
    """Return a camera in New York with recordings of several kinds."""
    camera = Camera()
    for number, event, trigger in (
        (1, "Gate", "Digital input 2"),
        (2, "Motion Recording", "Record video while the rule is active"),
        (26, "Motion Recording", "Record video while the rule is active"),
        (40 * 24, "Gate", "Digital input 2"),
    ):
        start = NOON - number * HOUR
        camera.add_recording(
            start, start + MINUTE, event_id=event, event_trigger=trigger
        )
    return camera


async def search(
    hass: HomeAssistant,
    text: str,
    entry: MockConfigEntry | None = None,
    path: str = "",
    classes: list[MediaClass] | None = None,
) -> list[Any]:
    """Return what is found. If that is nothing, there is a hint with three examples instead."""
    place = f"{ROOT}/{entry.entry_id}{path}" if entry else ROOT
    query = SearchMediaQuery(search_query=text, media_filter_classes=classes)
    found = await async_search_media(hass, place, query)
    found.as_dict()
    items = list(found.result)
    if not any(item.title.startswith("Nothing found") for item in items):
        return items
    assert len(items) == 4
    for item in items:
        assert (item.can_play, item.can_expand) == (False, True)
        assert not classes or item.media_class in classes
    return []


async def starts(*args: Any, **more: Any) -> list[str]:
    """Return when the recordings began that are found."""
    return [item.title[:16] for item in await search(*args, **more)]


FIRST, SECOND = "2026-11-24 11:00", "2026-11-24 10:00"
THIRD, FOURTH = "2026-11-23 10:00", "2026-10-15 13:00"


WORDS: tuple[tuple[str, list[str]], ...] = (
    ("", [FIRST, SECOND, THIRD, FOURTH]),
    ("motion", [SECOND, THIRD]),
    ("MOTION Rec", [SECOND, THIRD]),
    ("recording motion", [SECOND, THIRD]),
    ("input 2", [FIRST, FOURTH]),
    ("gate motion", []),
    ("triggered", [FIRST, SECOND, THIRD, FOURTH]),
    ("continuous", []),
    ("2026-11-24", [FIRST, SECOND]),
    ("2026-11", [FIRST, SECOND, THIRD]),
    ("2026-11 gate", [FIRST]),
    ("gate 2026-10-15", [FOURTH]),
    ("11-24", [FIRST, SECOND]),
    ("10:00", [SECOND]),
    ("10:00:00", [SECOND]),
    ("9:30", []),
    ("motion yesterday", [THIRD]),
    ("this morning", [FIRST, SECOND]),
    ("Monday 10 am", [THIRD]),
    ("11/23", [THIRD]),
    ("15 Oct gate", [FOURTH]),
    ("last month", [FOURTH]),
    ("1 hour ago", [FIRST]),
    ("between 10 and 11:30", [FIRST, SECOND]),
    ("last week", []),
    ("2026-11-24 10:00", [SECOND]),
    ("10:00 2026-11-24 motion", [SECOND]),
    ("2026-11-24 10:00:59", [SECOND]),
    ("2026-11-24 10:02", []),
    ("2026-11-24 25:00", []),
    ("2026-11-24 2026-11-23", []),
    ("sd_disk", [FIRST, SECOND, THIRD, FOURTH]),
    ("2026-02-31", []),
    ("../..", []),
)
FOLDERS: tuple[tuple[str, list[str]], ...] = (
    ("/today", [FIRST]),
    ("/last_24_hours", [FIRST]),
    ("/day/2026-10-15", [FOURTH]),
    ("/month/2026-10", [FOURTH]),
    ("/month/2026-11", [FIRST]),
    ("/disk/SD_DISK", [FIRST, FOURTH]),
    ("/disks", [FIRST, FOURTH]),
    ("/source/1", [FIRST, FOURTH]),
    ("/event/Gate", [FIRST, FOURTH]),
    ("/event/Gate/from/100", [FIRST, FOURTH]),
    ("/event/Motion%20Recording", []),
    ("/in_progress", []),
)


async def test_words(
    hass: HomeAssistant, loaded: MockConfigEntry, subtests: pytest.Subtests
) -> None:
    """All of them have to be found, whatever their case and order; the newest come first."""
    for text, expected in WORDS:
        with subtests.test(text):
            assert await starts(hass, text, loaded) == expected
            assert await starts(hass, text) == expected


async def test_folders(
    hass: HomeAssistant, loaded: MockConfigEntry, subtests: pytest.Subtests
) -> None:
    """A search in a folder finds what is in it, on all its pages."""
    for path, expected in FOLDERS:
        with subtests.test(path):
            assert await starts(hass, "gate", loaded, path=path) == expected


@pytest.mark.parametrize(
    ("path", "text"),
    [("/day/2026-11-24", "2026-11-23"), ("/month/2026-10", "2026-11-24")],
)
async def test_date_elsewhere(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    server: CameraServer,
    path: str,
    text: str,
) -> None:
    """A date that the folder does not hold needs no question to the camera."""
    await search(hass, text, loaded, path=path)
    server.requests.clear()
    assert await search(hass, text, loaded, path=path) == []
    assert not server.requests


async def test_index_is_searched(
    hass: HomeAssistant, loaded: MockConfigEntry, server: CameraServer
) -> None:
    """Out of the index, a search costs the camera no request."""
    await search(hass, "gate", loaded)
    server.requests.clear()
    for text, expected in WORDS:
        assert await starts(hass, text, loaded) == expected
    assert not server.requests


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("/day/2026-10-15", "13:00", [FOURTH]),
        ("/day/2026-10-15", "gate in the afternoon", [FOURTH]),
        ("/day/2026-10-15", "10:00", []),
        ("/day/2026-11-23", "between 9 and 11", [THIRD]),
        ("/day/2026-11-23", "since 9", [THIRD]),
        ("/month/2026-10", "the 15th", [FOURTH]),
        ("/month/2026-11", "10:00", [SECOND]),
        ("/today", "evening", []),
        ("/last_24_hours", "10:00", [SECOND]),
    ],
)
async def test_time_of_day_in_a_folder(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    path: str,
    text: str,
    expected: list[str],
) -> None:
    """In the folder of a day it is one of that day, else the latest in the folder."""
    assert await starts(hass, text, loaded, path=path) == expected


@pytest.mark.usefixtures("asks_camera")
async def test_date_narrows_what_is_asked(
    hass: HomeAssistant, loaded: MockConfigEntry, server: CameraServer
) -> None:
    """The camera looks through one day only."""
    await search(hass, "gate", loaded)
    server.requests.clear()
    await search(hass, "2026-11-23 motion", loaded)
    (request,) = server.requests
    assert request.path == LIST
    assert request.query["starttime"] == "2026-11-23T05:00:00Z"
    assert request.query["stoptime"] == "2026-11-24T04:59:59.999999Z"


async def test_items_play(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    """What is found is what the folders hold."""
    (item,) = await search(hass, "2026-10-15", loaded)
    assert item.title == "2026-10-15 13:00:00 · Gate · 0:01:00"
    assert item.can_play
    assert item.media_content_id.startswith(f"{ROOT}/{loaded.entry_id}/play/SD_DISK/")
    assert item.thumbnail


async def test_classes(
    hass: HomeAssistant, camera: Camera, loaded: MockConfigEntry
) -> None:
    """Long recordings are folders, others are videos; nothing is music."""
    camera.add_recording(NOON - 12 * HOUR, NOON - 11 * HOUR, event_id="Gate")
    await keep_up(hass)
    every = await search(hass, "gate", loaded)
    assert len(every) == 3
    for classes, count in (
        ([MediaClass.VIDEO], 2),
        ([MediaClass.DIRECTORY], 1),
        ([MediaClass.VIDEO, MediaClass.DIRECTORY], 3),
        ([MediaClass.MUSIC], 0),
        ([], 3),
    ):
        found = await search(hass, "gate", loaded, classes=classes)
        assert len(found) == count
        assert all(not classes or item.media_class in classes for item in found)


async def test_no_music_needs_no_question(
    hass: HomeAssistant, loaded: MockConfigEntry, server: CameraServer
) -> None:
    """The camera has none."""
    await search(hass, "gate", loaded)
    server.requests.clear()
    assert await search(hass, "gate", loaded, classes=[MediaClass.MUSIC]) == []
    assert not server.requests


async def test_moment_of_a_long_recording(
    hass: HomeAssistant, camera: Camera, loaded: MockConfigEntry
) -> None:
    """A day leads to its part, a time of day to the slice that holds it."""
    camera.add_recording(NOON - 10 * DAY, NOON - 7 * DAY, event_id="long")
    await keep_up(hass)
    (item,) = await search(hass, "long", loaded)
    assert item.title == "2026-11-14 12:00:00 · long · 72:00:00"
    (item,) = await search(hass, "long 2026-11-15", loaded)
    assert item.title == "2026-11-15 00:00:00 · long · 24:00:00"
    (item,) = await search(hass, "2026-11-15 21:47", loaded)
    assert item.title == "2026-11-15 21:47:00 · long · 0:05:00"
    assert item.can_play
    (item,) = await search(hass, "2026-11-15 21:49:59", loaded)
    assert item.title == "2026-11-15 21:49:59 · long · 0:05:00"
    (item,) = await search(hass, "long between 9 and 10 pm 2026-11-15", loaded)
    assert item.title == "2026-11-15 21:00:00 · long · 1:00:00"


MOMENTS: tuple[tuple[str, str, str, str], ...] = (
    ("9:04", "short", "0:05:00", "140400.000000Z/20261124T140900"),
    ("9:08:59", "short", "0:00:01", "140859.000000Z/20261124T140900"),
    # From its beginning, it is what it always was.
    ("9:00", "short", "0:09:00", ""),
    ("7:00", "long", "0:05:00", "120000.000000Z/20261124T120500"),
    ("7:47", "long", "0:05:00", "124700.000000Z/20261124T125200"),
    ("7:57", "long", "0:03:00", "125700.000000Z/20261124T130000"),
    ("7:54:45", "long", "0:05:15", "125445.000000Z/20261124T130000"),
    # It has begun a little later.
    ("6 am", "later", "0:05:00", "115000.000000Z/20261124T115500"),
)


async def test_plays_from_the_moment(
    hass: HomeAssistant,
    camera: Camera,
    loaded: MockConfigEntry,
    subtests: pytest.Subtests,
) -> None:
    """A recording plays from the moment that was asked for, and to its end if that is near."""
    recordings = {
        name: camera.add_recording(NOON - since, NOON - until, event_id=name)
        for name, since, until in (
            ("short", 3 * HOUR, 3 * HOUR - 9 * MINUTE),
            ("long", 5 * HOUR, 4 * HOUR),
            ("later", 5 * HOUR + 10 * MINUTE, 4 * HOUR),
        )
    }
    await keep_up(hass)
    for text, name, length, part in MOMENTS:
        with subtests.test(text):
            (item,) = await search(hass, f"{name} {text}", loaded)
            assert item.title.split(" · ")[1:] == [name, length]
            expected = f"{ROOT}/{loaded.entry_id}/play/SD_DISK/{recordings[name]}"
            if part:
                expected += f"/20261124T{part}.000000Z"
            assert item.media_content_id == expected


async def test_recording_in_progress_from_a_moment(
    hass: HomeAssistant,
    camera: Camera,
    loaded: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """It plays to wherever it has come by then."""
    camera.start_recording(event_id="Door")
    freezer.tick(4 * MINUTE)
    await keep_up(hass)
    (item,) = await search(hass, "door 12:03", loaded)
    assert item.title == "2026-11-24 12:03:00 · Door · 0:01:00 · In progress"
    assert item.media_content_id.endswith("/20261124T170300.000000Z")


async def test_moment_that_comes_twice(
    hass: HomeAssistant, camera: Camera, loaded: MockConfigEntry
) -> None:
    """A recording that holds both is shown from each of them."""
    first = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    camera.add_recording(first - HOUR, first + 2 * HOUR, event_id="night")
    await keep_up(hass)
    items = await search(hass, '2026-11-01 1:30 "night"', loaded)
    assert [item.media_content_id.split("/")[-2] for item in items] == [
        "20261101T053000.000000Z",
        "20261101T063000.000000Z",
    ]
    assert {item.title[:16] for item in items} == {"2026-11-01 01:30"}


async def test_recorded_by_home_assistant(
    hass: HomeAssistant, camera: Camera, loaded: MockConfigEntry
) -> None:
    """What Home Assistant has started is found by that, and what somebody else has is not."""
    camera.add_profile()
    await call(hass, "start")
    await keep_up(hass)
    assert len(await search(hass, "continuous", loaded)) == 2
    assert len(await search(hass, "recorded by Home Assistant", loaded)) == 1
    assert len(await search(hass, "home assistant today", loaded)) == 1


NOTHING = "Nothing found. Try, for example:"
YESTERDAY = (
    "Nothing found between 2026-11-23 00:00 and 2026-11-24 00:00. Try, for example:"
)
EXAMPLES = ["yesterday 21:47", "Thursday evening", "last week"]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("never seen", NOTHING),
        ("yesterday 25:00", YESTERDAY),
        ("door yesterday", YESTERDAY),
        ("x" * 10_000, NOTHING),
        ("\0", NOTHING),
    ],
)
async def test_hint(
    hass: HomeAssistant, loaded: MockConfigEntry, text: str, hint: str
) -> None:
    """Where nothing is found, an item says so and opens the folder; others are examples."""
    query = SearchMediaQuery(search_query=text)
    for path in ("", f"/{loaded.entry_id}", f"/{loaded.entry_id}/day/2026-11-24"):
        items = (await async_search_media(hass, ROOT + path, query)).result
        assert [item.title for item in items] == [hint, *EXAMPLES]
        opened = await async_browse_media(hass, items[0].media_content_id)
        assert opened.media_content_id == ROOT + path


async def test_example(
    hass: HomeAssistant, camera: Camera, loaded: MockConfigEntry
) -> None:
    """One of a hint opens what it finds in the camera, or in all, or else a hint again."""
    query = SearchMediaQuery(search_query="never seen")
    start = datetime(2026, 11, 20, 0, 30, tzinfo=UTC)
    for place in (ROOT, f"{ROOT}/{loaded.entry_id}"):
        items = (await async_search_media(hass, place, query)).result
        evening = items[2].media_content_id
        assert titles_of(await open_folder(hass, evening))[1:] == EXAMPLES
    camera.add_recording(start, start + MINUTE, event_id="Gate")
    await keep_up(hass)
    day = f"{ROOT}/{loaded.entry_id}/day/2026-11-24"
    for place in (ROOT, f"{ROOT}/{loaded.entry_id}", day):
        items = (await async_search_media(hass, place, query)).result
        folder = await open_folder(hass, items[2].media_content_id)
        assert folder.title == "Thursday evening"
        assert titles_of(folder) == ["2026-11-19 19:30:00 · Gate · 0:01:00"]


async def test_example_that_is_none(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    """Names that are made up open nothing."""
    camera = f"{ROOT}/{loaded.entry_id}"
    for path in (
        "in_progress/more/search/gate",
        "nowhere/search/gate",
        "search/",
        "play/SD_DISK/a/search/gate",
    ):
        assert "nothing named" in await refusal(hass, f"{camera}/{path}")
    # The name of a recording, on a disk of that name.
    assert "no longer has this" in await refusal(hass, f"{camera}/recording/search/a")


async def test_other_languages(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    """Home Assistant's language and country decide, and examples are in that language."""
    assert await starts(hass, "10/11", loaded) == []
    await hass.config.async_update(language="de", country="DE")
    assert await starts(hass, "gestern 10 Uhr", loaded) == [THIRD]
    assert await starts(hass, "vor einer Stunde", loaded) == [FIRST]
    assert await starts(hass, "15.10.", loaded) == [FOURTH]
    assert await starts(hass, "Gate heute Vormittag", loaded) == [FIRST]
    query = SearchMediaQuery(search_query="niemals")
    _, *examples = (await async_search_media(hass, ROOT, query)).result
    assert [each.title for each in examples] == [
        "gestern 21:47",
        "Donnerstagabend",
        "letzte Woche",
    ]


async def test_names_of_rules_are_words(
    hass: HomeAssistant, camera: Camera, loaded: MockConfigEntry
) -> None:
    """A rule that is called as a time is found by its name."""
    start = NOON - 26 * HOUR
    camera.add_recording(start, start + MINUTE, event_id="Sunday evening")
    await keep_up(hass)
    (item,) = await search(hass, "sunday evening yesterday", loaded)
    assert item.title.split(" · ")[1] == "Sunday evening"
    assert await search(hass, "sunday morning", loaded) == []


@pytest.mark.parametrize("in_window", [True, False])
async def test_in_progress(
    hass: HomeAssistant, camera: Camera, loaded: MockConfigEntry, in_window: bool
) -> None:
    """What goes on is found, whatever the camera makes of windows."""
    camera.quirks = Quirks(ongoing_in_window=in_window)
    camera.start_recording(event_id="Door")
    await keep_up(hass)
    for path in ("", "/today", "/in_progress"):
        assert await starts(hass, "door", loaded, path=path) == ["2026-11-24 12:00"]
    assert len(await search(hass, "in progress", loaded)) == 1
    assert await search(hass, "door 2026-11-23", loaded) == []


async def test_no_limit(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """A search goes through all that there is, and shows the newest hundred."""
    camera = Camera(recordings=MAX_EXAMINED + 100)
    first = list(camera.recordings)[-1].start - DAY
    oldest = camera.add_recording(first, first + MINUTE, event_id="Once only")
    async with added(hass, camera) as (server, entry):
        assert len(await search(hass, "", entry)) == 100
        server.requests.clear()
        (found,) = await search(hass, "once only", entry)
        assert found.media_content_id.endswith(oldest)
        assert await search(hass, "never seen", entry) == []
        assert not server.requests


async def test_name_of_the_camera_is_words(hass: HomeAssistant, camera: Camera) -> None:
    """A camera that is called as a time is found by its name, and others are not."""
    camera.name = "Night gate"
    other = Camera(serial="B8A44F0A1B2D", name="Sun terrace")
    other.add_recording(NOON - 25 * HOUR, NOON - 24 * HOUR)
    async with added(hass, camera), added(hass, other):
        (item,) = await search(hass, "sun terrace yesterday")
        assert item.title.startswith("Sun terrace · ")
        (item,) = await search(hass, "night gate yesterday 10:00")
        assert item.title.startswith(f"Night gate · {THIRD}")


@pytest.mark.usefixtures("asks_camera")
async def test_bounds(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where the camera has to be asked, a search ends after so many recordings."""
    most = 1000
    assert most < MAX_EXAMINED
    monkeypatch.setattr(
        "custom_components.axis_recordings.recordings.search.MAX_EXAMINED", most
    )
    camera = Camera(recordings=2 * most, serial="B8A44F0A1B2D")
    oldest = list(camera.recordings)[-1]
    async with added(hass, camera) as (server, entry):
        assert len(await search(hass, "", entry)) == 100
        server.requests.clear()
        assert await search(hass, "never seen", entry) == []
        assert len(server.requests) < most / 150
        # A date leads to what is older.
        day = oldest.start.astimezone(camera.clock.zone).date()
        assert await search(hass, f"{day}", entry)


async def test_several_cameras(
    hass: HomeAssistant, camera: Camera, loaded: MockConfigEntry
) -> None:
    """All are searched, their recordings come together by time, and titles name the camera."""
    back = Camera(serial="B8A44F0A1B2D", name="Back door", disks=[Disk("NetworkShare")])
    back.add_recording(NOON - 1.5 * HOUR, NOON - 1.4 * HOUR, event_id="Gate")
    async with added(hass, back):
        assert [item.title for item in await search(hass, "gate")] == [
            "Front camera · 2026-11-24 11:00:00 · Gate · 0:01:00",
            "Back door · 2026-11-24 10:30:00 · Gate · 0:06:00",
            "Front camera · 2026-10-15 13:00:00 · Gate · 0:01:00",
        ]
        assert [item.title for item in await search(hass, "gate back")] == [
            "Back door · 2026-11-24 10:30:00 · Gate · 0:06:00"
        ]
        # Also while a camera is away.
        camera.shut_down()
        assert len(await search(hass, "gate")) == 3


@pytest.mark.usefixtures("asks_camera")
async def test_camera_that_fails(
    hass: HomeAssistant, camera: Camera, loaded: MockConfigEntry
) -> None:
    """Where cameras have to be asked, one that fails does not keep the other from it."""
    back = Camera(serial="B8A44F0A1B2D", name="Back door")
    back.add_recording(NOON - 1.5 * HOUR, NOON - 1.4 * HOUR, event_id="Gate")
    async with added(hass, back):
        camera.faults.set("record/list.cgi", Fault.ERROR, message="No disk")
        assert len(await search(hass, "gate")) == 1
        back.faults.set("record/list.cgi", Fault.ERROR, message="No disk")
        with pytest.raises(BrowseError, match="refuses: No disk"):
            await search(hass, "gate")


@pytest.mark.usefixtures("asks_camera")
async def test_silent_camera(
    hass: HomeAssistant,
    camera: Camera,
    loaded: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """It is not waited for forever; that of all others is shown."""
    back = Camera(serial="B8A44F0A1B2D", name="Back door")
    async with added(hass, back):
        back.faults.set("*", Fault.TIMEOUT)
        for is_alone in (False, True):
            if is_alone:
                camera.faults.set("*", Fault.TIMEOUT)
            searching = asyncio.ensure_future(search(hass, "gate"))
            await settle(LONG_WHILE)
            assert not searching.done()
            freezer.tick(ANSWER_SECONDS + 0.1)
            if is_alone:
                with pytest.raises(BrowseError, match="has not answered within 15"):
                    await searching
            else:
                assert len(await searching) == 2


async def test_no_cameras(hass: HomeAssistant) -> None:
    """Nothing is found without any."""
    assert await async_setup_component(hass, DOMAIN, {})
    assert await search(hass, "gate") == []


async def test_where_nothing_can_be_searched(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    """Slices of a recording can't, and a name that means nothing can't either."""
    with pytest.raises(BrowseError, match="not supported"):
        await search(hass, "gate", loaded, path="/recording/SD_DISK/some_id")
    for path in ("/..", "/day/..", "/nothing", "/play/SD_DISK/a"):
        with pytest.raises(BrowseError, match="has nothing named"):
            await search(hass, "gate", loaded, path=path)
