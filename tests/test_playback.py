"""Playing, pictures and files of one camera, and everything that may go wrong with them."""

import asyncio
from dataclasses import replace
from datetime import timedelta
import logging
from pathlib import Path
import time
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock, patch

from av.error import ExternalError, OSError as FFmpegOSError
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import CoreState
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.axis_recordings.const import (
    CONF_CACHE_HOURS,
    CONF_CACHE_SIZE,
    DOMAIN,
)
from custom_components.axis_recordings.playback.errors import (
    ClosedError,
    NoFootageError,
)
from custom_components.axis_recordings.playback.playlist import numbers as listed
from custom_components.axis_recordings.playback.session import PAUSE_SECONDS, Viewer
from custom_components.axis_recordings.player import MAX_SESSIONS, MEGABYTE
from tests.camera import Camera, CameraServer, Fault, Quirks

from .films import (
    CAPABILITIES,
    EXPORT,
    FILM,
    HOUR,
    MINUTE,
    PROPERTIES,
    SECOND,
    START,
    Movie,
    RunningClock,
    add_film,
    assert_no_secrets,
    at,
    files,
    filming,
    movie_at,
    part,
    playing_tasks,
    playing_threads,
    quiet,
    running_clock,
    second_of,
    until,
)
from .helpers import added, make_entry

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator

    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from custom_components.axis_recordings.playback.session import Session
    from custom_components.axis_recordings.playback.window import Window
    from custom_components.axis_recordings.player import Playback

pytestmark = running_clock

LIST = "record/list.cgi"
PLAYER = "custom_components.axis_recordings.player"
PLAYBACK = "custom_components.axis_recordings.playback"


@pytest.fixture
def hass_config_dir(tmp_path: Path) -> str:
    """Keep what is cached apart from other tests."""
    folder = tmp_path / "config"
    folder.mkdir()
    return str(folder)


@pytest.fixture(autouse=True)
def clock(freezer: object, monkeypatch: pytest.MonkeyPatch) -> RunningClock:
    """Let clocks run that are not for people to read, and set them ahead when a test wants it."""
    clock = RunningClock()
    monkeypatch.setattr(time, "monotonic", clock)
    return clock


@pytest.fixture(autouse=True)
def _no_delays() -> Generator[None]:
    """Ask a busy camera again at once."""
    with patch(f"{PLAYBACK}.exports.BUSY_DELAYS", (0.01,)):
        yield


@pytest.fixture
def camera() -> Camera:
    """Return a camera with a film of twenty seconds."""
    camera = filming()
    add_film(camera)
    return camera


@pytest.fixture
def playback(loaded: MockConfigEntry) -> Playback:
    """Return what plays."""
    playback: Playback = loaded.runtime_data.playback
    return playback


@pytest.fixture
def cache_folder(hass: HomeAssistant) -> Path:
    """Return where all cameras keep what is cached."""
    return Path(hass.config.cache_path(DOMAIN))


async def watch(playback: Playback, window: Window | None = None) -> Session:
    """Begin to play, as a player does."""
    path = await playback.async_play(window or part(), Viewer())
    return playback.sessions[path.split("/")[-2]]


async def movie_of(session: Session, first: int, last: int) -> Movie:
    """Return what a player gets of some segments in turn."""
    segments = [await session.segment(number) for number in range(first, last + 1)]
    return Movie(b"".join([session.footage.init or b"", *segments]))


async def sentence(work: Awaitable[object], key: str) -> str:
    """Return the words in which something fails."""
    with pytest.raises(HomeAssistantError) as error:
        await work
    assert error.value.translation_domain == DOMAIN
    assert error.value.translation_key == key, str(error.value)
    text = str(error.value)
    # Nothing is left to fill in.
    assert "{" not in text
    return text


type Work = Callable[[Window], Awaitable[object]]


def everything(playback: Playback) -> list[Work]:
    """Return all that can be done with a window: playing, a file, a picture."""
    return [
        lambda window: playback.async_play(window, Viewer()),
        playback.async_clip,
        playback.async_still,
    ]


async def refused(
    playback: Playback, key: str, window: Window | None = None
) -> set[str]:
    """Return the words in which everything fails with a window."""
    return {
        await sentence(work(window or part()), key) for work in everything(playback)
    }


async def pass_pause(playback: Playback) -> None:
    """Let pass for how long a player that has left is waited for."""
    assert isinstance(time.monotonic, RunningClock)
    time.monotonic.ahead += PAUSE_SECONDS
    assert not playback._is_watched


# Words


