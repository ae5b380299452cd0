"""Which recordings a folder of the media browser holds, or a search goes through."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..recordings.extent import Window
from ..recordings.search import RecordingSearch

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..index.wanted import Word
    from ..vapix import Recording


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFilter(Window):
    """A range of time, and what else the recordings have in common."""

    disk: str | None = None
    source: str | None = None
    event: str | None = None

    def search(
        self,
        *,
        limit: int,
        offset: int = 0,
        words: tuple[Word, ...] = (),
        accepts: Callable[[Recording], bool] | None = None,
    ) -> RecordingSearch:
        """Return how to find them, newest first."""
        return RecordingSearch(
            start=self.start,
            end=self.end,
            disk=self.disk,
            source=self.source,
            event=self.event,
            limit=limit,
            offset=offset,
            words=words,
            accepts=accepts,
        )
