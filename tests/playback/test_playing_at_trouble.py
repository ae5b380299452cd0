"""Playing a camera from a moment on, where recordings are gone, broken, or shorter than listed."""

import asyncio
from typing import TYPE_CHECKING

import pytest

from custom_components.axis_recordings.playback.errors import (
    ClosedError,
    ExportBusyError,
)
from custom_components.axis_recordings.playback.viewing import MOST_TRIES
from custom_components.axis_recordings.users.requester import Requester
from custom_components.axis_recordings.vapix import VapixError
from tests.camera import Camera, CameraServer, Encoding, Fault
from tests.videos import (
    EXPORT,
    PROPERTIES,
    Movie,
    RunningClock,
    add_video,
    at,
    playing_tasks,
    quick_camera,
    quiet,
    running_clock,
    until,
)

from .playing import running, sentence  # noqa: F401 - for all tests here
from .playing_at import Viewer

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from custom_components.axis_recordings.playback.player import Player

pytestmark = running_clock

NAMES = ("first", "second", "third")
EMPTY = ["sidx", "moof", "mdat"]


@pytest.fixture
def camera() -> Camera:
    """Return a camera with three recordings."""
    camera = quick_camera()
    for number, name in enumerate(NAMES):
        add_video(camera, at(20 * number), 8, recording_id=name)
    return camera


