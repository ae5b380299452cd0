"""What people read where something can't be played, saved, or shown."""

import asyncio
from dataclasses import replace
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock, patch

from av.error import ExternalError, OSError as FFmpegOSError
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component
import pytest

from custom_components.axis_recordings.const import DOMAIN, MEGABYTE
from custom_components.axis_recordings.playback.cache import KEEP_FREE
from custom_components.axis_recordings.playback.errors import (
    MemoryLimitError,
    PlaybackError,
    SlowDiskError,
    SlowError,
)
from custom_components.axis_recordings.playback.messages import translated
from custom_components.axis_recordings.users.requester import Requester
from tests.camera import Camera, CameraServer, Fault, Quirks
from tests.videos import (
    CAPABILITIES,
    EXPORT,
    PROPERTIES,
    QUICK,
    VIDEO,
    add_video,
    assert_no_secrets,
    at,
    files,
    movie_at,
    part,
    playing_tasks,
    quiet,
    running_clock,
    second_of,
    until,
)

from .playing import (
    LIST,
    PLAYBACK,
    everything,
    movie_of,
    pass_pause,
    refused,
    running,  # noqa: F401 - for all tests here
    sentence,
    watch,
)

if TYPE_CHECKING:
    from pathlib import Path

    from homeassistant.core import HomeAssistant

    from custom_components.axis_recordings.playback.player import Player

pytestmark = running_clock

CODES = [
    ("10 Too many", "export_failed"),
    ("20 Invalid request", "export_not_understood"),
    ("40 Version", "export_not_understood"),
    ("110 Recording not found", "recording_gone"),
    ("120 Invalid start", "no_video"),
    ("130 Invalid stop", "no_video"),
    ("140 Start after stop", "no_video"),
    ("150 Start after end", "no_video"),
    ("160 Stop before start", "no_video"),
    ("170 Invalid format", "export_format"),
    ("180 Format does not fit", "export_format"),
    ("220 Too many jobs", "export_busy"),
    ("999 Something new", "export_refused"),
]
STRANGE = [
    (Fault.HTML, "unexpected_answer", "something that is not a video"),
    (Fault.EMPTY, "unexpected_answer", "something that is not a video"),
    (Fault.NOT_MEDIA, "unexpected_answer", "something that is not a video"),
    (Fault.ENTITY_BOMB, "unexpected_answer", "something that is not XML"),
    (Fault.HUGE, "unexpected_answer", "makes no sense"),
    (Fault.NO_KEY_FRAMES, "no_key_frame", "without a picture to begin with"),
    (Fault.NO_FRAMES, "not_a_video", "can't be read as a video"),
    (Fault.NOT_FOUND, "recording_gone", "no longer has this recording"),
    (Fault.UNAVAILABLE, "busy", "is busy"),
    (Fault.RESET, "cannot_connect", "connection to the camera broke"),
    (Fault.REDIRECT, "redirected", "elsewhere"),
    (Fault.FORBIDDEN, "missing_rights", "may not do this"),
    (Fault.UNAUTHORIZED, "missing_rights", "may not do this"),
]
BROKEN: list[tuple[Fault, int, Any, str]] = [
    (Fault.TRUNCATED, 3, "chunked", "cannot_connect"),
    (Fault.TRUNCATED, 3, "close", "unexpected_answer"),
    (Fault.TRUNCATED, 100, "chunked", "cannot_connect"),
    (Fault.TRUNCATED, 100, "close", "not_a_video"),
    (Fault.RESET, 2500, "chunked", "cannot_connect"),
]


@pytest.mark.usefixtures("enable_custom_integrations")
async def test_last_full_picture_far_before(hass: HomeAssistant) -> None:
    """It is said how far, and that trying again gets there."""
    await async_setup_component(hass, DOMAIN, {})
    with pytest.raises(HomeAssistantError) as caught, translated("Front camera"):
        raise SlowError(80.4)
    text = str(caught.value)
    assert text.startswith("Front camera needs longer to send this.")
    assert "80 seconds before" in text
    assert "try again in a minute" in text


@pytest.mark.usefixtures("enable_custom_integrations")
@pytest.mark.parametrize(
    ("error", "said"),
    [
        (MemoryLimitError("The video holds too much"), "fill Home Assistant's memory"),
        (SlowDiskError(), "Home Assistant's disk takes too long"),
    ],
)
async def test_what_would_fill_the_memory(
    hass: HomeAssistant, error: PlaybackError, said: str
) -> None:
    """It is said whose fault that is, as neither is cured by free space."""
    await async_setup_component(hass, DOMAIN, {})
    with pytest.raises(HomeAssistantError) as caught, translated("Front camera"):
        raise error
    assert said in str(caught.value)
    assert "Front camera" in str(caught.value)


