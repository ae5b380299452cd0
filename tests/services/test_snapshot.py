"""Pictures of past moments."""

from base64 import b64decode
from typing import TYPE_CHECKING

import pytest
import voluptuous as vol

from tests.camera import Camera, CameraServer, Encoding, Fault
from tests.common import call
from tests.playback.playing import running  # noqa: F401 - for all tests here
from tests.videos import (
    EXPORT,
    VIDEO,
    Movie,
    add_video,
    assert_no_secrets,
    at,
    movie_at,
    quiet,
    running_clock,
    second_of,
)

from .saving import (
    assert_time,
    camera_with_video,
    fails,
    iso,
    names,
)

if TYPE_CHECKING:
    from pathlib import Path

    from homeassistant.core import HomeAssistant

pytestmark = running_clock


@pytest.fixture
def camera() -> Camera:
    """Return a camera with a video of twenty seconds."""
    return camera_with_video()


@pytest.mark.usefixtures("loaded")
async def test_snapshot(hass: HomeAssistant, server: CameraServer) -> None:
    """It shows the moment that was asked for, and that is what is returned."""
    for moment, shown in ((0, 0), (7.35, 7.3), (7.99, 7.9), (19.95, 19.9)):
        answer = await call(hass, "snapshot", time=iso(moment))
        picture = b64decode(answer.pop("image"))
        assert second_of(picture) == pytest.approx(shown, abs=0.002)
        assert_time(answer.pop("time"), shown)
        assert Movie(picture).size == (160, 90)
        assert_no_secrets(str(answer), server)
        assert answer.pop("device_id")
        assert answer == {
            "recording_id": VIDEO,
            "disk": "SD_DISK",
            "content_type": "image/jpeg",
            "camera": "Front camera",
        }
    await quiet(server)


@pytest.mark.usefixtures("loaded")
async def test_snapshot_file(hass: HomeAssistant, media: Path, camera: Camera) -> None:
    """It is as wide as wanted, but never wider than the video."""
    camera.picture_width = 640
    answer = await call(hass, "snapshot", time=iso(5), filename="sub/a", width=200)
    assert answer["path"] == str(media / "sub" / "a.jpg")
    data = movie_at(answer["path"]).data
    assert answer["size"] == len(data)
    assert "image" not in answer
    assert Movie(data).size == (200, 112)
    assert second_of(data) == pytest.approx(5, abs=0.002)
    await fails(hass, "snapshot", "file_exists", time=iso(8), filename="sub/a.jpg")
    await call(
        hass,
        "snapshot",
        time=iso(8),
        filename="sub/a.jpg",
        overwrite=True,
        width=4000,
    )
    data = (media / "sub" / "a.jpg").read_bytes()
    assert Movie(data).size == (640, 360)
    assert second_of(data) == pytest.approx(8, abs=0.002)
    (media / "file").write_text("mine")
    await fails(hass, "snapshot", "cannot_write", time=iso(8), filename="file/b.jpeg")
    assert names(media) == {"sub", "sub/a.jpg", "file"}
    for width in (0, 63, 7681, "wide"):
        with pytest.raises(vol.Invalid):
            await call(hass, "snapshot", time=iso(5), width=width)


@pytest.mark.usefixtures("loaded", "asks_camera")
@pytest.mark.parametrize("mimetype", ["video/x-h264", "video/x-h265"])
async def test_snapshot_before_the_first_frame(
    hass: HomeAssistant, camera: Camera, mimetype: str
) -> None:
    """Where a video begins later than the list says, its first frame is the nearest; if it is near."""
    for number, late in enumerate((3.0, 12.0)):
        start = 100.0 * (number + 1)
        add_video(
            camera,
            at(start),
            30,
            recording_id=f"late {late}",
            mimetype=mimetype,
            encoding=Encoding(late=late),
        )
    answer = await call(hass, "snapshot", time=iso(100.2))
    assert_time(answer["time"], 103)
    assert second_of(b64decode(answer["image"])) == pytest.approx(103, abs=0.002)
    await fails(hass, "snapshot", "no_video", time=iso(200.2))


@pytest.mark.usefixtures("loaded")
async def test_snapshot_of_nothing(hass: HomeAssistant, camera: Camera) -> None:
    """Before, between, after, and where the camera can't report."""
    for moment in (-1, 20.5, 1000, 10 * 3600):
        text = await fails(hass, "snapshot", "nothing_recorded", time=iso(moment))
        assert "has no recording between" in text
    await fails(hass, "snapshot", "nothing_recorded", time=iso(4), source="7")
    await fails(hass, "snapshot", "nothing_recorded", time=iso(4), disk="OTHER")
    camera.faults.set(EXPORT, Fault.NO_KEY_FRAMES)
    await fails(hass, "snapshot", "no_key_frame", time=iso(4))
    camera.faults.set("*", Fault.RESET)
    await fails(hass, "snapshot", "cannot_connect", time=iso(4))


@pytest.mark.usefixtures("loaded")
async def test_snapshot_of_one_of_several(hass: HomeAssistant, camera: Camera) -> None:
    """Channels and disks may hold the same moment."""
    add_video(camera, at(1), 10, recording_id="two", source="2")
    add_video(camera, at(2), 10, recording_id="share", disk_id="NetworkShare")
    for wanted, fields in (
        (VIDEO, {"source": 1, "disk": "SD_DISK"}),
        ("two", {"source": "2"}),
        ("share", {"disk": "NetworkShare"}),
    ):
        answer = await call(hass, "snapshot", time=iso(6.5), **fields)
        assert answer["recording_id"] == wanted
        assert second_of(b64decode(answer["image"])) == pytest.approx(6.5, abs=0.002)
