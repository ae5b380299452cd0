"""A part of one recording, as one player gets it."""

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from ..vapix import RefusedError, VapixError
from .decode_time import decode_from
from .errors import (
    ExportBusyError,
    InvalidVideoError,
    NoKeyFrameError,
    NothingRecordedError,
    PlaybackError,
    UnplayableError,
)
from .export_queue import Priority
from .export_stream import BUSY_CODES
from .fragments import empty_segment
from .playlist import Listing
from .reader import TOLERANCE
from .sound import without_sound

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..recordings.extent import TimeRange
    from .segment_source import SegmentSource

# An error that may pass is one after so many in a row.
_MOST_FAILURES: Final = 3
NO_VIDEO: Final = (
    InvalidVideoError,
    NoKeyFrameError,
    NothingRecordedError,
    RefusedError,
    UnplayableError,
)
"""What says that a recording can't be played, and not that the camera can't be reached."""


def is_final(err: Exception) -> bool:
    """Return whether there is no use in asking the camera again for a recording."""
    if isinstance(err, RefusedError):
        return err.code is not None and err.code not in BUSY_CODES
    return isinstance(err, NothingRecordedError | UnplayableError)


class PlayedPart:
    """Serves the segments of a span to one player, which gets those that follow on as they are."""

    def __init__(
        self,
        source: SegmentSource,
        span: TimeRange,
        *,
        is_alone: bool = True,
        is_silent: bool = False,
    ) -> None:
        """Serve what holds a span.

        What is not alone never ends the playback of the others: where it holds no video, its segments are empty.
        """
        self.source = source
        self.span = span
        self.listing = Listing(source, span)
        self.last_number: int | None = None
        """The segment that was fetched last, if the player can go on from it."""
        self._is_alone = is_alone
        self._is_silent = is_silent
        self._failures = 0
        self._is_given_up = False

    @property
    def init(self) -> bytes | None:
        """Return the initialization section; None until it is known."""
        if self._is_given_up:
            return None
        init = self.source.init
        return without_sound(init) if init and self._is_silent else init

    async def fetch_init(self) -> bytes | None:
        """Return the initialization section, for which the first segment may have to be exported.

        None if there is no video, and others are played. Raises as ``segment``.
        """
        if self.init is None and not self._is_given_up:
            try:
                with suppress(NothingRecordedError):
                    await self.source.segment(
                        self.listing.numbers[0], Priority.PLAYBACK
                    )
            except NO_VIDEO as err:
                self._pass_over(err)
        if self.init is None:
            if self._is_alone:
                raise NothingRecordedError
            # Nothing of it could be decoded with what the player gets instead.
            self._is_given_up = True
        return self.init

    def is_at_hand(self, number: int) -> bool:
        """Return whether a segment needs nothing of the camera."""
        return self._is_given_up or self.source.is_at_hand(number)

    async def segment(self, number: int) -> bytes:
        """Return a segment. Raises VapixError, PlaybackError; NothingRecordedError if it is not part of it.

        A player that has sought to another place gets one that can be decoded by itself. Where a camera
        sets its key frames far apart, others can't: they follow on from the one before.
        """
        if number not in self.listing.numbers:
            raise NothingRecordedError
        if not self._is_given_up:
            try:
                data = await self._fetch_all(number)
            except NO_VIDEO as err:
                self._pass_over(err)
            else:
                self._failures = 0
                return data
        return empty_segment(self.listing.start_of(number))

    def _pass_over(self, err: Exception) -> None:
        """Give up a recording that is not alone. Raises an error where the player should ask again first."""
        if self._is_alone:
            raise err
        if isinstance(err, NothingRecordedError):
            return
        self._failures += 1
        if is_final(err) or self._failures >= _MOST_FAILURES:
            self._is_given_up = True
        else:
            raise ExportBusyError from err

    async def _fetch_all(self, number: int) -> bytes:
        """Return a segment, and with the last one all that may follow."""
        before, self.last_number = self.last_number, None
        data = await self._fetch(number, before)
        last = self.listing.numbers[-1]
        for rest in self._rest(last) if number == last else ():
            with suppress(VapixError, PlaybackError):
                data += await self._fetch(rest, self.last_number)
            self.last_number = number
        return data

    async def _fetch(self, number: int, before: int | None) -> bytes:
        """Return a segment for whoever has got the segment ``before``, and note that it was fetched."""
        # Players load all in a row, also what is empty.
        follows = before == number - 1
        try:
            if follows:
                segment = await self.source.segment(number, Priority.PLAYBACK)
            else:
                segment = await self.source.independent(
                    number, not_before=self._cut(number)
                )
        except NothingRecordedError:
            # A gap in the recording, which may be just as long as the camera saw nothing move.
            return await self._silence(number, follows=follows)
        self.last_number = number
        data = without_sound(segment.data) if self._is_silent else segment.data
        listed = self.listing.start_of(number)
        if follows or self._is_alone or segment.start > listed - TOLERANCE:
            return data
        return decode_from(data, listed)

    def _cut(self, number: int) -> float | None:
        """Return where the first segment begins, before which others are played; None for all the rest."""
        is_first = number == self.listing.numbers[0]
        return self.listing.begins if is_first and not self._is_alone else None

    async def _silence(self, number: int, *, follows: bool) -> bytes:
        """Return a segment that holds no frame of its own, as ``_fetch`` does."""
        source, start = self.source, self.source.grid.at(number)
        following = source.silent_until(number)
        frozen = None
        if (
            follows
            and following is not None
            and source.grid.last_until(number - 1, following) == following
        ):
            # The frame in the segment before is seen until then.
            start = max(start, following)
        else:
            frozen = await source.freeze_frame(number)
        self.last_number = number if follows or frozen else None
        return frozen or empty_segment(start)

    def _rest(self, last: int) -> Iterable[int]:
        """Return the segments after the last listed one that may hold the last frames.

        A key frame before the end may begin the segment whose boundary lies after the end.
        """
        source, end = self.source, self.span.end
        if source.end is None or end < source.end:
            return range(0)
        return range(last + 1, source.grid.containing(source.seconds(end)) + 2)