async def test_recording_removed(playback: Playback, camera: Camera) -> None:
    """Somebody has removed it, the camera has cleaned it up, or its disk was taken out."""
    words = {
        (
            "Front camera no longer has this recording. It was removed, cleaned up, or its "
            "disk is gone. Open the list anew"
        )
    }
    disk = camera.detach_disk("SD_DISK")
    assert await refused(playback, "recording_gone") == words
    camera.attach_disk(disk)
    assert await refused(playback, "recording_gone", part(disk="OTHER")) == words
    await playback.async_play(part(), Viewer())
    camera.remove_recording(FILM)
    await pass_pause(playback)
    assert await refused(playback, "recording_gone") == words


async def test_nothing_of_it_at_that_time(playback: Playback, camera: Camera) -> None:
    """It has begun later meanwhile, or there never was anything."""
    add_film(camera, START - HOUR, 1800, recording_id="long")
    window = part("long", -3600, -3590)
    await playback.async_play(window, Viewer())
    await pass_pause(playback)
    camera.clean_up(START - 40 * MINUTE)
    words = {
        (
            "Front camera holds nothing of this recording at that time. The beginning may "
            "have been cleaned up meanwhile. Open the list anew"
        )
    }
    assert await refused(playback, "no_footage", window) == words
    assert await refused(playback, "no_footage", part(FILM, 5, 5)) == words
    assert await refused(playback, "no_footage", part(FILM, 100, 105)) == words
    assert await refused(playback, "no_footage", part(FILM, -9, -5)) == words


async def test_start_unknown(playback: Playback, camera: Camera) -> None:
    """A camera that tells no start that makes sense has nothing that can be played."""
    (recording,) = await playback._client.fetch_recording(FILM)
    camera.faults.set(LIST, Fault.BAD_TIME)
    await refused(playback, "no_footage")
    with pytest.raises(NoFootageError):
        playback.footage_of(replace(recording, start=None))


CODES = [
    ("10 Too many", "export_failed"),
    ("20 Invalid request", "export_not_understood"),
    ("40 Version", "export_not_understood"),
    ("110 Recording not found", "recording_gone"),
    ("120 Invalid start", "no_footage"),
    ("130 Invalid stop", "no_footage"),
    ("140 Start after stop", "no_footage"),
    ("150 Start after end", "no_footage"),
    ("160 Stop before start", "no_footage"),
    ("170 Invalid format", "export_format"),
    ("180 Format does not fit", "export_format"),
    ("220 Too many jobs", "export_busy"),
    ("999 Something new", "export_refused"),
]


@pytest.mark.parametrize("cgi", [CAPABILITIES, PROPERTIES, EXPORT])
async def test_refusals_of_the_camera(
    playback: Playback, camera: Camera, cgi: str
) -> None:
    """Each number of the documentation has its sentence, and so has one that is not in it."""
    for message, key in CODES:
        camera.faults.set(cgi, Fault.ERROR, message=message)
        (text,) = await refused(playback, key)
        assert text.startswith("Front camera ")
        if key in ("export_failed", "export_format", "export_refused"):
            assert message.split(" ", 1)[1] in text


STRANGE = [
    (Fault.HTML, "unexpected_answer", "something that is not a film"),
    (Fault.EMPTY, "unexpected_answer", "something that is not a film"),
    (Fault.NOT_MEDIA, "unexpected_answer", "something that is not a film"),
    (Fault.ENTITY_BOMB, "unexpected_answer", "something that is not XML"),
    (Fault.HUGE, "unexpected_answer", "makes no sense"),
    (Fault.NO_KEY_FRAMES, "no_key_frame", "without a picture to begin with"),
    (Fault.NO_FRAMES, "not_a_film", "can't be read as a film"),
    (Fault.NOT_FOUND, "recording_gone", "no longer has this recording"),
    (Fault.UNAVAILABLE, "busy", "is busy"),
    (Fault.RESET, "cannot_connect", "connection to the camera broke"),
    (Fault.REDIRECT, "redirected", "elsewhere"),
    (Fault.FORBIDDEN, "missing_rights", "may not do this"),
    (Fault.UNAUTHORIZED, "missing_rights", "may not do this"),
]


async def test_strange_films(playback: Playback, camera: Camera) -> None:
    """Whatever comes instead of a film."""
    for fault, key, words in STRANGE:
        camera.faults.set(EXPORT, fault, size=3_000_000)
        for text in await refused(playback, key):
            assert words in text