@pytest.mark.parametrize("cgi", [CAPABILITIES, PROPERTIES, EXPORT])
async def test_refusals_of_the_camera(player: Player, camera: Camera, cgi: str) -> None:
    """Each number of the documentation has its sentence, and so has one that is not in it."""
    for message, key in CODES:
        camera.faults.set(cgi, Fault.ERROR, message=message)
        (text,) = await refused(player, key)
        assert text.startswith("Front camera ")
        if key in ("export_failed", "export_format", "export_refused"):
            assert message.split(" ", 1)[1] in text


async def test_strange_videos(player: Player, camera: Camera) -> None:
    """Whatever comes instead of a video."""
    for fault, key, words in STRANGE:
        camera.faults.set(EXPORT, fault, size=3_000_000)
        for text in await refused(player, key):
            assert words in text


async def test_video_that_breaks_off(player: Player, camera: Camera) -> None:
    """It ends before there is anything to see of it."""
    wanted = part(VIDEO, 1, 3)
    for fault, after, framing, key in BROKEN:
        camera.quirks = Quirks(export_framing=framing)
        camera.faults.set(EXPORT, fault, after=after)
        await sentence(player.async_play(wanted, Requester()), key)
        await sentence(player.async_clip(wanted), key)


async def test_clip_that_breaks_off(
    player: Player, camera: Camera, server: CameraServer
) -> None:
    """It is begun anew the next time, and nothing of it is taken for the whole."""
    for fault, after in (
        (Fault.TRUNCATED, 5_000),
        (Fault.RESET, 60_000),
        (Fault.TRUNCATED, 90_000),
    ):
        camera.faults.set(EXPORT, fault, after=after)
        await sentence(player.async_clip(part()), "cannot_connect")
    camera.faults.clear()
    path = await player.async_clip(part())
    assert len(movie_at(path).frames) == 200
    await quiet(server)


async def test_offline(
    hass: HomeAssistant,
    player: Player,
    camera: Camera,
    server: CameraServer,
) -> None:
    """Before, during and after."""
    camera.shut_down()
    (text,) = await refused(player, "cannot_connect")
    assert text.startswith("Front camera: The camera can't be reached: Connect")
    assert_no_secrets(text, server)
    camera.start_up()
    await until(lambda: server._sockets)

    camera.export_speed = 4.0
    session = await watch(player)
    work = asyncio.ensure_future(player.async_clip(part()))
    await until(lambda: server.exports_open)
    camera.shut_down()
    await sentence(work, "cannot_connect")
    with pytest.raises(Exception, match="camera"):
        await session.segment(9)
    camera.start_up()
    await until(lambda: server._sockets)
    camera.export_speed = None
    assert len((await movie_of(session, 8, 9)).frames) == 40
    camera.shut_down()
    # What is cached needs no camera once it is known what to look for.
    assert await session.segment(9)


async def test_no_export_api(player: Player, camera: Camera) -> None:
    """The oldest cameras can't export."""
    camera.quirks = Quirks(export=None)
    assert await refused(player, "no_export_api") == {
        (
            "The firmware of Front camera can't export recordings, so they can't be played "
            "or saved here. AXIS OS 5.60 and newer can"
        )
    }
    assert await sentence(player.async_original_format(), "no_export_api")


@pytest.mark.parametrize("is_reported", [True, False])
async def test_codecs_that_browsers_do_not_play(
    player: Player, camera: Camera, server: CameraServer, is_reported: bool
) -> None:
    """The list says it, or else the video; there is a picture all the same."""
    add_video(camera, at(60), 4, recording_id="MJPEG", mimetype="image/jpeg")
    if not is_reported:
        camera.faults.set(LIST, Fault.MISSING_ATTRIBUTES, attributes=("mimetype",))
    made = server.exports_made
    for work in everything(player)[:2]:
        assert await sentence(work(part("MJPEG")), "unplayable") == (
            "The video of this recording is MJPEG, which browsers don't play. Get "
            "the file with the action Save recording and the format original; "
            "programs such as VLC play it"
        )
    assert (server.exports_made > made) is not is_reported
    await pass_pause(player)
    thumbnail = await player.images.async_thumbnail(part("MJPEG"))
    assert second_of(thumbnail) == pytest.approx(60, abs=0.01)


