"""What a camera does by itself is done as Home Assistant, whoever has set it off."""

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import Mock

from homeassistant.components.media_source import async_resolve_media
from homeassistant.components.websocket_api import current_connection
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
import pytest

from custom_components.axis_recordings.const import DOMAIN
from custom_components.axis_recordings.users.permissions import async_current_requester
from custom_components.axis_recordings.users.requester import Requester
from tests.common import IN_PROGRESS, ONGOING, SWITCH, added, pass_time, state_of
from tests.videos import VIDEO, add_video, quick_camera

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
    from pytest_homeassistant_custom_component.typing import (
        ClientSessionGenerator,
        MockHAClientWebSocket,
        WebSocketGenerator,
    )

    from tests.camera import Camera

ROOT: Final = f"media-source://{DOMAIN}"
RELOAD: Final = "/api/config/config_entries/entry/{}/reload"

type Send = Callable[..., Awaitable[dict[str, Any]]]
type Act = Callable[[Send, str], Awaitable[dict[str, Any]]]


@pytest.fixture(autouse=True)
async def _components(hass: HomeAssistant, enable_custom_integrations: None) -> None:
    """Set up Home Assistant's own parts."""
    assert await async_setup_component(hass, "media_source", {})
    assert await async_setup_component(hass, "config", {})


@pytest.fixture
def camera(freezer: FrozenDateTimeFactory) -> Camera:
    """Return a camera with a video."""
    camera = quick_camera()
    add_video(camera)
    return camera


@pytest.fixture
def media(hass: HomeAssistant, tmp_path: Path) -> Path:
    """Return the only folder that Home Assistant may write to."""
    hass.config.media_dirs = {"local": str(tmp_path)}
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    return tmp_path


def sender(socket: MockHAClientWebSocket) -> Send:
    """Return what sends a command and returns its answer."""

    async def send(command: str, **fields: Any) -> dict[str, Any]:
        await socket.send_json_auto_id({"type": command, **fields})
        answer: dict[str, Any] = await socket.receive_json()
        return answer

    return send


async def browse(send: Send, entry_id: str) -> dict[str, Any]:
    """Open the folder of a camera, which polls it."""
    return await send(
        "media_source/browse_media", media_content_id=f"{ROOT}/{entry_id}"
    )


@pytest.mark.parametrize("is_logged_out", [False, True])
async def test_automation_after_somebody_has_browsed(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
    hass_read_only_user: MockUser,
    hass_read_only_access_token: str,
    hass_ws_client: WebSocketGenerator,
    *,
    is_logged_out: bool,
) -> None:
    """It plays what that user may not see, also once that user has logged out."""
    hass_read_only_user.mock_policy({"entities": {"entity_ids": {IN_PROGRESS: True}}})
    other = quick_camera(name="Back garden", serial="ACCC8E000002")
    video = add_video(other)
    async with added(hass, other) as (_, entry):
        socket = await hass_ws_client(hass, hass_read_only_access_token)
        send = sender(socket)
        assert (await browse(send, loaded.entry_id))["success"]
        assert not (await browse(send, entry.entry_id))["success"]
        if is_logged_out:
            for login in [*hass_read_only_user.refresh_tokens.values()]:
                hass.auth.async_remove_refresh_token(login)
            await socket.close()
        played: list[str] = []

        async def play() -> None:
            media = await async_resolve_media(
                hass, f"{ROOT}/{entry.entry_id}/play/{video.path}", None
            )
            played.append(media.url)

        @callback
        def run(event: Event[Any]) -> None:
            state = event.data["new_state"]
            if event.data["entity_id"] == IN_PROGRESS and state.state == "on":
                hass.async_create_task(play())

        hass.bus.async_listen(EVENT_STATE_CHANGED, run)
        camera.start_recording()
        await pass_time(hass, freezer)
        assert state_of(hass, IN_PROGRESS) == "on"
        assert len(played) == 1


def follow_states(hass: HomeAssistant, entry: MockConfigEntry) -> list[Requester]:
    """Return in whose name the states of a camera are written from now on."""
    written: list[Requester] = []

    @callback
    def note(event: Event[Any]) -> None:
        entity = er.async_get(hass).async_get(event.data["entity_id"])
        if entity and entity.config_entry_id == entry.entry_id:
            written.append(async_current_requester(hass))

    hass.bus.async_listen(EVENT_STATE_CHANGED, note)
    return written


async def assert_goes_on(
    hass: HomeAssistant, camera: Camera, freezer: FrozenDateTimeFactory
) -> None:
    """Let more be recorded, and be shown by several polls."""
    for _ in range(3):
        before = state_of(hass, ONGOING)
        camera.start_recording()
        await pass_time(hass, freezer)
        assert int(state_of(hass, ONGOING)) == int(before) + 1


async def turn_on(send: Send, _entry_id: str) -> dict[str, Any]:
    """Turn the recording switch on."""
    return await send(
        "call_service",
        domain="switch",
        service="turn_on",
        target={"entity_id": SWITCH},
    )


async def save(send: Send, _entry_id: str) -> dict[str, Any]:
    """Save a video, which shows how far that is."""
    return await send(
        "call_service",
        domain=DOMAIN,
        service="save",
        service_data={"recording_id": VIDEO, "filename": "media/video.mp4"},
        target={"entity_id": IN_PROGRESS},
    )


@pytest.mark.parametrize("act", [browse, turn_on, save])
async def test_states(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
    hass_ws_client: WebSocketGenerator,
    media: Path,
    act: Act,
) -> None:
    """None is written in the name of whoever has commanded a camera or opened its folder, at once or later."""
    send = sender(await hass_ws_client(hass))
    written = follow_states(hass, loaded)
    assert (await act(send, loaded.entry_id))["success"]
    await hass.async_block_till_done(wait_background_tasks=True)
    await assert_goes_on(hass, camera, freezer)
    assert {*written} == {Requester()}


async def test_reload(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    camera: Camera,
    freezer: FrozenDateTimeFactory,
    hass_client: ClientSessionGenerator,
) -> None:
    """Nor in the name of whoever has reloaded it."""
    written = follow_states(hass, loaded)
    client = await hass_client()
    answer = await client.post(RELOAD.format(loaded.entry_id))
    assert answer.status == HTTPStatus.OK
    await assert_goes_on(hass, camera, freezer)
    assert {*written} == {Requester()}


async def test_request_goes_on(
    hass: HomeAssistant, entry: MockConfigEntry, hass_admin_user: MockUser
) -> None:
    """Whoever adds a camera, or reloads it, is known afterwards as before."""
    current_connection.set(Mock(user=hass_admin_user, refresh_token_id="browser"))
    requester = async_current_requester(hass)
    assert requester == Requester(
        user_id=hass_admin_user.id, refresh_token_id="browser"
    )
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert async_current_requester(hass) == requester
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert async_current_requester(hass) == requester