BROKEN: list[tuple[Fault, int, Any, str]] = [
    (Fault.TRUNCATED, 3, "chunked", "cannot_connect"),
    (Fault.TRUNCATED, 3, "close", "unexpected_answer"),
    (Fault.TRUNCATED, 100, "chunked", "cannot_connect"),
    (Fault.TRUNCATED, 100, "close", "not_a_film"),
    (Fault.RESET, 2500, "chunked", "cannot_connect"),
]


async def test_film_that_breaks_off(playback: Playback, camera: Camera) -> None:
    """It ends before there is anything to see of it."""
    window = part(FILM, 1, 3)
    for fault, after, framing, key in BROKEN:
        camera.quirks = Quirks(export_framing=framing)
        camera.faults.set(EXPORT, fault, after=after)
        await sentence(playback.async_play(window, Viewer()), key)
        await sentence(playback.async_clip(window), key)


async def test_clip_that_breaks_off(
    playback: Playback, camera: Camera, server: CameraServer
) -> None:
    """It is begun anew the next time, and nothing of it is taken for the whole."""
    for fault, after in (
        (Fault.TRUNCATED, 5_000),
        (Fault.RESET, 60_000),
        (Fault.TRUNCATED, 90_000),
    ):
        camera.faults.set(EXPORT, fault, after=after)
        await sentence(playback.async_clip(part()), "cannot_connect")
    camera.faults.clear()
    path = await playback.async_clip(part())
    assert len(movie_at(path).frames) == 200
    await quiet(server)


async def test_offline(
    hass: HomeAssistant,
    playback: Playback,
    camera: Camera,
    server: CameraServer,
) -> None:
    """Before, during and after."""
    camera.shut_down()
    (text,) = await refused(playback, "cannot_connect")
    assert text.startswith("Front camera: The camera can't be reached: Connect")
    assert_no_secrets(text, server)
    camera.start_up()
    await until(lambda: server._sockets)

    camera.export_speed = 4.0
    session = await watch(playback)
    work = asyncio.ensure_future(playback.async_clip(part()))
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


async def test_no_export_api(playback: Playback, camera: Camera) -> None:
    """The oldest cameras can't export."""
    camera.quirks = Quirks(export=None)
    assert await refused(playback, "no_export_api") == {
        (
            "The firmware of Front camera can't export recordings, so they can't be played "
            "or saved here. AXIS OS 5.60 and newer can"
        )
    }
    assert await sentence(playback.async_original_format(), "no_export_api")


@pytest.mark.parametrize("is_told", [True, False])
async def test_codecs_that_browsers_do_not_play(
    playback: Playback, camera: Camera, server: CameraServer, is_told: bool
) -> None:
    """The list tells it, or else the film; there is a picture all the same."""
    add_film(camera, at(60), 4, recording_id="MJPEG", mimetype="image/jpeg")
    if not is_told:
        camera.faults.set(LIST, Fault.MISSING_ATTRIBUTES, attributes=("mimetype",))
    made = server.exports_made
    for work in everything(playback)[:2]:
        assert await sentence(work(part("MJPEG")), "unplayable") == (
            "The video of this recording is MJPEG, which browsers don't play. Get "
            "the file with the action Save recording and the format original; "
            "programs such as VLC play it"
        )
    assert (server.exports_made > made) is not is_told
    await pass_pause(playback)
    still = await playback.async_still(part("MJPEG"))
    assert second_of(still) == pytest.approx(60, abs=0.01)


@pytest.mark.parametrize("mimetype", ["video/x-h264", "video/x-h265", "video/x-av1"])
async def test_codecs_that_browsers_play(
    playback: Playback, camera: Camera, mimetype: str
) -> None:
    """They are copied as they are. Sound that players don't know is left out."""
    for audio in (None, "audio/x-aac", "audio/x-opus"):
        name = f"with {audio}"
        add_film(camera, at(60), 6, recording_id=name, mimetype=mimetype, audio=audio)
        movie = await movie_of(await watch(playback, part(name)), 0, 2)
        assert movie.seconds == pytest.approx(
            [60 + n / 10 for n in range(60)], abs=0.002
        )
        # FFmpeg names its decoder of AV1.
        names = {"h264": "h264", "h265": "hevc", "av1": "libdav1d"}
        codecs = [names[mimetype.removeprefix("video/x-")]]
        if audio == "audio/x-aac":
            codecs.append("aac")
        assert movie.codecs == codecs
    assert playback.diagnostics["dropped_audio"] == ["opus"]


