"""Constants of AXIS Recordings."""

import logging
from typing import Final

DOMAIN: Final = "axis_recordings"
LOGGER: Final = logging.getLogger(__package__)

CONF_CONNECTION: Final = "connection"
CONF_DISK: Final = "disk"
CONF_FINGERPRINT: Final = "fingerprint"

MANUFACTURER: Final = "Axis Communications AB"
AXIS_DOMAIN: Final = "axis"
