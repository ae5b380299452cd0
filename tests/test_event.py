"""The event entity: what happens to recordings, as automations hear of it."""

from typing import TYPE_CHECKING, Any

from homeassistant.components.automation import DOMAIN as AUTOMATION_DOMAIN
from homeassistant.const import ATTR_ENTITY_ID, STATE_UNKNOWN
from homeassistant.setup import async_setup_component
import pytest

from custom_components.axis_recordings.const import DOMAIN

from .common import ACTIVITY, call, kinds, pass_time, state_of

if TYPE_CHECKING:
    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant

    from tests.camera import Camera


@pytest.mark.usefixtures("loaded")
async def test_life_of_a_recording(
    hass: HomeAssistant,
    camera: Camera,
    events: list[dict[str, Any]],
    freezer: FrozenDateTimeFactory,
) -> None:
    """It starts, finishes and is removed by somebody else."""
    assert state_of(hass, ACTIVITY) == STATE_UNKNOWN
    recording_id = camera.start_recording(event_id="Porch", source="1")
    start = camera.clock.now()
    await pass_time(hass, freezer)
    camera.end_recording(recording_id)
    stop = camera.clock.now()
    await pass_time(hass, freezer)
    camera.remove_recording(recording_id)
    await pass_time(hass, freezer)
    assert kinds(events) == [
        ("started", recording_id),
        ("finished", recording_id),
        ("removed", recording_id),
    ]
    started, finished, removed = events
    assert started["start"] == start.isoformat()
    assert started["end"] is started["duration"] is None
    assert started["status"] == "recording"
    assert finished["end"] == stop.isoformat()
    assert finished["duration"] == 31.0
    for each in events:
        assert each["disk"] == "SD_DISK"
        assert each["event"] == "Porch"
        assert each["event_trigger"] == "Record video while the rule is active"
        assert each["type"] == "triggered"
    assert finished["media_content_id"].startswith(f"media-source://{DOMAIN}/")
    assert removed["media_content_id"] is None


@pytest.mark.usefixtures("loaded")
async def test_own_removal(
    hass: HomeAssistant, camera: Camera, events: list[dict[str, Any]]
) -> None:
    """What the action removes is reported at once."""
    newest = max(camera.recordings, key=lambda each: each.start).recording_id
    await call(hass, "remove", recording_id=[newest])
    await hass.async_block_till_done(wait_background_tasks=True)
    assert kinds(events) == [("removed", newest)]


@pytest.mark.usefixtures("loaded")
async def test_automation(
    hass: HomeAssistant, camera: Camera, freezer: FrozenDateTimeFactory
) -> None:
    """Home Assistant's own trigger for events works with it."""
    calls: list[Any] = []
    hass.services.async_register("test", "note", calls.append)
    automation = {
        "alias": "Tell",
        "triggers": {
            "trigger": "event.received",
            "target": {ATTR_ENTITY_ID: ACTIVITY},
            "options": {"event_type": ["finished"]},
        },
        "actions": {
            "action": "test.note",
            "data": {
                "id": "{{ trigger.to_state.attributes.recording_id }}",
            },
        },
    }
    assert await async_setup_component(
        hass, AUTOMATION_DOMAIN, {AUTOMATION_DOMAIN: automation}
    )
    await hass.async_block_till_done()
    recording_id = camera.start_recording()
    await pass_time(hass, freezer)
    assert not calls
    camera.end_recording(recording_id)
    await pass_time(hass, freezer)
    assert [each.data["id"] for each in calls] == [recording_id]
