"""Fixtures: a camera with a video, as in the tests of playback, and what is shared."""

from typing import TYPE_CHECKING

import pytest

from custom_components.axis_recordings.shares.shares import Shares, async_shares
from tests.playback.conftest import camera, player

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

__all__ = ["camera", "player"]


@pytest.fixture
def shares(hass: HomeAssistant) -> Shares:
    """Return what is shared."""
    return async_shares(hass)