async def test_disk_of_home_assistant_is_full(
    player: Player, cache_folder: Path
) -> None:
    """What is played or viewed is not kept, but shown. There is no room for a file."""
    with patch("shutil.disk_usage", return_value=Mock(free=100 * MEGABYTE)):
        session = await watch(player)
        assert len((await movie_of(session, 0, 9)).frames) == 200
        assert await sentence(player.async_clip(part()), "no_room") == (
            "There is no room for the video. Home Assistant's disk is nearly full. Free "
            "some space on Home Assistant's disk, or allow a larger cache in the options "
            "of Front camera"
        )
        await pass_pause(player)
        assert await player.images.async_thumbnail(part())
        await until(lambda: not files(cache_folder))


async def test_disk_of_home_assistant_gets_full(
    camera: Camera, player: Player, cache_folder: Path
) -> None:
    """A camera may not report how large a clip will be, so its room is checked while it is written."""
    camera.quirks = Quirks(export_size="unknown")
    free = chain([KEEP_FREE + MEGABYTE], repeat(KEEP_FREE))
    with patch("shutil.disk_usage", lambda _: Mock(free=next(free))):
        text = await sentence(player.async_clip(part()), "no_room")
    assert "nearly full" in text
    assert not [path for path in files(cache_folder) if path.suffix == ".part"]


@pytest.mark.parametrize("place", ["pathlib.Path.mkdir", "pathlib.Path.replace"])
async def test_disk_of_home_assistant_can_not_be_written(
    player: Player, cache_folder: Path, place: str
) -> None:
    """Folders may be read-only, and files too many."""
    with patch(place, side_effect=OSError(30, "Read-only file system")):
        assert "It can't be written: Read-only" in await sentence(
            player.async_clip(part(VIDEO, 0, 4)), "no_room"
        )
        assert await player.images.async_thumbnail(part(VIDEO, 0, 4))
        session = await watch(player)
        assert len((await movie_of(session, 0, 9)).frames) == 200
        await until(lambda: not files(cache_folder))


async def test_library_fails(player: Player, cache_folder: Path) -> None:
    """FFmpeg's own words are for programmers."""
    error = ExternalError(-542398533, "Generic error in an external library", "/x")
    with patch(f"{PLAYBACK}.reader.av", Mock(open=Mock(side_effect=error))):
        for text in await refused(player, "not_a_video"):
            assert "The video can't be read: ExternalError" in text
            assert "/x" not in text
    await pass_pause(player)
    with patch(f"{PLAYBACK}.fragments.Copier.copy", side_effect=error):
        for work in everything(player)[:2]:
            await sentence(work(part()), "not_a_video")
    await pass_pause(player)
    with patch(f"{PLAYBACK}.image_decoder._encode", side_effect=error):
        await sentence(player.images.async_thumbnail(part()), "not_a_video")
    assert await player.async_play(part(), Requester())
    # Now the segments are cached.
    await movie_of(next(iter(player.sessions.values())), 0, 9)
    with patch(f"{PLAYBACK}.clips.Copier.copy", side_effect=error):
        text = await sentence(player.async_clip(part()), "not_a_video")
        assert "read as a video: ExternalError. Try" in text
    full = FFmpegOSError(28, "No space left on device", "/x")
    with patch(f"{PLAYBACK}.clips.Copier.copy", side_effect=full):
        text = await sentence(player.async_clip(part()), "no_room")
        assert "can't be written: No space left on device. Free" in text
    assert not [path for path in files(cache_folder) if path.suffix == ".part"]


@pytest.mark.parametrize("after", [None, 0, 2_000])
async def test_patience(
    player: Player, camera: Camera, server: CameraServer, after: int | None
) -> None:
    """A camera that never comes to the point is not waited for forever."""
    camera.faults.set(EXPORT, Fault.TIMEOUT, after=after)
    player.timing = replace(QUICK, patience=0.3)
    assert await sentence(player.async_play(part(), Requester()), "export_busy") == (
        "Front camera is busy with another export. Try again when it is done"
    )
    # It is not left alone with the export.
    await quiet(server)
    await until(lambda: not playing_tasks())
    assert not player.sessions
    camera.faults.clear()
    player.timing = QUICK
    await player.async_play(part(), Requester())


async def test_busy_camera(
    player: Player, camera: Camera, server: CameraServer
) -> None:
    """Another program has its export."""
    camera.quirks = Quirks(export_limit=0)
    await refused(player, "export_failed")
    camera.quirks = Quirks(export_limit=0, export_busy="unavailable")
    await refused(player, "busy")
