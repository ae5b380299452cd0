"""A part of one recording of which a player gets nothing else."""

from typing import TYPE_CHECKING, override

from .errors import NothingRecordedError
from .played_part import PlayedPart
from .reader import TOLERANCE

if TYPE_CHECKING:
    from collections.abc import Iterator


class ExactPart(PlayedPart):
    """Serves no frame that follows its span, or that precedes the last key frame up to it in its first segment."""

    @override
    async def _fetch(self, number: int, before: int | None) -> bytes:
        listed = self.listing.numbers
        if number not in (listed[0], listed[-1]) and number in listed:
            return await super()._fetch(number, before)
        source, span = self.source, self.span
        try:
            # What is cut has to begin with a key frame, also for a player that goes on.
            segment = await source.independent(number, is_whole=before is not None)
        except NothingRecordedError:
            if number not in listed:
                return b""
            return await self._silence(number, follows=False)
        self.last_number = number
        start = source.seconds(span.start) if number == listed[0] else None
        return await source.cut(segment, start, source.seconds(span.end))

    @override
    def _rest(self, last: int) -> Iterator[int]:
        """Return the segments after the last one that begin before the end, as far as is known by then."""
        source = self.source
        end = source.seconds(self.span.end)
        for number in range(last + 1, source.grid.containing(end) + 2):
            if source.start_of(number) > end - TOLERANCE:
                return
            yield number
