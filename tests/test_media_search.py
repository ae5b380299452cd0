"""Searching in the media browser."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from homeassistant.components.media_player import (
    BrowseError,
    MediaClass,
    SearchMediaQuery,
)
from homeassistant.components.media_source import async_search_media
from homeassistant.setup import async_setup_component
import pytest

from custom_components.axis_recordings.const import DOMAIN
from custom_components.axis_recordings.media_scope import Scope, read_question
from custom_components.axis_recordings.playback.window import Span
from custom_components.axis_recordings.search import MAX_EXAMINED
from custom_components.axis_recordings.several import ANSWER_SECONDS
from tests.camera import Camera, CameraServer, Disk, Fault, Quirks

from .helpers import LIST, added

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

ROOT = f"media-source://{DOMAIN}"
NOON = datetime(2026, 11, 24, 17, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

pytestmark = pytest.mark.freeze_time(NOON)


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


@pytest.fixture(autouse=True)
async def _media_source(
    hass: HomeAssistant, enable_custom_integrations: None, camera: Camera
) -> None:
    """Set up Home Assistant's own part."""
    assert await async_setup_component(hass, "media_source", {})


async def search(
    hass: HomeAssistant,
    text: str,
    entry: MockConfigEntry | None = None,
    path: str = "",
    classes: list[MediaClass] | None = None,
) -> list[Any]:
    """Return what is found."""
    found = await async_search_media(
        hass,
        f"{ROOT}/{entry.entry_id}{path}" if entry else ROOT,
        SearchMediaQuery(search_query=text, media_filter_classes=classes),
    )
    found.as_dict()
    return list(found.result)


async def starts(*args: Any, **more: Any) -> list[str]:
    """Return when the recordings began that are found."""
    return [item.title[:16] for item in await search(*args, **more)]


FIRST, SECOND = "2026-11-24 11:00", "2026-11-24 10:00"
THIRD, FOURTH = "2026-11-23 10:00", "2026-10-15 13:00"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
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
        ("10:00", [SECOND, THIRD]),
        ("10:00:00", [SECOND, THIRD]),
        ("2026-11-24 10:00", [SECOND]),
        ("10:00 2026-11-24 motion", [SECOND]),
        ("2026-11-24 10:00:59", [SECOND]),
        ("2026-11-24 10:02", []),
        ("2026-11-24 25:00", []),
        ("2026-11-24 2026-11-23", []),
        ("sd_disk", [FIRST, SECOND, THIRD, FOURTH]),
        ("2026-02-31", []),
        ("../..", []),
    ],
)
async def test_words(
    hass: HomeAssistant, loaded: MockConfigEntry, text: str, expected: list[str]
) -> None:
    """All of them have to be found, whatever their case and order; the newest come first."""
    assert await starts(hass, text, loaded) == expected
    assert await starts(hass, text) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
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
    ],
)
async def test_folders(
    hass: HomeAssistant, loaded: MockConfigEntry, path: str, expected: list[str]
) -> None:
    """A search in a folder finds what is in it, on all its pages."""
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
    assert item.title == "2026-10-15 13:00:00 · 0:01:00 · Gate"
    assert item.can_play
    assert item.media_content_id.startswith(f"{ROOT}/{loaded.entry_id}/play/SD_DISK/")
    assert item.thumbnail


async def test_classes(
    hass: HomeAssistant, camera: Camera, loaded: MockConfigEntry
) -> None:
    """Long recordings are folders, others are videos; nothing is music."""
    camera.add_recording(NOON - 12 * HOUR, NOON - 11 * HOUR, event_id="Gate")
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
    (item,) = await search(hass, "long", loaded)
    assert item.title == "2026-11-14 12:00:00 · 72:00:00 · long"
    (item,) = await search(hass, "long 2026-11-15", loaded)
    assert item.title == "2026-11-15 00:00:00 · 24:00:00 · long"
    (item,) = await search(hass, "2026-11-15 21:47", loaded)
    assert item.title == "2026-11-15 21:45:00 · 0:05:00 · long"
    assert item.can_play
    (item,) = await search(hass, "2026-11-15 21:49:59", loaded)
    assert item.title == "2026-11-15 21:45:00 · 0:05:00 · long"


