"""All recordings of a camera are found: in the index, and by asking the camera while not all are in there."""

from datetime import UTC, date, datetime, timedelta
import sqlite3
from typing import TYPE_CHECKING
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest

from custom_components.axis_recordings.activity.audit import Audit
from custom_components.axis_recordings.index.models import Starter, StarterKind
from custom_components.axis_recordings.index.questions import Questions
from custom_components.axis_recordings.index.wanted import Word
from custom_components.axis_recordings.recordings.days import Stretch
from custom_components.axis_recordings.recordings.search import RecordingSearch
from custom_components.axis_recordings.vapix import CameraConnectionError, RecordingKey
from tests.camera import Camera, Disk
from tests.common import pass_time
from tests.waiting import Held

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from custom_components.axis_recordings.recordings.finder import RecordingFinder
    from custom_components.axis_recordings.vapix import Recording
    from tests.camera import CameraServer

NOON = datetime(2026, 11, 24, 17, tzinfo=UTC)
"""In New York, where the camera is."""
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
TIMES = {
    "first": (50, 49),
    "second": (26, 25),
    "long": (24, 4),
    "third": (20, 19),
    "fourth": (3, 2),
}
"""When recordings began and ended, in hours before noon, by what made them."""

pytestmark = pytest.mark.freeze_time(NOON)


@pytest.fixture
def camera(freezer: FrozenDateTimeFactory) -> Camera:
    """Return a camera of which little is recorded, on two disks."""
    camera = Camera(disks=[Disk("SD_DISK"), Disk("NetworkShare")])
    for name, (start, end) in TIMES.items():
        camera.add_recording(
            NOON - start * HOUR,
            NOON - end * HOUR,
            event_id=name,
            disk_id="NetworkShare" if name == "long" else "SD_DISK",
        )
    return camera


@pytest.fixture
def finder(loaded: MockConfigEntry) -> RecordingFinder:
    """Return what finds its recordings."""
    finder: RecordingFinder = loaded.runtime_data.finder
    return finder


@pytest.fixture(params=["in the index", "on the camera"])
def either(request: pytest.FixtureRequest, finder: RecordingFinder) -> RecordingFinder:
    """Return what finds recordings in either way."""
    if request.param == "on the camera":
        finder._whole_disks = lambda: None
    return finder


def names(recordings: tuple[Recording, ...]) -> list[str]:
    """Return what made recordings."""
    return [each.event_id for each in recordings]


async def found(finder: RecordingFinder, **wanted: object) -> list[str]:
    """Return what made the recordings that are found."""
    search = RecordingSearch(**wanted)  # type: ignore[arg-type]
    return names((await finder.async_search(search)).recordings)


async def test_search(either: RecordingFinder) -> None:
    """Both ways find the same, also what lasts into a time, and what is of no time at all."""
    everything = ["fourth", "third", "long", "second", "first"]
    assert await found(either) == everything
    assert await found(either, oldest_first=True) == everything[::-1]
    assert await found(either, disk="NetworkShare") == ["long"]
    assert await found(either, event="third") == ["third"]
    assert await found(either, start=NOON - 10 * HOUR) == ["fourth", "long"]
    assert await found(either, end=NOON - 24 * HOUR) == ["second", "first"]
    assert await found(either, start=NOON - 19 * HOUR, end=NOON - 3 * HOUR) == ["long"]
    assert await found(either, start=NOON, end=NOON) == []
    odd = {each for each in everything if "i" in each}
    assert await found(either, accepts=lambda each: each.event_id in odd, limit=2) == [
        each for each in everything if each in odd
    ]
    words = (Word(is_in=lambda each: "ir" in each),)
    assert await found(either, words=words) == ["third", "first"]


async def test_pages(either: RecordingFinder) -> None:
    """Each recording comes once, whether or not some of them are passed over."""
    for accepts in (None, lambda each: each.event_id != "long"):
        offset: int | None = 0
        pages: list[str] = []
        while offset is not None:
            search = RecordingSearch(accepts=accepts, limit=2, offset=offset)
            result = await either.async_search(search)
            assert result.total == 5
            assert len(result.recordings) <= 2
            pages += names(result.recordings)
            offset = result.next_offset
        assert len(pages) == len({*pages}) == (5 if accepts is None else 4)


async def test_moments(either: RecordingFinder) -> None:
    """What holds a moment is found, and what is beside it."""

    async def around(hours: float, before: int, after: int) -> list[list[str]]:
        found = await either.async_around(
            NOON - hours * HOUR, before=before, after=after
        )
        return [names(each) for each in (found.before, found.at, found.after)]

    assert await around(19.5, 9, 9) == [
        ["second", "first"],
        ["third", "long"],
        ["fourth"],
    ]
    assert await around(25, 1, 0) == [["second"], [], []]
    assert await around(3, 1, 2) == [["third"], ["fourth"], []]
    assert await around(60, 2, 2) == [[], [], ["first", "second"]]
    at = await either.async_at(NOON - 19.5 * HOUR)
    assert at
    assert at.event_id == "third"
    other = await either.async_at(NOON - 19.5 * HOUR, disk="NetworkShare")
    assert other
    assert other.event_id == "long"
    assert await either.async_at(NOON - 48 * HOUR) is None
    assert await either.async_at(NOON - 19.5 * HOUR, source="7") is None


