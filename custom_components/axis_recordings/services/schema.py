"""The names of the actions and of their fields, and what may be in these."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..vapix import RecordingStatus, RecordingType
from ..vapix.times import FIRST_YEAR, LAST_YEAR, is_usable
from .saver import FileFormat

if TYPE_CHECKING:
    from datetime import datetime

SERVICE_CHECK: Final = "check"
SERVICE_LINK: Final = "link"
SERVICE_MOUNT_DISK: Final = "mount_disk"
SERVICE_REMOVE: Final = "remove"
SERVICE_REVOKE: Final = "revoke"
SERVICE_SAVE: Final = "save"
SERVICE_SEARCH: Final = "search"
SERVICE_SHARES: Final = "shares"
SERVICE_SNAPSHOT: Final = "snapshot"
SERVICE_START: Final = "start"
SERVICE_STOP: Final = "stop"
SERVICE_UNMOUNT_DISK: Final = "unmount_disk"

ATTR_DISK: Final = "disk"
ATTR_DURATION: Final = "duration"
ATTR_END_TIME: Final = "end_time"
ATTR_EVENT: Final = "event"
ATTR_EVENT_TRIGGER: Final = "event_trigger"
ATTR_EXPIRES: Final = "expires"
ATTR_FILENAME: Final = "filename"
ATTR_FORMAT: Final = "format"
ATTR_INTERRUPT_RECORDINGS: Final = "interrupt_recordings"
ATTR_LIMIT: Final = "limit"
ATTR_NAME_CAMERA: Final = "name_camera"
ATTR_OFFSET: Final = "offset"
ATTR_ORDER: Final = "order"
ATTR_OVERWRITE: Final = "overwrite"
ATTR_OWN_RECORDINGS: Final = "own_recordings"
ATTR_QUERY: Final = "query"
ATTR_RECORDING_ID: Final = "recording_id"
ATTR_SHARE_ID: Final = "share_id"
ATTR_SOURCE: Final = "source"
ATTR_START_TIME: Final = "start_time"
ATTR_STATUS: Final = "status"
ATTR_STREAM_OPTIONS: Final = "stream_options"
ATTR_STREAM_PROFILE: Final = "stream_profile"
ATTR_TIME: Final = "time"
ATTR_TYPE: Final = "type"
ATTR_WIDTH: Final = "width"

NEWEST_FIRST: Final = "newest"
OLDEST_FIRST: Final = "oldest"
MIN_WIDTH, MAX_WIDTH = 64, 7680
"""In pixels."""

TEXT: Final = vol.All(cv.string, vol.Strip, vol.Length(min=1))
NUMBER_OR_TEXT: Final = vol.All(vol.Coerce(str), vol.Strip, vol.Length(min=1))


def time(value: Any) -> datetime:
    """Read a time, which is in UTC then. One without a zone is Home Assistant's local time."""
    message = f"Time is out of range, use the years {FIRST_YEAR} to {LAST_YEAR}"
    try:
        found = dt_util.as_utc(cv.datetime(value))
    except OverflowError as err:
        raise vol.Invalid(message) from err
    if not is_usable(found):
        raise vol.Invalid(message)
    return found


def duration(value: Any) -> timedelta:
    """Read a duration."""
    try:
        found: timedelta = cv.positive_time_period(value)
    except OverflowError as err:
        message = "Duration is out of range, use 1 second to 24 hours"
        raise vol.Invalid(message) from err
    return found


_FORMAT: Final = vol.All(
    vol.In([each.value for each in FileFormat]), vol.Coerce(FileFormat)
)

