"""What players fetch of a camera that is played from a moment on."""

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import pytest
from pytest_homeassistant_custom_component.common import CLIENT_ID

from custom_components.axis_recordings.recordings.camera_moment import (
    CameraMoment,
    moment_content_id,
)
from custom_components.axis_recordings.users.requester import Requester
from custom_components.axis_recordings.views.urls import playlist_path
from tests.hls import Playlist, read_playlist
from tests.playback.playing import running  # noqa: F401 - for all tests here
from tests.videos import (
    Movie,
    add_video,
    assert_no_secrets,
    at,
    part,
    quick_camera,
    running_clock,
)

from .test_media import Client, read

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import (
        MockConfigEntry,
        MockUser,
    )
    from pytest_homeassistant_custom_component.typing import (
        WebSocketGenerator,
    )

    from custom_components.axis_recordings.playback.player import Player
    from tests.camera import Camera, CameraServer

pytestmark = running_clock

NAMES = ("first", "second", "third")


@pytest.fixture
def camera() -> Camera:
    """Return a camera with three recordings."""
    camera = quick_camera()
    for number, name in enumerate(NAMES):
        add_video(camera, at(20 * number), 5, recording_id=name)
    return camera


async def play(client: Client, path: str, playlist: Playlist) -> list[float]:
    """Fetch all that is listed, and return the seconds that are seen."""
    seconds: list[float] = []
    for listed in playlist.parts:
        data = await read(client, urljoin(path, listed[0].init))
        for each in listed:
            data += await read(client, urljoin(path, each.address))
        seconds += Movie(data).seconds
    return seconds


async def begin(player: Player, second: float, requester: Requester) -> str:
    """Begin to play, and return where the playlist is."""
    playing = await player.async_play_at(at(second), requester)
    return playlist_path(playing.token)


@pytest.mark.usefixtures("media_browser")
async def test_as_the_front_end_plays(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    server: CameraServer,
    stranger: Client,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """A moment plays by its name, and everything comes without a log-in of its own."""
    socket = await hass_ws_client(hass)
    wanted = CameraMoment(moment=at(22))
    await socket.send_json_auto_id(
        {
            "type": "media_source/resolve_media",
            "media_content_id": moment_content_id(loaded.entry_id, wanted),
        }
    )
    media = (await socket.receive_json())["result"]
    assert media["mime_type"] == "application/x-mpegURL"
    playlist = read_playlist((await read(stranger, media["url"])).decode())
    assert playlist.offset == pytest.approx(7, abs=0.001)
    seconds = await play(stranger, media["url"], playlist)
    assert seconds == pytest.approx(
        [20 * number + n / 10 for number in range(3) for n in range(50)], abs=0.002
    )
    assert_no_secrets(str(media), server)


async def test_head(player: Player, client: Client) -> None:
    """Players may ask for the headers alone."""
    path = await begin(player, 0, Requester())
    for name in ("0/init.mp4", "2/1.m4s", "1/init.mp4"):
        response = await client.head(urljoin(path, name))
        assert response.status == HTTPStatus.OK
        assert response.headers["Content-Type"].startswith("video/mp4")
        assert response.headers["Cache-Control"] == "no-store"
        assert not await response.read()


async def test_addresses_of_nothing(
    player: Player, client: Client, server: CameraServer
) -> None:
    """What is not listed is not there, and nothing of it is asked of the camera."""
    path = await begin(player, 0, Requester())
    made = len(server.requests)
    for name in (
        *("3/0.m4s", "9999/0.m4s", "10000/0.m4s", "-1/0.m4s", "99999999999999/0.m4s"),
        *("0/3.m4s", "0/-1.m4s", "0/999999999.m4s", "0/1234567890.m4s"),
        *("0/index.m3u8", "0/init.mp4.m4s", "0/0.mp4", "x/init.mp4", "3/init.mp4"),
        *("٣/0.m4s", "0/٣.m4s", "%00/0.m4s", "0x0/0.m4s", "+0/0.m4s", "0.0/0.m4s"),
        *("0.m4s", "init.mp4", "0/0/0.m4s", "0//0.m4s", "/0.m4s"),
    ):
        address = path.replace("index.m3u8", name)
        await read(client, address, HTTPStatus.NOT_FOUND)
    assert len(server.requests) == made


async def test_single_recordings_keep_their_addresses(
    player: Player, client: Client
) -> None:
    """A recording that is played by itself has no number."""
    path = playlist_path(await player.async_play(part("second"), Requester()))
    await read(client, urljoin(path, "0.m4s"))
    for name in ("0/0.m4s", "0/init.mp4"):
        await read(client, urljoin(path, name), HTTPStatus.NOT_FOUND)


async def test_removed_meanwhile(
    player: Player, client: Client, camera: Camera
) -> None:
    """Every address answers as before."""
    path = await begin(player, 0, Requester())
    playlist = read_playlist((await read(client, path)).decode())
    camera.remove_recording("second")
    for segment in playlist.segments:
        await read(client, urljoin(path, segment.init))
        await read(client, urljoin(path, segment.address))


async def test_ends_with_the_log_in(
    hass: HomeAssistant,
    player: Player,
    client: Client,
    stranger: Client,
    hass_admin_user: MockUser,
) -> None:
    """Whoever is logged out sees no more, of no recording."""
    login = await hass.auth.async_create_refresh_token(hass_admin_user, CLIENT_ID)
    requester = Requester(user_id=hass_admin_user.id, refresh_token_id=login.id)
    path = await begin(player, 0, requester)
    await read(stranger, urljoin(path, "0/0.m4s"))
    hass.auth.async_remove_refresh_token(login)
    for name in ("0/0.m4s", "1/init.mp4", "1/0.m4s"):
        await read(stranger, urljoin(path, name), HTTPStatus.NOT_FOUND)
    await read(client, path, HTTPStatus.NOT_FOUND)
    assert not player.sessions


async def test_ends_with_the_right(
    hass: HomeAssistant,
    player: Player,
    stranger: Client,
    hass_read_only_user: MockUser,
) -> None:
    """Whoever may not view the camera any more gets no further segment."""
    path = await begin(player, 0, Requester(user_id=hass_read_only_user.id))
    await read(stranger, urljoin(path, "0/0.m4s"))
    hass_read_only_user.groups = []
    hass_read_only_user.invalidate_cache()
    for name in ("0/1.m4s", "1/init.mp4", "1/0.m4s"):
        await read(stranger, urljoin(path, name), HTTPStatus.NOT_FOUND)
    assert not player.sessions
