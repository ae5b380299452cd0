"""Saving recordings as files."""

import asyncio
import os
from pathlib import Path
import threading
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from av.error import OSError as FFmpegOSError
from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import callback
from homeassistant.util import dt as dt_util
import pytest
import voluptuous as vol

from custom_components.axis_recordings.const import DOMAIN
from custom_components.axis_recordings.playback import export_stream as exports
from custom_components.axis_recordings.services.files import append
from custom_components.axis_recordings.users.requester import Requester
from tests.camera import Camera, CameraServer, Fault, Quirks
from tests.common import IN_PROGRESS, call, full_disk, state_of
from tests.playback.playing import running  # noqa: F401 - for all tests here
from tests.videos import (
    EXPORT,
    HOUR,
    MINUTE,
    SECOND,
    START,
    VIDEO,
    Movie,
    RunningClock,
    add_video,
    assert_no_secrets,
    at,
    movie_at,
    part,
    playing_tasks,
    quiet,
    running_clock,
    until,
)
from tests.waiting import give_way

from .saving import (
    assert_time,
    camera_with_video,
    fails,
    iso,
    names,
    save,
    save_one,
    steps,
)

if TYPE_CHECKING:
    from homeassistant.core import Event, EventStateChangedData, HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

pytestmark = running_clock

PROGRESS = "sensor.front_camera_save_progress"
INTEGRATION = f"custom_components.{DOMAIN}"


@pytest.fixture
def camera() -> Camera:
    """Return a camera with a video of twenty seconds."""
    return camera_with_video()


@pytest.mark.usefixtures("loaded")
async def test_save_a_recording(
    hass: HomeAssistant, media: Path, server: CameraServer
) -> None:
    """All of it, as an MP4 in the folder for media."""
    file, movie = await save_one(hass, recording_id=VIDEO)
    assert file == {
        "path": str(media / "video.mp4"),
        "size": len(movie.data),
        "start": iso(0),
        "end": iso(20),
        "duration": 20.0,
        "recording_ids": [VIDEO],
        "dropped_audio": None,
    }
    assert movie.seconds == pytest.approx(steps(0, 20), abs=0.002)
    assert movie.duration == pytest.approx(20, abs=0.01)
    assert names(media) == {"video.mp4"}
    assert server.exports_made == 1
    assert state_of(hass, PROGRESS) == STATE_UNKNOWN
    assert_no_secrets(movie.data, server)


@pytest.mark.usefixtures("loaded")
async def test_save_a_part(hass: HomeAssistant, media: Path) -> None:
    """It begins at the key frame before, and that is what is returned."""
    file, movie = await save_one(
        hass,
        recording_id=VIDEO,
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
        hass, recording_id=VIDEO, start_time=iso(16), filename="end"
    )
    assert movie.seconds == pytest.approx(steps(16, 20), abs=0.002)
    # Times may lie outside, and in another time zone.
    start = (at(0) - HOUR).astimezone(dt_util.get_time_zone("Asia/Tokyo"))
    file, movie = await save_one(
        hass, recording_id=VIDEO, start_time=start, end_time=iso(2), filename="begin"
    )
    assert movie.seconds == pytest.approx(steps(0, 2), abs=0.002)


@pytest.mark.usefixtures("loaded")
async def test_save_a_range(
    hass: HomeAssistant, media: Path, camera: Camera, server: CameraServer
) -> None:
    """Recordings that follow each other come as one video, whose clock jumps over the gap."""
    add_video(camera, at(32), 10, recording_id="second")
    add_video(camera, at(42), 6, recording_id="third")
    add_video(camera, at(100), 6, recording_id="later")
    file, movie = await save_one(hass, start_time=iso(14), end_time=iso(44))
    assert movie.seconds == pytest.approx([*steps(14, 20), *steps(32, 44)], abs=0.002)
    shown = [frame.time for frame in movie.frames]
    assert shown == pytest.approx([n / 10 for n in range(len(shown))], abs=0.02)
    assert_time(file["start"], 14)
    assert_time(file["end"], 44)
    assert file["duration"] == pytest.approx(18, abs=0.005)
    assert file["recording_ids"] == [VIDEO, "second", "third"]
    assert names(media) == {"video.mp4"}
    await quiet(server)


