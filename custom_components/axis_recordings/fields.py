"""The fields that several actions have."""

from typing import Final

from homeassistant.helpers import config_validation as cv
import voluptuous as vol

ATTR_DISK: Final = "disk"
ATTR_END_TIME: Final = "end_time"
ATTR_RECORDING_ID: Final = "recording_id"
ATTR_SOURCE: Final = "source"
ATTR_START_TIME: Final = "start_time"

TEXT: Final = vol.All(cv.string, vol.Strip, vol.Length(min=1))
NUMBER_OR_TEXT: Final = vol.All(vol.Coerce(str), vol.Strip, vol.Length(min=1))