async def test_too_long(playback: Playback, camera: Camera) -> None:
    """Of a long one there is a part; a whole hour still is a file."""
    add_film(camera, START - 5 * HOUR, 7200, recording_id="long")
    window = part("long", -5 * 3600, -4 * 3600 + 1)
    assert await sentence(playback.async_clip(window), "window_too_long") == (
        "That is longer than 60 minutes. Choose a shorter part, or save it with the "
        "action Save recording"
    )
    session = await watch(playback, window)
    assert (await movie_of(session, 0, 0)).seconds[0] == pytest.approx(-18000)
    _, span = await playback.async_find(part("long", -5 * 3600, -4 * 3600))
    playback.require_short(span)


async def test_long_recording_from_its_beginning(
    playback: Playback, camera: Camera
) -> None:
    """Without an end it is a slice of five minutes."""
    add_film(camera, START - 5 * HOUR, 7200, recording_id="long")
    _, span = await playback.async_find(part("long"))
    assert span.duration == 5 * MINUTE
    assert (await playback.async_find(part()))[1].duration == 20 * SECOND


async def test_disk_of_home_assistant_is_full(
    playback: Playback, cache_folder: Path
) -> None:
    """What is played is not kept, but played. There is no room for a file."""
    with patch("shutil.disk_usage", return_value=Mock(free=100 * MEGABYTE)):
        session = await watch(playback)
        assert len((await movie_of(session, 0, 9)).frames) == 200
        assert await sentence(playback.async_clip(part()), "no_room") == (
            "There is no room for the film. Home Assistant's disk is nearly full. Free "
            "some space on Home Assistant's disk, or allow a larger cache in the options "
            "of Front camera"
        )
        await pass_pause(playback)
        await sentence(playback.async_still(part()), "no_room")
        await until(lambda: not files(cache_folder))


@pytest.mark.parametrize("place", ["pathlib.Path.mkdir", "pathlib.Path.replace"])
async def test_disk_of_home_assistant_can_not_be_written(
    playback: Playback, cache_folder: Path, place: str
) -> None:
    """Folders may be read-only, and files too many."""
    with patch(place, side_effect=OSError(30, "Read-only file system")):
        for work in everything(playback)[1:]:
            assert "It can't be written: Read-only" in await sentence(
                work(part(FILM, 0, 4)), "no_room"
            )
        session = await watch(playback)
        assert len((await movie_of(session, 0, 9)).frames) == 200
        await until(lambda: not files(cache_folder))


async def test_library_fails(playback: Playback, cache_folder: Path) -> None:
    """FFmpeg's own words are for programmers."""
    error = ExternalError(-542398533, "Generic error in an external library", "/x")
    with patch(f"{PLAYBACK}.film.av", Mock(open=Mock(side_effect=error))):
        for text in await refused(playback, "not_a_film"):
            assert "The film can't be read: ExternalError" in text
            assert "/x" not in text
    await pass_pause(playback)
    with patch(f"{PLAYBACK}.fragments.Copier.copy", side_effect=error):
        for work in everything(playback)[:2]:
            await sentence(work(part()), "not_a_film")
    await pass_pause(playback)
    with patch(f"{PLAYBACK}.stills._encode", side_effect=error):
        await sentence(playback.async_still(part()), "not_a_film")
    assert await playback.async_play(part(), Viewer())
    # Now the segments are cached.
    await movie_of(next(iter(playback.sessions.values())), 0, 9)
    with patch(f"{PLAYBACK}.clips.Copier.copy", side_effect=error):
        text = await sentence(playback.async_clip(part()), "not_a_film")
        assert "read as a film: ExternalError. Try" in text
    full = FFmpegOSError(28, "No space left on device", "/x")
    with patch(f"{PLAYBACK}.clips.Copier.copy", side_effect=full):
        text = await sentence(playback.async_clip(part()), "no_room")
        assert "can't be written: No space left on device. Free" in text
    assert not [path for path in files(cache_folder) if path.suffix == ".part"]


@pytest.mark.parametrize("after", [None, 0, 2_000])
async def test_patience(
    playback: Playback, camera: Camera, server: CameraServer, after: int | None
) -> None:
    """A camera that never comes to the point is not waited for for ever."""
    camera.faults.set(EXPORT, Fault.TIMEOUT, after=after)
    with patch(f"{PLAYER}.PATIENCE_SECONDS", 0.3):
        assert await sentence(playback.async_play(part(), Viewer()), "export_busy") == (
            "Front camera is busy with another export. Try again when it is done"
        )
    # It is not left alone with the export.
    await quiet(server)
    await until(lambda: not playing_tasks())
    assert not playback.sessions
    camera.faults.clear()
    await playback.async_play(part(), Viewer())


