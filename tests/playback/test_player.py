"""Playing, and files, of one camera: who gets what, what is kept, and how it ends."""

import asyncio
from dataclasses import replace
from datetime import timedelta
import logging
from typing import TYPE_CHECKING
from unittest.mock import patch

from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import CoreState
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.axis_recordings.const import (
    CONF_CACHE_HOURS,
    CONF_CACHE_SIZE,
    MEGABYTE,
)
from custom_components.axis_recordings.playback.errors import ClosedError
from custom_components.axis_recordings.playback.viewing import MAX_SESSIONS
from custom_components.axis_recordings.users.requester import Requester
from tests.camera import Camera, CameraServer, Encoding, Fault, Pause, Quirks
from tests.common import added, make_entry
from tests.videos import (
    EXPORT,
    HOUR,
    MINUTE,
    SECOND,
    START,
    VIDEO,
    RunningClock,
    add_video,
    assert_no_secrets,
    at,
    files,
    movie_at,
    part,
    playing_tasks,
    playing_threads,
    quick_camera,
    quiet,
    running_clock,
    until,
)

from .playing import (
    everything,
    movie_of,
    pass_pause,
    running,  # noqa: F401 - for all tests here
    sentence,
    watch,
)

if TYPE_CHECKING:
    from pathlib import Path

    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from custom_components.axis_recordings.playback.player import Player

pytestmark = running_clock


# What plays


@pytest.mark.parametrize("mimetype", ["video/x-h264", "video/x-h265", "video/x-av1"])
async def test_codecs_that_browsers_play(
    player: Player, camera: Camera, mimetype: str
) -> None:
    """They are copied as they are. Sound that players don't know is left out."""
    for audio in (None, "audio/x-aac", "audio/x-opus"):
        name = f"with {audio}"
        add_video(camera, at(60), 6, recording_id=name, mimetype=mimetype, audio=audio)
        movie = await movie_of(await watch(player, part(name)), 0, 2)
        assert movie.seconds == pytest.approx(
            [60 + n / 10 for n in range(60)], abs=0.002
        )
        # FFmpeg names its decoder of AV1.
        names = {"h264": "h264", "h265": "hevc", "av1": "libdav1d"}
        codecs = [names[mimetype.removeprefix("video/x-")]]
        if audio == "audio/x-aac":
            codecs.append("aac")
        assert movie.codecs == codecs
    assert player.diagnostics["dropped_audio"] == ["opus"]


async def test_years(camera: Camera, player: Player) -> None:
    """A recording may be reported to have gone on for years. A playlist lists a day of it."""
    begin = START - timedelta(days=3000)
    add_video(camera, begin, 3000 * 86_400, recording_id="years")
    wanted = replace(part("years"), start=begin, end=START)
    session = await watch(player, wanted)
    assert session.part.span.duration == timedelta(days=1) + 5 * MINUTE


# Viewers


async def test_ten_viewers(
    player: Player, camera: Camera, server: CameraServer
) -> None:
    """All see their part, and the camera has one export at a time."""
    for number in range(5):
        add_video(camera, START + number * MINUTE, 8, recording_id=f"video{number}")
    most = 0

    async def poll(number: int) -> None:
        nonlocal most
        session = await watch(player, part(f"video{number % 5}"))
        most = max(most, server.exports_open)
        movie = await movie_of(session, 0, 3)
        most = max(most, server.exports_open)
        assert movie.seconds == pytest.approx(
            [number % 5 * 60 + n / 10 for n in range(80)], abs=0.002
        )

    await asyncio.gather(*(poll(number) for number in range(10)))
    assert most == 1
    await quiet(server)
    assert len(player.sessions) == 10


async def test_same_video_for_all(
    player: Player, camera: Camera, server: CameraServer
) -> None:
    """Who views the same costs the camera nothing more."""
    sessions = await asyncio.gather(*(watch(player) for _ in range(10)))
    movies = await asyncio.gather(*(movie_of(each, 0, 9) for each in sessions))
    assert len({movie.data for movie in movies}) == 1
    assert server.exports_made == 1