UNKNOWN_ENDS = Quirks(unknown_stop="empty", time_filter=False)


def add_one_cut_short(camera: Camera) -> None:
    """Let a recording be cut short, whose end the camera does not know, and another one follow."""
    camera.quirks = UNKNOWN_ENDS
    add_video(camera, at(40), 6, recording_id="cut", recording_status="unknown")
    add_video(camera, at(60), 6, recording_id="later")


@pytest.mark.usefixtures("loaded")
async def test_end_that_nobody_knows(
    hass: HomeAssistant, media: Path, camera: Camera
) -> None:
    """All that there is of it is saved, and so is what was recorded after it."""
    add_one_cut_short(camera)
    file, movie = await save_one(hass, recording_id="cut")
    assert_time(file["end"], 46)
    assert movie.seconds == pytest.approx(steps(40, 46), abs=0.002)

    file, movie = await save_one(
        hass, start_time=iso(10), end_time=iso(70), filename="range"
    )
    assert file["recording_ids"] == [VIDEO, "cut", "later"]
    assert movie.seconds == pytest.approx(
        [*steps(10, 20), *steps(40, 46), *steps(60, 66)], abs=0.002
    )
    # It may be over before the range begins.
    file, movie = await save_one(
        hass, start_time=iso(50), end_time=iso(70), filename="after"
    )
    assert file["recording_ids"] == ["later"]
    assert movie.seconds == pytest.approx(steps(60, 66), abs=0.002)
    await fails(
        hass,
        "save",
        "no_video",
        start_time=iso(50),
        end_time=iso(59),
        filename="nothing",
    )
    assert names(media) == {"video.mp4", "range.mp4", "after.mp4"}


@pytest.mark.usefixtures("loaded")
async def test_originals_with_an_end_that_nobody_knows(
    hass: HomeAssistant, media: Path, camera: Camera
) -> None:
    """The same for the camera's own files."""
    add_one_cut_short(camera)
    files = await save(hass, start_time=iso(10), end_time=iso(70), format="original")
    assert [file["recording_ids"] for file in files] == [[VIDEO], ["cut"], ["later"]]
    (file,) = await save(
        hass,
        start_time=iso(50),
        end_time=iso(70),
        format="original",
        filename="after",
    )
    assert file["recording_ids"] == ["later"]


@pytest.mark.usefixtures("loaded")
async def test_range_with_an_end_in_whole_seconds(
    hass: HomeAssistant, media: Path, camera: Camera
) -> None:
    """A short recording that ends when it begins, as far as the camera says, is not left out."""
    camera.quirks = Quirks(fraction_digits=0)
    add_video(camera, at(32.2), 0.6, recording_id="short")
    file, _ = await save_one(hass, start_time=iso(14), end_time=iso(44))
    assert file["recording_ids"] == [VIDEO, "short"]


@pytest.mark.usefixtures("loaded")
async def test_different_codings(
    hass: HomeAssistant, media: Path, camera: Camera
) -> None:
    """They don't fit into one video, so there are several."""
    add_video(camera, at(30), 4, recording_id="square", size=(480, 480))
    add_video(camera, at(36), 4, recording_id="square_2", size=(480, 480))
    add_video(camera, at(42), 4, recording_id="h265", mimetype="video/x-h265")
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
    """What two disks hold of the same time is not reported twice."""
    add_video(camera, START, 20, recording_id="copy", disk_id="NetworkShare")
    add_video(camera, at(10), 20, recording_id="more", disk_id="NetworkShare")
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
    add_video(camera, at(4), 20, recording_id="two", source="2")
    add_video(camera, at(22), 4, recording_id="one")
    file, _ = await save_one(hass, start_time=iso(0), end_time=iso(60))
    assert file["recording_ids"] == [VIDEO, "one"]
    file, movie = await save_one(
        hass, start_time=iso(0), end_time=iso(60), source=2, filename="two"
    )
    assert file["recording_ids"] == ["two"]
    assert movie.seconds == pytest.approx(steps(4, 24), abs=0.002)


