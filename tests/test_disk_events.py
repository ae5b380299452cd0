"""What a camera tells of its disks by itself, up to the entities and repairs."""

from typing import TYPE_CHECKING

from homeassistant.helpers import issue_registry as ir
import pytest

from custom_components.axis_recordings.vapix import events as vapix_events
from tests.camera.events import DISRUPTION

from .helpers import attributes_of
from .waiting import until

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from tests.camera import Camera, CameraServer

PROBLEM = "binary_sensor.front_camera_sd_card_storage_problem"


@pytest.fixture(autouse=True)
def _events(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let cameras have event streams, in whose silence no time passes that a test lets pass."""
    monkeypatch.setattr(vapix_events, "SILENCE_SECONDS", 1e9)


@pytest.fixture
async def listening(hass: HomeAssistant, entry: MockConfigEntry) -> MockConfigEntry:
    """Return a camera's config entry, set up, after what the camera tells at first."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    await until(lambda: entry.runtime_data.push.events_received == 4)
    return entry


def reasons(hass: HomeAssistant) -> list[str]:
    """Return what is wrong with the card."""
    found: list[str] = attributes_of(hass, PROBLEM)["reasons"]
    return found


@pytest.mark.usefixtures("listening")
async def test_told_at_once(hass: HomeAssistant, camera: Camera) -> None:
    """An event makes the disks looked at, with no time passing."""
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
    """What was told counts only while it can be taken back."""
    camera.disks["SD_DISK"].overall_health = 0
    camera.disks["SD_DISK"].status = "failed"
    await until(
        lambda: (
            reasons(hass) == ["failed", "test_failed", "disruption", "alert", "failure"]
        )
    )
    server.drop_event_streams()
    push = listening.runtime_data.push
    await until(lambda: not push.is_healthy)
    assert reasons(hass) == ["failed", "test_failed"]


async def test_of_no_disk(
    hass: HomeAssistant, listening: MockConfigEntry, camera: Camera
) -> None:
    """An event that is about none in particular, or says nothing, is no reason."""
    push = listening.runtime_data.push
    camera.events.emit(DISRUPTION, {"disruption": "1"}, stateful=True)
    camera.events.emit(DISRUPTION, {}, source={"disk_id": "SD_DISK"})
    await until(lambda: push.events_received == 6)
    assert reasons(hass) == []