async def test_busy_camera(
    playback: Playback, camera: Camera, server: CameraServer
) -> None:
    """Another program has its export."""
    camera.quirks = Quirks(export_limit=0)
    await refused(playback, "export_failed")
    camera.quirks = Quirks(export_limit=0, export_busy="unavailable")
    await refused(playback, "busy")


# Viewers


async def test_ten_viewers(
    playback: Playback, camera: Camera, server: CameraServer
) -> None:
    """All see their part, and the camera has one export at a time."""
    for number in range(5):
        add_film(camera, START + number * MINUTE, 8, recording_id=f"film{number}")
    most = 0

    async def look(number: int) -> None:
        nonlocal most
        session = await watch(playback, part(f"film{number % 5}"))
        most = max(most, server.exports_open)
        movie = await movie_of(session, 0, 3)
        most = max(most, server.exports_open)
        assert movie.seconds == pytest.approx(
            [number % 5 * 60 + n / 10 for n in range(80)], abs=0.002
        )

    await asyncio.gather(*(look(number) for number in range(10)))
    assert most == 1
    await quiet(server)
    assert len(playback.sessions) == 10


async def test_same_film_for_all(
    playback: Playback, camera: Camera, server: CameraServer
) -> None:
    """Who looks at the same costs the camera nothing more."""
    sessions = await asyncio.gather(*(watch(playback) for _ in range(10)))
    movies = await asyncio.gather(*(movie_of(each, 0, 9) for each in sessions))
    assert len({movie.data for movie in movies}) == 1
    assert server.exports_made == 1


async def test_viewer_leaves(
    playback: Playback, camera: Camera, server: CameraServer
) -> None:
    """The export ends soon after, and goes on from there when somebody comes back."""
    camera.export_speed = 4.0
    session = await watch(playback)
    await session.segment(0)
    await until(lambda: not server.exports_open, 5)
    assert server.exports[0].outcome == "left"
    assert not playing_threads()
    await until(lambda: not playing_tasks())
    camera.export_speed = None
    assert len((await movie_of(session, 0, 9)).frames) == 200


async def test_viewer_gives_up_waiting(
    playback: Playback, camera: Camera, server: CameraServer
) -> None:
    """Somebody closes the dialog before it plays."""
    camera.export_speed = 0.2
    work = asyncio.ensure_future(playback.async_play(part(), Viewer()))
    await until(lambda: server.exports_open)
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    await quiet(server)
    assert not playback.sessions
    assert not playback._is_watched


async def test_viewers_come_before_small_pictures(
    playback: Playback, camera: Camera, server: CameraServer
) -> None:
    """A list with many pictures does not keep anybody from playing."""
    camera.export_speed = 1.0
    for number in range(6):
        add_film(camera, START + number * MINUTE, 8, recording_id=f"film{number}")
    cached = await playback.async_still(part("film0"))
    stills = [
        asyncio.ensure_future(playback.async_still(part(f"film{number}")))
        for number in range(1, 6)
    ]
    await until(lambda: server.exports_open and len(playback._stills._works) == 5)
    camera.export_speed = None
    session = await watch(playback)
    for still in stills:
        await sentence(still, "export_busy")
    # While somebody watches there are only those that are there already.
    await sentence(playback.async_still(part("film1")), "export_busy")
    assert await playback.async_still(part("film0")) == cached
    await session.segment(1)
    await sentence(playback.async_still(part("film1")), "export_busy")
    await pass_pause(playback)
    assert second_of(await playback.async_still(part("film1"))) == pytest.approx(60)


async def test_still_while_somebody_begins(
    playback: Playback, camera: Camera, server: CameraServer
) -> None:
    """Nobody has got anything yet, but is about to."""
    camera.export_speed = 4.0
    work = asyncio.ensure_future(playback.async_play(part(), Viewer()))
    await until(lambda: server.exports_open)
    await sentence(playback.async_still(part()), "export_busy")
    await work


async def test_pictures_and_files_give_way(
    playback: Playback, camera: Camera, server: CameraServer
) -> None:
    """They take their turn again when the viewer has enough."""
    camera.export_speed = 4.0
    add_film(camera, START + MINUTE, 20, recording_id="other")
    recording, _ = await playback.async_find(part("other"))
    clip = asyncio.ensure_future(playback.async_clip(part("other")))
    await until(lambda: server.exports_open)
    picture = asyncio.ensure_future(playback.async_picture(recording, at(70.35)))
    session = await watch(playback)
    await session.segment(1)
    assert not clip.done()
    camera.export_speed = None
    assert len(movie_at(await clip).frames) == 200
    data, moment = await picture
    assert second_of(data) == pytest.approx(70.3, abs=0.002)
    assert abs(moment - at(70.3)) < timedelta(milliseconds=2)
    await quiet(server)