@pytest.mark.usefixtures("loaded")
async def test_many_pieces(hass: HomeAssistant, media: Path, camera: Camera) -> None:
    """Of more recordings than can be saved at once, none is left out without a word."""
    for number in range(2):
        add_video(camera, at(30 + 4 * number), 2, recording_id=f"video{number}")
    times = {"start_time": iso(0), "end_time": iso(60)}
    with patch(f"{INTEGRATION}.vapix.client.PAGE_SIZE", 2):
        with patch(f"{INTEGRATION}.services.saver.MAX_PIECES", 2):
            await fails(hass, "save", "too_many_to_save", filename="video", **times)
        with patch(f"{INTEGRATION}.services.saver.MAX_PIECES", 3):
            assert await save(hass, **times)


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
    add_video(camera, at(30), 6, recording_id="old", mimetype="image/jpeg")
    found = await save(
        hass, start_time=iso(5), end_time=iso(60), format="original", filename="video"
    )
    assert [Path(file["path"]).name for file in found] == ["video.mkv", "video_2.mkv"]
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
    assert found[0]["recording_ids"] == [VIDEO]

    # It is named by what it is.
    (file,) = await save(
        hass, recording_id=VIDEO, format="original", filename="other.mp4"
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
        hass, recording_id=VIDEO, format="original", filename="video.mkv"
    )
    assert file["path"] == str(media / "video.mp4")
    assert movie.data[4:8] == b"ftyp"
    assert movie.seconds == pytest.approx(steps(0, 20), abs=0.002)
    file, movie = await save_one(hass, recording_id=VIDEO, filename="copy")
    assert movie.seconds == pytest.approx(steps(0, 20), abs=0.002)


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize(("asked", "sent"), [("matroska", "mp4"), ("mp4", "matroska")])
async def test_original_in_another_format(
    hass: HomeAssistant, media: Path, camera: Camera, asked: Any, sent: str
) -> None:
    """The file is called what it is, and everything else goes by what it is, too."""
    camera.quirks = Quirks(export_formats=(asked,))
    camera.faults.set(EXPORT, Fault.OTHER_FORMAT)
    endings = {"matroska": ".mkv", "mp4": ".mp4"}
    fields = {"recording_id": VIDEO, "format": "original"}
    file, movie = await save_one(hass, **fields)
    assert file["path"] == str(media / f"video{endings[sent]}")
    assert (movie.data[4:8] == b"ftyp") is (sent == "mp4")
    await fails(hass, "save", "file_exists", filename="video", **fields)
    file, movie = await save_one(hass, recording_id=VIDEO, filename="copy")
    assert movie.seconds == pytest.approx(steps(0, 20), abs=0.002)
    await call(hass, "snapshot", time=iso(3))
    assert names(media) == {f"video{endings[sent]}", "copy.mp4"}


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("limit", ["time", "size"])
async def test_original_without_an_end(
    hass: HomeAssistant,
    media: Path,
    camera: Camera,
    server: CameraServer,
    monkeypatch: pytest.MonkeyPatch,
    limit: str,
) -> None:
    """A camera's own file lasts no longer, and is no larger, than any camera makes it."""
    if limit == "time":
        monkeypatch.setattr(exports, "_LEAST_SECONDS", 0.5)
        monkeypatch.setattr(exports, "_SLOWEST", 0.0)
        camera.faults.set(EXPORT, Fault.SLOW, step=10, delay=0.02)
        key = "time_out"
    else:
        monkeypatch.setattr(exports, "_LEAST_LIMIT", 1000)
        monkeypatch.setattr(exports, "MOST_PER_SECOND", 100)
        key = "not_a_video"
    async with asyncio.timeout(30):
        await fails(
            hass,
            "save",
            key,
            recording_id=VIDEO,
            filename="video",
            format="original",
        )
    assert names(media) == set()
    await quiet(server)


