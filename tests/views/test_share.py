"""What those see and fetch with whom something is shared."""

import asyncio
from contextlib import AsyncExitStack
from http import HTTPStatus
import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from custom_components.axis_recordings.const import DOMAIN
from custom_components.axis_recordings.playback.export_queue import Priority
from custom_components.axis_recordings.shares.shares import async_shares
from custom_components.axis_recordings.users.limits import MAX_AT_ONCE, Kind
from custom_components.axis_recordings.views import share as share_views
from tests.camera import Camera, CameraServer, Encoding, Fault
from tests.common import call
from tests.playback.playing import running  # noqa: F401 - for all tests here
from tests.shares.sharing import copied, share
from tests.videos import (
    EXPORT,
    VIDEO,
    Movie,
    add_video,
    assert_no_secrets,
    at,
    quiet,
    running_clock,
    second_of,
    until,
)
from tests.waiting import settle

if TYPE_CHECKING:
    from aiohttp import ClientResponse, web
    from aiohttp.test_utils import TestClient
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from custom_components.axis_recordings.playback.errors import PlaybackError
    from custom_components.axis_recordings.playback.player import Player

type Client = TestClient[web.Request, web.Application]

pytestmark = running_clock

ROOT: Final = f"/api/{DOMAIN}/s/"
NAMES: Final = ("picture.jpg", "video.mp4", "clip.mp4", "original", "play")
PART: Final = {"start_time": at(5).isoformat(), "end_time": at(9).isoformat()}


async def get(
    client: Client, path: str, status: int = HTTPStatus.OK, **options: Any
) -> tuple[ClientResponse, bytes]:
    """Fetch something of a share, of which the status is known and nothing may be kept."""
    response = await client.get(path, **options)
    body = await response.read()
    assert response.status == status, body
    assert_private(response)
    return response, body


def assert_private(response: ClientResponse) -> None:
    """See that an answer is kept, listed, and passed on nowhere."""
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in response.headers["X-Robots-Tag"]


async def begin(client: Client, answer: dict[str, Any]) -> dict[str, Any]:
    """Begin to play from the camera."""
    _, body = await get(client, f"{answer['page_path']}/play")
    found: dict[str, Any] = json.loads(body)
    return found


async def watch(client: Client, session: dict[str, Any]) -> Movie:
    """Fetch all that a session has, as the page does."""
    pieces = [(await get(client, f"{session['base']}init.mp4"))[1]]
    for number in range(len(session["starts"])):
        address = f"{session['base']}{session['first'] + number}.m4s"
        pieces.append((await get(client, address))[1])
    return Movie(b"".join(pieces))


def shown_by(movie: Movie) -> list[float]:
    """Return the moments that are seen of a video, without what is only needed to decode it."""
    moments = movie.seconds
    return [
        moment
        for moment, frame in zip(moments, movie.frames, strict=True)
        if frame.time == pytest.approx(moment, abs=0.02)
    ]


# The page


async def test_page(
    hass: HomeAssistant, loaded: MockConfigEntry, stranger: Client, server: CameraServer
) -> None:
    """It is short to name, tells what is shared at once, and holds no secret but its own address."""
    answer = await share(hass, **PART)
    assert len(answer["page_path"]) <= 80
    response, body = await get(stranger, answer["page_path"])
    page = body.decode()
    assert response.content_type == "text/html"
    assert "Front camera" in page
    assert at(5).strftime("%M:%S") in page
    assert "0:04" in page
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert_no_secrets(page, server)
    for hidden in (loaded.entry_id, answer["share_id"], "SD_DISK"):
        assert hidden not in page


async def test_language(hass: HomeAssistant, stranger: Client) -> None:
    """It speaks the visitor's, whatever Home Assistant's is."""
    answer = await share(hass)
    for path, status, word in (
        (answer["page_path"], HTTPStatus.OK, "Aufgenommen"),
        (f"{ROOT}{'x' * 32}", HTTPStatus.NOT_FOUND, "Hier ist nichts"),
    ):
        _, body = await get(
            stranger, path, status, headers={"Accept-Language": "de-AT,de;q=0.9"}
        )
        assert word in body.decode()
        assert 'lang="de"' in body.decode()


