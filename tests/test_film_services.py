"""The actions that make files, pictures and links of recordings."""

import asyncio
from base64 import b64decode
from datetime import datetime, timedelta
from http import HTTPStatus
import logging
import os
from pathlib import Path
import time
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from av.error import OSError as FFmpegOSError
from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import Context, callback
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
    UnknownUser,
)
from homeassistant.helpers.network import NoURLAvailableError
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockUser
import voluptuous as vol

from custom_components.axis_recordings.const import DOMAIN
from tests.camera import Camera, CameraServer, Disk, Fault, Quirks

from .films import (
    EXPORT,
    FILM,
    HOUR,
    MINUTE,
    SECOND,
    START,
    Movie,
    RunningClock,
    add_film,
    assert_no_secrets,
    at,
    filming,
    movie_at,
    playing_tasks,
    quiet,
    running_clock,
    second_of,
    until,
)
from .helpers import IN_PROGRESS, added, call, state_of

if TYPE_CHECKING:
    from aiohttp import web
    from aiohttp.test_utils import TestClient
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import Event, EventStateChangedData, HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry
    from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

type Client = TestClient[web.Request, web.Application]

pytestmark = running_clock

PROGRESS = "sensor.front_camera_save_progress"
INTEGRATION = f"custom_components.{DOMAIN}"
BACK = "binary_sensor.back_door_recording_in_progress"
TOLERANCE = timedelta(milliseconds=2)


@pytest.fixture
def hass_config_dir(tmp_path: Path) -> str:
    """Keep what is cached apart from other tests."""
    folder = tmp_path / "config"
    folder.mkdir()
    return str(folder)


