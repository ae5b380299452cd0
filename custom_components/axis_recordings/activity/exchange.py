"""Cards that have taken the place of others: what was on the old one has not been removed."""

import asyncio
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from ..index.models import Stage
from .models import ActivityType
from .timeline import LATE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from ..vapix import Recording, RecordingKey, VapixClient
    from .cards import Cards
    from .knowledge import Knowledge
    from .lookups import Lookups
    from .models import ChangeSet, KnownDisk, PollTime

# So many that are unknown at once, though they are old, were left out by a short list.
FLOOD: Final = 3


class ExchangeDetector:
    """Finds out whether another card is in a slot, and forgets what was on the one before."""

    def __init__(
        self,
        client: VapixClient,
        knowledge: Knowledge,
        lookups: Lookups,
        cards: Cards,
    ) -> None:
        """Compare cards by what is known of them."""
        self._client = client
        self._known = knowledge
        self._lookups = lookups
        self._cards = cards

    def is_unexpected(
        self, recording: Recording, change: ChangeSet, *, is_walk: bool, is_former: bool
    ) -> bool:
        """Return whether an unknown recording should have been known."""
        disk = self._known.disks.get(recording.disk_id)
        return (
            disk is not None
            and disk.is_present
            # A walk comes upon such wherever not all is known yet.
            and (disk.is_complete or not is_walk)
            and recording.disk_id not in change.disks
            and self._known.timeline.last is not None
            and (
                is_former
                or not self._known.timeline.has_begun_since(
                    recording, self._poll_before(disk)
                )
            )
        )

    async def check_unexpected(
        self,
        unexpected: Iterable[Recording],
        known: Collection[RecordingKey],
        former: Collection[RecordingKey],
        change: ChangeSet,
    ) -> None:
        """See whether recordings that are unknown, and were there before the last poll, are new at all.

        They are not on a card that has taken the place of another one between two polls, nor where a list
        is whole again that was short for longer than could be waited for.
        """
        by_disk: defaultdict[str, list[Recording]] = defaultdict(list)
        for each in unexpected:
            by_disk[each.disk_id].append(each)
        for disk_id, theirs in by_disk.items():
            disk = self._known.disks[disk_id]
            poll = self._poll_before(disk)
            is_old = [
                each.key in former
                or not self._known.timeline.has_begun_since(each, poll, LATE)
                for each in theirs
            ]
            is_flood = disk.is_complete and sum(is_old) >= FLOOD
            # By the time at which nothing known is found, the list may have become empty.
            is_other = not await self._cards.is_same(
                disk_id, self._known.missing
            ) and await self._client.find_recording(theirs[0].key)
            if is_other:
                await self.forget_card(disk_id, change, known)
            if is_other or is_flood:
                self._known.mark_incomplete(disk_id, change, self._known.timeline.last)

    def _poll_before(self, disk: KnownDisk) -> PollTime:
        """Return the last poll of a disk: of one that has been away, that before it went."""
        last = self._known.timeline.last
        return last if last and disk.is_complete else disk.last_poll

    async def is_exchanged(
        self, disk_id: str, doubts: Mapping[RecordingKey, float]
    ) -> bool:
        """Return whether another card is in the place of one, which has not only gone just now.

        So it is there between two moments at which nothing known is found on it.
        """
        return (
            await self._seems_exchanged(disk_id, doubts)
            and await self._lookups.is_there(disk_id)
            and await self._seems_exchanged(disk_id, doubts)
        )

    async def _seems_exchanged(
        self, disk_id: str, doubts: Mapping[RecordingKey, float]
    ) -> bool:
        disk = (await self._lookups.disks() or {}).get(disk_id)
        is_other = disk is not None and await self._cards.is_blank(disk)
        return is_other or await self._has_come_back_blank(disk_id, doubts)

    async def _has_come_back_blank(
        self, disk_id: str, doubts: Mapping[RecordingKey, float]
    ) -> bool:
        """Return whether, on a disk that may be another one, for certain nothing known is left."""
        return (
            not self._known.disks[disk_id].is_complete
            and all(
                self._known.missing.is_certain(key, seconds)
                for key, seconds in doubts.items()
                if key.disk_id == disk_id
            )
            and await self._cards.is_gone(disk_id)
        )

    async def forget_card(
        self, disk_id: str, change: ChangeSet, known: Collection[RecordingKey] = ()
    ) -> None:
        """Forget what was on a card that another one has replaced: it has not been removed.

        What is known to be on the new one already stays: it is among what began since the last poll, or
        went on then.
        """
        gone = []
        last = self._known.timeline.last
        for each in await asyncio.to_thread(self._known.index.on_disk, disk_id):
            key = each.recording.key
            is_young = each.stage is not Stage.ENDED or (
                last is not None
                and self._known.timeline.has_begun_since(each.recording, last)
            )
            if key in known or (is_young and await self._client.find_recording(key)):
                continue
            if each.stage is Stage.ONGOING:
                change.report(ActivityType.INTERRUPTED, each.recording)
            gone.append(key)
        change.removed += gone
        self._known.settle(gone)
        self._cards.forget_size(disk_id)
