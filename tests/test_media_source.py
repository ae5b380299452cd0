"""The media browser: cameras, their folders, and what is played."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
import re
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from homeassistant.components import media_source
from homeassistant.components.media_player import BrowseError, MediaClass
from homeassistant.components.media_source import (
    BrowseMediaSource,
    Unresolvable,
    async_browse_media,
    async_resolve_media,
)
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
import pytest

from custom_components.axis_recordings.const import DOMAIN
from custom_components.axis_recordings.playback.session import Viewer
from custom_components.axis_recordings.playback.window import Window
from custom_components.axis_recordings.vapix import RecordingKey, RecordingQuery
from custom_components.axis_recordings.views import clip_path, still_path
from tests.camera import Account, Camera, CameraServer, Disk, Fault, Level, Quirks

from .helpers import added, make_entry, pass_time

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
    from pytest_homeassistant_custom_component.typing import WebSocketGenerator

ROOT = f"media-source://{DOMAIN}"
TIME = "/axis-cgi/time.cgi"
NOON = datetime(2026, 11, 24, 17, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

pytestmark = pytest.mark.freeze_time(NOON)
needs_images = pytest.mark.skipif(
    not hasattr(media_source, "async_get_media_image"),
    reason="Home Assistant asks for images since 2026.11",
)


@pytest.fixture(autouse=True)
async def _media_source(
    hass: HomeAssistant, enable_custom_integrations: None, camera: Camera
) -> None:
    """Set up Home Assistant's own part."""
    assert await async_setup_component(hass, "media_source", {})


class Player:
    """Stands in for playback, and notes what was asked of it."""

    def __init__(self) -> None:
        """Fail at nothing yet."""
        self.played: list[tuple[Window, Viewer | None]] = []
        self.error: HomeAssistantError | None = None

    def _note(self, window: Window, viewer: Viewer | None = None) -> None:
        self.played.append((window, viewer))
        if self.error:
            raise self.error

    async def play(self, window: Window, viewer: Viewer) -> str:
        """Return where the playlist is."""
        self._note(window, viewer)
        return "/api/axis_recordings/hls/token/index.m3u8"

    async def clip(self, window: Window) -> Path:
        """Return where the file is."""
        self._note(window)
        return Path("/cache/clip.mp4")

    async def still(self, window: Window) -> bytes:
        """Return a picture."""
        self._note(window)
        return b"jpeg"


@pytest.fixture
def player(loaded: MockConfigEntry) -> Iterator[Player]:
    """Play nothing for real, as that has tests of its own."""
    player = Player()
    with patch.multiple(
        loaded.runtime_data.playback,
        async_play=player.play,
        async_clip=player.clip,
        async_image=player.still,
    ):
        yield player


async def open_folder(hass: HomeAssistant, content_id: str) -> BrowseMediaSource:
    """Open a folder by its name."""
    found = await async_browse_media(hass, content_id)
    assert isinstance(found, BrowseMediaSource)
    # As the front end gets it.
    assert found.as_dict()["media_content_id"] == content_id
    return found


async def browse(
    hass: HomeAssistant, *path: str, entry: MockConfigEntry | None = None
) -> BrowseMediaSource:
    """Open a folder of the source, or of a camera."""
    parts = ([entry.entry_id] if entry else []) + list(path)
    return await open_folder(hass, "/".join([ROOT, *parts]))


async def titles(
    hass: HomeAssistant, *path: str, entry: MockConfigEntry | None = None
) -> list[str]:
    """Return what a folder holds."""
    return titles_of(await browse(hass, *path, entry=entry))


def titles_of(folder: BrowseMediaSource) -> list[str]:
    """Return what a folder holds."""
    return [child.title for child in folder.children or ()]


def children_of(folder: BrowseMediaSource) -> Sequence[Any]:
    """Return what is in a folder."""
    assert folder.children is not None
    return folder.children


async def refusal(hass: HomeAssistant, content_id: str) -> str:
    """Return why something does not open."""
    with pytest.raises(BrowseError) as error:
        await async_browse_media(hass, content_id)
    return str(error.value)


async def no_play(hass: HomeAssistant, content_id: str) -> str:
    """Return why something does not play."""
    with pytest.raises(Unresolvable) as error:
        await async_resolve_media(hass, content_id, None)
    return str(error.value)


@pytest.fixture
def camera(freezer: FrozenDateTimeFactory) -> Camera:
    """Return a camera in New York without recordings."""
    return Camera()


def add(
    camera: Camera,
    start: datetime,
    duration: timedelta = timedelta(seconds=44),
    **attributes: Any,
) -> str:
    """Put a recording into the past."""
    return camera.add_recording(start, start + duration, **attributes)


# Cameras


