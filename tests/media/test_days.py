"""Folders of a camera that once had no clock: both ends are reached, and nothing empty is in between."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.camera import Camera, Quirks
from tests.common import LIST

from .browsing import NOON, add, browse, children_of, refusal, titles

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from tests.camera import CameraServer

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

pytestmark = [pytest.mark.freeze_time(NOON), pytest.mark.usefixtures("media_browser")]


@pytest.fixture
def camera(freezer: FrozenDateTimeFactory) -> Camera:
    """Return a camera in Stockholm without recordings."""
    return Camera(time_zone="Europe/Stockholm")


def record(camera: Camera, *days: tuple[int, int, int]) -> None:
    """Record three times on each day, beginning a minute after midnight in UTC."""
    for day in days:
        for hour in range(3):
            add(camera, datetime(*day, hour, 1, tzinfo=UTC))


async def folders(hass: HomeAssistant, entry: MockConfigEntry, *path: str) -> list[str]:
    """Return the names of days, months and years in a folder."""
    found = await titles(hass, *path, entry=entry)
    return [title for title in found if title[:1].isdigit()]


async def open_before(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Open the camera's folder, after which what slowly changes is known.

    The poll shows recordings that nobody has seen begin, so the activity asks for them in the background.
    """
    await folders(hass, entry)
    await hass.async_block_till_done(wait_background_tasks=True)


def lists(server: CameraServer) -> int:
    """Count how often the camera was asked for recordings; the device is asked for beside that."""
    return sum(each.path.endswith("record/list.cgi") for each in server.requests)


@pytest.mark.parametrize("year", [1970, 2000])
@pytest.mark.parametrize("shape", ["counters", "childless", "bare"])
async def test_clock_was_not_set(
    hass: HomeAssistant,
    camera: Camera,
    loaded: MockConfigEntry,
    server: CameraServer,
    year: int,
    shape: Any,
) -> None:
    """From the camera's folder both ends are a few steps away, and few requests."""
    camera.quirks = Quirks(empty_list=shape)
    record(camera, (year, 1, 1), (2026, 11, 24))
    await open_before(hass, loaded)
    before = lists(server)
    found = await folders(hass, loaded)
    assert lists(server) - before <= 4
    assert found[0] == "2026-11-24"
    assert len(found) == 32
    assert found[-1] == f"{year}-01"
    assert await folders(hass, loaded, "year", str(year)) == [f"{year}-01"]
    assert await folders(hass, loaded, "month", f"{year}-01") == [f"{year}-01-01"]
    day = await titles(hass, "day", f"{year}-01-01", entry=loaded)
    assert day[-1].startswith(f"{year}-01-01 01:01:00")
    assert len(day) == 3
    assert all(
        request.path != LIST or request.status == 200
        for request in server.requests[before:]
    )


async def test_years_between(
    hass: HomeAssistant, camera: Camera, loaded: MockConfigEntry, server: CameraServer
) -> None:
    """Each year, month and day that holds something is listed, and what goes on from one to the next."""
    record(
        camera, (1970, 1, 1), (1999, 6, 30), (2012, 2, 29), (2026, 3, 5), (2026, 11, 20)
    )
    add(camera, datetime(2015, 12, 31, 12, tzinfo=UTC), 24 * HOUR)
    await open_before(hass, loaded)
    before = lists(server)
    found = await folders(hass, loaded)
    assert found[31:] == ["2026-03", "2016", "2015", "2012", "1999", "1970"]
    assert lists(server) - before <= 8
    assert await folders(hass, loaded, "year", "2015") == ["2015-12"]
    assert await folders(hass, loaded, "year", "2016") == ["2016-01"]
    assert await folders(hass, loaded, "month", "2015-12") == ["2015-12-31"]
    assert await folders(hass, loaded, "month", "2026-03") == ["2026-03-05"]
    assert await folders(hass, loaded, "year", "1980") == []
    # The folder can be searched like others.
    year = await browse(hass, "year", "2012", entry=loaded)
    assert (year.title, year.can_search) == ("2012", True)
    assert children_of(year)[0].media_content_id.endswith("/month/2012-02")


async def test_camera_that_records_each_day(
    hass: HomeAssistant, camera: Camera, loaded: MockConfigEntry, server: CameraServer
) -> None:
    """With years full of recordings, nothing is left out, and nobody asks for each year."""
    for day in range(0, 365 * 12, 2):
        add(camera, NOON - day * DAY)
    await open_before(hass, loaded)
    before = lists(server)
    found = await folders(hass, loaded)
    assert found[31:43] == [
        "2026-10", "2026-09", "2026-08", "2026-07", "2026-06", "2026-05",
        "2026-04", "2026-03", "2026-02", "2026-01", "2025-12", "2025-11",
    ]  # fmt: skip
    assert found[43:] == [str(year) for year in range(2025, 2013, -1)]
    assert lists(server) - before <= 10
    assert len(await folders(hass, loaded, "year", "2020")) == 12
    assert len(await folders(hass, loaded, "month", "2020-05")) in (15, 16)


async def test_camera_that_ignores_times(
    hass: HomeAssistant, camera: Camera, loaded: MockConfigEntry
) -> None:
    """Where a camera can't report, everything between the ends is offered."""
    camera.quirks = Quirks(time_filter=False)
    record(camera, (2020, 1, 1), (2026, 11, 24))
    await loaded.runtime_data.recordings.async_refresh()
    found = await folders(hass, loaded)
    assert found[31:] == ["2020-01"]
    for day in range(12):
        record(camera, (2020, 1, 2 + day))
    await loaded.runtime_data.recordings.async_refresh()
    found = await folders(hass, loaded)
    assert found[31:] == [str(year) for year in range(2025, 2019, -1)]
    assert await folders(hass, loaded, "year", "2020") == ["2020-01"]


@pytest.mark.parametrize(
    "name", ["year/70", "year/1969", "year/abcd", "year/2026-01", "month/2026"]
)
async def test_no_such_folder(
    hass: HomeAssistant, loaded: MockConfigEntry, name: str
) -> None:
    """Nothing opens that is no year."""
    content_id = f"media-source://axis_recordings/{loaded.entry_id}/{name}"
    assert "has nothing named" in await refusal(hass, content_id)


async def test_nothing_has_a_time(
    hass: HomeAssistant, camera: Camera, loaded: MockConfigEntry
) -> None:
    """What is not listed by days is still listed by the rest."""
    add(camera, datetime(1960, 1, 1, tzinfo=UTC))
    await loaded.runtime_data.recordings.async_refresh()
    assert await titles(hass, entry=loaded) == ["Today", "Last 24 hours", "In progress"]