async def test_original_on_a_slow_disk(
    hass: HomeAssistant,
    media: Path,
    camera: Camera,
    server: CameraServer,
    loaded: MockConfigEntry,
    clock: RunningClock,
) -> None:
    """One that takes hardly anything does not keep others from the camera for long."""
    camera.bitrate = 1_200_000
    player = loaded.runtime_data.player
    may_go_on = threading.Event()

    def slowly(path: Path, data: bytes) -> int:
        may_go_on.wait(10)
        clock.ahead += 10
        return append(path, data)

    with (
        patch(f"{INTEGRATION}.services.saver._BLOCK", 64 * 1024),
        patch(f"{INTEGRATION}.services.saver.append", side_effect=slowly),
    ):
        saving = asyncio.ensure_future(
            fails(
                hass,
                "save",
                "reader_slow",
                recording_id=VIDEO,
                filename="video",
                format="original",
            )
        )
        await until(lambda: server.exports_open)
        picture = asyncio.ensure_future(player.images.async_snapshot(part()))
        await until(lambda: player.queue._waiting)
        may_go_on.set()
        assert "while others waited" in await saving
    assert await picture
    assert names(media) == set()


@pytest.mark.usefixtures("loaded")
async def test_sound(hass: HomeAssistant, media: Path, camera: Camera) -> None:
    """What was left out is named."""
    add_video(camera, at(30), 6, recording_id="aac", audio="audio/x-aac")
    add_video(camera, at(40), 6, recording_id="opus", audio="audio/x-opus")
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
    add_video(camera, at(30), 10, recording_id="second")
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
    add_video(camera, at(30), 10, recording_id="second")
    works = [
        asyncio.ensure_future(save(hass, recording_id=VIDEO, filename="a")),
        asyncio.ensure_future(save(hass, recording_id="second", filename="b")),
    ]
    await until(lambda: state_of(hass, PROGRESS) not in (STATE_UNKNOWN, "0"))
    await asyncio.gather(*works)
    assert state_of(hass, PROGRESS) == STATE_UNKNOWN
    assert loaded.runtime_data.saves.progress is None


# Where to save


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("filename", ["folder", "folder/", ".", "{media}", "video"])
async def test_folder(hass: HomeAssistant, media: Path, filename: str) -> None:
    """It is no name for a file, with the ending or without."""
    for name in ("folder", "video.mp4"):
        (media / name).mkdir()
    filename = filename.format(media=media)
    fields = {"filename": filename, "overwrite": True}
    await fails(hass, "save", "path_is_folder", recording_id=VIDEO, **fields)


@pytest.mark.usefixtures("loaded")
async def test_places_that_are_not_allowed(
    hass: HomeAssistant, media: Path, tmp_path: Path, server: CameraServer
) -> None:
    """Nothing is written outside of the folders, by whatever way."""
    (tmp_path / "outside").mkdir()
    (media / "way_out").symlink_to(tmp_path / "outside")
    (media / "folder").mkdir()
    (media / "link.mp4").symlink_to(tmp_path / "outside" / "video.mp4")
    (tmp_path / "outside" / "there.mp4").write_text("mine")
    (media / "there.mp4").symlink_to(tmp_path / "outside" / "there.mp4")
    for filename in (
        str(tmp_path / "outside" / "video.mp4"),
        "../video.mp4",
        "folder/../../video.mp4",
        "folder/../video.mp4",
        str(media / ".." / "outside" / "video.mp4"),
        "way_out/video.mp4",
        "way_out/new/video.mp4",
        "there.mp4",
        "..",
        "/",
        "/etc/passwd.mp4",
        "nul\0.mp4",
    ):
        for action, fields in (
            ("save", {"recording_id": VIDEO, "overwrite": True}),
            ("snapshot", {"time": iso(4), "overwrite": True}),
        ):
            text = await fails(
                hass, action, "path_not_allowed", filename=filename, **fields
            )
            assert filename in text
    # A link that leads nowhere is replaced, not followed.
    await fails(hass, "save", "file_exists", recording_id=VIDEO, filename="link")
    await save(hass, recording_id=VIDEO, filename="link", overwrite=True)
    assert not (media / "link.mp4").is_symlink()
    assert names(tmp_path / "outside") == {"there.mp4"}
    assert (tmp_path / "outside" / "there.mp4").read_text() == "mine"
    assert server.exports_made == 1


