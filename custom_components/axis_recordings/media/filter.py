"""Which recordings a folder of the media browser holds, or a search goes through."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..recordings.extent import TimeRange, last_before
from ..recordings.search import RecordingSearch

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from ..vapix import Recording


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFilter:
    """A range of time, and what else the recordings have in common."""

    start: datetime | None = None
    end: datetime | None = None
    """The first moment that no longer belongs to it."""
    disk: str | None = None
    source: str | None = None
    event: str | None = None

    def search(
        self,
        *,
        limit: int,
        offset: int = 0,
        accepts: Callable[[Recording], bool] | None = None,
    ) -> RecordingSearch:
        """Return how to ask the camera, newest first."""
        return RecordingSearch(
            start=self.start,
            # Midnight belongs to one day only.
            end=None if self.end is None else last_before(self.end),
            disk=self.disk,
            source=self.source,
            event=self.event,
            limit=limit,
            offset=offset,
            accepts=accepts,
        )

    def clip(self, span: TimeRange) -> TimeRange:
        """Return the part of a stretch of time that lies inside; it may be empty."""
        return TimeRange(
            span.start if self.start is None else max(span.start, self.start),
            span.end if self.end is None else min(span.end, self.end),
        )

    def within(self, span: TimeRange) -> MediaFilter:
        """Return it narrowed to a stretch of time."""
        narrow = self.clip(span)
        return replace(self, start=narrow.start, end=narrow.end)

    def holds(self, moment: datetime) -> bool:
        """Return whether a moment lies inside."""
        return (self.start is None or self.start <= moment) and (
            self.end is None or moment < self.end
        )

    @property
    def span(self) -> TimeRange | None:
        """Return from when to when it reaches, None where it has no end or no beginning."""
        if self.start is None or self.end is None or self.is_empty:
            return None
        return TimeRange(self.start, self.end)

    @property
    def is_empty(self) -> bool:
        """Return whether there is no time in it."""
        return (
            self.start is not None and self.end is not None and self.end <= self.start
        )