async def test_cameras(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """They are in the order of their names, one alone as well."""
    root = await browse(hass)
    assert (root.title, root.can_search) == ("AXIS Recordings", True)
    assert titles_of(root) == ["Front camera"]
    back = Camera(serial="B8A44F0A1B2D", name="Back door")
    async with added(hass, back) as (_, entry):
        root = await browse(hass)
        assert titles_of(root) == ["Back door", "Front camera"]
        assert [child.media_content_id for child in children_of(root)] == [
            f"{ROOT}/{entry.entry_id}",
            f"{ROOT}/{loaded.entry_id}",
        ]


async def test_no_cameras(hass: HomeAssistant) -> None:
    """The source is there as soon as the integration is, with nothing in it."""
    assert await async_setup_component(hass, DOMAIN, {})
    assert await titles(hass) == []


@pytest.mark.parametrize("shape", ["counters", "childless", "bare"])
async def test_camera_without_recordings(
    hass: HomeAssistant, camera: Camera, loaded: MockConfigEntry, shape: Any
) -> None:
    """Its folder is empty, and so is each list, whatever an empty list looks like."""
    camera.quirks = Quirks(empty_list=shape)
    assert await titles(hass, entry=loaded) == []
    for name in ("today", "last_24_hours", "in_progress", "events", "day/2026-11-24"):
        assert await titles(hass, name, entry=loaded) == []


async def test_camera_that_is_not_loaded(
    hass: HomeAssistant, entry: MockConfigEntry, camera: Camera
) -> None:
    """It is listed, and says why it does not open. A disabled one is not listed."""
    camera.shut_down()
    await hass.config_entries.async_setup(entry.entry_id)
    assert await titles(hass) == ["Front camera"]
    content_id = f"{ROOT}/{entry.entry_id}"
    assert "Front camera is not available now" in await refusal(hass, content_id)
    assert "not available now" in await no_play(hass, f"{content_id}/play/SD_DISK/a")

    await hass.config_entries.async_set_disabled_by(
        entry.entry_id, ConfigEntryDisabler.USER
    )
    assert await titles(hass) == []
    assert "has nothing named" in await refusal(hass, content_id)


async def test_camera_that_goes_away(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Each folder says so in a sentence, and opens again as soon as the camera is back."""
    add(camera, NOON - HOUR)
    camera.shut_down()
    content_id = f"{ROOT}/{loaded.entry_id}"
    for path in ("", "/today", "/in_progress", "/day/2026-11-24", "/disk/SD_DISK"):
        text = await refusal(hass, content_id + path)
        assert text.startswith("Front camera: "), path
        assert "Check that the camera is on" in text
    camera.start_up()
    await pass_time(hass, freezer)
    assert await titles(hass, "today", entry=loaded) == [
        "2026-11-24 11:00:00 · 0:00:44 · Motion Recording"
    ]


@pytest.mark.parametrize(
    "fault", [Fault.HTML, Fault.ERROR, Fault.NOT_FOUND, Fault.UNAVAILABLE, Fault.EMPTY]
)
async def test_camera_that_answers_strangely(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera, fault: Fault
) -> None:
    """That is a sentence, too."""
    await titles(hass, "today", entry=loaded)
    camera.faults.set("record/list.cgi", fault)
    for path in ("", "/today", "/in_progress"):
        text = await refusal(hass, f"{ROOT}/{loaded.entry_id}{path}")
        assert "Front camera" in text
        assert " " in text


# Folders of a camera


async def test_folders(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """First what is recent, then the days, newest first, also those without recordings."""
    add(camera, NOON - 3 * DAY)
    add(camera, NOON - HOUR)
    folder = await browse(hass, entry=loaded)
    assert (folder.title, folder.can_search) == ("Front camera", True)
    assert titles_of(folder) == [
        "Today",
        "Last 24 hours",
        "In progress",
        "2026-11-24",
        "2026-11-23",
        "2026-11-22",
        "2026-11-21",
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
    assert await titles(hass, "day/2026-11-23", entry=loaded) == []


async def test_words_are_translated(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """They come from the texts of Home Assistant's language."""
    add(camera, NOON - HOUR)
    texts = {f"component.{DOMAIN}.common.today": "Heute"}
    with patch(
        "custom_components.axis_recordings.media_titles.async_get_cached_translations",
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
        "2026-11-24 11:00:00 · 0:10:00 · Motion Recording",
        "2026-11-24 10:00:00 · 0:00:44 · Gate",
    ]
    first = children_of(folder)[0]
    window = Window(key=RecordingKey("SD_DISK", recording_id))
    assert first.media_content_id == f"{ROOT}/{loaded.entry_id}/play/{window.path}"
    assert first.thumbnail == still_path(loaded.entry_id, window)
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
        "2026-11-24 11:00:00 · 0:00:44 · Motion Recording",
        "2026-11-23 13:00:00 · 0:00:44 · Motion Recording",
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
        "2026-11-24 00:00:00 · 0:01:00 · after",
        "2026-11-23 23:59:00 · 0:02:00 · across",
    ]
    assert sorted(await titles(hass, "day/2026-11-23", entry=loaded)) == [
        "2026-11-23 23:59:00 · 0:01:00 · before",
        "2026-11-23 23:59:00 · 0:02:00 · across",
    ]


@pytest.mark.parametrize(
    ("zone", "day", "begin", "hours"),
    [
        ("Europe/Stockholm", "2026-03-29", "2026-03-28T23:00Z", 23),
        ("Europe/Stockholm", "2026-10-25", "2026-10-24T22:00Z", 25),
        ("America/New_York", "2026-03-08", "2026-03-08T05:00Z", 23),
        ("America/New_York", "2026-11-01", "2026-11-01T04:00Z", 25),
    ],
)
async def test_days_when_clocks_change(
    hass: HomeAssistant,
    camera: Camera,
    loaded: MockConfigEntry,
    zone: str,
    day: str,
    begin: str,
    hours: int,
) -> None:
    """They are shorter or longer, and everything in them is listed once."""
    camera.clock.time_zone = zone
    start = datetime.fromisoformat(begin)
    for hour in range(-1, hours + 1):
        add(camera, start + hour * HOUR, event_id=str(hour))
    listed = await titles(hass, "day", day, entry=loaded)
    assert [title.rpartition(" · ")[2] for title in listed] == [
        str(hour) for hour in reversed(range(hours))
    ]
    assert all(title.startswith(day) for title in listed)
    # What a clock shows twice or never.
    clocks = [title[11:13] for title in reversed(listed)]
    assert len(set(clocks)) == min(hours, 24)


async def test_months(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera, server: CameraServer
) -> None:
    """A long past is found by month; no day is asked for just to be listed."""
    add(camera, NOON - 400 * DAY)
    add(camera, NOON - HOUR)
    await browse(hass, entry=loaded)
    server.requests.clear()
    listed = (await titles(hass, entry=loaded))[3:]
    assert len(server.requests) <= 3
    assert listed[:31] == [str((NOON - number * DAY).date()) for number in range(31)]
    assert listed[31:] == [
        *(f"2026-{month:02}" for month in range(10, 0, -1)),
        *("2025-12", "2025-11", "2025-10"),
    ]
    days = await browse(hass, "month", "2026-02", entry=loaded)
    assert days.title == "2026-02"
    assert titles_of(days) == [f"2026-02-{day:02}" for day in range(28, 0, -1)]
    assert (await titles(hass, "month", "2025-10", entry=loaded))[-1] == "2025-10-20"


async def test_31_days_need_no_months(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """They are all in one list."""
    add(camera, NOON - 30 * DAY)
    add(camera, NOON - HOUR)
    assert len((await titles(hass, entry=loaded))[3:]) == 31


async def test_older_recording_that_ends_last(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """The last day is when the last one ended, not when the newest began."""
    add(camera, NOON - 5 * DAY, 3 * DAY, recording_type="continuous")
    add(camera, NOON - 4 * DAY)
    assert (await titles(hass, entry=loaded))[3:] == [
        "2026-11-22",
        "2026-11-21",
        "2026-11-20",
        "2026-11-19",
    ]


async def test_recordings_of_days_to_come(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """A clock that was years ahead fills no list with days."""
    add(camera, NOON - DAY)
    add(camera, NOON + 10_000 * DAY)
    ahead = str((NOON + 10_000 * DAY).date())
    assert (await titles(hass, entry=loaded))[3:] == [
        ahead,
        "2026-11-24",
        "2026-11-23",
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
async def test_pages(
    hass: HomeAssistant, camera: Camera, loaded: MockConfigEntry, quirks: Quirks
) -> None:
    """A hundred at a time, each once, in order, however the camera counts."""
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
        seen += [item.title.rpartition(" · ")[2] for item in items]
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


async def test_browsing_asks_little(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """Opening a day takes one request for a page of it, however many recordings there are."""
    async with added(hass, Camera(recordings=5_000)) as (server, entry):
        await browse(hass, "today", entry=entry)
        server.requests.clear()
        folder = await browse(hass, "day", "2026-11-20", entry=entry)
        assert len(children_of(folder)) == 101
        assert len(server.requests) == 1
        assert server.requests[0].query["maxnumberofresults"] == "101"
        assert server.requests[0].query["starttime"].startswith("2026-11-20T05:00:00")


# By disk, source and event


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
            "By event",
        ]
        first = "2026-11-24 11:00:00 · 0:00:44 · Gate / door · SD_DISK · Source 1"
        second = "2026-11-24 10:00:00 · 0:00:44 · Ünï 50% · NetworkShare · Source 2"
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
                assert titles_of(opened) == [expected]


async def test_one_of_each_is_no_choice(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """Then there are no such folders, also not for a disk that isn't there."""
    camera.attach_disk(Disk("NetworkShare", status="disconnected"))
    await hass.config_entries.async_reload(loaded.entry_id)
    add(camera, NOON - HOUR)
    assert (await titles(hass, entry=loaded))[2:] == ["In progress", "2026-11-24"]


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
        "custom_components.axis_recordings.catalogue.NAMES_AGE", timedelta(seconds=-1)
    ):
        loaded.runtime_data.catalogue._events._expires = 0
        assert await titles(hass, "events", entry=loaded) == ["Door", "Gate"]
    assert asked() == 2


@pytest.mark.parametrize("fault", [Fault.ERROR, Fault.HTML, Fault.NOT_FOUND])
async def test_camera_that_lists_no_names(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera, fault: Fault
) -> None:
    """Everything else can be browsed."""
    add(camera, NOON - HOUR)
    await loaded.runtime_data.async_refresh()
    # The calendar has asked for them already.
    loaded.runtime_data.catalogue._sources._expires = 0
    camera.faults.set("record/list.cgi", fault, times=1)
    assert len(await titles(hass, "today", entry=loaded)) == 1


async def test_no_source_attribute(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """Recordings that don't tell their source are listed by it all the same."""
    camera = Camera(sources=2, quirks=Quirks(source_attribute=False))
    add(camera, NOON - HOUR, source="1")
    add(camera, NOON - 2 * HOUR, source="2")
    async with added(hass, camera) as (_, entry):
        assert await titles(hass, "source", "2", entry=entry) == [
            "2026-11-24 10:00:00 · 0:00:44 · Motion Recording"
        ]


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
    """It is found there at once, and in each list that it belongs to, whatever cameras make of windows."""
    camera.quirks = quirks
    add(camera, NOON - HOUR)
    add(camera, NOON - 50 * HOUR)
    recording_id = camera.start_recording()
    freezer.tick(90)
    title = "2026-11-24 12:00:00 · 0:01:30 · Motion Recording · In progress"
    folder = await browse(hass, "in_progress", entry=loaded)
    assert titles_of(folder) == [title]
    (item,) = children_of(folder)
    assert item.can_play
    assert item.media_content_id.endswith(f"/play/SD_DISK/{recording_id}")
    for name in ("today", "last_24_hours", "day/2026-11-24"):
        assert await titles(hass, name, entry=loaded) == [
            title,
            "2026-11-24 11:00:00 · 0:00:44 · Motion Recording",
        ], name
    assert (await titles(hass, "disk", "SD_DISK", entry=loaded))[0] == title
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
        title = "2026-11-23 12:00:00 · 0:01:00 · continuous · In progress"
        assert await titles(hass, "in_progress", entry=entry) == [title]
        assert await titles(hass, "today", entry=entry) == [title]


# Long recordings


async def test_long_recording(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """It opens into slices at round times, oldest first."""
    start = NOON - 2 * HOUR + timedelta(seconds=83)
    recording_id = add(camera, start, 13 * MINUTE)
    (item,) = children_of(await browse(hass, "event/Motion%20Recording", entry=loaded))
    assert item.title == "2026-11-24 10:01:23 · 0:13:00 · Motion Recording"
    assert (item.can_play, item.can_expand) == (False, True)
    folder = await open_folder(hass, item.media_content_id)
    assert folder.title == item.title
    assert titles_of(folder) == [
        "2026-11-24 10:01:23 · 0:03:37 · Motion Recording",
        "2026-11-24 10:05:00 · 0:05:00 · Motion Recording",
        "2026-11-24 10:10:00 · 0:04:23 · Motion Recording",
    ]
    middle = children_of(folder)[1]
    window = Window(
        key=RecordingKey("SD_DISK", recording_id),
        start=datetime(2026, 11, 24, 15, 5, tzinfo=UTC),
        stop=datetime(2026, 11, 24, 15, 10, tzinfo=UTC),
    )
    assert middle.media_content_id == f"{ROOT}/{loaded.entry_id}/play/{window.path}"
    assert middle.thumbnail == still_path(loaded.entry_id, window)
    assert middle.can_play


async def test_long_recording_of_a_day(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """A day shows its part only, and plays a short part at once."""
    midnight = datetime(2026, 11, 23, 5, tzinfo=UTC)
    add(camera, midnight - 2 * MINUTE, DAY + 22 * MINUTE, event_id="long")
    (whole,) = children_of(await browse(hass, "event/long", entry=loaded))
    assert whole.title == "2026-11-22 23:58:00 · 24:22:00 · long"
    days = await open_folder(hass, whole.media_content_id)
    assert titles_of(days) == ["2026-11-22", "2026-11-23", "2026-11-24"]
    (part,) = children_of(await browse(hass, "day/2026-11-23", entry=loaded))
    assert part.title == "2026-11-23 00:00:00 · 24:00:00 · long"
    assert part.media_content_id == children_of(days)[1].media_content_id
    slices = titles_of(await open_folder(hass, part.media_content_id))
    assert len(slices) == 288
    assert (slices[0], slices[-1]) == (
        "2026-11-23 00:00:00 · 0:05:00 · long",
        "2026-11-23 23:55:00 · 0:05:00 · long",
    )
    (before,) = children_of(await browse(hass, "day/2026-11-22", entry=loaded))
    assert (before.title, before.can_play) == (
        "2026-11-22 23:58:00 · 0:02:00 · long",
        True,
    )
    (after,) = children_of(await browse(hass, "day/2026-11-24", entry=loaded))
    assert titles_of(await open_folder(hass, after.media_content_id)) == [
        f"2026-11-24 00:{minute:02}:00 · 0:05:00 · long" for minute in (0, 5, 10, 15)
    ]


async def test_long_recording_when_clocks_change(
    hass: HomeAssistant, camera: Camera, loaded: MockConfigEntry
) -> None:
    """The hour that comes twice is there twice, and the day is whole."""
    camera.clock.time_zone = "Europe/Stockholm"
    add(camera, datetime(2026, 10, 24, 10, tzinfo=UTC), 2 * DAY)
    (part,) = children_of(await browse(hass, "day/2026-10-25", entry=loaded))
    assert part.title == "2026-10-25 00:00:00 · 25:00:00 · Motion Recording"
    slices = titles_of(await open_folder(hass, part.media_content_id))
    assert len(slices) == 25 * 12
    assert sum(title.startswith("2026-10-25 02:30:00") for title in slices) == 2


async def test_recording_of_months(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """It opens into months, days and slices."""
    add(camera, NOON - 72 * DAY, 71 * DAY + 2 * HOUR, event_id="long")
    (whole,) = children_of(await browse(hass, "event/long", entry=loaded))
    assert whole.title == "2026-09-13 13:00:00 · 1706:00:00 · long"
    months = await open_folder(hass, whole.media_content_id)
    assert titles_of(months) == ["2026-09", "2026-10", "2026-11"]
    days = await open_folder(hass, children_of(months)[1].media_content_id)
    assert titles_of(days) == [f"2026-10-{day:02}" for day in range(1, 32)]
    days = await open_folder(hass, children_of(months)[2].media_content_id)
    assert titles_of(days)[-1] == "2026-11-23"
    slices = await open_folder(hass, children_of(days)[-1].media_content_id)
    assert titles_of(slices)[-1] == "2026-11-23 13:55:00 · 0:05:00 · long"


async def test_recording_of_centuries(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """A clock was set while it went on: nobody knows its length."""
    add(camera, datetime(1970, 1, 1, 6, tzinfo=UTC), 20_000 * DAY, event_id="long")
    add(camera, NOON - HOUR)
    (item,) = children_of(await browse(hass, "event/long", entry=loaded))
    assert (item.title, item.can_play) == ("1970-01-01 01:00:00 · long", True)
    assert len(await titles(hass, "today", entry=loaded)) == 1
    assert (await titles(hass, entry=loaded))[-1] == "1970-01"


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
    assert item.title == "2026-11-24 12:00:00 · 0:13:00 · long · In progress"
    (today,) = children_of(await browse(hass, "today", entry=loaded))
    slices = await open_folder(hass, today.media_content_id)
    assert titles_of(slices) == [
        "2026-11-24 12:00:00 · 0:05:00 · long",
        "2026-11-24 12:05:00 · 0:05:00 · long",
        "2026-11-24 12:10:00 · 0:03:00 · long · In progress",
    ]
    assert children_of(slices)[-1].media_content_id.endswith(
        f"/{recording_id}/20261124T171000.000000Z"
    )
    freezer.tick(60)
    slices = await open_folder(hass, today.media_content_id)
    assert titles_of(slices)[-1] == "2026-11-24 12:10:00 · 0:04:00 · long · In progress"


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


async def test_part_that_is_gone(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """Of a day that was cleaned up nothing is left."""
    add(camera, NOON - 2 * DAY, 2 * DAY)
    (item,) = children_of(await browse(hass, "day/2026-11-22", entry=loaded))
    camera.clean_up(NOON - DAY)
    assert titles_of(await open_folder(hass, item.media_content_id)) == []


# Records that make no sense


async def test_bad_times(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """What can't be played is not shown, and the rest is."""
    add(camera, NOON - 2 * HOUR)
    add(camera, NOON - HOUR, timedelta(seconds=-1))
    add(camera, NOON - HOUR / 2)
    await titles(hass, "today", entry=loaded)
    camera.faults.set("record/list.cgi", Fault.BAD_TIME)
    folder = await browse(hass, "today", entry=loaded)
    assert titles_of(folder) == ["2026-11-24 10:00:00 · 0:00:44 · Motion Recording"]
    assert folder.not_shown == 2
    await titles(hass, entry=loaded)


async def test_bad_times_at_both_ends(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """The days between the newest and the oldest are shown also where these two make no sense."""
    add(camera, datetime(1903, 4, 5, tzinfo=UTC))
    add(camera, NOON - 2 * DAY)
    add(camera, NOON - HOUR)
    camera.faults.set("record/list.cgi", Fault.BAD_TIME, times=None)
    await loaded.runtime_data.async_refresh()
    assert loaded.runtime_data.data.newest
    assert loaded.runtime_data.data.newest.start is None
    assert await titles(hass, entry=loaded) == [
        "Today",
        "Last 24 hours",
        "In progress",
        "2026-11-24",
        "2026-11-23",
        "2026-11-22",
    ]


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
    assert titles_of(folder) == ["2026-11-22 12:00:00 · Motion Recording"]
    assert children_of(folder)[0].can_play
    assert await titles(hass, "today", entry=loaded) == []


async def test_no_names_at_all(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera
) -> None:
    """A recording that tells nothing of itself is called by its time, trigger or type."""
    add(camera, NOON - HOUR, event_id="", event_trigger="Door contact")
    add(camera, NOON - 2 * HOUR, event_id="", event_trigger="")
    assert await titles(hass, "today", entry=loaded) == [
        "2026-11-24 11:00:00 · 0:00:44 · Door contact",
        "2026-11-24 10:00:00 · 0:00:44 · triggered",
    ]


# The camera's time zone


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
async def test_camera_does_not_tell_its_time_zone(
    hass: HomeAssistant, camera: Camera, loaded: MockConfigEntry, own: str, day: str
) -> None:
    """It is concluded from what is known."""
    await hass.config.async_set_time_zone(own)
    camera.quirks = Quirks(time_api=False)
    add(camera, NOON - HOUR)
    add(camera, datetime(2026, 7, 15, 4, 30, tzinfo=UTC))
    await loaded.runtime_data.async_refresh()
    # The recording itself tells what the clock showed.
    assert await titles(hass, "day", day, entry=loaded) == [
        "2026-07-15 00:30:00 · 0:00:44 · Motion Recording"
    ]


async def test_no_time_zone_and_no_recordings(
    hass: HomeAssistant, camera: Camera, loaded: MockConfigEntry
) -> None:
    """Then days are Home Assistant's."""
    await hass.config.async_set_time_zone("Europe/Stockholm")
    camera.quirks = Quirks(time_api=False)
    assert await titles(hass, entry=loaded) == []
    add(camera, datetime(2026, 11, 23, 23, tzinfo=UTC))
    assert len(await titles(hass, "day/2026-11-24", entry=loaded)) == 1


async def test_unknown_time_zone(
    hass: HomeAssistant, camera: Camera, loaded: MockConfigEntry
) -> None:
    """A name that Home Assistant does not know is as good as none."""
    add(camera, NOON - HOUR)
    with patch(
        "custom_components.axis_recordings.vapix.VapixClient.fetch_time_zone",
        return_value="Mars/Olympus_Mons",
    ):
        await loaded.runtime_data.async_refresh()
        assert await titles(hass, "today", entry=loaded) == [
            "2026-11-24 11:00:00 · 0:00:44 · Motion Recording"
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
    """Days and titles agree in winter and in summer, wherever the camera tells its time zone."""
    await hass.config.async_set_time_zone(own)
    camera.clock.time_zone, camera.quirks = "Europe/Stockholm", quirks
    loaded.runtime_data.catalogue.async_forget()
    add(camera, datetime(2026, 7, 14, 22, 30, tzinfo=UTC))
    add(camera, datetime(2026, 10, 24, 22, 15, tzinfo=UTC))
    add(camera, NOON - HOUR)
    await loaded.runtime_data.async_refresh()
    assert await titles(hass, "day/2026-07-14", entry=loaded) == []
    for day, title in (
        ("2026-07-15", "2026-07-15 00:30:00"),
        ("2026-10-25", "2026-10-25 00:15:00"),
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
    await loaded.runtime_data.async_refresh()
    assert (await titles(hass, "today", entry=loaded))[0].startswith("2026-11-24 11:00")
    assert asked() == 1
    camera.clock.time_zone = "Europe/Stockholm"
    with patch.object(
        loaded.runtime_data.catalogue,
        "_zone_asked",
        hass.loop.time() - 301,
    ):
        # The list tells the offset of a recording by the time zone that the camera has now.
        await loaded.runtime_data.async_refresh()
        await titles(hass, "today", entry=loaded)
        assert asked() == 2
        await titles(hass, "today", entry=loaded)
        assert asked() == 2
    loaded.runtime_data.catalogue.async_forget()
    await titles(hass, "today", entry=loaded)
    assert asked() == 3


async def test_time_zone_is_asked_for_again_after_a_failure(
    hass: HomeAssistant, camera: Camera, loaded: MockConfigEntry, server: CameraServer
) -> None:
    """What failed once may work the next time; what was known before stays."""
    catalogue = loaded.runtime_data.catalogue
    camera.faults.set("time.cgi", Fault.STATUS, status=500)
    assert str(await catalogue.async_time_zone(None)) == "US/Pacific"
    camera.faults.clear()
    assert str(await catalogue.async_time_zone(None)) == "US/Pacific"
    catalogue._zone_asked -= 301
    assert str(await catalogue.async_time_zone(None)) == "America/New_York"
    camera.faults.set("time.cgi", Fault.HTML)
    catalogue._zone_asked -= 3601
    assert str(await catalogue.async_time_zone(None)) == "America/New_York"
    assert sum(request.path == TIME for request in server.requests) == 3


# Recordings without a length


@pytest.mark.parametrize("digits", [0, 6])
async def test_recording_that_ends_when_it_begins(
    hass: HomeAssistant, camera: Camera, loaded: MockConfigEntry, digits: Any
) -> None:
    """In whole seconds, short recordings have no length; they are shown and can be opened all the same."""
    camera.quirks = Quirks(fraction_digits=digits)
    add(camera, NOON - HOUR, timedelta(0))
    add(camera, NOON - 2 * HOUR + timedelta(seconds=0.2), timedelta(seconds=0.6))
    await loaded.runtime_data.async_refresh()
    for folder in ("today", "day/2026-11-24", "last_24_hours"):
        listed = await browse(hass, folder, entry=loaded)
        assert len(children_of(listed)) == 2
        assert listed.not_shown == 0
        for child in children_of(listed):
            assert child.can_play
    for recording in (
        await loaded.runtime_data.client.fetch_recordings(RecordingQuery())
    ).recordings:
        span = Window(key=recording.key).within(recording, NOON)
        assert timedelta(0) < span.duration <= timedelta(seconds=1)


# Playing


@pytest.mark.parametrize(
    "path", ["SD_DISK/some_id", "SD_DISK/a/20261124T171000.000000Z"]
)
async def test_play(
    hass: HomeAssistant, loaded: MockConfigEntry, player: Player, path: str
) -> None:
    """A browser gets a playlist."""
    content_id = f"{ROOT}/{loaded.entry_id}/play/{path}"
    media = await async_resolve_media(hass, content_id, None)
    assert media.url == "/api/axis_recordings/hls/token/index.m3u8"
    assert media.mime_type == "application/x-mpegURL"
    assert player.played == [(Window.parse(path), Viewer())]


async def test_play_on_a_television(
    hass: HomeAssistant, loaded: MockConfigEntry, player: Player
) -> None:
    """A media player gets a file."""
    window = Window.parse("SD_DISK/some_id")
    content_id = f"{ROOT}/{loaded.entry_id}/play/{window.path}"
    media = await async_resolve_media(hass, content_id, "media_player.tv")
    assert (media.url, media.mime_type, media.path) == (
        clip_path(loaded.entry_id, window),
        "video/mp4",
        Path("/cache/clip.mp4"),
    )


@needs_images
async def test_no_image(
    hass: HomeAssistant, loaded: MockConfigEntry, player: Player
) -> None:
    """Where there is none, it says why."""
    player.error = HomeAssistantError("Plain words")
    for path, text in (
        ("play/SD_DISK/some_id", "Plain words"),
        ("today", "nothing named"),
    ):
        with pytest.raises(Unresolvable, match=text):
            await media_source.async_get_media_image(
                hass, f"{ROOT}/{loaded.entry_id}/{path}"
            )


@needs_images
async def test_image(
    hass: HomeAssistant, loaded: MockConfigEntry, player: Player
) -> None:
    """An AI task gets a picture."""
    content_id = f"{ROOT}/{loaded.entry_id}/play/SD_DISK/some_id"
    image = await media_source.async_get_media_image(hass, content_id)
    assert image is not None
    assert (image.content, image.mime_type) == (b"jpeg", "image/jpeg")


async def test_play_fails(
    hass: HomeAssistant, loaded: MockConfigEntry, player: Player
) -> None:
    """The reason is passed on as a sentence, with its key."""
    content_id = f"{ROOT}/{loaded.entry_id}/play/SD_DISK/some_id"
    player.error = HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key="refused",
        translation_placeholders={"camera": "Front camera", "reason": "no"},
    )
    with pytest.raises(Unresolvable) as error:
        await async_resolve_media(hass, content_id, "media_player.tv")
    assert str(error.value) == "Front camera refuses: no"
    assert error.value.translation_key == "refused"

    player.error = HomeAssistantError("Plain words")
    assert await no_play(hass, content_id) == "Plain words"


async def test_what_is_listed_plays(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    player: Player,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Each item leads to a part of its recording that is there."""
    add(camera, NOON - HOUR)
    add(camera, NOON - 3 * HOUR, HOUR)
    add(camera, NOON - 2 * DAY, 2 * DAY)
    camera.start_recording()
    freezer.tick(20 * 60)
    pending = [f"{ROOT}/{loaded.entry_id}"]
    opened: set[str] = set()
    while pending:
        content_id = pending.pop()
        if content_id in opened:
            continue
        opened.add(content_id)
        for child in children_of(await open_folder(hass, content_id)):
            if child.can_play:
                await async_resolve_media(hass, child.media_content_id, None)
            else:
                pending.append(child.media_content_id)
    assert len(player.played) > 500
    now = camera.clock.now()
    client = loaded.runtime_data.client
    recordings = {
        key: (await client.fetch_recording(key.recording_id))[0]
        for key in {window.key for window, _ in player.played}
    }
    assert len(recordings) == 4
    for window, _ in player.played:
        span = window.within(recordings[window.key], now)
        assert timedelta(0) < span.duration <= 10 * MINUTE


# Names that mean nothing

GARBAGE = (
    "..",
    "../..",
    "day",
    "day/..",
    "day/2026-13-01",
    "day/20261124",
    "day/2026-W48-1",
    "day/0001-01-01",
    "day/9999-12-31",
    "day/2026-11-24/from/x",
    "day/2026-11-24/from/" + "9" * 5000,
    "month/2026-11-01",
    "month/2026-00",
    "month/..",
    "disk",
    "disk/..",
    "event/a/b",
    "recording",
    "recording/..",
    "recording/../..",
    "recording/SD_DISK",
    "recording/SD_DISK/all",
    "recording/SD_DISK/..",
    "recording/SD_DISK/a/b",
    "recording/SD_DISK/a/20261124T171000.000000Z/20261124T171000.000000Z",
    "recording/SD_DISK/a/../..",
    "today/",
    "today//x",
    "today/..",
    "unknown",
    "play/SD_DISK/a",
    "\x00",
)
UNPLAYABLE = (
    "",
    "/play",
    "/play/",
    "/play/..",
    "/play/../..",
    "/play/SD_DISK",
    "/play/SD_DISK/",
    "/play/SD_DISK/..",
    "/play/../a",
    "/play/%2E%2E/a",
    "/play/SD_DISK/%2E%2E",
    "/play/SD_DISK/all",
    "/play/SD_DISK/*",
    "/play/SD_DISK/a/..",
    "/play/SD_DISK/a/b/c",
    "/play/SD_DISK/a/20261124T171000.000000Z/..",
    "/play/SD_DISK/%00",
    "/today",
    "/../play/SD_DISK/a",
)


@pytest.mark.parametrize("path", GARBAGE)
async def test_garbage(hass: HomeAssistant, loaded: MockConfigEntry, path: str) -> None:
    """A name that means nothing is a sentence."""
    text = await refusal(hass, f"{ROOT}/{loaded.entry_id}/{path}")
    assert text.startswith("AXIS Recordings has nothing named ")
    assert len(text) < 300


@pytest.mark.parametrize("path", UNPLAYABLE)
async def test_garbage_to_play(
    hass: HomeAssistant, loaded: MockConfigEntry, player: Player, path: str
) -> None:
    """It is refused before anybody is asked."""
    text = await no_play(hass, f"{ROOT}/{loaded.entry_id}{path}")
    assert text.startswith("AXIS Recordings has nothing named ")
    assert not player.played


@pytest.mark.parametrize("entry_id", ["..", "nobody", "../play/SD_DISK/a", "%2E%2E"])
async def test_unknown_camera(
    hass: HomeAssistant, loaded: MockConfigEntry, entry_id: str
) -> None:
    """So is a camera that is not there."""
    assert "has nothing named" in await refusal(hass, f"{ROOT}/{entry_id}")
    assert "has nothing named" in await no_play(hass, f"{ROOT}/{entry_id}/play/a/b")
    assert "has nothing named" in await no_play(hass, ROOT)


async def test_unknown_recording(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    """A long recording that the camera does not know."""
    content_id = f"{ROOT}/{loaded.entry_id}/recording/SD_DISK/unknown"
    assert "no longer has this recording" in await refusal(hass, content_id)


# Rights, over the same connection as the front end


async def test_rights(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    player: Player,
    hass_ws_client: WebSocketGenerator,
    hass_read_only_user: MockUser,
    hass_read_only_access_token: str,
) -> None:
    """Who may not read a camera's entities does not find it; who may, does."""
    recording_id = add(camera, NOON - HOUR)
    camera_id = f"{ROOT}/{loaded.entry_id}"
    hass_read_only_user.mock_policy({})
    client = await hass_ws_client(hass, hass_read_only_access_token)

    async def ask(what: str, content_id: str, **more: Any) -> dict[str, Any]:
        await client.send_json_auto_id(
            {"type": f"media_source/{what}", "media_content_id": content_id, **more}
        )
        answer: dict[str, Any] = await client.receive_json()
        return answer

    answer = await ask("browse_media", ROOT)
    assert answer["result"]["children"] == []
    answer = await ask("search_media", ROOT, search_query="motion")
    assert answer["result"]["result"] == []
    play_id = f"{camera_id}/play/SD_DISK/{recording_id}"
    for what, content_id, more in (
        ("browse_media", camera_id, {}),
        ("browse_media", f"{camera_id}/today", {}),
        ("search_media", camera_id, {"search_query": "motion"}),
        ("resolve_media", play_id, {}),
    ):
        answer = await ask(what, content_id, **more)
        assert answer["error"]["code"] == f"{what}_failed"
        assert "has nothing named" in answer["error"]["message"]
    assert not player.played

    entity = er.async_entries_for_config_entry(er.async_get(hass), loaded.entry_id)[0]
    hass_read_only_user.mock_policy(
        {"entities": {"entity_ids": {entity.entity_id: {"read": True}}}}
    )
    answer = await ask("browse_media", ROOT)
    assert [child["title"] for child in answer["result"]["children"]] == [
        "Front camera"
    ]
    answer = await ask("browse_media", f"{camera_id}/today")
    assert len(answer["result"]["children"]) == 1
    answer = await ask("resolve_media", play_id)
    assert answer["result"]["mime_type"] == "application/x-mpegURL"
    (_, viewer) = player.played[0]
    assert viewer is not None
    assert viewer.user_id == hass_read_only_user.id


async def test_errors_over_the_connection(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """What the front end shows is a sentence."""
    client = await hass_ws_client(hass)
    camera.shut_down()
    await client.send_json_auto_id(
        {
            "type": "media_source/browse_media",
            "media_content_id": f"{ROOT}/{loaded.entry_id}/today",
        }
    )
    error = (await client.receive_json())["error"]
    assert error["code"] == "browse_media_failed"
    assert error["message"].startswith("Front camera: ")


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
    # Those beside each other are told apart.
    assert await titles(hass, "today", entry=entry) == [
        "2026-11-24 11:00:00 · 0:00:44 · Motion Recording · SD_DISK",
        "2026-11-24 10:00:00 · 0:00:44 · Motion Recording · NetworkShare",
    ]


FORM = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d · \d+:\d\d:\d\d · \S.*")


async def test_form_of_titles(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> None:
    """Cards rely on it."""
    async with added(hass, Camera(recordings=300)) as (_, entry):
        folder = await browse(hass, "disk", "SD_DISK", entry=entry)
        for title in titles_of(folder)[:-1]:
            assert FORM.fullmatch(title)
            datetime.strptime(title[:19], "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007
