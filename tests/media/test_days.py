"""Folders of days, months and years: both ends are reached, and nothing empty is in between."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.camera import Camera, Quirks

from .browsing import NOON, add, browse, children_of, refusal, titles

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

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


@pytest.mark.parametrize("year", [1970, 2000])
@pytest.mark.parametrize("shape", ["counters", "childless", "bare"])
async def test_clock_was_not_set(
    hass: HomeAssistant,
    camera: Camera,
    loaded: MockConfigEntry,
    year: int,
    shape: Any,
) -> None:
    """From the camera's folder both ends are a step away."""
    camera.quirks = Quirks(empty_list=shape)
    record(camera, (year, 1, 1), (2026, 11, 24))
    found = await folders(hass, loaded)
    assert found[0] == "2026-11-24 Tue · Today · 3 recordings"
    assert found[1][:10] == f"{year}-01-01"
    assert len(found) == 2
    assert await folders(hass, loaded, "year", str(year)) == [
        f"{year}-01 · 3 recordings"
    ]
    assert await folders(hass, loaded, "month", f"{year}-01") == [found[1]]
    day = await titles(hass, "day", f"{year}-01-01", entry=loaded)
    assert day[-1].startswith("01:01:00")
    assert len(day) == 3


async def test_years_between(
    hass: HomeAssistant, camera: Camera, loaded: MockConfigEntry
) -> None:
    """Each year, month and day that holds something is listed, and what goes on from one to the next."""
    for number in range(31):
        add(camera, NOON - HOUR - number * DAY)
    record(camera, (1970, 1, 1), (1999, 6, 30), (2012, 2, 29), (2026, 3, 5))
    add(camera, datetime(2015, 12, 31, 12, tzinfo=UTC), 24 * HOUR)
    found = await folders(hass, loaded)
    assert found[31:] == [
        "2026-03 · 3 recordings",
        "2016-01 · 1 recording",
        "2015-12 · 1 recording",
        "2012-02 · 3 recordings",
        "1999-06 · 3 recordings",
        "1970-01 · 3 recordings",
    ]
    assert await folders(hass, loaded, "year", "2015") == ["2015-12 · 1 recording"]
    assert await folders(hass, loaded, "year", "2016") == ["2016-01 · 1 recording"]
    assert await folders(hass, loaded, "month", "2015-12") == [
        "2015-12-31 Thu · 1 recording"
    ]
    assert await folders(hass, loaded, "year", "1980") == []
    # The folder can be searched like others.
    year = await browse(hass, "year", "2012", entry=loaded)
    assert (year.title, year.can_search) == ("2012 · 3 recordings", True)
    assert children_of(year)[0].media_content_id.endswith("/month/2012-02")


async def test_camera_that_records_for_years(
    hass: HomeAssistant, camera: Camera, loaded: MockConfigEntry
) -> None:
    """Nothing is left out: the newest days, then twelve months, then years."""
    for day in range(0, 365 * 12, 7):
        add(camera, NOON - HOUR - day * DAY)
    # One that is in two months is one in a year.
    add(camera, datetime(2020, 5, 31, 12, tzinfo=UTC), 24 * HOUR)
    found = await folders(hass, loaded)
    assert [title[:7] for title in found[31:43]] == [
        "2026-04", "2026-03", "2026-02", "2026-01", "2025-12", "2025-11",
        "2025-10", "2025-09", "2025-08", "2025-07", "2025-06", "2025-05",
    ]  # fmt: skip
    years = found[43:]
    assert [title[:4] for title in years] == [
        str(year) for year in range(2025, 2013, -1)
    ]
    assert years[5] == "2020 · 53 recordings"
    assert len(await folders(hass, loaded, "year", "2020")) == 12
    assert len(await folders(hass, loaded, "month", "2020-05")) == 5


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
