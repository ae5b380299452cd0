"""What people read where a film can't be made yet."""

from typing import TYPE_CHECKING

from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component
import pytest

from custom_components.axis_recordings.const import DOMAIN
from custom_components.axis_recordings.playback.errors import SlowError
from custom_components.axis_recordings.problems import translated

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant


@pytest.mark.usefixtures("enable_custom_integrations")
async def test_last_full_picture_far_before(hass: HomeAssistant) -> None:
    """It is said how far, and that trying again gets there."""
    await async_setup_component(hass, DOMAIN, {})
    with pytest.raises(HomeAssistantError) as caught, translated("Front camera"):
        raise SlowError(80.4)
    text = str(caught.value)
    assert text.startswith("Front camera needs longer to send this.")
    assert "80 seconds before" in text
    assert "try again in a minute" in text
