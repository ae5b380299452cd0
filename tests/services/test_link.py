"""Links that play without a log-in."""

import asyncio
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING
from unittest.mock import patch

from homeassistant.core import Context
from homeassistant.exceptions import (
    ServiceValidationError,
    Unauthorized,
)
from homeassistant.helpers.network import NoURLAvailableError
from homeassistant.util import dt as dt_util
import pytest

from custom_components.axis_recordings.const import DOMAIN
from tests.camera import Camera, CameraServer, Fault
from tests.common import IN_PROGRESS, call
from tests.playback.playing import running  # noqa: F401 - for all tests here
from tests.shares.sharing import share
from tests.videos import (
    HOUR,
    MINUTE,
    START,
    VIDEO,
    Movie,
    add_video,
    assert_no_secrets,
    running_clock,
)

from .saving import (
    camera_with_video,
    fails,
    iso,
    steps,
)

if TYPE_CHECKING:
    from aiohttp import web
    from aiohttp.test_utils import TestClient
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

type Client = TestClient[web.Request, web.Application]

pytestmark = running_clock


@pytest.fixture
def camera() -> Camera:
    """Return a camera with a video of twenty seconds."""
    return camera_with_video()


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
        recording_id=VIDEO,
        start_time=iso(5),
        end_time=iso(9),
        expires={"minutes": 10},
    )
    path, page = answer["path"], answer["page_path"]
    assert answer["url"] == f"http://home.example:8123{path}"
    assert answer["page_url"] == f"http://home.example:8123{page}"
    assert len(page) <= 80
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

    for other in (path[:-1], f"{path}00", path.replace(page, page.swapcase())):
        response = await stranger.get(other)
        assert response.status == HTTPStatus.NOT_FOUND, other
    freezer.tick(timedelta(minutes=9))
    assert (await stranger.get(path)).status == HTTPStatus.OK
    freezer.tick(timedelta(minutes=2))
    assert (await stranger.get(path)).status == HTTPStatus.NOT_FOUND


async def test_link_ends_with_the_right(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    hass_admin_user: MockUser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody gets one for a week who has lost the right while a silent camera was asked."""
    monkeypatch.setattr(
        "custom_components.axis_recordings.users.permissions.CHECK_SECONDS", 0.05
    )
    camera.faults.set("record/list.cgi", Fault.TIMEOUT)
    asking = asyncio.create_task(
        hass.services.async_call(
            DOMAIN,
            "link",
            {"recording_id": VIDEO, "entity_id": IN_PROGRESS},
            blocking=True,
            context=Context(user_id=hass_admin_user.id),
            return_response=True,
        )
    )
    await asyncio.sleep(0.1)
    assert not asking.done()
    await hass.auth.async_deactivate_user(hass_admin_user)
    async with asyncio.timeout(5):
        with pytest.raises(Unauthorized):
            await asking


async def test_link_to_the_original(hass: HomeAssistant, stranger: Client) -> None:
    """It is the whole recording, where nothing else is said, for a day."""
    answer = await call(hass, "link", recording_id=VIDEO, format="original")
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
            hass, "link", "expires_out_of_range", recording_id=VIDEO, expires=expires
        )
    for expires in ({"minutes": 1}, {"days": 7}):
        await call(hass, "link", recording_id=VIDEO, expires=expires)
    await fails(hass, "link", "unknown_recording", recording_id="no")
    await fails(hass, "link", "unknown_recording", recording_id=VIDEO, disk="OTHER")
    await fails(
        hass, "link", "nothing_recorded", recording_id=VIDEO, start_time=iso(30)
    )
    await fails(
        hass,
        "link",
        "end_before_start",
        recording_id=VIDEO,
        start_time=iso(30),
        end_time=iso(20),
    )
    add_video(camera, START - 5 * HOUR, 7200, recording_id="long")
    await fails(hass, "link", "part_too_long", recording_id="long")
    with pytest.raises(ServiceValidationError):
        await hass.services.async_call(
            DOMAIN,
            "link",
            {"recording_id": VIDEO, "entity_id": IN_PROGRESS},
            blocking=True,
        )


@pytest.mark.usefixtures("loaded")
async def test_addresses_of_home_assistant(hass: HomeAssistant) -> None:
    """Where they are not for everybody, it is said what to do; the paths work for whoever knows the rest."""
    hass.config.external_url = "https://home.example.org"
    answer = await call(hass, "link", recording_id=VIDEO)
    assert answer["hint"] is None
    assert answer["url"] == f"https://home.example.org{answer['path']}"

    hass.config.external_url = None
    hass.config.internal_url = "http://home.local:8123"
    answer = await call(hass, "link", recording_id=VIDEO)
    assert "only at home" in answer["hint"]
    assert answer["page_url"] == f"http://home.local:8123{answer['page_path']}"

    hass.config.internal_url = None
    with patch(
        f"custom_components.{DOMAIN}.services.link.get_url",
        side_effect=NoURLAvailableError,
    ):
        answer = await call(hass, "link", recording_id=VIDEO)
    assert answer["url"] is None
    assert answer["page_url"] is None
    assert "Settings, System, Network" in answer["hint"]
    assert answer["path"] == f"{answer['page_path']}/clip.mp4"


@pytest.mark.usefixtures("loaded")
async def test_each_is_another_one(hass: HomeAssistant) -> None:
    """The same part can be shared with several people, and be revoked for one of them."""
    answers = [await call(hass, "link", recording_id=VIDEO) for _ in range(3)]
    for field in ("path", "page_path", "share_id"):
        assert len({each[field] for each in answers}) == 3


@pytest.mark.usefixtures("loaded")
async def test_too_many(
    hass: HomeAssistant, hass_admin_user: MockUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever shares too much is told what to do."""
    monkeypatch.setattr(f"custom_components.{DOMAIN}.shares.shares.MAX_PER_USER", 2)
    for _ in range(2):
        await share(hass, hass_admin_user)
    with pytest.raises(ServiceValidationError, match="action Revoke shares"):
        await share(hass, hass_admin_user)
    assert len((await call(hass, "shares"))["shares"]) == 2