async def test_ends(either: RecordingFinder) -> None:
    """The newest and the oldest are those that began last and first."""
    assert await found(either, limit=1) == ["fourth"]
    assert await found(either, limit=1, oldest_first=True) == ["first"]


async def test_moment_after_the_last_poll(
    finder: RecordingFinder, camera: Camera, freezer: FrozenDateTimeFactory
) -> None:
    """What has begun since is not in the index yet, so the camera is asked."""
    second = timedelta(seconds=1)
    camera.add_recording(NOON + 2 * second, NOON + 8 * second, event_id="just now")
    freezer.tick(10)
    assert await found(finder, start=NOON) == []
    at = await finder.async_at(NOON + 5 * second)
    assert at
    assert at.event_id == "just now"
    assert await finder.async_at(NOON + 9 * second) is None
    around = await finder.async_around(NOON + 5 * second, before=1, after=1)
    assert names(around.at) == ["just now"]


async def test_moment_after_the_last_poll_while_something_goes_on(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    finder: RecordingFinder,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
) -> None:
    """What has begun since beside it is newer; a camera that is away leaves what is known."""
    second = timedelta(seconds=1)
    going_on = camera.start_recording()
    await pass_time(hass, freezer)
    start = finder._polled_at
    freezer.move_to(start + 10 * second)
    camera.add_recording(start + 2 * second, start + 8 * second, event_id="just now")
    at = await finder.async_at(start + 5 * second)
    assert at
    assert at.event_id == "just now"
    camera.shut_down()
    at = await finder.async_at(start + 5 * second)
    assert at
    assert at.recording_id == going_on


async def test_total_of_a_search_on_one_disk(finder: RecordingFinder) -> None:
    """It counts all recordings of the camera, on each disk."""
    result = await finder.async_search(RecordingSearch(disk="NetworkShare"))
    assert (len(result.recordings), result.total) == (1, 5)


async def test_end_that_nobody_knows(
    loaded: MockConfigEntry, either: RecordingFinder, camera: Camera
) -> None:
    """Such a recording lies where it begins, but may hold what comes after it."""
    start = NOON - 90 * MINUTE
    camera.add_recording(start, start + timedelta(days=4000), event_id="cut off")
    await loaded.runtime_data.recordings.async_refresh()
    cut_off = await either.async_at(NOON)
    assert cut_off
    assert cut_off.event_id == "cut off"
    assert await found(either, start=start) == ["cut off"]
    assert await found(either, start=start + MINUTE) == []
    before = await either.async_at(start - MINUTE)
    assert before is None


async def test_days(finder: RecordingFinder) -> None:
    """They are told with how many there are, by any zone, while all are known."""
    new_york, everything = ZoneInfo("America/New_York"), RecordingSearch()
    days = await finder.async_days(new_york, everything)
    assert days
    assert [f"{day} {count}" for day, count in days.items()] == [
        "2026-11-24 2",
        "2026-11-23 3",
        "2026-11-22 1",
    ]
    for stretch, first in (
        (Stretch.MONTH, date(2026, 11, 1)),
        (Stretch.YEAR, date(2026, 1, 1)),
    ):
        counts = await finder.async_days(new_york, everything, by=stretch)
        assert counts == {first: 5}
    narrow = RecordingSearch(start=NOON - 12 * HOUR, disk="NetworkShare")
    days = await finder.async_days(new_york, narrow)
    assert days
    assert [f"{day} {count}" for day, count in days.items()] == ["2026-11-24 1"]
    with patch.object(Questions, "count_by", side_effect=sqlite3.OperationalError):
        assert await finder.async_days(new_york, everything) is None
    finder._whole_disks = lambda: None
    assert await finder.async_days(new_york, everything) is None


async def test_one(either: RecordingFinder, camera: Camera) -> None:
    """A recording is found by its name, on its disk alone."""
    first = next(each for each in camera.recordings if each.event_id == "first")
    recording = await either.async_find(RecordingKey("SD_DISK", first.recording_id))
    assert recording
    assert recording.event_id == "first"
    for key in (("NetworkShare", first.recording_id), ("SD_DISK", "unknown")):
        assert await either.async_find(RecordingKey(*key)) is None


async def test_event_ids(either: RecordingFinder) -> None:
    """They are told by name."""
    assert sorted(await either.async_event_ids()) == sorted(TIMES)


async def test_index_costs_no_request(
    finder: RecordingFinder, server: CameraServer
) -> None:
    """The camera is asked for nothing that is known."""
    server.requests.clear()
    result = await finder.async_search(RecordingSearch(start=NOON - 10 * HOUR))
    assert (len(result.recordings), result.is_whole) == (2, True)
    assert await finder.async_days(ZoneInfo("UTC"), RecordingSearch())
    await finder.async_around(NOON, before=3, after=3)
    (newest,) = (await finder.async_search(RecordingSearch(limit=1))).recordings
    assert newest
    assert await finder.async_find(newest.key) == newest
    assert len(await finder.async_event_ids()) == 5
    assert not server.requests