@pytest.fixture(autouse=True)
def asks_the_camera(
    clock: RunningClock, player: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Find what the camera has at that moment, as before its first walk."""
    monkeypatch.setattr(player._finder, "_whole_disks", lambda: None)


async def boxes_of(viewer: Viewer, number: int) -> list[list[str]]:
    """Return what the segments of a recording consist of."""
    part = viewer.playlist.parts[number]
    return [Movie(await viewer.fetch(each)).boxes for each in part]


async def seconds_of(viewer: Viewer, number: int) -> list[float]:
    """Return what is seen of a recording."""
    return (await viewer.play(viewer.playlist.parts[number])).seconds


@pytest.mark.parametrize("is_known", [False, True])
async def test_removed_meanwhile(
    player: Player, camera: Camera, server: CameraServer, *, is_known: bool
) -> None:
    """Players go on with the next one: what is gone is empty, and needs no other decoder."""
    viewer = await Viewer.begin(player, at(0))
    if is_known:
        await viewer.session.init(1)
        await quiet(server)
        await viewer.session.parts[1].source.wait_for_writes()
        player.cache._entries.clear()
    camera.remove_recording("second")
    assert len(await seconds_of(viewer, 0)) == 80
    init = await viewer.session.init(1)
    assert init == await viewer.session.init(0)
    asked = len(server.requests)
    boxes = await boxes_of(viewer, 1)
    assert boxes[-1] == EMPTY
    assert len(boxes) == 4
    if not is_known:
        assert boxes == [EMPTY] * 4
        # Once is enough.
        assert len(server.requests) == asked
    assert await seconds_of(viewer, 2) == pytest.approx(
        [40 + n / 10 for n in range(80)], abs=0.002
    )


async def test_gone_from_the_start(
    player: Player, camera: Camera, server: CameraServer
) -> None:
    """What is listed, but was just removed, is passed over."""
    camera.faults.set(
        PROPERTIES, Fault.ERROR, message="110 Recording not found", times=1
    )
    viewer = await Viewer.begin(player, at(3))
    assert viewer.names == ["second", "third"]
    assert viewer.playing.moment == at(3)
    assert viewer.playing.starts_at == at(20)
    assert viewer.playlist.offset == 0


async def test_all_are_gone(
    player: Player, camera: Camera, server: CameraServer
) -> None:
    """It says so after a few, however many there are."""
    camera.faults.set(PROPERTIES, Fault.ERROR, message="110 Recording not found")
    before = len(server.requests)
    await sentence(player.async_play_at(at(3), Requester()), "recording_gone")
    asked = [each for each in server.requests[before:] if PROPERTIES in each.path]
    assert len(asked) == MOST_TRIES
    assert not player.sessions
    assert not player._is_watched


async def test_the_only_one_is_gone(
    player: Player, camera: Camera, server: CameraServer
) -> None:
    """Where nothing else is played, a player is told."""
    for name in NAMES[1:]:
        camera.remove_recording(name)
    viewer = await Viewer.begin(player, at(0))
    await quiet(server)
    await viewer.session.part.source.wait_for_writes()
    player.cache._entries.clear()
    camera.remove_recording("first")
    (part,) = viewer.playlist.parts
    with pytest.raises(VapixError):
        await viewer.fetch(part[-1])


async def test_broken(player: Player, camera: Camera, server: CameraServer) -> None:
    """One that holds no frame is given up after some tries; players ask again until then."""
    viewer = await Viewer.begin(player, at(0))
    await seconds_of(viewer, 0)
    await quiet(server)
    camera.faults.set(EXPORT, Fault.NO_FRAMES)
    for _ in range(2):
        with pytest.raises(ExportBusyError):
            await viewer.session.init(1)
    assert await viewer.session.init(1) == await viewer.session.init(0)
    camera.faults.clear()
    assert await boxes_of(viewer, 1) == [EMPTY] * 4
    assert len(await seconds_of(viewer, 2)) == 80


async def test_shorter_than_listed(player: Player, camera: Camera) -> None:
    """Its last segments are empty, and the next one follows."""
    camera.remove_recording("second")
    add_video(
        camera, at(20), 8, recording_id="second", encoding=Encoding(late=1, short=3)
    )
    viewer = await Viewer.begin(player, at(0))
    seconds = await seconds_of(viewer, 1)
    assert seconds == pytest.approx([21 + n / 10 for n in range(40)], abs=0.002)
    assert len(await seconds_of(viewer, 2)) == 80


async def test_camera_is_off_for_a_moment(player: Player, camera: Camera) -> None:
    """Nothing is given up, as it comes back."""
    viewer = await Viewer.begin(player, at(0))
    await seconds_of(viewer, 0)
    camera.faults.set(PROPERTIES, Fault.RESET)
    for _ in range(5):
        with pytest.raises(VapixError):
            await viewer.session.init(1)
    camera.faults.clear()
    assert len(await seconds_of(viewer, 1)) == 80


async def test_what_no_browser_plays(player: Player, camera: Camera) -> None:
    """It is passed over; alone, it is said what it is."""
    add_video(camera, at(-20), 8, recording_id="old", mimetype="image/jpeg")
    viewer = await Viewer.begin(player, at(-15))
    assert viewer.names == list(NAMES)
    for name in NAMES:
        camera.remove_recording(name)
    text = await sentence(player.async_play_at(at(-15), Requester()), "unplayable")
    assert "MJPEG" in text


async def test_given_up_before_the_first_picture(
    player: Player, camera: Camera, server: CameraServer
) -> None:
    """Somebody closes the dialog before it plays."""
    camera.export_speed = 0.2
    work = asyncio.ensure_future(player.async_play_at(at(0), Requester()))
    await until(lambda: server.exports_open)
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    await quiet(server)
    assert not player.sessions
    assert not player._is_watched


async def test_camera_is_unloaded(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    player: Player,
    camera: Camera,
    server: CameraServer,
) -> None:
    """Nothing is left of what was played, nor of what was about to be."""
    viewer = await Viewer.begin(player, at(0))
    camera.export_speed = 0.2
    beginning = asyncio.ensure_future(player.async_play_at(at(45), Requester()))
    waiting = asyncio.ensure_future(viewer.session.init(1))
    await until(lambda: server.exports_open)
    assert await hass.config_entries.async_unload(loaded.entry_id)
    await sentence(beginning, "playback_closed")
    with pytest.raises(ClosedError):
        await waiting
    assert not player.sessions
    assert not playing_tasks()
    await quiet(server)


async def test_somebody_pauses(player: Player, clock: RunningClock) -> None:
    """What is played together is kept together, and ends together."""
    viewer = await Viewer.begin(player, at(0))
    clock.ahead += 40 * 60
    await viewer.fetch(viewer.playlist.segments[0])
    clock.ahead += 40 * 60
    await player.async_sweep()
    assert player.diagnostics["recordings"] == len(NAMES)
    assert len(await seconds_of(viewer, 2)) == 80
    clock.ahead += 2 * 3600
    await player.async_sweep()
    assert player.diagnostics["recordings"] == player.diagnostics["sessions"] == 0


async def test_comes_back(player: Player, camera: Camera) -> None:
    """A player that was elsewhere has let go of what it had, so it gets what can be decoded by itself."""
    camera.remove_recording("first")
    add_video(camera, at(0), 12, recording_id="first", gop=30.0)
    viewer = await Viewer.begin(player, at(0))
    (first, second, *_) = viewer.playlist.parts
    init = await viewer.session.init(0)
    await viewer.session.init(1)
    for segment, is_key in (
        (first[0], True),
        (first[1], False),
        (second[0], True),
        (first[2], True),
        (first[3], False),
    ):
        data = await viewer.fetch(segment)
        if segment in first:
            assert Movie(init + data).video[0].is_key == is_key
