"""What players, browsers and televisions fetch."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from functools import partial
from http import HTTPStatus
import logging
import re
from typing import TYPE_CHECKING, Final, NamedTuple
from unittest.mock import AsyncMock, Mock, patch
from urllib.parse import urljoin

import aiohttp
from aiohttp import web
from homeassistant.components.http.auth import async_sign_path
import pytest
from pytest_homeassistant_custom_component.common import (
    CLIENT_ID,
    MockConfigEntry,
    MockUser,
)
from yarl import URL

from custom_components.axis_recordings.const import DOMAIN
from custom_components.axis_recordings.playback.export_queue import (
    ExportQueue,
    Priority,
)
from custom_components.axis_recordings.playback.export_stream import LEAST_RATE
from custom_components.axis_recordings.playback.timing import USUAL
from custom_components.axis_recordings.users.requester import Requester
from custom_components.axis_recordings.views import media
from custom_components.axis_recordings.views.urls import (
    ROOT,
    clip_path,
    original_path,
    playlist_path,
    thumbnail_path,
)
from tests.camera import Camera, CameraServer, Fault, Quirks, wire
from tests.playback.playing import running  # noqa: F401 - for all tests here
from tests.videos import (
    EXPORT,
    MINUTE,
    PROPERTIES,
    START,
    VIDEO,
    Movie,
    RunningClock,
    add_video,
    assert_no_secrets,
    at,
    part,
    playing_tasks,
    quick_camera,
    quiet,
    running_clock,
    second_of,
    until,
)

from ..common import added
from ..waiting import Held

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from aiohttp import ClientResponse
    from aiohttp.test_utils import TestClient
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.typing import (
        ClientSessionGenerator,
        WebSocketGenerator,
    )

    from custom_components.axis_recordings.playback.player import Player
    from custom_components.axis_recordings.recordings.part import RecordingPart

type Client = TestClient[web.Request, web.Application]

pytestmark = running_clock

DOMAIN_LOGGER = f"custom_components.{DOMAIN}"
FILES = (clip_path, thumbnail_path, original_path)
HOP_BY_HOP = (
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "upgrade",
)


async def begin(player: Player, wanted: RecordingPart, requester: Requester) -> str:
    """Begin to play, and return where the playlist is."""
    return playlist_path(await player.async_play(wanted, requester))


async def log_in(
    hass: HomeAssistant, make_client: ClientSessionGenerator, user: MockUser
) -> Client:
    """Return a browser that somebody has logged in."""
    token = await hass.auth.async_create_refresh_token(user, CLIENT_ID)
    client: Client = await make_client(hass.auth.async_create_access_token(token))
    return client


async def read(
    client: Client, path: str, status: int = HTTPStatus.OK, **options: object
) -> bytes:
    """Fetch something, of which the status is known."""
    response = await client.get(path, **options)  # type: ignore[arg-type]
    body = await response.read()
    assert response.status == status, body
    return body


async def fetch(client: Client, path: str) -> bytes:
    """Fetch something. ClientError unless all of it comes."""
    response = await client.get(path)
    response.raise_for_status()
    return await response.read()


async def refusal(client: Client, path: str) -> tuple[int, str]:
    """Return with what something is refused."""
    response = await client.get(path)
    return response.status, (await response.read()).decode(errors="replace")


class Playlist(NamedTuple):
    """What a playlist lists."""

    text: str
    init: str
    segments: list[str]
    begin: float
    """Where to start to play, in seconds."""


async def read_playlist(client: Client, path: str) -> Playlist:
    """Fetch a playlist."""
    text = (await read(client, path)).decode()
    init = re.search(r'#EXT-X-MAP:URI="(.+)"', text)
    begin = re.search(r"#EXT-X-START:TIME-OFFSET=([\d.]+)", text)
    assert init
    assert begin
    return Playlist(
        text,
        urljoin(path, init[1]),
        [urljoin(path, line) for line in text.splitlines() if not line.startswith("#")],
        float(begin[1]),
    )


async def play(client: Client, playlist: Playlist) -> Movie:
    """Fetch everything that a playlist lists."""
    pieces = [await read(client, playlist.init)]
    pieces += [await read(client, address) for address in playlist.segments]
    return Movie(b"".join(pieces))


# Playing


@pytest.mark.usefixtures("media_browser")
async def test_as_the_front_end_plays(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    server: CameraServer,
    stranger: Client,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """It gets a signed address and fetches everything without a log-in of its own."""
    loaded.runtime_data.player.timing = USUAL
    socket = await hass_ws_client(hass)
    await socket.send_json_auto_id(
        {
            "type": "media_source/resolve_media",
            "media_content_id": f"media-source://{DOMAIN}/{loaded.entry_id}/play/{part().path}",
        }
    )
    media = (await socket.receive_json())["result"]
    assert media["mime_type"] == "application/x-mpegURL"
    assert "authSig=" in media["url"]

    response = await stranger.get(media["url"])
    assert response.status == HTTPStatus.OK
    assert response.headers["Content-Type"].startswith("application/x-mpegURL;")
    assert response.headers["Cache-Control"] == "no-store"
    playlist = await read_playlist(stranger, media["url"])
    assert playlist.text.endswith("#EXT-X-ENDLIST\n")
    assert playlist.begin == 0
    assert len(playlist.segments) == 10

    movie = await play(stranger, playlist)
    assert movie.seconds == pytest.approx([n / 10 for n in range(200)], abs=0.002)
    assert [frame.time for frame in movie.frames] == pytest.approx(
        movie.seconds, abs=0.01
    )
    assert server.exports_made == 1
    assert_no_secrets(f"{media} {playlist} {response.headers}", server)
    assert_no_secrets(movie.data, server)


async def test_found_moment(
    hass: HomeAssistant,
    media_browser: None,
    loaded: MockConfigEntry,
    stranger: Client,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """What is found by a time of day begins to play there, in the player of the front end."""
    socket = await hass_ws_client(hass)
    await socket.send_json_auto_id(
        {
            "type": "media_source/search_media",
            "media_content_id": f"media-source://{DOMAIN}",
            "search_query": "10:00:08",
        }
    )
    # Eight seconds after the video has begun, by the clock in New York.
    (found,) = (await socket.receive_json())["result"]["result"]
    assert found["title"] == "2026-11-24 10:00:08 · Motion Recording · 0:00:12"
    content_id = found["media_content_id"]
    await socket.send_json_auto_id(
        {"type": "media_source/resolve_media", "media_content_id": content_id}
    )
    media = (await socket.receive_json())["result"]
    playlist = await read_playlist(stranger, media["url"])
    assert playlist.begin == pytest.approx(8, abs=0.001)
    movie = await play(stranger, playlist)
    first = next(each for each in movie.frames if each.time >= playlist.begin - 0.01)
    assert first.second(START) == pytest.approx(8, abs=0.002)


async def test_head(player: Player, client: Client) -> None:
    """Players may ask for the headers alone."""
    path = await begin(player, part(), Requester())
    for name, content_type in (
        ("index.m3u8", "application/x-mpegURL"),
        ("init.mp4", "video/mp4"),
        ("3.m4s", "video/mp4"),
    ):
        response = await client.head(urljoin(path, name))
        assert response.status == HTTPStatus.OK
        assert response.headers["Content-Type"].startswith(content_type)
        assert response.headers["Cache-Control"] == "no-store"
        assert not await response.read()


async def test_other_web_sites_may_play(
    player: Player, loaded: MockConfigEntry, client: Client
) -> None:
    """A cast device loads its player from another address than the video."""
    path = await begin(player, part(), Requester())
    for address in (
        path,
        urljoin(path, "init.mp4"),
        urljoin(path, "0.m4s"),
        clip_path(loaded.entry_id, part()),
    ):
        origin = "https://player.example"
        response = await client.get(address, headers={"Origin": origin})
        assert response.status == HTTPStatus.OK
        assert response.headers["Access-Control-Allow-Origin"] == origin


async def test_seeking_in_a_playlist(player: Player, client: Client) -> None:
    """Any segment comes at any time, and playing on from there gives each frame once."""
    path = await begin(player, part(VIDEO, 13, 15), Requester())
    playlist = await read_playlist(client, path)
    # The video is short, so all of it may be sought to.
    assert playlist.begin == pytest.approx(13, abs=0.1)
    assert len(playlist.segments) == 10
    init = await read(client, playlist.init)
    for first in (6, 2, 8):
        pieces = [await read(client, each) for each in playlist.segments[first:][:2]]
        seconds = Movie(b"".join([init, *pieces])).seconds
        assert seconds == pytest.approx(
            [2 * first + n / 10 for n in range(len(seconds))], abs=0.002
        )
        assert len(seconds) == 40


async def test_many_fetch_at_once(
    player: Player, client: Client, server: CameraServer
) -> None:
    """The order in which a player asks does not matter."""
    path = await begin(player, part(), Requester())
    playlist = await read_playlist(client, path)
    addresses = list(reversed(playlist.segments))
    pieces = await asyncio.gather(*(read(client, each) for each in addresses))
    init = await read(client, playlist.init)
    for number, piece in enumerate(reversed(pieces)):
        assert Movie(init + piece).seconds[-1] == pytest.approx(
            2 * number + 1.9, abs=0.002
        )
    await quiet(server)


# Who may


async def test_log_in(
    player: Player, loaded: MockConfigEntry, stranger: Client
) -> None:
    """Only segments need none, which are for whoever has the token."""
    path = await begin(player, part(), Requester())
    assert await read(stranger, urljoin(path, "init.mp4"))
    assert await read(stranger, urljoin(path, "0.m4s"))
    for address in (path, *(file(loaded.entry_id, part()) for file in FILES)):
        await read(stranger, address, HTTPStatus.UNAUTHORIZED)
        response = await stranger.head(address)
        assert response.status == HTTPStatus.UNAUTHORIZED


async def test_playlist_of_another_user(
    hass: HomeAssistant,
    player: Player,
    client: Client,
    hass_client: ClientSessionGenerator,
    hass_admin_user: MockUser,
    hass_read_only_user: MockUser,
) -> None:
    """An address that was overheard opens for nobody else, whatever rights they have."""
    other = await log_in(hass, hass_client, hass_read_only_user)
    path = await begin(player, part(), Requester(user_id=hass_admin_user.id))
    await read(client, path)
    await read(other, path, HTTPStatus.NOT_FOUND)

    path = await begin(player, part(), Requester(user_id=hass_read_only_user.id))
    await read(other, path)
    await read(client, path, HTTPStatus.NOT_FOUND)

    # What an automation plays, somebody else views.
    path = await begin(player, part(), Requester())
    await read(other, path)
    await read(client, path)


async def test_token_opens_only_what_it_is_for(
    hass: HomeAssistant, player: Player, client: Client, camera: Camera
) -> None:
    """Neither other parts of the recording, nor another recording."""
    add_video(camera, START + 10 * MINUTE, 8, recording_id="other")
    path = await begin(player, part("other"), Requester())
    assert len((await read_playlist(client, path)).segments) == 4
    for name in ("4.m4s", "9.m4s", "999999999.m4s", "1234567890.m4s", "-1.m4s"):
        await read(client, urljoin(path, name), HTTPStatus.NOT_FOUND)
    for name in ("index.mp4", "0.mp4", "0.m4s.m4s", "٣.m4s", "init.mp4%00", "0"):
        await read(client, urljoin(path, name), HTTPStatus.NOT_FOUND)
    for token in ("", "x", path.split("/")[-2][:-1], path.split("/")[-2].swapcase()):
        for name in ("index.m3u8", "init.mp4", "0.m4s"):
            await read(client, f"{ROOT}/play/{token}/{name}", HTTPStatus.NOT_FOUND)


async def test_part_of_a_long_recording(
    player: Player, client: Client, camera: Camera
) -> None:
    """Up to one slice before and after may be sought to, and no more."""
    add_video(camera, START + 10 * MINUTE, 3600, recording_id="long")
    path = await begin(player, part("long", 1800, 1860), Requester())
    playlist = await read_playlist(client, path)
    assert playlist.begin == pytest.approx(300, abs=2)
    assert len(playlist.segments) == pytest.approx(330, abs=1)
    number = int(playlist.segments[0].rsplit("/", 1)[1].removesuffix(".m4s"))
    await read(client, urljoin(path, f"{number - 1}.m4s"), HTTPStatus.NOT_FOUND)
    await read(client, urljoin(path, f"{number + 331}.m4s"), HTTPStatus.NOT_FOUND)


async def test_token_ends_with_the_camera(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    player: Player,
    stranger: Client,
) -> None:
    """Nor does it come back with it."""
    path = await begin(player, part(), Requester())
    segment = urljoin(path, "0.m4s")
    await read(stranger, segment)
    assert await hass.config_entries.async_unload(loaded.entry_id)
    await read(stranger, segment, HTTPStatus.NOT_FOUND)
    assert await hass.config_entries.async_setup(loaded.entry_id)
    await read(stranger, segment, HTTPStatus.NOT_FOUND)


async def test_unloaded_while_a_right_is_checked(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    player: Player,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What the session belongs to is gone, which is no error of ours."""
    path = await begin(player, part(), Requester())
    checked = Held(monkeypatch, media, "async_may_see")
    asking = asyncio.ensure_future(client.get(urljoin(path, "0.m4s")))
    await checked.asked.wait()
    await hass.config_entries.async_unload(loaded.entry_id)
    checked.release()
    assert (await asking).status == HTTPStatus.NOT_FOUND