async def test_picture_that_is_outranked(
    playback: Playback, camera: Camera, server: CameraServer
) -> None:
    """It is begun anew after somebody who plays."""
    camera.faults.set(EXPORT, Fault.TIMEOUT, times=1, after=2_000)
    recording, _ = await playback.async_find(part())
    picture = asyncio.ensure_future(playback.async_picture(recording, at(3.95)))
    await until(lambda: server.exports_open)
    await watch(playback, part(FILM, 10, 12))
    assert server.exports[0].outcome == "left"
    assert second_of((await picture)[0]) == pytest.approx(3.9, abs=0.002)


async def test_image(playback: Playback, camera: Camera) -> None:
    """For whoever looks closely it is the very moment, also while somebody plays."""
    camera.picture_width = None
    await watch(playback)
    image = await playback.async_image(part(FILM, 5.35, 9))
    assert second_of(image) == pytest.approx(5.3, abs=0.002)
    assert Movie(image).size == (640, 360)
    await sentence(playback.async_image(part("gone")), "recording_gone")


async def test_many_sessions(playback: Playback) -> None:
    """Who is longest out of sight loses the seat."""
    first, second = await watch(playback), await watch(playback)
    for _ in range(MAX_SESSIONS - 2):
        await watch(playback)
    await first.segment(0)
    await watch(playback)
    assert len(playback.sessions) == MAX_SESSIONS
    assert first.token in playback.sessions
    assert second.token not in playback.sessions


async def test_many_sessions_of_somebody_else(playback: Playback) -> None:
    """Whoever plays too much ends only what is played by the same user."""
    path = await playback.async_play(part(), Viewer(user_id="robin"))
    for _ in range(MAX_SESSIONS + 2):
        await playback.async_play(part(), Viewer(user_id="kim"))
    assert len(playback.sessions) == MAX_SESSIONS + 1
    assert path.split("/")[-2] in playback.sessions


async def test_ongoing_recording(
    playback: Playback, camera: Camera, server: CameraServer
) -> None:
    """It is played up to now, and later there is more of it."""
    recording_id = camera.start_recording(start=dt_util.utcnow() - 9.5 * SECOND)
    session = await watch(playback, part(recording_id))
    before = (session.span.stop - session.span.start).total_seconds()
    assert before == pytest.approx(9.5, abs=5)
    movie = await movie_of(session, 0, 3)
    assert len(movie.frames) == 8 * 15
    assert movie_at(await playback.async_clip(part(recording_id))).duration
    camera.end_recording(recording_id)
    await quiet(server)
    later = await watch(playback, part(recording_id))
    last = listed(later.footage, later.span)[-1]
    frames = (await movie_of(later, 0, last)).frames
    numbers = [frame.clock.number for frame in frames]
    assert numbers == list(range(len(frames)))


async def test_account_that_may_only_look(
    hass: HomeAssistant, enable_custom_integrations: None
) -> None:
    """Export needs no more rights than that."""
    camera = filming()
    add_film(camera)
    async with CameraServer(camera) as server:
        entry = make_entry(camera, server)
        entry.add_to_hass(hass)
        hass.config_entries.async_update_entry(
            entry,
            data=entry.data | {"username": "viewer", "password": "viewer-secret"},
        )
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done(wait_background_tasks=True)
        playback = entry.runtime_data.playback
        assert await playback.async_still(part())
        assert await playback.async_clip(part())
        assert await playback.async_play(part(), Viewer())
        await hass.config_entries.async_unload(entry.entry_id)


async def test_two_cameras(
    hass: HomeAssistant, playback: Playback, camera: Camera
) -> None:
    """What one does is nothing to the other."""
    other = filming(serial="B8A44F0A1B2D", name="Back door")
    add_film(other)
    async with added(hass, other) as (server, entry):
        theirs = entry.runtime_data.playback
        other.faults.set(EXPORT, Fault.TIMEOUT)
        work = asyncio.ensure_future(theirs.async_play(part(), Viewer()))
        await until(lambda: server.requests[-1].path.endswith("exportrecording.cgi"))
        session = await watch(playback)
        assert len((await movie_of(session, 0, 9)).frames) == 200
        assert await theirs.cache.read("x") is None
        other.faults.clear()
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        assert len((await movie_of(await watch(theirs), 0, 9)).frames) == 200
        other.faults.set(EXPORT, Fault.ERROR, message="999 No")
        await theirs.async_sweep()
        assert (
            await sentence(theirs.async_clip(part("x")), "recording_gone")
        ).startswith("Back door ")
        await quiet(server)


