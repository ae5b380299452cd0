"""Targets, rights, and turns of the actions that make something of a part of a recording."""

import asyncio
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from homeassistant.core import Context
from homeassistant.exceptions import (
    Unauthorized,
    UnknownUser,
)
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.axis_recordings.const import DOMAIN
from custom_components.axis_recordings.playback.export_queue import Priority
from tests.camera import Camera, CameraServer, Fault
from tests.common import IN_PROGRESS, added
from tests.playback.playing import running  # noqa: F401 - for all tests here
from tests.videos import (
    EXPORT,
    VIDEO,
    quick_camera,
    quiet,
    running_clock,
    until,
)

from .saving import (
    camera_with_video,
    fails,
    iso,
    names,
)

if TYPE_CHECKING:
    from pathlib import Path

    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

pytestmark = running_clock

BACK = "binary_sensor.back_door_recording_in_progress"


@pytest.fixture
def camera() -> Camera:
    """Return a camera with a video of twenty seconds."""
    return camera_with_video()


@pytest.mark.usefixtures("loaded", "media")
async def test_targets(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    """It is one camera, and one that is there."""
    fields = {
        "save": {"recording_id": VIDEO, "filename": "video"},
        "snapshot": {"time": iso(4)},
        "link": {"recording_id": VIDEO},
    }
    other = quick_camera(serial="B8A44F0A1B2D", name="Back door")
    async with added(hass, other):
        for action, given in fields.items():
            text = await fails(
                hass,
                action,
                "several_cameras",
                target={"entity_id": [IN_PROGRESS, BACK]},
                **given,
            )
            assert "Back door, Front camera" in text or "Front camera, Back" in text
            await fails(
                hass, action, "no_camera", target={"entity_id": "sun.sun"}, **given
            )
    await hass.config_entries.async_unload(loaded.entry_id)
    for action, given in fields.items():
        await fails(hass, action, "camera_not_loaded", **given)


@pytest.mark.usefixtures("loaded")
async def test_rights(
    hass: HomeAssistant, media: Path, hass_read_only_user: MockUser
) -> None:
    """Who may view may view; files and links are for who may do more."""
    nobody = MockUser(name="nobody").add_to_hass(hass)

    async def act(action: str, user_id: str, **fields: Any) -> None:
        await hass.services.async_call(
            DOMAIN,
            action,
            fields | {"entity_id": IN_PROGRESS},
            blocking=True,
            context=Context(user_id=user_id),
            return_response=True,
        )

    asking: list[tuple[str, dict[str, Any]]] = [
        ("snapshot", {"time": iso(4)}),
    ]
    writing: list[tuple[str, dict[str, Any]]] = [
        ("save", {"recording_id": VIDEO, "filename": "video"}),
        ("snapshot", {"time": iso(4), "filename": "video"}),
        ("link", {"recording_id": VIDEO}),
    ]
    for action, fields in asking:
        await act(action, hass_read_only_user.id, **fields)
    for action, fields in writing:
        with pytest.raises(Unauthorized):
            await act(action, hass_read_only_user.id, **fields)
    for action, fields in asking + writing:
        with pytest.raises(Unauthorized):
            await act(action, nobody.id, **fields)
        with pytest.raises(UnknownUser):
            await act(action, "0123", **fields)
    assert not names(media)


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("save", {"recording_id": VIDEO, "filename": "video"}),
        ("save", {"recording_id": VIDEO, "filename": "video", "format": "original"}),
        ("save", {"start_time": iso(0), "end_time": iso(9), "filename": "video"}),
        ("snapshot", {"time": iso(4), "filename": "video"}),
        ("snapshot", {"time": iso(4)}),
    ],
)
@pytest.mark.parametrize("end", ["deactivated", "policy"])
async def test_saving_ends_with_the_right(
    hass: HomeAssistant,
    media: Path,
    server: CameraServer,
    hass_admin_user: MockUser,
    monkeypatch: pytest.MonkeyPatch,
    action: str,
    fields: dict[str, Any],
    end: str,
) -> None:
    """Whoever may not save any more gets no file, nor a picture."""
    monkeypatch.setattr(
        "custom_components.axis_recordings.users.permissions.CHECK_SECONDS", 0.05
    )
    server.camera.faults.set(EXPORT, Fault.SLOW, delay=0.05, step=512)
    saving = asyncio.create_task(
        hass.services.async_call(
            DOMAIN,
            action,
            fields | {"entity_id": IN_PROGRESS},
            blocking=True,
            context=Context(user_id=hass_admin_user.id),
            return_response=True,
        )
    )
    await until(lambda: server.exports_open)
    if end == "deactivated":
        await hass.auth.async_deactivate_user(hass_admin_user)
    else:
        hass_admin_user.groups = []
        hass_admin_user.invalidate_cache()
    with pytest.raises(Unauthorized):
        await saving
    await quiet(server)
    assert not names(media)


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("save", {"recording_id": VIDEO, "filename": "video"}),
        ("save", {"recording_id": VIDEO, "filename": "video", "format": "original"}),
        ("snapshot", {"time": iso(4)}),
    ],
)
async def test_few_at_once(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    media: Path,
    hass_admin_user: MockUser,
    action: str,
    fields: dict[str, Any],
) -> None:
    """Whoever wants much waits, and keeps neither others nor automations from it."""

    def begin(number: int, user_id: str | None) -> asyncio.Future[Any]:
        unique = {"filename": f"video{user_id}{number}"} if "filename" in fields else {}
        return asyncio.ensure_future(
            hass.services.async_call(
                DOMAIN,
                action,
                fields | unique | {"entity_id": IN_PROGRESS},
                blocking=True,
                context=Context(user_id=user_id),
                return_response=True,
            )
        )

    player = loaded.runtime_data.player
    queue = player.queue
    with (
        patch.object(player, "async_write_clip", wraps=player.async_write_clip),
        patch.object(player, "until_closed", wraps=player.until_closed),
    ):

        async def begun(count: int) -> None:
            videos, others = player.async_write_clip, player.until_closed
            await until(lambda: videos.call_count + others.call_count == count)

        async with queue.hold(queue.new_ticket(Priority.JOB)):
            mine = []
            for number in range(6):
                mine.append(begin(number, hass_admin_user.id))
                await begun(min(number + 1, 4))
            automations = [begin(number, None) for number in range(6)]
            await begun(10)
            mine.pop().cancel()
            mine.pop(0).cancel()
            await begun(11)
        await asyncio.gather(*mine, *automations)
    assert len(names(media)) == (10 if "filename" in fields else 0)