@pytest.mark.usefixtures("loaded")
async def test_endings(hass: HomeAssistant, media: Path) -> None:
    """It may be left out, but a wrong one is a mistake."""
    for filename, fields in (
        ("video.mkv", {}),
        ("video.avi", {}),
        ("video.jpg", {"format": "original"}),
        ("2026.11.24", {}),
    ):
        text = await fails(
            hass,
            "save",
            "wrong_ending",
            recording_id=VIDEO,
            filename=filename,
            **fields,
        )
        assert filename in text
        assert ".mp4" in text
    for filename in ("video.png", "video.mp4"):
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
    (file,) = await save(hass, recording_id=VIDEO)
    assert file["path"] == str(other / "video.mp4")
    hass.config.media_dirs = {"other": str(other), "local": str(media)}
    (file,) = await save(hass, recording_id=VIDEO)
    assert file["path"] == str(media / "video.mp4")
    hass.config.media_dirs = {}
    await fails(hass, "save", "path_not_allowed", recording_id=VIDEO, filename="a")


@pytest.mark.usefixtures("loaded")
async def test_overwrite(
    hass: HomeAssistant, media: Path, server: CameraServer
) -> None:
    """Only when it is wanted."""
    target = media / "video.mp4"
    target.write_text("mine")
    text = await fails(
        hass, "save", "file_exists", recording_id=VIDEO, filename="video"
    )
    assert str(target) in text
    assert target.read_text() == "mine"
    assert server.exports_made == 0
    await save(hass, recording_id=VIDEO, overwrite=True)
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
            fails(hass, "save", "file_exists", recording_id=VIDEO, filename="video")
        )
        await until(lambda: server.exports_open)
        (media / "video.mp4").write_text("mine")
        await work
        assert (media / "video.mp4").read_text() == "mine"
        assert names(media) == {"video.mp4"}
        # Not every disk can do this, but every disk can be saved to.
        camera.export_speed = None
        await save(hass, recording_id=VIDEO, filename="other")
    assert names(media) == {"video.mp4", "other.mp4"}


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("file_format", ["mp4", "original"])
async def test_folder_that_becomes_a_link_meanwhile(
    hass: HomeAssistant,
    media: Path,
    tmp_path: Path,
    camera: Camera,
    server: CameraServer,
    file_format: str,
) -> None:
    """What was allowed is the folder, and not whatever else its name may lead to."""
    outside = tmp_path / "outside"
    outside.mkdir()
    camera.export_speed = 20.0
    work = asyncio.ensure_future(
        fails(
            hass,
            "save",
            "path_not_allowed",
            recording_id=VIDEO,
            filename="folder/video",
            format=file_format,
            overwrite=True,
        )
    )
    await until(lambda: server.exports_open)
    (media / "folder").rename(media / "moved")
    (media / "folder").symlink_to(outside)
    await work
    assert not names(outside)
    assert not names(media / "moved")


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
    fields = {"recording_id": VIDEO, "filename": "video", "format": file_format}
    camera.faults.set(EXPORT, Fault.RESET, after=60_000)
    await fails(hass, "save", "cannot_connect", **fields)
    assert not names(media)
    camera.faults.set(EXPORT, Fault.ERROR, message="110 Recording not found")
    await fails(hass, "save", "recording_gone", **fields)
    assert not names(media)
    camera.faults.clear()
    # From now on there is no need to read anything.
    await save(hass, **fields)
    (media / f"video.{'mp4' if file_format == 'mp4' else 'mkv'}").unlink()
    full = OSError(28, "No space left on device", "/x")
    with (
        patch(f"{INTEGRATION}.services.saver.append", side_effect=full),
        patch(
            f"{INTEGRATION}.playback.clips.Copier.copy",
            side_effect=FFmpegOSError(*full.args),
        ),
    ):
        text = await fails(hass, "save", "cannot_write", **fields)
    assert "video.m" in text
    assert "can't be written: No space left on device. Check" in text
    assert not names(media)
    (media / "file").write_text("mine")
    await fails(hass, "save", "cannot_write", **fields | {"filename": "file/video"})
    await fails(hass, "save", "cannot_write", **fields | {"filename": "x" * 240})
    assert names(media) == {"file"}
    await quiet(server)
    assert state_of(hass, PROGRESS) == STATE_UNKNOWN


