"""The actions that list what is shared, and end it."""

from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState
from homeassistant.core import Context
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.util import dt as dt_util
import pytest

from custom_components.axis_recordings.const import DOMAIN
from tests.common import IN_PROGRESS, call
from tests.playback.playing import running  # noqa: F401 - for all tests here
from tests.shares.sharing import MAY_ONLY_SEE, call_as, copied, person, share
from tests.videos import MINUTE, VIDEO, running_clock

from .saving import camera_with_video, fails, iso

if TYPE_CHECKING:
    from aiohttp import web
    from aiohttp.test_utils import TestClient
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

    from tests.camera import Camera

type Client = TestClient[web.Request, web.Application]

pytestmark = running_clock


@pytest.fixture
def camera() -> Camera:
    """Return a camera with a video of twenty seconds."""
    return camera_with_video()


async def ids(hass: HomeAssistant, user: MockUser | None = None) -> list[str]:
    """Return the IDs of what somebody finds in the list."""
    answer = await call_as(hass, user, "shares")
    return [each["share_id"] for each in answer["shares"]]


async def test_list(
    hass: HomeAssistant, loaded: MockConfigEntry, hass_admin_user: MockUser
) -> None:
    """It tells what, by whom, since when and until when, and how often it was opened, the newest first."""
    first = await share(hass)
    answer = await share(
        hass, hass_admin_user, start_time=iso(5), end_time=iso(9), expires=3600
    )
    path = await copied(hass, answer)
    newest, oldest = (await call(hass, "shares"))["shares"]
    assert oldest["share_id"] == first["share_id"]
    assert oldest["created_by"] is None
    created = datetime.fromisoformat(newest.pop("created"))
    assert abs(created - dt_util.utcnow()) < MINUTE
    assert newest == {
        "share_id": answer["share_id"],
        "recording_id": VIDEO,
        "disk": "SD_DISK",
        "start": iso(5),
        "end": iso(9),
        "created_by": hass_admin_user.name,
        "expires": answer["expires"],
        "openings": 0,
        "last_opened": None,
        "copied": path.stat().st_size,
        "problem": None,
        "camera": "Front camera",
        "device_id": answer["device_id"],
    }


@pytest.mark.usefixtures("loaded")
async def test_whose(
    hass: HomeAssistant, stranger: Client, hass_admin_user: MockUser
) -> None:
    """Everybody sees and ends what is their own, administrators and automations all."""
    one, other = person(hass), person(hass)
    mine = (await share(hass, one))["share_id"]
    theirs = (await share(hass, other))["share_id"]
    nobodys = (await share(hass))["share_id"]
    assert await ids(hass, one) == [mine]
    assert await ids(hass, other) == [theirs]
    everything = [nobodys, theirs, mine]
    assert await ids(hass) == await ids(hass, hass_admin_user) == everything

    with pytest.raises(ServiceValidationError, match="nothing that you share"):
        await call_as(hass, one, "revoke", share_id=[mine, theirs])
    assert await ids(hass) == everything
    answer = await call_as(hass, one, "revoke")
    (result,) = answer["shares"]
    assert result["share_id"] == mine
    assert result["result"] == "revoked"
    assert await ids(hass) == [nobodys, theirs]
    await call_as(hass, hass_admin_user, "revoke", share_id=theirs)
    assert await ids(hass) == [nobodys]
    await call(hass, "revoke")
    assert not await ids(hass)
    assert (await call(hass, "revoke"))["shares"] == []


@pytest.mark.usefixtures("loaded")
async def test_rights(hass: HomeAssistant, hass_read_only_user: MockUser) -> None:
    """Who may only see shares nothing, and has nothing to see or to end."""
    viewer = person(hass, MAY_ONLY_SEE)
    for user in (hass_read_only_user, viewer):
        for action, fields in (
            ("link", {"recording_id": VIDEO}),
            ("shares", {}),
            ("revoke", {}),
        ):
            with pytest.raises(Unauthorized):
                await hass.services.async_call(
                    DOMAIN,
                    action,
                    {"entity_id": IN_PROGRESS, **fields},
                    blocking=True,
                    context=Context(user_id=user.id),
                    return_response=True,
                )


@pytest.mark.usefixtures("loaded")
async def test_unknown(hass: HomeAssistant) -> None:
    """The words say what to change."""
    text = await fails(hass, "revoke", "unknown_share", share_id="0123")
    assert "0123" in text
    await fails(hass, "shares", "no_camera", target={"entity_id": "sun.sun"})


@pytest.mark.parametrize("is_disabled", [False, True])
async def test_camera_that_is_not_loaded(
    hass: HomeAssistant, loaded: MockConfigEntry, stranger: Client, is_disabled: bool
) -> None:
    """What is shared of it is listed, and can be ended."""
    answer = await share(hass)
    await copied(hass, answer)
    if is_disabled:
        await hass.config_entries.async_set_disabled_by(
            loaded.entry_id, ConfigEntryDisabler.USER
        )
    else:
        await hass.config_entries.async_unload(loaded.entry_id)
    assert loaded.state is ConfigEntryState.NOT_LOADED
    target = {"device_id": answer["device_id"]}
    (listed,) = (await call(hass, "shares", target=target))["shares"]
    assert listed["copied"]
    assert (await stranger.get(answer["page_path"])).status == HTTPStatus.OK
    await call(hass, "revoke", target=target)
    assert (await stranger.get(answer["page_path"])).status == HTTPStatus.NOT_FOUND
