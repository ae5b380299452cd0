"""What several test modules do."""

from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from resource import RLIMIT_FSIZE, getrlimit, setrlimit
from typing import TYPE_CHECKING, Any

from homeassistant.components.calendar import DOMAIN as CALENDAR_DOMAIN, CalendarEntity
from homeassistant.const import (
    CONF_HOST,
    CONF_PASSWORD,
    CONF_PORT,
    CONF_PROTOCOL,
    CONF_USERNAME,
)
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

# Imported before Home Assistant looks for custom integrations, so that it finds this repository's.
from custom_components.axis_recordings.const import CONF_FINGERPRINT, DOMAIN
from tests.camera import Account, Camera, CameraServer, Level

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator

    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_component import EntityComponent

SWITCH = "switch.front_camera_recording"
IN_PROGRESS = "binary_sensor.front_camera_recording_in_progress"
RECORDINGS = "sensor.front_camera_recordings"
CALENDAR = "calendar.front_camera_recording_calendar"
ONGOING = "sensor.front_camera_ongoing_recordings"
LAST_RECORDING = "sensor.front_camera_last_recording"
OLDEST_RECORDING = "sensor.front_camera_oldest_recording"
ACTIVITY = "event.front_camera_recording_activity"
LAST_ERROR = "sensor.front_camera_last_error"
LIST = "/axis-cgi/record/list.cgi"


def make_entry(camera: Camera, server: CameraServer) -> MockConfigEntry:
    """Return a config entry as the flow makes it, for an operator account."""
    pinned = server.certificate_fingerprint
    return MockConfigEntry(
        domain=DOMAIN,
        title=camera.name,
        unique_id=camera.serial,
        data={
            CONF_HOST: server.host,
            CONF_PORT: server.port,
            CONF_PROTOCOL: "https" if pinned else "http",
            CONF_USERNAME: "operator",
            CONF_PASSWORD: "operator-secret",
        }
        | ({CONF_FINGERPRINT: pinned} if pinned else {}),
    )


async def set_up(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Set a camera up, until nothing more is under way."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)


@asynccontextmanager
async def added(
    hass: HomeAssistant, camera: Camera, *, tls: bool = False
) -> AsyncGenerator[tuple[CameraServer, MockConfigEntry]]:
    """Put one more camera on the network and add it."""
    async with CameraServer(camera, tls=tls) as server:
        entry = make_entry(camera, server)
        entry.add_to_hass(hass)
        await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done(wait_background_tasks=True)
        yield server, entry
        if hass.config_entries.async_get_entry(entry.entry_id):
            await hass.config_entries.async_unload(entry.entry_id)


def state_of(hass: HomeAssistant, entity_id: str) -> str:
    """Return the state of an entity that exists."""
    state = hass.states.get(entity_id)
    assert state is not None, entity_id
    return state.state


def calendar_of(hass: HomeAssistant, entity_id: str = CALENDAR) -> CalendarEntity:
    """Return a calendar's entity, of which other parts of Home Assistant ask for events."""
    component: EntityComponent[CalendarEntity] = hass.data[CALENDAR_DOMAIN]
    entity = component.get_entity(entity_id)
    assert entity is not None
    return entity


def attributes_of(hass: HomeAssistant, entity_id: str) -> dict[str, Any]:
    """Return the attributes of an entity that exists."""
    state = hass.states.get(entity_id)
    assert state is not None, entity_id
    return dict(state.attributes)


def device_of(hass: HomeAssistant, camera: Camera) -> dr.DeviceEntry:
    """Return a camera's device."""
    (device,) = dr.async_get(hass).async_get_devices(
        identifiers={(DOMAIN, camera.serial)}
    )
    return device


def ongoing_ids(camera: Camera) -> list[str]:
    """Return what a camera records."""
    return [each.recording_id for each in camera.recordings.ongoing]


def administrate(camera: Camera) -> None:
    """Let the account do everything, and the camera do it at once."""
    camera.accounts["operator"] = Account("operator-secret", Level.ADMINISTRATOR)
    camera.job_duration = 0


async def poll(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Poll a camera, until what that has shown is known."""
    await entry.runtime_data.recordings.async_refresh()
    await hass.async_block_till_done(wait_background_tasks=True)


async def pass_time(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    seconds: float = 31,
) -> None:
    """Let time pass, for Home Assistant and for the camera, until polls are done."""
    freezer.tick(timedelta(seconds=seconds))
    async_fire_time_changed(hass, dt_util.utcnow())
    await hass.async_block_till_done(wait_background_tasks=True)


async def turn(hass: HomeAssistant, state: str) -> None:
    """Turn the recording switch ``on`` or ``off``."""
    await hass.services.async_call(
        "switch", f"turn_{state}", {"entity_id": SWITCH}, blocking=True
    )


async def call(
    hass: HomeAssistant,
    action: str,
    *,
    target: dict[str, Any] | None = None,
    **fields: Any,
) -> dict[str, Any]:
    """Call one of our actions and return its answer."""
    answer = await hass.services.async_call(
        DOMAIN,
        action,
        fields,
        target=target or {"entity_id": IN_PROGRESS},
        blocking=True,
        return_response=True,
    )
    assert answer is not None
    return answer


async def refused(
    hass: HomeAssistant, action: str, **fields: Any
) -> ServiceValidationError:
    """Call an action that is used wrongly, and return why it was refused."""
    with pytest.raises(ServiceValidationError) as error:
        await call(hass, action, **fields)
    return error.value


def kinds(events: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return what was reported of which recording."""
    return [(each["event_type"], each["recording_id"]) for each in events]


@contextmanager
def full_disk(room: int) -> Generator[None]:
    """Let no file grow beyond so many bytes, by the system's own limit."""
    soft, hard = getrlimit(RLIMIT_FSIZE)
    setrlimit(RLIMIT_FSIZE, (room, hard))
    try:
        yield
    finally:
        setrlimit(RLIMIT_FSIZE, (soft, hard))