async def test_token_ends_with_the_log_in(
    hass: HomeAssistant,
    player: Player,
    client: Client,
    stranger: Client,
    hass_admin_user: MockUser,
) -> None:
    """Whoever is logged out sees no more."""
    login = await hass.auth.async_create_refresh_token(hass_admin_user, CLIENT_ID)
    path = await begin(
        player,
        part(),
        Requester(user_id=hass_admin_user.id, refresh_token_id=login.id),
    )
    other = await begin(player, part(), Requester(user_id=hass_admin_user.id))
    segment = urljoin(path, "0.m4s")
    await read(stranger, segment)
    hass.auth.async_remove_refresh_token(login)
    await read(stranger, segment, HTTPStatus.NOT_FOUND)
    await read(client, path, HTTPStatus.NOT_FOUND)
    await read(stranger, urljoin(other, "0.m4s"))
    assert len(player.sessions) == 1


async def test_playing_ends_with_the_right(
    hass: HomeAssistant,
    player: Player,
    stranger: Client,
    hass_read_only_user: MockUser,
    hass_admin_user: MockUser,
    server: CameraServer,
) -> None:
    """Whoever may not view it any more gets no further segment, not even one that is under way."""
    path = await begin(player, part(), Requester(user_id=hass_read_only_user.id))
    other = await begin(player, part(), Requester(user_id=hass_admin_user.id))
    await read(stranger, urljoin(path, "0.m4s"))
    server.camera.export_speed = 1.0
    server.camera.faults.set(EXPORT, Fault.SLOW, times=1, delay=0.2, step=4096)
    pending = asyncio.create_task(
        read(stranger, urljoin(path, "5.m4s"), HTTPStatus.NOT_FOUND)
    )
    await until(lambda: server.exports_open)
    await hass.auth.async_deactivate_user(hass_read_only_user)
    await pending
    await read(stranger, urljoin(path, "0.m4s"), HTTPStatus.NOT_FOUND)
    await read(stranger, urljoin(other, "0.m4s"))
    assert len(player.sessions) == 1


