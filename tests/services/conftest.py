"""Fixtures: a folder for what is saved."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from homeassistant.core import HomeAssistant


@pytest.fixture
def media(hass: HomeAssistant, tmp_path: Path) -> Path:
    """Return the folder for media, the only one that Home Assistant may write to."""
    folder = tmp_path / "media"
    folder.mkdir()
    hass.config.media_dirs = {"local": str(folder)}
    hass.config.allowlist_external_dirs = {str(folder)}
    return folder