@pytest.mark.parametrize("in_window", [True, False])
async def test_in_progress(
    hass: HomeAssistant, camera: Camera, loaded: MockConfigEntry, in_window: bool
) -> None:
    """What goes on is found, whatever the camera makes of windows."""
    camera.quirks = Quirks(ongoing_in_window=in_window)
    camera.start_recording(event_id="Door")
    await loaded.runtime_data.async_refresh()
    for path in ("", "/today", "/in_progress"):
        assert await starts(hass, "door", loaded, path=path) == ["2026-11-24 12:00"]
    assert len(await search(hass, "in progress", loaded)) == 1
    assert await search(hass, "door 2026-11-23", loaded) == []


async def test_bounds(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """A search ends after so many results, or so many recordings."""
    camera = Camera(recordings=MAX_EXAMINED + 1000, serial="B8A44F0A1B2D")
    oldest = list(camera.recordings)[-1]
    async with added(hass, camera) as (server, entry):
        assert len(await search(hass, "", entry)) == 100
        server.requests.clear()
        assert await search(hass, "never seen", entry) == []
        assert len(server.requests) < MAX_EXAMINED / 150
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
            "2026-11-24 11:00:00 · 0:01:00 · Gate · Front camera",
            "2026-11-24 10:30:00 · 0:06:00 · Gate · Back door",
            "2026-10-15 13:00:00 · 0:01:00 · Gate · Front camera",
        ]
        assert [item.title for item in await search(hass, "gate back")] == [
            "2026-11-24 10:30:00 · 0:06:00 · Gate · Back door"
        ]
        # One that fails does not keep the other from it.
        camera.faults.set("record/list.cgi", Fault.ERROR, message="No disk")
        assert len(await search(hass, "gate")) == 1
        back.faults.set("record/list.cgi", Fault.ERROR, message="No disk")
        with pytest.raises(BrowseError, match="refuses: No disk"):
            await search(hass, "gate")


async def test_silent_camera(
    hass: HomeAssistant,
    camera: Camera,
    loaded: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """It is not waited for for ever; that of all others is shown."""
    back = Camera(serial="B8A44F0A1B2D", name="Back door")
    async with added(hass, back):
        back.faults.set("*", Fault.TIMEOUT)
        for is_alone in (False, True):
            if is_alone:
                camera.faults.set("*", Fault.TIMEOUT)
            searching = asyncio.ensure_future(search(hass, "gate"))
            for _ in range(500):
                await asyncio.sleep(0)
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


@pytest.mark.parametrize(
    ("zone", "text", "start", "length"),
    [
        ("Europe/Stockholm", "2026-11-24 21:47", "2026-11-24T20:47Z", MINUTE),
        # Shown twice by the clocks, so that both are meant.
        ("Europe/Stockholm", "2026-10-25 02:30", "2026-10-25T00:30Z", HOUR + MINUTE),
        ("America/New_York", "2026-11-01 1:30", "2026-11-01T05:30Z", HOUR + MINUTE),
        # Never shown.
        ("Europe/Stockholm", "2026-03-29 02:30", "2026-03-29T01:30Z", MINUTE),
        ("Europe/Stockholm", "2026-03-29", "2026-03-28T23:00Z", 23 * HOUR),
        ("Europe/Stockholm", "2026-10", "2026-09-30T22:00Z", 31 * DAY + HOUR),
    ],
)
def test_times_in_questions(
    zone: str, text: str, start: str, length: timedelta
) -> None:
    """They are those of the camera's clock."""
    begin = datetime.fromisoformat(start)
    question = read_question(text, ZoneInfo(zone))
    assert question.span == Span(begin, begin + length)
    assert question.words == ()


def test_scopes() -> None:
    """Two windows leave what they have in common."""
    scope = Scope(start=NOON, stop=NOON + HOUR, disk="SD_DISK")
    half = scope.within(Span(NOON - HOUR, NOON + HOUR / 2))
    assert half == Scope(start=NOON, stop=NOON + HOUR / 2, disk="SD_DISK")
    assert not half.is_empty
    assert scope.within(Span(NOON + HOUR, NOON + DAY)).is_empty
    assert not Scope().is_empty