START_SCHEMA = cv.make_entity_service_schema(
    {
        vol.Optional(ATTR_DISK): TEXT,
        vol.Optional(ATTR_DURATION): duration,
        vol.Optional(ATTR_SOURCE): NUMBER_OR_TEXT,
        vol.Optional(ATTR_STREAM_PROFILE): TEXT,
        vol.Optional(ATTR_STREAM_OPTIONS): {TEXT: NUMBER_OR_TEXT},
    }
)
STOP_SCHEMA = cv.make_entity_service_schema(
    {vol.Optional(ATTR_RECORDING_ID): vol.All(cv.ensure_list, [cv.string])}
)
REMOVE_SCHEMA = cv.make_entity_service_schema(
    {
        vol.Required(ATTR_RECORDING_ID): vol.All(cv.ensure_list, [cv.string]),
        vol.Optional(ATTR_DISK): TEXT,
    }
)
SEARCH_SCHEMA = cv.make_entity_service_schema(
    {
        vol.Optional(ATTR_QUERY): cv.string,
        vol.Optional(ATTR_START_TIME): time,
        vol.Optional(ATTR_END_TIME): time,
        vol.Optional(ATTR_DISK): TEXT,
        vol.Optional(ATTR_SOURCE): NUMBER_OR_TEXT,
        vol.Optional(ATTR_EVENT): TEXT,
        vol.Optional(ATTR_EVENT_TRIGGER): TEXT,
        vol.Optional(ATTR_TYPE): vol.In([kind.value for kind in RecordingType]),
        vol.Optional(ATTR_STATUS): vol.In([state.value for state in RecordingStatus]),
        vol.Optional(ATTR_ORDER, default=NEWEST_FIRST): vol.In(
            [NEWEST_FIRST, OLDEST_FIRST]
        ),
        vol.Optional(ATTR_LIMIT, default=100): vol.All(
            vol.Coerce(int), vol.Range(min=1, max=1000)
        ),
        vol.Optional(ATTR_OFFSET, default=0): vol.All(
            vol.Coerce(int), vol.Range(min=0)
        ),
    }
)
SAVE_SCHEMA = cv.make_entity_service_schema(
    {
        vol.Required(ATTR_FILENAME): TEXT,
        vol.Optional(ATTR_RECORDING_ID): cv.string,
        vol.Optional(ATTR_START_TIME): time,
        vol.Optional(ATTR_END_TIME): time,
        vol.Optional(ATTR_FORMAT, default=FileFormat.MP4.value): _FORMAT,
        vol.Optional(ATTR_OVERWRITE, default=False): cv.boolean,
        vol.Optional(ATTR_DISK): TEXT,
        vol.Optional(ATTR_SOURCE): NUMBER_OR_TEXT,
    }
)
SNAPSHOT_SCHEMA = cv.make_entity_service_schema(
    {
        vol.Required(ATTR_TIME): time,
        vol.Optional(ATTR_FILENAME): TEXT,
        vol.Optional(ATTR_OVERWRITE, default=False): cv.boolean,
        vol.Optional(ATTR_WIDTH): vol.All(
            vol.Coerce(int), vol.Range(min=MIN_WIDTH, max=MAX_WIDTH)
        ),
        vol.Optional(ATTR_DISK): TEXT,
        vol.Optional(ATTR_SOURCE): NUMBER_OR_TEXT,
    }
)
LINK_SCHEMA = cv.make_entity_service_schema(
    {
        vol.Required(ATTR_RECORDING_ID): cv.string,
        vol.Optional(ATTR_START_TIME): time,
        vol.Optional(ATTR_END_TIME): time,
        vol.Optional(ATTR_FORMAT, default=FileFormat.MP4.value): _FORMAT,
        vol.Optional(ATTR_EXPIRES, default=timedelta(hours=24)): duration,
        vol.Optional(ATTR_NAME_CAMERA, default=True): cv.boolean,
        vol.Optional(ATTR_DISK): TEXT,
    }
)
REVOKE_SCHEMA = cv.make_entity_service_schema(
    {vol.Optional(ATTR_SHARE_ID): vol.All(cv.ensure_list, [TEXT], vol.Length(min=1))}
)
SHARES_SCHEMA = cv.make_entity_service_schema({})
MOUNT_SCHEMA = cv.make_entity_service_schema({vol.Required(ATTR_DISK): TEXT})
UNMOUNT_SCHEMA = cv.make_entity_service_schema(
    {
        vol.Required(ATTR_DISK): TEXT,
        vol.Optional(ATTR_INTERRUPT_RECORDINGS, default=False): cv.boolean,
    }
)
CHECK_SCHEMA = cv.make_entity_service_schema(
    {vol.Optional(ATTR_OWN_RECORDINGS, default=False): cv.boolean}
)