@pytest.fixture(autouse=True)
def clock(
    freezer: object, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> RunningClock:
    """Let clocks run that are not for people to read."""
    # aiohttp can't log a made-up local time.
    caplog.set_level(logging.ERROR + 1, "aiohttp.access")
    clock = RunningClock()
    monkeypatch.setattr(time, "monotonic", clock)
    return clock


@pytest.fixture
def media(hass: HomeAssistant, tmp_path: Path) -> Path:
    """Return the folder for media, the only one that Home Assistant may write to."""
    folder = tmp_path / "media"
    folder.mkdir()
    hass.config.media_dirs = {"local": str(folder)}
    hass.config.allowlist_external_dirs = {str(folder)}
    return folder


@pytest.fixture
def camera() -> Camera:
    """Return a camera with a film of twenty seconds."""
    camera = filming(disks=[Disk("SD_DISK"), Disk("NetworkShare")])
    add_film(camera)
    return camera


def iso(seconds: float) -> str:
    """Return a moment by its seconds after START, as a field of an action."""
    return at(seconds).isoformat()


async def save(hass: HomeAssistant, **fields: Any) -> list[dict[str, Any]]:
    """Save to files, and return what is told of them."""
    answer = await call(hass, "save", **{"filename": "film", **fields})
    assert answer["camera"] == "Front camera"
    assert answer["device_id"]
    found: list[dict[str, Any]] = answer["files"]
    for file in found:
        assert len(movie_at(file["path"]).data) == file["size"]
    return found


async def save_one(hass: HomeAssistant, **fields: Any) -> tuple[dict[str, Any], Movie]:
    """Save to one file, and return what is told of it and what is in it."""
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


# Save


@pytest.mark.usefixtures("loaded")
async def test_save_a_recording(
    hass: HomeAssistant, media: Path, server: CameraServer
) -> None:
    """All of it, as an MP4 in the folder for media."""
    file, movie = await save_one(hass, recording_id=FILM)
    assert file == {
        "path": str(media / "film.mp4"),
        "size": len(movie.data),
        "start": iso(0),
        "end": iso(20),
        "duration": 20.0,
        "recording_ids": [FILM],
        "dropped_audio": None,
    }
    assert movie.seconds == pytest.approx(steps(0, 20), abs=0.002)
    assert movie.duration == pytest.approx(20, abs=0.01)
    assert names(media) == {"film.mp4"}
    assert server.exports_made == 1
    assert state_of(hass, PROGRESS) == STATE_UNKNOWN
    assert_no_secrets(movie.data, server)


@pytest.mark.usefixtures("loaded")
async def test_save_a_part(hass: HomeAssistant, media: Path) -> None:
    """It begins at the key frame before, and that is what is told."""
    file, movie = await save_one(
        hass,
        recording_id=FILM,
        start_time=iso(5.05),
        end_time=iso(12.3),
        filename="sub/folder/part.MP4",
    )
    assert file["path"] == str(media / "sub/folder/part.MP4")
    assert_time(file["start"], 4)
    assert_time(file["end"], 12.3)
    assert file["duration"] == pytest.approx(8.3, abs=0.002)
    assert movie.seconds == pytest.approx(steps(4, 12.3), abs=0.002)

    file, movie = await save_one(
        hass, recording_id=FILM, start_time=iso(16), filename="end"
    )
    assert movie.seconds == pytest.approx(steps(16, 20), abs=0.002)
    # Times may lie outside, and in another time zone.
    start = (at(0) - HOUR).astimezone(dt_util.get_time_zone("Asia/Tokyo"))
    file, movie = await save_one(
        hass, recording_id=FILM, start_time=start, end_time=iso(2), filename="begin"
    )
    assert movie.seconds == pytest.approx(steps(0, 2), abs=0.002)


@pytest.mark.usefixtures("loaded")
async def test_save_a_range(
    hass: HomeAssistant, media: Path, camera: Camera, server: CameraServer
) -> None:
    """Recordings that follow each other come as one film, whose clock jumps over the gap."""
    add_film(camera, at(32), 10, recording_id="second")
    add_film(camera, at(42), 6, recording_id="third")
    add_film(camera, at(100), 6, recording_id="later")
    file, movie = await save_one(hass, start_time=iso(14), end_time=iso(44))
    assert movie.seconds == pytest.approx([*steps(14, 20), *steps(32, 44)], abs=0.002)
    shown = [frame.time for frame in movie.frames]
    assert shown == pytest.approx([n / 10 for n in range(len(shown))], abs=0.02)
    assert_time(file["start"], 14)
    assert_time(file["end"], 44)
    assert file["duration"] == pytest.approx(18, abs=0.005)
    assert file["recording_ids"] == [FILM, "second", "third"]
    assert names(media) == {"film.mp4"}
    await quiet(server)


@pytest.mark.usefixtures("loaded")
async def test_different_codings(
    hass: HomeAssistant, media: Path, camera: Camera
) -> None:
    """They don't fit into one film, so there are several."""
    add_film(camera, at(30), 4, recording_id="square", size=(480, 480))
    add_film(camera, at(36), 4, recording_id="square_2", size=(480, 480))
    add_film(camera, at(42), 4, recording_id="h265", mimetype="video/x-h265")
    found = await save(hass, start_time=iso(16), end_time=iso(60), filename="a.mp4")
    assert [file["path"] for file in found] == [
        str(media / name) for name in ("a.mp4", "a_2.mp4", "a_3.mp4")
    ]
    movies = [movie_at(file["path"]) for file in found]
    assert movies[0].seconds == pytest.approx(steps(16, 20), abs=0.002)
    assert movies[1].seconds == pytest.approx(
        [*steps(30, 34), *steps(36, 40)], abs=0.002
    )
    assert movies[2].seconds == pytest.approx(steps(42, 46), abs=0.002)
    assert found[1]["recording_ids"] == ["square", "square_2"]
    assert_time(found[2]["start"], 42)
    assert names(media) == {"a.mp4", "a_2.mp4", "a_3.mp4"}

    # The next one would have a name that is taken.
    (media / "b_2.mp4").write_text("mine")
    await fails(
        hass,
        "save",
        "file_exists",
        start_time=iso(16),
        end_time=iso(60),
        filename="b",
    )
    assert (media / "b_2.mp4").read_text() == "mine"
    assert "b_3.mp4" not in names(media)
    assert not any("part" in name for name in names(media))


@pytest.mark.usefixtures("loaded")
async def test_several_disks(hass: HomeAssistant, media: Path, camera: Camera) -> None:
    """What two disks hold of the same time is not told twice."""
    add_film(camera, START, 20, recording_id="copy", disk_id="NetworkShare")
    add_film(camera, at(10), 20, recording_id="more", disk_id="NetworkShare")
    file, movie = await save_one(hass, start_time=iso(0), end_time=iso(60))
    assert movie.seconds == pytest.approx(steps(0, 30), abs=0.002)
    assert file["recording_ids"][1:] == ["more"]
    file, movie = await save_one(
        hass,
        start_time=iso(0),
        end_time=iso(8),
        disk="NetworkShare",
        filename="network",
    )
    assert file["recording_ids"] == ["copy"]
    assert await fails(
        hass,
        "save",
        "unknown_recording",
        recording_id="copy",
        disk="SD_DISK",
        filename="x",
    )


@pytest.mark.usefixtures("loaded")
async def test_several_channels(
    hass: HomeAssistant, media: Path, camera: Camera
) -> None:
    """Without a source it is that of the first recording."""
    add_film(camera, at(4), 20, recording_id="two", source="2")
    add_film(camera, at(22), 4, recording_id="one")
    file, _ = await save_one(hass, start_time=iso(0), end_time=iso(60))
    assert file["recording_ids"] == [FILM, "one"]
    file, movie = await save_one(
        hass, start_time=iso(0), end_time=iso(60), source=2, filename="two"
    )
    assert file["recording_ids"] == ["two"]
    assert movie.seconds == pytest.approx(steps(4, 24), abs=0.002)


@pytest.mark.usefixtures("loaded")
async def test_many_pieces(hass: HomeAssistant, media: Path, camera: Camera) -> None:
    """There is a limit to how many recordings are looked for."""
    for number in range(5):
        add_film(camera, at(30 + 4 * number), 2, recording_id=f"film{number}")
    with (
        patch(f"{INTEGRATION}.saving.MAX_PIECES", 2),
        patch(f"{INTEGRATION}.vapix.client.PAGE_SIZE", 2),
    ):
        assert await save(hass, start_time=iso(0), end_time=iso(60))


@pytest.mark.usefixtures("loaded")
async def test_ongoing(hass: HomeAssistant, media: Path, camera: Camera) -> None:
    """It is saved up to now."""
    recording_id = camera.start_recording(start=dt_util.utcnow() - 6 * SECOND)
    file, movie = await save_one(hass, recording_id=recording_id)
    assert 5 < file["duration"] < 60
    numbers = [frame.clock.number for frame in movie.frames]
    assert numbers == list(range(len(numbers)))


@pytest.mark.usefixtures("loaded")
async def test_original(
    hass: HomeAssistant, media: Path, camera: Camera, server: CameraServer
) -> None:
    """The camera's own files, one for each recording, untouched."""
    add_film(camera, at(30), 6, recording_id="old", mimetype="image/jpeg")
    found = await save(
        hass, start_time=iso(5), end_time=iso(60), format="original", filename="film"
    )
    assert [Path(file["path"]).name for file in found] == ["film.mkv", "film_2.mkv"]
    first, second = (movie_at(file["path"]) for file in found)
    assert first.seconds == pytest.approx(steps(4, 20), abs=0.002)
    assert second.seconds == pytest.approx(steps(30, 36), abs=0.002)
    assert second.codecs == ["mjpeg"]
    assert [export.bytes_sent for export in server.exports] == [
        file["size"] for file in found
    ]
    assert_time(found[0]["start"], 4)
    assert_time(found[0]["end"], 20)
    assert found[0]["duration"] == pytest.approx(16, abs=0.002)
    assert found[0]["recording_ids"] == [FILM]

    # It is named by what it is.
    (file,) = await save(
        hass, recording_id=FILM, format="original", filename="other.mp4"
    )
    assert file["path"] == str(media / "other.mkv")


@pytest.mark.usefixtures("entry")
async def test_original_of_a_camera_with_mp4(
    hass: HomeAssistant, media: Path, camera: Camera, entry: MockConfigEntry
) -> None:
    """The ending follows what the camera sends."""
    camera.quirks = Quirks(export_formats=("mp4",), export_size="unknown")
    camera.bitrate = 1_000_000
    assert await hass.config_entries.async_setup(entry.entry_id)
    file, movie = await save_one(
        hass, recording_id=FILM, format="original", filename="film.mkv"
    )
    assert file["path"] == str(media / "film.mp4")
    assert movie.data[4:8] == b"ftyp"
    assert movie.seconds == pytest.approx(steps(0, 20), abs=0.002)
    file, movie = await save_one(hass, recording_id=FILM, filename="copy")
    assert movie.seconds == pytest.approx(steps(0, 20), abs=0.002)


@pytest.mark.usefixtures("loaded")
async def test_sound(hass: HomeAssistant, media: Path, camera: Camera) -> None:
    """What was left out is named."""
    add_film(camera, at(30), 6, recording_id="aac", audio="audio/x-aac")
    add_film(camera, at(40), 6, recording_id="opus", audio="audio/x-opus")
    file, movie = await save_one(hass, recording_id="aac", filename="aac")
    assert file["dropped_audio"] is None
    assert movie.codecs == ["h264", "aac"]
    file, movie = await save_one(hass, recording_id="opus", filename="opus")
    assert file["dropped_audio"] == "opus"
    assert movie.codecs == ["h264"]


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("file_format", ["mp4", "original"])
async def test_progress(
    hass: HomeAssistant, media: Path, camera: Camera, file_format: str
) -> None:
    """It is seen while it goes on, and nothing is seen afterwards."""
    camera.bitrate = 8_000_000
    seen: list[str] = []

    @callback
    def note(event: Event[EventStateChangedData]) -> None:
        if event.data["entity_id"] == PROGRESS and event.data["new_state"]:
            seen.append(event.data["new_state"].state)

    hass.bus.async_listen("state_changed", note)
    add_film(camera, at(30), 10, recording_id="second")
    await save(hass, start_time=iso(0), end_time=iso(60), format=file_format)
    await hass.async_block_till_done()
    assert seen.pop() == STATE_UNKNOWN
    parts = [int(state) for state in seen]
    assert parts == sorted(parts)
    assert len(parts) > 3
    assert parts[-1] > 80


@pytest.mark.usefixtures("loaded")
async def test_progress_of_two_at_once(
    hass: HomeAssistant, media: Path, camera: Camera, loaded: MockConfigEntry
) -> None:
    """They share it, and one that ends leaves the other's."""
    camera.export_speed = 20.0
    add_film(camera, at(30), 10, recording_id="second")
    works = [
        asyncio.ensure_future(save(hass, recording_id=FILM, filename="a")),
        asyncio.ensure_future(save(hass, recording_id="second", filename="b")),
    ]
    await until(lambda: state_of(hass, PROGRESS) not in (STATE_UNKNOWN, "0"))
    await asyncio.gather(*works)
    assert state_of(hass, PROGRESS) == STATE_UNKNOWN
    assert loaded.runtime_data.save_progress is None


# Where to save


@pytest.mark.usefixtures("loaded")
async def test_places_that_are_not_allowed(
    hass: HomeAssistant, media: Path, tmp_path: Path, server: CameraServer
) -> None:
    """Nothing is written outside of the folders, by whatever way."""
    (tmp_path / "outside").mkdir()
    (media / "way_out").symlink_to(tmp_path / "outside")
    (media / "folder").mkdir()
    (media / "link.mp4").symlink_to(tmp_path / "outside" / "film.mp4")
    (tmp_path / "outside" / "there.mp4").write_text("mine")
    (media / "there.mp4").symlink_to(tmp_path / "outside" / "there.mp4")
    for filename in (
        str(tmp_path / "outside" / "film.mp4"),
        "../film.mp4",
        "folder/../../film.mp4",
        "folder/../film.mp4",
        str(media / ".." / "outside" / "film.mp4"),
        "way_out/film.mp4",
        "way_out/new/film.mp4",
        "there.mp4",
        "folder",
        "folder/",
        ".",
        "..",
        "/",
        "/etc/passwd.mp4",
        str(media),
        "nul\0.mp4",
    ):
        for action, fields in (
            ("save", {"recording_id": FILM, "overwrite": True}),
            ("snapshot", {"time": iso(4), "overwrite": True}),
        ):
            text = await fails(
                hass, action, "path_not_allowed", filename=filename, **fields
            )
            assert filename in text
    # A link that leads nowhere is replaced, not followed.
    await fails(hass, "save", "file_exists", recording_id=FILM, filename="link")
    await save(hass, recording_id=FILM, filename="link", overwrite=True)
    assert not (media / "link.mp4").is_symlink()
    assert names(tmp_path / "outside") == {"there.mp4"}
    assert (tmp_path / "outside" / "there.mp4").read_text() == "mine"
    assert server.exports_made == 1


@pytest.mark.usefixtures("loaded")
async def test_endings(hass: HomeAssistant, media: Path) -> None:
    """It may be left out, but a wrong one is a mistake."""
    for filename, fields in (
        ("film.mkv", {}),
        ("film.avi", {}),
        ("film.jpg", {"format": "original"}),
        ("2026.11.24", {}),
    ):
        text = await fails(
            hass, "save", "wrong_ending", recording_id=FILM, filename=filename, **fields
        )
        assert filename in text
        assert ".mp4" in text
    for filename in ("film.png", "film.mp4"):
        text = await fails(
            hass, "snapshot", "wrong_ending", time=iso(4), filename=filename
        )
        assert ".jpg, .jpeg" in text
    assert not names(media)


@pytest.mark.usefixtures("loaded")
async def test_relative_paths(hass: HomeAssistant, media: Path, tmp_path: Path) -> None:
    """They are in the folder named local, or else in the first one."""
    other = tmp_path / "other"
    hass.config.allowlist_external_dirs = {str(media), str(other)}
    hass.config.media_dirs = {"other": str(other)}
    (file,) = await save(hass, recording_id=FILM)
    assert file["path"] == str(other / "film.mp4")
    hass.config.media_dirs = {"other": str(other), "local": str(media)}
    (file,) = await save(hass, recording_id=FILM)
    assert file["path"] == str(media / "film.mp4")
    hass.config.media_dirs = {}
    await fails(hass, "save", "path_not_allowed", recording_id=FILM, filename="a")


@pytest.mark.usefixtures("loaded")
async def test_overwrite(
    hass: HomeAssistant, media: Path, server: CameraServer
) -> None:
    """Only when it is wanted."""
    target = media / "film.mp4"
    target.write_text("mine")
    text = await fails(hass, "save", "file_exists", recording_id=FILM, filename="film")
    assert str(target) in text
    assert target.read_text() == "mine"
    assert server.exports_made == 0
    await save(hass, recording_id=FILM, overwrite=True)
    assert len(Movie(target.read_bytes()).frames) == 200


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("can_link", [True, False])
async def test_file_that_appears_meanwhile(
    hass: HomeAssistant,
    media: Path,
    camera: Camera,
    server: CameraServer,
    can_link: bool,
) -> None:
    """It is somebody else's, and stays."""
    camera.export_speed = 20.0
    refusal = None if can_link else OSError(1, "Not permitted")
    with patch("os.link", wraps=os.link, side_effect=refusal):
        work = asyncio.ensure_future(
            fails(hass, "save", "file_exists", recording_id=FILM, filename="film")
        )
        await until(lambda: server.exports_open)
        (media / "film.mp4").write_text("mine")
        await work
        assert (media / "film.mp4").read_text() == "mine"
        assert names(media) == {"film.mp4"}
        # Not every disk can do this, but every disk can be saved to.
        camera.export_speed = None
        await save(hass, recording_id=FILM, filename="other")
    assert names(media) == {"film.mp4", "other.mp4"}


# What may go wrong


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("file_format", ["mp4", "original"])
async def test_nothing_is_left_after_a_failure(
    hass: HomeAssistant,
    media: Path,
    camera: Camera,
    server: CameraServer,
    file_format: str,
) -> None:
    """Neither a part of the file nor something temporary."""
    fields = {"recording_id": FILM, "filename": "film", "format": file_format}
    camera.faults.set(EXPORT, Fault.RESET, after=60_000)
    await fails(hass, "save", "cannot_connect", **fields)
    assert not names(media)
    camera.faults.set(EXPORT, Fault.ERROR, message="110 Recording not found")
    await fails(hass, "save", "recording_gone", **fields)
    assert not names(media)
    camera.faults.clear()
    # From now on there is no need to read anything.
    await save(hass, **fields)
    (media / f"film.{'mp4' if file_format == 'mp4' else 'mkv'}").unlink()
    full = OSError(28, "No space left on device", "/x")
    with (
        patch(f"{INTEGRATION}.saving.append", side_effect=full),
        patch(
            f"{INTEGRATION}.playback.clips.Copier.copy",
            side_effect=FFmpegOSError(*full.args),
        ),
    ):
        text = await fails(hass, "save", "cannot_write", **fields)
    assert "film.m" in text
    assert "can't be written: No space left on device. Look" in text
    assert not names(media)
    (media / "file").write_text("mine")
    await fails(hass, "save", "cannot_write", **fields | {"filename": "file/film"})
    await fails(hass, "save", "cannot_write", **fields | {"filename": "x" * 240})
    assert names(media) == {"file"}
    await quiet(server)
    assert state_of(hass, PROGRESS) == STATE_UNKNOWN


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("file_format", ["mp4", "original"])
async def test_cancelled(
    hass: HomeAssistant,
    media: Path,
    camera: Camera,
    server: CameraServer,
    file_format: str,
) -> None:
    """An automation that is turned off takes its export with it."""
    camera.export_speed = 4.0
    camera.bitrate = 20_000_000
    work = asyncio.ensure_future(
        save(hass, recording_id=FILM, filename="film", format=file_format)
    )
    await until(lambda: server.exports_open and names(media))
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    assert work.cancelled()
    await until(lambda: not names(media))
    await quiet(server)
    await until(lambda: not playing_tasks())
    assert state_of(hass, PROGRESS) == STATE_UNKNOWN


@pytest.mark.usefixtures("loaded")
async def test_unloaded_meanwhile(
    hass: HomeAssistant,
    media: Path,
    camera: Camera,
    server: CameraServer,
    loaded: MockConfigEntry,
) -> None:
    """The action ends, and tells why."""
    camera.export_speed = 4.0
    work = asyncio.ensure_future(
        fails(hass, "save", "playback_closed", recording_id=FILM, filename="film")
    )
    await until(lambda: server.exports_open)
    assert await hass.config_entries.async_unload(loaded.entry_id)
    await work
    assert not names(media)


@pytest.mark.usefixtures("loaded")
async def test_codec_that_players_do_not_know(
    hass: HomeAssistant, media: Path, camera: Camera
) -> None:
    """The error names the format that works."""
    add_film(camera, at(30), 4, recording_id="old", mimetype="image/jpeg")
    text = await fails(hass, "save", "unplayable", recording_id="old", filename="a")
    assert "MJPEG" in text
    assert not names(media)


@pytest.mark.usefixtures("loaded")
async def test_fields_that_make_no_sense(
    hass: HomeAssistant, media: Path, camera: Camera
) -> None:
    """Each one is named, and nothing is exported."""
    fields: dict[str, Any] = {"filename": "film"}
    await fails(hass, "save", "nothing_to_save", **fields)
    await fails(hass, "save", "nothing_to_save", start_time=iso(0), **fields)
    await fails(hass, "save", "nothing_to_save", end_time=iso(0), **fields)
    for end in (5, 4):
        await fails(
            hass,
            "save",
            "end_before_start",
            start_time=iso(5),
            end_time=iso(end),
            **fields,
        )
    await fails(hass, "save", "unknown_recording", recording_id="no", **fields)
    await fails(hass, "save", "not_a_recording_id", recording_id="all", **fields)
    await fails(hass, "save", "not_a_recording_id", recording_id="a,b", **fields)
    text = await fails(
        hass, "save", "nothing_recorded", start_time=iso(50), end_time=iso(60), **fields
    )
    assert text.startswith("Front camera has no recording between 2026-11-24 ")
    for start, end in ((30, 40), (-40, -30)):
        await fails(
            hass,
            "save",
            "nothing_recorded",
            recording_id=FILM,
            start_time=iso(start),
            end_time=iso(end),
            **fields,
        )
    await fails(
        hass, "save", "nothing_recorded", recording_id=FILM, end_time=iso(-9), **fields
    )
    camera.faults.set("record/list.cgi", Fault.BAD_TIME)
    await fails(
        hass, "save", "nothing_recorded", start_time=iso(0), end_time=iso(9), **fields
    )
    camera.faults.set("record/list.cgi", Fault.RESET)
    await fails(
        hass, "save", "cannot_connect", start_time=iso(0), end_time=iso(9), **fields
    )
    await fails(hass, "save", "cannot_connect", recording_id=FILM, **fields)
    camera.quirks = Quirks(export=None)
    camera.faults.clear()
    await fails(hass, "save", "no_export_api", recording_id=FILM, **fields)
    await fails(
        hass, "save", "no_export_api", recording_id=FILM, format="original", **fields
    )
    assert not names(media)
    for wrong in ({"format": "avi"}, {"filename": " "}, {"start_time": "soon"}):
        with pytest.raises(vol.Invalid):
            await save(hass, **{"recording_id": FILM, **wrong})


@pytest.mark.usefixtures("loaded")
async def test_too_long(
    hass: HomeAssistant, media: Path, camera: Camera, server: CameraServer
) -> None:
    """A day is the most."""
    add_film(camera, START - 30 * HOUR, 29 * 3600, recording_id="long")
    text = await fails(
        hass, "save", "too_long_to_save", recording_id="long", filename="film"
    )
    assert text.startswith("That is longer than 24 hours. Choose")
    assert server.exports_made == 0
    # A longer range is fine if less was recorded.
    await save(hass, start_time=START - MINUTE, end_time=START + 30 * HOUR)


@pytest.mark.usefixtures("loaded", "media")
async def test_targets(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    """It is one camera, and one that is there."""
    fields = {
        "save": {"recording_id": FILM, "filename": "film"},
        "snapshot": {"time": iso(4)},
        "link": {"recording_id": FILM},
    }
    other = filming(serial="B8A44F0A1B2D", name="Back door")
    async with added(hass, other):
        for action, given in fields.items():
            text = await fails(
                hass,
                action,
                "several_cameras",
                target={"entity_id": [IN_PROGRESS, BACK]},
                **given,
            )
            assert "Back door, Front camera" in text or "Front camera, Back" in text
            await fails(
                hass, action, "no_camera", target={"entity_id": "sun.sun"}, **given
            )
    await hass.config_entries.async_unload(loaded.entry_id)
    for action, given in fields.items():
        await fails(hass, action, "camera_not_loaded", **given)


@pytest.mark.usefixtures("loaded")
async def test_rights(
    hass: HomeAssistant, media: Path, hass_read_only_user: MockUser
) -> None:
    """Who may look may look; files are for who may do more."""
    nobody = MockUser(name="nobody").add_to_hass(hass)

    async def act(action: str, user_id: str, **fields: Any) -> None:
        await hass.services.async_call(
            DOMAIN,
            action,
            fields | {"entity_id": IN_PROGRESS},
            blocking=True,
            context=Context(user_id=user_id),
            return_response=True,
        )

    looking: list[tuple[str, dict[str, Any]]] = [
        ("snapshot", {"time": iso(4)}),
        ("link", {"recording_id": FILM}),
    ]
    writing: list[tuple[str, dict[str, Any]]] = [
        ("save", {"recording_id": FILM, "filename": "film"}),
        ("snapshot", {"time": iso(4), "filename": "film"}),
    ]
    for action, fields in looking:
        await act(action, hass_read_only_user.id, **fields)
    for action, fields in writing:
        with pytest.raises(Unauthorized):
            await act(action, hass_read_only_user.id, **fields)
    for action, fields in looking + writing:
        with pytest.raises(Unauthorized):
            await act(action, nobody.id, **fields)
        with pytest.raises(UnknownUser):
            await act(action, "0123", **fields)
    assert not names(media)


@pytest.mark.usefixtures("loaded")
async def test_saving_ends_with_the_right(
    hass: HomeAssistant,
    media: Path,
    server: CameraServer,
    hass_admin_user: MockUser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever may not save any more gets no file."""
    monkeypatch.setattr("custom_components.axis_recordings.viewer.CHECK_SECONDS", 0.05)
    server.camera.faults.set(EXPORT, Fault.SLOW, delay=0.05, step=512)
    saving = asyncio.create_task(
        hass.services.async_call(
            DOMAIN,
            "save",
            {"recording_id": FILM, "filename": "film", "entity_id": IN_PROGRESS},
            blocking=True,
            context=Context(user_id=hass_admin_user.id),
        )
    )
    await until(lambda: server.exports_open)
    await hass.auth.async_deactivate_user(hass_admin_user)
    with pytest.raises(Unauthorized):
        await saving
    await quiet(server)
    assert not names(media)


# Snapshot


@pytest.mark.usefixtures("loaded")
async def test_snapshot(hass: HomeAssistant, server: CameraServer) -> None:
    """It shows the moment that was asked for, and that is what is told."""
    for moment, shown in ((0, 0), (7.35, 7.3), (7.99, 7.9), (19.95, 19.9)):
        answer = await call(hass, "snapshot", time=iso(moment))
        picture = b64decode(answer.pop("image"))
        assert second_of(picture) == pytest.approx(shown, abs=0.002)
        assert_time(answer.pop("time"), shown)
        assert Movie(picture).size == (160, 90)
        assert_no_secrets(str(answer), server)
        assert answer.pop("device_id")
        assert answer == {
            "recording_id": FILM,
            "disk": "SD_DISK",
            "content_type": "image/jpeg",
            "camera": "Front camera",
        }
    await quiet(server)


@pytest.mark.usefixtures("loaded")
async def test_snapshot_file(hass: HomeAssistant, media: Path, camera: Camera) -> None:
    """It is as wide as wanted, but never wider than the film."""
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


@pytest.mark.usefixtures("loaded")
async def test_snapshot_of_nothing(hass: HomeAssistant, camera: Camera) -> None:
    """Before, between, after, and where the camera can't tell."""
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
    add_film(camera, at(1), 10, recording_id="two", source="2")
    add_film(camera, at(2), 10, recording_id="share", disk_id="NetworkShare")
    for wanted, fields in (
        (FILM, {"source": 1, "disk": "SD_DISK"}),
        ("two", {"source": "2"}),
        ("share", {"disk": "NetworkShare"}),
    ):
        answer = await call(hass, "snapshot", time=iso(6.5), **fields)
        assert answer["recording_id"] == wanted
        assert second_of(b64decode(answer["image"])) == pytest.approx(6.5, abs=0.002)


# Link


@pytest.fixture
async def stranger(
    loaded: MockConfigEntry, hass_client_no_auth: ClientSessionGenerator
) -> Client:
    """Return a browser in which nobody has logged in."""
    client: Client = await hass_client_no_auth()
    return client


async def test_link(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    stranger: Client,
    freezer: FrozenDateTimeFactory,
    server: CameraServer,
) -> None:
    """It plays without a log-in, until it expires, and leads nowhere else."""
    hass.config.internal_url = "http://home.example:8123"
    answer = await call(
        hass,
        "link",
        recording_id=FILM,
        start_time=iso(5),
        end_time=iso(9),
        expires={"minutes": 10},
    )
    path = answer["path"]
    assert answer["url"] == f"http://home.example:8123{path}"
    left = datetime.fromisoformat(answer["expires"]) - dt_util.utcnow()
    assert 9 * MINUTE < left <= 10 * MINUTE
    assert (answer["start"], answer["end"]) == (iso(5), iso(9))
    assert answer["camera"] == "Front camera"
    assert_no_secrets(str(answer), server)

    response = await stranger.get(path)
    assert response.status == HTTPStatus.OK
    assert response.content_type == "video/mp4"
    assert Movie(await response.read()).seconds == pytest.approx(steps(4, 9), abs=0.002)
    response = await stranger.get(path, headers={"Range": "bytes=0-1"})
    assert response.status == HTTPStatus.PARTIAL_CONTENT

    address, _, signature = path.partition("?")
    for other in (
        address,
        f"{address.replace('/clip/', '/original/').removesuffix('.mp4')}?{signature}",
        f"{address.replace('150009', '150019')}?{signature}",
        f"{path}00",
    ):
        response = await stranger.get(other)
        assert response.status == HTTPStatus.UNAUTHORIZED, other
    freezer.tick(timedelta(minutes=9))
    assert (await stranger.get(path)).status == HTTPStatus.OK
    freezer.tick(timedelta(minutes=2))
    assert (await stranger.get(path)).status == HTTPStatus.UNAUTHORIZED


async def test_link_to_the_original(hass: HomeAssistant, stranger: Client) -> None:
    """It is the whole recording, where nothing else is said, for a day."""
    answer = await call(hass, "link", recording_id=FILM, format="original")
    left = datetime.fromisoformat(answer["expires"]) - dt_util.utcnow()
    assert 23 * HOUR < left <= 24 * HOUR
    response = await stranger.get(answer["path"])
    assert response.status == HTTPStatus.OK
    assert response.content_type == "video/x-matroska"
    assert "attachment" in response.headers["Content-Disposition"]
    movie = Movie(await response.read())
    assert movie.seconds == pytest.approx(steps(0, 20), abs=0.002)


@pytest.mark.usefixtures("loaded")
async def test_link_that_is_not_possible(hass: HomeAssistant, camera: Camera) -> None:
    """The words say what to change."""
    for expires in ({"seconds": 59}, {"days": 7, "seconds": 1}, 0):
        await fails(
            hass, "link", "expires_out_of_range", recording_id=FILM, expires=expires
        )
    for expires in ({"minutes": 1}, {"days": 7}):
        await call(hass, "link", recording_id=FILM, expires=expires)
    await fails(hass, "link", "unknown_recording", recording_id="no")
    await fails(hass, "link", "unknown_recording", recording_id=FILM, disk="OTHER")
    await fails(hass, "link", "nothing_recorded", recording_id=FILM, start_time=iso(30))
    await fails(
        hass,
        "link",
        "end_before_start",
        recording_id=FILM,
        start_time=iso(30),
        end_time=iso(20),
    )
    add_film(camera, START - 5 * HOUR, 7200, recording_id="long")
    await fails(hass, "link", "window_too_long", recording_id="long")
    with pytest.raises(ServiceValidationError):
        await hass.services.async_call(
            DOMAIN,
            "link",
            {"recording_id": FILM, "entity_id": IN_PROGRESS},
            blocking=True,
        )


@pytest.mark.usefixtures("loaded")
async def test_home_assistant_without_an_address(hass: HomeAssistant) -> None:
    """The path works all the same, for whoever knows the rest."""
    with patch(f"{INTEGRATION}.film_services.get_url", side_effect=NoURLAvailableError):
        answer = await call(hass, "link", recording_id=FILM)
    assert answer["url"] is None
    assert answer["path"].startswith(f"/api/{DOMAIN}/clip/")
