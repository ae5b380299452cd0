"""What the tests of the actions share that make something of a part of a recording."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from homeassistant.exceptions import (
    HomeAssistantError,
)
import pytest

from custom_components.axis_recordings.const import DOMAIN
from tests.camera import Camera, Disk
from tests.common import call
from tests.videos import (
    Movie,
    add_video,
    at,
    movie_at,
    quick_camera,
)

if TYPE_CHECKING:
    from pathlib import Path

    from homeassistant.core import HomeAssistant

TOLERANCE = timedelta(milliseconds=2)


def camera_with_video() -> Camera:
    """Return a camera with a video of twenty seconds."""
    camera = quick_camera(disks=[Disk("SD_DISK"), Disk("NetworkShare")])
    add_video(camera)
    return camera


def iso(seconds: float) -> str:
    """Return a moment by its seconds after START, as a field of an action."""
    return at(seconds).isoformat()


async def save(hass: HomeAssistant, **fields: Any) -> list[dict[str, Any]]:
    """Save to files, and return what is returned of them."""
    answer = await call(hass, "save", **{"filename": "video", **fields})
    assert answer["camera"] == "Front camera"
    assert answer["device_id"]
    found: list[dict[str, Any]] = answer["files"]
    for file in found:
        assert len(movie_at(file["path"]).data) == file["size"]
    return found


async def save_one(hass: HomeAssistant, **fields: Any) -> tuple[dict[str, Any], Movie]:
    """Save to one file, and return what is returned of it and what is in it."""
    (file,) = await save(hass, **fields)
    return file, movie_at(file["path"])


async def fails(hass: HomeAssistant, action: str, key: str, **fields: Any) -> str:
    """Call an action that fails, and return in which words."""
    with pytest.raises(HomeAssistantError) as error:
        await call(hass, action, **fields)
    assert error.value.translation_domain == DOMAIN
    assert error.value.translation_key == key, str(error.value)
    text = str(error.value)
    assert "{" not in text
    return text


def names(folder: Path) -> set[str]:
    """Return what is in a folder and the folders in it."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def assert_time(text: str, seconds: float) -> None:
    """See that a time in an answer is so many seconds after START."""
    assert abs(datetime.fromisoformat(text) - at(seconds)) <= TOLERANCE


def steps(first: float, last: float) -> list[float]:
    """Return the times of all frames from one second to another, which is excluded."""
    return [first + n / 10 for n in range(round((last - first) * 10))]
