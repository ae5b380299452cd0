"""Shares open exactly what they are for, for as long as they are shared: attempts that must fail."""

import asyncio
from datetime import timedelta
from http import HTTPStatus
import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

import aiohttp
from aiohttp.test_utils import make_mocked_request
from homeassistant.exceptions import Unauthorized
import pytest

from custom_components.axis_recordings.const import DOMAIN
from custom_components.axis_recordings.shares import attempts, copies
from custom_components.axis_recordings.shares.models import new_token
from custom_components.axis_recordings.shares.shares import Shares, async_shares
from custom_components.axis_recordings.users.requester import Requester
from custom_components.axis_recordings.views.serving import AllowedFile
from tests.camera import Camera, CameraServer, Fault
from tests.common import added, call
from tests.playback.playing import running  # noqa: F401 - for all tests here
from tests.shares.sharing import (
    MAY_ONLY_SEE,
    call_as,
    copied,
    files_of,
    person,
    share,
    token_of,
)
from tests.videos import (
    EXPORT,
    Movie,
    add_video,
    at,
    part,
    quick_camera,
    quiet,
    running_clock,
    until,
)

if TYPE_CHECKING:
    from aiohttp import web
    from aiohttp.test_utils import TestClient
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from custom_components.axis_recordings.playback.player import Player

type Client = TestClient[web.Request, web.Application]

pytestmark = running_clock

ROOT: Final = f"/api/{DOMAIN}/s/"
FILES: Final = ("", "/picture.jpg", "/video.mp4", "/clip.mp4", "/original", "/play")


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slow nobody down where that is not the question."""
    monkeypatch.setattr(attempts, "FREE", 1000)


async def begin(client: Client, answer: dict[str, Any]) -> dict[str, Any]:
    """Begin to play from the camera."""
    response = await client.get(f"{answer['page_path']}/play")
    found: dict[str, Any] = json.loads(await response.read())
    assert "error" not in found, found
    return found


async def nothing(client: Client, path: str) -> tuple[bytes, dict[str, str]]:
    """See that an address leads nowhere, and return how that is said."""
    response = await client.get(path)
    body = await response.read()
    assert response.status == HTTPStatus.NOT_FOUND, (path, response.status)
    headers = {
        name: value for name, value in response.headers.items() if name != "Date"
    }
    return body, headers


async def test_no_more_than_the_range(
    hass: HomeAssistant, no_copies: None, stranger: Client
) -> None:
    """Neither the segments around it, nor other names."""
    answer = await share(
        hass, start_time=at(6).isoformat(), end_time=at(10).isoformat()
    )
    session = await begin(stranger, answer)
    base, first = session["base"], session["first"]
    last = first + len(session["starts"]) - 1
    for number in (*range(first), last + 1, last + 2, 999999999, 1234567890, -1):
        await nothing(stranger, f"{base}{number}.m4s")
    for name in ("index.mp4", "0.mp4", "٣.m4s", "init.mp4%00", "x"):
        await nothing(stranger, base + name)
    for name in ("x", "index.m3u8", "init.mp4", f"{first}.m4s", "video.mp4x", ".."):
        path = f"{answer['page_path']}/{name}"
        response = await stranger.get(path, allow_redirects=False)
        assert response.status in (HTTPStatus.NOT_FOUND, HTTPStatus.UNAUTHORIZED), path
    whole = await (await stranger.get(answer["path"])).read()
    seconds = Movie(whole).seconds
    assert (seconds[0], seconds[-1]) == pytest.approx((6, 9.9), abs=0.002)


async def test_no_other_session(
    hass: HomeAssistant,
    no_copies: None,
    loaded: MockConfigEntry,
    stranger: Client,
    player: Player,
    camera: Camera,
) -> None:
    """A share reaches what is played of it, nothing else that is played, and is reached by no other way."""
    add_video(camera, at(100), 4, recording_id="secret")
    mine = await share(hass)
    other = await share(hass, recording_id="secret")
    session = await begin(stranger, mine)
    await begin(stranger, other)
    watched = await player.async_play(part("secret"), Requester())
    for token in (*player.sessions, "x", watched[:-1]):
        if token in session["base"]:
            continue
        for name in ("index.m3u8", "init.mp4", "0.m4s"):
            await nothing(stranger, f"{mine['page_path']}/{token}/{name}")
    # The way of those who have logged in.
    token = session["base"].rstrip("/").rsplit("/", 1)[1]
    for name in ("init.mp4", f"{session['first']}.m4s"):
        await nothing(stranger, f"/api/{DOMAIN}/play/{token}/{name}")


async def test_no_other_camera(
    hass: HomeAssistant, no_copies: None, loaded: MockConfigEntry, stranger: Client
) -> None:
    """A session of another camera is none of this one's."""
    other = quick_camera(serial="B8A44F0A1B2D", name="Back door")
    add_video(other)
    async with added(hass, other):
        back = "binary_sensor.back_door_recording_in_progress"
        mine = await share(hass)
        theirs = await share(hass, entity_id=back)
        session = await begin(stranger, theirs)
        token = session["base"].rstrip("/").rsplit("/", 1)[1]
        await nothing(stranger, f"{mine['page_path']}/{token}/init.mp4")
        # What is listed and revoked of one camera concerns no other one.
        listed = await call(hass, "shares")
        assert [each["share_id"] for each in listed["shares"]] == [mine["share_id"]]
        await call(hass, "revoke")
        assert (await stranger.get(theirs["page_path"])).status == HTTPStatus.OK
        await nothing(stranger, mine["page_path"])