async def test_viewer_leaves(
    player: Player, camera: Camera, server: CameraServer
) -> None:
    """The export ends soon after, and goes on from there when somebody comes back."""
    camera.export_speed = 4.0
    session = await watch(player)
    await session.segment(0)
    await until(lambda: not server.exports_open, 5)
    assert server.exports[0].outcome == "left"
    await until(lambda: not (playing_threads() or playing_tasks()))
    camera.export_speed = None
    assert len((await movie_of(session, 0, 9)).frames) == 200


async def test_viewer_gives_up_waiting(
    player: Player, camera: Camera, server: CameraServer
) -> None:
    """Somebody closes the dialog before it plays."""
    camera.export_speed = 0.2
    work = asyncio.ensure_future(player.async_play(part(), Requester()))
    await until(lambda: server.exports_open)
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    await quiet(server)
    assert not player.sessions
    assert not player._is_watched


async def test_many_sessions(player: Player) -> None:
    """Who is longest out of sight loses the seat."""
    first, second = await watch(player), await watch(player)
    for _ in range(MAX_SESSIONS - 2):
        await watch(player)
    await first.segment(0)
    await watch(player)
    assert len(player.sessions) == MAX_SESSIONS
    assert first.token in player.sessions
    assert second.token not in player.sessions


async def test_many_sessions_of_somebody_else(player: Player) -> None:
    """Whoever plays too much ends only what is played by the same user."""
    token = await player.async_play(part(), Requester(user_id="robin"))
    for _ in range(MAX_SESSIONS + 2):
        await player.async_play(part(), Requester(user_id="kim"))
    assert len(player.sessions) == MAX_SESSIONS + 1
    assert token in player.sessions


async def test_ongoing_recording(
    player: Player, camera: Camera, server: CameraServer
) -> None:
    """It is played up to now, and later there is more of it."""
    recording_id = camera.start_recording(start=dt_util.utcnow() - 9.5 * SECOND)
    session = await watch(player, part(recording_id))
    before = (session.part.span.end - session.part.span.start).total_seconds()
    assert before == pytest.approx(9.5, abs=5)
    movie = await movie_of(session, 0, 3)
    assert len(movie.frames) == 8 * 15
    assert movie_at(await player.async_clip(part(recording_id))).duration
    camera.end_recording(recording_id)
    await quiet(server)
    later = await watch(player, part(recording_id))
    last = later.part.listing.numbers[-1]
    frames = (await movie_of(later, 0, last)).frames
    numbers = [frame.clock.number for frame in frames]
    assert numbers == list(range(len(frames)))


async def test_view_only_account(
    hass: HomeAssistant, enable_custom_integrations: None
) -> None:
    """Export needs no more rights than that."""
    camera = quick_camera()
    add_video(camera)
    async with CameraServer(camera) as server:
        entry = make_entry(camera, server)
        entry.add_to_hass(hass)
        hass.config_entries.async_update_entry(
            entry,
            data=entry.data | {"username": "viewer", "password": "viewer-secret"},
        )
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done(wait_background_tasks=True)
        player = entry.runtime_data.player
        assert await player.images.async_thumbnail(part())
        assert await player.async_clip(part())
        assert await player.async_play(part(), Requester())
        await hass.config_entries.async_unload(entry.entry_id)