@pytest.mark.usefixtures("no_copies")
async def test_name_is_left_out(
    hass: HomeAssistant, loaded: MockConfigEntry, stranger: Client, camera: Camera
) -> None:
    """No answer has it, not even one that says what is wrong with the camera."""
    answer = await share(hass, name_camera=False)
    _, body = await get(stranger, answer["page_path"])
    assert b"Front camera" not in body
    camera.remove_recording(VIDEO)
    for name in NAMES:
        response = await stranger.get(f"{answer['page_path']}/{name}")
        assert b"Front camera" not in await response.read()
        assert_private(response)


async def test_head(hass: HomeAssistant, stranger: Client) -> None:
    """Whoever asks for the headers alone has opened nothing."""
    answer = await share(hass, format="original")
    await copied(hass, answer)
    for path in ("", "/clip.mp4", "/video.mp4", "/picture.jpg", "/original"):
        response = await stranger.head(answer["page_path"] + path)
        assert response.status == HTTPStatus.OK
        assert_private(response)
    (share_of_all,) = async_shares(hass).all
    assert share_of_all.openings == 0


async def test_openings_are_counted(hass: HomeAssistant, stranger: Client) -> None:
    """The page counts once, whatever it loads, and so does the file that a phone shows."""
    answer = await share(hass)
    await copied(hass, answer)
    counts = []
    for path, headers in (
        ("", {}),
        ("/video.mp4", {}),
        ("/picture.jpg", {}),
        ("/clip.mp4", {}),
        ("/clip.mp4", {"Range": "bytes=0-9"}),
        ("/clip.mp4", {"Range": "bytes=10-19"}),
    ):
        await (await stranger.get(answer["page_path"] + path, headers=headers)).read()
        (listed,) = (await call(hass, "shares"))["shares"]
        counts.append(listed["openings"])
        assert listed["last_opened"]
    assert counts == [1, 1, 1, 2, 3, 3]


# Playing


@pytest.mark.usefixtures("no_copies")
@pytest.mark.parametrize(
    ("first", "last", "gop", "begins"),
    [
        (5, 9, 2.0, 4),
        (5.5, 8.3, 2.0, 4),
        (5.2, 9, 0.5, 5),
        (4, 8, 2.0, 4),
        (13, 20, 2.0, 12),
        (6, 7.9, 1.5, 6),
    ],
)
async def test_plays_from_the_camera(
    hass: HomeAssistant,
    stranger: Client,
    camera: Camera,
    first: float,
    last: float,
    gop: float,
    begins: float,
) -> None:
    """From the key frame before the start up to the end, and not a frame more."""
    add_video(camera, recording_id="other", gop=gop, disk_id="SD_DISK")
    answer = await share(
        hass,
        recording_id="other",
        start_time=at(first).isoformat(),
        end_time=at(last).isoformat(),
    )
    session = await begin(stranger, answer)
    assert session["codecs"].startswith("avc1.")
    assert session["starts"][0] == 0
    assert session["zero"] + session["begins"] == pytest.approx(first, abs=0.002)
    movie = await watch(stranger, session)
    frames = round((last - begins) * 10)
    assert movie.seconds == pytest.approx(
        [begins + n / 10 for n in range(frames)], abs=0.002
    )
    times = [frame.time for frame in movie.frames]
    assert times == pytest.approx(movie.seconds, abs=0.01)

    response, body = await get(stranger, session["playlist"])
    assert response.headers["Content-Type"].startswith("application/x-mpegURL")
    listed = [line for line in body.decode().splitlines() if line.endswith(".m4s")]
    assert len(listed) == len(session["starts"])


@pytest.mark.usefixtures("no_copies")
@pytest.mark.parametrize("open_gop", [False, True])
async def test_frames_in_another_order(
    hass: HomeAssistant, stranger: Client, camera: Camera, open_gop: bool
) -> None:
    """What is shown is the same, but for frames that those up to the end refer to."""
    add_video(
        camera,
        recording_id="reordered",
        encoding=Encoding(b_frames=2, references=2, open_gop=open_gop),
    )
    answer = await share(
        hass,
        recording_id="reordered",
        start_time=at(5).isoformat(),
        end_time=at(8.5).isoformat(),
    )
    seconds = shown_by(await watch(stranger, await begin(stranger, answer)))
    assert seconds == pytest.approx(
        [seconds[0] + n / 10 for n in range(len(seconds))], abs=0.002
    )
    assert 3.7 < seconds[0] < 4.01
    assert 8.39 < seconds[-1] < 8.75


