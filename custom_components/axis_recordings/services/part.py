"""What the actions share that make something of a part of a recording."""

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from homeassistant.exceptions import HomeAssistantError

from ..exceptions import translated_error
from ..helpers.wording import shown_moment
from ..recordings.part import RecordingPart, RecordingPartError
from ..users.permissions import while_allowed
from ..users.requester import Requester
from .schema import ATTR_END_TIME, ATTR_START_TIME
from .targets import invalid

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from datetime import datetime

    from homeassistant.core import ServiceCall

    from ..recordings.extent import TimeRange
    from ..runtime import AxisRecordingsData
    from ..users.limits import Kind
    from ..vapix import Recording


@asynccontextmanager
async def while_caller_may(
    call: ServiceCall, camera: AxisRecordingsData, policy: str, kind: Kind
) -> AsyncGenerator[None]:
    """Let whoever has called get one more of a kind, and end it soon after the right to it has ended."""
    requester, player = _caller(call), camera.player
    async with while_allowed(call.hass, requester, camera.entry, policy):
        with player.translated_errors():
            async with player.place(requester, kind):
                yield


def _caller(call: ServiceCall) -> Requester:
    """Return who has called an action; with which log-in is not known."""
    return Requester(user_id=call.context.user_id)


def wanted_times(data: dict[str, Any]) -> tuple[datetime | None, datetime | None]:
    """Return the fields of times. ServiceValidationError if the end is not after the start."""
    start, end = data.get(ATTR_START_TIME), data.get(ATTR_END_TIME)
    if start and end and start >= end:
        raise invalid(
            translation_key="end_before_start", start=str(start), end=str(end)
        )
    return start, end


def wanted_span(
    camera: AxisRecordingsData,
    recording: Recording,
    start: datetime | None,
    end: datetime | None,
) -> TimeRange:
    """Return the wanted part of a recording, all of it where nothing is said."""
    now = camera.recordings.camera_now
    end = end or recording.end or now
    try:
        return RecordingPart(key=recording.key, start=start, end=end).within(
            recording, now
        )
    except RecordingPartError as err:
        raise nothing_recorded(camera, start or end, end) from err


def nothing_recorded(
    camera: AxisRecordingsData, start: datetime, end: datetime
) -> HomeAssistantError:
    """Return the error for a time at which the camera did not record."""
    return translated_error(
        HomeAssistantError,
        "nothing_recorded",
        camera=camera.name,
        start=shown_moment(start),
        end=shown_moment(end),
    )
