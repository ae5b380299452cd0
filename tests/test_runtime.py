"""What belongs to one camera while it is loaded."""

from typing import TYPE_CHECKING

from custom_components.axis_recordings.runtime import AxisRecordingsData

from .common import set_up

if TYPE_CHECKING:
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
