"""A folder of Home Assistant in which nothing can be written."""

from typing import TYPE_CHECKING
from unittest.mock import patch

from homeassistant.components.media_source import async_browse_media
from homeassistant.const import STATE_OFF, STATE_ON
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.storage import Store
from homeassistant.setup import async_setup_component
from homeassistant.util.file import WriteError
import pytest

from custom_components.axis_recordings import runtime
from custom_components.axis_recordings.const import DOMAIN
from custom_components.axis_recordings.playback import player as player_module
from custom_components.axis_recordings.users.requester import Requester

from .common import IN_PROGRESS, SWITCH, call, pass_time, set_up, state_of, turn
from .videos import VIDEO, add_video, part, quick_camera

if TYPE_CHECKING:
    from pathlib import Path

    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from tests.camera import Camera


@pytest.fixture
def camera(freezer: FrozenDateTimeFactory) -> Camera:
    """Return a camera with a video."""
    camera = quick_camera()
    add_video(camera)
    return camera


async def test_nothing_can_be_written(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What can't be remembered is said once each; all that needs no memory works."""
    assert await async_setup_component(hass, "media_source", {})
    # Whoever runs the tests may be one who may write everywhere, but nobody writes into a file's folder.
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / "folder"
    monkeypatch.setattr(runtime, "index_path", lambda *_: folder / "ledger.db")
    monkeypatch.setattr(player_module, "cache_folder", lambda *_: folder)
    full = WriteError("Read-only file system")
    with patch.object(Store, "_async_write_data", side_effect=full):
        await set_up(hass, entry)
        await turn(hass, "on")
        assert state_of(hass, SWITCH) == state_of(hass, IN_PROGRESS) == STATE_ON
        for _ in range(5):
            await pass_time(hass, freezer)
        await turn(hass, "off")
        assert state_of(hass, IN_PROGRESS) == STATE_OFF
        assert await async_browse_media(hass, f"media-source://{DOMAIN}")
        assert (await call(hass, "search"))["recordings"]
        player = entry.runtime_data.player
        # A picture needs no memory, nor does whoever plays on; a clip needs a place to be made.
        assert await player.images.async_thumbnail(part(VIDEO))
        assert await player.async_play(part(VIDEO), Requester())
        with pytest.raises(HomeAssistantError) as caught:
            await player.async_clip(part(VIDEO))
        assert caught.value.translation_key == "no_room"
        assert await player.images.async_snapshot(part(VIDEO))
        assert await hass.config_entries.async_reload(entry.entry_id)
        await hass.async_block_till_done()
    said = [
        each.getMessage()
        for each in caplog.records
        if each.name.endswith(DOMAIN) and each.levelname in {"WARNING", "ERROR"}
    ]
    assert len([each for each in said if "can't be remembered" in each]) == 2
    assert len([each for each in said if "could not be noted" in each]) == 1
    assert len(said) == 3
