"""How recordings show in the media browser: short ones to play, long ones to open."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from homeassistant.components.media_player import MediaClass, MediaType
from homeassistant.components.media_source import BrowseMediaSource

from ..const import DOMAIN
from ..recordings.days import Stretch, day_of, slices
from ..recordings.extent import TimeRange, extent_of, known_end, last_before
from ..recordings.media_id import play_identifier
from ..recordings.part import WHOLE, RecordingPart, part_from
from ..views.urls import thumbnail_path
from .titles import (
    Words,
    counted_title,
    day_title,
    label_of,
    local_time,
    place_words,
    recording_title,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date, datetime, tzinfo

    from ..runtime import AxisRecordingsData
    from ..vapix import Recording
    from .filter import MediaFilter

# The first word of the name of a long recording's folder.
RECORDING: Final = "recording"
SEARCHABLE: Final = [MediaClass.VIDEO, MediaClass.DIRECTORY]


def make_folder(
    identifier: str,
    title: str,
    children: Sequence[BrowseMediaSource] | None = None,
    *,
    children_class: MediaClass | str = MediaClass.DIRECTORY,
    not_shown: int = 0,
    can_search: bool = False,
    thumbnail: str | None = None,
) -> BrowseMediaSource:
    """Return a folder."""
    return BrowseMediaSource(
        domain=DOMAIN,
        identifier=identifier,
        media_class=MediaClass.DIRECTORY,
        media_content_type=MediaType.VIDEO,
        title=title,
        can_play=False,
        can_expand=True,
        children=children,
        children_media_class=children_class,
        not_shown=not_shown,
        can_search=can_search,
        search_media_classes=SEARCHABLE if can_search else None,
        thumbnail=thumbnail,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingItems:
    """One camera at one moment of its clock: all that decides how its recordings show."""

    entry_id: str
    now: datetime
    zone: tzinfo
    words: Words
    disks: Collection[str]
    """Titles name the disk only where there are several, and likewise the source."""
    sources: Collection[str]
    camera: str = ""
    """Its name, where recordings of other cameras are beside."""

    @property
    def today(self) -> date:
        """Return which day it is for the camera."""
        return day_of(self.now, self.zone)

    def make_all(
        self, recordings: Sequence[Recording], wanted: MediaFilter
    ) -> list[BrowseMediaSource]:
        """Return what there is to play of recordings, or of their parts that are wanted."""
        day = self._only_day(wanted)
        made = (
            self.make(each, wanted, beside=recordings, day=day) for each in recordings
        )
        return [item for item in made if item]

    def make(
        self,
        recording: Recording,
        wanted: MediaFilter,
        *,
        beside: Iterable[Recording],
        day: date | None = None,
    ) -> BrowseMediaSource | None:
        """Return a recording, or the part of a long one that is wanted; None if there is none.

        Its title differs from those beside it, which are all of one ``day``, or of several if it is None.
        """
        extent = self.extent(recording)
        if extent is None:
            return None
        shown = wanted.clip(extent)
        if shown.end <= shown.start:
            return None
        if extent.duration <= WHOLE:
            part = RecordingPart(key=recording.key)
            return self._leaf(recording, part, extent, beside, day)
        if shown.duration <= WHOLE:
            part = self._part(recording, shown)
            return self._leaf(recording, part, shown, beside, day)
        title = self._title(recording, shown, beside, day)
        return self.long_folder(recording, wanted, title)

    def make_found(
        self,
        recording: Recording,
        moments: Iterable[datetime],
        wanted: MediaFilter,
        *,
        beside: Iterable[Recording],
    ) -> list[BrowseMediaSource]:
        """Return a recording from the moments on that it holds, or else the part of it that is wanted."""
        extent, moments = self.extent(recording), list(filter(wanted.holds, moments))
        starts = [each for each in moments if extent and each > extent.start]
        if not starts and extent and moments and extent.duration > WHOLE:
            # It began just afterwards.
            starts = [extent.start]
        parts = (part_from(recording, each, self.now) for each in starts)
        found = [self._leaf(recording, *part, beside) for part in parts if part]
        if not found and (item := self.make(recording, wanted, beside=beside)):
            found = [item]
        return found

    def long_folder(
        self, recording: Recording, wanted: MediaFilter, title: str
    ) -> BrowseMediaSource:
        """Return the folder of a long recording, as far as it is wanted."""
        part = RecordingPart(key=recording.key, start=wanted.start, end=wanted.end)
        return make_folder(self.name_of_long(part), title)

    def name_of_long(self, part: RecordingPart) -> str:
        """Return the name of a long recording's folder."""
        return f"{self.entry_id}/{RECORDING}/{part.path}"

    @property
    def source_names(self) -> Mapping[str, str]:
        """Return what the sources are called, where there are several."""
        several = self.sources if len(self.sources) > 1 else ()
        return {each: self.words.name_source(each) for each in several}

    def slices(
        self, recording: Recording, shown: TimeRange, day: date
    ) -> list[BrowseMediaSource]:
        """Return a part of a long recording, which lies within a day, in slices."""
        return [
            self._leaf(recording, self._part(recording, piece), piece, (), day)
            for piece in slices(shown)
        ]

    def title(self, recording: Recording, shown: TimeRange) -> str:
        """Return what a part of a recording is called on its own."""
        return self._title(recording, shown, ())

    def stretch_title(
        self, stretch: Stretch, first: date, count: int | None = None
    ) -> str:
        """Return what a day, month or year is called, with how many recordings it has where that is known."""
        if stretch is Stretch.DAY:
            return day_title(first, self.today, count, self.words)
        return counted_title(stretch.name_of(first), count, self.words)

    def extent(self, recording: Recording) -> TimeRange | None:
        """Return from when to when a recording lasts; None if that makes no sense."""
        return extent_of(recording, self.now)

    def _only_day(self, wanted: MediaFilter) -> date | None:
        """Return the day that a filter lies within; None if it does not."""
        if wanted.start is None or wanted.end is None or wanted.is_empty:
            return None
        first, last = (
            day_of(each, self.zone) for each in (wanted.start, last_before(wanted.end))
        )
        return first if first == last else None

    def _part(self, recording: Recording, shown: TimeRange) -> RecordingPart:
        # The last part of a recording that goes on has no end yet.
        end = None if self._is_growing(recording, shown) else shown.end
        return RecordingPart(key=recording.key, start=shown.start, end=end)

    def _is_growing(self, recording: Recording, shown: TimeRange) -> bool:
        return recording.is_ongoing and shown.end >= self.now

    def _leaf(
        self,
        recording: Recording,
        part: RecordingPart,
        shown: TimeRange,
        beside: Iterable[Recording],
        day: date | None = None,
    ) -> BrowseMediaSource:
        return BrowseMediaSource(
            domain=DOMAIN,
            identifier=play_identifier(self.entry_id, part),
            media_class=MediaClass.VIDEO,
            # What players are given; browsers get the same video in segments.
            media_content_type="video/mp4",
            title=self._title(recording, shown, beside, day),
            can_play=True,
            can_expand=False,
            thumbnail=thumbnail_path(self.entry_id, part),
        )

    def _title(
        self,
        recording: Recording,
        shown: TimeRange,
        beside: Iterable[Recording],
        day: date | None = None,
    ) -> str:
        beside = tuple(beside)
        disks = {*self.disks, *(each.disk_id for each in beside)}
        sources = {*self.sources, *(each.source for each in beside if each.source)}
        end = known_end(recording, self.now)
        more: list[str] = []
        if self._is_growing(recording, shown):
            more.append(self.words.in_progress)
        more += place_words(recording, disks, sources, self.words)
        return recording_title(
            local_time(recording, shown.start, self.zone),
            None
            if end is None
            else max(min(shown.end, end) - shown.start, timedelta(0)),
            label_of(recording),
            *more,
            day=day,
            camera=self.camera,
        )


async def async_recording_items(
    camera: AxisRecordingsData, *, name_camera: bool = False
) -> RecordingItems:
    """Ask for what all folders need, which as a rule is known already."""
    zone = await camera.metadata.async_time_zone(camera.recordings.data.newest)
    sources = await camera.metadata.async_sources()
    return RecordingItems(
        entry_id=camera.entry.entry_id,
        now=camera.recordings.camera_now,
        zone=zone,
        words=Words.async_load(camera.hass),
        disks=camera.disks.attached,
        sources=sources,
        camera=camera.name if name_camera else "",
    )