async def test_two_cameras(hass: HomeAssistant, player: Player, camera: Camera) -> None:
    """What one does is nothing to the other."""
    other = quick_camera(serial="B8A44F0A1B2D", name="Back door")
    add_video(other)
    async with added(hass, other) as (server, entry):
        theirs = entry.runtime_data.player
        other.faults.set(EXPORT, Fault.TIMEOUT)
        work = asyncio.ensure_future(theirs.async_play(part(), Requester()))
        await until(lambda: server.requests[-1].path.endswith("exportrecording.cgi"))
        session = await watch(player)
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
    player: Player,
    camera: Camera,
    server: CameraServer,
    cache_folder: Path,
    way: str,
) -> None:
    """Nothing is left: no task, no thread, no export, no file."""
    camera.export_speed = 2.0
    add_video(camera, START + MINUTE, 20, recording_id="other")
    session = await watch(player)
    works = [
        asyncio.ensure_future(work)
        for work in (
            session.segment(9),
            player.async_clip(part()),
            player.async_clip(part("other")),
        )
    ]
    await until(
        lambda: (
            server.exports_open
            and len(player._clips._works) == 2
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
    assert not player.sessions


@pytest.mark.parametrize("way", ["unload", "remove"])
async def test_camera_is_let_go(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    player: Player,
    camera: Camera,
    server: CameraServer,
    cache_folder: Path,
    way: str,
) -> None:
    """What was cached is gone, also what is just being written."""
    await player.async_clip(part())
    await movie_of(await watch(player), 0, 9)
    await pass_pause(player)
    await player.images.async_thumbnail(part())
    assert files(cache_folder)
    camera.export_speed = 4.0
    add_video(camera, START + MINUTE, 20, recording_id="other")
    work = asyncio.ensure_future(player.async_clip(part("other")))
    await until(lambda: server.exports_open)
    if way == "unload":
        assert await hass.config_entries.async_unload(loaded.entry_id)
    else:
        await hass.config_entries.async_remove(loaded.entry_id)
    await sentence(work, "playback_closed")
    assert not files(cache_folder)
    assert not playing_tasks()
    await quiet(server)


async def test_crash(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    cache_folder: Path,
) -> None:
    """What an end without warning has left is removed at the next start."""
    await hass.config_entries.async_unload(loaded.entry_id)
    folder = cache_folder / loaded.entry_id
    folder.mkdir(parents=True)
    (folder / "clip-1.mp4").write_bytes(b"video")
    (folder / "x.part").write_bytes(b"video")
    assert await hass.config_entries.async_setup(loaded.entry_id)
    assert not files(cache_folder)


# The cache


def size_of(folder: Path) -> int:
    """Return how many bytes there are in a folder."""
    return sum(len(path.read_bytes()) for path in files(folder) if path.exists())


async def reload_with(
    hass: HomeAssistant, entry: MockConfigEntry, **options: float
) -> Player:
    """Choose options, and return what plays with them."""
    hass.config_entries.async_update_entry(entry, options=options)
    await hass.config_entries.async_reload(entry.entry_id)
    player: Player = entry.runtime_data.player
    return player


async def test_size_of_the_cache(
    hass: HomeAssistant, loaded: MockConfigEntry, camera: Camera, cache_folder: Path
) -> None:
    """What was not used for longest goes first, and what is larger has no room."""
    path = await loaded.runtime_data.player.async_clip(part(VIDEO, 0, 4))
    size = len(movie_at(path).data) / MEGABYTE
    player = await reload_with(hass, loaded, **{CONF_CACHE_SIZE: 6 * size})
    for first in range(0, 16, 4):
        await player.async_clip(part(VIDEO, first, first + 4))
        assert player.cache.size <= player.cache.limit
    assert player.cache.limit == round(6 * size * MEGABYTE)
    # Segments are written beside what is waited for.
    await until(
        lambda: (
            player.diagnostics["cached_bytes"] == size_of(cache_folder)
            and player.diagnostics["cached_files"] == len(files(cache_folder))
        )
    )

    player = await reload_with(hass, loaded, **{CONF_CACHE_SIZE: 1.5 * size})
    assert "larger than the cache may be" in await sentence(
        player.async_clip(part()), "no_room"
    )
    camera.quirks = Quirks(export_size="unknown")
    assert "larger than the cache may be" in await sentence(
        player.async_clip(part()), "no_room"
    )
    # It plays nevertheless.
    assert len((await movie_of(await watch(player), 0, 9)).frames) == 200


async def test_clip_that_is_pushed_out(
    player: Player,
) -> None:
    """Another one may need the room at the very moment at which it is done."""
    with (
        patch.object(player.cache, "find", return_value=None),
        pytest.raises(HomeAssistantError) as error,
    ):
        await player.async_clip(part(VIDEO, 0, 2))
    assert error.value.translation_key == "no_room"


async def test_age_of_the_cache(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    clock: RunningClock,
    cache_folder: Path,
) -> None:
    """It counts from the last use."""
    player = await reload_with(hass, loaded, **{CONF_CACHE_HOURS: 2})
    await player.async_clip(part(VIDEO, 0, 2))
    clock.ahead += 1.5 * 3600
    first = await player.async_clip(part(VIDEO, 4, 6))
    second = await player.async_clip(part(VIDEO, 0, 2))
    clock.ahead += 1.5 * 3600
    assert await player.async_clip(part(VIDEO, 0, 2)) == second
    clock.ahead += 1.5 * 3600
    async_fire_time_changed(hass, dt_util.utcnow() + HOUR + SECOND)
    await hass.async_block_till_done(wait_background_tasks=True)
    await until(lambda: not first.exists())
    assert second.exists()
    for source in player._sources.values():
        await source.wait_for_writes()
    clock.ahead += 2 * 3600
    await player.async_sweep()
    assert not files(cache_folder)


async def test_sweep(player: Player, camera: Camera, clock: RunningClock) -> None:
    """What nobody uses any more is forgotten; who pauses may go on."""
    add_video(camera, START + MINUTE, 8, recording_id="other")
    add_video(camera, START + 2 * MINUTE, 8, recording_id="third")
    left = await watch(player)
    paused = await watch(player, part("other"))
    await player.async_clip(part("third"))
    assert player.diagnostics["recordings"] == 3
    clock.ahead += 40 * 60
    await paused.segment(0)
    await player.async_sweep()
    assert player.diagnostics["sessions"] == 2
    clock.ahead += 40 * 60
    await player.async_sweep()
    assert list(player.sessions.values()) == [paused]
    # What is in the cache can still be served.
    assert player.diagnostics["recordings"] == 3
    clock.ahead += 24 * 3600
    await paused.segment(0)
    await player.async_sweep()
    assert player.diagnostics["recordings"] == 1
    assert left.part.source._closed
    assert len((await movie_of(paused, 0, 3)).frames) == 80
    # It comes back when somebody wants it.
    assert len((await movie_of(await watch(player), 0, 9)).frames) == 200


@pytest.mark.parametrize("pauses", [(), (Pause(5, 15),)])
async def test_sought_long_after(
    player: Player,
    camera: Camera,
    server: CameraServer,
    clock: RunningClock,
    pauses: tuple[Pause, ...],
) -> None:
    """What was watched or saved hours ago is played from anywhere, without another export."""
    add_video(
        camera,
        START + MINUTE,
        20,
        recording_id="rare",
        gop=20.0,
        encoding=Encoding(pauses=pauses),
    )
    wanted = replace(part("rare"), start=at(60), end=at(80))
    first = await watch(player, wanted)
    before = await movie_of(first, 0, 9)
    await first.part.source.wait_for_writes()
    made = server.exports_made
    clock.ahead += 2 * 3600
    await player.async_sweep()
    again = await watch(player, replace(wanted, start=at(74)))
    after = await movie_of(again, 7, 9)
    assert after.seconds[-30:] == before.seconds[-30:]
    assert server.exports_made == made


# Secrets


async def test_nothing_secret_in_the_log(
    player: Player,
    camera: Camera,
    server: CameraServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Also where everything is logged, and much fails."""
    caplog.set_level(logging.DEBUG)
    caplog.clear()
    session = await watch(player)
    await movie_of(session, 0, 9)
    await player.async_clip(part())
    for fault in (Fault.RESET, Fault.HTML, Fault.NOT_MEDIA, Fault.NO_FRAMES):
        await pass_pause(player)
        camera.faults.set(EXPORT, fault)
        # Nothing of this is cached.
        player.cache._entries.clear()
        for work in everything(player):
            with pytest.raises(HomeAssistantError) as error:
                await work(part(VIDEO, 3, 5))
            assert_no_secrets(str(error.value), server)
    await quiet(server)
    for record in caplog.records:
        assert "-secret" not in record.getMessage()
        if record.name.startswith("custom_components"):
            assert_no_secrets(record.getMessage(), server)
        assert session.token not in record.getMessage()
