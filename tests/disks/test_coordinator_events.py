"""What a camera reports its disks by itself, up to the entities and repairs."""

import json
from typing import TYPE_CHECKING

from homeassistant.helpers import issue_registry as ir
import pytest

from custom_components.axis_recordings.vapix.bounds import MOST_DISKS, MOST_STATES
from tests.camera.events import DISRUPTION
from tests.common import attributes_of
from tests.waiting import until

from .entities import PROBLEM

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from tests.camera import Camera, CameraServer

pytestmark = pytest.mark.event_streams


@pytest.fixture
async def listening(hass: HomeAssistant, entry: MockConfigEntry) -> MockConfigEntry:
    """Return a camera's config entry, set up, after what the camera reports at first."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    await until(lambda: entry.runtime_data.events.events_received == 4)
    return entry


def reasons(hass: HomeAssistant) -> list[str]:
    """Return what is wrong with the card."""
    found: list[str] = attributes_of(hass, PROBLEM)["reasons"]
    return found


@pytest.mark.usefixtures("listening")
async def test_reported_at_once(hass: HomeAssistant, camera: Camera) -> None:
    """An event has the disks polled, with no time passing."""
    issues = ir.async_get(hass).issues
    assert reasons(hass) == []
    assert not issues
    camera.lock_disk("SD_DISK")
    await until(lambda: reasons(hass) == ["locked", "disruption"])
    assert [issue.translation_key for issue in issues.values()] == ["disk_locked"]
    camera.unlock_disk("SD_DISK")
    await until(lambda: "disruption" not in reasons(hass))


async def test_events_end(
    hass: HomeAssistant,
    listening: MockConfigEntry,
    camera: Camera,
    server: CameraServer,
) -> None:
    """What was reported counts only while it can be taken back."""
    camera.disks["SD_DISK"].overall_health = 0
    camera.disks["SD_DISK"].status = "failed"
    await until(
        lambda: (
            reasons(hass) == ["failed", "test_failed", "disruption", "alert", "failure"]
        )
    )
    server.drop_event_streams()
    listener = listening.runtime_data.events
    await until(lambda: not listener.is_healthy)
    assert reasons(hass) == ["failed", "test_failed"]


async def test_of_no_disk(
    hass: HomeAssistant, listening: MockConfigEntry, camera: Camera
) -> None:
    """An event that is about none in particular, or says nothing, is no reason."""
    listener = listening.runtime_data.events
    camera.events.emit(DISRUPTION, {"disruption": "1"}, stateful=True)
    camera.events.emit(DISRUPTION, {}, source={"disk_id": "SD_DISK"})
    await until(lambda: listener.events_received == 6)
    assert reasons(hass) == []


async def test_made_up_disks(
    hass: HomeAssistant, listening: MockConfigEntry, camera: Camera
) -> None:
    """A camera may report as many disks as it likes: its own ones count, and nothing piles up."""
    listener, disks = listening.runtime_data.events, listening.runtime_data.disks
    for number in range(200):
        source = {"disk_id": f"{number:03}{'x' * 100}"}
        camera.events.emit(DISRUPTION, {"disruption": "1"}, source=source)
    camera.lock_disk("SD_DISK")
    await until(lambda: reasons(hass) == ["locked", "disruption"])
    assert listener.events_received == 205
    assert len(listener.storage_states) <= MOST_STATES
    assert len(disks._events) == MOST_DISKS + 1
    assert listening.runtime_data.client.bounds.left_out == {"disks": 1}
    assert len(json.dumps(listener.diagnostics)) < 32 * 1024
