"""Files that are being made when their action is cancelled: whole, or not there."""

from itertools import count
import time
from typing import TYPE_CHECKING, Any

import pytest

from .cancellation import each_cancellation
from .films import (
    FILM,
    RunningClock,
    add_film,
    at,
    files,
    filming,
    movie_at,
    playing_tasks,
    quiet,
    running_clock,
)
from .helpers import call

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path

    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from tests.camera import Camera, CameraServer

pytestmark = running_clock

SECONDS = 3
ACTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "mp4": ("save", {"recording_id": FILM, "filename": "film"}),
    "original": (
        "save",
        {"recording_id": FILM, "filename": "film", "format": "original"},
    ),
    # Of two pieces that don't fit into one file.
    "range": (
        "save",
        {
            "start_time": at(0).isoformat(),
            "end_time": at(20).isoformat(),
            "filename": "film",
        },
    ),
    "snapshot": ("snapshot", {"time": at(1).isoformat(), "filename": "film"}),
    "picture": ("snapshot", {"time": at(1).isoformat()}),
    "link": ("link", {"recording_id": FILM}),
}


@pytest.fixture(autouse=True)
def _clock(freezer: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let clocks run that are not for people to read."""
    monkeypatch.setattr(time, "monotonic", RunningClock())


@pytest.fixture
def camera() -> Camera:
    """Return a camera with two short films of different sizes."""
    camera = filming(bitrate=200_000)
    add_film(camera, seconds=SECONDS)
    add_film(camera, at(10), SECONDS, recording_id="square", size=(480, 480))
    return camera


@pytest.mark.parametrize("name", ACTIONS)
async def test_each_moment(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    server: CameraServer,
    tmp_path: Path,
    name: str,
    record_property: Callable[[str, object], None],
) -> None:
    """Nothing is left of a file that is not complete, and nobody goes on with it."""
    media = tmp_path / "media"
    media.mkdir()
    hass.config.media_dirs = {"local": str(media)}
    hass.config.allowlist_external_dirs = {str(media)}
    action, fields = ACTIONS[name]
    coordinator = loaded.runtime_data

    numbers = count()
    film = FILM

    async def prepare() -> None:
        nonlocal film
        for path in files(media):
            path.unlink()
        # What is cached of the last one would not be asked for again.
        camera.remove_recording(film)
        film = f"film_{next(numbers)}"
        add_film(camera, seconds=SECONDS, recording_id=film)

    def act() -> Coroutine[Any, Any, Any]:
        named = {"recording_id": film} if "recording_id" in fields else {}
        return call(hass, action, **fields | named)

    moments: list[str] = []
    async for moment in each_cancellation(act, server, prepare):
        left = files(media)
        assert len(left) in {0, 2 if name == "range" else 1}, moment
        for path in left:
            assert movie_at(path).frames
        assert coordinator.save_progress is None
        moments.append(moment)
    await quiet(server)
    await hass.async_block_till_done()
    assert not playing_tasks()
    record_property("moments", len(moments))