async def test_waiting_for_a_segment_ends_with_the_right(
    hass: HomeAssistant,
    player: Player,
    stranger: Client,
    hass_read_only_user: MockUser,
    server: CameraServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nor does the camera work for somebody who may not view it any more."""
    monkeypatch.setattr(
        "custom_components.axis_recordings.users.permissions.CHECK_SECONDS", 0.05
    )
    # So that the export is far from the segment when nobody wants it any more.
    server.camera.export_speed = 20.0
    add_video(server.camera, START + 10 * MINUTE, 600, recording_id="long")
    wanted = part("long", 600, 900)
    path = await begin(player, wanted, Requester(user_id=hass_read_only_user.id))
    await quiet(server)
    made = server.exports_made
    queue = player.queue
    async with queue.hold(queue.new_ticket(Priority.PLAYBACK)):
        pending = asyncio.create_task(
            read(stranger, urljoin(path, "100.m4s"), HTTPStatus.NOT_FOUND)
        )
        await until(lambda: queue._waiting)
        hass_read_only_user.groups = []
        hass_read_only_user.invalidate_cache()
        async with asyncio.timeout(5):
            await pending
        assert server.exports_made == made


@pytest.mark.parametrize("file", FILES)
async def test_file_ends_with_the_right(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    server: CameraServer,
    hass_client: ClientSessionGenerator,
    hass_read_only_user: MockUser,
    monkeypatch: pytest.MonkeyPatch,
    file: Callable[[str, RecordingPart], str],
) -> None:
    """Whoever may not view it any more does not get the rest."""
    monkeypatch.setattr(
        "custom_components.axis_recordings.users.permissions.CHECK_SECONDS", 0.05
    )
    reader = await log_in(hass, hass_client, hass_read_only_user)
    server.camera.faults.set(EXPORT, Fault.SLOW, delay=0.05, step=512)
    path = file(loaded.entry_id, part())
    pending = asyncio.create_task(fetch(reader, path))
    await until(lambda: server.exports_open)
    hass_read_only_user.groups = []
    hass_read_only_user.invalidate_cache()
    with pytest.raises(aiohttp.ClientError):
        await pending
    await quiet(server)


@pytest.mark.parametrize("file", FILES)
async def test_file_ends_with_the_log_in(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    server: CameraServer,
    hass_client: ClientSessionGenerator,
    hass_read_only_user: MockUser,
    monkeypatch: pytest.MonkeyPatch,
    file: Callable[[str, RecordingPart], str],
) -> None:
    """Nor does a phone that was lost, once its log-in was deleted."""
    monkeypatch.setattr(
        "custom_components.axis_recordings.users.permissions.CHECK_SECONDS", 0.05
    )
    reader = await log_in(hass, hass_client, hass_read_only_user)
    server.camera.faults.set(EXPORT, Fault.SLOW, delay=0.05, step=512)
    path = file(loaded.entry_id, part())
    pending = asyncio.create_task(fetch(reader, path))
    await until(lambda: server.exports_open)
    for login in [*hass_read_only_user.refresh_tokens.values()]:
        hass.auth.async_remove_refresh_token(login)
    with pytest.raises(aiohttp.ClientError):
        await pending
    await quiet(server)


async def test_made_file_ends_with_the_right(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    hass_client: ClientSessionGenerator,
    hass_read_only_user: MockUser,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """The same where it only has to be sent, to somebody who takes it slowly."""
    large = tmp_path / "clip.mp4"
    large.write_bytes(bytes(64 * 1024 * 1024))
    player = loaded.runtime_data.player
    monkeypatch.setattr(player, "async_clip", AsyncMock(return_value=large))
    monkeypatch.setattr(
        "custom_components.axis_recordings.users.permissions.CHECK_SECONDS", 0.05
    )
    reader = await log_in(hass, hass_client, hass_read_only_user)
    response = await reader.get(clip_path(loaded.entry_id, part()))
    await response.content.readexactly(1024)
    await hass.auth.async_deactivate_user(hass_read_only_user)
    await asyncio.sleep(0.2)
    with pytest.raises(aiohttp.ClientPayloadError):
        await response.read()


async def test_token_ends_when_it_is_not_used(
    player: Player, stranger: Client, clock: RunningClock
) -> None:
    """An hour of pause is long enough; each segment begins it anew."""
    path = await begin(player, part(), Requester())
    segment = urljoin(path, "0.m4s")
    for _ in range(3):
        clock.ahead += 50 * 60
        await read(stranger, segment)
    clock.ahead += 61 * 60
    await read(stranger, segment, HTTPStatus.NOT_FOUND)
    assert not player.sessions


@pytest.mark.parametrize("file", FILES)
async def test_rights(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    server: CameraServer,
    hass_client: ClientSessionGenerator,
    hass_read_only_user: MockUser,
    file: Callable[[str, RecordingPart], str],
) -> None:
    """Who may see one of the camera's entities sees its videos; others don't learn that there are any."""
    path = file(loaded.entry_id, part())
    await read(await log_in(hass, hass_client, hass_read_only_user), path)

    user = MockUser(name="nobody").add_to_hass(hass)
    user.mock_policy({"entities": {"entity_ids": {"sensor.other": True}}})
    nobody = await log_in(hass, hass_client, user)
    made = server.exports_made
    missing = await refusal(nobody, file("01ABCDEF", part()))
    assert await refusal(nobody, path) == missing
    assert missing[0] == HTTPStatus.NOT_FOUND
    assert (await nobody.head(path)).status == HTTPStatus.NOT_FOUND
    assert server.exports_made == made

    user.mock_policy(
        {"entities": {"entity_ids": {"sensor.front_camera_recordings": True}}}
    )
    await read(nobody, path)


async def test_unknown_camera(
    hass: HomeAssistant, loaded: MockConfigEntry, client: Client
) -> None:
    """Also one that is not loaded, or belongs to another integration."""
    other = MockConfigEntry(domain="axis")
    other.add_to_hass(hass)
    for file in FILES:
        for entry_id in ("unknown", other.entry_id, "..", " "):
            await read(client, file(entry_id, part()), HTTPStatus.NOT_FOUND)
    await hass.config_entries.async_unload(loaded.entry_id)
    for file in FILES:
        await read(client, file(loaded.entry_id, part()), HTTPStatus.NOT_FOUND)


async def test_signed_address(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    stranger: Client,
    freezer: FrozenDateTimeFactory,
) -> None:
    """It opens what it was signed for, and nothing else."""
    for file in FILES:
        path = file(loaded.entry_id, part(VIDEO, 2, 4))
        signed = async_sign_path(hass, path, MINUTE, use_content_user=True)
        await read(stranger, signed)
        assert (await stranger.head(signed)).status == HTTPStatus.OK
        signature = signed.partition("?")[2]
        for other in FILES:
            for wanted in (part(), part(VIDEO, 2, 5), part(VIDEO, 2, 4)):
                address = other(loaded.entry_id, wanted)
                if address != path:
                    await read(
                        stranger, f"{address}?{signature}", HTTPStatus.UNAUTHORIZED
                    )
        await read(stranger, f"{signed}x", HTTPStatus.UNAUTHORIZED)
        # Time goes on while videos play, and this counts from where it was set last.
        freezer.tick(10 * MINUTE)
        await read(stranger, signed, HTTPStatus.UNAUTHORIZED)


# A part as one file


async def test_clip(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    client: Client,
    server: CameraServer,
) -> None:
    """It is a video that players show in the page, and can seek in."""
    path = clip_path(loaded.entry_id, part(VIDEO, 5, 12))
    response = await client.get(path)
    body = await response.read()
    assert response.status == HTTPStatus.OK
    assert response.headers["Content-Type"] == "video/mp4"
    assert response.headers["Accept-Ranges"] == "bytes"
    assert response.headers["Content-Length"] == str(len(body))
    assert response.headers["Cache-Control"] == "private, no-cache"
    assert "Content-Disposition" not in response.headers
    assert not {name.lower() for name in response.headers} & {*HOP_BY_HOP}
    assert_no_secrets(str(response.headers), server)
    assert_no_secrets(body, server)

    movie = Movie(body)
    # It begins at the key frame before.
    assert movie.seconds == pytest.approx([4 + n / 10 for n in range(80)], abs=0.002)
    assert movie.duration == pytest.approx(8, abs=0.01)
    # The index stands before the pictures.
    assert body.index(b"moov") < body.index(b"mdat")

    response = await client.head(path)
    assert response.status == HTTPStatus.OK
    assert response.headers["Content-Length"] == str(len(body))
    assert not await response.read()


async def test_ranges(loaded: MockConfigEntry, client: Client) -> None:
    """Safari plays nothing without them."""
    path = clip_path(loaded.entry_id, part())
    body = await read(client, path)
    size = len(body)

    async def fetch(wanted: str, status: int = HTTPStatus.PARTIAL_CONTENT) -> bytes:
        response = await client.get(path, headers={"Range": f"bytes={wanted}"})
        assert response.status == status
        found = await response.read()
        if status == HTTPStatus.PARTIAL_CONTENT:
            begin = body.index(found)
            assert response.headers["Content-Range"] == (
                f"bytes {begin}-{begin + len(found) - 1}/{size}"
            )
            assert response.headers["Content-Type"] == "video/mp4"
        return found

    assert await fetch("0-1") == body[:2]
    assert await fetch("1000-1999") == body[1000:2000]
    assert await fetch(f"{size - 500}-") == body[-500:]
    assert await fetch("-700") == body[-700:]
    assert await fetch(f"{size - 50}-{size + 5000}") == body[-50:]
    for wrong in (f"{size}-", f"{size + 10}-{size + 20}", "20-10", "x-y"):
        await fetch(wrong, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
    step = 9_999
    walk = [
        await fetch(f"{first}-{first + step - 1}") for first in range(0, size, step)
    ]
    assert b"".join(walk) == body


async def test_clip_of_what_goes_on(
    loaded: MockConfigEntry, client: Client, camera: Camera, clock: RunningClock
) -> None:
    """Its ranges are of one file, and there is more of it for whoever asks for it anew."""
    begins = (camera.clock.now() - START).total_seconds() - 10
    recording_id = camera.start_recording(start=at(begins))
    path = clip_path(loaded.entry_id, part(recording_id, begins, begins + 600))

    async def fetch(wanted: str) -> bytes:
        async with client.get(path, headers={"Range": wanted}) as response:
            assert response.status == HTTPStatus.PARTIAL_CONTENT
            return await response.read()

    first = await read(client, path)
    # Some players look at the beginning first, others at the end.
    assert await fetch("bytes=0-1") == first[:2]
    assert await fetch("bytes=0-") == first
    clock.ahead += 600
    # As long as a segment.
    await asyncio.sleep(2.1)
    middle = len(first) // 2
    assert await fetch(f"bytes={middle}-") == first[middle:]
    assert await fetch("bytes=-100") == first[-100:]
    limit = timedelta(seconds=11.5)
    with patch("custom_components.axis_recordings.playback.access.LONGEST_CLIP", limit):
        # By now there is more of it than is made.
        assert await fetch(f"bytes={middle}-") == first[middle:]

    second = await read(client, path)
    assert len(second) > len(first)
    assert await fetch(f"bytes={middle}-") == second[middle:]


async def test_ten_want_the_same_clip(
    loaded: MockConfigEntry, client: Client, server: CameraServer
) -> None:
    """It is made once."""
    path = clip_path(loaded.entry_id, part())
    bodies = await asyncio.gather(*(read(client, path) for _ in range(10)))
    assert len(set(bodies)) == 1
    assert server.exports_made == 1
    assert await read(client, path) == bodies[0]
    assert server.exports_made == 1


async def test_clip_after_playing(
    player: Player,
    loaded: MockConfigEntry,
    client: Client,
    server: CameraServer,
) -> None:
    """What was played already is not exported again."""
    playlist = await read_playlist(client, await begin(player, part(), Requester()))
    movie = await play(client, playlist)
    made = server.exports_made
    clip = Movie(await read(client, clip_path(loaded.entry_id, part())))
    assert clip.seconds == movie.seconds
    assert server.exports_made == made


async def test_clip_that_was_tidied_away(
    player: Player, loaded: MockConfigEntry, client: Client
) -> None:
    """Somebody who empties folders by hand does not lose the clip for a day."""
    wanted = part(VIDEO, 0, 4)
    path = clip_path(loaded.entry_id, wanted)
    body = await read(client, path)
    (await player.async_clip(wanted)).unlink()
    assert Movie(await read(client, path)).seconds == Movie(body).seconds


async def test_viewer_of_a_clip_leaves(
    loaded: MockConfigEntry, client: Client, camera: Camera, server: CameraServer
) -> None:
    """It is not made to its end for nobody."""
    camera.export_speed = 2.0
    request = asyncio.ensure_future(client.get(clip_path(loaded.entry_id, part())))
    await until(lambda: server.exports_open)
    request.cancel()
    await asyncio.gather(request, return_exceptions=True)
    await quiet(server)
    assert server.exports[0].outcome == "left"
    await until(lambda: not playing_tasks())


# Pictures


async def test_still(
    loaded: MockConfigEntry, client: Client, camera: Camera, server: CameraServer
) -> None:
    """It is a small picture of the beginning of the part, or of a little before."""
    camera.picture_width = 640
    path = thumbnail_path(loaded.entry_id, part(VIDEO, 5, 9))
    response = await client.get(path)
    body = await response.read()
    assert response.status == HTTPStatus.OK
    assert response.headers["Content-Type"] == "image/jpeg"
    assert response.headers["Cache-Control"] == "private, max-age=3600"
    assert_no_secrets(str(response.headers), server)
    assert second_of(body) == pytest.approx(4, abs=0.002)
    assert Movie(body).size == (320, 180)
    assert len(body) < 40_000

    assert await read(client, path) == body
    response = await client.head(path)
    assert response.headers["Content-Length"] == str(len(body))
    assert server.exports_made == 1
    first = await read(client, thumbnail_path(loaded.entry_id, part()))
    assert second_of(first) == pytest.approx(0, abs=0.002)
    await quiet(server)


@pytest.mark.usefixtures("media_browser")
async def test_thumbnails_while_another_camera_plays(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    client: Client,
    hass_client: ClientSessionGenerator,
    hass_read_only_user: MockUser,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """They don't hold the connections of the browser that plays; others still get theirs."""
    reader = await log_in(hass, hass_client, hass_read_only_user)
    socket = await hass_ws_client(hass)
    slow = quick_camera(name="Back garden", serial="ACCC8E000002")
    for number in range(8):
        add_video(slow, START + number * MINUTE, 2, recording_id=f"video{number}")
    async with added(hass, slow) as (_, entry):
        paths = [
            thumbnail_path(entry.entry_id, part(f"video{number}"))
            for number in range(8)
        ]
        queue = entry.runtime_data.player.queue
        async with queue.hold(queue.new_ticket(Priority.THUMBNAIL)):
            others = asyncio.ensure_future(fetch(reader, paths[0]))
            waiting = [
                asyncio.ensure_future(refusal(client, path)) for path in paths[:6]
            ]
            await until(lambda: len(queue._waiting) == 4)
            await socket.send_json_auto_id(
                {
                    "type": "media_source/resolve_media",
                    "media_content_id": f"media-source://{DOMAIN}/{loaded.entry_id}/play/{part().path}",
                }
            )
            async with asyncio.timeout(5):
                refused = await asyncio.gather(*waiting)
                assert {status for status, _ in refused} == {
                    HTTPStatus.SERVICE_UNAVAILABLE
                }
                assert (await socket.receive_json())["success"]
                await read(client, paths[6], HTTPStatus.SERVICE_UNAVAILABLE)
            assert not others.done()
        assert await others


# The camera's own file


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> bytearray:
    """Return what the camera sends of videos."""
    sent = bytearray()
    write = wire.Response.write

    async def note(self: wire.Response, data: bytes) -> None:
        if self.content_type.startswith("video/"):
            sent.extend(data)
        await write(self, data)

    monkeypatch.setattr(wire.Response, "write", note)
    return sent


@pytest.mark.parametrize(
    ("formats", "content_type", "ending"),
    [
        (("matroska",), "video/x-matroska", "mkv"),
        (("mp4", "matroska"), "video/x-matroska", "mkv"),
        (("mp4",), "video/mp4", "mp4"),
    ],
)
async def test_original(
    loaded: MockConfigEntry,
    client: Client,
    camera: Camera,
    server: CameraServer,
    sent: bytearray,
    formats: tuple[str, ...],
    content_type: str,
    ending: str,
) -> None:
    """It is passed on byte by byte, as a file to keep."""
    camera.quirks = Quirks(export_formats=formats)  # type: ignore[arg-type]
    path = original_path(loaded.entry_id, part(VIDEO, 5, 9))
    response = await client.head(path)
    assert response.status == HTTPStatus.OK
    assert server.exports_made == 0
    headers = response.headers
    assert headers["Content-Type"] == content_type
    assert headers["Content-Disposition"] == (
        f'attachment; filename="20261124_150005_20261124_150009.{ending}"'
    )

    response = await client.get(path)
    body = await response.read()
    assert response.status == HTTPStatus.OK, body
    for name in ("Content-Type", "Content-Disposition", "Cache-Control"):
        assert response.headers[name] == headers[name]
    # Nothing of the camera's own headers.
    assert "Apache" not in response.headers.get("Server", "")
    assert_no_secrets(str(response.headers), server)
    assert body == bytes(sent)
    assert Movie(body).seconds == pytest.approx(
        [4 + n / 10 for n in range(50)], abs=0.002
    )
    assert server.exports[0].outcome == "finished"


@pytest.mark.parametrize("fault", [Fault.RESET, Fault.TRUNCATED])
async def test_original_breaks_off(
    loaded: MockConfigEntry,
    client: Client,
    camera: Camera,
    server: CameraServer,
    caplog: pytest.LogCaptureFixture,
    fault: Fault,
) -> None:
    """What is not complete must not look as if it were."""
    camera.faults.set(EXPORT, fault, after=30_000)
    response = await client.get(original_path(loaded.entry_id, part()))
    assert response.status == HTTPStatus.OK
    with pytest.raises(aiohttp.ClientPayloadError):
        await response.read()
    await quiet(server)
    assert "ERROR" not in caplog.text


async def test_original_is_refused(
    loaded: MockConfigEntry, client: Client, camera: Camera
) -> None:
    """Before anything was sent there is room for words."""
    path = original_path(loaded.entry_id, part())
    camera.faults.set(EXPORT, Fault.ERROR, message="110 Recording not found")
    assert await refusal(client, path) == (
        HTTPStatus.NOT_FOUND,
        (
            "Front camera no longer has this recording. It was removed, cleaned up, or its "
            "disk is gone. Open the list again"
        ),
    )
    camera.faults.set(EXPORT, Fault.RESET)
    status, text = await refusal(client, path)
    assert status == HTTPStatus.BAD_GATEWAY
    assert text.startswith("Front camera: The connection to the camera broke.")


async def test_original_whose_reader_leaves(
    loaded: MockConfigEntry,
    client: Client,
    camera: Camera,
    server: CameraServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The camera may stop, too."""
    camera.export_speed = 2.0
    response = await client.get(original_path(loaded.entry_id, part()))
    await response.content.readexactly(1000)
    assert server.exports_open == 1
    response.close()
    await quiet(server)
    assert server.exports[0].outcome == "left"
    assert "ERROR" not in caplog.text


@pytest.mark.parametrize("call", ["prepare", "write", "write_eof"])
async def test_original_whose_reader_leaves_just_now(
    loaded: MockConfigEntry,
    client: Client,
    server: CameraServer,
    caplog: pytest.LogCaptureFixture,
    call: str,
) -> None:
    """Whatever was about to be sent: that is no error of ours, and the camera may stop."""
    error = aiohttp.ClientConnectionResetError("Cannot write to closing transport")
    with (
        patch.object(web.StreamResponse, call, side_effect=error),
        suppress(aiohttp.ClientError),
    ):
        response = await client.get(original_path(loaded.entry_id, part()))
        await response.read()
    await quiet(server)
    assert not server.exports_open
    assert "ERROR" not in caplog.text


async def test_original_without_a_reader(
    loaded: MockConfigEntry, client: Client, camera: Camera
) -> None:
    """Both connections may be gone at the same time."""
    camera.faults.set(EXPORT, Fault.TRUNCATED, after=30_000)
    with patch("aiohttp.web.Request.transport", None):
        response = await client.get(original_path(loaded.entry_id, part()))
        await asyncio.gather(response.read(), return_exceptions=True)


class Pace:
    """Lets clocks run ahead while a video is written, as if that took long, with a pause in the midst of it."""

    PAUSE: Final = 37.0
    """After so many seconds."""

    def __init__(self, clock: RunningClock, monkeypatch: pytest.MonkeyPatch) -> None:
        """Begin with everybody as fast as can be."""
        self._clock = clock
        self._monkeypatch = monkeypatch
        self.is_paused = asyncio.Event()
        self.may_go_on = asyncio.Event()

    def limit(self, kind: type[web.StreamResponse], rate: float) -> None:
        """Let responses of Home Assistant or the camera get rid of so many bytes a second."""
        write = kind.write

        async def slowly(response: web.StreamResponse, data: bytes) -> None:
            if type(response) is kind and response.content_type.startswith("video/"):
                if self._clock.ahead > self.PAUSE:
                    self.is_paused.set()
                    await self.may_go_on.wait()
                self._clock.ahead += len(data) / rate
            await write(response, data)

        self._monkeypatch.setattr(kind, "write", slowly)


@pytest.fixture
def pace(clock: RunningClock, monkeypatch: pytest.MonkeyPatch) -> Pace:
    """Return what makes a video pass slowly."""
    return Pace(clock, monkeypatch)


@pytest.mark.parametrize("other", ["viewer", "thumbnail", "original"])
async def test_slow_reader_while_others_wait(
    loaded: MockConfigEntry,
    player: Player,
    client: Client,
    camera: Camera,
    server: CameraServer,
    pace: Pace,
    caplog: pytest.LogCaptureFixture,
    other: str,
) -> None:
    """They get the camera soon, and a file that was broken off does not look complete."""
    camera.bitrate = 1_000_000
    pace.limit(web.StreamResponse, LEAST_RATE / 4)
    path = original_path(loaded.entry_id, part())
    response = await client.get(path)
    await pace.is_paused.wait()
    others: dict[str, Callable[[], Awaitable[object]]] = {
        "viewer": lambda: begin(player, part(), Requester()),
        "thumbnail": lambda: read(client, thumbnail_path(loaded.entry_id, part())),
        "original": lambda: read(client, path),
    }
    waiting = asyncio.ensure_future(others[other]())
    await until(lambda: player.queue._waiting)
    pace.may_go_on.set()
    assert await waiting
    with pytest.raises(aiohttp.ClientPayloadError):
        await response.read()
    await quiet(server)
    assert server.exports[0].outcome == "left"
    assert not [each for each in caplog.records if each.levelno >= logging.WARNING]


@pytest.mark.parametrize(
    ("kind", "rate", "is_awaited"),
    [
        (web.StreamResponse, LEAST_RATE / 4, False),
        (web.StreamResponse, LEAST_RATE * 1.05, True),
        (wire.Response, LEAST_RATE / 4, True),
    ],
)
async def test_patience_with_a_reader(
    loaded: MockConfigEntry,
    client: Client,
    camera: Camera,
    pace: Pace,
    kind: type[web.StreamResponse],
    rate: float,
    is_awaited: bool,
) -> None:
    """All of the file comes if nobody waits, to a reader who is just fast enough, and from a slow camera."""
    camera.bitrate = 1_200_000
    pace.limit(kind, rate)
    player = loaded.runtime_data.player
    response = await client.get(original_path(loaded.entry_id, part()))
    reading = asyncio.ensure_future(response.read())
    await pace.is_paused.wait()
    picture = asyncio.ensure_future(
        player.images.async_snapshot(part()) if is_awaited else asyncio.sleep(0)
    )
    await until(lambda: bool(player.queue._waiting) is is_awaited)
    pace.may_go_on.set()
    assert len(Movie(await reading).seconds) == 200
    await picture


async def test_reader_that_stops(
    loaded: MockConfigEntry,
    player: Player,
    client: Client,
    camera: Camera,
    server: CameraServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever takes nothing at all is not waited for."""
    monkeypatch.setattr(
        "custom_components.axis_recordings.views.serving.WRITE_SECONDS", 0.2
    )
    camera.bitrate = 16_000_000
    response = await client.get(original_path(loaded.entry_id, part()))
    await player.images.async_snapshot(part())
    with pytest.raises(aiohttp.ClientPayloadError):
        await response.read()
    await quiet(server)
    assert server.exports[0].outcome == "left"


@pytest.mark.parametrize("file", FILES)
async def test_few_at_once(
    loaded: MockConfigEntry,
    player: Player,
    camera: Camera,
    client: Client,
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    hass_read_only_user: MockUser,
    file: Callable[[str, RecordingPart], str],
) -> None:
    """Who wants much waits, others don't wait for it; whoever leaves gives the place back."""
    reader = await log_in(hass, hass_client, hass_read_only_user)
    for number in range(8):
        add_video(camera, START + number * MINUTE, 2, recording_id=f"video{number}")
    paths = [file(loaded.entry_id, part(f"video{number}")) for number in range(8)]
    there = clip_path(loaded.entry_id, part(VIDEO, 0, 2))
    await read(client, there)
    queue = player.queue
    async with queue.hold(queue.new_ticket(Priority.JOB)):
        wanted = [asyncio.ensure_future(fetch(client, path)) for path in paths[:7]]
        await until(lambda: len(queue._waiting) == 4)
        others = asyncio.ensure_future(fetch(reader, paths[7]))
        await until(lambda: len(queue._waiting) == 5)
        # One that has come so far, and one that waits for that.
        for left in (wanted.pop(), wanted.pop(0)):
            left.cancel()
        await until(lambda: len(queue._waiting) == 5)
        if file is not clip_path:
            await read(client, there)
    assert all(await asyncio.gather(others, *wanted))
    async with asyncio.timeout(5):
        for path in paths:
            await fetch(client, path)


async def test_few_segments_at_once(
    player: Player,
    client: Client,
    camera: Camera,
    hass_admin_user: MockUser,
    hass_read_only_user: MockUser,
) -> None:
    """Whoever seeks like mad keeps nobody else from watching."""
    add_video(camera, START + 10 * MINUTE, 600, recording_id="long")
    paths = [
        await begin(player, part("long", 600, 900), Requester(user_id=user.id))
        for user in (hass_admin_user, hass_read_only_user)
    ]
    (source,) = {session.part.source for session in player.sessions.values()}
    queue = player.queue
    async with queue.hold(queue.new_ticket(Priority.PLAYBACK)):
        mad, calm = (
            [
                asyncio.ensure_future(read(client, urljoin(path, f"{number}.m4s")))
                for number in numbers
            ]
            for path, numbers in zip(
                paths, (range(20, 200, 20), range(210, 211)), strict=True
            )
        )
        await until(lambda: len(source._producer._demands) == 5)
        await asyncio.sleep(0.05)
        assert len(source._producer._demands) == 5
        # What is there already needs no place.
        async with asyncio.timeout(5):
            assert await read(client, urljoin(paths[0], "0.m4s"))
    assert all(await asyncio.gather(*mad, *calm))


def has_queue_of(queue: ExportQueue, length: int) -> bool:
    """Return whether so many wait for their turn."""
    return len(queue._waiting) == length


async def test_waiting_for_a_place_when_the_camera_is_unloaded(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    player: Player,
    client: Client,
    camera: Camera,
) -> None:
    """Nobody waits for what does not come any more, and nothing is begun."""
    for number in range(7):
        add_video(camera, START + number * MINUTE, 2, recording_id=f"video{number}")
    queue = player.queue
    for file in FILES:
        async with queue.hold(queue.new_ticket(Priority.JOB)):
            waiting = [
                asyncio.ensure_future(
                    refusal(client, file(loaded.entry_id, part(f"video{number}")))
                )
                for number in range(7)
            ]
            await until(partial(has_queue_of, queue, 4))
            assert await hass.config_entries.async_unload(loaded.entry_id)
            for status, text in await asyncio.gather(*waiting):
                assert status == HTTPStatus.SERVICE_UNAVAILABLE
                assert "was reloaded or Home Assistant stops" in text
        assert await hass.config_entries.async_setup(loaded.entry_id)
        queue = loaded.runtime_data.player.queue


async def test_most_downloads(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    player: Player,
    client: Client,
    server: CameraServer,
    hass_client: ClientSessionGenerator,
    hass_read_only_user: MockUser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One user waits for so many of a camera at once; whoever leaves waits for none."""
    monkeypatch.setattr(
        "custom_components.axis_recordings.users.permissions.CHECK_SECONDS", 0.05
    )
    monkeypatch.setattr(
        "custom_components.axis_recordings.playback.player.MAX_DOWNLOADS", 2
    )
    reader = await log_in(hass, hass_client, hass_read_only_user)
    path = original_path(loaded.entry_id, part())
    queue = player.queue
    too_many = (
        HTTPStatus.TOO_MANY_REQUESTS,
        (
            "You already download 2 original files of Front camera, or wait for them. Wait until one is "
            "done, or cancel one"
        ),
    )
    async with queue.hold(queue.new_ticket(Priority.JOB)):
        one, two = (asyncio.ensure_future(fetch(client, path)) for _ in range(2))
        await until(lambda: len(queue._waiting) == 2)
        assert await refusal(client, path) == too_many
        assert (await client.head(path)).status == HTTPStatus.OK
        others = asyncio.ensure_future(fetch(reader, path))
        await until(lambda: len(queue._waiting) == 3)

        one.cancel()
        await until(lambda: len(queue._waiting) == 2)
        three = asyncio.ensure_future(fetch(client, path))
        await until(lambda: len(queue._waiting) == 3)
        assert await refusal(client, path) == too_many
        assert not server.exports_made
    for body in await asyncio.gather(two, others, three):
        assert len(Movie(body).seconds) == 200
    assert await fetch(client, path)


# What does not work


@pytest.mark.parametrize("file", FILES)
async def test_reasons(
    loaded: MockConfigEntry,
    client: Client,
    camera: Camera,
    server: CameraServer,
    file: Callable[[str, RecordingPart], str],
) -> None:
    """Each one has its status, and the user's words in the body."""

    async def status(wanted: RecordingPart, expected: str) -> int:
        result, text = await refusal(client, file(loaded.entry_id, wanted))
        assert expected in text
        assert_no_secrets(text, server)
        return result

    assert await status(part("gone"), "no longer has this") == HTTPStatus.NOT_FOUND
    assert await status(part(VIDEO, 900, 950), "holds nothing") == HTTPStatus.NOT_FOUND
    camera.faults.set(PROPERTIES, Fault.ERROR, message="220 Busy")
    if file is not thumbnail_path:
        add_video(camera, START - 5 * 60 * MINUTE, 7200, recording_id="long")
        wanted = part("long", -5 * 3600, 0)
        assert await status(wanted, "longer than 60 min") == HTTPStatus.BAD_REQUEST
    assert await status(part(), "is busy") == HTTPStatus.SERVICE_UNAVAILABLE
    camera.faults.set(PROPERTIES, Fault.RESET)
    assert await status(part(), "connection to the cam") == HTTPStatus.BAD_GATEWAY


async def test_reasons_of_clips(
    loaded: MockConfigEntry, client: Client, camera: Camera
) -> None:
    """Some need Home Assistant's disk, or a codec that players know."""
    path = clip_path(loaded.entry_id, part())
    with patch("shutil.disk_usage", return_value=Mock(free=1000)):
        status, text = await refusal(client, path)
    assert status == HTTPStatus.INSUFFICIENT_STORAGE
    assert "There is no room for the video" in text

    add_video(camera, START + MINUTE, 5, recording_id="jpeg", mimetype="image/jpeg")
    status, text = await refusal(client, clip_path(loaded.entry_id, part("jpeg")))
    assert status == HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    assert "MJPEG" in text


async def test_camera_is_unloaded_meanwhile(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    player: Player,
    client: Client,
    camera: Camera,
    server: CameraServer,
) -> None:
    """Whoever waits is asked to come again, and players that there is no more."""
    path = await begin(player, part(), Requester())
    await quiet(server)
    camera.export_speed = 4.0
    add_video(camera, START + MINUTE, 20, recording_id="other")
    await player.async_play(part("other"), Requester())
    waiting = [
        asyncio.ensure_future(refusal(client, address))
        for address in (
            clip_path(loaded.entry_id, part("other")),
            urljoin(path, "9.m4s"),
        )
    ]
    queue = player.queue
    await until(
        lambda: (
            server.exports_open
            and any(
                ticket and ticket.priority is Priority.JOB
                for ticket in (queue._holder, *queue._waiting)
            )
        )
    )
    assert await hass.config_entries.async_unload(loaded.entry_id)
    (status, text), (segment_status, _) = await asyncio.gather(*waiting)
    assert status == HTTPStatus.SERVICE_UNAVAILABLE
    assert "was reloaded or Home Assistant stops" in text
    assert segment_status in (HTTPStatus.OK, HTTPStatus.NOT_FOUND)
    await quiet(server)


async def test_segment_that_fails(
    player: Player,
    client: Client,
    camera: Camera,
    server: CameraServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Players give up what is gone, and ask again for what may come."""
    caplog.set_level(logging.DEBUG, DOMAIN_LOGGER)
    player.cache._limit = 0
    path = await begin(player, part(), Requester())
    await quiet(server)
    segment = urljoin(path, "7.m4s")
    camera.faults.set("*", Fault.RESET)
    await read(client, segment, HTTPStatus.BAD_GATEWAY)
    camera.faults.clear()
    assert await read(client, segment)
    await quiet(server)
    camera.remove_recording(VIDEO)
    await read(client, segment, HTTPStatus.NOT_FOUND)
    assert "7.m4s can't be played on" in caplog.text
    assert_no_secrets(caplog.text.partition("can't be played on")[2], server)


GARBAGE = (
    "..",
    "%2e%2e",
    "..%2f..%2fconfiguration.yaml",
    "%2e%2e%2fhome-assistant.log",
    "~2E~2E",
    "~2E~2E~2F~2E~2E~2Fsecrets",
    "~",
    "~zz",
    "%00",
    "%0d%0aX-Header:%20x",
    "a%20b",
    "%ff",
    "*",
    "all",
    "video,video",
    "%f0%9f%8e%a5",
    "x" * 3000,
    "20261124T150000.000000Z",
    "00010101T000000.000000Z",
    "99991231T235959.999999Z",
    "'or%201=1--",
    "%3Cscript%3E",
)
# Times before and after the recording, from or to which there is a video.
SENSIBLE = ((3, "0001"), (3, "2026"), (4, "9999"))


@pytest.mark.parametrize("kind", ["play", "clip", "still", "original"])
async def test_garbage(
    loaded: MockConfigEntry,
    player: Player,
    client: Client,
    server: CameraServer,
    caplog: pytest.LogCaptureFixture,
    kind: str,
) -> None:
    """Whatever stands in whatever part of an address, nothing but a refusal comes of it."""
    ending = {"clip": ".mp4", "still": ".jpg"}.get(kind, "")
    if kind == "play":
        path = await begin(player, part(), Requester())
        parts = [*path.split("/")[-2:]]
    else:
        parts = [loaded.entry_id, *part(VIDEO, 1, 3).path.split("/")]
    await quiet(server)
    made = server.exports_made
    for position in range(len(parts)):
        for garbage in GARBAGE:
            if (position, garbage[:4]) in SENSIBLE:
                continue
            changed = [*parts]
            changed[position] = garbage
            address = "/".join([ROOT, kind, *changed]) + ending
            response = await client.get(URL(address, encoded=True))
            body = await response.read()
            assert response.status in (400, 404), address
            assert_no_secrets(body + str(response.headers).encode(), server)
    for text in ("", "/", "SD_DISK", "a/b/c/d/e", "//", "SD_DISK//", "a/b/"):
        response = await client.get(
            URL(f"{ROOT}/{kind}/{loaded.entry_id}/{text}{ending}", encoded=True)
        )
        assert response.status == HTTPStatus.NOT_FOUND, text
    assert server.exports_made == made
    assert "Traceback" not in caplog.text


async def test_methods(loaded: MockConfigEntry, player: Player, client: Client) -> None:
    """Nothing can be changed by these addresses."""
    path = await begin(player, part(), Requester())
    paths = [path, urljoin(path, "0.m4s")]
    paths += [file(loaded.entry_id, part()) for file in FILES]
    for address in paths:
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            response: ClientResponse = await client.request(method, address)
            assert response.status == HTTPStatus.METHOD_NOT_ALLOWED
    assert playlist_path("x") == f"{ROOT}/play/x/index.m3u8"
