"""Make sure that it is still the one camera that answers.

Addresses are only lent: after a power cut two cameras may have each other's, and one that is broken is
replaced by another one. No answer names its camera. Two things are as good, and cost nothing: a pinned
certificate, which is checked with each connection, and a Digest nonce (RFC 7616), which only the device
takes that has made it up. So whoever answers is asked who it is when it wants a new log-in, after
anything has gone wrong, and before each command; and where there is neither certificate nor nonce, after a
pause.
"""

import time
from typing import TYPE_CHECKING

from .errors import CameraConnectionError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

# A connection that nobody uses is closed after 15 s (aiohttp), and the next one may lead elsewhere. Polls come
# every 10 s while something is recorded.
TRUSTED_SECONDS = 14.0


class Identity:
    """Whether the one that answers is known to be the camera.

    Of one request at a time: the caller holds the lock of the connection.
    """

    def __init__(self, prove: Callable[[], Awaitable[None]] | None = None) -> None:
        """Ask with ``prove``, which raises WrongCameraError; without it, everybody is the right one."""
        self._prove = prove
        self._is_proven = False
        self._last = 0.0

    async def ensure(self, *, lasts: bool, anew: bool = False) -> None:
        """Ask before a request, if need be.

        ``anew`` says that it can't be undone, ``lasts`` that another camera would show itself.
        """
        is_old = not lasts and time.monotonic() - self._last > TRUSTED_SECONDS
        if anew or is_old or not self._is_proven:
            await self._ask()

    async def note_challenge(self) -> None:
        """Ask within a request, after a challenge to log in and before it is answered.

        However short a while ago the last proof was: only a challenge before it leads to the same camera.
        """
        await self._ask()

    def note_answer(self) -> None:
        """Note that the camera has just answered."""
        self._last = time.monotonic()

    def doubt(self) -> None:
        """Ask before the next request."""
        self._is_proven = False

    async def _ask(self) -> None:
        if self._prove is None:
            return
        self._is_proven = False
        try:
            await self._prove()
        except CameraConnectionError as err:
            # Nothing was sent of what was to be.
            err.sent = False
            raise
        self._is_proven = True
        self._last = time.monotonic()
