"""What many questions of one user do to others, and to the camera's own business."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

from homeassistant.components.media_player import BrowseError, SearchMediaQuery
from homeassistant.components.media_source import async_browse_media, async_search_media
from homeassistant.components.websocket_api import current_connection
from homeassistant.core import Context
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util
import pytest

from custom_components.axis_recordings.const import DOMAIN
from custom_components.axis_recordings.users.limits import MAX_AT_ONCE, Kind
from custom_components.axis_recordings.users.requester import Requester
from custom_components.axis_recordings.vapix import VapixClient
from tests.common import IN_PROGRESS, calendar_of, pass_time
from tests.waiting import Held, settle, until

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

    from tests.camera import Camera, CameraServer

    type Ask = Callable[[HomeAssistant, str, MockUser], Awaitable[object]]

ROOT = f"media-source://{DOMAIN}"
MANY = 5 * MAX_AT_ONCE

pytestmark = pytest.mark.usefixtures("media_browser", "asks_camera")


async def browse(hass: HomeAssistant, entry_id: str, _user: MockUser) -> object:
    """Open a folder."""
    return await async_browse_media(hass, f"{ROOT}/{entry_id}/today")


async def search(hass: HomeAssistant, entry_id: str, _user: MockUser) -> object:
    """Search a camera."""
    query = SearchMediaQuery(search_query="motion")
    return await async_search_media(hass, f"{ROOT}/{entry_id}", query)


async def search_all(hass: HomeAssistant, _entry_id: str, _user: MockUser) -> object:
    """Search all cameras."""
    query = SearchMediaQuery(search_query="motion")
    return await async_search_media(hass, ROOT, query)


async def open_the_calendar(
    hass: HomeAssistant, _entry_id: str, _user: MockUser
) -> object:
    """Ask for the events of a week."""
    now = dt_util.now()
    return await calendar_of(hass).async_get_events(hass, now - timedelta(days=7), now)


async def call_as(
    hass: HomeAssistant, user: MockUser, action: str, **fields: Any
) -> object:
    """Call an action that answers."""
    return await hass.services.async_call(
        DOMAIN,
        action,
        fields | {"entity_id": IN_PROGRESS},
        blocking=True,
        context=Context(user_id=user.id),
        return_response=True,
    )


async def search_by_action(
    hass: HomeAssistant, _entry_id: str, user: MockUser
) -> object:
    """Search as scripts do."""
    return await call_as(hass, user, "search")


async def link(hass: HomeAssistant, entry_id: str, user: MockUser) -> object:
    """Share the newest recording, for which more than viewing is needed."""
    entry = hass.config_entries.async_get_entry(entry_id)
    assert entry
    newest = entry.runtime_data.recordings.data.newest
    user.mock_policy({"entities": True})
    return await call_as(hass, user, "link", recording_id=newest.recording_id)


def waiting(entry: MockConfigEntry) -> int:
    """Return how many wait to ask the camera something."""
    return len(entry.runtime_data.client.http._lock._waiters or ())


def ask_as(
    hass: HomeAssistant, entry: MockConfigEntry, user: MockUser, ask: Ask
) -> asyncio.Future[object]:
    """Ask as somebody who is logged in."""
    current_connection.set(Mock(user=user, refresh_token_id=None))
    return asyncio.ensure_future(ask(hass, entry.entry_id, user))


@pytest.mark.parametrize(
    "ask",
    [
        browse,
        search,
        search_all,
        open_the_calendar,
        search_by_action,
        link,
    ],
)
async def test_few_at_once(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    hass_read_only_user: MockUser,
    hass_admin_user: MockUser,
    ask: Ask,
) -> None:
    """A camera is asked one thing after the other, a start of a recording behind all that came before."""
    mine, others = hass_read_only_user, hass_admin_user
    # What is asked only once is known then.
    await ask_as(hass, loaded, mine, ask)
    async with loaded.runtime_data.client.http._lock:
        asking = [ask_as(hass, loaded, mine, ask) for _ in range(MANY)]
        await until(lambda: waiting(loaded) > 0)
        await settle()
        assert waiting(loaded) <= MAX_AT_ONCE
        before = waiting(loaded)
        asking.append(ask_as(hass, loaded, others, ask))
        await until(lambda: waiting(loaded) == before + 1)
        # Whoever leaves makes room.
        asking.pop(0).cancel()
        await settle()
        assert waiting(loaded) == before + 1
    await asyncio.gather(*asking)


async def test_open_calendars(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    server: CameraServer,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Each that is open is kept up to date, after all that is more urgent."""
    shown: list[object] = []
    now = dt_util.now()
    for days in range(1, MANY + 1):
        calendar_of(hass).async_subscribe_events(
            now - timedelta(days=days), now, shown.append
        )
    most = 0

    def note(_: object) -> None:
        nonlocal most
        most = max(most, waiting(loaded))

    server.request_listeners.append(note)
    camera.start_recording()
    await pass_time(hass, freezer)
    assert len(shown) == MANY
    assert 0 < most <= MAX_AT_ONCE


async def test_unloaded_meanwhile(
    hass: HomeAssistant, loaded: MockConfigEntry, hass_read_only_user: MockUser
) -> None:
    """Nobody waits for a camera that is gone."""
    player = loaded.runtime_data.player
    requester = Requester(user_id=hass_read_only_user.id)
    async with AsyncExitStack() as places:
        for _ in range(MAX_AT_ONCE):
            await places.enter_async_context(player.place(requester, Kind.QUESTION))
        asking = ask_as(hass, loaded, hass_read_only_user, browse)
        await settle()
        assert await hass.config_entries.async_unload(loaded.entry_id)
    with pytest.raises(BrowseError, match="was reloaded"):
        await asking


@pytest.mark.parametrize("is_reload", [False, True])
@pytest.mark.parametrize("ask", [browse, search, search_all, open_the_calendar])
async def test_unloaded_while_the_camera_answers(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    hass_read_only_user: MockUser,
    monkeypatch: pytest.MonkeyPatch,
    ask: Ask,
    is_reload: bool,
) -> None:
    """The answer is not mixed with what is known after that."""
    zone = Held(monkeypatch, VapixClient, "fetch_time_zone")
    asking = ask_as(hass, loaded, hass_read_only_user, ask)
    await zone.asked.wait()
    if is_reload:
        assert await hass.config_entries.async_reload(loaded.entry_id)
    else:
        assert await hass.config_entries.async_unload(loaded.entry_id)
    zone.release()
    with pytest.raises(HomeAssistantError, match="was reloaded") as caught:
        await asking
    assert isinstance(caught.value, BrowseError) is (ask is not open_the_calendar)