@pytest.mark.parametrize("share", [0.0, 0.5, 0.999])
@pytest.mark.parametrize("file_format", ["mp4", "original", "range", "snapshot"])
async def test_disk_that_fills_up(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    media: Path,
    camera: Camera,
    server: CameraServer,
    file_format: str,
    share: float,
) -> None:
    """At whatever byte: it is said, nothing of the file is left, and everything else goes on."""
    action = "save"
    fields: dict[str, Any] = {"recording_id": VIDEO, "filename": "video"}
    match file_format:
        case "original":
            fields["format"] = "original"
        case "range":
            add_video(camera, at(20), 4, recording_id="second")
            fields = {
                "start_time": iso(0),
                "end_time": iso(24),
                "filename": "video",
            }
        case "snapshot":
            action, fields = "snapshot", {"time": iso(1), "filename": "video"}
    await call(hass, action, **fields)
    (name,) = names(media)
    whole = media / name
    size = whole.stat().st_size
    whole.unlink()
    with full_disk(int(size * share)):
        text = await fails(hass, action, "cannot_write", **fields)
    assert "can't be written: File too large. Check" in text
    assert not names(media)
    await quiet(server)
    await call(hass, action, **fields)
    assert whole.stat().st_size == pytest.approx(size, rel=0.01)
    assert state_of(hass, IN_PROGRESS) == "off"
    assert loaded.runtime_data.saves.progress is None


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
        save(hass, recording_id=VIDEO, filename="video", format=file_format)
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
    """The action ends, and reports why."""
    camera.export_speed = 4.0
    work = asyncio.ensure_future(
        fails(hass, "save", "playback_closed", recording_id=VIDEO, filename="video")
    )
    await until(lambda: server.exports_open)
    assert await hass.config_entries.async_unload(loaded.entry_id)
    await work
    assert not names(media)


async def test_closed_twice(
    hass: HomeAssistant,
    media: Path,
    camera: Camera,
    server: CameraServer,
    loaded: MockConfigEntry,
) -> None:
    """Home Assistant may stop while what it has closed is still coming to its end."""
    camera.export_speed = 4.0
    fields = {"recording_id": VIDEO, "filename": "video", "format": "original"}
    work = asyncio.ensure_future(fails(hass, "save", "playback_closed", **fields))
    await until(lambda: server.exports_open)
    closing = []
    while not work.done():
        closing.append(asyncio.ensure_future(loaded.runtime_data.player.async_close()))
        await give_way()
    await asyncio.gather(work, *closing)
    assert not names(media)


