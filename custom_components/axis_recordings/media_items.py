"""How recordings show in the media browser: short ones to play, long ones to open."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from homeassistant.components.media_player import MediaClass, MediaType
from homeassistant.components.media_source import BrowseMediaSource

from .const import DOMAIN
from .media_id import play_identifier
from .media_times import slices
from .media_titles import Words, label_of, local_time, place_words, recording_title
from .playback.window import WHOLE, Span, Window, extent_of, known_end
from .views import still_path

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime, tzinfo

    from .media_scope import Scope
    from .vapix import Recording

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
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """One camera at one moment of its clock: all that decides how its recordings show."""

    entry_id: str
    now: datetime
    zone: tzinfo
    words: Words
    disks: Collection[str]
    """Titles name the disk only where there are several, and likewise the source."""
    sources: Collection[str]
    camera: str | None = None
    """Its name, where recordings of other cameras are beside."""

    def items(
        self, recordings: Sequence[Recording], scope: Scope
    ) -> list[BrowseMediaSource]:
        """Return what there is to play of recordings, or of their parts in the scope."""
        items = (self.item(each, scope, beside=recordings) for each in recordings)
        return [item for item in items if item]

    def item(
        self, recording: Recording, scope: Scope, *, beside: Iterable[Recording]
    ) -> BrowseMediaSource | None:
        """Return a recording, or the part of a long one in the scope; None if there is none.

        It is told apart from those beside it.
        """
        extent = self.extent(recording)
        if extent is None:
            return None
        part = scope.clip(extent)
        if part.stop <= part.start:
            return None
        if extent.duration <= WHOLE:
            return self._leaf(recording, Window(key=recording.key), extent, beside)
        if part.duration <= WHOLE:
            return self._leaf(recording, self._window(recording, part), part, beside)
        title = self._title(recording, part, beside)
        return self.long_folder(recording, scope, title)

    def long_folder(
        self, recording: Recording, scope: Scope, title: str
    ) -> BrowseMediaSource:
        """Return the folder of a long recording, as far as it is in the scope."""
        window = Window(key=recording.key, start=scope.start, stop=scope.stop)
        return make_folder(self.name_of_long(window), title)

    def name_of_long(self, window: Window) -> str:
        """Return the name of a long recording's folder."""
        return f"{self.entry_id}/{RECORDING}/{window.path}"

    def slices(self, recording: Recording, part: Span) -> list[BrowseMediaSource]:
        """Return a part of a long recording in slices."""
        return [
            self._leaf(recording, self._window(recording, piece), piece, ())
            for piece in slices(part)
        ]

    def title(self, recording: Recording, part: Span) -> str:
        """Return what a part of a recording is called on its own."""
        return self._title(recording, part, ())

    def extent(self, recording: Recording) -> Span | None:
        """Return from when to when a recording lasts; None if that makes no sense."""
        return extent_of(recording, self.now)

    def end(self, recording: Recording) -> datetime | None:
        """Return until when a recording lasts, as far as that is known."""
        extent = self.extent(recording)
        return extent.stop if extent else None

    def describe(self, recording: Recording) -> str:
        """Return all that a search may find a recording by."""
        extent = self.extent(recording)
        return "\n".join(
            (
                self.title(recording, extent) if extent else "",
                recording.event_id,
                recording.event_trigger,
                recording.type.value,
                recording.disk_id,
            )
        )

    def _window(self, recording: Recording, part: Span) -> Window:
        # The last part of a recording that goes on has no end yet.
        stop = None if self._is_growing(recording, part) else part.stop
        return Window(key=recording.key, start=part.start, stop=stop)

    def _is_growing(self, recording: Recording, part: Span) -> bool:
        return recording.is_ongoing and part.stop >= self.now

    def _leaf(
        self,
        recording: Recording,
        window: Window,
        part: Span,
        beside: Iterable[Recording],
    ) -> BrowseMediaSource:
        return BrowseMediaSource(
            domain=DOMAIN,
            identifier=play_identifier(self.entry_id, window),
            media_class=MediaClass.VIDEO,
            # What players are given; browsers get the same film in pieces.
            media_content_type="video/mp4",
            title=self._title(recording, part, beside),
            can_play=True,
            can_expand=False,
            thumbnail=still_path(self.entry_id, window),
        )

    def _title(
        self, recording: Recording, part: Span, beside: Iterable[Recording]
    ) -> str:
        beside = tuple(beside)
        disks = {*self.disks, *(each.disk_id for each in beside)}
        sources = {*self.sources, *(each.source for each in beside if each.source)}
        end = known_end(recording, self.now)
        more: list[str] = []
        if self._is_growing(recording, part):
            more.append(self.words.in_progress)
        more += place_words(recording, disks, sources, self.words)
        if self.camera:
            more.append(self.camera)
        return recording_title(
            local_time(recording, part.start, self.zone),
            None
            if end is None
            else max(min(part.stop, end) - part.start, timedelta(0)),
            label_of(recording),
            *more,
        )