# The end


@pytest.mark.parametrize("way", ["event", "stop"])
async def test_home_assistant_stops(
    hass: HomeAssistant,
    playback: Playback,
    camera: Camera,
    server: CameraServer,
    cache_folder: Path,
    way: str,
) -> None:
    """Nothing is left: no task, no thread, no export, no file."""
    camera.export_speed = 2.0
    add_film(camera, START + MINUTE, 20, recording_id="other")
    session = await watch(playback)
    works = [
        asyncio.ensure_future(work)
        for work in (
            session.segment(9),
            playback.async_clip(part()),
            playback.async_clip(part("other")),
        )
    ]
    await until(
        lambda: (
            server.exports_open
            and len(playback._clips._works) == 2
            and files(cache_folder)
        )
    )
    if way == "event":
        hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
        await hass.async_block_till_done()
    else:
        await hass.async_stop(force=True)
        assert hass.state is CoreState.stopped
    errors = await asyncio.gather(*works, return_exceptions=True)
    assert [type(error) for error in errors] == [
        ClosedError,
        HomeAssistantError,
        HomeAssistantError,
    ]
    for error in errors[1:]:
        assert isinstance(error, HomeAssistantError)
        assert error.translation_key == "playback_closed"
        assert "was reloaded or Home Assistant stops" in str(error)
    assert not playing_tasks()
    await quiet(server)
    assert not files(cache_folder)
    assert not playback.sessions


@pytest.mark.parametrize("way", ["unload", "remove"])
async def test_camera_is_let_go(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    playback: Playback,
    camera: Camera,
    server: CameraServer,
    cache_folder: Path,
    way: str,
) -> None:
    """What was cached is gone, also what is just being written."""
    await playback.async_clip(part())
    await movie_of(await watch(playback), 0, 9)
    await pass_pause(playback)
    await playback.async_still(part())
    assert files(cache_folder)
    camera.export_speed = 4.0
    add_film(camera, START + MINUTE, 20, recording_id="other")
    work = asyncio.ensure_future(playback.async_clip(part("other")))
    await until(lambda: server.exports_open)
    if way == "unload":
        assert await hass.config_entries.async_unload(loaded.entry_id)
    else:
        await hass.config_entries.async_remove(loaded.entry_id)
    await sentence(work, "playback_closed")
    assert not files(cache_folder)
    assert not playing_tasks()
    await quiet(server)


async def test_asked_for_at_the_last_moment(
    playback: Playback, camera: Camera, server: CameraServer, cache_folder: Path
) -> None:
    """Who has just asked the camera for the recording does not begin to export it."""
    camera.faults.set(LIST, Fault.SLOW, step=500, delay=0.1)
    made = len(server.requests)
    works = [
        asyncio.ensure_future(work(part(FILM, 2, 4))) for work in everything(playback)
    ]
    await until(lambda: len(server.requests) > made)
    await playback.async_close()
    for work in works[:2]:
        await sentence(work, "playback_closed")
    await asyncio.gather(*works, return_exceptions=True)
    assert server.exports_made == 0
    assert not playing_tasks()
    assert not files(cache_folder)


async def test_crash(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    cache_folder: Path,
) -> None:
    """What an end without warning has left is removed at the next start."""
    await hass.config_entries.async_unload(loaded.entry_id)
    folder = cache_folder / loaded.entry_id
    folder.mkdir(parents=True)
    (folder / "clip-1.mp4").write_bytes(b"film")
    (folder / "x.part").write_bytes(b"film")
    assert await hass.config_entries.async_setup(loaded.entry_id)
    assert not files(cache_folder)


# The cache


def size_of(folder: Path) -> int:
    """Return how many bytes there are in a folder."""
    return sum(len(path.read_bytes()) for path in files(folder) if path.exists())


async def reload_with(
    hass: HomeAssistant, entry: MockConfigEntry, **options: float
) -> Playback:
    """Choose options, and return what plays with them."""
    hass.config_entries.async_update_entry(entry, options=options)
    await hass.config_entries.async_reload(entry.entry_id)
    playback: Playback = entry.runtime_data.playback
    return playback