@pytest.mark.parametrize("is_playing", [True, False])
async def test_removed_meanwhile(
    hass: HomeAssistant,
    media: Path,
    camera: Camera,
    server: CameraServer,
    loaded: MockConfigEntry,
    is_playing: bool,
) -> None:
    """Whatever is under way ends, and nothing of it is left, in memory or on the disk."""
    camera.export_speed = 1.0
    camera.bitrate = 8_000_000
    player = loaded.runtime_data.player
    if is_playing:
        await player.async_play(part(), Requester())
    closed = "playback_closed"
    works = [
        asyncio.ensure_future(fails(hass, action, closed, **fields))
        for action, fields in (
            ("save", {"recording_id": VIDEO, "filename": "a", "format": "original"}),
            ("save", {"recording_id": VIDEO, "filename": "b"}),
            ("save", {"recording_id": VIDEO, "filename": "c", "format": "original"}),
            ("snapshot", {"time": iso(3), "filename": "d"}),
        )
    ]
    await until(lambda: server.exports_open and len(player.queue._waiting) >= 3)
    before = asyncio.all_tasks()
    await hass.config_entries.async_remove(loaded.entry_id)
    async with asyncio.timeout(30):
        await asyncio.gather(*works)
    await quiet(server)
    assert not names(media)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert not playing_tasks()
    assert not {task for task in asyncio.all_tasks() - before if not task.done()}
    assert not player._direct
    assert not player.cache._folder.exists()
    left = names(Path(hass.config.config_dir))
    assert not [name for name in left if loaded.entry_id in name]


@pytest.mark.usefixtures("loaded")
async def test_codec_that_players_do_not_know(
    hass: HomeAssistant, media: Path, camera: Camera
) -> None:
    """The error names the format that works."""
    add_video(camera, at(30), 4, recording_id="old", mimetype="image/jpeg")
    text = await fails(hass, "save", "unplayable", recording_id="old", filename="a")
    assert "MJPEG" in text
    assert not names(media)


@pytest.mark.usefixtures("loaded")
async def test_fields_that_make_no_sense(
    hass: HomeAssistant, media: Path, camera: Camera
) -> None:
    """Each one is named, and nothing is exported."""
    fields: dict[str, Any] = {"filename": "video"}
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
            recording_id=VIDEO,
            start_time=iso(start),
            end_time=iso(end),
            **fields,
        )
    await fails(
        hass, "save", "nothing_recorded", recording_id=VIDEO, end_time=iso(-9), **fields
    )
    camera.faults.set("record/list.cgi", Fault.BAD_TIME)
    await fails(
        hass, "save", "nothing_recorded", start_time=iso(0), end_time=iso(9), **fields
    )
    camera.faults.set("record/list.cgi", Fault.RESET)
    await fails(
        hass, "save", "cannot_connect", start_time=iso(0), end_time=iso(9), **fields
    )
    await fails(hass, "save", "cannot_connect", recording_id=VIDEO, **fields)
    camera.quirks = Quirks(export=None)
    camera.faults.clear()
    await fails(hass, "save", "no_export_api", recording_id=VIDEO, **fields)
    await fails(
        hass, "save", "no_export_api", recording_id=VIDEO, format="original", **fields
    )
    assert not names(media)
    for wrong in ({"format": "avi"}, {"filename": " "}, {"start_time": "soon"}):
        with pytest.raises(vol.Invalid):
            await save(hass, **{"recording_id": VIDEO, **wrong})


@pytest.mark.usefixtures("loaded")
async def test_too_long(
    hass: HomeAssistant, media: Path, camera: Camera, server: CameraServer
) -> None:
    """A day is the most."""
    add_video(camera, START - 30 * HOUR, 29 * 3600, recording_id="long")
    text = await fails(
        hass, "save", "too_long_to_save", recording_id="long", filename="video"
    )
    assert text.startswith("That is longer than 24 hours. Choose")
    assert server.exports_made == 0
    # A longer range is fine if less was recorded.
    await save(hass, start_time=START - MINUTE, end_time=START + 30 * HOUR)
