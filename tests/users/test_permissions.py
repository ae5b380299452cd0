"""Who asks, what they may see, and until when."""

import asyncio
from typing import TYPE_CHECKING, override
from unittest.mock import Mock

from homeassistant.auth.const import GROUP_ID_READ_ONLY
from homeassistant.components import media_source
from homeassistant.components.http import KEY_HASS, HomeAssistantView
from homeassistant.components.media_player import BrowseError, SearchMediaQuery
from homeassistant.components.media_source import (
    Unresolvable,
    async_browse_media,
    async_resolve_media,
)
from homeassistant.components.websocket_api import current_connection
import pytest
from pytest_homeassistant_custom_component.common import CLIENT_ID, MockUser

from custom_components.axis_recordings.users.permissions import (
    KEY_VISITOR,
    async_current_requester,
    async_may_see,
)
from custom_components.axis_recordings.users.requester import Requester
from tests.camera import Camera, Fault
from tests.media.browsing import HOUR, NOON, ROOT, add, needs_images
from tests.videos import running_clock

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp import web
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry
    from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

pytestmark = [running_clock, pytest.mark.usefixtures("media_browser")]


class WhoView(HomeAssistantView):
    """Tells who asks."""

    url = "/api/who"
    name = "api:who"

    async def get(self, request: web.Request) -> web.Response:
        """Return the user and the log-in."""
        requester = async_current_requester(request.app[KEY_HASS])
        return self.json([requester.user_id, requester.refresh_token_id])


class VisitorView(WhoView):
    """Needs no log-in, and finds out by itself who asks."""

    url = "/api/visitor"
    name = "api:visitor"
    requires_auth = False

    @override
    async def get(self, request: web.Request) -> web.Response:
        request[KEY_VISITOR] = Requester(user_id="visitor")
        return await super().get(request)


async def test_visitor(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    hass_client: ClientSessionGenerator,
) -> None:
    """Where a view says who it is, a log-in does not count; a visitor is no user, who may see anything."""
    hass.http.register_view(VisitorView())
    client = await hass_client()
    assert await (await client.get("/api/visitor")).json() == ["visitor", None]
    assert not await async_may_see(hass, Requester(user_id="visitor"), loaded)


async def test_who_asks(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    hass_client: ClientSessionGenerator,
    hass_admin_user: MockUser,
) -> None:
    """It is who has sent the request, or nobody for what Home Assistant does by itself."""
    hass.http.register_view(WhoView())
    client = await hass_client()
    user_id, login = await (await client.get("/api/who")).json()
    assert user_id == hass_admin_user.id
    assert login in hass_admin_user.refresh_tokens
    assert async_current_requester(hass) == Requester()
    assert await async_may_see(hass, Requester(), loaded)
    assert await async_may_see(hass, Requester(user_id=user_id), loaded)
    assert not await async_may_see(hass, Requester(user_id="removed"), loaded)


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(
            lambda hass, play_id: async_resolve_media(hass, play_id, None), id="browser"
        ),
        pytest.param(
            lambda hass, play_id: async_resolve_media(hass, play_id, "media_player.tv"),
            id="television",
        ),
        pytest.param(
            # Home Assistant 2026.10 does not have it.
            getattr(media_source, "async_get_media_image", None),
            id="AI task",
            marks=needs_images,
        ),
        pytest.param(
            lambda hass, play_id: async_browse_media(
                hass, f"{play_id.partition('/play/')[0]}/today"
            ),
            id="folder",
        ),
        pytest.param(
            lambda hass, play_id: media_source.async_search_media(
                hass,
                play_id.partition("/play/")[0],
                SearchMediaQuery(search_query="motion"),
            ),
            id="search",
        ),
        pytest.param(
            lambda hass, _: media_source.async_search_media(
                hass, ROOT, SearchMediaQuery(search_query="motion")
            ),
            id="search of all",
        ),
    ],
)
@pytest.mark.usefixtures("asks_camera")
async def test_ends_with_the_right(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    monkeypatch: pytest.MonkeyPatch,
    subtests: pytest.Subtests,
    ask: Callable[[HomeAssistant, str], Awaitable[object]],
) -> None:
    """Whoever may not view it any more is not waited with for a silent camera, and gets nothing."""
    monkeypatch.setattr(
        "custom_components.axis_recordings.users.permissions.CHECK_SECONDS", 0.05
    )
    recording_id = add(camera, NOON - HOUR)
    play_id = f"{ROOT}/{loaded.entry_id}/play/SD_DISK/{recording_id}"
    camera.faults.set("*", Fault.TIMEOUT)
    readers = await hass.auth.async_get_group(GROUP_ID_READ_ONLY)
    for end in ("policy", "deactivated", "removed", "logged out"):
        with subtests.test(end):
            user = MockUser(groups=[readers]).add_to_hass(hass)
            login = await hass.auth.async_create_refresh_token(user, CLIENT_ID)
            current_connection.set(Mock(user=user, refresh_token_id=login.id))
            asking = asyncio.ensure_future(ask(hass, play_id))
            await asyncio.sleep(0.1)
            assert not asking.done()
            if end == "policy":
                user.mock_policy({})
            elif end == "deactivated":
                await hass.auth.async_deactivate_user(user)
            elif end == "removed":
                await hass.auth.async_remove_user(user)
            else:
                hass.auth.async_remove_refresh_token(login)
            async with asyncio.timeout(5):
                with pytest.raises(
                    (BrowseError, Unresolvable), match="has nothing named"
                ):
                    await asking
