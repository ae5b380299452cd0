"""One player that plays parts of recordings."""

from contextlib import contextmanager
from dataclasses import dataclass, field
import secrets
import time
from typing import TYPE_CHECKING, Final

from .errors import NothingRecordedError
from .playlist import write_playlist

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from ..users.requester import Requester
    from .played_part import PlayedPart

# Somebody may pause a video and come back. What a session holds costs nothing meanwhile.
IDLE_SECONDS: Final = 3600.0
# A player that has enough asks again after as long as a segment lasts; one that breaks off has left, or
# asks for something else at once.
PAUSE_SECONDS: Final = 2.5
LEAVING_SECONDS: Final = 0.5


@dataclass(eq=False, slots=True, kw_only=True)
class Session:
    """The right to get the segments of some parts, for whoever has its token."""

    parts: Sequence[PlayedPart]
    """In the order in which they are played."""
    first: int = 0
    """The part with which the player begins."""
    begin: float
    """Where to start in it, in seconds on its recording's timeline."""
    is_indexed: bool = False
    """Whether addresses say which part is meant."""
    requester: Requester
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    last_used: float = field(default_factory=time.monotonic)
    _last_part: PlayedPart | None = None
    _watched_until: float = field(
        default_factory=lambda: time.monotonic() + PAUSE_SECONDS
    )
    _waiting: int = 0

    @property
    def part(self) -> PlayedPart:
        """Return the part with which the player begins."""
        return self.parts[self.first]

    @property
    def position(self) -> float:
        """Return where to start, in seconds from the beginning of the playlist."""
        before = sum(each.listing.length for each in self.parts[: self.first])
        return before + max(0.0, self.begin - self.part.listing.begins)

    @property
    def is_idle(self) -> bool:
        """Return whether it was not used for so long that it ends."""
        return time.monotonic() - self.last_used > IDLE_SECONDS

    @property
    def is_watched(self) -> bool:
        """Return whether somebody seems to watch at the moment."""
        return bool(self._waiting) or time.monotonic() < self._watched_until

    def write_playlist(self) -> str:
        """Return the playlist."""
        return write_playlist(
            [each.listing for each in self.parts],
            begin=self.position,
            is_indexed=self.is_indexed,
        )

    def is_at_hand(self, number: int | None, index: int = 0) -> bool:
        """Return whether a segment of a part, or its initialization section, needs nothing of the camera."""
        part = self._find(index)
        return part.init is not None if number is None else part.is_at_hand(number)

    async def init(self, index: int = 0) -> bytes:
        """Return the initialization section of a part. Raises as ``segment``.

        A part without any video has that of another one, as its segments are empty.
        """
        with self._watching():
            if init := await self._find(index).fetch_init():
                return init
        for part in sorted(self.parts, key=lambda each: each is not self._last_part):
            if part.init:
                return part.init
        raise NothingRecordedError

    async def segment(self, number: int, index: int = 0) -> bytes:
        """Return a segment of a part. Raises VapixError, PlaybackError; NothingRecordedError if it is none of it."""
        part = self._find(index)
        if part is not self._last_part:
            # A player that comes back has let go of what it had.
            part.last_number = None
        self._last_part = part
        with self._watching():
            return await part.segment(number)

    def _find(self, index: int) -> PlayedPart:
        if not 0 <= index < len(self.parts):
            raise NothingRecordedError
        return self.parts[index]

    @contextmanager
    def _watching(self) -> Generator[None]:
        """Count somebody who waits, and who then seems to go on for a while, unless that breaks off."""
        self.last_used = time.monotonic()
        pause = LEAVING_SECONDS
        self._waiting += 1
        try:
            yield
            pause = PAUSE_SECONDS
        finally:
            self._waiting -= 1
            self.last_used = time.monotonic()
            self._watched_until = self.last_used + pause
