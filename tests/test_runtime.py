"""What belongs to one camera while it is loaded."""

from datetime import timedelta
from typing import TYPE_CHECKING
from unittest.mock import patch

from custom_components.axis_recordings.activity.tracker import RecordingTracker
from custom_components.axis_recordings.runtime import AxisRecordingsData, time_of_walk

from .common import pass_time, set_up

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry


async def test_runtime_data(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    """It is kept by the entry, and goes with it: the next time there is another one."""
    data = loaded.runtime_data
    assert isinstance(data, AxisRecordingsData)
    assert await hass.config_entries.async_unload(loaded.entry_id)
    assert not hasattr(loaded, "runtime_data")
    await set_up(hass, loaded)
    assert loaded.runtime_data is not data


async def test_walked_once_a_day(
    hass: HomeAssistant, loaded: MockConfigEntry, freezer: FrozenDateTimeFactory
) -> None:
    """However often the camera is loaded anew."""
    with patch.object(RecordingTracker, "walk", return_value=()) as walk:
        for quarter in range(8):
            assert walk.call_count in {quarter // 4, quarter // 4 + 1}
            await pass_time(hass, freezer, timedelta(hours=6).total_seconds())
            assert await hass.config_entries.async_unload(loaded.entry_id)
            await set_up(hass, loaded)
        assert walk.call_count == 2


def test_time_of_walk() -> None:
    """Cameras are not all walked through in the same minute, but each at the same time of each day."""
    times = [time_of_walk(f"01JC{number:022}") for number in range(100)]
    assert times == [time_of_walk(f"01JC{number:022}") for number in range(100)]
    assert len({(hour, minute) for hour, minute, _ in times}) > 90
    assert len({hour for hour, _, _ in times}) > 20
    assert all(
        hour in range(24) and minute in range(60) and second in range(60)
        for hour, minute, second in times
    )
