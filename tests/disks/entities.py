"""The entities and devices of the disks of a simulated camera."""

from typing import TYPE_CHECKING

from homeassistant.helpers import device_registry as dr

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

CARD = "front_camera_sd_card"
SHARE = "front_camera_network_share"
STATUS = f"sensor.{CARD}_status"
PROBLEM = f"binary_sensor.{CARD}_storage_problem"
SHARE_STATUS = f"sensor.{SHARE}_status"


def disk_devices(hass: HomeAssistant) -> dict[str, dr.ChildDeviceEntry]:
    """Return the devices of disks by what they are called."""
    return {str(each.name): each for each in dr.async_get(hass).child_devices}