@pytest.mark.usefixtures("no_copies")
@pytest.mark.parametrize("gop", [4.0, 10.0])
async def test_key_frames_far_apart(
    hass: HomeAssistant, stranger: Client, camera: Camera, gop: float
) -> None:
    """What is needed to decode the first and the last frames comes with them, a few milliseconds before."""
    add_video(camera, recording_id="sparse", gop=gop)
    answer = await share(
        hass,
        recording_id="sparse",
        start_time=at(5).isoformat(),
        end_time=at(12.5).isoformat(),
    )
    movie = await watch(stranger, await begin(stranger, answer))
    assert shown_by(movie) == pytest.approx([4 + n / 10 for n in range(85)], abs=0.002)


async def test_plays_the_copy(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    stranger: Client,
    camera: Camera,
    server: CameraServer,
) -> None:
    """With ranges, and also when the recording, the camera and its config entry's set-up are gone."""
    answer = await share(hass, **PART)
    await copied(hass, answer)
    await quiet(server)
    made = server.exports_made
    camera.remove_recording(VIDEO)
    await hass.config_entries.async_unload(loaded.entry_id)
    _, body = await get(stranger, answer["page_path"])
    assert f'src="{answer["page_path"]}/video.mp4"' in body.decode()
    for name in ("video.mp4", "clip.mp4"):
        response, whole = await get(stranger, f"{answer['page_path']}/{name}")
        assert response.content_type == "video/mp4"
        assert len(Movie(whole).seconds) == 50
    response, some = await get(
        stranger,
        f"{answer['page_path']}/video.mp4",
        HTTPStatus.PARTIAL_CONTENT,
        headers={"Range": "bytes=100-199"},
    )
    assert some == whole[100:200]
    _, picture = await get(stranger, f"{answer['page_path']}/picture.jpg")
    assert second_of(picture) == pytest.approx(5, abs=0.002)
    assert server.exports_made == made


@pytest.mark.usefixtures("no_copies")
async def test_files_from_the_camera(hass: HomeAssistant, stranger: Client) -> None:
    """As long as there is no copy, the file is made of what the camera holds, and so is the picture."""
    answer = await share(hass, **PART)
    _, whole = await get(stranger, answer["path"])
    assert len(Movie(whole).seconds) == 50
    _, picture = await get(stranger, f"{answer['page_path']}/picture.jpg")
    assert second_of(picture) == pytest.approx(5, abs=0.002)


async def test_original(hass: HomeAssistant, stranger: Client) -> None:
    """The camera's own file of the part, if that was wanted."""
    answer = await share(hass, format="original", **PART)
    response, body = await get(stranger, answer["path"])
    assert response.content_type == "video/x-matroska"
    assert "attachment" in response.headers["Content-Disposition"]
    assert len(Movie(body).seconds) == pytest.approx(50, abs=1)


async def test_original_only_if_wanted(
    hass: HomeAssistant, stranger: Client, server: CameraServer
) -> None:
    """It holds more than the part, so an address of an MP4 does not lead there, as if it led nowhere."""
    answer = await share(hass, **PART)
    await copied(hass, answer)
    await quiet(server)
    made = server.exports_made
    _, refused = await get(
        stranger, f"{answer['page_path']}/original", HTTPStatus.NOT_FOUND
    )
    _, nothing = await get(stranger, f"{ROOT}{'x' * 32}/original", HTTPStatus.NOT_FOUND)
    assert refused == nothing
    head = await stranger.head(f"{answer['page_path']}/original")
    assert head.status == HTTPStatus.NOT_FOUND
    assert server.exports_made == made