async def test_first_walk(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: Camera,
    server: CameraServer,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """While not all recordings are known, the camera is asked, and the answer says that it may not be all."""
    held = Held(monkeypatch, Audit, "walk")
    assert await hass.config_entries.async_setup(entry.entry_id)
    await held.asked.wait()
    finder = entry.runtime_data.finder
    server.requests.clear()
    result = await finder.async_search(RecordingSearch())
    assert (len(result.recordings), result.is_whole) == (5, False)
    assert server.requests
    assert not finder.is_whole
    assert await finder.async_days(ZoneInfo("UTC"), RecordingSearch()) is None
    held.release()
    await hass.async_block_till_done(wait_background_tasks=True)
    assert finder.is_whole
    # What is not explained by what is known has to be walked through as well.
    for hour in range(300):
        start = NOON - (1000 + hour) * HOUR
        camera.add_recording(start, start + MINUTE)
    held = Held(monkeypatch, Audit, "walk")
    freezer.tick(31)
    await entry.runtime_data.recordings.async_refresh()
    assert (
        len((await finder.async_search(RecordingSearch(limit=999))).recordings) == 305
    )
    assert not finder.is_whole
    held.release()
    await hass.async_block_till_done(wait_background_tasks=True)
    result = await finder.async_search(RecordingSearch(limit=999))
    assert (len(result.recordings), result.is_whole) == (305, True)


async def test_camera_is_away(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    finder: RecordingFinder,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
) -> None:
    """What is known of it is found all the same."""
    camera.shut_down()
    await pass_time(hass, freezer)
    assert not loaded.runtime_data.recordings.last_update_success
    result = await finder.async_search(RecordingSearch())
    assert (len(result.recordings), result.is_whole) == (5, True)
    finder._whole_disks = lambda: None
    with pytest.raises(CameraConnectionError):
        await finder.async_search(RecordingSearch())


async def test_disk_is_away(
    hass: HomeAssistant,
    finder: RecordingFinder,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
) -> None:
    """What is on it is not found until it is back, as the camera does not list it either."""
    disk = camera.detach_disk("NetworkShare")
    await pass_time(hass, freezer)
    assert await found(finder) == ["fourth", "third", "second", "first"]
    result = await finder.async_search(RecordingSearch())
    assert (result.total, result.is_whole) == (4, True)
    camera.attach_disk(disk)
    await pass_time(hass, freezer)
    await pass_time(hass, freezer)
    assert await found(finder, disk="NetworkShare") == ["long"]


async def test_what_goes_on(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    either: RecordingFinder,
    camera: Camera,
) -> None:
    """It is in its place at once, and until now."""
    camera.start_recording(event_id="now")
    await loaded.runtime_data.recordings.async_refresh()
    assert await found(either, limit=2) == ["now", "fourth"]
    assert await found(either, start=NOON + HOUR) == ["now"]


async def test_index_can_not_be_read(
    finder: RecordingFinder, server: CameraServer
) -> None:
    """Then the camera is asked."""
    server.requests.clear()
    with patch.object(
        Questions, "find", side_effect=sqlite3.OperationalError("locked")
    ):
        result = await finder.async_search(RecordingSearch())
    assert (len(result.recordings), result.is_whole) == (5, False)
    assert server.requests


async def test_damage_that_a_question_finds(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    finder: RecordingFinder,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The index is begun anew with the next poll, and is whole again after a walk."""
    with loaded.runtime_data.index.file.transaction() as db:
        db.execute("UPDATE recordings SET type = 99 WHERE number = 3")
    result = await finder.async_search(RecordingSearch())
    assert (len(result.recordings), result.is_whole) == (5, False)
    await pass_time(hass, freezer)
    await pass_time(hass, freezer)
    result = await finder.async_search(RecordingSearch())
    assert (len(result.recordings), result.is_whole) == (5, True)


async def test_starters(
    hass: HomeAssistant, loaded: MockConfigEntry, either: RecordingFinder
) -> None:
    """What Home Assistant has started is found by that, either way, though the index can't be used."""
    known = (await either.async_search(RecordingSearch(event="third"))).recordings
    starter = Starter(kind=StarterKind.AUTOMATION, name="Night")
    await hass.async_add_executor_job(
        loaded.runtime_data.index.note_starter, known[0].key, starter, NOON
    )
    own = (Word(is_in=lambda _: False, is_own=True),)
    assert await found(either, words=own) == ["third"]
    assert await found(either, words=(Word(is_in="Night".__eq__),)) == ["third"]
    keys = [known[0].key, RecordingKey("SD_DISK", "unknown")]
    assert await either.async_starters(keys) == {known[0].key: starter}
    loaded.runtime_data.index.file.close()
    assert await either.async_starters(keys) == {}
