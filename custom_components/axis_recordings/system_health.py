"""Numbers of all cameras, for the page on Home Assistant's health."""

from typing import TYPE_CHECKING, Any

from homeassistant.core import callback

from .const import DOMAIN, MEGABYTE

if TYPE_CHECKING:
    from homeassistant.components.system_health import SystemHealthRegistration
    from homeassistant.core import HomeAssistant

    from .runtime import AxisRecordingsConfigEntry


@callback
def async_register(hass: HomeAssistant, register: SystemHealthRegistration) -> None:
    """Say who gives the numbers."""
    register.async_register_info(async_system_health_info)


async def async_system_health_info(hass: HomeAssistant) -> dict[str, Any]:
    """Return what is known already; no camera is asked."""
    entries = hass.config_entries.async_entries(
        DOMAIN, include_ignore=False, include_disabled=False
    )
    loaded: list[AxisRecordingsConfigEntry] = hass.config_entries.async_loaded_entries(
        DOMAIN
    )
    cameras = [entry.runtime_data for entry in loaded]
    reachable = [camera for camera in cameras if camera.recordings.last_update_success]
    disks = [
        state
        for camera in cameras
        for state in camera.disks.data.disks.values()
        if state.disk.is_attached
    ]
    cached = sum(camera.player.cache.size for camera in cameras)
    return {
        "cameras": len(entries),
        "reachable_cameras": len(reachable),
        "cameras_with_events": sum(camera.events.is_healthy for camera in cameras),
        "ongoing_recordings": sum(
            len(camera.recordings.data.ongoing) for camera in reachable
        ),
        "recording_activities": sum(camera.activity.reported for camera in cameras),
        "disks": len(disks),
        "disks_with_problems": sum(bool(state.reasons) for state in disks),
        "watched_sessions": sum(camera.player.watched_sessions for camera in cameras),
        "cached_videos": f"{cached / MEGABYTE:.1f} MB",
    }