@pytest.mark.parametrize("is_copied", [True, False])
async def test_all_that_is_over_looks_alike(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    stranger: Client,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
    is_copied: bool,
) -> None:
    """Nobody learns whether something was ever shared, and everything is gone at once."""
    if not is_copied:
        monkeypatch.setattr(
            "custom_components.axis_recordings.shares.copies.MOST_BYTES", 0
        )
    maker = person(hass)
    unknown = await nothing(stranger, ROOT + new_token())
    assert b"There is nothing here" in unknown[0]

    async def expire(answer: dict[str, Any]) -> None:
        freezer.tick(timedelta(hours=2))

    async def revoke(answer: dict[str, Any]) -> None:
        await call_as(hass, maker, "revoke", share_id=answer["share_id"])

    async def lose(answer: dict[str, Any]) -> None:
        maker.mock_policy(MAY_ONLY_SEE)

    async def leave(answer: dict[str, Any]) -> None:
        maker.mock_policy({"entities": True})
        await share(hass, maker)
        await hass.auth.async_remove_user(maker)

    for end in (expire, revoke, lose, leave):
        maker.mock_policy({"entities": True})
        answer = await share(hass, maker, expires={"hours": 1})
        paths = [answer["page_path"] + name for name in FILES]
        if is_copied:
            await copied(hass, answer)
        else:
            session = await begin(stranger, answer)
            paths += [
                session["playlist"],
                session["base"] + "init.mp4",
                f"{session['base']}{session['first']}.m4s",
            ]
        assert (await stranger.get(answer["page_path"])).status == HTTPStatus.OK
        await end(answer)
        for path in paths:
            assert await nothing(stranger, path) == unknown, (end, path)
        response = await stranger.head(answer["page_path"])
        assert response.status == HTTPStatus.NOT_FOUND
        await hass.async_block_till_done()
        assert not [name for name in files_of(hass) if answer["share_id"] in name]


@pytest.mark.parametrize("end", ["revoked", "right", "expired"])
async def test_ends_while_a_file_is_sent(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    stranger: Client,
    monkeypatch: pytest.MonkeyPatch,
    end: str,
) -> None:
    """What is being sent is broken off, so that it does not seem whole."""
    monkeypatch.setattr(
        "custom_components.axis_recordings.users.permissions.CHECK_SECONDS", 0.05
    )
    maker = person(hass)
    answer = await share(hass, maker)
    path = await copied(hass, answer)
    # More than fits on the way.
    path.write_bytes(bytes(60_000_000))
    response = await stranger.get(f"{answer['page_path']}/video.mp4")
    assert response.status == HTTPStatus.OK
    await response.content.read(1000)
    if end == "right":
        maker.mock_policy(MAY_ONLY_SEE)
        await asyncio.sleep(0.3)
    elif end == "revoked":
        await call_as(hass, maker, "revoke")
    else:
        shares = async_shares(hass)
        await shares.async_end(shares.all)
    with pytest.raises(aiohttp.ClientError):
        await response.read()


async def test_ends_before_a_file_is_sent(tmp_path: Path) -> None:
    """The server must not go on to end an answer that was never begun."""

    def refused() -> NoReturn:
        raise Unauthorized

    request = make_mocked_request("GET", "/")
    with pytest.raises(ConnectionResetError):
        await AllowedFile(tmp_path, refused).prepare(request)
    assert request.transport is not None
    request.transport.abort.assert_called_once()  # type: ignore[attr-defined]


