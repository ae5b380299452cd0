"""Assist: the names can be spoken."""

from typing import TYPE_CHECKING

from homeassistant.components import conversation
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.core import Context
from homeassistant.setup import async_setup_component
import pytest

from .common import RECORDINGS, SWITCH, state_of

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from tests.camera import Camera


async def say(hass: HomeAssistant, sentence: str) -> str:
    """Speak to Assist and return what it says."""
    result = await conversation.async_converse(
        hass, sentence, None, Context(), language="en"
    )
    return str(result.response.speech["plain"]["speech"])


@pytest.fixture(autouse=True)
async def _assist(hass: HomeAssistant) -> None:
    """Set up Assist as it is out of the box."""
    for component in ("homeassistant", "conversation"):
        assert await async_setup_component(hass, component, {})


@pytest.mark.usefixtures("loaded")
async def test_switch_by_voice(hass: HomeAssistant, camera: Camera) -> None:
    """The switch is exposed by itself; it is turned on, asked for and turned off."""
    await say(hass, "turn on front camera recording")
    assert state_of(hass, SWITCH) == "on"
    assert len(camera.recordings.ongoing) == 1
    assert await say(hass, "is front camera recording on") == "Yes"

    await say(hass, "turn off front camera recording")
    assert not camera.recordings.ongoing
    assert await say(hass, "is front camera recording on") == "No, off"


@pytest.mark.usefixtures("loaded")
async def test_sensor_by_voice(hass: HomeAssistant) -> None:
    """A sensor answers once its owner has exposed it."""
    async_expose_entity(hass, conversation.DOMAIN, RECORDINGS, should_expose=True)
    assert "8" in await say(hass, "what is front camera recordings")
