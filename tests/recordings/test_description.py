"""The words for what recordings have in common."""

from typing import TYPE_CHECKING

import pytest

from custom_components.axis_recordings.recordings.description import Describer
from custom_components.axis_recordings.vapix import RecordingType

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant


@pytest.mark.usefixtures("loaded")
async def test_words(hass: HomeAssistant) -> None:
    """Each type is called as VAPIX calls it, and as Home Assistant's language does."""
    words = Describer.async_load(hass)
    assert words.types.keys() == {*RecordingType}
    assert words.types[RecordingType.TRIGGERED] == "triggered\nTriggered"
    assert words.by_home_assistant == "Recorded by Home Assistant"
    assert words.in_progress == "In progress"
