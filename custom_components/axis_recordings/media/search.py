"""Find recordings in the folders of one camera."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from ..phrases.asking import async_hint, async_read_query
from ..phrases.description import words_to_find
from ..recordings.description import Describer
from ..vapix import RecordingStatus
from .errors import browse_errors
from .items import SEARCHABLE, async_recording_items
from .paths import FolderKind, filter_to_search

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from homeassistant.components.media_player import MediaClass
    from homeassistant.components.media_source import BrowseMediaSource

    from ..phrases.asking import Hint
    from ..runtime import AxisRecordingsData
    from ..vapix import Recording

# What a search shows at most.
MOST_FOUND: Final = 100


@dataclass(frozen=True, slots=True)
class Found:
    """A recording that a search has found."""

    start: datetime
    item: BrowseMediaSource


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """What a search of one camera has found."""

    found: list[Found]
    """The newest first."""
    hint: Hint | None = None
    """What to say if it is nothing; None if it was for what cameras never have."""


async def async_search(
    camera: AxisRecordingsData,
    path: Sequence[str],
    text: str,
    classes: Collection[MediaClass] | None,
    *,
    name_camera: bool = False,
) -> SearchAnswer:
    """Find recordings in a folder of a camera.

    BrowseError if there is no such folder, or if the camera does not answer; NotImplementedError where there
    is nothing to search.
    """
    with browse_errors(camera, path):
        return await _search(camera, path, text, classes, name_camera=name_camera)


async def _search(
    camera: AxisRecordingsData,
    path: Sequence[str],
    text: str,
    classes: Collection[MediaClass] | None,
    *,
    name_camera: bool,
) -> SearchAnswer:
    items = await async_recording_items(camera, name_camera=name_camera)
    folder = filter_to_search(path, items)
    wanted = set(SEARCHABLE if classes is None else classes) & set(SEARCHABLE)
    if not wanted:
        return SearchAnswer([])
    query = await async_read_query(
        camera.hass,
        text,
        now=items.now,
        zone=items.zone,
        names=[*await camera.metadata.async_event_ids(), camera.name],
        bound=folder.span,
    )
    place = folder.within(query.span) if query.span else folder
    hint = async_hint(camera.hass, query, items.zone)
    if place.is_empty:
        return SearchAnswer([], hint)

    def show(
        recording: Recording, beside: Sequence[Recording] = ()
    ) -> list[BrowseMediaSource]:
        return items.make_found(recording, query.moments, place, beside=beside)

    def is_shown(recording: Recording) -> bool:
        return any(item.media_class in wanted for item in show(recording))

    words = words_to_find(
        query,
        Describer.async_load(camera.hass),
        camera=camera.name,
        sources=items.source_names,
    )
    # What all recordings are needs no look at each of them.
    accepts = None if len(wanted) == len(SEARCHABLE) else is_shown
    search = place.search(limit=MOST_FOUND, words=words, accepts=accepts)
    if list(path) == [FolderKind.IN_PROGRESS]:
        search = replace(search, status=RecordingStatus.RECORDING)
    recordings = (await camera.finder.async_search(search)).recordings
    found = [
        Found(each.start, item)
        for each in recordings
        if each.start is not None
        for item in show(each, recordings)
    ]
    return SearchAnswer(found[:MOST_FOUND], hint)