async def test_size_of_the_cache(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera, cache_folder: Path
) -> None:
    """What was not used for longest goes first, and what is larger has no room."""
    path = await loaded.runtime_data.playback.async_clip(part(FILM, 0, 4))
    size = len(movie_at(path).data) / MEGABYTE
    playback = await reload_with(hass, loaded, **{CONF_CACHE_SIZE: 6 * size})
    for first in range(0, 16, 4):
        await playback.async_clip(part(FILM, first, first + 4))
        assert playback.cache.size <= playback.cache.limit
    assert playback.cache.limit == round(6 * size * MEGABYTE)
    # Segments are written beside what is waited for.
    await until(
        lambda: (
            playback.diagnostics["cached_bytes"] == size_of(cache_folder)
            and playback.diagnostics["cached_files"] == len(files(cache_folder))
        )
    )

    playback = await reload_with(hass, loaded, **{CONF_CACHE_SIZE: 1.5 * size})
    assert "larger than the cache may be" in await sentence(
        playback.async_clip(part()), "no_room"
    )
    camera.quirks = Quirks(export_size="unknown")
    assert "larger than the cache may be" in await sentence(
        playback.async_clip(part()), "no_room"
    )
    # It plays nevertheless.
    assert len((await movie_of(await watch(playback), 0, 9)).frames) == 200


async def test_clip_that_is_pushed_out(
    playback: Playback,
) -> None:
    """Another one may need the room at the very moment at which it is done."""
    with (
        patch.object(playback.cache, "find", return_value=None),
        pytest.raises(HomeAssistantError) as error,
    ):
        await playback.async_clip(part(FILM, 0, 2))
    assert error.value.translation_key == "no_room"


async def test_age_of_the_cache(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    clock: RunningClock,
    cache_folder: Path,
) -> None:
    """It counts from the last use."""
    playback = await reload_with(hass, loaded, **{CONF_CACHE_HOURS: 2})
    await playback.async_clip(part(FILM, 0, 2))
    clock.ahead += 1.5 * 3600
    first = await playback.async_clip(part(FILM, 4, 6))
    second = await playback.async_clip(part(FILM, 0, 2))
    clock.ahead += 1.5 * 3600
    assert await playback.async_clip(part(FILM, 0, 2)) == second
    clock.ahead += 1.5 * 3600
    async_fire_time_changed(hass, dt_util.utcnow() + HOUR + SECOND)
    await hass.async_block_till_done(wait_background_tasks=True)
    await until(lambda: not first.exists())
    assert second.exists()
    clock.ahead += 2 * 3600
    await playback.async_sweep()
    assert not files(cache_folder)


async def test_sweep(playback: Playback, camera: Camera, clock: RunningClock) -> None:
    """What nobody uses any more is forgotten; who pauses may go on."""
    add_film(camera, START + MINUTE, 8, recording_id="other")
    add_film(camera, START + 2 * MINUTE, 8, recording_id="third")
    left = await watch(playback)
    paused = await watch(playback, part("other"))
    await playback.async_clip(part("third"))
    assert playback.diagnostics["recordings"] == 3
    clock.ahead += 40 * 60
    await paused.segment(0)
    await playback.async_sweep()
    assert playback.diagnostics["sessions"] == 2
    clock.ahead += 40 * 60
    await playback.async_sweep()
    assert list(playback.sessions.values()) == [paused]
    assert playback.diagnostics["recordings"] == 1
    assert left.footage._closed
    assert len((await movie_of(paused, 0, 3)).frames) == 80
    # It comes back when somebody wants it.
    assert len((await movie_of(await watch(playback), 0, 9)).frames) == 200


# Secrets


async def test_nothing_secret_in_the_log(
    playback: Playback,
    camera: Camera,
    server: CameraServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Also where everything is logged, and much fails."""
    caplog.set_level(logging.DEBUG)
    caplog.clear()
    session = await watch(playback)
    await movie_of(session, 0, 9)
    await playback.async_clip(part())
    for fault in (Fault.RESET, Fault.HTML, Fault.NOT_MEDIA, Fault.NO_FRAMES):
        await pass_pause(playback)
        camera.faults.set(EXPORT, fault)
        # Nothing of this is cached.
        playback.cache._entries.clear()
        for work in everything(playback):
            with pytest.raises(HomeAssistantError) as error:
                await work(part(FILM, 3, 5))
            assert_no_secrets(str(error.value), server)
    await quiet(server)
    for record in caplog.records:
        assert "-secret" not in record.getMessage()
        if record.name.startswith("custom_components"):
            assert_no_secrets(record.getMessage(), server)
        assert session.token not in record.getMessage()
