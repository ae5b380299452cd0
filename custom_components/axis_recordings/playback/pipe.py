"""Hand bytes from the event loop to a thread that reads them like a file."""

import asyncio
from threading import Condition

# As much as a second of a generous stream; the camera is kept waiting beyond that.
LIMIT = 2 * 1024 * 1024


class Pipe:
    """A file that can't be sought in, written in the event loop and read in a thread."""

    def __init__(self) -> None:
        """Begin without any bytes."""
        self._loop = asyncio.get_running_loop()
        self._room = asyncio.Event()
        self._room.set()
        self._changed = Condition()
        self._unread = bytearray()
        self._ended = False
        self.is_aborted = False
        """Whether the reader came to the end before all was written."""

    async def write(self, data: bytes) -> None:
        """Add bytes, and wait while too many are unread. Nothing happens once it has ended."""
        with self._changed:
            if self._ended:
                return
            self._unread += data
            if len(self._unread) > LIMIT:
                self._room.clear()
            self._changed.notify()
        await self._room.wait()

    def end(self) -> None:
        """Let the reader come to the end after what is unread."""
        with self._changed:
            self._ended = True
            self._changed.notify()

    def abort(self) -> None:
        """Let the reader come to the end at once, and the writer go on."""
        with self._changed:
            self._unread.clear()
            self.is_aborted = True
            self._ended = True
            self._changed.notify()
        self._room.set()

    def peek(self, size: int) -> bytes:
        """Return the first so many unread bytes, fewer at the end, and leave them unread. For the thread."""
        with self._changed:
            while len(self._unread) < size and not self._ended:
                self._changed.wait()
            return bytes(self._unread[:size])

    def read(self, size: int) -> bytes:
        """Return up to so many bytes, none at the end. Waits; for the thread."""
        with self._changed:
            while not self._unread and not self._ended:
                self._changed.wait()
            data = bytes(self._unread[:size])
            del self._unread[:size]
            has_room = len(self._unread) <= LIMIT
        if has_room and not self._room.is_set():
            self._loop.call_soon_threadsafe(self._room.set)
        return data
