"""Distinguish a card or share from another one that has taken its place under the same name.

A camera reports neither; but on another one, what was known is not found.
"""

import asyncio
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterable

    from ..index.store import RecordingIndex
    from ..vapix import Disk, Recording, RecordingKey

SAMPLES: Final = 3
"""So many known recordings that agree are enough."""
MORE_SAMPLES: Final = 9
"""Where they do not: a clean-up and a removal by hand may have taken two of three."""

type Find = Callable[[RecordingKey], Awaitable[Recording | None]]


class Cards:
    """Which card is in each slot, by what is known to be on it and by its size."""

    def __init__(self, index: RecordingIndex, find: Find) -> None:
        """Ask for recordings with ``find``, which gives None for one that the camera does not list."""
        self._index = index
        self._find = find
        self._sizes: dict[str, int] = {}
        """In bytes, when each was first seen."""
        self.young: set[RecordingKey] = set()
        """What is new: it may have begun after an exchange that nobody has noticed yet."""

    def note_size(self, disk: Disk) -> None:
        """Remember the size of a card that is there, unless one was seen before."""
        if disk.total_size:
            self._sizes.setdefault(disk.disk_id, disk.total_size)

    def forget_size(self, disk_id: str) -> None:
        """Another card may be there."""
        self._sizes.pop(disk_id, None)

    async def is_same(self, disk_id: str, without: Iterable[RecordingKey] = ()) -> bool:
        """Return whether most of the known recordings of a disk are still there, as far as samples show.

        Those ``without`` which it has to be decided are asked for only where there are no others, and the
        young ones only where there are none of these either. Raises VapixError.
        """
        left_out = {*without}
        for number in (SAMPLES, MORE_SAMPLES):
            for less in (left_out | self.young, self.young, ()):
                if samples := await self._samples(disk_id, number, less):
                    break
            found = [key for key in samples if await self._find(key)]
            if len(found) in {0, len(samples)}:
                break
        return 2 * len(found) >= len(samples)

    async def is_gone(self, disk_id: str) -> bool:
        """Return whether none of some known recordings of a disk are there. Raises VapixError."""
        samples = await self._samples(disk_id, SAMPLES)
        if len(samples) < SAMPLES:
            return False
        return not any([await self._find(key) for key in samples])

    async def is_blank(self, disk: Disk) -> bool:
        """Return whether a card is gone, and one of another size is in its place. Raises VapixError."""
        size = self._sizes.get(disk.disk_id, disk.total_size)
        return size != disk.total_size and not await self.is_same(disk.disk_id)

    async def _samples(
        self, disk_id: str, number: int, without: Collection[RecordingKey] = ()
    ) -> list[RecordingKey]:
        """Return some known recordings from all over a disk."""
        return await asyncio.to_thread(self._index.samples, disk_id, number, without)