@pytest.mark.usefixtures("no_copies")
async def test_what_keeps_it_from_playing(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    stranger: Client,
    camera: Camera,
) -> None:
    """The page can say why, in its own words."""
    add_video(camera, at(100), 3, recording_id="old", mimetype="image/jpeg")
    old = await share(hass, recording_id="old")
    assert await begin(stranger, old) == {"error": "unplayable"}
    answer = await share(hass, format="original")
    camera.faults.set(EXPORT, Fault.RESET)
    assert await begin(stranger, answer) == {"error": "away"}
    camera.faults.clear()
    camera.remove_recording(VIDEO)
    assert await begin(stranger, answer) == {"error": "gone"}
    await hass.config_entries.async_unload(loaded.entry_id)
    assert await begin(stranger, answer) == {"error": "away"}
    await get(stranger, answer["page_path"])
    for name in ("picture.jpg", "video.mp4", "original"):
        await get(
            stranger, f"{answer['page_path']}/{name}", HTTPStatus.SERVICE_UNAVAILABLE
        )


@pytest.mark.usefixtures("no_copies")
async def test_visitors_are_limited_together(
    hass: HomeAssistant, stranger: Client, player: Player, camera: Camera
) -> None:
    """However many open a link, others are not kept from the camera, and what its maker plays goes on."""
    for number in range(6):
        add_video(camera, at(100 * number + 100), 2, recording_id=f"video{number}")
    answer = await share(hass, format="original")
    queue = player.queue
    async with queue.hold(queue.new_ticket(Priority.PLAYBACK)):
        asked = [
            asyncio.ensure_future(stranger.get(f"{answer['page_path']}/original"))
            for _ in range(6)
        ]
        await until(lambda: len(queue._waiting) >= 4)
        await settle()
        # One of them may be the picture.
        assert len(queue._waiting) <= 5
    for response in await asyncio.gather(*asked):
        assert response.status == HTTPStatus.OK
        await response.read()


@pytest.mark.usefixtures("no_copies")
async def test_whoever_waits_for_a_place_ends_no_thumbnails(
    hass: HomeAssistant,
    stranger: Client,
    player: Player,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Otherwise, anybody could keep users from them; and no more wait than are waited with."""
    monkeypatch.setattr(share_views, "MOST_WAITING", MAX_AT_ONCE)
    given_up: list[object] = []
    give_up = player.images.give_up_thumbnails

    async def note(error: PlaybackError | None = None) -> None:
        given_up.append(error)
        await give_up(error)

    monkeypatch.setattr(player.images, "give_up_thumbnails", note)
    answer = await share(hass)
    (shared,) = async_shares(hass).all
    path = f"{answer['page_path']}/play"
    async with AsyncExitStack() as places:
        for _ in range(MAX_AT_ONCE):
            await places.enter_async_context(
                player.place(shared.visitor, Kind.PLAYBACK)
            )
        asked = [asyncio.ensure_future(stranger.get(path)) for _ in range(MAX_AT_ONCE)]
        await until(
            lambda: len(async_shares(hass)._sending.get(shared.share_id, ())) >= 4
        )
        await settle()
        await get(stranger, path, HTTPStatus.TOO_MANY_REQUESTS)
        assert not given_up
    for response in await asyncio.gather(*asked):
        assert "error" not in await response.json()
    assert len(given_up) == MAX_AT_ONCE
    assert (await stranger.head(path)).status == HTTPStatus.NOT_FOUND
    assert len(given_up) == MAX_AT_ONCE


@pytest.mark.usefixtures("no_copies")
async def test_segments_at_hand_are_limited(
    hass: HomeAssistant, stranger: Client, player: Player
) -> None:
    """They are cut to the range for each visitor, which takes time, too."""
    answer = await share(hass, **PART)
    session = await begin(stranger, answer)
    await watch(stranger, session)
    (shared,) = async_shares(hass).all
    async with AsyncExitStack() as places:
        for _ in range(MAX_AT_ONCE):
            await places.enter_async_context(player.place(shared.visitor, Kind.SEGMENT))
        address = f"{session['base']}{session['first']}.m4s"
        asked = asyncio.ensure_future(stranger.get(address))
        await settle()
        assert not asked.done()
    assert (await asked).status == HTTPStatus.OK
