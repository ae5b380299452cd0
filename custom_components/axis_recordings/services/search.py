"""The action that finds recordings."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from homeassistant.auth.permissions.const import POLICY_READ

from ..disks.choice import unknown_disk
from ..exceptions import translated_errors
from ..phrases.asking import async_hint, async_read_query
from ..phrases.description import words_to_find
from ..recordings.attributes import iso_time, recording_fields
from ..recordings.description import Describer
from ..recordings.extent import first_after
from ..recordings.media_id import part_content_id
from ..recordings.part import part_from
from ..recordings.search import RecordingSearch
from ..users.requester import Requester
from ..vapix import RecordingStatus, RecordingType
from .schema import (
    ATTR_DISK,
    ATTR_END_TIME,
    ATTR_EVENT,
    ATTR_EVENT_TRIGGER,
    ATTR_LIMIT,
    ATTR_OFFSET,
    ATTR_ORDER,
    ATTR_QUERY,
    ATTR_SOURCE,
    ATTR_START_TIME,
    ATTR_STATUS,
    ATTR_TYPE,
    OLDEST_FIRST,
)
from .several import ask_each
from .targets import find_cameras, identity, invalid

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from homeassistant.core import ServiceCall, ServiceResponse
    from homeassistant.util.json import JsonObjectType, JsonValueType

    from ..index.models import Starter
    from ..index.wanted import Word
    from ..phrases.asking import Hint
    from ..phrases.query import Query
    from ..runtime import AxisRecordingsData
    from ..vapix import Recording


async def async_search(call: ServiceCall) -> ServiceResponse:
    """Return the recordings that match."""
    search, text = _read_fields(call.data), call.data.get(ATTR_QUERY)
    target = await find_cameras(call, POLICY_READ)
    cameras = target.cameras
    if (
        search.disk
        and cameras
        and all(_lacks_disk(camera, search.disk) for camera in cameras)
    ):
        raise unknown_disk(cameras[0].disks, search.disk)
    pages: list[JsonValueType] = []
    hints: list[str] = []
    requester = Requester(user_id=call.context.user_id)

    async def find(camera: AxisRecordingsData) -> list[JsonObjectType]:
        question = None
        async with camera.player.asking(requester):
            with translated_errors(camera.name):
                if text is not None:
                    question = await _Question.async_read(camera, text)
                    hints.append(str(question.hint))
                wanted = question.narrow(search) if question else search
                result = await camera.finder.async_search(wanted)
        found = result.recordings
        starters = await camera.finder.async_starters([each.key for each in found])
        pages.append(
            identity(call.hass, camera.entry)
            | {
                "total": result.total,
                "count": len(found),
                "next_offset": result.next_offset,
                "is_complete": result.is_whole,
            }
        )
        return [
            _fields(camera, each, question)
            | {"started_by": _started_by(starters.get(each.key))}
            for each in found
        ]

    outcome = await ask_each(call, target, find)
    answer = outcome.answer(call, recordings=outcome.items, cameras=pages)
    if text is not None:
        answer["hint"] = hints[0] if hints and not outcome.items else None
    return answer


@dataclass(frozen=True, slots=True)
class _Question:
    """What somebody has typed, as it is meant at one camera."""

    query: Query
    hint: Hint
    """What to say if nothing is found."""
    words: tuple[Word, ...]

    @classmethod
    async def async_read(cls, camera: AxisRecordingsData, text: str) -> _Question:
        """Read it by the camera's clock. Raises VapixError."""
        zone = await camera.metadata.async_time_zone(camera.recordings.data.newest)
        query = await async_read_query(
            camera.hass,
            text,
            now=camera.recordings.camera_now,
            zone=zone,
            names=[*await camera.metadata.async_event_ids(), camera.name],
        )
        return cls(
            query,
            async_hint(camera.hass, query, zone),
            words_to_find(query, Describer.async_load(camera.hass), camera=camera.name),
        )

    def narrow(self, search: RecordingSearch) -> RecordingSearch:
        """Return a search for what is wanted as well; it may be for no time at all."""
        if span := self.query.span:
            search = search.within(span)
        return replace(search, words=self.words)


def _read_fields(data: Mapping[str, Any]) -> RecordingSearch:
    """Return what the other fields ask for."""
    start, end = data.get(ATTR_START_TIME), data.get(ATTR_END_TIME)
    if start and end and start > end:
        raise invalid(
            translation_key="end_before_start", start=str(start), end=str(end)
        )
    return RecordingSearch(
        start=start,
        # Both ends are counted in.
        end=first_after(end) if end else None,
        disk=data.get(ATTR_DISK),
        source=data.get(ATTR_SOURCE),
        event=data.get(ATTR_EVENT),
        event_trigger=data.get(ATTR_EVENT_TRIGGER),
        type=RecordingType(data[ATTR_TYPE]) if ATTR_TYPE in data else None,
        status=RecordingStatus(data[ATTR_STATUS]) if ATTR_STATUS in data else None,
        oldest_first=data[ATTR_ORDER] == OLDEST_FIRST,
        limit=data[ATTR_LIMIT],
        offset=data[ATTR_OFFSET],
    )


def _fields(
    camera: AxisRecordingsData, recording: Recording, question: _Question | None
) -> JsonObjectType:
    """Return a recording, which plays from the moment that was asked for."""
    entry_id = camera.entry.entry_id
    fields = recording_fields(recording, entry_id)
    for moment in question.query.moments if question else ():
        if found := part_from(recording, moment, camera.recordings.camera_now):
            part, shown = found
            fields["media_content_id"] = part_content_id(entry_id, part)
            fields["plays_from"] = iso_time(shown.start)
    return fields


def _started_by(starter: Starter | None) -> JsonObjectType | None:
    """Return who or what in Home Assistant has started a recording."""
    if starter is None:
        return None
    return {"kind": starter.kind.value, "name": starter.name}


def _lacks_disk(camera: AxisRecordingsData, disk_id: str) -> bool:
    known = camera.disks.data.disks
    return bool(known) and disk_id not in known
