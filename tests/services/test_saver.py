"""Files that are being made when their action is cancelled: whole, or not there."""

from itertools import count
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.cancellation import each_cancellation
from tests.common import call, poll
from tests.videos import (
    VIDEO,
    RunningClock,
    add_video,
    at,
    files,
    movie_at,
    playing_tasks,
    quick_camera,
    quiet,
    running_clock,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path

    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from tests.camera import Camera, CameraServer

pytestmark = running_clock

SECONDS = 3
ACTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "mp4": ("save", {"recording_id": VIDEO, "filename": "video"}),
    "original": (
        "save",
        {"recording_id": VIDEO, "filename": "video", "format": "original"},
    ),
    # Of two pieces that don't fit into one file.
    "range": (
        "save",
        {
            "start_time": at(0).isoformat(),
            "end_time": at(20).isoformat(),
            "filename": "video",
        },
    ),
    "snapshot": ("snapshot", {"time": at(1).isoformat(), "filename": "video"}),
    "picture": ("snapshot", {"time": at(1).isoformat()}),
    "link": ("link", {"recording_id": VIDEO}),
}


@pytest.fixture(autouse=True)
def _clock(freezer: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let clocks run that are not for people to read."""
    monkeypatch.setattr(time, "monotonic", RunningClock())


@pytest.fixture
def camera() -> Camera:
    """Return a camera with two short videos of different sizes."""
    camera = quick_camera(bitrate=200_000)
    add_video(camera, seconds=SECONDS)
    add_video(camera, at(10), SECONDS, recording_id="square", size=(480, 480))
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
    saves = loaded.runtime_data.saves

    numbers = count()
    video = VIDEO

    async def prepare() -> None:
        nonlocal video
        for path in files(media):
            path.unlink()
        # What is cached of the last one would not be asked for again.
        camera.remove_recording(video)
        video = f"video_{next(numbers)}"
        add_video(camera, seconds=SECONDS, recording_id=video)
        await poll(hass, loaded)

    def act() -> Coroutine[Any, Any, Any]:
        named = {"recording_id": video} if "recording_id" in fields else {}
        return call(hass, action, **fields | named)

    moments: list[str] = []
    async for moment in each_cancellation(act, server, prepare):
        left = files(media)
        assert len(left) in {0, 2 if name == "range" else 1}, moment
        for path in left:
            assert movie_at(path).frames
        assert saves.progress is None
        moments.append(moment)
    await quiet(server)
    await hass.async_block_till_done()
    assert not playing_tasks()
    record_property("moments", len(moments))