# Whoever begins to play ends the export of a picture.
@pytest.mark.parametrize(
    "names", [("/play", "/clip.mp4", "/original"), ("/picture.jpg",)]
)
async def test_ends_while_something_is_waited_for(
    hass: HomeAssistant,
    no_copies: None,
    loaded: MockConfigEntry,
    stranger: Client,
    camera: Camera,
    server: CameraServer,
    monkeypatch: pytest.MonkeyPatch,
    names: tuple[str, ...],
) -> None:
    """Nobody is let in late: neither to the beginning, nor to a segment, the file, the picture or the original."""
    answer = await share(hass)
    session = await begin(stranger, answer)
    await quiet(server)
    # A picture needs some room.
    monkeypatch.setattr(copies, "MOST_BYTES", 10_000_000)
    add_video(camera, at(100), 60, recording_id="slow")
    camera.faults.set(EXPORT, Fault.TIMEOUT)
    slow = await share(hass, recording_id="slow", format="original")
    waiting = [
        asyncio.ensure_future(stranger.get(slow["page_path"] + name)) for name in names
    ]
    sending = async_shares(hass)._sending
    await until(lambda: len(sending.get(slow["share_id"], ())) >= len(names))
    await call(hass, "revoke")
    for task in waiting:
        async with asyncio.timeout(10):
            response = await task
        assert response.status == HTTPStatus.NOT_FOUND
    await nothing(stranger, f"{session['base']}{session['first']}.m4s")
    camera.faults.clear()


async def test_addresses_are_in_no_log(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    stranger: Client,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Neither what opens a share, nor what was tried; nor does any list or file hold it."""
    caplog.set_level(logging.DEBUG)
    answer = await share(hass)
    await copied(hass, answer)
    token, tried = token_of(answer), new_token()
    for path in FILES:
        await (await stranger.get(answer["page_path"] + path)).read()
        await nothing(stranger, ROOT + tried + path)
    await call(hass, "revoke")
    await nothing(stranger, answer["page_path"])
    ours = [
        record
        for record in caplog.records
        # At this level, Home Assistant itself logs each path.
        if record.levelno > logging.DEBUG or DOMAIN in record.name
    ]
    assert not [record for record in ours if token in record.getMessage()]
    assert not [record for record in ours if tried in record.getMessage()]


async def test_token_is_stored_nowhere(
    hass: HomeAssistant, loaded: MockConfigEntry, stranger: Client
) -> None:
    """Neither in Home Assistant's storage nor in a list."""
    answer = await share(hass)
    token = token_of(answer).encode()
    listed = await call(hass, "shares")
    assert token not in json.dumps(listed).encode()

    def holders() -> list[str]:
        return [
            str(path)
            for path in Path(hass.config.config_dir).rglob("*")
            if path.is_file() and token in path.read_bytes()
        ]

    await hass.async_block_till_done()
    assert await hass.async_add_executor_job(holders) == []


async def test_guessing(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    stranger: Client,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is slowed down, refused where it is too much, and logged once; whoever has a link notices nothing."""
    monkeypatch.setattr(attempts, "FREE", 5)
    monkeypatch.setattr(attempts, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(attempts, "LONGEST_PAUSE", 0.001)
    answer = await share(hass)
    caplog.set_level(logging.WARNING)
    for _ in range(attempts.LOGGED_AT + 10):
        await nothing(stranger, ROOT + new_token())
    warnings = [each for each in caplog.records if each.levelno >= logging.WARNING]
    assert len(warnings) == 1
    assert "127.0.0.1" in warnings[0].getMessage()
    assert ROOT not in warnings[0].getMessage()
    monkeypatch.setattr(attempts, "MOST_WAITING", 0)
    response = await stranger.get(ROOT + new_token())
    assert response.status == HTTPStatus.TOO_MANY_REQUESTS
    assert (await stranger.get(answer["page_path"])).status == HTTPStatus.OK


async def test_a_log_in_opens_nothing_more(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    stranger: Client,
    hass_access_token: str,
) -> None:
    """Nor does a wrong one count against whoever has a link."""
    answer = await share(hass)
    for token in (hass_access_token, "wrong"):
        headers = {"Authorization": f"Bearer {token}"}
        response = await stranger.get(answer["page_path"], headers=headers)
        assert response.status == HTTPStatus.OK
        response = await stranger.get(ROOT + new_token(), headers=headers)
        assert response.status == HTTPStatus.NOT_FOUND


async def test_after_a_restart(
    hass: HomeAssistant, loaded: MockConfigEntry, stranger: Client
) -> None:
    """What was revoked before stays so."""
    kept, revoked = await share(hass), await share(hass)
    await call(hass, "revoke", share_id=revoked["share_id"])
    again = Shares(hass)
    await again.async_load()
    assert await again.async_find(token_of(kept)) is not None
    assert await again.async_find(token_of(revoked)) is None
