"""Constants of AXIS Recordings."""

from datetime import timedelta
import logging
from typing import Final

DOMAIN: Final = "axis_recordings"
LOGGER: Final = logging.getLogger(__package__)

CONF_CACHE_HOURS: Final = "cache_hours"
CONF_CACHE_SIZE: Final = "cache_size"
CONF_CAMERA: Final = "camera"
CONF_CONNECTION: Final = "connection"
CONF_DISK: Final = "disk"
CONF_FINGERPRINT: Final = "fingerprint"
CONF_NOTHING_RECORDED_HOURS: Final = "nothing_recorded_hours"
CONF_READ_ONLY: Final = "read_only"
"""Stored, as True, where the owner went on with a view-only account."""

DEFAULT_CACHE_HOURS: Final = 24
DEFAULT_CACHE_SIZE: Final = 500
"""In megabytes."""

MANUFACTURER: Final = "Axis Communications AB"
AXIS_DOMAIN: Final = "axis"

MEGABYTE: Final = 1_000_000
"""In bytes, as Home Assistant counts in forms and states."""
CLOCK_TOLERANCE: Final = timedelta(minutes=1)
"""Cameras list events and recordings by their own clock, so one that is wrong by more is worth a word."""
